-- nombre: por_dia
-- Una primera devolución que su disputa resolvió a favor de quien mapeó no fue error suyo: cuenta como aceptada.
SELECT dia, accion, de, a, count(*) AS pasos, sum(duracion_s) AS segundos,
       count(*) FILTER (WHERE primera) AS primeras, count(*) FILTER (WHERE primera AND (a = 2 OR a_favor)) AS primeras_aceptadas, sum(edificios) AS edificios, sum(metros_vias) AS metros_vias
  FROM (SELECT (h.cuando AT TIME ZONE :zona)::date AS dia, h.accion, h.de, h.a, h.duracion_s, h.edificios, h.metros_vias,
               -- Un dictamen deshecho deja de ser la primera revisión: lo es el que se dio después.
               CASE WHEN h.primera THEN NOT EXISTS (SELECT FROM historial x WHERE x.deshace = h.id) END AS primera,
               h.primera AND h.a = 3 AND h.id IN (SELECT j.paso FROM disputa x JOIN dictamen j ON j.id = x.dictamen_id
                                                   WHERE x.proyecto_id = ANY(:proyectos) AND x.resultado = 'a_favor') AS a_favor
          FROM historial h WHERE h.proyecto_id = ANY(:proyectos) AND h.accion IN ('entrega', 'dictamen', 'deshacer', 'division', 'disputa')) c
 GROUP BY dia, accion, de, a

-- nombre: gente_por_dia
SELECT dia, count(DISTINCT persona_id) AS personas,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duracion_s) FILTER (WHERE accion = 'entrega') AS mediana_s,
       sum(duracion_s) FILTER (WHERE accion = 'entrega') AS segundos_entregas
  FROM (SELECT (h.cuando AT TIME ZONE :zona)::date AS dia, h.accion, h.persona_id, h.duracion_s
          FROM historial h WHERE h.proyecto_id = ANY(:proyectos) AND h.accion IN ('entrega', 'dictamen')) c
 GROUP BY dia

-- nombre: total
SELECT count(DISTINCT persona_id) AS personas,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duracion_s) FILTER (WHERE accion = 'entrega') AS mediana_s,
       sum(duracion_s) FILTER (WHERE accion = 'entrega') AS segundos_entregas
  FROM historial WHERE proyecto_id = ANY(:proyectos) AND accion IN ('entrega', 'dictamen')

-- nombre: por_persona
SELECT h.persona_id,
       count(*) FILTER (WHERE accion = 'entrega') AS entregas,
       count(*) FILTER (WHERE accion = 'dictamen') AS dictamenes,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY duracion_s) FILTER (WHERE accion = 'entrega') AS mediana_s,
       sum(duracion_s) FILTER (WHERE accion = 'entrega') AS segundos_entregas,
       max(h.cuando) AS ultima
  FROM historial h
 WHERE h.proyecto_id = ANY(:proyectos) AND h.accion IN ('entrega', 'dictamen')
 GROUP BY h.persona_id

-- nombre: nombres
SELECT id, nombre, usuario FROM persona WHERE id = ANY(:personas)

-- nombre: revisiones_por_persona
-- A quién corresponde cada dictamen: a quien hizo la entrega anterior.
SELECT e.persona_id, count(*) FILTER (WHERE d.a = 2) AS validadas, count(*) FILTER (WHERE d.a = 3) AS devueltas,
       count(*) FILTER (WHERE d.primera) AS primeras,
       count(*) FILTER (WHERE d.primera AND (d.a = 2 OR d.id IN (SELECT j.paso FROM disputa x JOIN dictamen j ON j.id = x.dictamen_id
                                                                  WHERE x.proyecto_id = ANY(:proyectos) AND x.resultado = 'a_favor'))) AS primeras_aceptadas
  FROM historial d
  JOIN LATERAL (SELECT h.persona_id FROM tarea_linaje(d.proyecto_id, d.numero) l
                  JOIN historial h ON h.proyecto_id = d.proyecto_id AND h.numero = l.numero AND h.accion = 'entrega' AND h.id < d.id
                 WHERE l.principal ORDER BY l.paso, h.id DESC LIMIT 1) e ON true
 WHERE d.proyecto_id = ANY(:proyectos) AND d.accion = 'dictamen'
   AND NOT EXISTS (SELECT FROM historial x WHERE x.deshace = d.id)
 GROUP BY e.persona_id

