"""El proveedor OAuth 2 de las aulas, como lo usan iD (osm-auth), JOSM y quien quiere colarse."""

import base64
import hashlib
import itertools
import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from tareas.comun import reloj
from tareas.cuentas import servicio as cuentas
from tareas.cuentas.consultas import huella
from tareas.practica.oauth import consultas, servicio
from tareas.practica.oauth.errores import (
    ClienteDeCasa,
    ClienteDesconocido,
    NombreDeClienteInvalido,
    PersonaSinAcceso,
    RedireccionInvalida,
)
from tareas.practica.oauth.reglas import ALCANCES, FICHAS_POR_APLICACION
from tests.fabrica import abrir_sesion, aula, persona, sembrar_elenco, vaciar
from tests.servicios.test_cuentas_en_paralelo import a_la_vez

JOSM = "http://127.0.0.1:8111/oauth_authorization"
LAND = "http://localhost/estaticos/v/id/land.html"
VERIFICADOR = "a" * 43
TODO_JOSM = "read_gpx write_gpx read_prefs write_prefs write_api write_notes"


def reto(verificador=VERIFICADOR):
    return base64.urlsafe_b64encode(hashlib.sha256(verificador.encode()).digest()).rstrip(b"=").decode()


class Taller:
    """Un aula privada, una persona de ese municipio con su navegador, y lo que las aplicaciones mandan."""

    numero = itertools.count(1)

    def __init__(self, app, bd, elenco):
        self.app, self.bd, self.elenco = app, bd, elenco
        with bd.transaccion() as sesion:
            self.aula = aula(sesion, elenco.municipio, visibilidad="privada")
            self.otra = aula(sesion, elenco.municipio)
        self.usuario = f"alumna{next(self.numero)}"
        self.persona = persona(bd, self.usuario, (elenco.municipio, "mapeador"))
        self.navegador = self.navegador_de(self.persona)

    def navegador_de(self, persona_id):
        navegador = self.app.test_client()
        navegador.set_cookie("tequio_sesion", abrir_sesion(self.bd, persona_id))
        return navegador

    def pedido(self, **cambios):
        base = {
            "response_type": "code",
            "client_id": "josm",
            "redirect_uri": JOSM,
            "scope": TODO_JOSM,
            "state": "un estado/raro?",
            "code_challenge": reto(),
            "code_challenge_method": "S256",
        }
        return {k: v for k, v in (base | cambios).items() if v is not None}

    def pedir(self, navegador=None, aula_id=None, **cambios):
        return (navegador or self.navegador).get(
            f"/practica/aulas/{aula_id or self.aula}/oauth2/authorize", query_string=self.pedido(**cambios)
        )

    def responder(self, respuesta="si", navegador=None, aula_id=None, **cambios):
        """Abre la página, y envía su formulario tal como viene."""
        navegador = navegador or self.navegador
        pagina = self.pedir(navegador, aula_id, **cambios)
        assert pagina.status_code == 200, pagina.get_data(as_text=True)
        html = pagina.get_data(as_text=True)
        ficha = re.search(r'name="csrf_token" value="([^"]+)"', html)[1]
        accion = re.search(r'<form class="hoja" method="post" action="([^"]+)"', html)[1].replace("&amp;", "&")
        return navegador.post(accion, data={"csrf_token": ficha, "respuesta": respuesta})

    def codigo(self, **kwargs):
        vuelta = self.responder(**kwargs)
        assert vuelta.status_code == 302, vuelta.get_data(as_text=True)
        return parse_qs(urlsplit(vuelta.headers["Location"]).query)["code"][0]

    def cambiar(self, codigo, aula_id=None, cabeceras=None, **cambios):
        datos = {
            "grant_type": "authorization_code",
            "client_id": "josm",
            "redirect_uri": JOSM,
            "code": codigo,
            "code_verifier": VERIFICADOR,
        } | cambios
        datos = {k: v for k, v in datos.items() if v is not None}
        ruta = f"/practica/aulas/{aula_id or self.aula}/oauth2/token"
        return self.app.test_client().post(ruta, data=datos, headers=cabeceras)

    def ficha(self, **kwargs):
        respuesta = self.cambiar(self.codigo(**kwargs))
        assert respuesta.status_code == 200, respuesta.json
        return respuesta.json["access_token"]

    def acceso(self, ficha, aula_id=None):
        with self.bd.lectura() as sesion:
            return consultas.actor_de_acceso(sesion, ficha, aula_id or self.aula)

    def ejecutar(self, sql, **valores):
        with self.bd.transaccion() as sesion:
            sesion.execute(text(sql), valores)

    def uno(self, sql):
        with self.bd.lectura() as sesion:
            return sesion.execute(text(sql), {"p": self.persona}).scalar()


