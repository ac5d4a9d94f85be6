"""Sacar de cualquier colección de geometrías los contornos que encierran un área."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import distancia_m, longitud_m
from geo.errores import N_, texto_lugar
from geo.formatos.errores_area import AreaSinPoligonos, AreaVacia, LineaAbierta
from geo.tipos import Aviso, Geometrias

HUECO_DE_LINEA = 0.01
"""Qué parte del largo de una línea puede faltar para cerrarla sin dudar."""

VERTICES_DE_ANILLO = 4

LINEAS_COMO_ANILLOS = N_("Líneas cerradas que se tomaron como contorno: %(n)s.")
LINEA_CERRADA = N_("Se cerró la línea con un lado recto de %(metros)s m.")
TIPOS = {
    "LinearRing": N_("líneas"),
    "LineString": N_("líneas"),
    "Point": N_("puntos"),
    "Polygon": N_("polígonos"),
}
"""Cómo se nombran las geometrías sueltas; quien muestra el mensaje las traduce una por una."""

APARTADAS = N_("Geometrías que no encierran un área y se apartaron: %(n)s (%(tipos)s).")


def contornos(geometrias: Geometrias, *, reparar: bool) -> tuple[Geometrias, list[Aviso]]:
    """Los polígonos sueltos, en el orden en que vienen, y después las líneas cerradas como polígonos.

    Parameters
    ----------
    geometrias : (n,) arreglo, EPSG:4326
        De cualquier tipo; ``None`` se salta. Junto a polígonos se apartan los puntos y las líneas abiertas, y se avisa;
        sin polígonos, todas las líneas deben cerrarse.
    reparar : bool
        Cerrar una línea sola a la que le falta a lo más ``HUECO_DE_LINEA`` de su largo.

    Raises
    ------
    AreaVacia, AreaSinPoligonos, LineaAbierta
    """
    partes = _sueltas(geometrias)
    if not len(partes):
        raise AreaVacia
    dimension = shapely.get_dimensions(partes)
    poligonos, lineas = partes[dimension == 2], partes[dimension == 1]
    cierran = shapely.is_closed(lineas) & (shapely.get_num_coordinates(lineas) >= VERTICES_DE_ANILLO)
    anillos, otras = lineas[cierran], np.concatenate((lineas[~cierran], partes[dimension == 0]))
    avisos: list[Aviso] = []
    if not len(poligonos) and (len(anillos) < len(lineas) or not len(lineas)):
        if len(lineas) != 1:
            raise AreaSinPoligonos(tipos=_tipos(partes))
        anillo, aviso = _cerrar(lineas[0], reparar=reparar)
        return shapely.polygons(np.array([anillo])), [aviso]
    if len(anillos):
        avisos.append(Aviso("lineas_como_anillos", LINEAS_COMO_ANILLOS, {"n": len(anillos)}))
    if len(otras):
        avisos.append(Aviso("geometrias_apartadas", APARTADAS, {"n": len(otras), "tipos": _tipos(otras)}))
    de_lineas = [shapely.polygons(shapely.get_coordinates(anillo)) for anillo in anillos]
    return np.concatenate((poligonos, np.array(de_lineas, dtype=object))), avisos


def _sueltas(geometrias: Geometrias) -> Geometrias:
    """Puntos, líneas y polígonos sueltos y con coordenadas."""
    partes = shapely.get_parts(geometrias)
    while (shapely.get_type_id(partes) > shapely.GeometryType.POLYGON).any():
        partes = shapely.get_parts(partes)
    return np.asarray(partes[~shapely.is_empty(partes)], dtype=object)


def _cerrar(linea: BaseGeometry, *, reparar: bool) -> tuple[BaseGeometry, Aviso]:
    puntos = shapely.get_coordinates(linea)
    metros = distancia_m(*puntos[0], *puntos[-1])
    datos = {"inicio": texto_lugar(*puntos[0]), "fin": texto_lugar(*puntos[-1]), "metros": round(metros)}
    largo = float(longitud_m(np.array([linea], dtype=object))[0])
    reparable = len(puntos) >= VERTICES_DE_ANILLO - 1 and 0 < metros <= HUECO_DE_LINEA * largo
    if not (reparar and reparable):
        raise LineaAbierta(reparable=reparable, **datos)
    return shapely.linearrings(puntos), Aviso("linea_cerrada", LINEA_CERRADA, datos)


def _tipos(geometrias: Geometrias) -> list[str]:
    return [TIPOS[tipo] for tipo in sorted({geometria.geom_type for geometria in geometrias}) if tipo in TIPOS]
