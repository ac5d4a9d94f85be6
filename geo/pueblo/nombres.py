"""Nombres de calles y comercios: comunes en cualquier pueblo, de nadie en particular."""

from typing import Final

from geo.pueblo.azar import Azar
from geo.pueblo.calles import Linea

CALLES: Final[tuple[tuple[str, ...], ...]] = (
    (  # Centro
        "Hidalgo", "Morelos", "Benito Juárez", "Allende", "Aldama", "Vicente Guerrero", "Zaragoza", "Reforma",
        "Independencia", "5 de Mayo", "16 de Septiembre", "Mariano Matamoros", "Galeana", "Abasolo",
        "Guadalupe Victoria", "Nicolás Bravo", "López Rayón", "Melchor Ocampo", "Josefa Ortiz", "Leona Vicario",
        "Constitución", "Libertad", "Porfirio Díaz", "Santos Degollado", "Corregidora", "Mina", "Jiménez",
        "Insurgentes", "Ignacio Ramírez",
    ),
    (  # San Miguel
        "del Calvario", "San Miguel", "de la Palma", "del Rosario", "de los Ángeles", "San José", "de la Pila",
        "del Sabino", "San Antonio", "de la Cruz Verde", "Santa Lucía", "de la Amargura", "San Pascual",
        "del Refugio", "San Sebastián", "de las Ánimas", "Santa Mónica", "de la Fuente", "San Nicolás",
        "del Molino", "San Agustín",
    ),
    (  # La Asunción
        "de la Asunción", "20 de Enero", "Fray Martín", "24 de Febrero", "Progreso", "Unión", "Fraternidad",
        "Porvenir", "del Trabajo", "de la Paz", "15 de Agosto", "Concordia", "Esfuerzo", "Niños Héroes",
        "Primero de Mayo", "Lealtad", "21 de Marzo", "de la Amistad", "Revolución", "del Árbol",
    ),
    (  # El Mirador
        "Popocatépetl", "Iztaccíhuatl", "Citlaltépetl", "Nevado", "Malinche", "Ajusco", "Jorullo", "Paricutín",
        "Ceboruco", "Chichón", "Tacaná", "Colibrí", "Gavilán", "Cenzontle", "Halcón", "Quetzal", "Jilguero",
        "Tecolote", "Golondrina", "Cardenal", "Zopilote", "Gorrión", "Clarín", "Tórtola", "Calandria", "Garza",
        "Correcaminos", "Águila Real", "Peña Alta", "Vista Hermosa", "del Cerro", "de la Cruz", "Barranca Honda",
        "Piedra Lisa", "Loma Larga", "El Risco",
    ),
    (  # Los Encinos
        "Encino Blanco", "Encino Rojo", "Roble", "Fresno", "Ciprés", "Cedro", "Oyamel", "Ahuehuete", "Sabino",
        "Tejocote", "Capulín", "Madroño", "Álamo", "Olmo", "Abedul", "Nogal", "Pirul", "Mezquite", "Huizache",
        "Jacaranda", "Tepozán", "Colorín", "Ayacahuite", "Guayacán", "Laurel", "Liquidámbar", "Casuarina",
        "Eucalipto", "Trueno", "Sauce Llorón", "Higuera", "Membrillo", "Durazno", "Chabacano", "Ciruelo", "Manzano",
        "Níspero", "Granado", "Naranjo", "Limonero", "Guayabo", "Aguacate", "Zapote", "Mamey", "Pino Real",
        "Pino Azul", "Tamarindo", "Ceiba", "Caoba", "Palo Dulce",
    ),
    (  # Las Flores
        "Cempasúchil", "Dalia", "Azucena", "Margarita", "Nochebuena", "Orquídea", "Alcatraz", "Gardenia",
        "Bugambilia", "Violeta", "Girasol", "Clavel", "Magnolia", "Tulipán", "Jazmín", "Begonia", "Camelia",
        "Lirio", "Nardo", "Amapola",
    ),
    (  # Campo Alegre
        "Oaxaca", "Yucatán", "Michoacán", "Querétaro", "Nayarit", "Tamaulipas", "Sinaloa", "Durango", "Coahuila",
        "Campeche", "Chiapas", "Colima", "Jalisco", "Zacatecas", "Sonora", "Tabasco", "Veracruz", "Morelia",
        "Guerrero", "Nuevo León",
    ),
    (  # 20 de Noviembre
        "Emiliano Zapata", "Plan de Ayala", "Felipe Ángeles", "Francisco I. Madero", "Belisario Domínguez",
        "Aquiles Serdán", "División del Norte", "Tierra y Libertad", "Lázaro Cárdenas", "Pino Suárez",
        "Hermanos Flores Magón", "Ejido", "Plan de San Luis", "Venustiano Carranza", "Francisco Villa", "Adelita",
        "Río Blanco", "Cananea", "Agrarista", "Soldadera", "Ejército del Sur",
    ),
    (  # Nueva Esperanza
        "Amanecer", "Aurora", "Esperanza", "Nuevo Amanecer", "Futuro", "Alegría", "Fe", "Armonía", "Renacimiento",
        "Estrella", "Luna", "Sol", "Lucero", "Horizonte", "Victoria", "Camino Nuevo", "Solidaridad", "Manantial",
        "Primavera",
    ),
    (  # Bordo Poniente
        "del Bordo", "Las Garzas", "El Tular", "Los Juncos", "La Represa", "El Carrizal", "Los Patos", "El Remanso",
        "La Compuerta", "El Ahuejote", "La Laguna", "El Jagüey",
    ),
    (), (), (), (),
)  # fmt: skip
"""Por barrio, en el orden de :data:`geo.pueblo.trazado.BARRIOS`; las rancherías no nombran sus caminos."""

