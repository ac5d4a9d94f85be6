"""Las cifras de cada zona, con nombres fijos, y en GeoJSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import shapely

from geo.revisiones.referencia.zonas import Cifras
from geo.tipos import Geometrias

COLUMNAS: Final = (
    "n", "cubiertas", "faltan", "omision", "edificios", "sobran", "comision", "desplazamiento_m", "este_m", "norte_m",
    "dispersion_m", "parejas",
)  # fmt: skip


def fila(cifras: Cifras) -> dict[str, Any]:
    """Las cifras con los nombres de `COLUMNAS`; ``None`` lo que no se puede saber."""
    corrido = cifras.desfase
    return {
        "n": cifras.n,
        "cubiertas": cifras.cubiertas,
        "faltan": cifras.faltan,
        "omision": _redondo(cifras.omision, 4),
        "edificios": cifras.edificios,
        "sobran": cifras.sobran,
        "comision": _redondo(cifras.comision, 4),
        "desplazamiento_m": _redondo(corrido.metros, 2) if corrido else None,
        "este_m": _redondo(corrido.este, 2) if corrido else None,
        "norte_m": _redondo(corrido.norte, 2) if corrido else None,
        "dispersion_m": _redondo(corrido.dispersion, 2) if corrido else None,
        "parejas": corrido.n if corrido else None,
    }


def coleccion(zonas: Geometrias, propias: Iterable[Mapping[str, Any]], cifras: Iterable[Cifras]) -> dict[str, Any]:
    """FeatureCollection con la forma de cada zona, lo que ya se sabía de ella y sus cifras."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": json.loads(shapely.to_geojson(zona)), "properties": {**suyas, **fila(una)}}
            for zona, suyas, una in zip(zonas, propias, cifras, strict=True)
        ],
    }


def _redondo(valor: float | None, cifras: int) -> float | None:
    return None if valor is None else round(valor, cifras) + 0.0
