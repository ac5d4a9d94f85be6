"""Páginas de cuentas: entrar, salir, registrarse, la propia cuenta y recuperar la clave."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, current_app, flash, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import force_locale, get_locale

from tareas.comun import bd
from tareas.comun.errores import DemasiadasVeces, ErrorTequio
from tareas.comun.permisos import Actor
from tareas.comun.presentacion import permitir_envios, sitio_de
from tareas.comun.textos import _
from tareas.comun.web import (
    GALLETA_IDIOMA,
    GALLETA_SESION,
    acceso,
    actor,
    actor_con_cuenta,
    errores_en,
    ficha_presentada,
)
from tareas.cuentas import consultas, ingreso, limites, servicio
from tareas.cuentas.buzon import consultas as consultas_del_buzon
from tareas.cuentas.buzon import servicio as servicio_del_buzon
from tareas.cuentas.buzon.formularios import PreferenciasDePagina
from tareas.cuentas.correo import VARIABLES, ServidorDeCorreo, servidor_configurado
from tareas.cuentas.errores import RegistroCerrado, SinCorreo
from tareas.cuentas.formularios import (
    CambioDeClave,
    CambioDeCorreo,
    CambioDeIdioma,
    ClaveNueva,
    Datos,
    Entrada,
    Recuperacion,
    Registro,
    leer,
    problemas,
)
from tareas.cuentas.limites import Tope
from tareas.cuentas.osm import consultas as consultas_osm
from tareas.cuentas.osm import servidores
from tareas.cuentas.reglas import (
    DIAS_SESION_LARGA,
    ENLACES_POR_CORREO,
    ENLACES_POR_DIRECCION,
    REGISTROS_POR_DIRECCION,
    destino_local,
    red_de,
)

bp = Blueprint("cuentas", __name__)
UN_ANIO_S = 365 * 24 * 3600


@bp.record_once
def _configurar(estado: BlueprintSetupState) -> None:
    config = estado.app.config
    for variable in (*VARIABLES, "TEQUIO_REGISTRO"):
        config.setdefault(variable, os.environ.get(variable, ""))
    config["SERVIDOR_DE_CORREO"] = servidor_configurado(config)
    estado.app.jinja_env.globals["registro_abierto"] = registro_abierto


def servidor_de_correo() -> ServidorDeCorreo | None:
    """Servidor de correo de la aplicación en curso, si tiene."""
    servidor: ServidorDeCorreo | None = current_app.config["SERVIDOR_DE_CORREO"]
    return servidor


def registro_abierto() -> bool:
    """Si cualquiera puede crear su cuenta (``TEQUIO_REGISTRO=no`` lo cierra)."""
    return str(current_app.config["TEQUIO_REGISTRO"]).casefold() not in ("no", "0", "false")


def _pagina(
    plantilla: str, error: ErrorTequio | None = None, valores: Mapping[str, Any] | None = None, **contexto: Any
) -> str:
    campos = {} if error is None else problemas(error)
    return render_template(plantilla, campos=campos, valores=request.form if valores is None else valores, **contexto)


def _siguiente() -> str:
    return destino_local(request.values.get("siguiente"))


def _ir(destino: str) -> Response:
    return Response(status=303, headers={"Location": destino})


def abrir_en_navegador(respuesta: Response, nueva: servicio.SesionNueva, *, larga: bool = False) -> Response:
    """Deja la ficha en una galleta que los guiones no leen; sin ``larga`` se va al cerrar el navegador."""
    # El formulario que se firmó antes de entrar no vale después.
    session.clear()
    respuesta.set_cookie(
        GALLETA_SESION,
        nueva.ficha,
        max_age=DIAS_SESION_LARGA * 24 * 3600 if larga else None,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    respuesta.headers["Cache-Control"] = "no-store"
    return respuesta


@bp.get("/entrar")
@acceso(publico=True)
def entrar() -> Any:
    """Formulario de entrada; quien ya entró sigue de largo."""
    if actor().entro:
        return _ir(_siguiente())
    return _pagina_entrar(siguiente=_siguiente())


def _pagina_entrar(error: ErrorTequio | None = None, *, siguiente: str) -> str:
    return _pagina("cuentas/entrar.html", error, siguiente=siguiente, servidores_osm=_servidores_osm())


def _servidores_osm() -> list[tuple[str, str]]:
    """Identificador y nombre de los servidores con que se entra; la página podrá ir a ellos."""
    ofrecidos = servidores.para_entrar()
    permitir_envios(sitio for s in ofrecidos if (sitio := sitio_de(s.oauth)))
    return [(s.id, servidores.nombre_de(s.id)) for s in ofrecidos]


@bp.post("/entrar")
@acceso(publico=True)
def entrar_con_clave() -> Response:
    """Comprueba usuario y clave, y vuelve a donde la persona iba."""
    siguiente = _siguiente()
    errores_en(lambda error: _pagina_entrar(error, siguiente=siguiente))
    datos = leer(Entrada)
    nueva = ingreso.entrar(
        bd.actual(),
        usuario=datos.usuario,
        clave=datos.clave,
        direccion=request.remote_addr,
        via="web",
        larga=datos.recordar,
    )
    with bd.lectura() as sesion:
        temporal = consultas.actor_de_ficha(sesion, nueva.ficha).debe_cambiar_clave
    # La temporal la conoce quien la dio: se cambia al entrar, y no hasta la primera página que la pida.
    destino = url_for("cuentas.clave", siguiente=siguiente) if temporal else siguiente
    return abrir_en_navegador(_ir(destino), nueva, larga=datos.recordar)


@bp.post("/salir")
@acceso(publico=True)
def salir() -> Response:
    """Cierra la sesión de este navegador; salir dos veces no es un error."""
    ficha = ficha_presentada()
    if ficha:
        with bd.transaccion() as sesion:
            servicio.cerrar_sesion(sesion, ficha)
    session.clear()
    respuesta = _ir("/")
    respuesta.delete_cookie(GALLETA_SESION, httponly=True, samesite="Lax")
    return respuesta


@bp.get("/registro")
@acceso(publico=True)
def registro() -> Any:
    """Formulario para crear la cuenta propia."""
    _pedir_registro_abierto()
    if actor().entro:
        return _ir(_siguiente())
    return _pagina("cuentas/registro.html", siguiente=_siguiente())


@bp.post("/registro")
@acceso(publico=True)
def registrarse() -> Response:
    """Crea la cuenta y entra. Para mapear basta una cuenta: no da ningún papel."""
    _pedir_registro_abierto()
    siguiente = _siguiente()
    errores_en(lambda error: _pagina("cuentas/registro.html", error, siguiente=siguiente))
    datos = leer(Registro)
    with bd.transaccion() as sesion:
        limites.anotar(sesion, (Tope("registro", red_de(request.remote_addr), REGISTROS_POR_DIRECCION),))
    with bd.transaccion() as sesion:
        servicio.crear_persona(
            sesion,
            usuario=datos.usuario,
            nombre=datos.nombre,
            clave=datos.clave,
            correo=datos.correo or None,
            idioma=idioma_de_peticion(),
        )
    nueva = ingreso.entrar(
        bd.actual(), usuario=datos.usuario, clave=datos.clave, direccion=request.remote_addr, via="web"
    )
    respuesta = abrir_en_navegador(_ir(siguiente), nueva)
    flash(_("Listo, ya tienes cuenta. Elige un proyecto y toma tu primera tarea."), "exito")
    return respuesta


def _pedir_registro_abierto() -> None:
    if not registro_abierto():
        raise RegistroCerrado


def idioma_de_peticion() -> str:
    """Idioma de esta petición, de los que una cuenta puede recordar."""
    return "en" if str(get_locale()) == "en" else "es"


def _pagina_cuenta(error: ErrorTequio | None = None, formulario: str = "") -> str:
    """La cuenta propia; el error se muestra sólo en el formulario que falló."""
    quien = actor_con_cuenta()
    with bd.lectura() as sesion:
        cuenta = consultas.cuenta(sesion, quien.id or 0)
        papeles = consultas.papeles(sesion, quien.id or 0)
        cuentas_osm = consultas_osm.de_persona(sesion, quien.id or 0)
        avisos = consultas_del_buzon.preferencias(sesion, quien.id or 0)
    vinculadas = {c.servidor for c in cuentas_osm}
    escrito = request.form if error is not None else {}
    valores = {
        "nombre": cuenta.nombre,
        "idioma": cuenta.idioma,
        "correo": cuenta.correo or "",
        "correo_avisos": avisos.correo,
        "hora": avisos.hora,
        **escrito,
    }
    return _pagina(
        "cuentas/cuenta.html",
        error,
        valores,
        cuenta=cuenta,
        papeles=papeles,
        avisos=avisos,
        cuentas_osm=[(c, servidores.nombre_de(c.servidor)) for c in cuentas_osm],
        por_vincular=[s for s in _servidores_osm() if s[0] not in vinculadas],
        formulario=formulario,
        hay_correo=servidor_de_correo(),
        avisos_en_secciones=True,
    )


@bp.get("/cuenta")
@acceso(cuenta=True)
def cuenta() -> str:
    """La cuenta propia."""
    return _pagina_cuenta()


@bp.post("/cuenta")
@acceso(cuenta=True)
def guardar_datos() -> Response:
    """Cambia nombre e idioma."""
    quien = actor_con_cuenta()
    errores_en(lambda error: _pagina_cuenta(error, "datos"))
    datos = leer(Datos)
    with bd.transaccion() as sesion:
        servicio.cambiar_datos(sesion, quien.id or 0, nombre=datos.nombre, idioma=datos.idioma)
    respuesta = _con_idioma(_ir(url_for("cuentas.cuenta")), datos.idioma)
    with force_locale(datos.idioma):
        flash(_("Guardamos tus datos."), "exito")
    return respuesta


@bp.post("/cuenta/correo")
@acceso(cuenta=True)
def guardar_correo() -> Response:
    """Cambia el correo; pide la clave, porque por el correo se restablece."""
    quien = actor_con_cuenta()
    errores_en(lambda error: _pagina_cuenta(error, "correo"))
    datos = leer(CambioDeCorreo)
    ingreso.confirmar_clave(bd.actual(), usuario=quien.usuario, clave=datos.clave_actual, direccion=request.remote_addr)
    with bd.transaccion() as sesion:
        servicio.cambiar_correo(sesion, quien.id or 0, datos.correo or None, avisar=servidor_de_correo() is not None)
    return _a_la_seccion("t-correo", _("Guardamos tu correo.") if datos.correo else _("Quitamos tu correo."))


@bp.post("/cuenta/avisos")
@acceso(cuenta=True)
def guardar_avisos() -> Response:
    """Cambia cómo llegan los avisos por correo, y a qué hora el resumen."""
    quien = actor_con_cuenta()
    errores_en(lambda error: _pagina_cuenta(error, "avisos"))
    datos = leer(PreferenciasDePagina)
    with bd.transaccion() as sesion:
        servicio_del_buzon.guardar_preferencias(sesion, quien.id or 0, correo=datos.correo_avisos, hora=datos.hora)
    return _a_la_seccion("avisos", _("Guardamos cómo quieres tus avisos."))


@bp.post("/cuenta/sesiones")
@acceso(cuenta=True)
def cerrar_otras_sesiones() -> Response:
    """Cierra las sesiones de otros aparatos."""
    quien = actor_con_cuenta()
    with bd.transaccion() as sesion:
        servicio.cerrar_sesiones(sesion, quien.id or 0, salvo=ficha_presentada())
    return _a_la_seccion("t-clave", _("Cerramos tus otras sesiones. Sólo queda ésta."))


def _a_la_seccion(cual: str, dicho: str) -> Response:
    """A la parte de la cuenta que se acaba de guardar, con su confirmación ahí y no hasta arriba."""
    flash(dicho, f"exito@{cual}")
    return _ir(url_for("cuentas.cuenta", _anchor=cual))


def _sin_clave_que_pedir(quien: Actor) -> bool:
    """Quien entró con una temporal no la repite; quien llegó con OpenStreetMap todavía no tiene ninguna."""
    if quien.debe_cambiar_clave:
        return True
    with bd.lectura() as sesion:
        return not consultas.cuenta(sesion, quien.id or 0).tiene_clave


def _pagina_clave(error: ErrorTequio | None = None) -> str:
    quien = actor_con_cuenta()
    return _pagina(
        "cuentas/clave.html",
        error,
        temporal=quien.debe_cambiar_clave,
        primera=not quien.debe_cambiar_clave and _sin_clave_que_pedir(quien),
        siguiente=destino_local(request.values.get("siguiente"), ""),
    )


@bp.get("/cuenta/clave")
@acceso(cuenta=True, con_clave_temporal=True)
def clave() -> str:
    """Formulario para cambiar la clave."""
    return _pagina_clave()


@bp.post("/cuenta/clave")
@acceso(cuenta=True, con_clave_temporal=True)
def cambiar_clave() -> Response:
    """Cambia la clave y cierra las demás sesiones. Quien acaba de entrar con una temporal no la repite."""
    quien = actor_con_cuenta()
    errores_en(_pagina_clave)
    if _sin_clave_que_pedir(quien):
        nueva = leer(ClaveNueva).clave
    else:
        datos = leer(CambioDeClave)
        ingreso.confirmar_clave(
            bd.actual(), usuario=quien.usuario, clave=datos.clave_actual, direccion=request.remote_addr
        )
        nueva = datos.clave
    with bd.transaccion() as sesion:
        servicio.cambiar_clave(
            sesion, quien.id or 0, nueva, salvo=ficha_presentada(), avisar=servidor_de_correo() is not None
        )
    flash(_("Tu clave es nueva. Cerramos tus sesiones en otros aparatos."), "exito")
    return _ir(destino_local(request.values.get("siguiente"), url_for("cuentas.cuenta")))


@bp.get("/recuperar")
@acceso(publico=True)
def recuperar() -> str:
    """Pide el correo, o dice a quién acudir si la instalación no envía correos."""
    return _pagina("cuentas/recuperar.html", hay_correo=servidor_de_correo(), enviado=False)


@bp.post("/recuperar")
@acceso(publico=True)
def pedir_enlace() -> str:
    """Encola el correo. Responde igual, y tarda lo mismo, si nadie usa esa dirección."""
    hay_correo = servidor_de_correo()
    if hay_correo is None:
        raise SinCorreo
    errores_en(lambda error: _pagina("cuentas/recuperar.html", error, hay_correo=hay_correo, enviado=False))
    correo = leer(Recuperacion).correo
    with bd.transaccion() as sesion:
        limites.anotar(sesion, (Tope("enlace-direccion", red_de(request.remote_addr), ENLACES_POR_DIRECCION),))
    # Decir que ya se pidió muchas veces revelaría que alguien más lo hizo; los que salieron antes siguen valiendo.
    with suppress(DemasiadasVeces), bd.transaccion() as sesion:
        limites.anotar(sesion, (Tope("enlace-correo", correo, ENLACES_POR_CORREO),))
        servicio.pedir_enlace(sesion, correo, idioma=idioma_de_peticion())
    return _pagina("cuentas/recuperar.html", hay_correo=hay_correo, enviado=True)


@bp.get("/restablecer/<ficha>")
@acceso(publico=True)
def restablecer(ficha: str) -> Response:
    """Formulario para poner la clave nueva; abrirlo no gasta el enlace."""
    respuesta = Response(_pagina("cuentas/restablecer.html", usuario=_usuario_del_enlace(ficha)), mimetype="text/html")
    # La dirección lleva un secreto: ni se guarda ni se cuenta a dónde se vaya después.
    respuesta.headers["Cache-Control"] = "no-store"
    respuesta.headers["Referrer-Policy"] = "no-referrer"
    return respuesta


@bp.post("/restablecer/<ficha>")
@acceso(publico=True)
def poner_clave(ficha: str) -> Response:
    """Gasta el enlace y pone la clave nueva."""
    usuario = _usuario_del_enlace(ficha)
    errores_en(lambda error: _pagina("cuentas/restablecer.html", error, usuario=usuario))
    nueva = leer(ClaveNueva).clave
    with bd.transaccion() as sesion:
        servicio.usar_enlace(sesion, ficha, nueva, avisar=servidor_de_correo() is not None)
    flash(_("Tu clave es nueva. Ya puedes entrar con ella."), "exito")
    return _ir(url_for("cuentas.entrar"))


def _usuario_del_enlace(ficha: str) -> str:
    with bd.lectura() as sesion:
        return str(consultas.persona_del_enlace(sesion, ficha).usuario)


@bp.post("/idioma")
@acceso(publico=True)
def idioma() -> Response:
    """Cambia el idioma de las páginas y lo recuerda en la cuenta."""
    elegido = leer(CambioDeIdioma).idioma
    quien = actor()
    if quien.id is not None:
        with bd.transaccion() as sesion:
            servicio.cambiar_idioma(sesion, quien.id, elegido)
    return _con_idioma(_ir(_siguiente()), elegido)


def _con_idioma(respuesta: Response, elegido: str) -> Response:
    respuesta.set_cookie(
        GALLETA_IDIOMA,
        elegido,
        max_age=UN_ANIO_S,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return respuesta
