"""Todas las rutas, atacadas: nunca un 500, un error que se entienda, nada escrito; y lo raro pero bueno, entra."""

import csv
import gzip
import io
import json
import logging
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tareas.aplicacion import SIN_CSRF
from tareas.comun.bd import BaseDeDatos
from tareas.comun.web import GALLETA_SESION
from tests.web import hostiles
from tests.web.hostiles import ANILLO, AREA_M2, Mundo, poligono, zip_de

CUADROS = {"tipo": "cuadros", "lado_m": 400}
ESCRIBEN = ("POST", "PUT", "PATCH", "DELETE")
QUIENES = (None, "sola", "mapeadora", "validadora", "funcionaria", "administradora", "forastera")


@pytest.fixture(scope="module")
def mundo_del_modulo(app: Flask, base_del_proceso: BaseDeDatos) -> Iterator[Mundo]:
    sembrado = Mundo(app, base_del_proceso)
    yield sembrado
    sembrado.vaciar()


@pytest.fixture
def mundo(mundo_del_modulo: Mundo) -> Iterator[Mundo]:
    """El mundo de siempre; lo que la prueba escribió se deshace al final."""
    mundo_del_modulo.como_al_principio()
    return mundo_del_modulo


@pytest.fixture
def bitacora(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Lo que el servidor anotó."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def explicado(respuesta: TestResponse) -> bool:
    """Si un rechazo de la API se entiende: problem+json con código y una frase en español."""
    cuerpo = respuesta.get_json(silent=True) or {}
    return (
        400 <= respuesta.status_code < 500
        and respuesta.mimetype == "application/problem+json"
        and re.fullmatch(r"[a-z0-9_]+", cuerpo.get("codigo", "")) is not None
        and len(cuerpo.get("detail", "")) > 15
        and " " in cuerpo["detail"]
        and "%(" not in cuerpo["detail"]
        and cuerpo.get("status") == respuesta.status_code
    )


def sano(respuesta: TestResponse, ruta: str) -> bool:
    """Si la respuesta no es una falla nuestra y, cuando rechaza, lo dice como toca a esa ruta."""
    if respuesta.status_code >= 500:
        return False
    if respuesta.status_code < 400 or respuesta.request.method == "HEAD":
        return True
    if ruta.startswith(("/api/", "/teselas/", "/salud")):
        return explicado(respuesta)
    if ruta.startswith("/practica/") and respuesta.mimetype == "application/json":
        # Lo de OAuth 2 lleva el código de su RFC.
        return re.fullmatch("[a-z_]+", respuesta.get_json()["error"]) is not None
    # Quien descarga sin navegador lee una línea, no una página.
    return respuesta.mimetype == ("text/plain" if ruta.endswith(".csv") else "text/html") and (
        b"Traceback" not in respuesta.data
    )


def rechazada(respuesta: TestResponse, codigo: int, *motivos: str) -> None:
    assert respuesta.status_code == codigo, (respuesta.request.path, respuesta.data[:400])
    assert explicado(respuesta), (respuesta.request.path, respuesta.data[:400])
    assert not motivos or respuesta.json["codigo"] in motivos, respuesta.json


def rechaza_sin_escribir(mundo: Mundo, respuesta: TestResponse, *codigos: int) -> None:
    assert respuesta.status_code in codigos, (respuesta.status_code, respuesta.data[:400])
    assert explicado(respuesta), respuesta.data[:400]
    assert mundo.intacto(), "se rechazó, y aun así algo quedó escrito"


def de_api(regla: Rule) -> bool:
    return regla.rule.startswith("/api/")


# --- Áreas ------------------------------------------------------------------------------------------------------------

X, Y = -98.75, 20.1


def profunda(niveles: int, dentro: Any) -> Any:
    for _nivel in range(niveles):
        dentro = {"type": "GeometryCollection", "geometries": [dentro]}
    return dentro


def numeros_profundos(niveles: int) -> Any:
    dentro: Any = [X, Y]
    for _nivel in range(niveles):
        dentro = [dentro]
    return dentro


AREAS_MALAS: dict[str, Any] = {
    "se_cruza": poligono([[X, Y], [X + 0.01, Y + 0.01], [X + 0.01, Y], [X, Y + 0.01], [X, Y]]),
    "sin_anillos": poligono(),
    "con_un_anillo_vacio": poligono([]),
    "coleccion_sin_objetos": {"type": "FeatureCollection", "features": []},
    "objeto_sin_geometria": {"type": "Feature", "properties": {}, "geometry": None},
    "coleccion_de_geometrias_vacia": {"type": "GeometryCollection", "geometries": []},
    "coleccion_de_geometrias_con_un_punto": {
        "type": "GeometryCollection",
        "geometries": [{"type": "Point", "coordinates": [X, Y]}],
    },
    "area_cero": poligono([[X, Y], [X + 0.01, Y], [X + 0.005, Y], [X, Y]]),
    "un_solo_punto_repetido": poligono([[X, Y]] * 5),
    "anillo_abierto": poligono(ANILLO[:-1]),
    "anillo_de_dos_vertices": poligono([[X, Y], [X + 0.01, Y]]),
    "grados_de_mil_millones": poligono([[1e9, 20], [1e9, 21], [1e9 + 1, 21], [1e9, 20]]),
    "entero_de_veintinueve_cifras": poligono([[10**28, 20], [1, 20], [1, 21], [10**28, 20]]),
    "latitud_y_longitud_al_reves": poligono([[y, x] for x, y in ANILLO]),
    "metros_sin_decir_su_sistema": poligono(
        [[500_000, 2_200_000], [501_000, 2_200_000], [501_000, 2_201_000], [500_000, 2_200_000]]
    ),
    "sistema_inventado": {**poligono(ANILLO), "crs": {"type": "name", "properties": {"name": "EPSG:999999"}}},
    "sistema_por_enlace": {**poligono(ANILLO), "crs": {"type": "link", "properties": {"href": "http://127.0.0.1:9/"}}},
    "sistema_que_es_una_ruta": {**poligono(ANILLO), "crs": {"type": "name", "properties": {"name": "/etc/passwd"}}},
    "sistema_que_es_una_orden": {
        **poligono(ANILLO),
        "crs": {"type": "name", "properties": {"name": "+proj=pipeline +step +file=/etc/passwd"}},
    },
    "hueco_fuera": poligono(ANILLO, [[0, 0], [1, 0], [1, 1], [0, 0]]),
    "hueco_igual_al_contorno": poligono(ANILLO, ANILLO),
    "partes_encimadas_que_se_cruzan": {
        "type": "MultiPolygon",
        "coordinates": [[[[X, Y], [X + 0.01, Y + 0.01], [X + 0.01, Y], [X, Y + 0.01], [X, Y]]], [ANILLO]],
    },
    "punto": {"type": "Point", "coordinates": [X, Y]},
    "linea_abierta": {"type": "LineString", "coordinates": ANILLO[:-2]},
    "linea_de_un_punto": {"type": "LineString", "coordinates": [[X, Y]]},
    "coordenadas_de_texto": poligono([["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]]),
    "numeros_entre_comillas": poligono([[str(x), str(y)] for x, y in ANILLO]),
    "coordenadas_nulas": poligono([[None, 20], [1, 20], [1, 21], [None, 20]]),
    "coordenadas_booleanas": poligono([[True, False], [True, True], [False, True], [True, False]]),
    "posicion_de_un_numero": poligono([[X], [X], [X], [X]]),
    "posicion_con_un_objeto": poligono([[X, {"$": 1}], [X, Y], [X, Y], [X, {"$": 1}]]),
    "coordenadas_que_son_un_objeto": {"type": "Polygon", "coordinates": {"0": ANILLO}},
    "coordenadas_que_son_texto": {"type": "Polygon", "coordinates": "POLYGON((0 0,1 1,1 0,0 0))"},
    "cien_corchetes": {"type": "Polygon", "coordinates": numeros_profundos(90)},
    "colecciones_unas_dentro_de_otras": profunda(30, poligono(ANILLO)),
    "sin_tipo": {"coordinates": [ANILLO]},
    "tipo_inventado": {"type": "Poligono", "coordinates": [ANILLO]},
    "tipo_que_es_lista": {"type": ["Polygon"], "coordinates": [ANILLO]},
    "tipo_que_es_nulo": {"type": None, "coordinates": [ANILLO]},
    "topologia": {"type": "Topology", "objects": {}, "arcs": []},
    "objetos_que_no_son_objetos": {"type": "FeatureCollection", "features": [1, "dos", None]},
    "objetos_que_son_un_diccionario": {"type": "FeatureCollection", "features": {"0": poligono(ANILLO)}},
    "propiedades_que_son_lista": {"type": "Feature", "properties": [1], "geometry": poligono(ANILLO)},
    "en_otro_pais": poligono([[10, 20], [11, 20], [11, 21], [10, 20]]),
    "en_el_polo": poligono([[X, 89.9], [X + 0.01, 89.9], [X + 0.01, 90], [X, 89.9]]),
    "doscientos_cincuenta_mil_vertices": poligono(hostiles.estrella(250_000)),
}


@pytest.mark.parametrize("cual", AREAS_MALAS)
def test_un_area_que_no_sirve_se_rechaza_por_todas_las_puertas(mundo: Mundo, cual: str) -> None:
    funcionaria, area = mundo.cliente("funcionaria"), json.dumps(AREAS_MALAS[cual])
    pedido = f'{{"municipio": "99001", "nombre": "Mala", "division": {json.dumps(CUADROS)}, "area": {area}}}'
    rechaza_sin_escribir(
        mundo, funcionaria.post("/api/v1/proyectos", data=pedido, content_type="application/json"), 422
    )
    archivo = {"archivo": (io.BytesIO(area.encode()), "área.geojson"), "municipio": "99001"}
    rechaza_sin_escribir(mundo, funcionaria.post("/api/v1/areas", data=archivo), 422)


NUMEROS_IMPOSIBLES = {
    "nan": "NaN",
    "infinito": "-Infinity",
    "mil_cifras": "1" + "0" * 999,
    "1e999": "1e999",
    "menos_1e999": "-1e999",
}


@pytest.mark.parametrize("cual", NUMEROS_IMPOSIBLES)
def test_un_numero_imposible_se_rechaza_por_todas_las_puertas(mundo: Mundo, cual: str) -> None:
    area = json.dumps(poligono(ANILLO)).replace("20.105", NUMEROS_IMPOSIBLES[cual])
    pedido = f'{{"municipio": "99001", "nombre": "Mala", "division": {json.dumps(CUADROS)}, "area": {area}}}'
    funcionaria = mundo.cliente("funcionaria")
    rechaza_sin_escribir(
        mundo, funcionaria.post("/api/v1/proyectos", data=pedido, content_type="application/json"), 400, 422
    )
    rechaza_sin_escribir(
        mundo, funcionaria.post("/api/v1/areas", data={"archivo": (io.BytesIO(area.encode()), "a.geojson")}), 422
    )


DIVISIONES_MALAS: dict[str, Any] = {
    "diez_millones_de_tareas": {"tipo": "cuadros", "lado_m": 0.7},
    "lado_diminuto": {"tipo": "hexagonos", "lado_m": 1e-300},
    "lado_de_un_googol": {"tipo": "cuadros", "lado_m": 10**29},
    "lado_negativo": {"tipo": "cuadros", "lado_m": -5},
    "lado_de_texto": {"tipo": "cuadros", "lado_m": "100"},
    "zoom_treinta": {"tipo": "mercator", "zoom": 30},
    "zoom_de_dos_a_la_setenta": {"tipo": "mercator", "zoom": 2**70},
    "zoom_con_decimales": {"tipo": "mercator", "zoom": 15.0},
    "tipo_desconocido": {"tipo": "triangulos"},
    "tipo_que_es_objeto": {"tipo": {"$gt": ""}},
    "campo_de_mas": {**CUADROS, "sorpresa": 1},
    "poligonos_sin_geojson": {"tipo": "poligonos"},
    "poligonos_que_se_cruzan": {"tipo": "poligonos", "geojson": AREAS_MALAS["se_cruza"]},
    "poligonos_encimados": {
        "tipo": "poligonos",
        "geojson": {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {}, "geometry": poligono(ANILLO)}] * 2,
        },
    },
    "poligonos_de_puntos": {"tipo": "poligonos", "geojson": {"type": "MultiPoint", "coordinates": [[X, Y]]}},
    "lista": [CUADROS],
    "nula": None,
}


@pytest.mark.parametrize("cual", DIVISIONES_MALAS)
def test_una_division_que_no_sirve_se_rechaza(mundo: Mundo, cual: str) -> None:
    pedido = {"municipio": "99001", "nombre": "Mala", "division": DIVISIONES_MALAS[cual]}
    rechaza_sin_escribir(mundo, mundo.cliente("funcionaria").post("/api/v1/proyectos", json=pedido), 422)
    del pedido["nombre"]
    rechaza_sin_escribir(mundo, mundo.cliente("funcionaria").post("/api/v1/proyectos/previa", json=pedido), 422)


# --- Archivos ---------------------------------------------------------------------------------------------------------

GEOJSON = json.dumps(poligono(ANILLO)).encode()
BILLON_DE_RISAS = (
    "<!DOCTYPE k [<!ENTITY a0 'ja'>" + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12)) + "]>"
)
ENTIDAD_DE_FUERA = "<!DOCTYPE k [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"

