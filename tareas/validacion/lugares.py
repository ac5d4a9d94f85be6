"""Lo que quien revisa dibuja en el mapa: un punto, una línea o un polígono en GeoJSON, sin sorpresas."""

import json
from collections.abc import Iterator
from typing import Any, Final

import shapely
from shapely.errors import ShapelyError

from tareas.comun.campos import rechazar
from tareas.comun.textos import _
from tareas.validacion.reglas import VERTICES_MAXIMOS

TIPOS: Final = {"Point": 0, "LineString": 1, "Polygon": 2}
"""Los que se admiten, con cuántos niveles de listas hay antes de cada posición."""


def leer_lugar(valor: Any) -> bytes | None:
    """WKB (EPSG:4326, sin altura) de una geometría GeoJSON; rechaza el campo si no sirve.

    Parameters
    ----------
    valor : dict
        ``Point``, ``LineString`` o ``Polygon``, en grados; a lo más `VERTICES_MAXIMOS` posiciones.

    Raises
    ------
    pydantic_core.PydanticCustomError
        Con el porqué, en el idioma de la petición.
    """
    if valor is None:
        return None
    if (
        not isinstance(valor, dict)
        or not isinstance(valor.get("type"), str)
        or valor["type"] not in TIPOS
        or set(valor) - {"type", "coordinates", "bbox"}
    ):
        rechazar(_("debe ser una geometría GeoJSON: Point, LineString o Polygon"))
    posiciones = list(_posiciones(valor.get("coordinates"), TIPOS[valor["type"]]))
    if len(posiciones) > VERTICES_MAXIMOS:
        rechazar(_("tiene demasiados puntos: caben %(n)s; dibújalo más sencillo", n=VERTICES_MAXIMOS))
    try:
        forma = shapely.from_geojson(json.dumps({"type": valor["type"], "coordinates": valor["coordinates"]}))
    except (ShapelyError, ValueError, TypeError):
        rechazar(_("no se puede dibujar: revisa que la línea tenga dos puntos y que el polígono cierre"))
    if forma.is_empty or not forma.is_valid:
        rechazar(_("se cruza consigo mismo o no cierra; dibújalo de nuevo"))
    return bytes(shapely.to_wkb(shapely.force_2d(forma)))


def _posiciones(valor: Any, niveles: int) -> Iterator[tuple[float, float]]:
    if not isinstance(valor, list):
        rechazar(_("sus coordenadas deben ser listas de números"))
    if niveles:
        for parte in valor:
            yield from _posiciones(parte, niveles - 1)
        return
    if len(valor) not in (2, 3) or not all(isinstance(c, int | float) and not isinstance(c, bool) for c in valor):
        rechazar(_("cada punto lleva longitud y latitud, en ese orden"))
    # Antes de hacerlos float: un entero de cuatrocientas cifras no cabe.
    if not (-180 <= valor[0] <= 180 and -90 <= valor[1] <= 90):
        rechazar(_("tiene un punto fuera del mundo: la longitud va de -180 a 180 y la latitud de -90 a 90"))
    yield float(valor[0]), float(valor[1])
