"""Edificios sobre los lotes: plantas de ángulos rectos, patios y paredes compartidas."""

from dataclasses import dataclass, field

import numpy as np
from shapely.geometry import Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.manzanas import Frente, Lote
from geo.pueblo.plano import Puntos, girados
from geo.pueblo.trazado import Barrio

Planta = list[tuple[int, int]]
"""Vértices ``(s, d)`` de un contorno en el marco de su frente, en centímetros; sin repetir el primero."""


MODULO = 60
"""Centímetros del módulo de los fondos."""


@dataclass(slots=True, eq=False)
class Edificio:
    """Un edificio de la verdad.

    Attributes
    ----------
    contorno : (n, 2) metros
        Sin repetir el primer punto.
    patios : list of (m, 2) metros
    etiquetas : dict
    manzana : int
    linea : int
        Calle a la que da; -1 si no da a ninguna.
    frente : Frente or None
        Marco en el que se trazó.
    pegado : bool
        Comparte pared con otro.
    """

    contorno: Puntos
    patios: list[Puntos] = field(default_factory=list)
    etiquetas: dict[str, str] = field(default_factory=dict)
    manzana: int = -1
    linea: int = -1
    frente: Frente | None = None
    pegado: bool = False

    @property
    def poligono(self) -> Polygon:
        """En el plano, metros."""
        return Polygon(self.contorno, self.patios)


@dataclass(slots=True)
class _Cuerpo:
    planta: Planta
    patios: list[Planta] = field(default_factory=list)
    principal: bool = True
    giro: float = 0.0
    pegado: bool = False


def edificar(filas: list[list[Lote]], manzana: int, barrio: Barrio, azar: Azar) -> list[Edificio]:
    """Construye en los lotes de una manzana.

    Parameters
    ----------
    filas : list of list of Lote
        De :func:`geo.pueblo.manzanas.lotificar`.
    manzana : int
        Su índice, que queda anotado.
    barrio : Barrio
    azar : Azar
    """
    salida: list[Edificio] = []
    for fila in filas:
        cuerpos = _fila_de_cuerpos(fila, barrio, azar)
        _coser(cuerpos)
        frente = fila[0].frente
        salida.extend(_al_plano(cuerpo, frente, manzana) for cuerpo in cuerpos)
    return salida


def _modulada(planta: Planta) -> Planta:
    """La planta con sus fondos en múltiplos del módulo: dos vecinas nunca difieren en unos pocos centímetros."""
    return [(s, round(d / MODULO) * MODULO) for s, d in planta]


def _al_plano(cuerpo: _Cuerpo, frente: Frente, manzana: int) -> Edificio:
    def puntos(planta: Planta) -> Puntos:
        marco = np.array(planta, dtype=float) / 100
        if cuerpo.giro:
            centro = marco.mean(axis=0)
            marco = girados(marco - centro, cuerpo.giro) + centro
        return frente.al_plano(marco)

    return Edificio(
        puntos(cuerpo.planta), [puntos(p) for p in cuerpo.patios], {} if cuerpo.principal else {"building": "shed"},
        manzana, frente.linea, frente, cuerpo.pegado,
    )  # fmt: skip


def _fila_de_cuerpos(fila: list[Lote], barrio: Barrio, azar: Azar) -> list[_Cuerpo]:
    ocupados = [azar.moneda(barrio.ocupacion) for _ in fila]
    pegados = [
        a and b and uno.s1 == otro.s0 and azar.moneda(barrio.pegado)
        for a, b, uno, otro in zip(ocupados, ocupados[1:], fila, fila[1:], strict=False)
    ]
    if barrio.trama == "privadas":
        pegados = [p and i % 6 != 5 for i, p in enumerate(pegados)]
    retiro_de_fila = azar.entre(*barrio.remetido)
    cuerpos: list[_Cuerpo] = []
    for i, (lote, ocupado) in enumerate(zip(fila, ocupados, strict=True)):
        if not ocupado:
            continue
        antes, despues = i > 0 and pegados[i - 1], i < len(pegados) and pegados[i]
        retiro = retiro_de_fila if (antes or despues) else azar.entre(*barrio.remetido)
        s0 = lote.s0 + (0 if antes else round(azar.entre(35, _holgura(lote, barrio))))
        s1 = lote.s1 - (0 if despues else round(azar.entre(35, _holgura(lote, barrio))))
        nuevos = _casa(s0, s1, round(retiro * 100), lote.hondo, barrio, azar, libre=not (antes or despues))
        nuevos[0].pegado = antes or despues
        for cuerpo in nuevos:
            cuerpo.planta = _modulada(cuerpo.planta)
            cuerpo.patios = [_modulada(p) for p in cuerpo.patios]
        cuerpos.extend(nuevos)
    return cuerpos


