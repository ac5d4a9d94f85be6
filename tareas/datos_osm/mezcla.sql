-- Traer objetos nuevos a las tablas crudas y rehacer lo que de ellos depende.
-- {t} es nodo, via o relacion; {tipo}, n, w o r; {columnas}, las de esa tabla. Los llena mezcla.py con constantes suyas.

-- nombre: crear_nuevo
CREATE TEMP TABLE nuevo_{t} ON COMMIT DROP AS SELECT {columnas}, false AS borrado FROM osm_{t} WITH NO DATA

-- nombre: crear_gana
CREATE TEMP TABLE gana_{t} (LIKE nuevo_{t}, habia boolean, mueve boolean) ON COMMIT DROP

-- nombre: decidir
-- Gana la versión mayor. Con la misma, gana el borrado (hay cambios que borran con la última versión que existió) o
-- quien dice de quién es. Sin versión en uno de los dos, gana lo nuevo si la trae o si dice otra cosa. Contra un objeto
-- borrado sólo gana una versión posterior al borrado.
WITH unico AS (
    SELECT DISTINCT ON (id) {columnas}, coalesce(borrado, false) AS borrado FROM nuevo_{t}
     ORDER BY id, version DESC NULLS LAST, (borrado AND version IS NOT NULL) DESC NULLS LAST, ctid DESC
), juicio AS MATERIALIZED (
    SELECT n.*, v.id IS NOT NULL AS habia, {mueve} AS mueve,
           CASE WHEN v.id IS NOT NULL AND n.version > v.version THEN 'gana'
                WHEN v.id IS NOT NULL AND n.version = v.version THEN 
                     CASE WHEN n.borrado OR (v.uid IS NULL AND n.uid IS NOT NULL) THEN 'gana' ELSE 'igual' END
                WHEN v.id IS NOT NULL AND n.version < v.version THEN 'antiguo'
                WHEN v.id IS NOT NULL AND n.version IS NOT NULL THEN 'gana'
                WHEN v.id IS NOT NULL THEN CASE WHEN n.borrado OR {contenido_n} IS DISTINCT FROM {contenido_v} THEN 'gana' ELSE 'igual' END
                WHEN b.id IS NULL OR n.version > b.version OR (b.version IS NULL AND NOT n.borrado) THEN 'gana'
                WHEN n.version = b.version THEN 'igual'
                ELSE 'antiguo'
           END AS juicio
      FROM unico n
      LEFT JOIN osm_{t} v ON v.id = n.id
      LEFT JOIN osm_borrado b ON b.tipo = '{tipo}' AND b.id = n.id
), guardado AS (
    INSERT INTO gana_{t} ({columnas}, borrado, habia, mueve)
    SELECT {columnas}, borrado, habia, mueve FROM juicio WHERE juicio = 'gana'
)
SELECT count(*) FILTER (WHERE juicio = 'gana' AND NOT borrado AND NOT habia) AS creados,
       count(*) FILTER (WHERE juicio = 'gana' AND NOT borrado AND habia) AS modificados,
       count(*) FILTER (WHERE juicio = 'gana' AND borrado AND habia) AS borrados,
       count(*) FILTER (WHERE juicio = 'gana' AND borrado AND NOT habia) AS desconocidos,
       count(*) FILTER (WHERE juicio = 'igual') AS iguales,
       count(*) FILTER (WHERE juicio = 'antiguo') AS antiguos
  FROM juicio

-- nombre: contar_vueltas
-- Cuántas versiones trae el objeto que más trae.
SELECT coalesce(max(cuantas), 1) FROM (SELECT count(DISTINCT version) AS cuantas FROM nuevo_{t} GROUP BY id) c

-- nombre: repartir_en_vueltas
-- La vuelta 1 lleva la versión más vieja de cada objeto; la que no dice su versión sólo cuenta si ninguna la dice.
CREATE TEMP TABLE turno_{t} ON COMMIT DROP AS
SELECT n.*, n.ctid AS lugar, dense_rank() OVER (PARTITION BY id ORDER BY version) AS vuelta
  FROM nuevo_{t} n
 WHERE version IS NOT NULL OR NOT EXISTS (SELECT FROM nuevo_{t} o WHERE o.id = n.id AND o.version IS NOT NULL)

