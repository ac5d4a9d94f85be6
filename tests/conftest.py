"""Base común de las pruebas: PostGIS de verdad, clonado de una plantilla ya migrada, y un elenco fijo."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from flask.testing import FlaskClient
from sqlalchemy.pool import QueuePool

from tareas.comun.bd import BaseDeDatos
from tareas.proyectos import recuerdo

RAIZ = Path(__file__).resolve().parent.parent
DATOS_REALES = RAIZ.parent / "shared" / "datos"

# Cifrar claves es caro a propósito; en las pruebas basta con que sea Argon2.
os.environ["TEQUIO_ARGON2"] = "1,8,1"


def datos_reales(relativa: str) -> Path:
    """Ruta a un archivo real; salta la prueba si la carpeta no está."""
    ruta = DATOS_REALES / relativa
    if not ruta.exists():
        pytest.skip(f"sin los datos reales de ../shared/datos/{relativa}")
    return ruta


def _con_base(url: str, nombre: str) -> str:
    partes = urlsplit(url)
    return urlunsplit(partes._replace(path="/" + nombre))


def _huella_migraciones() -> str:
    suma = hashlib.blake2b(digest_size=6)
    for ruta in sorted((RAIZ / "migraciones").rglob("*.py")):
        suma.update(ruta.read_bytes())
    return suma.hexdigest()


@pytest.fixture(scope="session", autouse=True)
def carpeta_de_imagenes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Lo que se suba en las pruebas no se mezcla con lo de esta instalación."""
    os.environ["TEQUIO_CARPETA_DE_IMAGENES"] = str(tmp_path_factory.mktemp("imagenes"))


@pytest.fixture(scope="session")
def url_servidor() -> str:
    """Servidor donde crear bases de prueba: TEQUIO_PRUEBAS_BD, o el privado de .datos."""
    url = os.environ.get("TEQUIO_PRUEBAS_BD")
    if url:
        return url
    from arranque import postgres

    return postgres.asegurar(RAIZ)


@pytest.fixture(scope="session")
def crear_base(url_servidor: str) -> Iterator["CreadorDeBases"]:
    """Crea bases migradas y las borra al final."""
    creador = CreadorDeBases(url_servidor)
    yield creador
    creador.borrar_todas()


class CreadorDeBases:
    """Clona una plantilla migrada una sola vez por versión del esquema."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.nombres: list[str] = []

    def _plantilla(self, conexion: psycopg.Connection[tuple[object, ...]]) -> str:
        nombre = f"tequio_plantilla_{_huella_migraciones()}"
        conexion.execute("SELECT pg_advisory_lock(817003)")
        try:
            if not conexion.execute("SELECT 1 FROM pg_database WHERE datname = %s", (nombre,)).fetchone():
                for (vieja,) in conexion.execute(
                    "SELECT datname FROM pg_database WHERE datname LIKE 'tequio\\_plantilla\\_%'"
                ).fetchall():
                    conexion.execute(f'DROP DATABASE IF EXISTS "{vieja}"')
                conexion.execute(f'CREATE DATABASE "{nombre}_obra"')
                configuracion = Config(str(RAIZ / "alembic.ini"))
                configuracion.set_main_option(
                    "sqlalchemy.url", _con_base(self.url, nombre + "_obra").replace("%", "%%")
                )
                command.upgrade(configuracion, "head")
                conexion.execute(f'ALTER DATABASE "{nombre}_obra" RENAME TO "{nombre}"')
        finally:
            conexion.execute("SELECT pg_advisory_unlock(817003)")
        return nombre

    def __call__(self) -> str:
        """URL de una base nueva, migrada y vacía."""
        nombre = f"tequio_p_{os.getpid()}_{len(self.nombres)}"
        with psycopg.connect(self.url, autocommit=True) as conexion:
            plantilla = self._plantilla(conexion)
            conexion.execute(f'DROP DATABASE IF EXISTS "{nombre}" WITH (FORCE)')
            # Clonar exige que nadie más use la plantilla en ese instante.
            conexion.execute("SELECT pg_advisory_lock(817003)")
            conexion.execute(f'CREATE DATABASE "{nombre}" TEMPLATE "{plantilla}"')
            conexion.execute("SELECT pg_advisory_unlock(817003)")
            # Nada de lo que una prueba escribe tiene que sobrevivir a un apagón: no se espera al disco.
            conexion.execute(f'ALTER DATABASE "{nombre}" SET synchronous_commit = off')
        self.nombres.append(nombre)
        return _con_base(self.url, nombre)

    def borrar_todas(self) -> None:
        """Borra lo creado."""
        with psycopg.connect(self.url, autocommit=True) as conexion:
            for nombre in self.nombres:
                conexion.execute(f'DROP DATABASE IF EXISTS "{nombre}" WITH (FORCE)')


@pytest.fixture(scope="session")
def url_base(crear_base: CreadorDeBases) -> str:
    """Una base por proceso de pruebas."""
    return crear_base()


@pytest.fixture(scope="session")
def base_del_proceso(url_base: str) -> Iterator[BaseDeDatos]:
    base = BaseDeDatos(url_base, conexiones=16)
    yield base
    base.cerrar()


@pytest.fixture
def bd(base_del_proceso: BaseDeDatos, url_base: str) -> Iterator[BaseDeDatos]:
    """Base vacía: al terminar se borra lo que la prueba escribió."""
    from tests.fabrica import vaciar

    yield base_del_proceso
    recuerdo.olvidar()
    vaciar(url_base)
    soltar_las_de_sobra(base_del_proceso)


CONEXIONES_EN_REPOSO = 4


def soltar_las_de_sobra(base: BaseDeDatos) -> None:
    """Cierra las que dejó abiertas una prueba en paralelo: todos los procesos se reparten las cien del servidor."""
    fondo = base.motor_directo.pool
    if isinstance(fondo, QueuePool) and fondo.checkedin() > CONEXIONES_EN_REPOSO:
        base.motor_directo.dispose()


@pytest.fixture(scope="session")
def app(url_base: str):  # type: ignore[no-untyped-def]
    """Aplicación sobre la base del proceso."""
    from tareas.aplicacion import crear_aplicacion

    aplicacion = crear_aplicacion(
        url_base, TESTING=True, PROPAGATE_EXCEPTIONS=False, SECRET_KEY="pruebas", CONEXIONES=16
    )
    yield aplicacion
    aplicacion.extensions["tequio_bd"].cerrar()


@pytest.fixture
def cliente(app, bd: BaseDeDatos) -> Iterator[FlaskClient]:  # type: ignore[no-untyped-def]
    """Cliente sin cuenta."""
    yield app.test_client()
    soltar_las_de_sobra(app.extensions["tequio_bd"])


@pytest.fixture
def elenco(bd: BaseDeDatos):  # type: ignore[no-untyped-def]
    """Un municipio, un proyecto publicado de 3 × 3 tareas y una persona de cada papel."""
    from tests.fabrica import sembrar_elenco

    return sembrar_elenco(bd)


@pytest.fixture
def entrar(app, bd: BaseDeDatos):  # type: ignore[no-untyped-def]
    """``entrar(persona)`` da un cliente con la sesión de esa persona en la cabecera ``Authorization``."""
    from tests.fabrica import abrir_sesion

    def _entrar(persona_id: int | None) -> FlaskClient:
        cliente = app.test_client()
        if persona_id is not None:
            cliente.environ_base["HTTP_AUTHORIZATION"] = "Bearer " + abrir_sesion(bd, persona_id)
        return cliente

    yield _entrar
    soltar_las_de_sobra(app.extensions["tequio_bd"])
