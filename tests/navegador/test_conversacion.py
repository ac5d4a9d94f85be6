"""La conversación entera: quien mapea entrega, quien valida señala y devuelve, se corrige, se acepta; y no estar de acuerdo."""

import pytest
from playwright.sync_api import expect

from tests import fabrica
from tests.mundo_practica import Editor
from tests.navegador.conftest import ESCRITORIO, TELEFONO, esperar_mapa, faltas_de_accesibilidad
from tests.navegador.test_hallazgos import aula, dibujar, tomar  # noqa: F401 (aula y dibujar se piden por nombre)

pytestmark = pytest.mark.navegador

UN_MONIO = [(20, 20), (30, 30), (30, 20), (20, 30)]
OTRO_MONIO = [(20, 80), (30, 90), (30, 80), (20, 90)]
CASAS = [[(x, 40), (x + 8, 40), (x + 8, 48), (x, 48)] for x in (10, 22, 34)]


@pytest.fixture
def borrar(entrar, elenco, aula):  # noqa: F811
    """``borrar(via)`` quita un edificio del aula, como lo haría el editor de la mapeadora."""

    def _borrar(via):
        ficha = entrar(elenco.mapeadora).post(f"/api/v1/aulas/{aula}/fichas").json["access_token"]
        editor = Editor(entrar(None), aula, ficha)
        conjunto = editor.abrir()
        subida = editor.subir(conjunto, f'<delete><way id="{via}" version="1" changeset="{{c}}"/></delete>')
        assert subida.status_code == 200, subida.text

    return _borrar


def esta_bien_hecha(pagina):
    """Sin faltas de accesibilidad, sin salirse de lado, y con botones que se pueden tocar."""
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for boton in pagina.locator("#panel-contenido button:visible").all():
        assert boton.bounding_box()["height"] >= 44, boton.inner_text()


