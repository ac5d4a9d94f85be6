"""Lo que hace la implementación de referencia, caso por caso, como lo dicen sus propias pruebas.

Cada tabla es una de sus colecciones. Aquí va lo que no está ya, con más contexto, en ``test_practica_api_*``.
"""

import pytest
from sqlalchemy import text

from tests.mundo_practica import PUEBLO, arbol, diferencia, foto, resumen


@pytest.fixture(scope="module")
def fijo(practica):
    """Un aula y un conjunto abierto para leer y para todo lo que se rechaza."""
    ed = practica.editor(practica.aula(PUEBLO))
    return ed, ed.abrir(), foto(practica.bd, ed.aula)


@pytest.fixture
def ed(practica):
    """Un aula propia con el pueblo."""
    return practica.editor(practica.aula(PUEBLO))


def poner(texto, ed, c):
    """Lo que cada caso no puede saber de antemano: el conjunto abierto y uno que no existe."""
    return texto.replace("{c}", str(c)).replace("{nadie}", "9999999")


# --- la caja ---------------------------------------------------------------------------------------------------------

CHICA = "The minimum {} must be less than the maximum {}, but it wasn't"
LONGITUD, LATITUD = CHICA.format("longitude", "longitude"), CHICA.format("latitude", "latitude")
GRANDE = (
    "The maximum bbox size is 0.25, and your request was too large. Either request a smaller area, or use planet.osm"
)
FORMA = "The parameter bbox must be of the form min_lon,min_lat,max_lon,max_lat"

CAJAS = [
    ("-0.1,-0.1,1.1,1.1", 400, GRANDE),
    ("10,10,11,11", 400, GRANDE),
    ("-0.1", 400, FORMA),
    ("hello", 400, FORMA),
    ("10N2W10.1N2.1W", 400, FORMA),
    ("1,2,3,F", 400, LATITUD),
    (";drop table users;", 400, FORMA),
    ("0,0.1,0.1,0", 400, LATITUD),
    ("-0.1,80,0.1,70", 400, LATITUD),
    ("0.24,54.34,0.25,54.33", 400, LATITUD),
    ("80,-0.1,70,0.1", 400, LONGITUD),
    ("54.34,0.24,54.33,0.25", 400, LONGITUD),
    ("-0.1,-0.1,0.1,0.1", 200, None),
    ("51.1,-0.1,51.2,0", 200, None),
    ("-0.1,%20-0.1,%200.1,%200.1", 200, None),
    ("-0.1edcd,-0.1d,0.1,0.1", 200, None),
    ("-0.1E,-0.1E,0.1S,0.1N", 200, None),
    # Cada parte que no empieza con un número es cero: así lo hace la referencia, y sus pruebas lo cuidan.
    ("S0.1,W0.1,N0.1,E0.1", 200, None),
    ("179.998,89.998,179.999.1,89.999", 200, None),
    # Fuera del mundo se recorta.
    ("179.9,89.9,500,500", 200, None),
    ("-500,-500,500,500", 400, GRANDE),
    # Un punto también es una caja.
    ("-98.75,20.1,-98.75,20.1", 200, None),
]


@pytest.mark.parametrize(("caja", "codigo", "mensaje"), CAJAS)
@pytest.mark.parametrize("que", ["map", "trackpoints"])
def test_cajas(fijo, que, caja, codigo, mensaje):
    r = fijo[0].leer(f"{que}?bbox={caja}&page=0")
    assert r.status_code == codigo, r.text
    if mensaje:
        assert (r.text, r.headers["Error"]) == (mensaje, mensaje)


def test_la_caja_de_un_mapa_vacio(fijo):
    (limites,) = arbol(fijo[0].leer("map?bbox=179.998,89.998,179.999.1,89.999"))
    assert limites.attrib == {
        "minlon": "179.9980000", "minlat": "89.9980000", "maxlon": "179.9990000", "maxlat": "89.9990000",
    }  # fmt: skip


def test_un_mapa_del_tamano_de_un_punto_trae_sus_vias_completas(fijo):
    r = fijo[0].leer("map?bbox=-98.75,20.101,-98.75,20.101")
    assert resumen(r) == "n1v1 n2v1 n3v1 n4v1 n5v1 w1v1 w2v1 r1v1 r2v1"


