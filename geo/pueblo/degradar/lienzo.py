"""La versión de OSM mientras se estropea: objetos que se pueden mover, quitar y repetir."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from geo.pueblo.plano import UNIDADES_POR_GRADO, Puntos, a_unidades, de_unidades
from geo.pueblo.tipos import Clave, Plantado
from geo.pueblo.verdad import Casa, Verdad

NODO_PROPIO: Final = 72_000_000_001
VIA_PROPIA: Final = 7_200_000_001
"""Primer número de los objetos que OSM tiene y la verdad no: nodos mal puestos, vías repetidas."""


@dataclass(slots=True)
class ViaEnObra:
    """Una vía que todavía se puede cambiar."""

    nodos: list[int]
    etiquetas: dict[str, str]


@dataclass(slots=True)
class RelacionEnObra:
    """Una relación que todavía se puede cambiar."""

    miembros: list[tuple[str, int, str]]
    etiquetas: dict[str, str]


@dataclass(slots=True)
class Lienzo:
    """Lo que OSM tiene, a medio degradar.

    Attributes
    ----------
    verdad : Verdad
    lugares : dict of int to (x, y)
        Posición de cada nodo, en unidades de OSM; los de la verdad y los propios.
    etiquetas : dict of int to dict
        Etiquetas de los nodos presentes que las tienen.
    vias, relaciones : dict
        Objetos presentes.
    origen : dict of Clave to tuple of Clave
        Lo que representa cada objeto presente.
    formas : dict of Clave to Polygon
        Planta actual de cada casa presente, en el plano.
    plantados : list of Plantado
    tocados : set of Clave
        Objetos que ya llevan un error, o de los que depende otro.
    """

    verdad: Verdad
    lugares: dict[int, tuple[int, int]] = field(default_factory=dict)
    etiquetas: dict[int, dict[str, str]] = field(default_factory=dict)
    vias: dict[int, ViaEnObra] = field(default_factory=dict)
    relaciones: dict[int, RelacionEnObra] = field(default_factory=dict)
    origen: dict[Clave, tuple[Clave, ...]] = field(default_factory=dict)
    formas: dict[Clave, Polygon] = field(default_factory=dict)
    plantados: list[Plantado] = field(default_factory=list)
    tocados: set[Clave] = field(default_factory=set)
    casas: dict[Clave, Casa] = field(default_factory=dict)
    _movidas: dict[Clave, Polygon] = field(default_factory=dict)
    _por_lugar: dict[tuple[int, int], int] = field(default_factory=dict)
    _usos: Counter[int] = field(default_factory=Counter)
    _claves: list[Clave] = field(default_factory=list)
    _propias: list[int] = field(default_factory=list)
    _arbol: shapely.STRtree = field(init=False)
    _lineas: dict[int, LineString] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mapa = self.verdad.mapa
        self.lugares = {n.id: (n.x, n.y) for n in mapa.nodos.values()}
        self.casas = {casa.clave: casa for casa in self.verdad.casas}
        self._claves = list(self.casas)
        self._arbol = shapely.STRtree([casa.poligono for casa in self.verdad.casas])
        for casa in self.verdad.casas:
            for via in casa.vias:
                nodos = mapa.vias[via].nodos
                self._usos.update(set(nodos))
                self._por_lugar.update({self.lugares[n]: n for n in nodos})

    # --- poner y quitar -------------------------------------------------------------------------------------------

    def poner(self, clave: Clave) -> None:
        """Pone un objeto de la verdad tal como es, con lo que lo compone."""
        mapa, numero = self.verdad.mapa, int(clave[1:])
        self.origen[clave] = (clave,)
        if clave[0] == "n":
            self.etiquetas[numero] = dict(mapa.nodos[numero].etiquetas)
        elif clave[0] == "w":
            self.vias[numero] = ViaEnObra(list(mapa.vias[numero].nodos), dict(mapa.vias[numero].etiquetas))
        else:
            relacion = mapa.relaciones[numero]
            self.relaciones[numero] = RelacionEnObra(list(relacion.miembros), dict(relacion.etiquetas))
            for tipo, miembro, _ in relacion.miembros:
                self.poner(f"{tipo}{miembro}")
        if clave in self.casas:
            self.formas[clave] = self.casas[clave].poligono

    def quitar(self, clave: Clave) -> None:
        """Quita un objeto presente y, si es relación, sus vías."""
        numero = int(clave[1:])
        self.origen.pop(clave)
        self.formas.pop(clave, None)
        self._movidas.pop(clave, None)
        if clave[0] == "n":
            self.etiquetas.pop(numero)
        elif clave[0] == "w":
            self.vias.pop(numero)
            self._lineas.pop(numero, None)
        else:
            for tipo, miembro, _ in self.relaciones.pop(numero).miembros:
                self.quitar(f"{tipo}{miembro}")

    def nodo(self, punto: Puntos, *, compartido: bool = False) -> int:
        """Un nodo propio en ese punto del plano; si ``compartido``, el de un edificio que ya esté ahí."""
        ((x, y),) = a_unidades(np.asarray(punto, dtype=float).reshape(1, 2)).tolist()
        if compartido and (x, y) in self._por_lugar:
            return self._por_lugar[(x, y)]
        numero = NODO_PROPIO + len(self.lugares) - len(self.verdad.mapa.nodos)
        self.lugares[numero] = (x, y)
        return numero

    def via(self, nodos: list[int], etiquetas: dict[str, str], origen: tuple[Clave, ...]) -> Clave:
        """Una vía propia."""
        numero = VIA_PROPIA + len(self._propias)
        self._propias.append(numero)
        self.vias[numero] = ViaEnObra(nodos, etiquetas)
        self.origen[f"w{numero}"] = origen
        return f"w{numero}"

    def adoptar(self, clave: Clave, forma: Polygon) -> None:
        """Cuenta como casa presente una vía propia, para que las demás no se le encimen."""
        self._movidas[clave] = forma

    def plantar(self, codigo: str, objetos: Iterable[Clave], lugar: Puntos) -> None:
        """Anota un error y aparta sus objetos para que no les toque otro."""
        claves = tuple(objetos)
        x, y = (float(v) / UNIDADES_POR_GRADO for v in a_unidades(np.asarray(lugar, dtype=float).reshape(1, 2))[0])
        self.plantados.append(Plantado(codigo, claves, (x, y)))
        self.tocados.update(claves)

    # --- edificios ------------------------------------------------------------------------------------------------

    def sueltas(self) -> list[Casa]:
        """Casas presentes, sin error, de un solo contorno y que no comparten nodos con otra."""
        mapa = self.verdad.mapa
        return [
            casa for clave, casa in self.casas.items()
            if clave in self.formas and clave not in self.tocados and clave[0] == "w" and casa.barrio >= 0
            and all(self._usos[n] == 1 for n in mapa.vias[casa.vias[0]].nodos)
        ]  # fmt: skip

    def rectangulos(self, area: float = 30.0) -> list[Casa]:
        """De las sueltas, las de cuatro esquinas y al menos esa área en metros cuadrados."""
        return [c for c in self.sueltas() if len(c.edificio.contorno) == 4 and c.poligono.area >= area]

    def redibujar(self, casa: Casa, contorno: Puntos) -> None:
        """Cambia el contorno de una casa; los vértices que no se movieron conservan su nodo."""
        nodos = [self.nodo(p, compartido=True) for p in contorno]
        self.vias[casa.vias[0]].nodos = [*nodos, nodos[0]]
        self.formas[casa.clave] = self._movidas[casa.clave] = Polygon(contorno)

    def mover(self, casa: Casa, paso: Puntos, cambios: dict[int, int]) -> None:
        """Mueve la casa entera; ``cambios`` recuerda los nodos ya movidos, para que las vecinas los compartan."""
        for via in casa.vias:
            for n in self.vias[via].nodos:
                if n not in cambios:
                    cambios[n] = self.nodo(self.punto(n) + paso)
                    self.origen[f"n{cambios[n]}"] = (f"n{n}",)
            self.vias[via].nodos = [cambios[n] for n in self.vias[via].nodos]
        forma = shapely.transform(casa.poligono, lambda p: p + paso)
        self.formas[casa.clave] = self._movidas[casa.clave] = forma

    def estorban(self, forma: Polygon, margen: float = 0.4) -> list[Clave]:
        """Casas presentes a menos de ``margen`` metros de la forma."""
        cerca = [
            self._claves[i] for i in sorted(self._arbol.query(forma, predicate="dwithin", distance=margen).tolist())
        ]
        fijas = [c for c in cerca if c in self.formas and c not in self._movidas]
        return fijas + [c for c, otra in self._movidas.items() if otra.distance(forma) < margen]

    def cabe(self, forma: Polygon, salvo: Iterable[Clave]) -> bool:
        """Si la forma no toca ninguna otra casa presente ni pisa el eje de una calle."""
        ajenas = set(self.estorban(forma)) - set(salvo)
        return not ajenas and not self.calles_que_cruza(forma)

    # --- vías -----------------------------------------------------------------------------------------------------

    def punto(self, nodo: int) -> Puntos:
        """Posición de un nodo en el plano: (2,) metros."""
        return np.asarray(de_unidades(np.array([self.lugares[nodo]]))[0])

    def puntos(self, via: int) -> Puntos:
        """Vértices de una vía presente: (n, 2) metros."""
        return de_unidades(np.array([self.lugares[n] for n in self.vias[via].nodos]))

    def calles(self) -> list[int]:
        """Números de las calles presentes que conservan su etiqueta."""
        return [v for v in self.verdad.calles if v in self.vias and "highway" in self.vias[v].etiquetas]

    def linea(self, via: int) -> LineString:
        """La línea de una vía presente, en el plano."""
        if via not in self._lineas:
            self._lineas[via] = LineString(self.puntos(via))
        return self._lineas[via]

    def trazar(self, via: int, nodos: list[int]) -> None:
        """Cambia los nodos de una vía."""
        self.vias[via].nodos = nodos
        self._lineas.pop(via, None)

    def calles_que_cruza(self, forma: shapely.Geometry) -> list[int]:
        """Calles presentes que tocan la forma."""
        calles = self.calles()
        golpes = shapely.intersects(np.array([self.linea(c) for c in calles], dtype=object), forma)
        return [c for c, golpe in zip(calles, golpes.tolist(), strict=True) if golpe]

    def calles_cerca(self, lugar: Puntos, distancia: float, salvo: int) -> list[int]:
        """Calles presentes a menos de ``distancia`` metros del punto, sin contar una."""
        return [c for c in self.calles_que_cruza(Point(lugar).buffer(distancia)) if c != salvo]

    def usos_en_calles(self) -> dict[int, list[int]]:
        """Por nodo, las calles presentes que pasan por él."""
        usos: dict[int, list[int]] = {}
        for calle in self.calles():
            for nodo in dict.fromkeys(self.vias[calle].nodos):
                usos.setdefault(nodo, []).append(calle)
        return usos

    def islas(self, *, sin: int = -1) -> list[list[int]]:
        """Grupos de calles que no están unidos a la red principal.

        Parameters
        ----------
        sin : int
            Calle que se supone quitada.
        """
        padre: dict[int, int] = {}

        def raiz(n: int) -> int:
            while padre.setdefault(n, n) != n:
                padre[n] = padre[padre[n]]
                n = padre[n]
            return n

        calles = [c for c in self.calles() if c != sin]
        for calle in calles:
            nodos = self.vias[calle].nodos
            for nodo in nodos[1:]:
                padre[raiz(nodo)] = raiz(nodos[0])
        grupos: dict[int, list[int]] = {}
        for calle in calles:
            grupos.setdefault(raiz(self.vias[calle].nodos[0]), []).append(calle)
        ordenados = sorted(grupos.values(), key=lambda g: (-len(g), g[0]))
        return ordenados[1:]
