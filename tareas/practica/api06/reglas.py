"""Límites del servidor de práctica, que son los del servidor de OpenStreetMap, y reglas sin base de datos."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from geo.osm.api06.lectura import MIEMBROS_POR_RELACION, NODOS_POR_VIA
from geo.osm.api06.valores import LAT_MAXIMA, LON_MAXIMA, a_decimal
from tareas.practica.api06.errores import EntradaInvalida

CAMBIOS_POR_CONJUNTO = 10_000
NODOS_POR_MAPA = 50_000
AREA_MAXIMA = 0.25
"""Grados cuadrados que se pueden pedir de una vez."""

AREA_MAXIMA_DE_NOTAS = 25
PUNTOS_POR_PAGINA = 5000
SEGUNDOS = 300
CONJUNTOS_POR_CONSULTA = 100
NOTAS_POR_CONSULTA = (100, 10_000)
TEXTO_MAXIMO = 255
CIFRAS = frozenset("0123456789")
CUERPO_MAXIMO = 50 * 1024 * 1024
OCIO = timedelta(hours=1)
VIDA = timedelta(hours=24)
ALCANCES = (
    "read_prefs",
    "write_prefs",
    "write_diary",
    "write_api",
    "write_changeset_comments",
    "read_gpx",
    "write_gpx",
    "write_notes",
)
"""Alcances que una sesión propia de Tequio trae todos; los de una ficha OAuth son los que la persona permitió."""

ABIERTA, CONGELADA = "abierta", "congelada"


class Caja(NamedTuple):
    """Caja en grados."""

    oeste: float
    sur: float
    este: float
    norte: float


def caja_de_texto(texto: str | None) -> Caja:
    """La caja de un parámetro ``bbox``, recortada al mundo.

    Raises
    ------
    EntradaInvalida
    """
    # La referencia toma por cero cada parte que no es un número («S0.1» también). Sin una sola cifra no es una caja, y
    # ahí se hace como la pieza que contesta el mapa en osm.org: rechazarla.
    if texto is None or texto.count(",") != 3 or not any(c in CIFRAS for c in texto):
        raise EntradaInvalida("The parameter bbox must be of the form min_lon,min_lat,max_lon,max_lat")
    o, s, este, n = (a_decimal(parte) for parte in texto.split(","))
    caja = Caja(_entre(o, 180), _entre(s, 90), _entre(este, 180), _entre(n, 90))
    if caja.oeste > caja.este:
        raise EntradaInvalida("The minimum longitude must be less than the maximum longitude, but it wasn't")
    if caja.sur > caja.norte:
        raise EntradaInvalida("The minimum latitude must be less than the maximum latitude, but it wasn't")
    return caja


def exigir_tamano(caja: Caja, maximo: float = AREA_MAXIMA) -> None:
    """No deja pedir de más.

    Raises
    ------
    EntradaInvalida
    """
    if (caja.este - caja.oeste) * (caja.norte - caja.sur) > maximo:
        raise EntradaInvalida(
            f"The maximum bbox size is {maximo:g}, and your request was too large. "
            "Either request a smaller area, or use planet.osm"
        )


def _entre(valor: float, limite: float) -> float:
    return max(-limite, min(limite, valor))


def exigir_etiquetas(etiquetas: Mapping[str, str], modelo: str, id: object) -> None:
    """Llaves con texto, y llaves y valores de hasta 255 caracteres.

    Raises
    ------
    EntradaInvalida
    """
    for llave, valor in etiquetas.items():
        if not llave:
            raise EntradaInvalida(f"Key may not be empty in {modelo.lower()} {id}")
        for campo, texto in (("k", llave), ("v", valor)):
            if len(texto) > TEXTO_MAXIMO:
                raise EntradaInvalida(
                    f'{modelo}Tag ["{id}", "{llave[:TEXTO_MAXIMO]}"]: {campo}: is too long '
                    f'(maximum is {TEXTO_MAXIMO} characters) ("{texto[:1000]}")'
                )
            _exigir_imprimible(texto, campo, modelo)


def exigir_roles(roles: list[str], id: object) -> None:
    """Papeles de hasta 255 caracteres.

    Raises
    ------
    EntradaInvalida
    """
    for rol in roles:
        if len(rol) > TEXTO_MAXIMO:
            raise EntradaInvalida(
                f'RelationMember {id}: member_role: is too long (maximum is {TEXTO_MAXIMO} characters) ("{rol[:1000]}")'
            )
        _exigir_imprimible(rol, "member_role", "RelationMember")


def _exigir_imprimible(texto: str, campo: str, modelo: str) -> None:
    # El XML ya no deja pasar los demás signos de control.
    if "\x00" in texto or "\ufffe" in texto or "\uffff" in texto:
        raise EntradaInvalida(f"{modelo}: {campo}: contains invalid chars")


def cierra(abierto: datetime, ultimo: datetime) -> datetime:
    """Cuándo se cierra solo un conjunto: tras una hora sin cambios, y a lo más a las 24 horas."""
    return min(ultimo + OCIO, abierto + VIDA)


__all__ = [
    "ABIERTA",
    "ALCANCES",
    "AREA_MAXIMA",
    "AREA_MAXIMA_DE_NOTAS",
    "CAMBIOS_POR_CONJUNTO",
    "CONGELADA",
    "CONJUNTOS_POR_CONSULTA",
    "CUERPO_MAXIMO",
    "LAT_MAXIMA",
    "LON_MAXIMA",
    "MIEMBROS_POR_RELACION",
    "NODOS_POR_MAPA",
    "NODOS_POR_VIA",
    "NOTAS_POR_CONSULTA",
    "OCIO",
    "PUNTOS_POR_PAGINA",
    "SEGUNDOS",
    "VIDA",
    "Caja",
    "caja_de_texto",
    "cierra",
    "exigir_etiquetas",
    "exigir_roles",
    "exigir_tamano",
]
