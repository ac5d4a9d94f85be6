"""Crear y publicar cuadrículas grandes, contra el INSERT desnudo de las mismas filas; y la primera vista del mapa."""

import asyncio
import time
from statistics import median
from typing import Any

import psycopg
import shapely

from tareas.comun.bd import BaseDeDatos
from tareas.comun.permisos import Actor, Papel
from tareas.proyectos import servicio
from tareas.proyectos.formularios import NuevoProyecto
from tests.bancos.cliente import Conexion
from tests.bancos.lugar import servidor
from tests.bancos.mundo import municipio_de_200_vertices
from tests.fabrica import persona


def _actor(bd: BaseDeDatos) -> Actor:
    quien = persona(bd, f"banco{time.time_ns()}", (None, "administrador"))
    return Actor(quien, "banco", "banco", None, frozenset({(None, Papel.ADMINISTRADOR)}))


def _crear(bd: BaseDeDatos, actor: Actor, municipio: int, lado_m: int) -> tuple[int, int, float]:
    """Proyecto, número de tareas y segundos de crear y publicar, con su confirmación."""
    datos = {"municipio": municipio, "nombre": f"Banco {lado_m}", "division": {"tipo": "cuadros", "lado_m": lado_m}}
    pedido = NuevoProyecto.model_validate(datos)
    antes = time.perf_counter()
    with bd.transaccion() as sesion:
        creado = servicio.crear(sesion, actor, pedido.model_dump(), pedido.division_pedida())
        servicio.publicar(sesion, creado.id)
    return creado.id, creado.tareas, time.perf_counter() - antes


def _piso(url: str, proyecto: int) -> float:
    """Segundos de insertar las mismas filas, ya calculadas, en una tabla igual con los mismos índices, con
    ``executemany``.
    """
    with psycopg.connect(url) as conexion:
        filas = conexion.execute(
            "SELECT proyecto_id, numero, municipio_id, celda, ST_AsBinary(geom), area_m2 FROM tarea WHERE proyecto_id = %s ORDER BY numero",
            (proyecto,),
        ).fetchall()
        conexion.execute("CREATE TABLE piso (LIKE tarea INCLUDING ALL)")
        conexion.commit()
        antes = time.perf_counter()
        with conexion.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO piso (proyecto_id, numero, municipio_id, celda, geom, area_m2) VALUES (%s, %s, %s, %s, ST_GeomFromWKB(%s, 4326), %s)",
                filas,
            )
        conexion.commit()
        segundos = time.perf_counter() - antes
        conexion.execute("DROP TABLE piso")
        conexion.commit()
    return segundos


def crear(url: str, repeticiones: int = 3) -> list[dict[str, Any]]:
    """10,000 y 100,000 cuadros sobre un municipio de 200 vértices."""
    bd = BaseDeDatos(url)
    municipio = municipio_de_200_vertices(bd)
    actor = _actor(bd)
    resultados = []
    for cuantas, lado, meta in ((10_000, 206, 0.5), (100_000, 64, 3.0)):
        tiempos, pisos, tareas = [], [], 0
        for _vuelta in range(repeticiones):
            proyecto, tareas, segundos = _crear(bd, actor, municipio, lado)
            tiempos.append(segundos)
            pisos.append(_piso(url, proyecto))
        razon = median(t / p for t, p in zip(tiempos, pisos, strict=True))
        resultados.append(
            {
                "pedidas": cuantas,
                "tareas": tareas,
                "segundos": round(median(tiempos), 3),
                "piso_insert_s": round(median(pisos), 3),
                "razon_con_el_piso": round(razon, 2),
                "meta": f"≤ {meta} s y ≤ 3 × el piso",
                "bien": median(tiempos) <= meta and razon <= 3,
            }
        )
    bd.cerrar()
    return resultados


def _teselas_visibles(caja: list[float]) -> list[tuple[int, int, int]]:
    """Teselas de una pantalla de 900 × 700 que encuadra la caja, como las pide MapLibre (512 píxeles por tesela)."""
    from math import asinh, floor, log2, pi, radians, tan

    def pixel(lon: float, lat: float) -> tuple[float, float]:
        return (lon + 180) / 360, (1 - asinh(tan(radians(lat))) / pi) / 2

    (x0, y0), (x1, y1) = pixel(caja[0], caja[3]), pixel(caja[2], caja[1])
    z = max(0, floor(log2(min(900 / 512 / (x1 - x0), 700 / 512 / (y1 - y0)))))
    lado = 2**z
    return [
        (z, x, y) for x in range(int(x0 * lado), int(x1 * lado) + 1) for y in range(int(y0 * lado), int(y1 * lado) + 1)
    ]


def vista(url: str, repeticiones: int = 30) -> dict[str, Any]:
    """Primera vista de un proyecto de 10,000 tareas: estados y teselas visibles, comprimidos; bytes y mediana."""
    bd = BaseDeDatos(url)
    municipio = municipio_de_200_vertices(bd)
    proyecto, tareas, _segundos = _crear(bd, _actor(bd), municipio, 206)
    with psycopg.connect(url) as conexion:
        geometria = conexion.execute("SELECT ST_AsBinary(area) FROM proyecto WHERE id = %s", (proyecto,)).fetchone()
    assert geometria is not None
    caja = list(shapely.from_wkb(bytes(geometria[0])).bounds)

    async def correr(puerto: int) -> tuple[int, int, list[float], float]:
        conexion = Conexion(puerto)
        tiempos, bytes_estados, bytes_teselas, en_frio = [], 0, 0, 0.0
        for vuelta in range(repeticiones + 1):
            antes = time.perf_counter()
            codigo, cuerpo = await conexion.pedir("GET", f"/api/v1/proyectos/{proyecto}/estados")
            assert codigo == 200
            bytes_estados, bytes_teselas = len(cuerpo), 0
            for z, x, y in _teselas_visibles(caja):
                codigo, cuerpo = await conexion.pedir("GET", f"/teselas/proyectos/{proyecto}/1/{z}/{x}/{y}.mvt")
                assert codigo in (200, 204), codigo
                bytes_teselas += len(cuerpo)
            if vuelta:
                tiempos.append(time.perf_counter() - antes)
            else:
                en_frio = time.perf_counter() - antes
        return bytes_estados, bytes_teselas, tiempos, en_frio

    with servidor(url, procesos=2) as puerto:
        estados, teselas, tiempos, en_frio = asyncio.run(correr(puerto))
    bd.cerrar()
    p50 = 1000 * median(tiempos)
    return {
        "tareas": tareas,
        "bytes_estados": estados,
        "bytes_teselas": teselas,
        "p50_ms": round(p50, 1),
        "en_frio_ms": round(1000 * en_frio, 1),
        "meta": "≤ 60 KB de estados + teselas, ≤ 50 ms",
        "bien": estados <= 60 * 1024 and p50 <= 50,
    }
