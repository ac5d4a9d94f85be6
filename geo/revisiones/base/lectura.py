"""Lee un archivo de OpenStreetMap a columnas."""

from pathlib import Path

import osmium

from geo.osm.archivo import abrir, errores_traducidos
from geo.osm.lectura import SIN_LUGAR
from geo.revisiones.base.areas import Relacion
from geo.revisiones.base.mundo import Columnas


def leer(ruta: str | Path, *, maximo: int | None = None) -> Columnas:
    """Lee un ``.osm.pbf``, ``.osm`` o uno de éstos comprimido.

    Valen los ids negativos de lo que aún no se sube. Un nodo sin coordenadas o fuera del mundo y un objeto marcado
    como borrado se cuentan en ``omitidos``; no detienen la lectura.

    Raises
    ------
    geo.osm.errores.ErrorOsm
        Si el archivo no se puede leer.
    """
    columnas = Columnas()
    with abrir(ruta, maximo=maximo) as archivo, errores_traducidos(archivo):
        for visto in osmium.FileProcessor(archivo.de_osmium()):
            if not isinstance(visto, osmium.osm.Node | osmium.osm.Way | osmium.osm.Relation):
                continue
            if not visto.visible:
                columnas.omitidos["borrado"] += 1
            elif isinstance(visto, osmium.osm.Node):
                _nodo(columnas, visto)
            elif isinstance(visto, osmium.osm.Way):
                columnas.via_id.append(visto.id)
                columnas.via_version.append(visto.version)
                columnas.via_nodos.append([n.ref for n in visto.nodes])
                columnas.via_etiquetas.append(dict(visto.tags) if len(visto.tags) else {})
            else:
                miembros = tuple((m.type, m.ref, m.role) for m in visto.members)
                columnas.relaciones.append(Relacion(visto.id, visto.version, dict(visto.tags), miembros))
    return columnas


def _nodo(columnas: Columnas, visto: osmium.osm.Node) -> None:
    lugar = visto.location
    if not lugar.valid():
        columnas.omitidos["sin_lugar" if lugar.x == SIN_LUGAR else "fuera_del_mundo"] += 1
        return
    columnas.nodo_id.append(visto.id)
    columnas.nodo_version.append(visto.version)
    columnas.lon.append(lugar.lon)
    columnas.lat.append(lugar.lat)
    if len(visto.tags):
        columnas.etiquetas_de_nodo[visto.id] = dict(visto.tags)
