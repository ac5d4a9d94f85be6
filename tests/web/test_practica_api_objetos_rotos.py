"""Objetos rotos que llegan a un aula: cada uno con el error del protocolo, y nada queda escrito."""

import pytest

from tests.mundo_practica import PUEBLO, foto

NODO = "<create><node id='-1' changeset='{c}' %s>%s</node></create>"
AQUI = "lat='20.1' lon='-98.75'"
MIL = "".join(f"<tag k='llave:{n}' v='{n}'/>" for n in range(1000))


@pytest.fixture(scope="module")
def fijo(practica):
    """Un aula y un conjunto para todo lo que se rechaza: si algo quedara escrito, se notaría."""
    ed = practica.editor(practica.aula(PUEBLO))
    return ed, ed.abrir(), foto(practica.bd, ed.aula)


ROTOS = {
    **{
        f"{cual} = {valor!r}": (NODO % (f"{cual}='{valor}' {otro}='1'", ""), 400, dicho)
        for cual, otro in (("lat", "lon"), ("lon", "lat"))
        for valor, dicho in (
            ("NaN", f"{cual} not a number"),
            ("nan", f"{cual} not a number"),
            ("-nan", f"{cual} not a number"),
            ("inf", f"{cual} not a number"),
            ("-Infinity", f"{cual} not a number"),
            ("", f"{cual} not a number"),
            ("1e400", "outside this world"),
            ("1e9", "outside this world"),
            ("9" * 400, "outside this world"),
        )
    },
    "vía de dos mil un nodos": (
        "<create><way id='-1' changeset='{c}'>" + "<nd ref='1'/>" * 2001 + "</way></create>", 400, "2000",
    ),
    "vía sin nodos": ("<create><way id='-1' changeset='{c}'><tag k='building' v='yes'/></way></create>", 412, "data is invalid"),
    "vía con nodos que no hay": ("<create><way id='-1' changeset='{c}'><nd ref='1'/><nd ref='424242'/></way></create>", 412, "424242"),
    "vía con un nodo sin número": ("<create><way id='-1' changeset='{c}'><nd/></way></create>", 412, "Precondition failed"),
    "vía con un nodo NaN": ("<create><way id='-1' changeset='{c}'><nd ref='NaN'/></way></create>", 412, "Precondition failed"),
    "vía con un nodo enorme": (f"<create><way id='-1' changeset='{{c}}'><nd ref='{2**63}'/></way></create>", 412, "Precondition failed"),
    "relación con una vía que no hay": (
        "<create><relation id='-1' changeset='{c}'><member type='way' ref='424242' role='outer'/></relation></create>", 412, "424242",
    ),
    "relación con un miembro sin número": ("<create><relation id='-1' changeset='{c}'><member type='way' role=''/></relation></create>", 412, "Precondition failed"),
    "relación con un miembro sin tipo": ("<create><relation id='-1' changeset='{c}'><member ref='1' role=''/></relation></create>", 400, ""),
    "relación con un miembro enorme": (f"<create><relation id='-1' changeset='{{c}}'><member type='node' ref='{2**70}' role=''/></relation></create>", 412, "Precondition failed"),
    "relación de treinta y dos mil uno": (
        "<create><relation id='-1' changeset='{c}'>" + "<member type='node' ref='1' role=''/>" * 32001 + "</relation></create>", 400, "32000",
    ),
    "mil etiquetas con una repetida": (NODO % (AQUI, MIL + "<tag k='llave:7' v='x'/>"), 400, "duplicate tags with key llave:7"),
    "mil etiquetas con una sin valor": (NODO % (AQUI, MIL + "<tag k='x'/>"), 400, "tag is missing value"),
    "quince mil etiquetas": (NODO % (AQUI, "".join(f"<tag k='{n}' v=''/>" for n in range(45_000))), 400, "too many tags"),
    "etiqueta con NUL": (NODO % (AQUI, "<tag k='a' v='&#0;'/>"), 400, ""),
    "versión enorme": (f"<modify><node id='6' version='{2**40}' changeset='{{c}}' {AQUI}/></modify>", 409, "Version mismatch"),
}  # fmt: skip


@pytest.mark.parametrize("caso", ROTOS)
def test_lo_roto_se_rechaza_con_el_error_del_protocolo(fijo, practica, caso):
    ed, c, antes = fijo
    dentro, codigo, mensaje = ROTOS[caso]
    r = ed.subir(c, dentro)
    assert r.status_code == codigo, r.text[:500]
    assert mensaje in r.text
    assert len(r.text) < 400_000
    assert foto(practica.bd, ed.aula) == antes
