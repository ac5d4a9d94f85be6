"""El campo alrededor y dentro del pueblo: agua, parcelas, monte, línea de luz, árboles de calle."""

import itertools
import math
from typing import Final

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.plano import Puntos, suavizada
from geo.pueblo.rasgos import Rasgo
from geo.pueblo.trazado import BARRIOS, CIMA
from geo.pueblo.urbe import Agua, Urbe
from geo.tipos import Geometrias

NOMBRE_RIO: Final = "Río de las Nubes"
CULTIVOS: Final = ("maize", "maize", "maize", "bean", "barley", "agave", "alfalfa")
MONTES: Final = (
    (CIMA[0] - 30, CIMA[1] + 60, 190.0, "wood"),
    (-1080.0, 960.0, 170.0, "wood"),
    (900.0, 1000.0, 170.0, "wood"),
    (1180.0, -430.0, 130.0, "scrub"),
    (-1120.0, -80.0, 110.0, "scrub"),
    (80.0, 1330.0, 110.0, "wood"),
    (-760.0, -1010.0, 120.0, "scrub"),
    (520.0, -1120.0, 120.0, "wood"),
    (-420.0, 1250.0, 150.0, "wood"),
)
"""Manchas de monte: centro, radio y valor de ``natural``."""


def paisaje(urbe: Urbe, ocupado: list[Polygon], semilla: int) -> list[Rasgo]:
    """Todo lo que no es calle, edificio ni servicio.

    Parameters
    ----------
    urbe : Urbe
    ocupado : list of Polygon
        Edificios y predios de servicios: ahí no se siembra.
    semilla : int
    """
    azar = Azar(semilla, "paisaje")
    montes = _montes(urbe, azar)
    campo = _campo(urbe, montes, ocupado)
    rasgos = [*_agua(urbe.agua), *_suelo_habitado(urbe)]
    rasgos += [_area(p, {"natural": clase, **_hojas(clase)}) for p, clase in montes]
    rasgos += _parcelas(campo, urbe.limite, azar)
    rasgos += _ribera(urbe, azar)
    rasgos += _linea_de_luz(urbe, ocupado)
    rasgos += _arboles_de_avenida(urbe, ocupado, azar)
    rasgos += _cerro()
    return rasgos


def _area(poligono: Polygon, etiquetas: dict[str, str]) -> Rasgo:
    huecos = [shapely.get_coordinates(h)[:-1] for h in poligono.interiors]
    return Rasgo("area", shapely.get_coordinates(poligono.exterior)[:-1], etiquetas, huecos)


def _hojas(clase: str) -> dict[str, str]:
    return {"leaf_type": "mixed"} if clase == "wood" else {}


def _agua(agua: Agua) -> list[Rasgo]:
    """El río como área con isla; los ejes de agua los ponen las vías, con las que comparten vados y puentes."""
    contorno = np.vstack([agua.margenes[0], agua.margenes[1][::-1]])
    return [
        Rasgo("area", contorno, {"natural": "water", "water": "river", "name": NOMBRE_RIO}, [agua.isla], capa="agua"),
        Rasgo("area", agua.isla, {"place": "islet", "name": "Isla de los Patos"}, capa="agua"),
    ]


def _suelo_habitado(urbe: Urbe) -> list[Rasgo]:
    """Un polígono de suelo habitacional por barrio, que cubre sus manzanas."""
    rasgos = []
    for indice, barrio in enumerate(BARRIOS):
        manzanas = [m.poligono for m in urbe.manzanas if m.barrio == indice]
        union = shapely.union_all(manzanas).buffer(9.0, join_style="mitre").buffer(-9.5, join_style="mitre")
        for parte in shapely.get_parts(union):
            if isinstance(parte, Polygon) and parte.area > 9_000 and barrio.trama != "rancheria":
                limpio = shapely.simplify(Polygon(parte.exterior), 1.0)
                rasgos.append(_area(limpio, {"landuse": "residential"}))
    return sorted(rasgos, key=lambda r: tuple(np.round(r.puntos.mean(axis=0), 1)))


def _montes(urbe: Urbe, azar: Azar) -> list[tuple[Polygon, str]]:
    prohibido = shapely.union_all(
        [urbe.orilla.buffer(6), urbe.agua.cauce.buffer(14), *[s.buffer(3) for s in urbe.suelos]]
    )
    montes = []
    for x, y, radio, clase in MONTES:
        angulos = np.arange(22) * 2 * np.pi / 22
        fase = azar.entre(0, 2 * np.pi)
        r = radio * (1 + 0.24 * np.sin(2 * angulos + fase) + 0.44 * (azar.varios(22) - 0.5))
        mancha = Polygon(
            suavizada(np.column_stack([x + r * np.cos(angulos), y + r * np.sin(angulos)]), 16, cerrada=True)
        )
        for parte in shapely.get_parts(mancha.buffer(0).difference(prohibido)):
            if parte.area > 1_500:
                montes.append((shapely.simplify(parte, 1.0), clase))
    return montes


