"""E-CHI: un edificio en el que no cabe nadie."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Ajustes, Regla

AREA: Final = 4.0
"""Metros cuadrados. Osmose avisa con menos de 0.25; en cuatro apenas cabe un baño."""
AREA_DE_CASETA: Final = 1.0
"""Metros cuadrados, para lo que se sabe que es chico."""
CASETAS: Final = frozenset(
    [
        "kiosk",
        "toilets",
        "outhouse",
        "guardhouse",
        "gatehouse",
        "service",
        "transformer_tower",
        "water_tank",
        "storage_tank",
        "silo",
        "shrine",
        "wayside_shrine",
        "bunker",
        "container",
        "chimney",
        "tower",
    ]
)
"""Valores de ``building`` que suelen medir unos pocos metros. ``shed`` no: de menos de 2 × 2 m no se distingue."""
LLAVES_DE_CASETA: Final = ("man_made", "power", "amenity", "shop", "historic", "telecom", "pump", "emergency")
"""Quien puso una de éstas sabía qué estaba dibujando."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Edificios de menos de `AREA`; casetas, techos sin paredes y lo parecido, de menos de `AREA_DE_CASETA`."""
    edificios = mundo.edificios
    areas = shapely.area(edificios.geom)
    for k in np.flatnonzero((areas < AREA) & ~edificios.rota):
        area = float(areas[k])
        if area >= AREA_DE_CASETA and _es_caseta(edificios.etiquetas[k]):
            continue
        lugar = shapely.point_on_surface(edificios.geom[k])
        yield Hallazgo(
            codigo="E-CHI",
            nivel=2,
            objetos=(edificios.clave[k],),
            lugar=(lugar.x, lugar.y),
            frase="chico",
            datos={"m2": round(area, 1) if area >= 0.1 else round(area, 3)},
        )


def _es_caseta(etiquetas: Mapping[str, str]) -> bool:
    # El catastro de Francia, que se importó, pone wall=no a los techos y cobertizos sin paredes.
    return (
        etiquetas["building"] in CASETAS
        or etiquetas.get("wall") == "no"
        or any(llave in etiquetas for llave in LLAVES_DE_CASETA)
    )


REGLA: Final = Regla(
    codigo="E-CHI",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"area": AREA, "area_de_caseta": AREA_DE_CASETA},
    alcance_m=0.0,
)
