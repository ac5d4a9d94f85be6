"""Lee nodos, vías y relaciones, y arma con ellos puntos, líneas y áreas.

Es la única pieza que decide la geometría de un objeto: la usa la primera importación, con el archivo entero, y la
actualización, con los objetos que un cambio tocó y los que dependen de ellos.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import osmium
from osmium.osm import NODE

from geo.errores import texto_lugar
from geo.osm.archivo import Archivo, errores_traducidos
from geo.osm.errores import CoordenadaFuera
from geo.osm.etiquetas import clasificar, es_area
from geo.osm.objetos import Etiquetas, Nodo, Objeto, Relacion, SinArmar, Via

EPOCA = datetime(1970, 1, 1, tzinfo=UTC)
DE_AREA = ("multipolygon", "boundary")
SIN_LUGAR = 2147483647
FALTAN_A_LA_VISTA = 10
_QUEJA_DE_ORDEN = re.compile(r"out of order|twice in input|^Found a \w+ after a ")
# Un WKB de MultiPolygon con una sola parte: 9 bytes de cabeza y detrás el Polygon entero.
_UNA_PARTE = "010600000001000000"


class Desordenado(Exception):
    """Los ids no vienen en orden o se repiten; hay que leer el archivo con `geo.osm.archivo.ordenado`."""


@contextmanager
def _orden_vigilado() -> Iterator[None]:
    """Convierte en `Desordenado` las quejas de osmium sobre el orden de los ids, que no tienen clase propia."""
    try:
        yield
    except RuntimeError as error:
        if _QUEJA_DE_ORDEN.search(str(error)):
            raise Desordenado from error
        raise


@dataclass(slots=True)
class _Candidata:
    """Relación que podría armarse en área: se conoce en la primera pasada, antes que sus vías."""

    tipo: str
    vias: list[int]


class _Candidatas:
    """Recoge en la primera pasada las relaciones de área y las vías que necesitan."""

    def __init__(self) -> None:
        self.relaciones: dict[int, _Candidata] = {}
        self.vias: set[int] = set()

    def relation(self, relacion: osmium.osm.Relation) -> bool:
        """Anota la relación si es de área; nunca la filtra."""
        tipo = relacion.tags.get("type")
        if tipo in DE_AREA and relacion.id > 0:
            vias = [m.ref for m in relacion.members if m.type == "w"]
            self.relaciones[relacion.id] = _Candidata(str(tipo), vias)
            self.vias.update(vias)
        return False


class Lectura:
    """Recorrido de un archivo, que se hace una sola vez.

    Parameters
    ----------
    archivo : Archivo
    nodos_sueltos : Path, optional
        Donde se escriben los nodos sin etiquetas, en OPL, para pasarlos después por `geo.osm.nodos.filas`: son casi
        todo el archivo y no vale la pena traerlos de uno en uno. Sin ruta, se pierden.

    Attributes
    ----------
    sin_armar : list of SinArmar
        Completa al terminar el recorrido.
    omitidos : Counter
        Cuántos objetos se pasaron por alto, por motivo: ``id_negativo``, ``borrado``, ``sin_lugar``. Los nodos sin
        etiquetas los cuenta `geo.osm.nodos.filas`.
    """

    def __init__(self, archivo: Archivo, nodos_sueltos: Path | None = None) -> None:
        self.sin_armar: list[SinArmar] = []
        self.omitidos: Counter[str] = Counter()
        self._archivo = archivo
        self._nodos_sueltos = nodos_sueltos
        self._wkb = osmium.geom.WKBFactory()
        self._candidatas = _Candidatas()
        self._lugares: osmium.index.LocationTable | None = None
        self._por_cerrar: dict[int, tuple[Via, str]] = {}
        self._vias_vistas: set[int] = set()
        self._vias_cojas: set[int] = set()
        self._armadas: set[int] = set()

    def __iter__(self) -> Iterator[Nodo | Via | Relacion | Objeto]:
        """Da cada nodo con etiquetas, vía y relación y, tras cada nodo o vía, su `Objeto` si tiene geometría.

        Las vías que son áreas y las relaciones llegan cuando se cierran, sin orden fijo.

        Raises
        ------
        ErrorOsm
            Si el contenido está roto.
        Desordenado
            Si hay que repetir con el archivo ordenado.
        """
        con_etiquetas = osmium.filter.EmptyTagFilter()
        con_etiquetas.enable_for(NODE)
        proceso = (
            osmium.FileProcessor(self._archivo.de_osmium()).with_areas(self._candidatas).with_filter(con_etiquetas)
        )
        self._lugares = proceso.node_location_storage
        with errores_traducidos(self._archivo), _orden_vigilado():
            if self._nodos_sueltos is None:
                yield from self._recorrer(proceso)
            else:
                with osmium.SimpleWriter(osmium.io.File(str(self._nodos_sueltos), "opl"), overwrite=True) as sueltos:
                    yield from self._recorrer(proceso.handler_for_filtered(sueltos))
        self._cerrar_relaciones()
        self._comprobar_orden()

    def _recorrer(self, proceso: Iterable[Any]) -> Iterator[Nodo | Via | Relacion | Objeto]:
        for objeto in proceso:
            if objeto.is_area():
                yield from self._area(objeto)
            elif objeto.id <= 0 or not objeto.visible:
                self.omitidos["borrado" if objeto.id > 0 else "id_negativo"] += 1
            elif objeto.is_node():
                yield from self._nodo(objeto)
            elif objeto.is_way():
                yield from self._via(objeto)
            else:
                yield relacion(objeto)
        for via, linea in self._por_cerrar.values():
            self.sin_armar.append(SinArmar("w", via.id, "contorno_roto"))
            yield via
            yield _objeto("w", via, linea, area=False)

    def _nodo(self, visto: Any) -> Iterator[Nodo | Objeto]:
        if not visto.location.valid():
            if visto.location.x != SIN_LUGAR:
                raise _fuera(visto)
            self.omitidos["sin_lugar"] += 1
            return
        leido = nodo(visto)
        yield leido
        yield _objeto("n", leido, self._wkb.create_point(visto), area=False)

    def _via(self, vista: Any) -> Iterator[Via | Objeto]:
        leida = via(vista)
        nodos = leida.nodos
        es_miembro = leida.id in self._candidatas.vias
        if es_miembro:
            self._vias_vistas.add(leida.id)
        try:
            linea = self._wkb.create_linestring(vista)
        except (osmium.InvalidLocationError, RuntimeError):
            self._anotar_coja(vista, leida, es_miembro=es_miembro)
            yield leida
            return
        if len(nodos) > 3 and nodos[0] == nodos[-1] and es_area(leida.etiquetas):
            # Su área llega más tarde, si el contorno vale; si no, se queda con la línea.
            self._por_cerrar[leida.id] = leida, linea
        else:
            yield leida
            yield _objeto("w", leida, linea, area=False)

    def _area(self, area: Any) -> Iterator[Via | Objeto]:
        if area.from_way():
            pendiente = self._por_cerrar.get(area.orig_id())
            if pendiente is None or (poligono := self._poligono(area)) is None:
                return
            del self._por_cerrar[area.orig_id()]
            yield pendiente[0]
            yield _objeto("w", pendiente[0], poligono, area=True)
        elif area.orig_id() in self._candidatas.relaciones and (poligono := self._poligono(area)) is not None:
            self._armadas.add(area.orig_id())
            tipo = self._candidatas.relaciones[area.orig_id()].tipo
            # osmium quita la etiqueta «type» de las áreas que arma.
            cruda = Relacion(area.orig_id(), *_metadatos(area), {**_etiquetas(area), "type": tipo}, False, [], [])
            yield _objeto("r", cruda, poligono, area=True)

    def _poligono(self, area: Any) -> str | None:
        try:
            wkb: str = self._wkb.create_multipolygon(area)
        except RuntimeError:
            return None
        return wkb.removeprefix(_UNA_PARTE)

    def _anotar_coja(self, vista: Any, leida: Via, *, es_miembro: bool) -> None:
        faltan = list(dict.fromkeys(n.ref for n in vista.nodes if not n.location.valid()))
        if es_miembro:
            self._vias_cojas.add(leida.id)
        motivo = "faltan_nodos" if faltan else "pocos_nodos"
        self.sin_armar.append(SinArmar("w", leida.id, motivo, faltan[:FALTAN_A_LA_VISTA], len(faltan)))

    def _cerrar_relaciones(self) -> None:
        for numero, candidata in self._candidatas.relaciones.items():
            if numero in self._armadas:
                continue
            faltan = list(dict.fromkeys(v for v in candidata.vias if v not in self._vias_vistas))
            if not candidata.vias:
                motivo = "sin_vias"
            elif faltan:
                motivo = "faltan_vias"
            elif self._vias_cojas.intersection(candidata.vias):
                motivo = "faltan_nodos"
            else:
                motivo = "anillos_rotos"
            self.sin_armar.append(SinArmar("r", numero, motivo, faltan[:FALTAN_A_LA_VISTA], len(faltan)))

    def _comprobar_orden(self) -> None:
        for caso in self.sin_armar:
            if caso.tipo == "w" and any(n > 0 and self._tiene_lugar(n) for n in caso.faltan):
                raise Desordenado

    def _tiene_lugar(self, numero: int) -> bool:
        if self._lugares is None:
            return False
        try:
            return self._lugares.get(numero).valid()
        except KeyError:
            return False


def nodo(visto: Any) -> Nodo:
    """Copia un nodo de osmium."""
    lugar = visto.location
    con_lugar = lugar.valid()
    if not con_lugar and lugar.x != SIN_LUGAR:
        raise _fuera(visto)
    lon, lat = (lugar.lon, lugar.lat) if con_lugar else (None, None)
    return Nodo(visto.id, *_metadatos(visto), _etiquetas(visto), visto.deleted, lon, lat)


def via(vista: Any) -> Via:
    """Copia una vía de osmium."""
    nodos = vista.nodes
    refs = [nodos[i].ref for i in range(len(nodos))]
    return Via(vista.id, *_metadatos(vista), _etiquetas(vista), vista.deleted, refs)


def relacion(vista: Any) -> Relacion:
    """Copia una relación de osmium."""
    miembros, roles = [], []
    for miembro in vista.members:
        miembros.append(f"{miembro.type}{miembro.ref}")
        roles.append(miembro.role)
    return Relacion(vista.id, *_metadatos(vista), _etiquetas(vista), vista.deleted, miembros, roles)


def _metadatos(visto: Any) -> tuple[int | None, datetime | None, int | None, str | None, int | None]:
    """Versión, hora, uid, usuario y conjunto; osmium da ceros y vacíos a los que faltan."""
    cuando = visto.timestamp
    return (
        visto.version or None,
        None if cuando == EPOCA else cuando,
        visto.uid or None,
        visto.user or None,
        visto.changeset or None,
    )


def _etiquetas(visto: Any) -> Etiquetas:
    # Pedir las que hay, ni una más: el fin del recorrido es una excepción que cuesta más que leerlas.
    return dict(islice(visto.tags, len(visto.tags)))


def _objeto(tipo: str, crudo: Nodo | Via | Relacion, wkb: str, *, area: bool) -> Objeto:
    return Objeto(tipo, crudo, *clasificar(tipo, crudo.etiquetas, area=area), wkb)


def _fuera(visto: Any) -> CoordenadaFuera:
    lugar = visto.location
    return CoordenadaFuera(id=visto.id, lugar=texto_lugar(lugar.x / 1e7, lugar.y / 1e7))
