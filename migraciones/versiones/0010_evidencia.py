"""Evidencia de lo mapeado en cada turno: se cuenta de los cambios de OSM, se asienta y se puede volver a contar."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Igual que en osm_cifras: la zona corrida una fracción de milímetro hace que lo que cae justo en el borde común de dos
# tareas sea de una sola, y una calle que repasa un tramo cuente las dos veces.
CORRIDA = """
CREATE FUNCTION evidencia_corrida(zona geometry) RETURNS geometry LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT ST_Translate(zona, 3.1415926e-9, 2.7182818e-9) $$
"""

# En plpgsql, cuyos planes se guardan en la sesión: una función SQL que no se puede expandir se planea en cada llamada.
METROS = """
CREATE FUNCTION evidencia_metros(via geometry, corrida geometry) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF via IS NULL OR NOT via && corrida OR NOT ST_Intersects(corrida, via) THEN
        RETURN 0;
    ELSIF ST_Covers(corrida, via) THEN
        RETURN ST_Length(via::geography);
    ELSIF ST_IsSimple(via) THEN
        RETURN ST_Length(ST_Intersection(via, corrida)::geography);
    END IF;
    RETURN (SELECT coalesce(sum(ST_Length(ST_Intersection(tramo.geom, corrida)::geography)), 0)
              FROM ST_DumpSegments(via) AS tramo WHERE tramo.geom && corrida);
END $$
"""

# Un edificio está donde su punto interior, como en osm_cifras; lo demás, dentro si toca la tarea. NULL: no se sabe dónde está.
TOCA = """
CREATE FUNCTION evidencia_toca(clase text, geom geometry, corrida geometry) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF geom IS NULL THEN
        RETURN NULL;
    ELSIF clase = 'edificio' THEN
        RETURN ST_Intersects(corrida, ST_PointOnSurface(geom));
    END IF;
    RETURN geom && corrida AND ST_Intersects(corrida, geom);
