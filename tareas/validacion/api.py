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
from tareas.comun.permisos import VALIDAN, Papel
from tareas.comun.textos import _
from tareas.comun.web import acceso, actor, actor_con_cuenta
from tareas.cuentas.buzon.servicio import marcar_leidos
from tareas.mapeo.servicio import explicar
from tareas.proyectos.peticion import proyecto_pedido
from tareas.validacion import consultas, presentacion, servicio
from tareas.validacion.formularios import (
    Atendido,
    Cola,
    Dictamen,
    DictamenVarias,
    Disputa,
    FichaDeTarea,
    Pagina,
    SoltarSegunda,
)
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
    fortalezas: list[servicio.Fortaleza],
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
            fortalezas=fortalezas,
            senalados=senalados[tarea.numero],
            retro=retro,
        )
        retro = paso.retro
        pasos.append({"numero": tarea.numero, **paso.json()})
    return pasos


def _escribir(
    hacer: Callable[[Session], dict[str, Any]], proyecto_id: int, persona_id: int, *, codigo: int = 200, numero: int = 0
) -> Response:
    try:
        with transaccion() as sesion:
            return una_vez(sesion, persona_id, lambda: (hacer(sesion), codigo))
    except Conflicto as error:
        with lectura() as sesion:
            raise explicar(
                sesion, error, persona_id=persona_id, proyecto_id=proyecto_id, numero=error.datos.pop("numero", numero)
            ) from error


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/dictamen")
@acceso(*VALIDAN)
@entrada(Dictamen)
def dictaminar(proyecto_id: int, numero: int, datos: Dictamen) -> Response:
    """Termina la revisión: validada, validada con arreglos hechos por quien revisa, o devuelta con motivos.

    ``{paso, dictamen, clase, estado, cuando, duracion_s, …}``; con ``clase`` ``disputa``, resolvió una.
    """
    yo = _exigir_validacion(proyecto_id)
    senalados, dichas = datos.senalados([numero]), datos.dichas([numero])
    tarea = FichaDeTarea.model_construct(numero=numero, ficha=datos.ficha)
    return _escribir(lambda s: _dictaminar(s, proyecto_id, yo, [tarea], datos, senalados, dichas)[0], proyecto_id, yo)


@bp.post("/proyectos/<int:proyecto_id>/dictamenes")
@acceso(*VALIDAN)
@entrada(DictamenVarias)
def dictaminar_varias(proyecto_id: int, datos: DictamenVarias) -> Response:
    """El mismo dictamen para varias tareas, con una sola retroalimentación: todas o ninguna."""
    yo = _exigir_validacion(proyecto_id)
    numeros = [t.numero for t in datos.tareas]
    senalados, dichas = datos.senalados(numeros), datos.dichas(numeros)
    return _escribir(
        lambda s: {"dictamenes": _dictaminar(s, proyecto_id, yo, datos.tareas, datos, senalados, dichas)},
        proyecto_id,
        yo,
    )


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>/dictamenes")
@acceso(publico=True)
def dictamenes(proyecto_id: int, numero: int) -> dict[str, Any]:
    """Los dictámenes de la tarea, del más nuevo al más viejo.

    ``{dictamenes: [{id, paso, entrega, cuando, estado, deshecho, detalle, oculto, …}]}``. Con ``detalle`` (quien la
    mapeó, y quienes validan en el municipio) trae además:

    - ``clase``: ``primera``, ``ciega`` o ``disputa``; ``veredicto``: ``aceptada``, ``con_arreglos`` o ``devuelta``
    - ``persona`` y ``autora``: ``{id, usuario, nombre}``; ``duracion_s``
    - ``retro``: ``{id, fortaleza, fortalezas: [{codigo, n, texto}], nota}`` o nulo; ``fortaleza`` es lo elegido de la
      lista, en el idioma de quien lee, y después lo que se escribió
    - ``senalamientos``: ``[{id, codigo, texto, titulo, por_que, como, trampa, se_carga, objeto, version, lugar, nota,
      huella, atendido}]``, y en ``atendido`` cuándo lo dio por atendido quien mapeó
    - ``disputa``: ``{id, motivo, cuando, abierta, retirada, resultado, resuelta}`` o nulo
    - ``leido``: cuándo lo abrió quien mapeó, o nulo; ``sin_leer``; ``se_puede_disputar``

    ``oculto``: alguien debe juzgar esa entrega sin saber qué se dijo (segunda opinión o disputa); hasta entonces sólo
    lo leen quien dio el dictamen y quien mapeó, y a los demás no se les dice ni el estado.
    """
    quien = actor()
    with lectura() as sesion:
        proyecto = proyecto_pedido(sesion, quien, proyecto_id)
        return {
            "dictamenes": presentacion.dictamenes(
                sesion, proyecto_id, numero, persona_id=quien.id, valida=quien.tiene(VALIDAN, proyecto.municipio_id)
            )
        }


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/dictamenes/<int:dictamen_id>/leido")
@acceso(cuenta=True)
def marcar_leido(proyecto_id: int, numero: int, dictamen_id: int) -> tuple[str, int]:
    """Quien mapeó ya vio ese dictamen: deja de estar sin leer."""
    quien = actor_con_cuenta()
    with lectura() as sesion:
        proyecto_pedido(sesion, quien, proyecto_id)
        consultas.exigir_dictamen(sesion, proyecto_id, numero, dictamen_id)
    with transaccion() as sesion:
        marcar_leidos(sesion, quien.id or 0, dictamen_id=dictamen_id)
    return "", 204


