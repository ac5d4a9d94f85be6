"""Tablas de los objetos de OpenStreetMap que guardamos."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Entero, Id, Momento, Texto


class Metadatos:
    """Quién, cuándo y en qué conjunto de cambios hizo esta versión; ``NULL`` si el archivo no lo dice."""

    version: Mapped[int | None] = mapped_column(Integer)
    cuando: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    uid: Mapped[int | None] = mapped_column(BigInteger)
    usuario: Mapped[str | None] = mapped_column(Text)
    conjunto: Mapped[int | None] = mapped_column(BigInteger)
    etiquetas: Mapped[dict[str, str] | None] = mapped_column(JSONB)


class OsmNodo(Metadatos, Base):
    """Todos los nodos, con o sin etiquetas; grados EPSG:4326."""

    __tablename__ = "osm_nodo"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    lon: Mapped[float] = mapped_column(Double)
    lat: Mapped[float] = mapped_column(Double)
    __table_args__ = (CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name="en_el_mundo"),)


class OsmVia(Metadatos, Base):
    """Vías y los nodos por los que pasan, en orden."""

    __tablename__ = "osm_via"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    nodos: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    # Los nodos de una vía suelen ser consecutivos: por cubetas de 32 el índice ocupa la quinta parte.
    __table_args__ = (
        Index(
            "osm_via_nodos_idx",
            text("osm_cubetas(nodos)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )


class OsmRelacion(Metadatos, Base):
    """Relaciones; cada miembro es tipo e id juntos (``w123``) y su papel va en el mismo lugar de ``roles``."""

    __tablename__ = "osm_relacion"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    miembros: Mapped[list[str]] = mapped_column(ARRAY(Text))
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    __table_args__ = (
        CheckConstraint("cardinality(miembros) = cardinality(roles)", name="miembros_con_rol"),
        Index("osm_relacion_miembros_idx", "miembros", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )


class OsmObjeto(Metadatos, Base):
    """Lo que se dibuja y se cuenta, derivado de las tablas de nodos, vías y relaciones: se puede rehacer entero.

    ``tipo`` es ``n``, ``w`` o ``r``. Nodos con etiquetas: Point. Vías: LineString, o Polygon si son áreas. Relaciones
    ``multipolygon`` y ``boundary``: Polygon o MultiPolygon. ``zoom``: desde dónde sale en el mapa base. ``centro`` dice
    dónde cuenta un edificio; ``metros``, lo que mide entera una calle.
    """

    __tablename__ = "osm_objeto"
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
        PrimaryKeyConstraint("tipo", "id"),
        CheckConstraint("tipo IN ('n', 'w', 'r')", name="tipo_conocido"),
        CheckConstraint(
            "clase IN ('edificio', 'via', 'tren', 'agua', 'suelo', 'servicio', 'lugar', 'limite', 'otro')",
            name="clase_conocida",
        ),
        Index("osm_objeto_geom_idx", "geom", postgresql_using="gist"),
        Index("osm_objeto_via_idx", "geom", postgresql_using="gist", postgresql_where=text("clase = 'via'")),
        Index(
            "osm_objeto_edificio_idx", "centro", postgresql_using="gist", postgresql_where=text("clase = 'edificio'")
        ),
        Index("osm_objeto_lejos_idx", "geom", postgresql_using="gist", postgresql_where=text("zoom < 12")),
        Index("osm_objeto_limite_idx", "tipo", "id", postgresql_where=text("clase = 'limite'")),
    )


class OsmSinArmar(Base):
    """Objetos que hoy no tienen la geometría que les toca, y por qué (motivos en `geo.osm.objetos.SinArmar`)."""

    __tablename__ = "osm_sin_armar"
    tipo: Mapped[Texto]
    id: Mapped[Entero]
    motivo: Mapped[Texto]
    faltan: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    cuantos: Mapped[int] = mapped_column(Integer)
    __table_args__ = (PrimaryKeyConstraint("tipo", "id"),)


class OsmBorrado(Metadatos, Base):
    """Objetos que un cambio borró: quién y cuándo, y cómo eran. Impide que un cambio más viejo los reviva."""

    __tablename__ = "osm_borrado"
    tipo: Mapped[Texto]
    id: Mapped[Entero]
    geom: Mapped[str | None] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    __table_args__ = (
        PrimaryKeyConstraint("tipo", "id"),
        Index("osm_borrado_geom_idx", "geom", postgresql_using="gist"),
    )


class OsmImportacion(Base):
    """Cada archivo importado o aplicado, y cada cambio seguido que dejó algo distinto.

    La ``version`` de la última fila es la de los datos: sube si algo cambió. ``fuente`` es el mundo de donde salen:
    ``osm``, o la dirección de un aula. ``momento`` dice hasta cuándo llegan; ``url`` y ``secuencia``, qué flujo los
    continúa, si el archivo lo trae.
    """

    __tablename__ = "osm_importacion"
    id: Mapped[Id]
    archivo: Mapped[Texto]
    modo: Mapped[Texto]
    fuente: Mapped[str] = mapped_column(Text, server_default="osm")
    url: Mapped[str | None] = mapped_column(Text)
    secuencia: Mapped[int | None] = mapped_column(BigInteger)
    momento: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    empezo: Mapped[Momento]
    termino: Mapped[Momento]
    version: Mapped[Entero]
    cambio: Mapped[bool] = mapped_column(Boolean)
    cifras: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (CheckConstraint("modo IN ('importar', 'aplicar', 'seguir')", name="modo_conocido"),)


CLASES = "'edificio', 'via', 'tren', 'agua', 'suelo', 'servicio', 'lugar', 'limite', 'otro'"


class OsmCambio(Base):
    """Cada versión que se vio pasar, con cómo quedó y cómo estaba: de aquí sale la evidencia de lo mapeado.

    ``origen`` 0 son los datos de verdad; otro número, el aula de ese id. Acción «forma»: cambió de forma sin versión
    nueva, porque ``uid`` movió un nodo de la vía o cambió una vía de la relación; ``causa`` dice qué versión fue
    (``n5v2``) y ``version`` es la que ya tenía. ``clase`` y ``geom`` son ``NULL`` en un nodo
    sin etiquetas que sólo es vértice (``geom`` sí va), en lo borrado y en lo que no se pudo armar. Lo que llega sin
    número de versión no se anota. Un borrado que repite la última versión (así lo cuentan los extractos) no dice quién
    borró: va sin ``uid``.
    """

    __tablename__ = "osm_cambio"
    id: Mapped[Id]
    origen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    tipo: Mapped[Texto]
    osm_id: Mapped[Entero]
    version: Mapped[int] = mapped_column(Integer)
    accion: Mapped[Texto]
    causa: Mapped[str] = mapped_column(Text, server_default="")
    uid: Mapped[int | None] = mapped_column(BigInteger)
    cuando: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    conjunto: Mapped[int | None] = mapped_column(BigInteger)
    clase: Mapped[str | None] = mapped_column(Text)
    clase_antes: Mapped[str | None] = mapped_column(Text)
    etiquetas: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    etiquetas_antes: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    geom: Mapped[str | None] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    geom_antes: Mapped[str | None] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    __table_args__ = (
        UniqueConstraint("origen", "tipo", "osm_id", "version", "accion", "causa", name="osm_cambio_version_unica"),
        CheckConstraint("tipo IN ('n', 'w', 'r')", name="tipo_conocido"),
        CheckConstraint("accion IN ('crear', 'modificar', 'borrar', 'forma')", name="accion_conocida"),
        CheckConstraint(
            "(accion = 'forma') = (causa <> '') "
            "AND (accion <> 'forma' OR (geom IS NOT NULL AND geom_antes IS NOT NULL))",
            name="forma_con_causa",
        ),
        CheckConstraint(f"clase IN ({CLASES}) AND clase_antes IN ({CLASES})", name="clase_conocida"),
        Index("osm_cambio_origen_uid_cuando_idx", "origen", "uid", "cuando"),
    )


class OsmConjunto(Base):
    """Conjunto de cambios: quién, cuándo y con qué etiquetas; ``caja`` [oeste, sur, este, norte] en grados."""

    __tablename__ = "osm_conjunto"
    origen: Mapped[int] = mapped_column(BigInteger, server_default="0", primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    uid: Mapped[int | None] = mapped_column(BigInteger)
    usuario: Mapped[str | None] = mapped_column(Text)
    abierto: Mapped[Momento]
    cerrado: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cambios: Mapped[int] = mapped_column(Integer, server_default="0")
    caja: Mapped[list[float] | None] = mapped_column(ARRAY(Double))
    etiquetas: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    __table_args__ = (Index("osm_conjunto_origen_uid_abierto_idx", "origen", "uid", "abierto"),)


class OsmFlujo(Base):
    """Un flujo de replicación que se sigue, y hasta dónde va: ``momento`` es el de los datos ya aplicados.

    ``inicio``: la secuencia de los datos con que se empezó; ahí se vuelve si la ``zona`` crece. ``zona`` ``NULL`` es el
    mundo entero. ``fallos`` cuenta los seguidos; ``error`` es el último mensaje, en español; ``error_datos``
    {plantilla, datos} sirve para traducirlo.
    """

    __tablename__ = "osm_flujo"
    id: Mapped[Id]
    url: Mapped[Texto]
    clase: Mapped[str] = mapped_column(Text, server_default="objetos")
    fuente: Mapped[str] = mapped_column(Text, server_default="osm")
    registrado: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    todo: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    margen_m: Mapped[float] = mapped_column(Double, server_default="5000")
    inicio: Mapped[int | None] = mapped_column(BigInteger)
    secuencia: Mapped[int | None] = mapped_column(BigInteger)
    momento: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    zona_clave: Mapped[str | None] = mapped_column(Text)
    zona: Mapped[str | None] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    intento: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    avanzo: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fallos: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[str | None] = mapped_column(Text)
    error_datos: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    __table_args__ = (
        UniqueConstraint("url", name="osm_flujo_url_unica"),
        CheckConstraint("clase IN ('objetos', 'conjuntos')", name="clase_conocida"),
        CheckConstraint("secuencia >= 0 AND inicio >= 0", name="secuencia_natural"),
        CheckConstraint("margen_m BETWEEN 0 AND 100000", name="margen_razonable"),
    )
