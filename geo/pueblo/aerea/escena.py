"""De la verdad del pueblo a lo que se pinta: suelo, lotes, calles, agua, bardas, sombras, techos, árboles y coches."""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
import shapely.ops
from shapely.geometry import LineString, Polygon

from geo.pueblo.aerea.formas import METROS_POR_PIXEL, Color, Grupo, a_pixeles
from geo.pueblo.aerea.techos import SOMBRA, techar
from geo.pueblo.aerea.texturas import Manchas, manchas
from geo.pueblo.azar import Azar
from geo.pueblo.manzanas import lotificar
from geo.pueblo.plano import Puntos, girados
from geo.pueblo.trazado import BARRIOS, CIMA, TIPOS
from geo.pueblo.verdad import Verdad
from geo.tipos import Geometrias

SURCO: Final = 77
"""Aspereza reservada a los cultivos: en ella se pintan después los surcos."""

CAMPO: Final[Color] = (158, 148, 112, 150)
POBRES: Final = frozenset(("suelta", "rancheria", "ladera"))
CULTIVOS: Final[dict[str, Color]] = {
    "maize": (122, 130, 76, SURCO),
    "bean": (136, 138, 84, SURCO),
    "barley": (186, 170, 118, SURCO),
    "agave": (158, 146, 112, SURCO),
    "alfalfa": (86, 116, 62, SURCO),
}
SURCOS: Final = {
    "maize": (1.9, 13.0),
    "bean": (1.6, 9.0),
    "barley": (2.6, 7.0),
    "agave": (3.4, 17.0),
    "alfalfa": (6.0, 4.0),
}
"""Metros entre surcos y cuánto se notan."""

SUELOS: Final[dict[tuple[str, str], Color]] = {
    ("natural", "wood"): (80, 90, 56, 190),
    ("natural", "scrub"): (146, 138, 102, 190),
    ("landuse", "meadow"): (140, 142, 92, 150),
    ("landuse", "orchard"): (142, 132, 94, 150),
    ("landuse", "grass"): (112, 124, 74, 130),
    ("landuse", "religious"): (178, 164, 140, 100),
    ("landuse", "cemetery"): (152, 142, 114, 110),
    ("landuse", "commercial"): (170, 164, 152, 90),
    ("leisure", "park"): (104, 120, 72, 120),
    ("leisure", "sports_centre"): (150, 144, 104, 130),
    ("leisure", "playground"): (196, 172, 128, 80),
    ("amenity", "school"): (176, 168, 150, 90),
    ("amenity", "kindergarten"): (172, 164, 142, 90),
    ("amenity", "clinic"): (170, 166, 156, 70),
    ("amenity", "fuel"): (164, 162, 158, 50),
    ("amenity", "parking"): (140, 138, 135, 50),
}
CANCHAS: Final[dict[str, Color]] = {"basketball": (122, 138, 122, 30), "soccer": (104, 128, 66, 90)}
PAVIMENTO: Final[dict[str, Color]] = {
    "asphalt": (104, 103, 103, 60),
    "concrete": (172, 168, 160, 56),
    "sett": (140, 130, 120, 90),
    "gravel": (178, 164, 138, 120),
    "unpaved": (184, 164, 130, 130),
    "dirt": (178, 158, 124, 130),
    "paving_stones": (186, 172, 150, 70),
}
COCHES: Final = (
    (236, 236, 234),
    (214, 214, 216),
    (150, 152, 156),
    (60, 62, 66),
    (150, 44, 40),
    (52, 74, 112),
    (238, 238, 236),
    (120, 98, 72),
)


@dataclass(slots=True)
class Parcela:
    """Un cultivo con surcos: dónde, hacia dónde (radianes, en la imagen), cada cuánto (píxeles) y cuánto se notan."""

    puntos: Puntos
    caja: tuple[float, float, float, float]
    rumbo: float
    paso: float
    fuerza: float
    con_puntos: bool


