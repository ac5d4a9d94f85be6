"""API del buzón: los avisos propios, marcarlos leídos, y cómo llegan por correo."""

from typing import Any

from apiflask import APIBlueprint

from tareas.comun import bd
from tareas.comun.entrada import entrada
from tareas.comun.presentacion import idioma_actual
from tareas.comun.textos import _
from tareas.comun.web import acceso, actor_con_cuenta
from tareas.cuentas.buzon import consultas, servicio
from tareas.cuentas.buzon.formularios import BuzonPedido, LeidosDeApi, PreferenciasDeApi
from tareas.cuentas.buzon.reglas import PorCorreo
from tareas.cuentas.buzon.textos import en_palabras

bp = APIBlueprint("buzon_api", __name__, url_prefix="/api/v1", tag="Buzón")


@bp.get("/buzon")
@acceso(cuenta=True)
@entrada(BuzonPedido, "query")
def avisos(consulta: BuzonPedido) -> dict[str, Any]:
    """Los avisos propios, del más nuevo al más viejo."""
    yo = actor_con_cuenta().id or 0
    with bd.lectura() as sesion:
        filas = consultas.avisos(
            sesion, yo, sin_leer=consulta.sin_leer, antes_de=consulta.desde, limite=consulta.limite + 1
        )
        sin_leer = consultas.cuantos(sesion, yo).sin_leer
    dados = [_en_json(f) for f in filas[: consulta.limite]]
    return {
        "sin_leer": sin_leer,
        "avisos": dados,
        "siguiente": dados[-1]["id"] if len(filas) > consulta.limite else None,
    }


def _en_json(fila: Any) -> dict[str, Any]:
    texto = en_palabras(fila, _, idioma_actual())
    return {
        "id": fila.id,
        "clase": fila.clase,
        "titulo": texto.titulo,
        "frase": texto.frase,
        "que_hacer": texto.que_hacer,
        "motivos": list(texto.motivos),
        "municipio_id": fila.municipio_id,
        "proyecto_id": fila.proyecto_id,
        "numero": fila.numero,
        "dictamen_id": fila.dictamen_id,
        "enlace": fila.enlace,
        "creado": fila.creado.isoformat(),
        "leido": None if fila.leido is None else fila.leido.isoformat(),
    }


@bp.post("/buzon/leidos")
@acceso(cuenta=True)
@entrada(LeidosDeApi)
def leidos(datos: LeidosDeApi) -> dict[str, Any]:
    """Marca avisos propios como leídos; los ajenos y los que no existen no cuentan."""
    yo = actor_con_cuenta().id or 0
    with bd.transaccion() as sesion:
        marcados = servicio.marcar_leidos(sesion, yo, ids=datos.ids)
        return {"leidos": marcados, "sin_leer": consultas.cuantos(sesion, yo).sin_leer}


@bp.get("/buzon/preferencias")
@acceso(cuenta=True)
def preferencias() -> dict[str, Any]:
    """Cómo llegan los avisos por correo, y en qué zona horaria se cuenta la hora del resumen."""
    with bd.lectura() as sesion:
        return dict(consultas.preferencias(sesion, actor_con_cuenta().id or 0)._mapping)


@bp.put("/buzon/preferencias")
@acceso(cuenta=True)
@entrada(PreferenciasDeApi)
def guardar_preferencias(datos: PreferenciasDeApi) -> dict[str, Any]:
    """Cambia cómo llegan los avisos por correo."""
    yo = actor_con_cuenta().id or 0
    with bd.transaccion() as sesion:
        servicio.guardar_preferencias(sesion, yo, correo=PorCorreo(datos.correo), hora=datos.hora)
        return dict(consultas.preferencias(sesion, yo)._mapping)
