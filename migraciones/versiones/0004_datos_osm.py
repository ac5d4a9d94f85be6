"""Objetos de OpenStreetMap: crudos, derivados, y las cifras de una zona."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

GIN = {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}}
CLASES = "'edificio', 'via', 'tren', 'agua', 'suelo', 'servicio', 'lugar', 'limite', 'otro'"

CUBETAS = """
CREATE FUNCTION osm_cubetas(nodos bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT array_agg(DISTINCT nodo >> 5) FROM unnest(nodos) AS nodo $$
"""

# La zona se corre una fracción de milímetro, siempre la misma: una calle o un edificio justo en el borde común de dos
# tareas (las coordenadas de OSM tienen siete decimales) cae así en una sola, y las tareas suman lo que su área entera.
CIFRAS = """
CREATE FUNCTION osm_cifras(zona geometry, OUT edificios integer, OUT metros_vias real)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    corrida geometry := ST_Translate(zona, 3.1415926e-9, 2.7182818e-9);
BEGIN
    SELECT count(*) INTO edificios FROM osm_objeto o
     WHERE o.clase = 'edificio' AND o.centro && corrida AND ST_Intersects(corrida, o.centro);
    -- Una calle que repasa un tramo cuenta las dos veces; la intersección entera lo fundiría en uno.
    SELECT coalesce(sum(CASE
             WHEN ST_Covers(corrida, o.geom) THEN o.metros
             WHEN ST_IsSimple(o.geom) THEN ST_Length(ST_Intersection(o.geom, corrida)::geography)
             ELSE (SELECT sum(ST_Length(ST_Intersection(tramo.geom, corrida)::geography))
                     FROM ST_DumpSegments(o.geom) AS tramo WHERE tramo.geom && corrida) END), 0) INTO metros_vias
      FROM osm_objeto o
     WHERE o.clase = 'via' AND o.geom && corrida AND ST_Intersects(corrida, o.geom);
END $$
"""


def metadatos() -> list[sa.Column]:
    """Columnas comunes a todo objeto."""
    return [
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("cuando", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("usuario", sa.Text(), nullable=True),
        sa.Column("conjunto", sa.BigInteger(), nullable=True),
        sa.Column("etiquetas", postgresql.JSONB(), nullable=True),
    ]


def geometria(nombre: str, tipo: str = "GEOMETRY", *extra: sa.Computed, nullable: bool) -> sa.Column:
    """Columna de geometría en EPSG:4326, sin índice propio."""
    forma = Geometry(tipo, srid=4326, spatial_index=False, nullable=nullable)
    return sa.Column(nombre, forma, *extra, nullable=nullable)


def upgrade() -> None:
    op.execute(CUBETAS)
    op.create_table(
        "osm_nodo",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        *metadatos(),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("osm_nodo_en_el_mundo")),
        sa.PrimaryKeyConstraint("id", name="osm_nodo_pk"),
    )
    op.create_table(
        "osm_via",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *metadatos(),
        sa.Column("nodos", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="osm_via_pk"),
    )
    op.create_index("osm_via_nodos_idx", "osm_via", [sa.text("osm_cubetas(nodos)")], **GIN)
    op.create_table(
        "osm_relacion",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *metadatos(),
        sa.Column("miembros", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("cardinality(miembros) = cardinality(roles)", name=op.f("osm_relacion_miembros_con_rol")),
        sa.PrimaryKeyConstraint("id", name="osm_relacion_pk"),
    )
    op.create_index("osm_relacion_miembros_idx", "osm_relacion", ["miembros"], **GIN)
    centro = sa.Computed("CASE WHEN clase = 'edificio' THEN st_pointonsurface(geom) END", persisted=True)
    metros = sa.Computed("CASE WHEN clase = 'via' THEN st_length(geom::geography) END", persisted=True)
    op.create_table(
        "osm_objeto",
        sa.Column("tipo", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        *metadatos(),
        sa.Column("clase", sa.Text(), nullable=False),
        sa.Column("zoom", sa.SmallInteger(), nullable=True),
        geometria("geom", nullable=False),
        geometria("centro", "POINT", centro, nullable=True),
        sa.Column("metros", sa.Double(), metros, nullable=True),
        sa.CheckConstraint("tipo IN ('n', 'w', 'r')", name=op.f("osm_objeto_tipo_conocido")),
        sa.CheckConstraint(f"clase IN ({CLASES})", name=op.f("osm_objeto_clase_conocida")),
        sa.PrimaryKeyConstraint("tipo", "id", name="osm_objeto_pk"),
    )
    for nombre, columna, donde in (
        ("geom", "geom", None),
        ("via", "geom", "clase = 'via'"),
        ("edificio", "centro", "clase = 'edificio'"),
        ("lejos", "geom", "zoom < 12"),
    ):
        filtro = sa.text(donde) if donde else None
        indice = f"osm_objeto_{nombre}_idx"
        op.create_index(indice, "osm_objeto", [columna], postgresql_using="gist", postgresql_where=filtro)
    op.create_index("osm_objeto_limite_idx", "osm_objeto", ["tipo", "id"], postgresql_where=sa.text("clase = 'limite'"))
    op.create_table(
        "osm_sin_armar",
        sa.Column("tipo", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("faltan", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("cuantos", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tipo", "id", name="osm_sin_armar_pk"),
    )
    op.create_table(
        "osm_borrado",
        sa.Column("tipo", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        *metadatos(),
        geometria("geom", nullable=True),
        sa.PrimaryKeyConstraint("tipo", "id", name="osm_borrado_pk"),
    )
    op.create_index("osm_borrado_geom_idx", "osm_borrado", ["geom"], postgresql_using="gist")
    op.create_table(
        "osm_importacion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("archivo", sa.Text(), nullable=False),
        sa.Column("modo", sa.Text(), nullable=False),
        sa.Column("empezo", sa.DateTime(timezone=True), nullable=False),
        sa.Column("termino", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("cambio", sa.Boolean(), nullable=False),
        sa.Column("cifras", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("modo IN ('importar', 'aplicar')", name=op.f("osm_importacion_modo_conocido")),
        sa.PrimaryKeyConstraint("id", name="osm_importacion_pk"),
    )
    op.execute(CIFRAS)


def downgrade() -> None:
    op.execute("DROP FUNCTION osm_cifras(geometry)")
    for tabla in ("importacion", "borrado", "sin_armar", "objeto", "relacion", "via", "nodo"):
        op.drop_table(f"osm_{tabla}")
    op.execute("DROP FUNCTION osm_cubetas(bigint[])")
