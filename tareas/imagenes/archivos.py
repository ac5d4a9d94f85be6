"""Dónde viven los archivos: copiados en la carpeta de imágenes, o en el lugar donde ya estaban."""

import hashlib
import os
import shutil
from pathlib import Path

from tareas.imagenes.errores import SinLugar

VARIABLE = "TEQUIO_CARPETA_DE_IMAGENES"
RESERVA = 200 * 1024 * 1024
"""Bytes que siempre quedan libres en el disco: la base también escribe ahí."""

_RAIZ = Path(__file__).resolve().parents[2]


def carpeta() -> Path:
    """La carpeta de imágenes de esta instalación; la crea si hace falta."""
    elegida = Path(os.environ.get(VARIABLE) or _RAIZ / ".datos" / "imagenes")
    elegida.mkdir(mode=0o755, parents=True, exist_ok=True)
    return elegida


def ruta_de(archivo: str) -> Path:
    """Dónde está un archivo registrado: en la carpeta si es sólo un nombre; donde diga, si es una ruta completa."""
    return Path(archivo) if archivo.startswith("/") else carpeta() / archivo


def huella_de(ruta: Path) -> bytes:
    """Resumen del contenido: 16 bytes de BLAKE2b."""
    with ruta.open("rb") as archivo:
        return hashlib.file_digest(archivo, lambda: hashlib.blake2b(digest_size=16)).digest()


def copiar(origen: Path, nombre: str, *, mover: bool = False) -> None:
    """Deja el archivo en la carpeta con ese nombre; aparece ya completo o no aparece.

    Raises
    ------
    SinLugar
    """
    destino = carpeta() / nombre
    if destino.exists():
        return
    if mover and origen.stat().st_dev == destino.parent.stat().st_dev:
        origen.replace(destino)
        destino.chmod(0o644)
        return
    mide, libres = origen.stat().st_size, shutil.disk_usage(destino.parent).free
    if mide + RESERVA > libres:
        raise SinLugar(megas=mide >> 20, libres=libres >> 20)
    parcial = destino.with_name(f".{nombre}.{os.getpid()}.parcial")
    try:
        shutil.copyfile(origen, parcial)
        parcial.replace(destino)
    finally:
        parcial.unlink(missing_ok=True)
