"""Partir áreas en cuadros, hexágonos y teselas: casos con nombre."""

import math
import tracemalloc
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo.errores import ErrorGeo
from geo.rejilla import Celdas, Cuadros, Hexagonos, Mercator, dividir, estimar
from geo.rejilla.astillas import Fronteras, fundir
from geo.rejilla.errores import (
    AreaConCruce,
    AreaFueraDelMundo,
    AreaMuyAncha,
    AreaMuyGrande,
    AreaNoPoligonal,
    AreaVacia,
    CeldasFueraDelMundo,
    DemasiadasTareas,
    DemasiadasTeselas,
    LadoInvalido,
    ZoomInvalido,
)
from geo.rejilla.morton import morton
from geo.rejilla.reticula import hacer_reticula
from geo.tipos import Division
from tests.geo.test_rejilla_propiedades import afirmar_que_cubre, afirmar_que_es_cobertura

PLAZA = Point(-98.75, 20.1).buffer(0.05)
TODAS: list[Celdas] = [Cuadros(500), Hexagonos(300), Mercator(16)]


def tesela(zoom: int, x: int, y: int) -> Polygon:
    def latitud(fila: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * fila / 2**zoom))))

    return box(x / 2**zoom * 360 - 180, latitud(y + 1), (x + 1) / 2**zoom * 360 - 180, latitud(y))


def con_vertice(y: float) -> Polygon:
    with np.errstate(invalid="ignore"):
        return Polygon([(0, 0), (1, y), (1, 1)])


def avisos_de(division: Division) -> dict[str, Any]:
    return {aviso.codigo: aviso.datos for aviso in division.avisos}


# --- números que no sirven


@pytest.mark.parametrize(
    "lado", [0, -100, 19.99, 100_000.1, math.nan, math.inf, -math.inf, True, "100", None, Decimal(100), 1e308, 10**400]
)
@pytest.mark.parametrize("clase", [Cuadros, Hexagonos])
def test_un_lado_fuera_de_los_limites_o_que_no_es_numero_se_rechaza(clase: type, lado: object) -> None:
    with pytest.raises(LadoInvalido, match="entre 20 y 100000"):
        clase(lado)


@pytest.mark.parametrize("zoom", [9, 23, -1, 15.0, math.nan, True, "15", None])
def test_un_zoom_fuera_de_los_limites_o_que_no_es_entero_se_rechaza(zoom: Any) -> None:
    with pytest.raises(ZoomInvalido, match="entre 10 y 22"):
        Mercator(zoom)


@pytest.mark.parametrize("lado", [20, 100_000, 33.3, np.float64(50), np.int64(50)])
def test_los_lados_dentro_de_los_limites_se_aceptan(lado: float) -> None:
    assert Cuadros(lado).lado_m == lado


# --- áreas que no sirven


@pytest.mark.parametrize(
    ("area", "error"),
    [
        (Point(-98, 20), AreaNoPoligonal),
        (LineString([(0, 0), (1, 1)]), AreaNoPoligonal),
        (None, AreaNoPoligonal),
        (Polygon(), AreaVacia),
        (MultiPolygon(), AreaVacia),
        (Polygon([(0, 0), (1e-6, 0), (0, 1e-6)]), AreaVacia),
        (Polygon([(0, 0), (1, 1), (0, 1), (1, 0)]), AreaConCruce),
        (MultiPolygon([box(0, 0, 1, 1), box(0.5, 0.5, 2, 2)]), AreaConCruce),
        (con_vertice(math.nan), AreaFueraDelMundo),
        (con_vertice(math.inf), AreaFueraDelMundo),
        (box(1e9, 0, 1e9 + 1, 1), AreaFueraDelMundo),
        (box(20, -98.8, 20.1, -98.7), AreaFueraDelMundo),
        (box(500_000, 2_200_000, 500_100, 2_200_100), AreaFueraDelMundo),
        (box(0, 83, 1, 84.5), AreaFueraDelMundo),
        (box(0, -81, 1, -80.5), AreaFueraDelMundo),
        (box(-80, 10, -10, 20), AreaMuyAncha),
    ],
)
@pytest.mark.parametrize("division", TODAS)
def test_un_area_que_no_se_puede_partir_da_su_error(area: Any, error: type[ErrorGeo], division: Celdas) -> None:
    for partir in (dividir, estimar):
        with pytest.raises(error) as rechazo:
            partir(area, division)
        assert "%(" not in rechazo.value.mensaje


def test_el_error_de_un_contorno_que_se_cruza_dice_donde() -> None:
    with pytest.raises(AreaConCruce) as rechazo:
        dividir(Polygon([(-98, 20), (-97.9, 20.1), (-98, 20.1), (-97.9, 20)]), Cuadros(100))
    assert rechazo.value.datos == {"lon": "-97.95000", "lat": "20.05000"}


