-- nombre: ultima
SELECT d.secuencia, d.momento FROM practica_diferencia d WHERE d.aula_id = :aula ORDER BY d.secuencia DESC LIMIT 1

-- nombre: hay_nuevo
-- Lo confirmado que aún no sale: toda transacción anterior a la más vieja que sigue abierta ya terminó.
SELECT EXISTS (
    SELECT FROM practica_elemento e
     WHERE e.aula_id = :aula AND NOT e.semilla AND e.tx < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint
       AND e.tx >= (SELECT d.tx_hasta FROM practica_diferencia d WHERE d.aula_id = :aula ORDER BY d.secuencia DESC LIMIT 1))

-- nombre: cortar
-- El momento es el de los datos: nada confirmado antes de él se queda fuera. Lo que escriba una transacción que sigue abierta
-- es de después de que ella empezó.
WITH u AS (
    SELECT d.secuencia, d.tx_hasta, d.momento FROM practica_diferencia d WHERE d.aula_id = :aula ORDER BY d.secuencia DESC LIMIT 1
), h AS (
    SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS tx,
           (SELECT min(a.xact_start) FROM pg_stat_activity a WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()) AS abierta
)
INSERT INTO practica_diferencia (aula_id, secuencia, momento, tx_desde, tx_hasta, cambios)
SELECT :aula, u.secuencia + 1, greatest(u.momento, least(ahora(), h.abierta)), u.tx_hasta, h.tx, count(*)
  FROM u, h, practica_elemento e
 WHERE e.aula_id = :aula AND NOT e.semilla AND e.tx >= u.tx_hasta AND e.tx < h.tx
 GROUP BY u.secuencia, u.momento, u.tx_hasta, h.tx, h.abierta
RETURNING secuencia, momento

-- nombre: una
SELECT d.secuencia, d.momento, d.tx_desde, d.tx_hasta FROM practica_diferencia d WHERE d.aula_id = :aula AND d.secuencia = :secuencia

-- nombre: versiones
SELECT e.tipo, e.id, e.version, e.cuando, e.uid, e.usuario, e.conjunto, e.etiquetas, e.lon, e.lat, e.nodos, e.miembros, e.roles, e.visible
  FROM practica_elemento e
 WHERE e.aula_id = :aula AND NOT e.semilla AND e.tx >= :desde AND e.tx < :hasta
 ORDER BY e.tipo, e.id, e.version
