"""Los hallazgos por la API: qué se halla en una tarea, de quién es, y que una falsa alarma se recuerda."""

import pytest
from sqlalchemy import text

from geo.estadisticas.proporciones import wilson
from geo.revisiones.catalogo import CATALOGO, VERSION
from tareas.calidad.revisiones import servicio
from tareas.calidad.revisiones.reglas import se_calla
from tareas.datos_osm import servicio as datos_osm
from tests.fabrica import OESTE, SUR
from tests.mundo_evidencia import Taller, min_
from tests.mundo_osm import archivo

YO, OTRO = 501, 502
META = "dV c7 t2026-03-02T16:05:00Z i{uid} uAna"
METRO = 1 / 111_320


def casa(numero, x, y, uid, lado=10.0):
    """Una casa a unos metros de la esquina de la tarea 1, en OPL; ``numero`` va de diez en diez."""
    meta = META.format(uid=uid)
    puntos = [(x, y), (x + lado, y), (x + lado, y + lado), (x, y + lado)]
    nodos = [
        f"n{numero + k} v1 {meta} T x{OESTE + a * METRO * 1.065:.7f} y{SUR + b * METRO:.7f}"
        for k, (a, b) in enumerate(puntos)
    ]
    refs = ",".join(f"n{numero + k}" for k in (0, 1, 2, 3, 0))
    return [*nodos, f"w{numero} v1 {meta} Tbuilding=yes N{refs}"]


@pytest.fixture
def taller(bd, elenco, tmp_path):
    """En la tarea 1 la mapeadora encimó su casa (w20) a la que ya estaba (w10); lejos, w30 y w40 de otra persona."""
    renglones = casa(10, 20, 20, OTRO) + casa(30, 60, 60, OTRO) + casa(40, 64, 60, OTRO)
    with bd.transaccion() as sesion:
        datos_osm.importar(sesion, archivo(tmp_path, _ordenados(renglones)))
    t = Taller(bd, elenco.proyecto)
    t.vincular(elenco.mapeadora, YO)
    t.turno(elenco.mapeadora, 1, min_(0), min_(10))
    with bd.transaccion() as sesion:
        datos_osm.aplicar(sesion, archivo(tmp_path, _ordenados(casa(20, 25, 20, YO)), "suyo.osc.gz"))
    return t


def _ordenados(renglones):
    return "\n".join(sorted(renglones, key=lambda r: (r[0] != "n", int(r.split()[0][1:]))))


@pytest.fixture
def raiz(elenco):
    return f"/api/v1/proyectos/{elenco.proyecto}/tareas/1/hallazgos"


def traslapes(respuesta):
    return [r["properties"] for r in respuesta.json["features"] if r["properties"]["codigo"] == "E-TRAS"]


def test_dice_que_se_hallo_como_se_arregla_y_cual_es_mio(taller, raiz, entrar, elenco):
    mio, ajeno = sorted(traslapes(entrar(elenco.mapeadora).get(raiz)), key=lambda p: not p["mio"])
    assert (mio["mio"], ajeno["mio"]) == (True, False)
    assert set(mio["objetos"]) == {"w10", "w20"}
    assert mio["mensaje"].startswith("Se encima 50\u00a0%")
    assert mio["arreglo"]
    assert mio["titulo"]
    assert mio["respuesta"] is None
    assert all(not p["mio"] for p in traslapes(entrar(None).get(raiz)))


def test_habla_en_el_idioma_de_quien_pregunta(taller, raiz, entrar):
    ingles = entrar(None).get(raiz, headers={"Accept-Language": "en"})
    assert all("overlaps" in p["mensaje"] for p in traslapes(ingles))


def test_una_falsa_alarma_se_recuerda_hasta_que_el_objeto_cambie(taller, raiz, entrar, elenco, bd, tmp_path):
    cliente = entrar(elenco.validadora)
    huella = traslapes(cliente.get(raiz))[0]["huella"]
    dicha = cliente.post(f"{raiz}/respuestas", json={"huella": huella, "respuesta": "falso", "nota": "es un balcón"})
    assert dicha.status_code == 201
    (contestado,) = [p for p in traslapes(cliente.get(raiz)) if p["respuesta"]]
    assert contestado["huella"] == huella
    assert contestado["respuesta"]["respuesta"] == "falso"
    movido = f"n{contestado['objetos'][0][1:]} v2 {META.format(uid=OTRO)} T x{OESTE + 30 * METRO} y{SUR + 21 * METRO}"
    with bd.transaccion() as sesion:
        datos_osm.aplicar(sesion, archivo(tmp_path, movido, "mueve.osc.gz"))
    assert all(p["respuesta"] is None for p in traslapes(cliente.get(raiz)))


def calle(numero, *puntos):
    nodos = [
        f"n{numero + k} v1 {META.format(uid=OTRO)} T x{OESTE + a * METRO * 1.065:.7f} y{SUR + b * METRO:.7f}"
        for k, (a, b) in enumerate(puntos)
    ]
    refs = ",".join(f"n{numero + k}" for k in range(len(puntos)))
    return [*nodos, f"w{numero} v1 {META.format(uid=OTRO)} Thighway=residential N{refs}"]


