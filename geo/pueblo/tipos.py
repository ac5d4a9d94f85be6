"""Los valores que entrega el generador: objetos al modo de OSM, puros y sin dependencias."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shapely.geometry import Polygon

from geo.pueblo.plano import UNIDADES_POR_GRADO

Clave = str
"""Tipo y número de un objeto de OSM: ``n12``, ``w34`` o ``r56``."""


@dataclass(frozen=True, slots=True)
class Autoria:
    """Quién dejó así un objeto, cuándo y en qué conjunto de cambios."""

    version: int
    fecha: datetime
    conjunto: int
    uid: int
    usuario: str


@dataclass(frozen=True, slots=True)
class Nodo:
    """Un nodo; ``x`` y ``y`` son longitud y latitud en diezmillonésimas de grado (EPSG:4326)."""

    id: int
    x: int
    y: int
    etiquetas: Mapping[str, str]
    autoria: Autoria

    @property
    def lon(self) -> float:
        """Longitud en grados."""
        return self.x / UNIDADES_POR_GRADO

    @property
    def lat(self) -> float:
        """Latitud en grados."""
        return self.y / UNIDADES_POR_GRADO


@dataclass(frozen=True, slots=True)
class Via:
    """Una vía: nodos en orden."""

    id: int
    nodos: tuple[int, ...]
    etiquetas: Mapping[str, str]
    autoria: Autoria


@dataclass(frozen=True, slots=True)
class Relacion:
    """Una relación: miembros ``(tipo, número, papel)``, con tipo ``n``, ``w`` o ``r``."""

    id: int
    miembros: tuple[tuple[str, int, str], ...]
    etiquetas: Mapping[str, str]
    autoria: Autoria


@dataclass(slots=True)
class Mapa:
    """Un conjunto de objetos de OSM, por número."""

    nodos: dict[int, Nodo] = field(default_factory=dict)
    vias: dict[int, Via] = field(default_factory=dict)
    relaciones: dict[int, Relacion] = field(default_factory=dict)

    def etiquetas(self, clave: Clave) -> Mapping[str, str]:
        """Etiquetas del objeto con esa clave."""
        numero = int(clave[1:])
        if clave[0] == "n":
            return self.nodos[numero].etiquetas
        return self.vias[numero].etiquetas if clave[0] == "w" else self.relaciones[numero].etiquetas


@dataclass(frozen=True, slots=True)
class Plantado:
    """Un error puesto a propósito en la versión de OSM.

    Attributes
    ----------
    codigo : str
        Código de la lista de errores, como ``E-TRAS``.
    objetos : tuple of Clave
        Objetos de la versión de OSM a los que toca.
    lugar : (lon, lat)
        Grados EPSG:4326.
    """

    codigo: str
    objetos: tuple[Clave, ...]
    lugar: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Localidad:
    """Un barrio, colonia o ranchería del municipio.

    Attributes
    ----------
    lugar : (lon, lat)
        Grados EPSG:4326.
    tipo : str
        Valor de ``place`` en OSM.
    mapeado : float
        Parte aproximada de sus edificios que la versión de OSM ya tiene.
    """

    nombre: str
    tipo: str
    lugar: tuple[float, float]
    mapeado: float


@dataclass(slots=True)
class Pueblo:
    """El municipio ficticio: lo que hay de verdad y lo que OSM tiene.

    Attributes
    ----------
    nombre, clave, estado : str
        Nombre, clave municipal y estado, claramente ficticios.
    limite : Polygon
        Límite municipal en grados EPSG:4326.
    localidades : tuple of Localidad
    verdad : Mapa
        Todo lo que hay, bien dibujado.
    osm : Mapa
        Lo que OSM tiene: incompleto y con errores.
    verdad_de : dict of Clave to tuple of Clave
        Por objeto de ``osm``, los objetos de ``verdad`` que representa (vacío si no representa ninguno).
    plantados : tuple of Plantado
        Los errores puestos a propósito en ``osm``.
    """

    nombre: str
    clave: str
    estado: str
    limite: Polygon
    localidades: tuple[Localidad, ...]
    verdad: Mapa
    osm: Mapa
    verdad_de: dict[Clave, tuple[Clave, ...]]
    plantados: tuple[Plantado, ...]
