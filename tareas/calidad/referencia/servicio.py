"""Subir y borrar la referencia de un municipio, y medir con ella. Recibe la sesión; nunca confirma."""

import hashlib
import json
from collections import Counter, OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy.orm import Session

from geo.crs import WGS84, a_4326, crs_metrico, transformar
from geo.formatos.archivo import leer_archivo
from geo.revisiones.base.mundo import Mundo
from geo.revisiones.base.referencia import preparar
from geo.revisiones.referencia.salida import fila
from geo.revisiones.referencia.zonas import Cifras, medir
from geo.tipos import Geometrias
from tareas.calidad.evidencia.consultas import origen_de
from tareas.calidad.referencia import consultas
from tareas.calidad.referencia.consultas import SQL
from tareas.calidad.referencia.errores import (
    CompletitudMuyGrande,
    ReferenciaCapaInexistente,
    ReferenciaLejos,
    ReferenciaNoEncontrada,
    ReferenciaSinHuellas,
    ReferenciaVariasCapas,
)
from tareas.calidad.referencia.reglas import HUELLAS_MAXIMAS, MENOS_DE
from tareas.calidad.revisiones.consultas import columnas
from tareas.comun.textos import entre_comillas
from tareas.datos_osm.consultas import version_datos
from tareas.municipios.consultas import Municipio, limite_wkb
from tareas.proyectos.recuerdo import base_de

ALREDEDOR_M: Final = 60.0
"""Fuera de las tareas: un edificio de la raya puede tocar una huella de afuera."""
GUARDADAS: Final = 32
_MEDIDAS: OrderedDict[tuple[Any, ...], "Completitud"] = OrderedDict()
_TURNO = Lock()


@dataclass(frozen=True, slots=True)
class Subida:
    """Una referencia recién guardada: cuántas huellas tiene y cuántas no se guardaron, por motivo."""

    id: int
    huellas: int
    omitidas: dict[str, int]


def subir(
    sesion: Session,
    municipio: Municipio,
    ruta: Path,
    nombre_de_archivo: str,
    datos: dict[str, Any],
    *,
    persona_id: int | None = None,
) -> Subida:
    """Lee un archivo, aparte y con límites, y guarda sus huellas. Desde ahí se compara con ésta.

    Parameters
    ----------
    datos : dict
        Campos de `tareas.calidad.referencia.formularios.Datos`.

    Raises
    ------
    ErrorLectura, ReferenciaSinHuellas, ReferenciaLejos, ReferenciaVariasCapas, ReferenciaCapaInexistente,
    ReferenciaRepetida, ReferenciaSinPermiso, ReferenciaSinLicencia
    """
    oeste, sur, este, norte = municipio.caja
    caja = (oeste, sur, este, norte)
    lectura = leer_archivo(ruta, nombre_de_archivo, reparar=True, crs=datos["crs"] or None, cerca_de=caja)
    geometrias = _de_la_capa({c.nombre: c.geometrias for c in lectura.capas}, datos["capa"])
    crs = crs_metrico(np.array([shapely.box(*caja)], dtype=object))
    lista = preparar(geometrias, crs)
    if not len(lista):
        raise ReferenciaSinHuellas(n=len(geometrias))
    huellas = np.repeat(a_4326(lista.geom, crs), lista.veces)
    limite = shapely.from_wkb(bytes(limite_wkb(sesion, municipio.id)))
    shapely.prepare(limite)
    dentro = shapely.intersects(limite, huellas)
    if not dentro.any():
        x0, y0, x1, y1 = shapely.total_bounds(huellas)
        raise ReferenciaLejos(municipio=municipio.nombre, suroeste=f"{x0:.3f}, {y0:.3f}", noreste=f"{x1:.3f}, {y1:.3f}")
    omitidas = lista.omitidas + Counter(fuera=int((~dentro).sum()))
    huellas = huellas[dentro]
    with ruta.open("rb") as archivo:
        huella = hashlib.file_digest(archivo, lambda: hashlib.blake2b(digest_size=16)).digest()
    nueva: int = sesion.execute(
        SQL["guardar"],
        {
            "municipio": municipio.id,
            **{campo: datos[campo] for campo in ("licencia", "fuente", "fecha", "puede_compararse")},
            "nombre": datos["nombre"] or Path(nombre_de_archivo).stem[:80].strip() or "Referencia",
            "huella": huella,
            "huellas": len(huellas),
            "omitidas": json.dumps(omitidas),
            "persona": persona_id,
        },
    ).scalar_one()
    formas = shapely.to_wkb(huellas).tolist()
    sesion.execute(SQL["guardar_huellas"], {"referencia": nueva, "formas": formas})
    return Subida(nueva, len(huellas), dict(omitidas))


