"""Órdenes para registrar aplicaciones que entran a las aulas."""

import click

from tareas.comun.bd import transaccion_de_orden
from tareas.practica.oauth import consultas, servicio
from tareas.practica.oauth.reglas import DE_CASA


@click.group("clientes", help="Aplicaciones que pueden pedir permiso para entrar a las aulas (OAuth 2).")
def grupo_clientes() -> None:
    """Órdenes de aplicaciones."""


@grupo_clientes.command("registrar", short_help="Registra una aplicación.")
@click.argument("nombre")
@click.option(
    "--regreso",
    "redirecciones",
    multiple=True,
    required=True,
    metavar="DIRECCION",
    help="A dónde vuelve con el permiso (redirect_uri), completa. Se puede repetir.",
)
@click.option(
    "--con-secreto", is_flag=True, help="Para un programa que corre en un servidor y puede guardar un secreto."
)
def registrar(nombre: str, redirecciones: tuple[str, ...], con_secreto: bool) -> None:
    """Registra la aplicación NOMBRE. JOSM y el editor de la página ya vienen puestos."""
    with transaccion_de_orden() as sesion:
        nuevo = servicio.registrar_cliente(sesion, nombre, redirecciones, con_secreto=con_secreto)
    click.echo(f"Aplicación registrada. Identificador (client_id): {nuevo.id}")
    if nuevo.secreto is not None:
        click.echo(f"Secreto (client_secret): {nuevo.secreto}")
        click.echo("Anótalo: no se vuelve a mostrar.")


@grupo_clientes.command("listar", short_help="Lista las aplicaciones.")
def listar() -> None:
    """Lista las aplicaciones, a dónde vuelven y cuántas personas les dan acceso hoy."""
    with transaccion_de_orden() as sesion:
        filas = consultas.clientes(sesion)
    personas = {f.id: f.personas for f in filas}
    for cliente_id, nombre in DE_CASA.items():
        click.echo(f"{cliente_id:<26} {nombre} [viene con Tequio]. Personas: {personas.get(cliente_id, 0)}.")
    propias = [f for f in filas if f.id not in DE_CASA]
    for f in propias:
        click.echo(f"{f.id:<26} {f.nombre}{' [con secreto]' if f.con_secreto else ''}. Personas: {f.personas}.")
        for uri in f.redirecciones:
            click.echo(f"{'':<26}   vuelve a {uri}")
    click.echo(f"{len(propias)} registradas.")


@grupo_clientes.command("borrar", short_help="Borra una aplicación y todos sus accesos.")
@click.argument("cliente_id")
def borrar(cliente_id: str) -> None:
    """Borra la aplicación CLIENTE_ID. Deja de entrar en ese momento."""
    with transaccion_de_orden() as sesion:
        servicio.borrar_cliente(sesion, cliente_id)
    click.echo("Aplicación borrada, con todos sus accesos.")
