"""API de municipios: buscarlos y traer su límite."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, json

from tareas.comun.bd import lectura
from tareas.comun.entrada import entrada
from tareas.comun.web import acceso, con_etag
from tareas.municipios import consultas
from tareas.municipios.formularios import Buscar, Detalle

bp = APIBlueprint("municipios_api", __name__, url_prefix="/api/v1", tag="Municipios")


def en_json(fila: Any) -> dict[str, Any]:
    """Un municipio como lo dice la API."""
    campos = ("id", "clave", "nombre", "entidad", "pais", "poblacion", "area_m2", "zona_horaria", "ficticio")
    return {**{campo: getattr(fila, campo) for campo in campos}, "caja": list(fila.caja)}


@bp.get("/municipios")
@acceso(publico=True)
@entrada(Buscar, "query")
def buscar(consulta: Buscar) -> dict[str, Any]:
    """Busca municipios por nombre, entidad o clave, sin acentos ni mayúsculas; perdona errores de dedo."""
    with lectura() as sesion:
        filas, total = consultas.buscar(
            sesion, consulta.texto, consulta.limite, (consulta.pagina - 1) * consulta.limite
        )
    return {"municipios": [en_json(f) for f in filas], "total": total, "pagina": consulta.pagina}


@bp.get("/municipios/<int:municipio_id>")
@acceso(publico=True)
def uno(municipio_id: int) -> dict[str, Any]:
    """Un municipio, con su caja (oeste, sur, este, norte)."""
    with lectura() as sesion:
        municipio = consultas.por_id(sesion, municipio_id)
    return {**en_json(municipio), "fuente": municipio.fuente, "actualizado": municipio.actualizado.isoformat()}


@bp.get("/municipios/<int:municipio_id>/limite")
@acceso(publico=True)
@entrada(Detalle, "query")
def limite(municipio_id: int, consulta: Detalle) -> Response:
    """El límite del municipio como Feature GeoJSON."""
    with lectura() as sesion:
        municipio = consultas.por_id(sesion, municipio_id)
        geometria = consultas.limite_geojson(sesion, municipio_id, consulta.tolerancia)
    propiedades = json.dumps(en_json(municipio))
    cuerpo = f'{{"type":"Feature","id":{municipio.id},"geometry":{geometria},"properties":{propiedades}}}'
    return con_etag(cuerpo.encode(), "application/geo+json", segundos=300)
