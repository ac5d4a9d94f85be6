"""Órdenes de imágenes: registrar, publicar, listar y comprobar."""

import sys
from pathlib import Path

import click

from tareas.comun.bd import BaseDeDatos, url_configurada
from tareas.imagenes import archivos, consultas, servicio
from tareas.imagenes.formularios import Datos
from tareas.municipios.consultas import elegir_de_texto


@click.group("imagenes", help="Imágenes aéreas propias, sin internet.")
def grupo() -> None:
    """Órdenes de imágenes."""


@grupo.command("registrar", short_help="Registra un MBTiles, PMTiles o GeoTIFF de un municipio.")
@click.argument("archivo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--municipio", required=True, help="Clave del municipio (o su id).")
@click.option("--nombre", default="", help="Cómo se llama en el mapa; sin él, el que diga el archivo.")
@click.option("--licencia", default="", help="Bajo qué condiciones la entrega su dueño: «CC BY 4.0», «Libre Uso MX»…")
@click.option("--atribucion", default="", help="De quién es; se ve en la esquina del mapa.")
@click.option("--fecha", default="", metavar="AAAA-MM-DD", help="Día en que se tomó.")
@click.option("--permiso", default="", help="Quién dio permiso para trazar en OpenStreetMap, y en qué documento.")
@click.option("--publicar", is_flag=True, help="La publica de una vez; pide licencia y permiso.")
@click.option("--en-su-lugar", is_flag=True, help="No la copia: se sirve de donde está.")
def registrar(archivo: Path, municipio: str, publicar: bool, en_su_lugar: bool, **dichos: str) -> None:
    """Examina el archivo, lo copia a la carpeta de imágenes (.datos/imagenes) y lo deja en borrador.

    Se copia para que siga ahí aunque se desconecte el disco o la memoria de donde vino, y para que baste copiar esa
    carpeta junto con el respaldo de la base. Con --en-su-lugar no se copia: sirve para archivos de muchos gigabytes
    en un disco que no se mueve; si se mueve, las páginas dirán que falta.
    """
    datos = Datos.model_validate({**dichos, "permiso_trazar": bool(dichos["permiso"].strip())})
    base = BaseDeDatos(url_configurada(), conexiones=1)
    try:
        with base.transaccion() as sesion:
            elegido = elegir_de_texto(sesion, municipio)
            hecha = servicio.registrar(
                sesion,
                elegido,
                archivo,
                archivo.name,
                datos.model_dump(),
                en_su_lugar=en_su_lugar,
                puede_convertir=True,
            )
            if publicar:
                servicio.publicar(sesion, hecha.id)
    finally:
        base.cerrar()
    f = hecha.ficha
    if hecha.convertida:
        click.echo("No traía vistas reducidas: se convirtió a COG.", err=True)
    click.echo(
        f"Imagen {hecha.id} de {elegido.nombre}, {'publicada' if publicar else 'en borrador'}: {f.formato.value}, "
        f"zoom {f.minzoom} a {f.maxzoom}, {f.resolucion_m:.2f} m por píxel."
    )
    click.echo(f"Archivo: {hecha.archivo}")
    if not publicar and not datos.permiso_trazar:
        click.echo("Para publicarla falta el permiso para trazar en OpenStreetMap (--permiso, o en su página).")


@grupo.command("publicar", help="Publica una imagen registrada.")
@click.argument("numero", type=int)
def publicar(numero: int) -> None:
    """Publica por número."""
    base = BaseDeDatos(url_configurada(), conexiones=1)
    try:
        with base.transaccion() as sesion:
            servicio.publicar(sesion, numero)
    finally:
        base.cerrar()
    click.echo(f"Imagen {numero}: publicada.")


@grupo.command("listar", help="Lista las imágenes registradas y dónde está cada archivo.")
def listar() -> None:
    """Escribe número, estado, municipio, nombre y archivo."""
    base = BaseDeDatos(url_configurada(), conexiones=1)
    with base.lectura() as sesion:
        filas = consultas.todas(sesion)
    base.cerrar()
    for f in filas:
        click.echo(
            f"{f.id:>5}  {f.estado:<9}  {f.municipio_nombre:<32.32}  {f.nombre:<32.32}  {f.tamano / 1e6:>9,.1f} MB  "
            f"{archivos.ruta_de(f.archivo)}"
        )
    click.echo(f"{len(filas)} en total. Carpeta: {archivos.carpeta()}")


@grupo.command("comprobar", short_help="Comprueba que cada archivo registrado esté y sea el mismo.")
def comprobar() -> None:
    """Vuelve a leer cada archivo entero y compara su huella; dice cuáles faltan o cambiaron.

    Sale con 1 si hay alguno.
    """
    base = BaseDeDatos(url_configurada(), conexiones=1)
    with base.lectura() as sesion:
        filas = consultas.todas(sesion)
    base.cerrar()
    malas = 0
    for f in filas:
        ruta = archivos.ruta_de(f.archivo)
        if not ruta.is_file():
            malas += 1
            click.echo(f"{f.id}: falta {ruta}. Cópialo ahí de nuevo.", err=True)
        elif archivos.huella_de(ruta) != f.huella:
            malas += 1
            click.echo(f"{f.id}: {ruta} ya no es el mismo archivo. Regístralo de nuevo.", err=True)
    click.echo(f"{len(filas) - malas} de {len(filas)} archivos están bien.")
    if malas:
        sys.exit(1)
