"""Páginas: la referencia de un municipio, y qué tan completo está un proyecto."""

from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for

from tareas.calidad.referencia import consultas, presentacion, servicio
from tareas.calidad.referencia.dibujo import dibujar
from tareas.calidad.referencia.reglas import COLUMNAS_POR_COMPLETITUD_DE_MUNICIPIO
from tareas.calidad.referencia.subida import problemas_de_subida, recibir
from tareas.comun.bd import lectura, transaccion
from tareas.comun.descargas import csv_de
from tareas.comun.errores import ErrorTequio
from tareas.comun.permisos import GESTIONAN
from tareas.comun.textos import _
from tareas.comun.web import acceso, actor, errores_en
from tareas.municipios.consultas import por_id
from tareas.proyectos.consultas import ficha

bp = Blueprint("referencia", __name__)
RAIZ = "/municipios/<int:municipio_id>/referencias"
TAREAS_A_LA_VISTA = 20


@bp.get(RAIZ)
@acceso(*GESTIONAN)
def lista(municipio_id: int) -> str:
    """Las referencias del municipio y el formulario para subir otra."""
    return _lista(municipio_id)


def _lista(municipio_id: int, error: Any = None) -> str:
    with lectura() as sesion:
        municipio = consultas.exigir_gestion(sesion, actor(), municipio_id)
        encontradas = consultas.de_municipio(sesion, actor(), municipio_id)
    return render_template(
        "calidad/referencias.html",
        municipio=municipio,
        referencias=[(f, presentacion.motivos(f.omitidas)) for f in encontradas],
        valores={} if error is None else request.form,
        campos={} if error is None else problemas_de_subida(error, request.form),
    )


@bp.post(RAIZ)
@acceso(*GESTIONAN)
def subir(municipio_id: int) -> Response:
    """Sube una referencia."""
    with lectura() as sesion:
        municipio = consultas.exigir_gestion(sesion, actor(), municipio_id)

    def con_error(error: ErrorTequio) -> str:
        return _lista(municipio_id, error)

    errores_en(con_error)
    campos = {campo: valor for campo, valor in request.form.to_dict().items() if campo != "csrf_token"}
    hecha = recibir(municipio, campos, request.files.getlist("archivo"))
    flash(_("Guardadas %(n)s huellas. Desde ahora se comparan con el mapa.", n=f"{hecha.huellas:,}"), "exito")
    return _a_la_lista(municipio_id)


@bp.post(f"{RAIZ}/<int:referencia_id>/borrar")
@acceso(*GESTIONAN)
def borrar(municipio_id: int, referencia_id: int) -> Response:
    """Borra una referencia con sus huellas."""
    with transaccion() as sesion:
        consultas.exigir_gestion(sesion, actor(), municipio_id)
        servicio.borrar(sesion, municipio_id, referencia_id)
    flash(_("Referencia borrada, con todas sus huellas."), "exito")
    return _a_la_lista(municipio_id)


def _a_la_lista(municipio_id: int) -> Response:
    return Response(status=303, headers={"Location": url_for("referencia.lista", municipio_id=municipio_id)})


@bp.get("/municipios/<int:municipio_id>/completitud")
@acceso(publico=True)
def de_municipio(municipio_id: int) -> str:
    """Qué tan completo está cada proyecto de un municipio frente a su referencia."""
    with lectura() as sesion:
        municipio = por_id(sesion, municipio_id)
        cuerpo = presentacion.completitud_de_municipio(sesion, actor(), municipio_id)
    return render_template(
        "calidad/completitud_municipio.html",
        municipio=municipio,
        c=cuerpo,
        gestiona=actor().tiene(GESTIONAN, municipio_id),
    )


@bp.get("/municipios/<int:municipio_id>/completitud.csv")
@acceso(publico=True)
def csv_de_municipio(municipio_id: int) -> Response:
    """Lo mismo en CSV (UTF-8)."""
    with lectura() as sesion:
        proyectos = presentacion.completitud_de_municipio(sesion, actor(), municipio_id)["proyectos"]
    filas = [{**f, "sin_tareas_con_pocas": int(f["sin_tareas_con_pocas"])} for f in proyectos]
    return csv_de(COLUMNAS_POR_COMPLETITUD_DE_MUNICIPIO, filas, f"tequio-municipio-{municipio_id}-completitud.csv")


@bp.get("/proyectos/<int:proyecto_id>/completitud")
@acceso(publico=True)
def completitud(proyecto_id: int) -> str:
    """Qué tan completo está un proyecto frente a la referencia de su municipio: mapa, cifras y lista."""
    with lectura() as sesion:
        proyecto = ficha(sesion, actor(), proyecto_id)
        cuerpo, medida = presentacion.completitud(sesion, actor(), proyecto)
        municipio = por_id(sesion, proyecto.municipio_id)
        vigente = consultas.vigente(sesion, proyecto.municipio_id)
    con_huellas = [f for f in cuerpo["tareas"] if f["n"]]
    con_huellas.sort(key=lambda f: (-f["faltan"], f["numero"]))
    return render_template(
        "calidad/completitud.html",
        proyecto=proyecto,
        municipio=municipio,
        vigente=vigente,
        c=cuerpo,
        tareas=con_huellas[:TAREAS_A_LA_VISTA],
        cuantas=len(con_huellas),
        pocas=sum(f["pocas"] for f in cuerpo["tareas"] if f["n"] is None),
        dibujo=None if medida is None else dibujar(cuerpo["tareas"], medida.formas),
        gestiona=actor().tiene(GESTIONAN, proyecto.municipio_id),
    )
