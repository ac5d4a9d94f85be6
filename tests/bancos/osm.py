"""Importar un extracto de OSM con metadatos: objetos por segundo y memoria."""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from tests.bancos.lugar import RAIZ

BELICE = RAIZ.parent / "shared" / "datos" / "osm" / "belice-2015-08-23.osm.pbf"
PROGRAMA = """
import resource, sys, time
from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm import servicio
bd = BaseDeDatos(sys.argv[1])
antes = time.perf_counter()
with bd.transaccion() as sesion:
    servicio.importar(sesion, sys.argv[2])
print(time.perf_counter() - antes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _extracto(carpeta: Path) -> Path:
    if BELICE.is_file():
        return BELICE
    # Sin los datos reales se mide con el municipio ficticio: más chico, pero del mismo género.
    from geo.pueblo import escribir_osm, generar

    ruta = carpeta / "pueblo.osm.pbf"
    escribir_osm(generar(), ruta)
    return ruta


def _objetos(ruta: Path) -> int:
    import osmium

    return sum(1 for _ in osmium.FileProcessor(str(ruta)))


def importar(url: str, repeticiones: int = 3) -> dict[str, Any]:
    """Importa el extracto en una base vacía, en un proceso aparte para medir su memoria."""
    tiempos, memorias = [], []
    with tempfile.TemporaryDirectory() as temporal:
        ruta = _extracto(Path(temporal))
        objetos = _objetos(ruta)
        for _vuelta in range(repeticiones):
            with psycopg.connect(url, autocommit=True) as conexion:
                tablas = conexion.execute(
                    "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE tablename LIKE 'osm\\_%'"
                ).fetchone()
                conexion.execute(f"TRUNCATE {tablas[0]}")  # type: ignore[index]
                conexion.execute("CHECKPOINT")
            salida = subprocess.run(
                [sys.executable, "-c", PROGRAMA, url, str(ruta)],
                capture_output=True,
                text=True,
                check=True,
                cwd=RAIZ,
                env={"PYTHONPATH": str(RAIZ)},
            )
            segundos, memoria = (float(x) for x in salida.stdout.split())
            tiempos.append(segundos)
            memorias.append(memoria)
    tasa = objetos / median(tiempos)
    return {
        "archivo": ruta.name,
        "objetos": objetos,
        "segundos": round(median(tiempos), 2),
        "objetos_por_segundo": round(tasa),
        "memoria_mb": round(median(memorias)),
        "meta": "≥ 60,000/s",
        "bien": tasa >= 60_000,
    }
