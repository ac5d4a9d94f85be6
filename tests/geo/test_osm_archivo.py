"""Un archivo se reconoce por lo que trae, y lo roto u hostil se rechaza con su motivo y su lugar."""

import bz2
import gzip
import re
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import osmium
import pytest

from geo.osm import archivo as modulo
from geo.osm import errores
from geo.osm.archivo import abrir
from geo.osm.lectura import Lectura
from tests.conftest import datos_reales
from tests.mundo_osm import PUEBLO, archivo


def leer(ruta: Path) -> list[object]:
    with abrir(ruta) as abierto:
        return list(Lectura(abierto))


def test_los_cuatro_formatos_dan_lo_mismo(tmp_path: Path) -> None:
    nombres = ("a.osm", "a.osm.pbf", "a.osm.gz", "a.osm.bz2")
    lecturas = [leer(archivo(tmp_path, PUEBLO, nombre)) for nombre in nombres]
    assert all(lectura == lecturas[0] for lectura in lecturas)
    assert len(lecturas[0]) == 6 + 6


def test_la_extension_no_decide(tmp_path: Path) -> None:
    esperado = leer(archivo(tmp_path, PUEBLO, "a.osm"))
    for nombre, de in (("pbf.osm", "a.osm.pbf"), ("gz.pbf", "a.osm.gz"), ("sin_extension", "a.osm")):
        ruta = tmp_path / nombre
        ruta.write_bytes(archivo(tmp_path, PUEBLO, de).read_bytes())
        assert leer(ruta) == esperado


@pytest.mark.parametrize(
    ("contenido", "parece"),
    [
        (b'{"type": "FeatureCollection"}', "JSON"),
        (b"SQLite format 3\0" + b"\0" * 100, "GeoPackage"),
        (b"<!DOCTYPE html><html></html>", "página web"),
        (b"<html><body>404</body></html>", "página web"),
        (b"<?xml version='1.0'?><gpx></gpx>", "<gpx>"),
        (b"\x00\x00\x27\x0a" + b"\0" * 96, "shapefile"),
        (b"%PDF-1.7", "PDF"),
        (b"nombre,lat,lon\n", "otro tipo"),
        (b"\x00" * 500, "otro tipo"),
    ],
)
def test_lo_que_no_es_de_openstreetmap_se_rechaza_diciendo_que_parece(
    tmp_path: Path, contenido: bytes, parece: str
) -> None:
    ruta = tmp_path / "mentira.osm.pbf"
    ruta.write_bytes(contenido)
    with pytest.raises(errores.NoEsOsm) as error:
        leer(ruta)
    assert parece in error.value.mensaje
    assert "mentira.osm.pbf" in error.value.mensaje


def test_un_zip_no_es_un_extracto(tmp_path: Path) -> None:
    ruta = tmp_path / "extracto.osm"
    with zipfile.ZipFile(ruta, "w") as zip_:
        zip_.writestr("a.osm", "<osm/>")
    with pytest.raises(errores.NoEsOsm, match="zip"):
        leer(ruta)


def test_sin_archivo_o_vacio_se_dice(tmp_path: Path) -> None:
    with pytest.raises(errores.ArchivoAusente, match="nada\\.osm"):
        leer(tmp_path / "nada.osm")
    (tmp_path / "vacio.osm").write_bytes(b"")
    with pytest.raises(errores.ArchivoVacio):
        leer(tmp_path / "vacio.osm")
    with gzip.open(tmp_path / "vacio.osm.gz", "wb"):
        pass
    with pytest.raises(errores.ArchivoVacio):
        leer(tmp_path / "vacio.osm.gz")


