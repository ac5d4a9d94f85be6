"""API de mapeo: bloqueos, entregas, estados, historial."""

import hashlib
from collections.abc import Callable
from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from tareas.comun.bd import instruccion, lectura, transaccion
from tareas.comun.entrada import entrada
from tareas.comun.errores import Conflicto, ErrorTequio, NoEncontrado, NoPermitido
from tareas.comun.idempotencia import CABECERA, una_vez
from tareas.comun.permisos import GESTIONAN, VALIDAN, Papel
from tareas.comun.web import acceso, actor, actor_con_cuenta
from tareas.mapeo import consultas, guardas, limites, servicio
from tareas.mapeo.errores import NadaQueHacer
from tareas.mapeo.formularios import (
    Comentario,
    CuantosPasos,
    Desde,
    Deshacer,
    Entrega,
    Extender,
    Siguiente,
    Soltar,
    Tomar,
    TomarVarias,
)
from tareas.mapeo.objetos import objetos_de_tarea
from tareas.mapeo.reglas import Para, Resultado, SinCambios
from tareas.proyectos.peticion import proyecto_pedido

bp = APIBlueprint("mapeo_api", __name__, url_prefix="/api/v1", tag="Mapeo")

Respuesta = tuple[dict[str, Any], int]
COORDINAN = GESTIONAN | {Papel.CAPACITADOR}


def _proyecto(proyecto_id: int, para: Para | None = None) -> Any:
    """Proyecto visible para quien pide; si va a trabajar en él, con el papel que haga falta."""
    quien = actor_con_cuenta() if para else actor()
    with lectura() as sesion:
        proyecto = proyecto_pedido(sesion, quien, proyecto_id)
    if para is Para.VALIDAR and not quien.tiene(VALIDAN, proyecto.municipio_id):
        raise NoPermitido
    return proyecto


def _escribir(
    hacer: Callable[[Session], Respuesta], proyecto_id: int, numero: int, *, una_instruccion: bool = False
) -> Response:
    """Corre una escritura una sola vez por ``Idempotency-Key``; si se rechaza, dice además quién tiene la tarea.

    Una escritura de una sola instrucción no abre transacción, salvo que haya que guardar la clave junto con ella.
    """
    yo = _yo()
    abrir = instruccion if una_instruccion and CABECERA not in request.headers else transaccion
    try:
        with abrir() as sesion:
            return una_vez(sesion, yo, lambda: hacer(sesion))
    except (Conflicto, NoPermitido) as error:
        with lectura() as sesion:
            explicado: ErrorTequio = servicio.explicar(
                sesion, error, persona_id=yo, proyecto_id=proyecto_id, numero=numero
            )
        raise explicado from error


def _yo() -> int:
    return actor_con_cuenta().id or 0


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/bloqueo")
@acceso(cuenta=True)
@entrada(Tomar)
def tomar(proyecto_id: int, numero: int, datos: Tomar) -> Response | tuple[dict[str, Any], int]:
    """Toma una tarea para mapearla o validarla. Si ya la tienes para lo mismo, la devuelve igual (200)."""
    para = Para(datos.para)
    quien: dict[str, Any] = {"persona_id": _yo(), "proyecto_id": proyecto_id, "numeros": [numero], "para": para}
    _proyecto(proyecto_id, para)
    try:
        return _escribir(
            lambda s: (servicio.tomar(s, **quien)[0].json(), 201), proyecto_id, numero, una_instruccion=True
        )
    except Conflicto:
        with lectura() as sesion:
            propias = servicio.propias(sesion, **quien)
        if not propias:
            raise
        return propias[0].json(), 200


@bp.post("/proyectos/<int:proyecto_id>/bloqueos")
@acceso(*VALIDAN)
@entrada(TomarVarias)
def tomar_varias(proyecto_id: int, datos: TomarVarias) -> Response:
    """Toma varias tareas para validarlas: todas o ninguna."""
    _proyecto(proyecto_id, Para.VALIDAR)
    numeros = sorted(set(datos.numeros))

    def hacer(sesion: Session) -> Respuesta:
        tomas = servicio.tomar(sesion, persona_id=_yo(), proyecto_id=proyecto_id, numeros=numeros, para=Para.VALIDAR)
        return {"bloqueos": [t.json() for t in tomas]}, 201

    return _escribir(hacer, proyecto_id, numeros[0])


@bp.post("/proyectos/<int:proyecto_id>/tareas/siguiente")
@acceso(cuenta=True)
@entrada(Siguiente, opcional=True)
def siguiente(proyecto_id: int, datos: Siguiente) -> Response:
    """Da una tarea: la devuelta que espera a quien pide, o la de más prioridad cerca de donde trabajó."""
    para = Para(datos.para)
    proyecto = _proyecto(proyecto_id, para)

    def hacer(sesion: Session, *, esperar: bool = False) -> Respuesta:
        toma = servicio.tomar_siguiente(
            sesion,
            persona_id=_yo(),
            proyecto_id=proyecto_id,
            total=proyecto.numeros,
            para=para,
            cerca_de=datos.cerca_de,
            evitar=datos.evitar,
            esperar=esperar,
        )
        return toma.json(), 201

    try:
        return _escribir(hacer, proyecto_id, 0)
    except NadaQueHacer:
        # Otra vez, en otra transacción y sin turnos en la mano: quizá alguien les estaba cambiando la prioridad.
        return _escribir(lambda sesion: hacer(sesion, esperar=True), proyecto_id, 0)


