-- Lo que hay en un aula. Donde se pide más de una cosa, quien llama usa una sola foto de la base.

-- nombre: columnas
e.tipo, e.id, e.version, e.visible, e.conjunto, e.cuando, e.uid, e.usuario, e.etiquetas, e.lon, e.lat, e.nodos, e.miembros, e.roles

-- nombre: nodos_de_la_caja
SELECT {columnas} FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'n' AND e.actual AND e.visible
   AND e.lat BETWEEN %(sur)s AND %(norte)s AND e.lon BETWEEN %(oeste)s AND %(este)s
 LIMIT %(maximo)s

-- nombre: actuales
SELECT {columnas} FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = %(tipo)s AND e.actual AND e.id = ANY(%(ids)s::bigint[])
 ORDER BY e.id

-- nombre: versiones
SELECT {columnas} FROM practica_elemento e
  JOIN unnest(%(ids)s::bigint[], %(versiones)s::int[]) AS p (id, version) ON p.id = e.id AND p.version = e.version
 WHERE e.aula_id = %(aula)s AND e.tipo = %(tipo)s

-- nombre: historia
SELECT {columnas} FROM practica_elemento e WHERE e.aula_id = %(aula)s AND e.tipo = %(tipo)s AND e.id = %(id)s ORDER BY e.version

-- nombre: vias_de_nodos
SELECT {columnas} FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'w' AND e.actual AND e.visible
   AND practica_nodos(e.aula_id, e.nodos) && practica_nodos(%(aula)s, %(ids)s::bigint[]) AND e.nodos && %(ids)s::bigint[]
 ORDER BY e.id

-- nombre: vias_de_la_caja
-- Con muchos nodos cuesta menos recorrer las vías del aula que buscarlos uno por uno en el índice.
WITH dentro AS MATERIALIZED (
    SELECT n.id FROM practica_elemento n
     WHERE n.aula_id = %(aula)s AND n.tipo = 'n' AND n.actual AND n.visible
       AND n.lat BETWEEN %(sur)s AND %(norte)s AND n.lon BETWEEN %(oeste)s AND %(este)s
)
SELECT {columnas} FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'w' AND e.actual AND e.visible
   AND e.id IN (SELECT v.id FROM practica_elemento v, unnest(v.nodos) AS nodo
                 WHERE v.aula_id = %(aula)s AND v.tipo = 'w' AND v.actual AND v.visible AND nodo IN (SELECT id FROM dentro))
 ORDER BY e.id

-- nombre: relaciones_de
SELECT {columnas} FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'r' AND e.actual AND e.visible
   AND practica_miembros(e.aula_id, e.miembros) && practica_miembros(%(aula)s, %(miembros)s::text[])
   AND e.miembros && %(miembros)s::text[]
 ORDER BY e.id

-- nombre: relaciones
SELECT {columnas} FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = 'r' AND e.actual AND e.visible
 ORDER BY e.id

-- nombre: conjunto
SELECT c.id, c.persona_id, p.usuario, c.abierto, c.ultimo, c.cerrado, c.cambios, c.oeste, c.sur, c.este, c.norte, c.etiquetas,
       ahora() AS ahora
  FROM practica_conjunto c JOIN persona p ON p.id = c.persona_id
 WHERE c.aula_id = %(aula)s AND c.id = %(id)s

-- nombre: conjuntos
SELECT c.id, c.persona_id, p.usuario, c.abierto, c.ultimo, c.cerrado, c.cambios, c.oeste, c.sur, c.este, c.norte, c.etiquetas,
       ahora() AS ahora
  FROM practica_conjunto c JOIN persona p ON p.id = c.persona_id
 WHERE c.aula_id = %(aula)s {condiciones}
 ORDER BY c.abierto {orden}, c.id {orden}
 LIMIT %(limite)s

-- nombre: del_conjunto
SELECT {columnas} FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.conjunto = %(id)s AND NOT e.semilla
 ORDER BY e.cuando, e.version, e.tipo, e.id

-- nombre: personas
-- De cada quien sólo se sabe dentro de un aula si ahí ha abierto algún conjunto de cambios, o si es quien pregunta.
SELECT p.id, p.usuario, p.creada, p.idioma, (SELECT count(*) FROM practica_conjunto c WHERE c.aula_id = %(aula)s AND c.persona_id = p.id) AS conjuntos
  FROM persona p
 WHERE p.id = ANY(%(ids)s::bigint[])
   AND (p.id = %(quien)s OR EXISTS (SELECT FROM practica_conjunto c WHERE c.aula_id = %(aula)s AND c.persona_id = p.id))
 ORDER BY p.id

-- nombre: persona_de_nombre
SELECT p.id FROM persona p
 WHERE lower(p.usuario) = lower(%(usuario)s) AND p.usuario = %(usuario)s
   AND (p.id = %(quien)s OR EXISTS (SELECT FROM practica_conjunto c WHERE c.aula_id = %(aula)s AND c.persona_id = p.id))

-- nombre: tomar_turno
-- La fila del aula es el turno: quien escribe en ella lo hace de uno en uno, y nadie la congela ni la reinicia a la mitad.
SELECT estado, ahora() AS ahora FROM aula WHERE id = %(aula)s FOR NO KEY UPDATE

