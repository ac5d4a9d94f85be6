"""A qué altura va una vía: lo que no está en el mismo plano se cruza sin tocarse."""

import re
from collections.abc import Mapping
from typing import Final

Plano = tuple[str, bool, bool, bool, bool]
SI_Y_NO: Final = ("bridge", "tunnel", "covered")
_RANGO = re.compile(r"^(-?\d+)-(-?\d+)$")
_NIVELES_MAXIMOS = 60


def hay(etiquetas: Mapping[str, str], llave: str) -> bool:
    """Si lleva la llave con un valor que no sea ``no``."""
    return etiquetas.get(llave, "no") != "no"


def plano(etiquetas: Mapping[str, str]) -> Plano:
    """Capa, y si va por un puente, por un túnel, bajo techo o por dentro de un edificio."""
    puente, tunel, techo = (hay(etiquetas, llave) for llave in SI_Y_NO)
    dentro = hay(etiquetas, "indoor") or etiquetas.get("location") in ("underground", "indoor")
    return etiquetas.get("layer", "0"), puente, tunel, techo, dentro


def niveles(etiquetas: Mapping[str, str]) -> frozenset[str]:
    """Pisos de ``level`` (``0;1``, ``0-2``); sin la llave, el cero."""
    salida: set[str] = set()
    for parte in etiquetas.get("level", "0").split(";"):
        rango = _RANGO.match(parte.strip())
        if rango and 0 <= int(rango[2]) - int(rango[1]) <= _NIVELES_MAXIMOS:
            salida |= {str(n) for n in range(int(rango[1]), int(rango[2]) + 1)}
        else:
            salida.add(parte.strip())
    return frozenset(salida)


def mismo_plano(una: Mapping[str, str], otra: Mapping[str, str]) -> bool:
    """Si dos vías van a la misma altura: misma capa, un piso en común, y las dos o ninguna por puente o túnel."""
    if plano(una) != plano(otra):
        return False
    return ("level" not in una and "level" not in otra) or bool(niveles(una) & niveles(otra))
