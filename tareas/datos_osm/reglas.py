"""Reglas de los datos de OpenStreetMap que no tocan ni la base ni la web."""

import re

OSM = "osm"
_AULA = re.compile(r"^(.*/practica/aulas/[0-9]+)/replicacion(?:/|$)")


def fuente_de(url: str) -> str:
    """Mundo del que salen los datos de un flujo: ``osm``, o la dirección del aula de práctica.

    Los ids de un aula y los de OpenStreetMap no significan lo mismo: juntos se pisarían.
    """
    hallada = _AULA.match(url)
    return hallada[1] if hallada else OSM
