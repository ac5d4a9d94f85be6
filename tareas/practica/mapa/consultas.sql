-- Lo que se dibuja de un aula.

-- nombre: vigente
-- xmin cambia con cada escritura de la fila: distingue la misma versión antes y después de restaurar un respaldo.
SELECT CASE WHEN armada THEN mapa END AS mapa, creada, xmin::text AS escritura FROM aula WHERE id = :aula

-- nombre: objetos
(SELECT q.aula_id, q.tipo, q.id, q.clase, q.zoom, e.etiquetas, q.geom, NULL::geometry AS centro
   FROM practica_objeto q
   JOIN practica_elemento e ON e.aula_id = q.aula_id AND e.tipo = q.tipo AND e.id = q.id AND e.actual) o

-- nombre: donde
o.aula_id = :aula AND ST_Force3DZ(o.geom, o.aula_id::double precision) &&& (SELECT ST_Force3DZ(zona, cast(:aula AS double precision)) FROM marco)