@dataclass(slots=True)
class Escena:
    """Todo lo que se pinta, en orden; ``limite`` y ``casas`` dicen qué zona cubrir y dónde hace falta el detalle."""

    semilla: int
    suelo: list[Grupo]
    sombras: Grupo
    encima: list[Grupo]
    parcelas: list[Parcela]
    manchas: Manchas
    limite: Polygon
    casas: npt.NDArray[np.float64]


def armar_escena(verdad: Verdad, semilla: int) -> Escena:
    """Junta y ordena lo que se pinta.

    Parameters
    ----------
    verdad : Verdad
        De :func:`geo.pueblo.verdad.levantar`, con la misma semilla.
    """
    edificios = np.array([c.poligono for c in verdad.casas], dtype=object)
    arbol = shapely.STRtree(edificios)
    pobres = {k for k, b in enumerate(BARRIOS) if b.trama in POBRES or b.tipo == "calle_tierra"}
    campo, parcelas = _campo(verdad, semilla)
    lotes, bardas, jardines = _lotes(verdad, semilla)
    servicios, detalles = _servicios(verdad)
    aceras, calles, rayas = _calles(verdad, semilla)
    techos = techar(verdad.casas, pobres, semilla)
    copas = _arboles(verdad, jardines, arbol, semilla)
    coches, sombras_de_coches = _coches(verdad, arbol, semilla)
    _sombras_de_copas(techos.sombras, copas)
    _sombras_de_bardas(techos.sombras, bardas)
    techos.sombras.piezas += sombras_de_coches.piezas
    techos.sombras.colores += sombras_de_coches.colores
    techos.sombras.anchos += sombras_de_coches.anchos
    suelo = [campo, lotes, servicios, _agua(verdad), aceras, calles, rayas, detalles, bardas]
    limite = shapely.transform(verdad.urbe.limite.buffer(70), a_pixeles)
    x0, y0, x1, y1 = limite.bounds
    cima = a_pixeles(np.array([CIMA]))[0]
    return Escena(
        semilla,
        [g.cerrar() for g in suelo],
        techos.sombras.cerrar(),
        [g.cerrar() for g in (coches, techos.techos, copas)],
        parcelas,
        manchas(
            semilla,
            x0 - 8000,
            y0 - 8000,
            x1 - x0 + 16000,
            y1 - y0 + 16000,
            [(float(cima[0]), float(cima[1]), 420 / METROS_POR_PIXEL, 95.0)],
        ),
        limite,
        _cajas_en_pixeles(edificios),
    )


def _cajas_en_pixeles(poligonos: Geometrias) -> npt.NDArray[np.float64]:
    x0, y0, x1, y1 = shapely.bounds(poligonos).T
    return np.hstack([a_pixeles(np.column_stack([x0, y1])), a_pixeles(np.column_stack([x1, y0]))])


# --- El campo ---------------------------------------------------------------------------------------------------------


def _campo(verdad: Verdad, semilla: int) -> tuple[Grupo, list[Parcela]]:
    azar = Azar(semilla, "campo aereo")
    grupo = Grupo("area")
    parcelas = []
    for _, rasgo in verdad.otros:
        if rasgo.forma != "area" or not {"landuse", "natural"} & rasgo.etiquetas.keys():
            continue
        color = next((SUELOS[par] for par in rasgo.etiquetas.items() if par in SUELOS), None)
        cultivo = rasgo.etiquetas.get("crop")
        if cultivo:
            color = _variado(CULTIVOS[cultivo], azar, 0.12)
            if azar.moneda(0.16):
                color = _variado((166, 146, 112, SURCO), azar, 0.08)
            parcelas.append(_surcada(rasgo.puntos, cultivo))
        elif rasgo.etiquetas.get("landuse") in ("meadow", "orchard") or rasgo.etiquetas.get("natural") == "scrub":
            color = _variado(color or CAMPO, azar, 0.1)
        elif (
            rasgo.etiquetas.get("landuse") == "residential"
            or rasgo.etiquetas.get("natural") == "water"
            or rasgo.etiquetas.get("landuse") in ("religious", "cemetery", "commercial")
        ):
            continue
        if color is not None:
            grupo.area(rasgo.puntos, color)
    return grupo, parcelas


