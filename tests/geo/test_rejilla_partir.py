"""Partir, juntar y corregir: lo que sale cubre exactamente lo que entró."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from geo.crs import area_m2
from geo.rejilla import Cuadros, Hexagonos, dividir
from geo.rejilla import partir as corte
from geo.rejilla.errores import (
    AreaConCruce,
    AreaSeSale,
    ErrorRejilla,
    LineaNoCorta,
    ParteChica,
    PartesSinTocarse,
    ParteSuelta,
    SinCambioDeArea,
    SinVecinaQueReciba,
)
from geo.tipos import Geometrias
from tests.conftest import datos_reales
from tests.geo.test_rejilla_propiedades import contornos, estrella

NADA = np.empty((0, 2))
W, S, L = -98.75, 20.10, 0.002


def cuadro(columna: int, renglon: int, lado: float = L) -> shapely.Polygon:
    return shapely.box(W + columna * lado, S + renglon * lado, W + (columna + 1) * lado, S + (renglon + 1) * lado)


def arreglo(*formas: shapely.Geometry) -> Geometrias:
    return np.array(formas, dtype=object)


def exigir_que_cubran(antes: shapely.Geometry, piezas: Geometrias) -> None:
    """Sin huecos ni traslapes, de una pieza cada una, y ninguna menor que el mínimo."""
    assert all(isinstance(p, shapely.Polygon) and p.is_valid for p in piezas)
    franja = corte.TOLERANCIA_GRADOS * sum(p.length for p in piezas)
    assert shapely.union_all(piezas).symmetric_difference(antes).area <= franja
    assert abs(shapely.area(piezas).sum() - antes.area) <= franja
    for i, una in enumerate(piezas):
        for otra in piezas[i + 1 :]:
            assert una.intersection(otra).area <= franja
    assert area_m2(piezas).min() >= corte.AREA_MINIMA_M2


def puntos_en(area: shapely.Geometry, cuantos: int, semilla: int) -> np.ndarray:
    azar = np.random.default_rng(semilla)
    oeste, sur, este, norte = area.bounds
    # Amontonados en una esquina: la mitad del área no es la mitad del trabajo.
    x = oeste + (este - oeste) * azar.beta(1.3, 4, cuantos * 3)
    y = sur + (norte - sur) * azar.beta(1.3, 4, cuantos * 3)
    puntos = np.column_stack([x, y])
    return puntos[shapely.contains_xy(area, puntos)][:cuantos]


def test_un_cuadro_sin_edificios_se_parte_en_dos_y_en_cuatro_iguales() -> None:
    for piezas, cuantas in ((corte.en_dos(cuadro(0, 0), NADA), 2), (corte.en_cuatro(cuadro(0, 0), NADA), 4)):
        exigir_que_cubran(cuadro(0, 0), piezas)
        areas = area_m2(piezas)
        assert len(piezas) == cuantas
        assert areas.max() / areas.min() < 1.01


def test_con_edificios_las_mitades_tienen_los_mismos_aunque_no_midan_lo_mismo() -> None:
    puntos = puntos_en(cuadro(0, 0), 200, 7)
    piezas = corte.en_dos(cuadro(0, 0), puntos)
    exigir_que_cubran(cuadro(0, 0), piezas)
    dentro = corte.contar_dentro(piezas, puntos)
    assert dentro.sum() == len(puntos)
    assert dentro.min() >= len(puntos) * (0.5 - corte.HOLGURA) - 1
    assert area_m2(piezas).max() / area_m2(piezas).min() > 1.3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    contorno=contornos(0.15),
    hueco=st.booleans(),
    edificios=st.integers(0, 40),
    semilla=st.integers(0, 999),
    cuatro=st.booleans(),
)
def test_toda_estrella_partida_cubre_lo_mismo(
    contorno: list[float], hueco: bool, edificios: int, semilla: int, cuatro: bool
) -> None:
    area = estrella((W, S), contorno, 0.004)
    if hueco:
        area -= estrella((W, S), [1.0] * 7, 0.0004)
    assume(isinstance(area, shapely.Polygon) and area.is_valid and area_m2(arreglo(area))[0] > 4000)
    puntos = puntos_en(area, edificios, semilla)
    try:
        piezas = (corte.en_cuatro if cuatro else corte.en_dos)(area, puntos)
    except ParteChica:
        assume(False)
    exigir_que_cubran(area, piezas)
    assert len(piezas) == (4 if cuatro else 2)
    assert corte.contar_dentro(piezas, puntos).sum() == len(puntos)


@pytest.mark.parametrize("celdas", [Cuadros(150), Hexagonos(100)])
def test_partir_y_juntar_de_nuevo_da_el_mismo_terreno_y_las_vecinas_siguen_encajando(celdas: object) -> None:
    area = estrella((W, S), [0.9, 0.4, 1.0, 0.55, 0.8, 0.35, 0.95], 0.006)
    tareas = dividir(area, celdas).geometrias  # type: ignore[arg-type]
    assert len(tareas) > 10
    for i, tarea in enumerate(tareas[:24]):
        if not isinstance(tarea, shapely.Polygon) or area_m2(arreglo(tarea))[0] < 3000:
            continue
        piezas = corte.en_cuatro(tarea, puntos_en(tarea, 12, i))
        exigir_que_cubran(tarea, piezas)
        exigir_que_cubran(tarea, corte.unir(piezas))
        # El corte puso un vértice en el lado de la vecina, que no lo tenía: aun así se juntan sin astillas.
        vecina = next((t for j, t in enumerate(tareas) if j != i and t.intersection(tarea).length > 1e-4), None)
        parte = next((p for p in piezas if vecina is not None and p.intersection(vecina).length > 1e-5), None)
        if parte is not None and isinstance(vecina, shapely.Polygon):
            unida = corte.unir(arreglo(parte, vecina))
            exigir_que_cubran(shapely.union_all([parte, vecina], grid_size=1e-10), unida)
            assert not unida[0].interiors or vecina.interiors


@pytest.mark.parametrize(
    "relativa",
    ["limites/inegi-AGEM_13048.geojson", "limites/inegi-AGLOC_13051.geojson", "limites/quito-parroquias.geojson"],
)
def test_areas_reales(relativa: str) -> None:
    ruta = datos_reales(relativa)
    forma = shapely.from_geojson(json.dumps(json.loads(ruta.read_text(encoding="utf-8"))))
    partes = [p for g in shapely.get_parts(forma) for p in shapely.get_parts(g)]
    enteras = [t for t in dividir(partes[0], Cuadros(1500)).geometrias if isinstance(t, shapely.Polygon)]
    # Las de contorno más enredado, y el límite entero.
    dificiles = sorted(enteras, key=lambda t: -shapely.get_num_coordinates(t))[:8]
    for tarea in (*dificiles, partes[0]):
        exigir_que_cubran(tarea, corte.en_dos(tarea, NADA))


def test_una_linea_que_se_queda_corta_se_prolonga_hasta_el_borde() -> None:
    linea = shapely.LineString([(W + 0.4 * L, S + 0.2 * L), (W + 0.5 * L, S + 0.5 * L), (W + 0.4 * L, S + 0.8 * L)])
    piezas = corte.por_linea(cuadro(0, 0), linea)
    exigir_que_cubran(cuadro(0, 0), piezas)
    assert len(piezas) == 2


def test_una_linea_en_zigzag_da_tantas_tareas_como_pedazos() -> None:
    x = W + np.linspace(-0.1, 1.1, 7) * L
    y = S + np.array([0.5, 1.2, 0.5, 1.2, 0.5, 1.2, 0.5]) * L
    piezas = corte.por_linea(cuadro(0, 0), shapely.LineString(np.column_stack([x, y])))
    assert len(piezas) > 3
    exigir_que_cubran(cuadro(0, 0), piezas)


@pytest.mark.parametrize(
    ("linea", "error"),
    [
        ([(W - L, S - L), (W - L, S + 2 * L)], LineaNoCorta),
        ([(W - L, S), (W + 2 * L, S)], LineaNoCorta),
        ([(W + 1e-6, S - L), (W + 1e-6, S + 2 * L)], ParteChica),
    ],
)
def test_una_linea_que_no_sirve_dice_donde(linea: list[tuple[float, float]], error: type[ErrorRejilla]) -> None:
    with pytest.raises(error, match=r"-98\.7\d+, 20\.1\d+"):
        corte.por_linea(cuadro(0, 0), shapely.LineString(linea))


def test_una_tarea_en_tres_pedazos_se_parte_de_cualquier_manera() -> None:
    varios = shapely.MultiPolygon([cuadro(0, 0), cuadro(2, 0), cuadro(4, 0)])
    dos = corte.en_dos(varios, NADA)
    assert sorted(len(shapely.get_parts(p)) for p in dos) == [1, 2]
    assert shapely.equals(shapely.union_all(dos), varios)
    cuatro = corte.en_cuatro(varios, NADA)
    assert len(cuatro) == 4
    assert shapely.union_all(cuatro).symmetric_difference(varios).area < 1e-12
    piezas = corte.por_linea(varios, shapely.LineString([(W + L / 2, S - L), (W + L / 2, S + 2 * L)]))
    assert len(piezas) == 4
    assert len(corte.en_dos(shapely.MultiPolygon([cuadro(0, 0), cuadro(2, 0)]), NADA)) == 2


def test_de_muchos_pedazos_las_mitades_pesan_parecido_y_el_que_manda_se_corta() -> None:
    sueltos = shapely.MultiPolygon([cuadro(2 * i, 2 * j) for i in range(3) for j in range(3)])
    a, b = area_m2(corte.en_dos(sueltos, NADA))
    assert min(a, b) / (a + b) >= 0.44
    grande = shapely.box(W, S, W + 6 * L, S + 6 * L)
    con_islas = shapely.MultiPolygon([grande, cuadro(8, 0), cuadro(8, 4)])
    a, b = area_m2(corte.en_dos(con_islas, NADA))
    assert min(a, b) / (a + b) >= 0.4
    # Con edificios, pesan ellos: ocho en un pedazo chico y ninguno en los demás.
    casas = np.column_stack([W + L * np.linspace(0.1, 0.9, 8), S + L * np.tile([0.3, 0.4], 4)])
    cuentas = corte.contar_dentro(corte.en_dos(sueltos, casas), casas)
    assert sorted(cuentas) == [4, 4]


def test_no_se_juntan_las_que_solo_se_tocan_en_una_esquina() -> None:
    with pytest.raises(PartesSinTocarse) as dicho:
        corte.unir(arreglo(cuadro(0, 0), cuadro(1, 0), cuadro(2, 1)))
    assert dicho.value.datos["cual"] == 2


def test_corregir_gana_de_una_vecina_y_le_da_a_la_otra() -> None:
    areas = arreglo(cuadro(0, 0), cuadro(1, 0), cuadro(2, 0))
    nuevo = shapely.box(W + 1.3 * L, S, W + 2.4 * L, S + L)
    hecha = corte.corregir(areas, 1, nuevo)
    assert hecha.cambian.tolist() == [0, 1, 2]
    assert hecha.de.tolist() == [0, 1, 2]
    exigir_que_cubran(shapely.union_all(areas), hecha.piezas)
    assert hecha.piezas[1].symmetric_difference(nuevo).area < 1e-13
    # La que ni gana ni pierde no cambia.
    assert corte.corregir(areas, 0, shapely.box(W, S, W + 1.2 * L, S + L)).cambian.tolist() == [0, 1]


def test_corregir_puede_tragarse_a_una_vecina() -> None:
    hecha = corte.corregir(arreglo(cuadro(0, 0), cuadro(1, 0)), 0, shapely.box(W, S, W + 2 * L, S + L))
    assert hecha.cambian.tolist() == [0, 1]
    assert hecha.de.tolist() == [0]


@pytest.mark.parametrize(
    ("nuevo", "error"),
    [
        (shapely.box(W + L, S, W + 2 * L, S + 1.5 * L), AreaSeSale),
        (shapely.box(W + L, S, W + 2 * L, S + L), SinCambioDeArea),
        (shapely.box(W + 0.4 * L, S + 0.4 * L, W + 2 * L, S + 0.6 * L), ParteSuelta),
        (shapely.box(W + 0.002 * L, S, W + 2 * L, S + L), ParteChica),
        (shapely.Polygon([(W, S), (W + L, S + L), (W + L, S), (W, S + L)]), AreaConCruce),
    ],
)
def test_un_contorno_que_no_sirve_dice_por_que(nuevo: shapely.Polygon, error: type[ErrorRejilla]) -> None:
    areas = arreglo(cuadro(0, 0), cuadro(1, 0), cuadro(2, 0))
    if error is ParteSuelta:
        nuevo = shapely.union_all([cuadro(1, 0), shapely.box(W - L, S + 0.4 * L, W + L, S + 0.6 * L) & cuadro(0, 0)])
    with pytest.raises(error):
        corte.corregir(areas, 1, nuevo)


def test_lo_que_pierde_una_isla_no_tiene_quien_lo_reciba() -> None:
    with pytest.raises(SinVecinaQueReciba):
        corte.corregir(arreglo(cuadro(0, 0), cuadro(5, 5)), 0, shapely.box(W, S, W + 0.6 * L, S + L))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.25, 0.75), min_size=5, max_size=12), st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_corregir_con_cualquier_contorno_cubre_lo_mismo(radios: list[float], x: float, y: float) -> None:
    areas = arreglo(*(cuadro(c, r) for r in range(3) for c in range(3)))
    nuevo = estrella((W + (1.5 + x) * L, S + (1.5 + y) * L), radios, L * 1.4)
    try:
        hecha = corte.corregir(areas, 4, nuevo)
    except (ParteSuelta, ParteChica):
        return
    exigir_que_cubran(shapely.union_all(areas[hecha.cambian]), hecha.piezas)


@given(st.integers(0, 5000), st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_repartir_no_pierde_ninguno(total: int, pesos: list[float]) -> None:
    partes = corte.repartir(total, np.array(pesos))
    assert partes.sum() == total
    assert (partes >= 0).all()
