import pytest


def test_salud_responde_200_cuando_la_base_contesta(cliente):
    assert cliente.get("/salud").status_code == 200


def test_lo_que_no_existe_se_dice_como_pagina_y_como_json(cliente):
    pagina = cliente.get("/nada")
    assert pagina.status_code == 404
    assert pagina.mimetype == "text/html"
    datos = cliente.get("/api/v1/nada")
    assert datos.status_code == 404
    assert datos.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("rechazo", "codigo_http", "codigo"), [("lento", 408, "llego_despacio"), ("lleno", 503, "sin_lugar")]
)
def test_lo_que_no_acabo_de_llegar_se_explica_y_no_se_atiende(cliente, rechazo, codigo_http, codigo):
    ajustes = {"environ_overrides": {"tequio.rechazo": rechazo}}
    datos = cliente.post("/api/v1/sesiones", json={"usuario": "x", "clave": "y"}, **ajustes)
    assert (datos.status_code, datos.json["codigo"]) == (codigo_http, codigo)
    pagina = cliente.post("/entrar", data={"usuario": "x"}, **ajustes)
    assert (pagina.status_code, pagina.mimetype) == (codigo_http, "text/html")
    en_ingles = cliente.post("/entrar", data={"usuario": "x"}, headers={"Accept-Language": "en"}, **ajustes).text
    assert "try again" in en_ingles or "send it again" in en_ingles
