"""El proyecto de la dirección que se pide, leído junto con quién lo pide."""

from flask import g, request
from sqlalchemy.orm import Session

from tareas.comun.permisos import Actor
from tareas.cuentas.consultas import actor_de_ficha
from tareas.proyectos.consultas import ProyectoVisible, actor_y_proyecto, visible
from tareas.proyectos.errores import ProyectoNoEncontrado


def leer_actor(sesion: Session, ficha: str) -> Actor:
    """Quién trae esa ficha; si la dirección es de un proyecto, de paso lo lee para `proyecto_pedido`."""
    proyecto_id = (request.view_args or {}).get("proyecto_id")
    if proyecto_id is None:
        return actor_de_ficha(sesion, ficha)
    quien, proyecto = actor_y_proyecto(sesion, ficha, proyecto_id)
    if quien.entro:
        g.proyecto_leido = (quien, proyecto_id, proyecto)
    return quien


def proyecto_pedido(sesion: Session, quien: Actor, proyecto_id: int) -> ProyectoVisible:
    """Como `consultas.visible`, sin preguntar otra vez lo que se leyó al saber quién pide.

    Lo leído sirve una sola vez: si la petición cambia el proyecto y lo vuelve a pedir, se lee de nuevo.

    Raises
    ------
    ProyectoNoEncontrado
    """
    leido = g.pop("proyecto_leido", None)
    if leido is None or leido[0] is not quien or leido[1] != proyecto_id:
        return visible(sesion, quien, proyecto_id)
    proyecto: ProyectoVisible | None = leido[2]
    if proyecto is None:
        raise ProyectoNoEncontrado
    return proyecto