def borrar(sesion: Session, municipio_id: int, referencia_id: int) -> None:
    """La borra con todas sus huellas.

    Raises
    ------
    ReferenciaNoEncontrada
    """
    if sesion.execute(SQL["borrar"], {"id": referencia_id, "municipio": municipio_id}).one_or_none() is None:
        raise ReferenciaNoEncontrada


@dataclass(frozen=True, slots=True)
class Completitud:
    """Lo medido en un proyecto: una fila por tarea (`geo.revisiones.referencia.salida.fila`), sus formas y el total."""

    filas: list[dict[str, Any]]
    formas: Geometrias
    total: Cifras
    sin_pocas: Cifras
    """El total de las tareas que no tienen pocas huellas."""


def completitud(sesion: Session, proyecto_id: int, municipio_id: int, version: int) -> Completitud | None:
    """Compara con la referencia vigente los edificios de las tareas de un proyecto; ``None`` si no hay con qué.

    Cada proceso recuerda lo último que midió: sólo se repite si cambian la referencia, los datos o las tareas. Lo de un
    aula se mide cada vez.

    Raises
    ------
    CompletitudMuyGrande
    """
    referencia = consultas.vigente(sesion, municipio_id)
    origen = origen_de(sesion, proyecto_id).origen
    if referencia is None or origen is None:
        return None
    clave = (base_de(sesion), proyecto_id, version, referencia.id, version_datos(sesion))
    with _TURNO:
        if origen == 0 and clave in _MEDIDAS:
            _MEDIDAS.move_to_end(clave)
            return _MEDIDAS[clave]
    hecha = _medir(sesion, proyecto_id, municipio_id, origen)
    if origen == 0:
        with _TURNO:
            _MEDIDAS[clave] = hecha
            while len(_MEDIDAS) > GUARDADAS:
                _MEDIDAS.popitem(last=False)
    return hecha


def _medir(sesion: Session, proyecto_id: int, municipio_id: int, origen: int) -> Completitud:
    numeros, formas = consultas.tareas(sesion, proyecto_id)
    crs = crs_metrico(formas)
    plana = shapely.union_all(transformar(formas, WGS84, crs))
    zona = a_4326(np.array([shapely.buffer(plana, ALREDEDOR_M, quad_segs=2)], dtype=object), crs)[0]
    huellas = consultas.huellas_en(sesion, municipio_id, zona, HUELLAS_MAXIMAS + 1)
    if len(huellas) > HUELLAS_MAXIMAS:
        raise CompletitudMuyGrande(n=f"{HUELLAS_MAXIMAS:,}+", maximo=f"{HUELLAS_MAXIMAS:,}")
    mundo = Mundo(columnas(sesion, origen, zona), crs, huellas)
    medida = medir(mundo, formas)
    filas = [
        {"numero": numero, "pocas": int(c.n < MENOS_DE), **fila(c)}
        for numero, c in zip(numeros, medida.zonas, strict=True)
    ]
    pocas = np.array([f["pocas"] == 1 for f in filas], dtype=np.bool_)
    sin_pocas = medir(mundo, formas[~pocas]).total if pocas.any() else medida.total
    return Completitud(filas, formas, medida.total, sin_pocas)


def _de_la_capa(capas: dict[str, Geometrias], nombre: str) -> Geometrias:
    if nombre:
        if nombre not in capas:
            raise ReferenciaCapaInexistente(lista=entre_comillas(list(capas)[:20]), capas=list(capas))
        return capas[nombre]
    con = {n: g for n, g in capas.items() if (shapely.get_dimensions(g) == 2).any()}
    if len(con) > 1:
        raise ReferenciaVariasCapas(lista=entre_comillas(list(con)[:20]), capas=list(con))
    return next(iter(con.values()), np.concatenate(list(capas.values())))
