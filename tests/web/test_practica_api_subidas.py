"""Subir osmChange: lo que se aplica, y todo lo que se rechaza sin dejar nada a medias."""

import gzip
import re
import zlib

import pytest
from sqlalchemy import text

from tests.mundo_practica import PUEBLO, arbol, diferencia, foto, resumen


@pytest.fixture
def ed(practica):
    """Editora de la mapeadora en un aula propia con el pueblo sembrado."""
    return practica.editor(practica.aula(PUEBLO))


@pytest.fixture(scope="module")
def fijo(practica):
    """Un aula y un conjunto para todo lo que se rechaza: si algo quedara escrito, se notaría."""
    ed = practica.editor(practica.aula(PUEBLO))
    return ed, ed.abrir(), foto(practica.bd, ed.aula)


def caja(ed, conjunto):
    """``oeste, sur, este, norte`` del conjunto, en grados."""
    c = arbol(ed.leer(f"changeset/{conjunto}")).find("changeset")
    return tuple(float(c.get(k, "nan")) for k in ("min_lon", "min_lat", "max_lon", "max_lat"))


# --- lo que se aplica ------------------------------------------------------------------------------------------------


def test_un_edificio_nuevo(ed):
    c = ed.abrir()
    r = ed.subir(
        c,
        """<create>
             <node id='-1' lon='-98.74' lat='20.10' changeset='{c}'/><node id='-2' lon='-98.73' lat='20.10' changeset='{c}'/>
             <node id='-3' lon='-98.73' lat='20.11' changeset='{c}'/>
             <way id='-1' changeset='{c}'><nd ref='-1'/><nd ref='-2'/><nd ref='-3'/><nd ref='-1'/><tag k='building' v='yes'/></way>
             <relation id='-1' changeset='{c}'><member type='way' ref='-1' role='outer'/><member type='node' ref='5'/></relation>
           </create>""",
    )
    renglones = diferencia(r)
    assert [(t, viejo, version) for t, viejo, _, version in renglones] == [
        ("node", "-1", "1"), ("node", "-2", "1"), ("node", "-3", "1"), ("way", "-1", "1"), ("relation", "-1", "1"),
    ]  # fmt: skip
    nodos, via, relacion = [n for _, _, n, _ in renglones[:3]], renglones[3][2], renglones[4][2]
    assert resumen(ed.leer(f"way/{via}/full")) == f"{' '.join(f'n{n}v1' for n in nodos)} w{via}v1"
    assert [(m.get("type"), m.get("ref"), m.get("role")) for m in arbol(ed.leer(f"relation/{relacion}"))[0]] == [
        ("way", via, "outer"), ("node", "5", ""),
    ]  # fmt: skip
    conjunto = arbol(ed.leer(f"changeset/{c}")).find("changeset")
    assert (conjunto.get("changes_count"), conjunto.get("open")) == ("5", "true")
    assert caja(ed, c) == (-98.74, 20.1, -98.7, 20.2)
    assert arbol(r).tag == "diffResult"
    assert arbol(r).get("version") == "0.6"


def test_diff_result_en_json(ed):
    c = ed.abrir()
    documento = f"<osmChange><create><node id='-1' lon='1' lat='2' changeset='{c}'/></create></osmChange>"
    (renglon,) = ed.pedir("POST", f"changeset/{c}/upload.json", documento).json["diffResult"]
    assert (renglon["type"], renglon["old_id"], renglon["new_version"]) == ("node", -1, 1)
    assert renglon["new_id"] >= 1_000_000_000_000


def test_el_resultado_se_dice_aunque_no_acepten_nuestros_formatos(ed):
    r = ed.subir(ed.abrir(), "<create><node id='-1' lon='1' lat='2' changeset='{c}'/></create>", Accept="text/html")
    assert len(diferencia(r)) == 1


@pytest.mark.parametrize("dentro", ["", "<modify/>", "<modify></modify>", "<create/><delete/>"])
def test_un_cambio_vacio(ed, dentro):
    c = ed.abrir()
    assert diferencia(ed.subir(c, dentro)) == []
    assert arbol(ed.leer(f"changeset/{c}"))[0].get("changes_count") == "0"