# --- varios de una vez -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("consulta", "codigo", "hallados"),
    [
        ("nodes?nodes=1,9,3", 200, "n1v1 n9v2 n3v1"),
        ("nodes?nodes=1,9,3,0", 404, None),
        ("nodes?nodes=1,", 200, "n1v1"),
        ("nodes?nodes=,1", 404, None),
        ("nodes?nodes=1,,2", 404, None),
        ("nodes?nodes=,", 400, None),
        ("nodes?nodes=%201,2%20", 200, "n1v1 n2v1"),
        ("nodes?nodes=1x,2y", 200, "n1v1 n2v1"),
        ("nodes?nodes=9v1,9v2", 200, "n9v1 n9v2"),
        ("nodes?nodes=9v3", 404, None),
        ("nodes?nodes=v1", 404, None),
        ("nodes?nodes=-1", 404, None),
        ("nodes.json?nodes=9", 200, None),
        ("ways?ways=1,2", 200, "w1v1 w2v1"),
        ("ways?ways=1,2,0", 404, None),
        ("relations?relations=1v1,3", 200, "r3v1 r1v1"),
        ("relations?relations=1,99", 404, None),
        ("nodes?ways=1", 400, None),
    ],
)
def test_varios(fijo, consulta, codigo, hallados):
    r = fijo[0].leer(consulta)
    assert r.status_code == codigo, r.text
    if hallados is not None:
        assert resumen(r) == hallados


def test_lo_borrado_se_nota_en_json(fijo):
    uno, otro = fijo[0].leer("nodes.json?nodes=1,9").json["elements"]
    assert "visible" not in uno
    assert otro["visible"] is False


# --- nodos, vías y relaciones ----------------------------------------------------------------------------------------

