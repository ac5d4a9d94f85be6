"""Guía de estilo en ``/estilo``: todos los componentes y símbolos, en los dos temas. Sólo en desarrollo."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, current_app, render_template

from tareas.comun.web import acceso

bp = Blueprint("estilo", __name__)


@bp.get("/estilo")
@acceso(publico=True)
def guia() -> str:
    """Los componentes con datos de muestra; 404 si no es desarrollo ni se pidió con ``TEQUIO_GUIA``."""
    if not (current_app.debug or current_app.config.get("TEQUIO_GUIA")):
        abort(404)
    ahora = datetime.now(UTC)
    return render_template("estilo/guia.html", ahora=ahora, vence=ahora + timedelta(minutes=112))
