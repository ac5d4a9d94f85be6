"""Páginas de los talleres: la lista, crear o cambiar uno, y cómo va su preparación."""

from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from sqlalchemy.orm import Session

from tareas.capacitacion.preparacion import consultas, servicio
from tareas.capacitacion.preparacion.diagnostico import diagnosticar
from tareas.capacitacion.preparacion.formularios import FormularioDeTaller, con_zona
from tareas.capacitacion.preparacion.reglas import PREPARAN
from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import validar
from tareas.comun.errores import ErrorTequio
from tareas.comun.textos import _
from tareas.comun.tiempos import zona_de
from tareas.comun.web import acceso, actor, errores_en
from tareas.cuentas.formularios import problemas
from tareas.municipios import consultas as municipios

bp = Blueprint("talleres", __name__)


@bp.get("/talleres")
@acceso(*PREPARAN)
def lista() -> str:
    """Los talleres que quien pide prepara."""
    with lectura() as sesion:
        return render_template("capacitacion/talleres.html", talleres=consultas.talleres(sesion, actor()))


@bp.get("/talleres/<int:taller_id>")
@acceso(*PREPARAN)
def ver(taller_id: int) -> str:
    """Qué falta para que el taller salga bien."""
    with lectura() as sesion:
        taller = consultas.taller(sesion, actor(), taller_id)
        return render_template("capacitacion/taller.html", d=diagnosticar(sesion, taller), taller=taller)


@bp.get("/talleres/nuevo")
@acceso(*PREPARAN)
def nuevo() -> str:
    """Formulario para un taller."""
    with lectura() as sesion:
        return _formulario(sesion, request.args.to_dict())


@bp.post("/talleres/nuevo")
@acceso(*PREPARAN)
def crear() -> Response:
    """Crea el taller."""
    return _guardar(None)


@bp.get("/talleres/<int:taller_id>/editar")
@acceso(*PREPARAN)
def editar(taller_id: int) -> str:
    """Formulario con lo que el taller tiene."""
    with lectura() as sesion:
        return _formulario(sesion, _valores(sesion, taller_id), taller_id=taller_id)


@bp.post("/talleres/<int:taller_id>/editar")
@acceso(*PREPARAN)
def cambiar(taller_id: int) -> Response:
    """Guarda los cambios."""
    return _guardar(taller_id)


@bp.post("/talleres/<int:taller_id>/borrar")
@acceso(*PREPARAN)
def borrar(taller_id: int) -> Response:
    """Borra el taller."""
    with transaccion() as sesion:
        servicio.borrar(sesion, consultas.taller(sesion, actor(), taller_id).id)
    flash(_("Taller borrado."), "exito")
    return Response(status=303, headers={"Location": url_for("talleres.lista")})


def _guardar(taller_id: int | None) -> Response:
    quien = actor()
    if taller_id is not None:
        with lectura() as sesion:
            consultas.taller(sesion, quien, taller_id)
    errores_en(lambda error: _formulario_con(error, taller_id))
    datos = validar(FormularioDeTaller, {c: v for c, v in request.form.to_dict().items() if c != "csrf_token"})
    with transaccion() as sesion:
        municipio = municipios.elegir_de_texto(sesion, datos.municipio)
        if taller_id is not None:
            municipio = municipios.por_id(sesion, consultas.taller(sesion, quien, taller_id).municipio_id)
        guardado = servicio.guardar(
            sesion,
            quien,
            municipio,
            nombre=datos.nombre,
            empieza=con_zona(datos.empieza, municipio.zona_horaria),
            horas=datos.horas,
            ritmo=datos.ritmo,
            proyecto=int(datos.proyecto) if datos.proyecto else None,
            personas=datos.personas,
            taller_id=taller_id,
        )
    flash(_("Guardado. Aquí está lo que falta."), "exito")
    return Response(status=303, headers={"Location": url_for("talleres.ver", taller_id=guardado)})


def _valores(sesion: Session, taller_id: int) -> dict[str, Any]:
    fila = consultas.taller(sesion, actor(), taller_id)
    return {
        "municipio": fila.municipio_clave,
        "nombre": fila.nombre,
        "empieza": fila.empieza.astimezone(zona_de(fila.zona_horaria)).strftime("%Y-%m-%dT%H:%M"),
        "horas": fila.horas,
        "ritmo": fila.ritmo,
        "proyecto": fila.proyecto_id or "",
        "personas": "\n".join(consultas.lista(sesion, taller_id)),
    }


def _formulario_con(error: ErrorTequio, taller_id: int | None) -> str:
    with lectura() as sesion:
        return _formulario(sesion, request.form.to_dict(), error, taller_id)


def _formulario(
    sesion: Session, valores: dict[str, Any], error: ErrorTequio | None = None, taller_id: int | None = None
) -> str:
    propios, en_todos = municipios.de_quien(sesion, actor(), PREPARAN)
    return render_template(
        "capacitacion/taller_editar.html",
        en_todos=en_todos,
        municipios=propios,
        proyectos=consultas.proyectos(sesion, actor()),
        valores=valores,
        campos={} if error is None else problemas(error),
        taller_id=taller_id,
    )
