"""Vista previa: cuántas tareas saldrían, de qué tamaño, qué hay ya en OSM dentro de ellas y cuánto trabajo es."""

from dataclasses import asdict
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy.orm import Session

from geo.osm.cifras import Cifras
from geo.tipos import Division
from tareas.municipios.consultas import Municipio
from tareas.proyectos import presencia
from tareas.proyectos.areas import AreaDeEstudio, frases, limite
from tareas.proyectos.division import partir, sin_geometria
from tareas.proyectos.reglas import (
    EDIFICIOS_PARA_REPARTIR,
    HORAS_POR_PERSONA_DIA,
    MINUTOS_DE_UNA_SENTADA,
    MINUTOS_POR_KM_DE_CALLE,
    MINUTOS_POR_TAREA,
    PARTE_DE_VALIDACION,
    PERSONAS_POR_VIVIENDA,
    SEGUNDOS_POR_EDIFICIO_EXISTENTE,
    SEGUNDOS_POR_EDIFICIO_NUEVO,
    TAREAS_EN_VISTA_PREVIA,
    edificios_esperados,
    estimar_trabajo,
    lado_de_una_sentada,
    minutos_del_terreno,
    parecer_del_tamano,
)

CASI_TODO: Final = 0.98
"""Parte de la superficie a partir de la cual el área es el municipio entero."""

DECIMALES: Final = 6
"""De las tareas dibujadas antes de guardar, en grados: unos 10 cm."""


def calcular(
    sesion: Session, municipio: Municipio, area: AreaDeEstudio, division: dict[str, Any], *, con_tareas: bool
) -> dict[str, Any]:
    """Parte el área sin guardar nada y describe lo que saldría.

    Raises
    ------
    geo.errores.ErrorGeo
        El área o la división no sirven; el mensaje dice qué cambiar.
    """
    partes = partir(area.geometria, division)
    hay = presencia.contar(sesion, partes.geometrias)
    return {
        "municipio": {"id": municipio.id, "clave": municipio.clave, "nombre": municipio.nombre},
        "division": sin_geometria(division),
        "tareas_total": len(partes),
        "area_m2": round(area.area_m2, 1),
        "caja": [round(g, 7) for g in area.geometria.bounds],
        "area_por_tarea_m2": _resumen(partes.areas_m2),
        "edificios": None if hay is None else {"total": int(hay.edificios.sum()), "por_tarea": _resumen(hay.edificios)},
        "metros_vias": None
        if hay is None
        else {"total": round(float(hay.metros_vias.sum())), "por_tarea": _resumen(hay.metros_vias)},
        "trabajo": _trabajo(sesion, municipio, area, partes, hay, division),
        "tareas": _dibujo(partes, hay) if con_tareas and len(partes) <= TAREAS_EN_VISTA_PREVIA else None,
        "avisos": frases((*area.avisos, *partes.avisos)),
    }


def _resumen(valores: npt.NDArray[Any]) -> dict[str, float]:
    """Mínimo, cuartiles, percentil 90, máximo y promedio."""
    nombres = ("minimo", "cuartil_1", "mediana", "cuartil_3", "percentil_90", "maximo")
    cortes = np.percentile(valores, (0, 25, 50, 75, 90, 100)).tolist()
    return {
        **{n: round(c, 1) for n, c in zip(nombres, cortes, strict=True)},
        "promedio": round(float(np.mean(valores)), 1),
    }


def _trabajo(
    sesion: Session,
    municipio: Municipio,
    area: AreaDeEstudio,
    partes: Division,
    hay: Cifras | None,
    division: dict[str, Any],
) -> dict[str, Any]:
    edificios, metros = (0, 0.0) if hay is None else (int(hay.edificios.sum()), float(hay.metros_vias.sum()))
    parte, reparto = parte_del_municipio(sesion, municipio, area.area_m2, edificios)
    esperados = edificios_esperados(municipio.poblacion, parte)
    trabajo = estimar_trabajo(len(partes), edificios, metros, esperados)
    minutos = minutos_del_terreno(trabajo.edificios_por_dibujar, edificios, metros)
    return {
        **asdict(trabajo),
        "sugerencia": _sugerencia(trabajo.minutos_por_tarea, float(partes.areas_m2.sum()), minutos, division),
        "edificios_esperados": esperados,
        "reparto": reparto,
        "supuestos": {
            "personas_por_vivienda": PERSONAS_POR_VIVIENDA,
            "minutos_por_tarea": MINUTOS_POR_TAREA,
            "minutos_de_una_sentada": MINUTOS_DE_UNA_SENTADA,
            "segundos_por_edificio_nuevo": SEGUNDOS_POR_EDIFICIO_NUEVO,
            "segundos_por_edificio_existente": SEGUNDOS_POR_EDIFICIO_EXISTENTE,
            "minutos_por_km_de_calle": MINUTOS_POR_KM_DE_CALLE,
            "parte_de_validacion": PARTE_DE_VALIDACION,
            "horas_por_persona_dia": HORAS_POR_PERSONA_DIA,
        },
    }


def _sugerencia(por_tarea: float, area_m2: float, minutos: float, division: dict[str, Any]) -> dict[str, Any] | None:
    """El lado con que las tareas se acaban de una sentada, si las de esta división se apartan mucho."""
    parecer = parecer_del_tamano(por_tarea)
    if parecer is None or division["tipo"] not in ("cuadros", "hexagonos"):
        return None
    lado = lado_de_una_sentada(area_m2, minutos, division["tipo"])
    return None if lado is None or lado == division["lado_m"] else {"parecer": parecer, "lado_m": lado}


def parte_del_municipio(sesion: Session, municipio: Municipio, area_m2: float, edificios: int) -> tuple[float, str]:
    """Qué parte de la gente del municipio vive en el área, y de dónde se supo.

    Según los edificios que OSM ya tiene, si son bastantes para decir dónde se vive; si no, según la superficie.
    """
    por_superficie = area_m2 / municipio.area_m2
    if municipio.poblacion is None or por_superficie > CASI_TODO:
        return por_superficie, "superficie"
    en_todo = presencia.contar(sesion, np.array([limite(sesion, municipio)], dtype=object))
    total = 0 if en_todo is None else int(en_todo.edificios[0])
    return (edificios / total, "edificios") if total >= EDIFICIOS_PARA_REPARTIR else (por_superficie, "superficie")


def _dibujo(partes: Division, hay: Cifras | None) -> dict[str, Any]:
    redondas = shapely.transform(partes.geometrias, lambda xy: np.round(xy, DECIMALES))
    edificios = [None] * len(partes) if hay is None else hay.edificios.tolist()
    metros = [None] * len(partes) if hay is None else np.round(hay.metros_vias).tolist()
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": numero,
                "geometry": shapely.geometry.mapping(geometria),
                "properties": {"numero": numero, "area_m2": round(area_m2), "edificios": e, "metros_vias": m},
            }
            for numero, (geometria, area_m2, e, m) in enumerate(
                zip(redondas, partes.areas_m2.tolist(), edificios, metros, strict=True), 1
            )
        ],
    }
