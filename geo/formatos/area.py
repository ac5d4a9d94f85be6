"""Áreas de trabajo: de GeoJSON o de un archivo a un solo MultiPolygon listo para dividir."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon

from geo.crs import area_m2
from geo.formatos import geojson
from geo.formatos.archivo import GEOJSON_AQUI, leer_archivo
from geo.formatos.capas import LIMITES_SUBIDA, MEGA, Capa, Limites, Opciones
from geo.formatos.contornos import contornos
from geo.formatos.errores import ArchivoMuyGrande, DemasiadosVertices
from geo.formatos.errores_area import AreaMuyGrande, CapaInexistente, VariasCapas
from geo.formatos.json_estricto import decodificar
from geo.formatos.proceso import leer_aparte, unir_aparte
from geo.formatos.revision import revisar
from geo.formatos.union import AREA_MINIMA_M2, ordenar, unir
from geo.tipos import Aviso, Caja, Geometrias

VERTICES_MAXIMOS = 200_000
VERTICES_VALIDAR_AQUI = 20_000
"""Vértices hasta los que se comprueba la validez en este proceso: 0.3 s en el peor caso conocido."""
VERTICES_UNIR_AQUI = 800
"""Vértices hasta los que se arregla y une en este proceso: 1.5 s si todos los lados se cruzan."""


@dataclass(frozen=True, slots=True)
class AreaLeida:
    """Un área lista para usar.

    Attributes
    ----------
    geometria : MultiPolygon, EPSG:4326, dos dimensiones
        Válida, en forma normal y con los exteriores en sentido contrario al reloj.
    area_m2 : float
        Sobre el elipsoide.
    avisos : tuple of Aviso
        Todo lo que se cambió o se supuso al leerla.
    """

    geometria: MultiPolygon
    area_m2: float
    avisos: tuple[Aviso, ...]


def area_de_geojson(
    objeto: dict[str, Any] | str | bytes,
    *,
    reparar: bool = False,
    crs: str | None = None,
    cerca_de: Caja | None = None,
    area_maxima_m2: float | None = None,
    vertices_maximos: int = VERTICES_MAXIMOS,
    limites: Limites = LIMITES_SUBIDA,
) -> AreaLeida:
    """Lee un área de GeoJSON.

    Se aceptan Polygon, MultiPolygon, Feature, FeatureCollection, GeometryCollection y líneas cerradas; varios polígonos
    se unen.

    Parameters
    ----------
    objeto : dict, str or bytes
        Con texto se dicen además las claves repetidas y la línea y columna de lo mal escrito.
    reparar : bool
        Hacer los arreglos seguros; sin él, lo que los necesita es un error con ``datos["reparable"]``.
    crs : str, optional
        Sistema que se supone si el GeoJSON no dice el suyo.
    cerca_de : Caja, optional
        Dónde se espera el área, en EPSG:4326.
    area_maxima_m2 : float, optional
    vertices_maximos : int
    limites : Limites

    Raises
    ------
    geo.formatos.errores.ErrorLectura
    """
    opciones = Opciones(replace(limites, vertices=vertices_maximos), reparar, crs, cerca_de)
    capas = [_capa_de_objeto(objeto, opciones)] if isinstance(objeto, dict) else _capas_de_texto(objeto, opciones)
    return _area(capas, (), opciones, area_maxima_m2)


def area_de_archivo(
    ruta: Path,
    nombre: str | None = None,
    *,
    reparar: bool = False,
    capa: str | None = None,
    crs: str | None = None,
    cerca_de: Caja | None = None,
    area_maxima_m2: float | None = None,
    vertices_maximos: int = VERTICES_MAXIMOS,
    limites: Limites = LIMITES_SUBIDA,
) -> AreaLeida:
    """Lee un área de un archivo de los que acepta :func:`geo.formatos.archivo.leer_archivo`.

    Parameters
    ----------
    ruta, nombre, crs, cerca_de, limites
        Como en :func:`geo.formatos.archivo.leer_archivo`.
    capa : str, optional
        Cuál usar si hay varias con polígonos.
    reparar, area_maxima_m2, vertices_maximos
        Como en :func:`area_de_geojson`.

    Raises
    ------
    geo.formatos.errores.ErrorLectura
        ``VariasCapas`` si hay que elegir: sus nombres van en ``datos["capas"]``.
    """
    lectura = leer_archivo(ruta, nombre, limites, reparar=reparar, crs=crs, cerca_de=cerca_de)
    opciones = Opciones(replace(limites, vertices=vertices_maximos), reparar, crs, cerca_de)
    return _area([_elegir(lectura.capas, capa)], lectura.avisos, opciones, area_maxima_m2)


def _capa_de_objeto(objeto: dict[str, Any], opciones: Opciones) -> Capa:
    return revisar(geojson.leer_objeto(objeto, "GeoJSON", opciones), opciones)


def _capas_de_texto(texto: str | bytes, opciones: Opciones) -> Sequence[Capa]:
    datos = texto.encode("utf-8", "surrogatepass") if isinstance(texto, str) else texto
    if len(datos) > opciones.limites.tamano:
        raise ArchivoMuyGrande(megas=-(-len(datos) // MEGA), maximo=opciones.limites.tamano // MEGA)
    if len(datos) > GEOJSON_AQUI:
        with tempfile.NamedTemporaryFile(prefix="tequio-area-", suffix=".geojson") as archivo:
            archivo.write(datos)
            archivo.flush()
            return leer_aparte(Path(archivo.name), "GeoJSON.geojson", opciones).capas
    decodificado, avisos = decodificar(datos, reparar=opciones.reparar)
    cruda = geojson.leer_texto(decodificado, "GeoJSON", opciones)
    cruda.avisos[:0] = avisos
    return [revisar(cruda, opciones)]


def _elegir(capas: Sequence[Capa], nombre: str | None) -> Capa:
    nombres = [capa.nombre for capa in capas]
    if nombre is not None:
        for capa in capas:
            if capa.nombre == nombre:
                return capa
        raise CapaInexistente(capa=nombre, capas=nombres, lista=_lista(nombres))
    con_poligonos = [capa for capa in capas if _dimension(capa) == 2] or [c for c in capas if _dimension(c) == 1]
    if len(con_poligonos) > 1:
        nombres = [capa.nombre for capa in con_poligonos]
        raise VariasCapas(n=len(nombres), capas=nombres, lista=_lista(nombres))
    return con_poligonos[0] if con_poligonos else capas[0]


def _area(
    capas: Sequence[Capa], avisos: tuple[Aviso, ...], opciones: Opciones, area_maxima_m2: float | None
) -> AreaLeida:
    todas = np.concatenate([capa.geometrias for capa in capas])
    poligonos, de_partes = contornos(todas, reparar=opciones.reparar)
    if int(shapely.get_num_coordinates(poligonos).sum()) > opciones.limites.vertices:
        raise DemasiadosVertices(maximo=opciones.limites.vertices)
    unido, de_union = _unir(poligonos, opciones)
    medida = float(area_m2(np.array([unido], dtype=object))[0])
    if area_maxima_m2 is not None and medida > area_maxima_m2:
        raise AreaMuyGrande(km2=round(medida / 1e6, 2), maximo=round(area_maxima_m2 / 1e6, 2))
    propios = [aviso for capa in capas for aviso in capa.avisos]
    return AreaLeida(unido, medida, (*avisos, *propios, *de_partes, *de_union))


def _unir(poligonos: Geometrias, opciones: Opciones) -> tuple[MultiPolygon, list[Aviso]]:
    """Une aquí mismo si es barato a ciencia cierta; si no, en el proceso aparte."""
    vertices = int(shapely.get_num_coordinates(poligonos).sum())
    if vertices <= VERTICES_VALIDAR_AQUI and _es_valido(poligonos):
        return ordenar(shapely.multipolygons(poligonos)), []
    if vertices <= VERTICES_UNIR_AQUI:
        return unir(poligonos, reparar=opciones.reparar)
    unido, avisos = unir_aparte(poligonos, opciones)
    return MultiPolygon(unido), avisos


def _es_valido(poligonos: Geometrias) -> bool:
    """Si todos juntos ya son un MultiPolygon válido y ninguno es casi nada."""
    return bool(shapely.is_valid(shapely.multipolygons(poligonos)) and (area_m2(poligonos) >= AREA_MINIMA_M2).all())


def _dimension(capa: Capa) -> int:
    """La mayor dimensión de sus geometrías: 2 si tiene polígonos, 1 si líneas; -1 si está vacía."""
    return int(shapely.get_dimensions(capa.geometrias).max(initial=-1))


def _lista(nombres: list[str]) -> str:
    return ", ".join(f"«{nombre}»" for nombre in nombres[:20]) + (", …" if len(nombres) > 20 else "")
