-- nombre: juicios
-- Los dictámenes que cuentan: sin los deshechos ni las segundas opiniones. Lo que se juzga es la entrega, y de una sola puede haber
-- varios: uno por cada parte en que después se dividió su tarea. Por eso va una vez, en el primero: con él entran ella, su espera, sus
-- objetos y los errores de todos. `primera`: lo primero que se dijo de una tarea y de aquéllas de las que heredó, en cualquier fecha.
-- Lo que se disputó y se resolvió a favor de quien mapeó no fue error suyo. Los objetos, de la evidencia; si aún no es firme, de lo que
-- la guarda contó al entregar; si no se sabe, la entrega no entra en la tasa de errores.
-- Casi toda entrega y casi toda tarea tiene un solo dictamen: las de varios se buscan aparte, y lo demás se lee una vez sin ordenarlo.
WITH deshechos AS MATERIALIZED (
    SELECT h.deshace AS paso FROM historial h WHERE h.deshace IS NOT NULL
), a_favor AS MATERIALIZED (
    SELECT x.dictamen_id AS id FROM disputa x WHERE x.proyecto_id = ANY(:proyectos) AND x.resultado = 'a_favor'
), dados AS NOT MATERIALIZED (
    SELECT d.* FROM dictamen d
     WHERE d.proyecto_id = ANY(:proyectos) AND d.paso IS NOT NULL AND NOT EXISTS (SELECT FROM deshechos u WHERE u.paso = d.paso) {solo}
), con_pasado AS MATERIALIZED (
    -- Las tareas cuyo trabajo heredado ya se había juzgado.
    SELECT DISTINCT o.proyecto_id, o.numero
      FROM tarea_origen o JOIN dictamen x ON x.proyecto_id = o.proyecto_id AND x.numero = o.de_numero AND x.paso IS NOT NULL
     WHERE o.proyecto_id = ANY(:proyectos) AND o.principal AND NOT EXISTS (SELECT FROM deshechos u WHERE u.paso = x.paso)
), senalados AS MATERIALIZED (
    SELECT s.retro_id, s.numero, count(*) AS errores FROM senalamiento s
     WHERE s.proyecto_id = ANY(:proyectos) AND s.codigo = ANY(:se_cargan) GROUP BY s.retro_id, s.numero
), de_varios AS MATERIALIZED (
    SELECT d.id, d.entrega, d.clase = 'primera' AS juzga, d.retro_id, d.numero, r.primera, r.primera_que_juzga
      FROM (SELECT x.entrega, min(x.id) AS primera, min(x.id) FILTER (WHERE x.clase = 'primera') AS primera_que_juzga
              FROM dados x GROUP BY x.entrega HAVING count(*) > 1) r
      JOIN dictamen d ON d.entrega = r.entrega AND d.paso IS NOT NULL AND NOT EXISTS (SELECT FROM deshechos u WHERE u.paso = d.paso)
), errores_de_varios AS MATERIALIZED (
    SELECT d.entrega, sum(s.errores)::bigint AS errores FROM de_varios d JOIN senalados s ON s.retro_id = d.retro_id AND s.numero = d.numero
     WHERE d.juzga AND d.id NOT IN (SELECT f.id FROM a_favor f) GROUP BY d.entrega
), otra_vez AS MATERIALIZED (
    -- De cada tarea con varios, los que no son el primero.
    SELECT d.id
      FROM (SELECT x.proyecto_id, x.numero, min(x.id) AS primera FROM dados x GROUP BY x.proyecto_id, x.numero HAVING count(*) > 1) r
      JOIN dictamen d ON d.proyecto_id = r.proyecto_id AND d.numero = r.numero AND d.id > r.primera
), juicios AS (
    SELECT d.proyecto_id, d.entrega, d.persona_id, d.autora_id, d.cuando, d.duracion_s, d.de_entrega,
           d.veredicto = 'devuelta' AS devuelve, d.veredicto = 'con_arreglos' AS con_arreglos, d.a_favor,
           d.id NOT IN (SELECT r.id FROM de_varios r WHERE r.id <> r.primera) AND d.id NOT IN (SELECT r.id FROM otra_vez r)
               AND (d.proyecto_id, d.numero) NOT IN (SELECT c.proyecto_id, c.numero FROM con_pasado c) AS primera,
           CASE WHEN d.de_entrega THEN extract(epoch FROM d.cuando - e.cuando)::float8 END AS espera_s,
           CASE WHEN d.de_entrega THEN coalesce(v.dentro_creados + v.dentro_modificados + v.dentro_borrados
                                                         + v.fuera_creados + v.fuera_modificados + v.fuera_borrados, g.objetos) END AS objetos,
           CASE WHEN NOT d.de_entrega THEN 0 WHEN d.varios THEN coalesce(w.errores, 0) WHEN d.a_favor THEN 0 ELSE coalesce(s.errores, 0) END AS errores
      FROM (SELECT d.*, d.id IN (SELECT r.id FROM de_varios r) AS varios, d.id IN (SELECT f.id FROM a_favor f) AS a_favor,
                   d.clase = 'primera' AND d.id NOT IN (SELECT r.id FROM de_varios r WHERE r.id <> r.primera_que_juzga) AS de_entrega
              FROM dados d) d
      JOIN historial e ON e.id = d.entrega AND e.accion = 'entrega'
      LEFT JOIN senalados s ON s.retro_id = d.retro_id AND s.numero = d.numero
      LEFT JOIN errores_de_varios w ON w.entrega = d.entrega
      LEFT JOIN evidencia v ON v.proyecto_id = e.proyecto_id AND v.numero = e.numero AND v.ficha = e.ficha
      LEFT JOIN entrega_hallazgos g ON g.proyecto_id = e.proyecto_id AND g.numero = e.numero AND g.ficha = e.ficha
     WHERE (cast(:desde AS timestamptz) IS NULL OR d.cuando >= :desde) AND (cast(:hasta AS timestamptz) IS NULL OR d.cuando < :hasta)
       AND (cast(:grupo AS bigint) IS NULL OR d.autora_id IN (SELECT gp.persona_id FROM grupo_persona gp WHERE gp.grupo_id = :grupo))
       AND (cast(:autora AS bigint) IS NULL OR d.autora_id = :autora) AND (cast(:validadora AS bigint) IS NULL OR d.persona_id = :validadora)
)

