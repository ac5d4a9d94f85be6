"""La referencia y lo que se mide con ella, como lo dan la API y las páginas."""

import time
from typing import Any

from sqlalchemy.orm import Session

from geo.estadisticas.proporciones import wilson
from geo.revisiones.referencia.salida import fila
from tareas.calidad.referencia import consultas, servicio
from tareas.calidad.referencia.errores import CompletitudMuyGrande
from tareas.calidad.referencia.reglas import MOTIVOS, oculta_de_mas, publicables
from tareas.calidad.referencia.servicio import Completitud
from tareas.comun.permisos import Actor
from tareas.comun.textos import _
from tareas.municipios.consultas import por_id
from tareas.proyectos.consultas import Filtro, listar

PROYECTOS_COMPARADOS = 20
"""De un municipio, los últimos: cada uno se mide la primera vez que se pide, en unos segundos."""
SEGUNDOS_PARA_COMPARAR = 8.0
"""Pasados éstos ya no se empieza con otro: lo medido se recuerda, y la siguiente vez se sigue donde se quedó."""


def referencia(f: Any) -> dict[str, Any]:
    """Una referencia del municipio. ``puede_copiarse_a_osm`` es siempre falso."""
    return {
        "id": f.id,
        "nombre": f.nombre,
        "licencia": f.licencia,
        "fuente": f.fuente,
        "fecha": f.fecha.isoformat() if f.fecha else None,
        "huellas": f.huellas,
        "omitidas": f.omitidas,
        "subida": f.subida.isoformat(),
        "vigente": f.vigente,
        "puede_compararse": True,
        "puede_copiarse_a_osm": False,
    }


def _de_donde(vigente: Any) -> dict[str, Any]:
    """Con qué se comparó, para quien sea."""
    return {
        "nombre": vigente.nombre,
        "fuente": vigente.fuente,
        "licencia": vigente.licencia,
        "fecha": vigente.fecha.isoformat() if vigente.fecha else None,
        "puede_copiarse_a_osm": False,
    }


def motivos(omitidas: dict[str, int]) -> list[tuple[str, int]]:
    """Cuántas no se guardaron, y por qué, con palabras."""
    return [(_(MOTIVOS[motivo]), n) for motivo, n in omitidas.items() if motivo in MOTIVOS and n]


def completitud(sesion: Session, quien: Actor, proyecto: Any) -> tuple[dict[str, Any], Completitud | None]:
    """Las cifras que esta persona puede ver de un proyecto, y lo medido (sin filtrar) para quien dibuje el mapa.

    Raises
    ------
    CompletitudMuyGrande
    """
    vigente = consultas.vigente(sesion, proyecto.municipio_id)
    medida = servicio.completitud(sesion, proyecto.id, proyecto.municipio_id, proyecto.version)
    ve = consultas.ve_referencia(quien, proyecto.municipio_id)
    cuerpo: dict[str, Any] = {"proyecto": proyecto.id, "referencia": None, "completas": ve, "total": None, "tareas": []}
    if vigente is None or medida is None:
        return cuerpo, None
    sin_pocas = not ve and oculta_de_mas(medida.filas)
    total = medida.sin_pocas if sin_pocas else medida.total
    bajo, alto = wilson(total.faltan, total.n)
    cuerpo["referencia"] = _de_donde(vigente)
    cuerpo["total"] = {**fila(total), "intervalo": [round(bajo, 4), round(alto, 4)], "sin_tareas_con_pocas": sin_pocas}
    cuerpo["tareas"] = medida.filas if ve else publicables(medida.filas)
    return cuerpo, medida


def completitud_de_municipio(sesion: Session, quien: Actor, municipio_id: int) -> dict[str, Any]:
    """Qué tan completo está cada proyecto del municipio que esta persona puede ver, hoy: un renglón por proyecto.

    Son los últimos `PROYECTOS_COMPARADOS` que editan el mapa de verdad y tienen con qué compararse; las cifras son los
    totales que da `completitud`. Dos proyectos pueden encimarse: no se suman.

    Raises
    ------
    MunicipioNoEncontrado
    """
    por_id(sesion, municipio_id)
    vigente = consultas.vigente(sesion, municipio_id)
    cuerpo: dict[str, Any] = {"municipio": municipio_id, "referencia": None, "proyectos": [], "sin_comparar": []}
    if vigente is None:
        return cuerpo
    cuerpo["referencia"] = _de_donde(vigente)
    encontrados, total = listar(sesion, quien, Filtro(municipio=municipio_id, por_pagina=PROYECTOS_COMPARADOS))
    cuerpo["proyectos_total"] = total
    inicio = time.monotonic()
    for proyecto in encontrados:
        if proyecto.aula_id is not None:
            continue
        if time.monotonic() - inicio > SEGUNDOS_PARA_COMPARAR:
            cuerpo["sin_comparar"].append(proyecto.id)
            continue
        try:
            suyo = completitud(sesion, quien, proyecto)[0]
        except CompletitudMuyGrande:
            suyo = {"total": None}
        if suyo["total"] is None:
            cuerpo["sin_comparar"].append(proyecto.id)
            continue
        bajo, alto = suyo["total"]["intervalo"]
        cuerpo["proyectos"].append(
            {
                "proyecto": proyecto.id,
                "nombre": proyecto.nombre,
                **{c: v for c, v in suyo["total"].items() if c != "intervalo"},
                "omision_desde": bajo,
                "omision_hasta": alto,
            }
        )
    return cuerpo
