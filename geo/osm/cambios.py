"""Lee archivos de cambios (osmChange)."""

from collections.abc import Iterator

import osmium

from geo.osm.archivo import Archivo, errores_traducidos
from geo.osm.errores import NodoSinLugar
from geo.osm.lectura import nodo, relacion, via
from geo.osm.objetos import Nodo, Relacion, Via
from geo.osm.recorte import Elegidos


def leer(archivo: Archivo, elegidos: Elegidos | None = None) -> Iterator[Nodo | Via | Relacion]:
    """Cada versión que trae el cambio, en el orden del archivo; las borradas llevan ``borrado``.

    Con ``elegidos`` sólo salen ésos.

    Un objeto puede venir varias veces: vale su versión más alta. Los de id negativo, que aún no están en
    OpenStreetMap, se pasan por alto.

    Raises
    ------
    ErrorOsm
    """
    with errores_traducidos(archivo):
        proceso = osmium.FileProcessor(archivo.de_osmium())
        for filtro in () if elegidos is None else elegidos.filtros():
            proceso = proceso.with_filter(filtro)
        for visto in proceso:
            if isinstance(visto, osmium.osm.Node):
                leido: Nodo | Via | Relacion = nodo(visto)
            elif isinstance(visto, osmium.osm.Way):
                leido = via(visto)
            elif isinstance(visto, osmium.osm.Relation):
                leido = relacion(visto)
            else:
                continue
            if isinstance(leido, Nodo) and leido.lon is None and not leido.borrado:
                raise NodoSinLugar(id=leido.id, archivo=archivo.nombre)
            if leido.id > 0:
                yield leido
