"""``./tequio estado`` y ``./tequio parar``: qué está encendido, y cómo apagarlo."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from arranque import servidor
from arranque.binarios import encontrar
from arranque.errores import ErrorArranque
from arranque.postgres import Cluster
from arranque.procesos import entorno_limpio
from arranque.rutas import Rutas

TODO_ENCENDIDO, ALGO_APAGADO = 0, 3
PREGUNTAR_A_LA_EXTERNA = """
import os, psycopg
with psycopg.connect(os.environ["TEQUIO_BASE_DE_DATOS"], connect_timeout=5) as base:
    print(*base.execute("SELECT current_setting('server_version'), coalesce((SELECT extversion FROM pg_extension"
        " WHERE extname = 'postgis'), 'sin PostGIS'), pg_size_pretty(pg_database_size(current_database()))").fetchone(),
        sep="|")
"""
PREGUNTAR = """SELECT current_setting('server_version'),
    (SELECT extversion FROM pg_extension WHERE extname = 'postgis'),
    pg_size_pretty(pg_database_size(current_database()))"""


def tamanio(carpeta: Path) -> int:
    """Bytes que ocupa una carpeta; no cuenta lo que no se puede leer."""
    total = 0
    for base, _, nombres in os.walk(carpeta):
        for nombre in nombres:
            try:
                total += os.lstat(os.path.join(base, nombre)).st_size
            except OSError:
                continue
    return total


def legible(cantidad: float) -> str:
    """Bytes como los lee una persona."""
    for unidad in ("B", "kB", "MB"):
        if cantidad < 1024:
            return f"{cantidad:.0f} {unidad}"
        cantidad /= 1024
    return f"{cantidad:.1f} GB"


def mostrar(rutas: Rutas) -> int:
    """Escribe el estado.

    Returns
    -------
    int
        0 si la base y el servidor web están encendidos; 3 si alguno no.
    """
    base_viva, base = _base(rutas)
    web = servidor.encendido(rutas)
    libre = shutil.disk_usage(rutas.raiz).free
    renglones = {
        "Carpeta": str(rutas.raiz),
        "Base de datos": base,
        "Servidor web": f"encendido en {web.direccion or '?'} (proceso {web.pid})" if web else "apagado",
        "Python": _python(rutas),
        "Disco": f"{legible(tamanio(rutas.datos))} en {rutas.datos}; {legible(libre)} libres",
    }
    ancho = max(map(len, renglones))
    print("\n".join(f"{nombre:<{ancho}}  {valor}" for nombre, valor in renglones.items()))
    return TODO_ENCENDIDO if base_viva and web else ALGO_APAGADO


def parar(rutas: Rutas) -> int:
    """Apaga el servidor web y el grupo de bases privado."""
    web = servidor.parar(rutas)
    base = Cluster(rutas.grupo_pg).parar()
    print(f"Servidor web: {'apagado' if web else 'ya estaba apagado'}.")
    print(f"Base de datos: {'apagada' if base else 'ya estaba apagada'}.")
    return 0


def _base(rutas: Rutas) -> tuple[bool, str]:
    if os.environ.get("TEQUIO_BASE_DE_DATOS"):
        return _base_externa(rutas)
    grupo = Cluster(rutas.grupo_pg)
    donde = grupo.lugar()
    if donde is None:
        hallado = encontrar(rutas.postgresql)[0]
        con = f" (hay PostgreSQL {hallado.version} en {hallado.carpeta})" if hallado else ""
        return False, f"sin crear{con}"
    if not grupo.encendido():
        return False, f"apagada; datos en {donde.datos}"
    try:
        postgres, postgis, ocupa = grupo.consultar(PREGUNTAR).split("|")
    except (ErrorArranque, ValueError) as error:
        return False, f"encendida, pero no contesta: {error}"
    return True, f"encendida, PostgreSQL {postgres}, PostGIS {postgis}, {ocupa}, datos en {donde.datos}"


def _base_externa(rutas: Rutas) -> tuple[bool, str]:
    if not rutas.python.exists():
        return False, "externa (TEQUIO_BASE_DE_DATOS); todavía no hay con qué preguntarle"
    orden = [str(rutas.python), "-P", "-c", PREGUNTAR_A_LA_EXTERNA]
    salida = subprocess.run(orden, capture_output=True, text=True, check=False)
    if salida.returncode:
        renglones = [r for r in salida.stderr.splitlines() if r.strip()]
        motivo = next((r for r in renglones if r.startswith("psycopg")), (renglones or ["sin respuesta"])[-1])
        return False, f"externa (TEQUIO_BASE_DE_DATOS), no contesta: {motivo}"
    postgres, postgis, ocupa = salida.stdout.strip().split("|")
    return True, f"externa (TEQUIO_BASE_DE_DATOS), PostgreSQL {postgres}, PostGIS {postgis}, {ocupa}"


def _python(rutas: Rutas) -> str:
    if not rutas.python.exists():
        return "sin preparar (lo prepara la primera orden que lo necesite)"
    orden = [str(rutas.python), "-P", "-c", "import platform; print(platform.python_version())"]
    salida = subprocess.run(orden, capture_output=True, text=True, env=entorno_limpio(), check=False)
    return f"{salida.stdout.strip()} en {rutas.entorno}"
