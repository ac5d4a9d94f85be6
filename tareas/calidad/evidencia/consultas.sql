-- nombre: turno
-- Lo asentado si ya lo está; si no, se cuenta ahora. De quien no se sabe la cuenta no se cuenta nada: queda NULL.
SELECT v.proyecto_id AS proyecto, v.numero, v.ficha, v.persona_id, p.usuario, p.nombre, v.tomada, v.hasta, v.final, v.paso, v.a, v.motivo,
       coalesce(e.origen, v.origen) AS origen, coalesce(e.uid, v.uid) AS uid, v.ventana_desde, v.ventana_hasta,
       e.ficha IS NOT NULL AS firme, e.recontable, c.*
  FROM evidencia_turno v
  JOIN persona p ON p.id = v.persona_id
  JOIN tarea t ON t.proyecto_id = v.proyecto_id AND t.numero = v.numero
  LEFT JOIN evidencia e ON e.proyecto_id = v.proyecto_id AND e.numero = v.numero AND e.ficha = v.ficha
  LEFT JOIN LATERAL (
      SELECT {cuentas:e} WHERE e.ficha IS NOT NULL
      UNION ALL
      SELECT {cuentas:k} FROM evidencia_cuenta(t.geom, v.origen, v.uid, v.ventana_desde, coalesce(v.ventana_hasta, 'infinity'), v.tomada) k
       WHERE e.ficha IS NULL AND v.uid IS NOT NULL) c ON true

-- nombre: de_tarea
{turno} WHERE v.proyecto_id = :proyecto AND v.numero IN (SELECT l.numero FROM tarea_linaje(:proyecto, :numero) l) ORDER BY v.tomada, v.ficha

-- nombre: de_persona
-- Sus últimos turnos con entrega, en un proyecto o en todos.
{turno} WHERE v.persona_id = :persona AND v.final = 'entrega' AND (cast(:proyecto AS bigint) IS NULL OR v.proyecto_id = :proyecto)
 ORDER BY v.hasta DESC, v.paso DESC LIMIT :limite

-- nombre: de_proyecto
{turno} WHERE v.proyecto_id = :proyecto ORDER BY v.numero, v.tomada LIMIT :limite OFFSET :salto

-- nombre: origen
SELECT CASE WHEN p.aula_id IS NOT NULL THEN p.aula_id WHEN evidencia_en_lo_seguido(p.servidor_osm) THEN 0 END AS origen, p.servidor_osm, p.aula_id
  FROM proyecto p WHERE p.id = :proyecto

-- nombre: origenes
SELECT DISTINCT CASE WHEN p.aula_id IS NOT NULL THEN p.aula_id ELSE 0 END AS origen
  FROM proyecto p WHERE (p.aula_id IS NOT NULL OR evidencia_en_lo_seguido(p.servidor_osm)) AND (cast(:proyecto AS bigint) IS NULL OR p.id = :proyecto)
 ORDER BY 1

-- nombre: asentar
SELECT evidencia_asentar(:origen, :desde, :hasta, :proyecto, :numero, :espera)

-- nombre: datos_desde
-- Importar un archivo no anota cambios: de lo anterior al último que dice de cuándo es, no se sabe qué pasó. Si ninguno lo dice y se
-- sigue un flujo, se sabe desde el primer cambio anotado.
SELECT CASE WHEN :origen = 0 THEN coalesce((SELECT max(momento) FROM osm_importacion WHERE modo = 'importar'),
                    CASE WHEN EXISTS (SELECT FROM osm_flujo WHERE clase = 'objetos')
                         THEN (SELECT cuando FROM osm_cambio WHERE origen = 0 AND cuando IS NOT NULL ORDER BY id LIMIT 1) END) END

-- nombre: objetos
SELECT o.tipo, o.osm_id, o.version, o.accion, o.vertice, o.clase, o.clase_antes, o.etiquetas, o.etiquetas_antes, o.conjunto, o.cuando,
       o.dentro, o.metros_fuera, o.edificios, o.metros, o.puntos, o.forma, o.total,
       ST_AsGeoJSON(CASE WHEN ST_NPoints(o.geom) > 400 AND o.dentro THEN ST_ClipByBox2D(o.geom, ST_Expand(o.zona, 0.002)::box2d) ELSE o.geom END, 7)
           ::json AS geometria,
       ST_AsGeoJSON(CASE WHEN ST_NPoints(o.geom_antes) > 400 AND o.dentro THEN ST_ClipByBox2D(o.geom_antes, ST_Expand(o.zona, 0.002)::box2d)
                         ELSE o.geom_antes END, 7)::json AS geometria_antes
  FROM (SELECT x.*, t.geom AS zona, count(*) OVER () AS total
          FROM tarea t CROSS JOIN LATERAL evidencia_objetos(t.geom, :origen, :uid, :desde, coalesce(cast(:hasta AS timestamptz), 'infinity')) x
         WHERE t.proyecto_id = :proyecto AND t.numero = :numero
         ORDER BY coalesce(x.metros_fuera, 0) DESC, x.vertice, x.tipo DESC, x.osm_id LIMIT :limite OFFSET :salto) o

