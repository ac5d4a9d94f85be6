"""Revisión del área antes de partirla."""

import re
from typing import Final

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo.crs import area_m2
from geo.rejilla.errores import (
    AreaConCruce,
    AreaFueraDelMundo,
    AreaMuyAncha,
    AreaNoPoligonal,
    AreaVacia,
)
from geo.tipos import BaseGeometry

OESTE, SUR, ESTE, NORTE = -180.0, -80.0, 180.0, 84.0
"""Lo que cubren las zonas UTM."""

ANCHO_MAXIMO: Final = 60.0
"""Grados de longitud: más allá, una proyección métrica de un solo centro ya deforma la retícula."""

_LUGAR = re.compile(r"\[(\S+) (\S+)\]")


def grados(valor: float | str) -> str:
    """Escribe un grado con cinco decimales (un metro), para un mensaje."""
    return f"{float(valor):.5f}"


def lugar_del_defecto(geometria: BaseGeometry) -> tuple[str, str]:
    """Longitud y latitud donde una geometría deja de ser válida, escritas para un mensaje."""
    hallado = _LUGAR.search(shapely.is_valid_reason(geometria))
    lon, lat = hallado.groups() if hallado else geometria.representative_point().coords[0]
    return grados(lon), grados(lat)


def revisar_area(area: BaseGeometry) -> Polygon | MultiPolygon:
    """Comprueba que un área se puede partir.

    Parameters
    ----------
    area : geometría, EPSG:4326

    Returns
    -------
    Polygon o MultiPolygon
        La misma área, sin alturas.

    Raises
    ------
    AreaNoPoligonal, AreaVacia, AreaFueraDelMundo, AreaMuyAncha, AreaConCruce
    """
    if not isinstance(area, Polygon | MultiPolygon):
        raise AreaNoPoligonal(tipo=getattr(area, "geom_type", type(area).__name__))
    if area.is_empty:
        raise AreaVacia
    _revisar_coordenadas(area)
    plana = shapely.force_2d(area)
    if not plana.is_valid:
        lon, lat = lugar_del_defecto(plana)
        raise AreaConCruce(lon=lon, lat=lat)
    if area_m2(np.array([plana], dtype=object))[0] < 1:
        raise AreaVacia
    return plana


def _revisar_coordenadas(area: BaseGeometry) -> None:
    lon, lat = shapely.get_coordinates(area).T
    # Negado: así un NaN, que no cumple ninguna comparación, también cuenta como fuera.
    fuera = np.flatnonzero(~((lon >= OESTE) & (lon <= ESTE) & (lat >= SUR) & (lat <= NORTE)))
    if len(fuera):
        raise AreaFueraDelMundo(lon=grados(lon[fuera[0]]), lat=grados(lat[fuera[0]]))
    ancho = float(lon.max() - lon.min())
    if ancho > ANCHO_MAXIMO:
        raise AreaMuyAncha(grados=f"{ancho:.1f}", maximo=f"{ANCHO_MAXIMO:.0f}")
