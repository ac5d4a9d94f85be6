"""Retículas: celdas iguales numeradas por columna y fila, y sus vértices.

Cada retícula mide el plano en *unidades* propias, elegidas para que todos los vértices caigan en coordenadas enteras.
Así dos celdas vecinas nombran su vértice común con el mismo par de enteros, el vértice se pasa a grados una sola vez y
las dos reciben los mismos bits: entre vecinas no puede quedar hueco ni traslape.
"""

import math
from abc import ABC, abstractmethod
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from geo.crs import WGS84, crs_metrico, transformador
from geo.rejilla.tipos import Celdas, Cuadros, Mercator
from geo.tipos import BaseGeometry

Enteros = npt.NDArray[np.int64]
Reales = npt.NDArray[np.float64]

HOLGURA: Final = 0.05
"""Parte de celda que un lado recto en grados puede apartarse del de la proyección (100 km de lado, latitud 84)."""

DECIMALES: Final = 9
"""De los vértices, en grados: 0.1 mm. Mueve la retícula, igual para las dos vecinas; no el contorno del área."""


def _tramo(desde: Reales, hasta: Reales) -> tuple[Enteros, Enteros]:
    """Primera y última casilla unitaria que toca cada intervalo."""
    return np.floor(desde).astype(np.int64), np.floor(hasta).astype(np.int64)


class Reticula(ABC):
    """Celdas iguales sobre un plano."""

    superficie: float
    """De una celda, en unidades cuadradas."""

    paso: float
    """Lado, en unidades, que no deben pasar las cajas de ``tocadas``."""

    @abstractmethod
    def a_unidades(self, lon: Reales, lat: Reales) -> tuple[Reales, Reales]:
        """Pasa de grados a unidades."""

    @abstractmethod
    def a_grados(self, x: Reales, y: Reales) -> tuple[Reales, Reales]:
        """Pasa de unidades a grados, sin redondear; la longitud puede rebasar 180 junto al antimeridiano."""

    @abstractmethod
    def tocadas(self, x0: Reales, y0: Reales, x1: Reales, y1: Reales) -> tuple[Enteros, Enteros]:
        """Columnas y filas, con repeticiones, de toda celda que pueda tocar alguna de las cajas.

        Ninguna caja mide más de ``paso`` por lado, de modo que toca a lo más dos columnas y, en cada una, dos filas.
        """

    @abstractmethod
    def esquinas(self, columnas: Enteros, filas: Enteros) -> Enteros:
        """Vértices (n, k, 2) de cada celda, en unidades enteras y en sentido antihorario sobre el mapa."""

    @abstractmethod
    def codificables(self, columnas: Enteros, filas: Enteros) -> tuple[Enteros, Enteros]:
        """Columna y fila sin negativos, para el código de Morton."""

    def centros(self, columnas: Enteros, filas: Enteros) -> tuple[Reales, Reales]:
        """Longitud y latitud del centro de cada celda."""
        medio = self.esquinas(columnas, filas).mean(axis=1)
        return self.a_grados(medio[:, 0], medio[:, 1])


def _combinar(c0: Enteros, c1: Enteros, f0: Enteros, f1: Enteros) -> tuple[Enteros, Enteros]:
    return np.concatenate([c0, c1, c0, c1]), np.concatenate([f0, f0, f1, f1])


class _Metrica(Reticula):
    """Retícula sobre una proyección en metros, con el origen en el de la proyección.

    El origen no depende del área: dos proyectos contiguos con la misma proyección y el mismo lado comparten celdas.
    """

    def __init__(self, crs: CRS, lon_central: float, unidad_x: float, unidad_y: float) -> None:
        self._ida = transformador(WGS84, crs)
        self._vuelta = transformador(crs, WGS84)
        self._lon_central = lon_central
        self._unidad_x = unidad_x
        self._unidad_y = unidad_y

    def a_unidades(self, lon: Reales, lat: Reales) -> tuple[Reales, Reales]:
        x, y = self._ida.transform(lon, lat)
        return x / self._unidad_x, y / self._unidad_y

    def a_grados(self, x: Reales, y: Reales) -> tuple[Reales, Reales]:
        lon, lat = self._vuelta.transform(x * self._unidad_x, y * self._unidad_y)
        # PROJ responde entre -180 y 180; una celda partida por el antimeridiano tendría vértices en los dos extremos.
        return lon + 360 * np.round((self._lon_central - lon) / 360), lat

    def codificables(self, columnas: Enteros, filas: Enteros) -> tuple[Enteros, Enteros]:
        return columnas - columnas.min(), filas - filas.min()


