-- nombre: flujos
SELECT id, url, clase, fuente, registrado, todo, margen_m, inicio, secuencia, momento, zona_clave, ST_AsBinary(zona) AS zona,
       intento, avanzo, fallos, error, error_datos
  FROM osm_flujo WHERE (CAST(:url AS text) IS NULL OR url = :url) ORDER BY id

-- nombre: pendientes
-- Los registrados a los que ya les toca: cada :cada segundos, y más despacio si vienen fallando.
SELECT url FROM osm_flujo
 WHERE registrado AND (intento IS NULL OR intento + make_interval(secs => least(CAST(:cada AS float8) * 2 ^ least(fallos, 10), greatest(CAST(:cada AS float8), CAST(:maxima AS float8)))) <= ahora())
 ORDER BY id

-- nombre: nodos
SELECT id, lon, lat FROM osm_nodo WHERE id = ANY (%(ids)s)

-- nombre: vias
SELECT id FROM osm_via WHERE id = ANY (%(ids)s)

-- nombre: relaciones
SELECT id FROM osm_relacion WHERE id = ANY (%(ids)s)

-- nombre: esperados
-- De toda vía guardada, también de las que no se arman por no llevar etiquetas: mañana puede llevarlas, o ser la orilla de algo.
-- Cubeta por cubeta: con todas a la vez, cada vía candidata se compararía con todos los números del archivo.
SELECT DISTINCT nodo
  FROM (SELECT n >> 5 AS cubeta, array_agg(n) AS suyos FROM unnest(%(ids)s::bigint[]) AS n GROUP BY 1) q
  JOIN osm_via v ON osm_cubetas(v.nodos) && ARRAY[q.cubeta], unnest(v.nodos) AS nodo
 WHERE nodo = ANY (q.suyos)

-- nombre: vecindad
-- Las vías que usan esos nodos, las relaciones que usan esas vías o las dadas, y los nodos de las vías miembro. Y, porque de lo que
-- cambia de forma se anota quién y cuándo, todo lo que les da la suya: las demás vías de esas relaciones y los nodos de unas y otras.
WITH usan AS MATERIALIZED (
    SELECT id FROM osm_via
     WHERE osm_cubetas(nodos) && ARRAY(SELECT DISTINCT n >> 5 FROM unnest(%(nodos)s::bigint[]) AS n) AND nodos && %(nodos)s::bigint[]
), relacion AS MATERIALIZED (
    SELECT id, miembros, etiquetas FROM osm_relacion
     WHERE miembros && ARRAY(SELECT 'w' || id FROM usan UNION ALL SELECT 'w' || v FROM unnest(%(vias)s::bigint[]) AS v)
), orilla AS MATERIALIZED (
    SELECT DISTINCT substr(m, 2)::bigint AS id FROM relacion r, unnest(r.miembros) AS m
     WHERE m LIKE 'w%%' AND r.etiquetas ->> 'type' IN ('multipolygon', 'boundary') AND r.etiquetas ->> 'boundary' IS DISTINCT FROM 'administrative'
)
SELECT 'w' AS tipo, id FROM usan
 UNION ALL
SELECT 'r', id FROM relacion
 UNION ALL
SELECT 'w', id FROM orilla
 UNION ALL
SELECT 'n', nodo FROM osm_via v, unnest(v.nodos) AS nodo
 WHERE v.id IN (SELECT unnest(%(miembros)s::bigint[]) UNION ALL SELECT id FROM usan UNION ALL SELECT id FROM orilla)

-- nombre: clave_de_zona
-- Cambia cuando un municipio gana su primer proyecto, pierde el último o cambia de límite; NULL si ninguno tiene.
SELECT md5(string_agg(m.id || ':' || encode(m.huella, 'hex'), ',' ORDER BY m.id)) || ':' || CAST(:margen AS text)
  FROM municipio m WHERE EXISTS (SELECT FROM proyecto p WHERE p.municipio_id = m.id)

-- nombre: zona
-- Simplificar corre el límite hasta 0.001° (unos 111 m); el margen los repone.
SELECT ST_AsBinary(ST_Union(CASE WHEN CAST(:margen AS float8) = 0 THEN m.limite
           ELSE ST_Buffer(ST_SimplifyPreserveTopology(m.limite, 0.001)::geography, CAST(:margen AS float8) + 120)::geometry END))
  FROM municipio m WHERE EXISTS (SELECT FROM proyecto p WHERE p.municipio_id = m.id)

