-- nombre: dictaminar
WITH t AS (
    SELECT proyecto_id, numero, municipio_id, estado FROM tarea
     WHERE proyecto_id = :proyecto AND numero = :numero FOR NO KEY UPDATE
), suelto AS (
    DELETE FROM bloqueo b USING t, proyecto p
     WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.persona_id = :persona AND b.ficha = :ficha
       AND b.para = 'validar' AND b.vence > ahora() AND p.id = b.proyecto_id AND p.estado = 'publicado'
    RETURNING b.ficha, b.desde
), autora AS (
    SELECT autora_de(:proyecto, :numero) AS persona_id
), cambio AS (
    -- Una tarea devuelta va primero a quien la mapeó.
    UPDATE tarea SET estado = :a,
           reservada_a = CASE WHEN :a = 3 THEN (SELECT persona_id FROM autora) END,
           reservada_hasta = CASE WHEN :a = 3 THEN ahora() + make_interval(days => :dias) END
     WHERE proyecto_id = :proyecto AND numero = :numero AND EXISTS (SELECT FROM suelto)
)
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, ficha, duracion_s, nota, motivos, primera)
SELECT t.municipio_id, t.proyecto_id, t.numero, 'dictamen', t.estado, :a, :persona, s.ficha,
       extract(epoch FROM ahora() - s.desde), :nota, cast(:motivos AS text[]),
       NOT EXISTS (SELECT FROM tarea_linaje(:proyecto, :numero) l
                     JOIN historial h ON h.proyecto_id = :proyecto AND h.numero = l.numero AND h.accion = 'dictamen' AND l.principal
                    WHERE NOT EXISTS (SELECT FROM historial d WHERE d.deshace = h.id))
  FROM suelto s, t
RETURNING id, cuando, duracion_s

-- nombre: cola
-- Lo que espera revisión, de lo más viejo a lo más nuevo, sin lo propio.
SELECT t.numero, e.cuando AS entregada, e.persona_id, pe.nombre AS persona, e.nota, e.edificios, e.metros_vias,
       t.edificios_al_publicar, t.metros_vias_al_publicar,
       (SELECT count(*) FROM tarea_linaje(t.proyecto_id, t.numero) l
          JOIN historial d ON d.proyecto_id = t.proyecto_id AND d.numero = l.numero AND d.accion = 'dictamen' WHERE l.principal) AS vueltas
  FROM tarea t
  JOIN historial e ON e.id = coalesce((SELECT max(h.id) FROM historial h WHERE h.proyecto_id = t.proyecto_id AND h.numero = t.numero AND h.accion = 'entrega'),
                                      entrega_de(t.proyecto_id, t.numero))
  JOIN persona pe ON pe.id = e.persona_id
 WHERE t.proyecto_id = :proyecto AND t.estado = 1
   AND NOT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora() AND b.persona_id <> :persona)
   AND NOT EXISTS (SELECT FROM historial h WHERE h.proyecto_id = t.proyecto_id AND h.numero = t.numero
         AND h.accion = 'entrega' AND h.persona_id = :persona)
   AND NOT EXISTS (SELECT FROM tarea_origen o JOIN historial h ON h.proyecto_id = o.proyecto_id AND h.numero = o.de_numero
         AND h.accion = 'entrega' AND h.persona_id = :persona WHERE o.proyecto_id = t.proyecto_id AND o.numero = t.numero)
   AND (cast(:de_persona AS bigint) IS NULL OR e.persona_id = :de_persona)
 ORDER BY e.cuando, t.numero LIMIT :limite OFFSET :salto

-- nombre: en_cola
SELECT count(*) FROM tarea t WHERE t.proyecto_id = :proyecto AND t.estado = 1
   AND NOT EXISTS (SELECT FROM historial h WHERE h.proyecto_id = t.proyecto_id AND h.numero = t.numero
         AND h.accion = 'entrega' AND h.persona_id = :persona)
   AND NOT EXISTS (SELECT FROM tarea_origen o JOIN historial h ON h.proyecto_id = o.proyecto_id AND h.numero = o.de_numero
         AND h.accion = 'entrega' AND h.persona_id = :persona WHERE o.proyecto_id = t.proyecto_id AND o.numero = t.numero)
