"""Examinar un archivo de imágenes ajeno, en otro proceso, encerrado y con límites."""

import tempfile
from pathlib import Path

from geo.formatos.errores import ArchivoNoEncontrado, ArchivoVacio
from geo.formatos.proceso import hacer_aparte
from geo.imagenes.errores import ImagenDistinta, ImagenNoAdmitida
from geo.imagenes.tipos import EXTENSIONES, MEGA, Ficha, Formato

SEGUNDOS = 40.0
_LIMITES = {"memoria": 900 * MEGA, "segundos": SEGUNDOS, "escritura": 4 * MEGA}
_NOMBRES = {Formato.MBTILES: "MBTiles (SQLite)", Formato.PMTILES: "PMTiles", Formato.GEOTIFF: "TIFF"}


def reconocer(ruta: Path, nombre: str) -> Formato:
    """El formato de un archivo, por sus primeros bytes; su extensión tiene que decir lo mismo.

    Raises
    ------
    ArchivoNoEncontrado, ArchivoVacio, ImagenNoAdmitida, ImagenDistinta
    """
    if not ruta.is_file():
        raise ArchivoNoEncontrado(nombre=nombre)
    with ruta.open("rb") as archivo:
        cabeza = archivo.read(16)
    if not cabeza:
        raise ArchivoVacio(nombre=nombre)
    esperado = EXTENSIONES.get(Path(nombre).suffix.lower())
    hallado = _por_contenido(cabeza)
    if esperado is None or hallado is None:
        raise ImagenNoAdmitida(nombre=nombre)
    if hallado is not esperado:
        raise ImagenDistinta(nombre=nombre, parece=_NOMBRES[hallado])
    return hallado


def _por_contenido(cabeza: bytes) -> Formato | None:
    if cabeza.startswith(b"SQLite format 3\x00"):
        return Formato.MBTILES
    if cabeza.startswith(b"PMTiles"):
        return Formato.PMTILES
    # TIFF y BigTIFF, en los dos órdenes de bytes
    return Formato.GEOTIFF if cabeza[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+") else None


def examinar(ruta: Path, nombre: str) -> Ficha:
    """Qué es, dónde está y a qué escalas se ve un archivo de imágenes.

    Parameters
    ----------
    ruta : Path
    nombre : str
        El que le dio quien lo trae.

    Raises
    ------
    geo.imagenes.errores.ErrorImagen, geo.formatos.errores.ErrorLectura
    """
    formato = reconocer(ruta, nombre)
    with tempfile.TemporaryDirectory(prefix="tequio-imagen-") as privada:
        carpeta = Path(privada).resolve()
        orden = {"ruta": str(ruta.resolve()), "nombre": nombre, "formato": formato.value, "limites": _LIMITES}
        hallado = hacer_aparte("geo.imagenes.lector", orden, nombre, SEGUNDOS, carpeta)
    return Ficha(**{**hallado, "formato": formato, "caja": tuple(hallado["caja"])})
