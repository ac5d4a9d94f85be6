"""Tablas de la revisión: dictamen, retroalimentación, señalamientos, disputa y segunda opinión."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Entero, Id, Texto


def _de_tarea(nombre: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["proyecto_id", "numero"], ["tarea.proyecto_id", "tarea.numero"], name=nombre)


class Retroalimentacion(Base):
    """Lo que quien revisa le dice a quien mapeó; puede servir a varios dictámenes. Sólo se agrega.

    ``fortaleza`` es lo que escribió; ``fortalezas``, lo que eligió de la lista: ``[{codigo, n, numero}]``,
    con la cifra y la tarea de la que se dice, si las lleva (`tareas.validacion.fortalezas`).
    """

    __tablename__ = "retroalimentacion"
    id: Mapped[Id]
    municipio_id: Mapped[Entero]
    proyecto_id: Mapped[Entero]
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id"))
    fortaleza: Mapped[str | None] = mapped_column(Text)
    fortalezas: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    nota: Mapped[str | None] = mapped_column(Text)
    cuando: Mapped[Ahora]
    __table_args__ = (
        CheckConstraint("char_length(fortaleza) <= 1000", name="fortaleza_breve"),
        CheckConstraint(
            "jsonb_typeof(fortalezas) = 'array' AND jsonb_array_length(fortalezas) BETWEEN 1 AND 500",
            name="fortalezas_en_lista",
        ),
        CheckConstraint("char_length(nota) <= 5000", name="nota_larga"),
    )


class Senalamiento(Base):
    """Un error de la lista cerrada, en una tarea. Sólo se agrega.

    ``lugar`` (EPSG:4326) es un punto, línea o polígono que dibujó quien revisa, entero a menos de 200 m de la tarea;
    ``huella``, la del hallazgo automático que confirma.
    """

    __tablename__ = "senalamiento"
    id: Mapped[Id]
    retro_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("retroalimentacion.id"))
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer)
    codigo: Mapped[Texto]
    objeto: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int | None] = mapped_column(Integer)
    lugar: Mapped[str | None] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False))
    nota: Mapped[str | None] = mapped_column(Text)
    huella: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint("objeto ~ '^[nwr][1-9][0-9]{0,18}$'", name="objeto_valido"),
        CheckConstraint("char_length(nota) <= 1000", name="nota_breve"),
        _de_tarea("senalamiento_tarea_existe"),
        Index("senalamiento_retro_id_idx", "retro_id"),
        Index("senalamiento_proyecto_id_numero_idx", "proyecto_id", "numero"),
    )


class SenalamientoAtendido(Base):
    """Lo señalado que quien mapeó ya dio por atendido, mientras corrige: se quita si dice que todavía no."""

    __tablename__ = "senalamiento_atendido"
    senalamiento_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("senalamiento.id"))
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id", ondelete="CASCADE"))
    cuando: Mapped[Ahora]
    __table_args__ = (
        PrimaryKeyConstraint("senalamiento_id", "persona_id", name="senalamiento_atendido_una_vez"),
        Index("senalamiento_atendido_persona_id_idx", "persona_id"),
    )


class Dictamen(Base):
    """Lo que una persona decidió de una entrega. Sólo se agrega.

    ``paso`` es el del historial que lo escribió; una segunda opinión a ciegas no lo tiene: no cambia el estado.
    """

    __tablename__ = "dictamen"
    id: Mapped[Id]
    municipio_id: Mapped[Entero]
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer)
    entrega: Mapped[int] = mapped_column(BigInteger, ForeignKey("historial.id"))
    paso: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("historial.id"))
    ficha: Mapped[Entero]
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id"))
    autora_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id"))
    veredicto: Mapped[Texto]
    clase: Mapped[Texto]
    retro_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("retroalimentacion.id"))
    cuando: Mapped[Ahora]
    duracion_s: Mapped[float | None] = mapped_column(REAL)
    __table_args__ = (
        UniqueConstraint("proyecto_id", "numero", "ficha", name="dictamen_uno_por_turno"),
        UniqueConstraint("paso", name="dictamen_uno_por_paso"),
        CheckConstraint("veredicto IN ('aceptada', 'con_arreglos', 'devuelta')", name="veredicto_conocido"),
        CheckConstraint("clase IN ('primera', 'ciega', 'disputa')", name="clase_conocida"),
        CheckConstraint("(clase = 'ciega') = (paso IS NULL)", name="ciega_sin_paso"),
        CheckConstraint("persona_id <> autora_id", name="no_propio"),
        _de_tarea("dictamen_tarea_existe"),
        Index("dictamen_proyecto_id_numero_id_idx", "proyecto_id", "numero", "id"),
        Index("dictamen_autora_id_municipio_id_id_idx", "autora_id", "municipio_id", "id"),
        Index("dictamen_municipio_id_cuando_idx", "municipio_id", "cuando"),
        Index("dictamen_persona_id_cuando_idx", "persona_id", "cuando"),
        Index("dictamen_entrega_idx", "entrega"),
        Index("dictamen_retro_id_idx", "retro_id"),
        Index(
            "dictamen_primeros_de_autora_idx",
            "autora_id",
            "municipio_id",
            text("entrega DESC"),
            "id",
            postgresql_where=text("clase = 'primera'"),
        ),
    )


class EntregaEnEspera(Base):
    """Cada tarea que espera revisión, con la entrega que se va a juzgar; la llenan disparadores al confirmar.

    Es lo que dice la vista ``espera_segun_historial``. ``nivel1``…: lo que las revisiones hallaron al entregarla;
    ``previo``: el último dictamen de la tarea, y ``devuelta_por``, quien lo dio si la devolvió.
    """

    __tablename__ = "entrega_en_espera"
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer, autoincrement=False)
    municipio_id: Mapped[Entero]
    entrega: Mapped[Entero]
    persona_id: Mapped[Entero]
    entregada: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    nivel1: Mapped[int] = mapped_column(Integer)
    nivel2: Mapped[int] = mapped_column(Integer)
    nivel3: Mapped[int] = mapped_column(Integer)
    previo: Mapped[int | None] = mapped_column(BigInteger)
    devuelta_por: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        PrimaryKeyConstraint("proyecto_id", "numero", name="entrega_en_espera_una_por_tarea"),
        ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name="entrega_en_espera_tarea_existe",
            ondelete="CASCADE",
        ),
    )


class Disputa(Base):
    """Quien mapeó no está de acuerdo con una devolución; la resuelve el dictamen de otra persona.

    Está abierta mientras no esté ``resuelta`` (el dictamen que la resolvió) ni ``retirada``. ``resultado``:
    ``sostenida``, la devolución estaba bien; ``a_favor`` de quien mapeó. ``paso`` es el suyo en el historial.
    """

    __tablename__ = "disputa"
    id: Mapped[Id]
    municipio_id: Mapped[Entero]
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer)
    dictamen_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dictamen.id"))
    entrega: Mapped[int] = mapped_column(BigInteger, ForeignKey("historial.id"))
    paso: Mapped[int] = mapped_column(BigInteger, ForeignKey("historial.id"))
    persona_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("persona.id"))
    motivo: Mapped[Texto]
    cuando: Mapped[Ahora]
    retirada: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    resuelta: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dictamen.id"))
    resultado: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("dictamen_id", "numero", name="disputa_una_por_dictamen"),
        UniqueConstraint("entrega", "numero", name="disputa_una_por_entrega"),
        CheckConstraint("char_length(motivo) BETWEEN 10 AND 2000", name="motivo_dicho"),
        CheckConstraint("resultado IN ('sostenida', 'a_favor')", name="resultado_conocido"),
        CheckConstraint("(resuelta IS NULL) = (resultado IS NULL)", name="resuelta_con_resultado"),
        _de_tarea("disputa_tarea_existe"),
        Index(
            "disputa_una_abierta_por_tarea",
            "proyecto_id",
            "numero",
            unique=True,
            postgresql_where=text("resuelta IS NULL AND retirada IS NULL"),
        ),
        Index("disputa_proyecto_id_numero_idx", "proyecto_id", "numero"),
    )


class SegundaRevision(Base):
    """Una entrega sorteada para que otra persona la juzgue sin saber qué se decidió.

    ``persona_id``, ``ficha``, ``desde`` y ``vence`` son de quien la tiene, o la hizo; ``hecha``, su dictamen. La vista
    ``segunda_abierta`` da las que todavía se pueden hacer.
    """

    __tablename__ = "segunda_revision"
    entrega: Mapped[int] = mapped_column(BigInteger, ForeignKey("historial.id"), autoincrement=False)
    municipio_id: Mapped[Entero]
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer)
    primera: Mapped[int] = mapped_column(BigInteger, ForeignKey("dictamen.id"))
    primera_persona_id: Mapped[Entero]
    autora_id: Mapped[Entero]
    sorteada: Mapped[Ahora]
    persona_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("persona.id"))
    ficha: Mapped[int | None] = mapped_column(BigInteger)
    desde: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    vence: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    hecha: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dictamen.id"))
    __table_args__ = (
        PrimaryKeyConstraint("entrega", name="segunda_revision_pk"),
        UniqueConstraint("hecha", name="segunda_una_por_dictamen"),
        CheckConstraint("persona_id <> primera_persona_id AND persona_id <> autora_id", name="no_la_misma"),
        CheckConstraint("num_nonnulls(persona_id, ficha, desde, vence) IN (0, 4)", name="turno_entero"),
        CheckConstraint("hecha IS NULL OR persona_id IS NOT NULL", name="hecha_por_alguien"),
        _de_tarea("segunda_revision_tarea_existe"),
        Index("segunda_revision_proyecto_id_numero_idx", "proyecto_id", "numero"),
        Index("segunda_revision_municipio_id_idx", "municipio_id"),
        Index("segunda_revision_primera_idx", "primera"),
    )