-- nombre: solo_lo_suyo
-- De una persona basta lo de las entregas que hizo, o que juzgó, y todo lo que se dijo de sus tareas.
AND (d.proyecto_id, d.numero) IN (
    SELECT t.proyecto_id, t.numero FROM dictamen t
     WHERE t.proyecto_id = ANY(:proyectos)
       AND t.entrega IN (SELECT x.entrega FROM dictamen x WHERE x.autora_id = :autora OR x.persona_id = :validadora))

-- nombre: medidas
{juicios}
{renglones}

-- nombre: renglones
SELECT {cual}, coalesce(cardinality(array_agg(DISTINCT j.autora_id)), 0) AS personas, array_agg(DISTINCT j.autora_id) AS autoras,
       count(*) FILTER (WHERE j.de_entrega) AS juzgadas,
       count(*) FILTER (WHERE j.primera) AS primeras,
       count(*) FILTER (WHERE j.primera AND (NOT j.devuelve OR j.a_favor)) AS aceptadas,
       count(*) FILTER (WHERE j.primera AND j.con_arreglos) AS con_arreglos,
       count(*) FILTER (WHERE j.a_favor) AS a_favor,
       coalesce(sum(j.errores) FILTER (WHERE j.objetos IS NOT NULL), 0) AS errores, coalesce(sum(j.objetos), 0) AS objetos, count(j.objetos) AS entregas,
       count(j.duracion_s) AS revision_n, percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY j.duracion_s) AS revision,
       count(j.espera_s) AS espera_n, percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY j.espera_s) AS espera
  FROM (SELECT j.autora_id, j.de_entrega, j.primera, j.devuelve, j.con_arreglos, j.a_favor, j.errores, j.objetos, j.duracion_s, j.espera_s, {llave} AS clave
          FROM juicios j {juntas}) j
 GROUP BY GROUPING SETS ({conjuntos})

-- nombre: codigos
-- Lo de todo junto va en la misma consulta, en el renglón sin código: recontar los juicios es lo que cuesta.
{juicios}, sabidos AS MATERIALIZED (
    SELECT j.entrega, j.autora_id, j.objetos FROM juicios j WHERE j.objetos IS NOT NULL
), todo AS (
    SELECT coalesce(sum(objetos), 0) AS objetos, count(*) AS entregas, count(DISTINCT autora_id) AS personas FROM sabidos
)
SELECT NULL AS codigo, 0 AS errores, t.*, (SELECT to_jsonb(r) FROM ({renglones}) r) AS de_todo FROM todo t
UNION ALL
SELECT c.codigo, c.errores, t.*, NULL
  FROM (SELECT s.codigo, count(*) AS errores
          FROM senalamiento s
          JOIN dados d ON d.retro_id = s.retro_id AND d.numero = s.numero AND d.proyecto_id = s.proyecto_id AND d.clase = 'primera'
          JOIN sabidos j ON j.entrega = d.entrega
         WHERE s.proyecto_id = ANY(:proyectos) AND s.codigo = ANY(:se_cargan) AND d.id NOT IN (SELECT f.id FROM a_favor f)
         GROUP BY s.codigo) c, todo t

