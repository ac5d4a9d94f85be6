"""Tablas de cuentas."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Corto, Entero, Id, Momento, Texto


class Persona(Base):
    """Quien usa Tequio. Sólo lo necesario para entrar y firmar el trabajo.

    Varias personas pueden compartir un correo: así ninguna pantalla revela si una dirección ya está en uso.
    """

    __tablename__ = "persona"
    id: Mapped[Id]
    usuario: Mapped[Texto]
    nombre: Mapped[Texto]
    correo: Mapped[str | None] = mapped_column(Text)
    clave_hash: Mapped[str | None] = mapped_column(Text)
    idioma: Mapped[str] = mapped_column(Text, server_default="es")
    activa: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    debe_cambiar_clave: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    creada: Mapped[Ahora]
    __table_args__ = (
        Index("persona_usuario_unico", text("lower(usuario)"), unique=True),
        Index("persona_correo_idx", text("lower(correo)")),
        CheckConstraint("usuario ~ '^[^\\s/@]{3,40}$'", name="usuario_valido"),
        CheckConstraint("char_length(nombre) BETWEEN 1 AND 120", name="nombre_largo"),
        CheckConstraint("idioma IN ('es', 'en')", name="idioma_conocido"),
    )


class PapelOtorgado(Base):
    """Papel de una persona en un municipio, o en toda la instalación si ``municipio_id`` es nulo.

    El disparador ``papel_queda_administrador`` no deja a la instalación sin quien la administre.
    """

    __tablename__ = "papel"
    id: Mapped[Id]
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"))
    municipio_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("municipio.id"))
    papel: Mapped[Texto]
    otorgado_por: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("persona.id"))
    otorgado: Mapped[Ahora]
    __table_args__ = (
        UniqueConstraint("persona_id", "municipio_id", "papel", name="papel_unico", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            "papel IN ('mapeador', 'validador', 'capacitador', 'funcionario', 'administrador')", name="conocido"
        ),
        Index("papel_municipio_id_idx", "municipio_id"),
    )


class SesionAbierta(Base):
    """Entrada vigente, de navegador o de API. Sólo se guarda la huella SHA-256 de la ficha secreta."""

    __tablename__ = "sesion"
    huella: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"))
    via: Mapped[Texto]
    creada: Mapped[Ahora]
    vence: Mapped[Momento]
    __table_args__ = (
        CheckConstraint("via IN ('web', 'api')", name="via_conocida"),
        Index("sesion_persona_id_idx", "persona_id"),
    )


class CuentaOsm(Base):
    """La cuenta de una persona en un servidor de la familia OpenStreetMap; ``uid`` no cambia aunque cambie el nombre.

    En el servidor de práctica no hace falta: ahí el ``uid`` de una persona es su ``id`` de Tequio.
    """

    __tablename__ = "cuenta_osm"
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"))
    servidor: Mapped[Texto]
    uid: Mapped[Entero]
    nombre: Mapped[Texto]
    creada_alla: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    conjuntos: Mapped[int | None]
    vinculada: Mapped[Ahora]
    vista: Mapped[Ahora]
    __table_args__ = (
        PrimaryKeyConstraint("persona_id", "servidor", name="cuenta_osm_una_por_servidor"),
        UniqueConstraint("servidor", "uid", name="cuenta_osm_uid_unico"),
        CheckConstraint("servidor ~ '^[a-z0-9][a-z0-9_-]{0,39}$'", name="servidor_valido"),
        CheckConstraint("uid > 0", name="uid_positivo"),
        CheckConstraint("char_length(nombre) BETWEEN 1 AND 255", name="nombre_largo"),
    )


class IntentoDeEntrada(Base):
    """Intento reciente, por huella de usuario o de dirección; alimenta los límites y se borra solo."""

    __tablename__ = "intento_de_entrada"
    id: Mapped[Id]
    asunto: Mapped[bytes] = mapped_column(LargeBinary)
    cuando: Mapped[Ahora]
    __table_args__ = (
        Index("intento_de_entrada_asunto_cuando_idx", "asunto", "cuando"),
        Index("intento_de_entrada_cuando_idx", "cuando"),
    )


class Restablecimiento(Base):
    """Enlace para poner clave nueva; se usa una vez."""

    __tablename__ = "restablecimiento"
    huella: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"))
    creado: Mapped[Ahora]
    vence: Mapped[Momento]
    usado: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    __table_args__ = (Index("restablecimiento_persona_id_idx", "persona_id"),)


class CorreoPendiente(Base):
    """Correo por enviar. No guarda enlaces secretos: se crean al momento de enviar."""

    __tablename__ = "correo_pendiente"
    id: Mapped[Id]
    clase: Mapped[Texto]
    destino: Mapped[Texto]
    idioma: Mapped[str] = mapped_column(Text, server_default="es")
    datos: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    intentos: Mapped[Corto] = mapped_column(server_default="0")
    siguiente: Mapped[Ahora]
    creado: Mapped[Ahora]
    error: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint(
            "clase IN ('restablecer', 'correo_cambiado', 'clave_cambiada', 'aviso', 'resumen')", name="clase_conocida"
        ),
        CheckConstraint("idioma IN ('es', 'en')", name="idioma_conocido"),
        CheckConstraint("char_length(destino) <= 320", name="destino_largo"),
        Index("correo_pendiente_siguiente_idx", "siguiente"),
    )


class Idempotencia(Base):
    """Respuesta ya dada a una petición que un cliente puede repetir."""

    __tablename__ = "idempotencia"
    persona_id: Mapped[Entero] = mapped_column(
        BigInteger, ForeignKey("persona.id", ondelete="CASCADE"), primary_key=True
    )
    clave: Mapped[str] = mapped_column(Text, primary_key=True)
    huella: Mapped[bytes] = mapped_column(LargeBinary)
    codigo_http: Mapped[int]
    cuerpo: Mapped[Texto]
    creada: Mapped[Ahora]
    __table_args__ = (
        CheckConstraint("char_length(clave) BETWEEN 1 AND 200", name="clave_larga"),
        Index("idempotencia_creada_idx", "creada"),
    )
