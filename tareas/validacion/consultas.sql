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
           NOT EXISTS (SELECT FROM tarea_linaje(:proyecto, :numero) l
                         JOIN historial h ON h.proyecto_id = :proyecto AND h.numero = l.numero AND h.accion = 'dictamen' AND l.principal
                        WHERE NOT EXISTS (SELECT FROM historial d WHERE d.deshace = h.id))
      FROM suelto s, t
    RETURNING id, municipio_id, ficha, cuando, duracion_s
), r AS (
    INSERT INTO retroalimentacion (municipio_id, proyecto_id, persona_id, fortaleza, fortalezas, nota, cuando)
    SELECT p.municipio_id, :proyecto, :persona, :fortaleza, cast(:fortalezas AS jsonb), :nota, p.cuando FROM paso p WHERE :con_retro AND cast(:retro AS bigint) IS NULL
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

-- nombre: proyecto_del_aviso
SELECT nombre, municipio_id FROM proyecto WHERE id = :proyecto

-- nombre: reserva
SELECT reservada_hasta FROM tarea WHERE proyecto_id = :proyecto AND numero = :numero AND reservada_a = :persona

-- nombre: quien_devolvio
SELECT d.persona_id FROM disputa x JOIN dictamen d ON d.id = x.dictamen_id WHERE x.resuelta = :dictamen

-- nombre: avisar_de_disputa
SELECT d.persona_id FROM dictamen d WHERE d.id = :dictamen
UNION
SELECT pa.persona_id FROM dictamen d JOIN papel pa ON pa.municipio_id = d.municipio_id AND pa.papel = 'capacitador'
  JOIN persona p ON p.id = pa.persona_id AND p.activa WHERE d.id = :dictamen AND pa.persona_id <> d.autora_id

-- nombre: dictamenes
-- Los de una tarea y de aquella de la que viene, del más nuevo al más viejo. `oculto`: alguien debe juzgarlo sin saber qué dijo.
SELECT d.id, d.numero, d.paso, d.entrega, d.veredicto, d.clase, d.cuando, d.duracion_s, d.persona_id, pv.nombre AS persona, pv.usuario,
       d.autora_id, pa.nombre AS autora, pa.usuario AS autora_usuario, d.retro_id, r.fortaleza, r.fortalezas, r.nota,
       EXISTS (SELECT FROM historial u WHERE u.deshace = d.paso) AS deshecho,
       dictamen_a_ciegas(d.paso, d.proyecto_id, d.numero, :persona)
           -- Tampoco la segunda opinión, mientras alguien deba resolver la disputa de la misma entrega.
           OR (d.clase = 'ciega' AND d.persona_id IS DISTINCT FROM :persona
               AND EXISTS (SELECT FROM disputa y JOIN dictamen z ON z.id = y.dictamen_id
                            WHERE y.entrega = d.entrega AND y.resuelta IS NULL AND y.retirada IS NULL AND z.persona_id IS DISTINCT FROM :persona)) AS oculto,
       av.leido, av.id IS NOT NULL AND av.leido IS NULL AS sin_leer,
       x.id AS disputa, x.motivo, x.cuando AS disputada, x.retirada, x.resuelta, x.resultado,
       sigue_devuelta(d.id, :numero) AND p.estado = 'publicado'
           AND NOT EXISTS (SELECT FROM disputa y WHERE y.entrega = d.entrega AND y.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l WHERE l.principal))
           AND NOT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = d.proyecto_id AND b.numero = :numero AND b.vence > ahora()) AS se_puede_disputar
  FROM dictamen d
  JOIN proyecto p ON p.id = d.proyecto_id
  JOIN persona pv ON pv.id = d.persona_id
  JOIN persona pa ON pa.id = d.autora_id
  LEFT JOIN retroalimentacion r ON r.id = d.retro_id
  LEFT JOIN disputa x ON x.dictamen_id = d.id AND x.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l WHERE l.principal)
  LEFT JOIN LATERAL (SELECT a.id, a.leido FROM aviso a WHERE a.persona_id = d.autora_id AND a.dictamen_id = d.id ORDER BY a.id LIMIT 1) av ON true
 WHERE d.proyecto_id = :proyecto AND d.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l WHERE l.principal)
 ORDER BY d.id DESC

