"""Acuerdo entre dos personas que juzgan lo mismo sin verse."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from geo.estadisticas.proporciones import Z_95


@dataclass(frozen=True, slots=True)
class Kappa:
    """Acuerdo más allá del azar.

    Attributes
    ----------
    n : int
        Parejas de juicios.
    iguales : int
        En cuántas coincidieron.
    valor, error, bajo, alto : float or None
        κ, su error estándar y su intervalo de 95 %. ``None`` si todos los juicios de las dos fueron el mismo: entonces
        el azar daría el mismo acuerdo, y κ no existe.
    """

    n: int
    iguales: int
    valor: float | None
    error: float | None
    bajo: float | None
    alto: float | None


def kappa(tabla: Sequence[Sequence[int]], z: float = Z_95) -> Kappa:
    """κ de Cohen con el error estándar de muestra grande.

    Parameters
    ----------
    tabla : matriz cuadrada de enteros
        ``tabla[i][j]``: cuántas veces la primera dijo ``i`` y la segunda ``j``.

    Notes
    -----
    Cohen, *A coefficient of agreement for nominal scales*, Educational and Psychological Measurement 20 (1960). Error
    estándar: Fleiss, Cohen y Everitt, *Large sample standard errors of kappa and weighted kappa*, Psychological
    Bulletin 72 (1969), ec. 13. El intervalo se recorta a [-1, 1].
    """
    clases = range(len(tabla))
    if any(len(fila) != len(tabla) for fila in tabla) or any(x < 0 for fila in tabla for x in fila):
        raise ValueError(f"tabla: {tabla}")
    n = sum(map(sum, tabla))
    iguales = sum(tabla[i][i] for i in clases)
    if not n:
        return Kappa(0, 0, None, None, None, None)
    p = [[x / n for x in fila] for fila in tabla]
    de_primera = [sum(fila) for fila in p]
    de_segunda = [sum(p[i][j] for i in clases) for j in clases]
    visto = iguales / n
    azar = sum(a * b for a, b in zip(de_primera, de_segunda, strict=True))
    if any(sum(fila) == n for fila in tabla) and iguales == n:
        return Kappa(n, iguales, None, None, None, None)
    valor = (visto - azar) / (1 - azar)
    diagonal = sum(p[i][i] * (1 - (de_primera[i] + de_segunda[i]) * (1 - valor)) ** 2 for i in clases)
    fuera = sum(p[i][j] * (de_segunda[i] + de_primera[j]) ** 2 for i in clases for j in clases if i != j)
    varianza = diagonal + (1 - valor) ** 2 * fuera - (valor - azar * (1 - valor)) ** 2
    error = sqrt(max(0.0, varianza)) / ((1 - azar) * sqrt(n))
    return Kappa(n, iguales, valor, error, max(-1.0, valor - z * error), min(1.0, valor + z * error))
