"""Tablas de capacitación."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Id, Momento, Texto


class Taller(Base):
    """Un taller por venir. ``ritmo``: edificios por hora que se espera de quien empieza."""

    __tablename__ = "taller"
    id: Mapped[Id]
    municipio_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("municipio.id"))
    proyecto_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("proyecto.id", ondelete="SET NULL"))
    nombre: Mapped[Texto]
    empieza: Mapped[Momento]
    horas: Mapped[int] = mapped_column(SmallInteger, server_default="3")
    ritmo: Mapped[int] = mapped_column(SmallInteger, server_default="30")
    creado_por: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("persona.id"))
    creado: Mapped[Ahora]
    __table_args__ = (
        CheckConstraint("char_length(nombre) BETWEEN 3 AND 120", name="nombre_largo"),
        CheckConstraint("horas BETWEEN 1 AND 72", name="horas_razonables"),
        CheckConstraint("ritmo BETWEEN 1 AND 500", name="ritmo_razonable"),
        Index("taller_municipio_id_idx", "municipio_id"),
    )


class TallerPersona(Base):
    """Quien viene, como lo escribieron: su cuenta se busca al mirar, por si la crea después."""

    __tablename__ = "taller_persona"
    taller_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("taller.id", ondelete="CASCADE"))
    lugar: Mapped[int] = mapped_column(Integer, autoincrement=False)
    nombre: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        PrimaryKeyConstraint("taller_id", "lugar"),
        CheckConstraint("char_length(nombre) BETWEEN 1 AND 120", name="nombre_largo"),
        Index("taller_persona_una_vez", "taller_id", text("lower(nombre)"), unique=True),
    )
