"""Las entregas que esperan revisión, guardadas: la cola ya no busca la de cada tarea en su historial."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Lo que debe haber en entrega_en_espera, sacado de la tarea, su historial, sus dictámenes y lo que la guarda halló.
SEGUN_HISTORIAL = """
CREATE VIEW espera_segun_historial AS
SELECT t.proyecto_id, t.numero, t.municipio_id, e.id AS entrega, e.persona_id, e.cuando AS entregada,
       coalesce(g.nivel1, 0) AS nivel1, coalesce(g.nivel2, 0) AS nivel2, coalesce(g.nivel3, 0) AS nivel3,
       u.id AS previo, CASE WHEN u.veredicto = 'devuelta' THEN u.persona_id END AS devuelta_por
  FROM tarea t
 CROSS JOIN LATERAL entrega_vigente(t.proyecto_id, t.numero) e
  LEFT JOIN entrega_hallazgos g ON g.proyecto_id = t.proyecto_id AND g.numero = e.numero AND g.ficha = e.ficha
  LEFT JOIN LATERAL dictamen_vigente(t.proyecto_id, t.numero) u ON true
 WHERE t.estado = 1
"""

# Al confirmar, con el turno de la tarea en la mano: ya está escrito el paso que la cambió, y lo que ese paso deshizo.
AL_ESPERAR = """
CREATE FUNCTION espera_al_cambiar() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
-- Siempre busca una tarea por su llave: planearlo otra vez en cada entrega costaba más que hacerlo.
BEGIN
    DELETE FROM entrega_en_espera w WHERE w.proyecto_id = NEW.proyecto_id AND w.numero = NEW.numero;
    INSERT INTO entrega_en_espera (proyecto_id, numero, municipio_id, entrega, persona_id, entregada, nivel1, nivel2, nivel3, previo, devuelta_por)
    SELECT s.proyecto_id, s.numero, s.municipio_id, s.entrega, s.persona_id, s.entregada, s.nivel1, s.nivel2, s.nivel3, s.previo, s.devuelta_por
      FROM espera_segun_historial s WHERE s.proyecto_id = NEW.proyecto_id AND s.numero = NEW.numero;
    RETURN NULL;
END $$
"""

# Todas las de un proyecto para las que la_mapeo() dice que sí.
LO_QUE_MAPEO = """
CREATE FUNCTION lo_que_mapeo(p_proyecto bigint, p_persona bigint) RETURNS TABLE (numero integer) LANGUAGE sql STABLE AS $$
    WITH propias AS MATERIALIZED (
        SELECT DISTINCT h.numero FROM historial h
         WHERE h.persona_id = p_persona AND h.proyecto_id = p_proyecto AND h.accion = 'entrega'
    )
    SELECT m.numero FROM propias m
     UNION
    SELECT o.numero FROM propias m JOIN tarea_origen o ON o.proyecto_id = p_proyecto AND o.de_numero = m.numero