def _variado(color: Color, azar: Azar, cuanto: float) -> Color:
    luz, tinte = azar.entre(1 - cuanto, 1 + cuanto), azar.entre(-7, 7)
    r, g, b, aspereza = color
    return _acotado(r * luz + tinte), _acotado(g * luz), _acotado(b * luz - tinte / 2), aspereza


def _acotado(valor: float) -> int:
    return max(0, min(255, int(valor)))


def _surcada(puntos: Puntos, cultivo: str) -> Parcela:
    caja = shapely.get_coordinates(shapely.minimum_rotated_rectangle(Polygon(puntos)))
    lados = [caja[1] - caja[0], caja[2] - caja[1]]
    largo = max(lados, key=lambda v: float(np.hypot(*v)))
    paso, fuerza = SURCOS[cultivo]
    pixeles = a_pixeles(puntos)
    (x0, y0), (x1, y1) = pixeles.min(axis=0).tolist(), pixeles.max(axis=0).tolist()
    # en la imagen el norte baja: el rumbo cambia de signo
    rumbo = float(np.arctan2(-largo[1], largo[0]))
    return Parcela(pixeles, (x0, y0, x1, y1), rumbo, paso / METROS_POR_PIXEL, fuerza, cultivo == "agave")


# --- El pueblo --------------------------------------------------------------------------------------------------------


def _lotes(verdad: Verdad, semilla: int) -> tuple[Grupo, Grupo, Puntos]:
    """Suelo de cada manzana y de cada lote, bardas entre lotes, y lugares donde puede haber un árbol."""
    azar = Azar(semilla, "lotes aereos")
    suelo, bardas = Grupo("area"), Grupo("linea")
    jardines: list[Puntos] = []
    for indice, manzana in enumerate(verdad.urbe.manzanas):
        barrio = BARRIOS[manzana.barrio]
        suelta = barrio.trama in ("suelta", "rancheria")
        suelo.areas([manzana.poligono], _variado((168, 154, 122, 160) if suelta else (160, 148, 122, 130), azar, 0.06))
        for fila in lotificar(manzana, barrio, Azar(semilla, f"lotes {indice}")):
            for lote in fila:
                caja = np.array([(lote.s0, 0), (lote.s1, 0), (lote.s1, lote.hondo), (lote.s0, lote.hondo)]) / 100
                puntos = lote.frente.al_plano(caja)
                suelo.area(puntos, _patio(azar, suelta=suelta, vieja=barrio.trama == "vieja"))
                if not suelta and azar.moneda(0.8):
                    cerca = puntos[[1, 2, 3, 0]] if azar.moneda(0.75) else puntos[[1, 2]]
                    bardas.linea(cerca, _variado((176, 168, 156, 40), azar, 0.08), 0.24)
                elif suelta and azar.moneda(0.35):
                    bardas.linea(puntos[[0, 1, 2, 3]], (120, 112, 84, 120), 0.3)
                cuantos = azar.entero(2, 6) if suelta else azar.entero(0, 5)
                dados = azar.varios(2 * cuantos).reshape(-1, 2)
                ancho, hondo = (lote.s1 - lote.s0) / 100, lote.hondo / 100
                marco = np.column_stack([lote.s0 / 100 + dados[:, 0] * ancho, hondo * (0.25 + 0.72 * dados[:, 1])])
                if cuantos:
                    jardines.append(lote.frente.al_plano(marco))
    return suelo, bardas, np.vstack(jardines)


def _patio(azar: Azar, *, suelta: bool, vieja: bool) -> Color:
    opciones: tuple[Color, ...] = (
        (112, 122, 76, 150),
        (146, 142, 98, 160),
        (178, 160, 126, 150),
        (176, 170, 160, 70),
        (188, 172, 146, 110),
    )
    pesos = (
        (0.16, 0.3, 0.44, 0.04, 0.06)
        if suelta
        else (0.2, 0.16, 0.2, 0.26, 0.18)
        if vieja
        else (0.22, 0.2, 0.28, 0.18, 0.12)
    )
    return _variado(azar.elige(opciones, pesos), azar, 0.09)


