"""Entrar con una cuenta de la familia OpenStreetMap, de ida y vuelta, contra servidores que atienden de verdad.

El bueno es otro Tequio, con su propia base, haciendo de servidor de OpenStreetMap con una de sus aulas; los malos son
enchufes que no contestan, contestan tarde, o contestan otra cosa.
"""

import json
import re
import socket
import threading
import time
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import text
from werkzeug.serving import make_server

from tareas.aplicacion import crear_aplicacion
from tareas.comun.bd import BaseDeDatos
from tareas.cuentas import servicio as cuentas
from tareas.cuentas.osm import cliente as hacia_fuera
from tareas.practica.oauth.servicio import registrar_cliente
from tests.fabrica import abrir_sesion, aula, municipio, persona
from tests.servicios.test_cuentas import CLAVE

REGRESO = "http://localhost/entrar/osm/vecino/regreso"


class Vecino:
    """El otro Tequio: su dirección, su aula, su gente, y el navegador de alguien que ya entró allá."""

    def __init__(self, app, base, url):
        self.app, self.base, self.url = app, base, url
        with base.transaccion() as sesion:
            self.aula = aula(sesion, municipio_de(base))
            nuevo = registrar_cliente(sesion, "Tequio de acá", [REGRESO], con_secreto=True)
        self.cliente_id, self.secreto = nuevo.id, nuevo.secreto

    @property
    def web(self):
        return f"{self.url}/practica/aulas/{self.aula}"

    def persona(self, usuario):
        return persona(self.base, usuario)

    def responder(self, direccion, quien, respuesta="si"):
        """Lo que hace la persona allá: ve la página de permiso y contesta. Da la dirección a donde la mandan."""
        with requests.Session() as navegador:
            navegador.cookies.set("tequio_sesion", abrir_sesion(self.base, quien), domain="127.0.0.1")
            html = navegador.get(direccion, timeout=10).text
            ficha = re.search(r'name="csrf_token" value="([^"]+)"', html)[1]
            accion = unescape(re.search(r'<form class="hoja" method="post" action="([^"]+)"', html)[1])
            datos = {"csrf_token": ficha, "respuesta": respuesta}
            return navegador.post(self.url + accion, data=datos, allow_redirects=False, timeout=10).headers["Location"]


def creada_en(base, persona_id):
    with base.lectura() as sesion:
        creada = sesion.execute(
            text("SELECT date_trunc('second', creada) FROM persona WHERE id = :p"), {"p": persona_id}
        )
        return creada.scalar()


def municipio_de(base):
    with base.lectura() as sesion:
        hay = sesion.execute(text("SELECT id FROM municipio LIMIT 1")).scalar()
    return hay or municipio(base)


@pytest.fixture(scope="module")
def vecino(crear_base):
    url_base = crear_base()
    base = BaseDeDatos(url_base, conexiones=4)
    app = crear_aplicacion(url_base, TESTING=True, SECRET_KEY="vecino", CONEXIONES=4)
    servidor = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=servidor.serve_forever, daemon=True).start()
    yield Vecino(app, base, f"http://127.0.0.1:{servidor.port}")
    servidor.shutdown()
    base.cerrar()
    app.extensions["tequio_bd"].cerrar()


class Aqui:
    """Este Tequio, con el navegador de una persona."""

    def __init__(self, app, bd):
        self.app, self.bd = app, bd
        self.navegador = app.test_client()

    def formulario(self, ruta="/entrar"):
        html = self.navegador.get(ruta).get_data(as_text=True)
        return re.search(r'name="csrf_token" value="([^"]+)"', html)[1]

    def ir(self, servidor="vecino", desde="/entrar", **campos):
        datos = {"csrf_token": self.formulario(desde), **campos}
        return self.navegador.post(f"/entrar/osm/{servidor}", data=datos)

    def volver(self, direccion):
        partes = urlsplit(direccion)
        return self.navegador.get(f"{partes.path}?{partes.query}")

    def entrar(self, vecino, quien, **campos):
        ida = self.ir(**campos)
        assert ida.status_code == 303, texto(ida)
        return self.volver(vecino.responder(ida.headers["Location"], quien))

    def entrar_con_clave(self, usuario):
        datos = {"csrf_token": self.formulario(), "usuario": usuario, "clave": CLAVE}
        assert self.navegador.post("/entrar", data=datos).status_code == 303

    def quien(self):
        respuesta = self.navegador.get("/api/v1/yo")
        return respuesta.json.get("usuario") if respuesta.status_code == 200 else None

    def cuentas(self):
        with self.bd.lectura() as sesion:
            return sesion.execute(
                text("SELECT persona_id, servidor, uid, nombre, conjuntos, creada_alla FROM cuenta_osm ORDER BY uid")
            ).all()


