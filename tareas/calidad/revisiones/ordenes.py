"""``./tequio calidad revisar``, sobre un archivo y sin base de datos, y ``./tequio calidad actualizar``."""

import os
import time
from collections import Counter
from pathlib import Path

import click
import shapely
from shapely.geometry.base import BaseGeometry

from geo.formatos.area import area_de_archivo
from geo.revisiones.base.lectura import leer
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.catalogo import CATALOGO, POR_CODIGO
from geo.revisiones.motor import Resultado
from geo.revisiones.motor import revisar as correr
from geo.revisiones.nombres.regla import paises
from geo.revisiones.salida import escribir
from tareas.calidad.revisiones import consultas, servicio
from tareas.comun.bd import BaseDeDatos, url_configurada

MOTIVOS_ES = {
    "borrado": "objetos marcados como borrados",
    "sin_lugar": "nodos sin coordenadas",
    "fuera_del_mundo": "nodos fuera del mundo",
    "demasiado_lejos": "nodos al otro lado del mundo que los demás",
    "amontonado": "objetos encimados por montones en un mismo lugar",
    "rayon": "contornos tan enredados que no se pueden medir",
    "via_sin_largo": "vías con un solo punto, o ninguno",
    "via_incompleta": "vías a las que les faltan nodos",
    "relacion_sin_vias": "relaciones de área sin vías",
    "relacion_faltan_vias": "relaciones a las que les faltan vías",
    "relacion_anillos_rotos": "relaciones cuyos anillos no cierran",
    "relacion_demasiadas_vias": "relaciones con demasiadas vías",
}
MOTIVOS_EN = {
    "borrado": "objects marked as deleted",
    "sin_lugar": "nodes without coordinates",
    "fuera_del_mundo": "nodes outside the world",
    "demasiado_lejos": "nodes on the other side of the world from the rest",
    "amontonado": "objects piled up in the same place",
    "rayon": "outlines too tangled to be measured",
    "via_sin_largo": "ways with a single point, or none",
    "via_incompleta": "ways with missing nodes",
    "relacion_sin_vias": "area relations without ways",
    "relacion_faltan_vias": "area relations with missing ways",
    "relacion_anillos_rotos": "relations whose rings do not close",
    "relacion_demasiadas_vias": "relations with too many ways",
}
# Lo que dice --idioma vale también para el resumen: a medias en cada idioma no se entiende en ninguno.
DICHOS = {
    "es": {
        "pide": "pide una referencia (calidad comparar)",
        "total": "En total {n:,} hallazgos: {uno:,} de nivel 1, {dos:,} de nivel 2, {tres:,} de nivel 3.",
        "sin_revisar": "Sin revisar, {que}: {n:,}.",
        "falla": "La regla {codigo} no pudo terminar ({error}). Las demás sí; avísanos con el archivo.",
        "revisados": "Revisados {nodos:,} nodos y {vias:,} vías en {s:.1f} s.",
        "salida": "Los hallazgos están en {salida}.",
        "pais": "No sabemos cómo se escriben los nombres en «{pais}»: de ellos sólo se revisan los espacios.",
    },
    "en": {
        "pide": "needs a reference (calidad comparar)",
        "total": "{n:,} findings in all: {uno:,} of level 1, {dos:,} of level 2, {tres:,} of level 3.",
        "sin_revisar": "Not checked, {que}: {n:,}.",
        "falla": "Rule {codigo} could not finish ({error}). The others did; send us the file.",
        "revisados": "Checked {nodos:,} nodes and {vias:,} ways in {s:.1f} s.",
        "salida": "The findings are in {salida}.",
        "pais": "We do not know how names are written in “{pais}”: only their spaces are checked.",
    },
}
MEDIO_MUNDO = 180.0
"""Grados: un contorno más ancho es casi siempre uno que cruza el meridiano 180 y quedó del otro lado."""


@click.command("revisar", short_help="Busca errores en un archivo de OpenStreetMap.")
@click.argument("archivo", type=click.Path(path_type=Path))
@click.option("--area", type=click.Path(path_type=Path), help="Sólo lo que caiga en esta área (GeoJSON, GPKG, KML…).")
@click.option("--salida", type=click.Path(path_type=Path), help="Guarda los hallazgos aquí, en GeoJSON.")
@click.option("--pais", default="mx", show_default=True, help="Código del país: dice cómo se escriben los nombres.")
@click.option("--regla", "codigos", multiple=True, help="Sólo esta regla (E-TRAS); se puede repetir.")
@click.option(
    "--idioma", type=click.Choice(["es", "en"]), default="es", show_default=True, help="De los mensajes y del resumen."
)
@click.option("--tiempos", is_flag=True, help="Di cuánto tardó cada regla.")
def orden_revisar(
    archivo: Path,
    area: Path | None,
    salida: Path | None,
    pais: str,
    codigos: tuple[str, ...],
    idioma: str,
    *,
    tiempos: bool,
) -> None:
    """Corre todas las revisiones sobre un archivo .osm.pbf u .osm y dice cuántos errores halló de cada clase.

    No usa la base de datos. El archivo puede traer objetos sin subir (ids negativos).
    """
    inicio = time.perf_counter()
    reglas = _reglas(codigos)
    donde = _area(area) if area is not None else None
    pais = _pais(pais, idioma)
    if salida is not None:
        _se_puede_guardar(salida)
    mundo = Mundo(leer(archivo))
    if donde is not None and len(mundo.lonlat) and not _se_tocan(donde, mundo):
        raise click.ClickException("El área no toca los datos del archivo. Revisa que sean del mismo lugar.")
    resultado = correr(mundo, reglas, Ajustes(pais), donde)
    if salida is not None:
        _guardar(salida, resultado, idioma)
    _contar(resultado, reglas, idioma, tiempos=tiempos)
    tardo = time.perf_counter() - inicio
    click.echo(_dicho(idioma, "revisados", nodos=len(mundo.nodo_id), vias=len(mundo.via_id), s=tardo))
    if salida is not None:
        click.echo(_dicho(idioma, "salida", salida=salida))
    if resultado.fallas:
        raise SystemExit(1)


