"""Lo que se cumple aunque muchas personas hagan lo mismo en el mismo instante."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tareas.mapeo import servicio
from tareas.mapeo.errores import BloqueoPerdido, NadaQueHacer, TareaOcupada, YaTienesOtra
from tareas.mapeo.reglas import Para, Resultado
from tareas.tableros.comprobar import comprobar
from tests.fabrica import persona, proyecto

PERSONAS = 12


@pytest.fixture
def gente(bd, elenco):
    return [persona(bd, f"persona{i}", (elenco.municipio, "mapeador")) for i in range(PERSONAS)]


def a_la_vez(funciones):
    """Corre las funciones con una salida común y devuelve resultados o errores, en orden."""
    barrera = threading.Barrier(len(funciones))

    def correr(funcion):
        barrera.wait()
        try:
            return funcion()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(funciones)) as equipo:
        return list(equipo.map(correr, funciones))


def tomar(bd, quien, proyecto_id, numero, para=Para.MAPEAR):
    with bd.transaccion() as sesion:
        return servicio.tomar(sesion, persona_id=quien, proyecto_id=proyecto_id, numeros=[numero], para=para)[0]


def test_de_muchas_personas_sobre_una_tarea_gana_una_sola(bd, elenco, gente):
    for numero in range(1, 10):
        resultados = a_la_vez([lambda quien=quien, n=numero: tomar(bd, quien, elenco.proyecto, n) for quien in gente])
        ganadoras = [i for i, r in enumerate(resultados) if isinstance(r, servicio.Toma)]
        assert len(ganadoras) == 1
        assert all(isinstance(r, TareaOcupada) for i, r in enumerate(resultados) if i not in ganadoras)
        with bd.transaccion() as sesion:
            servicio.soltar(
                sesion, persona_id=gente[ganadoras[0]], proyecto_id=elenco.proyecto, numero=numero, ficha=None
            )


def test_una_persona_con_muchas_ventanas_se_queda_con_una_sola_tarea(bd, elenco):
    for _ronda in range(8):
        resultados = a_la_vez([lambda n=n: tomar(bd, elenco.mapeadora, elenco.proyecto, n) for n in range(1, 9)])
        tomas = [r for r in resultados if isinstance(r, servicio.Toma)]
        assert len(tomas) == 1
        assert all(isinstance(r, YaTienesOtra) for r in resultados if not isinstance(r, servicio.Toma))
        with bd.transaccion() as sesion:
            servicio.soltar(
                sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numero=tomas[0].numero, ficha=None
            )


def test_un_bloqueo_vencido_lo_gana_una_sola_persona(bd, elenco, gente):
    with bd.transaccion() as sesion:
        sesion.execute(text("SELECT set_config('tequio.ahora', '2020-01-01T00:00:00Z', true)"))
        servicio.tomar(sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[5], para=Para.MAPEAR)
    resultados = a_la_vez([lambda quien=quien: tomar(bd, quien, elenco.proyecto, 5) for quien in gente])
    assert sum(isinstance(r, servicio.Toma) for r in resultados) == 1


def test_quienes_piden_a_la_vez_reciben_tareas_distintas(bd, elenco, gente):
    ancho = proyecto(bd, elenco.municipio, columnas=10, renglones=5)

    def pedir(quien):
        with bd.transaccion() as sesion:
            return servicio.tomar_siguiente(sesion, persona_id=quien, proyecto_id=ancho, total=50, para=Para.MAPEAR)

    resultados = a_la_vez([lambda quien=quien: pedir(quien) for quien in gente])
    assert all(isinstance(r, servicio.Toma) for r in resultados)
    assert len({r.numero for r in resultados}) == PERSONAS


def test_si_piden_mas_personas_que_tareas_nadie_comparte_y_a_las_demas_se_les_dice(bd, elenco, gente):
    def pedir(quien):
        with bd.transaccion() as sesion:
            return servicio.tomar_siguiente(
                sesion, persona_id=quien, proyecto_id=elenco.proyecto, total=9, para=Para.MAPEAR
            )

    resultados = a_la_vez([lambda quien=quien: pedir(quien) for quien in gente])
    numeros = [r.numero for r in resultados if isinstance(r, servicio.Toma)]
    assert len(numeros) == len(set(numeros)) <= 9
    assert all(isinstance(r, servicio.Toma | NadaQueHacer) for r in resultados)


def test_la_misma_entrega_repetida_a_la_vez_se_escribe_una_vez(bd, elenco):
    toma = tomar(bd, elenco.mapeadora, elenco.proyecto, 5)

    def entregar():
        with bd.transaccion() as sesion:
            return servicio.entregar(
                sesion,
                persona_id=elenco.mapeadora,
                proyecto_id=elenco.proyecto,
                numero=5,
                ficha=toma.ficha,
                resultado=Resultado.MAPEADA,
            )

    resultados = a_la_vez([entregar] * 6)
    assert len({r.id for r in resultados}) == 1
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM historial WHERE accion = 'entrega'")).scalar_one() == 1


def test_entregar_y_soltar_a_la_vez_deja_un_solo_final(bd, elenco):
    for numero in range(1, 10):
        toma = tomar(bd, elenco.mapeadora, elenco.proyecto, numero)

        def entregar(n=numero, ficha=toma.ficha):
            with bd.transaccion() as sesion:
                return servicio.entregar(
                    sesion,
                    persona_id=elenco.mapeadora,
                    proyecto_id=elenco.proyecto,
                    numero=n,
                    ficha=ficha,
                    resultado=Resultado.MAPEADA,
                )

        def soltar(n=numero, ficha=toma.ficha):
            with bd.transaccion() as sesion:
                return servicio.soltar(
                    sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numero=n, ficha=ficha
                )

        entrega, solto = a_la_vez([entregar, soltar])
        assert isinstance(entrega, BloqueoPerdido) == (solto is True)


def esperar_a_que_espere(bd, hilo):
    """Vuelve cuando alguna conexión de la base espera un candado."""
    consulta = text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    limite = time.monotonic() + 10
    while time.monotonic() < limite and hilo.is_alive():
        with bd.lectura() as sesion:
            if sesion.execute(consulta).scalar_one():
                return
        time.sleep(0.02)
    raise AssertionError("nadie esperó")


def mientras_alguien_la_toma(bd, quien, proyecto_id, numero, para, hacer, *, candado=None):
    """Resultado de ``hacer``, que empezó antes de que otra persona confirmara que tomó la tarea."""
    resultados = []

    def correr():
        try:
            resultados.append(hacer())
        except Exception as error:
            resultados.append(error)

    hilo = threading.Thread(target=correr)
    with bd.motor.connect() as otra:
        transaccion = otra.begin()
        if candado is not None:
            otra.execute(text("SELECT pg_advisory_xact_lock(:c)"), {"c": candado})
        otra.execute(
            text(
                "INSERT INTO bloqueo (proyecto_id, numero, municipio_id, persona_id, para, vence) "
                "VALUES (:p, :n, 0, :yo, :para, 'infinity')"
            ),
            {"p": proyecto_id, "n": numero, "yo": quien, "para": para.value},
        )
        hilo.start()
        esperar_a_que_espere(bd, hilo)
        transaccion.commit()
    hilo.join(20)
    return resultados[0]


def test_deshacer_no_le_quita_el_piso_a_quien_la_toma_en_ese_instante(bd, elenco):
    toma = tomar(bd, elenco.mapeadora, elenco.proyecto, 5)
    quien = {"persona_id": elenco.mapeadora, "proyecto_id": elenco.proyecto, "numero": 5}
    with bd.transaccion() as sesion:
        servicio.entregar(sesion, **quien, ficha=toma.ficha, resultado=Resultado.MAPEADA)

    def deshacer():
        with bd.transaccion() as sesion:
            return servicio.deshacer(sesion, **quien, motivo="me equivoqué", coordina=False)

    resultado = mientras_alguien_la_toma(bd, elenco.validadora, elenco.proyecto, 5, Para.VALIDAR, deshacer)
    assert isinstance(resultado, TareaOcupada)
    with bd.transaccion() as sesion:
        assert [r.nombre for r in comprobar(sesion) if r.cuantas] == []


def test_a_quien_pide_una_no_se_le_da_la_que_alguien_acaba_de_tomar(bd, elenco, monkeypatch):
    # La búsqueda mira la base, espera, y sólo después toma el turno: así dura lo bastante para que otra persona se
    # adelante.
    lenta = str(servicio.SQL["libre_cerca"]).replace(
        "SELECT t.numero FROM tarea t\n", "SELECT t.numero FROM (SELECT pg_advisory_xact_lock(77)) espera, tarea t\n", 1
    )
    lenta = lenta.replace("FOR NO KEY UPDATE SKIP", "FOR NO KEY UPDATE OF t SKIP")
    monkeypatch.setitem(servicio.SQL, "libre_cerca", text(lenta))

    def pedir():
        with bd.transaccion() as sesion:
            return servicio.tomar_siguiente(
                sesion,
                persona_id=elenco.mapeadora,
                proyecto_id=elenco.proyecto,
                total=9,
                para=Para.MAPEAR,
                cerca_de=5,
            )

    toma = mientras_alguien_la_toma(bd, elenco.mapeador, elenco.proyecto, 5, Para.MAPEAR, pedir, candado=77)
    assert isinstance(toma, servicio.Toma)
    assert toma.numero != 5
