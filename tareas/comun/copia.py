"""Escribir muchas filas de una vez con COPY, dentro de la transacción de la sesión."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.orm import Session


def copiar(sesion: Session, tabla: str, columnas: Sequence[str], filas: Iterable[Sequence[Any]]) -> None:
    """Copia filas a una tabla.

    Parameters
    ----------
    sesion
        Transacción abierta; si falla, nada queda.
    tabla, columnas
        Nombres en la base.
    filas
        Una secuencia de valores por fila, en el orden de ``columnas``; las geometrías, como EWKB en hexadecimal.
    """
    conexion = sesion.connection().connection.driver_connection
    assert isinstance(conexion, psycopg.Connection)
    orden = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(tabla), sql.SQL(", ").join(map(sql.Identifier, columnas))
    )
    with conexion.cursor() as cursor, cursor.copy(orden) as copia:
        for fila in filas:
            copia.write_row(fila)
