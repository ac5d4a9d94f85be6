"""Direcciones del proveedor que las aplicaciones piden solas, y la ficha del editor de la página.

Las de ``/practica`` hablan OAuth 2: sus errores llevan el código de la RFC, en JSON. JOSM, con la dirección de la API
(``…/practica/aulas/7/api``), adivina ``/authorize`` y ``/token`` a continuación; por eso valen también ahí.
"""

from typing import Any

from apiflask import APIBlueprint
from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.datastructures import WWWAuthenticate

from tareas.comun import bd
from tareas.comun.web import acceso, actor_con_cuenta, ficha_portadora
from tareas.practica.aulas.consultas import visible
from tareas.practica.oauth import consultas, servicio
from tareas.practica.oauth.proveedor import SIN_GUARDAR, Proveedor
from tareas.practica.oauth.reglas import ALCANCES

bp = Blueprint("oauth_api", __name__, url_prefix="/practica/aulas/<int:aula_id>")
bp_fichas = APIBlueprint("fichas_api", __name__, url_prefix="/api/v1", tag="Aulas")
bp_conocida = Blueprint("oauth_conocida", __name__)


def _abierta(respuesta: Response) -> Response:
    """Una aplicación de otro sitio puede leerla: no lleva galletas ni depende de ellas."""
    respuesta.headers["Access-Control-Allow-Origin"] = "*"
    return respuesta


def _segun_protocolo(aula_id: int, punto: str | None) -> Response:
    # La transacción se confirma también si la respuesta es un error: puede haber retirado fichas.
    with bd.transaccion() as sesion:
        proveedor = Proveedor(sesion, aula_id)
        try:
            respuesta: Response = (
                proveedor.create_token_response() if punto is None else proveedor.create_endpoint_response(punto)
            )
        except OAuth2Error as error:
            respuesta = proveedor.handle_error_response(None, error)
    return _abierta(respuesta)


@bp.post("/oauth2/token")
@bp.post("/api/token")
@acceso(publico=True)
def ficha(aula_id: int) -> Response:
    """Cambia un código por una ficha de acceso."""
    return _segun_protocolo(aula_id, None)


@bp.post("/oauth2/revoke")
@acceso(publico=True)
def retirar(aula_id: int) -> Response:
    """Retira una ficha (RFC 7009)."""
    return _segun_protocolo(aula_id, "revocation")


@bp.post("/oauth2/introspect")
@acceso(publico=True)
def preguntar(aula_id: int) -> Response:
    """Dice si una ficha vale (RFC 7662)."""
    return _segun_protocolo(aula_id, "introspection")


@bp.get("/oauth2/userinfo")
@acceso(publico=True)
def quien(aula_id: int) -> Response:
    """Quién es la persona de una ficha; lo demás está en ``user/details`` de la API."""
    secreto = ficha_portadora()
    with bd.lectura() as sesion:
        acceso_dado = consultas.actor_de_acceso(sesion, secreto, aula_id) if secreto else None
    if acceso_dado is None or "read_prefs" not in acceso_dado[1]:
        codigo = "invalid_token" if acceso_dado is None else "insufficient_scope"
        respuesta = jsonify({"error": codigo})
        respuesta.status_code = 401 if acceso_dado is None else 403
        respuesta.www_authenticate = WWWAuthenticate("bearer", {"error": codigo} if secreto else {"realm": "Tequio"})
    else:
        respuesta = jsonify({"sub": str(acceso_dado[0].id), "preferred_username": acceso_dado[0].usuario})
    respuesta.headers.update(SIN_GUARDAR)
    return _abierta(respuesta)


@bp.get("/.well-known/oauth-authorization-server")
@bp.get("/api/.well-known/oauth-authorization-server")
@bp_conocida.get("/.well-known/oauth-authorization-server/practica/aulas/<int:aula_id>")
@acceso(publico=True)
def datos(aula_id: int) -> Response:
    """Dónde está cada cosa (RFC 8414). Dice lo mismo exista o no el aula."""

    def direccion(vista: str) -> str:
        return url_for(vista, aula_id=aula_id, _external=True)

    base = request.host_url.rstrip("/") + f"/practica/aulas/{aula_id}"
    respuesta = jsonify(
        {
            "issuer": base,
            "authorization_endpoint": f"{base}/oauth2/authorize",
            "token_endpoint": f"{base}/oauth2/token",
            "revocation_endpoint": direccion("oauth_api.retirar"),
            "introspection_endpoint": direccion("oauth_api.preguntar"),
            "userinfo_endpoint": direccion("oauth_api.quien"),
            "scopes_supported": list(ALCANCES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }
    )
    return _abierta(respuesta)


@bp_fichas.post("/aulas/<int:aula_id>/fichas")
@acceso(cuenta=True)
def ficha_del_editor(aula_id: int) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Una ficha de doce horas para el editor que va dentro de la página: sabe quién eres y edita en el aula."""
    persona = actor_con_cuenta()
    with bd.transaccion() as sesion:
        visible(sesion, persona, aula_id)
        nueva = servicio.ficha_del_editor(sesion, persona.id or 0, aula_id)
    return {"access_token": nueva.ficha, "vence": nueva.vence.isoformat()}, 201, SIN_GUARDAR