@bp.patch("/proyectos/<int:proyecto_id>/tareas/<int:numero>/bloqueo")
@acceso(cuenta=True)
@entrada(Extender)
def extender(proyecto_id: int, numero: int, datos: Extender) -> Response:
    """Da de nuevo el tiempo completo al turno."""
    _proyecto(proyecto_id)
    turno: dict[str, Any] = {"persona_id": _yo(), "proyecto_id": proyecto_id, "numero": numero, "ficha": datos.ficha}
    return _escribir(lambda s: (servicio.extender(s, **turno).json(), 200), proyecto_id, numero)


@bp.delete("/proyectos/<int:proyecto_id>/tareas/<int:numero>/bloqueo")
@acceso(cuenta=True)
@entrada(Soltar, opcional=True)
def soltar(proyecto_id: int, numero: int, datos: Soltar) -> tuple[str, int]:
    """Suelta la tarea sin entregarla. Quien coordina el municipio puede soltar la de otra persona."""
    turno: dict[str, Any] = {"persona_id": _yo(), "proyecto_id": proyecto_id, "numero": numero}
    oculto: NoEncontrado | None = None
    coordina = False
    try:
        coordina = actor().tiene(COORDINAN, _proyecto(proyecto_id).municipio_id)
    except NoEncontrado as error:
        # Lo suyo se puede soltar aunque el proyecto se haya vuelto privado: si no, no tomaría otra hasta que venciera.
        oculto = error
    with transaccion() as sesion:
        solto = servicio.soltar(sesion, **turno, ficha=datos.ficha, nota=datos.nota, coordina=coordina)
    if oculto and not solto:
        raise oculto
    if not solto:
        with lectura() as sesion:
            ajeno = consultas.detalle(sesion, proyecto_id, numero, _yo())["bloqueo"]
        if ajeno and not ajeno["mia"] and not coordina:
            raise NoPermitido
    return "", 204


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/entrega")
@acceso(cuenta=True)
@entrada(Entrega)
def entregar(proyecto_id: int, numero: int, datos: Entrega) -> Response:
    """Termina el mapeo: la tarea queda mapeada, o sin imagen.

    Lo que las revisiones hallan de nivel 1 en lo que la persona hizo en este turno se arregla o se justifica antes: si
    falta, 409 ``por_arreglar`` con ``hallazgos``.
    """
    proyecto = _proyecto(proyecto_id)
    turno: dict[str, Any] = {"persona_id": _yo(), "proyecto_id": proyecto_id, "numero": numero, "ficha": datos.ficha}
    turno |= {"resultado": Resultado(datos.resultado), "nota": datos.nota}
    if datos.sin_cambios is not None and turno["resultado"] is Resultado.MAPEADA:
        turno["sin_cambios"] = SinCambios(datos.sin_cambios)

    def hacer(sesion: Session) -> Respuesta:
        return servicio.entregar(sesion, **turno, revisada=turno["resultado"] is Resultado.SIN_IMAGEN).json(), 200

    try:
        return _escribir(hacer, proyecto_id, numero, una_instruccion=True)
    except servicio.FaltaRevisar:
        entrega = guardas.Entregando(
            municipio_id=proyecto.municipio_id,
            proyecto_id=proyecto_id,
            numero=numero,
            ficha=datos.ficha,
            persona_id=_yo(),
            justificaciones={j.huella: j.motivo for j in datos.justificaciones},
        )
        return _entregar_revisada(entrega, turno)


def _entregar_revisada(entrega: guardas.Entregando, turno: dict[str, Any]) -> Response:
    with lectura() as sesion:
        anotar = guardas.revisar(sesion, entrega)

    def hacer(sesion: Session) -> Respuesta:
        paso = servicio.entregar(sesion, **turno)
        for anota in anotar:
            anota(sesion)
        return paso.json(), 200

    return _escribir(hacer, entrega.proyecto_id, entrega.numero)


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/comentarios")
@acceso(cuenta=True)
@entrada(Comentario)
def comentar(proyecto_id: int, numero: int, datos: Comentario) -> Response:
    """Deja un comentario en la tarea."""
    _proyecto(proyecto_id)

    def hacer(sesion: Session) -> Respuesta:
        paso, cuando = servicio.comentar(
            sesion, persona_id=_yo(), proyecto_id=proyecto_id, numero=numero, nota=datos.nota
        )
        return {"paso": paso, "cuando": cuando.isoformat()}, 201

    return _escribir(hacer, proyecto_id, numero)


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/deshacer")
@acceso(cuenta=True)
@entrada(Deshacer)
def deshacer(proyecto_id: int, numero: int, datos: Deshacer) -> Response:
    """Deshace el último paso, con su motivo."""
    proyecto = _proyecto(proyecto_id)
    turno: dict[str, Any] = {"persona_id": _yo(), "proyecto_id": proyecto_id, "numero": numero, "motivo": datos.motivo}
    coordina = actor().tiene(COORDINAN, proyecto.municipio_id)
    return _escribir(lambda s: (servicio.deshacer(s, **turno, coordina=coordina).json(), 200), proyecto_id, numero)


