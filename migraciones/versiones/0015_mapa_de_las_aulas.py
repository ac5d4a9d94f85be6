"""El mapa base de cada aula: su versión, y desde qué acercamiento se dibuja cada objeto."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("aula", sa.Column("mapa", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("practica_objeto", sa.Column("zoom", sa.SmallInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("practica_objeto", "zoom")
    op.drop_column("aula", "mapa")