@pytest.mark.parametrize("nombre", ["a.osm.pbf", "a.osm.gz", "a.osm.bz2"])
def test_un_archivo_cortado_se_rechaza_donde_se_corto(tmp_path: Path, nombre: str) -> None:
    ruta = archivo(tmp_path, PUEBLO, nombre)
    completo = ruta.read_bytes()
    for largo in (len(completo) // 2, len(completo) - 1, 30):
        ruta.write_bytes(completo[:largo])
        with pytest.raises(errores.ArchivoTruncado) as error:
            leer(ruta)
        assert "byte" in error.value.mensaje


def test_un_pbf_con_los_datos_danados_se_rechaza(tmp_path: Path) -> None:
    ruta = archivo(tmp_path, PUEBLO, "a.osm.pbf")
    completo = bytearray(ruta.read_bytes())
    completo[-40:-20] = bytes(20)
    ruta.write_bytes(completo)
    with pytest.raises(errores.ErrorOsm):
        leer(ruta)


def test_un_pbf_real_cortado_dice_en_que_byte(tmp_path: Path) -> None:
    completo = datos_reales("osm/gibraltar-2017-09-03.osm.pbf").read_bytes()
    ruta = tmp_path / "gibraltar.osm.pbf"
    ruta.write_bytes(completo[:200_000])
    with pytest.raises(errores.ArchivoTruncado) as error:
        leer(ruta)
    assert 0 < error.value.datos["byte"] < 200_000


def test_un_xml_mal_cerrado_dice_linea_y_columna(tmp_path: Path) -> None:
    ruta = tmp_path / "roto.osm"
    ruta.write_text('<osm version="0.6">\n<node id="1" lat="1" lon="1"/>\n<node id="2"')
    with pytest.raises(errores.XmlRoto) as error:
        leer(ruta)
    assert error.value.datos["linea"] == "3"


CARCAJADAS = "".join(f'<!ENTITY j{i} "{f"&j{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize(
    "principio",
    [
        f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY j0 "ja">{CARCAJADAS}]>',
        '<!DOCTYPE osm [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!-- hola --><!DOCTYPE osm SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!--" + "x" * 70_000 + '--><!DOCTYPE osm [<!ENTITY a "b">]>',
    ],
)
def test_un_xml_con_entidades_se_rechaza_sin_gastar_memoria(tmp_path: Path, principio: str) -> None:
    ruta = tmp_path / "bomba.osm"
    ruta.write_text(
        principio + '<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="a" v="&j9;"/></node></osm>',
        encoding="utf-8",
    )
    antes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises((errores.XmlConEntidades, errores.NoEsOsm)):
        leer(ruta)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - antes < 50_000


