"""Órdenes de proyectos: crear uno desde la consola."""

from pathlib import Path
from typing import Any

import click

from tareas.comun.bd import BaseDeDatos, url_configurada
from tareas.comun.entrada import validar
from tareas.comun.json_estricto import cargar
from tareas.comun.permisos import Actor, Papel
from tareas.municipios.consultas import elegir_de_texto
from tareas.proyectos import areas, servicio
from tareas.proyectos.division import DISPONIBLES
from tareas.proyectos.errores import FaltaDivision
from tareas.proyectos.formularios import NuevoProyecto

CONSOLA = Actor(usuario="consola", papeles=frozenset({(None, Papel.ADMINISTRADOR)}))
"""Quien tiene la consola tiene la base: gestiona todo, sin ser una persona."""


@click.group("proyectos", help="Proyectos de mapeo.")
def grupo() -> None:
    """Órdenes de proyectos."""


@grupo.command("crear", short_help="Crea un proyecto y sus tareas.")
@click.option("--municipio", required=True, help="Clave del municipio (o su id).")
@click.option("--nombre", required=True, help="Nombre del proyecto.")
@click.option("--area", type=click.Path(path_type=Path), help="Archivo con el área; sin él, el municipio entero.")
@click.option("--reparar", is_flag=True, help="Arregla lo que tenga arreglo seguro en el archivo del área.")
@click.option("--cuadros", type=float, metavar="METROS", help="Cuadros de tantos metros por lado.")
@click.option("--hexagonos", type=float, metavar="METROS", help="Hexágonos de tantos metros por lado.")
@click.option("--mercator", type=int, metavar="ZOOM", help="Cuadros de los mapas web de ese zoom.")
@click.option("--poligonos", type=click.Path(exists=True, path_type=Path), help="GeoJSON con un polígono por tarea.")
@click.option("--enteras", is_flag=True, help="Deja enteras las celdas de la orilla, sin recortarlas.")
@click.option("--descripcion", default="", help="Qué se mapea y para qué.")
@click.option("--instrucciones", default="", help="Cómo se mapea.")
@click.option("--privado", is_flag=True, help="Sólo lo ve quien tiene un papel en el municipio.")
@click.option("--publicar", is_flag=True, help="Lo publica de una vez; sin esto queda en borrador.")
def crear(
    municipio: str,
    nombre: str,
    area: Path | None,
    reparar: bool,
    enteras: bool,
    privado: bool,
    publicar: bool,
    **otras: Any,
) -> None:
    """Crea un proyecto en borrador con sus tareas, o publicado con --publicar. Escribe su número.

    Di una sola manera de dividir: --cuadros, --hexagonos, --mercator o --poligonos.
    """
    division = {**_division(otras), "recortar": not enteras}
    base = BaseDeDatos(url_configurada(), conexiones=1)
    try:
        with base.transaccion() as sesion:
            elegido = elegir_de_texto(sesion, municipio)
            pedido = validar(
                NuevoProyecto,
                {
                    "municipio": elegido.id,
                    "nombre": nombre,
                    "division": division,
                    "descripcion": otras["descripcion"],
                    "instrucciones": otras["instrucciones"],
                    "visibilidad": "privada" if privado else "publica",
                },
            )
            leida = None
            if area is not None:
                leida = areas.de_archivo(sesion, elegido, area, area.name, reparar=reparar, capa=None, crs=None)
            creado = servicio.crear(sesion, CONSOLA, pedido.model_dump(), pedido.division_pedida(), leida)
            if publicar:
                servicio.publicar(sesion, creado.id)
    finally:
        base.cerrar()
    for aviso in creado.avisos:
        click.echo(aviso.mensaje, err=True)
    click.echo(f"Proyecto {creado.id}: {creado.tareas:,} tareas, {'publicado' if publicar else 'en borrador'}.")


def _division(opciones: dict[str, Any]) -> dict[str, Any]:
    dichas = {tipo: opciones[tipo] for tipo in DISPONIBLES if opciones[tipo] is not None}
    if len(dichas) != 1:
        raise FaltaDivision(tipo=" + ".join(dichas) or "—", disponibles=", ".join(f"--{t}" for t in DISPONIBLES))
    tipo, valor = next(iter(dichas.items()))
    if tipo == "poligonos":
        return {"tipo": tipo, "geojson": cargar(valor.read_bytes())[0]}
    return {"tipo": tipo, "zoom" if tipo == "mercator" else "lado_m": valor}