ARCHIVOS_MALOS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "vacio": ("a.geojson", lambda: b""),
    "bomba_zip": ("a.zip", hostiles.bomba_zip),
    "zip_que_miente_sobre_su_tamano": ("a.zip", hostiles.zip_mentiroso),
    "zip_con_puntos_puntos": ("a.zip", lambda: zip_de({"../../fuera.geojson": GEOJSON})),
    "zip_con_puntos_puntos_de_windows": ("a.zip", lambda: zip_de({"..\\..\\fuera.geojson": GEOJSON})),
    "zip_con_ruta_absoluta": ("a.zip", lambda: zip_de({"/tmp/fuera.geojson": GEOJSON})),
    "zip_con_unidad_de_windows": ("a.zip", lambda: zip_de({"C:\\fuera.geojson": GEOJSON})),
    "zip_con_enlace_simbolico": ("a.zip", hostiles.zip_con_enlace),
    "zip_dentro_de_zip": ("a.zip", lambda: zip_de({"b.zip": zip_de({"a.geojson": GEOJSON})})),
    "zip_con_tres_mil_archivos": ("a.zip", lambda: zip_de({f"{i}.geojson": b"{}" for i in range(3000)})),
    "zip_cortado": ("a.zip", lambda: zip_de({"a.geojson": GEOJSON})[:-30]),
    "zip_sin_nada_que_leer": ("a.zip", lambda: zip_de({"leeme.txt": b"hola"})),
    "zip_con_nombre_larguisimo": ("a.zip", lambda: zip_de({"a" * 5000 + ".geojson": GEOJSON})),
    "shapefile_sin_shx": ("a.zip", lambda: hostiles.shapefile(sin=(".shx",))),
    "shapefile_sin_shp": ("a.zip", lambda: hostiles.shapefile(sin=(".shp",))),
    "shapefile_de_metros_sin_prj": ("a.zip", lambda: hostiles.shapefile("EPSG:32614", sin=(".prj",))),
    "shapefile_sin_prj": ("a.zip", lambda: hostiles.shapefile(sin=(".prj",))),
    "shapefile_suelto": ("a.shp", lambda: b"\x00\x00\x27\x0a" + b"\0" * 96),
    "kml_con_un_billon_de_risas": ("a.kml", lambda: hostiles.kml("<name>&a11;</name>", BILLON_DE_RISAS)),
    "kml_que_lee_otro_archivo": ("a.kml", lambda: hostiles.kml("<name>&f;</name>", ENTIDAD_DE_FUERA)),
    "kml_con_enlace_a_la_red": (
        "a.kml",
        lambda: hostiles.kml("<NetworkLink><Link><href>http://127.0.0.1:9/</href></Link></NetworkLink>"),
    ),
    "kml_cortado": ("a.kml", lambda: hostiles.kml("<Placemark>")[:60]),
    "gpx_con_entidades": ("a.gpx", lambda: f"<?xml version='1.0'?>{ENTIDAD_DE_FUERA}<gpx>&f;</gpx>".encode()),
    "pdf_con_extension_geojson": ("plano.geojson", lambda: b"%PDF-1.7\n" + b"\xe2\xe3\xcf\xd3" * 50),
    "imagen_con_extension_gpkg": ("foto.gpkg", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 200),
    "ejecutable": ("programa.exe", lambda: b"MZ" + b"\0" * 200),
    "sin_extension": ("cosa", lambda: b"hola"),
    "gpkg_cortado": ("a.gpkg", lambda: hostiles.gpkg()[:30_000]),
    "gpkg_con_bytes_cambiados": (
        "a.gpkg",
        lambda: hostiles.gpkg()[:5000] + b"\xff" * 60_000 + hostiles.gpkg()[65_000:],
    ),
    "sqlite_que_no_es_gpkg": ("a.gpkg", lambda: b"SQLite format 3\0" + b"\0" * 500),
    "flatgeobuf_cortado": ("a.fgb", lambda: b"fgb\x03fgb\x00" + b"\xff" * 40),
    "geojson_cortado": ("a.geojson", lambda: GEOJSON[:60]),
    "geojson_con_nul_en_una_clave": (
        "a.geojson",
        lambda: b'{"type":"Feature","properties":{"a\\u0000":1},"geometry":' + GEOJSON + b"}",
    ),
    "geojson_con_medio_emoji": (
        "a.geojson",
        lambda: b'{"type":"Feature","properties":{"n":"\\ud83d"},"geometry":' + GEOJSON + b"}",
    ),
    "geojson_de_cien_mil_corchetes": ("a.geojson", lambda: b'{"type":"Polygon","coordinates":' + b"[" * 100_000),
    "geojson_que_no_es_utf8": ("a.geojson", lambda: GEOJSON[:-1] + b',"n":"Jim\xe9nez"}'),
    "vrt_que_apunta_a_otro_archivo": (
        "a.kml",
        lambda: (
            b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
        ),
    ),
}


@pytest.mark.parametrize("cual", ARCHIVOS_MALOS)
def test_un_archivo_que_no_sirve_se_explica(mundo: Mundo, cual: str) -> None:
    nombre, contenido = ARCHIVOS_MALOS[cual]
    datos = {"archivo": (io.BytesIO(contenido()), nombre), "municipio": "99001"}
    respuesta = mundo.cliente("funcionaria").post("/api/v1/areas", data=datos)
    rechaza_sin_escribir(mundo, respuesta, 413, 422)
    assert b"/tmp" not in respuesta.data.replace(b"/tmp/fuera", b"")
    assert b"root:" not in respuesta.data


NOMBRES_RAROS = {
    "dos_puntos": "límites.v2.geojson",
    "acento_al_principio": "Área.geojson",
    "enie_al_principio": "Ñuu.geojson",
    "numero_al_principio": "1 centro.geojson",
    "emoji": "milpa 🌽👩‍🌾.geojson",
    "seiscientas_letras": "a" * 600 + ".geojson",
    "sale_de_su_carpeta": "../../etc/cron.d/mal.geojson",
    "ruta_de_windows": "C:\\mapas\\area.geojson",
    "espacios": "   área   final (2).GeoJSON",
    "letras_al_reves": "area\u202enosjoeg.geojson",
    "comillas": 'a"b.geojson',
}


@pytest.mark.parametrize("cual", NOMBRES_RAROS)
def test_un_archivo_bueno_con_nombre_raro_entra(mundo: Mundo, cual: str) -> None:
    datos = {"archivo": (io.BytesIO(GEOJSON), NOMBRES_RAROS[cual]), "municipio": "99001"}
    respuesta = mundo.cliente("funcionaria").post("/api/v1/areas", data=datos)
    assert respuesta.status_code == 200, respuesta.data
    assert respuesta.json["area_m2"] == pytest.approx(AREA_M2, rel=0.01)


def crudo_con_nombre(nombre: bytes, contenido: bytes = GEOJSON) -> dict[str, Any]:
    """Formulario escrito a mano, para nombres que ningún cliente educado mandaría."""
    cuerpo = (
        b'--x\r\nContent-Disposition: form-data; name="archivo"; filename='
        + nombre
        + b"\r\n\r\n"
        + contenido
        + b"\r\n--x--\r\n"
    )
    return {"data": cuerpo, "content_type": "multipart/form-data; boundary=x"}


NOMBRES_ROTOS = {
    "con_nul": b'"a\x00b.geojson"',
    "con_nul_y_otra_extension": b'"a.exe\x00.geojson"',
    "en_latin_1": b'"l\xedmites.geojson"',
    "sin_cerrar_comillas": b'"a.geojson',
    "vacio": b'""',
    "puros_puntos": b'"...."',
    "codificado_mal": b"\"a.geojson\"; filename*=utf-99''%ff",
}


@pytest.mark.parametrize("cual", NOMBRES_ROTOS)
def test_un_nombre_de_archivo_roto_nunca_es_un_500(mundo: Mundo, cual: str) -> None:
    respuesta = mundo.cliente("funcionaria").post("/api/v1/areas", **crudo_con_nombre(NOMBRES_ROTOS[cual]))
    assert respuesta.status_code == 200 or explicado(respuesta), respuesta.data
    assert mundo.intacto()


FORMULARIOS_MALOS: dict[str, Callable[[], dict[str, Any]]] = {
    "sin_archivo": lambda: {"data": {"municipio": "99001"}, "content_type": "multipart/form-data"},
    "archivo_que_es_texto": lambda: {"data": {"archivo": "hola"}},
    "con_campo_desconocido": lambda: {"data": {"archivo": (io.BytesIO(GEOJSON), "a.geojson"), "sorpresa": "1"}},
    "con_municipio_desconocido": lambda: {
        "data": {"archivo": (io.BytesIO(GEOJSON), "a.geojson"), "municipio": "00000"}
    },
    "con_reparar_que_no_es_si_ni_no": lambda: {
        "data": {"archivo": (io.BytesIO(GEOJSON), "a.geojson"), "reparar": "quizá"}
    },
    "con_sistema_inventado": lambda: {
        "data": {"archivo": (io.BytesIO(hostiles.shapefile(sin=(".prj",))), "a.zip"), "crs": "EPSG:0"}
    },
    "con_capa_que_no_hay": lambda: {"data": {"archivo": (io.BytesIO(GEOJSON), "a.geojson"), "capa": "otra"}},
    "dos_archivos": lambda: {
        "data": {"archivo": [(io.BytesIO(GEOJSON), "a.geojson"), (io.BytesIO(GEOJSON), "b.geojson")]}
    },
    "sin_limite_de_partes": lambda: {"data": GEOJSON, "content_type": "multipart/form-data"},
    "cortado": lambda: {
        "data": b"--x\r\nContent-Disposition: form-data; na",
        "content_type": "multipart/form-data; boundary=x",
    },
    "con_tres_mil_campos": lambda: {"data": {f"c{i}": "1" for i in range(3000)}, "content_type": "multipart/form-data"},
    "json_en_vez_de_formulario": lambda: {"json": poligono(ANILLO)},
}


