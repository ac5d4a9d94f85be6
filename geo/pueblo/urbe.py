"""El pueblo como terreno: límite, agua, red de calles, manzanas y casas, todo en el plano local."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.calles import Linea, callejones, de_barrio, principales, veredas
from geo.pueblo.edificios import Edificio, edificar
from geo.pueblo.manzanas import Manzana, amanzanar, lotificar, suelo_de_calles, terrenos
from geo.pueblo.plano import Oleaje, Puntos
from geo.pueblo.red import (
    Red,
    Tramo,
    aflojar,
    anudar,
    juntar_cruces,
    mayor_componente,
    podar,
    quitar_casi_unidas,
    quitar_rendijas,
    renudar,
)
from geo.pueblo.sitios import SITIOS, Sitio, apartar
from geo.pueblo.trazado import ARROYO, BARRIOS, EJES, LIMITE, ORILLA_URBANA, RIO, ZANJA

PARTE_QUITADA = {"vieja": 0.11, "nueva": 0.05, "suelta": 0.09, "ladera": 0.1}
"""Probabilidad de que falte un tramo de la retícula, según la trama del barrio."""

Cara = tuple[int, Polygon]
"""Un barrio y una parte de su terreno, entre los ejes y hasta el agua."""


@dataclass(slots=True)
class Agua:
    """Río y arroyos.

    Attributes
    ----------
    rio, arroyo, zanja : (n, 2) metros
        Sus ejes, aguas abajo.
    margenes : (izquierda, derecha)
        Orillas del río, aguas abajo.
    isla : (n, 2) metros
    """

    rio: Puntos
    arroyo: Puntos
    zanja: Puntos
    margenes: tuple[Puntos, Puntos]
    isla: Puntos

    @property
    def cauce(self) -> Polygon:
        """El área del río, con la isla."""
        return Polygon(np.vstack([self.margenes[0], self.margenes[1][::-1]]))

    @property
    def franja(self) -> shapely.Geometry:
        """Lo que el agua no deja construir."""
        return shapely.union_all(
            [self.cauce.buffer(9.0), LineString(self.arroyo).buffer(13.0), LineString(self.zanja).buffer(9.0)]
        )


@dataclass(slots=True)
class Urbe:
    """Todo lo que se trazó antes de volverlo objetos de OSM."""

    limite: Polygon
    orilla: Polygon
    agua: Agua
    caras: list[Cara]
    red: Red
    suelos: list[Polygon]
    manzanas: list[Manzana]
    sitios: list[tuple[Sitio, Polygon]]
    edificios: list[Edificio]
    lugares: list[tuple[float, float]]


def urbanizar(semilla: int) -> Urbe:
    """Traza el pueblo de esa semilla."""
    oleaje = Oleaje(Azar(semilla, "oleaje"), 14.0, 700.0)
    agua = _aguas(oleaje, semilla)
    orilla = Polygon(oleaje.curva(ORILLA_URBANA, cerrada=True))
    ejes = principales(oleaje)
    semillas = [oleaje(np.array(barrio.semillas, dtype=float)) for barrio in BARRIOS]
    caras = _caras(ejes[: len(EJES)], orilla, agua, semillas)
    red = _red(ejes, caras, semillas, oleaje, semilla)
    suelos = suelo_de_calles(red)
    arbol_suelos = shapely.STRtree(suelos)
    libres = [(barrio, t) for barrio, cara in caras for t in terrenos(cara, suelos, arbol_suelos)]
    libres, sitios = apartar(libres, oleaje)
    arbol = shapely.STRtree([LineString(t.puntos) for t in red.tramos])
    manzanas = [amanzanar(t, barrio, BARRIOS[barrio], red, arbol) for barrio, t in libres]
    return Urbe(
        limite=_limite(semilla),
        orilla=orilla,
        agua=agua,
        caras=caras,
        red=red,
        suelos=suelos,
        manzanas=manzanas,
        sitios=sitios,
        edificios=_casas(manzanas, semilla),
        lugares=[(float(p[0][0]), float(p[0][1])) for p in semillas],
    )


def _casas(manzanas: list[Manzana], semilla: int) -> list[Edificio]:
    casas = []
    for indice, manzana in enumerate(manzanas):
        barrio = BARRIOS[manzana.barrio]
        filas = lotificar(manzana, barrio, Azar(semilla, f"lotes {indice}"))
        casas.extend(edificar(filas, indice, barrio, Azar(semilla, f"casas {indice}")))
    return casas


def _aguas(oleaje: Oleaje, semilla: int) -> Agua:
    azar = Azar(semilla, "agua")
    rio = oleaje.curva(RIO, paso=18.0)
    tangente = np.gradient(rio, axis=0)
    normal = np.column_stack([-tangente[:, 1], tangente[:, 0]]) / np.hypot(tangente[:, 0], tangente[:, 1])[:, None]
    avance = np.arange(len(rio))
    anchos = []
    for _ in range(2):
        fase = azar.varios(3) * 2 * np.pi
        onda = np.sin(avance / 3.1 + fase[0]) + np.sin(avance / 7.3 + fase[1]) + np.sin(avance / 17 + fase[2])
        anchos.append(10.0 + 1.3 * onda)
    medio = len(rio) - 34
    grueso = np.sin(np.linspace(0, np.pi, 9))[1:-1]
    anchos[0][medio - 4 : medio + 5] += 9.0 * np.sin(np.linspace(0, np.pi, 9))
    centro = rio[medio - 3 : medio + 4] + 3.5 * normal[medio - 3 : medio + 4]
    lomo = 4.2 * grueso[:, None] * normal[medio - 3 : medio + 4]
    return Agua(
        rio,
        oleaje.curva(ARROYO),
        oleaje.curva(ZANJA),
        (rio + anchos[0][:, None] * normal, rio - anchos[1][:, None] * normal),
        np.vstack([centro + lomo, (centro - lomo)[::-1]]),
    )


def _limite(semilla: int) -> Polygon:
    """Límite municipal: quiebres rectos entre mojoneras, partidos dos veces por su mitad movida al azar."""
    azar = Azar(semilla, "limite")
    puntos = np.array(LIMITE, dtype=float)
    for parte in (0.11, 0.08):
        siguientes = np.roll(puntos, -1, axis=0)
        lados = siguientes - puntos
        fuera = (azar.varios(len(puntos)) - 0.5) * 2 * parte
        medios = (puntos + siguientes) / 2 + np.column_stack([-lados[:, 1], lados[:, 0]]) * fuera[:, None]
        puntos = np.stack([puntos, medios], axis=1).reshape(-1, 2)
    return Polygon(puntos)


def _caras(ejes: list[Linea], orilla: Polygon, agua: Agua, semillas: list[Puntos]) -> list[Cara]:
    lineas = [LineString(e.puntos) for e in ejes] + [orilla.exterior, LineString(agua.rio)]
    todas = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lineas))))
    franja = agua.franja
    caras = []
    for barrio, puntos in enumerate(semillas):
        if BARRIOS[barrio].trama == "rancheria":
            angulos = np.arange(24) * np.pi / 12
            radios = BARRIOS[barrio].frente[1] * (1 + 0.18 * np.sin(2 * angulos + barrio) + 0.1 * np.sin(5 * angulos))
            terreno = Polygon(puntos[0] + radios[:, None] * np.column_stack([np.cos(angulos), np.sin(angulos)]))
            caras.append((barrio, _mayor(terreno.difference(franja))))
            continue
        for punto in shapely.points(puntos):
            cara = next(c for c in todas if c.contains(punto))
            caras.append((barrio, _mayor(cara.intersection(orilla).difference(franja))))
    return caras


def _mayor(geometria: shapely.Geometry) -> Polygon:
    return max(shapely.get_parts(geometria), key=lambda p: p.area)


def _red(ejes: list[Linea], caras: list[Cara], semillas: list[Puntos], oleaje: Oleaje, semilla: int) -> Red:
    lineas = list(ejes)
    for orden, (barrio, cara) in enumerate(caras):
        azar = Azar(semilla, f"calles {orden}")
        if BARRIOS[barrio].trama == "rancheria":
            lineas.extend(veredas(barrio, semillas[barrio][0], cara, lineas[: len(ejes)], azar))
        else:
            lineas.extend(de_barrio(barrio, BARRIOS[barrio], cara, azar))
    red = anudar(lineas)
    podar(red, lambda tipo: 12.0)
    juntar_cruces(red, 14.0)
    red = renudar(red)
    _recortar(red)
    quitar_rendijas(red, 22.0)
    _recortar(red)
    mayor_componente(red)
    aflojar(red, lambda t: _parte(red, t), Azar(semilla, "aflojar"), 19_000.0)
    red = renudar(red, callejones(_hondas(red, caras, oleaje), Azar(semilla, "callejones")))
    podar(red, lambda tipo: 20.0)
    juntar_cruces(red, 6.0)
    podar(red, lambda tipo: 20.0)
    quitar_casi_unidas(red, 13.0)
    mayor_componente(red)
    return red


def _hondas(red: Red, caras: list[Cara], oleaje: Oleaje) -> list[Polygon]:
    """Las manzanas de los barrios viejos en las que no irá un servicio."""
    viejas = shapely.union_all([cara for barrio, cara in caras if BARRIOS[barrio].trama == "vieja"])
    sitios = shapely.union_all(shapely.points(oleaje(np.array([s.lugar for s in SITIOS], dtype=float))))
    return [m for m in red.caras() if viejas.contains(m.representative_point()) and m.centroid.distance(sitios) > 75]


def _recortar(red: Red) -> None:
    podar(red, lambda tipo: 22.0 if tipo in ("privada", "callejon") else 30.0)


def _parte(red: Red, tramo: Tramo) -> float:
    barrio = red.lineas[tramo.linea].barrio
    return PARTE_QUITADA.get(BARRIOS[barrio].trama, 0.0) if barrio >= 0 else 0.0
