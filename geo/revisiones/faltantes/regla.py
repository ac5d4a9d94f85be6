"""E-FALT: lo que está en la referencia del municipio y no en el mapa."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.osm.etiquetas import es_edificio
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Logicos, Mundo
from geo.revisiones.base.referencia import Referencia
from geo.revisiones.base.regla import EDIFICIOS, Ajustes, Regla

MINIMO_M2: Final = 4.0
"""Lo menor que E-CHI toma por edificio: más chico no se echa de menos."""
ROCE: Final = 0.05
"""Parte de la huella que una casa vecina puede pisar, por trazo, sin que por eso esta casa esté en el mapa."""
ALCANCE: Final = 400.0
"""Metros. Una huella mayor no se dice aquí: un edificio que la tocara podría quedar fuera de lo que se mira."""


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Huellas de la referencia sin edificio encima (hasta `ROCE` no cuenta), ni punto, ni contorno a medio dibujar.

    Las cifras de omisión (`geo.revisiones.referencia.zonas`) son más prudentes: cualquier área común ya cuenta como
    mapeado.
    No se da la forma de la huella, sólo dónde mirar: la referencia no se copia a OpenStreetMap.
    """
    lista, junto = mundo.referencia, mundo.comparacion
    if lista is None or junto is None:
        return
    areas = shapely.area(lista.geom)
    faltan = (junto.cubierta < ROCE) & (areas >= MINIMO_M2) & (mundo.lados_de_referencia <= ALCANCE)
    faltan &= ~_a_medias(mundo, lista)
    puntos = shapely.point_on_surface(lista.geom)
    for k in np.flatnonzero(faltan).tolist():
        yield Hallazgo(
            codigo="E-FALT",
            nivel=3,
            objetos=(),
            lugar=(puntos[k].x, puntos[k].y),
            frase="falta",
            datos={"m2": round(float(areas[k]))},
        )


def _a_medias(mundo: Mundo, lista: Referencia) -> Logicos:
    """(n,) huellas con un edificio que no es superficie: un punto, o un contorno que no cierra."""
    sueltos = [shapely.Point(mundo.xy[k]) for k, e in sorted(mundo.etiquetas_de_nodo.items()) if es_edificio(e)]
    vias = [k for k, e in enumerate(mundo.via_etiquetas) if es_edificio(e) and not mundo.es_superficie[k]]
    trazos = [shapely.convex_hull(mundo.lineas[k]) for k in vias if mundo.lineas[k] is not None]
    hay = np.zeros(len(lista), dtype=np.bool_)
    if sueltos or trazos:
        hay[shapely.STRtree(lista.geom).query(np.array(sueltos + trazos, dtype=object), predicate="intersects")[1]] = (
            True
        )
    return hay


REGLA: Final = Regla(
    codigo="E-FALT",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={"minimo_m2": MINIMO_M2, "roce": ROCE, "lado_maximo_m": ALCANCE},
    alcance_m=ALCANCE,
    de_referencia=True,
    mira=EDIFICIOS,
)
