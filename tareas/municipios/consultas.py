"""Lecturas de municipios."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.permisos import Actor, Papel
from tareas.municipios.errores import MunicipioDesconocido, MunicipioNoEncontrado

SQL = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}

LIMITE_DE_BUSQUEDA = 50
SE_PROPONEN = 300


class Municipio(NamedTuple):
    """Un municipio, sin su geometría. ``caja``: oeste, sur, este, norte en grados."""

    id: int
    clave: str
    nombre: str
    entidad: str
    pais: str
    poblacion: int | None
    area_m2: float
    caja: list[float]
    zona_horaria: str
    fuente: str
    ficticio: bool
    actualizado: Any


def buscar(sesion: Session, texto: str, limite: int, salto: int = 0) -> tuple[Sequence[Row[Any]], int]:
    """Municipios cuyo nombre, entidad o clave contiene ``texto``, sin acentos ni mayúsculas, y cuántos son en total.

    Primero la clave o el nombre exactos, luego los que empiezan así, los que lo tienen al inicio de una palabra y los
    demás; si nada lo contiene, los parecidos (errores de dedo). Con texto vacío, todos, de mayor a menor población.
    """
    filas = sesion.execute(SQL["buscar"], {"texto": " ".join(texto.split()), "limite": limite, "salto": salto}).all()
    return filas, filas[0].total if filas else 0


def por_id(sesion: Session, municipio_id: int) -> Municipio:
    """Un municipio por su identificador.

    Raises
    ------
    MunicipioNoEncontrado
    """
    fila = sesion.execute(SQL["por_id"], {"id": municipio_id}).one_or_none()
    if fila is None:
        raise MunicipioNoEncontrado
    return Municipio(*fila)


def de_quien(sesion: Session, quien: Actor, papeles: Iterable[Papel]) -> tuple[list[tuple[str, str]], bool]:
    """Clave y nombre de los municipios donde ``quien`` tiene alguno de ``papeles``, para que elija uno.

    Si lo tiene en todos, los más poblados (`SE_PROPONEN`) y ``True``: los demás se escriben.
    """
    suyos = quien.municipios_con(papeles)
    if None in suyos:
        return [(f.clave, f.nombre) for f in buscar(sesion, "", SE_PROPONEN)[0]], True
    return [(m.clave, m.nombre) for m in (por_id(sesion, i) for i in sorted(filter(None, suyos)))], False


def por_clave(sesion: Session, clave: str) -> Municipio | None:
    """Un municipio por su clave, o ``None``."""
    fila = sesion.execute(SQL["por_clave"], {"clave": clave}).one_or_none()
    return None if fila is None else Municipio(*fila)


def elegir(sesion: Session, referencia: int | str) -> Municipio:
    """El municipio que alguien nombra: por identificador si es un número, por clave si es un texto.

    Raises
    ------
    MunicipioDesconocido
    """
    if isinstance(referencia, str):
        encontrado = por_clave(sesion, referencia)
        if encontrado is not None:
            return encontrado
        raise MunicipioDesconocido(municipio=referencia[:60])
    try:
        return por_id(sesion, referencia)
    except MunicipioNoEncontrado as error:
        raise MunicipioDesconocido(municipio=referencia) from error


def elegir_de_texto(sesion: Session, texto: str) -> Municipio:
    """El municipio que un texto nombra: por clave y, si ninguna es ésa, por identificador.

    Raises
    ------
    MunicipioDesconocido
    """
    encontrado = por_clave(sesion, texto)
    if encontrado is not None:
        return encontrado
    return elegir(sesion, int(texto) if texto.isascii() and texto.isdigit() and len(texto) < 19 else texto)


def limite_wkb(sesion: Session, municipio_id: int) -> bytes:
    """Límite en WKB, EPSG:4326."""
    return bytes(sesion.execute(SQL["limite_wkb"], {"id": municipio_id}).scalar_one())


def limite_geojson(sesion: Session, municipio_id: int, tolerancia: float = 0.0) -> str:
    """Límite como texto GeoJSON; ``tolerancia`` en grados lo simplifica para dibujarlo."""
    limite: str = sesion.execute(SQL["limite_geojson"], {"id": municipio_id, "tolerancia": tolerancia}).scalar_one()
    return limite
