"""La evidencia por la API y en las páginas: qué dice, a quién, y con qué entradas malas no se rompe."""

import csv
import io

import pytest
from sqlalchemy import text

from tareas.calidad.evidencia import servicio
from tests.fabrica import LADO
from tests.mundo_evidencia import Taller, calle, casa, esquina, min_

YO = 501


@pytest.fixture
def taller(bd, elenco):
    """La mapeadora entregó la 1 (un edificio, una calle, algo lejos) y la 2 (nada); los datos ya pasaron."""
    t = Taller(bd, elenco.proyecto)
    t.vincular(elenco.mapeadora, YO)
    t.edificio(YO, min_(5), 1, casa(1))
    t.via(YO, min_(6), 2, calle(1, 0.1, 0.1, 0.9, 0.1))
    t.edificio(YO, min_(7), 3, casa(3))
    t.cambio(
        YO, min_(8), "w", 4, 3, "modificar", clase="edificio", geom=casa(1, 0.6), etiquetas={"building": "house"},
        antes=("edificio", casa(1, 0.55), {"building": "yes"}),
    )  # fmt: skip
    t.turno(elenco.mapeadora, 1, min_(0), min_(10))
    t.turno(elenco.mapeadora, 2, min_(30), min_(40))
    t.datos_hasta(min_(100))
    return t


@pytest.fixture
def raiz(elenco):
    return f"/api/v1/proyectos/{elenco.proyecto}/tareas/"


def test_dice_lo_que_se_mapeo_en_cada_turno(taller, raiz, entrar):
    cuerpo = entrar(None).get(f"{raiz}1/evidencia").json
    (turno,) = cuerpo["turnos"]
    assert (turno["estado"], turno["cuenta"], turno["final"], turno["resultado"]) == (
        "firme",
        "conocida",
        "entrega",
        "mapeada",
    )
    assert turno["dentro"] == {"creados": 2, "modificados": 1, "borrados": 0}
    assert turno["fuera"]["creados"] == 1
    assert turno["edificios"] == 1
    assert turno["km_vias"] == pytest.approx(0.8 * LADO * 104.5, rel=0.01)
    assert cuerpo["datos_hasta"] == min_(100).isoformat()
    assert "objetos" not in cuerpo


def test_leer_asienta_y_volver_a_leer_da_lo_mismo(taller, raiz, entrar, bd):
    primera = entrar(None).get(f"{raiz}1/evidencia").json
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT numero FROM evidencia")).scalars().all() == [1]
    assert entrar(None).get(f"{raiz}1/evidencia").json == primera


def test_mientras_no_llegan_los_datos_esta_por_confirmar(taller, raiz, entrar):
    taller.datos_hasta(min_(9))
    (turno,) = entrar(None).get(f"{raiz}1/evidencia").json["turnos"]
    assert (turno["estado"], turno["edificios"]) == ("por_confirmar", 1)


def test_los_objetos_traen_como_eran_y_como_quedaron(taller, raiz, entrar):
    ficha = entrar(None).get(f"{raiz}1/evidencia").json["turnos"][0]["ficha"]
    objetos = entrar(None).get(f"{raiz}1/evidencia?objetos={ficha}").json["objetos"]
    assert (objetos["type"], objetos["total"]) == ("FeatureCollection", 4)
    de_fuera, *de_dentro = objetos["features"]
    assert (de_fuera["properties"]["id"], de_fuera["properties"]["dentro"]) == (3, False)
    assert de_fuera["properties"]["metros_fuera"] > 50
    modificado = next(o for o in de_dentro if o["properties"]["accion"] == "modificar")
    assert modificado["properties"]["antes"]["coordinates"] != modificado["properties"]["despues"]["coordinates"]
    assert modificado["geometry"] == modificado["properties"]["despues"]
    assert modificado["properties"]["etiquetas_antes"] == {"building": "yes"}
    creado = next(o for o in de_dentro if o["properties"]["accion"] == "crear")
    assert creado["properties"]["antes"] is None
    una = entrar(None).get(f"{raiz}1/evidencia?objetos={ficha}&limite=1&salto=1").json["objetos"]
    assert (una["total"], una["features"]) == (4, [de_dentro[0]])


