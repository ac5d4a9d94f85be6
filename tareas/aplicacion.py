"""La aplicación Flask: configuración, extensiones, rutas, y los errores del dominio convertidos en respuestas."""

import logging
import os
import secrets
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from apiflask import APIFlask
from flask import Flask, Request, Response, current_app, g, jsonify, render_template, request, url_for
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from geo.errores import ErrorGeo
from tareas import puente
from tareas.comun import bd, estaticos, json_estricto, presentacion
from tareas.comun.entrada import FaltaJson
from tareas.comun.errores import (
    Caducado,
    Conflicto,
    DatosInvalidos,
    DebeCambiarClave,
    DemasiadasVeces,
    Demasiado,
    ErrorTequio,
    LlegoDespacio,
    NoAutenticado,
    NoEncontrado,
    NoPermitido,
    SinLugar,
)
from tareas.comun.permisos import ANONIMO
from tareas.comun.signos import imprimible
from tareas.comun.textos import N_, _, llenar
from tareas.comun.web import (
    GALLETA_IDIOMA,
    GALLETA_SESION,
    IDIOMAS,
    Entero,
    a_la_pagina_de_la_descarga,
    actor,
    es_api,
    es_api_osm,
    es_descarga,
    ficha_portadora,
    ficha_presentada,
)
from tareas.proyectos.peticion import leer_actor
from tareas.rutas import BLUEPRINTS

RAIZ = Path(__file__).resolve().parent.parent
SUBIDA_MAXIMA = 50 * 1024 * 1024
CAMPOS_MAXIMOS = 1024 * 1024

CODIGOS: list[tuple[type[Exception], int]] = [
    (json_estricto.JsonRoto, 400),
    (FaltaJson, 400),
    (DemasiadasVeces, 429),
    (Demasiado, 413),
    (NoAutenticado, 401),
    (NoPermitido, 403),
    (NoEncontrado, 404),
    (Conflicto, 409),
    (Caducado, 410),
    (DatosInvalidos, 422),
    (LlegoDespacio, 408),
    (SinLugar, 503),
    (ErrorTequio, 422),
    (ErrorGeo, 422),
]

# Los errores propios de HTTP que Flask levanta solo, dichos en nuestras palabras.
FRASES_HTTP = {
    400: N_("La petición llegó incompleta o rota. Vuelve a cargar la página e inténtalo de nuevo."),
    404: NoEncontrado.plantilla,
    405: N_("Esta dirección no admite esa operación."),
    413: N_("Lo que enviaste es demasiado grande: un archivo puede medir hasta 50 MB."),
    415: N_("Envía los datos como JSON (Content-Type: application/json)."),
    422: DatosInvalidos.plantilla,
    500: N_("Algo falló de nuestro lado. Ya quedó anotado con el número %(peticion)s; inténtalo en un momento."),
}

bitacora = logging.getLogger("tequio")


class Json(DefaultJSONProvider):
    """JSON estricto al leer; compacto y con acentos al escribir."""

    ensure_ascii = False
    sort_keys = False
    compact = True

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        objeto, repetidas = json_estricto.cargar(s)
        if repetidas:
            g.claves_repetidas = repetidas
        return objeto


