"""E-HUE: dos edificios separados por una rendija que en el terreno no existe."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.traslape.regla import misma_capa

MINIMO: Final = 0.01
"""Metros: el grano de las coordenadas. Más cerca que eso se tocan."""
MAXIMO: Final = 0.20
"""Metros. Osmose sólo busca menos de 1 cm; de 1 a 20 cm sigue siendo una pared, no un pasillo."""

REDONDOS: Final = frozenset(
    ["silo", "storage_tank", "water_tank", "water_tower", "gasometer", "chimney", "cooling_tower"]
)
"""Valores de ``building`` o ``man_made`` que de verdad van casi pegados, porque son redondos."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Pares de edificios de una misma capa a `MINIMO` o más y hasta `MAXIMO`, si ninguno es un silo o un tanque."""
    edificios = mundo.edificios
    i, j = edificios.pares("dwithin", MAXIMO)
    separacion = shapely.distance(edificios.geom[i], edificios.geom[j])
    hueco = separacion >= MINIMO
    i, j, separacion = i[hueco], j[hueco], separacion[hueco]
    misma = np.array(
        [_deben_tocarse(edificios.etiquetas[a], edificios.etiquetas[b]) for a, b in zip(i, j, strict=True)],
        dtype=np.bool_,
    )
    i, j, separacion = i[misma], j[misma], separacion[misma]
    tramos = shapely.shortest_line(edificios.geom[i], edificios.geom[j])
    medios = shapely.get_coordinates(tramos).reshape(-1, 2, 2).mean(axis=1)
    areas = shapely.area(edificios.geom)
    for k, (x, y) in enumerate(medios.tolist()):
        chico, grande = sorted((i[k], j[k]), key=lambda e: (round(float(areas[e]), 1), -edificios.numero(e)))
        yield Hallazgo(
            codigo="E-HUE",
            nivel=3,
            objetos=(edificios.clave[chico], edificios.clave[grande]),
            lugar=(x, y),
            frase="rendija",
            datos={"cm": max(1, round(100 * float(separacion[k])))},
            donde=tramos[k],
        )


def _deben_tocarse(uno: Mapping[str, str], otro: Mapping[str, str]) -> bool:
    redondo = any(e.get(llave) in REDONDOS for e in (uno, otro) for llave in ("building", "man_made"))
    return not redondo and misma_capa(uno, otro)


REGLA: Final = Regla(
    codigo="E-HUE",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"minimo": MINIMO, "maximo": MAXIMO},
    alcance_m=MAXIMO,
)
