"""E-CLAS: un pedazo de calle cuya clase salta respecto a lo que sigue por las dos puntas."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Enteros, Logicos, Mundo
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
DE_FRENTE: Final = 45.0
"""Grados: el brazo que dobla menos que esto es la misma vía, que sigue."""
BRAZOS_MAXIMOS: Final = 20
"""Por un nodo no pasan más calles que éstas; si pasan, el dato está roto y no se compara."""
PROPIAS: Final = frozenset(
    (
        "pedestrian", "living_street", "cycleway", "bridleway", "steps", "busway", "bus_guideway", "escape", "raceway",
    )
)  # fmt: skip
"""Clases que dicen qué es ese pedazo y no su importancia: una cuadra peatonal sí está en medio de una calle."""

CERRADO: Final = frozenset({"no", "private", "agricultural", "forestry", "customers", "delivery"})
"""Lo que dice que por ahí no pasa cualquiera: entonces la clase menor tiene su razón."""
_PALABRAS: Final = tomllib.loads((Path(__file__).parent / "palabras.toml").read_text(encoding="utf-8"))
DE_CALLE: Final = frozenset(_PALABRAS["de_calle"].split())
"""Con éstas empiezan o acaban los nombres de las calles; «camino», «vereda» y «carretera» también son de monte."""
DICHAS: Final[Mapping[str, Mapping[str, str]]] = _PALABRAS["clases"]
"""Cada clase en palabras, por idioma."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Pedazos de `LARGO_M` o menos, unidos por las dos puntas, cuya clase salta `SALTO` escalones o más.

    Cuatro maneras de saltar. «sube»: es una vía importante y ninguna de las que llegan a sus puntas lo es siquiera un
    escalón menos. «ramal»: por una punta no llega ninguna así, y en la otra toca de lado a una que pasa de largo (si
    alguna sigue en ella, la avenida da vuelta ahí). «baja»: por las dos puntas sigue la misma calle, de otra clase, y
    sólo por ahí (un callejón que sale de una avenida y vuelve a ella no la interrumpe). «brecha»: se llama como se
    llaman las calles y sale a otras calles por las dos puntas, pero es camino de monte. Atlas
    (SuddenHighwayTypeChange) sólo mira las uniones de dos calles importantes; en un municipio el error común es una
    calle de barrio puesta como carretera.
    """
    calles, red = mundo.calles, mundo.red
    largo = shapely.length(calles.geom)
    nodos, sueltas = red.puntas(calles.via)
    sanos = (red.usos[nodos] <= BRAZOS_MAXIMOS).all(axis=1)
    posibles = np.flatnonzero((largo <= LARGO_M) & ~sueltas.any(axis=1) & (nodos[:, 0] != nodos[:, 1]) & sanos)
    posibles = np.array([c for c in posibles if _sirve(calles.etiquetas[c])], dtype=np.int64)
    posibles = posibles[~_sigue_afuera(mundo, posibles, nodos)]
    rangos = np.array([rango(e) for e in calles.etiquetas], dtype=np.int64)
    brazos = _Brazos(mundo, posibles, nodos, rangos)
    llegan = _llegan(mundo, posibles[rangos[posibles] <= IMPORTANTE], nodos)
    for orden, calle in enumerate(posibles.tolist()):
        hallazgo = _una(mundo, brazos, llegan, calle, (2 * orden, 2 * orden + 1))
        if hallazgo is not None:
            yield hallazgo


def _una(
    mundo: Mundo,
    brazos: "_Brazos",
    llegan: Mapping[int, tuple[list[Mapping[str, str]], list[Mapping[str, str]]]],
    calle: int,
    puntas: tuple[int, int],
) -> Hallazgo | None:
    """Lo que se dice de una calle, si algo; ``puntas`` son sus números en ``brazos``."""
    etiquetas = mundo.calles.etiquetas
    propio = brazos.rangos[calle]
    if calle in llegan:
        mayores = [min(map(rango, otras), default=-1) for otras in llegan[calle]]
        cerca, lejos = sorted((0, 1), key=lambda k: (mayores[k], k))
        if mayores[lejos] >= propio + SALTO:
            sola = mayores[cerca] > propio
            # De un solo sentido es la mitad de una avenida o una salida, que toca de lado y acaba donde acaba.
            sale = etiquetas[calle].get("oneway", "no") == "no" and brazos.toca_de_lado(puntas[cerca], calle)
            if sola or sale:
                vecina = min(llegan[calle][lejos], key=lambda e: (rango(e), e["highway"]))["highway"]
                return _hallazgo(mundo, calle, (), "sube" if sola else "ramal", vecina)
    if propio >= SALTO and not any(etiquetas[calle].get(llave) in CERRADO for llave in ("access", "motor_vehicle")):
        siguen = brazos.siguen(puntas, calle)
        if siguen is not None:
            return _hallazgo(mundo, calle, siguen, "baja", etiquetas[siguen[0]]["highway"])
    if etiquetas[calle]["highway"] == "track" and _de_pueblo(etiquetas[calle]):
        salen = [brazos.mayor(punta) for punta in puntas]
        if all(r <= RANGO["residential"] for r, _ in salen):
            return _hallazgo(mundo, calle, (), "brecha", etiquetas[max(salen)[1]]["highway"])
    return None


def _sirve(etiquetas: Mapping[str, str]) -> bool:
    return (
        etiquetas["highway"] in RANGO
        and etiquetas["highway"] not in PROPIAS
        and not etiquetas["highway"].endswith("_link")
        and "junction" not in etiquetas
    )


def _nombre(etiquetas: Mapping[str, str]) -> str | None:
    return etiquetas.get("name") or etiquetas.get("ref")


def _nombres(etiquetas: Mapping[str, str]) -> set[str]:
    return {etiquetas[llave] for llave in ("name", "ref") if llave in etiquetas}


def _de_pueblo(etiquetas: Mapping[str, str]) -> bool:
    """Si se llama como se llaman las calles de un pueblo, y no los caminos."""
    palabras = etiquetas.get("name", "").casefold().split()
    return len(palabras) > 1 and (palabras[0] in DE_CALLE or palabras[-1] in DE_CALLE)


def _sigue_afuera(mundo: Mundo, posibles: Enteros, nodos: Enteros) -> Logicos:
    """(n,) si por una de sus puntas pasa algo que sigue fuera de los datos: no se sabe qué."""
    red = mundo.red
    afuera = np.zeros(len(mundo.nodo_id), dtype=np.bool_)
    afuera[red.nodo[~mundo.completa[red.via]]] = True
    return np.asarray(afuera[nodos[posibles]].any(axis=1), dtype=np.bool_)


def _llegan(
    mundo: Mundo, posibles: Enteros, nodos: Enteros
) -> dict[int, tuple[list[Mapping[str, str]], list[Mapping[str, str]]]]:
    """Lo que llega a cada punta de cada calle."""
    red, via = mundo.red, mundo.calles.via
    k, par = iguales(nodos[posibles].ravel(), red.nodo)
    salida: dict[int, tuple[list[Mapping[str, str]], list[Mapping[str, str]]]] = {int(c): ([], []) for c in posibles}
    for punta, otra in zip(k.tolist(), red.via[par].tolist(), strict=True):
        calle = int(posibles[punta // 2])
        if otra != via[calle]:
            salida[calle][punta % 2].append({"highway": "road", **mundo.via_etiquetas[otra]})
    return salida


class _Brazos:
    """Por dónde se sale de las puntas de unas calles; las puntas de la calle ``k`` son ``2k`` y ``2k + 1``.

    Un brazo es un nodo de una calle y el siguiente hacia un lado.
    """

    def __init__(self, mundo: Mundo, posibles: Enteros, nodos: Enteros, rangos: Enteros) -> None:
        calles = mundo.calles
        self.etiquetas, self.rangos = calles.etiquetas, rangos
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
        punta, brazo = iguales(puntas, brazo_nodo)
        llega, sale = (
            mundo.xy[puntas[punta]] - mundo.xy[previos[punta]],
            mundo.xy[brazo_a[brazo]] - mundo.xy[puntas[punta]],
        )
        cruz = llega[:, 0] * sale[:, 1] - llega[:, 1] * sale[:, 0]
        giro = np.abs(np.degrees(np.arctan2(cruz, (llega * sale).sum(axis=1))))
        calle = brazo_calle[brazo]
        ajeno = calle != posibles[punta // 2]
        self._calle: list[int] = calle[ajeno].tolist()
        self._giro: list[float] = giro[ajeno].tolist()
        self._desde: list[int] = np.searchsorted(punta[ajeno], np.arange(len(puntas) + 1)).tolist()

    def de(self, punta: int) -> list[tuple[float, int]]:
        """Los brazos de otras calles en esa punta: cuántos grados se dobla al seguir por él, y de qué calle es."""
        desde, hasta = self._desde[punta : punta + 2]
        return list(zip(self._giro[desde:hasta], self._calle[desde:hasta], strict=True))

    def mayor(self, punta: int) -> tuple[int, int]:
        """La importancia de la calle más importante que llega a la punta, y cuál es."""
        return min(((int(self.rangos[c]), c) for _, c in self.de(punta)), default=(len(RANGO), -1))

    def toca_de_lado(self, punta: int, calle: int) -> bool:
        """Si ahí pasan de largo una o más casi tan importantes, y ninguna sigue en esta calle."""
        propia = self.etiquetas[calle]
        grandes = [(g, c) for g, c in self.de(punta) if self.rangos[c] < self.rangos[calle] + SALTO]
        return len(grandes) >= 2 and not any(
            giro <= DE_FRENTE or "junction" in self.etiquetas[c] or _nombres(self.etiquetas[c]) & _nombres(propia)
            for giro, c in grandes
        )

    def siguen(self, puntas: tuple[int, int], calle: int) -> tuple[int, int] | None:
        """Las dos calles, más importantes y parejas entre sí, que esta une: nada más sigue por ahí."""
        propia, salida = self.etiquetas[calle], []
        for punta in puntas:
            grandes = [(g, c) for g, c in self.de(punta) if self.rangos[c] <= self.rangos[calle] - SALTO]
            grandes = [(g, c) for g, c in grandes if _nombres(self.etiquetas[c]) & _nombres(propia)] or grandes
            if len(grandes) != 1 or grandes[0][0] > GIRO or "junction" in self.etiquetas[grandes[0][1]]:
                return None
            salida.append(grandes[0][1])
        una, otra = salida
        if una == otra or abs(int(self.rangos[una] - self.rangos[otra])) > ENTRE_SI:
            return None
        dichos = _nombres(self.etiquetas[una]), _nombres(self.etiquetas[otra])
        suyos = _nombres(propia)
        return (una, otra) if (suyos & (dichos[0] | dichos[1]) if suyos else dichos[0] & dichos[1]) else None


def _dicha(clase: str) -> str | dict[str, str]:
    """La clase como la nombra el editor en cada idioma, y su valor, que es lo que se busca en la lista."""
    dichos = DICHAS.get(clase)
    return clase if dichos is None else {idioma: f"{dicho} ({clase})" for idioma, dicho in dichos.items()}


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
        datos={"clase": _dicha(calles.etiquetas[calle]["highway"]), "vecina": _dicha(vecina)},
        donde=calles.geom[calle],
        sugerencia={"etiquetas": {"highway": vecina}},
    )


REGLA: Final = Regla(
    codigo="E-CLAS",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={
        "largo_m": LARGO_M,
        "salto": SALTO,
        "entre_si": ENTRE_SI,
        "giro": GIRO,
        "de_frente": DE_FRENTE,
    },
    alcance_m=LARGO_M / 2,
    mira=CALLES,
)