class Formularios(SecureCookieSessionInterface):
    """La galleta que protege los formularios. Sin galleta no se prepara cómo descifrarla: la API no la usa."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def crear_aplicacion(url: str | None = None, **configuracion: Any) -> APIFlask:
    """Crea la aplicación.

    Parameters
    ----------
    url
        Base de datos; por omisión, la de ``TEQUIO_BASE_DE_DATOS``.
    **configuracion
        Valores para ``app.config``, sobre los del entorno.
    """
    app = APIFlask(
        "tareas",
        title="Tequio",
        version="1",
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]
        template_folder=str(RAIZ / "plantillas"),
    )
    app.config.from_mapping(
        OPENAPI_VERSION="3.1.0",
        SECRET_KEY=os.environ.get("TEQUIO_SECRETO") or secrets.token_hex(32),
        MAX_CONTENT_LENGTH=SUBIDA_MAXIMA,
        MAX_FORM_MEMORY_SIZE=CAMPOS_MAXIMOS,
        SESSION_COOKIE_NAME="tequio_formularios",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=bool(os.environ.get("TEQUIO_HTTPS")),
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="es",
        BABEL_TRANSLATION_DIRECTORIES=str(RAIZ / "tareas" / "traducciones"),
        TEQUIO_CAPAS_DE_IMAGEN=os.environ.get("TEQUIO_IMAGENES", ""),
        # Cuántos proxis de confianza hay delante: de ahí sale la dirección de quien pide, que los límites de entrada
        # cuentan.
        TEQUIO_PROXIS=int(os.environ.get("TEQUIO_PROXIS", "0")),
    )
    app.config.update(configuracion)
    if saltos := app.config["TEQUIO_PROXIS"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=saltos, x_proto=saltos, x_host=saltos)  # type: ignore[method-assign]
    app.url_map.converters["int"] = Entero
    app.json = Json(app)
    app.session_interface = Formularios()
    app.extensions["tequio_bd"] = bd.BaseDeDatos(
        url or bd.url_configurada(), conexiones=app.config.get("CONEXIONES", 8)
    )
    Babel(app, locale_selector=elegir_idioma)
    _proteger(app)
    estaticos.iniciar(app, RAIZ / "tareas" / "estaticos")
    presentacion.iniciar(app)
    _errores(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def elegir_idioma() -> str:
    """Idioma de la petición: el que la persona eligió, el de su cuenta, el del navegador; español si no hay otro."""
    elegido = request.cookies.get(GALLETA_IDIOMA)
    if elegido in IDIOMAS:
        return elegido
    quien = actor()
    if quien.idioma in IDIOMAS:
        return quien.idioma
    return request.accept_languages.best_match(IDIOMAS, default="es") or "es"


def _proteger(app: Flask) -> None:
    csrf = CSRFProtect(app)

    @app.before_request
    def antes() -> None:
        g.peticion = uuid.uuid4().hex[:12]
        g.nonce = secrets.token_urlsafe(16)

        def cargar() -> Any:
            secreto = ficha_presentada()
            if not secreto:
                return ANONIMO
            with bd.lectura() as sesion:
                return leer_actor(sesion, secreto)

        g.cargar_actor = cargar
        if (rechazo := request.environ.get(puente.RECHAZO)) is not None:
            raise LlegoDespacio if rechazo == puente.LENTO else SinLugar
        # Un formulario se lee antes de saber quién lo manda: sólo donde se suben archivos puede ser grande.
        # (En la API de OSM el tipo no dice nada: muchos programas mandan su XML con el de los formularios.)
        if request.mimetype in FORMULARIOS and request.endpoint not in SUBEN_ARCHIVOS and not es_api_osm():
            request.max_content_length = CAMPOS_MAXIMOS
        # A la API sin galleta nadie puede hacerla actuar en nombre de otra persona; a los formularios, sí.
        con_galleta = (GALLETA_SESION in request.cookies or not es_api()) and not es_api_osm()
        sin_portador = ficha_portadora() is None and request.endpoint not in SIN_CSRF
        if request.method in ("POST", "PUT", "PATCH", "DELETE") and con_galleta and sin_portador:
            csrf.protect()
        if request.path.startswith("/api/"):
            _sin_parametros_desconocidos(app)

    app.teardown_request(bd.soltar)

    @app.after_request
    def despues(respuesta: Response) -> Response:
        respuesta.headers.setdefault("X-Content-Type-Options", "nosniff")
        respuesta.headers.setdefault("Referrer-Policy", "same-origin")
        respuesta.headers["X-Peticion"] = g.get("peticion", "")
        # Lo que no diga otra cosa puede ser de una sola persona: ningún intermediario lo guarda.
        respuesta.headers.setdefault("Cache-Control", "private, no-cache")
        if respuesta.mimetype == "text/html":
            respuesta.headers.setdefault("Content-Security-Policy", presentacion.politica(app, g.nonce))
            respuesta.headers.setdefault("X-Frame-Options", "DENY")
            respuesta.vary.update(("Cookie", "Accept-Language"))
        if g.get("claves_repetidas"):
            cuales = imprimible(",".join(c[:40] for c in g.claves_repetidas[:10]))
            respuesta.headers["X-Aviso"] = "claves-repetidas: " + cuales.encode("ascii", "replace").decode()
        return estaticos.comprimir(respuesta)

    @app.context_processor
    def contexto() -> dict[str, Any]:
        return {
            "actor": actor(),
            "nonce": g.get("nonce", ""),
            "idioma": str(get_locale() or "es"),
            "csrf_token": generate_csrf,
        }


# Las que no actúan por la galleta, sino por un secreto que la petición trae.
SIN_CSRF = frozenset(
    {
        "cuentas_api.abrir_sesion",
        "oauth_api.ficha",
        "oauth_api.retirar",
        "oauth_api.preguntar",
        "buzon.dar_de_baja",
    }
)
SUBEN_ARCHIVOS = frozenset(
    {
        "proyectos_api.leer_area",
        "aulas_api.crear_de_archivo",
        "aulas.crear",
        "imagenes.subir",
        "referencia_api.subir",
        "referencia.subir",
    }
)
FORMULARIOS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def _sin_parametros_desconocidos(app: Flask) -> None:
    """Una ruta de la API que no declara parámetros de consulta no acepta ninguno."""
    if not request.args or request.endpoint is None:
        return
    vista = app.view_functions.get(request.endpoint)
    declarados = getattr(vista, "_spec", {}).get("args", [])
    if not any(parte[1] == "query" for parte in declarados):
        raise ParametrosDesconocidos(cuales=imprimible(", ".join(sorted(request.args)[:5])[:100]))


class ParametrosDesconocidos(DatosInvalidos):
    """Parámetros que la ruta no conoce."""

    codigo = "parametros_desconocidos"
    plantilla = N_("No conocemos estos parámetros: %(cuales)s. Revisa cómo se escriben.")


def _codigo_http(error: Exception) -> int:
    return next(codigo for clase, codigo in CODIGOS if isinstance(error, clase))


def _problema(codigo_http: int, codigo: str, mensaje: str, datos: dict[str, Any]) -> Response:
    respuesta = jsonify(
        {
            "type": f"urn:tequio:{codigo}",
            "title": mensaje,
            "status": codigo_http,
            "codigo": codigo,
            "detail": mensaje,
            **datos,
        }
    )
    respuesta.status_code = codigo_http
    respuesta.mimetype = "application/problem+json"
    return respuesta


def responder_error(codigo_http: int, codigo: str, mensaje: str, datos: dict[str, Any]) -> Response:
    """El mismo mensaje como ``application/problem+json``, una línea de texto o una página, según quien pregunta."""
    if es_api():
        return _problema(codigo_http, codigo, mensaje, datos)
    if es_descarga():
        return Response(f"{mensaje}\n", codigo_http, mimetype="text/plain")
    pagina = render_template("errores/error.html", codigo_http=codigo_http, codigo=codigo, mensaje=mensaje, datos=datos)
    return Response(pagina, codigo_http, mimetype="text/html")


def _sin_preguntar_quien() -> None:
    # Si lo que falla es la base de datos, la página de error no puede volver a preguntarle quién pide.
    g.setdefault("actor", ANONIMO)


def _arreglo(error: ErrorTequio | ErrorGeo) -> dict[str, str]:
    """Qué cambiaría al reparar, cuando quien lee un archivo ofrece un arreglo seguro."""
    reparacion: str = getattr(error, "reparacion", "")
    return {"arreglo": llenar(reparacion, error.datos)} if reparacion and error.datos.get("reparable") else {}


NO_SON_PAGINAS = ("/api/", "/teselas/", "/salud/", "/practica/", "/estaticos/", "/textos/", "/.well-known/")


def _sin_la_barra_del_final() -> Response | None:
    """Lleva, para siempre, a la página que se pidió con una barra de más; ``None`` si sin ella tampoco hay página.

    Sólo lleva a una ruta de este sitio: la dirección se arma con el camino que esa ruta reconoció, nunca con uno que
    empiece por dos barras. Lo que escribe, y lo que piden los programas, sigue diciendo que no existe.
    """
    camino = request.path.rstrip("/")
    if request.method not in ("GET", "HEAD") or camino in ("", request.path):
        return None
    if camino.startswith(("//", "/\\")) or request.path.startswith(NO_SON_PAGINAS):
        return None
    rutas = current_app.create_url_adapter(request)
    try:
        if rutas is None or not rutas.match(camino, method="GET"):
            return None
    except HTTPException:
        return None
    # Lo pedido sigue como llegó: sólo se escribe con signos que caben en una cabecera.
    consulta = quote(request.query_string, safe="!$&'()*+,/:;=?@%")
    lugar = quote(request.root_path + camino, safe="/:@!$&'()*+,;=")
    return Response(status=308, headers={"Location": f"{lugar}?{consulta}" if consulta else lugar})


def _errores(app: Flask) -> None:
    @app.errorhandler(ErrorTequio)
    @app.errorhandler(ErrorGeo)
    def esperado(error: ErrorTequio | ErrorGeo) -> Response:
        codigo_http = _codigo_http(error)
        if request.method in ("GET", "HEAD") and not es_api():
            # Una página que pide cuenta lleva a entrar (o a poner clave) y de vuelta al mismo lugar.
            paso = (
                "cuentas.entrar"
                if codigo_http == 401
                else "cuentas.clave"
                if isinstance(error, DebeCambiarClave)
                else None
            )
            if paso:
                return Response(
                    status=302, headers={"Location": url_for(paso, siguiente=request.full_path.rstrip("?"))}
                )
        if codigo_http == 422 and (vuelta := a_la_pagina_de_la_descarga()):
            return vuelta
        if "pintar_error" in g:
            respuesta = Response(g.pintar_error(error), codigo_http, mimetype="text/html")
        else:
            datos = {**error.datos, **_arreglo(error)}
            respuesta = responder_error(codigo_http, error.codigo, llenar(error.plantilla, error.datos), datos)
        if codigo_http == 429 and "espera_s" in error.datos:
            respuesta.headers["Retry-After"] = str(error.datos["espera_s"])
        if codigo_http == 401:
            respuesta.headers["WWW-Authenticate"] = "Bearer"
        return respuesta

    @app.errorhandler(CSRFError)
    def csrf(_error: CSRFError) -> Response:
        mensaje = _("Por seguridad, este formulario caducó. Vuelve a cargar la página y envíalo otra vez.")
        return responder_error(400, "csrf", mensaje, {})

    @app.errorhandler(HTTPException)
    def de_http(error: HTTPException) -> Response:
        codigo = error.code or 500
        if codigo < 400:
            return current_app.make_response(error)
        if error is request.routing_exception and (vuelta := _sin_la_barra_del_final()):
            return vuelta
        if codigo >= 500:
            _sin_preguntar_quien()
        plantilla = FRASES_HTTP.get(codigo, FRASES_HTTP[400])
        respuesta = responder_error(
            codigo, f"http_{codigo}", llenar(plantilla, {"peticion": g.get("peticion", "")}), {}
        )
        if codigo == 405 and getattr(error, "valid_methods", None):
            respuesta.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
        return respuesta

    @app.errorhandler(Exception)
    def inesperado(error: Exception) -> Response:
        # Una ruta con una ficha secreta se anota sin ella.
        ruta = request.url_rule.rule if request.url_rule and "ficha" in (request.view_args or {}) else request.path
        bitacora.error("peticion=%s %s %s", g.get("peticion"), request.method, imprimible(ruta), exc_info=error)
        if current_app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        _sin_preguntar_quien()
        return responder_error(
            500,
            "http_500",
            llenar(FRASES_HTTP[500], {"peticion": g.get("peticion", "")}),
            {"peticion": g.get("peticion")},
        )
