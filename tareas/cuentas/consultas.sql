-- nombre: actor
SELECT p.id, p.usuario, p.nombre, p.idioma, p.debe_cambiar_clave,
       (SELECT array_agg(coalesce(pa.municipio_id::text, '') || ':' || pa.papel) FROM papel pa WHERE pa.persona_id = p.id) AS papeles
  FROM sesion s JOIN persona p ON p.id = s.persona_id
 WHERE s.huella = :huella AND s.vence > ahora() AND p.activa

-- nombre: credencial
SELECT id, usuario, clave_hash, activa FROM persona WHERE lower(usuario) = lower(:usuario)

-- nombre: cuenta
SELECT p.id, p.usuario, p.nombre, p.correo, p.idioma, p.activa, p.debe_cambiar_clave, p.creada, p.clave_hash IS NOT NULL AS tiene_clave,
       (SELECT count(*) FROM sesion s WHERE s.persona_id = p.id AND s.vence > ahora()) AS sesiones
  FROM persona p WHERE p.id = :persona

-- nombre: papeles
SELECT pa.id, pa.papel, pa.municipio_id, m.clave AS municipio_clave, m.nombre AS municipio, pa.otorgado
  FROM papel pa LEFT JOIN municipio m ON m.id = pa.municipio_id
 WHERE pa.persona_id = :persona
 ORDER BY m.nombre NULLS FIRST, array_position(ARRAY['administrador', 'funcionario', 'capacitador', 'validador', 'mapeador'], pa.papel)

-- nombre: cuantas_personas
SELECT count(*) FROM persona p
 WHERE (cast(:municipios AS bigint[]) IS NULL
        OR EXISTS (SELECT FROM papel x WHERE x.persona_id = p.id AND x.municipio_id = ANY (cast(:municipios AS bigint[]))))
   AND position(sin_acentos(:texto) IN sin_acentos(p.usuario || ' ' || p.nombre)) > 0

-- nombre: personas
SELECT p.id, p.usuario, p.nombre, p.activa, p.debe_cambiar_clave,
       (SELECT coalesce(json_agg(json_build_object('papel', pa.papel, 'municipio', m.nombre) ORDER BY m.nombre NULLS FIRST, pa.id), '[]')
          FROM papel pa LEFT JOIN municipio m ON m.id = pa.municipio_id
         WHERE pa.persona_id = p.id
           AND (cast(:municipios AS bigint[]) IS NULL OR pa.municipio_id = ANY (cast(:municipios AS bigint[])))) AS papeles
  FROM persona p
 WHERE (cast(:municipios AS bigint[]) IS NULL
        OR EXISTS (SELECT FROM papel x WHERE x.persona_id = p.id AND x.municipio_id = ANY (cast(:municipios AS bigint[]))))
   AND position(sin_acentos(:texto) IN sin_acentos(p.usuario || ' ' || p.nombre)) > 0
 ORDER BY p.activa DESC, lower(p.nombre), p.id
 LIMIT :cuantas OFFSET :desde

-- nombre: municipios
SELECT m.id, m.clave, m.nombre, m.entidad FROM municipio m
 WHERE CASE WHEN cast(:municipios AS bigint[]) IS NULL
            THEN EXISTS (SELECT FROM papel pa WHERE pa.municipio_id = m.id) OR EXISTS (SELECT FROM proyecto pr WHERE pr.municipio_id = m.id)
            ELSE m.id = ANY (cast(:municipios AS bigint[])) END
 ORDER BY m.nombre, m.clave LIMIT 200

-- nombre: municipio_por_texto
SELECT id, clave, nombre, entidad, clave = :texto AS exacta FROM municipio
 WHERE clave = :texto OR sin_acentos(nombre) = sin_acentos(:texto)
 ORDER BY clave = :texto DESC, clave LIMIT 6

-- nombre: ocupados
SELECT lower(usuario) FROM persona
 WHERE lower(usuario) = ANY (cast(:exactos AS text[]))
    OR EXISTS (SELECT FROM unnest(cast(:prefijos AS text[])) AS x WHERE starts_with(lower(usuario), x))

-- nombre: crear_persona
INSERT INTO persona (usuario, nombre, correo, clave_hash, idioma, debe_cambiar_clave)
VALUES (:usuario, :nombre, :correo, :clave_hash, :idioma, :debe_cambiar) RETURNING id

-- nombre: cambiar_datos
UPDATE persona SET nombre = :nombre, idioma = :idioma WHERE id = :persona RETURNING id

-- nombre: cambiar_idioma
UPDATE persona SET idioma = :idioma WHERE id = :persona

-- nombre: cambiar_correo
UPDATE persona p SET correo = :correo FROM (SELECT id, correo FROM persona WHERE id = :persona FOR UPDATE) antes
 WHERE p.id = antes.id RETURNING antes.correo AS anterior, p.usuario, p.idioma

-- nombre: cambiar_clave
UPDATE persona SET clave_hash = :clave_hash, debe_cambiar_clave = :debe_cambiar WHERE id = :persona
RETURNING usuario, correo, idioma

