"""Manzanas, frentes de calle y lotes."""

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.plano import Puntos, largos
from geo.pueblo.red import Red
from geo.pueblo.trazado import TIPOS, Barrio
from geo.tipos import Geometrias

ESQUINA = math.radians(20.0)
"""Giro del paramento a partir del cual hay esquina."""
HONDURA_MINIMA = 7.5
"""Metros de fondo del lote más chico."""


@dataclass(frozen=True, slots=True, eq=False)
class Frente:
    """Un paramento recto con su marco: ``s`` corre a lo largo y ``d`` hacia adentro de la manzana.

    Attributes
    ----------
    origen, rumbo, normal : (2,) metros; los dos últimos, unitarios
    largo : float
        Metros.
    linea : int
        Calle a la que da (índice en :attr:`geo.pueblo.red.Red.lineas`).
    """

    origen: Puntos
    rumbo: Puntos
    normal: Puntos
    largo: float
    linea: int

    def al_plano(self, marco: Puntos) -> Puntos:
        """Pasa puntos ``(s, d)`` del marco al plano: (n, 2) metros."""
        return np.asarray(self.origen + marco[:, :1] * self.rumbo + marco[:, 1:] * self.normal)


@dataclass(frozen=True, slots=True, eq=False)
class Lote:
    """Un rectángulo ``[s0, s1] × [0, hondo]`` en el marco de su frente, en centímetros enteros."""

    frente: Frente
    s0: int
    s1: int
    hondo: int


@dataclass(slots=True, eq=False)
class Manzana:
    """Un terreno rodeado de calles, sin ellas.

    Attributes
    ----------
    poligono : Polygon, metros
    barrio : int
    frentes : list of list of Frente
        Cada paramento entre esquinas; una curva es una lista de cuerdas, un lote por cuerda.
    """

    poligono: Polygon
    barrio: int
    frentes: list[list[Frente]] = field(default_factory=list)


def suelo_de_calles(red: Red) -> list[Polygon]:
    """Lo que ocupa cada calle de paramento a paramento."""
    por_linea: dict[int, list[Puntos]] = defaultdict(list)
    for tramo in red.tramos:
        por_linea[tramo.linea].append(tramo.puntos)
    suelos: list[Polygon] = []
    for linea in sorted(por_linea):
        unidas = shapely.line_merge(shapely.multilinestrings([LineString(p) for p in por_linea[linea]]))
        ancho = TIPOS[red.lineas[linea].tipo].ancho
        suelos.extend(shapely.buffer(shapely.get_parts(unidas), ancho / 2, cap_style="flat", join_style="mitre"))
    return suelos


def terrenos(cara: Polygon, suelos: list[Polygon], arbol: shapely.STRtree) -> list[Polygon]:
    """Lo que queda de una cara al quitarle las calles, sin rendijas ni esquirlas.

    Parameters
    ----------
    cara : Polygon
    suelos : list of Polygon
        De :func:`suelo_de_calles`.
    arbol : STRtree
        De ``suelos``.
    """
    calles = shapely.union_all([suelos[i] for i in sorted(arbol.query(cara, predicate="intersects").tolist())])
    salida = []
    for parte in shapely.get_parts(cara.difference(calles)):
        for limpia in shapely.get_parts(parte.buffer(-2.0, join_style="mitre").buffer(2.0, join_style="mitre")):
            limpia = shapely.simplify(limpia.intersection(parte), 0.12)
            if isinstance(limpia, Polygon) and limpia.area > 160:
                salida.append(shapely.normalize(Polygon(limpia.exterior)))
    return sorted(salida, key=lambda p: tuple(np.round(p.bounds, 2)))


def amanzanar(terreno: Polygon, indice: int, barrio: Barrio, red: Red, arbol: shapely.STRtree) -> Manzana:
    """La manzana de un terreno, con sus frentes.

    Parameters
    ----------
    terreno : Polygon
    indice : int
        Lugar del barrio en la lista.
    barrio : Barrio
    red : Red
    arbol : STRtree
        De los tramos de la red.
    """
    manzana = Manzana(shapely.orient_polygons(terreno), indice)
    manzana.frentes = _frentes(manzana, red, arbol, barrio)
    return manzana


