"""Lo que una revisión dice de un lugar."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

Punto = tuple[float, float]


@dataclass(slots=True)
class Hallazgo:
    """Algo que parece un error.

    Attributes
    ----------
    codigo : str
        El de la lista de errores, como ``E-TRAS``.
    nivel : int
        1 hay que arreglarlo o justificarlo antes de entregar; 2 aviso; 3 informa.
    objetos : tuple of str
        ``n12``, ``w34`` o ``r56``; primero el que conviene tocar.
    lugar : (x, y)
        Dónde mirar: en metros mientras la regla trabaja; el motor lo entrega en grados EPSG:4326.
    frase : str
        Cuál de las frases de ``textos.toml`` lo dice.
    datos : mapping
        Las cifras de la frase, ya redondeadas (números o textos cortos).
    donde : geometría, optional
        Lo que hay que ver (el pedazo encimado, el cruce); mismas coordenadas que ``lugar``.
    sugerencia : mapping, optional
        El arreglo que una máquina puede proponer: ``{"etiquetas": {"name": "Avenida Juárez"}}``,
        ``{"geometria": …}`` (GeoJSON, grados). Nunca se aplica sola.
    versiones : tuple of int
        De cada objeto, como se vio; 0 si no se sabe. La llena el motor.
    huella : str
        Cambia cuando cambian los objetos o su forma, y sólo entonces. La llena el motor.
    """

    codigo: str
    nivel: int
    objetos: tuple[str, ...]
    lugar: Punto
    frase: str
    datos: Mapping[str, Any] = field(default_factory=dict)
    donde: BaseGeometry | None = None
    sugerencia: Mapping[str, Any] | None = None
    versiones: tuple[int, ...] = ()
    huella: str = ""


@dataclass(frozen=True, slots=True)
class Falla:
    """Una regla que no pudo terminar; las demás siguieron."""

    codigo: str
    error: str
