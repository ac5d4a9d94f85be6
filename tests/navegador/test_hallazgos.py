"""Los hallazgos en el navegador: quien mapea ve el suyo y lo abre en el editor; quien valida lo descarta y se recuerda."""

import io
import re

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect
from sqlalchemy import text

from tests import fabrica
from tests.fabrica import OESTE, SUR
from tests.mundo_practica import Editor, sembrar
from tests.navegador.conftest import (
    ESCRITORIO,
    TELEFONO,
    esperar_a_que,
    esperar_mapa,
    esperar_quieto,
    faltas_de_accesibilidad,
)

pytestmark = pytest.mark.navegador

METRO = 1 / 111_320
MONIO = [(20, 20), (30, 30), (30, 20), (20, 30)]
ENTERO = 60  # píxeles de un triángulo que se ve entero
TAMANOS = pytest.mark.parametrize("tamano", [ESCRITORIO, TELEFONO], ids=["escritorio", "telefono"])


def lugar(x, y):
    """Metros desde la esquina de la tarea 1, en grados."""
    return {"lon": round(OESTE + x * METRO * 1.065, 7), "lat": round(SUR + y * METRO, 7)}


def casa(numero, x, y, lado=10.0):
    esquinas = [(x, y), (x + lado, y), (x + lado, y + lado), (x, y + lado)]
    nodos = [{"tipo": "n", "id": numero + k, **lugar(*p)} for k, p in enumerate(esquinas)]
    refs = [numero, numero + 1, numero + 2, numero + 3, numero]
    return [*nodos, {"tipo": "w", "id": numero, "nodos": refs, "etiquetas": {"building": "yes"}}]


@pytest.fixture
def aula(bd, elenco):
    """El proyecto edita en un aula que ya trae, en la tarea 1, dos casas encimadas."""
    with bd.transaccion() as sesion:
        nueva = fabrica.aula(sesion, elenco.municipio)
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a"), {"a": nueva})
    sembrar(bd, nueva, [*casa(100, 60, 60), *casa(110, 65, 60)])
    return nueva


@pytest.fixture
def dibujar(entrar, elenco, aula):
    """``dibujar(puntos)`` guarda un edificio en el aula como lo haría el editor de la mapeadora; da su número."""

    def _dibujar(puntos):
        cliente = entrar(elenco.mapeadora)
        ficha = cliente.post(f"/api/v1/aulas/{aula}/fichas").json["access_token"]
        editor = Editor(entrar(None), aula, ficha)
        conjunto = editor.abrir()
        nodos = "".join(
            f'<node id="-{k}" changeset="{{c}}" lon="{lugar(*p)["lon"]}" lat="{lugar(*p)["lat"]}"/>'
            for k, p in enumerate(puntos, 1)
        )
        refs = "".join(f'<nd ref="-{k}"/>' for k in (*range(1, len(puntos) + 1), 1))
        via = f'<way id="-9" changeset="{{c}}">{refs}<tag k="building" v="yes"/></way>'
        subida = editor.subir(conjunto, f"<create>{nodos}{via}</create>")
        assert subida.status_code == 200, subida.text
        return int(re.findall(r'old_id="-9" new_id="(\d+)"', subida.text)[0])

    return _dibujar


def tomar(pagina, elenco, modo, boton):
    pagina.goto(f"/proyectos/{elenco.proyecto}/{modo}/1")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name=boton).click()
    pagina.wait_for_selector("[data-hallazgos='1']")


def esperar_elegido(pagina, marco, numero):
    """Espera a que el editor tenga elegida esa vía."""
    elegidos = "tequioEditor.ctx.selectedIDs()"
    esperar_a_que(pagina, lambda: marco.evaluate(elegidos) == [f"w{numero}"], f"no eligió w{numero}")


def distintos(una, otra):
    """Cuántos píxeles cambian entre dos capturas."""
    a, b = (Image.open(io.BytesIO(captura)).convert("RGB") for captura in (una, otra))
    return sum(ImageChops.difference(a, b).convert("L").histogram()[9:])


