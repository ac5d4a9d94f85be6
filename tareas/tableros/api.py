"""API de avance."""

from typing import Annotated, Any

from apiflask import APIBlueprint
from pydantic import Field

from tareas.comun.bd import lectura
from tareas.comun.entrada import Consulta, entrada
from tareas.comun.web import acceso, actor
from tareas.proyectos.consultas import ficha, visible
from tareas.tableros import consultas
from tareas.tableros.avance import avance

bp = APIBlueprint("tableros_api", __name__, url_prefix="/api/v1", tag="Avance")


class Pagina(Consulta):
    """Parámetros de ``GET …/avance/tareas``."""

    limite: Annotated[int, Field(ge=1, le=10_000)] = 1000
    salto: Annotated[int, Field(ge=0, le=200_000)] = 0


@bp.get("/proyectos/<int:proyecto_id>/avance")
@acceso(publico=True)
def de_proyecto(proyecto_id: int) -> dict[str, Any]:
    """Totales, por día y por persona."""
    with lectura() as sesion:
        proyecto = ficha(sesion, actor(), proyecto_id)
        cifras = avance(
            sesion, actor(), [proyecto_id], proyecto.municipio_id, proyecto.tareas_total, proyecto.zona_horaria
        )
    return {"proyecto": proyecto_id, "zona_horaria": proyecto.zona_horaria, **cifras.json()}


@bp.get("/proyectos/<int:proyecto_id>/avance/tareas")
@acceso(publico=True)
@entrada(Pagina, "query")
def de_tareas(proyecto_id: int, consulta: Pagina) -> dict[str, Any]:
    """Edificios y calles de cada tarea: al publicar, al entregar y hoy."""
    with lectura() as sesion:
        proyecto = visible(sesion, actor(), proyecto_id)
        filas = consultas.por_tarea(sesion, proyecto_id, consulta.limite, consulta.salto)
    for fila in filas:
        fila["entregada"] = fila["entregada"].isoformat() if fila["entregada"] else None
    return {"total": proyecto.tareas_total, "tareas": filas}


@bp.get("/yo/trabajo")
@acceso(cuenta=True)
def mi_trabajo() -> dict[str, Any]:
    """Mis entregas y la respuesta que tuvo cada una."""
    with lectura() as sesion:
        filas = consultas.mi_trabajo(sesion, actor().id or 0)
    for fila in filas:
        fila["cuando"] = fila["cuando"].isoformat()
        fila["revisada"] = fila["revisada"].isoformat() if fila["revisada"] else None
    return {"entregas": filas}
