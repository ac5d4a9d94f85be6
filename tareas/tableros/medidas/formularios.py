"""Lo que las páginas, la descarga y la API de medidas reciben."""

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from tareas.comun.campos import dia_de_texto, rechazar
from tareas.comun.entrada import Consulta
from tareas.comun.textos import _
from tareas.tableros.medidas.reglas import Orden, Por

PRIMER_DIA = date(2004, 8, 9)
"""El día en que empezó OpenStreetMap: nada de aquí es anterior."""
ULTIMO_DIA = date(2199, 12, 31)


def _vacio(valor: Any) -> Any:
    """Un campo del formulario que se dejó en blanco es como si no estuviera."""
    return None if valor == "" else valor


def _dia(valor: Any) -> Any:
    if valor is None or valor == "" or isinstance(valor, date):
        return valor or None
    dia = dia_de_texto(str(valor))
    if dia is None:
        rechazar(_("debe ser un día que exista, escrito como 2026-03-31"))
    if not PRIMER_DIA <= dia <= ULTIMO_DIA:
        rechazar(_("debe ser un día entre %(desde)s y %(hasta)s", desde=PRIMER_DIA, hasta=ULTIMO_DIA))
    return dia


Dia = Annotated[date | None, BeforeValidator(_dia)]


class Filtro(Consulta):
    """De qué días, de qué grupo, por qué y en qué orden."""

    por: Annotated[Por | None, BeforeValidator(_vacio)] = None
    desde: Dia = None
    hasta: Dia = None
    grupo: Annotated[Annotated[int, Field(ge=1, le=2**62)] | None, BeforeValidator(_vacio)] = None
    orden: Annotated[Orden, BeforeValidator(lambda v: v or Orden.NOMBRE)] = Orden.NOMBRE
    practica: Annotated[bool, BeforeValidator(lambda v: v or False)] = False

    @model_validator(mode="after")
    def _en_orden(self) -> "Filtro":
        if self.desde and self.hasta and self.desde > self.hasta:
            rechazar(_("el primer día va antes que el último"), "hasta")
        return self
