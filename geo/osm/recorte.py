"""Qué objetos de un archivo de cambios del planeta hacen falta para una zona, sin traer los demás.

La regla (decisión 28): de los que ya se guardan, todos; de los demás,

- un nodo, si alguna de sus versiones está en la zona, o si lo usa una vía que se guarda o que entra;
- una vía, si alguno de sus nodos está en la zona;
- una relación, si alguno de sus nodos o vías se guarda o entra.

La memoria crece con el archivo de cambios, no con lo guardado: se preguntan sólo los ids que el archivo menciona.
"""

import tempfile
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import osmium
import shapely
from osmium.osm import NODE, RELATION, WAY

from geo.errores import texto_lugar
from geo.osm.archivo import Archivo, errores_traducidos
from geo.osm.errores import CoordenadaFuera
from geo.osm.lectura import SIN_LUGAR

Ids = npt.NDArray[np.int64]
Grados = npt.NDArray[np.float64]


class Almacen(Protocol):
    """Lo que ya se guarda. Cada función recibe ids y devuelve los que están, sin orden."""

    def nodos(self, ids: Ids) -> tuple[Ids, Grados, Grados]:
        """Los nodos guardados, con su longitud y su latitud."""

    def vias(self, ids: Ids) -> Ids:
        """Las vías guardadas."""

    def relaciones(self, ids: Ids) -> Ids:
        """Las relaciones guardadas."""

    def esperados(self, ids: Ids) -> Ids:
        """Los nodos que no se guardan y que alguna vía guardada usa."""


class Zona:
    """Polígono en EPSG:4326 al que se le pregunta por muchos puntos a la vez."""

    def __init__(self, wkb: bytes) -> None:
        self._forma = shapely.from_wkb(wkb)
        shapely.prepare(self._forma)
        self._caja = shapely.bounds(self._forma)

    def contiene(self, lon: Grados, lat: Grados) -> npt.NDArray[np.bool_]:
        """Qué puntos caen dentro; un ``nan`` no cae en ningún lado."""
        oeste, sur, este, norte = self._caja
        dentro = (lon >= oeste) & (lon <= este) & (lat >= sur) & (lat <= norte)
        dentro[dentro] = shapely.contains_xy(self._forma, lon[dentro], lat[dentro])
        return np.asarray(dentro, dtype=np.bool_)

    def toca_caja(self, oeste: float, sur: float, este: float, norte: float) -> bool:
        """Di si un rectángulo toca la zona."""
        return bool(shapely.intersects(self._forma, shapely.box(oeste, sur, este, norte)))


@dataclass(frozen=True, slots=True)
class Elegidos:
    """Ids de los objetos del archivo que hacen falta."""

    nodos: Ids
    vias: Ids
    relaciones: Ids

    @property
    def cuantos(self) -> int:
        """Cuántos objetos son."""
        return len(self.nodos) + len(self.vias) + len(self.relaciones)

    def filtros(self) -> tuple[osmium.filter.IdFilter, ...]:
        """Filtros que sólo dejan pasar estos objetos."""
        pares = ((self.nodos, NODE), (self.vias, WAY), (self.relaciones, RELATION))
        filtros = tuple((osmium.filter.IdFilter(ids.tolist()), clase) for ids, clase in pares)
        for filtro, clase in filtros:
            filtro.enable_for(clase)
        return tuple(filtro for filtro, _ in filtros)


class Indice:
    """Lo mínimo de cada objeto del archivo, en columnas: 24 bytes por nodo y 16 por cada nodo de una vía o miembro."""

    def __init__(self) -> None:
        self.nodo, self.lon, self.lat = array("q"), array("d"), array("d")
        self.via, self.cuantos = array("q"), array("q")
        self.ref: Ids = np.zeros(0, dtype=np.int64)
        self.relacion = array("q")
        # Miembros que son nodos y que son vías: relación e id.
        self.miembros = {"n": (array("q"), array("q")), "w": (array("q"), array("q"))}

    def nodo_visto(self, visto: Any) -> None:
        lugar = visto.location
        if lugar.valid():
            self.lon.append(lugar.lon)
            self.lat.append(lugar.lat)
        else:
            if lugar.x != SIN_LUGAR:
                raise CoordenadaFuera(id=visto.id, lugar=texto_lugar(lugar.x / 1e7, lugar.y / 1e7))
            self.lon.append(np.nan)
            self.lat.append(np.nan)
        self.nodo.append(visto.id)

    def via_vista(self, vista: Any) -> None:
        self.via.append(vista.id)
        self.cuantos.append(len(vista.nodes))

    def relacion_vista(self, vista: Any) -> None:
        self.relacion.append(vista.id)
        for miembro in vista.members:
            if miembro.type in self.miembros:
                de, ref = self.miembros[miembro.type]
                de.append(vista.id)
                ref.append(miembro.ref)

    @property
    def de_via(self) -> Ids:
        """De qué vía es cada uno de los nodos de ``ref``."""
        return np.repeat(_ids(self.via), _ids(self.cuantos))

    @property
    def todos(self) -> Elegidos:
        """Todos los objetos del archivo."""
        return Elegidos(*(np.unique(_ids(columna)) for columna in (self.nodo, self.via, self.relacion)))

    def menciona(self, de: Elegidos | None = None) -> Elegidos:
        """Los objetos del archivo y aquéllos de los que hablan: nodos de sus vías, miembros de sus relaciones.

        Parameters
        ----------
        de : Elegidos, optional
            Sólo éstos y los suyos.
        """
        todos = self.todos if de is None else de
        ref, (de_nodos, nodos), (de_vias, vias) = self.ref, *(self.miembros[t] for t in "nw")
        suyos = [_ids(c) for c in (nodos, vias)]
        if de is not None:
            ref = ref[np.isin(self.de_via, de.vias)]
            suyos = [c[np.isin(_ids(d), de.relaciones)] for c, d in zip(suyos, (de_nodos, de_vias), strict=True)]
        return Elegidos(
            np.unique(np.concatenate([todos.nodos, ref, suyos[0]])),
            np.union1d(todos.vias, suyos[1]),
            todos.relaciones,
        )


