"""Cuentas de las personas en servidores de la familia OpenStreetMap."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cuenta_osm",
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("servidor", sa.Text(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("creada_alla", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conjuntos", sa.Integer(), nullable=True),
        sa.Column("vinculada", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("vista", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("servidor ~ '^[a-z0-9][a-z0-9_-]{0,39}$'", name=op.f("cuenta_osm_servidor_valido")),
        sa.CheckConstraint("uid > 0", name=op.f("cuenta_osm_uid_positivo")),
        sa.CheckConstraint("char_length(nombre) BETWEEN 1 AND 255", name=op.f("cuenta_osm_nombre_largo")),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="cuenta_osm_persona_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("persona_id", "servidor", name="cuenta_osm_una_por_servidor"),
        sa.UniqueConstraint("servidor", "uid", name="cuenta_osm_uid_unico"),
    )


def downgrade() -> None:
    op.drop_table("cuenta_osm")
