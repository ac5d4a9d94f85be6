"""Teselas del mapa base."""

from flask import Blueprint, Response

from tareas.comun import bd
from tareas.comun.web import acceso, con_etag
from tareas.datos_osm import consultas

bp = Blueprint("datos_osm", __name__)
TIPO = "application/vnd.mapbox-vector-tile"
SEGUNDOS = 60


@bp.get("/teselas/base/<int:version>/<int:z>/<int:x>/<int:y>.mvt")
@acceso(publico=True)
def tesela_base(version: int, z: int, x: int, y: int) -> Response:
    """Da una tesela del mapa base; con la versión de hoy en la dirección se guarda para siempre."""
    with bd.lectura() as sesion:
        vigente = consultas.version_datos(sesion) == version
        cuerpo = consultas.tesela_base(sesion, z, x, y)
    return con_etag(cuerpo, TIPO, segundos=SEGUNDOS, inmutable=vigente)
