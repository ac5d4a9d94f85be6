"""Aritmética de teselas."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from geo.teselas.aritmetica import (
    LATITUD_MAXIMA,
    Rango,
    Tesela,
    caja_3857,
    caja_4326,
    hijas,
    leer_tesela,
    madre,
    rango_de,
    tesela_de,
)
from geo.teselas.errores import DemasiadasTeselas, TeselaInvalida

A_MERCATOR = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)


@st.composite
def teselas(borrador: st.DrawFn, zoom_maximo: int = 22) -> Tesela:
    z = borrador(st.integers(0, zoom_maximo))
    lado = st.integers(0, 2**z - 1)
    return Tesela(z, borrador(lado), borrador(lado))


def test_la_tesela_cero_es_el_mundo() -> None:
    assert caja_4326(Tesela(0, 0, 0)) == pytest.approx((-180, -LATITUD_MAXIMA, 180, LATITUD_MAXIMA))
    assert caja_3857(Tesela(0, 0, 0)) == pytest.approx(
        (-20037508.342789, -20037508.342789, 20037508.342789, 20037508.342789)
    )


def test_una_tesela_conocida_de_la_ciudad_de_mexico() -> None:
    assert tesela_de(-99.1332, 19.4326, 12) == Tesela(12, 920, 1822)


@given(teselas())
def test_las_dos_cajas_de_una_tesela_son_la_misma(tesela: Tesela) -> None:
    oeste, sur, este, norte = caja_4326(tesela)
    x0, y0 = A_MERCATOR.transform(oeste, sur)
    x1, y1 = A_MERCATOR.transform(este, norte)
    assert caja_3857(tesela) == pytest.approx((x0, y0, x1, y1), abs=1e-3)


@given(teselas())
def test_el_centro_de_una_tesela_cae_en_ella(tesela: Tesela) -> None:
    oeste, sur, este, norte = caja_4326(tesela)
    assert tesela_de((oeste + este) / 2, (sur + norte) / 2, tesela.z) == tesela


@given(teselas(20))
def test_la_caja_de_una_tesela_se_cubre_con_pocas_y_con_ella(tesela: Tesela) -> None:
    rango = rango_de(caja_4326(tesela), tesela.z)
    assert tesela in rango
    assert rango.cuantas <= 9


@given(teselas(21))
def test_las_hijas_cubren_a_su_madre(tesela: Tesela) -> None:
    assert {madre(hija) for hija in hijas(tesela)} == {tesela}
    cajas = [caja_3857(hija) for hija in hijas(tesela)]
    todo = (min(c[0] for c in cajas), min(c[1] for c in cajas), max(c[2] for c in cajas), max(c[3] for c in cajas))
    assert todo == pytest.approx(caja_3857(tesela), abs=1e-6)


def test_la_tesela_del_mundo_no_tiene_madre() -> None:
    assert madre(Tesela(0, 0, 0)) is None


@given(st.floats(-179, 179), st.floats(-84, 84), st.floats(0.001, 1), st.floats(0.001, 1), st.integers(0, 9))
def test_el_rango_de_una_caja_cubre_toda_la_caja_y_solo_lo_que_toca(
    oeste: float, sur: float, ancho: float, alto: float, z: int
) -> None:
    caja = (oeste, sur, oeste + ancho, sur + alto)
    rango = rango_de(caja, z)
    assert len(list(rango.teselas())) == rango.cuantas
    cajas = [caja_4326(tesela) for tesela in rango.teselas()]
    holgura = 1e-9
    assert min(c[0] for c in cajas) <= caja[0] + holgura
    assert max(c[3] for c in cajas) >= caja[3] - holgura
    assert max(c[2] for c in cajas) >= caja[2] - holgura
    assert min(c[1] for c in cajas) <= caja[1] + holgura
    for o, s, e, n in cajas:
        assert o < caja[2] + holgura
        assert e > caja[0] - holgura
        assert s < caja[3] + holgura
        assert n > caja[1] - holgura


def test_pedir_demasiadas_teselas_dice_cuantas() -> None:
    with pytest.raises(DemasiadasTeselas) as fallo:
        rango_de((-118, 14, -86, 33), 14, maximo=1000)
    assert fallo.value.datos["n"] > 1000
    assert "zoom 14" in fallo.value.mensaje


def test_fuera_del_rango_no_hay_nada() -> None:
    assert Tesela(3, 1, 1) not in Rango(4, 0, 0, 3, 3)
    assert (3, 1, 1) not in Rango(3, 0, 0, 3, 3)


@pytest.mark.parametrize(("z", "x", "y"), [(0, 0, 0), ("3", "7", "0"), (22, 2**22 - 1, 0)])
def test_una_direccion_buena_se_lee(z: int | str, x: int | str, y: int | str) -> None:
    assert leer_tesela(z, x, y) == Tesela(int(z), int(x), int(y))


@pytest.mark.parametrize(
    ("z", "x", "y"),
    [
        (0, 1, 0),
        (3, 8, 0),
        (3, 0, 8),
        (23, 0, 0),
        (-1, 0, 0),
        ("-1", "0", "0"),
        ("abc", "0", "0"),
        ("1.0", "0", "0"),
        ("٣", "0", "0"),
        ("1\n", "0", "0"),
        (True, 0, 0),
        (5, 2**40, 0),
        ("9" * 600, "0", "0"),
        (None, 0, 0),
    ],
)
def test_una_direccion_mala_se_rechaza(z: Any, x: Any, y: Any) -> None:
    with pytest.raises(TeselaInvalida) as fallo:
        leer_tesela(z, x, y)
    assert len(fallo.value.mensaje) < 200


@given(st.one_of(st.integers(), st.text()), st.one_of(st.integers(), st.text()), st.one_of(st.integers(), st.text()))
def test_cualquier_direccion_da_una_tesela_o_su_error(z: Any, x: Any, y: Any) -> None:
    try:
        tesela = leer_tesela(z, x, y)
    except TeselaInvalida:
        return
    assert 0 <= tesela.x < 2**tesela.z
    assert 0 <= tesela.y < 2**tesela.z
