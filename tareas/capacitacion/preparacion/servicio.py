"""Escribe talleres. Recibe la sesión; nunca confirma."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tareas.capacitacion.preparacion.consultas import SQL
from tareas.capacitacion.preparacion.errores import NombreRepetido, ProyectoDeOtroMunicipio
from tareas.capacitacion.preparacion.reglas import PREPARAN
from tareas.comun.errores import NoPermitido
from tareas.comun.permisos import Actor
from tareas.municipios.consultas import Municipio
from tareas.proyectos.consultas import visible


def guardar(
    sesion: Session,
    actor: Actor,
    municipio: Municipio,
    *,
    nombre: str,
    empieza: datetime,
    horas: int,
    ritmo: int,
    proyecto: int | None,
    personas: Sequence[str],
    taller_id: int | None = None,
) -> int:
    """Crea un taller, o cambia el que se dice, con su lista de personas.

    Raises
    ------
    NoPermitido, ProyectoNoEncontrado, ProyectoDeOtroMunicipio, NombreRepetido
    """
    if not actor.tiene(PREPARAN, municipio.id):
        raise NoPermitido
    if proyecto is not None and visible(sesion, actor, proyecto).municipio_id != municipio.id:
        raise ProyectoDeOtroMunicipio(municipio=municipio.nombre)
    vistos: set[str] = set()
    for persona in personas:
        if persona.lower() in vistos:
            raise NombreRepetido(nombre=persona)
        vistos.add(persona.lower())
    datos: dict[str, Any] = {
        "municipio": municipio.id,
        "proyecto": proyecto,
        "nombre": nombre,
        "empieza": empieza,
        "horas": horas,
        "ritmo": ritmo,
        "persona": actor.id,
    }
    if taller_id is None:
        taller_id = int(sesion.execute(SQL["crear"], datos).scalar_one())
    else:
        sesion.execute(SQL["editar"], {**datos, "taller": taller_id})
        sesion.execute(SQL["quitar_personas"], {"taller": taller_id})
    sesion.execute(SQL["poner_personas"], {"taller": taller_id, "nombres": list(personas)})
    return taller_id


def borrar(sesion: Session, taller_id: int) -> None:
    """Borra un taller y su lista."""
    sesion.execute(SQL["borrar"], {"taller": taller_id})
