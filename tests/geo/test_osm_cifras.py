"""Edificios y metros de calle por zona: las zonas que se tocan suman lo que su unión, ni más ni menos."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import longitud_m
from geo.osm.cifras import CORRIMIENTO, contar
from geo.tipos import Geometrias

LADO = 0.001


def arreglo(*formas: shapely.Geometry) -> Geometrias:
    return np.array(formas, dtype=object)


def reticula(n: int) -> Geometrias:
    return np.array(
        [shapely.box(x * LADO, y * LADO, (x + 1) * LADO, (y + 1) * LADO) for y in range(n) for x in range(n)]
    )


def test_una_calle_en_el_borde_de_dos_tareas_cuenta_en_una_sola() -> None:
    calle = shapely.LineString([(LADO, 0), (LADO, LADO)])
    metros = contar(reticula(2), np.empty((0, 2)), arreglo(calle)).metros_vias
    assert sorted(metros > 1) == [False, False, False, True]
    assert metros.sum() == pytest.approx(longitud_m(arreglo(calle))[0], rel=1e-4)


def test_un_edificio_en_la_esquina_de_cuatro_tareas_cuenta_en_una_sola() -> None:
    assert sorted(contar(reticula(2), np.array([[LADO, LADO]]), arreglo()).edificios) == [0, 0, 0, 1]


def test_una_calle_que_repasa_un_tramo_cuenta_dos_veces() -> None:
    ida = shapely.LineString([(0.0001, 0.0005), (0.0009, 0.0005)])
    ida_y_vuelta = shapely.LineString([(0.0001, 0.0005), (0.0009, 0.0005), (0.0001, 0.0005)])
    for zona in (shapely.box(0, 0, LADO, LADO), shapely.box(0.0004, 0, LADO, LADO), estrella(0.0005, 0.0005)):
        una, dos = (contar(arreglo(zona), np.empty((0, 2)), arreglo(c)).metros_vias[0] for c in (ida, ida_y_vuelta))
        assert dos == pytest.approx(2 * una)


def test_sin_datos_o_sin_zonas_da_ceros() -> None:
    cifras = contar(reticula(3), np.empty((0, 2)), arreglo())
    assert cifras.edificios.tolist() == [0] * 9
    assert cifras.metros_vias.tolist() == [0.0] * 9
    assert len(contar(arreglo(), np.array([[0.0, 0.0]]), arreglo(shapely.LineString([(0, 0), (1, 1)]))).edificios) == 0


def test_el_hueco_de_una_zona_no_cuenta() -> None:
    dona = shapely.box(0, 0, LADO, LADO).difference(shapely.box(0.0003, 0.0003, 0.0007, 0.0007))
    calle = shapely.LineString([(0, 0.0005), (LADO, 0.0005)])
    cifras = contar(arreglo(dona), np.array([[0.0005, 0.0005], [0.0001, 0.0001]]), arreglo(calle))
    assert cifras.edificios.tolist() == [1]
    assert cifras.metros_vias[0] == pytest.approx(0.6 * longitud_m(arreglo(calle))[0], rel=1e-4)


def estrella(x: float, y: float) -> shapely.Polygon:
    angulos = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    radios = np.where(np.arange(10) % 2, 0.0002, 0.0006)
    return shapely.Polygon(np.column_stack((x + radios * np.cos(angulos), y + radios * np.sin(angulos))))


coordenada = st.integers(0, 40).map(lambda n: n * LADO / 10)
linea = st.lists(st.tuples(coordenada, coordenada), min_size=2, max_size=6, unique=True).map(shapely.LineString)


@settings(max_examples=40, deadline=None)
@given(
    calles=st.lists(linea, max_size=6),
    centros=st.lists(st.tuples(coordenada, coordenada), max_size=10),
    cortes=st.lists(linea, max_size=5),
)
def test_cualquier_division_suma_lo_que_el_area_entera(
    calles: list[shapely.LineString], centros: list[tuple[float, float]], cortes: list[shapely.LineString]
) -> None:
    area = shapely.box(0, 0, 4 * LADO, 4 * LADO)
    bordes = shapely.unary_union([area.boundary, *cortes])
    piezas = np.array(
        list(shapely.polygonize(list(bordes.geoms) if bordes.geom_type == "MultiLineString" else [bordes]).geoms)
    )
    puntos = np.array(centros, dtype=float).reshape(-1, 2)
    entera = contar(arreglo(area), puntos, arreglo(*calles))
    partes = contar(piezas, puntos, arreglo(*calles))
    assert partes.edificios.sum() == entera.edificios[0]
    assert partes.metros_vias.sum() == pytest.approx(entera.metros_vias[0], rel=1e-9, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(calles=st.lists(linea, min_size=1, max_size=6), giro=st.floats(0, 90), lados=st.integers(3, 8))
def test_una_zona_convexa_mide_lo_mismo_que_la_interseccion(
    calles: list[shapely.LineString], giro: float, lados: int
) -> None:
    angulos = np.radians(giro) + np.linspace(0, 2 * np.pi, lados, endpoint=False)
    zona = shapely.Polygon(np.column_stack((np.cos(angulos), np.sin(angulos))) * LADO + 2 * LADO)
    for una in (zona, zona.reverse()):
        metros = contar(arreglo(una), np.empty((0, 2)), arreglo(*calles)).metros_vias[0]
        corrida = shapely.transform(una, lambda p: p + CORRIMIENTO)
        tramos = [
            shapely.LineString(par) for calle in calles for par in zip(calle.coords, calle.coords[1:], strict=False)
        ]
        esperado = longitud_m(np.atleast_1d(shapely.intersection(np.array(tramos, dtype=object), corrida))).sum()
        assert metros == pytest.approx(esperado, rel=1e-7, abs=1e-5)
