"""El editor dentro de Tequio, contra el servidor de práctica, sin nada de fuera."""

import json
import re

import pytest
from playwright.sync_api import Frame, Page, expect
from sqlalchemy import text

from tests import fabrica
from tests.mundo_evidencia import Taller, casa
from tests.navegador.conftest import TELEFONO, esperar_a_que, esperar_mapa, faltas_de_accesibilidad

pytestmark = pytest.mark.navegador

GUARDAR_MS = 15_000  # iD espera por su cuenta unos segundos después de subir
IMAGEN = {
    "id": "vuelo",
    "nombre": "Vuelo municipal",
    "tipo": "xyz",
    "url": "{sitio}/fotos/{z}/{x}/{y}",
    "atribucion": "Catastro",
    "minzoom": 0,
    "maxzoom": 19,
}
EDIFICIO = ((-60, -40), (60, -40), (60, 40), (-60, 40))


@pytest.fixture
def aula(bd, elenco, sitio):
    """El proyecto del elenco edita en un aula vacía y pone los edificios primero."""
    with bd.transaccion() as sesion:
        nueva = fabrica.aula(sesion, elenco.municipio)
        sesion.execute(
            text("""UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a, desplazamiento = '{3,-2}',
                           presets = '{building,highway/residential}', imagenes = CAST(:i AS jsonb)"""),
            {"a": nueva, "i": json.dumps([IMAGEN]).replace("{sitio}", sitio)},
        )
    return nueva


@pytest.fixture
def mapear(abrir, elenco, aula, sitio):
    """``mapear(numero, …)`` da una página con la tarea tomada y lo que pidió fuera de casa."""

    def _mapear(numero: int = 5, **opciones: object) -> tuple[Page, list[str]]:
        pagina = abrir(elenco.mapeadora, **opciones)
        fuera: list[str] = []
        pagina.on("request", lambda r: None if r.url.startswith((sitio, "data:", "blob:")) else fuera.append(r.url))
        pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/{numero}")
        pagina.get_by_role("button", name="Mapear esta tarea").click()
        pagina.wait_for_selector(f"[data-turno='{numero}']")
        return pagina, fuera

    return _mapear


def editar(pagina: Page) -> Frame:
    """Abre el editor y espera a que se pueda dibujar."""
    pagina.get_by_role("button", name="Editar aquí").click()
    return en_marco(pagina)


def en_marco(pagina: Page) -> Frame:
    pagina.wait_for_selector("html[data-editor=listo]")
    marco = pagina.frame(url=re.compile("/editor/"))
    assert marco is not None
    marco.wait_for_selector("html[data-editor=listo]")
    return marco


def dibujar(pagina: Page, marco: Frame, herramienta: str, puntos: tuple[tuple[int, int], ...]) -> None:
    """Dibuja con el ratón, en píxeles desde el centro del mapa, y lo termina."""
    caja = marco.locator(".main-map").bounding_box()
    assert caja is not None
    centro = caja["x"] + caja["width"] / 2, caja["y"] + caja["height"] / 2
    marco.locator(f"button.add-{herramienta}").click()
    for x, y in puntos:
        pagina.mouse.click(centro[0] + x, centro[1] + y)
        pagina.wait_for_timeout(60)
    pagina.keyboard.press("Enter")
    marco.wait_for_selector(".preset-list-item")


def poner_tipo(marco: Frame, nombre: str) -> None:
    marco.locator(".preset-list-item").filter(has_text=re.compile(rf"^{nombre}")).first.locator("button").first.click()