MALO = "Cannot parse valid {} from xml string "
LARGO = "x" * 256
RECHAZOS = {
    "crear: nada de osm": ("POST", "nodes", "<create/>", 400, MALO.format("node") + "<create/>. XML doesn't contain an osm/node element."),
    "crear: sin lat": ("POST", "nodes", "<osm><node lon='3.23' changeset='{c}'/></osm>", 400, MALO.format("node") + '<node lon="3.23" changeset="{c}"/>. lat missing'),
    "crear: sin lon": ("POST", "nodes", "<osm><node lat='3.434' changeset='{c}'/></osm>", 400, MALO.format("node") + '<node lat="3.434" changeset="{c}"/>. lon missing'),
    "crear: lat no es número": ("POST", "nodes", "<osm><node lat='abc' lon='3.23' changeset='{c}'/></osm>", 400, MALO.format("node") + '<node lat="abc" lon="3.23" changeset="{c}"/>. lat not a number'),
    "crear: lon no es número": ("POST", "nodes", "<osm><node lat='3.434' lon='abc' changeset='{c}'/></osm>", 400, MALO.format("node") + '<node lat="3.434" lon="abc" changeset="{c}"/>. lon not a number'),
    "crear: sin conjunto": ("POST", "nodes", "<osm><node lat='1' lon='1'/></osm>", 400, MALO.format("node") + '<node lat="1" lon="1"/>. Changeset id is missing'),
    "crear: etiqueta larga": ("POST", "nodes", f"<osm><node lat='3' lon='3' changeset='{{c}}'><tag k='foo' v='{LARGO}'/></node></osm>", 400, " v: is too long (maximum is 255 characters) "),
    "crear: llave larga": ("POST", "nodes", f"<osm><node lat='3' lon='3' changeset='{{c}}'><tag k='{LARGO}' v='1'/></node></osm>", 400, " k: is too long (maximum is 255 characters) "),
    "crear: conjunto 0": ("POST", "nodes", "<osm><node lat='3' lon='3' changeset='0'/></osm>", 409, "You need to supply a changeset to be able to make a change"),
    "crear: etiqueta sin llave": ("POST", "nodes", "<osm><node lat='1' lon='1' changeset='{c}'><tag v='1'/></node></osm>", 400, "tag is missing key"),
    "crear: etiqueta sin valor": ("POST", "nodes", "<osm><node lat='1' lon='1' changeset='{c}'><tag k='1'/></node></osm>", 400, "tag is missing value"),
    **{
        f"cambiar: {cual} {cuanto}": ("PUT", "node/6", f"<osm><node id='6' version='1' changeset='{{c}}' {lugar}/></osm>", 400, "The node is outside this world")
        for cual, cuanto, lugar in (
            ("lat", 91, "lat='91.0' lon='0'"), ("lat", -91, "lat='-91.0' lon='0'"),
            ("lon", 181, "lat='0' lon='181.0'"), ("lon", -181, "lat='0' lon='-181.0'"),
        )
    },
    "cambiar: versión atrasada": ("PUT", "node/6", "<osm><node id='6' version='0' changeset='{c}' lat='0' lon='0'/></osm>", 409, "Version mismatch: Provided 0, server had: 1 of Node 6"),
    "cambiar: versión adelantada": ("PUT", "node/6", "<osm><node id='6' version='2' changeset='{c}' lat='0' lon='0'/></osm>", 409, "Version mismatch: Provided 2, server had: 1 of Node 6"),
    "cambiar: versión sin sentido": ("PUT", "node/6", "<osm><node id='6' version='p1r4t3s!' changeset='{c}' lat='0' lon='0'/></osm>", 409, "Version mismatch: Provided 0, server had: 1 of Node 6"),
    "cambiar: sin versión": ("PUT", "node/6", "<osm><node id='6' changeset='{c}' lat='0' lon='0'/></osm>", 400, "Version is required when updating"),
    "cambiar: sin id": ("PUT", "node/6", "<osm><node version='1' changeset='{c}' lat='0' lon='0'/></osm>", 400, "ID is required when updating."),
    "cambiar: id cero": ("PUT", "node/6", "<osm><node id='0' version='1' changeset='{c}' lat='0' lon='0'/></osm>", 400, "ID of node cannot be zero when updating."),
    "cambiar: nada de osm": ("PUT", "node/6", "<update/>", 400, "XML doesn't contain an osm/node element."),
    "cambiar: conjunto 0": ("PUT", "node/6", "<osm><node id='6' version='1' changeset='0' lat='0' lon='0'/></osm>", 409, "You need to supply a changeset"),
    "cambiar: llave repetida": ("PUT", "node/5", "<osm><node id='5' version='1' changeset='{c}' lat='0' lon='0'><tag k='a' v='1'/><tag k='a' v='1'/></node></osm>", 400, "Element node/5 has duplicate tags with key a"),
    "borrar: sin cuerpo": ("DELETE", "node/6", "", 400, "Cannot parse valid node from xml string"),
    "borrar: basura": ("DELETE", "node/6", "<delete/>", 400, "XML doesn't contain an osm/node element."),
    "borrar: el cero, sin cuerpo": ("DELETE", "node/0", "", 404, ""),
    "vía: conjunto 0": ("POST", "ways", "<osm><way changeset='0'><nd ref='1'/><nd ref='2'/></way></osm>", 409, "You need to supply a changeset"),
    "vía: nodo cero": ("POST", "ways", "<osm><way changeset='{c}'><nd ref='0'/></way></osm>", 412, "Precondition failed: Way  requires the nodes with id in (0), which either do not exist, or are not visible."),
    "vía: sin nodos": ("POST", "ways", "<osm><way changeset='{c}'/></osm>", 412, "Precondition failed: Cannot create way: data is invalid."),
    "vía: llave repetida": ("POST", "ways", "<osm><way changeset='{c}'><nd ref='1'/><tag k='addr:housenumber' v='1'/><tag k='addr:housenumber' v='2'/></way></osm>", 400, "Element way/ has duplicate tags with key addr:housenumber"),
    "vía: nodo que no existe": ("PUT", "way/2", "<osm><way id='2' version='1' changeset='{c}'><nd ref='4'/><nd ref='9999'/></way></osm>", 412, "Precondition failed: Way 2 requires the nodes with id in (9999), which either do not exist, or are not visible."),
    "vía: nodo borrado": ("PUT", "way/2", "<osm><way id='2' version='1' changeset='{c}'><nd ref='9'/></way></osm>", 412, "Precondition failed: Way 2 requires the nodes with id in (9), which either do not exist, or are not visible."),
    "vía: se queda sin nodos": ("PUT", "way/2", "<osm><way id='2' version='1' changeset='{c}'/></osm>", 412, "Precondition failed: Cannot update way 2: data is invalid."),
    "vía: borrar sin cuerpo": ("DELETE", "way/1", "", 400, "Cannot parse valid way from xml string"),
    "vía: borrar sin conjunto": ("DELETE", "way/1", "<osm><way id='1' version='1'/></osm>", 400, "Changeset id is missing"),
    "vía: borrar la de una relación": ("DELETE", "way/1", "<osm><way id='1' version='1' changeset='{c}'/></osm>", 412, "Precondition failed: Way 1 is still used by relations 1."),
    "vía: sin version manda antes que sin conjunto": ("PUT", "way/1", "<osm><way id='1'/></osm>", 400, "Version is required when updating"),
    "relación: nodo cero": ("POST", "relations", "<osm><relation changeset='{c}'><member type='node' ref='0'/><tag k='test' v='yes'/></relation></osm>", 412, "Precondition failed: Relation with id  cannot be saved due to Node with id 0"),
    "relación: tipo que no hay": ("POST", "relations", "<osm><relation changeset='{c}'><member type='type' ref='1' role=''/></relation></osm>", 400, "The type is not allowed only, "),
    "relación: borrar sin conjunto": ("DELETE", "relation/3", "<osm><relation id='3' version='1'/></osm>", 400, "Changeset id is missing"),
    "relación: borrar la que se usa": ("DELETE", "relation/1", "<osm><relation id='1' version='1' changeset='{c}'/></osm>", 412, "Precondition failed: The relation 1 is used in relation 2."),
    "relación: borrar otra": ("DELETE", "relation/1", "<osm><relation id='3' version='1' changeset='{c}'/></osm>", 400, ""),
    "relación: cambiar otra": ("PUT", "relation/1", "<osm><relation id='3' version='1' changeset='{c}'/></osm>", 400, "The id in the url (1) is not the same as provided in the xml (3)"),
    "relación: papel largo": ("POST", "relations", f"<osm><relation changeset='{{c}}'><member type='node' ref='1' role='{LARGO}'/></relation></osm>", 400, "is too long (maximum is 255 characters)"),
    "conjunto: sin cuerpo": ("POST", "changesets", "", 400, "Cannot parse valid changeset from xml string"),
    "conjunto: mal cerrado": ("POST", "changesets", "<osm><changeset></osm>", 400, "Cannot parse valid changeset from xml string"),
    "conjunto: llave repetida": ("POST", "changesets", "<osm><changeset><tag k='a' v='1'/><tag k='a' v='2'/></changeset></osm>", 400, "Element changeset/ has duplicate tags with key a"),
    "conjunto: cerrar el que no hay": ("PUT", "changeset/999111/close", "", 404, ""),
    "conjunto: subir al que no hay": ("POST", "changeset/999111/upload", "<osmChange/>", 404, ""),
    "conjunto: etiquetar el que no hay": ("PUT", "changeset/999111", "<osm><changeset/></osm>", 404, ""),
}  # fmt: skip