def texto(respuesta):
    return unescape(respuesta.get_data(as_text=True))


@pytest.fixture(scope="module")
def app_aqui(url_base, vecino):
    configurados = {
        "vecino": {
            "nombre": "El vecino",
            "web": vecino.web,
            "cliente_id": vecino.cliente_id,
            "cliente_secreto": vecino.secreto,
        },
        "apagado": {"web": vecino.web, "cliente_id": "x", "entrar": False},
        "sin-cliente": {"web": vecino.web},
    }
    app = crear_aplicacion(
        url_base,
        TESTING=True,
        PROPAGATE_EXCEPTIONS=False,
        SECRET_KEY="pruebas",
        CONEXIONES=4,
        TEQUIO_SERVIDORES_OSM=json.dumps(configurados),
    )
    yield app
    app.extensions["tequio_bd"].cerrar()


@pytest.fixture
def aqui(app_aqui, bd):
    return Aqui(app_aqui, bd)


# --- El vaivén entero -------------------------------------------------------------------------------------------------


def test_se_entra_con_la_cuenta_de_otro_servidor_y_se_sigue_su_nombre(aqui, vecino):
    alla = vecino.persona("José/del_Río".replace("/", "-"))
    ida = aqui.ir(siguiente="/mi-trabajo")
    destino = urlsplit(ida.headers["Location"])
    pregunta = parse_qs(destino.query)
    assert f"{destino.scheme}://{destino.netloc}{destino.path}" == f"{vecino.web}/oauth2/authorize"
    assert (pregunta["scope"], pregunta["code_challenge_method"]) == (["read_prefs"], ["S256"])
    assert pregunta["redirect_uri"] == [REGRESO]
    galleta = next(c for c in ida.headers.getlist("Set-Cookie") if c.startswith("tequio_osm="))
    for parte in ("HttpOnly", "SameSite=Lax", "Path=/entrar/osm", "Max-Age=600"):
        assert parte in galleta
    vuelta = aqui.volver(vecino.responder(ida.headers["Location"], alla))
    assert (vuelta.status_code, vuelta.headers["Location"]) == (303, "/mi-trabajo")
    assert vuelta.headers["Referrer-Policy"] == "no-referrer"
    assert aqui.navegador.get_cookie("tequio_osm", path="/entrar/osm") is None
    assert aqui.quien() == "José-del_Río"
    (cuenta,) = aqui.cuentas()
    assert (cuenta.servidor, cuenta.uid, cuenta.nombre) == ("vecino", alla, "José-del_Río")
    assert (cuenta.conjuntos, cuenta.creada_alla) == (0, creada_en(vecino.base, alla))
    pagina = texto(aqui.navegador.get("/cuenta"))
    for frase in ("José-del_Río", "El vecino", "Desvincular", "Poner una clave"):
        assert frase in pagina

    with vecino.base.transaccion() as sesion:
        sesion.execute(text("UPDATE persona SET usuario = 'pepe' WHERE id = :p"), {"p": alla})
    otra = Aqui(aqui.app, aqui.bd)
    assert otra.entrar(vecino, alla).status_code == 303
    assert otra.quien() == "José-del_Río"
    assert [(c.uid, c.nombre) for c in aqui.cuentas()] == [(alla, "pepe")]


