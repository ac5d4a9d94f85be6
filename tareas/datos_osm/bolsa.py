"""Filas que esperan su turno para entrar a la base: texto de COPY, un archivo temporal por tabla.

Así la memoria no crece con el archivo leído, y la base no se toca hasta saber que se pudo leer entero.
"""

from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring
from pathlib import Path
from typing import IO, Self

import psycopg
from psycopg import sql

from geo.osm.objetos import Crudo, Nodo, Objeto, Relacion, SinArmar, Via

TROZO = 512 * 1024
METADATOS = ("id", "version", "conjunto", "cuando", "uid", "usuario", "etiquetas")
COLUMNAS = {
    "nodo": (*METADATOS, "lon", "lat"),
    "via": (*METADATOS, "nodos"),
    "relacion": (*METADATOS, "miembros", "roles"),
    "objeto": (*METADATOS, "tipo", "clase", "zoom", "geom"),
    "sin_armar": ("tipo", "id", "motivo", "faltan", "cuantos"),
}
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Bolsa:
    """Un archivo por tabla (`COLUMNAS`), dentro de ``carpeta``. Se llena dentro de un ``with`` y se lee después.

    Parameters
    ----------
    carpeta
        Temporal; quien la crea la borra.
    con_borrado : bool
        Si cada nodo, vía y relación lleva al final la columna ``borrado``.
    """

    def __init__(self, carpeta: Path, *, con_borrado: bool = False) -> None:
        self.con_borrado = con_borrado
        self.filas = dict.fromkeys(COLUMNAS, 0)
        self._ultimo: Crudo | None = None
        self._texto = ""
        self._rutas = {tabla: carpeta / f"{tabla}.copia" for tabla in COLUMNAS}
        self._archivos: dict[str, IO[str]] = {
            t: r.open("w", encoding="utf-8", newline="\n") for t, r in self._rutas.items()
        }

    def columnas(self, tabla: str) -> tuple[str, ...]:
        """Columnas de cada fila de esa tabla, en orden."""
        return COLUMNAS[tabla] + (("borrado",) if self.con_borrado and tabla in ("nodo", "via", "relacion") else ())

    def meter(self, cosa: Nodo | Via | Relacion | Objeto | SinArmar) -> None:
        """Agrega una fila a la tabla que le toca."""
        if isinstance(cosa, SinArmar):
            tabla, fila = "sin_armar", _sin_armar(cosa)
        elif isinstance(cosa, Objeto):
            tabla, fila = "objeto", f"{self._metadatos(cosa.crudo)}\t{_objeto(cosa)}"
        else:
            tabla, propio = _crudo(cosa)
            fila = f"{self._metadatos(cosa)}\t{propio}"
            if self.con_borrado:
                fila += "\tt" if cosa.borrado else "\tf"
        self._archivos[tabla].write(fila + "\n")
        self.filas[tabla] += 1

    def _metadatos(self, crudo: Crudo) -> str:
        # Un nodo o una vía y su objeto dibujable llegan seguidos, con los mismos metadatos.
        if crudo is not self._ultimo:
            self._ultimo, self._texto = crudo, _metadatos(crudo)
        return self._texto

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for archivo in self._archivos.values():
            archivo.close()

    def trozos(self, tabla: str) -> Iterator[bytes]:
        """Lo guardado de una tabla."""
        with self._rutas[tabla].open("rb") as archivo:
            while trozo := archivo.read(TROZO):
                yield trozo


def copiar(conexion: psycopg.Connection, tabla: str, columnas: Iterable[str], trozos: Iterable[bytes]) -> None:
    """Manda a una tabla texto de COPY ya formado."""
    orden = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(tabla), sql.SQL(",").join(map(sql.Identifier, columnas))
    )
    with conexion.cursor() as cursor, cursor.copy(orden) as copia:
        for trozo in trozos:
            copia.write(trozo)


def _texto(texto: str | None) -> str:
    return "\\N" if texto is None else texto.translate(_ESCAPES)


def _metadatos(c: Crudo) -> str:
    hecho = f"{_nulo(c.version)}\t{_nulo(c.conjunto)}\t{_nulo(c.cuando)}\t{_nulo(c.uid)}\t{_texto(c.usuario)}"
    return f"{c.id}\t{hecho}\t{_etiquetas(c)}"


def _etiquetas(c: Crudo) -> str:
    if not c.etiquetas:
        return "\\N"
    pares = [f"{encode_basestring(k)}:{encode_basestring(v)}" for k, v in c.etiquetas.items()]
    return ("{" + ",".join(pares) + "}").replace("\\", "\\\\")


def _nulo(valor: object) -> object:
    return "\\N" if valor is None else valor


def _arreglo(textos: Iterable[str]) -> str:
    entre_comillas = ['"' + t.replace("\\", "\\\\").replace('"', '\\"') + '"' for t in textos]
    return ("{" + ",".join(entre_comillas) + "}").translate(_ESCAPES)


def _enteros(numeros: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numeros)) + "}"


def _crudo(c: Nodo | Via | Relacion) -> tuple[str, str]:
    """Tabla de un objeto y sus columnas propias, las que van tras los metadatos."""
    if isinstance(c, Nodo):
        return "nodo", f"{_nulo(c.lon)}\t{_nulo(c.lat)}"
    if isinstance(c, Via):
        return "via", _enteros(c.nodos)
    return "relacion", f"{_arreglo(c.miembros)}\t{_arreglo(c.roles)}"


def _objeto(o: Objeto) -> str:
    return f"{o.tipo}\t{o.clase}\t{_nulo(o.zoom)}\t{o.wkb}"


def _sin_armar(s: SinArmar) -> str:
    return f"{s.tipo}\t{s.id}\t{s.motivo}\t{_enteros(s.faltan)}\t{s.cuantos}"