CALLEJONES: Final = (
    "del Beso", "de la Luz", "del Gato", "de las Campanas", "del Venado", "de la Condesa", "del Zapatero",
    "de la Rosa", "del Sereno", "de los Suspiros", "del Pozo", "de la Higuera", "del Herrero", "de la Campana",
    "del Muerto", "del Aguador", "de la Estrella", "del Panadero", "de los Novios", "del Tecolote", "del Arco",
    "de la Noria", "del Mesón",
)  # fmt: skip

_CLASE: Final = {"privada": "Privada", "escalinata": "Escalinata"}


def nombrar(lineas: list[Linea], usadas: list[int], azar: Azar) -> dict[int, str]:
    """Nombre de cada calle que lo lleva.

    Parameters
    ----------
    lineas : list of Linea
        Todas las de la red.
    usadas : list of int
        Índices de las que conservan algún tramo, en orden.
    azar : Azar
    """
    mazos = [azar.barajados(nombres) for nombres in CALLES]
    vueltas = [0] * len(mazos)
    callejones = azar.barajados(CALLEJONES)
    nombres: dict[int, str] = {}
    for indice in usadas:
        linea = lineas[indice]
        if linea.nombre:
            nombres[indice] = linea.nombre
        elif linea.tipo == "callejon":
            if callejones:
                nombres[indice] = f"Callejón {callejones.pop()}"
        elif linea.barrio >= 0 and linea.tipo not in ("brecha", "sendero"):
            mazo = mazos[linea.barrio]
            if not mazo:
                vueltas[linea.barrio] += 1
                mazo.extend(azar.barajados(CALLES[linea.barrio]))
            nombres[indice] = _completo(linea.tipo, mazo.pop(), vueltas[linea.barrio])
    return nombres


def _completo(tipo: str, nombre: str, vuelta: int) -> str:
    clase = _CLASE.get(tipo, "Calle")
    if vuelta == 0:
        return f"{clase} {nombre}"
    if vuelta == 1:
        return f"Prolongación {nombre}" if clase == "Calle" else f"Segunda {clase} {nombre}"
    return f"Cerrada {nombre}"


COMERCIOS: Final[tuple[tuple[dict[str, str], tuple[str, ...], float], ...]] = (
    ({"shop": "convenience"}, ("Abarrotes La Esquina", "Abarrotes El Sol", "Miscelánea Lupita", "Abarrotes La Central",
                               "Tienda Las Nubes", "Miscelánea El Porvenir", "Abarrotes Tequio", "La Surtidora"), 5.0),
    ({"shop": "tortilla"}, ("Tortillería La Milpa", "Tortillería San Tequio", "Tortillería El Comal"), 1.6),
    ({"amenity": "pharmacy", "healthcare": "pharmacy"}, ("Farmacia La Salud", "Farmacia del Centro",
                                                         "Farmacia Santa Lucía"), 1.2),
    ({"shop": "bakery"}, ("Panadería La Espiga", "Panadería El Horno", "Pan de las Nubes"), 1.2),
    ({"shop": "hardware"}, ("Ferretería El Tornillo", "Ferretería y Pinturas Nubes", "Tlapalería El Clavo"), 1.0),
    ({"shop": "hairdresser"}, ("Estética Rizos", "Peluquería El Espejo", "Estética Azucena"), 1.0),
    ({"amenity": "restaurant", "cuisine": "mexican"}, ("Fonda Doña Mole", "Comedor El Fogón", "Fonda La Cazuela",
                                                       "Antojitos El Portal"), 1.5),
    ({"amenity": "cafe"}, ("Café La Neblina", "Café del Portal"), 0.5),
    ({"shop": "stationery"}, ("Papelería El Lápiz", "Papelería Escolar"), 0.9),
    ({"shop": "clothes"}, ("Novedades La Moda", "Ropa y Más"), 0.8),
    ({"shop": "butcher"}, ("Carnicería El Becerro", "Carnicería La Res"), 0.8),
    ({"shop": "greengrocer"}, ("Frutas y Verduras El Huerto", "Recaudería La Huerta"), 0.8),
    ({"shop": "car_repair"}, ("Taller Mecánico El Pistón", "Vulcanizadora La Llanta"), 0.7),
    ({"amenity": "internet_cafe"}, ("Cibercafé La Red",), 0.4),
    ({"amenity": "dentist", "healthcare": "dentist"}, ("Consultorio Dental Sonrisas",), 0.3),
    ({"amenity": "bank"}, ("Caja de Ahorro Popular",), 0.25),
    ({"tourism": "hotel"}, ("Posada Las Nubes", "Hotel El Viajero"), 0.25),
)  # fmt: skip
"""Etiquetas, nombres posibles y peso de cada giro."""
