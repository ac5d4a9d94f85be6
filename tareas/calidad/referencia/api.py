"""API de la referencia de un municipio, y de qué tan completo está un proyecto frente a ella."""

from typing import Any

from apiflask import APIBlueprint
from flask import request

from tareas.calidad.referencia import consultas, presentacion, servicio
from tareas.calidad.referencia.subida import recibir
from tareas.comun.bd import lectura, transaccion
from tareas.comun.permisos import GESTIONAN, TODOS
from tareas.comun.web import acceso, actor
from tareas.proyectos.consultas import visible

bp = APIBlueprint("referencia_api", __name__, url_prefix="/api/v1", tag="Calidad")


@bp.get("/municipios/<int:municipio_id>/referencias")
@acceso(*TODOS)
def lista(municipio_id: int) -> dict[str, Any]:
    """Las referencias del municipio, para quien tiene un papel en él; se compara con la ``vigente``, la última."""
    with lectura() as sesion:
        return {
            "referencias": [presentacion.referencia(f) for f in consultas.de_municipio(sesion, actor(), municipio_id)]
        }


@bp.post("/municipios/<int:municipio_id>/referencias")
@acceso(*GESTIONAN)
def subir(municipio_id: int) -> tuple[dict[str, Any], int]:
    """Sube huellas de edificios para compararlas con el mapa. Nunca se copian a OpenStreetMap.

    Formulario ``multipart/form-data`` con ``archivo`` (GeoPackage, GeoJSON, shapefile en zip, KML, FlatGeobuf),
    ``licencia``, ``fuente``, ``puede_compararse`` y, si hacen falta, ``nombre``, ``fecha``, ``capa``, ``crs``.
    """
    with lectura() as sesion:
        municipio = consultas.exigir_gestion(sesion, actor(), municipio_id)
    hecha = recibir(municipio, request.form.to_dict(), request.files.getlist("archivo"))
    return {"id": hecha.id, "huellas": hecha.huellas, "omitidas": hecha.omitidas, "puede_copiarse_a_osm": False}, 201


@bp.delete("/municipios/<int:municipio_id>/referencias/<int:referencia_id>")
@acceso(*GESTIONAN)
def borrar(municipio_id: int, referencia_id: int) -> tuple[str, int]:
    """Borra una referencia con todas sus huellas."""
    with transaccion() as sesion:
        consultas.exigir_gestion(sesion, actor(), municipio_id)
        servicio.borrar(sesion, municipio_id, referencia_id)
    return "", 204


@bp.get("/municipios/<int:municipio_id>/completitud")
@acceso(publico=True)
def completitud_de_municipio(municipio_id: int) -> dict[str, Any]:
    """Cuánto falta hoy en cada proyecto del municipio frente a su referencia, con intervalo. No se suman: se enciman.

    ``sin_comparar`` son los proyectos que no se pueden medir aquí, por grandes o porque no se siguen sus datos, y los
    que esta vez no alcanzaron: pídelo otra vez.
    """
    with lectura() as sesion:
        return presentacion.completitud_de_municipio(sesion, actor(), municipio_id)


@bp.get("/proyectos/<int:proyecto_id>/completitud")
@acceso(publico=True)
def completitud(proyecto_id: int) -> dict[str, Any]:
    """Cuánto falta, sobra y está corrido en cada tarea frente a la referencia del municipio, y en total.

    Las cifras de una tarea con menos de 5 huellas (``pocas``) sólo las ve quien tiene papel en el municipio.
    """
    with lectura() as sesion:
        proyecto = visible(sesion, actor(), proyecto_id)
        return presentacion.completitud(sesion, actor(), proyecto)[0]
