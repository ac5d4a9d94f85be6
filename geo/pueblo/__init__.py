"""El municipio ficticio de demostración: una verdad completa y un OSM con huecos y errores conocidos.

>>> from geo.pueblo import generar
>>> generar().nombre
'San Tequio de las Nubes (ficticio)'
"""

from geo.pueblo.escritura import escribir_osm, limite_geojson, plantados_json, verdad_geojson
from geo.pueblo.generador import generar
from geo.pueblo.simulador import Simulador, Trazo, cambio_por_tarea
from geo.pueblo.tipos import Autoria, Localidad, Mapa, Nodo, Plantado, Pueblo, Relacion, Via

__all__ = [
    "Autoria",
    "Localidad",
    "Mapa",
    "Nodo",
    "Plantado",
    "Pueblo",
    "Relacion",
    "Simulador",
    "Trazo",
    "Via",
    "cambio_por_tarea",
    "escribir_osm",
    "generar",
    "limite_geojson",
    "plantados_json",
    "verdad_geojson",
]