def test_lo_guardado_en_el_aula_se_dibuja_en_el_mapa_sin_recargar(abrir, elenco, dibujar):
    pagina = abrir(elenco.mapeadora)
    tomar(pagina, elenco, "mapear", "Mapear esta tarea")
    mapa = pagina.locator("[data-modulo] canvas, .mapa canvas").first
    esperar_quieto(pagina)
    antes = mapa.screenshot()
    dibujar([(15, 40), (95, 40), (95, 95), (15, 95)])
    with pagina.expect_response(lambda r: "/teselas/aulas/" in r.url and r.status == 200):
        pagina.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    esperar_a_que(pagina, lambda: distintos(antes, mapa.screenshot()) > 2_000, "el edificio nuevo no se dibujó")


def en_marco(pagina):
    pagina.wait_for_selector("html[data-editor=listo]")
    marco = pagina.frame(url=re.compile("/editor/"))
    marco.wait_for_selector("html[data-editor=listo]")
    return marco


@TAMANOS
def test_quien_mapea_ve_el_suyo_y_lo_abre_en_el_editor(abrir, elenco, dibujar, tamano):
    pagina = abrir(elenco.mapeadora, tamano)
    tomar(pagina, elenco, "mapear", "Mapear esta tarea")
    numero = dibujar(MONIO)
    lista = pagina.locator("[data-hallazgos='1']")
    lista.get_by_role("button", name="Revisar otra vez").click()
    mio = lista.locator("li").filter(has_text="Lo hiciste tú")
    expect(mio).to_contain_text("Contorno que se cruza")
    expect(lista.get_by_role("heading", name="Arréglalo antes de entregar (1)")).to_be_visible()
    expect(lista.get_by_role("heading", name="Conviene revisarlo (1)")).to_be_visible()
    mio.get_by_text("Por qué importa").click()
    expect(mio.get_by_text("No te confundas:")).to_be_visible()
    mio.get_by_role("button", name="Ver en el mapa").click()
    pagina.wait_for_selector("html[data-hallazgo]")
    for boton in lista.locator("button:visible").all():
        assert boton.bounding_box()["height"] >= 44
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faltas_de_accesibilidad(pagina) == []
    mio.get_by_role("button", name="Abrir en el editor").click()
    marco = en_marco(pagina)
    esperar_elegido(pagina, marco, numero)


def test_revisar_otra_vez_no_cierra_lo_abierto_ni_pierde_el_foco(abrir, elenco, dibujar):
    pagina = abrir(elenco.mapeadora)
    dibujar(MONIO)
    tomar(pagina, elenco, "mapear", "Mapear esta tarea")
    lista = pagina.locator("[data-hallazgos='1']")
    mio = lista.locator("li").filter(has_text="Contorno que se cruza")
    mio.get_by_text("Por qué importa").click()
    expect(mio.get_by_text("No te confundas:")).to_be_visible()
    mio.get_by_role("button", name="Ver en el mapa").click()
    pagina.wait_for_selector("html[data-hallazgo]")
    dibujar([(60, 20), (70, 30), (70, 20), (60, 30)])
    otra_vez = lista.get_by_role("button", name="Revisar otra vez")
    otra_vez.focus()
    pagina.keyboard.press("Enter")
    expect(lista.get_by_role("heading", name="Arréglalo antes de entregar (2)")).to_be_visible()
    expect(lista.get_by_text("No te confundas:")).to_be_visible()
    expect(lista.locator("li.mirado")).to_have_count(1)
    assert pagina.locator("html[data-hallazgo]").count() == 1
    expect(otra_vez).to_be_focused()


def test_una_respuesta_que_llega_tarde_no_tapa_a_la_mas_nueva(abrir, elenco, dibujar):
    pagina = abrir(elenco.mapeadora)
    tomar(pagina, elenco, "mapear", "Mapear esta tarea")
    lista = pagina.locator("[data-hallazgos='1']")
    expect(lista.get_by_role("heading", name="Conviene revisarlo (1)")).to_be_visible()
    retenidas = []

    def retener_la_primera(ruta):
        if retenidas:
            ruta.continue_()
        else:
            retenidas.append((ruta, ruta.fetch()))

    pagina.route(re.compile("/tareas/1/hallazgos$"), retener_la_primera)
    lista.get_by_role("button", name="Revisar otra vez").click()
    esperar_a_que(pagina, lambda: retenidas, "no se preguntó otra vez")
    ((tardia, vieja),) = retenidas
    dibujar(MONIO)
    lista.locator("> summary").click()
    lista.locator("> summary").click()
    expect(lista.get_by_text("Contorno que se cruza")).to_be_visible()
    tardia.fulfill(response=vieja)
    expect(lista.get_by_role("button", name="Revisar otra vez")).to_be_enabled()
    expect(lista.get_by_text("Contorno que se cruza")).to_be_visible()


