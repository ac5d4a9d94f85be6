"""Lecturas de los grupos."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.errores import NoEncontrado, NoPermitido
from tareas.comun.permisos import Actor
from tareas.cuentas.grupos.errores import GrupoDesconocido, UsuariosDesconocidos
from tareas.cuentas.grupos.reglas import AGRUPAN

SQL: dict[str, TextClause] = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def municipio(sesion: Session, actor: Actor, municipio_id: int) -> Row[Any]:
    """``id, nombre`` de un municipio donde el actor hace grupos.

    Raises
    ------
    NoEncontrado, NoPermitido
    """
    fila = sesion.execute(SQL["municipio"], {"municipio": municipio_id}).one_or_none()
    if fila is None:
        raise NoEncontrado
    if not actor.tiene(AGRUPAN, municipio_id):
        raise NoPermitido
    return fila


def de_municipio(sesion: Session, municipio_id: int, *, archivados: bool = False) -> Sequence[Row[Any]]:
    """``id, nombre, creado, archivado, personas`` de cada grupo; con ``archivados``, también ésos, al final."""
    return sesion.execute(SQL["de_municipio"], {"municipio": municipio_id, "archivados": archivados}).all()


def grupo(sesion: Session, actor: Actor, grupo_id: int) -> Row[Any]:
    """Un grupo de un municipio donde el actor los hace.

    Raises
    ------
    GrupoDesconocido
    """
    suyos = actor.municipios_con(AGRUPAN)
    valores = {"grupo": grupo_id, "todos": None in suyos, "municipios": [m for m in suyos if m is not None]}
    fila = sesion.execute(SQL["grupo"], valores).one_or_none()
    if fila is None:
        raise GrupoDesconocido
    return fila


def personas(sesion: Session, grupo_id: int) -> Sequence[Row[Any]]:
    """``id, usuario, nombre, activa, desde``: las activas primero, por nombre."""
    return sesion.execute(SQL["personas"], {"grupo": grupo_id}).all()


def por_usuario(sesion: Session, usuarios: Sequence[str]) -> list[int]:
    """Personas activas con esos usuarios, sin distinguir mayúsculas.

    Raises
    ------
    UsuariosDesconocidos
        Dice cuáles faltan.
    """
    filas = sesion.execute(SQL["por_usuario"], {"usuarios": list(usuarios)}).all()
    hallados = {f.usuario.lower() for f in filas}
    if faltan := [u for u in usuarios if u.lower() not in hallados]:
        resto = len(faltan) - 10
        raise UsuariosDesconocidos(
            cuales=", ".join(f[:40] for f in faltan[:10]) + (f" (+{resto})" if resto > 0 else "")
        )
    return [f.id for f in filas]
