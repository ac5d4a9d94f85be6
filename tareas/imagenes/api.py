"""API de imágenes: las de un municipio, y sus teselas."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from tareas.comun.bd import lectura, soltar
from tareas.comun.textos import _
from tareas.comun.web import acceso, actor
from tareas.imagenes import archivos, consultas
from tareas.imagenes.reglas import Estado, capa, porque_no
from tareas.imagenes.teselas import exigir_tesela, tesela
from tareas.municipios.consultas import por_id

bp = APIBlueprint("imagenes_api", __name__, url_prefix="/api/v1", tag="Municipios")
bp_teselas = APIBlueprint("teselas_de_imagen", __name__, url_prefix="/teselas", tag="Teselas")
SEGUNDOS = 3600


@bp.get("/municipios/<int:municipio_id>/imagenes")
@acceso(publico=True)
def de_municipio(municipio_id: int) -> dict[str, Any]:
    """Imágenes del municipio: las publicadas y, para quien lo gestiona, también las demás y por qué no se pueden usar.

    ``capa`` es lo que se agrega a ``imagenes`` de un proyecto.
    """
    with lectura() as sesion:
        por_id(sesion, municipio_id)
        filas = consultas.de_municipio(sesion, actor(), municipio_id)
    return {"imagenes": [_en_json(fila) for fila in filas]}


def _en_json(fila: Any) -> dict[str, Any]:
    porque = porque_no(fila, hay_archivo=archivos.ruta_de(fila.archivo).is_file())
    return {
        "id": fila.id,
        "nombre": fila.nombre,
        "estado": fila.estado,
        "formato": fila.formato,
        "caja": fila.caja,
        "resolucion_m": round(fila.resolucion_m, 3),
        "fecha": fila.fecha.isoformat() if fila.fecha else None,
        "licencia": fila.licencia,
        "permiso_trazar": fila.permiso_trazar,
        "utilizable": porque is None,
        "porque": _(porque) if porque else None,
        "capa": capa(fila),
    }


@bp_teselas.get("/imagenes/<int:imagen_id>/<int:z>/<int:x>/<int:y>")
@acceso(publico=True)
def una_tesela(imagen_id: int, z: int, x: int, y: int) -> Response:
    """Una tesela (PNG, JPEG o WebP, según el archivo); transparente donde la imagen no llega."""
    exigir_tesela(z, x, y)
    with lectura() as sesion:
        fila = consultas.para_tesela(sesion, actor(), imagen_id)
    # dibujar puede tardar: la conexión vuelve al fondo antes
    soltar()
    etiqueta = f"{fila.id}-{fila.version}-{fila.huella.hex()[:12]}"
    if request.if_none_match.contains(etiqueta):
        respuesta = Response(status=304)
    else:
        cuerpo, tipo = tesela(fila, z, x, y)
        respuesta = Response(cuerpo, mimetype=tipo)
    respuesta.set_etag(etiqueta)
    publicada = fila.estado == Estado.PUBLICADA
    respuesta.headers["Cache-Control"] = f"public, max-age={SEGUNDOS}" if publicada else "private, no-cache"
    return respuesta
