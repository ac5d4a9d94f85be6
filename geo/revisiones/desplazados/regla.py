"""E-DESP: edificios corridos respecto a la referencia, más de lo que lo están sus vecinos."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Mundo, Reales
from geo.revisiones.base.referencia import LADO_DE_PAREJA_M, LEJOS_M, lados
from geo.revisiones.base.regla import EDIFICIOS, Ajustes, Regla
from geo.tipos import Geometrias

CORRIDO_M: Final = 3.0
MUY_CORRIDO_M: Final = 6.0
"""Los desfases de imagen que se han publicado son de 3 a 4 m; menos que eso no se distingue del trazo."""
CUADRO_M: Final = 150.0
"""Lado de los cuadros, fijos sobre el sistema en metros. La zona de un edificio es su cuadro y los ocho que lo rodean:
tan grande que una manzana corrida no sea la mayoría, y tan chica que la imagen esté corrida por igual en toda. No
se usa la tarea, porque lo que se dice de un edificio no debe depender de cómo se dividió el proyecto."""
PAREJAS_MINIMAS: Final = 10
"""Con menos en la zona no se sabe cuánto está corrido todo, y no se dice nada."""
ALCANCE: Final = 700.0
"""Metros: lo más lejos que puede estar el centro de un vecino de zona (la diagonal de dos cuadros, 425), y de ahí su
huella, el otro edificio que podría ser la pareja de ésta, y lo que él mide (60 y 10 cada vez, 30 a la orilla)."""
ALREDEDOR: Final = tuple((c, f) for c in (-1, 0, 1) for f in (-1, 0, 1))
RUMBOS: Final = (
    ("el este", "the east"), ("el noreste", "the northeast"), ("el norte", "the north"),
    ("el noroeste", "the northwest"), ("el oeste", "the west"), ("el suroeste", "the southwest"),
    ("el sur", "the south"), ("el sureste", "the southeast"),
)  # fmt: skip


def revisar(mundo: Mundo, ajustes: Ajustes) -> Iterator[Hallazgo]:
    """Lo que queda de la distancia de cada edificio a su huella al quitar el vector mediano de su zona.

    No se propone la posición corregida: sería copiar la referencia. Se corrige mirando la imagen.
    """
    junto = mundo.comparacion
    if junto is None:
        return
    edificios, parejas = mundo.edificios, junto.parejas
    queda = _residuos(shapely.centroid(edificios.geom[parejas.edificio]), parejas.vector)
    metros = np.hypot(*queda.T)
    for k in np.flatnonzero(metros > CORRIDO_M).tolist():
        cual = int(parejas.edificio[k])
        punto = shapely.point_on_surface(edificios.geom[cual])
        es, en = RUMBOS[round(float(np.degrees(np.arctan2(queda[k, 1], queda[k, 0]))) / 45) % 8]
        yield Hallazgo(
            codigo="E-DESP",
            nivel=2 if metros[k] > MUY_CORRIDO_M else 3,
            objetos=(edificios.clave[cual],),
            lugar=(punto.x, punto.y),
            frase="corrido",
            datos={"metros": round(float(metros[k]), 1), "hacia": {"es": es, "en": en}},
        )


def que_mira(edificios: Geometrias) -> Reales | None:
    """La caja (oeste, sur, este, norte) de todo lo que decide si esos edificios están corridos.

    Es más chica que la que da `ALCANCE`, que no sabe dónde caen los cuadros: los suyos y los que los rodean, y lo que
    haya por emparejarse ahí.

    Parameters
    ----------
    edificios : (n,) arreglo de superficies, en metros

    Returns
    -------
    (4,) float64, metros; ``None`` si de ninguno se puede decir nada
    """
    edificios = edificios[lados(edificios) <= LADO_DE_PAREJA_M]
    if not len(edificios):
        return None
    centros = shapely.get_coordinates(shapely.centroid(edificios))
    menor = (np.floor(centros.min(axis=0) / CUADRO_M) - 1) * CUADRO_M
    mayor = (np.floor(centros.max(axis=0) / CUADRO_M) + 2) * CUADRO_M
    # De un centro en los cuadros al de su pareja, y de ahí al del otro que se la disputa; algo suyo hay a medio lado.
    orilla = 2 * LEJOS_M + LADO_DE_PAREJA_M / 2
    return np.concatenate([menor - orilla, mayor + orilla])


def _residuos(centros: object, vectores: Reales) -> Reales:
    """(k, 2) cada vector menos el mediano de su zona; cero donde no hay parejas con qué saberlo."""
    lugares = np.column_stack([shapely.get_x(centros), shapely.get_y(centros)])
    queda = np.zeros_like(vectores)
    por_cuadro = defaultdict(list)
    for k, cuadro in enumerate(map(tuple, np.floor(lugares / CUADRO_M).astype(np.int64).tolist())):
        por_cuadro[cuadro].append(k)
    for (columna, fila), suyos in por_cuadro.items():
        zona = [k for dc, df in ALREDEDOR for k in por_cuadro.get((columna + dc, fila + df), ())]
        if len(zona) >= PAREJAS_MINIMAS:
            queda[suyos] = vectores[suyos] - np.median(vectores[zona], axis=0)
    return queda


REGLA: Final = Regla(
    codigo="E-DESP",
    carpeta=Path(__file__).parent,
    revisar=revisar,
    umbrales={
        "corrido_m": CORRIDO_M,
        "muy_corrido_m": MUY_CORRIDO_M,
        "cuadro_m": CUADRO_M,
        "parejas_minimas": PAREJAS_MINIMAS,
        "lado_maximo_m": LADO_DE_PAREJA_M,
    },
    alcance_m=ALCANCE,
    de_referencia=True,
    mira=EDIFICIOS,
)
