"""API de cuentas: entrar, salir y saber quién se es."""

from typing import Any

from apiflask import APIBlueprint
from flask import request

from tareas.comun import bd
from tareas.comun.entrada import entrada
from tareas.comun.permisos import Actor
from tareas.comun.web import acceso, actor_con_cuenta, ficha_presentada
from tareas.cuentas import ingreso, servicio
from tareas.cuentas.consultas import actor_de_ficha
from tareas.cuentas.formularios import EntradaDeApi

bp = APIBlueprint("cuentas_api", __name__, url_prefix="/api/v1", tag="Cuentas")


def _persona(quien: Actor) -> dict[str, Any]:
    papeles = sorted(quien.papeles, key=lambda p: (p[0] is not None, p[0] or 0, p[1]))
    return {
        "id": quien.id,
        "usuario": quien.usuario,
        "nombre": quien.nombre,
        "idioma": quien.idioma,
        "debe_cambiar_clave": quien.debe_cambiar_clave,
        "papeles": [{"municipio": municipio, "papel": papel.value} for municipio, papel in papeles],
    }


@bp.post("/sesiones")
@acceso(publico=True)
@entrada(EntradaDeApi)
def abrir_sesion(datos: EntradaDeApi) -> tuple[dict[str, Any], int]:
    """Entra con usuario y clave; el ``token`` va después en ``Authorization: Bearer``."""
    nueva = ingreso.entrar(
        bd.actual(), usuario=datos.usuario, clave=datos.clave, direccion=request.remote_addr, via="api"
    )
    with bd.lectura() as sesion:
        quien = actor_de_ficha(sesion, nueva.ficha)
    return {"token": nueva.ficha, "vence": nueva.vence.isoformat(), "persona": _persona(quien)}, 201


@bp.delete("/sesiones")
@acceso(cuenta=True, con_clave_temporal=True)
def cerrar_sesion() -> tuple[str, int]:
    """Cierra la sesión con que se pide."""
    with bd.transaccion() as sesion:
        servicio.cerrar_sesion(sesion, ficha_presentada() or "")
    return "", 204


@bp.get("/yo")
@acceso(cuenta=True, con_clave_temporal=True)
def yo() -> dict[str, Any]:
    """Quién soy y qué papeles tengo; ``municipio`` nulo vale en todos."""
    return _persona(actor_con_cuenta())
