"""API de evidencia."""

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from sqlalchemy.orm import Session

from tareas.calidad.evidencia import consultas, servicio
from tareas.calidad.evidencia.formularios import DecirMotivo, Pedido
from tareas.calidad.evidencia.reglas import Motivo
from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import entrada
from tareas.comun.web import acceso, actor, actor_con_cuenta
from tareas.mapeo.consultas import exigir_tarea
from tareas.proyectos.consultas import visible

bp = APIBlueprint("evidencia_api", __name__, url_prefix="/api/v1", tag="Evidencia")


def _turnos(sesion: Session, proyecto_id: int, numero: int, datos: consultas.Datos | None) -> list[Mapping[str, Any]]:
    """Los turnos de una tarea; si alguno ya se puede asentar, se asienta de una vez."""
    turnos = consultas.de_tarea(sesion, proyecto_id, numero)
    if datos is None or not consultas.hay_por_asentar(turnos, datos):
        return turnos
    if not servicio.asentar_tarea(sesion, datos, proyecto_id, numero):
        return turnos
    return consultas.de_tarea(sesion, proyecto_id, numero)


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>/evidencia")
@acceso(publico=True)
@entrada(Pedido, "query")
def de_tarea(proyecto_id: int, numero: int, consulta: Pedido) -> dict[str, Any]:
    """Qué cambió en OpenStreetMap cada persona que tuvo la tarea, en su turno; con ``objetos=FICHA``, cuáles."""
    quien = actor()
    with lectura() as sesion:
        proyecto = visible(sesion, quien, proyecto_id)
        de = consultas.origen_de(sesion, proyecto_id)
        datos = None if de.origen is None else consultas.datos_de(sesion, de.origen)
        turnos = _turnos(sesion, proyecto_id, numero, datos)
        todo = consultas.ve_todo(quien, proyecto.municipio_id)
        cuerpo: dict[str, Any] = {
            "proyecto": proyecto_id,
            "numero": numero,
            "servidor": de.servidor_osm,
            "aula": de.aula_id,
            "datos_hasta": datos.hasta.isoformat() if datos else None,
            "turnos": [
                consultas.json_de_turno(
                    t, con_avisos=todo or (quien.entro and t["persona_id"] == quien.id), datos=datos
                )
                for t in turnos
            ],
        }
        if consulta.objetos is not None:
            elegido = consultas.elegir_turno(turnos, consulta.objetos)
            cuerpo["objetos"] = consultas.objetos(sesion, elegido, limite=consulta.limite, salto=consulta.salto)
    return cuerpo


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/evidencia/motivo")
@acceso(cuenta=True)
@entrada(DecirMotivo)
def decir_motivo(proyecto_id: int, numero: int, datos: DecirMotivo) -> dict[str, Any]:
    """Dice por qué una entrega propia no tiene cambios: ya estaba, no hay nada, la imagen no deja ver."""
    quien = actor_con_cuenta()
    with lectura() as sesion:
        visible(sesion, quien, proyecto_id)
        exigir_tarea(sesion, proyecto_id, numero)
    with transaccion() as sesion:
        paso = servicio.decir_motivo(
            sesion,
            persona_id=quien.id or 0,
            proyecto_id=proyecto_id,
            numero=numero,
            motivo=Motivo(datos.motivo),
            ficha=datos.ficha,
        )
    return {"paso": paso, "motivo": datos.motivo}


@bp.get("/proyectos/<int:proyecto_id>/evidencia")
@acceso(publico=True)
def de_proyecto(proyecto_id: int) -> dict[str, Any]:
    """Lo que cada persona mapeó de verdad en el proyecto: edificios, kilómetros de calle, puntos de interés."""
    quien = actor()
    with lectura() as sesion:
        proyecto = visible(sesion, quien, proyecto_id)
        servicio.asentar_si_toca(sesion, proyecto_id)
        filas = consultas.por_persona(sesion, proyecto_id)
        de = consultas.origen_de(sesion, proyecto_id)
        datos = None if de.origen is None else consultas.datos_de(sesion, de.origen)
    return {
        "proyecto": proyecto_id,
        "servidor": de.servidor_osm,
        "aula": de.aula_id,
        "datos_hasta": datos.hasta.isoformat() if datos else None,
        "total": consultas.totales(filas),
        "personas": consultas.personas_para(quien, proyecto.municipio_id, filas),
    }
