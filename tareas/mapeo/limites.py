"""El contorno de una tarea como archivo para otros programas."""

import shapely

from geo.formatos import salida

TIPOS = {"gpx": "application/gpx+xml", "geojson": "application/geo+json", "osm": "application/xml"}


def escribir(formato: str, wkb: bytes, *, proyecto_id: int, numero: int, proyecto: str) -> tuple[str, str]:
    """Tipo MIME y contenido del contorno en ``formato`` (``gpx``, ``geojson`` u ``osm``), EPSG:4326."""
    nombre = f"{proyecto} · {numero}"
    propiedades = {"proyecto": proyecto_id, "numero": numero, "nombre": nombre}
    return TIPOS[formato], getattr(salida, formato)(shapely.from_wkb(wkb), nombre, propiedades)
