"""Geometría y clase de un elemento suelto, con la misma regla que decide las de los archivos."""

from collections.abc import Mapping, Sequence

import shapely

from geo.osm.api06.valores import ESCALA, NODO, VIA
from geo.osm.etiquetas import clasificar, es_area


def de_elemento(
    tipo: str, etiquetas: Mapping[str, str] | None, lugares: Sequence[tuple[int, int]], *, cerrada: bool = False
) -> tuple[str | None, str | None]:
    """Clase y geometría de un nodo o de una vía.

    Parameters
    ----------
    lugares
        ``(lon, lat)`` en diezmillonésimas de grado: uno si es nodo; los de sus nodos, en orden, si es vía.
    cerrada
        Si la vía termina en el nodo donde empezó.

    Returns
    -------
    clase : str or None
        ``None`` en un nodo sin etiquetas, en una relación y en lo que no se pudo armar.
    geom : str or None
        EWKB en hexadecimal, EPSG:4326.
    """
    if tipo == NODO:
        (lon, lat) = lugares[0]
        clase = clasificar(NODO, etiquetas, area=False)[0] if etiquetas else None
        return clase, _ewkb(shapely.Point(lon / ESCALA, lat / ESCALA))
    if tipo != VIA:
        return None, None
    puntos = [(lon / ESCALA, lat / ESCALA) for lon, lat in lugares]
    area = cerrada and len(puntos) >= 4 and es_area(etiquetas or {})
    if area:
        superficie = shapely.Polygon(puntos)
        if not superficie.is_valid or superficie.area == 0:
            return None, None
        return clasificar(VIA, etiquetas or {}, area=True)[0], _ewkb(superficie)
    if len(puntos) < 2 or len(set(puntos)) < 2:
        return None, None
    return clasificar(VIA, etiquetas or {}, area=False)[0], _ewkb(shapely.LineString(puntos))


def _ewkb(forma: shapely.Geometry) -> str:
    return str(shapely.to_wkb(shapely.set_srid(forma, 4326), hex=True, include_srid=True))