-- nombre: cabe
SELECT ST_Covers(ST_Buffer(ST_GeomFromWKB(:vieja, 4326), 1e-6), ST_GeomFromWKB(:nueva, 4326))

-- nombre: poner_zona
UPDATE osm_flujo SET zona_clave = :clave, zona = ST_GeomFromWKB(:zona, 4326) WHERE id = :id

-- nombre: volver_al_inicio
UPDATE osm_flujo SET secuencia = inicio, momento = NULL WHERE id = :id AND inicio < secuencia RETURNING secuencia

-- nombre: crear
INSERT INTO osm_flujo (url, clase, fuente, todo, margen_m) VALUES (:url, :clase, :fuente, :todo, :margen)
    ON CONFLICT ON CONSTRAINT osm_flujo_url_unica DO NOTHING

-- nombre: registrar
UPDATE osm_flujo SET registrado = true WHERE url = :url

-- nombre: ajustar
UPDATE osm_flujo SET todo = :todo, margen_m = :margen WHERE url = :url

-- nombre: quitar
DELETE FROM osm_flujo WHERE id = :id

-- nombre: empezar
UPDATE osm_flujo SET secuencia = :secuencia, inicio = least(inicio, :secuencia), momento = :momento WHERE id = :id

-- nombre: otras_fuentes
-- Lo que ya hay y no es de esta fuente; y los demás flujos de objetos, aunque lo sean.
SELECT fuente FROM osm_importacion WHERE fuente <> :fuente
 UNION
SELECT CASE WHEN fuente = 'osm' THEN url ELSE fuente END FROM osm_flujo WHERE clase = 'objetos' AND url <> :url

-- nombre: importados
-- De cada archivo, la última vez; de ésas, la más vieja.
SELECT url, secuencia, momento
  FROM (SELECT DISTINCT ON (archivo) * FROM osm_importacion WHERE modo = 'importar' AND fuente = :fuente AND momento IS NOT NULL
         ORDER BY archivo, id DESC) ultimos
 ORDER BY momento LIMIT 1

-- nombre: avanzar
UPDATE osm_flujo
   SET (secuencia, momento, intento, avanzo, fallos, error, error_datos) = (:secuencia, :momento, ahora(), ahora(), 0, NULL, NULL)
 WHERE id = :id AND secuencia = :anterior AND zona_clave IS NOT DISTINCT FROM :zona_clave RETURNING id

-- nombre: al_dia
UPDATE osm_flujo SET (intento, momento, fallos, error, error_datos) = (ahora(), greatest(momento, :momento), 0, NULL, NULL)
 WHERE id = :id AND secuencia = :secuencia

-- nombre: anotar_error
UPDATE osm_flujo SET (intento, fallos, error, error_datos) = (ahora(), fallos + 1, :error, :datos) WHERE id = :id

-- nombre: uids
SELECT uid FROM cuenta_osm WHERE servidor = 'osm'

-- nombre: guardar_conjuntos
-- Un conjunto se ve varias veces, abierto y luego cerrado, quizá en desorden: queda lo más reciente que se sepa.
INSERT INTO osm_conjunto (origen, id, uid, usuario, abierto, cerrado, cambios, caja, etiquetas)
VALUES (0, :id, :uid, :usuario, :abierto, :cerrado, :cambios, :caja, :etiquetas)
    ON CONFLICT (origen, id) DO UPDATE
   SET (uid, usuario, cerrado, cambios, caja, etiquetas)
     = (EXCLUDED.uid, EXCLUDED.usuario, EXCLUDED.cerrado, EXCLUDED.cambios, EXCLUDED.caja, EXCLUDED.etiquetas)
 WHERE (EXCLUDED.cerrado IS NOT NULL, EXCLUDED.cambios) > (osm_conjunto.cerrado IS NOT NULL, osm_conjunto.cambios)
    OR ((EXCLUDED.cerrado IS NOT NULL, EXCLUDED.cambios) = (osm_conjunto.cerrado IS NOT NULL, osm_conjunto.cambios)
        AND EXCLUDED.cerrado >= osm_conjunto.cerrado)
