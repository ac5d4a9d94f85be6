"""Qué dicen las etiquetas: si una vía cerrada es un área, de qué clase es un objeto y desde qué zoom se dibuja."""

from collections.abc import Mapping

EDIFICIO, VIA, TREN, AGUA, SUELO, SERVICIO, LUGAR, LIMITE, OTRO = CLASES = (
    "edificio",
    "via",
    "tren",
    "agua",
    "suelo",
    "servicio",
    "lugar",
    "limite",
    "otro",
)

NADA: frozenset[str] = frozenset()


def _palabras(texto: str) -> frozenset[str]:
    return frozenset(texto.split())


# Llaves que hacen área a una vía cerrada, salvo con estos valores, que se dibujan como línea.
AREA_SALVO: dict[str, frozenset[str]] = {
    "building": frozenset({"no"}),
    "building:part": frozenset({"no"}),
    "landuse": NADA,
    "landcover": NADA,
    "natural": frozenset({"coastline", "cliff", "ridge", "arete", "tree_row", "earth_bank", "gully", "valley"}),
    "leisure": frozenset({"track", "slipway"}),
    "amenity": NADA,
    "shop": NADA,
    "office": NADA,
    "craft": NADA,
    "healthcare": NADA,
    "education": NADA,
    "club": NADA,
    "tourism": NADA,
    "historic": frozenset({"citywalls"}),
    "military": frozenset({"trench"}),
    "place": NADA,
    "boundary": NADA,
    "man_made": frozenset({"pipeline", "embankment", "cutline", "breakwater", "groyne", "dyke", "goods_conveyor"}),
    "aeroway": frozenset({"taxiway", "jet_bridge", "parking_position"}),
    "golf": frozenset({"hole", "path", "cartpath"}),
    "indoor": frozenset({"wall"}),
    "emergency": NADA,
    "water": NADA,
    "wetland": NADA,
    "area:highway": NADA,
}
# Llaves que sólo hacen área con estos valores.
AREA_SOLO: dict[str, frozenset[str]] = {
    "highway": frozenset({"rest_area", "services", "platform"}),
    "railway": frozenset({"station", "platform", "roundhouse", "turntable", "traverser"}),
    "public_transport": frozenset({"station", "platform"}),
    "waterway": frozenset({"riverbank", "dock", "boatyard", "dam", "fuel"}),
    "power": frozenset({"plant", "substation", "station", "sub_station", "generator", "transformer"}),
}
# Valores de highway que no son una calle ni un camino por donde hoy se pase.
NO_ES_CALLE = _palabras(
    "proposed planned construction abandoned disused razed dismantled no platform rest_area services elevator corridor "
    "bus_stop street_lamp traffic_mirror emergency_bay"
)
ZOOM_CALLE = {
    "motorway": 5, "motorway_link": 9, "trunk": 5, "trunk_link": 9, "primary": 7, "primary_link": 10, "secondary": 9,
    "secondary_link": 11, "tertiary": 10, "tertiary_link": 12, "track": 13, "service": 14, "footway": 14, "path": 14,
    "cycleway": 14, "steps": 15, "bridleway": 14,
}  # fmt: skip
ZOOM_LUGAR = {
    "country": 3, "state": 5, "province": 6, "city": 6, "town": 8, "village": 10, "borough": 11, "suburb": 12,
    "hamlet": 12, "quarter": 13, "neighbourhood": 14, "isolated_dwelling": 14, "farm": 14, "locality": 14, "island": 10,
    "islet": 13,
}  # fmt: skip
ZOOM_RIO = {"river": 9, "riverbank": 9, "canal": 11, "stream": 13}
TRENES = frozenset({"rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail", "funicular", "preserved"})
SERVICIOS = (
    "amenity", "shop", "healthcare", "tourism", "office", "craft", "historic", "emergency", "public_transport",
    "education",
)  # fmt: skip
PRINCIPALES = _palabras(
    "hospital clinic school university college townhall police fire_station marketplace bus_station library "
    "kindergarten"
)
AGUA_NATURAL = frozenset({"water", "bay", "strait", "coastline"})
AGUA_DE_USO = frozenset({"reservoir", "basin"})
SUELOS = ("landuse", "natural", "leisure", "landcover", "golf", "aeroway", "military")


