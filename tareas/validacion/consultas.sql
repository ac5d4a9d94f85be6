-- nombre: dictaminar
-- Sólo escribe quien tiene el turno. La retroalimentación (`con_retro`) se crea aquí, salvo que ya venga de otra tarea (`retro`).
WITH t AS (
    SELECT proyecto_id, numero, municipio_id, estado FROM tarea
     WHERE proyecto_id = :proyecto AND numero = :numero FOR NO KEY UPDATE
), suelto AS (
    DELETE FROM bloqueo b USING t, proyecto p
     WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.persona_id = :persona AND b.ficha = :ficha
       AND b.para = 'validar' AND b.vence > ahora() AND p.id = b.proyecto_id AND p.estado = 'publicado'
    RETURNING b.ficha, b.desde
), e AS MATERIALIZED (
    SELECT id, numero, persona_id FROM entrega_vigente(:proyecto, :numero)
), cambio AS (
    -- Una tarea devuelta va primero a quien la mapeó.
    UPDATE tarea SET estado = :a,
           reservada_a = CASE WHEN :a = 3 THEN (SELECT persona_id FROM e) END,
           reservada_hasta = CASE WHEN :a = 3 THEN ahora() + make_interval(days => :dias) END
     WHERE proyecto_id = :proyecto AND numero = :numero AND EXISTS (SELECT FROM suelto)
), paso AS (
    INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, ficha, duracion_s, nota, motivos, primera)
    SELECT t.municipio_id, t.proyecto_id, t.numero, 'dictamen', t.estado, :a, :persona, s.ficha,
           extract(epoch FROM ahora() - s.desde), :nota, cast(:motivos AS text[]),
           NOT EXISTS (SELECT FROM historial h WHERE h.proyecto_id = :proyecto AND h.numero = :numero AND h.accion = 'dictamen'
                          AND NOT EXISTS (SELECT FROM historial d WHERE d.deshace = h.id))
      FROM suelto s, t
    RETURNING id, municipio_id, ficha, cuando, duracion_s
), r AS (
    INSERT INTO retroalimentacion (municipio_id, proyecto_id, persona_id, fortaleza, nota, cuando)
    SELECT p.municipio_id, :proyecto, :persona, :fortaleza, :nota, p.cuando FROM paso p WHERE :con_retro AND cast(:retro AS bigint) IS NULL
    RETURNING id
), nuevo AS (
    INSERT INTO dictamen (municipio_id, proyecto_id, numero, entrega, paso, ficha, persona_id, autora_id, veredicto, clase, retro_id, cuando, duracion_s)
    SELECT p.municipio_id, :proyecto, :numero, e.id, p.id, p.ficha, :persona, e.persona_id, :veredicto,
           CASE WHEN EXISTS (SELECT FROM disputa x WHERE x.proyecto_id = :proyecto AND x.numero = :numero AND x.resuelta IS NULL AND x.retirada IS NULL)
                THEN 'disputa' ELSE 'primera' END,
           coalesce(cast(:retro AS bigint), (SELECT id FROM r)), p.cuando, p.duracion_s
      FROM paso p, e
    RETURNING id, municipio_id, entrega, autora_id, clase, retro_id, cuando
), resuelve AS (
    UPDATE disputa x SET resuelta = n.id, resultado = CASE WHEN :a = 3 THEN 'sostenida' ELSE 'a_favor' END
      FROM nuevo n WHERE x.proyecto_id = :proyecto AND x.numero = :numero AND x.resuelta IS NULL AND x.retirada IS NULL
), sorteo AS (
    -- Si el primer dictamen se deshizo y se da otro, es ése el que se compara; la ya hecha se queda como estaba.
    INSERT INTO segunda_revision AS s (entrega, municipio_id, proyecto_id, numero, primera, primera_persona_id, autora_id, sorteada)
    SELECT n.entrega, n.municipio_id, :proyecto, :numero, n.id, :persona, n.autora_id, n.cuando FROM nuevo n, e
     WHERE n.clase = 'primera' AND e.numero = :numero AND (hashint8extended(n.entrega, :sal) & (:de_cada - 1)) < :sorteadas
    ON CONFLICT (entrega) DO UPDATE
       SET primera = excluded.primera, primera_persona_id = excluded.primera_persona_id, sorteada = excluded.sorteada,
           persona_id = NULL, ficha = NULL, desde = NULL, vence = NULL
     WHERE s.hecha IS NULL
)
SELECT p.id, p.cuando, p.duracion_s, n.id AS dictamen, n.retro_id, n.autora_id, n.clase FROM paso p LEFT JOIN nuevo n ON true

-- nombre: dictamen_de_turno
SELECT d.id, d.retro_id, d.veredicto, d.cuando, d.autora_id, d.clase FROM dictamen d
 WHERE d.proyecto_id = :proyecto AND d.numero = :numero AND d.ficha = :ficha AND d.persona_id = :persona

-- nombre: senalar
INSERT INTO senalamiento (retro_id, proyecto_id, numero, codigo, objeto, version, lugar, nota, huella)
SELECT :retro, :proyecto, s.numero, s.codigo, s.objeto, s.version, ST_GeomFromWKB(decode(s.lugar, 'hex'), 4326), s.nota, s.huella
  FROM jsonb_to_recordset(cast(:senalados AS jsonb)) AS s(numero integer, codigo text, objeto text, version integer, lugar text, nota text, huella text)

