"""Reglas para entrar con OpenStreetMap: cómo se llama quien llega y qué servidores se admiten."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tareas.cuentas.osm import servidores
from tareas.cuentas.osm.errores import ServidorDesconocido, ServidoresMalConfigurados
from tareas.cuentas.osm.reglas import nombre_para_mostrar, usuarios_posibles
from tareas.cuentas.reglas import normalizar_nombre, normalizar_usuario


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1, max_size=255), st.integers(1, 2**63 - 1))
def test_todo_nombre_de_alla_da_usuarios_que_la_base_admite(nombre, uid):
    posibles = list(itertools.islice(usuarios_posibles(nombre, uid), 40))
    assert len(set(posibles)) > 30
    assert f"osm_{uid}" in posibles
    for usuario in posibles:
        assert normalizar_usuario(usuario) == usuario
        assert re.fullmatch(r"[^\s/@]{3,40}", usuario), usuario
    mostrado = nombre_para_mostrar(nombre, uid)
    assert normalizar_nombre(mostrado) == mostrado


@pytest.mark.parametrize(
    ("nombre", "usuario"),
    [
        ("María Pérez", "María_Pérez"),
        ("  a/b@c  ", "a_b_c"),
        ("ab", "osm_ab"),
        ("\u202e\u200b", "osm_7"),
        ("x" * 200, "x" * 35),
        ("Ｔｅｑｕｉｏ", "Tequio"),
    ],
)
def test_el_usuario_se_parece_al_nombre_de_alla(nombre, usuario):
    assert next(usuarios_posibles(nombre, 7)) == usuario


def test_sin_configurar_vienen_los_de_siempre_y_con_ninguno_se_entra():
    conocidos = servidores.leer("")
    assert list(conocidos) == ["osm", "osm-dev", "practica"]
    assert not any(s.se_entra for s in conocidos.values())


def test_se_agregan_y_se_cambian_servidores():
    conocidos = servidores.leer('{"osm": {"cliente_id": "abc", "cliente_secreto": "s3creto"}}')
    osm = conocidos["osm"]
    assert (osm.api, osm.oauth) == ("https://api.openstreetmap.org", "https://www.openstreetmap.org/oauth2")
    assert osm.se_entra
    assert "s3creto" not in repr(osm)
    propio = servidores.leer('{"nuestro": {"web": "https://osm.ejemplo.mx/", "cliente_id": "x", "entrar": false}}')[
        "nuestro"
    ]
    assert (propio.nombre, propio.api, propio.oauth) == (
        "nuestro",
        "https://osm.ejemplo.mx",
        "https://osm.ejemplo.mx/oauth2",
    )
    assert not propio.se_entra


def test_al_mudar_un_servidor_puesto_no_se_queda_a_medias():
    """Con web propia, la ficha no se manda a la API de osm.org."""
    assert servidores.leer('{"osm": {"web": "https://otro.ejemplo.mx"}}')["osm"].api == "https://otro.ejemplo.mx"


@pytest.mark.parametrize(
    ("texto", "parte"),
    [
        ("{", "no es JSON"),
        ("[1]", "objeto"),
        ('{"OSM": {}}', "a-z"),
        ('{"practica": {}}', "aulas"),
        ('{"otro": {}}', "le falta web"),
        ('{"osm": 1}', "objeto"),
        ('{"osm": {"clave": "x"}}', "no se conoce"),
        ('{"osm": {"entrar": "si"}}', "true o false"),
        ('{"osm": {"cliente_id": "con espacio"}}', "espacios"),
        ('{"x": {"web": "ftp://a.b"}}', "https://"),
        ('{"x": {"web": "http://osm.ejemplo.mx"}}', "a la vista"),
        ('{"x": {"web": "https://yo:clave@osm.ejemplo.mx"}}', "completa"),
        ('{"x": {"web": "https://osm.ejemplo.mx:99999"}}', "dirección"),
    ],
)
def test_una_configuracion_mala_dice_donde(texto, parte):
    with pytest.raises(ServidoresMalConfigurados) as error:
        servidores.leer(texto)
    assert parte in error.value.mensaje


def test_un_error_de_configuracion_no_repite_secretos():
    for texto in (
        '{"osm": {"cliente_secreto": "muy secreto", "x": 1}}',
        '{"osm": {"cliente_secreto": "muysecreto", "entrar": 3}}',
        '{"osm": {"cliente_secreto": "muysecreto"',
    ):
        with pytest.raises(ServidoresMalConfigurados) as error:
            servidores.leer(texto)
        assert 'secreto"' not in str(error.value)
        assert "muy" not in str(error.value)
        assert error.value.__cause__ is None


def test_http_sin_cifrar_solo_en_casa():
    for sitio in (
        "http://127.0.0.1:8001/practica/aulas/3",
        "http://192.168.1.5",
        "http://taller.local:8000",
        "http://[::1]:80",
    ):
        assert servidores.leer(f'{{"x": {{"web": "{sitio}"}}}}')["x"].web == sitio


def test_el_de_practica_depende_del_aula(monkeypatch):
    monkeypatch.delenv(servidores.VARIABLE, raising=False)
    en_aula = servidores.servidor("practica").en_aula(7, "https://tequio.ejemplo.mx")
    assert en_aula.practica
    assert en_aula.api == "https://tequio.ejemplo.mx/practica/aulas/7"
    assert en_aula.oauth == "https://tequio.ejemplo.mx/practica/aulas/7/oauth2"
    with pytest.raises(ServidorDesconocido):
        servidores.servidor("ninguno")
    assert [s.id for s in servidores.todos()] == ["osm", "osm-dev", "practica"]