def test_se_dibuja_se_guarda_y_se_entrega_sin_salir_de_tequio(mapear, bd, elenco, aula):
    with bd.transaccion() as sesion:
        # Quien ya abrió un conjunto sin decir nada en él: el JSON del protocolo omite sus etiquetas, e iD las espera.
        sesion.execute(
            text("INSERT INTO practica_conjunto (aula_id, persona_id, etiquetas) VALUES (:a, :p, '{}')"),
            {"a": aula, "p": elenco.mapeadora},
        )
    pagina, fuera = mapear()
    marco = editar(pagina)
    expect(marco.get_by_role("button", name="Área")).to_be_visible()
    metros = marco.evaluate("tequioEditor.iD.geoOffsetToMeters(tequioEditor.ctx.background().offset())")
    assert metros == pytest.approx([3, -2], abs=0.01)
    dibujar(pagina, marco, "area", EDIFICIO)
    # Lo que el proyecto pide sale primero.
    expect(marco.locator(".preset-list-item").first).to_contain_text("Edificio")
    marco.locator(".preset-list-item button").first.click()
    dibujar(pagina, marco, "line", ((-120, 90), (120, 90)))
    expect(marco.locator(".preset-list-item").first).to_contain_text("Calle urbana")
    marco.locator(".preset-list-item button").first.click()
    pagina.get_by_role("button", name="Guardar 2 cambios").click()
    expect(marco.get_by_role("heading", name="Guardar en el aula")).to_be_visible()
    marco.locator(".save-section .save-button").click()
    guardado = pagina.locator(".editor-guardado")
    expect(guardado).to_have_text(re.compile(r"^Guardado: 1 edificio, \d+ m de calle$"), timeout=GUARDAR_MS)
    expect(pagina.locator(".editor-falta")).to_be_hidden()
    with bd.lectura() as sesion:
        vias = sesion.execute(
            text("SELECT etiquetas, uid FROM practica_elemento WHERE aula_id = :a AND tipo = 'w'"), {"a": aula}
        ).all()
        conjunto = sesion.execute(text("SELECT etiquetas FROM practica_conjunto WHERE cambios > 0")).scalar_one()
    assert sorted(next(iter(v.etiquetas)) for v in vias) == ["building", "highway"]
    assert {v.uid for v in vias} == {elenco.mapeadora}
    assert conjunto["comment"] == f"#tequio-{elenco.proyecto} Centro"
    assert conjunto["hashtags"] == f"#tequio-{elenco.proyecto}"
    assert (conjunto["source"], conjunto["imagery_used"]) == ("Vuelo municipal", "Vuelo municipal")

    pagina.get_by_role("button", name="Entregar", exact=True).click()
    expect(pagina.locator(".editor-resumen")).to_contain_text("Guardaste 1 edificio")
    expect(pagina.locator(".editor-cajon .nada-que-cambiar")).to_be_hidden()
    pagina.get_by_label("Nota para quien revisa").last.fill("Listo el centro.")
    pagina.locator(".editor-cajon").get_by_role("button", name="Entregar mapeada").click()
    expect(pagina.get_by_text("Entregada la tarea 5")).to_be_visible()
    expect(pagina.locator(".editor")).to_have_count(0)
    assert fuera == []


def test_lo_que_no_se_guarda_se_pregunta_antes_de_salir_entregar_o_soltar(mapear, elenco):
    pagina, _fuera = mapear()
    marco = editar(pagina)
    dibujar(pagina, marco, "area", EDIFICIO)
    poner_tipo(marco, "Edificio")
    pregunta = pagina.get_by_role("dialog")
    pagina.get_by_role("button", name="Volver al mapa").click()
    expect(pregunta).to_contain_text("Tienes 1 cambio sin guardar")
    pagina.keyboard.press("Escape")
    expect(pregunta).to_have_count(0)
    expect(pagina.locator(".editor")).to_be_visible()
    cierres: list[str] = []
    pagina.once("dialog", lambda d: (cierres.append(d.type), d.dismiss()))
    with pagina.expect_event("dialog"):
        pagina.evaluate("location.reload()")
    assert cierres == ["beforeunload"]
    pagina.get_by_role("button", name="Soltar", exact=True).click()
    pregunta.get_by_role("button", name="Seguir editando").click()
    pagina.get_by_role("button", name="Volver al mapa").click()
    pregunta.get_by_role("button", name="Salir y seguir después").click()
    expect(pagina.locator(".editor")).to_have_count(0)

    # Cerrado el editor, la hoja también pregunta; y son de esa persona y de esa tarea, de nadie más.
    hay = "([p, n]) => import(document.querySelector('script[src*=\"js/mapeo.js\"]').src.replace('mapeo', 'pendientes')).then((m) => m.hayPendientes(p, %d, n))"
    preguntar = hay % elenco.proyecto
    assert pagina.evaluate(preguntar, [elenco.mapeadora, 5]) is True
    assert pagina.evaluate(preguntar, [elenco.mapeadora, 6]) is False
    assert pagina.evaluate(preguntar, [elenco.mapeador, 5]) is False
    pagina.get_by_role("button", name="Entregar mapeada").click()
    pregunta.get_by_role("button", name="Abrir el editor para guardarlos").click()
    marco = en_marco(pagina)
    marco.get_by_role("button", name="Restaurar mis cambios").click()
    expect(pagina.get_by_role("button", name="Guardar 1 cambio")).to_be_visible()
    pagina.get_by_role("button", name="Soltar", exact=True).click()
    pregunta.get_by_role("button", name="Soltarla sin ellos").click()
    expect(pagina.get_by_text("Soltaste la tarea 5")).to_be_visible()
    expect(pagina.locator(".editor")).to_have_count(0)
    pagina.wait_for_timeout(500)
    assert pagina.evaluate(preguntar, [elenco.mapeadora, 5]) is False