def _servicios(verdad: Verdad) -> tuple[Grupo, Grupo]:
    """El suelo de los predios, y encima canchas con sus rayas, tumbas, andadores de plaza y cosas chicas."""
    grupo, detalles = Grupo("area"), Grupo("area")
    for sitio, terreno in verdad.urbe.sitios:
        base: Color = (
            (182, 174, 160, 70) if sitio.clave in ("plaza", "presidencia", "mercado") else (168, 158, 136, 110)
        )
        grupo.areas([terreno], base)
    for _, rasgo in verdad.otros:
        if rasgo.forma != "area":
            continue
        deporte = rasgo.etiquetas.get("sport")
        if deporte:
            _cancha(detalles, rasgo.puntos, deporte, rasgo.etiquetas.get("surface", ""))
            continue
        par = next((p for p in rasgo.etiquetas.items() if p in SUELOS and p[0] in ("leisure", "amenity")), None)
        par = par or next((p for p in rasgo.etiquetas.items() if p[1] in ("religious", "cemetery", "commercial")), None)
        if par is not None and par in SUELOS:
            grupo.area(rasgo.puntos, SUELOS[par])
        if rasgo.etiquetas.get("landuse") == "cemetery":
            _tumbas(detalles, Polygon(rasgo.puntos))
        if "man_made" in rasgo.etiquetas:
            detalles.area(rasgo.puntos + SOMBRA * 3, (90, 86, 74, 60))
            detalles.area(rasgo.puntos, (190, 188, 182, 30))
    return grupo, detalles


def _cancha(grupo: Grupo, puntos: Puntos, deporte: str, superficie: str) -> None:
    color = CANCHAS[deporte]
    if deporte == "soccer" and superficie == "concrete":
        color = (168, 150, 116, 90)
    grupo.area(puntos, color)
    a, b, d = puntos[0], puntos[1], puntos[3]
    raya: Color = (226, 226, 220, 10)

    def en(s: float, t: float) -> Puntos:
        return np.asarray(a + (b - a) * s + (d - a) * t)

    def trazo(*esquinas: tuple[float, float]) -> None:
        linea = LineString([en(*e) for e in esquinas]).buffer(0.13, cap_style="flat", join_style="mitre")
        for parte in shapely.get_parts(linea):
            anillos = [parte.exterior, *parte.interiors]
            # un anillo cerrado se parte en dos para no llenar su hueco
            if len(anillos) > 1:
                for uno, otro in itertools.pairwise(esquinas):
                    trazo(uno, otro)
            else:
                grupo.area(shapely.get_coordinates(parte.exterior), raya)

    m = 0.03
    trazo((m, m), (1 - m, m), (1 - m, 1 - m), (m, 1 - m), (m, m))
    trazo((0.5, m), (0.5, 1 - m))
    caja = 0.16 if deporte == "soccer" else 0.2
    for orilla, adentro in ((m, m + caja), (1 - m, 1 - m - caja)):
        trazo((orilla, 0.3), (adentro, 0.3), (adentro, 0.7), (orilla, 0.7))
    largo, ancho = float(np.hypot(*(b - a))), float(np.hypot(*(d - a)))
    radio = 9.15 if largo > 80 else 1.9
    rueda = [(0.5 + radio / largo * np.cos(t), 0.5 + radio / ancho * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 25)]
    for uno, otro in itertools.pairwise(rueda):
        trazo(uno, otro)