@pytest.mark.parametrize("cual", FORMULARIOS_MALOS)
def test_una_subida_mal_armada_se_explica(mundo: Mundo, cual: str) -> None:
    respuesta = mundo.cliente("funcionaria").post("/api/v1/areas", **FORMULARIOS_MALOS[cual]())
    rechaza_sin_escribir(mundo, respuesta, 400, 413, 422)


class Inagotable(io.RawIOBase):
    """Flujo que da bytes hasta ``tope`` y recuerda cuántos le pidieron."""

    def __init__(self, tope: int, cabeza: bytes = b"") -> None:
        self.tope, self.cabeza, self.dados = tope, cabeza, 0

    def read(self, cuantos: int = -1) -> bytes:
        cuantos = min(65_536 if cuantos < 0 else cuantos, self.tope - self.dados)
        trozo = (self.cabeza[self.dados : self.dados + cuantos] + b" " * cuantos)[:cuantos]
        self.dados += len(trozo)
        return trozo

    def readinto(self, destino: Any) -> int:
        trozo = self.read(len(destino))
        destino[: len(trozo)] = trozo
        return len(trozo)

    def readable(self) -> bool:
        return True


CABEZA_DE_SUBIDA = b'--x\r\nContent-Disposition: form-data; name="archivo"; filename="a.geojson"\r\n\r\n'
DOSCIENTOS_MB = 200 * 1024 * 1024


def test_doscientos_megas_declarados_no_se_leen(mundo: Mundo) -> None:
    flujo = Inagotable(DOSCIENTOS_MB, CABEZA_DE_SUBIDA)
    respuesta = mundo.cliente("funcionaria").post(
        "/api/v1/areas",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": flujo, "CONTENT_LENGTH": str(DOSCIENTOS_MB)},
    )
    rechaza_sin_escribir(mundo, respuesta, 413)
    assert flujo.dados == 0


@pytest.mark.parametrize("ruta", ["/api/v1/areas", "/api/v1/sesiones", "/entrar"])
def test_un_cuerpo_a_trozos_sin_fin_se_corta(mundo: Mundo, ruta: str) -> None:
    flujo = Inagotable(DOSCIENTOS_MB, CABEZA_DE_SUBIDA)
    tipo = "application/json" if ruta == "/api/v1/sesiones" else "multipart/form-data; boundary=x"
    respuesta = mundo.cliente("funcionaria").post(
        ruta,
        content_type=tipo,
        environ_overrides={
            "wsgi.input": flujo,
            "wsgi.input_terminated": True,
            "CONTENT_LENGTH": "",
            "HTTP_TRANSFER_ENCODING": "chunked",
        },
    )
    assert respuesta.status_code == 413, respuesta.data[:300]
    assert sano(respuesta, ruta)
    assert flujo.dados < 60 * 1024 * 1024
    assert mundo.intacto()


@pytest.mark.parametrize(
    ("ruta", "contenido", "tipo"),
    [
        ("/api/v1/sesiones", b"[" + b"[]," * 500_000 + b"[]]", "application/json"),
        ("/api/v1/sesiones", b'{"usuario": "' + b"a" * 2_000_000 + b'"}', "application/json"),
        ("/entrar", b"a&" * 1_000_000, "application/x-www-form-urlencoded"),
    ],
    ids=["listas_vacias", "texto_enorme", "formulario_de_un_millon_de_campos"],
)
def test_quien_no_ha_entrado_no_puede_llenar_la_memoria(mundo: Mundo, ruta: str, contenido: bytes, tipo: str) -> None:
    respuesta = mundo.cliente(None).post(ruta, data=contenido, content_type=tipo)
    assert respuesta.status_code == 413
    assert sano(respuesta, ruta)


SISTEMAS = ("EPSG:3857", "EPSG:32614", "EPSG:6365", "EPSG:6372")


@pytest.mark.parametrize("crs", SISTEMAS)
@pytest.mark.parametrize("como", ["gpkg", "shapefile", "geojson"])
def test_un_archivo_en_otro_sistema_entra_y_se_dice(mundo: Mundo, crs: str, como: str) -> None:
    if como == "gpkg":
        nombre, contenido = "área.gpkg", hostiles.gpkg(crs)
    elif como == "shapefile":
        nombre, contenido = "área.zip", hostiles.shapefile(crs)
    else:
        nombre, contenido = "área.geojson", hostiles.vectorial("GeoJSON", crs, sufijo=".geojson")["area.geojson"]
    respuesta = mundo.cliente("funcionaria").post(
        "/api/v1/areas", data={"archivo": (io.BytesIO(contenido), nombre), "municipio": "99001"}
    )
    assert respuesta.status_code == 200, respuesta.json
    assert respuesta.json["area_m2"] == pytest.approx(AREA_M2, rel=0.01)
    assert any(crs in aviso["mensaje"] for aviso in respuesta.json["avisos"])


AREAS_BUENAS: dict[str, tuple[Any, str]] = {
    "con_altura": (poligono([[*p, 2400.0] for p in ANILLO]), "altura_quitada"),
    "con_altura_y_medida": (poligono([[*p, 2400.0, 7] for p in ANILLO]), "altura_quitada"),
    "linea_cerrada": ({"type": "LineString", "coordinates": ANILLO}, ""),
    "dentro_de_un_objeto": ({"type": "Feature", "properties": None, "geometry": poligono(ANILLO)}, ""),
    "dentro_de_una_coleccion_de_geometrias": ({"type": "GeometryCollection", "geometries": [poligono(ANILLO)]}, ""),
    "con_propiedades_raras": (
        {"type": "Feature", "properties": {"ñ": [1, {"🌽": None}]}, "geometry": poligono(ANILLO)},
        "",
    ),
    "en_sentido_del_reloj": (poligono(ANILLO[::-1]), ""),
    "con_vertices_repetidos": (poligono([p for p in ANILLO[:-1] for _vez in range(3)] + [ANILLO[0]]), ""),
    "con_enteros": (poligono([[-99, 20], [-98, 20], [-98, 21], [-99, 21], [-99, 20]]), "area_fuera_en_parte"),
}


@pytest.mark.parametrize("cual", AREAS_BUENAS)
def test_un_area_rara_pero_buena_entra(mundo: Mundo, cual: str) -> None:
    area, aviso = AREAS_BUENAS[cual]
    pedido = {"municipio": "99001", "nombre": "Buena", "division": {"tipo": "mercator", "zoom": 12}, "area": area}
    respuesta = mundo.cliente("funcionaria").post("/api/v1/proyectos", json=pedido)
    assert respuesta.status_code == 201, respuesta.json
    assert not aviso or aviso in [a["codigo"] for a in respuesta.json["avisos"]]


def test_un_gpkg_con_altura_entra_y_lo_dice(mundo: Mundo) -> None:
    contenido = hostiles.vectorial("GPKG", "EPSG:6372", sufijo=".gpkg", con_altura=True)["area.gpkg"]
    respuesta = mundo.cliente("funcionaria").post("/api/v1/areas", data={"archivo": (io.BytesIO(contenido), "a.gpkg")})
    assert {"altura_quitada", "transformada"} <= {a["codigo"] for a in respuesta.json["avisos"]}


def test_un_anillo_abierto_entra_si_se_pide_repararlo_y_se_dice(mundo: Mundo) -> None:
    pedido = {"municipio": "99001", "division": CUADROS, "area": AREAS_MALAS["anillo_abierto"]}
    funcionaria = mundo.cliente("funcionaria")
    ofrecido = funcionaria.post("/api/v1/proyectos/previa", json=pedido).json
    assert ofrecido["reparable"]
    assert len(ofrecido["arreglo"]) > 15
    reparada = funcionaria.post("/api/v1/proyectos/previa", json=pedido | {"reparar": True})
    assert reparada.status_code == 200
    assert "anillos_cerrados" in [a["codigo"] for a in reparada.json["avisos"]]


# --- Números de la dirección ------------------------------------------------------------------------------------------

NUMEROS = {
    "letras": "abc",
    "negativo": "-1",
    "cero": "0",
    "dos_a_la_31": str(2**31),
    "dos_a_la_40": str(2**40),
    "dos_a_la_63": str(2**63),
    "dos_a_la_70": str(2**70),
    "mil_cifras": "9" * 1000,
    "cifras_arabes": "%D9%A1",
    "superindice": "%C2%B2",
    "con_decimales": "1.0",
    "con_exponente": "1e0",
    "con_signo": "+1",
    "con_espacio": "%201",
    "hexadecimal": "0x1",
    "con_guion_bajo": "1_0",
    "nul": "%00",
    "nul_al_final": "1%00",
    "salto_de_linea": "1%0A",
    "puntos_puntos": "..%2f..%2fetc%2fpasswd",
    "utf8_roto": "%FF%FE",
    "sustituto_suelto": "%ED%A0%80",
    "comilla": "1'--",
    "vacio": "",
}


@pytest.mark.parametrize("cual", NUMEROS)
def test_un_numero_que_no_es_de_nadie_es_404_en_todas_las_rutas(mundo: Mundo, cual: str) -> None:
    fallas = []
    for regla in mundo.reglas():
        for argumento in sorted(regla.arguments & {"proyecto_id", "municipio_id", "persona_id", "papel_id", "numero"}):
            ruta = mundo.direccion(regla, **{argumento: NUMEROS[cual]})
            for metodo in sorted((regla.methods or set()) - {"OPTIONS"}):
                cuerpo = {"json": CUERPOS.get((metodo, regla.rule), {})} if de_api(regla) and metodo != "GET" else {}
                # Un formulario se rechaza por su ficha antes de mirar el número: se pide con la sesión en la cabecera.
                respuesta = mundo.cliente("administradora").open(ruta, method=metodo, **cuerpo)
                vacia = not NUMEROS[cual] and respuesta.status_code in (308, 405)
                if not (sano(respuesta, ruta) and (vacia or respuesta.status_code in (404, 405))):
                    fallas.append((metodo, ruta[:100], respuesta.status_code, respuesta.data[:150]))
    assert not fallas
    assert mundo.intacto()