def test_se_devuelve_se_corrige_y_se_acepta(abrir, elenco, dibujar, borrar):  # noqa: F811
    mapea, valida = abrir(elenco.mapeadora, TELEFONO), abrir(elenco.validadora, ESCRITORIO)

    # Entrega con dos errores: la detienen, con nombre.
    tomar(mapea, elenco, "mapear", "Mapear esta tarea")
    primero, segundo = dibujar(UN_MONIO), dibujar(OTRO_MONIO)
    for casa in CASAS:
        dibujar(casa)
    mapea.get_by_role("button", name="Entregar mapeada").click()
    formulario = mapea.locator(".por-arreglar")
    expect(formulario.get_by_role("heading", name="Antes de entregar, arregla estas 2 cosas")).to_be_focused()
    expect(formulario.get_by_text("Contorno que se cruza")).to_have_count(2)
    # Uno se arregla y del otro se dice por qué.
    borrar(primero)
    formulario.get_by_role("button", name="Revisar otra vez").click()
    expect(formulario.get_by_text("quedó arreglado")).to_be_visible()
    formulario.get_by_label("Por qué lo dejas así").fill("Así se ve el techo")
    formulario.get_by_role("button", name="Entregar", exact=True).click()
    expect(mapea.locator(".aviso.exito")).to_contain_text("Entregada")

    # Quien valida señala el que quedó, marca un lugar, y devuelve.
    valida.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(valida)
    expect(valida.locator(".cola li")).to_have_count(1)
    esta_bien_hecha(valida)
    valida.get_by_role("button", name="Dame la que sigue").click()
    valida.wait_for_selector("[data-revision='1']")
    hallado = valida.locator("[data-hallazgos] li").filter(has_text="Contorno que se cruza")
    expect(hallado).to_contain_text("De quien mapeó")
    expect(hallado).to_contain_text("Así se ve el techo")
    expect(valida.get_by_text("Arréglalo antes de entregar")).to_have_count(0)
    hallado.get_by_role("button", name="Señalar este error").click()
    expect(hallado.get_by_role("button", name="Señalado")).to_have_attribute("aria-pressed", "true")
    valida.get_by_role("button", name="Señalar un error", exact=True).click()
    valida.get_by_label("¿Qué está mal?").select_option("E-FALT")
    valida.get_by_role("button", name="Marcar un punto").click()
    valida.get_by_role("button", name="Usar el centro del mapa").click()
    valida.get_by_label("Qué ves y qué harías").fill("Aquí hay otra casa")
    esta_bien_hecha(valida)
    valida.get_by_role("button", name="Agregar el error").click()
    valida.wait_for_selector("html[data-pines='2']")
    fortaleza = valida.get_by_role("button", name="Dibujaste 4 edificios dentro de la tarea.")
    fortaleza.click()
    expect(fortaleza).to_have_attribute("aria-pressed", "true")
    esta_bien_hecha(valida)
    valida.keyboard.press("Alt+d")
    expect(valida.locator(".aviso.exito")).to_contain_text("Devuelta la tarea 1")
    expect(valida.get_by_text("Nada espera revisión ahora")).to_be_visible()
    # Una sola cosa que hacer: si nada espera, ninguna.
    expect(valida.locator("#panel-contenido .boton.grande:visible")).to_have_count(0)

    # A quien mapeó le llega al buzón; lo lee y deja de estar sin leer.
    mapea.goto("/buzon")
    mapea.get_by_role("link", name="Te devolvieron la tarea 1").click()
    esperar_mapa(mapea)
    respuesta = mapea.locator("[data-respuesta-de='1'][data-listo]")
    expect(respuesta.locator(".fortaleza")).to_contain_text("Dibujaste 4 edificios")
    expect(respuesta.locator("[data-pin]")).to_have_count(2)
    expect(respuesta.locator("[data-pin='1']")).to_contain_text(f"w{segundo}")
    expect(respuesta.locator("[data-pin='2']")).to_contain_text("Aquí hay otra casa")
    respuesta.locator("[data-pin='1']").get_by_text("Por qué importa, con un ejemplo").click()
    croquis = respuesta.locator("[data-pin='1'] svg.croquis")
    expect(croquis).to_be_visible()
    assert croquis.bounding_box()["height"] > 50
    respuesta.locator("[data-pin='2']").get_by_role("button", name="Ver en el mapa").click()
    mapea.wait_for_selector("html[data-pines='2']")
    esta_bien_hecha(mapea)

    # Corrige con lo señalado enfrente, y entrega otra vez.
    mapea.get_by_role("button", name="Corregir esta tarea").click()
    mapea.wait_for_selector("[data-turno='1'] [data-respuesta-de='1'][data-listo]")
    borrar(segundo)
    dibujar([(x + 30, y) for x, y in CASAS[2]])
    for casilla in mapea.get_by_label("Ya lo atendí").all():
        casilla.check()
    expect(mapea.get_by_text("Marcaste todos como atendidos")).to_be_visible()
    esta_bien_hecha(mapea)
    mapea.get_by_role("button", name="Entregar mapeada").click()
    expect(mapea.locator(".aviso.exito")).to_contain_text("Entregada")

    # Vuelve a quien la devolvió, que ve lo que le dijo y la acepta.
    valida.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(valida)
    expect(valida.locator(".cola li")).to_contain_text("Regresó a ti")
    valida.get_by_role("button", name="Dame la que sigue").click()
    expect(valida.locator("[data-dictamenes]")).to_contain_text("Aquí hay otra casa")
    valida.get_by_role("button", name="Está bien", exact=True).click()
    expect(valida.locator(".aviso.exito")).to_contain_text("Validada la tarea 1")
    mapea.goto(f"/proyectos/{elenco.proyecto}/mapear/1")
    expect(mapea.locator("[data-respuesta-de='1']")).to_contain_text("Aceptada")


