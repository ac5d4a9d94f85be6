"""A dónde se puede mandar un permiso, y qué permisos se dan."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tareas.practica.oauth.errores import RedireccionInvalida
from tareas.practica.oauth.reglas import (
    ALCANCES,
    otorgables,
    redireccion_de_josm,
    redireccion_del_sitio,
    redireccion_registrada,
    revisar_redireccion,
    sitio_de,
)

SITIO = "https://tequio.ejemplo.mx"


@pytest.mark.parametrize("uri", [f"{SITIO}/estaticos/v/id/land.html", f"{SITIO}/"])
def test_el_editor_vuelve_a_este_mismo_sitio(uri):
    assert redireccion_del_sitio(uri, SITIO)


@pytest.mark.parametrize(
    "uri",
    [
        "https://malo.example/land.html",
        "http://tequio.ejemplo.mx/land.html",
        f"{SITIO}:8443/land.html",
        f"{SITIO}.malo.example/land.html",
        f"{SITIO}@malo.example/land.html",
        "https://yo@tequio.ejemplo.mx/land.html",
        f"{SITIO}//malo.example",
        f"{SITIO}/land.html#x",
        f"{SITIO}/salir?siguiente=//malo.example",
        f"{SITIO}\\@malo.example/",
        f"{SITIO}/\tland.html",
        f"{SITIO}/l\u00e1nd.html",
        f"{SITIO}",
        "/land.html",
        "javascript:alert(1)",
        "",
        f"{SITIO}/" + "a" * 2000,
    ],
)
def test_el_editor_no_vuelve_a_ningun_otro(uri):
    assert not redireccion_del_sitio(uri, SITIO)


@pytest.mark.parametrize(
    "uri",
    [f"http://{h}/oauth_authorization" for h in ("127.0.0.1:8111", "localhost:8111", "127.0.0.1:54321", "[::1]:8111")],
)
def test_josm_vuelve_a_la_propia_maquina_en_cualquier_puerto(uri):
    assert redireccion_de_josm(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:8111/",
        "http://127.0.0.1:8111/oauth_authorization/../otra",
        "http://127.0.0.1:8111/oauth_authorization?x=1",
        "https://127.0.0.1:8111/oauth_authorization",
        "http://127.0.0.1.malo.example/oauth_authorization",
        "http://127.0.0.1:8111@malo.example/oauth_authorization",
        "http://127.0.0.2:8111/oauth_authorization",
        "http://192.168.1.5:8111/oauth_authorization",
        "http://127.0.0.1:99999/oauth_authorization",
    ],
)
def test_josm_no_vuelve_a_otro_lado(uri):
    assert not redireccion_de_josm(uri)


def test_una_registrada_vale_letra_por_letra():
    registradas = ["https://app.ejemplo.mx/volver", "http://127.0.0.1/volver", "mx.ejemplo.app:/volver"]
    for uri in (*registradas, "http://127.0.0.1:5000/volver"):
        assert redireccion_registrada(uri, registradas)
    for uri in (
        "https://app.ejemplo.mx/volver/",
        "https://app.ejemplo.mx/VOLVER",
        "https://app.ejemplo.mx/volver?x=1",
        "https://app.ejemplo.mx:8443/volver",
        "https://sub.app.ejemplo.mx/volver",
        "https://app.ejemplo.mx/volver#f",
        "http://localhost:5000/volver",
        "http://127.0.0.1:5000/otra",
        "mx.ejemplo.app:/volver/mas",
        "http://app.ejemplo.mx/volver",
    ):
        assert not redireccion_registrada(uri, registradas), uri


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.ejemplo.mx/volver",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https:///volver",
        "https://a.b/#x",
        "https://yo@a.b/",
        "volver",
        "app:",
        "https://a.b/ x",
    ],
)
def test_hay_direcciones_que_no_se_registran(uri):
    with pytest.raises(RedireccionInvalida):
        revisar_redireccion(uri)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_ninguna_cosa_rara_pasa_por_direccion(texto):
    assert not redireccion_de_josm(texto)
    assert not redireccion_del_sitio(SITIO + texto, "https://otro.ejemplo.mx")


def test_se_da_lo_que_hay_de_lo_pedido():
    assert otorgables("read_gpx write_gpx read_prefs write_prefs write_api write_notes") == tuple(ALCANCES)
    assert otorgables("write_api read_prefs") == ("read_prefs", "write_api")
    assert otorgables(None) == otorgables("") == ("read_prefs",)
    assert otorgables("write_diary") is None
    assert otorgables("read_prefs administrar") is None


def test_el_sitio_se_dice_como_en_la_politica():
    assert sitio_de("http://127.0.0.1:8111/oauth_authorization") == "http://127.0.0.1:8111"
    assert sitio_de("vespucci:/oauth2/") == "vespucci:"
