"""Imágenes en un archivo: que cada píxel caiga en su lugar, y que lo roto o tramposo se diga y no pase."""

import gzip
import io
import math
import shutil
import sqlite3
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pmtiles.tile import TileType
from pyproj import Transformer

from geo.errores import ErrorGeo
from geo.imagenes import geotiff, mbtiles, pmtiles
from geo.imagenes.cuadros import TRANSPARENTE, abrir, tipo_de
from geo.imagenes.examen import examinar
from geo.imagenes.teselas import Fondo, tesela
from geo.imagenes.tipos import OVERZOOM, Formato
from geo.teselas.aritmetica import Tesela, madre, tesela_de
from tests import imagenes as fabrica
from tests.imagenes import AQUI, color_de

SISTEMAS = ("EPSG:4326", "EPSG:3857", "EPSG:32614", "EPSG:6372")
CENTRO = ((AQUI[0] + AQUI[2]) / 2, (AQUI[1] + AQUI[3]) / 2)


def pedir(ruta, ficha, t):
    return tesela(ruta, ficha.formato, ficha.detalle, (ficha.minzoom, ficha.maxzoom), *t)


def pixeles(cuerpo):
    return np.asarray(Image.open(io.BytesIO(cuerpo)).convert("RGB"))


def parecido(uno, otro):
    """Lo que se amplía se guarda como JPEG: los colores cambian un poco."""
    return np.abs(np.asarray(uno, dtype=int) - otro).max() <= 5


def pixel_de(lon, lat, z):
    """Dónde cae un lugar, en píxeles del mundo: la fórmula de EPSG:3857 escrita aparte."""
    lado = 256 * 2**z
    seno = math.sin(math.radians(lat))
    return (lon + 180) / 360 * lado, (0.5 - math.log((1 + seno) / (1 - seno)) / (4 * math.pi)) * lado


@pytest.mark.parametrize("crs", SISTEMAS)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columna=st.integers(20, 270), renglon=st.integers(20, 270))
def test_cada_pixel_cae_en_su_lugar(tmp_path_factory, crs, columna, renglon):
    carpeta = tmp_path_factory.mktemp("pixel")
    al_sistema = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = al_sistema.transform(*CENTRO)
    paso = 0.5 / 111_000 if crs == "EPSG:4326" else 0.5
    oeste, norte = x - 150 * paso, y + 150 * paso
    datos = np.full((3, 300, 300), 20, dtype=np.uint8)
    datos[:, renglon - 2 : renglon + 3, columna - 2 : columna + 3] = 250
    ruta = fabrica.geotiff(carpeta / "a.tif", datos, oeste, norte, paso, crs)
    ficha = geotiff.examinar(ruta, "a.tif")
    lon, lat = al_sistema.transform(oeste + (columna + 0.5) * paso, norte - (renglon + 0.5) * paso, direction="INVERSE")
    esperado = pixel_de(lon, lat, ficha.maxzoom)
    centro = tesela_de(lon, lat, ficha.maxzoom)
    # la mancha puede quedar en la orilla de dos teselas: se juntan las nueve de alrededor
    lienzo = np.zeros((768, 768))
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            cuerpo = pedir(ruta, ficha, Tesela(centro.z, centro.x + i, centro.y + j))
            if cuerpo:
                lienzo[256 * (j + 1) : 256 * (j + 2), 256 * (i + 1) : 256 * (i + 2)] = pixeles(cuerpo)[..., 0]
    peso = np.where(lienzo > 130, lienzo, 0)
    ys, xs = np.mgrid[0:768, 0:768] + 0.5
    hallado = (
        (xs * peso).sum() / peso.sum() + 256 * (centro.x - 1),
        (ys * peso).sum() / peso.sum() + 256 * (centro.y - 1),
    )
    assert math.dist(hallado, esperado) < 1.0, (crs, hallado, esperado)


@pytest.mark.parametrize(("hacer", "sufijo"), [(fabrica.mbtiles, "mbtiles"), (fabrica.pmtiles, "pmtiles")])
def test_cada_tesela_guardada_sale_tal_cual(tmp_path, hacer, sufijo):
    ruta = hacer(tmp_path / f"a.{sufijo}")
    ficha = examinar(ruta, ruta.name)
    assert (ficha.formato, ficha.minzoom, ficha.maxzoom) == (sufijo, 14, 16)
    assert ficha.caja[0] <= AQUI[0] < AQUI[2] <= ficha.caja[2]
    assert ficha.resolucion_m == pytest.approx(2.24, abs=0.02)
    for t, cuerpo in fabrica.teselas().items():
        assert pedir(ruta, ficha, t) == cuerpo


