-- nombre: vias_cerca
-- Las que tocan la zona, las que no se pudieron armar y tienen ahí un nodo, y todas las de un área que la toque. Con `llaves`, sólo lo que
-- tenga alguna.
WITH zona AS (SELECT ST_SetSRID(ST_GeomFromWKB(:zona), 4326) AS geom),
tocan AS MATERIALIZED (
    -- De un garabato que se cruza miles de veces, preguntar si toca la zona tarda medio minuto; si un vértice suyo cae en ella, ya se sabe.
    SELECT o.tipo, o.id FROM zona z JOIN osm_objeto o ON o.geom && z.geom
       AND (ST_NPoints(o.geom) > 500 AND ST_Intersects(ST_Points(o.geom), z.geom) OR ST_Intersects(o.geom, z.geom))
     WHERE o.tipo = 'w' OR o.tipo = 'r' AND o.clase <> 'limite'
), directas AS MATERIALIZED (
    SELECT t.tipo, t.id FROM tocan t
     WHERE cast(:llaves AS text[]) IS NULL
        OR CASE t.tipo WHEN 'w' THEN EXISTS (SELECT FROM osm_via v WHERE v.id = t.id AND v.etiquetas ?| cast(:llaves AS text[]))
                       ELSE EXISTS (SELECT FROM osm_relacion r WHERE r.id = t.id AND r.etiquetas ?| cast(:llaves AS text[])) END
    UNION
    -- Una vía sin la llave, de una relación que sí la tiene, también cuenta.
    SELECT t.tipo, t.id
      FROM (SELECT DISTINCT unnest(r.miembros) AS clave FROM osm_relacion r
             WHERE cast(:llaves AS text[]) IS NOT NULL AND r.etiquetas ?| cast(:llaves AS text[])
               AND r.miembros && ARRAY(SELECT 'w' || o.id FROM tocan o WHERE o.tipo = 'w')) m
      JOIN tocan t ON t.tipo = 'w' AND m.clave = 'w' || t.id
    UNION
    SELECT 'w', s.id FROM osm_sin_armar s JOIN osm_via v ON v.id = s.id
     WHERE s.tipo = 'w' AND (cast(:llaves AS text[]) IS NULL OR v.etiquetas ?| cast(:llaves AS text[])) AND EXISTS (SELECT FROM zona z, osm_nodo n WHERE n.id = ANY(v.nodos) AND ST_Intersects(z.geom, ST_SetSRID(ST_MakePoint(n.lon, n.lat), 4326)))
    UNION
    -- Un área de anillos rotos no tiene geometría guardada, pero las reglas la arman como pueden.
    SELECT 'r', s.id FROM osm_sin_armar s JOIN osm_relacion r ON r.id = s.id AND r.etiquetas ->> 'type' = 'multipolygon', zona z
     WHERE s.tipo = 'r' AND s.motivo = 'anillos_rotos' AND cardinality(r.miembros) <= :vias_maximas
       AND (cast(:llaves AS text[]) IS NULL OR r.etiquetas ?| cast(:llaves AS text[]))
       AND ST_Intersects(z.geom, (SELECT ST_ConvexHull(ST_Collect(o.geom)) FROM unnest(r.miembros) AS m
                                    JOIN osm_objeto o ON o.tipo = 'w' AND left(m, 1) = 'w' AND o.id = substr(m, 2)::bigint))
), relaciones AS MATERIALIZED (
    SELECT r.id FROM osm_relacion r WHERE r.miembros && ARRAY(SELECT tipo || id FROM directas WHERE tipo = 'w')
    UNION SELECT id FROM directas WHERE tipo = 'r'
)
SELECT 'w' AS tipo, id FROM directas WHERE tipo = 'w'
UNION
SELECT 'w', substr(m, 2)::bigint FROM relaciones q JOIN osm_relacion r ON r.id = q.id AND r.etiquetas ->> 'type' = 'multipolygon', unnest(r.miembros) AS m
 WHERE left(m, 1) = 'w' AND cardinality(r.miembros) <= :vias_maximas
UNION ALL
SELECT 'r', id FROM relaciones

-- nombre: vias
SELECT v.id, coalesce(v.version, 0) AS version, v.nodos, v.etiquetas FROM osm_via v WHERE v.id = ANY(:ids)

-- nombre: relaciones
SELECT r.id, coalesce(r.version, 0) AS version, r.etiquetas, r.miembros, r.roles FROM osm_relacion r WHERE r.id = ANY(:ids)

