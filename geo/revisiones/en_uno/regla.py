"""E-UNO: varios edificios de la referencia dibujados como uno solo, o uno como varios."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.referencia import lados
from geo.revisiones.base.regla import EDIFICIOS, Ajustes, Regla

CUANTOS: Final = 3
PARTE: Final = 0.5
"""De cada uno de los chicos, cuánto tiene que caer dentro del grande."""
MINIMO_M2: Final = 4.0
"""Los trozos menores (un tinaco, un escalón) no son edificios."""
ALCANCE: Final = 400.0
"""Metros. De edificios y huellas mayores no se dice nada."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Edificios con tres huellas o más en más de su mitad, y huellas con tres edificios o más en más de su mitad.

    Si dos edificios ven las mismas huellas (están encimados) se dice de los dos; eso otro lo dice E-TRAS.
    """
    lista, junto = mundo.referencia, mundo.comparacion
    if lista is None or junto is None:
        return
    edificios = mundo.edificios
    e, h, comun = junto.edificio, junto.huella, junto.comun
    cabe_edificio = lados(edificios.geom) <= ALCANCE
    cabe_huella = mundo.lados_de_referencia <= ALCANCE
    dentro = (comun > PARTE * junto.area_huella[h]) & (junto.area_huella[h] >= MINIMO_M2)
    cuantas = np.bincount(e[dentro], minlength=len(edificios))
    for k in np.flatnonzero((cuantas >= CUANTOS) & cabe_edificio).tolist():
        punto = shapely.point_on_surface(edificios.geom[k])
        yield Hallazgo(
            codigo="E-UNO",
            nivel=3,
            objetos=(edificios.clave[k],),
            lugar=(punto.x, punto.y),
            frase="en_uno",
            datos={"cuantos": int(cuantas[k])},
        )
    dentro = (comun > PARTE * junto.area_edificio[e]) & (junto.area_edificio[e] >= MINIMO_M2)
    e, h = e[dentro], h[dentro]
    cuantos = np.bincount(h, minlength=len(lista))
    de_varios = cuantos >= CUANTOS
    for k in np.flatnonzero(de_varios & cabe_huella).tolist():
        suyos = sorted(e[h == k].tolist(), key=edificios.numero)
        punto = shapely.point_on_surface(edificios.geom[suyos[0]])
        yield Hallazgo(
            codigo="E-UNO",
            nivel=3,
            objetos=tuple(edificios.clave[n] for n in suyos),
            lugar=(punto.x, punto.y),
            frase="en_varios",
            datos={"cuantos": len(suyos)},
        )


REGLA: Final = Regla(
    codigo="E-UNO",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"cuantos": CUANTOS, "parte": PARTE, "minimo_m2": MINIMO_M2, "lado_maximo_m": ALCANCE},
    alcance_m=ALCANCE,
    de_referencia=True,
    mira=EDIFICIOS,
)
