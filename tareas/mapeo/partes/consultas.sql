-- nombre: turno_del_proyecto
-- La fila del proyecto es el turno de quien divide: los números nuevos se dan de uno en uno.
SELECT p.municipio_id, p.estado, p.tareas_total, p.divididas FROM proyecto p WHERE p.id = :proyecto FOR NO KEY UPDATE

-- nombre: proyecto
SELECT p.municipio_id, p.estado, p.tareas_total, p.divididas FROM proyecto p WHERE p.id = :proyecto

-- nombre: turnos
-- En orden de número, como al tomar varias o al cambiar prioridades: quienes coinciden se esperan y no se traban.
SELECT t.numero, t.estado, t.celda, t.prioridad, t.reservada_a, t.reservada_hasta, t.edificios_al_publicar, t.metros_vias_al_publicar,
       ST_AsBinary(t.geom) AS geom
  FROM tarea t WHERE t.proyecto_id = :proyecto AND t.numero = ANY(:numeros) ORDER BY t.numero FOR NO KEY UPDATE

-- nombre: sin_turnos
SELECT t.numero, t.estado, t.celda, t.prioridad, t.reservada_a, t.reservada_hasta, t.edificios_al_publicar, t.metros_vias_al_publicar,
       ST_AsBinary(t.geom) AS geom
  FROM tarea t WHERE t.proyecto_id = :proyecto AND t.numero = ANY(:numeros) ORDER BY t.numero

-- nombre: bloqueos
SELECT b.numero, b.persona_id, pe.nombre AS persona, b.para, b.ficha, b.vence, b.vence > ahora() AS vigente
  FROM bloqueo b JOIN persona pe ON pe.id = b.persona_id
 WHERE b.proyecto_id = :proyecto AND b.numero = ANY(:numeros) ORDER BY b.numero

-- nombre: cerrar_turnos
-- Los vencidos terminan cuando vencieron; el propio, ahora.
WITH cerrados AS (DELETE FROM bloqueo WHERE proyecto_id = :proyecto AND numero = ANY(:numeros) AND (persona_id = :persona OR vence <= ahora()) RETURNING *)
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id, cuando, ficha, duracion_s)
SELECT c.municipio_id, c.proyecto_id, c.numero, CASE WHEN c.vence <= ahora() THEN 'vencimiento' ELSE 'liberacion' END, c.persona_id,
       least(c.vence, ahora()), c.ficha, extract(epoch FROM least(c.vence, ahora()) - c.desde)
  FROM cerrados c

-- nombre: vecinas
-- Las vivas que toca una tarea o un contorno, ella incluida.
SELECT t.numero FROM tarea t
 WHERE t.proyecto_id = :proyecto AND t.estado <> 5
   AND (t.numero = :numero
        OR (t.geom && ST_Expand((SELECT x.geom FROM tarea x WHERE x.proyecto_id = :proyecto AND x.numero = :numero), 1e-8)
            AND ST_DWithin(t.geom, (SELECT x.geom FROM tarea x WHERE x.proyecto_id = :proyecto AND x.numero = :numero), 1e-8))
        OR (t.geom && ST_GeomFromWKB(:contorno, 4326) AND ST_Intersects(t.geom, ST_GeomFromWKB(:contorno, 4326))))
 ORDER BY t.numero LIMIT :limite

-- nombre: edificios
-- Los centros, corridos como en osm_cifras: uno que cae justo en un lado cuenta en una sola tarea.
SELECT ST_X(o.centro) - 3.1415926e-9 AS lon, ST_Y(o.centro) - 2.7182818e-9 AS lat
  FROM proyecto p JOIN osm_objeto o ON p.servidor_osm <> 'practica' AND o.clase = 'edificio' AND o.centro && ST_GeomFromWKB(:zona, 4326)
 WHERE p.id = :proyecto
UNION ALL
SELECT ST_X(o.centro) - 3.1415926e-9, ST_Y(o.centro) - 2.7182818e-9
  FROM proyecto p JOIN practica_objeto o ON o.aula_id = p.aula_id AND o.clase = 'edificio'
   AND ST_Force3DZ(o.geom, o.aula_id::float8) &&& ST_Force3DZ(ST_GeomFromWKB(:zona, 4326), p.aula_id::float8)
 WHERE p.id = :proyecto

