"""E-DUP: lo mismo dibujado dos veces, y nodos repetidos dentro de una vía."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.osm.etiquetas import es_calle, es_edificio
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import UNIDADES, Enteros, Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.traslape.regla import IGUALES, misma_capa

PRINCIPALES: Final = (
    "building", "building:part", "highway", "railway", "waterway", "barrier", "power", "amenity", "shop", "office",
    "craft", "healthcare", "tourism", "leisure", "historic", "man_made", "landuse", "natural", "place", "emergency",
    "public_transport", "aeroway", "aerialway", "military", "telecom", "advertising", "entrance", "club", "education",
)  # fmt: skip
"""Llaves que dicen qué es un objeto."""
DISTINGUEN: Final = (
    "name", "ref", "addr:street", "addr:housenumber", "addr:unit", "addr:door", "addr:flats", "operator",
    "brand", "direction", "admin_level", "species", "traffic_sign", "memorial", "artwork_type", "information",
    "start_date",
)  # fmt: skip
"""Si los dos objetos la traen y no coincide, son dos cosas distintas en un mismo lugar."""
DISTINTOS_MAXIMOS: Final = 50
"""Objetos distintos que se comparan en un mismo lugar."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Edificios iguales, vías con el mismo trazo, puntos con lo mismo en el mismo lugar, y nodos seguidos repetidos.

    De dos edificios decide la parte común (`IGUALES`); de las demás vías, que pasen por los mismos lugares en el mismo
    orden o al revés, y sean lo mismo.
    """
    unidades = np.rint(mundo.lonlat * UNIDADES).astype(np.int64)
    yield from _edificios(mundo)
    yield from _vias(mundo, unidades)
    yield from _puntos(mundo, unidades)
    yield from _nodos_seguidos(mundo, unidades)


def _edificios(mundo: Mundo) -> Iterator[Hallazgo]:
    edificios = mundo.edificios
    i, j = edificios.pares("intersects")
    areas = shapely.area(edificios.geom)
    # Casi ningún par de vecinos mide lo mismo: los demás ni se intersecan.
    parecidos = np.minimum(areas[i], areas[j]) >= IGUALES * np.maximum(areas[i], areas[j])
    i, j = i[parecidos], j[parecidos]
    comun = shapely.intersection(edificios.geom[i], edificios.geom[j])
    area = shapely.area(comun)
    iguales = area >= IGUALES * (areas[i] + areas[j] - area)
    for k in np.flatnonzero(iguales):
        a, b = int(i[k]), int(j[k])
        if misma_capa(edificios.etiquetas[a], edificios.etiquetas[b]):
            punto = shapely.point_on_surface(comun[k])
            objetos = _primero_el_que_sobra({edificios.clave[n]: edificios.etiquetas[n] for n in (a, b)})
            yield Hallazgo("E-DUP", 1, objetos, (punto.x, punto.y), "edificio", donde=comun[k])


def _vias(mundo: Mundo, unidades: Enteros) -> Iterator[Hallazgo]:
    """Vías con el mismo trazo; se buscan por una suma de sus lugares y sólo se comparan las que coinciden en ella."""
    cuales = np.flatnonzero(mundo.completa & (mundo.cuantos_nodos >= 2))
    if not len(cuales):
        return
    puntos = unidades[mundo.refs]
    cierra = np.zeros(len(mundo.refs), dtype=np.bool_)
    cierra[mundo.desde[1:][mundo.cerrada] - 1] = True
    puntos[cierra | (mundo.refs < 0)] = 0
    sumas = np.column_stack(
        [
            mundo.cuantos_nodos,
            *(
                np.bincount(mundo.via_de_ref, columna, len(mundo.via_id)).astype(np.int64)
                for columna in (puntos[:, 0], puntos[:, 1])
            ),
        ]
    )[cuales]
    _, grupo, veces = np.unique(sumas, axis=0, return_inverse=True, return_counts=True)
    grupo = grupo.reshape(-1)
    iguales = defaultdict(list)
    for k in cuales[veces[grupo] > 1].tolist():
        if mundo.via_etiquetas[k]:
            iguales[_trazo(mundo, k, unidades)].append(k)
    for vias in iguales.values():
        # De los edificios cerrados ya decidió la parte común.
        sin_edificios = [k for k in vias if not (mundo.cerrada[k] and es_edificio(mundo.via_etiquetas[k]))]
        for a, b in _parejas(sin_edificios, mundo.via_etiquetas, _misma_via):
            nodos = mundo.nodos_de(a)
            x, y = mundo.xy[nodos[len(nodos) // 2]].tolist()
            objetos = _primero_el_que_sobra({mundo.clave_de_via(k): mundo.via_etiquetas[k] for k in (a, b)})
            yield Hallazgo("E-DUP", 1, objetos, (x, y), "via", donde=mundo.lineas[a])


def _parejas(
    juntos: Iterable[int],
    etiquetas: Mapping[int, Mapping[str, str]] | list[Mapping[str, str]],
    iguales: Callable[[Mapping[str, str], Mapping[str, str]], bool],
) -> Iterator[tuple[int, int]]:
    """Cada repetido con el primero al que se parece: de ``k`` copias salen ``k - 1`` parejas, no todas contra todas."""
    primeros: list[int] = []
    for k in juntos:
        igual = next((p for p in primeros if iguales(etiquetas[p], etiquetas[k])), None)
        if igual is not None:
            yield igual, k
        elif len(primeros) < DISTINTOS_MAXIMOS:
            primeros.append(k)


def _misma_via(una: Mapping[str, str], otra: Mapping[str, str]) -> bool:
    return _lo_mismo(una, otra) or (es_calle(una) and es_calle(otra) and misma_capa(una, otra))


def _trazo(mundo: Mundo, via: int, unidades: Enteros) -> tuple[tuple[int, int], ...]:
    """Sus lugares en orden, contados de modo que no importe hacia dónde va ni, si cierra, dónde empieza."""
    lugares = [(int(x), int(y)) for x, y in unidades[mundo.nodos_de(via)]]
    if lugares[0] == lugares[-1] and len(lugares) > 2:
        lugares.pop()
        inicio = lugares.index(min(lugares))
        lugares = lugares[inicio:] + lugares[:inicio]
        return min(tuple(lugares), (lugares[0], *reversed(lugares[1:])))
    return min(tuple(lugares), tuple(reversed(lugares)))


def _puntos(mundo: Mundo, unidades: Enteros) -> Iterator[Hallazgo]:
    nodos = np.fromiter(sorted(mundo.etiquetas_de_nodo), dtype=np.int64, count=len(mundo.etiquetas_de_nodo))
    if not len(nodos):
        return
    _, grupo, veces = np.unique(unidades[nodos], axis=0, return_inverse=True, return_counts=True)
    grupo = grupo.reshape(-1)
    juntos = defaultdict(list)
    for k, cual in zip(nodos.tolist(), grupo.tolist(), strict=True):
        if veces[cual] > 1:
            juntos[cual].append(k)
    for mismos in juntos.values():
        for a, b in _parejas(mismos, mundo.etiquetas_de_nodo, _lo_mismo):
            x, y = mundo.xy[a].tolist()
            objetos = _primero_el_que_sobra({mundo.clave_de_nodo(k): mundo.etiquetas_de_nodo[k] for k in (a, b)})
            yield Hallazgo("E-DUP", 1, objetos, (x, y), "punto")


def _nodos_seguidos(mundo: Mundo, unidades: Enteros) -> Iterator[Hallazgo]:
    """Un hallazgo por vía, en el primero; también si son dos nodos distintos en el mismo lugar."""
    refs, via = mundo.refs, mundo.via_de_ref
    seguidos = (via[1:] == via[:-1]) & (refs[1:] >= 0) & (refs[:-1] >= 0)
    lugar = unidades[refs]
    repite = np.flatnonzero(seguidos & (lugar[1:] == lugar[:-1]).all(axis=1)) if len(refs) else np.array([], np.int64)
    cuales, primeros, cuantos = np.unique(via[repite], return_index=True, return_counts=True)
    for k, primero, veces in zip(cuales.tolist(), repite[primeros].tolist(), cuantos.tolist(), strict=True):
        # Si toda la vía está en un lugar, no tiene forma: eso lo dice otra regla.
        if mundo.completa[k] and mundo.lineas[k] is None:
            continue
        nodo = refs[primero + 1]
        x, y = mundo.xy[nodo].tolist()
        yield Hallazgo("E-DUP", 1, (mundo.clave_de_via(k), mundo.clave_de_nodo(nodo)), (x, y), "nodo", {"veces": veces})


def _lo_mismo(uno: Mapping[str, str], otro: Mapping[str, str]) -> bool:
    """Si dicen ser la misma cosa: iguales en lo principal, o en todo, y sin nada que los distinga."""
    if any(uno[k] != otro[k] for k in DISTINGUEN if k in uno and k in otro) or not misma_capa(uno, otro):
        return False
    que_son = {k: uno[k] for k in PRINCIPALES if k in uno}
    if que_son != {k: otro[k] for k in PRINCIPALES if k in otro}:
        return False
    return bool(que_son) or uno == otro


def _primero_el_que_sobra(etiquetas: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """El de menos etiquetas y, si empatan, el más nuevo: ids negativos (sin subir) y luego los mayores."""

    def viejo(clave: str) -> tuple[int, bool, int]:
        numero = int(clave[1:])
        return (len(etiquetas[clave]), numero > 0, -numero)

    return tuple(sorted(_llaves(etiquetas), key=viejo))


def _llaves(etiquetas: Iterable[str]) -> list[str]:
    return sorted(etiquetas)


REGLA: Final = Regla(
    codigo="E-DUP",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"iguales": IGUALES},
    alcance_m=0.0,
)
