"""Datos de OpenStreetMap escritos para leerse: las pruebas de cada regla, y de ahí sus dibujos.

Un caso por párrafo. Las coordenadas son metros al este y al norte de un punto cualquiera; dos iguales son el mismo
nodo, salvo que lleven apóstrofos (``5,0'`` es otro nodo en el mismo lugar). ``?`` es un nodo que no vino::

    caso: Dos casas que se enciman a la mitad
    w1 building=yes | 0,0 10,0 10,8 0,8 0,0
    w2 building=house name="La Chula" | 5,0' 15,0 15,8 5,8' 5,0'
    n7 amenity=school | 3,3
    r1 type=multipolygon building=yes | w1:outer w2:inner
    ref: 0,0 10,0 10,8 0,8
    => 2 w1 w2 «50 %»

``ref:`` es una huella de la referencia (`geo.revisiones.base.referencia`); cierra sola. Cada renglón ``=>`` es un
hallazgo que se espera (nivel, objetos o ``-`` si no hay ninguno, parte de su frase), o ``nada``. ``pais: co``
y ``mapea: building highway`` cambian los ajustes. Lo que sigue a ``#`` al empezar un renglón no cuenta.
"""

import re
import shlex
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from pyproj import CRS

from geo.crs import WGS84, transformador
from geo.revisiones.base.areas import Relacion
from geo.revisiones.base.mundo import Columnas, Mundo
from geo.revisiones.base.regla import Ajustes
from geo.tipos import BaseGeometry

SISTEMA: Final = CRS.from_epsg(32614)
ORIGEN: Final = (531_000.0, 2_222_800.0)
"""Metros en `SISTEMA`: cerca de 98.703° O, 20.101° N."""
_ESPERA = re.compile(r"=>\s*(\d)\s+(-|[nwr][-\d]+(?:\s+[nwr][-\d]+)*)\s*(?:«(.*)»)?$")


@dataclass(frozen=True, slots=True)
class Esperado:
    """Un hallazgo que el caso pide; ``dice`` es parte de su frase."""

    nivel: int
    objetos: tuple[str, ...]
    dice: str


@dataclass(slots=True)
class Caso:
    """Un caso leído."""

    titulo: str
    columnas: Columnas = field(default_factory=Columnas)
    espera: list[Esperado] = field(default_factory=list)
    ajustes: Ajustes = field(default_factory=Ajustes)
    huellas: list[BaseGeometry] = field(default_factory=list)
    """De la referencia, EPSG:4326."""

    def mundo(self) -> Mundo:
        """Los datos del caso, en `SISTEMA`."""
        return Mundo(self.columnas, SISTEMA, np.array(self.huellas, dtype=object) if self.huellas else None)


def leer(texto: str) -> list[Caso]:
    """Lee todos los casos de un ``casos.txt``.

    Raises
    ------
    ValueError
        Con el renglón que no se entiende.
    """
    renglones = [r for r in texto.splitlines() if not r.startswith("#")]
    parrafos = re.split(r"\n\s*\n", "\n".join(renglones).strip())
    return [_Lector().caso(parrafo.splitlines()) for parrafo in parrafos if parrafo.strip()]


class _Lector:
    def __init__(self) -> None:
        self._nodos: dict[str, int] = {}
        self._columnas = Columnas()

    def caso(self, renglones: list[str]) -> Caso:
        caso = Caso("", self._columnas)
        # Los nodos con número propio van antes, para que las vías que pasan por ahí los usen.
        for renglon in sorted(renglones, key=lambda r: not r.startswith("n")):
            try:
                self._renglon(caso, renglon.strip())
            except (ValueError, IndexError) as error:
                raise ValueError(renglon) from error
        return caso

    def _renglon(self, caso: Caso, renglon: str) -> None:
        if renglon.startswith("caso:"):
            caso.titulo = renglon[5:].strip()
        elif renglon.startswith("pais:"):
            caso.ajustes = Ajustes(renglon[5:].strip(), caso.ajustes.mapea)
        elif renglon.startswith("mapea:"):
            caso.ajustes = Ajustes(caso.ajustes.pais, frozenset(renglon[6:].split()))
        elif renglon.startswith("ref:"):
            caso.huellas.append(shapely.Polygon([_grados(punto) for punto in renglon[4:].split()]))
        elif renglon.startswith("=>"):
            self._esperar(caso, renglon)
        else:
            self._objeto(renglon)

    def _esperar(self, caso: Caso, renglon: str) -> None:
        if renglon[2:].strip() == "nada":
            return
        hallado = _ESPERA.match(renglon)
        if not hallado:
            raise ValueError(renglon)
        caso.espera.append(
            Esperado(int(hallado[1]), () if hallado[2] == "-" else tuple(hallado[2].split()), hallado[3] or "")
        )

    def _objeto(self, renglon: str) -> None:
        cabeza, barra, cuerpo = renglon.partition(" | ") if " | " in renglon else renglon.partition("|")
        if not barra:
            raise ValueError(renglon)
        nombre, *pares = shlex.split(cabeza)
        etiquetas = {llave: valor for llave, _, valor in (par.partition("=") for par in pares)}
        numero = int(nombre[1:])
        if nombre[0] == "n":
            self._nodo(cuerpo.strip(), numero, etiquetas)
        elif nombre[0] == "w":
            self._columnas.via_id.append(numero)
            self._columnas.via_version.append(1)
            self._columnas.via_etiquetas.append(etiquetas)
            self._columnas.via_nodos.append([self._nodo(punto) for punto in cuerpo.split()])
        elif nombre[0] == "r":
            miembros = (m.partition(":") for m in cuerpo.split())
            partes = tuple((m[0], int(m[1:]), papel) for m, _, papel in miembros)
            self._columnas.relaciones.append(Relacion(numero, 1, etiquetas, partes))
        else:
            raise ValueError(nombre)

    def _nodo(self, punto: str, numero: int | None = None, etiquetas: dict[str, str] | None = None) -> int:
        if punto == "?":
            return 999_999
        if punto not in self._nodos:
            propio = numero if numero is not None else 1_000 + len(self._nodos)
            lon, lat = _grados(punto.rstrip("'"))
            self._nodos[punto] = propio
            self._columnas.nodo_id.append(propio)
            self._columnas.nodo_version.append(1)
            self._columnas.lon.append(round(lon, 7))
            self._columnas.lat.append(round(lat, 7))
        if etiquetas:
            self._columnas.etiquetas_de_nodo[self._nodos[punto]] = etiquetas
        return self._nodos[punto]


def _grados(punto: str) -> tuple[float, float]:
    """De ``5,0`` en metros a grados."""
    x, y = (float(parte) for parte in punto.split(","))
    lon, lat = transformador(SISTEMA, WGS84).transform(ORIGEN[0] + x, ORIGEN[1] + y)
    return lon, lat
