"""Órdenes de municipios: importar límites y listarlos."""

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from geo.errores import ErrorGeo
from geo.formatos.archivo import leer_archivo, leer_carpeta
from geo.formatos.capas import LIMITES_CONSOLA, Lectura
from tareas.comun.bd import BaseDeDatos, url_configurada
from tareas.comun.errores import ErrorTequio
from tareas.municipios import consultas, servicio
from tareas.municipios.errores import ArchivoRechazado
from tareas.municipios.limites import Columnas
from tareas.municipios.servicio import Resumen

MOTIVOS_A_LA_VISTA = 12


@click.group("municipios", help="Municipios y sus límites.")
def grupo() -> None:
    """Órdenes de municipios."""


@dataclass(frozen=True, slots=True)
class _Renglon:
    archivo: str
    resumen: Resumen | None
    error: ErrorGeo | ErrorTequio | None


@grupo.command("importar", short_help="Carga límites de archivos o carpetas.")
@click.argument("archivos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--clave", default="", help="Columna que identifica a cada municipio (a.b alcanza dentro de un objeto).")
@click.option("--nombre", default="", help="Columna con el nombre.")
@click.option("--entidad", default="", help="Columna con la entidad o provincia, o su nombre si es una sola.")
@click.option("--pais", default="", help="Código del país, de dos letras (MX, EC…).")
@click.option("--zona", default="", help="Zona horaria, por ejemplo America/Guayaquil.")
@click.option(
    "--crs", default=None, help="Sistema de coordenadas que se supone si el archivo no dice el suyo (EPSG:6365)."
)
@click.option(
    "--reparar", is_flag=True, help="Arregla lo que tiene arreglo seguro (anillos abiertos, coordenadas al revés)."
)
def importar(
    archivos: tuple[Path, ...],
    clave: str,
    nombre: str,
    entidad: str,
    pais: str,
    zona: str,
    crs: str | None,
    reparar: bool,
) -> None:
    """Carga límites de GeoPackage, GeoJSON, shapefile en zip, un zip de muchos GeoJSON o una carpeta.

    La clave se busca en CVEGEO, CVE_ENT + CVE_MUN y otras usuales, o en la columna que digas con --clave. De cada
    archivo entra todo o nada. Repetir la orden no duplica: dice cuántos son nuevos, cambiados e iguales.
    """
    columnas = Columnas(clave, nombre, entidad, pais.upper(), _zona(zona))
    base = BaseDeDatos(url_configurada())
    todos = servicio.archivos_de(archivos)
    if not todos:
        raise click.ClickException("En esas carpetas no hay ningún archivo que podamos leer.")
    renglones = []
    with click.progressbar(
        todos, label="Importando límites", item_show_func=lambda r: r.name if r else "", file=sys.stderr
    ) as barra:
        for ruta in barra:
            renglones.append(_uno(base, ruta, columnas, crs, reparar))
    base.cerrar()
    _tabla(renglones)
    if any(r.error for r in renglones):
        sys.exit(1)


def _zona(zona: str) -> str:
    from zoneinfo import available_timezones

    if zona and zona not in available_timezones():
        raise click.BadParameter(
            f"«{zona}» no es una zona horaria; por ejemplo America/Mexico_City.", param_hint="--zona"
        )
    return zona


def _uno(base: BaseDeDatos, ruta: Path, columnas: Columnas, crs: str | None, reparar: bool) -> _Renglon:
    try:
        lectura = _leer(ruta, crs, reparar)
        with base.transaccion() as sesion:
            return _Renglon(ruta.name, servicio.importar(sesion, lectura, ruta.name, columnas), None)
    except (ErrorGeo, ErrorTequio) as error:
        return _Renglon(ruta.name, None, error)


def _leer(ruta: Path, crs: str | None, reparar: bool) -> Lectura:
    if ruta.suffix.lower() != ".shp" or not ruta.is_file():
        return leer_archivo(ruta, limites=LIMITES_CONSOLA, crs=crs, reparar=reparar)
    # Un shapefile suelto, con sus partes al lado: se leen juntas desde una carpeta propia.
    with tempfile.TemporaryDirectory(prefix="tequio-shp-") as carpeta:
        for parte in ruta.parent.iterdir():
            if parte.is_file() and parte.stem == ruta.stem:
                shutil.copy(parte, carpeta)
        return leer_carpeta(Path(carpeta), LIMITES_CONSOLA, crs=crs, reparar=reparar)


def _tabla(renglones: list[_Renglon]) -> None:
    ancho = max(len("archivo"), *(len(r.archivo) for r in renglones))
    titulos = ("nuevos", "cambiados", "iguales", "rechazados")
    click.echo(f"{'archivo':<{ancho}}  " + "  ".join(f"{t:>10}" for t in titulos))
    sumas = [0, 0, 0, 0]
    for r in renglones:
        cuentas = _cuentas(r)
        sumas = [a + b for a, b in zip(sumas, cuentas, strict=True)]
        click.echo(f"{r.archivo:<{ancho}}  " + "  ".join(f"{c:>10,}" for c in cuentas))
    if len(renglones) > 1:
        click.echo(f"{'total':<{ancho}}  " + "  ".join(f"{c:>10,}" for c in sumas))
    for r in renglones:
        _detalle(r)


def _cuentas(r: _Renglon) -> tuple[int, int, int, int]:
    if r.resumen is not None:
        return len(r.resumen.nuevos), len(r.resumen.cambiados), r.resumen.iguales, 0
    return 0, 0, 0, r.error.datos.get("n", 1) if isinstance(r.error, ArchivoRechazado) else 1


def _detalle(r: _Renglon) -> None:
    for aviso in r.resumen.avisos if r.resumen else ():
        click.echo(f"{r.archivo}: {aviso}")
    if r.error is None:
        return
    click.echo(f"{r.archivo}: no se guardó nada. {r.error.mensaje}", err=True)
    arreglo = getattr(r.error, "texto_reparacion", "")
    if arreglo:
        click.echo(f"    Con --reparar: {arreglo}", err=True)
    motivos = r.error.datos.get("motivos", [])
    for renglon, motivo in motivos[:MOTIVOS_A_LA_VISTA]:
        click.echo(f"    {renglon}: {motivo}", err=True)
    if len(motivos) > MOTIVOS_A_LA_VISTA:
        click.echo(f"    … y {len(motivos) - MOTIVOS_A_LA_VISTA} más.", err=True)


@grupo.command("listar", help="Lista los municipios cargados, por parecido si dices un texto.")
@click.option("--texto", default="", help="Nombre, entidad o clave; sin acentos ni mayúsculas.")
@click.option("--limite", default=50, show_default=True, type=click.IntRange(1, 100_000), help="Cuántos a lo más.")
def listar(texto: str, limite: int) -> None:
    """Escribe identificador, clave, nombre, entidad, habitantes y superficie."""
    base = BaseDeDatos(url_configurada())
    with base.lectura() as sesion:
        filas, total = consultas.buscar(sesion, texto, limite)
    base.cerrar()
    for m in filas:
        habitantes = f"{m.poblacion:,} hab." if m.poblacion is not None else ""
        lugar = f"{m.nombre}, {m.entidad}" if m.entidad else m.nombre
        click.echo(f"{m.id:>7}  {m.clave:<16}  {lugar:<50}  {habitantes:>16}  {m.area_m2 / 1e6:>10,.1f} km²")
    click.echo(f"{len(filas)} de {total}.")
