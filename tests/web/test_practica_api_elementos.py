"""Crear, cambiar y borrar de uno en uno, y los conjuntos de cambios."""

import re

import pytest
from sqlalchemy import text

from tests.mundo_practica import PUEBLO, arbol, estado_del_aula, foto, resumen


@pytest.fixture
def ed(practica):
    """Editora de la mapeadora en un aula propia con el pueblo sembrado."""
    return practica.editor(practica.aula(PUEBLO))


def osm(dentro, conjunto):
    """Un documento ``<osm>``."""
    return f"<osm>{dentro.replace('{c}', str(conjunto))}</osm>"


# --- elementos -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("metodo", "de_nodo"), [("PUT", "node/create"), ("POST", "nodes")])
def test_la_vida_de_un_nodo(ed, metodo, de_nodo):
    c = ed.abrir()
    r = ed.pedir(metodo, de_nodo, osm("<node lon='1' lat='2' changeset='{c}'><tag k='a' v='b'/></node>", c))
    assert (r.status_code, r.content_type) == (200, "text/plain; charset=utf-8"), r.text
    id = int(r.text)
    r = ed.pedir("PUT", f"node/{id}", osm(f"<node id='{id}' version='1' lon='1.5' lat='2' changeset='{{c}}'/>", c))
    assert (r.status_code, r.text) == (200, "2")
    r = ed.pedir("DELETE", f"node/{id}", osm(f"<node id='{id}' version='2' lon='1.5' lat='2' changeset='{{c}}'/>", c))
    assert (r.status_code, r.text) == (200, "3")
    assert ed.leer(f"node/{id}").status_code == 410
    assert resumen(ed.leer(f"node/{id}/history")) == f"n{id}v1 n{id}v2 n{id}v3"
    assert arbol(ed.leer(f"changeset/{c}"))[0].get("changes_count") == "3"


def test_vias_y_relaciones(ed):
    c = ed.abrir()
    via = ed.pedir("PUT", "way/create", osm("<way changeset='{c}'><nd ref='1'/><nd ref='6'/></way>", c)).text
    miembros = f"<member type='way' ref='{via}' role='x'/>"
    relacion = ed.pedir("PUT", "relation/create", osm(f"<relation changeset='{{c}}'>{miembros}</relation>", c)).text
    assert resumen(ed.leer(f"relation/{relacion}/full")) == f"n1v1 n6v1 w{via}v1 r{relacion}v1"
    borrar = f"<way id='{via}' version='1' changeset='{{c}}'/>"
    r = ed.pedir("DELETE", f"way/{via}", osm(borrar, c))
    assert (r.status_code, r.text) == (
        412, f"Precondition failed: Way {via} is still used by relations {relacion}."
    )  # fmt: skip
    assert ed.pedir("DELETE", f"relation/{relacion}", osm(f"<relation id='{relacion}' version='1' changeset='{{c}}'/>", c)).text == "2"  # fmt: skip
    assert ed.pedir("DELETE", f"way/{via}", osm(borrar, c)).text == "2"


