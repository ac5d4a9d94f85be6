"""De la red a las vías: cadenas de tramos, puentes, vados, alcantarillas y los ejes de agua."""

import itertools
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.paisaje import NOMBRE_RIO
from geo.pueblo.plano import Puntos, largos
from geo.pueblo.rasgos import Rasgo
from geo.pueblo.red import Red, Tramo
from geo.pueblo.trazado import TIPOS
from geo.pueblo.urbe import Urbe

LARGO_MAYOR = 250.0
"""Metros a partir de los cuales una vía se parte en su siguiente cruce, o a la mitad si no tiene."""


@dataclass(slots=True, eq=False)
class Calle:
    """Una vía de OSM de la verdad.

    Attributes
    ----------
    puntos : (n, 2) metros
    etiquetas : dict
    tipo : str
        Clave de :data:`geo.pueblo.trazado.TIPOS`.
    linea, barrio : int
    """

    puntos: Puntos
    etiquetas: dict[str, str]
    tipo: str
    linea: int
    barrio: int


@dataclass(slots=True)
class Vialidad:
    """Las vías y lo que se decidió al cruzar el agua.

    Attributes
    ----------
    calles : list of Calle
    aguas : list of Rasgo
        Ejes del río, el arroyo y la zanja.
    puntos : list of Rasgo
        Nodos con etiquetas que están sobre las vías: vados, topes, semáforos, fines de calle.
    """

    calles: list[Calle] = field(default_factory=list)
    aguas: list[Rasgo] = field(default_factory=list)
    puntos: list[Rasgo] = field(default_factory=list)


def vialidad(urbe: Urbe, nombres: dict[int, str], semilla: int) -> Vialidad:
    """Las vías de la verdad, con nombres, sentidos y cruces con el agua resueltos."""
    azar = Azar(semilla, "vialidad")
    red = urbe.red
    salida = Vialidad()
    usadas = sorted({t.linea for t in red.tramos})
    sentidos = {i: azar.elige((0, 1, -1), (0.45, 0.3, 0.25)) for i in usadas}
    rio, arroyo, zanja = _ejes_de_agua(urbe)
    alcantarillas: list[tuple[float, float]] = []
    vados: list[tuple[float, float]] = []
    chicos = shapely.union_all([LineString(arroyo), LineString(zanja)])
    for cadena, linea in _cadenas(red):
        tipo = red.lineas[linea].tipo
        cortes = _cruces_de_agua(cadena, tipo, urbe.agua.cauce, rio, chicos, alcantarillas, vados)
        for puntos, extra in _partida(cadena, cortes, {*map(tuple, red.cruces.values())}):
            etiquetas = _etiquetas(puntos, tipo, nombres.get(linea), urbe.orilla)
            if red.lineas[linea].barrio == 0 and tipo == "calle_vieja" and sentidos[linea]:
                etiquetas["oneway"] = "yes"
                puntos = puntos[:: sentidos[linea]]
            salida.calles.append(Calle(puntos, {**etiquetas, **extra}, tipo, linea, red.lineas[linea].barrio))
    salida.aguas = _aguas(rio, arroyo, zanja, alcantarillas, vados)
    salida.puntos = [Rasgo("punto", np.array([v]), {"ford": "yes"}, capa="vias") for v in vados]
    salida.puntos += _senales(red, azar)
    return salida


def _cadenas(red: Red) -> list[tuple[Puntos, int]]:
    """Une los tramos seguidos de una misma calle."""
    por_linea: dict[int, list[Tramo]] = defaultdict(list)
    for tramo in red.tramos:
        por_linea[tramo.linea].append(tramo)
    cadenas = []
    for linea in sorted(por_linea):
        pendientes = por_linea[linea]
        en_cruce: dict[int, list[Tramo]] = defaultdict(list)
        for tramo in pendientes:
            en_cruce[tramo.de].append(tramo)
            en_cruce[tramo.a].append(tramo)
        usados: set[int] = set()
        puntas_primero = sorted(pendientes, key=lambda t: min(len(en_cruce[t.de]), len(en_cruce[t.a])))
        for arranque in puntas_primero:
            if id(arranque) in usados:
                continue
            desde = arranque.de if len(en_cruce[arranque.de]) != 2 else arranque.a
            cadenas.append((_recorrida(arranque, desde, en_cruce, usados), linea))
    return cadenas


