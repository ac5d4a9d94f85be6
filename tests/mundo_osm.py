"""Mundos pequeños de OpenStreetMap escritos como texto (OPL), y fotos de lo que la base guarda de ellos."""

from pathlib import Path
from typing import Any

import osmium
from sqlalchemy import text

from tareas.comun.bd import BaseDeDatos

TABLAS = ("osm_nodo", "osm_via", "osm_relacion", "osm_objeto", "osm_sin_armar")

PUEBLO = """
n1 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna T x-88.00 y17.00
n2 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna T x-88.00 y17.01
n3 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna T x-87.99 y17.01
n4 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna T x-87.99 y17.00
n5 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna T x-88.02 y17.005
n6 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna T x-87.98 y17.005
n7 v2 dV c11 t2020-02-01T00:00:00Z i8 uBeto%20%Ñ Tname=La%20%Esquina,shop=bakery x-87.995 y17.002
w1 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna Tbuilding=yes Nn1,n2,n3,n4,n1
w2 v3 dV c12 t2020-03-01T00:00:00Z i8 uBeto%20%Ñ Thighway=residential,name=Calle%20%5 Nn5,n6
w3 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna T Nn1,n2,n3
w4 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna T Nn3,n4,n1
r1 v1 dV c10 t2020-01-01T00:00:00Z i7 uAna Ttype=multipolygon,natural=wood Mw3@outer,w4@outer
"""


def archivo(carpeta: Path, opl: str, nombre: str = "mundo.osm") -> Path:
    """Escribe un mundo en el formato que diga el nombre (.osm, .osm.pbf, .osm.gz, .osm.bz2, .osc, .osc.gz)."""
    crudo = carpeta / (nombre + ".opl")
    crudo.write_text(opl.strip() + "\n", encoding="utf-8")
    ruta = carpeta / nombre
    with osmium.SimpleWriter(str(ruta), overwrite=True) as salida:
        for objeto in osmium.FileProcessor(osmium.io.File(str(crudo), "opl")):
            salida.add(objeto)
    return ruta


def foto(bd: BaseDeDatos) -> dict[str, list[Any]]:
    """Todo lo guardado, fila por fila, con las geometrías normalizadas."""
    with bd.lectura() as sesion:
        return {tabla: _filas(sesion, tabla) for tabla in TABLAS}


def _filas(sesion: Any, tabla: str) -> list[Any]:
    quitar = "- '{geom,centro,metros}'::text[]" if tabla == "osm_objeto" else ""
    extra = ", ST_AsText(ST_Normalize(geom), 12), ST_AsText(centro), metros" if tabla == "osm_objeto" else ""
    orden = "tipo, id" if tabla in ("osm_objeto", "osm_sin_armar") else "id"
    return [
        tuple(f) for f in sesion.execute(text(f"SELECT to_jsonb(t) {quitar}{extra} FROM {tabla} t ORDER BY {orden}"))
    ]


def objetos(bd: BaseDeDatos) -> dict[str, tuple[str, str]]:
    """Cada objeto derivado (``w1``): su clase y su geometría en texto."""
    with bd.lectura() as sesion:
        filas = sesion.execute(
            text("SELECT tipo || id, clase, ST_AsText(ST_Normalize(geom)) FROM osm_objeto ORDER BY tipo, id")
        )
        return {nombre: (clase, geom) for nombre, clase, geom in filas}


def vaciar(bd: BaseDeDatos) -> None:
    """Deja la base sin datos de OpenStreetMap."""
    with bd.transaccion() as sesion:
        for tabla in (*TABLAS, "osm_borrado", "osm_importacion"):
            sesion.execute(text(f"DELETE FROM {tabla}"))
