"""Las líneas de las calles, barrio por barrio, antes de anudarlas en una red."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.plano import Oleaje, Puntos, girados, largos
from geo.pueblo.trazado import BRECHAS, CIMA, EJES, Barrio, Eje

SOBRANTE = 5.0
"""Metros que las calles de un barrio pasan de su orilla, para que al anudar crucen el eje que lo limita."""


@dataclass(frozen=True, slots=True, eq=False)
class Linea:
    """Una calle entera, de la que saldrán uno o más tramos.

    Attributes
    ----------
    puntos : (n, 2) metros
    tipo : str
        Clave de :data:`geo.pueblo.trazado.TIPOS`.
    nombre : str or None
        Nombre ya decidido; las demás lo reciben después.
    barrio : int
        Índice en :data:`geo.pueblo.trazado.BARRIOS`; -1 si no es de ninguno.
    """

    puntos: Puntos
    tipo: str
    nombre: str | None = None
    barrio: int = -1


def principales(oleaje: Oleaje) -> list[Linea]:
    """Las vías dibujadas a mano, con sus extremos llevados hasta la vía que tocan."""
    lineas: list[Linea] = []
    for eje in (*EJES, *BRECHAS):
        lineas.append(Linea(_unida(eje, oleaje, lineas), eje.tipo, eje.nombre))
    return lineas


def _unida(eje: Eje, oleaje: Oleaje, anteriores: list[Linea]) -> Puntos:
    puntos = oleaje.curva(eje.control)
    for vuelta in range(2):
        puntos = puntos[::-1]
        final, previo = puntos[-1], puntos[-2]
        for otra in anteriores:
            cercano = np.array(_cercano(otra.puntos, final))
            if np.hypot(*(cercano - final)) < 28:
                rumbo = cercano - previo
                puntos = np.vstack([puntos[:-1], cercano + rumbo / np.hypot(*rumbo) * SOBRANTE])
                break
        del vuelta
    return puntos


def _cercano(linea: Puntos, punto: Puntos) -> tuple[float, float]:
    recta = LineString(linea)
    cercano = recta.interpolate(recta.project(shapely.Point(punto)))
    return float(cercano.x), float(cercano.y)


def de_barrio(indice: int, barrio: Barrio, cara: Polygon, azar: Azar) -> list[Linea]:
    """Las calles de un barrio, recortadas a su cara.

    Parameters
    ----------
    indice : int
        Lugar del barrio en la lista, que queda anotado en sus calles.
    barrio : Barrio
    cara : Polygon
        Terreno del barrio entre los ejes, en el plano.
    azar : Azar
    """
    crudas = {"vieja": _reticula, "nueva": _reticula, "suelta": _reticula, "privadas": _privadas, "ladera": _ladera}[
        barrio.trama
    ](barrio, cara, azar)
    dentro = cara.buffer(SOBRANTE, join_style="mitre")
    lineas = []
    for puntos, tipo in crudas:
        for trozo in _trozos(LineString(puntos).intersection(dentro)):
            if trozo.length > 38 or tipo == "escalinata":
                lineas.append(Linea(shapely.get_coordinates(trozo), tipo, None, indice))
    return lineas


def _trozos(geometria: shapely.Geometry) -> list[LineString]:
    trozos = geometria.geoms if isinstance(geometria, MultiLineString) else [geometria]
    return [t for t in trozos if isinstance(t, LineString) and not t.is_empty]


Cruda = tuple[Puntos, str]


def _cortes(menor: float, mayor: float, paso: tuple[float, float], azar: Azar) -> list[float]:
    cortes = [menor + azar.entre(-0.5, 0.2) * paso[0]]
    while cortes[-1] < mayor:
        cortes.append(cortes[-1] + azar.entre(*paso))
    return cortes


def _caja_girada(cara: Polygon, giro: float) -> tuple[float, float, float, float]:
    puntos = girados(shapely.get_coordinates(cara), -giro)
    return (*puntos.min(axis=0), *puntos.max(axis=0))


def _reticula(barrio: Barrio, cara: Polygon, azar: Azar) -> list[Cruda]:
    """Dos haces de calles que se cruzan; en los barrios viejos ni paralelas ni derechas."""
    vieja = barrio.trama == "vieja"
    oeste, sur, este, norte = _caja_girada(cara, barrio.giro)
    margen = 60.0
    us = _cortes(oeste - margen, este + margen, barrio.frente, azar)
    vs = _cortes(sur - margen, norte + margen, barrio.fondo, azar)
    chueco = 0.035 if vieja else 0.012 if barrio.trama == "suelta" else 0.0
    sesgos_u = [azar.entre(-chueco, chueco) for _ in us]
    sesgos_v = [azar.entre(-chueco, chueco) for _ in vs]
    medio_u, medio_v = (oeste + este) / 2, (sur + norte) / 2
    malla = np.array(
        [[(u + su * (v - medio_v), v + sv * (u - medio_u)) for v, sv in zip(vs, sesgos_v, strict=True)]
         for u, su in zip(us, sesgos_u, strict=True)]
    )  # fmt: skip
    temblor = 3.2 if vieja else 1.5 if barrio.trama == "suelta" else 0.0
    malla += (azar.varios(malla.size).reshape(malla.shape) - 0.5) * 2 * temblor
    oleaje = Oleaje(azar, 7.0 if vieja else 4.0, 420.0)
    malla = oleaje(girados(malla.reshape(-1, 2), barrio.giro)).reshape(malla.shape)
    return [(fila, barrio.tipo) for fila in malla] + [(columna, barrio.tipo) for columna in malla.transpose(1, 0, 2)]


def _privadas(barrio: Barrio, cara: Polygon, azar: Azar) -> list[Cruda]:
    """Colectoras paralelas y, entre ellas, privadas sin salida que nacen alternadamente de una y otra."""
    oeste, sur, este, norte = _caja_girada(cara, barrio.giro)
    colectoras = _cortes(sur, norte, barrio.fondo, azar)
    crudas: list[Cruda] = [
        (girados(np.array([[oeste - 60, v], [este + 60, v]]), barrio.giro), "calle") for v in colectoras
    ]
    us = _cortes(oeste, este, barrio.frente, azar)
    for abajo, arriba in itertools.pairwise(colectoras):
        for orden, u in enumerate(us):
            entera = orden % 4 == 1
            fin = arriba + SOBRANTE if entera else arriba - 26.0
            recta = girados(np.array([[u, abajo - SOBRANTE], [u, fin]]), barrio.giro)
            crudas.append((recta, "calle" if entera else barrio.tipo))
    return crudas


def _ladera(barrio: Barrio, cara: Polygon, azar: Azar) -> list[Cruda]:
    """Calles que siguen las curvas de nivel, subidas en diagonal que las unen y escalinatas."""
    fases = azar.varios(3) * 2 * np.pi
    cima = np.array(CIMA)

    def anillo(radio: float, desde: float, hasta: float) -> Puntos:
        cuantos = max(2, int(radio * (hasta - desde) / 9.0))
        angulo = np.linspace(desde, hasta, cuantos)
        onda = 0.07 * np.sin(3 * angulo + fases[0]) + 0.04 * np.sin(6 * angulo + fases[1])
        r = radio * (1 + onda) + 4.0 * np.sin(13 * angulo + fases[2])
        return np.asarray(cima + np.column_stack([r * np.cos(angulo), r * np.sin(angulo)]))

    radios = [150.0]
    while radios[-1] < 760:
        radios.append(radios[-1] + azar.entre(*barrio.frente))
    crudas: list[Cruda] = [(anillo(r, -math.pi * 0.98, math.pi * 0.25), barrio.tipo) for r in radios]
    for orden, (menor, mayor) in enumerate(itertools.pairwise(radios)):
        angulo = -math.pi + azar.entre(0.0, 0.3)
        while angulo < math.pi * 0.2:
            sesgo = (0.55 if orden % 2 else -0.55) * (mayor - menor) / mayor
            arriba, abajo = (
                anillo(menor, angulo, angulo + 1e-4)[0],
                anillo(mayor, angulo + sesgo, angulo + sesgo + 1e-4)[0],
            )
            tipo = "escalinata" if azar.moneda(0.3) else barrio.tipo
            if tipo == "escalinata":
                abajo = anillo(mayor, angulo, angulo + 1e-4)[0]
            rumbo = (abajo - arriba) / np.hypot(*(abajo - arriba))
            crudas.append((np.array([arriba - rumbo * 4, abajo + rumbo * 4]), tipo))
            angulo += azar.entre(*barrio.fondo) / mayor
    return crudas


def callejones(manzanas: list[Polygon], azar: Azar) -> list[Linea]:
    """Callejones sin salida que entran a las manzanas grandes de los barrios viejos.

    Parameters
    ----------
    manzanas : list of Polygon
        Las que pueden tener callejón, a ejes de calle.
    azar : Azar
    """
    lineas = []
    for manzana in manzanas:
        if manzana.area < 6_600 or not azar.moneda(0.66):
            continue
        anillo = shapely.get_coordinates(manzana.exterior)
        tamanos = largos(anillo)
        lado = int(np.argmax(tamanos))
        a, b = anillo[lado], anillo[lado + 1]
        rumbo = (b - a) / tamanos[lado]
        arranque = a + (b - a) * azar.entre(0.36, 0.64)
        normal = np.array([-rumbo[1], rumbo[0]])
        if not manzana.contains(shapely.Point(arranque + normal * 5)):
            normal = -normal
        codo = arranque + normal * azar.entre(0.42, 0.6) * manzana.area / tamanos[lado]
        fin = codo + rumbo * azar.elige((-1, 1)) * azar.entre(14, 22)
        puntos = [arranque - normal * SOBRANTE, codo] + ([fin] if azar.moneda(0.5) else [])
        if manzana.exterior.distance(shapely.Point(puntos[-1])) > 24:
            lineas.append(Linea(np.array(puntos), "callejon"))
    return lineas


def veredas(barrio: int, centro: Puntos, cara: Polygon, ejes: list[Linea], azar: Azar) -> list[Linea]:
    """Ramales de tierra que salen del camino más cercano hacia las casas de una ranchería."""
    camino = min(ejes, key=lambda e: LineString(e.puntos).distance(shapely.Point(centro)))
    recta = LineString(camino.puntos)
    medio = recta.project(shapely.Point(centro))
    lineas = []
    for orden in range(4):
        avance = medio + (orden - 1.5) * azar.entre(46, 62)
        arranque, adelante = (shapely.get_coordinates(recta.interpolate(avance + x))[0] for x in (0.0, 5.0))
        rumbo = (
            math.atan2(*(adelante - arranque)[::-1]) + math.radians(90 if orden % 2 else -90) + azar.entre(-0.3, 0.3)
        )
        puntos = [arranque - SOBRANTE * np.array([math.cos(rumbo), math.sin(rumbo)]), arranque]
        for _ in range(azar.entero(3, 6)):
            rumbo += azar.entre(-0.4, 0.4)
            puntos.append(puntos[-1] + azar.entre(22, 34) * np.array([math.cos(rumbo), math.sin(rumbo)]))
        trozo = _trozos(LineString(puntos).intersection(cara.buffer(-12)))
        if trozo and trozo[0].length > 45 and trozo[0].distance(shapely.Point(arranque)) < 2:
            lineas.append(Linea(np.array(puntos), "brecha", None, barrio))
    return lineas
