"""Compila los catálogos de traducción (``.po`` a ``.mo``)."""

from __future__ import annotations

from pathlib import Path

from arranque.pasos import Paso
from arranque.procesos import correr
from arranque.rutas import Rutas

COMPILAR = "import sys; from babel.messages.frontend import main; sys.exit(main())"


def paso_traducciones(rutas: Rutas) -> Paso:
    """Compila cuando algún catálogo cambió o le falta su versión compilada."""
    carpeta = rutas.raiz / "tareas" / "traducciones"

    def catalogos() -> list[Path]:
        return sorted(carpeta.glob("*/LC_MESSAGES/*.po"))

    def hacer(bitacora: Path) -> None:
        for catalogo in catalogos():
            compilado = catalogo.with_suffix(".mo")
            orden = [str(rutas.python), "-P", "-c", COMPILAR, "compile", "-i", str(catalogo), "-o", str(compilado)]
            correr(orden, bitacora, remedio=f"Corrige {catalogo.relative_to(rutas.raiz)}.")

    return Paso(
        nombre="traducciones",
        titulo="Traducciones",
        hacer=hacer,
        entradas=catalogos,
        presente=lambda: all(c.with_suffix(".mo").exists() for c in catalogos()),
    )