P = "/api/v1/proyectos/<int:proyecto_id>"
T = f"{P}/tareas/<int:numero>"
CUERPOS: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{T}/bloqueo"): {"para": "mapear"},
    ("PATCH", f"{T}/bloqueo"): {"ficha": 1},
    ("POST", f"{T}/entrega"): {"ficha": 1, "resultado": "mapeada"},
    ("POST", f"{T}/partes"): {"modo": "en_dos", "motivo": "Es mucha"},
    ("POST", f"{P}/tareas/juntas"): {"numeros": [1, 2], "motivo": "Son muy chicas"},
    ("POST", f"{T}/area"): {
        "area": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        "motivo": "Corta",
    },
    ("POST", f"{T}/dictamen"): {"ficha": 1, "veredicto": "validada"},
    ("POST", f"{T}/disputa"): {"dictamen": 1, "motivo": "Sí están todas las casas"},
    ("PUT", f"{T}/atendidos"): {"senalamiento": 1, "hecho": True},
    ("POST", f"{P}/segundas/<int:entrega>/dictamen"): {"ficha": 1, "veredicto": "validada"},
    ("DELETE", f"{P}/segundas/<int:entrega>/toma"): {},
    ("POST", f"{T}/comentarios"): {"nota": "Una nota"},
    ("POST", f"{T}/deshacer"): {"motivo": "Me equivoqué"},
    ("POST", f"{P}/bloqueos"): {"numeros": [1]},
    ("POST", "/api/v1/buzon/leidos"): {"todos": True},
    ("PUT", "/api/v1/buzon/preferencias"): {"correo": "nunca"},
    ("POST", f"{P}/dictamenes"): {"tareas": [{"numero": 1, "ficha": 1}], "veredicto": "validada"},
    ("POST", "/api/v1/proyectos"): {
        "municipio": "99001",
        "nombre": "Nuevo",
        "division": {"tipo": "mercator", "zoom": 15},
    },
    ("POST", "/api/v1/proyectos/previa"): {"municipio": "99001", "division": {"tipo": "mercator", "zoom": 15}},
    ("POST", "/api/v1/sesiones"): {"usuario": "nadie", "clave": "ninguna clave"},
    ("PATCH", P): {"nombre": "Otro nombre"},
    ("PUT", f"{P}/area"): {"division": {"tipo": "mercator", "zoom": 15}},
    ("POST", f"{P}/previa"): {"division": {"tipo": "mercator", "zoom": 15}},
    ("POST", f"{P}/prioridades"): {"numeros": [1], "prioridad": "alta"},
    ("POST", f"{P}/tareas/siguiente"): {},
    ("DELETE", f"{T}/bloqueo"): {},
    ("POST", f"{T}/evidencia/motivo"): {"motivo": "ya_estaba"},
    ("POST", f"{T}/hallazgos/respuestas"): {"huella": "0" * 24, "respuesta": "falso"},
    ("POST", "/api/v1/aulas"): {"municipio": "99001", "nombre": "Taller nuevo"},
    ("PATCH", "/api/v1/aulas/<int:aula_id>"): {"nombre": "Otro nombre"},
    ("POST", "/api/v1/talleres"): {"municipio": "99001", "nombre": "Taller", "empieza": "2026-12-01T10:00"},
    ("PUT", "/api/v1/talleres/<int:taller_id>"): {
        "municipio": "99001",
        "nombre": "Taller",
        "empieza": "2026-12-01T10:00",
    },
}
"""Lo mínimo que cada ruta con cuerpo JSON acepta."""

SIN_CUERPO = {
    ("POST", "/api/v1/aulas/<int:aula_id>/fichas"),
    ("POST", "/api/v1/aulas/<int:aula_id>/reinicio"),
    ("DELETE", "/api/v1/aulas/<int:aula_id>"),
    ("POST", "/api/v1/aulas/archivo"),
    ("DELETE", "/api/v1/talleres/<int:taller_id>"),
    ("POST", "/api/v1/municipios/<int:municipio_id>/referencias"),
    ("DELETE", "/api/v1/municipios/<int:municipio_id>/referencias/<int:referencia_id>"),
    ("POST", "/api/v1/areas"),
    ("DELETE", "/api/v1/sesiones"),
    ("DELETE", P),
    ("POST", f"{P}/segundas/<int:entrega>/toma"),
    ("POST", f"{T}/dictamenes/<int:dictamen_id>/leido"),
    ("POST", f"{P}/publicacion"),
    ("POST", f"{P}/archivo"),
    ("DELETE", f"{P}/archivo"),
}
"""Las que no leen JSON."""


def rutas_con_json(mundo: Mundo) -> list[tuple[str, Rule]]:
    return [
        (metodo, regla)
        for regla in mundo.reglas("/api/")
        for metodo in ESCRIBEN
        if metodo in (regla.methods or ()) and (metodo, regla.rule) not in SIN_CUERPO
    ]


def test_esta_lista_conoce_todas_las_rutas_que_leen_json(mundo: Mundo) -> None:
    faltan = [(m, r.rule) for m, r in rutas_con_json(mundo) if (m, r.rule) not in CUERPOS]
    assert not faltan, f"Agrega a CUERPOS lo mínimo que aceptan (o a SIN_CUERPO): {faltan}"


# --- JSON -------------------------------------------------------------------------------------------------------------

JSON_ROTOS: dict[str, bytes] = {
    "llave_sin_cerrar": b'{"para": "mapear"',
    "coma_de_mas": b'{"para": "mapear",}',
    "comillas_simples": b"{'para': 'mapear'}",
    "dos_documentos": b"{}{}",
    "comentario": b"{} // nada",
    "lista": b"[]",
    "lista_de_objetos": b'[{"para": "mapear"}]',
    "nulo": b"null",
    "texto": b'"mapear"',
    "numero": b"7",
    "verdadero": b"true",
    "nan": b'{"ficha": NaN}',
    "infinito": b'{"ficha": 1e999}',
    "entero_de_diez_mil_cifras": b'{"ficha": ' + b"9" * 10_000 + b"}",
    "cinco_mil_corchetes": b"[" * 5000,
    "cien_mil_llaves": b'{"a":' * 100_000,
    "profundo_y_bien_cerrado": b'{"a":' + b"[" * 500 + b"]" * 500 + b"}",
    "nul": b'{"nota": "a\\u0000b", "nombre": "a\\u0000b", "usuario": "a\\u0000", "clave": "a"}',
    "nul_crudo": b'{"nota": "a\x00b"}',
    "nul_en_la_clave": b'{"a\\u0000": 1}',
    "sustituto_suelto": b'{"nota": "\\ud800", "motivo": "\\udfff"}',
    "sustituto_en_lista_corta": b'{"nota": [1, "\\ud800"], "motivos": [1, "\\ud800"]}',
    "utf8_roto": b'{"nota": "\xff\xfe"}',
    "utf16": '{"nota": "hola"}'.encode("utf-16"),
    "latin1": '{"nota": "jiménez"}'.encode("latin-1"),
    "xml": b"<?xml version='1.0'?><nota/>",
    "formulario": b"nota=hola&para=mapear",
    "campo_desconocido": b'{"sorpresa": 1}',
    "clave_con_salto_de_linea_repetida": b'{"a\\nX-Mala: si": 1, "a\\nX-Mala: si": 2}',
    "clave_magica": b'{"__proto__": {}, "__class__": {}, "constructor": {}}',
}


@pytest.mark.parametrize("cual", JSON_ROTOS)
def test_un_json_que_no_sirve_se_rechaza_en_todas_las_rutas(mundo: Mundo, cual: str) -> None:
    cliente, fallas = mundo.cliente("administradora"), []
    for metodo, regla in rutas_con_json(mundo):
        ruta = mundo.direccion(regla)
        respuesta = cliente.open(ruta, method=metodo, data=JSON_ROTOS[cual], content_type="application/json")
        if not explicado(respuesta) or "X-Mala" in respuesta.headers:
            fallas.append((metodo, ruta, respuesta.status_code, respuesta.data[:200]))
    assert not fallas
    assert mundo.intacto()


VALORES_AJENOS: dict[str, Any] = {
    "nulo": None,
    "lista": [],
    "objeto": {},
    "booleano": True,
    "decimal": 1.5,
    "negativo": -1,
    "cero": 0,
    "dos_a_la_31": 2**31,
    "dos_a_la_63": 2**63,
    "dos_a_la_70": 2**70,
    "texto_vacio": "",
    "texto_largo": "á" * 30_000,
    "texto_en_vez_de_numero": "1",
    "lista_de_nulos": [None],
    "lista_larga": [1] * 5000,
    "inyeccion": "'; DROP TABLE persona; --",
}


@pytest.mark.parametrize("cual", VALORES_AJENOS)
def test_un_valor_de_otro_tipo_nunca_es_un_500_en_ningun_campo(mundo: Mundo, cual: str) -> None:
    cliente, fallas = mundo.cliente("administradora"), []
    for metodo, regla in rutas_con_json(mundo):
        modelo = mundo.app.view_functions[regla.endpoint]._spec["body"]  # type: ignore[attr-defined]
        for campo in modelo.model_fields:
            cuerpo = {**CUERPOS[metodo, regla.rule], campo: VALORES_AJENOS[cual]}
            respuesta = cliente.open(mundo.direccion(regla), method=metodo, json=cuerpo)
            if not sano(respuesta, regla.rule) or (respuesta.status_code >= 400 and not mundo.intacto()):
                fallas.append((metodo, regla.rule, campo, respuesta.status_code, respuesta.data[:200]))
            if respuesta.status_code < 400:
                mundo.como_al_principio()
    assert not fallas


TIPOS_AJENOS = (
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "",
    "application/json-patch",
    "ñ",
    "a" * 5000,
)


@pytest.mark.parametrize("tipo", TIPOS_AJENOS, ids=lambda t: t[:20] or "sin_tipo")
def test_un_json_con_otro_content_type_se_rechaza(mundo: Mundo, tipo: str) -> None:
    cliente, fallas = mundo.cliente("administradora"), []
    for metodo, regla in rutas_con_json(mundo):
        crudo = json.dumps(CUERPOS[metodo, regla.rule] or {"para": "mapear"}).encode()
        entorno = {"CONTENT_TYPE": tipo.encode().decode("latin-1")}
        respuesta = cliente.open(mundo.direccion(regla), method=metodo, data=crudo, environ_overrides=entorno)
        if not explicado(respuesta):
            fallas.append((metodo, regla.rule, respuesta.status_code, respuesta.data[:200]))
    assert not fallas
    assert mundo.intacto()


def test_un_cuerpo_comprimido_se_rechaza_y_no_se_desempaca(mundo: Mundo) -> None:
    crudo = gzip.compress(json.dumps({"nota": "hola"}).encode())
    for metodo, regla in rutas_con_json(mundo):
        respuesta = mundo.cliente("administradora").open(
            mundo.direccion(regla),
            method=metodo,
            data=crudo,
            content_type="application/json",
            headers={"Content-Encoding": "gzip"},
        )
        assert explicado(respuesta), (regla.rule, respuesta.status_code)
    assert mundo.intacto()


def test_las_claves_repetidas_se_aceptan_y_se_dicen(mundo: Mundo) -> None:
    ruta = f"/api/v1/proyectos/{mundo.elenco.proyecto}/tareas/1/comentarios"
    respuesta = mundo.cliente("mapeadora").post(
        ruta, data='{"nota": "una", "nota": "otra"}', content_type="application/json"
    )
    assert respuesta.status_code == 201
    assert "nota" in respuesta.headers["X-Aviso"]


@pytest.mark.parametrize(
    "clave",
    ["ñandú 🌽", "a\r\nSet-Cookie: x=1", "\u0085\u2028", "x" * 5000],
    ids=["emoji", "saltos", "separadores", "larga"],
)
def test_una_clave_repetida_con_signos_raros_no_rompe_las_cabeceras(mundo: Mundo, clave: str) -> None:
    area = json.dumps({"type": "Feature", "geometry": poligono(ANILLO), "properties": {}})
    par = json.dumps(clave) + ": 1"
    area = area.replace('"properties": {}', f'"properties": {{{par}, {par}}}')
    pedido = f'{{"municipio": "99001", "division": {json.dumps(CUADROS)}, "area": {area}}}'
    respuesta = mundo.cliente("funcionaria").post(
        "/api/v1/proyectos/previa", data=pedido, content_type="application/json"
    )
    assert respuesta.status_code == 200, respuesta.data[:300]
    assert respuesta.headers["X-Aviso"].isascii()
    assert respuesta.headers["X-Aviso"].isprintable()
    assert "Set-Cookie" not in respuesta.headers