END $$
"""

# Lo neto de cada objeto: cómo estaba antes de su primera versión de la ventana y cómo quedó con la última. Creado y
# borrado, o cambiado y devuelto a como estaba, no es nada. Un nodo sin etiquetas es sólo vértice: cuenta si se movió.
OBJETOS = """
CREATE FUNCTION evidencia_objetos(
    zona geometry, p_origen bigint, p_uid bigint, p_desde timestamptz, p_hasta timestamptz,
    OUT tipo text, OUT osm_id bigint, OUT version integer, OUT accion text, OUT vertice boolean, OUT clase text,
    OUT clase_antes text, OUT etiquetas jsonb, OUT etiquetas_antes jsonb, OUT geom geometry, OUT geom_antes geometry,
    OUT conjunto bigint, OUT cuando timestamptz, OUT dentro boolean, OUT metros_fuera double precision,
    OUT edificios integer, OUT metros numeric, OUT puntos integer
) RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH pasos AS MATERIALIZED (
        SELECT c.* FROM osm_cambio c
         WHERE c.origen = p_origen AND c.uid = p_uid AND c.cuando >= p_desde AND c.cuando < p_hasta
    ), primero AS (
        SELECT DISTINCT ON (c.tipo, c.osm_id) c.id, c.tipo, c.osm_id, c.accion <> 'crear' AS habia, c.geom_antes,
               coalesce(c.etiquetas_antes, '{}') AS etiquetas_antes, c.clase_antes
          FROM pasos c ORDER BY c.tipo, c.osm_id, c.version, c.id
    ), ultimo AS (
        SELECT DISTINCT ON (c.tipo, c.osm_id) c.id, c.tipo, c.osm_id, c.version, c.accion <> 'borrar' AS hay, c.geom,
               coalesce(c.etiquetas, '{}') AS etiquetas, c.clase, c.conjunto, c.cuando
          FROM pasos c ORDER BY c.tipo, c.osm_id, c.version DESC, c.id DESC
    ), neto AS (
        SELECT u.tipo, u.osm_id, u.version, u.conjunto, u.cuando, p.habia, u.hay, u.id <> p.id AS varias,
               CASE WHEN u.hay THEN u.geom END AS geom, CASE WHEN p.habia THEN p.geom_antes END AS geom_antes,
               CASE WHEN u.hay THEN u.etiquetas ELSE '{}' END AS etiquetas,
               CASE WHEN p.habia THEN p.etiquetas_antes ELSE '{}' END AS etiquetas_antes,
               CASE WHEN u.hay THEN u.clase END AS clase, CASE WHEN p.habia THEN p.clase_antes END AS clase_antes
          FROM primero p JOIN ultimo u USING (tipo, osm_id)
         WHERE p.habia OR u.hay
    ), juzgado AS (
        SELECT n.*, n.tipo = 'n' AND n.etiquetas = '{}' AND n.etiquetas_antes = '{}' AS vertice,
               n.geom IS NOT NULL AND n.geom_antes IS NOT NULL AND n.geom = n.geom_antes AS quieto,
               evidencia_corrida(zona) AS corrida
          FROM neto n
    ), lugar AS (
        SELECT j.*, evidencia_toca(j.clase_antes, j.geom_antes, j.corrida) AS estaba,
               evidencia_toca(j.clase, j.geom, j.corrida) AS esta
          FROM juzgado j
         WHERE CASE WHEN j.vertice THEN j.habia AND j.hay AND NOT j.quieto
                    ELSE NOT (j.habia AND j.hay AND j.varias AND j.quieto AND j.etiquetas = j.etiquetas_antes) END
    )
    SELECT l.tipo, l.osm_id, l.version,
           CASE WHEN NOT l.habia THEN 'crear' WHEN NOT l.hay THEN 'borrar' ELSE 'modificar' END,
           l.vertice, l.clase, l.clase_antes, l.etiquetas, l.etiquetas_antes, l.geom, l.geom_antes, l.conjunto, l.cuando,
           coalesce(l.estaba OR l.esta, l.estaba, l.esta),
           CASE WHEN NOT coalesce(l.estaba OR l.esta, l.estaba, l.esta)
                THEN LEAST(ST_Distance(zona::geography, l.geom_antes::geography), ST_Distance(zona::geography, l.geom::geography)) END,
           (l.clase IS NOT DISTINCT FROM 'edificio' AND coalesce(l.esta, false))::integer
               - (l.clase_antes IS NOT DISTINCT FROM 'edificio' AND coalesce(l.estaba, false))::integer,
           round((CASE WHEN l.clase = 'via' THEN evidencia_metros(l.geom, l.corrida) ELSE 0 END)::numeric, 3)
               - round((CASE WHEN l.clase_antes = 'via' THEN evidencia_metros(l.geom_antes, l.corrida) ELSE 0 END)::numeric, 3),
           (l.clase IS NOT DISTINCT FROM 'servicio' AND coalesce(l.esta, false))::integer
               - (l.clase_antes IS NOT DISTINCT FROM 'servicio' AND coalesce(l.estaba, false))::integer
      FROM lugar l
