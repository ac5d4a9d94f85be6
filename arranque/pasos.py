"""Pasos de preparación: se muestran, se sellan y, si fallan, dicen qué hacer."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from arranque import sellos
from arranque.errores import ErrorArranque
from arranque.procesos import candado
from arranque.rutas import Rutas


@dataclass(frozen=True)
class Paso:
    """Una parte de la preparación que puede repetirse sin daño.

    Parameters
    ----------
    nombre : str
        Nombre del sello y de la bitácora.
    titulo : str
        Lo que lee la persona.
    hacer : Callable[[Path], None]
        Recibe la bitácora en la que deja los detalles; falla con ``ErrorArranque``.
    entradas : Callable[[], Iterable[str | bytes | Path]]
        De qué depende el resultado; si cambia, el paso se repite.
    presente : Callable[[], bool]
        Si el resultado sigue ahí (alguien pudo borrarlo).
    """

    nombre: str
    titulo: str
    hacer: Callable[[Path], None]
    entradas: Callable[[], Iterable[str | bytes | Path]]
    presente: Callable[[], bool]

    def pendiente(self, rutas: Rutas) -> bool:
        """Si hay que hacerlo."""
        return not (self.presente() and sellos.vigente(rutas.sellos, self.nombre, sellos.huella(self.entradas())))

    def cumplir(self, rutas: Rutas) -> None:
        """Hace el paso y lo sella."""
        bitacora = rutas.bitacora / f"{self.nombre}.log"
        bitacora.write_bytes(b"")
        with avance(self.titulo):
            self.hacer(bitacora)
        sellos.sellar(rutas.sellos, self.nombre, sellos.huella(self.entradas()))


def preparar(pasos: Sequence[Paso], rutas: Rutas) -> None:
    """Hace en orden los pasos pendientes; dos preparaciones a la vez se turnan.

    Raises
    ------
    ErrorArranque
        El motivo del primer paso que no se pudo completar.
    """
    if not any(paso.pendiente(rutas) for paso in pasos):
        return
    with candado(rutas.datos / "preparacion.candado"):
        for paso in pasos:
            if paso.pendiente(rutas):
                try:
                    paso.cumplir(rutas)
                except ErrorArranque as error:
                    raise ErrorArranque(
                        f"No se pudo completar el paso «{paso.titulo}»:\n{error.motivo}",
                        f"{error.remedio}\nDespués vuelve a ejecutar la misma orden: continúa donde se quedó.".strip(),
                    ) from error


@contextmanager
def avance(titulo: str) -> Iterator[None]:
    """Muestra un renglón con el tiempo que lleva un trabajo y cómo terminó."""
    inicio = time.monotonic()
    terminado = threading.Event()
    vivo = sys.stderr.isatty()

    def latir() -> None:
        while not terminado.wait(1):
            _escribir(f"\r  · {titulo}… {time.monotonic() - inicio:.0f} s")

    _escribir(f"  · {titulo}…")
    reloj = threading.Thread(target=latir, daemon=True)
    if vivo:
        reloj.start()
    marca = "✗"
    try:
        yield
        marca = "✓"
    finally:
        terminado.set()
        if vivo:
            reloj.join()
        principio = f"\r  {marca} {titulo}" if vivo else f" {marca}"
        _escribir(f"{principio} ({time.monotonic() - inicio:.1f} s)   \n")


def _escribir(texto: str) -> None:
    sys.stderr.write(texto)
    sys.stderr.flush()
