"""Partir municipios de verdad y las áreas raras que otros programas han recibido."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from geo.crs import a_4326, area_m2, reconocer_crs
from geo.formatos.archivo import leer_archivo
from geo.rejilla import Celdas, Cuadros, Hexagonos, Mercator, dividir
from geo.rejilla.errores import AreaConCruce
from geo.rejilla.tipos import LADO_MAXIMO, LADO_MINIMO
from geo.tipos import BaseGeometry
from tests.conftest import datos_reales
from tests.geo.test_rejilla_propiedades import afirmar_que_cubre, afirmar_que_es_cobertura

NUMERO_DE_TAREAS = 400


def divisiones_para(area: BaseGeometry) -> list[Celdas]:
    lado = math.sqrt(float(area_m2(np.array([area]))[0]) / NUMERO_DE_TAREAS)
    lado = min(max(lado, LADO_MINIMO), LADO_MAXIMO)
    zoom = round(math.log2(40_075_016 * math.cos(math.radians(area.centroid.y)) / lado))
    return [Cuadros(lado), Hexagonos(max(lado / 1.6, LADO_MINIMO)), Mercator(min(max(zoom, 10), 22))]


def afirmar_que_se_parte(area: BaseGeometry) -> None:
    for division in divisiones_para(area):
        partida = dividir(area, division)
        afirmar_que_es_cobertura(partida)
        afirmar_que_cubre(area, partida)
        assert NUMERO_DE_TAREAS / 4 < len(partida) < NUMERO_DE_TAREAS * 6


def leer(ruta: Path) -> BaseGeometry:
    """La primera geometría de un GeoJSON, venga suelta, en un Feature o en una colección."""
    datos = json.loads(ruta.read_text())
    if "areaOfInterest" in datos:
        datos = datos["areaOfInterest"]
    if "features" in datos:
        datos = datos["features"][0]
    return shapely.force_2d(shapely.geometry.shape(datos.get("geometry", datos)))


def test_una_muestra_de_los_municipios_de_mexico_queda_cubierta() -> None:
    ruta = datos_reales("limites/inegi-municipios-mexico-2473-simplificado.gpkg")
    municipios = leer_archivo(ruta).capas[0].geometrias
    grandes = municipios[np.argsort(-shapely.area(municipios))[:3]]
    con_islas = municipios[np.argsort(-shapely.get_num_geometries(municipios))[:3]]
    for area in (*municipios[::160], *grandes, *con_islas):
        afirmar_que_se_parte(area)


def test_dos_municipios_vecinos_no_se_enciman_tras_partirlos() -> None:
    ruta = datos_reales("limites/inegi-municipios-mexico-2473-simplificado.gpkg")
    capa = leer_archivo(ruta).capas[0]
    municipios = {p["cvegeo"]: g for p, g in zip(capa.propiedades, capa.geometrias, strict=True)}
    piezas = [dividir(municipios[clave], Cuadros(500)).geometrias for clave in ("13048", "13051")]
    encimado = shapely.union_all(piezas[0]).intersection(shapely.union_all(piezas[1])).area
    assert encimado < 1e-13


@pytest.mark.parametrize(
    "archivo", ["inegi-AGEM_13048.geojson", "inegi-AGEM_13051.geojson", "inegi-AGEM_11015.geojson"]
)
def test_los_limites_sin_simplificar_quedan_cubiertos(archivo: str) -> None:
    afirmar_que_se_parte(leer(datos_reales(f"limites/{archivo}")))


def test_un_area_real_que_se_cruza_a_si_misma_se_rechaza_con_su_lugar() -> None:
    with pytest.raises(AreaConCruce) as rechazo:
        dividir(leer(datos_reales("proyectos/self_intersecting_aoi.json")), Cuadros(100))
    assert float(rechazo.value.datos["lon"]) == pytest.approx(83.94, abs=0.04)


@pytest.mark.parametrize("archivo", ["canned_kml_project.json", "non_square_task.json"])
def test_las_areas_raras_en_grados_quedan_cubiertas(archivo: str) -> None:
    afirmar_que_se_parte(leer(datos_reales(f"proyectos/{archivo}")))


def test_el_area_real_de_varias_partes_en_metros_de_mercator_queda_cubierta() -> None:
    (area,) = a_4326(
        np.array([leer(datos_reales("proyectos/multi_polygon.json"))], dtype=object), reconocer_crs("EPSG:3857")
    )
    afirmar_que_se_parte(area)


def test_el_contorno_real_de_escuintla_queda_cubierto() -> None:
    contorno = leer(datos_reales("proyectos/CHAI-Escuintla-West2.json"))
    (area,) = a_4326(np.array([Polygon(contorno.coords)], dtype=object), reconocer_crs("EPSG:3857"))
    afirmar_que_se_parte(area)
