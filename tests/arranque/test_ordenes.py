import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from arranque.entorno import requisitos
from arranque.ordenes import NADA, necesidades, palabras
from arranque.pruebas import Totales, contar, revisar, revisiones
from arranque.rutas import RAIZ, Rutas
from arranque.servidor import anotado, archivo, encendido, es_orden_de, parar


@pytest.mark.parametrize(
    "argumentos",
    [
        ["calidad", "revisar", "datos.osm.pbf", "--salida", "hallazgos.geojson"],
        ["proyectos", "dividir", "area.geojson", "--osm", "x.pbf"],
        ["osm", "importar", "--help"],
        ["demo", "-h"],
    ],
)
def test_lo_que_solo_lee_archivos_o_muestra_ayuda_no_enciende_la_base(argumentos: list[str]) -> None:
    assert necesidades(argumentos) == NADA


def test_las_demas_ordenes_usan_la_base_y_las_que_sirven_paginas_sus_paquetes() -> None:
    assert necesidades(["osm", "importar", "x.pbf"]).base
    assert not necesidades(["osm", "importar", "x.pbf"]).paginas
    assert necesidades(["demo", "--puerto", "8001"]).paginas
    assert necesidades(["servir"]).migrar
    assert not necesidades(["banco", "bloqueos"]).base


