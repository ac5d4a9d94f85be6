"""Imágenes propias de los municipios; y un proyecto sólo puede usar las publicadas del suyo."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Toma las filas de las imágenes (FOR SHARE): quien las esté retirando a la vez espera, o hace esperar. Lo que el proyecto ya
# tenía se queda, aunque se haya retirado: si no, ni su nombre se podría corregir.
DISPONIBLES = r"""
CREATE FUNCTION proyecto_imagen_disponible() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pedida text;
    tenia jsonb := '[]';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.municipio_id = NEW.municipio_id THEN
        tenia := OLD.imagenes;
    END IF;
    FOR pedida IN
        SELECT e.capa ->> 'url' FROM jsonb_array_elements(NEW.imagenes) AS e (capa) WHERE e.capa ->> 'url' LIKE '/%'
        EXCEPT SELECT e.capa ->> 'url' FROM jsonb_array_elements(tenia) AS e (capa)
    LOOP
        PERFORM FROM imagen i
          WHERE i.municipio_id = NEW.municipio_id AND i.estado = 'publicada'
            AND pedida = '/teselas/imagenes/' || i.id || '/{z}/{x}/{y}' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'imagen no disponible'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'proyecto_imagen_disponible';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER proyecto_imagen_disponible BEFORE INSERT OR UPDATE OF imagenes, municipio_id ON proyecto
    FOR EACH ROW WHEN (NEW.imagenes <> '[]') EXECUTE FUNCTION proyecto_imagen_disponible();
"""


def upgrade() -> None:
    op.create_table(
        "imagen",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("municipio_id", sa.BigInteger(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("estado", sa.Text(), server_default="borrador", nullable=False),
        sa.Column("archivo", sa.Text(), nullable=False),
        sa.Column("formato", sa.Text(), nullable=False),
        sa.Column("tamano", sa.BigInteger(), nullable=False),
        sa.Column("huella", sa.LargeBinary(), nullable=False),
        sa.Column("caja", postgresql.ARRAY(sa.Double()), nullable=False),
        sa.Column("minzoom", sa.SmallInteger(), nullable=False),
        sa.Column("maxzoom", sa.SmallInteger(), nullable=False),
        sa.Column("resolucion_m", sa.REAL(), nullable=False),
        sa.Column("licencia", sa.Text(), server_default="", nullable=False),
        sa.Column("atribucion", sa.Text(), server_default="", nullable=False),
        sa.Column("fecha", sa.Date(), nullable=True),
        sa.Column("permiso_trazar", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("permiso", sa.Text(), server_default="", nullable=False),
        sa.Column("detalle", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("creada_por", sa.BigInteger(), nullable=True),
        sa.Column("creada", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("publicada", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(r"char_length(nombre) BETWEEN 1 AND 80 AND nombre ~ '\S'", name=op.f("imagen_nombre_largo")),
        sa.CheckConstraint("estado IN ('borrador', 'publicada')", name=op.f("imagen_estado_conocido")),
        sa.CheckConstraint("formato IN ('mbtiles', 'pmtiles', 'geotiff')", name=op.f("imagen_formato_conocido")),
        sa.CheckConstraint("0 <= minzoom AND minzoom <= maxzoom AND maxzoom <= 24", name=op.f("imagen_zooms_en_orden")),
        sa.CheckConstraint("cardinality(caja) = 4", name=op.f("imagen_caja_de_cuatro")),
        sa.CheckConstraint(
            r"estado <> 'publicada' OR (permiso_trazar AND permiso ~ '\S')", name=op.f("imagen_publicada_con_permiso")
        ),
        sa.CheckConstraint(r"estado <> 'publicada' OR licencia ~ '\S'", name=op.f("imagen_publicada_con_licencia")),
        sa.ForeignKeyConstraint(["municipio_id"], ["municipio.id"], name="imagen_municipio_id_fk"),
        sa.ForeignKeyConstraint(["creada_por"], ["persona.id"], name="imagen_creada_por_fk"),
        sa.PrimaryKeyConstraint("id", name="imagen_pk"),
        sa.UniqueConstraint("municipio_id", "huella", name="imagen_archivo_unico"),
    )
    op.execute(DISPONIBLES)


def downgrade() -> None:
    op.execute("DROP TRIGGER proyecto_imagen_disponible ON proyecto")
    op.execute("DROP FUNCTION proyecto_imagen_disponible()")
    op.drop_table("imagen")
