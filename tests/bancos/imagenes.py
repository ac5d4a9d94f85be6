"""Teselas de imagen: leídas de un MBTiles o un PMTiles, y dibujadas de un COG."""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image, ImageFilter
from sqlalchemy import text

from geo.imagenes.geotiff import convertir
from geo.imagenes.tipos import Ficha
from geo.teselas.aritmetica import Tesela, rango_de
from tareas.comun.bd import BaseDeDatos
from tareas.imagenes import archivos, servicio
from tareas.imagenes.formularios import Datos
from tareas.municipios.consultas import por_id
from tests import imagenes as fabrica
from tests.bancos.cliente import Conexion
from tests.bancos.lugar import servidor
from tests.fabrica import municipio

LADO = 8192
"""Píxeles del COG: unas 600 hectáreas a 30 cm."""

METAS = {"mbtiles": 5.0, "pmtiles": 5.0, "cog": 60.0}


def teselas(url: str) -> list[dict[str, Any]]:
    """Milisegundos por tesela con el servidor ya tibio, pedidas una por una y sin repetir."""
    with tempfile.TemporaryDirectory(prefix="tequio-banco-imagenes-") as carpeta:
        os.environ[archivos.VARIABLE] = f"{carpeta}/imagenes"
        bd = BaseDeDatos(url)
        lugar = municipio(bd)
        registradas = {clase: _registrar(bd, lugar, ruta) for clase, ruta in _archivos(Path(carpeta)).items()}
        bd.cerrar()
        with servidor(url, procesos=1) as puerto:
            return [asyncio.run(_medir(puerto, clase, *r)) for clase, r in registradas.items()]


def _archivos(carpeta: Path) -> dict[str, Path]:
    ruido = np.random.default_rng(5).integers(0, 255, (LADO // 8, LADO // 8, 3), dtype=np.uint8)
    foto = Image.fromarray(ruido).resize((LADO, LADO)).filter(ImageFilter.GaussianBlur(1))
    datos = np.moveaxis(np.asarray(foto), -1, 0)
    crudo = fabrica.geotiff(carpeta / "crudo.tif", datos, 524_800.0, 2_223_500.0, 0.3)
    convertir(crudo, carpeta / "cog.tif")
    crudo.unlink()
    cuerpos = {}
    for z in range(14, 20):
        for t in rango_de(fabrica.AQUI, z).teselas():
            cuerpos[t] = fabrica.jpeg(
                foto.crop((t.x % 29 * 256, t.y % 29 * 256, t.x % 29 * 256 + 256, t.y % 29 * 256 + 256))
            )
    return {
        "mbtiles": fabrica.mbtiles(carpeta / "a.mbtiles", cuerpos),
        "pmtiles": fabrica.pmtiles(carpeta / "a.pmtiles", cuerpos),
        "cog": carpeta / "cog.tif",
    }


def _registrar(bd: BaseDeDatos, lugar: int, ruta: Path) -> tuple[int, Ficha]:
    datos = Datos(nombre=ruta.name, licencia="CC0 1.0", permiso_trazar=True, permiso="La hizo el banco.")
    with bd.transaccion() as sesion:
        hecha = servicio.registrar(sesion, por_id(sesion, lugar), ruta, ruta.name, datos.model_dump())
        servicio.publicar(sesion, hecha.id)
        sesion.execute(text("ANALYZE imagen"))
    return hecha.id, hecha.ficha


async def _medir(puerto: int, clase: str, imagen: int, ficha: Ficha) -> dict[str, Any]:
    caja = (-98.752, 20.098, -98.745, 20.104)
    pedidas: list[Tesela] = [t for z in (16, 17, 18, 19) for t in list(rango_de(caja, z).teselas())[:60]]
    conexion = Conexion(puerto)
    tiempos, pesos = [], []
    for t in pedidas:
        antes = time.perf_counter()
        codigo, cuerpo = await conexion.pedir("GET", f"/teselas/imagenes/{imagen}/{t.z}/{t.x}/{t.y}")
        assert codigo == 200, codigo
        tiempos.append(1000 * (time.perf_counter() - antes))
        pesos.append(len(cuerpo))
    piso = []
    for _vuelta in range(100):
        antes = time.perf_counter()
        await conexion.pedir("GET", "/salud")
        piso.append(1000 * (time.perf_counter() - antes))
    await conexion.cerrar()
    # las primeras abren el archivo y calientan al servidor
    tibios = sorted(tiempos[10:])
    meta = METAS[clase]
    return {
        "formato": clase,
        "zooms": f"{ficha.minzoom}-{ficha.maxzoom}",
        "p50_ms": round(median(tibios), 2),
        "p95_ms": round(tibios[int(len(tibios) * 0.95)], 2),
        "piso_salud_ms": round(median(piso), 2),
        "kb_por_tesela": round(sum(pesos) / len(pesos) / 1000, 1),
        "meta": f"p50 ≤ {meta:g} ms",
        "bien": median(tibios) <= meta,
    }
