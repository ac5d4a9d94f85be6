"""API de las medidas."""

from typing import Any

from apiflask import APIBlueprint

from tareas.comun.bd import lectura
from tareas.comun.entrada import entrada
from tareas.comun.web import acceso, actor
from tareas.municipios.consultas import por_id
from tareas.proyectos.consultas import ficha
from tareas.tableros.consultas import zona_de_persona
from tareas.tableros.medidas import consultas
from tareas.tableros.medidas.formularios import Filtro
from tareas.tableros.medidas.presentacion import de_un_municipio, de_un_proyecto

bp = APIBlueprint("medidas_api", __name__, url_prefix="/api/v1", tag="Medidas")


@bp.get("/municipios/<int:municipio_id>/medidas")
@acceso(publico=True)
@entrada(Filtro, "query")
def de_municipio(municipio_id: int, consulta: Filtro) -> dict[str, Any]:
    """Cada medida con de cuántos casos sale (``k`` de ``n``) y su intervalo de 95 %; por persona, grupo, mes…

    ``valor`` es ``null`` con menos casos que ``minimo``. Lo de cada persona sólo lo ven ella y quien revisa o capacita.
    """
    with lectura() as sesion:
        lugar = por_id(sesion, municipio_id)
        m = de_un_municipio(sesion, actor(), lugar, consulta)
    return {"municipio": municipio_id, "zona_horaria": lugar.zona_horaria, **m.json()}


@bp.get("/proyectos/<int:proyecto_id>/medidas")
@acceso(publico=True)
@entrada(Filtro, "query")
def de_proyecto(proyecto_id: int, consulta: Filtro) -> dict[str, Any]:
    """Las mismas medidas, de un proyecto."""
    with lectura() as sesion:
        p = ficha(sesion, actor(), proyecto_id)
        m = de_un_proyecto(sesion, actor(), p, consulta)
    return {"proyecto": proyecto_id, "zona_horaria": p.zona_horaria, **m.json()}


@bp.get("/yo/medidas")
@acceso(cuenta=True)
def mias() -> dict[str, Any]:
    """Las de lo que entregué y revisé en los proyectos de verdad; aparte, en ``practica``, lo entregado en aulas."""
    with lectura() as sesion:
        yo = actor().id or 0
        zona = zona_de_persona(sesion, yo)
        entregado, senalados = consultas.de_persona(sesion, yo, zona)
        practicado, _senalados = consultas.de_persona(sesion, yo, zona, practica=True)
        revisado = consultas.de_validador(sesion, yo, zona)
    return {
        "entregado": entregado.json(),
        "senalados": [{"codigo": codigo, "veces": veces} for codigo, veces in senalados],
        "revisado": revisado.json(),
        "practica": practicado.json(),
    }
