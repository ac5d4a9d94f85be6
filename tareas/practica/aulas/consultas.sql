-- nombre: visible
SELECT a.id, a.municipio_id, a.nombre, a.estado, a.visibilidad
  FROM aula a
 WHERE a.id = :aula
   AND (a.visibilidad = 'publica' OR :ve_todo OR a.municipio_id = ANY(:ve_municipios)
        OR EXISTS (SELECT FROM proyecto p WHERE p.aula_id = a.id AND {visible}))

-- nombre: existe
SELECT id FROM aula WHERE id = :aula

-- nombre: ficha
SELECT a.id, a.municipio_id, a.nombre, a.estado, a.visibilidad, a.fuente, a.creada, a.creada_por,
       m.nombre AS municipio_nombre, m.clave AS municipio_clave, m.zona_horaria,
       CASE WHEN a.area IS NULL THEN NULL
            ELSE ARRAY[ST_XMin(a.area), ST_YMin(a.area), ST_XMax(a.area), ST_YMax(a.area)] END AS caja,
       (SELECT nombre FROM persona p WHERE p.id = a.creada_por) AS autora,
       (SELECT max(secuencia) FROM practica_diferencia d WHERE d.aula_id = a.id) AS secuencia
  FROM aula a JOIN municipio m ON m.id = a.municipio_id
 WHERE a.id = :aula

-- nombre: cuentas
SELECT count(*) FILTER (WHERE e.visible AND e.tipo = 'n') AS nodos,
       count(*) FILTER (WHERE e.visible AND e.tipo = 'w') AS vias,
       count(*) FILTER (WHERE e.visible AND e.tipo = 'r') AS relaciones,
       count(*) FILTER (WHERE e.visible AND e.tipo <> 'n' AND e.etiquetas ? 'building') AS edificios
  FROM practica_elemento e WHERE e.aula_id = :aula AND e.actual

-- nombre: personas
SELECT p.id, p.usuario, p.nombre, count(*) AS conjuntos, sum(c.cambios) AS cambios, max(c.ultimo) AS ultimo,
       bool_or(c.cerrado IS NULL AND c.ultimo > ahora() - interval '1 hour') AS trabajando
  FROM practica_conjunto c JOIN persona p ON p.id = c.persona_id
 WHERE c.aula_id = :aula AND c.cambios > 0 AND NOT c.etiquetas ? 'tequio:reinicio'
 GROUP BY p.id ORDER BY max(c.ultimo) DESC LIMIT 200

-- nombre: proyectos
SELECT p.id, p.nombre, p.estado FROM proyecto p WHERE p.aula_id = :aula AND {visible} ORDER BY p.id DESC

-- nombre: abiertos
SELECT p.nombre FROM proyecto p WHERE p.aula_id = :aula AND p.estado = 'publicado' ORDER BY p.id

-- nombre: soltar_proyectos
UPDATE proyecto SET aula_id = NULL WHERE aula_id = :aula

-- nombre: de_municipios
SELECT a.id, a.nombre, a.estado, a.visibilidad, a.fuente, a.creada, a.municipio_id, m.nombre AS municipio_nombre, m.clave AS municipio_clave,
       m.zona_horaria,
       (SELECT count(*) FROM proyecto p WHERE p.aula_id = a.id) AS proyectos,
       (SELECT max(c.ultimo) FROM practica_conjunto c WHERE c.aula_id = a.id AND c.cambios > 0) AS ultimo
  FROM aula a JOIN municipio m ON m.id = a.municipio_id
 WHERE :todos OR a.municipio_id = ANY(:municipios)
 ORDER BY a.id DESC LIMIT 200

-- nombre: todas
SELECT a.id, a.nombre, a.estado, m.nombre AS municipio, (SELECT count(*) FROM practica_elemento e WHERE e.aula_id = a.id AND e.actual AND e.visible) AS elementos
  FROM aula a JOIN municipio m ON m.id = a.municipio_id ORDER BY a.id

-- nombre: de_donde_copiar
SELECT p.id, p.nombre FROM proyecto p
 WHERE p.estado <> 'archivado' AND (:todos OR p.municipio_id = ANY(:municipios)) ORDER BY p.id DESC LIMIT 200

-- nombre: persona
SELECT id, usuario, nombre FROM persona WHERE lower(usuario) = lower(:usuario) AND activa

-- nombre: crear
INSERT INTO aula (municipio_id, nombre, visibilidad, fuente, area, creada_por)
VALUES (:municipio, :nombre, :visibilidad, :fuente, ST_Multi(ST_GeomFromWKB(:area, 4326)), :persona) RETURNING id

-- nombre: abrir_copia
-- El conjunto de cambios de la copia inicial: lo que se copia es de alguien y de algún momento, como en cualquier mapa.
INSERT INTO practica_conjunto (aula_id, persona_id, cerrado, etiquetas)
VALUES (:aula, :persona, ahora(), jsonb_build_object('comment', CAST(:comentario AS text), 'created_by', 'Tequio')) RETURNING id