def _tumbas(grupo: Grupo, terreno: Polygon) -> None:
    caja = shapely.get_coordinates(shapely.minimum_rotated_rectangle(terreno))
    rumbo = caja[1] - caja[0]
    grados = float(np.degrees(np.arctan2(rumbo[1], rumbo[0])))
    marco = girados(shapely.get_coordinates(terreno.exterior), -grados)
    (x0, y0), (x1, y1) = marco.min(axis=0).tolist(), marco.max(axis=0).tolist()
    xs, ys = np.meshgrid(np.arange(x0 + 3, x1 - 3, 2.6), np.arange(y0 + 3, y1 - 3, 3.9))
    lugares = girados(np.column_stack([xs.ravel(), ys.ravel()]), grados)
    pasillo = (np.abs(xs.ravel() - (x0 + x1) / 2) > 3.2) & (np.abs(ys.ravel() - (y0 + y1) / 2) > 3.2)
    dentro = shapely.contains(terreno.buffer(-2.5), shapely.points(lugares)) & pasillo
    for k, lugar in enumerate(lugares[dentro]):
        if k * 7919 % 100 < 78:
            tono = (206, 200, 188) if k % 3 else (168, 176, 184)
            forma = girados(np.array([[-0.5, -1.0], [0.5, -1.0], [0.5, 1.0], [-0.5, 1.0]]), grados) + lugar
            grupo.area(forma + SOMBRA * 0.7, (112, 104, 86, 60))
            grupo.area(forma, (*tono, 20))


def _agua(verdad: Verdad) -> Grupo:
    """Río con playas y fondo más oscuro en medio; arroyo seco y zanja."""
    grupo, agua = Grupo("area"), verdad.urbe.agua
    for linea, ancho, color in (
        (agua.arroyo, 9.0, (166, 152, 122, 170)),
        (agua.arroyo, 4.6, (194, 180, 148, 120)),
        (agua.arroyo, 1.1, (128, 128, 106, 60)),
        (agua.zanja, 5.0, (128, 130, 88, 160)),
        (agua.zanja, 1.6, (92, 98, 80, 40)),
    ):
        grupo.areas([LineString(linea).buffer(ancho / 2, quad_segs=3)], color)
    cauce = agua.cauce.buffer(0)
    grupo.areas([cauce.buffer(5.0)], (148, 146, 100, 170))
    grupo.areas([cauce.buffer(1.6)], (186, 174, 142, 120))
    for metros, color in (
        (0.0, (112, 116, 90, 40)),
        (-1.8, (96, 106, 86, 34)),
        (-4.4, (82, 96, 82, 30)),
        (-7.0, (74, 90, 79, 26)),
    ):
        grupo.areas([cauce.buffer(metros)], color)
    isla = Polygon(agua.isla)
    grupo.areas([isla.buffer(1.0)], (176, 166, 134, 100))
    grupo.areas([isla.buffer(-0.6)], (104, 118, 70, 160))
    return grupo


def _calles(verdad: Verdad, semilla: int) -> tuple[Grupo, Grupo, Grupo]:
    azar = Azar(semilla, "pavimento")
    aceras, calles, rayas = Grupo("area"), Grupo("area"), Grupo("area")
    por_rango = sorted(verdad.calles.values(), key=lambda c: -TIPOS[c.tipo].rango)
    for calle in por_rango:
        clase, recta = TIPOS[calle.tipo], LineString(calle.puntos)
        color = _variado(PAVIMENTO[clase.surface], azar, 0.05)
        if calle.tipo == "brecha":
            aceras.areas([recta.buffer(2.3, cap_style="flat")], _variado((166, 150, 116, 150), azar, 0.04))
            for lado in (-0.85, 0.85):
                calles.areas([recta.offset_curve(lado).buffer(0.55, cap_style="flat")], color)
            continue
        if calle.tipo in ("sendero", "escalinata"):
            calles.areas([recta.buffer(clase.ancho / 2 - 0.4, cap_style="flat")], color)
            continue
        fuera = not verdad.urbe.orilla.intersects(recta)
        tierra = clase.surface in ("unpaved", "gravel", "dirt")
        ancho = clase.ancho / 2
        banqueta: Color = (178, 162, 130, 130) if tierra or fuera else (188, 182, 172, 50)
        arroyo = ancho - (0.9 if tierra else 3.2 if fuera else 1.5 if ancho > 4.4 else 1.1)
        if "bridge" in calle.etiquetas:
            aceras.areas([recta.buffer(arroyo + 1.2, cap_style="flat")], (196, 192, 184, 40))
        else:
            aceras.areas([recta.buffer(ancho, cap_style="flat", join_style="mitre", mitre_limit=2)], banqueta)
        calles.areas([recta.buffer(arroyo, join_style="round", quad_segs=4)], color)
        if tierra:
            calles.areas([recta.buffer(arroyo * 0.45, quad_segs=3)], _variado((196, 178, 146, 120), azar, 0.03))
        elif calle.tipo in ("carretera", "avenida"):
            _rayar(rayas, recta, arroyo, calle.tipo)
        elif clase.surface == "concrete" and recta.length > 12:
            for avance in np.arange(4.0, recta.length - 3, 4.0):
                _atravesada(calles, recta, float(avance), arroyo, (152, 148, 140, 40))
    return aceras, calles, rayas


