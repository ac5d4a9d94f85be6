"""API de las revisiones: las reglas, y lo que se halla en una tarea o en un municipio."""

from typing import Any

from apiflask import APIBlueprint

from tareas.calidad.referencia.consultas import ve_referencia
from tareas.calidad.revisiones import consultas, guarda, presentacion, servicio
from tareas.calidad.revisiones.errores import HallazgoDesconocido
from tareas.calidad.revisiones.formularios import Lista, Responder
from tareas.calidad.revisiones.reglas import Respuesta
from tareas.comun.bd import lectura, transaccion
from tareas.comun.entrada import entrada
from tareas.comun.errores import NoPermitido
from tareas.comun.permisos import VALIDAN
from tareas.comun.web import acceso, actor, actor_con_cuenta
from tareas.municipios.consultas import por_id
from tareas.proyectos.consultas import visible

# Con sólo cargarse, el mapeo la conoce.
GUARDA = guarda.antes_de_entregar

bp = APIBlueprint("revisiones_api", __name__, url_prefix="/api/v1", tag="Calidad")


@bp.get("/calidad/reglas")
@acceso(publico=True)
def reglas() -> dict[str, Any]:
    """Qué errores se buscan: por qué importa cada uno, cómo se arregla, en qué se equivoca la regla y sus umbrales."""
    return presentacion.reglas()


@bp.get("/calidad/reglas/<codigo>")
@acceso(publico=True)
def regla(codigo: str) -> dict[str, Any]:
    """Una de las revisiones, con el dibujo de su primer caso."""
    return presentacion.regla(codigo)


@bp.get("/proyectos/<int:proyecto_id>/tareas/<int:numero>/hallazgos")
@acceso(publico=True)
def de_tarea(proyecto_id: int, numero: int) -> dict[str, Any]:
    """Lo que las revisiones hallan ahora mismo en una tarea, como GeoJSON; ``mio`` si lo hizo quien pregunta."""
    quien = actor()
    with lectura() as sesion:
        proyecto = visible(sesion, quien, proyecto_id)
        return presentacion.de_tarea(
            sesion,
            municipio_id=proyecto.municipio_id,
            proyecto_id=proyecto_id,
            numero=numero,
            persona_id=quien.id,
            con_referencia=ve_referencia(quien, proyecto.municipio_id),
        )


@bp.post("/proyectos/<int:proyecto_id>/tareas/<int:numero>/hallazgos/respuestas")
@acceso(*VALIDAN)
@entrada(Responder)
def responder(proyecto_id: int, numero: int, datos: Responder) -> tuple[dict[str, Any], int]:
    """Dice si un hallazgo de la tarea era un error o una falsa alarma; se recuerda mientras el objeto no cambie."""
    quien = actor_con_cuenta()
    with lectura() as sesion:
        proyecto = visible(sesion, quien, proyecto_id)
        if not quien.tiene(VALIDAN, proyecto.municipio_id):
            raise NoPermitido
        origen, hallazgo = servicio.hallazgo_de_tarea(sesion, proyecto.municipio_id, proyecto_id, numero, datos.huella)
    if hallazgo is None:
        raise HallazgoDesconocido
    with transaccion() as sesion:
        servicio.responder(
            sesion,
            municipio_id=proyecto.municipio_id,
            origen=origen,
            hallazgo=hallazgo,
            respuesta=Respuesta(datos.respuesta),
            nota=datos.nota,
            persona_id=quien.id or 0,
        )
    return {"huella": datos.huella, "respuesta": datos.respuesta}, 201


@bp.get("/municipios/<int:municipio_id>/hallazgos")
@acceso(publico=True)
@entrada(Lista, "query")
def de_municipio(municipio_id: int, consulta: Lista) -> dict[str, Any]:
    """Los hallazgos guardados de un municipio, por lotes; con ``codigo``, ``nivel`` o ``caja``, sólo ésos."""
    with lectura() as sesion:
        por_id(sesion, municipio_id)
        return presentacion.de_municipio(sesion, municipio_id, consulta.model_dump())


@bp.get("/municipios/<int:municipio_id>/calidad")
@acceso(publico=True)
def calidad_de_municipio(municipio_id: int) -> dict[str, Any]:
    """Cuántos hallazgos hay de cada regla, cuánto acierta cada una según la gente, y cuándo se revisó."""
    with lectura() as sesion:
        por_id(sesion, municipio_id)
        return {
            "municipio": municipio_id,
            "revision": consultas.ultima_revision(sesion, municipio_id),
            "hallazgos": consultas.cuentas(sesion, municipio_id),
            "precision": consultas.precision(sesion, municipio_id),
        }
