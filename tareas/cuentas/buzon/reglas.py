"""Qué clases de aviso hay y qué dice cada una; cómo se quieren por correo."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tareas.comun.textos import N_
from tareas.comun.tiempos import ZONA

LARGO_ENLACE: Final = 500
# Lo que nadie abrió en este tiempo ya no se manda por correo: sigue en el buzón.
DIAS_POR_CORREO: Final = 7
# Lo leído se conserva medio año; lo que nadie leyó, uno.
DIAS_LEIDO, DIAS_SIN_LEER = 183, 366
HORA_DEL_RESUMEN: Final = 18
ZONA_POR_OMISION: Final = ZONA
# Más allá de esto la campana sólo dice «más de».
TOPE_DE_LA_CAMPANA: Final = 99
AVISOS_EN_UN_RESUMEN: Final = 20
# «Cada uno»: los seguidos van en un correo. Sale cuando en un minuto no hubo más, y a lo más tarde a los cinco.
SEGUNDOS_DE_REPOSO, SEGUNDOS_JUNTOS = 60, 300
CORREOS_POR_VEZ: Final = 200


class PorCorreo(StrEnum):
    """Cómo quiere una persona sus avisos por correo."""

    CADA_UNO = "cada_uno"
    RESUMEN = "resumen"
    NUNCA = "nunca"


@dataclass(frozen=True, slots=True)
class Clase:
    """Lo que dice un aviso: título, oración y qué hacer. Los huecos son ``numero`` y ``proyecto``.

    Attributes
    ----------
    en_plazo, tras_plazo : str, optional
        Qué hacer si ``datos['hasta']`` dice hasta cuándo, antes y después de ese momento; con el hueco ``hasta``.
    icono : str
        Nombre en ``img/iconos.svg``.
    motivos : bool
        Si ``datos['codigos']`` trae qué se señaló. Sólo va a quien mapeó.
    """

    titulo: str
    frase: str
    que_hacer: str
    icono: str
    motivos: bool = False
    en_plazo: str | None = None
    tras_plazo: str | None = None


CLASES: Final[Mapping[str, Clase]] = {
    "devuelta": Clase(
        N_("Te devolvieron la tarea %(numero)s"),
        N_("Quien revisó la tarea %(numero)s de «%(proyecto)s» te la devolvió, con lo que hay que cambiar."),
        N_("Mira qué señaló y corrígela: está apartada para ti."),
        "deshacer",
        motivos=True,
        en_plazo=N_("Mira qué señaló y corrígela: está apartada para ti hasta el %(hasta)s."),
        tras_plazo=N_(
            "Mira qué señaló. Estuvo apartada para ti hasta el %(hasta)s: si sigue libre, todavía puedes corregirla."
        ),
    ),
    "validada": Clase(
        N_("Validaron tu tarea %(numero)s"),
        N_("La tarea %(numero)s de «%(proyecto)s» quedó validada. Gracias por tu trabajo."),
        N_("Lee lo que te dijeron y sigue con otra tarea."),
        "palomita",
    ),
    "con_arreglos": Clase(
        N_("Validaron tu tarea %(numero)s, con arreglos"),
        N_("La tarea %(numero)s de «%(proyecto)s» quedó validada: quien la revisó hizo unos arreglos."),
        N_("Mira qué arregló, para que la próxima te salga a la primera."),
        "palomita",
        motivos=True,
    ),
    "disputa": Clase(
        N_("Piden otra mirada a la tarea %(numero)s"),
        N_("Quien mapeó la tarea %(numero)s de «%(proyecto)s» no está de acuerdo con la devolución y dijo por qué."),
        N_("La revisa otra persona que valida. Lee su motivo."),
        "comentario",
    ),
    "disputa_resuelta": Clase(
        N_("Ya hay respuesta en la tarea %(numero)s"),
        N_("Otra persona revisó la tarea %(numero)s de «%(proyecto)s», por la que se pidió otra mirada."),
        N_("Mira qué decidió y por qué."),
        "comentario",
        en_plazo=N_("Mira qué decidió y por qué. La tarea está apartada para ti hasta el %(hasta)s."),
        tras_plazo=N_("Mira qué decidió y por qué. La tarea estuvo apartada para ti hasta el %(hasta)s."),
    ),
    "desacuerdo": Clase(
        N_("Dos revisiones distintas de la tarea %(numero)s"),
        N_("La tarea %(numero)s de «%(proyecto)s» se revisó dos veces, a ciegas, y los veredictos no coinciden."),
        N_("Compara las dos y convérsenlo: así se afina el criterio."),
        "personas",
    ),
    "comentario": Clase(
        N_("Hay un comentario en la tarea %(numero)s"),
        N_("Alguien comentó la tarea %(numero)s de «%(proyecto)s», en la que trabajaste."),
        N_("Léelo y contesta si hace falta."),
        "comentario",
    ),
}

_TITULOS_DE_CODIGO: dict[str, str] = {}


def registrar_codigos(titulos: Mapping[str, str]) -> None:
    """Dice cómo se llama cada código de error; lo registra quien tiene la lista, en una capa de arriba."""
    _TITULOS_DE_CODIGO.update(titulos)


def titulos_de(datos: Mapping[str, Any]) -> list[str]:
    """Nombres, sin traducir, de los códigos de ``datos['codigos']``; los que ya no existen no se muestran."""
    codigos = datos.get("codigos")
    if not isinstance(codigos, list):
        return []
    propios = dict.fromkeys(c for c in codigos if isinstance(c, str))
    return [_TITULOS_DE_CODIGO[c] for c in propios if c in _TITULOS_DE_CODIGO]
