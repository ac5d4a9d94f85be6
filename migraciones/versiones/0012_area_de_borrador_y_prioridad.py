"""El área de un proyecto sólo cambia mientras es borrador, y la prioridad de las tareas."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# La fila del proyecto es el turno: quien publica y quien cambia el área pasan de uno en uno, y OLD es lo último confirmado.
AREA_DE_BORRADOR = """
CREATE FUNCTION proyecto_area_de_borrador() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'el area solo cambia en un borrador'
          USING ERRCODE = 'check_violation', CONSTRAINT = 'proyecto_area_de_borrador';
END $$
"""


def upgrade() -> None:
    op.execute(AREA_DE_BORRADOR)
    op.execute("""
        CREATE TRIGGER proyecto_area_de_borrador BEFORE UPDATE OF area, division, municipio_id ON proyecto
           FOR EACH ROW WHEN (OLD.estado <> 'borrador') EXECUTE FUNCTION proyecto_area_de_borrador()
    """)
    op.create_check_constraint(op.f("tarea_prioridad_razonable"), "tarea", "prioridad BETWEEN -100 AND 100")
    op.create_index(
        "tarea_con_prioridad_idx",
        "tarea",
        ["proyecto_id", "prioridad", "numero"],
        postgresql_where=sa.text("prioridad <> 0"),
    )


def downgrade() -> None:
    op.drop_index("tarea_con_prioridad_idx", table_name="tarea")
    op.drop_constraint(op.f("tarea_prioridad_razonable"), "tarea")
    op.execute("DROP TRIGGER proyecto_area_de_borrador ON proyecto")
    op.execute("DROP FUNCTION proyecto_area_de_borrador()")
