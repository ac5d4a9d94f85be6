"""Junta cambios seguidos que no se tocan entre sí, para mezclarlos de una vez sin que se note en lo que queda anotado.

Mezclar cuesta casi lo mismo para un objeto que para cien. Pero ``osm_cambio`` guarda cómo estaba y cómo quedó cada
versión, con la forma que tenía *entonces*: si a la vez entrara una versión de la vía y otra, posterior, de uno de sus
nodos, la primera quedaría anotada con un lugar que aún no existía. Por eso un cambio sólo se junta con los de antes si
no menciona nada de lo que ellos tocaron ni de lo que depende de ello; si lo menciona, primero se mezclan ellos. El
resultado, tablas y anotaciones, es el de aplicarlos de uno en uno.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psycopg

from geo.osm.archivo import abrir
from geo.osm.recorte import Elegidos, Zona, elegir, recorrer
from tareas.datos_osm.bolsa import Bolsa
from tareas.datos_osm.seguimiento.consultas import AlmacenDeBase
from tareas.datos_osm.servicio import Resumen, leer_cambio, mezclar_cambio

MUCHOS = 2000
"""Objetos con los que un cambio se mezcla sin esperar a otros: mirar qué depende de ellos costaría lo que se ahorra."""


class Junta:
    """Se usa dentro de un ``with``, en la transacción de quien aplica; al salir mezcla lo que falte.

    Parameters
    ----------
    conexion
        Ya con el turno de `tareas.datos_osm.servicio.bloquear`.
    carpeta
        Temporal.
    resumen
        Suma lo que haga.
    zona
        ``None`` si se guarda todo.
    """

    def __init__(self, conexion: psycopg.Connection, carpeta: Path, resumen: Resumen, zona: Zona | None) -> None:
        self._almacen = AlmacenDeBase(conexion)
        self._conexion = conexion
        self._carpeta = carpeta
        self._resumen = resumen
        self._zona = zona
        self._bolsa: Bolsa | None = None
        self._tocados: dict[str, set[int]] = {}
        self._abierta = ExitStack()

    def agregar(self, ruta: Path, *, ultimo: bool) -> None:
        """Agrega el cambio que sigue; con ``ultimo`` no se prepara para otro.

        Raises
        ------
        ErrorOsm
            Si el contenido no se puede tomar. La transacción ya no sirve: pudo entrar a medias.
        """
        with abrir(ruta, cambio=True) as archivo:
            if self._zona is None and ultimo and self._bolsa is None:
                self._meter(lambda bolsa: leer_cambio(archivo, bolsa, self._resumen))
                return
            indice = recorrer(archivo)
            if self._bolsa is not None and self._menciona_lo_tocado(indice.menciona()):
                self.mezclar()
            elegidos = indice.todos if self._zona is None else elegir(indice, self._zona, self._almacen)
            if not elegidos.cuantos:
                return
            filtro = None if self._zona is None else elegidos
            self._meter(lambda bolsa: leer_cambio(archivo, bolsa, self._resumen, elegidos=filtro))
        if elegidos.cuantos > MUCHOS:
            self.mezclar()
        elif not ultimo:
            self._recordar(elegidos, indice.menciona(elegidos))

    def mezclar(self) -> None:
        """Mezcla lo juntado, si hay algo."""
        if self._bolsa is None:
            return
        bolsa, self._bolsa = self._bolsa, None
        self._abierta.close()
        self._tocados = {}
        if sum(bolsa.filas.values()):
            mezclar_cambio(self._conexion, self._carpeta, bolsa, self._resumen)

    def __enter__(self) -> "Junta":
        return self

    def __exit__(self, clase: type[BaseException] | None, *_error: object) -> None:
        if clase is None:
            self.mezclar()
        self._abierta.close()

    def _meter(self, leer: Callable[[Bolsa], None]) -> None:
        if self._bolsa is None:
            self._bolsa = self._abierta.enter_context(Bolsa(self._carpeta, con_borrado=True))
        leer(self._bolsa)

    def _menciona_lo_tocado(self, menciona: Elegidos) -> bool:
        pares = (("n", menciona.nodos), ("w", menciona.vias), ("r", menciona.relaciones))
        return any(not self._tocados[tipo].isdisjoint(ids.tolist()) for tipo, ids in pares if self._tocados.get(tipo))

    def _recordar(self, elegidos: Elegidos, suyos: Elegidos) -> None:
        """Lo que desde ahora ningún otro puede mencionar sin esperar a que esto se mezcle.

        Lo elegido y lo que menciona; las vías guardadas que usan sus nodos; los nodos de las vías de sus relaciones;
        las relaciones a las que da forma todo eso; y las demás vías y nodos de lo que así cambia de forma.
        """
        vecinas = self._almacen.vecindad(elegidos.nodos, elegidos.vias, np.setdiff1d(suyos.vias, elegidos.vias))
        for tipo, ids in (("n", suyos.nodos), ("w", suyos.vias), ("r", suyos.relaciones)):
            self._tocados.setdefault(tipo, set()).update(ids.tolist())
        for tipo, numero in vecinas:
            self._tocados[tipo].add(numero)
