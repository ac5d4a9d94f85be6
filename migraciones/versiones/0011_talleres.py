"""Talleres: quién viene, cuándo y a qué proyecto, para preparar el día."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taller",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("proyecto_id", sa.BigInteger(), nullable=True),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("empieza", sa.DateTime(timezone=True), nullable=False),
        sa.Column("horas", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("ritmo", sa.SmallInteger(), server_default="30", nullable=False),
        sa.Column("creado_por", sa.BigInteger(), nullable=True),
        sa.Column("creado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("char_length(nombre) BETWEEN 3 AND 120", name=op.f("taller_nombre_largo")),
        sa.CheckConstraint("horas BETWEEN 1 AND 72", name=op.f("taller_horas_razonables")),
        sa.CheckConstraint("ritmo BETWEEN 1 AND 500", name=op.f("taller_ritmo_razonable")),
        sa.ForeignKeyConstraint(["municipio_id"], ["municipio.id"], name="taller_municipio_id_fk"),
        sa.ForeignKeyConstraint(["proyecto_id"], ["proyecto.id"], name="taller_proyecto_id_fk", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["creado_por"], ["persona.id"], name="taller_creado_por_fk"),
        sa.PrimaryKeyConstraint("id", name="taller_pk"),
    )
    op.create_index("taller_municipio_id_idx", "taller", ["municipio_id"])
    op.create_table(
        "taller_persona",
        sa.Column("taller_id", sa.BigInteger(), nullable=False),
        sa.Column("lugar", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.CheckConstraint("char_length(nombre) BETWEEN 1 AND 120", name=op.f("taller_persona_nombre_largo")),
        sa.ForeignKeyConstraint(["taller_id"], ["taller.id"], name="taller_persona_taller_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("taller_id", "lugar", name="taller_persona_pk"),
    )
    op.create_index(
        "taller_persona_una_vez", "taller_persona", ["taller_id", sa.literal_column("lower(nombre)")], unique=True
    )


def downgrade() -> None:
    op.drop_table("taller_persona")
    op.drop_table("taller")
