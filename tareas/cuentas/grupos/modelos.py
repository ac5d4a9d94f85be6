"""Tablas de los grupos."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Id, Texto


class Grupo(Base):
    """Personas de un municipio que se miran juntas. No da ningún permiso."""

    __tablename__ = "grupo"
    id: Mapped[Id]
    municipio_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("municipio.id", ondelete="CASCADE"))
    nombre: Mapped[Texto]
    creado_por: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="SET NULL"))
    creado: Mapped[Ahora]
    archivado: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        CheckConstraint(r"char_length(nombre) BETWEEN 1 AND 80 AND nombre ~ '\S'", name="nombre_largo"),
        Index("grupo_nombre_unico", "municipio_id", text("lower(nombre)"), unique=True),
    )


class GrupoPersona(Base):
    """Quién está en un grupo, y desde cuándo."""

    __tablename__ = "grupo_persona"
    grupo_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("grupo.id", ondelete="CASCADE"), primary_key=True)
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"), primary_key=True)
    desde: Mapped[Ahora]
    __table_args__ = (Index("grupo_persona_persona_id_idx", "persona_id"),)
