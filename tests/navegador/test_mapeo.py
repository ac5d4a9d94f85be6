"""Mapear y validar con un navegador, como lo hace una persona."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.navegador.conftest import TELEFONO, esperar_a_que, esperar_mapa, esperar_quieto

pytestmark = pytest.mark.navegador


def estado_en(pagina: Page, numero: int) -> str:
    """Estado con que la página de mapeo pinta una tarea."""
    return pagina.evaluate(
        """async (n) => {
            const r = await fetch(location.pathname.replace(/^\\/proyectos\\/(\\d+).*/, '/api/v1/proyectos/$1/tareas/') + n);
            return (await r.json()).estado;
        }""",
        numero,
    )


def test_dos_personas_en_dos_navegadores_no_se_estorban(abrir, elenco):
    una, otra = abrir(elenco.mapeadora), abrir(elenco.mapeador, TELEFONO)
    for pagina in (una, otra):
        pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
        esperar_mapa(pagina)
    una.get_by_role("button", name="Mapear esta tarea").click()
    una.wait_for_selector("[data-turno='5']")
    # Sin recargar, y en menos de tres segundos más la vuelta.
    expect(otra.get_by_text("Mapeadora la está mapeando.")).to_be_visible(timeout=4_000)
    una.get_by_label("Nota para quien revisa").fill("Faltaba la escuela.")
    una.get_by_role("button", name="Entregar mapeada").click()
    expect(una.get_by_text("Entregada la tarea 5")).to_be_visible()
    expect(otra.get_by_text("Espera a que alguien la revise.")).to_be_visible(timeout=4_000)


def test_a_quien_llega_tarde_se_le_ofrece_otra_cerca(abrir, elenco):
    una, otra = abrir(elenco.mapeadora), abrir(elenco.mapeador)
    otra.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    esperar_mapa(otra)
    otra.evaluate("window.dispatchEvent(new Event('x'))")
    otra.route("**/estados?*", lambda ruta: ruta.abort())
    una.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    una.get_by_role("button", name="Mapear esta tarea").click()
    una.wait_for_selector("[data-turno='5']")
    otra.get_by_role("button", name="Mapear esta tarea").click()
    expect(otra.get_by_text("La tiene Mapeadora.")).to_be_visible()
    otra.get_by_role("button", name="Buscar otra cerca").click()
    otra.wait_for_selector("[data-turno]")
    assert otra.get_attribute("[data-turno]", "data-turno") in {"2", "4", "6", "8"}


def test_de_la_entrega_a_la_devolucion_y_la_correccion(abrir, elenco):
    mapea, revisa = abrir(elenco.mapeadora, TELEFONO), abrir(elenco.validadora)
    mapea.goto(f"/proyectos/{elenco.proyecto}/mapear")
    esperar_mapa(mapea)
    mapea.get_by_role("button", name="Dame una tarea").click()
    mapea.wait_for_selector("[data-turno]")
    numero = mapea.get_attribute("[data-turno]", "data-turno")
    mapea.get_by_role("button", name="Entregar mapeada").click()
    expect(mapea.locator(".aviso.exito")).to_be_visible()

    revisa.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(revisa)
    revisa.get_by_role("button", name="Dame la que sigue").click()
    revisa.wait_for_selector(f"[data-revision='{numero}']")
    revisa.get_by_role("button", name="Devolver", exact=True).click()
    expect(revisa.locator(".aviso.error")).to_contain_text("al menos un error")
    revisa.get_by_label("¿Qué está mal?").select_option(label="Falta por mapear")
    revisa.get_by_role("button", name="Agregar el error").click()
    # Devolver pide también algo que esté bien; decir que no se halló es una salida honesta.
    revisa.get_by_role("button", name="Devolver", exact=True).click()
    expect(revisa.get_by_label("Algo que está bien")).to_be_focused()
    revisa.get_by_label("No encontré ninguna").check()
    revisa.get_by_label("Nota para quien mapeó").fill("Muy bien las calles; faltan dos casas.")
    revisa.get_by_role("button", name="Devolver", exact=True).click()
    expect(revisa.locator(".aviso.exito")).to_contain_text("Devuelta")

    mapea.goto("/mi-trabajo")
    expect(mapea.get_by_text("faltan dos casas")).to_be_visible()
    mapea.get_by_role("link", name="Ver qué corregir").click()
    esperar_mapa(mapea)
    mapea.get_by_role("button", name="Corregir esta tarea").click()
    mapea.wait_for_selector(f"[data-turno='{numero}'] [data-respuesta-de='{numero}'][data-listo]")
    # Sin marcar nada como atendido se pregunta, y se lleva a lo que falta.
    mapea.get_by_role("button", name="Entregar mapeada").click()
    pregunta = mapea.get_by_role("dialog", name="Te falta atender 1 cosa")
    pregunta.get_by_role("button", name="Ver lo que falta").click()
    expect(mapea.get_by_label("Ya lo atendí")).to_be_focused()
    assert estado_en(mapea, int(numero)) == "devuelta"
    mapea.get_by_role("button", name="Entregar mapeada").click()
    pregunta.get_by_role("button", name="Entregar de todos modos").click()
    expect(mapea.locator(".aviso.exito")).to_be_visible()
    assert estado_en(mapea, int(numero)) == "mapeada"


def test_se_revisan_varias_tareas_juntas(abrir, elenco, entrar):
    cliente = entrar(elenco.mapeadora)
    for numero in (1, 2):
        raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/{numero}"
        ficha = cliente.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
        cliente.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"})
    pagina = abrir(elenco.validadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(pagina)
    pagina.get_by_label("Marcar la tarea 1").check()
    pagina.get_by_label("Marcar la tarea 2").check()
    pagina.get_by_role("button", name="Revisar 2 tareas juntas").click()
    pagina.get_by_role("button", name="Está bien", exact=True).click()
    # Sin haber visto ninguna, se pregunta diciendo cuáles; se puede seguir.
    expect(pagina.get_by_role("dialog", name="Te falta ver 2 tareas")).to_contain_text("las tareas 1 y 2")
    pagina.get_by_role("button", name="Validar las 2 de todos modos").click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("Validadas 2 tareas")


def test_todo_se_puede_hacer_con_el_teclado(abrir, elenco):
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
    esperar_mapa(pagina)
    pagina.get_by_text("Elegir de la lista").focus()
    pagina.keyboard.press("Enter")
    pagina.get_by_label("Ir a la tarea número").focus()
    pagina.keyboard.type("7")
    pagina.keyboard.press("Enter")
    pagina.get_by_role("button", name="Mapear esta tarea").focus()
    pagina.keyboard.press("Enter")
    pagina.wait_for_selector("[data-turno='7']")


def test_elegir_en_el_mapa_abre_la_tarea(abrir, elenco):
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
    esperar_mapa(pagina)
    esperar_quieto(pagina)
    caja = pagina.locator("#mapa-mapeo canvas").bounding_box()
    pagina.mouse.click(caja["x"] + caja["width"] / 2, caja["y"] + caja["height"] / 2)
    expect(pagina.get_by_role("heading", name=re.compile("Tarea 5"))).to_be_visible()
    # «Atrás» vuelve a la lista, no al proyecto; y «adelante», a la tarea.
    pagina.go_back()
    expect(pagina.get_by_role("heading", name="¿Qué mapeamos?")).to_be_visible()
    assert pagina.url.endswith("/mapear")
    pagina.go_forward()
    expect(pagina.get_by_role("heading", name=re.compile("Tarea 5"))).to_be_visible()


def test_la_nota_no_se_pierde_al_cerrar_la_pagina(abrir, elenco):
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/3")
    pagina.get_by_role("button", name="Mapear esta tarea").click()
    pagina.get_by_label("Nota para quien revisa").fill("voy a la mitad")
    pagina.goto("/salud")
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
    pagina.wait_for_selector("[data-turno='3']")
    expect(pagina.get_by_label("Nota para quien revisa")).to_have_value("voy a la mitad")


def test_si_la_red_falla_se_dice_y_la_nota_sigue_ahi(abrir, elenco):
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/3")
    pagina.get_by_role("button", name="Mapear esta tarea").click()
    pagina.get_by_label("Nota para quien revisa").fill("casi")
    pagina.context.set_offline(True)
    pagina.get_by_role("button", name="Entregar mapeada").click()
    expect(pagina.locator(".aviso.error")).to_contain_text("No hay conexión")
    expect(pagina.get_by_label("Nota para quien revisa")).to_have_value("casi")
    pagina.context.set_offline(False)
    pagina.get_by_role("button", name="Entregar mapeada").click()
    expect(pagina.locator(".aviso.exito")).to_be_visible()


def test_cuando_se_acaba_el_tiempo_se_dice_y_se_puede_volver_a_tomar(abrir, elenco, bd):
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/3")
    pagina.get_by_role("button", name="Mapear esta tarea").click()
    pagina.wait_for_selector("[data-turno='3']")
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE bloqueo SET desde = now() - interval '2 hours', vence = now() + interval '2 seconds'")
        )
    pagina.reload()
    expect(pagina.get_by_text("Se acabó el tiempo y la tarea quedó libre.")).to_be_visible(timeout=8_000)
    pagina.get_by_role("button", name="Mapear esta tarea").click()
    pagina.wait_for_selector("[data-turno='3']")


def test_el_mapa_no_pide_nada_fuera_de_casa(abrir, elenco, sitio):
    pagina = abrir(elenco.mapeadora)
    ajenas = []
    pagina.on("request", lambda r: ajenas.append(r.url) if not r.url.startswith((sitio, "data:", "blob:")) else None)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
    esperar_mapa(pagina)
    assert ajenas == []


def test_la_pagina_de_mapeo_es_ligera(abrir, elenco):
    pagina = abrir(elenco.mapeadora, TELEFONO)
    cdp = pagina.context.new_cdp_session(pagina)
    cdp.send("Network.enable")
    pesos = []
    cdp.on("Network.loadingFinished", lambda e: pesos.append(e["encodedDataLength"]))
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
    esperar_mapa(pagina)
    esperar_quieto(pagina)
    pagina.wait_for_load_state("networkidle")
    primera = sum(pesos)
    pesos.clear()
    pagina.reload()
    esperar_mapa(pagina)
    esperar_quieto(pagina)
    pagina.wait_for_load_state("networkidle")
    segunda = sum(pesos)
    assert primera <= 650 * 1024, f"la primera vez pesa {primera / 1024:.0f} KB"
    assert segunda <= 30 * 1024, f"después pesa {segunda / 1024:.0f} KB"


def test_lo_que_escribo_no_se_pierde_si_la_tarea_cambia_de_manos(abrir, elenco, entrar):
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    esperar_mapa(pagina)
    pagina.get_by_text("Dejar un comentario").click()
    campo = pagina.get_by_label("Tu comentario lo ven")
    campo.press_sequentially("la calle nueva")
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/5"
    entrar(elenco.mapeador).post(f"{raiz}/bloqueo", json={"para": "mapear"})
    expect(pagina.get_by_text("Mapeador la está mapeando.")).to_be_visible(timeout=6_000)
    expect(campo).to_have_value("la calle nueva")
    expect(campo).to_be_focused()
    pagina.keyboard.type(" no está")
    expect(campo).to_have_value("la calle nueva no está")


def test_la_nota_de_quien_revisa_no_se_pierde_al_cerrar_la_pagina(abrir, elenco, entrar):
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/4"
    mapeadora = entrar(elenco.mapeadora)
    ficha = mapeadora.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    mapeadora.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"})
    pagina = abrir(elenco.validadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/4")
    pagina.get_by_role("button", name="Revisar esta tarea").click()
    pagina.get_by_label("Algo que está bien").fill("casi todo bien")
    pagina.get_by_label("Nota para quien mapeó").fill("y a tiempo")
    pagina.get_by_role("button", name="Señalar un error", exact=True).click()
    pagina.get_by_label("¿Qué está mal?").select_option("E-CRUD")
    pagina.get_by_label("Qué ves y qué harías").fill("el techo del norte")
    pagina.get_by_role("button", name="Agregar el error").click()
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/4")
    expect(pagina.get_by_label("Algo que está bien")).to_have_value("casi todo bien")
    expect(pagina.get_by_label("Nota para quien mapeó")).to_have_value("y a tiempo")
    expect(pagina.locator(".senalamientos [data-pin='1']")).to_contain_text("el techo del norte")
    # Lo señalado se puede quitar, y con el teclado se valida.
    pagina.get_by_role("button", name="Quitar el error 1").click()
    expect(pagina.locator(".senalamientos [data-pin]")).to_have_count(0)
    pagina.keyboard.press("Alt+v")
    expect(pagina.locator(".aviso.exito")).to_contain_text("Validada")


def test_desde_otro_proyecto_suelto_la_tarea_cuya_pagina_ya_no_puedo_abrir(abrir, elenco, entrar, bd):
    from tests.fabrica import proyecto

    otro = proyecto(bd, elenco.municipio, nombre="Se volverá privado")
    entrar(elenco.forastera).post(f"/api/v1/proyectos/{otro}/tareas/2/bloqueo", json={"para": "mapear"})
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET visibilidad = 'privada' WHERE id = :p"), {"p": otro})
    pagina = abrir(elenco.forastera)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
    pagina.get_by_role("button", name="Soltarla").click()
    expect(pagina.get_by_role("button", name="Soltarla")).to_have_count(0)
    pagina.get_by_role("button", name="Dame una tarea").click()
    pagina.wait_for_selector("[data-turno]")


def rayas(pagina: Page) -> int:
    """Cuántas orillas de tareas se ven de arriba abajo, por en medio del mapa; el proyecto, de tres por tres, tiene cuatro."""
    esperar_quieto(pagina)
    foto = Image.open(io.BytesIO(pagina.locator("#mapa-mapeo canvas.maplibregl-canvas").screenshot())).convert("L")
    oscuros = [foto.getpixel((foto.width // 2, y)) < 170 for y in range(foto.height - 8)]  # abajo, la sombra de la hoja
    return sum(oscuro and not antes for antes, oscuro in zip([False, *oscuros], oscuros, strict=False))


def test_si_la_hoja_crece_el_proyecto_sigue_cabiendo_en_el_mapa_mientras_nadie_lo_mueva(abrir, elenco):
    pagina = abrir(elenco.validadora, TELEFONO)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(pagina)
    hoja = pagina.locator("#panel")
    hoja.evaluate("(hoja) => { hoja.style.flexBasis = '62vh'; }")
    esperar_a_que(pagina, lambda: rayas(pagina) == 4, "el proyecto quedó cortado")
    pagina.mouse.move(100, 200)
    pagina.mouse.down()
    pagina.mouse.move(100, 80, steps=3)
    pagina.mouse.up()
    esperar_a_que(pagina, lambda: rayas(pagina) < 4, "no se movió")
    hoja.evaluate("(hoja) => { hoja.style.flexBasis = '55vh'; }")
    pagina.wait_for_timeout(200)
    assert rayas(pagina) < 4
