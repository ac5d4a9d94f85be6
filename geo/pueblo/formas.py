"""Las geometrías de los objetos de un mapa."""

from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.pueblo.tipos import Clave, Mapa

_LINEALES = ("highway", "waterway", "barrier", "power")


def coordenadas(mapa: Mapa, via: int) -> list[tuple[float, float]]:
    """Vértices ``(lon, lat)`` de una vía, en grados EPSG:4326."""
    return [(mapa.nodos[n].lon, mapa.nodos[n].lat) for n in mapa.vias[via].nodos]


def poligono(mapa: Mapa, clave: Clave) -> Polygon | None:
    """El área de una vía cerrada o de una relación con un contorno cerrado; ninguna si no la forma.

    El resultado puede no ser válido: así lo dejó quien lo dibujó.
    """
    numero = int(clave[1:])
    if clave[0] == "w":
        nodos = mapa.vias[numero].nodos
        return Polygon(coordenadas(mapa, numero)) if len(nodos) > 3 and nodos[0] == nodos[-1] else None
    anillos = [(papel, coordenadas(mapa, via)) for tipo, via, papel in mapa.relaciones[numero].miembros if tipo == "w"]
    contornos = [a for papel, a in anillos if papel == "outer"]
    if len(contornos) != 1 or contornos[0][0] != contornos[0][-1]:
        return None
    return Polygon(contornos[0], [a for papel, a in anillos if papel == "inner"])


def geometria(mapa: Mapa, clave: Clave) -> BaseGeometry | None:
    """Punto, línea o área de un objeto según sus etiquetas, en grados EPSG:4326."""
    numero, etiquetas = int(clave[1:]), mapa.etiquetas(clave)
    if clave[0] == "n":
        return Point(mapa.nodos[numero].lon, mapa.nodos[numero].lat)
    area = None if any(llave in etiquetas for llave in _LINEALES) else poligono(mapa, clave)
    return area if area is not None or clave[0] == "r" else LineString(coordenadas(mapa, numero))


def edificios(mapa: Mapa) -> dict[Clave, Polygon]:
    """Los edificios con contorno cerrado, por clave."""
    salida = {}
    for letra, objetos in (("w", mapa.vias), ("r", mapa.relaciones)):
        for numero, objeto in objetos.items():
            if "building" in objeto.etiquetas:
                area = poligono(mapa, f"{letra}{numero}")
                if area is not None:
                    salida[f"{letra}{numero}"] = area
    return salida