-- nombre: senalamientos
SELECT s.id, s.retro_id, s.codigo, s.objeto, s.version, ST_AsGeoJSON(s.lugar, 7)::json AS lugar, s.nota, s.huella,
       (SELECT a.cuando FROM senalamiento_atendido a JOIN dictamen d ON d.autora_id = a.persona_id
         WHERE a.senalamiento_id = s.id AND d.retro_id = s.retro_id AND d.proyecto_id = s.proyecto_id AND d.numero = s.numero LIMIT 1) AS atendido
  FROM senalamiento s WHERE s.retro_id = ANY(:retros) AND s.proyecto_id = :proyecto
   AND s.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l WHERE l.principal) ORDER BY s.id

-- nombre: por_atender
-- Si lo señalado es de esta tarea, o de aquella de la que viene, y se lo dijeron a esa persona.
SELECT t.estado FROM senalamiento s JOIN tarea t ON t.proyecto_id = s.proyecto_id AND t.numero = :numero
 WHERE s.id = :senalamiento AND s.proyecto_id = :proyecto AND s.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l WHERE l.principal)
   AND EXISTS (SELECT FROM dictamen d WHERE d.retro_id = s.retro_id AND d.proyecto_id = s.proyecto_id AND d.numero = s.numero
                  AND d.autora_id = :persona AND d.clase <> 'ciega')

-- nombre: atender
INSERT INTO senalamiento_atendido (senalamiento_id, persona_id) VALUES (:senalamiento, :persona)
ON CONFLICT ON CONSTRAINT senalamiento_atendido_una_vez DO NOTHING

-- nombre: desatender
DELETE FROM senalamiento_atendido WHERE senalamiento_id = :senalamiento AND persona_id = :persona

-- nombre: cola
-- Lo que espera revisión (`cola_de_revision`), ya filtrado, con cuántas son en todo y cuántas de ellas tiene ya esa persona; una fila sin
-- número si no hay en esta página. Lo que tiene otra no está: «dame una» tampoco lo da.
-- Lo de cada filtro se busca una vez, y no por tarea: con cien mil en espera, una llamada por fila se nota.
WITH filtradas AS MATERIALIZED (
    SELECT c.* FROM cola_de_revision(:proyecto, :persona) c
     WHERE (cast(:de_persona AS bigint) IS NULL OR c.persona_id = :de_persona)
       AND (NOT :mias OR c.mia_antes)
       AND (cast(:grupo AS bigint) IS NULL
            OR c.persona_id IN (SELECT gp.persona_id FROM grupo_persona gp JOIN grupo g ON g.id = gp.grupo_id
                                  JOIN proyecto p ON p.id = :proyecto AND p.municipio_id = g.municipio_id WHERE gp.grupo_id = :grupo))
       AND c.entregada <= (SELECT ahora() - make_interval(days => :dias_min))
       AND (cast(:codigo AS text) IS NULL
            OR c.entrega IN (SELECT e.id FROM entrega_hallazgos g JOIN historial e ON e.proyecto_id = g.proyecto_id AND e.numero = g.numero AND e.ficha = g.ficha
                              WHERE g.proyecto_id = :proyecto AND g.codigos ? :codigo AND e.accion = 'entrega')
            OR c.numero IN (SELECT l.numero
                              FROM historial m
                             CROSS JOIN LATERAL (SELECT m.numero UNION ALL
                                                 SELECT o.numero FROM tarea_origen o WHERE o.proyecto_id = :proyecto AND o.de_numero = m.numero AND o.principal) l
                             WHERE m.proyecto_id = :proyecto AND m.accion = 'dictamen' AND m.a = 3 AND :codigo = ANY(m.motivos)
                               AND NOT coalesce(dictamen_a_ciegas(m.id, m.proyecto_id, m.numero, :persona), false)))
), mias AS MATERIALIZED (
    SELECT b.numero, b.vence FROM bloqueo b WHERE b.proyecto_id = :proyecto AND b.persona_id = :persona AND b.vence > ahora()
), pagina AS (
    SELECT f.* FROM filtradas f
     ORDER BY CASE WHEN :por_riesgo THEN f.banda END, CASE WHEN :por_riesgo AND f.banda = 4 THEN -f.riesgo END, f.entregada, f.numero
     LIMIT :limite OFFSET :salto
)
SELECT n.total, (SELECT count(*) FROM mias JOIN filtradas f ON f.numero = mias.numero) AS en_mis_manos, m.vence AS mia_hasta,
       (SELECT p.servidor_osm = 'practica' FROM proyecto p WHERE p.id = :proyecto) AS practica,
       c.numero, c.entregada, c.persona_id, pe.nombre AS persona, h.nota, h.edificios, h.metros_vias,
       t.edificios_al_publicar, t.metros_vias_al_publicar,
       (SELECT count(*) FROM tarea_linaje(t.proyecto_id, t.numero) l
          JOIN historial d ON d.proyecto_id = t.proyecto_id AND d.numero = l.numero AND d.accion = 'dictamen' WHERE l.principal) AS vueltas,
       c.banda, c.riesgo, c.juzgadas, c.devueltas, c.del_municipio, c.nivel1, c.nivel2, c.nivel3, c.mia_antes,
       ARRAY[ST_XMin(t.geom), ST_YMin(t.geom), ST_XMax(t.geom), ST_YMax(t.geom)] AS caja,
       EXISTS (SELECT FROM aviso a WHERE a.persona_id = c.persona_id AND a.dictamen_id = c.previo AND a.leido IS NULL) AS sin_leer
  FROM (SELECT count(*) AS total FROM filtradas) n
  LEFT JOIN pagina c ON true
  LEFT JOIN mias m ON m.numero = c.numero
  LEFT JOIN tarea t ON t.proyecto_id = :proyecto AND t.numero = c.numero
  LEFT JOIN historial h ON h.id = c.entrega
  LEFT JOIN persona pe ON pe.id = c.persona_id
 ORDER BY CASE WHEN :por_riesgo THEN c.banda END, CASE WHEN :por_riesgo AND c.banda = 4 THEN -c.riesgo END, c.entregada, c.numero