def test_varias_versiones_del_mismo_nodo(ed):
    c = ed.abrir()
    vueltas = "".join(f"<node id='6' lon='0.{i}' lat='0.1' changeset='{{c}}' version='{i}'/>" for i in range(1, 6))
    renglones = diferencia(ed.subir(c, f"<modify>{vueltas}</modify>"))
    assert renglones == [("node", "6", "6", str(i)) for i in range(2, 7)]
    assert resumen(ed.leer("node/6/history")) == "n6v1 n6v2 n6v3 n6v4 n6v5 n6v6"
    assert caja(ed, c) == (-98.6, 0.1, 0.5, 20.3)


def test_crear_cambiar_y_borrar_con_el_mismo_id_provisional(ed):
    c = ed.abrir()
    renglones = diferencia(
        ed.subir(
            c,
            """<create><node id='-1' lon='0' lat='0' changeset='{c}'><tag k='a' v='b'/></node></create>
               <modify><node id='-1' lon='1' lat='1' changeset='{c}' version='1'/></modify>
               <delete><node id='-1' lon='2' lat='2' changeset='{c}' version='2'/></delete>""",
        )
    )
    nuevo = renglones[0][2]
    assert renglones == [("node", "-1", nuevo, "1"), ("node", "-1", nuevo, "2"), ("node", "-1", None, None)]
    assert resumen(ed.leer(f"node/{nuevo}/history")) == f"n{nuevo}v1 n{nuevo}v2 n{nuevo}v3"
    assert ed.leer(f"node/{nuevo}").status_code == 410


def test_meter_un_nodo_nuevo_en_lo_que_ya_estaba(ed):
    c = ed.abrir()
    renglones = diferencia(
        ed.subir(
            c,
            """<create><node id='-7' lon='-98.7' lat='20.1' changeset='{c}'/></create>
               <modify><way id='2' changeset='{c}' version='1'><nd ref='4'/><nd ref='-7'/><nd ref='5'/></way>
               <relation id='1' changeset='{c}' version='1'><member type='node' ref='-7' role='x'/>
               <member type='relation' ref='1' role=''/></relation></modify>""",
        )
    )
    nuevo = renglones[0][2]
    assert [n.get("ref") for n in arbol(ed.leer("way/2"))[0].iter("nd")] == ["4", nuevo, "5"]
    # Una relación puede ser miembro de sí misma.
    assert [m.get("ref") for m in arbol(ed.leer("relation/1"))[0].iter("member")] == [nuevo, "1"]


def test_borrar_lo_que_depende_de_lo_que_se_borra(ed):
    c = ed.abrir()
    renglones = diferencia(
        ed.subir(
            c,
            """<delete><relation id='3' version='1' changeset='{c}'/><relation id='2' version='1' changeset='{c}'/>
               <relation id='1' version='1' changeset='{c}'/><way id='1' version='1' changeset='{c}'/>
               <way id='2' version='1' changeset='{c}'/><node id='1' version='1' changeset='{c}'/></delete>""",
        )
    )
    assert [(t, v) for t, v, _, _ in renglones] == [
        ("relation", "3"), ("relation", "2"), ("relation", "1"), ("way", "1"), ("way", "2"), ("node", "1"),
    ]  # fmt: skip
    assert [ed.leer(x).status_code for x in ("relation/1", "way/1", "node/1", "node/2")] == [410, 410, 410, 200]
    assert resumen(ed.leer("node/2/ways")) == ""
    assert caja(ed, c) == (-98.75, 20.1, -98.7, 20.2)


def test_revivir_lo_borrado(ed):
    c = ed.abrir()
    diferencia(ed.subir(c, "<modify><node id='9' version='2' lon='1' lat='1' changeset='{c}'/></modify>"))
    assert resumen(ed.leer("node/9")) == "n9v3"


def test_si_no_se_usa(ed):
    c = ed.abrir()
    renglones = diferencia(
        ed.subir(
            c,
            """<delete if-unused=''><node id='1' version='1' changeset='{c}'/><way id='1' version='1' changeset='{c}'/>
               <relation id='1' version='1' changeset='{c}'/><node id='9' version='2' changeset='{c}'/>
               <node id='6' version='1' changeset='{c}'/></delete>""",
        )
    )
    assert renglones == [
        ("node", "1", "1", "1"), ("way", "1", "1", "1"), ("relation", "1", "1", "1"), ("node", "9", "9", "2"),
        ("node", "6", None, None),
    ]  # fmt: skip
    assert arbol(ed.leer(f"changeset/{c}"))[0].get("changes_count") == "1"


