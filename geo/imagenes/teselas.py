"""De un archivo ya examinado a una tesela: archivos abiertos que se prestan entre hilos, y qué hacer donde falta."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pmtiles.tile import MagicNumberNotFound, SpecVersionUnsupported
from rasterio.errors import RasterioError

from geo.imagenes.cuadros import ampliar
from geo.imagenes.geotiff import Geotiff, vista_para
from geo.imagenes.mbtiles import Mbtiles
from geo.imagenes.pmtiles import Pmtiles
from geo.imagenes.tipos import ATRAS, OVERZOOM, Formato, Fuente

ABIERTOS = 24


class Fondo:
    """Presta archivos abiertos: a cada hilo el suyo, y guarda los que se usaron hace menos.

    Parameters
    ----------
    maximo : int
        Cuántos se guardan abiertos sin que nadie los use.
    """

    def __init__(self, maximo: int) -> None:
        self.maximo = maximo
        self._libres: OrderedDict[Hashable, list[Fuente]] = OrderedDict()
        self._candado = threading.Lock()

    @contextmanager
    def prestada(self, clave: Hashable, abrir: Callable[[], Fuente]) -> Iterator[Fuente]:
        """Una fuente que nadie más usa mientras dure el ``with``."""
        with self._candado:
            lista = self._libres.get(clave)
            fuente = lista.pop() if lista else None
        fuente = fuente if fuente is not None else abrir()
        try:
            yield fuente
        except BaseException:
            fuente.cerrar()
            raise
        sobran: list[Fuente] = []
        with self._candado:
            self._libres.setdefault(clave, []).append(fuente)
            self._libres.move_to_end(clave)
            while sum(map(len, self._libres.values())) > self.maximo:
                vieja = next(iter(self._libres))
                sobran += self._libres.pop(vieja)
        for sobra in sobran:
            sobra.cerrar()

    def cerrar(self) -> None:
        """Cierra lo que esté guardado."""
        with self._candado:
            fuentes = [f for lista in self._libres.values() for f in lista]
            self._libres.clear()
        for fuente in fuentes:
            fuente.cerrar()


FONDO = Fondo(ABIERTOS)


def tesela(
    ruta: Path, formato: Formato, detalle: dict[str, Any], zooms: tuple[int, int], z: int, x: int, y: int
) -> bytes | None:
    """La tesela XYZ de un archivo: PNG, JPEG o WebP; ``None`` donde no hay imagen.

    Más allá de su zoom más fino (hasta :data:`OVERZOOM`), o donde a ese zoom le falta, se amplía la de arriba.

    Parameters
    ----------
    ruta : Path
    formato : Formato
    detalle : dict
        El de su :class:`geo.imagenes.tipos.Ficha`.
    zooms : (menor, mayor)
    z, x, y : int
        De una tesela que existe.

    Raises
    ------
    OSError
        Si el archivo no está o no se puede abrir.
    """
    menor, mayor = zooms
    if not menor <= z <= mayor + OVERZOOM:
        return None
    estado = ruta.stat()
    clave = (str(ruta), estado.st_mtime_ns, estado.st_size)
    if formato is Formato.GEOTIFF:
        vista = vista_para(detalle, z)
        with FONDO.prestada((*clave, vista), lambda: _abierta(lambda: Geotiff(ruta, detalle, vista))) as fuente:
            return fuente.tesela(z, x, y)
    clase: Callable[[Path], Fuente] = Mbtiles if formato is Formato.MBTILES else Pmtiles
    with FONDO.prestada(clave, lambda: _abierta(lambda: clase(ruta))) as fuente:
        primero = max(0, z - mayor)
        for salto in range(primero, min(z - menor, primero + ATRAS) + 1):
            cuerpo = fuente.tesela(z - salto, x >> salto, y >> salto)
            if cuerpo is not None:
                return ampliar(cuerpo, salto, x, y) if salto else cuerpo
    return None


def _abierta(abrir: Callable[[], Fuente]) -> Fuente:
    """La fuente abierta; lo que falle es porque el archivo ya no es el que se examinó.

    Raises
    ------
    OSError
    """
    try:
        return abrir()
    except (sqlite3.Error, RasterioError, MagicNumberNotFound, SpecVersionUnsupported, ValueError, IndexError) as error:
        raise OSError("el archivo ya no se puede abrir") from error
