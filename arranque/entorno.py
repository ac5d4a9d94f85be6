"""Entorno de Python: lo crea y le instala las dependencias que declara ``setup.cfg``."""

from __future__ import annotations

import configparser
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from arranque.errores import ErrorArranque
from arranque.paquetes import Apt, es_root, hay_apt
from arranque.pasos import Paso
from arranque.procesos import correr
from arranque.rutas import Rutas

SIN_RED = "Revisa la conexión a internet (pip necesita llegar a su índice de paquetes)."


def requisitos(setup_cfg: Path, extra: str = "") -> list[str]:
    """Dependencias que declara ``setup.cfg``: las del programa o, con ``extra``, las de ese grupo."""
    lector = configparser.ConfigParser()
    lector.read(setup_cfg, encoding="utf-8")
    texto = lector["options.extras_require"][extra] if extra else lector["options"]["install_requires"]
    return [renglon.strip() for renglon in texto.splitlines() if renglon.strip()]


def interprete() -> str:
    """Python con que se crea el entorno: el de fuera de cualquier entorno."""
    return getattr(sys, "_base_executable", None) or sys.executable


def paso_entorno(rutas: Rutas) -> Paso:
    """Crea ``.venv`` con pip, también donde falta ``python3-venv``."""
    return Paso(
        nombre="entorno",
        titulo="Entorno de Python",
        hacer=lambda bitacora: _crear(rutas, bitacora),
        entradas=lambda: [str(rutas.raiz), _version()],
        presente=lambda: rutas.python.exists(),
    )


def paso_dependencias(rutas: Rutas, extra: str = "") -> Paso:
    """Instala en ``.venv`` las dependencias fijadas."""
    setup, fijadas = rutas.raiz / "setup.cfg", rutas.raiz / "restricciones.txt"

    def entradas() -> Iterable[str | Path]:
        return [str(rutas.raiz), _version(), *requisitos(setup, extra), fijadas]

    def hacer(bitacora: Path) -> None:
        instalar(rutas, requisitos(setup, extra), bitacora)

    return Paso(
        nombre=f"dependencias-{extra}" if extra else "dependencias",
        titulo="Herramientas de prueba" if extra else "Dependencias de Python",
        hacer=hacer,
        entradas=entradas,
        presente=lambda: rutas.python.exists(),
    )


def instalar(rutas: Rutas, paquetes: Iterable[str], bitacora: Path) -> None:
    """Instala paquetes de Python en el entorno, con las versiones de ``restricciones.txt``.

    Raises
    ------
    ErrorArranque
        Si pip falla.
    """
    orden = [str(rutas.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--prefer-binary"]
    fijadas = ["-c", str(rutas.raiz / "restricciones.txt")]
    correr([*orden, *fijadas, *paquetes], bitacora, remedio=SIN_RED, carpeta=rutas.raiz)


def _version() -> str:
    return "{}.{}".format(*sys.version_info[:2])


def _crear(rutas: Rutas, bitacora: Path) -> None:
    if _sirve(rutas):
        return
    shutil.rmtree(rutas.entorno, ignore_errors=True)
    if importlib.util.find_spec("ensurepip") is None and es_root() and hay_apt() and sys.base_prefix == "/usr":
        Apt(rutas.datos / "apt", bitacora).instalar([f"python{_version()}-venv"])
    # Otro proceso, porque este ya buscó ensurepip antes de instalarlo.
    if subprocess.run([interprete(), "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0:
        correr([interprete(), "-m", "venv", rutas.entorno], bitacora, remedio=_remedio_venv())
    else:
        correr([interprete(), "-m", "venv", "--without-pip", rutas.entorno], bitacora, remedio=_remedio_venv())
        _poner_pip(rutas, bitacora)


def _sirve(rutas: Rutas) -> bool:
    prueba = "import pip, sys; print('%d.%d' % sys.version_info[:2], sys.prefix)"
    try:
        salida = subprocess.run([rutas.python, "-c", prueba], capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    # El prefijo delata un entorno copiado o movido, cuyos programas apuntan a la carpeta vieja.
    configurado = (rutas.entorno / "bin" / "pip").read_text(errors="replace") if _hay_pip(rutas) else ""
    return salida.split(" ", 1)[0] == _version() and str(rutas.entorno) in configurado


def _hay_pip(rutas: Rutas) -> bool:
    return (rutas.entorno / "bin" / "pip").exists()


def _poner_pip(rutas: Rutas, bitacora: Path) -> None:
    """Consigue pip sin ``ensurepip``: con la rueda que Debian empaqueta o con el pip del sistema."""
    if not hay_apt():
        if importlib.util.find_spec("pip") is None:
            raise ErrorArranque("Este Python no trae ni ensurepip ni pip.", _remedio_venv())
        correr([interprete(), "-m", "pip", "--python", rutas.python, "install", "pip"], bitacora, remedio=SIN_RED)
        return
    arbol = rutas.datos / "apt" / "pip"
    Apt(rutas.datos / "apt", bitacora).desempaquetar(["python3-pip-whl"], arbol)
    ruedas = arbol / "usr/share/python-wheels"
    rueda = next(ruedas.glob("pip-*.whl"), None)
    if rueda is None:
        raise ErrorArranque("El paquete python3-pip-whl no trae la rueda de pip.", _remedio_venv())
    entorno = {**os.environ, "PYTHONPATH": str(rueda)}
    orden = [str(rutas.python), "-m", "pip", "install", "--no-index", "--find-links", str(ruedas), "pip"]
    correr(orden, bitacora, remedio=_remedio_venv(), entorno=entorno)
    shutil.rmtree(arbol)


def _remedio_venv() -> str:
    return (
        f"Instala el módulo venv de este Python ({interprete()}).\n"
        f"  Debian 12 o más nuevo:  apt install python3-venv\n"
        f"  Ubuntu 22.04:           apt install python3.11 python3.11-venv"
    )
