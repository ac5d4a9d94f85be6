"""Las imágenes de un municipio en el navegador: subir, publicar, agregarla con un toque, verla, y saber que se retiró."""

import pytest

from tareas.imagenes import archivos
from tests import imagenes as fabrica
from tests.navegador.conftest import ESCRITORIO, TELEFONO, esperar_mapa, faltas_de_accesibilidad

pytestmark = pytest.mark.navegador


def test_de_subirla_a_mapear_sobre_ella_y_retirarla(abrir, elenco, tmp_path, monkeypatch):
    monkeypatch.setenv(archivos.VARIABLE, str(tmp_path / "imagenes"))
    archivo = fabrica.mbtiles(tmp_path / "orto.mbtiles")
    pagina = abrir(elenco.funcionaria, TELEFONO)
    pagina.goto(f"/municipios/{elenco.municipio}/imagenes")
    assert faltas_de_accesibilidad(pagina) == []
    pagina.set_input_files("[name=archivo]", archivo)
    pagina.fill("[name=nombre]", "Ortofoto 2024")
    pagina.click("text=Subir >> nth=-1")
    pagina.wait_for_url("**/imagenes/*")
    assert "falta el permiso para trazar" in pagina.inner_text(".sellos")
    pagina.wait_for_selector("[data-modulo=imagen][data-listo]", state="attached")
    assert pagina.evaluate("document.documentElement.scrollWidth") <= TELEFONO["width"]
    assert faltas_de_accesibilidad(pagina) == []
    pagina.fill("[name=licencia]", "CC BY 4.0")
    pagina.check("[name=permiso_trazar]")
    pagina.fill("[name=permiso]", "Catastro, oficio 12/2024")
    pagina.click("text=Guardar")
    pagina.wait_for_load_state()
    pagina.click("button:has-text('Publicar')")
    pagina.wait_for_selector(".sellos:has-text('Publicada')")
    suya = pagina.url

    pagina.goto(f"/proyectos/{elenco.proyecto}/editar")
    pagina.click("text=Agregar imagen del municipio: Ortofoto 2024")
    assert pagina.is_hidden("text=Agregar imagen del municipio")
    assert faltas_de_accesibilidad(pagina) == []
    pagina.click("text=Guardar cambios")
    pagina.wait_for_url("**/administrar")

    mapeo = abrir(elenco.mapeadora, ESCRITORIO)
    mapeo.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    esperar_mapa(mapeo)
    with mapeo.expect_response("**/teselas/imagenes/**") as tesela:
        mapeo.click(".fondo > summary")
        mapeo.check("label:has-text('Ortofoto 2024') input")
    assert tesela.value.status == 200

    pagina.goto(suya)
    pagina.click("button:has-text('Retirar')")
    pagina.wait_for_selector(".sellos:has-text('Borrador')")
    mapeo.reload()
    esperar_mapa(mapeo)
    assert "retiró la imagen «Ortofoto 2024»" in mapeo.inner_text(".mapa-nota")
    mapeo.click(".fondo > summary")
    assert mapeo.is_disabled("label:has-text('Ortofoto 2024 (retirada)') input")
