-- nombre: avisar
-- Sin correo, de baja o quien dijo «nunca»: el aviso sólo queda en el buzón.
INSERT INTO aviso (persona_id, clase, municipio_id, proyecto_id, numero, dictamen_id, datos, enlace, llave, correo)
SELECT p.id, :clase, :municipio, :proyecto, :numero, :dictamen, cast(:datos AS jsonb), :enlace, :llave,
       CASE WHEN p.activa AND p.correo IS NOT NULL AND coalesce(pa.correo, 'resumen') <> 'nunca' THEN 'pendiente' ELSE 'no' END
  FROM persona p LEFT JOIN persona_avisos pa ON pa.persona_id = p.id
 WHERE p.id = :persona
ON CONFLICT ON CONSTRAINT aviso_una_vez DO NOTHING
RETURNING id

-- nombre: marcar_leidos
UPDATE aviso SET leido = ahora()
 WHERE persona_id = :persona AND leido IS NULL
   AND (cast(:ids AS bigint[]) IS NULL OR id = ANY (cast(:ids AS bigint[])))
   AND (cast(:dictamen AS bigint) IS NULL OR dictamen_id = :dictamen)

-- nombre: abrir
-- Un solo viaje: lo marca, si hacía falta, y dice a dónde va.
WITH leido AS (UPDATE aviso SET leido = ahora() WHERE :marcar AND id = :id AND persona_id = :persona AND leido IS NULL)
SELECT enlace FROM aviso WHERE id = :id AND persona_id = :persona

-- nombre: campana
SELECT count(*) FROM (SELECT FROM aviso WHERE persona_id = :persona AND leido IS NULL LIMIT :tope) a

-- nombre: cuantos
SELECT count(*) AS todos, count(*) FILTER (WHERE leido IS NULL) AS sin_leer FROM aviso WHERE persona_id = :persona

-- nombre: avisos
SELECT a.id, a.clase, a.municipio_id, a.proyecto_id, a.numero, a.dictamen_id, a.datos, a.enlace, a.creado, a.leido,
       coalesce(pr.nombre, a.datos ->> 'proyecto', '') AS proyecto, coalesce(m.zona_horaria, :zona) AS zona,
       (SELECT ahora()) AS ahora, coalesce(t.estado IN (1, 2), false) AS ya_no
  FROM aviso a LEFT JOIN proyecto pr ON pr.id = a.proyecto_id LEFT JOIN municipio m ON m.id = a.municipio_id
  LEFT JOIN tarea t ON t.proyecto_id = a.proyecto_id AND t.numero = a.numero
 WHERE a.persona_id = :persona AND (NOT :sin_leer OR a.leido IS NULL)
   AND (cast(:antes_de AS bigint) IS NULL OR a.id < :antes_de)
 ORDER BY (:por_leer AND a.leido IS NULL) DESC, a.id DESC LIMIT :limite OFFSET :salto

-- nombre: para_correo
SELECT a.id, a.clase, a.proyecto_id, a.numero, a.datos, a.creado, coalesce(pr.nombre, a.datos ->> 'proyecto', '') AS proyecto,
       coalesce(m.zona_horaria, :zona) AS zona, (SELECT ahora()) AS ahora, coalesce(t.estado IN (1, 2), false) AS ya_no
  FROM aviso a LEFT JOIN proyecto pr ON pr.id = a.proyecto_id LEFT JOIN municipio m ON m.id = a.municipio_id
  LEFT JOIN tarea t ON t.proyecto_id = a.proyecto_id AND t.numero = a.numero
 WHERE a.persona_id = :persona AND a.id = ANY (cast(:ids AS bigint[])) AND a.leido IS NULL AND a.correo = 'puesto'
 ORDER BY a.id DESC

-- nombre: destinataria
SELECT p.id, p.usuario, p.nombre, p.correo, p.idioma FROM persona p LEFT JOIN persona_avisos pa ON pa.persona_id = p.id
 WHERE p.id = :persona AND p.activa AND p.correo IS NOT NULL AND coalesce(pa.correo, 'resumen') <> 'nunca'

