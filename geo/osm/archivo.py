"""Abre un archivo de OpenStreetMap sin fiarse de su extensión ni de su contenido."""

import bz2
import contextlib
import gzip
import mmap
import re
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import osmium

from geo.errores import N_
from geo.osm import pbf
from geo.osm.errores import (
    ArchivoAusente,
    ArchivoTruncado,
    ArchivoVacio,
    ContenidoIlegible,
    ContenidoRoto,
    CoordenadaRota,
    DemasiadoDesempacado,
    ElementoDesconocido,
    EsCambio,
    EsHistoria,
    HoraRota,
    MiembroRoto,
    NoEsCambio,
    NoEsOsm,
    NumeroRoto,
    OtraVersionDeFormato,
    SinVersionDeFormato,
    TextoLargo,
    VisibleRoto,
    XmlConEntidades,
    XmlRoto,
)

INICIO = 64 * 1024
TROZO = 1024 * 1024
# Un .osm.gz real se expande unas 15 veces y un .osm.bz2 unas 25; una bomba, mil.
EXPANSION = 60
EXPANSION_MINIMA = 64 * 1024 * 1024

MAXIMO_DE_PROLOGOS = 20
DESCONOCIDO = N_("un archivo de otro tipo")
FIRMAS = (
    (b"PK\x03\x04", N_("un zip")),
    (b"SQLite format 3", N_("una base SQLite o un GeoPackage")),
    (b"\xff\xe0\x04o5m", N_("un archivo o5m")),
    (b"%PDF", N_("un PDF")),
    (b"\x89PNG", N_("una imagen")),
    (b"\xff\xd8\xff", N_("una imagen")),
    (b"\x00\x00\x27\x0a", N_("un shapefile")),
    (b"{", N_("un JSON")),
    (b"[", N_("un JSON")),
)
_RAIZ_XML = re.compile(r"<([A-Za-z_][\w:.-]*)")
_PROLOGO_XML = (("<?", "?>"), ("<!--", "-->"))
_EXPONENTE = re.compile(rb"""\bl(?:at|on)\s*=\s*["'][^"'<>eE]{0,40}[eE]\+?[0-9]""")
_LUGAR_XML = re.compile(r"XML parsing error at line (\d+), column (\d+): (.*)", re.DOTALL)
_COORDENADA = re.compile(r"wrong format for coordinate: '([^']*)'")
# Lo que osmium dice en inglés, por lo que se reconoce de ello.
_QUEJAS: tuple[tuple[re.Pattern[str], type[ContenidoRoto]], ...] = (
    (re.compile(r"read file without version"), SinVersionDeFormato),
    (re.compile(r"read file with version (?P<detalle>.*)", re.DOTALL), OtraVersionDeFormato),
    (re.compile(r"illegal (?P<campo>id|version|changeset|user id)\b[^']*'(?P<detalle>[^']*)'"), NumeroRoto),
    (re.compile(r"parse timestamp: '(?P<detalle>[^']*)'"), HoraRota),
    (re.compile(r"visible attribute"), VisibleRoto),
    (re.compile(r"(?:tag (?:key|value)|role|user name) is too long"), TextoLargo),
    (re.compile(r"\belement(?: in <\w+>)?: (?P<detalle>.*)", re.DOTALL), ElementoDesconocido),
    (re.compile(r"on relation <member>"), MiembroRoto),
)


@dataclass(frozen=True, slots=True)
class Archivo:
    """Un archivo ya reconocido, que osmium puede abrir.

    Attributes
    ----------
    nombre : str
        El del archivo original, para los mensajes.
    ruta : Path
        Donde está el contenido, quizá ya descomprimido.
    formato : str
        ``pbf``, ``osm``, ``osc`` u ``opl``.
    """

    nombre: str
    ruta: Path
    formato: str

    def de_osmium(self) -> osmium.io.File:
        """El archivo como lo pide osmium."""
        return osmium.io.File(str(self.ruta), self.formato)


