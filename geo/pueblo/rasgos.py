"""Lo que se dibuja en el plano antes de tener identificadores de OSM."""

from dataclasses import dataclass, field
from typing import Literal

from geo.pueblo.plano import Puntos


@dataclass(slots=True, eq=False)
class Rasgo:
    """Un punto, una línea o un área con etiquetas.

    Attributes
    ----------
    forma : str
    puntos : (n, 2) metros
        En las áreas, sin repetir el primero.
    etiquetas : dict
    huecos : list of (m, 2) metros
        Sólo en las áreas; con huecos, en OSM es una relación.
    capa : str
        Los rasgos de una misma capa comparten nodo donde coinciden.
    """

    forma: Literal["punto", "linea", "area"]
    puntos: Puntos
    etiquetas: dict[str, str]
    huecos: list[Puntos] = field(default_factory=list)
    capa: str = "suelo"
