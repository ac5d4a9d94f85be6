"""``./tequio calidad evidencia``."""

import json
import sys

import click
from sqlalchemy import text

from tareas.calidad.evidencia import servicio
from tareas.calidad.evidencia.consultas import diferencias
from tareas.comun.bd import BaseDeDatos, url_configurada

PROYECTO = click.option("--proyecto", type=click.IntRange(min=1), default=None, help="Sólo este proyecto.")


@click.group("evidencia", help="Lo que cada quien cambió en OpenStreetMap mientras tuvo una tarea.")
def grupo_evidencia() -> None:
    """Órdenes de evidencia."""


@grupo_evidencia.command(
    "asentar", help="Guarda la evidencia de los turnos que los datos de OpenStreetMap ya dejaron atrás."
)
@PROYECTO
def orden_asentar(proyecto: int | None) -> None:
    """Asienta lo que se pueda."""
    with BaseDeDatos(url_configurada()).transaccion() as sesion:
        cuantas = servicio.asentar(sesion, proyecto)
    click.echo(f"Turnos asentados: {cuantas}.")


@grupo_evidencia.command(
    "recontar", help="Vuelve a contar de los datos lo asentado y dice toda diferencia (código 1 si hay alguna)."
)
@PROYECTO
def orden_recontar(proyecto: int | None) -> None:
    """Recuenta y compara, en una sola fotografía de la base."""
    with BaseDeDatos(url_configurada()).transaccion() as sesion:
        sesion.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        encontradas = diferencias(sesion, proyecto)
    for d in encontradas:
        guardado, recontado = (json.dumps(d[k], ensure_ascii=False) for k in ("guardado", "recontado"))
        cual = f"Proyecto {d['proyecto']}, tarea {d['numero']}, ficha {d['ficha']}"
        click.echo(f"{cual}: guardado {guardado}, recontado {recontado}")
    click.echo("Todo coincide." if not encontradas else f"Hay {len(encontradas)} diferencias.")
    sys.exit(1 if encontradas else 0)
