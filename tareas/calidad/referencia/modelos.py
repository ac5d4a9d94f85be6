"""Tablas de la referencia propia de un municipio."""

from datetime import date

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Id, Texto


class Referencia(Base):
    """Un archivo de huellas de edificios que el municipio deja comparar con el mapa. Nunca se copia a OpenStreetMap.

    ``huella`` resume el archivo; ``huellas`` es cuántas se guardaron y ``omitidas``, las que no, por motivo.
    """

    __tablename__ = "referencia"
    id: Mapped[Id]
    municipio_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("municipio.id", ondelete="CASCADE"))
    nombre: Mapped[Texto]
    licencia: Mapped[Texto]
    fuente: Mapped[Texto]
    fecha: Mapped[date | None] = mapped_column(Date)
    puede_compararse: Mapped[bool] = mapped_column(Boolean)
    huella: Mapped[bytes] = mapped_column(LargeBinary)
    huellas: Mapped[int] = mapped_column(Integer)
    omitidas: Mapped[dict[str, int]] = mapped_column(JSONB)
    subida_por: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("persona.id"))
    subida: Mapped[Ahora]
    __table_args__ = (
        UniqueConstraint("municipio_id", "huella", name="referencia_archivo_unico"),
        CheckConstraint(r"char_length(nombre) BETWEEN 1 AND 80 AND nombre ~ '\S'", name="nombre_largo"),
        CheckConstraint(r"licencia ~ '\S'", name="con_licencia"),
        CheckConstraint(r"fuente ~ '\S'", name="con_fuente"),
        CheckConstraint("puede_compararse", name="con_permiso"),
    )


class ReferenciaHuella(Base):
    """Un edificio de la referencia: superficie válida, EPSG:4326. Ninguna ruta la entrega."""

    __tablename__ = "referencia_huella"
    id: Mapped[Id]
    referencia_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("referencia.id", ondelete="CASCADE"))
    geom: Mapped[str] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    __table_args__ = (
        Index("referencia_huella_geom_idx", "geom", postgresql_using="gist"),
        Index("referencia_huella_referencia_id_idx", "referencia_id"),
    )
