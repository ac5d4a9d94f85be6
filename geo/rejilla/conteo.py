"""Cuántas tareas da una división, y qué lado o zoom cabe en el límite."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geo.rejilla.errores import AreaMuyGrande, DemasiadasTareas, DemasiadasTeselas
from geo.rejilla.malla import poligonos_de, vertices_de
from geo.rejilla.reticula import Reticula, hacer_reticula
from geo.rejilla.tipos import LADO_MAXIMO, ZOOM_MINIMO, Celdas, Cuadros, Hexagonos, Mercator
from geo.rejilla.trazo import Trazo, trazar
from geo.tipos import BaseGeometry

CELDAS_CONTABLES: Final = 500_000
"""Más allá de estas, o de un contorno de tantos lados de celda, el número de tareas se calcula por fórmula."""

HOLGURA_DEL_LIMITE: Final = 1.5
"""Cuánto puede pasar del límite el número de celdas tocadas: fundir astillas lo baja, pero no tanto."""


@dataclass(frozen=True, slots=True)
class _Medidas:
    """De un área en una retícula; en celdas y en lados de celda."""

    superficie: float
    contorno: float

    @property
    def celdas_esperadas(self) -> int:
        """Celdas que toca en promedio una figura puesta al azar sobre una retícula de cuadros.

        A + 2P/π + 1 (Santaló 1976, *Integral Geometry and Geometric Probability*, capítulo 8).
        """
        return round(self.superficie + 2 * self.contorno / math.pi + 1)


def _medir(area: BaseGeometry, reticula: Reticula) -> _Medidas:
    plano = shapely.transform(area, lambda puntos: np.column_stack(reticula.a_unidades(*puntos.T)))
    return _Medidas(plano.area / reticula.superficie, plano.length / math.sqrt(reticula.superficie))


def contar(area: BaseGeometry, reticula: Reticula) -> int:
    """Celdas que tocan un área ya revisada; ver :func:`geo.rejilla.estimar`."""
    medidas = _medir(area, reticula)
    if max(medidas.superficie, medidas.contorno) > CELDAS_CONTABLES:
        return medidas.celdas_esperadas
    trazo = trazar(area, reticula)
    vertices, esquinas = vertices_de(reticula.esquinas(trazo.borde_columnas, trazo.borde_filas), reticula)
    shapely.prepare(area)
    return trazo.interiores + int(np.count_nonzero(shapely.intersects(area, poligonos_de(vertices[esquinas]))))


def trazar_si_cabe(area: BaseGeometry, reticula: Reticula, division: Celdas, maximo: int) -> Trazo:
    """Traza el área si la división no pasa por mucho del límite.

    Raises
    ------
    DemasiadasTareas
        Sin haber construido ninguna celda.
    """
    medidas = _medir(area, reticula)
    if medidas.superficie > maximo * HOLGURA_DEL_LIMITE or medidas.contorno > CELDAS_CONTABLES:
        raise demasiadas(area, division, medidas.celdas_esperadas, maximo)
    trazo = trazar(area, reticula)
    # El borde del trazo trae celdas que el contorno no toca: antes de rechazar se cuentan las que sí.
    if trazo.interiores + len(trazo.borde_filas) > maximo * HOLGURA_DEL_LIMITE:
        tareas = contar(area, reticula)
        if tareas > maximo * HOLGURA_DEL_LIMITE:
            raise demasiadas(area, division, tareas, maximo)
    return trazo


def demasiadas(area: BaseGeometry, division: Celdas, tareas: int, maximo: int) -> DemasiadasTareas:
    """El error que dice cuántas tareas serían y qué lado, o qué zoom, deja el área dentro del límite."""
    if isinstance(division, Mercator):
        for zoom in range(division.zoom - 1, ZOOM_MINIMO - 1, -1):
            if contar(area, hacer_reticula(area, Mercator(zoom))) <= maximo:
                return DemasiadasTeselas(tareas=tareas, maximo=maximo, sugerencia=zoom)
        return AreaMuyGrande(tareas=tareas, maximo=maximo)
    lado = float(division.lado_m)
    cuantas = tareas
    while lado < LADO_MAXIMO:
        lado = min(_redondo(lado * max(1.05, math.sqrt(cuantas / maximo))), LADO_MAXIMO)
        cuantas = contar(area, hacer_reticula(area, _con_lado(division, lado)))
        if cuantas <= maximo:
            return DemasiadasTareas(tareas=tareas, maximo=maximo, sugerencia=lado)
    return AreaMuyGrande(tareas=tareas, maximo=maximo)


def _con_lado(division: Cuadros | Hexagonos, lado_m: float) -> Cuadros | Hexagonos:
    return type(division)(lado_m)


def _redondo(metros: float) -> int:
    """Sube a dos cifras significativas."""
    unidad = int(10 ** max(0, math.floor(math.log10(metros)) - 1))
    return math.ceil(metros / unidad) * unidad