# --- demasiadas tareas


@pytest.mark.parametrize("division", [Cuadros(20), Hexagonos(20), Mercator(22)])
def test_un_area_de_millones_de_tareas_se_rechaza_sin_construirlas(division: Celdas) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(DemasiadasTareas) as rechazo:
            dividir(box(-100, 19, -99, 20), division)
        _, pico = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rechazo.value.datos["tareas"] > 10_000_000
    assert pico < 100_000_000


@pytest.mark.parametrize("division", [Cuadros(20), Hexagonos(25.5), Mercator(20)])
def test_el_lado_o_el_zoom_que_sugiere_el_error_si_cabe(division: Celdas) -> None:
    with pytest.raises(DemasiadasTareas) as rechazo:
        dividir(PLAZA, division, maximo=1_000)
    sugerencia = rechazo.value.datos["sugerencia"]
    nueva = Mercator(sugerencia) if isinstance(division, Mercator) else type(division)(sugerencia)
    assert isinstance(rechazo.value, DemasiadasTeselas) == isinstance(division, Mercator)
    assert 150 < len(dividir(PLAZA, nueva, maximo=1_000)) <= 1_000


def test_si_ninguna_celda_permitida_cabe_se_pide_partir_el_area() -> None:
    chicas: list[Celdas] = [Cuadros(20), Mercator(18)]
    for division in chicas:
        with pytest.raises(AreaMuyGrande, match="varios proyectos"):
            dividir(box(-110, 15, -90, 30), division, maximo=2)


@pytest.mark.parametrize("division", TODAS)
def test_el_limite_cuenta_las_tareas_que_resultan_no_las_celdas_tocadas(division: Celdas) -> None:
    justas = len(dividir(PLAZA, division))
    assert estimar(PLAZA, division) > justas
    assert len(dividir(PLAZA, division, maximo=justas)) == justas
    with pytest.raises(DemasiadasTareas):
        dividir(PLAZA, division, maximo=justas - 1)


@pytest.mark.parametrize("division", [Cuadros(100), Hexagonos(100), Mercator(18)])
def test_la_estimacion_se_acerca_al_resultado(division: Celdas) -> None:
    assert estimar(PLAZA, division) == pytest.approx(len(dividir(PLAZA, division)), rel=0.03)


def test_la_estimacion_por_formula_se_acerca_a_la_superficie_entre_la_celda() -> None:
    assert estimar(box(-100, 19, -99, 20), Cuadros(20)) == pytest.approx(11_600 * 1e6 / 400, rel=0.01)


# --- la retícula


def test_los_cuadros_miden_su_lado() -> None:
    division = dividir(PLAZA, Cuadros(500), recortar=False)
    np.testing.assert_allclose(division.areas_m2, 250_000, rtol=2e-3)


def test_los_hexagonos_miden_lo_que_corresponde_a_su_lado() -> None:
    division = dividir(PLAZA, Hexagonos(500), recortar=False)
    np.testing.assert_allclose(division.areas_m2, 1.5 * math.sqrt(3) * 500**2, rtol=2e-3)


def test_las_piezas_de_mercator_son_las_teselas_de_los_mapas_web() -> None:
    division = dividir(tesela(14, 3700, 7200), Mercator(16), recortar=False)
    assert len(division) == 16
    for codigo, pieza in zip(division.celdas.tolist(), division.geometrias, strict=True):
        x = sum(((codigo >> 2 * i) & 1) << i for i in range(16))
        y = sum(((codigo >> 2 * i + 1) & 1) << i for i in range(16))
        assert shapely.equals_exact(pieza.normalize(), tesela(16, x, y).normalize(), tolerance=1e-9)


def test_dos_areas_contiguas_comparten_reticula() -> None:
    oeste, este = box(-98.8, 20, -98.75, 20.05), box(-98.75, 20, -98.7, 20.05)
    for division in TODAS:
        del_oeste, del_este = (dividir(area, division, recortar=False).geometrias for area in (oeste, este))
        repetidas = np.isin(shapely.to_wkb(del_este), shapely.to_wkb(del_oeste))
        assert repetidas.any()
        assert shapely.coverage_is_valid(np.concatenate([del_oeste, del_este[~repetidas]]))


def test_morton_intercala_los_bits_de_columna_y_fila() -> None:
    columnas, filas = np.array([0, 1, 0, 1, 2, 2**31 - 1]), np.array([0, 0, 1, 1, 0, 2**31 - 1])
    assert morton(columnas, filas).tolist() == [0, 1, 2, 3, 4, 2**62 - 1]


