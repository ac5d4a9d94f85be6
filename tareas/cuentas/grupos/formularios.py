"""Lo que llega de fuera sobre un grupo, ya validado."""

from typing import Annotated

from pydantic import AfterValidator, Field

from tareas.comun.campos import Linea, Parrafos, rechazar
from tareas.comun.entrada import Consulta
from tareas.comun.textos import _
from tareas.cuentas.formularios import LARGO_LISTA, Formulario
from tareas.cuentas.grupos.reglas import LARGO_NOMBRE


def _lleno(valor: str) -> str:
    if not valor:
        rechazar(_("falta llenar este campo"))
    return valor


class NombreDeGrupo(Formulario):
    """Cómo se llama."""

    nombre: Annotated[Linea, Field(max_length=LARGO_NOMBRE), AfterValidator(_lleno)]


class GrupoNuevo(NombreDeGrupo):
    """Nombre y, si ya se sabe, quiénes."""

    lista: Annotated[Parrafos, Field(max_length=LARGO_LISTA)] = ""


class PersonasPorAgregar(Formulario):
    """Usuarios, en una lista pegada."""

    lista: Annotated[Parrafos, Field(max_length=LARGO_LISTA)]


class GruposPedidos(Consulta):
    """``GET /api/v1/municipios/{id}/grupos``."""

    archivados: bool = False
