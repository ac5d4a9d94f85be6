-- nombre: de_municipio
SELECT r.id, r.nombre, r.licencia, r.fuente, r.fecha, r.huellas, r.omitidas, r.subida, p.nombre AS persona,
       r.id = (SELECT max(u.id) FROM referencia u WHERE u.municipio_id = r.municipio_id) AS vigente
  FROM referencia r LEFT JOIN persona p ON p.id = r.subida_por
 WHERE r.municipio_id = :municipio ORDER BY r.id DESC

-- nombre: vigente
SELECT r.id, r.nombre, r.fuente, r.licencia, r.fecha FROM referencia r WHERE r.municipio_id = :municipio ORDER BY r.id DESC LIMIT 1

-- nombre: huellas_en
SELECT ST_AsBinary(h.geom) AS geom FROM referencia_huella h
 WHERE h.referencia_id = (SELECT max(r.id) FROM referencia r WHERE r.municipio_id = :municipio)
   AND ST_Intersects(h.geom, ST_SetSRID(ST_GeomFromWKB(:zona), 4326))
 ORDER BY h.id LIMIT :limite

-- nombre: tareas
SELECT t.numero, ST_AsBinary(t.geom) AS geom FROM tarea t WHERE t.proyecto_id = :proyecto AND t.estado <> 5 ORDER BY t.numero

-- nombre: guardar
INSERT INTO referencia (municipio_id, nombre, licencia, fuente, fecha, puede_compararse, huella, huellas, omitidas, subida_por)
VALUES (:municipio, :nombre, :licencia, :fuente, :fecha, :puede_compararse, :huella, :huellas, cast(:omitidas AS jsonb), :persona)
RETURNING id

-- nombre: guardar_huellas
INSERT INTO referencia_huella (referencia_id, geom)
SELECT :referencia, ST_Multi(ST_SetSRID(ST_GeomFromWKB(g), 4326)) FROM unnest(cast(:formas AS bytea[])) AS g

-- nombre: borrar
DELETE FROM referencia WHERE id = :id AND municipio_id = :municipio RETURNING id
