"""Prepara aulas: las crea, las devuelve a como estaban, las congela, las borra. Recibe la sesión; nunca confirma."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import shapely
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb
from shapely.geometry import MultiPolygon, Polygon
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from geo.extractos.aparte import Renglon, leer_aparte
from geo.osm import salida
from geo.osm.errores import SinObjetos
from geo.osm.objetos import Nodo, Relacion, Via
from tareas.comun import bd
from tareas.comun.errores import NoPermitido
from tareas.comun.permisos import Actor
from tareas.comun.textos import N_, entre_comillas
from tareas.practica.aulas.consultas import CRUDO, SQL, Aula
from tareas.practica.errores import AulaDesconocida, AulaEnUso, AulaGrande
from tareas.practica.objetos import rearmar
from tareas.practica.reglas import ELEMENTOS_EN_LINEA, PREPARAN
from tareas.proyectos.errores import FaltaAula

COPIA = N_("Copia inicial del aula")
REINICIO = N_("El aula vuelve a como empezó")
BYTES_MINIMOS = 64 * 1024 * 1024
BYTES_POR_ELEMENTO = 1000
"""Lo que puede ocupar ya descomprimido un archivo por cada elemento que cabe: un nodo en XML ocupa unos 150."""


@dataclass(frozen=True, slots=True)
class Creada:
    """Un aula recién creada y cuánto se copió de cada tipo (``n``, ``w``, ``r``)."""

    id: int
    copiados: dict[str, int] = field(default_factory=dict)


def exigir_preparacion(actor: Actor, municipio_id: int) -> None:
    """Deja pasar a quien prepara aulas en el municipio.

    Raises
    ------
    NoPermitido
    """
    if not actor.tiene(PREPARAN, municipio_id):
        raise NoPermitido


def crear_de_area(
    sesion: Session,
    actor: Actor,
    *,
    municipio_id: int,
    nombre: str,
    area: MultiPolygon | Polygon,
    visibilidad: str = "publica",
    fuente: str = "",
    tope: int = ELEMENTOS_EN_LINEA,
) -> Creada:
    """Un aula con lo que guardamos de OpenStreetMap en un área.

    Se copian enteras las vías que tocan el área, con todos sus nodos; los nodos con etiquetas de dentro; y las
    relaciones de lo copiado, recortadas a ello. Las versiones se conservan; la autoría pasa a quien crea el aula.

    Parameters
    ----------
    area
        EPSG:4326.
    tope
        Cuántos elementos se copian a lo más.

    Raises
    ------
    NoPermitido, AulaGrande
        Nada queda escrito.
    """
    exigir_preparacion(actor, municipio_id)
    wkb = shapely.to_wkb(area)
    _preparar(sesion)
    # Uno de más: así se nota si no cupieron.
    parametros = {"area": wkb, "tope": tope + 1}
    cuantos = sum(_cuantas(sesion, consulta, parametros) for consulta in ("copiar_vias", "copiar_nodos"))
    if cuantos > tope:
        raise AulaGrande(tope=f"{tope:,}")
    sesion.execute(SQL["copiar_relaciones"])
    return _sembrar(sesion, actor, municipio_id, nombre, visibilidad, fuente, wkb)


def crear_de_archivo(
    sesion: Session,
    actor: Actor,
    *,
    municipio_id: int,
    nombre: str,
    ruta: Path,
    visibilidad: str = "publica",
    fuente: str = "",
    tope: int = ELEMENTOS_EN_LINEA,
) -> Creada:
    """Un aula con lo que trae un archivo de datos (.osm.pbf, .osm, .osm.gz, .osm.bz2).

    A las vías y relaciones del borde del archivo se les quita lo que el archivo no trae; lo de id negativo no se copia.

    Raises
    ------
    NoPermitido, AulaGrande, geo.osm.errores.ErrorOsm, geo.formatos.errores.ArchivoIlegible
        Nada queda escrito.
    """
    exigir_preparacion(actor, municipio_id)
    # Se lee antes de escribir nada: mientras una transacción escribe, ninguna replicación avanza. Y se lee en otro
    # proceso: un archivo ajeno no toca la memoria de éste.
    with leer_aparte(ruta, tope=tope, maximo=max(BYTES_MINIMOS, tope * BYTES_POR_ELEMENTO)) as extracto:
        if extracto.cuantos > tope:
            raise AulaGrande(tope=f"{tope:,}")
        _preparar(sesion)
        _copiar(_conexion(sesion), extracto.renglones())
    sesion.execute(SQL["quitar_repetidos"])
    caja = sesion.execute(SQL["caja_de_copia"]).scalar()
    if caja is None:
        raise SinObjetos(archivo=fuente or ruta.name)
    return _sembrar(sesion, actor, municipio_id, nombre, visibilidad, fuente, bytes(caja))


def _conexion(sesion: Session) -> psycopg.Connection[Any]:
    conexion = sesion.connection().connection.driver_connection
    assert isinstance(conexion, psycopg.Connection)
    return conexion


def _preparar(sesion: Session) -> None:
    sesion.execute(SQL["preparar_copia"])


def _cuantas(sesion: Session, consulta: str, parametros: dict[str, Any]) -> int:
    return int(getattr(sesion.execute(SQL[consulta], parametros), "rowcount", 0))


def _copiar(conexion: psycopg.Connection, renglones: Iterator[Renglon]) -> None:
    orden = f"COPY copia_elemento ({', '.join(Renglon._fields)}) FROM STDIN"
    with conexion.cursor() as cursor, cursor.copy(orden.encode()) as copia:
        for renglon in renglones:
            etiquetas = Jsonb(renglon.etiquetas) if renglon.etiquetas else None
            copia.write_row((*renglon[:4], etiquetas, *renglon[5:]))


def _sembrar(
    sesion: Session, actor: Actor, municipio_id: int, nombre: str, visibilidad: str, fuente: str, area: bytes
) -> Creada:
    for paso in ("indexar_copia", "analizar_copia", "recortar_vias", "recortar_relaciones", "quitar_vacios"):
        sesion.execute(SQL[paso])
    datos = {"municipio": municipio_id, "nombre": nombre, "visibilidad": visibilidad, "fuente": fuente[:300]}
    aula_id: int = sesion.execute(SQL["crear"], {**datos, "area": area, "persona": actor.id}).scalar_one()
    autora = {"aula": aula_id, "persona": actor.id, "usuario": actor.usuario}
    conjunto = sesion.execute(SQL["abrir_copia"], {**autora, "comentario": COPIA}).scalar_one()
    sesion.execute(SQL["sembrar"], {**autora, "conjunto": conjunto})
    sesion.execute(SQL["empezar_replicacion"], {"aula": aula_id})
    rearmar(_conexion(sesion), aula_id)
    copiados = {tipo: int(n) for tipo, n in sesion.execute(SQL["copiados"], {"aula": aula_id})}
    return Creada(aula_id, copiados)


def turno(sesion: Session, aula_id: int, consulta: str = "turno") -> None:
    """Toma la fila del aula: quien la tiene decide.

    Raises
    ------
    AulaDesconocida
        Si se borró mientras tanto.
    """
    if sesion.execute(SQL[consulta], {"aula": aula_id}).one_or_none() is None:
        raise AulaDesconocida


def editar(
    sesion: Session,
    aula: Aula,
    *,
    nombre: str | None = None,
    estado: str | None = None,
    visibilidad: str | None = None,
) -> None:
    """Cambia nombre, estado (``abierta``, ``congelada``) o visibilidad; lo que va en ``None`` se queda.

    Al congelar se espera a quien esté guardando en ese momento, y lo que llegue después ya no se guarda.
    """
    turno(sesion, aula.id, "exclusiva" if estado == "congelada" else "turno")
    cambios_pedidos = {"nombre": nombre, "estado": estado, "visibilidad": visibilidad}
    sesion.execute(SQL["editar"], {"aula": aula.id, **cambios_pedidos})
    if estado == "congelada":
        sesion.execute(SQL["cerrar_conjuntos"], {"aula": aula.id})


def reiniciar(sesion: Session, actor: Actor, aula: Aula) -> int:
    """Devuelve el aula a su copia inicial con versiones nuevas: nada se borra, y quien sigue su replicación se entera.

    Returns
    -------
    int
        Cuántos elementos cambiaron.
    """
    turno(sesion, aula.id, "exclusiva")
    autora = {"aula": aula.id, "persona": actor.id, "usuario": actor.usuario}
    sesion.execute(SQL["cerrar_conjuntos"], autora)
    sesion.execute(SQL["por_revertir"], autora)
    conjuntos = sesion.execute(SQL["abrir_reinicios"], {**autora, "comentario": REINICIO}).all()
    sesion.execute(SQL["dejar_de_ser_actuales"], autora)
    tandas = {"tandas": [c.tanda for c in conjuntos], "conjuntos": [c.id for c in conjuntos]}
    cuantos = _cuantas(sesion, "revertir", {**autora, **tandas})
    rearmar(_conexion(sesion), aula.id)
    return cuantos


def borrar(sesion: Session, aula: Aula) -> None:
    """Borra el aula con todo lo que se hizo en ella.

    Raises
    ------
    AulaEnUso
        Si un proyecto abierto edita en ella.
    """
    try:
        # Quien dice que no es la restricción `proyecto_publicado_con_aula`: también si un proyecto se publica ahora
        # mismo. Los proyectos van antes que el aula, como cuando uno se edita: quienes coinciden se esperan y no se
        # traban.
        with sesion.begin_nested():
            sesion.execute(SQL["soltar_proyectos"], {"aula": aula.id})
            turno(sesion, aula.id, "exclusiva")
            for paso in ("borrar_cambios", "borrar_conjuntos", "borrar"):
                sesion.execute(SQL[paso], {"aula": aula.id})
    except DBAPIError as error:
        if not isinstance(bd.traducir(error), FaltaAula):
            raise
        abiertos = sesion.execute(SQL["abiertos"], {"aula": aula.id}).scalars().all()
        raise AulaEnUso(proyectos=entre_comillas(abiertos[:5])) from error


def exportar(conexion: psycopg.Connection, aula_id: int, ruta: Path, cabecera: dict[str, str]) -> int:
    """Escribe el aula como está hoy en ``ruta`` (.osm.pbf); da cuántos elementos lleva."""
    return salida.escribir(ruta, _elementos(conexion, aula_id), cabecera)


def _elementos(conexion: psycopg.Connection, aula_id: int) -> Iterator[Nodo | Via | Relacion]:
    for tipo in ("n", "w", "r"):
        with conexion.cursor(f"extracto_{tipo}", row_factory=tuple_row) as cursor:
            cursor.itersize = 20_000
            cursor.execute(CRUDO["elementos"].encode(), {"aula": aula_id, "tipo": tipo})
            for fila in cursor:
                yield elemento(tipo, *fila)


def elemento(
    tipo: str,
    numero: int,
    version: int,
    cuando: Any,
    uid: int,
    usuario: str,
    conjunto: int,
    etiquetas: dict[str, str] | None,
    lon: int | None,
    lat: int | None,
    nodos: list[int] | None,
    miembros: list[str] | None,
    roles: list[str] | None,
    visible: bool,
) -> Nodo | Via | Relacion:
    """Una versión guardada, como la entienden los escritores de `geo.osm`."""
    comun = (numero, version, cuando, uid, usuario, conjunto, (etiquetas or {}) if visible else {}, not visible)
    if tipo == "n":
        grados = (None, None) if lon is None or lat is None else (lon / 1e7, lat / 1e7)
        return Nodo(*comun, *grados)
    if tipo == "w":
        return Via(*comun, (nodos or []) if visible else [])
    return Relacion(*comun, *(((miembros or []), (roles or [])) if visible else ([], [])))
