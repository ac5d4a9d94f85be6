-- nombre: municipio
SELECT id, nombre FROM municipio WHERE id = :municipio

-- nombre: de_municipio
SELECT g.id, g.nombre, g.creado, g.archivado, (SELECT count(*) FROM grupo_persona gp WHERE gp.grupo_id = g.id) AS personas
  FROM grupo g WHERE g.municipio_id = :municipio AND (:archivados OR g.archivado IS NULL)
 ORDER BY g.archivado IS NOT NULL, lower(g.nombre), g.id LIMIT 500

-- nombre: grupo
SELECT g.id, g.municipio_id, g.nombre, g.creado, g.archivado, m.nombre AS municipio, m.zona_horaria
  FROM grupo g JOIN municipio m ON m.id = g.municipio_id
 WHERE g.id = :grupo AND (:todos OR g.municipio_id = ANY (cast(:municipios AS bigint[])))

-- nombre: personas
SELECT p.id, p.usuario, p.nombre, p.activa, gp.desde FROM grupo_persona gp JOIN persona p ON p.id = gp.persona_id
 WHERE gp.grupo_id = :grupo ORDER BY p.activa DESC, lower(p.nombre), p.id

-- nombre: por_usuario
SELECT id, usuario FROM persona WHERE activa AND lower(usuario) = ANY (SELECT lower(x) FROM unnest(cast(:usuarios AS text[])) x)

-- nombre: crear
INSERT INTO grupo (municipio_id, nombre, creado_por) VALUES (:municipio, :nombre, :persona) RETURNING id

-- nombre: renombrar
UPDATE grupo SET nombre = :nombre WHERE id = :grupo RETURNING id

-- nombre: archivar
UPDATE grupo SET archivado = CASE WHEN :archivado THEN coalesce(archivado, ahora()) END WHERE id = :grupo RETURNING id

-- nombre: agregar
INSERT INTO grupo_persona (grupo_id, persona_id)
SELECT :grupo, x FROM unnest(cast(:personas AS bigint[])) x ORDER BY x ON CONFLICT DO NOTHING RETURNING persona_id

-- nombre: quitar
DELETE FROM grupo_persona WHERE grupo_id = :grupo AND persona_id = :persona RETURNING persona_id
