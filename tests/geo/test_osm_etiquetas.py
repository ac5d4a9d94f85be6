"""Qué es área, qué es línea y qué clase de objeto es cada uno."""

import pytest

from geo.osm.etiquetas import clasificar, es_area


@pytest.mark.parametrize(
    "etiquetas",
    [
        {"building": "yes"},
        {"landuse": "residential"},
        {"natural": "water"},
        {"area": "yes"},
        {"highway": "pedestrian", "area": "yes"},
        {"highway": "platform"},
        {"amenity": "parking"},
        {"barrier": "fence", "landuse": "cemetery"},
        {"waterway": "riverbank"},
        {"boundary": "administrative"},
    ],
)
def test_estas_vias_cerradas_son_areas(etiquetas: dict[str, str]) -> None:
    assert es_area(etiquetas)


@pytest.mark.parametrize(
    "etiquetas",
    [
        {},
        {"name": "Sin más"},
        {"highway": "residential"},
        {"highway": "primary", "junction": "roundabout", "landuse": "grass"},
        {"barrier": "wall"},
        {"natural": "coastline"},
        {"building": "no"},
        {"building": "yes", "area": "no"},
        {"leisure": "track"},
        {"railway": "rail"},
    ],
)
def test_estas_vias_cerradas_son_lineas(etiquetas: dict[str, str]) -> None:
    assert not es_area(etiquetas)


@pytest.mark.parametrize(
    ("tipo", "etiquetas", "area", "clase"),
    [
        ("w", {"building": "house"}, True, "edificio"),
        ("r", {"building": "yes", "type": "multipolygon"}, True, "edificio"),
        ("w", {"building": "yes"}, False, "edificio"),
        ("n", {"building": "yes"}, False, "otro"),
        ("w", {"highway": "residential"}, False, "via"),
        ("w", {"highway": "path"}, False, "via"),
        ("w", {"highway": "construction", "construction": "primary"}, False, "otro"),
        ("w", {"highway": "proposed"}, False, "otro"),
        ("w", {"highway": "pedestrian", "area": "yes"}, True, "suelo"),
        ("w", {"railway": "rail"}, False, "tren"),
        ("w", {"railway": "abandoned"}, False, "otro"),
        ("w", {"waterway": "stream"}, False, "agua"),
        ("w", {"natural": "water"}, True, "agua"),
        ("w", {"landuse": "forest"}, True, "suelo"),
        ("w", {"amenity": "school"}, True, "servicio"),
        ("n", {"amenity": "school"}, False, "servicio"),
        ("n", {"place": "village", "name": "San Juan"}, False, "lugar"),
        ("r", {"type": "boundary", "boundary": "administrative"}, True, "limite"),
        ("w", {}, False, "otro"),
    ],
)
def test_la_clase_de_cada_objeto(tipo: str, etiquetas: dict[str, str], area: bool, clase: str) -> None:
    assert clasificar(tipo, etiquetas, area=area)[0] == clase


def test_lo_importante_se_dibuja_antes_que_lo_menudo() -> None:
    def zoom(calle: str) -> int:
        return clasificar("w", {"highway": calle}, area=False)[1] or 99

    assert zoom("motorway") < zoom("primary") < zoom("tertiary") < zoom("residential") < zoom("footway")