@pytest.mark.parametrize("caso", RECHAZOS)
def test_rechazos(fijo, practica, caso):
    ed, c, antes = fijo
    metodo, direccion, documento, codigo, mensaje = RECHAZOS[caso]
    r = ed.pedir(metodo, direccion, poner(documento, ed, c))
    assert r.status_code == codigo, r.text
    assert poner(mensaje, ed, c) in r.text
    assert bool(r.text) == bool(mensaje)
    assert foto(practica.bd, ed.aula) == antes


@pytest.mark.parametrize("legado", [False, True])
@pytest.mark.parametrize("modelo", ["node", "way", "relation"])
def test_crear_por_las_dos_direcciones(ed, modelo, legado):
    dentro = {
        "node": "<node lat='1.5' lon='2.5' changeset='{c}' id='-1' version='0' visible='true' upload='false'/>",
        "way": "<way changeset='{c}'><nd ref='1'/><nd ref='1'/><nd ref='2'/><tag k='#{{@user.inspect}}' v='0'/></way>",
        "relation": "<relation changeset='{c}'/>",
    }[modelo]
    metodo, direccion = ("PUT", f"{modelo}/create") if legado else ("POST", f"{modelo}s")
    r = ed.pedir(metodo, direccion, f"<osm>{poner(dentro, ed, ed.abrir())}</osm>")
    assert (r.status_code, r.content_type) == (200, "text/plain; charset=utf-8")
    (nuevo,) = arbol(ed.leer(f"{modelo}/{r.text}"))
    assert (nuevo.tag, nuevo.get("version"), nuevo.get("visible")) == (modelo, "1", "true")
    if modelo == "way":
        # Los nodos seguidos e iguales se conservan, y lo que parece código es sólo texto.
        assert [n.get("ref") for n in nuevo.iter("nd")] == ["1", "1", "2"]
        assert [t.get("k") for t in nuevo.iter("tag")] == ["#{{@user.inspect}}"]


def test_los_miembros_conservan_orden_y_repetidos(ed):
    c = ed.abrir()
    miembros = [("node", "1", "forward"), ("node", "2", ""), ("way", "1", "x"), ("node", "1", "forward")]
    dentro = "".join(f"<member type='{t}' ref='{i}' role='{r}'/>" for t, i, r in miembros)
    nueva = ed.pedir("POST", "relations", f"<osm><relation changeset='{c}'>{dentro}</relation></osm>").text
    primero = "<member type='node' ref='3' role='new first'/>"
    documento = f"<osm><relation id='{nueva}' version='1' changeset='{c}'>{primero}{dentro}</relation></osm>"
    assert ed.pedir("PUT", f"relation/{nueva}", documento).text == "2"
    for direccion, esperados in (
        (f"relation/{nueva}/1", miembros),
        (f"relation/{nueva}/2", [("node", "3", "new first"), *miembros]),
        (f"relation/{nueva}", [("node", "3", "new first"), *miembros]),
    ):
        assert [(m.get("type"), m.get("ref"), m.get("role")) for m in arbol(ed.leer(direccion))[0]] == esperados