@pytest.mark.parametrize("comprimir", [gzip.compress, bz2.compress])
def test_una_bomba_de_compresion_se_detiene_en_el_limite(
    tmp_path: Path, comprimir: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.osm.archivo.EXPANSION_MINIMA", 1_000_000)
    ruta = tmp_path / "bomba.osm"
    ruta.write_bytes(comprimir(b'<osm version="0.6">' + b" " * 4_000_000))
    with pytest.raises(errores.DemasiadoDesempacado, match="1 MB"):
        leer(ruta)


@pytest.mark.parametrize("valor", ["abc", "nan", "1e999", "1e9", "inf", "", "1,5"])
def test_una_coordenada_que_no_es_numero_se_rechaza(tmp_path: Path, valor: str) -> None:
    ruta = tmp_path / "mala.osm"
    ruta.write_text(f'<osm version="0.6"><node id="5" lat="1" lon="{valor}"><tag k="a" v="b"/></node></osm>')
    with pytest.raises(errores.CoordenadaRota if valor in ("abc", "nan", "inf") else errores.ContenidoRoto):
        leer(ruta)


@pytest.mark.parametrize(("lon", "lat"), [("181", "0"), ("0", "-90.5"), ("20.1", "-98.7")])
def test_un_nodo_fuera_del_mundo_se_rechaza_con_su_lugar(tmp_path: Path, lon: str, lat: str) -> None:
    ruta = tmp_path / "mala.osm"
    ruta.write_text(f'<osm version="0.6"><node id="5" lat="{lat}" lon="{lon}"><tag k="a" v="b"/></node></osm>')
    with pytest.raises(errores.CoordenadaFuera) as error:
        leer(ruta)
    assert "El nodo 5" in error.value.mensaje
    assert lon in error.value.mensaje


@pytest.mark.parametrize(
    "objeto",
    [
        '<node id="abc" lat="1" lon="1"/>',
        '<node id="99999999999999999999" lat="1" lon="1"/>',
        '<node id="1" lat="1" lon="1" version="-3"/>',
        '<node id="1" lat="1" lon="1" timestamp="ayer"/>',
        f'<node id="1" lat="1" lon="1"><tag k="a" v="{"x" * 3000}"/></node>',
        '<way id="1"><nd ref="x"/></way>',
    ],
)
def test_un_valor_imposible_se_rechaza(tmp_path: Path, objeto: str) -> None:
    ruta = tmp_path / "malo.osm"
    ruta.write_text(f'<osm version="0.6">{objeto}</osm>')
    with pytest.raises(errores.ContenidoRoto):
        leer(ruta)


@pytest.mark.parametrize(
    ("contenido", "clase", "dice"),
    [
        ('<osm><node id="1" lat="1" lon="1"/></osm>', errores.SinVersionDeFormato, 'debe ser <osm version="0.6">'),
        ('<osm version="0.5"/>', errores.OtraVersionDeFormato, "la versión «0.5»"),
        ('<node id="abc" lat="1" lon="1"/>', errores.NumeroRoto, "«abc» como «id»"),
        ('<node id="1" lat="1" lon="1" version="-3"/>', errores.NumeroRoto, "«-3» como «version»"),
        ('<node id="1" lat="1" lon="1" changeset="x"/>', errores.NumeroRoto, "«x» como «changeset»"),
        ('<node id="1" lat="1" lon="1" uid="x"/>', errores.NumeroRoto, "«x» como «uid»"),
        ('<node id="1" lat="1" lon="1" timestamp="ayer"/>', errores.HoraRota, "«ayer» como hora"),
        ('<node id="1" lat="1" lon="1" visible="si"/>', errores.VisibleRoto, "no es «true» ni «false»"),
        (f'<way id="1"><tag k="a" v="{"x" * 3000}"/></way>', errores.TextoLargo, "hasta 255 letras"),
        ('<way id="1"><foo/></way>', errores.ElementoDesconocido, "<foo>"),
        ('<relation id="1"><member/></relation>', errores.MiembroRoto, "cada <member> dice"),
    ],
)
def test_lo_que_la_biblioteca_dice_en_ingles_se_dice_con_que_hacer(
    tmp_path: Path, contenido: str, clase: type[errores.ErrorOsm], dice: str
) -> None:
    ruta = tmp_path / "malo.osm"
    ruta.write_text(contenido if contenido.startswith("<osm") else f'<osm version="0.6">{contenido}</osm>')
    with pytest.raises(errores.ContenidoRoto) as error:
        leer(ruta)
    assert type(error.value) is clase
    assert dice in error.value.mensaje
    assert not re.search(r"illegal|can not|unknown|too long|allowed", error.value.mensaje, re.I)


def test_una_queja_que_no_se_conoce_tambien_dice_que_hacer(tmp_path: Path) -> None:
    archivo = modulo.Archivo("raro.osm", tmp_path / "raro.osm", "osm")
    with pytest.raises(errores.ContenidoIlegible, match=r"Descárgalo de nuevo.*\(Detalle técnico: a new one\)"):  # noqa: SIM117
        with modulo.errores_traducidos(archivo):
            raise RuntimeError("a new one")


def test_un_archivo_de_historia_se_rechaza(tmp_path: Path) -> None:
    ruta = tmp_path / "historia.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(ruta), "osh.pbf")) as salida:
        for version in (1, 2):
            salida.add_node(osmium.osm.mutable.Node(id=1, version=version, location=(1, version), tags={"a": "b"}))
    with pytest.raises(errores.EsHistoria):
        leer(ruta)
