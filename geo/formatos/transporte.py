"""Cómo viajan las órdenes y los resultados entre procesos: JSON y NumPy, nunca pickle."""

import json
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errores import ErrorGeo
from geo.formatos.capas import Capa, Lectura, Limites, Opciones
from geo.tipos import Aviso, Geometrias

RESULTADO = "resultado.json"
UNION = "unido.npz"


def opciones_a_json(opciones: Opciones) -> dict[str, Any]:
    """Opciones como diccionario de JSON."""
    return asdict(opciones)


def opciones_de_json(datos: dict[str, Any]) -> Opciones:
    """Lo contrario de :func:`opciones_a_json`."""
    caja = tuple(datos["cerca_de"]) if datos["cerca_de"] else None
    return Opciones(Limites(**datos["limites"]), datos["reparar"], datos["crs"], caja)


def guardar_lectura(lectura: Lectura, carpeta: Path) -> None:
    """Escribe una lectura en la carpeta: un índice y, por capa, sus geometrías y sus propiedades."""
    capas = []
    for numero, capa in enumerate(lectura.capas):
        guardar_geometrias(capa.geometrias, carpeta / f"{numero:06d}.npz")
        with (carpeta / f"{numero:06d}.json").open("w", encoding="utf-8") as archivo:
            json.dump(capa.propiedades, archivo, ensure_ascii=False, allow_nan=False)
        capas.append({"nombre": capa.nombre, "crs": capa.crs_origen, "avisos": [asdict(a) for a in capa.avisos]})
    guardar_resultado({"capas": capas, "avisos": [asdict(a) for a in lectura.avisos]}, carpeta)


def abrir_lectura(resultado: dict[str, Any], carpeta: Path) -> Lectura:
    """Lo contrario de :func:`guardar_lectura`."""
    capas = []
    for numero, capa in enumerate(resultado["capas"]):
        geometrias = abrir_geometrias(carpeta / f"{numero:06d}.npz")
        propiedades = json.loads((carpeta / f"{numero:06d}.json").read_text(encoding="utf-8"))
        avisos = tuple(Aviso(**aviso) for aviso in capa["avisos"])
        capas.append(Capa(capa["nombre"], geometrias, propiedades, capa["crs"], avisos))
    return Lectura(tuple(capas), tuple(Aviso(**aviso) for aviso in resultado["avisos"]))


def guardar_union(geometria: BaseGeometry, avisos: list[Aviso], carpeta: Path) -> None:
    """Escribe la geometría unida de un área y sus avisos."""
    guardar_geometrias(np.array([geometria], dtype=object), carpeta / UNION)
    guardar_resultado({"avisos": [asdict(aviso) for aviso in avisos]}, carpeta)


def abrir_union(resultado: dict[str, Any], carpeta: Path) -> tuple[BaseGeometry, list[Aviso]]:
    """Lo contrario de :func:`guardar_union`."""
    return abrir_geometrias(carpeta / UNION)[0], [Aviso(**aviso) for aviso in resultado["avisos"]]


def guardar_geometrias(geometrias: Geometrias, ruta: Path) -> None:
    """WKB de todas, una tras otra, y dónde termina cada una; ``None`` ocupa cero bytes."""
    wkb = [bytes_ or b"" for bytes_ in shapely.to_wkb(geometrias)]
    np.savez(
        ruta, wkb=np.frombuffer(b"".join(wkb), dtype=np.uint8), fin=np.cumsum([len(b) for b in wkb], dtype=np.int64)
    )


def abrir_geometrias(ruta: Path) -> Geometrias:
    """Lo contrario de :func:`guardar_geometrias`."""
    with np.load(ruta, allow_pickle=False) as archivo:
        todo, fines = archivo["wkb"].tobytes(), archivo["fin"].tolist()
    trozos = np.empty(len(fines), dtype=object)
    trozos[:] = [todo[a:b] or None for a, b in pairwise([0, *fines])]
    return np.asarray(shapely.from_wkb(trozos), dtype=object)


def guardar_error(error: ErrorGeo, carpeta: Path) -> None:
    """Escribe un error como su clase y sus datos."""
    guardar_resultado({"error": _nombre(type(error)), "datos": error.datos}, carpeta)


def abrir_error(resultado: dict[str, Any]) -> ErrorGeo:
    """Lo contrario de :func:`guardar_error`."""
    return _clases(ErrorGeo)[resultado["error"]](**resultado["datos"])


def guardar_resultado(resultado: dict[str, Any], carpeta: Path) -> None:
    """Escribe el índice de lo que se hizo."""
    (carpeta / RESULTADO).write_text(json.dumps(resultado, ensure_ascii=False), encoding="utf-8")


def abrir_resultado(carpeta: Path) -> dict[str, Any] | None:
    """El índice de lo que se hizo; ``None`` si el proceso no llegó a escribirlo."""
    ruta = carpeta / RESULTADO
    return dict(json.loads(ruta.read_text(encoding="utf-8"))) if ruta.exists() else None


def _nombre(clase: type[ErrorGeo]) -> str:
    """Con su módulo: dos piezas del motor pueden llamar igual a errores distintos."""
    return f"{clase.__module__}.{clase.__qualname__}"


def _clases(base: type[ErrorGeo]) -> dict[str, type[ErrorGeo]]:
    clases = {_nombre(base): base}
    for hija in base.__subclasses__():
        clases |= _clases(hija)
    return clases
