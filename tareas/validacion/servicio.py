"""Dictaminar, disputar y dar segundas opiniones. Recibe la sesión; nunca confirma."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tareas.mapeo.consultas import SQL as SQL_DE_MAPEO
from tareas.mapeo.errores import BloqueoPerdido, ProyectoCerrado, TareaDesconocida, TareaOcupada
from tareas.mapeo.reglas import DIAS_DE_RESERVA, Estado
from tareas.mapeo.servicio import Toma, paso_previo
from tareas.validacion import avisos
from tareas.validacion.consultas import SQL
from tareas.validacion.errores import (
    DictamenDesconocido,
    DisputaAjena,
    DisputaConTurno,
    NoSePuedeDisputar,
    ObjetoDesconocido,
    SegundaCerrada,
    SegundaDesconocida,
    SegundaHecha,
    SenalamientoDesconocido,
    YaNoSeCorrige,
    YaSeDisputo,
)
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
class Fortaleza:
    """Una de la lista (`tareas.validacion.fortalezas`). ``n``: su cifra; ``numero``: de qué tarea, o de todas."""

    codigo: str
    n: int | None = None
    numero: int | None = None


def _en_json(fortalezas: Sequence[Fortaleza]) -> str | None:
    dichas = [{k: v for k, v in asdict(f).items() if v is not None} for f in fortalezas]
    return json.dumps(dichas) if dichas else None


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
    clase: str | None = None

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        return {
            "paso": self.id,
            "dictamen": self.dictamen,
            "clase": self.clase,
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
    fortalezas: Sequence[Fortaleza] = (),
    senalados: Sequence[Senalado] = (),
    retro: int | None = None,
    sorteadas: int = SEGUNDAS_DE_CADA,
) -> Dictaminado:
    """Termina la revisión de una tarea. El mismo dictamen repetido devuelve el paso que ya se dio.

    Parameters
    ----------
    motivos
        Códigos sin lugar; se suman a los de ``senalados`` que no los digan ya.
    retro
        La retroalimentación de otra tarea del mismo dictamen, para compartirla.
    sorteadas
        De cada `DE_CADA` entregas, cuántas piden una segunda opinión.

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
            "fortalezas": _en_json(fortalezas),
            "dias": DIAS_DE_RESERVA,
            "retro": retro,
            "con_retro": bool(senalados or fortaleza or fortalezas or (nota and nota.strip())),
            "sal": SAL_DE_SEGUNDAS,
            "de_cada": DE_CADA,
            "sorteadas": sorteadas,
        },
    ).one_or_none()
    if fila is not None:
        if fila.retro_id is not None and senalados:
            senalar(sesion, proyecto_id, numero, fila.retro_id, senalados)
        if fila.dictamen is not None:
            avisos.de_dictamen(
                sesion,
                proyecto_id=proyecto_id,
                numero=numero,
                dictamen_id=fila.dictamen,
                autora_id=fila.autora_id,
                clase=fila.clase,
                veredicto=veredicto,
                codigos=list(dict.fromkeys(s.codigo for s in senalados)),
            )
        return Dictaminado(
            fila.id, fila.cuando, estado, fila.duracion_s, fila.dictamen, fila.retro_id, clase=fila.clase
        )
    previo = paso_previo(
        sesion, persona_id=persona_id, proyecto_id=proyecto_id, numero=numero, ficha=ficha, accion="dictamen"
    )
    if previo is not None and previo.estado == estado:
        dado = sesion.execute(SQL["dictamen_de_turno"], turno).one_or_none()
        return Dictaminado(
            previo.id,
            previo.cuando,
            estado,
            previo.duracion_s,
            dado.id if dado is not None else None,
            dado.retro_id if dado is not None else None,
            repetido=True,
            clase=dado.clase if dado is not None else None,
        )
    raise BloqueoPerdido(nota=nota, numero=numero)


