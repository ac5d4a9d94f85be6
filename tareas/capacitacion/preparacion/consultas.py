"""Lecturas de los talleres."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from tareas.capacitacion.preparacion.errores import TallerDesconocido
from tareas.capacitacion.preparacion.reglas import PREPARAN
from tareas.comun.bd import cargar_sql
from tareas.comun.permisos import Actor

SQL = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def _suyos(actor: Actor) -> dict[str, Any]:
    suyos = actor.municipios_con(PREPARAN)
    return {"todos": None in suyos, "municipios": [m for m in suyos if m is not None]}


def taller(sesion: Session, actor: Actor, taller_id: int) -> Row[Any]:
    """Un taller de un municipio donde el actor los prepara.

    Raises
    ------
    TallerDesconocido
    """
    fila = sesion.execute(SQL["taller"], {"taller": taller_id, **_suyos(actor)}).one_or_none()
    if fila is None:
        raise TallerDesconocido
    return fila


def talleres(sesion: Session, actor: Actor) -> Sequence[Row[Any]]:
    """Los talleres que el actor prepara: primero los que vienen, del más próximo al más lejano."""
    return sesion.execute(SQL["talleres"], _suyos(actor)).all()


def proyectos(sesion: Session, actor: Actor) -> list[tuple[int, str]]:
    """Proyectos sin archivar de esos municipios."""
    return [(p, nombre) for p, nombre in sesion.execute(SQL["proyectos"], _suyos(actor))]


def proyecto(sesion: Session, proyecto_id: int | None) -> Row[Any] | None:
    """Lo que importa de un proyecto para preparar un taller."""
    if proyecto_id is None:
        return None
    return sesion.execute(SQL["proyecto"], {"proyecto": proyecto_id}).one_or_none()


def personas(sesion: Session, taller_id: int, servidor: str) -> Sequence[Row[Any]]:
    """Quienes vienen, en el orden de la lista, con su cuenta de Tequio y la del servidor si se hallan."""
    return sesion.execute(SQL["personas"], {"taller": taller_id, "servidor": servidor}).all()


def lista(sesion: Session, taller_id: int) -> list[str]:
    """Los nombres, como se escribieron."""
    return list(sesion.execute(SQL["lista"], {"taller": taller_id}).scalars())
