"""Dar permiso a una aplicación, en un navegador de verdad: la política de la página deja volver sólo a donde toca."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.fabrica import aula
from tests.navegador.conftest import ESCRITORIO, TELEFONO, faltas_de_accesibilidad

VERIFICADOR = "8c1f2a8e-5a0f-4b6d-9a55-1f6f0c1d2e3f"


@pytest.fixture
def josm() -> Iterator[tuple[str, list[str]]]:
    """Algo que escucha en la propia máquina, como JOSM: su dirección y lo que le llega."""
    llegado: list[str] = []

    class Escucha(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            llegado.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>JOSM</title>listo")

        def log_message(self, *_: object) -> None:
            pass

    servidor = HTTPServer(("127.0.0.1", 0), Escucha)
    threading.Thread(target=servidor.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{servidor.server_port}/oauth_authorization", llegado
    servidor.shutdown()
    servidor.server_close()


def pedido(regreso: str) -> dict[str, str]:
    reto = base64.urlsafe_b64encode(hashlib.sha256(VERIFICADOR.encode()).digest()).rstrip(b"=").decode()
    return {
        "response_type": "code",
        "client_id": "josm",
        "redirect_uri": regreso,
        "scope": "read_prefs write_api read_gpx write_gpx",
        "state": "abc",
        "code_challenge": reto,
        "code_challenge_method": "S256",
    }


def test_se_da_permiso_con_el_teclado_y_la_aplicacion_recibe_su_ficha(abrir, bd, elenco, josm, sitio):
    regreso, llegado = josm
    with bd.transaccion() as sesion:
        taller = aula(sesion, elenco.municipio, visibilidad="privada")
    base = f"/practica/aulas/{taller}/oauth2"
    for tamano in (TELEFONO, ESCRITORIO):
        pagina = abrir(elenco.mapeadora, tamano)
        pagina.goto(f"{base}/authorize?{urlencode(pedido(regreso))}")
        assert faltas_de_accesibilidad(pagina) == []
        assert pagina.evaluate("document.documentElement.scrollWidth") <= tamano["width"]
        pagina.get_by_role("button", name="Dar permiso", exact=True).focus()
        pagina.keyboard.press("Enter")
        pagina.wait_for_url(regreso + "?*")
        assert pagina.title() == "JOSM"
    codigo = parse_qs(urlsplit([r for r in llegado if "code=" in r][-1]).query)["code"][0]
    datos = {
        "grant_type": "authorization_code",
        "client_id": "josm",
        "redirect_uri": regreso,
        "code": codigo,
        "code_verifier": VERIFICADOR,
    }
    ficha = requests.post(f"{sitio}{base}/token", data=datos, timeout=5).json()["access_token"]
    quien = requests.get(f"{sitio}{base}/userinfo", headers={"Authorization": f"Bearer {ficha}"}, timeout=5)
    assert quien.json()["preferred_username"] == "mapeadora"

    pagina = abrir(elenco.mapeadora, TELEFONO)
    pagina.goto("/cuenta/aplicaciones")
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth") <= TELEFONO["width"]
    pagina.get_by_role("button", name="Quitar acceso a JOSM en Taller").click()
    pagina.get_by_text("Le quitaste el acceso").wait_for()
    assert (
        requests.get(f"{sitio}{base}/userinfo", headers={"Authorization": f"Bearer {ficha}"}, timeout=5).status_code
        == 401
    )


def test_una_direccion_no_registrada_se_queda_en_una_pagina_que_lo_explica(abrir, bd, elenco):
    with bd.transaccion() as sesion:
        taller = aula(sesion, elenco.municipio)
    pagina = abrir(elenco.mapeadora, TELEFONO)
    pagina.goto(
        f"/practica/aulas/{taller}/oauth2/authorize?{urlencode(pedido('https://malo.example/oauth_authorization'))}"
    )
    pagina.get_by_role("heading", name="La aplicación no puede entrar").wait_for()
    assert faltas_de_accesibilidad(pagina) == []
    assert pagina.evaluate("document.documentElement.scrollWidth") <= TELEFONO["width"]