@dataclass(frozen=True, slots=True)
class Disputada:
    """Una disputa escrita; ``estado`` es el que le queda a la tarea."""

    id: int
    paso: int
    cuando: datetime
    estado: Estado = Estado.MAPEADA

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        return {
            "disputa": self.id,
            "paso": self.paso,
            "estado": self.estado.codigo,
            "cuando": self.cuando.isoformat(),
        }


def disputar(
    sesion: Session, *, persona_id: int, proyecto_id: int, numero: int, dictamen_id: int, motivo: str
) -> Disputada:
    """Quien mapeó pide que otra persona juzgue su entrega devuelta: la tarea vuelve a quedar mapeada.

    Raises
    ------
    TareaDesconocida, DictamenDesconocido, DisputaAjena, YaSeDisputo, NoSePuedeDisputar, ProyectoCerrado, TareaOcupada,
    DisputaConTurno
    """
    base = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id}
    if sesion.execute(SQL_DE_MAPEO["turno"], base).one_or_none() is None:
        raise TareaDesconocida
    # Aparte de la que toma el turno: ve lo que se confirmó mientras se esperaba.
    fila = sesion.execute(SQL["por_disputar"], {**base, "dictamen": dictamen_id}).one_or_none()
    if fila is None:
        raise DictamenDesconocido
    if fila.autora_id != persona_id:
        raise DisputaAjena
    if fila.ya:
        raise YaSeDisputo
    if fila.proyecto_estado != "publicado":
        raise ProyectoCerrado
    if fila.la_tiene is not None:
        raise DisputaConTurno if fila.la_tiene == persona_id else TareaOcupada
    if not fila.vigente or fila.estado != Estado.DEVUELTA:
        raise NoSePuedeDisputar
    sesion.execute(SQL_DE_MAPEO["desalojar_vencido"], base)
    nueva = sesion.execute(
        SQL["disputar"],
        {
            **base,
            "municipio": fila.municipio_id,
            "dictamen": dictamen_id,
            "entrega": fila.entrega,
            "motivo": motivo,
        },
    ).one()
    avisos.de_disputa(sesion, proyecto_id=proyecto_id, numero=numero, dictamen_id=dictamen_id)
    return Disputada(nueva.id, nueva.paso, nueva.cuando)


def atender(
    sesion: Session, *, persona_id: int, proyecto_id: int, numero: int, senalamiento_id: int, hecho: bool
) -> None:
    """Quien mapeó da por atendido algo que le señalaron, o dice que todavía no. Repetirlo no cambia nada.

    Raises
    ------
    TareaDesconocida
    SenalamientoDesconocido
        No es de la tarea, o se lo señalaron a otra persona.
    YaNoSeCorrige
        La tarea ya no está devuelta: lo que se marcó se queda como estaba.
    """
    base = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "senalamiento": senalamiento_id}
    if sesion.execute(SQL_DE_MAPEO["turno"], base).one_or_none() is None:
        raise TareaDesconocida
    # Aparte de la que toma el turno: ve lo que se confirmó mientras se esperaba.
    fila = sesion.execute(SQL["por_atender"], base).one_or_none()
    if fila is None:
        raise SenalamientoDesconocido
    if fila.estado != Estado.DEVUELTA:
        raise YaNoSeCorrige
    sesion.execute(SQL["atender" if hecho else "desatender"], base)


def tomar_segunda(sesion: Session, *, persona_id: int, proyecto_id: int, entrega: int) -> Toma:
    """Toma una entrega para dar una segunda opinión sin saber la primera; tomarla otra vez alarga el turno.

    Raises
    ------
    SegundaDesconocida, SegundaHecha, SegundaCerrada, SegundaOcupada, SegundaDeLaMisma, TrabajoPropio, ProyectoCerrado
        Según la restricción de la base que lo impida.
    """
    pedido = {"proyecto": proyecto_id, "persona": persona_id, "entrega": entrega}
    fila = sesion.execute(SQL["tomar_segunda"], pedido).one_or_none()
    if fila is None:
        raise SegundaDesconocida
    return Toma(fila.numero, fila.ficha, fila.desde, fila.vence)


