"""Tablas de cuentas, municipios, proyectos y mapeo."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Siempre queda una persona activa que administre toda la instalación. El candado hace esperar a quien quite el papel (o
# dé de baja) a otra al mismo tiempo; la consulta de después ya ve lo que aquella confirmó.
QUEDA_ADMINISTRADOR = """
CREATE FUNCTION papel_queda_administrador() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(817010);
    IF NOT EXISTS (SELECT FROM papel pa JOIN persona p ON p.id = pa.persona_id
                    WHERE pa.papel = 'administrador' AND pa.municipio_id IS NULL AND p.activa)
       AND (TG_TABLE_NAME = 'papel' OR EXISTS (
            SELECT FROM papel pa WHERE pa.persona_id = OLD.id AND pa.papel = 'administrador' AND pa.municipio_id IS NULL)) THEN
        RAISE EXCEPTION 'nadie administraria la instalacion' USING ERRCODE = 'check_violation', CONSTRAINT = 'papel_queda_administrador';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "intento_de_entrada",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asunto", sa.LargeBinary(), nullable=False),
        sa.Column("cuando", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="intento_de_entrada_pk"),
    )
    op.create_index("intento_de_entrada_asunto_cuando_idx", "intento_de_entrada", ["asunto", "cuando"], unique=False)
    op.create_index("intento_de_entrada_cuando_idx", "intento_de_entrada", ["cuando"], unique=False)
    op.create_table(
        "correo_pendiente",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("clase", sa.Text(), nullable=False),
        sa.Column("destino", sa.Text(), nullable=False),
        sa.Column("idioma", sa.Text(), server_default="es", nullable=False),
        sa.Column("datos", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("intentos", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("siguiente", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("creado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "clase IN ('restablecer', 'correo_cambiado', 'clave_cambiada')",
            name=op.f("correo_pendiente_clase_conocida"),
        ),
        sa.CheckConstraint("idioma IN ('es', 'en')", name=op.f("correo_pendiente_idioma_conocido")),
        sa.CheckConstraint("char_length(destino) <= 320", name=op.f("correo_pendiente_destino_largo")),
        sa.PrimaryKeyConstraint("id", name="correo_pendiente_pk"),
    )
    op.create_index("correo_pendiente_siguiente_idx", "correo_pendiente", ["siguiente"], unique=False)
    op.create_geospatial_table(
        "municipio",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("clave", sa.Text(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("entidad", sa.Text(), server_default="", nullable=False),
        sa.Column("pais", sa.Text(), server_default="MX", nullable=False),
        sa.Column("poblacion", sa.Integer(), nullable=True),
        sa.Column("zona_horaria", sa.Text(), server_default="America/Mexico_City", nullable=False),
        sa.Column(
            "limite",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "caja",
            sa.ARRAY(sa.Double()),
            sa.Computed("ARRAY[ST_XMin(limite), ST_YMin(limite), ST_XMax(limite), ST_YMax(limite)]", persisted=True),
            nullable=False,
        ),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("huella", sa.LargeBinary(), nullable=False),
        sa.Column("fuente", sa.Text(), server_default="", nullable=False),
        sa.Column("ficticio", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "texto_busqueda",
            sa.Text(),
            sa.Computed("sin_acentos(nombre || ' ' || entidad || ' ' || clave)", persisted=True),
            nullable=False,
        ),
        sa.Column("actualizado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("char_length(clave) BETWEEN 1 AND 60", name=op.f("municipio_clave_larga")),
        sa.CheckConstraint("char_length(nombre) BETWEEN 1 AND 200", name=op.f("municipio_nombre_largo")),
        sa.PrimaryKeyConstraint("id", name="municipio_pk"),
        sa.UniqueConstraint("clave", name="municipio_clave_unica"),
    )
    op.create_geospatial_index(
        "municipio_limite_idx", "municipio", ["limite"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(
        "municipio_texto_busqueda_idx",
        "municipio",
        ["texto_busqueda"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"texto_busqueda": "gin_trgm_ops"},
    )
    op.create_table(
        "persona",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("usuario", sa.Text(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("correo", sa.Text(), nullable=True),
        sa.Column("clave_hash", sa.Text(), nullable=True),
        sa.Column("idioma", sa.Text(), server_default="es", nullable=False),
        sa.Column("activa", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("debe_cambiar_clave", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("creada", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("idioma IN ('es', 'en')", name=op.f("persona_idioma_conocido")),
        sa.CheckConstraint("usuario ~ '^[^\\s/@]{3,40}$'", name=op.f("persona_usuario_valido")),
        sa.CheckConstraint("char_length(nombre) BETWEEN 1 AND 120", name=op.f("persona_nombre_largo")),
        sa.PrimaryKeyConstraint("id", name="persona_pk"),
    )
    op.create_index("persona_correo_idx", "persona", [sa.literal_column("lower(correo)")], unique=False)
    op.create_index("persona_usuario_unico", "persona", [sa.literal_column("lower(usuario)")], unique=True)
    op.create_table(
        "idempotencia",
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("clave", sa.Text(), nullable=False),
        sa.Column("huella", sa.LargeBinary(), nullable=False),
        sa.Column("codigo_http", sa.Integer(), nullable=False),
        sa.Column("cuerpo", sa.Text(), nullable=False),
        sa.Column("creada", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("char_length(clave) BETWEEN 1 AND 200", name=op.f("idempotencia_clave_larga")),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="idempotencia_persona_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("persona_id", "clave", name="idempotencia_pk"),
    )
    op.create_index("idempotencia_creada_idx", "idempotencia", ["creada"], unique=False)
    op.create_table(
        "papel",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=True),
        sa.Column("papel", sa.Text(), nullable=False),
        sa.Column("otorgado_por", sa.BigInteger(), nullable=True),
        sa.Column("otorgado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint(
            "papel IN ('mapeador', 'validador', 'capacitador', 'funcionario', 'administrador')",
            name=op.f("papel_conocido"),
        ),
        sa.ForeignKeyConstraint(["municipio_id"], ["municipio.id"], name="papel_municipio_id_fk"),
        sa.ForeignKeyConstraint(["otorgado_por"], ["persona.id"], name="papel_otorgado_por_fk"),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="papel_persona_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="papel_pk"),
        sa.UniqueConstraint(
            "persona_id", "municipio_id", "papel", name="papel_unico", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_index("papel_municipio_id_idx", "papel", ["municipio_id"], unique=False)
    op.execute(QUEDA_ADMINISTRADOR)
    op.execute("""
        CREATE TRIGGER papel_queda_administrador AFTER DELETE OR UPDATE ON papel FOR EACH ROW
          WHEN (OLD.papel = 'administrador' AND OLD.municipio_id IS NULL) EXECUTE FUNCTION papel_queda_administrador()
    """)
    op.execute("""
        CREATE TRIGGER persona_queda_administrador AFTER UPDATE OF activa ON persona FOR EACH ROW
          WHEN (OLD.activa AND NOT NEW.activa) EXECUTE FUNCTION papel_queda_administrador()
    """)
    op.create_geospatial_table(
        "proyecto",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("descripcion", sa.Text(), server_default="", nullable=False),
        sa.Column("instrucciones", sa.Text(), server_default="", nullable=False),
        sa.Column("estado", sa.Text(), server_default="borrador", nullable=False),
        sa.Column("visibilidad", sa.Text(), server_default="publica", nullable=False),
        sa.Column(
            "area",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "caja",
            sa.ARRAY(sa.Double()),
            sa.Computed("ARRAY[ST_XMin(area), ST_YMin(area), ST_XMax(area), ST_YMax(area)]", persisted=True),
            nullable=False,
        ),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("division", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("prioridad", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("imagenes", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("comentario_conjunto", sa.Text(), server_default="", nullable=False),
        sa.Column("etiquetas_conjunto", sa.Text(), server_default="", nullable=False),
        sa.Column("minutos_bloqueo", sa.Integer(), server_default="120", nullable=False),
        sa.Column("tareas_total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version_osm", sa.BigInteger(), nullable=True),
        sa.Column("creado_por", sa.BigInteger(), nullable=True),
        sa.Column("creado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("publicado", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archivado", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "texto_busqueda",
            sa.Text(),
            sa.Computed("sin_acentos(nombre || ' ' || descripcion)", persisted=True),
            nullable=False,
        ),
        sa.CheckConstraint("estado IN ('borrador', 'publicado', 'archivado')", name=op.f("proyecto_estado_conocido")),
        sa.CheckConstraint("visibilidad IN ('publica', 'privada')", name=op.f("proyecto_visibilidad_conocida")),
        sa.CheckConstraint(
            "char_length(descripcion) <= 20000 AND char_length(instrucciones) <= 20000",
            name=op.f("proyecto_texto_largo"),
        ),
        sa.CheckConstraint("char_length(nombre) BETWEEN 3 AND 200", name=op.f("proyecto_nombre_largo")),
        sa.CheckConstraint("minutos_bloqueo BETWEEN 5 AND 1440", name=op.f("proyecto_minutos_bloqueo_razonables")),
        sa.CheckConstraint("tareas_total BETWEEN 0 AND 200000", name=op.f("proyecto_tareas_maximas")),
        sa.ForeignKeyConstraint(["creado_por"], ["persona.id"], name="proyecto_creado_por_fk"),
        sa.ForeignKeyConstraint(["municipio_id"], ["municipio.id"], name="proyecto_municipio_id_fk"),
        sa.PrimaryKeyConstraint("id", name="proyecto_pk"),
    )
    op.create_geospatial_index(
        "proyecto_area_idx", "proyecto", ["area"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("proyecto_municipio_id_idx", "proyecto", ["municipio_id"], unique=False)
    op.create_index(
        "proyecto_texto_busqueda_idx",
        "proyecto",
        ["texto_busqueda"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"texto_busqueda": "gin_trgm_ops"},
    )
    op.create_table(
        "restablecimiento",
        sa.Column("huella", sa.LargeBinary(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("creado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("vence", sa.DateTime(timezone=True), nullable=False),
        sa.Column("usado", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["persona_id"], ["persona.id"], name="restablecimiento_persona_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("huella", name="restablecimiento_pk"),
    )
    op.create_index("restablecimiento_persona_id_idx", "restablecimiento", ["persona_id"], unique=False)
    op.create_table(
        "sesion",
        sa.Column("huella", sa.LargeBinary(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("creada", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("vence", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("via IN ('web', 'api')", name=op.f("sesion_via_conocida")),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="sesion_persona_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("huella", name="sesion_pk"),
    )
    op.create_index("sesion_persona_id_idx", "sesion", ["persona_id"], unique=False)
    op.create_geospatial_table(
        "tarea",
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("celda", sa.BigInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("area_m2", sa.REAL(), nullable=False),
        sa.Column("estado", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("prioridad", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("reservada_a", sa.BigInteger(), nullable=True),
        sa.Column("reservada_hasta", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edificios_al_publicar", sa.Integer(), nullable=True),
        sa.Column("metros_vias_al_publicar", sa.REAL(), nullable=True),
        sa.CheckConstraint("estado BETWEEN 0 AND 5", name=op.f("tarea_estado_conocido")),
        sa.CheckConstraint("numero >= 1", name=op.f("tarea_numero_positivo")),
        sa.ForeignKeyConstraint(["proyecto_id"], ["proyecto.id"], name="tarea_proyecto_id_fk", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("proyecto_id", "numero", name="tarea_pk"),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_geospatial_index(
        "tarea_geom_idx", "tarea", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "bloqueo",
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("para", sa.Text(), nullable=False),
        sa.Column("ficha", sa.BigInteger(), server_default=sa.text("nextval('ficha_bloqueo')"), nullable=False),
        sa.Column("desde", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("vence", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("para IN ('mapear', 'validar')", name=op.f("bloqueo_para_conocido")),
        sa.CheckConstraint("vence > desde", name=op.f("bloqueo_vence_despues")),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="bloqueo_persona_existe"),
        sa.ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name="bloqueo_tarea_existe",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("proyecto_id", "numero", name="bloqueo_tarea_unica"),
    )
    op.create_index("bloqueo_persona_id_idx", "bloqueo", ["persona_id"], unique=False)
    op.create_index(
        "bloqueo_una_tarea_por_persona",
        "bloqueo",
        ["persona_id"],
        unique=True,
        postgresql_where=sa.text("para = 'mapear'"),
    )
    op.create_table(
        "historial",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("proyecto_id", sa.BigInteger(), nullable=False),
        sa.Column("numero", sa.Integer(), nullable=False),
        sa.Column("accion", sa.Text(), nullable=False),
        sa.Column("de", sa.SmallInteger(), nullable=True),
        sa.Column("a", sa.SmallInteger(), nullable=True),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("cuando", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("ficha", sa.BigInteger(), nullable=True),
        sa.Column("duracion_s", sa.REAL(), nullable=True),
        sa.Column("nota", sa.Text(), nullable=True),
        sa.Column("motivos", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("primera", sa.Boolean(), nullable=True),
        sa.Column("edificios", sa.Integer(), nullable=True),
        sa.Column("metros_vias", sa.REAL(), nullable=True),
        sa.Column("deshace", sa.BigInteger(), nullable=True),
        sa.Column(
            "tx", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        sa.CheckConstraint(
            "(a IS NOT NULL) = (accion IN ('entrega', 'dictamen', 'deshacer'))", name=op.f("historial_estado_si_cambia")
        ),
        sa.CheckConstraint(
            "accion IN ('bloqueo', 'extension', 'liberacion', 'vencimiento', 'entrega', 'dictamen', 'deshacer', 'comentario')",
            name=op.f("historial_accion_conocida"),
        ),
        sa.CheckConstraint("char_length(nota) <= 5000", name=op.f("historial_nota_larga")),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name="historial_persona_existe"),
        sa.ForeignKeyConstraint(
            ["proyecto_id", "numero"], ["tarea.proyecto_id", "tarea.numero"], name="historial_tarea_existe"
        ),
        sa.PrimaryKeyConstraint("id", name="historial_pk"),
        sa.UniqueConstraint("deshace", name="historial_deshace_una_vez"),
    )
    op.create_index("historial_persona_id_cuando_idx", "historial", ["persona_id", "cuando"], unique=False)
    op.create_index("historial_proyecto_id_numero_id_idx", "historial", ["proyecto_id", "numero", "id"], unique=False)
    op.create_index("historial_proyecto_id_tx_idx", "historial", ["proyecto_id", "tx"], unique=False)


def downgrade() -> None:
    op.drop_index("historial_proyecto_id_tx_idx", table_name="historial")
    op.drop_index("historial_proyecto_id_numero_id_idx", table_name="historial")
    op.drop_index("historial_persona_id_cuando_idx", table_name="historial")
    op.drop_table("historial")
    op.drop_index("bloqueo_una_tarea_por_persona", table_name="bloqueo", postgresql_where=sa.text("para = 'mapear'"))
    op.drop_index("bloqueo_persona_id_idx", table_name="bloqueo")
    op.drop_table("bloqueo")
    op.drop_geospatial_index("tarea_geom_idx", table_name="tarea", postgresql_using="gist", column_name="geom")
    op.drop_geospatial_table("tarea")
    op.drop_index("sesion_persona_id_idx", table_name="sesion")
    op.drop_table("sesion")
    op.drop_index("restablecimiento_persona_id_idx", table_name="restablecimiento")
    op.drop_table("restablecimiento")
    op.drop_index(
        "proyecto_texto_busqueda_idx",
        table_name="proyecto",
        postgresql_using="gin",
        postgresql_ops={"texto_busqueda": "gin_trgm_ops"},
    )
    op.drop_index("proyecto_municipio_id_idx", table_name="proyecto")
    op.drop_geospatial_index("proyecto_area_idx", table_name="proyecto", postgresql_using="gist", column_name="area")
    op.drop_geospatial_table("proyecto")
    op.drop_index("papel_municipio_id_idx", table_name="papel")
    op.drop_table("papel")
    op.execute("DROP TRIGGER persona_queda_administrador ON persona")
    op.execute("DROP FUNCTION papel_queda_administrador()")
    op.drop_index("idempotencia_creada_idx", table_name="idempotencia")
    op.drop_table("idempotencia")
    op.drop_index("persona_usuario_unico", table_name="persona")
    op.drop_index("persona_correo_idx", table_name="persona")
    op.drop_table("persona")
    op.drop_index(
        "municipio_texto_busqueda_idx",
        table_name="municipio",
        postgresql_using="gin",
        postgresql_ops={"texto_busqueda": "gin_trgm_ops"},
    )
    op.drop_geospatial_index(
        "municipio_limite_idx", table_name="municipio", postgresql_using="gist", column_name="limite"
    )
    op.drop_geospatial_table("municipio")
    op.drop_index("correo_pendiente_siguiente_idx", table_name="correo_pendiente")
    op.drop_table("correo_pendiente")
    op.drop_index("intento_de_entrada_cuando_idx", table_name="intento_de_entrada")
    op.drop_index("intento_de_entrada_asunto_cuando_idx", table_name="intento_de_entrada")
    op.drop_table("intento_de_entrada")