def test_una_calle_suelta_del_municipio_sale_en_su_tarea_y_se_contesta(taller, raiz, entrar, elenco, bd, tmp_path):
    red = calle(100, (-5, 5), (300, 5)) + calle(200, (40, 20), (40, 55))
    with bd.transaccion() as sesion:
        datos_osm.aplicar(sesion, archivo(tmp_path, _ordenados(red), "calles.osc.gz"))
    cliente = entrar(elenco.validadora)

    def sueltas():
        return [r["properties"] for r in cliente.get(raiz).json["features"] if r["properties"]["codigo"] == "E-ISLA"]

    assert sueltas() == []
    servicio.poner_al_dia(bd, elenco.municipio)
    (suelta,) = sueltas()
    assert suelta["objetos"] == ["w200"]
    cuerpo = {"huella": suelta["huella"], "respuesta": "falso"}
    assert cliente.post(f"{raiz}/respuestas", json=cuerpo).status_code == 201
    assert sueltas()[0]["respuesta"]["respuesta"] == "falso"
    otra = f"w200 v2 {META.format(uid=OTRO)} Thighway=service Nn200,n201"
    with bd.transaccion() as sesion:
        datos_osm.aplicar(sesion, archivo(tmp_path, otra, "otra.osc.gz"))
    assert sueltas() == [], "la calle ya es otra: no se dice nada de ella hasta que se revise"


def test_lo_que_se_contesto_con_otros_umbrales_no_calla_a_la_regla(taller, entrar, elenco, bd):
    with bd.transaccion() as sesion:
        for k in range(60):
            sesion.execute(
                text("""INSERT INTO hallazgo_respuesta (municipio_id, origen, codigo, huella, respuesta, nota, persona_id, version_reglas)
                        VALUES (:m, 0, 'E-TRAS', :h, 'falso', '', :p, :v)"""),
                {
                    "m": elenco.municipio,
                    "h": f"{k:024x}",
                    "p": elenco.validadora,
                    "v": VERSION + 1 if k < 30 else VERSION,
                },
            )
    cifras = entrar(None).get(f"/api/v1/municipios/{elenco.municipio}/calidad").json["precision"]["E-TRAS"]
    assert (cifras["falsos"], cifras["callada"]) == (30, False)


def test_solo_quien_valida_aqui_contesta(taller, raiz, entrar, elenco):
    huella = traslapes(entrar(None).get(raiz))[0]["huella"]
    cuerpo = {"huella": huella, "respuesta": "error"}
    assert entrar(elenco.mapeadora).post(f"{raiz}/respuestas", json=cuerpo).status_code == 403
    assert entrar(elenco.forastera).post(f"{raiz}/respuestas", json=cuerpo).status_code == 403
    assert entrar(elenco.validadora).post(f"{raiz}/respuestas", json=cuerpo).status_code == 201


@pytest.mark.parametrize(
    "cuerpo",
    [
        {"huella": "corta", "respuesta": "falso"},
        {"huella": "0" * 24, "respuesta": "quizá"},
        {"huella": "0" * 24},
        {"huella": "0" * 24, "respuesta": "falso", "nota": "x" * 501},
    ],
)
def test_una_respuesta_mal_escrita_dice_en_que_campo(taller, raiz, entrar, elenco, cuerpo):
    respuesta = entrar(elenco.validadora).post(f"{raiz}/respuestas", json=cuerpo)
    assert respuesta.status_code == 422
    assert respuesta.json["campos"]


def test_los_del_municipio_salen_por_lotes_y_por_clase(taller, entrar, elenco, bd):
    servicio.poner_al_dia(bd, elenco.municipio)
    cliente, raiz = entrar(None), f"/api/v1/municipios/{elenco.municipio}"
    todos = cliente.get(f"{raiz}/hallazgos?codigo=E-TRAS").json
    assert cliente.get(f"{raiz}/hallazgos?codigo=").json == cliente.get(f"{raiz}/hallazgos").json
    assert len(todos["features"]) == 2
    assert todos["siguiente"] is None
    primero = cliente.get(f"{raiz}/hallazgos?codigo=E-TRAS&limite=1").json
    segundo = cliente.get(f"{raiz}/hallazgos?codigo=E-TRAS&limite=1&desde={primero['siguiente']}").json
    assert primero["features"] + segundo["features"] == todos["features"]
    lejos = cliente.get(f"{raiz}/hallazgos?codigo=E-TRAS&caja=10,10,11,11").json
    assert lejos["features"] == []
    cifras = cliente.get(f"{raiz}/calidad").json
    assert sum(cifras["hallazgos"]["E-TRAS"].values()) == 2
    assert cifras["revision"]["version_reglas"] == VERSION
    assert entrar(None).get("/api/v1/municipios/999999/hallazgos").status_code == 404


def test_las_reglas_se_explican(entrar):
    catalogo = entrar(None).get("/api/v1/calidad/reglas").json
    assert [r["codigo"] for r in catalogo["reglas"]] == [r.codigo for r in CATALOGO]
    assert all(r["por_que"] and r["como"] and r["trampa"] for r in catalogo["reglas"])
    una = entrar(None).get("/api/v1/calidad/reglas/E-TRAS").json
    assert una["titulo"] == next(r["titulo"] for r in catalogo["reglas"] if r["codigo"] == "E-TRAS")
    assert una["croquis"]["svg"].startswith("<svg")
    assert entrar(None).get("/api/v1/calidad/reglas/E-NADA").status_code == 404


def test_una_regla_que_casi_siempre_se_equivoca_se_calla_en_ese_municipio():
    assert not se_calla(errores=0, falsos=49)
    assert se_calla(errores=29, falsos=21)
    assert not se_calla(errores=30, falsos=20)
    assert wilson(0, 0) == (0.0, 1.0)
    bajo, alto = wilson(30, 50)
    assert bajo == pytest.approx(0.462, abs=1e-3)
    assert alto == pytest.approx(0.724, abs=1e-3)