@pytest.fixture
def devuelta(entrar, elenco, aula):  # noqa: F811
    """La tarea 1, entregada por la mapeadora y devuelta por la validadora con un error en toda la tarea."""
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/1"
    mapeadora, validadora = entrar(elenco.mapeadora), entrar(elenco.validadora)
    ficha = mapeadora.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    assert mapeadora.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200
    ficha = validadora.post(f"{raiz}/bloqueo", json={"para": "validar"}).json["ficha"]
    dictamen = {
        "ficha": ficha,
        "veredicto": "devuelta",
        "fortaleza": "Bien ubicada",
        "senalamientos": [{"codigo": "E-FALT", "nota": "Faltan casas"}],
    }
    assert validadora.post(f"{raiz}/dictamen", json=dictamen).status_code == 200


def test_quien_no_esta_de_acuerdo_lo_dice_y_otra_persona_decide(abrir, elenco, bd, devuelta):
    pagina = abrir(elenco.mapeadora, ESCRITORIO)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear")
    esperar_mapa(pagina)
    # Lo devuelto va antes que pedir otra tarea.
    pagina.locator(".mis-devueltas").get_by_role("button", name="Tarea 1").click()
    pagina.get_by_text("No estoy de acuerdo").click()
    expect(pagina.get_by_text("distinta de quien la devolvió")).to_be_visible()
    pagina.get_by_label("¿Por qué crees que está bien?").fill("En la imagen no hay más casas que las dibujadas.")
    esta_bien_hecha(pagina)
    pagina.get_by_role("button", name="Pedir que otra persona la revise").click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("otra persona que valida revisará")
    expect(pagina.locator("[data-respuesta-de='1']")).to_contain_text("Dijiste que no estás de acuerdo")
    # En la entrada se ve que espera a otra persona.
    pagina.get_by_role("button", name="Ver todas las tareas").click()
    espera = pagina.locator("[data-en-disputa]")
    expect(espera.get_by_role("heading", name="Pediste otra opinión de 1 tarea")).to_be_visible()
    expect(espera.get_by_role("button", name="Tarea 1")).to_be_visible()
    expect(pagina.locator("[data-por-decidir]")).to_be_hidden()
    esta_bien_hecha(pagina)

    # Quien la devolvió no la decide; a otra persona le sale primero, y en un teléfono decide con un toque.
    valida = abrir(elenco.validadora, TELEFONO)
    valida.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(valida)
    expect(valida.get_by_text("Nada espera revisión ahora")).to_be_visible()
    expect(valida.locator("[data-por-decidir]")).to_be_hidden()
    otra = abrir(fabrica.persona(bd, "otra", (elenco.municipio, "validador")), TELEFONO)
    otra.goto("/mi-trabajo")
    otra.get_by_role("link", name="Ver y decidir la tarea 1").click()
    esperar_mapa(otra)
    expect(otra.get_by_text("En la imagen no hay más casas que las dibujadas.")).to_be_visible()
    expect(otra.get_by_text("Faltan casas")).to_have_count(0)
    otra.get_by_role("button", name="Ver todas las tareas").click()
    decidir = otra.locator("[data-por-decidir]")
    expect(decidir.get_by_role("heading", name="Te toca decidir 1 tarea en disputa")).to_be_visible()
    expect(decidir).to_contain_text("En la imagen no hay más casas que las dibujadas.")
    decidir.get_by_role("button", name="Tarea 1").click()
    expect(otra.get_by_role("button", name="Revisar esta tarea")).to_be_visible()
    otra.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(otra)
    expect(otra.locator(".cola li")).to_contain_text("No están de acuerdo")
    esta_bien_hecha(otra)
    otra.get_by_role("button", name="Dame la que sigue").click()
    otra.wait_for_selector("[data-revision='1']")
    otra.get_by_text("Tareas vecinas").click()
    expect(otra.locator("[data-vecinas] li")).to_have_count(2)
    esta_bien_hecha(otra)
    # Quién devolvió no se sabe; lo que hizo, sí, y no es mapear.
    otra.get_by_text("Lo que ha pasado").click()
    pasos = otra.locator("details").filter(has=otra.get_by_text("Lo que ha pasado")).locator(".pasos > li")
    expect(pasos.filter(has_text="Otra persona empezó a revisarla")).to_have_count(1)
    otra.get_by_role("button", name="Está bien", exact=True).click()
    expect(otra.locator(".aviso.exito")).to_contain_text("Validada la tarea 1. Se le dio la razón a quien pidió otra")
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/1")
    expect(pagina.locator("[data-respuesta-de='1']")).to_contain_text("Aceptada")


