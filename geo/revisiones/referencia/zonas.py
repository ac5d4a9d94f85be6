"""Omisión, comisión y desplazamiento de cada zona (una tarea) y de todas juntas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import WGS84, transformar
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.referencia import Desfase, desfase
from geo.tipos import Geometrias

Enteros = npt.NDArray[np.int64]
Logicos = npt.NDArray[np.bool_]

PAREJAS_MINIMAS: Final = 5
"""Con menos, el desplazamiento de una zona no se dice: bastan tres equivocadas para torcerlo."""


@dataclass(frozen=True, slots=True)
class Cifras:
    """Lo que se midió en una zona.

    Attributes
    ----------
    n, cubiertas : int
        Huellas de la referencia, y cuántas tienen encima algo de un edificio del mapa.
    edificios, sobran : int
        Edificios del mapa, y cuántos no tocan ninguna huella: quizá son más nuevos que la referencia.
    desfase : Desfase or None
        Con `PAREJAS_MINIMAS` o más.
    """

    n: int
    cubiertas: int
    edificios: int
    sobran: int
    desfase: Desfase | None

    @property
    def faltan(self) -> int:
        """Huellas sin ningún edificio."""
        return self.n - self.cubiertas

    @property
    def omision(self) -> float | None:
        """Parte de las huellas que no está en el mapa; ``None`` si no hay huellas."""
        return self.faltan / self.n if self.n else None

    @property
    def comision(self) -> float | None:
        """Parte de los edificios que no está en la referencia; ``None`` si aquí no hay huellas o no hay edificios."""
        return self.sobran / self.edificios if self.n and self.edificios else None


@dataclass(frozen=True, slots=True)
class Medida:
    """Las cifras de cada zona, en su orden, y las de todas juntas (lo que está en dos zonas cuenta una vez)."""

    zonas: list[Cifras]
    total: Cifras


def medir(mundo: Mundo, zonas: Geometrias | None = None) -> Medida:
    """Compara los edificios de un mundo con su referencia.

    Una huella o un edificio es de la zona donde cae un punto suyo (`shapely.point_on_surface`); si el punto está en la
    raya, de la primera. Con qué se encima se mira en todos los datos, también fuera de las zonas.

    Parameters
    ----------
    mundo : Mundo
        Con referencia.
    zonas : (k,) arreglo de superficies, EPSG:4326, optional
        Sin ellas, sólo hay total, de todo lo que hay.

    Raises
    ------
    ValueError
        Si el mundo no trae referencia.
    """
    lista, junto = mundo.referencia, mundo.comparacion
    if lista is None or junto is None:
        raise ValueError("el mundo no trae referencia")
    veces, vistas = lista.veces, junto.huella_vista
    vectores, de_huella = junto.parejas.vector, junto.parejas.huella

    def cifras(huellas: Enteros, edificios: Enteros, corridas: Logicos) -> Cifras:
        medido = desfase(vectores[corridas]) if corridas.sum() >= PAREJAS_MINIMAS else None
        return Cifras(
            n=int(veces[huellas].sum()),
            cubiertas=int(veces[huellas][vistas[huellas]].sum()),
            edificios=len(edificios),
            sobran=int((~junto.edificio_visto[edificios]).sum()),
            desfase=medido,
        )

    if zonas is None:
        todas, todos = np.arange(len(lista)), np.arange(len(mundo.edificios))
        return Medida([], cifras(todas, todos, np.ones(len(vectores), dtype=np.bool_)))
    planas = transformar(zonas, WGS84, mundo.crs)
    zona_de_huella = _zona_de(lista.geom, planas)
    zona_de_edificio = _zona_de(mundo.edificios.geom, planas)
    zona_de_pareja = zona_de_huella[de_huella]
    huellas, edificios = (_por_zona(z, len(zonas)) for z in (zona_de_huella, zona_de_edificio))
    parejas = _por_zona(zona_de_pareja, len(zonas))
    cada_una = []
    for k in range(len(zonas)):
        corridas = np.zeros(len(vectores), dtype=np.bool_)
        corridas[parejas[k]] = True
        cada_una.append(cifras(huellas[k], edificios[k], corridas))
    en_alguna = (np.flatnonzero(zona_de_huella >= 0), np.flatnonzero(zona_de_edificio >= 0))
    return Medida(cada_una, cifras(*en_alguna, zona_de_pareja >= 0))


def _zona_de(geom: Geometrias, zonas: Geometrias) -> Enteros:
    """(n,) posición de la primera zona donde cae un punto de cada una; -1 si en ninguna."""
    de = np.full(len(geom), len(zonas), dtype=np.int64)
    if len(geom) and len(zonas):
        punto, zona = shapely.STRtree(zonas).query(shapely.point_on_surface(geom), predicate="intersects")
        np.minimum.at(de, punto, zona)
    return np.where(de == len(zonas), -1, de)


def _por_zona(zona: Enteros, cuantas: int) -> Sequence[Enteros]:
    """Por zona, las posiciones que le tocan."""
    orden = np.argsort(zona, kind="stable")
    cortes = np.searchsorted(zona[orden], np.arange(cuantas + 1))
    return [orden[cortes[k] : cortes[k + 1]].astype(np.int64) for k in range(cuantas)]
