"""Órdenes de los textos: ponerlos al día y comprobarlos."""

import sys
from pathlib import Path

import click

from tareas.comun.catalogo import archivo, revision
from tareas.comun.catalogo.llamadas import ArchivoRoto, Llamada, de_todo
from tareas.comun.web import IDIOMAS

RAIZ = Path(__file__).resolve().parents[3]
CARPETA = RAIZ / "tareas" / "traducciones"
TRADUCIDOS = tuple(idioma for idioma in IDIOMAS if idioma != "es")


@click.group("textos", help="Textos de la interfaz y sus traducciones.")
def grupo() -> None:
    """Órdenes de los textos."""


def _llamadas() -> list[Llamada]:
    try:
        return de_todo(RAIZ)
    except ArchivoRoto as error:
        raise click.ClickException(f"No se pudo leer un archivo. {error}") from error


@grupo.command("actualizar", help="Saca los textos del código y los pone en los catálogos; conserva lo traducido.")
def actualizar() -> None:
    """Escribe los catálogos."""
    llamadas = _llamadas()
    for idioma in TRADUCIDOS:
        ruta = archivo.ruta_de(CARPETA, idioma)
        try:
            nuevo = archivo.de_llamadas(llamadas, idioma)
        except archivo.PluralDistinto as error:
            raise click.ClickException(str(error)) from error
        catalogo = archivo.con_traducciones(nuevo, archivo.leer(ruta, idioma))
        cambio = archivo.escribir(catalogo, ruta)
        faltan = sum(1 for mensaje in catalogo if mensaje.id and (mensaje.fuzzy or not _traducido(mensaje.string)))
        estado = "actualizado" if cambio else "sin cambios"
        click.echo(f"{ruta.relative_to(RAIZ)}: {estado}; {len(catalogo)} textos, {faltan} sin traducir.")


def _traducido(texto: object) -> bool:
    return all(texto) if isinstance(texto, (list, tuple)) and texto else bool(texto)


@grupo.command("comprobar", help="Dice qué textos no están en los catálogos o no están bien traducidos.")
def comprobar() -> None:
    """Sale con código 1 si falta algo."""
    llamadas = _llamadas()
    faltas = list(revision.faltas_del_codigo(llamadas))
    for idioma in TRADUCIDOS:
        try:
            nuevo = archivo.de_llamadas(llamadas, idioma)
        except archivo.PluralDistinto as error:
            faltas.append(str(error))
        else:
            guardado = archivo.leer(archivo.ruta_de(CARPETA, idioma), idioma)
            faltas += [f"[{idioma}] {falta}" for falta in revision.faltas_del_catalogo(nuevo, guardado)]
    for falta in faltas:
        click.echo(falta)
    click.echo(f"Faltas: {len(faltas)}." if faltas else "Los textos están al día y traducidos.")
    sys.exit(1 if faltas else 0)
