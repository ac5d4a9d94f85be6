"""Repara superficies rotas para poder medir con ellas, sin que una imposible cueste más que todas las demás."""

from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.tipos import Geometrias

CRUCES_MAXIMOS: Final = 5_000
"""De un contorno consigo mismo: un rayón. Repararlo no acaba nunca, y nada bueno sale de ahí."""
LADOS_SIN_CUIDADO: Final = 100
BLOQUE: Final = 256


def reparadas(rotas: Geometrias) -> tuple[Geometrias, int]:
    """Superficies válidas que ocupan lo que las rotas; de un rayón, su envolvente convexa.

    Returns
    -------
    superficies : (n,) arreglo
    rayones : int
        Cuántas son sólo la envolvente.
    """
    rayon = np.array([_es_rayon(g) for g in rotas], dtype=np.bool_)
    salida = np.empty(len(rotas), dtype=object)
    salida[rayon] = shapely.convex_hull(rotas[rayon])
    validas = shapely.make_valid(rotas[~rayon], method="structure", keep_collapsed=False)
    salida[~rayon] = shapely.buffer(validas, 0)
    return salida, int(rayon.sum())


def _es_rayon(superficie: BaseGeometry) -> bool:
    puntos, anillo = shapely.get_coordinates(shapely.boundary(superficie), return_index=True)
    if len(puntos) <= LADOS_SIN_CUIDADO:
        return False
    lados = shapely.linestrings(np.stack([puntos[:-1], puntos[1:]], axis=1)[anillo[:-1] == anillo[1:]])
    arbol = shapely.STRtree(lados)
    cruces = 0
    for desde in range(0, len(lados), BLOQUE):
        # Cada cruce se cuenta dos veces, una por lado.
        cruces += arbol.query(lados[desde : desde + BLOQUE], predicate="crosses").shape[1]
        if cruces > 2 * CRUCES_MAXIMOS:
            return True
    return False
