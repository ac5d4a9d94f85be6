"""Páginas del proveedor: dar permiso a una aplicación, y ver y quitar los permisos dados."""

from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Blueprint, Response, flash, render_template, request, url_for

from tareas.comun import bd
from tareas.comun.presentacion import permitir_envios
from tareas.comun.textos import N_, _, llenar
from tareas.comun.web import acceso, actor_con_cuenta
from tareas.practica.aulas.consultas import Aula, visible
from tareas.practica.oauth import consultas, servicio
from tareas.practica.oauth.proveedor import SIN_GUARDAR, Proveedor
from tareas.practica.oauth.reglas import ALCANCES, DE_CASA, sitio_de

bp = Blueprint("oauth", __name__)
CONOCIDOS = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")

PORQUES = {
    "invalid_client": N_("Aquí no conocemos esa aplicación. Revisa el identificador (client_id) en sus ajustes."),
    "invalid_request": N_(
        "La aplicación pidió el permiso de una manera que no aceptamos; casi siempre es la dirección de regreso "
        "(redirect_uri), que tiene que ser la registrada."
    ),
}


def _nombre(cliente_id: str, nombre: str) -> str:
    """Nombre de una aplicación; sólo los de la casa se traducen."""
    return _(nombre) if cliente_id in DE_CASA else nombre


def _fallo(error: OAuth2Error, proveedor: Proveedor) -> Response:
    """El error vuelve a la aplicación sólo si ella y su dirección de regreso son de fiar; si no, se queda aquí."""
    if error.redirect_uri:
        respuesta: Response = proveedor.handle_error_response(None, error)
        return respuesta
    porque = llenar(PORQUES.get(error.error, PORQUES["invalid_request"]), {})
    detalle = error.description if isinstance(error.description, str) else ""
    return Response(
        render_template("oauth/fallo.html", porque=porque, codigo=error.error, detalle=detalle),
        400,
        mimetype="text/html",
        headers=SIN_GUARDAR,
    )


@bp.get("/practica/aulas/<int:aula_id>/api/authorize")
@acceso(publico=True)
def pedir_desde_la_api(aula_id: int) -> Response:
    """Lleva a donde se pide permiso: JOSM adivina esta dirección, y lo que cae bajo ``/api/`` no lee galletas."""
    destino = url_for("oauth.pedir", aula_id=aula_id) + "?" + request.query_string.decode("ascii", "replace")
    return Response(status=302, headers={"Location": destino})


@bp.get("/practica/aulas/<int:aula_id>/oauth2/authorize")
@acceso(cuenta=True)
def pedir(aula_id: int) -> Response:
    """Pregunta a la persona si deja entrar a la aplicación."""
    quien = actor_con_cuenta()
    with bd.lectura() as sesion:
        aula = visible(sesion, quien, aula_id)
        proveedor = Proveedor(sesion, aula_id)
        try:
            permiso = proveedor.get_consent_grant(end_user=quien)
        except OAuth2Error as error:
            return _fallo(error, proveedor)
        return _pagina(aula, permiso)


def _pagina(aula: Aula, permiso: Any) -> Response:
    destino = sitio_de(permiso.redirect_uri)
    pedido = {n: v for n in CONOCIDOS if (v := request.args.get(n))}
    # Chromium también mira a dónde lleva la respuesta de un formulario, y la de éste sale del sitio.
    permitir_envios([destino])
    pagina = render_template(
        "oauth/permiso.html",
        aplicacion=_nombre(permiso.client.client_id, permiso.client.nombre),
        aula=aula,
        alcances=[_(ALCANCES[a]) for a in permiso.request.scope.split()],
        destino=destino,
        # Lo pedido viaja en la dirección, tal cual: el formulario sólo agrega la respuesta.
        accion=url_for("oauth.responder", aula_id=aula.id) + "?" + urlencode(pedido),
    )
    respuesta = Response(pagina, mimetype="text/html", headers=SIN_GUARDAR)
    respuesta.headers["Referrer-Policy"] = "same-origin"
    return respuesta


@bp.post("/practica/aulas/<int:aula_id>/oauth2/authorize")
@acceso(cuenta=True)
def responder(aula_id: int) -> Response:
    """Lleva la respuesta a la aplicación: un código, o que no hubo permiso."""
    quien = actor_con_cuenta()
    with bd.transaccion() as sesion:
        visible(sesion, quien, aula_id)
        proveedor = Proveedor(sesion, aula_id)
        try:
            permiso = proveedor.get_consent_grant(end_user=quien)
        except OAuth2Error as error:
            return _fallo(error, proveedor)
        respuesta: Response = proveedor.create_authorization_response(
            permiso.request, grant_user=quien if request.form.get("respuesta") == "si" else None, grant=permiso
        )
    # Que el código no salga en la dirección de procedencia de lo que se pida después.
    respuesta.headers["Referrer-Policy"] = "no-referrer"
    return respuesta


@bp.get("/cuenta/aplicaciones")
@acceso(cuenta=True)
def aplicaciones() -> str:
    """Aplicaciones a las que la persona da acceso."""
    with bd.lectura() as sesion:
        dadas = consultas.aplicaciones(sesion, actor_con_cuenta().id or 0)
    lista = [
        (a, _nombre(a.cliente_id, a.nombre), [_(t) for c, t in ALCANCES.items() if c in a.alcances]) for a in dadas
    ]
    return render_template("oauth/aplicaciones.html", aplicaciones=lista)


@bp.post("/cuenta/aplicaciones/<int:aula_id>/<cliente_id>/retiro")
@acceso(cuenta=True)
def retirar(aula_id: int, cliente_id: str) -> Response:
    """Quita el acceso a una aplicación en un aula; quitarlo dos veces no es un error."""
    with bd.transaccion() as sesion:
        servicio.retirar_aplicacion(sesion, actor_con_cuenta().id or 0, aula_id=aula_id, cliente_id=cliente_id)
    flash(_("Le quitaste el acceso. Si lo necesita, te lo pedirá otra vez."), "exito")
    return Response(status=303, headers={"Location": url_for("oauth.aplicaciones")})
