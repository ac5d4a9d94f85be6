"""Páginas de las revisiones: qué se busca, y cómo están los datos de un municipio."""

from itertools import chain

from flask import Blueprint, Response, render_template

from tareas.calidad.revisiones import presentacion
from tareas.calidad.revisiones.formularios import Filtro
from tareas.calidad.revisiones.reglas import (
    COLUMNAS_DE_HALLAZGO,
    PRECISION_MINIMA,
    RESPUESTAS_PARA_CALLAR,
)
from tareas.comun.bd import actual, lectura
from tareas.comun.descargas import csv_al_hilo
from tareas.comun.entrada import validar
from tareas.comun.filtros import Pagina, conocidos, leer_filtros
from tareas.comun.web import acceso, pagina_de_la_descarga
from tareas.municipios.consultas import por_id
from tareas.proyectos.consultas import plantilla_base

bp = Blueprint("calidad", __name__)


@bp.get("/calidad/reglas")
@acceso(publico=True)
def reglas() -> str:
    """Cada revisión: su dibujo, qué busca, por qué importa, cómo se arregla y en qué se equivoca."""
    return render_template(
        "calidad/reglas.html",
        reglas=presentacion.reglas_con_croquis(),
        niveles=presentacion.niveles(),
        para_callar={"respuestas": RESPUESTAS_PARA_CALLAR, "minima": PRECISION_MINIMA},
    )


@bp.get("/municipios/<int:municipio_id>/calidad")
@acceso(publico=True)
def de_municipio(municipio_id: int) -> Pagina:
    """Lo que las revisiones hallan hoy en un municipio, cuánto aciertan ahí y qué no pudieron revisar."""
    filtros = leer_filtros(Filtro)
    opciones = presentacion.opciones_de_filtro()
    problemas, pedido = filtros.dichos(opciones), filtros.pedido
    with lectura() as sesion:
        lugar = por_id(sesion, municipio_id)
        datos = {} if problemas else presentacion.calidad(sesion, municipio_id, pedido.codigo, pedido.nivel)
        base = plantilla_base(sesion)
    pagina = render_template(
        "calidad/municipio.html",
        municipio=lugar,
        filtro=pedido.model_dump(),
        valores=filtros.enviado,
        problemas=problemas,
        niveles=presentacion.niveles(),
        base=base,
        opciones=opciones,
        **datos,
    )
    return (pagina, 422) if problemas else pagina


@bp.get("/municipios/<int:municipio_id>/hallazgos.csv")
@acceso(publico=True)
def csv_de_municipio(municipio_id: int) -> Response:
    """Los hallazgos de un municipio en CSV (UTF-8), con el mismo filtro de la página."""
    pagina_de_la_descarga(f"/municipios/{municipio_id}/calidad")
    filtro = validar(Filtro, conocidos(Filtro))
    with lectura() as sesion:
        por_id(sesion, municipio_id)
    filas = presentacion.filas_de_descarga(
        actual().lectura, municipio_id, filtro.codigo, filtro.nivel, presentacion.idioma()
    )
    # El primero se lee antes de contestar: lo que falle todavía puede decirse con su código.
    primero = next(filas, None)
    juntas = chain([primero] if primero else [], filas)
    return csv_al_hilo(COLUMNAS_DE_HALLAZGO, juntas, f"tequio-municipio-{municipio_id}-hallazgos.csv")
