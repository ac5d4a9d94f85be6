"""Tomar y entregar: cuántos ciclos por segundo por HTTP, y si alguna vez ganan dos."""

import asyncio
import threading
import time
from statistics import median
from typing import Any

import psycopg

from tareas.comun.bd import BaseDeDatos
from tests.bancos.cliente import Conexion
from tests.bancos.lugar import servidor
from tests.bancos.mundo import gente, municipio_de_200_vertices
from tests.fabrica import proyecto

CLIENTES = 64
SEGUNDOS = 6.0


async def _ciclos(
    puerto: int, fichas: list[str], proyecto_id: int, por_cliente: int, base: int, segundos: float
) -> tuple[int, int, list[float]]:
    """Cada cliente toma y entrega tareas de su tramo hasta que se acaba el tiempo: ciclos buenos, fallas, latencias."""
    latencias: list[float] = []
    buenos = fallas = 0
    fin = time.perf_counter() + segundos

    async def trabajar(i: int) -> None:
        nonlocal buenos, fallas
        conexion = Conexion(puerto, fichas[i])
        for numero in range(base + i * por_cliente + 1, base + (i + 1) * por_cliente + 1):
            if time.perf_counter() > fin:
                break
            ruta = f"/api/v1/proyectos/{proyecto_id}/tareas/{numero}"
            antes = time.perf_counter()
            codigo, cuerpo = await conexion.pedir("POST", ruta + "/bloqueo", {"para": "mapear"})
            if codigo != 201:
                fallas += 1
                continue
            ficha = int(cuerpo.split(b'"ficha":')[1].split(b",")[0].split(b"}")[0])
            codigo, cuerpo = await conexion.pedir("POST", ruta + "/entrega", {"ficha": ficha, "resultado": "mapeada"})
            latencias.append(time.perf_counter() - antes)
            if codigo == 200:
                buenos += 1
            else:
                fallas += 1
        await conexion.cerrar()

    await asyncio.gather(*(trabajar(i) for i in range(len(fichas))))
    return buenos, fallas, latencias


def _piso(url: str, proyecto_id: int, personas: list[int], base: int, por_hilo: int, segundos: float) -> float:
    """Los mismos ciclos en SQL puro, con un hilo por conexión: el piso."""
    from tareas.mapeo.consultas import SQL

    def en_psycopg(nombre: str) -> str:
        import re

        return re.sub(r"(?<!:):(\w+)", r"%(\1)s", str(SQL[nombre].text))

    tomar, entregar = en_psycopg("tomar"), en_psycopg("entregar")
    hechos = [0] * len(personas)
    fin = time.perf_counter() + segundos

    def trabajar(i: int) -> None:
        with psycopg.connect(url, autocommit=True) as conexion:
            for numero in range(base + i * por_hilo + 1, base + (i + 1) * por_hilo + 1):
                if time.perf_counter() > fin:
                    return
                comunes = {"proyecto": proyecto_id, "persona": personas[i], "numero": numero}
                ficha = conexion.execute(tomar, {**comunes, "numeros": [numero], "para": "mapear"}).fetchone()[1]  # type: ignore[index]
                entrega = {"ficha": ficha, "a": 1, "nota": None, "sin_cambios": None, "revisada": False}
                conexion.execute(entregar, {**comunes, **entrega})
                hechos[i] += 1

    hilos = [threading.Thread(target=trabajar, args=(i,)) for i in range(len(personas))]
    antes = time.perf_counter()
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    return sum(hechos) / (time.perf_counter() - antes)


