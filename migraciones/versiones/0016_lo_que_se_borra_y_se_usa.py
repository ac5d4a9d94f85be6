"""Lo que se borra mientras alguien lo empieza a usar: aulas con proyectos publicados, archivos de imágenes compartidos."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# El archivo de una imagen lo pueden usar varios municipios. Quien registra toma la fila de su archivo, y quien lo quita del disco
# la borra: si alguien más lo usa, o lo está registrando en ese momento, la llave foránea no deja.
ARCHIVO_AL_REGISTRAR = """
CREATE FUNCTION imagen_archivo_al_registrar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO imagen_archivo (archivo) VALUES (NEW.archivo) ON CONFLICT (archivo) DO UPDATE SET archivo = EXCLUDED.archivo;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    # Sin aula no hay dónde editar: lo que se haya quedado así se archiva, y quien lo gestiona le pone otra.
    op.execute("""
        UPDATE proyecto SET estado = 'archivado', archivado = coalesce(archivado, ahora())
         WHERE estado = 'publicado' AND servidor_osm = 'practica' AND aula_id IS NULL
    """)
    op.create_check_constraint(
        op.f("proyecto_publicado_con_aula"),
        "proyecto",
        "estado <> 'publicado' OR servidor_osm <> 'practica' OR aula_id IS NOT NULL",
    )
    op.create_table(
        "imagen_archivo", sa.Column("archivo", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("archivo")
    )
    op.execute("INSERT INTO imagen_archivo (archivo) SELECT DISTINCT archivo FROM imagen")
    op.create_foreign_key("imagen_archivo_en_uso", "imagen", "imagen_archivo", ["archivo"], ["archivo"])
    op.create_index("imagen_archivo_idx", "imagen", ["archivo"])
    op.execute(ARCHIVO_AL_REGISTRAR)
    op.execute("""
        CREATE TRIGGER imagen_archivo_al_registrar BEFORE INSERT OR UPDATE OF archivo ON imagen
           FOR EACH ROW EXECUTE FUNCTION imagen_archivo_al_registrar()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER imagen_archivo_al_registrar ON imagen")
    op.execute("DROP FUNCTION imagen_archivo_al_registrar()")
    op.drop_index("imagen_archivo_idx", table_name="imagen")
    op.drop_constraint("imagen_archivo_en_uso", "imagen", type_="foreignkey")
    op.drop_table("imagen_archivo")
    op.drop_constraint(op.f("proyecto_publicado_con_aula"), "proyecto", type_="check")
