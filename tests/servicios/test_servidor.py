"""El servidor de producción, encendido de verdad en un puerto libre."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

RAIZ = Path(__file__).resolve().parents[2]
PROGRAMA = """
import sys
from pathlib import Path
from tareas.servidor import servir
servir("127.0.0.1", int(sys.argv[1]), 2, datos=Path(sys.argv[2]))
"""


def _puerto_libre() -> int:
    with socket.socket() as enchufe:
        enchufe.bind(("127.0.0.1", 0))
        return enchufe.getsockname()[1]


def _contesta(puerto: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{puerto}/salud", timeout=2).status == 200
    except (urllib.error.URLError, OSError):
        return False


def _hasta(condicion, segundos: float) -> bool:
    fin = time.monotonic() + segundos
    while time.monotonic() < fin:
        if condicion():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def encendido(url_base, tmp_path):
    """Puerto y proceso principal de un servidor con dos procesos."""
    puerto = _puerto_libre()
    entorno = {**os.environ, "TEQUIO_BASE_DE_DATOS": url_base, "PYTHONPATH": str(RAIZ), "TEQUIO_SECRETO": "pruebas"}
    proceso = subprocess.Popen([sys.executable, "-c", PROGRAMA, str(puerto), str(tmp_path)], env=entorno, cwd=RAIZ)
    assert _hasta(lambda: _contesta(puerto), 30)
    yield puerto, proceso, tmp_path
    proceso.kill()
    proceso.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="los procesos sólo se atan al principal en Linux")
def test_si_muere_el_principal_no_queda_nadie_atendiendo(encendido):
    puerto, proceso, _carpeta = encendido
    proceso.send_signal(signal.SIGKILL)
    proceso.wait()
    assert _hasta(lambda: not _contesta(puerto), 10)


def test_al_terminar_bien_borra_su_nota(encendido):
    _puerto, proceso, carpeta = encendido
    assert (carpeta / "servidor.json").is_file()
    proceso.terminate()
    proceso.wait(20)
    assert not (carpeta / "servidor.json").exists()
