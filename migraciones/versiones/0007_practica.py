"""Aulas: mundos de práctica con su propio servidor de OpenStreetMap; y en qué servidor edita cada proyecto."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Muchas aulas copian los mismos ids: las llaves de los índices llevan el aula por delante, y así buscar quién usa un nodo
# no encuentra los de las demás. Los ids caben en 44 bits (los nuevos empiezan en un billón).
CLAVES_DE_NODOS = """
CREATE FUNCTION practica_nodos(aula bigint, nodos bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT array_agg(DISTINCT (aula << 44) | nodo) FROM unnest(nodos) AS nodo $$
"""
CLAVES_DE_MIEMBROS = """
CREATE FUNCTION practica_miembros(aula bigint, miembros text[]) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT array_agg(DISTINCT aula || ':' || miembro) FROM unnest(miembros) AS miembro $$
"""
GIN = {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}}


def upgrade() -> None:
    op.create_table(
        "aula",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("estado", sa.Text(), server_default="abierta", nullable=False),
        sa.Column("visibilidad", sa.Text(), server_default="publica", nullable=False),
        sa.Column("fuente", sa.Text(), server_default="", nullable=False),
        sa.Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=True),
        sa.Column("creada_por", sa.BigInteger(), nullable=True),
        sa.Column("creada", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("char_length(nombre) BETWEEN 3 AND 120", name=op.f("aula_nombre_largo")),
        sa.CheckConstraint("estado IN ('abierta', 'congelada')", name=op.f("aula_estado_conocido")),
        sa.CheckConstraint("visibilidad IN ('publica', 'privada')", name=op.f("aula_visibilidad_conocida")),
        sa.ForeignKeyConstraint(["municipio_id"], ["municipio.id"], name="aula_municipio_id_fk"),
        sa.ForeignKeyConstraint(["creada_por"], ["persona.id"], name="aula_creada_por_fk"),
        sa.PrimaryKeyConstraint("id", name="aula_pk"),
    )
    op.create_index("aula_municipio_id_idx", "aula", ["municipio_id"])
    op.create_table(
        "practica_conjunto",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("aula_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("abierto", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("ultimo", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("cerrado", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cambios", sa.Integer(), server_default="0", nullable=False),
        sa.Column("oeste", sa.Integer(), nullable=True),
        sa.Column("sur", sa.Integer(), nullable=True),
        sa.Column("este", sa.Integer(), nullable=True),
        sa.Column("norte", sa.Integer(), nullable=True),
        sa.Column("etiquetas", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.CheckConstraint("cambios BETWEEN 0 AND 10000", name=op.f("practica_conjunto_cambios_maximos")),
        sa.ForeignKeyConstraint(["aula_id"], ["aula.id"], name="practica_conjunto_aula_id_fk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="practica_conjunto_persona_id_fk"),
        sa.PrimaryKeyConstraint("id", name="practica_conjunto_pk"),
    )
    op.create_index("practica_conjunto_aula_id_persona_id_idx", "practica_conjunto", ["aula_id", "persona_id"])
    # Todas las versiones de todo elemento. La llave hace imposible que dos personas escriban la misma versión.
    op.create_table(
        "practica_elemento",
        sa.Column("aula_id", sa.BigInteger(), nullable=False),
        sa.Column("tipo", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("actual", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("semilla", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("visible", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("conjunto", sa.BigInteger(), nullable=False),
        sa.Column("cuando", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("usuario", sa.Text(), nullable=False),
        sa.Column("etiquetas", postgresql.JSONB(), nullable=True),
        sa.Column("lon", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Integer(), nullable=True),
        sa.Column("nodos", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("miembros", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column(
            "tx", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        sa.CheckConstraint("tipo IN ('n', 'w', 'r')", name=op.f("practica_elemento_tipo_conocido")),
        sa.CheckConstraint("version >= 1", name=op.f("practica_elemento_version_positiva")),
        sa.CheckConstraint(
            "lon BETWEEN -1800000000 AND 1800000000 AND lat BETWEEN -900000000 AND 900000000",
            name=op.f("practica_elemento_en_el_mundo"),
        ),
        sa.CheckConstraint(
            "(lon IS NOT NULL AND lat IS NOT NULL) = (tipo = 'n') AND (nodos IS NOT NULL) = (tipo = 'w') "
            "AND (miembros IS NOT NULL AND roles IS NOT NULL) = (tipo = 'r')",
            name=op.f("practica_elemento_segun_su_tipo"),
        ),
        sa.CheckConstraint(
            "cardinality(miembros) = cardinality(roles)", name=op.f("practica_elemento_miembros_con_rol")
        ),
        sa.ForeignKeyConstraint(["aula_id"], ["aula.id"], name="practica_elemento_aula_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("aula_id", "tipo", "id", "version", name="practica_elemento_version_unica"),
    )
    actual = sa.text("actual")
    op.create_index(
        "practica_elemento_una_actual",
        "practica_elemento",
        ["aula_id", "tipo", "id"],
        unique=True,
        postgresql_where=actual,
    )
    op.create_index("practica_elemento_aula_id_conjunto_idx", "practica_elemento", ["aula_id", "conjunto"])
    op.create_index(
        "practica_elemento_aula_id_tx_idx",
        "practica_elemento",
        ["aula_id", "tx"],
        postgresql_where=sa.text("NOT semilla"),
    )
    op.create_table(
        "practica_diferencia",
        sa.Column("aula_id", sa.BigInteger(), nullable=False),
        sa.Column("secuencia", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("momento", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tx_desde", sa.BigInteger(), nullable=False),
        sa.Column("tx_hasta", sa.BigInteger(), nullable=False),
        sa.Column("cambios", sa.Integer(), nullable=False),
        sa.CheckConstraint("tx_hasta >= tx_desde", name=op.f("practica_diferencia_tramo_en_orden")),
        sa.ForeignKeyConstraint(["aula_id"], ["aula.id"], name="practica_diferencia_aula_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("aula_id", "secuencia", name="practica_diferencia_secuencia_unica"),
    )
    op.execute(CLAVES_DE_NODOS)
    op.execute(CLAVES_DE_MIEMBROS)
    op.create_index(
        "practica_elemento_lugar_idx",
        "practica_elemento",
        ["aula_id", "lat", "lon"],
        postgresql_where=sa.text("tipo = 'n' AND actual AND visible"),
    )
    op.create_index(
        "practica_elemento_nodos_idx",
        "practica_elemento",
        [sa.text("practica_nodos(aula_id, nodos)")],
        postgresql_where=sa.text("tipo = 'w' AND actual AND visible"),
        **GIN,
    )
    op.create_index(
        "practica_elemento_miembros_idx",
        "practica_elemento",
        [sa.text("practica_miembros(aula_id, miembros)")],
        postgresql_where=sa.text("tipo = 'r' AND actual AND visible"),
        **GIN,
    )
    op.execute("CREATE SEQUENCE practica_id START 1000000000000")
    op.add_column("proyecto", sa.Column("servidor_osm", sa.Text(), server_default="osm", nullable=False))
    op.add_column("proyecto", sa.Column("aula_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("proyecto_aula_id_fk", "proyecto", "aula", ["aula_id"], ["id"], ondelete="SET NULL")
    op.create_check_constraint(
        op.f("proyecto_servidor_osm_valido"), "proyecto", "servidor_osm ~ '^[a-z0-9][a-z0-9_-]{0,39}$'"
    )
    op.create_check_constraint(
        op.f("proyecto_aula_solo_en_practica"), "proyecto", "aula_id IS NULL OR servidor_osm = 'practica'"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("proyecto_aula_solo_en_practica"), "proyecto")
    op.drop_constraint(op.f("proyecto_servidor_osm_valido"), "proyecto")
    op.drop_constraint("proyecto_aula_id_fk", "proyecto")
    op.drop_column("proyecto", "aula_id")
    op.drop_column("proyecto", "servidor_osm")
    op.execute("DROP SEQUENCE practica_id")
    for tabla in ("practica_diferencia", "practica_elemento", "practica_conjunto", "aula"):
        op.drop_table(tabla)
    op.execute("DROP FUNCTION practica_nodos(bigint, bigint[])")
    op.execute("DROP FUNCTION practica_miembros(bigint, text[])")
