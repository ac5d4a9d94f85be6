-- nombre: visible
SELECT p.id, p.municipio_id, p.nombre, p.estado, p.visibilidad, p.version, p.prioridad, p.minutos_bloqueo, p.tareas_total - p.divididas AS tareas_total, p.tareas_total AS numeros,
       p.area_m2, p.caja, p.creado, p.creado_por, p.servidor_osm, p.aula_id
  FROM proyecto p
 WHERE p.id = :id AND {visible}

-- nombre: actor_y_proyecto
-- Quién pide y el proyecto que pide, si lo puede ver, de la misma fotografía de la base.
SELECT a.*, p.id AS proyecto, p.municipio_id, p.nombre AS proyecto_nombre, p.estado, p.visibilidad, p.version, p.prioridad,
       p.minutos_bloqueo, p.tareas_total - p.divididas AS tareas_total, p.tareas_total AS numeros, p.area_m2, p.caja, p.creado, p.creado_por,
       p.servidor_osm, p.aula_id
  FROM ({actor}) a LEFT JOIN proyecto p ON p.id = :id AND {visible}

-- nombre: ficha
SELECT p.id, p.nombre, p.descripcion, p.instrucciones, p.estado, p.visibilidad, p.version, p.prioridad, p.minutos_bloqueo,
       p.tareas_total - p.divididas AS tareas_total, p.tareas_total AS numeros, p.area_m2, p.caja, p.division, p.imagenes, p.comentario_conjunto, p.etiquetas_conjunto,
       coalesce((SELECT jsonb_agg(e.capa) FROM jsonb_array_elements(p.imagenes) AS e (capa)
                  WHERE e.capa ->> 'url' LIKE '/teselas/imagenes/%' AND NOT EXISTS (
                        SELECT FROM imagen i WHERE i.municipio_id = p.municipio_id AND i.estado = 'publicada'
                           AND e.capa ->> 'url' = '/teselas/imagenes/' || i.id || '/{z}/{x}/{y}')), '[]') AS imagenes_retiradas,
       p.creado, p.publicado, p.archivado, p.municipio_id, p.servidor_osm, p.aula_id, p.editores, p.editores_ocultos,
       p.presets, p.desplazamiento,
       m.clave AS municipio_clave, m.nombre AS municipio_nombre, m.entidad AS municipio_entidad, m.zona_horaria,
       m.ficticio
  FROM proyecto p JOIN municipio m ON m.id = p.municipio_id
 WHERE p.id = :id AND {visible}

