"""La verdad: todo lo trazado, vuelto objetos de OSM que comparten sus nodos."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
import shapely
from shapely.geometry import Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.comercios import clasificar, comercios, numerar, paradas
from geo.pueblo.edificios import Edificio
from geo.pueblo.nombres import nombrar
from geo.pueblo.paisaje import paisaje
from geo.pueblo.plano import Puntos, a_unidades
from geo.pueblo.rasgos import Rasgo
from geo.pueblo.red import podar, renudar
from geo.pueblo.servicios import construir
from geo.pueblo.tipos import Autoria, Clave, Mapa, Nodo, Relacion, Via
from geo.pueblo.trazado import BARRIOS
from geo.pueblo.urbe import Urbe, urbanizar
from geo.pueblo.vias import Calle, vialidad

NOMBRE: Final = "San Tequio de las Nubes (ficticio)"
NODO_UNO: Final = 70_000_000_001
VIA_UNA: Final = 7_000_000_001
RELACION_UNA: Final = 700_000_001
"""Los números empiezan donde OSM no ha llegado, para no confundirse con objetos reales."""

AUTORIA_VERDAD: Final = Autoria(1, datetime(2025, 12, 1, 12, tzinfo=UTC), 900_000_001, 99_000_000, "verdad_ficticia")
SEPARACION: Final = 0.4
"""Metros que hay al menos entre dos edificios que no se tocan."""


@dataclass(slots=True)
class Casa:
    """Un edificio con su objeto de OSM.

    Attributes
    ----------
    clave : Clave
        ``w…``, o ``r…`` si tiene patios.
    vias : tuple of int
        Contorno y patios.
    edificio : Edificio
    poligono : Polygon
        En el plano, metros.
    barrio : int
        -1 si es de un servicio.
    """

    clave: Clave
    vias: tuple[int, ...]
    edificio: Edificio
    poligono: Polygon
    barrio: int


@dataclass(slots=True)
class Verdad:
    """El mapa verdadero y lo que hace falta saber de él para degradarlo."""

    urbe: Urbe
    mapa: Mapa
    casas: list[Casa] = field(default_factory=list)
    calles: dict[int, Calle] = field(default_factory=dict)
    otros: list[tuple[Clave, Rasgo]] = field(default_factory=list)
    limite: Clave = ""


class _Armador:
    """Da número a cada objeto y hace compartir nodo a lo que coincide en una misma capa."""

    def __init__(self) -> None:
        self.mapa = Mapa()
        self._por_lugar: dict[tuple[str, int, int], int] = {}
        self._etiquetas: dict[int, dict[str, str]] = {}

    def nodos(self, puntos: Puntos, capa: str) -> list[int]:
        numeros: list[int] = []
        for x, y in a_unidades(puntos).tolist():
            numero = self._por_lugar.setdefault((capa, x, y), NODO_UNO + len(self._por_lugar))
            if numero not in self.mapa.nodos:
                self._etiquetas[numero] = {}
                self.mapa.nodos[numero] = Nodo(numero, x, y, self._etiquetas[numero], AUTORIA_VERDAD)
            if not numeros or numeros[-1] != numero:
                numeros.append(numero)
        return numeros

    def punto(self, rasgo: Rasgo) -> Clave:
        (numero,) = self.nodos(rasgo.puntos, rasgo.capa)
        self._etiquetas[numero].update(rasgo.etiquetas)
        return f"n{numero}"

    def linea(self, puntos: Puntos, capa: str, etiquetas: dict[str, str], *, cerrada: bool = False) -> int:
        nodos = self.nodos(puntos, capa)
        if cerrada and nodos[0] != nodos[-1]:
            nodos.append(nodos[0])
        numero = VIA_UNA + len(self.mapa.vias)
        self.mapa.vias[numero] = Via(numero, tuple(nodos), etiquetas, AUTORIA_VERDAD)
        return numero

    def area(
        self, contorno: Puntos, huecos: list[Puntos], capa: str, etiquetas: dict[str, str]
    ) -> tuple[Clave, tuple[int, ...]]:
        if not huecos:
            via = self.linea(contorno, capa, etiquetas, cerrada=True)
            return f"w{via}", (via,)
        vias = [self.linea(p, capa, {}, cerrada=True) for p in (contorno, *huecos)]
        papeles = ["outer"] + ["inner"] * len(huecos)
        clave = self.relacion({"type": "multipolygon", **etiquetas}, list(zip(vias, papeles, strict=True)))
        return clave, tuple(vias)

    def relacion(self, etiquetas: dict[str, str], miembros: list[tuple[int, str]]) -> Clave:
        numero = RELACION_UNA + len(self.mapa.relaciones)
        self.mapa.relaciones[numero] = Relacion(
            numero, tuple(("w", via, papel) for via, papel in miembros), etiquetas, AUTORIA_VERDAD
        )
        return f"r{numero}"


def levantar(semilla: int) -> Verdad:
    """La verdad completa de esa semilla."""
    urbe = urbanizar(semilla)
    obra = construir(urbe.sitios, [t.puntos for t in urbe.red.tramos], semilla)
    urbe.red = renudar(urbe.red, obra.senderos)
    podar(urbe.red, lambda tipo: 12.0)
    edificios = _separados([*obra.edificios, *urbe.edificios])
    casas = [e for e in edificios if e.manzana >= 0]
    clasificar(casas, Azar(semilla, "clases"))
    red = urbe.red
    nombres = nombrar(red.lineas, sorted({t.linea for t in red.tramos}), Azar(semilla, "nombres"))
    viales = vialidad(urbe, nombres, semilla)
    puntos = comercios(casas, urbe, Azar(semilla, "comercios"))
    centro = {i for i, m in enumerate(urbe.manzanas) if m.barrio == 0}
    numerar(casas, red, nombres, centro, Azar(semilla, "numeros"))
    poligonos = [e.poligono for e in edificios]
    puntos += paradas(urbe, shapely.STRtree(poligonos), Azar(semilla, "paradas"))
    ocupado = [*poligonos, *[t for _, t in urbe.sitios]]
    verdad = Verdad(urbe, Mapa())
    armador = _Armador()
    verdad.mapa = armador.mapa
    for calle in viales.calles:
        verdad.calles[armador.linea(calle.puntos, "vias", calle.etiquetas)] = calle
    for edificio, poligono in zip(edificios, poligonos, strict=True):
        clave, vias = armador.area(edificio.contorno, edificio.patios, "edificios", edificio.etiquetas)
        barrio = urbe.manzanas[edificio.manzana].barrio if edificio.manzana >= 0 else -1
        verdad.casas.append(Casa(clave, vias, edificio, poligono, barrio))
    for rasgo in [*viales.aguas, *viales.puntos, *obra.rasgos, *puntos, *paisaje(urbe, ocupado, semilla)]:
        verdad.otros.append((_objeto(armador, rasgo), rasgo))
    verdad.limite = _limite(armador, urbe.limite)
    verdad.otros += [(armador.punto(r), r) for r in _lugares(urbe)]
    return verdad


def _separados(edificios: list[Edificio]) -> list[Edificio]:
    """Quita los que quedaron a un paso de otro sin tocarlo, o encima de un servicio."""
    poligonos = np.array([e.poligono for e in edificios], dtype=object)
    uno, otro = shapely.STRtree(poligonos).query(poligonos, predicate="dwithin", distance=SEPARACION)
    pares = [(i, j) for i, j in zip(uno.tolist(), otro.tolist(), strict=True) if i < j]
    fuera: set[int] = set()
    for i, j in sorted(pares):
        comun = shapely.intersection(poligonos[i], poligonos[j])
        mismo = edificios[i].frente is not None and edificios[i].frente is edificios[j].frente
        pared = mismo and comun.area < 1e-6 and comun.length > 0.5
        if not pared and i not in fuera and j not in fuera:
            fuera.add(j)
    return [e for k, e in enumerate(edificios) if k not in fuera]


def _objeto(armador: _Armador, rasgo: Rasgo) -> Clave:
    if rasgo.forma == "punto":
        return armador.punto(rasgo)
    if rasgo.forma == "linea":
        return f"w{armador.linea(rasgo.puntos, rasgo.capa, rasgo.etiquetas)}"
    return armador.area(rasgo.puntos, rasgo.huecos, rasgo.capa, rasgo.etiquetas)[0]


def _limite(armador: _Armador, limite: Polygon) -> Clave:
    """El límite municipal como relación de tres vías, que es como suele venir."""
    anillo = shapely.get_coordinates(limite.exterior)
    cortes = [0, len(anillo) // 3, 2 * len(anillo) // 3, len(anillo) - 1]
    vias = []
    for desde, hasta in itertools.pairwise(cortes):
        tramo = {"boundary": "administrative", "admin_level": "6"}
        vias.append((armador.linea(anillo[desde : hasta + 1], "limite", tramo), "outer"))
    etiquetas = {"type": "boundary", "boundary": "administrative", "admin_level": "6", "name": NOMBRE}
    return armador.relacion(etiquetas, vias)


def _lugares(urbe: Urbe) -> list[Rasgo]:
    rasgos = [
        Rasgo(
            "punto", np.array([[0.0, 20.0]]), {"place": "town", "name": NOMBRE, "population": "14200"}, capa="lugares"
        )
    ]
    for barrio, lugar in zip(BARRIOS, urbe.lugares, strict=True):
        rasgos.append(Rasgo("punto", np.array([lugar]), {"place": barrio.lugar, "name": barrio.nombre}, capa="lugares"))
    return rasgos
