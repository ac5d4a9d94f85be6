"""Qué es un archivo, según sus primeros bytes y según su nombre."""

import re
from enum import StrEnum
from pathlib import Path

from geo.formatos.errores import (
    ArchivoIlegible,
    ArchivoNoEncontrado,
    ArchivoVacio,
    ContenidoDistinto,
    FormatoNoAdmitido,
    ShapefileSuelto,
)


class Formato(StrEnum):
    """Los formatos que se leen; el valor es la extensión con que se abren."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    SHAPEFILE = "shp"
    KML = "kml"
    FLATGEOBUF = "fgb"
    GPX = "gpx"
    ZIP = "zip"


EXTENSIONES = {
    ".geojson": Formato.GEOJSON,
    ".json": Formato.GEOJSON,
    ".gpkg": Formato.GPKG,
    ".kml": Formato.KML,
    ".fgb": Formato.FLATGEOBUF,
    ".gpx": Formato.GPX,
    ".zip": Formato.ZIP,
    ".kmz": Formato.ZIP,
    ".shz": Formato.ZIP,
    ".shp": Formato.SHAPEFILE,
}
PARTES_SHAPEFILE = frozenset((".shp", ".shx", ".dbf", ".prj", ".cpg"))
ACOMPANANTES = frozenset(
    (".qix", ".sbn", ".sbx", ".qpj", ".qmd", ".idm", ".ind", ".fix", ".xml", ".qml", ".sld", ".lyr")
)
"""Van junto a un shapefile y no hacen falta para leerlo: ni se leen ni se mencionan."""
COMPRIMIDOS = frozenset((".zip", ".kmz", ".shz", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".zst"))

BYTES_DE_CABEZA = 4096
_BLANCOS = b" \t\r\n"
_RAIZ_XML = re.compile(rb"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s>/]")
_FIRMAS: tuple[tuple[bytes, Formato | str], ...] = (
    (b"PK\x03\x04", Formato.ZIP),
    (b"PK\x05\x06", Formato.ZIP),
    (b"fgb\x03", Formato.FLATGEOBUF),
    (b"\x00\x00\x27\x0a", Formato.SHAPEFILE),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"BM", "BMP"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"AC10", "DWG"),
    (b"\xd0\xcf\x11\xe0", "Word / Excel"),
    (b"PAR1", "Parquet"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
)
_NOMBRES: dict[str, str] = {
    Formato.GEOJSON: "JSON",
    Formato.GPKG: "GeoPackage",
    Formato.SHAPEFILE: "Shapefile",
    Formato.KML: "KML",
    Formato.FLATGEOBUF: "FlatGeobuf",
    Formato.GPX: "GPX",
    Formato.ZIP: "ZIP",
}
_RAICES = {b"kml": Formato.KML, b"gpx": Formato.GPX, b"osm": "OSM XML", b"html": "HTML", b"svg": "SVG"}


def reconocer(ruta: Path, nombre: str) -> Formato:
    """Formato de un archivo, que debe coincidir con la extensión de su nombre si la tiene conocida.

    Parameters
    ----------
    ruta : Path
        Dónde está el archivo.
    nombre : str
        El nombre que le dio quien lo subió.

    Raises
    ------
    ArchivoNoEncontrado, ArchivoVacio, FormatoNoAdmitido, ContenidoDistinto, ShapefileSuelto
    """
    if not ruta.is_file():
        raise ArchivoNoEncontrado(nombre=nombre)
    with ruta.open("rb") as archivo:
        cabeza = archivo.read(BYTES_DE_CABEZA)
    if not cabeza:
        raise ArchivoVacio(nombre=nombre)
    return _comparar(por_contenido(cabeza), nombre)


def por_contenido(cabeza: bytes) -> Formato | str | None:
    """Formato que se lee, nombre de otro tipo conocido, o ``None`` si no se reconoce."""
    for firma, tipo in _FIRMAS:
        if cabeza.startswith(firma):
            return tipo
    if cabeza.startswith(b"SQLite format 3\x00"):
        return Formato.GPKG if cabeza[68:72] in (b"GPKG", b"GP10", b"GP11") else "SQLite"
    if b"OSMHeader" in cabeza[:32]:
        return "OSM PBF"
    if cabeza.startswith(b"RIFF") and cabeza[8:12] == b"WEBP":
        return "WebP"
    return _texto(cabeza)


def extension(nombre: str) -> str:
    """Última extensión, en minúsculas y con su punto (``límites.v2.geojson`` → ``.geojson``)."""
    return Path(nombre).suffix.lower()


def _texto(cabeza: bytes) -> Formato | str | None:
    if cabeza.startswith((b"\xff\xfe", b"\xfe\xff")):
        cabeza = cabeza.decode("utf-16", errors="ignore").encode()
    texto = cabeza.removeprefix(b"\xef\xbb\xbf").lstrip(_BLANCOS)
    if texto.startswith((b"{", b"[")):
        return Formato.GEOJSON
    if texto.startswith(b"<"):
        raiz = _RAIZ_XML.search(texto)
        return _RAICES.get(raiz[2].lower(), "XML") if raiz else "XML"
    return None


def _comparar(contenido: Formato | str | None, nombre: str) -> Formato:
    sufijo = extension(nombre)
    esperado = EXTENSIONES.get(sufijo)
    if esperado is Formato.SHAPEFILE or sufijo in PARTES_SHAPEFILE or (contenido is Formato.SHAPEFILE and not sufijo):
        raise ShapefileSuelto(nombre=nombre)
    if esperado is None:
        if sufijo or not isinstance(contenido, Formato):
            raise FormatoNoAdmitido(nombre=nombre)
        return contenido
    if contenido == esperado or (contenido is None and esperado is Formato.GEOJSON):
        return esperado
    if contenido == "XML" and esperado in (Formato.KML, Formato.GPX):
        return esperado
    if contenido is None:
        raise ArchivoIlegible(nombre=nombre)
    raise ContenidoDistinto(nombre=nombre, parece=_NOMBRES.get(contenido, str(contenido)))