CASOS = {
    "cuerpo vacío": ("PUT", "node/create", "", 400, "Cannot parse valid node from xml string . "),
    "sin el elemento": ("PUT", "node/create", "<osm/>", 400, "XML doesn't contain an osm/node element."),
    "otro elemento": ("PUT", "way/create", "<osm><node/></osm>", 400, "XML doesn't contain an osm/way element."),
    "otra raíz": ("PUT", "node/create", "<x><node/></x>", 400, "XML doesn't contain an osm/node element."),
    "conjunto desconocido": (
        "PUT", "node/create", "<osm><node lon='1' lat='1' changeset='9999'/></osm>",
        409, "You need to supply a changeset to be able to make a change",
    ),
    "no existe": ("PUT", "node/77", "<osm><node id='77' version='1' lon='1' lat='1' changeset='{c}'/></osm>", 404, ""),
    "no existe, aunque el XML esté roto": ("PUT", "node/77", "<osm", 404, ""),
    "otro id": (
        "PUT", "node/6", "<osm><node id='5' version='1' lon='1' lat='1' changeset='{c}'/></osm>",
        400, "The id in the url (6) is not the same as provided in the xml (5)",
    ),
    "borrar otro nodo": (
        "DELETE", "node/6", "<osm><node id='5' version='1' lon='1' lat='1' changeset='{c}'/></osm>",
        400, "The id in the url (6) is not the same as provided in the xml (5)",
    ),
    "borrar otra vía": ("DELETE", "way/1", "<osm><way id='2' version='1' changeset='{c}'/></osm>", 400, ""),
    "versión vieja": (
        "PUT", "node/6", "<osm><node id='6' version='4' lon='1' lat='1' changeset='{c}'/></osm>",
        409, "Version mismatch: Provided 4, server had: 1 of Node 6",
    ),
    # La versión se revisa antes que el conjunto.
    "versión vieja y conjunto desconocido": (
        "PUT", "node/6", "<osm><node id='6' version='4' lon='1' lat='1' changeset='9999'/></osm>",
        409, "Version mismatch: Provided 4, server had: 1 of Node 6",
    ),
    "borrar lo borrado": (
        "DELETE", "node/9", "<osm><node id='9' version='2' lon='1' lat='1' changeset='{c}'/></osm>",
        410, "The node with the id 9 has already been deleted",
    ),
    "borrar lo que se usa": (
        "DELETE", "node/1", "<osm><node id='1' version='1' lon='1' lat='1' changeset='{c}'/></osm>",
        412, "Precondition failed: Node 1 is still used by ways 1.",
    ),
    "borrar un nodo sin lugar": (
        "DELETE", "node/6", "<osm><node id='6' version='1' changeset='{c}'/></osm>", 400, "lat missing",
    ),
    "vía con nodo negativo": (
        "PUT", "way/create", "<osm><way changeset='{c}'><nd ref='-1'/></way></osm>",
        412, "requires the nodes with id in (-1), which either do not exist, or are not visible.",
    ),
    "entidades": ("PUT", "node/create", "<!DOCTYPE x [<!ENTITY a 'b'>]><osm/>", 400, "are not allowed"),
}  # fmt: skip


@pytest.fixture(scope="module")
def fijo(practica):
    """Un aula y un conjunto para lo que se rechaza."""
    ed = practica.editor(practica.aula(PUEBLO))
    return ed, ed.abrir(), foto(practica.bd, ed.aula)


@pytest.mark.parametrize("caso", CASOS)
def test_se_rechaza_y_no_queda_nada(fijo, practica, caso):
    ed, c, antes = fijo
    metodo, direccion, documento, codigo, mensaje = CASOS[caso]
    r = ed.pedir(metodo, direccion, documento.replace("{c}", str(c)))
    assert r.status_code == codigo, r.text
    assert mensaje in r.text
    assert bool(r.text) == bool(mensaje)
    assert r.headers.get("Error", "") == r.text
    assert foto(practica.bd, ed.aula) == antes


# --- conjuntos de cambios --------------------------------------------------------------------------------------------


