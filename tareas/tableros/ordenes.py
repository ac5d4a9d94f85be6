"""Órdenes de los tableros."""

import sys

import click
from sqlalchemy import text

from tareas.comun.bd import BaseDeDatos, url_configurada
from tareas.tableros.comprobar import comprobar


@click.command(
    "comprobar",
    help="Recuenta estados y contadores desde el historial y dice toda diferencia (código 1 si hay alguna).",
)
def orden_comprobar() -> None:
    """Recuenta y compara."""
    base = BaseDeDatos(url_configurada())
    with base.transaccion() as sesion:
        # Una sola fotografía: lo que otras personas hagan mientras tanto no cuenta como diferencia.
        sesion.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        resultados = comprobar(sesion)
    for resultado in resultados:
        marca = "bien" if resultado.cuantas == 0 else f"{resultado.cuantas} diferencias"
        click.echo(f"{resultado.titulo}: {marca}")
        for diferencia in resultado.diferencias:
            click.echo("    " + ", ".join(f"{campo} {valor}" for campo, valor in diferencia.items()))
    malas = sum(r.cuantas for r in resultados)
    click.echo("Todo coincide." if malas == 0 else f"Hay {malas} diferencias.")
    sys.exit(1 if malas else 0)
