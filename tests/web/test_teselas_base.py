"""Teselas del mapa base: qué capas traen, cómo se guardan en el navegador, y direcciones que no existen."""

import gzip
import math
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from flask.testing import FlaskClient

from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm import servicio
from tests.conftest import datos_reales
from tests.mundo_osm import PUEBLO, archivo

AQUI = (-87.995, 17.005)


@pytest.fixture
def pueblo(bd: BaseDeDatos, tmp_path: Path) -> None:
    with bd.transaccion() as sesion:
        servicio.importar(sesion, archivo(tmp_path, PUEBLO))


def direccion(z: int, lon: float = AQUI[0], lat: float = AQUI[1], version: int = 1) -> str:
    n = 2**z
    x = int((lon + 180) / 360 * n)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
    return f"/teselas/base/{version}/{z}/{x}/{y}.mvt"


def campos(mensaje: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Campos de un mensaje de protobuf."""
    i = 0

    def entero() -> int:
        nonlocal i
        valor = corrimiento = 0
        while True:
            valor |= (mensaje[i] & 127) << corrimiento
            corrimiento += 7
            i += 1
            if mensaje[i - 1] < 128:
                return valor

    while i < len(mensaje):
        marca = entero()
        if marca & 7 == 0:
            yield marca >> 3, entero()
        else:
            largo = entero()
            yield marca >> 3, mensaje[i : i + largo]
            i += largo


def capas(cuerpo: bytes) -> dict[str, tuple[int, set[str]]]:
    """Nombre de cada capa -> cuántos rasgos trae y qué textos usan sus propiedades."""
    resultado = {}
    for _, capa in campos(cuerpo):
        assert isinstance(capa, bytes)
        partes = list(campos(capa))
        nombre = next(v.decode() for n, v in partes if n == 1)  # type: ignore[union-attr]
        textos = {v2.decode() for n, v in partes if n == 4 for n2, v2 in campos(v) if n2 == 1}  # type: ignore[union-attr, arg-type]
        resultado[nombre] = (sum(n == 2 for n, _ in partes), textos)
    return resultado


def test_de_cerca_salen_todas_las_capas_con_su_tipo_y_su_nombre(cliente: FlaskClient, pueblo: None) -> None:
    respuesta = cliente.get(direccion(16, -87.9999, 17.0051))
    assert respuesta.mimetype == "application/vnd.mapbox-vector-tile"
    vistas = capas(respuesta.data)
    assert vistas["edificios"][0] == 1
    assert vistas["suelo"] == (1, {"wood"})
    assert vistas["vias"] == (1, {"residential", "Calle 5"})
    assert capas(cliente.get(direccion(16, -87.995, 17.002)).data)["servicios"] == (1, {"bakery", "La Esquina"})


def test_de_lejos_no_salen_edificios_ni_calles_menores(cliente: FlaskClient, pueblo: None) -> None:
    assert "edificios" not in capas(cliente.get(direccion(13)).data)
    assert "vias" not in capas(cliente.get(direccion(11)).data)
    assert set(capas(cliente.get(direccion(8)).data)) <= {"suelo"}


def test_con_la_version_de_hoy_se_guarda_para_siempre_y_con_otra_un_rato(cliente: FlaskClient, pueblo: None) -> None:
    vigente = cliente.get(direccion(14))
    assert vigente.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for version in (0, 2, 99):
        otra = cliente.get(direccion(14, version=version))
        assert otra.status_code == 200
        assert otra.data == vigente.data
        assert "immutable" not in otra.headers["Cache-Control"]
        assert "max-age=60" in otra.headers["Cache-Control"]


def test_va_comprimida_y_no_se_repite_si_ya_se_tiene(cliente: FlaskClient, bd: BaseDeDatos) -> None:
    with bd.transaccion() as sesion:
        servicio.importar(sesion, datos_reales("osm/san-bartolome-2014-01-15.osm.pbf"))
    ruta = direccion(13, -62.85, 17.9)
    respuesta = cliente.get(ruta, headers={"Accept-Encoding": "gzip"})
    assert respuesta.headers["Content-Encoding"] == "gzip"
    assert capas(gzip.decompress(respuesta.data))["vias"][0] > 50
    repetida = cliente.get(ruta, headers={"Accept-Encoding": "gzip", "If-None-Match": respuesta.headers["ETag"]})
    assert repetida.status_code == 304


def test_sin_datos_la_tesela_esta_vacia(cliente: FlaskClient) -> None:
    respuesta = cliente.get(direccion(14, version=0))
    assert (respuesta.status_code, respuesta.data) == (200, b"")


@pytest.mark.parametrize(
    "ruta",
    [
        "1/19/0/0",
        "1/99/0/0",
        "1/0/1/0",
        "1/5/32/0",
        "1/5/0/32",
        "1/-1/0/0",
        "1/5/-1/0",
        "1/abc/0/0",
        "x/5/0/0",
        f"1/5/{2**70}/0",
    ],
)
def test_una_tesela_que_no_existe_es_404(cliente: FlaskClient, ruta: str) -> None:
    assert cliente.get(f"/teselas/base/{ruta}.mvt").status_code == 404


def test_las_teselas_de_una_ciudad_real_son_ligeras_y_rapidas(cliente: FlaskClient, bd: BaseDeDatos) -> None:
    with bd.transaccion() as sesion:
        servicio.importar(sesion, datos_reales("osm/monaco-2026-03-10.osm.pbf"))
    tiempos = []
    for z in (14, 15, 16):
        for _ in range(3):
            inicio = perf_counter()
            respuesta = cliente.get(direccion(z, 7.42, 43.735), headers={"Accept-Encoding": "gzip"})
            tiempos.append(perf_counter() - inicio)
        assert len(respuesta.data) < 60_000
    assert median(tiempos) < 0.5
