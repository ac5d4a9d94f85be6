"""Páginas del buzón: la lista, abrir un aviso, y dejar de recibir correos sin tener que entrar."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, g, render_template, request, url_for
from flask_babel import force_locale
from sqlalchemy.exc import SQLAlchemyError

from tareas.comun import bd
from tareas.comun.presentacion import idioma_actual
from tareas.comun.textos import _, n_
from tareas.comun.web import acceso, actor, actor_con_cuenta
from tareas.cuentas import consultas as cuentas
from tareas.cuentas.buzon import consultas, servicio
from tareas.cuentas.buzon.errores import BajaInvalida
from tareas.cuentas.buzon.firma import persona_de_baja
from tareas.cuentas.buzon.formularios import Leidos
from tareas.cuentas.buzon.reglas import TOPE_DE_LA_CAMPANA, PorCorreo
from tareas.cuentas.buzon.textos import en_palabras
from tareas.cuentas.errores import PersonaDesconocida
from tareas.cuentas.formularios import leer

bp = Blueprint("buzon", __name__)
POR_PAGINA = 20


@bp.app_template_global()
def avisos_sin_leer() -> str:
    """Cuántos avisos sin leer tiene quien pide, para la campana: «», «3» o «99+»."""
    quien = actor()
    if quien.id is None:
        return ""
    if "sin_leer" not in g:
        try:
            with bd.lectura() as sesion:
                g.sin_leer = consultas.sin_leer(sesion, quien.id)
        except SQLAlchemyError:
            # La campana está también en la página que dice que la base no contesta.
            g.sin_leer = 0
    cuantos: int = g.sin_leer
    return f"{TOPE_DE_LA_CAMPANA}+" if cuantos > TOPE_DE_LA_CAMPANA else str(cuantos or "")


def _ir(destino: str) -> Response:
    return Response(status=303, headers={"Location": destino})


def _sin_rastro(respuesta: Response) -> Response:
    # La dirección lleva una firma: ni se guarda ni se cuenta a dónde se vaya después.
    respuesta.headers["Cache-Control"] = "no-store"
    respuesta.headers["Referrer-Policy"] = "no-referrer"
    return respuesta


@bp.get("/buzon")
@acceso(cuenta=True)
def lista() -> str:
    """Los avisos de quien pide: primero los que no ha leído."""
    yo = actor_con_cuenta().id or 0
    solo_nuevos = request.args.get("ver") == "sin_leer"
    pedida = request.args.get("pagina", "")
    with bd.lectura() as sesion:
        cuenta = consultas.cuantos(sesion, yo)
        total = cuenta.sin_leer if solo_nuevos else cuenta.todos
        paginas = max(1, -(-total // POR_PAGINA))
        pagina = min(max(1, int(pedida) if pedida.isdecimal() and len(pedida) < 7 else 1), paginas)
        filas = consultas.avisos(
            sesion, yo, sin_leer=solo_nuevos, por_leer=True, limite=POR_PAGINA, salto=(pagina - 1) * POR_PAGINA
        )
    return render_template(
        "cuentas/buzon.html",
        avisos=[(f, en_palabras(f, _, idioma_actual())) for f in filas],
        cuenta=cuenta,
        solo_nuevos=solo_nuevos,
        pagina=pagina,
        paginas=paginas,
    )


@bp.get("/buzon/<int:aviso_id>")
@acceso(cuenta=True)
def abrir(aviso_id: int) -> Response:
    """Lleva a donde pasó y lo marca como leído; un navegador que sólo se adelanta a pedirla no lo marca."""
    de_verdad = request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")
    with bd.transaccion() as sesion:
        return _ir(servicio.abrir(sesion, actor_con_cuenta().id or 0, aviso_id, marcar=de_verdad))


@bp.post("/buzon/leidos")
@acceso(cuenta=True)
def leidos() -> Response:
    """Marca uno o todos como leídos."""
    datos = leer(Leidos)
    with bd.transaccion() as sesion:
        cuantos = servicio.marcar_leidos(
            sesion, actor_con_cuenta().id or 0, ids=None if datos.aviso is None else [datos.aviso]
        )
    if datos.aviso is None:
        flash(n_("Marcamos un aviso como leído.", "Marcamos %(num)s avisos como leídos.", cuantos), "exito")
    return _ir(url_for("buzon.lista", ver="sin_leer" if request.args.get("ver") == "sin_leer" else None))


def _persona(ficha: str) -> Any:
    """La cuenta de un enlace firmado.

    Raises
    ------
    BajaInvalida
    """
    persona_id = persona_de_baja(str(current_app.config["SECRET_KEY"]), ficha)
    try:
        with bd.lectura() as sesion:
            return cuentas.cuenta(sesion, persona_id)
    except PersonaDesconocida as error:
        raise BajaInvalida from error


def _pagina_de_baja(cuenta: Any, *, hecha: bool) -> Response:
    # Quien llega de un correo casi nunca ha entrado: se le habla en el idioma de su cuenta.
    with force_locale(cuenta.idioma):
        pagina = render_template("cuentas/baja_de_avisos.html", usuario=cuenta.usuario, hecha=hecha)
    return _sin_rastro(Response(pagina, mimetype="text/html"))


@bp.get("/buzon/baja/<ficha>")
@acceso(publico=True)
def baja(ficha: str) -> Response:
    """Pregunta si de veras. Abrir el enlace no cambia nada: los programas de correo los visitan solos."""
    return _pagina_de_baja(_persona(ficha), hecha=False)


@bp.post("/buzon/baja/<ficha>")
@acceso(publico=True)
def dar_de_baja(ficha: str) -> Response:
    """No manda más avisos por correo. También la petición de un toque de los programas de correo (RFC 8058)."""
    cuenta = _persona(ficha)
    with bd.transaccion() as sesion:
        servicio.guardar_preferencias(sesion, cuenta.id, correo=PorCorreo.NUNCA)
    return _pagina_de_baja(cuenta, hecha=True)
