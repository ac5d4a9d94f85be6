"""El área de estudio: entenderla, comprobar que sea del municipio, y decir con palabras qué se entendió."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy.orm import Session

from geo.crs import area_m2, distancia_m
from geo.formatos.area import AreaLeida, area_de_archivo, area_de_geojson
from geo.tipos import Aviso, Geometrias
from tareas.comun.textos import N_, llenar
from tareas.municipios.consultas import Municipio, limite_wkb
from tareas.proyectos.consultas import area_wkb
from tareas.proyectos.errores import AreaLejos

FUERA_QUE_SE_DICE: Final = 0.005
"""Parte del área fuera del municipio a partir de la cual se avisa."""

FUERA_EN_PARTE: Final = "area_fuera_en_parte"
FUERA = N_("El %(porciento)s\u00a0%% del área queda fuera de %(municipio)s.")


@dataclass(frozen=True, slots=True)
class AreaDeEstudio:
    """Área lista para dividir: MultiPolygon válido en EPSG:4326, con lo que se cambió al leerla."""

    geometria: MultiPolygon
    area_m2: float
    avisos: tuple[Aviso, ...] = ()


def de_municipio(sesion: Session, municipio: Municipio) -> AreaDeEstudio:
    """El límite entero del municipio."""
    return AreaDeEstudio(limite(sesion, municipio), municipio.area_m2)


def de_geojson(
    sesion: Session, municipio: Municipio, geojson: dict[str, Any], *, reparar: bool = False
) -> AreaDeEstudio:
    """Área dibujada o enviada como GeoJSON.

    Raises
    ------
    geo.formatos.errores.ErrorLectura
        Con ``datos['reparable']`` si ``reparar`` lo arreglaría.
    AreaLejos
        Si no toca el municipio.
    """
    return _del_municipio(sesion, municipio, area_de_geojson(geojson, reparar=reparar, cerca_de=_caja(municipio)))


def de_proyecto(sesion: Session, proyecto_id: int, metros_cuadrados: float) -> AreaDeEstudio:
    """El área que un proyecto ya tiene, vértice por vértice."""
    forma = shapely.from_wkb(area_wkb(sesion, proyecto_id))
    assert isinstance(forma, MultiPolygon)
    return AreaDeEstudio(forma, metros_cuadrados)


def de_archivo(
    sesion: Session,
    municipio: Municipio | None,
    ruta: Path,
    nombre: str,
    *,
    reparar: bool,
    capa: str | None,
    crs: str | None,
) -> AreaDeEstudio:
    """Área de un archivo que alguien subió; con municipio, comprueba además que lo toque.

    Raises
    ------
    geo.formatos.errores.ErrorLectura, AreaLejos
    """
    cerca = _caja(municipio) if municipio else None
    leida = area_de_archivo(ruta, nombre, reparar=reparar, capa=capa, crs=crs, cerca_de=cerca)
    if municipio is None:
        return AreaDeEstudio(leida.geometria, leida.area_m2, leida.avisos)
    return _del_municipio(sesion, municipio, leida)


def como_arreglo(area: AreaDeEstudio) -> Geometrias:
    """El área como arreglo de una geometría."""
    return np.array([area.geometria], dtype=object)


def geojson(area: AreaDeEstudio) -> dict[str, Any]:
    """El área como geometría GeoJSON, con siete decimales."""
    redonda = shapely.transform(area.geometria, lambda xy: np.round(xy, 7))
    return dict(shapely.geometry.mapping(redonda if redonda.is_valid else area.geometria))


def frases(avisos: Iterable[Aviso]) -> list[dict[str, str]]:
    """Avisos como la API los dice: código y frase en el idioma de la petición."""
    return [{"codigo": a.codigo, "mensaje": llenar(a.plantilla, a.datos)} for a in avisos]


def _del_municipio(sesion: Session, municipio: Municipio, leida: AreaLeida) -> AreaDeEstudio:
    borde = limite(sesion, municipio)
    area = leida.geometria
    if not area.intersects(borde):
        raise _lejos(area, borde, municipio)
    dentro, total = area_m2(np.array([area.intersection(borde), area], dtype=object))
    fuera = 1 - dentro / total
    if fuera <= FUERA_QUE_SE_DICE:
        return AreaDeEstudio(area, leida.area_m2, leida.avisos)
    datos = {"porciento": f"{fuera * 100:.1f}", "municipio": municipio.nombre}
    return AreaDeEstudio(area, leida.area_m2, (*leida.avisos, Aviso(FUERA_EN_PARTE, FUERA, datos)))


def _lejos(area: MultiPolygon, borde: MultiPolygon, municipio: Municipio) -> AreaLejos:
    uno, otro = shapely.get_coordinates(shapely.shortest_line(area, borde)).tolist()
    km = distancia_m(*uno, *otro) / 1000
    return AreaLejos(km=f"{km:,.0f}" if km >= 1 else f"{km:.2f}", municipio=municipio.nombre)


def limite(sesion: Session, municipio: Municipio) -> MultiPolygon:
    """Límite del municipio, EPSG:4326."""
    forma = shapely.from_wkb(limite_wkb(sesion, municipio.id))
    assert isinstance(forma, MultiPolygon)
    return forma


def _caja(municipio: Municipio) -> tuple[float, float, float, float]:
    oeste, sur, este, norte = municipio.caja
    return oeste, sur, este, norte