@pytest.fixture
def vuelta(entrar, elenco):
    """``vuelta(numero, *marcados)``: devuelta con dos errores y entregada otra vez, con esos marcados como atendidos."""
    tareas = f"/api/v1/proyectos/{elenco.proyecto}/tareas"
    mapea, valida = entrar(elenco.mapeadora), entrar(elenco.validadora)

    def entregar(raiz):
        ficha = mapea.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
        assert mapea.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200

    def _vuelta(numero, *marcados):
        raiz = f"{tareas}/{numero}"
        entregar(raiz)
        ficha = valida.post(f"{raiz}/bloqueo", json={"para": "validar"}).json["ficha"]
        dicho = [{"codigo": "E-FALT", "nota": "Faltan casas"}, {"codigo": "E-ESC"}]
        cuerpo = {"ficha": ficha, "veredicto": "devuelta", "senalamientos": dicho}
        assert valida.post(f"{raiz}/dictamen", json=cuerpo).status_code == 200
        dictamen = mapea.get(f"{raiz}/dictamenes").json["dictamenes"][0]
        for s in dictamen["senalamientos"]:
            if s["codigo"] in marcados:
                hecho = {"senalamiento": s["id"], "hecho": True}
                assert mapea.put(f"{raiz}/atendidos", json=hecho).status_code == 200
        entregar(raiz)

    return _vuelta


@pytest.mark.parametrize("tamano", [TELEFONO, ESCRITORIO], ids=["telefono", "escritorio"])
def test_al_aceptar_lo_que_volvio_se_pregunta_una_vez_por_lo_que_no_se_marco(abrir, elenco, vuelta, tamano):
    vuelta(1, "E-ESC")
    pagina = abrir(elenco.validadora, tamano)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Dame la que sigue").click()
    pagina.wait_for_selector("[data-revision='1']")
    bien = pagina.get_by_role("button", name="Está bien", exact=True)
    bien.click()
    pregunta = pagina.get_by_role("dialog", name="Queda 1 cosa sin marcar como atendida")
    expect(pregunta.get_by_role("listitem")).to_have_text("Falta por mapear: Faltan casas")
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for opcion in pregunta.get_by_role("button").all():
        assert opcion.bounding_box()["height"] >= 44
    pregunta.get_by_role("button", name="Ver lo que no marcó").click()
    sin_marcar = pagina.locator("[data-dictamenes] [data-sin-atender]")
    expect(sin_marcar).to_have_count(1)
    expect(sin_marcar).to_be_focused()
    expect(sin_marcar).to_contain_text("No lo marcó como atendido")
    # Ya se preguntó: aceptar es un toque.
    bien.click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("Validada la tarea 1")


def test_aceptar_de_todos_modos_es_un_toque_y_con_todo_marcado_no_se_pregunta(abrir, elenco, vuelta):
    vuelta(1)
    vuelta(2, "E-FALT", "E-ESC")
    pagina = abrir(elenco.validadora)
    for numero in (2, 1):
        pagina.goto(f"/proyectos/{elenco.proyecto}/validar/{numero}")
        esperar_mapa(pagina)
        pagina.get_by_role("button", name="Revisar esta tarea").click()
        pagina.wait_for_selector(f"[data-revision='{numero}']")
        pagina.get_by_role("button", name="Está bien", exact=True).click()
        if numero == 1:
            pregunta = pagina.get_by_role("dialog", name="Quedan 2 cosas sin marcar como atendidas")
            expect(pregunta.get_by_role("listitem")).to_have_count(2)
            pregunta.get_by_role("button", name="Está bien de todos modos").click()
        expect(pagina.locator(".aviso.exito")).to_contain_text(f"Validada la tarea {numero}")


