"""Lanzar el proceso que lee, esperarlo con reloj y entender cómo terminó."""

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from geo.formatos import transporte
from geo.formatos.capas import Lectura, Opciones
from geo.formatos.errores import ArchivoIlegible, LecturaMuyLarga, LecturaSinMemoria
from geo.formatos.errores_area import AreaMuyComplicada
from geo.formatos.lector import ORDEN, SIN_MEMORIA
from geo.tipos import Aviso, Geometrias

SEGUNDOS_DE_ARRANQUE = 5.0
"""Lo que se concede, aparte del límite, para arrancar Python y cargar las bibliotecas."""

_RAIZ = Path(__file__).resolve().parents[2]
_REGISTRO = logging.getLogger(__name__)

_CONTROLADORES_FUERA = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DAAS,DGN,DXF,EDIGEO,EEDA,EEDAI,ESRIJSON,"
    "Elasticsearch,GDALG,GML,GPSBabel,GTFS,GTI,GeoJSON,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LVBAG,MBTiles,"
    "MEM,MVT,MapInfo File,MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,"
    "PDF,PDS4,PGDUMP,PLMOSAIC,PLSCENES,PMTiles,S57,STACIT,STACTA,SXF,SQLite,Selafin,TopoJSON,VDV,VFK,VICAR,VRT,WAsP,WCS,"
    "WFS,WMS,WMTS,XLSX"
)
_AMBIENTE = {
    "PYTHONPATH": str(_RAIZ),
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "PROJ_NETWORK": "OFF",
    "GDAL_SKIP": _CONTROLADORES_FUERA,
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_NUM_THREADS": "1",
    "GDAL_CACHEMAX": "64",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_HTTP_TIMEOUT": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".ninguna",
    "SHAPE_RESTORE_SHX": "NO",
}


def leer_aparte(ruta: Path, nombre: str, opciones: Opciones) -> Lectura:
    """Lee un archivo, zip o carpeta en otro proceso, encerrado y con límites.

    Raises
    ------
    LecturaMuyLarga, LecturaSinMemoria, ArchivoIlegible
        Según cómo termine el proceso; y todos los de :func:`geo.formatos.despacho.leer`.
    """
    with tempfile.TemporaryDirectory(prefix="tequio-lectura-") as privada:
        carpeta = Path(privada).resolve()
        resultado = _hacer("leer", ruta.resolve(), nombre, opciones, carpeta)
        return transporte.abrir_lectura(resultado, carpeta)


def unir_aparte(poligonos: Geometrias, opciones: Opciones) -> tuple[BaseGeometry, list[Aviso]]:
    """Como :func:`geo.formatos.union.unir`, en otro proceso: hay polígonos con los que puede tardar sin fin.

    Raises
    ------
    AreaMuyComplicada
        Y los de :func:`geo.formatos.union.unir`.
    """
    with tempfile.TemporaryDirectory(prefix="tequio-union-") as privada:
        carpeta = Path(privada).resolve()
        ruta = carpeta / "partes.npz"
        transporte.guardar_geometrias(poligonos, ruta)
        try:
            resultado = _hacer("unir", ruta, ruta.name, opciones, carpeta)
        except (LecturaMuyLarga, LecturaSinMemoria) as error:
            raise AreaMuyComplicada from error
        return transporte.abrir_union(resultado, carpeta)


def _hacer(trabajo: str, ruta: Path, nombre: str, opciones: Opciones, carpeta: Path) -> dict[str, Any]:
    orden = {
        "trabajo": trabajo,
        "ruta": str(ruta),
        "nombre": nombre,
        "opciones": transporte.opciones_a_json(opciones),
    }
    return hacer_aparte("geo.formatos.lector", orden, nombre, opciones.limites.segundos, carpeta)


def hacer_aparte(modulo: str, orden: dict[str, Any], nombre: str, segundos: float, carpeta: Path) -> dict[str, Any]:
    """Corre ``python -m modulo carpeta`` con un ambiente vacío y devuelve lo que dejó en ``resultado.json``.

    Parameters
    ----------
    modulo : str
        Quien lee ``orden.json`` de la carpeta, se encierra y trabaja.
    orden : dict
        JSON simple.
    nombre : str
        Del archivo, para los mensajes.
    segundos : float
        Sin contar lo que tarda en arrancar.
    carpeta : Path
        Vacía y de nadie más.

    Raises
    ------
    LecturaMuyLarga, LecturaSinMemoria, ArchivoIlegible
        Según cómo termine; y el error que el propio proceso haya dejado escrito.
    """
    (carpeta / ORDEN).write_text(json.dumps(orden, ensure_ascii=False), encoding="utf-8")
    codigo = _correr(modulo, carpeta, segundos + SEGUNDOS_DE_ARRANQUE)
    resultado = transporte.abrir_resultado(carpeta)
    if codigo == 0 and resultado is not None:
        if "error" in resultado:
            raise transporte.abrir_error(resultado)
        return resultado
    if codigo in (None, -signal.SIGXCPU, -signal.SIGKILL):
        raise LecturaMuyLarga(nombre=nombre, segundos=int(segundos))
    if codigo == SIN_MEMORIA:
        raise LecturaSinMemoria(nombre=nombre)
    queja = (carpeta / "queja.txt").read_text(encoding="utf-8", errors="replace")
    _REGISTRO.error("el lector de «%s» terminó con %s: %s", nombre, codigo, queja[-2000:])
    raise ArchivoIlegible(nombre=nombre)


def _correr(modulo: str, carpeta: Path, segundos: float) -> int | None:
    """Código de salida del lector; ``None`` si hubo que detenerlo por tiempo."""
    orden = [sys.executable, "-s", "-P", "-m", modulo, str(carpeta)]
    with (carpeta / "queja.txt").open("wb") as queja:
        proceso = subprocess.Popen(
            orden,
            cwd=carpeta,
            env={**_AMBIENTE, "TMPDIR": str(carpeta)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=queja,
            start_new_session=True,
        )
        try:
            return proceso.wait(segundos)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if proceso.poll() is None:
                os.killpg(proceso.pid, signal.SIGKILL)
                proceso.wait()