@TAMANOS
def test_al_entregar_se_arregla_o_se_dice_por_que_y_no_se_pierde_lo_escrito(abrir, elenco, dibujar, bd, tamano):
    pagina = abrir(elenco.mapeadora, tamano)
    tomar(pagina, elenco, "mapear", "Mapear esta tarea")
    dibujar(MONIO)
    pagina.locator("#nota").fill("Falta la esquina norte.")
    pagina.get_by_role("button", name="Entregar mapeada").click()
    formulario = pagina.locator(".por-arreglar")
    expect(formulario.get_by_role("heading", name="Antes de entregar, arregla esto")).to_be_focused()
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    formulario.get_by_role("button", name="Entregar", exact=True).click()
    porque = formulario.get_by_label("Por qué lo dejas así")
    expect(porque).to_be_focused()
    expect(formulario.get_by_text("con tres letras o más")).to_be_visible()
    porque.fill("Así está el terreno")
    # Recargar no pierde ni la nota ni el porqué.
    pagina.reload()
    esperar_mapa(pagina)
    expect(pagina.locator("#nota")).to_have_value("Falta la esquina norte.")
    pagina.get_by_role("button", name="Entregar mapeada").click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("Entregada")
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT motivo FROM hallazgo_justificado")).scalars().all() == [
            "Así está el terreno"
        ]
        assert sesion.execute(text("SELECT nota FROM historial WHERE accion = 'entrega'")).scalar_one() == "Falta la esquina norte."  # fmt: skip


def test_en_el_cajon_del_editor_se_ve_se_abre_y_se_entrega(abrir, elenco, dibujar):
    pagina = abrir(elenco.mapeadora)
    tomar(pagina, elenco, "mapear", "Mapear esta tarea")
    numero = dibujar(MONIO)
    pagina.get_by_role("button", name="Editar aquí").click()
    marco = en_marco(pagina)
    pagina.get_by_role("button", name="Entregar", exact=True).click()
    cajon = pagina.locator(".editor-cajon")
    cajon.get_by_role("button", name="Entregar mapeada").click()
    expect(cajon.get_by_role("heading", name="Antes de entregar, arregla esto")).to_be_focused()
    assert faltas_de_accesibilidad(pagina) == []
    cajon.get_by_role("button", name="Ver", exact=True).click()
    cajon.get_by_role("button", name="Abrir en el editor").click()
    esperar_elegido(pagina, marco, numero)
    cajon.get_by_label("Por qué lo dejas así").fill("Es una velaria")
    cajon.locator(".por-arreglar").get_by_role("button", name="Entregar", exact=True).click()
    expect(pagina.locator(".aviso.exito")).to_contain_text("Entregada")
    expect(pagina.locator(".editor")).to_have_count(0)


