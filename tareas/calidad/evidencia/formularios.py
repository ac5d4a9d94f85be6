"""Lo que la API de evidencia recibe."""

from typing import Annotated, Literal

from pydantic import Field

from tareas.comun.entrada import Consulta, Cuerpo
from tareas.mapeo.formularios import Ficha


class Pedido(Consulta):
    """Parámetros de ``GET …/evidencia``: con ``objetos`` (la ficha de un turno) van también sus objetos."""

    objetos: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limite: Annotated[int, Field(ge=1, le=2000)] = 500
    salto: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class DecirMotivo(Cuerpo):
    """Cuerpo de ``POST …/evidencia/motivo``. Sin ``ficha``, la última entrega de quien pide."""

    motivo: Literal["ya_estaba", "no_hay_nada", "sin_imagen"]
    ficha: Ficha | None = None
