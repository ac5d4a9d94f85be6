"""El contorno de un área o de una tarea como archivo para otros programas: GPX, GeoJSON y OSM XML.

Las tres funciones reciben lo mismo y devuelven texto; no tocan el disco.
"""

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

Propiedades = Mapping[str, str | int | float | None]

DECIMALES = 7
"""De las coordenadas: un centímetro, lo que guarda OpenStreetMap."""

NODOS_POR_VIA = 1900
"""OpenStreetMap no admite más de 2000 nodos por vía."""

GENERADOR = "Tequio"
ESPACIO_GPX = "http://www.topografix.com/GPX/1/1"

# XML 1.0 no admite estos caracteres ni siquiera escapados
_PROHIBIDOS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Punto = tuple[float, float]


def geojson(geometria: BaseGeometry, nombre: str, propiedades: Propiedades | None = None) -> str:
    """FeatureCollection de un solo objeto (RFC 7946), con ``bbox``.

    Parameters
    ----------
    geometria : Polygon or MultiPolygon, EPSG:4326
    nombre : str
    propiedades : mapping, optional
        Se agregan a ``nombre``.
    """
    orientada: Any = shapely.orient_polygons(_redonda(geometria), exterior_cw=False)
    objeto = {
        "type": "Feature",
        "properties": {"nombre": nombre, **(propiedades or {})},
        "geometry": json.loads(shapely.to_geojson(orientada)),
    }
    caja = [float(lado) for lado in orientada.bounds]
    return json.dumps({"type": "FeatureCollection", "bbox": caja, "features": [objeto]}, ensure_ascii=False)


def gpx(geometria: BaseGeometry, nombre: str, propiedades: Propiedades | None = None) -> str:
    """GPX 1.1 con un trazo cerrado por anillo: los exteriores y los huecos.

    Parameters
    ----------
    geometria : Polygon or MultiPolygon, EPSG:4326
    nombre : str
    propiedades : mapping, optional
        Van en la descripción del trazo.
    """
    redonda = _redonda(geometria)
    oeste, sur, este, norte = (_texto(lado) for lado in redonda.bounds)
    raiz = ET.Element("gpx", {"xmlns": ESPACIO_GPX, "version": "1.1", "creator": GENERADOR})
    metadatos = ET.SubElement(raiz, "metadata")
    ET.SubElement(metadatos, "name").text = _limpio(nombre)
    ET.SubElement(metadatos, "bounds", minlat=sur, minlon=oeste, maxlat=norte, maxlon=este)
    trazo = ET.SubElement(raiz, "trk")
    ET.SubElement(trazo, "name").text = _limpio(nombre)
    if propiedades:
        ET.SubElement(trazo, "desc").text = _limpio("; ".join(f"{k}: {v}" for k, v in propiedades.items()))
    for anillo in shapely.get_rings(shapely.get_parts(redonda)):
        tramo = ET.SubElement(trazo, "trkseg")
        for x, y in _puntos(anillo):
            ET.SubElement(tramo, "trkpt", lat=_texto(y), lon=_texto(x))
    return _xml(raiz)


def osm(geometria: BaseGeometry, nombre: str, propiedades: Propiedades | None = None) -> str:
    """OSM XML 0.6: nodos y vías con identificadores negativos y una relación ``multipolygon``.

    Lleva ``upload="never"``, con lo que JOSM se niega a subirlo. Los anillos que se tocan comparten el nodo, y los de
    más de ``NODOS_POR_VIA`` se reparten en varias vías.

    Parameters
    ----------
    geometria : Polygon or MultiPolygon, EPSG:4326
    nombre : str
    propiedades : mapping, optional
        Van como etiquetas ``tequio:…`` de la relación.
    """
    raiz = ET.Element("osm", {"version": "0.6", "generator": GENERADOR, "upload": "never"})
    nodos: dict[Punto, int] = {}
    miembros: list[tuple[list[int], str]] = []
    for poligono in shapely.get_parts(_redonda(geometria)):
        for orden, anillo in enumerate(shapely.get_rings(poligono)):
            referencias = [nodos.setdefault(punto, -len(nodos) - 1) for punto in _puntos(anillo)]
            miembros += [(tramo, "inner" if orden else "outer") for tramo in _tramos(referencias)]
    for (x, y), identificador in nodos.items():
        ET.SubElement(raiz, "node", _nuevo(identificador), lat=_texto(y), lon=_texto(x))
    for numero, (referencias, _) in enumerate(miembros, start=1):
        via = ET.SubElement(raiz, "way", _nuevo(-len(nodos) - numero))
        for referencia in referencias:
            ET.SubElement(via, "nd", ref=str(referencia))
    relacion = ET.SubElement(raiz, "relation", _nuevo(-len(nodos) - len(miembros) - 1))
    for numero, (_, papel) in enumerate(miembros, start=1):
        ET.SubElement(relacion, "member", type="way", ref=str(-len(nodos) - numero), role=papel)
    etiquetas = {"type": "multipolygon", "name": nombre, **{f"tequio:{k}": v for k, v in (propiedades or {}).items()}}
    for clave, valor in etiquetas.items():
        ET.SubElement(relacion, "tag", k=_limpio(clave), v=_limpio(str(valor)))
    return _xml(raiz)


def _redonda(geometria: BaseGeometry) -> BaseGeometry:
    """La geometría en dos dimensiones y con ``DECIMALES`` decimales, sin moverla más de medio centímetro."""
    plana = shapely.force_2d(geometria)
    return shapely.transform(plana, lambda puntos: np.round(puntos, DECIMALES))


def _puntos(anillo: BaseGeometry) -> list[Punto]:
    """Vértices de un anillo cerrado, sin los que se repiten seguidos tras redondear."""
    puntos = [(float(x), float(y)) for x, y in shapely.get_coordinates(anillo)]
    return [puntos[0], *(b for a, b in pairwise(puntos) if a != b)]


def _tramos(referencias: list[int]) -> list[list[int]]:
    """Parte un anillo en vías; cada una empieza en el nodo en que termina la anterior."""
    paso = NODOS_POR_VIA - 1
    return [referencias[i : i + paso + 1] for i in range(0, len(referencias) - 1, paso)]


def _nuevo(identificador: int) -> dict[str, str]:
    """Atributos de un objeto que todavía no existe en OpenStreetMap."""
    return {"id": str(identificador), "action": "modify", "visible": "true"}


def _texto(grados: float) -> str:
    return f"{grados:.{DECIMALES}f}".rstrip("0").rstrip(".")


def _limpio(texto: str) -> str:
    return _PROHIBIDOS.sub("\N{REPLACEMENT CHARACTER}", texto)


def _xml(raiz: ET.Element) -> str:
    ET.indent(raiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(raiz, encoding="unicode") + "\n"
