"""Entorno de Alembic: la URL llega por configuración o por TEQUIO_BASE_DE_DATOS; los modelos, de ``tareas.modelos``."""

import os
from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, create_engine, pool

from tareas.comun.bd import VARIABLE, url_sqlalchemy
from tareas.modelos import METADATOS


def incluir(objeto: Any, nombre: str | None, tipo: str, reflejado: bool, comparado: Any) -> bool:
    """Deja fuera lo que es de PostGIS."""
    return bool(alembic_helpers.include_object(objeto, nombre, tipo, reflejado, comparado))


def correr(conexion: Connection) -> None:
    """Corre las migraciones en una sola transacción: todas o ninguna."""
    context.configure(
        connection=conexion,
        target_metadata=METADATOS,
        include_object=incluir,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


conexion_dada = context.config.attributes.get("connection")
if conexion_dada is not None:
    correr(conexion_dada)
else:
    url = context.config.get_main_option("sqlalchemy.url") or os.environ[VARIABLE]
    motor = create_engine(url_sqlalchemy(url), poolclass=pool.NullPool)
    with motor.connect() as conexion:
        correr(conexion)
        conexion.commit()