def _rayar(grupo: Grupo, recta: LineString, arroyo: float, tipo: str) -> None:
    amarilla: Color = (206, 176, 84, 20)
    for avance in np.arange(6.0, recta.length - 8, 9.0):
        trozo = shapely.ops.substring(recta, float(avance), float(avance) + 4.2)
        grupo.areas([trozo.buffer(0.11, cap_style="flat")], amarilla)
    if tipo == "carretera":
        for lado in (-1, 1):
            orilla = recta.offset_curve(lado * (arroyo - 0.5))
            for parte in shapely.get_parts(orilla):
                grupo.areas([parte.buffer(0.09, cap_style="flat")], (206, 204, 198, 20))


def _atravesada(grupo: Grupo, recta: LineString, avance: float, arroyo: float, color: Color) -> None:
    a, b = (shapely.get_coordinates(recta.interpolate(x))[0] for x in (avance - 0.3, avance + 0.3))
    rumbo = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
    normal, medio = np.array([-rumbo[1], rumbo[0]]) * arroyo, (a + b) / 2
    largo = rumbo * 0.07
    grupo.area(
        np.array([medio - normal - largo, medio + normal - largo, medio + normal + largo, medio - normal + largo]),
        color,
    )


def _coches(verdad: Verdad, arbol: shapely.STRtree, semilla: int) -> tuple[Grupo, Grupo]:
    """Coches estacionados junto a la banqueta y alguno circulando."""
    azar = Azar(semilla, "coches")
    coches, sombras = Grupo("area"), Grupo("sombra")
    for calle in verdad.calles.values():
        if calle.tipo in ("brecha", "sendero", "escalinata", "callejon") or "bridge" in calle.etiquetas:
            continue
        recta = LineString(calle.puntos)
        arroyo = TIPOS[calle.tipo].ancho / 2 - 1.5
        tupido = 0.26 if calle.barrio in (0, 1, 2, 4) else 0.1
        for lado in (-1, 1):
            for avance in np.arange(9.0, recta.length - 9.0, 6.6):
                if not azar.moneda(tupido):
                    continue
                a, b = (shapely.get_coordinates(recta.interpolate(float(avance) + x))[0] for x in (-0.5, 0.5))
                rumbo = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
                lugar = a + np.array([-rumbo[1], rumbo[0]]) * lado * (arroyo - 1.1) + rumbo * azar.entre(-0.7, 0.7)
                if len(arbol.query(shapely.Point(lugar), predicate="dwithin", distance=2.0)):
                    continue
                _coche(coches, sombras, lugar, rumbo * (1 if azar.moneda(0.5) else -1), azar)
    return coches, sombras