def test_la_vida_de_un_conjunto(ed, practica):
    c = ed.abrir(comment="Niños & co".replace("&", "&amp;"), created_by="yo")
    conjunto = arbol(ed.leer(f"changeset/{c}")).find("changeset")
    assert {t.get("k"): t.get("v") for t in conjunto} == {"comment": "Niños & co", "created_by": "yo"}
    assert conjunto.get("uid") == str(practica.elenco.mapeadora)
    assert conjunto.get("user") == "mapeadora"
    assert (conjunto.get("open"), conjunto.get("comments_count"), conjunto.get("changes_count")) == ("true", "0", "0")
    assert not {"closed_at", "min_lat"} & set(conjunto.keys())
    r = ed.pedir("PUT", f"changeset/{c}", "<osm><changeset><tag k='comment' v='otro'/></changeset></osm>")
    assert [(t.get("k"), t.get("v")) for t in arbol(r)[0]] == [("comment", "otro")]
    r = ed.pedir("PUT", f"changeset/{c}/close")
    assert (r.status_code, r.data) == (200, b"")
    cerrado = ed.leer(f"changeset/{c}.json").json["changeset"]
    assert cerrado["open"] is False
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", cerrado["closed_at"])
    assert cerrado["tags"] == {"comment": "otro"}
    for metodo, direccion in (("PUT", f"changeset/{c}/close"), ("PUT", f"changeset/{c}")):
        r = ed.pedir(metodo, direccion, "<osm><changeset/></osm>")
        assert r.status_code == 409
        assert r.text.startswith(f"The changeset {c} was closed at ")
    with practica.bd.lectura() as sesion:
        fila = sesion.execute(
            text("SELECT etiquetas, cerrado IS NOT NULL FROM osm_conjunto WHERE origen = :a AND id = :c"),
            {"a": ed.aula, "c": c},
        ).one()
    assert tuple(fila) == ({"comment": "otro"}, True)


def test_con_discusion(ed):
    c = ed.abrir()
    assert arbol(ed.leer(f"changeset/{c}")).find("changeset/discussion") is None
    assert arbol(ed.leer(f"changeset/{c}?include_discussion=true")).find("changeset/discussion") is not None
    assert ed.leer(f"changeset/{c}.json?include_discussion=1").json["changeset"]["comments"] == []


@pytest.mark.parametrize(
    ("documento", "mensaje"),
    [
        ("", "Cannot parse valid changeset from xml string . "),
        ("<osm><changeset></osm>", "Cannot parse valid changeset from xml string"),
        ("<osm/>", "XML doesn't contain an osm/changeset element."),
        ("<osm><changeset><tag v='1'/></changeset></osm>", "tag is missing key"),
        ("<osm><changeset><tag k='1'/></changeset></osm>", "tag is missing value"),
        (
            "<osm><changeset><tag k='a' v='1'/><tag k='a' v='2'/></changeset></osm>",
            "Element changeset/ has duplicate tags with key a",
        ),
        (f"<osm><changeset><tag k='a' v='{'x' * 256}'/></changeset></osm>", "is too long (maximum is 255 characters)"),
    ],
)
def test_conjuntos_mal_abiertos(fijo, documento, mensaje):
    ed, c, _antes = fijo
    for direccion in ("changeset/create", f"changeset/{c}"):
        r = ed.pedir("PUT", direccion, documento)
        assert r.status_code == 400
        assert mensaje in r.text


@pytest.mark.parametrize(
    ("ocio", "edad", "abierto"), [(59, 59, True), (61, 61, False), (30, 1441, False), (1, 1439, True)]
)
def test_se_cierra_solo(ed, practica, ocio, edad, abierto):
    """A la hora de ocio o a las 24 horas de abierto; lo juzga el reloj de la base, sin que nadie limpie."""
    c = ed.abrir()
    with practica.bd.transaccion() as sesion:
        sesion.execute(
            text("""UPDATE practica_conjunto SET ultimo = ahora() - make_interval(mins => :o),
                           abierto = ahora() - make_interval(mins => :e) WHERE id = :c"""),
            {"o": ocio, "e": edad, "c": c},
        )
    conjunto = arbol(ed.leer(f"changeset/{c}"))[0]
    assert (conjunto.get("open") == "true") is abierto
    r = ed.subir(c, "<create><node id='-1' lon='1' lat='1' changeset='{c}'/></create>")
    assert r.status_code == (200 if abierto else 409), r.text
    abiertos = [x.get("id") for x in arbol(ed.leer("changesets?open=true"))]
    cerrados = [x.get("id") for x in arbol(ed.leer("changesets?closed=true"))]
    assert (abiertos, cerrados) == (([str(c)], []) if abierto else ([], [str(c)]))


