"""Lee un archivo ajeno de datos de OpenStreetMap en otro proceso, encerrado y con límites.

Lo que ese proceso lee llega como renglones de JSON en su carpeta privada: quien los pide los toma de uno en uno, así
que su memoria no crece con el archivo.
"""

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from geo.extractos.reglas import MEGA, RENGLONES
from geo.formatos.errores import LecturaMuyLarga, LecturaSinMemoria
from geo.formatos.proceso import hacer_aparte
from geo.osm.errores import ArchivoAusente, LecturaLarga, SinMemoria

MEMORIA = 900 * MEGA
SEGUNDOS = 30.0
POR_SEGUNDO = 20_000
"""Objetos que hasta una máquina lenta lee en un segundo: alarga el plazo de los archivos grandes de la consola."""


class Renglon(NamedTuple):
    """Un objeto como venía: ``cuando`` en ISO 8601, grados en EPSG:4326, miembros como ``w123``."""

    tipo: str
    id: int
    version: int | None
    cuando: str | None
    etiquetas: dict[str, str] | None
    lon: float | None
    lat: float | None
    nodos: list[int] | None
    miembros: list[str] | None
    roles: list[str] | None


@dataclass(frozen=True, slots=True)
class Extracto:
    """Lo leído de un archivo.

    Attributes
    ----------
    cuantos : int
        Objetos que traía, con los borrados, que no salen en `renglones`; uno más que el tope si traía de más.
    """

    cuantos: int
    _carpeta: Path

    def renglones(self) -> Iterator[Renglon]:
        """Cada objeto que no está borrado, en el orden del archivo."""
        with (self._carpeta / RENGLONES).open(encoding="utf-8") as archivo:
            for linea in archivo:
                yield Renglon(*json.loads(linea))


@contextlib.contextmanager
def leer_aparte(ruta: Path, *, tope: int, maximo: int) -> Iterator[Extracto]:
    """Lee un ``.osm.pbf``, ``.osm``, ``.osm.gz`` u ``.osm.bz2``.

    Parameters
    ----------
    tope : int
        Objetos que se leen a lo más.
    maximo : int
        Bytes que puede ocupar ya descomprimido, y también lo que se saca de él.

    Yields
    ------
    Extracto
        Vale hasta salir del contexto.

    Raises
    ------
    geo.osm.errores.ErrorOsm
        Los de :func:`geo.osm.archivo.abrir` y :func:`geo.osm.cambios.leer`; y ``LecturaLarga`` o ``SinMemoria``.
    geo.formatos.errores.ArchivoIlegible
        Si el proceso terminó de otra manera.
    """
    if not ruta.is_file():
        raise ArchivoAusente(archivo=ruta.name)
    segundos = SEGUNDOS + tope / POR_SEGUNDO
    with tempfile.TemporaryDirectory(prefix="tequio-extracto-") as privada:
        carpeta = Path(privada).resolve()
        orden: dict[str, Any] = {
            "ruta": str(ruta.absolute()),
            "tope": tope,
            "maximo": maximo,
            # Un archivo, comprimido o no, nunca ocupa más que esto: ni lo que se descomprime ni lo que se saca.
            "limites": {"memoria": MEMORIA, "segundos": segundos, "escritura": maximo + 4 * MEGA},
        }
        try:
            hallado = hacer_aparte("geo.extractos.lector", orden, ruta.name, segundos, carpeta)
        except LecturaMuyLarga as error:
            raise LecturaLarga(archivo=ruta.name, segundos=int(segundos)) from error
        except LecturaSinMemoria as error:
            raise SinMemoria(archivo=ruta.name) from error
        yield Extracto(hallado["cuantos"], carpeta)
