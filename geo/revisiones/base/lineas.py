"""Medidas sobre líneas que varias reglas usan."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.tipos import Geometrias

PUNTO: Final = 0
LINEA: Final = 1


def son_puntos(formas: Geometrias) -> npt.NDArray[np.bool_]:
    """(k,) cuáles son un solo punto."""
    return np.asarray(shapely.get_type_id(formas) == PUNTO, dtype=np.bool_)


def medios(formas: Geometrias) -> Geometrias:
    """(k,) el punto a la mitad de cada línea; los puntos quedan como están."""
    salida = formas.copy()
    lineas = ~son_puntos(formas)
    salida[lineas] = shapely.line_interpolate_point(formas[lineas], 0.5, normalized=True)
    return salida
