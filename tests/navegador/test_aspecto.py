"""Las páginas comunes en un navegador: se ven en un teléfono, se leen, y siguen sirviendo cuando algo falta."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.navegador.conftest import ESCRITORIO, TELEFONO, esperar_quieto, faltas_de_accesibilidad

pytestmark = pytest.mark.navegador

SIN_WEBGL = "HTMLCanvasElement.prototype.getContext = new Proxy(HTMLCanvasElement.prototype.getContext, {apply: (f, lienzo, [tipo, ...r]) => tipo === 'webgl2' ? null : Reflect.apply(f, lienzo, [tipo, ...r])})"


@pytest.fixture
def guia(app, monkeypatch):
    monkeypatch.setitem(app.config, "TEQUIO_GUIA", True)


def se_desplaza_de_lado(pagina: Page) -> bool:
    return pagina.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("tema", ["light", "dark"])
@pytest.mark.parametrize("tamano", [TELEFONO, ESCRITORIO], ids=["telefono", "escritorio"])
@pytest.mark.parametrize("ruta", ["/", "/proyectos/1", "/proyectos/no-hay", "/sin-conexion"])
def test_cada_pagina_es_accesible_y_cabe(abrir, elenco, ruta, tamano, tema):
    pagina = abrir(elenco.funcionaria, tamano, color_scheme=tema)
    pagina.goto(ruta)
    pagina.wait_for_load_state("networkidle")
    assert faltas_de_accesibilidad(pagina) == []
    assert not se_desplaza_de_lado(pagina)


def test_la_guia_de_estilo_es_accesible(abrir, elenco, guia):
    pagina = abrir(tamano=TELEFONO)
    pagina.goto("/estilo")
    pagina.wait_for_selector("html[data-guia=lista]", state="attached")
    assert faltas_de_accesibilidad(pagina) == []
    assert not se_desplaza_de_lado(pagina)


def test_el_tema_elegido_se_queda(abrir, elenco):
    pagina = abrir()
    pagina.goto("/")
    pagina.get_by_label("Tema de color").click()
    pagina.get_by_role("button", name="Oscuro").click()
    expect(pagina.locator("html")).to_have_attribute("data-theme", "dark")
    pagina.reload()
    expect(pagina.locator("html")).to_have_attribute("data-theme", "dark")
    pagina.get_by_label("Tema de color").click()
    pagina.get_by_role("button", name="Como mi aparato").click()
    pagina.reload()
    expect(pagina.locator("html[data-theme]")).to_have_count(0)


def test_un_menu_se_cierra_con_escape_y_devuelve_el_foco(abrir, elenco):
    pagina = abrir(elenco.mapeadora)
    pagina.goto("/")
    cuenta = pagina.locator("summary", has_text="Tu cuenta")
    cuenta.click()
    expect(pagina.get_by_role("button", name="Salir")).to_be_visible()
    pagina.keyboard.press("Escape")
    expect(pagina.get_by_role("button", name="Salir")).to_be_hidden()
    expect(cuenta).to_be_focused()


def test_lo_primero_con_el_teclado_es_saltar_al_contenido(abrir, elenco):
    pagina = abrir()
    pagina.goto("/")
    pagina.keyboard.press("Tab")
    expect(pagina.get_by_role("link", name="Saltar al contenido")).to_be_focused()
    pagina.keyboard.press("Enter")
    expect(pagina.locator("#contenido")).to_be_focused()


def test_sin_javascript_se_busca_se_cambia_de_idioma_y_se_sale(abrir, elenco):
    pagina = abrir(elenco.mapeadora, TELEFONO, java_script_enabled=False)
    pagina.goto("/")
    pagina.get_by_label("Buscar", exact=True).fill("no existe")
    pagina.locator("form.filtros button[type=submit]").click()
    expect(pagina.get_by_text("Ningún proyecto coincide")).to_be_visible()
    pagina.get_by_role("button", name="English").click()
    expect(pagina.locator("html")).to_have_attribute("lang", "en")
    pagina.locator("details.menu:not([hidden]) > summary").click()
    pagina.locator("form[action='/salir'] button").click()
    expect(pagina.locator("a[href='/entrar']")).to_be_visible()


def test_el_mapa_del_proyecto_pinta_las_tareas_y_abre_una(abrir, elenco):
    pagina = abrir()
    pagina.goto(f"/proyectos/{elenco.proyecto}")
    mapa = pagina.locator("#mapa-tareas")
    mapa.scroll_into_view_if_needed()
    pagina.wait_for_selector("#mapa-tareas[data-listo='']")
    esperar_quieto(pagina, "#mapa-tareas")
    mapa.click()
    expect(pagina.get_by_role("heading", name="Tarea 5")).to_be_visible()
    expect(pagina.get_by_role("link", name="Abrir esta tarea")).to_have_attribute(
        "href", f"/proyectos/{elenco.proyecto}/mapear/5"
    )


def test_donde_no_se_pueden_dibujar_mapas_se_dice_y_lo_demas_sirve(abrir, elenco):
    pagina = abrir()
    pagina.add_init_script(SIN_WEBGL)
    pagina.goto("/")
    expect(pagina.get_by_text("Este navegador no puede dibujar mapas")).to_be_visible()
    pagina.get_by_role("link", name="Centro").click()
    expect(pagina.get_by_role("link", name="Mapear una tarea").first).to_be_visible()


def test_a_quien_ahorra_datos_el_mapa_se_le_ofrece(abrir, elenco):
    pagina = abrir()
    pagina.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    pagina.goto("/")
    pagina.get_by_role("button", name="Ver el mapa").click()
    pagina.wait_for_selector("#mapa-proyectos[data-listo='']")


def test_cuando_el_servidor_no_contesta_se_ve_nuestra_pagina(abrir, elenco, sitio):
    pagina = abrir()
    pagina.goto("/")
    pagina.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    pagina.reload()
    pagina.context.set_offline(True)
    pagina.goto("/municipios")
    expect(pagina.get_by_role("heading", name="Sin conexión")).to_be_visible()
    pagina.context.set_offline(False)
    pagina.get_by_role("link", name="Intentar de nuevo").click()
    expect(pagina.get_by_role("heading", name="Sin conexión")).to_be_hidden()


def test_los_modulos_hablan_ingles_si_la_pagina_esta_en_ingles(abrir, elenco, app, sitio, monkeypatch, tmp_path):
    carpeta = tmp_path / "en" / "LC_MESSAGES"
    carpeta.mkdir(parents=True)
    (carpeta / "messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n#: js/mapa_base.js:1\nmsgid "Acercar"\nmsgstr "Zoom in"\n',
        encoding="utf-8",
    )
    monkeypatch.setitem(app.config, "BABEL_TRANSLATION_DIRECTORIES", str(tmp_path))
    pagina = abrir()
    pagina.context.add_cookies([{"name": "tequio_idioma", "value": "en", "url": sitio}])
    pagina.goto("/")
    expect(pagina.get_by_role("button", name="Zoom in")).to_be_visible()


@pytest.mark.parametrize("tamano", [TELEFONO, ESCRITORIO], ids=["telefono", "escritorio"])
def test_el_estado_de_la_instalacion_cabe_y_es_accesible(abrir, bd, elenco, tamano):
    with bd.transaccion() as sesion:
        sesion.execute(
            text(
                "INSERT INTO osm_flujo (url, registrado, fallos, error) VALUES "
                "('http://ejemplo.test/una/direccion/bastante/larga/que/no/cabe/', true, 3, 'http://ejemplo.test/una/direccion/larga/')"
            )
        )
    pagina = abrir(elenco.administradora, tamano)
    pagina.goto("/estado")
    pagina.wait_for_load_state("networkidle")
    expect(pagina.locator(".nivel.mal")).to_be_visible()
    assert faltas_de_accesibilidad(pagina) == []
    assert not se_desplaza_de_lado(pagina)
