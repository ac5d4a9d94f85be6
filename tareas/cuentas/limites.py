"""Cuántas veces se puede intentar algo. Se cuenta en la base, así que todos los procesos comparten la cuenta."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tareas.comun.errores import DemasiadasVeces
from tareas.cuentas.consultas import SQL
from tareas.cuentas.reglas import VENTANA_MAYOR_S, Limite


@dataclass(frozen=True, slots=True)
class Tope:
    """Lo que se cuenta (``clase`` y ``valor``, que sólo se guardan como huella) y su límite."""

    clase: str
    valor: str
    limite: Limite

    @property
    def asunto(self) -> bytes:
        """Huella con que se guarda."""
        return hashlib.sha256(f"{self.clase}\0{self.valor.casefold()}".encode()).digest()[:16]


def anotar(sesion: Session, topes: Sequence[Tope]) -> list[int]:
    """Anota un intento en cada tope, o ninguno si alguno está lleno.

    Se anota antes de intentar: de cien peticiones simultáneas no pasan más que las que caben.

    Returns
    -------
    list of int
        Los intentos anotados, para `perdonar`.

    Raises
    ------
    DemasiadasVeces
        Con los segundos que faltan para que quepa otro.
    """
    candados = [int.from_bytes(t.asunto[:8], "big", signed=True) for t in topes]
    sesion.execute(SQL["turno_de_intentos"], {"candados": candados})
    if esperas := [espera for t in topes if (espera := _espera(sesion, t))]:
        raise DemasiadasVeces(espera_s=max(1, *esperas))
    sesion.execute(SQL["barrer_intentos"], {"ventana": VENTANA_MAYOR_S})
    return list(sesion.execute(SQL["anotar_intentos"], {"asuntos": [t.asunto for t in topes]}).scalars())


def _espera(sesion: Session, tope: Tope) -> int | None:
    valores = {"asunto": tope.asunto, "ventana": tope.limite.ventana_s, "anteriores": tope.limite.maximo - 1}
    return sesion.execute(SQL["espera"], valores).scalar()


def perdonar(sesion: Session, intentos: Sequence[int], tope: Tope) -> None:
    """Borra los intentos dados y todos los de ``tope``: la persona demostró quién es."""
    sesion.execute(SQL["perdonar_intentos"], {"intentos": list(intentos), "asunto": tope.asunto})