def test_de_otra_persona(ed, practica):
    c = ed.abrir()
    otra = practica.editor(ed.aula, practica.elenco.mapeador)
    for metodo, direccion, documento in (
        ("PUT", f"changeset/{c}", "<osm><changeset/></osm>"),
        ("PUT", f"changeset/{c}/close", ""),
        ("PUT", "node/create", f"<osm><node lon='1' lat='1' changeset='{c}'/></osm>"),
    ):
        r = otra.pedir(metodo, direccion, documento)
        assert (r.status_code, r.text) == (409, "The user doesn't own that changeset")


def test_descargar(ed):
    c = ed.abrir()
    ed.subir(
        c,
        """<create><node id='-1' lon='1' lat='1' changeset='{c}'/>
           <way id='-1' changeset='{c}'><nd ref='-1'/></way></create>
           <modify><node id='1' version='1' lon='2' lat='2' changeset='{c}'/></modify>
           <delete><relation id='3' version='1' changeset='{c}'/><node id='6' version='1' changeset='{c}'/></delete>""",
    )
    raiz = arbol(ed.leer(f"changeset/{c}/download"))
    assert raiz.tag == "osmChange"
    assert [(b.tag, [x.tag for x in b]) for b in raiz] == [
        ("create", ["node"]), ("create", ["way"]), ("modify", ["node"]), ("delete", ["relation"]), ("delete", ["node"]),
    ]  # fmt: skip
    en_json = ed.leer(f"changeset/{c}/download.json").json["osmChange"]
    assert [len(en_json[k]) for k in ("create", "modify", "delete")] == [2, 1, 2]
    assert ed.leer("changeset/999999/download").status_code == 404


@pytest.fixture(scope="module")
def con_conjuntos(practica):
    """Un aula con tres conjuntos: uno con cambios de 2020, uno de 2022 sin cambios, y uno abierto de otra persona."""
    ed = practica.editor(practica.aula(PUEBLO))
    a, b = ed.abrir(), ed.abrir()
    ed.subir(a, "<create><node id='-1' lon='1' lat='1' changeset='{c}'/><node id='-2' lon='2' lat='2' changeset='{c}'/></create>")  # fmt: skip
    with practica.bd.transaccion() as sesion:
        for c, anio in ((a, 2020), (b, 2022)):
            sesion.execute(
                text("UPDATE practica_conjunto SET abierto = make_timestamptz(:y, 1, 1, 0, 0, 0), ultimo = make_timestamptz(:y, 1, 1, 0, 30, 0) WHERE id = :c"),
                {"y": anio, "c": c},
            )  # fmt: skip
    otro = practica.editor(ed.aula, practica.elenco.mapeador)
    return ed, {"a": a, "b": b, "o": otro.abrir()}


@pytest.mark.parametrize(
    ("consulta", "hallados"),
    [
        ("", "oba"),
        ("order=oldest", "abo"),
        ("order=newest", "oba"),
        ("limit=1", "o"),
        ("order=oldest&limit=2", "ab"),
        ("user={yo}", "ba"),
        ("display_name=mapeador", "o"),
        ("open=true", "o"),
        ("closed=true", "ba"),
        ("changesets={a},{o}", "oa"),
        ("changesets=999999", ""),
        ("bbox=0,0,3,3", "a"),
        ("bbox=1.5,1.5,1.6,1.6", "a"),
        ("bbox=5,5,6,6", ""),
        ("time=2021-01-01", "ob"),
        ("time=2019-06-01,2020-06-01", "a"),
        ("time=2020-01-01T01:29:00Z,2021-01-01T00:00:00Z", "a"),
        ("time=2020-01-01T01:31:00Z,2021-01-01T00:00:00Z", ""),
        ("from=2019-01-01&to=2021-01-01", "a"),
        ("from=2021-01-01", "ob"),
        ("to=2021-01-01", "oba"),
        ("user={yo}&closed=true&limit=1", "b"),
    ],
)
def test_buscar_conjuntos(con_conjuntos, practica, consulta, hallados):
    ed, c = con_conjuntos
    consulta = consulta.format(yo=practica.elenco.mapeadora, **c)
    esperados = [str(c[x]) for x in hallados]
    assert [x.get("id") for x in arbol(ed.leer(f"changesets?{consulta}"))] == esperados
    en_json = ed.leer(f"changesets.json?{consulta}").json["changesets"]
    assert [str(x["id"]) for x in en_json] == esperados


