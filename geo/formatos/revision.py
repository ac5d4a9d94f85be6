"""De capa cruda a capa lista: dos dimensiones, EPSG:4326 y ningún número imposible."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from geo.crs import WGS84, a_4326, nombre_crs
from geo.errores import N_, texto_lugar
from geo.formatos.capas import Capa, CapaCruda, Opciones
from geo.formatos.errores_datos import (
    CoordenadaFueraDeRango,
    CoordenadaNoFinita,
    CoordenadasIntercambiadas,
)
from geo.formatos.sistema import agrandar, en_grados, error_sin_sistema, sistema_de, sistema_declarado
from geo.tipos import Aviso, Caja, Geometrias

TRANSFORMADA = N_("Las coordenadas estaban en %(sistema)s y se pasaron a EPSG:4326.")
SISTEMA_SUPUESTO = N_("El archivo no dice su sistema de coordenadas; se leyó como %(sistema)s.")
INTERCAMBIADAS = N_("Las coordenadas venían al revés (latitud, longitud) y se intercambiaron.")


def revisar(cruda: CapaCruda, opciones: Opciones) -> Capa:
    """Comprueba las coordenadas de una capa y la lleva a EPSG:4326.

    Parameters
    ----------
    cruda : CapaCruda
        Geometrías en su sistema de origen.
    opciones : Opciones

    Raises
    ------
    CoordenadaNoFinita, CoordenadaFueraDeRango, CoordenadasIntercambiadas, FaltaSistema, SistemaDesconocido
    """
    avisos = list(cruda.avisos)
    puntos, de_objeto = shapely.get_coordinates(cruda.geometrias, return_index=True)
    _exigir_finitas(puntos, de_objeto)
    crs, supuesto = _sistema(cruda, puntos, opciones)
    nombre = nombre_crs(crs)
    if supuesto:
        avisos.append(Aviso("sistema_supuesto", SISTEMA_SUPUESTO, {"sistema": nombre}))
    geometrias = cruda.geometrias
    if crs.is_geographic:
        geometrias, cambio = _grados(geometrias, puntos, de_objeto, nombre, opciones)
        avisos += cambio
    en_4326 = a_4326(geometrias, crs)
    _exigir_en_la_tierra(en_4326, puntos, de_objeto, nombre)
    if nombre not in ("EPSG:4326", "OGC:CRS84"):
        avisos.append(Aviso("transformada", TRANSFORMADA, {"sistema": nombre}))
    en_4326, cambio = _cerca(en_4326, opciones)
    return Capa(cruda.nombre, en_4326, cruda.propiedades, nombre, (*avisos, *cambio))


def _sistema(cruda: CapaCruda, puntos: npt.NDArray[np.float64], opciones: Opciones) -> tuple[CRS, bool]:
    """El sistema de la capa y si hubo que suponerlo."""
    crs = sistema_declarado(cruda, opciones)
    if crs is None and cruda.supone_wgs84:
        crs = WGS84
    if crs is not None and _concuerda(crs, puntos):
        return crs, cruda.sistema is None and not cruda.supone_wgs84
    if cruda.sistema is not None and opciones.crs is not None and _concuerda(sistema_de(opciones.crs), puntos):
        return sistema_de(opciones.crs), True
    error = error_sin_sistema(cruda, puntos, opciones)
    if crs is not None and not error.datos["candidatos"]:
        return crs, False
    if opciones.reparar and error.datos["reparable"]:
        return sistema_de(error.datos["candidatos"][0]), True
    raise error


def _concuerda(crs: CRS, puntos: npt.NDArray[np.float64]) -> bool:
    """Si los números pueden ser de ese sistema: ni metros por grados, ni grados por metros."""
    if crs.is_geographic:
        return not _son_metros(puntos)
    # una proyección propia, sin código, sí puede tener su origen en el área
    return crs.to_epsg() is None or not len(puntos) or not en_grados(puntos).all()


def _son_metros(puntos: npt.NDArray[np.float64]) -> bool:
    """Si la mayoría de los números no cabe en grados, ni intercambiando latitud y longitud."""
    if not len(puntos):
        return False
    return bool((~en_grados(puntos)).mean() > 0.5 and (~en_grados(puntos[:, ::-1])).mean() > 0.5)


def _exigir_finitas(puntos: npt.NDArray[np.float64], de_objeto: npt.NDArray[np.intp]) -> None:
    malos = np.flatnonzero(~np.isfinite(puntos).all(axis=1))
    if len(malos):
        objeto = int(de_objeto[malos[0]])
        vertice = int(malos[0] - np.searchsorted(de_objeto, objeto)) + 1
        raise CoordenadaNoFinita(objeto=objeto + 1, vertice=vertice)


def _grados(
    geometrias: Geometrias,
    puntos: npt.NDArray[np.float64],
    de_objeto: npt.NDArray[np.intp],
    sistema: str,
    opciones: Opciones,
) -> tuple[Geometrias, list[Aviso]]:
    """Exige que los grados existan; si solo existen al revés, los intercambia o lo dice."""
    malos = np.flatnonzero(~en_grados(puntos))
    if not len(malos):
        return geometrias, []
    if en_grados(puntos[:, ::-1]).all():
        return _intercambiar(geometrias, puntos[malos[0]], opciones)
    raise _fuera_de_rango(puntos, de_objeto, int(malos[0]), sistema)


def _exigir_en_la_tierra(
    en_4326: Geometrias, puntos: npt.NDArray[np.float64], de_objeto: npt.NDArray[np.intp], sistema: str
) -> None:
    nuevos = shapely.get_coordinates(en_4326)
    malos = np.flatnonzero(~(np.isfinite(nuevos).all(axis=1) & en_grados(nuevos)))
    if len(malos):
        raise _fuera_de_rango(puntos, de_objeto, int(malos[0]), sistema)


def _fuera_de_rango(
    puntos: npt.NDArray[np.float64], de_objeto: npt.NDArray[np.intp], indice: int, sistema: str
) -> CoordenadaFueraDeRango:
    lugar = texto_lugar(*puntos[indice])
    return CoordenadaFueraDeRango(objeto=int(de_objeto[indice]) + 1, lugar=lugar, sistema=sistema)


def _cerca(geometrias: Geometrias, opciones: Opciones) -> tuple[Geometrias, list[Aviso]]:
    """Nota las coordenadas al revés que existen, pero caen lejos de donde se espera."""
    puntos = shapely.get_coordinates(geometrias)
    if opciones.cerca_de is None or not len(puntos) or _toca(puntos, opciones.cerca_de):
        return geometrias, []
    if not _toca(puntos[:, ::-1], opciones.cerca_de):
        return geometrias, []
    return _intercambiar(geometrias, puntos[0], opciones)


def _toca(puntos: npt.NDArray[np.float64], caja: Caja) -> bool:
    oeste, sur, este, norte = agrandar(caja)
    menor, mayor = puntos.min(axis=0), puntos.max(axis=0)
    return bool(menor[0] <= este and mayor[0] >= oeste and menor[1] <= norte and mayor[1] >= sur)


def _intercambiar(
    geometrias: Geometrias, ejemplo: npt.NDArray[np.float64], opciones: Opciones
) -> tuple[Geometrias, list[Aviso]]:
    if not opciones.reparar:
        lugar, lugar_nuevo = texto_lugar(*ejemplo), texto_lugar(*ejemplo[::-1])
        raise CoordenadasIntercambiadas(lugar=lugar, lugar_nuevo=lugar_nuevo, reparable=True)
    puntos: Any = shapely.get_coordinates(geometrias)
    al_derecho = shapely.set_coordinates(geometrias.copy(), puntos[:, ::-1])
    return np.asarray(al_derecho, dtype=object), [Aviso("intercambiadas", INTERCAMBIADAS)]
