"""Lo que las páginas piden aparte, y las páginas de error."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tareas.aplicacion import crear_aplicacion
from tareas.comun.navegador import direccion_de_textos

CATALOGO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#: tareas/estaticos/js/mapa_base.js:12
msgid "Acercar"
msgstr "Zoom in"

#: tareas/estaticos/js/explorar.js:70
msgid "%(n)s tarea"
msgid_plural "%(n)s tareas"
msgstr[0] "%(n)s task"
msgstr[1] "%(n)s tasks"

#: plantillas/base.html:3
msgid "Saltar al contenido"
msgstr "Skip to content"

#: tareas/estaticos/js/base.js:3
msgid "Sin traducir"
msgstr ""
"""


@pytest.fixture
def catalogo(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    carpeta = tmp_path / "en" / "LC_MESSAGES"
    carpeta.mkdir(parents=True)
    (carpeta / "messages.po").write_text(CATALOGO.lstrip(), encoding="utf-8")
    monkeypatch.setitem(app.config, "BABEL_TRANSLATION_DIRECTORIES", str(tmp_path))
    return app


def test_los_modulos_reciben_solo_sus_textos_traducidos(catalogo: Flask, cliente: FlaskClient) -> None:
    with catalogo.app_context():
        direccion = direccion_de_textos("en")
    respuesta = cliente.get(direccion)
    assert json.loads(respuesta.data) == {"Acercar": "Zoom in", "%(n)s tarea": ["%(n)s task", "%(n)s tasks"]}
    assert "immutable" in respuesta.headers["Cache-Control"]


def test_una_direccion_de_textos_vieja_no_se_guarda_para_siempre(catalogo: Flask, cliente: FlaskClient) -> None:
    respuesta = cliente.get("/textos/en/000000000000.json")
    assert respuesta.status_code == 200
    assert "immutable" not in respuesta.headers["Cache-Control"]


def test_sin_catalogo_las_paginas_siguen_en_espanol(
    app: Flask, cliente: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "BABEL_TRANSLATION_DIRECTORIES", str(tmp_path))
    assert cliente.get("/textos/en/x.json").json == {}


def test_una_pagina_en_ingles_dice_donde_estan_sus_textos_y_una_en_espanol_no(cliente: FlaskClient) -> None:
    cliente.set_cookie("tequio_idioma", "en")
    assert 'data-textos="/textos/en/' in cliente.get("/sin-conexion").text
    cliente.set_cookie("tequio_idioma", "es")
    assert "data-textos" not in cliente.get("/sin-conexion").text


def test_la_pagina_sin_conexion_no_lleva_nada_de_la_cuenta(app: Flask, elenco, entrar) -> None:  # type: ignore[no-untyped-def]
    pagina = entrar(elenco.mapeadora).get("/sin-conexion").text
    assert "Sin conexión" in pagina
    assert "Mapeadora" not in pagina


def test_el_trabajador_sin_conexion_cambia_con_los_archivos(app: Flask, cliente: FlaskClient) -> None:
    respuesta = cliente.get("/sin-conexion.js")
    assert respuesta.mimetype == "text/javascript"
    assert app.extensions["tequio_estaticos"].huella in respuesta.text


def test_el_tema_elegido_llega_puesto_desde_el_servidor(cliente: FlaskClient) -> None:
    assert "data-theme" not in cliente.get("/sin-conexion").text.split("<head>")[0]
    cliente.set_cookie("tequio_tema", "oscuro")
    assert '<html lang="es" data-theme="dark"' in cliente.get("/sin-conexion").text


def test_un_tema_inventado_no_se_escribe_en_la_pagina(cliente: FlaskClient) -> None:
    cliente.set_cookie("tequio_tema", "<script>")
    assert "data-theme" not in cliente.get("/sin-conexion").text.split("<head>")[0]


def test_la_pagina_que_no_existe_ofrece_seguir_y_entrar(cliente: FlaskClient) -> None:
    respuesta = cliente.get("/proyectos/999?x=1")
    assert respuesta.status_code == 404
    assert "Ver los proyectos" in respuesta.text
    assert "/entrar?siguiente=/proyectos/999%3Fx%3D1" in respuesta.text


def test_con_la_base_caida_la_pagina_de_error_se_ve_entera() -> None:
    app = crear_aplicacion("postgresql://nadie@127.0.0.1:9/nada?connect_timeout=1", SECRET_KEY="pruebas")
    cliente = app.test_client()
    cliente.set_cookie("tequio_sesion", "una-que-obliga-a-preguntar")
    respuesta = cliente.get("/proyectos/1")
    assert respuesta.status_code == 500
    assert "Intentar de nuevo" in respuesta.text


def test_la_guia_de_estilo_no_existe_fuera_de_desarrollo(cliente: FlaskClient) -> None:
    assert cliente.get("/estilo").status_code == 404


def test_la_guia_de_estilo_muestra_todo_en_los_dos_temas(
    app: Flask, cliente: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "TEQUIO_GUIA", True)
    pagina = cliente.get("/estilo").text
    assert pagina.count('class="guia-tema"') == 2
    for estado in ("pendiente", "mapeando", "mia", "mapeada", "validando", "validada", "devuelta", "sin_imagen"):
        assert f'class="estado e-{estado}"' in pagina