@pytest.mark.parametrize(
    ("consulta", "codigo", "mensaje"),
    [
        ("user=1&display_name=x", 400, "provide either the user ID or display name, but not both"),
        ("user=abc", 400, "invalid user ID"),
        ("user=0", 400, "invalid user ID"),
        ("user=99999", 404, ""),
        ("display_name=nadie", 404, "Object not found"),
        ("bbox=1,2,3", 400, "The parameter bbox must be of the form min_lon,min_lat,max_lon,max_lat"),
        ("bbox=3,1,1,2", 400, "The minimum longitude must be less than the maximum longitude, but it wasn't"),
        ("time=abc", 400, 'no time information in "abc"'),
        ("time=", 400, 'no time information in ""'),
        ("time=2020-01-01,", 400, "bad time range"),
        ("time=2020-01-01,abc", 400, 'no time information in "abc"'),
        ("time=2020-01-01,2021-01-01,2022-01-01", 400, "no time information in"),
        ("time=2020-01-01&order=oldest", 400, "cannot use order=oldest with time"),
        ("from=abc", 400, "Date abc is in a wrong format"),
        ("from=2020-01-01&to=abc", 400, "Date abc is in a wrong format"),
        ("changesets=", 400, "No changesets were given to search for"),
        ("limit=0", 400, "Changeset limit must be between 1 and 100"),
        ("limit=101", 400, "Changeset limit must be between 1 and 100"),
        ("limit=x", 400, "Changeset limit must be between 1 and 100"),
    ],
)
def test_buscar_mal(con_conjuntos, consulta, codigo, mensaje):
    ed, _c = con_conjuntos
    r = ed.leer(f"changesets?{consulta}")
    assert r.status_code == codigo
    assert mensaje in r.text


# --- quién puede -----------------------------------------------------------------------------------------------------

ESCRITURAS = [
    ("PUT", "changeset/create"),
    ("POST", "changesets"),
    ("PUT", "changeset/1"),
    ("PUT", "changeset/1/close"),
    ("POST", "changeset/1/upload"),
    ("PUT", "node/create"),
    ("POST", "ways"),
    ("PUT", "relation/1"),
    ("DELETE", "way/1"),
]


def _publicar(practica, aula_id):
    with practica.bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a WHERE id = :p"),
            {"a": aula_id, "p": practica.elenco.proyecto},
        )


@pytest.mark.parametrize(("metodo", "direccion"), [*ESCRITURAS, ("GET", "user/details"), ("GET", "user/preferences")])
def test_sin_ficha_no(practica, metodo, direccion):
    aula = practica.aula(PUEBLO)
    _publicar(practica, aula)
    nadie = practica.editor(aula, 0)
    assert resumen(nadie.leer("node/1")) == "n1v1"
    r = nadie.pedir(metodo, direccion, "<osm/>")
    assert (r.status_code, r.text) == (401, "Couldn't authenticate you")
    assert r.headers["WWW-Authenticate"].startswith('Bearer realm="')
    assert r.headers["Error"] == r.text
    basica = nadie.pedir(metodo, direccion, "<osm/>", Authorization="Basic bWFwZWFkb3JhOng=")
    assert basica.status_code == 401