@pytest.fixture(scope="module")
def elenco_del_modulo(base_del_proceso, url_base):
    yield sembrar_elenco(base_del_proceso)
    vaciar(url_base)


@pytest.fixture
def taller(app, base_del_proceso, elenco_del_modulo):
    """Persona y aulas nuevas en cada prueba, sobre la misma base: vaciarla cuesta más que lo que aquí se prueba."""
    return Taller(app, base_del_proceso, elenco_del_modulo)


def error_de(respuesta):
    return respuesta.status_code, respuesta.json["error"]


# --- Las dos aplicaciones de siempre ----------------------------------------------------------------------------------


def test_josm_entra_con_lo_que_manda_de_verdad(taller):
    """Dirección adivinada a partir de la API, un UUID por verificador, y alcances que un aula no tiene."""
    verificador = str(uuid.uuid4())
    pedido = taller.pedido(code_challenge=reto(verificador))
    ruta = f"/practica/aulas/{taller.aula}/api/authorize?" + "&".join(f"{k}={v}" for k, v in pedido.items())
    pagina = taller.navegador.get(ruta.replace(" ", "%20"), follow_redirects=True)
    assert pagina.status_code == 200
    html = pagina.get_data(as_text=True)
    for frase in ("JOSM", "Taller", taller.usuario, "Cambiar el mapa del aula a tu nombre", "127.0.0.1:8111"):
        assert frase in html
    codigo = taller.codigo(code_challenge=reto(verificador))
    cuerpo = (
        f"grant_type=authorization_code&client_id=josm&redirect_uri={JOSM}&code={codigo}&code_verifier={verificador}"
    )
    respuesta = taller.app.test_client().post(
        f"/practica/aulas/{taller.aula}/api/token", data=cuerpo, content_type="application/x-www-form-urlencoded"
    )
    assert respuesta.status_code == 200, respuesta.json
    dada = respuesta.json
    assert dada["token_type"] == "Bearer"
    assert dada["scope"].split() == list(ALCANCES)
    assert dada["expires_in"] == 30 * 86400
    assert abs(dada["created_at"] - reloj_de(taller)) < 5
    assert respuesta.headers["Cache-Control"] == "no-store"
    actor, alcances = taller.acceso(dada["access_token"])
    assert (actor.id, actor.usuario) == (taller.persona, taller.usuario)
    assert alcances == frozenset(ALCANCES)
    assert actor.papeles == {(taller.elenco.municipio, "mapeador")}


def reloj_de(taller):
    with taller.bd.lectura() as sesion:
        return reloj.ahora(sesion).timestamp()


