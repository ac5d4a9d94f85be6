"""Reglas de los proyectos: estados, límites, cuánto trabajo es un proyecto, y qué se dibuja a cada escala."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Estado(StrEnum):
    """Dónde va un proyecto."""

    BORRADOR = "borrador"
    PUBLICADO = "publicado"
    ARCHIVADO = "archivado"


class Visibilidad(StrEnum):
    """Quién lo ve después de publicado: cualquiera, o sólo quien tiene un papel en su municipio."""

    PUBLICA = "publica"
    PRIVADA = "privada"


ESTADOS_DE_TAREA: Final = ("pendiente", "mapeada", "validada", "devuelta", "sin_imagen", "dividida")
"""En el orden de ``tarea.estado``."""

PRIORIDADES: Final = {"urgente": 20, "alta": 10, "normal": 0, "baja": -10}
"""Palabra de la API -> ``tarea.prioridad``. «Dame una tarea» da primero la mayor."""

TAREAS_MAXIMAS: Final = 200_000
TAREAS_EN_VISTA_PREVIA: Final = 5_000
"""Hasta cuántas se mandan al navegador para dibujarlas antes de guardar."""

PUBLICABLE: Final = frozenset({Estado.BORRADOR, Estado.PUBLICADO})
ARCHIVABLE: Final = frozenset({Estado.PUBLICADO, Estado.ARCHIVADO})
RESTAURABLE: Final = frozenset({Estado.ARCHIVADO, Estado.PUBLICADO})


def palabra_de_prioridad(prioridad: int) -> str:
    """La palabra con que se nombra una prioridad: la mayor de la escala que no la pasa."""
    return next((palabra for palabra, valor in PRIORIDADES.items() if prioridad >= valor), "baja")


# --- Cuánto trabajo -------------------------------------------------------------------------------------------------

PERSONAS_POR_VIVIENDA: Final = 3.6
"""Ocupantes por vivienda particular habitada en México (INEGI, Censo de Población y Vivienda 2020)."""

MINUTOS_POR_TAREA: Final = 4.0
MINUTOS_DE_UNA_SENTADA: Final = 20
"""Lo que conviene que tome una tarea: así se acaba y se entrega; una larga se abandona.

