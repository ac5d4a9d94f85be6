"""Textos para personas: el español es el original (msgid); el inglés, su catálogo."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext

from geo.errores import juntar


def N_(texto: str) -> str:
    """Marca un texto para gettext sin traducirlo todavía (constantes, plantillas de error)."""
    return texto


def _(texto: str, **huecos: Any) -> str:
    """Traduce ``texto`` al idioma de la petición y llena sus huecos ``%(nombre)s``."""
    return str(_gettext(texto, **huecos))


def n_(singular: str, plural: str, n: int, **huecos: Any) -> str:
    """Como `_`, eligiendo singular o plural según ``n``."""
    return str(_ngettext(singular, plural, n, **huecos))


def entre_comillas(nombres: Iterable[str]) -> str:
    """«Uno», «Otro»: nombres que alguien puso, con las comillas del idioma de la petición."""
    return ", ".join(_("«%(dicho)s»", dicho=nombre) for nombre in nombres)


def llenar(plantilla: str, datos: dict[str, Any]) -> str:
    """Traduce una plantilla ya marcada y llena sus huecos con ``datos``; las listas de palabras, traducidas también."""
    return str(_gettext(plantilla) % juntar(datos, _))
