"""El servidor de práctica con muchas personas a la vez, y con programas que no escribimos nosotros."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import osmapi
import osmium
import pyogrio
import pytest
import requests
from sqlalchemy import text
from werkzeug.serving import make_server

from tests.fabrica import persona, vaciar
from tests.mundo_practica import PUEBLO, Mundo, arbol, sembrar_mundo

RONDAS = 200
GENTE = 30


@pytest.fixture(scope="module")
def practica(app, base_del_proceso, url_base) -> Iterator[Mundo]:
    """Gente sembrada una vez: cada prueba pide su aula."""
    yield sembrar_mundo(app, base_del_proceso)
    vaciar(url_base)


@pytest.fixture(scope="module")
def puerto(app) -> Iterator[int]:
    """La aplicación atendiendo de verdad en 127.0.0.1."""
    servidor = make_server("127.0.0.1", 0, app, threaded=True)
    hilo = threading.Thread(target=servidor.serve_forever, daemon=True)
    hilo.start()
    yield servidor.port
    servidor.shutdown()


# --- a la vez --------------------------------------------------------------------------------------------------------


def test_dos_personas_sobre_un_nodo_doscientas_veces(practica):
    """Cada ronda, una gana (200) y la otra se entera (409): nunca se pierde una versión."""
    aula = practica.aula(PUEBLO)
    dos = [practica.editor(aula, p) for p in (practica.elenco.mapeadora, practica.elenco.mapeador)]
    conjuntos = [ed.abrir() for ed in dos]

    def guardar(cual: int, version: int):
        nodo = f"<node id='6' version='{version}' lon='{cual}' lat='{version / 100}' changeset='{{c}}'/>"
        if version % 2:
            r = dos[cual].subir(conjuntos[cual], f"<modify>{nodo}</modify>")
        else:
            r = dos[cual].pedir("PUT", "node/6", f"<osm>{nodo.replace('{c}', str(conjuntos[cual]))}</osm>")
        return r.status_code, r.text

    with ThreadPoolExecutor(2) as hilos:
        for version in range(1, RONDAS + 1):
            respuestas = sorted(hilos.map(guardar, (0, 1), (version, version)))
            assert [codigo for codigo, _ in respuestas] == [200, 409], respuestas
            assert respuestas[1][1] == f"Version mismatch: Provided {version}, server had: {version + 1} of Node 6"
    versiones = [int(x.get("version")) for x in arbol(dos[0].leer("node/6/history"))]
    assert versiones == list(range(1, RONDAS + 2))
    with practica.bd.lectura() as sesion:
        cambios = sesion.execute(
            text("SELECT sum(cambios), (SELECT count(*) FROM osm_cambio WHERE origen = :a) FROM practica_conjunto WHERE aula_id = :a"),
            {"a": aula},
        ).one()  # fmt: skip
    assert tuple(cambios) == (RONDAS, RONDAS)


def test_treinta_personas_guardan_a_la_vez(practica):
    """En una misma aula y sobre nodos que todas comparten: ningún error, ninguna versión de menos."""
    aula = practica.aula(PUEBLO)
    gente = [persona(practica.bd, f"a_la_vez_{i}", (practica.elenco.municipio, "mapeador")) for i in range(GENTE)]
    editores = [practica.editor(aula, p) for p in gente]

    def trabajar(ed):
        c = ed.abrir()
        codigos = []
        for vez in range(3):
            nodos = "".join(f"<node id='-{i}' lon='-98.7{vez}' lat='20.1{i}' changeset='{{c}}'/>" for i in range(1, 5))
            via = "<way id='-1' changeset='{c}'><nd ref='-1'/><nd ref='1'/><nd ref='2'/><nd ref='-4'/></way>"
            codigos.append(ed.subir(c, f"<create>{nodos}{via}</create>").status_code)
        return codigos

    with ThreadPoolExecutor(GENTE) as hilos:
        codigos = [codigo for suyos in hilos.map(trabajar, editores) for codigo in suyos]
    assert codigos == [200] * GENTE * 3
    with practica.bd.lectura() as sesion:
        cuantas = sesion.execute(
            text("""SELECT count(*) FILTER (WHERE tipo = 'n'), count(*) FILTER (WHERE tipo = 'w'), count(DISTINCT (tipo, id))
                      FROM practica_elemento WHERE aula_id = :a AND NOT semilla"""),
            {"a": aula},
        ).one()
    assert tuple(cuantas) == (GENTE * 12, GENTE * 3, GENTE * 15)
    assert len(arbol(editores[0].leer("node/1/ways"))) == GENTE * 3 + 1


def test_borrar_un_nodo_mientras_alguien_lo_usa(practica):
    """O se borra y la vía se rechaza, o la vía queda y el nodo no se borra: nunca una vía con un nodo borrado."""
    aula = practica.aula([{"tipo": "n", "id": i, "lon": 1, "lat": 1} for i in range(1, 32)])
    una, otra = (practica.editor(aula, p) for p in (practica.elenco.mapeadora, practica.elenco.mapeador))
    c, d = una.abrir(), otra.abrir()
    borrar = "<delete><node id='{i}' version='1' changeset='{c}'/></delete>"
    usar = "<create><way id='-1' changeset='{c}'><nd ref='{i}'/><nd ref='31'/></way></create>"
    with ThreadPoolExecutor(2) as hilos:
        for i in range(1, 31):
            a = hilos.submit(una.subir, c, borrar.replace("{i}", str(i)))
            b = hilos.submit(otra.subir, d, usar.replace("{i}", str(i)))
            assert sorted((a.result().status_code, b.result().status_code)) == [200, 412]
    with practica.bd.lectura() as sesion:
        colgadas = sesion.execute(
            text("""SELECT count(*) FROM practica_elemento w, unnest(w.nodos) n
                      JOIN practica_elemento e ON e.tipo = 'n' AND e.id = n AND e.actual
                     WHERE w.aula_id = :a AND e.aula_id = :a AND w.actual AND w.visible AND NOT e.visible"""),
            {"a": aula},
        ).scalar_one()
    assert colgadas == 0


# --- programas ajenos ------------------------------------------------------------------------------------------------


def test_osmapi_hace_el_ciclo_entero(practica, puerto):
    aula = practica.aula(PUEBLO)
    sesion = requests.Session()
    sesion.headers["Authorization"] = f"Bearer {practica.editor(aula).ficha}"
    api = osmapi.OsmApi(api=f"http://127.0.0.1:{puerto}/practica/aulas/{aula}", session=sesion)
    assert api.capabilities()["changesets"]["maximum_elements"] == 10_000
    with api.changeset({"comment": "desde osmapi"}) as c:
        nodo = api.node_create({"lon": -98.7, "lat": 20.1, "tag": {"name": "Niñé & «co»"}})
        assert (nodo["version"], nodo["changeset"]) == (1, c)
        nodo = api.node_update({**api.node_get(nodo["id"]), "lat": 20.2})
        assert nodo["version"] == 2
        assert set(api.node_history(nodo["id"])) == {1, 2}
        via = api.way_create({"nd": [1, nodo["id"]], "tag": {"highway": "path"}})
        assert [v["id"] for v in api.node_ways(nodo["id"])] == [via["id"]]
        assert {x["type"] for x in api.way_full(via["id"])} == {"node", "way"}
        with pytest.raises(osmapi.PreconditionFailedApiError):
            api.node_delete(dict(nodo))
        with pytest.raises(osmapi.VersionMismatchApiError):
            api.way_update({**via, "version": 9})
        subido = api.changeset_upload(
            [
                {"type": "node", "action": "create", "data": [{"id": -1, "lat": 20.3, "lon": -98.7, "tag": {}}]},
                {"type": "way", "action": "delete", "data": [dict(via)]},
            ]
        )
        assert len(subido) == 2
    assert {x["action"] for x in api.changeset_download(c)} == {"create", "modify", "delete"}
    assert {x["type"] for x in api.map(-98.751, 20.099, -98.749, 20.102)} == {"node", "way", "relation"}
    conjunto = api.changeset_get(c, include_discussion=True)
    assert (conjunto["open"], conjunto["discussion"], conjunto["changes_count"]) == (False, [], "5")
    assert list(api.changesets_get(only_closed=True)) == [c]
    with pytest.raises(osmapi.ElementDeletedApiError):
        api.way_get(via["id"])
    with pytest.raises(osmapi.ElementNotFoundApiError):
        api.node_get(77)


def _bajar(practica, puerto, carpeta):
    aula = practica.aula(PUEBLO)
    direccion = f"http://127.0.0.1:{puerto}/practica/aulas/{aula}/api/0.6/map"
    r = requests.get(
        direccion,
        params={"bbox": "-98.76,20.09,-98.69,20.21"},
        headers={"Authorization": f"Bearer {practica.editor(aula).ficha}"},
        timeout=20,
    )
    assert r.status_code == 200
    archivo = carpeta / "mapa.osm"
    archivo.write_bytes(r.content)
    return archivo


def test_pyosmium_lee_el_mapa(practica, puerto, tmp_path):
    archivo = _bajar(practica, puerto, tmp_path)
    vistos = [(x.type_str(), x.id, x.version, x.user, dict(x.tags)) for x in osmium.FileProcessor(str(archivo))]
    assert [f"{t}{i}" for t, i, *_ in vistos] == ["n1", "n2", "n3", "n4", "n5", "w1", "w2", "r1", "r2"]
    assert vistos[4][2:] == (1, "Ana", {"amenity": "school", "name": "Niños & «niñas»"})
    areas = [a.tags["building"] for a in osmium.FileProcessor(str(archivo)).with_areas() if a.is_area()]
    assert areas == ["yes"]


def test_gdal_lee_el_mapa(practica, puerto, tmp_path):
    archivo = _bajar(practica, puerto, tmp_path)
    assert {capa for capa, _ in pyogrio.list_layers(archivo)} >= {"points", "lines", "multipolygons"}
    _meta, _ids, _formas, campos = pyogrio.raw.read(archivo, layer="multipolygons", columns=["building"])
    assert campos[0].tolist() == ["yes"]
    _meta, _ids, _formas, campos = pyogrio.raw.read(archivo, layer="points", columns=["name"])
    assert campos[0].tolist() == ["Niños & «niñas»"]
