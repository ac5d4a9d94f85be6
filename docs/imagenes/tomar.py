"""Toma las imágenes del LÉEME de una demostración encendida.

Con ``./tequio demo`` en otra ventana::

    .venv/bin/python docs/imagenes/tomar.py

Usa Playwright y Chromium, que ``./tequio pruebas`` instala. La tarea que toma, la suelta.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

AQUI = Path(__file__).resolve().parent
DATOS = AQUI.parents[1] / ".datos"
ESCRITORIO = {"width": 900, "height": 540}
TELEFONO = {"width": 360, "height": 640}


def navegador() -> str:
    """Programa de Chromium: el de la variable, el que prepararon las pruebas o el del sistema."""
    preparado = DATOS / "navegador"
    hallado = os.environ.get("TEQUIO_NAVEGADOR") or (
        str(preparado) if preparado.is_file() else shutil.which("chromium")
    )
    if not hallado:
        sys.exit("Falta Chromium: lo prepara ./tequio pruebas.")
    return hallado


def entrar(chromium: Browser, demo: dict, usuario: str, tamano: dict[str, int]) -> Page:
    """Página con la sesión de una cuenta de la demostración."""
    clave = next(c["clave"] for c in demo["cuentas"] if c["usuario"] == usuario)
    contexto = chromium.new_context(
        viewport=tamano,
        locale="es-MX",
        timezone_id="America/Mexico_City",
        base_url=demo["direccion"],
        reduced_motion="reduce",
    )
    pagina = contexto.new_page()
    pagina.goto("/entrar")
    pagina.get_by_label("Usuario").fill(usuario)
    pagina.get_by_label("Clave", exact=True).fill(clave)
    pagina.get_by_role("button", name="Entrar").last.click()
    pagina.wait_for_url("**/")
    return pagina


def esperar_mapa(pagina: Page) -> None:
    """Espera a que el mapa y la hoja estén puestos, y a que ya no falte ninguna tesela."""
    pagina.wait_for_selector("html[data-mapa=listo][data-panel=listo]")
    pagina.wait_for_load_state("networkidle")
    pagina.wait_for_timeout(1500)


def mosaico(pagina: Page, proyecto: int, archivo: str) -> None:
    """La página de mapeo antes de tomar nada: el proyecto entero."""
    pagina.goto(f"/proyectos/{proyecto}/mapear")
    esperar_mapa(pagina)
    pagina.screenshot(path=AQUI / archivo)


def turno(pagina: Page, proyecto: int, archivo: str) -> None:
    """La página de mapeo con una tarea en la mano."""
    pagina.goto(f"/proyectos/{proyecto}/mapear")
    esperar_mapa(pagina)
    pagina.get_by_role("button", name="Dame una tarea").click()
    pagina.wait_for_selector("[data-turno]")
    esperar_mapa(pagina)
    pagina.screenshot(path=AQUI / archivo)
    pagina.get_by_role("button", name="Soltar").first.click()
    pagina.wait_for_selector("[data-turno]", state="detached")


def principal() -> None:
    """Toma todas las imágenes."""
    demo = json.loads((DATOS / "demo.json").read_text(encoding="utf-8"))
    proyecto = demo["proyectos"][1]
    with sync_playwright() as p:
        opciones = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = p.chromium.launch(executable_path=navegador(), args=opciones)
        mosaico(entrar(chromium, demo, "mapeo1", ESCRITORIO), proyecto, "mapeo.png")
        turno(entrar(chromium, demo, "mapeo2", TELEFONO), proyecto, "mapeo_telefono.png")
        chromium.close()
    for imagen in sorted(AQUI.glob("*.png")):
        print(f"{imagen.name}: {imagen.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    principal()
