"""La página de mapeo y la de validación: un mapa, una hoja con lo que toca hacer."""

from typing import Any

from flask import Blueprint, render_template

from tareas.comun.bd import lectura
from tareas.comun.permisos import GESTIONAN, VALIDAN, Papel
from tareas.comun.presentacion import capas_de_imagen, permitir_imagenes
from tareas.comun.web import acceso, actor
from tareas.mapeo.editor.donde import para_paginas
from tareas.mapeo.errores import TareaDesconocida
from tareas.proyectos.consultas import ficha, plantilla_base
from tareas.proyectos.presentacion import imagenes_vigentes

bp = Blueprint("mapeo", __name__)


@bp.get("/proyectos/<int:proyecto_id>/mapear")
@bp.get("/proyectos/<int:proyecto_id>/mapear/<int:numero>")
@acceso(publico=True)
def mapear(proyecto_id: int, numero: int | None = None) -> str:
    """Elegir, tomar, mapear y entregar tareas."""
    return _pagina(proyecto_id, numero, "mapear")


@bp.get("/proyectos/<int:proyecto_id>/validar")
@bp.get("/proyectos/<int:proyecto_id>/validar/<int:numero>")
@acceso(*VALIDAN)
def validar(proyecto_id: int, numero: int | None = None) -> str:
    """La cola de revisión."""
    return _pagina(proyecto_id, numero, "validar")


def _pagina(proyecto_id: int, numero: int | None, modo: str) -> str:
    quien = actor()
    with lectura() as sesion:
        proyecto = ficha(sesion, quien, proyecto_id)
        base = plantilla_base(sesion, proyecto)
    if numero is not None and not 1 <= numero <= proyecto.numeros:
        raise TareaDesconocida
    donde = para_paginas(proyecto)
    datos: dict[str, Any] = {
        "proyecto": {
            "id": proyecto.id,
            "nombre": proyecto.nombre,
            "municipio": proyecto.municipio_id,
            "version": proyecto.version,
            "caja": proyecto.caja,
            "area_m2": proyecto.area_m2,
            "tareas_total": proyecto.tareas_total,
            "numeros": proyecto.numeros,
            "abierto": proyecto.estado == "publicado",
            "borrador": proyecto.estado == "borrador",
            "minutos": proyecto.minutos_bloqueo,
            "zona": proyecto.zona_horaria,
            # Lo de un aula o de un municipio ficticio no está en ese sitio: un enlace llevaría a otra cosa.
            "web": None if donde["servidor"]["practica"] or proyecto.ficticio else donde["servidor"]["web"] or None,
            **{
                clave: donde[clave]
                for clave in ("servidor", "aqui", "josm", "desplazamiento", "comentario", "etiquetas")
            },
        },
        "numero": numero,
        "modo": modo,
        "entro": quien.entro,
        "yo": quien.id,
        "valida": quien.tiene(VALIDAN, proyecto.municipio_id),
        "coordina": quien.tiene(GESTIONAN | {Papel.CAPACITADOR}, proyecto.municipio_id),
        "editores": donde["editores"],
    }
    suyas = imagenes_vigentes(proyecto)
    imagenes = [*suyas, *capas_de_imagen()]
    permitir_imagenes(imagenes)
    mapa = {
        "caja": proyecto.caja,
        "base": base,
        "imagenes": imagenes,
        # Quien practica dibuja aquí mismo, viendo la imagen. En los demás proyectos, bajarla lo decide cada quien.
        "sugerido": suyas[0]["id"] if suyas and donde["servidor"]["practica"] else None,
        "retiradas": [capa["nombre"] for capa in proyecto.imagenes_retiradas],
    }
    return render_template("mapeo/mapear.html", proyecto=proyecto, datos=datos, datos_mapa=mapa, modo=modo)