Vale igual al dividir un proyecto y al preparar un taller.
"""

EDIFICIOS_PARA_REPARTIR: Final = 200
"""Con menos edificios de OSM en el municipio, no dicen dónde vive la gente y se reparte por superficie."""

SEGUNDOS_POR_EDIFICIO_NUEVO: Final = 25.0
SEGUNDOS_POR_EDIFICIO_EXISTENTE: Final = 4.0
MINUTOS_POR_KM_DE_CALLE: Final = 1.5
PARTE_DE_VALIDACION: Final = 0.3
HORAS_POR_PERSONA_DIA: Final = 5.0

LADO_QUE_SE_PROPONE: Final = (50, 2_000)
"""Metros entre los que se propone el lado de una tarea; si pide más, el terreno está tan vacío que no dice nada."""


@dataclass(frozen=True, slots=True)
class Trabajo:
    """Trabajo estimado para terminar un proyecto.

    Attributes
    ----------
    edificios_por_dibujar : int
    horas_mapeo, horas_validacion : float
    personas_dia : float
        Días de trabajo de una persona, de `HORAS_POR_PERSONA_DIA` horas.
    minutos_por_tarea : float
        Mapeo de una tarea, en promedio.
    """

    edificios_por_dibujar: int
    horas_mapeo: float
    horas_validacion: float
    personas_dia: float
    minutos_por_tarea: float


def edificios_esperados(poblacion: int | None, parte_del_municipio: float) -> int | None:
    """Edificios que se esperan en un área: viviendas del municipio por la parte que le toca; ``None`` sin población."""
    if poblacion is None:
        return None
    return round(poblacion / PERSONAS_POR_VIVIENDA * min(max(parte_del_municipio, 0.0), 1.0))


def edificios_de_una_sentada(por_hora: float) -> int:
    """Edificios nuevos que caben en una tarea de una sentada a ese ritmo, sin lo que toma abrirla y entregarla."""
    return max(1, round((MINUTOS_DE_UNA_SENTADA - MINUTOS_POR_TAREA) / 60 * por_hora))


def minutos_del_terreno(
    por_dibujar: int, edificios: int, metros_vias: float, segundos_por_nuevo: float = SEGUNDOS_POR_EDIFICIO_NUEVO
) -> float:
    """Minutos de mapear lo que hay en un terreno, sin lo que cuesta abrir y entregar cada tarea.

    Parameters
    ----------
    por_dibujar, edificios : int
        Edificios que faltan y que ya están.
    metros_vias : float
        Calles que ya están.
    segundos_por_nuevo : float
        Lo que toma un edificio nuevo: depende de quién mapea.
    """
    return (
        por_dibujar * segundos_por_nuevo + edificios * SEGUNDOS_POR_EDIFICIO_EXISTENTE
    ) / 60 + metros_vias / 1000 * MINUTOS_POR_KM_DE_CALLE


def parecer_del_tamano(minutos_por_tarea: float) -> str | None:
    """``"largas"`` o ``"cortas"`` si las tareas se apartan mucho de una sentada; ``None`` si están bien."""
    if minutos_por_tarea >= MINUTOS_DE_UNA_SENTADA * 1.75:
        return "largas"
    return "cortas" if minutos_por_tarea <= MINUTOS_DE_UNA_SENTADA / 2 else None


def lado_de_una_sentada(area_m2: float, minutos: float, tipo: str = "cuadros") -> int | None:
    """Lado en metros de las tareas que se acaban de una sentada; ``None`` si el terreno no da para decirlo.

    Es la misma cuenta al dividir un proyecto y al preparar un taller: sólo cambia el ritmo de los minutos.

    Parameters
    ----------
    area_m2, minutos : float
        De un terreno, y lo que toma mapearlo (`minutos_del_terreno`).
    tipo : str
        ``cuadros`` o ``hexagonos``.
    """
    if minutos <= 0:
        return None
    superficie = area_m2 * (MINUTOS_DE_UNA_SENTADA - MINUTOS_POR_TAREA) / minutos
    lado = math.sqrt(superficie if tipo == "cuadros" else superficie / 2.598)
    menor, mayor = LADO_QUE_SE_PROPONE
    # A decenas; desde quinientos metros, a cincuentenas: la cuenta no da para más.
    paso = 10 if lado < 500 else 50
    return None if lado > mayor else max(menor, round(lado / paso) * paso)


def estimar_trabajo(tareas: int, edificios: int, metros_vias: float, esperados: int | None) -> Trabajo:
    """Estima el trabajo de mapear y validar.

    Parameters
    ----------
    tareas : int
    edificios : int
        Los que ya están en OSM dentro del área.
    metros_vias : float
        Calles que ya están en OSM.
    esperados : int or None
        Edificios que se esperan en total; ``None`` si no hay con qué suponerlos: cuenta entonces sólo lo existente.
    """
    por_dibujar = max((esperados or 0) - edificios, 0)
    minutos = tareas * MINUTOS_POR_TAREA + minutos_del_terreno(por_dibujar, edificios, metros_vias)
    mapeo = minutos / 60
    validacion = mapeo * PARTE_DE_VALIDACION
    return Trabajo(
        edificios_por_dibujar=por_dibujar,
        horas_mapeo=round(mapeo, 1),
        horas_validacion=round(validacion, 1),
        personas_dia=round((mapeo + validacion) / HORAS_POR_PERSONA_DIA, 1),
        minutos_por_tarea=round(minutos / tareas, 1) if tareas else 0.0,
    )


# --- Qué se dibuja a cada escala --------------------------------------------------------------------------------------

PIXELES_POR_TESELA: Final = 512
PIXELES_DE_TAREA: Final = 8.0
"""Ancho en pantalla por debajo del cual las tareas se dibujan agrupadas en bloques."""

PIXELES_DE_BLOQUE: Final = 20.0
METROS_POR_PIXEL_ZOOM_0: Final = 2 * math.pi * 6_378_137.0 / PIXELES_POR_TESELA
ZOOM_MAXIMO_DE_TESELA: Final = 22
NIVELES_MAXIMOS: Final = 31


def niveles_de_bloque(zoom: int, latitud: float, area_m2: float, tareas: int) -> int:
    """Cuántas veces se agrupan las tareas de cuatro en cuatro para dibujarlas a un zoom; 0 es una por una.

    Parameters
    ----------
    zoom : int
        El de la tesela.
    latitud : float
        Del centro del proyecto, en grados.
    area_m2, tareas
        Del proyecto entero: su cociente dice cuánto mide una tarea.

    Returns
    -------
    int
        ``k``: los bloques son ``celda >> 2k``, de unos `PIXELES_DE_BLOQUE` píxeles por lado.
    """
    if tareas <= 1 or area_m2 <= 0:
        return 0
    metros_por_pixel = METROS_POR_PIXEL_ZOOM_0 * math.cos(math.radians(latitud)) / 2**zoom
    pixeles = math.sqrt(area_m2 / tareas) / metros_por_pixel
    if pixeles >= PIXELES_DE_TAREA:
        return 0
    return min(max(1, round(math.log2(PIXELES_DE_BLOQUE / pixeles))), NIVELES_MAXIMOS)
