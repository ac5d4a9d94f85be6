"""Leer de un aula como lo hacen los editores."""

import gzip
import json

import pytest
from sqlalchemy import text

from tests.mundo_practica import PUEBLO, arbol, estado_del_aula, resumen

CAJA = "bbox=-98.7501,20.0999,-98.7489,20.1011"


@pytest.fixture(scope="module")
def ed(practica):
    """Editora de la mapeadora en un aula con el pueblo sembrado; otra aula lleva los mismos ids."""
    nueva = practica.aula(PUEBLO)
    practica.aula({**x, "etiquetas": {"de": "otra"}} for x in PUEBLO)
    return practica.editor(nueva)


# --- el mapa ---------------------------------------------------------------------------------------------------------


def test_mapa(ed):
    r = ed.leer(f"map?{CAJA}")
    assert r.status_code == 200, r.text
    assert r.content_type == "application/xml; charset=utf-8"
    assert r.headers["Content-Disposition"] == 'attachment; filename="map.osm"'
    assert resumen(r) == "n1v1 n2v1 n3v1 n4v1 n5v1 w1v1 w2v1 r1v1 r2v1"
    assert arbol(r).find("bounds").attrib == {
        "minlat": "20.0999000", "minlon": "-98.7501000", "maxlat": "20.1011000", "maxlon": "-98.7489000",
    }  # fmt: skip
    assert "otra" not in r.text


def test_mapa_en_json(ed):
    r = ed.leer(f"map.json?{CAJA}").json
    assert r["bounds"] == {"minlat": 20.0999, "minlon": -98.7501, "maxlat": 20.1011, "maxlon": -98.7489}
    assert r["elements"][0] == {
        "type": "node", "id": 1, "lat": 20.1, "lon": -98.75, "timestamp": "2020-01-01T00:00:00Z", "version": 1,
        "changeset": 1, "user": "Ana", "uid": 7,
    }  # fmt: skip
    via = next(x for x in r["elements"] if x["type"] == "way")
    assert (via["nodes"], via["tags"]) == ([1, 2, 3, 4, 1], {"building": "yes"})
    relacion = next(x for x in r["elements"] if x["type"] == "relation")
    assert relacion["members"] == [
        {"type": "way", "ref": 1, "role": "outer"},
        {"type": "node", "ref": 5, "role": ""},
    ]


def test_mapa_donde_no_hay_nada(ed):
    assert [x.tag for x in arbol(ed.leer("map?bbox=10,10,10.1,10.1"))] == ["bounds"]


def test_mapa_con_muchos_nodos_da_lo_mismo_que_con_pocos(practica):
    # Pasada cierta cantidad se busca de otra manera.
    sueltos = [{"tipo": "n", "id": 100_000 + i, "lon": -98.7499, "lat": 20.1 + i / 1e7} for i in range(2100)]
    muchos = resumen(practica.editor(practica.aula([*PUEBLO, *sueltos])).leer(f"map?{CAJA}")).split()
    assert len(muchos) == 2109
    assert [x for x in muchos if len(x) < 6] == ["n1v1", "n2v1", "n3v1", "n4v1", "n5v1", "w1v1", "w2v1", "r1v1", "r2v1"]


DEMASIADO = (
    "The maximum bbox size is 0.25, and your request was too large. Either request a smaller area, or use planet.osm"
)
FORMA = "The parameter bbox must be of the form min_lon,min_lat,max_lon,max_lat"


@pytest.mark.parametrize(
    ("consulta", "mensaje"),
    [
        ("", "The parameter bbox is required"),
        ("?bbox=", FORMA),
        ("?bbox=1,2,3", FORMA),
        ("?bbox=1,2,3,4,5", FORMA),
        ("?bbox=abc", FORMA),
        ("?bbox=a,b,c,d", FORMA),
        ("?bbox=,,,", FORMA),
        ("?bbox=10N2W10.1N2.1W", FORMA),
        ("?bbox=2,1,1,2", "The minimum longitude must be less than the maximum longitude, but it wasn't"),
        ("?bbox=1,2,2,1", "The minimum latitude must be less than the maximum latitude, but it wasn't"),
        ("?bbox=0,0,1,1", DEMASIADO),
        ("?bbox=-500,-500,500,500", DEMASIADO),
    ],
)
def test_mapa_mal_pedido(ed, consulta, mensaje):
    r = ed.leer("map" + consulta)
    assert (r.status_code, r.text, r.content_type) == (400, mensaje, "text/plain; charset=utf-8")
    assert r.headers["Error"] == mensaje


