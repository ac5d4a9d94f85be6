"""Lo que se pinta otra vez mientras alguien lo lee: no cierra lo abierto, no pierde lo escrito, y la respuesta vieja no tapa a la nueva."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.fabrica import devolver
from tests.navegador.conftest import (
    ESCRITORIO,
    TELEFONO,
    esperar_a_que,
    esperar_mapa,
    esperar_quieto,
    faltas_de_accesibilidad,
)
from tests.navegador.test_hallazgos import MONIO, aula, dibujar, lugar, tomar  # noqa: F401 (aula y dibujar se piden por nombre)

pytestmark = pytest.mark.navegador


@contextmanager
def retenida(pagina, cual, *, todas=False):
    """La primera respuesta a esa dirección se guarda hasta salir; las demás pasan, salvo con ``todas``. Da una función
    que espera a tenerla.
    """
    guardadas = []

    def atender(ruta):
        if guardadas and not todas:
            ruta.continue_()
        else:
            guardadas.append((ruta, ruta.fetch()))

    def esperar():
        esperar_a_que(pagina, lambda: guardadas, f"nadie preguntó por {cual.pattern}")

    pagina.route(cual, atender)
    yield esperar
    with pagina.expect_response(cual):
        for ruta, respuesta in guardadas:
            ruta.fulfill(response=respuesta)
    # Que la página ya la haya leído y pintado: dos vueltas de su reloj y un cuadro.
    pagina.evaluate("new Promise((listo) => setTimeout(() => setTimeout(() => requestAnimationFrame(listo), 50), 0))")
    pagina.unroute(cual)


def ya(pagina):
    """La página pregunta por los estados en este momento, sin esperar su turno."""
    pagina.evaluate("dispatchEvent(new Event('online'))")


def lugar_de(x, y):
    punto = lugar(x, y)
    return {"coordinates": [punto["lon"], punto["lat"]]}


@pytest.fixture
def en_aula(aula):  # noqa: F811
    """El proyecto edita en el aula con dos casas."""
    return aula


@pytest.fixture
def tareas(elenco):
    return f"/api/v1/proyectos/{elenco.proyecto}/tareas"


@pytest.fixture
def entregar(entrar, elenco, tareas):
    """``entregar(numero, …)``: la mapeadora (u otra persona) las entrega mapeadas."""

    def _entregar(*numeros, quien=None):
        mapea = entrar(quien or elenco.mapeadora)
        for n in numeros:
            ficha = mapea.post(f"{tareas}/{n}/bloqueo", json={"para": "mapear"}).json["ficha"]
            assert mapea.post(f"{tareas}/{n}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200

    return _entregar


def abrir_cola(pagina, elenco):
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(pagina)
    pagina.wait_for_selector("html[data-estados=listos]")
    expect(pagina.locator(".cola li").first).to_be_visible()


# --- La cola ------------------------------------------------------------------------------------------------------------


def test_en_la_cola_se_ve_cual_tengo_y_cual_acaba_de_tomar_otra_persona(abrir, entrar, elenco, entregar, tareas):
    entregar(1, 2, 3)
    assert entrar(elenco.validadora).post(f"{tareas}/2/bloqueo", json={"para": "validar"}).status_code == 201
    pagina = abrir(elenco.validadora, TELEFONO)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/1")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Ver todas las tareas").click()
    pagina.wait_for_selector("html[data-estados=listos]")
    renglones = pagina.locator(".cola li")
    expect(renglones).to_have_count(3)
    expect(pagina.get_by_text("3 tareas esperan revisión. 1 la tienes tú.")).to_be_visible()
    mia = renglones.filter(has_text="La tienes tú hasta el")
    expect(mia).to_have_count(1)
    expect(mia).to_contain_text("Tarea 2")
    # Otra persona toma la 3 mientras se lee: se dice en su lugar, y la cuenta baja.
    casilla = pagina.get_by_label("Marcar la tarea 3")
    casilla.check()
    otra = entrar(elenco.capacitadora)
    ficha = otra.post(f"{tareas}/3/bloqueo", json={"para": "validar"}).json["ficha"]
    ya(pagina)
    tercera = renglones.filter(has_text="Tarea 3")
    expect(tercera).to_contain_text("Ya la están revisando")
    expect(casilla).to_be_disabled()
    expect(casilla).not_to_be_checked()
    expect(pagina.get_by_text("2 tareas esperan revisión. 1 la tienes tú.")).to_be_visible()
    for medida in (TELEFONO, ESCRITORIO):
        pagina.set_viewport_size(medida)
        assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faltas_de_accesibilidad(pagina) == []
    # Si la suelta, vuelve a esperar; y la mía se sigue desde su renglón.
    assert otra.delete(f"{tareas}/3/bloqueo", json={"ficha": ficha}).status_code == 204
    ya(pagina)
    expect(pagina.get_by_text("3 tareas esperan revisión. 1 la tienes tú.")).to_be_visible()
    expect(casilla).to_be_enabled()
    mia.get_by_role("button").click()
    pagina.wait_for_selector("[data-revision='2']")


def test_la_que_sigue_no_es_una_que_ya_tengo(abrir, entrar, elenco, entregar, tareas):
    entregar(1)
    assert entrar(elenco.validadora).post(f"{tareas}/1/bloqueo", json={"para": "validar"}).status_code == 201
    pagina = abrir(elenco.validadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/2")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Ver todas las tareas").click()
    siguiente = pagina.get_by_role("button", name="Dame la que sigue")
    expect(pagina.get_by_text("1 tarea espera revisión. 1 la tienes tú.")).to_be_visible()
    expect(siguiente).to_be_hidden()
    # Con filtro, tampoco; y al cambiarlo manda la última pregunta.
    entregar(2)
    entregar(3, quien=elenco.mapeador)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/2")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Ver todas las tareas").click()
    expect(pagina.locator(".cola li")).to_have_count(3)
    pagina.get_by_text("Filtrar", exact=True).click()
    persona = pagina.get_by_label("Persona")
    with retenida(pagina, re.compile(rf"/revision\?.*persona={elenco.mapeador}$")) as esperar:
        persona.select_option(label="Mapeador")
        esperar()
        persona.select_option(label="Mapeadora")
        expect(pagina.locator(".cola li")).to_have_count(2)
    expect(pagina.locator(".cola li")).to_have_count(2)
    expect(pagina.get_by_text("Filtrar (hay filtros puestos)")).to_be_visible()
    siguiente.click()
    pagina.wait_for_selector("[data-revision='2']")


def test_ver_mas_no_se_salta_lo_que_corrio_de_lugar_porque_alguien_tomo_otras(abrir, entrar, elenco, entregar, tareas):
    entregar(1, 2, 3, 4, 5, 6)
    pagina = abrir(elenco.validadora)
    # Páginas de dos: así se prueba lo que con las de cincuenta pasa en un proyecto grande.
    pagina.route(
        re.compile(r"/revision\?"), lambda ruta: ruta.continue_(url=ruta.request.url.replace("limite=50", "limite=2"))
    )
    abrir_cola(pagina, elenco)
    renglones = pagina.locator(".cola li")
    expect(renglones).to_have_count(2)
    vistas = [renglones.nth(i).locator("strong").inner_text() for i in range(2)]
    primera = int(vistas[0].split()[-1])
    assert entrar(elenco.capacitadora).post(f"{tareas}/{primera}/bloqueo", json={"para": "validar"}).status_code == 201
    ya(pagina)
    expect(renglones.first).to_contain_text("Ya la están revisando")
    mas = pagina.get_by_role("button", name="Ver más")
    for cuantas in (4, 6):
        mas.click()
        expect(renglones).to_have_count(cuantas)
    expect(mas).to_be_hidden()
    assert {renglones.nth(i).locator("strong").inner_text() for i in range(6)} == {f"Tarea {n}" for n in range(1, 7)}


def test_lo_que_otra_persona_toma_mientras_la_cola_contesta_no_se_ofrece_como_libre(
    abrir, entrar, elenco, entregar, tareas
):
    entregar(1, 2)
    pagina = abrir(elenco.validadora)
    abrir_cola(pagina, elenco)
    pagina.get_by_text("Filtrar", exact=True).click()
    segunda = pagina.locator(".cola li").filter(has_text="Tarea 2")
    with retenida(pagina, re.compile(r"/revision\?.*dias_min")) as esperar:
        pagina.get_by_label("Espera desde hace").select_option(label="Más de un día")
        esperar()
        assert entrar(elenco.capacitadora).post(f"{tareas}/2/bloqueo", json={"para": "validar"}).status_code == 201
        ya(pagina)
        expect(segunda).to_contain_text("Ya la están revisando")
    with retenida(pagina, re.compile(r"/revision\?limite=50&salto=0$")) as esperar:
        pagina.get_by_role("button", name="Quitar filtros").click()
        esperar()
        ficha = entrar(elenco.capacitadora).get("/api/v1/yo/bloqueos").json["bloqueos"][0]["ficha"]
        assert entrar(elenco.capacitadora).delete(f"{tareas}/2/bloqueo", json={"ficha": ficha}).status_code == 204
        assert entrar(elenco.capacitadora).post(f"{tareas}/1/bloqueo", json={"para": "validar"}).status_code == 201
        with pagina.expect_response(re.compile("/estados")):
            ya(pagina)
    # La respuesta decía que la 1 esperaba: ya no.
    expect(pagina.locator(".cola li").filter(has_text="Tarea 1")).to_contain_text("Ya la están revisando")


# --- Lo que se mapeó ----------------------------------------------------------------------------------------------------


def test_plegar_y_desplegar_lo_que_se_mapeo_lo_deja_como_estaba(abrir, entrar, elenco, dibujar, tareas):  # noqa: F811
    assert entrar(elenco.mapeadora).post(f"{tareas}/1/bloqueo", json={"para": "mapear"}).status_code == 201
    dibujar(MONIO)
    pagina = abrir(elenco.mapeador)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/1")
    esperar_mapa(pagina)
    plegado = pagina.locator("[data-evidencia='1'] > summary")
    plegado.click()
    pagina.get_by_text("1 objeto, uno por uno").click()
    uno = pagina.locator(".lista-evidencia li")
    expect(uno).to_be_visible()
    pagina.get_by_label("Cómo quedó").check()
    expect(pagina.locator(".mapa-evidencia")).to_have_attribute("data-trazos", "crear")
    plegado.click()
    expect(uno).to_be_hidden()
    with pagina.expect_response(re.compile(r"/evidencia\?objetos")):
        plegado.click()
    expect(uno).to_be_visible()
    expect(pagina.get_by_label("Cómo quedó")).to_be_checked()
    # También cuando hay algo nuevo que contar.
    plegado.click()
    dibujar([(60, 20), (70, 30), (70, 20), (60, 30)])
    plegado.click()
    expect(pagina.get_by_text("2 objetos, uno por uno")).to_be_visible()
    expect(uno).to_have_count(2)
    expect(uno.first).to_be_visible()
    expect(pagina.get_by_label("Cómo quedó")).to_be_checked()
    # Y si llega tarde, no se pinta sobre otra tarea.
    plegado.click()
    with retenida(pagina, re.compile(r"/tareas/1/evidencia\?objetos")) as esperar:
        plegado.click()
        esperar()
        pagina.get_by_role("button", name="Ver todas las tareas").click()
        pagina.get_by_text("Elegir de la lista").click()
        pagina.locator(".lista-tareas").get_by_role("button", name="Tarea 2").click()
        pagina.wait_for_selector("[data-ficha='2']")
    assert pagina.locator("html[data-evidencia]").count() == 0


# --- La ficha de una tarea ----------------------------------------------------------------------------------------------


def test_si_la_tarea_cambia_mientras_escribo_por_que_no_estoy_de_acuerdo_no_lo_pierdo(
    abrir, entrar, elenco, bd, tareas
):
    devolver(entrar(elenco.mapeadora), entrar(elenco.validadora), f"{tareas}/5", "E-FALT", "E-ESC")
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE tarea SET reservada_hasta = ahora() - interval '1 hour' WHERE numero = 5"))
    pagina = abrir(elenco.mapeadora, TELEFONO)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    esperar_mapa(pagina)
    pagina.wait_for_selector("html[data-estados=listos]")
    pagina.wait_for_selector("[data-respuesta-de='5'][data-listo]")
    pagina.get_by_text("Por qué importa, con un ejemplo").last.click()
    pagina.get_by_text("No estoy de acuerdo").click()
    campo = pagina.get_by_label("¿Por qué crees que está bien?")
    campo.fill("En la imagen no hay más casas")
    campo.press("Home")
    # Otra persona la toma y la suelta: la ficha se lee dos veces, y lo de dentro llega después que ella.
    otra = entrar(elenco.mapeador)
    ficha = otra.post(f"{tareas}/5/bloqueo", json={"para": "mapear"}).json["ficha"]
    ya(pagina)
    expect(pagina.get_by_text("Mapeador la está mapeando.")).to_be_visible()
    pagina.wait_for_selector("[data-respuesta-de='5'][data-listo]")
    expect(campo).to_have_count(0)
    expect(pagina.get_by_text("No te confundas:").last).to_be_visible()
    assert otra.delete(f"{tareas}/5/bloqueo", json={"ficha": ficha}).status_code == 204
    ya(pagina)
    expect(campo).to_have_value("En la imagen no hay más casas")
    expect(campo).to_be_visible()
    expect(campo).to_be_focused()
    assert campo.evaluate("c => c.selectionStart") == 0
    expect(pagina.get_by_text("No te confundas:").last).to_be_visible()
    expect(pagina.get_by_text("No te confundas:")).to_have_count(2)
    expect(pagina.get_by_text("No te confundas:").first).to_be_hidden()


def test_lo_que_me_respondieron_y_llega_tarde_no_pone_senas_sobre_otra_tarea(
    abrir, entrar, elenco, entregar, en_aula, tareas
):
    entregar(1)
    valida = entrar(elenco.validadora)
    ficha = valida.post(f"{tareas}/1/bloqueo", json={"para": "validar"}).json["ficha"]
    senalado = {"codigo": "E-ESC", "objeto": "w100", "lugar": {"type": "Point", **lugar_de(65, 65)}}
    cuerpo = {"ficha": ficha, "veredicto": "devuelta", "senalamientos": [senalado]}
    assert valida.post(f"{tareas}/1/dictamen", json=cuerpo).status_code == 200
    pagina = abrir(elenco.mapeadora)
    with retenida(pagina, re.compile(r"/tareas/1/objetos$")) as esperar:
        pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/1")
        esperar_mapa(pagina)
        esperar()
        pagina.get_by_role("button", name="Ver todas las tareas").click()
        expect(pagina.get_by_role("heading", name="¿Qué mapeamos?")).to_be_visible()
    assert pagina.locator("html[data-pines]").count() == 0


def test_el_historial_la_ficha_y_la_prueba_que_contestan_tarde_no_tapan_a_lo_nuevo(abrir, entrar, elenco, tareas):
    pagina = abrir(elenco.validadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    esperar_mapa(pagina)
    pagina.wait_for_selector("html[data-estados=listos]")
    otra = entrar(elenco.mapeador)
    plegado = pagina.get_by_text("Lo que ha pasado")
    with retenida(pagina, re.compile(r"/tareas/5/historial$")) as esperar:
        plegado.click()
        esperar()
        plegado.click()
        assert otra.post(f"{tareas}/5/comentarios", json={"nota": "Hay una barda nueva"}).status_code == 201
        plegado.click()
        expect(pagina.get_by_text("Hay una barda nueva")).to_be_visible()
    expect(pagina.get_by_text("Hay una barda nueva")).to_be_visible()
    plegado.click()

    with retenida(pagina, re.compile(r"/tareas/5$")) as esperar:
        ficha = otra.post(f"{tareas}/5/bloqueo", json={"para": "mapear"}).json["ficha"]
        ya(pagina)
        esperar()
        assert otra.delete(f"{tareas}/5/bloqueo", json={"ficha": ficha}).status_code == 204
        with pagina.expect_response(re.compile(r"/tareas/5$")):
            ya(pagina)
    expect(pagina.get_by_role("button", name="Mapear esta tarea")).to_be_visible()
    expect(pagina.get_by_text("la está mapeando")).to_have_count(0)

    pagina.get_by_text("Partir o corregir el área").click()
    with retenida(pagina, re.compile(r"/tareas/5/partes\?ensayo=1$")) as esperar:
        pagina.get_by_role("button", name="Ver cómo queda").click()
        esperar()
        pagina.get_by_label("Juntarla con vecinas").check()
    expect(pagina.get_by_text("Quedaría así")).to_have_count(0)
    expect(pagina.get_by_text("Todavía ninguna.")).to_be_visible()


def test_lo_que_hay_que_decir_no_se_pierde_si_otra_lectura_contesta_antes(abrir, entrar, elenco, tareas):
    devolver(entrar(elenco.mapeadora), entrar(elenco.validadora), f"{tareas}/5", "E-FALT")
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    esperar_mapa(pagina)
    pagina.wait_for_selector("html[data-estados=listos]")
    pagina.get_by_text("No estoy de acuerdo").click()
    pagina.get_by_label("¿Por qué crees que está bien?").fill("En la imagen no hay más casas")
    dicho = pagina.locator(".aviso.exito")
    with retenida(pagina, re.compile(r"/tareas/5$")) as esperar:
        pagina.get_by_role("button", name="Pedir que otra persona la revise").click()
        esperar()
        ya(pagina)
        expect(dicho).to_contain_text("otra persona que valida revisará tu entrega")
    expect(dicho).to_contain_text("otra persona que valida revisará tu entrega")


# --- La revisión, partir, prioridades -----------------------------------------------------------------------------------


def test_los_objetos_de_una_que_llegan_tarde_no_se_ponen_sobre_la_que_ya_se_mira(
    abrir,
    elenco,
    entregar,
    dibujar,  # noqa: F811
):
    entregar(1, 2)
    dibujar(MONIO)
    pagina = abrir(elenco.validadora)
    abrir_cola(pagina, elenco)
    for n in (1, 2):
        pagina.get_by_label(f"Marcar la tarea {n}").check()
    # El panel los pide una vez para señalarlos; la que se retiene es la que los enseña.
    with pagina.expect_response(re.compile(r"/tareas/1/objetos$")):
        pagina.get_by_role("button", name="Revisar 2 tareas juntas").click()
    with retenida(pagina, re.compile(r"/tareas/1/objetos$")) as esperar:
        pagina.get_by_role("button", name="Ver la primera").click()
        esperar()
        pagina.get_by_role("button", name="Tarea 2", exact=False).first.click()
        expect(pagina.get_by_text("0 objetos del aula en la tarea")).to_be_attached()
    assert pagina.get_attribute("html", "data-objetos") == "0"


def test_un_dictamen_que_espera_respuesta_no_se_da_dos_veces_ni_despues_de_irse(
    abrir, entrar, elenco, entregar, tareas
):
    entregar(1)
    pagina = abrir(elenco.validadora)
    dados = []
    pagina.on("request", lambda r: dados.append(r.url) if r.method == "POST" and r.url.endswith("/dictamen") else None)
    abrir_cola(pagina, elenco)
    pagina.locator(".cola li").get_by_role("button").click()
    bien = pagina.get_by_role("button", name="Está bien", exact=True)
    # También los pide la ficha, para la disputa: cuál llega primero no está dicho.
    with retenida(pagina, re.compile(r"/tareas/1/dictamenes$"), todas=True) as esperar:
        pagina.get_by_role("button", name="Revisar esta tarea").click()
        esperar()
        bien.click()
        for veredicto in ("Está bien", "Está bien con arreglos míos", "Devolver"):
            expect(pagina.get_by_role("button", name=veredicto, exact=True)).to_be_disabled()
        pagina.go_back()
        expect(pagina.get_by_role("heading", name="Por revisar")).to_be_visible()
    assert dados == []
    assert entrar(elenco.validadora).get(f"{tareas}/1").json["estado"] == "mapeada"
    pagina.go_forward()
    bien.click()
    expect(pagina.get_by_text("Validada la tarea 1.")).to_be_visible()
    assert len(dados) == 1


def test_si_alguien_parte_una_tarea_no_se_pierden_las_elegidas_para_la_prioridad(abrir, entrar, elenco, tareas):
    pagina = abrir(elenco.funcionaria)
    pagina.goto(f"/proyectos/{elenco.proyecto}/prioridades")
    with pagina.expect_response(re.compile(r"/estados")):
        pagina.locator("#mapa-prioridades[data-listo]").wait_for()
    esperar_quieto(pagina, "#mapa-prioridades")
    campo = pagina.get_by_label("Números de las tareas")
    campo.fill("5, 7-8")
    pagina.get_by_text("3 tareas elegidas.").wait_for()
    pedido = {"modo": "en_cuatro", "motivo": "Es mucha"}
    assert entrar(elenco.validadora).post(f"{tareas}/7/partes", json=pedido).status_code in (200, 201)
    ya(pagina)
    expect(pagina.get_by_text("La tarea 7 se partió o se juntó con otra: ya no está elegida.")).to_be_visible()
    expect(campo).to_have_value("5, 8")
    expect(pagina.get_by_text("2 tareas elegidas.")).to_be_visible()
    pagina.get_by_role("button", name="Poner").click()
    expect(pagina.locator(".aviso.exito")).to_be_visible()
