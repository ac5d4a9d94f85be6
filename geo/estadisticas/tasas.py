"""Tasas de cosas contadas: «4.1 errores por cada 100 objetos»."""

from collections.abc import Callable
from math import exp, log, sqrt
from typing import Final

from geo.estadisticas.proporciones import Z_95

DESDE_BYAR: Final = 10
"""Con tantos casos o más, la aproximación de Byar difiere del límite exacto menos de lo que se imprime."""
COLA: Final = 0.025


def poisson(casos: int) -> tuple[float, float]:
    """Intervalo de 95 % de la media de una cuenta de Poisson.

    Exacto (Garwood) con pocos casos, de Byar desde `DESDE_BYAR`.

    Parameters
    ----------
    casos : int
        Lo contado, cero o más.

    Returns
    -------
    tuple of float
        De dónde a dónde, en casos.

    Notes
    -----
    Garwood, *Fiducial limits for the Poisson distribution*, Biometrika 28 (1936). Breslow y Day, *Statistical Methods
    in Cancer Research II* (IARC, 1987), ec. 2.13, para la de Byar. Cuándo usar cada una: Public Health England,
    *Technical guide: confidence intervals* (2018).
    """
    if casos < 0:
        raise ValueError(f"casos: {casos}")
    return byar(casos) if casos >= DESDE_BYAR else garwood(casos)


def byar(casos: int, z: float = Z_95) -> tuple[float, float]:
    """Aproximación de Byar; con menos de `DESDE_BYAR` casos es burda: usa `poisson`."""
    bajo = casos * (1 - 1 / (9 * casos) - z / (3 * sqrt(casos))) ** 3 if casos else 0.0
    arriba = casos + 1
    return max(0.0, bajo), arriba * (1 - 1 / (9 * arriba) + z / (3 * sqrt(arriba))) ** 3


def garwood(casos: int) -> tuple[float, float]:
    """Límites exactos: las medias con que ver tantos o más, o tantos o menos, tiene probabilidad 0.025."""
    bajo = _raiz(lambda media: 1 - _hasta(casos - 1, media) - COLA, casos) if casos else 0.0
    return bajo, _raiz(lambda media: COLA - _hasta(casos, media), casos)


def por_cada(casos: int, expuestos: int, cada: int = 100) -> tuple[float, float, float]:
    """Tasa por ``cada`` expuestos, con su intervalo de 95 %.

    Parameters
    ----------
    casos : int
    expuestos : int
        Mayor que cero; se toma sin error.

    Returns
    -------
    tuple of float
        La tasa, y de dónde a dónde.
    """
    if expuestos <= 0:
        raise ValueError(f"expuestos: {expuestos}")
    bajo, alto = poisson(casos)
    return cada * casos / expuestos, cada * bajo / expuestos, cada * alto / expuestos


def _hasta(casos: int, media: float) -> float:
    """Probabilidad de ver a lo más ``casos``."""
    if casos < 0:
        return 0.0
    termino = suma = exp(-media)
    for k in range(1, casos + 1):
        termino *= media / k
        suma += termino
    return min(1.0, suma)


def _raiz(crece: Callable[[float], float], casos: int) -> float:
    """Dónde una función creciente de la media pasa por cero."""
    bajo, alto = 0.0, casos + 10 * sqrt(casos + 1) + 2 * -log(COLA)
    for _vuelta in range(100):
        medio = (bajo + alto) / 2
        if crece(medio) < 0:
            bajo = medio
        else:
            alto = medio
    return (bajo + alto) / 2