# --- Textos -----------------------------------------------------------------------------------------------------------

NOMBRES_MALOS = {
    "seiscientas_letras": "a" * 600,
    "con_nul": "Centro\x00",
    "con_campana": "Cen\x07tro",
    "con_escape": "\x1b[31mCentro",
    "puros_espacios": "    ",
    "puros_espacios_duros": "\u00a0\u2003\u3000\u00a0",
    "puros_signos_invisibles": "\u200b\u200b\u200b\u2060",
    "letras_al_reves": "Centro \u202eorejnartxe",
    "aislado_sin_cerrar": "Centro \u2067abc",
    "vacio": "",
}
NOMBRES_BUENOS = {
    "acento_al_principio": "Álamos",
    "enie_al_principio": "Ñuu Lejano",
    "numero_al_principio": "18 de Marzo",
    "emoji": "Milpa 🌽",
    "familia_de_emoji": "Familia 👨‍👩‍👧‍👦",
    "comillas_y_angulos": "<b>\"Centro\" & 'sur'</b>",
    "otro_alfabeto": "नेपाल 東京 עברית",
    "saltillo": "Xko'olel ꞌ k'aax",
    "acento_suelto": "A\u0301lamos",
    "de_plantilla": "{{ 7*7 }} ${7*7} %(x)s %s {0}",
    "de_sql": "'; DROP TABLE proyecto; --",
}


@pytest.mark.parametrize("cual", NOMBRES_MALOS)
def test_un_nombre_que_no_se_lee_se_rechaza(mundo: Mundo, cual: str) -> None:
    nombre = NOMBRES_MALOS[cual]
    funcionaria = mundo.cliente("funcionaria")
    rechaza_sin_escribir(
        mundo, funcionaria.patch(f"/api/v1/proyectos/{mundo.elenco.proyecto}", json={"nombre": nombre}), 422
    )
    pagina = mundo.cliente("sola").post("/cuenta", data={"nombre": nombre, "idioma": "es"})
    assert pagina.status_code == 422
    assert mundo.intacto()


@pytest.mark.parametrize("cual", NOMBRES_BUENOS)
def test_un_nombre_raro_pero_bueno_se_guarda_tal_cual(mundo: Mundo, cual: str) -> None:
    nombre = NOMBRES_BUENOS[cual]
    ruta = f"/api/v1/proyectos/{mundo.elenco.proyecto}"
    respuesta = mundo.cliente("funcionaria").patch(ruta, json={"nombre": nombre})
    assert respuesta.status_code == 200, respuesta.data
    assert respuesta.json["nombre"] == nombre.replace("A\u0301", "Á")
    for formato in ("gpx", "osm", "geojson"):
        assert mundo.cliente(None).get(f"{ruta}/tareas/1/limite.{formato}").status_code == 200
    assert mundo.cliente(None).get(f"/proyectos/{mundo.elenco.proyecto}").status_code == 200


@pytest.mark.parametrize(
    "texto_raro", ["%", "_", "\\", "'", '"', "🌽", "ñ", "\u200b", "a\u0301", "%%%%", "(", "*", "\u202e", "á" * 100]
)
def test_cualquier_texto_se_puede_buscar(mundo: Mundo, texto_raro: str) -> None:
    for ruta in ("/api/v1/municipios", "/api/v1/proyectos", "/", "/municipios", "/administracion/personas"):
        respuesta = mundo.cliente("administradora").get(ruta, query_string={"texto": texto_raro})
        assert sano(respuesta, ruta), (ruta, respuesta.data[:300])


# --- Parámetros -------------------------------------------------------------------------------------------------------


def test_un_parametro_desconocido_se_dice_en_todas_las_rutas_de_la_api(mundo: Mundo) -> None:
    for regla in mundo.reglas("/api/"):
        if "GET" not in (regla.methods or ()) or regla.endpoint == "openapi.spec":
            continue
        for consulta in ("sorpresa=1", "ordenar=nombre", "__proto__=1", "%00=1", "=", "a[]=1"):
            respuesta = mundo.cliente("administradora").get(f"{mundo.direccion(regla)}?{consulta}")
            rechazada(respuesta, 422)


PARAMETROS_MALOS = {
    "orden_desconocido": ("/api/v1/proyectos", "orden=precio"),
    "orden_con_sql": ("/api/v1/proyectos", "orden=nombre;DROP"),
    "estado_desconocido": ("/api/v1/proyectos", "estado=abierto"),
    "pagina_cero": ("/api/v1/proyectos", "pagina=0"),
    "pagina_enorme": ("/api/v1/proyectos", "pagina=" + "9" * 400),
    "pagina_con_cifras_raras": ("/api/v1/proyectos", "pagina=%C2%B2"),
    "por_pagina_enorme": ("/api/v1/proyectos", "por_pagina=100000"),
    "municipio_desconocido": ("/api/v1/proyectos", "municipio=nada"),
    "texto_con_nul": ("/api/v1/proyectos", "texto=a%00b"),
    "caja_al_reves": ("/api/v1/proyectos", "caja=1,1,0,0"),
    "caja_de_tres": ("/api/v1/proyectos", "caja=1,2,3"),
    "caja_fuera_del_mundo": ("/api/v1/proyectos", "caja=-999,0,1,1"),
    "caja_con_nan": ("/api/v1/proyectos", "caja=nan,0,1,1"),
    "caja_con_1e999": ("/api/v1/proyectos/1/tareas", "caja=-1e999,0,1,1"),
    "caja_vacia": ("/api/v1/proyectos/1/tareas", "caja="),
    "caja_con_letras": ("/api/v1/proyectos/1/tareas", "caja=a,b,c,d"),
    "caja_sin_ancho": ("/api/v1/proyectos/1/tareas", "caja=1,1,1,2"),
    "cursor_de_letras": ("/api/v1/proyectos/1/estados", "desde=ayer"),
    "cursor_de_dos_partes": ("/api/v1/proyectos/1/estados", "desde=1.2"),
    "cursor_negativo": ("/api/v1/proyectos/1/estados", "desde=1.-2.3"),
    "cursor_larguisimo": ("/api/v1/proyectos/1/estados", "desde=" + "1" * 200),
    "cursor_con_cifras_arabes": ("/api/v1/proyectos/1/estados", "desde=%D9%A1.1.1"),
    "cursor_vacio": ("/api/v1/proyectos/1/estados", "desde="),
    "limite_cero": ("/api/v1/proyectos/1/actividad", "limite=0"),
    "limite_enorme": ("/api/v1/proyectos/1/actividad", "limite=99999999999999999999"),
    "salto_negativo": ("/api/v1/proyectos/1/avance/tareas", "salto=-1"),
    "cola_de_nadie": ("/api/v1/proyectos/1/revision", "persona=" + str(2**70)),
    "tolerancia_negativa": ("/api/v1/proyectos/1/area", "tolerancia=-1"),
    "tolerancia_nan": ("/api/v1/municipios/1/limite", "tolerancia=nan"),
    "tolerancia_infinita": ("/api/v1/municipios/1/limite", "tolerancia=1e999"),
    "texto_larguisimo": ("/api/v1/municipios", "texto=" + "a" * 5000),
}


@pytest.mark.parametrize("cual", PARAMETROS_MALOS)
def test_un_parametro_que_no_sirve_se_dice(mundo: Mundo, cual: str) -> None:
    ruta, consulta = PARAMETROS_MALOS[cual]
    respuesta = mundo.cliente("validadora").get(f"{ruta}?{consulta}")
    rechazada(respuesta, 422)


@pytest.mark.parametrize(
    "cursor",
    ["1.1.99999999999999999", "1.99999999999999999.1", "99999999999999999.1.1", "0.0.0", "1.1.9007199254740993"],
)
def test_un_cursor_que_no_dimos_da_todo_otra_vez_o_se_rechaza(mundo: Mundo, cursor: str) -> None:
    respuesta = mundo.cliente(None).get(f"/api/v1/proyectos/{mundo.elenco.proyecto}/estados?desde={cursor}")
    assert respuesta.status_code == 200 or explicado(respuesta), respuesta.data


TESELAS_MALAS = (
    "15/-1/0",
    "a/0/0",
    "1/2/0",
    "1/0/2",
    "0/0/1",
    "99/0/0",
    f"{2**31}/0/0",
    f"1/{2**70}/0",
    "14/1.5/1",
    "14/%00/1",
    "14//1",
    "30/1/1",
)


@pytest.mark.parametrize("donde", TESELAS_MALAS)
def test_una_tesela_que_no_existe_es_404(mundo: Mundo, donde: str) -> None:
    for raiz in ("/teselas/base/1", f"/teselas/proyectos/{mundo.elenco.proyecto}/1"):
        respuesta = mundo.cliente(None).get(f"{raiz}/{donde}.mvt", follow_redirects=True)
        rechazada(respuesta, 404)


@pytest.mark.parametrize("version", ["0", "2", "-1", "abc", str(2**40)])
def test_una_version_de_teselas_que_no_existe_es_404(mundo: Mundo, version: str) -> None:
    respuesta = mundo.cliente(None).get(f"/teselas/proyectos/{mundo.elenco.proyecto}/{version}/14/3697/7257.mvt")
    assert respuesta.status_code == 404
    assert explicado(respuesta)


@pytest.mark.parametrize("formato", ["kml", "GPX", "gpx.exe", "", "%00", "../gpx", "gpx%0a", "json"])
def test_un_formato_de_limite_desconocido_es_404(mundo: Mundo, formato: str) -> None:
    respuesta = mundo.cliente(None).get(f"/api/v1/proyectos/{mundo.elenco.proyecto}/tareas/1/limite.{formato}")
    assert respuesta.status_code == 404
    assert explicado(respuesta)


# --- Métodos y cabeceras ----------------------------------------------------------------------------------------------


def test_un_metodo_que_la_ruta_no_admite_es_405_y_dice_cuales_si(mundo: Mundo) -> None:
    fallas = []
    for regla in mundo.reglas():
        ruta = mundo.direccion(regla)
        admite = {m for r in mundo.reglas() if mundo.direccion(r) == ruta for m in r.methods or ()}
        for metodo in {"GET", *ESCRIBEN, "TRACE", "CONNECT", "PROPFIND", "TEQUIO"} - admite:
            respuesta = mundo.cliente("administradora").open(ruta, method=metodo)
            permitidos = set(respuesta.headers.get("Allow", "").split(", "))
            if respuesta.status_code != 405 or not sano(respuesta, ruta) or not admite & permitidos:
                fallas.append((metodo, ruta, respuesta.status_code, respuesta.headers.get("Allow")))
    assert not fallas
    assert mundo.intacto()


@pytest.mark.parametrize("quien", QUIENES)
def test_get_head_y_options_en_todas_partes_no_escriben_ni_fallan(mundo: Mundo, quien: str | None) -> None:
    fallas = []
    for regla in mundo.reglas():
        ruta = mundo.direccion(regla)
        for metodo in ("GET", "HEAD", "OPTIONS"):
            if metodo not in (regla.methods or ()):
                continue
            respuesta = mundo.cliente(quien).open(ruta, method=metodo)
            if not sano(respuesta, ruta) or (metodo == "HEAD" and respuesta.data):
                fallas.append((metodo, ruta, respuesta.status_code))
            if metodo == "OPTIONS" and "Allow" not in respuesta.headers:
                fallas.append((metodo, ruta, "sin Allow"))
    assert not fallas
    assert mundo.intacto()