$$
"""

CUENTAS = (
    ("dentro_creados", "integer"),
    ("dentro_modificados", "integer"),
    ("dentro_borrados", "integer"),
    ("fuera_creados", "integer"),
    ("fuera_modificados", "integer"),
    ("fuera_borrados", "integer"),
    ("fuera_aparte", "integer"),
    ("sin_lugar", "integer"),
    ("lejos_m", "real"),
    ("edificios", "integer"),
    ("edificios_creados", "integer"),
    ("edificios_borrados", "integer"),
    ("metros_vias", "double precision"),
    ("metros_vias_creadas", "double precision"),
    ("puntos", "integer"),
    ("puntos_creados", "integer"),
    ("vertices_movidos", "integer"),
    ("vertices_fuera", "integer"),
    ("guardados", "integer"),
    ("segundos_edicion", "real"),
    ("conjuntos", "bigint[]"),
    ("objetos", "jsonb"),
)
"""Lo que `evidencia_cuenta` devuelve y `evidencia` guarda, en el mismo orden."""

NOMBRES = ", ".join(nombre for nombre, _tipo in CUENTAS)

# El tiempo en el editor sale sólo de cuándo se guardó: de tomar la tarea al último guardado, sin contar de cada espera más
# de media hora. Los conjuntos llegan por otro flujo, que puede ir atrás: con ellos, recontar daría otra cosa.
CUENTA = f"""
CREATE FUNCTION evidencia_cuenta(
    zona geometry, p_origen bigint, p_uid bigint, p_desde timestamptz, p_hasta timestamptz, p_tomada timestamptz,
    {", ".join(f"OUT {nombre} {tipo}" for nombre, tipo in CUENTAS)}
) LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
BEGIN
    SELECT count(*) FILTER (WHERE o.dentro AND NOT o.vertice AND o.accion = 'crear')::integer,
           count(*) FILTER (WHERE o.dentro AND NOT o.vertice AND o.accion = 'modificar')::integer,
           count(*) FILTER (WHERE o.dentro AND NOT o.vertice AND o.accion = 'borrar')::integer,
           count(*) FILTER (WHERE NOT o.dentro AND NOT o.vertice AND o.accion = 'crear')::integer,
           count(*) FILTER (WHERE NOT o.dentro AND NOT o.vertice AND o.accion = 'modificar')::integer,
           count(*) FILTER (WHERE NOT o.dentro AND NOT o.vertice AND o.accion = 'borrar')::integer,
           count(*) FILTER (WHERE NOT o.dentro AND NOT o.vertice AND o.metros_fuera > 0)::integer,
           count(*) FILTER (WHERE o.tipo IS NOT NULL AND NOT o.vertice AND o.dentro IS NULL)::integer,
           max(o.metros_fuera)::real,
           coalesce(sum(o.edificios), 0)::integer,
           coalesce(sum(o.edificios) FILTER (WHERE o.accion = 'crear'), 0)::integer,
           coalesce(-sum(o.edificios) FILTER (WHERE o.accion = 'borrar'), 0)::integer,
           coalesce(sum(o.metros), 0)::double precision,
           coalesce(sum(o.metros) FILTER (WHERE o.accion = 'crear'), 0)::double precision,
           coalesce(sum(o.puntos), 0)::integer,
           coalesce(sum(o.puntos) FILTER (WHERE o.accion = 'crear'), 0)::integer,
           count(*) FILTER (WHERE o.vertice AND o.dentro)::integer,
           count(*) FILTER (WHERE o.vertice AND NOT o.dentro)::integer,
           g.guardados, g.segundos, g.conjuntos,
           coalesce(jsonb_agg(jsonb_build_array(o.tipo, o.osm_id, o.version, o.accion, o.vertice, o.dentro, round(o.metros_fuera::numeric, 1))
                              ORDER BY o.tipo, o.osm_id) FILTER (WHERE o.tipo IS NOT NULL), '[]')
      INTO {NOMBRES}
      FROM (SELECT count(DISTINCT m.momento)::integer AS guardados, sum(least(m.espera, 1800))::real AS segundos,
                   coalesce((SELECT array_agg(DISTINCT c.conjunto ORDER BY c.conjunto) FROM osm_cambio c
                              WHERE c.origen = p_origen AND c.uid = p_uid AND c.cuando >= p_desde AND c.cuando < p_hasta
                                AND c.conjunto IS NOT NULL), '{{}}') AS conjuntos
              FROM (SELECT d.momento, extract(epoch FROM d.momento - coalesce(lag(d.momento) OVER (ORDER BY d.momento), p_tomada)) AS espera
                      FROM (SELECT DISTINCT greatest(c.cuando, p_tomada) AS momento FROM osm_cambio c
                             WHERE c.origen = p_origen AND c.uid = p_uid AND c.cuando >= p_desde AND c.cuando < p_hasta) d) m) g
      LEFT JOIN evidencia_objetos(zona, p_origen, p_uid, p_desde, p_hasta) o ON true
     GROUP BY g.guardados, g.segundos, g.conjuntos;