-- nombre: nodos
-- Son miles y casi ninguno tiene etiquetas: los números viajan juntos, en binario.
SELECT string_agg(int8send(n.id), '') AS ids, string_agg(int4send(coalesce(n.version, 0)), '') AS versiones,
       string_agg(float8send(n.lon), '') AS lon, string_agg(float8send(n.lat), '') AS lat,
       jsonb_object_agg(n.id, n.etiquetas) FILTER (WHERE n.etiquetas IS NOT NULL AND n.etiquetas <> '{}') AS etiquetas
  FROM osm_nodo n WHERE n.id = ANY(cast(:ids AS bigint[]))

-- nombre: nodos_con_etiquetas
SELECT o.id FROM osm_objeto o
 WHERE o.tipo = 'n' AND o.geom && ST_SetSRID(ST_GeomFromWKB(:zona), 4326) AND ST_Intersects(o.geom, ST_SetSRID(ST_GeomFromWKB(:zona), 4326))

-- nombre: practica_vias_cerca
-- En un aula las vías no tienen geometría guardada: cuentan las que tienen un nodo en la caja, que ya viene con margen.
WITH dentro AS MATERIALIZED (
    SELECT n.id FROM practica_elemento n
     WHERE n.aula_id = :aula AND n.tipo = 'n' AND n.actual AND n.visible AND n.lat BETWEEN :sur AND :norte AND n.lon BETWEEN :oeste AND :este
), directas AS MATERIALIZED (
    SELECT v.id FROM practica_elemento v
     WHERE v.aula_id = :aula AND v.tipo = 'w' AND v.actual AND v.visible
       AND practica_nodos(v.aula_id, v.nodos) && practica_nodos(:aula, ARRAY(SELECT id FROM dentro)) AND v.nodos && ARRAY(SELECT id FROM dentro)
), relaciones AS MATERIALIZED (
    SELECT r.id, r.miembros, r.etiquetas FROM practica_elemento r
     WHERE r.aula_id = :aula AND r.tipo = 'r' AND r.actual AND r.visible
       AND practica_miembros(r.aula_id, r.miembros) && practica_miembros(:aula, ARRAY(SELECT 'w' || id FROM directas))
       AND r.miembros && ARRAY(SELECT 'w' || id FROM directas)
)
SELECT 'w' AS tipo, id FROM directas
UNION
SELECT 'w', substr(m, 2)::bigint FROM relaciones r, unnest(r.miembros) AS m
 WHERE r.etiquetas ->> 'type' = 'multipolygon' AND left(m, 1) = 'w' AND cardinality(r.miembros) <= :vias_maximas
UNION ALL
SELECT 'r', id FROM relaciones

-- nombre: practica_elementos
SELECT e.id, e.version, e.lon / 1e7 AS lon, e.lat / 1e7 AS lat, e.nodos, e.miembros, e.roles, e.etiquetas
  FROM practica_elemento e WHERE e.aula_id = :aula AND e.tipo = :tipo AND e.actual AND e.visible AND e.id = ANY(:ids)

-- nombre: practica_nodos_con_etiquetas
SELECT e.id FROM practica_elemento e
 WHERE e.aula_id = :aula AND e.tipo = 'n' AND e.actual AND e.visible AND e.etiquetas IS NOT NULL AND e.etiquetas <> '{}'
   AND e.lat BETWEEN :sur AND :norte AND e.lon BETWEEN :oeste AND :este

-- nombre: corte
-- Con el candado, lo que se está escribiendo ya terminó: todo cambio con un id menor o igual ya se ve.
SELECT coalesce((SELECT max(id) FROM osm_cambio WHERE origen = 0), 0) AS cambio,
       coalesce((SELECT max(id) FROM osm_importacion WHERE modo = 'importar'), 0) AS importacion
  FROM (SELECT pg_advisory_xact_lock(evidencia_candado(0))) AS candado

-- nombre: turno
SELECT pg_try_advisory_xact_lock(hashtextextended('revision', :municipio))

-- nombre: municipio
SELECT m.id, lower(m.pais) AS pais, ST_AsBinary(m.limite) AS limite, r.version_reglas, r.hasta_cambio, r.importacion, r.crs,
       r.limite IS NOT DISTINCT FROM m.huella AS mismo_limite
  FROM municipio m LEFT JOIN revision r ON r.municipio_id = m.id WHERE m.id = :municipio

