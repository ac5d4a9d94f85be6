"""E-ABIE: un contorno de área que no cierra."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from geo.osm.etiquetas import es_area, es_edificio
from geo.revisiones.base.areas import DE_AREA, Relacion
from geo.revisiones.base.hallazgo import Hallazgo, Punto
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Ajustes, Regla

LUGARES: Final = 3
"""Con menos lugares distintos no hay área."""
JUNTOS: Final = 0.01
"""Metros, el grano de las coordenadas: dos nodos así de cerca están en el mismo lugar."""


def _palabras(texto: str) -> frozenset[str]:
    return frozenset(texto.split())


SOLO_AREA: Final[Mapping[str, frozenset[str] | None]] = {
    "building:part": None,
    "landuse": None,
    "landcover": None,
    "water": None,
    "area:highway": None,
    "natural": _palabras(
        "water wood scrub heath grassland wetland sand beach bare_rock scree glacier mud shingle fell"
    ),
    "leisure": _palabras(
        "park pitch garden playground swimming_pool stadium golf_course nature_reserve sports_centre common "
        "recreation_ground dog_park marina schoolyard"
    ),
    "amenity": _palabras(
        "school university college kindergarten hospital clinic parking marketplace place_of_worship fuel prison "
        "grave_yard townhall police fire_station bus_station library community_centre"
    ),
    "waterway": _palabras("riverbank dock boatyard"),
    "power": _palabras("plant substation"),
    "aeroway": _palabras("apron aerodrome terminal helipad hangar"),
}
"""Llaves y valores que nunca son una línea (``None``: cualquiera menos ``no``)."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Vías que sólo pueden ser área y no regresan a su primer nodo o no encierran nada; relaciones que no cierran.

    De la vía que es parte de una relación de área no se pide que cierre: con otras puede formar el contorno.
    """
    miembros = _miembros(mundo.relaciones)
    for k in np.flatnonzero(mundo.completa & (mundo.cuantos_nodos > 0)):
        etiquetas = mundo.via_etiquetas[k]
        if etiquetas and (hallazgo := _de_via(mundo, int(k), etiquetas, miembros)) is not None:
            yield hallazgo
    for relacion in mundo.relaciones:
        if mundo.sin_armar.get(relacion.id) == "anillos_rotos" and (suelto := _suelto(mundo, relacion)) is not None:
            via, punto, cuantos = suelto
            yield Hallazgo("E-ABIE", 1, (f"r{relacion.id}", f"w{via}"), punto, "relacion", {"puntas": cuantos})


def _de_via(mundo: Mundo, k: int, etiquetas: Mapping[str, str], miembros: frozenset[int]) -> Hallazgo | None:
    nodos = mundo.nodos_de(k)
    datos: dict[str, float]
    if mundo.cerrada[k]:
        # Con cuatro nodos y algún largo, si no encierra nada es porque se pisa a sí misma, y eso es E-CRUZ.
        if (len(nodos) > LUGARES and mundo.lineas[k] is not None) or not es_area(etiquetas):
            return None
        frase, datos = "sin_area", {"nodos": len(set(nodos.tolist()))}
    elif not solo_area(etiquetas) or (int(mundo.via_id[k]) in miembros and not es_edificio(etiquetas)):
        return None
    elif len(nodos) < LUGARES or len(set(map(tuple, mundo.xy[nodos]))) < LUGARES:
        frase, datos = "sin_area", {"nodos": len(set(nodos.tolist()))}
    else:
        falta = float(np.hypot(*(mundo.xy[nodos[0]] - mundo.xy[nodos[-1]])))
        frase, datos = ("mismo_lugar", {}) if falta < JUNTOS else ("abierto", {"metros": round(falta, 1)})
    x, y = mundo.xy[nodos[-1]].tolist()
    return Hallazgo("E-ABIE", 1, (mundo.clave_de_via(k),), (x, y), frase, datos)


def solo_area(etiquetas: Mapping[str, str]) -> bool:
    """Si con estas etiquetas una línea no tiene sentido."""
    if etiquetas.get("area") == "no":
        return False
    if es_edificio(etiquetas) or etiquetas.get("area") == "yes":
        return True
    for llave, valor in etiquetas.items():
        # En un arroyo o un canal, «water» dice de qué clase es, no que sea un área.
        if llave in SOLO_AREA and valor != "no" and not (llave == "water" and "waterway" in etiquetas):
            valores = SOLO_AREA[llave]
            if valores is None or valor in valores:
                return True
    return False


def _miembros(relaciones: list[Relacion]) -> frozenset[int]:
    """Ids de las vías que forman parte de una relación de área."""
    return frozenset(
        numero
        for r in relaciones
        if r.etiquetas.get("type") in DE_AREA
        for tipo, numero, _ in r.miembros
        if tipo == "w"
    )


def _suelto(mundo: Mundo, relacion: Relacion) -> tuple[int, Punto, int] | None:
    """La primera vía con una punta que no sigue en otra del mismo papel, dónde queda, y cuántas puntas así hay."""
    puntas: Counter[tuple[bool, int]] = Counter()
    extremos = []
    for tipo, numero, papel in relacion.miembros:
        via = mundo.posicion_de_via(numero) if tipo == "w" else None
        if via is not None and mundo.cuantos_nodos[via]:
            nodos = mundo.nodos_de(via)
            for nodo in (int(nodos[0]), int(nodos[-1])):
                puntas[(papel == "inner", nodo)] += 1
                extremos.append((numero, (papel == "inner", nodo)))
    sueltas = [(numero, punta) for numero, punta in extremos if puntas[punta] % 2]
    if not sueltas:
        return None
    via, (_, nodo) = sueltas[0]
    x, y = mundo.xy[nodo].tolist()
    return via, (x, y), len({punta for _, punta in sueltas})


REGLA: Final = Regla(
    codigo="E-ABIE",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"lugares": LUGARES, "juntos": JUNTOS},
    alcance_m=0.0,
)
