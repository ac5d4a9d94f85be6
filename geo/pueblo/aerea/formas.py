"""Lo que se va a pintar, ya en píxeles del mundo: grupos de polígonos, líneas y copas, en el orden en que se pintan."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import shapely

from geo.pueblo.plano import LAT_PLAZA, LON_PLAZA, METROS_POR_GRADO_LAT, METROS_POR_GRADO_LON, Puntos
from geo.tipos import Geometrias

Color = tuple[int, int, int, int]
"""Rojo, verde, azul y aspereza (0 a 255): cuánto se le nota el grano a esa materia."""

Cajas = npt.NDArray[np.float64]
ZOOM: Final = 20
"""Zoom cuyos píxeles son la unidad: se pinta al doble del más fino (19) y se reduce."""

LADO_DEL_MUNDO: Final = 256.0 * 2**ZOOM
METROS_POR_PIXEL: Final = METROS_POR_GRADO_LON * 360.0 / LADO_DEL_MUNDO
"""Al este, en la plaza; al norte difiere menos de 1 %."""


def a_pixeles(puntos: Puntos) -> Puntos:
    """Pasa puntos del plano (metros) a píxeles de Web Mercator del zoom :data:`ZOOM`: (n, 2); la y crece al sur.

    Fórmulas de EPSG:3857, sobre las mismas longitud y latitud que llevan los objetos de OSM.
    """
    lon = puntos[..., 0] / METROS_POR_GRADO_LON + LON_PLAZA
    lat = np.radians(puntos[..., 1] / METROS_POR_GRADO_LAT + LAT_PLAZA)
    x = (lon + 180.0) / 360.0
    y = 0.5 - np.arcsinh(np.tan(lat)) / (2 * np.pi)
    return np.stack([x, y], axis=-1) * LADO_DEL_MUNDO


@dataclass(slots=True)
class Grupo:
    """Formas de una clase, que se pintan una tras otra.

    Attributes
    ----------
    clase : str
        ``area``, ``linea``, ``sombra`` (áreas que oscurecen lo ya pintado) o ``copa`` (árboles).
    piezas : list of (n, 2)
        Vértices en metros del plano y, después de :meth:`cerrar`, en píxeles; en ``copa``, una fila ``x, y``.
    colores : list of Color
    anchos : list of float
        Como ``piezas``: en ``linea``, su grueso; en ``copa``, el radio.
    """

    clase: Literal["area", "linea", "sombra", "copa"]
    piezas: list[Puntos] = field(default_factory=list)
    colores: list[Color] = field(default_factory=list)
    anchos: list[float] = field(default_factory=list)
    cajas: Cajas = field(default_factory=lambda: np.zeros((0, 4)))

    def area(self, puntos: Puntos, color: Color) -> None:
        """Agrega un contorno del plano (metros)."""
        self.piezas.append(puntos)
        self.colores.append(color)
        self.anchos.append(0.0)

    def areas(self, geometrias: Geometrias | Iterable[shapely.Geometry], colores: Color | Sequence[Color]) -> None:
        """Agrega los contornos de polígonos del plano; los huecos no cuentan."""
        for k, geometria in enumerate(geometrias):
            color = colores if isinstance(colores[0], int) else colores[k]
            for parte in shapely.get_parts(geometria):
                if isinstance(parte, shapely.Polygon) and not parte.is_empty:
                    self.area(shapely.get_coordinates(parte.exterior), color)  # type: ignore[arg-type]

    def linea(self, puntos: Puntos, color: Color, metros: float) -> None:
        """Agrega una línea del plano, de ese grueso."""
        self.piezas.append(puntos)
        self.colores.append(color)
        self.anchos.append(metros)

    def copas(self, puntos: Puntos, radios: npt.NDArray[np.float64], verde: int) -> None:
        """Agrega árboles; ``verde`` elige el color de la copa."""
        self.piezas.extend(puntos[:, None])
        self.anchos.extend(radios.tolist())
        self.colores.extend([(verde, 0, 0, 0)] * len(puntos))

    def cerrar(self) -> "Grupo":
        """Pasa todo a píxeles de una vez y calcula las cajas, con que se sabe qué cae en cada pedazo."""
        if self.piezas:
            todos = a_pixeles(np.concatenate(self.piezas))
            inicios = np.cumsum([0, *(len(p) for p in self.piezas)])
            self.anchos = (np.array(self.anchos) / METROS_POR_PIXEL).tolist()
            margen = np.array(self.anchos)[:, None] * (1.3 if self.clase == "copa" else 0.6) + 2.0
            menores = np.minimum.reduceat(todos, inicios[:-1]) - margen
            mayores = np.maximum.reduceat(todos, inicios[:-1]) + margen
            self.cajas = np.hstack([menores, mayores])
            self.piezas = [todos[a:b] for a, b in itertools.pairwise(inicios.tolist())]
        return self

    def dentro(self, x: float, y: float, lado: float) -> list[int]:
        """Índices, en orden, de lo que toca el cuadrado de esquina ``(x, y)``."""
        c = self.cajas
        toca = (c[:, 0] < x + lado) & (c[:, 2] > x) & (c[:, 1] < y + lado) & (c[:, 3] > y)
        return [int(k) for k in np.nonzero(toca)[0]]