@bp.get("/proyectos/<int:proyecto_id>/revision")
@acceso(*VALIDAN)
@entrada(Cola, "query")
def cola(proyecto_id: int, consulta: Cola) -> dict[str, Any]:
    """Lo que espera revisión y quien pide puede revisar; nunca lo propio.

    Van primero las disputas, lo que quien pide devolvió y ya volvió, las tres primeras entregas de cada persona, un
    sorteo de una de cada diez, y el resto por riesgo; con ``orden=espera``, de lo que más espera a lo que menos.
    Lo que otra persona está revisando no está; lo que ya tiene quien pide, sí, y ``mia_hasta`` dice hasta cuándo.
    ``{total, en_mis_manos, tareas: [{numero, entregada, mia_hasta, persona_id, persona, nota, edificios, metros_vias,
    vueltas, riesgo, banda, porque, hallazgos: {nivel1, nivel2, nivel3}, sin_leer, caja, mia_antes, …}]}``.
    """
    yo = _exigir_validacion(proyecto_id)
    with lectura() as sesion:
        return presentacion.cola(
            sesion,
            proyecto_id,
            yo,
            de_persona=consulta.persona,
            grupo=consulta.grupo,
            limite=consulta.limite,
            salto=consulta.salto,
            orden=consulta.orden,
            codigo=consulta.codigo,
            mias=bool(consulta.mias),
            dias_min=consulta.dias_min,
        )


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>/vecinas")
@acceso(publico=True)
def vecinas(proyecto_id: int, numero: int) -> dict[str, Any]:
    """Las tareas que comparten orilla: ``{vecinas: [{numero, estado, caja, persona: {id, nombre} o nulo}]}``."""
    with lectura() as sesion:
        proyecto_pedido(sesion, actor(), proyecto_id)
        return {"vecinas": consultas.vecinas(sesion, proyecto_id, numero)}


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/disputa")
@acceso(cuenta=True)
@entrada(Disputa)
def disputar(proyecto_id: int, numero: int, datos: Disputa) -> Response:
    """Quien mapeó pide que otra persona vea su tarea devuelta, que vuelve a esperar revisión. Una vez por entrega.

    ``{disputa, paso, estado: "mapeada", cuando}``.
    """
    quien = actor_con_cuenta()
    with lectura() as sesion:
        proyecto_pedido(sesion, quien, proyecto_id)
    yo = quien.id or 0
    pedido: dict[str, Any] = {"dictamen_id": datos.dictamen, "motivo": datos.motivo, "numero": numero}
    return _escribir(
        lambda s: servicio.disputar(s, persona_id=yo, proyecto_id=proyecto_id, **pedido).json(),
        proyecto_id,
        yo,
        codigo=201,
        numero=numero,
    )


@bp.get("/proyectos/<int:proyecto_id>/disputas")
@acceso(cuenta=True)
def disputas(proyecto_id: int) -> dict[str, Any]:
    """Las disputas sin resolver que tocan a quien pide: las que puede decidir, y las suyas que esperan.

    ``{por_decidir: {total, tareas: [{numero, cuando, motivo, persona, mia_hasta}]}, mias: [{numero, cuando}]}``. De
    la devolución que se disputa no dice nada; ``mia_hasta``, hasta cuándo la tiene ya quien pide, o nulo.
    """
    with lectura() as sesion:
        proyecto_pedido(sesion, actor(), proyecto_id)
        return presentacion.disputas(sesion, actor(), proyecto_id)


