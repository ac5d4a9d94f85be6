"""Quien manda su petición a cuentagotas no detiene a nadie: el servidor solo, sin proxi delante."""

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest

from tests.fabrica import abrir_sesion
from tests.servicios.test_servidor import PROGRAMA, RAIZ, _contesta, _hasta, _puerto_libre

LENTOS = 200

ECO = """
import json, sys
from granian.constants import HTTPModes, Interfaces, Loops
from granian.server import Server
from tareas.puente import Puente

def eco(environ, empezar):
    texto = {k: v for k, v in environ.items() if isinstance(v, str)}
    empezar("200 OK", [("Content-Type", "application/json")])
    cuerpo = environ["wsgi.input"].read()
    return [json.dumps({**texto, "bytes": len(cuerpo), "suma": sum(cuerpo)}).encode()]

servicio = Puente(eco, hilos=2, cuerpo_maximo=100_000, gracia=1, por_segundo=2000)
if __name__ == "__main__":
    Server(
        "eco:servicio", port=int(sys.argv[1]), interface=Interfaces.RSGI, http=HTTPModes.http1, loop=Loops.asyncio,
        workers_kill_timeout=5,
    ).serve()
"""

CUERPO_LENTO = "POST /api/v1/sesiones HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 900\n\n{"
CABECERAS_LENTAS = "GET /proyectos HTTP/1.1\nHost: x\nX-"
SUBIDA = """POST /api/v1/areas HTTP/1.1
Host: x
Authorization: Bearer {ficha}
Content-Type: multipart/form-data; boundary=zz
Content-Length: {largo}

"""


@pytest.fixture
def tequio(url_base, tmp_path):
    """Puerto de un servidor de dos procesos, tal como lo enciende ``./tequio servir``."""
    puerto = _puerto_libre()
    entorno = {**os.environ, "TEQUIO_BASE_DE_DATOS": url_base, "PYTHONPATH": str(RAIZ), "TEQUIO_SECRETO": "pruebas"}
    proceso = subprocess.Popen([sys.executable, "-c", PROGRAMA, str(puerto), str(tmp_path)], env=entorno, cwd=RAIZ)
    assert _hasta(lambda: _contesta(puerto), 30)
    yield puerto
    proceso.terminate()
    proceso.wait(20)


@pytest.fixture(scope="module")
def eco(tmp_path_factory):
    """Puerto de un puente con plazos cortos y una aplicación que repite lo que recibe."""
    carpeta = tmp_path_factory.mktemp("eco")
    (carpeta / "eco.py").write_text(ECO, encoding="utf-8")
    puerto = _puerto_libre()
    entorno = {**os.environ, "PYTHONPATH": f"{RAIZ}:{carpeta}"}
    proceso = subprocess.Popen([sys.executable, "eco.py", str(puerto)], env=entorno, cwd=carpeta)
    assert _hasta(lambda: _escucha(puerto), 30)
    yield puerto
    proceso.terminate()
    proceso.wait(20)


def _escucha(puerto):
    try:
        socket.create_connection(("127.0.0.1", puerto), 1).close()
    except OSError:
        return False
    return True


def _abrir(puerto, texto):
    enchufe = socket.create_connection(("127.0.0.1", puerto), 5)
    enchufe.sendall(texto.replace("\n", "\r\n").encode())
    return enchufe


def _respuesta(enchufe, segundos=10):
    """Código, cabeceras en crudo y cuerpo de la respuesta que viene."""
    enchufe.settimeout(segundos)
    recibido = b""
    while b"\r\n\r\n" not in recibido:
        trozo = enchufe.recv(65536)
        assert trozo, recibido
        recibido += trozo
    cabeza, _, cuerpo = recibido.partition(b"\r\n\r\n")
    largo = next(int(r[15:]) for r in cabeza.split(b"\r\n") if r.lower().startswith(b"content-length:"))
    while len(cuerpo) < largo:
        cuerpo += enchufe.recv(65536)
    return int(cabeza.split()[1]), cabeza, cuerpo


def _cerrado(enchufe, segundos):
    enchufe.settimeout(segundos)
    try:
        return enchufe.recv(1) == b""
    except ConnectionError:
        return True


def _se_cierra(puerto, enchufe, segundos):
    """Como `_cerrado`, mientras otras personas siguen pidiendo: el servidor no está nunca quieto del todo."""
    fin = time.monotonic() + segundos
    while time.monotonic() < fin:
        try:
            return _cerrado(enchufe, 1)
        except TimeoutError:
            with _abrir(puerto, "GET / HTTP/1.1\nHost: x\n\n") as otro:
                _respuesta(otro)
    return False


def _pedir(puerto, ruta, cuerpo=None):
    peticion = urllib.request.Request(f"http://127.0.0.1:{puerto}{ruta}", data=cuerpo)
    if cuerpo is not None:
        peticion.add_header("Content-Type", "application/json")
    antes = time.monotonic()
    try:
        codigo = urllib.request.urlopen(peticion, timeout=10).status
    except urllib.error.HTTPError as error:
        codigo = error.code
    return codigo, time.monotonic() - antes


