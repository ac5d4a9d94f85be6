"""Objetos de OSM dentro de una tarea, listos para el mapa y la lista de quien revisa."""

from typing import Any

from sqlalchemy.orm import Session

from tareas.datos_osm.consultas import ObjetoEnZona, objetos_en
from tareas.mapeo.consultas import SQL, geometria

LIMITE = 500
# La etiqueta que dice qué es un objeto, en el orden en que conviene leerla.
PRINCIPALES = (
    "building",
    "highway",
    "amenity",
    "shop",
    "waterway",
    "natural",
    "landuse",
    "leisure",
    "place",
    "barrier",
    "power",
    "railway",
    "boundary",
)


def resumen(etiquetas: dict[str, str]) -> str:
    """La etiqueta principal y el nombre: «highway=residential · Calle Hidalgo»."""
    clave = next((c for c in PRINCIPALES if c in etiquetas), None) or next(iter(etiquetas), "")
    partes = [f"{clave}={etiquetas[clave]}" if clave else "", etiquetas.get("name", "")]
    return " · ".join(p for p in partes if p)


def _en_su_mapa(sesion: Session, proyecto_id: int, zona: bytes) -> list[ObjetoEnZona]:
    """Los objetos del mapa donde edita el proyecto; ninguno si era un aula que ya no existe."""
    mapa = sesion.execute(SQL["mapa"], {"proyecto": proyecto_id}).one()
    if not mapa.practica:
        return objetos_en(sesion, zona, LIMITE)
    filas = sesion.execute(SQL["objetos_de_aula"], {"zona": zona, "aula": mapa.aula_id, "limite": LIMITE})
    return [ObjetoEnZona(*fila) for fila in filas]


def objetos_de_tarea(sesion: Session, proyecto_id: int, numero: int) -> dict[str, Any]:
    """FeatureCollection de los objetos que tocan la tarea, en el mapa donde edita el proyecto.

    Raises
    ------
    TareaDesconocida
    """
    encontrados = _en_su_mapa(sesion, proyecto_id, geometria(sesion, proyecto_id, numero))
    rasgos = [
        {
            "type": "Feature",
            "geometry": o.geometria,
            "properties": {
                "tipo": o.tipo,
                "clase": o.clase,
                "id": o.id,
                "version": o.version,
                "usuario": o.usuario,
                "cuando": o.cuando.isoformat() if o.cuando else None,
                "conjunto": o.conjunto,
                "etiquetas": o.etiquetas,
                "resumen": resumen(o.etiquetas),
            },
        }
        for o in encontrados
    ]
    return {"type": "FeatureCollection", "total": len(rasgos), "features": rasgos}
