"""Las partes de un shapefile: que estén todas y que midan lo que dicen."""

import struct
from pathlib import Path

from geo.formatos.errores import ArchivoTruncado, FaltaParteShapefile

OBLIGATORIAS = (".shx", ".dbf")
_CABECERA = 100


def exigir_partes(partes: dict[str, Path], base: str) -> None:
    """Comprueba que el shapefile está entero.

    Parameters
    ----------
    partes : dict
        Extensión en minúsculas → ruta; tiene al menos ``.shp``.
    base : str
        Nombre sin extensión, como lo conoce quien lo subió.

    Raises
    ------
    FaltaParteShapefile
        Nombra el archivo que falta. La falta del .prj no se juzga aquí: hay que ver antes los números.
    ArchivoTruncado
    """
    for sufijo in OBLIGATORIAS:
        if sufijo not in partes:
            raise FaltaParteShapefile(falta=base + sufijo)
    for sufijo in (".shp", ".shx"):
        with partes[sufijo].open("rb") as archivo:
            cabecera = archivo.read(_CABECERA)
        if len(cabecera) < _CABECERA or partes[sufijo].stat().st_size < _bytes_anunciados(cabecera):
            raise ArchivoTruncado(nombre=base + sufijo)
    _exigir_dbf(partes[".dbf"], base)


def _bytes_anunciados(cabecera: bytes) -> int:
    """El largo del archivo según su cabecera, que lo cuenta en palabras de 16 bits (ESRI, 1998)."""
    return int(struct.unpack(">i", cabecera[24:28])[0]) * 2


def _exigir_dbf(ruta: Path, base: str) -> None:
    with ruta.open("rb") as archivo:
        cabecera = archivo.read(12)
    if len(cabecera) < 12:
        raise ArchivoTruncado(nombre=base + ".dbf")
    registros, largo_cabecera, largo_registro = struct.unpack("<IHH", cabecera[4:12])
    if ruta.stat().st_size < largo_cabecera + registros * largo_registro:
        raise ArchivoTruncado(nombre=base + ".dbf")
