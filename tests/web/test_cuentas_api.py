"""La API de sesiones como la usa un programa."""

import pytest

from tareas.cuentas import servicio
from tareas.cuentas.reglas import ENTRADAS_POR_USUARIO

CLAVE = "maíz azul y frijol"


@pytest.fixture
def ana(bd):
    with bd.transaccion() as sesion:
        return servicio.crear_persona(sesion, usuario="Ana", nombre="Ana Ruiz", clave=CLAVE)


def abrir(cliente, usuario="ana", clave=CLAVE):
    return cliente.post("/api/v1/sesiones", json={"usuario": usuario, "clave": clave})


def con(respuesta):
    return {"Authorization": f"Bearer {respuesta.json['token']}"}


def test_con_usuario_y_clave_se_abre_una_sesion_que_sirve_y_se_cierra(cliente, ana):
    abierta = abrir(cliente)
    assert abierta.status_code == 201
    assert set(abierta.json) == {"token", "vence", "persona"}
    persona = {
        "id": ana,
        "usuario": "Ana",
        "nombre": "Ana Ruiz",
        "idioma": "es",
        "debe_cambiar_clave": False,
        "papeles": [],
    }
    assert abierta.json["persona"] == persona
    assert cliente.get("/api/v1/yo", headers=con(abierta)).json == persona
    assert cliente.delete("/api/v1/sesiones", headers=con(abierta)).status_code == 204
    assert cliente.get("/api/v1/yo", headers=con(abierta)).status_code == 401
    assert cliente.delete("/api/v1/sesiones", headers=con(abierta)).status_code == 401


def test_yo_dice_los_papeles_y_donde_valen(entrar, elenco):
    assert entrar(elenco.validadora).get("/api/v1/yo").json["papeles"] == [
        {"municipio": elenco.municipio, "papel": "validador"}
    ]
    assert entrar(elenco.administradora).get("/api/v1/yo").json["papeles"] == [
        {"municipio": None, "papel": "administrador"}
    ]


def test_con_la_clave_mal_o_sin_cuenta_la_respuesta_es_la_misma(cliente, ana):
    respuestas = [abrir(cliente, "ana", "otra clave larga"), abrir(cliente, "nadie", "otra clave larga")]
    assert [r.status_code for r in respuestas] == [401, 401]
    assert respuestas[0].json == respuestas[1].json
    assert respuestas[0].json["codigo"] == "entrada_rechazada"


def test_tras_muchos_fallos_responde_429_con_el_tiempo_de_espera(cliente, ana):
    for _ in range(ENTRADAS_POR_USUARIO.maximo):
        abrir(cliente, clave="otra clave larga")
    respuesta = abrir(cliente)
    assert (respuesta.status_code, respuesta.json["codigo"]) == (429, "demasiadas_veces")
    assert respuesta.headers["Retry-After"] == str(respuesta.json["espera_s"])


def test_lo_que_no_se_puede_tomar_dice_en_que_campo(cliente, ana):
    malos = [
        ({"usuario": "u" * 600, "clave": CLAVE}, "usuario"),
        ({"usuario": "", "clave": CLAVE}, "usuario"),
        ({"usuario": "a\x00na", "clave": CLAVE}, "usuario"),
        ({"usuario": ["ana"], "clave": CLAVE}, "usuario"),
        ({"usuario": "ana", "clave": 12345678901}, "clave"),
        ({"usuario": "ana", "clave": "c" * 600}, "clave"),
        ({"usuario": "ana", "clave": "con\x00nulo"}, "clave"),
        ({"usuario": "ana", "clave": None}, "clave"),
        ({"usuario": "ana"}, "clave"),
        ({"usuario": "ana", "clave": CLAVE, "papel": "administrador"}, "papel"),
    ]
    for cuerpo, campo in malos:
        respuesta = cliente.post("/api/v1/sesiones", json=cuerpo)
        assert respuesta.status_code == 422, cuerpo
        assert campo in respuesta.json["campos"], cuerpo


@pytest.mark.parametrize("crudo", [b"", b"{", b"[]", b'"hola"', b"null", b"1e999", b"\xff\xfe"])
def test_un_cuerpo_que_no_es_el_json_pedido_no_es_un_500(cliente, bd, crudo):
    respuesta = cliente.post("/api/v1/sesiones", data=crudo, content_type="application/json")
    assert 400 <= respuesta.status_code < 500


@pytest.mark.parametrize("ficha", ["", "nada", "a" * 5000, "ñandú", "\x7f"])
def test_una_ficha_que_no_es_nuestra_no_entra(cliente, bd, ficha):
    respuesta = cliente.get(
        "/api/v1/yo", headers={"Authorization": f"Bearer {ficha}".encode("latin-1").decode("latin-1")}
    )
    assert respuesta.status_code == 401


def test_con_una_clave_temporal_la_api_pide_cambiarla_primero(cliente, bd, ana):
    with bd.transaccion() as sesion:
        temporal = servicio.restablecer_clave(sesion, ana)
    abierta = abrir(cliente, clave=temporal)
    assert abierta.json["persona"]["debe_cambiar_clave"] is True
    assert cliente.get("/api/v1/yo", headers=con(abierta)).status_code == 200
    respuesta = cliente.get("/api/v1/yo/bloqueos", headers=con(abierta))
    assert (respuesta.status_code, respuesta.json["codigo"]) == (403, "debe_cambiar_clave")


def test_una_persona_dada_de_baja_deja_de_estar_dentro_en_la_peticion_siguiente(cliente, bd, ana):
    abierta = abrir(cliente)
    with bd.transaccion() as sesion:
        servicio.dar_de_baja(sesion, ana)
    assert cliente.get("/api/v1/yo", headers=con(abierta)).status_code == 401
    assert abrir(cliente).status_code == 401
