-- nombre: estado_de_cada_tarea
-- El estado guardado es el que resulta de plegar el historial.
SELECT t.proyecto_id AS proyecto, t.numero, t.estado AS guardado, coalesce(u.a, 0) AS recontado
  FROM tarea t
  LEFT JOIN (SELECT DISTINCT ON (proyecto_id, numero) proyecto_id, numero, a FROM historial WHERE a IS NOT NULL
              ORDER BY proyecto_id, numero, id DESC) u USING (proyecto_id, numero)
 WHERE t.estado <> coalesce(u.a, 0)

-- nombre: cadena_de_cada_tarea
-- Cada paso parte del estado en que lo dejó el anterior.
SELECT proyecto_id AS proyecto, numero, id AS paso, de AS guardado, esperado AS recontado
  FROM (SELECT h.*, coalesce(lag(a) OVER (PARTITION BY proyecto_id, numero ORDER BY id), 0) AS esperado
          FROM historial h WHERE a IS NOT NULL) c
 WHERE de IS DISTINCT FROM esperado

-- nombre: total_de_cada_proyecto
SELECT p.id AS proyecto, p.tareas_total AS guardado, count(t.numero) AS recontado, coalesce(max(t.numero), 0) AS mayor
  FROM proyecto p LEFT JOIN tarea t ON t.proyecto_id = p.id
 GROUP BY p.id HAVING p.tareas_total <> count(t.numero) OR coalesce(max(t.numero), 0) <> count(t.numero)

-- nombre: divididas_de_cada_proyecto
SELECT p.id AS proyecto, p.divididas AS guardado, count(t.numero) AS recontado
  FROM proyecto p LEFT JOIN tarea t ON t.proyecto_id = p.id AND t.estado = 5
 GROUP BY p.id HAVING p.divididas <> count(t.numero)

-- nombre: partes_de_cada_dividida
-- La dividida tiene partes y nadie la tiene en sus manos; y sólo lo que salió de una división tiene origen.
SELECT t.proyecto_id AS proyecto, t.numero, t.estado AS guardado, count(DISTINCT o.numero) + count(DISTINCT b.ficha) * 1000 AS recontado
  FROM tarea t
  LEFT JOIN tarea_origen o ON o.proyecto_id = t.proyecto_id AND o.de_numero = t.numero AND o.paso = 1
  LEFT JOIN bloqueo b ON b.proyecto_id = t.proyecto_id AND b.numero = t.numero
 WHERE t.estado = 5 OR EXISTS (SELECT FROM tarea_origen x WHERE x.proyecto_id = t.proyecto_id AND x.de_numero = t.numero)
 GROUP BY t.proyecto_id, t.numero, t.estado HAVING (t.estado = 5) <> (count(o.numero) > 0) OR count(b.ficha) > 0

-- nombre: partes_que_cubren
SELECT d.proyecto_id AS proyecto, d.id AS division, 'cubre' AS guardado, 'no cubre' AS recontado
  FROM division_de_tarea d WHERE NOT division_cubre(d.id)

-- nombre: nacidas_con_division
-- Cada tarea con origen empieza su historia con su división, y cada división abre las suyas.
SELECT coalesce(o.proyecto_id, h.proyecto_id) AS proyecto, coalesce(o.numero, h.numero) AS numero, o.numero AS guardado, h.numero AS recontado
  FROM (SELECT DISTINCT proyecto_id, numero FROM tarea_origen) o
  FULL JOIN (SELECT proyecto_id, numero FROM historial WHERE accion = 'division' AND a <> 5) h USING (proyecto_id, numero)
 WHERE o.numero IS NULL OR h.numero IS NULL

-- nombre: bloqueos_en_su_estado
SELECT b.proyecto_id AS proyecto, b.numero, t.estado AS guardado, b.para AS recontado
  FROM bloqueo b JOIN tarea t USING (proyecto_id, numero)
 WHERE b.vence > ahora() AND ((b.para = 'mapear' AND t.estado NOT IN (0, 3, 4)) OR (b.para = 'validar' AND t.estado <> 1))

