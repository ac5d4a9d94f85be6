"""Con qué se edita un proyecto: qué editores se ofrecen, y los tipos de objeto que salen primero en iD."""

import json
import os
import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tareas.comun.campos import rechazar
from tareas.comun.textos import N_, _
from tareas.cuentas.osm.servidores import Servidor

AQUI: Final = "aqui"
"""iD dentro de Tequio."""

JOSM: Final = "josm"
REAL: Final = "osm"

# Editores que se abren por enlace; TEQUIO_EDITORES (JSON) los cambia.
DE_SIEMPRE: Final = [
    {
        "id": "id",
        "nombre": "iD",
        "url": "{web}/edit?editor=id#map={zoom}/{lat}/{lon}&comment={comentario}&hashtags={etiquetas}&gpx={limite}",
    },
    {
        "id": "rapid",
        "nombre": "Rapid",
        "url": "https://rapideditor.org/edit#map={zoom}/{lat}/{lon}&comment={comentario}&hashtags={etiquetas}&gpx={limite}",
    },
    {"id": "osm", "nombre": "OpenStreetMap", "url": "{web}/#map={zoom}/{lat}/{lon}"},
]

HUECOS: Final = frozenset(
    {"zoom", "lat", "lon", "oeste", "sur", "este", "norte", "comentario", "etiquetas", "limite", "web", "api"}
)
"""Lo que se llena en la dirección de un editor; ``web`` y ``api`` son las del servidor donde edita el proyecto."""

PRESETS_COMUNES: Final = {
    "building": N_("Edificio"),
    "building/house": N_("Casa"),
    "highway/residential": N_("Calle"),
    "highway/unclassified": N_("Camino entre localidades"),
    "highway/track": N_("Terracería"),
    "highway/path": N_("Vereda"),
    "highway/footway": N_("Andador"),
    "amenity/school": N_("Escuela"),
    "amenity/clinic": N_("Clínica"),
    "amenity/place_of_worship": N_("Templo"),
    "shop/convenience": N_("Tienda de abarrotes"),
    "leisure/park": N_("Parque"),
    "waterway/stream": N_("Arroyo"),
}
"""Los que se eligen con una casilla; los demás, escribiendo su identificador de iD."""

_HUECO = re.compile(r"\{([^{}]*)\}")
_PRESET = re.compile(r"^[a-z0-9_]+(/[A-Za-z0-9_:.-]+)*$")
_PAQUETE = Path(__file__).resolve().parents[1] / "estaticos" / "v" / "@openstreetmap" / "id-tagging-schema"


def por_enlace() -> list[dict[str, str]]:
    """Editores por enlace de la instalación: los de la configuración o los de siempre."""
    configurados: list[dict[str, str]] = json.loads(os.environ.get("TEQUIO_EDITORES") or "null") or DE_SIEMPRE
    return configurados


def conocidos() -> dict[str, str]:
    """Identificador -> nombre de todo lo que un proyecto puede ofrecer o esconder."""
    return {AQUI: _("Editar aquí (iD dentro de Tequio)"), JOSM: "JOSM", **{e["id"]: e["nombre"] for e in por_enlace()}}


def ofrecidos(servidor: Servidor, ocultos: Collection[str], propios: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Editores por enlace que sirven para un proyecto, en orden: primero los suyos.

    Un enlace que no dice el servidor (``{web}`` o ``{api}``) edita el mapa de verdad: sólo se ofrece si el proyecto
    edita ahí. En un aula no hay sitio web, así que sólo sirve el que recibe ``{api}``.
    """
    hay = {"api"} if servidor.practica else {"web", "api"}
    todos = [*({**e, "id": f"propio-{n}"} for n, e in enumerate(propios, 1)), *por_enlace()]
    quedan = []
    for editor in todos:
        pide = set(_HUECO.findall(editor["url"])) & {"web", "api"}
        dice_servidor = bool(pide) and pide <= hay
        if editor["id"] not in ocultos and (dice_servidor or (servidor.id == REAL and not pide)):
            quedan.append({c: str(editor[c]) for c in ("id", "nombre", "url")})
    return quedan


def revisar_enlace(url: str) -> None:
    """Rechaza (como error del campo) una dirección que no sirve para abrir un editor en la tarea.

    Sólo http o https (o ``{web}`` al principio), sin usuario ni clave, sin espacios ni comillas, con huecos conocidos,
    y que diga dónde: ``{lat}`` y ``{lon}``, la caja, o el ``{limite}``.
    """
    partes = urlsplit(url.replace("{web}", "https://servidor.example", 1) if url.startswith("{web}") else url)
    if partes.scheme not in ("http", "https") or not partes.netloc:
        rechazar(_("debe empezar con http:// o https://"))
    if "@" in partes.netloc or "{" in partes.netloc or re.search(r"[\s\"'<>\\;]", url):
        rechazar(_("lleva caracteres que no van en una dirección, o un usuario y clave"))
    huecos = set(_HUECO.findall(url))
    if ajenos := sorted(huecos - HUECOS):
        rechazar(_("no conocemos el hueco {%(hueco)s}", hueco=ajenos[0][:30]))
    if not ({"lat", "lon"} <= huecos or {"oeste", "sur", "este", "norte"} <= huecos or "limite" in huecos):
        rechazar(_("no dice dónde abrir: le faltan los huecos {lat} y {lon}"))


def revisar_presets(presets: list[str]) -> list[str]:
    """Quita los repetidos; rechaza los que iD no conoce."""
    hay = _presets_de_id()
    for preset in presets:
        if len(preset) > 100 or not _PRESET.match(preset) or (hay and preset not in hay):
            porque = _(
                "«%(preset)s» no existe en iD; se escribe como building o highway/residential", preset=preset[:40]
            )
            rechazar(porque)
    return list(dict.fromkeys(presets))


@cache
def _presets_de_id() -> frozenset[str]:
    """Identificadores del paquete instalado; vacío si no está."""
    archivos = sorted(_PAQUETE.glob("*/presets.min.json"))
    return frozenset(json.loads(archivos[-1].read_text(encoding="utf-8"))) if archivos else frozenset()