def test_ni_alla_ni_aqui_queda_la_ficha(aqui, vecino):
    aqui.entrar(vecino, vecino.persona("sin_rastro"))
    with aqui.bd.lectura() as sesion:
        columnas = sesion.execute(
            text("SELECT array_agg(column_name::text) FROM information_schema.columns WHERE table_name = 'cuenta_osm'")
        ).scalar()
    assert set(columnas) == {
        "persona_id",
        "servidor",
        "uid",
        "nombre",
        "creada_alla",
        "conjuntos",
        "vinculada",
        "vista",
    }


def test_quien_llego_sin_clave_se_pone_una_y_entonces_puede_desvincular(aqui, vecino):
    aqui.entrar(vecino, vecino.persona("luz"))
    retiro = "/cuenta/osm/vecino/retiro"
    respuesta = aqui.navegador.post(retiro, data={"csrf_token": aqui.formulario("/cuenta")})
    assert respuesta.status_code == 409
    assert "Pon una clave primero" in texto(respuesta)
    pagina = texto(aqui.navegador.get("/cuenta/clave"))
    assert 'name="clave_actual"' not in pagina
    datos = {"csrf_token": aqui.formulario("/cuenta/clave"), "clave": CLAVE}
    assert aqui.navegador.post("/cuenta/clave", data=datos).status_code == 303
    assert 'name="clave_actual"' in texto(aqui.navegador.get("/cuenta/clave"))
    assert aqui.navegador.post(retiro, data={"csrf_token": aqui.formulario("/cuenta")}).status_code == 303
    assert aqui.cuentas() == []
    aqui.navegador = aqui.app.test_client()
    aqui.entrar_con_clave("luz")


def test_se_vincula_desde_mi_cuenta_y_despues_se_entra_por_alla(aqui, vecino):
    with aqui.bd.transaccion() as sesion:
        ana = cuentas.crear_persona(sesion, usuario="ana", nombre="Ana", clave=CLAVE)
    alla = vecino.persona("ana_osm")
    aqui.entrar_con_clave("ana")
    assert "Vincular mi cuenta de El vecino" in texto(aqui.navegador.get("/cuenta"))
    vuelta = aqui.entrar(vecino, alla, desde="/cuenta")
    assert (vuelta.status_code, vuelta.headers["Location"]) == (303, "/cuenta#t-osm")
    assert [(c.persona_id, c.uid) for c in aqui.cuentas()] == [(ana, alla)]
    otra = Aqui(aqui.app, aqui.bd)
    otra.entrar(vecino, alla)
    assert otra.quien() == "ana"
    # Y quien ya es de alguien no se vincula a otra persona.
    with aqui.bd.transaccion() as sesion:
        cuentas.crear_persona(sesion, usuario="beto", nombre="Beto", clave=CLAVE)
    beto = Aqui(aqui.app, aqui.bd)
    beto.entrar_con_clave("beto")
    respuesta = beto.entrar(vecino, alla, desde="/cuenta")
    assert respuesta.status_code == 409
    assert "ya es de otra persona" in texto(respuesta)
    assert len(aqui.cuentas()) == 1


def test_si_al_volver_hay_otra_persona_no_se_vincula_nada(aqui, vecino):
    with aqui.bd.transaccion() as sesion:
        for usuario in ("ana", "beto"):
            cuentas.crear_persona(sesion, usuario=usuario, nombre=usuario, clave=CLAVE)
    aqui.entrar_con_clave("ana")
    ida = aqui.ir(desde="/cuenta")
    aqui.navegador.delete_cookie("tequio_sesion")
    aqui.entrar_con_clave("beto")
    respuesta = aqui.volver(vecino.responder(ida.headers["Location"], vecino.persona("quien_sabe")))
    assert respuesta.status_code == 409
    assert aqui.cuentas() == []


def test_de_baja_no_se_entra(aqui, vecino):
    alla = vecino.persona("de_salida")
    aqui.entrar(vecino, alla)
    with aqui.bd.transaccion() as sesion:
        cuentas.dar_de_baja(sesion, aqui.cuentas()[0].persona_id)
    respuesta = Aqui(aqui.app, aqui.bd).entrar(vecino, alla)
    assert respuesta.status_code == 403
    assert "está de baja" in texto(respuesta)
    assert aqui.quien() is None


