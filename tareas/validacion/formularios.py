"""Lo que la API de validación recibe."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from tareas.comun.entrada import Consulta, Cuerpo
from tareas.comun.textos import N_, _
from tareas.mapeo.formularios import Ficha, Nota, Numero
from tareas.validacion.reglas import MOTIVOS


def _conocido(motivo: str) -> str:
    if motivo not in MOTIVOS:
        raise PydanticCustomError("motivo_desconocido", "motivo", {"error_mensaje": _(MOTIVO_DESCONOCIDO)})
    return motivo


Motivo = Annotated[str, Field(json_schema_extra={"enum": list(MOTIVOS)}), AfterValidator(_conocido)]
MOTIVO_DESCONOCIDO = N_("no es uno de los motivos de la lista")
FALTA_MOTIVO = N_("di al menos un motivo para devolver la tarea")


class Dictamen(Cuerpo):
    """Cuerpo de ``POST …/dictamen``."""

    ficha: Ficha
    veredicto: Literal["validada", "devuelta"]
    motivos: Annotated[list[Motivo], Field(max_length=len(MOTIVOS), default_factory=list)]
    nota: Nota | None = None

    @model_validator(mode="after")
    def _devolver_dice_por_que(self) -> "Dictamen":
        if self.veredicto == "devuelta" and not self.motivos:
            raise PydanticCustomError("falta_motivo", "motivo", {"error_mensaje": _(FALTA_MOTIVO), "campo": "motivos"})
        return self


class FichaDeTarea(Cuerpo):
    """Una de las tareas de un dictamen conjunto."""

    numero: Numero
    ficha: Ficha


class DictamenVarias(Cuerpo):
    """Cuerpo de ``POST …/dictamenes``: el mismo dictamen para varias tareas, todas o ninguna."""

    tareas: Annotated[list[FichaDeTarea], Field(min_length=1, max_length=50)]
    veredicto: Literal["validada", "devuelta"]
    motivos: Annotated[list[Motivo], Field(max_length=len(MOTIVOS), default_factory=list)]
    nota: Nota | None = None

    @model_validator(mode="after")
    def _devolver_dice_por_que(self) -> "DictamenVarias":
        if self.veredicto == "devuelta" and not self.motivos:
            raise PydanticCustomError("falta_motivo", "motivo", {"error_mensaje": _(FALTA_MOTIVO), "campo": "motivos"})
        return self


class Cola(Consulta):
    """Parámetros de ``GET …/revision``."""

    persona: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limite: Annotated[int, Field(ge=1, le=200)] = 50
    salto: Annotated[int, Field(ge=0, le=200_000)] = 0
