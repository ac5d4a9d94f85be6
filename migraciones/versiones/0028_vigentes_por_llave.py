"""La entrega y el dictamen que valen se buscan tarea por tarea del linaje, siempre por su llave."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Las mismas de la 0023, con lo de cada tarea del linaje en su propia subconsulta. Como junta, un plan hecho cuando el historial estaba casi
# vacío lo recorría por proyecto, y quedaba guardado en la conexión: cada entrega costaba según cuántas se habían hecho.
ENTREGA_VIGENTE = """
CREATE OR REPLACE FUNCTION entrega_vigente(p_proyecto bigint, p_numero integer)
RETURNS TABLE (id bigint, numero integer, persona_id bigint, cuando timestamptz, ficha bigint) LANGUAGE sql STABLE AS $$
    SELECT e.id, e.numero, e.persona_id, e.cuando, e.ficha
      FROM (SELECT p_numero AS numero, 0 AS paso
             UNION ALL
            SELECT o.de_numero, o.paso::integer FROM tarea_origen o WHERE o.proyecto_id = p_proyecto AND o.numero = p_numero AND o.principal) l
     CROSS JOIN LATERAL (
           SELECT h.id, h.numero, h.persona_id, h.cuando, h.ficha FROM historial h
            WHERE h.proyecto_id = p_proyecto AND h.numero = l.numero AND h.accion = 'entrega'
              AND NOT EXISTS (SELECT FROM historial d WHERE d.deshace = h.id)
            ORDER BY h.id DESC LIMIT 1) e
     ORDER BY l.paso, e.id DESC LIMIT 1
$$
"""

DICTAMEN_VIGENTE = """
CREATE OR REPLACE FUNCTION dictamen_vigente(p_proyecto bigint, p_numero integer)
RETURNS TABLE (id bigint, veredicto text, persona_id bigint) LANGUAGE sql STABLE AS $$
    SELECT v.id, v.veredicto, v.persona_id
      FROM (SELECT p_numero AS numero
             UNION ALL
            SELECT o.de_numero FROM tarea_origen o WHERE o.proyecto_id = p_proyecto AND o.numero = p_numero AND o.principal) l
     CROSS JOIN LATERAL (
           SELECT d.id, d.veredicto, d.persona_id FROM dictamen d
            WHERE d.proyecto_id = p_proyecto AND d.numero = l.numero AND d.paso IS NOT NULL
              AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
            ORDER BY d.id DESC LIMIT 1) v
     ORDER BY v.id DESC LIMIT 1
$$
"""

# Como quedaron en la 0023.
DE_ANTES = (
    """
CREATE OR REPLACE FUNCTION entrega_vigente(p_proyecto bigint, p_numero integer)
RETURNS TABLE (id bigint, numero integer, persona_id bigint, cuando timestamptz, ficha bigint) LANGUAGE sql STABLE AS $$
    SELECT h.id, h.numero, h.persona_id, h.cuando, h.ficha
      FROM (SELECT p_numero AS numero, 0 AS paso
             UNION ALL
            SELECT o.de_numero, o.paso::integer FROM tarea_origen o WHERE o.proyecto_id = p_proyecto AND o.numero = p_numero AND o.principal) l
      JOIN historial h ON h.proyecto_id = p_proyecto AND h.numero = l.numero AND h.accion = 'entrega'
     WHERE NOT EXISTS (SELECT FROM historial d WHERE d.deshace = h.id)
     ORDER BY l.paso, h.id DESC LIMIT 1
$$
""",
    """
CREATE OR REPLACE FUNCTION dictamen_vigente(p_proyecto bigint, p_numero integer)
RETURNS TABLE (id bigint, veredicto text, persona_id bigint) LANGUAGE sql STABLE AS $$
    SELECT d.id, d.veredicto, d.persona_id
      FROM (SELECT p_numero AS numero
             UNION ALL
            SELECT o.de_numero FROM tarea_origen o WHERE o.proyecto_id = p_proyecto AND o.numero = p_numero AND o.principal) l
      JOIN dictamen d ON d.proyecto_id = p_proyecto AND d.numero = l.numero AND d.paso IS NOT NULL
     WHERE NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
     ORDER BY d.id DESC LIMIT 1
$$
""",
)


def upgrade() -> None:
    op.execute(ENTREGA_VIGENTE)
    op.execute(DICTAMEN_VIGENTE)


def downgrade() -> None:
    for funcion in DE_ANTES:
        op.execute(funcion)
