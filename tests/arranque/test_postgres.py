"""El grupo de bases de verdad: se crea, sobrevive a que lo maten y se apaga."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from arranque.errores import ErrorArranque
from arranque.postgres import Cluster


@pytest.fixture
def grupo(tmp_path: Path) -> Iterator[Cluster]:
    grupo = Cluster(tmp_path / "pg", ajustes={"shared_buffers": "16MB"})
    try:
        grupo.binarios()
    except ErrorArranque as error:
        pytest.skip(error.motivo)
    yield grupo
    grupo.borrar()


def hijos_de(pid: int) -> list[int]:
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _padre(p) == pid]


def _padre(proceso: Path) -> int:
    try:
        return int((proceso / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError):
        return -1


def test_los_datos_sobreviven_a_que_maten_todo_el_servidor(grupo: Cluster) -> None:
    direccion = grupo.asegurar()
    assert grupo.consultar("SELECT ST_Area(ST_MakeEnvelope(0, 0, 2, 3))") == "6"
    assert grupo.consultar("SHOW fsync") == "on"
    assert grupo.consultar("SHOW data_checksums") == "on"
    orden = "SELECT string_agg(x, ' ' ORDER BY x) FROM unnest(ARRAY['zeta','nube','ñu','Ángel','ana']) x"
    assert grupo.consultar(orden) == "ana Ángel nube ñu zeta"
    grupo.consultar("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n")

    principal = grupo.pid()
    assert principal is not None
    for pid in [principal, *hijos_de(principal)]:
        os.kill(pid, signal.SIGKILL)

    # Dos arranques a la vez: uno enciende y el otro espera.
    direcciones: list[str] = []
    otro = threading.Thread(target=lambda: direcciones.append(Cluster(grupo.carpeta).asegurar()))
    otro.start()
    direcciones.append(grupo.asegurar())
    otro.join()
    assert direcciones == [direccion, direccion]
    assert grupo.pid() != principal
    assert grupo.consultar("SELECT count(*) FROM t") == "1000"

    assert grupo.parar()
    assert not grupo.encendido()
    assert not grupo.parar()


def test_un_archivo_de_pid_cuyo_numero_es_hoy_de_otro_programa_no_impide_encender(grupo: Cluster) -> None:
    grupo.asegurar()
    donde = grupo.lugar()
    assert donde is not None
    nota = (donde.datos / "postmaster.pid").read_text()
    grupo.parar()
    ajeno = donde.datos / "postmaster.pid"
    ajeno.write_text("\n".join([str(os.getpid()), *nota.splitlines()[1:]]) + "\n")
    dueno = donde.datos.stat()
    if os.geteuid() == 0:
        os.chown(ajeno, dueno.st_uid, dueno.st_gid)
    grupo.asegurar()
    assert grupo.encendido()