$$
"""

# La misma de la 0021, que lee lo que espera de su tabla.
COLA = """
CREATE OR REPLACE FUNCTION cola_de_revision(p_proyecto bigint, p_persona bigint)
RETURNS TABLE (numero integer, entrega bigint, persona_id bigint, entregada timestamptz, banda integer, riesgo double precision,
               juzgadas integer, devueltas integer, del_municipio double precision, nivel1 integer, nivel2 integer, nivel3 integer,
               previo bigint, mia_antes boolean) LANGUAGE sql STABLE AS $$
    WITH p AS MATERIALIZED (
        SELECT q.municipio_id, q.servidor_osm = 'practica' AS practica FROM proyecto q WHERE q.id = p_proyecto
    ), disputadas AS MATERIALIZED (
        SELECT x.numero, d.persona_id FROM disputa x JOIN dictamen d ON d.id = x.dictamen_id
         WHERE x.proyecto_id = p_proyecto AND x.resuelta IS NULL AND x.retirada IS NULL
    ), del_lugar AS MATERIALIZED (
        -- Qué parte se devuelve, de lo último que se revisó en el municipio.
        SELECT greatest(0.05, coalesce(avg((u.veredicto = 'devuelta')::integer), 0))::double precision AS tasa
          -- Con el municipio como valor, y no como junta, el índice los da ya en orden y se leen sólo esos.
          FROM (SELECT d.veredicto FROM dictamen d JOIN proyecto q ON q.id = d.proyecto_id
                 WHERE d.municipio_id = (SELECT p.municipio_id FROM p) AND (q.servidor_osm = 'practica') = (SELECT p.practica FROM p)
                   AND d.clase = 'primera' AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
                 ORDER BY d.cuando DESC LIMIT 2000) u
    ), gente AS MATERIALIZED (
        SELECT g.persona_id, j.juzgadas, j.devueltas, pr.ids AS primeras, (j.devueltas + 4 * l.tasa) / (j.juzgadas + 4) AS devuelve, l.tasa
          FROM (SELECT DISTINCT w.persona_id FROM entrega_en_espera w WHERE w.proyecto_id = p_proyecto) g CROSS JOIN p CROSS JOIN del_lugar l
         CROSS JOIN LATERAL (
              SELECT count(*)::integer AS juzgadas, (count(*) FILTER (WHERE k.mal))::integer AS devueltas
                -- Una entrega de una tarea que después se partió cuenta una vez.
                FROM (SELECT DISTINCT ON (d.entrega) d.veredicto = 'devuelta' AND NOT EXISTS (SELECT FROM disputa y WHERE y.dictamen_id = d.id AND y.resultado = 'a_favor') AS mal
                        FROM dictamen d JOIN proyecto q ON q.id = d.proyecto_id AND (q.servidor_osm = 'practica') = p.practica
                       WHERE d.autora_id = g.persona_id AND d.municipio_id = p.municipio_id AND d.clase = 'primera'
                         AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
                       ORDER BY d.entrega DESC, d.id LIMIT 20) k) j
         CROSS JOIN LATERAL (
              SELECT array_agg(f.id) AS ids
                FROM (SELECT h.id FROM historial h JOIN proyecto q ON q.id = h.proyecto_id AND (q.servidor_osm = 'practica') = p.practica
                       WHERE h.persona_id = g.persona_id AND h.municipio_id = p.municipio_id AND h.accion = 'entrega'
                         AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = h.id)
                       ORDER BY h.cuando, h.id LIMIT 3) f) pr
    )
    SELECT w.numero, w.entrega, w.persona_id, w.entregada,
           CASE WHEN x.numero IS NOT NULL THEN 0 WHEN w.devuelta_por = p_persona THEN 1 WHEN w.entrega = ANY(g.primeras) THEN 2
                WHEN (hashint8extended(w.entrega, 35021) & 1023) < 103 THEN 3 ELSE 4 END,
           1 - (1 - g.devuelve) * power(0.75::double precision, w.nivel1) * power(0.93::double precision, w.nivel2),
           g.juzgadas, g.devueltas, g.tasa, w.nivel1, w.nivel2, w.nivel3, w.previo, coalesce(w.devuelta_por = p_persona, false)
      FROM entrega_en_espera w
      JOIN gente g ON g.persona_id = w.persona_id
      LEFT JOIN disputadas x ON x.numero = w.numero
     WHERE w.proyecto_id = p_proyecto AND x.persona_id IS DISTINCT FROM p_persona
       AND w.numero NOT IN (SELECT b.numero FROM bloqueo b WHERE b.proyecto_id = p_proyecto AND b.vence > ahora() AND b.persona_id <> p_persona)
       AND w.numero NOT IN (SELECT m.numero FROM lo_que_mapeo(p_proyecto, p_persona) m)
