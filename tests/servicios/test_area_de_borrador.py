"""Cambiar el área de un borrador y poner prioridades, también cuando varias personas lo hacen a la vez."""

import threading
import time

import pytest
from sqlalchemy import text

from tareas.comun.errores import ErrorTequio
from tareas.comun.permisos import Actor, Papel
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.errores import EsBorrador, NadaQueHacer
from tareas.mapeo.reglas import Para
from tareas.proyectos import consultas, servicio
from tareas.proyectos.consultas import conteos, tareas_geojson, visible
from tareas.proyectos.errores import (
    AreaFija,
    CambiosDePrioridadIntocables,
    NingunaTareaDentro,
    OtraDivision,
    TareasConHistoria,
    TareasQueNoHay,
)
from tareas.proyectos.formularios import NuevoProyecto
from tareas.proyectos.presentacion import dicho_en_tramos
from tests.fabrica import OESTE, SUR, proyecto
from tests.servicios.test_mapeo_en_paralelo import a_la_vez

CUADROS = {"tipo": "cuadros", "lado_m": 300.0, "recortar": True}
CHICOS = {"tipo": "hexagonos", "lado_m": 120.0, "recortar": True}
SIN_CAMBIO = {"municipio": None, "area": None, "reparar": False}


@pytest.fixture
def funcionaria(elenco):
    return Actor(elenco.funcionaria, "funcionaria", papeles=frozenset({(elenco.municipio, Papel.FUNCIONARIO)}))


@pytest.fixture
def borrador(bd, elenco, funcionaria):
    datos = {
        "municipio": elenco.municipio,
        "nombre": "Barrio del Río",
        "descripcion": "Qué",
        "instrucciones": "Cómo",
        "visibilidad": "privada",
        "prioridad": 10,
        "minutos_bloqueo": 60,
        "etiquetas_conjunto": "#rio",
        "division": CUADROS,
    }
    pedido = NuevoProyecto.model_validate(datos)
    with bd.transaccion() as sesion:
        return servicio.crear(sesion, funcionaria, pedido.model_dump(), pedido.division_pedida()).id


def cambiar(bd, actor, proyecto_id, pedido=SIN_CAMBIO, division=CHICOS, version=None):
    with bd.transaccion() as sesion:
        return servicio.cambiar_area(sesion, actor, visible(sesion, actor, proyecto_id), pedido, division, version)


def guardado(bd, proyecto_id):
    with bd.lectura() as sesion:
        return sesion.execute(
            text("""SELECT p.estado, p.version, p.tareas_total, p.division->>'tipo' AS tipo, p.nombre, p.instrucciones, p.visibilidad,
                           p.prioridad, p.minutos_bloqueo, p.etiquetas_conjunto, md5(ST_AsBinary(p.area)) AS area,
                           (SELECT count(*) FROM tarea t WHERE t.proyecto_id = p.id) AS tareas,
                           (SELECT max(numero) FROM tarea t WHERE t.proyecto_id = p.id) AS ultima,
                           (SELECT md5(string_agg(ST_AsBinary(t.geom)::text, '' ORDER BY numero)) FROM tarea t WHERE t.proyecto_id = p.id) AS formas
                      FROM proyecto p WHERE p.id = :p"""),
            {"p": proyecto_id},
        ).one()


def test_dividir_de_nuevo_conserva_el_area_y_lo_demas(bd, funcionaria, borrador):
    antes = guardado(bd, borrador)
    hecho = cambiar(bd, funcionaria, borrador)
    ahora = guardado(bd, borrador)
    assert (ahora.tipo, ahora.version) == ("hexagonos", antes.version + 1)
    assert ahora.tareas == ahora.tareas_total == ahora.ultima == hecho.tareas > antes.tareas
    conservado = (
        "area",
        "nombre",
        "instrucciones",
        "visibilidad",
        "prioridad",
        "minutos_bloqueo",
        "etiquetas_conjunto",
    )
    assert [getattr(ahora, c) for c in conservado] == [getattr(antes, c) for c in conservado]


def test_los_contadores_recordados_siguen_a_la_division_nueva(bd, funcionaria, borrador):
    with bd.lectura() as sesion:
        assert conteos(sesion, [borrador])[borrador]["pendiente"] == guardado(bd, borrador).tareas
    cambiar(bd, funcionaria, borrador)
    with bd.lectura() as sesion:
        assert conteos(sesion, [borrador])[borrador]["pendiente"] == guardado(bd, borrador).tareas


