"""Lo que se dibuja de cada aula: sus objetos ya armados, al día con cada guardado."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0017"
branch_labels = None
depends_on = None

CLASES = "'edificio', 'via', 'tren', 'agua', 'suelo', 'servicio', 'lugar', 'limite', 'otro'"


def upgrade() -> None:
    # NULL: todavía nadie miró su mapa. La primera vez se arma entero; así las aulas que ya existen no se arman aquí.
    op.add_column("aula", sa.Column("mapa", sa.BigInteger(), nullable=True))
    op.create_table(
        "practica_objeto",
        sa.Column("aula_id", sa.BigInteger(), nullable=False),
        sa.Column("tipo", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("clase", sa.Text(), nullable=False),
        sa.Column("zoom", sa.Integer(), nullable=False),
        sa.Column("etiquetas", postgresql.JSONB(), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.CheckConstraint("tipo IN ('n', 'w', 'r')", name=op.f("practica_objeto_tipo_conocido")),
        sa.CheckConstraint(f"clase IN ({CLASES})", name=op.f("practica_objeto_clase_conocida")),
        sa.ForeignKeyConstraint(["aula_id"], ["aula.id"], name="practica_objeto_aula_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("aula_id", "tipo", "id", name="practica_objeto_pk"),
    )
    # Muchas aulas copian el mismo lugar: el aula va como tercera dimensión, y buscar en una no recorre las demás.
    op.create_index(
        "practica_objeto_lugar_idx",
        "practica_objeto",
        [sa.text("st_force3dz(geom, aula_id::double precision) gist_geometry_ops_nd")],
        postgresql_using="gist",
    )


def downgrade() -> None:
    op.drop_table("practica_objeto")
    op.drop_column("aula", "mapa")
