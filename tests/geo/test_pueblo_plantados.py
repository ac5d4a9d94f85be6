"""Los errores plantados están de verdad, y fuera de ellos el pueblo está limpio.

Cada medida es una revisión sencilla, en metros y sin saber nada del generador; se aplica a la verdad, donde no debe
hallar nada, y a lo que OSM tiene, donde debe hallar lo plantado y nada más.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import LineString, Point, Polygon

from geo.crs import a_metrico
from geo.pueblo import Mapa, Pueblo
from geo.pueblo.formas import geometria

UTM = CRS.from_epsg(32614)
Pares = set[frozenset[str]]


def _metros(formas: list[shapely.Geometry]) -> npt.NDArray[np.object_]:
    return a_metrico(np.array(formas, dtype=object), UTM)


@dataclass
class Medidas:
    """Un mapa en metros."""

    mapa: Mapa
    lugares: dict[int, tuple[float, float]] = field(init=False)

    def __post_init__(self) -> None:
        nodos = list(self.mapa.nodos.values())
        puntos = shapely.get_coordinates(_metros([Point(n.lon, n.lat) for n in nodos]))
        self.lugares = {n.id: (x, y) for n, (x, y) in zip(nodos, puntos.tolist(), strict=True)}

    def linea(self, clave: str) -> LineString:
        return LineString([self.lugares[n] for n in self.mapa.vias[int(clave[1:])].nodos])

    @cached_property
    def calles(self) -> dict[str, LineString]:
        return {f"w{v}": self.linea(f"w{v}") for v, via in self.mapa.vias.items() if "highway" in via.etiquetas}

    @cached_property
    def casas(self) -> dict[str, Polygon]:
        claves = [f"w{v}" for v, via in self.mapa.vias.items() if "building" in via.etiquetas]
        claves = [c for c in claves if c not in self.abiertas]
        claves += [f"r{r}" for r, rel in self.mapa.relaciones.items() if "building" in rel.etiquetas]
        return dict(zip(claves, _metros([geometria(self.mapa, c) for c in claves]), strict=True))

    @cached_property
    def buenas(self) -> dict[str, Polygon]:
        return {c: p for c, p in self.casas.items() if p.is_valid}

    @cached_property
    def abiertas(self) -> set[str]:
        vias = self.mapa.vias
        return {f"w{v}" for v, w in vias.items() if "building" in w.etiquetas and w.nodos[0] != w.nodos[-1]}

    def nodos(self, clave: str) -> list[int]:
        return list(self.mapa.vias[int(clave[1:])].nodos)

    def usos(self) -> Counter[int]:
        return Counter(n for c in self.calles for n in set(self.nodos(c)))

    def cruzadas(self) -> set[str]:
        return set(self.casas) - set(self.buenas)

    def traslapes(self) -> dict[frozenset[str], float]:
        claves, formas = list(self.buenas), np.array(list(self.buenas.values()), dtype=object)
        uno, otro = shapely.STRtree(formas).query(formas, predicate="intersects")
        uno, otro = uno[uno < otro], otro[uno < otro]
        comun = shapely.area(shapely.intersection(formas[uno], formas[otro]))
        partes = comun / np.minimum(shapely.area(formas[uno]), shapely.area(formas[otro]))
        return {frozenset({claves[i], claves[j]}): p for i, j, p in zip(uno, otro, partes, strict=True) if p > 0.005}

    def rendijas(self) -> Pares:
        claves, formas = list(self.buenas), np.array(list(self.buenas.values()), dtype=object)
        uno, otro = shapely.STRtree(formas).query(formas, predicate="dwithin", distance=0.2)
        lejos = shapely.distance(formas[uno], formas[otro])
        return {frozenset({claves[i], claves[j]}) for i, j in zip(uno[lejos > 0.001], otro[lejos > 0.001], strict=True)}

    def angulos(self, clave: str) -> npt.NDArray[np.float64]:
        """Ángulos interiores o exteriores del contorno, de 0 a 180 grados."""
        puntos = shapely.get_coordinates(self.casas[clave].exterior)[:-1]
        ida, vuelta = np.roll(puntos, -1, axis=0) - puntos, np.roll(puntos, 1, axis=0) - puntos
        coseno = (ida * vuelta).sum(axis=1) / (np.hypot(*ida.T) * np.hypot(*vuelta.T))
        return np.asarray(np.degrees(np.arccos(np.clip(coseno, -1, 1))))

    def picos(self) -> set[str]:
        return {c for c in self.buenas if len(self.repetidos(c)) == 0 and self.angulos(c).min() <= 20}

    def chuecas(self) -> set[str]:
        salida = set()
        for clave, forma in self.buenas.items():
            if len(forma.exterior.coords) <= 13 and not self.repetidos(clave):
                desvio = np.abs(self.angulos(clave) - 90)
                if ((desvio >= 2) & (desvio <= 15)).any():
                    salida.add(clave)
        return salida

    def repetidos(self, clave: str) -> list[int]:
        """Nodos que van dos veces seguidas."""
        nodos = self.nodos(clave) if clave[0] == "w" else []
        return [a for a, b in pairwise(nodos) if a == b]

    def sobre_casas(self) -> Pares:
        claves, formas = list(self.buenas), np.array(list(self.buenas.values()), dtype=object)
        calles = np.array(list(self.calles.values()), dtype=object)
        calle, casa = shapely.STRtree(formas).query(calles, predicate="intersects")
        nombres = list(self.calles)
        largo = shapely.length(shapely.intersection(calles[calle], formas[casa]))
        return {frozenset({nombres[i], claves[j]}) for i, j, x in zip(calle, casa, largo, strict=True) if x > 0.1}

    def cruces_sin_nodo(self) -> Pares:
        claves, lineas = list(self.calles), np.array(list(self.calles.values()), dtype=object)
        uno, otro = shapely.STRtree(lineas).query(lineas, predicate="intersects")
        salida: Pares = set()
        for i, j in zip(uno[uno < otro].tolist(), otro[uno < otro].tolist(), strict=True):
            a, b = (self.mapa.vias[int(claves[k][1:])] for k in (i, j))
            if a.etiquetas.get("layer") == b.etiquetas.get("layer") and set(a.nodos) != set(b.nodos):
                comunes = shapely.union_all([Point(self.lugares[n]) for n in {*a.nodos} & {*b.nodos}])
                toques = shapely.points(shapely.get_coordinates(shapely.intersection(lineas[i], lineas[j])))
                if comunes.is_empty or shapely.distance(comunes, toques).max() > 0.05:
                    salida.add(frozenset({claves[i], claves[j]}))
        return salida

    def islas(self) -> set[str]:
        padre: dict[int, int] = {}

        def raiz(n: int) -> int:
            while padre.setdefault(n, n) != n:
                n = padre[n]
            return n

        for calle in self.calles:
            for nodo in self.nodos(calle)[1:]:
                padre[raiz(nodo)] = raiz(self.nodos(calle)[0])
        grupos = defaultdict(set)
        for calle in self.calles:
            grupos[raiz(self.nodos(calle)[0])].add(calle)
        mayor = max(grupos.values(), key=len)
        return {calle for grupo in grupos.values() if grupo is not mayor for calle in grupo}

    def casi_unidas(self) -> Pares:
        claves, arbol = list(self.calles), shapely.STRtree(list(self.calles.values()))
        usos = self.usos()
        salida: Pares = set()
        for calle in claves:
            for punta in (self.nodos(calle)[0], self.nodos(calle)[-1]):
                if usos[punta] == 1 and "noexit" not in self.mapa.nodos[punta].etiquetas:
                    cerca = arbol.query(Point(self.lugares[punta]), predicate="dwithin", distance=5.0)
                    salida |= {frozenset({calle, claves[k]}) for k in cerca.tolist() if claves[k] != calle}
        return salida

    def por_el_agua(self) -> set[str]:
        relaciones = self.mapa.relaciones
        rios = [f"r{r}" for r, rel in relaciones.items() if rel.etiquetas.get("water") == "river"]
        (rio,) = _metros([geometria(self.mapa, clave) for clave in rios])
        ejes = [
            f"w{v}"
            for v, via in self.mapa.vias.items()
            if "waterway" in via.etiquetas and "tunnel" not in via.etiquetas
        ]
        salida = set()
        for clave, linea in self.calles.items():
            via = self.mapa.vias[int(clave[1:])]
            if {"bridge", "ford"} & via.etiquetas.keys():
                continue
            cruzados = [eje for eje in ejes if self.linea(eje).intersects(linea)]
            vados = {n for n in via.nodos if "ford" in self.mapa.nodos[n].etiquetas}
            a_pie_seco = all(vados & set(self.nodos(eje)) for eje in cruzados)
            if not a_pie_seco or rio.intersection(linea).length > 0.5:
                salida.add(clave)
        return salida


@pytest.fixture(scope="module")
def verdad(pueblo: Pueblo) -> Medidas:
    return Medidas(pueblo.verdad)


@pytest.fixture(scope="module")
def osm(pueblo: Pueblo) -> Medidas:
    return Medidas(pueblo.osm)


def _objetos(pueblo: Pueblo, codigo: str) -> list[tuple[str, ...]]:
    return [p.objetos for p in pueblo.plantados if p.codigo == codigo]


def _pares(pueblo: Pueblo, codigo: str) -> Pares:
    return {frozenset(objetos) for objetos in _objetos(pueblo, codigo)}


def _sueltos(pueblo: Pueblo, codigo: str) -> set[str]:
    return {objetos[0] for objetos in _objetos(pueblo, codigo)}


def test_la_verdad_no_tiene_errores_de_edificios(verdad: Medidas) -> None:
    assert not verdad.cruzadas()
    assert not verdad.abiertas
    assert not verdad.traslapes()
    assert not verdad.rendijas()
    assert not verdad.picos()
    assert not verdad.chuecas()
    assert min(forma.area for forma in verdad.casas.values()) > 5


def test_la_verdad_no_tiene_errores_de_calles(verdad: Medidas) -> None:
    assert not verdad.sobre_casas()
    assert not verdad.cruces_sin_nodo()
    assert not verdad.casi_unidas()
    assert not verdad.por_el_agua()


def test_todas_las_calles_de_la_verdad_estan_unidas(verdad: Medidas) -> None:
    assert not verdad.islas()


def test_hay_suficientes_errores_de_cada_clase_y_caen_en_el_municipio(pueblo: Pueblo) -> None:
    cuenta = Counter(p.codigo for p in pueblo.plantados)
    assert cuenta.pop("E-AGUA") >= 4
    assert len(cuenta) == 18
    assert all(10 <= veces <= 40 for veces in cuenta.values()), cuenta
    lugares = shapely.points([p.lugar for p in pueblo.plantados])
    assert shapely.contains(pueblo.limite.buffer(0.004), lugares).all()
    objetos = {o for p in pueblo.plantados for o in p.objetos}
    assert objetos <= pueblo.verdad_de.keys()


def test_esquinas_no_escuadradas(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.chuecas() == _sueltos(pueblo, "E-ESC")


def test_picos(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.picos() == _sueltos(pueblo, "E-PICO")


def test_contornos_que_se_cruzan(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.cruzadas() == _sueltos(pueblo, "E-CRUZ")


def test_contornos_sin_cerrar(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.abiertas == _sueltos(pueblo, "E-ABIE")


def test_traslapes_y_duplicados(pueblo: Pueblo, osm: Medidas) -> None:
    traslapes = osm.traslapes()
    assert {par for par, parte in traslapes.items() if parte < 0.9} == _pares(pueblo, "E-TRAS")
    dobles = {par for par in _pares(pueblo, "E-DUP") if par & osm.buenas.keys() and len(par) == 2}
    assert {par for par, parte in traslapes.items() if parte >= 0.9} == dobles


def test_casi_pegados(pueblo: Pueblo, osm: Medidas) -> None:
    rendijas = osm.rendijas()
    assert rendijas == _pares(pueblo, "E-HUE")
    assert all(not set(osm.nodos(a)) & set(osm.nodos(b)) for a, b in rendijas)


def test_demasiado_chicos(pueblo: Pueblo, osm: Medidas) -> None:
    assert {c for c, forma in osm.buenas.items() if forma.area < 4} == _sueltos(pueblo, "E-CHI")


def test_varios_edificios_en_uno(pueblo: Pueblo, osm: Medidas, verdad: Medidas) -> None:
    claves, formas = list(verdad.casas), np.array(list(verdad.casas.values()), dtype=object)
    arbol = shapely.STRtree(formas)
    for clave in _sueltos(pueblo, "E-UNO"):
        cubiertas = set()
        for k in arbol.query(osm.casas[clave], predicate="intersects").tolist():
            if formas[k].intersection(osm.casas[clave]).area > 0.5 * formas[k].area:
                cubiertas.add(claves[k])
        assert len(cubiertas) >= 3
        assert set(pueblo.verdad_de[clave]) <= cubiertas


def test_vias_sobre_edificios(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.sobre_casas() == _pares(pueblo, "E-VIA")


def test_cruces_sin_nodo(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.cruces_sin_nodo() == _pares(pueblo, "E-NODO")


def test_vias_por_el_agua(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.por_el_agua() == _sueltos(pueblo, "E-AGUA")


def test_vias_casi_unidas(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.casi_unidas() == _pares(pueblo, "E-CASI")


def test_vias_desconectadas(pueblo: Pueblo, osm: Medidas) -> None:
    assert osm.islas() == _sueltos(pueblo, "E-ISLA")


def test_trazos_toscos(pueblo: Pueblo, osm: Medidas, verdad: Medidas) -> None:
    for clave in _sueltos(pueblo, "E-CRUD"):
        (origen,) = pueblo.verdad_de[clave]
        puntos = shapely.points(shapely.get_coordinates(verdad.calles[origen]))
        assert shapely.distance(puntos, osm.calles[clave]).max() >= 10
        assert len(osm.nodos(clave)) < len(verdad.nodos(origen))


def test_clases_dudosas(pueblo: Pueblo) -> None:
    for clave in _sueltos(pueblo, "E-CLAS"):
        (origen,) = pueblo.verdad_de[clave]
        assert pueblo.osm.etiquetas(clave)["highway"] != pueblo.verdad.etiquetas(origen)["highway"]


def test_etiquetas_ausentes_o_invalidas(pueblo: Pueblo) -> None:
    claves_buenas = {k for via in pueblo.verdad.vias.values() for k in via.etiquetas}
    valores_buenos = {
        (k, v) for via in pueblo.verdad.vias.values() for k, v in via.etiquetas.items()
        if k in ("building", "highway", "oneway", "surface")
    }  # fmt: skip
    for clave in _sueltos(pueblo, "E-ETIQ"):
        etiquetas = pueblo.osm.etiquetas(clave)
        malas = set(etiquetas) - claves_buenas
        dudosas = {(k, v) for k, v in etiquetas.items() if k in ("building", "highway", "oneway", "surface")}
        assert not etiquetas or malas or dudosas - valores_buenos


def test_nombres_mal_escritos(pueblo: Pueblo) -> None:
    buenos = {via.etiquetas.get("name") for via in pueblo.verdad.vias.values() if "highway" in via.etiquetas}
    con_mal_nombre = {
        f"w{v}" for v, via in pueblo.osm.vias.items()
        if "highway" in via.etiquetas and via.etiquetas.get("name") not in buenos
    }  # fmt: skip
    assert con_mal_nombre == _sueltos(pueblo, "E-NOMB")
    nombres = [pueblo.osm.etiquetas(clave)["name"] for clave in con_mal_nombre]
    assert any(n.isupper() for n in nombres)
    assert any("." in n.split(" ")[0] for n in nombres)


def test_objetos_repetidos(pueblo: Pueblo, osm: Medidas) -> None:
    for objetos in _objetos(pueblo, "E-DUP"):
        if len(objetos) == 1:
            assert osm.repetidos(objetos[0])
            continue
        lugares = []
        for clave in objetos:
            nodos = [int(clave[1:])] if clave[0] == "n" else osm.nodos(clave)
            lugares.append([osm.lugares[n] for n in nodos])
        assert lugares[0] == lugares[1]
        assert pueblo.osm.etiquetas(objetos[0]) == pueblo.osm.etiquetas(objetos[1])
        assert set(pueblo.verdad_de[objetos[1]]) == {objetos[0]}


def test_edificios_desplazados(pueblo: Pueblo, osm: Medidas, verdad: Medidas) -> None:
    for clave in _sueltos(pueblo, "E-DESP"):
        (origen,) = pueblo.verdad_de[clave]
        corrida, buena = osm.casas[clave], verdad.casas[origen]
        assert 3 < corrida.centroid.distance(buena.centroid) < 8
        assert corrida.area == pytest.approx(buena.area, rel=0.02)
