-- nombre: buscar
-- Los parecidos (errores de dedo) sólo cuentan si nada contiene lo que se escribió.
WITH busqueda AS (
         SELECT t, '%' || regexp_replace(t, '([\\%_])', '\\\1', 'g') || '%' AS patron FROM sin_acentos(:texto) AS t),
     literal AS (SELECT m.id FROM municipio m, busqueda b WHERE m.texto_busqueda LIKE b.patron),
     hallado AS (
         SELECT id FROM literal
         UNION ALL
         SELECT m.id FROM municipio m, busqueda b WHERE b.t <% m.texto_busqueda AND NOT EXISTS (SELECT FROM literal))
SELECT m.id, m.clave, m.nombre, m.entidad, m.pais, m.poblacion, m.area_m2, m.caja, m.zona_horaria, m.ficticio,
       count(*) OVER () AS total
  FROM hallado JOIN municipio m USING (id), busqueda b
 ORDER BY m.clave = b.t DESC,
          sin_acentos(m.nombre) = b.t DESC,
          starts_with(m.texto_busqueda, b.t) DESC,
          strpos(' ' || m.texto_busqueda, ' ' || b.t) > 0 DESC,
          CASE WHEN m.texto_busqueda LIKE b.patron THEN 1 ELSE word_similarity(b.t, m.texto_busqueda) END DESC,
          coalesce(m.poblacion, 0) DESC, m.nombre, m.id
 LIMIT :limite OFFSET :salto

-- nombre: por_id
SELECT m.id, m.clave, m.nombre, m.entidad, m.pais, m.poblacion, m.area_m2, m.caja, m.zona_horaria, m.fuente, m.ficticio,
       m.actualizado
  FROM municipio m
 WHERE m.id = :id

-- nombre: por_clave
SELECT m.id, m.clave, m.nombre, m.entidad, m.pais, m.poblacion, m.area_m2, m.caja, m.zona_horaria, m.fuente, m.ficticio,
       m.actualizado
  FROM municipio m
 WHERE m.clave = :clave

-- nombre: limite_wkb
SELECT ST_AsBinary(limite) FROM municipio WHERE id = :id

-- nombre: limite_geojson
SELECT ST_AsGeoJSON(CASE WHEN :tolerancia > 0 THEN ST_SimplifyPreserveTopology(limite, :tolerancia) ELSE limite END, 7)
  FROM municipio WHERE id = :id

-- nombre: comparar
SELECT e.clave, CASE WHEN m.id IS NULL THEN 'nuevo' WHEN m.huella = e.huella THEN 'igual' ELSE 'cambiado' END
  FROM limite_por_importar e LEFT JOIN municipio m ON m.clave = e.clave

-- nombre: guardar
INSERT INTO municipio AS m (clave, nombre, entidad, pais, poblacion, zona_horaria, limite, area_m2, huella, fuente)
SELECT clave, nombre, entidad, pais, poblacion, zona_horaria, limite, area_m2, huella, fuente FROM limite_por_importar
 ORDER BY clave
    ON CONFLICT ON CONSTRAINT municipio_clave_unica DO UPDATE
   SET nombre = excluded.nombre, entidad = excluded.entidad, pais = excluded.pais, poblacion = excluded.poblacion,
       zona_horaria = excluded.zona_horaria, limite = excluded.limite, area_m2 = excluded.area_m2,
       huella = excluded.huella, fuente = excluded.fuente, actualizado = ahora()
 WHERE m.huella <> excluded.huella
