"""Archivos y GeoJSON del municipio ficticio."""

from pathlib import Path
from typing import Any, Literal

import osmium
import shapely
from shapely.geometry import mapping

from geo.pueblo.formas import geometria
from geo.pueblo.tipos import Autoria, Clave, Mapa, Pueblo


def escribir_osm(pueblo: Pueblo, ruta: Path, *, que: Literal["osm", "verdad"] = "osm") -> None:
    """Escribe uno de los dos mapas como archivo de OSM, ordenado y con metadatos.

    Parameters
    ----------
    pueblo : Pueblo
    ruta : Path
        Termina en ``.osm.pbf``, ``.osm``, ``.osm.gz`` u ``.osm.bz2``; si existe, se reemplaza.
    que : str
        ``osm``, lo que OSM tiene; ``verdad``, todo lo que hay.
    """
    mapa = pueblo.osm if que == "osm" else pueblo.verdad
    encabezado = osmium.io.Header()
    encabezado.set("generator", "Tequio, municipio ficticio")
    encabezado.add_box(_caja(mapa))
    with osmium.SimpleWriter(str(ruta), header=encabezado, overwrite=True) as salida:
        for n in sorted(mapa.nodos):
            nodo = mapa.nodos[n]
            salida.add_node(osmium.osm.mutable.Node(
                id=n, location=(nodo.lon, nodo.lat), tags=dict(nodo.etiquetas), **_firma(nodo.autoria)
            ))  # fmt: skip
        for v in sorted(mapa.vias):
            via = mapa.vias[v]
            salida.add_way(osmium.osm.mutable.Way(
                id=v, nodes=list(via.nodos), tags=dict(via.etiquetas), **_firma(via.autoria)
            ))  # fmt: skip
        for r in sorted(mapa.relaciones):
            relacion = mapa.relaciones[r]
            salida.add_relation(osmium.osm.mutable.Relation(
                id=r, members=list(relacion.miembros), tags=dict(relacion.etiquetas), **_firma(relacion.autoria)
            ))  # fmt: skip


def _firma(autoria: Autoria) -> dict[str, Any]:
    return {
        "version": autoria.version,
        "visible": True,
        "timestamp": autoria.fecha,
        "changeset": autoria.conjunto,
        "uid": autoria.uid,
        "user": autoria.usuario,
    }


def _caja(mapa: Mapa) -> osmium.osm.Box:
    lons, lats = [n.lon for n in mapa.nodos.values()], [n.lat for n in mapa.nodos.values()]
    return osmium.osm.Box(min(lons), min(lats), max(lons), max(lats))


def limite_geojson(pueblo: Pueblo) -> dict[str, Any]:
    """El límite municipal como FeatureCollection de un solo rasgo, EPSG:4326."""
    propiedades = {"CVEGEO": pueblo.clave, "NOMGEO": pueblo.nombre, "NOM_ENT": pueblo.estado}
    return _coleccion([_rasgo(shapely.orient_polygons(pueblo.limite), propiedades)])


def verdad_geojson(pueblo: Pueblo) -> dict[str, Any]:
    """Todo lo que hay, como FeatureCollection en EPSG:4326.

    Cada rasgo lleva ``clave`` (el objeto de la verdad), ``etiquetas`` y ``en_osm`` (si OSM ya lo tiene, bien o mal).
    """
    presentes = {clave for origen in pueblo.verdad_de.values() for clave in origen}
    rasgos = []
    for clave in _con_etiquetas(pueblo.verdad):
        forma = geometria(pueblo.verdad, clave)
        if forma is not None:
            etiquetas = dict(pueblo.verdad.etiquetas(clave))
            rasgos.append(_rasgo(forma, {"clave": clave, "etiquetas": etiquetas, "en_osm": clave in presentes}))
    return _coleccion(rasgos)


def plantados_json(pueblo: Pueblo) -> list[dict[str, Any]]:
    """Los errores plantados: ``codigo``, ``objetos`` (claves de OSM), ``lugar`` ``[lon, lat]``."""
    return [{"codigo": p.codigo, "objetos": list(p.objetos), "lugar": list(p.lugar)} for p in pueblo.plantados]


def _con_etiquetas(mapa: Mapa) -> list[Clave]:
    return [
        *(f"n{k}" for k, n in mapa.nodos.items() if n.etiquetas),
        *(f"w{k}" for k, v in mapa.vias.items() if v.etiquetas),
        *(f"r{k}" for k in mapa.relaciones),
    ]


def _rasgo(forma: shapely.Geometry, propiedades: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": propiedades, "geometry": mapping(forma)}


def _coleccion(rasgos: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": rasgos}
