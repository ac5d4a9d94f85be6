"""La referencia de un municipio por HTTP: subirla, quién la ve, qué se mide con ella y qué no se publica."""

import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from geo.crs import WGS84, reconocer_crs, transformar
from tareas.calidad.referencia.reglas import DE_REFERENCIA, oculta_de_mas, tramo
from tareas.calidad.revisiones import servicio as revisiones
from tareas.datos_osm import servicio as datos_osm
from tests.fabrica import LADO, OESTE, SUR
from tests.mundo_osm import archivo
from tests.web.test_revisiones_api import METRO, casa

BUENOS = {"nombre": "Catastro", "licencia": "Uso interno", "fuente": "Tesorería", "puede_compararse": "1"}


def caja(x, y, lado=10.0, este=0.0):
    """Una huella a unos metros de la esquina de la tarea 1."""
    a, b = OESTE + este + x * METRO * 1.065, SUR + y * METRO
    return shapely.box(a, b, a + lado * METRO * 1.065, b + lado * METRO)


def geojson(formas):
    rasgos = [{"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(f))} for f in formas]
    return json.dumps({"type": "FeatureCollection", "features": rasgos}).encode()


HUELLAS = [caja(20 * k, 20 * f) for k in range(4) for f in range(2)]
"""Ocho casas en la tarea 1."""


@pytest.fixture
def raiz(elenco):
    return f"/api/v1/municipios/{elenco.municipio}/referencias"


@pytest.fixture
def con_osm(bd, tmp_path):
    """En la tarea 1 están dos de las ocho."""
    renglones = casa(10, 0, 0, 501) + casa(20, 20, 0, 501)
    with bd.transaccion() as sesion:
        datos_osm.importar(
            sesion, archivo(tmp_path, "\n".join(sorted(renglones, key=lambda r: (r[0] != "n", int(r.split()[0][1:])))))
        )


def subir(cliente, raiz, cuerpo, nombre="catastro.geojson", **datos):
    forma = {**BUENOS, **datos, "archivo": (io.BytesIO(cuerpo), nombre)}
    return cliente.post(raiz, data=forma, content_type="multipart/form-data")


@pytest.fixture
def subida(con_osm, entrar, elenco, raiz):
    respuesta = subir(entrar(elenco.funcionaria), raiz, geojson([*HUELLAS, caja(10, 10, este=LADO)]))
    assert respuesta.status_code == 201, respuesta.json
    return respuesta.json["id"]


def test_subir_listar_y_borrar(subida, entrar, elenco, raiz, bd):
    (una,) = entrar(elenco.mapeadora).get(raiz).json["referencias"]
    assert (una["huellas"], una["vigente"], una["puede_copiarse_a_osm"]) == (9, True, False)
    assert entrar(elenco.forastera).get(raiz).status_code == 403
    assert entrar(None).get(raiz).status_code == 401
    assert entrar(elenco.validadora).delete(f"{raiz}/{subida}").status_code == 403
    assert entrar(elenco.funcionaria).delete(f"{raiz}/{subida}").status_code == 204
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM referencia_huella")).scalar_one() == 0


@pytest.mark.parametrize(
    ("datos", "codigo"),
    [
        ({"licencia": ""}, "datos_invalidos"),
        ({"fuente": ""}, "datos_invalidos"),
        ({"puede_compararse": "0"}, "referencia_sin_permiso"),
        ({"capa": "no hay"}, "referencia_capa_inexistente"),
        ({"otra": "cosa"}, "datos_invalidos"),
        ({"fecha": "ayer"}, "datos_invalidos"),
    ],
)
def test_sin_licencia_fuente_o_permiso_no_se_guarda_nada(datos, codigo, entrar, elenco, raiz, bd):
    respuesta = subir(entrar(elenco.funcionaria), raiz, geojson(HUELLAS), **datos)
    assert (respuesta.status_code, respuesta.json["codigo"]) == (422, codigo)
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM referencia")).scalar_one() == 0


@pytest.mark.parametrize(
    ("formas", "codigo"),
    [
        ([shapely.Point(OESTE, SUR)], "referencia_sin_huellas"),
        ([shapely.LineString([(OESTE, SUR), (OESTE + 1e-4, SUR)])], "referencia_sin_huellas"),
        ([shapely.box(OESTE, SUR, OESTE + 0.5, SUR + 0.5)], "referencia_sin_huellas"),
        ([shapely.box(5, 5, 5.0001, 5.0001)], "referencia_lejos"),
    ],
    ids=["puntos", "líneas", "enorme", "otro lugar"],
)
def test_lo_que_no_son_huellas_de_aqui_se_rechaza(formas, codigo, entrar, elenco, raiz):
    respuesta = subir(entrar(elenco.funcionaria), raiz, geojson(formas))
    assert (respuesta.status_code, respuesta.json["codigo"]) == (422, codigo)


@pytest.mark.parametrize(
    "cuerpo", [b"", b"{", b"PK\x03\x04roto", b'{"type":"FeatureCollection","features":[]}'], ids=range(4)
)
@pytest.mark.parametrize("nombre", ["x.geojson", "x.gpkg", "x.zip"])
def test_un_archivo_roto_nunca_es_culpa_nuestra(cuerpo, nombre, entrar, elenco, raiz):
    assert subir(entrar(elenco.funcionaria), raiz, cuerpo, nombre).status_code == 422


@pytest.mark.parametrize(
    ("cuerpo", "datos", "campo"),
    [
        (geojson(HUELLAS)[:-40], {}, "archivo"),
        (b"PK\x03\x04roto", {}, "archivo"),
        (geojson(HUELLAS), {"crs": "EPSG:999999"}, "crs"),
    ],
    ids=["cortado", "ajeno", "sistema"],
)
def test_en_la_pagina_lo_ilegible_se_dice_junto_a_su_campo(cuerpo, datos, campo, entrar, elenco):
    forma = {**BUENOS, **datos, "archivo": (io.BytesIO(cuerpo), "catastro.geojson")}
    pagina = entrar(elenco.funcionaria).post(f"/municipios/{elenco.municipio}/referencias", data=forma)
    assert pagina.status_code == 422
    marcados = re.findall(r'<div class="campo con-error">.*?name="(\w+)"', pagina.text, re.S)
    assert marcados == [campo]
    assert "Revisa lo marcado" in pagina.text


def test_lo_roto_con_altura_y_repetido_se_guarda_sano(entrar, elenco, raiz, bd):
    x, y = OESTE + 1e-4, SUR + 1e-4
    mono = shapely.Polygon([(x, y), (x + 1e-4, y + 1e-4), (x + 1e-4, y), (x, y + 1e-4)])
    formas = [
        mono,
        shapely.force_3d(HUELLAS[0], 9.0),
        HUELLAS[1],
        HUELLAS[1],
        shapely.Point(x, y),
        shapely.box(5, 5, 5.001, 5.001),
    ]
    respuesta = subir(entrar(elenco.funcionaria), raiz, geojson(formas))
    assert respuesta.status_code == 201
    assert respuesta.json["huellas"] == 4
    assert respuesta.json["omitidas"] == {"no_es_superficie": 1, "fuera": 1}
    with bd.lectura() as sesion:
        filas = sesion.execute(text("SELECT ST_IsValid(geom), ST_NDims(geom) FROM referencia_huella")).all()
    assert filas == [(True, 2)] * 4


def test_en_otro_sistema_y_en_otro_formato(entrar, elenco, raiz, tmp_path):
    ruta = tmp_path / "c.gpkg"
    utm = transformar(np.array(HUELLAS, dtype=object), WGS84, reconocer_crs("EPSG:32614"))
    for capa in ("casas", "manzanas"):
        pyogrio.raw.write(
            ruta,
            shapely.to_wkb(utm),
            [],
            [],
            layer=capa,
            crs="EPSG:32614",
            geometry_type="Polygon",
            driver="GPKG",
            append=ruta.exists(),
        )
    cliente = entrar(elenco.funcionaria)
    varias = subir(cliente, raiz, ruta.read_bytes(), "c.gpkg")
    assert (varias.status_code, varias.json["codigo"]) == (422, "referencia_varias_capas")
    assert subir(cliente, raiz, ruta.read_bytes(), "c.gpkg", capa="casas").json["huellas"] == 8


def test_el_mismo_archivo_dos_veces_es_conflicto(subida, entrar, elenco, raiz):
    otra = subir(entrar(elenco.funcionaria), raiz, geojson([*HUELLAS, caja(10, 10, este=LADO)]))
    assert (otra.status_code, otra.json["codigo"]) == (409, "referencia_repetida")


def test_dos_subidas_a_la_vez_del_mismo_archivo_dejan_una(entrar, elenco, raiz, bd):
    clientes = [entrar(elenco.funcionaria) for _ in range(4)]
    with ThreadPoolExecutor(4) as juntos:
        codigos = list(juntos.map(lambda c: subir(c, raiz, geojson(HUELLAS)).status_code, clientes))
    assert sorted(codigos) == [201, 409, 409, 409]
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM referencia_huella")).scalar_one() == len(HUELLAS)


def test_las_cifras_por_tarea_y_en_total(subida, entrar, elenco):
    cuerpo = entrar(elenco.mapeadora).get(f"/api/v1/proyectos/{elenco.proyecto}/completitud").json
    por_numero = {t["numero"]: t for t in cuerpo["tareas"]}
    una, otra = (next(t for t in por_numero.values() if t["n"] == n) for n in (8, 1))
    assert (una["numero"], una["cubiertas"], una["faltan"], una["omision"], una["edificios"]) == (1, 2, 6, 0.75, 2)
    assert (otra["pocas"], otra["omision"]) == (1, 1.0)
    assert (cuerpo["total"]["n"], cuerpo["total"]["cubiertas"]) == (9, 2)
    assert cuerpo["total"]["intervalo"][0] < 7 / 9 < cuerpo["total"]["intervalo"][1]
    assert cuerpo["referencia"]["puede_copiarse_a_osm"] is False


def test_a_quien_no_tiene_papel_aqui_no_se_le_dice_de_pocas_casas_ni_restando(subida, entrar, elenco):
    for quien in (None, elenco.forastera):
        cuerpo = entrar(quien).get(f"/api/v1/proyectos/{elenco.proyecto}/completitud").json
        assert cuerpo["completas"] is False
        pocas = [t for t in cuerpo["tareas"] if t["pocas"]]
        assert pocas
        assert all(t[c] is None for t in pocas for c in DE_REFERENCIA)
        assert cuerpo["total"]["n"] == sum(t["n"] for t in cuerpo["tareas"] if t["n"]) == 8
        assert cuerpo["total"]["sin_tareas_con_pocas"] is True


def test_las_cifras_siguen_a_los_datos_y_a_la_referencia(subida, entrar, elenco, raiz, bd, tmp_path):
    cliente = entrar(elenco.funcionaria)
    direccion = f"/api/v1/proyectos/{elenco.proyecto}/completitud"
    assert cliente.get(direccion).json["total"]["cubiertas"] == 2
    nueva = "\n".join(sorted(casa(30, 40, 0, 501), key=lambda r: (r[0] != "n", int(r.split()[0][1:]))))
    with bd.transaccion() as sesion:
        datos_osm.aplicar(sesion, archivo(tmp_path, nueva, "mas.osc.gz"))
    assert cliente.get(direccion).json["total"]["cubiertas"] == 3
    assert subir(cliente, raiz, geojson(HUELLAS[:2])).status_code == 201
    assert cliente.get(direccion).json["total"]["n"] == 2
    for r in cliente.get(raiz).json["referencias"]:
        assert cliente.delete(f"{raiz}/{r['id']}").status_code == 204
    assert cliente.get(direccion).json["total"] is None


def test_lo_que_falta_sale_en_los_hallazgos_de_quien_tiene_papel_y_no_se_guarda(subida, entrar, elenco, bd):
    direccion = f"/api/v1/proyectos/{elenco.proyecto}/tareas/1/hallazgos"

    def faltan(quien):
        rasgos = entrar(quien).get(direccion).json["features"]
        return [r for r in rasgos if r["properties"]["codigo"] == "E-FALT"]

    hallados = faltan(elenco.mapeadora)
    assert len(hallados) == 6
    assert {r["geometry"]["type"] for r in hallados} == {"Point"}
    assert all(r["properties"]["objetos"] == [] and r["properties"]["sugerencia"] is None for r in hallados)
    assert faltan(None) == faltan(elenco.forastera) == []
    # Ni el punto exacto ni el área de la huella: juntar hallazgos no es copiar el catastro.
    for r in hallados:
        assert (
            r["geometry"]["coordinates"] == r["properties"]["lugar"] == [round(g, 4) for g in r["properties"]["lugar"]]
        )
        assert re.search(r"unos \d*0 m²", r["properties"]["mensaje"])
    huella = hallados[0]["properties"]["huella"]
    dicha = entrar(elenco.validadora).post(f"{direccion}/respuestas", json={"huella": huella, "respuesta": "falso"})
    assert dicha.status_code == 201
    revisiones.poner_al_dia(bd, elenco.municipio)
    with bd.lectura() as sesion:
        assert (
            sesion.execute(
                text("SELECT count(*) FROM hallazgo WHERE codigo IN ('E-FALT', 'E-UNO', 'E-DESP')")
            ).scalar_one()
            == 0
        )


def test_la_pagina_y_la_descarga_dicen_lo_mismo(subida, entrar, elenco):
    cliente = entrar(elenco.mapeadora)
    pagina = cliente.get(f"/proyectos/{elenco.proyecto}/completitud").text
    assert "Catastro" in pagina
    assert "no se copia a OpenStreetMap" in pagina
    assert 'class="t3"' in pagina
    filas = list(
        csv.DictReader(
            io.StringIO(cliente.get(f"/proyectos/{elenco.proyecto}/avance.csv?por=completitud").text.lstrip("\ufeff"))
        )
    )
    assert next(f for f in filas if f["numero"] == "1")["faltan"] == "6"
    for lengua, dicho in (("es", "hay menos de 5 edificios"), ("en", "fewer than 5 buildings")):
        publica = entrar(None).get(f"/proyectos/{elenco.proyecto}/completitud", headers={"Accept-Language": lengua})
        assert publica.status_code == 200
        assert dicho in publica.text
        assert 'class="pocas"' in publica.text
    diccionario = cliente.get("/avance/diccionario.csv").text
    assert "completitud,omision," in diccionario
    anonima = entrar(None)
    publica = list(
        csv.DictReader(
            io.StringIO(anonima.get(f"/proyectos/{elenco.proyecto}/avance.csv?por=completitud").text.lstrip("\ufeff"))
        )
    )
    assert all(f["n"] == "" for f in publica if f["pocas"] == "1")


def test_el_municipio_dice_que_falta_en_cada_proyecto(subida, entrar, elenco):
    cliente, raiz = entrar(elenco.mapeadora), f"/municipios/{elenco.municipio}/completitud"
    suyo = cliente.get(f"/api/v1/proyectos/{elenco.proyecto}/completitud").json["total"]
    (renglon,) = [p for p in cliente.get(f"/api/v1{raiz}").json["proyectos"] if p["proyecto"] == elenco.proyecto]
    assert {c: renglon[c] for c in ("n", "faltan", "omision")} == {c: suyo[c] for c in ("n", "faltan", "omision")}
    assert [renglon["omision_desde"], renglon["omision_hasta"]] == suyo["intervalo"]
    (fila,) = csv.DictReader(io.StringIO(cliente.get(f"{raiz}.csv").text.lstrip("\ufeff")))
    assert fila["faltan"] == str(suyo["faltan"])
    for lengua, dicho in (("es", "Qué falta en cada proyecto"), ("en", "What is missing in each project")):
        assert dicho in entrar(None).get(raiz, headers={"Accept-Language": lengua}).text
    assert f'href="{raiz}"' in cliente.get(f"/municipios/{elenco.municipio}/medidas").text


def test_lo_que_no_alcanza_a_compararse_se_dice(subida, entrar, elenco, monkeypatch):
    monkeypatch.setattr("tareas.calidad.referencia.presentacion.SEGUNDOS_PARA_COMPARAR", -1.0)
    cuerpo = entrar(elenco.mapeadora).get(f"/api/v1/municipios/{elenco.municipio}/completitud").json
    assert cuerpo["proyectos"] == []
    assert elenco.proyecto in cuerpo["sin_comparar"]


def test_sin_referencia_el_municipio_dice_que_hace_falta(entrar, elenco):
    raiz = f"/municipios/{elenco.municipio}/completitud"
    assert "Falta la referencia del municipio" in entrar(elenco.mapeadora).get(raiz).text
    # Quién la sube y desde dónde; a quien puede, el botón.
    assert "La sube quien tiene el papel de gobierno municipal" in entrar(elenco.mapeadora).get(raiz).text
    assert "Entrar, si eres tú" in entrar(None).get(raiz).text
    assert f'href="/municipios/{elenco.municipio}/referencias"' in entrar(elenco.funcionaria).get(raiz).text
    assert f'href="/municipios/{elenco.municipio}/referencias"' not in entrar(elenco.mapeadora).get(raiz).text
    assert entrar(None).get(f"/api/v1{raiz}").json["proyectos"] == []
    assert entrar(None).get("/municipios/999999/completitud").status_code == 404


def test_sin_referencia_la_pagina_dice_como_tenerla(entrar, elenco):
    direccion = f"/proyectos/{elenco.proyecto}/completitud"
    assert "Todavía no hay con qué comparar" in entrar(None).get(direccion).text
    assert "Subir una referencia" in entrar(elenco.funcionaria).get(direccion).text


def test_subir_y_borrar_desde_la_pagina(con_osm, entrar, elenco):
    cliente = entrar(elenco.funcionaria)
    direccion = f"/municipios/{elenco.municipio}/referencias"
    mal = subir(cliente, direccion, geojson([shapely.Point(OESTE, SUR)]))
    assert mal.status_code == 422
    assert "no hay huellas de edificios" in mal.text
    assert 'value="Tesorería"' in mal.text
    assert subir(cliente, direccion, geojson(HUELLAS)).status_code == 303
    pagina = cliente.get(direccion).text
    assert "8 huellas" in pagina
    assert "No se puede copiar a OpenStreetMap" in pagina
    numero = pagina.split("/referencias/")[1].split("/")[0]
    assert cliente.post(f"{direccion}/{numero}/borrar").status_code == 303
    assert "Todavía no hay referencias" in cliente.get(direccion).text


def test_la_referencia_no_sale_como_imagen_ni_en_los_datos_de_la_tarea(subida, entrar, elenco):
    cliente = entrar(elenco.mapeadora)
    raiz = f"/api/v1/proyectos/{elenco.proyecto}"
    cuerpos = [cliente.get(d).text for d in (raiz, f"{raiz}/tareas", f"/api/v1/municipios/{elenco.municipio}/imagenes")]
    assert all("Catastro" not in c for c in cuerpos)


def test_restando_no_se_sabe_de_una_tarea_con_pocas():
    def filas(*ns):
        return [{"n": n, "pocas": int(n < 5)} for n in ns]

    assert oculta_de_mas(filas(50, 3))
    assert oculta_de_mas(filas(50, 1, 1))
    assert oculta_de_mas(filas(50, 4, 0))
    assert not oculta_de_mas(filas(50, 4, 4))
    assert not oculta_de_mas(filas(50, 0))
    assert not oculta_de_mas(filas(50, 60))


def test_los_tramos_del_mapa_van_en_orden():
    tramos = [tramo(p / 100) for p in range(101)]
    assert (tramos[0], tramos[5], tramos[6], tramos[75], tramos[100]) == (0, 0, 1, 3, 4)
    assert all(a <= b for a, b in pairwise(tramos))
