"""Números y elementos del protocolo."""

import math
import re
from dataclasses import dataclass, field

NODO, VIA, RELACION = "n", "w", "r"
MODELOS = {"node": NODO, "way": VIA, "relation": RELACION}
NOMBRES = {NODO: "node", VIA: "way", RELACION: "relation"}
CLASES = {NODO: "Node", VIA: "Way", RELACION: "Relation"}
"""Nombre de cada tipo con mayúscula, como sale en los textos de error."""

ESCALA = 10_000_000
"""Las coordenadas se guardan en diezmillonésimas de grado."""

LON_MAXIMA, LAT_MAXIMA = 180 * ESCALA, 90 * ESCALA
ENTERO_MAXIMO = 2**63 - 1
_ENTERO = re.compile(r"\s*([+-]?\d+(?:_\d+)*)", re.ASCII)
_DECIMAL = re.compile(r"\s*([+-]?\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d+)?)", re.ASCII)
_DECIMAL_ENTERO = re.compile(r"\s*[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)


def a_entero(texto: str | None) -> int:
    """El entero con que empieza un texto; 0 si no empieza con uno. Lo que no cabe en 64 bits se queda en el borde."""
    if texto is None:
        return 0
    hallado = _ENTERO.match(texto[:40])
    if not hallado:
        return 0
    return max(-ENTERO_MAXIMO, min(ENTERO_MAXIMO, int(hallado[1])))


def a_decimal(texto: str) -> float:
    """El número con que empieza un texto; 0 si no empieza con uno."""
    hallado = _DECIMAL.match(texto[:400])
    return float(hallado[1]) if hallado else 0.0


def decimal_exacto(texto: str) -> float | None:
    """El número que es todo el texto, o ``None`` si no lo es (tampoco NaN ni infinitos)."""
    if len(texto) > 400 or not _DECIMAL_ENTERO.fullmatch(texto):
        return None
    return float(texto)


def a_escala(grados: float) -> int:
    """Grados a diezmillonésimas, redondeando a la más cercana (y hacia afuera si está a la mitad)."""
    if not math.isfinite(grados):
        return 2**40 if grados > 0 else -(2**40)
    entero = math.floor(abs(grados) * ESCALA + 0.5)
    return entero if grados >= 0 else -entero


def en_el_mundo(lon: int, lat: int) -> bool:
    """Si unas coordenadas a escala caben en el mundo."""
    return -LON_MAXIMA <= lon <= LON_MAXIMA and -LAT_MAXIMA <= lat <= LAT_MAXIMA


@dataclass(slots=True)
class Cambio:
    """Lo que un editor pide hacer con un elemento.

    ``id`` es el que trae el documento: puede ser provisional. ``miembros`` son pares ``(tipo, id)``.
    ``si_no_se_usa``: un borrado que se salta lo que esté en uso. ``de_mas`` cuenta los nodos o miembros que ya no se
    guardaron por pasar del máximo.
    """

    accion: str
    tipo: str
    id: int | None
    version: int = 0
    conjunto: int = 0
    etiquetas: dict[str, str] = field(default_factory=dict)
    lon: int = 0
    lat: int = 0
    nodos: list[int] = field(default_factory=list)
    miembros: list[tuple[str, int]] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    provisional: int = 0
    si_no_se_usa: bool = False
    de_mas: int = 0