def test_varias_juntas_dicen_de_cual_es_lo_que_no_se_marco(abrir, elenco, vuelta):
    vuelta(1, "E-FALT", "E-ESC")
    vuelta(2, "E-FALT")
    pagina = abrir(elenco.validadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(pagina)
    for n in (1, 2):
        pagina.get_by_label(f"Marcar la tarea {n}").check()
    pagina.get_by_role("button", name="Revisar 2 tareas juntas").click()
    pagina.get_by_role("button", name="Ver la primera").click()
    pagina.get_by_role("button", name="Ver la que sigue").first.click()
    pagina.get_by_role("button", name="Tarea 1, ya vista").click()
    pagina.get_by_role("button", name="Está bien", exact=True).click()
    pregunta = pagina.get_by_role("dialog", name="Queda 1 cosa sin marcar como atendida")
    expect(pregunta.get_by_role("listitem")).to_have_text("Tarea 2: Esquinas sin escuadrar")
    pregunta.get_by_role("button", name="Ver lo que no marcó").click()
    expect(pagina.get_by_role("button", name="Tarea 2, ya vista")).to_have_attribute("aria-current", "true")
    expect(pagina.locator("[data-dictamenes='2'] [data-sin-atender]")).to_be_focused()
    pagina.get_by_role("button", name="Está bien", exact=True).click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("Validadas 2 tareas")


def test_varias_juntas_cuales_se_vieron_atras_y_una_sola_cosa_que_hacer_despues(abrir, elenco, entrar):
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas"
    mapeadora = entrar(elenco.mapeadora)
    for n in (1, 2, 9):
        ficha = mapeadora.post(f"{raiz}/{n}/bloqueo", json={"para": "mapear"}).json["ficha"]
        assert mapeadora.post(f"{raiz}/{n}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200
    pagina = abrir(elenco.validadora, TELEFONO, has_touch=True)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar")
    esperar_mapa(pagina)
    # «Quitar filtros» está sólo si los hay, y al usarlo el foco no se pierde con él.
    filtros = pagina.locator(".filtros-cola")
    filtros.locator("summary").click()
    quitar = pagina.get_by_role("button", name="Quitar filtros")
    expect(quitar).to_be_hidden()
    filtros.get_by_label("Espera desde hace").select_option("30")
    expect(pagina.get_by_text("Nada de lo que espera revisión pasa este filtro.")).to_be_visible()
    quitar.press("Enter")
    expect(filtros.get_by_label("Sólo las que devolví")).to_be_focused()
    expect(pagina.locator(".cola li")).to_have_count(3)
    expect(quitar).to_be_hidden()
    assert pagina.locator(".marca-tarea").first.bounding_box()["width"] >= 44
    for n in (1, 2):
        pagina.get_by_label(f"Marcar la tarea {n}").check()
    pagina.get_by_role("button", name="Revisar 2 tareas juntas").click()
    expect(pagina.locator(".cuantas-vistas")).to_have_text("Vistas: 0 de 2.")
    pagina.get_by_role("button", name="Ver la primera").click()
    expect(pagina.get_by_role("button", name="Tarea 1, ya vista")).to_have_attribute("aria-current", "true")
    expect(pagina.get_by_role("button", name="Vistas: 1 de 2")).to_be_visible()
    # Cada error dice de cuál es.
    pagina.get_by_role("button", name="Señalar un error", exact=True).click()
    pagina.get_by_label("¿Qué está mal?").select_option("E-FALT")
    pagina.get_by_label("¿En qué tarea?").select_option("2")
    # Lo que hay que hacer para marcarlo se ve entero, arriba de los veredictos.
    pagina.get_by_role("button", name="Marcar un punto").click()
    dicho = pagina.locator(".dibujando").bounding_box()
    assert dicho["y"] + dicho["height"] <= pagina.locator(".pie-dictamen").bounding_box()["y"] + 1
    pagina.get_by_role("button", name="Dejar de dibujar").click()
    pagina.get_by_role("button", name="Agregar el error").click()
    expect(pagina.locator("[data-pin='1']")).to_contain_text("toda la tarea 2")
    esta_bien_hecha(pagina)
    # «Atrás» vuelve a la cola, que las sigue ofreciendo juntas, con lo escrito.
    pagina.go_back()
    expect(pagina.get_by_role("heading", name="Por revisar")).to_be_visible()
    assert pagina.url.endswith("/validar")
    pagina.get_by_role("button", name="Seguir con las 2 juntas").click()
    expect(pagina.locator("[data-pin='1']")).to_contain_text("toda la tarea 2")
    pagina.get_by_role("button", name="Quitar el error 1").click()
    # Lo visto tampoco se perdió; con una sin ver se pregunta, y se puede ir a verla.
    expect(pagina.locator(".cuantas-vistas")).to_have_text("Vistas: 1 de 2.")
    pagina.get_by_role("button", name="Está bien", exact=True).click()
    pregunta = pagina.get_by_role("dialog", name="Te falta ver una tarea")
    expect(pregunta).to_contain_text("No has visto la tarea 2")
    expect(pregunta.get_by_role("button", name="Ver la tarea 2")).to_be_focused()
    assert faltas_de_accesibilidad(pagina) == []
    # Otra vez el atajo no pregunta dos veces; Esc no hace nada.
    pagina.keyboard.press("Alt+v")
    expect(pagina.get_by_role("dialog")).to_have_count(1)
    pagina.keyboard.press("Escape")
    expect(pagina.get_by_role("dialog")).to_have_count(0)
    pagina.get_by_role("button", name="Está bien", exact=True).click()
    expect(pregunta.get_by_role("button", name="Validar las 2 de todos modos")).to_be_visible()
    pregunta.get_by_role("button", name="Ver la tarea 2").click()
    expect(pagina.locator(".cuantas-vistas")).to_have_text("Ya viste las 2.")
    pagina.get_by_role("button", name="Está bien", exact=True).click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("Validadas 2 tareas")
    expect(pagina.get_by_role("button", name="Dame la que sigue")).to_be_focused()
    expect(pagina.locator("#panel-contenido .boton.grande:visible")).to_have_count(1)
    esta_bien_hecha(pagina)


def test_la_segunda_opinion_no_sabe_la_primera(abrir, entrar, elenco, bd):
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/5"
    mapea, valida = entrar(elenco.mapeadora), entrar(elenco.validadora)
    ficha = mapea.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    assert mapea.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200
    ficha = valida.post(f"{raiz}/bloqueo", json={"para": "validar"}).json["ficha"]
    assert valida.post(f"{raiz}/dictamen", json={"ficha": ficha, "veredicto": "validada"}).status_code == 200
    fabrica.sortear(bd)
    pagina = abrir(elenco.capacitadora, TELEFONO)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/5")
    esperar_mapa(pagina)
    # Ni la ficha dice en qué estado quedó, ni el mapa la pinta: ahí se ve como otra que espera.
    ficha_ciega = pagina.locator("[data-segunda-de='5']")
    expect(ficha_ciega).to_be_visible()
    expect(pagina.get_by_text("Validada")).to_have_count(0)
    esta_bien_hecha(pagina)
    pagina.get_by_role("button", name="Ver todas las tareas").click()
    pagina.get_by_text("1 segunda opinión por dar").click()
    pagina.locator("[data-segundas] li button").click()
    expect(pagina.get_by_text("no te decimos qué opinó la primera persona")).to_be_visible()
    expect(pagina.get_by_text("Validada")).to_have_count(0)
    pagina.get_by_role("button", name="Está bien", exact=True).click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("Quedó tu segunda opinión de la tarea 5")
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/5")
    expect(pagina.locator("[data-ficha='5']")).to_contain_text("Validada")
