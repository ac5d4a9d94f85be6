"""Tablas de la evidencia. Las funciones y la vista que la cuentan están en la migración 0010."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tareas.comun.bd import Base
from tareas.comun.tipos_sql import Ahora, Entero, Momento

POSITIVAS = (
    "dentro_creados",
    "dentro_modificados",
    "dentro_borrados",
    "fuera_creados",
    "fuera_modificados",
    "fuera_borrados",
    "fuera_aparte",
    "sin_lugar",
    "edificios_creados",
    "edificios_borrados",
    "puntos_creados",
    "vertices_movidos",
    "vertices_fuera",
    "guardados",
)


class Evidencia(Base):
    """Lo que una persona cambió en OSM durante un turno, ya asentado: nada más de esa ventana puede llegar.

    ``desde`` y ``hasta`` son la ventana en que cuenta lo guardado; ``tomada``, cuándo tomó la tarea. ``objetos``: lo
    neto de cada uno, ``[tipo, id, version, accion, vertice, dentro, metros_fuera]``. ``fuera_aparte`` no toca la tarea;
    lo demás de fuera es un edificio en el borde. ``recontable`` es falso si ya se borraron los cambios de donde salió
    (un aula que se reinicia).
    """

    __tablename__ = "evidencia"
    proyecto_id: Mapped[Entero]
    numero: Mapped[int] = mapped_column(Integer, autoincrement=False)
    ficha: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    municipio_id: Mapped[Entero]
    persona_id: Mapped[Entero]
    origen: Mapped[Entero]
    uid: Mapped[Entero]
    desde: Mapped[Momento]
    hasta: Mapped[Momento]
    tomada: Mapped[Momento]
    dentro_creados: Mapped[int] = mapped_column(Integer)
    dentro_modificados: Mapped[int] = mapped_column(Integer)
    dentro_borrados: Mapped[int] = mapped_column(Integer)
    fuera_creados: Mapped[int] = mapped_column(Integer)
    fuera_modificados: Mapped[int] = mapped_column(Integer)
    fuera_borrados: Mapped[int] = mapped_column(Integer)
    fuera_aparte: Mapped[int] = mapped_column(Integer)
    sin_lugar: Mapped[int] = mapped_column(Integer)
    lejos_m: Mapped[float | None] = mapped_column(REAL)
    edificios: Mapped[int] = mapped_column(Integer)
    edificios_creados: Mapped[int] = mapped_column(Integer)
    edificios_borrados: Mapped[int] = mapped_column(Integer)
    metros_vias: Mapped[float] = mapped_column(Double)
    metros_vias_creadas: Mapped[float] = mapped_column(Double)
    puntos: Mapped[int] = mapped_column(Integer)
    puntos_creados: Mapped[int] = mapped_column(Integer)
    vertices_movidos: Mapped[int] = mapped_column(Integer)
    vertices_fuera: Mapped[int] = mapped_column(Integer)
    guardados: Mapped[int] = mapped_column(Integer)
    segundos_edicion: Mapped[float | None] = mapped_column(REAL)
    conjuntos: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    objetos: Mapped[list[Any]] = mapped_column(JSONB)
    recontable: Mapped[bool] = mapped_column(Boolean, server_default="true")
    asentada: Mapped[Ahora]
    __table_args__ = (
        PrimaryKeyConstraint("proyecto_id", "numero", "ficha", name="evidencia_una_por_turno"),
        CheckConstraint("hasta >= desde", name="ventana_en_orden"),
        CheckConstraint(
            " AND ".join(f"{columna} >= 0" for columna in POSITIVAS),
            name="cuentas_positivas",
        ),
        ForeignKeyConstraint(
            ["proyecto_id", "numero"],
            ["tarea.proyecto_id", "tarea.numero"],
            name="evidencia_tarea_existe",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["persona_id"], ["persona.id"], name="evidencia_persona_existe"),
        Index("evidencia_origen_uid_desde_idx", "origen", "uid", "desde"),
        Index("evidencia_persona_id_idx", "persona_id"),
    )


class EvidenciaMotivo(Base):
    """Por qué una entrega no tiene cambios, dicho después de entregar; si se dijo al entregar, está en el historial."""

    __tablename__ = "evidencia_motivo"
    paso_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    motivo: Mapped[str] = mapped_column(Text)
    dicho: Mapped[Ahora]
    __table_args__ = (
        PrimaryKeyConstraint("paso_id", name="evidencia_motivo_uno_por_entrega"),
        CheckConstraint("motivo IN ('ya_estaba', 'no_hay_nada', 'sin_imagen')", name="conocido"),
        ForeignKeyConstraint(["paso_id"], ["historial.id"], name="evidencia_motivo_paso_existe"),
    )
