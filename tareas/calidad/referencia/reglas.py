"""Qué se publica de comparar el mapa con una referencia, y qué significa cada columna."""

from collections.abc import Sequence
from typing import Any, Final

from tareas.comun.textos import N_

MENOS_DE: Final = 5
"""Con menos huellas en una tarea, decir cuántas faltan sería señalar casas: lo ve quien tiene papel en el municipio."""
HUELLAS_MAXIMAS: Final = 100_000
"""Que se comparan mientras alguien espera."""
TRAMOS: Final = (0.05, 0.25, 0.50, 0.75)
"""Partes de omisión que separan los cinco colores del mapa."""
DE_REFERENCIA: Final = (
    "n", "cubiertas", "faltan", "omision", "sobran", "comision", "desplazamiento_m", "este_m", "norte_m",
    "dispersion_m", "parejas",
)  # fmt: skip
"""Lo que de una tarea con pocas huellas no se publica."""

MOTIVOS: Final = {
    "vacia": N_("sin geometría"),
    "no_es_superficie": N_("puntos o líneas"),
    "sin_lugar": N_("fuera de lugar"),
    "enorme": N_("de más de un kilómetro"),
    "sin_extension": N_("sin extensión"),
    "rayon": N_("enredadas: sólo se compara su contorno"),
    "fuera": N_("fuera del municipio"),
}

COLUMNAS_POR_COMPLETITUD: Final = {
    "numero": N_("Número de la tarea"),
    "pocas": N_("1 si la tarea tiene menos de 5 huellas: sus cifras sólo las ve quien tiene papel en el municipio"),
    "n": N_("Huellas de la referencia en la tarea"),
    "cubiertas": N_("Huellas con algún edificio del mapa encima"),
    "faltan": N_("Huellas sin ningún edificio del mapa"),
    "omision": N_("Parte de las huellas que falta en el mapa (0 a 1)"),
    "edificios": N_("Edificios del mapa en la tarea"),
    "sobran": N_("Edificios del mapa que no tocan ninguna huella: quizá son más nuevos que la referencia"),
    "comision": N_("Parte de los edificios que no está en la referencia (0 a 1)"),
    "desplazamiento_m": N_(
        "Metros que están corridos, juntos, los edificios de la tarea (mediana; con 5 parejas o más)"
    ),
    "este_m": N_("Parte de ese desplazamiento hacia el este, en metros"),
    "norte_m": N_("Parte de ese desplazamiento hacia el norte, en metros"),
    "dispersion_m": N_("Distancia mediana de cada pareja al desplazamiento de la tarea, en metros"),
    "parejas": N_("Parejas de edificio y huella con que se midió"),
}

COLUMNAS_POR_COMPLETITUD_DE_MUNICIPIO: Final = {
    "proyecto": N_("Número del proyecto"),
    "nombre": N_("Nombre del proyecto"),
    "n": N_("Huellas de la referencia en el proyecto"),
    "cubiertas": COLUMNAS_POR_COMPLETITUD["cubiertas"],
    "faltan": COLUMNAS_POR_COMPLETITUD["faltan"],
    "omision": COLUMNAS_POR_COMPLETITUD["omision"],
    "omision_desde": N_("De dónde empieza el intervalo de la parte que falta (de Wilson, al 95 por ciento)"),
    "omision_hasta": N_("Dónde acaba el intervalo de la parte que falta (de Wilson, al 95 por ciento)"),
    "edificios": N_("Edificios del mapa en el proyecto"),
    "sobran": COLUMNAS_POR_COMPLETITUD["sobran"],
    "comision": COLUMNAS_POR_COMPLETITUD["comision"],
    "desplazamiento_m": N_("Metros que están corridos, juntos, los edificios del proyecto (mediana)"),
    "parejas": COLUMNAS_POR_COMPLETITUD["parejas"],
    "sin_tareas_con_pocas": N_("1 si no cuenta las tareas con menos de 5 huellas, para no señalar casas"),
}


def tramo(omision: float) -> int:
    """Cuál de los cinco colores le toca, de 0 (casi nada falta) a 4."""
    return sum(omision > t for t in TRAMOS)


def publicables(filas: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Las filas sin las cifras de las tareas con pocas huellas: quedan con ``pocas`` en 1."""
    return [f if not f["pocas"] else {**f, **dict.fromkeys(DE_REFERENCIA)} for f in filas]


def oculta_de_mas(filas: Sequence[dict[str, Any]]) -> bool:
    """Si restando del total lo publicado se sabría de alguna tarea con pocas huellas."""
    ocultas = [f["n"] for f in filas if f["pocas"]]
    return bool(ocultas) and sum(ocultas) > 0 and (sum(ocultas) < MENOS_DE or sum(n > 0 for n in ocultas) < 2)
