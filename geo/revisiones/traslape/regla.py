"""E-TRAS: dos edificios que ocupan el mismo suelo."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Ajustes, Regla

MINIMO: Final = 0.01
MEDIO: Final = 0.10
REPETIDO: Final = 0.90
"""Partes del edificio menor. Las mismas 1 % y 90 % que usa Atlas, y el 10 % de Osmose."""
IGUALES: Final = 0.99
"""Parte común entre la unión: de ahí para arriba es el mismo dibujo repetido, que es E-DUP y no se dice dos veces."""
EN_OTRA_CAPA: Final = ("layer", "level", "min_level", "building:min_level", "min_height", "location")


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Pares de edificios de una misma capa cuya parte común pasa de `MINIMO` del menor."""
    edificios = mundo.edificios
    i, j = edificios.pares("intersects")
    misma = np.array([misma_capa(edificios.etiquetas[a], edificios.etiquetas[b]) for a, b in zip(i, j, strict=True)])
    i, j = (i[misma], j[misma]) if len(i) else (i, j)
    comun = shapely.intersection(edificios.geom[i], edificios.geom[j])
    area = shapely.area(comun)
    areas = shapely.area(edificios.geom)
    menor = np.minimum(areas[i], areas[j])
    parte = area / menor
    iguales = area >= IGUALES * (areas[i] + areas[j] - area)
    for k in np.flatnonzero((parte >= MINIMO) & ~iguales):
        chico, grande = sorted((i[k], j[k]), key=lambda e: (round(float(areas[e]), 1), -edificios.numero(e)))
        punto = shapely.point_on_surface(comun[k])
        yield Hallazgo(
            codigo="E-TRAS",
            nivel=1 if parte[k] > REPETIDO else 2 if parte[k] >= MEDIO else 3,
            objetos=(edificios.clave[chico], edificios.clave[grande]),
            lugar=(punto.x, punto.y),
            frase="repetido" if parte[k] > REPETIDO else "traslape",
            datos={"por_ciento": max(1, round(100 * float(parte[k]))), "m2": round(float(area[k]), 1)},
            donde=comun[k],
        )


def misma_capa(uno: Mapping[str, str], otro: Mapping[str, str]) -> bool:
    """Si las etiquetas no los ponen a alturas distintas."""
    return all(uno.get(llave) == otro.get(llave) for llave in EN_OTRA_CAPA)


REGLA: Final = Regla(
    codigo="E-TRAS",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"minimo": MINIMO, "medio": MEDIO, "repetido": REPETIDO, "iguales": IGUALES},
    alcance_m=0.0,
)
