"""Cómo se nombran y escriben los archivos de una replicación, según la costumbre de OpenStreetMap.

Formato: https://wiki.openstreetmap.org/wiki/Planet.osm/diffs.
"""

from datetime import UTC, datetime

SECUENCIA_MAXIMA = 999_999_999


def estado(secuencia: int, momento: datetime) -> str:
    """Contenido de un ``state.txt``: las horas llevan sus dos puntos escapados, como en un archivo de propiedades."""
    cuando = momento.astimezone(UTC).strftime("%Y-%m-%dT%H\\:%M\\:%SZ")
    return f"#{momento.astimezone(UTC):%a %b %d %H:%M:%S UTC %Y}\nsequenceNumber={secuencia}\ntimestamp={cuando}\n"


def numero(tercias: tuple[str, str, str]) -> int | None:
    """La secuencia que nombran tres carpetas de tres cifras (``000/001/002`` es 1002), o ``None`` si no lo son."""
    if all(len(t) == 3 and t.isascii() and t.isdigit() for t in tercias):
        return int("".join(tercias))
    return None
