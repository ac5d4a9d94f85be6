from pathlib import Path

from arranque.navegador import del_sistema, es_snap, guion


def test_el_chromium_de_snap_se_salta(tmp_path: Path) -> None:
    stub = tmp_path / "chromium-browser"
    stub.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    bueno = tmp_path / "google-chrome"
    bueno.write_bytes(b"\x7fELF")
    hay = {"chromium-browser": str(stub), "google-chrome": str(bueno)}
    assert es_snap(stub)
    assert del_sistema(hay.get) == bueno
    assert del_sistema({}.get) is None


def test_el_guion_lleva_las_variables_y_respeta_los_espacios() -> None:
    texto = guion(Path("/mi carpeta/chromium"), {"LD_LIBRARY_PATH": "/mi carpeta/lib"}, ("--no-sandbox",))
    assert (
        texto.splitlines()[1] == "exec env LD_LIBRARY_PATH='/mi carpeta/lib' '/mi carpeta/chromium' --no-sandbox \"$@\""
    )
