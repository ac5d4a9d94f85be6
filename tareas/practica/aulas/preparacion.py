"""De lo que alguien pide a un aula creada: entiende el municipio, el área o el archivo, y llama al servicio."""

import json
import tempfile
from pathlib import Path
from typing import Any

import shapely
from flask import request
from sqlalchemy.orm import Session

from tareas.comun.permisos import Actor
from tareas.comun.textos import N_, _
from tareas.municipios.consultas import elegir
from tareas.practica.aulas import servicio
from tareas.practica.aulas.servicio import Creada
from tareas.practica.errores import FaltaArchivo
from tareas.practica.reglas import ELEMENTOS_EN_LINEA
from tareas.proyectos import areas
from tareas.proyectos.consultas import area_geojson, visible

DE_AQUI = N_("Datos de OpenStreetMap de esta instalación")


def de_area(sesion: Session, actor: Actor, pedido: dict[str, Any], tope: int = ELEMENTOS_EN_LINEA) -> Creada:
    """Crea un aula de lo que pide `NuevaAula`.

    Raises
    ------
    MunicipioDesconocido, ProyectoNoEncontrado, AreaLejos, NoPermitido, AulaGrande, geo.formatos.errores.ErrorLectura
    """
    municipio = elegir(sesion, pedido["municipio"])
    servicio.exigir_preparacion(actor, municipio.id)
    if pedido.get("proyecto") is not None:
        visible(sesion, actor, pedido["proyecto"])
        area = shapely.geometry.shape(json.loads(area_geojson(sesion, pedido["proyecto"])))
    elif pedido.get("area") is not None:
        area = areas.de_geojson(sesion, municipio, pedido["area"], reparar=pedido.get("reparar", False)).geometria
    else:
        area = areas.de_municipio(sesion, municipio).geometria
    return servicio.crear_de_area(
        sesion,
        actor,
        municipio_id=municipio.id,
        nombre=pedido["nombre"],
        area=area,
        visibilidad=pedido["visibilidad"],
        fuente=_(DE_AQUI),
        tope=tope,
    )


def de_archivo_subido(sesion: Session, actor: Actor, *, municipio: str, nombre: str, visibilidad: str) -> Creada:
    """Crea un aula del ``archivo`` que trae el formulario de la petición.

    Raises
    ------
    FaltaArchivo, MunicipioDesconocido, NoPermitido, AulaGrande, geo.osm.errores.ErrorOsm
    """
    lugar = elegir(sesion, municipio)
    servicio.exigir_preparacion(actor, lugar.id)
    subido = request.files.get("archivo")
    if subido is None or not subido.filename:
        raise FaltaArchivo(campos={"archivo": _(FaltaArchivo.plantilla)})
    with tempfile.TemporaryDirectory(prefix="tequio-aula-") as carpeta:
        # Los mensajes nombran el archivo; su nombre llega de fuera y no decide dónde se guarda.
        ruta = Path(carpeta) / (Path(subido.filename.replace("\\", "/")).name.replace("\0", "")[-120:] or "archivo")
        subido.save(ruta)
        return servicio.crear_de_archivo(
            sesion,
            actor,
            municipio_id=lugar.id,
            nombre=nombre,
            ruta=ruta,
            visibilidad=visibilidad,
            fuente=subido.filename,
        )