def _coche(grupo: Grupo, sombras: Grupo, lugar: Puntos, rumbo: Puntos, azar: Azar) -> None:
    largo, ancho = azar.entre(4.0, 4.9), azar.entre(1.7, 1.9)
    normal = np.array([-rumbo[1], rumbo[0]])

    def caja(desde: float, hasta: float, angosto: float) -> Puntos:
        u, v = rumbo * largo, normal * ancho * angosto / 2
        return np.array([lugar + u * desde - v, lugar + u * hasta - v, lugar + u * hasta + v, lugar + u * desde + v])

    color = azar.elige(COCHES)
    sombras.area(caja(-0.5, 0.5, 1.0) + SOMBRA * 1.3, (0, 0, 0, 0))
    grupo.area(caja(-0.5, 0.5, 0.94), (*color, 0))
    grupo.area(caja(-0.47, 0.46, 0.99), (*color, 0))
    grupo.area(caja(0.08, 0.23, 0.84), (52, 58, 66, 0))
    grupo.area(caja(-0.4, -0.3, 0.8), (58, 64, 72, 0))


# --- Árboles ----------------------------------------------------------------------------------------------------------


def _arboles(verdad: Verdad, jardines: Puntos, arbol: shapely.STRtree, semilla: int) -> Grupo:
    azar = Azar(semilla, "arboles aereos")
    copas = Grupo("copa")
    puestos = [r.puntos[0] for _, r in verdad.otros if r.etiquetas.get("natural") == "tree"]
    _plantar(copas, np.array(puestos), (2.0, 3.4), (0, 0, 4, 2), azar, arbol, 0.2)
    _plantar(copas, jardines, (1.1, 3.0), (0, 1, 2, 4, 2), azar, arbol, 1.02)
    for _, rasgo in verdad.otros:
        if rasgo.forma != "area":
            continue
        suelo = Polygon(rasgo.puntos, rasgo.huecos)
        clase = rasgo.etiquetas.get("natural") or rasgo.etiquetas.get("landuse")
        if clase == "wood":
            verdes = (6, 0, 4) if rasgo.etiquetas.get("leaf_type") == "broadleaved" else (1, 1, 0, 6)
            _sembrar(copas, suelo, 5.0, 0.42, (1.8, 4.0), verdes, azar, arbol)
        elif clase == "scrub":
            _sembrar(copas, suelo, 6.5, 0.5, (0.7, 1.9), (3, 2, 5), azar, arbol)
        elif clase == "meadow":
            _sembrar(copas, suelo, 26.0, 0.5, (1.0, 2.6), (2, 3, 0), azar, arbol)
        elif clase == "orchard":
            _sembrar(copas, suelo, 6.2, 0.06, (1.7, 2.2), (0, 4), azar, arbol)
        elif clase == "farmland":
            _cerco(copas, rasgo.puntos, azar, arbol)
        elif clase == "grass":
            _sembrar(copas, suelo, 11.0, 0.5, (1.6, 3.6), (6, 0, 6), azar, arbol)
        elif rasgo.etiquetas.get("place") == "islet":
            _sembrar(copas, suelo, 5.0, 0.4, (1.4, 2.8), (6, 6), azar, arbol)
    _silvestres(copas, verdad, azar, arbol)
    return copas


def _plantar(
    copas: Grupo,
    puntos: Puntos,
    radios: tuple[float, float],
    verdes: tuple[int, ...],
    azar: Azar,
    arbol: shapely.STRtree,
    aparte: float,
) -> None:
    """Pone una copa en cada punto que no estorba a un edificio: a los techos se les ven las orillas."""
    if not len(puntos):
        return
    tamanos = radios[0] + (radios[1] - radios[0]) * azar.varios(len(puntos)) ** 1.5
    cual = (azar.varios(len(puntos)) * len(verdes)).astype(int)
    lugares = shapely.points(puntos)
    estorban, _ = arbol.query(lugares, predicate="dwithin", distance=tamanos * aparte)
    libres = np.ones(len(puntos), dtype=bool)
    libres[estorban] = False
    for k, verde in enumerate(verdes):
        suyos = libres & (cual == k)
        copas.copas(puntos[suyos], tamanos[suyos], verde)


