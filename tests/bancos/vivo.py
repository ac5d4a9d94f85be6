"""Trescientas personas mirando el mismo proyecto: cuánto tarda cada una en ver lo que otra hizo."""

import asyncio
import json
import random
import time
import zlib
from typing import Any

from tareas.comun.bd import BaseDeDatos
from tests.bancos.cliente import Conexion
from tests.bancos.lugar import servidor
from tests.bancos.mundo import gente, municipio_de_200_vertices
from tests.fabrica import proyecto

MIRAN = 300
MAPEAN = 10
CADA_S = 2.0
SEGUNDOS = 20.0


def _json(cuerpo: bytes) -> Any:
    return json.loads(zlib.decompress(cuerpo, 31) if cuerpo[:2] == b"\x1f\x8b" else cuerpo)


def miradas(url: str) -> dict[str, Any]:
    """Como la página: cada quien pregunta cada dos segundos, un poco al azar, sólo por lo que cambió."""
    bd = BaseDeDatos(url)
    lugar = municipio_de_200_vertices(bd)
    _personas, fichas = gente(bd, MAPEAN, lugar)
    campo = proyecto(bd, lugar, columnas=100, renglones=100)
    ocurrio: dict[int, float] = {}
    demoras: list[float] = []
    latencias: list[float] = []
    azar = random.Random(3)  # nosec B311

    async def mapear(puerto: int, i: int, fin: float) -> None:
        conexion = Conexion(puerto, fichas[i])
        for numero in range(i * 1000 + 1, (i + 1) * 1000 + 1):
            if time.perf_counter() > fin:
                return
            codigo, cuerpo = await conexion.pedir(
                "POST", f"/api/v1/proyectos/{campo}/tareas/{numero}/bloqueo", {"para": "mapear"}
            )
            assert codigo == 201
            ocurrio[numero] = time.perf_counter()
            await asyncio.sleep(0.5)
            entrega = {"ficha": _json(cuerpo)["ficha"], "resultado": "mapeada"}
            await conexion.pedir("POST", f"/api/v1/proyectos/{campo}/tareas/{numero}/entrega", entrega)
            await asyncio.sleep(0.5)

    async def mirar(puerto: int, fin: float) -> None:
        conexion = Conexion(puerto)
        _codigo, cuerpo = await conexion.pedir("GET", f"/api/v1/proyectos/{campo}/estados")
        cursor, vistas = _json(cuerpo)["cursor"], set(ocurrio)
        await asyncio.sleep(azar.random() * CADA_S)
        while time.perf_counter() < fin:
            antes = time.perf_counter()
            codigo, cuerpo = await conexion.pedir("GET", f"/api/v1/proyectos/{campo}/estados?desde={cursor}")
            ahora = time.perf_counter()
            assert codigo == 200
            latencias.append(ahora - antes)
            datos = _json(cuerpo)
            cursor = datos["cursor"]
            for numero, _byte in datos["cambios"]:
                if numero not in vistas and numero in ocurrio:
                    vistas.add(numero)
                    demoras.append(ahora - ocurrio[numero])
            await asyncio.sleep(CADA_S * azar.uniform(0.85, 1.15))
        await conexion.cerrar()

    async def correr(puerto: int) -> None:
        fin = time.perf_counter() + SEGUNDOS
        await asyncio.gather(
            *(mirar(puerto, fin) for _ in range(MIRAN)), *(mapear(puerto, i, fin - 4) for i in range(MAPEAN))
        )

    with servidor(url, procesos=2) as puerto:
        asyncio.run(correr(puerto))
    bd.cerrar()
    demoras.sort()
    latencias.sort()
    p99 = demoras[int(len(demoras) * 0.99)]
    return {
        "miran": MIRAN,
        "preguntas_por_segundo": round(len(latencias) / SEGUNDOS),
        "latencia_p95_ms": round(1000 * latencias[int(len(latencias) * 0.95)], 1),
        "se_ve_mediana_s": round(demoras[len(demoras) // 2], 2),
        "se_ve_p99_s": round(p99, 2),
        "meta": "≤ 3 s con 300 personas mirando",
        "bien": p99 <= 3,
    }
