"""Cambiar el área de un borrador, sus tareas por páginas y su prioridad, como lo pide un cliente de la API."""

import gzip
import json

import pytest

from tests.fabrica import OESTE, SUR
from tests.fabrica import proyecto as sembrar_proyecto

CUADROS = {"tipo": "cuadros", "lado_m": 400}
HEXAGONOS = {"tipo": "hexagonos", "lado_m": 150}


def cuadro(oeste, sur, este, norte):
    return {
        "type": "Polygon",
        "coordinates": [[[oeste, sur], [este, sur], [este, norte], [oeste, norte], [oeste, sur]]],
    }


@pytest.fixture
def funcionaria(entrar, elenco):
    return entrar(elenco.funcionaria)


@pytest.fixture
def borrador(funcionaria, elenco):
    cuerpo = {"municipio": elenco.municipio, "nombre": "Barrio del Río", "division": CUADROS, "instrucciones": "Así"}
    return f"/api/v1/proyectos/{funcionaria.post('/api/v1/proyectos', json=cuerpo).json['id']}"


def test_cambiar_area_y_division_conserva_los_textos(funcionaria, borrador):
    antes = funcionaria.get(borrador).json
    previa = funcionaria.post(borrador + "/previa", json={"division": HEXAGONOS, "con_tareas": False}).json
    hecho = funcionaria.put(borrador + "/area", json={"division": HEXAGONOS, "version": antes["version"]})
    assert hecho.status_code == 200
    ahora = funcionaria.get(borrador).json
    assert ahora["tareas_total"] == hecho.json["tareas_total"] == previa["tareas_total"] != antes["tareas_total"]
    assert ahora["tareas"]["pendiente"] == ahora["tareas_total"]
    assert (ahora["nombre"], ahora["instrucciones"]) == (antes["nombre"], antes["instrucciones"])
    assert (ahora["area_m2"], ahora["caja"]) == (antes["area_m2"], antes["caja"])
    funcionaria.put(borrador + "/area", json={"area": cuadro(-98.755, 20.095, -98.745, 20.105), "division": CUADROS})
    assert funcionaria.get(borrador).json["area_m2"] < antes["area_m2"] / 2
    assert funcionaria.get(f"/teselas{borrador.removeprefix('/api/v1')}/1/14/3697/7257.mvt").status_code == 404


def test_repetir_el_mismo_cambio_con_su_clave_no_lo_hace_dos_veces(funcionaria, borrador):
    cuerpo = {"division": HEXAGONOS, "version": 1}
    cabeceras = {"Idempotency-Key": "cambio"}
    respuestas = [funcionaria.put(borrador + "/area", json=cuerpo, headers=cabeceras) for _ in range(2)]
    assert [r.status_code for r in respuestas] == [200, 200]
    assert respuestas[0].json == respuestas[1].json
    assert funcionaria.get(borrador).json["version"] == 2
    # Sin la clave, la versión que se vio ya no es la que hay.
    vieja = funcionaria.put(borrador + "/area", json=cuerpo)
    assert (vieja.status_code, vieja.json["codigo"]) == (409, "otra_division")


@pytest.mark.parametrize(
    ("cuerpo", "codigo"),
    [
        ({}, 422),
        ({"division": {"tipo": "triangulos"}}, 422),
        ({"division": {"tipo": "cuadros", "lado_m": 0}}, 422),
        ({"division": CUADROS, "area": {"type": "Point", "coordinates": [-98.75, 20.1]}}, 422),
        ({"division": CUADROS, "area": cuadro(0, 0, 1, 1)}, 422),
        ({"division": CUADROS, "municipio": "no existe"}, 422),
        ({"division": CUADROS, "municipio": "99002"}, 403),
        ({"division": CUADROS, "version": 0}, 422),
        ({"division": CUADROS, "otra": 1}, 422),
    ],
)
def test_lo_que_no_sirve_no_toca_el_borrador(funcionaria, borrador, cuerpo, codigo):
    antes = funcionaria.get(borrador).json
    assert funcionaria.put(borrador + "/area", json=cuerpo).status_code == codigo
    assert funcionaria.get(borrador).json == antes


def test_los_tipos_de_geometria_se_dicen_en_el_idioma_de_quien_pide(funcionaria, borrador):
    cuerpo = {"division": CUADROS, "area": {"type": "Point", "coordinates": [-98.75, 20.1]}}
    espanol = funcionaria.put(borrador + "/area", json=cuerpo).json["detail"]
    funcionaria.set_cookie("tequio_idioma", "en")
    ingles = funcionaria.put(borrador + "/area", json=cuerpo).json["detail"]
    assert "solo trae puntos" in espanol
    assert "points" in ingles
    assert "Point" not in espanol + ingles


def test_la_pagina_del_borrador_trae_lo_que_tiene_y_publicado_ya_no_abre(funcionaria, borrador):
    pagina = borrador.removeprefix("/api/v1") + "/area"
    assert "data-borrador" in funcionaria.get(pagina).text
    assert pagina in funcionaria.get(borrador.removeprefix("/api/v1") + "/administrar").text
    funcionaria.post(borrador + "/publicacion")
    assert funcionaria.get(pagina).status_code == 303
    assert pagina not in funcionaria.get(borrador.removeprefix("/api/v1") + "/administrar").text
    assert funcionaria.put(borrador + "/area", json={"division": CUADROS}).json["codigo"] == "proyecto_area_fija"


# --- Tareas por páginas -------------------------------------------------------------------------------------------------


