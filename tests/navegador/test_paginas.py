"""Cada página, en teléfono y en escritorio: sin faltas de accesibilidad y sin desplazarse de lado."""

import pytest

from tests.navegador.conftest import ESCRITORIO, TELEFONO, esperar_mapa, faltas_de_accesibilidad

pytestmark = pytest.mark.navegador

PAGINAS = [
    ("nadie", "/entrar"),
    ("nadie", "/registro"),
    ("nadie", "/recuperar"),
    ("nadie", "/proyectos/{p}/avance"),
    ("nadie", "/municipios"),
    ("nadie", "/municipios/{m}"),
    ("nadie", "/municipios/{m}/avance"),
    ("validadora", "/municipios/{m}/medidas?por=validador"),
    ("validadora", "/mis-revisiones"),
    ("nadie", "/municipios/{m}/calidad"),
    ("nadie", "/municipios/{m}/completitud"),
    ("validadora", "/municipios/{m}/medidas?por=xx&desde=ayer&orden=no"),
    ("nadie", "/calidad/reglas"),
    ("mapeadora", "/proyectos/{p}/mapear"),
    ("mapeadora", "/proyectos/{p}/mapear/5"),
    ("mapeadora", "/mi-trabajo"),
    ("mapeadora", "/cuenta"),
    ("validadora", "/proyectos/{p}/validar"),
    ("funcionaria", "/proyectos/nuevo"),
    ("funcionaria", "/proyectos/{p}/editar"),
    ("funcionaria", "/proyectos/{p}/administrar"),
    ("funcionaria", "/administracion"),
    ("nadie", "/proyectos/{p}/cartel"),
    ("administradora", "/administracion/personas"),
]


@pytest.mark.parametrize(("quien", "direccion"), PAGINAS)
def test_la_pagina_es_accesible_y_cabe_en_un_telefono(abrir, elenco, quien, direccion):
    persona = None if quien == "nadie" else getattr(elenco, quien)
    pagina = abrir(persona, TELEFONO)
    # Se carga de nuevo en cada tamaño, con los archivos ya guardados de la primera vez.
    for tamano in (TELEFONO, ESCRITORIO):
        pagina.set_viewport_size(tamano)
        pagina.goto(direccion.format(p=elenco.proyecto, m=elenco.municipio))
        if "/mapear" in direccion or "/validar" in direccion:
            esperar_mapa(pagina)
        else:
            pagina.wait_for_load_state("networkidle")
        ancho = pagina.evaluate("document.documentElement.scrollWidth")
        assert ancho <= tamano["width"], f"{direccion} mide {ancho} px de ancho en {tamano['width']} px"
        assert faltas_de_accesibilidad(pagina) == [], direccion