@bp.get("/proyectos/<int:proyecto_id>/estados")
@acceso(publico=True)
@entrada(Desde, "query")
def estados(proyecto_id: int, consulta: Desde) -> Response:
    """Estado de todas las tareas en un byte cada una; con ``desde``, sólo lo que cambió."""
    with lectura() as sesion:
        proyecto_pedido(sesion, actor(), proyecto_id)
        if consulta.desde is not None:
            respuesta = jsonify(consultas.cambios(sesion, proyecto_id, consulta.desde))
            respuesta.headers["Cache-Control"] = "private, no-store"
            return respuesta
        cuerpo = consultas.estados(sesion, proyecto_id)
    respuesta = jsonify(cuerpo)
    # El cursor avanza con cada transacción ajena; la etiqueta sólo depende de lo que se ve.
    respuesta.set_etag(
        hashlib.blake2b(f"{cuerpo['version']}{cuerpo['estados']}".encode(), digest_size=12).hexdigest(), weak=True
    )
    respuesta.headers["Cache-Control"] = "private, no-cache"
    respuesta.make_conditional(request)
    return respuesta


@bp.get("/proyectos/<int:proyecto_id>/actividad")
@acceso(publico=True)
@entrada(CuantosPasos, "query")
def actividad(proyecto_id: int, consulta: CuantosPasos) -> dict[str, Any]:
    """Lo último que pasó en el proyecto.

    ``{actividad: [{id, numero, accion, a, cuando, persona, nota, oculto, con_arreglos}]}``; de una ``division``, además
    ``{clase, dividen, quedan}``. ``oculto``: se revisó, y otra persona debe opinar sin saber qué se dijo.
    """
    with lectura() as sesion:
        quien = actor()
        valida = quien.tiene(VALIDAN, proyecto_pedido(sesion, quien, proyecto_id).municipio_id)
        return {"actividad": consultas.actividad(sesion, proyecto_id, consulta.limite, quien.id, valida=valida)}


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>")
@acceso(publico=True)
def detalle(proyecto_id: int, numero: int) -> dict[str, Any]:
    """Una tarea: estado, quién la tiene, qué hay en OSM dentro de ella."""
    with lectura() as sesion:
        proyecto_pedido(sesion, actor(), proyecto_id)
        return consultas.detalle(sesion, proyecto_id, numero, actor().id)


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>/historial")
@acceso(publico=True)
def historial(proyecto_id: int, numero: int) -> dict[str, Any]:
    """Cada paso de la tarea."""
    with lectura() as sesion:
        quien = actor()
        valida = quien.tiene(VALIDAN, proyecto_pedido(sesion, quien, proyecto_id).municipio_id)
        return {"historial": consultas.historial(sesion, proyecto_id, numero, quien.id, valida=valida)}


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>/objetos")
@acceso(publico=True)
def objetos(proyecto_id: int, numero: int) -> dict[str, Any]:
    """Los objetos de OSM que tocan la tarea, los más nuevos primero (a lo más 500), como FeatureCollection."""
    with lectura() as sesion:
        proyecto_pedido(sesion, actor(), proyecto_id)
        return objetos_de_tarea(sesion, proyecto_id, numero)


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>/limite.<any(gpx,geojson,osm):formato>")
@acceso(publico=True)
def limite(proyecto_id: int, numero: int, formato: str) -> Response:
    """El contorno de la tarea para otros programas: GPX, GeoJSON u OSM (para JOSM, protegido contra subida)."""
    with lectura() as sesion:
        proyecto = proyecto_pedido(sesion, actor(), proyecto_id)
        wkb = consultas.geometria(sesion, proyecto_id, numero)
    tipo, cuerpo = limites.escribir(formato, wkb, proyecto_id=proyecto_id, numero=numero, proyecto=proyecto.nombre)
    respuesta = Response(cuerpo, mimetype=tipo)
    respuesta.headers["Content-Disposition"] = f'attachment; filename="tequio-{proyecto_id}-{numero}.{formato}"'
    return respuesta


@bp.get("/yo/bloqueos")
@acceso(cuenta=True)
def mis_bloqueos() -> dict[str, Any]:
    """Las tareas que tengo ahora en mis manos."""
    with lectura() as sesion:
        return {"bloqueos": consultas.mis_bloqueos(sesion, _yo())}
