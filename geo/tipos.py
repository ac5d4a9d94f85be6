"""Tipos que comparten las piezas del motor."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

Geometrias = npt.NDArray[np.object_]
"""Arreglo de una dimensión con geometrías de shapely."""

Caja = tuple[float, float, float, float]
"""Oeste, sur, este, norte, en grados (EPSG:4326)."""


@dataclass(frozen=True, slots=True)
class Aviso:
    """Algo que se cambió o conviene saber, sin ser un error.

    ``plantilla`` está en español con huecos ``%(nombre)s``; ``datos`` los llena.
    """

    codigo: str
    plantilla: str
    datos: dict[str, Any] = field(default_factory=dict)

    @property
    def mensaje(self) -> str:
        """Mensaje en español, con los huecos llenos."""
        return self.plantilla % self.datos


@dataclass(frozen=True, slots=True)
class Division:
    """Un área partida en piezas que la cubren sin huecos ni traslapes.

    Attributes
    ----------
    geometrias : (n,) arreglo de Polygon o MultiPolygon, EPSG:4326
        En el orden de la curva de Morton de su celda: vecinas en el arreglo, vecinas en el mapa.
    celdas : (n,) int64
        Código de Morton (Z) de la columna y renglón de cada pieza, creciente. ``celda >> 2k`` agrupa bloques de
        ``2**k`` por lado.
    areas_m2 : (n,) float64
        Área de cada pieza en metros cuadrados.
    avisos : tuple of Aviso
    """

    geometrias: Geometrias
    celdas: npt.NDArray[np.int64]
    areas_m2: npt.NDArray[np.float64]
    avisos: tuple[Aviso, ...] = ()

    def __len__(self) -> int:
        return len(self.geometrias)


__all__ = ["Aviso", "BaseGeometry", "Caja", "Division", "Geometrias"]
