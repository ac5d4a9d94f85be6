"""Arma las superficies de las relaciones ``multipolygon`` con las líneas de sus vías."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.revisiones.base.reparo import reparadas
from geo.tipos import Geometrias

DE_AREA: Final = ("multipolygon",)
"""Los límites administrativos no se revisan: suelen venir a medias, y ninguna regla los mira."""
VIAS_MAXIMAS: Final = 5_000
"""De una relación: más es un litoral o una frontera, que aquí no se revisa."""


@dataclass(frozen=True, slots=True)
class Relacion:
    """Una relación: ``miembros`` son ``(tipo, id, papel)``, con tipo ``n``, ``w`` o ``r``; versión 0 si no se sabe."""

    id: int
    version: int
    etiquetas: Mapping[str, str]
    miembros: tuple[tuple[str, int, str], ...]


@dataclass(slots=True)
class Armado:
    """Las superficies que se pudieron armar, y por qué no las demás.

    Attributes
    ----------
    areas : list of (geometría, Relacion)
        Polygon o MultiPolygon, quizá inválido.
    motivos : dict of int to str
        ``sin_vias``, ``faltan_vias``, ``anillos_rotos`` o ``demasiadas_vias``.
    contornos : list of (relación, polígonos)
        El polígono de cada contorno de las que se armaron, de fuera y de dentro, como se dibujó.
    de_fuera : list of int
        De cada una de ésas, cuántos son de fuera; van primero.
    """

    areas: list[tuple[BaseGeometry, Relacion]] = field(default_factory=list)
    motivos: dict[int, str] = field(default_factory=dict)
    contornos: list[tuple[Relacion, Geometrias]] = field(default_factory=list)
    de_fuera: list[int] = field(default_factory=list)


def armar(relaciones: list[Relacion], via: Mapping[int, int], lineas: Geometrias) -> Armado:
    """Arma las relaciones de área que dicen qué son.

    Parameters
    ----------
    via : dict of int to int
        Posición de cada vía por su id.
    lineas : (m,) arreglo de LineString o None
        La de cada vía, por posición.
    """
    armado = Armado()
    for relacion in relaciones:
        if relacion.etiquetas.get("type") not in DE_AREA or len(relacion.etiquetas) < 2:
            continue
        miembros = [(numero, papel) for tipo, numero, papel in relacion.miembros if tipo == "w"]
        if not miembros or len(miembros) > VIAS_MAXIMAS:
            armado.motivos[relacion.id] = "demasiadas_vias" if miembros else "sin_vias"
            continue
        posiciones = [via.get(numero, -1) for numero, _ in miembros]
        trazos = [lineas[k] if k >= 0 else None for k in posiciones]
        if any(trazo is None for trazo in trazos):
            armado.motivos[relacion.id] = "faltan_vias"
            continue
        fuera = _anillos([t for t, (_, papel) in zip(trazos, miembros, strict=True) if papel != "inner"])
        dentro = _anillos([t for t, (_, papel) in zip(trazos, miembros, strict=True) if papel == "inner"])
        if fuera is None or dentro is None or not len(fuera):
            armado.motivos[relacion.id] = "anillos_rotos"
            continue
        armado.contornos.append((relacion, np.concatenate([fuera, dentro])))
        armado.de_fuera.append(len(fuera))
        armado.areas.append((_con_huecos(fuera, dentro), relacion))
    return armado


def poligonos(cerradas: Geometrias) -> Geometrias:
    """(n,) Polygon de (n,) LineString que cierran con cuatro puntos o más; pueden salir inválidos."""
    if not len(cerradas):
        return np.array([], dtype=object)
    puntos, de_cual = shapely.get_coordinates(cerradas, return_index=True)
    return np.asarray(shapely.polygons(shapely.linearrings(puntos, indices=de_cual)), dtype=object)


def _anillos(trazos: list[BaseGeometry]) -> Geometrias | None:
    """Los polígonos que cierran esas líneas; ``None`` si alguna queda abierta."""
    if not trazos:
        return np.array([], dtype=object)
    partes = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(trazos)))
    if shapely.is_closed(partes).all() and (shapely.get_num_coordinates(partes) >= 4).all():
        return poligonos(partes)
    hechos, cortes, sueltas, invalidas = shapely.polygonize_full(trazos)
    if any(len(shapely.get_parts(g)) for g in (cortes, sueltas, invalidas)):
        return None
    return np.asarray(shapely.get_parts(hechos), dtype=object)


def _con_huecos(fuera: Geometrias, dentro: Geometrias) -> BaseGeometry:
    if not len(dentro):
        return fuera[0] if len(fuera) == 1 else shapely.multipolygons(list(fuera))
    if len(fuera) == 1 and shapely.contains_properly(fuera[0], dentro).all():
        return shapely.Polygon(fuera[0].exterior, [hueco.exterior for hueco in dentro])
    return shapely.difference(*(shapely.union_all(reparadas(grupo)[0]) for grupo in (fuera, dentro)))
