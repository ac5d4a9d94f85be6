"""La red de calles: qué vías pasan por cada nodo, qué puntas quedan sueltas y qué está unido con qué."""

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from geo.osm.etiquetas import NO_ES_CALLE
from geo.revisiones.base.areas import Relacion

Enteros = npt.NDArray[np.int64]
Logicos = npt.NDArray[np.bool_]

NO_UNE: Final = NO_ES_CALLE - {"construction", "platform", "elevator", "corridor"}
"""Valores de ``highway`` que no dejan pasar ni dejarán; lo que está en obra, un andén o un elevador sí unen."""
UNEN_TAMBIEN: Final = {
    "route": ("ferry",),
    "railway": ("platform",),
    "public_transport": ("platform",),
    "man_made": ("pier",),
    "indoor": ("corridor", "area", "room"),
}

_CLASES: Final = (
    ("motorway", "motorway_link"),
    ("trunk", "trunk_link"),
    ("primary", "primary_link"),
    ("secondary", "secondary_link"),
    ("tertiary", "tertiary_link"),
    ("unclassified", "residential", "road", "busway", "bus_guideway", "escape", "raceway"),
    ("living_street", "pedestrian"),
    ("service",),
    ("track",),
    ("cycleway", "bridleway", "footway", "path", "steps", "via_ferrata"),
)
RANGO: Final = {clase: k for k, clases in enumerate(_CLASES) for clase in clases}
"""Importancia de cada clase de calle: 0 la autopista, `A_PIE` los caminos donde no entran coches."""
A_PIE: Final = len(_CLASES) - 1


def rango(etiquetas: Mapping[str, str]) -> int:
    """Importancia de la calle, de `RANGO`; una clase que no se conoce cuenta como calle de barrio."""
    return RANGO.get(etiquetas.get("highway", ""), RANGO["residential"])


def une(etiquetas: Mapping[str, str]) -> bool:
    """Di si por este objeto se puede pasar de una calle a otra (calles, plazas, andenes, muelles, transbordadores)."""
    calle = etiquetas.get("highway")
    if calle is not None:
        return calle not in NO_UNE
    return any(etiquetas.get(llave) in valores for llave, valores in UNEN_TAMBIEN.items())


def iguales(a: Enteros, b: Enteros) -> tuple[Enteros, Enteros]:
    """Todos los pares de posiciones ``(i, j)`` con ``a[i] == b[j]``, por ``i`` y luego por ``b`` ordenado."""
    orden = np.argsort(b, kind="stable")
    ordenados = b[orden]
    desde = np.searchsorted(ordenados, a, side="left")
    cuantos = np.searchsorted(ordenados, a, side="right") - desde
    i = np.repeat(np.arange(len(a), dtype=np.int64), cuantos)
    avance = np.arange(len(i), dtype=np.int64) - np.repeat(np.cumsum(cuantos) - cuantos, cuantos)
    return i, orden[np.repeat(desde, cuantos) + avance].astype(np.int64)


def componentes(cuantos: int, i: Enteros, j: Enteros) -> Enteros:
    """Grupo de cada uno de ``cuantos`` vértices unidos por las aristas ``(i, j)``.

    Cada ronda cuelga cada raíz de la menor con que tiene arista y luego acorta los caminos: las rondas crecen con el
    logaritmo, no con el tamaño.

    Returns
    -------
    (cuantos,) int64
        El menor vértice de su grupo.
    """
    raiz = np.arange(cuantos, dtype=np.int64)
    while True:
        a, b = raiz[i], raiz[j]
        distintas = a != b
        if not distintas.any():
            return raiz
        i, j, a, b = i[distintas], j[distintas], a[distintas], b[distintas]
        np.minimum.at(raiz, np.maximum(a, b), np.minimum(a, b))
        while True:
            abuela = raiz[raiz]
            if np.array_equal(abuela, raiz):
                break
            raiz = abuela


