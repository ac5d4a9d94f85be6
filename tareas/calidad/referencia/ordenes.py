"""``./tequio calidad comparar``: un archivo de OpenStreetMap contra una referencia, sin base de datos."""

import csv
import io
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import shapely

from geo.crs import reconocer_crs
from geo.errores import SistemaDesconocido
from geo.estadisticas.proporciones import wilson
from geo.formatos.archivo import leer_archivo
from geo.formatos.area import area_de_archivo
from geo.formatos.capas import LIMITES_CONSOLA, Capa
from geo.revisiones.base.lectura import leer
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.referencia.salida import COLUMNAS, coleccion, fila
from geo.revisiones.referencia.zonas import Cifras, medir
from geo.tipos import Geometrias

OMITIDAS = {
    "vacia": "objetos sin geometría",
    "no_es_superficie": "puntos o líneas: una huella es un polígono",
    "sin_lugar": "huellas fuera del lugar",
    "enorme": "huellas de más de un kilómetro o de 5,000 vértices: no son un edificio",
    "sin_extension": "huellas sin extensión",
    "rayon": "huellas tan enredadas que sólo se compara su contorno",
}


@click.command("comparar", short_help="Compara un archivo de OpenStreetMap con huellas de edificios propias.")
@click.argument("archivo", type=click.Path(path_type=Path))
@click.argument("referencia", type=click.Path(path_type=Path))
@click.option("--area", type=click.Path(path_type=Path), help="Sólo lo que caiga en esta área.")
@click.option(
    "--tareas", type=click.Path(path_type=Path), help="Polígonos (las tareas): las cifras salen por cada uno."
)
@click.option("--capa", help="Cuál capa de la referencia, si trae varias.")
@click.option(
    "--sistema", help="Sistema en metros con el que se mide (EPSG:6372); si no se dice, se elige por el lugar."
)
@click.option(
    "--salida",
    type=click.Path(path_type=Path),
    help="Guarda aquí las zonas con sus cifras, en GeoJSON. Pide --tareas o --area.",
)
@click.option(
    "--csv",
    "tabla",
    type=click.Path(path_type=Path),
    help="Guarda aquí las cifras por zona, en CSV. Pide --tareas o --area.",
)
def orden_comparar(
    archivo: Path,
    referencia: Path,
    area: Path | None,
    tareas: Path | None,
    capa: str | None,
    sistema: str | None,
    salida: Path | None,
    tabla: Path | None,
) -> None:
    """Dice cuánto falta, cuánto sobra y cuánto está corrido un archivo .osm.pbf u .osm frente a una referencia.

    La referencia puede venir en GeoPackage, GeoJSON, shapefile en zip, KML o FlatGeobuf. No usa la base de datos, y
    nada de la referencia pasa a la salida: sólo cifras.
    """
    inicio = time.perf_counter()
    if area is not None and tareas is not None:
        raise click.UsageError("Di un área o un archivo de tareas, no los dos.")
    if (salida is not None or tabla is not None) and area is None and tareas is None:
        raise click.UsageError("Para --salida o --csv hacen falta zonas: di también --tareas o --area.")
    for destino in (salida, tabla):
        if destino is not None:
            se_puede_guardar(destino)
    zonas, propias = _zonas(area, tareas)
    huellas = elegir(leer_archivo(referencia, limites=LIMITES_CONSOLA, reparar=True).capas, capa).geometrias
    columnas = leer(archivo)
    mundo = Mundo(columnas, None if sistema is None else _sistema(sistema), huellas)
    lista = mundo.referencia
    assert lista is not None
    if not len(lista):
        raise click.ClickException(f"En «{referencia}» no hay polígonos con que comparar.")
    if not _se_tocan(lista.geom, mundo):
        raise click.ClickException("La referencia no toca los datos del archivo. Revisa que sean del mismo lugar.")
    medida = medir(mundo, zonas)
    if zonas is not None:
        if not medida.total.n and not medida.total.edificios:
            raise click.ClickException(
                "Las zonas no tocan la referencia ni los datos. Revisa que sean del mismo lugar."
            )
        if salida is not None:
            _guardar(salida, json.dumps(coleccion(zonas, propias, medida.zonas), ensure_ascii=False))
        if tabla is not None:
            _guardar(tabla, _csv(propias, medida.zonas))
        con = [c for c in medida.zonas if c.n]
        click.echo(f"Zonas: {len(zonas):,}; con huellas de la referencia, {len(con):,}.")
    _decir(medida.total)
    for motivo, cuantas in sorted(lista.omitidas.items()):
        click.echo(f"Sin comparar: {cuantas:,} {OMITIDAS[motivo]}.")
    click.echo(f"Comparado en {time.perf_counter() - inicio:.1f} s, en {mundo.crs.name}.")
    for destino in (salida, tabla):
        if destino is not None:
            click.echo(f"Las cifras por zona están en {destino}.")


