"""Dónde se mide: un cluster y un servidor propios, en una carpeta temporal que se borra al final."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config

from arranque.postgres import Cluster

RAIZ = Path(__file__).resolve().parents[2]


@contextmanager
def cluster() -> Iterator[str]:
    """Base migrada y vacía en un cluster propio, con los mismos ajustes que el de siempre."""
    carpeta = Path(tempfile.mkdtemp(prefix="tequio-banco-", dir=os.environ.get("TEQUIO_BANCO_CARPETA")))
    carpeta.chmod(0o755)
    servidor = Cluster(carpeta / "pg")
    try:
        url = servidor.asegurar()
        configuracion = Config(str(RAIZ / "alembic.ini"))
        configuracion.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
        command.upgrade(configuracion, "head")
        yield url
    finally:
        servidor.parar()
        shutil.rmtree(carpeta, ignore_errors=True)


def puerto_libre() -> int:
    """Un puerto de 127.0.0.1 que nadie usa."""
    with socket.socket() as enchufe:
        enchufe.bind(("127.0.0.1", 0))
        puerto: int = enchufe.getsockname()[1]
    return puerto


@contextmanager
def servidor(url: str, procesos: int = 2) -> Iterator[int]:
    """El servidor de ``./tequio servir`` sobre ``url``; da su puerto."""
    puerto = puerto_libre()
    entorno = {**os.environ, "TEQUIO_BASE_DE_DATOS": url, "PYTHONPATH": str(RAIZ), "TEQUIO_SECRETO": "banco"}
    orden = [
        sys.executable,
        "-c",
        "import sys; from pathlib import Path; from tareas.servidor import servir; servir('127.0.0.1', int(sys.argv[1]), int(sys.argv[2]), datos=Path(sys.argv[3]))",
    ]
    carpeta = tempfile.mkdtemp(prefix="tequio-banco-servidor-")
    proceso = subprocess.Popen([*orden, str(puerto), str(procesos), carpeta], env=entorno, cwd=RAIZ)
    try:
        _esperar(puerto, proceso)
        yield puerto
    finally:
        proceso.terminate()
        try:
            proceso.wait(15)
        except subprocess.TimeoutExpired:
            proceso.kill()
        shutil.rmtree(carpeta, ignore_errors=True)


def _esperar(puerto: int, proceso: "subprocess.Popen[bytes]") -> None:
    for _intento in range(200):
        if proceso.poll() is not None:
            raise RuntimeError("El servidor del banco no encendió")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{puerto}/salud", timeout=2).read()  # nosec B310
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError("El servidor del banco no contestó")
