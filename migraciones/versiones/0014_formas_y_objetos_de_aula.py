"""Lo que cambia de forma sin versión nueva, las relaciones en la evidencia, y los objetos de un aula."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CLASES = "'edificio', 'via', 'tren', 'agua', 'suelo', 'servicio', 'lugar', 'otro'"

# Mover un nodo cambia la forma de las vías que pasan por él: cuenta como modificada, por quien lo movió («forma»). Una vía sin
# etiquetas que va por la orilla de una relación que también cuenta es parte de ella, y no cuenta aparte.
OBJETOS = """
CREATE FUNCTION evidencia_objetos(
    zona geometry, p_origen bigint, p_uid bigint, p_desde timestamptz, p_hasta timestamptz,
    OUT tipo text, OUT osm_id bigint, OUT version integer, OUT accion text, OUT vertice boolean, OUT clase text,
    OUT clase_antes text, OUT etiquetas jsonb, OUT etiquetas_antes jsonb, OUT geom geometry, OUT geom_antes geometry,
    OUT conjunto bigint, OUT cuando timestamptz, OUT dentro boolean, OUT metros_fuera double precision,
    OUT edificios integer, OUT metros numeric, OUT puntos integer, OUT forma boolean
) RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH pasos AS MATERIALIZED (
        SELECT c.* FROM osm_cambio c
         WHERE c.origen = p_origen AND c.uid = p_uid AND c.cuando >= p_desde AND c.cuando < p_hasta
    ), primero AS (
        SELECT DISTINCT ON (c.tipo, c.osm_id) c.id, c.tipo, c.osm_id, c.version, c.accion <> 'crear' AS habia, c.accion = 'forma' AS forma, c.geom_antes,
               coalesce(c.etiquetas_antes, '{}') AS etiquetas_antes, c.clase_antes
          FROM pasos c ORDER BY c.tipo, c.osm_id, c.version, c.id
    ), ultimo AS (
        SELECT DISTINCT ON (c.tipo, c.osm_id) c.id, c.tipo, c.osm_id, c.version, c.accion <> 'borrar' AS hay, c.accion = 'forma' AS forma, c.geom,
               coalesce(c.etiquetas, '{}') AS etiquetas, c.clase, c.conjunto, c.cuando
          FROM pasos c ORDER BY c.tipo, c.osm_id, c.version DESC, c.id DESC
    ), neto AS (
        SELECT u.tipo, u.osm_id, u.version, u.conjunto, u.cuando, p.habia, u.hay, u.id <> p.id AS varias,
               p.forma AND u.forma AND p.version = u.version AS forma,
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
    ), borde AS MATERIALIZED (
        SELECT ST_Boundary(g.geom) AS geom
          FROM lugar l CROSS JOIN LATERAL (VALUES (l.geom), (l.geom_antes)) g (geom)
         WHERE l.tipo = 'r' AND GeometryType(g.geom) IN ('POLYGON', 'MULTIPOLYGON')
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
               - (l.clase_antes IS NOT DISTINCT FROM 'servicio' AND coalesce(l.estaba, false))::integer,
           l.forma
      FROM lugar l
     WHERE NOT (l.tipo = 'w' AND l.etiquetas = '{}' AND l.etiquetas_antes = '{}'
                AND EXISTS (SELECT FROM borde b WHERE ST_Covers(b.geom, coalesce(l.geom, l.geom_antes))))
$$
"""

OBJETOS_ANTES = """
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

# La misma cuenta que osm_cifras, con lo que hay en un aula. NULL: no se sabe, porque sus objetos no se han armado.
PRACTICA_CIFRAS = """
CREATE FUNCTION practica_cifras(p_aula bigint, zona geometry, OUT edificios integer, OUT metros_vias real)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    corrida geometry := ST_Translate(zona, 3.1415926e-9, 2.7182818e-9);
BEGIN
    IF NOT coalesce((SELECT a.armada FROM aula a WHERE a.id = p_aula), false) THEN
        RETURN;
    END IF;
    SELECT count(*) INTO edificios FROM practica_objeto o
     WHERE o.aula_id = p_aula AND o.clase = 'edificio' AND ST_Force3DZ(o.geom, o.aula_id::float8) &&& ST_Force3DZ(corrida, p_aula::float8) AND ST_Intersects(corrida, o.centro);
    SELECT coalesce(sum(CASE
             WHEN ST_Covers(corrida, o.geom) THEN o.metros
             WHEN ST_IsSimple(o.geom) THEN ST_Length(ST_Intersection(o.geom, corrida)::geography)
             ELSE (SELECT sum(ST_Length(ST_Intersection(tramo.geom, corrida)::geography))
                     FROM ST_DumpSegments(o.geom) AS tramo WHERE tramo.geom && corrida) END), 0) INTO metros_vias
      FROM practica_objeto o
     WHERE o.aula_id = p_aula AND o.clase = 'via' AND ST_Force3DZ(o.geom, o.aula_id::float8) &&& ST_Force3DZ(corrida, p_aula::float8) AND ST_Intersects(corrida, o.geom);
END $$
"""

# Lo que hay en una zona, en el mapa donde edita un proyecto. Si era un aula y ya no existe, no se sabe.
PROYECTO_CIFRAS = """
CREATE FUNCTION proyecto_cifras(p_proyecto bigint, zona geometry, OUT edificios integer, OUT metros_vias real)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    p record;
BEGIN
    SELECT y.aula_id, y.servidor_osm INTO p FROM proyecto y WHERE y.id = p_proyecto;
    IF p.aula_id IS NOT NULL THEN
        SELECT c.edificios, c.metros_vias INTO edificios, metros_vias FROM practica_cifras(p.aula_id, zona) c;
    ELSIF p.servidor_osm <> 'practica' THEN
        SELECT c.edificios, c.metros_vias INTO edificios, metros_vias FROM osm_cifras(zona) c;
    END IF;
END $$
"""

# En dos instrucciones: agrupar cada objeto con la lista de conjuntos era cuadrático, y un turno larguísimo tardaba minutos.
CUENTA = """
CREATE FUNCTION evidencia_cuenta(
    zona geometry, p_origen bigint, p_uid bigint, p_desde timestamptz, p_hasta timestamptz, p_tomada timestamptz,
    OUT dentro_creados integer, OUT dentro_modificados integer, OUT dentro_borrados integer, OUT fuera_creados integer, OUT fuera_modificados integer, OUT fuera_borrados integer, OUT fuera_aparte integer, OUT sin_lugar integer, OUT lejos_m real, OUT edificios integer, OUT edificios_creados integer, OUT edificios_borrados integer, OUT metros_vias double precision, OUT metros_vias_creadas double precision, OUT puntos integer, OUT puntos_creados integer, OUT vertices_movidos integer, OUT vertices_fuera integer, OUT guardados integer, OUT segundos_edicion real, OUT conjuntos bigint[], OUT objetos jsonb
) LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
#variable_conflict use_column
BEGIN
    SELECT g.guardados, g.segundos, g.conjuntos INTO guardados, segundos_edicion, conjuntos
      FROM (SELECT count(DISTINCT m.momento)::integer AS guardados, sum(least(m.espera, 1800))::real AS segundos,
                   coalesce((SELECT array_agg(DISTINCT c.conjunto ORDER BY c.conjunto) FROM osm_cambio c
                              WHERE c.origen = p_origen AND c.uid = p_uid AND c.cuando >= p_desde AND c.cuando < p_hasta
                                AND c.conjunto IS NOT NULL), '{}') AS conjuntos
              FROM (SELECT d.momento, extract(epoch FROM d.momento - coalesce(lag(d.momento) OVER (ORDER BY d.momento), p_tomada)) AS espera
                      FROM (SELECT DISTINCT greatest(c.cuando, p_tomada) AS momento FROM osm_cambio c
                             WHERE c.origen = p_origen AND c.uid = p_uid AND c.cuando >= p_desde AND c.cuando < p_hasta) d) m) g;
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
           coalesce(jsonb_agg(jsonb_build_array(o.tipo, o.osm_id, o.version, o.accion, o.vertice, o.dentro, round(o.metros_fuera::numeric, 1))
                              ORDER BY o.tipo, o.osm_id) FILTER (WHERE o.tipo IS NOT NULL), '[]')
      INTO dentro_creados, dentro_modificados, dentro_borrados, fuera_creados, fuera_modificados, fuera_borrados, fuera_aparte, sin_lugar,
           lejos_m, edificios, edificios_creados, edificios_borrados, metros_vias, metros_vias_creadas, puntos, puntos_creados,
           vertices_movidos, vertices_fuera, objetos
      FROM evidencia_objetos(zona, p_origen, p_uid, p_desde, p_hasta) o;
END $$
"""

CUENTA_ANTES = """
CREATE FUNCTION evidencia_cuenta(
    zona geometry, p_origen bigint, p_uid bigint, p_desde timestamptz, p_hasta timestamptz, p_tomada timestamptz,
    OUT dentro_creados integer, OUT dentro_modificados integer, OUT dentro_borrados integer, OUT fuera_creados integer, OUT fuera_modificados integer, OUT fuera_borrados integer, OUT fuera_aparte integer, OUT sin_lugar integer, OUT lejos_m real, OUT edificios integer, OUT edificios_creados integer, OUT edificios_borrados integer, OUT metros_vias double precision, OUT metros_vias_creadas double precision, OUT puntos integer, OUT puntos_creados integer, OUT vertices_movidos integer, OUT vertices_fuera integer, OUT guardados integer, OUT segundos_edicion real, OUT conjuntos bigint[], OUT objetos jsonb
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
      INTO dentro_creados, dentro_modificados, dentro_borrados, fuera_creados, fuera_modificados, fuera_borrados, fuera_aparte, sin_lugar, lejos_m, edificios, edificios_creados, edificios_borrados, metros_vias, metros_vias_creadas, puntos, puntos_creados, vertices_movidos, vertices_fuera, guardados, segundos_edicion, conjuntos, objetos
      FROM (SELECT count(DISTINCT m.momento)::integer AS guardados, sum(least(m.espera, 1800))::real AS segundos,
                   coalesce((SELECT array_agg(DISTINCT c.conjunto ORDER BY c.conjunto) FROM osm_cambio c
                              WHERE c.origen = p_origen AND c.uid = p_uid AND c.cuando >= p_desde AND c.cuando < p_hasta
                                AND c.conjunto IS NOT NULL), '{}') AS conjuntos
              FROM (SELECT d.momento, extract(epoch FROM d.momento - coalesce(lag(d.momento) OVER (ORDER BY d.momento), p_tomada)) AS espera
                      FROM (SELECT DISTINCT greatest(c.cuando, p_tomada) AS momento FROM osm_cambio c
                             WHERE c.origen = p_origen AND c.uid = p_uid AND c.cuando >= p_desde AND c.cuando < p_hasta) d) m) g
      LEFT JOIN evidencia_objetos(zona, p_origen, p_uid, p_desde, p_hasta) o ON true
     GROUP BY g.guardados, g.segundos, g.conjuntos;
END $$
"""

# Si alguno de los momentos, en orden, cae en [desde, hasta): dos búsquedas binarias. Con muchos turnos de una persona y muchos
# momentos suyos, compararlos por pares tardaba decenas de segundos.
CAE = """
CREATE FUNCTION evidencia_cae(momentos timestamptz[], desde timestamptz, hasta timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT width_bucket(hasta - interval '1 microsecond', momentos) > width_bucket(desde - interval '1 microsecond', momentos)
$$
"""

LLEGO_TARDE = """
CREATE FUNCTION evidencia_llego_tarde() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(evidencia_candado(o.origen))
       FROM (SELECT DISTINCT n.origen FROM nuevas n ORDER BY 1) o;
    DELETE FROM evidencia e
     USING (SELECT n.origen, n.uid, array_agg(DISTINCT n.cuando ORDER BY n.cuando) AS momentos, min(n.cuando) AS primero, max(n.cuando) AS ultimo
              FROM nuevas n WHERE n.uid IS NOT NULL AND n.cuando IS NOT NULL GROUP BY n.origen, n.uid) n
     WHERE e.origen = n.origen AND e.uid = n.uid AND e.desde <= n.ultimo AND e.hasta > n.primero
       AND evidencia_cae(n.momentos, e.desde, e.hasta);
    RETURN NULL;
END $$
"""

LLEGO_TARDE_ANTES = """
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
      FROM (SELECT v.origen, v.uid, array_agg(DISTINCT v.cuando ORDER BY v.cuando) AS momentos, min(v.cuando) AS primero, max(v.cuando) AS ultimo
              FROM viejas v WHERE v.uid IS NOT NULL AND v.cuando IS NOT NULL GROUP BY v.origen, v.uid) v
     WHERE e.origen = v.origen AND e.uid = v.uid AND e.desde <= v.ultimo AND e.hasta > v.primero AND e.recontable
       AND evidencia_cae(v.momentos, e.desde, e.hasta);
    RETURN NULL;
END $$
"""

SE_FUERON_ANTES = """
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


def upgrade() -> None:
    op.add_column("osm_cambio", sa.Column("causa", sa.Text(), server_default="", nullable=False))
    _acciones("'crear', 'modificar', 'borrar', 'forma'")
    _unica("origen", "tipo", "osm_id", "version", "accion", "causa")
    op.create_check_constraint(
        op.f("osm_cambio_forma_con_causa"),
        "osm_cambio",
        "(accion = 'forma') = (causa <> '') AND (accion <> 'forma' OR (geom IS NOT NULL AND geom_antes IS NOT NULL))",
    )
    # Lo asentado se vuelve a contar con la regla nueva; lo que ya no se puede recontar se queda como está.
    op.execute("DELETE FROM evidencia WHERE recontable")
    op.execute("DROP FUNCTION evidencia_objetos(geometry, bigint, bigint, timestamptz, timestamptz)")
    op.execute(OBJETOS)
    op.execute(CAE)
    _poner(CUENTA, LLEGO_TARDE, SE_FUERON)
    op.add_column("aula", sa.Column("armada", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    centro = sa.Computed("CASE WHEN clase = 'edificio' THEN st_pointonsurface(geom) END", persisted=True)
    metros = sa.Computed("CASE WHEN clase = 'via' THEN st_length(geom::geography) END", persisted=True)
    op.create_table(
        "practica_objeto",
        sa.Column("aula_id", sa.BigInteger(), nullable=False),
        sa.Column("tipo", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("clase", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False, nullable=False), nullable=False),
        sa.Column("centro", Geometry("POINT", srid=4326, spatial_index=False), centro, nullable=True),
        sa.Column("metros", sa.Double(), metros, nullable=True),
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
    op.execute(PRACTICA_CIFRAS)
    op.execute(PROYECTO_CIFRAS)
    # Se habían contado en el mapa de verdad; desde ahora lo de hoy es lo de su aula.
    op.execute("""
        UPDATE tarea t SET edificios_al_publicar = NULL, metros_vias_al_publicar = NULL
          FROM proyecto p WHERE p.id = t.proyecto_id AND p.servidor_osm = 'practica'
    """)


def _poner(*funciones: str) -> None:
    for funcion in funciones:
        op.execute(funcion.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


def _acciones(acciones: str) -> None:
    op.drop_constraint(op.f("osm_cambio_accion_conocida"), "osm_cambio")
    op.create_check_constraint(op.f("osm_cambio_accion_conocida"), "osm_cambio", f"accion IN ({acciones})")


def _unica(*columnas: str) -> None:
    op.drop_constraint("osm_cambio_version_unica", "osm_cambio")
    op.create_unique_constraint("osm_cambio_version_unica", "osm_cambio", list(columnas))


def downgrade() -> None:
    op.execute("DROP FUNCTION proyecto_cifras(bigint, geometry)")
    op.execute("DROP FUNCTION practica_cifras(bigint, geometry)")
    op.drop_table("practica_objeto")
    op.drop_column("aula", "armada")
    op.execute("DROP FUNCTION evidencia_objetos(geometry, bigint, bigint, timestamptz, timestamptz)")
    op.execute(OBJETOS_ANTES)
    _poner(CUENTA_ANTES, LLEGO_TARDE_ANTES, SE_FUERON_ANTES)
    op.execute("DROP FUNCTION evidencia_cae(timestamptz[], timestamptz, timestamptz)")
    # Primero lo asentado: quitar cambios marcaría como no recontable lo que se puede recontar.
    op.execute("DELETE FROM evidencia WHERE recontable")
    op.execute("DELETE FROM osm_cambio WHERE accion = 'forma'")
    op.drop_constraint(op.f("osm_cambio_forma_con_causa"), "osm_cambio")
    _unica("origen", "tipo", "osm_id", "version", "accion")
    _acciones("'crear', 'modificar', 'borrar'")
    op.drop_column("osm_cambio", "causa")