def elegir(capas: Sequence[Capa], nombre: str | None) -> Capa:
    """La capa pedida, o la única que tiene polígonos."""
    if nombre is not None:
        for capa in capas:
            if capa.nombre == nombre:
                return capa
        raise click.UsageError(f"No hay capa «{nombre}». Hay: {', '.join(c.nombre for c in capas)}.")
    buenas = [c for c in capas if (shapely.get_dimensions(c.geometrias) == 2).any()]
    if len(buenas) > 1:
        raise click.UsageError(
            f"La referencia trae varias capas: di --capa. Hay: {', '.join(c.nombre for c in buenas)}."
        )
    return (buenas or list(capas))[0]


def se_puede_guardar(destino: Path) -> None:
    """Avisa antes de trabajar, no después."""
    carpeta = destino.absolute().parent
    if not carpeta.is_dir():
        raise click.UsageError(f"No existe la carpeta «{carpeta}». Créala o elige otra.")
    if destino.is_dir():
        raise click.UsageError(f"«{destino}» es una carpeta. Di también el nombre del archivo.")
    if not os.access(carpeta, os.W_OK):
        raise click.UsageError(f"No se puede escribir en la carpeta «{carpeta}». Elige otra.")


def _zonas(area: Path | None, tareas: Path | None) -> tuple[Geometrias | None, list[dict[str, Any]]]:
    if area is not None:
        return np.array([area_de_archivo(area).geometria], dtype=object), [{"zona": 1}]
    if tareas is None:
        return None, []
    capa = elegir(leer_archivo(tareas, limites=LIMITES_CONSOLA, reparar=True).capas, None)
    son = np.isin(
        shapely.get_type_id(capa.geometrias), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    )
    if not son.any():
        raise click.ClickException(f"En «{tareas}» no hay polígonos.")
    cuales = np.flatnonzero(son)
    propias = [{"zona": k + 1, **capa.propiedades[n]} for k, n in enumerate(cuales)]
    return shapely.make_valid(capa.geometrias[cuales]), propias


def _sistema(texto: str) -> Any:
    try:
        crs = reconocer_crs(texto)
    except SistemaDesconocido as error:
        raise click.UsageError(f"No conozco el sistema «{texto}».") from error
    if not crs.is_projected:
        raise click.UsageError(f"«{texto}» no está en metros: elige uno proyectado, como EPSG:6372.")
    return crs


def _se_tocan(huellas: Geometrias, mundo: Mundo) -> bool:
    if not len(mundo.xy):
        return False
    (oeste, sur), (este, norte) = mundo.xy.min(axis=0), mundo.xy.max(axis=0)
    caja = shapely.total_bounds(huellas)
    return bool(oeste <= caja[2] and caja[0] <= este and sur <= caja[3] and caja[1] <= norte)


def _csv(propias: Sequence[dict[str, Any]], cifras: Sequence[Cifras]) -> str:
    texto = io.StringIO()
    nombre = "numero" if propias and "numero" in propias[0] else "zona"
    escritor = csv.DictWriter(texto, [nombre, *COLUMNAS], lineterminator="\r\n")
    escritor.writeheader()
    for suyas, una in zip(propias, cifras, strict=True):
        escritor.writerow({nombre: suyas[nombre], **fila(una)})
    return texto.getvalue()


def _guardar(destino: Path, contenido: str) -> None:
    parcial = destino.with_name(f".{destino.name}.parcial")
    try:
        parcial.write_text(contenido, encoding="utf-8", newline="")
        parcial.replace(destino)
    except OSError as error:
        parcial.unlink(missing_ok=True)
        raise click.ClickException(f"No se pudo guardar «{destino}»: {error.strerror}. Elige otro lugar.") from error


def _por_ciento(parte: float) -> str:
    """«66.7 %», como en las páginas."""
    return f"{100 * parte:.1f}\u00a0%"


def _decir(total: Cifras) -> None:
    bajo, alto = wilson(total.faltan, total.n)
    click.echo(f"Huellas de la referencia: {total.n:,}.")
    if total.n:
        click.echo(
            f"Con algún edificio del mapa encima: {total.cubiertas:,} ({_por_ciento(total.cubiertas / total.n)})."
        )
        click.echo(
            f"Faltan en el mapa (omisión): {total.faltan:,} ({_por_ciento(total.faltan / total.n)};"
            f" 95\u00a0%: {_por_ciento(bajo)} a {_por_ciento(alto)})."
        )
    click.echo(f"Edificios del mapa: {total.edificios:,}.")
    if total.comision is not None:
        click.echo(
            f"No están en la referencia (quizá sobran, o son nuevos): {total.sobran:,} ({_por_ciento(total.comision)})."
        )
    if total.desfase is None:
        click.echo("Desplazamiento: no hay parejas suficientes para medirlo.")
    else:
        d = total.desfase
        click.echo(
            f"Desplazamiento del conjunto: {d.metros:.2f} m ({d.este:+.2f} al este, {d.norte:+.2f} al norte),"
            f" dispersión {d.dispersion:.2f} m, con {d.n:,} parejas."
        )
