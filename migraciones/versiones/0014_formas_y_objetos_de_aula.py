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
     WHERE o.aula_id = p_aula AND o.clase = 'edificio' AND o.centro && corrida AND ST_Intersects(corrida, o.centro);
    SELECT coalesce(sum(CASE
             WHEN ST_Covers(corrida, o.geom) THEN o.metros
             WHEN ST_IsSimple(o.geom) THEN ST_Length(ST_Intersection(o.geom, corrida)::geography)
             ELSE (SELECT sum(ST_Length(ST_Intersection(tramo.geom, corrida)::geography))
                     FROM ST_DumpSegments(o.geom) AS tramo WHERE tramo.geom && corrida) END), 0) INTO metros_vias
      FROM practica_objeto o
     WHERE o.aula_id = p_aula AND o.clase = 'via' AND o.geom && corrida AND ST_Intersects(corrida, o.geom);
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
    op.create_index("practica_objeto_geom_idx", "practica_objeto", ["geom"], postgresql_using="gist")
    op.execute(PRACTICA_CIFRAS)
    op.execute(PROYECTO_CIFRAS)


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
    # Primero lo asentado: quitar cambios marcaría como no recontable lo que se puede recontar.
    op.execute("DELETE FROM evidencia WHERE recontable")
    op.execute("DELETE FROM osm_cambio WHERE accion = 'forma'")
    op.drop_constraint(op.f("osm_cambio_forma_con_causa"), "osm_cambio")
    _unica("origen", "tipo", "osm_id", "version", "accion")
    _acciones("'crear', 'modificar', 'borrar'")
    op.drop_column("osm_cambio", "causa")
