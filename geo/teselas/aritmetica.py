"""De tesela a caja y de caja a teselas, en el esquema XYZ (el renglón 0 es el del norte)."""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from geo.teselas.errores import DemasiadasTeselas, TeselaInvalida
from geo.tipos import Caja

ZOOM_MAXIMO = 22
LATITUD_MAXIMA = math.degrees(math.atan(math.sinh(math.pi)))
"""Grados; más allá Web Mercator ya no es un cuadrado."""

MEDIO_MUNDO = math.pi * 6_378_137.0
"""Metros del centro a la orilla del cuadrado de EPSG:3857."""

_ENTERO = re.compile(r"\d{1,10}", re.ASCII)


class Tesela(NamedTuple):
    """Zoom, columna (de oeste a este) y renglón (de norte a sur)."""

    z: int
    x: int
    y: int


class Rango(NamedTuple):
    """Teselas de un mismo zoom entre dos columnas y dos renglones, incluidos ambos extremos."""

    z: int
    x_menor: int
    y_menor: int
    x_mayor: int
    y_mayor: int

    @property
    def cuantas(self) -> int:
        """Número de teselas."""
        return (self.x_mayor - self.x_menor + 1) * (self.y_mayor - self.y_menor + 1)

    def __contains__(self, tesela: object) -> bool:
        return (
            isinstance(tesela, Tesela)
            and tesela.z == self.z
            and self.x_menor <= tesela.x <= self.x_mayor
            and self.y_menor <= tesela.y <= self.y_mayor
        )

    def teselas(self) -> Iterator[Tesela]:
        """Todas, renglón por renglón."""
        for y in range(self.y_menor, self.y_mayor + 1):
            for x in range(self.x_menor, self.x_mayor + 1):
                yield Tesela(self.z, x, y)


def leer_tesela(z: int | str, x: int | str, y: int | str, zoom_maximo: int = ZOOM_MAXIMO) -> Tesela:
    """Comprueba los tres números de una dirección de tesela.

    Parameters
    ----------
    z, x, y : int or str
        Enteros o su texto en dígitos ASCII.
    zoom_maximo : int

    Raises
    ------
    TeselaInvalida
        También con ``True``, ``"-1"``, ``"1.0"``, ``"abc"`` o ``2**40``.
    """
    numeros = [_entero(valor) for valor in (z, x, y)]
    if None not in numeros:
        tesela = Tesela(*(numero for numero in numeros if numero is not None))
        lado = 2**tesela.z if tesela.z <= zoom_maximo else 0
        if tesela.x < lado and tesela.y < lado:
            return tesela
    raise TeselaInvalida(z=_corto(z), x=_corto(x), y=_corto(y), maximo=zoom_maximo)


def caja_4326(tesela: Tesela) -> Caja:
    """Oeste, sur, este y norte de una tesela, en grados (EPSG:4326)."""
    lado = 2**tesela.z
    return (
        tesela.x / lado * 360.0 - 180.0,
        _latitud(tesela.y + 1, lado),
        (tesela.x + 1) / lado * 360.0 - 180.0,
        _latitud(tesela.y, lado),
    )


def caja_3857(tesela: Tesela) -> tuple[float, float, float, float]:
    """Oeste, sur, este y norte de una tesela, en metros de EPSG:3857."""
    paso = 2 * MEDIO_MUNDO / 2**tesela.z
    return (
        tesela.x * paso - MEDIO_MUNDO,
        MEDIO_MUNDO - (tesela.y + 1) * paso,
        (tesela.x + 1) * paso - MEDIO_MUNDO,
        MEDIO_MUNDO - tesela.y * paso,
    )


def tesela_de(longitud: float, latitud: float, z: int) -> Tesela:
    """La tesela de zoom ``z`` en que cae un punto en grados; la latitud se acota a ±85.0511."""
    lado = 2**z
    seno = math.sin(math.radians(max(-LATITUD_MAXIMA, min(LATITUD_MAXIMA, latitud))))
    x = math.floor((longitud + 180.0) / 360.0 * lado)
    y = math.floor((0.5 - math.atanh(seno) / (2 * math.pi)) * lado)
    return Tesela(z, max(0, min(lado - 1, x)), max(0, min(lado - 1, y)))


def rango_de(caja: Caja, z: int, maximo: int | None = None) -> Rango:
    """Las teselas de zoom ``z`` que cubren una caja.

    Parameters
    ----------
    caja : Caja
        EPSG:4326. Si su orilla este o sur cae justo en una frontera, la tesela siguiente no se incluye.
    z : int
    maximo : int, optional
        Cuántas como mucho.

    Raises
    ------
    DemasiadasTeselas
    """
    oeste, sur, este, norte = caja
    desde, hasta = tesela_de(oeste, norte, z), tesela_de(este, sur, z)
    x_mayor = hasta.x - (hasta.x > desde.x and caja_4326(hasta)[0] >= este)
    y_mayor = hasta.y - (hasta.y > desde.y and caja_4326(hasta)[3] <= sur)
    rango = Rango(z, desde.x, desde.y, x_mayor, y_mayor)
    if maximo is not None and rango.cuantas > maximo:
        raise DemasiadasTeselas(z=z, n=rango.cuantas, maximo=maximo)
    return rango


def madre(tesela: Tesela) -> Tesela | None:
    """La tesela del zoom anterior que la contiene; ``None`` para la del mundo."""
    return Tesela(tesela.z - 1, tesela.x // 2, tesela.y // 2) if tesela.z else None


def hijas(tesela: Tesela) -> tuple[Tesela, Tesela, Tesela, Tesela]:
    """Las cuatro del zoom siguiente: noroeste, noreste, suroeste y sureste."""
    z, x, y = tesela.z + 1, tesela.x * 2, tesela.y * 2
    return Tesela(z, x, y), Tesela(z, x + 1, y), Tesela(z, x, y + 1), Tesela(z, x + 1, y + 1)


def _latitud(renglon: int, lado: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * renglon / lado))))


def _entero(valor: int | str) -> int | None:
    if isinstance(valor, str):
        return int(valor) if _ENTERO.fullmatch(valor) else None
    return valor if type(valor) is int and valor >= 0 else None


def _corto(valor: int | str) -> str:
    texto = str(valor)
    return texto if len(texto) <= 20 else texto[:19] + "…"