def test_lo_borrado_se_revive(ed):
    c = ed.abrir()
    documento = f"<osm><node id='9' version='2' lat='1' lon='1' changeset='{c}'/></osm>"
    assert ed.pedir("PUT", "node/9", documento).text == "3"
    assert resumen(ed.leer("node/9")) == "n9v3"


# --- hasta dónde llega un conjunto -----------------------------------------------------------------------------------

CAJAS_DE_CONJUNTO = {
    "etiquetas de una relación: todos sus miembros": (
        "<modify><relation id='1' version='1' changeset='{c}'><member type='way' ref='1' role='outer'/><member type='node' ref='5' role=''/><tag k='otra' v='1'/></relation></modify>",
        (-98.75, 20.1, -98.7, 20.2),
    ),
    "un miembro que entra: sólo él": (
        "<modify><relation id='1' version='1' changeset='{c}'><member type='way' ref='1' role='outer'/><member type='node' ref='5' role=''/><member type='node' ref='6' role='x'/><tag k='type' v='site'/></relation></modify>",
        (-98.6, 20.3, -98.6, 20.3),
    ),
    "un miembro que sale: sólo él": (
        "<modify><relation id='1' version='1' changeset='{c}'><member type='way' ref='1' role='outer'/><tag k='type' v='site'/></relation></modify>",
        (-98.7, 20.2, -98.7, 20.2),
    ),
    "un nodo que se mueve: de dónde y adónde": (
        "<modify><node id='6' version='1' lat='20.4' lon='-98.5' changeset='{c}'/></modify>", (-98.6, 20.3, -98.5, 20.4),
    ),
    "una vía que crece": (
        "<modify><way id='2' version='1' changeset='{c}'><nd ref='4'/><nd ref='5'/><nd ref='6'/></way></modify>",
        (-98.75, 20.101, -98.6, 20.3),
    ),
    "un nodo que se borra": ("<delete><node id='6' version='1' changeset='{c}'/></delete>", (-98.6, 20.3, -98.6, 20.3)),
}  # fmt: skip


@pytest.mark.parametrize("caso", CAJAS_DE_CONJUNTO)
def test_la_caja_de_un_conjunto(ed, caso):
    dentro, esperada = CAJAS_DE_CONJUNTO[caso]
    c = ed.abrir()
    assert ed.subir(c, dentro).status_code == 200
    visto = arbol(ed.leer(f"changeset/{c}"))[0]
    assert tuple(float(visto.get(k)) for k in ("min_lon", "min_lat", "max_lon", "max_lat")) == esperada


# --- subir -----------------------------------------------------------------------------------------------------------

