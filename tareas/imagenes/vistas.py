"""Páginas para quien gestiona las imágenes de un municipio."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, render_template, request, url_for
from sqlalchemy.orm import Session

from tareas.comun.bd import lectura, soltar, transaccion
from tareas.comun.entrada import validar
from tareas.comun.errores import ErrorTequio
from tareas.comun.permisos import GESTIONAN
from tareas.comun.textos import _
from tareas.comun.web import acceso, actor, errores_en
from tareas.cuentas.formularios import problemas
from tareas.datos_osm.consultas import version_datos
from tareas.imagenes import archivos, consultas, servicio
from tareas.imagenes.errores import ArchivoEnUso, FaltaArchivoDeImagen
from tareas.imagenes.formularios import Datos, DatosGuardados
from tareas.imagenes.reglas import LICENCIAS, capa, porque_no

bp = Blueprint("imagenes", __name__)
RAIZ = "/municipios/<int:municipio_id>/imagenes"


def _campos() -> dict[str, Any]:
    return {campo: valor for campo, valor in request.form.to_dict().items() if campo != "csrf_token"}


def _a(punto: str, **partes: Any) -> Response:
    return Response(status=303, headers={"Location": url_for(punto, **partes)})


@bp.get(RAIZ)
@acceso(*GESTIONAN)
def lista(municipio_id: int) -> str:
    """Las imágenes del municipio y el formulario para subir otra."""
    return _lista(municipio_id)


def _lista(municipio_id: int, error: ErrorTequio | None = None) -> str:
    with lectura() as sesion:
        municipio = consultas.exigir_gestion(sesion, actor(), municipio_id)
        filas = consultas.de_municipio(sesion, actor(), municipio_id)
    return render_template(
        "imagenes/lista.html",
        municipio=municipio,
        imagenes=[(fila, _porque(fila)) for fila in filas],
        licencias=LICENCIAS,
        valores={} if error is None else request.form,
        campos={} if error is None else problemas(error),
    )


def _porque(fila: Any) -> str | None:
    return porque_no(fila, hay_archivo=archivos.ruta_de(fila.archivo).is_file())


@bp.post(RAIZ)
@acceso(*GESTIONAN)
def subir(municipio_id: int) -> Response:
    """Registra, en borrador, un archivo subido."""
    with lectura() as sesion:
        municipio = consultas.exigir_gestion(sesion, actor(), municipio_id)
    errores_en(lambda error: _lista(municipio_id, error))
    datos = validar(Datos, _campos())
    subido = request.files.get("archivo")
    if subido is None or not subido.filename:
        raise FaltaArchivoDeImagen
    soltar()
    with tempfile.TemporaryDirectory(prefix=".subida-", dir=archivos.carpeta()) as obra:
        ruta = Path(obra) / "subida"
        subido.save(ruta)
        with transaccion() as sesion:
            hecha = servicio.registrar(
                sesion, municipio, ruta, Path(subido.filename).name[:200], datos.model_dump(),
                persona_id=actor().id, mover=True,
            )  # fmt: skip
    flash(_("Registrada, en borrador. Revísala en el mapa y publícala cuando esté bien."), "exito")
    return _a("imagenes.ver", municipio_id=municipio_id, imagen_id=hecha.id)


@bp.get(f"{RAIZ}/<int:imagen_id>")
@acceso(*GESTIONAN)
def ver(municipio_id: int, imagen_id: int) -> str:
    """Una imagen en el mapa, lo que se dice de ella, y publicarla, retirarla o borrarla."""
    return _ver(municipio_id, imagen_id)


def _ver(municipio_id: int, imagen_id: int, error: ErrorTequio | None = None) -> str:
    with lectura() as sesion:
        fila = consultas.propia(sesion, actor(), municipio_id, imagen_id)
        version = version_datos(sesion)
    # lo que se acaba de escribir, si esta petición trae el formulario de los datos
    escrito = request.form if error is not None and "nombre" in request.form else fila._mapping
    return render_template(
        "imagenes/imagen.html",
        imagen=fila,
        capa=capa(fila),
        base=f"/teselas/base/{version}/{{z}}/{{x}}/{{y}}.mvt" if version else None,
        porque=_porque(fila),
        licencias=LICENCIAS,
        valores=escrito,
        campos={} if error is None else problemas(error),
    )


@bp.post(f"{RAIZ}/<int:imagen_id>")
@acceso(*GESTIONAN)
def guardar(municipio_id: int, imagen_id: int) -> Response:
    """Guarda lo que se dice de la imagen."""
    with lectura() as sesion:
        consultas.propia(sesion, actor(), municipio_id, imagen_id)
    errores_en(lambda error: _ver(municipio_id, imagen_id, error))
    datos = validar(DatosGuardados, _campos())
    with transaccion() as sesion:
        servicio.editar(sesion, imagen_id, datos.model_dump())
    flash(_("Guardado."), "exito")
    return _a("imagenes.ver", municipio_id=municipio_id, imagen_id=imagen_id)


@bp.post(f"{RAIZ}/<int:imagen_id>/publicar")
@acceso(*GESTIONAN)
def publicar(municipio_id: int, imagen_id: int) -> Response:
    """La publica."""
    _pasar(municipio_id, imagen_id, servicio.publicar)
    flash(_("Publicada. Ya se puede agregar a los proyectos del municipio."), "exito")
    return _a("imagenes.ver", municipio_id=municipio_id, imagen_id=imagen_id)


@bp.post(f"{RAIZ}/<int:imagen_id>/retirar")
@acceso(*GESTIONAN)
def retirar(municipio_id: int, imagen_id: int) -> Response:
    """La retira."""
    _pasar(municipio_id, imagen_id, servicio.retirar)
    flash(_("Retirada. Los proyectos que la usan dicen que ya no está."), "exito")
    return _a("imagenes.ver", municipio_id=municipio_id, imagen_id=imagen_id)


@bp.post(f"{RAIZ}/<int:imagen_id>/borrar")
@acceso(*GESTIONAN)
def borrar(municipio_id: int, imagen_id: int) -> Response:
    """La borra, con su archivo si estaba en la carpeta de imágenes."""
    archivo = _pasar(municipio_id, imagen_id, servicio.borrar)
    with suppress(ArchivoEnUso), transaccion() as sesion:
        servicio.quitar_archivo(sesion, archivo)
    flash(_("Imagen borrada."), "exito")
    return _a("imagenes.lista", municipio_id=municipio_id)


def _pasar(municipio_id: int, imagen_id: int, paso: Callable[[Session, int], str | None]) -> str | None:
    with lectura() as sesion:
        consultas.propia(sesion, actor(), municipio_id, imagen_id)
    errores_en(lambda error: _ver(municipio_id, imagen_id, error))
    with transaccion() as sesion:
        return paso(sesion, imagen_id)
