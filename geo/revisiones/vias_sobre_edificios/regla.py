"""E-VIA: una calle o camino que atraviesa un edificio."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Ajustes, Regla

DENTRO: Final = 0.5
"""Metros de la vía dentro del edificio; con menos apenas toca la pared."""
HOLGURA: Final = 0.3
"""Metros: la vía que no se aleja más que eso del muro va pegada a él, y lo demás es imprecisión del trazo."""
SIN_PAREDES: Final = frozenset(["roof", "carport", "canopy", "bridge", "pier"])
"""Valores de ``building`` por debajo de los que se pasa, o por encima."""
HONDO: Final = 1.0
"""Metros del muro: la vía que no entra más que eso lo roza, y con la imagen corrida no se sabe cuál está mal."""
A_PIE: Final = frozenset(["footway", "path", "steps", "pedestrian"])
"""Valores de ``highway`` que también hay adentro de los edificios."""
LLEGAN: Final = A_PIE | {"service"}
"""Y los que suelen acabar en uno: la entrada de una cochera se dibuja a menudo hasta adentro."""
ESTACIONAMIENTOS: Final = frozenset(["parking", "garage", "garages", "parking_garage"])
PASOS: Final = ("tunnel", "bridge", "covered", "indoor")
"""Llaves con que una vía dice cómo pasa, con cualquier valor menos ``no``."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Parejas de vía y edificio de una misma capa con `DENTRO` o más de la vía por dentro; ir pegada al muro no cuenta.

    Un camino a pie que está entero adentro es un pasillo, y nadie lo puso ahí por descuido: no se dice.

    Un camino a pie o una entrada de coches que empieza o acaba adentro suele ser un pasillo, una escalera o una cochera
    a la que le falta decirlo, y la que no entra más de `HONDO` puede ser sólo la imagen: de ésas sólo se informa.
    """
    edificios, calles = mundo.edificios, mundo.calles
    i, j = calles.arbol.query(edificios.geom, predicate="intersects")[::-1]
    estorba = np.array([_estorba(e) for e in edificios.etiquetas], dtype=np.bool_)
    abierta = np.array(
        [not any(e.get(llave, "no") != "no" for llave in PASOS) for e in calles.etiquetas], dtype=np.bool_
    )
    a_pie = np.array([e["highway"] in A_PIE for e in calles.etiquetas], dtype=np.bool_)
    sirve = abierta[i] & estorba[j]
    i, j = i[sirve], j[sirve]
    misma = np.array(
        [_se_topan(calles.etiquetas[a], edificios.etiquetas[b]) for a, b in zip(i, j, strict=True)], dtype=np.bool_
    )
    misma &= ~(a_pie[i] & shapely.covers(edificios.geom[j], calles.geom[i]))
    i, j = i[misma], j[misma]
    tramos = shapely.intersection(calles.geom[i], edificios.geom[j])
    largos = shapely.length(tramos)
    entra = largos >= DENTRO
    i, j, tramos = i[entra], j[entra], tramos[entra]
    hondo = shapely.intersects(calles.geom[i], shapely.buffer(edificios.geom[j], -HOLGURA))
    i, j, tramos = i[hondo], j[hondo], tramos[hondo]
    # Lo que va por el muro mismo, con sus nodos, está en el polígono pero no lo atraviesa.
    tramos = shapely.difference(tramos, shapely.boundary(edificios.geom[j]))
    largos = shapely.length(tramos)
    orden = np.lexsort((edificios.via[j], calles.via[i]))
    for k in orden[largos[orden] >= DENTRO]:
        partes = shapely.get_parts(tramos[k])
        medio = shapely.line_interpolate_point(partes[int(np.argmax(shapely.length(partes)))], 0.5, normalized=True)
        calle, edificio = calles.geom[i[k]], edificios.geom[j[k]]
        if not _hondo(tramos[k], edificio):
            frase = "roza"
        elif calles.etiquetas[i[k]]["highway"] in LLEGAN and _acaba_adentro(calle, edificio):
            frase = "adentro"
        else:
            frase = "atraviesa"
        yield Hallazgo(
            codigo="E-VIA",
            nivel=1 if frase == "atraviesa" else 3,
            objetos=(calles.clave[i[k]], edificios.clave[j[k]]),
            lugar=(medio.x, medio.y),
            frase=frase,
            datos={"metros": round(float(largos[k]), 1)},
            donde=tramos[k],
        )


def _hondo(tramo: BaseGeometry, edificio: BaseGeometry) -> bool:
    """Si se aleja del muro más de `HONDO`; de un edificio angosto, si llega a lo más hondo que se puede."""
    fondo = shapely.buffer(edificio, -HONDO)
    if shapely.is_empty(fondo):
        fondo = shapely.buffer(edificio, -HOLGURA)
    return bool(shapely.intersects(tramo, fondo))


def _acaba_adentro(calle: BaseGeometry, edificio: BaseGeometry) -> bool:
    puntas = shapely.points(shapely.get_coordinates(calle)[[0, -1]])
    return bool(shapely.contains_properly(edificio, puntas).any())


def _estorba(edificio: Mapping[str, str]) -> bool:
    """Si tiene paredes desde el suelo."""
    if edificio["building"] in SIN_PAREDES or edificio.get("location", "surface") not in ("surface", "outdoor"):
        return False
    if edificio.get("historic") == "city_gate" or edificio.get("wall") == "no":
        return False
    bajo = edificio.get("building:min_level") or edificio.get("min_level") or edificio.get("min_height") or "0"
    return bajo in ("0", "0 m", "0.0")


def _se_topan(via: Mapping[str, str], edificio: Mapping[str, str]) -> bool:
    if via.get("layer", "0") != edificio.get("layer", "0") or "level" in via:
        return False
    estacionamiento = edificio["building"] in ESTACIONAMIENTOS or edificio.get("amenity") == "parking"
    return not (estacionamiento and via["highway"] == "service")


REGLA: Final = Regla(
    codigo="E-VIA",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"dentro": DENTRO, "holgura": HOLGURA, "hondo": HONDO},
    alcance_m=0.0,
)
