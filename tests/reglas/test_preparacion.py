"""Cuánto deja subir OpenStreetMap a una cuenta, y qué tareas convienen."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tareas.capacitacion.preparacion.reglas import cambios_por_hora, limite, por_hora

DIA = timedelta(days=1)
AHORA = datetime(2026, 3, 14, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("desde", "denuncias", "esperado"),
    [
        (None, 0, 1_000),
        (timedelta(), 0, 1_000),
        (0.7 * DIA, 0, 1_000),
        (1 * DIA, 0, 2_040),
        (3.5 * DIA, 0, 25_000),
        (7 * DIA, 0, 100_000),
        (900 * DIA, 0, 100_000),
        (7 * DIA, 1, 50_000),
        (None, 1, 500),
        (None, 4, 100),
        (7 * DIA, 30, 100),
        (-1 * DIA, 0, 1_000),
    ],
)
def test_el_limite_crece_con_el_cuadrado_del_tiempo_y_cada_denuncia_lo_parte(desde, denuncias, esperado) -> None:
    assert cambios_por_hora(desde, denuncias) == esperado


@given(st.floats(0, 30), st.floats(0, 30))
def test_con_mas_tiempo_nunca_se_puede_menos(a: float, b: float) -> None:
    menos, mas = sorted((a, b))
    assert cambios_por_hora(menos * DIA) <= cambios_por_hora(mas * DIA)


def test_de_una_cuenta_sin_estrenar_se_sabe_su_limite() -> None:
    tope = limite(AHORA, conjuntos=0, primero=None, creada=AHORA - 300 * DIA)
    assert (tope.seguro, tope.quiza, tope.edificios) == (1_000, 1_000, 200)


def test_si_no_se_sabe_cuando_empezo_se_dice_entre_cuanto_y_cuanto() -> None:
    tope = limite(AHORA, conjuntos=12, primero=None, creada=AHORA - 3.5 * DIA)
    assert (tope.seguro, tope.quiza) == (1_000, 25_000)


def test_si_se_conoce_un_conjunto_de_hace_una_semana_ya_no_hay_duda() -> None:
    tope = limite(AHORA, conjuntos=12, primero=AHORA - 8 * DIA, creada=AHORA - 300 * DIA)
    assert (tope.seguro, tope.quiza) == (100_000, 100_000)


def test_se_cuenta_el_ritmo_del_grupo_o_lo_que_openstreetmap_le_deja() -> None:
    assert por_hora(30, None) == 30
    assert por_hora(300, 1_000) == 200
    assert por_hora(30, 100) == 20
    assert por_hora(1, 100) == 1
