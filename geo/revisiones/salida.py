"""Los hallazgos como GeoJSON."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.catalogo import POR_CODIGO, VERSION

CAMINO_DECIMALES = 7


def propiedades(hallazgo: Hallazgo, idioma: str = "es") -> dict[str, Any]:
    """Lo que se dice de un hallazgo, para quien lo lee y para otro programa."""
    regla = POR_CODIGO[hallazgo.codigo]
    return {
        "codigo": hallazgo.codigo,
        "nivel": hallazgo.nivel,
        "objetos": list(hallazgo.objetos),
        "versiones": list(hallazgo.versiones),
        "mensaje": regla.frase(hallazgo, idioma),
        "arreglo": regla.arreglo(hallazgo, idioma),
        "sugerencia": hallazgo.sugerencia,
        "lugar": list(hallazgo.lugar),
        "huella": hallazgo.huella,
        "version_reglas": VERSION,
    }


def coleccion(hallazgos: Iterable[Hallazgo], idioma: str = "es") -> dict[str, Any]:
    """FeatureCollection en EPSG:4326; cada geometría es lo que hay que ver, o el punto donde mirar."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": _geometria(h), "properties": propiedades(h, idioma)} for h in hallazgos
        ],
    }


def escribir(ruta: str | Path, hallazgos: Iterable[Hallazgo], idioma: str = "es") -> None:
    """Guarda la colección; quien la abra la ve entera o no la ve.

    Raises
    ------
    OSError
        Si no se puede escribir ahí; no queda nada a medias.
    """
    destino = Path(ruta)
    parcial = destino.with_name(f".{destino.name}.parcial")
    try:
        parcial.write_text(json.dumps(coleccion(hallazgos, idioma), ensure_ascii=False), encoding="utf-8")
        parcial.replace(destino)
    except OSError:
        parcial.unlink(missing_ok=True)
        raise


def _geometria(hallazgo: Hallazgo) -> dict[str, Any]:
    forma = shapely.Point(hallazgo.lugar) if hallazgo.donde is None else hallazgo.donde
    redonda = shapely.transform(forma, lambda puntos: puntos.round(CAMINO_DECIMALES))
    hecha: dict[str, Any] = json.loads(shapely.to_geojson(redonda))
    return hecha
