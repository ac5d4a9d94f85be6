-- nombre: tomar
-- Un solo INSERT: el disparador bloqueo_al_tomar juzga y las restricciones con nombre deciden quién gana.
INSERT INTO bloqueo (proyecto_id, numero, municipio_id, persona_id, para, vence)
SELECT :proyecto, n, 0, :persona, :para, 'infinity' FROM unnest(cast(:numeros AS integer[])) n ORDER BY n
RETURNING numero, ficha, desde, vence

-- nombre: propio
SELECT numero, ficha, desde, vence FROM bloqueo
 WHERE proyecto_id = :proyecto AND numero = ANY(:numeros) AND persona_id = :persona AND para = :para AND vence > ahora()
 ORDER BY numero

-- nombre: extender
UPDATE bloqueo b SET vence = ahora() + make_interval(mins => p.minutos_bloqueo)
  FROM proyecto p
 WHERE p.id = b.proyecto_id AND b.proyecto_id = :proyecto AND b.numero = :numero AND b.persona_id = :persona
   AND b.ficha = :ficha AND b.vence > ahora() AND p.estado = 'publicado'
RETURNING b.municipio_id, b.ficha, b.desde, b.vence

-- nombre: anotar_extension
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id, ficha)
VALUES (:municipio, :proyecto, :numero, 'extension', :persona, :ficha)

-- nombre: soltar
-- Soltar una tarea que se devolvió a quien la suelta también levanta la reserva: queda libre para las demás personas.
WITH t AS (
    SELECT proyecto_id, numero, reservada_a FROM tarea WHERE proyecto_id = :proyecto AND numero = :numero FOR NO KEY UPDATE
), suelto AS (
    DELETE FROM bloqueo b USING t
     WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero
       AND (b.persona_id = :persona OR :coordina) AND (cast(:ficha AS bigint) IS NULL OR b.ficha = :ficha) AND b.vence > ahora()
    RETURNING b.municipio_id, b.persona_id, b.para, b.ficha, b.desde
), reserva AS (
    UPDATE tarea SET reservada_a = NULL, reservada_hasta = NULL
     WHERE proyecto_id = :proyecto AND numero = :numero
       AND reservada_a = (SELECT persona_id FROM suelto WHERE para = 'mapear')
)
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id, ficha, duracion_s, nota)
SELECT municipio_id, :proyecto, :numero, 'liberacion', :persona, ficha, extract(epoch FROM ahora() - desde), :nota FROM suelto
RETURNING id, cuando

-- nombre: entregar
-- Quien guardó algo en OSM durante su turno entrega ya revisado (`revisada`): a los demás esto no les cuesta otro viaje.
WITH t AS (
    SELECT proyecto_id, numero, municipio_id, estado, geom FROM tarea
     WHERE proyecto_id = :proyecto AND numero = :numero FOR NO KEY UPDATE
), suelto AS (
    DELETE FROM bloqueo b USING t, proyecto p
     WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.persona_id = :persona AND b.ficha = :ficha
       AND b.para = 'mapear' AND b.vence > ahora() AND p.id = b.proyecto_id AND p.estado = 'publicado'
       AND (:revisada OR NOT EXISTS (
           SELECT FROM osm_cambio x
            WHERE x.origen = coalesce(p.aula_id, 0)
              -- Desde su primer turno tras su última entrega: soltarla y tomarla de nuevo no olvida lo hecho.
              AND x.cuando >= least(b.desde, (SELECT min(h.cuando) FROM historial h
                                               WHERE h.proyecto_id = b.proyecto_id AND h.numero = b.numero AND h.persona_id = b.persona_id AND h.accion = 'bloqueo'
                                                 AND h.id > coalesce((SELECT max(e.id) FROM historial e
                                                                       WHERE e.proyecto_id = b.proyecto_id AND e.numero = b.numero
                                                                         AND e.persona_id = b.persona_id AND e.accion = 'entrega'), 0))) - interval '1 minute'
              AND x.uid = CASE WHEN p.aula_id IS NOT NULL THEN b.persona_id
                               ELSE (SELECT c.uid FROM cuenta_osm c WHERE c.persona_id = b.persona_id AND c.servidor = p.servidor_osm) END))
    RETURNING b.ficha, b.desde
), cambio AS (
    UPDATE tarea SET estado = :a, reservada_a = NULL, reservada_hasta = NULL
     WHERE proyecto_id = :proyecto AND numero = :numero AND EXISTS (SELECT FROM suelto)
)
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, ficha, duracion_s, nota, motivos, edificios, metros_vias)
SELECT t.municipio_id, t.proyecto_id, t.numero, 'entrega', t.estado, :a, :persona, s.ficha,
       extract(epoch FROM ahora() - s.desde), :nota, string_to_array(:sin_cambios, ','), c.edificios, c.metros_vias
  FROM suelto s, t, proyecto_cifras(t.proyecto_id, t.geom) c