def test_mapa_con_demasiados_nodos(practica):
    ed = practica.editor(practica.aula())
    with practica.bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO practica_elemento (aula_id, tipo, id, version, semilla, conjunto, uid, usuario, lon, lat)
                    SELECT :a, 'n', 10000 + i, 1, true, 1, 7, 'Ana', 100000000 + i, 100000000 FROM generate_series(1, 50001) i"""),
            {"a": ed.aula},
        )
    r = ed.leer("map?bbox=9.9,9.9,10.2,10.1")
    assert (r.status_code, r.text) == (
        400,
        "You requested too many nodes (limit is 50000). Either request a smaller area, or use planet.osm",
    )
    assert ed.leer("map?bbox=9.9,9.9,10.005,10.1").status_code == 200


# --- elementos -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direccion", "codigo", "elementos"),
    [
        ("node/1", 200, "n1v1"),
        ("way/1", 200, "w1v1"),
        ("relation/1", 200, "r1v1"),
        ("node/9", 410, None),
        ("node/77", 404, None),
        ("way/77", 404, None),
        ("node/99999999999999999999999", 404, None),
        ("node/9/1", 200, "n9v1"),
        ("node/9/2", 200, "n9v2"),
        ("node/9/3", 404, None),
        ("node/9/0", 404, None),
        ("node/9/99999999999999999999", 404, None),
        ("node/9/history", 200, "n9v1 n9v2"),
        ("node/77/history", 404, None),
        ("way/1/full", 200, "n1v1 n2v1 n3v1 n4v1 w1v1"),
        ("way/77/full", 404, None),
        ("relation/1/full", 200, "n1v1 n2v1 n3v1 n4v1 n5v1 w1v1 r1v1"),
        ("relation/2/full", 200, "r1v1 r2v1"),
        ("node/4/ways", 200, "w1v1 w2v1"),
        ("node/6/ways", 200, ""),
        ("node/77/ways", 200, ""),
        ("node/5/relations", 200, "r1v1"),
        ("way/1/relations", 200, "r1v1"),
        ("relation/1/relations", 200, "r2v1"),
        ("relation/3/relations", 200, ""),
        ("nodes?nodes=3,1,2", 200, "n3v1 n1v1 n2v1"),
        ("nodes?nodes=1,1,1v1", 200, "n1v1"),
        ("nodes?nodes=9", 200, "n9v2"),
        ("nodes?nodes=9v1,1", 200, "n1v1 n9v1"),
        ("nodes?nodes=1,77", 404, None),
        ("nodes?nodes=1v2", 404, None),
        ("nodes?nodes=abc", 404, None),
        ("ways?ways=2,1", 200, "w2v1 w1v1"),
        ("relations?relations=1,2", 200, "r1v1 r2v1"),
    ],
)
def test_elementos(ed, direccion, codigo, elementos):
    r = ed.leer(direccion)
    assert r.status_code == codigo, r.text
    if elementos is not None:
        assert resumen(r) == elementos
    elif "history" not in direccion:
        assert r.data == b""


def test_los_atributos_de_un_elemento(ed):
    r = ed.leer("node/5")
    raiz = arbol(r)
    assert raiz.tag == "osm"
    assert raiz.get("version") == "0.6"
    assert {"generator", "copyright", "attribution", "license"} <= set(raiz.keys())
    assert raiz[0].attrib == {
        "id": "5", "visible": "true", "version": "1", "changeset": "1", "timestamp": "2020-01-01T00:00:00Z",
        "user": "Ana", "uid": "7", "lat": "20.2000000", "lon": "-98.7000000",
    }  # fmt: skip
    assert {t.get("k"): t.get("v") for t in raiz[0]} == {"amenity": "school", "name": "Niños & «niñas»"}
    assert r.headers["Last-Modified"] == "Wed, 01 Jan 2020 00:00:00 GMT"


def test_lo_borrado_no_dice_donde_estaba(ed):
    nodo = arbol(ed.leer("node/9/2"))[0]
    assert nodo.get("visible") == "false"
    assert not {"lat", "lon"} & set(nodo.keys())
    en_json = ed.leer("node/9/2.json").json["elements"][0]
    assert en_json["visible"] is False
    assert "lat" not in en_json


@pytest.mark.parametrize("que", ["nodes", "ways", "relations"])
def test_varios_sin_decir_cuales(ed, que):
    r = ed.leer(que)
    forma = f"The parameter {que} is required, and must be of the form {que}=ID[vVER][,ID[vVER][,ID[vVER]...]]"
    assert (r.status_code, r.text) == (400, forma)
    r = ed.leer(f"{que}?{que}=")
    assert (r.status_code, r.text) == (400, f"No {que} were given to search for")


# --- en qué se contesta ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direccion", "acepta", "tipo"),
    [
        ("node/1", None, "application/xml"),
        ("node/1", "*/*", "application/xml"),
        ("node/1", "application/xml", "application/xml"),
        ("node/1", "text/xml", "application/xml"),
        ("node/1", "application/json", "application/json"),
        ("node/1", "application/json, */*", "application/json"),
        ("node/1", "application/json;q=0.5, application/xml", "application/xml"),
        ("node/1", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml"),
        ("node/1", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "application/xml"),
        ("node/1.json", "application/xml", "application/json"),
        ("node/1.xml", "application/json", "application/xml"),
        ("node/1/history.json", None, "application/json"),
        ("map.json?bbox=1,1,1.1,1.1", None, "application/json"),
        ("capabilities.json", None, "application/json"),
        ("node/1", "text/*", "application/xml"),
        ("node/1", "text/plain, */*", "application/xml"),
        ("node/1", "text/x-json", "application/json"),
        ("node/1", "esto no es un tipo", "application/xml"),
        ("node/1", "text/json", None),
        ("node/1", "image/jpeg, text/html;q=0.5", None),
        ("node/1", "text/html", None),
        ("node/1", "image/png", None),
    ],
)
def test_formatos(ed, direccion, acepta, tipo):
    r = ed.leer(direccion, **({"Accept": acepta} if acepta else {}))
    if tipo is None:
        assert r.status_code == 406
    else:
        assert (r.status_code, r.content_type) == (200, f"{tipo}; charset=utf-8")


def test_se_comprime_si_lo_aceptan(ed):
    r = ed.leer(f"map?{CAJA}", Accept_Encoding="gzip")
    assert r.headers["Content-Encoding"] == "gzip"
    assert b"<osm" in gzip.decompress(r.data)


# --- qué es este servidor --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direccion", ["/capabilities", "/0.6/capabilities"])
def test_capacidades(ed, direccion):
    api = arbol(ed.leer(direccion)).find("api")
    assert {x.tag: x.attrib for x in api} == {
        "version": {"minimum": "0.6", "maximum": "0.6"},
        "area": {"maximum": "0.25"},
        "note_area": {"maximum": "25"},
        "tracepoints": {"per_page": "5000"},
        "waynodes": {"maximum": "2000"},
        "relationmembers": {"maximum": "32000"},
        "changesets": {"maximum_elements": "10000", "default_query_limit": "100", "maximum_query_limit": "100"},
        "notes": {"default_query_limit": "100", "maximum_query_limit": "10000"},
        "user_preferences": {"key_maximum_length": "255", "value_maximum_length": "10000"},
        "timeout": {"seconds": "300"},
        "status": {"database": "online", "api": "online", "gpx": "offline"},
    }
    en_json = ed.leer(direccion + ".json").json
    assert en_json["api"]["waynodes"] == {"maximum": 2000}
    assert en_json["version"] == "0.6"


def test_versiones(ed):
    assert [x.text for x in arbol(ed.leer("/versions")).iter("version")] == ["0.6"]
    assert ed.leer("/versions.json").json["api"] == {"versions": ["0.6"]}


def test_un_aula_congelada_lo_dice_y_se_sigue_leyendo(practica):
    ed = practica.editor(practica.aula(PUEBLO))
    estado_del_aula(practica.bd, ed.aula, "congelada")
    assert arbol(ed.leer("capabilities")).find("api/status").get("api") == "readonly"
    assert resumen(ed.leer("node/1")) == "n1v1"


@pytest.mark.parametrize(
    ("direccion", "codigo", "contiene"),
    [
        ("notes?bbox=-98.8,20,-98.7,20.1", 200, "<osm "),
        ("notes.json?bbox=-98.8,20,-98.7,20.1", 200, '{"type":"FeatureCollection","features":[]}'),
        ("notes/search.json?q=x", 200, "FeatureCollection"),
        ("notes", 400, "No bbox was given"),
        ("notes?bbox=0,0,10,10", 400, "The maximum bbox size is 25"),
        ("notes?bbox=0,0,1,1&limit=0", 400, "Note limit must be between 1 and 10000"),
        ("trackpoints?bbox=-98.8,20,-98.7,20.1&page=0", 200, "<gpx "),
        ("trackpoints?bbox=-98.8,20,-98.7,20.1&page=-1", 400, "Page number must be greater than or equal to 0"),
        ("trackpoints?bbox=0,0,1,1", 400, "The maximum bbox size is 0.25"),
        ("user/preferences", 200, "<preferences/>"),
        ("user/preferences.json", 200, '"preferences":{}'),
        ("user/preferences/x", 404, ""),
        ("user/gpx_files", 200, "<osm "),
    ],
)
def test_lo_que_un_aula_no_guarda(ed, direccion, codigo, contiene):
    r = ed.leer(direccion)
    assert r.status_code == codigo, r.text
    assert contiene in r.text


# --- personas --------------------------------------------------------------------------------------------------------


def test_quien_soy(practica):
    ed, elenco = practica.editor(practica.aula()), practica.elenco
    yo = arbol(ed.leer("user/details")).find("user")
    assert (yo.get("id"), yo.get("display_name")) == (str(elenco.mapeadora), "mapeadora")
    assert yo.find("changesets").get("count") == "0"
    assert [x.tag for x in yo.find("languages")] == ["lang"]
    en_json = ed.leer("user/details.json").json["user"]
    assert (en_json["id"], en_json["display_name"], en_json["languages"]) == (elenco.mapeadora, "mapeadora", ["es"])


def test_de_los_demas_se_sabe_lo_que_su_trabajo_dice(practica):
    ed, elenco = practica.editor(practica.aula()), practica.elenco
    otro = practica.editor(ed.aula, elenco.mapeador)
    assert ed.leer(f"user/{elenco.mapeador}").status_code == 404
    otro.abrir()
    de_otro = arbol(ed.leer(f"user/{elenco.mapeador}")).find("user")
    assert de_otro.find("changesets").get("count") == "1"
    assert de_otro.find("languages") is None
    ids = [x.get("id") for x in arbol(ed.leer(f"users?users={elenco.mapeadora},{elenco.mapeador}"))]
    assert ids == [str(elenco.mapeadora), str(elenco.mapeador)]
    assert len(ed.leer(f"users.json?users={elenco.mapeador}").json["users"]) == 1
    # Quien no está se salta.
    assert len(arbol(ed.leer("users?users=99999"))) == 0
    assert ed.leer(f"users.json?users={elenco.mapeador},99999").json["users"][0]["user"]["id"] == elenco.mapeador
    assert ed.leer("users").status_code == ed.leer("users?users=").status_code == 400


def test_permisos(ed):
    nombres = [x.get("name") for x in arbol(ed.leer("permissions")).iter("permission")]
    assert "allow_write_api" in nombres
    assert ed.leer("permissions.json").json["permissions"] == nombres


def test_el_json_es_json(ed):
    assert json.loads(ed.leer("relation/1/full.json").data)["elements"][-1]["tags"] == {"type": "site"}
