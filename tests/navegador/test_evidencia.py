"""La evidencia en el navegador: quien mapea la ve al entregar; quien revisa ve cómo era y cómo quedó."""

import io
import json

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import text

from tests.mundo_evidencia import Taller, calle, casa, min_, punto
from tests.navegador.conftest import TELEFONO, esperar_mapa, esperar_quieto, faltas_de_accesibilidad

pytestmark = pytest.mark.navegador

YO = 501


@pytest.fixture
def entregada(bd, elenco):
    """La tarea 5, entregada: un edificio nuevo, uno corrido, uno borrado y una tienda lejos."""
    t = Taller(bd, elenco.proyecto)
    t.vincular(elenco.mapeadora, YO)
    suyo = {"building": "yes"}
    t.edificio(YO, min_(5), 1, casa(5))
    t.cambio(YO, min_(6), "w", 2, 2, "modificar", clase="edificio", geom=casa(5, 0.6), etiquetas=suyo, antes=("edificio", casa(5, 0.62), suyo))  # fmt: skip
    t.cambio(YO, min_(7), "w", 3, 2, "borrar", antes=("edificio", casa(5, 0.6, 0.7), suyo))
    t.cambio(YO, min_(8), "n", 4, clase="servicio", geom=punto(7), etiquetas={"shop": "bakery", "name": "La Espiga"})
    t.turno(elenco.mapeadora, 5, min_(0), min_(10))
    t.datos_hasta(min_(60))
    return t


def _pintados(pagina):
    """Trazos que el mapa ya tiene puestos."""
    pagina.wait_for_selector(".mapa-evidencia[data-trazos]")
    return pagina.get_attribute(".mapa-evidencia", "data-trazos").split()


@pytest.mark.parametrize("tamano", [None, TELEFONO], ids=["escritorio", "telefono"])
def test_quien_revisa_ve_la_lista_el_mapa_y_como_era(abrir, elenco, entregada, tamano):
    pagina = abrir(elenco.validadora, tamano) if tamano else abrir(elenco.validadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/5")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Revisar esta tarea").click()
    pagina.wait_for_selector("[data-revision='5'] .mapa-evidencia")
    evidencia = pagina.locator("[data-evidencia='5']")
    expect(evidencia.locator(".frase")).to_have_text("3 objetos cambiados")
    expect(evidencia.get_by_text("Firme")).to_be_visible()
    expect(evidencia.locator(".aviso")).to_contain_text("quedó fuera de la tarea")
    assert _pintados(pagina) == ["borrar", "crear", "crear", "era", "modificar"]
    evidencia.get_by_label("Cómo era").check()
    assert _pintados(pagina) == ["aun_no", "aun_no", "borrar", "era"]
    evidencia.get_by_label("Cómo quedó").check()
    assert _pintados(pagina) == ["crear", "crear", "modificar"]
    evidencia.get_by_text("4 objetos, uno por uno").click()
    primero = evidencia.locator(".lista-evidencia button").first
    expect(primero).to_contain_text("La Espiga")
    expect(primero).to_contain_text("fuera, a")
    assert primero.bounding_box()["height"] >= 44
    primero.click()
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faltas_de_accesibilidad(pagina) == []


