"""Lo que llega de fuera al buzón, ya validado."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tareas.comun.campos import rechazar
from tareas.comun.entrada import Consulta, Cuerpo
from tareas.comun.textos import N_, _
from tareas.cuentas.buzon.reglas import PorCorreo
from tareas.cuentas.formularios import Formulario

EN_UNA_PETICION = 200
DI_CUALES = N_("di cuáles con ids, o todos con true; una de las dos")
HORA = N_("elige una hora del día, de 0 a 23")
ID_MAYOR = 2**63 - 1


def _hora(valor: int) -> int:
    if not 0 <= valor <= 23:
        rechazar(_(HORA))
    return valor


Hora = Annotated[int, AfterValidator(_hora)]
Id = Annotated[int, Field(ge=1, le=ID_MAYOR)]


class PreferenciasDePagina(Formulario):
    """Cómo quiere sus avisos, desde «Mi cuenta»."""

    correo_avisos: PorCorreo
    hora: Hora


class Leidos(Formulario):
    """Un aviso, o todos si falta."""

    aviso: Annotated[Id | None, BeforeValidator(lambda valor: valor or None)] = None


class BuzonPedido(Consulta):
    """``GET /api/v1/buzon``: ``desde`` es el ``siguiente`` de la respuesta anterior."""

    sin_leer: bool = False
    limite: Annotated[int, Field(ge=1, le=100)] = 20
    desde: Id | None = None


class LeidosDeApi(Cuerpo):
    """``POST /api/v1/buzon/leidos``."""

    ids: Annotated[list[Id], Field(max_length=EN_UNA_PETICION)] | None = None
    todos: Literal[True] | None = None

    @model_validator(mode="after")
    def _una_de_dos(self) -> "LeidosDeApi":
        if (self.ids is None) == (self.todos is None):
            rechazar(_(DI_CUALES), "ids")
        return self


class PreferenciasDeApi(Cuerpo):
    """``PUT /api/v1/buzon/preferencias``; sin ``hora`` se conserva la que había."""

    correo: Literal["cada_uno", "resumen", "nunca"]
    hora: Hora | None = None