@contextlib.contextmanager
def abrir(ruta: str | Path, *, cambio: bool = False, maximo: int | None = None) -> Iterator[Archivo]:
    """Reconoce el archivo por su contenido, lo descomprime si hace falta y lo revisa.

    Parameters
    ----------
    ruta
        ``.osm.pbf``, ``.osm``, ``.osc``, o estos dos últimos en gzip o bzip2, con cualquier extensión.
    cambio : bool
        Si se espera un archivo de cambios (osmChange) en vez de datos completos.
    maximo : int, optional
        Bytes que puede ocupar ya descomprimido; sin él, un múltiplo generoso de lo que ocupa comprimido.

    Yields
    ------
    Archivo
        Vale hasta salir del contexto: lo descomprimido se borra entonces.

    Raises
    ------
    ErrorOsm
        Con el motivo exacto.
    """
    original = Path(ruta)
    if not original.is_file():
        raise ArchivoAusente(archivo=original.name)
    with tempfile.TemporaryDirectory(prefix="tequio-osm-") as carpeta:
        contenido = _descomprimido(original, Path(carpeta) / "contenido", maximo)
        archivo = Archivo(original.name, contenido, _formato(contenido, original.name))
        if cambio and archivo.formato != "osc":
            raise NoEsCambio(archivo=archivo.nombre)
        if not cambio and archivo.formato == "osc":
            raise EsCambio(archivo=archivo.nombre)
        if archivo.formato == "pbf":
            _revisar_pbf(archivo, maximo)
        else:
            _revisar_xml(archivo)
        yield archivo


@contextlib.contextmanager
def ordenado(archivo: Archivo) -> Iterator[Archivo]:
    """El mismo contenido con los nodos antes que las vías y cada id una vez. Ocupa memoria como el archivo entero."""
    with tempfile.TemporaryDirectory(prefix="tequio-osm-") as carpeta:
        destino = Path(carpeta) / "ordenado.osm.pbf"
        mezcla = osmium.MergeInputReader()
        mezcla.add_buffer(archivo.ruta.read_bytes(), archivo.formato)
        with osmium.SimpleWriter(str(destino)) as salida:
            mezcla.apply(salida)
        yield Archivo(archivo.nombre, destino, "pbf")


@contextlib.contextmanager
def errores_traducidos(archivo: Archivo) -> Iterator[None]:
    """Convierte en errores propios los que osmium levanta mientras lee."""
    try:
        yield
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise _traducido(archivo, str(error)) from error


def _traducido(archivo: Archivo, texto: str) -> Exception:
    if "entities are not supported" in texto:
        return XmlConEntidades(archivo=archivo.nombre)
    if lugar := _LUGAR_XML.search(texto):
        return XmlRoto(archivo=archivo.nombre, linea=lugar[1], columna=lugar[2], detalle=lugar[3].strip())
    if hallada := _COORDENADA.search(texto):
        return CoordenadaRota(archivo=archivo.nombre, detalle=f"«{hallada[1][:40]}»")
    for queja, clase in _QUEJAS:
        if hallada := queja.search(texto):
            datos = {nombre: " ".join((valor or "").split())[:40] for nombre, valor in hallada.groupdict().items()}
            if datos.get("campo") == "user id":
                datos["campo"] = "uid"
            return clase(archivo=archivo.nombre, **datos)
    return ContenidoIlegible(archivo=archivo.nombre, detalle=" ".join(texto.split())[:300])


def _limite(comprimido: int, maximo: int | None) -> int:
    limite = max(EXPANSION_MINIMA, comprimido * EXPANSION)
    return limite if maximo is None else min(limite, maximo)


