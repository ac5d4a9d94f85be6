"""Lecturas de imágenes. Quién ve qué: una publicada, cualquiera; un borrador, quien gestiona su municipio."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.permisos import GESTIONAN, Actor
from tareas.imagenes.errores import ImagenNoEncontrada, NoGestionaImagenes
from tareas.imagenes.reglas import Estado
from tareas.municipios.consultas import por_id as municipio_por_id

SQL = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def exigir_gestion(sesion: Session, actor: Actor, municipio_id: int) -> Any:
    """El municipio, si el actor lo gestiona.

    Raises
    ------
    MunicipioNoEncontrado, NoGestionaImagenes
    """
    municipio = municipio_por_id(sesion, municipio_id)
    if not actor.tiene(GESTIONAN, municipio_id):
        raise NoGestionaImagenes(municipio=municipio.nombre)
    return municipio


def propia(sesion: Session, actor: Actor, municipio_id: int, imagen_id: int) -> Row[Any]:
    """Una imagen del municipio, para quien lo gestiona.

    Raises
    ------
    MunicipioNoEncontrado, NoGestionaImagenes, ImagenNoEncontrada
    """
    exigir_gestion(sesion, actor, municipio_id)
    fila = sesion.execute(SQL["una"], {"id": imagen_id}).one_or_none()
    if fila is None or fila.municipio_id != municipio_id:
        raise ImagenNoEncontrada
    return fila


def para_tesela(sesion: Session, actor: Actor, imagen_id: int) -> Row[Any]:
    """Lo que hace falta para servir sus teselas.

    Raises
    ------
    ImagenNoEncontrada
        Si no existe o el actor no la puede ver: desde fuera no se distinguen.
    """
    fila = sesion.execute(SQL["para_tesela"], {"id": imagen_id}).one_or_none()
    if fila is None or not (fila.estado == Estado.PUBLICADA or actor.tiene(GESTIONAN, fila.municipio_id)):
        raise ImagenNoEncontrada
    return fila


def de_municipio(sesion: Session, actor: Actor, municipio_id: int) -> Sequence[Row[Any]]:
    """Las imágenes del municipio que el actor puede ver: primero las publicadas, por nombre."""
    todas = actor.tiene(GESTIONAN, municipio_id)
    return sesion.execute(SQL["de_municipio"], {"municipio": municipio_id, "todas": todas}).all()


def todas(sesion: Session) -> Sequence[Row[Any]]:
    """Todas, con el nombre de su municipio."""
    return sesion.execute(SQL["todas"]).all()
