"""Conexión con PostGIS: motor, transacciones y la tabla que convierte restricciones en errores del dominio."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from flask import current_app, g, has_app_context, has_request_context
from psycopg import errors as pg
from psycopg.rows import namedtuple_row
from sqlalchemy import Engine, MetaData, TextClause, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from tareas.comun.errores import DatosInvalidos, ErrorTequio
from tareas.comun.textos import N_

VARIABLE = "TEQUIO_BASE_DE_DATOS"
INSTRUCCIONES_SUELTAS = "tequio_instrucciones_sueltas"
"""Opción del motor: cada instrucción se confirma sola y ve lo último confirmado."""


class Base(DeclarativeBase):
    """Base de los modelos; los nombres de las restricciones siguen siempre la misma regla."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_unico",
            "ck": "%(table_name)s_%(constraint_name)s",
            "fk": "%(table_name)s_%(column_0_N_name)s_fk",
            "pk": "%(table_name)s_pk",
        }
    )


_RESTRICCIONES: dict[str, type[ErrorTequio]] = {}


def registrar_restricciones(mapa: Mapping[str, type[ErrorTequio]]) -> None:
    """Dice qué error del dominio corresponde a cada restricción con nombre; cada subdominio registra las suyas."""
    _RESTRICCIONES.update(mapa)


def restricciones_registradas() -> Mapping[str, type[ErrorTequio]]:
    """Mapa restricción -> error, para las pruebas que lo comparan con la base."""
    return dict(_RESTRICCIONES)


def url_sqlalchemy(url: str) -> str:
    """Convierte una URL de libpq (``postgresql://…``) en la que SQLAlchemy espera para psycopg 3."""
    for prefijo in ("postgresql://", "postgres://"):
        if url.startswith(prefijo):
            return "postgresql+psycopg://" + url.removeprefix(prefijo)
    return url


def traducir(error: DBAPIError) -> ErrorTequio | None:
    """Error del dominio que corresponde a una restricción violada, o ``None`` si no se conoce."""
    original = error.orig
    if not isinstance(original, pg.Error):
        return None
    clase = _RESTRICCIONES.get(original.diag.constraint_name or "")
    if clase is not None:
        return clase()
    # Un NUL no cabe en un texto de PostgreSQL; los formularios lo rechazan antes, con el nombre del campo.
    if isinstance(original, pg.CharacterNotInRepertoire | pg.UntranslatableCharacter):
        return DatosInvalidos()
    return None