def _centro(pagina):
    """Color en medio del mapa, donde quedó el objeto al que se acercó."""
    foto = Image.open(io.BytesIO(pagina.locator("#mapa-mapeo canvas.maplibregl-canvas").screenshot())).convert("RGB")
    return foto.getpixel((foto.width // 2, foto.height // 2))


def test_sobre_una_foto_lo_que_aun_no_estaba_se_contornea_sin_taparla(abrir, elenco, entregada, bd, sitio):
    suelo = (32, 96, 48)
    tesela = io.BytesIO()
    Image.new("RGB", (256, 256), suelo).save(tesela, "PNG")
    foto = {"id": "foto", "nombre": "Vuelo", "tipo": "xyz", "url": sitio + "/fotos/{z}/{x}/{y}", "atribucion": "Catastro", "minzoom": 0, "maxzoom": 19}  # fmt: skip
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET imagenes = CAST(:i AS jsonb)"), {"i": json.dumps([foto])})
    pagina = abrir(elenco.validadora)
    pagina.route("**/fotos/**", lambda r: r.fulfill(body=tesela.getvalue(), content_type="image/png"))
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/5")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Revisar esta tarea").click()
    pagina.get_by_label("Cómo era").check()
    pagina.get_by_text("4 objetos, uno por uno").click()
    pagina.locator(".lista-evidencia button").filter(has_text="Creado").filter(has_not_text="La Espiga").click()
    esperar_quieto(pagina)
    assert min(_centro(pagina)) > 200
    pagina.click(".fondo > summary")
    pagina.check("label:has-text('Vuelo') input")
    esperar_quieto(pagina)
    assert max(abs(a - b) for a, b in zip(_centro(pagina), suelo, strict=True)) < 40


def test_en_un_aula_al_entregar_sin_cambios_se_pregunta_por_que(abrir, elenco, bd):
    with bd.transaccion() as sesion:
        consulta = text("INSERT INTO aula (municipio_id, nombre) VALUES (:m, 'Taller') RETURNING id")
        aula = sesion.execute(consulta, {"m": elenco.municipio}).scalar_one()
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a"), {"a": aula})
    pagina = abrir(elenco.mapeadora, TELEFONO)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Mapear esta tarea").click()
    pagina.wait_for_selector("[data-turno='5']")
    pagina.get_by_role("button", name="Entregar mapeada").click()
    expect(pagina.get_by_text("No vemos cambios tuyos dentro de la tarea. ¿Por qué?")).to_be_visible()
    assert faltas_de_accesibilidad(pagina) == []
    pagina.get_by_role("button", name="Seguir mapeando").click()
    expect(pagina.get_by_text("No vemos cambios tuyos")).to_have_count(0)
    pagina.get_by_role("button", name="Entregar mapeada").click()
    pagina.get_by_role("button", name="No hay nada que mapear").click()
    expect(pagina.get_by_text("Entregada la tarea 5")).to_be_visible()
    with bd.lectura() as sesion:
        motivos = sesion.execute(text("SELECT motivos FROM historial WHERE accion = 'entrega'")).scalars().all()
    assert motivos == [["no_hay_nada"]]


def test_si_se_dibujo_en_el_aula_se_entrega_sin_preguntas_y_se_ve_lo_hecho(abrir, elenco, bd):
    with bd.transaccion() as sesion:
        consulta = text("INSERT INTO aula (municipio_id, nombre) VALUES (:m, 'Taller') RETURNING id")
        aula = sesion.execute(consulta, {"m": elenco.municipio}).scalar_one()
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a"), {"a": aula})
    pagina = abrir(elenco.mapeadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/mapear/5")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Mapear esta tarea").click()
    pagina.wait_for_selector("[data-turno='5']")
    with bd.lectura() as sesion:
        ahora = sesion.execute(text("SELECT ahora()")).scalar_one()
    Taller(bd, elenco.proyecto, origen=aula).edificio(elenco.mapeadora, ahora, 1, casa(5))
    pagina.get_by_role("button", name="Entregar mapeada").click()
    expect(pagina.locator(".frase-evidencia")).to_contain_text("1 edificio")
    expect(pagina.locator(".frase-evidencia")).to_contain_text("Cifras firmes")


def test_despues_se_dice_por_que_desde_mi_trabajo(abrir, elenco, bd):
    t = Taller(bd, elenco.proyecto)
    t.vincular(elenco.mapeadora, YO)
    t.turno(elenco.mapeadora, 5, min_(0), min_(10))
    t.datos_hasta(min_(60))
    pagina = abrir(elenco.mapeadora, TELEFONO)
    pagina.goto("/mi-trabajo")
    assert faltas_de_accesibilidad(pagina) == []
    pagina.get_by_role("link", name="Di por qué").click()
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Ya estaba mapeada").click()
    expect(pagina.locator("[data-evidencia='5']").get_by_text("Por qué no hubo cambios")).to_be_visible()
    pagina.goto("/mi-trabajo")
    expect(pagina.get_by_text("Ya estaba mapeada")).to_be_visible()
    expect(pagina.get_by_role("link", name="Di por qué")).to_have_count(0)


def test_el_avance_con_lo_mapeado_se_puede_leer_sin_ver(abrir, elenco, entregada):
    pagina = abrir(elenco.capacitadora, TELEFONO)
    for ruta in ("avance", f"avance/personas/{elenco.mapeadora}"):
        pagina.goto(f"/proyectos/{elenco.proyecto}/{ruta}")
        expect(pagina.get_by_role("heading", name="Lo que de veras")).to_be_visible()
        assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faltas_de_accesibilidad(pagina) == []


@pytest.mark.parametrize("tamano", [None, TELEFONO], ids=["escritorio", "telefono"])
def test_lo_que_solo_cambio_de_forma_se_dice(abrir, elenco, bd, tamano):
    t = Taller(bd, elenco.proyecto)
    t.vincular(elenco.mapeadora, YO)
    es = {"highway": "residential", "name": "Calle Hidalgo"}
    t.cambio(YO, min_(5), "n", 9, 2, "modificar", geom=punto(5, 0.8, 0.6), antes=(None, punto(5, 0.8, 0.5), None))
    t.cambio(
        YO, min_(5), "w", 8, 3, "forma", causa="n9v2", clase="via", geom=calle(5, 0.1, 0.5, 0.8, 0.6), etiquetas=es,
        antes=("via", calle(5, 0.1, 0.5, 0.8, 0.5), es),
    )  # fmt: skip
    t.turno(elenco.mapeadora, 5, min_(0), min_(10))
    t.datos_hasta(min_(60))
    pagina = abrir(elenco.validadora, tamano) if tamano else abrir(elenco.validadora)
    pagina.goto(f"/proyectos/{elenco.proyecto}/validar/5")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Revisar esta tarea").click()
    pagina.wait_for_selector("[data-revision='5'] .mapa-evidencia")
    evidencia = pagina.locator("[data-evidencia='5']")
    evidencia.get_by_text("2 objetos, uno por uno").click()
    expect(evidencia.locator(".lista-evidencia")).to_contain_text(
        "Cambió de forma: highway=residential · Calle Hidalgo"
    )
    expect(evidencia.get_by_text("Cuenta como modificado, nunca como creado")).to_be_visible()
    assert pagina.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faltas_de_accesibilidad(pagina) == []
