"""Fundir las piezas demasiado chicas con su vecina de frontera más larga."""

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.tipos import Geometrias

Enteros = npt.NDArray[np.int64]
Reales = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fronteras:
    """Pares de piezas vecinas, sin repetir y con ``una < otra``, y el largo de su frontera."""

    una: Enteros
    otra: Enteros
    largo: Reales


def fronteras(piezas: Geometrias) -> Fronteras:
    """Fronteras entre piezas que comparten sus lados vértice por vértice.

    Parameters
    ----------
    piezas : (n,) arreglo de Polygon sin traslapes, EPSG:4326

    Returns
    -------
    Fronteras
        El largo, en grados de latitud; sirve para comparar.
    """
    anillos, pieza_de_anillo = shapely.get_rings(piezas, return_index=True)
    puntos, anillo = shapely.get_coordinates(anillos, return_index=True)
    vertices, numero = np.unique(puntos[:, 0] + 1j * puntos[:, 1], return_inverse=True)
    mismo = anillo[1:] == anillo[:-1]
    a, b = numero[:-1][mismo], numero[1:][mismo]
    claves = np.minimum(a, b) * len(vertices) + np.maximum(a, b)
    orden = np.argsort(claves, kind="stable")
    pareja = np.flatnonzero(claves[orden[1:]] == claves[orden[:-1]])
    i, j = orden[pareja], orden[pareja + 1]
    pieza = pieza_de_anillo[anillo[:-1][mismo]].astype(np.int64)
    salto = vertices[b[i]] - vertices[a[i]]
    largo = np.hypot(salto.real * np.cos(np.radians(vertices[a[i]].imag)), salto.imag)
    return _sumar(pieza[i], pieza[j], largo, len(piezas))


def _sumar(i: Enteros, j: Enteros, largo: Reales, n: int) -> Fronteras:
    pares, lugar = np.unique(np.minimum(i, j) * n + np.maximum(i, j), return_inverse=True)
    total = np.bincount(lugar, weights=largo, minlength=len(pares)).astype(np.float64)
    distintas = pares // n != pares % n
    return Fronteras(pares[distintas] // n, pares[distintas] % n, total[distintas])


def fundir(areas: Reales, minimos: Reales, vecinas: Fronteras) -> Enteros:
    """Decide con qué pieza se queda cada astilla.

    Toma siempre la astilla más chica que quede y la une a la vecina con la frontera más larga (si empatan, a la más
    chica; luego, a la de menor índice), hasta que ninguna pieza con vecinas mida menos que su mínimo. Una pieza hecha
    de astillas que ya alcanzó el mínimo deja de crecer.

    Parameters
    ----------
    areas : (n,) float64
    minimos : (n,) float64
        Por debajo de este, la pieza es una astilla.
    vecinas : Fronteras
        Basta con las que tocan alguna astilla.

    Returns
    -------
    (n,) int64
        Índice de la pieza que absorbe a cada una; el suyo propio si no se fundió. La que absorbe es siempre la mayor.
    """
    toca = (areas < minimos)[vecinas.una] | (areas < minimos)[vecinas.otra]
    mapa = _Mapa(areas, minimos, Fronteras(vecinas.una[toca], vecinas.otra[toca], vecinas.largo[toca]))
    pendientes = [(mapa.areas[i], i) for i in mapa.trato]
    heapq.heapify(pendientes)
    while pendientes:
        area, i = heapq.heappop(pendientes)
        if i in mapa.absorbida or area != mapa.areas[i]:
            continue
        destino = mapa.absorber(i)
        if destino is not None and mapa.areas[destino] < minimos[destino]:
            heapq.heappush(pendientes, (mapa.areas[destino], destino))
    raices = np.arange(len(areas), dtype=np.int64)
    for i in mapa.absorbida:
        raices[i] = mapa.raiz(i)
    return raices


class _Mapa:
    """Astillas y vecinas mientras se funden; ``trato`` tiene los vecinos de cada astilla y el largo de su frontera."""

    def __init__(self, areas: Reales, minimos: Reales, vecinas: Fronteras) -> None:
        piezas = np.unique(np.concatenate([vecinas.una, vecinas.otra]))
        self.areas: dict[int, float] = dict(zip(piezas.tolist(), areas[piezas].tolist(), strict=True))
        self.trato: dict[int, dict[int, float]] = {i: {} for i in piezas[areas[piezas] < minimos[piezas]].tolist()}
        self.absorbida: dict[int, int] = {}
        for una, otra, largo in zip(vecinas.una.tolist(), vecinas.otra.tolist(), vecinas.largo.tolist(), strict=True):
            for i, j in ((una, otra), (otra, una)):
                if i in self.trato:
                    self.trato[i][j] = largo

    def raiz(self, i: int) -> int:
        """La pieza que acabó por absorber a ``i``."""
        while i in self.absorbida:
            siguiente = self.absorbida[i]
            self.absorbida[i] = self.absorbida.get(siguiente, siguiente)
            i = siguiente
        return i

    def absorber(self, i: int) -> int | None:
        """Une ``i`` a su mejor vecina, si le queda alguna, y la devuelve."""
        largos: dict[int, float] = {}
        for j, largo in self.trato[i].items():
            largos[self.raiz(j)] = largos.get(self.raiz(j), 0.0) + largo
        largos.pop(i, None)
        if not largos:
            return None
        destino = max(largos, key=lambda j: (largos[j], -self.areas[j], -j))
        self.absorbida[i] = destino
        self.areas[destino] += self.areas[i]
        if destino in self.trato:
            heredados = self.trato[destino]
            for j, largo in largos.items():
                heredados[j] = heredados.get(j, 0.0) + largo
        return destino
