"""Lo que ve quien mapeó: su respuesta en dos aparatos, lo que falta dicho en su idioma, y el otro idioma sin perder nada."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.fabrica import devolver
from tests.navegador.conftest import ESCRITORIO, TELEFONO, esperar_mapa, esperar_quieto, faltas_de_accesibilidad
from tests.reglas.test_tiempos import EDADES, PLAZOS, VISTOS

pytestmark = pytest.mark.navegador


@pytest.fixture
def devuelta(entrar, elenco):
    """La tarea 5, devuelta a la mapeadora con dos errores."""
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/5"
    devolver(entrar(elenco.mapeadora), entrar(elenco.validadora), raiz, "E-FALT", "E-ESC")
    return f"/proyectos/{elenco.proyecto}/mapear/5"


def test_lo_atendido_se_ve_en_otro_aparato_y_sin_red_no_se_pierde(abrir, elenco, devuelta):
    uno = abrir(elenco.mapeadora, TELEFONO)
    uno.goto(devuelta)
    casillas = uno.get_by_label("Ya lo atendí")
    casillas.first.check()
    expect(uno.get_by_text("Llevas 1 de 2 atendidos.")).to_be_visible()
    expect(uno.get_by_text("Está apartada para ti hasta el")).to_be_visible()
    uno.context.set_offline(True)
    casillas.nth(1).check()
    expect(uno.get_by_text("está anotado en este aparato")).to_be_visible()
    uno.context.set_offline(False)
    expect(uno.get_by_text("está anotado en este aparato")).to_have_count(0)
    otro = abrir(elenco.mapeadora, ESCRITORIO)
    otro.goto(devuelta)
    expect(otro.get_by_text("Marcaste todos como atendidos")).to_be_visible()
    assert faltas_de_accesibilidad(otro) == []
    otro.get_by_label("Ya lo atendí").first.uncheck()
    expect(otro.get_by_text("Llevas 1 de 2 atendidos.")).to_be_visible()
    uno.reload()
    expect(uno.get_by_text("Llevas 1 de 2 atendidos.")).to_be_visible()


def test_lo_corregido_y_entregado_otra_vez_se_cuenta_en_pasado(abrir, elenco, devuelta):
    pagina = abrir(elenco.mapeadora, TELEFONO)
    pagina.goto(devuelta)
    respuesta = pagina.locator("[data-respuesta-de='5'][data-listo]")
    expect(respuesta.get_by_text("2 cosas por corregir")).to_be_visible()
    pagina.get_by_role("button", name="Corregir esta tarea").click()
    pagina.wait_for_selector("[data-turno='5'] [data-respuesta-de='5'][data-listo]")
    # En mis manos ya no está apartada para nadie.
    expect(respuesta.get_by_text("2 cosas por corregir")).to_be_visible()
    expect(pagina.get_by_text("apartada")).to_have_count(0)
    for casilla in pagina.get_by_label("Ya lo atendí").all():
        casilla.check()
    pagina.get_by_role("button", name="Entregar mapeada").click()
    expect(pagina.locator(".aviso.exito")).to_be_visible()
    pagina.goto(devuelta)
    expect(respuesta.get_by_role("heading", name="Te pidieron corregirla y la entregaste otra vez")).to_be_visible()
    expect(respuesta.get_by_role("heading", name="Te habían pedido corregir 2 cosas")).to_be_visible()
    expect(pagina.get_by_text("por corregir")).to_have_count(0)


def test_una_inconformidad_sin_motivo_se_dice_junto_al_campo_en_el_idioma_de_la_pagina(abrir, elenco, devuelta, bd):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE persona SET idioma = 'en' WHERE id = :p"), {"p": elenco.mapeadora})
    pagina = abrir(elenco.mapeadora, TELEFONO)
    pagina.goto(devuelta)
    pagina.get_by_text("I do not agree").click()
    pagina.get_by_role("button", name="Ask for another person to review it").click()
    campo = pagina.locator("#motivo-disputa")
    expect(campo).to_be_focused()
    expect(campo).to_have_attribute("aria-invalid", "true")
    expect(pagina.locator("#motivo-disputa-falta")).to_contain_text("Say why")
    assert faltas_de_accesibilidad(pagina) == []
    campo.fill("All the houses of the block are there.")
    expect(pagina.locator("#motivo-disputa-falta")).to_be_hidden()
    pagina.get_by_role("button", name="Ask for another person to review it").click()
    expect(pagina.get_by_text("You said that you do not agree")).to_be_visible()
    # El aviso se queda aunque el mapa se ponga al día y la ficha se lea otra vez.
    with pagina.expect_response("**/estados?desde=*"):
        pass
    expect(pagina.locator(".aviso.exito")).to_contain_text("another validator")


def test_cambiar_de_idioma_no_pierde_el_lugar_la_tarea_ni_lo_escrito(abrir, elenco, devuelta):
    pagina = abrir(elenco.mapeadora, TELEFONO)
    pagina.goto(devuelta)
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Corregir esta tarea").click()
    pagina.wait_for_selector("[data-turno='5']")
    pagina.locator("#nota").fill("Ya puse una casa")
    pagina.get_by_role("button", name="Acercar", exact=False).first.click()
    esperar_quieto(pagina)
    escala = pagina.locator(".maplibregl-ctrl-scale").inner_text()
    pagina.locator(".forma-idioma button").click()
    pagina.wait_for_selector("html[lang=en]")
    pagina.wait_for_selector("[data-turno='5']")
    esperar_mapa(pagina)
    assert pagina.url.endswith(devuelta)
    expect(pagina.locator("#nota")).to_have_value("Ya puse una casa")
    expect(pagina.locator(".maplibregl-ctrl-scale")).to_have_text(escala)
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_las_edades_y_los_plazos_se_dicen_igual_en_el_navegador(abrir):
    pagina = abrir(None)
    pagina.clock.set_fixed_time(VISTOS)
    for idioma, cual in (("es", 1), ("en", 2)):
        pagina.goto("/entrar")
        if idioma == "en":
            pagina.locator(".forma-idioma button").click()
            pagina.wait_for_selector("html[lang=en]")
        edades, plazos = pagina.evaluate(
            """async ([edades, plazos]) => {
                const modulo = document.querySelector('script[src*="js/base.js"]').src;
                const { hace, diaYHora } = await import(new URL(modulo.replace('base.js', 'textos.js'), location.href).href.split('?')[0]);
                return [edades.map((s) => hace(Date.now() - s * 1000 - (s ? 500 : 0))), plazos.map((p) => diaYHora(...p))];
            }""",
            [[e[0] for e in EDADES], [p[:2] for p in PLAZOS]],
        )
        assert edades == [e[cual] for e in EDADES]
        assert plazos == [p[cual + 1] for p in PLAZOS]


def test_las_barras_se_juntan_por_semanas_meses_o_anios_hasta_que_se_leen(abrir):
    pagina = abrir(None)
    pagina.goto("/entrar")
    # De a un día sí y dos no, desde el sábado 31 de octubre de 2026.
    tramos = pagina.evaluate(
        """async () => {
            const base = document.querySelector('script[src*="js/base.js"]').src.split('?')[0];
            const { queQuepa, todosLosDias } = await import(base.replace('base.js', 'tramos.js'));
            const dias = (n) => Array.from({ length: n }, (_v, i) => ({ dia: new Date(Date.UTC(2026, 9, 31 + 3 * i)).toISOString().slice(0, 10), entregas: 1, validadas: 1, devueltas: 0, hechas: i + 1 }));
            const mirar = (n, ancho, apilada) => {
                const { grupos } = queQuepa(todosLosDias(dias(n)), ancho, [['entregas'], ['hechas']], apilada);
                return [grupos.length, grupos[0].desde, grupos[0].hasta, grupos[1].desde, grupos.reduce((s, g) => s + g.entregas, 0), grupos.at(-1).hechas];
            };
            return [mirar(9, 328, false), mirar(9, 1150, false), mirar(9, 328, true), mirar(100, 328, false), mirar(900, 328, false)];
        }"""
    )
    semanas, dias, de_lo_apilado, meses, anios = tramos
    assert semanas == [5, "2026-10-31", "2026-11-01", "2026-11-02", 9, semanas[5]]
    assert dias[:5] == [25, "2026-10-31", "2026-10-31", "2026-11-01", 9]
    # Lo apilado es cómo quedó al final del tramo: no se suma, y caben más.
    assert (de_lo_apilado[0], de_lo_apilado[5]) == (5, 9)
    assert meses[:5] == [11, "2026-10-31", "2026-10-31", "2026-11-01", 100]
    assert anios[:5] == [9, "2026-10-31", "2026-12-31", "2027-01-01", 900]