-- nombre: objetos_desconocidos
-- Los que no están ni estuvieron en el mapa donde edita el proyecto. Si aquí no se guardan sus datos, no se sabe: ninguno.
SELECT o.clave FROM unnest(cast(:claves AS text[])) AS o(clave), proyecto p
 WHERE p.id = :proyecto
   AND CASE WHEN p.aula_id IS NOT NULL
            THEN NOT EXISTS (SELECT FROM practica_elemento x WHERE x.aula_id = p.aula_id AND x.tipo = left(o.clave, 1) AND x.id = substr(o.clave, 2)::bigint)
            WHEN NOT evidencia_en_lo_seguido(p.servidor_osm) OR NOT EXISTS (SELECT FROM osm_importacion) THEN false
            ELSE NOT CASE left(o.clave, 1) WHEN 'n' THEN EXISTS (SELECT FROM osm_nodo x WHERE x.id = substr(o.clave, 2)::bigint)
                                           WHEN 'w' THEN EXISTS (SELECT FROM osm_via x WHERE x.id = substr(o.clave, 2)::bigint)
                                           ELSE EXISTS (SELECT FROM osm_relacion x WHERE x.id = substr(o.clave, 2)::bigint) END
                 AND NOT EXISTS (SELECT FROM osm_borrado x WHERE x.tipo = left(o.clave, 1) AND x.id = substr(o.clave, 2)::bigint)
       END
 ORDER BY o.clave

-- nombre: dictamenes
-- Los de una tarea, del más nuevo al más viejo. `oculto`: quien mira podría dar la segunda opinión, o resolver la disputa.
SELECT d.id, d.paso, d.entrega, d.veredicto, d.clase, d.cuando, d.duracion_s, d.persona_id, pv.nombre AS persona, pv.usuario,
       d.autora_id, pa.nombre AS autora, pa.usuario AS autora_usuario, d.retro_id, r.fortaleza, r.nota,
       EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso) AS deshecho,
       coalesce(:valida AND dictamen_a_ciegas(d.paso, d.proyecto_id, d.numero, :persona), false) AS oculto,
       x.id AS disputa, x.motivo, x.cuando AS disputada, x.retirada, x.resuelta, x.resultado,
       d.veredicto = 'devuelta' AND t.estado = 3 AND p.estado = 'publicado'
           AND NOT EXISTS (SELECT FROM disputa y WHERE y.entrega = d.entrega AND y.numero = d.numero)
           AND NOT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = d.proyecto_id AND b.numero = d.numero AND b.vence > ahora()) AS se_puede_disputar
  FROM dictamen d
  JOIN proyecto p ON p.id = d.proyecto_id
  JOIN tarea t ON t.proyecto_id = d.proyecto_id AND t.numero = d.numero
  JOIN persona pv ON pv.id = d.persona_id
  JOIN persona pa ON pa.id = d.autora_id
  LEFT JOIN retroalimentacion r ON r.id = d.retro_id
  LEFT JOIN disputa x ON x.dictamen_id = d.id
 WHERE d.proyecto_id = :proyecto AND d.numero = :numero
 ORDER BY d.id DESC

-- nombre: senalamientos
SELECT s.id, s.retro_id, s.codigo, s.objeto, s.version, ST_AsGeoJSON(s.lugar, 7)::json AS lugar, s.nota, s.huella
  FROM senalamiento s WHERE s.retro_id = ANY(:retros) AND s.proyecto_id = :proyecto AND s.numero = :numero ORDER BY s.id

-- nombre: cola
-- Lo que espera revisión, de lo más viejo a lo más nuevo, sin lo propio.
SELECT t.numero, e.cuando AS entregada, e.persona_id, pe.nombre AS persona, e.nota, e.edificios, e.metros_vias,
       t.edificios_al_publicar, t.metros_vias_al_publicar,
       (SELECT count(*) FROM historial d WHERE d.proyecto_id = t.proyecto_id AND d.numero = t.numero AND d.accion = 'dictamen') AS vueltas
  FROM tarea t
  JOIN LATERAL (SELECT h.* FROM historial h WHERE h.proyecto_id = t.proyecto_id AND h.numero = t.numero AND h.accion = 'entrega'
                 ORDER BY h.id DESC LIMIT 1) e ON true
  JOIN persona pe ON pe.id = e.persona_id
 WHERE t.proyecto_id = :proyecto AND t.estado = 1
   AND NOT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora() AND b.persona_id <> :persona)
   AND NOT EXISTS (SELECT FROM historial m WHERE m.proyecto_id = t.proyecto_id AND m.numero = t.numero AND m.accion = 'entrega' AND m.persona_id = :persona)
   AND (cast(:de_persona AS bigint) IS NULL OR e.persona_id = :de_persona)
 ORDER BY e.cuando, t.numero LIMIT :limite OFFSET :salto

-- nombre: en_cola
SELECT count(*) FROM tarea t WHERE t.proyecto_id = :proyecto AND t.estado = 1
   AND NOT EXISTS (SELECT FROM historial m WHERE m.proyecto_id = t.proyecto_id AND m.numero = t.numero AND m.accion = 'entrega' AND m.persona_id = :persona)