-- nombre: por_persona
-- Sin la vista de turnos: recorre una vez las entregas y lo asentado del proyecto.
WITH entregas AS (
    SELECT h.persona_id, h.numero, h.ficha, h.a, coalesce(m.motivo, h.motivos[1]) AS motivo
      FROM historial h LEFT JOIN evidencia_motivo m ON m.paso_id = h.id
     WHERE h.proyecto_id = :proyecto AND h.accion = 'entrega'
), juntas AS (
    SELECT coalesce(h.persona_id, e.persona_id) AS persona_id, h.ficha IS NOT NULL AS entrega, e.ficha IS NOT NULL AS firme, h.a, h.motivo,
           e.edificios, e.metros_vias, e.puntos, e.vertices_movidos, e.segundos_edicion, e.lejos_m, e.fuera_aparte,
           e.dentro_creados + e.dentro_modificados + e.dentro_borrados AS objetos,
           e.fuera_creados + e.fuera_modificados + e.fuera_borrados AS fuera,
           e.dentro_creados + e.dentro_modificados + e.dentro_borrados + e.vertices_movidos + e.sin_lugar = 0 AS nada
      FROM entregas h
      FULL JOIN (SELECT * FROM evidencia WHERE proyecto_id = :proyecto) e ON e.numero = h.numero AND e.ficha = h.ficha
)
SELECT j.persona_id, p.usuario, p.nombre, count(*) FILTER (WHERE j.entrega) AS entregas,
       count(*) FILTER (WHERE j.entrega AND j.firme) AS firmes,
       NOT q.se_sabe AS desconocida,
       coalesce(sum(j.edificios), 0) AS edificios, coalesce(sum(j.metros_vias), 0) AS metros_vias, coalesce(sum(j.puntos), 0) AS puntos,
       coalesce(sum(j.objetos), 0) AS objetos, coalesce(sum(j.fuera), 0) AS fuera, coalesce(sum(j.vertices_movidos), 0) AS vertices_movidos,
       sum(j.segundos_edicion) AS segundos_edicion,
       count(*) FILTER (WHERE j.entrega AND j.firme AND j.nada AND j.a = 1 AND j.motivo IS NULL) AS sin_cambios,
       count(*) FILTER (WHERE j.entrega AND j.motivo IS NOT NULL) AS con_motivo,
       count(*) FILTER (WHERE j.fuera_aparte > :parte * (j.objetos + j.fuera) OR j.lejos_m > :metros) AS avisos_fuera
  FROM juntas j
  JOIN persona p ON p.id = j.persona_id
 CROSS JOIN LATERAL (
      SELECT y.aula_id IS NOT NULL OR EXISTS (SELECT FROM cuenta_osm c WHERE c.persona_id = p.id AND c.servidor = y.servidor_osm) AS se_sabe
        FROM proyecto y WHERE y.id = :proyecto) q
 GROUP BY j.persona_id, p.usuario, p.nombre, q.se_sabe
 ORDER BY lower(p.nombre), p.usuario

-- nombre: diferencias
SELECT * FROM evidencia_diferencias(:proyecto)

-- nombre: decir_motivo
INSERT INTO evidencia_motivo (paso_id, motivo)
SELECT h.id, :motivo FROM historial h
 WHERE h.id = :paso
RETURNING paso_id

-- nombre: entrega_por_explicar
SELECT h.id AS paso, h.ficha, h.persona_id, coalesce(m.motivo, h.motivos[1]) AS motivo
  FROM historial h LEFT JOIN evidencia_motivo m ON m.paso_id = h.id
 WHERE h.proyecto_id = :proyecto AND h.numero = :numero AND h.accion = 'entrega' AND (cast(:ficha AS bigint) IS NULL OR h.ficha = :ficha)
 ORDER BY h.persona_id = :persona DESC, h.id DESC LIMIT 1
