"""Dónde señalar un objeto del que importan las etiquetas y no la forma."""

from collections.abc import Iterator

from geo.revisiones.base.hallazgo import Punto
from geo.revisiones.base.mundo import Etiquetas, Mundo


def con_etiquetas(mundo: Mundo) -> Iterator[tuple[str, Etiquetas]]:
    """``(clave, etiquetas)`` de cada objeto que las tiene: nodos, vías y relaciones."""
    for nodo, etiquetas in sorted(mundo.etiquetas_de_nodo.items()):
        yield mundo.clave_de_nodo(nodo), etiquetas
    for via, etiquetas in enumerate(mundo.via_etiquetas):
        if etiquetas:
            yield mundo.clave_de_via(via), etiquetas
    for relacion in mundo.relaciones:
        if relacion.etiquetas:
            yield f"r{relacion.id}", relacion.etiquetas


def lugar_de(mundo: Mundo, clave: str) -> Punto | None:
    """Un punto sobre el objeto, en metros: el nodo, el de en medio de la vía, o el de la primera parte de la relación.

    Sólo depende del objeto: si está incompleto, o falta la primera parte de la relación, es ``None``.
    """
    numero = int(clave[1:])
    if clave[0] == "n":
        nodo = mundo.posicion_de_nodo(numero)
    elif clave[0] == "w":
        nodo = _en_medio(mundo, mundo.posicion_de_via(numero))
    else:
        relacion = mundo.relacion(numero)
        partes = [m for m in relacion.miembros if m[0] != "r"] if relacion else []
        return lugar_de(mundo, f"{partes[0][0]}{partes[0][1]}") if partes else None
    if nodo is None:
        return None
    x, y = mundo.xy[nodo].tolist()
    return x, y


def _en_medio(mundo: Mundo, via: int | None) -> int | None:
    if via is None or not mundo.cuantos_nodos[via] or not mundo.completa[via]:
        return None
    nodos = mundo.nodos_de(via)
    return int(nodos[len(nodos) // 2])