-- nombre: municipios_por_revisar
SELECT m.id, m.nombre FROM municipio m
 WHERE CASE WHEN cast(:municipio AS bigint) IS NULL THEN EXISTS (SELECT FROM proyecto p WHERE p.municipio_id = m.id AND p.aula_id IS NULL) ELSE m.id = :municipio END
 ORDER BY m.id

-- nombre: revisados
SELECT r.municipio_id FROM revision r ORDER BY r.municipio_id

-- nombre: caja
SELECT lower(m.pais) AS pais, m.caja, (SELECT p.presets FROM proyecto p WHERE p.id = :proyecto) AS presets FROM municipio m WHERE m.id = :municipio

-- nombre: tocado
-- Lo que los cambios tocaron: cada objeto, y dónde estuvo y está. De un vértice movido cuentan enteras las vías que pasan por él, y
-- el polígono que encierra cómo estaban antes; de una relación, todas sus vías, pues la que hoy no se arma no tiene área guardada.
WITH cambios AS MATERIALIZED (
    SELECT c.id, c.tipo, c.osm_id, c.accion, c.geom, c.geom_antes
      FROM osm_cambio c WHERE c.origen = 0 AND c.id > :desde AND c.id <= :hasta
), nodos AS MATERIALIZED (
    SELECT osm_id, ST_Collect(geom) AS ahora, ST_Collect(geom_antes) AS antes FROM cambios WHERE tipo = 'n' GROUP BY osm_id
), pasaban AS MATERIALIZED (
    -- Las vías que cambiaron y antes pasaban por uno de esos vértices. Por igualdad de puntos: cruzar todas con todos crece al cuadrado.
    SELECT DISTINCT v.id, q.osm_id
      FROM (SELECT c.id, ST_DumpPoints(c.geom_antes) AS d FROM cambios c WHERE c.tipo = 'w') v
      JOIN (SELECT n.osm_id, ST_DumpPoints(n.ahora) AS d FROM nodos n) q
        ON round(ST_X((q.d).geom) * 1e7) = round(ST_X((v.d).geom) * 1e7) AND round(ST_Y((q.d).geom) * 1e7) = round(ST_Y((v.d).geom) * 1e7)
), de_antes AS MATERIALIZED (
    SELECT c.osm_id AS id, c.geom, c.geom_antes, n.antes, n.ahora FROM pasaban p JOIN cambios c ON c.id = p.id JOIN nodos n ON n.osm_id = p.osm_id
), vias AS (
    SELECT v.id, n.antes, n.ahora FROM nodos n JOIN osm_via v ON osm_cubetas(v.nodos) && ARRAY[n.osm_id >> 5] AND n.osm_id = ANY(v.nodos)
    UNION ALL
    SELECT d.id, d.antes, d.ahora FROM de_antes d
), piezas AS (
    SELECT tipo || osm_id AS clave, ST_ConvexHull(ST_Collect(ARRAY[geom, geom_antes])) AS geom FROM cambios
    UNION ALL
    SELECT 'w' || v.id, ST_ConvexHull(ST_Collect(ARRAY[o.geom, v.antes, v.ahora])) FROM vias v LEFT JOIN osm_objeto o ON o.tipo = 'w' AND o.id = v.id
    UNION ALL
    SELECT 'w' || d.id, ST_ConvexHull(ST_Collect(ARRAY[d.geom, d.geom_antes, d.antes, d.ahora])) FROM de_antes d
), con_relaciones AS (
    SELECT * FROM piezas
    UNION ALL
    SELECT 'r' || r.id, ST_ConvexHull(ST_Collect(ARRAY[p.geom, (SELECT ST_Collect(o.geom) FROM unnest(r.miembros) AS m
                                                                       JOIN osm_objeto o ON o.tipo = 'w' AND left(m, 1) = 'w' AND o.id = substr(m, 2)::bigint)]))
      FROM piezas p JOIN osm_relacion r ON r.miembros && ARRAY[p.clave] AND r.etiquetas ->> 'type' = 'multipolygon'
     WHERE p.clave LIKE 'w%' AND cardinality(r.miembros) <= :vias_maximas
)
-- De una relación sin geometría (una ruta, un área rota, lo borrado que nunca la tuvo) no se sabe a qué vías tocaba: pide revisar todo.
SELECT array_agg(DISTINCT clave) AS claves, ST_AsBinary(ST_Union(geom)) AS zona,
       EXISTS (SELECT FROM cambios WHERE tipo = 'r' AND (geom IS NULL OR geom_antes IS NULL AND accion <> 'crear')) AS sin_forma FROM con_relaciones

