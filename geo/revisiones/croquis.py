"""El dibujo de una regla: su primer caso con hallazgo, como SVG. Sin estilos adentro: los ponen las clases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.revisiones.base.casos import leer
from geo.revisiones.base.hallazgo import Hallazgo, Punto
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Regla

ANCHO: Final = 320.0
ALTO: Final = 200.0
MARGEN: Final = 26.0
PIE: Final = 30.0
"""Unidades del dibujo; abajo va la escala."""
METROS_MINIMOS: Final = 9.0
"""Lo que abarca un dibujo de algo muy chico: más cerca, un clic de más parecería una casa."""
REDONDOS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
RADIO_DE_SENAL: Final = 11.0
LETRAS_DE_NOMBRE: Final = 28
PARTE_DE_ESCALA: Final = 0.32


@dataclass(frozen=True, slots=True)
class Croquis:
    """Un dibujo y lo que dice.

    Attributes
    ----------
    svg : str
        Entero, con ``role="img"``, título y descripción.
    frase : str
        Lo que la regla dice de ese caso.
    nivel : int
    """

    svg: str
    frase: str
    nivel: int


def croquis(regla: Regla, idioma: str = "es") -> Croquis:
    """Dibuja el primer caso en que la regla halla algo.

    Clases: ``edificio``, ``calle``, ``agua``, ``otra`` y ``punto`` para los objetos (``senalado`` el que conviene
    tocar); ``trama``, ``raya``, ``filo`` y ``aro`` para lo hallado; ``escala``, ``nombre`` y ``ribete``.

    Raises
    ------
    ValueError
        Si ningún caso de la regla halla algo.
    """
    for caso in leer(regla.casos):
        mundo = caso.mundo() if caso.espera else None
        hallazgos = [] if mundo is None else list(regla.revisar(mundo, caso.ajustes))
        if mundo is not None and hallazgos:
            hallazgo = hallazgos[0]
            svg = _Dibujo(regla, mundo, hallazgo, idioma).svg()
            return Croquis(svg, regla.frase(hallazgo, idioma), hallazgo.nivel)
    raise ValueError(regla.codigo)


class _Dibujo:
    def __init__(self, regla: Regla, mundo: Mundo, hallazgo: Hallazgo, idioma: str) -> None:
        self.regla, self.mundo, self.hallazgo, self.idioma = regla, mundo, hallazgo, idioma
        self.id = "croquis-" + regla.codigo.lower()
        oeste, sur, este, norte = _caja(mundo, hallazgo.lugar)
        self.escala = min(
            (ANCHO - 2 * MARGEN) / max(este - oeste, METROS_MINIMOS),
            (ALTO - PIE - MARGEN) / max(norte - sur, METROS_MINIMOS * (ALTO - PIE) / ANCHO),
        )
        self.centro = (oeste + este) / 2, (sur + norte) / 2

    def svg(self) -> str:
        titulo, dicho = self.regla.textos[self.idioma]["titulo"], self.regla.frase(self.hallazgo, self.idioma)
        partes = [
            f'<svg class="croquis n{self.hallazgo.nivel}" viewBox="0 0 {ANCHO:g} {ALTO:g}" role="img" ',
            f'aria-labelledby="{self.id}-t {self.id}-d">',
            f'<title id="{self.id}-t">{escape(titulo)}</title><desc id="{self.id}-d">{escape(dicho)}</desc>',
            f'<defs><pattern id="{self.id}-r" width="7" height="7" patternUnits="userSpaceOnUse" ',
            'patternTransform="rotate(45)"><path class="raya" d="M0 0V7"/></pattern></defs>',
            *self._objetos(),
            *self._hallado(),
            self._regla_de_metros(),
            "</svg>",
        ]
        return "".join(partes)

    def _punto(self, xy: Iterable[float]) -> tuple[float, float]:
        x, y = xy
        return (
            ANCHO / 2 + (x - self.centro[0]) * self.escala,
            (ALTO - PIE + MARGEN / 2) / 2 - (y - self.centro[1]) * self.escala,
        )

    def _trazo(self, puntos: Iterable[Iterable[float]], cierra: bool) -> str:
        return "M" + "L".join("{:.1f} {:.1f}".format(*self._punto(p)) for p in puntos) + ("Z" if cierra else "")

    def _objetos(self) -> list[str]:
        mundo = self.mundo
        puestos: list[tuple[int, str]] = [(2, huella) for huella in self._huellas()]
        de_relacion: set[int] = set()
        for relacion in mundo.relaciones:
            vias = [
                v for tipo, n, _ in relacion.miembros if tipo == "w" and (v := mundo.posicion_de_via(n)) is not None
            ]
            sin_tipo = {k: v for k, v in relacion.etiquetas.items() if k != "type"}
            if sin_tipo:
                de_relacion.update(vias)
                d = "".join(self._trazo(self._lugares(v), cierra=True) for v in vias if len(self._lugares(v)) > 1)
                puestos.append(self._area(d, sin_tipo, f"r{relacion.id}"))
        for via in range(len(mundo.via_id)):
            lugares = self._lugares(via)
            etiquetas = mundo.via_etiquetas[via]
            if len(lugares) < 2 or (via in de_relacion and not etiquetas):
                continue
            nodos = mundo.nodos_de(via)
            cierra = bool(nodos[0] == nodos[-1]) and "highway" not in etiquetas
            puestos.append(self._via(self._trazo(lugares, cierra), etiquetas, mundo.clave_de_via(via), cierra))
            nombre = self._nombre(etiquetas, lugares)
            if nombre:
                puestos.append((4, nombre))
        for nodo, etiquetas in sorted(mundo.etiquetas_de_nodo.items()):
            x, y = self._punto(mundo.xy[nodo])
            clase = "punto" + self._senal(mundo.clave_de_nodo(nodo))
            puestos.append((3, f'<circle class="{clase}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'))
            puestos.append((4, self._nombre(etiquetas, [mundo.xy[nodo]])))
        return [texto for _, texto in sorted(puestos, key=lambda par: par[0])]

    def _huellas(self) -> list[str]:
        """El contorno de lo que dice la referencia del municipio."""
        if self.mundo.referencia is None:
            return []
        partes = shapely.get_parts(self.mundo.referencia.geom)
        return [f'<path class="huella" d="{self._trazo(p.exterior.coords, cierra=True)}"/>' for p in partes]

    def _lugares(self, via: int) -> list[list[float]]:
        nodos = self.mundo.nodos_de(via)
        lugares: list[list[float]] = self.mundo.xy[nodos[nodos >= 0]].tolist()
        return lugares

    def _senal(self, clave: str) -> str:
        return " senalado" if clave in self.hallazgo.objetos[:1] else ""

    def _area(self, d: str, etiquetas: Mapping[str, str], clave: str) -> tuple[int, str]:
        clase = "edificio" if "building" in etiquetas else "agua" if _es_agua(etiquetas) else "otra"
        return (
            1 if clase == "edificio" else 0
        ), f'<path class="{clase}{self._senal(clave)}" fill-rule="evenodd" d="{d}"/>'

    def _via(self, d: str, etiquetas: Mapping[str, str], clave: str, cierra: bool) -> tuple[int, str]:
        if "highway" in etiquetas:
            return 2, f'<path class="orilla" d="{d}"/><path class="calle{self._senal(clave)}" d="{d}"/>'
        if cierra or "building" in etiquetas:
            return self._area(d, etiquetas, clave)
        clase = "cauce" if _es_agua(etiquetas) else "linea"
        return 2, f'<path class="{clase}{self._senal(clave)}" d="{d}"/>'

    def _nombre(self, etiquetas: Mapping[str, str], lugares: list[list[float]]) -> str:
        nombre = etiquetas.get("name", "")[:LETRAS_DE_NOMBRE]
        if not nombre:
            return ""
        x, y = self._punto(np.mean(np.asarray(lugares), axis=0))
        return (
            f'<text class="nombre" text-anchor="middle" x="{x:.1f}" y="{max(14.0, y - 17):.1f}">{escape(nombre)}</text>'
        )

    def _hallado(self) -> list[str]:
        partes = [self._forma(parte) for parte in _partes(self.hallazgo.donde)]
        x, y = self._punto(self.hallazgo.lugar)
        aro = f'cx="{x:.1f}" cy="{y:.1f}" r="{RADIO_DE_SENAL:g}"'
        return [*partes, f'<circle class="ribete" {aro}/><circle class="aro" {aro}/>']

    def _forma(self, forma: BaseGeometry) -> str:
        if forma.geom_type == "Polygon":
            d = "".join(self._trazo(anillo.coords, cierra=True) for anillo in (forma.exterior, *forma.interiors))
            return f'<path class="trama" fill="url(#{self.id}-r)" fill-rule="evenodd" d="{d}"/>'
        if forma.geom_type == "Point":
            x, y = self._punto(forma.coords[0][:2])
            return f'<circle class="marca" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
        d = self._trazo((c[:2] for c in forma.coords), cierra=False)
        return f'<path class="ribete" d="{d}"/><path class="filo" d="{d}"/>'

    def _regla_de_metros(self) -> str:
        caben = [m for m in REDONDOS if m * self.escala <= ANCHO * PARTE_DE_ESCALA] or [1]
        desde, y = MARGEN / 2, ALTO - 10
        hasta = desde + caben[-1] * self.escala
        barra = f'<path class="escala" d="M{desde:.1f} {y - 5:.1f}V{y:.1f}H{hasta:.1f}V{y - 5:.1f}"/>'
        return f'{barra}<text class="metros" x="{hasta + 6:.1f}" y="{y:.1f}">{caben[-1]} m</text>'


def _es_agua(etiquetas: Mapping[str, str]) -> bool:
    return "waterway" in etiquetas or "water" in etiquetas or etiquetas.get("natural") == "water"


def _partes(forma: BaseGeometry | None) -> list[BaseGeometry]:
    if forma is None:
        return []
    return [parte for parte in shapely.get_parts(forma).tolist() if not parte.is_empty]


def _caja(mundo: Mundo, lugar: Punto) -> tuple[float, float, float, float]:
    huellas = [] if mundo.referencia is None else [shapely.get_coordinates(mundo.referencia.geom)]
    puntos = np.vstack([mundo.xy, *huellas, [lugar]])
    (oeste, sur), (este, norte) = puntos.min(axis=0).tolist(), puntos.max(axis=0).tolist()
    return oeste, sur, este, norte