-- nombre: vecinas
SELECT v.numero, v.estado, ARRAY[ST_XMin(v.geom), ST_YMin(v.geom), ST_XMax(v.geom), ST_YMax(v.geom)] AS caja, e.persona_id, pe.nombre AS persona
  FROM tarea t
  JOIN tarea v ON v.proyecto_id = t.proyecto_id AND v.numero <> t.numero AND v.geom && t.geom AND ST_Touches(v.geom, t.geom)
  LEFT JOIN LATERAL entrega_vigente(v.proyecto_id, v.numero) e ON true
  LEFT JOIN persona pe ON pe.id = e.persona_id
 WHERE t.proyecto_id = :proyecto AND t.numero = :numero AND v.estado <> 5
   AND ST_Dimension(ST_Intersection(v.geom, t.geom)) = 1
 ORDER BY v.numero

-- nombre: por_disputar
-- El dictamen puede ser de la tarea de la que ésta heredó el estado.
SELECT d.entrega, d.autora_id, d.persona_id, t.municipio_id, t.estado, p.estado AS proyecto_estado, sigue_devuelta(d.id, :numero) AS vigente,
       EXISTS (SELECT FROM disputa x WHERE x.entrega = d.entrega AND x.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l WHERE l.principal)) AS ya,
       (SELECT b.persona_id FROM bloqueo b WHERE b.proyecto_id = d.proyecto_id AND b.numero = :numero AND b.vence > ahora()) AS la_tiene
  FROM dictamen d JOIN tarea t ON t.proyecto_id = d.proyecto_id AND t.numero = :numero JOIN proyecto p ON p.id = d.proyecto_id
 WHERE d.id = :dictamen AND d.proyecto_id = :proyecto AND d.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l WHERE l.principal)

-- nombre: disputar
WITH paso AS (
    INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id)
    VALUES (:municipio, :proyecto, :numero, 'disputa', 3, 1, :persona) RETURNING id, cuando
), cambio AS (
    UPDATE tarea SET estado = 1, reservada_a = NULL, reservada_hasta = NULL WHERE proyecto_id = :proyecto AND numero = :numero
)
INSERT INTO disputa (municipio_id, proyecto_id, numero, dictamen_id, entrega, paso, persona_id, motivo, cuando)
SELECT :municipio, :proyecto, :numero, :dictamen, :entrega, p.id, :persona, :motivo, p.cuando FROM paso p
RETURNING id, paso, cuando