-- nombre: bloqueos_con_historia
-- Los turnos abiertos son los mismos en la tabla y en el historial, de la misma persona y para lo mismo.
SELECT coalesce(b.proyecto_id, h.proyecto_id) AS proyecto, coalesce(b.numero, h.numero) AS numero, b.ficha AS guardado, h.ficha AS recontado
  FROM bloqueo b
  FULL JOIN (SELECT * FROM (SELECT DISTINCT ON (proyecto_id, numero) proyecto_id, numero, accion, ficha, persona_id, motivos[1] AS para
                              FROM historial WHERE accion IN ('bloqueo', 'entrega', 'dictamen', 'liberacion', 'vencimiento')
                             ORDER BY proyecto_id, numero, id DESC) u
              WHERE accion = 'bloqueo') h USING (proyecto_id, numero, ficha, persona_id, para)
 WHERE b.ficha IS NULL OR h.ficha IS NULL

-- nombre: fichas_crecientes
SELECT proyecto_id AS proyecto, numero, ficha AS guardado, previa AS recontado
  FROM (SELECT proyecto_id, numero, ficha, lag(ficha) OVER (PARTITION BY proyecto_id, numero ORDER BY id) AS previa
          FROM historial WHERE accion = 'bloqueo') c
 WHERE previa >= ficha

-- nombre: finales_con_turno
-- Toda entrega, dictamen, liberación o vencimiento cierra un turno que se tomó, y cada turno se cierra una sola vez.
SELECT f.proyecto_id AS proyecto, f.numero, f.ficha AS guardado, count(b.id) AS recontado
  FROM historial f
  LEFT JOIN historial b ON b.proyecto_id = f.proyecto_id AND b.numero = f.numero AND b.ficha = f.ficha AND b.accion = 'bloqueo'
   AND (b.persona_id = f.persona_id OR f.accion = 'liberacion')
 WHERE f.accion IN ('entrega', 'dictamen', 'liberacion', 'vencimiento')
 GROUP BY f.proyecto_id, f.numero, f.ficha HAVING count(*) <> 1 OR count(b.id) <> 1

-- nombre: un_turno_a_la_vez
-- En cada tarea, un turno empieza cuando el anterior ya se cerró.
SELECT proyecto_id AS proyecto, numero, id AS guardado, previa AS recontado
  FROM (SELECT id, proyecto_id, numero, accion, lag(accion) OVER w AS previa FROM historial
         WHERE accion IN ('bloqueo', 'entrega', 'dictamen', 'liberacion', 'vencimiento')
        WINDOW w AS (PARTITION BY proyecto_id, numero ORDER BY id)) c
 WHERE (accion = 'bloqueo') = (coalesce(previa, 'liberacion') = 'bloqueo')

-- nombre: nadie_revisa_lo_suyo
SELECT d.proyecto_id AS proyecto, d.numero, d.id AS guardado, e.id AS recontado
  FROM historial d
  JOIN LATERAL tarea_linaje(d.proyecto_id, d.numero) l ON true
  JOIN historial e ON e.proyecto_id = d.proyecto_id AND e.numero = l.numero AND e.accion = 'entrega'
   AND e.persona_id = d.persona_id AND e.id < d.id
 WHERE d.accion = 'dictamen'

-- nombre: primera_revision
SELECT proyecto_id AS proyecto, numero, id AS guardado, n AS recontado
  FROM (SELECT d.*, row_number() OVER (PARTITION BY proyecto_id, numero ORDER BY id) + (
                      SELECT count(*) FROM tarea_origen o
                        JOIN historial v ON v.proyecto_id = o.proyecto_id AND v.numero = o.de_numero AND v.accion = 'dictamen'
                         AND NOT EXISTS (SELECT FROM historial x WHERE x.deshace = v.id)
                       WHERE o.proyecto_id = d.proyecto_id AND o.numero = d.numero AND o.principal) AS n
          FROM historial d WHERE accion = 'dictamen'
           AND NOT EXISTS (SELECT FROM historial x WHERE x.deshace = d.id)) c
 WHERE (n = 1) IS DISTINCT FROM primera

