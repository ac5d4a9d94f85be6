"""Chromium de verdad contra el servidor de verdad."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tareas.comun.bd import BaseDeDatos
from tests.fabrica import abrir_sesion

RAIZ = Path(__file__).resolve().parents[2]
TELEFONO = {"width": 360, "height": 740}
ESCRITORIO = {"width": 1280, "height": 800}
ESPERA_MS = 15_000

# Lo mismo que aguanta la página: en una máquina ocupada, cinco segundos no dicen nada de nuestro código.
expect.set_options(timeout=ESPERA_MS)


def _programa() -> str:
    programa = os.environ.get("TEQUIO_NAVEGADOR") or shutil.which("chromium")
    if not programa:
        pytest.skip("sin Chromium: ./tequio pruebas lo prepara")
    if not (RAIZ / "tareas" / "estaticos" / "v" / "manifiesto.json").is_file():
        pytest.skip("sin los paquetes de navegador: ./tequio pruebas los instala")
    return programa


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Un navegador por proceso de pruebas."""
    with sync_playwright() as p:
        navegador = p.chromium.launch(executable_path=_programa(), args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield navegador
        navegador.close()


@pytest.fixture(scope="session")
def sitio(app) -> Iterator[str]:  # type: ignore[no-untyped-def]
    """La aplicación atendiendo en 127.0.0.1; da su dirección."""
    servidor = make_server("127.0.0.1", 0, app, threaded=True)
    hilo = threading.Thread(target=servidor.serve_forever, daemon=True)
    hilo.start()
    yield f"http://127.0.0.1:{servidor.port}"
    servidor.shutdown()


@pytest.fixture
def abrir(chromium: Browser, sitio: str, bd: BaseDeDatos) -> Iterator[Callable[..., Page]]:
    """``abrir(persona, tamano)`` da una página con la sesión de esa persona; al final, ninguna debió fallar."""
    contextos: list[BrowserContext] = []
    fallas: list[str] = []

    def _abrir(persona: int | None = None, tamano: dict[str, int] = ESCRITORIO, **opciones: object) -> Page:
        contexto = chromium.new_context(
            viewport=tamano,
            locale="es-MX",
            timezone_id="America/Mexico_City",
            reduced_motion="reduce",
            base_url=sitio,
            **opciones,
        )  # type: ignore[arg-type]
        contextos.append(contexto)
        if persona is not None:
            contexto.add_cookies([{"name": "tequio_sesion", "value": abrir_sesion(bd, persona), "url": sitio}])
        pagina = contexto.new_page()
        pagina.set_default_timeout(ESPERA_MS)
        pagina.on("pageerror", lambda error: fallas.append(f"{pagina.url}: {error}"))
        pagina.on(
            "console",
            lambda m: (
                fallas.append(f"{pagina.url}: {m.text}") if m.type == "error" and "Content Security" in m.text else None
            ),
        )
        return pagina

    yield _abrir
    for contexto in contextos:
        contexto.close()
    assert fallas == []


def esperar_mapa(pagina: Page) -> None:
    """Espera a que el mapa reciba capas y la hoja esté puesta."""
    pagina.wait_for_selector("html[data-mapa=listo][data-panel=listo]")


def esperar_a_que(pagina: Page, pasa: Callable[[], object], que: str) -> None:
    """Pregunta hasta que pase; ``wait_for_function`` evalúa textos, y la política de nuestras páginas no los deja."""
    limite = time.monotonic() + ESPERA_MS / 1000
    while not pasa():
        assert time.monotonic() < limite, que
        pagina.wait_for_timeout(100)


def esperar_quieto(pagina: Page, mapa: str = "#mapa-mapeo") -> None:
    """Espera a que el mapa no se mueva ni le falte nada por pintar: hasta entonces, lo que se toca puede ser otra cosa."""
    pagina.wait_for_selector(f"{mapa}[data-quieto]")


def faltas_de_accesibilidad(pagina: Page) -> list[str]:
    """Reglas WCAG 2.2 AA que axe encuentra rotas, con el primer nodo de cada una."""
    carpeta = Path(os.environ.get("TEQUIO_AXE") or RAIZ / "node_modules" / "axe-core")
    guion = carpeta / "axe.min.js"
    if not guion.is_file():
        pytest.skip("sin axe-core: ./tequio pruebas lo instala")
    sesion = pagina.context.new_cdp_session(pagina)
    # Por el protocolo de depuración: la política de la página no deja meter guiones ajenos.
    sesion.send("Runtime.evaluate", {"expression": guion.read_text(encoding="utf-8")})
    orden = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then(r => JSON.stringify(r.violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 160))))"
    respuesta = sesion.send("Runtime.evaluate", {"expression": orden, "awaitPromise": True, "returnByValue": True})
    faltas: list[str] = json.loads(respuesta["result"]["value"])
    return faltas
