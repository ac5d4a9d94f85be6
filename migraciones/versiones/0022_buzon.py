"""El buzón: avisos a cada persona, cómo los quiere por correo, y los correos que los llevan."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CLASES = "'devuelta', 'validada', 'con_arreglos', 'disputa', 'disputa_resuelta', 'desacuerdo', 'comentario'"
ANTES = "'restablecer', 'correo_cambiado', 'clave_cambiada'"


def _clases_de_correo(clases: str) -> None:
    op.drop_constraint(op.f("correo_pendiente_clase_conocida"), "correo_pendiente")
    op.create_check_constraint(op.f("correo_pendiente_clase_conocida"), "correo_pendiente", f"clase IN ({clases})")


def upgrade() -> None:
    op.create_table(
        "aviso",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("clase", sa.Text(), nullable=False),
        sa.Column("municipio_id", sa.BigInteger()),
        sa.Column("proyecto_id", sa.BigInteger()),
        sa.Column("numero", sa.Integer()),
        sa.Column("dictamen_id", sa.BigInteger()),
        sa.Column("datos", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("enlace", sa.Text(), nullable=False),
        sa.Column("creado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("leido", sa.DateTime(timezone=True)),
        sa.Column("correo", sa.Text(), server_default="no", nullable=False),
        sa.Column("llave", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("aviso_pk")),
        sa.UniqueConstraint("persona_id", "llave", name="aviso_una_vez"),
        sa.CheckConstraint(f"clase IN ({CLASES})", name=op.f("aviso_clase_conocida")),
        sa.CheckConstraint("correo IN ('no', 'pendiente', 'puesto')", name=op.f("aviso_correo_conocido")),
        sa.CheckConstraint(
            r"enlace ~ '^/([^/\\[:cntrl:]][^\\[:cntrl:]]*)?$' AND char_length(enlace) <= 500",
            name=op.f("aviso_enlace_local"),
        ),
        sa.CheckConstraint("char_length(llave) BETWEEN 1 AND 200", name=op.f("aviso_llave_larga")),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=op.f("aviso_persona_id_fk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["municipio_id"], ["municipio.id"], name=op.f("aviso_municipio_id_fk"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proyecto_id"], ["proyecto.id"], name=op.f("aviso_proyecto_id_fk"), ondelete="CASCADE"
        ),
    )
    op.create_index("aviso_persona_id_id_idx", "aviso", ["persona_id", "id"])
    op.create_index("aviso_sin_leer_idx", "aviso", ["persona_id"], postgresql_where=sa.text("leido IS NULL"))
    op.create_index(
        "aviso_por_enviar_idx",
        "aviso",
        ["persona_id", "creado"],
        postgresql_where=sa.text("correo = 'pendiente' AND leido IS NULL"),
    )
    op.create_index("aviso_proyecto_id_idx", "aviso", ["proyecto_id"])
    op.create_index("aviso_dictamen_id_idx", "aviso", ["dictamen_id"])
    op.create_table(
        "persona_avisos",
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("correo", sa.Text(), server_default="resumen", nullable=False),
        sa.Column("hora", sa.SmallInteger(), server_default="18", nullable=False),
        sa.Column("ultimo_resumen", sa.Date()),
        sa.PrimaryKeyConstraint("persona_id", name=op.f("persona_avisos_pk")),
        sa.CheckConstraint("correo IN ('cada_uno', 'resumen', 'nunca')", name=op.f("persona_avisos_correo_conocido")),
        sa.CheckConstraint("hora BETWEEN 0 AND 23", name=op.f("persona_avisos_hora_del_dia")),
        sa.ForeignKeyConstraint(
            ["persona_id"], ["persona.id"], name=op.f("persona_avisos_persona_id_fk"), ondelete="CASCADE"
        ),
    )
    _clases_de_correo(f"{ANTES}, 'aviso', 'resumen'")


def downgrade() -> None:
    op.execute("DELETE FROM correo_pendiente WHERE clase IN ('aviso', 'resumen')")
    _clases_de_correo(ANTES)
    op.drop_table("persona_avisos")
    op.drop_table("aviso")