def soltar_segunda(
    sesion: Session, *, persona_id: int, proyecto_id: int, entrega: int, ficha: int | None = None
) -> None:
    """Suelta una segunda opinión sin darla; soltar lo que no se tiene no es un error."""
    pedido = {"proyecto": proyecto_id, "persona": persona_id, "entrega": entrega, "ficha": ficha}
    sesion.execute(SQL["soltar_segunda"], pedido)


@dataclass(frozen=True, slots=True)
class Opinion:
    """Una segunda opinión escrita. ``de_acuerdo``: si las dos aceptan, o las dos devuelven."""

    dictamen: int
    numero: int
    cuando: datetime
    primera: int
    de_acuerdo: bool
    repetida: bool = False

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        return {
            "dictamen": self.dictamen,
            "numero": self.numero,
            "cuando": self.cuando.isoformat(),
            "de_acuerdo": self.de_acuerdo,
        }


def opinar(
    sesion: Session,
    *,
    persona_id: int,
    proyecto_id: int,
    entrega: int,
    ficha: int,
    veredicto: Veredicto,
    nota: str | None = None,
    fortaleza: str | None = None,
    fortalezas: Sequence[Fortaleza] = (),
    senalados: Sequence[Senalado] = (),
) -> Opinion:
    """Da la segunda opinión de una entrega; no cambia el estado de la tarea. Repetirla devuelve la que ya se dio.

    Raises
    ------
    SegundaDesconocida, SegundaHecha, SegundaCerrada
    BloqueoPerdido
        La ficha es vieja, de otra persona, o el turno venció; ``datos['nota']`` conserva la nota.
    LugarLejos, ObjetoDesconocido
    """
    pedido = {"proyecto": proyecto_id, "entrega": entrega, "persona": persona_id, "ficha": ficha}
    numero = sesion.execute(SQL["segunda"], pedido).one_or_none()
    if numero is None:
        raise SegundaDesconocida
    tarea = {"proyecto": proyecto_id, "numero": numero.numero}
    sesion.execute(SQL_DE_MAPEO["turno"], tarea)
    nueva = sesion.execute(
        SQL["opinar"],
        {
            **pedido,
            "veredicto": veredicto.value,
            "nota": nota,
            "fortaleza": fortaleza or None,
            "fortalezas": _en_json(fortalezas),
            "con_retro": bool(senalados or fortaleza or fortalezas or (nota and nota.strip())),
        },
    ).one_or_none()
    segunda = sesion.execute(SQL["segunda"], pedido).one()
    if nueva is not None:
        if nueva.retro_id is not None and senalados:
            senalar(sesion, proyecto_id, nueva.numero, nueva.retro_id, senalados)
        acuerdo = _coinciden(segunda.primera, veredicto)
        if not acuerdo:
            avisos.de_desacuerdo(
                sesion,
                proyecto_id=proyecto_id,
                numero=nueva.numero,
                primera=segunda.primera_id,
                segunda=nueva.id,
                personas=(segunda.primera_persona_id, persona_id),
            )
        return Opinion(nueva.id, nueva.numero, nueva.cuando, segunda.primera_id, acuerdo)
    dada = sesion.execute(SQL["dictamen_de_turno"], {**pedido, **tarea}).one_or_none()
    if dada is not None and dada.id == segunda.hecha and dada.veredicto == veredicto:
        acuerdo = _coinciden(segunda.primera, veredicto)
        return Opinion(dada.id, segunda.numero, dada.cuando, segunda.primera_id, acuerdo, repetida=True)
    if segunda.hecha is not None:
        raise SegundaHecha(nota=nota)
    if not segunda.abierta:
        raise SegundaCerrada(nota=nota)
    raise BloqueoPerdido(nota=nota, numero=segunda.numero)


def _coinciden(uno: str, otro: str) -> bool:
    return (uno == Veredicto.DEVUELTA) == (otro == Veredicto.DEVUELTA)


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