-- nombre: tomar_vuelta
INSERT INTO nuevo_{t} ({columnas}, borrado) SELECT {columnas}, borrado FROM turno_{t} WHERE vuelta = {vuelta} ORDER BY lugar

-- nombre: tirar_vueltas
DROP TABLE IF EXISTS turno_nodo, turno_via, turno_relacion

-- nombre: crear_antes
CREATE TEMP TABLE antes (tipo text, id bigint, version integer, etiquetas jsonb, clase text, geom geometry) ON COMMIT DROP

-- nombre: poner_antes
INSERT INTO antes
SELECT '{tipo}', v.id, v.version, v.etiquetas, o.clase, coalesce(o.geom, {lugar})
  FROM gana_{t} g
  JOIN osm_{t} v ON v.id = g.id
  LEFT JOIN osm_objeto o ON o.tipo = '{tipo}' AND o.id = g.id

-- nombre: anotar_cambios
-- Un borrado con la última versión que existió no dice quién borró: su uid y su hora son los de esa versión.
INSERT INTO osm_cambio (tipo, osm_id, version, accion, uid, cuando, conjunto, clase, clase_antes, etiquetas, etiquetas_antes, geom, geom_antes)
SELECT '{tipo}', g.id, g.version, CASE WHEN g.borrado THEN 'borrar' WHEN g.version = 1 THEN 'crear' ELSE 'modificar' END,
       CASE WHEN NOT repite THEN g.uid END, CASE WHEN NOT repite THEN g.cuando END, CASE WHEN NOT repite THEN g.conjunto END,
       CASE WHEN NOT g.borrado THEN o.clase END, CASE WHEN g.borrado OR g.version > 1 THEN a.clase END,
       CASE WHEN NOT g.borrado THEN g.etiquetas END, CASE WHEN g.borrado OR g.version > 1 THEN a.etiquetas END,
       CASE WHEN NOT g.borrado THEN coalesce(o.geom, {lugar_nuevo}) END, CASE WHEN g.borrado OR g.version > 1 THEN a.geom END
  FROM gana_{t} g
  LEFT JOIN antes a ON a.tipo = '{tipo}' AND a.id = g.id
  LEFT JOIN osm_objeto o ON o.tipo = '{tipo}' AND o.id = g.id
 CROSS JOIN LATERAL (SELECT coalesce(g.borrado AND g.version = a.version, false) AS repite) r
 WHERE g.version IS NOT NULL
 ORDER BY g.id
    ON CONFLICT ON CONSTRAINT osm_cambio_version_unica DO UPDATE
   SET (uid, cuando, conjunto) = (EXCLUDED.uid, EXCLUDED.cuando, EXCLUDED.conjunto)
 WHERE osm_cambio.uid IS NULL AND EXCLUDED.uid IS NOT NULL

-- nombre: poner_antes_de_lo_demas
-- Lo que va a cambiar de forma sin versión nueva. Las vías sin etiquetas sólo sirven a sus relaciones; los límites cambiarían con
-- cada esquina de la calle que los sigue, y de ellos nada se cuenta.
INSERT INTO antes
SELECT o.tipo, o.id, o.version, o.etiquetas, o.clase, o.geom
  FROM tocado t JOIN osm_objeto o ON (o.tipo, o.id) = (t.tipo, t.id)
 WHERE o.etiquetas IS NOT NULL
   AND ((o.tipo = 'w' AND o.id NOT IN (SELECT id FROM gana_via))
        OR (o.tipo = 'r' AND o.id NOT IN (SELECT id FROM gana_relacion) AND o.clase <> 'limite'
            AND o.etiquetas ->> 'boundary' IS DISTINCT FROM 'administrative'))

