"""Partir, juntar y corregir tareas: de cuáles viene cada una, y que nadie tenga un turno en una dividida."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# De qué tareas viene una, ella misma primero (paso 0). «principal» es la línea de la que heredó el estado.
LINAJE = """
CREATE FUNCTION tarea_linaje(p_proyecto bigint, p_numero integer)
RETURNS TABLE (numero integer, paso integer, principal boolean) LANGUAGE sql STABLE PARALLEL SAFE ROWS 2 AS $$
    SELECT p_numero, 0, true
     UNION ALL
    SELECT o.de_numero, o.paso::integer, o.principal FROM tarea_origen o WHERE o.proyecto_id = p_proyecto AND o.numero = p_numero
$$
"""

# La entrega que hoy vale en una tarea: la última sin deshacer; si no tiene, la de aquella de la que heredó el estado.
ENTREGA_VIGENTE = """
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
"""

# Trabajo propio: lo entregó alguna vez, aquí o en cualquiera de las tareas de las que viene.
LA_MAPEO = """
CREATE OR REPLACE FUNCTION la_mapeo(p_proyecto bigint, p_numero integer, p_persona bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM historial h WHERE h.proyecto_id = p_proyecto AND h.numero = p_numero AND h.accion = 'entrega' AND h.persona_id = p_persona)
        OR EXISTS (SELECT FROM tarea_origen o
                     JOIN historial h ON h.proyecto_id = p_proyecto AND h.numero = o.de_numero AND h.accion = 'entrega' AND h.persona_id = p_persona
                    WHERE o.proyecto_id = p_proyecto AND o.numero = p_numero)
$$
"""

# El último dictamen de la tarea o de aquella de la que heredó el estado.
DICTAMEN_VIGENTE = """
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
"""

# Si una tarea sigue devuelta por ese dictamen: suyo, o de aquella de la que heredó el estado. Lo que se hizo y se deshizo no cuenta.
SIGUE_DEVUELTA = """
CREATE FUNCTION sigue_devuelta(p_dictamen bigint, p_numero integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM dictamen d
          JOIN tarea t ON t.proyecto_id = d.proyecto_id AND t.numero = p_numero AND t.estado = 3
          JOIN tarea_linaje(d.proyecto_id, p_numero) de ON de.principal AND de.numero = d.numero
         WHERE d.id = p_dictamen AND d.veredicto = 'devuelta' AND d.paso IS NOT NULL
           AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
           AND NOT EXISTS (SELECT FROM tarea_linaje(d.proyecto_id, p_numero) l
                             JOIN historial h ON h.proyecto_id = d.proyecto_id AND h.numero = l.numero AND h.id > d.paso AND h.a IS NOT NULL
                            WHERE l.principal AND h.accion NOT IN ('division', 'deshacer')
                              AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = h.id)))
$$
"""

# Nadie juzga lo suyo, tampoco lo que entregó antes de que se partiera.
DICTAMEN_AJENO = """
CREATE OR REPLACE FUNCTION historial_dictamen_ajeno() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF la_mapeo(NEW.proyecto_id, NEW.numero, NEW.persona_id) THEN
        RAISE EXCEPTION 'trabajo propio' USING ERRCODE = 'check_violation', CONSTRAINT = 'historial_dictamen_ajeno';
    END IF;
    RETURN NEW;
END $$
"""

# Como quedaron en la 0003 y la 0021.
DE_ANTES = (
    """
CREATE OR REPLACE FUNCTION historial_dictamen_ajeno() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM historial h WHERE h.proyecto_id = NEW.proyecto_id AND h.numero = NEW.numero
                  AND h.accion = 'entrega' AND h.persona_id = NEW.persona_id) THEN
        RAISE EXCEPTION 'trabajo propio' USING ERRCODE = 'check_violation', CONSTRAINT = 'historial_dictamen_ajeno';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE OR REPLACE FUNCTION entrega_vigente(p_proyecto bigint, p_numero integer)
RETURNS TABLE (id bigint, numero integer, persona_id bigint, cuando timestamptz, ficha bigint) LANGUAGE sql STABLE AS $$
    SELECT h.id, h.numero, h.persona_id, h.cuando, h.ficha FROM historial h
     WHERE h.proyecto_id = p_proyecto AND h.numero = p_numero AND h.accion = 'entrega'
       AND NOT EXISTS (SELECT FROM historial d WHERE d.deshace = h.id)
     ORDER BY h.id DESC LIMIT 1
$$
""",
    """
CREATE OR REPLACE FUNCTION dictamen_vigente(p_proyecto bigint, p_numero integer)
RETURNS TABLE (id bigint, veredicto text, persona_id bigint) LANGUAGE sql STABLE AS $$
    SELECT d.id, d.veredicto, d.persona_id FROM dictamen d
     WHERE d.proyecto_id = p_proyecto AND d.numero = p_numero AND d.paso IS NOT NULL
       AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
     ORDER BY d.id DESC LIMIT 1
$$
""",
    """
