"""Lo que se sabe de un archivo de imágenes, y los límites de lo que se acepta."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

MEGA: Final = 1024 * 1024
LADO: Final = 256
LADO_MAYOR: Final = 1024
BYTES_DE_TESELA: Final = 4 * MEGA
ZOOM_MAYOR: Final = 22
OVERZOOM: Final = 3
"""Niveles más allá del más fino que todavía se contestan, ampliando."""

ATRAS: Final = 4
"""Niveles que se sube a buscar una tesela que falta."""


class Formato(StrEnum):
    """Los formatos que se sirven."""

    MBTILES = "mbtiles"
    PMTILES = "pmtiles"
    GEOTIFF = "geotiff"


EXTENSIONES: Final = {
    ".mbtiles": Formato.MBTILES,
    ".pmtiles": Formato.PMTILES,
    ".tif": Formato.GEOTIFF,
    ".tiff": Formato.GEOTIFF,
    ".cog": Formato.GEOTIFF,
}


@dataclass(frozen=True, slots=True)
class Ficha:
    """Lo que dice un archivo ya examinado.

    Attributes
    ----------
    formato : Formato
    caja : (oeste, sur, este, norte)
        Grados EPSG:4326.
    minzoom, maxzoom : int
        Entre qué niveles tiene imagen; el último es el de su resolución.
    resolucion_m : float
        Metros por píxel en el centro.
    nombre, atribucion : str
        Lo que el propio archivo dice; vacíos si no dice nada.
    detalle : dict
        Lo que hace falta para dibujarlo (JSON): en un GeoTIFF, ``res`` (metros de EPSG:3857 por píxel), ``vistas``
        (factores de sus vistas reducidas) y ``escala`` (por banda, de qué valor a qué valor va de negro a blanco).
    """

    formato: Formato
    caja: tuple[float, float, float, float]
    minzoom: int
    maxzoom: int
    resolucion_m: float
    nombre: str = ""
    atribucion: str = ""
    detalle: dict[str, Any] = field(default_factory=dict)


class Fuente(Protocol):
    """Un archivo abierto del que se sacan teselas; lo usa un hilo a la vez."""

    def tesela(self, z: int, x: int, y: int) -> bytes | None:
        """La imagen guardada o dibujada; ``None`` si ahí no hay."""

    def cerrar(self) -> None:
        """Suelta el archivo."""
