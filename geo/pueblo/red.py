"""La red de calles: líneas sueltas que se vuelven tramos entre cruces, sin restos ni cruces dobles."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.calles import Linea
from geo.pueblo.plano import Puntos, largos
from geo.pueblo.trazado import TIPOS

REJILLA = 0.01
"""Metros a los que se ajustan los cruces al anudar."""


@dataclass(slots=True, eq=False)
class Tramo:
    """Un pedazo de calle entre dos cruces, ``de`` y ``a`` (índices en :attr:`Red.cruces`)."""

    de: int
    a: int
    puntos: Puntos
    linea: int

    @property
    def largo(self) -> float:
        """Metros."""
        return float(largos(self.puntos).sum())


@dataclass(slots=True)
class Red:
    """Cruces y tramos.

    Attributes
    ----------
    lineas : list of Linea
        Las calles de las que salieron los tramos.
    cruces : dict of int to (x, y)
    tramos : list of Tramo
    """

    lineas: list[Linea]
    cruces: dict[int, tuple[float, float]] = field(default_factory=dict)
    tramos: list[Tramo] = field(default_factory=list)

    def grados(self) -> dict[int, int]:
        """Cuántos tramos llegan a cada cruce."""
        cuenta: dict[int, int] = defaultdict(int)
        for tramo in self.tramos:
            cuenta[tramo.de] += 1
            cuenta[tramo.a] += 1
        return cuenta

    def rango(self, tramo: Tramo) -> int:
        """Rango de la clase de calle del tramo; cuanto menor, más importante."""
        return TIPOS[self.lineas[tramo.linea].tipo].rango

    def tipo(self, tramo: Tramo) -> str:
        """Clase de calle del tramo."""
        return self.lineas[tramo.linea].tipo

    def caras(self) -> list[Polygon]:
        """Las manzanas a ejes de calle, en un orden que sólo depende de su forma."""
        caras = shapely.get_parts(shapely.polygonize([LineString(t.puntos) for t in self.tramos]))
        return sorted(caras, key=lambda c: tuple(np.round(shapely.get_coordinates(c.centroid)[0], 2)))


def anudar(lineas: list[Linea]) -> Red:
    """Corta las líneas donde se cruzan.

    Cada tramo recuerda la línea de la que salió; si varias van encimadas manda la de menor rango.
    """
    return _anudadas(lineas, [(linea.puntos, indice) for indice, linea in enumerate(lineas)])


def _anudadas(lineas: list[Linea], trazos: list[tuple[Puntos, int]]) -> Red:
    rectas = np.array([LineString(p) for p, _ in trazos], dtype=object)
    duenos = np.array([i for _, i in trazos])
    rangos = np.array([TIPOS[lineas[i].tipo].rango for i in duenos])
    partes = shapely.get_parts(shapely.union_all(rectas, grid_size=REJILLA))
    medios = shapely.line_interpolate_point(partes, 0.5, normalized=True)
    arbol = shapely.STRtree(rectas)
    parte, recta = arbol.query(medios, predicate="dwithin", distance=0.05)
    mejores: dict[int, tuple[int, int]] = {}
    for p, r in zip(parte.tolist(), recta.tolist(), strict=True):
        llave = (int(rangos[r]), int(duenos[r]))
        mejores[p] = min(mejores.get(p, llave), llave)
    red = Red(lineas)
    numeros: dict[tuple[float, float], int] = {}
    listas = [(mejores[p][1], _sin_amontonar(shapely.get_coordinates(partes[p]))) for p in sorted(mejores)]
    listas = [(d, c if tuple(c[0]) <= tuple(c[-1]) else c[::-1]) for d, c in listas]
    for dueno, puntos in sorted(listas, key=lambda x: (x[0], x[1].tolist())):
        extremos = [numeros.setdefault((float(x), float(y)), len(numeros)) for x, y in (puntos[0], puntos[-1])]
        red.tramos.append(Tramo(extremos[0], extremos[1], puntos, dueno))
    red.cruces = {numero: punto for punto, numero in numeros.items()}
    return red


def _sin_amontonar(puntos: Puntos) -> Puntos:
    """La línea sin vértices intermedios a menos de un metro de otro, ajustada al milímetro."""
    quedan = [puntos[0]]
    for punto in puntos[1:-1]:
        if np.hypot(*(punto - quedan[-1])) > 1.0 and np.hypot(*(punto - puntos[-1])) > 1.0:
            quedan.append(punto)
    return np.round(np.array([*quedan, puntos[-1]]), 3)


def renudar(red: Red, nuevas: Iterable[Linea] = ()) -> Red:
    """Vuelve a anudar los tramos, con líneas nuevas si las hay."""
    lineas = [*red.lineas]
    trazos = [(t.puntos, t.linea) for t in red.tramos]
    for nueva in nuevas:
        trazos.append((nueva.puntos, len(lineas)))
        lineas.append(nueva)
    return _anudadas(lineas, trazos)


def podar(red: Red, minimo: Callable[[str], float]) -> None:
    """Quita las puntas sueltas más cortas que ``minimo(tipo)`` metros, hasta que no quede ninguna."""
    while True:
        grados = red.grados()
        quedan = [
            t for t in red.tramos
            if t.de != t.a and (min(grados[t.de], grados[t.a]) > 1 or t.largo >= minimo(red.tipo(t)))
        ]  # fmt: skip
        if len(quedan) == len(red.tramos):
            return
        red.tramos = quedan


def quitar_casi_unidas(red: Red, distancia: float) -> None:
    """Quita los tramos cuya punta suelta queda a menos de ``distancia`` metros de otra calle, hasta que no haya."""
    fuera = {-1}
    while fuera:
        grados = red.grados()
        arbol = shapely.STRtree([LineString(t.puntos) for t in red.tramos])
        fuera = set()
        for indice, tramo in enumerate(red.tramos):
            for cruce in (tramo.de, tramo.a):
                if grados[cruce] == 1:
                    lugar = shapely.Point(red.cruces[cruce])
                    cerca = arbol.query(lugar, predicate="dwithin", distance=distancia).tolist()
                    if cerca != [indice]:
                        fuera.add(indice)
        red.tramos = [t for k, t in enumerate(red.tramos) if k not in fuera]


def juntar_cruces(red: Red, distancia: float) -> None:
    """Vuelve uno los cruces más cercanos que ``distancia`` metros; queda el de la calle más importante."""
    usados = sorted(red.grados())
    peso: dict[int, tuple[int, int]] = {}
    for tramo in red.tramos:
        for cruce in (tramo.de, tramo.a):
            llave = (red.rango(tramo), cruce)
            peso[cruce] = min(peso.get(cruce, llave), llave)
    puntos = shapely.points([red.cruces[c] for c in usados])
    uno, otro = shapely.STRtree(puntos).query(puntos, predicate="dwithin", distance=distancia)
    parejas = sorted(
        (float(shapely.distance(puntos[i], puntos[j])), int(i), int(j)) for i, j in zip(uno, otro, strict=True) if i < j
    )
    destino = {c: c for c in usados}
    for _, i, j in parejas:
        a, b = usados[i], usados[j]
        if destino[a] != a or destino[b] != b:
            continue
        manda, cede = (a, b) if peso[a] <= peso[b] else (b, a)
        if cede in destino.values() and any(d == cede and c != cede for c, d in destino.items()):
            continue
        destino[cede] = manda
    quedan = []
    cortos: set[tuple[int, int]] = set()
    for tramo in red.tramos:
        de, a = destino[tramo.de], destino[tramo.a]
        corto = (min(de, a), max(de, a))
        if de == a or corto in cortos:
            continue
        if tramo.largo < 3 * distancia:
            cortos.add(corto)
        tramo.puntos = _estirado(tramo.puntos, red.cruces[de], red.cruces[a])
        tramo.de, tramo.a = de, a
        quedan.append(tramo)
    red.tramos = quedan


def _estirado(puntos: Puntos, inicio: tuple[float, float], fin: tuple[float, float]) -> Puntos:
    """La línea llevada a otros extremos, repartiendo el movimiento a lo largo."""
    avance = np.concatenate([[0.0], np.cumsum(largos(puntos))])
    t = (avance / avance[-1])[:, None]
    return np.asarray(puntos + (1 - t) * (np.array(inicio) - puntos[0]) + t * (np.array(fin) - puntos[-1]))


def quitar_rendijas(red: Red, ancho: float) -> None:
    """Abre las manzanas demasiado angostas: quita su lado menos importante.

    Parameters
    ----------
    red : Red
    ancho : float
        Metros: se abre la cara en la que no cabe un círculo de ese diámetro.
    """
    for _ in range(12):
        angostas = [c for c in red.caras() if c.buffer(-ancho / 2).is_empty]
        if not angostas:
            return
        arbol = shapely.STRtree([LineString(t.puntos).interpolate(0.5, normalized=True) for t in red.tramos])
        fuera: set[int] = set()
        for cara in angostas:
            lados = [int(i) for i in arbol.query(cara.exterior, predicate="dwithin", distance=0.05)]
            if fuera.isdisjoint(lados) and lados:
                fuera.add(max(lados, key=lambda i: (red.rango(red.tramos[i]), round(red.tramos[i].largo, 2), i)))
        red.tramos = [t for i, t in enumerate(red.tramos) if i not in fuera]


def mayor_componente(red: Red) -> None:
    """Deja sólo la parte conectada más larga."""
    padre = {c: c for c in red.cruces}

    def raiz(c: int) -> int:
        while padre[c] != c:
            padre[c] = padre[padre[c]]
            c = padre[c]
        return c

    for tramo in red.tramos:
        padre[raiz(tramo.de)] = raiz(tramo.a)
    suma: dict[int, float] = defaultdict(float)
    for tramo in red.tramos:
        suma[raiz(tramo.de)] += tramo.largo
    mayor = max(sorted(suma), key=lambda c: suma[c])
    red.tramos = [t for t in red.tramos if raiz(t.de) == mayor]


def aflojar(red: Red, parte: Callable[[Tramo], float], azar: Azar, mayor: float) -> None:
    """Quita tramos al azar para que la retícula no parezca un tablero: manzanas dobles y calles que topan.

    Parameters
    ----------
    red : Red
    parte : callable
        Probabilidad de quitar cada tramo; las puntas sueltas se quitan con el triple.
    azar : Azar
    mayor : float
        Metros cuadrados de la mayor manzana que puede quedar.
    """
    areas = _areas_a_los_lados(red)
    grados = red.grados()
    quedan = []
    tocadas: set[int] = set()
    for indice, tramo in enumerate(red.tramos):
        probabilidad, dado = parte(tramo), azar.entre(0, 1)
        punta = min(grados[tramo.de], grados[tramo.a]) == 1
        lados = areas.get(indice, [])
        if punta and dado < 3 * probabilidad:
            continue
        libre = len(lados) == 2 and tocadas.isdisjoint(c for c, _ in lados) and sum(a for _, a in lados) < mayor
        if dado < probabilidad and libre and min(grados[tramo.de], grados[tramo.a]) > 2:
            grados[tramo.de] -= 1
            grados[tramo.a] -= 1
            tocadas.update(c for c, _ in lados)
            continue
        quedan.append(tramo)
    red.tramos = quedan


def _areas_a_los_lados(red: Red) -> dict[int, list[tuple[int, float]]]:
    caras = red.caras()
    medios = [LineString(t.puntos).interpolate(0.5, normalized=True) for t in red.tramos]
    orillas = [cara.exterior for cara in caras]
    cara, tramo = shapely.STRtree(medios).query(orillas, predicate="dwithin", distance=0.05)
    lados: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for c, t in zip(cara.tolist(), tramo.tolist(), strict=True):
        lados[t].append((c, float(caras[c].area)))
    return lados
