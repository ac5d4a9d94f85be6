"""Las maneras de partir un área en celdas iguales."""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Final

from geo.rejilla.errores import LadoInvalido, ZoomInvalido

LADO_MINIMO: Final = 20
LADO_MAXIMO: Final = 100_000
ZOOM_MINIMO: Final = 10
ZOOM_MAXIMO: Final = 22


def _validar_lado(lado: object) -> None:
    es_numero = isinstance(lado, Real) and not isinstance(lado, bool)
    # Un NaN no cumple ninguna comparación y un infinito pasa del máximo.
    if not es_numero or not LADO_MINIMO <= lado <= LADO_MAXIMO:  # type: ignore[operator]
        raise LadoInvalido(minimo=LADO_MINIMO, maximo=LADO_MAXIMO, valor=str(lado)[:40])


def _validar_zoom(zoom: object) -> None:
    es_entero = isinstance(zoom, Integral) and not isinstance(zoom, bool)
    if not es_entero or not ZOOM_MINIMO <= zoom <= ZOOM_MAXIMO:  # type: ignore[operator]
        raise ZoomInvalido(minimo=ZOOM_MINIMO, maximo=ZOOM_MAXIMO, valor=str(zoom)[:40])


@dataclass(frozen=True, slots=True)
class Cuadros:
    """Cuadros alineados al norte de la proyección métrica del lugar.

    Parameters
    ----------
    lado_m : float
        Lado en metros de la proyección, entre 20 y 100,000.

    Raises
    ------
    LadoInvalido
    """

    lado_m: float

    def __post_init__(self) -> None:
        _validar_lado(self.lado_m)


@dataclass(frozen=True, slots=True)
class Hexagonos:
    """Hexágonos regulares con dos lados horizontales.

    Parameters
    ----------
    lado_m : float
        Longitud de cada uno de los seis lados, en metros de la proyección, entre 20 y 100,000. El hexágono mide
        ``2 * lado_m`` de ancho y ``2.598 * lado_m ** 2`` de superficie.

    Raises
    ------
    LadoInvalido
    """

    lado_m: float

    def __post_init__(self) -> None:
        _validar_lado(self.lado_m)


@dataclass(frozen=True, slots=True)
class Mercator:
    """Los cuadros de los mapas web: las teselas de un zoom.

    Parameters
    ----------
    zoom : int
        Entre 10 y 22.

    Raises
    ------
    ZoomInvalido
    """

    zoom: int

    def __post_init__(self) -> None:
        _validar_zoom(self.zoom)


Celdas = Cuadros | Hexagonos | Mercator
"""División en celdas iguales."""
