"""Lecturas del mapa de un aula."""

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.datos_osm.consultas import sql_de_tesela
from tareas.practica.errores import AulaDesconocida

SQL = cargar_sql(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Vigente:
    """Qué mapa de un aula se ve hoy. ``version`` es ``None`` si todavía no se arma."""

    version: int | None
    marca: Hashable
    """Cambia con cada guardado."""


def vigente(sesion: Session, aula_id: int) -> Vigente:
    """La versión de hoy; quien llama ya comprobó que la puede ver.

    Raises
    ------
    AulaDesconocida
        Si se borró mientras tanto.
    """
    fila = sesion.execute(text(SQL["vigente"]), {"aula": aula_id}).one_or_none()
    if fila is None:
        raise AulaDesconocida
    return Vigente(fila.mapa, (aula_id, fila.creada, fila.mapa, fila.escritura))


def tesela(sesion: Session, aula_id: int, z: int, x: int, y: int) -> bytes:
    """Tesela vectorial (MVT) de lo que hay en el aula: las mismas capas que `tareas.datos_osm.consultas.tesela_base`.

    Raises
    ------
    TeselaAusente
    """
    consulta = sql_de_tesela(z, x, y, SQL["objetos"], SQL["donde"])
    return bytes(sesion.execute(text(consulta), {"aula": aula_id, "z": z, "x": x, "y": y}).scalar_one())