-- nombre: anotar_formas
-- Cada quien responde de los nodos que movió. Si a una vía se los movieron varias personas, se anota paso a paso, en el orden en que
-- lo hicieron; una relación va entera a cuenta de quien la cambió al último.
WITH movido AS MATERIALIZED (
    SELECT g.id, g.version, g.uid, g.cuando, g.conjunto, ST_SetSRID(ST_MakePoint(g.lon, g.lat), 4326) AS lugar, a.geom AS lugar_antes
      FROM gana_nodo g JOIN antes a ON a.tipo = 'n' AND a.id = g.id
     WHERE g.mueve AND NOT g.borrado AND NOT (a.geom = ST_SetSRID(ST_MakePoint(g.lon, g.lat), 4326))
), cambiada AS MATERIALIZED (
    SELECT a.tipo, a.id, a.version, a.etiquetas, a.clase, a.geom AS geom_antes, o.geom
      FROM antes a JOIN osm_objeto o ON (o.tipo, o.id) = (a.tipo, a.id)
     WHERE ((a.tipo = 'w' AND a.id NOT IN (SELECT id FROM gana_via)) OR (a.tipo = 'r' AND a.id NOT IN (SELECT id FROM gana_relacion)))
       AND NOT (a.geom = o.geom)
), miembro AS (
    SELECT c.tipo, c.id, c.id AS via FROM cambiada c WHERE c.tipo = 'w'
     UNION
    SELECT c.tipo, c.id, substr(m, 2)::bigint FROM cambiada c JOIN osm_relacion r ON r.id = c.id, unnest(r.miembros) AS m
     WHERE c.tipo = 'r' AND m LIKE 'w%'
), mano AS (
    SELECT m.tipo, m.id, 'n' || x.id || 'v' || x.version AS causa, x.uid, x.cuando, x.conjunto
      FROM miembro m JOIN osm_via v ON v.id = m.via, unnest(v.nodos) AS nodo
      JOIN movido x ON x.id = nodo
     UNION
    SELECT m.tipo, m.id, 'w' || g.id || 'v' || g.version, g.uid, g.cuando, g.conjunto
      FROM miembro m JOIN gana_via g ON g.id = m.via
     WHERE m.tipo = 'r' AND NOT g.borrado
), vez AS (
    SELECT m.tipo, m.id, m.uid, m.cuando, max(m.conjunto) AS conjunto, min(m.causa) AS causa,
           row_number() OVER (PARTITION BY m.tipo, m.id ORDER BY m.cuando, m.uid) AS numero, count(*) OVER (PARTITION BY m.tipo, m.id) AS veces
      FROM mano m WHERE m.cuando IS NOT NULL AND m.causa IS NOT NULL
     GROUP BY m.tipo, m.id, m.uid, m.cuando
), paso AS (
    SELECT c.*, v.uid, v.cuando, v.conjunto, v.causa, v.numero,
           CASE WHEN v.numero = v.veces THEN c.geom ELSE i.geom END AS queda
      FROM cambiada c JOIN vez v USING (tipo, id)
      LEFT JOIN LATERAL (
          SELECT CASE WHEN GeometryType(c.geom) = 'LINESTRING' THEN l.linea
                      WHEN ST_IsClosed(l.linea) AND ST_NPoints(l.linea) > 3 THEN ST_MakePolygon(l.linea) END AS geom
            FROM (SELECT ST_MakeLine(CASE WHEN x.id IS NULL THEN ST_SetSRID(ST_MakePoint(n.lon, n.lat), 4326)
                                          WHEN (x.cuando, x.uid) <= (v.cuando, v.uid) THEN x.lugar ELSE x.lugar_antes END ORDER BY u.lugar) AS linea
                    FROM osm_via w CROSS JOIN LATERAL unnest(w.nodos) WITH ORDINALITY AS u (nodo, lugar)
                    JOIN osm_nodo n ON n.id = u.nodo
                    LEFT JOIN movido x ON x.id = u.nodo
                   WHERE w.id = c.id) l) i ON v.numero < v.veces AND c.tipo = 'w'
     WHERE c.tipo = 'w' OR v.numero = v.veces
), hecho AS (
    SELECT p.*, coalesce(lag(p.queda) OVER (PARTITION BY p.tipo, p.id ORDER BY p.numero), p.geom_antes) AS estaba FROM paso p
     WHERE p.queda IS NOT NULL
)
INSERT INTO osm_cambio (tipo, osm_id, version, accion, causa, uid, cuando, conjunto, clase, clase_antes, etiquetas, etiquetas_antes, geom, geom_antes)
SELECT tipo, id, version, 'forma', causa, uid, cuando, conjunto, clase, clase, etiquetas, etiquetas, queda, estaba
  FROM hecho WHERE version IS NOT NULL AND NOT (queda = estaba)
 ORDER BY tipo DESC, id, numero
    ON CONFLICT ON CONSTRAINT osm_cambio_version_unica DO NOTHING

