"""Tablas del proveedor OAuth 2. De códigos, fichas y secretos sólo se guarda la huella SHA-256."""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Momento, Texto


class OauthCliente(Base):
    """Una aplicación que puede pedir permiso. Sin ``secreto_huella`` es pública: prueba quién es con PKCE.

    Las de la casa (`reglas.DE_CASA`) tienen fila en cuanto alguien les da permiso.
    """

    __tablename__ = "oauth_cliente"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    nombre: Mapped[Texto]
    redirecciones: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secreto_huella: Mapped[bytes | None] = mapped_column(LargeBinary)
    creado: Mapped[Ahora]
    __table_args__ = (
        CheckConstraint("id ~ '^[A-Za-z0-9_-]{3,60}$'", name="id_valido"),
        CheckConstraint("char_length(nombre) BETWEEN 1 AND 80", name="nombre_largo"),
        CheckConstraint("cardinality(redirecciones) <= 20", name="pocas_redirecciones"),
    )


class OauthCodigo(Base):
    """Permiso recién dado, que la aplicación cambia una sola vez por una ficha.

    El usado se queda un día: si alguien lo presenta otra vez, se sabe qué fichas retirar.
    """

    __tablename__ = "oauth_codigo"
    huella: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    aula_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("aula.id", ondelete="CASCADE"))
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"))
    cliente_id: Mapped[str] = mapped_column(Text, ForeignKey("oauth_cliente.id", ondelete="CASCADE"))
    alcances: Mapped[list[str]] = mapped_column(ARRAY(Text))
    redireccion: Mapped[Texto]
    reto: Mapped[str | None] = mapped_column(Text)
    creada: Mapped[Ahora]
    vence: Mapped[Momento]
    usado: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        CheckConstraint("octet_length(huella) = 32", name="huella_sha256"),
        Index("oauth_codigo_persona_id_idx", "persona_id"),
        Index("oauth_codigo_aula_id_idx", "aula_id"),
        Index("oauth_codigo_vence_idx", "vence"),
    )


class OauthFicha(Base):
    """Ficha de acceso de una aplicación a un aula, en nombre de una persona. Retirarla es borrarla."""

    __tablename__ = "oauth_ficha"
    huella: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    aula_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("aula.id", ondelete="CASCADE"))
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"))
    cliente_id: Mapped[str] = mapped_column(Text, ForeignKey("oauth_cliente.id", ondelete="CASCADE"))
    alcances: Mapped[list[str]] = mapped_column(ARRAY(Text))
    codigo: Mapped[bytes | None] = mapped_column(LargeBinary, ForeignKey("oauth_codigo.huella", ondelete="SET NULL"))
    creada: Mapped[Ahora]
    vence: Mapped[Momento]
    __table_args__ = (
        CheckConstraint("octet_length(huella) = 32", name="huella_sha256"),
        Index("oauth_ficha_persona_id_aula_id_idx", "persona_id", "aula_id"),
        Index("oauth_ficha_aula_id_idx", "aula_id"),
        Index("oauth_ficha_codigo_idx", "codigo"),
        Index("oauth_ficha_vence_idx", "vence"),
    )
