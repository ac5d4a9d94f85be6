"""Tablas de municipios."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Computed,
    Double,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Id, Texto


class Municipio(Base):
    """Municipio (o parroquia, cantón, distrito…) con su límite en EPSG:4326."""

    __tablename__ = "municipio"
    id: Mapped[Id]
    clave: Mapped[Texto]
    nombre: Mapped[Texto]
    entidad: Mapped[str] = mapped_column(Text, server_default="")
    pais: Mapped[str] = mapped_column(Text, server_default="MX")
    poblacion: Mapped[int | None] = mapped_column(Integer)
    zona_horaria: Mapped[str] = mapped_column(Text, server_default="America/Mexico_City")
    limite: Mapped[str] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    caja: Mapped[list[float]] = mapped_column(
        ARRAY(Double),
        Computed("ARRAY[ST_XMin(limite), ST_YMin(limite), ST_XMax(limite), ST_YMax(limite)]", persisted=True),
    )
    area_m2: Mapped[float] = mapped_column(Double)
    huella: Mapped[bytes] = mapped_column(LargeBinary)
    fuente: Mapped[str] = mapped_column(Text, server_default="")
    ficticio: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    texto_busqueda: Mapped[str] = mapped_column(
        Text, Computed("sin_acentos(nombre || ' ' || entidad || ' ' || clave)", persisted=True)
    )
    actualizado: Mapped[Ahora]
    __table_args__ = (
        UniqueConstraint("clave", name="municipio_clave_unica"),
        CheckConstraint("char_length(nombre) BETWEEN 1 AND 200", name="nombre_largo"),
        CheckConstraint("char_length(clave) BETWEEN 1 AND 60", name="clave_larga"),
        Index("municipio_limite_idx", "limite", postgresql_using="gist"),
        Index(
            "municipio_texto_busqueda_idx",
            "texto_busqueda",
            postgresql_using="gin",
            postgresql_ops={"texto_busqueda": "gin_trgm_ops"},
        ),
    )