def test_lo_que_no_sirve_deja_el_borrador_como_estaba(bd, funcionaria, borrador):
    antes = guardado(bd, borrador)
    lejos = {"type": "Polygon", "coordinates": [[[-97, 20], [-96.9, 20], [-96.9, 20.1], [-97, 20.1], [-97, 20]]]}
    for pedido, division in (
        ({**SIN_CAMBIO, "area": lejos}, CUADROS),
        (SIN_CAMBIO, {**CUADROS, "lado_m": 0.01}),
        ({**SIN_CAMBIO, "area": {"type": "Point", "coordinates": [-98.75, 20.1]}}, CUADROS),
    ):
        with pytest.raises(Exception, match=r".+"):
            cambiar(bd, funcionaria, borrador, pedido, division)
        assert guardado(bd, borrador) == antes


def test_lo_publicado_ya_no_cambia_de_area_ni_desde_sql(bd, funcionaria, borrador):
    with bd.transaccion() as sesion:
        servicio.publicar(sesion, borrador)
    with pytest.raises(AreaFija):
        cambiar(bd, funcionaria, borrador)
    for columna in ("area = ST_Translate(area, 0, 0.1)", "division = '{}'", "municipio_id = municipio_id + 1"):
        with pytest.raises(AreaFija), bd.transaccion() as sesion:
            sesion.execute(text(f"UPDATE proyecto SET {columna} WHERE id = :p"), {"p": borrador})


def test_publicar_y_cambiar_el_area_a_la_vez_nunca_se_mezclan(bd, funcionaria, borrador):
    """Gane quien gane, lo publicado es una división entera: la vieja o la nueva."""

    def publicar():
        with bd.transaccion() as sesion:
            servicio.publicar(sesion, borrador)

    antes = guardado(bd, borrador)
    finales = set()
    for ronda in range(10):
        with bd.transaccion() as sesion:
            sesion.execute(
                text("UPDATE proyecto SET estado = 'borrador', publicado = NULL WHERE id = :p"), {"p": borrador}
            )
        cambiar(bd, funcionaria, borrador, division=CUADROS)
        nueva = {**CHICOS, "lado_m": 110.0 + ronda}

        # Con un poco de ventaja para uno u otra: dividir tarda más que publicar.
        def publicar_despues(espera=0.004 * ronda):
            time.sleep(espera)
            publicar()

        resultados = a_la_vez([lambda n=nueva: cambiar(bd, funcionaria, borrador, division=n), publicar_despues])
        cambio, publicado = resultados
        assert publicado is None
        assert isinstance(cambio, servicio.Creado | AreaFija)
        ahora = guardado(bd, borrador)
        assert ahora.estado == "publicado"
        assert ahora.tareas == ahora.tareas_total == ahora.ultima
        assert ahora.tipo == ("cuadros" if isinstance(cambio, AreaFija) else "hexagonos")
        if ahora.tipo == "cuadros":
            assert ahora.formas == antes.formas
        finales.add(ahora.tipo)
    assert finales


def test_con_el_proyecto_ya_publicandose_el_cambio_espera_y_se_rechaza(bd, funcionaria, borrador):
    """La carrera de verdad: el cambio ya pasó su revisión y publicar confirma antes de que escriba."""
    antes = guardado(bd, borrador)
    with bd.transaccion() as publica:
        servicio.publicar(publica, borrador)
        resultado = []

        def intentar():
            try:
                resultado.append(cambiar(bd, funcionaria, borrador))
            except ErrorTequio as error:
                resultado.append(error)

        hilo = threading.Thread(target=intentar)
        hilo.start()
        hilo.join(1.0)
        assert hilo.is_alive(), "el cambio debía esperar a quien publica"
    hilo.join(10)
    assert isinstance(resultado[0], AreaFija)
    ahora = guardado(bd, borrador)
    assert (ahora.estado, ahora.formas, ahora.version) == ("publicado", antes.formas, antes.version)


def test_de_varios_cambios_a_la_vez_gana_uno_entero(bd, funcionaria, borrador):
    version = guardado(bd, borrador).version
    divisiones = [{**CUADROS, "lado_m": 150.0 + 30 * i} for i in range(5)]
    resultados = a_la_vez(
        [lambda d=d: cambiar(bd, funcionaria, borrador, division=d, version=version) for d in divisiones]
    )
    hechos = [r for r in resultados if isinstance(r, servicio.Creado)]
    assert len(hechos) == 1
    assert all(isinstance(r, OtraDivision) for r in resultados if r not in hechos)
    ahora = guardado(bd, borrador)
    assert ahora.tareas == ahora.tareas_total == ahora.ultima == hechos[0].tareas


