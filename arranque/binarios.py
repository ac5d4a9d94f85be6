"""Encuentra un PostgreSQL con PostGIS que sirva: versiones, programas y extensiones."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

POSTGRESQL_MINIMO = 15
POSTGIS_MINIMO = (3, 3)
PROGRAMAS = ("initdb", "pg_ctl", "postgres", "psql", "pg_isready")
SIN_SISTEMA = "TEQUIO_SIN_POSTGRES_DEL_SISTEMA"
EXTENSIONES = ("postgis", "unaccent", "pg_trgm")


@dataclass(frozen=True)
class Binarios:
    """Un PostgreSQL utilizable.

    Parameters
    ----------
    carpeta : Path
        Donde están ``initdb``, ``pg_ctl``, ``postgres``, ``psql`` y ``pg_isready``.
    version : int
        Versión mayor de PostgreSQL.
    entorno : dict[str, str]
        Variables que hay que añadir para que los programas encuentren sus bibliotecas.
    """

    carpeta: Path
    version: int
    entorno: dict[str, str] = field(default_factory=dict)

    def programa(self, nombre: str) -> str:
        """Ruta completa de uno de los programas."""
        return str(self.carpeta / nombre)


def version_de_control(archivo: Path) -> tuple[int, ...] | None:
    """Lee ``default_version`` de un archivo ``.control`` de extensión.

    Returns
    -------
    tuple[int, ...] or None
        Los números de la versión; ``None`` si el archivo falta o no la declara.
    """
    try:
        texto = archivo.read_text(encoding="utf-8")
    except OSError:
        return None
    hallado = re.search(r"^\s*default_version\s*=\s*'(\d+(?:\.\d+)*)", texto, re.MULTILINE)
    return tuple(int(n) for n in hallado.group(1).split(".")) if hallado else None


def por_que_no_sirve(programas: Path, extensiones: Path, version: int) -> str | None:
    """Dice qué le falta a una instalación, o ``None`` si está completa."""
    if version < POSTGRESQL_MINIMO:
        return f"PostgreSQL {version} es anterior a {POSTGRESQL_MINIMO}"
    faltan = [p for p in PROGRAMAS if not (programas / p).exists()]
    if faltan:
        return f"faltan los programas {', '.join(faltan)} en {programas}"
    for nombre in EXTENSIONES:
        hallada = version_de_control(extensiones / f"{nombre}.control")
        if hallada is None:
            return f"PostgreSQL {version} no tiene la extensión {nombre}"
        if nombre == "postgis" and hallada < POSTGIS_MINIMO:
            return f"PostGIS {'.'.join(map(str, hallada))} es anterior a {'.'.join(map(str, POSTGIS_MINIMO))}"
    return None


def en_arbol(raiz: Path) -> tuple[list[Binarios], list[str]]:
    """Busca instalaciones con la disposición de Debian debajo de ``raiz``.

    Returns
    -------
    tuple[list[Binarios], list[str]]
        Las que sirven, de la versión más nueva a la más vieja, y por qué no sirven las otras.
    """
    buenas: list[Binarios] = []
    malas: list[str] = []
    for carpeta in (raiz / "usr/lib/postgresql").glob("*/bin"):
        if not carpeta.parent.name.isdigit():
            continue
        version = int(carpeta.parent.name)
        motivo = por_que_no_sirve(carpeta, raiz / f"usr/share/postgresql/{version}/extension", version)
        if motivo:
            malas.append(motivo)
        else:
            buenas.append(Binarios(carpeta, version, {} if raiz == Path("/") else entorno_de_arbol(raiz)))
    return sorted(buenas, key=lambda b: -b.version), malas


def entorno_de_arbol(raiz: Path) -> dict[str, str]:
    """Variables para correr programas desempaquetados bajo ``raiz`` en vez de instalados en ``/``."""
    bibliotecas: list[Path] = []
    for base in (raiz / "usr/lib", raiz / "lib"):
        for carpeta in sorted(base.glob("*-linux-gnu*")):
            # Las de las subcarpetas (blas, pulseaudio…) se hallan por una ruta absoluta que aquí no existe.
            propias = sorted({b.parent for b in carpeta.glob("*/lib*.so*")})
            bibliotecas += [carpeta, *propias]
    variables = {"LD_LIBRARY_PATH": ":".join(str(b) for b in bibliotecas)}
    if (raiz / "usr/share/proj").is_dir():
        variables["PROJ_DATA"] = str(raiz / "usr/share/proj")
    return variables


def por_pg_config() -> tuple[list[Binarios], list[str]]:
    """Pregunta a ``pg_config`` (Fedora, Homebrew, compilados a mano)."""
    programa = shutil.which("pg_config")
    if programa is None:
        return [], []

    def preguntar(que: str) -> str:
        return subprocess.run([programa, que], capture_output=True, text=True, check=False).stdout.strip()

    hallado = re.search(r"(\d+)", preguntar("--version"))
    if hallado is None:
        # El de postgresql-common solo redirige, y falla mientras no haya un PostgreSQL instalado.
        return [], []
    version, carpeta = int(hallado.group(1)), Path(preguntar("--bindir"))
    motivo = por_que_no_sirve(carpeta, Path(preguntar("--sharedir")) / "extension", version)
    return ([], [motivo]) if motivo else ([Binarios(carpeta, version)], [])


def elegir(candidatos: list[Binarios], version_de_los_datos: int | None) -> Binarios | None:
    """Escoge el más nuevo; si ya hay datos, solo vale el de su misma versión mayor."""
    if version_de_los_datos is not None:
        candidatos = [b for b in candidatos if b.version == version_de_los_datos]
    return max(candidatos, key=lambda b: b.version, default=None)


def encontrar(arbol_propio: Path, version_de_los_datos: int | None = None) -> tuple[Binarios | None, list[str]]:
    """Busca en el sistema, en ``pg_config`` y en el árbol desempaquetado por Tequio, en ese orden.

    Con ``TEQUIO_SIN_POSTGRES_DEL_SISTEMA`` solo mira el árbol propio.

    Returns
    -------
    tuple[Binarios or None, list[str]]
        El elegido, o ``None`` con los motivos por los que se descartó cada uno.
    """
    buscadores: list[Callable[[], tuple[list[Binarios], list[str]]]] = []
    if not os.environ.get(SIN_SISTEMA):
        buscadores += [partial(en_arbol, Path("/")), por_pg_config]
    motivos: list[str] = []
    buscadores.append(partial(en_arbol, arbol_propio))
    for buscar in buscadores:
        buenas, malas = buscar()
        elegido = elegir(buenas, version_de_los_datos)
        if elegido:
            return elegido, []
        motivos += malas
        motivos += [f"PostgreSQL {b.version} no abre datos de la versión {version_de_los_datos}" for b in buenas]
    return None, motivos