def test_los_avisos_solo_los_ve_ella_y_quien_valida_o_coordina(taller, raiz, entrar, elenco):
    def avisos(quien, numero):
        return entrar(quien).get(f"{raiz}{numero}/evidencia").json["turnos"][0]["avisos"]

    for quien in (elenco.mapeadora, elenco.validadora, elenco.capacitadora, elenco.funcionaria, elenco.administradora):
        assert avisos(quien, 1) == ["E-FUERA"]
        assert avisos(quien, 2) == ["E-NADA"]
    for quien in (None, elenco.mapeador, elenco.forastera):
        assert avisos(quien, 1) is None
        assert avisos(quien, 2) is None


def test_sin_cuenta_vinculada_lo_dice_y_no_inventa_ceros(taller, raiz, entrar, elenco):
    taller.turno(elenco.mapeador, 5, min_(0), min_(10))
    (turno,) = entrar(elenco.mapeador).get(f"{raiz}5/evidencia").json["turnos"]
    assert turno["cuenta"] == "desconocida"
    assert "No sabemos con qué cuenta de OSM editó" in turno["explicacion"]
    assert turno["edificios"] is turno["km_vias"] is turno["dentro"]["creados"] is None
    assert turno["avisos"] == []


def test_la_entrega_acepta_decir_por_que_no_hubo_cambios(elenco, raiz, entrar):
    cliente = entrar(elenco.mapeadora)
    ficha = cliente.post(f"{raiz}4/bloqueo", json={"para": "mapear"}).json["ficha"]
    cuerpo = {"ficha": ficha, "resultado": "mapeada", "sin_cambios": "otra cosa"}
    assert cliente.post(f"{raiz}4/entrega", json=cuerpo).status_code == 422
    assert cliente.post(f"{raiz}4/entrega", json={**cuerpo, "sin_cambios": "no_hay_nada"}).json["estado"] == "mapeada"
    assert cliente.get(f"{raiz}4/historial").json["historial"][-1]["motivos"] == ["no_hay_nada"]
    assert cliente.get(f"{raiz}4/evidencia").json["turnos"][-1]["motivo"] == "no_hay_nada"


def test_el_motivo_se_dice_despues_y_quita_el_aviso(taller, raiz, entrar, elenco):
    mapeadora = entrar(elenco.mapeadora)
    assert mapeadora.get(f"{raiz}2/evidencia").json["turnos"][0]["falta_motivo"] is True
    assert entrar(elenco.mapeador).post(f"{raiz}2/evidencia/motivo", json={"motivo": "ya_estaba"}).status_code == 403
    assert mapeadora.post(f"{raiz}2/evidencia/motivo", json={"motivo": "ya_estaba"}).status_code == 200
    assert mapeadora.post(f"{raiz}2/evidencia/motivo", json={"motivo": "ya_estaba"}).status_code == 200
    otra = mapeadora.post(f"{raiz}2/evidencia/motivo", json={"motivo": "no_hay_nada"})
    assert (otra.status_code, otra.json["codigo"]) == (409, "motivo_ya_dicho")
    turno = mapeadora.get(f"{raiz}2/evidencia").json["turnos"][0]
    assert (turno["motivo"], turno["avisos"], turno["falta_motivo"]) == ("ya_estaba", [], False)


@pytest.mark.parametrize(
    ("consulta", "codigo"),
    [
        ("objetos=0", 422),
        ("objetos=hola", 422),
        ("objetos=99999999999999999999", 422),
        ("objetos=999999", 404),
        ("objetos=1&limite=5000", 422),
        ("otra=1", 422),
    ],
)
def test_parametros_malos_se_explican(taller, raiz, entrar, consulta, codigo):
    respuesta = entrar(None).get(f"{raiz}1/evidencia?{consulta}")
    assert respuesta.status_code == codigo
    assert respuesta.json["detail"]


