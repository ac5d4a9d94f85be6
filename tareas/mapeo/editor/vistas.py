"""La página que lleva a iD, que va en un marco de la de mapeo, y la que recibe de vuelta a quien entra a OSM."""

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, render_template

from tareas.comun.bd import lectura
from tareas.comun.presentacion import capas_de_imagen, sitios_de
from tareas.comun.web import acceso, actor
from tareas.cuentas.osm.servidores import Servidor
from tareas.mapeo.consultas import contorno
from tareas.mapeo.editor.donde import para_paginas, servidor_de
from tareas.mapeo.errores import TareaDesconocida
from tareas.proyectos.consultas import ficha
from tareas.proyectos.presentacion import imagenes_vigentes

bp = Blueprint("editor", __name__)


@bp.get("/proyectos/<int:proyecto_id>/editor/<int:numero>")
@acceso(cuenta=True)
def editor(proyecto_id: int, numero: int) -> Response:
    """iD sobre una tarea. Sólo se muestra dentro de una página nuestra; sola, lleva a la de mapeo."""
    quien = actor()
    with lectura() as sesion:
        proyecto = ficha(sesion, quien, proyecto_id)
        if not 1 <= numero <= proyecto.numeros:
            raise TareaDesconocida
        geometria = json.loads(contorno(sesion, proyecto_id, numero))
    suyo = servidor_de(proyecto)
    capas = [*imagenes_vigentes(proyecto), *capas_de_imagen()]
    datos: dict[str, Any] = {
        "persona": quien.id,
        "proyecto": proyecto.id,
        "numero": numero,
        "contorno": geometria,
        "imagenes": capas,
        "presets": proyecto.presets,
        **para_paginas(proyecto),
        "cliente_id": suyo.cliente_id,
    }
    respuesta = make_response(render_template("mapeo/editor.html", proyecto=proyecto, numero=numero, datos=datos))
    respuesta.headers["Content-Security-Policy"] = politica(g.nonce, suyo, capas)
    respuesta.headers["X-Frame-Options"] = "SAMEORIGIN"
    return respuesta


@bp.get("/editor/regreso")
@acceso(publico=True)
def regreso() -> str:
    """A donde el servidor de OSM devuelve la ventana en que se entró; avisa al editor y se cierra."""
    return render_template("mapeo/regreso.html")


def politica(nonce: str, servidor: Servidor, capas: list[dict[str, Any]]) -> str:
    """Content-Security-Policy del editor: este sitio, el servidor donde edita el proyecto y sus imágenes; nada más."""
    imagenes = " ".join(sitios_de(capas))
    partes = [urlsplit(d) for d in (servidor.api, servidor.web, servidor.oauth)]
    osm = " ".join(sorted({f"{p.scheme}://{p.netloc}" for p in partes if p.netloc}))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            # iD escribe estilos en los elementos que crea.
            "style-src-attr 'unsafe-inline'",
            f"img-src 'self' data: blob: {imagenes}".strip(),
            f"connect-src 'self' {osm}".strip(),
            "font-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )
