"""El mapa de lo que falta, como trazos SVG: no pide teselas ni guiones, y se imprime."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geo.tipos import Geometrias
from tareas.calidad.referencia.reglas import tramo

ANCHO: Final = 1_000.0
TAREAS_MAXIMAS: Final = 3_000
LADO_PARA_NUMERO: Final = 44.0
"""En unidades del dibujo: en un teléfono, el número mediría menos de nueve píxeles."""


@dataclass(frozen=True, slots=True)
class Tarea:
    """Una tarea dibujada: ``clase`` es ``t0`` a ``t4`` según lo que falta, ``pocas`` o ``nada`` (sin huellas)."""

    numero: int
    trazo: str
    clase: str
    omision: float | None
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Dibujo:
    """El dibujo: ``alto`` en las mismas unidades que `ANCHO`, y si los números caben."""

    tareas: list[Tarea]
    alto: float
    con_numeros: bool


def dibujar(filas: list[dict[str, Any]], formas: Geometrias) -> Dibujo | None:
    """Las tareas a escala, con el norte arriba; ``None`` si no hay o son más de `TAREAS_MAXIMAS`."""
    if not 0 < len(formas) <= TAREAS_MAXIMAS:
        return None
    oeste, sur, este, norte = shapely.total_bounds(formas)
    aplasta = np.cos(np.radians((sur + norte) / 2))
    escala = ANCHO / max((este - oeste) * aplasta, (norte - sur) / 1.5)
    margen = (ANCHO - (este - oeste) * aplasta * escala) / 2

    def plano(puntos: Any) -> Any:
        return np.column_stack([margen + (puntos[:, 0] - oeste) * aplasta * escala, (norte - puntos[:, 1]) * escala])

    planas = shapely.transform(formas, plano)
    centros = shapely.point_on_surface(planas)
    trazos = [_trazo(g) for g in planas]
    lado = float(np.median(np.sqrt(shapely.area(planas))))
    tareas = [
        Tarea(f["numero"], trazo, _clase(f), f["omision"], round(c.x, 1), round(c.y, 1))
        for f, trazo, c in zip(filas, trazos, centros, strict=True)
    ]
    return Dibujo(tareas, round((norte - sur) * escala, 1), lado >= LADO_PARA_NUMERO)


def _clase(f: dict[str, Any]) -> str:
    if f["omision"] is not None:
        return f"t{tramo(f['omision'])}"
    return "pocas" if f["pocas"] and f["n"] is None else "nada"


def _trazo(superficie: Any) -> str:
    anillos = shapely.get_rings(superficie)
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(anillo)[:-1]) + "Z" for anillo in anillos
    )
