"""Quién cambió la prioridad de qué tareas, y cuándo."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Sólo se borra con su proyecto: al llegar aquí por la llave, su fila ya no está.
SOLO_SE_AGREGA = """
CREATE FUNCTION cambio_prioridad_solo_se_agrega() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM proyecto WHERE id = OLD.proyecto_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'los cambios de prioridad solo se agregan'
          USING ERRCODE = 'check_violation', CONSTRAINT = 'cambio_prioridad_solo_se_agrega';
END $$
"""


def upgrade() -> None:
    # La versión del proyecto también sube por otras cosas: los números de antes de este momento son de otra división.
    op.add_column("proyecto", sa.Column("dividido", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "cambio_prioridad",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("cuando", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("prioridad", sa.SmallInteger(), nullable=False),
        sa.Column("numeros", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.CheckConstraint("cardinality(numeros) > 0", name=op.f("cambio_prioridad_con_tareas")),
        sa.CheckConstraint("prioridad BETWEEN -100 AND 100", name=op.f("cambio_prioridad_razonable")),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("cambio_prioridad_persona_id_persona_fkey")),
        sa.ForeignKeyConstraint(
            ["proyecto_id"],
            ["proyecto.id"],
            name=op.f("cambio_prioridad_proyecto_id_proyecto_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cambio_prioridad_pkey")),
    )
    op.create_index("cambio_prioridad_proyecto_id_id_idx", "cambio_prioridad", ["proyecto_id", "id"])
    op.execute(SOLO_SE_AGREGA)
    op.execute("""
        CREATE TRIGGER cambio_prioridad_solo_se_agrega BEFORE UPDATE OR DELETE ON cambio_prioridad
           FOR EACH ROW EXECUTE FUNCTION cambio_prioridad_solo_se_agrega()
    """)
    op.execute("""
        CREATE TRIGGER cambio_prioridad_no_se_vacia BEFORE TRUNCATE ON cambio_prioridad
           FOR EACH STATEMENT EXECUTE FUNCTION cambio_prioridad_solo_se_agrega()
    """)


def downgrade() -> None:
    op.drop_table("cambio_prioridad")
    op.execute("DROP FUNCTION cambio_prioridad_solo_se_agrega()")
    op.drop_column("proyecto", "dividido")
