"""Lo que cumple toda división en celdas iguales, probado con áreas al azar."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo.crs import area_m2
from geo.rejilla import Celdas, Cuadros, Hexagonos, Mercator, dividir, estimar
from geo.rejilla.division import POLVO
from geo.rejilla.piezas import TOLERANCIA_GRADOS
from geo.tipos import BaseGeometry, Division

METROS_POR_GRADO = 111_320.0


@dataclass(frozen=True)
class Caso:
    """Un área y cómo partirla; ``celda_m2`` es lo que mide de menos una celda entera."""

    area: BaseGeometry
    division: Celdas
    celda_m2: float


def estrella(centro: tuple[float, float], radios: list[float], radio_grados: float) -> shapely.Polygon:
    """Polígono simple: vértices en ángulos crecientes alrededor del centro."""
    angulos = np.linspace(0, 2 * np.pi, len(radios), endpoint=False)
    largos = np.array(radios) * radio_grados
    lon = centro[0] + largos * np.cos(angulos) / math.cos(math.radians(centro[1]))
    # GEOS se equivoca al unir coordenadas como 5e-324, que hypothesis encuentra y nadie dibuja.
    return shapely.Polygon(np.column_stack([lon, centro[1] + largos * np.sin(angulos)]).round(12))


def contornos(minimo: float) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(minimo, 1.0, allow_subnormal=False), min_size=3, max_size=24)


@st.composite
def casos(draw: st.DrawFn) -> Caso:
    centro = draw(st.floats(-170, 170)), draw(st.floats(-70, 70))
    tipo = draw(st.sampled_from([Cuadros, Hexagonos, Mercator]))
    if tipo is Mercator:
        zoom = draw(st.integers(12, 22))
        lado = 40_075_016 / 2**zoom * math.cos(math.radians(centro[1]))
        division: Celdas = Mercator(zoom)
        celda = lado**2
    else:
        lado = draw(st.floats(20, 5_000))
        division = Cuadros(lado) if tipo is Cuadros else Hexagonos(lado)
        celda = lado**2 if tipo is Cuadros else lado**2 * 1.5 * math.sqrt(3)
    radio = lado / METROS_POR_GRADO * draw(st.floats(0.1, 12))
    area = estrella(centro, draw(contornos(0.1)), radio)
    if draw(st.booleans()):
        hueco = draw(st.floats(-0.6, 0.6)) * radio
        area -= estrella((centro[0] + hueco, centro[1]), draw(contornos(0.1)), radio * draw(st.floats(0.05, 0.5)))
    if draw(st.booleans()):
        isla = centro[0] + draw(st.floats(-2, 2)) * radio, centro[1] + draw(st.floats(-2, 2)) * radio
        area |= estrella(isla, draw(contornos(0.1)), radio * draw(st.floats(0.02, 1)))
    assume(area_m2(np.array([area]))[0] > 2)
    # En Mercator la celda se encoge hacia los polos; en UTM la escala cambia menos de 1 %.
    extremo = max(abs(area.bounds[1]), abs(area.bounds[3]))
    encogida = (math.cos(math.radians(extremo)) / math.cos(math.radians(centro[1]))) ** 2
    return Caso(area, division, celda * 0.98 * (encogida if tipo is Mercator else 1.0))


def con_vecina(geometrias: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Cuáles comparten con otra una frontera con largo, no solo un punto."""
    una, otra = shapely.STRtree(geometrias).query(geometrias, predicate="intersects")
    una, otra = una[una != otra], otra[una != otra]
    hay = np.zeros(len(geometrias), dtype=bool)
    hay[una[shapely.length(shapely.intersection(geometrias[una], geometrias[otra])) > 0]] = True
    return hay


def afirmar_que_es_cobertura(division: Division) -> None:
    """Las piezas son válidas, no se enciman y comparten sus vértices; el orden y las superficies son los prometidos."""
    geometrias = division.geometrias
    assert set(shapely.get_type_id(geometrias)) <= {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}
    assert shapely.is_valid(geometrias).all()
    assert shapely.coverage_is_valid(geometrias)
    assert (np.diff(division.celdas) > 0).all()
    np.testing.assert_allclose(division.areas_m2, area_m2(geometrias), rtol=1e-3)


