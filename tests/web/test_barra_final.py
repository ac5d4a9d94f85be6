"""Una página pedida con una barra de más al final lleva a ella; lo demás sigue diciendo que no existe."""

from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

CON_PAGINA = [
    ("/proyectos/", "/proyectos"),
    ("/proyectos///", "/proyectos"),
    ("/municipios/", "/municipios"),
    ("/entrar/?siguiente=/mi-trabajo", "/entrar?siguiente=/mi-trabajo"),
    ("/calidad/reglas/?x=%2F%2Fmalo.example&y=a+b", "/calidad/reglas?x=%2F%2Fmalo.example&y=a+b"),
    ("/mi-trabajo/", "/mi-trabajo"),
]


@pytest.mark.parametrize(("pedida", "buena"), CON_PAGINA)
@pytest.mark.parametrize("metodo", ["GET", "HEAD"])
def test_una_barra_de_mas_lleva_a_la_pagina_con_lo_que_se_pidio(
    cliente: FlaskClient, pedida: str, buena: str, metodo: str
) -> None:
    respuesta = cliente.open(pedida, method=metodo)
    assert (respuesta.status_code, respuesta.headers["Location"]) == (308, buena)
    assert cliente.open(buena, method=metodo).status_code in (200, 302)


def test_la_de_un_proyecto_tambien_y_la_que_no_existe_no(cliente: FlaskClient, elenco) -> None:  # type: ignore[no-untyped-def]
    for pagina in ("", "/avance", "/mapear/5"):
        buena = f"/proyectos/{elenco.proyecto}{pagina}"
        respuesta = cliente.get(f"{buena}/?pagina=2")
        assert (respuesta.status_code, respuesta.headers["Location"]) == (308, f"{buena}?pagina=2")
    for mala in ("/no-hay/", f"/proyectos/{elenco.proyecto}/no-hay/", "/proyectos/abc/", f"/proyectos/{'9' * 30}/"):
        assert cliente.get(mala).status_code == 404


@pytest.mark.parametrize(
    "ruta",
    [
        "/api/v1/proyectos/",
        "/api/v1/motivos/",
        "/salud/",
        "/practica/aulas/1/oauth2/authorize/",
        "/textos/en/000000000000.json/",
        "/estaticos/v/",
    ],
)
def test_a_los_programas_se_les_dice_que_no_existe(cliente: FlaskClient, ruta: str) -> None:
    assert cliente.get(ruta).status_code == 404


@pytest.mark.parametrize("metodo", ["POST", "PUT", "PATCH", "DELETE"])
def test_lo_que_escribe_no_se_repite_en_otra_direccion(cliente: FlaskClient, metodo: str) -> None:
    # Sin galleta no hay formulario que proteger; la ficha falta, o la página no está: nunca redirige.
    respuesta = cliente.open("/entrar/", method=metodo, headers={"Authorization": "Bearer x"})
    assert respuesta.status_code in (404, 405)


@pytest.mark.parametrize(
    "ruta",
    [
        "//malo.example/",
        "//malo.example//",
        "///",
        "//proyectos/",
        "/\\malo.example/",
        "/\\/malo.example/",
        "/%2fmalo.example/",
        "/proyectos//malo.example/",
        "/%0d%0aLocation:%20//malo.example/",
    ],
)
def test_nunca_lleva_a_otro_sitio(app: Flask, ruta: str) -> None:
    respuesta = app.test_client().get(
        "http://localhost/", environ_overrides={"PATH_INFO": unquote(ruta), "REQUEST_URI": ruta, "RAW_URI": ruta}
    )
    lugar = respuesta.headers.get("Location")
    assert respuesta.status_code in (200, 308, 404)
    # Si lleva a alguna parte, es a una página de aquí.
    assert lugar in (
        None,
        "/proyectos",
        "http://localhost/proyectos",
        "http://localhost/proyectos/",
        "http://localhost/",
    )


def test_lo_que_sigue_a_la_pregunta_no_inventa_cabeceras(app: Flask) -> None:
    respuesta = app.test_client().get("/proyectos/", environ_overrides={"QUERY_STRING": "a=ñ\r\nSet-Cookie: b=1&c=%0d"})
    assert respuesta.status_code == 308
    assert "Set-Cookie" not in respuesta.headers
    assert respuesta.headers["Location"].startswith("/proyectos?a=")
    assert respuesta.headers["Location"].isascii()
