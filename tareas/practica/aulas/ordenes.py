"""Órdenes de las aulas: crear una grande, listar, exportar, reiniciar y borrar desde la consola."""

from pathlib import Path
from typing import Any

import click
import psycopg
from sqlalchemy.orm import Session

from tareas.comun.bd import transaccion_de_orden
from tareas.comun.permisos import Actor, Papel
from tareas.municipios.consultas import elegir_de_texto
from tareas.practica.aulas import servicio
from tareas.practica.aulas.consultas import SQL, Aula, visible
from tareas.practica.reglas import ELEMENTOS
from tareas.proyectos import areas

TODO = frozenset({(None, Papel.ADMINISTRADOR)})


@click.group("practica", help="Aulas de práctica.")
def grupo() -> None:
    """Órdenes de las aulas."""


def _persona(sesion: Session, usuario: str) -> Actor:
    fila = sesion.execute(SQL["persona"], {"usuario": usuario}).one_or_none()
    if fila is None:
        raise click.BadParameter(f"No hay una cuenta activa que se llame «{usuario}».", param_hint="--de")
    return Actor(id=fila.id, usuario=fila.usuario, nombre=fila.nombre, papeles=TODO)


def _aula(sesion: Session, numero: int) -> Aula:
    return visible(sesion, Actor(papeles=TODO), numero)


@grupo.command("crear", short_help="Crea un aula de un área o de un archivo.")
@click.option("--municipio", required=True, help="Clave del municipio (o su id).")
@click.option("--nombre", required=True, help="Nombre del aula, de 3 a 120 letras.")
@click.option("--de", "usuario", required=True, metavar="USUARIO", help="Cuenta a cuyo nombre queda.")
@click.option("--area", type=click.Path(path_type=Path), help="Archivo con el área que se copia; sin él, el municipio.")
@click.option("--archivo", type=click.Path(path_type=Path), help="Datos de OSM en vez de los de esta instalación.")
@click.option("--privada", is_flag=True, help="Sólo la ve quien tiene un papel en el municipio o en sus proyectos.")
def crear(municipio: str, nombre: str, usuario: str, area: Path | None, archivo: Path | None, privada: bool) -> None:
    """Crea un aula con una copia del mapa. Escribe su número y cuánto se copió."""
    if area and archivo:
        raise click.UsageError("Di --area o --archivo, no los dos.")
    if not 3 <= len(nombre.strip()) <= 120:
        raise click.BadParameter("El nombre lleva de 3 a 120 letras.", param_hint="--nombre")
    with transaccion_de_orden() as sesion:
        lugar, quien = elegir_de_texto(sesion, municipio), _persona(sesion, usuario)
        comunes: dict[str, Any] = {
            "municipio_id": lugar.id,
            "nombre": nombre.strip(),
            "visibilidad": "privada" if privada else "publica",
        }
        if archivo:
            creada = servicio.crear_de_archivo(
                sesion, quien, **comunes, ruta=archivo, fuente=archivo.name, tope=ELEMENTOS
            )
        else:
            forma = (
                areas.de_archivo(sesion, lugar, area, area.name, reparar=False, capa=None, crs=None)
                if area
                else areas.de_municipio(sesion, lugar)
            )
            fuente = "Datos de OpenStreetMap de esta instalación"
            creada = servicio.crear_de_area(
                sesion, quien, **comunes, area=forma.geometria, fuente=fuente, tope=ELEMENTOS
            )
    n, w, r = (creada.copiados.get(tipo, 0) for tipo in "nwr")
    click.echo(f"Aula {creada.id}: {n:,} nodos, {w:,} vías y {r:,} relaciones.")


@grupo.command("listar", help="Lista las aulas.")
def listar() -> None:
    """Una por renglón."""
    with transaccion_de_orden() as sesion:
        filas = sesion.execute(SQL["todas"]).all()
    for fila in filas:
        click.echo(f"{fila.id:>6}  {fila.estado:<10}  {fila.elementos:>10,}  {fila.nombre} ({fila.municipio})")
    if not filas:
        click.echo("No hay aulas. Crea una con ./tequio practica crear.")


@grupo.command("exportar", help="Escribe un aula, como está ahora, en un .osm.pbf.")
@click.argument("numero", type=click.IntRange(1))
@click.option("--salida", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Archivo por escribir.")
def exportar(numero: int, salida: Path) -> None:
    """Exporta un aula."""
    if not salida.name.endswith(".osm.pbf"):
        raise click.BadParameter("El nombre termina en .osm.pbf.", param_hint="--salida")
    with transaccion_de_orden() as sesion:
        _aula(sesion, numero)
        conexion = sesion.connection().connection.driver_connection
        assert isinstance(conexion, psycopg.Connection)
        cuantos = servicio.exportar(conexion, numero, salida, {})
    click.echo(f"{salida}: {cuantos:,} elementos.")


@grupo.command("reiniciar", help="Devuelve un aula a como empezó.")
@click.argument("numero", type=click.IntRange(1))
@click.option("--de", "usuario", required=True, metavar="USUARIO", help="Cuenta a cuyo nombre queda.")
def reiniciar(numero: int, usuario: str) -> None:
    """Reinicia un aula."""
    with transaccion_de_orden() as sesion:
        cambiados = servicio.reiniciar(sesion, _persona(sesion, usuario), _aula(sesion, numero))
    click.echo(f"Aula {numero}: volvieron a su lugar {cambiados:,} elementos.")


@grupo.command("borrar", help="Borra un aula y todo lo que se hizo en ella.")
@click.argument("numero", type=click.IntRange(1))
@click.confirmation_option(prompt="Se borra con todo lo que se hizo en ella. ¿Seguir?")
def borrar(numero: int) -> None:
    """Borra un aula."""
    with transaccion_de_orden() as sesion:
        servicio.borrar(sesion, _aula(sesion, numero))
    click.echo(f"Aula {numero} borrada.")