def _campo(urbe: Urbe, montes: list[tuple[Polygon, str]], ocupado: list[Polygon]) -> list[Polygon]:
    """El terreno labrantío: lo de afuera del pueblo, sin caminos, casas, agua ni monte."""
    sueltas = [p.buffer(9.0, quad_segs=1) for p in ocupado if not urbe.orilla.contains(p.centroid)]
    franjas = [
        LineString(urbe.agua.arroyo).buffer(9),
        LineString(urbe.agua.zanja).buffer(7),
        urbe.agua.cauce.buffer(24),
    ]
    quitar = [urbe.orilla.buffer(14), *franjas, shapely.union_all(sueltas).buffer(6).buffer(-6)]
    quitar += [m.buffer(5) for m, _ in montes] + [s.buffer(2.5) for s in urbe.suelos]
    campo = shapely.get_parts(urbe.limite.buffer(230).difference(shapely.union_all(quitar)))
    return [p for p in sorted(campo, key=lambda p: tuple(np.round(p.bounds, 1))) if p.area > 1_500]


def _parcelas(campo: list[Polygon], limite: Polygon, azar: Azar) -> list[Rasgo]:
    """Parte el campo a la mitad de su lado largo, una y otra vez, hasta llegar al tamaño de una parcela."""
    pendientes: Geometrias = np.array(campo, dtype=object)
    hechas: list[Polygon] = []
    while len(pendientes):
        topes = 6_500 + 17_000 * azar.varios(len(pendientes))
        grandes = shapely.area(pendientes) > topes
        hechas.extend(pendientes[~grandes])
        pendientes = _mitades(pendientes[grandes], azar)
    cerca = limite.buffer(30)
    shapely.prepare(cerca)
    rasgos = []
    for parcela in hechas:
        if not cerca.intersects(parcela):
            continue
        borde = parcela.buffer(-azar.entre(0.8, 2.2), join_style="mitre")
        limpia = shapely.simplify(borde, 0.6)
        if not isinstance(limpia, Polygon) or limpia.area < 1_200 or limpia.buffer(-7).is_empty:
            continue
        etiquetas = _uso(azar)
        if etiquetas:
            rasgos.append(_area(Polygon(limpia.exterior), etiquetas))
    return rasgos


def _uso(azar: Azar) -> dict[str, str]:
    uso = azar.elige(("farmland", "meadow", "orchard", "scrub", "nada"), (0.66, 0.09, 0.07, 0.06, 0.12))
    if uso == "farmland":
        return {"landuse": "farmland", "crop": azar.elige(CULTIVOS)}
    if uso == "scrub":
        return {"natural": "scrub"}
    return {} if uso == "nada" else {"landuse": uso}


def _mitades(parcelas: Geometrias, azar: Azar) -> Geometrias:
    if not len(parcelas):
        return parcelas
    cajas = shapely.get_coordinates(shapely.oriented_envelope(parcelas)).reshape(len(parcelas), 5, 2)
    a, b, d = cajas[:, 0], cajas[:, 1], cajas[:, 3]
    largo_ab = np.hypot(*(b - a).T) >= np.hypot(*(d - a).T)
    lado = np.where(largo_ab[:, None], b - a, d - a)
    otro = np.where(largo_ab[:, None], d - a, b - a)
    corte = (0.4 + 0.2 * azar.varios(len(parcelas)))[:, None]
    sesgo = (0.16 * (azar.varios(len(parcelas)) - 0.5))[:, None]
    abajo, arriba = a + lado * (corte + sesgo), a + otro + lado * (corte - sesgo)
    primera = np.stack(
        [a - lado - otro, abajo - otro + 2 * sesgo * lado, arriba + otro - 2 * sesgo * lado, a - lado + 2 * otro], 1
    )
    tijera = shapely.polygons(primera)
    partes = np.concatenate([shapely.intersection(parcelas, tijera), shapely.difference(parcelas, tijera)])
    partes = shapely.get_parts(partes)
    partes = partes[shapely.get_type_id(partes) == 3]
    partes = partes[shapely.area(partes) > 900]
    cajas_orden = np.round(shapely.bounds(partes), 1)
    return np.asarray(partes[np.lexsort(cajas_orden.T)])


def _ribera(urbe: Urbe, azar: Azar) -> list[Rasgo]:
    """Pasto entre el río y los malecones, y bosque de galería, a trechos, fuera del pueblo."""
    calles = shapely.union_all([s.buffer(1.5) for s in urbe.suelos])
    terrenos = shapely.union_all([m.poligono for m in urbe.manzanas] + [t for _, t in urbe.sitios]).buffer(2)
    pueblo = urbe.orilla.buffer(30)
    dentro = urbe.agua.cauce.buffer(30).difference(urbe.agua.cauce.buffer(1.5)).intersection(pueblo)
    rasgos = []
    for parte in shapely.get_parts(dentro.difference(shapely.union(calles, terrenos))):
        limpia = shapely.simplify(parte.buffer(-1.5).buffer(1.5, quad_segs=2), 0.8)
        if isinstance(limpia, Polygon) and limpia.area > 700:
            rasgos.append(_area(Polygon(limpia.exterior), {"landuse": "grass"}))
    estorbos = shapely.union_all([calles, terrenos, pueblo, urbe.agua.cauce.buffer(1.5)])
    for trecho in _galerias(urbe.agua, azar):
        for parte in shapely.get_parts(trecho.difference(estorbos)):
            limpia = shapely.simplify(parte, 0.8)
            if isinstance(limpia, Polygon) and limpia.area > 700:
                rasgos.append(_area(Polygon(limpia.exterior), {"natural": "wood", "leaf_type": "broadleaved"}))
    return sorted(rasgos, key=lambda r: tuple(np.round(r.puntos.mean(axis=0), 1)))