RETURNING id, cuando, duracion_s, edificios, metros_vias

-- nombre: paso_con_ficha
-- La misma petición repetida encuentra el paso que ya dio.
SELECT id, cuando, duracion_s, edificios, metros_vias, a FROM historial
 WHERE proyecto_id = :proyecto AND numero = :numero AND persona_id = :persona AND ficha = :ficha AND accion = :accion
 ORDER BY id DESC LIMIT 1

-- nombre: partes_vivas
-- Las que hoy ocupan el lugar de una tarea dividida; el linaje guarda todas las de antes.
SELECT t.numero FROM tarea_origen o JOIN tarea t ON t.proyecto_id = o.proyecto_id AND t.numero = o.numero AND t.estado <> 5
 WHERE o.proyecto_id = :proyecto AND o.de_numero = :numero ORDER BY t.numero

-- nombre: quien_la_tiene
SELECT t.estado, t.reservada_a, t.reservada_hasta, p.estado AS proyecto_estado,
       b.persona_id, pe.nombre AS persona, b.para, b.desde, b.vence, b.ficha
  FROM tarea t JOIN proyecto p ON p.id = t.proyecto_id
  LEFT JOIN bloqueo b ON b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora()
  LEFT JOIN persona pe ON pe.id = b.persona_id
 WHERE t.proyecto_id = :proyecto AND t.numero = :numero

-- nombre: mis_bloqueos
SELECT b.proyecto_id AS proyecto, p.nombre AS proyecto_nombre, b.numero, b.para, b.ficha, b.desde, b.vence
  FROM bloqueo b JOIN proyecto p ON p.id = b.proyecto_id
 WHERE b.persona_id = :persona AND b.vence > ahora() ORDER BY b.desde

-- nombre: mi_ultima
-- Dónde dejé de trabajar en este proyecto.
SELECT ST_X(c) AS lon, ST_Y(c) AS lat FROM (
    SELECT ST_Centroid(t.geom) AS c FROM historial h JOIN tarea t USING (proyecto_id, numero)
     WHERE h.proyecto_id = :proyecto AND h.persona_id = :persona ORDER BY h.id DESC LIMIT 1) ultima

-- nombre: devuelta_a_mi
SELECT t.numero FROM tarea t
 WHERE t.proyecto_id = :proyecto AND t.reservada_a = :persona AND t.estado = 3 AND NOT t.numero = ANY(:evitar)
   AND NOT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora())
 ORDER BY t.numero LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED

-- nombre: libre_cerca
-- SKIP LOCKED: dos personas que piden a la vez reciben tareas distintas en lugar de esperarse.
SELECT t.numero FROM tarea t
 WHERE t.proyecto_id = :proyecto AND t.estado = ANY(:estados) AND NOT t.numero = ANY(:evitar)
   AND t.prioridad = coalesce((SELECT max(x.prioridad) FROM tarea x
         WHERE x.proyecto_id = :proyecto AND x.estado = ANY(:estados) AND NOT x.numero = ANY(:evitar)
           AND (x.reservada_a IS NULL OR x.reservada_a = :persona OR x.reservada_hasta <= ahora() OR :para = 'validar')
           AND NOT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = x.proyecto_id AND b.numero = x.numero AND b.vence > ahora())), 0)
   AND (t.reservada_a IS NULL OR t.reservada_a = :persona OR t.reservada_hasta <= ahora() OR :para = 'validar')
   AND NOT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora())
   AND (:para = 'mapear' OR (NOT la_mapeo(t.proyecto_id, t.numero, :persona)
        AND NOT EXISTS (SELECT FROM disputa x JOIN dictamen d ON d.id = x.dictamen_id WHERE x.proyecto_id = t.proyecto_id AND x.numero = t.numero
                           AND x.resuelta IS NULL AND x.retirada IS NULL AND d.persona_id = :persona)))
 ORDER BY t.geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), t.numero
 LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED

-- nombre: la_que_sigue_para_validar
-- De las primeras de la cola de revisión, la primera que nadie está tomando; y cuáles se miraron. Sólo unas pocas: pedir el turno mientras
-- se ordena obliga a ordenarla toda.
WITH miradas AS MATERIALIZED (
    SELECT q.numero, q.banda, CASE WHEN q.banda = 4 THEN -q.riesgo END AS por_riesgo, q.entregada
      FROM cola_de_revision(:proyecto, :persona) q
     WHERE NOT q.numero = ANY(:evitar)
       AND q.numero NOT IN (SELECT b.numero FROM bloqueo b WHERE b.proyecto_id = :proyecto AND b.vence > ahora())
     ORDER BY q.banda, por_riesgo, q.entregada, q.numero LIMIT :cuantas
), dada AS MATERIALIZED (
    SELECT t.numero FROM miradas m JOIN tarea t ON t.proyecto_id = :proyecto AND t.numero = m.numero AND t.estado = ANY(:estados)
     ORDER BY m.banda, m.por_riesgo, m.entregada, m.numero LIMIT 1 FOR NO KEY UPDATE OF t SKIP LOCKED
)
SELECT (SELECT numero FROM dada) AS numero, ARRAY(SELECT numero FROM miradas) AS miradas

-- nombre: esperar_prioridades
-- El mismo candado que toma, entero, quien cambia prioridades (tareas/proyectos/servicio.py).
SELECT pg_advisory_xact_lock_shared(hashtextextended('prioridades ' || :proyecto, 0))

-- nombre: lejos_de_los_demas
-- Para quien empieza: de una muestra al azar, la tarea más lejana de las que otras personas tienen en sus manos.
WITH ocupadas AS (
    SELECT ST_Centroid(t.geom) AS c FROM bloqueo b JOIN tarea t USING (proyecto_id, numero)
     WHERE b.proyecto_id = :proyecto AND b.vence > ahora() AND b.persona_id <> :persona
), muestra AS (
    SELECT ST_Centroid(t.geom) AS c FROM tarea t
     WHERE t.proyecto_id = :proyecto AND t.numero >= :azar AND t.estado = ANY(:estados) ORDER BY t.numero LIMIT 40
)
SELECT ST_X(m.c) AS lon, ST_Y(m.c) AS lat FROM muestra m
 ORDER BY (SELECT min(m.c <-> o.c) FROM ocupadas o) DESC NULLS FIRST LIMIT 1

-- nombre: punto_de_tarea
SELECT ST_X(ST_Centroid(geom)) AS lon, ST_Y(ST_Centroid(geom)) AS lat FROM tarea WHERE proyecto_id = :proyecto AND numero = :numero

-- nombre: comentar
-- En un borrador no: sus tareas se pueden hacer de nuevo, y lo escrito en el historial no se borra.
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id, nota)
SELECT t.municipio_id, t.proyecto_id, t.numero, 'comentario', :persona, :nota FROM tarea t JOIN proyecto p ON p.id = t.proyecto_id
 WHERE t.proyecto_id = :proyecto AND t.numero = :numero AND p.estado <> 'borrador' AND t.estado <> 5
