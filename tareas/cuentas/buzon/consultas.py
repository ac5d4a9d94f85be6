"""Lecturas del buzón."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql, filas
from tareas.cuentas.buzon.reglas import HORA_DEL_RESUMEN, TOPE_DE_LA_CAMPANA, ZONA_POR_OMISION
from tareas.cuentas.errores import PersonaDesconocida

SQL: dict[str, TextClause] = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def sin_leer(sesion: Session, persona_id: int) -> int:
    """Cuántos avisos sin leer tiene; a lo más, uno más que el tope de la campana."""
    valores = {"persona": persona_id, "tope": TOPE_DE_LA_CAMPANA + 1}
    return next((int(f.count) for f in filas(sesion, SQL["campana"], valores)), 0)


def cuantos(sesion: Session, persona_id: int) -> Row[Any]:
    """``todos, sin_leer``."""
    return sesion.execute(SQL["cuantos"], {"persona": persona_id}).one()


def avisos(
    sesion: Session,
    persona_id: int,
    *,
    sin_leer: bool = False,
    por_leer: bool = False,
    antes_de: int | None = None,
    limite: int = 20,
    salto: int = 0,
) -> Sequence[Row[Any]]:
    """Avisos de una persona, del más nuevo al más viejo.

    Parameters
    ----------
    sin_leer
        Sólo los que no ha leído.
    por_leer
        Los que no ha leído, antes que los demás.
    antes_de
        Sólo los de ``id`` menor.
    """
    valores = {
        "persona": persona_id,
        "sin_leer": sin_leer,
        "por_leer": por_leer,
        "antes_de": antes_de,
        "limite": limite,
        "salto": salto,
        "zona": ZONA_POR_OMISION,
    }
    return sesion.execute(SQL["avisos"], valores).all()


def preferencias(sesion: Session, persona_id: int) -> Row[Any]:
    """``correo, hora, tiene_correo, zona``: cómo quiere sus avisos y en qué zona se cuenta la hora.

    Raises
    ------
    PersonaDesconocida
    """
    valores = {"persona": persona_id, "hora": HORA_DEL_RESUMEN, "zona": ZONA_POR_OMISION}
    fila = sesion.execute(SQL["preferencias"], valores).one_or_none()
    if fila is None:
        raise PersonaDesconocida
    return fila


def zonas_desconocidas(sesion: Session) -> list[tuple[str, int]]:
    """Zonas horarias que la base no entiende, y en cuántos municipios: vienen de un respaldo de otra."""
    return [(f.zona_horaria, f.municipios) for f in sesion.execute(SQL["zonas_desconocidas"])]
