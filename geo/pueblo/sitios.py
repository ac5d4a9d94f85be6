"""Terrenos apartados para servicios: plaza, iglesia, escuelas, panteón, canchas."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from geo.pueblo.plano import Oleaje


@dataclass(frozen=True, slots=True)
class Sitio:
    """Un servicio que necesita terreno propio.

    Attributes
    ----------
    clave : str
        Cómo se construye (ver :mod:`geo.pueblo.servicios`).
    nombre : str
    lugar : (x, y)
        Cerca de dónde, en el plano sin ondular.
    menor, mayor : float
        Metros cuadrados del terreno; de una manzana más grande se toma la parte más cercana al lugar.
    """

    clave: str
    nombre: str
    lugar: tuple[float, float]
    menor: float
    mayor: float


SITIOS: Final = (
    Sitio("plaza", "Plaza de la Constitución", (-40, 70), 3400, 9000),
    Sitio("parroquia", "Parroquia de San Tequio", (12, 70), 2600, 4800),
    Sitio("presidencia", "Presidencia Municipal", (-40, 118), 1300, 2300),
    Sitio("mercado", "Mercado Municipal", (-150, -10), 2500, 4200),
    Sitio("escuela", "Escuela Primaria Benito Juárez", (140, 250), 2500, 4600),
    Sitio("escuela", "Escuela Primaria Leona Vicario", (720, -170), 2500, 5000),
    Sitio("escuela", "Escuela Secundaria Técnica", (800, 300), 4200, 7500),
    Sitio("escuela", "Bachillerato de las Nubes", (40, -570), 4800, 8500),
    Sitio("jardin", "Jardín de Niños Xóchitl", (-40, 560), 1100, 2200),
    Sitio("jardin", "Jardín de Niños Los Encinos", (-560, 120), 900, 2200),
    Sitio("salud", "Centro de Salud", (-260, -70), 1000, 2000),
    Sitio("salud", "Clínica Las Flores", (480, 200), 900, 2000),
    Sitio("panteon", "Panteón de la Soledad", (-410, 440), 5200, 11000),
    Sitio("deportiva", "Unidad Deportiva", (690, -330), 5600, 16000),
    Sitio("cancha", "Cancha San Miguel", (90, 620), 1300, 2600),
    Sitio("cancha", "Cancha El Mirador", (-640, 560), 1000, 2600),
    Sitio("cancha", "Cancha Campo Alegre", (870, 430), 1200, 2600),
    Sitio("parque", "Parque Los Encinos", (-500, 20), 1400, 3600),
    Sitio("parque", "Parque de las Flores", (560, 250), 1200, 3200),
    Sitio("parque", "Jardín de la Asunción", (40, -290), 1400, 3200),
    Sitio("capilla", "Capilla de San Miguel Arcángel", (-70, 620), 700, 1500),
    Sitio("capilla", "Capilla de la Asunción", (-20, -250), 700, 1500),
    Sitio("capilla", "Capilla del Mirador", (-520, 420), 600, 1500),
    Sitio("capilla", "Capilla de la Esperanza", (140, -640), 700, 1500),
    Sitio("gasolinera", "Gasolinera El Puente", (610, 40), 1000, 2000),
    Sitio("gasolinera", "Gasolinera Poniente", (-430, -170), 900, 2000),
    Sitio("policia", "Comandancia de Policía", (-130, 160), 450, 1000),
    Sitio("bodegas", "Bodegas El Granero", (880, 20), 3000, 7000),
    Sitio("biblioteca", "Casa de Cultura", (60, -30), 700, 1500),
)  # fmt: skip


def apartar(
    terrenos: list[tuple[int, Polygon]], oleaje: Oleaje
) -> tuple[list[tuple[int, Polygon]], list[tuple[Sitio, Polygon]]]:
    """Aparta el terreno de cada sitio.

    Parameters
    ----------
    terrenos : list of (barrio, Polygon)
    oleaje : Oleaje
        El mismo con el que se trazó el pueblo.

    Returns
    -------
    libres : list of (barrio, Polygon)
        Los terrenos que quedan, enteros o partidos.
    apartados : list of (Sitio, Polygon)
    """
    libres = list(terrenos)
    apartados = []
    for sitio in SITIOS:
        lugar = Point(oleaje(np.array([sitio.lugar], dtype=float))[0])
        candidatos = [
            (float(p.centroid.distance(lugar)) + 0.004 * max(0.0, p.area - sitio.mayor), k)
            for k, (_, p) in enumerate(libres)
            if p.area >= sitio.menor and shapely.minimum_rotated_rectangle(p).area * 0.72 < p.area
        ]
        _, k = min(candidatos)
        barrio, terreno = libres.pop(k)
        propio, resto = (
            partido(terreno, (sitio.menor + sitio.mayor) / 2, lugar) if terreno.area > sitio.mayor else (terreno, None)
        )
        apartados.append((sitio, propio))
        if resto is not None:
            libres.insert(k, (barrio, resto))
    return libres, apartados


def partido(terreno: Polygon, area: float, lugar: Point) -> tuple[Polygon, Polygon]:
    """Corta el terreno a lo ancho en una parte de esa área, del lado del lugar, y el resto."""
    caja = shapely.get_coordinates(shapely.minimum_rotated_rectangle(terreno))
    a, b, c = caja[0], caja[1], caja[2]
    if np.hypot(*(b - a)) < np.hypot(*(c - b)):
        a, b, c = caja[1], caja[2], caja[3]
    lado, ancho = b - a, c - b

    def corte(t0: float, t1: float) -> Polygon:
        tira = Polygon(
            [a + lado * t0 - ancho, a + lado * t1 - ancho, a + lado * t1 + 2 * ancho, a + lado * t0 + 2 * ancho]
        )
        return max(shapely.get_parts(terreno.intersection(tira)), key=lambda p: p.area)

    desde_a = lugar.distance(Point(a + ancho / 2)) <= lugar.distance(Point(b + ancho / 2))
    menor, mayor = 0.0, 1.0
    for _ in range(24):
        medio = (menor + mayor) / 2
        parte = corte(0, medio) if desde_a else corte(1 - medio, 1)
        menor, mayor = (medio, mayor) if parte.area < area else (menor, medio)
    return (corte(0, menor), corte(menor, 1)) if desde_a else (corte(1 - menor, 1), corte(0, 1 - menor))
