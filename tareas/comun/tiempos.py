"""Cuánto hace de algo, en una sola regla (``js/textos.js`` la repite), y en qué zona horaria se dice."""

import logging
from functools import cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

ZONA: Final = "America/Mexico_City"
"""La de los municipios que no dicen otra."""
MINUTO, HORA, DIA = 60, 3600, 86_400
MES: Final = DIA * 365.25 / 12
Unidad = Literal["minute", "hour", "day", "week", "month", "year"]
# Unidad y, en segundos, cuánto mide y hasta dónde se usa: 59 minutos, 23 horas, 13 días, 8 semanas, 23 meses.
EDADES: Final[tuple[tuple[Unidad, float, float], ...]] = (
    ("minute", MINUTO, HORA),
    ("hour", HORA, DIA),
    ("day", DIA, 14 * DIA),
    ("week", 7 * DIA, 9 * 7 * DIA),
    ("month", MES, 24 * MES),
    ("year", 12 * MES, float("inf")),
)

bitacora = logging.getLogger("tequio")


def edad(segundos: float) -> tuple[int, Unidad]:
    """Cuántas unidades ya cumplidas, y de cuál: ``(3, "hour")``; menos de un minuto es ``(0, "minute")``.

    Son las cumplidas, como las de una persona: a los 13 días y 23 horas todavía son 13 días. ``segundos`` es positivo.
    """
    unidad, largo, _tope = next(e for e in EDADES if segundos < e[2])
    return int(segundos / largo), unidad


@cache
def zona_de(nombre: str) -> ZoneInfo:
    """Zona horaria por su nombre; la de siempre, y se anota, si esta máquina no la conoce.

    Los municipios sólo guardan zonas que la base conoce, pero su lista puede ser más nueva que la de Python.
    """
    try:
        return ZoneInfo(nombre)
    except (KeyError, ValueError, OSError):
        bitacora.warning("esta máquina no conoce la zona horaria «%s»: se usa %s", nombre, ZONA)
        return ZoneInfo(ZONA)
