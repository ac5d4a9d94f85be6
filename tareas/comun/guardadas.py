"""Recordar lo que cuesta hacer, sin pasar de cierta memoria."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Valor = TypeVar("Valor")


class Guardadas(Generic[Valor]):
    """Guarda los valores usados hace menos, hasta cierto número de bytes; la usan varios hilos."""

    def __init__(self, maximo: int) -> None:
        self.maximo = maximo
        self._ocupado = 0
        self._valores: OrderedDict[Hashable, tuple[int, Valor]] = OrderedDict()
        self._candado = threading.Lock()

    def obtener(self, clave: Hashable, hacer: Callable[[], tuple[int, Valor]]) -> Valor:
        """El valor guardado, o el que haga ``hacer``, que dice también cuántos bytes ocupa."""
        with self._candado:
            if clave in self._valores:
                self._valores.move_to_end(clave)
                return self._valores[clave][1]
        # Fuera del candado: dos hilos pueden hacer lo mismo a la vez, pero ninguno espera la consulta de otro.
        peso, valor = hacer()
        with self._candado:
            if clave not in self._valores:
                self._valores[clave] = (peso, valor)
                self._ocupado += peso
            while self._ocupado > self.maximo and len(self._valores) > 1:
                self._ocupado -= self._valores.popitem(last=False)[1][0]
        return valor
