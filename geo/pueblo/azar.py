"""Azar repetible: el mismo resultado en cualquier máquina y con cualquier versión de numpy."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")


class Azar:
    """Números al azar a partir de una semilla y del nombre de una etapa.

    Cada etapa tiene su propia sucesión: cambiar una no mueve a las demás. Todo se deriva de ``Generator.random``
    porque numpy sólo asegura que esa sucesión no cambie entre versiones.

    Parameters
    ----------
    semilla : int
    etapa : str
        Nombre ASCII de la etapa.
    """

    def __init__(self, semilla: int, etapa: str) -> None:
        self._fuente = np.random.Generator(np.random.PCG64(np.random.SeedSequence([semilla, *etapa.encode("ascii")])))

    def entre(self, menor: float, mayor: float) -> float:
        """Número uniforme en ``[menor, mayor)``."""
        return menor + (mayor - menor) * float(self._fuente.random())

    def entero(self, menor: int, mayor: int) -> int:
        """Entero uniforme en ``[menor, mayor]``."""
        return menor + int(float(self._fuente.random()) * (mayor - menor + 1))

    def moneda(self, probabilidad: float) -> bool:
        """Verdadero con esa probabilidad."""
        return float(self._fuente.random()) < probabilidad

    def elige(self, opciones: Sequence[T], pesos: Sequence[float] | None = None) -> T:
        """Una de las opciones, según sus pesos (iguales si no se dan)."""
        if pesos is None:
            return opciones[self.entero(0, len(opciones) - 1)]
        marca = self.entre(0.0, sum(pesos))
        for opcion, peso in zip(opciones, pesos, strict=True):
            marca -= peso
            if marca < 0:
                return opcion
        return opciones[-1]

    def barajados(self, opciones: Sequence[T]) -> list[T]:
        """Las mismas opciones en otro orden."""
        orden = np.argsort(self._fuente.random(len(opciones)), kind="stable")
        return [opciones[int(i)] for i in orden]

    def varios(self, cuantos: int) -> npt.NDArray[np.float64]:
        """Arreglo de ``cuantos`` números uniformes en ``[0, 1)``."""
        return self._fuente.random(cuantos)
