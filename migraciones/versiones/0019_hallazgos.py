"""Hallazgos de las revisiones automáticas, lo que la gente dice de ellos y hasta dónde se revisó cada municipio."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

MUNICIPIO = "municipio.id"
AHORA = sa.text("ahora()")
GIN = {"postgresql_using": "gin", "postgresql_with": {"fastupdate": "off"}}


def _geometria(clase: str) -> Geometry:
    return Geometry(clase, srid=4326, spatial_index=False)


def _momento(nombre: str, *, ahora: bool = True) -> sa.Column[object]:
    return sa.Column(nombre, sa.DateTime(timezone=True), server_default=AHORA if ahora else None, nullable=False)


def _del_municipio(tabla: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["municipio_id"], [MUNICIPIO], name=op.f(f"{tabla}_municipio_id_fk"), ondelete="CASCADE"
    )


def _de_persona(tabla: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f(f"{tabla}_persona_id_fk"))


def upgrade() -> None:
    op.create_table(
        "hallazgo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("codigo", sa.Text(), nullable=False),
        sa.Column("nivel", sa.SmallInteger(), nullable=False),
        sa.Column("objetos", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("versiones", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("lugar", _geometria("POINT"), nullable=False),
        sa.Column("forma", _geometria("GEOMETRY")),
        sa.Column("frase", sa.Text(), nullable=False),
        sa.Column("datos", postgresql.JSONB(), nullable=False),
        sa.Column("sugerencia", postgresql.JSONB()),
        sa.Column("huella", sa.Text(), nullable=False),
        sa.Column("version_reglas", sa.Integer(), nullable=False),
        _momento("visto"),
        sa.PrimaryKeyConstraint("id", name=op.f("hallazgo_pk")),
        sa.UniqueConstraint("municipio_id", "huella", name="hallazgo_uno_por_huella"),
        sa.CheckConstraint("nivel BETWEEN 1 AND 3", name=op.f("hallazgo_nivel_conocido")),
        sa.CheckConstraint("cardinality(objetos) = cardinality(versiones)", name=op.f("hallazgo_objetos_con_version")),
        _del_municipio("hallazgo"),
    )
    op.create_index("hallazgo_lugar_idx", "hallazgo", ["lugar"], postgresql_using="gist")
    op.create_index("hallazgo_municipio_id_codigo_idx", "hallazgo", ["municipio_id", "codigo", "id"])
    op.create_index("hallazgo_objetos_idx", "hallazgo", ["objetos"], **GIN)
    op.create_table(
        "hallazgo_respuesta",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("origen", sa.BigInteger(), nullable=False),
        sa.Column("codigo", sa.Text(), nullable=False),
        sa.Column("huella", sa.Text(), nullable=False),
        sa.Column("respuesta", sa.Text(), nullable=False),
        sa.Column("nota", sa.Text(), server_default="", nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("version_reglas", sa.Integer(), nullable=False),
        _momento("dicha"),
        sa.PrimaryKeyConstraint("id", name=op.f("hallazgo_respuesta_pk")),
        sa.CheckConstraint("respuesta IN ('error', 'falso')", name=op.f("hallazgo_respuesta_conocida")),
        sa.CheckConstraint("char_length(nota) <= 500", name=op.f("hallazgo_respuesta_nota_corta")),
        _del_municipio("hallazgo_respuesta"),
        _de_persona("hallazgo_respuesta"),
    )
    op.create_index(
        "hallazgo_respuesta_municipio_id_huella_idx",
        "hallazgo_respuesta",
        ["municipio_id", "origen", "huella", "persona_id", "id"],
    )
    op.create_index("hallazgo_respuesta_municipio_id_codigo_idx", "hallazgo_respuesta", ["municipio_id", "codigo"])
    op.create_table(
        "hallazgo_justificado",
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("ficha", sa.BigInteger(), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("huella", sa.Text(), nullable=False),
        sa.Column("codigo", sa.Text(), nullable=False),
        sa.Column("objetos", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("frase", sa.Text(), nullable=False),
        sa.Column("datos", postgresql.JSONB(), nullable=False),
        sa.Column("lugar", _geometria("POINT"), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        _momento("dicho"),
        sa.PrimaryKeyConstraint("proyecto_id", "numero", "ficha", "huella", name="hallazgo_justificado_una_vez"),
        sa.CheckConstraint(
            "char_length(btrim(motivo)) BETWEEN 3 AND 500", name=op.f("hallazgo_justificado_motivo_dicho")
        ),
        sa.ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name="hallazgo_justificado_tarea_existe",
            ondelete="CASCADE",
        ),
        _de_persona("hallazgo_justificado"),
    )
    op.create_table(
        "revision",
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("version_reglas", sa.Integer(), nullable=False),
        sa.Column("hasta_cambio", sa.BigInteger(), nullable=False),
        sa.Column("importacion", sa.BigInteger(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("limite", sa.LargeBinary(), nullable=False),
        _momento("hecha", ahora=False),
        _momento("entera", ahora=False),
        sa.Column("segundos", sa.Double(), nullable=False),
        sa.Column("fallas", postgresql.JSONB(), nullable=False),
        sa.Column("omitidos", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("municipio_id", name=op.f("revision_pk")),
        _del_municipio("revision"),
    )


def downgrade() -> None:
    for tabla in ("revision", "hallazgo_justificado", "hallazgo_respuesta", "hallazgo"):
        op.drop_table(tabla)
