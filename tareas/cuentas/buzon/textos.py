"""De una fila de aviso a lo que se lee: en la página, en la API y en el correo, en el idioma de quien lee."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from tareas.comun.presentacion import dia_y_hora
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


YA_NO = N_("Mira qué señaló. La tarea ya no está por corregir.")


def en_palabras(aviso: Row[Any], traducir: Callable[[str], str], idioma: str) -> Texto:
    """Compone un aviso.

    Parameters
    ----------
    aviso
        Fila con ``clase``, ``numero``, ``proyecto``, ``datos``, ``zona`` (la del municipio), ``ahora`` y ``ya_no`` (si
        la tarea ya no está por corregir).
    traducir
        De un texto marcado al idioma de quien lee, que es ``idioma``.
    """
    clase = CLASES.get(aviso.clase, DESCONOCIDA)
    huecos = {"numero": "—" if aviso.numero is None else aviso.numero, "proyecto": aviso.proyecto}
    motivos = tuple(traducir(t) for t in titulos_de(aviso.datos)) if clase.motivos else ()
    que_hacer = clase.que_hacer
    if clase.en_plazo is not None and aviso.ya_no:
        # Se entregó otra vez, se disputó o ya se aceptó: no hay plazo que contar.
        que_hacer = YA_NO
    elif (hasta := _plazo(aviso.datos)) is not None and clase.en_plazo is not None and clase.tras_plazo is not None:
        que_hacer = clase.en_plazo if aviso.ahora < hasta else clase.tras_plazo
        huecos["hasta"] = dia_y_hora(hasta, aviso.zona, aviso.ahora, idioma)
    return Texto(
        traducir(clase.titulo) % huecos,
        traducir(clase.frase) % huecos,
        traducir(que_hacer) % huecos,
        clase.icono,
        motivos,
    )


def _plazo(datos: dict[str, Any]) -> datetime | None:
    """El momento de ``datos['hasta']``, ISO 8601 con zona; los avisos de antes no lo traen."""
    try:
        hasta = datetime.fromisoformat(datos["hasta"])
    except (KeyError, TypeError, ValueError):
        return None
    return hasta if hasta.tzinfo is not None else None
