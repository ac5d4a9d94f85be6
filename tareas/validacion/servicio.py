"""Dictaminar tareas mapeadas. Recibe la sesión; nunca confirma."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from tareas.mapeo.errores import BloqueoPerdido
from tareas.mapeo.reglas import DIAS_DE_RESERVA
from tareas.mapeo.servicio import Paso, paso_previo
from tareas.validacion.consultas import SQL
from tareas.validacion.reglas import LLEVA_A, Veredicto


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
) -> Paso:
    """Termina la revisión de una tarea. El mismo dictamen repetido devuelve el paso que ya se dio.

    Raises
    ------
    BloqueoPerdido
        La ficha es vieja, de otra persona, o el turno venció; ``datos['nota']`` conserva la nota.
    TrabajoPropio
        Quien dictamina la mapeó alguna vez.
    """
    estado = LLEVA_A[veredicto]
    fila = sesion.execute(
        SQL["dictaminar"],
        {
            "proyecto": proyecto_id,
            "numero": numero,
            "persona": persona_id,
            "ficha": ficha,
            "a": int(estado),
            "motivos": list(motivos) or None,
            "nota": nota,
            "dias": DIAS_DE_RESERVA,
        },
    ).one_or_none()
    if fila is not None:
        return Paso(fila.id, fila.cuando, estado, fila.duracion_s)
    previo = paso_previo(
        sesion, persona_id=persona_id, proyecto_id=proyecto_id, numero=numero, ficha=ficha, accion="dictamen"
    )
    if previo is not None and previo.estado == estado:
        return previo
    raise BloqueoPerdido(nota=nota, numero=numero)
