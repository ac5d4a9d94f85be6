"""Las partes de un área: revisarlas una por una, arreglar lo que tiene arreglo seguro y unirlas."""

import re
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.crs import area_m2
from geo.errores import N_, texto_lugar
from geo.formatos.errores_area import AreaCero, HuecoFuera, HuecosEncimados, ParteInvalida, SeCruza, SeToca
from geo.tipos import Aviso, Geometrias

CONSERVA_MINIMO = 0.999
"""Parte del área que debe quedar igual para que un arreglo sea seguro."""

AREA_MINIMA_M2 = 1.0
"""Menos que esto no encierra nada que se pueda mapear."""

PARTE_CORREGIDA = N_(
    "Se corrigió el contorno de la parte %(parte)s cerca de %(lugar)s; conserva el %(conserva)s\u00a0%%."
)
PARTES_ENCIMADAS = N_("Había polígonos encimados (%(m2)s m²) y se unieron en uno.")
PARTES_UNIDAS = N_("Se unieron polígonos que se tocaban: de %(antes)s quedaron %(n)s.")

_MOTIVO = re.compile(r"^(?P<tipo>[^\[]+)\[(?P<x>\S+) (?P<y>\S+)\]$")
_ERRORES: dict[str, type[ParteInvalida]] = {
    "Self-intersection": SeCruza,
    "Ring Self-intersection": SeToca,
    "Hole lies outside shell": HuecoFuera,
    "Holes are nested": HuecosEncimados,
    "Interior is disconnected": HuecosEncimados,
}


def unir(partes: Geometrias, *, reparar: bool) -> tuple[MultiPolygon, list[Aviso]]:
    """Une los polígonos en uno solo, válido.

    Un polígono inválido se arregla con ``make_valid`` de GEOS (método ``structure``: unión de los exteriores menos los
    huecos) solo si *conserva* al menos ``CONSERVA_MINIMO``. Sea D el área dibujada, |exterior| − Σ|hueco| con el área
    con signo de cada anillo, y R el área del polígono arreglado; conserva = mín(D, R) / máx(D, R). Así, un moño (donde
    los lóbulos se restan en D y se suman en R) no es reparable, y un rizo diminuto en la orilla sí.

    Parameters
    ----------
    partes : (n,) arreglo de Polygon, EPSG:4326
        Con n ≥ 1; pueden tocarse y encimarse.
    reparar : bool

    Returns
    -------
    MultiPolygon, list of Aviso
        Normalizado, con los exteriores en sentido contrario al reloj y sin vértices repetidos.

    Raises
    ------
    AreaCero, ParteInvalida
        Con el número de la parte, desde 1, y el lugar.
    """
    avisos: list[Aviso] = []
    sanas = partes.copy()
    dibujadas = area_m2(partes)
    validas = shapely.is_valid(partes)
    for indice in np.flatnonzero(~validas | (dibujadas < AREA_MINIMA_M2)):
        sanas[indice], aviso = _sanar(partes[indice], int(indice) + 1, float(dibujadas[indice]), reparar=reparar)
        avisos += aviso
    unido = ordenar(shapely.union_all(sanas))
    return unido, avisos + _avisos_de_union(sanas, unido)


def ordenar(geometria: BaseGeometry) -> MultiPolygon:
    """MultiPolygon en forma normal, sin vértices repetidos y con los exteriores en sentido contrario al reloj.

    La orientación es la de RFC 7946, sección 3.1.6.
    """
    partes = shapely.get_parts(shapely.get_parts(np.array([geometria], dtype=object)))
    poligonos = partes[shapely.get_type_id(partes) == shapely.GeometryType.POLYGON]
    normal = shapely.normalize(shapely.remove_repeated_points(shapely.multipolygons(poligonos)))
    ordenada: Any = shapely.orient_polygons(normal, exterior_cw=False)
    return MultiPolygon(ordenada)


def _sanar(parte: Polygon, numero: int, dibujada: float, *, reparar: bool) -> tuple[BaseGeometry, list[Aviso]]:
    arreglada = shapely.make_valid(parte, method="structure", keep_collapsed=False)
    area = float(area_m2(np.array([arreglada], dtype=object))[0])
    if area < AREA_MINIMA_M2:
        raise AreaCero(parte=numero, lugar=texto_lugar(*shapely.get_coordinates(parte)[0]))
    conserva = min(dibujada, area) / max(dibujada, area)
    datos = {"parte": numero, "lugar": _lugar(parte), "conserva": f"{conserva * 100:.4f}".rstrip("0").rstrip(".")}
    if not reparar or conserva < CONSERVA_MINIMO:
        raise _clase(parte)(reparable=conserva >= CONSERVA_MINIMO, **datos)
    return arreglada, [Aviso("parte_corregida", PARTE_CORREGIDA, datos)]


def _clase(parte: Polygon) -> type[ParteInvalida]:
    motivo = _MOTIVO.match(shapely.is_valid_reason(parte))
    return _ERRORES.get(motivo["tipo"], ParteInvalida) if motivo else ParteInvalida


def _lugar(parte: Polygon) -> str:
    motivo = _MOTIVO.match(shapely.is_valid_reason(parte))
    x, y = (motivo["x"], motivo["y"]) if motivo else shapely.get_coordinates(parte)[0]
    return texto_lugar(float(x), float(y))


def _avisos_de_union(sanas: Geometrias, unido: MultiPolygon) -> list[Aviso]:
    antes = len(shapely.get_parts(sanas))
    if antes == 1:
        return []
    encimado = float(area_m2(sanas).sum() - area_m2(np.array([unido], dtype=object))[0])
    if encimado >= AREA_MINIMA_M2:
        return [Aviso("partes_encimadas", PARTES_ENCIMADAS, {"m2": round(encimado)})]
    if len(unido.geoms) < antes:
        return [Aviso("partes_unidas", PARTES_UNIDAS, {"antes": antes, "n": len(unido.geoms)})]
    return []
