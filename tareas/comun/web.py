"""Lo que las vistas comparten: quién pide, qué acceso pide una ruta, respuestas con ETag."""

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from flask import Response, flash, g, request
from werkzeug.routing import IntegerConverter

from tareas.comun.errores import DebeCambiarClave, ErrorTequio, NoAutenticado, NoPermitido
from tareas.comun.permisos import ANONIMO, Actor, Papel

Vista = TypeVar("Vista", bound=Callable[..., Any])
GALLETA_SESION = "tequio_sesion"
GALLETA_IDIOMA = "tequio_idioma"
IDIOMAS = ("es", "en")
RUTA_API_OSM = re.compile(r"/practica/aulas/[0-9]+/api/")


class Entero(IntegerConverter):
    """``<int:…>`` de cifras ASCII. Lo que no cabe en un entero de la base se vuelve el mayor, que nada usa: 404.

    Rechazarlo aquí haría que Werkzeug contestara 405 por las demás operaciones de la misma dirección.
    """

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        return min(int(value), 2**31 - 1)


def ficha_portadora() -> str | None:
    """Ficha secreta de la cabecera ``Authorization: Bearer``, si la petición la trae."""
    autorizacion = request.headers.get("Authorization", "")
    return autorizacion[7:].strip() if autorizacion[:7].lower() == "bearer " else None


def ficha_presentada() -> str | None:
    """Ficha secreta con que llega la petición: la de la cabecera, o la de la galleta de sesión."""
    portadora = ficha_portadora()
    if portadora is not None or es_api_osm():
        return portadora
    return request.cookies.get(GALLETA_SESION)


def actor() -> Actor:
    """Quien hace la petición (lo carga la aplicación la primera vez que se pregunta)."""
    if "actor" not in g:
        g.actor = g.cargar_actor() if "cargar_actor" in g else ANONIMO
    encontrado: Actor = g.actor
    return encontrado


def actor_con_cuenta() -> Actor:
    """Como `actor`, pero exige haber entrado.

    Raises
    ------
    NoAutenticado
    """
    quien = actor()
    if not quien.entro:
        raise NoAutenticado
    return quien


def acceso(
    *papeles: Papel, cuenta: bool = False, publico: bool = False, con_clave_temporal: bool = False
) -> Callable[[Vista], Vista]:
    """Declara el acceso mínimo de una ruta; la valla de rutas exige que todas lo declaren.

    Parameters
    ----------
    *papeles
        Pide alguno de estos papeles en algún municipio; la vista afina después por municipio.
    cuenta
        Pide haber entrado.
    publico
        Cualquiera; lo privado lo filtra la consulta (404).
    con_clave_temporal
        También quien aún no cambia su clave temporal.
    """

    def decorar(vista: Vista) -> Vista:
        from functools import wraps

        @wraps(vista)
        def envuelta(*args: Any, **kwargs: Any) -> Any:
            if not publico:
                quien = actor_con_cuenta()
                if papeles and not quien.municipios_con(papeles):
                    raise NoPermitido
                if quien.debe_cambiar_clave and not con_clave_temporal:
                    raise DebeCambiarClave
            return vista(*args, **kwargs)

        envuelta.acceso = {"papeles": frozenset(papeles), "cuenta": cuenta, "publico": publico}  # type: ignore[attr-defined]
        return envuelta  # type: ignore[return-value]

    return decorar


def errores_en(pintar: Callable[[ErrorTequio], str]) -> None:
    """Lo que falle en esta petición se muestra en la página que dibuje ``pintar``, con el código HTTP del error.

    Parameters
    ----------
    pintar
        Recibe el error y devuelve el HTML: el mismo formulario, con lo escrito y el mensaje junto a su campo.
    """
    g.pintar_error = pintar


def con_etag(cuerpo: bytes, tipo: str, *, segundos: int = 0, inmutable: bool = False) -> Response:
    """Respuesta con ETag fuerte: 304 si quien pide ya la tiene.

    Parameters
    ----------
    segundos
        Cuánto puede guardarla el navegador sin preguntar.
    inmutable
        La dirección lleva versión: se guarda para siempre.
    """
    respuesta = Response(cuerpo, mimetype=tipo)
    respuesta.set_etag(hashlib.blake2b(cuerpo, digest_size=12).hexdigest())
    if inmutable:
        respuesta.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        respuesta.headers["Cache-Control"] = f"private, max-age={segundos}" if segundos else "private, no-cache"
    respuesta.make_conditional(request)
    return respuesta


def al_hilo(trozos: Iterable[str], tipo: str) -> Response:
    """Respuesta que se arma conforme se va leyendo, comprimida si quien pide lo acepta.

    Se junta hasta `TROZO`: cada pieza cuesta, y un trozo muy chico casi no se comprime.

    Parameters
    ----------
    trozos
        Texto, en orden. Corre después de terminada la petición: no puede usar su contexto ni su sesión.
    """
    acepta = "gzip" in request.headers.get("Accept-Encoding", "")
    respuesta = Response(_comprimidos(trozos) if acepta else _juntos(trozos), mimetype=tipo)
    respuesta.vary.add("Accept-Encoding")
    if acepta:
        respuesta.headers["Content-Encoding"] = "gzip"
    return respuesta


TROZO: Final = 64 * 1024


def _juntos(trozos: Iterable[str]) -> Iterator[bytes]:
    junto = bytearray()
    for trozo in trozos:
        junto += trozo.encode()
        if len(junto) >= TROZO:
            yield bytes(junto)
            junto.clear()
    yield bytes(junto)


def _comprimidos(trozos: Iterable[str]) -> Iterator[bytes]:
    compresor = zlib.compressobj(4, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for junto in _juntos(trozos):
        # Se manda lo que haya de cada trozo: así no se juntan en el compresor.
        if comprimido := compresor.compress(junto) + compresor.flush(zlib.Z_SYNC_FLUSH):
            yield comprimido
    yield compresor.flush()


def es_api() -> bool:
    """``True`` si la petición espera JSON (o es una tesela)."""
    return request.path.startswith(("/api/", "/teselas/")) or request.path == "/salud"


def es_descarga() -> bool:
    """``True`` si un programa pide una tabla (``….csv``): una página no le dice nada. A un navegador, sí."""
    return request.path.endswith(".csv") and all(tipo != "text/html" for tipo, _peso in request.accept_mimetypes)


def pagina_de_la_descarga(pagina: str, aviso: str | None = None) -> None:
    """Adónde llevar a quien abre en un navegador una descarga mal pedida: ahí se dice y se corrige.

    Parameters
    ----------
    pagina
        La que tiene el formulario de los mismos filtros: se abre con lo que se pidió.
    aviso : str, optional
        Qué decirle en ella si no tiene formulario.
    """
    g.pagina_de_la_descarga = (pagina, aviso)


def a_la_pagina_de_la_descarga() -> Response | None:
    """Lleva a la página de la descarga mal pedida; ``None`` si no tiene o si la pide un programa."""
    if "pagina_de_la_descarga" not in g or es_descarga():
        return None
    pagina, aviso = g.pagina_de_la_descarga
    if aviso:
        flash(aviso, "error")
    elif request.query_string:
        pagina += f"?{request.query_string.decode('ascii', 'replace')}"
    return Response(status=303, headers={"Location": pagina})


def es_api_osm() -> bool:
    """``True`` si la petición es para la API de OpenStreetMap de un aula, que cualquier sitio puede usar.

    Ahí ninguna galleta vale: sólo la ficha de la cabecera. Por eso tampoco hay formulario ajeno que temer.
    """
    return RUTA_API_OSM.match(request.path) is not None
