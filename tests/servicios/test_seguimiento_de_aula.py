"""Una instalación sigue la replicación de un aula de otra, por HTTP, hasta tener lo mismo que su extracto de hoy."""

import time
from pathlib import Path

import requests

from tareas.comun.bd import BaseDeDatos
from tareas.comun.permisos import Actor
from tareas.datos_osm.seguimiento import servicio as seguimiento
from tareas.datos_osm.seguimiento.seguidor import Seguidor
from tareas.practica.aulas import servicio
from tareas.practica.aulas.consultas import visible
from tests.mundo_osm import foto
from tests.servicios.test_aulas import CAMBIOS, capacita, crear, editar, pueblo
from tests.servicios.test_datos_osm_cambios import assert_iguales, importar
from tests.servicios.test_replicacion import sitio

__all__ = ["capacita", "pueblo", "sitio"]


def bajar(sitio: str, aula: int, ruta: Path) -> Path:
    ruta.write_bytes(requests.get(f"{sitio}/api/v1/aulas/{aula}/extracto.osm.pbf", timeout=30).content)
    return ruta


def test_otra_instalacion_sigue_un_aula(
    bd, sitio: str, elenco, capacita: Actor, pueblo, crear_base, tmp_path: Path
) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    base = bajar(sitio, creada.id, tmp_path / "base.osm.pbf")
    url = f"{sitio}/practica/aulas/{creada.id}/replicacion/"
    otra, hoy = BaseDeDatos(crear_base()), BaseDeDatos(crear_base())
    try:
        importar(otra, base)
        # El extracto dice de qué flujo es y por dónde va, y es del mismo mundo: no hay que decir nada.
        with otra.transaccion() as sesion:
            seguimiento.abrir_flujo(sesion, url)
        seguidor = Seguidor(otra, url, print)
        seguidor.vuelta()
        editar(bd, creada.id, elenco.mapeadora, *CAMBIOS)
        seguidor.vuelta()
        editar(bd, creada.id, elenco.mapeador, "n|1|3|lon,lat=-880020000,170020000")
        with bd.transaccion() as sesion:
            servicio.reiniciar(sesion, capacita, visible(sesion, capacita, creada.id))
        importar(hoy, bajar(sitio, creada.id, tmp_path / "hoy.osm.pbf"))
        # El aula corta sus cambios por transacciones: mientras haya otra abierta en el servidor, lo último espera.
        limite = time.monotonic() + 60
        while seguidor.vuelta() and foto(otra) != foto(hoy) and time.monotonic() < limite:
            time.sleep(0.2)
        assert_iguales(foto(otra), foto(hoy))
    finally:
        otra.cerrar()
        hoy.cerrar()