def test_id_entra_con_todo_en_la_direccion_y_el_cuerpo_vacio(taller):
    codigo = taller.codigo(client_id="tequio-editor", redirect_uri=LAND, scope="read_prefs write_api")
    respuesta = taller.app.test_client().post(
        f"/practica/aulas/{taller.aula}/oauth2/token",
        query_string={
            "client_id": "tequio-editor",
            "code": codigo,
            "code_verifier": VERIFICADOR,
            "grant_type": "authorization_code",
            "redirect_uri": LAND,
        },
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert respuesta.status_code == 200, respuesta.json
    assert respuesta.json["expires_in"] == 12 * 3600
    assert taller.acceso(respuesta.json["access_token"])[1] == {"read_prefs", "write_api"}


def test_la_respuesta_vuelve_con_el_estado_igual(taller):
    vuelta = taller.responder()
    partes = urlsplit(vuelta.headers["Location"])
    assert vuelta.headers["Location"].startswith(JOSM + "?")
    assert parse_qs(partes.query)["state"] == ["un estado/raro?"]
    assert vuelta.headers["Referrer-Policy"] == "no-referrer"
    assert vuelta.headers["Cache-Control"] == "no-store"


def test_sin_permiso_vuelve_diciendolo_y_no_deja_nada(taller):
    vuelta = taller.responder("no")
    pregunta = parse_qs(urlsplit(vuelta.headers["Location"]).query)
    assert (pregunta["error"], pregunta["state"]) == (["access_denied"], ["un estado/raro?"])
    assert taller.uno("SELECT count(*) FROM oauth_codigo WHERE persona_id = :p") == 0


def test_la_pagina_no_se_puede_enmarcar_y_deja_salir_solo_a_esa_direccion(taller):
    pagina = taller.pedir()
    politica = pagina.headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:8111;" in politica
    assert "frame-ancestors 'none'" in politica
    assert pagina.headers["X-Frame-Options"] == "DENY"
    assert pagina.headers["Cache-Control"] == "no-store"


def test_quien_no_ha_entrado_entra_y_vuelve_al_permiso(taller):
    respuesta = taller.pedir(taller.app.test_client())
    assert respuesta.status_code == 302
    assert respuesta.headers["Location"].startswith("/entrar?siguiente=/practica/aulas/")
    assert "code_challenge" in respuesta.headers["Location"]


def test_sin_la_ficha_del_formulario_no_hay_permiso(taller):
    ruta = f"/practica/aulas/{taller.aula}/oauth2/authorize"
    respuesta = taller.navegador.post(ruta, query_string=taller.pedido(), data={"respuesta": "si"})
    assert respuesta.status_code == 400
    assert "Location" not in respuesta.headers


# --- A dónde no se manda a nadie --------------------------------------------------------------------------------------


DESCONFIABLES = (
    {"redirect_uri": "https://malo.example/oauth_authorization"},
    {"redirect_uri": "http://127.0.0.1:8111@malo.example/oauth_authorization"},
    {"redirect_uri": None},
    {"redirect_uri": ""},
    {"redirect_uri": 'http://127.0.0.1:8111/"ñ\\'},
    {"redirect_uri": "http://127.0.0.1:8111/\0"},
    {"redirect_uri": "javascript:alert(1)"},
    {"client_id": "tequio-editor", "redirect_uri": "http://localhost.malo.example/land.html"},
    {"client_id": "tequio-editor", "redirect_uri": JOSM},
    {"client_id": "desconocida"},
    {"client_id": "x' OR 1=1 --"},
    {"client_id": "\0"},
    {"client_id": None},
    {"client_id": "desconocida", "response_type": "token", "redirect_uri": "https://malo.example/"},
    {"response_type": "token", "redirect_uri": "https://malo.example/"},
    {"response_type": 'ñ"', "redirect_uri": "https://malo.example/"},
    {"scope": "x" * 5000},
)


def test_con_una_direccion_o_aplicacion_no_registrada_no_se_manda_a_nadie(taller):
    for cambios in DESCONFIABLES:
        respuesta = taller.pedir(**cambios)
        assert respuesta.status_code == 400, cambios
        assert "Location" not in respuesta.headers, cambios
        assert "no puede entrar" in respuesta.get_data(as_text=True), cambios


MAL_PEDIDOS = (
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"scope": "administrar"}, "invalid_scope"),
    ({"scope": "write_diary"}, "invalid_scope"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge": "corto"}, "invalid_request"),
)


def test_lo_demas_que_este_mal_se_le_dice_a_la_aplicacion(taller):
    for cambios, error in MAL_PEDIDOS:
        respuesta = taller.pedir(**cambios)
        assert respuesta.status_code == 302, cambios
        assert respuesta.headers["Location"].startswith(JOSM + "?"), cambios
        pregunta = parse_qs(urlsplit(respuesta.headers["Location"]).query)
        assert (pregunta["error"], pregunta["state"]) == ([error], ["un estado/raro?"]), cambios


