import json
from pathlib import Path

import pytest

from arranque.errores import ErrorArranque
from arranque.paginas import ARCHIVOS, ARCHIVOS_DE_PRUEBA, publicar, version_mayor
from arranque.rutas import RAIZ


def poner_paquete(trabajo: Path, nombre: str, version: str, *archivos: str) -> None:
    carpeta = trabajo / "node_modules" / nombre
    for archivo in archivos:
        (carpeta / archivo).parent.mkdir(parents=True, exist_ok=True)
        (carpeta / archivo).write_text(f"{nombre} {version}")
    (carpeta / "package.json").write_text(json.dumps({"version": version}))


def test_se_copian_solo_los_archivos_listados_con_la_version_en_la_ruta(tmp_path: Path) -> None:
    poner_paquete(tmp_path, "@casa/mapa", "2.0.1", "dist/mapa.mjs", "dist/sobra.js")
    publicar(tmp_path, {"@casa/mapa": ("dist/mapa.mjs",)}, tmp_path / "v")
    copiados = {str(p.relative_to(tmp_path / "v")) for p in (tmp_path / "v").rglob("*") if p.is_file()}
    assert copiados == {"manifiesto.json", "@casa/mapa/2.0.1/mapa.mjs"}
    assert json.loads((tmp_path / "v" / "manifiesto.json").read_text()) == {"@casa/mapa": "2.0.1"}


def test_lo_que_va_despues_de_la_marca_conserva_sus_carpetas(tmp_path: Path) -> None:
    poner_paquete(
        tmp_path, "editor", "2.0.1", "dist/e.js", "dist/img/a.png", "dist/img/b.png", "dist/img/c.svg", "LICENCIA"
    )
    publicar(tmp_path, {"editor": ("dist/./e.js", "dist/./img/*.png", "LICENCIA")}, tmp_path / "v")
    raiz = tmp_path / "v" / "editor" / "2.0.1"
    copiados = {str(p.relative_to(raiz)) for p in raiz.rglob("*") if p.is_file()}
    assert copiados == {"e.js", "img/a.png", "img/b.png", "LICENCIA"}
    with pytest.raises(ErrorArranque, match=r"img/\*\.gif"):
        publicar(tmp_path, {"editor": ("dist/./img/*.gif",)}, tmp_path / "v")


def test_una_version_nueva_sustituye_a_la_vieja(tmp_path: Path) -> None:
    for version in ("1.0.0", "1.1.0"):
        poner_paquete(tmp_path, "mapa", version, "mapa.mjs")
        publicar(tmp_path, {"mapa": ("mapa.mjs",)}, tmp_path / "v")
    assert [p.name for p in (tmp_path / "v" / "mapa").iterdir()] == ["1.1.0"]


def test_si_falta_un_archivo_lo_publicado_antes_sigue_igual(tmp_path: Path) -> None:
    poner_paquete(tmp_path, "mapa", "1.0.0", "mapa.mjs")
    publicar(tmp_path, {"mapa": ("mapa.mjs",)}, tmp_path / "v")
    with pytest.raises(ErrorArranque, match=r"otro\.mjs"):
        publicar(tmp_path, {"mapa": ("mapa.mjs", "otro.mjs")}, tmp_path / "v")
    assert (tmp_path / "v" / "mapa" / "1.0.0" / "mapa.mjs").exists()


def test_el_candado_de_npm_fija_huellas_y_ningun_servidor() -> None:
    candado = json.loads((RAIZ / "package-lock.json").read_text(encoding="utf-8"))
    paquetes = {nombre: datos for nombre, datos in candado["packages"].items() if nombre}
    assert all("integrity" in datos for datos in paquetes.values())
    assert not any("resolved" in datos for datos in paquetes.values())
    assert {f"node_modules/{n}" for n in [*ARCHIVOS, *ARCHIVOS_DE_PRUEBA]} <= set(paquetes)


def test_se_reconoce_la_version_mayor_de_npm() -> None:
    assert version_mayor("9.2.0\n") == 9
    assert version_mayor("") == 0
    assert version_mayor("pyenv: npm: no existe") == 0
