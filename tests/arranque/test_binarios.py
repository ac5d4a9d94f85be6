from pathlib import Path

import pytest

from arranque.binarios import (
    EXTENSIONES,
    PROGRAMAS,
    Binarios,
    elegir,
    en_arbol,
    encontrar,
    version_de_control,
)
from arranque.obtener_postgres import completar_extensiones, mejor_paquete


def poner_postgres(raiz: Path, version: int, postgis: str = "3.3.2", sin: str = "") -> None:
    programas = raiz / f"usr/lib/postgresql/{version}/bin"
    extensiones = raiz / f"usr/share/postgresql/{version}/extension"
    programas.mkdir(parents=True)
    extensiones.mkdir(parents=True)
    for nombre in PROGRAMAS:
        if nombre != sin:
            (programas / nombre).touch()
    for nombre in EXTENSIONES:
        if nombre != sin:
            numero = postgis if nombre == "postgis" else "1.1"
            (extensiones / f"{nombre}.control").write_text(f"comment = 'x'\ndefault_version = '{numero}'\n")


def test_encuentra_las_instalaciones_que_sirven_de_la_mas_nueva_a_la_mas_vieja(tmp_path: Path) -> None:
    for version in (15, 17, 16):
        poner_postgres(tmp_path, version)
    buenas, malas = en_arbol(tmp_path)
    assert [b.version for b in buenas] == [17, 16, 15]
    assert malas == []


def test_rechaza_un_postgresql_anterior_a_15_y_dice_por_que(tmp_path: Path) -> None:
    poner_postgres(tmp_path, 14)
    assert en_arbol(tmp_path) == ([], ["PostgreSQL 14 es anterior a 15"])


def test_rechaza_un_postgis_anterior_a_3_3_y_dice_por_que(tmp_path: Path) -> None:
    poner_postgres(tmp_path, 15, postgis="3.2.10")
    assert en_arbol(tmp_path) == ([], ["PostGIS 3.2.10 es anterior a 3.3"])


@pytest.mark.parametrize("falta", ["initdb", "postgis", "unaccent"])
def test_rechaza_una_instalacion_incompleta_y_nombra_lo_que_falta(tmp_path: Path, falta: str) -> None:
    poner_postgres(tmp_path, 16, sin=falta)
    buenas, malas = en_arbol(tmp_path)
    assert buenas == []
    assert falta in malas[0]


def test_con_datos_de_otra_version_mayor_solo_vale_la_misma(tmp_path: Path) -> None:
    candidatos = [Binarios(tmp_path, 15), Binarios(tmp_path, 17)]
    elegido = elegir(candidatos, 15)
    assert elegido is not None
    assert elegido.version == 15
    assert elegir(candidatos, 16) is None
    sin_datos = elegir(candidatos, None)
    assert sin_datos is not None
    assert sin_datos.version == 17


def test_sin_mirar_el_sistema_usa_el_arbol_propio_con_sus_bibliotecas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEQUIO_SIN_POSTGRES_DEL_SISTEMA", "1")
    poner_postgres(tmp_path, 15)
    (tmp_path / "usr/lib/x86_64-linux-gnu/blas").mkdir(parents=True)
    (tmp_path / "usr/lib/x86_64-linux-gnu/blas/libblas.so.3").touch()
    (tmp_path / "usr/share/proj").mkdir()
    elegido, _ = encontrar(tmp_path)
    assert elegido is not None
    assert str(tmp_path / "usr/lib/x86_64-linux-gnu/blas") in elegido.entorno["LD_LIBRARY_PATH"]
    assert elegido.entorno["PROJ_DATA"] == str(tmp_path / "usr/share/proj")


def test_lee_la_version_de_una_extension_aunque_el_archivo_traiga_otra_cosa(tmp_path: Path) -> None:
    control = tmp_path / "postgis.control"
    assert version_de_control(control) is None
    control.write_text("default_version='3.5.0dev'\n")
    assert version_de_control(control) == (3, 5, 0)
    control.write_text("comment = 'sin versión'\n")
    assert version_de_control(control) is None


def test_escoge_el_paquete_mas_nuevo_que_sirve_o_el_de_los_datos() -> None:
    nombres = [
        "postgresql-9-postgis-3",
        "postgresql-14-postgis-3",
        "postgresql-17-postgis-3",
        "postgresql-16-postgis-3",
    ]
    assert mejor_paquete(nombres) == "postgresql-17-postgis-3"
    assert mejor_paquete(nombres, version_de_los_datos=16) == "postgresql-16-postgis-3"
    assert mejor_paquete(nombres[:2]) is None


def test_completa_los_nombres_de_extension_que_faltan_al_desempaquetar(tmp_path: Path) -> None:
    carpeta = tmp_path / "usr/share/postgresql/15/extension"
    carpeta.mkdir(parents=True)
    (carpeta / "postgis-3.control").write_text("default_version = '3.3.2'\n")
    completar_extensiones(tmp_path)
    assert version_de_control(carpeta / "postgis.control") == (3, 3, 2)
