"""E-AGUA: una calle que cruza un río, un canal o un cuerpo de agua sin puente, vado ni alcantarilla."""

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.lineas import LINEA, medios
from geo.revisiones.base.mundo import SIN_ETIQUETAS, Capa, Enteros, Logicos, Mundo
from geo.revisiones.base.plano import hay, mismo_plano
from geo.revisiones.base.regla import Ajustes, Regla
from geo.tipos import Geometrias

CORREN: Final = frozenset({"river", "stream", "canal", "drain", "ditch", "tidal_channel", "brook"})
AGUA_DENTRO_M: Final = 3.0
"""Largo de calle dentro del agua desde el que no es una orilla dibujada con descuido."""
JUNTO_M: Final = 5.0
"""A esta distancia de una presa, un muelle o el contorno de un puente, la calle pasa por ahí."""
MISMO_M: Final = 1.0
PASOS: Final = ("bridge", "tunnel", "ford", "ice_road", "winter_road", "floating", "culvert")
DE_LA_CALLE: Final = (*PASOS, "covered")
FRENAN: Final = frozenset({"dam", "weir", "lock_gate", "sluice_gate", "waterfall", "boat_ramp"})
ENCIMA: Final = frozenset({"pier", "bridge", "breakwater", "groyne", "dyke", "embankment", "quay", "floating_pontoon"})
NO_ES_CUERPO: Final = frozenset({"wastewater", "reflecting_pool", "fountain"})


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Calles que pasan sobre un cauce (línea) o por dentro de un cuerpo de agua (área) en su misma capa.

    No cuentan si la calle lleva ``bridge``, ``tunnel`` o ``ford``, si el agua va entubada, si el nodo del cruce es un
    vado, una alcantarilla o una presa, ni si por ahí hay una presa, un muelle o el contorno de un puente. Lo que sólo
    llega a la orilla no cruza. Donde el río está dibujado como línea y como área, habla el área.
    """
    calles = mundo.calles
    secas = calles.elegir(
        np.array(
            [not any(hay(e, llave) for llave in DE_LA_CALLE) and _pisa(e) for e in calles.etiquetas], dtype=np.bool_
        )
    )
    cuerpos = mundo.no_edificios.elegir(np.array([_es_cuerpo(e) for e in mundo.no_edificios.etiquetas], dtype=np.bool_))
    cauces = mundo.cauces.elegir(np.array([_corre(e) for e in mundo.cauces.etiquetas], dtype=np.bool_))
    mojadas, trechos = yield from _por_cuerpos(mundo, secas, cuerpos)
    yield from _por_cauces(mundo, secas, cauces, mojadas, trechos)


def _pisa(calle: Mapping[str, str]) -> bool:
    return calle.get("man_made") not in ENCIMA and calle.get("leisure") != "slipway" and calle.get("route") != "ferry"


def _es_cuerpo(e: Mapping[str, str]) -> bool:
    agua = (
        e.get("natural") == "water"
        or e.get("waterway") in ("riverbank", "dock")
        or e.get("landuse") == "reservoir"
        or ("water" in e and "natural" not in e and "landuse" not in e)
    )
    return agua and e.get("water") not in NO_ES_CUERPO and not hay(e, "tunnel") and not hay(e, "covered")


def _corre(e: Mapping[str, str]) -> bool:
    entubada = any(hay(e, llave) for llave in ("tunnel", "culvert", "covered", "bridge"))
    return e["waterway"] in CORREN and not entubada and e.get("location") != "underground"


def _paso_en_el_nodo(e: Mapping[str, str]) -> bool:
    """Si el nodo mismo dice cómo se pasa."""
    return (
        any(hay(e, llave) for llave in PASOS)
        or e.get("waterway") in FRENAN
        or e.get("leisure") == "slipway"
        or e.get("man_made") in ENCIMA
    )


def _misma_capa(secas: Capa, agua: Capa, i: Enteros, j: Enteros) -> Logicos:
    return np.array(
        [mismo_plano(_solo_capa(secas.etiquetas[a]), _solo_capa(agua.etiquetas[b])) for a, b in zip(i, j, strict=True)],
        dtype=np.bool_,
    )


def _solo_capa(e: Mapping[str, str]) -> Mapping[str, str]:
    return {"layer": e["layer"]} if "layer" in e else SIN_ETIQUETAS


def _por_cuerpos(mundo: Mundo, secas: Capa, cuerpos: Capa) -> Generator[Hallazgo, None, tuple[Enteros, Geometrias]]:
    """Los hallazgos, y al acabar de qué calle son todos los trechos dentro del agua, con paso o sin él."""
    i, j = secas.arbol.query(cuerpos.geom, predicate="intersects")[::-1]
    planas = _misma_capa(secas, cuerpos, i, j)
    i, j = i[planas], j[planas]
    comun = shapely.intersection(secas.geom[i], cuerpos.geom[j])
    dentro, par = shapely.get_parts(shapely.line_merge(_solo_lineas(comun)), return_index=True)
    largo = shapely.length(dentro)
    hondas = np.flatnonzero(largo >= AGUA_DENTRO_M)
    dentro, par, largo = dentro[hondas], par[hondas], largo[hondas]
    lugar = shapely.line_interpolate_point(dentro, 0.5, normalized=True)
    sin_paso = ~_hay_paso(mundo, lugar) & ~_nodos_con_paso(mundo, secas, i[par], dentro)
    for k in np.flatnonzero(sin_paso):
        yield Hallazgo(
            codigo="E-AGUA",
            nivel=3,
            objetos=(secas.clave[i[par[k]]], cuerpos.clave[j[par[k]]]),
            lugar=(lugar[k].x, lugar[k].y),
            frase="dentro",
            datos={"metros": round(float(largo[k]))},
            donde=dentro[k],
        )
    return i[par], dentro


def _solo_lineas(formas: Geometrias) -> Geometrias:
    """Sin los puntos sueltos que deja una calle que roza la orilla."""
    partes, de_cual = shapely.get_parts(formas, return_index=True)
    lineas = np.asarray(shapely.get_type_id(partes) == LINEA, dtype=np.bool_)
    salida = np.full(len(formas), shapely.MultiLineString(), dtype=object)
    grupo, orden = np.unique(de_cual[lineas], return_inverse=True)
    if len(grupo):
        salida[grupo] = shapely.multilinestrings(partes[lineas], indices=orden)
    return salida


def _hay_paso(mundo: Mundo, lugares: Geometrias) -> Logicos:
    """Si junto al lugar hay una presa, un muelle, un dique o el contorno de un puente."""
    salida = np.zeros(len(lugares), dtype=np.bool_)
    for capa in (mundo.lineales, mundo.no_edificios):
        pasos = capa.elegir(
            np.array(
                [e.get("waterway") in FRENAN or e.get("man_made") in ENCIMA for e in capa.etiquetas], dtype=np.bool_
            )
        )
        if len(pasos) and len(lugares):
            salida[pasos.arbol.query(lugares, predicate="dwithin", distance=JUNTO_M)[0]] = True
    return salida


def _nodos_con_paso(mundo: Mundo, secas: Capa, calle: Enteros, dentro: Geometrias) -> Logicos:
    """Si en el trecho mojado hay un nodo de la calle que dice cómo se pasa."""
    pasos = [k for k, e in mundo.etiquetas_de_nodo.items() if _paso_en_el_nodo(e)]
    salida = np.zeros(len(dentro), dtype=np.bool_)
    if not pasos or not len(dentro):
        return salida
    arbol = shapely.STRtree(shapely.points(mundo.xy[pasos]))
    k, n = arbol.query(dentro, predicate="dwithin", distance=MISMO_M)
    for trecho, nodo in zip(k.tolist(), n.tolist(), strict=True):
        if pasos[nodo] in mundo.nodos_de(int(secas.via[calle[trecho]])):
            salida[trecho] = True
    return salida


def _por_cauces(mundo: Mundo, secas: Capa, cauces: Capa, mojadas: Enteros, trechos: Geometrias) -> Iterator[Hallazgo]:
    i, j = secas.arbol.query(cauces.geom, predicate="intersects")[::-1]
    planas = _misma_capa(secas, cauces, i, j)
    i, j = i[planas], j[planas]
    comun, par = shapely.get_parts(shapely.intersection(secas.geom[i], cauces.geom[j]), return_index=True)
    cruces = medios(comun)
    i, j = i[par], j[par]
    cruza = ~_solo_llega(mundo, secas, i, cruces, mundo.red.pasadas)
    cruza &= ~_solo_llega(mundo, cauces, j, cruces, _pasadas(mundo, mundo.cauces))
    cruza &= ~_hay_paso(mundo, cruces) & ~_paso_justo_ahi(mundo, cruces)
    if len(trechos) and len(cruces):
        k, t = shapely.STRtree(trechos).query(cruces, predicate="dwithin", distance=MISMO_M)
        cruza[k[mojadas[t] == i[k]]] = False
    vistos: set[tuple[float, float]] = set()
    orden = np.lexsort((cauces.via[j], secas.via[i]))
    for k in orden[cruza[orden]]:
        lugar = (float(cruces[k].x), float(cruces[k].y))
        redondo = (round(lugar[0], 1), round(lugar[1], 1))
        if redondo in vistos:
            continue
        vistos.add(redondo)
        yield Hallazgo("E-AGUA", 3, (secas.clave[i[k]], cauces.clave[j[k]]), lugar, "cauce")


def _pasadas(mundo: Mundo, capa: Capa) -> Enteros:
    """(n,) cuántas veces pasan por cada nodo las vías de la capa."""
    suyas = np.isin(mundo.via_de_ref, capa.via) & (mundo.refs >= 0)
    return np.bincount(mundo.refs[suyas], minlength=len(mundo.nodo_id)).astype(np.int64)


def _solo_llega(mundo: Mundo, capa: Capa, cual: Enteros, cruces: Geometrias, pasadas: Enteros) -> Logicos:
    """Si el toque es en una punta de la vía por la que nada más sigue."""
    xy = shapely.get_coordinates(cruces)
    salida = np.zeros(len(cruces), dtype=np.bool_)
    vias = capa.via[cual]
    for nodo in (mundo.refs[mundo.desde[vias]], mundo.refs[mundo.desde[vias + 1] - 1]):
        salida |= (np.hypot(*(mundo.xy[nodo] - xy).T) <= MISMO_M) & (pasadas[nodo] == 1)
    return salida


def _paso_justo_ahi(mundo: Mundo, cruces: Geometrias) -> Logicos:
    """Si el cruce cae en un nodo que dice cómo se pasa, o donde empieza un puente, un vado o una alcantarilla."""
    nodos = {k for k, e in mundo.etiquetas_de_nodo.items() if _paso_en_el_nodo(e)}
    for capa, llaves in ((mundo.calles, DE_LA_CALLE), (mundo.cauces, ("tunnel", "culvert", "covered", "bridge"))):
        con_paso = capa.via[np.array([any(hay(e, llave) for llave in llaves) for e in capa.etiquetas], dtype=np.bool_)]
        nodos.update(mundo.refs[mundo.desde[con_paso]].tolist(), mundo.refs[mundo.desde[con_paso + 1] - 1].tolist())
    salida = np.zeros(len(cruces), dtype=np.bool_)
    if nodos and len(cruces):
        arbol = shapely.STRtree(shapely.points(mundo.xy[sorted(nodos)]))
        salida[arbol.query(cruces, predicate="dwithin", distance=MISMO_M)[0]] = True
    return salida


REGLA: Final = Regla(
    codigo="E-AGUA",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"agua_dentro_m": AGUA_DENTRO_M, "junto_m": JUNTO_M, "mismo_m": MISMO_M},
    alcance_m=JUNTO_M,
)
