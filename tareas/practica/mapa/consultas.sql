-- Lo que se dibuja de un aula. {cuales} acota a lo que un guardado tocó, o a nada.

-- nombre: vigente
-- xmin cambia con cada escritura de la fila: distingue la misma versión antes y después de restaurar un respaldo.
SELECT mapa, creada, xmin::text AS escritura FROM aula WHERE id = :aula

-- nombre: turno
SELECT mapa FROM aula WHERE id = %(aula)s FOR NO KEY UPDATE

-- nombre: estrenar
UPDATE aula SET mapa = 1 WHERE id = %(aula)s

-- nombre: avanzar
UPDATE aula SET mapa = mapa + 1 WHERE id = %(aula)s AND mapa IS NOT NULL RETURNING mapa

-- nombre: vias_de_nodos
SELECT e.id FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'w' AND e.actual AND e.visible
   AND practica_nodos(e.aula_id, e.nodos) && practica_nodos(%(aula)s, %(nodos)s::bigint[]) AND e.nodos && %(nodos)s::bigint[]

-- nombre: vias_de_muchos_nodos
-- Con muchos nodos cuesta menos recorrer las vías del aula que buscarlos uno por uno en el índice.
SELECT DISTINCT e.id FROM practica_elemento e, unnest(e.nodos) AS nodo
 WHERE e.aula_id = %(aula)s AND e.tipo = 'w' AND e.actual AND e.visible AND nodo IN (SELECT unnest(%(nodos)s::bigint[]))

-- nombre: areas
-- Las relaciones que se vuelven área.
SELECT e.id, e.etiquetas, e.miembros, e.roles FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'r' AND e.actual AND e.visible AND e.etiquetas ->> 'type' IN ('multipolygon', 'boundary') {cuales}
 ORDER BY e.id

-- nombre: areas_tocadas
AND (e.id = ANY(%(relaciones)s::bigint[])
     OR e.id IN (SELECT u.id FROM practica_elemento u
                  WHERE u.aula_id = %(aula)s AND u.tipo = 'r' AND u.actual AND u.visible
                    AND practica_miembros(u.aula_id, u.miembros) && practica_miembros(%(aula)s, %(miembros)s::text[])))

-- nombre: vias
SELECT e.id, e.etiquetas, e.nodos FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'w' AND e.actual AND e.visible {cuales} ORDER BY e.id

-- nombre: lugares
COPY (SELECT 'n' || e.id || ' x' || e.lon * 0.0000001 || ' y' || e.lat * 0.0000001 FROM practica_elemento e
       WHERE e.aula_id = %(aula)s AND e.tipo = 'n' AND e.actual AND e.visible {cuales} ORDER BY e.id) TO STDOUT

-- nombre: puntos
SELECT e.id, e.etiquetas, e.lon, e.lat FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'n' AND e.actual AND e.visible AND e.etiquetas IS NOT NULL {cuales} ORDER BY e.id

-- nombre: estas
AND e.id = ANY(%(ids)s::bigint[])

-- nombre: quitar
DELETE FROM practica_objeto o USING unnest(%(tipos)s::text[], %(ids)s::bigint[]) AS t (tipo, id)
 WHERE o.aula_id = %(aula)s AND o.tipo = t.tipo AND o.id = t.id

-- nombre: quitar_todo
DELETE FROM practica_objeto WHERE aula_id = %(aula)s

-- nombre: poner
COPY practica_objeto (aula_id, tipo, id, clase, zoom, etiquetas, geom) FROM STDIN

-- nombre: objetos
(SELECT aula_id, tipo, id, clase, zoom, etiquetas, geom, NULL::geometry AS centro FROM practica_objeto) o

-- nombre: donde
o.aula_id = :aula AND ST_Force3DZ(o.geom, o.aula_id::double precision) &&& (SELECT ST_Force3DZ(zona, cast(:aula AS double precision)) FROM marco)
