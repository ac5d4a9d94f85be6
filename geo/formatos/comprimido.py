"""Abrir un zip sin confiar en él: primero se revisan todas sus cabeceras, después se desempaca contando."""

import contextlib
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.formatos.capas import MEGA, Limites
from geo.formatos.errores import (
    ZipAnidado,
    ZipConDemasiados,
    ZipDanado,
    ZipMuyGrande,
    ZipNoAdmitido,
    ZipNombrePeligroso,
)
from geo.formatos.firmas import COMPRIMIDOS, EXTENSIONES, PARTES_SHAPEFILE, extension

METODOS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
LARGO_DE_NOMBRE = 1024
_TROZO = 256 * 1024
_CIFRADO = 0x1
_EN_UTF8 = 0x800
_BASURA = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Desempacado:
    """Lo que salió de un zip.

    Attributes
    ----------
    archivos : dict
        Nombre dentro del zip → ruta donde quedó, con un nombre nuestro y la misma extensión.
    ignorados : list of str
        Nombres que no son de ningún formato que leemos.
    """

    archivos: dict[str, Path]
    ignorados: list[str]


def desempacar(ruta: Path, nombre: str, destino: Path, limites: Limites) -> Desempacado:
    """Desempaca en ``destino`` solo los archivos de los formatos que leemos.

    Parameters
    ----------
    ruta : Path
    nombre : str
        Del zip, para los mensajes.
    destino : Path
        Carpeta vacía y privada.
    limites : Limites

    Raises
    ------
    ZipDanado, ZipMuyGrande, ZipConDemasiados, ZipNombrePeligroso, ZipAnidado, ZipNoAdmitido
    """
    try:
        with zipfile.ZipFile(ruta) as zip_:
            entradas = _revisar(zip_.infolist(), limites)
            return _extraer(zip_, entradas, destino, limites)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise ZipDanado(nombre=nombre) from error


def _revisar(infos: list[zipfile.ZipInfo], limites: Limites) -> dict[str, zipfile.ZipInfo]:
    """Nombre limpio → entrada, de todo lo que no es carpeta ni basura del sistema."""
    if len(infos) > limites.archivos:
        raise ZipConDemasiados(maximo=limites.archivos)
    if sum(info.file_size for info in infos) > limites.desempacado:
        raise ZipMuyGrande(maximo=limites.desempacado // MEGA)
    entradas: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if info.header_offset < 0:
            raise zipfile.BadZipFile
        nombre = _nombre(info)
        _exigir_seguro(info, nombre)
        if nombre in entradas:
            raise ZipNombrePeligroso(nombre=_corto(nombre))
        if not (info.is_dir() or any(parte in _BASURA for parte in PurePosixPath(nombre).parts)):
            _exigir_admitido(info, nombre)
            entradas[nombre] = info
    return entradas


def _nombre(info: zipfile.ZipInfo) -> str:
    """El nombre con que se guardó: muchos programas escriben UTF-8 sin decirlo."""
    # zipfile corta orig_filename en el primer nulo, y ahí se puede esconder otra extensión
    nombre = info.orig_filename
    if not info.flag_bits & _EN_UTF8:
        with contextlib.suppress(UnicodeError):
            nombre = nombre.encode("cp437").decode("utf-8")
    return nombre.replace("\\", "/")


def _exigir_seguro(info: zipfile.ZipInfo, nombre: str) -> None:
    partes = nombre.split("/")
    malo = (
        nombre.startswith("/")
        or ":" in partes[0]
        or ".." in partes
        or "\x00" in nombre
        or len(nombre) > LARGO_DE_NOMBRE
        or not nombre.strip("/. ")
        or stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR)
    )
    if malo:
        raise ZipNombrePeligroso(nombre=_corto(nombre))


def _exigir_admitido(info: zipfile.ZipInfo, nombre: str) -> None:
    if extension(nombre) in COMPRIMIDOS:
        raise ZipAnidado(nombre=_corto(nombre))
    if info.flag_bits & _CIFRADO or info.compress_type not in METODOS:
        raise ZipNoAdmitido(nombre=_corto(nombre))


def _extraer(
    zip_: zipfile.ZipFile, entradas: dict[str, zipfile.ZipInfo], destino: Path, limites: Limites
) -> Desempacado:
    archivos: dict[str, Path] = {}
    ignorados: list[str] = []
    quedan = limites.desempacado
    for numero, (nombre, info) in enumerate(sorted(entradas.items()), start=1):
        sufijo = extension(nombre)
        if sufijo not in EXTENSIONES and sufijo not in PARTES_SHAPEFILE:
            ignorados.append(nombre)
            continue
        archivos[nombre] = destino / f"{numero:06d}{sufijo}"
        quedan -= _copiar(zip_, info, archivos[nombre], quedan)
        if quedan < 0:
            raise ZipMuyGrande(maximo=limites.desempacado // MEGA)
    return Desempacado(archivos, ignorados)


def _copiar(zip_: zipfile.ZipFile, info: zipfile.ZipInfo, destino: Path, tope: int) -> int:
    """Copia un archivo y dice cuántos bytes escribió; se detiene al pasar de ``tope``."""
    escritos = 0
    with zip_.open(info) as origen, destino.open("xb") as salida:
        while trozo := origen.read(_TROZO):
            escritos += len(trozo)
            if escritos > tope:
                break
            salida.write(trozo)
    return escritos


def _corto(nombre: str) -> str:
    visible = "".join(c if c.isprintable() else "·" for c in nombre)
    return visible if len(visible) <= 120 else visible[:119] + "…"
