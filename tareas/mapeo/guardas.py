"""Lo que se revisa antes de aceptar una entrega. Lo ponen los subdominios de arriba, que el mapeo no conoce."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Entregando:
    """Una entrega por aceptar. ``justificaciones``: por qué se deja así cada hallazgo, por su huella."""

    municipio_id: int
    proyecto_id: int
    numero: int
    ficha: int
    persona_id: int
    justificaciones: Mapping[str, str] = field(default_factory=dict)


Anotar = Callable[[Session], None]
Guarda = Callable[[Session, Entregando], Anotar | None]
"""Lee, y rechaza la entrega con un `ErrorTequio`; si la deja pasar, da lo que haya que escribir junto con ella."""

GUARDAS: Final[list[Guarda]] = []


def revisar(sesion: Session, entrega: Entregando) -> list[Anotar]:
    """Pasa la entrega por todas; lo que devuelven se corre en la transacción que la escribe.

    Raises
    ------
    ErrorTequio
        El de la primera que no la deje pasar.
    """
    return [anotar for guarda in GUARDAS if (anotar := guarda(sesion, entrega)) is not None]
