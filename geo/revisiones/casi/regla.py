"""E-CASI: la punta de una calle que se queda a unos metros de otra sin unirse con ella."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import SIN_ETIQUETAS, Enteros, Logicos, Mundo, Reales
from geo.revisiones.base.plano import mismo_plano
from geo.revisiones.base.red import A_PIE, rango
from geo.revisiones.base.regla import Ajustes, Regla

DISTANCIA_M: Final = 5.0
"""Como iD; Osmose usa 10 m y Atlas 2 m."""
DE_BANQUETA_M: Final = 2.0
"""De una banqueta dibujada aparte: va siempre a unos metros del arroyo, y a esa distancia no le falta nada."""
BANQUETAS: Final = frozenset({"sidewalk", "crossing", "traffic_island", "access_aisle"})
"""Valores de ``footway``."""
GIRO: Final = 70.0
"""Grados entre el rumbo con que acaba la calle y el rumbo a la otra: más es ir a su lado, no hacia ella."""
PEGADA_M: Final = 0.5
"""A menos de esto la otra está en el mismo sitio y el rumbo ya no dice nada."""
YA_UNIDAS_M: Final = 20.0
"""Si las dos se juntan, o las junta una tercera, a esta distancia de la punta, ya se puede pasar de una a otra."""
VECINAS_MAXIMAS: Final = 5
"""Calles que se miran por punta: en cinco metros no hay más, si los datos no están rotos."""
CIERRES: Final = ("barrier", "entrance", "door", "noexit")
VUELTAS: Final = frozenset({"turning_circle", "turning_loop", "elevator"})
NO_SE_ENTRA_A_PIE: Final = frozenset({"motorway", "motorway_link"})


@dataclass(slots=True)
class Casi:
    """Puntas que casi llegan: arreglos paralelos.

    Attributes
    ----------
    calle, otra : (k,) int64
        Posiciones en ``mundo.calles``.
    nodo : (k,) int64
        El de la punta.
    al_final : (k,) bool
        Si es el último de su calle y no el primero.
    llega : (k, 2) float64
        El lugar de la otra más cercano a la punta, en metros.
    metros : (k,) float64
    """

    calle: Enteros
    otra: Enteros
    nodo: Enteros
    al_final: Enteros
    llega: Reales
    metros: Reales

    def elegir(self, cuales: Enteros) -> "Casi":
        """Sólo ésos, en orden."""
        return Casi(*(getattr(self, n)[cuales] for n in ("calle", "otra", "nodo", "al_final", "llega", "metros")))


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Puntas sueltas que apuntan a otra calle del mismo plano, a `DISTANCIA_M` o menos, con la vía libre entre las dos.

    No cuentan las que dicen que ahí acaban (``noexit``, vuelta en redondo, puerta, barrera), las que acaban en un
    edificio o en una cerca, ni las que ya se unen con la otra a la vuelta. De dos puntas que se buscan se dice una.
    """
    calles, casi = mundo.calles, casi_unidas(mundo)
    for k in range(len(casi.calle)):
        calle, otra = int(casi.calle[k]), int(casi.otra[k])
        punta = mundo.xy[casi.nodo[k]]
        yield Hallazgo(
            codigo="E-CASI",
            nivel=2,
            objetos=(calles.clave[calle], calles.clave[otra]),
            lugar=(float(punta[0]), float(punta[1])),
            frase="falta",
            datos={"metros": max(0.1, round(float(casi.metros[k]), 1))},
            donde=shapely.linestrings([punta, casi.llega[k]]),
            sugerencia={"geometria": _alargada(mundo, casi, k)},
        )


def casi_unidas(mundo: Mundo) -> Casi:
    """Las puntas que casi llegan, sin repetir."""
    casi = _candidatas(mundo)
    casi = casi.elegir(_miran(mundo, casi))
    casi = casi.elegir(np.flatnonzero(~_ya_unidas(mundo, casi)))
    casi = casi.elegir(np.flatnonzero(~_algo_en_medio(mundo, casi)))
    return casi.elegir(_una_por_punta(mundo, casi))