class _ReticulaDeCuadros(_Metrica):
    superficie = 1.0
    paso = 0.5

    def __init__(self, crs: CRS, lon_central: float, lado_m: float) -> None:
        super().__init__(crs, lon_central, lado_m, lado_m)

    def tocadas(self, x0: Reales, y0: Reales, x1: Reales, y1: Reales) -> tuple[Enteros, Enteros]:
        return _combinar(*_tramo(x0 - HOLGURA, x1 + HOLGURA), *_tramo(y0 - HOLGURA, y1 + HOLGURA))

    def esquinas(self, columnas: Enteros, filas: Enteros) -> Enteros:
        x = np.stack([columnas, columnas + 1, columnas + 1, columnas], axis=1)
        y = np.stack([filas, filas, filas + 1, filas + 1], axis=1)
        return np.stack([x, y], axis=-1)


class _ReticulaDeHexagonos(_Metrica):
    """Centros en ``(3 * columna, 2 * fila + columna % 2)``: las columnas impares van media celda arriba."""

    superficie = 6.0
    paso = 1.0

    def __init__(self, crs: CRS, lon_central: float, lado_m: float) -> None:
        super().__init__(crs, lon_central, lado_m / 2, lado_m * math.sqrt(3) / 2)

    def tocadas(self, x0: Reales, y0: Reales, x1: Reales, y1: Reales) -> tuple[Enteros, Enteros]:
        # El hexágono de la columna c abarca en x de 3c - 2 a 3c + 2; en y, de 1 abajo a 1 arriba de su centro.
        h = 4 * HOLGURA
        c0 = np.ceil((x0 - h - 2) / 3).astype(np.int64)
        c1 = np.floor((x1 + h + 2) / 3).astype(np.int64)
        columnas, filas = [], []
        for c in (c0, c1):
            f0, f1 = _tramo((y0 - h + 1 - c % 2) / 2, (y1 + h + 1 - c % 2) / 2)
            columnas += [c, c]
            filas += [f0, f1]
        return np.concatenate(columnas), np.concatenate(filas)

    def esquinas(self, columnas: Enteros, filas: Enteros) -> Enteros:
        x = 3 * columnas[:, None] + np.array([-1, 1, 2, 1, -1, -2])
        y = (2 * filas + columnas % 2)[:, None] + np.array([-1, -1, 0, 1, 1, 0])
        return np.stack([x, y], axis=-1)


class _ReticulaDeMercator(Reticula):
    """Teselas de un zoom; la fila 0 es la del norte y el código de Morton es la clave de árbol cuaternario."""

    superficie = 1.0
    paso = 0.5

    def __init__(self, zoom: int) -> None:
        self._n = 2**zoom

    def a_unidades(self, lon: Reales, lat: Reales) -> tuple[Reales, Reales]:
        y = np.arcsinh(np.tan(np.radians(lat))) / math.pi
        return (lon / 360 + 0.5) * self._n, (1 - y) / 2 * self._n

    def a_grados(self, x: Reales, y: Reales) -> tuple[Reales, Reales]:
        lat = np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * y / self._n))))
        return x / self._n * 360 - 180, lat

    def tocadas(self, x0: Reales, y0: Reales, x1: Reales, y1: Reales) -> tuple[Enteros, Enteros]:
        columnas, filas = _combinar(*_tramo(x0 - HOLGURA, x1 + HOLGURA), *_tramo(y0 - HOLGURA, y1 + HOLGURA))
        # Un área que llega al antimeridiano no tiene celdas más allá.
        return np.clip(columnas, 0, self._n - 1), filas

    def esquinas(self, columnas: Enteros, filas: Enteros) -> Enteros:
        x = np.stack([columnas, columnas + 1, columnas + 1, columnas], axis=1)
        y = np.stack([filas + 1, filas + 1, filas, filas], axis=1)
        return np.stack([x, y], axis=-1)

    def codificables(self, columnas: Enteros, filas: Enteros) -> tuple[Enteros, Enteros]:
        return columnas, filas


def hacer_reticula(area: BaseGeometry, division: Celdas) -> Reticula:
    """Retícula que corresponde a una división en el lugar de un área.

    Parameters
    ----------
    area : Polygon o MultiPolygon, EPSG:4326
    division : Cuadros, Hexagonos o Mercator
    """
    if isinstance(division, Mercator):
        return _ReticulaDeMercator(int(division.zoom))
    oeste, _, este, _ = area.bounds
    clase = _ReticulaDeCuadros if isinstance(division, Cuadros) else _ReticulaDeHexagonos
    return clase(crs_metrico(np.array([area], dtype=object)), (oeste + este) / 2, float(division.lado_m))
