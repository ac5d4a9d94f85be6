"""El ciclo entero sin salir de la instalación: entrar, tomar, dibujar en iD, entregar, ver la evidencia, revisar y validar."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from tareas.cuentas.servicio import cambiar_clave
from tests import fabrica
from tests.imagenes import cuadro
from tests.navegador.conftest import esperar_a_que, esperar_mapa
from tests.navegador.test_editor import EDIFICIO, GUARDAR_MS, IMAGEN, dibujar, en_marco, poner_tipo

pytestmark = pytest.mark.navegador

CLAVE = "nopal-comal-barro-2031"
TAREA = 5


@pytest.fixture
def taller(bd, elenco):
    """El proyecto del elenco edita en un aula, y sus dos personas tienen clave."""
    with bd.transaccion() as sesion:
        aula = fabrica.aula(sesion, elenco.municipio)
        sesion.execute(
            text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a, presets = '{building}' WHERE id = :p"),
            {"a": aula, "p": elenco.proyecto},
        )
        for persona in (elenco.mapeadora, elenco.validadora):
            cambiar_clave(sesion, persona, CLAVE)
    return aula


@pytest.fixture
def sin_internet(abrir, sitio):
    """``sin_internet()`` da una página que no alcanza nada de fuera, y la lista de lo que quiso alcanzar."""

    def _abrir() -> tuple[Page, list[str]]:
        pagina = abrir()
        fuera: list[str] = []

        def atender(ruta: Route) -> None:
            if ruta.request.url.startswith((sitio + "/", "data:", "blob:")):
                ruta.continue_()
            else:
                fuera.append(ruta.request.url)
                ruta.abort()

        pagina.context.route("**/*", atender)
        return pagina, fuera

    return _abrir


def entrar_en(pagina: Page, usuario: str, destino: str) -> None:
    """Entra por la página de entrar, camino a ``destino``."""
    pagina.goto(destino)
    if "/entrar" not in pagina.url:  # mapear se mira sin cuenta; validar, no
        pagina.locator("header").get_by_role("link", name="Entrar").click()
    pagina.get_by_label("Usuario").fill(usuario)
    pagina.get_by_label("Clave", exact=True).fill(CLAVE)
    pagina.get_by_role("main").get_by_role("button", name="Entrar", exact=True).click()
    pagina.wait_for_url(f"**{destino}")
    esperar_mapa(pagina)


def test_de_entrar_a_validada_sin_internet(sin_internet, elenco, taller, bd):
    tarea = f"/proyectos/{elenco.proyecto}/mapear/{TAREA}"
    mapeo, fuera_al_mapear = sin_internet()
    marcas: set[str] = set()
    mapeo.on(
        "response", lambda r: marcas.add(r.headers.get("etag", "")) if "/teselas/aulas/" in r.url and r.ok else None
    )
    entrar_en(mapeo, "mapeadora", tarea)
    mapeo.get_by_role("button", name="Mapear esta tarea").click()
    mapeo.get_by_role("button", name="Editar aquí").click()
    marco = en_marco(mapeo)
    dibujar(mapeo, marco, "area", EDIFICIO)
    poner_tipo(marco, "Edificio")
    mapeo.get_by_role("button", name="Guardar 1 cambio").click()
    marco.locator(".save-section .save-button").click()
    expect(mapeo.locator(".editor-guardado")).to_have_text("Guardado: 1 edificio", timeout=GUARDAR_MS)
    # El mapa de atrás ya sabe que el aula cambió, sin recargar la página.
    esperar_a_que(mapeo, lambda: len(marcas) > 1, "el mapa de atrás no se enteró")
    mapeo.get_by_role("button", name="Entregar", exact=True).click()
    mapeo.locator(".editor-cajon").get_by_role("button", name="Entregar mapeada").click()
    expect(mapeo.get_by_text(f"Entregada la tarea {TAREA}")).to_be_visible()
    expect(mapeo.locator(".frase-evidencia")).to_contain_text("1 edificio")

    evidencia = mapeo.request.get(f"/api/v1/proyectos/{elenco.proyecto}/tareas/{TAREA}/evidencia").json()
    (turno,) = evidencia["turnos"]
    assert (evidencia["servidor"], evidencia["aula"]) == ("practica", taller)
    assert (turno["persona"]["id"], turno["edificios"], turno["avisos"]) == (elenco.mapeadora, 1, [])
    assert turno["estado"] == "firme"
    assert (turno["dentro"]["creados"], turno["fuera"]["creados"]) == (1, 0)

    revision, fuera_al_revisar = sin_internet()
    entrar_en(revision, "validadora", f"/proyectos/{elenco.proyecto}/validar/{TAREA}")
    revision.get_by_role("button", name="Revisar esta tarea").click()
    hecho = revision.locator(f"[data-evidencia='{TAREA}']")
    expect(hecho.locator(".quien")).to_contain_text("Mapeadora")
    expect(hecho.locator(".frase")).to_have_text("1 edificio")
    expect(revision.locator(".mapa-evidencia")).to_have_attribute("data-trazos", "crear")
    hecho.get_by_text("1 objeto, uno por uno").click()
    expect(hecho.locator(".lista-evidencia button")).to_have_count(1)
    # Los objetos y las cuentas son los del aula, no los del mapa de verdad.
    expect(revision.get_by_text("del aula en la tarea")).to_be_visible()
    expect(revision.get_by_text("de OpenStreetMap en la tarea")).to_have_count(0)
    expect(revision.locator(".datos-tarea").first).to_contain_text("Edificios")
    revision.get_by_role("button", name="Está bien", exact=True).click()
    expect(revision.locator(".aviso.exito")).to_contain_text(re.compile(rf"Validada la tarea {TAREA}"))

    ficha = revision.request.get(f"/api/v1/proyectos/{elenco.proyecto}/tareas/{TAREA}").json()
    assert ficha["estado"] == "validada"
    with bd.lectura() as sesion:
        vias = sesion.execute(
            text("SELECT uid, etiquetas FROM practica_elemento WHERE aula_id = :a AND tipo = 'w' AND actual"),
            {"a": taller},
        ).all()
    assert [(v.uid, v.etiquetas) for v in vias] == [(elenco.mapeadora, {"building": "yes"})]
    assert fuera_al_mapear == fuera_al_revisar == []


def test_quien_practica_abre_sobre_la_imagen_del_proyecto_hasta_que_elija_otro_fondo(abrir, elenco, taller, bd, sitio):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE proyecto SET imagenes = CAST(:i AS jsonb)"),
            {"i": json.dumps([{**IMAGEN, "url": sitio + "/fotos/{z}/{x}/{y}"}])},
        )
    pagina = abrir(elenco.mapeadora)
    pagina.context.route("**/fotos/**", lambda ruta: ruta.fulfill(body=cuadro((90, 120, 60)), content_type="image/png"))

    def fondo() -> str:
        pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
        esperar_mapa(pagina)
        pagina.get_by_label("Elegir el fondo del mapa").click()
        return pagina.locator(".fondo input:checked").get_attribute("value") or ""

    assert fondo() == IMAGEN["id"]
    pagina.get_by_label("Mapa", exact=True).check()
    assert fondo() == "base"
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'osm', aula_id = NULL"))
    pagina.evaluate("localStorage.clear()")
    assert fondo() == "base"


def test_lo_que_guarda_otra_persona_del_taller_llega_al_mapa_sin_recargar(abrir, elenco, taller, entrar):
    pagina = abrir()
    pagina.clock.install()
    marcas: list[str] = []
    # La de todo el mundo sólo pregunta si hay algo nuevo; las demás son el mapa que se ve.
    pagina.on(
        "response",
        lambda r: (
            marcas.append(r.headers.get("etag", ""))
            if "/teselas/aulas/" in r.url and "/0/0/0." not in r.url and r.ok
            else None
        ),
    )
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
    esperar_mapa(pagina)
    with pagina.expect_response(lambda r: "/0/0/0." in r.url):
        pagina.clock.fast_forward(20_000)
    vistas = set(marcas)
    raiz, otra = f"/practica/aulas/{taller}/api/0.6", entrar(elenco.validadora)
    conjunto = otra.put(f"{raiz}/changeset/create", data="<osm><changeset/></osm>").get_data(as_text=True)
    pozo = f'<node id="-1" changeset="{conjunto}" lat="20.1" lon="-98.75"><tag k="man_made" v="water_well"/></node>'
    cambio = f'<osmChange version="0.6"><create>{pozo}</create></osmChange>'
    assert otra.post(f"{raiz}/changeset/{conjunto}/upload", data=cambio).status_code == 200
    with pagina.expect_response(
        lambda r: "/teselas/aulas/" in r.url and "/0/0/0." not in r.url and r.headers.get("etag", "") not in vistas
    ):
        pagina.clock.fast_forward(20_000)