CREATE OR REPLACE FUNCTION la_mapeo(p_proyecto bigint, p_numero integer, p_persona bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM historial h WHERE h.proyecto_id = p_proyecto AND h.numero = p_numero
                      AND h.accion = 'entrega' AND h.persona_id = p_persona)
$$
""",
)

# Quien divide ya tiene el turno de la fila: quien la tomó antes está aquí, y quien la tome después verá el estado.
AL_DIVIDIR = """
CREATE FUNCTION tarea_al_dividir() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.estado = 5 THEN
        RAISE EXCEPTION 'una tarea dividida no vuelve' USING ERRCODE = 'check_violation', CONSTRAINT = 'tarea_dividida_para_siempre';
    END IF;
    IF EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = NEW.proyecto_id AND b.numero = NEW.numero) THEN
        RAISE EXCEPTION 'alguien la tiene' USING ERRCODE = 'check_violation', CONSTRAINT = 'tarea_dividida_sin_turno';
    END IF;
    IF EXISTS (SELECT FROM disputa x WHERE x.proyecto_id = NEW.proyecto_id AND x.numero = NEW.numero AND x.resuelta IS NULL AND x.retirada IS NULL) THEN
        RAISE EXCEPTION 'en disputa' USING ERRCODE = 'check_violation', CONSTRAINT = 'tarea_dividida_sin_disputa';
    END IF;
    RETURN NEW;
END $$
"""

# Al confirmar: la dividida tiene partes, y las partes de cada operación cubren lo mismo que cubrían las de antes.
CON_PARTES = """
CREATE FUNCTION tarea_dividida_con_partes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tarea_origen o WHERE o.proyecto_id = NEW.proyecto_id AND o.de_numero = NEW.numero AND o.paso = 1) THEN
        RAISE EXCEPTION 'sin partes' USING ERRCODE = 'check_violation', CONSTRAINT = 'tarea_dividida_con_partes';
    END IF;
    RETURN NULL;
