"""Dónde y con qué se edita: la API, el formulario, la página del editor y su política."""

import json
import re

import pytest
from sqlalchemy import text

from tests import fabrica


def aula(bd, municipio):
    with bd.transaccion() as sesion:
        return fabrica.aula(sesion, municipio)


@pytest.fixture
def funcionaria(entrar, elenco):
    return entrar(elenco.funcionaria)


@pytest.fixture
def cambiar(funcionaria, elenco):
    return lambda **cambios: funcionaria.patch(f"/api/v1/proyectos/{elenco.proyecto}", json=cambios)


def datos_de(pagina, donde="datos-mapeo"):
    html = pagina.get_data(as_text=True)
    return json.loads(re.search(rf'id="{donde}">(.*?)</script>', html, re.S).group(1))


# --- La API -------------------------------------------------------------------------------------------------------------


def test_un_proyecto_nace_editando_en_el_mapa_de_verdad(funcionaria, elenco):
    proyecto = funcionaria.get(f"/api/v1/proyectos/{elenco.proyecto}").json
    assert (proyecto["servidor_osm"], proyecto["aula"], proyecto["editores"]) == ("osm", None, [])
    assert (proyecto["editores_ocultos"], proyecto["presets"], proyecto["desplazamiento"]) == ([], [], None)


def test_decir_el_aula_es_decir_que_se_practica(cambiar, elenco, bd):
    practica = cambiar(aula=aula(bd, elenco.municipio)).json
    assert (practica["servidor_osm"], practica["aula"] is not None) == ("practica", True)
    de_vuelta = cambiar(servidor_osm="osm").json
    assert (de_vuelta["servidor_osm"], de_vuelta["aula"]) == ("osm", None)


def test_un_proyecto_puede_nacer_en_un_aula(funcionaria, elenco, bd):
    pedido = {"municipio": elenco.municipio, "nombre": "Práctica", "division": {"tipo": "cuadros", "lado_m": 500}}
    suya, ajena = aula(bd, elenco.municipio), aula(bd, elenco.otro_municipio)
    nuevo = funcionaria.post(
        "/api/v1/proyectos", json=pedido | {"aula": suya, "presets": ["building"], "desplazamiento": [2, -1.5]}
    )
    assert nuevo.status_code == 201
    leido = funcionaria.get(f"/api/v1/proyectos/{nuevo.json['id']}").json
    assert (leido["servidor_osm"], leido["aula"], leido["presets"]) == ("practica", suya, ["building"])
    assert leido["desplazamiento"] == [2, -1.5]
    malo = funcionaria.post("/api/v1/proyectos", json=pedido | {"aula": ajena})
    assert (malo.status_code, malo.json["codigo"]) == (422, "aula_ajena")
    assert (
        funcionaria.post("/api/v1/proyectos", json=pedido | {"servidor_osm": "practica"}).json["codigo"] == "falta_aula"
    )


def test_el_aula_de_otro_municipio_no_se_puede_usar(cambiar, elenco, bd):
    respuesta = cambiar(aula=aula(bd, elenco.otro_municipio))
    assert (respuesta.status_code, respuesta.json["codigo"]) == (422, "aula_ajena")
    assert cambiar(aula=10**9).json["codigo"] == "aula_ajena"
    assert cambiar(nombre="Sigue igual").json["servidor_osm"] == "osm"


def test_quien_practica_necesita_un_aula(cambiar, elenco, bd):
    assert cambiar(servidor_osm="practica").json["codigo"] == "falta_aula"
    assert cambiar(aula=aula(bd, elenco.municipio)).status_code == 200
    assert cambiar(servidor_osm="practica").status_code == 200
    assert cambiar(aula=None).json["codigo"] == "falta_aula"


def test_si_se_borra_el_aula_el_proyecto_no_pasa_al_mapa_de_verdad(cambiar, elenco, bd, entrar):
    suya = aula(bd, elenco.municipio)
    cambiar(aula=suya)
    with bd.transaccion() as sesion:
        # Publicado no se deja: la base no lo permite.
        sesion.execute(text("UPDATE proyecto SET estado = 'archivado' WHERE id = :p"), {"p": elenco.proyecto})
        sesion.execute(text("DELETE FROM aula WHERE id = :a"), {"a": suya})
    proyecto = entrar(elenco.mapeadora).get(f"/proyectos/{elenco.proyecto}/mapear")
    datos = datos_de(proyecto)
    assert datos["proyecto"]["servidor"] | {"nombre": ""} == {
        "id": "practica",
        "nombre": "",
        "web": "",
        "api": "",
        "practica": True,
        "aula": None,
    }
    assert (datos["proyecto"]["aqui"], datos["proyecto"]["josm"], datos["editores"]) == (False, False, [])