def test_un_parametro_repetido_no_pasa(taller):
    ruta = f"/practica/aulas/{taller.aula}/oauth2/authorize"
    pares = [*taller.pedido().items(), ("redirect_uri", "https://malo.example/")]
    assert taller.navegador.get(ruta, query_string=pares).status_code == 400
    pares = [*taller.pedido().items(), ("code_challenge", reto("b" * 43))]
    assert "error=invalid_request" in taller.navegador.get(ruta, query_string=pares).headers["Location"]


def test_un_aula_privada_no_existe_para_quien_no_la_ve(taller):
    forastera = taller.navegador_de(taller.elenco.forastera)
    assert taller.pedir(forastera).status_code == 404
    assert taller.pedir(forastera, aula_id=taller.otra).status_code == 200
    assert taller.pedir(aula_id=999_999).status_code == 404


# --- Cambiar el código ------------------------------------------------------------------------------------------------


MAL_PRESENTADOS = (
    ({"code_verifier": "b" * 43}, 400, "invalid_grant"),
    ({"code_verifier": "a" * 35}, 400, "invalid_request"),
    ({"code_verifier": "ñ" * 43}, 400, "invalid_request"),
    ({"code_verifier": None}, 400, "invalid_request"),
    ({"redirect_uri": "http://127.0.0.1:9999/oauth_authorization"}, 400, "invalid_grant"),
    ({"redirect_uri": None}, 400, "invalid_grant"),
    ({"client_id": "tequio-editor"}, 400, "invalid_grant"),
    ({"client_id": "desconocida"}, 400, "invalid_client"),
    ({"client_id": None}, 401, "invalid_client"),
    ({"client_secret": "inventado"}, 401, "invalid_client"),
    ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ({"grant_type": None}, 400, "unsupported_grant_type"),
    ({"code": "inventado"}, 400, "invalid_grant"),
    ({"code": None}, 400, "invalid_request"),
    ({"code": "\0"}, 400, "invalid_request"),
    ({"code": "ñ" * 30}, 400, "invalid_request"),
)


def test_un_codigo_mal_presentado_no_da_ficha_y_bien_presentado_sigue_valiendo(taller):
    dado = taller.codigo()
    for cambios, codigo, error in MAL_PRESENTADOS:
        respuesta = taller.cambiar(dado, **cambios)
        assert error_de(respuesta) == (codigo, error), cambios
        assert respuesta.headers["Cache-Control"] == "no-store"
    assert taller.cambiar(dado).status_code == 200


def test_un_codigo_no_vale_en_otra_aula(taller):
    dado = taller.codigo()
    assert error_de(taller.cambiar(dado, aula_id=taller.otra)) == (400, "invalid_grant")
    assert error_de(taller.cambiar(dado, aula_id=999_999)) == (400, "invalid_grant")


def test_un_codigo_vence_a_los_diez_minutos_de_la_base(taller):
    dado = taller.codigo()
    assert round(taller.uno("SELECT extract(epoch FROM vence - creada) FROM oauth_codigo WHERE persona_id = :p")) == 600
    taller.ejecutar("UPDATE oauth_codigo SET vence = ahora() WHERE persona_id = :p", p=taller.persona)
    assert error_de(taller.cambiar(dado)) == (400, "invalid_grant")


def test_un_codigo_usado_otra_vez_retira_lo_que_dio(taller):
    dado = taller.codigo()
    ficha = taller.cambiar(dado).json["access_token"]
    ajena = taller.ficha()
    assert taller.acceso(ficha)
    assert error_de(taller.cambiar(dado)) == (400, "invalid_grant")
    assert taller.acceso(ficha) is None
    assert taller.acceso(ajena)


def test_un_codigo_usado_a_la_vez_da_a_lo_mas_una_ficha(taller):
    for _ in range(4):
        dado = taller.codigo()
        respuestas = a_la_vez([lambda dado=dado: taller.cambiar(dado)] * 8)
        assert sorted(r.status_code for r in respuestas) == [200] + [400] * 7
        # Y como alguien más lo tenía, tampoco ésa se queda.
        (buena,) = (r.json["access_token"] for r in respuestas if r.status_code == 200)
        assert taller.acceso(buena) is None


