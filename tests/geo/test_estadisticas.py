"""Las fórmulas de las medidas, contra los ejemplos que publicaron sus autores."""

from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.estadisticas.acuerdo import kappa
from geo.estadisticas.proporciones import wilson
from geo.estadisticas.tasas import byar, garwood, poisson, por_cada


@pytest.mark.parametrize(
    ("aciertos", "total", "bajo", "alto"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_da_los_ejemplos_de_newcombe(aciertos, total, bajo, alto):
    """Newcombe (1998), Statistics in Medicine 17:857-872, cuadro I, método 3."""
    assert wilson(aciertos, total) == (pytest.approx(bajo, abs=5e-5), pytest.approx(alto, abs=5e-5))


@settings(max_examples=60)
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contiene_lo_visto_y_es_simetrico(par):
    aciertos, total = par
    bajo, alto = wilson(aciertos, total)
    assert 0 <= bajo <= aciertos / total <= alto <= 1
    assert wilson(total - aciertos, total) == (pytest.approx(1 - alto), pytest.approx(1 - bajo))


def test_wilson_sin_casos_no_sabe_nada_y_lo_imposible_no_pasa():
    assert wilson(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match="3 > 2"):
        wilson(3, 2)


@pytest.mark.parametrize(
    ("casos", "bajo", "alto"),
    [(0, 0, 3.689), (1, 0.0253, 5.572), (2, 0.242, 7.225), (5, 1.623, 11.668), (9, 4.115, 17.085), (10, 4.795, 18.390)],
)
def test_los_limites_exactos_son_los_de_las_tablas(casos, bajo, alto):
    """Garwood (1936), Biometrika 28; reproducidos en Pearson y Hartley, *Biometrika Tables for Statisticians* I, 40."""
    assert garwood(casos) == (pytest.approx(bajo, abs=6e-4), pytest.approx(alto, abs=6e-4))


@pytest.mark.parametrize("casos", [10, 15, 20, 50, 100, 500])
def test_byar_se_aparta_del_exacto_menos_de_dos_milesimas(casos):
    """Lo que dice Public Health England (2018) de la aproximación, con diez casos o más."""
    for aproximado, exacto in zip(byar(casos), garwood(casos), strict=True):
        assert aproximado == pytest.approx(exacto, rel=2e-3)


def test_byar_contra_el_exacto_publicado_de_veinte_y_cincuenta():
    """Tabla 40 de Pearson y Hartley: 20 casos, de 12.22 a 30.89; 50 casos, de 37.11 a 65.92."""
    assert poisson(20) == (pytest.approx(12.22, abs=0.02), pytest.approx(30.89, abs=0.02))
    assert poisson(50) == (pytest.approx(37.11, abs=0.02), pytest.approx(65.92, abs=0.02))


def test_la_tasa_de_los_obreros_del_niquel():
    """Breslow y Day (1987), II, cap. 2: 137 muertes por cáncer de pulmón frente a 24.19893 que se esperaban; 5.66, de
    4.75 a 6.69. Aquí la misma cuenta, por cada cien mil.
    """
    tasa, bajo, alto = por_cada(137, 2_419_893, 100_000)
    assert (tasa, bajo, alto) == (
        pytest.approx(5.66, abs=5e-3),
        pytest.approx(4.75, abs=6e-3),
        pytest.approx(6.69, abs=6e-3),
    )


@settings(max_examples=60)
@given(st.integers(0, 3000))
def test_el_intervalo_de_una_cuenta_la_contiene_y_crece(casos):
    bajo, alto = poisson(casos)
    assert 0 <= bajo <= casos < alto
    siguiente = poisson(casos + 1)
    assert bajo < siguiente[0]
    assert alto < siguiente[1]


def test_lo_que_no_es_una_cuenta_ni_una_tasa():
    with pytest.raises(ValueError, match="-1"):
        poisson(-1)
    with pytest.raises(ValueError, match="expuestos: 0"):
        por_cada(3, 0)


def test_kappa_de_fleiss():
    """Fleiss, Levin y Paik, *Statistical Methods for Rates and Proportions* (3.ª ed., 2003), cuadro 18.1: cien pacientes,
    κ = 0.68 y error estándar 0.087, que dan de 0.51 a 0.85. Sin redondear antes el error, el límite de abajo es 0.505.
    """
    k = kappa([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert (k.n, k.iguales) == (100, 89)
    assert k.valor == pytest.approx(0.676, abs=5e-4)
    assert k.error == pytest.approx(0.087, abs=1e-3)
    assert (k.bajo, k.alto) == (pytest.approx(0.51, abs=6e-3), pytest.approx(0.85, abs=6e-3))


def test_kappa_de_cohen():
    """Cohen (1960), cuadro 1: 200 casos, acuerdo 0.70, por azar 0.41, κ = 0.492."""
    k = kappa([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    assert k.iguales / k.n == pytest.approx(0.70)
    assert k.valor == pytest.approx(0.492, abs=5e-4)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_kappa_de_dos_clases_cuenta_bien_en_cualquier_tabla(cuentas):
    a, b, c, d = cuentas
    k = kappa([[a, b], [c, d]])
    n = a + b + c + d
    assert (k.n, k.iguales) == (n, a + d)
    if not n or n in {a, d}:
        assert k.valor is None
        assert k.error is None
        return
    # La forma de κ para dos clases, despejada aparte.
    divisor = (a + b) * (b + d) + (a + c) * (c + d)
    assert k.valor == pytest.approx(2 * (a * d - b * c) / divisor)
    assert -1 <= k.bajo <= k.valor <= k.alto <= 1
    assert kappa([[a, c], [b, d]]).error == pytest.approx(k.error, abs=1e-9)


def test_kappa_no_se_inventa_cuando_todas_dijeron_lo_mismo():
    assert kappa([[12, 0], [0, 0]]).valor is None
    assert kappa([]).n == 0
    with pytest.raises(ValueError, match="tabla"):
        kappa([[1, 2]])


def test_el_error_de_kappa_es_el_que_se_ve_al_repetir():
    """Con una muestra mucho mayor de lo mismo, el error baja como la raíz de cuántas veces mayor es."""
    chica, grande = kappa([[40, 9], [6, 45]]), kappa([[4000, 900], [600, 4500]])
    assert grande.error == pytest.approx(chica.error / sqrt(100))