END $$
"""

CUBRE = """
CREATE FUNCTION division_cubre(p_division bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH partes AS (SELECT DISTINCT o.proyecto_id, o.numero FROM tarea_origen o WHERE o.division_id = p_division AND o.paso = 1),
         fuentes AS (SELECT DISTINCT o.proyecto_id, o.de_numero AS numero FROM tarea_origen o WHERE o.division_id = p_division AND o.paso = 1),
         -- Una franja de un milímetro (1e-8 grados) a lo largo de los contornos.
         a AS (SELECT ST_Union(t.geom) AS geom, sum(ST_Area(t.geom)) AS suma FROM fuentes JOIN tarea t USING (proyecto_id, numero)),
         b AS (SELECT ST_Union(t.geom) AS geom, sum(ST_Area(t.geom)) AS suma, sum(ST_Perimeter(t.geom)) AS borde FROM partes JOIN tarea t USING (proyecto_id, numero))
    SELECT coalesce(abs(a.suma - b.suma) <= 1e-8 * b.borde AND abs(ST_Area(b.geom) - b.suma) <= 1e-8 * b.borde
                AND ST_Area(ST_SymDifference(a.geom, b.geom)) <= 1e-8 * b.borde, false) FROM a, b
$$
"""

CUBRE_LO_MISMO = """
CREATE FUNCTION division_cubre_lo_mismo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT division_cubre(NEW.id) THEN
        RAISE EXCEPTION 'las partes no cubren lo mismo' USING ERRCODE = 'check_violation', CONSTRAINT = 'division_cubre_lo_mismo';
    END IF;
    RETURN NULL;
END $$
"""

SOLO_SE_AGREGA = """
CREATE FUNCTION division_solo_se_agrega() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'las divisiones solo se agregan' USING ERRCODE = 'check_violation', CONSTRAINT = 'division_solo_se_agrega';
END $$
"""

FUNCIONES = (
    LINAJE,
    ENTREGA_VIGENTE,
    LA_MAPEO,
    DICTAMEN_VIGENTE,
    SIGUE_DEVUELTA,
    DICTAMEN_AJENO,
    AL_DIVIDIR,
    CON_PARTES,
)
FUNCIONES += (CUBRE, CUBRE_LO_MISMO, SOLO_SE_AGREGA)


def _acciones(nombre: str, nueva: str, *, quitar: bool = False) -> None:
    """Agrega o quita una acción de una restricción del historial sin olvidar las que otra migración haya agregado."""
    definicion = (
        op.get_bind()
        .execute(
            sa.text(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :n AND conrelid = 'historial'::regclass"
            ),
            {"n": nombre},
        )
        .scalar_one()
    )
    viejo, puesto = ("'deshacer'::text", f"'deshacer'::text, '{nueva}'::text")
    cambiada = definicion.replace(puesto, viejo) if quitar else definicion.replace(viejo, puesto)
    if cambiada == definicion:
        raise RuntimeError(f"no se entiende la restricción {nombre}: {definicion}")
    op.execute(f"ALTER TABLE historial DROP CONSTRAINT {nombre}")
    op.execute(f"ALTER TABLE historial ADD CONSTRAINT {nombre} {cambiada}")


def upgrade() -> None:
    _acciones("historial_accion_conocida", "division")
    _acciones("historial_estado_si_cambia", "division")
    op.add_column("proyecto", sa.Column("divididas", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("proyecto_divididas_de_las_suyas"), "proyecto", "divididas BETWEEN 0 AND tareas_total"
    )
    op.create_table(
        "division_de_tarea",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("clase", sa.Text(), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("cuando", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("clase IN ('partir', 'juntar', 'corregir')", name=op.f("division_de_tarea_clase_conocida")),
        sa.CheckConstraint(
            r"char_length(motivo) BETWEEN 3 AND 500 AND motivo ~ '\S'", name=op.f("division_de_tarea_con_motivo")
        ),
        sa.ForeignKeyConstraint(["proyecto_id"], ["proyecto.id"], name="division_de_tarea_proyecto_existe"),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="division_de_tarea_persona_existe"),
        sa.PrimaryKeyConstraint("id", name=op.f("division_de_tarea_pk")),
    )
    op.create_index("division_de_tarea_proyecto_id_id_idx", "division_de_tarea", ["proyecto_id", "id"])
    # Con todas las de antes, no sólo la inmediata: saber de quién es un trabajo es una búsqueda y no un recorrido.
    op.create_table(
        "tarea_origen",
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("numero", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("de_numero", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("division_id", sa.BigInteger(), nullable=False),
        sa.Column("paso", sa.SmallInteger(), nullable=False),
        sa.Column("principal", sa.Boolean(), nullable=False),
        sa.CheckConstraint("de_numero < numero", name=op.f("tarea_origen_de_una_anterior")),
        sa.CheckConstraint("paso >= 1", name=op.f("tarea_origen_paso_positivo")),
        sa.ForeignKeyConstraint(["division_id"], ["division_de_tarea.id"], name="tarea_origen_division_existe"),
        sa.ForeignKeyConstraint(
            ["proyecto_id", "numero"], ["tarea.proyecto_id", "tarea.numero"], name="tarea_origen_tarea_existe"
        ),
        sa.ForeignKeyConstraint(
            ["proyecto_id", "de_numero"], ["tarea.proyecto_id", "tarea.numero"], name="tarea_origen_de_existe"
        ),
        sa.PrimaryKeyConstraint("proyecto_id", "numero", "de_numero", name="tarea_origen_pk"),
    )
    op.create_index("tarea_origen_proyecto_id_de_numero_idx", "tarea_origen", ["proyecto_id", "de_numero"])
    op.create_index("tarea_origen_division_id_idx", "tarea_origen", ["division_id"])
    for funcion in FUNCIONES:
        op.execute(funcion)
    for tabla in ("division_de_tarea", "tarea_origen"):
        op.execute(f"""
            CREATE TRIGGER {tabla}_solo_se_agrega BEFORE UPDATE OR DELETE OR TRUNCATE ON {tabla}
               FOR EACH STATEMENT EXECUTE FUNCTION division_solo_se_agrega()
        """)
    op.execute("""
        CREATE TRIGGER tarea_al_dividir BEFORE UPDATE OF estado ON tarea
           FOR EACH ROW WHEN ((OLD.estado = 5) <> (NEW.estado = 5)) EXECUTE FUNCTION tarea_al_dividir()
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER tarea_dividida_con_partes AFTER UPDATE OF estado ON tarea DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW WHEN (NEW.estado = 5) EXECUTE FUNCTION tarea_dividida_con_partes()
    """)
    op.execute("""
        CREATE CONSTRAINT TRIGGER division_cubre_lo_mismo AFTER INSERT ON division_de_tarea DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION division_cubre_lo_mismo()
    """)


def downgrade() -> None:
    # El historial no se borra: con tareas ya divididas no hay vuelta, y se dice aquí en vez de a medias.
    op.execute("""
        DO $$ BEGIN
            IF EXISTS (SELECT FROM division_de_tarea) THEN
                RAISE EXCEPTION 'hay tareas divididas: esta migracion ya no se puede deshacer';
            END IF;
        END $$
    """)
    op.execute("DROP TRIGGER tarea_dividida_con_partes ON tarea")
    op.execute("DROP TRIGGER tarea_al_dividir ON tarea")
    for funcion in DE_ANTES:
        op.execute(funcion)
    op.drop_table("tarea_origen")
    op.drop_table("division_de_tarea")
    for funcion in (
        "division_solo_se_agrega()",
        "division_cubre_lo_mismo()",
        "division_cubre(bigint)",
        "tarea_dividida_con_partes()",
        "tarea_al_dividir()",
        "sigue_devuelta(bigint, integer)",
        "tarea_linaje(bigint, integer)",
    ):
        op.execute(f"DROP FUNCTION {funcion}")
    op.drop_constraint(op.f("proyecto_divididas_de_las_suyas"), "proyecto")
    op.drop_column("proyecto", "divididas")
    _acciones("historial_estado_si_cambia", "division", quitar=True)
    _acciones("historial_accion_conocida", "division", quitar=True)