-- nombre: empezar_replicacion
INSERT INTO practica_diferencia (aula_id, secuencia, momento, tx_desde, tx_hasta, cambios)
SELECT :aula, 0, ahora(), x, x, 0 FROM (SELECT (pg_current_xact_id()::text)::bigint AS x) ahora_mismo

-- nombre: preparar_copia
CREATE TEMP TABLE copia_elemento (tipo text NOT NULL, id bigint NOT NULL, version integer, cuando timestamptz, etiquetas jsonb,
    lon double precision, lat double precision, nodos bigint[], miembros text[], roles text[]) ON COMMIT DROP

-- nombre: copiar_vias
-- Las vías que tocan el área, enteras. Las que no tienen geometría (les faltan nodos) no se copian.
INSERT INTO copia_elemento (tipo, id, version, cuando, etiquetas, nodos)
SELECT 'w', v.id, v.version, v.cuando, v.etiquetas, v.nodos
  FROM osm_objeto o JOIN osm_via v ON v.id = o.id, (SELECT ST_GeomFromWKB(:area, 4326) AS g) z
 WHERE o.tipo = 'w' AND o.geom && z.g AND ST_Intersects(o.geom, z.g)
 LIMIT :tope

-- nombre: copiar_nodos
INSERT INTO copia_elemento (tipo, id, version, cuando, etiquetas, lon, lat)
SELECT 'n', n.id, n.version, n.cuando, n.etiquetas, n.lon, n.lat
  FROM osm_nodo n
 WHERE n.id IN (SELECT unnest(c.nodos) FROM copia_elemento c
                 UNION
                SELECT o.id FROM osm_objeto o, (SELECT ST_GeomFromWKB(:area, 4326) AS g) z
                 WHERE o.tipo = 'n' AND o.geom && z.g AND ST_Intersects(o.geom, z.g))
 LIMIT :tope

-- nombre: copiar_relaciones
INSERT INTO copia_elemento (tipo, id, version, cuando, etiquetas, miembros, roles)
SELECT 'r', r.id, r.version, r.cuando, r.etiquetas, r.miembros, r.roles
  FROM osm_relacion r
 WHERE r.miembros && ARRAY(SELECT c.tipo || c.id FROM copia_elemento c WHERE c.tipo = 'w' OR c.etiquetas IS NOT NULL)

-- nombre: quitar_repetidos
-- Un archivo puede traer varias veces lo mismo: se queda la versión mayor.
DELETE FROM copia_elemento c USING (
    SELECT ctid, row_number() OVER (PARTITION BY tipo, id ORDER BY version DESC NULLS LAST, ctid DESC) AS lugar FROM copia_elemento) r
 WHERE c.ctid = r.ctid AND r.lugar > 1

-- nombre: indexar_copia
CREATE INDEX ON copia_elemento (tipo, id)

-- nombre: analizar_copia
ANALYZE copia_elemento

-- nombre: recortar_vias
-- A una vía del borde del archivo le pueden faltar nodos: se queda con los que hay.
UPDATE copia_elemento c SET nodos = r.nodos
  FROM (SELECT v.id, array_agg(x.nodo ORDER BY x.lugar) FILTER (WHERE n.id IS NOT NULL) AS nodos
          FROM copia_elemento v, unnest(v.nodos) WITH ORDINALITY AS x(nodo, lugar)
          LEFT JOIN copia_elemento n ON n.tipo = 'n' AND n.id = x.nodo
         WHERE v.tipo = 'w' GROUP BY v.id HAVING bool_or(n.id IS NULL)) r
 WHERE c.tipo = 'w' AND c.id = r.id

-- nombre: recortar_relaciones
-- Lo que sale del área no se copia: la relación se queda con los miembros que sí.
UPDATE copia_elemento c SET (miembros, roles) = (r.miembros, r.roles)
  FROM (SELECT v.id, array_agg(x.miembro ORDER BY x.lugar) FILTER (WHERE n.id IS NOT NULL) AS miembros,
               array_agg(x.rol ORDER BY x.lugar) FILTER (WHERE n.id IS NOT NULL) AS roles
          FROM copia_elemento v, unnest(v.miembros, v.roles) WITH ORDINALITY AS x(miembro, rol, lugar)
          LEFT JOIN copia_elemento n ON n.tipo = left(x.miembro, 1) AND n.id = substr(x.miembro, 2)::bigint
         WHERE v.tipo = 'r' GROUP BY v.id HAVING bool_or(n.id IS NULL)) r
 WHERE c.tipo = 'r' AND c.id = r.id

-- nombre: quitar_vacios
DELETE FROM copia_elemento WHERE (tipo = 'w' AND coalesce(cardinality(nodos), 0) = 0) OR (tipo = 'r' AND coalesce(cardinality(miembros), 0) = 0)

-- nombre: sembrar
INSERT INTO practica_elemento (aula_id, tipo, id, version, semilla, conjunto, cuando, uid, usuario, etiquetas, lon, lat, nodos, miembros, roles)
SELECT :aula, c.tipo, c.id, coalesce(greatest(c.version, 1), 1), true, :conjunto, coalesce(c.cuando, ahora()), :persona, :usuario,
       nullif(c.etiquetas, '{}'), round(c.lon * 1e7)::integer, round(c.lat * 1e7)::integer, c.nodos, c.miembros, c.roles
  FROM copia_elemento c ORDER BY c.tipo, c.id

