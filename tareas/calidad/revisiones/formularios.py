"""Lo que la API de hallazgos recibe."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from geo.revisiones.catalogo import POR_CODIGO
from tareas.calidad.revisiones.reglas import MAXIMO_POR_PAGINA
from tareas.comun.campos import CajaTexto, rechazar
from tareas.comun.entrada import Consulta, Cuerpo
from tareas.comun.textos import _

Huella = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]


def _codigo(valor: str) -> str:
    # Un cero de lo que no se busca, o no se guarda, diría que no hay errores.
    if valor and (valor not in POR_CODIGO or POR_CODIGO[valor].de_referencia):
        rechazar(_("no es el código de una revisión que guarde hallazgos: las hay en /api/v1/calidad/reglas"))
    return valor


def _o_todos(valor: str | None) -> str | None:
    return valor or None


Codigo = Annotated[str, AfterValidator(_codigo)]


class Responder(Cuerpo):
    """Cuerpo de ``POST …/hallazgos/respuestas``: si lo hallado era un error o una falsa alarma."""

    huella: Huella
    respuesta: Literal["error", "falso"]
    nota: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class Justificacion(Cuerpo):
    """Por qué se entrega con un hallazgo sin arreglar."""

    huella: Huella
    motivo: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Filtro(Consulta):
    """Parámetros de la página de calidad de un municipio y de su descarga; vacío es todos."""

    codigo: Codigo = ""
    nivel: Literal["", "1", "2", "3"] = ""


class Lista(Consulta):
    """Parámetros de ``GET …/municipios/{id}/hallazgos``."""

    codigo: Annotated[Codigo | None, AfterValidator(_o_todos)] = None
    nivel: Annotated[int, Field(ge=1, le=3)] | None = None
    caja: CajaTexto | None = None
    desde: Annotated[int, Field(ge=0, le=2**62)] = 0
    limite: Annotated[int, Field(ge=1, le=MAXIMO_POR_PAGINA)] = 500
