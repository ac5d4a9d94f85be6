"""Encerrar al proceso que lee: ni red, ni otros archivos, ni más memoria o tiempo de los que se le dan.

Tres vueltas de llave, de la que siempre está a la que depende del sistema:

1. Límites de POSIX (``setrlimit``): memoria, procesador, tamaño de lo que escribe, sin volcados.
2. Espacio de nombres de red vacío (``unshare``), si el núcleo lo permite.
3. Landlock (Linux 5.13 o posterior): solo se lee lo señalado y solo se escribe en la carpeta privada; nada se ejecuta.

Las dos últimas se intentan: donde no existen quedan la primera, el ambiente vacío y la lista de controladores.
"""

import ctypes
import os
import resource
import struct
import sysconfig
from collections.abc import Iterable
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_NO_NEW_PRIVS = 38

# Números iguales en todas las arquitecturas: https://docs.kernel.org/userspace-api/landlock.html
_SYS_CREAR, _SYS_REGLA, _SYS_ENCERRAR = 444, 445, 446
_PREGUNTAR_VERSION = 1
_REGLA_DE_RUTA = 1
_ARCHIVO_LEER = 1 << 2
_CARPETA_LEER = 1 << 3
_ESCRIBIR = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 12
_TODO_POR_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
_TODO = (1 << 15) - 1
_TRUNCAR = 1 << 14
_TCP = 0b11
_VERSION_CON_TRUNCAR = 3
_VERSION_CON_RED = 4


def limitar(memoria: int, segundos: float, escritura: int) -> None:
    """Pone los límites de POSIX al proceso actual.

    Parameters
    ----------
    memoria : int
        Bytes de datos; el espacio de direcciones puede ser 2 GiB mayor, por las bibliotecas.
    segundos : float
        De procesador.
    escritura : int
        Bytes del archivo más grande que puede escribir.
    """
    _bajar(resource.RLIMIT_DATA, memoria)
    _bajar(resource.RLIMIT_AS, memoria + 2 * 1024**3)
    _bajar(resource.RLIMIT_CPU, max(1, int(segundos)))
    _bajar(resource.RLIMIT_FSIZE, escritura)
    _bajar(resource.RLIMIT_CORE, 0)
    _bajar(resource.RLIMIT_NOFILE, 128)


def cortar_red() -> bool:
    """Deja al proceso sin interfaces de red. Debe llamarse con un solo hilo. Dice si se pudo."""
    libc = ctypes.CDLL(None, use_errno=True)
    banderas = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    return bool(libc.unshare(banderas) == 0)


def encerrar(leer: Iterable[Path], escribir: Path) -> bool:
    """Con Landlock, deja a la vista solo ``leer`` y ``escribir`` (y lo que Python y GDAL necesitan de sí mismos).

    Parameters
    ----------
    leer : iterable of Path
        Archivos o carpetas que se pueden leer.
    escribir : Path
        Carpeta donde se puede leer y escribir.

    Returns
    -------
    bool
        ``False`` si el núcleo no tiene Landlock.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_SYS_CREAR, None, 0, _PREGUNTAR_VERSION)
    if version < 1:
        return False
    todo = _TODO_POR_VERSION.get(version, _TODO)
    atributos = struct.pack("=QQ", todo, _TCP) if version >= _VERSION_CON_RED else struct.pack("=Q", todo)
    reglas = libc.syscall(_SYS_CREAR, atributos, len(atributos), 0)
    if reglas < 0:
        return False
    for ruta in (*leer, *_propias()):
        _permitir(libc, reglas, ruta, _ARCHIVO_LEER | _CARPETA_LEER)
    truncar = _TRUNCAR if version >= _VERSION_CON_TRUNCAR else 0
    _permitir(libc, reglas, escribir, _ARCHIVO_LEER | _CARPETA_LEER | _ESCRIBIR | truncar)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    cerrado = bool(libc.syscall(_SYS_ENCERRAR, reglas, 0) == 0)
    os.close(reglas)
    return cerrado


def _propias() -> set[Path]:
    """Bibliotecas de Python y este mismo paquete: lo que todavía puede faltar por cargar."""
    rutas = {Path(sysconfig.get_path(clave)) for clave in ("stdlib", "platstdlib", "purelib", "platlib")}
    return {ruta for ruta in (*rutas, Path(__file__).parent.parent) if ruta.exists()}


def _permitir(libc: ctypes.CDLL, reglas: int, ruta: Path, derechos: int) -> None:
    descriptor = os.open(ruta, os.O_PATH | os.O_CLOEXEC)
    if not ruta.is_dir():
        # en un archivo suelto el núcleo rechaza los derechos de carpeta
        derechos &= ~_CARPETA_LEER
    regla = struct.pack("=Qi", derechos, descriptor)
    libc.syscall(_SYS_REGLA, reglas, _REGLA_DE_RUTA, regla, 0)
    os.close(descriptor)


def _bajar(limite: int, valor: int) -> None:
    _, duro = resource.getrlimit(limite)
    tope = valor if duro == resource.RLIM_INFINITY else min(valor, duro)
    resource.setrlimit(limite, (tope, tope))