-- nombre: recordar_borrados
INSERT INTO osm_borrado (tipo, id, version, cuando, uid, usuario, conjunto, etiquetas, geom)
SELECT '{tipo}', g.id, g.version, g.cuando, g.uid, g.usuario, g.conjunto, v.etiquetas, coalesce(o.geom, {lugar})
  FROM gana_{t} g
  LEFT JOIN osm_{t} v ON v.id = g.id
  LEFT JOIN osm_objeto o ON o.tipo = '{tipo}' AND o.id = g.id
 WHERE g.borrado
    ON CONFLICT (tipo, id) DO UPDATE
   SET (version, cuando, uid, usuario, conjunto) = (EXCLUDED.version, EXCLUDED.cuando, EXCLUDED.uid, EXCLUDED.usuario, EXCLUDED.conjunto)

-- nombre: quitar_borrados
DELETE FROM osm_{t} v USING gana_{t} g WHERE v.id = g.id AND g.borrado

-- nombre: olvidar_revividos
DELETE FROM osm_borrado b USING gana_{t} g WHERE b.tipo = '{tipo}' AND b.id = g.id AND NOT g.borrado

-- nombre: poner_ganadores
INSERT INTO osm_{t} ({columnas}) SELECT {columnas} FROM gana_{t} WHERE NOT borrado
    ON CONFLICT (id) DO UPDATE SET ({columnas}) = ROW ({excluidas})

-- nombre: tocar_vias
CREATE TEMP TABLE toca_via ON COMMIT DROP AS
SELECT id FROM gana_via
 UNION
SELECT v.id FROM osm_via v, unnest(v.nodos) AS nodo
 WHERE {cerca} nodo IN (SELECT id FROM gana_nodo WHERE mueve)

-- nombre: cerca_de_nodos
osm_cubetas(v.nodos) && ARRAY(SELECT DISTINCT id >> 5 FROM gana_nodo WHERE mueve) AND

-- nombre: tocar_relaciones
CREATE TEMP TABLE toca_relacion ON COMMIT DROP AS
SELECT id FROM gana_relacion
 UNION
SELECT r.id FROM osm_relacion r, unnest(r.miembros) AS miembro
 WHERE {cerca} r.etiquetas ->> 'type' IN ('multipolygon', 'boundary') AND miembro IN (SELECT 'w' || id FROM toca_via)

-- nombre: cerca_de_vias
r.miembros && ARRAY(SELECT 'w' || id FROM toca_via) AND

-- nombre: vias_por_leer
-- Las tocadas, y las que hacen falta para armar las relaciones tocadas.
CREATE TEMP TABLE lee_via ON COMMIT DROP AS
SELECT v.* FROM osm_via v
 WHERE v.id IN (SELECT id FROM toca_via
                 UNION
                SELECT substr(miembro, 2)::bigint FROM toca_relacion t JOIN osm_relacion r USING (id), unnest(r.miembros) AS miembro
                 WHERE miembro LIKE 'w%' AND r.etiquetas ->> 'type' IN ('multipolygon', 'boundary'))

