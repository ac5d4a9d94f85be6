"""Páginas de las medidas y su descarga; y «Mis revisiones», lo que otras personas dijeron de lo que uno juzgó."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, render_template
from sqlalchemy.orm import Session

from tareas.comun.bd import lectura
from tareas.comun.descargas import csv_de
from tareas.comun.entrada import validar
from tareas.comun.filtros import Filtros, Pagina, conocidos, leer_filtros, no_esta_en_la_lista
from tareas.comun.web import acceso, actor, pagina_de_la_descarga
from tareas.municipios.consultas import por_id
from tareas.proyectos.consultas import ficha
from tareas.tableros.consultas import zona_de_persona
from tareas.tableros.medidas import consultas, presentacion
from tareas.tableros.medidas.formularios import Filtro
from tareas.tableros.medidas.presentacion import Eleccion, Medidas, elegible, medir
from tareas.tableros.medidas.reglas import COLUMNAS_DE_MEDIDAS, COLUMNAS_DE_MEDIDAS_POR_CODIGO, Por

bp = Blueprint("medidas", __name__)


@bp.get("/municipios/<int:municipio_id>/medidas")
@acceso(publico=True)
def de_municipio(municipio_id: int) -> Pagina:
    """Qué tan bien se mapea y se revisa en un municipio, y qué tan seguro es cada número."""
    filtros = leer_filtros(Filtro)
    with lectura() as sesion:
        lugar = por_id(sesion, municipio_id)
        e = elegible(
            sesion,
            actor(),
            municipio_id=municipio_id,
            zona=lugar.zona_horaria,
            practica=filtros.pedido.practica,
        )
        m, problemas = _medir(sesion, e, filtros)
    raiz = f"/municipios/{municipio_id}/medidas"
    return _pagina(m, e, filtros, problemas, filtros.pedido.practica, lugar=lugar, proyecto=None, raiz=raiz)


@bp.get("/proyectos/<int:proyecto_id>/medidas")
@acceso(publico=True)
def de_proyecto(proyecto_id: int) -> Pagina:
    """Las mismas medidas, de un proyecto."""
    filtros = leer_filtros(Filtro)
    with lectura() as sesion:
        p = ficha(sesion, actor(), proyecto_id)
        e = elegible(sesion, actor(), municipio_id=p.municipio_id, zona=p.zona_horaria, proyecto=p)
        m, problemas = _medir(sesion, e, filtros)
    raiz = f"/proyectos/{proyecto_id}/medidas"
    return _pagina(m, e, filtros, problemas, presentacion.es_practica(p), lugar=None, proyecto=p, raiz=raiz)


@bp.get("/municipios/<int:municipio_id>/medidas.csv")
@acceso(publico=True)
def csv_de_municipio(municipio_id: int) -> Response:
    """Las medidas de un municipio en CSV (UTF-8), con el mismo filtro de la página."""
    pagina_de_la_descarga(f"/municipios/{municipio_id}/medidas")
    filtro = validar(Filtro, conocidos(Filtro))
    with lectura() as sesion:
        m = presentacion.de_un_municipio(sesion, actor(), por_id(sesion, municipio_id), filtro)
    return _csv(m, f"tequio-municipio-{municipio_id}-medidas")


@bp.get("/proyectos/<int:proyecto_id>/medidas.csv")
@acceso(publico=True)
def csv_de_proyecto(proyecto_id: int) -> Response:
    """Las medidas de un proyecto en CSV (UTF-8), con el mismo filtro de la página."""
    pagina_de_la_descarga(f"/proyectos/{proyecto_id}/medidas")
    filtro = validar(Filtro, conocidos(Filtro))
    with lectura() as sesion:
        m = presentacion.de_un_proyecto(sesion, actor(), ficha(sesion, actor(), proyecto_id), filtro)
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


def _medir(sesion: Session, e: Eleccion, filtros: Filtros[Filtro]) -> tuple[Medidas | None, dict[str, str]]:
    """Lo medido; o nada, y qué tiene de malo lo que se pidió."""
    pedido = filtros.pedido
    opciones = presentacion.opciones_a_la_vista(e, e.por(pedido.por))
    problemas = filtros.dichos(opciones)
    # De un campo que quien pregunta no tiene a la vista no se le puede pedir que lo corrija.
    if not e.ve_grupos:
        problemas.pop("grupo", None)
    elif not e.tiene_grupo(pedido.grupo):
        problemas["grupo"] = no_esta_en_la_lista(filtros.enviado["grupo"], opciones["grupo"])
    if Por.PROYECTO in e.negadas:
        problemas.pop("practica", None)
    return None if problemas else medir(sesion, actor(), e, pedido), problemas


def _pagina(
    m: Medidas | None, e: Eleccion, filtros: Filtros[Filtro], problemas: dict[str, str], practica: bool, **contexto: Any
) -> Pagina:
    filtro, por = filtros.pedido, e.por(filtros.pedido.por)
    quitar = {"por": None} if filtro.por != por else {}
    if not e.ve_grupos:
        quitar["grupo"] = None
    # Si la página enseña otra cosa de la que se pidió, su descarga también.
    campos = filtro.model_copy(update=quitar).model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    pagina = render_template(
        "tableros/medidas.html",
        m=m,
        e=e,
        por=por,
        valores={**filtros.enviado, "por": filtros.enviado.get("por") if "por" in problemas else por.value},
        filtrado=filtro.desde or filtro.hasta or (filtro.grupo and e.ve_grupos),
        problemas=problemas,
        opciones=presentacion.opciones_a_la_vista(e, por),
        no_se_ve=presentacion.avisos_de_lo_que_no_se_ve(
            e, filtro, con_grupo="grupo" in filtros.enviado, entro=actor().entro
        ),
        campos=campos,
        decir=presentacion,
        Por=Por,
        practica=practica,
        **contexto,
    )
    return (pagina, 422) if problemas else pagina


def _csv(m: Medidas, nombre: str) -> Response:
    filas: Iterable[Mapping[str, Any]]
    if m.por is Por.CODIGO:
        columnas, filas = COLUMNAS_DE_MEDIDAS_POR_CODIGO, [r.fila() for r in m.codigos]
    else:
        columnas, filas = COLUMNAS_DE_MEDIDAS, [r.fila() for r in (m.total, *m.renglones)]
    return csv_de(columnas, filas, f"{nombre}-por-{m.por}.csv")