-- nombre: parejas
-- Cada entrega con segunda opinión a ciegas, si el primer dictamen sigue en pie.
SELECT {dicha} AS clave, j.primera_devuelve, j.segunda_devuelve, count(*) AS cuantas
  FROM (SELECT a.id, s.proyecto_id, s.autora_id, b.cuando, q.yo AS persona_id,
               CASE WHEN q.vuelta THEN b.veredicto ELSE a.veredicto END = 'devuelta' AS primera_devuelve,
               CASE WHEN q.vuelta THEN a.veredicto ELSE b.veredicto END = 'devuelta' AS segunda_devuelve
          FROM segunda_revision s
          JOIN dictamen a ON a.id = s.primera
          JOIN dictamen b ON b.id = s.hecha
         CROSS JOIN LATERAL (VALUES (a.persona_id, false), (b.persona_id, true)) AS q(yo, vuelta)
         WHERE s.proyecto_id = ANY(:proyectos) AND NOT EXISTS (SELECT FROM historial x WHERE x.deshace = a.paso)
           -- Por validador, cada pareja cuenta en los dos, con lo suyo primero; si no, una vez.
           AND (:las_dos OR NOT q.vuelta) AND (cast(:validadora AS bigint) IS NULL OR q.yo = :validadora)
           AND (cast(:desde AS timestamptz) IS NULL OR b.cuando >= :desde) AND (cast(:hasta AS timestamptz) IS NULL OR b.cuando < :hasta)
           AND (cast(:grupo AS bigint) IS NULL OR EXISTS (SELECT FROM grupo_persona gp WHERE gp.grupo_id = :grupo AND gp.persona_id = s.autora_id))) j {juntas}
 GROUP BY 1, 2, 3

-- nombre: disputas
-- En qué terminaron las devoluciones de cada quien que se disputaron.
SELECT {dicha} AS clave, count(*) FILTER (WHERE j.resultado = 'sostenida') AS sostenidas, count(*) AS resueltas
  FROM (SELECT x.resultado, d.persona_id, d.autora_id, d.proyecto_id, d.cuando
          FROM disputa x JOIN dictamen d ON d.id = x.dictamen_id
         WHERE x.proyecto_id = ANY(:proyectos) AND x.resultado IS NOT NULL AND (cast(:validadora AS bigint) IS NULL OR d.persona_id = :validadora)
           AND (cast(:desde AS timestamptz) IS NULL OR d.cuando >= :desde) AND (cast(:hasta AS timestamptz) IS NULL OR d.cuando < :hasta)
           AND (cast(:grupo AS bigint) IS NULL OR EXISTS (SELECT FROM grupo_persona gp WHERE gp.grupo_id = :grupo AND gp.persona_id = d.autora_id))) j {juntas}
 GROUP BY 1

-- nombre: precision
-- De cada regla de hoy, la última respuesta de cada persona sobre cada hallazgo. Lo de las aulas es práctica: no cuenta.
SELECT codigo, count(*) FILTER (WHERE respuesta = 'error') AS errores, count(*) AS respuestas
  FROM (SELECT DISTINCT ON (huella, persona_id) codigo, respuesta FROM hallazgo_respuesta
         WHERE municipio_id = :municipio AND origen = 0 AND version_reglas = :version
           AND (cast(:desde AS timestamptz) IS NULL OR dicha >= :desde) AND (cast(:hasta AS timestamptz) IS NULL OR dicha < :hasta)
         ORDER BY huella, persona_id, id DESC) r
 GROUP BY codigo

-- nombre: nombres_de_grupos
SELECT g.id, g.nombre FROM grupo g WHERE g.municipio_id = :municipio AND g.archivado IS NULL ORDER BY lower(g.nombre)

-- nombre: nombres_de_proyectos
SELECT p.id, p.nombre FROM proyecto p WHERE p.id = ANY(:proyectos)

-- nombre: mis_proyectos
-- Donde alguien juzgó a esta persona, o ella juzgó; de verdad o de práctica, nunca juntos.
SELECT DISTINCT p.id FROM dictamen d JOIN proyecto p ON p.id = d.proyecto_id
 WHERE (d.persona_id = :persona OR d.autora_id = :persona) AND (p.servidor_osm = 'practica') = :practica

-- nombre: mis_parejas
-- Mis dictámenes con otra opinión a ciegas, ya dadas las dos: lo que dije y lo que dijo la otra.
SELECT s.proyecto_id AS proyecto, p.nombre AS proyecto_nombre, s.numero, y.veredicto AS mio, o.veredicto AS suyo, y.clase = 'ciega' AS fui_segunda,
       b.cuando, (y.veredicto = 'devuelta') = (o.veredicto = 'devuelta') AS coinciden, p.servidor_osm = 'practica' AS practica
  FROM segunda_revision s
  JOIN dictamen a ON a.id = s.primera
  JOIN dictamen b ON b.id = s.hecha
  JOIN dictamen y ON y.id IN (a.id, b.id) AND y.persona_id = :persona
  JOIN dictamen o ON o.id IN (a.id, b.id) AND o.id <> y.id
  JOIN proyecto p ON p.id = s.proyecto_id
 WHERE {visible} AND NOT EXISTS (SELECT FROM historial x WHERE x.deshace = a.paso)
 ORDER BY b.cuando DESC, s.entrega DESC LIMIT :limite

-- nombre: mis_disputas
SELECT x.proyecto_id AS proyecto, p.nombre AS proyecto_nombre, x.numero, x.motivo, x.cuando, x.resultado, p.servidor_osm = 'practica' AS practica
  FROM disputa x JOIN dictamen d ON d.id = x.dictamen_id AND d.persona_id = :persona JOIN proyecto p ON p.id = x.proyecto_id
 WHERE {visible} AND x.retirada IS NULL
 ORDER BY x.cuando DESC, x.id DESC LIMIT :limite
