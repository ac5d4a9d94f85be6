"""Los formatos que se leen en el proceso aparte, y lo que se rechaza de cada uno."""

import json
import shutil
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio.raw import write

from geo.crs import a_metrico, reconocer_crs
from geo.formatos import despacho
from geo.formatos.archivo import leer_archivo, leer_carpeta
from geo.formatos.capas import LIMITES_SUBIDA, Lectura, Opciones
from geo.formatos.errores import ErrorLectura

AREAS = np.array([shapely.box(-98.8, 20, -98.7, 20.1), shapely.box(-98.6, 20, -98.5, 20.1)], dtype=object)
NOMBRES = np.array(["Ñandú", "Ácimo"], dtype=object)
KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Folder><name>Colonias</name><Placemark><name>Centro</name><Polygon><outerBoundaryIs><LinearRing><coordinates>
-98.8,20.0,5 -98.7,20.0,5 -98.7,20.1,5 -98.8,20.0,5</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
</Folder></Document></kml>"""
GPX = """<?xml version="1.0"?><gpx version="1.1" creator="a mano" xmlns="http://www.topografix.com/GPX/1/1">
<wpt lat="20" lon="-98.8"><name>Plaza</name></wpt>
<trk><name>Vuelta</name><trkseg><trkpt lat="20" lon="-98.8"/><trkpt lat="20.1" lon="-98.8"/></trkseg></trk></gpx>"""
CAPA_VACIA = '{"type":"FeatureCollection","features":[]}'


def escribir(
    ruta: Path, controlador: str, areas: Any = AREAS, crs: str | None = "EPSG:4326", tipo: str = "Polygon", **mas: Any
) -> Path:
    campos = [NOMBRES, np.array([1, 2], dtype=np.int32)]
    nombres = np.array(["nombre", "n"], dtype=object)
    wkb = shapely.to_wkb(areas, output_dimension=3)
    write(ruta, wkb, campos, nombres, driver=controlador, crs=crs, geometry_type=tipo, encoding="UTF-8", **mas)
    return ruta


def empacar(destino: Path, archivos: dict[str, Path | str | bytes]) -> Path:
    with zipfile.ZipFile(destino, "w") as zip_:
        for nombre, contenido in archivos.items():
            zip_.writestr(nombre, contenido.read_bytes() if isinstance(contenido, Path) else contenido)
    return destino


def shapefile(carpeta: Path, base: str = "límites", crs: str = "EPSG:6372") -> dict[str, Path]:
    """Las partes de un shapefile recién hecho, por su extensión."""
    carpeta.mkdir(exist_ok=True)
    escribir(carpeta / f"{base}.shp", "ESRI Shapefile", a_metrico(AREAS, reconocer_crs(crs)), crs)
    return {ruta.suffix: ruta for ruta in carpeta.iterdir()}


def codigos(avisos: Sequence[Any]) -> list[str]:
    return [aviso.codigo for aviso in avisos]


@pytest.fixture
def aqui(tmp_path: Path):
    """Lee como el proceso aparte, pero en este: más rápido para ver cada rechazo."""
    privada = tmp_path / "privada"

    def _leer(ruta: Path, nombre: str | None = None, **opciones: Any) -> Lectura:
        shutil.rmtree(privada, ignore_errors=True)
        privada.mkdir()
        return despacho.leer(ruta, nombre or ruta.name, privada, Opciones(**opciones))

    return _leer


@pytest.fixture
def rechazo(aqui):
    def _rechazo(ruta: Path, nombre: str | None = None, **opciones: Any) -> ErrorLectura:
        with pytest.raises(ErrorLectura) as fallo:
            aqui(ruta, nombre, **opciones)
        return fallo.value

    return _rechazo


def test_un_zip_con_todos_los_formatos_se_lee_entero_en_el_proceso_aparte(tmp_path: Path) -> None:
    partes = shapefile(tmp_path / "shp")
    en_utm = a_metrico(AREAS, reconocer_crs("EPSG:32614"))
    ruta = empacar(
        tmp_path / "todo.zip",
        {
            "a/áreas.gpkg": escribir(tmp_path / "a.gpkg", "GPKG", en_utm, "EPSG:32614", layer="barrios"),
            "b.fgb": escribir(tmp_path / "b.fgb", "FlatGeobuf", crs="EPSG:6365", layer="plano"),
            "c.kml": KML,
            "d.gpx": GPX,
            "e.v2.geojson": json.dumps({"type": "Point", "coordinates": [-98, 20]}),
            **{f"f/Límites{sufijo.upper()}": parte for sufijo, parte in partes.items()},
            "f/Límites.shp.xml": "<metadata/>",
            "leeme.txt": "hola",
        },
    )
    lectura = leer_archivo(ruta)
    capas = {capa.nombre: capa for capa in lectura.capas}
    assert set(capas) == {"barrios", "plano", "Colonias", "waypoints", "tracks", "e.v2", "Límites"}
    assert [aviso.datos for aviso in lectura.avisos] == [{"n": 1, "lista": "leeme.txt"}]
    origenes = {nombre: capas[nombre].crs_origen for nombre in ("barrios", "plano", "Colonias", "Límites")}
    assert origenes == {
        "barrios": "EPSG:32614",
        "plano": "EPSG:6365",
        "Colonias": "EPSG:4326",
        "Límites": "EPSG:6372",
    }
    for nombre in ("barrios", "plano", "Límites"):
        orden = np.argsort([fila["n"] for fila in capas[nombre].propiedades])
        assert [capas[nombre].propiedades[i] for i in orden] == [
            {"nombre": "Ñandú", "n": 1},
            {"nombre": "Ácimo", "n": 2},
        ]
        assert shapely.equals_exact(
            shapely.normalize(capas[nombre].geometrias[orden]), shapely.normalize(AREAS), tolerance=1e-7
        ).all()
        assert "transformada" in codigos(capas[nombre].avisos)
    assert codigos(capas["Colonias"].avisos) == ["altura_quitada"]
    assert not shapely.has_z(capas["Colonias"].geometrias).any()
    assert capas["tracks"].propiedades == [{"name": "Vuelta"}]


def test_una_carpeta_se_lee_entera_con_sus_shapefile_y_sus_zip(tmp_path: Path) -> None:
    shapefile(tmp_path / "entrega")
    (tmp_path / "entrega" / "sub").mkdir()
    (tmp_path / "entrega" / "sub" / "puntos.geojson").write_text('{"type":"Point","coordinates":[-98,20]}')
    (tmp_path / "entrega" / "enlace.geojson").symlink_to("/etc/hostname")
    empacar(tmp_path / "entrega" / "más.zip", {"x.kml": KML})
    lectura = leer_carpeta(tmp_path / "entrega")
    assert sorted(capa.nombre for capa in lectura.capas) == ["Colonias", "límites", "puntos"]


def test_en_una_carpeta_el_error_nombra_su_archivo(rechazo, tmp_path: Path) -> None:
    (tmp_path / "entrega").mkdir()
    (tmp_path / "entrega" / "bien.geojson").write_text(CAPA_VACIA)
    empacar(tmp_path / "entrega" / "z.zip", {"a.geojson": CAPA_VACIA, "sub/roto.geojson": "{"})
    error = rechazo(tmp_path / "entrega")
    assert error.codigo == "json_cortado"
    assert error.mensaje.startswith("z.zip/sub/roto.geojson: El JSON se corta")


def test_una_carpeta_sin_nada_geografico_se_rechaza(tmp_path: Path, rechazo) -> None:
    (tmp_path / "nada").mkdir()
    assert rechazo(tmp_path / "nada").codigo == "sin_capas"
    with pytest.raises(ErrorLectura) as fallo:
        leer_carpeta(tmp_path / "no existe")
    assert fallo.value.codigo == "archivo_no_encontrado"


def test_un_kmz_es_un_zip_con_un_kml(aqui, tmp_path: Path) -> None:
    ruta = empacar(tmp_path / "a.kmz", {"doc.kml": KML, "files/icono.png": b"\x89PNG"})
    (capa,) = aqui(ruta).capas
    assert (capa.nombre, capa.propiedades[0]["Name"]) == ("Colonias", "Centro")


def test_las_capas_de_un_geopackage_salen_todas_menos_las_tablas(aqui, tmp_path: Path) -> None:
    ruta = escribir(tmp_path / "a.gpkg", "GPKG", layer="uno")
    escribir(ruta, "GPKG", layer="dos", append=True)
    campos = [NOMBRES]
    write(
        ruta, None, campos, np.array(["x"], dtype=object), driver="GPKG", layer="tabla", append=True, geometry_type=None
    )
    assert [capa.nombre for capa in aqui(ruta).capas] == ["uno", "dos"]


def test_los_valores_de_gdal_quedan_como_json_simple(aqui, tmp_path: Path) -> None:
    ruta = tmp_path / "a.gpkg"
    columnas = [
        np.array([1.0, np.nan]),
        np.array([True, False]),
        np.array(["2026-03-05T10:00:00", "NaT"], dtype="datetime64[ms]"),
    ]
    campos = np.array(["real", "logico", "cuando"], dtype=object)
    write(ruta, shapely.to_wkb(AREAS), columnas, campos, driver="GPKG", crs="EPSG:4326", geometry_type="Polygon")
    primera, segunda = aqui(ruta).capas[0].propiedades
    assert primera == {"real": 1.0, "logico": True, "cuando": primera["cuando"]}
    assert primera["cuando"].startswith("2026-03-05T10:00:00")
    assert segunda == {"real": None, "logico": False, "cuando": None}
    json.dumps([primera, segunda], allow_nan=False)


@pytest.mark.parametrize("falta", [".shx", ".dbf", ".prj"])
def test_a_un_shapefile_incompleto_se_le_nombra_lo_que_falta(rechazo, tmp_path: Path, falta: str) -> None:
    partes = shapefile(tmp_path / "shp")
    del partes[falta]
    ruta = empacar(tmp_path / "a.zip", {f"límites{sufijo}": parte for sufijo, parte in partes.items()})
    error = rechazo(ruta)
    assert f"«límites{falta}»" in error.mensaje
    assert error.codigo == ("falta_sistema" if falta == ".prj" else "shapefile_incompleto")


def test_sin_prj_se_ofrece_el_unico_sistema_posible(rechazo, aqui, tmp_path: Path) -> None:
    partes = shapefile(tmp_path / "shp")
    del partes[".prj"]
    ruta = empacar(tmp_path / "a.zip", {f"a{sufijo}": parte for sufijo, parte in partes.items()})
    assert rechazo(ruta).datos["candidatos"] == ["EPSG:6372"]
    (capa,) = aqui(ruta, reparar=True).capas
    assert codigos(capa.avisos)[-2:] == ["sistema_supuesto", "transformada"]
    assert shapely.equals_exact(shapely.normalize(capa.geometrias), shapely.normalize(AREAS), tolerance=1e-7).all()


@pytest.mark.parametrize("parte", [".shp", ".shx", ".dbf"])
def test_un_shapefile_cortado_se_nota_por_su_cabecera(rechazo, tmp_path: Path, parte: str) -> None:
    partes = shapefile(tmp_path / "shp")
    partes[parte].write_bytes(partes[parte].read_bytes()[:-9])
    ruta = empacar(tmp_path / "a.zip", {f"a{sufijo}": p for sufijo, p in partes.items()})
    error = rechazo(ruta)
    assert (error.codigo, error.datos["nombre"]) == ("archivo_truncado", f"a{parte}")


def test_un_dbf_que_no_esta_en_la_codificacion_que_dice_se_ofrece_leer_como_windows(
    rechazo, aqui, tmp_path: Path
) -> None:
    partes = shapefile(tmp_path / "shp")
    dbf = partes[".dbf"].read_bytes().replace("Ñandú".encode() + b"  ", "Ñandú".encode("cp1252") + b"    ")
    dbf = dbf.replace("Ácimo".encode() + b" ", "Ácimo".encode("cp1252") + b"  ")
    archivos = {f"a{sufijo}": parte.read_bytes() for sufijo, parte in partes.items()} | {"a.dbf": dbf}
    ruta = empacar(tmp_path / "a.zip", archivos)
    assert rechazo(ruta).codigo == "codificacion_invalida"
    (capa,) = aqui(ruta, reparar=True).capas
    assert [fila["nombre"] for fila in capa.propiedades] == ["Ñandú", "Ácimo"]


def test_un_shapefile_suelto_pide_el_zip(rechazo, tmp_path: Path) -> None:
    ruta = shapefile(tmp_path / "shp")[".shp"]
    assert rechazo(ruta).codigo == "shapefile_suelto"
    assert rechazo(empacar(tmp_path / "a.zip", {"a.dbf": b"x"})).codigo == "shapefile_suelto"


@pytest.mark.parametrize(("nombre", "controlador"), [("a.gpkg", "GPKG"), ("a.fgb", "FlatGeobuf")])
@pytest.mark.parametrize("parte", [0.5, 0.99])
def test_un_geopackage_o_flatgeobuf_cortado_se_rechaza(
    rechazo, tmp_path: Path, nombre: str, controlador: str, parte: float
) -> None:
    ruta = escribir(tmp_path / nombre, controlador)
    datos = ruta.read_bytes()
    ruta.write_bytes(datos[: int(len(datos) * parte)])
    assert rechazo(ruta).codigo in ("archivo_truncado", "archivo_ilegible")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_un_geopackage_sin_sistema_lo_pide(rechazo, tmp_path: Path) -> None:
    ruta = escribir(tmp_path / "a.gpkg", "GPKG", a_metrico(AREAS, reconocer_crs("EPSG:3857")), crs=None)
    error = rechazo(ruta)
    assert (error.codigo, error.datos["candidatos"]) == ("falta_sistema", ["EPSG:3857"])


def test_un_anillo_abierto_en_un_geopackage_se_ofrece_cerrar(rechazo, aqui, tmp_path: Path) -> None:
    ruta = escribir(tmp_path / "a.gpkg", "GPKG")
    cerrado = struct.pack("<dd", *shapely.get_coordinates(AREAS[0])[-1])
    datos = ruta.read_bytes()
    posicion = datos.rindex(cerrado)
    ruta.write_bytes(datos[:posicion] + struct.pack("<dd", -98.75, 20.05) + datos[posicion + 16 :])
    error = rechazo(ruta)
    assert (error.codigo, error.datos["reparable"]) == ("anillo_abierto", True)
    assert "anillos_cerrados" in codigos(aqui(ruta, reparar=True).capas[0].avisos)


def test_un_xml_con_entidades_se_rechaza_antes_de_abrirlas(rechazo, tmp_path: Path) -> None:
    bomba = '<!DOCTYPE kml [<!ENTITY a "ja">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    ) + "]><kml>&a9;</kml>"  # fmt: skip
    externa = '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml>&x;</kml>'
    for numero, texto in enumerate((bomba, externa, f'<?xml version="1.0"?><!-- {"x" * 5000} -->{externa}')):
        ruta = tmp_path / f"{numero}.kml"
        for codificacion in ("utf-8", "utf-16"):
            ruta.write_bytes(texto.encode(codificacion))
            assert rechazo(ruta).codigo == "xml_con_entidades"


def test_la_palabra_doctype_dentro_de_un_texto_no_estorba(aqui, tmp_path: Path) -> None:
    ruta = tmp_path / "a.kml"
    ruta.write_text(KML.replace("<name>Centro</name>", "<name><![CDATA[<!DOCTYPE html><b>Centro</b>]]></name>"))
    assert len(aqui(ruta).capas) == 1


def test_un_xml_roto_cortado_o_sin_fondo_dice_su_lugar(rechazo, tmp_path: Path) -> None:
    ruta = tmp_path / "a.kml"
    for texto, linea in ((KML[:300], 4), (KML.replace("</Folder>", ""), 5), ("<kml>" * 500, 1)):
        ruta.write_text(texto)
        error = rechazo(ruta)
        assert (error.codigo, error.datos["linea"]) == ("xml_roto", linea)


@pytest.mark.parametrize(
    ("nombre", "contenido", "parece"),
    [
        ("plano.geojson", b"%PDF-1.7 ...", "PDF"),
        ("plano.gpkg", b"%PDF-1.7 ...", "PDF"),
        ("plano.kml", b"\x89PNG\r\n\x1a\n....", "PNG"),
        ("plano.zip", b"\xff\xd8\xff\xe0....", "JPEG"),
        ("plano.geojson", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18", "OSM PBF"),
        ("plano.gpkg", b'{"type":"Point","coordinates":[0,0]}', "JSON"),
        ("plano.geojson", b"PK\x03\x04....", "ZIP"),
        ("plano.geojson", KML.encode(), "KML"),
        ("plano.kml", GPX.encode(), "GPX"),
        ("plano.gpx", b'<?xml version="1.0"?><osm version="0.6"/>', "OSM XML"),
        ("plano.kml", b"<!DOCTYPE html><html></html>", "HTML"),
        ("plano.gpkg", b"SQLite format 3\x00" + b"\x00" * 100, "SQLite"),
        ("plano.zip", b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        ("plano.zip", b"Rar!\x1a\x07\x00", "RAR"),
    ],
)
def test_el_contenido_que_no_es_lo_que_dice_su_extension_se_nombra(
    rechazo, tmp_path: Path, nombre: str, contenido: bytes, parece: str
) -> None:
    ruta = tmp_path / "subida"
    ruta.write_bytes(contenido)
    error = rechazo(ruta, nombre)
    assert (error.codigo, error.datos["parece"]) == ("contenido_distinto", parece)


@pytest.mark.parametrize(
    ("nombre", "contenido", "codigo"),
    [
        ("vacío.geojson", b"", "archivo_vacio"),
        ("mapa.pdf", b"%PDF-1.7", "formato_no_admitido"),
        ("mapa.dwg", b"AC1027", "formato_no_admitido"),
        ("mapa", b"hola", "formato_no_admitido"),
        ("mapa.gpkg", b"hola", "archivo_ilegible"),
        ("mapa.shp", b"hola", "shapefile_suelto"),
        ("x" * 600 + ".tif", b"II*\x00", "formato_no_admitido"),
    ],
)
def test_lo_que_no_leemos_se_rechaza(rechazo, tmp_path: Path, nombre: str, contenido: bytes, codigo: str) -> None:
    ruta = tmp_path / "subida"
    ruta.write_bytes(contenido)
    assert rechazo(ruta, nombre).codigo == codigo


def test_un_archivo_que_no_existe_se_dice(tmp_path: Path) -> None:
    with pytest.raises(ErrorLectura) as fallo:
        leer_archivo(tmp_path / "no.geojson")
    assert fallo.value.codigo == "archivo_no_encontrado"


def test_un_zip_sin_nada_geografico_se_rechaza(rechazo, tmp_path: Path) -> None:
    assert rechazo(empacar(tmp_path / "a.zip", {"leeme.txt": "hola"})).codigo == "sin_capas"


def test_dentro_de_un_zip_tambien_se_mira_el_contenido(rechazo, tmp_path: Path) -> None:
    error = rechazo(empacar(tmp_path / "a.zip", {"bien.geojson": CAPA_VACIA, "mapa.geojson": b"%PDF-1.7"}))
    assert (error.codigo, error.datos["archivo"]) == ("contenido_distinto", "mapa.geojson")


def test_los_limites_valen_para_todas_las_capas_juntas(rechazo, tmp_path: Path) -> None:
    punto = '{"type":"Point","coordinates":[-98,20]}'
    ruta = empacar(tmp_path / "a.zip", {f"{n}.geojson": punto for n in range(4)})
    assert rechazo(ruta, limites=replace(LIMITES_SUBIDA, objetos=3)).codigo == "demasiados_objetos"
    assert rechazo(ruta, limites=replace(LIMITES_SUBIDA, vertices=3)).codigo == "demasiados_vertices"
    gpkg = escribir(tmp_path / "a.gpkg", "GPKG")
    assert rechazo(gpkg, limites=replace(LIMITES_SUBIDA, objetos=1)).codigo == "demasiados_objetos"
    assert rechazo(gpkg, limites=replace(LIMITES_SUBIDA, vertices=9)).codigo == "demasiados_vertices"
