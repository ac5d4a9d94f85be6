"""Propone el contorno con sus esquinas rectas: el rumbo que más pesa, y cada pared a la línea media que le toca."""

from typing import Final

import numpy as np

from geo.revisiones.base.angulos import Enteros, Logicos, Reales, Vertices

MUEVE: Final = 2.0
"""Metros: si algún vértice tendría que moverse más, la propuesta ya no se parece a lo dibujado."""


def escuadrar(vertices: Vertices) -> tuple[Reales, Logicos]:
    """Los vértices en su lugar escuadrado.

    Parameters
    ----------
    vertices : Vertices
        De contornos simples y casi rectos.

    Returns
    -------
    xy : (v, 2) float64
        Metros.
    sirve : (v,) bool
        Falso en todo contorno que no se puede escuadrar sin mover algo más de `MUEVE`.

    Notes
    -----
    El rumbo es el promedio de los lados, por su largo, módulo 90 grados. Los lados seguidos del mismo eje son una
    pared; queda en el promedio, por largo, de sus puntos medios, y dos paredes se encuentran donde se cortan.
    """
    if not len(vertices):
        return vertices.xy, np.zeros(0, dtype=np.bool_)
    anillo = np.unique(vertices.anillo, return_inverse=True)[1].astype(np.int64)
    cuantos = int(anillo[-1]) + 1
    lados = vertices.xy[vertices.despues] - vertices.xy
    rumbo = np.arctan2(lados[:, 1], lados[:, 0])
    seno = np.bincount(anillo, vertices.brazo * np.sin(4 * rumbo), cuantos)
    coseno = np.bincount(anillo, vertices.brazo * np.cos(4 * rumbo), cuantos)
    giro = (np.arctan2(seno, coseno) / 4)[anillo]
    sumas = np.column_stack([np.bincount(anillo, vertices.xy[:, c], cuantos) for c in (0, 1)])
    centro = (sumas / np.bincount(anillo)[:, None])[anillo]
    girados = _girar(vertices.xy - centro, -giro)
    eje = np.rint((rumbo - giro) / (np.pi / 2)).astype(np.int64) % 2
    pared, paredes = _paredes(anillo, eje != eje[vertices.antes])
    # De un lado a lo largo de x importa la y, y al revés.
    medio = (girados + girados[vertices.despues]) / 2
    nivel = np.where(eje == 0, medio[:, 1], medio[:, 0])
    largo = np.bincount(pared, vertices.brazo, paredes)
    linea = np.bincount(pared, nivel * vertices.brazo, paredes) / np.where(largo > 0, largo, 1)
    nuevos = girados.copy()
    for lado in (vertices.antes, np.arange(len(vertices))):
        propia = linea[pared[lado]]
        nuevos[:, 1] = np.where(eje[lado] == 0, propia, nuevos[:, 1])
        nuevos[:, 0] = np.where(eje[lado] == 1, propia, nuevos[:, 0])
    movido = np.hypot(*(nuevos - girados).T)
    con_ambos = (np.bincount(anillo, eje, cuantos) > 0) & (np.bincount(anillo, 1 - eje, cuantos) > 0)
    mal = np.bincount(anillo[movido > MUEVE], minlength=cuantos) > 0
    return _girar(nuevos, giro) + centro, (con_ambos & ~mal)[anillo]


def _girar(puntos: Reales, angulo: Reales) -> Reales:
    coseno, seno = np.cos(angulo), np.sin(angulo)
    x, y = puntos[:, 0], puntos[:, 1]
    return np.column_stack([x * coseno - y * seno, x * seno + y * coseno])


def _paredes(anillo: Enteros, empieza: Logicos) -> tuple[Enteros, int]:
    """A qué pared pertenece cada lado, y cuántas hay; los lados antes del primer cambio son de la última."""
    # Sumar el contorno deja un número sin usar entre uno y otro, y así ninguno comparte pared con el de antes.
    pared = np.cumsum(empieza).astype(np.int64) + anillo
    ultima = np.zeros(int(anillo[-1]) + 1, dtype=np.int64)
    np.maximum.at(ultima, anillo, pared)
    vistos = np.zeros(len(ultima), dtype=np.int64)
    np.add.at(vistos, anillo[empieza], 1)
    antes_del_primero = pared <= (ultima - vistos)[anillo]
    return np.where(antes_del_primero, ultima[anillo], pared), int(pared.max()) + 1