-- nombre: cifrar_de_nuevo
UPDATE persona SET clave_hash = :nueva WHERE id = :persona AND clave_hash = :vieja

-- nombre: activar
UPDATE persona SET activa = :activa WHERE id = :persona RETURNING id

-- nombre: dar_papel
INSERT INTO papel (persona_id, municipio_id, papel, otorgado_por) VALUES (:persona, :municipio, :papel, :otorgado_por) RETURNING id

-- nombre: quitar_papel
DELETE FROM papel WHERE persona_id = :persona AND municipio_id IS NOT DISTINCT FROM :municipio AND papel = :papel RETURNING id

-- nombre: abrir_sesion
-- FOR SHARE espera a quien en este instante dé de baja la cuenta o cambie su clave, y entonces ya no encuentra la fila.
INSERT INTO sesion (huella, persona_id, via, vence)
SELECT :huella, p.id, :via, ahora() + make_interval(hours => :horas)
  FROM (SELECT id FROM persona WHERE id = :persona AND activa AND clave_hash IS NOT DISTINCT FROM :clave_hash FOR SHARE) p
RETURNING vence

-- nombre: cerrar_sesion
DELETE FROM sesion WHERE huella = :huella RETURNING persona_id

-- nombre: cerrar_sesiones
DELETE FROM sesion WHERE persona_id = :persona AND huella IS DISTINCT FROM cast(:salvo AS bytea)

-- nombre: de_correo
SELECT id, usuario, nombre FROM persona WHERE lower(correo) = lower(:correo) AND activa ORDER BY id LIMIT 20

-- nombre: crear_enlace
INSERT INTO restablecimiento (huella, persona_id, vence) VALUES (:huella, :persona, ahora() + make_interval(hours => :horas))

-- nombre: enlace_vigente
SELECT p.id, p.usuario FROM restablecimiento r JOIN persona p ON p.id = r.persona_id
 WHERE r.huella = :huella AND r.usado IS NULL AND r.vence > ahora() AND p.activa

-- nombre: usar_enlace
UPDATE restablecimiento r SET usado = ahora() FROM persona p
 WHERE r.huella = :huella AND r.usado IS NULL AND r.vence > ahora() AND p.id = r.persona_id AND p.activa
RETURNING r.persona_id

-- nombre: anular_enlaces
UPDATE restablecimiento SET usado = ahora() WHERE persona_id = :persona AND usado IS NULL

-- nombre: turno_de_intentos
-- En orden, para que dos peticiones con los mismos asuntos no se esperen en círculo.
SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT unnest(cast(:candados AS bigint[])) AS k ORDER BY k) AS t

-- nombre: espera
SELECT cast(ceil(extract(epoch FROM cuando - (SELECT ahora())) + :ventana) AS integer)
  FROM intento_de_entrada
 WHERE asunto = :asunto AND cuando > (SELECT ahora()) - make_interval(secs => :ventana)
 ORDER BY cuando DESC OFFSET :anteriores LIMIT 1

-- nombre: anotar_intentos
INSERT INTO intento_de_entrada (asunto) SELECT unnest(cast(:asuntos AS bytea[])) RETURNING id

-- nombre: perdonar_intentos
DELETE FROM intento_de_entrada WHERE id = ANY (cast(:intentos AS bigint[])) OR asunto = :asunto

-- nombre: barrer_intentos
-- De a pocos y sin esperar a nadie: cada intento paga la limpieza de los viejos.
DELETE FROM intento_de_entrada WHERE id IN (
    SELECT id FROM intento_de_entrada WHERE cuando < (SELECT ahora()) - make_interval(secs => :ventana)
     ORDER BY cuando LIMIT 50 FOR UPDATE SKIP LOCKED)

-- nombre: barrer_sesiones
DELETE FROM sesion WHERE vence < ahora()

-- nombre: barrer_enlaces
DELETE FROM restablecimiento WHERE vence < ahora() - interval '1 day'

-- nombre: barrer_correos
DELETE FROM correo_pendiente WHERE creado < ahora() - interval '1 day'

-- nombre: encolar_correo
INSERT INTO correo_pendiente (clase, destino, idioma, datos) VALUES (:clase, :destino, :idioma, cast(:datos AS jsonb))

-- nombre: tomar_correo
-- Tomarlo es aplazarlo: si este proceso muere, otro lo vuelve a encontrar cuando pase el plazo.
UPDATE correo_pendiente SET intentos = intentos + 1, siguiente = ahora() + make_interval(mins => 10)
 WHERE id = (SELECT id FROM correo_pendiente WHERE siguiente <= (SELECT ahora()) AND intentos < :maximo
              ORDER BY siguiente LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, clase, destino, idioma, datos, intentos

-- nombre: correo_enviado
DELETE FROM correo_pendiente WHERE id = :id

-- nombre: aplazar_correo
UPDATE correo_pendiente SET siguiente = ahora() + make_interval(secs => :espera), error = left(:error, 200) WHERE id = :id

-- nombre: correos_en_espera
SELECT count(*) FROM correo_pendiente WHERE intentos < :maximo
