"""La cola de revisión."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql

SQL: dict[str, TextClause] = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def cola(
    sesion: Session,
    proyecto_id: int,
    persona_id: int,
    *,
    de_persona: int | None = None,
    limite: int = 50,
    salto: int = 0,
) -> dict[str, Any]:
    """Tareas que esperan revisión y que la persona puede revisar, de la que más espera a la que menos."""
    base = {"proyecto": proyecto_id, "persona": persona_id, "de_persona": de_persona, "limite": limite, "salto": salto}
    filas = sesion.execute(SQL["cola"], base)
    return {
        "total": sesion.execute(SQL["en_cola"], base).scalar_one(),
        "tareas": [{**dict(f._mapping), "entregada": f.entregada.isoformat()} for f in filas],
    }


def dictamenes(
    sesion: Session, proyecto_id: int, numero: int, persona_id: int | None, *, valida: bool
) -> list[Row[Any]]:
    """Los de una tarea, del más nuevo al más viejo. ``oculto``: a esa persona todavía no se le debe enseñar."""
    pedido = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "valida": valida}
    return list(sesion.execute(SQL["dictamenes"], pedido))


def senalamientos(sesion: Session, proyecto_id: int, numero: int, retros: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Lo señalado en una tarea por cada retroalimentación."""
    salida: dict[int, list[Row[Any]]] = {}
    pedido = {"proyecto": proyecto_id, "numero": numero, "retros": list(retros)}
    for fila in sesion.execute(SQL["senalamientos"], pedido):
        salida.setdefault(fila.retro_id, []).append(fila)
    return salida
