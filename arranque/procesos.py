"""Correr programas con su salida en la bitácora, y candados entre procesos."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from arranque.errores import ErrorArranque

LINEAS_DE_COLA = 12


def entorno_limpio(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables del proceso sin las ``PG*``, que desviarían a los clientes hacia otro servidor."""
    limpio = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return {**limpio, **(extra or {})}


def cola(archivo: Path, lineas: int = LINEAS_DE_COLA, desde: int = 0) -> str:
    """Últimas líneas con contenido de un archivo de texto, a partir de un byte; vacío si no existe."""
    try:
        texto = archivo.read_bytes()[desde:].decode(errors="replace")
    except OSError:
        return ""
    return "\n".join([r for r in texto.splitlines() if r.strip()][-lineas:])


def correr(
    orden: Sequence[str | Path],
    bitacora: Path,
    *,
    remedio: str = "",
    carpeta: Path | None = None,
    entorno: Mapping[str, str] | None = None,
) -> None:
    """Corre un programa y deja su salida en ``bitacora``.

    Raises
    ------
    ErrorArranque
        Si el programa no existe o termina con error; lleva la cola de su salida y ``remedio``.
    """
    bitacora.parent.mkdir(parents=True, exist_ok=True)
    with bitacora.open("ab") as salida:
        salida.write(f"\n$ {' '.join(map(str, orden))}\n".encode())
        salida.flush()
        try:
            codigo = subprocess.run(
                [str(p) for p in orden],
                stdin=subprocess.DEVNULL,
                stdout=salida,
                stderr=subprocess.STDOUT,
                cwd=carpeta,
                env=dict(entorno) if entorno is not None else None,
                check=False,
            ).returncode
        except OSError as error:
            raise ErrorArranque(f"No se pudo ejecutar {orden[0]}: {error.strerror}.", remedio) from error
    if codigo:
        raise ErrorArranque(f"{cola(bitacora)}\n(salida completa: {bitacora})", remedio)


@contextmanager
def candado(archivo: Path) -> Iterator[None]:
    """Deja pasar a un proceso a la vez; los demás esperan. El sistema lo suelta si el proceso muere."""
    archivo.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(archivo, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
