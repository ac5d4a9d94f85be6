"""Lecturas para partir, juntar y corregir tareas."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from geo.tipos import BaseGeometry
from tareas.comun.bd import cargar_sql

SQL: dict[str, TextClause] = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}

VECINAS_MAXIMAS = 200
"""Tareas que una corrección puede tocar."""


def vecinas(sesion: Session, proyecto_id: int, numero: int, contorno: BaseGeometry) -> list[int]:
    """Números de las tareas vivas que toca una tarea o un contorno, ella incluida; a lo más `VECINAS_MAXIMAS`."""
    parametros = {"proyecto": proyecto_id, "numero": numero, "contorno": shapely.to_wkb(contorno)}
    return list(sesion.execute(SQL["vecinas"], {**parametros, "limite": VECINAS_MAXIMAS}).scalars())


def edificios(
    sesion: Session, proyecto_id: int, zona: BaseGeometry, *, al_publicar: bool = False
) -> npt.NDArray[np.float64]:
    """Centros de los edificios de una zona en el mapa donde edita el proyecto: los de hoy o los de cuando se publicó.

    Returns
    -------
    (n, 2) float64
        Longitud y latitud. Pueden sobrar algunos de fuera de la zona.
    """
    cuales = SQL["edificios_al_publicar" if al_publicar else "edificios"]
    filas = sesion.execute(cuales, {"proyecto": proyecto_id, "zona": shapely.to_wkb(zona)})
    return np.array([tuple(f) for f in filas], dtype=np.float64).reshape(-1, 2)


def bloqueos(sesion: Session, proyecto_id: int, numeros: Sequence[int]) -> Sequence[Row[Any]]:
    """Los turnos de esas tareas, también los vencidos (``vigente`` lo dice)."""
    return sesion.execute(SQL["bloqueos"], {"proyecto": proyecto_id, "numeros": list(numeros)}).all()