def test_lo_que_deja_de_usarse_en_la_misma_subida_se_puede_borrar(ed):
    c = ed.abrir()
    diferencia(
        ed.subir(
            c,
            """<modify><way id='1' version='1' changeset='{c}'><nd ref='1'/><nd ref='2'/></way></modify>
               <delete><node id='3' version='1' changeset='{c}'/></delete>""",
        )
    )
    r = ed.subir(
        c,
        """<modify><way id='1' version='2' changeset='{c}'><nd ref='1'/><nd ref='2'/><nd ref='6'/></way></modify>
           <delete><node id='6' version='1' changeset='{c}'/></delete>""",
    )
    assert (r.status_code, r.text) == (412, "Precondition failed: Node 6 is still used by ways 1.")


def test_una_via_puede_repetir_sus_nodos_de_antes_aunque_no_se_vean(ed, practica):
    # Como en la referencia: sólo se revisan los nodos que entran.
    c = ed.abrir()
    diferencia(ed.subir(c, "<modify><way id='1' version='1' changeset='{c}'><nd ref='1'/></way></modify>"))
    assert [n.get("ref") for n in arbol(ed.leer("way/1"))[0].iter("nd")] == ["1"]


def test_siete_decimales(ed):
    c = ed.abrir()
    (_, _, nuevo, _), (_, _, borde, _) = diferencia(
        ed.subir(
            c,
            """<create><node id='-1' lon='-98.12345678' lat='2e1' changeset='{c}'/>
               <node id='-2' lon='180' lat='-90.0' changeset='{c}'/></create>""",
        )
    )
    nodo = arbol(ed.leer(f"node/{nuevo}"))[0]
    assert (nodo.get("lon"), nodo.get("lat")) == ("-98.1234568", "20.0000000")
    assert arbol(ed.leer(f"node/{borde}"))[0].get("lon") == "180.0000000"


def test_cuerpos_comprimidos(ed):
    c = ed.abrir()
    documento = f"<osmChange><create><node id='-1' lon='1' lat='2' changeset='{c}'/></create></osmChange>".encode()
    for como, cuerpo in (("gzip", gzip.compress(documento)), ("deflate", zlib.compress(documento))):
        assert len(diferencia(ed.pedir("POST", f"changeset/{c}/upload", cuerpo, Content_Encoding=como))) == 1


def test_con_el_tipo_que_sea(ed):
    # curl y otros mandan el XML con el tipo de los formularios.
    c = ed.abrir()
    documento = f"<osmChange><create><node id='-1' lon='1' lat='2' changeset='{c}'/></create></osmChange>"
    for tipo in ("application/x-www-form-urlencoded", "text/xml", "application/octet-stream"):
        assert len(diferencia(ed.pedir("POST", f"changeset/{c}/upload", documento, Content_Type=tipo))) == 1


