-- nombre: una
SELECT i.*, m.nombre AS municipio_nombre FROM imagen i JOIN municipio m ON m.id = i.municipio_id WHERE i.id = :id

-- nombre: de_municipio
SELECT i.*
  FROM imagen i WHERE i.municipio_id = :municipio AND (:todas OR i.estado = 'publicada')
 ORDER BY i.estado DESC, i.nombre, i.id

-- nombre: para_tesela
SELECT id, municipio_id, nombre, estado, archivo, formato, huella, minzoom, maxzoom, detalle, version FROM imagen WHERE id = :id

-- nombre: todas
SELECT i.*, m.nombre AS municipio_nombre FROM imagen i JOIN municipio m ON m.id = i.municipio_id ORDER BY m.nombre, i.id

-- nombre: registrar
INSERT INTO imagen (municipio_id, nombre, archivo, formato, tamano, huella, caja, minzoom, maxzoom, resolucion_m, licencia,
                    atribucion, fecha, permiso_trazar, permiso, detalle, creada_por)
VALUES (:municipio, :nombre, :archivo, :formato, :tamano, :huella, :caja, :minzoom, :maxzoom, :resolucion_m, :licencia,
        :atribucion, :fecha, :permiso_trazar, :permiso, CAST(:detalle AS jsonb), :creada_por)
RETURNING id

-- nombre: editar
UPDATE imagen SET nombre = :nombre, licencia = :licencia, atribucion = :atribucion, fecha = :fecha,
       resolucion_m = coalesce(:resolucion_m, resolucion_m), permiso_trazar = :permiso_trazar, permiso = :permiso
 WHERE id = :id

-- nombre: publicar
UPDATE imagen SET estado = 'publicada', publicada = ahora(), version = version + 1 WHERE id = :id AND estado = 'borrador'

-- nombre: retirar
UPDATE imagen SET estado = 'borrador', publicada = NULL, version = version + 1 WHERE id = :id AND estado = 'publicada'

-- nombre: borrar
DELETE FROM imagen WHERE id = :id AND estado = 'borrador' RETURNING archivo

-- nombre: soltar_archivo
DELETE FROM imagen_archivo WHERE archivo = :archivo
