"""Lo que la API y las páginas de los talleres reciben."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from tareas.comun.campos import Linea, rechazar
from tareas.comun.entrada import Consulta, Cuerpo
from tareas.comun.textos import _
from tareas.comun.tiempos import zona_de
from tareas.proyectos.formularios import Municipio

PERSONAS_MAXIMAS = 500


def _con_hora(valor: Any) -> Any:
    """Un momento ISO 8601. Sin zona, es la del municipio: se le pone después."""
    if not isinstance(valor, str):
        rechazar(_("di el día y la hora, por ejemplo 2026-03-14T10:00"))
    try:
        momento = datetime.fromisoformat(valor.strip())
    except ValueError:
        rechazar(_("di el día y la hora, por ejemplo 2026-03-14T10:00"))
    if not 2000 <= momento.year <= 2100:
        rechazar(_("ese año no parece"))
    return momento


def _de_renglones(valor: Any) -> Any:
    if not isinstance(valor, str):
        return valor
    return [limpio for renglon in valor.splitlines() if (limpio := " ".join(renglon.split()).strip(" ,;"))]


def _sin_vacias(nombres: list[str]) -> list[str]:
    return [n for n in nombres if n]


Nombre = Annotated[Linea, Field(min_length=3, max_length=120)]
Momento = Annotated[datetime, BeforeValidator(_con_hora)]
Horas = Annotated[int, Field(ge=1, le=72)]
Ritmo = Annotated[int, Field(ge=1, le=500)]
Persona = Annotated[Linea, Field(max_length=120)]
Personas = Annotated[list[Persona], Field(max_length=PERSONAS_MAXIMAS), AfterValidator(_sin_vacias)]


class TallerPedido(Cuerpo):
    """Cuerpo de ``POST /talleres`` y ``PUT /talleres/{id}``."""

    municipio: Municipio
    nombre: Nombre
    empieza: Momento
    horas: Horas = 3
    ritmo: Ritmo = 30
    proyecto: Annotated[int, Field(ge=1, le=2**62)] | None = None
    personas: Personas = Field(default_factory=list)


class FormularioDeTaller(Consulta):
    """Campos de la página: todos, como texto."""

    municipio: Annotated[Linea, Field(min_length=1, max_length=60)]
    nombre: Nombre
    empieza: Momento
    horas: Horas = 3
    ritmo: Ritmo = 30
    proyecto: Annotated[Linea, Field(max_length=19, pattern=r"^\d*$")] = ""
    personas: Annotated[Personas, BeforeValidator(_de_renglones)] = Field(default_factory=list)


def con_zona(momento: datetime, zona: str) -> datetime:
    """El momento en la zona del municipio, si no trae la suya."""
    return momento if momento.tzinfo is not None else momento.replace(tzinfo=zona_de(zona))
