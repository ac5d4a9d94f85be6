"""El dictamen con su retroalimentación y sus señalamientos, la disputa, la segunda opinión a ciegas y lo hallado en cada
entrega; y los dictámenes que ya estaban en el historial, con su persona y su fecha.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

AHORA = sa.text("ahora()")
SE_AGREGAN = ("dictamen", "retroalimentacion", "senalamiento")

# La entrega que se juzga en una tarea: la última sin deshacer. Quien parta tareas cambia sólo esta función.
ENTREGA_VIGENTE = """
CREATE FUNCTION entrega_vigente(p_proyecto bigint, p_numero integer)
RETURNS TABLE (id bigint, numero integer, persona_id bigint, cuando timestamptz, ficha bigint) LANGUAGE sql STABLE AS $$
    SELECT h.id, h.numero, h.persona_id, h.cuando, h.ficha FROM historial h
     WHERE h.proyecto_id = p_proyecto AND h.numero = p_numero AND h.accion = 'entrega'
       AND NOT EXISTS (SELECT FROM historial d WHERE d.deshace = h.id)
     ORDER BY h.id DESC LIMIT 1
$$
"""

# El último dictamen que cambió la tarea y no se deshizo.
DICTAMEN_VIGENTE = """
CREATE FUNCTION dictamen_vigente(p_proyecto bigint, p_numero integer)
RETURNS TABLE (id bigint, veredicto text, persona_id bigint) LANGUAGE sql STABLE AS $$
    SELECT d.id, d.veredicto, d.persona_id FROM dictamen d
     WHERE d.proyecto_id = p_proyecto AND d.numero = p_numero AND d.paso IS NOT NULL
       AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso)
     ORDER BY d.id DESC LIMIT 1
$$
"""

# Si esa persona entregó alguna vez la tarea. También éstas las cambia quien parta tareas.
LA_MAPEO = """
CREATE FUNCTION la_mapeo(p_proyecto bigint, p_numero integer, p_persona bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM historial h WHERE h.proyecto_id = p_proyecto AND h.numero = p_numero
                      AND h.accion = 'entrega' AND h.persona_id = p_persona)
$$
"""

# Lo que espera revisión y esa persona puede revisar, con qué tan urgente es. Los números son los de tareas/validacion/reglas.py.
# banda: 0 disputa, 1 vuelve a quien la devolvió, 2 primeras entregas de la persona, 3 al azar, 4 por riesgo.
COLA = """
CREATE FUNCTION cola_de_revision(p_proyecto bigint, p_persona bigint)
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

# Una segunda opinión vale mientras la tarea siga como la dejó el primer dictamen: otra entrega, una disputa o deshacer la cierran.
SEGUNDA_ABIERTA = """
CREATE VIEW segunda_abierta AS
SELECT s.entrega, s.municipio_id, s.proyecto_id, s.numero, s.primera, s.primera_persona_id, s.autora_id, s.sorteada,
       s.persona_id, s.ficha, s.desde, s.vence, d.paso
  FROM segunda_revision s JOIN dictamen d ON d.id = s.primera
 WHERE s.hecha IS NULL AND s.sorteada > ahora() - interval '30 days'
   AND NOT EXISTS (SELECT FROM historial h WHERE h.proyecto_id = s.proyecto_id AND h.numero = s.numero AND h.id > d.paso AND h.a IS NOT NULL)
"""

# Lo que no debe ver quien todavía puede dar la segunda opinión o resolver la disputa: el paso del primer dictamen.
DICTAMEN_A_CIEGAS = """
CREATE FUNCTION dictamen_a_ciegas(p_paso bigint, p_proyecto bigint, p_numero integer, p_persona bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM segunda_abierta s
                    WHERE s.proyecto_id = p_proyecto AND s.numero = p_numero AND s.paso = p_paso
                      AND p_persona NOT IN (s.primera_persona_id, s.autora_id))
        OR EXISTS (SELECT FROM dictamen d JOIN disputa x ON x.dictamen_id = d.id AND x.resuelta IS NULL AND x.retirada IS NULL
                    WHERE d.paso = p_paso AND p_persona NOT IN (d.persona_id, d.autora_id))
$$
"""

