"""Dictaminar tareas mapeadas. Recibe la sesión; nunca confirma."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tareas.mapeo.errores import BloqueoPerdido
from tareas.mapeo.reglas import DIAS_DE_RESERVA, Estado
from tareas.mapeo.servicio import paso_previo
from tareas.validacion.consultas import SQL
from tareas.validacion.errores import ObjetoDesconocido
from tareas.validacion.reglas import DE_CADA, LLEVA_A, SAL_DE_SEGUNDAS, SEGUNDAS_DE_CADA, Veredicto


@dataclass(frozen=True, slots=True)
class Senalado:
    """Un error que alguien señala en una tarea. ``lugar`` es WKB, EPSG:4326; ``objeto``, como ``w12``."""

    codigo: str
    objeto: str | None = None
    version: int | None = None
    lugar: bytes | None = None
    nota: str | None = None
    huella: str | None = None


@dataclass(frozen=True, slots=True)
class Dictaminado:
    """Un dictamen escrito, con su paso en el historial."""

    id: int
    cuando: datetime
    estado: Estado
    duracion_s: float | None = None
    dictamen: int | None = None
    retro: int | None = None
    repetido: bool = False

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        return {
            "paso": self.id,
            "dictamen": self.dictamen,
            "estado": self.estado.codigo,
            "cuando": self.cuando.isoformat(),
            "duracion_s": self.duracion_s,
            "edificios": None,
            "metros_vias": None,
        }


def dictaminar(
    sesion: Session,
    *,
    persona_id: int,
    proyecto_id: int,
    numero: int,
    ficha: int,
    veredicto: Veredicto,
    motivos: Sequence[str] = (),
    nota: str | None = None,
    fortaleza: str | None = None,
    senalados: Sequence[Senalado] = (),
    retro: int | None = None,
) -> Dictaminado:
    """Termina la revisión de una tarea. El mismo dictamen repetido devuelve el paso que ya se dio.

    Parameters
    ----------
    motivos
        Códigos sin lugar; se suman a los de ``senalados`` que no los digan ya.
    retro
        La retroalimentación de otra tarea del mismo dictamen, para compartirla.

    Raises
    ------
    BloqueoPerdido
        La ficha es vieja, de otra persona, o el turno venció; ``datos['nota']`` conserva la nota.
    TrabajoPropio
        Quien dictamina la mapeó alguna vez.
    LugarLejos, ObjetoDesconocido
        Algo señalado no puede ser de la tarea.
    """
    estado = LLEVA_A[veredicto]
    codigos = {s.codigo for s in senalados}
    senalados = [Senalado(m) for m in dict.fromkeys(motivos) if m not in codigos] + list(senalados)
    turno = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "ficha": ficha}
    fila = sesion.execute(
        SQL["dictaminar"],
        {
            **turno,
            "a": int(estado),
            "veredicto": veredicto.value,
            "motivos": list(dict.fromkeys(s.codigo for s in senalados)) or None,
            "nota": nota,
            "fortaleza": fortaleza or None,
            "dias": DIAS_DE_RESERVA,
            "retro": retro,
            "con_retro": bool(senalados or fortaleza or (nota and nota.strip())),
            "sal": SAL_DE_SEGUNDAS,
            "de_cada": DE_CADA,
            "sorteadas": SEGUNDAS_DE_CADA,
        },
    ).one_or_none()
    if fila is not None:
        if fila.retro_id is not None and senalados:
            senalar(sesion, proyecto_id, numero, fila.retro_id, senalados)
        return Dictaminado(fila.id, fila.cuando, estado, fila.duracion_s, fila.dictamen, fila.retro_id)
    previo = paso_previo(
        sesion, persona_id=persona_id, proyecto_id=proyecto_id, numero=numero, ficha=ficha, accion="dictamen"
    )
    if previo is not None and previo.estado == estado:
        dado = sesion.execute(SQL["dictamen_de_turno"], turno).one_or_none()
        ids = (dado.id, dado.retro_id) if dado is not None else (None, None)
        return Dictaminado(previo.id, previo.cuando, estado, previo.duracion_s, *ids, repetido=True)
    raise BloqueoPerdido(nota=nota, numero=numero)


def senalar(sesion: Session, proyecto_id: int, numero: int, retro: int, senalados: Sequence[Senalado]) -> None:
    """Escribe lo señalado en una tarea.

    Raises
    ------
    ObjetoDesconocido
    """
    claves = sorted({s.objeto for s in senalados if s.objeto is not None})
    if claves:
        pedido = {"proyecto": proyecto_id, "claves": claves}
        if desconocidos := list(sesion.execute(SQL["objetos_desconocidos"], pedido).scalars()):
            raise ObjetoDesconocido(objetos=", ".join(desconocidos[:5]))
    renglones = [
        {
            "numero": numero,
            "codigo": s.codigo,
            "objeto": s.objeto,
            "version": s.version,
            "lugar": s.lugar.hex() if s.lugar is not None else None,
            "nota": s.nota or None,
            "huella": s.huella,
        }
        for s in senalados
    ]
    sesion.execute(SQL["senalar"], {"retro": retro, "proyecto": proyecto_id, "senalados": json.dumps(renglones)})
