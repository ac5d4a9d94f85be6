"""E-CLAS: un pedazo de calle cuya clase salta respecto a lo que sigue por las dos puntas."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Enteros, Mundo
from geo.revisiones.base.red import RANGO, iguales, rango
from geo.revisiones.base.regla import CALLES, Ajustes, Regla

LARGO_M: Final = 1_000.0
"""Un pedazo más largo que esto es una calle con su propia clase."""
SALTO: Final = 2
"""Escalones de `geo.revisiones.base.red.RANGO` que lo separan de los dos lados."""
ENTRE_SI: Final = 1
"""Escalones que puede haber entre los dos lados para que sean la misma calle."""
IMPORTANTE: Final = RANGO["secondary"]
"""Sólo de esta clase para arriba extraña que una calle empiece y acabe entre calles menores."""
GIRO: Final = 75.0
"""Grados que puede doblar la calle al seguir con el mismo nombre."""
BRAZOS_MAXIMOS: Final = 20
"""Por un nodo no pasan más calles que éstas; si pasan, el dato está roto y no se compara."""
PROPIAS: Final = frozenset({"pedestrian", "living_street", "steps", "busway", "bus_guideway", "escape", "raceway"})
"""Clases que dicen qué es ese pedazo y no su importancia: una cuadra peatonal sí está en medio de una calle."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Pedazos de `LARGO_M` o menos, unidos por las dos puntas, cuya clase salta `SALTO` escalones o más.

    Dos maneras de saltar. Hacia arriba: es una vía importante y ninguna de las que llegan a sus puntas lo es siquiera
    un escalón menos (si alguna lo es, la avenida da vuelta ahí). Hacia abajo: por las dos puntas sigue la misma calle,
    con el mismo nombre o número, de otra clase, y sólo por ahí (un callejón que sale de una avenida y vuelve a ella no
    la interrumpe). Atlas (SuddenHighwayTypeChange) sólo mira las uniones de dos calles
    importantes; en un municipio el error común es una calle de barrio puesta como carretera.
    """
    calles, red = mundo.calles, mundo.red
    largo = shapely.length(calles.geom)
    nodos, sueltas = red.puntas(calles.via)
    sanos = (red.usos[nodos] <= BRAZOS_MAXIMOS).all(axis=1)
    posibles = np.flatnonzero((largo <= LARGO_M) & ~sueltas.any(axis=1) & (nodos[:, 0] != nodos[:, 1]) & sanos)
    posibles = np.array([c for c in posibles if _sirve(calles.etiquetas[c])], dtype=np.int64)
    rangos = np.array([rango(calles.etiquetas[c]) for c in posibles], dtype=np.int64)
    for calle, llegan in _llegan(mundo, posibles[rangos <= IMPORTANTE], nodos).items():
        if llegan and min(rango(e) for e in llegan) >= rango(calles.etiquetas[calle]) + SALTO:
            vecina = min(llegan, key=lambda e: (rango(e), e["highway"]))["highway"]
            yield _hallazgo(mundo, calle, (), "sube", vecina)
    bajas = posibles[rangos >= SALTO]
    siguen = _siguen(mundo, bajas, nodos)
    for calle in bajas.tolist():
        una, otra = siguen.get((calle, 0)), siguen.get((calle, 1))
        if una is not None and otra is not None and una != otra:
            clases = [rango(calles.etiquetas[c]) for c in (una, otra)]
            if abs(clases[0] - clases[1]) <= ENTRE_SI and rango(calles.etiquetas[calle]) >= max(clases) + SALTO:
                yield _hallazgo(mundo, calle, (una, otra), "baja", calles.etiquetas[una]["highway"])


def _sirve(etiquetas: Mapping[str, str]) -> bool:
    return (
        etiquetas["highway"] in RANGO
        and etiquetas["highway"] not in PROPIAS
        and not etiquetas["highway"].endswith("_link")
        and "junction" not in etiquetas
    )


def _nombre(etiquetas: Mapping[str, str]) -> str | None:
    return etiquetas.get("name") or etiquetas.get("ref")


def _llegan(mundo: Mundo, posibles: Enteros, nodos: Enteros) -> dict[int, list[Mapping[str, str]]]:
    """Lo que llega a las puntas de cada calle; nada si algo de eso sigue fuera de los datos."""
    red, via = mundo.red, mundo.calles.via
    k, par = iguales(nodos[posibles].ravel(), red.nodo)
    salida: dict[int, list[Mapping[str, str]]] = {int(c): [] for c in posibles}
    for punta, otra in zip(k.tolist(), red.via[par].tolist(), strict=True):
        calle = int(posibles[punta // 2])
        if otra != via[calle] and calle in salida:
            if mundo.completa[otra]:
                salida[calle].append({"highway": "road", **mundo.via_etiquetas[otra]})
            else:
                del salida[calle]
    return salida


def _siguen(mundo: Mundo, posibles: Enteros, nodos: Enteros) -> dict[tuple[int, int], int]:
    """Por calle y punta, la que sigue con su nombre (o si no tiene, la que sigue con alguno), la más derecha."""
    calles = mundo.calles
    if not len(posibles):
        return {}
    # Un brazo es un nodo de una calle y el siguiente hacia un lado.
    de_calle = np.full(len(mundo.via_id), -1, dtype=np.int64)
    de_calle[calles.via] = np.arange(len(calles))
    ultimo = np.zeros(len(mundo.refs), dtype=np.bool_)
    ultimo[mundo.desde[1:][mundo.cuantos_nodos > 0] - 1] = True
    ida = np.flatnonzero((de_calle[mundo.via_de_ref] >= 0) & ~ultimo)
    brazo_nodo = np.concatenate([mundo.refs[ida], mundo.refs[ida + 1]])
    brazo_a = np.concatenate([mundo.refs[ida + 1], mundo.refs[ida]])
    brazo_calle = np.tile(de_calle[mundo.via_de_ref[ida]], 2)
    vias = calles.via[posibles]
    previos = np.column_stack([mundo.refs[mundo.desde[vias] + 1], mundo.refs[mundo.desde[vias + 1] - 2]]).ravel()
    puntas = nodos[posibles].ravel()
    k, brazo = iguales(puntas, brazo_nodo)
    llega, sale = mundo.xy[puntas[k]] - mundo.xy[previos[k]], mundo.xy[brazo_a[brazo]] - mundo.xy[puntas[k]]
    cruz = llega[:, 0] * sale[:, 1] - llega[:, 1] * sale[:, 0]
    giro = np.abs(np.degrees(np.arctan2(cruz, (llega * sale).sum(axis=1))))
    derechos = giro <= GIRO
    brazos: dict[tuple[int, str], int] = Counter()
    for punta, otra in zip(k.tolist(), brazo_calle[brazo].tolist(), strict=True):
        nombre = _nombre(calles.etiquetas[otra])
        if nombre is not None and otra != posibles[punta // 2]:
            brazos[punta, nombre] += 1
    mejores: dict[tuple[int, int], tuple[float, int]] = {}
    for punta, otra, dobla in zip(
        k[derechos].tolist(), brazo_calle[brazo[derechos]].tolist(), giro[derechos].tolist(), strict=True
    ):
        calle = int(posibles[punta // 2])
        propio, suyo = _nombre(calles.etiquetas[calle]), _nombre(calles.etiquetas[otra])
        if otra != calle and suyo is not None and propio in (None, suyo) and brazos[punta, suyo] == 1:
            clave = (calle, punta % 2)
            mejores[clave] = min(mejores.get(clave, (dobla, otra)), (dobla, otra))
    unas = {clave: otra for clave, (_, otra) in mejores.items()}
    return {
        (calle, lado): otra
        for (calle, lado), otra in unas.items()
        if (calle, 1 - lado) in unas
        and _nombre(calles.etiquetas[otra]) == _nombre(calles.etiquetas[unas[calle, 1 - lado]])
    }


def _hallazgo(mundo: Mundo, calle: int, vecinas: tuple[int, ...], frase: str, vecina: str) -> Hallazgo:
    calles = mundo.calles
    medio = shapely.line_interpolate_point(calles.geom[calle], 0.5, normalized=True)
    otras = dict.fromkeys(calles.clave[c] for c in sorted(vecinas))
    return Hallazgo(
        codigo="E-CLAS",
        nivel=2,
        objetos=(calles.clave[calle], *otras),
        lugar=(medio.x, medio.y),
        frase=frase,
        datos={"clase": calles.etiquetas[calle]["highway"], "vecina": vecina},
        donde=calles.geom[calle],
        sugerencia={"etiquetas": {"highway": vecina}},
    )


REGLA: Final = Regla(
    codigo="E-CLAS",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"largo_m": LARGO_M, "salto": SALTO, "entre_si": ENTRE_SI, "importante": IMPORTANTE, "giro": GIRO},
    alcance_m=LARGO_M / 2,
    mira=CALLES,
)