-- nombre: dictamenes_con_paso
-- Cada paso de dictamen tiene el suyo, de la misma persona, con el mismo resultado y de una entrega anterior que no es suya.
SELECT h.proyecto_id AS proyecto, h.numero, h.id AS guardado, d.id AS recontado
  FROM historial h
  LEFT JOIN dictamen d ON d.paso = h.id AND d.proyecto_id = h.proyecto_id AND d.numero = h.numero AND d.persona_id = h.persona_id
   AND d.ficha = h.ficha AND (d.veredicto = 'devuelta') = (h.a = 3)
   AND EXISTS (SELECT FROM historial e WHERE e.id = d.entrega AND e.accion = 'entrega' AND e.persona_id = d.autora_id AND e.id < h.id)
 WHERE h.accion = 'dictamen' AND d.id IS NULL

-- nombre: en_espera
-- Cada tarea que espera revisión está en entrega_en_espera, con su entrega, lo hallado en ella y su último dictamen; y ninguna otra.
SELECT coalesce(w.proyecto_id, s.proyecto_id) AS proyecto, coalesce(w.numero, s.numero) AS numero, to_jsonb(w) AS guardado, to_jsonb(s) AS recontado
  FROM entrega_en_espera w FULL JOIN espera_segun_historial s USING (proyecto_id, numero)
 WHERE to_jsonb(w) IS DISTINCT FROM to_jsonb(s)

-- nombre: disputas
-- Cada disputa tiene su paso; está abierta mientras ni se retire ni la resuelva un dictamen de otra persona sin deshacer, y entonces su
-- tarea espera revisión.
SELECT coalesce(x.proyecto_id, h.proyecto_id) AS proyecto, coalesce(x.numero, h.numero) AS numero, x.id AS guardado, h.id AS recontado
  FROM (SELECT * FROM historial WHERE accion = 'disputa') h
  FULL JOIN disputa x ON x.paso = h.id AND x.persona_id = h.persona_id AND x.numero = h.numero AND x.proyecto_id = h.proyecto_id
  LEFT JOIN dictamen d ON d.id = x.dictamen_id
  LEFT JOIN dictamen r ON r.id = x.resuelta
  LEFT JOIN tarea t ON t.proyecto_id = x.proyecto_id AND t.numero = x.numero
 WHERE x.id IS NULL OR h.id IS NULL OR d.veredicto <> 'devuelta' OR d.autora_id <> x.persona_id OR d.entrega <> x.entrega
    OR (x.retirada IS NOT NULL) <> EXISTS (SELECT FROM historial u WHERE u.deshace = x.paso)
    OR (x.resuelta IS NOT NULL AND (r.clase <> 'disputa' OR r.persona_id = d.persona_id OR (r.veredicto = 'devuelta') <> (x.resultado = 'sostenida')
                                    OR EXISTS (SELECT FROM historial u WHERE u.deshace = r.paso)))
    OR (x.resuelta IS NULL AND x.retirada IS NULL AND t.estado NOT IN (1, 5))

-- nombre: segundas
-- Cada segunda opinión es de la misma entrega y de otra persona, y no cambió ningún estado.
SELECT coalesce(s.proyecto_id, b.proyecto_id) AS proyecto, coalesce(s.numero, b.numero) AS numero, s.entrega AS guardado, b.id AS recontado
  FROM (SELECT * FROM dictamen WHERE clase = 'ciega') b
  FULL JOIN (SELECT * FROM segunda_revision WHERE hecha IS NOT NULL) s ON s.hecha = b.id AND s.entrega = b.entrega AND s.numero = b.numero AND s.persona_id = b.persona_id
  LEFT JOIN dictamen a ON a.id = s.primera
 WHERE b.id IS NULL OR s.entrega IS NULL OR a.persona_id = b.persona_id OR a.entrega <> b.entrega OR a.clase <> 'primera'

-- nombre: evidencia
-- Lo asentado de cada turno, vuelto a contar de los cambios de OSM.
SELECT proyecto, numero, guardado, recontado FROM evidencia_diferencias(NULL)
