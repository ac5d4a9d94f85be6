"""Los archivos de verdad que hay que poder leer."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.crs import area_m2
from geo.formatos.archivo import leer_archivo, leer_carpeta
from geo.formatos.area import area_de_archivo, area_de_geojson
from geo.formatos.errores import ErrorLectura

DATOS = Path(__file__).resolve().parents[3] / "shared" / "datos"
LIMITES, PROYECTOS = DATOS / "limites", DATOS / "proyectos"

pytestmark = pytest.mark.skipif(not LIMITES.is_dir(), reason="no están los datos reales en ../shared/datos")


def proyecto(nombre: str) -> dict[str, object]:
    datos = json.loads((PROYECTOS / nombre).read_text())
    return dict(datos.get("areaOfInterest", datos))


def test_los_2473_municipios_del_geopackage() -> None:
    (capa,) = leer_archivo(LIMITES / "inegi-municipios-mexico-2473-simplificado.gpkg").capas
    assert len(capa) == 2473
    assert capa.crs_origen == "EPSG:6365"
    assert [aviso.codigo for aviso in capa.avisos] == ["transformada"]
    assert len({fila["cvegeo"] for fila in capa.propiedades}) == 2473
    assert {type(fila["pob"]) for fila in capa.propiedades} == {int}
    assert area_m2(capa.geometrias).sum() / 1e6 == pytest.approx(1_897_398, abs=1)


@pytest.mark.parametrize(
    ("nombre", "n", "crs"),
    [
        ("inegi-AGEM_11015.geojson", 1, "EPSG:6365"),
        ("inegi-AGEM_13048.geojson", 1, "EPSG:6365"),
        ("inegi-AGEM_13051.geojson", 1, "EPSG:6365"),
        ("inegi-AGLOC_13051.geojson", 104, "EPSG:6365"),
        ("inegi-manzanas-mineral-de-la-reforma-9g9f.geojson", 2018, "EPSG:4326"),
        ("inegi-vialidades-mineral-de-la-reforma-9g9f.geojson", 3054, "EPSG:4326"),
        ("quito-parroquias.geojson", 34, "EPSG:4326"),
    ],
)
def test_los_geojson_sueltos(nombre: str, n: int, crs: str) -> None:
    (capa,) = leer_archivo(LIMITES / nombre).capas
    assert (len(capa), capa.crs_origen) == (n, crs)
    assert not shapely.is_missing(capa.geometrias).any()


def test_las_claves_repetidas_de_quito_se_dicen() -> None:
    (capa,) = leer_archivo(LIMITES / "quito-parroquias.geojson").capas
    assert [aviso.codigo for aviso in capa.avisos] == ["claves_repetidas"]


def test_el_zip_de_84_municipios() -> None:
    lectura = leer_archivo(LIMITES / "inegi-hidalgo-84-municipios.zip")
    assert len(lectura.capas) == 84
    assert len({capa.propiedades[0]["cvegeo"] for capa in lectura.capas}) == 84


def test_los_shapefile_en_zip() -> None:
    (vias,) = leer_archivo(LIMITES / "inegi-red-vial-pachuca-sur-shp.zip").capas
    assert len(vias) == 1008
    assert any("Á" in str(fila["NOMVIAL"]) or "ó" in str(fila["NOMVIAL"]) for fila in vias.propiedades)
    (punto,) = leer_archivo(PROYECTOS / "punto-denue-itp-utm14n-shp.zip").capas
    assert punto.crs_origen == "EPSG:32614"
    assert shapely.get_coordinates(punto.geometrias)[0] == pytest.approx([-98.7, 20.08], abs=0.1)


def test_la_carpeta_entera() -> None:
    lectura = leer_carpeta(LIMITES)
    assert len(lectura.capas) == 7 + 84 + 2
    assert sum(len(capa) for capa in lectura.capas) == 2473 + 3 + 104 + 2018 + 3054 + 34 + 84 + 1008


def test_el_gpx_de_campo_y_el_zip_de_las_rutas() -> None:
    (trazos,) = leer_archivo(DATOS / "campo" / "andorra.gpx").capas
    assert trazos.nombre == "tracks"
    rutas = leer_archivo(DATOS / "campo" / "xalapa-mapaton-rutas.zip")
    assert len(rutas.capas) > 500


def test_un_municipio_es_un_area() -> None:
    leida = area_de_archivo(LIMITES / "inegi-AGEM_13048.geojson", cerca_de=(-99, 19.9, -98.5, 20.4))
    assert leida.area_m2 / 1e6 == pytest.approx(154.03, abs=0.01)


def test_las_manzanas_se_unen_en_un_area() -> None:
    leida = area_de_archivo(LIMITES / "inegi-manzanas-mineral-de-la-reforma-9g9f.geojson")
    assert leida.geometria.is_valid
    assert [aviso.codigo for aviso in leida.avisos] == ["partes_unidas"]


def test_las_areas_de_proyectos_dificiles() -> None:
    with pytest.raises(ErrorLectura) as cruza:
        area_de_geojson(proyecto("self_intersecting_aoi.json"), reparar=True)
    assert cruza.value.codigo == "se_cruza"
    assert "83.9440915, 27.9988645" in cruza.value.mensaje
    assert [a.codigo for a in area_de_geojson(proyecto("canned_kml_project.json")).avisos] == ["altura_quitada"]
    assert area_de_geojson(proyecto("non_square_task.json")).area_m2 > 0
    for nombre in ("multi_polygon.json", "clipped_feature_collection.json", "CHAI-Escuintla-West2.json"):
        with pytest.raises(ErrorLectura) as falta:
            area_de_geojson(proyecto(nombre))
        assert (falta.value.codigo, falta.value.datos["candidatos"]) == ("falta_sistema", ["EPSG:3857"])
        assert area_de_geojson(proyecto(nombre), crs="EPSG:3857").geometria.is_valid


def test_el_area_de_escuintla_se_adivina_sabiendo_donde_se_espera() -> None:
    leida = area_de_geojson(proyecto("CHAI-Escuintla-West2.json"), reparar=True, cerca_de=(-91.6, 13.9, -91.0, 14.4))
    codigos = [aviso.codigo for aviso in leida.avisos]
    assert codigos == ["sistema_supuesto", "transformada", "lineas_como_anillos"]


def test_todo_municipio_del_pais_es_un_area_valida_aqui_mismo() -> None:
    (capa,) = leer_archivo(LIMITES / "inegi-municipios-mexico-2473-simplificado.gpkg").capas
    muestra = np.random.default_rng(4).choice(len(capa), 60, replace=False)
    for geometria in capa.geometrias[muestra]:
        leida = area_de_geojson(json.loads(shapely.to_geojson(geometria)))
        assert leida.geometria.is_valid
        assert leida.area_m2 == pytest.approx(area_m2(np.array([geometria]))[0], rel=1e-9)
