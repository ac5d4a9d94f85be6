"""Nodos sin etiquetas, en bloque: del OPL que escribe osmium a filas separadas por tabuladores, con numpy.

Son nueve de cada diez objetos; tratarlos como texto cuesta la décima parte que traerlos a Python de uno en uno.
Formato OPL: https://osmcode.org/opl-file-format/.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from geo.errores import texto_lugar
from geo.osm.errores import CoordenadaFuera

COLUMNAS = ("id", "version", "conjunto", "cuando", "uid", "usuario", "lon", "lat")
TROZO = 512 * 1024
ESPACIO, TABULADOR, RENGLON = b" \t\n"

# Un dato ausente en OPL es un cero o nada; los valores no llevan espacios, así que la marca y el espacio bastan.
_AUSENTES = ((b" v0 ", b" v\\N "), (b" c0 ", b" c\\N "), (b" t ", b" t\\N "), (b" i0 ", b" i\\N "), (b" u ", b" u\\N "))
_ESCAPE = re.compile(rb"%([0-9a-f]+)%")
_FUERA = (re.compile(rb" x-?(?:1[89]|[2-9]\d)\d"), re.compile(rb" y-?(?:9\d|\d\d\d)"))
_RENGLON = re.compile(rb"\nn(-?\d+) [^\n]* x(\S*) y(\S*)")
_OMITIDOS = (
    ("id_negativo", b"\nn-", re.compile(rb"\nn-[^\n]*")),
    ("id_negativo", b"\nn0 ", re.compile(rb"\nn0 [^\n]*")),
    ("borrado", b" dD ", re.compile(rb"\nn\d+ v\d+ dD [^\n]*")),
    ("sin_lugar", b" x y", re.compile(rb"\nn[^\n]* x y(?=\n|\Z)")),
)


def filas(ruta: Path, omitidos: Counter[str]) -> Iterator[bytes]:
    """Los nodos de un archivo OPL como texto de COPY de PostgreSQL, por trozos de renglones enteros.

    Parameters
    ----------
    ruta : Path
        Nodos sin etiquetas, como los deja `geo.osm.lectura.Lectura`.
    omitidos : Counter
        Se le suman los nodos que no se pueden guardar: ``id_negativo``, ``borrado``, ``sin_lugar``.

    Yields
    ------
    bytes
        Renglones con `COLUMNAS` separadas por tabuladores; ``\\N`` donde no hay dato; hora ISO 8601, grados EPSG:4326.

    Raises
    ------
    CoordenadaFuera
    """
    with ruta.open("rb") as archivo:
        resto = b"\n"
        while leido := archivo.read(TROZO):
            trozo, _, cola = (resto + leido).rpartition(b"\n")
            resto = b"\n" + cola
            if trozo := _sin_omitidos(trozo, omitidos):
                yield _convertir(trozo)


def contar(trozo: bytes) -> int:
    """Cuántas filas trae un trozo de `filas`."""
    return trozo.count(b"\n")


def _sin_omitidos(trozo: bytes, omitidos: Counter[str]) -> bytes:
    for motivo, senal, patron in _OMITIDOS:
        if senal in trozo:
            trozo, cuantos = patron.subn(b"", trozo)
            omitidos[motivo] += cuantos
    if _FUERA[0].search(trozo) or _FUERA[1].search(trozo):
        _comprobar_lugares(trozo)
    return trozo


def _comprobar_lugares(trozo: bytes) -> None:
    for numero, x, y in _RENGLON.findall(trozo):
        lon, lat = float(x), float(y)
        if abs(lon) > 180 or abs(lat) > 90:
            raise CoordenadaFuera(id=int(numero), lugar=texto_lugar(lon, lat))


def _convertir(trozo: bytes) -> bytes:
    """Renglones ``⏎n1 v1 dV c1 t… i1 uX T x… y…`` en columnas: fuera la marca de cada campo, ``dV`` y ``T``."""
    if b"\\" in trozo:
        trozo = trozo.replace(b"\\", b"\\\\")
    for marca, ausente in _AUSENTES:
        if marca in trozo:
            trozo = trozo.replace(marca, ausente)
    letras = np.frombuffer(trozo, dtype=np.uint8).copy()
    espacios = np.flatnonzero(letras == ESPACIO)
    marcas = letras[espacios + 1]
    visibles = espacios[marcas == ord("d")]
    queda = np.ones(len(letras), dtype=bool)
    queda[espacios + 1] = False
    queda[visibles] = False
    queda[visibles + 2] = False
    queda[espacios[marcas == ord("T")]] = False
    queda[np.flatnonzero(letras == RENGLON) + 1] = False
    letras[espacios] = TABULADOR
    columnas = letras[queda].tobytes()[1:] + b"\n"
    return _ESCAPE.sub(_desescapado, columnas) if b"%" in columnas else columnas


def _desescapado(hallado: re.Match[bytes]) -> bytes:
    """El carácter que OPL escribe como ``%20%``, con los escapes que COPY pide."""
    caracter = chr(int(hallado[1], 16))
    return {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\"}.get(caracter, caracter).encode()
