"""Corre los bancos, imprime una tabla y, si se pide, guarda las cifras en JSON."""

import json
import os
import platform
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tests.bancos import (
    calidad,
    evidencia,
    hallazgos,
    imagenes,
    lecturas,
    osm,
    practica,
    proyectos,
    revision,
    seguir,
    turnos,
    vivo,
)
from tests.bancos.lugar import cluster

BANCOS: dict[str, Callable[[str], Any]] = {
    "crear": proyectos.crear,
    "vista": proyectos.vista,
    "ciclos": turnos.ciclos,
    "carreras": turnos.carreras,
    "resumen": lecturas.resumen,
    "avance": lecturas.avance,
    "miradas": vivo.miradas,
    "osm": osm.importar,
    "seguir": seguir.seguir,
    "evidencia": evidencia.evidencia,
    "practica-subida": practica.subida,
    "practica-mapa": practica.mapa,
    "practica-teselas": practica.teselas,
    "practica-a-la-vez": practica.a_la_vez,
    "imagenes": imagenes.teselas,
    "calidad": calidad.en_los_que_nadie_afino,
    "revisiones": calidad.velocidad,
    "hallazgos": hallazgos.de_una_tarea,
    "cola": revision.cola,
    "medidas": revision.medidas,
}
SIN_BASE = ("calidad", "revisiones")


@click.command()
@click.argument("nombres", nargs=-1)
@click.option(
    "--json", "archivo", type=click.Path(dir_okay=False, path_type=Path), help="Guarda las cifras en este archivo."
)
def banco(nombres: tuple[str, ...], archivo: Path | None) -> None:
    """Mide lo que importa, en un cluster y un servidor propios: medianas, con el piso medido en la misma corrida.

    Sin NOMBRES corre todos: crear, vista, ciclos, carreras, resumen, avance, miradas, osm, seguir,
    practica-subida, practica-mapa, practica-teselas, practica-a-la-vez, evidencia, imagenes, calidad, revisiones, hallazgos, cola, medidas.
    """
    desconocidos = [n for n in nombres if n not in BANCOS]
    if desconocidos:
        raise click.UsageError(f"No conozco el banco «{desconocidos[0]}». Hay: {', '.join(BANCOS)}.")
    resultados: dict[str, Any] = {}
    for nombre in nombres or BANCOS:
        click.echo(f"· {nombre}…")
        # Cada banco en su propio cluster: lo que uno escribe no le pesa al siguiente.
        with nullcontext("") if nombre in SIN_BASE else cluster() as url:
            resultados[nombre] = BANCOS[nombre](url)
    _tabla(resultados)
    if archivo is not None:
        maquina = {"procesadores": os.cpu_count(), "sistema": platform.platform(), "python": platform.python_version()}
        completo = {"cuando": datetime.now(UTC).isoformat(), "maquina": maquina, "bancos": resultados}
        archivo.write_text(json.dumps(completo, ensure_ascii=False, indent=1), encoding="utf-8")


def _tabla(resultados: dict[str, Any]) -> None:
    for nombre, valor in resultados.items():
        for fila in valor if isinstance(valor, list) else [valor]:
            cifras = dict(fila)
            bien, meta = cifras.pop("bien"), cifras.pop("meta")
            click.echo(f"\n{nombre}  [{'alcanza' if bien else 'NO alcanza'} la meta: {meta}]")
            for clave, cifra in cifras.items():
                click.echo(
                    f"    {clave:<34} {cifra:,}" if isinstance(cifra, int | float) else f"    {clave:<34} {cifra}"
                )


if __name__ == "__main__":
    banco(prog_name="./tequio banco")