def test_lo_que_queda_en_el_registro_de_cambios(ed, practica):
    c = ed.abrir(comment="registro", hashtags="#tequio")
    diferencia(
        ed.subir(
            c,
            """<create><node id='-1' lon='-98.7' lat='20.1' changeset='{c}'/>
               <way id='-1' changeset='{c}'><nd ref='1'/><nd ref='-1'/><nd ref='3'/><tag k='highway' v='path'/></way></create>
               <modify><node id='1' lon='-98.7505' lat='20.1' changeset='{c}' version='1'/>
               <way id='1' changeset='{c}' version='1'><nd ref='1'/><nd ref='2'/><nd ref='3'/><nd ref='4'/><nd ref='1'/>
               <tag k='amenity' v='school'/></way></modify>
               <delete><node id='6' version='1' changeset='{c}'/></delete>""",
        )
    )
    with practica.bd.lectura() as sesion:
        filas = sesion.execute(
            text("""SELECT tipo, accion, version, uid, conjunto, clase, clase_antes, etiquetas, etiquetas_antes,
                           ST_GeometryType(geom), ST_AsText(geom_antes)
                      FROM osm_cambio WHERE origen = :a ORDER BY id"""),
            {"a": ed.aula},
        ).all()
        conjunto = sesion.execute(
            text("SELECT uid, usuario, cambios, caja, etiquetas, cerrado FROM osm_conjunto WHERE origen = :a"),
            {"a": ed.aula},
        ).one()
    yo = practica.elenco.mapeadora
    # Como estaba antes de toda la subida, aunque en ella el nodo se movió antes de cambiar la vía.
    antes = "POLYGON((-98.75 20.1,-98.749 20.1,-98.749 20.101,-98.75 20.101,-98.75 20.1))"
    assert [tuple(f) for f in filas] == [
        ("n", "crear", 1, yo, c, None, None, None, None, "ST_Point", None),
        ("w", "crear", 1, yo, c, "via", None, {"highway": "path"}, None, "ST_LineString", None),
        ("n", "modificar", 2, yo, c, None, None, None, None, "ST_Point", "POINT(-98.75 20.1)"),
        ("w", "modificar", 2, yo, c, "servicio", "edificio", {"amenity": "school"}, {"building": "yes"}, "ST_Polygon",
         antes),
        ("n", "borrar", 2, yo, c, None, None, None, None, None, "POINT(-98.6 20.3)"),
    ]  # fmt: skip
    assert tuple(conjunto) == (
        yo, "mapeadora", 5, [-98.7505, 20.1, -98.6, 20.3], {"comment": "registro", "hashtags": "#tequio"}, None,
    )  # fmt: skip


# --- lo que se rechaza -----------------------------------------------------------------------------------------------

NODO = "<node id='{id}' lon='1' lat='1' changeset='{c}' version='{v}'>{x}</node>"


def nodo(id=6, v=1, x="", **cambios):
    """Un nodo en XML."""
    return NODO.replace("{id}", str(id)).replace("{v}", str(v)).replace("{x}", x)


