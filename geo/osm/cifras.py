"""Cuántos edificios y cuántos metros de calle caen en cada zona."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

from geo.crs import longitud_m
from geo.tipos import Geometrias

Flotantes = npt.NDArray[np.float64]
Enteros = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]

# Las zonas se corren una fracción de milímetro, siempre la misma (igual que la función osm_cifras de la base): una
# calle o un edificio justo en el borde común de dos zonas cae así en una sola, y las zonas suman lo que su unión.
CORRIMIENTO = (3.1415926e-9, 2.7182818e-9)
PARES_POR_VUELTA = 200_000
# Un vértice hundido menos que esto (relativo al lado) no quita lo convexo: es redondeo.
HOLGURA = 1e-9
_GEOIDE = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Cifras:
    """Cifras por zona, en el orden de las zonas.

    Attributes
    ----------
    edificios : (n,) int64
    metros_vias : (n,) float64
        Metros geodésicos.
    """

    edificios: Enteros
    metros_vias: Flotantes


def contar(zonas: Geometrias, centros: Flotantes, calles: Geometrias) -> Cifras:
    """Cuenta en cada zona.

    Parameters
    ----------
    zonas : (n,) arreglo de Polygon o MultiPolygon, EPSG:4326
        Si se tocan sin encimarse, lo que suman es lo que hay en su unión.
    centros : (m, 2) float64
        Longitud y latitud del punto en que cuenta cada edificio.
    calles : (k,) arreglo de LineString, EPSG:4326

    Returns
    -------
    Cifras
    """
    corridas = np.asarray(shapely.transform(zonas, lambda puntos: puntos + CORRIMIENTO), dtype=object)
    shapely.prepare(corridas)
    arbol = shapely.STRtree(corridas)
    return Cifras(_edificios(corridas, arbol, centros), _metros(corridas, arbol, calles))


def _edificios(zonas: Geometrias, arbol: shapely.STRtree, centros: Flotantes) -> Enteros:
    if not len(centros):
        return np.zeros(len(zonas), dtype=np.int64)
    punto, zona = arbol.query(shapely.points(centros))
    dentro = shapely.contains_xy(zonas[zona], centros[punto, 0], centros[punto, 1])
    return np.bincount(zona[dentro], minlength=len(zonas)).astype(np.int64)


def _metros(zonas: Geometrias, arbol: shapely.STRtree, calles: Geometrias) -> Flotantes:
    puntos, de_calle = shapely.get_coordinates(calles, return_index=True)
    seguidos = de_calle[1:] == de_calle[:-1]
    desde, hasta = puntos[:-1][seguidos], puntos[1:][seguidos]
    total = np.zeros(len(zonas))
    if not len(desde):
        return total
    tramos = shapely.linestrings(np.stack((desde, hasta), axis=1))
    tramo, zona = arbol.query(tramos)
    enteros = _geodesica(desde, hasta)
    convexas = _convexas(zonas)
    a_mano = convexas[zona]
    for vuelta in range(0, len(tramo), PARES_POR_VUELTA):
        parte = slice(vuelta, vuelta + PARES_POR_VUELTA)
        t, z = tramo[parte][a_mano[parte]], zona[parte][a_mano[parte]]
        np.add.at(total, z, _recorte_convexo(zonas, z, desde[t], hasta[t], enteros[t]))
    t, z = tramo[~a_mano], zona[~a_mano]
    np.add.at(total, z, _recorte_general(zonas[z], np.asarray(tramos)[t], enteros[t]))
    return total


def _geodesica(desde: Flotantes, hasta: Flotantes) -> Flotantes:
    metros = _GEOIDE.inv(desde[:, 0], desde[:, 1], hasta[:, 0], hasta[:, 1])[2]
    return np.asarray(metros, dtype=np.float64)


def _recorte_general(zonas: Geometrias, tramos: Geometrias, enteros: Flotantes) -> Flotantes:
    """Metros de cada tramo dentro de su zona, cualquiera que sea su forma."""
    metros = np.where(shapely.covers(zonas, tramos), enteros, 0.0)
    cruza = (metros == 0) & shapely.intersects(zonas, tramos)
    piezas = shapely.intersection(tramos[cruza], zonas[cruza])
    metros[cruza] = longitud_m(np.atleast_1d(piezas))
    return metros


def _convexas(zonas: Geometrias) -> npt.NDArray[np.bool_]:
    """Qué zonas son polígonos convexos sin huecos."""
    simples = (shapely.get_type_id(zonas) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(zonas) == 0
    )
    simples &= ~shapely.is_empty(zonas)
    cuales = np.flatnonzero(simples)
    puntos, de_zona = shapely.get_coordinates(shapely.get_exterior_ring(zonas[cuales]), return_index=True)
    lado = np.diff(puntos, axis=0)
    propio = de_zona[1:] == de_zona[:-1]
    lado, de_lado = lado[propio], de_zona[1:][propio]
    cuantos = np.bincount(de_lado, minlength=len(cuales))
    primero = np.concatenate(([0], np.cumsum(cuantos)[:-1])).astype(np.intp)
    siguiente = np.arange(1, len(lado) + 1)
    siguiente[primero + cuantos - 1] = primero
    otro = lado[siguiente]
    giro = lado[:, 0] * otro[:, 1] - lado[:, 1] * otro[:, 0]
    escala = HOLGURA * (np.abs(lado).sum(axis=1) * np.abs(otro).sum(axis=1))
    a_izquierda = np.bincount(de_lado, weights=giro < -escala, minlength=len(cuales)) == 0
    a_derecha = np.bincount(de_lado, weights=giro > escala, minlength=len(cuales)) == 0
    simples[cuales] = a_izquierda | a_derecha
    return np.asarray(simples, dtype=np.bool_)


def _recorte_convexo(
    zonas: Geometrias, zona: Indices, desde: Flotantes, hasta: Flotantes, enteros: Flotantes
) -> Flotantes:
    """Metros de cada tramo dentro de su zona convexa: cada lado del polígono recorta el intervalo [0, 1] del tramo.

    Algoritmo de Cyrus y Beck, *Generalized two- and three-dimensional clipping* (1978).
    """
    entra, sale = np.zeros(len(zona)), np.ones(len(zona))
    usadas, cual = np.unique(zona, return_inverse=True)
    for vertice, lado in _lados(zonas[usadas]):
        v, d = vertice[cual], lado[cual]
        en_desde = d[:, 0] * (desde[:, 1] - v[:, 1]) - d[:, 1] * (desde[:, 0] - v[:, 0])
        en_hasta = d[:, 0] * (hasta[:, 1] - v[:, 1]) - d[:, 1] * (hasta[:, 0] - v[:, 0])
        with np.errstate(divide="ignore", invalid="ignore"):
            corte = en_desde / (en_desde - en_hasta)
        entra = np.where((en_desde < 0) & (en_hasta >= 0), np.maximum(entra, corte), entra)
        sale = np.where((en_desde >= 0) & (en_hasta < 0), np.minimum(sale, corte), sale)
        sale = np.where((en_desde < 0) & (en_hasta < 0), -1.0, sale)
    metros = np.where(sale > entra, enteros, 0.0)
    cortado = (sale > entra) & ((entra > 0) | (sale < 1))
    largo = (hasta - desde)[cortado]
    metros[cortado] = _geodesica(
        desde[cortado] + entra[cortado, None] * largo, desde[cortado] + sale[cortado, None] * largo
    )
    return metros


def _lados(zonas: Geometrias) -> list[tuple[Flotantes, Flotantes]]:
    """Vértice y dirección del lado k de cada zona, en sentido antihorario; a las de menos lados se les repite uno."""
    anillos = shapely.get_exterior_ring(shapely.normalize(zonas))
    puntos, de_zona = shapely.get_coordinates(anillos, return_index=True)
    cuantos = np.bincount(de_zona, minlength=len(zonas))
    primero = np.concatenate(([0], np.cumsum(cuantos)[:-1]))
    lados = []
    for k in range(int(cuantos.max(initial=1)) - 1):
        i = primero + np.minimum(k, cuantos - 2)
        # normalize deja el contorno en sentido horario: recorrido al revés es antihorario.
        lados.append((puntos[i + 1], puntos[i] - puntos[i + 1]))
    return lados
