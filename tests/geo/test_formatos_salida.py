"""El contorno de una tarea para otros programas, leído de vuelta con GDAL y pyosmium."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from osmium.filter import KeyFilter
from pyogrio.raw import read
from shapely.geometry.base import BaseGeometry

from geo.formatos import salida

NOMBRE = 'Tarea <7> & "Ñandú" 🏔️'
TAREA = shapely.MultiPolygon(
    [
        shapely.Polygon(
            shapely.box(-98.8, 20, -98.7, 20.1).exterior, [shapely.box(-98.78, 20.02, -98.76, 20.04).exterior]
        ),
        shapely.box(-98.7, 20.1, -98.65, 20.15),
    ]
)


def areas_de_osm(texto: str, ruta: Path) -> list[tuple[dict[str, str], BaseGeometry]]:
    """Las áreas que arma libosmium, que lee los identificadores negativos pero no arma áreas con ellos."""
    ruta.write_text(texto.replace('id="-', 'id="').replace('ref="-', 'ref="'))
    fabrica = osmium.geom.WKBFactory()
    procesador = osmium.FileProcessor(ruta).with_areas().with_filter(KeyFilter("name"))
    return [
        (dict(o.tags), shapely.from_wkb(fabrica.create_multipolygon(o))) for o in procesador if o.is_area()
    ]  # fmt: skip


def test_el_geojson_se_lee_igual_y_lleva_su_caja(tmp_path: Path) -> None:
    texto = salida.geojson(TAREA, NOMBRE, {"numero": 7, "nota": None})
    datos = json.loads(texto)
    assert datos["bbox"] == [-98.8, 20.0, -98.65, 20.15]
    assert datos["features"][0]["properties"] == {"nombre": NOMBRE, "numero": 7, "nota": None}
    (tmp_path / "a.geojson").write_text(texto)
    meta, _, wkb, campos = read(tmp_path / "a.geojson")
    assert (meta["crs"], campos[0][0]) == ("EPSG:4326", NOMBRE)
    leida = shapely.from_wkb(wkb[0])
    assert shapely.equals_exact(shapely.normalize(leida), shapely.normalize(TAREA), 1e-9)
    assert all(parte.exterior.is_ccw for parte in leida.geoms)


def test_el_gpx_es_un_trazo_cerrado_por_anillo(tmp_path: Path) -> None:
    (tmp_path / "a.gpx").write_text(salida.gpx(TAREA, NOMBRE, {"numero": 7}))
    meta, _, wkb, campos = read(tmp_path / "a.gpx", layer="tracks")
    fila = dict(zip(meta["fields"], (campo[0] for campo in campos), strict=True))
    assert (fila["name"], fila["desc"]) == (NOMBRE, "numero: 7")
    lineas = shapely.get_parts(shapely.from_wkb(wkb[0]))
    assert len(lineas) == 3
    assert shapely.is_closed(lineas).all()
    assert shapely.polygons([shapely.get_coordinates(linea) for linea in lineas[[0, 2]]])[1].equals(TAREA.geoms[1])


def test_el_gpx_sigue_el_orden_que_pide_su_esquema() -> None:
    raiz = ET.fromstring(salida.gpx(TAREA, NOMBRE, {"numero": 7}))
    assert raiz.attrib == {"version": "1.1", "creator": "Tequio"}
    locales = [elemento.tag.removeprefix("{http://www.topografix.com/GPX/1/1}") for elemento in raiz.iter()]
    assert locales[:7] == ["gpx", "metadata", "name", "bounds", "trk", "name", "desc"]
    limites = raiz.find(".//{*}bounds")
    assert limites is not None
    assert limites.attrib == {"minlat": "20", "minlon": "-98.8", "maxlat": "20.15", "maxlon": "-98.65"}


def test_el_osm_se_arma_como_multipoligono_y_nunca_se_sube(tmp_path: Path) -> None:
    texto = salida.osm(TAREA, NOMBRE, {"numero": 7})
    ((etiquetas, leida),) = areas_de_osm(texto, tmp_path / "a.osm")
    assert etiquetas == {"name": NOMBRE, "tequio:numero": "7"}
    assert shapely.normalize(leida).equals_exact(shapely.normalize(TAREA), 1e-7)
    raiz = ET.fromstring(texto)
    assert raiz.attrib["upload"] == "never"
    objetos = [elemento for elemento in raiz if elemento.tag in ("node", "way", "relation")]
    identificadores = [int(elemento.attrib["id"]) for elemento in objetos]
    assert max(identificadores) < 0
    assert len(set(identificadores)) == len(identificadores)
    assert all(elemento.attrib["visible"] == "true" for elemento in objetos)
    assert all(elemento.attrib["action"] == "modify" for elemento in objetos)


def test_los_anillos_que_se_tocan_comparten_el_nodo() -> None:
    assert len(ET.fromstring(salida.osm(TAREA, NOMBRE)).findall("node")) == 4 + 4 + 4 - 1


def test_un_contorno_largo_se_reparte_en_vias_que_osm_admite(tmp_path: Path) -> None:
    angulos = np.linspace(0, 2 * np.pi, 4500, endpoint=False)
    largo = shapely.polygons(np.column_stack((-98.7 + 0.1 * np.cos(angulos), 20 + 0.1 * np.sin(angulos))))
    texto = salida.osm(largo, "x")
    vias = ET.fromstring(texto).findall("way")
    assert [len(via) for via in vias] == [1900, 1900, 703]
    ((_, leida),) = areas_de_osm(texto, tmp_path / "a.osm")
    assert shapely.get_num_coordinates(leida) == 4501


def test_los_caracteres_que_xml_no_admite_se_cambian() -> None:
    for escribir in (salida.gpx, salida.osm):
        ET.fromstring(escribir(TAREA, "a\x00b\x1b\ud800c"))


@given(st.text(max_size=40))
def test_cualquier_nombre_da_un_xml_y_un_json_bien_formados(nombre: str) -> None:
    raiz = ET.fromstring(salida.gpx(TAREA.geoms[1], nombre))
    leido = raiz.findtext(".//{*}trk/{*}name")
    if nombre.isprintable():
        assert (leido or "") == nombre
    ET.fromstring(salida.osm(TAREA.geoms[1], nombre))
    assert json.loads(salida.geojson(TAREA.geoms[1], nombre))["features"][0]["properties"]["nombre"] == nombre


@pytest.mark.parametrize("escribir", [salida.geojson, salida.gpx, salida.osm])
def test_la_altura_no_sale(escribir) -> None:
    assert escribir(shapely.force_3d(TAREA, 77.25), "x") == escribir(TAREA, "x")
