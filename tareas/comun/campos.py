"""Campos que varios formularios comparten, ya limpios y con su porqué en español cuando no se pueden tomar."""

import math
import re
import unicodedata
from datetime import date
from typing import Annotated, NoReturn

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from tareas.comun.signos import ilegible, se_ve
from tareas.comun.textos import _

Caja = tuple[float, float, float, float]
"""Oeste, sur, este, norte, en grados (EPSG:4326)."""


def rechazar(mensaje: str, campo: str | None = None) -> NoReturn:
    """Rechaza el campo que se está validando, con una frase ya traducida.

    Parameters
    ----------
    campo
        A cuál se le achaca, cuando lo que se valida es el cuerpo entero.
    """
    raise PydanticCustomError("campo", "campo", {"error_mensaje": mensaje, **({"campo": campo} if campo else {})})


def _linea(texto: str) -> str:
    limpio = unicodedata.normalize("NFC", " ".join(texto.split()))
    if any(ilegible(c) for c in limpio):
        rechazar(_("lleva un carácter que no se ve; bórralo y escríbelo de nuevo"))
    return limpio if se_ve(limpio) else ""


def _parrafos(texto: str) -> str:
    limpio = unicodedata.normalize("NFC", texto.replace("\r\n", "\n").strip())
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in limpio):
        rechazar(_("lleva un carácter que no se ve; bórralo y escríbelo de nuevo"))
    return limpio


def dia_de_texto(texto: str) -> date | None:
    """El día que dice ``AAAA-MM-DD``, o ``None`` si no es esa forma o no existe.

    `date.fromisoformat` también tomaría ``20260331`` y ``2026-W14-2``, que un campo de fecha no muestra.
    """
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", texto) is None:
        return None
    try:
        return date.fromisoformat(texto)
    except ValueError:
        return None


def _caja(valor: object) -> Caja:
    try:
        oeste, sur, este, norte = (float(parte) for parte in str(valor).split(","))
    except ValueError:
        rechazar(_("debe ser oeste,sur,este,norte en grados, por ejemplo -98.8,20.0,-98.6,20.2"))
    if not all(math.isfinite(g) for g in (oeste, sur, este, norte)):
        rechazar(_("debe ser oeste,sur,este,norte en grados, por ejemplo -98.8,20.0,-98.6,20.2"))
    if not (-180 <= oeste < este <= 180 and -90 <= sur < norte <= 90):
        rechazar(_("el oeste va antes que el este y el sur antes que el norte, dentro de ±180 y ±90 grados"))
    return oeste, sur, este, norte


Linea = Annotated[str, AfterValidator(_linea)]
"""Texto de una línea: sin espacios de sobra ni caracteres invisibles, en forma NFC."""

Parrafos = Annotated[str, AfterValidator(_parrafos)]
"""Texto de varias líneas, en forma NFC."""

CajaTexto = Annotated[Caja, BeforeValidator(_caja)]
"""``oeste,sur,este,norte`` en grados, como llega en una dirección."""
