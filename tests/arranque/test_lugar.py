import os
from pathlib import Path

import pytest

from arranque.errores import ErrorArranque
from arranque.lugar import Lugar, cabe_el_enchufe, con_enchufe, leer, preparar
from arranque.postgres import ajustes_para, configuracion, direccion, es_ajeno, existe


def test_una_ruta_larga_o_con_acentos_de_mas_no_cabe_en_un_enchufe() -> None:
    assert cabe_el_enchufe(Path("/" + "a" * 92))
    assert not cabe_el_enchufe(Path("/" + "a" * 93))
    assert not cabe_el_enchufe(Path("/" + "á" * 47))


def test_si_el_enchufe_no_cabe_se_usa_una_carpeta_corta_y_cerrada_y_se_recuerda(tmp_path: Path) -> None:
    lugar = Lugar(base=str(tmp_path / ("x" * 100)), enchufe=str(tmp_path / ("x" * 100) / "s"))
    corto = con_enchufe(lugar)
    try:
        assert cabe_el_enchufe(Path(corto.enchufe))
        assert os.stat(corto.enchufe).st_mode & 0o777 == 0o700
        assert con_enchufe(corto) == corto
    finally:
        os.rmdir(corto.enchufe)


def test_una_carpeta_de_otra_persona_se_rechaza(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("solo root puede preparar una carpeta ajena")
    (tmp_path / "pg").mkdir()
    os.chown(tmp_path / "pg", 12345, 12345)
    with pytest.raises(ErrorArranque, match="12345"):
        preparar(Lugar(str(tmp_path / "pg"), str(tmp_path / "pg" / "s")))


def test_un_enlace_no_pasa_por_carpeta(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "pg").symlink_to(tmp_path / "real")
    with pytest.raises(ErrorArranque):
        preparar(Lugar(str(tmp_path / "pg"), str(tmp_path / "pg" / "s")))


def test_una_nota_a_medias_se_ignora(tmp_path: Path) -> None:
    nota = tmp_path / "pg.json"
    assert leer(nota) is None
    nota.write_text('{"base": "/x"')
    assert leer(nota) is None
    Lugar("/x", "/x/s", 5, 6).guardar(nota)
    assert leer(nota) == Lugar("/x", "/x/s", 5, 6)


def test_la_direccion_resiste_espacios_y_acentos() -> None:
    assert direccion("/home/ana/mi mapa/s") == "postgresql://tequio@/tequio?host=/home/ana/mi%20mapa/s"


def test_los_ajustes_nunca_arriesgan_lo_confirmado_y_caben_en_una_maquina_chica() -> None:
    ajustes = ajustes_para(memoria=2 * 2**30, memoria_compartida=64 * 2**20)
    assert {ajustes[n] for n in ("fsync", "synchronous_commit", "full_page_writes")} == {"on"}
    assert ajustes["listen_addresses"] == ""
    assert ajustes["shared_buffers"] == "128MB"
    assert ajustes["dynamic_shared_memory_type"] == "mmap"


def test_un_valor_con_comillas_no_rompe_la_configuracion() -> None:
    assert "unix_socket_directories = '/casa de l''Ana'" in configuracion({"unix_socket_directories": "/casa de l'Ana"})


def test_un_proceso_vivo_que_trabaja_en_otra_carpeta_no_es_el_servidor(tmp_path: Path) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("este sistema no tiene /proc")
    assert existe(os.getpid())
    assert es_ajeno(os.getpid(), tmp_path)
    assert not es_ajeno(os.getpid(), Path.cwd()) or Path.cwd().stat().st_uid != os.getuid()
