"""Lo que se lee de un archivo y con qué límites."""

from dataclasses import dataclass, field
from typing import Any

import shapely

from geo.tipos import Aviso, Caja, Geometrias

MEGA = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limites:
    """Hasta dónde llega la lectura de un archivo.

    Attributes
    ----------
    tamano, desempacado : int
        Bytes del archivo y de todo lo que sale del zip.
    archivos, objetos, vertices : int
        Archivos en el zip o carpeta; objetos y vértices en total.
    memoria : int
        Bytes de datos del proceso que lee.
    segundos : float
        Tiempo de reloj y de procesador del proceso que lee.
    """

    tamano: int
    desempacado: int
    archivos: int
    objetos: int
    vertices: int
    memoria: int
    segundos: float


LIMITES_SUBIDA = Limites(
    tamano=50 * MEGA,
    desempacado=300 * MEGA,
    archivos=2_000,
    objetos=300_000,
    vertices=5_000_000,
    memoria=1536 * MEGA,
    segundos=30.0,
)
"""Para lo que sube cualquier persona por la web."""

LIMITES_CONSOLA = Limites(
    tamano=1024 * MEGA,
    desempacado=4096 * MEGA,
    archivos=20_000,
    objetos=10_000_000,
    vertices=200_000_000,
    memoria=12_288 * MEGA,
    segundos=3600.0,
)
"""Para archivos de confianza que importa quien administra, desde la consola."""


@dataclass(frozen=True, slots=True)
class Opciones:
    """Cómo leer.

    Attributes
    ----------
    limites : Limites
    reparar : bool
        Arreglar lo que tiene arreglo seguro, y decirlo en los avisos.
    crs : str or None
        Sistema que se supone cuando el archivo no dice el suyo.
    cerca_de : Caja or None
        Dónde se espera el contenido (EPSG:4326): sirve para notar coordenadas al revés y adivinar sistemas.
    """

    limites: Limites = LIMITES_SUBIDA
    reparar: bool = False
    crs: str | None = None
    cerca_de: Caja | None = None


@dataclass(frozen=True, slots=True)
class Capa:
    """Una capa lista para usar.

    Attributes
    ----------
    nombre : str
    geometrias : (n,) arreglo de shapely, EPSG:4326, dos dimensiones
        ``None`` donde el objeto no traía geometría o venía vacía.
    propiedades : list of dict
        Una por geometría, con valores de JSON simple.
    crs_origen : str
        Sistema en que venía, por ejemplo ``EPSG:6365``.
    avisos : tuple of Aviso
    """

    nombre: str
    geometrias: Geometrias
    propiedades: list[dict[str, Any]]
    crs_origen: str
    avisos: tuple[Aviso, ...] = ()

    def __len__(self) -> int:
        return len(self.geometrias)

    @property
    def vertices(self) -> int:
        """Vértices de todas sus geometrías."""
        return int(shapely.get_num_coordinates(self.geometrias).sum())


@dataclass(frozen=True, slots=True)
class Lectura:
    """Todo lo que se leyó de un archivo, un zip o una carpeta."""

    capas: tuple[Capa, ...]
    avisos: tuple[Aviso, ...] = ()


@dataclass(slots=True)
class CapaCruda:
    """Una capa tal como viene en el archivo, antes de revisarla y de llevarla a EPSG:4326.

    Attributes
    ----------
    sistema : str or None
        Código o WKT que trae el archivo; ``None`` si no dice.
    supone_wgs84 : bool
        Si el formato manda EPSG:4326 cuando no dice otro (GeoJSON, KML, GPX).
    falta_prj : str
        Nombre del .prj que falta, si es un shapefile sin él.
    """

    nombre: str
    geometrias: Geometrias
    propiedades: list[dict[str, Any]]
    sistema: str | None = None
    supone_wgs84: bool = False
    falta_prj: str = ""
    avisos: list[Aviso] = field(default_factory=list)
