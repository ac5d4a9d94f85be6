"""Lo que la API y las páginas de las aulas reciben."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tareas.comun.campos import Linea, rechazar
from tareas.comun.entrada import Consulta, Cuerpo
from tareas.comun.textos import _
from tareas.proyectos.formularios import Municipio

Nombre = Annotated[Linea, Field(min_length=3, max_length=120)]
Visibilidad = Literal["publica", "privada"]
Id = Annotated[int, Field(ge=1, le=2**62)]


class NuevaAula(Cuerpo):
    """Cuerpo de ``POST /aulas``. Sin ``area`` ni ``proyecto``, el municipio entero."""

    BYTES = 10 * 1024 * 1024

    municipio: Municipio
    nombre: Nombre
    area: dict[str, Any] | None = None
    proyecto: Id | None = None
    reparar: bool = False
    visibilidad: Visibilidad = "publica"

    @model_validator(mode="after")
    def _una_sola_area(self) -> "NuevaAula":
        if self.area is not None and self.proyecto is not None:
            rechazar(_("di el área o el proyecto, no los dos"))
        return self


class AulaDeArchivo(Consulta):
    """Campos que acompañan al archivo en ``POST /aulas/archivo``."""

    municipio: Annotated[Linea, Field(min_length=1, max_length=60)]
    nombre: Nombre
    visibilidad: Visibilidad = "publica"


class EdicionDeAula(Cuerpo):
    """Cuerpo de ``PATCH /aulas/{id}``: sólo lo que cambia."""

    nombre: Nombre | None = None
    estado: Literal["abierta", "congelada"] | None = None
    visibilidad: Visibilidad | None = None


class FormularioDeAula(Consulta):
    """Campos de la página «Nueva aula»: todos, como texto."""

    municipio: Annotated[Linea, Field(min_length=1, max_length=60)]
    nombre: Nombre
    visibilidad: Visibilidad = "publica"
    de: Literal["municipio", "proyecto", "archivo"] = "municipio"
    proyecto: Annotated[Linea, Field(max_length=19, pattern=r"^\d*$")] = ""
