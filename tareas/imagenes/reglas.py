"""Reglas de las imágenes: sus estados, cómo se dicen en un proyecto y por qué alguna no se puede usar."""

from enum import StrEnum
from typing import Any, Final

from tareas.comun.textos import N_


class Estado(StrEnum):
    """Una imagen en borrador sólo la ve quien gestiona el municipio; publicada, cualquiera."""

    BORRADOR = "borrador"
    PUBLICADA = "publicada"


LICENCIAS: Final = (
    N_("Dominio público"),
    "CC0 1.0",
    "CC BY 4.0",
    "CC BY-SA 4.0",
    "Libre Uso MX",
    "ODbL 1.0",
    N_("Uso autorizado por escrito"),
)
"""Las que se sugieren al escribir; vale cualquiera."""

SIN_PERMISO: Final = N_("falta el permiso para trazar en OpenStreetMap")
SIN_LICENCIA: Final = N_("falta su licencia")
SIN_PUBLICAR: Final = N_("todavía no se publica")
SIN_ARCHIVO: Final = N_("su archivo no está en este servidor")


def direccion(imagen_id: int) -> str:
    """Dirección de sus teselas, con huecos: la que se guarda en los proyectos."""
    return f"/teselas/imagenes/{imagen_id}/{{z}}/{{x}}/{{y}}"


def capa(fila: Any) -> dict[str, Any]:
    """La imagen como capa de un proyecto."""
    return {
        "id": f"municipio-{fila.id}",
        "nombre": fila.nombre,
        "tipo": "xyz",
        "url": direccion(fila.id),
        "atribucion": fila.atribucion,
        "minzoom": fila.minzoom,
        "maxzoom": fila.maxzoom,
    }


def porque_no(fila: Any, *, hay_archivo: bool) -> str | None:
    """Por qué un proyecto no puede usarla; ``None`` si sí puede."""
    if not fila.permiso_trazar or not fila.permiso.strip():
        return SIN_PERMISO
    if not fila.licencia.strip():
        return SIN_LICENCIA
    if fila.estado != Estado.PUBLICADA:
        return SIN_PUBLICAR
    return None if hay_archivo else SIN_ARCHIVO