def test_con_el_registro_cerrado_no_se_crean_personas(aqui, vecino, monkeypatch):
    monkeypatch.setitem(aqui.app.config, "TEQUIO_REGISTRO", "no")
    respuesta = aqui.entrar(vecino, vecino.persona("curiosa"))
    assert respuesta.status_code == 403
    assert "vincúlala en «Mi cuenta»" in texto(respuesta)
    assert aqui.cuentas() == []


def test_la_pagina_ofrece_solo_aquellos_con_que_se_puede_entrar(aqui, vecino):
    pagina = aqui.navegador.get("/entrar")
    assert texto(pagina).count("Entrar con ") == 1
    assert "Entrar con El vecino" in texto(pagina)
    assert f"form-action 'self' {vecino.url};" in pagina.headers["Content-Security-Policy"]
    for servidor in ("apagado", "sin-cliente", "osm", "practica", "ninguno"):
        assert aqui.ir(servidor).status_code == 404
    assert vecino.secreto not in pagina.get_data(as_text=True)


def test_sin_la_ficha_del_formulario_no_se_empieza(aqui):
    assert aqui.navegador.post("/entrar/osm/vecino").status_code == 400


def test_nunca_se_sale_de_este_sitio(aqui, vecino):
    alla = vecino.persona("viajera")
    assert aqui.entrar(vecino, alla, siguiente="//malo.example").headers["Location"] == "/"


# --- Respuestas que no son de aquí ------------------------------------------------------------------------------------


def test_una_respuesta_ajena_repetida_o_vieja_no_deja_entrar(aqui, vecino):
    alla = vecino.persona("ingenua")
    ida = aqui.ir()
    vuelta = vecino.responder(ida.headers["Location"], alla)
    # La recibe otro navegador: a alguien le mandaron el enlace de otra persona.
    otra = Aqui(aqui.app, aqui.bd)
    assert_explicado(otra.volver(vuelta), 410)
    # Y otro que había empezado lo suyo.
    otra.ir()
    assert_explicado(otra.volver(vuelta), 410)
    # La de otro servidor, con el mismo estado.
    assert_explicado(aqui.volver(vuelta.replace("/vecino/", "/osm/")), 404)
    ida = aqui.ir()
    vuelta = vecino.responder(ida.headers["Location"], alla)
    galleta = aqui.navegador.get_cookie("tequio_osm", path="/entrar/osm").value
    assert aqui.volver(vuelta).status_code == 303
    aqui.navegador.delete_cookie("tequio_sesion")
    assert_explicado(aqui.volver(vuelta), 410)
    # Aunque alguien guardara la galleta, el código sirve una sola vez.
    aqui.navegador.set_cookie("tequio_osm", galleta, path="/entrar/osm")
    assert_explicado(aqui.volver(vuelta), 409, "no aceptó esta entrada")
    assert aqui.quien() is None


def test_con_la_galleta_cambiada_o_sin_estado_no_se_entra(aqui):
    aqui.ir()
    galleta = aqui.navegador.get_cookie("tequio_osm", path="/entrar/osm").value
    for valor in (galleta[:-3] + "abc", "", "e30.x.y", "\x7f" * 5):
        aqui.navegador.set_cookie("tequio_osm", valor, path="/entrar/osm")
        assert_explicado(aqui.volver(REGRESO + "?code=a&state=b"), 410)
    for cola in ("?code=a", "?state=", "?code=a&state=%FF%00", "?code=" + "x" * 3000, ""):
        aqui.ir()
        assert_explicado(aqui.volver(REGRESO + cola), 410)


def assert_explicado(respuesta, codigo, frase=""):
    """Una página en español que dice qué pasó y ofrece entrar de otra manera."""
    pagina = texto(respuesta)
    assert respuesta.status_code == codigo, pagina
    assert "Todavía no entras" in pagina
    assert 'href="/entrar?siguiente=' in pagina
    assert frase in pagina