RETURNING id, cuando

-- nombre: avisar_de_comentario
SELECT h.persona_id, bool_or(h.accion = 'entrega') AS mapeo, p.nombre AS proyecto, p.municipio_id
  FROM historial h JOIN proyecto p ON p.id = h.proyecto_id
 WHERE h.proyecto_id = :proyecto AND h.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l) AND h.accion IN ('entrega', 'dictamen') AND h.persona_id <> :persona
 GROUP BY h.persona_id, p.nombre, p.municipio_id ORDER BY h.persona_id

-- nombre: callar_avisos
-- Lo que un dictamen avisó y ya se deshizo no llega por correo ni espera en el buzón.
UPDATE aviso SET leido = coalesce(leido, ahora()), correo = 'no' WHERE dictamen_id = (SELECT d.id FROM dictamen d WHERE d.paso = :paso)

-- nombre: desalojar_vencido
WITH vencido AS (
    DELETE FROM bloqueo WHERE proyecto_id = :proyecto AND numero = :numero AND vence <= ahora() RETURNING *)
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id, cuando, ficha, duracion_s)
SELECT municipio_id, proyecto_id, numero, 'vencimiento', persona_id, vence, ficha, extract(epoch FROM vence - desde) FROM vencido

-- nombre: turno
SELECT t.municipio_id, t.estado FROM tarea t WHERE t.proyecto_id = :proyecto AND t.numero = :numero FOR NO KEY UPDATE

-- nombre: ocupada
-- Aparte de la que toma el turno: una instrucción que espera un candado sigue viendo los bloqueos de antes de esperar.
SELECT EXISTS (SELECT FROM bloqueo b WHERE b.proyecto_id = :proyecto AND b.numero = :numero AND b.vence > ahora())

-- nombre: paso_por_deshacer
SELECT h.id, h.accion, h.de, h.a, h.persona_id FROM historial h
 WHERE h.proyecto_id = :proyecto AND h.numero = :numero AND h.accion IN ('entrega', 'dictamen', 'disputa')
   AND NOT EXISTS (SELECT FROM historial d WHERE d.deshace = h.id)
 ORDER BY h.id DESC LIMIT 1

-- nombre: autor_vigente
SELECT persona_id FROM entrega_vigente(:proyecto, :numero)

-- nombre: poner_estado
UPDATE tarea SET estado = :a, reservada_a = :reservada_a,
       reservada_hasta = CASE WHEN cast(:reservada_a AS bigint) IS NULL THEN NULL ELSE ahora() + make_interval(days => :dias) END
 WHERE proyecto_id = :proyecto AND numero = :numero

-- nombre: anotar_deshacer
INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, nota, deshace)
VALUES (:municipio, :proyecto, :numero, 'deshacer', :de, :a, :persona, :nota, :deshace)
RETURNING id, cuando

