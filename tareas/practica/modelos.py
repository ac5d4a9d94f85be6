"""Tablas de las aulas y de lo que en ellas se edita."""

from datetime import datetime

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Entero, Id, Momento, Texto

IDS = Sequence("practica_id", start=1_000_000_000_000, metadata=Base.metadata)
"""Identificadores de lo que se crea en las aulas: no se confunden con los que se copian de OpenStreetMap."""


class Aula(Base):
    """Un mundo de práctica, apartado de los demás y de los datos de verdad. ``armada``: ya tiene sus objetos.

    Uno público lo lee cualquiera, como OpenStreetMap; uno privado, quien tiene un papel en su municipio o ve un
    proyecto que lo usa. Escribe quien lo ve y tiene cuenta. ``mapa`` es la versión de lo que de ella se dibuja: sube
    con cada guardado (`tareas.practica.mapa`).
    """

    __tablename__ = "aula"
    id: Mapped[Id]
    municipio_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("municipio.id"))
    nombre: Mapped[Texto]
    estado: Mapped[str] = mapped_column(Text, server_default="abierta")
    visibilidad: Mapped[str] = mapped_column(Text, server_default="publica")
    fuente: Mapped[str] = mapped_column(Text, server_default="")
    area: Mapped[str | None] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    creada_por: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("persona.id"))
    creada: Mapped[Ahora]
    armada: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    mapa: Mapped[int] = mapped_column(BigInteger, server_default="0")
    __table_args__ = (
        CheckConstraint("char_length(nombre) BETWEEN 3 AND 120", name="nombre_largo"),
        CheckConstraint("estado IN ('abierta', 'congelada')", name="estado_conocido"),
        CheckConstraint("visibilidad IN ('publica', 'privada')", name="visibilidad_conocida"),
        UniqueConstraint("id", "municipio_id", name="aula_id_de_municipio"),
        Index("aula_municipio_id_idx", "municipio_id"),
    )


class PracticaObjeto(Base):
    """Lo que hoy se ve y se cuenta en un aula, derivado de sus elementos como ``osm_objeto``: se puede rehacer entero.

    Los límites no se guardan. ``zoom`` es desde dónde sale en el mapa base; ``NULL``, nunca.
    """

    __tablename__ = "practica_objeto"
    aula_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("aula.id", name="practica_objeto_aula_id_fk", ondelete="CASCADE")
    )
    tipo: Mapped[Texto]
    id: Mapped[Entero]
    clase: Mapped[Texto]
    zoom: Mapped[int | None] = mapped_column(SmallInteger)
    geom: Mapped[str] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    centro: Mapped[str | None] = mapped_column(
        Geometry("POINT", srid=4326, spatial_index=False),
        Computed("CASE WHEN clase = 'edificio' THEN st_pointonsurface(geom) END", persisted=True),
    )
    metros: Mapped[float | None] = mapped_column(
        Double, Computed("CASE WHEN clase = 'via' THEN st_length(geom::geography) END", persisted=True)
    )
    __table_args__ = (
        PrimaryKeyConstraint("aula_id", "tipo", "id"),
        CheckConstraint("tipo IN ('n', 'w', 'r')", name="tipo_conocido"),
        CheckConstraint(
            "clase IN ('edificio', 'via', 'tren', 'agua', 'suelo', 'servicio', 'lugar', 'otro')", name="clase_conocida"
        ),
        Index(
            "practica_objeto_lugar_idx",
            # Con gist_geometry_ops_nd, que sabe de tres dimensiones; lo dice la migración.
            text("st_force3dz(geom, aula_id::double precision)"),
            postgresql_using="gist",
        ),
    )


class PracticaConjunto(Base):
    """Conjunto de cambios de un aula. La caja va en diezmillonésimas de grado; ``NULL`` si aún no tiene cambios."""

    __tablename__ = "practica_conjunto"
    id: Mapped[Id]
    aula_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("aula.id", ondelete="CASCADE"))
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id"))
    abierto: Mapped[Ahora]
    ultimo: Mapped[Ahora]
    cerrado: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cambios: Mapped[int] = mapped_column(Integer, server_default="0")
    oeste: Mapped[int | None] = mapped_column(Integer)
    sur: Mapped[int | None] = mapped_column(Integer)
    este: Mapped[int | None] = mapped_column(Integer)
    norte: Mapped[int | None] = mapped_column(Integer)
    etiquetas: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    __table_args__ = (
        CheckConstraint("cambios BETWEEN 0 AND 10000", name="cambios_maximos"),
        Index("practica_conjunto_aula_id_persona_id_idx", "aula_id", "persona_id"),
    )