def test_si_alla_no_da_permiso_se_dice_y_se_ofrece_otra_manera(aqui, vecino):
    ida = aqui.ir(siguiente="/mi-trabajo")
    respuesta = aqui.volver(vecino.responder(ida.headers["Location"], vecino.persona("prudente"), "no"))
    assert_explicado(respuesta, 403, "No diste permiso en El vecino")
    assert "siguiente=/mi-trabajo" in texto(respuesta)
    estado = parse_qs(urlsplit(aqui.ir().headers["Location"]).query)["state"][0]
    assert_explicado(aqui.volver(f"{REGRESO}?error=server_error&state={estado}"), 409)


# --- Servidores que fallan --------------------------------------------------------------------------------------------


class Malo(BaseHTTPRequestHandler):
    """Contesta a cada ruta lo que la prueba diga; ``gotea`` manda un byte cada tanto y no termina."""

    respuestas: ClassVar[dict] = {}

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.responder("token")

    def do_GET(self):
        self.responder("detalles")

    def responder(self, cual):
        codigo, cuerpo = self.respuestas[cual]
        if cuerpo == "nada":
            time.sleep(3)
            return
        self.send_response(codigo)
        self.send_header("Content-Type", "application/json")
        if codigo in (302, 307):
            self.send_header("Location", "http://127.0.0.1:9/")
        self.end_headers()
        try:
            if cuerpo == "gotea":
                for _ in range(40):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.1)
            elif cuerpo == "enorme":
                for _ in range(64):
                    self.wfile.write(b"[" * 65536)
            else:
                self.wfile.write(cuerpo if isinstance(cuerpo, bytes) else json.dumps(cuerpo).encode())
        except OSError:
            pass

    def log_message(self, *_):
        pass


@contextmanager
def malo(**respuestas):
    clase = type("MaloDeEsta", (Malo,), {"respuestas": respuestas})
    servidor = ThreadingHTTPServer(("127.0.0.1", 0), clase)
    servidor.daemon_threads = True
    hilo = threading.Thread(target=servidor.serve_forever, args=(0.02,), daemon=True)
    hilo.start()
    yield f"http://127.0.0.1:{servidor.server_port}"
    servidor.shutdown()
    servidor.server_close()


BUENO = {"access_token": "abc", "token_type": "Bearer", "scope": "read_prefs"}
DETALLES = {"user": {"id": 7, "display_name": "Siete"}}
FALLAS = {
    "token 500": ({"token": (500, {})}, 409),
    "token con una página": ({"token": (200, b"<html>mantenimiento</html>")}, 409),
    "token que no es objeto": ({"token": (200, [1])}, 409),
    "token sin ficha": ({"token": (200, {"token_type": "Bearer"})}, 409),
    "token con una ficha rara": ({"token": (200, {**BUENO, "access_token": {"a": 1}, "token_type": "mac"})}, 409),
    "código rechazado": ({"token": (400, {"error": "invalid_grant"})}, 409),
    "cliente rechazado": ({"token": (401, {"error": "invalid_client"})}, 409),
    "token que manda a otro lado": ({"token": (307, {})}, 409),
    "token vacío": ({"token": (200, b"")}, 409),
    "detalles 500": ({"token": (200, BUENO), "detalles": (500, {})}, 409),
    "detalles 401": ({"token": (200, BUENO), "detalles": (401, {})}, 409),
    "detalles que mandan a otro lado": ({"token": (200, BUENO), "detalles": (302, {})}, 409),
    "detalles rotos": ({"token": (200, BUENO), "detalles": (200, b'{"user": ')}, 409),
    "detalles sin persona": ({"token": (200, BUENO), "detalles": (200, {"otra": 1})}, 409),
    "número cero": ({"token": (200, BUENO), "detalles": (200, {"user": {"id": 0, "display_name": "x"}})}, 409),
    "número enorme": ({"token": (200, BUENO), "detalles": (200, {"user": {"id": 2**70, "display_name": "x"}})}, 409),
    "número de texto": ({"token": (200, BUENO), "detalles": (200, {"user": {"id": "7", "display_name": "x"}})}, 409),
    "sin nombre": ({"token": (200, BUENO), "detalles": (200, {"user": {"id": 7, "display_name": ""}})}, 409),
    "nombre larguísimo": (
        {"token": (200, BUENO), "detalles": (200, {"user": {"id": 7, "display_name": "x" * 300}})},
        409,
    ),
    "fecha inventada": (
        {"token": (200, BUENO), "detalles": (200, {"user": {**DETALLES["user"], "account_created": "ayer"}})},
        409,
    ),
    "medio emoji": ({"token": (200, BUENO), "detalles": (200, {"user": {"id": 7, "display_name": "\ud83d"}})}, 409),
    "profundo": ({"token": (200, BUENO), "detalles": (200, b"[" * 60_000)}, 409),
    "enorme": ({"token": (200, BUENO), "detalles": (200, "enorme")}, 409),
    "gotea": ({"token": (200, "gotea")}, 409),
    "no contesta": ({"token": (200, "nada")}, 409),
}


