-- nombre: taller
SELECT t.id, t.municipio_id, t.proyecto_id, t.nombre, t.empieza, t.horas, t.ritmo, ahora() AS ahora,
       m.nombre AS municipio_nombre, m.clave AS municipio_clave, m.zona_horaria
  FROM taller t JOIN municipio m ON m.id = t.municipio_id
 WHERE t.id = :taller AND (:todos OR t.municipio_id = ANY(:municipios))

-- nombre: talleres
SELECT t.id, t.nombre, t.empieza, t.horas, t.municipio_id, m.nombre AS municipio_nombre, m.zona_horaria, t.empieza < ahora() AS paso,
       (SELECT count(*) FROM taller_persona p WHERE p.taller_id = t.id) AS personas
  FROM taller t JOIN municipio m ON m.id = t.municipio_id
 WHERE :todos OR t.municipio_id = ANY(:municipios)
 ORDER BY t.empieza < ahora(), abs(extract(epoch FROM t.empieza - ahora())) LIMIT 200

-- nombre: proyecto
SELECT p.id, p.nombre, p.estado, p.municipio_id, p.servidor_osm, p.aula_id, p.tareas_total - p.divididas AS tareas_total, p.area_m2, p.division, p.minutos_bloqueo,
       jsonb_array_length(p.imagenes) AS imagenes,
       (SELECT a.estado FROM aula a WHERE a.id = p.aula_id) AS aula_estado,
       (SELECT count(*) FROM tarea t WHERE t.proyecto_id = p.id AND t.estado IN (0, 3)) AS por_mapear,
       c.edificios, c.metros_vias, r.edificios AS edificios_de_verdad
  FROM proyecto p CROSS JOIN LATERAL proyecto_cifras(p.id, p.area) c CROSS JOIN LATERAL osm_cifras(p.area) r WHERE p.id = :proyecto

-- nombre: proyectos
SELECT p.id, p.nombre FROM proyecto p
 WHERE p.estado <> 'archivado' AND (:todos OR p.municipio_id = ANY(:municipios)) ORDER BY p.id DESC LIMIT 200

-- nombre: personas
-- A cada quien se le busca por su usuario de Tequio o por el nombre de su cuenta en el servidor donde se edita.
SELECT tp.lugar, tp.nombre AS escrito, pe.id AS persona_id, pe.usuario, pe.nombre, pe.activa, pe.debe_cambiar_clave,
       c.nombre AS cuenta, c.creada_alla, c.conjuntos, c.vista, c.uid,
       (SELECT min(k.abierto) FROM osm_conjunto k WHERE k.origen = 0 AND k.uid = c.uid AND c.servidor = 'osm') AS primero
  FROM taller_persona tp
  LEFT JOIN LATERAL (
      SELECT p.* FROM persona p
       WHERE lower(p.usuario) = lower(tp.nombre)
          OR p.id = (SELECT o.persona_id FROM cuenta_osm o WHERE o.servidor = :servidor AND lower(o.nombre) = lower(tp.nombre) LIMIT 1)
       ORDER BY lower(p.usuario) = lower(tp.nombre) DESC LIMIT 1) pe ON true
  LEFT JOIN cuenta_osm c ON c.persona_id = pe.id AND c.servidor = :servidor
 WHERE tp.taller_id = :taller ORDER BY tp.lugar

-- nombre: lista
SELECT nombre FROM taller_persona WHERE taller_id = :taller ORDER BY lugar

-- nombre: crear
INSERT INTO taller (municipio_id, proyecto_id, nombre, empieza, horas, ritmo, creado_por)
VALUES (:municipio, :proyecto, :nombre, :empieza, :horas, :ritmo, :persona) RETURNING id

-- nombre: editar
UPDATE taller SET proyecto_id = :proyecto, nombre = :nombre, empieza = :empieza, horas = :horas, ritmo = :ritmo WHERE id = :taller

-- nombre: quitar_personas
DELETE FROM taller_persona WHERE taller_id = :taller

-- nombre: poner_personas
INSERT INTO taller_persona (taller_id, lugar, nombre)
SELECT :taller, lugar, nombre FROM unnest(CAST(:nombres AS text[])) WITH ORDINALITY AS x(nombre, lugar)

-- nombre: borrar
DELETE FROM taller WHERE id = :taller
