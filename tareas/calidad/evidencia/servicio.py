"""Asentar la evidencia y anotar por qué una entrega no tiene cambios. Recibe la sesión; nunca confirma."""

from collections.abc import Hashable
from time import monotonic

from sqlalchemy.orm import Session

from tareas.calidad.evidencia.consultas import SQL, Datos, origenes
from tareas.calidad.evidencia.errores import MotivoYaDicho, NoEsTuEntrega, SinEntrega
from tareas.calidad.evidencia.reglas import Motivo
from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm.seguimiento.seguidor import AL_AVANZAR
from tareas.proyectos.recuerdo import base_de, recordado, recordar

CADA_S = 20.0
"""Segundos entre dos veces que una lectura de todo un proyecto busca qué asentar, en cada proceso."""


def asentar(sesion: Session, proyecto_id: int | None = None) -> int:
    """Guarda lo que cada turno cambió, de los turnos cuya ventana ya quedó atrás de los datos que hay.

    Repetirlo no cambia nada: cada turno se asienta una vez (``evidencia_una_por_turno``). Espera a que terminen las
    escrituras de cambios que ya empezaron.

    Returns
    -------
    int
        Cuántos turnos se asentaron.
    """
    return sum(_asentar(sesion, datos, proyecto_id, espera=True) for datos in origenes(sesion, proyecto_id))


def asentar_tarea(sesion: Session, datos: Datos, proyecto_id: int, numero: int) -> int:
    """Como `asentar`, para una tarea y sin esperar a nadie: si se está escribiendo, otra lectura lo hará."""
    return _asentar(sesion, datos, proyecto_id, numero)


def asentar_si_toca(sesion: Session, proyecto_id: int) -> int:
    """Como `asentar`, al leer un proyecto entero: sin esperar a nadie y, a lo más, una vez cada `CADA_S`."""
    clave: Hashable = (base_de(sesion), "asentar", proyecto_id)
    ultima = recordado(clave)
    if ultima is not None and monotonic() - ultima < CADA_S:
        return 0
    recordar(clave, monotonic())
    return sum(_asentar(sesion, datos, proyecto_id) for datos in origenes(sesion, proyecto_id))


def _asentar(
    sesion: Session, datos: Datos, proyecto_id: int | None, numero: int | None = None, *, espera: bool = False
) -> int:
    parametros = {**datos._asdict(), "proyecto": proyecto_id, "numero": numero, "espera": espera}
    cuantas: int = sesion.execute(SQL["asentar"], parametros).scalar_one()
    return cuantas


def decir_motivo(
    sesion: Session, *, persona_id: int, proyecto_id: int, numero: int, motivo: Motivo, ficha: int | None = None
) -> int:
    """Anota por qué una entrega no tiene cambios. Repetir el mismo motivo no es un error.

    Parameters
    ----------
    ficha
        El turno que se explica; ``None``, el de su última entrega de la tarea.

    Returns
    -------
    int
        El paso del historial que se explica.

    Raises
    ------
    SinEntrega, NoEsTuEntrega, MotivoYaDicho
    """
    base = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "ficha": ficha}
    entrega = sesion.execute(SQL["entrega_por_explicar"], base).one_or_none()
    if entrega is None:
        raise SinEntrega
    if entrega.persona_id != persona_id:
        raise NoEsTuEntrega
    paso: int = entrega.paso
    if entrega.motivo == motivo:
        return paso
    if entrega.motivo is not None:
        raise MotivoYaDicho
    # Si otra petición lo dijo primero, la restricción evidencia_motivo_uno_por_entrega lo dice.
    sesion.execute(SQL["decir_motivo"], {"paso": paso, "motivo": motivo.value})
    return paso


def _tras_avanzar(bd: BaseDeDatos) -> None:
    # Una transacción por origen: quien guarda en un aula no espera a que se asiente otra.
    with bd.lectura() as sesion:
        todos = list(origenes(sesion, None))
    for datos in todos:
        with bd.transaccion() as sesion:
            _asentar(sesion, datos, None, espera=True)


AL_AVANZAR.append(_tras_avanzar)
