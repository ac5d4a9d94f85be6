"""Disputas y segundas opiniones cuando varias personas llegan en el mismo instante."""

import pytest
from sqlalchemy import text

from tareas.comun.errores import ErrorTequio
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.errores import BloqueoPerdido, TareaOcupada
from tareas.mapeo.reglas import Estado, Para
from tareas.validacion import servicio
from tareas.validacion.errores import SegundaHecha, SegundaOcupada, YaNoSeCorrige, YaSeDisputo
from tareas.validacion.reglas import Veredicto
from tests.fabrica import proyecto
from tests.servicios.test_dictamenes import Revisiones
from tests.servicios.test_mapeo_en_paralelo import a_la_vez

RONDAS = 100


@pytest.fixture
def mesa(bd, elenco):
    revisiones = Revisiones(bd, elenco)
    revisiones.proyecto = proyecto(bd, elenco.municipio, columnas=10, renglones=10)
    return revisiones


def devueltas(mesa):
    """Cada tarea, devuelta por la validadora: número, entrega y dictamen."""
    return [(n, *mesa.devuelta(n)) for n in range(1, RONDAS + 1)]


def test_de_dos_que_quieren_la_misma_segunda_opinion_la_tiene_una(mesa, elenco):
    for _n, entrega, _d in devueltas(mesa):
        mesa.sortear(entrega)
        quienes = (elenco.capacitadora, elenco.administradora)
        resultados = a_la_vez([lambda q=q, e=entrega: mesa.tomar_segunda(q, e) for q in quienes])
        tomas = [r for r in resultados if isinstance(r, mapeo.Toma)]
        assert len(tomas) == 1
        assert [type(r) for r in resultados if not isinstance(r, mapeo.Toma)] == [SegundaOcupada]
    assert mesa.todo_cuadra()


def test_dada_dos_veces_a_la_vez_se_escribe_una(mesa, elenco):
    for _n, entrega, _d in devueltas(mesa)[:40]:
        mesa.sortear(entrega)
        toma = mesa.tomar_segunda(elenco.capacitadora, entrega)
        dar = [
            lambda e=entrega, f=toma.ficha, v=v: mesa.opinar(elenco.capacitadora, e, f, v)
            for v in (Veredicto.VALIDADA, Veredicto.VALIDADA, Veredicto.DEVUELTA)
        ]
        resultados = a_la_vez(dar)
        escritas = {r.dictamen for r in resultados if isinstance(r, servicio.Opinion)}
        assert len(escritas) == 1
        assert all(isinstance(r, servicio.Opinion | SegundaHecha) for r in resultados)
    assert mesa.uno("SELECT count(*) FROM dictamen WHERE clase = 'ciega'") == 40
    assert mesa.todo_cuadra()


def test_disputar_dos_veces_a_la_vez_es_una_disputa(mesa, elenco):
    for n, _e, d in devueltas(mesa):
        resultados = a_la_vez([lambda n=n, d=d: mesa.disputar(elenco.mapeadora, n, d.dictamen)] * 2)
        assert sum(isinstance(r, servicio.Disputada) for r in resultados) == 1
        assert [type(r) for r in resultados if not isinstance(r, servicio.Disputada)] == [YaSeDisputo]
    assert mesa.uno("SELECT count(*) FROM historial WHERE accion = 'disputa'") == RONDAS
    assert mesa.todo_cuadra()


def test_mientras_se_disputa_quien_devolvio_nunca_se_queda_con_la_tarea(mesa, elenco):
    def tomar(quien, n, para):
        return mesa.hacer(mapeo.tomar, persona_id=quien, numeros=[n], para=para)[0]

    for n, _e, d in devueltas(mesa):
        disputa, suya, ajena, corrige = a_la_vez(
            [
                lambda n=n, d=d: mesa.disputar(elenco.mapeadora, n, d.dictamen),
                lambda n=n: tomar(elenco.validadora, n, Para.VALIDAR),
                lambda n=n: tomar(elenco.capacitadora, n, Para.VALIDAR),
                lambda n=n: tomar(elenco.mapeadora, n, Para.MAPEAR),
            ]
        )
        assert isinstance(suya, ErrorTequio)
        if isinstance(corrige, mapeo.Toma):
            # Llegó antes: con la tarea en la mano no se disputa, y nadie la revisa.
            assert isinstance(disputa, ErrorTequio)
            assert isinstance(ajena, ErrorTequio)
            mesa.hacer(mapeo.soltar, persona_id=elenco.mapeadora, numero=n, ficha=corrige.ficha)
        else:
            assert isinstance(disputa, servicio.Disputada)
            assert mesa.estado(n) is Estado.MAPEADA
    assert mesa.todo_cuadra()


