"""Descargas CSV que las hojas de cálculo abren bien."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flask import Response

from tareas.comun.web import al_hilo

# Excel y LibreOffice ejecutan lo que empieza así; con un apóstrofo delante lo muestran tal cual.
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_de(columnas: Iterable[str], filas: Iterable[Mapping[str, Any]], nombre: str) -> Response:
    """Respuesta con un CSV (UTF-8 con marca de orden); lo que falta en una fila queda vacío y lo que sobra no va."""
    return _adjunta(Response("".join(_renglones(list(columnas), filas)), mimetype="text/csv"), nombre)


def csv_al_hilo(columnas: Iterable[str], filas: Iterable[Mapping[str, Any]], nombre: str) -> Response:
    """Como `csv_de`, conforme se lee: para lo que no tiene por qué caber en memoria.

    Parameters
    ----------
    filas
        Corre después de terminada la petición: no puede usar su contexto ni su sesión.
    """
    return _adjunta(al_hilo(_renglones(list(columnas), filas), "text/csv"), nombre)


def _adjunta(respuesta: Response, nombre: str) -> Response:
    respuesta.headers["Content-Disposition"] = f'attachment; filename="{nombre}"'
    return respuesta


def _renglones(columnas: list[str], filas: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    salida = io.StringIO()
    # La marca de orden hace que las hojas de cálculo lean los acentos.
    salida.write("\ufeff")
    escritor = csv.DictWriter(salida, columnas, extrasaction="ignore", lineterminator="\r\n")
    escritor.writeheader()
    for fila in filas:
        yield salida.getvalue()
        salida.seek(0)
        salida.truncate()
        escritor.writerow({columna: _celda(fila.get(columna)) for columna in columnas})
    yield salida.getvalue()


def _celda(valor: Any) -> Any:
    if valor is None:
        return ""
    if hasattr(valor, "isoformat"):
        return valor.isoformat()
    if isinstance(valor, str) and valor.startswith(FORMULAS):
        return "'" + valor
    return valor
