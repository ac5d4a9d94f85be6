"""Caras: lo que queda al cortar el plano por muchas líneas a la vez."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.tipos import BaseGeometry, Geometrias

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Caras:
    """Polígonos sin traslapes y un punto del interior de cada uno."""

    poligonos: Geometrias
    puntos: Geometrias

    def dentro_de(self, area: BaseGeometry) -> "Caras":
        """Las que están dentro de un área cuyo contorno es parte de las líneas de las caras; en orden canónico."""
        shapely.prepare(area)
        dentro = np.flatnonzero(shapely.contains_xy(area, shapely.get_coordinates(self.puntos)))
        oeste, sur, este, norte = shapely.bounds(self.poligonos[dentro]).T
        orden = dentro[np.lexsort((shapely.area(self.poligonos[dentro]), este, norte, oeste, sur))]
        return Caras(np.asarray(shapely.normalize(self.poligonos[orden]), dtype=object), self.puntos[orden])

    def duenios(self, poligonos: Geometrias) -> tuple[Indices, Indices]:
        """Qué polígonos cubren cada cara, cuando sus lados son parte de las líneas de las caras.

        Returns
        -------
        (p,) int64, (p,) int64
            Pares de índice de cara e índice de polígono, por cara y luego por polígono.
        """
        cara, poligono = shapely.STRtree(poligonos).query(self.puntos, predicate="intersects")
        orden = np.lexsort((poligono, cara))
        return cara[orden].astype(np.int64), poligono[orden].astype(np.int64)


def caras_de(lineas: Geometrias) -> Caras:
    """Polígonos que encierran unas líneas, incluidos los cruces que no son vértice de ninguna.

    Cada cruce se calcula una sola vez, así que dos caras vecinas comparten sus vértices bit por bit. Recortar celda por
    celda no lo garantiza: el mismo cruce, calculado dos veces, puede diferir en el último bit.

    Parameters
    ----------
    lineas : (n,) arreglo de LineString o LinearRing
    """
    anudadas = shapely.get_parts(shapely.union_all(lineas))
    poligonos = np.asarray(shapely.get_parts(shapely.polygonize(anudadas)), dtype=object)
    return Caras(poligonos, np.asarray(shapely.point_on_surface(poligonos), dtype=object))
