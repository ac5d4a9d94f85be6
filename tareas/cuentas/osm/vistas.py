"""Entrar con OpenStreetMap, vincular la cuenta y desvincularla."""

import hmac
import os
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    after_this_request,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from itsdangerous import BadData, URLSafeTimedSerializer

from tareas.comun import bd
from tareas.comun.errores import DebeCambiarClave, ErrorTequio
from tareas.comun.textos import _, llenar
from tareas.comun.web import acceso, actor, actor_con_cuenta, errores_en
from tareas.cuentas.osm import cliente, ingreso, servicio, servidores
from tareas.cuentas.osm.cliente import CuentaDeAlla
from tareas.cuentas.osm.errores import EntradaOsmAjena, ServidorDesconocido, VinculoDeOtraPersona
from tareas.cuentas.osm.reglas import SEGUNDOS_DE_ENTRADA
from tareas.cuentas.osm.servidores import Servidor
from tareas.cuentas.reglas import destino_local
from tareas.cuentas.vistas import abrir_en_navegador, idioma_de_peticion, registro_abierto

bp = Blueprint("cuentas_osm", __name__)
GALLETA = "tequio_osm"
RUTA = "/entrar/osm"


@bp.record_once
def _configurar(estado: BlueprintSetupState) -> None:
    config = estado.app.config
    config.setdefault(servidores.VARIABLE, os.environ.get(servidores.VARIABLE, ""))
    # Que un error de configuración se vea al encender, no cuando alguien quiera entrar.
    servidores.leer(config[servidores.VARIABLE])


def _firma() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="entrar-osm")


def _con_que_se_entra(identificador: str) -> Servidor:
    servidor = servidores.servidor(identificador)
    if not servidor.se_entra:
        raise ServidorDesconocido
    return replace(servidor, nombre=servidores.nombre_de(servidor.id))


def _regreso(servidor: Servidor) -> str:
    return url_for("cuentas_osm.volver", servidor=servidor.id, _external=True)


def _error_aqui(siguiente: str = "/", vinculaba: bool = False) -> None:
    def pintar(error: ErrorTequio) -> str:
        return render_template(
            "cuentas/osm_fallo.html",
            mensaje=llenar(error.plantilla, error.datos),
            siguiente=siguiente,
            vinculaba=vinculaba and actor().entro,
        )

    errores_en(pintar)


@bp.post(f"{RUTA}/<servidor>")
@acceso(publico=True)
def ir(servidor: str) -> Any:
    """Manda a la persona al otro servidor; si ya entró aquí, es para vincular su cuenta."""
    siguiente = destino_local(request.form.get("siguiente"))
    _error_aqui(siguiente)
    quien = actor()
    if quien.debe_cambiar_clave:
        raise DebeCambiarClave
    elegido = _con_que_se_entra(servidor)
    ida = cliente.empezar(elegido, _regreso(elegido))
    respuesta = redirect(ida.direccion, 303)
    recordado = {
        "servidor": elegido.id,
        "estado": ida.estado,
        "verificador": ida.verificador,
        "siguiente": siguiente,
        "persona": quien.id,
    }
    respuesta.set_cookie(
        GALLETA,
        str(_firma().dumps(recordado)),
        max_age=SEGUNDOS_DE_ENTRADA,
        path=RUTA,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    respuesta.headers["Cache-Control"] = "no-store"
    # Allá no hace falta saber desde qué página se fue.
    respuesta.headers["Referrer-Policy"] = "no-referrer"
    return respuesta


def _recordado(servidor: str) -> dict[str, Any]:
    """Lo que se guardó al ir, si esta respuesta es la de esa ida.

    Raises
    ------
    EntradaOsmAjena
    """
    try:
        recordado: dict[str, Any] = _firma().loads(request.cookies.get(GALLETA, ""), max_age=SEGUNDOS_DE_ENTRADA)
    except BadData as error:
        raise EntradaOsmAjena from error
    estado = request.args.get("state", "")
    if recordado["servidor"] != servidor or not hmac.compare_digest(recordado["estado"].encode(), estado.encode()):
        raise EntradaOsmAjena
    return recordado


@bp.get(f"{RUTA}/<servidor>/regreso")
@acceso(publico=True)
def volver(servidor: str) -> Any:
    """Recibe a la persona que vuelve, pregunta quién es y la deja entrar."""

    # Pase lo que pase, lo recordado sirve una sola vez.
    @after_this_request
    def olvidar(respuesta: Response) -> Response:
        respuesta.delete_cookie(GALLETA, path=RUTA, httponly=True, samesite="Lax")
        respuesta.headers["Cache-Control"] = "no-store"
        # La dirección de esta página lleva el código.
        respuesta.headers["Referrer-Policy"] = "no-referrer"
        return respuesta

    _error_aqui()
    elegido = _con_que_se_entra(servidor)
    recordado = _recordado(servidor)
    _error_aqui(recordado["siguiente"], vinculaba=recordado["persona"] is not None)
    if "error" in request.args:
        raise cliente.error_de_alla(elegido, request.args["error"])
    codigo = request.args.get("code", "")
    if not codigo or len(codigo) > 2000:
        raise EntradaOsmAjena
    if recordado["persona"] != actor().id:
        raise VinculoDeOtraPersona
    alla = cliente.preguntar(elegido, _regreso(elegido), codigo=codigo, verificador=recordado["verificador"])
    if recordado["persona"] is not None:
        return _vincular(recordado["persona"], elegido, alla)
    nueva, es_nueva = ingreso.entrar(
        bd.actual(),
        elegido.id,
        alla,
        idioma=idioma_de_peticion(),
        direccion=request.remote_addr,
        registro_abierto=registro_abierto(),
    )
    respuesta = abrir_en_navegador(Response(status=303, headers={"Location": recordado["siguiente"]}), nueva)
    if es_nueva:
        flash(_("Listo, ya tienes cuenta. Elige un proyecto y toma tu primera tarea."), "exito")
    return respuesta


def _vincular(persona_id: int, elegido: Servidor, alla: CuentaDeAlla) -> Response:
    with bd.transaccion() as sesion:
        servicio.vincular(sesion, persona_id, elegido.id, alla)
    flash(_("Vinculaste tu cuenta %(nombre)s.", nombre=alla.nombre), "exito")
    return Response(status=303, headers={"Location": url_for("cuentas.cuenta") + "#t-osm"})


@bp.post("/cuenta/osm/<servidor>/retiro")
@acceso(cuenta=True)
def desvincular(servidor: str) -> Response:
    """Desvincula la cuenta de ese servidor, si la persona tiene otra manera de entrar."""
    quien = actor_con_cuenta()
    _error_aqui(url_for("cuentas.cuenta"), vinculaba=True)
    with bd.transaccion() as sesion:
        servicio.desvincular(sesion, quien.id or 0, servidor)
    flash(_("Desvinculaste la cuenta. Puedes vincularla otra vez cuando quieras."), "exito")
    return Response(status=303, headers={"Location": url_for("cuentas.cuenta") + "#t-osm"})
