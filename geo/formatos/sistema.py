"""En qué sistema está una capa: lo que dice, lo que se supone o lo que sus números dejan adivinar."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from geo.crs import MEXICO, WGS84, nombre_crs, reconocer_crs, transformador
from geo.errores import SistemaDesconocido
from geo.formatos.capas import CapaCruda, Opciones
from geo.formatos.errores_datos import (
    FaltaPrj,
    FaltaPrjProbable,
    FaltaSistema,
    FaltaSistemaProbable,
    SistemaContradice,
    SistemaIlegible,
)
from geo.tipos import Caja

Puntos = npt.NDArray[np.float64]

MARGEN_GRADOS = 1.0
"""Cuánto se agranda ``cerca_de`` antes de decir que algo queda lejos."""

ESTE_UTM = (100_000.0, 900_000.0)
"""Metros al este que caben en una zona UTM."""

_MEDIO_MUNDO_MERCATOR = 20_048_966.2


def sistema_declarado(cruda: CapaCruda, opciones: Opciones) -> CRS | None:
    """El sistema que dice el archivo o, si no dice, el que indicó quien lo sube; ``None`` si ninguno.

    Raises
    ------
    SistemaIlegible
    """
    texto = cruda.sistema or opciones.crs
    if texto is None:
        return None
    crs = sistema_de(texto)
    # GeoPackage llama así a «no se sabe»
    return None if crs.name.startswith("Undefined") else crs


def sistema_de(texto: str) -> CRS:
    """Reconoce un sistema; lanza ``SistemaIlegible`` si no puede."""
    try:
        return reconocer_crs(texto)
    except SistemaDesconocido as error:
        raise SistemaIlegible(**error.datos) from error


def error_sin_sistema(cruda: CapaCruda, puntos: Puntos, opciones: Opciones) -> FaltaSistema:
    """El error que corresponde a una capa sin sistema, con los candidatos según sus números.

    Es reparable si hay un solo candidato y lo que encierra cae en ``cerca_de`` (o en México, si no se dijo).
    """
    candidatos, seguro = candidatos_de(puntos, opciones.cerca_de)
    sugerencia = " / ".join(_presentar(codigo) for codigo in candidatos)
    datos: dict[str, Any] = {
        "capa": cruda.nombre,
        "falta": cruda.falta_prj,
        "candidatos": candidatos,
        "sugerencia": sugerencia,
    }
    if not candidatos:
        return FaltaPrj(**datos) if cruda.falta_prj else FaltaSistema(**datos)
    datos["reparable"] = seguro and len(candidatos) == 1
    if texto := cruda.sistema or opciones.crs:
        return SistemaContradice(dice=nombre_crs(sistema_de(texto)), **datos)
    return FaltaPrjProbable(**datos) if cruda.falta_prj else FaltaSistemaProbable(**datos)


def candidatos_de(puntos: Puntos, cerca_de: Caja | None) -> tuple[list[str], bool]:
    """Sistemas en que esos números tienen sentido, y si caen donde se espera.

    Se prueban EPSG:4326, EPSG:3857, EPSG:6372 y las zonas UTM de México y de ``cerca_de``: quedan los que llevan el
    centro de los puntos a ``cerca_de`` (o a México). Si ninguno, EPSG:3857 cuando cabe en el mundo, sin seguridad.

    Parameters
    ----------
    puntos : (n, 2) float64
    cerca_de : Caja or None
    """
    if not len(puntos):
        return [], False
    menor, mayor = puntos.min(axis=0), puntos.max(axis=0)
    if en_grados(puntos).all():
        return ["EPSG:4326"], True
    centro = (menor + mayor) / 2
    referencia = agrandar(cerca_de) if cerca_de else MEXICO
    hallados = [
        codigo
        for codigo in _posibles(cerca_de)
        if (not es_utm(codigo) or ESTE_UTM[0] <= centro[0] <= ESTE_UTM[1])
        and dentro(_en_4326(codigo, centro), referencia)
    ]
    if hallados:
        return hallados, True
    cabe = bool(np.abs(puntos).max() <= _MEDIO_MUNDO_MERCATOR)
    return (["EPSG:3857"] if cabe else []), False


def en_grados(puntos: Puntos) -> npt.NDArray[np.bool_]:
    """Cuáles puntos caben en ±180 de longitud y ±90 de latitud."""
    return np.asarray((np.abs(puntos[:, 0]) <= 180.0) & (np.abs(puntos[:, 1]) <= 90.0))


def agrandar(caja: Caja) -> Caja:
    """La caja con ``MARGEN_GRADOS`` más por cada lado."""
    return caja[0] - MARGEN_GRADOS, caja[1] - MARGEN_GRADOS, caja[2] + MARGEN_GRADOS, caja[3] + MARGEN_GRADOS


def dentro(punto: tuple[float, float], caja: Caja) -> bool:
    """Si un punto (longitud, latitud) está en la caja."""
    return caja[0] <= punto[0] <= caja[2] and caja[1] <= punto[1] <= caja[3]


def es_utm(codigo: str) -> bool:
    """Si el código es de una zona UTM de WGS 84."""
    return codigo.startswith(("EPSG:326", "EPSG:327"))


def _posibles(cerca_de: Caja | None) -> list[str]:
    codigos = ["EPSG:3857", "EPSG:6372", *(f"EPSG:326{zona}" for zona in range(11, 17))]
    if cerca_de:
        longitud, latitud = (cerca_de[0] + cerca_de[2]) / 2, (cerca_de[1] + cerca_de[3]) / 2
        zona = min(int((longitud + 180) // 6), 59) + 1
        codigos.append(f"EPSG:{'326' if latitud >= 0 else '327'}{zona:02d}")
    return list(dict.fromkeys(codigos))


def _en_4326(codigo: str, punto: Puntos) -> tuple[float, float]:
    x, y = transformador(_crs(codigo), WGS84).transform(float(punto[0]), float(punto[1]))
    return float(x), float(y)


def _presentar(codigo: str) -> str:
    return f"{nombre_crs(_crs(codigo))} ({_crs(codigo).name})"


@lru_cache(maxsize=64)
def _crs(codigo: str) -> CRS:
    return CRS.from_user_input(codigo)
