"""Huellas de edificios que alguien más dibujó (un catastro), y su comparación con los edificios de OpenStreetMap.

Sólo se mide: de aquí no sale ninguna geometría que se pueda copiar al mapa.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from geo.crs import a_metrico
from geo.revisiones.base.reparo import reparadas
from geo.tipos import Geometrias

Enteros = npt.NDArray[np.int64]
Reales = npt.NDArray[np.float64]
Logicos = npt.NDArray[np.bool_]

VERTICES_MAXIMOS: Final = 5_000
LADO_MAXIMO_M: Final = 1_000.0
"""Lo que pasa de aquí no es la huella de un edificio, sino una manzana o la mancha de la ciudad."""
ROCE_M2: Final = 1e-6
"""Dos paredes que coinciden dejan, por redondeo, menos área común que ésta."""
LADO_DE_PAREJA_M: Final = 60.0
"""El desplazamiento se mide con edificios que no pasan de aquí: mide lo que depende de lejos."""
FORMAS_PARECIDAS: Final = 0.8
"""Parte común entre la unión, con los centros puestos uno sobre otro."""
LEJOS_M: Final = 10.0
"""Entre centros: dos edificios chicos corridos más que su fondo ya no se enciman, y siguen siendo pareja."""
FORMAS_IGUALES: Final = 0.9
"""Lo que se pide de parecido a los que no se enciman."""
EMPATE: Final = 0.1
"""De dos huellas cuyo parecido no difiere en más que esto, la pareja es la más cercana."""
SEGURO: Final = 1.0 - EMPATE + 1e-6
"""Con este parecido, ningún otro (el mayor es 1) le saca más de `EMPATE`; lo de más es por el redondeo."""
_SUPERFICIES: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_COLECCION: Final = shapely.GeometryType.GEOMETRYCOLLECTION


@dataclass(slots=True)
class Referencia:
    """Huellas listas para compararse.

    Attributes
    ----------
    geom : (n,) arreglo de superficies válidas, en metros
        En orden de lugar, y una sola de cada grupo de copias exactas: el resultado no depende de cómo venían.
    veces : (n,) int64
        Cuántas copias exactas vinieron de cada una; las cifras las cuentan todas.
    omitidas : Counter
        Las que no se pueden comparar, por motivo: ``vacia``, ``no_es_superficie``, ``sin_lugar``, ``enorme``,
        ``sin_extension`` o ``rayon`` (ésta sí se compara, por su envolvente).
    """

    geom: Geometrias
    veces: Enteros
    omitidas: Counter[str]

    def __len__(self) -> int:
        return len(self.geom)


def preparar(huellas: Geometrias, crs: CRS) -> Referencia:
    """Repara, lleva a metros y ordena huellas.

    Parameters
    ----------
    huellas : (n,) arreglo, EPSG:4326
        Se admite cualquier geometría y ``None``; lo que no sirve se cuenta. La altura se descarta.
    crs : pyproj.CRS
        En metros.
    """
    omitidas: Counter[str] = Counter()
    geom = np.array(huellas, dtype=object) if len(huellas) else _ninguna()
    colecciones = np.flatnonzero(shapely.get_type_id(geom) == _COLECCION)
    for k in colecciones.tolist():
        geom[k] = _sin_coleccion(geom[k])

    def quedan(sirven: npt.ArrayLike, motivo: str) -> None:
        nonlocal geom
        cuales = np.asarray(sirven, dtype=np.bool_)
        omitidas[motivo] += int((~cuales).sum())
        geom = geom[cuales]

    quedan(~(shapely.is_missing(geom) | shapely.is_empty(geom)), "vacia")
    quedan(np.isin(shapely.get_type_id(geom), _SUPERFICIES), "no_es_superficie")
    geom = a_metrico(geom, crs)
    quedan(np.isfinite(shapely.bounds(geom).reshape(-1, 4)).all(axis=1), "sin_lugar")
    grandes = (lados(geom) > LADO_MAXIMO_M) | (shapely.get_num_coordinates(geom) > VERTICES_MAXIMOS)
    quedan(~grandes, "enorme")
    rotas = ~np.asarray(shapely.is_valid(geom), dtype=np.bool_)
    if rotas.any():
        geom[rotas], rayones = reparadas(geom[rotas])
        omitidas["rayon"] += rayones
    quedan(shapely.area(geom) > ROCE_M2, "sin_extension")
    orden, unicas = _orden(geom)
    primeras = np.flatnonzero(unicas)
    veces = np.diff(primeras, append=len(geom)).astype(np.int64)
    return Referencia(geom[orden][primeras], veces, +omitidas)


def lados(geom: Geometrias) -> Reales:
    """(n,) diagonal de la caja de cada geometría: nada suyo está más lejos de lo demás suyo."""
    caja = shapely.bounds(geom).reshape(-1, 4)
    return np.asarray(np.hypot(caja[:, 2] - caja[:, 0], caja[:, 3] - caja[:, 1]), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Parejas:
    """Edificio y huella que son el mismo, y cuánto está corrido el edificio.

    Attributes
    ----------
    edificio, huella : (k,) int64
    vector : (k, 2) float64
        Metros al este y al norte, del centro de la huella al del edificio.
    """

    edificio: Enteros
    huella: Enteros
    vector: Reales


class Comparacion:
    """Edificios contra huellas, por lo que se enciman.

    Parameters
    ----------
    edificios : (m,) arreglo de superficies válidas, en metros; ``None`` los que no se comparan
    huellas : (n,) arreglo de superficies válidas, en metros
    """

    def __init__(self, edificios: Geometrias, huellas: Geometrias, arbol: shapely.STRtree | None = None) -> None:
        self.edificios, self.huellas = edificios, huellas
        self._indice = shapely.STRtree(edificios) if arbol is None else arbol
        self.area_edificio: Reales = shapely.area(edificios)
        self.area_huella: Reales = shapely.area(huellas)

    @cached_property
    def _encimados(self) -> tuple[Enteros, Enteros, Reales]:
        edificios, huellas = self.edificios, self.huellas
        h, e = self._indice.query(huellas, predicate="intersects") if len(huellas) else np.zeros((2, 0), dtype=np.int64)
        comun = shapely.area(shapely.intersection(edificios[e], huellas[h]))
        hay = comun > ROCE_M2
        orden = np.lexsort((h[hay], e[hay]))
        return e[hay][orden].astype(np.int64), h[hay][orden].astype(np.int64), comun[hay][orden]

    @property
    def edificio(self) -> Enteros:
        """(p,) el edificio de cada par con área común, por edificio y huella."""
        return self._encimados[0]

    @property
    def huella(self) -> Enteros:
        """(p,) la huella de cada uno de esos pares."""
        return self._encimados[1]

    @property
    def comun(self) -> Reales:
        """(p,) su área común, m²."""
        return self._encimados[2]

    @cached_property
    def cubierta(self) -> Reales:
        """(n,) qué parte de cada huella tiene edificios encima; lo que dos edificios pisan a la vez cuenta una vez
        como mucho hasta llenarla.
        """
        suma = np.bincount(self.huella, self.comun, len(self.huellas))
        return np.minimum(1.0, suma / self.area_huella)

    @cached_property
    def huella_vista(self) -> Logicos:
        """(n,) si algún edificio la toca con área."""
        return np.bincount(self.huella, minlength=len(self.huellas)) > 0

    @cached_property
    def edificio_visto(self) -> Logicos:
        """(m,) si alguna huella lo toca con área."""
        return np.bincount(self.edificio, minlength=len(self.edificios)) > 0

    @cached_property
    def parejas(self) -> Parejas:
        """Cada edificio con la huella que más se le parece, si él es también el que más se le parece a ella."""
        e, h = self._candidatos
        ae, ah = self.area_edificio[e], self.area_huella[h]
        caben = (lados(self.edificios)[e] <= LADO_DE_PAREJA_M) & (lados(self.huellas)[h] <= LADO_DE_PAREJA_M)
        # La parte común entre la unión nunca pasa de la menor entre la mayor.
        sirven = caben & (np.minimum(ae, ah) >= FORMAS_PARECIDAS * np.maximum(ae, ah))
        e, h = e[sirven], h[sirven]
        vector = _centros(self.edificios)[e] - _centros(self.huellas)[h]
        cerca = np.hypot(*vector.T) <= LEJOS_M
        e, h, vector = e[cerca], h[cerca], vector[cerca]
        lejos = np.hypot(*vector.T)
        medidas, parecido = _los_que_cuentan(
            e, h, lejos, lambda k: _parecido(self.edificios[e[k]], self.huellas[h[k]], vector[k])
        )
        e, h, vector, lejos = e[medidas], h[medidas], vector[medidas], lejos[medidas]
        # Si se enciman sólo importa cuando el parecido está entre lo que se pide a unos y a otros: casi nunca.
        dudosas = (parecido >= FORMAS_PARECIDAS) & (parecido < FORMAS_IGUALES)
        sirven = parecido >= FORMAS_IGUALES
        juntos = shapely.intersection(self.edificios[e[dudosas]], self.huellas[h[dudosas]])
        sirven[dudosas] = shapely.area(juntos) > ROCE_M2
        e, h, vector, lejos, parecido = e[sirven], h[sirven], vector[sirven], lejos[sirven], parecido[sirven]
        suyas = _elegidas(e, parecido, lejos, len(self.edificios)) & _elegidas(h, parecido, lejos, len(self.huellas))
        return Parejas(e[suyas], h[suyas], vector[suyas])

    @property
    def _candidatos(self) -> tuple[Enteros, Enteros]:
        """Pares cuyas cajas se tocan si a una se le suman `LEJOS_M`."""
        if not len(self.huellas):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        caja = shapely.bounds(self.huellas) + np.array([-LEJOS_M, -LEJOS_M, LEJOS_M, LEJOS_M])
        h, e = self._indice.query(shapely.box(*caja.T))
        return e.astype(np.int64), h.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Desfase:
    """Cuánto están corridos, todos juntos, los edificios de una zona.

    Attributes
    ----------
    este, norte : float, metros
        Mediana de cada componente.
    dispersion : float, metros
        Mediana de la distancia de cada pareja a ese vector.
    n : int
        Parejas.
    """

    este: float
    norte: float
    dispersion: float
    n: int

    @property
    def metros(self) -> float:
        """Largo del vector."""
        return float(np.hypot(self.este, self.norte))


def desfase(vectores: Reales) -> Desfase | None:
    """El de esas parejas, (k, 2); ``None`` si no hay ninguna.

    La mediana aguanta hasta la mitad de parejas equivocadas o corridas por su cuenta.
    """
    if not len(vectores):
        return None
    medio = np.median(vectores, axis=0)
    lejos = float(np.median(np.hypot(*(vectores - medio).T)))
    return Desfase(float(medio[0]), float(medio[1]), lejos, len(vectores))


def _los_que_cuentan(
    e: Enteros, h: Enteros, lejos: Reales, medir: Callable[[Logicos], Reales]
) -> tuple[Logicos, Reales]:
    """Cuáles pares hubo que medir, y su parecido; los demás, midan lo que midan, no son pareja ni se la quitan a nadie.

    Si el par más cercano de uno se parece `SEGURO` o más, ninguno le gana por más de `EMPATE`: es el suyo. Un par que
    no es el más cercano de ninguno de los dos, si ambos ya tienen el suyo, no hay que medirlo.
    """
    de_e, de_h = _cercanos(e, lejos), _cercanos(h, lejos)
    medidas = de_e | de_h
    parecido = np.full(len(e), np.nan)
    parecido[medidas] = medir(medidas)
    seguro = parecido >= SEGURO
    con_pareja = np.isin(e, e[de_e & seguro]) & np.isin(h, h[de_h & seguro])
    faltan = ~medidas & ~con_pareja
    parecido[faltan] = medir(faltan)
    medidas |= faltan
    return medidas, parecido[medidas]


def _cercanos(de: Enteros, lejos: Reales) -> Logicos:
    """(k,) si cada par es el más cercano de los de su ``de``, o empata con él."""
    menor = np.full(int(de.max(initial=-1)) + 1, np.inf)
    np.minimum.at(menor, de, lejos)
    return np.asarray(lejos == menor[de], dtype=np.bool_)


def _elegidas(de: Enteros, parecido: Reales, lejos: Reales, total: int) -> Logicos:
    """De cada uno, su par más cercano entre los que casi empatan con el de mayor parecido."""
    mayor = np.full(total, -1.0)
    np.maximum.at(mayor, de, parecido)
    cerca = np.where(parecido >= mayor[de] - EMPATE, lejos, np.inf)
    menor = np.full(total, np.inf)
    np.minimum.at(menor, de, cerca)
    return np.asarray(np.isfinite(cerca) & (cerca == menor[de]), dtype=np.bool_)


def _parecido(unas: Geometrias, otras: Geometrias, vector: Reales) -> Reales:
    """Parte común entre la unión, con ``otras`` corridas por ``vector``."""
    puntos, de_cual = shapely.get_coordinates(otras, return_index=True)
    movidas = shapely.set_coordinates(otras.copy(), puntos + vector[de_cual]) if len(otras) else otras
    comun = shapely.area(shapely.intersection(unas, movidas))
    return np.asarray(comun / (shapely.area(unas) + shapely.area(otras) - comun), dtype=np.float64)


def _centros(geom: Geometrias) -> Reales:
    centros = shapely.centroid(geom)
    return np.column_stack([shapely.get_x(centros), shapely.get_y(centros)])


def _orden(geom: Geometrias) -> tuple[Enteros, Logicos]:
    """Orden por lugar, y cuáles no son copia exacta de la anterior."""
    caja = shapely.bounds(geom).reshape(-1, 4)
    orden = np.lexsort(caja.T[::-1]).astype(np.int64)
    unicas = np.ones(len(geom), dtype=np.bool_)
    # La forma sólo desempata, y sólo hace falta verla entre las que tienen la misma caja.
    unicas[1:] = (caja[orden[1:]] != caja[orden[:-1]]).any(axis=1)
    primeras = np.append(np.flatnonzero(unicas), len(geom))
    for desde, hasta in primeras[np.flatnonzero(np.diff(primeras) > 1)[:, None] + [0, 1]].tolist():
        juntas = orden[desde:hasta]
        formas = shapely.to_wkb(shapely.normalize(geom[juntas])).tolist()
        por_forma = sorted(range(len(juntas)), key=formas.__getitem__)
        orden[desde:hasta] = juntas[por_forma]
        unicas[desde + 1 : hasta] = [formas[b] != formas[a] for a, b in pairwise(por_forma)]
    return orden, unicas


def _sin_coleccion(geom: object) -> object:
    """De una colección, sus superficies."""
    if shapely.get_type_id(geom) != _COLECCION:
        return geom
    partes = [geom]
    superficies = []
    while partes:
        parte = partes.pop()
        tipo = shapely.get_type_id(parte)
        if tipo == shapely.GeometryType.POLYGON:
            superficies.append(parte)
        elif tipo in (shapely.GeometryType.MULTIPOLYGON, _COLECCION):
            partes += shapely.get_parts(parte).tolist()
    return shapely.multipolygons(superficies) if superficies else geom


def _ninguna() -> Geometrias:
    return np.empty(0, dtype=object)
