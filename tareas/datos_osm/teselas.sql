-- Teselas vectoriales del mapa base. {objetos} y {donde} dicen de qué mundo: el de verdad o el de un aula.

-- nombre: base
-- De lo que no llega a {minimo} pixeles sólo se quedan calles y letreros. Lo enorme se recorta antes de transformarlo.
WITH marco AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS tesela,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 64.0 / 4096), 4326) AS zona,
           360.0 / (256.0 * 2 ^ :z) AS pixel
), cerca AS MATERIALIZED (
    SELECT o.tipo || o.id AS clave, o.clase, o.etiquetas AS e, GeometryType(o.geom) AS forma,
           coalesce(o.etiquetas ->> 'name:es', o.etiquetas ->> 'name') AS nombre, o.centro,
           CASE WHEN ST_NPoints(o.geom) > 300 THEN ST_ClipByBox2D(o.geom, (SELECT zona::box2d FROM marco)) ELSE o.geom END AS geom
      FROM {objetos}
     WHERE {donde} AND o.zoom <= :z
       AND (o.clase IN ('via', 'tren', 'lugar', 'servicio')
            OR greatest(ST_XMax(o.geom) - ST_XMin(o.geom), ST_YMax(o.geom) - ST_YMin(o.geom)) > (SELECT pixel * {minimo} FROM marco))
), plana AS MATERIALIZED (
    SELECT c.*, ST_Simplify(ST_Transform(c.geom, 3857), (SELECT pixel FROM marco) * 111320 * {holgura}, true) AS merc
      FROM cerca c
     WHERE c.forma <> 'POINT' AND c.clase <> 'lugar'
), agua AS (
    SELECT coalesce(e ->> 'waterway', e ->> 'water', e ->> 'natural', e ->> 'landuse') AS tipo, nombre,
           ST_AsMVTGeom(merc, (SELECT tesela FROM marco), 4096, 64) AS geom
      FROM plana WHERE clase = 'agua'
), suelo AS (
    SELECT coalesce(e ->> 'landuse', e ->> 'natural', e ->> 'leisure', e ->> 'amenity', e ->> 'tourism', e ->> 'aeroway',
                    e ->> 'shop', e ->> 'highway', 'otro') AS tipo,
           ST_AsMVTGeom(merc, (SELECT tesela FROM marco), 4096, 64) AS geom
      FROM plana WHERE clase IN ('suelo', 'servicio')
     ORDER BY ST_Area(merc) DESC
), edificios AS (
    SELECT ST_AsMVTGeom(merc, (SELECT tesela FROM marco), {extension}, {extension} / 64) AS geom
      FROM plana WHERE clase = 'edificio' AND forma <> 'LINESTRING'
     ORDER BY ST_Area(merc) DESC LIMIT {edificios}
), vias AS (
    SELECT coalesce(e ->> 'highway', e ->> 'railway') AS tipo, CASE WHEN :z >= 13 THEN nombre END AS nombre,
           ST_AsMVTGeom(merc, (SELECT tesela FROM marco), 4096, 64) AS geom
      FROM plana WHERE clase IN ('via', 'tren')
), lugares AS (
    SELECT e ->> 'place' AS tipo, nombre,
           ST_AsMVTGeom(ST_Transform(CASE forma WHEN 'POINT' THEN geom ELSE ST_PointOnSurface(geom) END, 3857),
                        (SELECT tesela FROM marco), 4096, 64) AS geom
      FROM cerca WHERE clase = 'lugar'
), servicios AS (
    SELECT coalesce(e ->> 'amenity', e ->> 'shop', e ->> 'healthcare', e ->> 'tourism', e ->> 'leisure', e ->> 'office', e ->> 'craft',
                    e ->> 'historic', e ->> 'public_transport', e ->> 'railway', e ->> 'highway', e ->> 'emergency') AS tipo, nombre,
           ST_AsMVTGeom(ST_Transform(CASE WHEN forma = 'POINT' THEN geom ELSE coalesce(centro, ST_PointOnSurface(geom)) END, 3857),
                        (SELECT tesela FROM marco), 4096, 64) AS geom
      FROM cerca
     WHERE clase = 'servicio'
        OR (clase = 'edificio' AND :z >= 15 AND nombre IS NOT NULL AND e ?| ARRAY['amenity', 'shop', 'healthcare', 'tourism', 'office'])
)
SELECT coalesce((SELECT ST_AsMVT(t, 'agua', 4096, 'geom') FROM agua t WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(t, 'suelo', 4096, 'geom') FROM suelo t WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(t, 'edificios', {extension}, 'geom') FROM edificios t WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(t, 'vias', 4096, 'geom') FROM vias t WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(t, 'lugares', 4096, 'geom') FROM lugares t WHERE geom IS NOT NULL), '')
    || coalesce((SELECT ST_AsMVT(t, 'servicios', 4096, 'geom') FROM servicios t WHERE geom IS NOT NULL), '')