SUBIDAS = {
    "el mismo id provisional en dos bloques": (
        "<create><node id='-1' lon='0' lat='0' changeset='{c}' version='1'/></create><create><node id='-1' lon='1' lat='1' changeset='{c}'/></create>",
        400, "Placeholder IDs must be unique for created elements.",
    ),
    "un provisional que se define después": (
        "<create><way id='-1' changeset='{c}'><nd ref='-1'/></way><node id='-1' lat='1' lon='2' changeset='{c}'/></create>",
        400, "Placeholder node not found for reference -1 in way -1",
    ),
    "un provisional que falta, en una vía con id": (
        "<create><way id='2' changeset='{c}' version='1'><nd ref='-1'/></way></create>",
        400, "Placeholder node not found for reference -1 in way 2",
    ),
    "un provisional que falta, en una relación": (
        "<create><relation id='-1' changeset='{c}' version='1'><member type='node' role='foo' ref='-1'/></relation></create>",
        400, "Placeholder Node not found for reference -1 in relation -1.",
    ),
    "un provisional que falta, en una relación con id": (
        "<create><relation id='1' changeset='{c}' version='1'><member type='way' role='bar' ref='-1'/></relation></create>",
        400, "Placeholder Way not found for reference -1 in relation 1.",
    ),
    "relaciones que se muerden la cola": (
        "<create><relation id='-2' version='0' changeset='{c}'><member type='relation' role='' ref='-4'/></relation><relation id='-3' version='0' changeset='{c}'/><relation id='-4' version='0' changeset='{c}'><member type='relation' role='' ref='-2'/></relation></create>",
        400, "Placeholder Relation not found for reference -4 in relation -2.",
    ),
    "dos veces la misma versión": (
        "<modify><node id='6' lon='1' lat='1' changeset='{c}' version='1'/><node id='6' lon='2' lat='2' changeset='{c}' version='1'/></modify>",
        409, "Version mismatch: Provided 1, server had: 2 of Node 6",
    ),
    "sin versión": ("<modify><node id='6' lon='1' lat='1' changeset='{c}'/></modify>", 400, "Version is required when updating"),
    "otro conjunto": ("<modify><node id='6' lon='0' lat='0' changeset='{nadie}' version='1'/></modify>", 409, "Changeset mismatch: Provided 9999999 but only {c} is allowed"),
    "cambiar un nodo provisional que no hay": ("<modify><node id='-1' lon='0' lat='0' changeset='{c}' version='1'/></modify>", 404, ""),
    "cambiar una vía provisional que no hay": ("<modify><way id='-1' changeset='{c}' version='1'/></modify>", 404, ""),
    "cambiar una relación provisional que no hay": ("<modify><relation id='-1' changeset='{c}' version='1'/></modify>", 404, ""),
    "borrar un nodo provisional que no hay": ("<delete><node id='-1' changeset='{c}' version='1'/></delete>", 404, ""),
    "borrar una vía provisional que no hay": ("<delete><way id='-1' changeset='{c}' version='1'/></delete>", 404, ""),
    "borrar una relación provisional que no hay": ("<delete><relation id='-1' changeset='{c}' version='1'/></delete>", 404, ""),
    "crear y borrar dos veces": (
        "<create><node id='-1' lat='39' lon='116' changeset='{c}'/></create><delete><node id='-1' version='1' changeset='{c}'/><node id='-1' version='1' changeset='{c}'/></delete>",
        410, "has already been deleted",
    ),
    "borrar en uso, aunque otro bloque diga if-unused": (
        "<delete version='0.6'><node id='1' version='1' changeset='{c}'/></delete><delete version='0.6' if-unused='true'><node id='6' version='1' changeset='{c}'/></delete>",
        412, "Precondition failed: Node 1 is still used by ways 1.",
    ),
    "if-unused no perdona una versión vieja": ("<delete if-unused='true'><node id='6' version='7' changeset='{c}'/></delete>", 409, "Version mismatch: Provided 7, server had: 1 of Node 6"),
    "borrar sin conjunto": ("<delete><node id='6' version='1'/></delete>", 409, "Changeset mismatch: Provided 0 but only {c} is allowed"),
    "una etiqueta larga": (f"<create><node id='-1' lon='0' lat='0' changeset='{{c}}'><tag k='foo' v='{LARGO}'/></node></create>", 400, "is too long (maximum is 255 characters)"),
    "una acción que no hay": ("<ping><node id='1' lon='1' lat='1' changeset='{c}'/></ping>", 400, "Unknown action ping, choices are create, modify, delete"),
    "un elemento que no hay": ("<create><segment id='-1' changeset='{c}'/></create>", 400, "Unexpected element type segment, expected node, way or relation."),
}  # fmt: skip


@pytest.mark.parametrize("caso", SUBIDAS)
def test_subidas_que_se_rechazan_enteras(fijo, practica, caso):
    ed, c, antes = fijo
    dentro, codigo, mensaje = SUBIDAS[caso]
    r = ed.subir(
        c, "<modify><node id='5' lon='0' lat='0' changeset='{c}' version='1'/></modify>" + poner(dentro, ed, c)
    )
    assert r.status_code == codigo, r.text
    assert poner(mensaje, ed, c) in r.text
    assert bool(r.text) == bool(mensaje)
    assert foto(practica.bd, ed.aula) == antes


def test_crear_y_borrar_dos_veces_si_no_se_usa(ed):
    c = ed.abrir()
    r = ed.subir(
        c,
        """<create><node id='-1' lat='39' lon='116' changeset='{c}'/></create>
           <delete if-unused='true'><node id='-1' version='1' changeset='{c}'/><node id='-1' version='1' changeset='{c}'/></delete>""",
    )
    renglones = diferencia(r)
    nuevo = renglones[0][2]
    assert renglones == [("node", "-1", nuevo, "1"), ("node", "-1", None, None), ("node", "-1", nuevo, "2")]
    assert arbol(ed.leer(f"changeset/{c}"))[0].get("changes_count") == "2"


def test_lo_que_se_usa_se_queda_si_se_pide_borrar_lo_que_no_se_use(ed, practica):
    c = ed.abrir()
    r = ed.subir(
        c,
        """<delete if-unused=''><relation id='1' version='1' changeset='{c}'/><way id='1' version='1' changeset='{c}'/>
           <node id='1' version='1' changeset='{c}'/></delete>""",
    )
    assert diferencia(r) == [("relation", "1", "1", "1"), ("way", "1", "1", "1"), ("node", "1", "1", "1")]
    assert arbol(ed.leer(f"changeset/{c}"))[0].get("changes_count") == "0"


def test_errores_en_xml(fijo):
    ed, c, _antes = fijo
    r = ed.subir(c, "<delete><node id='1' version='1' changeset='{c}'/></delete>", X_Error_Format="xml")
    raiz = arbol(r)
    assert (r.status_code, raiz.tag, raiz.get("version")) == (200, "osmError", "0.6")
    assert raiz.find("status").text == "412 Precondition Failed"
    assert raiz.find("message").text == "Precondition failed: Node 1 is still used by ways 1."


