"""Descargas CSV que las hojas de cálculo abren bien."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Response

# Excel y LibreOffice ejecutan lo que empieza así; con un apóstrofo delante lo muestran tal cual.
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_de(columnas: Iterable[str], filas: Iterable[Mapping[str, Any]], nombre: str) -> Response:
    """Respuesta con un CSV (UTF-8 con marca de orden); lo que falta en una fila queda vacío y lo que sobra no va."""
    salida = io.StringIO()
    # La marca de orden hace que las hojas de cálculo lean los acentos.
    salida.write("\ufeff")
    escritor = csv.DictWriter(salida, list(columnas), extrasaction="ignore", lineterminator="\r\n")
    escritor.writeheader()
    for fila in filas:
        escritor.writerow({columna: _celda(fila.get(columna)) for columna in columnas})
    respuesta = Response(salida.getvalue(), mimetype="text/csv")
    respuesta.headers["Content-Disposition"] = f'attachment; filename="{nombre}"'
    return respuesta


def _celda(valor: Any) -> Any:
    if valor is None:
        return ""
    if hasattr(valor, "isoformat"):
        return valor.isoformat()
    if isinstance(valor, str) and valor.startswith(FORMULAS):
        return "'" + valor
    return valor