def _reglas(codigos: tuple[str, ...]) -> tuple[Regla, ...]:
    for codigo in codigos:
        if codigo.upper() not in POR_CODIGO:
            raise click.UsageError(f"No conozco la regla «{codigo}». Hay: {', '.join(POR_CODIGO)}.")
    return tuple(POR_CODIGO[c.upper()] for c in codigos) or CATALOGO


def _dicho(idioma: str, clave: str, **datos: object) -> str:
    return str(DICHOS[idioma][clave]).format(**datos)


def _pais(codigo: str, idioma: str) -> str:
    limpio = codigo.strip().casefold()
    if len(limpio) != 2 or not limpio.isascii() or not limpio.isalpha():
        raise click.UsageError(f"«{codigo}» no es el código de un país: son dos letras, como mx o co.")
    if limpio not in paises():
        click.echo(_dicho(idioma, "pais", pais=limpio))
    return limpio


def _se_puede_guardar(salida: Path) -> None:
    """Avisa antes de trabajar, no después."""
    carpeta = salida.absolute().parent
    if not carpeta.is_dir():
        raise click.UsageError(f"No existe la carpeta «{carpeta}». Créala o elige otra.")
    if salida.is_dir():
        raise click.UsageError(f"«{salida}» es una carpeta. Di también el nombre del archivo.")
    if not os.access(carpeta, os.W_OK):
        raise click.UsageError(f"No se puede escribir en la carpeta «{carpeta}». Elige otra.")


def _guardar(salida: Path, resultado: Resultado, idioma: str) -> None:
    try:
        escribir(salida, resultado.hallazgos, idioma)
    except OSError as error:
        raise click.ClickException(f"No se pudo guardar «{salida}»: {error.strerror}. Elige otro lugar.") from error


def _se_tocan(area: BaseGeometry, mundo: Mundo) -> bool:
    oeste, sur, este, norte = area.bounds
    lon, lat = mundo.lonlat.T
    return bool(lon.min() <= este and oeste <= lon.max() and lat.min() <= norte and sur <= lat.max())


def _area(ruta: Path) -> BaseGeometry:
    area = area_de_archivo(ruta).geometria
    cajas = shapely.bounds(shapely.get_parts(area))
    if (cajas[:, 2] - cajas[:, 0] > MEDIO_MUNDO).any():
        raise click.ClickException(
            "El área mide más de medio mundo de ancho. Si cruza el meridiano 180, pártela ahí en dos pedazos"
            " (MultiPolygon, uno hasta 180 y otro desde -180)."
        )
    return area


def _contar(resultado: Resultado, reglas: tuple[Regla, ...], idioma: str, *, tiempos: bool) -> None:
    por_codigo = Counter(h.codigo for h in resultado.hallazgos)
    por_nivel = Counter(h.nivel for h in resultado.hallazgos)
    for regla in reglas:
        cuanto = f"  {resultado.segundos[regla.codigo]:6.3f} s" if tiempos else ""
        if regla.de_referencia:
            click.echo(f"{regla.codigo:<8}     –  {regla.textos[idioma]['titulo']}: {_dicho(idioma, 'pide')}")
            continue
        click.echo(f"{regla.codigo:<8}{por_codigo[regla.codigo]:>6,}  {regla.textos[idioma]['titulo']}{cuanto}")
    uno, dos, tres = (por_nivel[n] for n in (1, 2, 3))
    click.echo(_dicho(idioma, "total", n=len(resultado.hallazgos), uno=uno, dos=dos, tres=tres))
    motivos = MOTIVOS_EN if idioma == "en" else MOTIVOS_ES
    for motivo, cuantos in sorted(resultado.omitidos.items()):
        click.echo(_dicho(idioma, "sin_revisar", que=motivos[motivo], n=cuantos))
    for falla in resultado.fallas:
        click.echo(_dicho(idioma, "falla", codigo=falla.codigo, error=falla.error))


@click.command("actualizar", short_help="Pone al día los errores hallados en los municipios.")
@click.option("--municipio", type=click.IntRange(min=1), help="Sólo este municipio, por su número.")
@click.option("--entera", is_flag=True, help="Revisa todo, aunque sólo haya cambiado una parte.")
def orden_actualizar(municipio: int | None, *, entera: bool) -> None:
    """Revisa los datos de OpenStreetMap de los municipios que tienen proyectos.

    La primera vez, tras importar un archivo o con reglas nuevas revisa todo; después, sólo alrededor de lo que cambió.
    """
    bd = BaseDeDatos(url_configurada())
    with bd.lectura() as sesion:
        lugares = consultas.municipios_por_revisar(sesion, municipio)
    fallas = 0
    for lugar in lugares:
        resumen = servicio.poner_al_dia(bd, lugar.id, entera=entera)
        que = "entero" if resumen.entera else "lo que cambió"
        click.echo(
            f"{lugar.nombre} ({que}): {resumen.nuevos:,} hallazgos nuevos y {resumen.resueltos:,} resueltos"
            f" en {resumen.segundos:.1f} s."
        )
        for falla in resumen.fallas:
            click.echo(f"  La regla {falla.codigo} no pudo terminar ({falla.error}).")
        fallas += len(resumen.fallas)
    if not lugares:
        click.echo("No hay municipios con proyectos que revisar.")
    raise SystemExit(1 if fallas else 0)
