"""Escrituras del buzón. Reciben la sesión; nunca confirman ni envían nada."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import CursorResult
from sqlalchemy.orm import Session

from tareas.cuentas.buzon.consultas import SQL
from tareas.cuentas.buzon.errores import AvisoDesconocido
from tareas.cuentas.buzon.reglas import (
    CLASES,
    CORREOS_POR_VEZ,
    DIAS_LEIDO,
    DIAS_POR_CORREO,
    DIAS_SIN_LEER,
    HORA_DEL_RESUMEN,
    SEGUNDOS_DE_REPOSO,
    SEGUNDOS_JUNTOS,
    ZONA_POR_OMISION,
    PorCorreo,
)
from tareas.cuentas.errores import PersonaDesconocida


def avisar(
    sesion: Session,
    *,
    persona_id: int,
    clase: str,
    llave: str | None,
    enlace: str,
    municipio_id: int | None = None,
    proyecto_id: int | None = None,
    numero: int | None = None,
    dictamen_id: int | None = None,
    datos: Mapping[str, Any] | None = None,
) -> int | None:
    """Deja un aviso en el buzón de una persona, dentro de la transacción de lo que pasó.

    Parameters
    ----------
    clase
        Una de `tareas.cuentas.buzon.reglas.CLASES`.
    llave
        Qué pasó, en una palabra única («dictamen:918»): la misma persona no recibe dos avisos con la misma llave.
    enlace
        Dirección local a la que lleva.
    datos
        Cifras, códigos (``codigos``, lista) y el nombre del proyecto por si se borra (``proyecto``). Nunca nombres de
        otras personas ni lo que escribieron: el texto se compone al mostrarlo.

    Returns
    -------
    int or None
        El aviso; ``None`` si ya estaba.

    Raises
    ------
    KeyError
        La clase no está en el registro.
    """
    CLASES[clase]
    valores = {
        "persona": persona_id,
        "clase": clase,
        "municipio": municipio_id,
        "proyecto": proyecto_id,
        "numero": numero,
        "dictamen": dictamen_id,
        "datos": json.dumps(dict(datos or {})),
        "enlace": enlace,
        "llave": llave,
    }
    aviso_id = sesion.execute(SQL["avisar"], valores).scalar()
    return None if aviso_id is None else int(aviso_id)


def marcar_leidos(
    sesion: Session, persona_id: int, *, ids: Iterable[int] | None = None, dictamen_id: int | None = None
) -> int:
    """Marca como leídos los avisos de una persona: los de ``ids``, los de un dictamen, o todos.

    Returns
    -------
    int
        Cuántos no lo estaban.
    """
    valores = {"persona": persona_id, "ids": None if ids is None else list(ids), "dictamen": dictamen_id}
    return cast("CursorResult[Any]", sesion.execute(SQL["marcar_leidos"], valores)).rowcount


def abrir(sesion: Session, persona_id: int, aviso_id: int, *, marcar: bool = True) -> str:
    """Dice a dónde lleva un aviso y, si de veras se abre, lo marca como leído.

    Raises
    ------
    AvisoDesconocido
    """
    enlace = sesion.execute(SQL["abrir"], {"persona": persona_id, "id": aviso_id, "marcar": marcar}).scalar()
    if enlace is None:
        raise AvisoDesconocido
    return str(enlace)


def guardar_preferencias(sesion: Session, persona_id: int, *, correo: PorCorreo, hora: int | None = None) -> None:
    """Cómo quiere sus avisos por correo. Sin ``hora`` conserva la que tenía.

    Raises
    ------
    PersonaDesconocida
    """
    valores = {"persona": persona_id, "correo": correo.value, "hora": hora, "hora_comun": HORA_DEL_RESUMEN}
    if sesion.execute(SQL["guardar_preferencias"], valores).scalar() is None:
        raise PersonaDesconocida
    if correo is PorCorreo.NUNCA:
        sesion.execute(SQL["callar_pendientes"], {"persona": persona_id})


def poner_correos(sesion: Session) -> int:
    """Pasa a la cola de correos los avisos que ya tocan: los seguidos juntos, o el resumen del día.

    Returns
    -------
    int
        Cuántos correos quedaron en la cola; a lo más `CORREOS_POR_VEZ` de cada manera. Cero: no falta ninguno.
    """
    comunes = {"dias": DIAS_POR_CORREO, "tope": CORREOS_POR_VEZ}
    cada_uno = sesion.execute(
        SQL["poner_cada_uno"], {**comunes, "reposo": SEGUNDOS_DE_REPOSO, "junta": SEGUNDOS_JUNTOS}
    ).all()
    resumenes = sesion.execute(
        SQL["poner_resumenes"], {**comunes, "hora": HORA_DEL_RESUMEN, "zona": ZONA_POR_OMISION}
    ).all()
    return len(cada_uno) + len(resumenes)


def devolver_abandonados(sesion: Session) -> None:
    """Los avisos de correos que no pudieron salir en un día esperan otra vez su turno. Va antes de barrer correos."""
    sesion.execute(SQL["devolver_abandonados"])


def barrer(sesion: Session) -> None:
    """Borra los avisos viejos."""
    sesion.execute(SQL["barrer_avisos"], {"leido": DIAS_LEIDO, "sin_leer": DIAS_SIN_LEER})