class BaseDeDatos:
    """Un motor por proceso, creado al primer uso (después de bifurcar), y sus transacciones.

    Parameters
    ----------
    url
        URL de libpq o de SQLAlchemy.
    conexiones
        Tamaño máximo del fondo de conexiones de este proceso.
    """

    def __init__(self, url: str, *, conexiones: int = 8) -> None:
        self.url = url_sqlalchemy(url)
        self._conexiones = conexiones
        self._motor: Engine | None = None
        self._motor_directo: Engine | None = None

    @property
    def motor(self) -> Engine:
        """El mismo fondo de conexiones, con transacciones."""
        if self._motor is None:
            self._motor = self.motor_directo.execution_options(
                isolation_level="READ COMMITTED", **{INSTRUCCIONES_SUELTAS: False}
            )
        return self._motor

    @property
    def motor_directo(self) -> Engine:
        """Motor de SQLAlchemy, con cada instrucción confirmada por sí sola."""
        if self._motor_directo is None:
            self._motor_directo = create_engine(
                self.url,
                pool_size=self._conexiones,
                max_overflow=4,
                pool_timeout=15,
                pool_use_lifo=True,
                pool_pre_ping=False,
                # Casi toda petición sólo necesita instrucciones sueltas: así toma y devuelve su conexión sin más.
                isolation_level="AUTOCOMMIT",
                execution_options={INSTRUCCIONES_SUELTAS: True},
                skip_autocommit_rollback=True,
                # Los valores llevan huellas de claves y correos: un error en la bitácora no los muestra.
                hide_parameters=True,
                connect_args={
                    "options": "-c timezone=UTC -c jit=off -c pg_trgm.word_similarity_threshold=0.45",
                    "application_name": "tequio",
                    "prepare_threshold": 2,
                },
            )
        return self._motor_directo

    @contextmanager
    def transaccion(self) -> Iterator[Session]:
        """Sesión que confirma al salir; si algo falla deshace todo y traduce la restricción violada.

        Raises
        ------
        ErrorTequio
            El que `registrar_restricciones` asoció a la restricción.
        """
        with Session(self.motor, expire_on_commit=False) as sesion:
            try:
                yield sesion
                sesion.commit()
            except DBAPIError as error:
                sesion.rollback()
                traducido = traducir(error)
                if traducido is None:
                    raise
                raise traducido from error
            except BaseException:
                sesion.rollback()
                raise

    @contextmanager
    def lectura(self) -> Iterator[Session]:
        """Sesión para leer: cada instrucción ve lo último confirmado y no gasta viajes en abrir y cerrar
        transacción.
        """
        with Session(self.motor_directo, expire_on_commit=False) as sesion:
            yield sesion

    def cerrar(self) -> None:
        """Cierra las conexiones."""
        if self._motor_directo is not None:
            self._motor_directo.dispose()
            self._motor = self._motor_directo = None

    def responde(self) -> bool:
        """``True`` si la base contesta."""
        try:
            with self.lectura() as sesion:
                return bool(sesion.execute(text("SELECT 1")).scalar())
        except OperationalError:
            return False


def actual() -> BaseDeDatos:
    """Base de datos de la aplicación en curso."""
    bd: BaseDeDatos = current_app.extensions["tequio_bd"]
    return bd


@contextmanager
def transaccion() -> Iterator[Session]:
    """`BaseDeDatos.transaccion` de la aplicación en curso."""
    # La conexión con que se leyó vuelve al fondo: una petición nunca ocupa dos.
    soltar()
    with actual().transaccion() as sesion:
        yield sesion


@contextmanager
def instruccion() -> Iterator[Session]:
    """Para escribir con una sola instrucción, que ya es atómica, con la conexión que la petición tenga.

    Ahorra los dos viajes de abrir y confirmar una transacción.

    Raises
    ------
    ErrorTequio
        El que `registrar_restricciones` asoció a la restricción.
    """
    with lectura() as sesion:
        try:
            yield sesion
        except DBAPIError as error:
            traducido = traducir(error)
            if traducido is None:
                raise
            raise traducido from error


@contextmanager
def lectura() -> Iterator[Session]:
    """Sesión de lectura de la petición en curso: una sola, aunque se pida varias veces; se cierra al terminar."""
    if not has_request_context():
        with actual().lectura() as sesion:
            yield sesion
        return
    if "sesion_de_lectura" not in g:
        g.sesion_de_lectura = Session(actual().motor_directo, expire_on_commit=False)
    try:
        yield g.sesion_de_lectura
    except BaseException:
        soltar()
        raise


_EN_PSYCOPG: dict[TextClause, str] = {}
"""Cada consulta de `filas`, con los parámetros escritos como psycopg los quiere."""