-- nombre: marca
-- Qué versión de los renglones y de las imágenes del municipio se ve (xmin cambia con cada escritura) y si el historial sigue igual desde una fotografía.
-- El máximo sale del índice en un paso; un EXISTS con «>=» haría que el plan genérico recorriera la tabla.
SELECT p.xmin::text || ' ' || m.xmin::text || coalesce((SELECT string_agg(' ' || i.id || '.' || i.version, '' ORDER BY i.id)
         FROM imagen i WHERE i.municipio_id = p.municipio_id), '') AS marca,
       coalesce((SELECT max(h.tx) FROM historial h WHERE h.proyecto_id = p.id) < :desde, true) AS igual,
       (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS fotografia
  FROM proyecto p JOIN municipio m ON m.id = p.municipio_id
 WHERE p.id = :id AND {visible}

-- nombre: listar
SELECT p.id, p.nombre, p.descripcion, p.estado, p.visibilidad, p.version, p.prioridad, p.tareas_total - p.divididas AS tareas_total, p.area_m2, p.caja,
       p.creado, p.publicado, p.servidor_osm, p.aula_id, p.municipio_id, m.clave AS municipio_clave, m.nombre AS municipio_nombre,
       m.entidad AS municipio_entidad, m.zona_horaria, m.ficticio
  FROM proyecto p JOIN municipio m ON m.id = p.municipio_id
 WHERE {filtro} AND {visible}
 ORDER BY {orden}
 LIMIT :limite OFFSET :salto

-- nombre: contar
SELECT count(*)
  FROM proyecto p JOIN municipio m ON m.id = p.municipio_id
 WHERE {filtro} AND {visible}

-- nombre: filtro
(CAST(:municipio AS bigint) IS NULL OR p.municipio_id = :municipio)
   AND (CAST(:estado AS text) IS NULL OR p.estado = :estado)
   AND (CAST(:oeste AS float8) IS NULL OR p.area && ST_MakeEnvelope(:oeste, :sur, :este, :norte, 4326))
   AND (CAST(:texto AS text) IS NULL
        OR strpos(p.texto_busqueda, sin_acentos(:texto)) > 0 OR strpos(m.texto_busqueda, sin_acentos(:texto)) > 0
        OR sin_acentos(:texto) <% p.texto_busqueda OR sin_acentos(:texto) <% m.texto_busqueda)

-- nombre: municipios_con_proyectos
SELECT m.clave, m.nombre
  FROM municipio m
 WHERE EXISTS (SELECT FROM proyecto p WHERE p.municipio_id = m.id AND {visible})
 ORDER BY m.nombre, m.clave

-- nombre: proyectos_por_municipio
SELECT p.municipio_id, count(*)
  FROM proyecto p
 WHERE p.municipio_id = ANY(:ids) AND {visible}
 GROUP BY p.municipio_id

-- nombre: gestionados
SELECT p.id, p.nombre, p.descripcion, p.estado, p.visibilidad, p.version, p.prioridad, p.tareas_total - p.divididas AS tareas_total, p.area_m2, p.caja,
       p.creado, p.publicado, p.servidor_osm, p.aula_id, p.municipio_id, m.clave AS municipio_clave, m.nombre AS municipio_nombre,
       m.entidad AS municipio_entidad, m.zona_horaria, m.ficticio
  FROM proyecto p JOIN municipio m ON m.id = p.municipio_id
 WHERE :todos OR p.municipio_id = ANY(:ids)
 ORDER BY array_position(ARRAY['borrador', 'publicado', 'archivado'], p.estado), p.id DESC
 LIMIT :limite

-- nombre: aulas
SELECT id, municipio_id, nombre, estado
  FROM aula
 WHERE :todos OR municipio_id = ANY(:ids)
 ORDER BY nombre, id
 LIMIT 500

-- nombre: conteos
SELECT proyecto_id, estado, count(*)
  FROM tarea
 WHERE proyecto_id = ANY(:ids) AND estado <> 5
 GROUP BY proyecto_id, estado

-- nombre: area_geojson
SELECT ST_AsGeoJSON(CASE WHEN :tolerancia > 0 THEN ST_SimplifyPreserveTopology(area, :tolerancia) ELSE area END, 7)
  FROM proyecto WHERE id = :id

-- nombre: area_wkb
SELECT ST_AsBinary(area) FROM proyecto WHERE id = :id

-- nombre: es_todo_el_municipio
SELECT ST_AsBinary(p.area) = ST_AsBinary(m.limite) FROM proyecto p JOIN municipio m ON m.id = p.municipio_id WHERE p.id = :id

-- nombre: tareas_geojson
SELECT t.numero,
       json_build_object('type', 'Feature', 'id', t.numero, 'geometry', ST_AsGeoJSON(t.geom, 7)::json,
                         'properties', json_build_object(
                             'numero', t.numero,
                             'estado', (CAST(:palabras AS text[]))[t.estado + 1],
                             'bloqueo', CASE WHEN b.para IS NULL THEN NULL ELSE json_build_object(
                                 'para', b.para, 'vence', b.vence, 'mia', coalesce(b.persona_id = :persona, false)) END,
                             'area_m2', round(t.area_m2),
                             'prioridad', t.prioridad,
                             'edificios', t.edificios_al_publicar,
                             'metros_vias', round(t.metros_vias_al_publicar)))::text AS rasgo
  FROM tarea t JOIN proyecto p ON p.id = t.proyecto_id AND p.version = :version
  LEFT JOIN bloqueo b ON b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora()
 WHERE t.proyecto_id = :id AND {cuales}
 ORDER BY t.numero

-- nombre: cuales_siguen
-- Aparte y con LIMIT: así el plan siempre recorre la llave y no ordena el proyecto entero en cada lote.
t.numero IN (SELECT s.numero FROM tarea s WHERE s.proyecto_id = :id AND s.estado <> 5 AND s.numero >= :desde ORDER BY s.numero LIMIT :lote)

-- nombre: cuales_estas
t.numero = ANY(CAST(:numeros AS integer[]))

-- nombre: numeros_en_caja
SELECT coalesce(array_agg(numero ORDER BY numero), '{}')
  FROM (SELECT numero FROM tarea
         WHERE proyecto_id = :id AND numero >= :desde AND estado <> 5 AND geom && ST_MakeEnvelope(:oeste, :sur, :este, :norte, 4326)
         ORDER BY numero LIMIT :limite) AS dentro

-- nombre: version
SELECT version FROM proyecto WHERE id = :id

-- nombre: prioridades
-- Tramos de números seguidos con la misma prioridad; las normales no salen.
SELECT prioridad, min(numero) AS desde, max(numero) AS hasta
  FROM (SELECT prioridad, numero, numero - row_number() OVER (PARTITION BY prioridad ORDER BY numero) AS tramo
          FROM tarea WHERE proyecto_id = :id AND prioridad <> 0 AND estado <> 5) AS con_prioridad
 GROUP BY prioridad, tramo
 ORDER BY prioridad DESC, desde

-- nombre: numeros_con_centro_en
SELECT coalesce(array_agg(numero ORDER BY numero), '{}')
  FROM tarea
 WHERE proyecto_id = :id AND estado <> 5 AND geom && ST_GeomFromWKB(:area, 4326)
   AND ST_Intersects(ST_GeomFromWKB(:area, 4326), ST_PointOnSurface(geom))

-- nombre: numeros_que_no_hay
-- Ni las divididas: su lugar lo ocupan otras.
SELECT n FROM unnest(CAST(:numeros AS integer[])) AS n
 WHERE NOT EXISTS (SELECT FROM tarea t WHERE t.proyecto_id = :id AND t.numero = n AND t.estado <> 5)
 ORDER BY n LIMIT :limite

-- nombre: tesela_tareas
WITH marco AS (SELECT ST_TileEnvelope(:z, :x, :y) AS caja),
     dibujo AS (
         SELECT t.numero,
                ST_AsMVTGeom(ST_Transform(t.geom, 3857), marco.caja, 4096, 64, true) AS geom
           FROM tarea t, marco
          WHERE t.proyecto_id = :id AND t.estado <> 5 AND t.geom && ST_Transform(ST_Expand(marco.caja, :margen), 4326))
SELECT ST_AsMVT(dibujo, 'tareas', 4096, 'geom', 'numero') FROM dibujo WHERE geom IS NOT NULL

-- nombre: bloques
-- Los números de nacimiento van en orden de Morton: cada bloque es un tramo seguido. Las tareas que salen de partir o juntar llevan
-- números del final y la celda de la que más tienen, así que son del mismo bloque: van aparte, en tramos. Las divididas se quedan en
-- el tramo, que si no se rompería, y quien dibuja no las cuenta; la caja es sólo de las vivas.
WITH agregadas AS MATERIALIZED (
         SELECT t.numero, t.estado, t.celda >> (2 * :niveles) AS bloque FROM tarea t
          WHERE t.proyecto_id = :id AND t.numero IN (SELECT o.numero FROM tarea_origen o WHERE o.proyecto_id = :id)),
     cajas AS (
         SELECT celda >> (2 * :niveles) AS bloque, min(numero) AS desde,
                min(ST_XMin(geom)) FILTER (WHERE estado <> 5) AS oeste, min(ST_YMin(geom)) FILTER (WHERE estado <> 5) AS sur,
                max(ST_XMax(geom)) FILTER (WHERE estado <> 5) AS este, max(ST_YMax(geom)) FILTER (WHERE estado <> 5) AS norte,
                max(numero) FILTER (WHERE numero < (SELECT coalesce(min(numero), 2147483647) FROM agregadas)) AS hasta
           FROM tarea WHERE proyecto_id = :id GROUP BY 1),
     tramos AS (
         SELECT bloque, min(numero) AS desde, max(numero) AS hasta
           FROM (SELECT bloque, numero, numero - row_number() OVER (PARTITION BY bloque ORDER BY numero) AS isla
                   FROM agregadas WHERE estado <> 5) i
          GROUP BY bloque, isla),
     mas AS (SELECT bloque, string_agg(desde || '-' || hasta, ',' ORDER BY desde) AS mas FROM tramos GROUP BY bloque)
SELECT c.desde, c.hasta, c.oeste, c.sur, c.este, c.norte, m.mas
  FROM cajas c LEFT JOIN mas m USING (bloque) WHERE c.oeste IS NOT NULL
 ORDER BY 1

-- nombre: tesela_bloques
WITH marco AS (SELECT ST_TileEnvelope(:z, :x, :y) AS caja),
     dibujo AS (
         SELECT b.desde AS id, b.desde, b.hasta, b.mas,
                ST_AsMVTGeom(ST_Transform(ST_MakeEnvelope(b.oeste, b.sur, b.este, b.norte, 4326), 3857), marco.caja, 4096, 64, true) AS geom
           FROM unnest(CAST(:desde AS int[]), CAST(:hasta AS int[]), CAST(:oeste AS float8[]), CAST(:sur AS float8[]),
                       CAST(:este AS float8[]), CAST(:norte AS float8[]), CAST(:mas AS text[])) AS b(desde, hasta, oeste, sur, este, norte, mas), marco)
SELECT ST_AsMVT(dibujo, 'bloques', 4096, 'geom', 'id') FROM dibujo WHERE geom IS NOT NULL

-- nombre: cambios_de_prioridad
SELECT c.id, c.cuando, c.prioridad, c.numeros[1:CAST(:nombradas AS integer)] AS numeros, cardinality(c.numeros) AS tareas,
       p.nombre AS persona, coalesce(c.cuando < y.dividido, false) AS otra_division
  FROM cambio_prioridad c JOIN persona p ON p.id = c.persona_id JOIN proyecto y ON y.id = c.proyecto_id
 WHERE c.proyecto_id = :id
 ORDER BY c.id DESC LIMIT :cuantos
