"""La tabla de imágenes de los municipios."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Id, Texto


class ArchivoDeImagen(Base):
    """Un archivo que alguna imagen usa, o usaba hasta hace poco y todavía no se quita del disco."""

    __tablename__ = "imagen_archivo"
    archivo: Mapped[str] = mapped_column(Text, primary_key=True)


class Imagen(Base):
    """Un archivo de imágenes de un municipio, con su licencia y su permiso para trazar."""

    __tablename__ = "imagen"
    id: Mapped[Id]
    municipio_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("municipio.id"))
    nombre: Mapped[Texto]
    estado: Mapped[str] = mapped_column(Text, server_default="borrador")
    archivo: Mapped[str] = mapped_column(Text, ForeignKey("imagen_archivo.archivo", name="imagen_archivo_en_uso"))
    formato: Mapped[Texto]
    tamano: Mapped[int] = mapped_column(BigInteger)
    huella: Mapped[bytes] = mapped_column(LargeBinary)
    caja: Mapped[list[float]] = mapped_column(ARRAY(Double))
    minzoom: Mapped[int] = mapped_column(SmallInteger)
    maxzoom: Mapped[int] = mapped_column(SmallInteger)
    resolucion_m: Mapped[float] = mapped_column(REAL)
    licencia: Mapped[str] = mapped_column(Text, server_default="")
    atribucion: Mapped[str] = mapped_column(Text, server_default="")
    fecha: Mapped[date | None] = mapped_column(Date)
    permiso_trazar: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    permiso: Mapped[str] = mapped_column(Text, server_default="")
    detalle: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    creada_por: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("persona.id"))
    creada: Mapped[Ahora]
    publicada: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        UniqueConstraint("municipio_id", "huella", name="imagen_archivo_unico"),
        Index("imagen_archivo_idx", "archivo"),
        CheckConstraint(r"char_length(nombre) BETWEEN 1 AND 80 AND nombre ~ '\S'", name="nombre_largo"),
        CheckConstraint("estado IN ('borrador', 'publicada')", name="estado_conocido"),
        CheckConstraint("formato IN ('mbtiles', 'pmtiles', 'geotiff')", name="formato_conocido"),
        CheckConstraint("0 <= minzoom AND minzoom <= maxzoom AND maxzoom <= 24", name="zooms_en_orden"),
        CheckConstraint("cardinality(caja) = 4", name="caja_de_cuatro"),
        CheckConstraint(r"estado <> 'publicada' OR (permiso_trazar AND permiso ~ '\S')", name="publicada_con_permiso"),
        CheckConstraint(r"estado <> 'publicada' OR licencia ~ '\S'", name="publicada_con_licencia"),
    )