LARGO = "x" * 256
RECHAZOS = {
    "acción desconocida": (
        "<ping><node id='1' lon='1' lat='1' changeset='{c}'/></ping>",
        400, "Unknown action ping, choices are create, modify, delete",
    ),
    "elemento desconocido": (
        "<create><area id='-1' changeset='{c}'/></create>",
        400, "Unexpected element type area, expected node, way or relation.",
    ),
    "versión vieja": (
        f"<modify>{nodo(9, 1)}</modify>", 409, "Version mismatch: Provided 1, server had: 2 of Node 9",
    ),
    "versión futura": (
        f"<modify>{nodo(6, 5)}</modify>", 409, "Version mismatch: Provided 5, server had: 1 of Node 6",
    ),
    "versión cero": (
        f"<modify>{nodo(6, 0)}</modify>", 409, "Version mismatch: Provided 0, server had: 1 of Node 6",
    ),
    "versión repetida en la misma subida": (
        f"<modify>{nodo()}{nodo()}</modify>", 409, "Version mismatch: Provided 1, server had: 2 of Node 6",
    ),
    "vía con versión vieja": (
        "<modify><way id='1' version='7' changeset='{c}'><nd ref='1'/></way></modify>",
        409, "Version mismatch: Provided 7, server had: 1 of Way 1",
    ),
    "sin versión": (
        "<modify><node id='6' lon='1' lat='1' changeset='{c}'/></modify>",
        400, 'Cannot parse valid node from xml string <node id="6" lon="1" lat="1" changeset="{c}"/>. '
             "Version is required when updating",
    ),
    "borrado sin versión": (
        "<delete><node id='6' changeset='{c}'/></delete>",
        409, "Version mismatch: Provided 0, server had: 1 of Node 6",
    ),
    "sin conjunto": (
        "<create><node id='-1' lon='1' lat='1'/></create>", 400, ". Changeset id is missing",
    ),
    "otro conjunto": (
        "<create><node id='-1' lon='1' lat='1' changeset='99'/></create>",
        409, "Changeset mismatch: Provided 99 but only {c} is allowed",
    ),
    "borrado con otro conjunto": (
        "<delete><node id='6' version='1' changeset='99'/></delete>",
        409, "Changeset mismatch: Provided 99 but only {c} is allowed",
    ),
    "sin latitud": ("<create><node id='-1' lon='1' changeset='{c}'/></create>", 400, ". lat missing"),
    "sin longitud": ("<create><node id='-1' lat='1' changeset='{c}'/></create>", 400, ". lon missing"),
    "latitud que no es número": (
        "<create><node id='-1' lat='abc' lon='1' changeset='{c}'/></create>", 400, ". lat not a number",
    ),
    "longitud NaN": ("<create><node id='-1' lat='1' lon='nan' changeset='{c}'/></create>", 400, ". lon not a number"),
    "longitud infinita": ("<create><node id='-1' lat='1' lon='inf' changeset='{c}'/></create>", 400, ". lon not a number"),
    "fuera del mundo": (
        "<create><node id='-1' lat='90.0000001' lon='1' changeset='{c}'/></create>",
        400, "The node is outside this world",
    ),
    "muy fuera del mundo": (
        "<create><node id='-1' lat='1' lon='1e300' changeset='{c}'/></create>", 400, "The node is outside this world",
    ),
    "id cero": (f"<modify>{nodo(0)}</modify>", 400, "ID of node cannot be zero when updating."),
    "sin id": (
        "<modify><way version='1' changeset='{c}'><nd ref='1'/></way></modify>", 400, ". ID is required when updating",
    ),
    "provisional repetido": (
        f"<create>{nodo(-1)}{nodo(-1)}</create>", 400, "Placeholder IDs must be unique for created elements.",
    ),
    "provisional repetido en otro bloque": (
        f"<create>{nodo(-1)}</create><create>{nodo(-1)}</create>",
        400, "Placeholder IDs must be unique for created elements.",
    ),
    "nodo provisional que viene después": (
        "<create><way id='-1' changeset='{c}'><nd ref='-1'/></way>" + nodo(-1) + "</create>",
        400, "Placeholder node not found for reference -1 in way -1",
    ),
    "nodo provisional desconocido en una vía que está": (
        "<modify><way id='2' version='1' changeset='{c}'><nd ref='-8'/></way></modify>",
        400, "Placeholder node not found for reference -8 in way 2",
    ),
    "miembro provisional desconocido": (
        "<create><relation id='-2' changeset='{c}'><member type='relation' ref='-4' role=''/></relation>"
        "<relation id='-4' changeset='{c}'><member type='relation' ref='-2' role=''/></relation></create>",
        400, "Placeholder Relation not found for reference -4 in relation -2.",
    ),
    "nodo miembro provisional desconocido": (
        "<create><relation id='-1' changeset='{c}'><member type='node' ref='-1'/></relation></create>",
        400, "Placeholder Node not found for reference -1 in relation -1.",
    ),
    "provisional de otro tipo": (
        "<create>" + nodo(-1) + "<relation id='-1' changeset='{c}'><member type='way' ref='-1'/></relation></create>",
        400, "Placeholder Way not found for reference -1 in relation -1.",
    ),
    "modificar lo que no existe": (f"<modify>{nodo(77)}</modify>", 404, ""),
    "modificar un provisional desconocido": (f"<modify>{nodo(-5)}</modify>", 404, ""),
    "borrar lo que no existe": ("<delete><way id='77' version='1' changeset='{c}'/></delete>", 404, ""),
    "borrar lo borrado": (
        "<delete><node id='9' version='2' changeset='{c}'/></delete>",
        410, "The node with the id 9 has already been deleted",
    ),
    "borrar dos veces": (
        "<delete><node id='6' version='1' changeset='{c}'/><node id='6' version='2' changeset='{c}'/></delete>",
        410, "The node with the id 6 has already been deleted",
    ),
    "nodo en uso por vías": (
        "<delete><node id='4' version='1' changeset='{c}'/></delete>",
        412, "Precondition failed: Node 4 is still used by ways 1,2.",
    ),
    "nodo en uso por una relación": (
        "<delete><way id='2' version='1' changeset='{c}'/><node id='5' version='1' changeset='{c}'/></delete>",
        412, "Precondition failed: Node 5 is still used by relations 1.",
    ),
    "vía en uso": (
        "<delete><way id='1' version='1' changeset='{c}'/></delete>",
        412, "Precondition failed: Way 1 is still used by relations 1.",
    ),
    "relación en uso": (
        "<delete><relation id='1' version='1' changeset='{c}'/></delete>",
        412, "Precondition failed: The relation 1 is used in relation 2.",
    ),
    "if-unused no perdona la versión": (
        "<delete if-unused='true'><node id='6' version='3' changeset='{c}'/></delete>",
        409, "Version mismatch: Provided 3, server had: 1 of Node 6",
    ),
    "if-unused vale sólo en su bloque": (
        "<delete if-unused='true'><node id='6' version='1' changeset='{c}'/></delete>"
        "<delete><node id='1' version='1' changeset='{c}'/></delete>",
        412, "Precondition failed: Node 1 is still used by ways 1.",
    ),
    "vía con nodo desconocido": (
        "<create><way id='-1' changeset='{c}'><nd ref='1'/><nd ref='78'/><nd ref='77'/></way></create>",
        412, "Precondition failed: Way  requires the nodes with id in (77,78), which either do not exist, "
             "or are not visible.",
    ),
    "vía con nodo borrado": (
        "<modify><way id='2' version='1' changeset='{c}'><nd ref='4'/><nd ref='9'/></way></modify>",
        412, "Precondition failed: Way 2 requires the nodes with id in (9), which either do not exist, "
             "or are not visible.",
    ),
    "vía sin nodos": (
        "<create><way id='-1' changeset='{c}'/></create>",
        412, "Precondition failed: Cannot create way: data is invalid.",
    ),
    "vía que se queda sin nodos": (
        "<modify><way id='2' version='1' changeset='{c}'/></modify>",
        412, "Precondition failed: Cannot update way 2: data is invalid.",
    ),
    "vía demasiado larga": (
        "<create><way id='-1' changeset='{c}'>" + "<nd ref='1'/>" * 2001 + "</way></create>",
        400, "You tried to add 2001 nodes to way , however only 2000 are allowed",
    ),
    "vía que se hace demasiado larga": (
        "<modify><way id='2' version='1' changeset='{c}'>" + "<nd ref='1'/>" * 2500 + "</way></modify>",
        400, "You tried to add 2500 nodes to way 2, however only 2000 are allowed",
    ),
    "relación con demasiados miembros": (
        "<create><relation id='-1' changeset='{c}'>" + "<member type='node' ref='1' role=''/>" * 32_001
        + "</relation></create>",
        400, "You tried to add 32001 members to relation , however only 32000 are allowed",
    ),
    "miembro que no existe": (
        "<create><relation id='-1' changeset='{c}'><member type='way' ref='77' role=''/></relation></create>",
        412, "Precondition failed: Relation with id  cannot be saved due to Way with id 77",
    ),
    "miembro borrado": (
        "<modify><relation id='1' version='1' changeset='{c}'><member type='node' ref='9' role=''/></relation></modify>",
        412, "Precondition failed: Relation with id 1 cannot be saved due to Node with id 9",
    ),
    "miembro de tipo desconocido": (
        "<create><relation id='-1' changeset='{c}'><member type='area' ref='1' role=''/></relation></create>",
        400, '. The area is not allowed only, ["node", "way", "relation"] allowed',
    ),
    "llave repetida al crear": (
        f"<create>{nodo(-1, x='<tag k=%a% v=%1%/><tag k=%a% v=%2%/>'.replace('%', chr(34)))}</create>",
        400, "Element node/ has duplicate tags with key a",
    ),
    "llave repetida al cambiar": (
        f"<modify>{nodo(6, x='<tag k=%a% v=%1%/><tag k=%a% v=%1%/>'.replace('%', chr(34)))}</modify>",
        400, "Element node/6 has duplicate tags with key a",
    ),
    "etiqueta sin llave": (
        f"<create>{nodo(-1, x='<tag v=%1%/>'.replace('%', chr(34)))}</create>", 400, ". tag is missing key",
    ),
    "etiqueta sin valor": (
        f"<create>{nodo(-1, x='<tag k=%1%/>'.replace('%', chr(34)))}</create>", 400, ". tag is missing value",
    ),
    "llave vacía": (
        f"<create>{nodo(-1, x='<tag k=%% v=%1%/>'.replace('%', chr(34)))}</create>", 400, "Key may not be empty",
    ),
    "valor demasiado largo": (
        f"<create>{nodo(-1, x=f'<tag k=%a% v=%{LARGO}%/>'.replace('%', chr(34)))}</create>",
        400, "v: is too long (maximum is 255 characters)",
    ),
    "llave demasiado larga": (
        f"<create>{nodo(-1, x=f'<tag k=%{LARGO}% v=%a%/>'.replace('%', chr(34)))}</create>",
        400, "k: is too long (maximum is 255 characters)",
    ),
    "papel demasiado largo": (
        f"<create><relation id='-1' changeset='{{c}}'><member type='node' ref='1' role='{LARGO}'/></relation></create>",
        400, "is too long (maximum is 255 characters)",
    ),
    "XML roto": ("<create><node id='-1'", 400, "Cannot parse valid changeset from xml string"),
    "XML cruzado": ("<create><node id='-1'></create></node>", 400, "Cannot parse valid changeset from xml string"),
    "lo bueno de antes también se deshace": (
        f"<create>{nodo(-1)}</create><modify>{nodo(6)}</modify><modify>{nodo(77)}</modify>", 404, "",
    ),
    # El error que cuenta es el primero del documento, aunque después el XML esté roto.
    "primero el de antes": (f"<modify>{nodo(9, 1)}</modify><pong>", 409, "Version mismatch"),
}  # fmt: skip