END $$
"""

# Las ventanas de una persona nunca se enciman: lo que guardó cuenta en un solo turno. Empieza un minuto antes de tomar (los
# relojes de dos servidores difieren) y termina al dejarla.
TURNO = """
CREATE VIEW evidencia_turno AS
SELECT b.proyecto_id, b.numero, b.ficha, b.municipio_id, b.persona_id, b.cuando AS tomada,
       h.hasta, h.final, f.id AS paso, f.a, CASE WHEN f.accion = 'entrega' THEN coalesce(m.motivo, f.motivos[1]) END AS motivo,
       CASE WHEN p.aula_id IS NOT NULL THEN p.aula_id WHEN evidencia_en_lo_seguido(p.servidor_osm) THEN 0 END AS origen,
       CASE WHEN p.aula_id IS NOT NULL THEN b.persona_id
            WHEN evidencia_en_lo_seguido(p.servidor_osm) THEN (SELECT c.uid FROM cuenta_osm c
                                                     WHERE c.persona_id = b.persona_id AND c.servidor = p.servidor_osm) END AS uid,
       greatest(b.cuando - interval '1 minute', a.hasta) AS ventana_desde, h.hasta AS ventana_hasta
  FROM historial b
  JOIN proyecto p ON p.id = b.proyecto_id
  LEFT JOIN LATERAL (
      SELECT x.id, x.accion, x.cuando, x.a, x.motivos FROM historial x
       WHERE x.proyecto_id = b.proyecto_id AND x.numero = b.numero AND x.ficha = b.ficha AND x.id > b.id
         AND x.accion IN ('entrega', 'liberacion', 'vencimiento') ORDER BY x.id LIMIT 1) f ON true
  LEFT JOIN bloqueo v ON v.proyecto_id = b.proyecto_id AND v.numero = b.numero AND v.ficha = b.ficha
  CROSS JOIN LATERAL (
      SELECT coalesce(f.cuando, CASE WHEN v.vence <= ahora() THEN v.vence END) AS hasta,
             coalesce(f.accion, CASE WHEN v.vence <= ahora() THEN 'vencimiento' END) AS final) h
  LEFT JOIN evidencia_motivo m ON m.paso_id = f.id
  LEFT JOIN LATERAL (
      SELECT y.cuando AS hasta
        FROM (SELECT q.proyecto_id, q.numero, q.ficha, q.id FROM historial q
               WHERE q.persona_id = b.persona_id AND q.accion = 'bloqueo' AND q.motivos[1] = 'mapear'
                 AND q.cuando <= b.cuando AND (q.cuando < b.cuando OR q.id < b.id)
               ORDER BY q.cuando DESC, q.id DESC LIMIT 1) r
        JOIN historial y ON y.proyecto_id = r.proyecto_id AND y.numero = r.numero AND y.ficha = r.ficha AND y.id > r.id
         AND y.accion IN ('entrega', 'liberacion', 'vencimiento')
       ORDER BY y.id LIMIT 1) a ON true
 WHERE b.accion = 'bloqueo' AND b.motivos[1] = 'mapear'