$$
"""

# Como quedó en la 0021.
COLA_DE_ANTES = """
CREATE OR REPLACE FUNCTION cola_de_revision(p_proyecto bigint, p_persona bigint)
RETURNS TABLE (numero integer, entrega bigint, persona_id bigint, entregada timestamptz, banda integer, riesgo double precision,
               juzgadas integer, devueltas integer, del_municipio double precision, nivel1 integer, nivel2 integer, nivel3 integer,
               previo bigint, mia_antes boolean) LANGUAGE sql STABLE AS $$
    WITH p AS MATERIALIZED (
        SELECT q.municipio_id, q.servidor_osm = 'practica' AS practica FROM proyecto q WHERE q.id = p_proyecto
    ), espera AS MATERIALIZED (
        SELECT t.numero, e.id, e.persona_id, e.cuando, x.id AS disputa,
               coalesce(g.nivel1, 0) AS nivel1, coalesce(g.nivel2, 0) AS nivel2, coalesce(g.nivel3, 0) AS nivel3,
               ult.id AS previo, coalesce(ult.veredicto = 'devuelta' AND ult.persona_id = p_persona, false) AS mia_antes
          FROM tarea t
         CROSS JOIN LATERAL entrega_vigente(t.proyecto_id, t.numero) e
          LEFT JOIN disputa x ON x.proyecto_id = t.proyecto_id AND x.numero = t.numero AND x.resuelta IS NULL AND x.retirada IS NULL
          LEFT JOIN dictamen xd ON xd.id = x.dictamen_id
          LEFT JOIN entrega_hallazgos g ON g.proyecto_id = t.proyecto_id AND g.numero = e.numero AND g.ficha = e.ficha
          LEFT JOIN LATERAL dictamen_vigente(t.proyecto_id, t.numero) ult ON true
         WHERE t.proyecto_id = p_proyecto AND t.estado = 1
           AND NOT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora() AND b.persona_id <> p_persona)
           AND NOT la_mapeo(t.proyecto_id, t.numero, p_persona)
           AND xd.persona_id IS DISTINCT FROM p_persona
    ), del_lugar AS MATERIALIZED (
        -- Qué parte se devuelve, de lo último que se revisó en el municipio.
        SELECT greatest(0.05, coalesce(avg((u.veredicto = 'devuelta')::integer), 0))::double precision AS tasa
          FROM (SELECT d.veredicto FROM dictamen d JOIN p ON p.municipio_id = d.municipio_id
                  JOIN proyecto q ON q.id = d.proyecto_id AND (q.servidor_osm = 'practica') = p.practica
                 WHERE d.clase = 'primera' AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
                 ORDER BY d.cuando DESC LIMIT 2000) u
    ), gente AS MATERIALIZED (
        SELECT g.persona_id, j.juzgadas, j.devueltas, pr.ids AS primeras
          FROM (SELECT DISTINCT w.persona_id FROM espera w) g CROSS JOIN p
         CROSS JOIN LATERAL (
              SELECT count(*)::integer AS juzgadas, (count(*) FILTER (WHERE k.mal))::integer AS devueltas
                -- Una entrega de una tarea que después se partió cuenta una vez.
                FROM (SELECT DISTINCT ON (d.entrega) d.veredicto = 'devuelta' AND NOT EXISTS (SELECT FROM disputa y WHERE y.dictamen_id = d.id AND y.resultado = 'a_favor') AS mal
                        FROM dictamen d JOIN proyecto q ON q.id = d.proyecto_id AND (q.servidor_osm = 'practica') = p.practica
                       WHERE d.autora_id = g.persona_id AND d.municipio_id = p.municipio_id AND d.clase = 'primera'
                         AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
                       ORDER BY d.entrega DESC, d.id LIMIT 20) k) j
         CROSS JOIN LATERAL (
              SELECT array_agg(f.id) AS ids
                FROM (SELECT h.id FROM historial h JOIN proyecto q ON q.id = h.proyecto_id AND (q.servidor_osm = 'practica') = p.practica
                       WHERE h.persona_id = g.persona_id AND h.municipio_id = p.municipio_id AND h.accion = 'entrega'
                         AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = h.id)
                       ORDER BY h.cuando, h.id LIMIT 3) f) pr
    )
    SELECT w.numero, w.id, w.persona_id, w.cuando,
           CASE WHEN w.disputa IS NOT NULL THEN 0 WHEN w.mia_antes THEN 1 WHEN w.id = ANY(g.primeras) THEN 2
                WHEN (hashint8extended(w.id, 35021) & 1023) < 103 THEN 3 ELSE 4 END,
           1 - (1 - (g.devueltas + 4 * l.tasa) / (g.juzgadas + 4)) * power(0.75::double precision, w.nivel1) * power(0.93::double precision, w.nivel2),
           g.juzgadas, g.devueltas, l.tasa, w.nivel1, w.nivel2, w.nivel3, w.previo, w.mia_antes
      FROM espera w JOIN gente g ON g.persona_id = w.persona_id CROSS JOIN del_lugar l
