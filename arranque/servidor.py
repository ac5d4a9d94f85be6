"""El servidor web que encendieron ``demo`` o ``servir``: quién es, si vive y cómo apagarlo.

Quien enciende el servidor escribe ``.datos/servidor.json`` con ``{"pid": …, "direccion": …}``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from arranque.postgres import existe
from arranque.rutas import Rutas

SEGUNDOS_PARA_TERMINAR = 20


@dataclass(frozen=True)
class Servidor:
    """Un servidor anotado.

    Parameters
    ----------
    pid : int
        Proceso principal.
    direccion : str
        Dónde escucha; vacía si no se anotó.
    """

    pid: int
    direccion: str


def archivo(rutas: Rutas) -> Path:
    """Nota del servidor encendido."""
    return rutas.datos / "servidor.json"


def anotado(rutas: Rutas) -> Servidor | None:
    """Lee la nota; ``None`` si no existe o no se entiende."""
    try:
        nota = json.loads(archivo(rutas).read_text(encoding="utf-8"))
        return Servidor(int(nota["pid"]), str(nota.get("direccion", "")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def encendido(rutas: Rutas) -> Servidor | None:
    """El servidor anotado, si su proceso vive y de verdad es de esta carpeta."""
    servidor = anotado(rutas)
    return servidor if servidor and es_nuestro(servidor.pid, rutas) else None


def es_nuestro(pid: int, rutas: Rutas) -> bool:
    """Si el proceso corre las órdenes de Tequio con el Python de esta carpeta.

    Los números de proceso se repiten: la nota sola no basta para mandarle una señal.
    """
    return pid > 1 and existe(pid) and es_orden_de(linea_de_orden(pid), rutas)


def es_orden_de(linea: list[str], rutas: Rutas) -> bool:
    """Si una línea de orden es la de este Tequio."""
    return bool(linea) and Path(linea[0]).parent == rutas.python.parent and "tareas.ordenes" in linea


def linea_de_orden(pid: int) -> list[str]:
    """Programa y argumentos de un proceso; vacía si no se pueden saber."""
    try:
        return [p.decode(errors="replace") for p in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if p]
    except OSError:
        pass
    try:
        salida = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    except OSError:
        return []
    return salida.stdout.split()


def parar(rutas: Rutas) -> bool:
    """Apaga el servidor; devuelve si estaba encendido."""
    servidor = encendido(rutas)
    if servidor is not None:
        os.kill(servidor.pid, signal.SIGTERM)
        limite = time.monotonic() + SEGUNDOS_PARA_TERMINAR
        while es_nuestro(servidor.pid, rutas) and time.monotonic() < limite:
            time.sleep(0.1)
        if es_nuestro(servidor.pid, rutas):
            os.kill(servidor.pid, signal.SIGKILL)
    archivo(rutas).unlink(missing_ok=True)
    return servidor is not None