-- nombre: edificios_al_publicar
-- Los que había cuando se publicó: los de hoy menos los que desde entonces se dibujaron o cambiaron, más ésos como estaban. De lo que
-- pasó sin que Tequio siguiera los cambios no se sabe: ahí son los de hoy.
WITH p AS (
    SELECT q.servidor_osm = 'practica' AS practica, q.aula_id, coalesce(q.aula_id, 0) AS origen, q.publicado FROM proyecto q WHERE q.id = :proyecto
), despues AS MATERIALIZED (
    SELECT DISTINCT ON (c.tipo, c.osm_id) c.tipo, c.osm_id, c.accion, c.clase_antes, c.geom_antes
      FROM osm_cambio c, p
     WHERE c.origen = p.origen AND c.cuando > p.publicado AND 'edificio' IN (c.clase, c.clase_antes)
       AND (c.geom && ST_GeomFromWKB(:zona, 4326) OR c.geom_antes && ST_GeomFromWKB(:zona, 4326))
     ORDER BY c.tipo, c.osm_id, c.version, c.id
), entonces AS (
    SELECT o.centro FROM p JOIN osm_objeto o ON NOT p.practica AND o.clase = 'edificio' AND o.centro && ST_GeomFromWKB(:zona, 4326)
     WHERE NOT EXISTS (SELECT FROM despues d WHERE d.tipo = o.tipo AND d.osm_id = o.id)
    UNION ALL
    SELECT o.centro FROM p JOIN practica_objeto o ON o.aula_id = p.aula_id AND o.clase = 'edificio'
       AND ST_Force3DZ(o.geom, o.aula_id::float8) &&& ST_Force3DZ(ST_GeomFromWKB(:zona, 4326), p.aula_id::float8)
     WHERE NOT EXISTS (SELECT FROM despues d WHERE d.tipo = o.tipo AND d.osm_id = o.id)
    UNION ALL
    SELECT ST_PointOnSurface(d.geom_antes) FROM despues d WHERE d.accion <> 'crear' AND d.clase_antes = 'edificio' AND d.geom_antes IS NOT NULL
)
SELECT ST_X(e.centro) - 3.1415926e-9 AS lon, ST_Y(e.centro) - 2.7182818e-9 AS lat FROM entonces e WHERE NOT ST_IsEmpty(e.centro)

-- nombre: anotar
INSERT INTO division_de_tarea (municipio_id, proyecto_id, persona_id, clase, motivo)
VALUES (:municipio, :proyecto, :persona, :clase, :motivo) RETURNING id, cuando

-- nombre: agregar
INSERT INTO tarea (proyecto_id, numero, municipio_id, celda, geom, area_m2, estado, prioridad, reservada_a, reservada_hasta,
                   edificios_al_publicar, metros_vias_al_publicar)
VALUES (:proyecto, :numero, :municipio, :celda, ST_GeomFromWKB(:geom, 4326), :area_m2, :estado, :prioridad, :reservada_a, :reservada_hasta,
        :edificios, :metros_vias)

-- nombre: origen
-- La inmediata, y con ella todas las suyas.
INSERT INTO tarea_origen (proyecto_id, numero, de_numero, division_id, paso, principal)
SELECT :proyecto, :numero, l.numero, :division, coalesce(min(l.paso + 1) FILTER (WHERE l.principal AND f.principal), min(l.paso + 1)),
       bool_or(l.principal AND f.principal)
  FROM unnest(cast(:fuentes AS integer[]), cast(:principales AS boolean[])) AS f (numero, principal)
 CROSS JOIN LATERAL tarea_linaje(:proyecto, f.numero) l
 GROUP BY l.numero

-- nombre: anotar_nueva
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, nota, motivos)
VALUES (:municipio, :proyecto, :numero, 'division', 0, :estado, :persona, :motivo, ARRAY[:clase])

-- nombre: dividir
WITH viejas AS (
    SELECT t.numero, t.estado FROM tarea t WHERE t.proyecto_id = :proyecto AND t.numero = ANY(:numeros)
), anotadas AS (
    INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, nota, motivos)
    SELECT :municipio, :proyecto, v.numero, 'division', v.estado, 5, :persona, :motivo, ARRAY[:clase] FROM viejas v ORDER BY v.numero
)
UPDATE tarea SET estado = 5, reservada_a = NULL, reservada_hasta = NULL
 WHERE proyecto_id = :proyecto AND numero = ANY(:numeros)

-- nombre: contar
UPDATE proyecto SET version = version + 1, tareas_total = tareas_total + :nuevas, divididas = divididas + :viejas
 WHERE id = :proyecto RETURNING version
