"""Lo que las páginas piden aparte: los textos de sus módulos en otro idioma y la página que se ve sin conexión."""

import hashlib
import json
from pathlib import Path

from babel.messages.pofile import read_po
from flask import Blueprint, Response, current_app, render_template
from flask.blueprints import BlueprintSetupState

from tareas.comun.web import acceso, con_etag

bp = Blueprint("navegador", __name__)

_leidos: dict[Path, tuple[float, bytes]] = {}


def textos_js(idioma: str) -> bytes:
    """Diccionario JSON de los textos que usan los módulos de ``estaticos/js``.

    Sale del mismo catálogo que las plantillas: los mensajes cuya procedencia es un archivo ``.js``. Un mensaje con
    plural es una lista ``[uno, varios]``.
    """
    catalogo = Path(current_app.config["BABEL_TRANSLATION_DIRECTORIES"]) / idioma / "LC_MESSAGES" / "messages.po"
    if not catalogo.is_file():
        return b"{}"
    fecha = catalogo.stat().st_mtime
    leido = _leidos.get(catalogo)
    if leido is None or leido[0] != fecha:
        leido = _leidos[catalogo] = (fecha, _leer(catalogo, idioma))
    return leido[1]


def _leer(catalogo: Path, idioma: str) -> bytes:
    textos: dict[str, str | list[str]] = {}
    with catalogo.open("rb") as archivo:
        for mensaje in read_po(archivo, locale=idioma):
            if mensaje.id and mensaje.string and any(ruta.endswith(".js") for ruta, _linea in mensaje.locations):
                clave = mensaje.id if isinstance(mensaje.id, str) else mensaje.id[0]
                textos[clave] = mensaje.string if isinstance(mensaje.string, str) else list(mensaje.string)
    return json.dumps(textos, ensure_ascii=False, separators=(",", ":")).encode()


def direccion_de_textos(idioma: str) -> str:
    """Dirección, con huella, del diccionario de un idioma."""
    return f"/textos/{idioma}/{hashlib.blake2b(textos_js(idioma), digest_size=6).hexdigest()}.json"


@bp.get("/textos/<any(en):idioma>/<huella>.json")
@acceso(publico=True)
def textos(idioma: str, huella: str) -> Response:
    """Textos de los módulos; con la huella vigente en la dirección, se guardan para siempre."""
    vigente = direccion_de_textos(idioma).endswith(f"/{huella}.json")
    return con_etag(textos_js(idioma), "application/json", inmutable=vigente)


@bp.get("/sin-conexion")
@acceso(publico=True)
def sin_conexion() -> str:
    """La página que el navegador guarda y muestra cuando no llega al servidor."""
    return render_template("errores/sin_conexion.html")


@bp.get("/sin-conexion.js")
@acceso(publico=True)
def trabajador_sin_conexion() -> Response:
    """El trabajador de servicio que guarda esa página; desde la raíz, porque su alcance es todo el sitio."""
    estaticos = current_app.extensions["tequio_estaticos"]
    crudo, _comprimido, tipo = estaticos.archivo("js/sin_conexion.js")
    return con_etag(crudo.replace(b"{{huella}}", estaticos.huella.encode()), tipo)


@bp.record_once
def _registrar(estado: BlueprintSetupState) -> None:
    estado.app.jinja_env.globals["textos_js"] = direccion_de_textos
