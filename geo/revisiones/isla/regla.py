"""E-ISLA: calles unidas entre sí, o una sola, que no están unidas a la red."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.osm.etiquetas import es_edificio
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Enteros, Logicos, Mundo, Reales
from geo.revisiones.base.plano import mismo_plano
from geo.revisiones.base.red import componentes
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.casi.regla import casi_unidas
from geo.tipos import Geometrias

RED_PROPIA_M: Final = 3_000.0
"""Un grupo de calles que junta este largo es una red por sí mismo: el pueblo de al lado, otra isla."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Grupos de calles sin unión con la red, uno por hallazgo.

    La red es el grupo de mayor largo y todos los que pasan de `RED_PROPIA_M`. Unen las calles, lo que está en obra,
    las plazas, los andenes, los muelles, los transbordadores y los edificios (por sus puertas). No se dice de un grupo
    que llega a la orilla de los datos (le faltan nodos), ni del que está del otro lado de la costa o de un lago, ni del
    que sólo necesita un nodo donde ya toca a la red o casi: eso lo dicen E-NODO y E-CASI.
    """
    calles = mundo.calles
    if not len(calles):
        return
    largo = shapely.length(calles.geom)
    grupo, en_la_orilla = _grupos(mundo)
    largo_del_grupo = np.bincount(grupo, largo)
    es_red = (largo_del_grupo >= RED_PROPIA_M) | en_la_orilla
    es_red[int(np.argmax(np.round(largo_del_grupo, 1)))] = True
    grupo, es_red = _unidos_de_hecho(mundo, grupo, es_red)
    sueltas, firmes = np.flatnonzero(~es_red[grupo]), np.flatnonzero(es_red[grupo])
    if not len(sueltas):
        return
    vecina, lejos = _mas_cercana(mundo, sueltas, firmes)
    tramo = shapely.shortest_line(calles.geom[sueltas], calles.geom[vecina])
    orden = np.lexsort((sueltas, np.round(lejos, 2), grupo[sueltas]))
    _, inicio = np.unique(grupo[sueltas][orden], return_index=True)
    cercanas = orden[inicio]
    for k in cercanas[~_tras_el_agua(mundo, tramo[cercanas])]:
        primera = sueltas[k]
        suyas = np.flatnonzero(grupo == grupo[primera])
        lugar = shapely.get_point(tramo[k], 0)
        datos = {"metros": max(1, round(float(lejos[k]))), "largo": max(1, round(float(largo[suyas].sum())))}
        yield Hallazgo(
            codigo="E-ISLA",
            nivel=2,
            objetos=(calles.clave[primera], *(calles.clave[n] for n in suyas if n != primera)),
            lugar=(lugar.x, lugar.y),
            frase="sola" if len(suyas) == 1 else "grupo",
            datos={**datos, "calles": len(suyas)},
            donde=shapely.multilinestrings(list(calles.geom[suyas])),
        )


def _grupos(mundo: Mundo) -> tuple[Enteros, Logicos]:
    """Número de grupo de cada calle, sin huecos, y qué grupos siguen fuera de los datos (les faltan nodos)."""
    edificios = np.array([es_edificio(e) for e in mundo.via_etiquetas], dtype=np.bool_)
    grupos = mundo.red.grupos(tambien=edificios)
    cuales, grupo = np.unique(grupos[mundo.calles.via], return_inverse=True)
    rotos = grupos[mundo.red.es & ~mundo.completa]
    return grupo.astype(np.int64), np.isin(cuales, rotos)


def _unidos_de_hecho(mundo: Mundo, grupo: Enteros, es_red: Logicos) -> tuple[Enteros, Logicos]:
    """Junta los grupos que se tocan sin nodo a la misma altura, o que casi llegan uno a otro."""
    calles = mundo.calles
    sueltas = np.flatnonzero(~es_red[grupo])
    k, otra = calles.arbol.query(calles.geom[sueltas], predicate="intersects")
    una = sueltas[k]
    distintos = grupo[una] != grupo[otra]
    una, otra = una[distintos], otra[distintos]
    planas = np.array(
        [mismo_plano(calles.etiquetas[a], calles.etiquetas[b]) for a, b in zip(una, otra, strict=True)], dtype=np.bool_
    )
    casi = casi_unidas(mundo)
    i = np.concatenate([grupo[una[planas]], grupo[casi.calle]])
    j = np.concatenate([grupo[otra[planas]], grupo[casi.otra]])
    junto = componentes(len(es_red), i, j)
    red = np.zeros(len(es_red), dtype=np.bool_)
    red[junto[es_red]] = True
    return junto[grupo], red


def _mas_cercana(mundo: Mundo, sueltas: Enteros, firmes: Enteros) -> tuple[Enteros, Reales]:
    """La calle de la red más cercana a cada suelta, y sus metros."""
    calles = mundo.calles
    arbol = shapely.STRtree(calles.geom[firmes])
    (k, vecina), lejos = arbol.query_nearest(calles.geom[sueltas], return_distance=True, all_matches=True)
    orden = np.lexsort((vecina, k))
    primera = np.ones(len(orden), dtype=np.bool_)
    primera[1:] = k[orden][1:] != k[orden][:-1]
    elegidas = orden[primera]
    return firmes[vecina[elegidas]], lejos[elegidas]


def _tras_el_agua(mundo: Mundo, tramos: Geometrias) -> Logicos:
    """Si para llegar a la red hay que cruzar la costa o un lago."""
    costas = mundo.lineales.elegir(
        np.array([e.get("natural") == "coastline" for e in mundo.lineales.etiquetas], dtype=np.bool_)
    )
    lagos = mundo.no_edificios.elegir(
        np.array(
            [
                e.get("natural") == "water" and e.get("water") not in ("river", "canal", "stream")
                for e in mundo.no_edificios.etiquetas
            ],
            dtype=np.bool_,
        )
    )
    salida = np.zeros(len(tramos), dtype=np.bool_)
    for capa in (costas, lagos):
        salida[capa.arbol.query(tramos, predicate="crosses")[0]] = True
    return salida


REGLA: Final = Regla(
    codigo="E-ISLA",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"red_propia_m": RED_PROPIA_M},
    alcance_m=None,
)