@pytest.mark.parametrize("division", [Cuadros(100), Mercator(18)])
def test_los_bloques_del_codigo_de_celda_son_cuadrados_contiguos(division: Celdas) -> None:
    piezas = dividir(PLAZA, division, recortar=False)
    lado = math.sqrt(float(np.median(piezas.areas_m2)))
    for bloque in np.unique(piezas.celdas >> 6):
        miembros = piezas.geometrias[piezas.celdas >> 6 == bloque]
        assert len(miembros) <= 64
        oeste, sur, este, norte = shapely.total_bounds(miembros)
        assert (norte - sur) * 111_000 < 8.5 * lado
        assert (este - oeste) * 111_000 * math.cos(math.radians(20)) < 8.5 * lado


@pytest.mark.parametrize("division", TODAS)
def test_pasar_a_unidades_y_volver_da_el_mismo_lugar(division: Celdas) -> None:
    reticula = hacer_reticula(PLAZA, division)
    lon, lat = np.array([-98.76, -98.71]), np.array([20.11, 20.07])
    np.testing.assert_allclose(reticula.a_grados(*reticula.a_unidades(lon, lat)), [lon, lat], atol=1e-9)


# --- formas difíciles


@pytest.mark.parametrize("division", [*TODAS, Cuadros(60), Mercator(19)])
@pytest.mark.parametrize("fundir_astillas", [True, False])
def test_un_area_con_islas_huecos_y_brazos_delgados_queda_cubierta(division: Celdas, fundir_astillas: bool) -> None:
    rio = LineString([(-98.85, 20.02), (-98.75, 20.1), (-98.65, 20.12)]).buffer(0.0008)
    lagos = shapely.union_all([Point(-98.76 + i * 0.006, 20.085).buffer(0.0007 * (i + 1)) for i in range(4)])
    islas = shapely.union_all([Point(-98.69 + i * 0.004, 20.14).buffer(0.0003 * (i + 1)) for i in range(5)])
    area = (PLAZA - lagos | rio) | islas
    partida = dividir(area, division, fundir_astillas=fundir_astillas)
    afirmar_que_es_cobertura(partida)
    afirmar_que_cubre(area, partida)


def test_una_celda_que_el_contorno_parte_en_dos_es_un_multipoligono() -> None:
    celda = tesela(10, 231, 451)
    oeste, sur, este, norte = celda.bounds
    ancho = (este - oeste) / 5
    torres = MultiPolygon([box(oeste + i * ancho, sur, oeste + (i + 1) * ancho, norte) for i in (1, 3)])
    partida = dividir(torres, Mercator(10))
    assert [pieza.geom_type for pieza in partida.geometrias] == ["MultiPolygon"]
    afirmar_que_cubre(torres, partida)


@pytest.mark.parametrize("division", [Cuadros(500), Cuadros(250), Hexagonos(300)])
@pytest.mark.parametrize("recortar", [True, False])
@pytest.mark.parametrize("fundir_astillas", [True, False])
def test_un_area_hecha_de_celdas_no_gana_piezas_por_redondeo(
    division: Celdas, recortar: bool, fundir_astillas: bool
) -> None:
    base = Hexagonos(300) if isinstance(division, Hexagonos) else Cuadros(500)
    enteras = dividir(PLAZA, base, recortar=False)
    area = shapely.union_all(enteras.geometrias)
    partida = dividir(area, division, recortar=recortar, fundir_astillas=fundir_astillas)
    assert len(partida) == len(enteras) * (4 if division == Cuadros(250) else 1)
    assert partida.avisos == ()


def test_un_area_hecha_de_teselas_sin_redondear_da_justo_sus_teselas() -> None:
    area = shapely.union_all([tesela(14, 3700, 7200), tesela(14, 3701, 7200), tesela(14, 3701, 7201)])
    for recortar in (True, False):
        assert len(dividir(area, Mercator(17), recortar=recortar)) == 3 * 64
    assert len(dividir(tesela(14, 3700, 7200), Mercator(14), recortar=False)) == 1


def test_un_area_menor_que_una_celda_es_una_sola_tarea() -> None:
    chica = Point(-98.75, 20.1).buffer(0.0005)
    grandes: list[Celdas] = [Cuadros(20_000), Hexagonos(20_000), Mercator(10)]
    for division in grandes:
        partida = dividir(chica, division)
        assert len(partida) == 1
        assert avisos_de(partida)["rejilla_islas"] == {"n": 1}
        assert shapely.equals_exact(partida.geometrias[0].normalize(), chica.normalize(), tolerance=1e-12) or (
            partida.geometrias[0].symmetric_difference(chica).area < 1e-15
        )


def test_las_islas_chicas_quedan_solas_y_se_dicen() -> None:
    islas = MultiPolygon([box(-98.7 + i * 0.02, 20, -98.7 + i * 0.02 + 0.001, 20.001) for i in range(7)])
    partida = dividir(islas, Cuadros(500))
    assert len(partida) == 7
    assert avisos_de(partida)["rejilla_islas"] == {"n": 7}
    assert "7" in partida.avisos[-1].mensaje
    assert "15\u00a0%" in partida.avisos[-1].mensaje


