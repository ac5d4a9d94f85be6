"""Lecturas de la referencia. Quién la ve: la lista, quien tiene papel en el municipio; las huellas, nadie."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from geo.tipos import Geometrias
from tareas.calidad.referencia.errores import NoGestionaReferencias, NoVeReferencias
from tareas.comun.bd import cargar_sql, filas
from tareas.comun.permisos import GESTIONAN, TODOS, Actor
from tareas.municipios.consultas import por_id

SQL: Final = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def exigir_gestion(sesion: Session, actor: Actor, municipio_id: int) -> Any:
    """El municipio, si el actor lo gestiona.

    Raises
    ------
    MunicipioNoEncontrado, NoGestionaReferencias
    """
    municipio = por_id(sesion, municipio_id)
    if not actor.tiene(GESTIONAN, municipio_id):
        raise NoGestionaReferencias(municipio=municipio.nombre)
    return municipio


def ve_referencia(actor: Actor, municipio_id: int) -> bool:
    """Si tiene algún papel en el municipio: un catastro puede ser delicado."""
    return actor.tiene(TODOS, municipio_id)


def de_municipio(sesion: Session, actor: Actor, municipio_id: int) -> Sequence[Row[Any]]:
    """Las referencias del municipio, la última primero; ésa es la ``vigente``, con la que se compara.

    Raises
    ------
    MunicipioNoEncontrado, NoVeReferencias
    """
    municipio = por_id(sesion, municipio_id)
    if not ve_referencia(actor, municipio_id):
        raise NoVeReferencias(municipio=municipio.nombre)
    return filas(sesion, SQL["de_municipio"], {"municipio": municipio_id})


def vigente(sesion: Session, municipio_id: int) -> Any | None:
    """Con la que se compara, o ``None`` si no hay: ``id``, ``nombre``, ``fuente``, ``licencia``, ``fecha``."""
    return next(iter(filas(sesion, SQL["vigente"], {"municipio": municipio_id})), None)


def huellas_en(sesion: Session, municipio_id: int, zona: BaseGeometry, limite: int) -> Geometrias:
    """Las huellas vigentes, enteras, que tocan una zona (EPSG:4326); a lo más ``limite``."""
    encontradas = filas(
        sesion, SQL["huellas_en"], {"municipio": municipio_id, "zona": shapely.to_wkb(zona), "limite": limite}
    )
    return np.asarray(shapely.from_wkb(np.array([bytes(f.geom) for f in encontradas], dtype=object)), dtype=object)


def tareas(sesion: Session, proyecto_id: int) -> tuple[list[int], Geometrias]:
    """Números y formas (EPSG:4326) de las tareas de un proyecto."""
    encontradas = filas(sesion, SQL["tareas"], {"proyecto": proyecto_id})
    formas = shapely.from_wkb(np.array([bytes(f.geom) for f in encontradas], dtype=object))
    return [f.numero for f in encontradas], np.asarray(formas, dtype=object)
