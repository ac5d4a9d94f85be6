"""Qué se puede decir de un hallazgo, y cuándo una regla deja de creerse."""

from enum import StrEnum
from math import sqrt
from typing import Final


class Respuesta(StrEnum):
    """Lo que una persona dice de un hallazgo."""

    ERROR = "error"
    """Sí es un error."""
    FALSO = "falso"
    """Falsa alarma: así es el lugar."""


NIVEL_QUE_DETIENE: Final = 1
"""Lo de este nivel se arregla o se justifica antes de entregar."""
RESPUESTAS_PARA_CALLAR: Final = 50
PRECISION_MINIMA: Final = 0.60
"""Con tantas respuestas y menos precisión que ésta, la regla se calla en ese municipio."""
Z_95: Final = 1.959964


def se_calla(errores: int, falsos: int) -> bool:
    """Si una regla con esas respuestas ya no se muestra en el municipio."""
    total = errores + falsos
    return total >= RESPUESTAS_PARA_CALLAR and errores / total < PRECISION_MINIMA


def wilson(aciertos: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Intervalo de Wilson de una proporción; (0, 1) si no hay casos.

    Notes
    -----
    Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22 (1927).
    """
    if not total:
        return 0.0, 1.0
    p = aciertos / total
    divisor = 1 + z * z / total
    centro = (p + z * z / (2 * total)) / divisor
    medio = z * sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / divisor
    return max(0.0, centro - medio), min(1.0, centro + medio)


MAXIMO_POR_PAGINA: Final = 2_000