def ciclos(url: str, repeticiones: int = 3) -> dict[str, Any]:
    """Ciclos tomar → entregar por segundo: HTTP con 64 clientes y 2 procesos, y SQL puro con 16 conexiones."""
    bd = BaseDeDatos(url)
    lugar = municipio_de_200_vertices(bd)
    personas, fichas = gente(bd, CLIENTES, lugar)
    por_cliente = 300
    total = CLIENTES * por_cliente
    tasas, pisos, latencias, fallas = [], [], [], 0
    with servidor(url, procesos=2) as puerto:
        for _vuelta in range(repeticiones):
            campo = proyecto(bd, lugar, columnas=por_cliente, renglones=CLIENTES)
            antes = time.perf_counter()
            buenos, malos, tiempos = asyncio.run(_ciclos(puerto, fichas, campo, por_cliente, 0, SEGUNDOS))
            tasas.append(buenos / (time.perf_counter() - antes))
            latencias += tiempos
            fallas += malos
            otro = proyecto(bd, lugar, columnas=por_cliente, renglones=CLIENTES)
            pisos.append(_piso(url, otro, personas[:16], 0, total // 16, SEGUNDOS / 2))
    latencias.sort()
    bd.cerrar()
    return {
        "ciclos_por_segundo": round(median(tasas), 1),
        "p50_ms": round(1000 * latencias[len(latencias) // 2], 1),
        "p95_ms": round(1000 * latencias[int(len(latencias) * 0.95)], 1),
        "fallas": fallas,
        "piso_sql_por_segundo": round(median(pisos), 1),
        "razon_con_el_piso": round(median(t / p for t, p in zip(tasas, pisos, strict=True)), 3),
        "meta": "≥ 400",
        "bien": median(tasas) >= 400 and fallas == 0,
    }


def carreras(url: str, rondas: int = 200) -> dict[str, Any]:
    """64 personas sobre una tarea en el mismo instante, y una persona sobre 8 tareas: en cuántas rondas ganaron
    varias.
    """
    bd = BaseDeDatos(url)
    lugar = municipio_de_200_vertices(bd)
    _personas, fichas = gente(bd, CLIENTES, lugar, "mapeador")
    campo = proyecto(bd, lugar, columnas=rondas, renglones=9)

    async def correr(puerto: int) -> tuple[int, int, int]:
        conexiones = [Conexion(puerto, f) for f in fichas]
        varias = ninguna = 0
        for ronda in range(rondas):
            ruta = f"/api/v1/proyectos/{campo}/tareas/{ronda + 1}/bloqueo"
            respuestas = await asyncio.gather(*(c.pedir("POST", ruta, {"para": "mapear"}) for c in conexiones))
            ganadoras = [c for c, (codigo, _cuerpo) in zip(conexiones, respuestas, strict=True) if codigo == 201]
            varias += len(ganadoras) > 1
            ninguna += not ganadoras or any(codigo not in (201, 409) for codigo, _cuerpo in respuestas)
            for ganadora in ganadoras:
                await ganadora.pedir("DELETE", ruta)
        dobles = 0
        ocho = [Conexion(puerto, fichas[0]) for _ in range(8)]
        for ronda in range(rondas):
            numeros = [rondas + ronda * 8 + k + 1 for k in range(8)]
            rutas = [f"/api/v1/proyectos/{campo}/tareas/{n}/bloqueo" for n in numeros]
            respuestas = await asyncio.gather(
                *(c.pedir("POST", r, {"para": "mapear"}) for c, r in zip(ocho, rutas, strict=True))
            )
            tomadas = [r for r, (codigo, _cuerpo) in zip(rutas, respuestas, strict=True) if codigo == 201]
            dobles += len(tomadas) != 1
            for ruta in tomadas:
                await ocho[0].pedir("DELETE", ruta)
        return varias, ninguna, dobles

    with servidor(url, procesos=2) as puerto:
        varias, ninguna, dobles = asyncio.run(correr(puerto))
    bd.cerrar()
    return {
        "rondas": rondas,
        "con_varias_ganadoras": varias,
        "sin_ganadora_o_con_error": ninguna,
        "persona_con_mas_o_menos_de_una": dobles,
        "meta": "0",
        "bien": varias == ninguna == dobles == 0,
    }
