"""Partir, juntar y corregir tareas con un navegador."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tareas.comun.bd import BaseDeDatos
from tests.fabrica import Elenco
from tests.navegador.conftest import TELEFONO, esperar_mapa, esperar_quieto, faltas_de_accesibilidad

pytestmark = pytest.mark.navegador

Abrir = Callable[..., Page]


def abrir_tarea(pagina: Page, elenco: Elenco, numero: int, modo: str = "mapear") -> None:
    pagina.goto(f"/proyectos/{elenco.proyecto}/{modo}/{numero}")
    esperar_mapa(pagina)
    pagina.wait_for_selector("html[data-estados=listos]")


def estados(bd: BaseDeDatos, elenco: Elenco) -> dict[int, int]:
    with bd.lectura() as sesion:
        filas = sesion.execute(text("SELECT numero, estado FROM tarea WHERE proyecto_id = :p"), {"p": elenco.proyecto})
        return {f.numero: f.estado for f in filas}


def test_en_cuatro_con_el_teclado_y_quien_mira_otra_no_pierde_nada(
    abrir: Abrir, elenco: Elenco, bd: BaseDeDatos
) -> None:
    valida, mapea = abrir(elenco.validadora), abrir(elenco.mapeadora)
    abrir_tarea(valida, elenco, 5)
    abrir_tarea(mapea, elenco, 6)
    mapea.get_by_text("Dejar un comentario").click()
    mapea.get_by_label("Tu comentario").fill("A medio escribir")
    mapea.evaluate("window.sigoAqui = true")

    valida.get_by_text("Partir o corregir el área").focus()
    valida.keyboard.press("Enter")
    valida.get_by_label("Partirla en cuatro").focus()
    valida.keyboard.press("Space")
    valida.get_by_role("button", name="Ver cómo queda").focus()
    valida.keyboard.press("Enter")
    expect(valida.get_by_role("heading", name="Quedaría así")).to_be_focused()
    valida.wait_for_selector("html[data-partes=previa]")
    assert valida.locator(".lista-de-partes li").count() == 4
    # Cada parte, con su color y su trama: la misma muestra que se ve en el mapa.
    muestras = valida.locator(".lista-de-partes canvas").evaluate_all("todas => todas.map(una => una.toDataURL())")
    assert len(set(muestras)) == 4
    assert faltas_de_accesibilidad(valida) == []
    # Plegarla y volver enseña otra vez en el mapa lo que se está leyendo.
    for espera in ("html:not([data-partes])", "html[data-partes=previa]"):
        valida.get_by_text("Partir o corregir el área").press("Enter")
        valida.wait_for_selector(espera)
    assert estados(bd, elenco)[5] == 0
    # Sin decir por qué no se confirma.
    valida.get_by_role("button", name="Confirmar: quedan 4 tareas").press("Enter")
    expect(valida.get_by_label("¿Por qué?")).to_be_focused()
    expect(valida.get_by_text("Di por qué, con tres letras o más")).to_be_visible()
    valida.keyboard.type("Es demasiado grande")
    # Se escucha desde antes de confirmar: el otro navegador puede enterarse antes que esta prueba.
    with mapea.expect_request("**/teselas/proyectos/*/2/**"):
        valida.get_by_role("button", name="Confirmar").press("Enter")
        expect(valida.locator(".aviso.exito")).to_contain_text("ahora son las tareas 10, 11, 12 y 13")
    assert estados(bd, elenco)[5] == 5
    assert len(estados(bd, elenco)) == 13

    # El otro navegador recibió las teselas nuevas sin recargarse, y lo escrito sigue ahí.
    assert mapea.evaluate("window.sigoAqui") is True
    assert mapea.get_by_label("Tu comentario").input_value() == "A medio escribir"


def test_por_una_linea_a_toques_en_un_telefono(abrir: Abrir, elenco: Elenco, bd: BaseDeDatos) -> None:
    pagina = abrir(elenco.validadora, TELEFONO, has_touch=True)
    abrir_tarea(pagina, elenco, 5)
    pagina.get_by_text("Partir o corregir el área").click()
    pagina.get_by_label("Partirla por una línea").check()
    pagina.get_by_role("button", name="Dibujar en el mapa").click()
    terminar = pagina.get_by_role("button", name="Terminar")
    expect(terminar).to_be_disabled()
    esperar_quieto(pagina)
    x, y = _centro(pagina)
    # Las dos puntas quedan dentro: la línea se prolonga hasta el borde.
    for arriba in (-50, 10):
        pagina.touchscreen.tap(x, y + arriba)
        pagina.wait_for_timeout(450)
    expect(pagina.locator(".barra-de-partes p")).to_contain_text("2 puntos")
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    caja = terminar.bounding_box()
    assert caja is not None
    assert caja["height"] >= 44
    terminar.click()
    expect(pagina.get_by_role("heading", name="Quedaría así")).to_be_visible()
    pagina.get_by_label("¿Por qué?").fill("La parte el río")
    pagina.get_by_role("button", name="Confirmar: quedan 2 tareas").click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("10 y 11")
    assert estados(bd, elenco)[5] == 5


def _centro(pagina: Page) -> tuple[float, float]:
    """El centro de la tarea: el de lo que se ve del mapa, sin la barra de dibujo, porque la página se acercó a ella."""
    caja = pagina.locator("#mapa-mapeo").bounding_box()
    assert caja is not None
    barra = pagina.locator(".barra-de-partes")
    tapado = barra.evaluate("b => b.offsetHeight") if barra.count() else 0
    return caja["x"] + caja["width"] / 2, caja["y"] + (caja["height"] - tapado) / 2


def test_juntar_desde_la_revision_y_lo_que_dice_la_dividida(abrir: Abrir, elenco: Elenco, bd: BaseDeDatos) -> None:
    pagina = abrir(elenco.validadora)
    abrir_tarea(pagina, elenco, 5)
    pagina.get_by_text("Partir o corregir el área").click()
    pagina.get_by_label("Juntarla con vecinas").check()
    pagina.wait_for_selector("html[data-partes=juntando]")
    pagina.get_by_role("button", name="Ver cómo queda").click()
    expect(pagina.locator(".partes .aviso.error")).to_contain_text("Elige al menos una vecina")
    # Con sus números, para quien no ve el mapa.
    pagina.get_by_text("Escribir los números").click()
    pagina.get_by_label("Números de las vecinas").fill("9")
    pagina.get_by_role("button", name="Ver cómo queda").click()
    expect(pagina.locator(".partes .aviso.error")).to_contain_text("no comparte un lado")
    pagina.get_by_label("Números de las vecinas").fill("4")
    # Tocándola en el mapa, o de la lista: al elegir una se ofrecen también las suyas.
    expect(pagina.locator(".vecinas-por-juntar li")).to_have_count(4)
    x, y = _centro(pagina)
    esperar_quieto(pagina)
    pagina.mouse.click(x + 230, y)
    expect(pagina.get_by_label("Tarea 6")).to_be_checked()
    expect(pagina.locator(".vecinas-por-juntar li")).to_have_count(6)
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.url.endswith("/5")
    pagina.get_by_role("button", name="Ver cómo queda").click()
    pagina.get_by_label("¿Por qué?").fill("Son muy chicas")
    pagina.get_by_role("button", name="Confirmar: queda 1 tarea").click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("ahora es la tarea 10")
    abrir_tarea(pagina, elenco, 4)
    expect(pagina.get_by_text("El trabajo sigue en las que ocupan su lugar")).to_be_visible()
    assert pagina.get_by_text("Partir o corregir el área").count() == 0
    pagina.get_by_role("button", name="Ir a la tarea 10").click()
    pagina.get_by_text("Lo que ha pasado").click()
    expect(pagina.locator(".pasos li").first).to_contain_text("la sacó de otras tareas")


def test_corregir_el_contorno_moviendo_una_esquina(abrir: Abrir, elenco: Elenco, bd: BaseDeDatos) -> None:
    pagina = abrir(elenco.validadora)
    abrir_tarea(pagina, elenco, 5)
    pagina.get_by_text("Partir o corregir el área").click()
    pagina.get_by_label("Corregir su contorno").check()
    pagina.get_by_role("button", name="Dibujar en el mapa").click()
    expect(pagina.get_by_role("button", name="Terminar")).to_be_enabled()
    esperar_quieto(pagina)
    # A zoom 18, el más cercano a que se acerca sola, la esquina de 104 × 111 m queda a 186 × 198 píxeles del centro.
    x, y = (c + d for c, d in zip(_centro(pagina), (186, -198), strict=True))
    pagina.mouse.move(x, y)
    pagina.mouse.down()
    pagina.mouse.move(x - 20, y + 20, steps=5)
    pagina.mouse.move(x - 60, y + 60, steps=5)
    pagina.mouse.up()
    pagina.get_by_role("button", name="Terminar").click()
    expect(pagina.get_by_role("heading", name="Quedaría así")).to_be_visible()
    pagina.get_by_label("¿Por qué?").fill("La calle va por adentro")
    pagina.get_by_role("button", name="Confirmar").click()
    expect(pagina.locator(".aviso.exito")).to_be_visible()
    assert estados(bd, elenco)[5] == 5


def test_quien_solo_mapea_no_lo_ve(abrir: Abrir, elenco: Elenco) -> None:
    pagina = abrir(elenco.mapeadora)
    abrir_tarea(pagina, elenco, 5)
    assert pagina.get_by_text("Partir o corregir el área").count() == 0