def test_en_la_base_no_hay_ningun_secreto(taller):
    dado = taller.codigo()
    ficha = taller.cambiar(dado).json["access_token"]
    with taller.bd.lectura() as sesion:
        volcado = sesion.execute(
            text(
                "SELECT string_agg(x::text, ' ') FROM (SELECT c::text AS x FROM oauth_codigo c UNION ALL SELECT f::text FROM oauth_ficha f) t"
            )
        ).scalar()
    assert dado not in volcado
    assert ficha not in volcado
    assert huella(ficha).hex() in volcado


def test_una_aplicacion_de_otro_sitio_puede_leer_la_respuesta(taller):
    respuesta = taller.cambiar(taller.codigo())
    assert respuesta.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in respuesta.headers


# --- Hasta cuándo vale una ficha --------------------------------------------------------------------------------------


def test_una_ficha_de_otra_aula_no_vale(taller):
    ficha = taller.ficha()
    assert taller.acceso(ficha)
    assert taller.acceso(ficha, taller.otra) is None
    assert taller.acceso("inventada") is None
    assert taller.acceso("\0 ñ") is None


def test_una_ficha_vence_segun_la_base(taller):
    ficha = taller.ficha()
    taller.ejecutar("UPDATE oauth_ficha SET vence = ahora() WHERE persona_id = :p", p=taller.persona)
    assert taller.acceso(ficha) is None


def test_quien_queda_de_baja_corta_a_sus_aplicaciones_y_no_reviven(taller):
    ficha, pendiente = taller.ficha(), taller.codigo()
    with taller.bd.transaccion() as sesion:
        cuentas.dar_de_baja(sesion, taller.persona)
    assert taller.acceso(ficha) is None
    with taller.bd.transaccion() as sesion:
        cuentas.dar_de_alta(sesion, taller.persona)
    assert taller.acceso(ficha) is None
    assert error_de(taller.cambiar(pendiente)) == (400, "invalid_grant")


def test_cambiar_la_clave_corta_a_las_aplicaciones(taller):
    ficha = taller.ficha()
    with taller.bd.transaccion() as sesion:
        cuentas.restablecer_clave(sesion, taller.persona)
    assert taller.acceso(ficha) is None


def test_quien_pierde_el_aula_pierde_el_acceso_en_ese_momento(taller):
    ficha = taller.ficha()
    taller.ejecutar("DELETE FROM papel WHERE persona_id = :p", p=taller.persona)
    assert taller.acceso(ficha) is None
    taller.ejecutar(
        "INSERT INTO papel (persona_id, municipio_id, papel) VALUES (:p, :m, 'mapeador')",
        p=taller.persona,
        m=taller.elenco.municipio,
    )
    assert taller.acceso(ficha)


def test_al_borrar_el_aula_se_van_sus_permisos(taller):
    taller.ficha()
    taller.ejecutar("DELETE FROM aula WHERE id = :a", a=taller.aula)
    assert taller.uno("SELECT count(*) FROM oauth_ficha WHERE persona_id = :p") == 0


def test_quien_queda_de_baja_mientras_se_le_da_una_ficha_no_la_tiene(taller):
    def dar():
        with taller.bd.transaccion() as sesion:
            return servicio.ficha_del_editor(sesion, taller.persona, taller.aula)

    def baja():
        with taller.bd.transaccion() as sesion:
            cuentas.dar_de_baja(sesion, taller.persona)

    for _ in range(5):
        resultados = a_la_vez([dar, dar, baja, dar])
        assert all(isinstance(r, servicio.FichaNueva | PersonaSinAcceso | None) for r in resultados), resultados
        assert taller.uno("SELECT count(*) FROM oauth_ficha WHERE persona_id = :p") == 0
        with taller.bd.transaccion() as sesion:
            cuentas.dar_de_alta(sesion, taller.persona)


def test_cada_aplicacion_conserva_unas_cuantas_fichas(taller):
    fichas = []
    for _ in range(FICHAS_POR_APLICACION + 3):
        with taller.bd.transaccion() as sesion:
            fichas.append(servicio.ficha_del_editor(sesion, taller.persona, taller.aula).ficha)
    assert [bool(taller.acceso(f)) for f in fichas] == [False] * 3 + [True] * FICHAS_POR_APLICACION