def test_el_dictamen_y_la_disputa_a_la_vez(mesa, elenco):
    """Se disputa en cuanto se ve la devolución, mientras otra persona entrega su dictamen de la misma tarea."""
    for n in range(1, RONDAS + 1):
        mesa.mapear(elenco.mapeadora, n)
        turno = mesa.hacer(mapeo.tomar, persona_id=elenco.validadora, numeros=[n], para=Para.VALIDAR)[0]
        dicho = {"persona_id": elenco.validadora, "numero": n, "ficha": turno.ficha, "veredicto": Veredicto.DEVUELTA}

        def disputar(n=n):
            dado = None
            for _intento in range(50):
                dado = mesa.uno(
                    "SELECT max(id) FROM dictamen WHERE numero = :n AND proyecto_id = :p", n=n, p=mesa.proyecto
                )
                if dado is not None:
                    break
            return mesa.disputar(elenco.mapeadora, n, dado or 0)

        dados = a_la_vez(
            [lambda dicho=dicho: mesa.hacer(servicio.dictaminar, **dicho, motivos=["E-ESC"])] * 2 + [disputar]
        )
        assert len({r.dictamen for r in dados[:2] if isinstance(r, servicio.Dictaminado)}) == 1
        assert all(isinstance(r, servicio.Dictaminado | BloqueoPerdido | TareaOcupada) for r in dados[:2])
        assert isinstance(dados[2], servicio.Disputada | ErrorTequio)
        assert mesa.estado(n) is (Estado.MAPEADA if isinstance(dados[2], servicio.Disputada) else Estado.DEVUELTA)
    assert mesa.todo_cuadra()


def test_opinar_y_entregar_de_nuevo_a_la_vez(mesa, elenco):
    """O la segunda opinión llegó antes, o ya no hacía falta: nunca juzga lo que ya cambió."""
    for n, entrega, _d in devueltas(mesa):
        mesa.sortear(entrega)
        toma = mesa.tomar_segunda(elenco.capacitadora, entrega)
        a_la_vez(
            [
                lambda e=entrega, f=toma.ficha: mesa.opinar(elenco.capacitadora, e, f, Veredicto.VALIDADA),
                lambda n=n: mesa.mapear(elenco.mapeadora, n),
            ]
        )
    with mesa.bd.lectura() as sesion:
        tarde = sesion.execute(
            text("""SELECT count(*) FROM dictamen d JOIN historial h ON h.proyecto_id = d.proyecto_id AND h.numero = d.numero
                     WHERE d.clase = 'ciega' AND h.accion = 'entrega' AND h.id > d.entrega AND h.cuando < d.cuando""")
        ).scalar_one()
    assert tarde == 0
    assert mesa.todo_cuadra()


def test_atender_muchas_veces_a_la_vez_es_una_y_no_se_cruza_con_la_entrega(mesa, elenco):
    for n, _e, _d in devueltas(mesa)[:10]:
        senalado = mesa.uno("SELECT max(id) FROM senalamiento WHERE numero = :n", n=n)
        pedido = {"persona_id": elenco.mapeadora, "numero": n, "senalamiento_id": senalado}
        atender = [lambda p=pedido: mesa.hacer(servicio.atender, **p, hecho=True)] * 4
        resultados = a_la_vez([*atender, lambda n=n: mesa.mapear(elenco.mapeadora, n)])
        assert all(r is None or isinstance(r, YaNoSeCorrige) for r in resultados[:4])
        guardados = mesa.uno("SELECT count(*) FROM senalamiento_atendido WHERE senalamiento_id = :s", s=senalado)
        assert guardados == (1 if any(r is None for r in resultados[:4]) else 0)
    assert mesa.todo_cuadra()