@pytest.mark.parametrize(("metodo", "direccion"), ESCRITURAS)
def test_la_galleta_no_vale(practica, metodo, direccion):
    """Un sitio ajeno puede pedirle al navegador que mande la galleta: aquí no sirve de nada, ni se exige formulario."""
    aula = practica.aula(PUEBLO)
    _publicar(practica, aula)
    nadie, con_ficha = practica.editor(aula, 0), practica.editor(aula)
    nadie.cliente.set_cookie("tequio_sesion", con_ficha.ficha)
    assert nadie.pedir(metodo, direccion, "<osm/>").status_code == 401
    con_ficha.cliente.set_cookie("tequio_sesion", con_ficha.ficha)
    assert con_ficha.pedir(metodo, direccion, "<osm/>").status_code in (400, 404, 409)
    # Ni para ver un aula que la persona de la galleta sí puede ver.
    privada = practica.editor(practica.aula(PUEBLO), 0)
    privada.cliente.set_cookie("tequio_sesion", con_ficha.ficha)
    assert privada.leer("node/1").status_code == 404


def test_un_aula_que_no_se_ve_no_existe(practica):
    aula = practica.aula(PUEBLO)
    nadie, forastera, de_aqui = (practica.editor(aula, p) for p in (0, practica.elenco.forastera, None))
    admin = practica.editor(aula, practica.elenco.administradora)
    assert [x.leer("node/1").status_code for x in (nadie, forastera, de_aqui, admin)] == [404, 404, 200, 200]
    inexistente = practica.editor(99_999_999)
    # Qué versión y qué límites hay lo preguntan los editores antes de entrar: se contesta sin decir nada más del aula.
    assert nadie.leer("capabilities").data == de_aqui.leer("/capabilities").data
    assert nadie.leer("/versions").status_code == 200
    for direccion in ("/capabilities", "capabilities", "/versions", "/capabilities.json"):
        r = inexistente.leer(direccion)
        assert (r.status_code, r.text, r.content_type) == (404, "Object not found", "text/plain; charset=utf-8")
    for r in (forastera.leer("node/1"), forastera.pedir("PUT", "changeset/create", "<osm/>"), inexistente.leer("map")):
        assert (r.status_code, r.text, r.content_type) == (404, "Object not found", "text/plain; charset=utf-8")


def test_una_ficha_que_no_vale(practica):
    ed = practica.editor(practica.aula(PUEBLO))
    r = ed.leer("node/1", Authorization="Bearer inventada")
    assert (r.status_code, r.text) == (401, "Couldn't authenticate you")


def test_con_clave_temporal_no_se_edita_ni_se_ve_lo_privado(practica):
    from tests.fabrica import persona

    nueva = persona(practica.bd, "temporal", (practica.elenco.municipio, "mapeador"))
    with practica.bd.transaccion() as sesion:
        sesion.execute(text("UPDATE persona SET debe_cambiar_clave = true WHERE id = :p"), {"p": nueva})
    ed = practica.editor(practica.aula(PUEBLO), nueva)
    que = "Your password is temporary. Sign in to Tequio and choose your own before editing."
    for r in (ed.pedir("PUT", "changeset/create", "<osm/>"), ed.leer("node/1"), ed.leer("user/details")):
        assert (r.status_code, r.text) == (403, que)
    assert ed.leer("capabilities").status_code == 200
    # Ni por los otros caminos: bajarla entera, seguir su replicación, ver su mapa.
    entrada = {"Authorization": f"Bearer {ed.ficha}"}
    for direccion in (
        f"/api/v1/aulas/{ed.aula}",
        f"/api/v1/aulas/{ed.aula}/extracto.osm.pbf",
        f"/practica/aulas/{ed.aula}/replicacion/state.txt",
        f"/teselas/aulas/{ed.aula}/16/14791/28988.mvt",
    ):
        assert ed.cliente.get(direccion, headers=entrada).status_code == 404, direccion
    # Lo público lo lee cualquiera, también sin haber entrado.
    with practica.bd.transaccion() as sesion:
        sesion.execute(text("UPDATE aula SET visibilidad = 'publica' WHERE id = :a"), {"a": ed.aula})
    assert ed.leer("node/1").status_code == 200
    assert ed.pedir("PUT", "changeset/create", "<osm/>").status_code == 403