@pytest.mark.parametrize(
    ("cambios", "campo"),
    [
        ({"servidor_osm": "google"}, "servidor_osm"),
        ({"servidor_osm": 3}, "servidor_osm"),
        ({"aula": "1"}, "aula"),
        ({"aula": True}, "aula"),
        ({"aula": 1, "servidor_osm": "osm"}, "aula"),
        ({"editores": [{"nombre": "Malo", "url": "javascript:alert({lat},{lon})"}]}, "editores.0"),
        ({"editores": [{"nombre": "", "url": "https://a.example/{lat}/{lon}"}]}, "editores.0.nombre"),
        ({"editores": [{"nombre": "X", "url": "https://a.example/{lat}/{lon}", "otro": 1}]}, "editores.0.otro"),
        ({"editores": [{"nombre": "X", "url": "https://a.example/{lat}/{lon}"}] * 9}, "editores"),
        ({"editores_ocultos": ["josm", "word"]}, "editores_ocultos"),
        ({"presets": ["building", "casita/azul"]}, "presets"),
        ({"presets": ["../x"]}, "presets"),
        ({"desplazamiento": [1]}, "desplazamiento"),
        ({"desplazamiento": [1, 2, 3]}, "desplazamiento"),
        ({"desplazamiento": [1, 5000]}, "desplazamiento.1"),
        ({"desplazamiento": ["1", "2"]}, "desplazamiento.0"),
    ],
)
def test_lo_malo_se_dice_en_su_campo_y_no_cambia_nada(cambiar, funcionaria, elenco, cambios, campo):
    antes = funcionaria.get(f"/api/v1/proyectos/{elenco.proyecto}").json
    respuesta = cambiar(**cambios)
    assert respuesta.status_code == 422
    assert campo in respuesta.json["campos"]
    assert funcionaria.get(f"/api/v1/proyectos/{elenco.proyecto}").json == antes


# --- El formulario --------------------------------------------------------------------------------------------------------


def test_el_formulario_guarda_donde_y_con_que_se_edita(funcionaria, elenco, bd):
    ruta, suya = f"/proyectos/{elenco.proyecto}/editar", aula(bd, elenco.municipio)
    ajena = aula(bd, elenco.otro_municipio)
    pagina = funcionaria.get(ruta).get_data(as_text=True)
    assert f'value="practica:{suya}"' in pagina
    assert f'value="practica:{ajena}"' not in pagina
    campos = {
        "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', pagina).group(1),
        "nombre": "Centro",
        "minutos_bloqueo": "60",
        "donde": f"practica:{suya}",
        "editores": json.dumps([{"nombre": "Nuestro", "url": "https://a.example/{api}#{lat}/{lon}"}]),
        "editores_ofrecidos": ["aqui", "josm"],
        "presets": ["building", "highway/track"],
        "otros_presets": "amenity/bench, building",
        "desplazamiento_este": "-3.5",
        "desplazamiento_norte": "",
    }
    assert funcionaria.post(ruta, data=campos).status_code == 303
    proyecto = funcionaria.get(f"/api/v1/proyectos/{elenco.proyecto}").json
    assert (proyecto["servidor_osm"], proyecto["aula"], proyecto["desplazamiento"]) == ("practica", suya, [-3.5, 0])
    assert proyecto["presets"] == ["building", "highway/track", "amenity/bench"]
    assert proyecto["editores_ocultos"] == ["id", "rapid", "osm"]
    guardada = funcionaria.get(ruta).get_data(as_text=True)
    assert f'value="practica:{suya}" data-municipio="{elenco.municipio}" selected' in guardada
    assert 'value="amenity/bench"' in guardada
    for cambio, frase in (
        ({"otros_presets": "casita"}, "«casita» no existe en iD"),
        ({"donde": f"practica:{ajena}"}, "no tiene esa aula"),
        ({"donde": "practica:uno"}, "el aula se dice con su número"),
        ({"donde": "narnia"}, "no conocemos ese servidor"),
        ({"editores": '[{"nombre":"X","url":"https://a.example/"}]'}, "no dice dónde abrir"),
        ({"desplazamiento_este": "lejos"}, "debe ser un número"),
    ):
        malo = funcionaria.post(ruta, data=campos | cambio)
        assert malo.status_code == 422
        assert frase.lower() in malo.get_data(as_text=True).lower()
    assert funcionaria.get(f"/api/v1/proyectos/{elenco.proyecto}").json == proyecto


