"""Lo que más se lee de un proyecto grande: su resumen y su avance por día."""

import asyncio
import time
from statistics import median
from typing import Any

from tareas.comun.bd import BaseDeDatos
from tests.bancos.cliente import Conexion
from tests.bancos.lugar import servidor
from tests.bancos.mundo import gente, historia_larga, municipio_de_200_vertices
from tests.fabrica import proyecto

CLIENTES = 16


def _proyecto_con_historia(url: str) -> int:
    bd = BaseDeDatos(url)
    municipio = municipio_de_200_vertices(bd)
    personas, _fichas = gente(bd, 20, municipio)
    campo = proyecto(bd, municipio, columnas=125, renglones=100)
    historia_larga(url, campo, municipio, personas, 50_000)
    bd.cerrar()
    return campo


async def _muchos(puerto: int, ruta: str, segundos: float) -> tuple[float, list[float]]:
    """Peticiones por segundo con 16 clientes, y sus latencias."""
    latencias: list[float] = []
    inicio = time.perf_counter()

    async def pedir() -> None:
        conexion = Conexion(puerto)
        while time.perf_counter() - inicio < segundos:
            antes = time.perf_counter()
            codigo, _cuerpo = await conexion.pedir("GET", ruta)
            assert codigo == 200, codigo
            latencias.append(time.perf_counter() - antes)
        await conexion.cerrar()

    await asyncio.gather(*(pedir() for _ in range(CLIENTES)))
    return len(latencias) / (time.perf_counter() - inicio), latencias


def resumen(url: str, repeticiones: int = 3) -> dict[str, Any]:
    """Resumen de un proyecto de 12,500 tareas con 50,000 pasos de historial, 16 clientes."""
    campo = _proyecto_con_historia(url)
    tasas, latencias = [], []
    with servidor(url, procesos=2) as puerto:
        asyncio.run(_muchos(puerto, "/salud", 0.5))
        piso, _nada = asyncio.run(_muchos(puerto, "/salud", 2))
        for _vuelta in range(repeticiones):
            tasa, tiempos = asyncio.run(_muchos(puerto, f"/api/v1/proyectos/{campo}", 3))
            tasas.append(tasa)
            latencias += tiempos
    latencias.sort()
    return {
        "por_segundo": round(median(tasas)),
        "p50_ms": round(1000 * latencias[len(latencias) // 2], 2),
        "p95_ms": round(1000 * latencias[int(len(latencias) * 0.95)], 2),
        "piso_salud_por_segundo": round(piso),
        "razon_con_el_piso": round(median(tasas) / piso, 2),
        "meta": "≥ 1500",
        "bien": median(tasas) >= 1500,
    }


def avance(url: str, repeticiones: int = 30) -> dict[str, Any]:
    """Avance por día del mismo proyecto: en frío (recorre el historial) y después (nada nuevo que contar)."""
    campo = _proyecto_con_historia(url)

    async def correr(puerto: int) -> list[float]:
        conexion = Conexion(puerto)
        tiempos = []
        for _vuelta in range(repeticiones):
            antes = time.perf_counter()
            codigo, _cuerpo = await conexion.pedir("GET", f"/api/v1/proyectos/{campo}/avance")
            assert codigo == 200
            tiempos.append(time.perf_counter() - antes)
        return tiempos

    with servidor(url, procesos=1) as puerto:
        asyncio.run(_muchos(puerto, "/salud", 0.3))
        tiempos = asyncio.run(correr(puerto))
    p50 = 1000 * median(tiempos)
    return {"p50_ms": round(p50, 1), "en_frio_ms": round(1000 * tiempos[0], 1), "meta": "≤ 30 ms", "bien": p50 <= 30}