CABECERAS_RARAS: dict[str, dict[str, str]] = {
    "idioma_enorme": {"Accept-Language": "es," * 20_000},
    "idioma_roto": {"Accept-Language": "es;q=nan,en;q=-1,*;q=abc;;;,"},
    "aceptar_roto": {"Accept": ";;,*/;q=2", "Accept-Encoding": "gzip;q=abc,br;q=,"},
    "galleta_enorme": {"Cookie": "a=" + "b" * 60_000},
    "galleta_rota": {"Cookie": 'tequio_idioma="; tequio_tema=<script>; =; ;;; a'},
    "galletas_nuestras_falsas": {
        "Cookie": "tequio_idioma=../../etc; tequio_tema=xx; tequio_formularios=eyJh.x.y; tequio_sesion="
    },
    "agente_enorme": {"User-Agent": "x" * 60_000},
    "de_donde_viene": {"Referer": "javascript:alert(1)", "Origin": "null"},
    "fecha_rota": {"If-Modified-Since": "ayer", "If-Unmodified-Since": "99999999999"},
    "etiqueta_rota": {"If-None-Match": '"' * 999, "If-Match": "W/"},
    "etiqueta_comodin": {"If-None-Match": "*"},
    "tramo_roto": {"Range": "bytes=abc-", "If-Range": '"x"'},
    "tramo_enorme": {"Range": "bytes=" + ",".join(f"{i}-{i}" for i in range(2000))},
    "tramo_fuera": {"Range": "bytes=99999999999999999999-"},
    "reenviado_falso": {
        "X-Forwarded-For": "1.2.3.4, ñ",
        "X-Forwarded-Host": "malo.example",
        "X-Forwarded-Proto": "gopher",
        "Forwarded": "for=x",
    },
    "otro_metodo": {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"},
    "bytes_altos": {"X-Rara": "\xff\xfe", "User-Agent": "\xc3\x28"},
    "largo_negativo": {"Content-Length": "-5"},
    "largo_de_letras": {"Content-Length": "muchos"},
}


@pytest.mark.parametrize("cual", CABECERAS_RARAS)
def test_una_cabecera_rara_no_rompe_ninguna_ruta(mundo: Mundo, cual: str) -> None:
    fallas = []
    for regla in mundo.reglas():
        if "GET" in (regla.methods or ()):
            ruta = mundo.direccion(regla)
            respuesta = mundo.cliente("administradora").get(ruta, headers=CABECERAS_RARAS[cual])
            # 412 y 416 son lo que HTTP manda ante un If-Match o un Range que no se cumple.
            if respuesta.status_code not in (412, 416) and not sano(respuesta, ruta):
                fallas.append((ruta, respuesta.status_code, respuesta.data[:200]))
            if "malo.example" in str(respuesta.headers) or b"malo.example" in respuesta.data:
                fallas.append((ruta, "creyó en X-Forwarded-Host"))
    assert not fallas
    assert mundo.intacto()


@pytest.mark.parametrize(
    "sitio", ["", "a b", "ñandú.mx", "a..b", "[::1", '"><script>', "a" * 300, "localhost:99999999", "x\x00y"]
)
def test_un_host_imposible_no_rompe_nada(mundo: Mundo, sitio: str) -> None:
    for ruta in ("/", f"/proyectos/{mundo.elenco.proyecto}/cartel", "/api/v1/proyectos", "/p/1", "/cuenta"):
        respuesta = mundo.cliente(None).get(ruta, environ_overrides={"HTTP_HOST": sitio.encode().decode("latin-1")})
        assert respuesta.status_code < 500, (ruta, respuesta.data[:300])
        assert b"<script>" not in respuesta.data.replace(b'<script>"', b"")


# --- Quién pide -------------------------------------------------------------------------------------------------------

AUTORIZACIONES = {
    "sola": "Bearer",
    "vacia": "Bearer ",
    "con_nul": "Bearer \x00",
    "con_espacios": "Bearer    ",
    "inventada": "Bearer " + "x" * 43,
    "enorme": "Bearer " + "x" * 60_000,
    "bytes_altos": "Bearer \xff\xfe",
    "dos": "Bearer a, Bearer b",
    "basica": "Basic YTpi",
    "basica_rota": "Basic %%%",
    "digest": 'Digest username="a"',
    "de_otro": "Negotiate AAAA",
    "puro_ruido": "\x01\x02",
    "sin_esquema": "ficha de administradora",
}


@pytest.mark.parametrize("cual", AUTORIZACIONES)
def test_una_autorizacion_mal_formada_no_entra_ni_falla(mundo: Mundo, cual: str) -> None:
    cabeceras = {"HTTP_AUTHORIZATION": AUTORIZACIONES[cual]}
    cliente = mundo.app.test_client()
    for ruta in ("/api/v1/yo", "/api/v1/yo/bloqueos", "/api/v1/yo/trabajo"):
        respuesta = cliente.get(ruta, environ_overrides=cabeceras)
        rechazada(respuesta, 401)
        assert respuesta.headers["WWW-Authenticate"] == "Bearer"
    assert cliente.get("/api/v1/proyectos", environ_overrides=cabeceras).status_code == 200
    assert cliente.get("/cuenta", environ_overrides=cabeceras).status_code == 302


def test_una_sesion_vencida_ya_no_entra(mundo: Mundo) -> None:
    with mundo.bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE sesion SET vence = now() - interval '1 second', creada = now() - interval '2 days'")
        )
    for galleta in (False, True):
        cliente = mundo.cliente("administradora", galleta=galleta)
        respuesta = cliente.get("/api/v1/yo")
        rechazada(respuesta, 401)
        assert cliente.get("/administracion").status_code == 302


def test_la_sesion_de_una_cuenta_dada_de_baja_ya_no_entra(mundo: Mundo) -> None:
    assert (
        mundo.cliente("administradora").post(f"/administracion/personas/{mundo.elenco.mapeadora}/baja").status_code
        == 303
    )
    assert mundo.cliente("mapeadora").get("/api/v1/yo").status_code == 401


def escrituras(mundo: Mundo) -> list[tuple[str, str]]:
    return [
        (metodo, mundo.direccion(regla))
        for regla in mundo.reglas()
        for metodo in ESCRIBEN
        if metodo in (regla.methods or ()) and regla.endpoint not in SIN_CSRF
    ]


FICHAS_AJENAS = {
    "falta": None,
    "vacia": "",
    "inventada": "IjEi.aaaa.bbbb",
    "con_bytes_altos": "\xff",
    "enorme": "x" * 60_000,
}


@pytest.mark.parametrize("cual", FICHAS_AJENAS)
def test_con_galleta_y_sin_ficha_de_formulario_nada_se_escribe(mundo: Mundo, cual: str) -> None:
    cliente, ficha = mundo.cliente("administradora", galleta=True), FICHAS_AJENAS[cual]
    for metodo, ruta in escrituras(mundo):
        respuesta = cliente.open(ruta, method=metodo, headers={} if ficha is None else {"X-CSRFToken": ficha})
        assert respuesta.status_code == 400, (metodo, ruta, respuesta.status_code)
        assert sano(respuesta, ruta)
    assert mundo.intacto()


def ficha_de_formulario(cliente: Any) -> str:
    hallada = re.search(r'name="csrf-token" content="([^"]+)"', cliente.get("/cuenta").text)
    assert hallada
    return hallada[1]


def test_la_ficha_del_formulario_de_otra_persona_no_vale(mundo: Mundo) -> None:
    ajena = ficha_de_formulario(mundo.cliente("mapeadora", galleta=True))
    cliente = mundo.cliente("administradora", galleta=True)
    propia = ficha_de_formulario(cliente)
    for metodo, ruta in escrituras(mundo):
        assert cliente.open(ruta, method=metodo, headers={"X-CSRFToken": ajena}).status_code == 400, (metodo, ruta)
    assert mundo.intacto()
    ruta = f"/api/v1/proyectos/{mundo.elenco.proyecto}/tareas/1/comentarios"
    assert cliente.post(ruta, json={"nota": "hola"}, headers={"X-CSRFToken": propia}).status_code == 201


def test_con_bearer_no_hace_falta_ficha_de_formulario(mundo: Mundo) -> None:
    ruta = f"/api/v1/proyectos/{mundo.elenco.proyecto}/tareas/1/comentarios"
    assert mundo.cliente("mapeadora").post(ruta, json={"nota": "hola"}).status_code == 201


def test_un_bearer_vacio_no_salta_la_ficha_usando_la_galleta(mundo: Mundo) -> None:
    ruta = f"/api/v1/proyectos/{mundo.elenco.proyecto}/tareas/1/comentarios"
    for autorizacion in ("Bearer ", "Bearer x", "bearer \t"):
        cliente = mundo.cliente("mapeadora", galleta=True)
        respuesta = cliente.post(ruta, json={"nota": "hola"}, headers={"Authorization": autorizacion})
        assert respuesta.status_code in (400, 401)
    assert mundo.intacto()


CLAVES_MALAS = {
    "vacia": "",
    "larga": "k" * 201,
    "con_nul": "a\x00b",
    "con_control": "a\x1bb",
    "con_borrado": "a\x7f",
    "con_espacio_raro": "a\xa0b",
}


@pytest.mark.parametrize("cual", CLAVES_MALAS)
def test_una_idempotency_key_que_no_sirve_se_rechaza(mundo: Mundo, cual: str) -> None:
    for metodo, regla in rutas_con_json(mundo):
        if regla.endpoint in ("proyectos_api.crear", "mapeo_api.tomar", "mapeo_api.comentar", "mapeo_api.siguiente"):
            respuesta = mundo.cliente("administradora").open(
                mundo.direccion(regla),
                method=metodo,
                json=CUERPOS[metodo, regla.rule],
                environ_overrides={"HTTP_IDEMPOTENCY_KEY": CLAVES_MALAS[cual]},
            )
            rechaza_sin_escribir(mundo, respuesta, 422)


def test_una_idempotency_key_repetida_con_otro_contenido_se_rechaza_y_con_el_mismo_no_repite(mundo: Mundo) -> None:
    ruta, cliente = f"/api/v1/proyectos/{mundo.elenco.proyecto}/tareas/1/comentarios", mundo.cliente("mapeadora")
    cabeceras = {"Idempotency-Key": "una-sola-vez"}
    primera = cliente.post(ruta, json={"nota": "hola"}, headers=cabeceras)
    antes = mundo.foto()
    assert cliente.post(ruta, json={"nota": "hola"}, headers=cabeceras).json == primera.json
    rechazada(cliente.post(ruta, json={"nota": "otra"}, headers=cabeceras), 409)
    ajena = cliente.post(ruta.replace("/1/", "/2/"), json={"nota": "hola"}, headers=cabeceras)
    assert ajena.status_code == 409
    assert mundo.foto() == antes


# --- Reglas del turno -------------------------------------------------------------------------------------------------