def test_lo_vencido_se_barre_al_dar_lo_siguiente(taller):
    taller.ficha()
    taller.ejecutar("UPDATE oauth_ficha SET vence = ahora() - interval '1 minute'")
    taller.ejecutar("UPDATE oauth_codigo SET vence = ahora() - interval '2 days'")
    taller.ficha()
    assert taller.uno("SELECT count(*) FROM oauth_ficha WHERE persona_id = :p") == 1
    assert taller.uno("SELECT count(*) FROM oauth_codigo WHERE persona_id = :p") == 1


# --- Retirar, preguntar, quién es -------------------------------------------------------------------------------------


def punto(taller, cual, **datos):
    return taller.app.test_client().post(f"/practica/aulas/{taller.aula}/oauth2/{cual}", data=datos)


def test_una_aplicacion_retira_su_ficha_y_no_la_de_otra(taller):
    ficha = taller.ficha()
    assert error_de(punto(taller, "revoke", token=ficha, client_id="tequio-editor")) == (400, "invalid_grant")
    assert taller.acceso(ficha)
    assert error_de(punto(taller, "revoke", token=ficha)) == (401, "invalid_client")
    assert error_de(punto(taller, "revoke", client_id="josm")) == (400, "invalid_request")
    for _ in range(2):
        assert punto(taller, "revoke", token=ficha, client_id="josm").status_code == 200
    assert taller.acceso(ficha) is None


def test_una_aplicacion_pregunta_por_su_ficha_y_no_por_la_de_otra(taller):
    ficha = taller.ficha()
    dicho = punto(taller, "introspect", token=ficha, client_id="josm").json
    assert (dicho["active"], dicho["username"], dicho["sub"]) == (True, taller.usuario, str(taller.persona))
    assert dicho["exp"] - dicho["iat"] == 30 * 86400
    assert punto(taller, "introspect", token=ficha, client_id="tequio-editor").json == {"active": False}
    assert punto(taller, "introspect", token="inventada", client_id="josm").json == {"active": False}
    taller.ejecutar("UPDATE oauth_ficha SET vence = ahora() WHERE persona_id = :p", p=taller.persona)
    assert punto(taller, "introspect", token=ficha, client_id="josm").json == {"active": False}


def test_quien_es_pide_una_ficha_de_esta_aula_con_ese_permiso(taller):
    ruta = f"/practica/aulas/{taller.aula}/oauth2/userinfo"
    ver = taller.app.test_client().get
    ficha = taller.ficha(scope="read_prefs")
    respuesta = ver(ruta, headers={"Authorization": f"Bearer {ficha}"})
    assert respuesta.json == {"sub": str(taller.persona), "preferred_username": taller.usuario}
    assert ver(ruta).status_code == 401
    assert taller.navegador.get(ruta).status_code == 401
    ajena = ver(ruta.replace(str(taller.aula), str(taller.otra)), headers={"Authorization": f"Bearer {ficha}"})
    assert ajena.status_code == 401
    assert ajena.headers["WWW-Authenticate"] == "Bearer error=invalid_token"
    sin_permiso = taller.ficha(scope="write_api")
    assert ver(ruta, headers={"Authorization": f"Bearer {sin_permiso}"}).status_code == 403


def test_la_api_del_aula_toma_la_ficha_mientras_vale_y_sabe_quien_es(taller):
    cliente, ficha = taller.app.test_client(), taller.ficha()
    cabeceras = {"Authorization": f"Bearer {ficha}"}
    ruta = "/practica/aulas/{}/api/0.6/{}"
    suya = cliente.get(ruta.format(taller.aula, "user/details.json"), headers=cabeceras)
    assert (suya.json["user"]["id"], suya.json["user"]["display_name"]) == (taller.persona, taller.usuario)
    assert cliente.get(ruta.format(taller.otra, "user/details.json"), headers=cabeceras).status_code == 401
    conjunto = b'<osm><changeset><tag k="comment" v="prueba"/></changeset></osm>'
    crear = ruta.format(taller.aula, "changeset/create")
    assert cliente.put(crear, data=conjunto, headers=cabeceras).status_code == 200
    solo_leer = {"Authorization": f"Bearer {taller.ficha(scope='read_prefs')}"}
    assert cliente.put(crear, data=conjunto, headers=solo_leer).status_code == 403
    assert punto(taller, "revoke", token=ficha, client_id="josm").status_code == 200
    assert cliente.put(crear, data=conjunto, headers=cabeceras).status_code == 401