def _sembrar(
    copas: Grupo,
    suelo: Polygon,
    paso: float,
    temblor: float,
    radios: tuple[float, float],
    verdes: tuple[int, ...],
    azar: Azar,
    arbol: shapely.STRtree,
) -> None:
    """Árboles en hileras más o menos temblorosas dentro de un polígono."""
    caja = shapely.get_coordinates(shapely.minimum_rotated_rectangle(suelo))
    rumbo = caja[1] - caja[0]
    grados = float(np.degrees(np.arctan2(rumbo[1], rumbo[0])))
    marco = girados(shapely.get_coordinates(suelo.exterior), -grados)
    (x0, y0), (x1, y1) = marco.min(axis=0), marco.max(axis=0)
    xs, ys = np.meshgrid(np.arange(x0 + paso / 2, x1, paso), np.arange(y0 + paso / 2, y1, paso))
    puntos = np.column_stack([xs.ravel(), ys.ravel()])
    puntos = puntos + (azar.varios(puntos.size).reshape(puntos.shape) - 0.5) * 2 * temblor * paso
    puntos = girados(puntos, grados)
    shapely.prepare(suelo)
    _plantar(copas, puntos[shapely.contains_xy(suelo, puntos)], radios, verdes, azar, arbol, 1.0)


def _cerco(copas: Grupo, puntos: Puntos, azar: Azar, arbol: shapely.STRtree) -> None:
    """Mezquites y matas en el lindero de una parcela."""
    orilla = LineString(np.vstack([puntos, puntos[:1]]))
    cuantos = int(orilla.length / 9 * azar.entre(0.1, 0.7))
    if cuantos:
        avances = np.sort(azar.varios(cuantos)) * orilla.length
        lugares = shapely.get_coordinates(shapely.line_interpolate_point(orilla, avances))
        _plantar(copas, lugares, (0.7, 2.3), (2, 3, 0, 5), azar, arbol, 1.2)


def _silvestres(copas: Grupo, verdad: Verdad, azar: Azar, arbol: shapely.STRtree) -> None:
    """Matas sueltas en lo que nadie siembra ni construye."""
    x0, y0, x1, y1 = verdad.urbe.limite.buffer(90).bounds
    puntos = np.array([x0, y0]) + azar.varios(36_000).reshape(-1, 2) * np.array([x1 - x0, y1 - y0])
    ocupado = [m.poligono for m in verdad.urbe.manzanas] + [t for _, t in verdad.urbe.sitios] + verdad.urbe.suelos
    ocupado += [
        Polygon(r.puntos) for _, r in verdad.otros if r.forma == "area" and {"crop", "natural"} & r.etiquetas.keys()
    ]
    dentro, _ = shapely.STRtree(ocupado).query(shapely.points(puntos), predicate="dwithin", distance=1.5)
    libres = np.ones(len(puntos), dtype=bool)
    libres[dentro] = False
    _plantar(copas, puntos[libres], (0.6, 2.0), (3, 2, 5, 5), azar, arbol, 1.2)


def _sombras_de_copas(sombras: Grupo, copas: Grupo) -> None:
    angulos = np.arange(10) * np.pi / 5
    rueda = np.column_stack([np.cos(angulos), np.sin(angulos)])
    centros, radios = np.concatenate(copas.piezas), np.array(copas.anchos)[:, None]
    ruedas = (centros + SOMBRA * 1.1 * radios)[:, None] + rueda * (0.86 * radios)[:, None]
    sombras.piezas.extend(ruedas)
    sombras.colores.extend([(0, 0, 0, 0)] * len(ruedas))
    sombras.anchos.extend([0.0] * len(ruedas))


def _sombras_de_bardas(sombras: Grupo, bardas: Grupo) -> None:
    corrida = SOMBRA * 2.0
    for pieza in bardas.piezas:
        for a, b in itertools.pairwise(pieza):
            sombras.area(np.array([a, b, b + corrida, a + corrida]), (0, 0, 0, 0))
