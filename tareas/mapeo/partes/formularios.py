"""Lo que la API de partes recibe."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from tareas.comun.entrada import Consulta, Cuerpo
from tareas.comun.textos import N_, _
from tareas.mapeo.formularios import Ficha, Numero

Motivo = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
Huella = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
LINEA_SEGUN_EL_MODO = N_("con el modo «linea» hace falta, y con los otros sobra")


class Partir(Cuerpo):
    """Cuerpo de ``POST …/partes``."""

    ficha: Ficha | None = None
    modo: Literal["en_dos", "en_cuatro", "linea"]
    linea: dict[str, Any] | None = None
    motivo: Motivo
    huella: Huella | None = None
    """La de la vista previa: si lo que saldría ya no es eso, 409."""

    @model_validator(mode="after")
    def _linea_si_hace_falta(self) -> "Partir":
        if (self.modo == "linea") != (self.linea is not None):
            datos = {"error_mensaje": _(LINEA_SEGUN_EL_MODO), "campo": "linea"}
            raise PydanticCustomError("linea_segun_el_modo", "linea", datos)
        return self


class Juntar(Cuerpo):
    """Cuerpo de ``POST …/tareas/juntas``."""

    numeros: Annotated[list[Numero], Field(min_length=2, max_length=50)]
    motivo: Motivo
    huella: Huella | None = None


class Corregir(Cuerpo):
    """Cuerpo de ``POST …/area``."""

    ficha: Ficha | None = None
    area: dict[str, Any]
    motivo: Motivo
    huella: Huella | None = None


class Ensayo(Consulta):
    """``?ensayo=1``: cómo quedaría, sin escribir nada."""

    ensayo: Literal["1"] | None = None