-- nombre: preferencias
-- La zona es la del municipio del último aviso; sin avisos, la de donde la persona tiene un papel.
SELECT coalesce(pa.correo, 'resumen') AS correo, coalesce(pa.hora, :hora) AS hora, p.correo IS NOT NULL AS tiene_correo,
       coalesce((SELECT m.zona_horaria FROM aviso a JOIN municipio m ON m.id = a.municipio_id
                  WHERE a.persona_id = p.id ORDER BY a.id DESC LIMIT 1),
                (SELECT m.zona_horaria FROM papel r JOIN municipio m ON m.id = r.municipio_id
                  WHERE r.persona_id = p.id ORDER BY r.id DESC LIMIT 1), :zona) AS zona
  FROM persona p LEFT JOIN persona_avisos pa ON pa.persona_id = p.id WHERE p.id = :persona

-- nombre: guardar_preferencias
INSERT INTO persona_avisos (persona_id, correo, hora)
SELECT id, :correo, coalesce(cast(:hora AS smallint), :hora_comun) FROM persona WHERE id = :persona
ON CONFLICT (persona_id) DO UPDATE SET correo = excluded.correo, hora = coalesce(cast(:hora AS smallint), persona_avisos.hora)
RETURNING persona_id

-- nombre: callar_pendientes
UPDATE aviso SET correo = 'no' WHERE persona_id = :persona AND correo = 'pendiente'

-- nombre: poner_cada_uno
-- Los avisos seguidos de una persona van en un solo correo: sale cuando deja de haber nuevos, o cuando el primero ya esperó
-- bastante, y nunca pegado al anterior. El turno es la fila de la persona: el otro cartero se la salta, y al volver a mirarla ya
-- tiene un correo reciente.
WITH esperan AS (
    SELECT a.persona_id, min(a.id) AS primero FROM aviso a
     WHERE a.correo = 'pendiente' AND a.leido IS NULL AND a.creado > (SELECT ahora()) - make_interval(days => :dias)
     GROUP BY a.persona_id
    HAVING max(a.creado) <= (SELECT ahora()) - make_interval(secs => :reposo)
        OR min(a.creado) <= (SELECT ahora()) - make_interval(secs => :junta)),
tocan AS (
    SELECT pa.persona_id FROM persona_avisos pa JOIN esperan e ON e.persona_id = pa.persona_id
      JOIN persona p ON p.id = pa.persona_id AND p.activa AND p.correo IS NOT NULL
     WHERE pa.correo = 'cada_uno' AND (pa.ultimo_correo IS NULL OR pa.ultimo_correo <= (SELECT ahora()) - make_interval(secs => :junta))
     ORDER BY e.primero LIMIT :tope FOR UPDATE OF pa SKIP LOCKED),
turno AS (
    UPDATE persona_avisos pa SET ultimo_correo = (SELECT ahora()) FROM tocan t WHERE pa.persona_id = t.persona_id
    RETURNING pa.persona_id),
puestos AS (
    UPDATE aviso a SET correo = 'puesto' FROM turno t
     WHERE a.persona_id = t.persona_id AND a.correo = 'pendiente' AND a.leido IS NULL
       AND a.creado > (SELECT ahora()) - make_interval(days => :dias)
    RETURNING a.id, a.persona_id)
INSERT INTO correo_pendiente (clase, destino, idioma, datos)
SELECT 'aviso', p.correo, p.idioma, jsonb_build_object('persona', p.id, 'avisos', jsonb_agg(x.id ORDER BY x.id))
  FROM puestos x JOIN persona p ON p.id = x.persona_id GROUP BY p.id ORDER BY min(x.id)
RETURNING id

