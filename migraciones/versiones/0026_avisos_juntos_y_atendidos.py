"""Los avisos seguidos van en un correo, lo que quien mapeó da por atendido, y zonas horarias que existen."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FUNCIONES = (
    """
    CREATE FUNCTION zona_o(zona text, otra text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    -- La zona, si esta base la entiende; si no, la otra.
    BEGIN
        PERFORM timestamptz 'epoch' AT TIME ZONE zona;
        RETURN coalesce(zona, otra);
    EXCEPTION WHEN invalid_parameter_value THEN
        RETURN otra;
    END $$
    """,
    """
    CREATE FUNCTION municipio_zona_conocida() RETURNS trigger LANGUAGE plpgsql AS $$
    -- Por instrucción y no por fila: la lista de zonas se lee una vez aunque se importe un país. Sólo nombres de la lista:
    -- AT TIME ZONE entiende además «Foo/Bar+3», que nadie más entiende. Leer la lista cuesta unos 40 ms: por la de casi todas, no.
    DECLARE mala text;
    BEGIN
        SELECT n.zona_horaria INTO mala FROM (SELECT DISTINCT zona_horaria FROM nuevas) n
         WHERE n.zona_horaria <> 'America/Mexico_City'
           AND NOT EXISTS (SELECT FROM pg_timezone_names z
                            WHERE z.name = n.zona_horaria AND z.name !~ '^(posix/|right/|posixrules$|localtime$)')
         LIMIT 1;
        IF mala IS NOT NULL THEN
            RAISE EXCEPTION 'zona horaria desconocida: %', mala USING ERRCODE = 'check_violation', CONSTRAINT = 'municipio_zona_conocida';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER municipio_zona_al_crear AFTER INSERT ON municipio
       REFERENCING NEW TABLE AS nuevas FOR EACH STATEMENT EXECUTE FUNCTION municipio_zona_conocida()
    """,
    """
    CREATE TRIGGER municipio_zona_al_cambiar AFTER UPDATE ON municipio
       REFERENCING NEW TABLE AS nuevas FOR EACH STATEMENT EXECUTE FUNCTION municipio_zona_conocida()
    """,
)


def upgrade() -> None:
    op.add_column("persona_avisos", sa.Column("ultimo_correo", sa.DateTime(timezone=True)))
    op.create_table(
        "senalamiento_atendido",
        sa.Column("senalamiento_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("cuando", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.PrimaryKeyConstraint("senalamiento_id", "persona_id", name="senalamiento_atendido_una_vez"),
        sa.ForeignKeyConstraint(
            ["senalamiento_id"], ["senalamiento.id"], name=op.f("senalamiento_atendido_senalamiento_id_fk")
        ),
        sa.ForeignKeyConstraint(
            ["persona_id"], ["persona.id"], name=op.f("senalamiento_atendido_persona_id_fk"), ondelete="CASCADE"
        ),
    )
    op.create_index("senalamiento_atendido_persona_id_idx", "senalamiento_atendido", ["persona_id"])
    # Lo que ya estaba mal escrito se queda con la zona de siempre, que es la que cualquier página habría usado.
    op.execute(
        "UPDATE municipio SET zona_horaria = 'America/Mexico_City' WHERE zona_horaria NOT IN "
        "(SELECT name FROM pg_timezone_names WHERE name !~ '^(posix/|right/|posixrules$|localtime$)')"
    )
    for funcion in FUNCIONES:
        op.execute(funcion)


def downgrade() -> None:
    op.execute("DROP TRIGGER municipio_zona_al_cambiar ON municipio")
    op.execute("DROP TRIGGER municipio_zona_al_crear ON municipio")
    op.execute("DROP FUNCTION municipio_zona_conocida()")
    op.execute("DROP FUNCTION zona_o(text, text)")
    op.drop_table("senalamiento_atendido")
    op.drop_column("persona_avisos", "ultimo_correo")
