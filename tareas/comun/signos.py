"""Signos que no se ven o que engañan a quien lee."""

import unicodedata
from typing import Final

_VOLTEAN: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Cambian el sentido de lo que sigue: con ellos un texto se ve distinto de como está escrito."""


def ilegible(signo: str) -> bool:
    """Si es un signo de control, medio par UTF-16 o uno que voltea el texto. Los que unen emojis no lo son."""
    return unicodedata.category(signo) in ("Cc", "Cs") or signo in _VOLTEAN


def se_ve(texto: str) -> bool:
    """Si tiene algo más que espacios y signos sin dibujo."""
    return any(unicodedata.category(c)[0] not in "CZ" for c in texto)


def imprimible(texto: str) -> str:
    """El texto en un solo renglón, con «·» en lugar de lo que no se puede imprimir."""
    return "".join(c if c.isprintable() else "·" for c in texto)
