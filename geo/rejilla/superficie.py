"""Superficie de muchas celdas iguales."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Geod

Reales = npt.NDArray[np.float64]

_ELIPSOIDE: Final = Geod(ellps="WGS84")
_A: Final = float(_ELIPSOIDE.a)
_E2: Final = float(_ELIPSOIDE.es)
_E: Final = math.sqrt(_E2)


def areas_de_celdas_m2(anillos: Reales) -> Reales:
    """Superficie de polígonos sin huecos con el mismo número de vértices, diez veces más rápido que ``area_m2``.

    En una celda, lo que un lado se aparta del geodésico lo compensa el lado opuesto. Frente a
    :func:`geo.crs.area_m2`, hasta la latitud 75 difiere menos de 1e-3 en lados de 100 km, de 1e-5 en los de 10 km y de
    1e-7 en los de 1 km.

    Parameters
    ----------
    anillos : (n, k, 2) float64
        Longitud y latitud en grados, sin repetir el primer vértice.

    Returns
    -------
    (n,) float64
        Metros cuadrados.
    """
    plano = _equivalente(anillos)
    # Restar el primer vértice conserva los decimales: las coordenadas miden millones de metros y la celda, decenas.
    plano -= plano[:, :1].copy()
    siguiente = np.roll(plano, -1, axis=1)
    cruz: Reales = np.sum(plano[..., 0] * siguiente[..., 1] - siguiente[..., 0] * plano[..., 1], axis=1)
    return np.abs(cruz) / 2


def _equivalente(grados: Reales) -> Reales:
    """Lleva grados a un plano en metros que conserva las superficies.

    Proyección cilíndrica equivalente del elipsoide WGS 84 (Snyder 1987, *Map Projections: A Working Manual*,
    ecuaciones 3-12, 10-14 y 10-15, con el paralelo base en el ecuador).
    """
    seno = np.sin(np.radians(grados[..., 1]))
    q = (1 - _E2) * (seno / (1 - _E2 * seno**2) + np.arctanh(_E * seno) / _E)
    return np.stack([_A * np.radians(grados[..., 0]), _A / 2 * q], axis=-1)
