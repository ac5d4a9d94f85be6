"""Tablas de los hallazgos y de lo que la gente dice de ellos."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Entero, Id, Texto


class Hallazgo(Base):
    """Lo que hoy se halla en los datos de OpenStreetMap de un municipio; se puede volver a sacar entero de ellos.

    ``huella`` resume los objetos y su forma (`geo.revisiones.motor`); ``lugar`` es dónde mirar y ``forma`` qué ver, en
    EPSG:4326. ``frase`` y ``datos`` dicen la oración en cualquier idioma. ``visto`` es la primera vez que apareció.
    """

    __tablename__ = "hallazgo"
    id: Mapped[Id]
    municipio_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("municipio.id", ondelete="CASCADE"))
    codigo: Mapped[Texto]
    nivel: Mapped[int] = mapped_column(SmallInteger)
    objetos: Mapped[list[str]] = mapped_column(ARRAY(Text))
    versiones: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    lugar: Mapped[str] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    forma: Mapped[str | None] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    frase: Mapped[Texto]
    datos: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sugerencia: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    huella: Mapped[Texto]
    version_reglas: Mapped[int] = mapped_column(Integer)
    visto: Mapped[Ahora]
    __table_args__ = (
        UniqueConstraint("municipio_id", "huella", name="hallazgo_uno_por_huella"),
        CheckConstraint("nivel BETWEEN 1 AND 3", name="nivel_conocido"),
        CheckConstraint("cardinality(objetos) = cardinality(versiones)", name="objetos_con_version"),
        Index("hallazgo_lugar_idx", "lugar", postgresql_using="gist"),
        Index("hallazgo_municipio_id_codigo_idx", "municipio_id", "codigo", "id"),
        Index("hallazgo_objetos_idx", "objetos", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )


class HallazgoRespuesta(Base):
    """Si un hallazgo era un error o una falsa alarma, según una persona; sólo se agrega y vale la última de cada quien.

    Va por huella y no por hallazgo: sigue valiendo mientras los objetos no cambien, aunque los hallazgos se saquen de
    nuevo. ``origen`` es 0 o el aula.
    """

    __tablename__ = "hallazgo_respuesta"
    id: Mapped[Id]
    municipio_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("municipio.id", ondelete="CASCADE"))
    origen: Mapped[Entero]
    codigo: Mapped[Texto]
    huella: Mapped[Texto]
    respuesta: Mapped[Texto]
    nota: Mapped[str] = mapped_column(Text, server_default="")
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id"))
    version_reglas: Mapped[int] = mapped_column(Integer)
    dicha: Mapped[Ahora]
    __table_args__ = (
        CheckConstraint("respuesta IN ('error', 'falso')", name="conocida"),
        CheckConstraint("char_length(nota) <= 500", name="nota_corta"),
        Index("hallazgo_respuesta_municipio_id_huella_idx", "municipio_id", "origen", "huella", "persona_id", "id"),
        Index("hallazgo_respuesta_municipio_id_codigo_idx", "municipio_id", "codigo"),
    )


class HallazgoJustificado(Base):
    """Por qué quien mapeó entrega su tarea con un hallazgo sin arreglar; lo lee quien valida."""

    __tablename__ = "hallazgo_justificado"
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer, autoincrement=False)
    ficha: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    municipio_id: Mapped[Entero]
    huella: Mapped[Texto]
    codigo: Mapped[Texto]
    objetos: Mapped[list[str]] = mapped_column(ARRAY(Text))
    frase: Mapped[Texto]
    datos: Mapped[dict[str, Any]] = mapped_column(JSONB)
    lugar: Mapped[str] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    motivo: Mapped[Texto]
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id"))
    dicho: Mapped[Ahora]
    __table_args__ = (
        PrimaryKeyConstraint("proyecto_id", "numero", "ficha", "huella", name="hallazgo_justificado_una_vez"),
        CheckConstraint("char_length(btrim(motivo)) BETWEEN 3 AND 500", name="motivo_dicho"),
        ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name="hallazgo_justificado_tarea_existe",
            ondelete="CASCADE",
        ),
    )


class EntregaHallazgos(Base):
    """Lo que las revisiones hallaron en lo que la persona hizo en su turno, al entregarlo; lo escribe la guarda.

    Una entrega sin nada guardado en OSM no tiene fila: es como ceros. ``objetos``: cuántos creó o cambió, sin contar
    vértices; ``codigos``: cuántos hallazgos de cada código (``{"E-ESC": 3}``).
    """

    __tablename__ = "entrega_hallazgos"
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer, autoincrement=False)
    ficha: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    municipio_id: Mapped[Entero]
    objetos: Mapped[int] = mapped_column(Integer)
    nivel1: Mapped[int] = mapped_column(Integer)
    nivel2: Mapped[int] = mapped_column(Integer)
    nivel3: Mapped[int] = mapped_column(Integer)
    codigos: Mapped[dict[str, int]] = mapped_column(JSONB)
    __table_args__ = (
        PrimaryKeyConstraint("proyecto_id", "numero", "ficha", name="entrega_hallazgos_pk"),
        ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name="entrega_hallazgos_tarea_existe",
            ondelete="CASCADE",
        ),
    )


class Revision(Base):
    """La última revisión de cada municipio: hasta qué cambio de OSM llega, con qué reglas y qué no se pudo revisar.

    ``hasta_cambio`` es el id de `osm_cambio`; ``importacion``, el de `osm_importacion`: un archivo importado entero no
    anota cambios, y pide revisar todo otra vez; también si el límite (su huella) es otro. ``version_reglas`` 0: alguna
    regla se rompió.
    """

    __tablename__ = "revision"
    municipio_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("municipio.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version_reglas: Mapped[int] = mapped_column(Integer)
    hasta_cambio: Mapped[Entero]
    importacion: Mapped[Entero]
    crs: Mapped[Texto]
    limite: Mapped[bytes] = mapped_column(LargeBinary)
    hecha: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    entera: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    segundos: Mapped[float] = mapped_column(Double)
    fallas: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    omitidos: Mapped[dict[str, int]] = mapped_column(JSONB)
