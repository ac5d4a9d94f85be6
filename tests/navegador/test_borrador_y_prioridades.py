"""Corregir un borrador y poner prioridades, como lo haría quien trabaja en el municipio."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.fabrica import proyecto
from tests.navegador.conftest import ESCRITORIO, TELEFONO, esperar_mapa, esperar_quieto, faltas_de_accesibilidad

pytestmark = pytest.mark.navegador


@pytest.mark.parametrize("tamano", [ESCRITORIO, TELEFONO], ids=["escritorio", "telefono"])
def test_cambiar_la_division_de_un_borrador(abrir, elenco, bd, tamano):
    borrador = proyecto(bd, elenco.municipio, estado="borrador", nombre="Por corregir")
    pagina = abrir(elenco.funcionaria, tamano)
    pagina.goto(f"/proyectos/{borrador}/administrar")
    pagina.get_by_role("link", name="Cambiar área o división").click()
    pagina.get_by_label("La que ya tiene").wait_for()
    assert pagina.get_by_label("La que ya tiene").is_checked()
    pagina.get_by_role("button", name="Siguiente").click()
    pagina.get_by_text("Unas").first.wait_for()
    assert pagina.get_by_label("Lado de cada tarea, en metros").input_value() == "100"
    assert faltas_de_accesibilidad(pagina) == []
    pagina.get_by_label("Lado de cada tarea, en metros").fill("60")
    with pagina.expect_response(lambda r: r.url.endswith("/previa") and "60" in (r.request.post_data or "")):
        pass
    pagina.get_by_role("button", name="Guardar cambios").click()
    pagina.wait_for_url("**/administrar")
    assert pagina.evaluate("document.documentElement.scrollWidth") <= tamano["width"]
    with bd.lectura() as sesion:
        fila = sesion.execute(
            text("SELECT nombre, estado, tareas_total, division->>'lado_m' AS lado FROM proyecto WHERE id = :p"),
            {"p": borrador},
        ).one()
    assert (fila.nombre, fila.estado, float(fila.lado)) == ("Por corregir", "borrador", 60.0)
    assert fila.tareas_total > 9


def test_mover_las_esquinas_del_area_que_ya_tiene(abrir, elenco, bd):
    borrador = proyecto(bd, elenco.municipio, estado="borrador")
    pagina = abrir(elenco.funcionaria)
    pagina.goto(f"/proyectos/{borrador}/area")
    pagina.locator("#mapa-nuevo[data-listo]").wait_for()
    pagina.get_by_text("Dibujarla en el mapa").click()
    pagina.get_by_text("Entendimos: 0.10 km²").wait_for()


@pytest.mark.parametrize("tamano", [ESCRITORIO, TELEFONO], ids=["escritorio", "telefono"])
def test_poner_prioridad_tocando_el_mapa_y_por_numero(abrir, elenco, bd, tamano):
    pagina = abrir(elenco.funcionaria, tamano)
    pagina.goto(f"/proyectos/{elenco.proyecto}/prioridades")
    pagina.locator("#mapa-prioridades[data-listo]").wait_for()
    caja = pagina.locator("#mapa-prioridades").bounding_box()
    esperar_quieto(pagina, "#mapa-prioridades")
    pagina.mouse.click(caja["x"] + caja["width"] / 2, caja["y"] + caja["height"] / 2)
    expect(pagina.get_by_label("Números de las tareas")).to_have_value("5")
    pagina.get_by_label("Números de las tareas").fill("5, 7-8")
    pagina.get_by_text("3 tareas elegidas.").wait_for()
    pagina.get_by_text("Urgente", exact=True).first.click()
    pagina.get_by_role("button", name="Poner prioridad").click()
    pagina.get_by_text("Urgente en 3 tareas.").wait_for()
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth") <= tamano["width"]
    pagina.get_by_label("Números de las tareas").fill("8-80")
    pagina.get_by_role("button", name="Poner prioridad").click()
    pagina.get_by_role("alert").get_by_text("del 1 al 9").wait_for()
    with bd.lectura() as sesion:
        urgentes = sesion.execute(text("SELECT numero FROM tarea WHERE prioridad = 20 ORDER BY 1")).scalars().all()
    assert urgentes == [5, 7, 8]


def test_quien_mapea_ve_la_prioridad_y_quien_revisa_varias_pide_mas_tiempo(abrir, elenco, bd):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE tarea SET prioridad = 20 WHERE numero = 3"))
        sesion.execute(text("UPDATE tarea SET estado = 1 WHERE numero IN (1, 2)"))
        sesion.execute(
            text("""INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id)
                    SELECT :m, :p, n, 'entrega', 0, 1, :q FROM generate_series(1, 2) n"""),
            {"m": elenco.municipio, "p": elenco.proyecto, "q": elenco.mapeadora},
        )
    pagina = abrir(elenco.validadora, TELEFONO)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/3")
    esperar_mapa(pagina)
    pagina.locator("#panel .sello.prioridad.urgente").wait_for()
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar")
    pagina.get_by_label("Marcar la tarea 1").check()
    pagina.get_by_label("Marcar la tarea 2").check()
    pagina.get_by_role("button", name="Revisar 2 tareas juntas").click()
    pagina.get_by_role("heading", name="Revisas 2 tareas juntas").wait_for()
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE bloqueo SET vence = ahora() + interval '10 minutes'"))
    mas = pagina.get_by_role("button", name="Más tiempo")
    with pagina.expect_response(lambda r: r.request.method == "PATCH" and "/tareas/2/" in r.url):
        mas.click()
    expect(mas).to_be_enabled()
    with bd.lectura() as sesion:
        assert (
            sesion.execute(text("SELECT count(*) FROM bloqueo WHERE vence > ahora() + interval '1 hour'")).scalar() == 2
        )
