"""Corta archivos de diferencias: reúne lo que se guardó en el aula desde el último. Nunca confirma."""

from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from geo.osm import salida
from tareas.practica.aulas.servicio import elemento, turno
from tareas.practica.replicacion.consultas import SQL, ultima


def cortar(sesion: Session, aula_id: int) -> Row[Any]:
    """El último archivo, después de cortar uno nuevo si hay con qué. De dos a la vez, el segundo ya no halla nada.

    Raises
    ------
    AulaDesconocida
    """
    turno(sesion, aula_id)
    nuevo = sesion.execute(SQL["cortar"], {"aula": aula_id}).one_or_none()
    return nuevo if nuevo is not None else ultima(sesion, aula_id)


def escribir(sesion: Session, aula_id: int, tramo: Row[Any], ruta: Path) -> int:
    """Escribe en ``ruta`` (.osc.gz) las versiones de un archivo; da cuántas son."""
    parametros = {"aula": aula_id, "desde": tramo.tx_desde, "hasta": tramo.tx_hasta}
    filas = sesion.execute(SQL["versiones"], parametros)
    return salida.escribir(ruta, (elemento(*fila) for fila in filas), {})
