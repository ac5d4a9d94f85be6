"""La puerta del servidor de práctica: una sola dirección de Flask, y adentro el protocolo decide.

Así todo lo que cae bajo ``/practica/aulas/…/api/`` responde a la manera de OpenStreetMap: también lo que no existe, los
métodos que no se admiten, los permisos entre sitios y lo que falle.
"""

import logging

from apiflask import APIBlueprint
from flask import Response, current_app, g, request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from tareas.comun import bd
from tareas.comun.permisos import Actor
from tareas.comun.signos import imprimible
from tareas.comun.web import acceso
from tareas.practica.api06.atender import A_CIEGAS, ATENCIONES, RUTAS
from tareas.practica.api06.errores import ClaveTemporal, ErrorApi, MetodoNoAdmitido, NoHallado
from tareas.practica.api06.peticion import JSON, METODOS, XML, AulaPedida, Peticion, abierto_a_todos, de_error, texto
from tareas.practica.api06.reglas import ABIERTA
from tareas.practica.aulas.consultas import existe, la_vera_con_su_clave, visible
from tareas.practica.errores import AulaDesconocida, VersionRepetida
from tareas.practica.identidad import quien

bp = APIBlueprint("practica_api06", __name__, url_prefix="/practica/aulas", enable_openapi=False)
bitacora = logging.getLogger("tequio")


@bp.route("/<int:aula_id>/api/<path:direccion>", methods=[*METODOS, "PATCH"], provide_automatic_options=False)
@acceso(publico=True)
def api(aula_id: int, direccion: str) -> Response:
    """Cualquier dirección de la API 0.6 de un aula."""
    try:
        respuesta = _atender(aula_id, direccion)
    except ErrorApi as error:
        respuesta = de_error(error)
    except VersionRepetida:
        respuesta = texto("Version mismatch: somebody else saved the same element an instant before", 409)
    except Exception as error:
        bitacora.error("peticion=%s %s %s", g.get("peticion"), request.method, imprimible(request.path), exc_info=error)
        if current_app.config.get("PROPAGATE_EXCEPTIONS"):
            raise
        respuesta = texto(f"Internal server error (request {g.get('peticion', '')})", 500)
    return abierto_a_todos(respuesta)


def _atender(aula_id: int, direccion: str) -> Response:
    formato, limpia = _separar_formato(direccion.rstrip("/"))
    adaptador = RUTAS.bind("practica")
    if request.method == "OPTIONS":
        return _opciones(adaptador.allowed_methods("/" + limpia))
    try:
        nombre, valores = adaptador.match("/" + limpia, method=request.method)
    except MethodNotAllowed as error:
        raise MetodoNoAdmitido(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"})) from None
    except (NotFound, RequestRedirect):
        raise NoHallado from None
    identidad = quien(aula_id)
    return ATENCIONES[nombre](
        Peticion(_aula(aula_id, identidad.actor, nombre in A_CIEGAS), identidad, formato), **valores
    )


def _aula(aula_id: int, quien_pide: Actor, a_ciegas: bool) -> AulaPedida:
    with bd.lectura() as sesion:
        try:
            aula = visible(sesion, quien_pide, aula_id)
        except AulaDesconocida:
            if a_ciegas and existe(sesion, aula_id):
                return AulaPedida(aula_id, ABIERTA)
            if la_vera_con_su_clave(sesion, quien_pide, aula_id):
                raise ClaveTemporal from None
            raise NoHallado from None
    return AulaPedida(aula_id, aula.estado)


def _separar_formato(direccion: str) -> tuple[str | None, str]:
    for formato in (XML, JSON):
        if direccion.endswith(f".{formato}"):
            return formato, direccion.removesuffix(f".{formato}")
    return None, direccion


def _opciones(metodos: object) -> Response:
    if not metodos:
        raise NoHallado
    respuesta = texto("", 200)
    respuesta.headers["Allow"] = ", ".join(sorted({str(m) for m in metodos} | {"OPTIONS"}))  # type: ignore[attr-defined]
    return respuesta