-- nombre: por_tarea
-- En un proyecto de práctica son los de su aula. Una parte que heredó lo entregado dice cuándo fue; cuánto había entonces y cuánto
-- se tardó se midió en toda la de antes, y no es lo suyo.
SELECT t.numero, t.estado, t.area_m2, t.edificios_al_publicar, t.metros_vias_al_publicar,
       e.edificios AS edificios_al_entregar, e.metros_vias AS metros_vias_al_entregar, coalesce(e.cuando, x.cuando) AS entregada, e.duracion_s,
       c.edificios AS edificios_hoy, c.metros_vias AS metros_vias_hoy
  FROM tarea t
  LEFT JOIN LATERAL (SELECT h.* FROM historial h WHERE h.proyecto_id = t.proyecto_id AND h.numero = t.numero AND h.accion = 'entrega'
                      ORDER BY h.id DESC LIMIT 1) e ON true
  LEFT JOIN LATERAL (SELECT v.cuando FROM entrega_vigente(t.proyecto_id, t.numero) v
                      WHERE e.id IS NULL AND EXISTS (SELECT FROM tarea_origen o WHERE o.proyecto_id = t.proyecto_id AND o.numero = t.numero)) x ON true
  LEFT JOIN LATERAL proyecto_cifras(t.proyecto_id, t.geom) c ON true
 WHERE t.proyecto_id = :proyecto AND t.estado <> 5 ORDER BY t.numero LIMIT :limite OFFSET :salto

-- nombre: osm_del_proyecto
SELECT sum(t.edificios_al_publicar) AS edificios_al_publicar, sum(t.metros_vias_al_publicar) AS metros_vias_al_publicar,
       (SELECT c.edificios FROM proyecto_cifras(p.id, p.area) c) AS edificios_hoy,
       (SELECT c.metros_vias FROM proyecto_cifras(p.id, p.area) c) AS metros_vias_hoy
  FROM proyecto p LEFT JOIN tarea t ON t.proyecto_id = p.id AND t.estado <> 5 WHERE p.id = :proyecto GROUP BY p.id

-- nombre: mis_proyectos
SELECT DISTINCT h.proyecto_id FROM historial h JOIN proyecto p ON p.id = h.proyecto_id
 WHERE h.persona_id = :persona AND h.accion IN ('entrega', 'dictamen') AND (p.servidor_osm = 'practica') = :practica

-- nombre: mi_trabajo
-- Una entrega de una tarea que después se partió sigue en las partes que la heredan.
SELECT h.id AS paso, h.proyecto_id AS proyecto, p.nombre AS proyecto_nombre, p.servidor_osm = 'practica' AS practica, coalesce(v.numero, t.numero) AS numero, h.accion, h.a,
       coalesce(v.estado, t.estado) AS estado, h.cuando, h.duracion_s, h.nota,
       h.edificios, d.nota AS respuesta, d.motivos, d.cuando AS revisada, d.a AS veredicto,
       r.fortaleza, r.fortalezas, d.numero AS numero_de_dictamen,
       CASE WHEN coalesce(v.estado, t.estado) = 3 AND coalesce(v.reservada_a, t.reservada_a) = :persona
            THEN coalesce(v.reservada_hasta, t.reservada_hasta) END AS apartada_hasta, m.zona_horaria,
       (SELECT b.vence FROM bloqueo b WHERE b.proyecto_id = h.proyecto_id AND b.numero = coalesce(v.numero, t.numero)
           AND b.persona_id = :persona AND b.para = 'mapear' AND b.vence > ahora()) AS en_mis_manos_hasta,
       (SELECT CASE WHEN y.retirada IS NOT NULL THEN 'retirada' ELSE coalesce(y.resultado, 'abierta') END
          FROM disputa y WHERE y.dictamen_id = j.id AND y.persona_id = :persona AND y.numero IN (t.numero, v.numero)
         ORDER BY y.id DESC LIMIT 1) AS disputa
  FROM historial h
  JOIN proyecto p ON p.id = h.proyecto_id
  JOIN municipio m ON m.id = p.municipio_id
  JOIN tarea t ON t.proyecto_id = h.proyecto_id AND t.numero = h.numero
  LEFT JOIN LATERAL (SELECT x.numero, x.estado, x.reservada_a, x.reservada_hasta FROM tarea_origen o JOIN tarea x ON x.proyecto_id = o.proyecto_id AND x.numero = o.numero AND x.estado <> 5
                      WHERE t.estado = 5 AND o.proyecto_id = h.proyecto_id AND o.de_numero = h.numero AND o.principal) v ON true
  LEFT JOIN LATERAL (SELECT x.* FROM historial x WHERE x.proyecto_id = h.proyecto_id AND x.numero IN (h.numero, v.numero) AND x.accion = 'dictamen'
                        AND x.id > h.id ORDER BY x.id LIMIT 1) d ON true
  LEFT JOIN dictamen j ON j.paso = d.id
  LEFT JOIN retroalimentacion r ON r.id = j.retro_id
 WHERE h.persona_id = :persona AND h.accion = 'entrega' AND {visible}
   AND (NOT :por_corregir OR (coalesce(v.estado, t.estado) = 3 AND coalesce(v.reservada_a, t.reservada_a) = :persona))
 ORDER BY h.id DESC, 5 LIMIT :limite OFFSET :salto

