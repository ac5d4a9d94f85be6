"""El mapa base de un aula: lo que hoy hay en ella, para quien la puede ver, y al día con cada guardado."""

import random
from typing import Any

import pytest
from sqlalchemy import text

from geo.teselas.aritmetica import tesela_de
from tareas.comun.permisos import Actor, Papel
from tareas.practica.api06.consultas import conexion_de
from tareas.practica.aulas import servicio as aulas
from tareas.practica.aulas.consultas import visible
from tareas.practica.objetos import rearmar
from tests.mundo_practica import PUEBLO, Editor, Mundo, estado_del_aula

_Z, X, Y = tesela_de(-98.7495, 20.1005, 16)
AREA = [
    {"tipo": "n", "id": 21, "lon": -98.748, "lat": 20.100},
    {"tipo": "n", "id": 22, "lon": -98.747, "lat": 20.100},
    {"tipo": "n", "id": 23, "lon": -98.747, "lat": 20.101},
    {"tipo": "w", "id": 21, "nodos": [21, 22]},
    {"tipo": "w", "id": 22, "nodos": [22, 23, 21]},
    {
        "tipo": "r",
        "id": 21,
        "miembros": ["w21", "w22"],
        "roles": ["outer", "outer"],
        "etiquetas": {"type": "multipolygon", "landuse": "forest"},
    },
]


def ver(editor: Editor, z: int = 16, x: int = X, y: int = Y, **cabeceras: str) -> Any:
    cabeceras |= {"Authorization": f"Bearer {editor.ficha}"} if editor.ficha else {}
    return editor.cliente.get(f"/teselas/aulas/{editor.aula}/{z}/{x}/{y}.mvt", headers=cabeceras)


def objetos(practica: Mundo, aula: int) -> dict[str, tuple[str, int, str]]:
    with practica.bd.lectura() as sesion:
        filas = sesion.execute(
            text("""SELECT tipo || id AS clave, clase, zoom, ST_AsText(geom) AS forma
                      FROM practica_objeto WHERE aula_id = :a"""),
            {"a": aula},
        )
        return {f.clave: (f.clase, f.zoom, f.forma) for f in filas}


def de_nuevo(practica: Mundo, aula: int) -> None:
    """Arma todo otra vez, como si nadie lo hubiera mirado."""
    with practica.bd.transaccion() as sesion:
        rearmar(conexion_de(sesion), aula)


def test_un_edificio_recien_guardado_se_ve_y_lo_que_sigue_igual_no_viaja(practica: Mundo) -> None:
    editor = practica.editor(practica.aula(PUEBLO))
    antes = ver(editor)
    assert antes.status_code == 200
    assert antes.headers["Cache-Control"] == "private, no-cache"
    assert ver(editor, If_None_Match=antes.headers["ETag"]).status_code == 304
    conjunto = editor.abrir()
    # Abrir un conjunto no cambia el mapa.
    assert ver(editor, If_None_Match=antes.headers["ETag"]).status_code == 304
    lugares = [(-98.7498, 20.1012), (-98.7496, 20.1012), (-98.7496, 20.1014)]
    nodos = "".join(f"<node id='-{i + 1}' lon='{x}' lat='{y}' changeset='{{c}}'/>" for i, (x, y) in enumerate(lugares))
    via = "<way id='-1' changeset='{c}'><nd ref='-1'/><nd ref='-2'/><nd ref='-3'/><nd ref='-1'/><tag k='building' v='yes'/></way>"
    assert editor.subir(conjunto, f"<create>{nodos}{via}</create>").status_code == 200
    despues = ver(editor, If_None_Match=antes.headers["ETag"])
    assert despues.status_code == 200
    assert len(despues.data) > len(antes.data)
    assert sum(clase == "edificio" for clase, *_ in objetos(practica, editor.aula).values()) == 2


def test_un_nodo_movido_mueve_la_via_y_el_area_que_pasan_por_el(practica: Mundo) -> None:
    editor = practica.editor(practica.aula(AREA))
    ver(editor)
    antes = objetos(practica, editor.aula)
    assert antes["r21"][0] == "suelo"
    mueve = "<modify><node id='22' version='1' lon='-98.7465' lat='20.1001' changeset='{c}'/></modify>"
    assert editor.subir(editor.abrir(), mueve).status_code == 200
    assert "-98.7465" in objetos(practica, editor.aula)["r21"][2]
    assert "-98.7465" not in antes["r21"][2]


