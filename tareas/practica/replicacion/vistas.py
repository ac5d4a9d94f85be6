"""Los archivos de la replicación, donde los busca cualquier programa de OpenStreetMap."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response

from tareas.comun.bd import lectura, transaccion
from tareas.comun.web import acceso, actor
from tareas.practica.aulas.consultas import visible
from tareas.practica.replicacion import consultas, reglas, servicio

bp = Blueprint("replicacion", __name__, url_prefix="/practica/aulas/<int:aula_id>/replicacion")

PARA_SIEMPRE = "max-age=31536000, immutable"


@bp.get("/state.txt")
@acceso(publico=True)
def estado(aula_id: int) -> Response:
    """Hasta dónde va la replicación; si hay cambios nuevos, antes los reúne en un archivo."""
    with lectura() as sesion:
        visible(sesion, actor(), aula_id)
        nuevo = consultas.hay_nuevo(sesion, aula_id)
        fila = consultas.ultima(sesion, aula_id)
    if nuevo:
        with transaccion() as sesion:
            fila = servicio.cortar(sesion, aula_id)
    return Response(reglas.estado(fila.secuencia, fila.momento), mimetype="text/plain")


@bp.get("/<a>/<b>/<c>.state.txt")
@acceso(publico=True)
def estado_de(aula_id: int, a: str, b: str, c: str) -> Response:
    """El momento de un archivo."""
    with lectura() as sesion:
        aula = visible(sesion, actor(), aula_id)
        fila = consultas.una(sesion, aula_id, reglas.numero((a, b, c)))
    return _guardable(Response(reglas.estado(fila.secuencia, fila.momento), mimetype="text/plain"), aula.visibilidad)


@bp.get("/<a>/<b>/<c>.osc.gz")
@acceso(publico=True)
def diferencia(aula_id: int, a: str, b: str, c: str) -> Response:
    """Un archivo de diferencias, en osmChange comprimido; ya no cambia."""
    with lectura() as sesion, tempfile.TemporaryDirectory(prefix="tequio-replica-") as carpeta:
        aula = visible(sesion, actor(), aula_id)
        tramo = consultas.una(sesion, aula_id, reglas.numero((a, b, c)))
        ruta = Path(carpeta) / "diferencia.osc.gz"
        servicio.escribir(sesion, aula_id, tramo, ruta)
        return _guardable(Response(ruta.read_bytes(), mimetype="application/gzip"), aula.visibilidad)


def _guardable(respuesta: Response, visibilidad: str) -> Response:
    quien = "public" if visibilidad == "publica" else "private"
    respuesta.headers["Cache-Control"] = f"{quien}, {PARA_SIEMPRE}"
    return respuesta
