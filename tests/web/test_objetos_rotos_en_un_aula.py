"""Lo roto que el protocolo sí admite: se guarda, se lee, y no rompe lo que Tequio hace con ello."""

import pytest
from sqlalchemy import text

from tests import fabrica
from tests.fabrica import OESTE, SUR
from tests.mundo_practica import Editor, arbol, diferencia

MIL = "".join(f"<tag k='llave:{n}' v='{n}'/>" for n in range(1000))
GRADO = 1 / 111_320


def _nodos(puntos, primero):
    return "".join(
        f"<node id='-{primero + k}' changeset='{{c}}' lon='{OESTE + x * GRADO:.7f}' lat='{SUR + y * GRADO:.7f}'/>"
        for k, (x, y) in enumerate(puntos)
    )


def _via(numero, refs, *llaves):
    dentro = "".join(f"<nd ref='-{n}'/>" for n in refs) + "".join(f"<tag k='{k}' v='{v}'/>" for k, v in llaves)
    return f"<way id='-{numero}' changeset='{{c}}'>{dentro}</way>"


EDIFICIO = ("building", "yes")
ADMITIDOS = {
    "mil etiquetas": _nodos([(10, 10), (20, 10), (20, 20), (10, 20)], 1)
    + _via(1, (1, 2, 3, 4, 1), EDIFICIO).replace("</way>", MIL + "</way>"),
    "edificio de un nodo": _nodos([(30, 10)], 1) + _via(1, (1,), EDIFICIO),
    "edificio de un nodo repetido": _nodos([(30, 10)], 1) + _via(1, (1, 1, 1, 1), EDIFICIO),
    "edificio sin cerrar": _nodos([(30, 10), (40, 10), (40, 20)], 1) + _via(1, (1, 2, 3), EDIFICIO),
    "edificio de ida y vuelta": _nodos([(30, 10), (40, 10)], 1) + _via(1, (1, 2, 1), EDIFICIO),
    "edificio en un solo punto": _nodos([(30, 10)] * 4, 1) + _via(1, (1, 2, 3, 4, 1), EDIFICIO),
    "edificio que se cruza": _nodos([(30, 10), (40, 20), (40, 10), (30, 20)], 1) + _via(1, (1, 2, 3, 4, 1), EDIFICIO),
    "edificio de dos mil nodos": _nodos([(30 + (k % 45), 10 + k // 45) for k in range(1999)], 1)
    + _via(1, (*range(1, 2000), 1), EDIFICIO),
    "calle de un nodo": _nodos([(50, 10)], 1) + _via(1, (1,), ("highway", "residential")),
    "calle que pasa dos veces": _nodos([(50, 10), (60, 10)], 1) + _via(1, (1, 2, 2, 1, 2), ("highway", "residential")),
    "multipolígono vacío": "<relation id='-1' changeset='{c}'><tag k='type' v='multipolygon'/><tag k='building' v='yes'/></relation>",
    "multipolígono que se contiene": _nodos([(30, 10), (40, 10)], 1)
    + _via(1, (1, 2))
    + "<relation id='-1' changeset='{c}'><member type='way' ref='-1' role='outer'/><member type='way' ref='-1' role='inner'/>"
    "<tag k='type' v='multipolygon'/><tag k='building' v='yes'/></relation>",
    "nombre con de todo": f"<node id='-1' changeset='{{c}}' lon='{OESTE}' lat='{SUR}'>"
    "<tag k='name' v='&#x202e;&lt;b&gt;🏠%(n)s&#39;--'/></node>",
    "en los polos": "<node id='-1' changeset='{c}' lat='90' lon='180'/><node id='-2' changeset='{c}' lat='-90' lon='-180'/>"
    + _via(1, (1, 2), ("highway", "residential")),
}


@pytest.fixture
def en_el_proyecto(bd, elenco, entrar):
    """Quien mapea edita en un aula donde trabaja su proyecto, con la tarea 1 en sus manos."""
    with bd.transaccion() as sesion:
        aula = fabrica.aula(sesion, elenco.municipio)
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a"), {"a": aula})
    mapea = entrar(elenco.mapeadora)
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/1"
    toma = mapea.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json
    ficha = mapea.post(f"/api/v1/aulas/{aula}/fichas").json["access_token"]
    return Editor(entrar(None), aula, ficha), mapea, raiz, toma["ficha"]


def test_lo_roto_que_se_admite_se_guarda_se_lee_y_no_rompe_lo_demas(en_el_proyecto):
    ed, mapea, raiz, ficha = en_el_proyecto
    conjunto = ed.abrir()
    nuevos = {}
    for caso, dentro in ADMITIDOS.items():
        r = ed.subir(conjunto, f"<create>{dentro}</create>")
        assert r.status_code == 200, (caso, r.text[:300])
        nuevos[caso] = [f"{tipo}/{nuevo}" for tipo, _viejo, nuevo, _version in diferencia(r)]
    for caso, suyos in nuevos.items():
        assert ed.leer(suyos[-1]).status_code == 200, caso
        if not suyos[-1].startswith("node"):
            assert ed.leer(f"{suyos[-1]}/full").status_code == 200, caso
    via = arbol(ed.leer(nuevos["mil etiquetas"][-1])).find("way")
    assert len(via.findall("tag")) == 1001
    assert ed.leer(f"changeset/{conjunto}/download").status_code == 200
    oeste, sur = OESTE - 0.001, SUR - 0.001
    assert ed.leer(f"map?bbox={oeste},{sur},{OESTE + 0.002},{SUR + 0.002}").status_code == 200
    # Lo que Tequio hace con ello: lo que hay en la tarea, lo que cambió, lo que las revisiones ven, y el mapa.
    for resto in ("", "/objetos", "/evidencia", f"/evidencia?objetos={ficha}", "/hallazgos"):
        r = mapea.get(raiz + resto)
        assert r.status_code == 200, (resto, r.text[:300])
    hallados = {p["properties"]["codigo"] for p in mapea.get(f"{raiz}/hallazgos").json["features"]}
    assert {"E-CRUZ", "E-ABIE"} <= hallados
    assert mapea.get(f"/teselas/aulas/{ed.aula}/0/0/0.mvt").status_code in (200, 204)
    entrega = mapea.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"})
    assert (entrega.status_code, entrega.json["codigo"]) == (409, "por_arreglar")
