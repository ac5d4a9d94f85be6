"""Estado de la instalación: lo que quien administra necesita saber para dormir tranquila. Sólo lee."""

import functools
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.textos import _, llenar
from tareas.cuentas.buzon.reglas import DIAS_POR_CORREO
from tareas.cuentas.reglas import INTENTOS_DE_CORREO
from tareas.datos_osm.consultas import datos_hasta, version_datos
from tareas.datos_osm.seguimiento.consultas import Flujo, flujos
from tareas.datos_osm.seguimiento.errores import CODIGO
from tareas.tableros.consultas import SQL

RAIZ = Path(__file__).resolve().parents[2]
BIEN, ATENCION, MAL = NIVELES = ("bien", "atencion", "mal")
GB = 1_000_000_000
# Nadie ha preguntado al flujo en este tiempo: el servidor no lo está siguiendo.
SIN_INTENTAR_S = 900
# Lo más espaciado son los flujos diarios.
MUY_ATRASADO_S = 2.5 * 86400
CORREO_LENTO_S = 3600


def estado(sesion: Session, *, con_correo: bool) -> dict[str, Any]:
    """Todo lo que muestra ``/estado``; cada parte y el conjunto llevan su ``nivel``: bien, atencion o mal.

    Parameters
    ----------
    con_correo : bool
        Si hay un servidor de correo configurado.
    """
    partes: dict[str, Any] = {
        "base": _base(sesion),
        "disco": _disco(),
        "migraciones": _migraciones(sesion),
        "correo": _correo(sesion, con_correo),
        "datos_osm": _datos(sesion),
    }
    ahora = sesion.execute(text("SELECT ahora()")).scalar_one()
    seguidos = [_flujo(f, ahora) for f in flujos(sesion)]
    niveles = [parte["nivel"] for parte in partes.values()] + [f["nivel"] for f in seguidos]
    return {"nivel": max(niveles, key=NIVELES.index), **partes, "flujos": seguidos}


def _base(sesion: Session) -> dict[str, Any]:
    inicio = time.perf_counter()
    sesion.execute(text("SELECT 1")).scalar_one()
    responde_ms = round((time.perf_counter() - inicio) * 1000, 1)
    fila = sesion.execute(SQL["estado_de_la_base"]).one()
    return {"nivel": ATENCION if responde_ms > 500 else BIEN, "responde_ms": responde_ms, **fila._mapping}


def _disco() -> dict[str, Any]:
    carpeta = RAIZ / ".datos"
    uso = shutil.disk_usage(carpeta if carpeta.is_dir() else RAIZ)
    if uso.free < max(GB, uso.total * 0.03):
        nivel = MAL
    else:
        nivel = ATENCION if uso.free < max(5 * GB, uso.total * 0.1) else BIEN
    return {"nivel": nivel, "libres": uso.free, "total": uso.total}


def _migraciones(sesion: Session) -> dict[str, Any]:
    aplicada = sesion.execute(text("SELECT version_num FROM alembic_version")).scalar()
    esperada = _ultima_migracion()
    return {"nivel": BIEN if aplicada == esperada else MAL, "aplicada": aplicada, "esperada": esperada}


@functools.cache
def _ultima_migracion() -> str | None:
    return ScriptDirectory(
        str(RAIZ / "migraciones"), version_locations=[str(RAIZ / "migraciones/versiones")]
    ).get_current_head()


def _correo(sesion: Session, con_correo: bool) -> dict[str, Any]:
    fila = sesion.execute(SQL["estado_del_correo"], {"maximo": INTENTOS_DE_CORREO, "dias": DIAS_POR_CORREO}).one()
    mal = con_correo and (fila.abandonados or (fila.espera_s or 0) > CORREO_LENTO_S)
    return {"nivel": ATENCION if mal else BIEN, "configurado": con_correo, **fila._mapping}


def _datos(sesion: Session) -> dict[str, Any]:
    hasta = datos_hasta(sesion)
    return {"nivel": BIEN, "version": version_datos(sesion), "hasta": hasta}


def _flujo(f: Flujo, ahora: datetime) -> dict[str, Any]:
    atraso_s = None if f.momento is None else max(0, round((ahora - f.momento).total_seconds()))
    callado = f.registrado and (f.intento is None or (ahora - f.intento).total_seconds() > SIN_INTENTAR_S)
    if f.fallos >= 3 and f.error:
        nivel = MAL
    elif f.error or callado or f.momento is None or (atraso_s or 0) > MUY_ATRASADO_S:
        nivel = ATENCION
    else:
        nivel = BIEN
    return {
        "nivel": nivel,
        "url": f.url,
        "clase": f.clase,
        "registrado": f.registrado,
        "sin_atender": callado,
        "secuencia": f.secuencia,
        "momento": f.momento,
        "atraso_s": atraso_s,
        "intento": f.intento,
        "fallos": f.fallos,
        "error": None if f.error is None else _en_palabras(f),
    }


def _en_palabras(f: Flujo) -> str:
    """El último problema, en el idioma de quien lo lee."""
    guardado = f.error_datos or {}
    datos = {k: _(v) if isinstance(v, str) and v else v for k, v in guardado.get("datos", {}).items()}
    if "estado" in datos:
        datos["detalle"] = llenar(CODIGO, {"codigo": datos["estado"]})
    try:
        return llenar(guardado["plantilla"], datos)
    except (KeyError, TypeError, ValueError):
        # De una versión anterior del programa, con otros huecos.
        return f.error or ""
