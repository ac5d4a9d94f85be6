"""Cuánto deja subir OpenStreetMap a una cuenta nueva, y qué tareas convienen a quien empieza.

El límite es el de openstreetmap-website (``User#max_changes_per_hour``): crece con el cuadrado del tiempo desde el
primer conjunto de cambios hasta llegar al máximo a los siete días, y cada denuncia abierta lo parte a la mitad.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tareas.comun.permisos import Papel

PREPARAN: Final = frozenset({Papel.CAPACITADOR, Papel.FUNCIONARIO, Papel.ADMINISTRADOR})

INICIAL: Final = 1_000
MAXIMO: Final = 100_000
MINIMO: Final = 100
EN_LLEGAR: Final = timedelta(days=7)

CAMBIOS_POR_EDIFICIO: Final = 5
"""Cuatro esquinas y la vía."""


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


def por_hora(ritmo: int, limite_menor: int | None) -> int:
    """Edificios por hora que de veras podrá quien empieza: su ritmo, o lo que OpenStreetMap le deja si es menos.

    Parameters
    ----------
    ritmo
        Edificios por hora de quien empieza.
    limite_menor
        El menor límite de cambios por hora del grupo; ``None`` si no hay (un aula).
    """
    return ritmo if limite_menor is None else max(1, min(ritmo, limite_menor // CAMBIOS_POR_EDIFICIO))