def _candidatas(mundo: Mundo) -> Casi:
    """Puntas sueltas con otra calle de su plano cerca."""
    calles, red = mundo.calles, mundo.red
    nodos, sueltas = red.puntas(calles.via)
    # Los amontonados no están en el índice: tampoco se pregunta por sus puntas.
    comparables = np.array([g is not None for g in calles.arbol.geometries], dtype=np.bool_)
    calle, lado = np.nonzero(sueltas & comparables[:, None])
    nodo = nodos[calle, lado]
    en_otra_cosa = _en_otra_cosa(mundo)
    sigue = np.array(
        [
            not en_otra_cosa[n]
            and not _acaba(mundo.etiquetas_de_nodo.get(int(n), SIN_ETIQUETAS))
            and "noexit" not in calles.etiquetas[c]
            for c, n in zip(calle, nodo, strict=True)
        ],
        dtype=np.bool_,
    )
    calle, lado, nodo = calle[sigue], lado[sigue], nodo[sigue]
    puntas = shapely.points(mundo.xy[nodo])
    k, otra = calles.arbol.query(puntas, predicate="dwithin", distance=DISTANCIA_M)
    sirve = np.array(
        [a != b and _se_juntan(calles.etiquetas[a], calles.etiquetas[b]) for a, b in zip(calle[k], otra, strict=True)],
        dtype=np.bool_,
    )
    k, otra = k[sirve], otra[sirve]
    tramo = shapely.shortest_line(puntas[k], calles.geom[otra])
    llega = shapely.get_coordinates(shapely.get_point(tramo, -1)).reshape(-1, 2)
    casi = Casi(calle[k], otra, nodo[k], lado[k], llega, shapely.length(tramo))
    banqueta = np.array([e.get("footway") in BANQUETAS for e in calles.etiquetas], dtype=np.bool_)
    casi = casi.elegir(np.flatnonzero(~banqueta[casi.calle] | (casi.metros <= DE_BANQUETA_M)))
    return casi.elegir(_las_de_al_lado(mundo, casi))


def _las_de_al_lado(mundo: Mundo, casi: Casi) -> Enteros:
    """De cada punta, las `VECINAS_MAXIMAS` calles más cercanas."""
    numeros = mundo.via_id[mundo.calles.via[casi.otra]]
    orden = np.lexsort((-numeros, np.round(casi.metros, 2), casi.al_final, casi.calle))
    punta = (casi.calle * 2 + casi.al_final)[orden]
    lugar = np.arange(len(orden)) - np.searchsorted(punta, punta)
    return np.sort(orden[lugar < VECINAS_MAXIMAS])


def _en_otra_cosa(mundo: Mundo) -> Logicos:
    """(n,) nodos que son de un edificio o de una cerca: ahí la calle acaba porque algo la acaba."""
    de_esas = np.array(
        [any(llave in e for llave in ("building", "building:part", "barrier", "indoor")) for e in mundo.via_etiquetas],
        dtype=np.bool_,
    )
    en_ellas = np.zeros(len(mundo.nodo_id), dtype=np.bool_)
    cuales = de_esas[mundo.via_de_ref] & (mundo.refs >= 0)
    en_ellas[mundo.refs[cuales]] = True
    return en_ellas


def _acaba(nodo: Mapping[str, str]) -> bool:
    return (
        nodo.get("highway") in VUELTAS
        or any(llave in nodo for llave in CIERRES)
        or nodo.get("railway") == "subway_entrance"
        or nodo.get("amenity") == "parking_entrance"
    )


def _se_juntan(una: Mapping[str, str], otra: Mapping[str, str]) -> bool:
    """Si van por el mismo plano y una no es autopista y la otra camino a pie."""
    if not mismo_plano(una, otra):
        return False
    clases = {una["highway"], otra["highway"]}
    return not (clases & NO_SE_ENTRA_A_PIE) or max(rango(una), rango(otra)) < A_PIE


