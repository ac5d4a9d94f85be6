"""La API de proyectos como la usa un cliente."""

import gzip
import io
import json
import threading

import pytest
from sqlalchemy import text

from tests import fabrica

LUGAR = (15, 7395, 14515)
"""Tesela donde están las nueve tareas del elenco."""

CUADROS = {"tipo": "cuadros", "lado_m": 400}


def cuadro(oeste, sur, este, norte):
    return {
        "type": "Polygon",
        "coordinates": [[[oeste, sur], [este, sur], [este, norte], [oeste, norte], [oeste, sur]]],
    }


@pytest.fixture
def api(entrar, elenco):
    """La funcionaria del municipio, y quien no ha entrado."""

    class Api:
        def __init__(self):
            self.funcionaria, self.nadie = entrar(elenco.funcionaria), entrar(None)
            self.mapeadora, self.forastera = entrar(elenco.mapeadora), entrar(elenco.forastera)

        def crear(self, quien=None, cabeceras=None, **cambios):
            cuerpo = {"municipio": elenco.municipio, "nombre": "Barrio del Río", "division": CUADROS} | cambios
            return (quien or self.funcionaria).post("/api/v1/proyectos", json=cuerpo, headers=cabeceras)

        def previa(self, **cambios):
            cuerpo = {"municipio": elenco.municipio, "division": CUADROS} | cambios
            return self.funcionaria.post("/api/v1/proyectos/previa", json=cuerpo)

        def subir(self, nombre, contenido, **campos):
            datos = {"archivo": (io.BytesIO(contenido), nombre), "municipio": str(elenco.municipio)} | campos
            return self.funcionaria.post("/api/v1/areas", data=datos)

    return Api()


def test_crear_publicar_y_ver(api):
    creado = api.crear(instrucciones="Dibuja los techos.", etiquetas_conjunto="tequio, #río")
    assert creado.status_code == 201
    ruta = f"/api/v1/proyectos/{creado.json['id']}"
    assert api.nadie.get(ruta).status_code == 404
    assert api.funcionaria.post(ruta + "/publicacion").json["estado"] == "publicado"
    visto = api.nadie.get(ruta).json
    assert visto["tareas_total"] == visto["tareas"]["pendiente"] == creado.json["tareas_total"]
    assert visto["municipio"]["nombre"] == "Ejemplo del Río"
    assert visto["etiquetas_conjunto"] == "#tequio #río"
    assert visto["instrucciones"] == "Dibuja los techos."


def test_la_clave_del_municipio_vale_igual_que_su_id(api):
    assert api.crear(municipio="99001").status_code == 201


def test_sin_cuenta_se_pide_entrar_y_sin_papel_se_dice_a_quien_pedirlo(api):
    assert api.crear(api.nadie).status_code == 401
    assert api.crear(api.mapeadora).status_code == 403
    ajena = api.crear(api.forastera)
    assert ajena.status_code == 403
    assert "Ejemplo del Río" in ajena.json["detail"]


def test_la_misma_peticion_repetida_crea_un_solo_proyecto(api, bd):
    cabeceras = {"Idempotency-Key": "uno"}
    primera, segunda = api.crear(cabeceras=cabeceras), api.crear(cabeceras=cabeceras)
    assert primera.status_code == segunda.status_code == 201
    assert primera.json == segunda.json
    otra = api.crear(cabeceras=cabeceras, nombre="Otro contenido")
    assert otra.status_code == 409
    assert otra.json["codigo"] == "clave_de_otra_peticion"


def test_peticiones_iguales_y_simultaneas_crean_un_solo_proyecto(app, entrar, elenco, bd):
    respuestas = []
    clientes = [entrar(elenco.funcionaria) for _ in range(6)]
    cuerpo = {"municipio": elenco.municipio, "nombre": "Una sola vez", "division": CUADROS}

    def pedir(cliente):
        respuestas.append(cliente.post("/api/v1/proyectos", json=cuerpo, headers={"Idempotency-Key": "dos"}))

    hilos = [threading.Thread(target=pedir, args=(c,)) for c in clientes]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    assert {r.status_code for r in respuestas} == {201}
    assert len({r.json["id"] for r in respuestas}) == 1
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM proyecto WHERE nombre = 'Una sola vez'")).scalar() == 1


def test_una_clave_de_repeticion_que_no_sirve_se_rechaza(api):
    for clave in ("", "a" * 201):
        assert api.crear(cabeceras={"Idempotency-Key": clave}).status_code == 422


