"""Quién pide en el servidor de práctica: sólo por la ficha de ``Authorization: Bearer``, nunca por la galleta."""

from dataclasses import dataclass

from tareas.comun import bd
from tareas.comun.permisos import ANONIMO, Actor
from tareas.comun.web import ficha_portadora
from tareas.cuentas.consultas import actor_de_ficha
from tareas.practica.api06.errores import SinAutenticar
from tareas.practica.api06.reglas import ALCANCES
from tareas.practica.oauth.consultas import actor_de_acceso


@dataclass(frozen=True, slots=True)
class Identidad:
    """La persona y lo que su ficha permite."""

    actor: Actor
    alcances: frozenset[str]


NADIE = Identidad(ANONIMO, frozenset())


def quien(aula_id: int) -> Identidad:
    """Quien pide en esta aula; `NADIE` si no trae ficha.

    Raises
    ------
    SinAutenticar
        Si trae una que no vale: desconocida, vencida, revocada o de otra aula.
    """
    ficha = ficha_portadora()
    if ficha is None:
        return NADIE
    with bd.lectura() as sesion:
        actor = actor_de_ficha(sesion, ficha)
        if actor.entro:
            return Identidad(actor, frozenset(ALCANCES))
        acceso = actor_de_acceso(sesion, ficha, aula_id)
    if acceso is None:
        raise SinAutenticar
    return Identidad(*acceso)
