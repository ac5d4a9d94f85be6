"""E-GRA: un edificio mucho mayor que los de alrededor, y que no dice qué es."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Capa, Enteros, Mundo
from geo.revisiones.base.regla import EDIFICIOS, Ajustes, Regla

DESVIACIONES: Final = 3.0
"""Desviaciones estándar del logaritmo del área."""
ALREDEDOR: Final = 300.0
"""Metros de su centro al de los edificios con que se compara."""
VECINOS: Final = 30
"""Con menos no se puede saber qué es lo común ahí."""
DESVIACION_MINIMA: Final = 0.5
"""De un conjunto de casas iguales: ahí, una cuatro veces mayor que las demás todavía es natural."""
AREA: Final = 300.0
"""Metros cuadrados: de ahí para abajo cabe en un lote."""
SIN_DECIR: Final = frozenset(
    [
        "yes",
        "house",
        "detached",
        "semidetached_house",
        "bungalow",
        "residential",
        "hut",
        "shed",
        "garage",
        "cabin",
        "static_caravan",
    ]
)
"""Valores de ``building`` que no explican un edificio grande."""
DICEN_QUE_ES: Final = (
    "name", "amenity", "shop", "office", "craft", "industrial", "leisure", "tourism", "healthcare", "man_made",
    "military", "aeroway", "railway", "public_transport", "historic", "religion", "building:use", "power", "club",
)  # fmt: skip


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Edificios sin más señas cuyo log-área pasa `DESVIACIONES` de la media de los que están `ALREDEDOR`, sin contarlo.

    Sólo se comparan los de más de `AREA`, así que la cuenta es por los pocos grandes y no por todos.
    """
    edificios = mundo.edificios
    areas = shapely.area(edificios.geom)
    sanos = ~edificios.rota
    grandes = _grandes(edificios)
    if not len(grandes):
        return
    puntos = shapely.point_on_surface(edificios.geom)
    centros = puntos[grandes]
    de, vecino = shapely.STRtree(puntos).query(centros, predicate="dwithin", distance=ALREDEDOR)
    cuenta = (vecino != grandes[de]) & sanos[vecino]
    de, vecino = de[cuenta], vecino[cuenta]
    logs = np.log(areas)
    n = np.bincount(de, minlength=len(grandes))
    entre = np.maximum(n, 1)
    media = np.bincount(de, logs[vecino], len(grandes)) / entre
    varianza = np.bincount(de, (logs[vecino] - media[de]) ** 2, len(grandes)) / np.maximum(n - 1, 1)
    desviacion = np.maximum(np.sqrt(varianza), DESVIACION_MINIMA)
    fuera = (n >= VECINOS) & (logs[grandes] - media > DESVIACIONES * desviacion)
    for k in np.flatnonzero(fuera):
        lugar = shapely.get_coordinates(centros[k])[0].tolist()
        yield Hallazgo(
            codigo="E-GRA",
            nivel=3,
            objetos=(edificios.clave[grandes[k]],),
            lugar=(lugar[0], lugar[1]),
            frase="grande",
            datos={
                "m2": round(float(areas[grandes[k]])),
                "veces": round(float(np.exp(logs[grandes[k]] - media[k]))),
                "vecinos": int(n[k]),
            },
        )


def hay_grandes(mundo: Mundo) -> bool:
    """Di si algún edificio es de los que se comparan con los de alrededor."""
    return len(_grandes(mundo.edificios)) > 0


def _grandes(edificios: Capa) -> Enteros:
    posibles = np.flatnonzero((shapely.area(edificios.geom) > AREA) & ~edificios.rota)
    return np.array([k for k in posibles if not _se_explica(edificios.etiquetas[k])], dtype=np.int64)


def _se_explica(etiquetas: Mapping[str, str]) -> bool:
    return etiquetas["building"] not in SIN_DECIR or any(llave in etiquetas for llave in DICEN_QUE_ES)


REGLA: Final = Regla(
    codigo="E-GRA",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={
        "desviaciones": DESVIACIONES,
        "alrededor": ALREDEDOR,
        "vecinos": VECINOS,
        "veces_minimas": round(float(np.exp(DESVIACIONES * DESVIACION_MINIMA)), 1),
        "area": AREA,
    },
    alcance_m=ALREDEDOR,
    mira=EDIFICIOS,
    puede=hay_grandes,
)
