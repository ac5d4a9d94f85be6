"""Páginas de las medidas y su descarga; y «Mis revisiones», lo que otras personas dijeron de lo que uno juzgó."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from tareas.comun.bd import lectura
from tareas.comun.descargas import csv_de
from tareas.comun.entrada import validar
from tareas.comun.web import acceso, actor
from tareas.municipios.consultas import por_id
from tareas.proyectos.consultas import ficha
from tareas.tableros.consultas import zona_de_persona
from tareas.tableros.medidas import consultas, presentacion
from tareas.tableros.medidas.formularios import Filtro
from tareas.tableros.medidas.presentacion import Medidas, medir
from tareas.tableros.medidas.reglas import COLUMNAS_DE_MEDIDAS, COLUMNAS_DE_MEDIDAS_POR_CODIGO, Por

bp = Blueprint("medidas", __name__)


@bp.get("/municipios/<int:municipio_id>/medidas")
@acceso(publico=True)
def de_municipio(municipio_id: int) -> str:
    """Qué tan bien se mapea y se revisa en un municipio, y qué tan seguro es cada número."""
    filtro = _filtro()
    with lectura() as sesion:
        lugar = por_id(sesion, municipio_id)
        m = medir(sesion, actor(), filtro, municipio_id=municipio_id, zona=lugar.zona_horaria, estricto=False)
    return _pagina(m, filtro, lugar=lugar, proyecto=None, raiz=f"/municipios/{municipio_id}/medidas")


@bp.get("/proyectos/<int:proyecto_id>/medidas")
@acceso(publico=True)
def de_proyecto(proyecto_id: int) -> str:
    """Las mismas medidas, de un proyecto."""
    filtro = _filtro()
    with lectura() as sesion:
        proyecto = ficha(sesion, actor(), proyecto_id)
        m = _de_proyecto(sesion, proyecto, filtro, estricto=False)
    return _pagina(m, filtro, lugar=None, proyecto=proyecto, raiz=f"/proyectos/{proyecto_id}/medidas")


@bp.get("/municipios/<int:municipio_id>/medidas.csv")
@acceso(publico=True)
def csv_de_municipio(municipio_id: int) -> Response:
    """Las medidas de un municipio en CSV (UTF-8), con el mismo filtro de la página."""
    filtro = _filtro()
    with lectura() as sesion:
        lugar = por_id(sesion, municipio_id)
        m = medir(sesion, actor(), filtro, municipio_id=municipio_id, zona=lugar.zona_horaria)
    return _csv(m, f"tequio-municipio-{municipio_id}-medidas")


@bp.get("/proyectos/<int:proyecto_id>/medidas.csv")
@acceso(publico=True)
def csv_de_proyecto(proyecto_id: int) -> Response:
    """Las medidas de un proyecto en CSV (UTF-8), con el mismo filtro de la página."""
    filtro = _filtro()
    with lectura() as sesion:
        m = _de_proyecto(sesion, ficha(sesion, actor(), proyecto_id), filtro)
    return _csv(m, f"tequio-proyecto-{proyecto_id}-medidas")


@bp.get("/mis-revisiones")
@acceso(cuenta=True)
def mis_revisiones() -> str:
    """Lo que una persona revisó: qué dijo otra a ciegas de lo mismo, y en qué terminó lo que le disputaron."""
    with lectura() as sesion:
        yo = actor().id or 0
        renglon = consultas.de_validador(sesion, yo, zona_de_persona(sesion, yo))
        parejas = consultas.mis_parejas(sesion, actor())
        disputas = consultas.mis_disputas(sesion, actor())
    return render_template(
        "tableros/mis_revisiones.html", r=renglon, parejas=parejas, disputas=disputas, decir=presentacion
    )


def _de_proyecto(sesion: Any, proyecto: Any, filtro: Filtro, *, estricto: bool = True) -> Medidas:
    return medir(
        sesion,
        actor(),
        filtro,
        municipio_id=proyecto.municipio_id,
        zona=proyecto.zona_horaria,
        proyecto=proyecto,
        estricto=estricto,
    )


def _pagina(m: Medidas, filtro: Filtro, **contexto: Any) -> str:
    if filtro.por not in {None, m.por}:
        # La página enseña otra cosa de la que se pidió: su descarga también.
        filtro = filtro.model_copy(update={"por": None})
    campos = filtro.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return render_template(
        "tableros/medidas.html",
        m=m,
        filtro=filtro.model_dump(mode="json"),
        campos=campos,
        decir=presentacion,
        Por=Por,
        practica=filtro.practica if contexto["proyecto"] is None else presentacion.es_practica(contexto["proyecto"]),
        **contexto,
    )


def _csv(m: Medidas, nombre: str) -> Response:
    filas: Iterable[Mapping[str, Any]]
    if m.por is Por.CODIGO:
        columnas, filas = COLUMNAS_DE_MEDIDAS_POR_CODIGO, [r.fila() for r in m.codigos]
    else:
        columnas, filas = COLUMNAS_DE_MEDIDAS, [r.fila() for r in (m.total, *m.renglones)]
    return csv_de(columnas, filas, f"{nombre}-por-{m.por}.csv")


def _filtro() -> Filtro:
    """Lo demás que traiga la dirección no estorba: alguien pudo compartirla con sus añadidos."""
    return validar(Filtro, {campo: request.args[campo] for campo in Filtro.model_fields if campo in request.args})