def configurado(aqui, web, monkeypatch):
    texto_json = json.dumps({"vecino": {"nombre": "El vecino", "web": web, "cliente_id": "x"}})
    monkeypatch.setitem(aqui.app.config, "TEQUIO_SERVIDORES_OSM", texto_json)


def probar(aqui):
    estado = parse_qs(urlsplit(aqui.ir().headers["Location"]).query)["state"][0]
    return aqui.volver(f"{REGRESO}?code=abc&state={estado}")


def test_un_servidor_que_falla_se_explica_y_no_impide_entrar_con_clave(aqui, monkeypatch, caplog):
    monkeypatch.setattr(hacia_fuera, "ESPERA_LEER_S", 0.3)
    monkeypatch.setattr(hacia_fuera, "ESPERA_TOTAL_S", 0.6)
    with aqui.bd.transaccion() as sesion:
        cuentas.crear_persona(sesion, usuario="ana", nombre="Ana", clave=CLAVE)
    for falla, (respuestas, codigo) in FALLAS.items():
        with malo(**respuestas) as web:
            configurado(aqui, web, monkeypatch)
            empezo = time.monotonic()
            respuesta = probar(aqui)
            assert time.monotonic() - empezo < 3, falla
        assert respuesta.status_code == codigo, (falla, texto(respuesta))
        assert_explicado(respuesta, codigo, "El vecino")
    assert aqui.cuentas() == []
    assert "abc" not in caplog.text
    aqui.entrar_con_clave("ana")


def test_un_servidor_apagado_se_dice(aqui, monkeypatch):
    with socket.socket() as enchufe:
        enchufe.bind(("127.0.0.1", 0))
        puerto = enchufe.getsockname()[1]
    configurado(aqui, f"http://127.0.0.1:{puerto}", monkeypatch)
    assert_explicado(probar(aqui), 409, "El vecino no contesta")


def test_un_nombre_raro_pero_bueno_entra(aqui, monkeypatch):
    casos = ["a b/c@d", "\u202eal revés", "👩‍🌾 milpa", "x" * 255, "\u0000nul", "İ", "   "]
    for numero, nombre in enumerate(casos, 1):
        detalles = {
            "user": {"id": numero, "display_name": nombre, "account_created": "2015-01-02T03:04:05Z", "roles": []}
        }
        with malo(token=(200, BUENO), detalles=(200, detalles)) as web:
            configurado(aqui, web, monkeypatch)
            respuesta = probar(aqui)
        assert respuesta.status_code == 303, (nombre, texto(respuesta))
        assert aqui.quien()
        aqui.navegador.delete_cookie("tequio_sesion")
    assert [c.uid for c in aqui.cuentas()] == list(range(1, len(casos) + 1))


def test_una_configuracion_mala_no_deja_encender(url_base):
    with pytest.raises(Exception, match="TEQUIO_SERVIDORES_OSM no sirve"):
        crear_aplicacion(url_base, TEQUIO_SERVIDORES_OSM='{"osm": {"clave": 1}}')