def test_la_altura_se_descarta() -> None:
    partida = dividir(shapely.force_3d(PLAZA, 2_400.0), Cuadros(500))
    assert not shapely.has_z(partida.geometrias).any()
    assert (partida.celdas == dividir(PLAZA, Cuadros(500)).celdas).all()


def test_los_contornos_exteriores_van_en_sentido_antihorario() -> None:
    for division in TODAS:
        anillos = shapely.get_exterior_ring(shapely.get_parts(dividir(PLAZA, division).geometrias))
        assert shapely.is_ccw(anillos).all()


# --- junto al antimeridiano y cerca de los polos


@pytest.mark.parametrize(
    "area", [box(179.9, -17.1, 180, -17), box(-180, -17.1, -179.9, -17), box(179.9, 64, 180, 64.1)]
)
@pytest.mark.parametrize("division", TODAS)
def test_un_area_que_llega_al_antimeridiano_se_parte_bien(area: Polygon, division: Celdas) -> None:
    partida = dividir(area, division)
    afirmar_que_es_cobertura(partida)
    afirmar_que_cubre(area, partida)


def test_las_celdas_enteras_no_pasan_del_antimeridiano() -> None:
    area = box(179.9, -17.1, 180, -17)
    for division in TODAS[:2]:
        with pytest.raises(CeldasFueraDelMundo):
            dividir(area, division, recortar=False)
    assert shapely.total_bounds(dividir(area, Mercator(15), recortar=False).geometrias)[2] == 180


@pytest.mark.parametrize("latitud", [-79.5, -45.0, -0.03, 0.0, 60.0, 83.5])
@pytest.mark.parametrize("division", [Cuadros(1_000), Hexagonos(1_000), Mercator(15)])
def test_se_parte_igual_de_bien_en_cualquier_latitud(latitud: float, division: Celdas) -> None:
    area = box(10, latitud, 10.3, latitud + 0.1)
    partida = dividir(area, division)
    afirmar_que_es_cobertura(partida)
    afirmar_que_cubre(area, partida)


# --- astillas


def fronteras_de(*ternas: tuple[int, int, float]) -> Fronteras:
    una, otra, largo = zip(*ternas, strict=True)
    return Fronteras(np.array(una), np.array(otra), np.array(largo, dtype=np.float64))


def test_una_astilla_va_con_la_vecina_de_frontera_mas_larga() -> None:
    raices = fundir(np.array([1.0, 50, 40]), np.full(3, 10.0), fronteras_de((0, 1, 2), (0, 2, 5)))
    assert raices.tolist() == [2, 1, 2]


def test_una_cadena_de_astillas_deja_de_crecer_al_llegar_al_minimo() -> None:
    raices = fundir(np.array([4.0, 5, 6, 7]), np.full(4, 8.0), fronteras_de((0, 1, 1), (1, 2, 1), (2, 3, 1)))
    assert raices.tolist() == [1, 1, 3, 3]


def test_la_frontera_de_una_astilla_crecida_cuenta_la_de_lo_que_absorbio() -> None:
    vecinas = fronteras_de((0, 1, 9), (0, 2, 3), (1, 2, 3), (1, 3, 5))
    assert fundir(np.array([1.0, 2, 50, 50]), np.full(4, 10.0), vecinas).tolist() == [2, 2, 2, 3]


def test_la_frontera_con_una_astilla_ya_absorbida_cuenta_para_quien_la_absorbio() -> None:
    vecinas = fronteras_de((0, 1, 2), (0, 2, 2), (0, 3, 3), (1, 2, 8))
    assert fundir(np.array([2.0, 50, 1, 50]), np.full(4, 10.0), vecinas).tolist() == [1, 1, 1, 3]


def test_las_astillas_sin_mas_vecinas_que_ellas_mismas_quedan_juntas() -> None:
    assert fundir(np.array([1.0, 2, 90]), np.full(3, 10.0), fronteras_de((0, 1, 1))).tolist() == [1, 1, 2]


def test_la_pieza_que_absorbe_una_astilla_conserva_su_celda() -> None:
    sin_fundir = dividir(PLAZA, Cuadros(500), fundir_astillas=False)
    fundidas = dividir(PLAZA, Cuadros(500))
    # El código cuenta desde la celda del suroeste de cada resultado; aquí es la misma.
    assert np.isin(fundidas.celdas, sin_fundir.celdas).all()
    desaparecidas = len(sin_fundir) - len(fundidas)
    assert 0 < desaparecidas <= avisos_de(fundidas)["rejilla_astillas_unidas"]["n"]