-- nombre: segundas
-- Las que esa persona puede dar, sin nada del primer dictamen; primero las que ya tiene, luego las que más esperan.
SELECT count(*) OVER () AS total, s.entrega, s.numero, h.cuando AS entregada, h.edificios, h.metros_vias, s.sorteada,
       s.persona_id = :persona AND s.vence > ahora() AS mia, CASE WHEN s.persona_id = :persona THEN s.ficha END AS ficha,
       CASE WHEN s.persona_id = :persona THEN s.vence END AS vence,
       ARRAY[ST_XMin(t.geom), ST_YMin(t.geom), ST_XMax(t.geom), ST_YMax(t.geom)] AS caja
  FROM segunda_abierta s JOIN tarea t ON t.proyecto_id = s.proyecto_id AND t.numero = s.numero JOIN historial h ON h.id = s.entrega
 WHERE s.proyecto_id = :proyecto AND s.primera_persona_id <> :persona AND s.autora_id <> :persona
   AND NOT la_mapeo(s.proyecto_id, s.numero, :persona)
   AND (s.vence IS NULL OR s.vence <= ahora() OR s.persona_id = :persona)
 ORDER BY mia DESC NULLS LAST, s.sorteada, s.entrega LIMIT :limite OFFSET :salto

-- nombre: tomar_segunda
-- El disparador segunda_al_tomar juzga, con la fila en la mano, y pone la ficha y el plazo.
UPDATE segunda_revision SET persona_id = :persona, ficha = -1, desde = ahora(), vence = 'infinity'
 WHERE entrega = :entrega AND proyecto_id = :proyecto
RETURNING numero, ficha, desde, vence

-- nombre: soltar_segunda
UPDATE segunda_revision SET persona_id = NULL, ficha = NULL, desde = NULL, vence = NULL
 WHERE entrega = :entrega AND proyecto_id = :proyecto AND persona_id = :persona AND hecha IS NULL
   AND (cast(:ficha AS bigint) IS NULL OR ficha = :ficha)

-- nombre: segunda
SELECT s.numero, s.persona_id, s.ficha, s.vence, s.hecha, d.persona_id AS primera_persona_id, d.veredicto AS primera, d.id AS primera_id,
       EXISTS (SELECT FROM segunda_abierta a WHERE a.entrega = s.entrega) AS abierta
  FROM segunda_revision s JOIN dictamen d ON d.id = s.primera WHERE s.entrega = :entrega AND s.proyecto_id = :proyecto

-- nombre: opinar
-- Con el turno de la tarea ya en la mano: nadie la entrega ni deshace mientras tanto.
WITH s AS (
    SELECT a.* FROM segunda_abierta a JOIN proyecto p ON p.id = a.proyecto_id AND p.estado = 'publicado'
     WHERE a.entrega = :entrega AND a.proyecto_id = :proyecto AND a.persona_id = :persona AND a.ficha = :ficha AND a.vence > ahora()
), r AS (
    INSERT INTO retroalimentacion (municipio_id, proyecto_id, persona_id, fortaleza, fortalezas, nota)
    SELECT s.municipio_id, s.proyecto_id, :persona, :fortaleza, cast(:fortalezas AS jsonb), :nota FROM s WHERE :con_retro
    RETURNING id
), nuevo AS (
    INSERT INTO dictamen (municipio_id, proyecto_id, numero, entrega, ficha, persona_id, autora_id, veredicto, clase, retro_id, duracion_s)
    SELECT s.municipio_id, s.proyecto_id, s.numero, s.entrega, s.ficha, :persona, s.autora_id, :veredicto, 'ciega', (SELECT id FROM r),
           extract(epoch FROM ahora() - s.desde)
      FROM s
    RETURNING id, numero, retro_id, cuando, autora_id
), hecha AS (
    UPDATE segunda_revision q SET hecha = n.id FROM nuevo n WHERE q.entrega = :entrega
)
SELECT id, numero, retro_id, cuando, autora_id FROM nuevo