def test_una_ficha_de_aula_no_abre_lo_demas_de_tequio(taller):
    ficha = taller.ficha()
    cliente = taller.app.test_client()
    for ruta in ("/api/v1/yo", "/cuenta"):
        assert cliente.get(ruta, headers={"Authorization": f"Bearer {ficha}"}).status_code in (401, 302)
    ruta = f"/api/v1/aulas/{taller.aula}/fichas"
    assert cliente.post(ruta, headers={"Authorization": f"Bearer {ficha}"}).status_code == 401


def test_los_datos_del_proveedor_estan_donde_cada_quien_los_busca(taller):
    base = f"/practica/aulas/{taller.aula}"
    conocida = "/.well-known/oauth-authorization-server"
    ver = taller.app.test_client().get
    uno, *otros = (ver(r).json for r in (f"{base}{conocida}", f"{base}/api{conocida}", f"{conocida}{base}"))
    assert otros == [uno, uno]
    assert uno["issuer"] == f"http://localhost{base}"
    for campo in ("authorization", "token", "revocation", "introspection", "userinfo"):
        ruta = urlsplit(uno[f"{campo}_endpoint"]).path
        assert ruta.startswith(f"{base}/oauth2/")
        assert taller.app.url_map.bind("localhost").allowed_methods(ruta)
    # JOSM pregunta también en la raíz del sitio, que no es de ninguna aula.
    assert ver(conocida).status_code == 404


def test_los_datos_no_cuentan_si_un_aula_existe(taller):
    ruta = "/practica/aulas/{}/.well-known/oauth-authorization-server"
    ver = taller.app.test_client().get
    existe, no = ver(ruta.format(taller.aula)), ver(ruta.format(987_654))
    assert existe.status_code == no.status_code == 200
    assert existe.get_data(as_text=True).replace(f"/{taller.aula}", "/N") == no.get_data(as_text=True).replace(
        "/987654", "/N"
    )


# --- El editor de la página y la propia cuenta ------------------------------------------------------------------------


def test_la_ficha_del_editor(taller):
    def entrar(persona_id):
        cliente = taller.app.test_client()
        if persona_id is not None:
            cliente.environ_base["HTTP_AUTHORIZATION"] = "Bearer " + abrir_sesion(taller.bd, persona_id)
        return cliente

    cliente = entrar(taller.persona)
    respuesta = cliente.post(f"/api/v1/aulas/{taller.aula}/fichas")
    assert respuesta.status_code == 201
    assert set(respuesta.json) == {"access_token", "vence"}
    assert respuesta.headers["Cache-Control"] == "no-store"
    assert taller.acceso(respuesta.json["access_token"])[1] == {"read_prefs", "write_api"}
    horas = taller.uno("SELECT extract(epoch FROM vence - creada) / 3600 FROM oauth_ficha WHERE persona_id = :p")
    assert round(horas, 3) == 12
    assert punto(taller, "revoke", token=respuesta.json["access_token"], client_id="tequio-editor").status_code == 200
    assert entrar(taller.elenco.forastera).post(f"/api/v1/aulas/{taller.aula}/fichas").status_code == 404
    assert entrar(None).post(f"/api/v1/aulas/{taller.aula}/fichas").status_code == 401


def test_en_mi_cuenta_se_ven_las_aplicaciones_y_se_les_quita_el_acceso(taller):
    ficha, pendiente = taller.ficha(), taller.codigo()
    html = taller.navegador.get("/cuenta/aplicaciones").get_data(as_text=True)
    assert "JOSM" in html
    assert "Taller" in html
    token = re.search(r'name="csrf_token" value="([^"]+)"', html)[1]
    otra = taller.navegador_de(taller.elenco.mapeador)
    assert "Ninguna aplicación" in otra.get("/cuenta/aplicaciones").get_data(as_text=True)
    ruta = f"/cuenta/aplicaciones/{taller.aula}/josm/retiro"
    for _ in range(2):
        assert taller.navegador.post(ruta, data={"csrf_token": token}).status_code == 303
    assert taller.acceso(ficha) is None
    assert error_de(taller.cambiar(pendiente)) == (400, "invalid_grant")