def _frentes(manzana: Manzana, red: Red, arbol: shapely.STRtree, barrio: Barrio) -> list[list[Frente]]:
    anillo = shapely.get_coordinates(manzana.poligono.exterior)
    medios = shapely.points((anillo[:-1] + anillo[1:]) / 2)
    (segmento, tramo), distancia = arbol.query_nearest(medios, max_distance=12.0, return_distance=True)
    lineas = np.full(len(medios), -1)
    for i, t, lejos in zip(segmento.tolist(), tramo.tolist(), distancia.tolist(), strict=True):
        linea = red.tramos[t].linea
        if lejos <= TIPOS[red.lineas[linea].tipo].ancho / 2 + 0.6:
            lineas[i] = max(lineas[i], linea)
    grupos = _grupos(anillo, lineas)
    return [_rectos(puntos, linea, barrio) for puntos, linea in grupos if largos(puntos).sum() > 7]


def _grupos(anillo: Puntos, lineas: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[tuple[Puntos, int]]:
    """Parte el contorno en las esquinas y donde cambia la calle; lo que no da a ninguna calle se va."""
    vectores = np.diff(anillo, axis=0)
    rumbos = np.arctan2(vectores[:, 1], vectores[:, 0])
    giros = np.abs((rumbos - np.roll(rumbos, 1) + np.pi) % (2 * np.pi) - np.pi)
    quiebres = (giros > ESQUINA) | (lineas != np.roll(lineas, 1))
    n = len(lineas)
    arranque = int(np.argmax(quiebres))
    grupos: list[tuple[list[Puntos], int]] = []
    for k in range(n):
        i = (arranque + k) % n
        if k == 0 or quiebres[i]:
            grupos.append(([anillo[i]], int(lineas[i])))
        grupos[-1][0].append(anillo[i + 1])
    return [(np.array(puntos), linea) for puntos, linea in grupos if linea >= 0]


def _rectos(puntos: Puntos, linea: int, barrio: Barrio) -> list[Frente]:
    cuerda = shapely.LineString([puntos[0], puntos[-1]])
    if shapely.distance(shapely.points(puntos), cuerda).max() < 0.35:
        return [_frente(puntos[0], puntos[-1], linea)]
    curva = LineString(puntos)
    paso = (barrio.lote[0] + barrio.lote[1]) / 2
    cuantos = max(1, round(curva.length / paso))
    cortes = shapely.get_coordinates(shapely.line_interpolate_point(curva, np.linspace(0, curva.length, cuantos + 1)))
    return [_frente(a, b, linea) for a, b in itertools.pairwise(cortes)]


def _frente(a: Puntos, b: Puntos, linea: int) -> Frente:
    largo = float(np.hypot(*(b - a)))
    rumbo = (b - a) / largo
    return Frente(a, rumbo, np.array([-rumbo[1], rumbo[0]]), largo, linea)


def lotificar(manzana: Manzana, barrio: Barrio, azar: Azar) -> list[list[Lote]]:
    """Reparte la manzana en lotes a lo largo de sus frentes.

    Returns
    -------
    list of list of Lote
        Una lista por frente recto, en orden de ``s``; los lotes de un mismo frente pueden compartir lindero y nunca se
        enciman con los de otro.
    """
    libre = manzana.poligono.buffer(0.4)
    filas = []
    orden = sorted(manzana.frentes, key=lambda f: (-round(sum(x.largo for x in f), 1), tuple(f[0].origen.round(2))))
    for frente in itertools.chain.from_iterable(orden):
        curvo = frente.largo < barrio.lote[1]
        fila = _fila(frente, manzana.poligono, libre, barrio, azar, curvo)
        if fila:
            libre = libre.difference(shapely.union_all(_poligonos(fila)))
            filas.append(fila)
    return filas


def _fila(
    frente: Frente, manzana: Polygon, libre: shapely.Geometry, barrio: Barrio, azar: Azar, curvo: bool
) -> list[Lote]:
    hondo = _hondura(frente, manzana, barrio, azar)
    if hondo < HONDURA_MINIMA:
        return []
    inicio, fin = _tramo_libre(frente, libre)
    if fin - inicio < 480:
        return []
    cortes = [inicio]
    while not curvo and cortes[-1] < fin:
        cortes.append(cortes[-1] + round(azar.entre(*barrio.lote) * 100))
    if curvo:
        cortes = [inicio, fin]
    elif fin - cortes[-2] < barrio.lote[0] * 70 and len(cortes) > 2:
        cortes[-2:] = [fin]
    else:
        cortes[-1] = fin
    enteros = [Lote(frente, s0, s1, round(hondo * 100)) for s0, s1 in itertools.pairwise(cortes)]
    shapely.prepare(libre)
    caben = shapely.covers(libre, _poligonos(enteros))
    fila = []
    for lote, cabe in zip(enteros, caben.tolist(), strict=True):
        elegido = lote if cabe else _recortado(lote, libre)
        if elegido is not None and elegido.s1 - elegido.s0 >= 480:
            fila.append(elegido)
    return fila


def _tramo_libre(frente: Frente, libre: shapely.Geometry) -> tuple[int, int]:
    """La parte más larga del frente que no tapan los lotes de otro, en centímetros."""
    linea = LineString(frente.al_plano(np.array([[0.0, 3.0], [frente.largo, 3.0]])))
    partes = [p for p in shapely.get_parts(linea.intersection(libre)) if p.length > 0]
    if not partes:
        return 0, 0
    mayor = max(partes, key=lambda p: round(p.length, 2))
    extremos = (shapely.get_coordinates(mayor) - frente.origen) @ frente.rumbo
    return max(0, math.ceil(extremos.min() * 100)), min(int(frente.largo * 100), int(extremos.max() * 100))


def _poligonos(lotes: list[Lote]) -> Geometrias:
    frente = lotes[0].frente
    marco = np.array([[(x.s0, 0), (x.s1, 0), (x.s1, x.hondo), (x.s0, x.hondo)] for x in lotes]).reshape(-1, 2) / 100
    return np.asarray(shapely.polygons(frente.al_plano(marco).reshape(-1, 4, 2)))


def _recortado(lote: Lote, libre: shapely.Geometry) -> Lote | None:
    """El mayor lote que cabe entre esos linderos: se recorta de fondo y, en las esquinas, de los lados."""
    variantes = [
        Lote(lote.frente, lote.s0 + izquierda, lote.s1 - derecha, round(lote.hondo * parte))
        for izquierda, derecha in ((0, 0), (150, 0), (0, 150), (300, 0), (0, 300), (250, 250), (550, 0), (0, 550))
        for parte in (1.0, 0.8, 0.62, 0.45)
        if lote.s1 - lote.s0 - izquierda - derecha >= 480 and lote.hondo * parte >= HONDURA_MINIMA * 100
    ]
    if not variantes:
        return None
    caben = shapely.covers(libre, _poligonos(variantes))
    return variantes[int(np.argmax(caben))] if caben.any() else None


def _hondura(frente: Frente, manzana: Polygon, barrio: Barrio, azar: Azar) -> float:
    """Fondo de los lotes del frente: media manzana, o menos si la manzana es muy honda."""
    hondo = azar.entre(*barrio.hondo)
    salidas = frente.al_plano(np.array([[frente.largo * parte, 0.7] for parte in (0.2, 0.5, 0.8)]))
    rayos = shapely.linestrings(np.stack([salidas, salidas + frente.normal * 150], axis=1))
    distancias = shapely.distance(shapely.intersection(rayos, manzana.exterior), shapely.points(salidas))
    libre = distancias[~np.isnan(distancias)]
    if not len(libre):
        return 0.0
    medio = float(np.sort(libre)[-2:].min()) / 2 - 0.2
    return min(hondo, medio if medio > HONDURA_MINIMA + 1 else 2 * medio)
