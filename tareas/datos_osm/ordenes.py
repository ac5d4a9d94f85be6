"""Órdenes de datos de OpenStreetMap: importar, aplicar cambios, y sacar límites administrativos."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click
import shapely
from sqlalchemy.orm import Session

from geo.errores import ErrorGeo
from geo.osm.objetos import SinArmar
from tareas.comun.bd import BaseDeDatos, url_configurada
from tareas.comun.errores import ErrorTequio
from tareas.datos_osm import consultas, servicio
from tareas.datos_osm.consultas import LimiteConForma
from tareas.datos_osm.seguimiento.ordenes import ORDENES as DE_SEGUIMIENTO
from tareas.datos_osm.servicio import Progreso, Resumen

CASOS_A_LA_VISTA = 10
CADA_SEGUNDOS = 0.2
PASOS = {"leer": "leyendo", "guardar": "guardando", "armar": "armando"}
MOTIVOS = {
    "faltan_nodos": "le faltan nodos",
    "pocos_nodos": "tiene menos de dos nodos distintos",
    "contorno_roto": "su contorno se cruza; queda como línea",
    "sin_vias": "no tiene vías",
    "faltan_vias": "le faltan vías",
    "anillos_rotos": "sus vías no cierran o se cruzan",
}
OMITIDOS = {
    "id_negativo": "con id negativo (aún no están en OpenStreetMap)",
    "borrado": "marcados como borrados",
    "sin_lugar": "sin coordenadas",
}
TIPOS = {"n": "nodo", "w": "vía", "r": "relación"}
LICENCIA = "© colaboradores de OpenStreetMap, ODbL 1.0"

Trabajo = Callable[[Session, Path, Progreso], Resumen]


@click.group("osm", help="Datos de OpenStreetMap: importar, actualizar y recortar límites.")
def grupo() -> None:
    """Órdenes de OpenStreetMap."""


for _orden in DE_SEGUIMIENTO:
    grupo.add_command(_orden)


@grupo.command("importar", short_help="Carga extractos de OpenStreetMap.")
@click.argument("archivos", nargs=-1, required=True, type=click.Path(path_type=Path))
def importar(archivos: tuple[Path, ...]) -> None:
    """Carga archivos .osm.pbf, .osm, .osm.gz u .osm.bz2.

    De cada archivo entra todo o nada. Repetir la orden no cambia nada; si dos archivos se enciman, de cada objeto gana
    la versión mayor. Al final dice qué no se pudo armar y por qué.
    """
    _con_cada_uno(archivos, servicio.importar)


@grupo.command("aplicar", short_help="Aplica archivos de cambios.")
@click.argument("archivos", nargs=-1, required=True, type=click.Path(path_type=Path))
def aplicar(archivos: tuple[Path, ...]) -> None:
    """Aplica archivos de cambios .osc u .osc.gz, en el orden en que los das.

    De cada archivo entra todo o nada. Una versión más vieja que la guardada no hace nada.
    """
    _con_cada_uno(archivos, servicio.aplicar)


@grupo.command("limites", short_help="Lista los límites administrativos.")
@click.option("--texto", default="", help="Parte del nombre; no importan acentos ni mayúsculas.")
def limites(texto: str) -> None:
    """Lista las áreas con boundary=administrative que hay en los datos, por nivel y nombre."""
    base = BaseDeDatos(url_configurada())
    with base.lectura() as sesion:
        hallados = consultas.limites(sesion, texto)
        abiertos = consultas.limites_sin_cerrar(sesion, texto)
    base.cerrar()
    click.echo(f"{'id':>12}  nivel  {'km²':>12}  nombre")
    for limite in hallados:
        click.echo(
            f"{limite.tipo}{limite.id:>11}  {limite.nivel or '':>5}  {limite.area_m2 / 1e6:>12,.1f}  {limite.nombre}"
        )
    click.echo(f"{len(hallados)} límites. Guarda uno con: ./tequio osm limite ID --salida archivo.geojson")
    if abiertos:
        click.echo(f"{len(abiertos)} más no se pueden cerrar con lo importado:")
        for nombre, caso in abiertos[:CASOS_A_LA_VISTA]:
            click.echo(f"  r{caso.id} {nombre}: {_motivo(caso)}")


@grupo.command("limite", short_help="Guarda un límite como GeoJSON.")
@click.argument("identificador", metavar="ID")
@click.option(
    "--salida", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Archivo GeoJSON que se escribe."
)
def limite(identificador: str, salida: Path) -> None:
    """Guarda el área de una relación (962353 o r962353) o de una vía (w115571375) como GeoJSON.

    El archivo sirve para «municipios importar».
    """
    tipo, numero = _identificador(identificador)
    base = BaseDeDatos(url_configurada())
    with base.lectura() as sesion:
        hallado = consultas.limite_de_relacion(sesion, numero, tipo)
    base.cerrar()
    salida.write_text(json.dumps(_geojson(hallado), ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"{hallado.nombre or identificador}: {hallado.area_m2 / 1e6:,.1f} km² en {salida}")


def _con_cada_uno(archivos: tuple[Path, ...], trabajo: Trabajo) -> None:
    base = BaseDeDatos(url_configurada())
    rechazados = 0
    for ruta in archivos:
        avance = _Avance(ruta.name)
        try:
            with base.transaccion() as sesion:
                resumen = trabajo(sesion, ruta, avance)
        except (ErrorGeo, ErrorTequio) as error:
            avance.borrar()
            click.echo(f"{ruta.name}: rechazado. {error.mensaje}", err=True)
            rechazados += 1
            continue
        avance.borrar()
        _contar(resumen)
    base.cerrar()
    if len(archivos) > 1:
        click.echo(f"{len(archivos) - rechazados} archivos tomados, {rechazados} rechazados.")
    if rechazados:
        sys.exit(1)


def _contar(resumen: Resumen) -> None:
    leidos = resumen.leidos
    ritmo = resumen.total / resumen.segundos if resumen.segundos else 0
    click.echo(
        f"{resumen.archivo}: {leidos['nodo']:,} nodos, {leidos['via']:,} vías y {leidos['relacion']:,} relaciones "
        f"en {resumen.segundos:.1f} s ({ritmo:,.0f} por segundo)."
    )
    cuentas = {
        "nuevos": resumen.suma("creados"),
        "modificados": resumen.suma("modificados"),
        "borrados": resumen.suma("borrados"),
        "iguales": resumen.suma("iguales"),
        "más viejos que lo guardado": resumen.suma("antiguos"),
        "borrados que no teníamos": resumen.suma("desconocidos"),
    }
    click.echo("  " + ", ".join(f"{cuantos:,} {que}" for que, cuantos in cuentas.items() if cuantos) + ".")
    for motivo, cuantos in resumen.omitidos.items():
        click.echo(f"  Se omitieron {cuantos:,} objetos {OMITIDOS[motivo]}.")
    if not resumen.cambia:
        click.echo("  Nada cambió.")
    if resumen.sin_armar:
        _contar_sin_armar(resumen.sin_armar)
    click.echo(f"  Versión de los datos: {resumen.version}.")


def _contar_sin_armar(casos: list[SinArmar]) -> None:
    click.echo(f"  {len(casos):,} objetos sin armar:")
    for (tipo, motivo), cuantos in Counter((c.tipo, c.motivo) for c in casos).most_common():
        click.echo(f"    {cuantos:,} × {TIPOS[tipo]}: {MOTIVOS[motivo]}")
    for caso in casos[:CASOS_A_LA_VISTA]:
        click.echo(f"      {caso.tipo}{caso.id}: {_motivo(caso)}")
    if len(casos) > CASOS_A_LA_VISTA:
        click.echo("      … (todos, en la tabla osm_sin_armar)")


def _motivo(caso: SinArmar) -> str:
    faltan = ", ".join(map(str, caso.faltan[:3])) + ("…" if caso.cuantos > 3 else "")
    return MOTIVOS[caso.motivo] + (f" ({caso.cuantos:,}: {faltan})" if caso.cuantos else "")


def _identificador(texto: str) -> tuple[str, int]:
    tipo, numero = (texto[0], texto[1:]) if texto[:1] in ("r", "w") else ("r", texto)
    if not (numero.isascii() and numero.isdigit() and 0 < int(numero[:20]) < 2**63):
        raise click.BadParameter(
            f"«{texto[:40]}» no es un identificador; por ejemplo 962353, r962353 o w115571375.", param_hint="ID"
        )
    return tipo, int(numero)


def _geojson(limite: LimiteConForma) -> dict[str, object]:
    propiedades = {
        "clave": f"osm-{limite.tipo}{limite.id}",
        "nombre": limite.nombre,
        "nivel": limite.nivel,
        "fuente": LICENCIA,
    }
    geometria = json.loads(shapely.to_geojson(shapely.from_wkb(limite.wkb)))
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": propiedades, "geometry": geometria}],
    }


class _Avance:
    """Dice por dónde va: en una terminal, sobre el mismo renglón; si no, un renglón por paso."""

    def __init__(self, archivo: str) -> None:
        self._archivo = archivo
        self._terminal = sys.stderr.isatty()
        self._paso = ""
        self._ultimo = 0.0

    def __call__(self, paso: str, hecho: int, total: int) -> None:
        nuevo = paso != self._paso
        if not nuevo and (not self._terminal or time.monotonic() - self._ultimo < CADA_SEGUNDOS):
            return
        self._paso, self._ultimo = paso, time.monotonic()
        texto = f"{self._archivo}: {PASOS[paso]}"
        if not self._terminal:
            click.echo(f"{texto}…", err=True)
            return
        cuanto = f" {hecho:,} de {total:,}" if total else f" {hecho:,}" if hecho else ""
        click.echo(f"\r\033[K{texto}{cuanto}…", err=True, nl=False)

    def borrar(self) -> None:
        """Limpia el renglón."""
        if self._terminal:
            click.echo("\r\033[K", err=True, nl=False)