@TAMANOS
def test_quien_valida_descarta_una_falsa_alarma_y_se_recuerda(abrir, elenco, aula, entrar, tamano):
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/1"
    mapeadora = entrar(elenco.mapeadora)
    ficha = mapeadora.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    assert mapeadora.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200
    pagina = abrir(elenco.validadora, tamano)
    tomar(pagina, elenco, "validar", "Revisar esta tarea")
    lista = pagina.locator("[data-hallazgos='1']")
    encimadas = lista.locator("li").filter(has_text="Edificios que se enciman")
    encimadas.get_by_role("button", name="Falsa alarma").click()
    expect(lista.get_by_text("Descartados (1)")).to_be_visible()
    expect(encimadas).to_be_hidden()
    assert faltas_de_accesibilidad(pagina) == []
    pagina.reload()
    esperar_mapa(pagina)
    lista.get_by_text("Descartados (1)").click()
    expect(encimadas.get_by_role("button", name="Falsa alarma")).to_have_attribute("aria-pressed", "true")
    encimadas.get_by_role("button", name="Sí es error").click()
    expect(lista.get_by_role("heading", name="Conviene revisarlo (1)")).to_be_visible()
    expect(encimadas.get_by_text("Confirmado")).to_be_visible()
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_la_sena_se_lee_sobre_lo_que_se_mapeo_y_sigue_encima_al_cambiar_el_fondo(abrir, elenco, dibujar, entrar):
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/1"
    mapeadora = entrar(elenco.mapeadora)
    entrega = {
        "ficha": mapeadora.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"],
        "resultado": "mapeada",
    }
    dibujar(MONIO)
    mapeadora = entrar(elenco.mapeadora)
    (mio,) = mapeadora.post(f"{raiz}/entrega", json=entrega).json["hallazgos"]
    entrega["justificaciones"] = [{"huella": mio["huella"], "motivo": "Así está el terreno"}]
    assert mapeadora.post(f"{raiz}/entrega", json=entrega).status_code == 200
    assert entrar(elenco.validadora).post(f"{raiz}/bloqueo", json={"para": "validar"}).status_code == 201
    pagina = abrir(elenco.validadora, TELEFONO)  # un lienzo chico se dibuja pronto
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/1")
    pagina.wait_for_selector("[data-hallazgos='1'][data-listos]")
    pagina.wait_for_selector(".mapa-evidencia[data-trazos=crear]")
    lienzo = pagina.locator("#mapa-mapeo canvas.maplibregl-canvas")

    def grana():
        """Cuántos píxeles del mapa tienen el color entero del triángulo: nada translúcido lo cubre."""
        colores = Image.open(io.BytesIO(lienzo.screenshot())).convert("RGB").getcolors(1 << 24)
        return sum(cuantos for cuantos, color in colores if color == (0xA1, 0x1D, 0x33))

    esperar_a_que(pagina, lambda: grana() > ENTERO, "lo que se mapeó tapa la seña")
    claro = lienzo.screenshot()
    pagina.emulate_media(color_scheme="dark")
    esperar_a_que(pagina, lambda: distintos(claro, lienzo.screenshot()) > 20_000, "el fondo no cambió")
    esperar_a_que(pagina, lambda: grana() > ENTERO, "al cambiar el fondo algo tapó la seña")


@TAMANOS
def test_la_calidad_del_municipio_se_lee_y_se_ve_en_el_mapa(abrir, elenco, bd, tamano):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO hallazgo (municipio_id, codigo, nivel, objetos, versiones, lugar, frase, datos, huella, version_reglas)
                    SELECT :m, 'E-CHI', 2, ARRAY['w' || g], ARRAY[1], ST_SetSRID(ST_MakePoint(:x + g * 0.0002, :y), 4326), 'chico',
                           '{"m2": 1.8}', lpad(to_hex(g), 24, '0'), 1 FROM generate_series(1, 60) g"""),
            {"m": elenco.municipio, "x": OESTE, "y": SUR},
        )
        sesion.execute(
            text("""INSERT INTO revision (municipio_id, version_reglas, hasta_cambio, importacion, crs, limite, hecha, entera, segundos, fallas, omitidos)
                    VALUES (:m, 1, 0, 0, 'EPSG:32614', '\\x00', now(), now(), 1, '[]', '{"via_incompleta": 2}')"""),
            {"m": elenco.municipio},
        )
    pagina = abrir(None, tamano)
    pagina.goto(f"/municipios/{elenco.municipio}/calidad")
    expect(pagina.get_by_text("60 hallazgos")).to_be_visible()
    pagina.locator("#mapa-calidad").scroll_into_view_if_needed()
    pagina.wait_for_selector("#mapa-calidad[data-hallazgos]")
    pagina.locator("#lista-hallazgos button").first.click()
    expect(pagina.locator("#en-el-mapa")).to_contain_text("en esta vista del mapa")
    pagina.get_by_text("Lo que no se pudo revisar").click()
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faltas_de_accesibilidad(pagina) == []
    pagina.get_by_label("Qué se busca").select_option("E-TRAS")
    pagina.get_by_role("button", name="Ver", exact=True).click()
    expect(pagina.get_by_text("0 hallazgos")).to_be_visible()
