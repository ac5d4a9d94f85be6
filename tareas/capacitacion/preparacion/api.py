"""API de los talleres: crearlos, cambiarlos y ver cómo va su preparación."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from tareas.capacitacion.preparacion import consultas, servicio
from tareas.capacitacion.preparacion.diagnostico import Asistente, diagnosticar
from tareas.capacitacion.preparacion.formularios import TallerPedido, con_zona
from tareas.capacitacion.preparacion.reglas import CAMBIOS_POR_EDIFICIO, PREPARAN
from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import entrada
from tareas.comun.idempotencia import una_vez
from tareas.comun.web import acceso, actor
from tareas.municipios.consultas import elegir

bp = APIBlueprint("talleres_api", __name__, url_prefix="/api/v1", tag="Talleres")


@bp.get("/talleres")
@acceso(*PREPARAN)
def listar() -> dict[str, Any]:
    """Los talleres de los municipios donde quien pide los prepara."""
    with lectura() as sesion:
        filas = consultas.talleres(sesion, actor())
    return {
        "talleres": [
            {"id": f.id, "nombre": f.nombre, "empieza": f.empieza.isoformat(), "horas": f.horas, "personas": f.personas}
            for f in filas
        ]
    }


@bp.post("/talleres")
@acceso(*PREPARAN)
@entrada(TallerPedido)
def crear(datos: TallerPedido) -> Response:
    """Crea un taller con su lista de personas. Acepta ``Idempotency-Key``."""
    with transaccion() as sesion:
        return una_vez(sesion, actor().id or 0, lambda: ({"id": _guardar(sesion, datos, None)}, 201))


@bp.put("/talleres/<int:taller_id>")
@acceso(*PREPARAN)
@entrada(TallerPedido)
def cambiar(taller_id: int, datos: TallerPedido) -> dict[str, Any]:
    """Cambia un taller y su lista entera."""
    with transaccion() as sesion:
        consultas.taller(sesion, actor(), taller_id)
        return {"id": _guardar(sesion, datos, taller_id)}


@bp.delete("/talleres/<int:taller_id>")
@acceso(*PREPARAN)
def borrar(taller_id: int) -> tuple[str, int]:
    """Borra un taller."""
    with transaccion() as sesion:
        servicio.borrar(sesion, consultas.taller(sesion, actor(), taller_id).id)
    return "", 204


@bp.get("/talleres/<int:taller_id>/preparacion")
@acceso(*PREPARAN)
def preparacion(taller_id: int) -> dict[str, Any]:
    """Quién tiene su cuenta lista, cuánto podrá subir por hora, qué tareas convienen y qué falta."""
    with lectura() as sesion:
        d = diagnosticar(sesion, consultas.taller(sesion, actor(), taller_id))
    return {
        "taller": {"id": d.taller.id, "nombre": d.taller.nombre, "empieza": d.taller.empieza.isoformat()},
        "en_aula": d.en_aula,
        "personas": [_persona(a) for a in d.asistentes],
        "grupo": {"cambios_por_hora": d.por_hora, "cambios_esperados_por_hora": d.esperados},
        "tarea_sugerida": {"edificios": d.edificios_por_tarea, "lado_m": d.lado_m},
        "avisos": [{"tipo": tipo, "mensaje": frase} for tipo, frase in d.avisos],
    }


def _persona(a: Asistente) -> dict[str, Any]:
    return {
        "nombre": a.escrito,
        "usuario": a.fila.usuario,
        "estado": a.cuenta.value,
        "cuenta_osm": a.fila.cuenta,
        "creada": a.fila.creada_alla.isoformat() if a.fila.creada_alla else None,
        "conjuntos": a.fila.conjuntos,
        "cambios_por_hora": None if a.limite is None else {"seguro": a.limite.seguro, "quiza": a.limite.quiza},
        "edificios_por_hora": None if a.limite is None else a.limite.seguro // CAMBIOS_POR_EDIFICIO,
    }


def _guardar(sesion: Any, datos: TallerPedido, taller_id: int | None) -> int:
    municipio = elegir(sesion, datos.municipio)
    return servicio.guardar(
        sesion,
        actor(),
        municipio,
        nombre=datos.nombre,
        empieza=con_zona(datos.empieza, municipio.zona_horaria),
        horas=datos.horas,
        ritmo=datos.ritmo,
        proyecto=datos.proyecto,
        personas=datos.personas,
        taller_id=taller_id,
    )
