"""Sistemas de coordenadas: reconocer, elegir, transformar y medir."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geo.crs import (
    MEXICO_LCC,
    WGS84,
    a_4326,
    a_metrico,
    area_m2,
    crs_metrico,
    longitud_m,
    nombre_crs,
    reconocer_crs,
    transformador,
)
from geo.errores import SistemaDesconocido

GEOIDE = Geod(ellps="WGS84")

WKT_ESRI_UTM14 = (
    'PROJCS["WGS_1984_UTM_Zone_14N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,'
    '298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-99.0],'
    'PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
WKT_ESRI_LCC = (
    'PROJCS["MEXICO_ITRF_2008_LCC",GEOGCS["GCS_MEXICO_ITRF_2008",DATUM["D_MEXICO_ITRF_2008",SPHEROID["GRS_1980",'
    '6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",2500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",-102.0],PARAMETER["Standard_Parallel_1",17.5],'
    'PARAMETER["Standard_Parallel_2",29.5],PARAMETER["Latitude_Of_Origin",12.0],UNIT["Meter",1.0]]'
)


def arreglo(*geometrias: BaseGeometry | None) -> np.ndarray:
    lista = np.empty(len(geometrias), dtype=object)
    lista[:] = geometrias
    return lista


def cuadro(oeste: float, sur: float, ancho: float, alto: float) -> BaseGeometry:
    return shapely.box(oeste, sur, oeste + ancho, sur + alto)


@pytest.mark.parametrize(
    ("texto", "nombre"),
    [
        ("EPSG:6365", "EPSG:6365"),
        ("epsg:6372", "EPSG:6372"),
        ("6365", "EPSG:6365"),
        ("EPSG::32614", "EPSG:32614"),
        ("EPSG:3857", "EPSG:3857"),
        ("EPSG:4979", "EPSG:4326"),
        ("EPSG:6364", "EPSG:6365"),
        ("EPSG:4483", "EPSG:4483"),
        ("EPSG:4487", "EPSG:4487"),
        ("WGS84", "EPSG:4326"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
        ("OGC:CRS84", "OGC:CRS84"),
        ("CRS84", "OGC:CRS84"),
        ("urn:ogc:def:crs:EPSG::6372", "EPSG:6372"),
        ("urn:ogc:def:crs:EPSG:6.9:4326", "EPSG:4326"),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4326"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84"),
        (WKT_ESRI_UTM14, "EPSG:32614"),
        (WKT_ESRI_LCC, "EPSG:6372"),
    ],
)
def test_reconoce_los_sistemas_por_codigo_urn_direccion_o_wkt(texto: str, nombre: str) -> None:
    assert nombre_crs(reconocer_crs(texto)) == nombre


@pytest.mark.parametrize(
    "texto",
    [
        "",
        "x",
        "EPSG:99999",
        "EPSG:5703",
        "EPSG:4978",
        "+proj=longlat",
        "+init=epsg:4326",
        "/etc/passwd",
        'LOCAL_CS["x",UNIT["m",1]]',
        "GEOGCS[",
        'PROJCS["' + "x" * 30_000 + '"]',
    ],
)
def test_lo_que_no_es_un_sistema_horizontal_se_rechaza(texto: str) -> None:
    with pytest.raises(SistemaDesconocido) as fallo:
        reconocer_crs(texto)
    assert len(fallo.value.datos["sistema"]) <= 80


@pytest.mark.parametrize(
    ("area", "sistema"),
    [
        (cuadro(-98.8, 20.0, 0.2, 0.2), "EPSG:32614"),
        (cuadro(-58.5, -34.7, 0.2, 0.2), "EPSG:32721"),
        (cuadro(-96.1, 18.0, 0.4, 0.4), "EPSG:32615"),
        (cuadro(-115.0, 18.0, 25.0, 12.0), "EPSG:6372"),
    ],
)
def test_el_sistema_metrico_depende_del_lugar_y_del_tamano(area: BaseGeometry, sistema: str) -> None:
    assert nombre_crs(crs_metrico(arreglo(area))) == sistema


def test_un_area_ancha_fuera_de_mexico_usa_una_proyeccion_propia_en_metros() -> None:
    crs = crs_metrico(arreglo(cuadro(-75.0, -20.0, 30.0, 10.0)))
    assert crs.coordinate_operation is not None
    assert crs.coordinate_operation.method_name == "Lambert Azimuthal Equal Area"
    assert {eje.unit_name for eje in crs.axis_info} == {"metre"}


def test_sin_coordenadas_no_hay_sistema_que_elegir() -> None:
    with pytest.raises(ValueError, match="coordenadas"):
        crs_metrico(arreglo(None, shapely.Polygon()))


def test_ir_y_volver_no_mueve_nada_y_respeta_los_vacios() -> None:
    originales = arreglo(cuadro(-98.8, 20, 0.1, 0.1), None, shapely.Point(-99, 19), shapely.Polygon())
    de_vuelta = a_4326(a_metrico(originales, MEXICO_LCC), MEXICO_LCC)
    assert de_vuelta[1] is None
    assert de_vuelta[3].is_empty
    assert shapely.equals_exact(de_vuelta[0], originales[0], tolerance=1e-9)
    assert originales[0].equals(cuadro(-98.8, 20, 0.1, 0.1))


def test_un_sistema_equivalente_deja_las_coordenadas_bit_por_bit() -> None:
    punto = arreglo(shapely.Point(-98.730628819, 20.18501985))
    assert shapely.get_coordinates(a_4326(punto, reconocer_crs("EPSG:6365"))).tolist() == [[-98.730628819, 20.18501985]]


def test_la_altura_se_descarta_al_transformar() -> None:
    assert not shapely.has_z(a_metrico(arreglo(shapely.Point(-99, 19, 2240)), MEXICO_LCC)[0])


def test_el_transformador_se_guarda() -> None:
    assert transformador(WGS84, MEXICO_LCC) is transformador(WGS84, MEXICO_LCC)


def test_el_area_coincide_con_la_geodesica() -> None:
    con_hueco = shapely.Polygon(cuadro(-99, 20, 0.5, 0.4).exterior, [cuadro(-98.9, 20.1, 0.1, 0.1).exterior])
    formas = arreglo(
        cuadro(-98.8, 20.0, 0.0001, 0.0001),
        con_hueco,
        shapely.MultiPolygon([cuadro(-70, -33, 0.2, 0.2), cuadro(-71, -34, 0.1, 0.3)]),
        cuadro(10, 69, 0.3, 0.1),
    )
    geodesicas = [abs(GEOIDE.geometry_area_perimeter(shapely.orient_polygons(forma))[0]) for forma in formas]
    np.testing.assert_allclose(area_m2(formas), geodesicas, rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.floats(-179, 178), st.floats(-80, 79), st.floats(1e-4, 0.4), st.floats(1e-4, 0.4), st.integers(3, 12))
def test_el_area_y_la_longitud_son_las_geodesicas_en_todo_el_mundo(
    x: float, y: float, ancho: float, alto: float, lados: int
) -> None:
    angulos = np.linspace(0, 2 * np.pi, lados, endpoint=False)
    forma = shapely.polygons(np.column_stack((x + ancho * np.cos(angulos), y + alto * np.sin(angulos))))
    area, perimetro = GEOIDE.geometry_area_perimeter(forma)
    assert area_m2(arreglo(forma))[0] == pytest.approx(abs(area), rel=1e-6, abs=0.01)
    assert longitud_m(arreglo(forma))[0] == pytest.approx(perimetro, rel=1e-9)


def test_lo_que_no_es_poligono_no_tiene_area_y_las_colecciones_suman() -> None:
    mezcla = shapely.GeometryCollection([cuadro(-99, 19, 0.1, 0.1), shapely.LineString([(0, 0), (1, 1)])])
    areas = area_m2(arreglo(shapely.Point(1, 1), None, shapely.LineString([(0, 0), (1, 1)]), mezcla))
    assert areas[:3].tolist() == [0, 0, 0]
    assert areas[3] == pytest.approx(area_m2(arreglo(cuadro(-99, 19, 0.1, 0.1)))[0])


def test_la_longitud_de_una_coleccion_suma_lineas_y_perimetros() -> None:
    linea, poligono = shapely.LineString([(-99, 19), (-99, 20)]), cuadro(-99, 19, 0.1, 0.1)
    sueltas = longitud_m(arreglo(linea, poligono))
    juntas = longitud_m(arreglo(shapely.GeometryCollection([linea, poligono]), None, shapely.Point(0, 0)))
    assert juntas.tolist() == pytest.approx([sueltas.sum(), 0, 0])


def test_medir_nada_da_un_arreglo_vacio() -> None:
    assert area_m2(arreglo()).shape == longitud_m(arreglo()).shape == (0,)