@bp.put("/proyectos/<int:proyecto_id>/tareas/<int:numero>/atendidos")
@acceso(cuenta=True)
@entrada(Atendido)
def atender(proyecto_id: int, numero: int, datos: Atendido) -> dict[str, Any]:
    """Quien mapeó da por atendido, o no, algo que le señalaron al devolverle la tarea: ``{senalamiento, hecho}``."""
    quien = actor_con_cuenta()
    with lectura() as sesion:
        proyecto_pedido(sesion, quien, proyecto_id)
    with transaccion() as sesion:
        servicio.atender(
            sesion,
            persona_id=quien.id or 0,
            proyecto_id=proyecto_id,
            numero=numero,
            senalamiento_id=datos.senalamiento,
            hecho=datos.hecho,
        )
    return {"senalamiento": datos.senalamiento, "hecho": datos.hecho}


@bp.get("/proyectos/<int:proyecto_id>/segundas")
@acceso(*VALIDAN)
@entrada(Pagina, "query")
def segundas(proyecto_id: int, consulta: Pagina) -> dict[str, Any]:
    """Las segundas opiniones que quien pide puede dar, sin nada de la primera.

    ``{total, segundas: [{entrega, numero, entregada, edificios, metros_vias, caja, mia, ficha, vence}]}``.
    """
    yo = _exigir_validacion(proyecto_id)
    with lectura() as sesion:
        return consultas.segundas(sesion, proyecto_id, yo, limite=consulta.limite, salto=consulta.salto)


@bp.post("/proyectos/<int:proyecto_id>/segundas/<int:entrega>/toma")
@acceso(*VALIDAN)
def tomar_segunda(proyecto_id: int, entrega: int) -> Response:
    """Toma una entrega para dar una segunda opinión: ``{numero, ficha, desde, vence}``. Otra vez alarga el turno."""
    yo = _exigir_validacion(proyecto_id)
    return _escribir(
        lambda s: servicio.tomar_segunda(s, persona_id=yo, proyecto_id=proyecto_id, entrega=entrega).json(),
        proyecto_id,
        yo,
        codigo=201,
    )


@bp.delete("/proyectos/<int:proyecto_id>/segundas/<int:entrega>/toma")
@acceso(*VALIDAN)
@entrada(SoltarSegunda, opcional=True)
def soltar_segunda(proyecto_id: int, entrega: int, datos: SoltarSegunda) -> tuple[str, int]:
    """Suelta la segunda opinión sin darla."""
    yo = _exigir_validacion(proyecto_id)
    with transaccion() as sesion:
        servicio.soltar_segunda(sesion, persona_id=yo, proyecto_id=proyecto_id, entrega=entrega, ficha=datos.ficha)
    return "", 204


@bp.post("/proyectos/<int:proyecto_id>/segundas/<int:entrega>/dictamen")
@acceso(*VALIDAN)
@entrada(Dictamen)
def opinar(proyecto_id: int, entrega: int, datos: Dictamen) -> Response:
    """Da la segunda opinión, con el mismo cuerpo que un dictamen; no cambia el estado de la tarea.

    ``{dictamen, numero, cuando, de_acuerdo}``.
    """
    yo = _exigir_validacion(proyecto_id)

    def hacer(sesion: Session) -> dict[str, Any]:
        numero = consultas.numero_de_segunda(sesion, proyecto_id, entrega)
        opinion = servicio.opinar(
            sesion,
            persona_id=yo,
            proyecto_id=proyecto_id,
            entrega=entrega,
            ficha=datos.ficha,
            veredicto=Veredicto(datos.veredicto),
            nota=datos.nota,
            fortaleza=datos.fortaleza,
            fortalezas=datos.dichas([numero]),
            senalados=datos.senalados([numero])[numero],
        )
        return opinion.json()

    return _escribir(hacer, proyecto_id, yo)


@bp.get("/proyectos/<int:proyecto_id>/desacuerdos")
@acceso(*VALIDAN)
@entrada(Pagina, "query")
def desacuerdos(proyecto_id: int, consulta: Pagina) -> dict[str, Any]:
    """Entregas que dos personas juzgaron distinto a ciegas: las de quien pide; quien capacita o administra ve todas.

    ``{total, desacuerdos: [{entrega, numero, autora, primera: {dictamen, veredicto, cuando, persona, nota, codigos},
    segunda: {…}}]}``.
    """
    yo = _exigir_validacion(proyecto_id)
    with lectura() as sesion:
        municipio = proyecto_pedido(sesion, actor(), proyecto_id).municipio_id
        todos = actor().tiene({Papel.CAPACITADOR, Papel.ADMINISTRADOR}, municipio)
        return consultas.desacuerdos(sesion, proyecto_id, yo, todos=todos, limite=consulta.limite, salto=consulta.salto)


@bp.get("/motivos")
@acceso(publico=True)
def motivos() -> dict[str, Any]:
    """La lista cerrada de motivos."""
    return {"motivos": [{"codigo": codigo, "texto": _(texto)} for codigo, texto in MOTIVOS.items()]}