def test_las_revisiones_se_muestran_en_su_orden_y_la_que_falla_cuenta(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    herramientas = tmp_path / ".venv" / "bin"
    herramientas.mkdir(parents=True)
    for nombre, guion in (("ruff", "echo dijo $1; sleep 0.2"), ("mypy", "echo mal >&2; exit 3")):
        (herramientas / nombre).write_text(f"#!/bin/sh\n{guion}\n")
        (herramientas / nombre).chmod(0o755)
    codigos = revisar(Rutas(tmp_path), {"PATH": os.environ["PATH"]})
    salida = capfd.readouterr().out
    assert [titulo for titulo, _codigo in codigos] == [titulo for titulo, _orden in revisiones(Rutas(tmp_path))]
    # Las demás no están en esa carpeta.
    assert dict(codigos) == {t: {"Formato": 0, "Estilo": 0, "Tipos": 3}.get(t, 127) for t, _codigo in codigos}
    partes = [
        salida.index(p) for p in ("── Formato", "dijo format", "✓ Formato", "dijo check", "✓ Estilo", "mal\n✗ Tipos")
    ]
    assert partes == sorted(partes)
    assert salida.count("No se pudo ejecutar") == len(codigos) - 3


def test_las_palabras_de_una_orden_acaban_en_la_primera_opcion() -> None:
    assert palabras(["osm", "aplicar", "--seco", "x.osc"]) == ("osm", "aplicar")
    assert palabras([]) == ()


def test_los_requisitos_se_leen_de_la_configuracion_y_todos_estan_fijados() -> None:
    normal = [r.split("[")[0].lower().replace("_", "-") for r in requisitos(RAIZ / "setup.cfg")]
    extra = [r.split("[")[0].lower().replace("_", "-") for r in requisitos(RAIZ / "setup.cfg", "pruebas")]
    fijadas = (RAIZ / "restricciones.txt").read_text(encoding="utf-8").lower().replace("_", "-").splitlines()
    nombres = {renglon.split("==")[0] for renglon in fijadas if "==" in renglon}
    assert {"flask", "osmium"} <= set(normal)
    assert {"pytest", "ruff"} <= set(extra)
    assert set(normal) | set(extra) <= nombres


def test_los_totales_suman_y_se_escriben_en_un_renglon() -> None:
    assert str(Totales(buenas=3, malas=1) + Totales(buenas=1, omitidas=2)) == "4 passed, 1 failed, 2 skipped"


def test_del_informe_de_pytest_salen_las_cuentas(tmp_path: Path) -> None:
    informe = tmp_path / "pytest.xml"
    informe.write_text(
        '<testsuites><testsuite tests="9" failures="1" errors="2" skipped="2"/></testsuites>', encoding="utf-8"
    )
    assert contar(informe, codigo=1) == Totales(buenas=4, malas=3, omitidas=2)


def test_si_pytest_falla_sin_informe_cuenta_como_una_falla(tmp_path: Path) -> None:
    assert contar(tmp_path / "no.xml", codigo=4) == Totales(malas=1)


def test_una_nota_vieja_no_hace_que_se_apague_un_proceso_ajeno(tmp_path: Path) -> None:
    rutas = Rutas(tmp_path)
    rutas.preparar()
    archivo(rutas).write_text(f'{{"pid": {os.getpid()}, "direccion": "http://127.0.0.1:8000"}}')
    assert anotado(rutas) is not None
    assert encendido(rutas) is None


def test_un_servidor_es_nuestro_si_corre_las_ordenes_con_el_python_de_esta_carpeta(tmp_path: Path) -> None:
    rutas = Rutas(tmp_path)
    assert es_orden_de([str(rutas.python), "-P", "-m", "tareas.ordenes", "servir"], rutas)
    assert not es_orden_de(["/otra/.venv/bin/python", "-m", "tareas.ordenes", "servir"], rutas)
    assert not es_orden_de([str(rutas.python), "-m", "http.server"], rutas)
    assert not es_orden_de([], rutas)


def test_parar_apaga_el_servidor_anotado_y_borra_la_nota(tmp_path: Path) -> None:
    rutas = Rutas(tmp_path)
    rutas.preparar()
    rutas.python.parent.mkdir(parents=True)
    rutas.python.symlink_to(sys.executable)
    orden = [str(rutas.python), "-c", "import time; print('ya', flush=True); time.sleep(60)", "tareas.ordenes"]
    with subprocess.Popen(orden, stdout=subprocess.PIPE, text=True) as proceso:
        assert proceso.stdout is not None
        proceso.stdout.readline()
        archivo(rutas).write_text(f'{{"pid": {proceso.pid}, "direccion": "http://127.0.0.1:8000"}}')
        vivo = encendido(rutas)
        assert vivo is not None
        assert vivo.direccion == "http://127.0.0.1:8000"
        assert parar(rutas)
        assert proceso.wait(5) == -signal.SIGTERM
    assert not archivo(rutas).exists()
    assert not parar(rutas)


def test_la_entrada_funciona_desde_otra_carpeta_y_por_un_enlace(tmp_path: Path) -> None:
    (tmp_path / "enlace").symlink_to(RAIZ / "tequio")
    salida = subprocess.run([tmp_path / "enlace", "ayuda"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert salida.returncode == 0, salida.stderr
    assert "Uso: ./tequio ORDEN" in salida.stdout


def test_sin_python_la_entrada_dice_que_instalar(tmp_path: Path) -> None:
    for programa in ("dirname", "cat", "readlink"):
        (tmp_path / programa).symlink_to(f"/usr/bin/{programa}")
    copia = tmp_path / "proyecto" / "tequio"
    copia.parent.mkdir()
    guion = (RAIZ / "tequio").read_text(encoding="utf-8").replace("/usr/bin/python3", "/no/hay/python3")
    copia.write_text(guion, encoding="utf-8")
    entorno = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    salida = subprocess.run(["/bin/sh", copia], env=entorno, capture_output=True, text=True, check=False)
    assert salida.returncode == 1
    assert "apt install python3 python3-venv" in salida.stderr
    assert "python3.11-venv" in salida.stderr


def test_el_arranque_solo_usa_la_biblioteca_estandar() -> None:
    codigo = "import sys; sys.path.insert(0, sys.argv[1]); import arranque.__main__"
    salida = subprocess.run(
        [sys.executable, "-I", "-S", "-c", codigo, str(RAIZ)], capture_output=True, text=True, check=False
    )
    assert salida.returncode == 0, salida.stderr