def _holgura(lote: Lote, barrio: Barrio) -> float:
    ancho = lote.s1 - lote.s0
    if barrio.trama in ("suelta", "rancheria"):
        return max(60.0, ancho * 0.24)
    return max(50.0, min(160.0, ancho * 0.12)) if barrio.trama != "vieja" else 55.0


def _casa(s0: int, s1: int, d0: int, hondo: int, barrio: Barrio, azar: Azar, *, libre: bool) -> list[_Cuerpo]:
    """El cuerpo principal de un lote y, a veces, un cuarto al fondo."""
    fondo = hondo - 45 - MODULO // 2
    if barrio.trama == "vieja":
        return _casa_vieja(s0, s1, d0, fondo, azar)
    if barrio.trama == "privadas":
        return [_Cuerpo(_escalon(s0, s1, d0, min(fondo, d0 + 940), 220, 150))]
    if barrio.trama in ("suelta", "rancheria"):
        return _casa_suelta(s0, s1, d0, fondo, azar, libre=libre)
    return _casa_nueva(s0, s1, d0, fondo, azar)


def _rectangulo(s0: int, s1: int, d0: int, d1: int) -> Planta:
    return [(s0, d0), (s1, d0), (s1, d1), (s0, d1)]


def _escalon(s0: int, s1: int, d0: int, d1: int, ancho: int, entrada: int) -> Planta:
    """Rectángulo con un retiro en la esquina del frente (cochera)."""
    return [(s0, d0 + entrada), (s0 + ancho, d0 + entrada), (s0 + ancho, d0), (s1, d0), (s1, d1), (s0, d1)]


def _ele(s0: int, s1: int, d0: int, medio: int, d1: int, ala: int, *, derecha: bool) -> Planta:
    if derecha:
        return [(s0, d0), (s1, d0), (s1, d1), (s1 - ala, d1), (s1 - ala, medio), (s0, medio)]
    return [(s0, d0), (s1, d0), (s1, medio), (s0 + ala, medio), (s0 + ala, d1), (s0, d1)]


def _u(s0: int, s1: int, d0: int, medio: int, d1: int, d2: int, ala: int) -> Planta:
    return [
        (s0, d0),
        (s1, d0),
        (s1, d1),
        (s1 - ala, d1),
        (s1 - ala, medio),
        (s0 + ala, medio),
        (s0 + ala, d2),
        (s0, d2),
    ]


def _casa_vieja(s0: int, s1: int, d0: int, fondo: int, azar: Azar) -> list[_Cuerpo]:
    """Casa al paramento, con patio atrás, a un lado o en medio."""
    ancho, largo = s1 - s0, fondo - d0
    crujia = min(largo, round(azar.entre(600, 1050)))
    ala = round(azar.entre(330, 480))
    if largo < 1150 or ancho < 650:
        return [_Cuerpo(_rectangulo(s0, s1, d0, d0 + min(largo, round(azar.entre(750, 1250)))))]
    d1, d2 = (d0 + round(largo * azar.entre(0.62, 1.0)) for _ in range(2))
    medio = d0 + min(crujia, largo - 450)
    forma = azar.elige(("recta", "honda", "ele", "u", "patio", "dos"), (0.11, 0.17, 0.3, 0.16, 0.12, 0.14))
    if forma == "u" and ancho >= 2 * ala + 250:
        return [_Cuerpo(_u(s0, s1, d0, medio, max(d1, medio + 300), max(d2, medio + 300), ala))]
    if forma == "patio" and ancho >= 2 * ala + 320 and largo >= crujia + 800:
        atras = d0 + min(largo, crujia + round(azar.entre(750, 1200)))
        hueco = _rectangulo(s0 + ala, s1 - ala, medio, atras - round(azar.entre(330, 400)))
        return [_Cuerpo(_rectangulo(s0, s1, d0, atras), [hueco])]
    if forma in ("ele", "u", "patio"):
        return [_Cuerpo(_ele(s0, s1, d0, medio, max(d1, medio + 300), ala, derecha=azar.moneda(0.5)))]
    if forma == "dos" and largo > crujia + 700:
        cuarto = _cuarto(s0, s1, d0 + crujia + 180, fondo, azar)
        return [_Cuerpo(_rectangulo(s0, s1, d0, d0 + crujia)), *cuarto]
    tope = largo if forma == "honda" else crujia
    return [_Cuerpo(_rectangulo(s0, s1, d0, d0 + min(tope, 1900)))]


