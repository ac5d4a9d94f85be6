"""API de las aulas: crear, ver, congelar, reiniciar, exportar, borrar."""

import tempfile
from pathlib import Path
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request, send_file
from sqlalchemy.orm import Session

from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import entrada, validar
from tareas.comun.idempotencia import una_vez
from tareas.comun.web import acceso, actor
from tareas.practica.api06.consultas import foto
from tareas.practica.aulas import consultas, preparacion, presentacion, servicio
from tareas.practica.aulas.consultas import Aula, visible
from tareas.practica.aulas.formularios import AulaDeArchivo, EdicionDeAula, NuevaAula
from tareas.practica.reglas import PREPARAN
from tareas.practica.replicacion import servicio as replicacion

bp = APIBlueprint("aulas_api", __name__, url_prefix="/api/v1", tag="Aulas")


@bp.get("/aulas")
@acceso(*PREPARAN)
def listar() -> dict[str, Any]:
    """Las aulas de los municipios donde quien pide las prepara."""
    with lectura() as sesion:
        return {"aulas": [presentacion.resumen(fila) for fila in consultas.preparadas(sesion, actor())]}


@bp.post("/aulas")
@acceso(*PREPARAN)
@entrada(NuevaAula)
def crear(datos: NuevaAula) -> Response:
    """Crea un aula con lo que guardamos de un área, de un proyecto o de un municipio. Acepta ``Idempotency-Key``."""
    quien = actor()

    def hacer() -> tuple[dict[str, Any], int]:
        creada = preparacion.de_area(sesion, quien, datos.model_dump())
        return _dicha(sesion, creada.id), 201

    with transaccion() as sesion:
        return una_vez(sesion, quien.id or 0, hacer)


@bp.post("/aulas/archivo")
@acceso(*PREPARAN)
def crear_de_archivo() -> tuple[dict[str, Any], int]:
    """Crea un aula de un archivo: formulario con ``archivo``, ``municipio``, ``nombre`` y ``visibilidad``."""
    datos = validar(AulaDeArchivo, request.form.to_dict())
    with transaccion() as sesion:
        creada = preparacion.de_archivo_subido(sesion, actor(), **datos.model_dump())
        return _dicha(sesion, creada.id), 201


@bp.get("/aulas/<int:aula_id>")
@acceso(publico=True)
def una(aula_id: int) -> dict[str, Any]:
    """Un aula: qué tiene y en qué direcciones se edita y se sigue."""
    with lectura() as sesion:
        visible(sesion, actor(), aula_id)
        return _dicha(sesion, aula_id)


@bp.patch("/aulas/<int:aula_id>")
@acceso(*PREPARAN)
@entrada(EdicionDeAula)
def editar(aula_id: int, datos: EdicionDeAula) -> dict[str, Any]:
    """Cambia nombre, visibilidad o estado: ``congelada`` se lee y ya no se escribe."""
    with transaccion() as sesion:
        servicio.editar(sesion, _preparable(sesion, aula_id), **datos.model_dump())
        return _dicha(sesion, aula_id)


@bp.post("/aulas/<int:aula_id>/reinicio")
@acceso(*PREPARAN)
def reiniciar(aula_id: int) -> dict[str, Any]:
    """Devuelve el aula a como empezó, con versiones nuevas."""
    with transaccion() as sesion:
        return {"cambiados": servicio.reiniciar(sesion, actor(), _preparable(sesion, aula_id))}


@bp.delete("/aulas/<int:aula_id>")
@acceso(*PREPARAN)
def borrar(aula_id: int) -> tuple[str, int]:
    """Borra el aula y todo lo que se hizo en ella."""
    with transaccion() as sesion:
        servicio.borrar(sesion, _preparable(sesion, aula_id))
    return "", 204


@bp.get("/aulas/<int:aula_id>/extracto.osm.pbf")
@acceso(publico=True)
def extracto(aula_id: int) -> Response:
    """El aula como está ahora, en .osm.pbf; su cabecera dice desde dónde seguir la replicación."""
    with tempfile.TemporaryDirectory(prefix="tequio-extracto-") as carpeta:
        ruta = Path(carpeta) / "extracto.osm.pbf"
        with transaccion() as sesion:
            visible(sesion, actor(), aula_id)
            corte = replicacion.cortar(sesion, aula_id)
        cabecera = {
            "osmosis_replication_base_url": presentacion.direcciones(aula_id)["replicacion"],
            "osmosis_replication_sequence_number": str(corte.secuencia),
            "osmosis_replication_timestamp": corte.momento.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        # Aparte, para no tener el turno del aula mientras se escribe. Puede llevar algo más de lo que dice la cabecera:
        # quien siga la replicación lo recibe otra vez, y una versión repetida no cambia nada.
        with foto() as conexion:
            servicio.exportar(conexion, aula_id, ruta, cabecera)
        # El archivo queda abierto mientras se envía; borrarlo de la carpeta no le estorba.
        respuesta = send_file(ruta.open("rb"), mimetype="application/vnd.openstreetmap.data+pbf", max_age=0)
    respuesta.headers["Content-Disposition"] = f'attachment; filename="tequio-aula-{aula_id}.pbf"'
    return respuesta


def _dicha(sesion: Session, aula_id: int) -> dict[str, Any]:
    return presentacion.completa(consultas.ficha(sesion, aula_id), consultas.cuentas(sesion, aula_id))


def _preparable(sesion: Session, aula_id: int) -> Aula:
    """El aula, si quien pide la puede ver (404) y la prepara (403)."""
    aula = visible(sesion, actor(), aula_id)
    servicio.exigir_preparacion(actor(), aula.municipio_id)
    return aula