def test_si_se_acaba_el_tiempo_lo_dibujado_sigue_y_se_puede_guardar(mapear, bd):
    pagina, _fuera = mapear()
    marco = editar(pagina)
    dibujar(pagina, marco, "area", EDIFICIO)
    poner_tipo(marco, "Edificio")
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE bloqueo SET desde = now() - interval '2 hours', vence = now() - interval '1 second'")
        )
    pagina.evaluate("document.querySelectorAll('.reloj').forEach((r) => { r.dataset.vence = r.dataset.ahora; })")
    expect(pagina.get_by_text("Tus cambios siguen aquí")).to_be_visible()
    expect(pagina.get_by_role("button", name="Entregar", exact=True)).to_be_disabled()
    pagina.get_by_role("button", name="Tomarla de nuevo").click()
    expect(pagina.get_by_text("Tus cambios siguen aquí")).to_have_count(0)
    pagina.get_by_role("button", name="Guardar 1 cambio").click()
    marco.locator(".save-section .save-button").click()
    expect(pagina.locator(".editor-guardado")).to_have_text("Guardado: 1 edificio", timeout=GUARDAR_MS)
    pagina.get_by_role("button", name="Entregar", exact=True).click()
    pagina.locator(".editor-cajon").get_by_role("button", name="Entregar mapeada").click()
    expect(pagina.get_by_text("Entregada la tarea 5")).to_be_visible()


def test_la_barra_es_accesible_cabe_y_se_usa_con_teclado(mapear):
    pagina, _fuera = mapear(tamano=TELEFONO)
    editar(pagina)
    expect(pagina.get_by_role("button", name="Volver al mapa")).to_be_focused()
    expect(pagina.get_by_text("conviene una pantalla más grande")).to_be_visible()
    # iD se queda con casi toda la pantalla, y lo que no cabe en el renglón está en su menú.
    assert pagina.locator(".editor-marco").bounding_box()["height"] >= 740 - 52
    menu = pagina.get_by_role("button", name="Más de esta tarea")
    menu.click()
    expect(pagina.get_by_role("button", name="Soltar", exact=True)).to_be_visible()
    assert faltas_de_accesibilidad(pagina) == []
    # El consejo se quita solo a los doce segundos: se atiende antes de medir lo demás.
    pagina.keyboard.press("Escape")
    expect(menu).to_be_focused()
    pagina.get_by_role("button", name="Entendido").click()
    expect(pagina.locator(".editor-avisos .aviso")).to_have_count(0)
    expect(pagina.get_by_role("button", name="Volver al mapa")).to_be_focused()
    expect(pagina.get_by_role("button", name="Soltar", exact=True)).to_be_hidden()
    entregar, cajon = pagina.get_by_role("button", name="Entregar", exact=True), pagina.locator(".editor-cajon")
    for tamano in (TELEFONO, {"width": 740, "height": 360}, {"width": 1024, "height": 640}):
        pagina.set_viewport_size(tamano)
        assert pagina.evaluate("document.documentElement.scrollWidth") <= tamano["width"]
        entregar.focus()
        pagina.keyboard.press("Enter")
        expect(pagina.locator("#editor-nota")).to_be_focused()
        assert faltas_de_accesibilidad(pagina) == []
        pagina.keyboard.press("Escape")
        expect(cajon).to_be_hidden()
        expect(entregar).to_be_focused()
        for boton in pagina.locator(".editor-barra button:visible").all():
            caja = boton.bounding_box()
            assert min(caja["height"], caja["width"]) >= 44, boton.inner_text()


