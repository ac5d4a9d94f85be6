from sqlalchemy import text

from tareas.mapeo import servicio
from tareas.mapeo.reglas import Para, Resultado
from tareas.tableros.comprobar import comprobar


def _mapear(bd, quien, proyecto, numero):
    with bd.transaccion() as sesion:
        toma = servicio.tomar(sesion, persona_id=quien, proyecto_id=proyecto, numeros=[numero], para=Para.MAPEAR)[0]
        servicio.entregar(
            sesion, persona_id=quien, proyecto_id=proyecto, numero=numero, ficha=toma.ficha, resultado=Resultado.MAPEADA
        )


def _con_diferencias(bd):
    with bd.transaccion() as sesion:
        return {r.nombre for r in comprobar(sesion) if r.cuantas}


def test_lo_que_hacen_los_servicios_siempre_cuadra(bd, elenco):
    _mapear(bd, elenco.mapeadora, elenco.proyecto, 1)
    _mapear(bd, elenco.mapeadora, elenco.proyecto, 2)
    with bd.transaccion() as sesion:
        servicio.tomar(sesion, persona_id=elenco.mapeador, proyecto_id=elenco.proyecto, numeros=[3], para=Para.MAPEAR)
    assert _con_diferencias(bd) == set()


def test_un_estado_cambiado_a_mano_se_descubre(bd, elenco):
    _mapear(bd, elenco.mapeadora, elenco.proyecto, 1)
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE tarea SET estado = 2 WHERE numero = 1"))
    assert _con_diferencias(bd) == {"estado_de_cada_tarea", "contadores"}


def test_un_total_que_no_corresponde_se_descubre(bd, elenco):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET tareas_total = 8"))
    assert _con_diferencias(bd) == {"total_de_cada_proyecto"}


def test_una_entrega_sin_turno_se_descubre(bd, elenco):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id, ficha)
                    VALUES (:m, :p, 4, 'entrega', 0, 1, :yo, 999999)"""),
            {"m": elenco.municipio, "p": elenco.proyecto, "yo": elenco.mapeadora},
        )
        sesion.execute(text("UPDATE tarea SET estado = 1 WHERE numero = 4"))
    assert {"finales_con_turno", "un_turno_a_la_vez"} <= _con_diferencias(bd)


def test_un_turno_que_se_perdio_sin_final_se_descubre(bd, elenco):
    with bd.transaccion() as sesion:
        servicio.tomar(sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[3], para=Para.MAPEAR)
    with bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM bloqueo"))
    assert _con_diferencias(bd) == {"bloqueos_con_historia"}


def test_un_turno_con_otro_nombre_se_descubre(bd, elenco):
    with bd.transaccion() as sesion:
        servicio.tomar(sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[3], para=Para.MAPEAR)
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE bloqueo SET persona_id = :otra"), {"otra": elenco.mapeador})
    assert _con_diferencias(bd) == {"bloqueos_con_historia"}
