"""Los contadores guardados son siempre los del recuento."""

import threading

from sqlalchemy import text

from tareas.mapeo import servicio
from tareas.mapeo.reglas import Para, Resultado
from tareas.proyectos.consultas import conteos
from tareas.proyectos.recuerdo import exacto
from tests.fabrica import persona, proyecto


def _mapear(bd, quien, campo, numero):
    with bd.transaccion() as sesion:
        toma = servicio.tomar(sesion, persona_id=quien, proyecto_id=campo, numeros=[numero], para=Para.MAPEAR)[0]
        servicio.entregar(
            sesion, persona_id=quien, proyecto_id=campo, numero=numero, ficha=toma.ficha, resultado=Resultado.MAPEADA
        )


def _contar(bd, campo):
    with bd.lectura() as sesion:
        return conteos(sesion, [campo])[campo]


def test_cada_entrega_se_ve_en_la_siguiente_pregunta(bd, elenco):
    assert _contar(bd, elenco.proyecto)["mapeada"] == 0
    for numero in (1, 2, 3):
        _mapear(bd, elenco.mapeadora, elenco.proyecto, numero)
        assert _contar(bd, elenco.proyecto)["mapeada"] == numero


def test_lo_leido_se_recuerda_y_dentro_de_una_transaccion_se_calcula(bd, elenco):
    veces = []

    def preguntar(abrir):
        with abrir() as sesion:
            exacto(sesion, ("prueba", elenco.mapeadora), [elenco.proyecto], lambda: veces.append(1))

    preguntar(bd.lectura)
    preguntar(bd.lectura)
    assert len(veces) == 1
    preguntar(bd.transaccion)
    assert len(veces) == 2


def test_lo_que_no_se_confirmo_no_se_cuenta(bd, elenco):
    _contar(bd, elenco.proyecto)
    with bd.motor.connect() as conexion:
        transaccion = conexion.begin()
        conexion.execute(text("UPDATE tarea SET estado = 1 WHERE numero = 1"))
        transaccion.rollback()
    assert _contar(bd, elenco.proyecto)["mapeada"] == 0


def test_una_entrega_que_empezo_antes_de_contar_y_termino_despues_no_se_escapa(bd, elenco):
    with bd.motor.connect() as lenta:
        transaccion = lenta.begin()
        lenta.execute(text("UPDATE tarea SET estado = 1 WHERE numero = 7"))
        lenta.execute(
            text("""INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id)
                    SELECT municipio_id, proyecto_id, 7, 'entrega', 0, 1, :p FROM tarea WHERE numero = 7"""),
            {"p": elenco.mapeadora},
        )
        _mapear(bd, elenco.mapeador, elenco.proyecto, 1)
        assert _contar(bd, elenco.proyecto)["mapeada"] == 1
        transaccion.commit()
    assert _contar(bd, elenco.proyecto)["mapeada"] == 2


def test_despues_de_mucho_trabajo_en_paralelo_los_contadores_cuadran(bd, elenco):
    campo = proyecto(bd, elenco.municipio, columnas=10, renglones=8)
    gente = [persona(bd, f"persona{i}", (elenco.municipio, "mapeador")) for i in range(8)]
    vistos = []

    def trabajar(i):
        for numero in range(i * 10 + 1, i * 10 + 11):
            _mapear(bd, gente[i], campo, numero)
            vistos.append(_contar(bd, campo)["mapeada"])

    hilos = [threading.Thread(target=trabajar, args=(i,)) for i in range(8)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    assert _contar(bd, campo)["mapeada"] == 80
    assert max(vistos) == 80