-- nombre: guardados_en
SELECT h.id, h.huella FROM hallazgo h
 WHERE h.municipio_id = :municipio AND h.codigo = ANY(:codigos)
   AND (cast(:zona AS bytea) IS NULL OR ST_Intersects(h.lugar, ST_SetSRID(ST_GeomFromWKB(:zona), 4326)) OR h.objetos && cast(:claves AS text[]))

-- nombre: quitar
DELETE FROM hallazgo WHERE id = ANY(:ids)

-- nombre: guardar
INSERT INTO hallazgo (municipio_id, codigo, nivel, objetos, versiones, lugar, forma, frase, datos, sugerencia, huella, version_reglas)
SELECT :municipio, h.codigo, h.nivel, ARRAY(SELECT jsonb_array_elements_text(h.objetos)), ARRAY(SELECT jsonb_array_elements_text(h.versiones)::integer),
       ST_SetSRID(ST_GeomFromWKB(decode(h.lugar, 'hex')), 4326), ST_SetSRID(ST_GeomFromWKB(decode(h.forma, 'hex')), 4326), h.frase, h.datos, h.sugerencia,
       h.huella, :version
  FROM jsonb_to_recordset(cast(:hallazgos AS jsonb)) AS h(codigo text, nivel smallint, objetos jsonb, versiones jsonb, lugar text, forma text, frase text,
                                                          datos jsonb, sugerencia jsonb, huella text)
ON CONFLICT ON CONSTRAINT hallazgo_uno_por_huella DO UPDATE
   SET nivel = excluded.nivel, objetos = excluded.objetos, versiones = excluded.versiones, lugar = excluded.lugar, forma = excluded.forma,
       frase = excluded.frase, datos = excluded.datos, sugerencia = excluded.sugerencia, version_reglas = excluded.version_reglas

-- nombre: anotar
INSERT INTO revision (municipio_id, version_reglas, hasta_cambio, importacion, crs, limite, hecha, entera, segundos, fallas, omitidos)
SELECT m.id, :version, :hasta, :importacion, :crs, m.huella, ahora(), ahora(), :segundos, :fallas, :omitidos FROM municipio m WHERE m.id = :municipio
ON CONFLICT (municipio_id) DO UPDATE
   SET version_reglas = excluded.version_reglas, hasta_cambio = excluded.hasta_cambio, importacion = excluded.importacion, crs = excluded.crs, limite = excluded.limite,
       hecha = excluded.hecha, segundos = excluded.segundos, fallas = excluded.fallas,
       entera = CASE WHEN :entera THEN excluded.entera ELSE revision.entera END,
       omitidos = CASE WHEN :entera THEN excluded.omitidos ELSE revision.omitidos END

-- nombre: responder
INSERT INTO hallazgo_respuesta (municipio_id, origen, codigo, huella, respuesta, nota, persona_id, version_reglas)
VALUES (:municipio, :origen, :codigo, :huella, :respuesta, :nota, :persona, :version)

-- nombre: justificar
INSERT INTO hallazgo_justificado (proyecto_id, numero, ficha, municipio_id, huella, codigo, objetos, frase, datos, lugar, motivo, persona_id)
SELECT :proyecto, :numero, :ficha, :municipio, h.huella, h.codigo, ARRAY(SELECT jsonb_array_elements_text(h.objetos)), h.frase, h.datos,
       ST_SetSRID(ST_MakePoint(h.lon, h.lat), 4326), h.motivo, :persona
  FROM jsonb_to_recordset(cast(:hallazgos AS jsonb)) AS h(huella text, codigo text, objetos jsonb, frase text, datos jsonb, lon float8, lat float8, motivo text)
ON CONFLICT ON CONSTRAINT hallazgo_justificado_una_vez DO NOTHING

-- nombre: contar
-- Repetir la entrega no cuenta dos veces.
INSERT INTO entrega_hallazgos (proyecto_id, numero, ficha, municipio_id, objetos, nivel1, nivel2, nivel3, codigos)
VALUES (:proyecto, :numero, :ficha, :municipio, :objetos, :nivel1, :nivel2, :nivel3, cast(:codigos AS jsonb))
ON CONFLICT ON CONSTRAINT entrega_hallazgos_pk DO NOTHING

-- nombre: justificados
-- Lo que quien mapeó dejó así en cada entrega de la tarea, y por qué.
SELECT j.ficha, j.huella, j.codigo, j.motivo, j.dicho, j.persona_id, p.nombre AS persona
  FROM hallazgo_justificado j JOIN persona p ON p.id = j.persona_id
 WHERE j.proyecto_id = :proyecto AND j.numero = :numero ORDER BY j.dicho, j.huella

