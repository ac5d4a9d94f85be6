"""E-NODO: dos calles que se cruzan a la misma altura sin un nodo común."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.lineas import LINEA, medios, son_puntos
from geo.revisiones.base.mundo import Enteros, Mundo, Reales
from geo.revisiones.base.plano import mismo_plano
from geo.revisiones.base.red import rango
from geo.revisiones.base.regla import Ajustes, Regla
from geo.tipos import Geometrias

JUNTO_M: Final = 1.0
"""Un cruce a esta distancia de un nodo que las dos comparten es ese mismo cruce, dibujado con descuido."""
ENCIMADAS_M: Final = 3.0
"""Largo desde el que lo común a las dos se dice trecho encimado y no cruce."""
REPETIDAS: Final = 0.99
"""Parte común de las dos calles desde la que son la misma dibujada dos veces, que es E-DUP."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Pares de calles del mismo plano (`geo.revisiones.base.plano`) cuyas líneas se tocan donde no comparten nodo.

    Un hallazgo por par, con todos sus cruces; el lugar es el primero a lo largo de la calle que conviene tocar. Si lo
    común es un trecho y no un punto, sólo cuenta si en alguna de sus puntas no hay un nodo de las dos: dos calles que
    van por los mismos nodos están repetidas.
    """
    calles = mundo.calles
    i, j = calles.pares("intersects")
    planas = np.array(
        [mismo_plano(calles.etiquetas[a], calles.etiquetas[b]) for a, b in zip(i, j, strict=True)], dtype=np.bool_
    )
    i, j = i[planas], j[planas]
    comun = shapely.intersection(calles.geom[i], calles.geom[j])
    largo = shapely.length(calles.geom)
    otras = shapely.length(comun) < REPETIDAS * np.maximum(largo[i], largo[j])
    i, j, comun = i[otras], j[otras], comun[otras]
    par, toques = _toques(comun)
    lejos = _lejos_de_comunes(mundo, i, j, par, toques)
    par, toques = par[lejos], toques[lejos]
    for k in np.unique(par):
        yield _hallazgo(mundo, (int(i[k]), int(j[k])), toques[par == k])


def _toques(comun: Geometrias) -> tuple[Enteros, Geometrias]:
    """Las partes de lo que cada par tiene en común, puntos y trechos ya unidos, y de qué par es cada una."""
    # Lo que se toca en un solo punto, que es casi todo, no necesita unirse.
    varios = np.flatnonzero(shapely.get_type_id(comun) > LINEA)
    solos = np.flatnonzero(shapely.get_type_id(comun) <= LINEA)
    partes, de_cual = shapely.get_parts(comun[varios], return_index=True)
    en_linea = np.asarray(shapely.get_type_id(partes) == LINEA, dtype=np.bool_)
    grupo, orden = np.unique(de_cual[en_linea], return_inverse=True)
    unidas, parte_de = np.array([], dtype=object), np.array([], dtype=np.int64)
    if len(grupo):
        juntas = shapely.line_merge(shapely.multilinestrings(partes[en_linea], indices=orden))
        unidas, parte_de = shapely.get_parts(juntas, return_index=True)
    par = np.concatenate([solos, varios[de_cual[~en_linea]], varios[grupo[parte_de]]]).astype(np.int64)
    toques = np.concatenate([comun[solos], partes[~en_linea], unidas])
    hay = ~np.asarray(shapely.is_empty(toques), dtype=np.bool_)
    return par[hay], toques[hay]


def _lejos_de_comunes(mundo: Mundo, i: Enteros, j: Enteros, par: Enteros, toques: Geometrias) -> npt.NDArray[np.bool_]:
    """Qué toques no tienen en su sitio (los trechos, en sus dos puntas) un nodo de las dos calles."""
    vias, red = mundo.calles.via, mundo.red
    usados = np.flatnonzero(red.usos > 1)
    arbol = shapely.STRtree(shapely.points(mundo.xy[usados]))
    salida = np.zeros(len(toques), dtype=np.bool_)
    for puntos in _extremos(toques):
        toque, nodo = arbol.query(shapely.points(puntos), predicate="dwithin", distance=JUNTO_M)
        nodo = usados[nodo]
        de_las_dos = red.pasa(vias[i[par[toque]]], nodo) & red.pasa(vias[j[par[toque]]], nodo)
        lejos = np.ones(len(toques), dtype=np.bool_)
        lejos[toque[de_las_dos]] = False
        salida |= lejos
    return salida


def _extremos(toques: Geometrias) -> tuple[Reales, Reales]:
    """(k, 2) donde empieza y donde acaba cada toque; los puntos, en sí mismos."""
    puntos = son_puntos(toques)
    inicio, fin = toques.copy(), toques.copy()
    inicio[~puntos] = shapely.get_point(toques[~puntos], 0)
    fin[~puntos] = shapely.get_point(toques[~puntos], -1)
    return shapely.get_coordinates(inicio), shapely.get_coordinates(fin)


def _hallazgo(mundo: Mundo, par: tuple[int, int], toques: Geometrias) -> Hallazgo:
    """Primero la calle menos importante, y de dos iguales la más nueva."""
    calles = mundo.calles
    suelta, firme = sorted(par, key=lambda c: (-rango(calles.etiquetas[c]), -calles.numero(c)))
    centros, es_punto = medios(toques), son_puntos(toques)
    avance = shapely.line_locate_point(calles.geom[suelta], centros)
    orden = np.argsort(avance, kind="stable")
    lugar = centros[orden[0]]
    trecho = float(shapely.length(toques).sum())
    veces = len(toques)
    if trecho >= ENCIMADAS_M:
        frase, datos = "encimadas", {"metros": round(trecho)}
    else:
        frase, datos = ("cruce", {}) if veces == 1 else ("cruces", {"veces": veces})
    return Hallazgo(
        codigo="E-NODO",
        nivel=2,
        objetos=(calles.clave[suelta], calles.clave[firme]),
        lugar=(lugar.x, lugar.y),
        frase=frase,
        datos=datos,
        donde=None if veces == 1 and es_punto[0] else shapely.union_all(toques),
    )


REGLA: Final = Regla(
    codigo="E-NODO",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"junto_m": JUNTO_M, "encimadas_m": ENCIMADAS_M, "repetidas": REPETIDAS},
    alcance_m=0.0,
)
