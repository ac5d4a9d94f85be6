"""Escribe objetos en OPL, el texto de un renglón por objeto que osmium lee más rápido."""

from collections.abc import Iterable
from datetime import UTC
from typing import BinaryIO

from geo.osm.objetos import Crudo, Nodo, Relacion, Via

_ESCAPES = {c: f"%{c:x}%" for c in (*range(0x21), 0x7F, *map(ord, "%,=@"))}


def escribir(salida: BinaryIO, objetos: Iterable[Nodo | Via | Relacion]) -> None:
    """Escribe cada objeto en un renglón; quien llama los da en orden: nodos, vías, relaciones."""
    salida.writelines(renglon(objeto).encode() for objeto in objetos)


def renglon(objeto: Nodo | Via | Relacion) -> str:
    """Un objeto en OPL, con su salto de renglón."""
    if isinstance(objeto, Nodo):
        lugar = "" if objeto.lon is None or objeto.lat is None else f" x{objeto.lon:.7f} y{objeto.lat:.7f}"
        return f"n{_comun(objeto)}{lugar}\n"
    if isinstance(objeto, Via):
        return f"w{_comun(objeto)} N{','.join([f'n{n}' for n in objeto.nodos])}\n"
    miembros = ",".join([f"{m}@{_texto(rol)}" for m, rol in zip(objeto.miembros, objeto.roles, strict=True)])
    return f"r{_comun(objeto)} M{miembros}\n"


def _comun(objeto: Crudo) -> str:
    cuando = "" if objeto.cuando is None else objeto.cuando.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    etiquetas = ",".join([f"{_texto(k)}={_texto(v)}" for k, v in objeto.etiquetas.items()])
    return (
        f"{objeto.id} v{objeto.version or 0} d{'D' if objeto.borrado else 'V'} c{objeto.conjunto or 0} t{cuando}"
        f" i{objeto.uid or 0} u{_texto(objeto.usuario or '')} T{etiquetas}"
    )


def _texto(texto: str) -> str:
    return texto.translate(_ESCAPES)
