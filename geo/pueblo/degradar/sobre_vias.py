"""Errores de las calles: islas, casi uniones, cruces sin nodo, trazos toscos, agua sin puente."""

import itertools
from collections import Counter
from typing import Final

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from geo.pueblo.azar import Azar
from geo.pueblo.degradar.lienzo import Lienzo
from geo.pueblo.plano import Puntos, largos
from geo.pueblo.tipos import Clave
from geo.pueblo.trazado import TIPOS

DESVIO_TOSCO: Final = 10.0
"""Metros que se aparta, al menos, un trazo tosco del verdadero."""


def _libres(lienzo: Lienzo, azar: Azar) -> list[int]:
    return azar.barajados([
        c for c in lienzo.calles()
        if f"w{c}" not in lienzo.tocados and not {"bridge", "ford"} & lienzo.vias[c].etiquetas.keys()
    ])  # fmt: skip


def trazos_toscos(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-CRUD: curvas dibujadas con unos pocos vértices, que se apartan de la calle verdadera."""
    vias = lienzo.verdad.mapa.vias
    usos = Counter(n for calle in lienzo.verdad.calles for n in set(vias[calle].nodos))
    fijos = {n for n, veces in usos.items() if veces > 1}
    for calle in _libres(lienzo, azar):
        if cuantos == 0:
            return
        for tolerancia in (34.0, 26.0, 20.0, 15.0, 11.5):
            nodos = _pocos(lienzo, calle, fijos, tolerancia)
            if _sirve_tosco(lienzo, calle, nodos):
                lejos = shapely.get_coordinates(lienzo.linea(calle))
                nueva = LineString([lienzo.punto(n) for n in nodos])
                peor = lejos[int(np.argmax(shapely.distance(shapely.points(lejos), nueva)))]
                lienzo.trazar(calle, nodos)
                lienzo.plantar("E-CRUD", [f"w{calle}"], peor)
                cuantos -= 1
                break


def _pocos(lienzo: Lienzo, calle: int, fijos: set[int], tolerancia: float) -> list[int]:
    """Los nodos que quedan al simplificar cada trecho entre nodos compartidos."""
    nodos, puntos = lienzo.vias[calle].nodos, lienzo.puntos(calle)
    cortes = [0, *[k for k in range(1, len(nodos) - 1) if nodos[k] in fijos], len(nodos) - 1]
    quedan: list[int] = [nodos[0]]
    for i, j in itertools.pairwise(cortes):
        simple = {
            tuple(p) for p in shapely.get_coordinates(shapely.simplify(LineString(puntos[i : j + 1]), tolerancia))
        }
        quedan += [nodos[k] for k in range(i + 1, j) if tuple(puntos[k]) in simple] + [nodos[j]]
    return quedan


def _sirve_tosco(lienzo: Lienzo, calle: int, nodos: list[int]) -> bool:
    if len(nodos) == len(lienzo.vias[calle].nodos) or len(nodos) < 3:
        return False
    nueva, vieja = LineString([lienzo.punto(n) for n in nodos]), lienzo.linea(calle)
    desvio = shapely.distance(shapely.points(shapely.get_coordinates(vieja)), nueva).max()
    if not DESVIO_TOSCO + 0.5 < desvio < 45 or lienzo.estorban(nueva.buffer(0.5), 0.5):
        return False
    agua = lienzo.verdad.urbe.agua.franja
    return not agua.intersects(nueva) and _mismos_cruces(lienzo, calle, nodos)


def _mismos_cruces(lienzo: Lienzo, calle: int, nodos: list[int]) -> bool:
    """Si la calle, con esos nodos, sólo toca a las demás en nodos que comparten, y no se acerca a otras."""
    propios = set(nodos)
    nueva = LineString([lienzo.punto(n) for n in nodos])
    for otra in lienzo.calles_que_cruza(nueva.buffer(6.0)):
        if otra == calle:
            continue
        comunes = [Point(lienzo.punto(n)) for n in lienzo.vias[otra].nodos if n in propios]
        resto = nueva.difference(shapely.union_all(comunes).buffer(12.0)) if comunes else nueva
        if resto.distance(lienzo.linea(otra)) < 6:
            return False
        toque = nueva.intersection(lienzo.linea(otra))
        if any(
            min((p.distance(c) for c in comunes), default=9.0) > 0.05
            for p in shapely.points(shapely.get_coordinates(toque))
        ):
            return False
    return True


def cruces_sin_nodo(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-NODO: dos calles se cruzan pero una perdió el nodo del cruce."""
    usos = lienzo.usos_en_calles()
    for nodo in azar.barajados(sorted(n for n, c in usos.items() if len(c) == 2)):
        if cuantos == 0:
            return
        parejas = azar.barajados(usos[nodo])
        if any(f"w{c}" in lienzo.tocados for c in parejas) or lienzo.etiquetas.get(nodo):
            continue
        for suelta, firme in (parejas, parejas[::-1]):
            cruce = _cruce_abierto(lienzo, suelta, firme, nodo)
            if cruce is not None:
                lienzo.plantar("E-NODO", [f"w{suelta}", f"w{firme}"], cruce)
                cuantos -= 1
                break


def _cruce_abierto(lienzo: Lienzo, suelta: int, firme: int, nodo: int) -> Puntos | None:
    """Quita el nodo de una de las calles si así se cruzan sin tocarse en él y la red sigue unida."""
    nodos, ajenos = lienzo.vias[suelta].nodos, lienzo.vias[firme].nodos
    k = nodos.index(nodo)
    if k in (0, len(nodos) - 1) or nodo in (ajenos[0], ajenos[-1]):
        return None
    tramo = LineString([lienzo.punto(nodos[k - 1]), lienzo.punto(nodos[k + 1])])
    golpe = tramo.intersection(lienzo.linea(firme))
    if golpe.geom_type != "Point" or min(golpe.distance(Point(p)) for p in tramo.coords) < 6:
        return None
    if lienzo.estorban(tramo.buffer(0.5), 0.2):
        return None
    lienzo.trazar(suelta, [n for n in nodos if n != nodo])
    if lienzo.islas() != _islas_plantadas(lienzo):
        lienzo.trazar(suelta, nodos)
        return None
    return np.array([golpe.x, golpe.y])


def _islas_plantadas(lienzo: Lienzo) -> list[list[int]]:
    plantadas = {o for p in lienzo.plantados if p.codigo == "E-ISLA" for o in p.objetos}
    return sorted([[int(o[1:])] for o in plantadas])


def casi_uniones(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-CASI: una calle que debía topar con otra se queda a unos metros."""
    for calle in _libres(lienzo, azar):
        if cuantos == 0:
            return
        usos = lienzo.usos_en_calles()
        nodos = lienzo.vias[calle].nodos
        for al_final in (True, False):
            punta = nodos[-1] if al_final else nodos[0]
            otras = [c for c in usos[punta] if c != calle]
            unida = any(len(usos[n]) > 1 for n in nodos if n != punta)
            if (
                len(otras) != 1
                or not unida
                or punta in (lienzo.vias[otras[0]].nodos[0], lienzo.vias[otras[0]].nodos[-1])
            ):
                continue
            if f"w{otras[0]}" in lienzo.tocados or punta in lienzo.etiquetas:
                continue
            lugar = _acortada(lienzo, calle, usos, azar.entre(1.8, 3.8), al_final=al_final)
            if lugar is None:
                continue
            if lienzo.calles_cerca(lugar, 5.2, calle) != otras or lienzo.islas() != _islas_plantadas(lienzo):
                lienzo.trazar(calle, nodos)
                continue
            lienzo.plantar("E-CASI", [f"w{calle}", f"w{otras[0]}"], lugar)
            cuantos -= 1
            break


def islas(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-ISLA: calles sin salida que no llegan a la red (además de las que ya quedaron sueltas)."""
    cuantos -= len(_islas_plantadas(lienzo))
    for calle in _libres(lienzo, azar):
        if cuantos <= 0:
            return
        usos = lienzo.usos_en_calles()
        nodos = lienzo.vias[calle].nodos
        uniones = [n for n in nodos if len(usos[n]) > 1]
        principal = TIPOS[lienzo.verdad.calles[calle].tipo].rango <= 3
        if principal or len(uniones) != 1 or uniones[0] not in (nodos[0], nodos[-1]) or lienzo.linea(calle).length < 45:
            continue
        lugar = _acortada(lienzo, calle, usos, azar.entre(9, 15), al_final=uniones[0] == nodos[-1])
        if lugar is None:
            continue
        if set(lienzo.calles_que_cruza(lienzo.linea(calle).buffer(6.5))) != {calle}:
            lienzo.trazar(calle, nodos)
            continue
        lienzo.plantar("E-ISLA", [f"w{calle}"], lugar)
        cuantos -= 1


def _acortada(
    lienzo: Lienzo, calle: int, usos: dict[int, list[int]], cuanto: float, *, al_final: bool
) -> Puntos | None:
    """Recorta la calle por una punta; devuelve la punta nueva."""
    nodos = lienzo.vias[calle].nodos if al_final else lienzo.vias[calle].nodos[::-1]
    puntos = np.array([lienzo.punto(n) for n in nodos])
    avance = np.concatenate([[0.0], np.cumsum(largos(puntos))])
    meta = avance[-1] - cuanto
    if meta < 25:
        return None
    k = int(np.searchsorted(avance, meta))
    if any(len(usos[n]) > 1 for n in nodos[k:-1]):
        return None
    lugar = puntos[k - 1] + (puntos[k] - puntos[k - 1]) * (meta - avance[k - 1]) / (avance[k] - avance[k - 1])
    quedan = [*nodos[:k], lienzo.nodo(lugar)] if avance[k - 1] < meta - 1 else [*nodos[: k - 1], lienzo.nodo(lugar)]
    if len(quedan) < 2:
        return None
    lienzo.trazar(calle, quedan if al_final else quedan[::-1])
    return np.asarray(lugar)


def agua_sin_puente(lienzo: Lienzo, azar: Azar, cuantos: int) -> None:
    """E-AGUA: puentes y vados que perdieron su etiqueta."""
    pasos = [c for c in lienzo.calles() if {"bridge", "ford"} & lienzo.vias[c].etiquetas.keys()]
    for calle in azar.barajados([p for p in pasos if f"w{p}" not in lienzo.tocados]):
        if cuantos == 0:
            return
        for llave in ("bridge", "layer", "ford"):
            lienzo.vias[calle].etiquetas.pop(llave, None)
        for nodo in lienzo.vias[calle].nodos:
            if lienzo.etiquetas.get(nodo, {}).get("ford"):
                _olvidar_vado(lienzo, nodo)
        medio = shapely.get_coordinates(lienzo.linea(calle).interpolate(0.5, normalized=True))
        lienzo.plantar("E-AGUA", [f"w{calle}", *_agua_que_cruza(lienzo, calle)], medio)
        cuantos -= 1


def _olvidar_vado(lienzo: Lienzo, nodo: int) -> None:
    lienzo.etiquetas[nodo].pop("ford")
    if not lienzo.etiquetas[nodo]:
        lienzo.quitar(f"n{nodo}")


def _agua_que_cruza(lienzo: Lienzo, calle: int) -> list[Clave]:
    aguas = [k for k, r in lienzo.verdad.otros if "waterway" in r.etiquetas and k in lienzo.origen]
    return [k for k in aguas if lienzo.linea(int(k[1:])).intersects(lienzo.linea(calle))]
