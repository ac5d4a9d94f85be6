"""Objetos de OSM dentro de una tarea, listos para el mapa y la lista de quien revisa."""

from typing import Any

from sqlalchemy.orm import Session

from tareas.datos_osm.consultas import objetos_en
from tareas.mapeo.consultas import geometria

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


def objetos_de_tarea(sesion: Session, proyecto_id: int, numero: int) -> dict[str, Any]:
    """FeatureCollection de los objetos que tocan la tarea.

    Raises
    ------
    TareaDesconocida
    """
    encontrados = objetos_en(sesion, geometria(sesion, proyecto_id, numero), LIMITE)
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