-- nombre: poner_resumenes
-- Le toca a quien tiene algo sin leer de antes de su última hora de resumen y todavía no lo ha recibido hoy. «Hoy» y la hora
-- son los de la zona del municipio de su aviso más nuevo (una que la base no entienda no detiene a las demás); el día se corta a
-- su hora, así que un cambio de horario no lo repite ni lo salta. Entre varios carteros gana el que escribe primero ultimo_resumen: los demás ya no la encuentran.
WITH quienes AS (
    SELECT a.persona_id, max(a.id) AS ultimo, min(a.creado) AS primero FROM aviso a
     WHERE a.correo = 'pendiente' AND a.leido IS NULL AND a.creado > (SELECT ahora()) - make_interval(days => :dias)
     GROUP BY a.persona_id),
locales AS (
    SELECT q.persona_id, q.primero, h.hora, z.zona, h.ultimo_resumen,
           cast(((SELECT ahora()) AT TIME ZONE z.zona) - make_interval(hours => h.hora) AS date) AS dia
      FROM quienes q JOIN persona p ON p.id = q.persona_id AND p.activa AND p.correo IS NOT NULL
      LEFT JOIN persona_avisos pa ON pa.persona_id = q.persona_id
      JOIN aviso u ON u.id = q.ultimo LEFT JOIN municipio m ON m.id = u.municipio_id
     CROSS JOIN LATERAL (SELECT zona_o(m.zona_horaria, :zona) AS zona) z
     CROSS JOIN LATERAL (SELECT cast(coalesce(pa.hora, :hora) AS integer) AS hora, pa.ultimo_resumen) h
     WHERE coalesce(pa.correo, 'resumen') = 'resumen'),
tocan AS (
    SELECT persona_id, dia FROM locales
     WHERE primero <= (dia + make_interval(hours => hora)) AT TIME ZONE zona
       AND (ultimo_resumen IS NULL OR ultimo_resumen < dia)
     ORDER BY persona_id LIMIT :tope),
turno AS (
    INSERT INTO persona_avisos (persona_id, ultimo_resumen) SELECT persona_id, dia FROM tocan ORDER BY persona_id
    ON CONFLICT (persona_id) DO UPDATE SET ultimo_resumen = excluded.ultimo_resumen
     WHERE persona_avisos.correo = 'resumen'
       AND (persona_avisos.ultimo_resumen IS NULL OR persona_avisos.ultimo_resumen < excluded.ultimo_resumen)
    RETURNING persona_id),
puestos AS (
    UPDATE aviso a SET correo = 'puesto' FROM turno t
     WHERE a.persona_id = t.persona_id AND a.correo = 'pendiente' AND a.leido IS NULL
       AND a.creado > (SELECT ahora()) - make_interval(days => :dias)
    RETURNING a.id, a.persona_id)
INSERT INTO correo_pendiente (clase, destino, idioma, datos)
SELECT 'resumen', p.correo, p.idioma, jsonb_build_object('persona', p.id, 'avisos', jsonb_agg(x.id ORDER BY x.id))
  FROM puestos x JOIN persona p ON p.id = x.persona_id GROUP BY p.id
RETURNING id

-- nombre: zonas_desconocidas
SELECT zona_horaria, count(*) AS municipios FROM municipio GROUP BY zona_horaria
HAVING zona_o(zona_horaria, NULL) IS NULL ORDER BY zona_horaria

-- nombre: devolver_abandonados
-- Antes de que el barrido borre los correos que no salieron: sus avisos sin leer vuelven a esperar el siguiente resumen.
UPDATE aviso SET correo = 'pendiente'
 WHERE correo = 'puesto' AND leido IS NULL
   AND id IN (SELECT cast(jsonb_array_elements_text(c.datos -> 'avisos') AS bigint) FROM correo_pendiente c
               WHERE c.clase IN ('aviso', 'resumen') AND c.creado < (SELECT ahora()) - interval '1 day')

-- nombre: barrer_avisos
DELETE FROM aviso
 WHERE creado < (SELECT ahora()) - make_interval(days => :sin_leer) OR leido < (SELECT ahora()) - make_interval(days => :leido)
