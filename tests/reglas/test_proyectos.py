"""Reglas puras de proyectos: cuánto trabajo es y qué se dibuja a cada escala."""

import itertools

import pytest

from tareas.proyectos.reglas import (
    MINUTOS_DE_UNA_SENTADA,
    NIVELES_MAXIMOS,
    PIXELES_DE_BLOQUE,
    edificios_de_una_sentada,
    edificios_esperados,
    estimar_trabajo,
    lado_de_una_sentada,
    minutos_del_terreno,
    niveles_de_bloque,
    parecer_del_tamano,
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


@pytest.mark.parametrize("por_hora", [20, 30, 144])
def test_el_lado_sugerido_da_tareas_de_una_sentada_a_cualquier_ritmo(por_hora):
    # Con puros edificios por dibujar, los que caben en el cuadro y los que se dicen por tarea son los mismos.
    area, faltan = 4e6, 4_000
    lado = lado_de_una_sentada(area, minutos_del_terreno(faltan, 0, 0.0, 3600 / por_hora))
    caben = faltan * lado**2 / area
    assert caben == pytest.approx(edificios_de_una_sentada(por_hora), rel=0.15)
    minutos = 4 + caben * 60 / por_hora
    assert minutos == pytest.approx(MINUTOS_DE_UNA_SENTADA, rel=0.15)
    assert parecer_del_tamano(minutos) is None


def test_quien_va_mas_despacio_necesita_tareas_mas_chicas_y_donde_no_hay_nada_se_calla():
    lados = [lado_de_una_sentada(1e6, minutos_del_terreno(1_000, 200, 9_000.0, s)) for s in (25, 120, 360)]
    assert lados == sorted(lados, reverse=True)
    assert lado_de_una_sentada(1e6, 0.0) is None
    assert lado_de_una_sentada(1e8, minutos_del_terreno(10, 0, 0.0)) is None
    assert lado_de_una_sentada(1e6, 1e6) == 50
    assert [parecer_del_tamano(m) for m in (6, 20, 60)] == ["cortas", None, "largas"]


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
