"""Partir el área en tareas según lo que pidió quien crea el proyecto."""

from typing import Any

from shapely.geometry import MultiPolygon

from geo.formatos.capas import Opciones
from geo.formatos.geojson import leer_objeto
from geo.formatos.revision import revisar
from geo.rejilla import Celdas, Cuadros, Hexagonos, Mercator, dividir, poligonos
from geo.tipos import Division
from tareas.proyectos.errores import FaltaDivision, SinPoligonosPropios
from tareas.proyectos.reglas import TAREAS_MAXIMAS

DISPONIBLES = ("cuadros", "hexagonos", "mercator", "poligonos")


def partir(area: MultiPolygon, division: dict[str, Any]) -> Division:
    """Parte un área.

    Parameters
    ----------
    area : MultiPolygon, EPSG:4326
    division : dict
        ``tipo`` y lo que ese tipo pide (``lado_m``, ``zoom`` o ``geojson``), y ``recortar``.

    Raises
    ------
    FaltaDivision
        Tipo que no tenemos; nombra los que sí.
    geo.rejilla.errores.ErrorRejilla
        Lado o zoom fuera de límites, demasiadas tareas (dice cuál cabe), área que no se puede partir.
    geo.formatos.errores.ErrorLectura
        Polígonos propios que no se entienden.
    """
    recortar = bool(division.get("recortar", True))
    if division["tipo"] == "poligonos":
        capa = revisar(leer_objeto(division["geojson"], "GeoJSON", Opciones()), Opciones())
        if not len(capa):
            raise SinPoligonosPropios
        return poligonos(area, capa.geometrias, recortar=recortar, maximo=TAREAS_MAXIMAS)
    return dividir(area, _celdas(division), recortar=recortar, maximo=TAREAS_MAXIMAS)


def _celdas(division: dict[str, Any]) -> Celdas:
    match division["tipo"]:
        case "cuadros":
            return Cuadros(division["lado_m"])
        case "hexagonos":
            return Hexagonos(division["lado_m"])
        case "mercator":
            return Mercator(division["zoom"])
        case otro:
            raise FaltaDivision(tipo=str(otro)[:40], disponibles=", ".join(DISPONIBLES))


def sin_geometria(division: dict[str, Any]) -> dict[str, Any]:
    """La división como se guarda y se muestra: sin los polígonos, que ya son las tareas."""
    return {campo: valor for campo, valor in division.items() if campo != "geojson"}