-- nombre: desacuerdos
-- Entregas en que dos personas, sin saber una de la otra, decidieron distinto. Lo deshecho no cuenta.
SELECT count(*) OVER () AS total, s.entrega, s.numero, s.autora_id, pa.nombre AS autora,
       a.id AS primera, a.veredicto AS primera_veredicto, a.cuando AS primera_cuando, a.persona_id AS primera_persona_id, p1.nombre AS primera_persona,
       r1.nota AS primera_nota, ARRAY(SELECT DISTINCT x.codigo FROM senalamiento x WHERE x.retro_id = a.retro_id AND x.numero = s.numero AND x.proyecto_id = s.proyecto_id ORDER BY 1) AS primera_codigos,
       b.id AS segunda, b.veredicto AS segunda_veredicto, b.cuando AS segunda_cuando, b.persona_id AS segunda_persona_id, p2.nombre AS segunda_persona,
       r2.nota AS segunda_nota, ARRAY(SELECT DISTINCT x.codigo FROM senalamiento x WHERE x.retro_id = b.retro_id AND x.numero = s.numero AND x.proyecto_id = s.proyecto_id ORDER BY 1) AS segunda_codigos
  FROM segunda_revision s
  JOIN dictamen a ON a.id = s.primera JOIN persona p1 ON p1.id = a.persona_id LEFT JOIN retroalimentacion r1 ON r1.id = a.retro_id
  JOIN dictamen b ON b.id = s.hecha JOIN persona p2 ON p2.id = b.persona_id LEFT JOIN retroalimentacion r2 ON r2.id = b.retro_id
  JOIN persona pa ON pa.id = s.autora_id
 WHERE s.proyecto_id = :proyecto AND (a.veredicto = 'devuelta') <> (b.veredicto = 'devuelta')
   AND NOT EXISTS (SELECT FROM historial u WHERE u.deshace = a.paso)
   AND (:persona IN (a.persona_id, b.persona_id)
        -- Quien podría resolver una disputa de esa entrega no lo lee hasta que se resuelva.
        OR (:todos AND NOT EXISTS (SELECT FROM disputa x WHERE x.entrega = s.entrega AND x.resuelta IS NULL AND x.retirada IS NULL)))
 ORDER BY b.id DESC LIMIT :limite OFFSET :salto

-- nombre: por_decidir
-- Las disputas abiertas que esa persona puede resolver, sin nada de la devolución: ni quién la dio ni qué dijo. Primero la que ya
-- tiene, luego la que más espera; las que alguien más está revisando no esperan a nadie.
SELECT count(*) OVER () AS total, x.proyecto_id AS proyecto, p.nombre AS proyecto_nombre, p.servidor_osm = 'practica' AS practica, x.numero, x.cuando,
       x.motivo, pe.nombre AS persona, b.vence AS mia_hasta, m.zona_horaria
  FROM disputa x
  JOIN dictamen d ON d.id = x.dictamen_id
  JOIN persona pe ON pe.id = x.persona_id
  JOIN proyecto p ON p.id = x.proyecto_id AND p.estado = 'publicado'
  JOIN municipio m ON m.id = p.municipio_id
  LEFT JOIN bloqueo b ON b.proyecto_id = x.proyecto_id AND b.numero = x.numero AND b.vence > (SELECT ahora())
 WHERE x.resuelta IS NULL AND x.retirada IS NULL AND d.persona_id <> :persona AND (b.persona_id IS NULL OR b.persona_id = :persona)
   AND (:valida_todo OR x.municipio_id = ANY(:valida_en)) AND (cast(:proyecto AS bigint) IS NULL OR x.proyecto_id = :proyecto)
   AND {visible} AND NOT la_mapeo(x.proyecto_id, x.numero, :persona)
 ORDER BY b.vence, x.cuando, x.id LIMIT :limite

-- nombre: mis_disputas_abiertas
-- Lo que esa persona pidió que viera alguien más, y nadie ha resuelto. En un proyecto cerrado nadie la puede tomar: no se promete.
SELECT x.proyecto_id AS proyecto, p.nombre AS proyecto_nombre, p.servidor_osm = 'practica' AS practica, x.numero, x.cuando
  FROM disputa x JOIN proyecto p ON p.id = x.proyecto_id AND p.estado = 'publicado'
 WHERE x.persona_id = :persona AND x.resuelta IS NULL AND x.retirada IS NULL
   AND (cast(:proyecto AS bigint) IS NULL OR x.proyecto_id = :proyecto) AND {visible}
 ORDER BY x.cuando, x.id LIMIT :limite
