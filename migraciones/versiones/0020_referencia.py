"""La referencia propia de un municipio (catastro o huellas de edificios), para compararla con el mapa."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referencia",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("licencia", sa.Text(), nullable=False),
        sa.Column("fuente", sa.Text(), nullable=False),
        sa.Column("fecha", sa.Date(), nullable=True),
        sa.Column("puede_compararse", sa.Boolean(), nullable=False),
        sa.Column("huella", sa.LargeBinary(), nullable=False),
        sa.Column("huellas", sa.Integer(), nullable=False),
        sa.Column("omitidas", postgresql.JSONB(), nullable=False),
        sa.Column("subida_por", sa.BigInteger(), nullable=True),
        sa.Column("subida", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("referencia_pk")),
        sa.UniqueConstraint("municipio_id", "huella", name="referencia_archivo_unico"),
        sa.CheckConstraint(
            r"char_length(nombre) BETWEEN 1 AND 80 AND nombre ~ '\S'", name=op.f("referencia_nombre_largo")
        ),
        sa.CheckConstraint(r"licencia ~ '\S'", name=op.f("referencia_con_licencia")),
        sa.CheckConstraint(r"fuente ~ '\S'", name=op.f("referencia_con_fuente")),
        sa.CheckConstraint("puede_compararse", name=op.f("referencia_con_permiso")),
        sa.ForeignKeyConstraint(
            ["municipio_id"], ["municipio.id"], name=op.f("referencia_municipio_id_fk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["subida_por"], ["persona.id"], name=op.f("referencia_subida_por_fk")),
    )
    op.create_table(
        "referencia_huella",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("referencia_id", sa.BigInteger(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("referencia_huella_pk")),
        sa.ForeignKeyConstraint(
            ["referencia_id"], ["referencia.id"], name=op.f("referencia_huella_referencia_id_fk"), ondelete="CASCADE"
        ),
    )
    op.create_index("referencia_huella_geom_idx", "referencia_huella", ["geom"], postgresql_using="gist")
    op.create_index("referencia_huella_referencia_id_idx", "referencia_huella", ["referencia_id"])


def downgrade() -> None:
    op.drop_table("referencia_huella")
    op.drop_table("referencia")
