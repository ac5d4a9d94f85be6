"""Los vértices de los contornos y la propuesta escuadrada, contra cuentas hechas a mano."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon

from geo.revisiones.base.angulos import vertices
from geo.revisiones.base.casos import leer
from geo.revisiones.esquinas.escuadra import escuadrar
from geo.revisiones.esquinas.regla import REGLA
from geo.revisiones.motor import revisar
from geo.tipos import Geometrias

CUADRO = [(0, 0), (10, 0), (10, 8), (0, 8)]


def _formas(*formas: Polygon | MultiPolygon) -> Geometrias:
    return np.array(formas, dtype=object)


def test_cada_contorno_da_la_vuelta_en_si_mismo() -> None:
    con_hueco = Polygon(CUADRO, [[(2, 2), (4, 2), (2, 4)]])
    dos = MultiPolygon([Polygon(CUADRO), Polygon([(20, 0), (23, 0), (20, 4)])])
    vistos = vertices(_formas(con_hueco, dos))
    assert vistos.de.tolist() == [0] * 7 + [1] * 7
    assert len(set(vistos.anillo.tolist())) == 4
    assert vistos.anillo[vistos.antes].tolist() == vistos.anillo.tolist() == vistos.anillo[vistos.despues].tolist()
    assert vistos.angulo[:4] == pytest.approx(90)
    assert sorted(vistos.angulo[-3:]) == pytest.approx([36.87, 53.13, 90], abs=0.01)
    assert vistos.brazo[-3:] == pytest.approx([3, 5, 4])


def test_un_lugar_repetido_no_es_vertice_y_sin_formas_no_hay_nada() -> None:
    assert len(vertices(_formas(Polygon([(0, 0), (10, 0), (10, 0), (10, 8), (0, 8), (0, 0)])))) == 4
    assert len(vertices(_formas())) == 0


def test_elegir_conserva_los_vecinos() -> None:
    vistos = vertices(_formas(Polygon(CUADRO), Polygon([(20, 0), (23, 0), (20, 4)]), Polygon(CUADRO)))
    elegidos = vistos.elegir(np.array([False, True, False]))
    assert elegidos.antes.tolist() == [2, 0, 1]
    assert elegidos.despues.tolist() == [1, 2, 0]


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0, 360),
    st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)), min_size=8, max_size=8),
    st.integers(0, 7),
)
def test_lo_escuadrado_es_recto_y_queda_cerca(giro: float, errores: list[tuple[float, float]], inicio: int) -> None:
    """Una casa en ele con un nodo a media pared, girada, movida y empezada por cualquier nodo."""
    ele = np.array([(0, 0), (6, 0), (14, 0), (14, 7), (7, 7), (7, 15), (0, 15), (0, 6)], dtype=float)
    c, s = np.cos(np.radians(giro)), np.sin(np.radians(giro))
    dibujada = np.roll((ele + errores) @ np.array([[c, s], [-s, c]]) + (500_000, 2_200_000), inicio, axis=0)
    antes = vertices(_formas(Polygon(dibujada)))
    xy, sirve = escuadrar(antes)
    assert sirve.all()
    despues = vertices(_formas(Polygon(xy)))
    assert np.minimum(np.abs(despues.angulo - 90), np.abs(despues.angulo - 180)).max() < 0.01
    assert np.hypot(*(xy - antes.xy).T).max() < 2
    assert Polygon(xy).area == pytest.approx(Polygon(dibujada).area, rel=0.08)


def test_el_de_antes_no_cambia_por_el_que_sigue() -> None:
    """Uno que no se puede escuadrar (sin paredes de los dos rumbos) no ensucia al de junto."""
    chueca = Polygon([(0, 0), (10, 0), (11, 8), (0, 8)])
    raya = Polygon([(0, 100), (50, 100), (100, 100.1), (50, 100.2)])
    sola, _ = escuadrar(vertices(_formas(chueca)))
    juntas, sirve = escuadrar(vertices(_formas(raya, chueca, raya)))
    assert np.array_equal(juntas[4:8], sola)
    assert sirve.tolist() == [False] * 4 + [True] * 4 + [False] * 4


def test_la_sugerencia_ya_no_tiene_el_error() -> None:
    caso = leer(REGLA.casos)[0]
    (hallazgo,) = revisar(caso.mundo(), [REGLA]).hallazgos
    assert hallazgo.sugerencia is not None
    propuesta = shapely.geometry.shape(hallazgo.sugerencia["geometria"])
    metros = shapely.transform(propuesta, lambda p: (p - p.mean(axis=0)) * (104_600, 110_700))
    assert np.abs(vertices(_formas(metros)).angulo - 90).max() < 0.5