AL_TOMAR = """
CREATE OR REPLACE FUNCTION bloqueo_al_tomar() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF NEW.para = 'validar' AND la_mapeo(NEW.proyecto_id, NEW.numero, NEW.persona_id) THEN
        RAISE EXCEPTION 'trabajo propio' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_no_propio';
    END IF;
    -- Una disputa la resuelve alguien que no haya dado el dictamen que se disputa.
    IF NEW.para = 'validar' AND EXISTS (
        SELECT FROM disputa x JOIN dictamen d ON d.id = x.dictamen_id
         WHERE x.proyecto_id = NEW.proyecto_id AND x.numero = NEW.numero AND x.resuelta IS NULL AND x.retirada IS NULL
           AND d.persona_id = NEW.persona_id) THEN
        RAISE EXCEPTION 'la disputa es de otra persona' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_disputa_otra_persona';
    END IF;
    NEW.municipio_id := t.municipio_id;
    -- La ficha se pide con el turno en la mano: así crece siempre dentro de una misma tarea.
    NEW.ficha := nextval('ficha_bloqueo');
    NEW.desde := momento;
    NEW.vence := momento + make_interval(mins => minutos);
    RETURN NEW;
END $$
"""

# Como quedó en la 0003.
AL_TOMAR_DE_ANTES = (
    AL_TOMAR[: AL_TOMAR.index("    -- Una disputa la resuelve")]
    + AL_TOMAR[AL_TOMAR.index("    NEW.municipio_id := t.municipio_id;") :]
).replace(
    "la_mapeo(NEW.proyecto_id, NEW.numero, NEW.persona_id) THEN",
    """EXISTS (
        SELECT FROM historial h WHERE h.proyecto_id = NEW.proyecto_id AND h.numero = NEW.numero
           AND h.accion = 'entrega' AND h.persona_id = NEW.persona_id) THEN""",
)

SEGUNDA_AL_TOMAR = """
CREATE FUNCTION segunda_al_tomar() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    minutos integer;
    momento timestamptz := ahora();
BEGIN
    SELECT p.minutos_bloqueo INTO minutos FROM proyecto p WHERE p.id = OLD.proyecto_id AND p.estado = 'publicado';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'el proyecto no esta publicado' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_proyecto_abierto';
    END IF;
    IF OLD.hecha IS NOT NULL THEN
        RAISE EXCEPTION 'ya esta hecha' USING ERRCODE = 'check_violation', CONSTRAINT = 'segunda_ya_hecha';
    END IF;
    IF NOT EXISTS (SELECT FROM segunda_abierta s WHERE s.entrega = OLD.entrega) THEN
        RAISE EXCEPTION 'ya no hace falta' USING ERRCODE = 'check_violation', CONSTRAINT = 'segunda_cerrada';
    END IF;
    IF la_mapeo(OLD.proyecto_id, OLD.numero, NEW.persona_id) THEN
        RAISE EXCEPTION 'trabajo propio' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_no_propio';
    END IF;
    IF OLD.vence > momento AND OLD.persona_id <> NEW.persona_id THEN
        RAISE EXCEPTION 'la tiene otra persona' USING ERRCODE = 'check_violation', CONSTRAINT = 'segunda_ocupada';
    END IF;
    IF OLD.vence > momento THEN
        NEW.ficha := OLD.ficha;
        NEW.desde := OLD.desde;
    ELSE
        NEW.ficha := nextval('ficha_bloqueo');
        NEW.desde := momento;
    END IF;
    NEW.vence := momento + make_interval(mins => minutos);
    RETURN NEW;
END $$
"""

SOLO_SE_AGREGA = """
CREATE FUNCTION dictamen_solo_se_agrega() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'solo se agrega' USING ERRCODE = 'check_violation', CONSTRAINT = 'dictamen_solo_se_agrega';
END $$
"""

# Quien dio el dictamen disputado no lo resuelve, aunque llegara por otro camino que tomarla.
DICTAMEN_AJENO = """
CREATE FUNCTION dictamen_ajeno() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF la_mapeo(NEW.proyecto_id, NEW.numero, NEW.persona_id) THEN
        RAISE EXCEPTION 'trabajo propio' USING ERRCODE = 'check_violation', CONSTRAINT = 'historial_dictamen_ajeno';
    END IF;
    IF NEW.clase = 'disputa' AND EXISTS (
        SELECT FROM disputa x JOIN dictamen d ON d.id = x.dictamen_id
         WHERE x.proyecto_id = NEW.proyecto_id AND x.numero = NEW.numero AND x.resuelta IS NULL AND x.retirada IS NULL
           AND d.persona_id = NEW.persona_id) THEN
        RAISE EXCEPTION 'la disputa es de otra persona' USING ERRCODE = 'check_violation', CONSTRAINT = 'bloqueo_disputa_otra_persona';
    END IF;
    RETURN NEW;
END $$
"""

