"""Extensiones y funciones de base."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for extension in ("postgis", "unaccent", "pg_trgm"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.execute("CREATE SEQUENCE ficha_bloqueo")
    # El reloj del sistema, salvo que la transacción fije otro (demostración, pruebas de vencimiento).
    op.execute("""
        CREATE FUNCTION ahora() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS
        $$ SELECT coalesce(nullif(current_setting('tequio.ahora', true), '')::timestamptz, clock_timestamp()) $$
    """)
    # unaccent() es STABLE porque su diccionario podría cambiar; con el diccionario nombrado se puede indexar.
    op.execute("""
        CREATE FUNCTION sin_acentos(texto text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
        $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, texto)) $$
    """)


def downgrade() -> None:
    op.execute("DROP SEQUENCE ficha_bloqueo")
    op.execute("DROP FUNCTION sin_acentos(text)")
    op.execute("DROP FUNCTION ahora()")
