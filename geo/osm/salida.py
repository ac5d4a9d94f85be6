"""Escribe archivos de OpenStreetMap con todos sus metadatos: extractos (.osm.pbf) y diferencias (.osc.gz)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import osmium
from osmium.osm import mutable

from geo.osm.objetos import Crudo, Nodo, Relacion, Via


def escribir(ruta: str | Path, objetos: Iterable[Nodo | Via | Relacion], cabecera: Mapping[str, str]) -> int:
    """Escribe objetos en el formato que diga la extensión.

    Parameters
    ----------
    objetos
        En el orden en que se quieren: nodos, vías y relaciones, por id y versión. En un ``.osc`` cada uno sale como
        alta si es su versión 1, como baja si está borrado, y si no como cambio.
    cabecera
        Opciones de la cabecera, como ``osmosis_replication_sequence_number``.

    Returns
    -------
    int
        Cuántos se escribieron.
    """
    encabezado = osmium.io.Header()
    encabezado.set("generator", "Tequio")
    for clave, valor in cabecera.items():
        encabezado.set(clave, valor)
    cuantos = 0
    with osmium.SimpleWriter(str(ruta), header=encabezado, overwrite=True) as salida:
        for objeto in objetos:
            _escribir_uno(salida, objeto)
            cuantos += 1
    return cuantos


def _escribir_uno(salida: osmium.SimpleWriter, objeto: Nodo | Via | Relacion) -> None:
    if isinstance(objeto, Nodo):
        lugar = None if objeto.lon is None or objeto.lat is None else (objeto.lon, objeto.lat)
        salida.add_node(mutable.Node(location=lugar, **_comun(objeto)))
    elif isinstance(objeto, Via):
        salida.add_way(mutable.Way(nodes=objeto.nodos, **_comun(objeto)))
    else:
        miembros = [(m[0], int(m[1:]), rol) for m, rol in zip(objeto.miembros, objeto.roles, strict=True)]
        salida.add_relation(mutable.Relation(members=miembros, **_comun(objeto)))


def _comun(objeto: Crudo) -> dict[str, Any]:
    return {
        "id": objeto.id,
        "version": objeto.version or 1,
        "visible": not objeto.borrado,
        "timestamp": objeto.cuando,
        "changeset": objeto.conjunto or 0,
        "uid": objeto.uid or 0,
        "user": objeto.usuario or "",
        "tags": objeto.etiquetas,
    }