# --- Aplicaciones registradas -----------------------------------------------------------------------------------------


def test_una_aplicacion_registrada_con_secreto(taller):
    with taller.bd.transaccion() as sesion:
        nueva = servicio.registrar_cliente(sesion, "100% Mapas", ["https://app.ejemplo.mx/volver"], con_secreto=True)
    assert nueva.secreto not in repr(nueva)
    pedido = {"client_id": nueva.id, "redirect_uri": "https://app.ejemplo.mx/volver"}
    sin_pkce = {**pedido, "code_challenge": None, "code_challenge_method": None}
    assert "100% Mapas" in taller.pedir(**sin_pkce).get_data(as_text=True)
    assert taller.pedir(**{**pedido, "redirect_uri": "https://app.ejemplo.mx/otra"}).status_code == 400
    dado = taller.codigo(**sin_pkce)
    sin_verificador = {**pedido, "code_verifier": None}
    assert error_de(taller.cambiar(dado, **sin_verificador)) == (401, "invalid_client")
    assert error_de(taller.cambiar(dado, **sin_verificador, client_secret="otro")) == (401, "invalid_client")
    # Un verificador donde no hubo reto es señal de que alguien cambió la petición (RFC 9700, §4.8).
    assert error_de(taller.cambiar(dado, **pedido, client_secret=nueva.secreto)) == (400, "invalid_request")
    basica = base64.b64encode(f"{nueva.id}:{nueva.secreto}".encode()).decode()
    respuesta = taller.cambiar(
        dado, **{**sin_verificador, "client_id": None}, cabeceras={"Authorization": f"Basic {basica}"}
    )
    assert respuesta.status_code == 200, respuesta.json
    assert "100% Mapas" in taller.navegador.get("/cuenta/aplicaciones").get_data(as_text=True)
    ficha = respuesta.json["access_token"]
    with taller.bd.transaccion() as sesion:
        servicio.borrar_cliente(sesion, nueva.id)
    assert taller.acceso(ficha) is None
    with pytest.raises(ClienteDesconocido), taller.bd.transaccion() as sesion:
        servicio.borrar_cliente(sesion, nueva.id)


def test_una_cabecera_rota_no_rompe_nada(taller):
    for cabecera in ["Basic", "Basic ñ", "Basic /w==", "Basic ////", "Bearer x", "Basic " + "A" * 9000]:
        respuesta = taller.cambiar("inventado", client_id=None, cabeceras={"Authorization": cabecera})
        assert respuesta.status_code in (400, 401), cabecera
        assert respuesta.json["error"] in ("invalid_client", "invalid_request")


def test_lo_que_no_se_registra(taller):
    with taller.bd.transaccion() as sesion:
        for nombre in ("", "  ", "x" * 81, "a\u202eb"):
            with pytest.raises(NombreDeClienteInvalido):
                servicio.registrar_cliente(sesion, nombre, ["https://a.b/"])
        with pytest.raises(RedireccionInvalida):
            servicio.registrar_cliente(sesion, "Mala", ["https://a.b/", "http://a.b/"])
        with pytest.raises(ClienteDeCasa):
            servicio.borrar_cliente(sesion, "josm")
        assert not any(c.nombre == "Mala" for c in consultas.clientes(sesion))


def test_quien_tiene_que_cambiar_su_clave_la_cambia_antes(taller):
    nueva = persona(taller.bd, f"nueva_{taller.usuario}", (taller.elenco.municipio, "mapeador"))
    taller.ejecutar("UPDATE persona SET debe_cambiar_clave = true WHERE id = :p", p=nueva)
    respuesta = taller.pedir(taller.navegador_de(nueva))
    assert respuesta.headers["Location"].startswith("/cuenta/clave?siguiente=")
