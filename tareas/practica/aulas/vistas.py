"""Páginas de las aulas: la lista, crear una, y la de cada una."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from sqlalchemy.orm import Session

from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import validar
from tareas.comun.errores import ErrorTequio
from tareas.comun.textos import _, n_
from tareas.comun.web import acceso, actor, errores_en
from tareas.cuentas.formularios import problemas
from tareas.municipios import consultas as municipios
from tareas.practica.aulas import consultas, preparacion, presentacion, servicio
from tareas.practica.aulas.consultas import Aula, visible
from tareas.practica.aulas.formularios import FormularioDeAula
from tareas.practica.reglas import PREPARAN

bp = Blueprint("aulas", __name__)


@bp.get("/aulas")
@acceso(*PREPARAN)
def lista() -> str:
    """Las aulas que quien pide prepara."""
    with lectura() as sesion:
        return render_template("practica/aulas.html", aulas=consultas.preparadas(sesion, actor()))


@bp.get("/aulas/nueva")
@acceso(*PREPARAN)
def nueva() -> str:
    """Formulario para crear un aula."""
    with lectura() as sesion:
        return _formulario(sesion, {"de": "municipio", **request.args.to_dict()})


@bp.post("/aulas/nueva")
@acceso(*PREPARAN)
def crear() -> Response:
    """Crea el aula del municipio, de un proyecto o de un archivo."""
    errores_en(_formulario_con)
    enviado = {c: v for c, v in request.form.to_dict().items() if c != "csrf_token"}
    datos = validar(FormularioDeAula, enviado)
    comunes = {"municipio": datos.municipio, "nombre": datos.nombre, "visibilidad": datos.visibilidad}
    with transaccion() as sesion:
        if datos.de == "archivo":
            creada = preparacion.de_archivo_subido(sesion, actor(), **comunes)
        else:
            proyecto = int(datos.proyecto or 0) if datos.de == "proyecto" else None
            creada = preparacion.de_area(sesion, actor(), {**comunes, "proyecto": proyecto})
    total = sum(creada.copiados.values())
    flash(n_("El aula está lista, con %(num)s elemento.", "El aula está lista, con %(num)s elementos.", total), "exito")
    return _a(creada.id)


@bp.get("/aulas/<int:aula_id>")
@acceso(publico=True)
def ver(aula_id: int) -> str:
    """Un aula: qué tiene, quién está, dónde se edita; y lo que puede hacer quien la prepara."""
    quien = actor()
    with lectura() as sesion:
        aula = visible(sesion, quien, aula_id)
        prepara = quien.tiene(PREPARAN, aula.municipio_id)
        return render_template(
            "practica/aula.html",
            aula=consultas.ficha(sesion, aula_id),
            cuentas=consultas.cuentas(sesion, aula_id),
            # Quién estuvo y cuánto guardó sólo lo ve quien acompaña al grupo.
            personas=consultas.personas(sesion, aula_id) if prepara else [],
            proyectos=consultas.proyectos(sesion, quien, aula_id),
            direcciones=presentacion.direcciones(aula_id),
            prepara=prepara,
        )


@bp.post("/aulas/<int:aula_id>/congelar")
@acceso(*PREPARAN)
def congelar(aula_id: int) -> Response:
    """Congela el aula: se ve y ya no se edita."""
    _hacer(aula_id, lambda sesion, aula: servicio.editar(sesion, aula, estado="congelada"))
    flash(_("El aula quedó congelada: se puede ver, y nadie guarda cambios."), "exito")
    return _a(aula_id)


@bp.post("/aulas/<int:aula_id>/abrir")
@acceso(*PREPARAN)
def abrir(aula_id: int) -> Response:
    """Vuelve a abrir un aula congelada."""
    _hacer(aula_id, lambda sesion, aula: servicio.editar(sesion, aula, estado="abierta"))
    flash(_("El aula está abierta: ya se puede editar."), "exito")
    return _a(aula_id)


@bp.post("/aulas/<int:aula_id>/reiniciar")
@acceso(*PREPARAN)
def reiniciar(aula_id: int) -> Response:
    """Devuelve el aula a como empezó."""
    n = _hacer(aula_id, lambda sesion, aula: servicio.reiniciar(sesion, actor(), aula))
    flash(
        n_(
            "El aula está como al empezar: %(num)s elemento volvió a su lugar.",
            "El aula está como al empezar: %(num)s elementos volvieron a su lugar.",
            n,
        ),
        "exito",
    )
    return _a(aula_id)


@bp.post("/aulas/<int:aula_id>/borrar")
@acceso(*PREPARAN)
def borrar(aula_id: int) -> Response:
    """Borra el aula."""
    _hacer(aula_id, servicio.borrar)
    flash(_("Aula borrada."), "exito")
    return Response(status=303, headers={"Location": url_for("aulas.lista")})


def _hacer(aula_id: int, paso: Callable[[Session, Aula], Any]) -> Any:
    with transaccion() as sesion:
        aula = visible(sesion, actor(), aula_id)
        servicio.exigir_preparacion(actor(), aula.municipio_id)
        return paso(sesion, aula)


def _a(aula_id: int) -> Response:
    return Response(status=303, headers={"Location": url_for("aulas.ver", aula_id=aula_id)})


def _formulario_con(error: ErrorTequio) -> str:
    with lectura() as sesion:
        return _formulario(sesion, request.form.to_dict(), error)


def _formulario(sesion: Session, valores: dict[str, str], error: ErrorTequio | None = None) -> str:
    propios, en_todos = municipios.de_quien(sesion, actor(), PREPARAN)
    return render_template(
        "practica/aula_nueva.html",
        en_todos=en_todos,
        municipios=propios,
        proyectos=consultas.de_donde_copiar(sesion, actor()),
        valores=valores,
        campos={} if error is None else problemas(error),
    )
