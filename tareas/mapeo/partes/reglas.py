"""Qué hereda una tarea que sale de otras."""

from collections.abc import Sequence
from enum import StrEnum

from tareas.mapeo.reglas import Estado


class Clase(StrEnum):
    """Qué se les hizo a las tareas."""

    PARTIR = "partir"
    JUNTAR = "juntar"
    CORREGIR = "corregir"


class Modo(StrEnum):
    """Cómo se parte."""

    EN_DOS = "en_dos"
    EN_CUATRO = "en_cuatro"
    LINEA = "linea"


FUENTE_MINIMA_M2 = 1.0
"""Lo que una tarea nueva debe tener de otra para venir de ella: con menos, es un roce del borde."""


def estado_heredado(principal: Estado, fuentes: Sequence[Estado]) -> Estado:
    """Estado de una tarea nueva.

    Parameters
    ----------
    principal
        De la tarea de la que más tiene.
    fuentes
        De todas de las que tiene algo. Validada sólo si todas lo están: lo que nadie revisó no queda como revisado.
    """
    if principal is Estado.VALIDADA and any(e is not Estado.VALIDADA for e in fuentes):
        return Estado.MAPEADA
    return principal
