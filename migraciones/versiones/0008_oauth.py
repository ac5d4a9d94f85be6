"""Aplicaciones que entran a las aulas con OAuth 2, sus códigos y sus fichas."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _momentos() -> list[sa.Column[object]]:
    return [
        sa.Column("creada", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.Column("vence", sa.DateTime(timezone=True), nullable=False),
    ]


def _de_quien(tabla: str) -> list[sa.schema.SchemaItem]:
    """A qué aula, qué persona y qué aplicación pertenece."""
    return [
        sa.Column("huella", sa.LargeBinary(), nullable=False),
        sa.Column("aula_id", sa.BigInteger(), nullable=False),
        sa.Column("persona_id", sa.BigInteger(), nullable=False),
        sa.Column("cliente_id", sa.Text(), nullable=False),
        sa.Column("alcances", sa.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["aula_id"], ["aula.id"], name=f"{tabla}_aula_id_fk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["persona_id"], ["persona.id"], name=f"{tabla}_persona_id_fk", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["cliente_id"], ["oauth_cliente.id"], name=f"{tabla}_cliente_id_fk", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("huella", name=f"{tabla}_pk"),
        sa.CheckConstraint("octet_length(huella) = 32", name=op.f(f"{tabla}_huella_sha256")),
    ]


def upgrade() -> None:
    op.create_table(
        "oauth_cliente",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("redirecciones", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("secreto_huella", sa.LargeBinary(), nullable=True),
        sa.Column("creado", sa.DateTime(timezone=True), server_default=sa.text("ahora()"), nullable=False),
        sa.CheckConstraint("id ~ '^[A-Za-z0-9_-]{3,60}$'", name=op.f("oauth_cliente_id_valido")),
        sa.CheckConstraint("char_length(nombre) BETWEEN 1 AND 80", name=op.f("oauth_cliente_nombre_largo")),
        sa.CheckConstraint("cardinality(redirecciones) <= 20", name=op.f("oauth_cliente_pocas_redirecciones")),
        sa.PrimaryKeyConstraint("id", name="oauth_cliente_pk"),
    )
    op.create_table(
        "oauth_codigo",
        *_de_quien("oauth_codigo"),
        sa.Column("redireccion", sa.Text(), nullable=False),
        sa.Column("reto", sa.Text(), nullable=True),
        *_momentos(),
        sa.Column("usado", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "oauth_ficha",
        *_de_quien("oauth_ficha"),
        sa.Column("codigo", sa.LargeBinary(), nullable=True),
        *_momentos(),
        sa.ForeignKeyConstraint(["codigo"], ["oauth_codigo.huella"], name="oauth_ficha_codigo_fk", ondelete="SET NULL"),
    )
    op.create_index("oauth_codigo_persona_id_idx", "oauth_codigo", ["persona_id"])
    op.create_index("oauth_codigo_aula_id_idx", "oauth_codigo", ["aula_id"])
    op.create_index("oauth_codigo_vence_idx", "oauth_codigo", ["vence"])
    op.create_index("oauth_ficha_persona_id_aula_id_idx", "oauth_ficha", ["persona_id", "aula_id"])
    op.create_index("oauth_ficha_aula_id_idx", "oauth_ficha", ["aula_id"])
    op.create_index("oauth_ficha_codigo_idx", "oauth_ficha", ["codigo"])
    op.create_index("oauth_ficha_vence_idx", "oauth_ficha", ["vence"])
    # Lo mismo que con las sesiones: quien cambia su clave o queda de baja corta a todas sus aplicaciones, y no
    # reviven.
    op.execute("""
        CREATE FUNCTION oauth_al_cambiar_persona() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM oauth_ficha WHERE persona_id = NEW.id;
            DELETE FROM oauth_codigo WHERE persona_id = NEW.id;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER oauth_al_cambiar_persona AFTER UPDATE OF clave_hash, activa ON persona FOR EACH ROW
          WHEN (OLD.clave_hash IS DISTINCT FROM NEW.clave_hash OR NOT NEW.activa)
          EXECUTE FUNCTION oauth_al_cambiar_persona()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER oauth_al_cambiar_persona ON persona")
    op.execute("DROP FUNCTION oauth_al_cambiar_persona()")
    for tabla in ("oauth_ficha", "oauth_codigo", "oauth_cliente"):
        op.drop_table(tabla)
