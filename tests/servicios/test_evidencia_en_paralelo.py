"""Asentar desde muchos lados a la vez, y mientras siguen llegando cambios, deja lo mismo que hacerlo una vez."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tareas.calidad.evidencia import consultas, servicio
from tests.fabrica import proyecto
from tests.mundo_evidencia import Taller, casa, min_

YO, TURNOS = 501, 30


@pytest.fixture
def taller(bd, elenco):
    campo = proyecto(bd, elenco.municipio, columnas=TURNOS, renglones=1)
    t = Taller(bd, campo)
    t.vincular(elenco.mapeadora, YO)
    for n in range(TURNOS):
        t.edificio(YO, min_(20 * n + 5), n, casa(1, 0.3 + n))
        t.turno(elenco.mapeadora, n + 1, min_(20 * n), min_(20 * n + 9))
    t.datos_hasta(min_(10_000))
    return t


def _asentar(taller):
    with taller.bd.transaccion() as sesion:
        return servicio.asentar(sesion)


def _filas(taller):
    with taller.bd.lectura() as sesion:
        assert consultas.diferencias(sesion) == []
        return sesion.execute(text("SELECT numero, edificios FROM evidencia ORDER BY numero")).all()


def test_cada_turno_se_asienta_una_vez_aunque_lo_hagan_ocho(taller):
    with ThreadPoolExecutor(8) as hilos:
        asentados = list(hilos.map(lambda _: _asentar(taller), range(16)))
    assert sum(asentados) == TURNOS
    assert _filas(taller) == [(n + 1, 1) for n in range(TURNOS)]


def test_lo_que_llega_mientras_se_asienta_no_se_pierde(taller):
    def llega(n):
        taller.edificio(YO, min_(20 * n + 6), 1000 + n, casa(1, 0.6 + n))
        return 0

    with ThreadPoolExecutor(8) as hilos:
        tareas = []
        for n in range(TURNOS):
            tareas += [hilos.submit(llega, n), hilos.submit(_asentar, taller)]
        for tarea in tareas:
            tarea.result(timeout=60)
    _asentar(taller)
    assert _filas(taller) == [(n + 1, 2) for n in range(TURNOS)]


def test_quien_solo_lee_no_espera_a_quien_escribe(taller, bd):
    """Con una escritura de cambios a medias, la lectura cuenta al vuelo y no asienta nada."""
    with bd.transaccion() as escribe:
        escribe.execute(
            text(
                "INSERT INTO osm_cambio (tipo, osm_id, version, accion, uid, cuando) VALUES ('n', 1, 1, 'crear', 9, now())"
            )
        )
        with bd.lectura() as lee:
            assert servicio.asentar_si_toca(lee, taller.proyecto) == 0
            assert consultas.de_tarea(lee, taller.proyecto, 1)[0]["edificios"] == 1