def test_doscientos_a_cuentagotas_no_detienen_a_nadie(tequio):
    lentos = [_abrir(tequio, CUERPO_LENTO if i % 4 else CABECERAS_LENTAS) for i in range(LENTOS)]
    acabar = threading.Event()

    def gotear():
        while not acabar.wait(0.2):
            for enchufe in lentos:
                enchufe.sendall(b"a")

    hilo = threading.Thread(target=gotear)
    hilo.start()
    try:
        time.sleep(0.5)
        tiempos = []
        entrada = json.dumps({"usuario": "nadie", "clave": "ninguna clave"}).encode()
        for _vez in range(4):
            for ruta, cuerpo, esperado in (("/salud", None, 200), ("/api/v1/sesiones", entrada, 401)):
                codigo, tardo = _pedir(tequio, ruta, cuerpo)
                assert codigo == esperado
                tiempos.append(tardo)
        # Los lentos siguen ahí: a ninguno se le contestó ni se le cerró la puerta.
        assert select.select(lentos, [], [], 0)[0] == []
        assert max(tiempos) < 2, tiempos
    finally:
        acabar.set()
        hilo.join()
        for enchufe in lentos:
            enchufe.close()


def test_un_archivo_por_una_linea_de_un_megabit_llega_completo(tequio, bd, elenco):
    # Los espacios no estorban a un GeoJSON: el área es chica y el archivo mide lo que se quiera.
    area = {"type": "Polygon", "coordinates": [[[-98.76, 20.1], [-98.75, 20.1], [-98.75, 20.11], [-98.76, 20.1]]]}
    archivo = json.dumps(area).encode() + b" " * 300_000
    campo = b'--zz\r\nContent-Disposition: form-data; name="archivo"; filename="area.geojson"\r\n\r\n'
    cuerpo = campo + archivo + b"\r\n--zz--\r\n"
    cabeza = SUBIDA.format(ficha=abrir_sesion(bd, elenco.funcionaria), largo=len(cuerpo))
    with _abrir(tequio, cabeza) as enchufe:
        antes = time.monotonic()
        for i in range(0, len(cuerpo), 6250):
            enchufe.sendall(cuerpo[i : i + 6250])
            time.sleep(0.05)
        assert time.monotonic() - antes > 2
        codigo, _cabeza, respuesta = _respuesta(enchufe)
    assert codigo == 200, respuesta
    assert json.loads(respuesta)["area"]["type"] in ("Polygon", "MultiPolygon")


def test_un_cuerpo_que_no_llega_a_tiempo_se_rechaza_y_se_cuelga(eco):
    with _abrir(eco, "POST /x HTTP/1.1\nHost: x\nContent-Length: 50\n\nab") as enchufe:
        antes = time.monotonic()
        _codigo, _cabeza, cuerpo = _respuesta(enchufe)
        assert 0.8 < time.monotonic() - antes < 5
        assert json.loads(cuerpo)["tequio.rechazo"] == "lento"
        assert _se_cierra(eco, enchufe, 5)


def test_uno_lento_pero_constante_tiene_mas_tiempo_que_la_gracia(eco):
    with _abrir(eco, "POST /x HTTP/1.1\nHost: x\nContent-Length: 12000\n\n") as enchufe:
        antes = time.monotonic()
        for _trozo in range(12):
            enchufe.sendall(b"a" * 1000)
            time.sleep(0.2)
        assert time.monotonic() - antes > 2
        dicho = json.loads(_respuesta(enchufe)[2])
    assert dicho["bytes"] == 12000
    assert "tequio.rechazo" not in dicho


def test_en_trozos_sin_decir_el_tamano(eco):
    cabeza = "POST /x HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n"
    with _abrir(eco, cabeza + "3\nabc\n2\nde\n0\n\n") as enchufe:
        dicho = json.loads(_respuesta(enchufe)[2])
    assert (dicho["bytes"], dicho["suma"], dicho["CONTENT_LENGTH"]) == (5, sum(b"abcde"), "5")
    with _abrir(eco, cabeza) as enchufe:
        enchufe.sendall(b"1d4c1\r\n" + b"a" * 120_001 + b"\r\n0\r\n\r\n")
        # Uno más que el máximo: con eso la aplicación ve que se pasó.
        assert json.loads(_respuesta(enchufe)[2])["bytes"] == 100_001


def test_de_un_cuerpo_que_dice_ser_enorme_no_se_espera_nada(eco):
    with _abrir(eco, "POST /x HTTP/1.1\nHost: x\nContent-Length: 5000000000\n\nab") as enchufe:
        antes = time.monotonic()
        dicho = json.loads(_respuesta(enchufe)[2])
        assert time.monotonic() - antes < 0.9
        assert (dicho["bytes"], dicho["CONTENT_LENGTH"]) == (0, "5000000000")
        assert _cerrado(enchufe, 30)


def test_lo_que_la_aplicacion_recibe_es_lo_que_pide_wsgi(eco):
    peticion = (
        "GET /a%C3%B1o%2F%20?x=%C3%B1&y=1 HTTP/1.1\nHost: sitio\nX-Forwarded-For: 10.0.0.1\nX_Forwarded_For: 6.6.6.6\n"
        "Cookie: a=1\nCookie: b=2\nAccept: x\nAccept: y\n\n"
    )
    with _abrir(eco, peticion) as enchufe:
        codigo, cabeza, cuerpo = _respuesta(enchufe)
    dicho = json.loads(cuerpo)
    assert codigo == 200
    assert b"content-type: application/json" in cabeza.lower()
    assert dicho["PATH_INFO"].encode("latin-1").decode() == "/año/ "
    assert dicho["QUERY_STRING"] == "x=%C3%B1&y=1"
    assert dicho["HTTP_HOST"] == "sitio"
    assert dicho["HTTP_X_FORWARDED_FOR"] == "10.0.0.1"
    assert dicho["HTTP_COOKIE"] == "a=1; b=2"
    assert dicho["HTTP_ACCEPT"] == "x,y"
    assert dicho["REMOTE_ADDR"] == dicho["SERVER_NAME"] == "127.0.0.1"
    assert dicho["SERVER_PORT"] == str(eco)
    assert "CONTENT_LENGTH" not in dicho
