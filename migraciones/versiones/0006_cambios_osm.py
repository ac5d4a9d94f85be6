"""Cada cambio de OpenStreetMap que se vio pasar, los conjuntos a que pertenecen y los flujos de donde llegan."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CLASES = "'edificio', 'via', 'tren', 'agua', 'suelo', 'servicio', 'lugar', 'limite', 'otro'"


def geometria(nombre: str) -> sa.Column:
    """Columna de geometría en EPSG:4326, sin índice propio, que puede faltar."""
    return sa.Column(nombre, Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=True)


def upgrade() -> None:
    op.create_table(
        "osm_cambio",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("origen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tipo", sa.Text(), nullable=False),
        sa.Column("osm_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("accion", sa.Text(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("cuando", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conjunto", sa.BigInteger(), nullable=True),
        sa.Column("clase", sa.Text(), nullable=True),
        sa.Column("clase_antes", sa.Text(), nullable=True),
        sa.Column("etiquetas", postgresql.JSONB(), nullable=True),
        sa.Column("etiquetas_antes", postgresql.JSONB(), nullable=True),
        geometria("geom"),
        geometria("geom_antes"),
        sa.CheckConstraint("tipo IN ('n', 'w', 'r')", name=op.f("osm_cambio_tipo_conocido")),
        sa.CheckConstraint("accion IN ('crear', 'modificar', 'borrar')", name=op.f("osm_cambio_accion_conocida")),
        sa.CheckConstraint(
            f"clase IN ({CLASES}) AND clase_antes IN ({CLASES})", name=op.f("osm_cambio_clase_conocida")
        ),
        sa.PrimaryKeyConstraint("id", name="osm_cambio_pk"),
        sa.UniqueConstraint("origen", "tipo", "osm_id", "version", "accion", name="osm_cambio_version_unica"),
    )
    op.create_index("osm_cambio_origen_uid_cuando_idx", "osm_cambio", ["origen", "uid", "cuando"])
    op.create_table(
        "osm_conjunto",
        sa.Column("origen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("usuario", sa.Text(), nullable=True),
        sa.Column("abierto", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cerrado", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cambios", sa.Integer(), server_default="0", nullable=False),
        sa.Column("caja", sa.ARRAY(sa.Double()), nullable=True),
        sa.Column("etiquetas", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("origen", "id", name="osm_conjunto_pk"),
    )
    op.create_index("osm_conjunto_origen_uid_abierto_idx", "osm_conjunto", ["origen", "uid", "abierto"])
    op.create_table(
        "osm_flujo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("clase", sa.Text(), server_default="objetos", nullable=False),
        sa.Column("fuente", sa.Text(), server_default="osm", nullable=False),
        sa.Column("registrado", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("todo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("margen_m", sa.Double(), server_default="5000", nullable=False),
        sa.Column("inicio", sa.BigInteger(), nullable=True),
        sa.Column("secuencia", sa.BigInteger(), nullable=True),
        sa.Column("momento", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zona_clave", sa.Text(), nullable=True),
        geometria("zona"),
        sa.Column("intento", sa.DateTime(timezone=True), nullable=True),
        sa.Column("avanzo", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fallos", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_datos", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("clase IN ('objetos', 'conjuntos')", name=op.f("osm_flujo_clase_conocida")),
        sa.CheckConstraint("secuencia >= 0 AND inicio >= 0", name=op.f("osm_flujo_secuencia_natural")),
        sa.CheckConstraint("margen_m BETWEEN 0 AND 100000", name=op.f("osm_flujo_margen_razonable")),
        sa.PrimaryKeyConstraint("id", name="osm_flujo_pk"),
        sa.UniqueConstraint("url", name="osm_flujo_url_unica"),
    )
    # De dónde salió cada archivo y hasta qué momento llega: desde ahí se sigue un flujo.
    op.add_column("osm_importacion", sa.Column("fuente", sa.Text(), server_default="osm", nullable=False))
    op.add_column("osm_importacion", sa.Column("url", sa.Text(), nullable=True))
    op.add_column("osm_importacion", sa.Column("secuencia", sa.BigInteger(), nullable=True))
    op.add_column("osm_importacion", sa.Column("momento", sa.DateTime(timezone=True), nullable=True))
    _modos("'importar', 'aplicar', 'seguir'")


def _modos(modos: str) -> None:
    op.drop_constraint(op.f("osm_importacion_modo_conocido"), "osm_importacion")
    op.create_check_constraint(op.f("osm_importacion_modo_conocido"), "osm_importacion", f"modo IN ({modos})")


def downgrade() -> None:
    op.execute("UPDATE osm_importacion SET modo = 'aplicar' WHERE modo = 'seguir'")
    _modos("'importar', 'aplicar'")
    for columna in ("momento", "secuencia", "url", "fuente"):
        op.drop_column("osm_importacion", columna)
    for tabla in ("flujo", "conjunto", "cambio"):
        op.drop_table(f"osm_{tabla}")