-- nombre: copiados
SELECT tipo, count(*) FROM practica_elemento WHERE aula_id = :aula GROUP BY tipo

-- nombre: caja_de_copia
SELECT ST_AsBinary(ST_Envelope(ST_Expand(ST_Extent(ST_MakePoint(lon, lat)), 1e-7)::geometry)) FROM copia_elemento WHERE tipo = 'n'

-- nombre: turno
SELECT a.id, a.municipio_id, a.nombre, a.estado FROM aula a WHERE a.id = :aula FOR NO KEY UPDATE

-- nombre: exclusiva
-- Espera a quien esté guardando en el aula y hace esperar a quien llegue: su llave foránea necesita esta fila.
SELECT a.id, a.municipio_id, a.nombre, a.estado FROM aula a WHERE a.id = :aula FOR UPDATE

-- nombre: editar
UPDATE aula SET nombre = coalesce(:nombre, nombre), estado = coalesce(:estado, estado), visibilidad = coalesce(:visibilidad, visibilidad)
 WHERE id = :aula

-- nombre: cerrar_conjuntos
UPDATE practica_conjunto SET cerrado = ahora() WHERE aula_id = :aula AND cerrado IS NULL

-- nombre: por_revertir
-- Lo que hoy no está como en la copia inicial.
CREATE TEMP TABLE revierte ON COMMIT DROP AS
SELECT e.tipo, e.id, e.version + 1 AS version, s.id IS NOT NULL AS visible,
       CASE WHEN s.id IS NULL THEN NULL ELSE s.etiquetas END AS etiquetas,
       coalesce(s.lon, e.lon) AS lon, coalesce(s.lat, e.lat) AS lat,
       CASE WHEN s.id IS NULL AND e.tipo = 'w' THEN '{}' ELSE s.nodos END AS nodos,
       CASE WHEN s.id IS NULL AND e.tipo = 'r' THEN '{}' ELSE s.miembros END AS miembros,
       CASE WHEN s.id IS NULL AND e.tipo = 'r' THEN '{}' ELSE s.roles END AS roles,
       (row_number() OVER (ORDER BY e.tipo, e.id) - 1) / 10000 AS tanda
  FROM practica_elemento e
  LEFT JOIN practica_elemento s ON s.aula_id = e.aula_id AND s.tipo = e.tipo AND s.id = e.id AND s.semilla
 WHERE e.aula_id = :aula AND e.actual AND NOT e.semilla
   AND (e.visible <> (s.id IS NOT NULL) OR (s.id IS NOT NULL AND
        (e.etiquetas, e.lon, e.lat, e.nodos, e.miembros, e.roles) IS DISTINCT FROM (s.etiquetas, s.lon, s.lat, s.nodos, s.miembros, s.roles)))

-- nombre: abrir_reinicios
-- Un conjunto de cambios lleva 10,000 a lo más.
INSERT INTO practica_conjunto (aula_id, persona_id, cerrado, cambios, etiquetas, oeste, este, sur, norte)
SELECT :aula, :persona, ahora(), count(*), jsonb_build_object('comment', CAST(:comentario AS text), 'created_by', 'Tequio', 'tequio:reinicio', tanda::text),
       min(lon), max(lon), min(lat), max(lat)
  FROM revierte GROUP BY tanda ORDER BY tanda
RETURNING id, (etiquetas ->> 'tequio:reinicio')::integer AS tanda

-- nombre: dejar_de_ser_actuales
UPDATE practica_elemento e SET actual = false FROM revierte r
 WHERE e.aula_id = :aula AND e.actual AND e.tipo = r.tipo AND e.id = r.id

-- nombre: revertir
INSERT INTO practica_elemento (aula_id, tipo, id, version, visible, conjunto, uid, usuario, etiquetas, lon, lat, nodos, miembros, roles)
SELECT :aula, r.tipo, r.id, r.version, r.visible, c.conjunto, :persona, :usuario, r.etiquetas, r.lon, r.lat, r.nodos, r.miembros, r.roles
  FROM revierte r JOIN unnest(CAST(:tandas AS integer[]), CAST(:conjuntos AS bigint[])) AS c(tanda, conjunto) USING (tanda)
 ORDER BY r.tipo, r.id

-- nombre: borrar_cambios
DELETE FROM osm_cambio WHERE origen = :aula

-- nombre: borrar_conjuntos
DELETE FROM osm_conjunto WHERE origen = :aula

-- nombre: borrar
DELETE FROM aula WHERE id = :aula

-- nombre: elementos
SELECT e.id, e.version, e.cuando, e.uid, e.usuario, e.conjunto, e.etiquetas, e.lon, e.lat, e.nodos, e.miembros, e.roles, e.visible
  FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = %(tipo)s AND e.actual AND e.visible
 ORDER BY e.id