# --- como lo manda JOSM ----------------------------------------------------------------------------------------------

DE_JOSM = """<osmChange version="0.6" generator="JOSM">
<create>
  <node id='-2' changeset='{c}' lat='20.1' lon='-98.6999' />
  <node id='-1' changeset='{c}' lat='20.1' lon='-98.7' upload='false' visible='true' action='modify' />
  <way id='-1' changeset='{c}'>
    <nd ref='-1' />
    <nd ref='-2' />
    <tag k='name' v='Casa «ñ» &amp; &quot;b&quot;' />
  </way>
  <relation id='-1' changeset='{c}'>
    <member type='way' ref='-1' role='outer' />
  </relation>
</create>
<modify>
  <node id='6' changeset='{c}' version='1' lat='20.3' lon='-98.6' />
</modify>
<delete>
  <relation id='3' changeset='{c}' version='1'/>
</delete>
</osmChange>
"""
ACEPTA_JOSM = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"


def test_josm_pregunta_abre_sube_por_partes_y_cierra(ed):
    de_josm = {"User_Agent": "JOSM/1.5 (18646 es)", "Accept": ACEPTA_JOSM}
    assert arbol(ed.leer("/capabilities", **de_josm)).find("api/version").get("maximum") == "0.6"
    assert arbol(ed.leer("user/details", **de_josm)).find("user").get("display_name") == "mapeadora"
    conjunto = "<osm version='0.6' generator='JOSM'>\n  <changeset id='0' open='true'>\n    <tag k='comment' v='{}' />\n  </changeset>\n</osm>\n"
    c = int(ed.pedir("PUT", "changeset/create", conjunto.format("uno"), Content_Type="text/xml", **de_josm).text)
    r = ed.pedir(
        "POST", f"changeset/{c}/upload", DE_JOSM.replace("{c}", str(c)).encode(), Content_Type="text/xml", **de_josm
    )
    renglones = diferencia(r)
    assert [(t, viejo, v) for t, viejo, _, v in renglones] == [
        ("node", "-2", "1"), ("node", "-1", "1"), ("way", "-1", "1"), ("relation", "-1", "1"), ("node", "6", "2"),
        ("relation", "3", None),
    ]  # fmt: skip
    via = renglones[2][2]
    # El segundo trozo va al mismo conjunto, con los ids y versiones que dijo el primero.
    trozo = f"<modify>\n  <way id='{via}' changeset='{{c}}' version='1'>\n    <nd ref='{renglones[1][2]}' />\n    <nd ref='1' />\n  </way>\n</modify>"
    assert diferencia(ed.subir(c, trozo, **de_josm)) == [("way", via, via, "2")]
    # De uno en uno manda y espera textos sueltos.
    solo = f"<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6' generator='JOSM'>\n  <way id='{via}' version='2' changeset='{c}'>\n    <nd ref='1' />\n    <nd ref='2' />\n  </way>\n</osm>\n"
    assert ed.pedir("PUT", f"way/{via}", solo, **de_josm).text == "3"
    assert ed.pedir("PUT", f"changeset/{c}", conjunto.format("dos"), **de_josm).status_code == 200
    assert ed.pedir("PUT", f"changeset/{c}/close", "", **de_josm).status_code == 200
    r = ed.pedir("PUT", f"way/{via}", solo.replace("version='2'", "version='3'"), **de_josm)
    assert (r.status_code, r.text[:28]) == (409, f"The changeset {c} was closed at "[:28])


# --- buscar conjuntos ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def meses(practica):
    """Seis conjuntos cerrados, uno por mes de 2008, que duraron un día; se piden por su mes."""
    ed = practica.editor(practica.aula(PUEBLO))
    ids = [ed.abrir() for _ in range(6)]
    with practica.bd.transaccion() as sesion:
        for mes, c in enumerate(ids, 1):
            sesion.execute(
                text("""UPDATE practica_conjunto SET abierto = make_timestamptz(2008, :m, 1, 0, 0, 0, 'UTC'),
                               ultimo = make_timestamptz(2008, :m, 1, 0, 0, 0, 'UTC'),
                               cerrado = make_timestamptz(2008, :m, 2, 0, 0, 0, 'UTC') WHERE id = :c"""),
                {"m": mes, "c": c},
            )
    return ed, {str(c): str(mes) for mes, c in enumerate(ids, 1)}