def test_lo_que_no_existe_o_no_se_ve_responde_404(taller, raiz, entrar, elenco, bd):
    assert entrar(None).get(f"{raiz}99/evidencia").status_code == 404
    assert entrar(elenco.mapeadora).post(f"{raiz}99/evidencia/motivo", json={"motivo": "ya_estaba"}).status_code == 404
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET visibilidad = 'privada'"))
    assert entrar(None).get(f"{raiz}1/evidencia").status_code == 404
    assert entrar(elenco.forastera).get(f"/api/v1/proyectos/{elenco.proyecto}/evidencia").status_code == 404


def test_por_persona_dice_lo_que_mapeo_y_a_cada_quien_lo_suyo(taller, entrar, elenco):
    direccion = f"/api/v1/proyectos/{elenco.proyecto}/evidencia"
    cuerpo = entrar(elenco.capacitadora).get(direccion).json
    (fila,) = cuerpo["personas"]
    assert (fila["edificios"], fila["sin_cambios"], fila["avisos_fuera"], fila["entregas"]) == (1, 1, 1, 2)
    assert cuerpo["total"]["edificios"] == 1
    (publica,) = entrar(None).get(direccion).json["personas"]
    assert set(publica) == {"usuario", "nombre", "edificios", "km_vias", "puntos", "entregas"}


def _csv(respuesta):
    return list(csv.DictReader(io.StringIO(respuesta.get_data(as_text=True).lstrip("\ufeff"))))


def test_las_descargas_llevan_las_columnas_del_diccionario(taller, entrar, elenco):
    raiz = f"/proyectos/{elenco.proyecto}/avance.csv"
    diccionario = _csv(entrar(None).get("/avance/diccionario.csv"))
    for por in ("mapeado", "evidencia"):
        filas = _csv(entrar(elenco.capacitadora).get(f"{raiz}?por={por}"))
        assert list(filas[0]) == [d["columna"] for d in diccionario if d["archivo"] == por]
    assert [f["avisos"] for f in filas] == ["E-FUERA", "E-NADA"]
    assert (filas[0]["edificios"], filas[0]["conjuntos"]) == ("1", "7")
    publicas = _csv(entrar(None).get(f"{raiz}?por=evidencia"))
    assert [(f["edificios"], f["avisos"], f["lejos_m"]) for f in publicas] == [("1", "", ""), ("0", "", "")]


def test_las_paginas_muestran_lo_mapeado_a_quien_toca(taller, entrar, elenco, bd):
    with bd.transaccion() as sesion:
        servicio.asentar(sesion)
    avance = f"/proyectos/{elenco.proyecto}/avance"
    suya = entrar(elenco.mapeadora).get("/mi-trabajo").get_data(as_text=True)
    assert "1 edificio · " in suya
    assert "Di por qué" in suya
    assert "quedó fuera de la tarea" in suya
    de_ella = entrar(elenco.capacitadora).get(f"{avance}/personas/{elenco.mapeadora}").get_data(as_text=True)
    assert "Lo que de veras mapeó" in de_ella
    assert "Entregada sin cambios" in de_ella
    assert "Turnos con cambios fuera" in entrar(elenco.capacitadora).get(avance).get_data(as_text=True)
    publica = entrar(None).get(avance).get_data(as_text=True)
    assert "Lo que de veras se mapeó" in publica
    assert "Turnos con cambios fuera" not in publica


def test_algo_lejisimos_no_rompe_la_distancia(taller, raiz, entrar):
    oeste, sur = esquina(1)
    taller.cambio(
        YO, min_(9), "n", 90, clase="servicio", geom=f"POINT({oeste + 179} {-sur})", etiquetas={"shop": "yes"}
    )
    (turno,) = entrar(None).get(f"{raiz}1/evidencia").json["turnos"]
    assert turno["fuera"]["creados"] == 2