def filas(sesion: Session, consulta: TextClause, parametros: Mapping[str, Any]) -> list[Any]:
    """Como ``sesion.execute(…).all()``, sin las capas de SQLAlchemy, que en una consulta corta cuestan más que ella.

    Es para lo que corre en casi toda petición. La consulta corre en la conexión de la sesión y en su transacción, si
    la tiene; los errores son los de siempre. Sólo para las consultas con nombre de los archivos SQL: cada una se
    traduce una vez y se recuerda.

    Returns
    -------
    list of namedtuple

    Raises
    ------
    sqlalchemy.exc.DBAPIError
    """
    conexion = sesion.connection()
    directa = conexion.connection.driver_connection
    assert isinstance(directa, psycopg.Connection)
    sql = _EN_PSYCOPG.get(consulta)
    if sql is None:
        sql = _EN_PSYCOPG[consulta] = str(consulta.compile(dialect=conexion.dialect))
    try:
        with directa.cursor(row_factory=namedtuple_row) as cursor:
            return cursor.execute(sql, parametros).fetchall()
    except psycopg.Error as error:
        if directa.closed:
            # La base se reinició: las demás conexiones del fondo tampoco sirven.
            sesion.invalidate()
            conexion.engine.dispose()
        raise DBAPIError.instance(
            sql, None, error, psycopg.Error, hide_parameters=True, dialect=conexion.dialect
        ) from error


@contextmanager
def recuento_largo(sesion: Session) -> Iterator[None]:
    """Para lo que recuenta muchas filas: se planea con los valores que lleva, y ordena en memoria.

    El plan genérico de una consulta preparada ahorra un milisegundo, y aquí puede costar segundos.
    """
    sesion.execute(
        text("SELECT set_config('work_mem', '64MB', false), set_config('plan_cache_mode', 'force_custom_plan', false)")
    )
    try:
        yield
    finally:
        # Si la transacción se rompió ya no acepta nada, pero al deshacerse también se deshace esto.
        with suppress(DBAPIError):
            sesion.execute(text("RESET work_mem"))
            sesion.execute(text("RESET plan_cache_mode"))


def soltar(_error: BaseException | None = None) -> None:
    """Cierra la sesión de lectura de la petición, si hay una; la aplicación lo llama al terminar cada petición."""
    sesion: Session | None = g.pop("sesion_de_lectura", None) if has_app_context() else None
    if sesion is not None:
        sesion.close()


def url_configurada() -> str:
    """URL de la base según el entorno.

    Raises
    ------
    DatosInvalidos
        Si la variable falta.
    """
    url = os.environ.get(VARIABLE)
    if not url:
        raise FaltaBaseDeDatos(variable=VARIABLE)
    return url


class FaltaBaseDeDatos(DatosInvalidos):
    """No se sabe a qué base conectarse."""

    codigo = "falta_base_de_datos"
    plantilla = N_("Falta la variable %(variable)s. Usa ./tequio, que la prepara, o apúntala a tu servidor.")


@contextmanager
def transaccion_de_orden() -> Iterator[Session]:
    """Una transacción para una orden de consola, con una conexión que se cierra al terminar.

    Raises
    ------
    FaltaBaseDeDatos
    """
    base = BaseDeDatos(url_configurada(), conexiones=1)
    try:
        with base.transaccion() as sesion:
            yield sesion
    finally:
        base.cerrar()


def cargar_sql(carpeta: str | Path, archivo: str = "consultas.sql") -> dict[str, str]:
    """Consultas con nombre de un archivo SQL.

    Cada una empieza con una línea ``-- nombre: tal_cosa`` y termina donde empieza la siguiente.

    Returns
    -------
    dict
        nombre -> texto SQL.
    """
    consultas: dict[str, list[str]] = {}
    nombre = None
    for linea in (Path(carpeta) / archivo).read_text(encoding="utf-8").splitlines():
        if linea.startswith("-- nombre:"):
            nombre = linea.removeprefix("-- nombre:").strip()
            consultas[nombre] = []
        elif nombre is not None:
            consultas[nombre].append(linea)
    return {n: "\n".join(lineas).strip() for n, lineas in consultas.items()}


__all__ = [
    "VARIABLE",
    "Base",
    "BaseDeDatos",
    "FaltaBaseDeDatos",
    "actual",
    "cargar_sql",
    "filas",
    "instruccion",
    "lectura",
    "recuento_largo",
    "registrar_restricciones",
    "traducir",
    "transaccion",
    "url_configurada",
    "url_sqlalchemy",
]
