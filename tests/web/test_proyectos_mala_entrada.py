"""Lo que llega roto o malintencionado: un error claro, nada escrito, nunca un 500."""

import io
import json
import struct
import zipfile

import pytest
from sqlalchemy import text

BUENO = [[[-98.755, 20.095], [-98.745, 20.095], [-98.745, 20.105], [-98.755, 20.105], [-98.755, 20.095]]]
CUADROS = {"tipo": "cuadros", "lado_m": 400}


@pytest.fixture
def funcionaria(entrar, elenco):
    return entrar(elenco.funcionaria)


@pytest.fixture
def nada_se_escribio(bd, elenco):
    """Comprueba al final que no se creó ningún proyecto."""
    yield
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM proyecto")).scalar() == 1


def poligono(*anillos):
    return {"type": "Polygon", "coordinates": list(anillos)}


AREAS_MALAS = {
    "que se cruza": poligono([[-98.75, 20.1], [-98.74, 20.11], [-98.74, 20.1], [-98.75, 20.11], [-98.75, 20.1]]),
    "vacía": {"type": "Polygon", "coordinates": []},
    "colección vacía": {"type": "FeatureCollection", "features": []},
    "de área cero": poligono([[-98.75, 20.1], [-98.74, 20.1], [-98.745, 20.1], [-98.75, 20.1]]),
    "abierta": poligono(BUENO[0][:-1]),
    "de dos puntos": poligono([[-98.75, 20.1], [-98.74, 20.1]]),
    "al revés": poligono([[y, x] for x, y in BUENO[0]]),
    "enorme en grados": poligono([[1e9, 20], [1e9, 21], [1e9 + 1, 21], [1e9, 20]]),
    "con un hueco afuera": poligono(BUENO[0], [[0, 0], [1, 0], [1, 1], [0, 0]]),
    "punto": {"type": "Point", "coordinates": [-98.75, 20.1]},
    "línea abierta": {"type": "LineString", "coordinates": BUENO[0][:-2]},
    "de texto": poligono([["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]]),
    "con nulos": poligono([[None, 20], [1, 20], [1, 21], [None, 20]]),
    "sin tipo": {"coordinates": BUENO},
    "tipo inventado": {"type": "Poligono", "coordinates": BUENO},
    "anidada": {"type": "Polygon", "coordinates": [[[[[1, 2]]]]]},
    "booleana": poligono([[True, False], [True, True], [False, True], [True, False]]),
    "lejana": poligono([[10, 20], [11, 20], [11, 21], [10, 20]]),
}


def explicado(respuesta, *codigos):
    """``True`` si se rechazó como se debe, con una frase que sirva."""
    return (
        respuesta.status_code in codigos
        and respuesta.mimetype == "application/problem+json"
        and len(respuesta.json["detail"]) > 20
        and ": no se puede tomar" not in respuesta.json["detail"]
    )


@pytest.mark.parametrize("ruta", ["/api/v1/proyectos", "/api/v1/proyectos/previa"])
def test_un_area_mala_se_explica(funcionaria, elenco, nada_se_escribio, ruta):
    cuerpo = {"municipio": elenco.municipio, "division": CUADROS}
    if ruta.endswith("proyectos"):
        cuerpo["nombre"] = "Mala"
    respuestas = {cual: funcionaria.post(ruta, json=cuerpo | {"area": area}) for cual, area in AREAS_MALAS.items()}
    assert [(cual, r.status_code, r.data) for cual, r in respuestas.items() if not explicado(r, 422)] == []


JSON_ROTOS = [
    "{",
    "[1,2",
    "",
    "null",
    '"texto"',
    "12",
    '{"municipio": NaN}',
    '{"municipio": 1e999}',
    '{"nombre": "a\\u0000b"}',
    '{"nombre": "\\ud800"}',
    "[" * 5000,
    '{"a":' * 5000,
    "\xff\xfe",
]


@pytest.mark.parametrize("ruta", ["/api/v1/proyectos", "/api/v1/proyectos/previa"])
def test_un_json_roto_se_explica(funcionaria, nada_se_escribio, ruta):
    for crudo in JSON_ROTOS:
        respuesta = funcionaria.post(ruta, data=crudo.encode("latin-1"), content_type="application/json")
        assert explicado(respuesta, 400, 422), (crudo[:40], respuesta.data)


CAMPOS_MALOS = [
    ("nombre", "a" * 600),
    ("nombre", "ab"),
    ("nombre", "   "),
    ("nombre", 12),
    ("nombre", None),
    ("nombre", "a\x07bcd"),
    ("descripcion", "a" * 20_001),
    ("municipio", 2**40),
    ("municipio", 2**70),
    ("municipio", -1),
    ("municipio", "nada"),
    ("municipio", ""),
    ("municipio", True),
    ("municipio", 1.5),
    ("municipio", []),
    ("municipio", None),
    ("visibilidad", "secreta"),
    ("minutos_bloqueo", 4),
    ("minutos_bloqueo", 10**9),
    ("minutos_bloqueo", "60"),
    ("minutos_bloqueo", 60.5),
    ("prioridad", 2**40),
    ("etiquetas_conjunto", "#<script>"),
    ("comentario_conjunto", "a" * 201),
    ("recortar", "sí"),
    ("reparar", 1),
    ("area", "POLYGON"),
    ("area", [1, 2]),
    ("inventado", 1),
    ("division", None),
    ("division", "cuadros"),
    ("division", {}),
    ("division", {"tipo": "esfuerzo", "tareas": 20}),
    ("division", {"tipo": ["cuadros"]}),
    ("division", {"tipo": "cuadros"}),
    ("division", {"tipo": "cuadros", "lado_m": 0}),
    ("division", {"tipo": "cuadros", "lado_m": -100}),
    ("division", {"tipo": "cuadros", "lado_m": 1e300}),
    ("division", {"tipo": "cuadros", "lado_m": "100"}),
    ("division", {"tipo": "cuadros", "lado_m": True}),
    ("division", {"tipo": "cuadros", "lado_m": 100, "zoom": 3}),
    ("division", {"tipo": "mercator", "zoom": 99}),
    ("division", {"tipo": "mercator", "zoom": 16.5}),
    ("division", {"tipo": "poligonos"}),
    ("division", {"tipo": "poligonos", "geojson": {}}),
    ("division", {"tipo": "poligonos", "geojson": {"type": "FeatureCollection", "features": []}}),
    ("division", {"tipo": "poligonos", "geojson": {"type": "Point", "coordinates": [-98.75, 20.1]}}),
    ("imagenes", {}),
    ("imagenes", [{"id": "a", "nombre": "A", "url": "javascript:alert(1)//{z}{x}{y}"}]),
    ("imagenes", [{"id": "a", "nombre": "A", "url": "file:///etc/passwd{z}{x}{y}"}]),
    ("imagenes", [{"id": "a", "nombre": "A", "url": "https://u:c@x.example/{z}/{x}/{y}"}]),
    ("imagenes", [{"id": "a", "nombre": "A", "url": "https://x.example/sin/huecos"}]),
    ("imagenes", [{"id": "a", "nombre": "A", "url": "https://x.example/{z}/{x}/{y}/{apikey}"}]),
    ("imagenes", [{"id": "a", "nombre": "A", "url": "https://x.example; script-src */{z}/{x}/{y}"}]),
    ("imagenes", [{"id": "a", "nombre": "A", "tipo": "wms", "url": "https://x.example/wms?bbox=1"}]),
    ("imagenes", [{"id": "A B", "nombre": "A", "url": "https://x.example/{z}/{x}/{y}"}]),
    ("imagenes", [{"id": "a", "nombre": "A", "url": "https://x.example/{z}/{x}/{y}", "minzoom": 9, "maxzoom": 3}]),
    ("imagenes", [{"id": "a", "nombre": "A", "url": "https://x.example/{z}/{x}/{y}"}] * 2),
]


def test_un_campo_malo_se_nombra(funcionaria, elenco, nada_se_escribio):
    for campo, valor in CAMPOS_MALOS:
        cuerpo = {"municipio": elenco.municipio, "nombre": "Barrio", "division": CUADROS} | {campo: valor}
        respuesta = funcionaria.post("/api/v1/proyectos", json=cuerpo)
        assert explicado(respuesta, 422), (campo, valor, respuesta.data)


def test_editar_con_campos_malos_no_cambia_nada(funcionaria, elenco):
    ruta = f"/api/v1/proyectos/{elenco.proyecto}"
    for cuerpo in ({"nombre": "x"}, {"estado": "archivado"}, {"division": CUADROS}, {"version": 3}, [], {"nombre": []}):
        assert funcionaria.patch(ruta, json=cuerpo).status_code in (400, 422)
    assert funcionaria.get(ruta).json["nombre"] == "Centro"


def test_un_proyecto_que_no_existe_es_404_en_todas_sus_rutas(funcionaria, elenco):
    for numero in ("999", "abc", "-1", str(2**40), str(2**70), "1e3", "%00", "١"):
        raiz = f"/api/v1/proyectos/{numero}"
        for metodo, ruta in [
            ("get", raiz),
            ("get", raiz + "/tareas"),
            ("get", raiz + "/area"),
            ("delete", raiz),
            ("post", raiz + "/publicacion"),
            ("post", raiz + "/archivo"),
            ("delete", raiz + "/archivo"),
            ("get", f"/teselas/proyectos/{numero}/1/0/0/0.mvt"),
        ]:
            assert getattr(funcionaria, metodo)(ruta).status_code == 404, (metodo, ruta)
        assert funcionaria.patch(raiz, json={"nombre": "Nuevo"}).status_code == 404


CONSULTAS_MALAS = [
    "orden=precio",
    "estado=abierto",
    "pagina=0",
    "pagina=abc",
    "pagina=99999999999",
    "por_pagina=1000",
    "caja=1,2,3",
    "caja=a,b,c,d",
    "caja=nan,0,1,1",
    "caja=1,1,0,0",
    "caja=-999,0,1,1",
    "caja=1e999,0,1,1",
    "municipio=nada",
    "texto=" + "a" * 101,
    "texto=a%00",
    "inventado=1",
]


def test_parametros_y_ordenes_desconocidos_se_dicen(cliente, elenco):
    for consulta in CONSULTAS_MALAS:
        respuesta = cliente.get(f"/api/v1/proyectos?{consulta}")
        assert explicado(respuesta, 422), (consulta, respuesta.data)


def test_las_tareas_con_caja_mala_se_rechazan(cliente, elenco):
    for consulta in ("caja=1,2,3", "caja=", "inventado=1", "caja=1,1,0,0"):
        respuesta = cliente.get(f"/api/v1/proyectos/{elenco.proyecto}/tareas?{consulta}")
        assert explicado(respuesta, 422), (consulta, respuesta.data)


def zip_de(archivos):
    memoria = io.BytesIO()
    with zipfile.ZipFile(memoria, "w", zipfile.ZIP_DEFLATED) as paquete:
        for nombre, contenido in archivos.items():
            paquete.writestr(nombre, contenido)
    return memoria.getvalue()


def bomba():
    """Zip de 1 MB que ocupa más de 1 GB desempacado."""
    memoria = io.BytesIO()
    with zipfile.ZipFile(memoria, "w", zipfile.ZIP_DEFLATED) as paquete, paquete.open("a.geojson", "w") as archivo:
        for _ in range(40):
            archivo.write(b" " * 10_000_000)
    return memoria.getvalue()


GEOJSON = json.dumps(poligono(*BUENO)).encode()
SHP = struct.pack(">i20xi", 9994, 50) + struct.pack("<ii8d", 1000, 5, *[0.0] * 8)

ARCHIVOS_MALOS = {
    "vacío": ("a.geojson", b""),
    "no es lo que dice": ("a.gpkg", GEOJSON),
    "otra extensión": ("a.exe", b"MZ" + b"\0" * 100),
    "sin extensión": ("a", b"hola"),
    "truncado": ("a.geojson", GEOJSON[:40]),
    "gpkg truncado": ("a.gpkg", b"SQLite format 3\0" + b"\0" * 52 + b"GPKG" + b"\0" * 100),
    "kml con entidades": ("a.kml", b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "b">]><kml>&a;</kml>'),
    "zip dañado": ("a.zip", b"PK\x03\x04" + b"\0" * 40),
    "zip que sale de su carpeta": ("a.zip", zip_de({"../../fuera.geojson": GEOJSON})),
    "zip con zip": ("a.zip", zip_de({"b.zip": zip_de({"a.geojson": GEOJSON})})),
    "zip sin nada": ("a.zip", zip_de({"leeme.txt": b"hola"})),
    "shapefile sin shx": ("a.zip", zip_de({"a.shp": SHP, "a.dbf": b"x"})),
    "shapefile suelto": ("a.shp", SHP),
    "nombre larguísimo": ("a" * 600 + ".exe", b"x"),
    "nan": ("a.geojson", GEOJSON.replace(b"20.105", b"NaN")),
}


def test_un_archivo_malo_se_explica(funcionaria, elenco):
    for cual, (nombre, contenido) in ARCHIVOS_MALOS.items():
        datos = {"archivo": (io.BytesIO(contenido), nombre), "municipio": str(elenco.municipio)}
        respuesta = funcionaria.post("/api/v1/areas", data=datos)
        assert explicado(respuesta, 413, 422), (cual, respuesta.data)


def test_una_bomba_zip_no_se_desempaca(funcionaria, elenco):
    respuesta = funcionaria.post("/api/v1/areas", data={"archivo": (io.BytesIO(bomba()), "a.zip")})
    assert respuesta.status_code == 422
    assert respuesta.json["codigo"] == "zip_muy_grande"


def test_doscientos_megas_no_se_leen(funcionaria, elenco):
    datos = {"archivo": (io.BytesIO(b" " * (60 * 1024 * 1024)), "a.geojson")}
    respuesta = funcionaria.post("/api/v1/areas", data=datos)
    assert respuesta.status_code == 413
    assert "50 MB" in respuesta.json["detail"]


def test_subir_sin_archivo_o_con_campos_malos_se_explica(funcionaria, elenco):
    archivo = (io.BytesIO(GEOJSON), "a.geojson")
    for datos in ({}, {"archivo": "texto"}, {"municipio": "nada", "archivo": archivo}, {"inventado": "1"}):
        assert explicado(funcionaria.post("/api/v1/areas", data=datos), 422)


BUENOS = [
    ("tres dimensiones.geojson", json.dumps(poligono([[*p, 2400.0] for p in BUENO[0]]))),
    ("línea cerrada.geojson", json.dumps({"type": "LineString", "coordinates": BUENO[0]})),
    ("Ñandú 1 🌽.geojson", json.dumps(poligono(*BUENO))),
    ("repetidas.json", '{"type":"Point","type":"Polygon","coordinates":' + json.dumps(BUENO) + "}"),
]


def test_lo_que_otros_rechazan_aqui_entra(funcionaria, elenco):
    for nombre, contenido in BUENOS:
        datos = {"archivo": (io.BytesIO(contenido.encode()), nombre), "municipio": "99001"}
        respuesta = funcionaria.post("/api/v1/areas", data=datos)
        assert respuesta.status_code == 200, respuesta.json
        assert respuesta.json["area_m2"] == pytest.approx(1_157_000, rel=0.01)
