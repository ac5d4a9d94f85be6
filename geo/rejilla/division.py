"""Partir un área en celdas iguales."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo.crs import area_m2
from geo.errores import N_
from geo.rejilla.area import ESTE, OESTE, revisar_area
from geo.rejilla.astillas import fronteras, fundir
from geo.rejilla.conteo import contar, demasiadas, trazar_si_cabe
from geo.rejilla.errores import CeldasFueraDelMundo
from geo.rejilla.malla import Malla, Partes, construir, cubrir, interiores_junto_al_borde
from geo.rejilla.morton import morton
from geo.rejilla.piezas import comprobar, juntar
from geo.rejilla.reticula import hacer_reticula
from geo.rejilla.tipos import Celdas
from geo.tipos import Aviso, Division, Geometrias

Enteros = npt.NDArray[np.int64]
Reales = npt.NDArray[np.float64]

ASTILLA: Final = 0.15
"""Parte de su celda por debajo de la cual una pieza se funde con una vecina."""

POLVO: Final = 1e-5
"""Parte de su celda por debajo de la cual una pieza es un residuo del redondeo, no algo que alguien quiso."""


def estimar(area: Polygon | MultiPolygon, division: Celdas) -> int:
    """Cuenta las celdas que tocan un área, sin construirlas.

    Las cuenta aunque solo las roce: es una cota, cercana, del número de tareas, que baja un poco al fundir astillas.

    Parameters
    ----------
    area : Polygon o MultiPolygon, EPSG:4326
    division : Cuadros, Hexagonos o Mercator

    Returns
    -------
    int
        Si el área mide más de 500,000 celdas o su contorno más de 500,000 lados, no las cuenta: da el número
        esperado por fórmula.

    Raises
    ------
    AreaNoPoligonal, AreaVacia, AreaFueraDelMundo, AreaMuyAncha, AreaConCruce
    """
    plana = revisar_area(area)
    return contar(plana, hacer_reticula(plana, division))


def dividir(
    area: Polygon | MultiPolygon,
    division: Celdas,
    *,
    recortar: bool = True,
    fundir_astillas: bool = True,
    maximo: int = 200_000,
) -> Division:
    """Parte un área en celdas iguales que la cubren sin huecos ni traslapes.

    **Entre piezas** no hay hueco ni traslape alguno: los vértices de la retícula se pasan a grados una sola vez y los
    cruces con el contorno se calculan una sola vez, de modo que dos vecinas comparten sus vértices bit por bit.

    **Contra el área** la diferencia es el redondeo de esos cruces a la última cifra de un ``float64``: del orden de
    1e-14 grados, una millonésima de milímetro. Se garantiza menos de 1e-9 grados (0.1 mm) a lo largo del contorno, lo
    que aún permite el acomodo que GEOS hace cuando dos líneas casi coinciden; si no se cumple, es un error.

    Parameters
    ----------
    area : Polygon o MultiPolygon, EPSG:4326
        Con huecos e islas, si los tiene.
    division : Cuadros, Hexagonos o Mercator
    recortar : bool
        ``True``: las piezas cubren el área. ``False``: son celdas enteras, todas las que tienen terreno del área.
    fundir_astillas : bool
        Une a su vecina de frontera más larga cada parte que mida menos de 15 % de su celda; la unión conserva la celda
        de la vecina. Solo quedan astillas donde no hay vecina (islas), y un aviso las cuenta. Con ``False`` solo se
        unen los residuos del redondeo (menos de una cienmilésima de celda). No cuenta si las celdas van enteras.
    maximo : int
        Límite de piezas.

    Returns
    -------
    Division
        Una pieza por celda; un MultiPolygon si el contorno parte la celda. ``celdas`` es el código de Morton; en
        Mercator, el de la tesela (clave de árbol cuaternario); en las demás cuenta desde la celda del suroeste.

    Raises
    ------
    DemasiadasTareas
        Antes de construir nada; dice cuántas serían y qué lado o zoom sí cabe.
    AreaNoPoligonal, AreaVacia, AreaFueraDelMundo, AreaMuyAncha, AreaConCruce
    CeldasFueraDelMundo
        Celdas enteras más allá del meridiano 180.
    DivisionInexacta
    """
    plana = revisar_area(area)
    reticula = hacer_reticula(plana, division)
    trazo = trazar_si_cabe(plana, reticula, division, maximo)
    malla = construir(plana, trazo, reticula)
    cubiertas = cubrir(plana, malla)
    if recortar:
        piezas, avisos = _recortadas(malla, cubiertas, ASTILLA if fundir_astillas else POLVO)
        comprobar(plana, piezas.geometrias)
    else:
        piezas, avisos = _enteras(malla, cubiertas), ()
    if len(piezas.celda) > maximo:
        raise demasiadas(plana, division, len(piezas.celda), maximo)
    codigos = morton(*reticula.codificables(malla.columnas[piezas.celda], malla.filas[piezas.celda]))
    orden = np.argsort(codigos)
    return Division(piezas.geometrias[orden], codigos[orden], piezas.areas[orden], avisos)


@dataclass(frozen=True, slots=True)
class _Piezas:
    geometrias: Geometrias
    celda: Enteros
    areas: Reales


def _recortadas(malla: Malla, partes: Partes, minimo: float) -> tuple[_Piezas, tuple[Aviso, ...]]:
    n = len(partes.celda)
    junto = interiores_junto_al_borde(malla)
    poligonos = np.concatenate([partes.poligonos, malla.poligonos[junto]])
    celda = np.concatenate([partes.celda, junto])
    areas = np.concatenate([partes.areas, malla.areas[junto]])
    raices = fundir(areas, minimo * malla.areas[celda], fronteras(poligonos))
    crecidas = np.unique(raices[:n][raices[:n] >= n])
    miembros = np.concatenate([np.arange(n), crecidas])
    unidas, celdas = juntar(poligonos[miembros], celda[raices[miembros]])
    intactas = np.setdiff1d(np.arange(malla.interiores), celdas, assume_unique=True)
    piezas = _Piezas(
        np.concatenate([malla.poligonos[intactas], unidas]),
        np.concatenate([intactas, celdas]),
        np.concatenate([malla.areas[intactas], area_m2(unidas)]),
    )
    fundidas = (raices != np.arange(len(raices))) & (areas > POLVO * malla.areas[celda])
    islas = piezas.areas < minimo * malla.areas[piezas.celda]
    return piezas, _avisos(int(fundidas.sum()), int(islas.sum()))


def _avisos(fundidas: int, islas: int) -> tuple[Aviso, ...]:
    avisos = []
    if fundidas:
        plantilla = N_("Pedazos menores que el 15\u00a0%% de una celda que se unieron a su tarea vecina: %(n)s.")
        avisos.append(Aviso("rejilla_astillas_unidas", plantilla, {"n": fundidas}))
    if islas:
        plantilla = N_("Tareas menores que el 15\u00a0%% de una celda que quedaron solas por ser islas: %(n)s.")
        avisos.append(Aviso("rejilla_islas", plantilla, {"n": islas}))
    return tuple(avisos)


def _enteras(malla: Malla, partes: Partes) -> _Piezas:
    cubierto = np.bincount(partes.celda, weights=partes.areas, minlength=len(malla.areas))
    total = float(malla.areas[: malla.interiores].sum() + partes.areas.sum())
    tomadas = cubierto > POLVO * np.minimum(malla.areas, total)
    tomadas[: malla.interiores] = True
    celda = np.flatnonzero(tomadas).astype(np.int64)
    oeste, _, este, _ = shapely.total_bounds(malla.poligonos[celda])
    if oeste < OESTE or este > ESTE:
        raise CeldasFueraDelMundo
    return _Piezas(malla.poligonos[celda], celda, malla.areas[celda])
