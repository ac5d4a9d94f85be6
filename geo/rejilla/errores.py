"""Errores al partir un área."""

from geo.errores import N_, ErrorGeo


class ErrorRejilla(ErrorGeo):
    """Base de los errores de este paquete."""

    codigo = "rejilla"


class LadoInvalido(ErrorRejilla):
    """El lado no es un número dentro de los límites."""

    codigo = "rejilla_lado"
    plantilla = N_("El lado debe ser un número de metros entre %(minimo)s y %(maximo)s, y llegó «%(valor)s».")


class ZoomInvalido(ErrorRejilla):
    """El zoom no es un entero dentro de los límites."""

    codigo = "rejilla_zoom"
    plantilla = N_("El zoom debe ser un entero entre %(minimo)s y %(maximo)s, y llegó «%(valor)s».")


class AreaNoPoligonal(ErrorRejilla):
    """Lo que llegó no es un polígono ni varios."""

    codigo = "rejilla_area_no_poligonal"
    plantilla = N_("El área debe ser un polígono o varios, y llegó «%(tipo)s». Dibuja o sube un contorno cerrado.")


class AreaVacia(ErrorRejilla):
    """El área no cubre terreno."""

    codigo = "rejilla_area_vacia"
    plantilla = N_("El área está vacía o mide menos de un metro cuadrado. Dibuja o sube un contorno más grande.")


class AreaConCruce(ErrorRejilla):
    """El área no es un polígono válido."""

    codigo = "rejilla_area_con_cruce"
    plantilla = N_("El contorno del área se cruza o se encima consigo mismo en %(lon)s, %(lat)s. Corrígelo ahí.")


class AreaFueraDelMundo(ErrorRejilla):
    """Coordenadas que no son grados, o demasiado cerca de un polo."""

    codigo = "rejilla_area_fuera"
    plantilla = N_(
        "El área llega a %(lon)s, %(lat)s, y solo se puede partir entre las latitudes −80 y 84 y las longitudes "
        "−180 y 180. Revisa que las coordenadas sean grados y que no estén invertidas."
    )


class AreaMuyAncha(ErrorRejilla):
    """Abarca demasiadas longitudes: casi siempre, porque cruza el antimeridiano."""

    codigo = "rejilla_area_ancha"
    plantilla = N_(
        "El área abarca %(grados)s grados de longitud y el límite es %(maximo)s. Si cruza el meridiano 180, haz un "
        "proyecto de cada lado."
    )


class CeldasFueraDelMundo(ErrorRejilla):
    """Celdas enteras que se salen del meridiano 180."""

    codigo = "rejilla_celdas_fuera"
    plantilla = N_("Las celdas enteras pasarían del meridiano 180. Recorta las tareas al área.")


class DemasiadasTareas(ErrorRejilla):
    """La división da más tareas que el límite; ``sugerencia`` es un lado en metros que sí cabe."""

    codigo = "rejilla_demasiadas"
    plantilla = N_(
        "Esta división haría unas %(tareas)s tareas y el límite es %(maximo)s. Usa un lado de %(sugerencia)s "
        "metros o más."
    )


class DemasiadasTeselas(DemasiadasTareas):
    """Lo mismo en cuadros de Mercator; ``sugerencia`` es un zoom que sí cabe."""

    plantilla = N_(
        "Esta división haría unas %(tareas)s tareas y el límite es %(maximo)s. Usa el zoom %(sugerencia)s o uno menor."
    )


class AreaMuyGrande(DemasiadasTareas):
    """Ninguna celda permitida deja el área dentro del límite."""

    plantilla = N_(
        "Esta división haría unas %(tareas)s tareas y el límite es %(maximo)s. Parte el área en varios proyectos."
    )


class DivisionInexacta(ErrorRejilla):
    """Las piezas no suman el área: el contorno tiene detalles por debajo de la precisión del cálculo."""

    codigo = "rejilla_inexacta"
    plantilla = N_(
        "No se pudo partir el área sin huecos: difiere en %(metros2)s m². Simplifica su contorno y vuelve a intentarlo."
    )


class SinPoligonos(ErrorRejilla):
    """La lista de polígonos está vacía."""

    codigo = "rejilla_sin_poligonos"
    plantilla = N_("No llegó ningún polígono. Sube un archivo con un polígono por tarea.")


