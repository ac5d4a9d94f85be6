"""Los edificios desde arriba: techo según su clase, pretil, tinaco, patio y la sombra que echan."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry import Polygon

from geo.pueblo.aerea.formas import Color, Grupo
from geo.pueblo.aerea.texturas import LARGO_DE_SOMBRA, SOL
from geo.pueblo.azar import Azar
from geo.pueblo.plano import Puntos
from geo.pueblo.verdad import Casa

SOMBRA: Final = np.array([-SOL[0], SOL[1]]) * LARGO_DE_SOMBRA
"""Metros al este y al norte que se alarga la sombra por metro de altura."""

PRETIL: Final = 0.65
"""Metros del pretil de una azotea."""

LOSAS: Final = (
    (196, 191, 182),
    (182, 177, 168),
    (171, 168, 162),
    (205, 202, 196),
    (160, 155, 147),
    (190, 180, 165),
    (214, 210, 203),
)
IMPERMEABLES: Final = ((170, 92, 72), (182, 104, 82), (156, 84, 66), (226, 224, 219), (236, 234, 230))
LAMINAS: Final = ((168, 174, 179), (150, 156, 160), (186, 190, 192), (146, 118, 98), (128, 108, 94), (118, 136, 142))
TEJAS: Final = ((164, 92, 62), (150, 84, 60), (172, 106, 74), (140, 80, 58))
TINACO: Final = ((38, 38, 42), (46, 44, 44), (196, 186, 160))
ALTURAS: Final = {
    "church": 12.0,
    "chapel": 7.0,
    "shed": 2.3,
    "roof": 4.2,
    "warehouse": 8.0,
    "hut": 2.6,
    "grandstand": 5.0,
}


@dataclass(slots=True)
class Techos:
    """Los dos grupos que salen de los edificios: lo que oscurecen y lo que se ve."""

    sombras: Grupo
    techos: Grupo


def techar(casas: list[Casa], barrios_pobres: set[int], semilla: int) -> Techos:
    """Pinta los techos de todos los edificios.

    Parameters
    ----------
    casas : list of Casa
    barrios_pobres : set of int
        Índices de barrio donde manda la lámina.
    """
    azar = Azar(semilla, "techos")
    dados = azar.varios(len(casas) * 8).reshape(len(casas), 8)
    poligonos = np.array([c.poligono for c in casas], dtype=object)
    dentro = shapely.buffer(poligonos, -0.28, join_style="mitre")
    corridos = shapely.transform(dentro, lambda puntos: puntos + SOMBRA * PRETIL)
    iluminado = shapely.intersection(dentro, corridos)
    salida = Techos(Grupo("sombra"), Grupo("area"))
    for casa, poligono, interior, claro, dado in zip(casas, poligonos, dentro, iluminado, dados, strict=True):
        _sombra(salida.sombras, poligono, _altura(casa, dado))
        _techo(salida.techos, casa, poligono, interior, claro, dado, casa.barrio in barrios_pobres)
    return salida


def _altura(casa: Casa, dado: Puntos) -> float:
    etiquetas = casa.edificio.etiquetas
    propia = ALTURAS.get(etiquetas.get("building", ""))
    if propia is not None:
        return propia
    pisos = int(etiquetas["building:levels"]) if "building:levels" in etiquetas else 2 if dado[0] < 0.3 else 1
    return 2.9 * pisos + 0.5


def _sombra(grupo: Grupo, poligono: Polygon, altura: float) -> None:
    """El barrido del contorno a lo largo de la sombra: un cuadrilátero por lado."""
    anillo = shapely.get_coordinates(poligono.exterior)
    lejos = anillo + SOMBRA * altura
    for k in range(len(anillo) - 1):
        grupo.area(np.array([anillo[k], anillo[k + 1], lejos[k + 1], lejos[k]]), (0, 0, 0, 0))
    grupo.area(lejos, (0, 0, 0, 0))


def _techo(
    grupo: Grupo, casa: Casa, poligono: Polygon, interior: Polygon, claro: Polygon, dado: Puntos, pobre: bool
) -> None:
    clase = casa.edificio.etiquetas.get("building", "yes")
    anillo = shapely.get_coordinates(poligono.exterior)
    if clase in ("warehouse", "roof", "grandstand", "shed", "hut"):
        _lamina(grupo, poligono, _elige(LAMINAS, dado[1]), dado)
    elif clase in ("church", "chapel"):
        _iglesia(grupo, poligono, anillo, grande=clase == "church")
    elif casa.barrio >= 0 and len(anillo) == 5 and dado[2] < (0.16 if pobre else 0.1) and not casa.edificio.patios:
        _dos_aguas(grupo, anillo, _elige(TEJAS, dado[1]))
    elif casa.barrio >= 0 and pobre and dado[2] < 0.62:
        _lamina(grupo, poligono, _elige(LAMINAS, dado[1]), dado)
    else:
        _losa(grupo, casa, poligono, interior, claro, dado, pobre)
    for patio in casa.edificio.patios:
        grupo.area(patio, (126, 118, 106, 90))
        hueco = Polygon(patio)
        sol = hueco.intersection(shapely.transform(hueco, lambda q: q + SOMBRA * 3.2))
        grupo.areas([sol], (182, 172, 156, 90) if dado[3] < 0.6 else (122, 132, 88, 150))


def _elige(colores: tuple[tuple[int, int, int], ...], dado: float) -> tuple[int, int, int]:
    """Un color, y cada edificio con su poco más o menos de luz."""
    cual = dado * len(colores)
    parte = 0.93 + 0.13 * (cual * 7.31 % 1.0)
    r, g, b = colores[int(cual) % len(colores)]
    return min(255, int(r * parte)), min(255, int(g * parte)), min(255, int(b * parte))


def _con(color: tuple[int, int, int], factor: float, aspereza: int) -> Color:
    r, g, b = (min(255, max(0, int(c * factor))) for c in color)
    return r, g, b, aspereza


def _losa(
    grupo: Grupo, casa: Casa, poligono: Polygon, interior: Polygon, claro: Polygon, dado: Puntos, pobre: bool
) -> None:
    """Azotea plana con pretil; el lado hacia el sol le echa su sombra por dentro."""
    propio = _elige(IMPERMEABLES if dado[4] < (0.1 if pobre else 0.3) else LOSAS, dado[1])
    if casa.edificio.etiquetas.get("building") in ("school", "hospital", "public", "kindergarten"):
        propio = (176, 88, 70) if dado[1] < 0.45 else (222, 219, 213)
    grupo.areas([poligono], _con(propio, 1.1, 20))
    grupo.areas([interior], _con(propio, 0.66, 30))
    grupo.areas([claro], _con(propio, 0.98, 62))
    if claro.is_empty or interior.area < 30:
        return
    puntos = shapely.get_coordinates(shapely.minimum_rotated_rectangle(interior))[:4]
    centro = puntos.mean(axis=0)
    if dado[5] < 0.36 and interior.area > 62:
        esquina = puntos[int(dado[6] * 4) % 4] * 0.7 + centro * 0.3
        lado = (puntos[1] - puntos[0]) / np.hypot(*(puntos[1] - puntos[0])) * 1.25
        otro = np.array([-lado[1], lado[0]])
        cubo = np.array([esquina - lado - otro, esquina + lado - otro, esquina + lado + otro, esquina - lado + otro])
        if interior.contains(Polygon(cubo)):
            grupo.area(cubo + SOMBRA * 2.2, _con(propio, 0.6, 20))
            grupo.area(cubo, _con(propio, 1.12, 20))
    if dado[7] < 0.68:
        lugar = puntos[int(dado[5] * 40) % 4] * 0.62 + centro * 0.38
        if interior.contains(shapely.Point(lugar).buffer(0.7)):
            _circulo(grupo, lugar + SOMBRA * 1.5, 0.62, _con(propio, 0.6, 0))
            tono = TINACO[int(dado[6] * 31) % 3]
            _circulo(grupo, lugar, 0.62, _con(tono, 1.0, 0))
            _circulo(grupo, lugar - SOMBRA * 0.4, 0.24, _con(tono, 1.5, 0))


def _circulo(grupo: Grupo, centro: Puntos, radio: float, color: Color) -> None:
    angulos = np.arange(12) * np.pi / 6
    grupo.area(centro + radio * np.column_stack([np.cos(angulos), np.sin(angulos)]), color)


def _lamina(grupo: Grupo, poligono: Polygon, color: tuple[int, int, int], dado: Puntos) -> None:
    """Hojas acanaladas: franjas de un metro, y alguna oxidada."""
    grupo.areas([poligono], _con(color, 1.0, 34))
    caja = shapely.get_coordinates(shapely.minimum_rotated_rectangle(poligono))
    a, b, c = caja[0], caja[1], caja[2]
    if np.hypot(*(b - a)) < np.hypot(*(c - b)):
        a, b, c = caja[1], caja[2], caja[3]
    hojas = max(2, int(np.hypot(*(b - a)) / 1.05))
    for k in range(0, hojas, 2):
        franja = Polygon(
            [
                a + (b - a) * t + (c - b) * s
                for t, s in ((k / hojas, 0), ((k + 1) / hojas, 0), ((k + 1) / hojas, 1), (k / hojas, 1))
            ]
        )
        oxidada = (dado[3] * 97 * (k + 1)) % 1.0 < 0.1
        propio = _con((146, 110, 88), 1.0, 60) if oxidada else _con(color, 0.93, 34)
        grupo.areas([franja.intersection(poligono)], propio)


def _dos_aguas(grupo: Grupo, anillo: Puntos, color: tuple[int, int, int]) -> None:
    """Techo de teja con caballete a lo largo: el agua que mira al sol, clara; la otra, oscura."""
    p = anillo[:4]
    if np.hypot(*(p[1] - p[0])) < np.hypot(*(p[2] - p[1])):
        p = np.roll(p, -1, axis=0)
    uno, otro = (p[0] + p[3]) / 2, (p[1] + p[2]) / 2
    for mitad in (np.array([p[0], p[1], otro, uno]), np.array([uno, otro, p[2], p[3]])):
        afuera = mitad.mean(axis=0) - p.mean(axis=0)
        de_cara = float(afuera @ -SOMBRA) / (np.hypot(*afuera) * np.hypot(*SOMBRA) + 1e-9)
        grupo.area(mitad, _con(color, 0.92 + 0.2 * de_cara, 84))
    grupo.linea(np.array([uno, otro]), _con(color, 1.22, 30), 0.22)


def _iglesia(grupo: Grupo, poligono: Polygon, anillo: Puntos, *, grande: bool) -> None:
    """Bóveda encalada, cúpula en el crucero y, si es la parroquia, torre al frente."""
    claro = (224, 209, 172)
    grupo.areas([poligono], _con(claro, 0.8, 24))
    for metros, factor in ((0.8, 0.92), (1.9, 1.0), (3.2, 1.06)):
        grupo.areas([poligono.buffer(-metros * (1.0 if grande else 0.6), join_style="mitre")], _con(claro, factor, 24))
    eje = shapely.get_coordinates(shapely.minimum_rotated_rectangle(poligono))
    centro = poligono.centroid
    medio = shapely.get_coordinates(centro)[0]
    crucero = (anillo[2:4].mean(axis=0) + anillo[8:10].mean(axis=0)) / 2 if len(anillo) > 10 else eje[:4].mean(axis=0)
    cruce = medio * 0.55 + crucero * 0.45
    radio = 4.2 if grande else 2.3
    _circulo(grupo, cruce + SOMBRA * radio * 0.6, radio * 1.02, _con(claro, 0.62, 20))
    _circulo(grupo, cruce, radio, (188, 132, 66, 24))
    for k in (1, 2, 3):
        claridad: Color = (188 + 16 * k, 134 + 15 * k, 66 + 16 * k, 20)
        _circulo(grupo, cruce - SOMBRA * radio * 0.22 * k, radio * (1 - 0.26 * k), claridad)
    if grande:
        frente = anillo[0] * 0.72 + anillo[-2] * 0.28
        dentro = (shapely.get_coordinates(centro)[0] - frente) / np.hypot(
            *(shapely.get_coordinates(centro)[0] - frente)
        )
        torre = frente + dentro * 2.6
        _circulo(grupo, torre, 2.1, (206, 186, 146, 20))
        _circulo(grupo, torre - SOMBRA * 0.9, 1.1, (238, 226, 196, 20))
