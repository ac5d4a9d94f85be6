"""Los formatos que lee GDAL. Este módulo solo se importa en el proceso aparte."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from pyogrio.raw import read

from geo.errores import N_, texto_lugar
from geo.formatos.capas import CapaCruda, Opciones
from geo.formatos.entradas import Entrada
from geo.formatos.errores import (
    ArchivoIlegible,
    ArchivoTruncado,
    DemasiadosObjetos,
    DemasiadosVertices,
)
from geo.formatos.errores_datos import AnilloAbiertoCerca, CodificacionDbf, GeometriaNoAdmitida
from geo.formatos.firmas import Formato
from geo.formatos.geojson import ALTURA_QUITADA, ANILLOS_CERRADOS, SIN_GEOMETRIA
from geo.formatos.json_estricto import LEIDO_COMO_1252
from geo.formatos.propiedades import limpiar
from geo.formatos.shapefile import exigir_partes
from geo.formatos.xml_seguro import exigir_sano
from geo.tipos import Aviso, Geometrias

CONTROLADOR = {
    Formato.GPKG: "GPKG",
    Formato.SHAPEFILE: "ESRI Shapefile",
    Formato.KML: "LIBKML",
    Formato.FLATGEOBUF: "FlatGeobuf",
    Formato.GPX: "GPX",
}
CAPAS_GPX = frozenset(("waypoints", "routes", "tracks"))
"""Las otras dos del controlador repiten, punto por punto, las mismas rutas y trazos."""

SIN_MEDIDA = N_("Se quitó la medida (M) de los vértices: aquí no se usa.")


def leer(entrada: Entrada, privada: Path, opciones: Opciones) -> Iterator[CapaCruda]:
    """Lee todas las capas con algún objeto geográfico de una entrada que no es GeoJSON.

    Parameters
    ----------
    entrada : Entrada
    privada : Path
        Carpeta donde se puede escribir.
    opciones : Opciones

    Raises
    ------
    ErrorLectura
    """
    ruta = _preparar(entrada, privada)
    try:
        capas = [(str(nombre), tipo) for nombre, tipo in pyogrio.list_layers(ruta)]
        if not capas and entrada.formato is Formato.FLATGEOBUF:
            raise ArchivoTruncado(nombre=entrada.nombre)
        if capas and pyogrio.read_info(ruta, layer=capas[0][0])["driver"] != CONTROLADOR[entrada.formato]:
            raise ArchivoIlegible(nombre=entrada.nombre)
        for nombre, tipo in capas:
            if tipo is not None and (entrada.formato is not Formato.GPX or nombre in CAPAS_GPX):
                cruda = _capa(ruta, nombre, entrada, opciones)
                if len(cruda.geometrias):
                    yield cruda
    except (DataSourceError, DataLayerError, FeatureError, IndexError, UnicodeDecodeError) as error:
        # con datos dañados pyogrio da IndexError (FlatGeobuf) y UnicodeDecodeError (cualquiera)
        raise ArchivoIlegible(nombre=entrada.nombre) from error


def _preparar(entrada: Entrada, privada: Path) -> Path:
    """Pone el archivo en la carpeta privada con un nombre nuestro: GDAL mira la extensión y lo que hay al lado."""
    lugar = privada / f"gdal{len(list(privada.iterdir())):06d}"
    lugar.mkdir()
    if entrada.formato is Formato.SHAPEFILE:
        exigir_partes(entrada.partes, entrada.base)
    else:
        _exigir_entero(entrada)
    for sufijo, ruta in (entrada.partes or {f".{entrada.formato}": entrada.ruta}).items():
        (lugar / f"capa{sufijo}").symlink_to(ruta)
    return lugar / f"capa.{entrada.formato}"


def _exigir_entero(entrada: Entrada) -> None:
    if entrada.formato in (Formato.KML, Formato.GPX):
        exigir_sano(entrada.ruta, entrada.nombre)
    if entrada.formato is Formato.GPKG:
        with entrada.ruta.open("rb") as archivo:
            cabecera = archivo.read(32)
        # https://www.sqlite.org/fileformat.html: tamaño de página (1 quiere decir 65536) y número de páginas
        pagina = int.from_bytes(cabecera[16:18], "big")
        paginas = int.from_bytes(cabecera[28:32], "big")
        if entrada.ruta.stat().st_size < (65_536 if pagina == 1 else pagina) * paginas:
            raise ArchivoTruncado(nombre=entrada.nombre)


def _capa(ruta: Path, nombre: str, entrada: Entrada, opciones: Opciones) -> CapaCruda:
    propia = entrada.base if entrada.formato is Formato.SHAPEFILE else nombre
    # con max_features pyogrio reservaría memoria para el máximo, no para los que hay
    if pyogrio.read_info(ruta, layer=nombre, force_feature_count=True)["features"] > opciones.limites.objetos:
        raise DemasiadosObjetos(maximo=opciones.limites.objetos)
    (meta, _, wkb, columnas), avisos = _datos(ruta, nombre, entrada, opciones)
    geometrias, cambios = _geometrias(wkb, opciones)
    return CapaCruda(
        nombre=propia,
        geometrias=geometrias,
        propiedades=_propiedades(meta, columnas, len(wkb), vacias=entrada.formato not in (Formato.KML, Formato.GPX)),
        sistema=meta["crs"],
        supone_wgs84=entrada.formato in (Formato.KML, Formato.GPX),
        falta_prj=_falta_prj(entrada),
        avisos=avisos + cambios,
    )


def _datos(ruta: Path, nombre: str, entrada: Entrada, opciones: Opciones) -> tuple[Any, list[Aviso]]:
    """Lo que da GDAL: metadatos, nada, WKB y columnas; y los avisos de lo que hubo que hacer."""
    avisos: list[Aviso] = []
    with warnings.catch_warnings(record=True) as advertencias:
        warnings.simplefilter("always")
        try:
            leido = read(ruta, layer=nombre, datetime_as_string=True)
        except UnicodeDecodeError as error:
            if entrada.formato is not Formato.SHAPEFILE:
                raise
            if not opciones.reparar:
                raise CodificacionDbf(nombre=f"{entrada.base}.dbf", reparable=True) from error
            leido = read(ruta, layer=nombre, datetime_as_string=True, encoding="CP1252")
            avisos.append(Aviso("leido_como_1252", LEIDO_COMO_1252))
    if any("Measured" in str(a.message) for a in advertencias):
        avisos.append(Aviso("medida_quitada", SIN_MEDIDA))
    return leido, avisos


def _falta_prj(entrada: Entrada) -> str:
    falta = entrada.formato is Formato.SHAPEFILE and ".prj" not in entrada.partes
    return f"{entrada.base}.prj" if falta else ""


def _geometrias(wkb: Any, opciones: Opciones) -> tuple[Geometrias, list[Aviso]]:
    hechas = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    malas = [i for i, (hecha, bytes_) in enumerate(zip(hechas, wkb, strict=True)) if hecha is None and bytes_]
    for indice in malas:
        hechas[indice] = _cerrar(wkb[indice], indice + 1, reparar=opciones.reparar)
    if int(shapely.get_num_coordinates(hechas).sum()) > opciones.limites.vertices:
        raise DemasiadosVertices(maximo=opciones.limites.vertices)
    con_altura = int(shapely.has_z(hechas).sum())
    hechas = np.asarray(shapely.force_2d(hechas), dtype=object)
    hechas[shapely.is_empty(hechas)] = None
    cuentas = (
        ("altura_quitada", ALTURA_QUITADA, con_altura),
        ("anillos_cerrados", ANILLOS_CERRADOS, len(malas)),
        ("sin_geometria", SIN_GEOMETRIA, int(shapely.is_missing(hechas).sum())),
    )
    return hechas, [Aviso(codigo, plantilla, {"n": n}) for codigo, plantilla, n in cuentas if n]


def _cerrar(wkb: bytes, objeto: int, *, reparar: bool) -> Any:
    cerrada = shapely.from_wkb(wkb, on_invalid="fix")
    if cerrada is None:
        raise GeometriaNoAdmitida(objeto=objeto)
    if not reparar:
        inicio = texto_lugar(*shapely.get_coordinates(cerrada)[0])
        raise AnilloAbiertoCerca(objeto=objeto, inicio=inicio, reparable=True)
    return cerrada


def _propiedades(meta: dict[str, Any], columnas: list[Any], n: int, *, vacias: bool) -> list[dict[str, Any]]:
    campos = [str(campo) for campo in meta["fields"]]
    listas = [_valores(columna, tipo) for columna, tipo in zip(columnas, meta["ogr_types"], strict=True)]
    filas = zip(*listas, strict=True) if listas else iter([()] * n)
    todas = (dict(zip(campos, fila, strict=True)) for fila in filas)
    return [
        limpiar(fila if vacias else {k: v for k, v in fila.items() if v is not None}, numero)
        for numero, fila in enumerate(todas, start=1)
    ]


def _valores(columna: Any, tipo: str) -> list[Any]:
    """Una columna de GDAL como valores de JSON; los binarios se descartan."""
    if tipo == "OFTBinary":
        return [None] * len(columna)
    valores = columna.tolist()
    if tipo in ("OFTInteger", "OFTInteger64") and columna.dtype.kind == "f":
        # numpy no tiene enteros vacíos: pyogrio los trae como flotantes
        return [int(valor) if valor == valor else None for valor in valores]
    return [valor.tolist() if isinstance(valor, np.ndarray) else valor for valor in valores]