def test_en_un_borrador_no_se_comenta_y_si_ya_habia_historia_se_dice(bd, elenco, funcionaria, borrador):
    with pytest.raises(EsBorrador), bd.transaccion() as sesion:
        mapeo.comentar(sesion, persona_id=elenco.capacitadora, proyecto_id=borrador, numero=1, nota="Ojo")
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id, nota)
                    VALUES (:m, :p, 1, 'comentario', :q, 'De antes')"""),
            {"m": elenco.municipio, "p": borrador, "q": elenco.capacitadora},
        )
    with pytest.raises(TareasConHistoria):
        cambiar(bd, funcionaria, borrador)
    with pytest.raises(TareasConHistoria), bd.transaccion() as sesion:
        servicio.borrar(sesion, borrador)


# --- Tareas por lotes ---------------------------------------------------------------------------------------------------


def test_las_tareas_salen_por_lotes_y_ninguna_conexion_queda_ocupada(bd, elenco, funcionaria, monkeypatch):
    monkeypatch.setattr("tareas.proyectos.consultas.LOTE_DE_TAREAS", 4)
    with bd.lectura() as sesion:
        ficha = visible(sesion, funcionaria, elenco.proyecto)
    lotes = tareas_geojson(bd.lectura, ficha, None)
    assert next(lotes).numeros == [1, 2, 3, 4]
    assert bd.motor.pool.checkedout() == 0
    lotes.close()
    assert bd.motor.pool.checkedout() == 0
    assert [lote.numeros for lote in tareas_geojson(bd.lectura, ficha, None)] == [[1, 2, 3, 4], [5, 6, 7, 8], [9]]
    abajo = (OESTE, SUR, OESTE + 0.0025, SUR + 0.0005)
    assert [lote.numeros for lote in tareas_geojson(bd.lectura, ficha, None, caja=abajo)] == [[1, 2, 3]]


def test_si_se_divide_de_nuevo_a_media_descarga_se_corta_y_no_se_mezcla(bd, funcionaria, borrador, monkeypatch):
    monkeypatch.setattr("tareas.proyectos.consultas.LOTE_DE_TAREAS", 4)
    with bd.lectura() as sesion:
        ficha = visible(sesion, funcionaria, borrador)
    lotes = tareas_geojson(bd.lectura, ficha, None)
    next(lotes)
    cambiar(bd, funcionaria, borrador)
    with pytest.raises(OtraDivision):
        list(lotes)


# --- Prioridades --------------------------------------------------------------------------------------------------------


def poner(bd, actor, proyecto_id, prioridad, **cuales):
    with bd.transaccion() as sesion:
        return servicio.poner_prioridad(
            sesion, visible(sesion, actor, proyecto_id), prioridad, persona_id=actor.id or 0, **cuales
        )


def prioridades(bd, proyecto_id):
    with bd.lectura() as sesion:
        filas = sesion.execute(
            text("SELECT numero, prioridad FROM tarea WHERE proyecto_id = :p ORDER BY numero"), {"p": proyecto_id}
        )
        return {f.numero: f.prioridad for f in filas}


def test_prioridad_por_numeros_y_repetirla_no_cambia_nada(bd, elenco, funcionaria):
    hecho = poner(bd, funcionaria, elenco.proyecto, "urgente", numeros=[3, 7, 3])
    assert (hecho.tareas, hecho.cambiadas) == (2, 2)
    hecho = poner(bd, funcionaria, elenco.proyecto, "urgente", numeros=[3, 7])
    assert (hecho.tareas, hecho.cambiadas) == (2, 0)
    assert {n for n, p in prioridades(bd, elenco.proyecto).items() if p == 20} == {3, 7}
    with pytest.raises(TareasQueNoHay) as error:
        poner(bd, funcionaria, elenco.proyecto, "baja", numeros=[1, 10, 11])
    assert error.value.datos["numeros"] == "10, 11"
    assert prioridades(bd, elenco.proyecto)[1] == 0


def test_queda_anotado_quien_cambio_que_tareas_y_no_se_borra(bd, elenco, funcionaria, borrador):
    poner(bd, funcionaria, elenco.proyecto, "urgente", numeros=[3, 4, 7])
    poner(bd, funcionaria, elenco.proyecto, "urgente", numeros=[3, 4, 7])
    poner(bd, funcionaria, elenco.proyecto, "urgente", numeros=[7, 8])
    with bd.lectura() as sesion:
        anotado = consultas.cambios_de_prioridad(sesion, elenco.proyecto)
        quien = sesion.execute(text("SELECT nombre FROM persona WHERE id = :p"), {"p": funcionaria.id}).scalar_one()
    assert [(c.persona, c.prioridad, c.numeros, c.tareas) for c in anotado] == [
        (quien, 20, [8], 1),
        (quien, 20, [3, 4, 7], 3),
    ]
    assert dicho_en_tramos(anotado[1].numeros, 3) == "3–4, 7"
    for orden in (
        "DELETE FROM cambio_prioridad",
        "UPDATE cambio_prioridad SET prioridad = 0",
        "TRUNCATE cambio_prioridad",
    ):
        with pytest.raises(CambiosDePrioridadIntocables), bd.transaccion() as sesion:
            sesion.execute(text(orden))
    # Con su borrador sí se va.
    poner(bd, funcionaria, borrador, "alta", numeros=[1])
    with bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM proyecto WHERE id = :p"), {"p": borrador})


def test_prioridad_por_area_toma_las_que_tienen_su_centro_dentro(bd, elenco, funcionaria):
    def cuadro(ancho, alto):
        o, s, e, n = OESTE - 0.0001, SUR - 0.0001, OESTE + ancho, SUR + alto
        return {"type": "Polygon", "coordinates": [[[o, s], [e, s], [e, n], [o, n], [o, s]]]}

    hecho = poner(bd, funcionaria, elenco.proyecto, "alta", area=cuadro(0.0018, 0.0011))
    assert hecho.tareas == 2
    assert {n for n, p in prioridades(bd, elenco.proyecto).items() if p == 10} == {1, 2}
    with pytest.raises(NingunaTareaDentro):
        poner(bd, funcionaria, elenco.proyecto, "alta", area=cuadro(0.0002, 0.0002))


def test_con_los_numeros_de_otra_division_no_se_cambia_nada(bd, funcionaria, borrador):
    with pytest.raises(OtraDivision):
        poner(bd, funcionaria, borrador, "alta", numeros=[1], version=99)


def test_se_reparte_primero_lo_urgente_y_al_final_lo_bajo(bd, elenco, funcionaria):
    poner(bd, funcionaria, elenco.proyecto, "baja", numeros=[1, 2, 3, 4, 5, 6, 7, 8])
    poner(bd, funcionaria, elenco.proyecto, "urgente", numeros=[6])
    dadas = []
    for quien in (elenco.mapeadora, elenco.mapeador, elenco.validadora):
        with bd.transaccion() as sesion:
            toma = mapeo.tomar_siguiente(
                sesion, persona_id=quien, proyecto_id=elenco.proyecto, total=9, para=Para.MAPEAR
            )
        dadas.append(toma.numero)
    assert dadas[:2] == [6, 9]
    assert dadas[2] in {1, 2, 3, 4, 5, 7, 8}


def test_pedir_una_tarea_mientras_se_ponen_prioridades_espera_y_la_recibe(bd, elenco, funcionaria, entrar):
    dada = []
    cliente = entrar(elenco.mapeadora)

    def pedir():
        dada.append(cliente.post(f"/api/v1/proyectos/{elenco.proyecto}/tareas/siguiente", json={}))

    with bd.transaccion() as sesion:
        servicio.poner_prioridad(
            sesion,
            visible(sesion, funcionaria, elenco.proyecto),
            "baja",
            persona_id=funcionaria.id,
            numeros=range(1, 9),
        )
        servicio.poner_prioridad(
            sesion, visible(sesion, funcionaria, elenco.proyecto), "urgente", persona_id=funcionaria.id, numeros=[9]
        )
        hilo = threading.Thread(target=pedir)
        hilo.start()
        hilo.join(0.7)
        assert hilo.is_alive()
    hilo.join(10)
    assert (dada[0].status_code, dada[0].json["numero"]) == (201, 9)


def test_prioridades_cruzadas_y_tomas_a_la_vez_no_se_traban(bd, elenco, funcionaria):
    grande = proyecto(bd, elenco.municipio, columnas=20, renglones=20)

    def pintar(prioridad, numeros):
        return lambda: [poner(bd, funcionaria, grande, p, numeros=numeros) for p in (prioridad, "normal", prioridad)]

    def tomar(quien):
        def pedir(esperar):
            with bd.transaccion() as sesion:
                return mapeo.tomar_siguiente(
                    sesion, persona_id=quien, proyecto_id=grande, total=400, para=Para.MAPEAR, esperar=esperar
                )

        def correr():
            for _vez in range(4):
                try:
                    toma = pedir(esperar=False)
                except NadaQueHacer:
                    toma = pedir(esperar=True)
                with bd.transaccion() as sesion:
                    mapeo.soltar(sesion, persona_id=quien, proyecto_id=grande, numero=toma.numero, ficha=toma.ficha)

        return correr

    numeros = list(range(1, 401))
    resultados = a_la_vez(
        [pintar("alta", numeros), pintar("urgente", numeros[::-1]), tomar(elenco.mapeadora), tomar(elenco.mapeador)]
    )
    assert [r for r in resultados if isinstance(r, Exception)] == []
    assert len(set(prioridades(bd, grande).values())) == 1
