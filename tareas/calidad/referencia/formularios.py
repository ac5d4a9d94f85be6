"""Lo que acompaña al archivo de una referencia."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from tareas.comun.campos import Linea
from tareas.comun.entrada import Consulta


class Datos(Consulta):
    """Campos de un formulario ``multipart/form-data``, con el archivo aparte."""

    nombre: Annotated[Linea, Field(max_length=80)] = ""
    licencia: Annotated[Linea, Field(min_length=3, max_length=300)]
    fuente: Annotated[Linea, Field(min_length=3, max_length=300)]
    fecha: Annotated[date | None, BeforeValidator(lambda v: None if v == "" else v)] = None
    puede_compararse: bool = False
    capa: Annotated[Linea, Field(max_length=200)] = ""
    crs: Annotated[Linea, Field(max_length=100)] = ""
