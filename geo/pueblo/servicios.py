"""Lo que hay en el terreno de cada servicio: edificios, canchas, bardas, árboles."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from geo.pueblo.azar import Azar
from geo.pueblo.calles import SOBRANTE, Linea
from geo.pueblo.edificios import Edificio
from geo.pueblo.plano import Puntos, girados
from geo.pueblo.rasgos import Rasgo
from geo.pueblo.sitios import Sitio

Planta = list[tuple[float, float]]
PASOS = 17
"""Lugares que se prueban en cada sentido para acomodar una planta."""


@dataclass(slots=True)
class Obra:
    """Lo construido en los sitios."""

    edificios: list[Edificio] = field(default_factory=list)
    rasgos: list[Rasgo] = field(default_factory=list)
    senderos: list[Linea] = field(default_factory=list)


@dataclass(slots=True)
class _Solar:
    """El terreno de un sitio con un marco alineado a su lado más largo."""

    sitio: Sitio
    terreno: Polygon
    azar: Azar
    obra: Obra
    libre: shapely.Geometry = field(init=False)
    origen: Puntos = field(init=False)
    giro: float = field(init=False)
    largo: float = field(init=False)
    ancho: float = field(init=False)

    def __post_init__(self) -> None:
        caja = shapely.get_coordinates(shapely.minimum_rotated_rectangle(self.terreno))
        lados = [caja[1] - caja[0], caja[2] - caja[1]]
        tamanos = [float(np.hypot(*lado)) for lado in lados]
        primero = int(tamanos[1] > tamanos[0])
        rumbo = lados[primero] / tamanos[primero]
        self.giro = math.degrees(math.atan2(rumbo[1], rumbo[0]))
        marco = girados(caja, -self.giro)
        self.origen = marco.min(axis=0)
        self.largo, self.ancho = (float(x) for x in marco.max(axis=0) - self.origen)
        self.libre = self.terreno.buffer(-0.8)

    def al_plano(self, puntos: Puntos) -> Puntos:
        return girados(puntos + self.origen, self.giro)

    def acomoda(self, planta: Planta, hacia: tuple[float, float], *, margen: float = 1.2) -> Puntos | None:
        """Busca dónde cabe la planta, lo más cerca de esa parte del solar; la encoge si hace falta."""
        base = np.array(planta, dtype=float)
        for escala in (1.0, 0.86, 0.74, 0.62, 0.5):
            forma = base * escala
            hueco = np.array([self.largo, self.ancho]) - forma.max(axis=0)
            if hueco.min() < 0:
                continue
            rejilla = np.stack(np.meshgrid(*[np.linspace(0, h, PASOS) for h in hueco], indexing="ij"), -1).reshape(
                -1, 2
            )
            cerca = np.hypot(*(rejilla / np.maximum(hueco, 0.01) - np.array(hacia)).T)
            rejilla = rejilla[np.argsort(np.round(cerca, 6), kind="stable")]
            plantas = self.al_plano((forma[None] + rejilla[:, None]).reshape(-1, 2)).reshape(len(rejilla), -1, 2)
            shapely.prepare(self.libre)
            caben = shapely.covers(self.libre, shapely.polygons(plantas))
            if caben.any():
                elegida = plantas[int(np.argmax(caben))]
                self.libre = self.libre.difference(Polygon(elegida).buffer(margen, join_style="mitre"))
                return np.asarray(elegida)
        return None

    def edificio(
        self, planta: Planta, hacia: tuple[float, float], etiquetas: dict[str, str], patio: float = 0.0
    ) -> None:
        """Un edificio; con ``patio``, los metros de sus crujías alrededor de un patio."""
        puntos = self.acomoda(planta, hacia)
        if puntos is None:
            return
        patios = []
        if patio and Polygon(puntos).buffer(-patio, join_style="mitre").area > 12:
            patios = [shapely.get_coordinates(Polygon(puntos).buffer(-patio, join_style="mitre").exterior)[:-1]]
        self.obra.edificios.append(Edificio(puntos, patios, etiquetas))

    def area(self, planta: Planta, hacia: tuple[float, float], etiquetas: dict[str, str]) -> None:
        puntos = self.acomoda(planta, hacia)
        if puntos is not None:
            self.obra.rasgos.append(Rasgo("area", puntos, etiquetas))

    def predio(self, etiquetas: dict[str, str]) -> None:
        """El terreno entero, con el nombre del sitio."""
        contorno = shapely.get_coordinates(self.terreno.buffer(-0.3, join_style="mitre").exterior)[:-1]
        self.obra.rasgos.append(Rasgo("area", contorno, {**etiquetas, "name": self.sitio.nombre}))

    def barda(self, clase: str) -> None:
        """Barda alrededor, con un portón a la mitad del lado más largo."""
        anillo = shapely.get_coordinates(self.terreno.buffer(-0.55, join_style="mitre").exterior)
        lados = np.hypot(*np.diff(anillo, axis=0).T)
        k = int(np.argmax(np.round(lados, 2)))
        porton = (anillo[k] + anillo[k + 1]) / 2
        self.obra.rasgos.append(
            Rasgo("linea", np.insert(anillo, k + 1, porton, axis=0), {"barrier": clase}, capa="bardas")
        )
        self.obra.rasgos.append(Rasgo("punto", porton[None], {"barrier": "gate"}, capa="bardas"))

    def puntos(self, cuantos: int, etiquetas: dict[str, str], separacion: float = 2.4) -> None:
        """Puntos repartidos en lo que queda libre."""
        for _ in range(cuantos):
            self.acomoda_punto(etiquetas, separacion)

    def acomoda_punto(self, etiquetas: dict[str, str], separacion: float) -> None:
        lado = separacion
        puntos = self.acomoda(
            [(0, 0), (lado, 0), (lado, lado), (0, lado)], (self.azar.entre(0, 1), self.azar.entre(0, 1)), margen=0.5
        )
        if puntos is not None:
            self.obra.rasgos.append(Rasgo("punto", puntos.mean(axis=0)[None], etiquetas, capa="objetos"))


def _caja(largo: float, ancho: float) -> Planta:
    return [(0, 0), (largo, 0), (largo, ancho), (0, ancho)]


def _escuadra(largo: float, ancho: float, ala: float) -> Planta:
    return [(0, 0), (largo, 0), (largo, ala), (ala, ala), (ala, ancho), (0, ancho)]


def _cruz(largo: float, ancho: float) -> Planta:
    """Planta de iglesia: nave con crucero y presbiterio más angosto."""
    nave, brazo, abside = ancho * 0.58, ancho, ancho * 0.4
    n0, n1 = (ancho - nave) / 2, (ancho + nave) / 2
    a0, a1 = (ancho - abside) / 2, (ancho + abside) / 2
    c0, c1, fin = largo * 0.6, largo * 0.82, largo
    return [
        (0, n0), (c0, n0), (c0, 0), (c1, 0), (c1, a0), (fin, a0),
        (fin, a1), (c1, a1), (c1, brazo), (c0, brazo), (c0, n1), (0, n1),
    ]  # fmt: skip


def _circulo(radio: float, lados: int) -> Planta:
    angulos = (np.arange(lados) + 0.5) * 2 * np.pi / lados
    return [(float(radio * (1 + math.cos(a))), float(radio * (1 + math.sin(a)))) for a in angulos]


def _plaza(s: _Solar) -> None:
    s.predio({"leisure": "park", "operator": "Municipio"})
    quiosco = s.acomoda(_circulo(4.6, 8), (0.5, 0.5), margen=6.0)
    if quiosco is None:
        return
    etiquetas = {"building": "roof", "amenity": "shelter", "shelter_type": "gazebo", "name": "Quiosco"}
    s.obra.edificios.append(Edificio(quiosco, [], etiquetas))
    centro = quiosco.mean(axis=0)
    anillo = np.array([centro + 8.2 * np.array([math.cos(a), math.sin(a)]) for a in np.arange(12) * np.pi / 6])
    s.obra.senderos.append(Linea(np.vstack([anillo, anillo[:1]]), "sendero"))
    for k in range(4):
        rumbo = girados(np.array([[1.0, 0.0]]), s.giro + 90 * k)[0]
        alcance = LineString([centro, centro + rumbo * 200]).intersection(s.terreno).length + 11.0
        s.obra.senderos.append(Linea(np.array([centro + rumbo * 7.0, centro + rumbo * alcance]), "sendero"))
        s.libre = s.libre.difference(LineString([centro, centro + rumbo * 200]).buffer(2.0))
    s.puntos(1, {"man_made": "flagpole"})
    s.puntos(2, {"amenity": "fountain"}, 4.0)
    s.puntos(10, {"amenity": "bench"}, 1.6)
    s.puntos(26, {"natural": "tree"}, 4.2)
    s.puntos(1, {"amenity": "drinking_water"}, 1.5)


def _parroquia(s: _Solar) -> None:
    s.predio({"landuse": "religious"})
    etiquetas = {
        "building": "church",
        "amenity": "place_of_worship",
        "religion": "christian",
        "denomination": "roman_catholic",
    }
    s.edificio(_cruz(44, 22), (0.6, 0.5), {**etiquetas, "name": s.sitio.nombre})
    s.edificio(_escuadra(20, 16, 6), (1.0, 0.0), {"building": "yes", "name": "Casa cural"})
    s.barda("wall")
    s.puntos(12, {"natural": "tree"}, 4.2)


def _presidencia(s: _Solar) -> None:
    etiquetas = {"building": "public", "amenity": "townhall", "name": s.sitio.nombre, "building:levels": "2"}
    s.edificio(_caja(s.largo * 0.88, s.ancho * 0.82), (0.5, 0.5), etiquetas, patio=8.0)
    s.puntos(1, {"man_made": "flagpole"}, 1.2)


def _mercado(s: _Solar) -> None:
    etiquetas = {"building": "retail", "amenity": "marketplace", "name": s.sitio.nombre}
    s.edificio(_caja(s.largo * 0.84, s.ancho * 0.7), (0.5, 0.2), etiquetas, patio=13.0)
    s.edificio(_caja(18, 6), (0.0, 1.0), {"building": "roof"})
    s.edificio(_caja(18, 6), (1.0, 1.0), {"building": "roof"})


def _escuela(s: _Solar) -> None:
    s.predio({"amenity": "school"})
    aulas = {"building": "school", "building:levels": s.azar.elige(("1", "2"))}
    s.edificio(_escuadra(s.largo * 0.7, s.ancho * 0.55, 8.5), (0.05, 0.05), aulas)
    s.area(_caja(28, 15), (0.6, 0.55), {"leisure": "pitch", "sport": "basketball", "surface": "concrete"})
    s.edificio(_caja(24, 8), (1.0, 1.0), {"building": "school"})
    s.edificio(_caja(16, 8), (0.2, 1.0), {"building": "school"})
    s.edificio(_caja(6, 5), (1.0, 0.0), {"building": "service"})
    s.barda("wall")
    s.puntos(8, {"natural": "tree"}, 4.0)


def _jardin(s: _Solar) -> None:
    s.predio({"amenity": "kindergarten"})
    s.edificio(_escuadra(s.largo * 0.7, s.ancho * 0.7, 7.5), (0.1, 0.1), {"building": "kindergarten"})
    s.area(_caja(9, 8), (1.0, 1.0), {"leisure": "playground"})
    s.barda("fence")
    s.puntos(4, {"natural": "tree"}, 3.5)


def _salud(s: _Solar) -> None:
    s.predio({"amenity": "clinic", "healthcare": "clinic"})
    s.edificio(_escuadra(s.largo * 0.75, s.ancho * 0.75, 10), (0.5, 0.1), {"building": "hospital"})
    s.area(_caja(16, 9), (0.9, 1.0), {"amenity": "parking", "surface": "concrete"})
    s.puntos(4, {"natural": "tree"}, 3.5)


def _panteon(s: _Solar) -> None:
    s.predio({"landuse": "cemetery", "religion": "christian"})
    s.edificio(_cruz(15, 9), (0.5, 0.5), {"building": "chapel", "name": "Capilla del Panteón"})
    s.edificio(_caja(7, 5), (0.0, 0.0), {"building": "service"})
    s.barda("wall")
    s.puntos(22, {"natural": "tree"}, 5.0)


def _deportiva(s: _Solar) -> None:
    s.predio({"leisure": "sports_centre"})
    s.area(_caja(92, 58), (0.1, 0.5), {"leisure": "pitch", "sport": "soccer", "surface": "grass"})
    s.area(_caja(28, 15), (1.0, 0.0), {"leisure": "pitch", "sport": "basketball", "surface": "concrete"})
    s.area(_caja(28, 15), (1.0, 0.6), {"leisure": "pitch", "sport": "basketball", "surface": "concrete"})
    s.edificio(_caja(36, 5), (0.3, 0.0), {"building": "grandstand"})
    s.edificio(_caja(12, 7), (1.0, 1.0), {"building": "yes"})
    s.barda("fence")
    s.puntos(14, {"natural": "tree"}, 4.5)


def _cancha(s: _Solar) -> None:
    deporte = s.azar.elige(("basketball", "soccer"))
    planta = _caja(28, 15) if deporte == "basketball" else _caja(44, 24)
    s.area(planta, (0.5, 0.5), {"leisure": "pitch", "sport": deporte, "surface": "concrete", "name": s.sitio.nombre})
    s.edificio(_caja(6, 4), (0.0, 0.0), {"building": "service"})
    s.puntos(8, {"natural": "tree"}, 4.0)


def _parque(s: _Solar) -> None:
    s.predio({"leisure": "park"})
    s.area(_caja(12, 9), (0.5, 0.5), {"leisure": "playground"})
    s.puntos(6, {"amenity": "bench"}, 1.6)
    s.puntos(18, {"natural": "tree"}, 4.5)


def _capilla(s: _Solar) -> None:
    s.predio({"landuse": "religious"})
    etiquetas = {
        "building": "chapel",
        "amenity": "place_of_worship",
        "religion": "christian",
        "denomination": "roman_catholic",
    }
    s.edificio(_cruz(24, 13), (0.6, 0.5), {**etiquetas, "name": s.sitio.nombre})
    s.edificio(_caja(7, 6), (1.0, 0.0), {"building": "yes"})
    s.puntos(5, {"natural": "tree"}, 4.0)


def _gasolinera(s: _Solar) -> None:
    s.predio({"amenity": "fuel"})
    s.edificio(_caja(18, 9), (0.5, 0.5), {"building": "roof"})
    s.edificio(_caja(11, 6), (0.0, 0.0), {"building": "retail", "shop": "convenience"})


def _policia(s: _Solar) -> None:
    etiquetas = {"building": "public", "amenity": "police", "name": s.sitio.nombre}
    s.edificio(_caja(s.largo * 0.85, s.ancho * 0.8), (0.5, 0.5), etiquetas, patio=6.0)


def _bodegas(s: _Solar) -> None:
    s.predio({"landuse": "commercial"})
    for k in range(3):
        s.edificio(_caja(s.largo * 0.27, s.ancho * 0.6), (k / 2, 0.15), {"building": "warehouse"})
    s.edificio(_caja(8, 6), (0.0, 1.0), {"building": "office"})
    s.barda("fence")


def _biblioteca(s: _Solar) -> None:
    etiquetas = {"building": "public", "amenity": "library", "name": s.sitio.nombre}
    s.edificio(_caja(s.largo * 0.85, s.ancho * 0.85), (0.5, 0.5), etiquetas, patio=7.0)


_OBRAS: dict[str, Callable[[_Solar], None]] = {
    "plaza": _plaza,
    "parroquia": _parroquia,
    "presidencia": _presidencia,
    "mercado": _mercado,
    "escuela": _escuela,
    "jardin": _jardin,
    "salud": _salud,
    "panteon": _panteon,
    "deportiva": _deportiva,
    "cancha": _cancha,
    "parque": _parque,
    "capilla": _capilla,
    "gasolinera": _gasolinera,
    "policia": _policia,
    "bodegas": _bodegas,
    "biblioteca": _biblioteca,
}


def construir(sitios: list[tuple[Sitio, Polygon]], tramos: list[Puntos], semilla: int) -> Obra:
    """Construye todos los sitios.

    Parameters
    ----------
    sitios : list of (Sitio, Polygon)
        De :func:`geo.pueblo.sitios.apartar`.
    tramos : list of (n, 2) metros
        Las calles, hasta donde llegan los senderos.
    semilla : int
    """
    obra = Obra()
    for orden, (sitio, terreno) in enumerate(sitios):
        _OBRAS[sitio.clave](_Solar(sitio, terreno, Azar(semilla, f"sitio {orden}"), obra))
    calles = shapely.union_all([LineString(t) for t in tramos])
    obra.senderos = [s for sendero in obra.senderos if (s := _hasta_la_calle(sendero, calles)) is not None]
    return obra


def _hasta_la_calle(sendero: Linea, calles: shapely.Geometry) -> Linea | None:
    """El sendero cortado poco después de la primera calle; nada si no llega a ninguna. Los anillos no cambian."""
    if len(sendero.puntos) > 2:
        return sendero
    inicio, fin = sendero.puntos
    golpe = LineString([inicio, fin]).intersection(calles)
    if golpe.is_empty:
        return None
    alcance = min(float(Point(p).distance(Point(inicio))) for p in shapely.get_coordinates(golpe))
    rumbo = (fin - inicio) / np.hypot(*(fin - inicio))
    return Linea(np.array([inicio, inicio + rumbo * (alcance + SOBRANTE)]), sendero.tipo)
