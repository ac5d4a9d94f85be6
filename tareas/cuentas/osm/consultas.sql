-- nombre: de_persona
SELECT c.servidor, c.uid, c.nombre, c.creada_alla, c.conjuntos, c.vinculada, c.vista FROM cuenta_osm c
 WHERE c.persona_id = :persona ORDER BY c.vinculada, c.servidor

-- nombre: uid_en
SELECT uid FROM cuenta_osm WHERE persona_id = :persona AND servidor = :servidor

-- nombre: persona_de_uid
-- El nombre de allá se sigue en cada entrada.
UPDATE cuenta_osm c SET nombre = :nombre, creada_alla = coalesce(:creada, c.creada_alla), conjuntos = coalesce(:conjuntos, c.conjuntos), vista = ahora()
  FROM persona p WHERE c.servidor = :servidor AND c.uid = :uid AND p.id = c.persona_id
RETURNING p.id, p.clave_hash, p.activa

-- nombre: crear_persona
INSERT INTO persona (usuario, nombre, idioma) VALUES (:usuario, :nombre, :idioma)
ON CONFLICT (lower(usuario)) DO NOTHING RETURNING id

-- nombre: vincular
-- La misma cuenta vinculada otra vez por la misma persona sólo se pone al día; la de otra no se toca y no devuelve fila.
INSERT INTO cuenta_osm (persona_id, servidor, uid, nombre, creada_alla, conjuntos)
VALUES (:persona, :servidor, :uid, :nombre, :creada, :conjuntos)
ON CONFLICT ON CONSTRAINT cuenta_osm_uid_unico DO UPDATE
   SET nombre = excluded.nombre, creada_alla = coalesce(excluded.creada_alla, cuenta_osm.creada_alla),
       conjuntos = coalesce(excluded.conjuntos, cuenta_osm.conjuntos), vista = ahora()
 WHERE cuenta_osm.persona_id = excluded.persona_id
RETURNING persona_id

-- nombre: desvincular
-- Una sola instrucción: la clave no se quita nunca, así que quien la tiene al borrar la seguirá teniendo.
WITH c AS (SELECT c.persona_id, c.servidor, p.clave_hash IS NOT NULL AS tiene_clave
             FROM cuenta_osm c JOIN persona p ON p.id = c.persona_id WHERE c.persona_id = :persona AND c.servidor = :servidor),
     b AS (DELETE FROM cuenta_osm x USING c WHERE x.persona_id = c.persona_id AND x.servidor = c.servidor AND c.tiene_clave)
SELECT tiene_clave FROM c
