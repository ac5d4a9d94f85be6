"""Tablas de proyectos y tareas."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Corto, Id, Texto


class Proyecto(Base):
    """Área de estudio de un municipio, partida en tareas.

    ``tareas_total`` es el número de la última; ``divididas``, cuántas se reemplazaron por otras y ya no se trabajan.
    ``desplazamiento`` son los metros al este y al norte que se corre la imagen para que caiga en su lugar.
    """

    __tablename__ = "proyecto"
    id: Mapped[Id]
    municipio_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("municipio.id"))
    nombre: Mapped[Texto]
    descripcion: Mapped[str] = mapped_column(Text, server_default="")
    instrucciones: Mapped[str] = mapped_column(Text, server_default="")
    estado: Mapped[str] = mapped_column(Text, server_default="borrador")
    visibilidad: Mapped[str] = mapped_column(Text, server_default="publica")
    area: Mapped[str] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    caja: Mapped[list[float]] = mapped_column(
        ARRAY(Double), Computed("ARRAY[ST_XMin(area), ST_YMin(area), ST_XMax(area), ST_YMax(area)]", persisted=True)
    )
    area_m2: Mapped[float] = mapped_column(Double)
    division: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    dividido: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    prioridad: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    imagenes: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    comentario_conjunto: Mapped[str] = mapped_column(Text, server_default="")
    etiquetas_conjunto: Mapped[str] = mapped_column(Text, server_default="")
    minutos_bloqueo: Mapped[int] = mapped_column(Integer, server_default="120")
    servidor_osm: Mapped[str] = mapped_column(Text, server_default="osm")
    aula_id: Mapped[int | None] = mapped_column(BigInteger)
    editores: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    editores_ocultos: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    presets: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    desplazamiento: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    tareas_total: Mapped[int] = mapped_column(Integer, server_default="0")
    divididas: Mapped[int] = mapped_column(Integer, server_default="0")
    version_osm: Mapped[int | None] = mapped_column(BigInteger)
    creado_por: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("persona.id"))
    creado: Mapped[Ahora]
    publicado: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    archivado: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    texto_busqueda: Mapped[str] = mapped_column(
        Text, Computed("sin_acentos(nombre || ' ' || descripcion)", persisted=True)
    )
    __table_args__ = (
        CheckConstraint("char_length(nombre) BETWEEN 3 AND 200", name="nombre_largo"),
        CheckConstraint(
            "char_length(descripcion) <= 20000 AND char_length(instrucciones) <= 20000", name="texto_largo"
        ),
        CheckConstraint("estado IN ('borrador', 'publicado', 'archivado')", name="estado_conocido"),
        CheckConstraint("visibilidad IN ('publica', 'privada')", name="visibilidad_conocida"),
        CheckConstraint("minutos_bloqueo BETWEEN 5 AND 1440", name="minutos_bloqueo_razonables"),
        CheckConstraint("tareas_total BETWEEN 0 AND 200000", name="tareas_maximas"),
        CheckConstraint("divididas BETWEEN 0 AND tareas_total", name="divididas_de_las_suyas"),
        CheckConstraint("servidor_osm ~ '^[a-z0-9][a-z0-9_-]{0,39}$'", name="servidor_osm_valido"),
        CheckConstraint("aula_id IS NULL OR servidor_osm = 'practica'", name="aula_solo_en_practica"),
        # También decide si un aula se puede borrar: la llave de abajo dejaría sin ella a un proyecto abierto.
        CheckConstraint(
            "estado <> 'publicado' OR servidor_osm <> 'practica' OR aula_id IS NOT NULL", name="publicado_con_aula"
        ),
        CheckConstraint(
            "desplazamiento IS NULL OR (cardinality(desplazamiento) = 2 "
            "AND desplazamiento[1] BETWEEN -1000 AND 1000 AND desplazamiento[2] BETWEEN -1000 AND 1000)",
            name="desplazamiento_valido",
        ),
        # El aula es del mismo municipio; si se borra, el proyecto se queda sin aula y no pasa a editar en otro lado.
        ForeignKeyConstraint(
            ["aula_id", "municipio_id"],
            ["aula.id", "aula.municipio_id"],
            name="proyecto_aula_de_su_municipio",
            ondelete="SET NULL (aula_id)",
        ),
        Index("proyecto_municipio_id_idx", "municipio_id"),
        Index("proyecto_area_idx", "area", postgresql_using="gist"),
        Index(
            "proyecto_texto_busqueda_idx",
            "texto_busqueda",
            postgresql_using="gin",
            postgresql_ops={"texto_busqueda": "gin_trgm_ops"},
        ),
    )


class Tarea(Base):
    """Una pieza del área. Su geometría no cambia después de publicar: cambiar el área de un borrador las hace de nuevo.

    ``numero`` va de 1 a ``tareas_total``, en orden de Morton; las que salen de partir, juntar o corregir siguen
    después, y su ``celda`` es la de la tarea de la que más tienen.
    """

    __tablename__ = "tarea"
    proyecto_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("proyecto.id", ondelete="CASCADE"), primary_key=True
    )
    numero: Mapped[int] = mapped_column(Integer, primary_key=True)
    municipio_id: Mapped[int] = mapped_column(BigInteger)
    celda: Mapped[int] = mapped_column(BigInteger)
    geom: Mapped[str] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    area_m2: Mapped[float] = mapped_column(REAL)
    estado: Mapped[Corto] = mapped_column(SmallInteger, server_default="0")
    prioridad: Mapped[Corto] = mapped_column(SmallInteger, server_default="0")
    reservada_a: Mapped[int | None] = mapped_column(BigInteger)
    reservada_hasta: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    edificios_al_publicar: Mapped[int | None] = mapped_column(Integer)
    metros_vias_al_publicar: Mapped[float | None] = mapped_column(REAL)
    __table_args__ = (
        CheckConstraint("estado BETWEEN 0 AND 5", name="estado_conocido"),
        CheckConstraint("numero >= 1", name="numero_positivo"),
        CheckConstraint("prioridad BETWEEN -100 AND 100", name="prioridad_razonable"),
        Index(
            "tarea_con_prioridad_idx",
            "proyecto_id",
            "prioridad",
            "numero",
            postgresql_where=text("prioridad <> 0"),
        ),
        Index("tarea_geom_idx", "geom", postgresql_using="gist"),
        {"postgresql_with": {"fillfactor": "85"}},
    )


class CambioDePrioridad(Base):
    """Quién puso qué prioridad a qué tareas, y cuándo. Sólo se agrega; se va con su proyecto.

    Los números de antes de ``proyecto.dividido`` son de otra división.
    """

    __tablename__ = "cambio_prioridad"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    proyecto_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("proyecto.id", ondelete="CASCADE"))
    version: Mapped[int] = mapped_column(Integer)
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id"))
    cuando: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("ahora()"))
    prioridad: Mapped[int] = mapped_column(SmallInteger)
    numeros: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    __table_args__ = (
        CheckConstraint("cardinality(numeros) > 0", name="con_tareas"),
        CheckConstraint("prioridad BETWEEN -100 AND 100", name="razonable"),
        Index("cambio_prioridad_proyecto_id_id_idx", "proyecto_id", "id"),
    )
