"""La referencia en el navegador: subirla, ver qué falta, y que se pueda leer y tocar en un teléfono."""

import pytest
from playwright.sync_api import expect

from tests.navegador.conftest import TELEFONO, faltas_de_accesibilidad
from tests.web.test_referencia import HUELLAS, con_osm, geojson  # noqa: F401

pytestmark = [pytest.mark.navegador, pytest.mark.usefixtures("con_osm")]


@pytest.mark.parametrize("tamano", [None, TELEFONO], ids=["escritorio", "telefono"])
def test_subir_una_referencia_y_ver_que_falta(abrir, elenco, tmp_path, tamano):
    archivo = tmp_path / "catastro.geojson"
    archivo.write_bytes(geojson(HUELLAS))
    pagina = abrir(elenco.funcionaria, tamano) if tamano else abrir(elenco.funcionaria)
    pagina.goto(f"/municipios/{elenco.municipio}/referencias")
    assert faltas_de_accesibilidad(pagina) == []
    pagina.get_by_label("Archivo").set_input_files(archivo)
    pagina.get_by_label("De quién son los datos").fill("Tesorería")
    pagina.get_by_label("Licencia").fill("Uso interno")
    pagina.get_by_role("button", name="Subir", exact=True).click()
    expect(pagina.get_by_text("Marca que el dueño de los datos permite").first).to_be_visible()
    pagina.get_by_label("Archivo").set_input_files(archivo)
    pagina.get_by_label("Su dueño permite compararlos").check()
    pagina.get_by_role("button", name="Subir", exact=True).click()
    expect(pagina.get_by_text("Guardadas 8 huellas")).to_be_visible()
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pagina.goto(f"/proyectos/{elenco.proyecto}/completitud")
    expect(pagina.get_by_role("img", name="Mapa de las tareas por la parte que falta")).to_be_visible()
    expect(pagina.locator(".mapa-omision .t3")).to_have_count(1)
    expect(pagina.get_by_role("row", name="Tarea 1")).to_contain_text("75")
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    pagina.goto(f"/municipios/{elenco.municipio}/completitud")
    expect(pagina.get_by_role("link", name="Centro")).to_be_visible()
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
