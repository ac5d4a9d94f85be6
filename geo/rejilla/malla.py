"""Celdas construidas de una retícula y su corte por el contorno de un área."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import area_m2
from geo.rejilla.caras import caras_de
from geo.rejilla.reticula import DECIMALES, Reticula
from geo.rejilla.superficie import areas_de_celdas_m2
from geo.rejilla.trazo import Trazo
from geo.tipos import BaseGeometry, Geometrias

Enteros = npt.NDArray[np.int64]
Reales = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Malla:
    """Celdas construidas: primero las ``interiores``, luego las del borde."""

    columnas: Enteros
    filas: Enteros
    vertices: Reales
    esquinas: Enteros
    poligonos: Geometrias
    areas: Reales
    interiores: int


@dataclass(frozen=True, slots=True)
class Partes:
    """Partes conexas del área en las celdas del borde, con el índice en la malla de su celda."""

    poligonos: Geometrias
    celda: Enteros
    areas: Reales


def vertices_de(esquinas: Enteros, reticula: Reticula) -> tuple[Reales, Enteros]:
    """Vértices (v, 2) en grados, sin repetir, y los índices (n, k) de los de cada celda."""
    x0, y0 = esquinas.min(axis=(0, 1))
    ancho = esquinas[..., 0].max() - x0 + 1
    claves = (esquinas[..., 1] - y0) * ancho + (esquinas[..., 0] - x0)
    unicas = np.unique(claves)
    lon, lat = reticula.a_grados((unicas % ancho + x0).astype(np.float64), (unicas // ancho + y0).astype(np.float64))
    vertices = np.column_stack([lon, lat]).round(DECIMALES)
    return vertices, np.searchsorted(unicas, claves).astype(np.int64)


def poligonos_de(anillos: Reales) -> Geometrias:
    """Polígonos de anillos (n, k, 2) sin cerrar; varias veces más rápido que ``shapely.polygons``."""
    n, k, _ = anillos.shape
    cerrados = np.concatenate([anillos, anillos[:, :1]], axis=1)
    cortes = (np.arange(n + 1) * (k + 1), np.arange(n + 1))
    poligonos = shapely.from_ragged_array(shapely.GeometryType.POLYGON, cerrados.reshape(-1, 2), cortes)
    return np.asarray(poligonos, dtype=object)


def construir(area: BaseGeometry, trazo: Trazo, reticula: Reticula) -> Malla:
    """Construye las celdas que tienen algo del área; del borde del trazo quedan solo las que el contorno toca."""
    columnas, filas = trazo.celdas_interiores()
    interiores = len(filas)
    columnas = np.concatenate([columnas, trazo.borde_columnas])
    filas = np.concatenate([filas, trazo.borde_filas])
    vertices, esquinas = vertices_de(reticula.esquinas(columnas, filas), reticula)
    anillos = vertices[esquinas]
    poligonos = poligonos_de(anillos)
    shapely.prepare(area)
    borde = poligonos[interiores:]
    adentro = np.flatnonzero(shapely.contains_properly(area, borde)) + interiores
    cruzadas = np.setdiff1d(np.flatnonzero(shapely.intersects(area, borde)) + interiores, adentro, assume_unique=True)
    orden = np.concatenate([np.arange(interiores), adentro, cruzadas])
    return Malla(
        columnas[orden],
        filas[orden],
        vertices,
        esquinas[orden],
        poligonos[orden],
        areas_de_celdas_m2(anillos[orden]),
        interiores + len(adentro),
    )


def cubrir(area: BaseGeometry, malla: Malla) -> Partes:
    """Corta las celdas del borde por el contorno y se queda con lo que es del área."""
    borde = malla.esquinas[malla.interiores :]
    lados = np.stack([borde, np.roll(borde, -1, axis=1)], axis=-1).reshape(-1, 2)
    claves = np.unique(lados.min(axis=1) * len(malla.vertices) + lados.max(axis=1))
    extremos = np.column_stack([claves // len(malla.vertices), claves % len(malla.vertices)])
    contorno = shapely.get_rings(shapely.get_parts(area))
    lineas = np.concatenate([shapely.linestrings(malla.vertices[extremos]), contorno])
    caras = caras_de(lineas).dentro_de(area)
    cara, celda = caras.duenios(malla.poligonos[malla.interiores :])
    # La que no tiene celda del borde es el conjunto de las interiores.
    cara, primera = np.unique(cara, return_index=True)
    poligonos = caras.poligonos[cara]
    return Partes(poligonos, celda[primera] + malla.interiores, area_m2(poligonos))


def interiores_junto_al_borde(malla: Malla) -> Enteros:
    """Índices de las celdas interiores que comparten algún vértice con una del borde."""
    de_borde = np.zeros(len(malla.vertices), dtype=bool)
    de_borde[malla.esquinas[malla.interiores :]] = True
    return np.flatnonzero(de_borde[malla.esquinas[: malla.interiores]].any(axis=1)).astype(np.int64)
