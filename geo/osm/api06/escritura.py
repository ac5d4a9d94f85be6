"""Escribe elementos y conjuntos de cambios como XML y como JSON, rápido: una línea de texto por elemento."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from geo.osm.api06.valores import ESCALA, NODO, NOMBRES, VIA

VERSION = "0.6"
GENERADOR = "Tequio"
RAIZ = {
    "version": VERSION,
    "generator": GENERADOR,
    "copyright": "OpenStreetMap and contributors",
    "attribution": "http://www.openstreetmap.org/copyright",
    "license": "http://opendatacommons.org/licenses/odbl/1-0/",
}
# Los signos de control que el XML no admite se quitan: un solo valor así haría ilegible el mapa entero.
_TABLA = str.maketrans(
    {
        **dict.fromkeys([*map(chr, range(32)), "\ufffe", "\uffff"], ""),
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\n": "&#10;",
        "\r": "&#13;",
        "\t": "&#9;",
    }
)


class Elemento(NamedTuple):
    """Una versión de un elemento; coordenadas en diezmillonésimas de grado; miembros como ``w123``."""

    tipo: str
    id: int
    version: int
    visible: bool
    conjunto: int
    cuando: datetime
    uid: int
    usuario: str
    etiquetas: Mapping[str, str] | None
    lon: int | None
    lat: int | None
    nodos: list[int] | None
    miembros: list[str] | None
    roles: list[str] | None


class Caja(NamedTuple):
    """Caja en grados."""

    oeste: float
    sur: float
    este: float
    norte: float


def e(texto: str) -> str:
    """Texto para dentro de un atributo XML."""
    return texto.translate(_TABLA)


def momento(cuando: datetime) -> str:
    """Fecha y hora UTC al segundo, como ``2026-01-31T12:00:00Z``."""
    # Cortar lo que da isoformat cuesta la décima parte que strftime, y un mapa lleva decenas de miles.
    return cuando.astimezone(UTC).isoformat()[:19] + "Z"


def raiz(nombre: str = "osm", *, sin_version: bool = False) -> str:
    """Etiqueta que abre el documento."""
    atributos = "".join(f' {k}="{e(v)}"' for k, v in RAIZ.items() if not (sin_version and k == "version"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{nombre}{atributos}>'


def documento(partes: Iterable[str], nombre: str = "osm") -> str:
    """Un documento XML entero."""
    return "".join((raiz(nombre), "\n", *partes, f"</{nombre}>\n"))


def etiquetas_xml(etiquetas: Mapping[str, str] | None) -> str:
    """``<tag k= v=/>`` por etiqueta."""
    return "".join(f'<tag k="{e(k)}" v="{e(v)}"/>' for k, v in (etiquetas or {}).items())


def limites_xml(caja: Caja) -> str:
    """``<bounds/>`` con siete decimales."""
    return (
        f'<bounds minlat="{caja.sur:.7f}" minlon="{caja.oeste:.7f}" maxlat="{caja.norte:.7f}" '
        f'maxlon="{caja.este:.7f}"/>\n'
    )


def elementos_xml(elementos: Iterable[Elemento]) -> Iterator[str]:
    """Cada elemento en su línea."""
    horas: dict[datetime, str] = {}
    nombres: dict[str, str] = {}
    for (
        tipo,
        id,
        version,
        visible,
        conjunto,
        cuando,
        uid,
        usuario,
        etiquetas,
        lon,
        lat,
        nodos,
        miembros,
        roles,
    ) in elementos:
        hora = horas.get(cuando)
        if hora is None:
            hora = horas[cuando] = momento(cuando)
        nombre = nombres.get(usuario)
        if nombre is None:
            nombre = nombres[usuario] = e(usuario)
        modelo = NOMBRES[tipo]
        cabeza = (
            f'<{modelo} id="{id}" visible="{"true" if visible else "false"}" version="{version}" '
            f'changeset="{conjunto}" timestamp="{hora}" user="{nombre}" uid="{uid}"'
        )
        dentro = etiquetas_xml(etiquetas) if etiquetas else ""
        if tipo == NODO:
            if visible and lon is not None and lat is not None:
                cabeza += f' lat="{lat / ESCALA:.7f}" lon="{lon / ESCALA:.7f}"'
        elif tipo == VIA:
            dentro = "".join([f'<nd ref="{n}"/>' for n in nodos or ()]) + dentro
        else:
            dentro = (
                "".join(
                    f'<member type="{NOMBRES[m[0]]}" ref="{m[1:]}" role="{e(r)}"/>'
                    for m, r in zip(miembros or (), roles or (), strict=True)
                )
                + dentro
            )
        yield f"{cabeza}>{dentro}</{modelo}>\n" if dentro else f"{cabeza}/>\n"


def elementos_json(elementos: Iterable[Elemento]) -> Iterator[dict[str, Any]]:
    """Cada elemento como objeto JSON."""
    horas: dict[datetime, str] = {}
    for x in elementos:
        hora = horas.get(x.cuando)
        if hora is None:
            hora = horas[x.cuando] = momento(x.cuando)
        objeto: dict[str, Any] = {"type": NOMBRES[x.tipo], "id": x.id}
        if x.tipo == NODO and x.visible and x.lon is not None and x.lat is not None:
            objeto |= {"lat": x.lat / ESCALA, "lon": x.lon / ESCALA}
        objeto |= {
            "timestamp": hora,
            "version": x.version,
            "changeset": x.conjunto,
            "user": x.usuario,
            "uid": x.uid,
        }
        if not x.visible:
            objeto["visible"] = False
        if x.nodos:
            objeto["nodes"] = x.nodos
        if x.miembros:
            objeto["members"] = [
                {"type": NOMBRES[m[0]], "ref": int(m[1:]), "role": r}
                for m, r in zip(x.miembros, x.roles or (), strict=True)
            ]
        if x.etiquetas:
            objeto["tags"] = dict(x.etiquetas)
        yield objeto


def a_json(cuerpo: Mapping[str, Any], *, con_raiz: bool = True) -> str:
    """JSON compacto, con los datos de la raíz por delante."""
    return json.dumps({**RAIZ, **cuerpo} if con_raiz else cuerpo, ensure_ascii=False, separators=(",", ":"))
