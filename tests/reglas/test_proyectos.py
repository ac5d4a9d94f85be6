"""Reglas puras de proyectos: cuánto trabajo es y qué se dibuja a cada escala."""

import itertools

import pytest

from tareas.proyectos.reglas import (
    NIVELES_MAXIMOS,
    PIXELES_DE_BLOQUE,
    edificios_esperados,
    estimar_trabajo,
    niveles_de_bloque,
)


def test_una_tarea_sin_nada_es_solo_abrirla_y_entregarla():
    trabajo = estimar_trabajo(tareas=30, edificios=0, metros_vias=0.0, esperados=None)
    assert trabajo.horas_mapeo == 2.0
    assert trabajo.minutos_por_tarea == 4.0


def test_lo_ya_mapeado_se_descuenta_de_lo_que_falta():
    poco = estimar_trabajo(tareas=10, edificios=900, metros_vias=0.0, esperados=1000)
    mucho = estimar_trabajo(tareas=10, edificios=0, metros_vias=0.0, esperados=1000)
    assert poco.edificios_por_dibujar == 100
    assert poco.horas_mapeo < mucho.horas_mapeo


def test_mas_edificios_de_los_esperados_no_dan_trabajo_negativo():
    assert estimar_trabajo(tareas=1, edificios=50, metros_vias=0.0, esperados=10).edificios_por_dibujar == 0


def test_los_edificios_esperados_siguen_a_la_parte_del_municipio():
    assert edificios_esperados(36_000, 0.5) == 5_000
    assert edificios_esperados(36_000, 7.0) == 10_000
    assert edificios_esperados(None, 1.0) is None


def test_de_cerca_se_dibuja_cada_tarea():
    assert niveles_de_bloque(zoom=18, latitud=20.0, area_m2=1e8, tareas=10_000) == 0


def test_cada_zoom_hacia_afuera_agrupa_lo_mismo_o_mas():
    niveles = [niveles_de_bloque(zoom=z, latitud=20.0, area_m2=1e8, tareas=100_000) for z in range(22, -1, -1)]
    assert all(a <= b for a, b in itertools.pairwise(niveles))
    assert niveles[-1] <= NIVELES_MAXIMOS


@pytest.mark.parametrize("zoom", range(8, 14))
def test_los_bloques_miden_en_pantalla_mas_o_menos_lo_mismo(zoom):
    area, tareas = 1e8, 100_000
    niveles = niveles_de_bloque(zoom=zoom, latitud=0.0, area_m2=area, tareas=tareas)
    if niveles:
        lado = (area / tareas) ** 0.5 * 2**niveles / (40_075_016.7 / 512 / 2**zoom)
        assert PIXELES_DE_BLOQUE / 1.5 <= lado <= PIXELES_DE_BLOQUE * 1.5


def test_un_proyecto_de_una_tarea_nunca_se_agrupa():
    assert niveles_de_bloque(zoom=0, latitud=20.0, area_m2=100.0, tareas=1) == 0