def _descomprimido(ruta: Path, destino: Path, maximo: int | None) -> Path:
    """La misma ruta si no está comprimido; si lo está, ``destino`` con el contenido."""
    with ruta.open("rb") as entrada:
        firma = entrada.read(3)
    if not firma:
        raise ArchivoVacio(archivo=ruta.name)
    abridor: type[gzip.GzipFile | bz2.BZ2File]
    if firma[:2] == b"\x1f\x8b":
        abridor = gzip.GzipFile
    elif firma == b"BZh":
        abridor = bz2.BZ2File
    else:
        return ruta
    limite = _limite(ruta.stat().st_size, maximo)
    total = 0
    with abridor(ruta) as lector, destino.open("wb") as salida:
        while trozo := _trozo(lector, ruta):
            total += len(trozo)
            if total > limite:
                raise DemasiadoDesempacado(archivo=ruta.name, megabytes=limite // 1_000_000)
            salida.write(trozo)
    return destino


def _trozo(lector: gzip.GzipFile | bz2.BZ2File, ruta: Path) -> bytes:
    """Lo que sigue del archivo; que no quepa en el disco al escribirlo es otra cosa."""
    try:
        return lector.read(TROZO)
    except (EOFError, OSError, zlib.error) as error:
        raise ArchivoTruncado(archivo=ruta.name, byte=ruta.stat().st_size) from error


def _formato(ruta: Path, nombre: str) -> str:
    with ruta.open("rb") as entrada:
        inicio = entrada.read(INICIO)
    if not inicio.strip():
        raise ArchivoVacio(archivo=nombre)
    if pbf.parece_pbf(inicio):
        return "pbf"
    texto = _texto(inicio)
    if texto.startswith("<"):
        return _formato_xml(texto, nombre)
    contenido = next((que for firma, que in FIRMAS if inicio.startswith(firma)), DESCONOCIDO)
    raise NoEsOsm(archivo=nombre, contenido=contenido)


def _texto(inicio: bytes) -> str:
    utf16 = inicio[:2] in (b"\xff\xfe", b"\xfe\xff")
    return inicio.decode("utf-16" if utf16 else "utf-8-sig", errors="replace").lstrip()


def _formato_xml(texto: str, nombre: str) -> str:
    texto = _sin_prologo(texto)
    raiz = _RAIZ_XML.match(texto)
    if raiz and raiz[1] in ("osm", "osmChange"):
        return "osc" if raiz[1] == "osmChange" else "osm"
    if texto[:200].lower().startswith(("<html", "<!doctype html")):
        raise NoEsOsm(archivo=nombre, contenido=N_("una página web"))
    if texto.startswith("<!"):
        raise XmlConEntidades(archivo=nombre)
    raise NoEsOsm(archivo=nombre, contenido=f"XML <{raiz[1][:40]}>" if raiz else DESCONOCIDO)


def _sin_prologo(texto: str) -> str:
    """El XML desde su raíz o su DOCTYPE: sin la declaración ni los comentarios de antes."""
    for abre, cierra in _PROLOGO_XML * MAXIMO_DE_PROLOGOS:
        if texto.startswith(abre):
            texto = texto.partition(cierra)[2].lstrip()
    return texto


def _revisar_pbf(archivo: Archivo, maximo: int | None) -> None:
    resumen = pbf.revisar(archivo.ruta)
    limite = _limite(archivo.ruta.stat().st_size, maximo)
    if resumen.desempacado > limite:
        raise DemasiadoDesempacado(archivo=archivo.nombre, megabytes=limite // 1_000_000)
    with errores_traducidos(archivo), osmium.io.Reader(archivo.de_osmium(), osmium.osm.NOTHING) as lector:
        if lector.header().has_multiple_object_versions:
            raise EsHistoria(archivo=archivo.nombre)


def _revisar_xml(archivo: Archivo) -> None:
    """Busca coordenadas como ``1e999``, que osmium tomaría por cero."""
    with archivo.ruta.open("rb") as entrada, mmap.mmap(entrada.fileno(), 0, access=mmap.ACCESS_READ) as memoria:
        if hallada := _EXPONENTE.search(memoria):
            detalle = f"«{hallada[0].decode('utf-8', 'replace')}…» en el byte {hallada.start()}"
            raise ContenidoRoto(archivo=archivo.nombre, detalle=detalle)
