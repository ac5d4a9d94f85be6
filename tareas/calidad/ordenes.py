"""``./tequio calidad``."""

import click

from tareas.calidad.evidencia.ordenes import grupo_evidencia
from tareas.calidad.referencia.ordenes import orden_comparar
from tareas.calidad.revisiones.ordenes import orden_actualizar, orden_revisar


@click.group("calidad", help="Qué se mapeó de verdad, y qué errores tiene.")
def grupo() -> None:
    """Órdenes de calidad."""


grupo.add_command(grupo_evidencia)
grupo.add_command(orden_revisar)
grupo.add_command(orden_actualizar)
grupo.add_command(orden_comparar)