-- nombre: a_ciegas
-- Quienes dieron un dictamen de la tarea que esa persona todavía no debe conocer: tampoco lo que contestaron de sus hallazgos.
SELECT DISTINCT d.persona_id FROM dictamen d
 WHERE d.proyecto_id = :proyecto AND d.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l WHERE l.principal)
   AND (dictamen_a_ciegas(d.paso, d.proyecto_id, d.numero, :persona)
        OR (d.clase = 'ciega' AND d.persona_id IS DISTINCT FROM :persona
            AND EXISTS (SELECT FROM disputa y JOIN dictamen z ON z.id = y.dictamen_id
                         WHERE y.entrega = d.entrega AND y.resuelta IS NULL AND y.retirada IS NULL AND z.persona_id IS DISTINCT FROM :persona)))

-- nombre: respuestas
-- La última que alguien dio de cada hallazgo. En lo público del municipio (`calla`) tampoco van las que dio quien revisó algo que otra
-- persona todavía debe juzgar a ciegas, desde que empezó a revisarlo.
WITH calladas AS MATERIALIZED (
    SELECT d.persona_id, min(d.cuando - make_interval(secs => coalesce(d.duracion_s, 0))) AS desde
      FROM dictamen d
     WHERE :calla AND d.municipio_id = :municipio
       AND d.id IN (SELECT s.primera FROM segunda_abierta s WHERE s.municipio_id = :municipio
                     UNION
                    SELECT z.id FROM disputa y JOIN dictamen z ON z.entrega = y.entrega
                     WHERE y.municipio_id = :municipio AND y.resuelta IS NULL AND y.retirada IS NULL)
     GROUP BY d.persona_id
)
SELECT DISTINCT ON (r.huella) r.huella, r.respuesta, r.nota, r.dicha, p.nombre AS persona
  FROM hallazgo_respuesta r JOIN persona p ON p.id = r.persona_id
 WHERE r.municipio_id = :municipio AND r.origen = :origen AND r.huella = ANY(:huellas) AND NOT r.persona_id = ANY(:menos_de)
   AND NOT EXISTS (SELECT FROM calladas c WHERE c.persona_id = r.persona_id AND r.dicha >= c.desde)
 ORDER BY r.huella, r.id DESC

-- nombre: precision
-- De cada regla, la última respuesta de cada persona sobre cada hallazgo. Lo de las aulas es práctica: no cuenta.
SELECT codigo, count(*) FILTER (WHERE respuesta = 'error') AS errores, count(*) FILTER (WHERE respuesta = 'falso') AS falsos
  FROM (SELECT DISTINCT ON (huella, persona_id) codigo, respuesta FROM hallazgo_respuesta
         WHERE municipio_id = :municipio AND origen = 0 AND version_reglas = :version ORDER BY huella, persona_id, id DESC) r
 GROUP BY codigo ORDER BY codigo

-- nombre: mi_turno
-- El último turno de una persona en la tarea, o el de una ficha si sigue vigente: con qué cuenta edita y desde cuándo. Soltarla y
-- tomarla de nuevo no olvida lo que se hizo, ni que la partan o la junten: cuenta desde el primer turno, en ella o en aquellas de las
-- que viene, que esa persona no haya entregado ya.
WITH linaje AS MATERIALIZED (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l)
SELECT v.uid, v.ventana_hasta AS hasta,
       (SELECT min(d.ventana_desde) FROM linaje l JOIN evidencia_turno d ON d.proyecto_id = :proyecto AND d.numero = l.numero
         WHERE d.persona_id = v.persona_id AND d.tomada <= v.tomada
           AND NOT EXISTS (SELECT FROM historial h
                            WHERE h.proyecto_id = :proyecto AND h.persona_id = v.persona_id AND h.accion = 'entrega'
                              AND h.cuando > d.tomada AND h.cuando <= v.tomada
                              -- Entregar una parte no entrega las otras: sólo cuenta lo que lleva hasta ésta.
                              AND (h.numero = d.numero
                                   OR h.numero IN (SELECT x.numero FROM linaje x)
                                      AND EXISTS (SELECT FROM tarea_origen o WHERE o.proyecto_id = :proyecto AND o.numero = h.numero
                                                     AND o.de_numero = d.numero)))) AS desde
  FROM evidencia_turno v
 WHERE v.proyecto_id = :proyecto AND v.numero = :numero AND v.persona_id = :persona AND (cast(:ficha AS bigint) IS NULL OR v.ficha = :ficha AND v.ventana_hasta IS NULL)
 ORDER BY v.tomada DESC, v.ficha DESC LIMIT 1