LUGAR_CERCA = """
CREATE FUNCTION senalamiento_lugar_cerca() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tarea t WHERE t.proyecto_id = NEW.proyecto_id AND t.numero = NEW.numero
                      AND ST_Within(NEW.lugar, ST_Buffer(t.geom::geography, 200)::geometry)) THEN
        RAISE EXCEPTION 'lejos de la tarea' USING ERRCODE = 'check_violation', CONSTRAINT = 'senalamiento_lugar_cerca';
    END IF;
    RETURN NEW;
END $$
"""

# Deshacer un paso también deshace lo que el paso decidió: la disputa vuelve a quedar abierta, o retirada.
DESHACE_DISPUTA = """
CREATE FUNCTION historial_deshace_disputa() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE disputa x SET resuelta = NULL, resultado = NULL
     WHERE x.proyecto_id = NEW.proyecto_id AND x.numero = NEW.numero
       AND x.resuelta = (SELECT d.id FROM dictamen d WHERE d.paso = NEW.deshace);
    UPDATE disputa x SET retirada = NEW.cuando
     WHERE x.proyecto_id = NEW.proyecto_id AND x.numero = NEW.numero AND x.paso = NEW.deshace;
    RETURN NULL;
END $$
"""

# De lo que ya estaba en el historial: cada dictamen, con la entrega que juzgó y sus motivos.
DE_ANTES = """
WITH viejos AS MATERIALIZED (
    SELECT d.*, e.id AS entrega_id, e.persona_id AS autora,
           CASE WHEN cardinality(d.motivos) > 0 OR d.nota ~ '\\S' THEN nextval(pg_get_serial_sequence('retroalimentacion', 'id')) END AS retro
      FROM (SELECT * FROM historial WHERE accion = 'dictamen' ORDER BY id) d
      JOIN LATERAL (SELECT h.id, h.persona_id FROM historial h
                     WHERE h.proyecto_id = d.proyecto_id AND h.numero = d.numero AND h.accion = 'entrega' AND h.id < d.id
                       AND NOT EXISTS (SELECT FROM historial x WHERE x.deshace = h.id AND x.id < d.id)
                     ORDER BY h.id DESC LIMIT 1) e ON true
), retros AS (
    INSERT INTO retroalimentacion (id, municipio_id, proyecto_id, persona_id, nota, cuando)
    SELECT retro, municipio_id, proyecto_id, persona_id, CASE WHEN nota ~ '\\S' THEN nota END, cuando FROM viejos WHERE retro IS NOT NULL ORDER BY id
), senalados AS (
    INSERT INTO senalamiento (retro_id, proyecto_id, numero, codigo)
    SELECT retro, proyecto_id, numero, m FROM (SELECT DISTINCT id, retro, proyecto_id, numero, unnest(motivos) AS m FROM viejos) v ORDER BY id, m
)
INSERT INTO dictamen (municipio_id, proyecto_id, numero, entrega, paso, ficha, persona_id, autora_id, veredicto, clase, retro_id, cuando, duracion_s)
SELECT municipio_id, proyecto_id, numero, entrega_id, id, ficha, persona_id, autora,
       CASE WHEN a = 3 THEN 'devuelta' ELSE 'aceptada' END, 'primera', retro, cuando, duracion_s
  FROM viejos ORDER BY id
"""


def _momento(nombre: str, *, ahora: bool = False, vacio: bool = False) -> sa.Column[object]:
    return sa.Column(nombre, sa.DateTime(timezone=True), server_default=AHORA if ahora else None, nullable=vacio)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _entero(nombre: str, *, vacio: bool = False) -> sa.Column[object]:
    return sa.Column(nombre, sa.BigInteger(), nullable=vacio)


def _de_tarea(tabla: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["proyecto_id", "numero"], ["tarea.proyecto_id", "tarea.numero"], name=op.f(f"{tabla}_tarea_existe")
    )