def test_en_un_telefono_los_botones_de_id_caben_y_se_dejan_tocar(mapear):
    pagina, _fuera = mapear(tamano=TELEFONO)
    marco = editar(pagina)
    for clase in ("add-point", "add-line", "add-area", "save"):
        caja = marco.locator(f".top-toolbar button.{clase}").bounding_box()
        assert min(caja["height"], caja["width"]) >= 44, clase
        assert caja["x"] >= 0, clase
        assert caja["x"] + caja["width"] <= TELEFONO["width"], clase


def test_en_un_telefono_los_edificios_se_ven_y_se_pueden_dibujar(mapear):
    pagina, _fuera = mapear(tamano=TELEFONO)
    marco = editar(pagina)
    # Noventa casas en una pantalla chica: iD, a su aire, las esconde y no deja poner otra.
    marco.evaluate("""() => {
      const { iD, ctx } = tequioEditor, [lon, lat] = ctx.map().center(), d = 0.00002;
      const casa = (grafo, k) => {
        const [x, y] = [lon + (k % 9 - 4) * 2 * d, lat + (Math.floor(k / 9) - 5) * 2 * d];
        const nodos = [[0, 0], [d, 0], [d, d], [0, d]].map(([i, j]) => new iD.osmNode({ loc: [x + i, y + j] }));
        const via = new iD.osmWay({ nodes: [...nodos, nodos[0]].map((n) => n.id), tags: { building: 'yes' } });
        return [...nodos, via].reduce((g, e) => g.replace(e), grafo);
      };
      ctx.perform((grafo) => [...Array(90).keys()].reduce(casa, grafo));
      ctx.map().redrawEnable(true);
    }""")
    contadas = "tequioEditor.ctx.features().stats().buildings >= 90"
    esperar_a_que(pagina, lambda: marco.evaluate(contadas), "iD no dibujó las noventa casas")
    assert marco.evaluate("tequioEditor.ctx.features().hidden()") == ["boundaries"]


def test_lo_guardado_desde_otro_aparato_cuenta_al_entregar(mapear, bd, elenco, aula):
    pagina, _fuera = mapear(tamano={"width": 740, "height": 360})
    with bd.lectura() as sesion:
        ahora = sesion.execute(text("SELECT ahora()")).scalar_one()
    Taller(bd, elenco.proyecto, origen=aula).edificio(elenco.mapeadora, ahora, 1, casa(5))
    editar(pagina)
    pagina.get_by_role("button", name="Entregar", exact=True).click()
    expect(pagina.locator(".editor-resumen")).to_have_text("Guardaste 1 edificio.")
    expect(pagina.locator(".editor-cajon .nada-que-cambiar")).to_be_hidden()
    # Acostado también cabe el botón, sin recorrer.
    expect(pagina.locator(".editor-cajon").get_by_role("button", name="Entregar mapeada")).to_be_in_viewport(ratio=1)


def test_quien_revisa_tambien_puede_corregir_aqui(abrir, elenco, aula, entrar):
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/4"
    mapeadora = entrar(elenco.mapeadora)
    ficha = mapeadora.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    mapeadora.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"})
    pagina = abrir(elenco.validadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/4")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Revisar esta tarea").click()
    editar(pagina)
    # Alt+V valida en la hoja; con el editor encima, no.
    pagina.keyboard.press("Alt+v")
    pagina.get_by_role("button", name="Dar dictamen").click()
    pagina.get_by_role("button", name="Está bien", exact=True).click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("Validada")


def test_la_pagina_del_editor_sola_lleva_a_la_de_mapeo(abrir, elenco, aula):
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/editor/5")
    pagina.wait_for_url(f"**/proyectos/{elenco.proyecto}/mapear/5")