def test_al_dia_con_cada_guardado_es_lo_mismo_que_armar_todo(practica: Mundo) -> None:
    editor = practica.editor(practica.aula([*PUEBLO, *AREA]))
    ver(editor)
    azar = random.Random(7)
    conjunto = editor.abrir()
    versiones = dict.fromkeys(["n1", "n2", "n3", "n4", "n21", "n22", "w1", "w2"], 1)
    forma = {"w1": [1, 2, 3, 4, 1], "w2": [4, 5]}
    for _vez in range(25):
        clave = azar.choice(list(versiones))
        comun = f"id='{clave[1:]}' version='{versiones[clave]}' changeset='{conjunto}'"
        if clave[0] == "n":
            lugar = f"lon='{-98.75 + azar.random() / 500:.7f}' lat='{20.1 + azar.random() / 500:.7f}'"
            etiqueta = azar.choice(["", "<tag k='amenity' v='school'/>"])
            dentro = f"<node {comun} {lugar}>{etiqueta}</node>"
        else:
            etiqueta = azar.choice(["building", "highway", "landuse", "source"])
            vuelta = "".join(f"<nd ref='{n}'/>" for n in forma[clave])
            dentro = f"<way {comun}>{vuelta}<tag k='{etiqueta}' v='residential'/></way>"
        assert editor.subir(conjunto, f"<modify>{dentro}</modify>").status_code == 200
        versiones[clave] += 1
    poco_a_poco = objetos(practica, editor.aula)
    de_nuevo(practica, editor.aula)
    assert objetos(practica, editor.aula) == poco_a_poco


def test_lo_borrado_deja_de_verse_y_al_reiniciar_vuelve(practica: Mundo) -> None:
    editor = practica.editor(practica.aula(PUEBLO))
    ver(editor)
    sembrado = objetos(practica, editor.aula)
    # La relación que la usa se borra antes.
    quita = "".join(f"<relation id='{r}' version='1' changeset='{{c}}'/>" for r in (3, 2, 1))
    respuesta = editor.subir(editor.abrir(), f"<delete>{quita}<way id='1' version='1' changeset='{{c}}'/></delete>")
    assert respuesta.status_code == 200, respuesta.text
    assert "w1" not in objetos(practica, editor.aula)
    capacita = Actor(
        id=practica.elenco.capacitadora,
        usuario="capacitadora",
        nombre="Capacitadora",
        papeles=frozenset({(practica.elenco.municipio, Papel.CAPACITADOR)}),
    )
    etiqueta = ver(editor).headers["ETag"]
    with practica.bd.transaccion() as sesion:
        aulas.reiniciar(sesion, capacita, visible(sesion, capacita, editor.aula))
    assert objetos(practica, editor.aula) == sembrado
    assert ver(editor, If_None_Match=etiqueta).status_code == 200
    with practica.bd.transaccion() as sesion:
        aulas.borrar(sesion, visible(sesion, capacita, editor.aula))
    assert ver(editor).status_code == 404
    assert objetos(practica, editor.aula) == {}


def test_un_aula_congelada_se_mira_aunque_nadie_la_haya_mirado(practica: Mundo) -> None:
    editor = practica.editor(practica.aula(PUEBLO))
    estado_del_aula(practica.bd, editor.aula, "congelada")
    assert ver(editor).status_code == 200


def test_dos_aulas_del_mismo_lugar_no_se_mezclan(practica: Mundo) -> None:
    llena, vacia = practica.editor(practica.aula(PUEBLO)), practica.editor(practica.aula())
    assert ver(llena).status_code == 200
    assert ver(vacia).status_code == 204


def test_quien_no_puede_ver_el_aula_no_sabe_que_existe(practica: Mundo) -> None:
    aula = practica.aula(PUEBLO)
    etiqueta = ver(practica.editor(aula)).headers["ETag"]
    for quien in (0, practica.elenco.forastera):
        ajena = practica.editor(aula, quien)
        assert ver(ajena).status_code == 404
        assert ver(ajena, If_None_Match=etiqueta).status_code == 404


@pytest.mark.parametrize("cual", [(30, 0, 0), (3, 9, 0), (3, 0, 8)])
def test_una_tesela_que_no_existe(practica: Mundo, cual: tuple[int, int, int]) -> None:
    assert ver(practica.editor(practica.aula(PUEBLO)), *cual).status_code == 404