def elegir(indice: Indice, zona: Zona, almacen: Almacen) -> Elegidos:
    """Qué objetos de un archivo de cambios, ya recorrido, hacen falta."""
    nodos = _ids(indice.nodo)
    dentro = np.unique(nodos[zona.contiene(_grados(indice.lon), _grados(indice.lat))])
    vias = _vias(indice, dentro, zona, almacen)
    elegidos = _nodos(indice, np.unique(nodos), dentro, vias, almacen)
    return Elegidos(elegidos, vias, _relaciones(indice, elegidos, vias, almacen))


def recorrer(archivo: Archivo) -> Indice:
    """Lee el archivo de cambios entero y se queda con lo que hace falta para `elegir`.

    Raises
    ------
    ErrorOsm
        Si el contenido está roto, aunque sea en un objeto que no haría falta.
    """
    indice = Indice()
    with tempfile.TemporaryDirectory(prefix="tequio-osm-") as carpeta:
        vias = Path(carpeta) / "vias.opl"
        with osmium.SimpleWriter(str(vias)) as salida, errores_traducidos(archivo):
            for visto in osmium.FileProcessor(archivo.de_osmium()):
                if visto.id <= 0:
                    continue
                if isinstance(visto, osmium.osm.Node):
                    indice.nodo_visto(visto)
                elif isinstance(visto, osmium.osm.Way):
                    indice.via_vista(visto)
                    salida.add(visto)
                elif isinstance(visto, osmium.osm.Relation):
                    indice.relacion_vista(visto)
        indice.ref = _refs(vias)
    return indice


def _refs(vias: Path) -> Ids:
    """Los nodos de todas las vías de un OPL, en orden. De uno en uno, pyosmium tarda veinte veces más."""
    # En OPL la lista de nodos es el último campo, y ningún texto lleva espacios sin escapar.
    listas = (renglon.rpartition(b" N")[2] for renglon in vias.read_bytes().splitlines())
    juntas = b",".join(lista for lista in listas if lista)
    return np.fromstring(juntas.replace(b"n", b"").decode(), dtype=np.int64, sep=",")


def _vias(indice: Indice, dentro: Ids, zona: Zona, almacen: Almacen) -> Ids:
    todas = np.unique(_ids(indice.via))
    guardadas = almacen.vias(todas)
    de_via, ref = indice.de_via, indice.ref
    por_ver = ~np.isin(de_via, guardadas)
    de_via, ref = de_via[por_ver], ref[por_ver]
    ids, lon, lat = almacen.nodos(np.setdiff1d(ref, dentro))
    en_zona = np.union1d(dentro, ids[zona.contiene(lon, lat)])
    return np.union1d(guardadas, de_via[np.isin(ref, en_zona)])


def _nodos(indice: Indice, nodos: Ids, dentro: Ids, vias: Ids, almacen: Almacen) -> Ids:
    usados = indice.ref[np.isin(indice.de_via, vias)]
    entran = np.union1d(dentro, np.intersect1d(nodos, usados))
    for preguntar in (lambda ids: almacen.nodos(ids)[0], almacen.esperados):
        entran = np.union1d(entran, preguntar(np.setdiff1d(nodos, entran)))
    return entran


def _relaciones(indice: Indice, nodos: Ids, vias: Ids, almacen: Almacen) -> Ids:
    entran = almacen.relaciones(np.unique(_ids(indice.relacion)))
    casos = (("n", nodos, lambda ids: almacen.nodos(ids)[0]), ("w", vias, almacen.vias))
    for tipo, elegidos, preguntar in casos:
        de, ref = (_ids(columna) for columna in indice.miembros[tipo])
        por_ver = ~np.isin(de, entran)
        de, ref = de[por_ver], ref[por_ver]
        nuestros = np.union1d(elegidos, preguntar(np.setdiff1d(ref, elegidos)))
        entran = np.union1d(entran, de[np.isin(ref, nuestros)])
    return entran


def _ids(columna: "array[int]") -> Ids:
    return np.frombuffer(columna, dtype=np.int64) if columna else np.zeros(0, dtype=np.int64)


def _grados(columna: "array[float]") -> Grados:
    return np.frombuffer(columna, dtype=np.float64) if columna else np.zeros(0)