@pytest.mark.parametrize("caso", RECHAZOS)
def test_se_rechaza_y_no_queda_nada(fijo, practica, caso):
    ed, c, antes = fijo
    dentro, codigo, mensaje = RECHAZOS[caso]
    r = ed.subir(c, dentro)
    mensaje = mensaje.replace("{c}", str(c))
    assert r.status_code == codigo, r.text
    assert mensaje in r.text
    if mensaje and not mensaje.startswith((".", "Cannot", "Version mismatch")) and "too long" not in mensaje:
        assert r.text.startswith(mensaje[:20])
    if mensaje:
        assert r.content_type == "text/plain; charset=utf-8"
        assert r.headers["Error"][:60] == r.text[:60]
    assert foto(practica.bd, ed.aula) == antes


BILLON_DE_RISAS = (
    "<?xml version='1.0'?><!DOCTYPE osmChange [<!ENTITY a 'ja'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
    "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><osmChange><create>&c;</create></osmChange>"
)
HOSTILES = {
    "vacío": (b"", 400, "Cannot parse valid changeset from xml string"),
    "no es XML": (b"hola", 400, "Cannot parse valid changeset from xml string"),
    "JSON": (b'{"osmChange": []}', 400, "Cannot parse valid changeset from xml string"),
    "otra raíz": (b"<osm><create/></osm>", 400, "Document element should be 'osmChange'."),
    "bomba de entidades": (BILLON_DE_RISAS.encode(), 400, "Document type declarations and entities are not allowed."),
    "entidad externa": (
        b"<!DOCTYPE o [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><osmChange>&x;</osmChange>", 400, "are not allowed",
    ),
    "abismo": (
        b"<osmChange><create><node id='-1'>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</node></create></osmChange>",
        400, "The document is nested too deeply.",
    ),
    "codificación inventada": (b"<?xml version='1.0' encoding='klingon'?><osmChange/>", 400, "Cannot parse valid"),
    "NUL": (b"<osmChange>\x00</osmChange>", 400, "Cannot parse valid"),
    "UTF-8 roto": (b"<osmChange><create>\xff\xfe</create></osmChange>", 400, "Cannot parse valid"),
}  # fmt: skip


