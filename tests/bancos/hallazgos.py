"""Lo que se halla en una tarea de cincuenta edificios, sacado de la base al momento, con y sin referencia del municipio."""

import os
import random
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text

from geo.crs import a_4326
from geo.pueblo import escribir_osm, generar
from geo.revisiones.base.mundo import Mundo
from geo.tipos import Geometrias
from tareas.calidad.revisiones import servicio
from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm import servicio as datos_osm
from tests.bancos.calidad import EDIFICIOS_DE_TAREA, SEMILLA, columnas, referencia
from tests.fabrica import municipio

TAREAS = 15
VUELTAS = 3
META_S = 0.15


def sembrar(bd: BaseDeDatos, mapa: Path, huellas: Geometrias) -> int:
    """Importa un mapa y guarda unas huellas como referencia de un municipio; su id."""
    lugar = municipio(bd)
    with bd.transaccion() as sesion:
        datos_osm.importar(sesion, mapa)
        sesion.execute(
            text(r"""WITH r AS (INSERT INTO referencia (municipio_id, nombre, licencia, fuente, puede_compararse, huella, huellas, omitidas)
                               VALUES (:m, 'Catastro', 'Uso interno', 'Ayuntamiento', true, '\x01', :n, '{}') RETURNING id)
                    INSERT INTO referencia_huella (referencia_id, geom)
                    SELECT r.id, ST_Multi(ST_SetSRID(ST_GeomFromWKB(g), 4326)) FROM r, unnest(cast(:formas AS bytea[])) AS g"""),
            {"m": lugar, "n": len(huellas), "formas": [*shapely.to_wkb(huellas)]},
        )
    with bd.transaccion() as sesion:
        sesion.connection().exec_driver_sql("ANALYZE")
    return lugar


def zonas(mundo: Mundo, cuantas: int = TAREAS) -> list[shapely.Polygon]:
    """Cajas, EPSG:4326, con los `EDIFICIOS_DE_TAREA` edificios más cercanos a uno al azar."""
    azar = random.Random(SEMILLA)  # nosec B311
    edificios = mundo.edificios.geom
    centros = shapely.get_coordinates(shapely.centroid(edificios))
    salida = []
    for k in azar.sample(range(len(edificios)), cuantas):
        cerca = np.argsort(np.hypot(*(centros - centros[k]).T), kind="stable")[:EDIFICIOS_DE_TAREA]
        salida.append(shapely.box(*shapely.total_bounds(edificios[cerca])))
    return list(a_4326(np.array(salida, dtype=object), mundo.crs))


def medir(bd: BaseDeDatos, lugar: int, cajas: list[shapely.Polygon]) -> list[dict[str, Any]]:
    """Por cada modo, la mediana y el peor de los lugares; de cada lugar, lo menos que tardó."""
    filas = []
    for modo, con_referencia in (("sin referencia", False), ("con referencia", True)):
        relojes, propios = [], []
        for zona in cajas:
            vueltas = []
            for _vuelta in range(VUELTAS):
                with bd.lectura() as sesion:
                    reloj, propio = time.perf_counter(), time.process_time()
                    _mundo, resultado = servicio.revisar_zona(sesion, lugar, 0, zona, con_referencia=con_referencia)
                    vueltas.append((time.perf_counter() - reloj, time.process_time() - propio))
                assert resultado.fallas == []
            relojes.append(min(v[0] for v in vueltas))
            propios.append(min(v[1] for v in vueltas))
        filas.append(
            {
                "medido": f"los hallazgos de una tarea, {modo}",
                "tareas": len(cajas),
                "segundos": round(median(relojes), 3),
                "la_peor": round(max(relojes), 3),
                "de_este_proceso": round(median(propios), 3),
                "carga_de_la_maquina": round(os.getloadavg()[0], 1),
                "meta": f"{META_S} s o menos",
                "bien": median(relojes) <= META_S,
            }
        )
    return filas


def de_una_tarea(url: str) -> list[dict[str, Any]]:
    """En el municipio ficticio, con sus edificios verdaderos como catastro."""
    pueblo = generar(SEMILLA)
    bd = BaseDeDatos(url)
    with tempfile.TemporaryDirectory(prefix="tequio-banco-") as carpeta:
        mapa = Path(carpeta) / "pueblo.osm.pbf"
        escribir_osm(pueblo, mapa)
        lugar = sembrar(bd, mapa, referencia(pueblo))
    filas = medir(bd, lugar, zonas(Mundo(columnas(pueblo.osm))))
    bd.cerrar()
    return filas
