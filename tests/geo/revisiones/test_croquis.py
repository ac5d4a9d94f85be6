"""El dibujo de cada regla se puede leer, cabe, no trae estilos y marca lo hallado; sus umbrales se dicen con palabras."""

import re
import string
import xml.etree.ElementTree as ET

import pytest

from geo.revisiones.base.regla import IDIOMAS, Regla
from geo.revisiones.catalogo import CATALOGO
from geo.revisiones.croquis import ALTO, ANCHO, croquis

SVG = "{http://www.w3.org/2000/svg}"
TODAS = pytest.mark.parametrize("regla", CATALOGO, ids=lambda r: r.codigo)


def _dibujo(regla: Regla, idioma: str = "es") -> ET.Element:
    svg = croquis(regla, idioma).svg
    return ET.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@TODAS
@pytest.mark.parametrize("idioma", IDIOMAS)
def test_dice_lo_que_muestra_y_marca_lo_hallado(regla: Regla, idioma: str) -> None:
    raiz = _dibujo(regla, idioma)
    assert raiz.get("role") == "img"
    nombrado = (raiz.get("aria-labelledby") or "").split()
    partes = {e.get("id"): e for e in raiz.iter() if e.get("id")}
    assert [partes[n].text for n in nombrado] == [regla.textos[idioma]["titulo"], croquis(regla, idioma).frase]
    clases = " ".join(e.get("class", "") for e in raiz.iter()).split()
    assert clases.count("aro") == 1
    assert {"edificio", "calle", "agua", "cauce", "linea", "otra", "punto"} & set(clases)
    assert not [e for e in raiz.iter() if "style" in e.attrib or e.tag in (f"{SVG}style", f"{SVG}script")]


@TODAS
def test_cabe_en_su_recuadro_y_la_escala_dice_la_verdad(regla: Regla) -> None:
    raiz = _dibujo(regla)
    trazos = [e.get("d", "") for e in raiz.iter(f"{SVG}path") if e.get("class") not in ("raya", "escala")]
    for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", " ".join(trazos)):
        assert -1 <= float(x) <= ANCHO + 1
        assert -1 <= float(y) <= ALTO + 1
    (barra,) = [e.get("d", "") for e in raiz.iter(f"{SVG}path") if e.get("class") == "escala"]
    desde, hasta = (float(n) for n in (re.findall(r"M([\d.]+) ", barra) + re.findall(r"H([\d.]+)", barra)))
    assert 5 < hasta - desde < ANCHO / 2


def test_la_escala_de_una_casa_de_diez_metros_mide_diez_metros() -> None:
    raiz = _dibujo(next(r for r in CATALOGO if r.codigo == "E-TRAS"))
    casa = next(e.get("d", "") for e in raiz.iter(f"{SVG}path") if (e.get("class") or "").startswith("edificio"))
    equis = [float(x) for x, _ in re.findall(r"([\d.]+) ([\d.]+)", casa)]
    barra = next(e.get("d", "") for e in raiz.iter(f"{SVG}path") if e.get("class") == "escala")
    desde, hasta = (float(n) for n in (re.findall(r"M([\d.]+) ", barra) + re.findall(r"H([\d.]+)", barra)))
    metros = int(next(e.text or "" for e in raiz.iter(f"{SVG}text") if e.get("class") == "metros").split()[0])
    assert (max(equis) - min(equis)) / 10 == pytest.approx((hasta - desde) / metros, rel=0.02)


@TODAS
def test_cada_umbral_se_dice_en_los_dos_idiomas(regla: Regla) -> None:
    for idioma in IDIOMAS:
        frases = " ".join(regla.textos[idioma].get("umbrales", ()))
        dichos = {nombre for _, nombre, _, _ in string.Formatter().parse(frases) if nombre}
        assert dichos == set(regla.umbrales)
        assert not any("{" in frase for frase in regla.umbrales_dichos(idioma))
