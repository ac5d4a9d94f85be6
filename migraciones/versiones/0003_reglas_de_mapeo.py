"""Reglas que la base defiende sola: quién puede tomar una tarea, y que el historial sólo se agrega."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Estados: 0 pendiente, 1 mapeada, 2 validada, 3 devuelta, 4 sin_imagen, 5 dividida (tareas/mapeo/reglas.py).

AL_TOMAR = """
CREATE FUNCTION bloqueo_al_tomar() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    t record;
    minutos integer;
    momento timestamptz;
BEGIN
    -- La fila de la tarea es el turno: quien la tiene decide, y las demás personas ven después lo que decidió.
    SELECT ta.municipio_id, ta.estado, ta.reservada_a, ta.reservada_hasta INTO t
      FROM tarea ta WHERE ta.proyecto_id = NEW.proyecto_id AND ta.numero = NEW.numero
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no existe la tarea' USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'bloqueo_tarea_existe';
    END IF;
    SELECT p.minutos_bloqueo INTO minutos FROM proyecto p WHERE p.id = NEW.proyecto_id AND p.estado = 'publicado';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'el proyecto no esta publicado' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_proyecto_abierto';
    END IF;
    momento := ahora();
    WITH vencidos AS (
        DELETE FROM bloqueo b
         WHERE b.vence <= momento
           AND ((b.proyecto_id = NEW.proyecto_id AND b.numero = NEW.numero)
                OR (NEW.para = 'mapear' AND b.para = 'mapear' AND b.persona_id = NEW.persona_id))
        RETURNING b.*)
    INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id, cuando, ficha, duracion_s)
    SELECT municipio_id, proyecto_id, numero, 'vencimiento', persona_id, vence, ficha, extract(epoch FROM vence - desde)
      FROM vencidos;
    IF (NEW.para = 'mapear' AND t.estado NOT IN (0, 3, 4)) OR (NEW.para = 'validar' AND t.estado <> 1) THEN
        RAISE EXCEPTION 'el estado no lo permite' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_estado_corresponde';
    END IF;
    IF NEW.para = 'mapear' AND t.reservada_a <> NEW.persona_id AND t.reservada_hasta > momento THEN
        RAISE EXCEPTION 'reservada' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_respeta_reserva';
    END IF;
    IF NEW.para = 'validar' AND EXISTS (
        SELECT FROM historial h WHERE h.proyecto_id = NEW.proyecto_id AND h.numero = NEW.numero
           AND h.accion = 'entrega' AND h.persona_id = NEW.persona_id) THEN
        RAISE EXCEPTION 'trabajo propio' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_no_propio';
    END IF;
    NEW.municipio_id := t.municipio_id;
    -- La ficha se pide con el turno en la mano: así crece siempre dentro de una misma tarea.
    NEW.ficha := nextval('ficha_bloqueo');
    NEW.desde := momento;
    NEW.vence := momento + make_interval(mins => minutos);
    RETURN NEW;
END $$
"""

TOMADO = """
CREATE FUNCTION bloqueo_tomado() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id, cuando, ficha, motivos)
    VALUES (NEW.municipio_id, NEW.proyecto_id, NEW.numero, 'bloqueo', NEW.persona_id, NEW.desde, NEW.ficha, ARRAY[NEW.para]);
    RETURN NULL;
END $$
"""

DICTAMEN = """
CREATE FUNCTION historial_dictamen_ajeno() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM historial h WHERE h.proyecto_id = NEW.proyecto_id AND h.numero = NEW.numero
                  AND h.accion = 'entrega' AND h.persona_id = NEW.persona_id) THEN
        RAISE EXCEPTION 'trabajo propio' USING ERRCODE = 'check_violation', CONSTRAINT = 'historial_dictamen_ajeno';
    END IF;
    RETURN NEW;
END $$
"""

SOLO_AGREGA = """
CREATE FUNCTION historial_solo_se_agrega() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'el historial solo se agrega' USING ERRCODE = 'check_violation', CONSTRAINT = 'historial_solo_se_agrega';
END $$
"""


def upgrade() -> None:
    for sentencia in (AL_TOMAR, TOMADO, DICTAMEN, SOLO_AGREGA):
        op.execute(sentencia)
    op.execute(
        "CREATE TRIGGER bloqueo_al_tomar BEFORE INSERT ON bloqueo FOR EACH ROW EXECUTE FUNCTION bloqueo_al_tomar()"
    )
    op.execute("CREATE TRIGGER bloqueo_tomado AFTER INSERT ON bloqueo FOR EACH ROW EXECUTE FUNCTION bloqueo_tomado()")
    op.execute("""
        CREATE TRIGGER historial_dictamen_ajeno BEFORE INSERT ON historial
           FOR EACH ROW WHEN (NEW.accion = 'dictamen') EXECUTE FUNCTION historial_dictamen_ajeno()
    """)
    op.execute("""
        CREATE TRIGGER historial_solo_se_agrega BEFORE UPDATE OR DELETE OR TRUNCATE ON historial
           FOR EACH STATEMENT EXECUTE FUNCTION historial_solo_se_agrega()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER historial_solo_se_agrega ON historial")
    op.execute("DROP TRIGGER historial_dictamen_ajeno ON historial")
    op.execute("DROP TRIGGER bloqueo_tomado ON bloqueo")
    op.execute("DROP TRIGGER bloqueo_al_tomar ON bloqueo")
    for funcion in ("historial_solo_se_agrega", "historial_dictamen_ajeno", "bloqueo_tomado", "bloqueo_al_tomar"):
        op.execute(f"DROP FUNCTION {funcion}()")
