"""El plano local del pueblo: metros al este y al norte de la plaza, y su paso a grados.

El pueblo mide menos de 4 km: una proyección equirrectangular con las medidas del elipsoide en la plaza deforma menos de
1 mm por cada 10 m y sólo multiplica, así que da lo mismo en cualquier máquina.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.pueblo.azar import Azar

Puntos = npt.NDArray[np.float64]
"""Arreglo (n, 2) de puntos del plano, en metros: este, norte."""

LON_PLAZA: Final = -98.56
LAT_PLAZA: Final = 20.4
UNIDADES_POR_GRADO: Final = 10_000_000
"""OSM guarda grados con siete decimales."""

_A, _E2 = 6_378_137.0, 0.006_694_379_990_14
_W = 1.0 - _E2 * math.sin(math.radians(LAT_PLAZA)) ** 2
METROS_POR_GRADO_LON: Final = math.radians(_A / math.sqrt(_W)) * math.cos(math.radians(LAT_PLAZA))
METROS_POR_GRADO_LAT: Final = math.radians(_A * (1.0 - _E2) / _W**1.5)

_ORIGEN = np.array([LON_PLAZA, LAT_PLAZA])
_ESCALA = np.array([METROS_POR_GRADO_LON, METROS_POR_GRADO_LAT])


def a_unidades(puntos: Puntos) -> npt.NDArray[np.int64]:
    """Pasa puntos del plano a unidades enteras de OSM.

    Parameters
    ----------
    puntos : (n, 2) metros

    Returns
    -------
    (n, 2) int64
        Longitud y latitud (EPSG:4326) en diezmillonésimas de grado.
    """
    return np.asarray(np.rint((puntos / _ESCALA + _ORIGEN) * UNIDADES_POR_GRADO), dtype=np.int64)


def de_unidades(unidades: npt.NDArray[np.int64]) -> Puntos:
    """Inversa de :func:`a_unidades`: (n, 2) metros."""
    return np.asarray((unidades / UNIDADES_POR_GRADO - _ORIGEN) * _ESCALA)


def a_grados(geometria: BaseGeometry) -> BaseGeometry:
    """La misma geometría en grados EPSG:4326, con siete decimales."""
    return shapely.transform(geometria, lambda p: a_unidades(p) / UNIDADES_POR_GRADO)


def suavizada(control: Puntos, paso: float, *, cerrada: bool = False) -> Puntos:
    """Curva de Catmull-Rom por los puntos de control.

    Parameters
    ----------
    control : (n, 2) metros
    paso : float
        Distancia aproximada entre los puntos de la curva, en metros.
    cerrada : bool
        Une el último con el primero (y repite el primero al final).

    Returns
    -------
    (m, 2) metros
    """
    if cerrada:
        puntos = np.vstack([control[-1], control, control[:2]])
    else:
        puntos = np.vstack([2 * control[0] - control[1], control, 2 * control[-1] - control[-2]])
    trozos = []
    for antes, a, b, despues in zip(puntos, puntos[1:], puntos[2:], puntos[3:], strict=False):
        cuantos = max(1, round(float(np.hypot(*(b - a))) / paso))
        t = (np.arange(cuantos) / cuantos)[:, None]
        trozos.append(
            0.5
            * (
                2 * a
                + (b - antes) * t
                + (2 * antes - 5 * a + 4 * b - despues) * t**2
                + (3 * a - antes - 3 * b + despues) * t**3
            )
        )
    return np.vstack([*trozos, puntos[-2]])


def girados(puntos: Puntos, grados: float) -> Puntos:
    """Los puntos girados alrededor del origen, en sentido contrario al reloj."""
    c, s = math.cos(math.radians(grados)), math.sin(math.radians(grados))
    return np.column_stack([puntos[:, 0] * c - puntos[:, 1] * s, puntos[:, 0] * s + puntos[:, 1] * c])


def largos(puntos: Puntos) -> npt.NDArray[np.float64]:
    """Largo de cada segmento de una línea: (n - 1,) metros."""
    diferencias = np.diff(puntos, axis=0)
    return np.hypot(diferencias[:, 0], diferencias[:, 1])


class Oleaje:
    """Desplazamiento suave del plano: dobla un poco todo lo dibujado, cada semilla a su modo.

    Suma de senos de varios largos de onda; dos puntos iguales se mueven igual, así que lo unido sigue unido.

    Parameters
    ----------
    azar : Azar
    amplitud : float
        Metros que suele moverse un punto, más o menos.
    onda : float
        Largo de la onda más corta, en metros.
    """

    def __init__(self, azar: Azar, amplitud: float, onda: float) -> None:
        numeros = azar.varios(24).reshape(2, 4, 3)
        self._rumbos = numeros[..., 0] * 2 * np.pi
        self._fases = numeros[..., 1] * 2 * np.pi
        self._ondas = onda * (1.0 + 1.5 * numeros[..., 2])
        self._amplitud = amplitud / 2

    def __call__(self, puntos: Puntos) -> Puntos:
        """Los puntos desplazados: (n, 2) metros."""
        salida = puntos.copy()
        for eje in range(2):
            for rumbo, fase, onda in zip(self._rumbos[eje], self._fases[eje], self._ondas[eje], strict=True):
                avance = puntos[:, 0] * np.cos(rumbo) + puntos[:, 1] * np.sin(rumbo)
                salida[:, eje] += self._amplitud * np.sin(2 * np.pi * avance / onda + fase)
        return salida

    def curva(self, control: Sequence[tuple[float, float]], *, paso: float = 14.0, cerrada: bool = False) -> Puntos:
        """Curva por los puntos de control, ya desplazados: (n, 2) metros."""
        return suavizada(self(np.array(control, dtype=float)), paso, cerrada=cerrada)
