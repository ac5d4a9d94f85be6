"""Errores de etiquetas y objetos repetidos."""

import unicodedata
from collections.abc import Callable
from typing import Final

import numpy as np
import shapely

from geo.pueblo.azar import Azar
from geo.pueblo.degradar.lienzo import Lienzo

CLASES_DUDOSAS: Final = {
    "residential": ("primary", "trunk", "secondary", "track"),
    "tertiary": ("service", "track"),
    "track": ("secondary", "primary"),
    "unclassified": ("trunk", "footway"),
    "secondary": ("residential", "track"),
}
"""Por clase verdadera, las que un principiante podría poner y no corresponden."""

ABREVIATURAS: Final = {
    "Avenida": "Av.", "Calle": "C.", "Calzada": "Calz.", "Privada": "Priv.", "Callejón": "Cjón.", "Camino": "Cno.",
    "Prolongación": "Prol.", "Paseo": "Pso.", "Escalinata": "Esc.", "Cerrada": "Cda.",
}  # fmt: skip


def _calles(lienzo: Lienzo, azar: Azar) -> list[int]:
    con_error = {o for p in lienzo.plantados for o in p.objetos}
    return azar.barajados([c for c in lienzo.calles() if f"w{c}" not in con_error])


def _medio(lienzo: Lienzo, via: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(shapely.get_coordinates(lienzo.linea(via).interpolate(0.5, normalized=True))[0])


def clases(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-CLAS: un pedazo de calle cuya clase salta respecto a los que le siguen."""
    usos = lienzo.usos_en_calles()
    for calle in _calles(lienzo, azar):
        if cuantos == 0:
            return
        etiquetas, nodos = lienzo.vias[calle].etiquetas, lienzo.vias[calle].nodos
        unida = all(len(usos[n]) > 1 for n in (nodos[0], nodos[-1]))
        if etiquetas["highway"] in CLASES_DUDOSAS and unida and not {"bridge", "ford"} & etiquetas.keys():
            etiquetas["highway"] = azar.elige(CLASES_DUDOSAS[etiquetas["highway"]])
            etiquetas.pop("tracktype", None)
            lienzo.plantar("E-CLAS", [f"w{calle}"], _medio(lienzo, calle))
            cuantos -= 1


def nombres(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-NOMB: abreviaturas, mayúsculas, acentos perdidos y «S/N»."""
    formas: tuple[Callable[[str], str], ...] = (_abreviado, str.upper, _sin_acentos, str.lower, lambda _: "S/N")
    pesos = (0.34, 0.2, 0.28, 0.1, 0.08)
    for calle in _calles(lienzo, azar):
        if cuantos == 0:
            return
        etiquetas = lienzo.vias[calle].etiquetas
        mal = azar.elige(formas, pesos)(etiquetas["name"]) if "name" in etiquetas else ""
        if mal and mal != etiquetas["name"]:
            etiquetas["name"] = mal
            lienzo.plantar("E-NOMB", [f"w{calle}"], _medio(lienzo, calle))
            cuantos -= 1


def _abreviado(nombre: str) -> str:
    primera, _, resto = nombre.partition(" ")
    return f"{ABREVIATURAS[primera]} {resto}" if primera in ABREVIATURAS else nombre


def _sin_acentos(nombre: str) -> str:
    sueltas = unicodedata.normalize("NFD", nombre.replace("ñ", "\0"))
    return "".join(c for c in sueltas if not unicodedata.combining(c)).replace("\0", "ñ")


Cambio = Callable[[dict[str, str]], dict[str, str]]

_EN_CASAS: Final[tuple[Cambio, ...]] = (
    lambda e: {},
    lambda e: {**e, "building": "casa"},
    lambda e: {("bulding" if k == "building" else k): v for k, v in e.items()},
    lambda e: {**e, "building": "si"},
    lambda e: {("Building" if k == "building" else k): v for k, v in e.items()},
    lambda e: {**e, "building": "edificio"},
)
_EN_CALLES: Final[tuple[Cambio, ...]] = (
    lambda e: {**e, "highway": "calle"},
    lambda e: {("higway" if k == "highway" else k): v for k, v in e.items()},
    lambda e: {},
    lambda e: {**e, "oneway": "si"},
    lambda e: {**e, "surface": "terraceria"},
)


def invalidas(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-ETIQ: objetos sin etiquetas, llaves mal escritas y valores inventados."""
    de_calles = cuantos // 3
    for orden, casa in enumerate(azar.barajados(lienzo.sueltas())[: cuantos - de_calles]):
        via = lienzo.vias[casa.vias[0]]
        via.etiquetas = _EN_CASAS[orden % len(_EN_CASAS)](via.etiquetas)
        lienzo.plantar("E-ETIQ", [casa.clave], casa.edificio.contorno.mean(axis=0))
    islas = lienzo.islas()
    for calle in _calles(lienzo, azar):
        if de_calles == 0:
            return
        sigue_unida = len(lienzo.islas(sin=calle)) == len(islas)
        if sigue_unida and not {"bridge", "ford"} & lienzo.vias[calle].etiquetas.keys():
            de_calles -= 1
            cambio = _EN_CALLES[de_calles % len(_EN_CALLES)]
            lienzo.vias[calle].etiquetas = cambio(lienzo.vias[calle].etiquetas)
            lienzo.plantar("E-ETIQ", [f"w{calle}"], _medio(lienzo, calle))


def repetidos(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-DUP: edificios, calles y puntos dibujados dos veces, y nodos repetidos dentro de una vía."""
    casas = azar.barajados(lienzo.rectangulos())[: cuantos * 7 // 10]
    for orden, casa in enumerate(casas):
        via = lienzo.vias[casa.vias[0]]
        medio = casa.edificio.contorno.mean(axis=0)
        if orden % 3 == 2:
            via.nodos.insert(2, via.nodos[1])
            lienzo.plantar("E-DUP", [casa.clave], medio)
            continue
        nodos = list(via.nodos)
        if orden % 3 == 1:
            nuevos = [lienzo.nodo(p) for p in casa.edificio.contorno]
            nodos = [*nuevos, nuevos[0]]
        clave = lienzo.via(nodos, dict(via.etiquetas), (casa.clave,))
        lienzo.plantar("E-DUP", [casa.clave, clave], medio)
    calles = _calles(lienzo, azar)
    for calle in calles[: (cuantos - len(casas)) // 2]:
        via = lienzo.vias[calle]
        clave = lienzo.via(list(via.nodos), dict(via.etiquetas), (f"w{calle}",))
        lienzo.plantar("E-DUP", [f"w{calle}", clave], _medio(lienzo, calle))
    for nodo in azar.barajados(_puntos(lienzo))[: cuantos - len(casas) - (cuantos - len(casas)) // 2]:
        copia = lienzo.nodo(lienzo.punto(nodo))
        lienzo.etiquetas[copia] = dict(lienzo.etiquetas[nodo])
        lienzo.origen[f"n{copia}"] = (f"n{nodo}",)
        lienzo.plantar("E-DUP", [f"n{nodo}", f"n{copia}"], lienzo.punto(nodo))


def _puntos(lienzo: Lienzo) -> list[int]:
    return sorted(n for n, e in lienzo.etiquetas.items() if "shop" in e and f"n{n}" not in lienzo.tocados)
