-- Lo que se ve y se cuenta en un aula, derivado de sus elementos.

-- nombre: avanzar
UPDATE aula SET mapa = mapa + 1 WHERE id = %(aula)s RETURNING armada

-- nombre: por_armar
SELECT id FROM aula WHERE NOT armada ORDER BY id

-- nombre: apartar
SELECT armada FROM aula WHERE id = %(aula)s FOR NO KEY UPDATE

-- nombre: vaciar
DELETE FROM practica_objeto WHERE aula_id = %(aula)s

-- nombre: anotar_armada
UPDATE aula SET armada = true, mapa = mapa + 1 WHERE id = %(aula)s

-- nombre: lugares
COPY (SELECT 'n' || e.id || ' x' || round(e.lon / 1e7, 7) || ' y' || round(e.lat / 1e7, 7) FROM practica_elemento e
       WHERE e.aula_id = %(aula)s AND e.tipo = 'n' AND e.actual AND e.visible ORDER BY e.id) TO STDOUT

-- nombre: elementos
SELECT e.id, e.version, coalesce(e.etiquetas, '{}') AS etiquetas, e.lon / 1e7::float8 AS lon, e.lat / 1e7::float8 AS lat, e.nodos, e.miembros, e.roles
  FROM practica_elemento e
 WHERE e.aula_id = %(aula)s AND e.tipo = %(tipo)s AND e.actual AND e.visible AND (e.tipo <> 'n' OR e.etiquetas IS NOT NULL)
 ORDER BY e.id

-- nombre: quitar
DELETE FROM practica_objeto o USING unnest(%(tipos)s::text[], %(ids)s::bigint[]) AS p (tipo, id)
 WHERE o.aula_id = %(aula)s AND o.tipo = p.tipo AND o.id = p.id

-- nombre: copiar
COPY practica_objeto (aula_id, tipo, id, clase, zoom, geom) FROM STDIN
