"""Partir un área en polígonos propios."""

import json

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo.crs import a_4326, area_m2, reconocer_crs
from geo.rejilla import Cuadros, dividir, poligonos
from geo.rejilla.errores import (
    DemasiadosPoligonos,
    PoligonoConCruce,
    PoligonoFueraDelArea,
    PoligonoFueraDelMundo,
    PoligonoInvalido,
    PoligonoNoPoligonal,
    PoligonosEncimados,
    SinPoligonos,
)
from geo.tipos import BaseGeometry, Geometrias
from tests.conftest import datos_reales
from tests.geo.test_rejilla_propiedades import afirmar_que_cubre

AREA = box(-98.8, 20.0, -98.7, 20.1)


def arreglo(*geometrias: BaseGeometry | None) -> Geometrias:
    salida = np.empty(len(geometrias), dtype=object)
    salida[:] = geometrias
    return salida


def con_nan() -> Polygon:
    with np.errstate(invalid="ignore"):
        return Polygon([(0, 0), (float("nan"), 1), (1, 1)])


def cuartos() -> list[Polygon]:
    return [box(x, y, x + 0.05, y + 0.05) for x in (-98.8, -98.75) for y in (20.0, 20.05)]


def test_los_poligonos_que_ya_cubren_el_area_quedan_igual() -> None:
    division = poligonos(AREA, arreglo(*cuartos()))
    assert {p.normalize().wkb for p in division.geometrias} == {p.normalize().wkb for p in cuartos()}
    assert division.avisos == ()
    assert (np.diff(division.celdas) > 0).all()
    np.testing.assert_allclose(division.areas_m2, area_m2(division.geometrias))


def test_lo_que_parte_dividir_vuelve_a_entrar_como_poligonos() -> None:
    area = Point(-98.75, 20.05).buffer(0.04)
    piezas = dividir(area, Cuadros(400)).geometrias
    division = poligonos(area, piezas[::-1])
    assert len(division) == len(piezas)
    assert shapely.coverage_is_valid(division.geometrias)
    afirmar_que_cubre(area, division)


def test_dos_poligonos_encimados_se_nombran_con_su_lugar() -> None:
    with pytest.raises(PoligonosEncimados) as rechazo:
        poligonos(AREA, arreglo(*cuartos(), box(-98.76, 20.01, -98.751, 20.02)))
    assert (rechazo.value.datos["numero"], rechazo.value.datos["otro"]) == (1, 5)
    assert -98.76 < float(rechazo.value.datos["lon"]) < -98.751
    assert 20.01 < float(rechazo.value.datos["lat"]) < 20.02


def test_miles_de_poligonos_en_el_mismo_lugar_se_rechazan_pronto() -> None:
    copias = [cuartos()[0]] * 3_000
    tiras = [box(-98.8, y, -98.7, y + 1e-6) for y in np.linspace(20, 20.09, 1_500)]
    tiras += [box(x, 20, x + 1e-6, 20.1) for x in np.linspace(-98.8, -98.71, 1_500)]
    for monton in (copias, tiras):
        with pytest.raises(PoligonosEncimados):
            poligonos(AREA, arreglo(*monton))


def test_un_traslape_por_descuido_se_queda_con_el_primero() -> None:
    primero, segundo, *resto = cuartos()
    division = poligonos(AREA, arreglo(primero, box(-98.8, 20.04999, -98.75, 20.1), *resto))
    afirmar_que_cubre(AREA, division)
    assert any(shapely.equals(pieza, primero) for pieza in division.geometrias)
    assert any(shapely.equals(pieza, segundo) for pieza in division.geometrias)


def test_un_poligono_que_se_sale_se_nombra_con_su_lugar_o_se_recorta_si_se_pide() -> None:
    sueltos = arreglo(*cuartos()[:3], box(-98.75, 20.05, -98.6, 20.1))
    with pytest.raises(PoligonoFueraDelArea) as rechazo:
        poligonos(AREA, sueltos)
    assert rechazo.value.datos["numero"] == 4
    assert float(rechazo.value.datos["lon"]) > -98.7
    division = poligonos(AREA, sueltos, recortar=True)
    afirmar_que_cubre(AREA, division)
    assert len(division) == 4
    assert [aviso.codigo for aviso in division.avisos] == ["rejilla_poligonos_recortados"]


def test_si_todos_los_poligonos_estan_fuera_es_un_error_aunque_se_recorte() -> None:
    with pytest.raises(PoligonoFueraDelArea):
        poligonos(AREA, arreglo(box(-90, 20, -89.9, 20.1)), recortar=True)


def test_una_rendija_entre_dos_poligonos_se_une_a_un_vecino() -> None:
    division = poligonos(AREA, arreglo(box(-98.8, 20, -98.7501, 20.1), box(-98.75, 20, -98.7, 20.1)))
    afirmar_que_cubre(AREA, division)
    assert len(division) == 2
    assert [aviso.codigo for aviso in division.avisos] == ["rejilla_huecos_unidos"]


def test_una_parte_grande_sin_poligono_se_vuelve_una_tarea() -> None:
    division = poligonos(AREA, arreglo(*cuartos()[:3]))
    afirmar_que_cubre(AREA, division)
    assert len(division) == 4
    (aviso,) = division.avisos
    assert aviso.datos == {"n": 1, "hectareas": f"{area_m2(arreglo(cuartos()[3]))[0] / 10_000:.1f}"}


@pytest.mark.parametrize(
    ("malo", "error"),
    [
        (Point(-98.75, 20.05), PoligonoNoPoligonal),
        (None, PoligonoNoPoligonal),
        (Polygon(), PoligonoInvalido),
        (Polygon([(-98.8, 20), (-98.7, 20.1), (-98.8, 20.1), (-98.7, 20)]), PoligonoConCruce),
        (MultiPolygon([cuartos()[0], cuartos()[0]]), PoligonoConCruce),
        (box(20, -98.8, 20.1, -98.7), PoligonoFueraDelMundo),
        (con_nan(), PoligonoFueraDelMundo),
    ],
)
def test_un_poligono_malo_se_nombra_por_su_numero(malo: BaseGeometry | None, error: type[PoligonoInvalido]) -> None:
    with pytest.raises(error, match="2") as rechazo:
        poligonos(AREA, arreglo(cuartos()[0], malo))
    assert rechazo.value.datos["numero"] == 2
    assert "%(" not in rechazo.value.mensaje


def test_sin_poligonos_o_con_demasiados_se_rechaza() -> None:
    with pytest.raises(SinPoligonos):
        poligonos(AREA, arreglo())
    with pytest.raises(DemasiadosPoligonos):
        poligonos(AREA, arreglo(*cuartos()), maximo=3)


def test_la_cuadricula_real_de_escuintla_se_recorta_a_su_area() -> None:
    datos = json.loads(datos_reales("proyectos/CHAI-Escuintla-West2.json").read_text())
    contorno = shapely.geometry.shape(datos["areaOfInterest"]["features"][0]["geometry"])
    tareas = [shapely.geometry.shape(f["geometry"]) for f in datos["grid"]["features"]]
    area, *cuadros = a_4326(arreglo(Polygon(contorno.coords), *tareas), reconocer_crs("EPSG:3857"))
    with pytest.raises(PoligonoFueraDelArea):
        poligonos(area, arreglo(*cuadros))
    division = poligonos(area, arreglo(*cuadros), recortar=True)
    afirmar_que_cubre(area, division)
    assert 450 < len(division) < 500
    assert len(poligonos(shapely.union_all(cuadros), arreglo(*cuadros))) == 676