@pytest.mark.parametrize("caso", HOSTILES)
def test_documentos_hostiles(fijo, practica, caso):
    ed, c, antes = fijo
    documento, codigo, mensaje = HOSTILES[caso]
    r = ed.pedir("POST", f"changeset/{c}/upload", documento)
    assert r.status_code == codigo, r.text
    assert mensaje in r.text
    assert len(r.text) < 10_000
    assert "root:" not in r.text
    assert foto(practica.bd, ed.aula) == antes


def test_comprimidos_hostiles(fijo):
    ed, c, _antes = fijo
    bomba = gzip.compress(b"<osmChange>" + b" " * (60 * 1024 * 1024), 9)
    assert len(bomba) < 100_000
    for cuerpo, como, codigo in (
        (bomba, "gzip", 413),
        (b"esto no es gzip", "gzip", 400),
        (gzip.compress(b"<osmChange/>")[:-9], "gzip", 400),
        (b"x", "br", 415),
    ):
        r = ed.pedir("POST", f"changeset/{c}/upload", cuerpo, Content_Encoding=como)
        assert (r.status_code, r.content_type) == (codigo, "text/plain; charset=utf-8"), r.text
        assert r.headers["Error"]


def test_un_cuerpo_enorme(fijo):
    ed, c, _antes = fijo
    r = ed.pedir("POST", f"changeset/{c}/upload", b" " * (50 * 1024 * 1024 + 1))
    assert (r.status_code, r.text) == (413, "Payload exceeds limit of 52428800 bytes")