-- nombre: estados
-- Todo en una instrucción: el cursor y los estados son de la misma fotografía de la base.
SELECT p.version, p.tareas_total, (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS xmin,
       floor(extract(epoch FROM ahora()) * 1000)::bigint AS ms,
       (SELECT string_agg(set_byte('\x00'::bytea, 0, t.estado), '' ORDER BY t.numero) FROM tarea t WHERE t.proyecto_id = p.id) AS estados,
       (SELECT array_agg(b.numero * 64 + CASE b.para WHEN 'mapear' THEN 16 ELSE 32 END) FROM bloqueo b
         WHERE b.proyecto_id = p.id AND b.vence > ahora()) AS bloqueos
  FROM proyecto p WHERE p.id = :proyecto

-- nombre: cambios
-- Los últimos pasos salen del índice en orden; si todos son nuevos, quizá falten más y se da todo otra vez.
SELECT p.version, p.tareas_total, (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint AS xmin,
       floor(extract(epoch FROM ahora()) * 1000)::bigint AS ms,
       (SELECT json_agg(json_build_array(t.numero, t.estado + CASE b.para WHEN 'mapear' THEN 16 WHEN 'validar' THEN 32 ELSE 0 END) ORDER BY t.numero)
          FROM (SELECT u.numero FROM (SELECT h.numero, h.tx FROM historial h WHERE h.proyecto_id = p.id
                                       ORDER BY h.tx DESC LIMIT :tope) u WHERE u.tx >= :xmin
                UNION
                SELECT v.numero FROM bloqueo v WHERE v.proyecto_id = p.id AND v.vence <= ahora()
                   AND v.vence > to_timestamp(:ms / 1000.0)) c
          JOIN tarea t ON t.proyecto_id = p.id AND t.numero = c.numero
          LEFT JOIN bloqueo b ON b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora()) AS cambios,
       coalesce((SELECT h.tx >= :xmin FROM historial h WHERE h.proyecto_id = p.id ORDER BY h.tx DESC OFFSET :tope LIMIT 1), false) AS faltan
  FROM proyecto p WHERE p.id = :proyecto

-- nombre: historial
-- Con lo que pasó en las tareas de las que viene: ahí están la entrega que se revisa y lo que se dijo de ella.
-- La nota de un dictamen es para quien mapeó y para quienes validan; los demás pasos, de todos.
SELECT h.id, h.numero, h.accion, h.de, h.a, h.cuando, h.ficha, h.duracion_s, h.motivos, h.primera, h.edificios, h.metros_vias, h.deshace,
       h.persona_id, p.usuario, p.nombre,
       CASE WHEN h.accion <> 'dictamen' OR :valida OR h.persona_id = :quien OR EXISTS (SELECT FROM dictamen d WHERE d.paso = h.id AND d.autora_id = :quien) THEN h.nota END AS nota,
       -- También la toma con que empezó: diría quién fue.
       h.ficha IS NOT NULL AND EXISTS (SELECT FROM dictamen d WHERE d.proyecto_id = h.proyecto_id AND d.numero = h.numero AND d.ficha = h.ficha
                                          AND dictamen_a_ciegas(d.paso, d.proyecto_id, d.numero, :quien)) AS oculto
  FROM historial h JOIN persona p ON p.id = h.persona_id
 WHERE h.proyecto_id = :proyecto AND h.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l) ORDER BY h.id

-- nombre: actividad
-- De una división, un renglón: la primera de las que dejaron de trabajarse, con todas ellas y las que quedan en su lugar. De lo que
-- alguien debe juzgar a ciegas sólo se dice que se revisó.
SELECT h.id, h.numero, h.accion, h.de, h.a, h.cuando, p.nombre, p.usuario,
       CASE WHEN h.accion <> 'dictamen' OR :valida OR h.persona_id = :quien OR j.autora_id = :quien THEN h.nota END AS nota,
       h.accion = 'dictamen' AND dictamen_a_ciegas(h.id, h.proyecto_id, h.numero, :quien) AS oculto,
       -- Cómo se aceptó es de quien mapeó y de quienes validan.
       coalesce(j.veredicto = 'con_arreglos' AND (:valida OR j.persona_id = :quien OR j.autora_id = :quien), false) AS con_arreglos,
       CASE WHEN h.accion = 'division' THEN h.motivos[1] END AS clase, v.dividen, v.quedan
  FROM historial h
  JOIN persona p ON p.id = h.persona_id
  LEFT JOIN dictamen j ON h.accion = 'dictamen' AND j.paso = h.id
  LEFT JOIN LATERAL (SELECT array_agg(DISTINCT o.de_numero ORDER BY o.de_numero) AS dividen, array_agg(DISTINCT o.numero ORDER BY o.numero) AS quedan
                       FROM tarea_origen m JOIN tarea_origen o ON o.division_id = m.division_id AND o.paso = 1
                      WHERE h.accion = 'division' AND h.a = 5 AND m.proyecto_id = h.proyecto_id AND m.de_numero = h.numero AND m.paso = 1) v ON true
 WHERE h.proyecto_id = :proyecto AND h.accion IN ('entrega', 'dictamen', 'deshacer', 'comentario', 'division')
   AND (h.accion <> 'division' OR v.dividen[1] = h.numero)
 ORDER BY h.id DESC LIMIT :limite

-- nombre: detalle
SELECT t.numero, t.estado, t.area_m2, t.prioridad, t.edificios_al_publicar, t.metros_vias_al_publicar, t.reservada_hasta,
       t.reservada_a, (SELECT pr.nombre FROM persona pr WHERE pr.id = t.reservada_a) AS reservada_nombre, ahora() AS ahora,
       b.persona_id, pe.nombre AS persona, pe.usuario, b.para, b.desde, b.vence, b.ficha,
       c.edificios AS edificios_hoy, c.metros_vias AS metros_vias_hoy,
       ARRAY[ST_XMin(t.geom), ST_YMin(t.geom), ST_XMax(t.geom), ST_YMax(t.geom)] AS caja,
       la_mapeo(t.proyecto_id, t.numero, :persona) AS mia_alguna_vez,
       ARRAY(SELECT o.de_numero FROM tarea_origen o WHERE o.proyecto_id = t.proyecto_id AND o.numero = t.numero AND o.paso = 1
              ORDER BY NOT o.principal, o.de_numero) AS viene_de,
       CASE WHEN t.estado = 5 THEN ARRAY(SELECT x.numero FROM tarea_origen o JOIN tarea x ON x.proyecto_id = o.proyecto_id AND x.numero = o.numero AND x.estado <> 5
              WHERE o.proyecto_id = t.proyecto_id AND o.de_numero = t.numero ORDER BY x.numero) END AS partes
  FROM tarea t
  LEFT JOIN bloqueo b ON b.proyecto_id = t.proyecto_id AND b.numero = t.numero AND b.vence > ahora()
  LEFT JOIN persona pe ON pe.id = b.persona_id
  LEFT JOIN LATERAL proyecto_cifras(t.proyecto_id, t.geom) c ON true
 WHERE t.proyecto_id = :proyecto AND t.numero = :numero

-- nombre: geometria
SELECT ST_AsBinary(geom) FROM tarea WHERE proyecto_id = :proyecto AND numero = :numero

-- nombre: mapa
SELECT aula_id, servidor_osm = 'practica' AS practica FROM proyecto WHERE id = :proyecto

-- nombre: objetos_de_aula
-- Como objetos_en de datos_osm, con lo que hay en un aula.
WITH zona AS (SELECT ST_GeomFromWKB(:zona, 4326) AS geom)
SELECT o.tipo, o.id, e.version, e.cuando, e.usuario, e.uid, e.conjunto, e.etiquetas, o.clase,
       ST_AsGeoJSON(CASE WHEN ST_NPoints(o.geom) > 400 THEN ST_ClipByBox2D(o.geom, ST_Expand(z.geom, 0.002)::box2d) ELSE o.geom END, 7)
           ::json AS geometria
  FROM zona z
  JOIN practica_objeto o ON o.aula_id = :aula AND ST_Force3DZ(o.geom, o.aula_id::float8) &&& ST_Force3DZ(z.geom, cast(:aula AS float8)) AND ST_Intersects(z.geom, o.geom)
  JOIN practica_elemento e ON e.aula_id = o.aula_id AND e.tipo = o.tipo AND e.id = o.id AND e.actual
 ORDER BY e.cuando DESC, o.tipo, o.id LIMIT :limite

-- nombre: contorno
SELECT ST_AsGeoJSON(geom, 7) FROM tarea WHERE proyecto_id = :proyecto AND numero = :numero
