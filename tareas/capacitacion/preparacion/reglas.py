"""Cuánto deja subir OpenStreetMap a una cuenta nueva, y qué tareas convienen a quien empieza.

El límite es el de openstreetmap-website (``User#max_changes_per_hour``): crece con el cuadrado del tiempo desde el
primer conjunto de cambios hasta llegar al máximo a los siete días, y cada denuncia abierta lo parte a la mitad.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt
from typing import Final

from tareas.comun.permisos import Papel
from tareas.proyectos.reglas import MINUTOS_DE_UNA_SENTADA

PREPARAN: Final = frozenset({Papel.CAPACITADOR, Papel.FUNCIONARIO, Papel.ADMINISTRADOR})

INICIAL: Final = 1_000
MAXIMO: Final = 100_000
MINIMO: Final = 100
EN_LLEGAR: Final = timedelta(days=7)

CAMBIOS_POR_EDIFICIO: Final = 5
"""Cuatro esquinas y la vía."""

DENSIDAD_QUE_DICE_ALGO: Final = 50
"""Edificios por km² por debajo de los cuales OSM está tan vacío que su densidad no sirve para medir tareas."""

LADO: Final = (50, 1000)
"""Metros entre los que se propone el lado de los cuadros."""


def cambios_por_hora(desde_el_primero: timedelta | None, denuncias: int = 0) -> int:
    """Cambios que una cuenta puede subir en una hora corrida.

    Parameters
    ----------
    desde_el_primero
        Tiempo desde su primer conjunto de cambios; ``None`` si aún no tiene ninguno.
    denuncias
        Denuncias abiertas contra la cuenta.
    """
    dias = (desde_el_primero or timedelta()) / EN_LLEGAR
    limite = max(INICIAL, min(MAXIMO, MAXIMO * max(dias, 0) ** 2))
    return int(max(MINIMO, min(MAXIMO, limite / 2**denuncias)))


class Cuenta(StrEnum):
    """Qué tan lista está una persona."""

    LISTA = "lista"
    SIN_OSM = "sin_osm"
    SIN_TEQUIO = "sin_tequio"


@dataclass(frozen=True, slots=True)
class Limite:
    """Lo que una cuenta podrá subir por hora: entre ``seguro`` y ``quiza``; iguales si se sabe."""

    seguro: int
    quiza: int

    @property
    def edificios(self) -> int:
        """Edificios de cuatro esquinas que caben en lo seguro."""
        return self.seguro // CAMBIOS_POR_EDIFICIO


def limite(cuando: datetime, *, conjuntos: int | None, primero: datetime | None, creada: datetime | None) -> Limite:
    """El límite de una cuenta en un momento, con lo que se sabe de ella.

    Parameters
    ----------
    cuando
        El momento.
    conjuntos
        Cuántos conjuntos de cambios tiene, según su servidor.
    primero
        Cuándo abrió el más viejo que conocemos: el primero de verdad es ése o uno anterior.
    creada
        Cuándo se creó la cuenta: el primero de verdad no puede ser anterior.
    """
    if primero is None and conjuntos == 0:
        return Limite(cambios_por_hora(None), cambios_por_hora(None))
    seguro = cambios_por_hora(None if primero is None else cuando - primero)
    quiza = cambios_por_hora(cuando - creada) if creada is not None else MAXIMO
    return Limite(seguro, max(seguro, quiza))


def edificios_por_tarea(ritmo: int, limite_menor: int | None) -> int:
    """Edificios que conviene que tenga una tarea.

    Parameters
    ----------
    ritmo
        Edificios por hora de quien empieza.
    limite_menor
        El menor límite de cambios por hora del grupo; ``None`` si no hay (un aula).
    """
    por_hora = ritmo if limite_menor is None else min(ritmo, limite_menor // CAMBIOS_POR_EDIFICIO)
    return max(1, round(por_hora * MINUTOS_DE_UNA_SENTADA / 60))


def lado_sugerido(edificios: int, por_km2: float | None) -> int | None:
    """Lado en metros, a decenas, de un cuadro con tantos edificios; ``None`` si la densidad no dice nada."""
    if por_km2 is None or por_km2 < DENSIDAD_QUE_DICE_ALGO:
        return None
    lado = sqrt(edificios / por_km2) * 1000
    return int(min(max(round(lado / 10) * 10, LADO[0]), LADO[1]))
