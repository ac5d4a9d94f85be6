"""Las aulas por la API y por sus páginas, con entrada buena y mala."""

import gzip
import io
from pathlib import Path
from typing import Any

import osmium
import pytest
from sqlalchemy import text

from tareas.datos_osm import servicio as datos_osm
from tests.fabrica import aula
from tests.mundo_osm import archivo

AQUI = """
n1 v1 T x-98.7505 y20.1005
n2 v1 T x-98.7500 y20.1005
n3 v1 T x-98.7500 y20.1010
w1 v2 Tbuilding=yes Nn1,n2,n3,n1
"""


@pytest.fixture
def datos(bd, tmp_path: Path) -> None:
    with bd.transaccion() as sesion:
        datos_osm.importar(sesion, archivo(tmp_path, AQUI, "aqui.osm.pbf"))


def nueva(cliente: Any, **otros: Any) -> Any:
    return cliente.post("/api/v1/aulas", json={"municipio": "99001", "nombre": "Taller de marzo", **otros})


def test_quien_capacita_crea_un_aula_y_sabe_donde_se_edita(entrar, elenco, datos) -> None:
    respuesta = nueva(entrar(elenco.capacitadora))
    assert respuesta.status_code == 201
    creada = respuesta.json
    assert creada["elementos"] == {"nodos": 3, "vias": 1, "relaciones": 0, "edificios": 1}
    assert creada["direcciones"]["api"].endswith(f"/practica/aulas/{creada['id']}/api")
    assert entrar(None).get(f"/api/v1/aulas/{creada['id']}").json["nombre"] == "Taller de marzo"


def test_el_area_puede_ser_la_de_un_proyecto_o_una_dibujada(entrar, elenco, datos) -> None:
    de_proyecto = nueva(entrar(elenco.capacitadora), proyecto=elenco.proyecto)
    assert de_proyecto.json["elementos"]["vias"] == 1
    lejos = {
        "type": "Polygon",
        "coordinates": [[[-98.745, 20.105], [-98.742, 20.105], [-98.742, 20.108], [-98.745, 20.105]]],
    }
    assert nueva(entrar(elenco.capacitadora), area=lejos).json["elementos"]["vias"] == 0


@pytest.mark.parametrize(
    ("cambios", "codigo"),
    [
        ({"nombre": "ab"}, 422),
        ({"nombre": "x" * 600}, 422),
        ({"nombre": "nul\x00"}, 422),
        ({"municipio": "no existe"}, 422),
        ({"proyecto": 2**40}, 404),
        ({"proyecto": 1, "area": {}}, 422),
        ({"area": {"type": "Point", "coordinates": [0, 0]}}, 422),
        ({"area": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}, 422),
        ({"visibilidad": "secreta"}, 422),
        ({"otro": 1}, 422),
    ],
)
def test_lo_que_no_se_entiende_se_dice_y_no_crea_nada(bd, entrar, elenco, cambios, codigo) -> None:
    respuesta = nueva(entrar(elenco.capacitadora), **cambios)
    assert respuesta.status_code == codigo
    assert respuesta.json["detail"]
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM aula")).scalar() == 0


def subir(cliente: Any, contenido: bytes, nombre: str) -> Any:
    datos = {"municipio": "99001", "nombre": "De archivo", "archivo": (io.BytesIO(contenido), nombre)}
    return cliente.post("/api/v1/aulas/archivo", data=datos)


def test_un_aula_de_un_archivo_subido(entrar, elenco, tmp_path) -> None:
    ruta = archivo(tmp_path, AQUI, "aqui.osm.gz")
    respuesta = subir(entrar(elenco.capacitadora), ruta.read_bytes(), "../../aqui.osm.gz")
    assert respuesta.status_code == 201
    assert respuesta.json["elementos"]["edificios"] == 1