def es_area(etiquetas: Mapping[str, str]) -> bool:
    """Di si una vía cerrada con estas etiquetas es una superficie.

    ``area=yes`` y ``area=no`` mandan. Una calle cerrada (glorieta, circuito) es línea aunque lleve otras etiquetas.
    """
    area = etiquetas.get("area")
    if area == "yes" or "area:highway" in etiquetas:
        return True
    if area == "no":
        return False
    calle = etiquetas.get("highway")
    if calle is not None and calle != "no" and calle not in AREA_SOLO["highway"]:
        return False
    for llave, valor in etiquetas.items():
        salvo = AREA_SALVO.get(llave)
        if salvo is not None and valor not in salvo:
            return True
        solo = AREA_SOLO.get(llave)
        if solo is not None and valor in solo:
            return True
    return False


def es_edificio(etiquetas: Mapping[str, str]) -> bool:
    """Di si es un edificio: ``building`` con cualquier valor menos ``no``."""
    return etiquetas.get("building", "no") != "no"


def es_calle(etiquetas: Mapping[str, str]) -> bool:
    """Di si una línea cuenta como calle o camino existente (`NO_ES_CALLE` dice qué valores no cuentan)."""
    calle = etiquetas.get("highway")
    return calle is not None and calle not in NO_ES_CALLE


def clasificar(tipo: str, etiquetas: Mapping[str, str], *, area: bool) -> tuple[str, int | None]:
    """Clase del objeto y zoom desde el que se dibuja en el mapa base.

    Parameters
    ----------
    tipo : str
        ``n``, ``w`` o ``r``.
    area : bool
        Si la geometría es una superficie.

    Returns
    -------
    clase : str
        Una de `CLASES`. ``edificio`` sólo vías y relaciones; ``via`` sólo líneas.
    zoom : int or None
        ``None`` si no se dibuja.
    """
    if not etiquetas:
        return OTRO, None
    if tipo == "n":
        return _punto(etiquetas)
    return _superficie(etiquetas) if area else _linea(etiquetas)


def _punto(etiquetas: Mapping[str, str]) -> tuple[str, int | None]:
    lugar = etiquetas.get("place")
    if lugar is not None:
        return LUGAR, ZOOM_LUGAR.get(lugar) if "name" in etiquetas else None
    if etiquetas.get("highway") == "bus_stop" or etiquetas.get("railway") in ("station", "halt", "tram_stop"):
        return SERVICIO, 16
    if "leisure" in etiquetas:
        return SERVICIO, 16
    return _servicio(etiquetas) or (OTRO, None)


def _servicio(etiquetas: Mapping[str, str]) -> tuple[str, int | None] | None:
    for llave in SERVICIOS:
        valor = etiquetas.get(llave)
        if valor is not None and valor != "no":
            return SERVICIO, 14 if valor in PRINCIPALES else 16
    return None


def _linea(etiquetas: Mapping[str, str]) -> tuple[str, int | None]:
    if es_edificio(etiquetas):
        return EDIFICIO, 14
    if "highway" in etiquetas:
        return (VIA, ZOOM_CALLE.get(etiquetas["highway"], 12)) if es_calle(etiquetas) else (OTRO, None)
    if etiquetas.get("railway") in TRENES:
        return TREN, 10
    if "waterway" in etiquetas:
        return AGUA, ZOOM_RIO.get(etiquetas["waterway"], 15)
    if etiquetas.get("natural") == "coastline":
        return AGUA, 0
    return (LIMITE, None) if "boundary" in etiquetas else (OTRO, None)


def _superficie(etiquetas: Mapping[str, str]) -> tuple[str, int | None]:
    if es_edificio(etiquetas):
        return EDIFICIO, 14
    if etiquetas.get("boundary") == "administrative":
        return LIMITE, None
    es_agua = etiquetas.get("natural") in AGUA_NATURAL or "waterway" in etiquetas or "water" in etiquetas
    if es_agua or etiquetas.get("landuse") in AGUA_DE_USO:
        return AGUA, 4
    if servicio := _servicio(etiquetas):
        return SERVICIO, 14 if servicio[1] == 16 else servicio[1]
    if any(llave in etiquetas for llave in SUELOS):
        return SUELO, 6
    if "boundary" in etiquetas or etiquetas.get("type") == "boundary":
        return LIMITE, None
    if "place" in etiquetas:
        return LUGAR, ZOOM_LUGAR.get(etiquetas["place"]) if "name" in etiquetas else None
    return (SUELO, 13) if "highway" in etiquetas else (OTRO, None)
