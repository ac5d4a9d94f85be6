"""Qué necesita cada orden antes de entregarle el mando."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Necesidades:
    """Lo que hay que preparar para una orden.

    Parameters
    ----------
    base : bool
        Base de datos encendida y con las migraciones al día.
    postgres : bool
        PostgreSQL disponible, sin encender la base del proyecto.
    paginas : bool
        Paquetes de navegador.
    migrar : bool
        Migrar siempre, no solo cuando las migraciones cambian.
    """

    base: bool = True
    postgres: bool = True
    paginas: bool = False
    migrar: bool = False


NADA = Necesidades(base=False, postgres=False)
POR_ORDEN: dict[tuple[str, ...], Necesidades] = {
    ("demo",): Necesidades(paginas=True, migrar=True),
    ("servir",): Necesidades(paginas=True, migrar=True),
    # El banco enciende su propio grupo de bases y su propio servidor.
    ("banco",): Necesidades(base=False, paginas=True),
    ("calidad", "revisar"): NADA,
    ("proyectos", "dividir"): NADA,
    ("textos",): NADA,
}
AYUDA = ("--help", "-h")


def palabras(argumentos: Sequence[str]) -> tuple[str, ...]:
    """Las palabras con que empieza una orden, hasta la primera opción."""
    corte = next((i for i, a in enumerate(argumentos) if a.startswith("-")), len(argumentos))
    return tuple(argumentos[:corte])


def necesidades(argumentos: Sequence[str]) -> Necesidades:
    """Qué preparar para una orden; las que no están en la tabla usan la base."""
    if pide_ayuda(argumentos):
        return NADA
    orden = palabras(argumentos)
    for largo in range(len(orden), 0, -1):
        if orden[:largo] in POR_ORDEN:
            return POR_ORDEN[orden[:largo]]
    return Necesidades()


def pide_ayuda(argumentos: Sequence[str]) -> bool:
    """Si la orden solo pide su ayuda."""
    return any(a in AYUDA for a in argumentos)