def test_la_vista_previa_no_guarda_y_dice_tareas_tamanos_y_trabajo(api, bd):
    previa = api.previa().json
    assert previa["tareas_total"] == len(previa["tareas"]["features"])
    assert previa["area_por_tarea_m2"]["maximo"] == pytest.approx(160_000, rel=0.2)
    assert previa["trabajo"]["personas_dia"] > 0
    assert previa["trabajo"]["supuestos"]["minutos_por_tarea"]
    assert previa["edificios"] is None
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM proyecto")).scalar() == 1


def test_la_vista_previa_cuenta_lo_que_ya_hay_en_osm(api, bd):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO osm_objeto (tipo, id, clase, geom)
                    SELECT 'w', n, 'edificio', ST_MakeEnvelope(-98.7555 + n * 0.0005, 20.1,
                                                               -98.7553 + n * 0.0005, 20.1002, 4326)
                      FROM generate_series(1, 5) n
                     UNION ALL
                    SELECT 'w', 100, 'via', ST_GeomFromText('LINESTRING(-98.755 20.1, -98.755 20.105)', 4326)""")
        )
    previa = api.previa().json
    assert previa["edificios"]["total"] == 5
    assert previa["metros_vias"]["total"] == pytest.approx(553, abs=3)
    assert sum(f["properties"]["edificios"] for f in previa["tareas"]["features"]) == 5


def test_editar_cambia_solo_lo_que_se_manda(api):
    ruta = f"/api/v1/proyectos/{api.crear(descripcion='vieja').json['id']}"
    imagen = {"id": "aerea", "nombre": "Aérea", "url": "https://imagenes.example/{z}/{x}/{y}.jpg"}
    nuevo = api.funcionaria.patch(ruta, json={"nombre": "Ámbito 2 🌽", "imagenes": [imagen]}).json
    assert (nuevo["nombre"], nuevo["descripcion"]) == ("Ámbito 2 🌽", "vieja")
    assert nuevo["imagenes"][0]["tipo"] == "xyz"
    assert api.mapeadora.patch(ruta, json={"nombre": "Mío"}).status_code == 403


def test_archivar_restaurar_y_borrar(api):
    ruta = f"/api/v1/proyectos/{api.crear().json['id']}"
    assert api.funcionaria.post(ruta + "/archivo").status_code == 409
    assert api.funcionaria.post(ruta + "/publicacion").json["estado"] == "publicado"
    assert api.funcionaria.post(ruta + "/archivo").json["estado"] == "archivado"
    assert api.funcionaria.delete(ruta + "/archivo").json["estado"] == "publicado"
    assert api.funcionaria.delete(ruta).status_code == 409
    borrador = f"/api/v1/proyectos/{api.crear().json['id']}"
    assert api.funcionaria.delete(borrador).status_code == 204
    assert api.funcionaria.get(borrador).status_code == 404


def test_las_tareas_salen_como_geojson_con_estado_y_bloqueo(api, elenco, bd):
    with bd.transaccion() as sesion:
        sesion.execute(
            text(
                "INSERT INTO bloqueo (proyecto_id, numero, municipio_id, persona_id, para, vence) "
                "VALUES (:p, 5, 0, :m, 'mapear', 'infinity')"
            ),
            {"p": elenco.proyecto, "m": elenco.mapeadora},
        )
    ruta = f"/api/v1/proyectos/{elenco.proyecto}/tareas"
    todas = {
        f["properties"]["numero"]: f["properties"] for f in api.mapeadora.get(ruta).get_json(force=True)["features"]
    }
    assert len(todas) == 9
    assert todas[1]["bloqueo"] is None
    assert todas[1]["estado"] == "pendiente"
    assert todas[5]["bloqueo"]["para"] == "mapear"
    assert todas[5]["bloqueo"]["mia"] is True
    assert api.nadie.get(ruta).get_json(force=True)["features"][4]["properties"]["bloqueo"]["mia"] is False
    unas = api.nadie.get(ruta + "?caja=-98.7499,20.1001,-98.7495,20.1005").get_json(force=True)["features"]
    assert [f["id"] for f in unas] == [1]


def tesela(cliente, proyecto, z, x, y, version=1):
    return cliente.get(f"/teselas/proyectos/{proyecto}/{version}/{z}/{x}/{y}.mvt", headers={"Accept-Encoding": "gzip"})


def test_de_cerca_la_tesela_trae_tareas_y_de_lejos_bloques(api, elenco):
    cerca = tesela(api.nadie, elenco.proyecto, *LUGAR)
    assert cerca.status_code == 200
    assert b"tareas" in gzip.decompress(cerca.data)
    assert cerca.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    lejos = gzip.decompress(tesela(api.nadie, elenco.proyecto, 8, 57, 113).data)
    assert b"bloques" in lejos
    assert b"desde" in lejos
    assert b"tareas" not in lejos


def test_una_tesela_sin_nada_viene_vacia(api, elenco):
    assert tesela(api.nadie, elenco.proyecto, 15, 0, 0).status_code == 204


def test_una_tesela_que_no_existe_es_404(api, elenco):
    for resto in ("1/15/99999/1", "1/23/1/1", "2/15/7395/14515", "1/-1/0/0", "1/a/0/0", f"1/{2**40}/0/0", "1/0/0/1"):
        assert api.nadie.get(f"/teselas/proyectos/{elenco.proyecto}/{resto}.mvt").status_code == 404


def test_las_teselas_de_lo_privado_son_404_para_los_demas(api, elenco, bd):
    privado = fabrica.proyecto(bd, elenco.municipio, visibilidad="privada")
    assert tesela(api.nadie, privado, *LUGAR).status_code == 404
    assert tesela(api.forastera, privado, *LUGAR).status_code == 404
    propia = tesela(api.mapeadora, privado, *LUGAR)
    assert propia.headers["Cache-Control"].startswith("private")


def test_subir_un_area_dice_que_se_entendio(api):
    contenido = json.dumps({"type": "Feature", "properties": {}, "geometry": cuadro(-98.755, 20.095, -98.745, 20.105)})
    leida = api.subir("límites.v2.geojson", contenido.encode())
    assert leida.status_code == 200
    assert leida.json["area_m2"] == pytest.approx(1_157_000, rel=0.01)
    assert leida.json["area"]["type"] == "MultiPolygon"
    assert api.crear(area=leida.json["area"]).status_code == 201


def test_un_area_que_se_cruza_dice_donde_y_si_tiene_arreglo(api):
    mono = {
        "type": "Polygon",
        "coordinates": [[[-98.75, 20.1], [-98.74, 20.11], [-98.74, 20.1], [-98.75, 20.11], [-98.75, 20.1]]],
    }
    respuesta = api.previa(area=mono)
    assert respuesta.status_code == 422
    assert respuesta.json["codigo"] == "se_cruza"
    assert "-98.745, 20.105" in respuesta.json["detail"]
    assert respuesta.json["reparable"] is False


def test_un_arreglo_seguro_se_ofrece_y_al_aceptarlo_se_dice(api):
    abierto = cuadro(-98.755, 20.095, -98.745, 20.105)
    abierto["coordinates"][0].pop()
    ofrecido = api.previa(area=abierto).json
    assert ofrecido["reparable"] is True
    assert ofrecido["arreglo"].startswith("Se cerraría el anillo")
    assert "anillos_cerrados" in [a["codigo"] for a in api.previa(area=abierto, reparar=True).json["avisos"]]


def test_la_lista_pagina_y_no_muestra_lo_ajeno(api, elenco, bd):
    for n in range(3):
        fabrica.proyecto(bd, elenco.municipio, nombre=f"Colonia {n}", columnas=1, renglones=1)
    fabrica.proyecto(bd, elenco.municipio, nombre="Colonia secreta", visibilidad="privada", columnas=1, renglones=1)
    lista = api.nadie.get("/api/v1/proyectos?texto=colonia&por_pagina=2&orden=nombre").json
    assert [p["nombre"] for p in lista["proyectos"]] == ["Colonia 0", "Colonia 1"]
    assert (lista["total"], lista["paginas"]) == (3, 2)
    assert api.mapeadora.get("/api/v1/proyectos?texto=colonia").json["total"] == 4
    assert api.nadie.get("/api/v1/proyectos?municipio=99001").json["total"] == 4


def test_diez_millones_de_tareas_se_rechazan_y_se_dice_que_lado_cabe(api, elenco, bd):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE municipio SET limite = ST_Multi(ST_MakeEnvelope(-99.5, 19.5, -98, 20.5, 4326))"))
    respuesta = api.crear(division={"tipo": "cuadros", "lado_m": 20})
    assert respuesta.status_code == 422
    assert respuesta.json["tareas"] > 10_000_000
    sugerido = api.previa(division={"tipo": "cuadros", "lado_m": respuesta.json["sugerencia"]}, con_tareas=False)
    assert sugerido.status_code == 200
    assert sugerido.json["tareas_total"] <= 200_000
