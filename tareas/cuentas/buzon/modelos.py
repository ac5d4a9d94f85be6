"""Tablas del buzón."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Corto, Id, Texto


class Aviso(Base):
    """Algo que una persona debe saber. El texto no se guarda: se compone al mostrarlo, en su idioma.

    ``dictamen_id`` no es una llave ajena: los dictámenes son de una capa de arriba.
    """

    __tablename__ = "aviso"
    id: Mapped[Id]
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"))
    clase: Mapped[Texto]
    municipio_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("municipio.id", ondelete="CASCADE"))
    proyecto_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("proyecto.id", ondelete="CASCADE"))
    numero: Mapped[int | None]
    dictamen_id: Mapped[int | None] = mapped_column(BigInteger)
    datos: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    enlace: Mapped[Texto]
    creado: Mapped[Ahora]
    leido: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    correo: Mapped[str] = mapped_column(Text, server_default="no")
    llave: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("persona_id", "llave", name="aviso_una_vez"),
        CheckConstraint(
            "clase IN ('devuelta', 'validada', 'con_arreglos', 'disputa', 'disputa_resuelta', 'desacuerdo', "
            "'comentario')",
            name="clase_conocida",
        ),
        CheckConstraint("correo IN ('no', 'pendiente', 'puesto')", name="correo_conocido"),
        CheckConstraint(
            r"enlace ~ '^/([^/\\[:cntrl:]][^\\[:cntrl:]]*)?$' AND char_length(enlace) <= 500", name="enlace_local"
        ),
        CheckConstraint("char_length(llave) BETWEEN 1 AND 200", name="llave_larga"),
        Index("aviso_persona_id_id_idx", "persona_id", "id"),
        Index("aviso_sin_leer_idx", "persona_id", postgresql_where=text("leido IS NULL")),
        Index(
            "aviso_por_enviar_idx",
            "persona_id",
            "creado",
            postgresql_where=text("correo = 'pendiente' AND leido IS NULL"),
        ),
        Index("aviso_proyecto_id_idx", "proyecto_id"),
        Index("aviso_dictamen_id_idx", "dictamen_id"),
    )


class PersonaAvisos(Base):
    """Cómo quiere una persona sus avisos por correo. Sin fila: un resumen al día, a las 18.

    ``ultimo_resumen`` y ``ultimo_correo`` son el turno de los carteros: quien los escribe, lo manda.
    """

    __tablename__ = "persona_avisos"
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"), primary_key=True)
    correo: Mapped[str] = mapped_column(Text, server_default="resumen")
    hora: Mapped[Corto] = mapped_column(server_default="18")
    ultimo_resumen: Mapped[date | None] = mapped_column(Date)
    ultimo_correo: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        CheckConstraint("correo IN ('cada_uno', 'resumen', 'nunca')", name="correo_conocido"),
        CheckConstraint("hora BETWEEN 0 AND 23", name="hora_del_dia"),
    )
