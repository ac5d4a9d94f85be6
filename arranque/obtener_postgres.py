"""Consigue PostgreSQL con PostGIS: el del sistema, instalado como root o desempaquetado en ``.datos``."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from arranque.binarios import POSTGRESQL_MINIMO, SIN_SISTEMA, Binarios, encontrar
from arranque.errores import ErrorArranque
from arranque.paquetes import Apt, es_root, hay_apt
from arranque.pasos import Paso
from arranque.postgres import Cluster
from arranque.rutas import Rutas

PATRON = r"^postgresql-[0-9]+-postgis-3$"
REMEDIO = """Instala PostgreSQL 15 o más nuevo con PostGIS 3.3 o más nuevo:
  Debian 12 o más nuevo:  apt install postgresql postgresql-postgis
  Ubuntu 24.04:           apt install postgresql-16-postgis-3
  Ubuntu 22.04 (trae PostgreSQL 14): añade el repositorio de PostgreSQL y luego instala
                          apt install gnupg postgresql-common && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh
                          apt install postgresql-16-postgis-3
  Fedora:                 dnf install postgresql-server postgresql-contrib postgis
  macOS con Homebrew:     brew install postgresql postgis
O usa un servidor que ya tengas:
  export TEQUIO_BASE_DE_DATOS=postgresql://usuario:clave@servidor/base"""

CAMBIO_DE_VERSION = """Instala esa misma versión (está en el repositorio de PostgreSQL para Debian y Ubuntu), respalda
con «./tequio respaldar», mueve .datos/pg a otro lado y recupera con «./tequio restaurar»; o, si no te importan los
datos, borra .datos/pg."""


def paso_postgres(rutas: Rutas) -> Paso:
    """Deja disponible un PostgreSQL que sirva; si el sistema ya lo tiene, no hace nada."""
    return Paso(
        nombre="postgresql",
        titulo="PostgreSQL con PostGIS",
        hacer=lambda bitacora: _obtener(rutas, bitacora),
        entradas=lambda: [],
        presente=lambda: _hallado(rutas) is not None,
    )


def mejor_paquete(nombres: list[str], version_de_los_datos: int | None = None) -> str | None:
    """Escoge el paquete de PostGIS para el PostgreSQL más nuevo que sirva, o para el que creó los datos."""
    versiones = [(int(m.group(1)), n) for n in nombres if (m := re.match(r"postgresql-(\d+)-postgis", n))]
    sirven = [v for v in versiones if v[0] >= POSTGRESQL_MINIMO and version_de_los_datos in (None, v[0])]
    return max(sirven, default=(0, None))[1]


def _hallado(rutas: Rutas) -> Binarios | None:
    try:
        return Cluster(rutas.grupo_pg).binarios()
    except ErrorArranque:
        return None


def _obtener(rutas: Rutas, bitacora: Path) -> None:
    if _hallado(rutas):
        return
    version = Cluster(rutas.grupo_pg).version_de_los_datos()
    motivos = encontrar(rutas.postgresql, version)[1]
    visto = f" (visto: {'; '.join(motivos)})" if motivos else ""
    if not hay_apt():
        raise ErrorArranque(f"No hay PostgreSQL con PostGIS en esta máquina{visto}.", REMEDIO)
    oculto = bool(os.environ.get(SIN_SISTEMA))
    apt = Apt(rutas.datos / "apt", bitacora, ocultar="postgresql|postgis" if oculto else "")
    paquete = mejor_paquete(apt.nombres(PATRON), version)
    if paquete is None and version is not None:
        raise ErrorArranque(f"Los datos de {rutas.grupo_pg} son de PostgreSQL {version}{visto}.", CAMBIO_DE_VERSION)
    if paquete is None:
        raise ErrorArranque(f"Los paquetes de este sistema no traen PostgreSQL 15 con PostGIS{visto}.", REMEDIO)
    if es_root() and not oculto:
        _instalar(apt, paquete)
    else:
        apt.desempaquetar([paquete], rutas.postgresql)
        completar_extensiones(rutas.postgresql)
    if _hallado(rutas) is None:
        faltas = "; ".join(encontrar(rutas.postgresql, version)[1]) or "no aparece en ninguna carpeta conocida"
        raise ErrorArranque(f"Se instaló {paquete}, pero no sirve: {faltas}.", REMEDIO)


def _instalar(apt: Apt, paquete: str) -> None:
    """Instala sin que Debian encienda de paso un servidor en el puerto 5432."""
    configuracion = Path("/etc/postgresql-common")
    aviso = configuracion / "createcluster.d" / "tequio.conf"
    nuevo = not (configuracion / "createcluster.conf").exists()
    if nuevo:
        aviso.parent.mkdir(parents=True, exist_ok=True)
        aviso.write_text("create_main_cluster = false\n", encoding="ascii")
    try:
        apt.instalar([paquete])
    finally:
        if nuevo:
            aviso.unlink(missing_ok=True)


def completar_extensiones(arbol: Path) -> None:
    """Pone los nombres de extensión que Debian crea al instalar y no al desempaquetar."""
    for control in arbol.glob("usr/share/postgresql/*/extension/*-3.control"):
        sin_version = control.with_name(control.name.replace("-3.control", ".control"))
        if not sin_version.exists():
            shutil.copyfile(control, sin_version)
