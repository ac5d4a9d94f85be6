"""Curva de Morton (orden Z): un número por celda que conserva la vecindad."""

import numpy as np
import numpy.typing as npt

Enteros = npt.NDArray[np.int64]

_PASOS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def _separar(valores: Enteros) -> npt.NDArray[np.uint64]:
    """Deja un bit vacío entre cada dos bits."""
    x = valores.astype(np.uint64)
    for corrimiento, mascara in _PASOS:
        x = (x | (x << np.uint64(corrimiento))) & np.uint64(mascara)
    return x


def morton(columnas: Enteros, filas: Enteros) -> Enteros:
    """Código de Morton de cada celda.

    Parameters
    ----------
    columnas, filas : (n,) int64
        De 0 a ``2**31 - 1``.

    Returns
    -------
    (n,) int64
        Los bits pares son los de la columna; los impares, los de la fila. ``codigo >> 2k`` es el código del bloque de
        ``2**k`` celdas por lado que contiene a la celda.
    """
    return (_separar(columnas) | (_separar(filas) << np.uint64(1))).astype(np.int64)
