-- nombre: cliente
SELECT id, nombre, redirecciones, secreto_huella FROM oauth_cliente WHERE id = :id

-- nombre: clientes
SELECT c.id, c.nombre, c.redirecciones, c.secreto_huella IS NOT NULL AS con_secreto, c.creado,
       (SELECT count(DISTINCT f.persona_id) FROM oauth_ficha f WHERE f.cliente_id = c.id AND f.vence > ahora()) AS personas
  FROM oauth_cliente c ORDER BY c.creado, c.id

-- nombre: asegurar_de_casa
INSERT INTO oauth_cliente (id, nombre, redirecciones) VALUES (:id, :nombre, '{}') ON CONFLICT (id) DO NOTHING

-- nombre: registrar_cliente
INSERT INTO oauth_cliente (id, nombre, redirecciones, secreto_huella) VALUES (:id, :nombre, :redirecciones, :secreto_huella)

-- nombre: borrar_cliente
DELETE FROM oauth_cliente WHERE id = :id RETURNING id

-- nombre: crear_codigo
-- FOR SHARE espera a quien en este instante dé de baja la cuenta, y entonces ya no encuentra la fila.
INSERT INTO oauth_codigo (huella, aula_id, persona_id, cliente_id, alcances, redireccion, reto, vence)
SELECT :huella, :aula, p.id, :cliente, :alcances, :redireccion, :reto, ahora() + make_interval(mins => :minutos)
  FROM (SELECT id FROM persona WHERE id = :persona AND activa AND NOT debe_cambiar_clave FOR SHARE) p
RETURNING vence

-- nombre: codigo
-- La fila es el turno: de dos que presenten el mismo código a la vez, la segunda ya lo ve usado.
SELECT huella, aula_id, persona_id, cliente_id, alcances, redireccion, reto, usado IS NOT NULL AS usado, vence <= ahora() AS vencido
  FROM oauth_codigo WHERE huella = :huella AND aula_id = :aula AND cliente_id = :cliente FOR UPDATE

-- nombre: gastar_codigo
UPDATE oauth_codigo SET usado = ahora() WHERE huella = :huella

-- nombre: retirar_de_codigo
DELETE FROM oauth_ficha WHERE codigo = :huella

-- nombre: crear_ficha
INSERT INTO oauth_ficha (huella, aula_id, persona_id, cliente_id, alcances, codigo, vence)
SELECT :huella, :aula, p.id, :cliente, :alcances, :codigo, ahora() + make_interval(hours => :horas)
  FROM (SELECT id FROM persona WHERE id = :persona AND activa AND NOT debe_cambiar_clave FOR SHARE) p
RETURNING vence

-- nombre: retirar_las_de_mas
DELETE FROM oauth_ficha WHERE huella IN (
    SELECT huella FROM oauth_ficha WHERE persona_id = :persona AND aula_id = :aula AND cliente_id = :cliente
     ORDER BY creada DESC, huella OFFSET :cuantas)

-- nombre: barrer
-- De a pocos y sin esperar a nadie: cada permiso nuevo paga la limpieza de los viejos.
WITH fichas AS (
    DELETE FROM oauth_ficha WHERE huella IN (
        SELECT huella FROM oauth_ficha WHERE vence < ahora() ORDER BY vence LIMIT 50 FOR UPDATE SKIP LOCKED))
DELETE FROM oauth_codigo WHERE huella IN (
    SELECT huella FROM oauth_codigo WHERE vence < ahora() - interval '1 day' ORDER BY vence LIMIT 50 FOR UPDATE SKIP LOCKED)

-- nombre: acceso
SELECT p.id, p.usuario, p.nombre, p.idioma, f.alcances,
       (SELECT array_agg(coalesce(pa.municipio_id::text, '') || ':' || pa.papel) FROM papel pa WHERE pa.persona_id = p.id) AS papeles
  FROM oauth_ficha f JOIN persona p ON p.id = f.persona_id
 WHERE f.huella = :huella AND f.aula_id = :aula AND f.vence > ahora() AND p.activa AND NOT p.debe_cambiar_clave

-- nombre: ficha
SELECT huella, cliente_id, alcances, persona_id, extract(epoch FROM creada)::bigint AS creada, extract(epoch FROM vence)::bigint AS vence
  FROM oauth_ficha WHERE huella = :huella AND aula_id = :aula

-- nombre: retirar_ficha
DELETE FROM oauth_ficha WHERE huella = :huella

-- nombre: aplicaciones
SELECT f.cliente_id, c.nombre, f.aula_id, a.nombre AS aula, m.nombre AS municipio, m.zona_horaria, min(f.creada) AS desde, max(f.vence) AS hasta,
       array(SELECT DISTINCT x FROM oauth_ficha g, unnest(g.alcances) x
              WHERE g.persona_id = :persona AND g.cliente_id = f.cliente_id AND g.aula_id = f.aula_id AND g.vence > ahora()) AS alcances
  FROM oauth_ficha f JOIN oauth_cliente c ON c.id = f.cliente_id JOIN aula a ON a.id = f.aula_id JOIN municipio m ON m.id = a.municipio_id
 WHERE f.persona_id = :persona AND f.vence > ahora()
 GROUP BY f.cliente_id, c.nombre, f.aula_id, a.nombre, m.nombre, m.zona_horaria
 ORDER BY c.nombre, a.nombre, f.aula_id

-- nombre: retirar_aplicacion
WITH fichas AS (DELETE FROM oauth_ficha WHERE persona_id = :persona AND aula_id = :aula AND cliente_id = :cliente RETURNING 1),
     codigos AS (DELETE FROM oauth_codigo WHERE persona_id = :persona AND aula_id = :aula AND cliente_id = :cliente AND usado IS NULL)
SELECT count(*) FROM fichas
