"""El proceso que lee: qué alcanza a ver y cuándo se detiene."""

import json
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.formatos import transporte
from geo.formatos.archivo import leer_archivo
from geo.formatos.capas import LIMITES_SUBIDA, MEGA, Lectura, Opciones
from geo.formatos.errores import ErrorLectura
from geo.formatos.proceso import leer_aparte

RAIZ = Path(__file__).resolve().parents[2]

CURIOSO = """
import json, os, socket, sys
from pathlib import Path
from geo.formatos.aislamiento import cortar_red, encerrar, limitar
sin_red = cortar_red()
limitar(200 * 2**20, 5, 1000)
privada, visible, oculto = (Path(ruta) for ruta in sys.argv[1:4])
cerrado = encerrar([visible], privada)

def puede(accion):
    try:
        accion()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "sí"

def conectar():
    socket.create_connection(("127.0.0.1", int(sys.argv[4])), timeout=2).close()

print(json.dumps({
    "sin_red": sin_red,
    "cerrado": cerrado,
    "leer_visible": puede(visible.read_bytes),
    "leer_oculto": puede(oculto.read_bytes),
    "listar_oculto": puede(lambda: os.listdir(oculto.parent)),
    "escribir_privada": puede(lambda: (privada / "x").write_bytes(b"x")),
    "escribir_visible": puede(lambda: visible.write_bytes(b"x")),
    "escribir_mucho": puede(lambda: (privada / "y").write_bytes(b"x" * 5000)),
    "ejecutar": puede(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    "memoria": puede(lambda: bytearray(400 * 2**20)),
    "conectar": puede(conectar),
}))
"""


@pytest.fixture(scope="module")
def visto(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Lo que un proceso encerrado pudo y no pudo hacer."""
    carpeta = tmp_path_factory.mktemp("encierro")
    privada, visible, oculto = carpeta / "privada", carpeta / "visible.txt", carpeta / "oculto.txt"
    privada.mkdir()
    visible.write_text("v")
    oculto.write_text("o")
    with socket.create_server(("127.0.0.1", 0)) as servidor:
        orden = [sys.executable, "-c", CURIOSO, *map(str, (privada, visible, oculto, servidor.getsockname()[1]))]
        salida = subprocess.run(orden, env={"PYTHONPATH": str(RAIZ)}, capture_output=True, text=True, timeout=60)
    assert salida.returncode == 0, salida.stderr
    assert visible.read_text() == "v"
    return dict(json.loads(salida.stdout))


def test_los_limites_de_memoria_y_de_escritura_siempre_se_ponen(visto: dict[str, Any]) -> None:
    assert visto["memoria"] == "MemoryError"
    assert visto["escribir_mucho"] == "OSError"
    assert visto["escribir_privada"] == "sí"


def test_con_landlock_solo_se_ve_lo_senalado_y_nada_se_ejecuta(visto: dict[str, Any]) -> None:
    if not visto["cerrado"]:
        pytest.skip("este núcleo no tiene Landlock")
    assert visto["leer_visible"] == "sí"
    for accion in ("leer_oculto", "listar_oculto", "escribir_visible", "ejecutar"):
        assert visto[accion] == "PermissionError"


def test_sin_espacio_de_red_no_hay_a_donde_conectar(visto: dict[str, Any]) -> None:
    if not (visto["sin_red"] or visto["cerrado"]):
        pytest.skip("este núcleo no deja separar la red ni tiene Landlock")
    assert visto["conectar"] != "sí"


def geojson_grande(ruta: Path, megas: int) -> Path:
    punto = '{"type":"Feature","geometry":null,"properties":{"a":"' + "x" * 1000 + '"}}'
    ruta.write_text('{"type":"FeatureCollection","features":[' + ",".join([punto] * (megas * 1000)) + "]}")
    return ruta


def test_un_geojson_grande_se_lee_en_el_proceso_aparte(tmp_path: Path) -> None:
    (capa,) = leer_archivo(geojson_grande(tmp_path / "grande.geojson", 5)).capas
    assert len(capa) == 5000


def test_pasarse_de_memoria_se_dice(tmp_path: Path) -> None:
    ruta = geojson_grande(tmp_path / "grande.geojson", 60)
    limites = replace(LIMITES_SUBIDA, tamano=100 * MEGA, memoria=150 * MEGA)
    with pytest.raises(ErrorLectura) as fallo:
        leer_archivo(ruta, limites=limites)
    assert fallo.value.codigo == "lectura_sin_memoria"


def test_pasarse_de_tiempo_se_dice_y_no_deja_procesos_ni_archivos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporal"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporal").mkdir()
    monkeypatch.setattr("geo.formatos.proceso.SEGUNDOS_DE_ARRANQUE", 0.1)
    ruta = geojson_grande(tmp_path / "grande.geojson", 5)
    with pytest.raises(ErrorLectura) as fallo:
        leer_aparte(ruta, "grande.geojson", Opciones(replace(LIMITES_SUBIDA, segundos=0.0)))
    assert fallo.value.codigo == "lectura_muy_larga"
    assert list((tmp_path / "temporal").iterdir()) == []


def test_un_poligono_eterno_se_detiene_a_tiempo() -> None:
    from geo.formatos.area import area_de_geojson

    lados = [[-99 + (i * 7919 % 4001) / 5000, 20 + (i * 104729 % 3989) / 5000] for i in range(4000)]
    with pytest.raises(ErrorLectura) as fallo:
        area_de_geojson(
            {"type": "Polygon", "coordinates": [[*lados, lados[0]]]}, limites=replace(LIMITES_SUBIDA, segundos=1.0)
        )
    assert fallo.value.codigo == "area_muy_complicada"


def test_una_lectura_viaja_entre_procesos_sin_cambiar(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","features":['
        '{"type":"Feature","geometry":null,"properties":{"nombre":"Ñ 🏔️","n":1.5}},'
        '{"type":"Feature","geometry":{"type":"Point","coordinates":[-98.1,20.2,3]},"properties":{}}]}'
    )
    lectura = leer_archivo(tmp_path / "a.geojson")
    transporte.guardar_lectura(lectura, tmp_path)
    vuelta = transporte.abrir_lectura(transporte.abrir_resultado(tmp_path) or {}, tmp_path)
    (capa,), (otra,) = lectura.capas, vuelta.capas
    assert (otra.nombre, otra.propiedades, otra.avisos) == (capa.nombre, capa.propiedades, capa.avisos)
    assert otra.geometrias[0] is None
    assert shapely.equals_exact(otra.geometrias[1], capa.geometrias[1], 0)
    transporte.guardar_lectura(Lectura(()), tmp_path)
    assert transporte.abrir_lectura(transporte.abrir_resultado(tmp_path) or {}, tmp_path) == Lectura(())