@pytest.mark.parametrize(("metodo", "direccion"), ESCRITURAS)
def test_un_aula_congelada_no_recibe_nada(practica, metodo, direccion):
    ed = practica.editor(practica.aula(PUEBLO))
    estado_del_aula(practica.bd, ed.aula, "congelada")
    r = ed.pedir(metodo, direccion, "<osm/>")
    assert (r.status_code, r.text) == (503, "Database offline for maintenance")
    assert r.headers["Error"] == r.text


@pytest.mark.parametrize(
    ("metodo", "direccion", "codigo", "admite"),
    [
        ("GET", "no/existe", 404, None),
        ("GET", "node/abc", 404, None),
        ("GET", "node/-1", 404, None),
        ("GET", "node/1/ninguno", 404, None),
        ("GET", "node/1.csv", 404, None),
        ("GET", "changeset/abc", 404, None),
        ("POST", "map?bbox=1,1,1.1,1.1", 405, "GET"),
        ("POST", "node/1", 405, "DELETE, GET, PUT"),
        ("GET", "changeset/1/upload", 405, "POST"),
        ("GET", "changeset/1/close", 405, "PUT"),
        ("GET", "node/create", 405, "PUT"),
        ("PATCH", "node/1", 405, "DELETE, GET, PUT"),
    ],
)
def test_lo_que_no_hay_se_dice_a_su_manera(fijo, metodo, direccion, codigo, admite):
    ed, _c, _antes = fijo
    r = ed.pedir(metodo, direccion)
    assert (r.status_code, r.content_type) == (codigo, "text/plain; charset=utf-8")
    assert r.headers["Error"] == r.text
    assert r.headers.get("Allow") == admite
    if admite:
        assert r.text == f"Only method {admite.replace(', ', ' or ')} is supported on this URI"


def test_cabeza(fijo):
    ed, _c, _antes = fijo
    r = ed.pedir("HEAD", "node/1")
    assert (r.status_code, r.data) == (200, b"")
    assert int(r.headers["Content-Length"]) > 100
    assert ed.pedir("HEAD", "node/77").status_code == 404


def test_desde_otro_sitio(fijo):
    ed, _c, _antes = fijo
    for direccion in ("node/1", "node/77", "no/existe", "node/9"):
        r = ed.leer(direccion, Origin="https://editor.ejemplo")
        assert r.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in r.headers
        assert "Set-Cookie" not in r.headers
    ed.ficha, ficha = "", ed.ficha
    r = ed.pedir(
        "OPTIONS", "changeset/1/upload", Origin="https://editor.ejemplo",
        Access_Control_Request_Method="POST", Access_Control_Request_Headers="authorization,content-type",
    )  # fmt: skip
    ed.ficha = ficha
    assert r.status_code == 200
    assert r.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert "POST" in r.headers["Access-Control-Allow-Methods"]
    assert r.headers["Allow"] == "OPTIONS, POST"


def test_lo_inesperado_tambien_se_dice_a_su_manera(fijo, practica):
    ed, _c, _antes = fijo
    with practica.bd.transaccion() as sesion:
        sesion.execute(text("ALTER TABLE practica_elemento RENAME TO otra"))
    try:
        r = ed.leer("node/1")
    finally:
        with practica.bd.transaccion() as sesion:
            sesion.execute(text("ALTER TABLE otra RENAME TO practica_elemento"))
    assert (r.status_code, r.content_type) == (500, "text/plain; charset=utf-8")
    assert r.text.startswith("Internal server error (request ")
    assert "otra" not in r.text
