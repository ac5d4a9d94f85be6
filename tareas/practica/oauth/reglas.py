"""Alcances, aplicaciones de la casa y direcciones de regreso. Ni Flask ni base."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tareas.comun.textos import N_
from tareas.practica.oauth.errores import RedireccionInvalida

ALCANCES: Final = {
    "read_prefs": N_("Saber cómo te llamas aquí"),
    "write_prefs": N_("Guardar preferencias"),
    "write_api": N_("Cambiar el mapa del aula a tu nombre"),
    "read_gpx": N_("Leer recorridos GPS"),
    "write_notes": N_("Escribir notas"),
}
"""Los que se otorgan, con lo que significan para quien los da."""

ALCANCES_DE_OSM: Final = frozenset(ALCANCES) | {
    "write_diary",
    "write_changeset_comments",
    "write_gpx",
    "write_redactions",
    "write_blocks",
    "consume_messages",
    "send_messages",
    "openid",
}
"""Los que existen en osm.org. JOSM pide algunos que aquí no hay: se le da lo demás, como permite la RFC 6749, §3.3."""

ALCANCES_DEL_EDITOR: Final = ("read_prefs", "write_api")

EDITOR: Final = "tequio-editor"
JOSM: Final = "josm"
DE_CASA: Final = {EDITOR: N_("Editor de Tequio"), JOSM: "JOSM"}
"""Aplicaciones que vienen puestas, públicas las dos."""

MINUTOS_CODIGO: Final = 10
DIAS_ACCESO: Final = 30
HORAS_EDITOR: Final = 12
FICHAS_POR_APLICACION: Final = 20
"""Cuántas fichas vivas conserva cada persona por aula y aplicación: la siguiente retira la más vieja."""

VERIFICADOR: Final = re.compile(r"[A-Za-z0-9\-._~]{36,128}")
"""La RFC 7636 pide 43 signos; JOSM manda un UUID, de 36 y 122 bits al azar, y el servidor de OpenStreetMap lo toma."""

RETO: Final = re.compile(r"[A-Za-z0-9\-_]{43}")
"""Un SHA-256 en base64url, sin relleno."""

CLIENTE: Final = re.compile(r"[A-Za-z0-9_-]{3,60}")
IMPRIMIBLE: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")
"""Signos que la RFC 6749 admite en sus parámetros y en la descripción de un error."""

LARGO_PARAMETRO: Final = 2000
_PROPIA_MAQUINA = frozenset({"127.0.0.1", "localhost", "::1"})
_ESQUEMA = re.compile(r"[a-z][a-z0-9+.-]*")
_ESQUEMAS_PELIGROSOS = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "view-source", "ws", "wss", "ftp"}
)
RUTA_DE_JOSM = "/oauth_authorization"


def _partes(uri: str) -> SplitResult | None:
    """La dirección por partes, si está completa y no esconde nada."""
    if not uri or len(uri) > LARGO_PARAMETRO or not IMPRIMIBLE.fullmatch(uri) or " " in uri or "#" in uri:
        return None
    try:
        partes = urlsplit(uri)
        _ = partes.port
    except ValueError:
        return None
    # Lo que va antes de una arroba parece el sitio y no lo es.
    if not _ESQUEMA.fullmatch(partes.scheme) or "@" in partes.netloc:
        return None
    return partes


def revisar_redireccion(uri: str) -> None:
    """Revisa una dirección de regreso antes de registrarla.

    Raises
    ------
    RedireccionInvalida
    """
    partes = _partes(uri)
    if partes is None or partes.scheme in _ESQUEMAS_PELIGROSOS:
        raise RedireccionInvalida(uri=uri[:200])
    if partes.scheme in ("http", "https"):
        if not partes.hostname or (partes.scheme == "http" and partes.hostname not in _PROPIA_MAQUINA):
            raise RedireccionInvalida(uri=uri[:200])
    elif not (partes.netloc or partes.path.strip("/")):
        raise RedireccionInvalida(uri=uri[:200])


def redireccion_registrada(uri: str, registradas: Iterable[str]) -> bool:
    """Si es, letra por letra, una de las registradas.

    En la propia máquina el puerto puede ser otro: la aplicación escucha en el que halló libre (RFC 8252, §7.3).
    """
    partes = _partes(uri)
    if partes is None:
        return False
    return any(
        uri == registrada or (_local(partes) and _sin_puerto(partes) == _sin_puerto(urlsplit(registrada)))
        for registrada in registradas
    )


def _local(partes: SplitResult) -> bool:
    return partes.scheme == "http" and partes.hostname in _PROPIA_MAQUINA


def _sin_puerto(partes: SplitResult) -> tuple[str, str | None, str, str]:
    return partes.scheme, partes.hostname, partes.path, partes.query


def redireccion_de_josm(uri: str) -> bool:
    """Si es donde JOSM escucha en la propia máquina, en cualquier puerto."""
    partes = _partes(uri)
    return partes is not None and _local(partes) and partes.path == RUTA_DE_JOSM and not partes.query


def redireccion_del_sitio(uri: str, sitio: str) -> bool:
    """Si lleva a una página de este mismo sitio.

    Parameters
    ----------
    sitio
        Esquema, anfitrión y puerto de la petición: ``https://ejemplo.org``.
    """
    partes, propio = _partes(uri), urlsplit(sitio)
    return (
        partes is not None
        and (partes.scheme, partes.netloc.lower()) == (propio.scheme, propio.netloc.lower())
        and partes.path.startswith("/")
        and not partes.path.startswith("//")
        and not partes.query
    )


def sitio_de(uri: str) -> str:
    """Lo que la política de contenido y la página dicen de una dirección: ``https://ejemplo.org``, ``app:``."""
    partes = urlsplit(uri)
    return f"{partes.scheme}://{partes.netloc}" if partes.netloc else f"{partes.scheme}:"


def otorgables(pedidos: str | None) -> tuple[str, ...] | None:
    """De los alcances pedidos, los que aquí hay, sin repetir y en orden; sin pedir ninguno, leer quién es.

    Returns
    -------
    tuple of str or None
        ``None`` si alguno no es de OpenStreetMap o ninguno se puede dar.
    """
    nombres = (pedidos or "").split() or ["read_prefs"]
    if not ALCANCES_DE_OSM.issuperset(nombres):
        return None
    return tuple(a for a in ALCANCES if a in nombres) or None