def test_errores_en_xml(fijo):
    ed, c, _antes = fijo
    r = ed.subir(c, "<delete><node id='4' version='1' changeset='{c}'/></delete>", X_Error_Format="XML")
    raiz = arbol(r)
    assert (r.status_code, raiz.tag) == (200, "osmError")
    assert raiz.find("status").text == "412 Precondition Failed"
    assert raiz.find("message").text == "Precondition failed: Node 4 is still used by ways 1,2."


def test_conjunto_ajeno_cerrado_o_desconocido(ed, practica):
    otro = practica.editor(ed.aula, practica.elenco.mapeador)
    c = otro.abrir()
    crear = "<create><node id='-1' lon='1' lat='1' changeset='{c}'/></create>"
    r = ed.subir(c, crear)
    assert (r.status_code, r.text) == (409, "The user doesn't own that changeset")
    assert ed.subir(c + 1000, crear).status_code == 404
    assert otro.pedir("PUT", f"changeset/{c}/close").status_code == 200
    r = otro.subir(c, crear)
    assert r.status_code == 409
    assert re.fullmatch(rf"The changeset {c} was closed at \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC", r.text)


def test_un_conjunto_de_otra_aula_no_existe_aqui(ed, practica):
    alla = practica.editor(practica.aula())
    assert ed.subir(alla.abrir(), "<create/>").status_code == 404


def test_diez_mil_cambios_y_ni_uno_mas(ed, practica):
    c = ed.abrir()
    muchos = "".join(f"<node id='{-i}' lon='1' lat='1' changeset='{c}'/>" for i in range(1, 10_002))
    antes = foto(practica.bd, ed.aula)
    r = ed.subir(c, f"<create>{muchos}</create>")
    assert r.status_code == 409
    assert r.text.startswith(f"The changeset {c} was closed at ")
    assert foto(practica.bd, ed.aula) == antes
    with practica.bd.transaccion() as sesion:
        sesion.execute(text("UPDATE practica_conjunto SET cambios = 9999 WHERE id = :c"), {"c": c})
    uno = "<create><node id='-1' lon='1' lat='1' changeset='{c}'/></create>"
    assert ed.subir(c, uno.replace("/></create>", "/><node id='-2' lon='1' lat='1' changeset='{c}'/></create>")).status_code == 409  # fmt: skip
    assert len(diferencia(ed.subir(c, uno))) == 1
    assert ed.subir(c, uno).status_code == 409


def test_dos_relaciones_se_pueden_contener(ed):
    c = ed.abrir()
    (_, _, a, _), (_, _, b, _) = diferencia(
        ed.subir(
            c,
            """<create><relation id='-1' changeset='{c}'/>
               <relation id='-2' changeset='{c}'><member type='relation' ref='-1' role=''/></relation></create>""",
        )
    )
    cierra = f"<modify><relation id='{a}' version='1' changeset='{{c}}'><member type='relation' ref='{b}' role=''/></relation></modify>"
    diferencia(ed.subir(c, cierra))
    assert resumen(ed.leer(f"relation/{a}/full")) == f"r{b}v1 r{a}v2"
    r = ed.subir(c, f"<delete><relation id='{a}' version='2' changeset='{{c}}'/></delete>")
    assert (r.status_code, r.text) == (412, f"Precondition failed: The relation {a} is used in relation {b}.")
