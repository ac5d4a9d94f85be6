"""Un error, un nombre: el que señala una persona y el que halla una revisión se llaman igual en los dos idiomas."""

import pytest

from geo.revisiones.catalogo import CATALOGO
from tareas.cuentas.correo import catalogo
from tareas.validacion.reglas import MOTIVOS


@pytest.mark.parametrize("idioma", ["es", "en"])
def test_lo_senalado_se_llama_como_su_revision(idioma):
    traducir = catalogo(idioma).gettext
    en_la_lista = {r.codigo: traducir(MOTIVOS[r.codigo]) for r in CATALOGO}
    assert len(en_la_lista) > 15
    assert en_la_lista == {r.codigo: r.textos[idioma]["titulo"] for r in CATALOGO}
