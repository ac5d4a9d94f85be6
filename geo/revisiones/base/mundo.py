"""Los datos que se revisan, en columnas y en metros.

Las revisiones trabajan con arreglos enteros (numpy y shapely), nunca par por par. Lo derivado (líneas, polígonos,
índices espaciales) se arma la primera vez que alguien lo pide y se guarda.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from geo.crs import WGS84, crs_metrico, transformador
from geo.osm.etiquetas import es_area, es_calle, es_edificio
from geo.revisiones.base.angulos import Vertices, vertices
from geo.revisiones.base.areas import Armado, Relacion, armar, poligonos
from geo.revisiones.base.red import Red
from geo.revisiones.base.referencia import Comparacion, Referencia, lados, preparar
from geo.revisiones.base.reparo import reparadas
from geo.tipos import BaseGeometry, Geometrias

Etiquetas = Mapping[str, str]
Enteros = npt.NDArray[np.int64]
Reales = npt.NDArray[np.float64]
Logicos = npt.NDArray[np.bool_]

UNIDADES: Final = 1e7
"""Por grado: OpenStreetMap guarda siete decimales."""
MUNDO: Final = (180.0, 90.0)
SIN_ETIQUETAS: Final[Etiquetas] = {}
JUNTOS_MAXIMO: Final = 50
"""Objetos de un mismo tamaño con su centro en un cuadro de ese tamaño. Más no es un mapa sino un error de carga, y
compararlos todos con todos no acabaría: los que sobran no se comparan, y se cuentan."""


@dataclass(slots=True)
class Columnas:
    """Lo que se leyó, tal como venía, antes de ordenarlo.

    Attributes
    ----------
    nodos : listas paralelas ``nodo_id``, ``nodo_version``, ``lon``, ``lat``
        Grados EPSG:4326. ``etiquetas_de_nodo`` va por id y sólo trae los que tienen.
    vias : listas paralelas ``via_id``, ``via_version``, ``via_nodos``, ``via_etiquetas``
        ``via_nodos`` son ids de nodo, en orden.
    relaciones : list of Relacion
    omitidos : Counter
        Lo que no se pudo tomar, por motivo.
    """

    nodo_id: list[int] = field(default_factory=list)
    nodo_version: list[int] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    etiquetas_de_nodo: dict[int, Etiquetas] = field(default_factory=dict)
    via_id: list[int] = field(default_factory=list)
    via_version: list[int] = field(default_factory=list)
    via_nodos: list[Sequence[int]] = field(default_factory=list)
    via_etiquetas: list[Etiquetas] = field(default_factory=list)
    relaciones: list[Relacion] = field(default_factory=list)
    omitidos: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Capa:
    """Objetos de una misma clase, con su geometría en metros.

    Attributes
    ----------
    clave : (n,) list of str
        ``w123`` o ``r45``.
    via : (n,) int64
        Posición en las vías del mundo; -1 si es relación.
    etiquetas : list of mapping
    geom : (n,) arreglo de geometrías, en el sistema métrico del mundo
        Las superficies ya son válidas (las rotas se reparan para poder medir con ellas); sólo están las que tienen
        extensión.
    rota : (n,) bool
        Si la superficie original no era válida.
    amontonados : set of str
        Claves de los que no se comparan con otros (`JUNTOS_MAXIMO`); lo comparten las capas de un mundo.
    """

    clave: list[str]
    via: Enteros
    etiquetas: list[Etiquetas]
    geom: Geometrias
    rota: Logicos
    amontonados: set[str] = field(default_factory=set)
    _arbol: shapely.STRtree | None = None

    def __len__(self) -> int:
        return len(self.clave)

    def numero(self, posicion: int) -> int:
        """Id del objeto en esa posición."""
        return int(self.clave[posicion][1:])

    @property
    def arbol(self) -> shapely.STRtree:
        """Índice espacial de ``geom``; los amontonados no están, y los demás conservan su posición."""
        if self._arbol is None:
            sobran = _amontonados(self.geom)
            self.amontonados.update(self.clave[k] for k in np.flatnonzero(sobran))
            comparables = self.geom.copy()
            comparables[sobran] = None
            self._arbol = shapely.STRtree(comparables)
        return self._arbol

    def pares(self, predicado: str = "intersects", distancia: float | None = None) -> tuple[Enteros, Enteros]:
        """Pares ``(i, j)`` con ``i < j`` que cumplen el predicado de shapely (``dwithin`` lleva ``distancia``).

        El predicado debe ser simétrico. Los amontonados no entran.
        """
        i, j = self.arbol.query(self.arbol.geometries, predicate=predicado, distance=distancia)
        unicos = i < j
        return i[unicos], j[unicos]

    def elegir(self, cuales: Logicos | Enteros) -> "Capa":
        """Sólo esos, en orden."""
        posiciones = np.flatnonzero(cuales) if cuales.dtype == np.bool_ else cuales
        return Capa(
            [self.clave[k] for k in posiciones],
            self.via[posiciones],
            [self.etiquetas[k] for k in posiciones],
            self.geom[posiciones],
            self.rota[posiciones],
            self.amontonados,
        )


class Mundo:
    """Nodos, vías y relaciones de un lugar, listos para revisarse.

    Parameters
    ----------
    columnas : Columnas
        De un id repetido vale la versión mayor.
    crs : pyproj.CRS, optional
        Sistema en metros. Quien revise por partes un mismo lugar tiene que dar siempre el mismo, para que las
        medidas no cambien; sin él se elige según dónde están los nodos (`geo.crs.crs_metrico`).
    huellas : (n,) arreglo, EPSG:4326, optional
        Edificios que dibujó alguien más, con los que se compara; sin ellas, las reglas de referencia nada dicen.

    Attributes
    ----------
    nodo_id, nodo_version : (n,) int64
        Por id creciente; versión 0 si no se sabe.
    lonlat : (n, 2) float64
        Grados EPSG:4326. Si el lugar cruza el meridiano 180, ``xy`` es continuo de todos modos.
    xy : (n, 2) float64
        Metros en ``crs``.
    etiquetas_de_nodo : dict of int to mapping
        Por posición; sólo los nodos que tienen.
    via_id, via_version : (m,) int64
    via_etiquetas : list of mapping
    desde : (m + 1,) int64
        Los nodos de la vía ``k`` son ``refs[desde[k]:desde[k + 1]]``.
    refs : (r,) int64
        Posición de cada nodo; -1 si no vino.
    relaciones : list of Relacion
    omitidos : Counter
    """

    def __init__(self, columnas: Columnas, crs: CRS | None = None, huellas: Geometrias | None = None) -> None:
        self._huellas = huellas
        self.omitidos: Counter[str] = Counter(columnas.omitidos)
        self.amontonados: set[str] = set()
        numeros, cuales = _ultimas(columnas.nodo_id, columnas.nodo_version)
        grados = np.column_stack([np.asarray(c, dtype=np.float64)[cuales] for c in (columnas.lon, columnas.lat)])
        finitos = np.isfinite(grados).all(axis=1)
        dentro = finitos & (np.abs(grados) <= MUNDO).all(axis=1)
        self.crs = crs or _sistema(grados[dentro])
        x, y = transformador(WGS84, self.crs).transform(*grados[dentro].T)
        metros = np.full_like(grados, np.inf)
        metros[dentro] = np.column_stack([x, y])
        # Las antípodas de los demás no caben en ningún sistema en metros.
        sirven = np.isfinite(metros).all(axis=1)
        self.omitidos["sin_lugar"] += int((~finitos).sum())
        self.omitidos["fuera_del_mundo"] += int((finitos & ~dentro).sum())
        self.omitidos["demasiado_lejos"] += int((dentro & ~sirven).sum())
        self.nodo_id, self.lonlat, self.xy = numeros[sirven], grados[sirven], metros[sirven]
        self.nodo_version = np.asarray(columnas.nodo_version, dtype=np.int64)[cuales[sirven]]
        posicion = {int(n): k for k, n in enumerate(self.nodo_id)}
        self.etiquetas_de_nodo = {posicion[n]: e for n, e in columnas.etiquetas_de_nodo.items() if n in posicion}
        self.via_id, cuales = _ultimas(columnas.via_id, columnas.via_version)
        self.via_version = np.asarray(columnas.via_version, dtype=np.int64)[cuales]
        self.via_etiquetas = [columnas.via_etiquetas[k] for k in cuales]
        listas = [columnas.via_nodos[k] for k in cuales]
        self.desde: Enteros = np.concatenate([[0], np.cumsum([len(n) for n in listas], dtype=np.int64)]).astype(
            np.int64
        )
        ids = np.fromiter((n for lista in listas for n in lista), dtype=np.int64, count=int(self.desde[-1]))
        self.refs = _posiciones(self.nodo_id, ids)
        self.relaciones = _relaciones(columnas.relaciones)
        self._relacion = {r.id: r for r in self.relaciones}
        self._via = {int(v): k for k, v in enumerate(self.via_id)}
        self._nodo = posicion

    # --- quién es quién ---------------------------------------------------------------------------------------------

    def clave_de_via(self, posicion: int) -> str:
        """``w123`` de la vía en esa posición."""
        return f"w{self.via_id[posicion]}"

    def clave_de_nodo(self, posicion: int) -> str:
        """``n123`` del nodo en esa posición."""
        return f"n{self.nodo_id[posicion]}"

    def posicion_de_via(self, numero: int) -> int | None:
        """Dónde está esa vía, si vino."""
        return self._via.get(numero)

    def posicion_de_nodo(self, numero: int) -> int | None:
        """Dónde está ese nodo, si vino."""
        return self._nodo.get(numero)

    def relacion(self, numero: int) -> Relacion | None:
        """Esa relación, si vino."""
        return self._relacion.get(numero)

    def nodos_de(self, via: int) -> Enteros:
        """Posiciones de los nodos de una vía, en orden; -1 los que faltan."""
        return self.refs[self.desde[via] : self.desde[via + 1]]

    def a_grados(self, xy: npt.ArrayLike) -> Reales:
        """De metros a grados EPSG:4326, (k, 2)."""
        puntos = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        lon, lat = transformador(self.crs, WGS84).transform(puntos[:, 0], puntos[:, 1])
        return np.column_stack([lon, lat])

    def a_metros(self, lonlat: npt.ArrayLike) -> Reales:
        """De grados EPSG:4326 a metros, (k, 2)."""
        puntos = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
        x, y = transformador(WGS84, self.crs).transform(puntos[:, 0], puntos[:, 1])
        return np.column_stack([x, y])

    # --- vías -------------------------------------------------------------------------------------------------------

    @cached_property
    def cuantos_nodos(self) -> Enteros:
        """(m,) cuántos nodos tiene cada vía."""
        return np.diff(self.desde)

    @cached_property
    def via_de_ref(self) -> Enteros:
        """(r,) a qué vía pertenece cada lugar de ``refs``."""
        return np.repeat(np.arange(len(self.via_id), dtype=np.int64), self.cuantos_nodos)

    @cached_property
    def completa(self) -> Logicos:
        """(m,) si vinieron todos los nodos de la vía."""
        faltan = np.zeros(len(self.via_id), dtype=np.int64)
        np.add.at(faltan, self.via_de_ref[self.refs < 0], 1)
        return np.asarray(faltan == 0, dtype=np.bool_)

    @cached_property
    def cerrada(self) -> Logicos:
        """(m,) si termina en el nodo en que empieza, con al menos tres nodos."""
        cerradas = np.zeros(len(self.via_id), dtype=np.bool_)
        largas = np.flatnonzero(self.cuantos_nodos > 2)
        cerradas[largas] = self.refs[self.desde[largas]] == self.refs[self.desde[largas + 1] - 1]
        return cerradas

    @cached_property
    def lineas(self) -> Geometrias:
        """(m,) LineString en metros; ``None`` las incompletas y las que no tienen dos nodos en lugares distintos."""
        lineas = np.full(len(self.via_id), None, dtype=object)
        buenas = np.flatnonzero(self.completa & (self.cuantos_nodos >= 2))
        if len(buenas):
            sirve = np.isin(self.via_de_ref, buenas, kind="table")
            orden = np.cumsum(np.bincount(buenas, minlength=len(self.via_id))) - 1
            hechas = shapely.linestrings(self.xy[self.refs[sirve]], indices=orden[self.via_de_ref[sirve]])
            lineas[buenas] = np.where(shapely.length(hechas) > 0, hechas, None)
        return lineas

    @cached_property
    def es_superficie(self) -> Logicos:
        """(m,) si es una vía cerrada cuyas etiquetas dicen que es un área."""
        return np.array(
            [bool(c) and bool(e) and es_area(e) for c, e in zip(self.cerrada, self.via_etiquetas, strict=True)],
            dtype=np.bool_,
        )

    @cached_property
    def veces_usado(self) -> Enteros:
        """(n,) en cuántas vías distintas está cada nodo."""
        pares = np.unique(np.column_stack([self.refs, self.via_de_ref])[self.refs >= 0], axis=0)
        return np.bincount(pares[:, 0], minlength=len(self.nodo_id)).astype(np.int64)

    def linea_rota(self, posiciones: Iterable[int]) -> list[int]:
        """De esas vías, las que están completas pero sin extensión (todos sus nodos en un mismo lugar, o uno solo)."""
        return [k for k in posiciones if self.completa[k] and self.lineas[k] is None]

    # --- capas ------------------------------------------------------------------------------------------------------

    @cached_property
    def superficies(self) -> Capa:
        """Todas las áreas: vías cerradas y relaciones ``multipolygon`` con etiquetas propias."""
        vias = np.flatnonzero(self.es_superficie & self.completa & (self.cuantos_nodos >= 4))
        contornos = self.lineas[vias]
        hay = contornos != None  # noqa: E711
        vias, contornos = vias[hay], contornos[hay]
        armadas = self._armado.areas
        geom = np.concatenate([poligonos(contornos), _arreglo([g for g, _ in armadas])])
        rota = ~np.asarray(shapely.is_valid(geom), dtype=np.bool_)
        if rota.any():
            geom[rota], rayones = reparadas(geom[rota])
            self.omitidos["rayon"] += rayones
        capa = Capa(
            [self.clave_de_via(k) for k in vias] + [f"r{r.id}" for _, r in armadas],
            np.concatenate([vias, np.full(len(armadas), -1)]).astype(np.int64),
            [self.via_etiquetas[k] for k in vias] + [r.etiquetas for _, r in armadas],
            geom,
            rota,
            self.amontonados,
        )
        return capa.elegir(np.asarray(shapely.area(geom) > 0, dtype=np.bool_))

    @cached_property
    def _armado(self) -> Armado:
        return armar(self.relaciones, self._via, self.lineas)

    @property
    def armado(self) -> Armado:
        """Las relaciones de área como se armaron, sin reparar."""
        return self._armado

    @property
    def sin_armar(self) -> dict[int, str]:
        """Relaciones de área que no se pudieron armar, por id: ``faltan_vias`` o ``anillos_rotos``."""
        return self._armado.motivos

    @cached_property
    def edificios(self) -> Capa:
        """Las áreas con ``building`` (cualquier valor menos ``no``)."""
        return self.superficies.elegir(np.array([es_edificio(e) for e in self.superficies.etiquetas], dtype=np.bool_))

    def con_huellas(self, huellas: Geometrias) -> "Mundo":
        """El mismo lugar comparado con esas huellas; lo que ya se armó de él no se vuelve a armar."""
        otro = copy(self)
        otro._huellas = huellas
        for derivado in ("referencia", "comparacion", "lados_de_referencia"):
            otro.__dict__.pop(derivado, None)
        return otro

    @cached_property
    def referencia(self) -> Referencia | None:
        """Las huellas con que se compara, en metros; ``None`` si no hay referencia."""
        if self._huellas is None:
            return None
        lista = preparar(self._huellas, self.crs)
        self.omitidos.update({f"huella_{motivo}": cuantas for motivo, cuantas in lista.omitidas.items()})
        return lista

    @cached_property
    def comparacion(self) -> Comparacion | None:
        """Los edificios contra la referencia; los amontonados no se comparan."""
        if self.referencia is None:
            return None
        return Comparacion(self.edificios.geom, self.referencia.geom, self.edificios.arbol)

    @cached_property
    def lados_de_referencia(self) -> Reales:
        """(n,) diagonal de la caja de cada huella de la referencia, en metros."""
        return np.zeros(0) if self.referencia is None else lados(self.referencia.geom)

    @cached_property
    def vertices_de_edificios(self) -> Vertices:
        """Los vértices y ángulos de `edificios`, por su posición en la capa."""
        return vertices(self.edificios.geom)

    @cached_property
    def no_edificios(self) -> Capa:
        """Las demás áreas."""
        return self.superficies.elegir(
            np.array([not es_edificio(e) for e in self.superficies.etiquetas], dtype=np.bool_)
        )

    @cached_property
    def lineales(self) -> Capa:
        """Todas las vías que son línea y tienen etiquetas."""
        return self._de_lineas(lambda etiquetas: bool(etiquetas))

    @cached_property
    def calles(self) -> Capa:
        """Calles y caminos por donde hoy se pasa (`geo.osm.etiquetas.es_calle`), como línea."""
        return self._de_lineas(es_calle)

    @cached_property
    def red(self) -> Red:
        """Por dónde se puede ir de una calle a otra."""
        return Red(self)

    @cached_property
    def cauces(self) -> Capa:
        """Ríos, arroyos y canales: vías con ``waterway``, como línea."""
        return self._de_lineas(lambda etiquetas: "waterway" in etiquetas)

    def _de_lineas(self, sirve: Callable[[Etiquetas], bool]) -> Capa:
        cuales = np.array(
            [
                k
                for k, e in enumerate(self.via_etiquetas)
                if e and not self.es_superficie[k] and self.lineas[k] is not None and sirve(e)
            ],
            dtype=np.int64,
        )
        return Capa(
            [self.clave_de_via(k) for k in cuales],
            cuales,
            [self.via_etiquetas[k] for k in cuales],
            self.lineas[cuales],
            np.zeros(len(cuales), dtype=np.bool_),
            self.amontonados,
        )


def _ultimas(ids: list[int], versiones: list[int]) -> tuple[Enteros, Enteros]:
    """Ids crecientes sin repetir, y dónde está la versión mayor de cada uno."""
    numeros = np.asarray(ids, dtype=np.int64)
    orden = np.lexsort((np.asarray(versiones, dtype=np.int64), numeros))
    ultimo = np.ones(len(orden), dtype=np.bool_)
    ultimo[:-1] = np.diff(numeros[orden]) != 0
    return numeros[orden][ultimo], orden[ultimo].astype(np.int64)


def _posiciones(ids: Enteros, buscados: Enteros) -> Enteros:
    if not len(ids):
        return np.full(len(buscados), -1, dtype=np.int64)
    donde = np.minimum(np.searchsorted(ids, buscados), len(ids) - 1)
    return np.where(ids[donde] == buscados, donde, -1).astype(np.int64)


def _relaciones(leidas: list[Relacion]) -> list[Relacion]:
    por_id: dict[int, Relacion] = {}
    for relacion in leidas:
        if relacion.id not in por_id or por_id[relacion.id].version <= relacion.version:
            por_id[relacion.id] = relacion
    return [por_id[k] for k in sorted(por_id)]


def _sistema(lonlat: Reales) -> CRS:
    """El métrico del lugar; si los nodos están a los dos lados del meridiano 180, el de su centro."""
    if not len(lonlat):
        return CRS.from_epsg(3857)
    lon = lonlat[:, 0]
    if np.ptp(lon) > 180:
        lon = np.where(lon < 0, lon + 360, lon)
        centro = (float(lon.min()) + float(lon.max())) / 2
        centro = centro - 360 if centro > 180 else centro
        lat = (float(lonlat[:, 1].min()) + float(lonlat[:, 1].max())) / 2
        return CRS.from_dict({"proj": "laea", "lat_0": lat, "lon_0": centro, "datum": "WGS84", "units": "m"})
    oeste, este = float(lon.min()), float(lon.max())
    sur, norte = float(lonlat[:, 1].min()), float(lonlat[:, 1].max())
    return crs_metrico(np.array([shapely.box(oeste, sur, este, norte)], dtype=object))


def _amontonados(geometrias: Geometrias) -> Logicos:
    """(n,) cuáles sobran: los que siguen a los `JUNTOS_MAXIMO` primeros en un mismo cuadro de su tamaño."""
    if len(geometrias) <= JUNTOS_MAXIMO:
        return np.zeros(len(geometrias), dtype=np.bool_)
    caja = np.nan_to_num(shapely.bounds(geometrias))
    lado = np.maximum((caja[:, 2:] - caja[:, :2]).max(axis=1), 1.0)
    talla = np.floor(np.log2(lado))
    cuadro = np.floor((caja[:, 2:] + caja[:, :2]) / 2 / np.exp2(talla)[:, None])
    llaves = np.column_stack([talla, cuadro])
    orden = np.lexsort(llaves.T)
    empieza = np.concatenate([[True], (np.diff(llaves[orden], axis=0) != 0).any(axis=1)])
    lugar = np.arange(len(orden))
    sobran = np.zeros(len(orden), dtype=np.bool_)
    sobran[orden] = lugar - np.maximum.accumulate(np.where(empieza, lugar, 0)) >= JUNTOS_MAXIMO
    return sobran


def _arreglo(geometrias: Sequence[BaseGeometry]) -> Geometrias:
    """Arreglo de una dimensión, aunque esté vacío."""
    salida = np.empty(len(geometrias), dtype=object)
    salida[:] = geometrias
    return salida
