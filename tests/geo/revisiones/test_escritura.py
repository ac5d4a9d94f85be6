"""A un error de tecleo de otra palabra: ni más lejos, ni ella misma."""

from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.revisiones.base.escritura import Parecidas, a_un_paso

PALABRAS = ("building", "highway", "natural", "surface", "name")
LETRAS = "abhiglnuwy"


def variantes(palabra: str) -> set[str]:
    """Todas las que se logran quitando, poniendo, cambiando o volteando, por fuerza bruta."""
    cortes = [(palabra[:k], palabra[k:]) for k in range(len(palabra) + 1)]
    sin = (a + b[1:] for a, b in cortes if b)
    con = (a + c + b for a, b in cortes for c in LETRAS)
    otra = (a + c + b[1:] for a, b in cortes if b for c in LETRAS)
    volteada = (a + b[1] + b[0] + b[2:] for a, b in cortes if len(b) > 1)
    return set(chain(sin, con, otra, volteada)) - {palabra}


def test_encuentra_todas_las_que_estan_a_un_tecleo() -> None:
    parecidas = Parecidas(PALABRAS, minimo=5)
    for buena in ("building", "highway", "natural", "surface"):
        for mala in variantes(buena) - set(PALABRAS):
            assert a_un_paso(mala, buena), mala
            assert parecidas.de(mala) == buena, mala


@settings(max_examples=200)
@given(st.text(LETRAS, min_size=3, max_size=10))
def test_solo_encuentra_las_que_estan_a_un_tecleo(palabra: str) -> None:
    hallada = Parecidas(PALABRAS, minimo=5).de(palabra)
    assert hallada is None or hallada == palabra.casefold() or palabra in variantes(hallada)


def test_las_buenas_las_cortas_y_las_larguisimas_se_quedan() -> None:
    parecidas = Parecidas(PALABRAS, minimo=6)
    assert [parecidas.de(p) for p in ("building", "nama", "x" * 5_000, "")] == [None] * 4
    assert parecidas.de("Name") == "name"
    assert parecidas.de("BUILDING") == "building"