class PracticaElemento(Base):
    """Todas las versiones de todo nodo (``n``), vía (``w``) y relación (``r``) de cada aula.

    ``actual`` marca la última versión; ``semilla``, lo que se copió al crear el aula. ``lon`` y ``lat`` van en
    diezmillonésimas de grado. Cada miembro es tipo e id juntos (``w123``) y su papel va en el mismo lugar de ``roles``.
    ``uid`` y ``usuario`` son los de la persona en Tequio; los de la semilla, los de quien creó el aula. ``tx`` es la
    transacción que la escribió: dice en qué archivo de la replicación sale.
    """

    __tablename__ = "practica_elemento"
    aula_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("aula.id", ondelete="CASCADE"))
    tipo: Mapped[Texto]
    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer, autoincrement=False)
    actual: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    semilla: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    visible: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    conjunto: Mapped[Entero]
    cuando: Mapped[Ahora]
    uid: Mapped[Entero]
    usuario: Mapped[Texto]
    etiquetas: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    lon: Mapped[int | None] = mapped_column(Integer)
    lat: Mapped[int | None] = mapped_column(Integer)
    nodos: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    miembros: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    roles: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    tx: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    __table_args__ = (
        PrimaryKeyConstraint("aula_id", "tipo", "id", "version", name="practica_elemento_version_unica"),
        CheckConstraint("tipo IN ('n', 'w', 'r')", name="tipo_conocido"),
        CheckConstraint("version >= 1", name="version_positiva"),
        CheckConstraint(
            "lon BETWEEN -1800000000 AND 1800000000 AND lat BETWEEN -900000000 AND 900000000", name="en_el_mundo"
        ),
        CheckConstraint(
            "(lon IS NOT NULL AND lat IS NOT NULL) = (tipo = 'n') AND (nodos IS NOT NULL) = (tipo = 'w') "
            "AND (miembros IS NOT NULL AND roles IS NOT NULL) = (tipo = 'r')",
            name="segun_su_tipo",
        ),
        CheckConstraint("cardinality(miembros) = cardinality(roles)", name="miembros_con_rol"),
        Index("practica_elemento_una_actual", "aula_id", "tipo", "id", unique=True, postgresql_where=text("actual")),
        Index("practica_elemento_aula_id_conjunto_idx", "aula_id", "conjunto"),
        Index("practica_elemento_aula_id_tx_idx", "aula_id", "tx", postgresql_where=text("NOT semilla")),
        Index(
            "practica_elemento_lugar_idx",
            "aula_id",
            "lat",
            "lon",
            postgresql_where=text("tipo = 'n' AND actual AND visible"),
        ),
        Index(
            "practica_elemento_nodos_idx",
            text("practica_nodos(aula_id, nodos)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            postgresql_where=text("tipo = 'w' AND actual AND visible"),
        ),
        Index(
            "practica_elemento_miembros_idx",
            text("practica_miembros(aula_id, miembros)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            postgresql_where=text("tipo = 'r' AND actual AND visible"),
        ),
    )


class PracticaDiferencia(Base):
    """Un archivo de la replicación de un aula: lo que escribieron las transacciones de ``tx_desde`` a antes de
    ``tx_hasta``. La secuencia 0 es la copia inicial.
    """

    __tablename__ = "practica_diferencia"
    aula_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("aula.id", ondelete="CASCADE"))
    secuencia: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    momento: Mapped[Momento]
    tx_desde: Mapped[Entero]
    tx_hasta: Mapped[Entero]
    cambios: Mapped[int] = mapped_column(Integer)
    __table_args__ = (
        CheckConstraint("tx_hasta >= tx_desde", name="tramo_en_orden"),
        PrimaryKeyConstraint("aula_id", "secuencia", name="practica_diferencia_secuencia_unica"),
    )