def numeros(coleccion):
    return [f["properties"]["numero"] for f in coleccion["features"]]


def test_las_tareas_por_paginas_dan_lo_mismo_que_todas_juntas(entrar, elenco):
    nadie = entrar(None)
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas"
    todas = nadie.get(raiz).json
    assert numeros(todas) == list(range(1, 10))
    assert "siguiente" not in todas
    vistas, direccion, paginas = [], raiz + "?limite=4", 0
    while direccion:
        pagina = nadie.get(direccion).json
        vistas += pagina["features"]
        direccion, paginas = pagina["siguiente"], paginas + 1
    assert (vistas, paginas) == (todas["features"], 3)
    assert nadie.get(raiz + "?limite=9").json["siguiente"] is None
    assert nadie.get(raiz + "?desde_numero=10&limite=5").json == {
        "type": "FeatureCollection",
        "features": [],
        "siguiente": None,
    }


def test_las_paginas_respetan_la_caja(entrar, elenco):
    nadie = entrar(None)
    caja = f"{OESTE},{SUR},{OESTE + 0.0025},{SUR + 0.0005}"
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas?caja={caja}"
    assert numeros(nadie.get(raiz).json) == [1, 2, 3]
    primera = nadie.get(raiz + "&limite=2").json
    assert numeros(primera) == [1, 2]
    assert numeros(nadie.get(primera["siguiente"]).json) == [3]


def test_las_tareas_llegan_comprimidas_y_en_varios_trozos(entrar, elenco, bd):
    grande = sembrar_proyecto(bd, elenco.municipio, columnas=50, renglones=50)
    respuesta = entrar(None).get(
        f"/api/v1/proyectos/{grande}/tareas", headers={"Accept-Encoding": "gzip"}, buffered=False
    )
    trozos = list(respuesta.iter_encoded())
    assert len(trozos) >= 5
    assert numeros(json.loads(gzip.decompress(b"".join(trozos)))) == list(range(1, 2501))
    assert respuesta.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("consulta", ["limite=0", "limite=10001", "desde_numero=0", "desde_numero=x", "hasta=3"])
def test_paginas_que_no_se_entienden(entrar, elenco, consulta):
    assert entrar(None).get(f"/api/v1/proyectos/{elenco.proyecto}/tareas?{consulta}").status_code == 422


# --- Prioridades --------------------------------------------------------------------------------------------------------


def test_poner_prioridad_y_verla(funcionaria, entrar, elenco):
    raiz = f"/api/v1/proyectos/{elenco.proyecto}"
    antes = entrar(None).get(raiz + "/prioridades")
    assert antes.json == {"version": 1, "prioridades": {}}
    for _vez, cambiadas in ((1, 3), (2, 0)):
        hecho = funcionaria.post(raiz + "/prioridades", json={"numeros": [2, 3, 7], "prioridad": "urgente"})
        assert (hecho.status_code, hecho.json["cambiadas"]) == (200, cambiadas)
    funcionaria.post(
        raiz + "/prioridades", json={"area": cuadro(OESTE, SUR, OESTE + 0.0009, SUR + 0.0009), "prioridad": "baja"}
    )
    ahora = entrar(None).get(raiz + "/prioridades", headers={"If-None-Match": antes.headers["ETag"]})
    assert ahora.json["prioridades"] == {"urgente": [[2, 3], [7, 7]], "baja": [[1, 1]]}
    etiqueta = {"If-None-Match": ahora.headers["ETag"]}
    assert entrar(None).get(raiz + "/prioridades", headers=etiqueta).status_code == 304
    assert entrar(None).get(raiz + "/tareas/2").json["prioridad"] == 20
    assert entrar(None).get(raiz + "/tareas").json["features"][1]["properties"]["prioridad"] == 20


@pytest.mark.parametrize(
    ("cuerpo", "codigo"),
    [
        ({"prioridad": "alta"}, 422),
        ({"prioridad": "alta", "numeros": []}, 422),
        ({"prioridad": "alta", "numeros": [1], "area": cuadro(0, 0, 1, 1)}, 422),
        ({"prioridad": "altisima", "numeros": [1]}, 422),
        ({"prioridad": "alta", "numeros": [1, 10]}, 422),
        ({"prioridad": "alta", "numeros": ["1"]}, 422),
        ({"prioridad": "alta", "numeros": [2**40]}, 422),
        ({"prioridad": "alta", "area": {"type": "Polygon", "coordinates": []}}, 422),
        ({"prioridad": "alta", "area": cuadro(OESTE, SUR, OESTE + 0.0001, SUR + 0.0001)}, 422),
        ({"prioridad": "alta", "numeros": [1], "version": 7}, 409),
    ],
)
def test_una_prioridad_que_no_se_puede_poner_no_cambia_nada(funcionaria, entrar, elenco, cuerpo, codigo):
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/prioridades"
    assert funcionaria.post(raiz, json=cuerpo).status_code == codigo
    assert entrar(None).get(raiz).json["prioridades"] == {}


# --- Formularios de personas --------------------------------------------------------------------------------------------


def test_sin_municipio_se_dice_junto_a_su_campo(entrar, elenco):
    pagina = entrar(elenco.administradora).post(
        "/administracion/personas/nueva",
        data={"usuario": "nueva", "nombre": "Nueva", "papel": "mapeador", "municipio": ""},
    )
    assert pagina.status_code == 422
    assert "Falta el municipio" in pagina.text.split('id="c-municipio-error"')[1][:300]
    assert "No encontramos ese municipio" not in pagina.text