"""

# Lo que se sigue es de un solo mundo. Si es openstreetmap.org, de lo editado en otro servidor no se sabe nada: sus números de
# cuenta son de otras personas.
EN_LO_SEGUIDO = """
CREATE FUNCTION evidencia_en_lo_seguido(p_servidor text) RETURNS boolean LANGUAGE sql STABLE STRICT PARALLEL SAFE AS
$$ SELECT p_servidor = 'osm' OR (p_servidor <> 'practica' AND NOT EXISTS (SELECT FROM osm_flujo f WHERE f.fuente = 'osm')) $$
"""

# De dónde salen los cambios de un proyecto no cambia cuando ya hay turnos: lo asentado y lo que falta serían de otro mundo. Que
# su aula se borre sí puede pasar, y entonces ya no hay de dónde contar.
ORIGEN_FIJO = """
CREATE FUNCTION proyecto_origen_fijo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.servidor_osm <> OLD.servidor_osm OR (NEW.aula_id IS NOT NULL AND NEW.aula_id IS DISTINCT FROM OLD.aula_id))
       AND EXISTS (SELECT FROM historial h WHERE h.proyecto_id = NEW.id AND h.accion = 'bloqueo') THEN
        RAISE EXCEPTION 'ya hay turnos' USING ERRCODE = 'check_violation', CONSTRAINT = 'proyecto_origen_fijo';
    END IF;
    RETURN NEW;
