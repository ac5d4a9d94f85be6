"""Claves guardadas con Argon2id."""

import os
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tareas.cuentas.reglas import normalizar_clave

VARIABLE = "TEQUIO_ARGON2"


@dataclass(frozen=True, slots=True)
class Costo:
    """Cuánto cuesta cifrar una clave.

    Por omisión, 19 MiB y dos vueltas (el mínimo que recomienda OWASP): unos 20 ms en un servidor chico, y ocho entradas
    a la vez caben en 160 MB.
    """

    vueltas: int = 2
    memoria_kib: int = 19 * 1024
    hilos: int = 1


def costo() -> Costo:
    """Costo configurado en ``TEQUIO_ARGON2`` (``vueltas,memoria_kib,hilos``), o el de por omisión."""
    configurado = os.environ.get(VARIABLE)
    return Costo(*(int(n) for n in configurado.split(","))) if configurado else Costo()


@cache
def _cifrador(cuanto: Costo) -> PasswordHasher:
    return PasswordHasher(time_cost=cuanto.vueltas, memory_cost=cuanto.memoria_kib, parallelism=cuanto.hilos)


@cache
def _senuelo(cuanto: Costo) -> str:
    return _cifrador(cuanto).hash("nadie tiene esta clave")


def cifrar(clave: str) -> str:
    """Lo que se guarda en lugar de la clave."""
    return _cifrador(costo()).hash(normalizar_clave(clave))


def verificar(guardada: str | None, clave: str) -> bool:
    """Si la clave es la guardada. Cuesta lo mismo cuando no hay ninguna guardada."""
    cuanto = costo()
    try:
        _cifrador(cuanto).verify(guardada or _senuelo(cuanto), normalizar_clave(clave))
    except (VerificationError, InvalidHashError):
        return False
    return guardada is not None


def conviene_cifrar_de_nuevo(guardada: str) -> bool:
    """Si se guardó con un costo que ya no es el configurado."""
    return _cifrador(costo()).check_needs_rehash(guardada)