def _recorrida(tramo: Tramo, desde: int, en_cruce: dict[int, list[Tramo]], usados: set[int]) -> Puntos:
    trozos: list[Puntos] = []
    while True:
        usados.add(id(tramo))
        puntos, hasta = (tramo.puntos, tramo.a) if tramo.de == desde else (tramo.puntos[::-1], tramo.de)
        trozos.append(puntos if not trozos else puntos[1:])
        libres = [t for t in en_cruce[hasta] if id(t) not in usados]
        if len(en_cruce[hasta]) != 2 or len(libres) != 1:
            return np.vstack(trozos)
        tramo, desde = libres[0], hasta


def _ejes_de_agua(urbe: Urbe) -> tuple[Puntos, Puntos, Puntos]:
    """Los tres ejes, con el arroyo y la zanja terminados sobre un vértice del río."""
    rio = urbe.agua.rio
    finales = []
    for menor in (urbe.agua.arroyo, urbe.agua.zanja):
        cauce = LineString(rio)
        golpe = LineString(menor).intersection(cauce)
        if not golpe.is_empty:
            boca = shapely.get_coordinates(golpe)[0]
            quedan = menor[np.cumsum([0, *largos(menor)]) < LineString(menor).project(Point(boca)) - 1]
        else:
            boca = shapely.get_coordinates(cauce.interpolate(cauce.project(Point(menor[-1]))))[0]
            quedan = menor
        rio = _con_punto(rio, boca)
        finales.append(np.vstack([quedan, boca]))
    return rio, finales[0], finales[1]


def _con_punto(linea: Puntos, punto: Puntos) -> Puntos:
    """La línea con un vértice más, en el lugar del punto (que está sobre ella)."""
    avance = np.concatenate([[0.0], np.cumsum(largos(linea))])
    donde = LineString(linea).project(Point(punto))
    k = int(np.searchsorted(avance, donde))
    return np.insert(linea, k, punto, axis=0)


def _cruces_de_agua(
    cadena: Puntos,
    tipo: str,
    cauce: Polygon,
    rio: Puntos,
    chicos: shapely.Geometry,
    alcantarillas: list[tuple[float, float]],
    vados: list[tuple[float, float]],
) -> list[tuple[float, float, dict[str, str]]]:
    """Dónde va puente o vado: (desde, hasta, etiquetas) a lo largo de la cadena; anota vados y alcantarillas."""
    linea = LineString(cadena)
    cortes: list[tuple[float, float, dict[str, str]]] = []
    puente = {"bridge": "yes", "layer": "1"}
    for parte in shapely.get_parts(linea.intersection(cauce)):
        orillas = [linea.project(Point(p)) for p in shapely.get_coordinates(parte)]
        if orillas:
            cortes.append((min(orillas) - 6, max(orillas) + 6, {"ford": "yes"} if tipo == "brecha" else puente))
    mojados = linea.intersection(shapely.union(chicos, LineString(rio)) if tipo == "brecha" else chicos)
    for punto in shapely.get_coordinates(mojados):
        lugar = (float(punto[0]), float(punto[1]))
        donde = linea.project(Point(punto))
        if tipo == "brecha":
            vados.append(lugar)
            cortes.append((donde, donde, {}))
        elif tipo in ("calle_tierra", "camino_tierra"):
            alcantarillas.append(lugar)
        else:
            cortes.append((donde - 6.5, donde + 6.5, puente))
    return sorted(cortes, key=lambda c: c[0])


def _partida(
    cadena: Puntos, cortes: list[tuple[float, float, dict[str, str]]], cruces: set[tuple[float, ...]]
) -> list[tuple[Puntos, dict[str, str]]]:
    """Parte la cadena en puentes y vados, y en pedazos de largo razonable."""
    cadena = cadena.copy()
    avance = np.concatenate([[0.0], np.cumsum(largos(cadena))])
    recta = LineString(cadena)
    for desde, hasta, _ in cortes:
        for donde in {desde, hasta}:
            punto = shapely.get_coordinates(recta.interpolate(donde))[0]
            cerca = int(np.abs(avance - donde).argmin())
            if abs(avance[cerca] - donde) < 1.5:
                if tuple(cadena[cerca]) not in cruces and 0 < cerca < len(avance) - 1:
                    cadena[cerca], avance[cerca] = punto, donde
            elif 0 < donde < avance[-1]:
                k = int(np.searchsorted(avance, donde))
                cadena, avance = np.insert(cadena, k, punto, axis=0), np.insert(avance, k, donde)
    marcas = [(d, h, e) for d, h, e in cortes if d < h]
    limites = sorted({0.0, float(avance[-1]), *[x for d, h, _ in marcas for x in (d, h) if 0 < x < avance[-1]]})
    partes = []
    for desde, hasta in itertools.pairwise(limites):
        i, j = (int(np.abs(avance - x).argmin()) for x in (desde, hasta))
        extra = next((e for d, h, e in marcas if d <= (desde + hasta) / 2 <= h), {})
        if extra:
            partes.append((cadena[i : j + 1], extra))
        else:
            partes += [(trozo, {}) for trozo in _trozos(cadena[i : j + 1], cruces)]
    return partes


