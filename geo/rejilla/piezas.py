"""Juntar polígonos vecinos en piezas y comprobar que cubren el área."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import area_m2
from geo.rejilla.errores import DivisionInexacta
from geo.tipos import BaseGeometry, Geometrias

Enteros = npt.NDArray[np.int64]

TOLERANCIA_GRADOS: Final = 1e-9
"""Ancho, 0.1 mm, de la franja junto al contorno en que las piezas pueden apartarse del área."""


def juntar(poligonos: Geometrias, pieza: Enteros) -> tuple[Geometrias, Enteros]:
    """Une los polígonos que van a la misma pieza.

    Parameters
    ----------
    poligonos : (n,) arreglo de Polygon, en forma canónica
        Sin traslapes y con los mismos vértices en los lados que comparten.
    pieza : (n,) int64
        A cuál va cada uno.

    Returns
    -------
    (m,) arreglo de Polygon o MultiPolygon, (m,) int64
        Las piezas en orden creciente de número, en forma canónica y con el exterior en sentido antihorario
        (RFC 7946), y su número.
    """
    orden = np.argsort(pieza, kind="stable")
    numeros, inicios, cuantos = np.unique(pieza[orden], return_index=True, return_counts=True)
    geometrias = poligonos[orden[inicios]]
    for i in np.flatnonzero(cuantos > 1):
        miembros = poligonos[orden[inicios[i] : inicios[i] + cuantos[i]]]
        geometrias[i] = shapely.normalize(shapely.coverage_union_all(miembros))
    return np.asarray(shapely.orient_polygons(geometrias), dtype=object), numeros


def comprobar(area: BaseGeometry, piezas: Geometrias) -> None:
    """Comprueba que las piezas suman el área.

    Raises
    ------
    DivisionInexacta
        Si difieren en más que una franja de ``TOLERANCIA_GRADOS`` a lo largo del contorno.
    """
    diferencia = abs(float(shapely.area(piezas).sum()) - area.area)
    if diferencia > TOLERANCIA_GRADOS * area.length:
        metros2 = diferencia / area.area * area_m2(np.array([area], dtype=object))[0]
        raise DivisionInexacta(metros2=f"{metros2:.3g}")
