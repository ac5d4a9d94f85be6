"""Las fortalezas se guardan por su código, para decirlas en el idioma de quien lee; y mientras algo se juzga a ciegas, lo que dijo
la primera persona sólo lo ven ella y quien mapeó.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Lo que dijo el primer dictamen, mientras alguien deba juzgar sin saberlo: sólo lo ven quien lo dio y quien mapeó. También se calla a
# quien no valida y a quien mira sin cuenta (sin persona): si no, bastaría con salirse para leerlo.
DICTAMEN_A_CIEGAS = """
CREATE OR REPLACE FUNCTION dictamen_a_ciegas(p_paso bigint, p_proyecto bigint, p_numero integer, p_persona bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM segunda_abierta s
                    WHERE s.proyecto_id = p_proyecto AND s.numero = p_numero AND s.paso = p_paso
                      AND coalesce(p_persona NOT IN (s.primera_persona_id, s.autora_id), true))
        OR EXISTS (SELECT FROM dictamen d JOIN disputa x ON x.dictamen_id = d.id AND x.resuelta IS NULL AND x.retirada IS NULL
                    WHERE d.paso = p_paso AND coalesce(p_persona NOT IN (d.persona_id, d.autora_id), true))
$$
"""

# Como quedó en la 0021.
DE_ANTES = """
CREATE OR REPLACE FUNCTION dictamen_a_ciegas(p_paso bigint, p_proyecto bigint, p_numero integer, p_persona bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM segunda_abierta s
                    WHERE s.proyecto_id = p_proyecto AND s.numero = p_numero AND s.paso = p_paso
                      AND p_persona NOT IN (s.primera_persona_id, s.autora_id))
        OR EXISTS (SELECT FROM dictamen d JOIN disputa x ON x.dictamen_id = d.id AND x.resuelta IS NULL AND x.retirada IS NULL
                    WHERE d.paso = p_paso AND p_persona NOT IN (d.persona_id, d.autora_id))
$$
"""


def upgrade() -> None:
    op.add_column("retroalimentacion", sa.Column("fortalezas", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(
        op.f("retroalimentacion_fortalezas_en_lista"),
        "retroalimentacion",
        "jsonb_typeof(fortalezas) = 'array' AND jsonb_array_length(fortalezas) BETWEEN 1 AND 500",
    )
    op.execute(DICTAMEN_A_CIEGAS)


def downgrade() -> None:
    # Lo ya dicho por su código no se sabría decir sin esta columna.
    en_uso = (
        op.get_bind()
        .execute(sa.text("SELECT EXISTS (SELECT FROM retroalimentacion WHERE fortalezas IS NOT NULL)"))
        .scalar_one()
    )
    if en_uso:
        raise RuntimeError("Hay fortalezas guardadas por su código: no se puede volver a la versión anterior.")
    op.execute(DE_ANTES)
    op.drop_constraint(op.f("retroalimentacion_fortalezas_en_lista"), "retroalimentacion")
    op.drop_column("retroalimentacion", "fortalezas")
