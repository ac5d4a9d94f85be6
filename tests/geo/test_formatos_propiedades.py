"""Propiedades que valen para cualquier entrada: nunca falla con nada que no sea un ErrorGeo; ir y volver no cambia."""

import json
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geo.errores import ErrorGeo
from geo.formatos import salida
from geo.formatos.archivo import leer_archivo
from geo.formatos.area import area_de_geojson
from geo.formatos.capas import LIMITES_SUBIDA
from geo.formatos.comprimido import desempacar
from geo.formatos.firmas import Formato, por_contenido

NUMEROS = st.one_of(
    st.floats(-200, 200),
    st.floats(),
    st.integers(),
    st.sampled_from([math.nan, math.inf, 1e9, 10**400, True, None, "1"]),
)
POSICION = st.one_of(
    st.lists(NUMEROS, max_size=4), st.tuples(st.floats(-99, -98), st.floats(20, 21)).map(list), st.none()
)
TIPO = st.sampled_from(
    [
        "Point",
        "LineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
        "Feature",
        "FeatureCollection",
        "X",
        None,
        3,
    ]
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMEROS, st.text(max_size=5), POSICION),
    lambda hijos: st.one_of(
        st.lists(hijos, max_size=5),
        st.dictionaries(st.text(max_size=3), hijos, max_size=3),
        st.fixed_dictionaries(
            {"type": TIPO},
            optional={
                "coordinates": st.one_of(hijos, st.lists(st.lists(POSICION, max_size=6), max_size=3)),
                "geometry": hijos,
                "geometries": st.lists(hijos, max_size=3),
                "features": st.lists(hijos, max_size=3),
                "properties": hijos,
                "crs": hijos,
            },
        ),
    ),
    max_leaves=20,
)


def intentar(accion: Callable[..., Any], *args: Any, **opciones: Any) -> Any:
    """Lo que da la acción, o ``None`` si falla con un ErrorGeo que se puede mostrar y enviar como JSON."""
    try:
        return accion(*args, **opciones)
    except ErrorGeo as error:
        fallo = error
    assert fallo.mensaje
    assert fallo.codigo.isascii()
    json.dumps(fallo.datos, allow_nan=False)
    return None


def intentar_area(objeto: Any) -> None:
    for reparar in (False, True):
        leida = intentar(area_de_geojson, objeto, reparar=reparar)
        assert leida is None or (leida.geometria.is_valid and leida.area_m2 > 0)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@example(b'{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}')
@example(b"\xef\xbb\xbf{}")
@example(b"\xff\xfe{\x00}")
def test_ningun_monton_de_bytes_rompe_la_lectura_de_un_area(datos: bytes) -> None:
    intentar_area(datos)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["type", "coordinates", "geometry", "features"]), JSON) | JSON)
def test_ningun_json_rompe_la_lectura_de_un_area(objeto: Any) -> None:
    if isinstance(objeto, dict):
        intentar_area(objeto)
    intentar_area(json.dumps(objeto))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3))
def test_ningun_geojson_alterado_rompe_la_lectura(tmp_path: Path, donde: int, parche: bytes, quita: int) -> None:
    bueno = salida.geojson(shapely.box(-99, 20, -98, 21), "Ñandú 🏔️", {"n": 1, "x": None}).encode()
    donde %= len(bueno)
    ruta = tmp_path / "a.geojson"
    ruta.write_bytes(bueno[:donde] + parche + bueno[donde + quita :])
    intentar(leer_archivo, ruta)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.binary(max_size=4), st.integers(0, 4))
def test_ningun_zip_alterado_escribe_fuera_ni_rompe(
    tmp_path_factory: Any, donde: int, parche: bytes, quita: int
) -> None:
    carpeta = tmp_path_factory.mktemp("zip")
    ruta = carpeta / "a.zip"
    with zipfile.ZipFile(ruta, "w") as zip_:
        zip_.writestr("límites/a.geojson", "{}")
        zip_.writestr("b.kml", "<kml/>")
    bueno = ruta.read_bytes()
    donde %= len(bueno)
    ruta.write_bytes(bueno[:donde] + parche + bueno[donde + quita :])
    (carpeta / "destino").mkdir()
    intentar(desempacar, ruta, "a.zip", carpeta / "destino", LIMITES_SUBIDA)
    assert {hija.name for hija in carpeta.iterdir()} == {"a.zip", "destino"}


@given(st.binary(max_size=64))
def test_cualquier_cabeza_se_reconoce_o_no_se_reconoce(cabeza: bytes) -> None:
    assert isinstance(por_contenido(cabeza), (Formato, str, type(None)))


@settings(max_examples=100, deadline=None)
@given(st.floats(-170, 160), st.floats(-70, 60), st.floats(0.001, 5), st.floats(0.001, 5), st.text(max_size=20))
def test_lo_que_escribimos_lo_leemos_igual(x: float, y: float, ancho: float, alto: float, nombre: str) -> None:
    escrita = area_de_geojson(json.loads(shapely.to_geojson(shapely.box(x, y, x + ancho, y + alto)))).geometria
    leida = area_de_geojson(salida.geojson(escrita, nombre.replace("\x00", ""))).geometria
    assert shapely.equals_exact(leida, escrita, tolerance=1e-7, normalize=True)