def _casa_nueva(s0: int, s1: int, d0: int, fondo: int, azar: Azar) -> list[_Cuerpo]:
    """Casa con cochera, escuadra o bloque; a veces un cuarto al fondo."""
    largo = fondo - d0
    d1 = d0 + min(largo, round(azar.entre(650, 1350)))
    ancho = s1 - s0
    forma = azar.elige(("recta", "escalon", "ele", "media"), (0.4, 0.24, 0.2, 0.16))
    if forma == "media" and ancho > 760:
        s1 = s0 + round(ancho * azar.entre(0.55, 0.8))
    planta = _rectangulo(s0, s1, d0, d1)
    if forma == "escalon" and ancho > 600 and d1 - d0 > 600:
        planta = _escalon(s0, s1, d0, d1, round(azar.entre(250, 320)), round(azar.entre(150, 320)))
    elif forma == "ele" and ancho > 650 and largo > 950:
        medio = d0 + round(azar.entre(480, 640))
        planta = _ele(s0, s1, d0, medio, max(d1, medio + 250), round(azar.entre(300, 400)), derecha=azar.moneda(0.5))
    cuerpos = [_Cuerpo(planta)]
    libre = fondo - max(d for _, d in planta)
    if libre > 480 and azar.moneda(0.22):
        cuerpos += _cuarto(s0, s0 + ancho if forma != "media" else s1, max(d for _, d in planta) + 160, fondo, azar)
    return cuerpos


def _casa_suelta(s0: int, s1: int, d0: int, fondo: int, azar: Azar, *, libre: bool) -> list[_Cuerpo]:
    """Casa chica en un lote grande, no siempre alineada con la calle."""
    ancho = min(s1 - s0, round(azar.entre(480, 950)))
    inicio = s0 + round((s1 - s0 - ancho) * azar.entre(0, 1))
    d1 = min(fondo, d0 + round(azar.entre(450, 1050)))
    if d1 - d0 < 350:
        d0, d1 = max(0, d1 - 450), d1
    planta = _rectangulo(inicio, inicio + ancho, d0, d1)
    if azar.moneda(0.22) and ancho > 640 and d1 - d0 > 640:
        planta = _ele(inicio, inicio + ancho, d0, d0 + 350, d1, 320, derecha=azar.moneda(0.5))
    holgado = libre and s1 - s0 > ancho + 320 and d0 > 160 and fondo - d1 > 160
    cuerpos = [_Cuerpo(planta, giro=azar.entre(-7, 7) if holgado and azar.moneda(0.6) else 0.0)]
    if fondo - d1 > 620 and azar.moneda(0.34):
        cuerpos += _cuarto(s0, s1, d1 + 300, fondo, azar)
    return cuerpos


def _cuarto(s0: int, s1: int, d0: int, d1: int, azar: Azar) -> list[_Cuerpo]:
    ancho, largo = min(s1 - s0, round(azar.entre(290, 520))), min(d1 - d0, round(azar.entre(280, 460)))
    if ancho < 280 or largo < 270:
        return []
    inicio = s0 if azar.moneda(0.5) else s1 - ancho
    return [_Cuerpo(_rectangulo(inicio, inicio + ancho, d1 - largo, d1), principal=False)]


def _coser(cuerpos: list[_Cuerpo]) -> None:
    """Pone en cada pared compartida los vértices del vecino, para que los dos tengan los mismos nodos."""
    for lejos in (1, 2, 3):
        for uno, otro in zip(cuerpos, cuerpos[lejos:], strict=False):
            _coser_par(uno, otro)


def _coser_par(uno: _Cuerpo, otro: _Cuerpo) -> None:
    if uno.giro or otro.giro:
        return
    comun = {s for s, _ in uno.planta} & {s for s, _ in otro.planta}
    for s in sorted(comun):
        for propio, ajeno in ((uno, otro), (otro, uno)):
            alturas = [d for t, d in ajeno.planta if t == s]
            propio.planta = _con_vertices(propio.planta, s, alturas)


def _con_vertices(planta: Planta, s: int, alturas: list[int]) -> Planta:
    salida: Planta = []
    for (s0, d0), (s1, d1) in zip(planta, planta[1:] + planta[:1], strict=True):
        salida.append((s0, d0))
        if s0 == s1 == s:
            medios = sorted({d for d in alturas if min(d0, d1) < d < max(d0, d1)}, reverse=d0 > d1)
            salida.extend((s, d) for d in medios)
    return salida