@dataclass
class Tarea:
    """Atajos para pedir cosas sobre una tarea."""

    mundo: Mundo
    numero: int = 1

    @property
    def raiz(self) -> str:
        return f"/api/v1/proyectos/{self.mundo.elenco.proyecto}/tareas/{self.numero}"

    def tomar(self, quien: str, para: str = "mapear") -> TestResponse:
        return self.mundo.cliente(quien).post(f"{self.raiz}/bloqueo", json={"para": para})

    def entregar(self, quien: str, ficha: int) -> TestResponse:
        return self.mundo.cliente(quien).post(
            f"{self.raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada", "nota": "mi nota"}
        )

    def dictaminar(self, quien: str, ficha: int, **cuerpo: Any) -> TestResponse:
        return self.mundo.cliente(quien).post(
            f"{self.raiz}/dictamen", json={"ficha": ficha, "veredicto": "validada", **cuerpo}
        )

    def vencer(self) -> None:
        with self.mundo.bd.transaccion() as sesion:
            sesion.execute(
                text("UPDATE bloqueo SET desde = now() - interval '3 hours', vence = now() - interval '1 second'")
            )

    def estado(self) -> str:
        return str(self.mundo.cliente(None).get(self.raiz).json["estado"])


def test_la_tarea_que_otra_persona_tiene_no_se_toma_ni_se_entrega(mundo: Mundo) -> None:
    tarea = Tarea(mundo)
    ficha = tarea.tomar("mapeadora").json["ficha"]
    antes = mundo.foto()
    rechazada(tarea.tomar("mapeador"), 409, "tarea_ocupada")
    rechazada(tarea.entregar("mapeador", ficha), 409, "bloqueo_perdido")
    rechazada(mundo.cliente("mapeador").patch(f"{tarea.raiz}/bloqueo", json={"ficha": ficha}), 409, "bloqueo_perdido")
    rechazada(mundo.cliente("mapeador").delete(f"{tarea.raiz}/bloqueo"), 403)
    assert mundo.foto() == antes


def test_con_el_turno_vencido_no_se_entrega_y_la_nota_vuelve(mundo: Mundo) -> None:
    tarea = Tarea(mundo)
    ficha = tarea.tomar("mapeadora").json["ficha"]
    tarea.vencer()
    antes = mundo.foto()
    respuesta = tarea.entregar("mapeadora", ficha)
    rechazada(respuesta, 409, "bloqueo_perdido")
    assert respuesta.json["nota"] == "mi nota"
    rechazada(mundo.cliente("mapeadora").patch(f"{tarea.raiz}/bloqueo", json={"ficha": ficha}), 409, "bloqueo_perdido")
    assert mundo.foto() == antes


def test_con_una_ficha_vieja_no_se_entrega_aunque_la_persona_sea_la_misma(mundo: Mundo) -> None:
    tarea = Tarea(mundo)
    vieja = tarea.tomar("mapeadora").json["ficha"]
    tarea.vencer()
    nueva = tarea.tomar("mapeadora").json["ficha"]
    assert nueva > vieja
    rechazada(tarea.entregar("mapeadora", vieja), 409, "bloqueo_perdido")
    assert tarea.entregar("mapeadora", nueva).status_code == 200


def test_en_otro_estado_no_se_mapea_ni_se_valida(mundo: Mundo) -> None:
    tarea = Tarea(mundo)
    rechazada(tarea.tomar("validadora", "validar"), 409, "estado_no_permite")
    tarea.entregar("mapeadora", tarea.tomar("mapeadora").json["ficha"])
    rechazada(tarea.tomar("mapeador"), 409, "estado_no_permite")
    rechazada(tarea.dictaminar("validadora", 1), 409)
    assert tarea.estado() == "mapeada"


def test_nadie_valida_su_propio_trabajo(mundo: Mundo) -> None:
    tarea = Tarea(mundo)
    tarea.entregar("validadora", tarea.tomar("validadora").json["ficha"])
    rechazada(tarea.tomar("validadora", "validar"), 403, "trabajo_propio")
    varias = mundo.cliente("validadora").post(
        f"/api/v1/proyectos/{mundo.elenco.proyecto}/bloqueos", json={"numeros": [1]}
    )
    rechazada(varias, 403, "trabajo_propio")
    assert tarea.estado() == "mapeada"


def test_nadie_valida_lo_propio_aunque_antes_se_lo_devolvieran(mundo: Mundo) -> None:
    tarea = Tarea(mundo)
    tarea.entregar("validadora", tarea.tomar("validadora").json["ficha"])
    ficha = tarea.tomar("capacitadora", "validar").json["ficha"]
    motivo = mundo.cliente(None).get("/api/v1/motivos").json["motivos"][0]["codigo"]
    assert tarea.dictaminar("capacitadora", ficha, veredicto="devuelta", motivos=[motivo]).status_code == 200
    tarea.entregar("validadora", tarea.tomar("validadora").json["ficha"])
    rechazada(tarea.tomar("validadora", "validar"), 403, "trabajo_propio")


def test_sin_papel_de_validar_no_se_valida(mundo: Mundo) -> None:
    tarea = Tarea(mundo)
    tarea.entregar("mapeadora", tarea.tomar("mapeadora").json["ficha"])
    antes = mundo.foto()
    for quien in ("mapeador", "sola", "funcionaria", "forastera"):
        rechazada(tarea.tomar(quien, "validar"), 403)
        rechazada(tarea.dictaminar(quien, 1), 403)
    assert mundo.foto() == antes


def test_una_persona_no_toma_dos_tareas_ni_en_dos_proyectos(mundo: Mundo) -> None:
    assert Tarea(mundo).tomar("mapeadora").status_code == 201
    rechazada(Tarea(mundo, 2).tomar("mapeadora"), 409, "ya_tienes_otra")


def test_de_un_proyecto_archivado_no_se_toma_nada(mundo: Mundo) -> None:
    assert mundo.cliente("funcionaria").post(f"/api/v1/proyectos/{mundo.elenco.proyecto}/archivo").status_code == 200
    rechazada(Tarea(mundo).tomar("mapeadora"), 409, "proyecto_cerrado")


@pytest.mark.parametrize("quien", [None, "sola", "forastera"])
def test_lo_privado_y_los_borradores_son_404_en_todas_las_rutas(mundo: Mundo, quien: str | None) -> None:
    fallas = []
    for regla in mundo.reglas():
        if "proyecto_id" not in regla.arguments:
            continue
        for numero in (mundo.privado, mundo.borrador):
            for metodo in sorted((regla.methods or set()) - {"OPTIONS"}):
                ruta = mundo.direccion(regla, proyecto_id=numero)
                # La ficha de formulario se mira antes que nada: a estas páginas se les pide con la sesión en la cabecera.
                respuesta = mundo.cliente(quien).open(ruta, method=metodo, json=CUERPOS.get((metodo, regla.rule)))
                # Sin sesión no hay ficha que valga (400), ni escritura (401), ni página de quien administra (302).
                admite = {404} if quien == "forastera" else {404, 302, 400, 401, 403}
                if respuesta.status_code not in admite or b"Milpa" in respuesta.data:
                    fallas.append((metodo, ruta, respuesta.status_code))
    assert not fallas
    assert mundo.intacto()


# --- Lo que una respuesta no debe llevar ------------------------------------------------------------------------------


def paginas(mundo: Mundo) -> Iterator[tuple[str, TestResponse]]:
    """Cada ruta GET pedida por quien menos ve, quien valida y quien todo lo ve."""
    for quien in (None, "validadora", "administradora"):
        for regla in mundo.reglas():
            if "GET" in (regla.methods or ()) and regla.endpoint != "openapi.spec":
                ruta = mundo.direccion(regla)
                yield ruta, mundo.cliente(quien, galleta=True).get(ruta)