-- nombre: mencionados
SELECT e.tipo, e.id, e.version, e.visible, e.etiquetas, e.lon, e.lat, e.nodos, e.miembros, e.roles
  FROM unnest(%(tipos)s::text[], %(ids)s::bigint[]) AS p (tipo, id)
  JOIN practica_elemento e ON e.aula_id = %(aula)s AND e.tipo = p.tipo AND e.id = p.id AND e.actual

-- nombre: quien_usa
SELECT p.tipo, p.id, e.tipo AS de_tipo, e.id AS de_id
  FROM unnest(%(nodos)s::bigint[]) AS q (id)
 CROSS JOIN LATERAL (SELECT 'n' AS tipo, q.id) AS p
  JOIN practica_elemento e ON e.aula_id = %(aula)s AND e.tipo = 'w' AND e.actual AND e.visible
   AND practica_nodos(e.aula_id, e.nodos) && practica_nodos(%(aula)s, ARRAY[q.id]) AND q.id = ANY(e.nodos)
 UNION ALL
SELECT left(m, 1), substr(m, 2)::bigint, 'r', e.id
  FROM unnest(%(miembros)s::text[]) AS m
  JOIN practica_elemento e ON e.aula_id = %(aula)s AND e.tipo = 'r' AND e.actual AND e.visible
   AND practica_miembros(e.aula_id, e.miembros) && practica_miembros(%(aula)s, ARRAY[m]) AND m = ANY(e.miembros)

-- nombre: vias_por_nodos
SELECT DISTINCT e.id FROM practica_elemento e, unnest(e.nodos) AS nodo
 WHERE e.aula_id = %(aula)s AND e.tipo = 'w' AND e.actual AND e.visible {cerca} AND nodo IN (SELECT unnest(%(de)s::bigint[]))

-- nombre: cerca_vias_por_nodos
AND practica_nodos(e.aula_id, e.nodos) && practica_nodos(%(aula)s, %(de)s::bigint[])

-- nombre: areas_por_vias
-- Los límites no: cambiarían con cada esquina de la calle que los sigue, y de ellos nada se cuenta.
SELECT DISTINCT e.id FROM practica_elemento e, unnest(e.miembros) AS miembro
 WHERE e.aula_id = %(aula)s AND e.tipo = 'r' AND e.actual AND e.visible {cerca} AND miembro IN (SELECT unnest(%(de)s::text[]))
   AND e.etiquetas ->> 'type' IN ('multipolygon', 'boundary') AND e.etiquetas ->> 'boundary' IS DISTINCT FROM 'administrative'

-- nombre: cerca_areas_por_vias
AND practica_miembros(e.aula_id, e.miembros) && practica_miembros(%(aula)s, %(de)s::text[])

-- nombre: ids_nuevos
SELECT nextval('practica_id') FROM generate_series(1, %(cuantos)s)

-- nombre: jubilar
UPDATE practica_elemento e SET actual = false
  FROM unnest(%(tipos)s::text[], %(ids)s::bigint[]) AS p (tipo, id)
 WHERE e.aula_id = %(aula)s AND e.tipo = p.tipo AND e.id = p.id AND e.actual

-- nombre: copiar_elementos
COPY practica_elemento (aula_id, tipo, id, version, actual, visible, conjunto, cuando, uid, usuario, etiquetas, lon, lat, nodos, miembros, roles) FROM STDIN

-- nombre: copiar_bitacora
COPY osm_cambio (origen, tipo, osm_id, version, accion, causa, uid, cuando, conjunto, clase, clase_antes, etiquetas, etiquetas_antes, geom, geom_antes) FROM STDIN

-- nombre: sumar_al_conjunto
UPDATE practica_conjunto c
   SET cambios = cambios + %(cambios)s, ultimo = %(ahora)s, oeste = least(c.oeste, %(oeste)s), sur = least(c.sur, %(sur)s),
       este = greatest(c.este, %(este)s), norte = greatest(c.norte, %(norte)s)
 WHERE c.id = %(id)s

-- nombre: abrir_conjunto
INSERT INTO practica_conjunto (aula_id, persona_id, etiquetas) VALUES (%(aula)s, %(persona)s, %(etiquetas)s) RETURNING id

-- nombre: etiquetar_conjunto
UPDATE practica_conjunto SET etiquetas = %(etiquetas)s, ultimo = ahora() WHERE aula_id = %(aula)s AND id = %(id)s

-- nombre: cerrar_conjunto
UPDATE practica_conjunto SET cerrado = ahora() WHERE aula_id = %(aula)s AND id = %(id)s

-- nombre: anotar_conjunto
INSERT INTO osm_conjunto (origen, id, uid, usuario, abierto, cerrado, cambios, caja, etiquetas)
SELECT c.aula_id, c.id, c.persona_id, p.usuario, c.abierto, c.cerrado, c.cambios,
       CASE WHEN c.oeste IS NOT NULL THEN ARRAY[c.oeste / 1e7, c.sur / 1e7, c.este / 1e7, c.norte / 1e7]::float8[] END, c.etiquetas
  FROM practica_conjunto c JOIN persona p ON p.id = c.persona_id WHERE c.id = %(id)s
    ON CONFLICT (origen, id) DO UPDATE
   SET (usuario, cerrado, cambios, caja, etiquetas) = (EXCLUDED.usuario, EXCLUDED.cerrado, EXCLUDED.cambios, EXCLUDED.caja, EXCLUDED.etiquetas)