def _miran(mundo: Mundo, casi: Casi) -> Enteros:
    """Las que acaban yendo hacia la otra."""
    linea = mundo.calles.geom[casi.calle]
    previo = shapely.get_coordinates(shapely.get_point(linea, np.where(casi.al_final == 1, -2, 1))).reshape(-1, 2)
    rumbo, hacia = mundo.xy[casi.nodo] - previo, casi.llega - mundo.xy[casi.nodo]
    norma = np.hypot(*rumbo.T) * np.hypot(*hacia.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        coseno = (rumbo * hacia).sum(axis=1) / norma
    return np.flatnonzero((casi.metros < PEGADA_M) | (coseno >= np.cos(np.radians(GIRO))))


def _ya_unidas(mundo: Mundo, casi: Casi) -> Logicos:
    """Si las dos se tocan cerca de la punta (o lo hacen con una tercera): o ya se pasa, o es un E-NODO."""
    calles = mundo.calles
    puntas = shapely.points(mundo.xy[casi.nodo])

    def cerca(k: Enteros, una: Enteros, otra: Enteros) -> Logicos:
        comun = shapely.intersection(calles.geom[una], calles.geom[otra])
        # Lo que no se toca da distancia NaN, que no es menor que nada.
        return np.asarray(shapely.distance(comun, puntas[k]) <= YA_UNIDAS_M, dtype=np.bool_)

    todas = np.arange(len(casi.calle))
    unidas = cerca(todas, casi.calle, casi.otra)
    k, tercera = calles.arbol.query(puntas, predicate="dwithin", distance=YA_UNIDAS_M)
    distinta = (tercera != casi.calle[k]) & (tercera != casi.otra[k]) & ~unidas[k]
    k, tercera = k[distinta], tercera[distinta]
    puente = cerca(k, casi.calle[k], tercera)
    k, tercera = k[puente], tercera[puente]
    unidas[k[cerca(k, casi.otra[k], tercera)]] = True
    return unidas


def _algo_en_medio(mundo: Mundo, casi: Casi) -> Logicos:
    """Si una cerca o un edificio está entre la punta y la otra calle."""
    tramos = shapely.linestrings(np.stack([mundo.xy[casi.nodo], casi.llega], axis=1))
    cercas = mundo.lineales.elegir(np.array(["barrier" in e for e in mundo.lineales.etiquetas], dtype=np.bool_))
    estorba = np.zeros(len(casi.calle), dtype=np.bool_)
    for capa in (mundo.edificios, cercas):
        estorba[capa.arbol.query(tramos, predicate="intersects")[0]] = True
    return estorba


def _una_por_punta(mundo: Mundo, casi: Casi) -> Enteros:
    """De cada punta, la calle más cercana; y de dos puntas que se buscan una a otra, la de la calle más nueva."""
    numeros = mundo.via_id[mundo.calles.via[casi.otra]]
    orden = np.lexsort((-numeros, np.round(casi.metros, 2), casi.al_final, casi.calle))
    primera = np.ones(len(orden), dtype=np.bool_)
    punta = casi.calle[orden] * 2 + casi.al_final[orden]
    primera[1:] = punta[1:] != punta[:-1]
    quedan = orden[primera]
    puntas = {(int(casi.nodo[k]), int(casi.calle[k])): int(casi.otra[k]) for k in quedan}
    por_lugar = {tuple(np.round(mundo.xy[casi.nodo[k]], 2)): k for k in quedan}
    salida = []
    for k in quedan:
        par = por_lugar.get(tuple(np.round(casi.llega[k], 2)))
        mutua = par is not None and par != k and puntas[int(casi.nodo[par]), int(casi.calle[par])] == casi.calle[k]
        if not (
            mutua
            and par is not None
            and mundo.calles.numero(int(casi.calle[par])) > mundo.calles.numero(int(casi.calle[k]))
        ):
            salida.append(k)
    return np.array(salida, dtype=np.int64)


def _alargada(mundo: Mundo, casi: Casi, k: int) -> Mapping[str, object]:
    """La calle hasta la otra, en grados: GeoJSON de la línea."""
    puntos = shapely.get_coordinates(mundo.calles.geom[casi.calle[k]])
    llega = casi.llega[k].reshape(1, 2)
    nuevos = np.concatenate([puntos, llega] if casi.al_final[k] else [llega, puntos])
    return {"type": "LineString", "coordinates": np.round(mundo.a_grados(nuevos), 7).tolist()}


REGLA: Final = Regla(
    codigo="E-CASI",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={
        "distancia_m": DISTANCIA_M,
        "de_banqueta_m": DE_BANQUETA_M,
        "giro": GIRO,
        "pegada_m": PEGADA_M,
        "ya_unidas_m": YA_UNIDAS_M,
    },
    alcance_m=2 * DISTANCIA_M + YA_UNIDAS_M,
)
