"""Capas de imagen de un proyecto: direcciones XYZ o WMS revisadas antes de guardarlas."""

import re
from typing import Any
from urllib.parse import urlsplit

from tareas.comun.campos import rechazar
from tareas.comun.textos import _

HUECOS_XYZ = frozenset({"z", "zoom", "x", "y", "-y", "s"})
HUECOS_WMS = frozenset({"bbox-epsg-3857", "bbox", "width", "height", "proj"})

LOCAL = re.compile(r"^/teselas/imagenes/[1-9][0-9]{0,17}/\{z\}/\{x\}/\{y\}$")
_HUECO = re.compile(r"\{([^{}]*)\}")
_ALTERNATIVA = re.compile(r"^switch:[A-Za-z0-9]+(,[A-Za-z0-9]+)*$")
_SITIO = re.compile(r"^(\{[^{}]*\})?[A-Za-z0-9.-]+(:\d{1,5})?$")


def revisar_url(url: str, tipo: str) -> None:
    """Rechaza (como error del campo) una dirección que no sirve para pedir imágenes.

    La de una imagen del municipio (``/teselas/imagenes/…``) se toma aquí por su forma; que esté publicada y sea de ese
    municipio lo decide la base (``proyecto_imagen_disponible``).
    Sólo http o https, sin usuario ni clave, sin espacios ni comillas; con ``{z}``, ``{x}`` e ``{y}`` (o ``{-y}``) si es
    XYZ, o con la caja si es WMS.
    """
    if LOCAL.match(url):
        if tipo != "xyz":
            rechazar(_("una imagen del municipio es de tipo XYZ"))
        return
    partes = urlsplit(url)
    if partes.scheme not in ("http", "https") or not partes.netloc:
        rechazar(_("debe empezar con http:// o https://"))
    if "@" in partes.netloc or not _SITIO.match(partes.netloc) or re.search(r"[\s\"'<>\\;]", url):
        rechazar(_("lleva caracteres que no van en una dirección, o un usuario y clave"))
    huecos = set(_HUECO.findall(url))
    validos = HUECOS_XYZ if tipo == "xyz" else HUECOS_WMS
    ajenos = {h for h in huecos if h not in validos and not _ALTERNATIVA.match(h)}
    if ajenos:
        rechazar(_("no conocemos el hueco {%(hueco)s}", hueco=sorted(ajenos)[0][:30]))
    if tipo == "xyz" and not ({"x"} <= huecos and huecos & {"z", "zoom"} and huecos & {"y", "-y"}):
        rechazar(_("le faltan los huecos {z}, {x} y {y}"))
    if tipo == "wms" and not huecos & {"bbox-epsg-3857", "bbox"}:
        rechazar(_("le falta el hueco {bbox-epsg-3857}"))


def revisar_lista(capas: list[dict[str, Any]]) -> None:
    """Rechaza identificadores repetidos y zooms al revés."""
    vistos: set[str] = set()
    for capa in capas:
        if capa["id"] in vistos:
            rechazar(_("dos capas tienen el mismo id: %(id)s", id=capa["id"]))
        vistos.add(capa["id"])
        if capa["minzoom"] > capa["maxzoom"]:
            rechazar(_("el zoom mínimo no puede ser mayor que el máximo"))
