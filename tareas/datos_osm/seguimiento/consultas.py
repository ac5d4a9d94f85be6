"""Lecturas de los flujos que se siguen, y de lo guardado que un cambio menciona."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from psycopg.rows import tuple_row
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.osm.recorte import Grados, Ids
from tareas.comun.bd import cargar_sql
from tareas.datos_osm.seguimiento.errores import FlujoDesconocido

SQL = cargar_sql(Path(__file__).parent)
TODO = "todo"
TANDA = 50_000


@dataclass(frozen=True, slots=True)
class Flujo:
    """Un renglón de ``osm_flujo``; ``zona`` en WKB, ``None`` si es el mundo entero."""

    id: int
    url: str
    clase: str
    fuente: str
    registrado: bool
    todo: bool
    margen_m: float
    inicio: int | None
    secuencia: int | None
    momento: datetime | None
    zona_clave: str | None
    zona: bytes | None
    intento: datetime | None
    avanzo: datetime | None
    fallos: int
    error: str | None
    error_datos: dict[str, Any] | None


def flujos(sesion: Session, url: str | None = None) -> list[Flujo]:
    """Los flujos que se siguen, por orden de llegada."""
    return [Flujo(*fila) for fila in sesion.execute(text(SQL["flujos"]), {"url": url})]


def flujo(sesion: Session, url: str) -> Flujo:
    """El flujo de esa dirección.

    Raises
    ------
    FlujoDesconocido
    """
    hallados = flujos(sesion, url)
    if not hallados:
        raise FlujoDesconocido(url=url)
    return hallados[0]


def pendientes(sesion: Session, cada_s: float, maxima_s: float) -> list[str]:
    """Direcciones de los flujos registrados que toca mirar."""
    return list(sesion.execute(text(SQL["pendientes"]), {"cada": cada_s, "maxima": maxima_s}).scalars())


def clave_de_zona(sesion: Session, de: Flujo) -> str:
    """Qué zona le toca hoy: `TODO`, o la huella de los municipios con proyectos y del margen."""
    if de.todo:
        return TODO
    clave = sesion.execute(text(SQL["clave_de_zona"]), {"margen": de.margen_m}).scalar()
    return TODO if clave is None else str(clave)


def zona(sesion: Session, margen_m: float) -> bytes | None:
    """Los municipios con proyectos y, alrededor, al menos ``margen_m`` metros: WKB en EPSG:4326; ``None`` si no hay."""
    forma = sesion.execute(text(SQL["zona"]), {"margen": margen_m}).scalar()
    return None if forma is None else bytes(forma)


class AlmacenDeBase:
    """Lo guardado, para `geo.osm.recorte.elegir`. Pregunta por tandas, dentro de la transacción de quien aplica."""

    def __init__(self, conexion: psycopg.Connection) -> None:
        self._conexion = conexion

    def nodos(self, ids: Ids) -> tuple[Ids, Grados, Grados]:
        """Los nodos guardados, con su lugar."""
        filas = np.array(list(self._filas("nodos", ids)), dtype=[("id", "i8"), ("lon", "f8"), ("lat", "f8")])
        return filas["id"], filas["lon"], filas["lat"]

    def vias(self, ids: Ids) -> Ids:
        """Las vías guardadas."""
        return self._ids("vias", ids)

    def relaciones(self, ids: Ids) -> Ids:
        """Las relaciones guardadas."""
        return self._ids("relaciones", ids)

    def esperados(self, ids: Ids) -> Ids:
        """Los nodos que no se guardan y que alguna vía guardada usa."""
        return self._ids("esperados", ids)

    def vecindad(self, nodos: Ids, vias: Ids, miembros: Ids) -> list[tuple[str, int]]:
        """Tipo y número de lo guardado que depende de esos nodos y vías, y los nodos de las vías ``miembros``."""
        datos = {"nodos": nodos.tolist(), "vias": vias.tolist(), "miembros": miembros.tolist()}
        cursor = self._conexion.cursor(row_factory=tuple_row)
        return cursor.execute(SQL["vecindad"].encode(), datos).fetchall()

    def _ids(self, consulta: str, ids: Ids) -> Ids:
        return np.array([fila[0] for fila in self._filas(consulta, ids)], dtype=np.int64)

    def _filas(self, consulta: str, ids: Ids) -> Iterator[tuple[Any, ...]]:
        cursor = self._conexion.cursor(row_factory=tuple_row, binary=True)
        for desde in range(0, len(ids), TANDA):
            yield from cursor.execute(SQL[consulta].encode(), {"ids": ids[desde : desde + TANDA].tolist()})
