"""Crear un proyecto en los cuatro pasos, como lo haría quien trabaja en el municipio."""

import json

import pytest
from sqlalchemy import text

from tests.navegador.conftest import ESCRITORIO, TELEFONO, faltas_de_accesibilidad

pytestmark = pytest.mark.navegador


def siguiente(pagina):
    pagina.get_by_role("button", name="Siguiente").click()


@pytest.mark.parametrize("tamano", [ESCRITORIO, TELEFONO], ids=["escritorio", "telefono"])
def test_de_municipio_a_publicado(abrir, elenco, bd, tamano):
    pagina = abrir(elenco.funcionaria, tamano)
    pagina.goto("/proyectos/nuevo")
    pagina.get_by_text("4.60 km²").last.wait_for()
    siguiente(pagina)
    siguiente(pagina)
    pagina.get_by_label("Lado de cada tarea, en metros").fill("400")
    pagina.get_by_text("Unas").first.wait_for()
    pagina.get_by_role("button", name="Comparar con otra manera").click()
    pagina.get_by_label("Forma").select_option("hexagonos")
    pagina.get_by_role("columnheader", name="B Hexágonos de 400 m por lado").wait_for()
    assert faltas_de_accesibilidad(pagina) == []
    # Mientras se vuelve a contar, el texto se tiene que poder leer igual.
    pagina.locator("[data-previa]").evaluate("e => e.setAttribute('aria-busy', 'true')")
    assert faltas_de_accesibilidad(pagina) == []
    siguiente(pagina)
    assert faltas_de_accesibilidad(pagina) == []
    pagina.get_by_label("Nombre del proyecto").fill("Río y barrio")
    pagina.get_by_label("Empezar con instrucciones para…").select_option("todo")
    pagina.get_by_role("button", name="Publicar").click()
    pagina.get_by_role("heading", name="Está abierto").wait_for()
    assert pagina.evaluate("document.documentElement.scrollWidth") <= tamano["width"]
    with bd.lectura() as sesion:
        fila = sesion.execute(
            text("SELECT estado, division->>'tipo', instrucciones FROM proyecto WHERE nombre = 'Río y barrio'")
        ).one()
    assert fila[:2] == ("publicado", "hexagonos")
    assert "building=yes" in fila[2]


def test_dibujar_el_area_en_el_mapa(abrir, elenco):
    pagina = abrir(elenco.funcionaria)
    pagina.goto("/proyectos/nuevo")
    pagina.locator("#mapa-nuevo[data-listo]").wait_for()
    siguiente(pagina)
    pagina.get_by_text("Dibujarla en el mapa").click()
    pagina.locator("[data-dibujar=polygon][aria-pressed=true]").wait_for()
    caja = pagina.locator("#mapa-nuevo").bounding_box()
    x, y = caja["x"] + caja["width"] / 2, caja["y"] + caja["height"] / 2
    for dx, dy in ((-80, -80), (80, -80), (80, 80), (-80, 80), (-80, -80)):
        pagina.mouse.click(x + dx, y + dy)
        pagina.wait_for_timeout(350)
    pagina.get_by_text("Entendimos:").wait_for()
    siguiente(pagina)
    pagina.get_by_text("personas-día de trabajo").wait_for()


def test_un_archivo_con_el_contorno_abierto_se_arregla_y_se_dice(abrir, elenco, tmp_path):
    archivo = tmp_path / "límites.v2.geojson"
    anillo = [[-98.755, 20.095], [-98.745, 20.095], [-98.745, 20.105], [-98.755, 20.105]]
    archivo.write_text(json.dumps({"type": "Polygon", "coordinates": [anillo]}))
    pagina = abrir(elenco.funcionaria, TELEFONO)
    pagina.goto("/proyectos/nuevo")
    pagina.get_by_text("4.60 km²").last.wait_for()
    siguiente(pagina)
    pagina.get_by_text("Subir un archivo").click()
    pagina.get_by_label("Archivo", exact=True).set_input_files(archivo)
    pagina.get_by_role("button", name="Arreglarlo y seguir").click()
    pagina.get_by_text("Entendimos: 1.16 km²").wait_for()
    pagina.get_by_text("Se cerraron").wait_for()