def afirmar_que_cubre(area: BaseGeometry, division: Division) -> None:
    tolerancia = TOLERANCIA_GRADOS * area.length
    union = shapely.union_all(division.geometrias)
    assert shapely.symmetric_difference(union, area).area <= tolerancia
    assert shapely.area(division.geometrias).sum() - union.area <= tolerancia
    # Un lado largo recto en grados no es geodésico; partido en tramos, como lo parten las celdas, casi lo es.
    fina = shapely.segmentize(area, area.length / 2_000)
    np.testing.assert_allclose(division.areas_m2.sum(), area_m2(np.array([fina]))[0], rtol=1e-3)


moderado = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@moderado
@given(casos())
def test_las_piezas_recortadas_cubren_el_area_sin_huecos_ni_traslapes(caso: Caso) -> None:
    division = dividir(caso.area, caso.division)
    afirmar_que_es_cobertura(division)
    afirmar_que_cubre(caso.area, division)
    assert len(division) <= estimar(caso.area, caso.division)


@moderado
@given(casos())
def test_no_queda_ninguna_astilla_que_tenga_vecina(caso: Caso) -> None:
    division = dividir(caso.area, caso.division)
    chicas = division.areas_m2 < 0.15 * caso.celda_m2
    assert not (chicas & con_vecina(division.geometrias)).any()
    if chicas.any():
        assert any(aviso.codigo == "rejilla_islas" for aviso in division.avisos)


@moderado
@given(casos())
def test_sin_fundir_astillas_tambien_cubren_el_area(caso: Caso) -> None:
    division = dividir(caso.area, caso.division, fundir_astillas=False)
    afirmar_que_es_cobertura(division)
    afirmar_que_cubre(caso.area, division)
    assert len(division) >= len(dividir(caso.area, caso.division))


@moderado
@given(casos())
def test_las_celdas_enteras_cubren_el_area_y_todas_tienen_algo_de_ella(caso: Caso) -> None:
    division = dividir(caso.area, caso.division, recortar=False)
    afirmar_que_es_cobertura(division)
    lados = 6 if isinstance(caso.division, Hexagonos) else 4
    assert (shapely.get_num_coordinates(division.geometrias) == lados + 1).all()
    union = shapely.union_all(division.geometrias)
    total = shapely.area(division.geometrias)
    assert total.sum() - union.area <= TOLERANCIA_GRADOS * union.length
    tocadas = estimar(caso.area, caso.division)
    assert caso.area.difference(union).area <= POLVO * total.max() * tocadas + TOLERANCIA_GRADOS * caso.area.length
    assert (shapely.area(shapely.intersection(division.geometrias, caso.area)) > 0).all()


@settings(moderado, max_examples=40)
@given(casos(), st.booleans(), st.booleans())
def test_la_misma_entrada_da_siempre_la_misma_salida(caso: Caso, recortar: bool, fundir: bool) -> None:
    una, otra = (
        dividir(caso.area, caso.division, recortar=recortar, fundir_astillas=fundir)
        for _ in range(2)
    )  # fmt: skip
    assert (shapely.to_wkb(una.geometrias) == shapely.to_wkb(otra.geometrias)).all()
    assert (una.celdas == otra.celdas).all()
    assert (una.areas_m2 == otra.areas_m2).all()
    assert una.avisos == otra.avisos


@settings(moderado, max_examples=40)
@given(casos())
def test_el_sentido_y_el_inicio_del_contorno_no_cambian_el_resultado(caso: Caso) -> None:
    recto = dividir(caso.area, caso.division)
    volteado = dividir(shapely.reverse(caso.area), caso.division)
    assert (recto.celdas == volteado.celdas).all()
    np.testing.assert_allclose(recto.areas_m2, volteado.areas_m2, rtol=1e-6, atol=1e-3)
