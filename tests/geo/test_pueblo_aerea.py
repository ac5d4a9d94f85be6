"""La vista aérea ficticia: lo que se ve está donde la verdad dice, y dos veces sale igual."""

import io
import sqlite3

import numpy as np
import pytest
import shapely
from PIL import Image

from geo.imagenes.mbtiles import examinar
from geo.pueblo.aerea import teselas as aerea
from geo.pueblo.aerea.escena import armar_escena
from geo.pueblo.aerea.formas import METROS_POR_PIXEL, ZOOM, a_pixeles
from geo.pueblo.aerea.pintura import pintar
from geo.pueblo.aerea.texturas import copa, grano
from geo.pueblo.plano import a_unidades
from geo.pueblo.verdad import levantar
from geo.teselas.aritmetica import Tesela, tesela_de

SEMILLA = 1907


@pytest.fixture(scope="module")
def verdad():
    return levantar(SEMILLA)


@pytest.fixture(scope="module")
def escena(verdad):
    return armar_escena(verdad, SEMILLA)


def test_un_pixel_del_pueblo_es_el_de_sus_coordenadas_de_osm():
    puntos = np.array([[0.0, 0.0], [640.0, 880.0], [-1200.0, -300.0]])
    for punto, pixel in zip(puntos, a_pixeles(puntos), strict=True):
        lon, lat = a_unidades(punto[None])[0] / 1e7
        lado = 256 * 2**ZOOM
        x = (lon + 180) / 360 * lado
        y = (1 - np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) / np.pi) / 2 * lado
        assert np.abs(pixel - (x, y)).max() < 0.1
    assert 2 * METROS_POR_PIXEL <= 0.3


def test_los_bordes_de_los_techos_estan_en_su_lugar(verdad, escena):
    """Corriendo el contorno verdadero, el contraste entre adentro y afuera es mayor donde de verdad está."""
    casas = [c for c in verdad.casas if c.edificio.poligono.area > 70 and not c.edificio.patios and c.barrio == 5]
    sueltas = [c for c in casas if not c.edificio.pegado][:14]
    corridos = []
    for casa in sueltas:
        contorno = a_pixeles(casa.edificio.contorno)
        x, y = np.floor(contorno.min(axis=0)) - 60
        gris = np.asarray(pintar(escena, x, y, 320, 160).convert("L"), dtype=float)
        poligono = shapely.Polygon((contorno - (x, y)) / 2)
        # con más de un píxel de error, el mejor lugar no sería el verdadero
        votos = {}
        for dx in (-4, -2, 0, 2, 4):
            for dy in (-4, -2, 0, 2, 4):
                votos[dx, dy] = _contraste(gris, shapely.transform(poligono, lambda p, d=(dx, dy): p + d))
        corridos.append(max(votos, key=votos.get))
    medio = np.median(np.array(corridos), axis=0)
    assert np.abs(medio).max() < 1.0, corridos


def _contraste(gris, poligono):
    """Cuánto cambia la luz al cruzar el contorno, sumado a lo largo de él."""
    adentro, afuera = (poligono.buffer(d, join_style="mitre").exterior for d in (-1.2, 1.2))
    pasos = np.linspace(0, 1, 160)
    suma = []
    for anillo in (adentro, afuera):
        puntos = shapely.get_coordinates(shapely.line_interpolate_point(anillo, pasos, normalized=True))
        filas = np.clip(np.round(puntos - 0.5).astype(int), 0, 159)
        suma.append(gris[filas[:, 1], filas[:, 0]])
    return np.abs(suma[0] - suma[1]).mean()


def test_donde_falta_una_casa_en_osm_hay_un_techo_que_ver(verdad, escena):
    """Las casas de los barrios que OSM no tiene se distinguen de su patio."""
    pobres = [c for c in verdad.casas if c.barrio in (8, 9) and c.edificio.poligono.area > 30][:25]
    distintas = 0
    for casa in pobres:
        contorno = a_pixeles(casa.edificio.contorno)
        x, y = contorno.min(axis=0) - 40
        color = np.asarray(pintar(escena, x, y, 240, 120), dtype=float)
        poligono = shapely.Polygon((contorno - (x, y)) / 2)
        ys, xs = np.mgrid[0:120, 0:120] + 0.5
        dentro = shapely.contains_xy(poligono.buffer(-2), xs, ys)
        junto = shapely.contains_xy(poligono.buffer(9).difference(poligono.buffer(3)), xs, ys)
        distintas += np.abs(color[dentro].mean(axis=0) - color[junto].mean(axis=0)).max() > 14
    assert distintas >= 22


def test_dos_pedazos_vecinos_se_unen_sin_costura(escena):
    x, y = np.floor(a_pixeles(np.array([[-40.0, 70.0]]))[0] / 1024) * 1024
    entero = np.asarray(pintar(escena, x, y, 1024, 512), dtype=int)
    mitad = np.asarray(pintar(escena, x + 512, y, 512, 256), dtype=int)
    assert np.abs(entero[:256, 256:] - mitad).mean() < 2.0


def test_sale_igual_dos_veces_y_se_guarda_como_mbtiles(escena, tmp_path):
    plaza = Tesela(16, *tesela_de(-98.56, 20.4, 16)[1:])
    primera, chica = aerea.teselas_de(escena, plaza)
    for recordado in (grano, copa):
        recordado.cache_clear()
    segunda, _ = aerea.teselas_de(escena, plaza)
    assert primera == segunda
    assert chica.size == (256, 256)
    assert {t.z for t, _ in primera} == {16, 17, 18, 19}
    ruta = tmp_path / "a.mbtiles"
    aerea.guardar(ruta, sorted(primera))
    ficha = examinar(ruta, "a.mbtiles")
    assert (ficha.minzoom, ficha.maxzoom, ficha.nombre) == (16, 19, aerea.NOMBRE)
    assert ficha.resolucion_m <= 0.3
    with sqlite3.connect(ruta) as base:
        (cuerpo,) = base.execute("SELECT tile_data FROM tiles WHERE zoom_level = 19").fetchone()
    assert Image.open(io.BytesIO(cuerpo)).format == "JPEG"


def test_lo_lejano_se_arma_de_lo_cercano():
    cuatro = {
        Tesela(16, 10 + i, 20 + j): Image.new("RGB", (256, 256), (i * 200, j * 200, 90)) for i in (0, 1) for j in (0, 1)
    }
    (madre,) = aerea._reunidas(cuatro).items()
    assert madre[0] == Tesela(15, 5, 10)
    assert madre[1].getpixel((200, 50)) == (200, 0, 90, 255)
    del cuatro[Tesela(16, 11, 21)]
    (incompleta,) = aerea._reunidas(cuatro).values()
    assert incompleta.getpixel((200, 200))[3] == 0
    assert Image.open(io.BytesIO(aerea._con_orilla(incompleta))).format == "PNG"