@pytest.mark.parametrize(
    ("contenido", "nombre"),
    [
        (b"", "vacio.osm"),
        (b"hola", "texto.osm"),
        (b"<osmChange version='0.6'><create/></osmChange>", "cambio.osc"),
        (b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><osm version='0.6'>&a;</osm>", "bomba.osm"),
        (b"<osm version='0.6'></osm>", "nada.osm"),
        (b"<osm version='0.6'><node id='1' lat='91' lon='0'/></osm>", "lejos.osm"),
        (b"PK\x03\x04", "a.zip"),
        (gzip.compress(b"<osm version='0.6'>" + b" " * 401_000_000, 1, mtime=0), "bomba.osm.gz"),
        (gzip.compress(b"<osm version='0.6'><node id='1' lat='1' lon='1'/></osm>", mtime=0)[:-9], "cortado.osm.gz"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x64" + b"\x00" * 10, "cortado.osm.pbf"),
        (b"<osm version='0.6'><node id='1' lat='1' lon='1'/><way id='1'", "roto.osm"),
    ],
)
def test_un_archivo_que_no_sirve_se_rechaza_con_su_porque(bd, entrar, elenco, contenido, nombre) -> None:
    respuesta = subir(entrar(elenco.capacitadora), contenido, nombre)
    assert respuesta.status_code in (413, 422)
    assert len(respuesta.json["detail"]) > 20
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM aula")).scalar() == 0


def test_el_extracto_dice_desde_donde_seguir(bd, entrar, elenco, datos, tmp_path) -> None:
    creada = nueva(entrar(elenco.capacitadora)).json
    ruta = tmp_path / "x.osm.pbf"
    ruta.write_bytes(entrar(None).get(f"/api/v1/aulas/{creada['id']}/extracto.osm.pbf").data)
    with osmium.io.Reader(str(ruta)) as lector:
        assert lector.header().get("osmosis_replication_base_url") == creada["direcciones"]["replicacion"]
        assert lector.header().get("osmosis_replication_sequence_number") == "0"


def test_la_replicacion_responde_donde_debe_y_lo_que_no_hay_es_404(bd, entrar, elenco) -> None:
    with bd.transaccion() as sesion:
        numero = aula(sesion, elenco.municipio)
    raiz = f"/practica/aulas/{numero}/replicacion"
    estado = entrar(None).get(f"{raiz}/state.txt")
    assert "sequenceNumber=0\ntimestamp=20" in estado.text
    assert entrar(None).get(f"{raiz}/000/000/000.osc.gz").status_code == 200
    for roto in (
        "000/000/001.osc.gz",
        "999/999/999.state.txt",
        "0/0/0.osc.gz",
        "abc/000/000.osc.gz",
        "٠٠٠/000/000.osc.gz",
    ):
        assert entrar(None).get(f"{raiz}/{roto}").status_code == 404, roto


def test_un_aula_privada_no_existe_para_quien_no_la_ve(bd, entrar, elenco) -> None:
    with bd.transaccion() as sesion:
        numero = aula(sesion, elenco.municipio, visibilidad="privada")
    for quien, codigo in ((None, 404), (elenco.forastera, 404), (elenco.mapeadora, 200)):
        for ruta in (f"/api/v1/aulas/{numero}", f"/aulas/{numero}", f"/practica/aulas/{numero}/replicacion/state.txt"):
            assert entrar(quien).get(ruta).status_code == codigo, (quien, ruta)
    assert entrar(elenco.forastera).delete(f"/api/v1/aulas/{numero}").status_code == 404


def test_la_lista_de_personas_solo_la_ve_quien_prepara(bd, entrar, elenco) -> None:
    with bd.transaccion() as sesion:
        numero = aula(sesion, elenco.municipio)
        sesion.execute(
            text("INSERT INTO practica_conjunto (aula_id, persona_id, cambios) VALUES (:a, :p, 12)"),
            {"a": numero, "p": elenco.mapeadora},
        )
    assert "Mapeadora" in entrar(elenco.capacitadora).get(f"/aulas/{numero}").text
    assert "Mapeadora" not in entrar(None).get(f"/aulas/{numero}").text


def test_el_formulario_conserva_lo_escrito_y_dice_que_falta(app, entrar, elenco) -> None:
    cliente = entrar(elenco.capacitadora)
    respuesta = cliente.post("/aulas/nueva", data={"municipio": "99001", "nombre": "Mi taller", "de": "archivo"})
    assert respuesta.status_code == 422
    assert "Mi taller" in respuesta.text
    assert "elige un .osm.pbf" in respuesta.text


def test_congelar_y_abrir_desde_la_pagina(bd, entrar, elenco) -> None:
    with bd.transaccion() as sesion:
        numero = aula(sesion, elenco.municipio)
    cliente = entrar(elenco.capacitadora)
    assert cliente.post(f"/aulas/{numero}/congelar").status_code == 303
    assert cliente.get(f"/api/v1/aulas/{numero}").json["estado"] == "congelada"
    assert "Congelada" in cliente.get(f"/aulas/{numero}").text
    assert cliente.post(f"/aulas/{numero}/abrir").status_code == 303
    assert cliente.get(f"/api/v1/aulas/{numero}").json["estado"] == "abierta"
