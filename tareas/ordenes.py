"""Órdenes de consola: leen, abren una transacción, llaman a un servicio. ``./tequio ORDEN``."""

import gettext
import importlib
import os
import sys
from pathlib import Path

import click
from alembic import command
from alembic.config import Config

from geo.errores import ErrorGeo
from tareas.comun import bd
from tareas.comun.catalogo.ordenes import grupo as grupo_textos
from tareas.comun.errores import ErrorTequio
from tareas.cuentas.ordenes import grupo as grupo_cuentas
from tareas.datos_osm.ordenes import grupo as grupo_osm
from tareas.demostracion.ordenes import orden_demo
from tareas.municipios.ordenes import grupo as grupo_municipios
from tareas.proyectos.ordenes import grupo as grupo_proyectos
from tareas.tableros.ordenes import orden_comprobar

RAIZ = Path(__file__).resolve().parent.parent


@click.group(
    help="Tequio: gestor de tareas de mapeo colaborativo para municipios.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def tequio() -> None:
    """Raíz de las órdenes."""


tequio.add_command(orden_demo)
tequio.add_command(orden_comprobar)
tequio.add_command(grupo_cuentas)
tequio.add_command(grupo_municipios)
tequio.add_command(grupo_proyectos)
tequio.add_command(grupo_osm)
tequio.add_command(grupo_textos)


@tequio.command(
    "servir", help="Atiende en 127.0.0.1 con varios procesos; detrás de un servidor con HTTPS en producción."
)
@click.option("--puerto", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Puerto.")
@click.option(
    "--direccion", default="127.0.0.1", show_default=True, help="Dirección donde escucha (0.0.0.0 para una red local)."
)
@click.option(
    "--procesos",
    type=click.IntRange(1, 64),
    default=None,
    help="Cuántos procesos; por omisión, uno por núcleo y al menos dos.",
)
def orden_servir(puerto: int, direccion: str, procesos: int | None) -> None:
    """Enciende el servidor."""
    # Tarda en cargar, y las demás órdenes no lo usan.
    from tareas.servidor import servir

    click.echo(f"Tequio atiende en http://{direccion}:{puerto} (Ctrl+C para detenerlo).")
    servir(direccion, puerto, procesos)


@tequio.command(
    "banco",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    help="Mide lo que importa contra su piso. ./tequio banco --help lo explica.",
)
@click.argument("argumentos", nargs=-1, type=click.UNPROCESSED)
def orden_banco(argumentos: tuple[str, ...]) -> None:
    """Entrega el mando a los bancos, que viven con las pruebas."""
    importlib.import_module("tests.bancos.__main__").banco.main(list(argumentos), prog_name="./tequio banco")


@tequio.group("bd", help="Base de datos: migrar y comprobar.")
def grupo_bd() -> None:
    """Órdenes de la base."""


def _alembic(url: str) -> Config:
    configuracion = Config(str(RAIZ / "alembic.ini"))
    configuracion.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return configuracion


@grupo_bd.command("migrar", help="Lleva el esquema a la última versión.")
def migrar() -> None:
    """Corre las migraciones que falten."""
    command.upgrade(_alembic(bd.url_configurada()), "head")
    click.echo("La base de datos está en la última versión.")


@grupo_bd.command("comprobar-modelos", help="Comprueba que modelos y migraciones digan lo mismo.")
def comprobar_modelos() -> None:
    """Falla si una migración automática propondría cambios."""
    command.check(_alembic(bd.url_configurada()))


def principal() -> None:
    """Punto de entrada: los errores esperados salen como una frase y código 1."""
    # Las frases de Click, en español: su catálogo es tareas/traducciones/es/LC_MESSAGES/click.po.
    os.environ["LANGUAGE"] = "es"
    gettext.bindtextdomain("click", str(RAIZ / "tareas" / "traducciones"))
    gettext.textdomain("click")
    try:
        tequio(prog_name="tequio")
    except (ErrorTequio, ErrorGeo) as error:
        click.echo(f"Error: {error.mensaje}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    principal()
