"""Lo que sale de leer datos de OpenStreetMap."""

from dataclasses import dataclass, field
from datetime import datetime

Etiquetas = dict[str, str]


@dataclass(slots=True)
class Crudo:
    """Lo común de nodos, vías y relaciones. Un archivo sin metadatos los deja en ``None``.

    Attributes
    ----------
    cuando : datetime or None
        Con zona, UTC.
    uid : int or None
        Número de la cuenta de OpenStreetMap; ``usuario`` es su nombre en ese momento.
    conjunto : int or None
        Conjunto de cambios (changeset).
    borrado : bool
        Sólo en archivos de cambios.
    """

    id: int
    version: int | None
    cuando: datetime | None
    uid: int | None
    usuario: str | None
    conjunto: int | None
    etiquetas: Etiquetas
    borrado: bool


@dataclass(slots=True)
class Nodo(Crudo):
    """Nodo; grados en EPSG:4326, ``None`` si el archivo no los trae (borrados)."""

    lon: float | None
    lat: float | None


@dataclass(slots=True)
class Via(Crudo):
    """Vía: los nodos por los que pasa, en orden."""

    nodos: list[int]


@dataclass(slots=True)
class Relacion(Crudo):
    """Relación: ``miembros`` como ``w123`` (tipo y id) y el papel de cada uno en ``roles``."""

    miembros: list[str]
    roles: list[str]


@dataclass(slots=True)
class Objeto:
    """Un objeto con geometría, listo para dibujarse y contarse.

    Attributes
    ----------
    tipo : str
        ``n``, ``w`` o ``r``.
    crudo : Crudo
        De donde salen id, metadatos y etiquetas.
    clase : str
        Una de `geo.osm.etiquetas.CLASES`.
    zoom : int or None
        Acercamiento desde el que aparece en el mapa base; ``None`` si nunca.
    wkb : str
        Geometría en EPSG:4326, WKB hexadecimal: Point, LineString, Polygon o MultiPolygon.
    """

    tipo: str
    crudo: Crudo
    clase: str
    zoom: int | None
    wkb: str


@dataclass(slots=True)
class SinArmar:
    """Un objeto que se quedó sin su geometría.

    Attributes
    ----------
    motivo : str
        ``faltan_nodos``, ``pocos_nodos``, ``contorno_roto`` (un área que se queda como línea), ``sin_vias``,
        ``faltan_vias`` o ``anillos_rotos``.
    faltan : list of int
        Hasta diez de los ids ausentes; ``cuantos`` dice cuántos son.
    """

    tipo: str
    id: int
    motivo: str
    faltan: list[int] = field(default_factory=list)
    cuantos: int = 0