TRAMOS = [
    # desde, hasta, los que duraban entonces, los que empezaron entonces
    ("2008-02-01T00:00:00Z", "2008-05-15T00:00:00Z", "5432", "5432"),
    ("2008-02-01T12:00:00Z", "2008-05-15T00:00:00Z", "5432", "543"),
    ("2008-02-02T00:00:00Z", "2008-05-15T00:00:00Z", "5432", "543"),
    ("2008-02-02T00:00:01Z", "2008-05-15T00:00:00Z", "543", "543"),
    ("2007-09-09T12:00:00Z", "2008-04-01T12:00:00Z", "4321", "4321"),
    ("2009-02-02T00:00:01Z", "2018-05-15T00:00:00Z", "", ""),
]
BUSQUEDAS = [
    ("", "654321"),
    ("order=oldest", "123456"),
    ("order=otro", "654321"),
    ("limit=3", "654"),
    ("limit=100", "654321"),
    ("time=2008-05-02T00:00:00Z", "65"),
    ("time=2008-01-01T12:34Z", "654321"),
    ("time=2008-03-01", "6543"),
    ("open=true", ""),
    ("closed=true", "654321"),
    # Basta con que vengan, digan lo que digan.
    ("open=", ""),
    ("closed=false", "654321"),
    ("changesets=,", ""),
    *((f"time={desde},{hasta}", duraban) for desde, hasta, duraban, _ in TRAMOS),
    *((f"from={desde}&to={hasta}", empezaron) for desde, hasta, _, empezaron in TRAMOS),
    *((f"from={desde}&to={hasta}&order=oldest", empezaron[::-1]) for desde, hasta, _, empezaron in TRAMOS),
]


@pytest.mark.parametrize(("consulta", "esperados"), BUSQUEDAS)
def test_buscar_conjuntos(meses, consulta, esperados):
    ed, mes = meses
    assert "".join(mes[x.get("id")] for x in arbol(ed.leer(f"changesets?{consulta}"))) == esperados


@pytest.mark.parametrize(
    "consulta",
    [
        *(f"bbox={x}" for x in ("abracadabra!", "1,2,3,F", ";drop table users;")),
        *(f"time={x}" for x in ("now()", "00-00-00", ";drop table users;", ",", "-,-")),
        *(f"user={x}" for x in ("me", "foobar", "-1", "0")),
        "order=oldest&time=2008-01-01T00:00Z,2018-01-01T00:00Z",
        "limit=-1",
        "limit=",
        "changesets=",
    ],
)
def test_buscar_con_basura(fijo, consulta):
    r = fijo[0].leer(f"changesets?{consulta}")
    assert (r.status_code, r.content_type) == (400, "text/plain; charset=utf-8")
    assert r.text == r.headers["Error"] != ""


def test_de_quien_no_existe_no_hay(fijo):
    for consulta in ("user=99999999", "display_name=%20"):
        r = fijo[0].leer(f"changesets?{consulta}")
        assert (r.status_code, r.mimetype) == (404, "text/plain")


# --- cómo se cuenta un conjunto --------------------------------------------------------------------------------------


def test_un_conjunto_sin_etiquetas_ni_cambios_no_las_trae(ed):
    c = int(ed.pedir("PUT", "changeset/create", "<osm><changeset></changeset></osm>").text)
    de_json = ed.leer(f"changeset/{c}.json").json["changeset"]
    assert not {"tags", "comments", "closed_at", "min_lat", "min_lon", "max_lat", "max_lon"} & set(de_json)
    assert (de_json["open"], de_json["changes_count"], de_json["comments_count"]) == (True, 0, 0)
    assert ed.leer(f"changeset/{c}.json?include_discussion=true").json["changeset"]["comments"] == []
    assert "tags" not in ed.leer("changesets.json").json["changesets"][0]
    (de_xml,) = arbol(ed.leer(f"changeset/{c}?include_discussion=true"))
    assert [x.tag for x in de_xml] == ["discussion"]
    assert "closed_at" not in de_xml.attrib


def test_descargar_va_por_hora_y_por_version(ed, practica):
    c = ed.abrir()
    ed.subir(c, "<modify><node id='6' version='1' lon='1' lat='1' changeset='{c}'/></modify>")
    ed.subir(c, "<modify><way id='2' version='1' changeset='{c}'><nd ref='4'/><nd ref='5'/></way></modify>")
    ed.subir(c, "<modify><node id='6' version='2' lon='2' lat='2' changeset='{c}'/></modify>")
    bloques = arbol(ed.leer(f"changeset/{c}/download"))
    assert [(b.tag, b[0].tag, b[0].get("version")) for b in bloques] == [
        ("modify", "node", "2"), ("modify", "way", "2"), ("modify", "node", "3"),
    ]  # fmt: skip
    vacio = ed.abrir()
    assert len(arbol(ed.leer(f"changeset/{vacio}/download"))) == 0
    assert ed.leer(f"changeset/{vacio}/download.json").json["osmChange"] == {"create": [], "modify": [], "delete": []}
