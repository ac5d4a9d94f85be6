"""Órdenes de consola: leen, abren una transacción, llaman a un servicio. ``./tequio ORDEN``."""

import sys
from pathlib import Path

import click
from alembic import command
from alembic.config import Config

from geo.errores import ErrorGeo
from tareas.comun import bd
from tareas.comun.errores import ErrorTequio
from tareas.tableros.ordenes import orden_comprobar

RAIZ = Path(__file__).resolve().parent.parent


@click.group(help="Tequio: gestor de tareas de mapeo colaborativo para municipios.", context_settings={"help_option_names": ["-h", "--help"]})
def tequio() -> None:
    """Raíz de las órdenes."""


tequio.add_command(orden_comprobar)


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
    try:
        tequio(prog_name="tequio")
    except (ErrorTequio, ErrorGeo) as error:
        click.echo(f"Error: {error.mensaje}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    principal()
