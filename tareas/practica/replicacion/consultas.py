"""Lecturas de la replicación."""

from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.practica.errores import DiferenciaInexistente

SQL = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def ultima(sesion: Session, aula_id: int) -> Row[Any]:
    """Secuencia y momento del último archivo."""
    return sesion.execute(SQL["ultima"], {"aula": aula_id}).one()


def hay_nuevo(sesion: Session, aula_id: int) -> bool:
    """``True`` si hay cambios confirmados que no salen en ningún archivo."""
    return bool(sesion.execute(SQL["hay_nuevo"], {"aula": aula_id}).scalar())


def una(sesion: Session, aula_id: int, secuencia: int | None) -> Row[Any]:
    """Un archivo de la replicación.

    Raises
    ------
    DiferenciaInexistente
    """
    parametros = {"aula": aula_id, "secuencia": -1 if secuencia is None else secuencia}
    fila = sesion.execute(SQL["una"], parametros).one_or_none()
    if fila is None:
        raise DiferenciaInexistente
    return fila
