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
JUNTAS_M: Final = 500.0
"""Varias importantes, una tras otra, que entre todas no pasan de esto no llevan a ningún lado."""
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
DESVIO: Final = 30.0
"""Grados: lo mismo, si la que pasa va derecha: entonces no se abre en dos."""
DERECHA: Final = 15.0
"""Grados que dobla, cuando mucho, la que pasa derecha."""
BRAZOS_MAXIMOS: Final = 20
"""Por un nodo no pasan más calles que éstas; si pasan, el dato está roto y no se compara."""
JUNTAS_MAXIMAS: Final = 8
"""Y más que éstas son una avenida, o un dato roto."""
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
DE_PUEBLO: Final = frozenset({"living_street", "pedestrian", "steps"})
"""Por aquí no pasa una carretera, pero tampoco hay de éstas en el monte."""
EMPEDRADO: Final = frozenset(_PALABRAS["empedrado"].split())
"""Valores de ``surface`` que cuesta poner: los lleva una calle."""
DICHAS: Final[Mapping[str, Mapping[str, str]]] = _PALABRAS["clases"]
"""Cada clase en palabras, por idioma."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Pedazos de `LARGO_M` o menos, unidos por las dos puntas, cuya clase salta `SALTO` escalones o más.

    Seis maneras de saltar. «sube»: es una vía importante y ninguna de las que llegan a sus puntas lo es siquiera un
    escalón menos. «ramal»: por una punta no llega ninguna así, y en la otra toca de lado a una que pasa de largo (si
    alguna sigue en ella, la avenida da vuelta ahí). «juntas»: lo mismo, pero son varias de distinto nombre, una tras
    otra, que entre todas no pasan de `JUNTAS_M`. «baja»: por las dos puntas sigue la misma calle, de otra clase, y
    sólo por ahí (un callejón que sale de una avenida y vuelve a ella no la interrumpe). «brecha»: se llama como se
    llaman las calles y sale a otras calles por las dos puntas, pero es camino de monte. «cabo»: es camino de monte
    pavimentado, o entrada de varios carriles, y por una punta sigue derecho como calle del mismo nombre y por la otra
    sale a otra calle. Atlas (SuddenHighwayTypeChange) sólo mira las uniones de dos calles importantes; en un municipio
    el error común es una calle de barrio puesta como carretera.
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
    juntas = _Juntas(mundo, brazos, posibles, nodos)
    for orden, calle in enumerate(posibles.tolist()):
        hallazgo = _una(mundo, brazos, llegan, juntas, calle, (2 * orden, 2 * orden + 1))
        if hallazgo is not None:
            yield hallazgo


def _una(
    mundo: Mundo,
    brazos: "_Brazos",
    llegan: Mapping[int, tuple[list[Mapping[str, str]], list[Mapping[str, str]]]],
    juntas: "_Juntas",
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
        menor = juntas.entre_que(calle)
        if menor is not None:
            return _hallazgo(mundo, calle, (), "juntas", menor)
    if propio < SALTO or any(etiquetas[calle].get(llave) in CERRADO for llave in ("access", "motor_vehicle")):
        return None
    siguen = brazos.siguen(puntas, calle)
    if siguen is not None:
        return _hallazgo(mundo, calle, siguen, "baja", etiquetas[siguen[0]]["highway"])
    return _de_menos(mundo, brazos, calle, puntas)


def _de_menos(mundo: Mundo, brazos: "_Brazos", calle: int, puntas: tuple[int, int]) -> Hallazgo | None:
    """Lo que se dice, si algo, de una brecha o una entrada: que se llama como una calle, o que es el cabo de una."""
    etiquetas = mundo.calles.etiquetas
    if etiquetas[calle]["highway"] == "track" and _de_pueblo(etiquetas[calle]):
        salen = sorted(brazos.mayor_de_pueblo(punta) for punta in puntas)
        if salen[0][0] <= RANGO["residential"] and salen[1][1] >= 0:
            _, vecina = max(par for par in salen if par[0] <= RANGO["residential"])
            return _hallazgo(mundo, calle, (), "brecha", etiquetas[vecina]["highway"])
    if _hecha_de_calle(etiquetas[calle]):
        for una, otra in (puntas, puntas[::-1]):
            sigue = brazos.sigue_derecho(una, calle)
            if sigue is not None and brazos.mayor(otra)[0] <= RANGO["residential"]:
                return _hallazgo(mundo, calle, (sigue,), "cabo", etiquetas[sigue]["highway"])
    return None


def _sirve(etiquetas: Mapping[str, str]) -> bool:
    return (
        etiquetas["highway"] in RANGO
        and etiquetas["highway"] not in PROPIAS
        and not etiquetas["highway"].endswith("_link")
        and "junction" not in etiquetas
    )


def _nombres(etiquetas: Mapping[str, str]) -> set[str]:
    """Como se llama, sin mirar las mayúsculas: ésas son de E-NOMB."""
    return {etiquetas[llave].casefold() for llave in ("name", "ref") if llave in etiquetas}


def _de_pueblo(etiquetas: Mapping[str, str]) -> bool:
    """Si se llama como se llaman las calles de un pueblo, y no los caminos."""
    palabras = etiquetas.get("name", "").casefold().split()
    return len(palabras) > 1 and (palabras[0] in DE_CALLE or palabras[-1] in DE_CALLE)


def _hecha_de_calle(etiquetas: Mapping[str, str]) -> bool:
    """Si es una brecha pavimentada, que no dice de qué grado es, o una entrada de varios carriles."""
    if etiquetas["highway"] == "track":
        return etiquetas.get("surface") in EMPEDRADO and "tracktype" not in etiquetas
    return etiquetas["highway"] == "service" and etiquetas.get("lanes", "1") != "1"


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
        giro = np.degrees(np.arctan2(cruz, (llega * sale).sum(axis=1)))
        calle = brazo_calle[brazo]
        ajeno = calle != posibles[punta // 2]
        self._calle: list[int] = calle[ajeno].tolist()
        self._giro: list[float] = giro[ajeno].tolist()
        self._desde: list[int] = np.searchsorted(punta[ajeno], np.arange(len(puntas) + 1)).tolist()

    def de(self, punta: int) -> list[tuple[float, int]]:
        """Los brazos de otras calles en esa punta: cuántos grados se dobla al seguir por él, y de qué calle es."""
        desde, hasta = self._desde[punta : punta + 2]
        return list(zip(map(abs, self._giro[desde:hasta]), self._calle[desde:hasta], strict=True))

    def _pasa_derecha(self, punta: int, tope: int) -> bool:
        """Si ahí sólo hay dos brazos de rango menor que ``tope``, y de uno a otro se dobla `DERECHA` o menos."""
        desde, hasta = self._desde[punta : punta + 2]
        giros = [self._giro[k] for k in range(desde, hasta) if self.rangos[self._calle[k]] < tope]
        return len(giros) == 2 and abs(abs(giros[0] - giros[1]) - 180.0) <= DERECHA

    def mayor(self, punta: int) -> tuple[int, int]:
        """La importancia de la calle más importante que llega a la punta, y cuál es."""
        return min(((int(self.rangos[c]), c) for _, c in self.de(punta)), default=(len(RANGO), -1))

    def mayor_de_pueblo(self, punta: int) -> tuple[int, int]:
        """Como `mayor`, sólo entre las que son calle: por su clase, o porque se llaman como se llaman las calles."""
        return min(
            (
                (int(self.rangos[c]), c)
                for _, c in self.de(punta)
                if self.rangos[c] <= RANGO["residential"]
                or self.etiquetas[c]["highway"] in DE_PUEBLO
                or _de_pueblo(self.etiquetas[c])
            ),
            default=(len(RANGO), -1),
        )

    def sigue_derecho(self, punta: int, calle: int) -> int | None:
        """La única calle, más importante y del mismo nombre, que de frente continúa a ésta."""
        propia, tope = _nombres(self.etiquetas[calle]), self.rangos[calle] - SALTO
        todas = [(g, c) for g, c in self.de(punta) if self.rangos[c] <= tope and _nombres(self.etiquetas[c]) & propia]
        return todas[0][1] if len(todas) == 1 and todas[0][0] <= DE_FRENTE else None

    def toca_de_lado(self, punta: int, calle: int) -> bool:
        """Si ahí pasan de largo una o más casi tan importantes, y ninguna sigue en esta calle."""
        propia = self.etiquetas[calle]
        tope = int(self.rangos[calle]) + SALTO
        grandes = [(g, c) for g, c in self.de(punta) if self.rangos[c] < tope]
        de_frente = DESVIO if self._pasa_derecha(punta, tope) else DE_FRENTE
        return len(grandes) >= 2 and not any(
            giro <= de_frente or "junction" in self.etiquetas[c] or _nombres(self.etiquetas[c]) & _nombres(propia)
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


_Cruce = tuple[int, list[int], set[int], bool]
"""Un nodo, las otras vías que pasan por él, las calles importantes entre ellas, y si éstas pasan de largo."""


class _Juntas:
    """Las vías importantes que se siguen unas a otras, mientras entre todas no pasen de `JUNTAS_M`."""

    def __init__(self, mundo: Mundo, brazos: _Brazos, posibles: Enteros, nodos: Enteros) -> None:
        self._mundo, self._brazos, self._nodos = mundo, brazos, nodos
        self._orden = {calle: orden for orden, calle in enumerate(posibles.tolist())}
        self._largo: list[float] = shapely.length(mundo.calles.geom).tolist()
        self._de_via = np.full(len(mundo.via_id), -1, dtype=np.int64)
        self._de_via[mundo.calles.via] = np.arange(len(mundo.calles))
        self._cruces: dict[int, list[_Cruce] | None] = {}

    def entre_que(self, calle: int) -> str | None:
        """La clase más importante de lo que tocan, si todo queda lejos de la suya.

        Pueden salir de lado de una vía que pasa de largo, una vez, como el ramal. None: llevan a otra parte, son la
        misma avenida en pedazos, o no se sabe.
        """
        mundo, rangos = self._mundo, self._brazos.rangos
        juntas, faltan = {calle}, [calle]
        de_lado: set[int] = set()
        fuera: set[int] = set()
        largo = 0.0
        while faltan:
            una = faltan.pop()
            cruces, largo = self._pasan(una), largo + self._largo[una]
            if cruces is None or largo > JUNTAS_M or len(juntas) > JUNTAS_MAXIMAS:
                return None
            for nodo, vias, importantes, aparte in cruces:
                if aparte:
                    de_lado.add(nodo)
                    continue
                fuera.update(vias)
                faltan += importantes - juntas
                juntas |= importantes
        otras = [self._etiquetas(v) for v in fuera - set(mundo.calles.via[list(juntas)].tolist())]
        if len(juntas) == 1 or len(de_lado) > 1 or not otras or not self._son_distintas(juntas):
            return None
        mayor = min(otras, key=lambda e: (rango(e), e["highway"]))
        return mayor["highway"] if rango(mayor) >= rangos[calle] + SALTO else None

    def _son_distintas(self, juntas: set[int]) -> bool:
        """Si cada una tiene su nombre: las que comparten uno, o no tienen, son una sola avenida."""
        nombres = [_nombres(self._brazos.etiquetas[c]) for c in juntas]
        return all(nombres) and len(set().union(*nombres)) == sum(map(len, nombres))

    def _pasan(self, calle: int) -> list[_Cruce] | None:
        """Sus nodos por donde pasan otras vías de la red.

        None si no va unida por las dos puntas, no se sabe qué pasa por ellas, o es la mitad de una avenida.
        """
        if calle not in self._cruces:
            self._cruces[calle] = self._leer(calle)
        return self._cruces[calle]

    def _leer(self, calle: int) -> list[_Cruce] | None:
        red, via, rangos = self._mundo.red, int(self._mundo.calles.via[calle]), self._brazos.rangos
        nodos = np.unique(self._mundo.nodos_de(via))
        oneway = self._brazos.etiquetas[calle].get("oneway", "no")
        if calle not in self._orden or oneway != "no" or (red.usos[nodos] > BRAZOS_MAXIMOS).any():
            return None
        nodos = nodos[red.usos[nodos] > 1]
        desde, hasta = np.searchsorted(red.nodo, nodos), np.searchsorted(red.nodo, nodos, side="right")
        salida = []
        for nodo, a, b in zip(nodos.tolist(), desde.tolist(), hasta.tolist(), strict=True):
            otras = [v for v in red.via[a:b].tolist() if v != via]
            calles = self._de_via[otras].tolist()
            importantes = {c for c in calles if c >= 0 and rangos[c] <= IMPORTANTE}
            salida.append((nodo, otras, importantes, bool(importantes) and self._de_lado(calle, nodo)))
        return salida

    def _de_lado(self, calle: int, nodo: int) -> bool:
        orden = self._orden[calle]
        return any(self._nodos[calle, k] == nodo and self._brazos.toca_de_lado(2 * orden + k, calle) for k in (0, 1))

    def _etiquetas(self, via: int) -> Mapping[str, str]:
        return {"highway": "road", **self._mundo.via_etiquetas[via]}


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
        "juntas_m": JUNTAS_M,
        "salto": SALTO,
        "entre_si": ENTRE_SI,
        "giro": GIRO,
        "de_frente": DE_FRENTE,
        "desvio": DESVIO,
        "derecha": DERECHA,
    },
    alcance_m=LARGO_M / 2,
    mira=CALLES,
)
