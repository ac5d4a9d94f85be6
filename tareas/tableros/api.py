"""API de avance."""

from typing import Annotated, Any

from apiflask import APIBlueprint
from flask import current_app
from pydantic import Field

from tareas.comun.bd import lectura
from tareas.comun.entrada import Consulta, entrada
from tareas.comun.errores import NoPermitido
from tareas.comun.permisos import Papel
from tareas.comun.web import acceso, actor
from tareas.proyectos.consultas import ficha, visible
from tareas.tableros import consultas
from tareas.tableros.avance import avance, exigir_que_pueda_verla
from tareas.tableros.estado import estado

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
    """Edificios y calles de cada tarea: al publicar, al entregar y hoy. En un proyecto de práctica, los de su aula."""
    with lectura() as sesion:
        proyecto = visible(sesion, actor(), proyecto_id)
        filas = consultas.por_tarea(sesion, proyecto_id, consulta.limite, consulta.salto)
    for fila in filas:
        fila["entregada"] = fila["entregada"].isoformat() if fila["entregada"] else None
    return {"total": proyecto.tareas_total, "tareas": filas}


@bp.get("/proyectos/<int:proyecto_id>/avance/personas/<int:persona_id>")
@acceso(cuenta=True)
def de_persona(proyecto_id: int, persona_id: int) -> dict[str, Any]:
    """Una persona en un proyecto, día por día: la ve ella misma y quien coordina el municipio."""
    with lectura() as sesion:
        proyecto = ficha(sesion, actor(), proyecto_id)
        exigir_que_pueda_verla(actor(), persona_id, proyecto.municipio_id)
        persona = consultas.persona_en(sesion, proyecto_id, persona_id)
        dias = consultas.por_dia_de_persona(sesion, persona_id, proyecto.zona_horaria, proyecto_id)
    return {"persona": {"id": persona.id, "usuario": persona.usuario, "nombre": persona.nombre}, "dias": dias}


@bp.get("/yo/avance")
@acceso(cuenta=True)
def mi_avance() -> dict[str, Any]:
    """Mi trabajo de todos los proyectos, día por día; aparte, en ``practica``, el de los proyectos de práctica."""
    with lectura() as sesion:
        yo = actor().id or 0
        zona = consultas.zona_de_persona(sesion, yo)
        return {
            "zona_horaria": zona,
            "dias": consultas.por_dia_de_persona(sesion, yo, zona),
            "practica": consultas.por_dia_de_persona(sesion, yo, zona, practica=True),
        }


@bp.get("/yo/trabajo")
@acceso(cuenta=True)
def mi_trabajo() -> dict[str, Any]:
    """Mis entregas y la respuesta que tuvo cada una."""
    with lectura() as sesion:
        filas = consultas.mi_trabajo(sesion, actor())
    for fila in filas:
        fila["cuando"] = fila["cuando"].isoformat()
        for momento in ("revisada", "apartada_hasta", "en_mis_manos_hasta"):
            fila[momento] = fila[momento].isoformat() if fila[momento] else None
    return {"entregas": filas}


@bp.get("/estado")
@acceso(Papel.ADMINISTRADOR)
def de_la_instalacion() -> dict[str, Any]:
    """Estado de la instalación: base, disco, correo, flujos de OpenStreetMap y migraciones."""
    if not actor().administra_todo:
        raise NoPermitido
    with lectura() as sesion:
        todo = estado(sesion, con_correo=current_app.config["SERVIDOR_DE_CORREO"] is not None)
    for parte in (todo["datos_osm"], todo["correo"], *todo["flujos"]):
        for llave in ("hasta", "momento", "intento", "ultimo_resumen"):
            if parte.get(llave) is not None:
                parte[llave] = parte[llave].isoformat()
    return todo
