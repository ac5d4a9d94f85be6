"""``./tequio respaldar``: todo lo que hay en la base, en un solo archivo que también se puede leer sin Tequio.

Es el formato propio de ``pg_dump``, comprimido. Se toma de una sola fotografía de la base, sin detener a nadie.
"""

from __future__ import annotations

import os
import re
import subprocess
from datetime import datetime
from pathlib import Path

from arranque.clientes import Clientes
from arranque.errores import ErrorArranque
from arranque.estado import legible
from arranque.pasos import avance
from arranque.rutas import Rutas

TABLAS_QUE_LO_DELATAN = frozenset({"alembic_version", "persona", "proyecto", "tarea", "historial"})
AYUDA = """Guarda todo lo que hay en la base en un solo archivo, sin detener a nadie.

Uso: ./tequio respaldar [ARCHIVO]

ARCHIVO puede ser un nombre nuevo o una carpeta. Sin él, el respaldo queda en .datos/respaldos, con la fecha en el
nombre. Se recupera con ./tequio restaurar."""
SIN_TABLAS = "Esta base todavía no tiene las tablas de Tequio: no hay nada que respaldar."


def respaldar(clientes: Clientes, destino: Path) -> int:
    """Guarda la base en un archivo, que sólo aparece con su nombre cuando está completo y en el disco.

    Parameters
    ----------
    clientes : Clientes
        Los de la base que se respalda.
    destino : Path
        Archivo que todavía no existe.

    Returns
    -------
    int
        Bytes del archivo.

    Raises
    ------
    ErrorArranque
        Si el archivo ya existe, la base no tiene tablas de Tequio o ``pg_dump`` falla.
    """
    if destino.exists():
        raise ErrorArranque(f"Ya existe {destino}.", "Elige otro nombre: un respaldo nunca se escribe sobre otro.")
    parcial = destino.with_name(f".{destino.name}.{os.getpid()}.parcial")
    try:
        _volcar(clientes, parcial)
        if not tablas(clientes, parcial) >= TABLAS_QUE_LO_DELATAN:
            raise ErrorArranque(SIN_TABLAS)
        parcial.replace(destino)
    finally:
        parcial.unlink(missing_ok=True)
    return destino.stat().st_size


def _volcar(clientes: Clientes, parcial: Path) -> None:
    # La tabla de sistemas de coordenadas es de PostGIS: la trae su extensión.
    orden = clientes.orden("pg_dump", "-Fc", "-n", "public", "-T", "public.spatial_ref_sys", "-d", clientes.url)
    # Lleva correos y huellas de claves: sólo lo lee quien lo hizo.
    descriptor = os.open(parcial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as salida:
        resultado = subprocess.run(
            orden,
            env=dict(clientes.entorno),
            stdin=subprocess.DEVNULL,
            stdout=salida,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        os.fsync(salida.fileno())
    if resultado.returncode:
        raise ErrorArranque(
            f"pg_dump no pudo leer la base:\n{resultado.stderr.strip()}",
            "Revisa que haya lugar en el disco y que pg_dump no sea más viejo que el servidor.",
        )


def tablas(clientes: Clientes, archivo: Path) -> set[str]:
    """Tablas que trae un respaldo.

    Raises
    ------
    ErrorArranque
        Si el archivo no es de ``pg_dump``.
    """
    indice = clientes.leer("pg_restore", "--list", str(archivo))
    return set(re.findall(r"^\d+; \d+ \d+ TABLE public (\S+)", indice, re.MULTILINE))


def destino_para(rutas: Rutas, pedido: str | None, momento: datetime) -> Path:
    """Archivo donde dejar un respaldo: el pedido; con fecha, si se pidió una carpeta o nada.

    Raises
    ------
    ErrorArranque
        Si la carpeta no existe.
    """
    nombre = f"tequio-{momento:%Y-%m-%d-%H%M%S}.respaldo"
    if pedido is None:
        carpeta = rutas.datos / "respaldos"
        carpeta.mkdir(mode=0o700, exist_ok=True)
        return carpeta / nombre
    destino = Path(pedido).expanduser().absolute()
    if destino.is_dir():
        return destino / nombre
    if not destino.parent.is_dir():
        raise ErrorArranque(f"No existe la carpeta {destino.parent}.", "Créala, o elige otra.")
    return destino


def orden_respaldar(rutas: Rutas, clientes: Clientes, pedido: str | None) -> int:
    """Respalda y dice dónde quedó, cuánto ocupa y cómo se recupera."""
    destino = destino_para(rutas, pedido, datetime.now())
    with avance("Respaldo"):
        ocupa = respaldar(clientes, destino)
    print(f"Respaldo listo: {destino} ({legible(ocupa)}).")
    imagenes = rutas.datos / "imagenes"
    if imagenes.is_dir() and any(imagenes.iterdir()):
        print(f"Las imágenes aéreas no van dentro: copia también la carpeta {imagenes}.")
    print("Guarda una copia en otra máquina. Para recuperarlo, con el servidor web apagado:")
    print(f"  ./tequio restaurar {destino}")
    return 0