$$
"""


def upgrade() -> None:
    op.create_table(
        "entrega_en_espera",
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("numero", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("entrega", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("entregada", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nivel1", sa.Integer(), nullable=False),
        sa.Column("nivel2", sa.Integer(), nullable=False),
        sa.Column("nivel3", sa.Integer(), nullable=False),
        sa.Column("previo", sa.BigInteger()),
        sa.Column("devuelta_por", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name="entrega_en_espera_tarea_existe",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("proyecto_id", "numero", name="entrega_en_espera_una_por_tarea"),
    )
    # Lo último que se le juzgó a cada persona se lee de aquí en su orden, y se deja de leer a las veinte.
    op.create_index(
        "dictamen_primeros_de_autora_idx",
        "dictamen",
        ["autora_id", "municipio_id", sa.text("entrega DESC"), "id"],
        postgresql_where=sa.text("clase = 'primera'"),
    )
    for sentencia in (SEGUN_HISTORIAL, AL_ESPERAR, LO_QUE_MAPEO, COLA):
        op.execute(sentencia)
    op.execute("""
        INSERT INTO entrega_en_espera (proyecto_id, numero, municipio_id, entrega, persona_id, entregada, nivel1, nivel2, nivel3, previo, devuelta_por)
        SELECT proyecto_id, numero, municipio_id, entrega, persona_id, entregada, nivel1, nivel2, nivel3, previo, devuelta_por FROM espera_segun_historial
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER tarea_en_espera AFTER UPDATE OF estado ON tarea DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW WHEN (OLD.estado = 1 OR NEW.estado = 1) EXECUTE FUNCTION espera_al_cambiar()
    """)
    # La parte de una que esperaba nace esperando.
    op.execute("""
        CREATE CONSTRAINT TRIGGER tarea_nace_en_espera AFTER INSERT ON tarea DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW WHEN (NEW.estado = 1) EXECUTE FUNCTION espera_al_cambiar()
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER hallazgos_en_espera AFTER INSERT ON entrega_hallazgos DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW WHEN (NEW.nivel1 + NEW.nivel2 + NEW.nivel3 > 0) EXECUTE FUNCTION espera_al_cambiar()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER hallazgos_en_espera ON entrega_hallazgos")
    op.execute("DROP TRIGGER tarea_nace_en_espera ON tarea")
    op.execute("DROP TRIGGER tarea_en_espera ON tarea")
    op.execute(COLA_DE_ANTES)
    op.execute("DROP FUNCTION lo_que_mapeo(bigint, bigint)")
    op.execute("DROP FUNCTION espera_al_cambiar()")
    op.execute("DROP VIEW espera_segun_historial")
    op.drop_index("dictamen_primeros_de_autora_idx", "dictamen")
    op.drop_table("entrega_en_espera")
