"""Teselas del mapa base de un aula."""

import gzip
import hashlib
from typing import Final

from apiflask import APIBlueprint
from flask import Response, request

from tareas.comun import bd
from tareas.comun.guardadas import Guardadas
from tareas.comun.web import acceso, actor
from tareas.practica.api06.consultas import conexion_de
from tareas.practica.aulas.consultas import visible
from tareas.practica.mapa import consultas
from tareas.practica.objetos import armar_si_falta

bp = APIBlueprint("mapa_de_aula", __name__, url_prefix="/teselas", tag="Teselas")
TIPO = "application/vnd.mapbox-vector-tile"
BYTES_GUARDADOS: Final = 24 * 1024 * 1024

_TESELAS: Guardadas[bytes] = Guardadas(BYTES_GUARDADOS)


@bp.get("/aulas/<int:aula_id>/<int:z>/<int:x>/<int:y>.mvt")
@acceso(publico=True)
def tesela(aula_id: int, z: int, x: int, y: int) -> Response:
    """Una tesela vectorial de lo que hoy hay en un aula, con las capas del mapa base. Lleva ETag: pregunta cada vez."""
    with bd.lectura() as sesion:
        visible(sesion, actor(), aula_id)
        vigente = consultas.vigente(sesion, aula_id)
    if vigente.version is None:
        with bd.transaccion() as sesion:
            armar_si_falta(conexion_de(sesion), aula_id)
        with bd.lectura() as sesion:
            vigente = consultas.vigente(sesion, aula_id)
    # La marca se leyó antes que lo dibujado: si alguien guarda en medio, a lo más se vuelve a pedir.
    respuesta = Response(mimetype=TIPO)
    respuesta.set_etag(hashlib.blake2b(repr(vigente.marca).encode(), digest_size=12).hexdigest(), weak=True)
    respuesta.headers["Cache-Control"] = "private, no-cache"
    respuesta.vary.add("Accept-Encoding")
    respuesta.make_conditional(request)
    if respuesta.status_code != 304:
        _llenar(respuesta, aula_id, vigente, (z, x, y))
    return respuesta


def _llenar(respuesta: Response, aula_id: int, vigente: consultas.Vigente, cual: tuple[int, int, int]) -> None:
    def hacer() -> tuple[int, bytes]:
        with bd.lectura() as sesion:
            cruda = consultas.tesela(sesion, aula_id, *cual)
        comprimida = gzip.compress(cruda, 6, mtime=0) if cruda else b""
        return len(comprimida) + 200, comprimida

    # En un taller muchas personas miran lo mismo.
    comprimida = _TESELAS.obtener((bd.actual().url, vigente.marca, cual), hacer)
    if not comprimida:
        respuesta.status_code = 204
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        respuesta.headers["Content-Encoding"] = "gzip"
        respuesta.set_data(comprimida)
    else:
        respuesta.set_data(gzip.decompress(comprimida))