-- nombre: proyectos_de_municipio
SELECT p.id, p.nombre, p.servidor_osm = 'practica' AS practica FROM proyecto p
 WHERE p.municipio_id = :municipio AND {visible} ORDER BY p.id

-- nombre: tareas_de
SELECT coalesce(sum(tareas_total - divididas), 0) FROM proyecto WHERE id = ANY(:proyectos)

-- nombre: cuales
-- Un proyecto, o todos los de verdad, o todos los de práctica: nunca los dos juntos.
CASE WHEN cast(:proyecto AS bigint) IS NOT NULL THEN h.proyecto_id = :proyecto
     ELSE EXISTS (SELECT FROM proyecto pr WHERE pr.id = h.proyecto_id AND (pr.servidor_osm = 'practica') = :practica) END

-- nombre: entregas_de_persona
SELECT (h.cuando AT TIME ZONE :zona)::date AS dia, count(*) AS entregas,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY h.duracion_s) AS mediana_s, sum(h.duracion_s) AS segundos
  FROM historial h
 WHERE h.persona_id = :persona AND h.accion = 'entrega' AND {cuales}
 GROUP BY 1

-- nombre: respuestas_a_persona
-- Los dictámenes que recibieron sus entregas, el día en que se dieron.
SELECT (d.cuando AT TIME ZONE :zona)::date AS dia, count(*) FILTER (WHERE d.a = 2) AS validadas,
       count(*) FILTER (WHERE d.a = 3) AS devueltas, count(*) FILTER (WHERE d.primera) AS primeras,
       count(*) FILTER (WHERE d.primera AND (d.a = 2 OR d.id IN (SELECT j.paso FROM disputa x JOIN dictamen j ON j.id = x.dictamen_id
                                                                  WHERE j.autora_id = :persona AND x.resultado = 'a_favor'))) AS primeras_aceptadas
  FROM (SELECT DISTINCT h.proyecto_id, x.numero FROM historial h
         CROSS JOIN LATERAL (SELECT h.numero UNION ALL SELECT o.numero FROM tarea_origen o
                              WHERE o.proyecto_id = h.proyecto_id AND o.de_numero = h.numero) x
         WHERE h.persona_id = :persona AND h.accion = 'entrega' AND {cuales}) suyas
  JOIN historial d ON d.proyecto_id = suyas.proyecto_id AND d.numero = suyas.numero AND d.accion = 'dictamen'
  JOIN LATERAL (SELECT e.persona_id FROM tarea_linaje(d.proyecto_id, d.numero) l
                  JOIN historial e ON e.proyecto_id = d.proyecto_id AND e.numero = l.numero AND e.accion = 'entrega' AND e.id < d.id
                 WHERE l.principal ORDER BY l.paso, e.id DESC LIMIT 1) e ON e.persona_id = :persona
 WHERE NOT EXISTS (SELECT FROM historial x WHERE x.deshace = d.id)
 GROUP BY 1

-- nombre: dictamenes_de_persona
SELECT (h.cuando AT TIME ZONE :zona)::date AS dia, count(*) AS dictamenes
  FROM historial h
 WHERE h.persona_id = :persona AND h.accion = 'dictamen' AND {cuales}
 GROUP BY 1

-- nombre: persona
SELECT p.id, p.usuario, p.nombre FROM persona p
 WHERE p.id = :persona AND EXISTS (SELECT FROM historial h WHERE h.persona_id = p.id AND h.proyecto_id = :proyecto)

-- nombre: zona_de_persona
SELECT m.zona_horaria FROM historial h JOIN municipio m ON m.id = h.municipio_id WHERE h.persona_id = :persona ORDER BY h.id DESC LIMIT 1

-- nombre: estado_de_la_base
SELECT current_setting('server_version') AS postgresql, postgis_lib_version() AS postgis, pg_database_size(current_database()) AS bytes,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS conexiones,
       current_setting('max_connections')::integer AS conexiones_maximas

-- nombre: estado_del_correo
SELECT count(*) FILTER (WHERE intentos < :maximo) AS en_espera, count(*) FILTER (WHERE intentos >= :maximo) AS abandonados,
       extract(epoch FROM ahora() - min(creado) FILTER (WHERE intentos < :maximo))::float8 AS espera_s,
       (SELECT count(*) FROM aviso a WHERE a.correo = 'pendiente' AND a.leido IS NULL AND a.creado > (SELECT ahora()) - make_interval(days => :dias)) AS avisos,
       (SELECT max(ultimo_resumen) FROM persona_avisos) AS ultimo_resumen
  FROM correo_pendiente