-- nombre: tocado_antes
-- Lo que esa persona creó o cambió en cualquiera de sus turnos de la tarea, o de aquellas de las que viene. Con una ficha, sólo si sigue
-- vigente: quien perdió su turno ya no entrega.
SELECT DISTINCT c.tipo || c.osm_id AS clave
  FROM tarea_linaje(:proyecto, :numero) l
  JOIN evidencia_turno v ON v.proyecto_id = :proyecto AND v.numero = l.numero AND v.persona_id = :persona
  JOIN osm_cambio c ON c.origen = :origen AND c.uid = v.uid AND c.cuando >= v.ventana_desde
                   AND (v.ventana_hasta IS NULL OR c.cuando < v.ventana_hasta) AND c.accion IN ('crear', 'modificar')
 WHERE cast(:ficha AS bigint) IS NULL
    OR EXISTS (SELECT FROM evidencia_turno x WHERE x.proyecto_id = :proyecto AND x.numero = :numero AND x.persona_id = :persona
                                               AND x.ficha = :ficha AND x.ventana_hasta IS NULL)

-- nombre: dejados
-- Lo que esa persona ya dejó así con su razón en otra entrega de la tarea, y nadie le señaló después como error.
SELECT DISTINCT j.huella
  FROM tarea_linaje(:proyecto, :numero) l
  JOIN hallazgo_justificado j ON j.proyecto_id = :proyecto AND j.numero = l.numero AND j.persona_id = :persona
 WHERE NOT EXISTS (SELECT FROM senalamiento s
                     JOIN dictamen d ON d.retro_id = s.retro_id AND d.proyecto_id = s.proyecto_id AND d.numero = s.numero AND d.clase <> 'ciega'
                    WHERE s.proyecto_id = :proyecto AND s.numero IN (SELECT x.numero FROM tarea_linaje(:proyecto, :numero) x)
                      AND (s.huella = j.huella OR s.codigo = j.codigo AND (s.objeto IS NULL OR s.objeto = ANY (j.objetos))))

-- nombre: tocado_por
SELECT DISTINCT c.tipo || c.osm_id AS clave FROM osm_cambio c
 WHERE c.origen = :origen AND c.uid = :uid AND c.cuando >= :desde AND (cast(:hasta AS timestamptz) IS NULL OR c.cuando < :hasta) AND c.accion IN ('crear', 'modificar')

-- nombre: guardados
SELECT h.id, h.codigo, h.nivel, h.objetos, h.versiones, ST_X(h.lugar) AS lon, ST_Y(h.lugar) AS lat, ST_AsBinary(h.forma) AS forma, h.frase, h.datos,
       h.sugerencia, h.huella, h.visto
  FROM hallazgo h
 WHERE h.municipio_id = :municipio AND h.id > :desde AND (cast(:codigo AS text) IS NULL OR h.codigo = :codigo)
   AND (cast(:nivel AS smallint) IS NULL OR h.nivel = :nivel)
   AND (cast(:caja AS float8[]) IS NULL OR h.lugar && ST_MakeEnvelope((cast(:caja AS float8[]))[1], (cast(:caja AS float8[]))[2],
                                                                       (cast(:caja AS float8[]))[3], (cast(:caja AS float8[]))[4], 4326))
 ORDER BY CASE WHEN :por_nivel THEN h.nivel END, h.id LIMIT :limite

-- nombre: guardados_de_lugar
SELECT h.id, h.codigo, h.nivel, h.objetos, h.versiones, ST_X(h.lugar) AS lon, ST_Y(h.lugar) AS lat, ST_AsBinary(h.forma) AS forma, h.frase, h.datos,
       h.sugerencia, h.huella, h.visto
  FROM hallazgo h
 WHERE h.municipio_id = :municipio AND h.codigo = ANY(:codigos) AND ST_Intersects(h.lugar, ST_SetSRID(ST_GeomFromWKB(:zona), 4326))
 ORDER BY h.nivel, h.codigo, h.id

-- nombre: cuentas
SELECT codigo, nivel, count(*) AS cuantos FROM hallazgo WHERE municipio_id = :municipio GROUP BY codigo, nivel ORDER BY codigo, nivel

-- nombre: revision
SELECT version_reglas, hecha, entera, segundos, fallas, omitidos FROM revision WHERE municipio_id = :municipio