def _de(tabla: str, columna: str, destino: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([columna], [f"{destino}.id"], name=op.f(f"{tabla}_{columna}_fk"))


def _acciones(*otras: str) -> None:
    todas = ("bloqueo", "extension", "liberacion", "vencimiento", "entrega", "dictamen", "deshacer", "comentario")
    cambian = ("entrega", "dictamen", "deshacer")
    op.drop_constraint(op.f("historial_accion_conocida"), "historial")
    op.drop_constraint(op.f("historial_estado_si_cambia"), "historial")
    lista = ", ".join(f"'{a}'" for a in todas + otras)
    op.create_check_constraint(op.f("historial_accion_conocida"), "historial", f"accion IN ({lista})")
    lista = ", ".join(f"'{a}'" for a in cambian + otras)
    op.create_check_constraint(
        op.f("historial_estado_si_cambia"), "historial", f"(a IS NOT NULL) = (accion IN ({lista}))"
    )


def upgrade() -> None:
    op.create_table(
        "retroalimentacion",
        _id(),
        _entero("municipio_id"),
        _entero("proyecto_id"),
        _entero("persona_id"),
        sa.Column("fortaleza", sa.Text()),
        sa.Column("nota", sa.Text()),
        _momento("cuando", ahora=True),
        sa.PrimaryKeyConstraint("id", name=op.f("retroalimentacion_pk")),
        sa.CheckConstraint("char_length(fortaleza) <= 1000", name=op.f("retroalimentacion_fortaleza_breve")),
        sa.CheckConstraint("char_length(nota) <= 5000", name=op.f("retroalimentacion_nota_larga")),
        _de("retroalimentacion", "persona_id", "persona"),
    )
    op.create_table(
        "senalamiento",
        _id(),
        _entero("retro_id"),
        _entero("proyecto_id"),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("codigo", sa.Text(), nullable=False),
        sa.Column("objeto", sa.Text()),
        sa.Column("version", sa.Integer()),
        sa.Column("lugar", Geometry("GEOMETRY", srid=4326, spatial_index=False)),
        sa.Column("nota", sa.Text()),
        sa.Column("huella", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("senalamiento_pk")),
        sa.CheckConstraint("objeto ~ '^[nwr][1-9][0-9]{0,18}$'", name=op.f("senalamiento_objeto_valido")),
        sa.CheckConstraint("char_length(nota) <= 1000", name=op.f("senalamiento_nota_breve")),
        _de("senalamiento", "retro_id", "retroalimentacion"),
        _de_tarea("senalamiento"),
    )
    op.create_index("senalamiento_retro_id_idx", "senalamiento", ["retro_id"])
    op.create_index("senalamiento_proyecto_id_numero_idx", "senalamiento", ["proyecto_id", "numero"])
    op.create_table(
        "dictamen",
        _id(),
        _entero("municipio_id"),
        _entero("proyecto_id"),
        sa.Column("numero", sa.Integer(), nullable=False),
        _entero("entrega"),
        _entero("paso", vacio=True),
        _entero("ficha"),
        _entero("persona_id"),
        _entero("autora_id"),
        sa.Column("veredicto", sa.Text(), nullable=False),
        sa.Column("clase", sa.Text(), nullable=False),
        _entero("retro_id", vacio=True),
        _momento("cuando", ahora=True),
        sa.Column("duracion_s", sa.REAL()),
        sa.PrimaryKeyConstraint("id", name=op.f("dictamen_pk")),
        sa.UniqueConstraint("proyecto_id", "numero", "ficha", name="dictamen_uno_por_turno"),
        sa.UniqueConstraint("paso", name="dictamen_uno_por_paso"),
        sa.CheckConstraint(
            "veredicto IN ('aceptada', 'con_arreglos', 'devuelta')", name=op.f("dictamen_veredicto_conocido")
        ),
        sa.CheckConstraint("clase IN ('primera', 'ciega', 'disputa')", name=op.f("dictamen_clase_conocida")),
        sa.CheckConstraint("(clase = 'ciega') = (paso IS NULL)", name=op.f("dictamen_ciega_sin_paso")),
        sa.CheckConstraint("persona_id <> autora_id", name=op.f("dictamen_no_propio")),
        sa.ForeignKeyConstraint(["entrega"], ["historial.id"], name=op.f("dictamen_entrega_fk")),
        sa.ForeignKeyConstraint(["paso"], ["historial.id"], name=op.f("dictamen_paso_fk")),
        _de("dictamen", "persona_id", "persona"),
        _de("dictamen", "autora_id", "persona"),
        _de("dictamen", "retro_id", "retroalimentacion"),
        _de_tarea("dictamen"),
    )
    op.create_index("dictamen_proyecto_id_numero_id_idx", "dictamen", ["proyecto_id", "numero", "id"])
    op.create_index("dictamen_autora_id_municipio_id_id_idx", "dictamen", ["autora_id", "municipio_id", "id"])
    op.create_index("dictamen_municipio_id_cuando_idx", "dictamen", ["municipio_id", "cuando"])
    op.create_index("dictamen_persona_id_cuando_idx", "dictamen", ["persona_id", "cuando"])
    op.create_index("dictamen_entrega_idx", "dictamen", ["entrega"])
    op.create_index("dictamen_retro_id_idx", "dictamen", ["retro_id"])
    op.create_table(
        "disputa",
        _id(),
        _entero("municipio_id"),
        _entero("proyecto_id"),
        sa.Column("numero", sa.Integer(), nullable=False),
        _entero("dictamen_id"),
        _entero("entrega"),
        _entero("paso"),
        _entero("persona_id"),
        sa.Column("motivo", sa.Text(), nullable=False),
        _momento("cuando", ahora=True),
        _momento("retirada", vacio=True),
        _entero("resuelta", vacio=True),
        sa.Column("resultado", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("disputa_pk")),
        sa.UniqueConstraint("dictamen_id", "numero", name="disputa_una_por_dictamen"),
        sa.UniqueConstraint("entrega", "numero", name="disputa_una_por_entrega"),
        sa.CheckConstraint("char_length(motivo) BETWEEN 10 AND 2000", name=op.f("disputa_motivo_dicho")),
        sa.CheckConstraint("resultado IN ('sostenida', 'a_favor')", name=op.f("disputa_resultado_conocido")),
        sa.CheckConstraint("(resuelta IS NULL) = (resultado IS NULL)", name=op.f("disputa_resuelta_con_resultado")),
        sa.ForeignKeyConstraint(["entrega"], ["historial.id"], name=op.f("disputa_entrega_fk")),
        sa.ForeignKeyConstraint(["paso"], ["historial.id"], name=op.f("disputa_paso_fk")),
        _de("disputa", "dictamen_id", "dictamen"),
        _de("disputa", "resuelta", "dictamen"),
        _de("disputa", "persona_id", "persona"),
        _de_tarea("disputa"),
    )
    op.create_index(
        "disputa_una_abierta_por_tarea",
        "disputa",
        ["proyecto_id", "numero"],
        unique=True,
        postgresql_where=sa.text("resuelta IS NULL AND retirada IS NULL"),
    )
    op.create_index("disputa_proyecto_id_numero_idx", "disputa", ["proyecto_id", "numero"])
    op.create_table(
        "segunda_revision",
        _entero("entrega"),
        _entero("municipio_id"),
        _entero("proyecto_id"),
        sa.Column("numero", sa.Integer(), nullable=False),
        _entero("primera"),
        _entero("primera_persona_id"),
        _entero("autora_id"),
        _momento("sorteada", ahora=True),
        _entero("persona_id", vacio=True),
        _entero("ficha", vacio=True),
        _momento("desde", vacio=True),
        _momento("vence", vacio=True),
        _entero("hecha", vacio=True),
        sa.PrimaryKeyConstraint("entrega", name=op.f("segunda_revision_pk")),
        sa.UniqueConstraint("hecha", name="segunda_una_por_dictamen"),
        sa.CheckConstraint(
            "persona_id <> primera_persona_id AND persona_id <> autora_id", name=op.f("segunda_revision_no_la_misma")
        ),
        sa.CheckConstraint(
            "num_nonnulls(persona_id, ficha, desde, vence) IN (0, 4)", name=op.f("segunda_revision_turno_entero")
        ),
        sa.CheckConstraint("hecha IS NULL OR persona_id IS NOT NULL", name=op.f("segunda_revision_hecha_por_alguien")),
        sa.ForeignKeyConstraint(["entrega"], ["historial.id"], name=op.f("segunda_revision_entrega_fk")),
        _de("segunda_revision", "primera", "dictamen"),
        _de("segunda_revision", "hecha", "dictamen"),
        _de("segunda_revision", "persona_id", "persona"),
        _de_tarea("segunda_revision"),
    )
    op.create_index("segunda_revision_proyecto_id_numero_idx", "segunda_revision", ["proyecto_id", "numero"])
    op.create_index("segunda_revision_municipio_id_idx", "segunda_revision", ["municipio_id"])
    op.create_index("segunda_revision_primera_idx", "segunda_revision", ["primera"])
    op.create_table(
        "entrega_hallazgos",
        _entero("proyecto_id"),
        sa.Column("numero", sa.Integer(), nullable=False),
        _entero("ficha"),
        _entero("municipio_id"),
        sa.Column("objetos", sa.Integer(), nullable=False),
        sa.Column("nivel1", sa.Integer(), nullable=False),
        sa.Column("nivel2", sa.Integer(), nullable=False),
        sa.Column("nivel3", sa.Integer(), nullable=False),
        sa.Column("codigos", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("proyecto_id", "numero", "ficha", name=op.f("entrega_hallazgos_pk")),
        sa.ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name=op.f("entrega_hallazgos_tarea_existe"),
            ondelete="CASCADE",
        ),
    )
    _acciones("disputa")
    for sentencia in (
        ENTREGA_VIGENTE,
        DICTAMEN_VIGENTE,
        LA_MAPEO,
        COLA,
        SEGUNDA_ABIERTA,
        DICTAMEN_A_CIEGAS,
        SEGUNDA_AL_TOMAR,
        SOLO_SE_AGREGA,
        DICTAMEN_AJENO,
        LUGAR_CERCA,
        DESHACE_DISPUTA,
        AL_TOMAR,
        DE_ANTES,
    ):
        op.execute(sentencia)
    for tabla in SE_AGREGAN:
        op.execute(f"""
            CREATE TRIGGER {tabla}_solo_se_agrega BEFORE UPDATE OR DELETE OR TRUNCATE ON {tabla}
               FOR EACH STATEMENT EXECUTE FUNCTION dictamen_solo_se_agrega()
        """)
    op.execute("CREATE TRIGGER dictamen_ajeno BEFORE INSERT ON dictamen FOR EACH ROW EXECUTE FUNCTION dictamen_ajeno()")
    op.execute("""
        CREATE TRIGGER senalamiento_lugar_cerca BEFORE INSERT ON senalamiento
           FOR EACH ROW WHEN (NEW.lugar IS NOT NULL) EXECUTE FUNCTION senalamiento_lugar_cerca()
    """)
    op.execute("""
        CREATE TRIGGER segunda_al_tomar BEFORE UPDATE OF ficha ON segunda_revision
           FOR EACH ROW WHEN (NEW.ficha IS NOT NULL AND NEW.ficha IS DISTINCT FROM OLD.ficha) EXECUTE FUNCTION segunda_al_tomar()
    """)
    op.execute("""
        CREATE TRIGGER historial_deshace_disputa AFTER INSERT ON historial
           FOR EACH ROW WHEN (NEW.accion = 'deshacer') EXECUTE FUNCTION historial_deshace_disputa()
    """)


def downgrade() -> None:
    # Una disputa en curso deja su tarea mapeada: sin disputas, es un paso que la regla de antes no conoce.
    en_uso = (
        op.get_bind().execute(sa.text("SELECT EXISTS (SELECT FROM historial WHERE accion = 'disputa')")).scalar_one()
    )
    if en_uso:
        raise RuntimeError("Hay disputas en el historial, que no se borra: no se puede volver a la versión anterior.")
    op.execute(AL_TOMAR_DE_ANTES)
    op.execute("DROP TRIGGER historial_deshace_disputa ON historial")
    op.execute("DROP VIEW segunda_abierta CASCADE")
    for tabla in ("entrega_hallazgos", "segunda_revision", "disputa", "dictamen", "senalamiento", "retroalimentacion"):
        op.drop_table(tabla)
    for funcion in (
        "dictamen_a_ciegas(bigint, bigint, integer, bigint)",
        "cola_de_revision(bigint, bigint)",
        "entrega_vigente(bigint, integer)",
        "dictamen_vigente(bigint, integer)",
        "la_mapeo(bigint, integer, bigint)",
        "segunda_al_tomar()",
        "dictamen_solo_se_agrega()",
        "dictamen_ajeno()",
        "senalamiento_lugar_cerca()",
        "historial_deshace_disputa()",
    ):
        op.execute(f"DROP FUNCTION {funcion}")
    _acciones()
