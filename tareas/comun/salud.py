"""``GET /salud``: 200 cuando la base de datos contesta."""

from flask import Blueprint, Response, jsonify

from tareas.comun import bd
from tareas.comun.web import acceso

bp = Blueprint("salud", __name__)


@bp.get("/salud")
@acceso(publico=True)
def salud() -> tuple[Response, int]:
    """Di si la base de datos contesta."""
    vive = bd.actual().responde()
    return jsonify({"estado": "bien" if vive else "sin_base_de_datos"}), 200 if vive else 503
