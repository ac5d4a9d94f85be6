-- nombre: version
SELECT version FROM osm_importacion ORDER BY id DESC LIMIT 1

-- nombre: datos_hasta
SELECT CASE WHEN :origen <> 0 THEN ahora()
            WHEN f.cuantos > 0 THEN CASE WHEN f.sabidos = f.cuantos THEN f.hasta END
            ELSE (SELECT max(momento) FROM osm_importacion WHERE modo = 'aplicar') END
  FROM (SELECT count(*) AS cuantos, count(momento) AS sabidos, min(momento) AS hasta FROM osm_flujo WHERE clase = 'objetos') f

-- nombre: centros_de_edificios
COPY (SELECT ST_X(centro), ST_Y(centro) FROM osm_objeto
       WHERE clase = 'edificio' AND centro && ST_MakeEnvelope(%s, %s, %s, %s, 4326)) TO STDOUT (FORMAT binary)

-- nombre: calles
SELECT ST_AsBinary(geom) FROM osm_objeto WHERE clase = 'via' AND geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)

-- nombre: cifras_de_zona
SELECT edificios, metros_vias FROM osm_cifras(ST_GeomFromWKB(:zona, 4326))

-- nombre: objetos_en
-- De lo enorme (un bosque, un límite) sólo se manda lo que queda cerca de la zona.
WITH zona AS (SELECT ST_GeomFromWKB(:zona, 4326) AS geom)
SELECT o.tipo, o.id, o.version, o.cuando, o.usuario, o.uid, o.conjunto, o.etiquetas, o.clase,
       ST_AsGeoJSON(CASE WHEN ST_NPoints(o.geom) > 400 THEN ST_ClipByBox2D(o.geom, ST_Expand(z.geom, 0.002)::box2d) ELSE o.geom END, 7)
           ::json AS geometria
  FROM zona z JOIN osm_objeto o ON o.geom && z.geom AND ST_Intersects(z.geom, o.geom)
 WHERE o.etiquetas IS NOT NULL AND o.clase <> 'limite'
 ORDER BY o.cuando DESC NULLS LAST, o.tipo, o.id LIMIT :limite

-- nombre: limites
SELECT o.tipo, o.id, coalesce(o.etiquetas ->> 'name:es', o.etiquetas ->> 'name', '') AS nombre, o.etiquetas ->> 'admin_level' AS nivel,
       ST_Area(o.geom::geography) AS area_m2
  FROM osm_objeto o
 WHERE o.clase = 'limite' AND o.etiquetas ->> 'boundary' = 'administrative' AND GeometryType(o.geom) IN ('POLYGON', 'MULTIPOLYGON')
   AND (:texto = '' OR sin_acentos(concat_ws(' ', o.etiquetas ->> 'name', o.etiquetas ->> 'name:es', o.etiquetas ->> 'alt_name')) LIKE :patron)
 ORDER BY length(o.etiquetas ->> 'admin_level'), nivel, o.etiquetas ? 'name' DESC, nombre, o.tipo, o.id LIMIT :cuantos

-- nombre: limites_sin_cerrar
SELECT coalesce(r.etiquetas ->> 'name:es', r.etiquetas ->> 'name', '') AS nombre, s.tipo, s.id, s.motivo, s.faltan, s.cuantos
  FROM osm_sin_armar s JOIN osm_relacion r ON r.id = s.id
 WHERE s.tipo = 'r' AND r.etiquetas ->> 'boundary' = 'administrative'
   AND (:texto = '' OR sin_acentos(concat_ws(' ', r.etiquetas ->> 'name', r.etiquetas ->> 'name:es', r.etiquetas ->> 'alt_name')) LIKE :patron)
 ORDER BY s.cuantos, s.id LIMIT :cuantos

-- nombre: limite
SELECT o.tipo, o.id, coalesce(o.etiquetas ->> 'name:es', o.etiquetas ->> 'name', '') AS nombre, o.etiquetas ->> 'admin_level' AS nivel,
       ST_Area(o.geom::geography) AS area_m2, o.etiquetas, ST_AsBinary(ST_Multi(o.geom)) AS wkb
  FROM osm_objeto o
 WHERE o.tipo = :tipo AND o.id = :id AND GeometryType(o.geom) IN ('POLYGON', 'MULTIPOLYGON')
