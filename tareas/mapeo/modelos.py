"""Tablas del trabajo sobre las tareas."""

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Entero, Id, Momento, Texto

FICHAS = Sequence("ficha_bloqueo", metadata=Base.metadata)


class Bloqueo(Base):
    """Una tarea en manos de una persona, hasta ``vence`` según el reloj de la base.

    Insertar es tomar: el disparador ``bloqueo_al_tomar`` revisa estado y permiso de la tarea y desaloja lo vencido; las
    restricciones con nombre deciden quién gana.
    """

    __tablename__ = "bloqueo"
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer)
    municipio_id: Mapped[Entero]
    persona_id: Mapped[Entero]
    para: Mapped[Texto]
    ficha: Mapped[int] = mapped_column(BigInteger, server_default=text("nextval('ficha_bloqueo')"))
    desde: Mapped[Ahora]
    vence: Mapped[Momento]
    __table_args__ = (
        PrimaryKeyConstraint("proyecto_id", "numero", name="bloqueo_tarea_unica"),
        Index("bloqueo_una_tarea_por_persona", "persona_id", unique=True, postgresql_where=text("para = 'mapear'")),
        Index("bloqueo_persona_id_idx", "persona_id"),
        CheckConstraint("para IN ('mapear', 'validar')", name="para_conocido"),
        CheckConstraint("vence > desde", name="vence_despues"),
        ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            ondelete="CASCADE",
            name="bloqueo_tarea_existe",
        ),
        ForeignKeyConstraint(["persona_id"], ["persona.id"], name="bloqueo_persona_existe"),
    )


class Historial(Base):
    """Cada paso de cada tarea. Sólo se agrega; el estado de una tarea es el ``a`` de su último paso que lo tenga."""

    __tablename__ = "historial"
    id: Mapped[Id]
    municipio_id: Mapped[Entero]
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer)
    accion: Mapped[Texto]
    de: Mapped[int | None] = mapped_column(SmallInteger)
    a: Mapped[int | None] = mapped_column(SmallInteger)
    persona_id: Mapped[Entero]
    cuando: Mapped[Ahora]
    ficha: Mapped[int | None] = mapped_column(BigInteger)
    duracion_s: Mapped[float | None] = mapped_column(REAL)
    nota: Mapped[str | None] = mapped_column(Text)
    motivos: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    primera: Mapped[bool | None] = mapped_column(Boolean)
    edificios: Mapped[int | None] = mapped_column(Integer)
    metros_vias: Mapped[float | None] = mapped_column(REAL)
    deshace: Mapped[int | None] = mapped_column(BigInteger)
    tx: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    __table_args__ = (
        CheckConstraint(
            "accion IN ('bloqueo', 'extension', 'liberacion', 'vencimiento', "
            "'entrega', 'dictamen', 'deshacer', 'division', 'comentario', 'disputa')",
            name="accion_conocida",
        ),
        CheckConstraint(
            "(a IS NOT NULL) = (accion IN ('entrega', 'dictamen', 'deshacer', 'division', 'disputa'))",
            name="estado_si_cambia",
        ),
        CheckConstraint("char_length(nota) <= 5000", name="nota_larga"),
        ForeignKeyConstraint(
            ["proyecto_id", "numero"], ["tarea.proyecto_id", "tarea.numero"], name="historial_tarea_existe"
        ),
        ForeignKeyConstraint(["persona_id"], ["persona.id"], name="historial_persona_existe"),
        UniqueConstraint("deshace", name="historial_deshace_una_vez"),
        Index("historial_proyecto_id_numero_id_idx", "proyecto_id", "numero", "id"),
        Index("historial_proyecto_id_tx_idx", "proyecto_id", "tx"),
        Index("historial_persona_id_cuando_idx", "persona_id", "cuando"),
    )


class DivisionDeTarea(Base):
    """Una vez que se partieron, juntaron o corrigieron tareas. Sólo se agrega.

    Al confirmar, `division_cubre_lo_mismo` comprueba que las nuevas cubren lo que cubrían las viejas.
    """

    __tablename__ = "division_de_tarea"
    id: Mapped[Id]
    municipio_id: Mapped[Entero]
    proyecto_id: Mapped[Entero]
    persona_id: Mapped[Entero]
    clase: Mapped[Texto]
    motivo: Mapped[Texto]
    cuando: Mapped[Ahora]
    __table_args__ = (
        CheckConstraint("clase IN ('partir', 'juntar', 'corregir')", name="clase_conocida"),
        CheckConstraint(r"char_length(motivo) BETWEEN 3 AND 500 AND motivo ~ '\S'", name="con_motivo"),
        ForeignKeyConstraint(["proyecto_id"], ["proyecto.id"], name="division_de_tarea_proyecto_existe"),
        ForeignKeyConstraint(["persona_id"], ["persona.id"], name="division_de_tarea_persona_existe"),
        Index("division_de_tarea_proyecto_id_id_idx", "proyecto_id", "id"),
    )


class TareaOrigen(Base):
    """De qué tareas viene una: la inmediata (``paso`` 1) y todas las de antes. Sólo se agrega.

    ``principal`` es la línea de la que heredó estado, reserva y prioridad: siempre la de más área en común.
    """

    __tablename__ = "tarea_origen"
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer)
    de_numero: Mapped[int] = mapped_column(Integer)
    division_id: Mapped[Entero]
    paso: Mapped[int] = mapped_column(SmallInteger)
    principal: Mapped[bool] = mapped_column(Boolean)
    __table_args__ = (
        PrimaryKeyConstraint("proyecto_id", "numero", "de_numero", name="tarea_origen_pk"),
        CheckConstraint("de_numero < numero", name="de_una_anterior"),
        CheckConstraint("paso >= 1", name="paso_positivo"),
        ForeignKeyConstraint(["division_id"], ["division_de_tarea.id"], name="tarea_origen_division_existe"),
        ForeignKeyConstraint(
            ["proyecto_id", "numero"], ["tarea.proyecto_id", "tarea.numero"], name="tarea_origen_tarea_existe"
        ),
        ForeignKeyConstraint(
            ["proyecto_id", "de_numero"], ["tarea.proyecto_id", "tarea.numero"], name="tarea_origen_de_existe"
        ),
        Index("tarea_origen_proyecto_id_de_numero_idx", "proyecto_id", "de_numero"),
        Index("tarea_origen_division_id_idx", "division_id"),
    )
