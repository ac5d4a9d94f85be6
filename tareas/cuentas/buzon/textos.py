"""De una fila de aviso a lo que se lee: en la página, en la API y en el correo, en el idioma de quien lee."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from tareas.comun.textos import N_
from tareas.cuentas.buzon.reglas import CLASES, Clase, titulos_de

# De una versión más nueva del programa: se dice lo que se sabe.
DESCONOCIDA = Clase(
    N_("Novedades en la tarea %(numero)s"),
    N_("Hay algo nuevo en la tarea %(numero)s de «%(proyecto)s»."),
    N_("Ábrela para verlo."),
    "info",
)


@dataclass(frozen=True, slots=True)
class Texto:
    """Un aviso en palabras. ``motivos``: los nombres de lo que se señaló, si los trae."""

    titulo: str
    frase: str
    que_hacer: str
    icono: str
    motivos: tuple[str, ...]


def en_palabras(aviso: Row[Any], traducir: Callable[[str], str]) -> Texto:
    """Compone un aviso.

    Parameters
    ----------
    aviso
        Fila con ``clase``, ``numero``, ``proyecto`` y ``datos``.
    traducir
        De un texto marcado al idioma de quien lee.
    """
    clase = CLASES.get(aviso.clase, DESCONOCIDA)
    huecos = {"numero": "—" if aviso.numero is None else aviso.numero, "proyecto": aviso.proyecto}
    motivos = tuple(traducir(t) for t in titulos_de(aviso.datos)) if clase.motivos else ()
    return Texto(
        traducir(clase.titulo) % huecos,
        traducir(clase.frase) % huecos,
        traducir(clase.que_hacer),
        clase.icono,
        motivos,
    )
