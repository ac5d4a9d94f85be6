"""Grupos de personas de un municipio: una brigada, una escuela, un taller."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grupo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("creado_por", sa.BigInteger()),
        sa.Column("creado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("archivado", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("grupo_pk")),
        sa.CheckConstraint(r"char_length(nombre) BETWEEN 1 AND 80 AND nombre ~ '\S'", name=op.f("grupo_nombre_largo")),
        sa.ForeignKeyConstraint(
            ["municipio_id"], ["municipio.id"], name=op.f("grupo_municipio_id_fk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["creado_por"], ["persona.id"], name=op.f("grupo_creado_por_fk"), ondelete="SET NULL"),
    )
    op.create_index("grupo_nombre_unico", "grupo", ["municipio_id", sa.text("lower(nombre)")], unique=True)
    op.create_table(
        "grupo_persona",
        sa.Column("grupo_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("desde", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.PrimaryKeyConstraint("grupo_id", "persona_id", name=op.f("grupo_persona_pk")),
        sa.ForeignKeyConstraint(["grupo_id"], ["grupo.id"], name=op.f("grupo_persona_grupo_id_fk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["persona_id"], ["persona.id"], name=op.f("grupo_persona_persona_id_fk"), ondelete="CASCADE"
        ),
    )
    op.create_index("grupo_persona_persona_id_idx", "grupo_persona", ["persona_id"])


def downgrade() -> None:
    op.drop_table("grupo_persona")
    op.drop_table("grupo")
