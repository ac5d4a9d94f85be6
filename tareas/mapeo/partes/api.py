"""API de partes: partir, juntar y corregir el área de tareas. Con ``?ensayo=1``, cómo quedaría."""

from collections.abc import Callable
from typing import Any

from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import Session

from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import entrada
from tareas.comun.errores import NoPermitido
from tareas.comun.idempotencia import una_vez
from tareas.comun.permisos import GESTIONAN, VALIDAN
from tareas.comun.web import acceso, actor_con_cuenta
from tareas.mapeo.partes import servicio
from tareas.mapeo.partes.formularios import Corregir, Ensayo, Juntar, Partir
from tareas.mapeo.partes.reglas import Modo
from tareas.mapeo.partes.servicio import Hecho, Pedido
from tareas.proyectos.peticion import proyecto_pedido

bp = APIBlueprint("partes_api", __name__, url_prefix="/api/v1", tag="Partes")

DIVIDEN = VALIDAN | GESTIONAN


def _pedido(proyecto_id: int, datos: Partir | Juntar | Corregir, consulta: Ensayo) -> Pedido:
    quien = actor_con_cuenta()
    with lectura() as sesion:
        proyecto = proyecto_pedido(sesion, quien, proyecto_id)
    if not quien.tiene(DIVIDEN, proyecto.municipio_id):
        raise NoPermitido
    return Pedido(
        proyecto_id=proyecto_id,
        persona_id=quien.id or 0,
        motivo=datos.motivo,
        ficha=getattr(datos, "ficha", None),
        huella=datos.huella,
        ensayo=consulta.ensayo is not None,
    )


def _hacer(pedido: Pedido, hacer: Callable[[Session], Hecho]) -> Response | dict[str, Any]:
    with transaccion() as sesion:
        if pedido.ensayo:
            return hacer(sesion).json()
        return una_vez(sesion, pedido.persona_id, lambda: (hacer(sesion).json(), 201))


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/partes")
@acceso(*DIVIDEN)
@entrada(Partir)
@entrada(Ensayo, "query")
def partir(proyecto_id: int, numero: int, datos: Partir, consulta: Ensayo) -> Response | dict[str, Any]:
    """Parte una tarea en dos, en cuatro o por una línea: ella queda dividida y salen otras que cubren lo mismo."""
    pedido = _pedido(proyecto_id, datos, consulta)
    return _hacer(pedido, lambda s: servicio.partir(s, pedido, numero, Modo(datos.modo), datos.linea))


@bp.post("/proyectos/<int:proyecto_id>/tareas/juntas")
@acceso(*DIVIDEN)
@entrada(Juntar)
@entrada(Ensayo, "query")
def juntar(proyecto_id: int, datos: Juntar, consulta: Ensayo) -> Response | dict[str, Any]:
    """Junta tareas que comparten lados en una sola."""
    pedido = _pedido(proyecto_id, datos, consulta)
    return _hacer(pedido, lambda s: servicio.juntar(s, pedido, datos.numeros))


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/area")
@acceso(*DIVIDEN)
@entrada(Corregir)
@entrada(Ensayo, "query")
def corregir(proyecto_id: int, numero: int, datos: Corregir, consulta: Ensayo) -> Response | dict[str, Any]:
    """Corrige el contorno de una tarea; lo que gana o pierde es de sus vecinas."""
    pedido = _pedido(proyecto_id, datos, consulta)
    return _hacer(pedido, lambda s: servicio.corregir(s, pedido, numero, datos.area))
