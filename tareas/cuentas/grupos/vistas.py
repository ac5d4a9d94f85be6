"""Páginas de los grupos de un municipio."""

from flask import Blueprint, Response, flash, render_template, request, url_for

from tareas.comun import bd
from tareas.comun.errores import ErrorTequio
from tareas.comun.textos import _, n_
from tareas.comun.web import acceso, actor, errores_en
from tareas.cuentas.formularios import leer, problemas
from tareas.cuentas.grupos import consultas, servicio
from tareas.cuentas.grupos.formularios import GrupoNuevo, NombreDeGrupo, PersonasPorAgregar
from tareas.cuentas.grupos.reglas import AGRUPAN, usuarios_de_lista

bp = Blueprint("grupos", __name__)


def _ir(grupo_id: int, dicho: str) -> Response:
    flash(dicho, "exito")
    return Response(status=303, headers={"Location": url_for("grupos.ver", grupo_id=grupo_id)})


def _lista(municipio_id: int, error: ErrorTequio | None = None) -> str:
    with bd.lectura() as sesion:
        municipio = consultas.municipio(sesion, actor(), municipio_id)
        grupos = consultas.de_municipio(sesion, municipio_id, archivados=True)
    return render_template(
        "cuentas/grupos.html",
        municipio=municipio,
        grupos=grupos,
        campos={} if error is None else problemas(error),
        valores=request.form if error is not None else {},
    )


@bp.get("/municipios/<int:municipio_id>/grupos")
@acceso(*AGRUPAN)
def lista(municipio_id: int) -> str:
    """Los grupos del municipio y el formulario para hacer otro."""
    return _lista(municipio_id)


@bp.post("/municipios/<int:municipio_id>/grupos")
@acceso(*AGRUPAN)
def crear(municipio_id: int) -> Response:
    """Hace un grupo, con las personas de la lista si viene."""
    with bd.lectura() as sesion:
        consultas.municipio(sesion, actor(), municipio_id)
    errores_en(lambda error: _lista(municipio_id, error))
    datos = leer(GrupoNuevo)
    usuarios = usuarios_de_lista(datos.lista) if datos.lista else []
    with bd.transaccion() as sesion:
        grupo_id = servicio.crear(
            sesion, municipio_id=municipio_id, nombre=datos.nombre, creado_por=actor().id, usuarios=usuarios
        )
    return _ir(grupo_id, _("Grupo hecho."))


def _pagina(grupo_id: int, error: ErrorTequio | None = None) -> str:
    with bd.lectura() as sesion:
        grupo = consultas.grupo(sesion, actor(), grupo_id)
        personas = consultas.personas(sesion, grupo_id)
    return render_template(
        "cuentas/grupo.html",
        grupo=grupo,
        personas=personas,
        campos={} if error is None else problemas(error),
        valores=request.form if error is not None else {},
    )


def _tocar(grupo_id: int) -> None:
    """Sólo quien lo ve lo cambia; lo que falle se dice en su página."""
    with bd.lectura() as sesion:
        consultas.grupo(sesion, actor(), grupo_id)
    errores_en(lambda error: _pagina(grupo_id, error))


@bp.get("/grupos/<int:grupo_id>")
@acceso(*AGRUPAN)
def ver(grupo_id: int) -> str:
    """Quiénes están en el grupo."""
    return _pagina(grupo_id)


@bp.post("/grupos/<int:grupo_id>/personas")
@acceso(*AGRUPAN)
def agregar(grupo_id: int) -> Response:
    """Agrega a las personas de una lista, o a ninguna."""
    _tocar(grupo_id)
    usuarios = usuarios_de_lista(leer(PersonasPorAgregar).lista)
    with bd.transaccion() as sesion:
        nuevas = servicio.agregar(sesion, grupo_id, usuarios)
    return _ir(grupo_id, n_("Agregamos a una persona.", "Agregamos a %(num)s personas.", nuevas))


@bp.post("/grupos/<int:grupo_id>/personas/<int:persona_id>/retiro")
@acceso(*AGRUPAN)
def quitar(grupo_id: int, persona_id: int) -> Response:
    """Saca a una persona del grupo."""
    _tocar(grupo_id)
    with bd.transaccion() as sesion:
        servicio.quitar(sesion, grupo_id, persona_id)
    return _ir(grupo_id, _("Ya no está en el grupo. Su cuenta y su trabajo siguen igual."))


@bp.post("/grupos/<int:grupo_id>/nombre")
@acceso(*AGRUPAN)
def renombrar(grupo_id: int) -> Response:
    """Cambia el nombre."""
    _tocar(grupo_id)
    nombre = leer(NombreDeGrupo).nombre
    with bd.transaccion() as sesion:
        servicio.renombrar(sesion, grupo_id, nombre)
    return _ir(grupo_id, _("Guardamos el nombre."))


@bp.post("/grupos/<int:grupo_id>/archivo")
@acceso(*AGRUPAN)
def archivar(grupo_id: int) -> Response:
    """Lo quita de las listas."""
    return _archivar(grupo_id, True, _("Grupo archivado."))


@bp.post("/grupos/<int:grupo_id>/regreso")
@acceso(*AGRUPAN)
def regresar(grupo_id: int) -> Response:
    """Lo regresa a las listas."""
    return _archivar(grupo_id, False, _("El grupo está otra vez en las listas."))


def _archivar(grupo_id: int, archivado: bool, dicho: str) -> Response:
    _tocar(grupo_id)
    with bd.transaccion() as sesion:
        servicio.archivar(sesion, grupo_id, archivado=archivado)
    return _ir(grupo_id, dicho)
