"""``./tequio pruebas``: revisiones de estilo, tipos, importaciones y todas las pruebas."""

from __future__ import annotations

import os
import subprocess
import time
import xml.etree.ElementTree as ET  # nosec B405
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from arranque.rutas import Rutas


@dataclass(frozen=True)
class Totales:
    """Cuentas de una corrida."""

    buenas: int = 0
    malas: int = 0
    omitidas: int = 0

    def __add__(self, otras: Totales) -> Totales:
        return Totales(self.buenas + otras.buenas, self.malas + otras.malas, self.omitidas + otras.omitidas)

    def __str__(self) -> str:
        return f"{self.buenas} passed, {self.malas} failed, {self.omitidas} skipped"


def revisiones(rutas: Rutas) -> list[tuple[str, list[str]]]:
    """Título y orden de cada revisión, sin contar pytest."""

    def herramienta(nombre: str, *argumentos: str) -> list[str]:
        return [str(rutas.entorno / "bin" / nombre), *argumentos]

    def orden(*argumentos: str) -> list[str]:
        return [str(rutas.python), "-P", "-m", "tareas.ordenes", *argumentos]

    return [
        ("Formato", herramienta("ruff", "format", "--check", ".")),
        ("Estilo", herramienta("ruff", "check", ".")),
        ("Tipos", herramienta("mypy")),
        ("Quién importa a quién", herramienta("lint-imports", "--no-cache")),
        ("Plantillas", herramienta("djlint", "plantillas", "--lint", "--quiet")),
        ("Seguridad", herramienta("bandit", "-q", "-r", "tareas", "geo", "arranque", "-ll")),
        ("Migraciones y modelos", orden("bd", "comprobar-modelos")),
        ("Traducciones al día", orden("textos", "comprobar")),
    ]


def contar(informe: Path, codigo: int) -> Totales:
    """Cuentas del informe JUnit de pytest.

    Parameters
    ----------
    informe : Path
        Archivo que escribe ``--junitxml``; puede faltar si pytest no llegó a correr.
    codigo : int
        Con qué terminó pytest; si falló sin ninguna prueba fallida, cuenta como una falla.
    """
    totales = Totales()
    if informe.exists():
        # No viene de fuera: lo acaba de escribir pytest.
        for grupo in ET.parse(informe).getroot().iter("testsuite"):  # nosec B314
            todas, malas, errores, omitidas = (
                int(grupo.get(nombre, "0")) for nombre in ("tests", "failures", "errors", "skipped")
            )
            totales += Totales(max(todas - malas - errores - omitidas, 0), malas + errores, omitidas)
    if codigo and not totales.malas:
        totales += Totales(malas=1)
    return totales


def correr(rutas: Rutas, argumentos: Sequence[str], entorno: Mapping[str, str]) -> int:
    """Corre todo, o solo pytest si hay argumentos, y escribe los totales.

    Returns
    -------
    int
        0 si nada falló; 1 si algo falló.
    """
    totales = Totales()
    fallidas: list[str] = []
    for titulo, codigo in [] if argumentos else revisar(rutas, entorno):
        totales += Totales(malas=1) if codigo else Totales(buenas=1)
        fallidas += [titulo] if codigo else []
    informe = rutas.datos / "pruebas" / "pytest.xml"
    informe.parent.mkdir(parents=True, exist_ok=True)
    informe.unlink(missing_ok=True)
    pytest = [str(rutas.entorno / "bin" / "pytest"), f"--junitxml={informe}", *(argumentos or ("-n", str(procesos())))]
    codigo = _mostrar("Pruebas", pytest, rutas, entorno)
    fallidas += ["Pruebas"] if codigo else []
    totales += contar(informe, codigo)
    print(f"\nFalló: {', '.join(fallidas)}." if fallidas else "\nTodo pasó.")
    print(totales, flush=True)
    return 1 if totales.malas else 0


def procesos() -> int:
    """Cuántos procesos de pruebas a la vez: uno más que núcleos, porque las del navegador pasan media vida esperando.

    No más de cuatro: cada uno abre decenas de conexiones, y el servidor de bases admite cien.
    """
    return min((os.cpu_count() or 1) + 1, 4)


def revisar(rutas: Rutas, entorno: Mapping[str, str]) -> list[tuple[str, int]]:
    """Corre las revisiones de dos en dos, que ninguna escribe lo que otra lee, y las muestra en su orden.

    Returns
    -------
    list of tuple
        Título y código de salida de cada una.
    """
    codigos = []
    with ThreadPoolExecutor(2) as fila:
        # La de los tipos tarda más que todas las otras juntas: empieza antes.
        tandas = sorted(revisiones(rutas), key=lambda revision: revision[0] != "Tipos")
        corridas = {titulo: fila.submit(_callada, orden, rutas, entorno) for titulo, orden in tandas}
        for titulo, _orden in revisiones(rutas):
            print(f"\n── {titulo} ──", flush=True)
            codigo, salida, segundos = corridas[titulo].result()
            print(salida, end="")
            _cerrar(titulo, codigo, segundos)
            codigos.append((titulo, codigo))
    return codigos


def _callada(orden: Sequence[str], rutas: Rutas, entorno: Mapping[str, str]) -> tuple[int, str, float]:
    """Código, salida y segundos de una orden."""
    inicio = time.monotonic()
    try:
        corrida = subprocess.run(
            orden,
            cwd=rutas.raiz,
            env=dict(entorno),
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        codigo, salida = corrida.returncode, corrida.stdout
    except OSError as error:
        codigo, salida = 127, f"No se pudo ejecutar {orden[0]}: {error.strerror}\n"
    return codigo, salida, time.monotonic() - inicio


def _mostrar(titulo: str, orden: Sequence[str], rutas: Rutas, entorno: Mapping[str, str]) -> int:
    print(f"\n── {titulo} ──", flush=True)
    inicio = time.monotonic()
    try:
        codigo = subprocess.run(orden, cwd=rutas.raiz, env=dict(entorno), check=False).returncode
    except OSError as error:
        print(f"No se pudo ejecutar {orden[0]}: {error.strerror}")
        codigo = 127
    _cerrar(titulo, codigo, time.monotonic() - inicio)
    return codigo


def _cerrar(titulo: str, codigo: int, segundos: float) -> None:
    print(f"{'✗' if codigo else '✓'} {titulo} ({segundos:.1f} s)", flush=True)