class Vias(Protocol):
    """Lo que la red necesita saber de un mundo (`geo.revisiones.base.mundo.Mundo`): sus vías, con sus nodos."""

    nodo_id: Enteros
    via_id: Enteros
    via_etiquetas: list[Mapping[str, str]]
    desde: Enteros
    refs: Enteros
    relaciones: list[Relacion]

    @property
    def via_de_ref(self) -> Enteros:
        """(r,) a qué vía pertenece cada lugar de ``refs``."""
        ...


class Red:
    """Lo que une: calles, caminos, plazas, andenes, muelles y transbordadores, por sus nodos.

    Cuentan también las vías incompletas (con los nodos que sí vinieron) y las que son miembro de una plaza hecha con
    una relación.

    Attributes
    ----------
    via, nodo : (p,) int64
        Pares distintos, por nodo: la vía en esa posición pasa por ese nodo.
    usos : (n,) int64
        Cuántas vías distintas de la red pasan por cada nodo.
    pasadas : (n,) int64
        Cuántas veces pasan; un nodo en que una vía se muerde la cola cuenta dos.
    """

    def __init__(self, mundo: Vias) -> None:
        self._mundo = mundo
        miembros = {
            numero
            for relacion in mundo.relaciones
            if une(relacion.etiquetas)
            for tipo, numero, _ in relacion.miembros
            if tipo == "w"
        }
        self.es: Logicos = np.array(
            [
                (bool(e) and une(e)) or int(v) in miembros
                for v, e in zip(mundo.via_id, mundo.via_etiquetas, strict=True)
            ],
            dtype=np.bool_,
        )
        de_la_red = self.es[mundo.via_de_ref] & (mundo.refs >= 0)
        nodos, vias = mundo.refs[de_la_red], mundo.via_de_ref[de_la_red]
        self.pasadas: Enteros = np.bincount(nodos, minlength=len(mundo.nodo_id)).astype(np.int64)
        self._ancho = max(1, len(mundo.via_id))
        self._pares: Enteros = np.unique(nodos * self._ancho + vias)
        self.nodo: Enteros = self._pares // self._ancho
        self.via: Enteros = self._pares % self._ancho
        self.usos: Enteros = np.bincount(self.nodo, minlength=len(mundo.nodo_id)).astype(np.int64)

    def pasa(self, via: Enteros, nodo: Enteros) -> Logicos:
        """(k,) si cada una de esas vías pasa por el nodo que le toca."""
        return np.isin(nodo * self._ancho + via, self._pares)

    def puntas(self, vias: Enteros) -> tuple[Enteros, Logicos]:
        """Los dos nodos en que acaba cada una de esas vías completas, y si quedan sueltos.

        Returns
        -------
        nodos : (k, 2) int64
        sueltas : (k, 2) bool
            Si por ahí no pasa nada más de la red, ni otra vez la misma vía.
        """
        mundo = self._mundo
        nodos = np.column_stack([mundo.refs[mundo.desde[vias]], mundo.refs[mundo.desde[vias + 1] - 1]])
        return nodos, self.pasadas[nodos] == 1

    def grupos(self, tambien: Logicos | None = None) -> Enteros:
        """El grupo de cada vía: la posición de la menor con que está unida; las ajenas a la red, la suya.

        Parameters
        ----------
        tambien : (m,) bool, optional
            Otras vías por las que se puede pasar, además de las de la red.

        Returns
        -------
        (m,) int64
        """
        mundo = self._mundo
        via, nodo = self.via, self.nodo
        if tambien is not None:
            otras = tambien[mundo.via_de_ref] & (mundo.refs >= 0)
            otras[otras] = self.usos[mundo.refs[otras]] > 0
            via = np.concatenate([via, mundo.via_de_ref[otras]])
            nodo = np.concatenate([nodo, mundo.refs[otras]])
        vias = len(mundo.via_id)
        return componentes(vias + len(mundo.nodo_id), via, nodo + vias)[:vias]
