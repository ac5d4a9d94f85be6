"""Qué celdas toca el contorno de un área y cuáles quedan dentro, sin construir ninguna."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.rejilla.reticula import Reticula
from geo.tipos import BaseGeometry

Enteros = npt.NDArray[np.int64]
Reales = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trazo:
    """Celdas de un área en una retícula, por filas.

    Attributes
    ----------
    borde_columnas, borde_filas : (b,) int64
        Celdas que el contorno puede tocar, sin repetir, por fila y columna. Sobran algunas que no toca.
    tramo_columnas, tramo_filas, tramo_largos : (t,) int64
        Tramos de celdas contiguas de una fila que el contorno no toca y quedan dentro.
    """

    borde_columnas: Enteros
    borde_filas: Enteros
    tramo_columnas: Enteros
    tramo_filas: Enteros
    tramo_largos: Enteros

    @property
    def interiores(self) -> int:
        """Número de celdas que quedan dentro."""
        return int(self.tramo_largos.sum())

    def celdas_interiores(self) -> tuple[Enteros, Enteros]:
        """Columna y fila de cada celda que queda dentro."""
        inicios = np.cumsum(self.tramo_largos) - self.tramo_largos
        avance = np.arange(self.interiores) - np.repeat(inicios, self.tramo_largos)
        columnas = np.repeat(self.tramo_columnas, self.tramo_largos) + avance
        return columnas, np.repeat(self.tramo_filas, self.tramo_largos)


def lados_del_contorno(area: BaseGeometry) -> tuple[Reales, Reales]:
    """Extremos (s, 2) y (s, 2), en grados, de cada lado del contorno y de sus huecos."""
    anillos = shapely.get_rings(shapely.get_parts(area))
    puntos, anillo = shapely.get_coordinates(anillos, return_index=True)
    mismo = anillo[1:] == anillo[:-1]
    return puntos[:-1][mismo], puntos[1:][mismo]


def trazar(area: BaseGeometry, reticula: Reticula) -> Trazo:
    """Recorre el contorno y rellena.

    El costo depende del largo del contorno contado en celdas, no de cuántas celdas hay dentro ni en la caja del área.

    Parameters
    ----------
    area : Polygon o MultiPolygon válido, EPSG:4326
    reticula : Reticula
    """
    columnas, filas = _tocadas(area, reticula)
    misma_fila = filas[1:] == filas[:-1]
    hueco = np.flatnonzero(misma_fila & (columnas[1:] - columnas[:-1] > 1))
    tramo_columnas, tramo_filas = columnas[hueco] + 1, filas[hueco]
    # El contorno no cruza ningún tramo: todas sus celdas están del mismo lado que la primera.
    shapely.prepare(area)
    dentro = shapely.contains_xy(area, *reticula.centros(tramo_columnas, tramo_filas))
    largos = columnas[hueco + 1] - tramo_columnas
    return Trazo(columnas, filas, tramo_columnas[dentro], tramo_filas[dentro], largos[dentro])


def _tocadas(area: BaseGeometry, reticula: Reticula) -> tuple[Enteros, Enteros]:
    desde, hasta = _pasos(area, reticula)
    x0, y0 = np.minimum(desde, hasta).T
    x1, y1 = np.maximum(desde, hasta).T
    columnas, filas = reticula.tocadas(x0, y0, x1, y1)
    c0, f0 = columnas.min(), filas.min()
    ancho = columnas.max() - c0 + 1
    claves = np.unique((filas - f0) * ancho + (columnas - c0))
    return claves % ancho + c0, claves // ancho + f0


def _pasos(area: BaseGeometry, reticula: Reticula) -> tuple[Reales, Reales]:
    """Extremos, en unidades, del contorno cortado en pasos que no exceden ``reticula.paso``.

    Los cortes se hacen en grados, donde los lados son rectos; se repiten porque un lado largo no avanza parejo en la
    proyección.
    """
    a, b = lados_del_contorno(area)
    hechos: list[tuple[Reales, Reales]] = []
    while len(a):
        ua = np.column_stack(reticula.a_unidades(a[:, 0], a[:, 1]))
        ub = np.column_stack(reticula.a_unidades(b[:, 0], b[:, 1]))
        cortes = np.ceil(np.abs(ub - ua).max(axis=1) / reticula.paso).astype(np.int64)
        corto = cortes <= 1
        hechos.append((ua[corto], ub[corto]))
        a, b = _cortar(a[~corto], b[~corto], cortes[~corto])
    return np.concatenate([x for x, _ in hechos]), np.concatenate([x for _, x in hechos])


def _cortar(a: Reales, b: Reales, cortes: Enteros) -> tuple[Reales, Reales]:
    """Corta cada lado en partes iguales; los extremos de dos partes seguidas son idénticos."""
    lado = np.repeat(np.arange(len(a)), cortes)
    orden = np.arange(len(lado)) - np.repeat(np.cumsum(cortes) - cortes, cortes)
    inicio = (orden / cortes[lado])[:, None]
    fin = ((orden + 1) / cortes[lado])[:, None]
    return a[lado] * (1 - inicio) + b[lado] * inicio, a[lado] * (1 - fin) + b[lado] * fin