class DemasiadosPoligonos(ErrorRejilla):
    """Más polígonos que el límite de tareas."""

    codigo = "rejilla_demasiados_poligonos"
    plantilla = N_("Llegaron %(tareas)s polígonos y el límite es %(maximo)s. Parte el área en varios proyectos.")


class PoligonoInvalido(ErrorRejilla):
    """Uno de los polígonos no sirve; ``numero`` cuenta desde 1 en el orden en que llegaron."""

    codigo = "rejilla_poligono"
    plantilla = N_("El polígono %(numero)s está vacío. Quítalo del archivo.")


class PoligonoNoPoligonal(PoligonoInvalido):
    """Es un punto, una línea u otra cosa."""

    plantilla = N_("El elemento %(numero)s no es un polígono sino «%(tipo)s». Quítalo del archivo.")


class PoligonoConCruce(PoligonoInvalido):
    """No es un polígono válido."""

    plantilla = N_("El polígono %(numero)s se cruza o se encima consigo mismo en %(lon)s, %(lat)s. Corrígelo ahí.")


class PoligonoFueraDelMundo(PoligonoInvalido):
    """Sus coordenadas no son grados."""

    plantilla = N_(
        "El polígono %(numero)s llega a %(lon)s, %(lat)s. Revisa que las coordenadas sean grados y que no estén "
        "invertidas."
    )


class PoligonoFueraDelArea(ErrorRejilla):
    """Un polígono se sale del área."""

    codigo = "rejilla_poligono_fuera"
    plantilla = N_("El polígono %(numero)s se sale del área %(metros2)s m² en %(lon)s, %(lat)s. Recórtalo al área.")


class PoligonosEncimados(ErrorRejilla):
    """Dos polígonos se traslapan."""

    codigo = "rejilla_poligonos_encimados"
    plantilla = N_(
        "Los polígonos %(numero)s y %(otro)s se enciman %(metros2)s m² en %(lon)s, %(lat)s. Corrige uno de los dos."
    )


class LineaNoCorta(ErrorRejilla):
    """La línea no separa el área en dos."""

    codigo = "partes_linea_no_corta"
    plantilla = N_(
        "La línea no parte la tarea: pasa por %(lon)s, %(lat)s sin cruzarla de lado a lado. Dibújala de un "
        "borde al otro."
    )


class MuchasPartes(ErrorRejilla):
    """Una línea que se cruza muchas veces con el borde."""

    codigo = "partes_demasiadas"
    plantilla = N_("Saldrían %(partes)s tareas y el límite es %(maximo)s. Dibuja una línea más sencilla.")


class ParteChica(ErrorRejilla):
    """Una de las tareas nuevas casi no tiene área."""

    codigo = "partes_chica"
    plantilla = N_(
        "Una de las tareas mediría %(metros2)s m² en %(lon)s, %(lat)s, y lo mínimo son %(minimo)s m². Cambia "
        "el corte ahí."
    )


class PartesSinTocarse(ErrorRejilla):
    """Las áreas por unir no comparten lados; ``cual`` es el índice de una que queda suelta."""

    codigo = "partes_sin_tocarse"
    plantilla = N_(
        "Estas tareas no forman una sola pieza: la de %(lon)s, %(lat)s no comparte un lado con las demás. Quítala o "
        "agrega la que las une."
    )


class AreaSeSale(ErrorRejilla):
    """El contorno nuevo cubre algo que no es de ninguna tarea."""

    codigo = "partes_area_se_sale"
    plantilla = N_(
        "El contorno se sale del área del proyecto %(metros2)s m² en %(lon)s, %(lat)s. Llévalo hasta el "
        "borde, sin pasarlo."
    )


class SinVecinaQueReciba(ErrorRejilla):
    """Lo que la tarea pierde no toca a ninguna otra."""

    codigo = "partes_sin_vecina"
    plantilla = N_(
        "Lo que la tarea pierde en %(lon)s, %(lat)s no toca a ninguna otra que lo reciba. Deja ese pedazo dentro."
    )


class ParteSuelta(ErrorRejilla):
    """El cambio dejaría una tarea en dos pedazos."""

    codigo = "partes_suelta"
    plantilla = N_(
        "El cambio dejaría un pedazo suelto en %(lon)s, %(lat)s. Mueve el contorno para que cada tarea sea "
        "de una pieza."
    )


class SinCambioDeArea(ErrorRejilla):
    """El contorno es el que ya tenía."""

    codigo = "partes_sin_cambio"
    plantilla = N_("El contorno es el mismo que ya tiene la tarea. Muévelo antes de guardar.")