# --- Las páginas ----------------------------------------------------------------------------------------------------------


def test_en_un_aula_se_edita_aqui_y_no_salen_enlaces_al_mapa_de_verdad(cambiar, entrar, elenco, bd):
    suya = aula(bd, elenco.municipio)
    datos = datos_de(entrar(elenco.mapeadora).get(f"/proyectos/{elenco.proyecto}/mapear"))
    assert [e["id"] for e in datos["editores"]] == ["id", "rapid", "osm"]
    # Sin registrar la instalación en openstreetmap.org no se puede entrar ahí desde el editor.
    assert datos["proyecto"]["aqui"] is False
    cambiar(aula=suya)
    datos = datos_de(entrar(elenco.mapeadora).get(f"/proyectos/{elenco.proyecto}/mapear"))
    assert datos["editores"] == []
    assert (datos["proyecto"]["aqui"], datos["proyecto"]["josm"]) == (True, True)
    assert datos["proyecto"]["servidor"]["api"] == f"/practica/aulas/{suya}"


def test_con_la_instalacion_registrada_se_edita_aqui_en_su_servidor(app, entrar, elenco):
    app.config["TEQUIO_SERVIDORES_OSM"] = '{"osm": {"cliente_id": "abc"}}'
    try:
        datos = datos_de(entrar(elenco.mapeadora).get(f"/proyectos/{elenco.proyecto}/mapear"))
        pagina = entrar(elenco.mapeadora).get(f"/proyectos/{elenco.proyecto}/editor/5")
    finally:
        del app.config["TEQUIO_SERVIDORES_OSM"]
    assert datos["proyecto"]["aqui"] is True
    assert datos_de(pagina, "datos-editor")["cliente_id"] == "abc"
    politica = pagina.headers["Content-Security-Policy"]
    assert "connect-src 'self' https://api.openstreetmap.org https://www.openstreetmap.org;" in politica


def test_la_pagina_del_editor_solo_va_en_un_marco_nuestro_y_solo_pide_aqui(cambiar, entrar, elenco, bd):
    cambiar(
        aula=aula(bd, elenco.municipio),
        imagenes=[
            {"id": "foto", "nombre": "Foto", "tipo": "xyz", "url": "https://{switch:a,b}.fotos.example/{z}/{x}/{y}"}
        ],
    )
    pagina = entrar(elenco.mapeadora).get(f"/proyectos/{elenco.proyecto}/editor/5")
    assert pagina.status_code == 200
    politica = dict(p.split(" ", 1) for p in pagina.headers["Content-Security-Policy"].split("; "))
    assert politica["default-src"] == "'none'"
    assert politica["connect-src"] == "'self'"
    assert politica["frame-ancestors"] == "'self'"
    assert politica["img-src"] == "'self' data: blob: https://*.fotos.example"
    assert "unsafe" not in politica["script-src"]
    assert pagina.headers["X-Frame-Options"] == "SAMEORIGIN"
    datos = datos_de(pagina, "datos-editor")
    assert datos["contorno"]["type"] == "Polygon"
    assert datos["etiquetas"] == f"#tequio-{elenco.proyecto}"
    # Las demás páginas siguen sin poder ir en un marco.
    assert "frame-ancestors 'none'" in entrar(elenco.mapeadora).get("/").headers["Content-Security-Policy"]


def test_el_editor_de_lo_que_no_veo_no_existe(entrar, elenco, bd):
    privado = fabrica.proyecto(bd, elenco.municipio, nombre="Privado", visibilidad="privada")
    assert entrar(elenco.forastera).get(f"/proyectos/{privado}/editor/1").status_code == 404
    assert entrar(elenco.mapeadora).get(f"/proyectos/{privado}/editor/999").status_code == 404
    assert entrar(None).get(f"/proyectos/{elenco.proyecto}/editor/1").status_code == 302


def test_la_pagina_de_un_proyecto_de_practica_dice_que_lo_es(cambiar, bd, entrar, elenco):
    pagina = f"/proyectos/{elenco.proyecto}"
    assert ">Práctica</span>" not in entrar(elenco.mapeadora).get(pagina).text
    cambiar(aula=aula(bd, elenco.municipio))
    assert ">Práctica</span>" in entrar(elenco.mapeadora).get(pagina).text
