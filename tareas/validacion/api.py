"""API de validación: la cola y el dictamen."""

from collections.abc import Callable
from typing import Any

from apiflask import APIBlueprint
from flask import Response
from sqlalchemy.orm import Session

from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import entrada
from tareas.comun.errores import Conflicto, NoPermitido
from tareas.comun.idempotencia import una_vez
from tareas.comun.permisos import VALIDAN
from tareas.comun.textos import _
from tareas.comun.web import acceso, actor, actor_con_cuenta
from tareas.mapeo.servicio import explicar
from tareas.proyectos.peticion import proyecto_pedido
from tareas.validacion import consultas, presentacion, servicio
from tareas.validacion.formularios import Cola, Dictamen, DictamenVarias, FichaDeTarea
from tareas.validacion.reglas import MOTIVOS, Veredicto

bp = APIBlueprint("validacion_api", __name__, url_prefix="/api/v1", tag="Validación")


def _exigir_validacion(proyecto_id: int) -> int:
    """Identificador de quien valida en ese proyecto; `NoPermitido` si no tiene el papel."""
    quien = actor_con_cuenta()
    with lectura() as sesion:
        proyecto = proyecto_pedido(sesion, quien, proyecto_id)
    if not quien.tiene(VALIDAN, proyecto.municipio_id):
        raise NoPermitido
    return quien.id or 0


def _dictaminar(
    sesion: Session,
    proyecto_id: int,
    persona_id: int,
    tareas: list[FichaDeTarea],
    datos: Dictamen | DictamenVarias,
    senalados: dict[int, list[servicio.Senalado]],
) -> list[dict[str, Any]]:
    # En orden de número: dos dictámenes conjuntos no se esperan en círculo.
    pasos = []
    retro = None
    for tarea in sorted(tareas, key=lambda t: t.numero):
        paso = servicio.dictaminar(
            sesion,
            persona_id=persona_id,
            proyecto_id=proyecto_id,
            numero=tarea.numero,
            ficha=tarea.ficha,
            veredicto=Veredicto(datos.veredicto),
            nota=datos.nota,
            fortaleza=datos.fortaleza,
            senalados=senalados[tarea.numero],
            retro=retro,
        )
        retro = paso.retro
        pasos.append({"numero": tarea.numero, **paso.json()})
    return pasos


def _escribir(hacer: Callable[[Session], dict[str, Any]], proyecto_id: int, persona_id: int) -> Response:
    try:
        with transaccion() as sesion:
            return una_vez(sesion, persona_id, lambda: (hacer(sesion), 200))
    except Conflicto as error:
        with lectura() as sesion:
            raise explicar(
                sesion, error, persona_id=persona_id, proyecto_id=proyecto_id, numero=error.datos.pop("numero", 0)
            ) from error


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/dictamen")
@acceso(*VALIDAN)
@entrada(Dictamen)
def dictaminar(proyecto_id: int, numero: int, datos: Dictamen) -> Response:
    """Termina la revisión: validada, validada con arreglos hechos por quien revisa, o devuelta con motivos.

    ``{paso, dictamen, estado, cuando, duracion_s, …}``.
    """
    yo = _exigir_validacion(proyecto_id)
    senalados = datos.senalados([numero])
    tarea = FichaDeTarea.model_construct(numero=numero, ficha=datos.ficha)
    return _escribir(lambda s: _dictaminar(s, proyecto_id, yo, [tarea], datos, senalados)[0], proyecto_id, yo)


@bp.post("/proyectos/<int:proyecto_id>/dictamenes")
@acceso(*VALIDAN)
@entrada(DictamenVarias)
def dictaminar_varias(proyecto_id: int, datos: DictamenVarias) -> Response:
    """El mismo dictamen para varias tareas, con una sola retroalimentación: todas o ninguna."""
    yo = _exigir_validacion(proyecto_id)
    senalados = datos.senalados([t.numero for t in datos.tareas])
    return _escribir(
        lambda s: {"dictamenes": _dictaminar(s, proyecto_id, yo, datos.tareas, datos, senalados)}, proyecto_id, yo
    )


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>/dictamenes")
@acceso(publico=True)
def dictamenes(proyecto_id: int, numero: int) -> dict[str, Any]:
    """Los dictámenes de la tarea, del más nuevo al más viejo.

    ``{dictamenes: [{id, paso, entrega, cuando, estado, deshecho, detalle, oculto, …}]}``. Con ``detalle`` (quien la
    mapeó, y quienes validan en el municipio) trae además ``clase`` (``primera``, ``ciega``, ``disputa``),
    ``veredicto`` (``aceptada``, ``con_arreglos``, ``devuelta``), ``persona`` y ``autora`` (``{id, usuario,
    nombre}``), ``duracion_s``, ``retro`` (``{id, fortaleza, nota}`` o nulo), ``senalamientos`` (``[{id, codigo,
    texto, titulo, por_que, como, trampa, se_carga, objeto, version, lugar, nota, huella}]``), ``disputa``
    (``{id, motivo, cuando, abierta, retirada, resultado, resuelta}`` o nulo), ``leido`` y ``se_puede_disputar``.
    ``oculto``: quien pide todavía puede dar la segunda opinión; de ese dictamen no se dice ni el estado.
    """
    quien = actor()
    with lectura() as sesion:
        proyecto = proyecto_pedido(sesion, quien, proyecto_id)
        return {
            "dictamenes": presentacion.dictamenes(
                sesion, proyecto_id, numero, persona_id=quien.id, valida=quien.tiene(VALIDAN, proyecto.municipio_id)
            )
        }


@bp.get("/proyectos/<int:proyecto_id>/revision")
@acceso(*VALIDAN)
@entrada(Cola, "query")
def cola(proyecto_id: int, consulta: Cola) -> dict[str, Any]:
    """Lo que espera revisión, de lo que más espera a lo que menos; nunca lo propio."""
    yo = _exigir_validacion(proyecto_id)
    with lectura() as sesion:
        return consultas.cola(
            sesion, proyecto_id, yo, de_persona=consulta.persona, limite=consulta.limite, salto=consulta.salto
        )


@bp.get("/motivos")
@acceso(publico=True)
def motivos() -> dict[str, Any]:
    """La lista cerrada de motivos."""
    return {"motivos": [{"codigo": codigo, "texto": _(texto)} for codigo, texto in MOTIVOS.items()]}