@pytest.mark.parametrize(("hacer", "sufijo"), [(fabrica.mbtiles, "mbtiles"), (fabrica.pmtiles, "pmtiles")])
def test_donde_falta_se_amplia_la_de_arriba_y_fuera_no_hay_nada(tmp_path, hacer, sufijo):
    todas = fabrica.teselas()
    quitada = tesela_de(*CENTRO, 16)
    ruta = hacer(tmp_path / f"a.{sufijo}", {t: c for t, c in todas.items() if t != quitada})
    ficha = examinar(ruta, ruta.name)
    assert parecido(pixeles(pedir(ruta, ficha, quitada))[100, 100], color_de(madre(quitada)))
    fina = Tesela(16 + OVERZOOM, quitada.x << OVERZOOM, quitada.y << OVERZOOM)
    assert parecido(pixeles(pedir(ruta, ficha, fina))[3, 3], color_de(madre(quitada)))
    assert pedir(ruta, ficha, Tesela(17 + OVERZOOM, fina.x * 2, fina.y * 2)) is None
    assert pedir(ruta, ficha, madre(tesela_de(*CENTRO, 14))) is None
    assert pedir(ruta, ficha, tesela_de(10.0, 10.0, 16)) is None


def test_al_ampliar_se_toma_el_cuarto_que_corresponde(tmp_path):
    cuartos = Image.new("RGB", (256, 256))
    colores = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
    for k, color in enumerate(colores):
        cuartos.paste(color, (128 * (k % 2), 128 * (k // 2), 128 * (k % 2) + 128, 128 * (k // 2) + 128))
    salida = io.BytesIO()
    cuartos.save(salida, "PNG")
    t = tesela_de(*CENTRO, 16)
    ruta = fabrica.mbtiles(tmp_path / "a.mbtiles", {t: salida.getvalue()})
    ficha = mbtiles.examinar(ruta, "a")
    for k, color in enumerate(colores):
        cuerpo = pedir(ruta, ficha, Tesela(17, t.x * 2 + k % 2, t.y * 2 + k // 2))
        assert parecido(pixeles(cuerpo)[128, 128], color)


def test_un_geotiff_recorta_con_transparencia_y_lee_sus_vistas(tmp_path):
    datos = np.full((3, 512, 512), 200, dtype=np.uint8)
    datos[:, :, :256] = 0
    ruta = fabrica.geotiff(tmp_path / "a.tif", datos, 525_700, 2_223_000, 0.5, vistas=(2, 4), nodata=0)
    ficha = examinar(ruta, "a.tif")
    assert ficha.detalle["vistas"] == [2, 4]
    assert ficha.maxzoom == 18
    assert [geotiff.vista_para(ficha.detalle, z) for z in (19, 18, 17, 16, 12)] == [-1, -1, 0, 1, 1]
    lon, lat = (ficha.caja[0] + ficha.caja[2]) / 2, (ficha.caja[1] + ficha.caja[3]) / 2
    for z in (16, 17, 18):
        cuerpo = pedir(ruta, ficha, tesela_de(lon, lat, z))
        cuatro = np.asarray(Image.open(io.BytesIO(cuerpo)).convert("RGBA"))
        visto = cuatro[..., 3] > 250
        assert 0 < visto.sum() < visto.size
        assert np.abs(cuatro[visto][:, :3].astype(int) - 200).max() <= 3


@pytest.mark.parametrize(
    ("tipo", "bandas", "tope"), [("uint16", 3, 4000), ("float32", 1, 0.6), ("int16", 4, 3000), ("uint8", 1, 250)]
)
def test_otros_tipos_se_escalan_a_ocho_bits(tmp_path, tipo, bandas, tope):
    rampa = np.linspace(0, tope, 512 * 512).reshape(1, 512, 512).repeat(bandas, 0).astype(tipo)
    ruta = fabrica.geotiff(tmp_path / "a.tif", rampa, 525_700, 2_223_000, 0.5, photometric="MINISBLACK")
    ficha = examinar(ruta, "a.tif")
    claro = []
    for lat in (ficha.caja[3] - 0.0004, ficha.caja[1] + 0.0004):
        t = tesela_de((ficha.caja[0] + ficha.caja[2]) / 2, lat, ficha.maxzoom)
        dibujada = pixeles(pedir(ruta, ficha, t))
        claro.append(dibujada[dibujada.any(axis=-1)].mean())
    assert claro[0] < 110
    assert claro[1] > 150


def test_muchos_hilos_piden_a_la_vez_y_nadie_recibe_la_de_otro(tmp_path):
    ruta = fabrica.mbtiles(tmp_path / "a.mbtiles")
    foto = fabrica.ortofoto(tmp_path / "a.tif")
    ficha, de_foto = mbtiles.examinar(ruta, "a"), geotiff.examinar(foto, "a")
    esperadas = fabrica.teselas()
    centro = tesela_de((de_foto.caja[0] + de_foto.caja[2]) / 2, (de_foto.caja[1] + de_foto.caja[3]) / 2, 18)
    primera = pedir(foto, de_foto, centro)
    with ThreadPoolExecutor(12) as hilos:
        hechas = list(hilos.map(lambda t: pedir(ruta, ficha, t), list(esperadas) * 3))
        fotos = list(hilos.map(lambda _n: pedir(foto, de_foto, centro), range(24)))
    assert hechas == list(esperadas.values()) * 3
    assert set(fotos) == {primera}


def test_el_fondo_cierra_lo_que_sobra_y_lo_que_falla():
    class Falsa:
        abiertas = 0

        def __init__(self):
            Falsa.abiertas += 1

        def cerrar(self):
            Falsa.abiertas -= 1

    fondo = Fondo(3)
    for k in range(20):
        with fondo.prestada(k, Falsa):
            pass
    assert Falsa.abiertas == 3
    with pytest.raises(KeyError), fondo.prestada("x", Falsa):
        raise KeyError
    assert Falsa.abiertas == 3
    fondo.cerrar()
    assert Falsa.abiertas == 0


# --- Lo que se rechaza --------------------------------------------------------------------------------------------------


def _truncado(hacer, sufijo):
    def malo(carpeta):
        ruta = hacer(carpeta / f"bueno.{sufijo}")
        cuerpo = ruta.read_bytes()
        (carpeta / f"malo.{sufijo}").write_bytes(cuerpo[: len(cuerpo) * 2 // 3])

    return malo


def _tiff(**otros):
    def malo(carpeta):
        fabrica.ortofoto(carpeta / "malo.tif", **otros)

    return malo


def _sqlite(orden, sufijo="mbtiles"):
    def malo(carpeta):
        base = sqlite3.connect(carpeta / f"malo.{sufijo}")
        base.executescript(orden)
        base.close()

    return malo


def _vrt(carpeta):
    fabrica.ortofoto(carpeta / "bueno.tif")
    (carpeta / "malo.tif").write_text(
        f'<VRTDataset rasterXSize="600" rasterYSize="600"><VRTRasterBand band="1"><SimpleSource>'
        f"<SourceFilename>{carpeta}/bueno.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )


def _remoto(carpeta):
    # apunta a otra máquina por dentro: GDAL lo seguiría si se le dejara abrir VRT o /vsicurl/
    (carpeta / "malo.tif").write_text("/vsicurl/http://127.0.0.1:9/a.tif")


def _con_tfw(carpeta):
    fabrica.ortofoto(carpeta / "malo.tif", crs=None)
    Image.fromarray(np.zeros((300, 300, 3), dtype=np.uint8)).save(carpeta / "malo.tif")
    (carpeta / "malo.tfw").write_text("0.5\n0\n0\n-0.5\n525700\n2223000\n")
    (carpeta / "malo.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:32614</SRS></PAMDataset>")


def _descomunal(carpeta):
    """Cabecera que anuncia un TIFF de cuatro mil millones de píxeles por lado, en una sola tira."""
    fabrica.ortofoto(carpeta / "malo.tif", lado=64)
    cuerpo = bytearray((carpeta / "malo.tif").read_bytes())
    inicio = struct.unpack_from("<I", cuerpo, 4)[0]
    for k in range(struct.unpack_from("<H", cuerpo, inicio)[0]):
        lugar = inicio + 2 + 12 * k
        if struct.unpack_from("<H", cuerpo, lugar)[0] in (256, 257):
            struct.pack_into("<HI", cuerpo, lugar + 2, 4, 1)
            struct.pack_into("<I", cuerpo, lugar + 8, 2_000_000_000)
    (carpeta / "malo.tif").write_bytes(cuerpo)


def _sin_vistas(carpeta):
    datos = np.zeros((1, 5000, 5000), dtype=np.uint8)
    fabrica.geotiff(carpeta / "malo.tif", datos, 525_700, 2_223_000, 0.5, compress="DEFLATE")


def _bomba(carpeta):
    """Un índice de PMTiles que se infla a cien megabytes."""
    ruta = fabrica.pmtiles(carpeta / "malo.pmtiles")
    cabecera = bytearray(ruta.read_bytes()[:127])
    indice = gzip.compress(bytes(100 * 1024 * 1024))
    struct.pack_into("<QQ", cabecera, 8, 127, len(indice))
    ruta.write_bytes(bytes(cabecera) + indice)


def _cabecera_fuera(carpeta):
    ruta = fabrica.pmtiles(carpeta / "malo.pmtiles")
    cuerpo = bytearray(ruta.read_bytes())
    struct.pack_into("<Q", cuerpo, 8, 2**62)
    ruta.write_bytes(cuerpo)


TILES = (
    "CREATE TABLE metadata (name text, value text); CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data);"
)
ENDLESS = """CREATE TABLE metadata (name text, value text);
    CREATE VIEW tiles AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT i AS zoom_level, i AS tile_column, i AS tile_row, x'00' AS tile_data FROM n;"""
T16 = tesela_de(*CENTRO, 16)

MALOS = {
    "mbtiles truncado": (_truncado(fabrica.mbtiles, "mbtiles"), "archivo_truncado"),
    "pmtiles truncado": (_truncado(fabrica.pmtiles, "pmtiles"), "archivo_truncado"),
    "tiff truncado": (_truncado(fabrica.ortofoto, "tif"), "archivo_truncado"),
    "sqlite cualquiera": (_sqlite("CREATE TABLE gente (nombre text);"), "imagen_danada"),
    "sin teselas": (_sqlite(TILES), "imagen_sin_teselas"),
    "zooms disparatados": (_sqlite(TILES + "INSERT INTO tiles VALUES (-3, 0, 0, x'00'), (99, 0, 0, x'00');"), "imagen_danada"),
    "zoom de texto": (_sqlite(TILES + "INSERT INTO tiles VALUES ('ocho', 0, 0, x'00');"), "imagen_danada"),
    "vista sin fin": (_sqlite(ENDLESS), "imagen_danada"),
    "teselas vectoriales": (lambda c: fabrica.mbtiles(c / "malo.mbtiles", format="pbf"), "imagen_vectorial"),
    "vectoriales sin decirlo": (lambda c: fabrica.mbtiles(c / "malo.mbtiles", {T16: gzip.compress(b"x")}), "imagen_vectorial"),
    "teselas que no son imagen": (lambda c: fabrica.mbtiles(c / "malo.mbtiles", {T16: b"<html>hola</html>"}), "imagen_tesela_mala"),
    "imagen cortada": (lambda c: fabrica.mbtiles(c / "malo.mbtiles", {T16: fabrica.cuadro((9, 9, 9))[:90]}), "imagen_tesela_mala"),
    "tesela enorme": (lambda c: fabrica.mbtiles(c / "malo.mbtiles", {T16: fabrica.cuadro((9, 9, 9), lado=1200)}), "imagen_tesela_mala"),
    "pmtiles vectorial": (lambda c: fabrica.pmtiles(c / "malo.pmtiles", tipo=TileType.MVT), "imagen_vectorial"),
    "pmtiles de otro tipo": (lambda c: fabrica.pmtiles(c / "malo.pmtiles", tipo=TileType.AVIF), "imagen_no_admitida"),
    "pmtiles que no es imagen": (lambda c: fabrica.pmtiles(c / "malo.pmtiles", {T16: b"hola" * 9}), "imagen_tesela_mala"),
    "bomba en pmtiles": (_bomba, "imagen_bomba"),
    "índice fuera del archivo": (_cabecera_fuera, "archivo_truncado"),
    "tiff sin sistema": (_tiff(crs=None), "imagen_sin_sistema"),
    "tiff con archivos al lado": (_con_tfw, "imagen_sin_sistema"),
    "tiff descomunal": (_descomunal, ("imagen_descomunal", "imagen_danada")),
    "tiff sin vistas": (_sin_vistas, "imagen_sin_vistas"),
    "VRT disfrazado": (_vrt, "imagen_no_admitida"),
    "dirección disfrazada": (_remoto, "imagen_no_admitida"),
    "no es lo que dice": (lambda c: shutil.move(fabrica.mbtiles(c / "x.mbtiles"), c / "malo.tif"), "imagen_distinta"),
    "otra extensión": (lambda c: shutil.move(fabrica.mbtiles(c / "x.mbtiles"), c / "malo.jpg"), "imagen_no_admitida"),
    "vacío": (lambda c: (c / "malo.tif").touch(), "archivo_vacio"),
}  # fmt: skip


@pytest.mark.parametrize("caso", MALOS)
def test_lo_que_no_sirve_se_rechaza_y_dice_por_que(tmp_path, caso):
    hacer, codigos = MALOS[caso]
    hacer(tmp_path)
    (malo,) = [r for r in tmp_path.glob("malo.*") if r.suffix not in (".tfw", ".xml")]  # ésos sólo acompañan
    with pytest.raises(ErrorGeo) as rechazo:
        examinar(malo, malo.name)
    assert rechazo.value.codigo in ((codigos,) if isinstance(codigos, str) else codigos), rechazo.value.mensaje
    assert malo.name in rechazo.value.mensaje
    assert "%(" not in rechazo.value.mensaje


def test_una_vista_sin_fin_tampoco_detiene_a_quien_sirve(tmp_path):
    _sqlite(ENDLESS)(tmp_path)
    assert tesela(tmp_path / "malo.mbtiles", Formato.MBTILES, {}, (0, 20), 20, 7, 7) is None


def test_no_se_lee_otro_archivo_aunque_el_tiff_lo_nombre(tmp_path):
    """Un .ovr al lado, con otra imagen: no se mira."""
    datos = np.full((3, 600, 600), 50, dtype=np.uint8)
    ruta = fabrica.geotiff(tmp_path / "a.tif", datos, 525_700, 2_223_000, 0.5)
    fabrica.geotiff(tmp_path / "a.tif.ovr", np.full((3, 300, 300), 250, dtype=np.uint8), 525_700, 2_223_000, 1.0)
    ficha = examinar(ruta, "a.tif")
    assert ficha.detalle["vistas"] == []
    lon, lat = (ficha.caja[0] + ficha.caja[2]) / 2, (ficha.caja[1] + ficha.caja[3]) / 2
    dibujada = pixeles(pedir(ruta, ficha, tesela_de(lon, lat, ficha.maxzoom - 2)))
    assert dibujada.max() < 60


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(semilla=st.integers(0, 10_000), cual=st.sampled_from(("mbtiles", "pmtiles", "tif")))
def test_con_bytes_cambiados_o_se_sirve_o_se_dice_pero_nunca_se_cae(tmp_path_factory, semilla, cual):
    carpeta = tmp_path_factory.mktemp("ruido")
    ruta = {"mbtiles": fabrica.mbtiles, "pmtiles": fabrica.pmtiles, "tif": fabrica.ortofoto}[cual](carpeta / f"a.{cual}", **({"lado": 200} if cual == "tif" else {}))  # fmt: skip
    azar = np.random.default_rng(semilla)
    cuerpo = bytearray(ruta.read_bytes())
    for lugar in azar.integers(0, min(len(cuerpo), 6000), 12):
        cuerpo[lugar] = azar.integers(0, 256)
    ruta.write_bytes(cuerpo)
    examinan = {"mbtiles": mbtiles.examinar, "pmtiles": pmtiles.examinar, "tif": geotiff.examinar}
    try:
        ficha = examinan[cual](ruta, "a")
    except ErrorGeo:
        return
    lon, lat = (ficha.caja[0] + ficha.caja[2]) / 2, (ficha.caja[1] + ficha.caja[3]) / 2
    cuerpo_de_tesela = pedir(ruta, ficha, tesela_de(lon, lat, ficha.maxzoom))
    assert cuerpo_de_tesela is None or tipo_de(cuerpo_de_tesela)


def test_la_transparente_es_un_png_de_256_por_256():
    imagen = Image.open(io.BytesIO(TRANSPARENTE))
    assert imagen.size == (256, 256)
    assert imagen.convert("RGBA").getextrema()[3] == (0, 0)
    assert abrir(TRANSPARENTE) is not None
