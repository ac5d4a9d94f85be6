"""Los vértices y los ángulos de todos los contornos de una capa, de una sola vez."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.tipos import Geometrias

Enteros = npt.NDArray[np.int64]
Reales = npt.NDArray[np.float64]
Logicos = npt.NDArray[np.bool_]

GRANO_M: Final = 0.011
"""Lo que mide el último decimal con que OpenStreetMap guarda una coordenada (1e-7 grados) en el ecuador."""


@dataclass(frozen=True, slots=True)
class Vertices:
    """Vértices en el orden de sus contornos; no está el que cierra ni el que repite el lugar del anterior.

    Attributes
    ----------
    de : (v,) int64
        Posición de la superficie en el arreglo que se dio.
    anillo : (v,) int64
        Número del contorno; un polígono con huecos tiene varios.
    xy : (v, 2) float64
        Metros.
    antes, despues : (v,) int64
        Dónde están sus vecinos.
    brazo : (v,) float64
        Metros hasta el vértice que sigue.
    angulo : (v,) float64
        Grados entre sus dos lados, de 0 a 180: no dice si es por dentro o por fuera.
    """

    de: Enteros
    anillo: Enteros
    xy: Reales
    antes: Enteros
    despues: Enteros
    brazo: Reales
    angulo: Reales

    def __len__(self) -> int:
        return len(self.de)

    @property
    def lado_corto(self) -> Reales:
        """(v,) metros del más corto de sus dos lados."""
        return np.asarray(np.minimum(self.brazo, self.brazo[self.antes]))

    @property
    def duda(self) -> Reales:
        """(v,) grados que el ángulo puede cambiar sólo porque las coordenadas se guardan redondeadas."""
        return np.asarray(np.degrees(np.arctan(GRANO_M / self.brazo) + np.arctan(GRANO_M / self.brazo[self.antes])))

    def elegir(self, superficies: Logicos) -> "Vertices":
        """Sólo los de esas superficies, enteras; ``superficies`` es un lógico por posición del arreglo que se dio."""
        sirve = superficies[self.de]
        lugar = np.cumsum(sirve) - 1
        return Vertices(
            self.de[sirve],
            self.anillo[sirve],
            self.xy[sirve],
            lugar[self.antes[sirve]],
            lugar[self.despues[sirve]],
            self.brazo[sirve],
            self.angulo[sirve],
        )


def vertices(superficies: Geometrias) -> Vertices:
    """Los vértices de (n,) Polygon o MultiPolygon en metros. Un contorno con menos de tres lugares no sale."""
    partes, de_parte = shapely.get_parts(superficies, return_index=True)
    anillos, de_anillo = shapely.get_rings(partes, return_index=True)
    xy, anillo = shapely.get_coordinates(anillos, return_index=True)
    anillo = np.asarray(anillo, dtype=np.int64)
    # El último repite al primero: se quita siempre. Los demás, si no se movieron del anterior.
    sobra = np.zeros(len(xy), dtype=np.bool_)
    sobra[:-1] = (np.diff(anillo) != 0) | (xy[1:] == xy[:-1]).all(axis=1)
    if len(xy):
        sobra[-1] = True
    sobra |= (np.bincount(anillo[~sobra], minlength=len(anillos)) < 3)[anillo]
    xy, anillo = xy[~sobra], anillo[~sobra]
    antes, despues = _vecinos(anillo)
    sale, llega = xy[despues] - xy, xy[antes] - xy
    brazo = np.hypot(sale[:, 0], sale[:, 1])
    cruz = sale[:, 0] * llega[:, 1] - sale[:, 1] * llega[:, 0]
    angulo = np.degrees(np.arctan2(np.abs(cruz), (sale * llega).sum(axis=1)))
    de = np.asarray(de_parte, dtype=np.int64)[np.asarray(de_anillo, dtype=np.int64)[anillo]]
    return Vertices(de, anillo, xy, antes, despues, brazo, angulo)


def _vecinos(anillo: Enteros) -> tuple[Enteros, Enteros]:
    """El de antes y el de después de cada uno, dando la vuelta dentro de su contorno."""
    cuantos = len(anillo)
    numeros = np.arange(cuantos, dtype=np.int64)
    if not cuantos:
        return numeros, numeros
    cambia = np.flatnonzero(np.diff(anillo)) + 1
    primeros, ultimos = np.concatenate([[0], cambia]), np.concatenate([cambia, [cuantos]]) - 1
    antes, despues = numeros - 1, numeros + 1
    antes[primeros], despues[ultimos] = ultimos, primeros
    return antes, despues
