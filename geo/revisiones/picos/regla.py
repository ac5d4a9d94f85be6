"""E-PICO: una punta que ninguna pared tiene."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Ajustes, Regla

ANGULO: Final = 20.0
"""Grados. Atlas usa 15; la lista de errores, 20."""
LADO: Final = 0.10
"""Metros del lado más corto: con menos, el ángulo lo decide el redondeo de las coordenadas."""

ANCHO: Final = 1.0
"""Metros que la punta abre donde termina su lado más corto: con más suele ser una cuña o un patio angosto de verdad, y
sólo se informa."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Edificios con un ángulo de `ANGULO` o menos; de cada uno, la punta más aguda.

    El que además se cruza a sí mismo lo dice E-CRUZ.
    """
    edificios, vertices = mundo.edificios, mundo.vertices_de_edificios
    agudo = (vertices.angulo <= ANGULO) & (vertices.lado_corto >= LADO) & ~edificios.rota[vertices.de]
    hallados = np.flatnonzero(agudo)
    hallados = hallados[np.lexsort((vertices.angulo[hallados].round(3), vertices.de[hallados]))]
    _, primeros = np.unique(vertices.de[hallados], return_index=True)
    anchos = 2 * vertices.lado_corto * np.sin(np.radians(vertices.angulo / 2))
    for k in hallados[primeros]:
        x, y = vertices.xy[k].tolist()
        cuna = bool(anchos[k] >= ANCHO)
        yield Hallazgo(
            codigo="E-PICO",
            nivel=3 if cuna else 1,
            objetos=(edificios.clave[vertices.de[k]],),
            lugar=(x, y),
            frase="cuna" if cuna else "pico",
            datos={"grados": round(float(vertices.angulo[k])), "metros": round(float(anchos[k]), 1)},
        )


REGLA: Final = Regla(
    codigo="E-PICO",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"angulo": ANGULO, "lado": LADO, "ancho": ANCHO},
    alcance_m=0.0,
)
