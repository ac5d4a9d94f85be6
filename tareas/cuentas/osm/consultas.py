"""Lecturas de las cuentas de OpenStreetMap."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.cuentas.osm.servidores import PRACTICA

SQL: dict[str, TextClause] = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def de_persona(sesion: Session, persona_id: int) -> Sequence[Row[Any]]:
    """Cuentas vinculadas de una persona: ``servidor, uid, nombre, creada_alla, conjuntos, vinculada, vista``."""
    return sesion.execute(SQL["de_persona"], {"persona": persona_id}).all()


def uid_en(sesion: Session, persona_id: int, servidor: str) -> int | None:
    """Número de la cuenta de una persona en un servidor; ``None`` si no ha vinculado ninguna.

    En el de práctica es su propio número de persona.
    """
    if servidor == PRACTICA:
        return persona_id
    valor: int | None = sesion.execute(SQL["uid_en"], {"persona": persona_id, "servidor": servidor}).scalar()
    return valor