END $$
"""

CANDADO = """
CREATE FUNCTION evidencia_candado(p_origen bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT hashtextextended('evidencia', p_origen) $$
"""

# Quien asienta espera a que terminen las escrituras de ese origen que ya empezaron; quien escribe espera a quien asienta.
# Así, o se cuenta lo recién llegado, o `evidencia_llego_tarde` quita lo asentado para que se cuente otra vez.
ASENTAR = f"""
CREATE FUNCTION evidencia_asentar(p_origen bigint, p_sabido timestamptz, p_datos timestamptz, p_proyecto bigint, p_numero integer, p_espera boolean)
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    cuantas integer;
BEGIN
    IF p_espera THEN
        PERFORM pg_advisory_xact_lock(evidencia_candado(p_origen));
    ELSIF NOT pg_try_advisory_xact_lock(evidencia_candado(p_origen)) THEN
        RETURN 0;
    END IF;
    -- Con sus filtros escritos, cada plan usa el índice que le toca; lo ya asentado se aparta antes de buscar ventanas.
    EXECUTE 'WITH pendiente AS MATERIALIZED (
            SELECT h.proyecto_id, h.numero, h.ficha FROM historial h
             WHERE h.accion = ''bloqueo'' AND h.motivos[1] = ''mapear'' '
        || CASE WHEN p_proyecto IS NULL THEN '' ELSE ' AND h.proyecto_id = $3' END
        || CASE WHEN p_numero IS NULL THEN '' ELSE ' AND h.numero = $4' END
        || ' AND NOT EXISTS (SELECT FROM evidencia e WHERE e.proyecto_id = h.proyecto_id AND e.numero = h.numero AND e.ficha = h.ficha))
        INSERT INTO evidencia (proyecto_id, numero, ficha, municipio_id, persona_id, origen, uid, desde, hasta, tomada, {NOMBRES})
        SELECT v.proyecto_id, v.numero, v.ficha, v.municipio_id, v.persona_id, v.origen, v.uid, v.ventana_desde, v.ventana_hasta, v.tomada,
               {", ".join("c." + nombre for nombre, _tipo in CUENTAS)}
          FROM (SELECT w.* FROM pendiente q
                  JOIN evidencia_turno w ON w.proyecto_id = q.proyecto_id AND w.numero = q.numero AND w.ficha = q.ficha
                 WHERE w.origen = $1 AND w.uid IS NOT NULL AND w.ventana_hasta <= least($2, ahora()) AND (cast($5 AS timestamptz) IS NULL OR w.tomada >= $5)
                OFFSET 0) v
          JOIN tarea t ON t.proyecto_id = v.proyecto_id AND t.numero = v.numero
         CROSS JOIN LATERAL evidencia_cuenta(t.geom, v.origen, v.uid, v.ventana_desde, v.ventana_hasta, v.tomada) c
        ON CONFLICT ON CONSTRAINT evidencia_una_por_turno DO NOTHING'
      USING p_origen, p_datos, p_proyecto, p_numero, p_sabido;
    GET DIAGNOSTICS cuantas = ROW_COUNT;
    RETURN cuantas;
END $$
"""

LLEGO_TARDE = """
CREATE FUNCTION evidencia_llego_tarde() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(evidencia_candado(o.origen))
       FROM (SELECT DISTINCT n.origen FROM nuevas n ORDER BY 1) o;
    DELETE FROM evidencia e
     USING (SELECT DISTINCT n.origen, n.uid, n.cuando FROM nuevas n WHERE n.uid IS NOT NULL AND n.cuando IS NOT NULL) n
     WHERE e.origen = n.origen AND e.uid = n.uid AND e.desde <= n.cuando AND n.cuando < e.hasta;
    RETURN NULL;
END $$
"""

SE_FUERON = """
CREATE FUNCTION evidencia_se_fueron() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(evidencia_candado(o.origen))
       FROM (SELECT DISTINCT v.origen FROM viejas v ORDER BY 1) o;
    UPDATE evidencia e SET recontable = false
      FROM (SELECT DISTINCT v.origen, v.uid, v.cuando FROM viejas v WHERE v.uid IS NOT NULL AND v.cuando IS NOT NULL) v
     WHERE e.origen = v.origen AND e.uid = v.uid AND e.desde <= v.cuando AND v.cuando < e.hasta AND e.recontable;
    RETURN NULL;
END $$
"""

# Sólo los campos que difieren.
DIFERENCIAS = f"""
CREATE FUNCTION evidencia_diferencias(p_proyecto bigint)
RETURNS TABLE (proyecto bigint, numero integer, ficha bigint, guardado jsonb, recontado jsonb) LANGUAGE sql STABLE AS $$
    SELECT e.proyecto_id, e.numero, e.ficha, d.guardado, d.recontado
      FROM evidencia e
      JOIN tarea t ON t.proyecto_id = e.proyecto_id AND t.numero = e.numero
      LEFT JOIN evidencia_turno v ON v.proyecto_id = e.proyecto_id AND v.numero = e.numero AND v.ficha = e.ficha
     CROSS JOIN LATERAL evidencia_cuenta(t.geom, e.origen, e.uid, e.desde, e.hasta, e.tomada) c
     CROSS JOIN LATERAL (SELECT jsonb_build_object('persona', e.persona_id, 'desde', e.desde, 'hasta', e.hasta, 'tomada', e.tomada,
               {", ".join(f"'{n}', e.{n}" for n, _t in CUENTAS)}) AS dicho) g
     CROSS JOIN LATERAL (SELECT jsonb_build_object('persona', v.persona_id, 'desde', v.ventana_desde, 'hasta', v.ventana_hasta, 'tomada', v.tomada,
               {", ".join(f"'{n}', c.{n}" for n, _t in CUENTAS)}) AS dicho) r
     CROSS JOIN LATERAL (SELECT jsonb_object_agg(campo, g.dicho -> campo) AS guardado, jsonb_object_agg(campo, r.dicho -> campo) AS recontado
                           FROM jsonb_object_keys(g.dicho) AS campo WHERE g.dicho -> campo IS DISTINCT FROM r.dicho -> campo) d
     WHERE e.recontable AND (p_proyecto IS NULL OR e.proyecto_id = p_proyecto) AND g.dicho <> r.dicho
     ORDER BY 1, 2, 3
$$
"""

FUNCIONES = (
    CORRIDA,
    METROS,
    TOCA,
    OBJETOS,
    CUENTA,
    EN_LO_SEGUIDO,
    ORIGEN_FIJO,
    CANDADO,
    ASENTAR,
    LLEGO_TARDE,
    SE_FUERON,
)


def upgrade() -> None:
    entero = [n for n, t in CUENTAS if t == "integer"]
    tipos = {"integer": sa.Integer(), "real": sa.REAL(), "double precision": sa.Double()}
    tipos |= {"bigint[]": sa.ARRAY(sa.BigInteger()), "jsonb": postgresql.JSONB()}
    op.create_table(
        "evidencia",
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("numero", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ficha", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("origen", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("desde", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hasta", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tomada", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(nombre, tipos[tipo], nullable=nombre in ("lejos_m", "segundos_edicion"))
            for nombre, tipo in CUENTAS
        ),
        sa.Column("recontable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("asentada", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("hasta >= desde", name=op.f("evidencia_ventana_en_orden")),
        sa.CheckConstraint(
            " AND ".join(f"{n} >= 0" for n in entero if n not in ("edificios", "puntos")),
            name=op.f("evidencia_cuentas_positivas"),
        ),
        sa.ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name="evidencia_tarea_existe",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="evidencia_persona_existe"),
        sa.PrimaryKeyConstraint("proyecto_id", "numero", "ficha", name="evidencia_una_por_turno"),
    )
    op.create_index("evidencia_origen_uid_desde_idx", "evidencia", ["origen", "uid", "desde"])
    op.create_index("evidencia_persona_id_idx", "evidencia", ["persona_id"])
    op.create_table(
        "evidencia_motivo",
        sa.Column("paso_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("dicho", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint(
            "motivo IN ('ya_estaba', 'no_hay_nada', 'sin_imagen')", name=op.f("evidencia_motivo_conocido")
        ),
        sa.ForeignKeyConstraint(["paso_id"], ["historial.id"], name="evidencia_motivo_paso_existe"),
        sa.PrimaryKeyConstraint("paso_id", name="evidencia_motivo_uno_por_entrega"),
    )
    for funcion in FUNCIONES:
        op.execute(funcion)
    op.execute(TURNO)
    op.execute(DIFERENCIAS)
    op.execute("""
        CREATE TRIGGER evidencia_llego_tarde AFTER INSERT ON osm_cambio REFERENCING NEW TABLE AS nuevas
           FOR EACH STATEMENT EXECUTE FUNCTION evidencia_llego_tarde()
    """)
    # También cuando se completa quién y cuándo de un cambio que llegó sin decirlo.
    op.execute("""
        CREATE TRIGGER evidencia_se_completo AFTER UPDATE ON osm_cambio REFERENCING NEW TABLE AS nuevas
           FOR EACH STATEMENT EXECUTE FUNCTION evidencia_llego_tarde()
    """)
    op.execute("""
        CREATE TRIGGER evidencia_se_fueron AFTER DELETE ON osm_cambio REFERENCING OLD TABLE AS viejas
           FOR EACH STATEMENT EXECUTE FUNCTION evidencia_se_fueron()
    """)
    op.execute("""
        CREATE TRIGGER proyecto_origen_fijo BEFORE UPDATE OF servidor_osm, aula_id ON proyecto
           FOR EACH ROW EXECUTE FUNCTION proyecto_origen_fijo()
    """)


def downgrade() -> None:
    for disparador in ("llego_tarde", "se_completo", "se_fueron"):
        op.execute(f"DROP TRIGGER evidencia_{disparador} ON osm_cambio")
    op.execute("DROP TRIGGER proyecto_origen_fijo ON proyecto")
    op.execute("DROP FUNCTION proyecto_origen_fijo()")
    op.execute("DROP FUNCTION evidencia_diferencias(bigint)")
    op.execute("DROP VIEW evidencia_turno")
    for funcion in (
        "se_fueron()",
        "llego_tarde()",
        "asentar(bigint, timestamptz, timestamptz, bigint, integer, boolean)",
        "candado(bigint)",
        "en_lo_seguido(text)",
        "cuenta(geometry, bigint, bigint, timestamptz, timestamptz, timestamptz)",
        "objetos(geometry, bigint, bigint, timestamptz, timestamptz)",
        "toca(text, geometry, geometry)",
        "metros(geometry, geometry)",
        "corrida(geometry)",
    ):
        op.execute(f"DROP FUNCTION evidencia_{funcion}")
    op.drop_table("evidencia_motivo")
    op.drop_table("evidencia")