-- nombre: leer_lugares
COPY (SELECT 'n' || n.id || ' x' || n.lon || ' y' || n.lat FROM osm_nodo n
       WHERE n.id IN (SELECT unnest(nodos) FROM lee_via) ORDER BY n.id) TO STDOUT

-- nombre: leer_nodos
SELECT {columnas} FROM osm_nodo WHERE id IN (SELECT id FROM gana_nodo) AND etiquetas IS NOT NULL ORDER BY id

-- nombre: leer_vias
SELECT {columnas} FROM lee_via ORDER BY id

-- nombre: leer_relaciones
SELECT {columnas} FROM osm_relacion WHERE id IN (SELECT id FROM toca_relacion) ORDER BY id

-- nombre: crear_tocado
CREATE TEMP TABLE tocado ON COMMIT DROP AS
SELECT 'n' AS tipo, id FROM gana_nodo UNION ALL SELECT 'w', id FROM toca_via UNION ALL SELECT 'r', id FROM toca_relacion

-- nombre: crear_objetos
CREATE TEMP TABLE nuevo_objeto (LIKE osm_objeto) ON COMMIT DROP

-- nombre: quitar_objetos
DELETE FROM osm_objeto o USING tocado t
 WHERE (o.tipo, o.id) = (t.tipo, t.id) AND NOT EXISTS (SELECT FROM nuevo_objeto n WHERE (n.tipo, n.id) = (t.tipo, t.id))

-- nombre: poner_objetos
INSERT INTO osm_objeto ({columnas}) SELECT {columnas} FROM nuevo_objeto WHERE (tipo, id) IN (SELECT tipo, id FROM tocado)
    ON CONFLICT (tipo, id) DO UPDATE SET ({columnas}) = ROW ({excluidas})

-- nombre: crear_sin_armar
CREATE TEMP TABLE nuevo_sin_armar (LIKE osm_sin_armar) ON COMMIT DROP

-- nombre: quitar_sin_armar
DELETE FROM osm_sin_armar s USING tocado t WHERE (s.tipo, s.id) = (t.tipo, t.id)

-- nombre: poner_sin_armar
INSERT INTO osm_sin_armar ({columnas}) SELECT {columnas} FROM nuevo_sin_armar WHERE (tipo, id) IN (SELECT tipo, id FROM tocado)
RETURNING tipo, id, motivo, faltan, cuantos

-- nombre: tirar
DROP TABLE IF EXISTS nuevo_nodo, nuevo_via, nuevo_relacion, gana_nodo, gana_via, gana_relacion, toca_via, toca_relacion, lee_via,
    tocado, nuevo_objeto, nuevo_sin_armar, antes

-- nombre: indices
SELECT indexrelid::regclass::text AS nombre, pg_get_indexdef(indexrelid) AS definicion
  FROM pg_index WHERE indrelid = ANY (ARRAY['osm_via', 'osm_relacion', 'osm_objeto']::regclass[]) AND NOT indisprimary

-- nombre: todo_vacio
SELECT NOT (EXISTS (SELECT FROM osm_nodo) OR EXISTS (SELECT FROM osm_via) OR EXISTS (SELECT FROM osm_relacion)
            OR EXISTS (SELECT FROM osm_objeto) OR EXISTS (SELECT FROM osm_borrado) OR EXISTS (SELECT FROM osm_sin_armar))

-- nombre: anotar
INSERT INTO osm_importacion (archivo, modo, fuente, url, secuencia, momento, empezo, termino, version, cambio, cifras)
VALUES (%(archivo)s, %(modo)s, %(fuente)s, %(url)s, %(secuencia)s, %(momento)s, %(empezo)s, ahora(),
        (SELECT coalesce(max(version), 0) FROM osm_importacion) + %(cambio)s::boolean::integer, %(cambio)s, %(cifras)s)
RETURNING version

-- nombre: retroceder_flujos
-- La próxima vez, el flujo busca la secuencia de ese momento.
UPDATE osm_flujo SET secuencia = NULL, momento = %(momento)s WHERE clase = 'objetos' AND momento > %(momento)s AND fuente = %(fuente)s
