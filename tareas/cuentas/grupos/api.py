"""API de los grupos de un municipio."""

from typing import Any

from apiflask import APIBlueprint

from tareas.comun import bd
from tareas.comun.entrada import entrada
from tareas.comun.web import acceso, actor
from tareas.cuentas.grupos import consultas
from tareas.cuentas.grupos.formularios import GruposPedidos
from tareas.cuentas.grupos.reglas import AGRUPAN

bp = APIBlueprint("grupos_api", __name__, url_prefix="/api/v1", tag="Grupos")


@bp.get("/municipios/<int:municipio_id>/grupos")
@acceso(*AGRUPAN)
@entrada(GruposPedidos, "query")
def lista(municipio_id: int, consulta: GruposPedidos) -> dict[str, Any]:
    """Los grupos del municipio y cuántas personas tiene cada uno."""
    with bd.lectura() as sesion:
        consultas.municipio(sesion, actor(), municipio_id)
        grupos = consultas.de_municipio(sesion, municipio_id, archivados=consulta.archivados)
    return {
        "grupos": [
            {"id": g.id, "nombre": g.nombre, "personas": g.personas, "archivado": g.archivado is not None}
            for g in grupos
        ]
    }
