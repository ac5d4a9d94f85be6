"""Lo que alguien escribe con Markdown, y lo que no debe pasar de ahí."""

import time

import pytest

from tareas.comun.marcado import marcado


def test_negritas_listas_y_renglones():
    assert str(marcado("Ojo: **bardas no**\ny patios tampoco")) == (
        "<p>Ojo: <strong>bardas no</strong><br />\ny patios tampoco</p>\n"
    )
    assert "<li>Calles</li>" in marcado("- Edificios\n- Calles")
    assert "<li>Calles</li>" in marcado("• Edificios\n• Calles")
    assert "<ol>" in marcado("1. Abre\n2. Dibuja")
    assert str(marcado("# Antes")) == "<h3>Antes</h3>\n"
    assert str(marcado(None)) == ""


@pytest.mark.parametrize(
    "texto",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&colon;alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "[x](//sitio.example)",
        "<javascript:alert(1)>",
        "![x](https://sitio.example/a.png)",
        '[x](https://a.example "a\\" onclick=\\"alert(1)")',
    ],
)
def test_no_sale_html_ni_enlaces_peligrosos(texto):
    salida = str(marcado(texto)).lower()
    for prohibido in ("<script", "<img", 'href="javascript', 'href="data', 'href="//', '" onclick="'):
        assert prohibido not in salida


def test_un_enlace_bueno_no_dice_de_donde_viene():
    assert 'href="https://a.example" rel="nofollow noopener"' in marcado("[guía](https://a.example)")


@pytest.mark.parametrize("hueco", ["\n", "\n\t", "\n "])
def test_muchos_renglones_en_blanco_no_detienen_a_nadie(hueco):
    texto = "a" + hueco * (20_000 // len(hueco)) + "b"
    empieza = time.process_time()
    assert str(marcado(texto)).startswith("<p>a</p>")
    assert time.process_time() - empieza < 0.5
    assert "<li>Calles</li>" in marcado("•\u00a0Edificios\n•\u00a0Calles")