def _trozos(puntos: Puntos, cruces: set[tuple[float, ...]]) -> list[Puntos]:
    trozos, inicio, andado = [], 0, 0.0
    tamanos = largos(puntos)
    falta = float(tamanos.sum())
    for k in range(1, len(puntos) - 1):
        andado += float(tamanos[k - 1])
        falta -= float(tamanos[k - 1])
        cruce = tuple(puntos[k]) in cruces
        if falta > 130 and (andado > LARGO_MAYOR if cruce else andado > 1.5 * LARGO_MAYOR):
            trozos.append(puntos[inicio : k + 1])
            inicio, andado = k, 0.0
    return [*trozos, puntos[inicio:]]


def _etiquetas(puntos: Puntos, tipo: str, nombre: str | None, orilla: Polygon) -> dict[str, str]:
    clase = TIPOS[tipo]
    etiquetas = {"highway": clase.highway, "surface": clase.surface}
    if nombre:
        etiquetas["name"] = nombre
    if tipo == "carretera":
        fuera = not orilla.intersects(Point(puntos[len(puntos) // 2]))
        etiquetas |= {"ref": "EJ 99", "lanes": "2", "maxspeed": "80" if fuera else "40"}
        if fuera:
            etiquetas["name"] = "Carretera a Valle Ficticio"
    elif tipo == "avenida":
        etiquetas |= {"lanes": "2", "maxspeed": "30"}
    elif tipo == "brecha":
        etiquetas["tracktype"] = "grade3"
    return etiquetas


def _aguas(
    rio: Puntos,
    arroyo: Puntos,
    zanja: Puntos,
    alcantarillas: list[tuple[float, float]],
    vados: list[tuple[float, float]],
) -> list[Rasgo]:
    rasgos = []
    for puntos, etiquetas in (
        (rio, {"waterway": "river", "name": NOMBRE_RIO}),
        (arroyo, {"waterway": "stream", "name": "Arroyo Seco", "intermittent": "yes"}),
        (zanja, {"waterway": "drain", "name": "Zanja del Molino"}),
    ):
        recta = LineString(puntos)
        for vado in vados:
            if recta.distance(Point(vado)) < 0.02:
                puntos = _con_punto(puntos, np.array(vado))
        marcas = sorted(recta.project(Point(a)) for a in alcantarillas if recta.distance(Point(a)) < 0.02)
        tubo = {"tunnel": "culvert", "layer": "-1"}
        for trozo, extra in _partida(puntos, [(m - 6.5, m + 6.5, tubo) for m in marcas], set()):
            rasgos.append(Rasgo("linea", trozo, {**etiquetas, **extra}, capa="vias"))
    return rasgos


def _senales(red: Red, azar: Azar) -> list[Rasgo]:
    """Fin de calle en callejones y privadas; semáforos y pasos peatonales en la avenida principal."""
    grados = red.grados()
    rangos: dict[int, list[int]] = defaultdict(list)
    for tramo in red.tramos:
        for cruce in (tramo.de, tramo.a):
            rangos[cruce].append(red.rango(tramo))
    rasgos = []
    for tramo in red.tramos:
        for cruce in (tramo.de, tramo.a):
            if grados[cruce] == 1 and red.tipo(tramo) in ("privada", "callejon") and azar.moneda(0.7):
                rasgos.append(Rasgo("punto", np.array([red.cruces[cruce]]), {"noexit": "yes"}, capa="vias"))
    for cruce in sorted(rangos):
        importantes = sum(r <= 1 for r in rangos[cruce])
        if importantes >= 3:
            rasgos.append(Rasgo("punto", np.array([red.cruces[cruce]]), {"highway": "traffic_signals"}, capa="vias"))
        elif importantes == 2 and len(rangos[cruce]) > 2 and azar.moneda(0.25):
            rasgos.append(Rasgo("punto", np.array([red.cruces[cruce]]), {"highway": "crossing"}, capa="vias"))
    return rasgos
