"""Baja por adelantado lo que sigue mientras los anteriores se aplican: pocos a la vez y sin llenar el disco."""

import tempfile
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from tareas.datos_osm.seguimiento.consultas import Flujo
from tareas.datos_osm.seguimiento.errores import ErrorDeFlujo
from tareas.datos_osm.seguimiento.fuente import Bajado, Estado, Fuente

A_LA_VEZ = 4
BYTES = 32 * 1024 * 1024
"""Lo que se espera tener bajado y sin aplicar; de un flujo por día, con cambios mayores, se baja uno a la vez."""


class Adelanto:
    """Los cambios de un flujo, en orden y por lotes; se usa dentro de un ``with``.

    Parameters
    ----------
    flujo
        El que se sigue; se empieza con el cambio que sigue al suyo.
    punta
        El último cambio que el flujo ofrece.
    extension : str
        ``osc.gz`` u ``osm.gz``.
    con_estado : bool
        Si cada cambio tiene el suyo (``state.txt``); si no, se le da el de la punta.
    juntos : int
        Cambios por lote, a lo más. Con uno no se adelanta nada.
    """

    def __init__(self, flujo: Flujo, punta: Estado, extension: str, *, con_estado: bool, juntos: int) -> None:
        assert flujo.secuencia is not None
        self._url, self._extension, self._con_estado = flujo.url, extension, con_estado
        self._punta, self._juntos = punta, juntos
        self._siguiente = flujo.secuencia + 1
        self._mayor = 0
        self._listos: deque[Bajado] = deque()
        self._pedidos: deque[Future[Bajado]] = deque()
        self._fuentes: SimpleQueue[Fuente] = SimpleQueue()
        self._dejar = threading.Event()
        self._cosas = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as cosas:
            self._carpeta = Path(cosas.enter_context(tempfile.TemporaryDirectory(prefix="tequio-osm-")))
            a_la_vez = min(A_LA_VEZ, self._juntos)
            for _ in range(a_la_vez):
                self._fuentes.put(cosas.enter_context(Fuente(self._url, self._extension, dejar=self._dejar)))
            self._grupo = ThreadPoolExecutor(a_la_vez, thread_name_prefix="adelanto")
            self._cosas = cosas.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._dejar.set()
        self._grupo.shutdown(cancel_futures=True)
        self._cosas.close()

    def tomar(self) -> list[Bajado]:
        """Los que siguen, al menos uno. Si uno falla, primero se entregan los de antes y el fallo espera su turno.

        Raises
        ------
        ErrorDeFlujo, OSError
            Por el primero que sigue.
        """
        lote: list[Bajado] = []
        while len(lote) < self._juntos and sum(b.ruta.stat().st_size for b in lote) < BYTES:
            if self._listos:
                lote.append(self._listos.popleft())
                continue
            self._pedir()
            if not self._pedidos:
                break
            try:
                bajado = self._pedidos[0].result()
            except (ErrorDeFlujo, OSError):
                if lote:
                    break
                raise
            self._pedidos.popleft()
            self._mayor = max(bajado.ruta.stat().st_size, self._mayor, 1)
            lote.append(bajado)
        if self._juntos > 1:
            self._pedir()
        return lote

    def devolver(self, sobrantes: list[Bajado]) -> None:
        """Los del último lote que no se aplicaron: salen primero la próxima vez."""
        self._listos.extendleft(reversed(sobrantes))

    def _pedir(self) -> None:
        # Mientras no se sepa cuánto ocupa un cambio se baja uno; después, los de este lote y los del que sigue.
        caben = BYTES // self._mayor if self._mayor else 1
        adelante = min(1 if self._juntos == 1 else 2 * self._juntos, max(1, caben))
        while len(self._pedidos) < adelante and self._siguiente <= self._punta.secuencia:
            self._pedidos.append(self._grupo.submit(self._bajar, self._siguiente))
            self._siguiente += 1

    def _bajar(self, numero: int) -> Bajado:
        fuente = self._fuentes.get()
        try:
            propio = self._con_estado and numero < self._punta.secuencia
            estado = fuente.estado(numero) if propio else Estado(numero, self._punta.momento)
            ruta = self._carpeta / f"{numero:09d}.{self._extension}"
            fuente.bajar(numero, ruta)
            return Bajado(estado, ruta)
        finally:
            self._fuentes.put(fuente)
