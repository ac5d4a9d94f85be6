from pathlib import Path

from arranque.sellos import huella, sellar, vigente


def test_la_huella_cambia_con_el_contenido_de_un_archivo(tmp_path: Path) -> None:
    archivo = tmp_path / "setup.cfg"
    archivo.write_text("uno")
    antes = huella([archivo])
    archivo.write_text("dos")
    assert huella([archivo]) != antes


def test_un_archivo_que_falta_no_es_lo_mismo_que_uno_vacio(tmp_path: Path) -> None:
    archivo = tmp_path / "a"
    falta = huella([archivo])
    archivo.touch()
    assert huella([archivo]) != falta


def test_la_huella_de_una_carpeta_cuenta_nombres_y_contenidos_pero_no_lo_compilado(tmp_path: Path) -> None:
    (tmp_path / "0001.py").write_text("a")
    antes = huella([tmp_path])
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "0001.pyc").write_text("b")
    assert huella([tmp_path]) == antes
    (tmp_path / "0001.py").rename(tmp_path / "0002.py")
    assert huella([tmp_path]) != antes


def test_dos_entradas_no_se_confunden_con_otras_dos_que_se_escriben_igual_juntas() -> None:
    assert huella(["ab", "c"]) != huella(["a", "bc"])


def test_un_sello_vale_mientras_la_huella_sea_la_misma(tmp_path: Path) -> None:
    assert not vigente(tmp_path, "entorno", "abc")
    sellar(tmp_path, "entorno", "abc")
    assert vigente(tmp_path, "entorno", "abc")
    assert not vigente(tmp_path, "entorno", "otra")
