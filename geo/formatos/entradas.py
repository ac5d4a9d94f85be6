"""Qué hay que leer: un archivo suelto, lo que salió de un zip o lo que hay en una carpeta."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geo.formatos.capas import MEGA, Limites
from geo.formatos.comprimido import desempacar
from geo.formatos.errores import ArchivoMuyGrande, ErrorLectura, ShapefileSuelto, SinCapas, ZipConDemasiados
from geo.formatos.firmas import EXTENSIONES, PARTES_SHAPEFILE, Formato, extension, reconocer


@dataclass(frozen=True, slots=True)
class Entrada:
    """Un archivo (o un shapefile con sus partes) por leer.

    Attributes
    ----------
    nombre : str
        Como lo conoce quien lo subió, con su carpeta dentro del zip.
    formato : Formato
    ruta : Path
    partes : dict
        Solo en shapefiles: extensión en minúsculas → ruta de cada parte.
    """

    nombre: str
    formato: Formato
    ruta: Path
    partes: dict[str, Path]

    @property
    def base(self) -> str:
        """Nombre sin carpeta ni extensión: el de la capa."""
        return PurePosixPath(self.nombre).stem


def de_archivo(ruta: Path, nombre: str, privada: Path, limites: Limites) -> tuple[list[Entrada], list[str]]:
    """Entradas de un archivo suelto o de un zip, y los nombres que se ignoraron.

    Parameters
    ----------
    ruta : Path
    nombre : str
    privada : Path
        Carpeta vacía donde desempacar.
    limites : Limites

    Raises
    ------
    ErrorLectura
    """
    exigir_tamano(ruta, limites)
    formato = reconocer(ruta, nombre)
    if formato is not Formato.ZIP:
        return [Entrada(nombre, formato, ruta, {})], []
    contenido = desempacar(ruta, nombre, privada, limites)
    entradas = list(_agrupar(contenido.archivos))
    if not entradas:
        raise SinCapas(nombre=nombre)
    return entradas, contenido.ignorados


def de_carpeta(carpeta: Path, privada: Path, limites: Limites) -> tuple[list[Entrada], list[str]]:
    """Entradas de una carpeta y de las que tiene dentro; los zip se abren.

    No se siguen enlaces. Cada zip se desempaca en su propia carpeta dentro de ``privada``.

    Raises
    ------
    ErrorLectura
    """
    sueltos, zips, ignorados = _separar(carpeta, limites)
    entradas = list(_agrupar(sueltos))
    for numero, (nombre, ruta) in enumerate(zips.items(), start=1):
        destino = privada / f"zip{numero:04d}"
        destino.mkdir()
        try:
            nuevas, otros = de_archivo(ruta, nombre, destino, limites)
        except ErrorLectura as error:
            raise error.en_archivo(nombre) from error
        entradas += [Entrada(f"{nombre}/{e.nombre}", e.formato, e.ruta, e.partes) for e in nuevas]
        ignorados += [f"{nombre}/{otro}" for otro in otros]
    if not entradas:
        raise SinCapas(nombre=carpeta.name)
    return entradas, ignorados


def exigir_tamano(ruta: Path, limites: Limites) -> None:
    """Lanza ``ArchivoMuyGrande`` si el archivo pasa del tamaño permitido."""
    if ruta.is_file() and (tamano := ruta.stat().st_size) > limites.tamano:
        raise ArchivoMuyGrande(megas=-(-tamano // MEGA), maximo=limites.tamano // MEGA)


def _separar(carpeta: Path, limites: Limites) -> tuple[dict[str, Path], dict[str, Path], list[str]]:
    sueltos: dict[str, Path] = {}
    zips: dict[str, Path] = {}
    ignorados: list[str] = []
    for ruta in sorted(carpeta.rglob("*")):
        if ruta.is_symlink() or not ruta.is_file():
            continue
        nombre = ruta.relative_to(carpeta).as_posix()
        if EXTENSIONES.get(extension(nombre)) is Formato.ZIP:
            zips[nombre] = ruta
        elif extension(nombre) in EXTENSIONES or extension(nombre) in PARTES_SHAPEFILE:
            exigir_tamano(ruta, limites)
            sueltos[nombre] = ruta
        else:
            ignorados.append(nombre)
        if len(sueltos) + len(zips) + len(ignorados) > limites.archivos:
            raise ZipConDemasiados(maximo=limites.archivos)
    return sueltos, zips, ignorados


def _agrupar(archivos: dict[str, Path]) -> Iterable[Entrada]:
    """Junta las partes de cada shapefile; los demás archivos van uno por uno."""
    partes: dict[str, dict[str, Path]] = {}
    for nombre, ruta in archivos.items():
        if extension(nombre) in PARTES_SHAPEFILE:
            partes.setdefault(_base(nombre), {})[extension(nombre)] = ruta
    for nombre, ruta in archivos.items():
        sufijo = extension(nombre)
        if sufijo in PARTES_SHAPEFILE:
            suyas = partes[_base(nombre)]
            if ".shp" not in suyas and sufijo != ".dbf":
                continue
            if ".shp" not in suyas:
                raise ShapefileSuelto(nombre=nombre, archivo=nombre)
            if sufijo == ".shp":
                yield Entrada(nombre, Formato.SHAPEFILE, ruta, suyas)
        else:
            yield _reconocida(nombre, ruta)


def _reconocida(nombre: str, ruta: Path) -> Entrada:
    try:
        return Entrada(nombre, reconocer(ruta, nombre), ruta, {})
    except ErrorLectura as error:
        raise error.en_archivo(nombre) from error


def _base(nombre: str) -> str:
    return str(PurePosixPath(nombre).with_suffix("")).lower()