POLITICA = {
    "default-src": "'self'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
POLITICA_DEL_EDITOR = {
    "default-src": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
"""La página del editor vive en un marco de las nuestras: sólo ellas la enmarcan, y lo demás es más estricto."""


def test_todas_las_paginas_llevan_cabeceras_de_seguridad(mundo: Mundo) -> None:
    for ruta, respuesta in paginas(mundo):
        assert respuesta.headers["X-Content-Type-Options"] == "nosniff", ruta
        assert respuesta.headers["Referrer-Policy"], ruta
        if respuesta.mimetype != "text/html":
            continue
        politica = dict(parte.split(" ", 1) for parte in respuesta.headers["Content-Security-Policy"].split("; "))
        assert not re.search(r"unsafe|\*|https?:|data:", politica["script-src"]), ruta
        assert "unsafe" not in politica["style-src"], ruta
        del_editor = "/editor/" in ruta and respuesta.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert del_editor or respuesta.headers["X-Frame-Options"] == "DENY", ruta
        for directiva, valor in (POLITICA_DEL_EDITOR if del_editor else POLITICA).items():
            assert politica[directiva] == valor, ruta
        assert "public" not in respuesta.headers["Cache-Control"], ruta


def test_ninguna_pagina_lleva_guiones_ni_eventos_en_linea(mundo: Mundo) -> None:
    for ruta, respuesta in paginas(mundo):
        if respuesta.mimetype == "text/html":
            for atributos, dentro in re.findall(r"<script([^>]*)>(.*?)</script>", respuesta.text, re.DOTALL):
                datos = 'type="application/json"' in atributos
                assert "src=" in atributos or datos or "nonce=" in atributos, (ruta, atributos)
                assert not (datos and "<" in dentro), (ruta, dentro[:100])
            assert not re.search(r"<[^>]+\son[a-z]+=", respuesta.text), ruta
            assert not re.search(r'(href|src|action)="\s*(javascript|data:text)', respuesta.text, re.IGNORECASE), ruta


def test_las_galletas_son_httponly_y_samesite(mundo: Mundo) -> None:
    cliente = mundo.app.test_client()
    dadas = [*cliente.get("/entrar").headers.getlist("Set-Cookie")]
    ficha = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', cliente.get("/registro").text)
    assert ficha
    datos = {"usuario": "nueva", "nombre": "Nueva", "clave": "maíz azul de Tetela", "csrf_token": ficha[1]}
    entro = cliente.post("/registro", data=datos)
    assert entro.status_code == 303, entro.text
    dadas += entro.headers.getlist("Set-Cookie")
    assert any(g.startswith(GALLETA_SESION) for g in dadas)
    for galleta in dadas:
        assert {"SameSite=Lax", "HttpOnly"} <= set(galleta.split("; ")), galleta


def test_lo_privado_nunca_se_guarda_en_cache_publica(mundo: Mundo) -> None:
    for regla in mundo.reglas():
        if "GET" in (regla.methods or ()) and not regla.rule.startswith(
            ("/estaticos", "/textos", "/sin-conexion", "/teselas/base")
        ):
            for numero in (mundo.privado, mundo.borrador):
                ruta = mundo.direccion(regla, proyecto_id=numero)
                respuesta = mundo.cliente("funcionaria", galleta=True).get(ruta)
                guardar = respuesta.headers.get("Cache-Control", "")
                assert "public" not in guardar, (ruta, guardar)
                if respuesta.status_code == 200 and regla.rule not in ("/salud", "/api/v1/openapi.json"):
                    assert "private" in guardar or "no-store" in guardar or "no-cache" in guardar, (ruta, guardar)


ATAQUES = {
    "etiqueta": "<img src=x onerror=alert(1)>",
    "fin_de_guion": "</script><script>alert(1)</script>",
    "comillas": "\"' onmouseover='alert(1)' x=\"",
    "comentario": "<!-- <script>",
    "separador_de_linea": "a\u2028alert(1)//",
}


@pytest.mark.parametrize("cual", ATAQUES)
def test_los_nombres_se_muestran_como_texto_en_todas_las_paginas(mundo: Mundo, cual: str) -> None:
    ataque, e = ATAQUES[cual], mundo.elenco
    tarea = Tarea(mundo)
    tarea.entregar("mapeadora", tarea.tomar("mapeadora").json["ficha"])
    capa = [
        {"id": "a", "nombre": ataque, "tipo": "xyz", "url": "https://x.example/{z}/{x}/{y}.png", "atribucion": ataque}
    ]
    with mundo.bd.transaccion() as sesion:
        for orden in (
            "UPDATE persona SET nombre = :a",
            "UPDATE municipio SET nombre = :a, entidad = :a, fuente = :a",
            "UPDATE proyecto SET nombre = :a, descripcion = :a, instrucciones = :a, comentario_conjunto = :a, imagenes = cast(:i AS jsonb)",
        ):
            sesion.execute(text(orden), {"a": ataque, "i": json.dumps(capa)} if ":i" in orden else {"a": ataque})
    assert e.proyecto
    vistas = 0
    for ruta, respuesta in paginas(mundo):
        assert sano(respuesta, ruta), (ruta, respuesta.status_code)
        if respuesta.mimetype in ("text/html", "image/svg+xml"):
            vistas += respuesta.status_code == 200
            for peligro in ("<img src=x", "<script>alert", "onmouseover='alert", "<!-- <script", "\u2028alert(1)//\n"):
                assert peligro not in respuesta.text, (ruta, peligro)
            for dentro in re.findall(r"<script[^>]*json[^>]*>(.*?)</script>", respuesta.text, re.DOTALL):
                json.loads(dentro)
    assert vistas > 50


FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x")', "\uff1d1+1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_ninguna_celda_de_un_csv_empieza_como_formula(mundo: Mundo, formula: str) -> None:
    tarea = Tarea(mundo)
    tarea.entregar("mapeadora", tarea.tomar("mapeadora").json["ficha"])
    with mundo.bd.transaccion() as sesion:
        sesion.execute(text("UPDATE persona SET nombre = :f"), {"f": formula})
    for por in ("dia", "persona", "tarea"):
        respuesta = mundo.cliente("funcionaria").get(f"/proyectos/{mundo.elenco.proyecto}/avance.csv?por={por}")
        assert respuesta.status_code == 200
        for fila in list(csv.reader(io.StringIO(respuesta.text.lstrip("\ufeff"))))[1:]:
            for celda in fila:
                assert not re.match(r"[=+@\t\r\uff1d]|-[^0-9]", celda), fila


def test_los_nombres_de_descarga_son_nuestros_y_ascii(mundo: Mundo) -> None:
    with mundo.bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET nombre = :n"), {"n": 'a"; filename="x.exe'})
    for ruta, respuesta in paginas(mundo):
        disposicion = respuesta.headers.get("Content-Disposition")
        if disposicion:
            assert re.fullmatch(r'attachment; filename="tequio-[a-z0-9-]+\.[a-z]+"', disposicion), (ruta, disposicion)


DESTINOS_DE_FUERA = (
    "https://malo.example",
    "//malo.example",
    "/\\malo.example",
    "\\\\malo.example",
    "/\t/malo.example",
    "/%0a/malo.example",
    "javascript:alert(1)",
    "http:malo.example",
    " //malo.example",
    "/x\r\nSet-Cookie: a=1",
    "///malo.example",
    "/.//malo.example",
)


@pytest.mark.parametrize("destino", DESTINOS_DE_FUERA)
def test_no_hay_forma_de_salir_a_otro_sitio_al_entrar(mundo: Mundo, destino: str) -> None:
    respuestas = [
        mundo.cliente("mapeadora", galleta=True).get("/entrar", query_string={"siguiente": destino}),
        mundo.cliente("mapeadora", galleta=True).get("/registro", query_string={"siguiente": destino}),
        mundo.cliente("mapeadora").post("/idioma", data={"idioma": "es", "siguiente": destino}),
    ]
    for respuesta in respuestas:
        assert respuesta.status_code == 303
        lugar = respuesta.headers["Location"]
        assert re.match(r"/(?![/\\])", lugar), lugar
        assert "Set-Cookie: a" not in str(respuesta.headers)
    pagina = mundo.cliente(None).get("/entrar", query_string={"siguiente": destino}).text
    for valor in re.findall(r'name="siguiente"[^>]*value="([^"]*)"', pagina):
        assert re.match(r"/(?![/\\])", valor), valor


@pytest.mark.parametrize(
    "ruta",
    [
        "//malo.example",
        "//malo.example/%2e%2e",
        "/\\malo.example",
        "//malo.example/proyectos/1",
        "/proyectos//1",
        "/%0d%0aSet-Cookie:a=1",
    ],
)
def test_una_direccion_torcida_no_redirige_fuera(mundo: Mundo, ruta: str) -> None:
    respuesta = mundo.app.test_client().get(
        "http://localhost/", environ_overrides={"PATH_INFO": unquote(ruta), "REQUEST_URI": ruta, "RAW_URI": ruta}
    )
    assert respuesta.status_code < 500
    lugar = respuesta.headers.get("Location", "/")
    assert re.match(r"(http://localhost)?/(?!/)", lugar), lugar


ESCAPES = (
    "../../setup.cfg",
    "%2e%2e/%2e%2e/setup.cfg",
    "..%2f..%2fsetup.cfg",
    "....//setup.cfg",
    "/etc/passwd",
    "css/../../aplicacion.py",
    "css/%00",
    "css",
    "",
    "." * 5000,
)


@pytest.mark.parametrize("resto", ESCAPES, ids=lambda r: r[:25] or "nada")
def test_los_archivos_estaticos_no_salen_de_su_carpeta(mundo: Mundo, resto: str) -> None:
    for raiz in ("/estaticos/e-x/", "/estaticos/v/", "/estaticos/e-../"):
        respuesta = mundo.cliente(None).get(raiz + resto)
        assert respuesta.status_code in (404, 308), (raiz, respuesta.status_code)


def test_un_error_nuestro_no_cuenta_nada_por_dentro(
    mundo: Mundo, bitacora: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secreto = "contraseña interna en /srv/tequio"

    def romper(*_a: Any, **_k: Any) -> Any:
        raise RuntimeError(secreto)

    monkeypatch.setattr("tareas.proyectos.consultas.listar", romper)
    for ruta in ("/", "/api/v1/proyectos"):
        respuesta = mundo.cliente("administradora").get(ruta)
        assert respuesta.status_code == 500
        assert not any(p in respuesta.text for p in (secreto, "RuntimeError", "Traceback"))
        assert respuesta.headers["X-Peticion"] in respuesta.text
        assert respuesta.headers["X-Peticion"] in bitacora.text
    assert "ficha de administradora" not in bitacora.text


def test_una_direccion_con_saltos_no_inventa_renglones_en_la_bitacora(
    mundo: Mundo, bitacora: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def romper(*_a: Any, **_k: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr("tareas.comun.estaticos.Estaticos.archivo", romper)
    mundo.cliente(None).get("/estaticos/e-x/a%0apeticion=falsa%1b[31m")
    assert not any(
        r.getMessage().count("\n") or "\x1b" in r.getMessage() for r in bitacora.records if r.name == "tequio"
    )


def test_la_bitacora_no_guarda_claves_ni_fichas(mundo: Mundo, bitacora: pytest.LogCaptureFixture) -> None:
    cliente = mundo.cliente("administradora")
    cliente.post("/api/v1/sesiones", json={"usuario": "administradora", "clave": "maíz azul secreto"})
    cliente.get("/restablecer/ficha-secretísima-de-un-enlace")
    cliente.post("/cuenta/clave", data={"clave_actual": "maíz azul secreto", "clave": "maíz azul secreto 2"})
    cliente.get("/api/v1/yo")
    for secreto in ("maíz azul", "secretísima", "ficha de administradora"):
        assert secreto not in bitacora.text


def test_ninguna_peticion_sale_a_la_red(mundo: Mundo, monkeypatch: pytest.MonkeyPatch) -> None:
    def fuera(*lugar: Any, **_k: Any) -> Any:
        raise AssertionError(f"una petición quiso salir a {lugar}")

    for nombre in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, nombre, fuera)
    monkeypatch.setattr(socket, "getaddrinfo", fuera)
    monkeypatch.setattr(socket, "create_connection", fuera)
    for ruta, respuesta in paginas(mundo):
        assert respuesta.status_code < 500, ruta
    for metodo, regla in rutas_con_json(mundo):
        respuesta = mundo.cliente("administradora").open(
            mundo.direccion(regla), method=metodo, json=CUERPOS[metodo, regla.rule]
        )
        assert respuesta.status_code < 500, regla.rule
    datos = {"archivo": (io.BytesIO(hostiles.gpkg()), "a.gpkg")}
    assert mundo.cliente("funcionaria").post("/api/v1/areas", data=datos).status_code == 200


FORMULARIOS_ROTOS = {
    "vacio": b"",
    "utf8_roto": b"nombre=%FF%FE&usuario=%ED%A0%80&clave=%FF&lista=%FF&papel=%FF&idioma=%FF&correo=%FF&texto=%FF",
    "con_nul": b"nombre=a%00&usuario=a%00bc&clave=%00&lista=a%00,b&papel=%00&idioma=%00&correo=a%00@b.mx&clave_actual=%00&municipio=%00",
    "enorme": b"nombre=" + b"a" * 100_000 + b"&usuario=" + b"a" * 100_000 + b"&clave=" + b"a" * 100_000,
    "repetido": b"nombre=a&nombre=b&usuario=a&usuario=b&clave=a&clave=b&papel=a&papel=b",
    "sin_igual": b"&&&=&==&nombre&usuario",
    "papel_inventado": b"nombre=Ana&usuario=ana.nueva&papel=emperatriz&municipio=99001&lista=ana.nueva,Ana",
    "municipio_inventado": b"nombre=Ana&usuario=ana.nueva&papel=mapeador&municipio=-1&lista=ana.nueva,Ana",
    "numeros_imposibles": b"nombre=Anita&minutos_bloqueo=1e999&prioridad=99999999999999999999&imagenes=[[[[",
    "imagenes_rotas": b"nombre=Anita&minutos_bloqueo=60&imagenes=%7B%22a%22%3A1%7D",
    "imagenes_profundas": b"nombre=Anita&minutos_bloqueo=60&imagenes=" + b"[" * 20_000,
    "imagenes_con_entero_enorme": b"nombre=Anita&minutos_bloqueo=60&imagenes=[" + b"9" * 10_000 + b"]",
    "imagenes_con_nul": b"nombre=Anita&minutos_bloqueo=60&imagenes=%5B%7B%22id%22%3A%22a%22%2C%22nombre%22%3A%22a%5Cu0000%22%7D%5D",
    "letras_al_reves": "nombre=Ana \u202e anA&usuario=ana\u202enueva&clave=maíz azul largo&idioma=es".encode(),
}


@pytest.mark.parametrize("cual", FORMULARIOS_ROTOS)
def test_un_formulario_roto_nunca_es_un_500_en_ninguna_pagina(mundo: Mundo, cual: str) -> None:
    fallas = []
    for regla in mundo.reglas():
        if "POST" in (regla.methods or ()) and not de_api(regla):
            respuesta = mundo.cliente("administradora").post(
                mundo.direccion(regla), data=FORMULARIOS_ROTOS[cual], content_type="application/x-www-form-urlencoded"
            )
            if not sano(respuesta, regla.rule) or (respuesta.status_code >= 400 and not mundo.intacto()):
                fallas.append((regla.rule, respuesta.status_code, respuesta.data[:200]))
            if respuesta.status_code < 400:
                mundo.como_al_principio()
    assert not fallas
