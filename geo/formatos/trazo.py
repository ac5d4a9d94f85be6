"""De las listas de coordenadas de GeoJSON a geometrías de shapely, sin dejar pasar nada mal formado."""

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errores import texto_lugar
from geo.formatos.errores import DemasiadosVertices
from geo.formatos.errores_datos import (
    AnilloAbierto,
    AnilloCorto,
    CoordenadaNoFinita,
    GeojsonMalFormado,
    GeojsonSinTipo,
    JsonMuyProfundo,
)

Puntos = npt.NDArray[np.float64]

NIVELES_DE_COLECCION = 8
"""Colecciones unas dentro de otras, como mucho."""

TIPOS = frozenset(
    ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
)


@dataclass(slots=True)
class Trazador:
    """Construye geometrías y lleva la cuenta de lo que encontró en el camino.

    Attributes
    ----------
    maximo : int
        Vértices que acepta en total.
    reparar : bool
        Cerrar los anillos abiertos.
    vertices, con_altura, cerrados : int
        Vértices leídos, objetos con altura y anillos que se cerraron.
    objeto : int
        Número del objeto que se está leyendo, desde 1, para los mensajes.
    """

    maximo: int
    reparar: bool
    vertices: int = 0
    con_altura: int = 0
    cerrados: int = 0
    objeto: int = 0
    _leidos: int = field(default=0, repr=False)
    _altura: bool = field(default=False, repr=False)

    def geometria(self, geometria: dict[str, Any], objeto: int) -> BaseGeometry | None:
        """Geometría del objeto número ``objeto``, en dos dimensiones; ``None`` si viene vacía.

        Raises
        ------
        GeojsonSinTipo, GeojsonMalFormado, CoordenadaNoFinita, AnilloAbierto, AnilloCorto, DemasiadosVertices
        """
        self.objeto, self._leidos, self._altura = objeto, 0, False
        hecha = self._geometria(geometria, NIVELES_DE_COLECCION)
        self.con_altura += self._altura
        return None if hecha.is_empty else hecha

    def _geometria(self, geometria: dict[str, Any], niveles: int) -> BaseGeometry:
        tipo = geometria.get("type")
        if not isinstance(tipo, str) or tipo not in TIPOS:
            raise GeojsonSinTipo(tipo=str(tipo)[:40], objeto=self.objeto)
        if tipo == "GeometryCollection":
            return self._coleccion(self._lista(geometria.get("geometries"), "geometries"), niveles)
        coordenadas = self._lista(geometria.get("coordinates"), "coordinates")
        if tipo == "Point":
            return shapely.points(self._posiciones([coordenadas])[0]) if coordenadas else shapely.Point()
        if tipo == "MultiPoint":
            return shapely.multipoints(self._posiciones(coordenadas)) if coordenadas else shapely.MultiPoint()
        if tipo == "LineString":
            return self._linea(coordenadas)
        if tipo == "MultiLineString":
            return shapely.multilinestrings([self._linea(self._lista(c)) for c in coordenadas])
        if tipo == "Polygon":
            return self._poligono(coordenadas)
        return shapely.multipolygons([self._poligono(self._lista(c)) for c in coordenadas])

    def _coleccion(self, geometrias: list[Any], niveles: int) -> BaseGeometry:
        if not niveles:
            raise JsonMuyProfundo
        partes = []
        for parte in geometrias:
            if not isinstance(parte, dict):
                raise GeojsonMalFormado(objeto=self.objeto, miembro="geometries")
            partes.append(self._geometria(parte, niveles - 1))
        return shapely.geometrycollections(partes)

    def _linea(self, coordenadas: list[Any]) -> BaseGeometry:
        if not coordenadas:
            return shapely.LineString()
        puntos = self._posiciones(coordenadas)
        if len(puntos) < 2:
            raise GeojsonMalFormado(objeto=self.objeto, miembro="coordinates")
        return shapely.linestrings(puntos)

    def _poligono(self, coordenadas: list[Any]) -> BaseGeometry:
        if not coordenadas:
            return shapely.Polygon()
        anillos = [self._anillo(self._lista(c)) for c in coordenadas]
        return shapely.polygons(anillos[0], holes=anillos[1:] or None)

    def _anillo(self, coordenadas: list[Any]) -> BaseGeometry:
        puntos = self._posiciones(coordenadas)
        if len(puntos) < 3:
            raise AnilloCorto(objeto=self.objeto, lugar=texto_lugar(*puntos[0]) if len(puntos) else "—")
        if not np.array_equal(puntos[0], puntos[-1]):
            if not self.reparar:
                inicio, fin = texto_lugar(*puntos[0]), texto_lugar(*puntos[-1])
                raise AnilloAbierto(objeto=self.objeto, inicio=inicio, fin=fin, reparable=True)
            self.cerrados += 1
            puntos = np.vstack((puntos, puntos[:1]))
        if len(puntos) < 4:
            raise AnilloCorto(objeto=self.objeto, lugar=texto_lugar(*puntos[0]))
        return shapely.linearrings(puntos)

    def _posiciones(self, coordenadas: list[Any]) -> Puntos:
        """(n, 2) float64; comprueba forma, tipos y que todo sea finito."""
        if not all(type(posicion) is list for posicion in coordenadas):
            raise GeojsonMalFormado(objeto=self.objeto, miembro="coordinates")
        largos = set(map(len, coordenadas))
        if largos and min(largos) < 2:
            raise GeojsonMalFormado(objeto=self.objeto, miembro="coordinates")
        if largos - {2}:
            self._altura = True
            coordenadas = [posicion[:2] for posicion in coordenadas]
        numeros = list(chain.from_iterable(coordenadas))
        if not set(map(type, numeros)) <= {int, float}:
            raise GeojsonMalFormado(objeto=self.objeto, miembro="coordinates")
        self._contar(len(coordenadas))
        return self._finitos(numeros)

    def _finitos(self, numeros: list[Any]) -> Puntos:
        try:
            puntos = np.array(numeros, dtype=np.float64).reshape(-1, 2)
        except OverflowError:
            puntos = np.array([_flotante(n) for n in numeros], dtype=np.float64).reshape(-1, 2)
        malos = np.flatnonzero(~np.isfinite(puntos).all(axis=1))
        if len(malos):
            vertice = self._leidos - len(puntos) + int(malos[0]) + 1
            raise CoordenadaNoFinita(objeto=self.objeto, vertice=vertice)
        return puntos

    def _contar(self, n: int) -> None:
        self._leidos += n
        self.vertices += n
        if self.vertices > self.maximo:
            raise DemasiadosVertices(maximo=self.maximo)

    def _lista(self, valor: Any, miembro: str = "coordinates") -> list[Any]:
        if not isinstance(valor, list):
            raise GeojsonMalFormado(objeto=self.objeto, miembro=miembro)
        return valor


def _flotante(numero: float) -> float:
    try:
        return float(numero)
    except OverflowError:
        return math.inf