def _galerias(agua: Agua, azar: Azar) -> list[Polygon]:
    """Trechos arbolados de ancho desigual a cada lado del río."""
    trechos = []
    for margen in agua.margenes:
        hacia = margen - agua.rio
        hacia = hacia / np.hypot(hacia[:, 0], hacia[:, 1])[:, None]
        k = azar.entero(0, 6)
        while k + 6 < len(margen):
            n = min(azar.entero(8, 22), len(margen) - k)
            bulto = np.sin(np.linspace(0, np.pi, n)) ** 0.5 * (5 + 17 * azar.varios(n))
            afuera = margen[k : k + n] + hacia[k : k + n] * np.minimum(bulto, 21.0)[:, None]
            trechos.append(Polygon(np.vstack([margen[k : k + n], afuera[::-1]])).buffer(0.5))
            k += n + azar.entero(2, 9)
    return trechos


def _linea_de_luz(urbe: Urbe, ocupado: list[Polygon]) -> list[Rasgo]:
    """Línea de alta tensión por el norte, con torres cada 160 m que no caen sobre nada."""
    control = np.array([(-1560, 1010), (-900, 1150), (-420, 1020), (300, 930), (880, 800), (1560, 930)], dtype=float)
    torres = []
    for a, b in itertools.pairwise(control):
        cuantas = max(1, round(float(np.hypot(*(b - a))) / 160))
        torres += [a + (b - a) * k / cuantas for k in range(cuantas)]
    torres.append(control[-1])
    estorbos = shapely.union_all([urbe.agua.cauce.buffer(6), *[s.buffer(2) for s in urbe.suelos]])
    arbol = shapely.STRtree(ocupado)
    puestas = np.array([_aparte(t, estorbos, arbol) for t in torres])
    rasgos = [Rasgo("linea", puestas, {"power": "line", "voltage": "115000", "cables": "3"}, capa="luz")]
    rasgos += [Rasgo("punto", t[None], {"power": "tower"}, capa="luz") for t in puestas]
    return rasgos


def _aparte(punto: Puntos, estorbos: shapely.Geometry, arbol: shapely.STRtree) -> Puntos:
    for paso in range(0, 60, 4):
        candidato = np.asarray(punto + np.array([0.0, paso]))
        lugar = Point(candidato)
        if not estorbos.intersects(lugar) and not len(arbol.query(lugar, predicate="dwithin", distance=5.0)):
            return candidato
    return punto


def _arboles_de_avenida(urbe: Urbe, ocupado: list[Polygon], azar: Azar) -> list[Rasgo]:
    """Árboles a los dos lados de las avenidas y del malecón."""
    arbol = shapely.STRtree(ocupado)
    rasgos = []
    for tramo in urbe.red.tramos:
        linea = urbe.red.lineas[tramo.linea]
        if linea.tipo != "avenida" and not (linea.nombre or "").startswith(("Malecón", "Paseo de los S")):
            continue
        recta = LineString(tramo.puntos)
        for lado in (-1, 1):
            orilla = recta.offset_curve(lado * 4.6)
            for avance in np.arange(9.0, orilla.length - 9, 17.0):
                punto = orilla.interpolate(avance + azar.entre(-2, 2))
                libre = not len(arbol.query(punto, predicate="dwithin", distance=1.5))
                if libre and azar.moneda(0.72) and not urbe.agua.cauce.intersects(punto):
                    rasgos.append(Rasgo("punto", shapely.get_coordinates(punto), {"natural": "tree"}, capa="objetos"))
    return rasgos


def _cerro() -> list[Rasgo]:
    punta = np.array([CIMA])
    tanque = np.array(CIMA) + np.array([-46.0, 22.0])
    angulos = np.arange(12) * math.pi / 6
    vaso = tanque + 6.5 * np.column_stack([np.cos(angulos), np.sin(angulos)])
    return [
        Rasgo("punto", punta + 14.0, {"natural": "peak", "name": "Cerro del Mirador", "ele": "2148"}, capa="objetos"),
        Rasgo("punto", punta + np.array([[9.0, -4.0]]), {"man_made": "cross"}, capa="objetos"),
        Rasgo("area", vaso, {"man_made": "reservoir_covered", "content": "water"}),
    ]
