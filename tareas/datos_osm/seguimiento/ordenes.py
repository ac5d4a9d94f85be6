"""Órdenes para seguir flujos de replicación."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click
import psycopg
from sqlalchemy.exc import SQLAlchemyError

from geo.errores import ErrorGeo
from geo.osm.recorte import Zona
from tareas.comun.bd import BaseDeDatos, url_configurada
from tareas.comun.errores import ErrorTequio
from tareas.datos_osm.seguimiento import consultas, servicio
from tareas.datos_osm.seguimiento.fuente import direccion_limpia, legible
from tareas.datos_osm.seguimiento.seguidor import CADA_S, Seguidor, candado
from tareas.datos_osm.seguimiento.servicio import CONJUNTOS, MARGEN_M, OBJETOS

ESPERA_SIN_BASE_S = 10


class _Desde(click.ParamType[int | datetime]):
    """Una secuencia del flujo, o una fecha UTC."""

    name = "SECUENCIA|FECHA"

    def convert(
        self, value: str | int | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | datetime:
        """Entiende ``1234``, ``2026-05-01`` y ``2026-05-01T12:30:00Z``."""
        if not isinstance(value, str):
            return value
        if value.isascii() and value.isdigit() and len(value) <= 9:
            return int(value)
        try:
            fecha = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"«{value[:40]}» no es una secuencia (1234) ni una fecha (2026-05-01 o 2026-05-01T12:30:00Z).")
        return fecha if fecha.tzinfo else fecha.replace(tzinfo=UTC)


_url = click.argument("url", metavar="URL")
_una_vez = click.option("--una-vez", is_flag=True, help="Termina al quedar al día, en vez de esperar lo que venga.")
_cada = click.option(
    "--cada",
    type=click.FloatRange(1, 86400),
    default=CADA_S,
    show_default=True,
    help="Segundos entre una pregunta y otra cuando ya está al día.",
)
_desde = click.option(
    "--desde",
    type=_Desde(),
    help="Hasta dónde llegan ya los datos guardados. Sin esto, lo que diga el archivo importado.",
)
_todo = click.option("--todo/--sin-todo", default=None, help="Guardar todo, no sólo los municipios con proyectos.")
_margen = click.option(
    "--margen",
    type=click.FloatRange(0, 100),
    help=f"Kilómetros alrededor de los municipios con proyectos que también se guardan ({MARGEN_M / 1000:g}).",
)
_mezclar = click.option("--mezclar", is_flag=True, help="Seguirlo aunque ya haya datos de otro origen.")


@click.command("seguir", short_help="Mantiene los datos al día con un flujo de replicación.")
@_url
@_una_vez
@_cada
@_desde
@_todo
@_margen
@_mezclar
def seguir(
    url: str,
    una_vez: bool,
    cada: float,
    desde: int | datetime | None,
    todo: bool | None,
    margen: float | None,
    mezclar: bool,
) -> None:
    """Sigue un flujo de cambios: el de osm.org (minuto, hora o día), el de un extracto, o el de un aula.

    URL es la carpeta que tiene state.txt. Puede interrumpirse en cualquier momento: continúa donde se quedó, sin
    perder ni repetir cambios.
    """
    _seguir(url, OBJETOS, una_vez, cada, desde, todo, margen, mezclar)


@click.command("seguir-conjuntos", short_help="Mantiene al día los conjuntos de cambios, con sus comentarios.")
@_url
@_una_vez
@_cada
@_desde
@_todo
@_margen
def seguir_conjuntos(
    url: str, una_vez: bool, cada: float, desde: int | datetime | None, todo: bool | None, margen: float | None
) -> None:
    """Sigue un flujo de conjuntos de cambios (changesets), como planet.openstreetmap.org/replication/changesets/.

    Guarda los que tocan los municipios con proyectos y los de las personas que tienen aquí su cuenta de OpenStreetMap.
    Sin «--desde» empieza con el que sigue.
    """
    _seguir(url, CONJUNTOS, una_vez, cada, desde, todo, margen, mezclar=True)


@click.command("conjuntos", short_help="Carga conjuntos de cambios de un archivo.")
@click.argument("archivo", type=click.Path(path_type=Path))
@click.option("--todo", is_flag=True, help="Guardar todos, no sólo los de los municipios con proyectos.")
def conjuntos(archivo: Path, todo: bool) -> None:
    """Carga un archivo de conjuntos de cambios (.osm.gz, .osm.bz2 u .osm). Entra todo o nada."""
    base = BaseDeDatos(url_configurada())
    with base.transaccion() as sesion:
        forma = None if todo else consultas.zona(sesion, MARGEN_M)
        zona = None if forma is None else Zona(forma)
        guardados, leidos, _ = servicio.guardar_conjuntos(sesion, archivo, zona, todo=zona is None)
    base.cerrar()
    click.echo(f"{archivo.name}: {leidos:,} conjuntos; {guardados:,} guardados.")


@click.group("flujos", invoke_without_command=True, short_help="Lista los flujos, agrega o quita.")
@click.pass_context
def flujos(ctx: click.Context) -> None:
    """Lista los flujos que se siguen; «agregar» deja uno a cargo de «./tequio servir»."""
    if ctx.invoked_subcommand is not None:
        return
    base = BaseDeDatos(url_configurada())
    with base.lectura() as sesion:
        todos = consultas.flujos(sesion)
    base.cerrar()
    if not todos:
        click.echo("No se sigue ningún flujo. Agrega uno con: ./tequio osm flujos agregar URL")
    for flujo in todos:
        hasta = "sin empezar" if flujo.momento is None else f"hasta {legible(flujo.momento)}"
        quien = "lo sigue ./tequio servir" if flujo.registrado else "a mano"
        click.echo(f"{flujo.url}\n  {flujo.clase}, {quien}; cambio {flujo.secuencia or '—'}, {hasta}.")
        if flujo.error:
            click.echo(f"  Último problema: {flujo.error}")


@flujos.command("agregar", short_help="Deja un flujo a cargo de «./tequio servir».")
@_url
@click.option("--conjuntos", "de_conjuntos", is_flag=True, help="Es un flujo de conjuntos de cambios (changesets).")
@_desde
@_todo
@_margen
@_mezclar
def agregar(
    url: str,
    de_conjuntos: bool,
    desde: int | datetime | None,
    todo: bool | None,
    margen: float | None,
    mezclar: bool,
) -> None:
    """Registra un flujo: desde ahora lo sigue «./tequio servir», también después de apagar y encender."""
    base = BaseDeDatos(url_configurada())
    direccion = direccion_limpia(url)
    flujo = _abrir(base, direccion, CONJUNTOS if de_conjuntos else OBJETOS, todo, margen, mezclar or de_conjuntos)
    if desde is not None:
        with candado(base, flujo):
            _empezar_en(base, flujo, Seguidor(base, direccion, click.echo), desde)
    with base.transaccion() as sesion:
        servicio.registrar(sesion, direccion)
    base.cerrar()
    click.echo(f"{direccion}: lo sigue «./tequio servir» mientras esté encendido.")


@flujos.command("quitar", short_help="Deja de seguir un flujo.")
@_url
def quitar(url: str) -> None:
    """Deja de seguir un flujo. Los datos se quedan como están."""
    base = BaseDeDatos(url_configurada())
    with base.lectura() as sesion:
        flujo = consultas.flujo(sesion, direccion_limpia(url))
    with candado(base, flujo), base.transaccion() as sesion:
        servicio.quitar(sesion, flujo)
    base.cerrar()
    click.echo(f"{flujo.url}: ya no se sigue.")


def _abrir(
    base: BaseDeDatos, url: str, clase: str, todo: bool | None, margen: float | None, mezclar: bool
) -> consultas.Flujo:
    with base.transaccion() as sesion:
        return servicio.abrir_flujo(
            sesion, url, clase, todo=todo, margen_m=None if margen is None else margen * 1000, mezclar=mezclar
        )


def _empezar_en(base: BaseDeDatos, flujo: consultas.Flujo, seguidor: Seguidor, desde: int | datetime) -> None:
    try:
        seguidor.empezar_en(desde)
    except (ErrorTequio, ErrorGeo):
        if flujo.secuencia is None and flujo.intento is None:
            # Se acaba de agregar con una dirección o un punto que no sirven: que no quede en la lista.
            with base.transaccion() as sesion:
                servicio.quitar(sesion, flujo)
        raise


def _seguir(
    url: str,
    clase: str,
    una_vez: bool,
    cada: float,
    desde: int | datetime | None,
    todo: bool | None,
    margen: float | None,
    mezclar: bool,
) -> None:
    base = BaseDeDatos(url_configurada())
    direccion = direccion_limpia(url)
    flujo = _abrir(base, direccion, clase, todo, margen, mezclar)
    while True:
        try:
            with candado(base, flujo):
                seguidor = Seguidor(base, direccion, click.echo)
                if desde is not None:
                    _empezar_en(base, flujo, seguidor, desde)
                    desde = None
                seguidor.seguir(cada_s=cada, una_vez=una_vez)
            break
        except (SQLAlchemyError, psycopg.OperationalError) as error:
            if una_vez:
                raise
            click.echo(f"La base de datos no contesta ({type(error).__name__}); se intenta de nuevo.", err=True)
            base.cerrar()
            time.sleep(ESPERA_SIN_BASE_S)
        except (ErrorTequio, ErrorGeo):
            base.cerrar()
            raise
    base.cerrar()


ORDENES = (seguir, seguir_conjuntos, conjuntos, flujos)
