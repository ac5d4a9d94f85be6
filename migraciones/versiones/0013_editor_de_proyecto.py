"""Con qué y dónde se edita cada proyecto: editores, presets, desplazamiento de la imagen, aula de su municipio."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TEXTOS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.add_column("proyecto", sa.Column("editores", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("proyecto", sa.Column("editores_ocultos", TEXTOS, server_default="{}", nullable=False))
    op.add_column("proyecto", sa.Column("presets", TEXTOS, server_default="{}", nullable=False))
    op.add_column("proyecto", sa.Column("desplazamiento", postgresql.ARRAY(sa.Double()), nullable=True))
    op.create_check_constraint(
        op.f("proyecto_desplazamiento_valido"),
        "proyecto",
        "desplazamiento IS NULL OR (cardinality(desplazamiento) = 2 AND desplazamiento[1] BETWEEN -1000 AND 1000 "
        "AND desplazamiento[2] BETWEEN -1000 AND 1000)",
    )
    # La llave compuesta hace imposible que un proyecto edite en el aula de otro municipio.
    op.create_unique_constraint("aula_id_de_municipio", "aula", ["id", "municipio_id"])
    op.drop_constraint("proyecto_aula_id_fk", "proyecto", type_="foreignkey")
    op.create_foreign_key(
        "proyecto_aula_de_su_municipio",
        "proyecto",
        "aula",
        ["aula_id", "municipio_id"],
        ["id", "municipio_id"],
        ondelete="SET NULL (aula_id)",
    )


def downgrade() -> None:
    op.drop_constraint("proyecto_aula_de_su_municipio", "proyecto", type_="foreignkey")
    op.create_foreign_key("proyecto_aula_id_fk", "proyecto", "aula", ["aula_id"], ["id"], ondelete="SET NULL")
    op.drop_constraint("aula_id_de_municipio", "aula", type_="unique")
    op.drop_constraint(op.f("proyecto_desplazamiento_valido"), "proyecto", type_="check")
    for columna in ("desplazamiento", "presets", "editores_ocultos", "editores"):
        op.drop_column("proyecto", columna)
