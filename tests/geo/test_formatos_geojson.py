"""GeoJSON: lo que se acepta, lo que se avisa y lo que se rechaza, con su lugar."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.formatos.archivo import leer_archivo
from geo.formatos.capas import LIMITES_SUBIDA, Capa, Limites
from geo.formatos.errores import ErrorLectura

CUADRO = [[-98.8, 20.0], [-98.7, 20.0], [-98.7, 20.1], [-98.8, 20.1], [-98.8, 20.0]]
LIMITES_CHICOS = Limites(
    tamano=2000, desempacado=2000, archivos=3, objetos=2, vertices=12, memoria=10**9, segundos=10.0
)


def poligono(*anillos: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(anillos)}


def objeto(geometria: Any, **propiedades: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": propiedades, "geometry": geometria}


def coleccion(*objetos: Any, **mas: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(objetos), **mas}


def mover(anillo: list[list[float]], crs: str) -> list[list[float]]:
    from geo.crs import WGS84, reconocer_crs, transformador

    return [list(transformador(WGS84, reconocer_crs(crs)).transform(x, y)) for x, y in anillo]


@pytest.fixture
def leer(tmp_path: Path):
    def _leer(contenido: Any, nombre: str = "area.geojson", limites: Limites = LIMITES_SUBIDA, **opciones: Any) -> Capa:
        texto = contenido if isinstance(contenido, (str, bytes)) else json.dumps(contenido, ensure_ascii=False)
        ruta = tmp_path / "subida"
        ruta.write_bytes(texto.encode() if isinstance(texto, str) else texto)
        (capa,) = leer_archivo(ruta, nombre, limites, **opciones).capas
        return capa

    return _leer


@pytest.fixture
def rechazo(leer):
    def _rechazo(contenido: Any, **opciones: Any) -> ErrorLectura:
        with pytest.raises(ErrorLectura) as fallo:
            leer(contenido, **opciones)
        return fallo.value

    return _rechazo


def codigos(capa: Capa) -> list[str]:
    return [aviso.codigo for aviso in capa.avisos]


def test_lee_geometrias_y_propiedades_sin_cambiarlas(leer) -> None:
    capa = leer(coleccion(objeto(poligono(CUADRO), nombre="Ñandú 🏔️", n=3, lista=[1, {"a": None}])))
    assert capa.nombre == "area"
    assert capa.crs_origen == "EPSG:4326"
    assert capa.avisos == ()
    assert capa.propiedades == [{"nombre": "Ñandú 🏔️", "n": 3, "lista": [1, {"a": None}]}]
    assert shapely.get_coordinates(capa.geometrias[0]).tolist() == CUADRO


@pytest.mark.parametrize("nombre", ["límites.v2.geojson", "Áreas de Ñuñoa.JSON", "600.geojson", "🏔️.json"])
def test_los_nombres_con_acentos_puntos_o_digitos_no_estorban(leer, nombre: str) -> None:
    assert leer(objeto(poligono(CUADRO)), nombre).nombre == nombre.rsplit(".", 1)[0]


@pytest.mark.parametrize(
    "geometria",
    [
        {"type": "Point", "coordinates": [-98, 20]},
        {"type": "MultiPoint", "coordinates": [[-98, 20], [-97, 20]]},
        {"type": "LineString", "coordinates": [[-98, 20], [-97, 20]]},
        {"type": "MultiLineString", "coordinates": [[[-98, 20], [-97, 20]], [[-98, 21], [-97, 21]]]},
        poligono(CUADRO, [[-98.78, 20.02], [-98.72, 20.02], [-98.72, 20.08], [-98.78, 20.02]]),
        {"type": "MultiPolygon", "coordinates": [[CUADRO]]},
        {"type": "GeometryCollection", "geometries": [poligono(CUADRO), {"type": "Point", "coordinates": [-98, 20]}]},
    ],
)
def test_los_siete_tipos_de_geometria_se_leen_sueltos_o_en_un_objeto(leer, geometria: dict[str, Any]) -> None:
    esperada = shapely.from_geojson(json.dumps(geometria))
    for contenido in (geometria, objeto(geometria), coleccion(objeto(geometria))):
        assert leer(contenido).geometrias[0].equals_exact(esperada, 0)


def test_un_objeto_sin_geometria_queda_como_ninguna_y_se_dice(leer) -> None:
    vacias = [None, poligono(), {"type": "GeometryCollection", "geometries": []}, {"type": "Point", "coordinates": []}]
    capa = leer(coleccion(*(objeto(vacia, n=n) for n, vacia in enumerate(vacias)), objeto(poligono(CUADRO))))
    assert [geometria is None for geometria in capa.geometrias] == [True, True, True, True, False]
    assert [aviso.datos for aviso in capa.avisos if aviso.codigo == "sin_geometria"] == [{"n": 4}]


def test_una_coleccion_vacia_se_lee_vacia(leer) -> None:
    assert len(leer(coleccion())) == 0


def test_el_id_del_objeto_se_conserva_como_propiedad(leer) -> None:
    capa = leer(coleccion({**objeto(None, a=1), "id": "x7"}, {**objeto(None, id=5), "id": "otro"}))
    assert capa.propiedades == [{"id": "x7", "a": 1}, {"id": 5}]


def test_la_altura_se_quita_y_se_dice(leer) -> None:
    capa = leer(objeto(poligono([[*punto, 2400.0] for punto in CUADRO])))
    assert not shapely.has_z(capa.geometrias[0])
    assert codigos(capa) == ["altura_quitada"]


def test_las_claves_repetidas_se_dicen_y_vale_la_ultima(leer) -> None:
    capa = leer(
        '{"type":"Feature","geometry":null,"properties":{"zona":"a","zona":"b"},"properties":{"zona":1,"zona":2}}'
    )
    assert capa.propiedades == [{"zona": 2}]
    aviso = next(aviso for aviso in capa.avisos if aviso.codigo == "claves_repetidas")
    assert aviso.datos == {"claves": "zona, properties", "n": 3}


@pytest.mark.parametrize("donde", ["coleccion", "objeto", "geometria"])
@pytest.mark.parametrize("sistema", ["EPSG:6365", "EPSG:3857", "EPSG:32614", "EPSG:6372"])
def test_el_sistema_se_reconoce_donde_este_y_se_dice(leer, donde: str, sistema: str) -> None:
    crs = {"crs": {"type": "name", "properties": {"name": sistema}}}
    geometria = poligono(mover(CUADRO, sistema)) | (crs if donde == "geometria" else {})
    capa = leer(
        coleccion(objeto(geometria) | (crs if donde == "objeto" else {})) | (crs if donde == "coleccion" else {})
    )
    assert capa.crs_origen == sistema
    assert codigos(capa) == ["transformada"]
    assert shapely.equals_exact(capa.geometrias[0], shapely.Polygon(CUADRO), tolerance=1e-8)


@pytest.mark.parametrize("nombre", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_decir_lo_que_ya_se_supone_no_merece_aviso(leer, nombre: str) -> None:
    capa = leer(coleccion(objeto(poligono(CUADRO)), crs={"type": "name", "properties": {"name": nombre}}))
    assert capa.avisos == ()


def test_un_sistema_desconocido_se_nombra(rechazo) -> None:
    error = rechazo(coleccion(crs={"type": "name", "properties": {"name": "EPSG:999999"}}))
    assert (error.codigo, error.datos["sistema"]) == ("sistema_desconocido", "EPSG:999999")


def test_un_sistema_por_enlace_no_se_sigue(rechazo) -> None:
    enlace = {"type": "link", "properties": {"href": "http://127.0.0.1/crs"}}
    assert rechazo(coleccion(crs=enlace)).codigo == "geojson_mal_formado"


def test_dos_sistemas_en_un_archivo_se_rechazan(rechazo) -> None:
    a, b = ({"crs": {"type": "name", "properties": {"name": n}}} for n in ("EPSG:6365", "EPSG:4326"))
    error = rechazo(coleccion(objeto(poligono(CUADRO) | a), objeto(poligono(CUADRO) | b)))
    assert error.codigo == "sistemas_mezclados"
    assert "EPSG:6365, EPSG:4326" in error.mensaje


def test_metros_sin_sistema_piden_el_sistema_y_sugieren_el_probable(rechazo) -> None:
    error = rechazo(poligono(mover(CUADRO, "EPSG:3857")))
    assert error.codigo == "falta_sistema"
    assert error.datos["candidatos"] == ["EPSG:3857"]
    assert "parece EPSG:3857" in error.mensaje
    assert error.texto_reparacion.startswith("Se leería como EPSG:3857")


def test_al_reparar_se_supone_el_unico_sistema_posible_y_se_dice(leer) -> None:
    capa = leer(poligono(mover(CUADRO, "EPSG:6372")), reparar=True)
    assert codigos(capa) == ["sistema_supuesto", "transformada"]
    assert shapely.equals_exact(capa.geometrias[0], shapely.Polygon(CUADRO), tolerance=1e-8)


def test_las_zonas_utm_se_distinguen_sabiendo_donde_se_espera(rechazo, leer) -> None:
    en_utm = poligono(mover(CUADRO, "EPSG:32614"))
    ambiguo = rechazo(en_utm)
    assert "EPSG:32614" in ambiguo.datos["candidatos"]
    assert len(ambiguo.datos["candidatos"]) > 1
    assert not ambiguo.datos["reparable"]
    assert rechazo(en_utm, cerca_de=(-99, 20, -98.5, 20.3)).datos["candidatos"] == ["EPSG:32614"]
    assert leer(en_utm, crs="EPSG:32614").crs_origen == "EPSG:32614"


def test_grados_que_dicen_ser_metros_se_notan(rechazo) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
    error = rechazo(coleccion(objeto(poligono(CUADRO)), crs=crs))
    assert (error.codigo, error.datos["candidatos"]) == ("sistema_contradice", ["EPSG:4326"])


def test_metros_que_dicen_ser_grados_se_notan(rechazo, leer) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:4326"}}
    contenido = coleccion(objeto(poligono(mover(CUADRO, "EPSG:3857"))), crs=crs)
    assert rechazo(contenido).codigo == "sistema_contradice"
    assert codigos(leer(contenido, crs="EPSG:3857")) == ["sistema_supuesto", "transformada"]


def test_latitud_y_longitud_al_reves_se_notan_y_se_ofrece_intercambiarlas(rechazo, leer) -> None:
    al_reves = poligono([[y, x] for x, y in CUADRO])
    error = rechazo(al_reves)
    assert error.codigo == "coordenadas_intercambiadas"
    assert error.texto_reparacion == "Se intercambiarían: 20, -98.8 pasaría a -98.8, 20."
    capa = leer(al_reves, reparar=True)
    assert codigos(capa) == ["intercambiadas"]
    assert shapely.get_coordinates(capa.geometrias[0]).tolist() == CUADRO


def test_al_reves_pero_posibles_se_notan_por_el_lugar_esperado(rechazo, leer) -> None:
    merida = [[-89.7, 20.9], [-89.5, 20.9], [-89.5, 21.1], [-89.7, 20.9]]
    al_reves = poligono([[y, x] for x, y in merida])
    cerca = (-90.0, 20.5, -89.0, 21.5)
    assert leer(al_reves).avisos == ()
    assert rechazo(al_reves, cerca_de=cerca).codigo == "coordenadas_intercambiadas"
    assert leer(poligono(merida), cerca_de=cerca).avisos == ()
    assert leer(poligono([[x + 50, y] for x, y in merida]), cerca_de=cerca).avisos == ()


@pytest.mark.parametrize("numero", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_un_numero_que_no_es_finito_dice_su_objeto_y_vertice(rechazo, numero: str) -> None:
    anillo = f"[[-98,20],[-97,20],[-97,{numero}],[-98,20]]"
    error = rechazo(f'{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":null}},'
                    f'{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":[{anillo}]}}}}]}}')  # fmt: skip
    assert (error.codigo, error.datos["objeto"], error.datos["vertice"]) == ("coordenada_no_finita", 2, 3)


def test_mil_millones_de_grados_dicen_su_lugar(rechazo) -> None:
    error = rechazo(coleccion(objeto(poligono(CUADRO)), objeto({"type": "Point", "coordinates": [1e9, 20]})))
    assert error.codigo == "coordenada_fuera_de_rango"
    assert "objeto 2" in error.mensaje
    assert "1000000000, 20" in error.mensaje


def test_una_coordenada_que_no_cabe_en_su_proyeccion_dice_su_lugar(rechazo) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:32614"}}
    error = rechazo(coleccion(objeto({"type": "Point", "coordinates": [1e15, 2e6]}), crs=crs))
    assert error.codigo == "coordenada_fuera_de_rango"


def test_un_anillo_abierto_dice_donde_y_ofrece_cerrarlo(rechazo, leer) -> None:
    error = rechazo(poligono(CUADRO[:-1]))
    assert (error.codigo, error.datos["reparable"]) == ("anillo_abierto", True)
    assert error.texto_reparacion == "Se cerraría el anillo con un lado recto de -98.8, 20.1 a -98.8, 20."
    capa = leer(poligono(CUADRO[:-1]), reparar=True)
    assert codigos(capa) == ["anillos_cerrados"]
    assert shapely.get_coordinates(capa.geometrias[0]).tolist() == CUADRO


@pytest.mark.parametrize(
    "contenido",
    [
        '{"type":"Polygon",\n "coordinates":[[[0,0],[1,0],[1,1]',
        '{"type":"Polygon",\n "coordinates":"sin cerrar',
        '{"type":"Polygon",\n "coordinates"',
        '{"type":"FeatureCollection",\n"features":[{"type":"Feature","geometry":null},  ',
    ],
)
def test_el_json_cortado_dice_que_le_falta_el_final(rechazo, contenido: str) -> None:
    error = rechazo(contenido)
    assert (error.codigo, error.datos["linea"]) == ("json_cortado", 2)


@pytest.mark.parametrize(
    ("contenido", "linea", "columna"),
    [
        ('{"type":"Polygon",\n "coordinates":[[[0,0],[1,0],]]}', 2, 30),
        ('{"type":"Polygon"\n\n  "coordinates":[]}', 3, 3),
        ("{'type':'Polygon'}", 1, 2),
        ('{"type":"Polygon","coordinates":[1 2]}', 1, 36),
        ('{"type":"FeatureCollection","features":[],}', 1, 43),
        ('{"type":"Feature","geometry":null} de más', 1, 36),
        ("hola", 1, 1),
        ('{"type" "Polygon"}', 1, 9),
        ('{"a": 1' + "0" * 5000 + "}", 1, 7),
    ],
)
def test_el_json_mal_escrito_dice_linea_y_columna(rechazo, contenido: str, linea: int, columna: int) -> None:
    error = rechazo(contenido, nombre="mapa.json")
    assert (error.codigo, error.datos["linea"], error.datos["columna"]) == ("json_roto", linea, columna)


@pytest.mark.parametrize(
    "contenido",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":'
        + "[" * 100 + "]" * 100 + "}}]}",
        '{"type":"GeometryCollection","geometries":[' * 50 + "]}" * 50,
    ],
)  # fmt: skip
def test_el_json_sin_fondo_se_rechaza(rechazo, contenido: str) -> None:
    assert rechazo(contenido).codigo == "json_muy_profundo"


@pytest.mark.parametrize(
    ("contenido", "codigo"),
    [
        ("null", "geojson_tipo"),
        ("[]", "geojson_tipo"),
        ("3", "geojson_tipo"),
        ({}, "geojson_tipo"),
        ({"type": "Topology", "objects": {}}, "geojson_tipo"),
        ({"type": ["Polygon"], "coordinates": []}, "geojson_tipo"),
        (objeto({"type": "Circle", "coordinates": []}), "geojson_tipo"),
        ({"type": "FeatureCollection"}, "geojson_mal_formado"),
        ({"type": "FeatureCollection", "features": {}}, "geojson_mal_formado"),
        (coleccion(None), "geojson_mal_formado"),
        (coleccion({"type": "Polygon"}), "geojson_mal_formado"),
        (objeto("x"), "geojson_mal_formado"),
        ({**objeto(None), "properties": [1]}, "geojson_mal_formado"),
        ({"type": "Polygon"}, "geojson_mal_formado"),
        (poligono("x"), "geojson_mal_formado"),
        (poligono([[1, 2], [3], [1, 2]]), "geojson_mal_formado"),
        (poligono([["1", "2"], ["3", "4"], ["1", "2"]]), "geojson_mal_formado"),
        (poligono([[True, 2], [3, 4], [5, 6], [1, 2]]), "geojson_mal_formado"),
        (poligono([[1, None], [3, 4], [5, 6], [1, 2]]), "geojson_mal_formado"),
        ({"type": "Point", "coordinates": [[1, 2]]}, "geojson_mal_formado"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "geojson_mal_formado"),
        ({"type": "GeometryCollection", "geometries": [3]}, "geojson_mal_formado"),
        (poligono([[1, 2], [3, 4]]), "anillo_corto"),
        (poligono([[1, 2], [3, 4], [1, 2]]), "anillo_corto"),
        (poligono([]), "anillo_corto"),
    ],
)
def test_lo_que_no_es_geojson_se_rechaza_por_su_nombre(rechazo, contenido: Any, codigo: str) -> None:
    assert rechazo(contenido, reparar=True).codigo == codigo


@pytest.mark.parametrize("texto", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("donde", ["clave", "valor", "adentro"])
def test_los_caracteres_nulos_y_a_medias_se_rechazan(rechazo, texto: str, donde: str) -> None:
    propiedades: dict[str, Any] = {
        "clave": {texto: 1},
        "valor": {"nombre": texto},
        "adentro": {"nombre": [{"x": texto}]},
    }[donde]
    error = rechazo(json.dumps(objeto(None) | {"properties": propiedades}))
    assert error.codigo == "texto_invalido"
    error.mensaje.encode()


def test_un_byte_nulo_en_el_archivo_se_rechaza(rechazo) -> None:
    assert rechazo(b'{"type":"Feature","geometry":null,"properties":{"a":"\x00"}}').codigo == "json_roto"


def test_los_numeros_imposibles_de_las_propiedades_quedan_vacios(leer) -> None:
    capa = leer('{"type":"Feature","geometry":null,"properties":{"a":NaN,"b":[1e999],"c":1.5}}')
    assert capa.propiedades == [{"a": None, "b": [None], "c": 1.5}]


def test_se_lee_utf8_con_marca_y_utf16_con_marca(leer) -> None:
    texto = json.dumps(objeto(None, nombre="Ñ"), ensure_ascii=False)
    for codificacion in ("utf-8-sig", "utf-16"):
        assert leer(texto.encode(codificacion)).propiedades == [{"nombre": "Ñ"}]


def test_lo_que_no_es_utf8_dice_la_linea_y_ofrece_leerlo_como_windows(rechazo, leer) -> None:
    latino = '{"type":"Feature",\n"geometry":null,"properties":{"nombre":"Ñandú"}}'.encode("cp1252")
    error = rechazo(latino)
    assert (error.codigo, error.datos["linea"], error.datos["reparable"]) == ("codificacion_invalida", 2, True)
    capa = leer(latino, reparar=True)
    assert capa.propiedades == [{"nombre": "Ñandú"}]
    assert codigos(capa)[0] == "leido_como_1252"


def test_los_limites_de_tamano_objetos_y_vertices_se_respetan(rechazo) -> None:
    tres_objetos = coleccion(objeto(None), objeto(None), objeto(None))
    trece_vertices = coleccion(objeto(poligono(CUADRO)), objeto({"type": "MultiPoint", "coordinates": [[0, 0]] * 8}))
    assert rechazo("[" + " " * 3000, limites=LIMITES_CHICOS).codigo == "archivo_muy_grande"
    assert rechazo(tres_objetos, limites=LIMITES_CHICOS).codigo == "demasiados_objetos"
    assert rechazo(trece_vertices, limites=LIMITES_CHICOS).codigo == "demasiados_vertices"
