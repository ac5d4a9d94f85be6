"""E-CRUD: una curva dibujada con tan pocos puntos que el trazo se aparta de la calle."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo, Reales
from geo.revisiones.base.red import A_PIE, rango
from geo.revisiones.base.regla import Ajustes, Regla

DESVIO_M: Final = 10.0
"""El mismo de Atlas (ApproximateWayCheck)."""
PARTE: Final = 0.03
"""Del largo de los dos tramos. Atlas usa 0.12, que en tramos iguales sólo llega con giros de más de 57°."""
GIRO_MENOR: Final = 10.0
GIRO_MAYOR: Final = 60.0
"""Grados. Menos es una recta; más es una esquina, y las esquinas existen."""
TRAMO_CORTO_M: Final = 6.0
"""Desvío si los dos tramos midieran lo que el más corto: una vuelta bien dibujada y luego una recta no es tosca."""
PASOS: Final = 33


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Calles en que una curva suave que siga sus mismos puntos se apartaría `DESVIO_M` metros o más del trazo.

    De cada tres puntos seguidos se hace la curva de Bézier cuadrática que sale del primero y llega al tercero rumbo al
    de en medio; el desvío es lo que el de en medio queda de ella (la medida de Atlas). Con giros de `GIRO_MENOR` a
    `GIRO_MAYOR` y tramos largos, o la calle es así de quebrada o le faltan puntos: sólo la imagen lo dice, y por eso
    es de nivel 3. Una curva sustituida por una recta entera no deja giro y no se ve en los datos.
    """
    calles = mundo.calles
    xy, de_cual = shapely.get_coordinates(calles.geom, return_index=True)
    con_coches = np.array([rango(e) < A_PIE for e in calles.etiquetas], dtype=np.bool_)
    medio = np.flatnonzero((de_cual[:-2] == de_cual[2:]) & con_coches[de_cual[1:-1]]) + 1
    antes, punto, luego = xy[medio - 1], xy[medio], xy[medio + 1]
    tramos = np.stack([np.hypot(*(punto - antes).T), np.hypot(*(luego - punto).T)])
    largo, giro = tramos.sum(axis=0), _giro(punto - antes, luego - punto)
    # De dos tramos iguales, la curva pasa a la mitad de la altura del triángulo que hacen.
    parejo = tramos.min(axis=0) * np.sin(np.radians(giro) / 2) / 2
    posibles = np.flatnonzero((giro >= GIRO_MENOR) & (giro <= GIRO_MAYOR) & (parejo >= TRAMO_CORTO_M))
    desvio = _desvio(antes[posibles], punto[posibles], luego[posibles])
    toscos = (desvio >= DESVIO_M) & (desvio >= PARTE * largo[posibles])
    cuales, desvio = medio[posibles[toscos]], desvio[toscos]
    orden = np.lexsort((cuales, -np.round(desvio, 1), de_cual[cuales]))
    calle, primera, veces = np.unique(de_cual[cuales[orden]], return_index=True, return_counts=True)
    for c, peor, curvas in zip(calle, orden[primera], veces, strict=True):
        k = cuales[peor]
        yield Hallazgo(
            codigo="E-CRUD",
            nivel=3,
            objetos=(calles.clave[c],),
            lugar=(float(xy[k, 0]), float(xy[k, 1])),
            frase="tosco" if curvas == 1 else "toscos",
            datos={"metros": round(float(desvio[peor])), "curvas": int(curvas)},
            donde=shapely.linestrings(xy[k - 1 : k + 2]),
        )


def _giro(llega: Reales, sale: Reales) -> Reales:
    """(k,) grados que dobla el rumbo; 0 sigue derecho."""
    cruz = llega[:, 0] * sale[:, 1] - llega[:, 1] * sale[:, 0]
    return np.asarray(np.abs(np.degrees(np.arctan2(cruz, (llega * sale).sum(axis=1)))), dtype=np.float64)


def _desvio(antes: Reales, punto: Reales, luego: Reales) -> Reales:
    """(k,) metros del punto de en medio a la curva de Bézier que lo tiene de control."""
    t = np.linspace(0, 1, PASOS)[:, None, None]
    curva = (1 - t) ** 2 * antes + 2 * t * (1 - t) * punto + t**2 * luego
    return np.asarray(np.sqrt(((curva - punto) ** 2).sum(axis=2)).min(axis=0), dtype=np.float64)


REGLA: Final = Regla(
    codigo="E-CRUD",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={
        "desvio_m": DESVIO_M,
        "parte": PARTE,
        "giro_menor": GIRO_MENOR,
        "giro_mayor": GIRO_MAYOR,
        "tramo_corto_m": TRAMO_CORTO_M,
    },
    alcance_m=0.0,
)
