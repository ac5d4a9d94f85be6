"""Proporciones: «de 38 tareas, 33»."""

from math import sqrt
from typing import Final

Z_95: Final = 1.959964


def wilson(aciertos: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Intervalo de Wilson de una proporción; (0, 1) si no hay casos.

    Parameters
    ----------
    aciertos, total : int
        Cuántos cumplen, de cuántos; ``0 <= aciertos <= total``.
    z : float
        Cuantil de la normal: el de costumbre da 95 %.

    Returns
    -------
    tuple of float
        De dónde a dónde, entre 0 y 1.

    Notes
    -----
    Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22 (1927). Frente a otros:
    Newcombe, *Two-sided confidence intervals for the single proportion*, Statistics in Medicine 17 (1998).
    """
    if not 0 <= aciertos <= total:
        raise ValueError(f"{aciertos} > {total}")
    if not total:
        return 0.0, 1.0
    p = aciertos / total
    divisor = 1 + z * z / total
    centro = (p + z * z / (2 * total)) / divisor
    medio = z * sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / divisor
    # En los extremos el límite es exacto; sin esto saldría 1e-17.
    return 0.0 if aciertos == 0 else max(0.0, centro - medio), 1.0 if aciertos == total else min(1.0, centro + medio)
