"""Los programas de PostgreSQL que hablan con la base en uso: ``pg_dump``, ``pg_restore`` y ``psql``."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from arranque.errores import ErrorArranque
from arranque.rutas import Rutas

REMEDIO = """Instala los programas de cliente de PostgreSQL, de la versión del servidor o más nuevos:
  Debian y Ubuntu:  apt install postgresql-client
  Fedora:           dnf install postgresql
  macOS:            brew install libpq"""


@dataclass(frozen=True)
class Clientes:
    """Programas de cliente y la base a la que se conectan.

    Parameters
    ----------
    carpeta : Path
        Donde están los programas.
    url : str
        Dirección libpq, sin clave: los argumentos de un programa los ve cualquiera en la máquina.
    entorno : Mapping[str, str]
        Variables con que corren; la clave va aquí.
    """

    carpeta: Path
    url: str
    entorno: Mapping[str, str] = field(repr=False)

    def orden(self, programa: str, *argumentos: str) -> list[str]:
        """Programa y argumentos, listos para ``subprocess``.

        Raises
        ------
        ErrorArranque
            Si el programa no está.
        """
        ruta = self.carpeta / programa
        if not ruta.exists():
            raise ErrorArranque(f"Falta el programa {programa} en {self.carpeta}.", REMEDIO)
        return [str(ruta), *argumentos]

    def leer(self, programa: str, *argumentos: str) -> str:
        """Corre un programa y devuelve lo que escribió.

        Raises
        ------
        ErrorArranque
            Con lo que el programa dijo, si falla.
        """
        resultado = subprocess.run(
            self.orden(programa, *argumentos),
            env=dict(self.entorno),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if resultado.returncode:
            raise ErrorArranque(f"{programa} falló:\n{resultado.stderr.strip()}")
        return resultado.stdout

    def consultar(self, sql: str) -> str:
        """Corre SQL y devuelve su salida sin adornos.

        Raises
        ------
        ErrorArranque
        """
        return self.leer("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", sql).strip()


def para(url: str, entorno: Mapping[str, str], carpeta: Path) -> Clientes:
    """Clientes para una base, con la clave fuera de la dirección.

    Parameters
    ----------
    url : str
        Como la de ``TEQUIO_BASE_DE_DATOS``.
    entorno : Mapping[str, str]
        Variables del proceso.
    carpeta : Path
        Donde están los programas.
    """
    limpia, clave = sin_clave(url)
    return Clientes(carpeta, limpia, {**entorno, "PGPASSWORD": clave} if clave else dict(entorno))


def sin_clave(url: str) -> tuple[str, str | None]:
    """Separa la clave de una dirección de base y quita el nombre de la biblioteca (``postgresql+psycopg``)."""
    url = re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", url)
    hallada = re.match(r"^(\w+://[^:@/?]*):([^@/]*)(@.*)$", url, re.DOTALL)
    if hallada is None:
        return url, None
    return hallada.group(1) + hallada.group(3), unquote(hallada.group(2))


def carpeta_de_clientes(rutas: Rutas) -> Path:
    """Carpeta con los programas más nuevos que haya; sirven también para servidores anteriores.

    Raises
    ------
    ErrorArranque
        Si no hay ninguno.
    """
    arboles = (Path("/usr/lib/postgresql"), rutas.postgresql / "usr/lib/postgresql")
    halladas = [p.parent for arbol in arboles for p in arbol.glob("*/bin/pg_dump")]
    con_version = [c for c in halladas if c.parent.name.isdigit()]
    if con_version:
        return max(con_version, key=lambda c: int(c.parent.name))
    suelto = shutil.which("pg_dump")
    if suelto is None:
        raise ErrorArranque("No encontramos pg_dump ni pg_restore en esta máquina.", REMEDIO)
    return Path(suelto).parent
