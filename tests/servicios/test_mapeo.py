"""Tomar, soltar, entregar, dictaminar y deshacer, por los servicios, contra PostGIS."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tareas.comun import reloj
from tareas.mapeo import consultas, servicio
from tareas.mapeo.errores import (
    BloqueoPerdido,
    EstadoNoPermite,
    HistorialIntocable,
    NadaQueDeshacer,
    NadaQueHacer,
    NoEsTuPaso,
    ProyectoCerrado,
    Reservada,
    TareaDesconocida,
    TareaOcupada,
    TrabajoPropio,
    YaTienesOtra,
)
from tareas.mapeo.reglas import Estado, Para, Resultado
from tareas.validacion import servicio as validacion
from tareas.validacion.reglas import Veredicto


class Mesa:
    """Atajos: cada acción en su propia transacción, como en la web."""

    def __init__(self, bd, elenco):
        self.bd, self.elenco, self.proyecto = bd, elenco, elenco.proyecto
        self.hora = None

    def _hacer(self, funcion, **datos):
        with self.bd.transaccion() as sesion:
            if self.hora:
                reloj.fijar(sesion, self.hora)
            return funcion(sesion, proyecto_id=self.proyecto, **datos)

    def tomar(self, persona, numero, para=Para.MAPEAR):
        return self._hacer(servicio.tomar, persona_id=persona, numeros=[numero], para=para)[0]

    def entregar(self, persona, numero, ficha, resultado=Resultado.MAPEADA, nota=None):
        return self._hacer(
            servicio.entregar, persona_id=persona, numero=numero, ficha=ficha, resultado=resultado, nota=nota
        )

    def mapear(self, persona, numero):
        return self.entregar(persona, numero, self.tomar(persona, numero).ficha)

    def dictaminar(self, persona, numero, veredicto, motivos=()):
        ficha = self.tomar(persona, numero, Para.VALIDAR).ficha
        return self._hacer(
            validacion.dictaminar, persona_id=persona, numero=numero, ficha=ficha, veredicto=veredicto, motivos=motivos
        )

    def soltar(self, persona, numero, ficha=None, coordina=False):
        return self._hacer(servicio.soltar, persona_id=persona, numero=numero, ficha=ficha, coordina=coordina)

    def deshacer(self, persona, numero, coordina=False):
        return self._hacer(
            servicio.deshacer, persona_id=persona, numero=numero, motivo="me equivoqué", coordina=coordina
        )

    def siguiente(self, persona, **datos):
        return self._hacer(servicio.tomar_siguiente, persona_id=persona, total=9, para=Para.MAPEAR, **datos)

    def estado(self, numero):
        with self.bd.lectura() as sesion:
            consulta = text("SELECT estado FROM tarea WHERE proyecto_id = :p AND numero = :n")
            return Estado(sesion.execute(consulta, {"p": self.proyecto, "n": numero}).scalar_one())

    def acciones(self, numero):
        with self.bd.lectura() as sesion:
            return [p["accion"] for p in consultas.historial(sesion, self.proyecto, numero)]


@pytest.fixture
def mesa(bd, elenco):
    return Mesa(bd, elenco)


def test_quien_toma_una_tarea_la_entrega_y_queda_mapeada(mesa, elenco):
    toma = mesa.tomar(elenco.mapeadora, 5)
    paso = mesa.entregar(elenco.mapeadora, 5, toma.ficha, nota="había poco")
    assert paso.estado is Estado.MAPEADA
    assert mesa.estado(5) is Estado.MAPEADA
    assert mesa.acciones(5) == ["bloqueo", "entrega"]


def test_una_tarea_tomada_no_se_da_a_otra_persona(mesa, elenco):
    mesa.tomar(elenco.mapeadora, 5)
    with pytest.raises(TareaOcupada):
        mesa.tomar(elenco.mapeador, 5)


def test_una_persona_no_mapea_dos_tareas_a_la_vez(mesa, elenco):
    mesa.tomar(elenco.mapeadora, 1)
    with pytest.raises(YaTienesOtra):
        mesa.tomar(elenco.mapeadora, 2)


def test_un_bloqueo_vencido_esta_libre_en_ese_mismo_momento(mesa, elenco):
    mesa.tomar(elenco.mapeadora, 5)
    mesa.hora = datetime.now(UTC) + timedelta(minutes=119, seconds=50)
    with pytest.raises(TareaOcupada):
        mesa.tomar(elenco.mapeador, 5)
    mesa.hora += timedelta(seconds=20)
    assert mesa.tomar(elenco.mapeador, 5).numero == 5
    assert mesa.acciones(5) == ["bloqueo", "vencimiento", "bloqueo"]


def test_a_quien_se_le_vencio_una_tarea_puede_tomar_otra(mesa, elenco):
    mesa.tomar(elenco.mapeadora, 1)
    mesa.hora = datetime.now(UTC) + timedelta(hours=3)
    assert mesa.tomar(elenco.mapeadora, 2).numero == 2


def test_la_ficha_crece_en_cada_toma_de_una_tarea(mesa, elenco):
    primera = mesa.tomar(elenco.mapeadora, 5)
    mesa.soltar(elenco.mapeadora, 5, primera.ficha)
    segunda = mesa.tomar(elenco.mapeador, 5)
    assert segunda.ficha > primera.ficha


def test_una_ficha_vieja_no_entrega_y_la_nota_no_se_pierde(mesa, elenco):
    vieja = mesa.tomar(elenco.mapeadora, 5)
    mesa.hora = datetime.now(UTC) + timedelta(hours=3)
    mesa.tomar(elenco.mapeador, 5)
    with pytest.raises(BloqueoPerdido) as rechazo:
        mesa.entregar(elenco.mapeadora, 5, vieja.ficha, nota="tres casas nuevas")
    assert rechazo.value.datos["nota"] == "tres casas nuevas"
    assert mesa.estado(5) is Estado.PENDIENTE


def test_con_el_turno_vencido_no_se_entrega_aunque_nadie_la_haya_tomado(mesa, elenco):
    toma = mesa.tomar(elenco.mapeadora, 5)
    mesa.hora = datetime.now(UTC) + timedelta(hours=3)
    with pytest.raises(BloqueoPerdido):
        mesa.entregar(elenco.mapeadora, 5, toma.ficha)


def test_repetir_una_entrega_da_el_mismo_paso_y_no_escribe_otro(mesa, elenco):
    toma = mesa.tomar(elenco.mapeadora, 5)
    primero = mesa.entregar(elenco.mapeadora, 5, toma.ficha)
    segundo = mesa.entregar(elenco.mapeadora, 5, toma.ficha)
    assert segundo.id == primero.id
    assert mesa.acciones(5) == ["bloqueo", "entrega"]


def test_extender_da_de_nuevo_el_tiempo_completo(mesa, elenco):
    toma = mesa.tomar(elenco.mapeadora, 5)
    mesa.hora = datetime.now(UTC) + timedelta(minutes=100)
    nueva = mesa._hacer(servicio.extender, persona_id=elenco.mapeadora, numero=5, ficha=toma.ficha)
    assert nueva.vence - toma.vence > timedelta(minutes=99)
    assert nueva.ficha == toma.ficha


def test_soltar_dos_veces_no_es_un_error(mesa, elenco):
    toma = mesa.tomar(elenco.mapeadora, 5)
    assert mesa.soltar(elenco.mapeadora, 5, toma.ficha)
    assert not mesa.soltar(elenco.mapeadora, 5, toma.ficha)
    assert mesa.acciones(5) == ["bloqueo", "liberacion"]


def test_nadie_suelta_la_tarea_de_otra_persona_salvo_quien_coordina(mesa, elenco):
    mesa.tomar(elenco.mapeadora, 5)
    assert not mesa.soltar(elenco.mapeador, 5)
    assert mesa.soltar(elenco.capacitadora, 5, coordina=True)


def test_nadie_revisa_lo_que_mapeo(mesa, elenco):
    mesa.mapear(elenco.validadora, 5)
    with pytest.raises(TrabajoPropio):
        mesa.tomar(elenco.validadora, 5, Para.VALIDAR)


def test_tampoco_despues_de_que_se_devolvio_y_la_termino_otra_persona(mesa, elenco):
    mesa.mapear(elenco.validadora, 5)
    mesa.dictaminar(elenco.capacitadora, 5, Veredicto.DEVUELTA, ["E-FALT"])
    mesa.hora = datetime.now(UTC) + timedelta(days=8)
    mesa.mapear(elenco.mapeadora, 5)
    with pytest.raises(TrabajoPropio):
        mesa.tomar(elenco.validadora, 5, Para.VALIDAR)


def test_una_tarea_devuelta_va_primero_a_quien_la_mapeo(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    mesa.dictaminar(elenco.validadora, 5, Veredicto.DEVUELTA, ["E-DESP"])
    assert mesa.estado(5) is Estado.DEVUELTA
    with pytest.raises(Reservada):
        mesa.tomar(elenco.mapeador, 5)
    assert mesa.siguiente(elenco.mapeadora).numero == 5


def test_pasada_la_reserva_cualquiera_toma_lo_devuelto(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    mesa.dictaminar(elenco.validadora, 5, Veredicto.DEVUELTA, ["E-DESP"])
    mesa.hora = datetime.now(UTC) + timedelta(days=7, minutes=1)
    assert mesa.tomar(elenco.mapeador, 5).numero == 5


def test_si_quien_la_mapeo_la_suelta_queda_libre_para_las_demas(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    mesa.dictaminar(elenco.validadora, 5, Veredicto.DEVUELTA, ["E-DESP"])
    mesa.soltar(elenco.mapeadora, 5, mesa.tomar(elenco.mapeadora, 5).ficha)
    assert mesa.tomar(elenco.mapeador, 5).numero == 5


def test_no_se_mapea_lo_mapeado_ni_se_valida_lo_pendiente(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    with pytest.raises(EstadoNoPermite):
        mesa.tomar(elenco.mapeador, 5)
    with pytest.raises(EstadoNoPermite):
        mesa.tomar(elenco.validadora, 1, Para.VALIDAR)


def test_una_tarea_sin_imagen_se_puede_volver_a_mapear(mesa, elenco):
    mesa.entregar(elenco.mapeadora, 5, mesa.tomar(elenco.mapeadora, 5).ficha, Resultado.SIN_IMAGEN)
    assert mesa.estado(5) is Estado.SIN_IMAGEN
    assert mesa.tomar(elenco.mapeador, 5).numero == 5


def test_en_un_proyecto_archivado_no_se_toma_nada(mesa, elenco, bd):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET estado = 'archivado'"))
    with pytest.raises(ProyectoCerrado):
        mesa.tomar(elenco.mapeadora, 5)


def test_una_tarea_que_no_existe_se_dice(mesa, elenco):
    with pytest.raises(TareaDesconocida):
        mesa.tomar(elenco.mapeadora, 77)


def test_deshacer_vuelve_al_estado_anterior_con_su_motivo(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    mesa.deshacer(elenco.mapeadora, 5)
    assert mesa.estado(5) is Estado.PENDIENTE
    assert mesa.acciones(5) == ["bloqueo", "entrega", "deshacer"]
    with pytest.raises(NadaQueDeshacer):
        mesa.deshacer(elenco.mapeadora, 5)


def test_solo_quien_dio_el_paso_o_quien_coordina_lo_deshace(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    mesa.dictaminar(elenco.validadora, 5, Veredicto.VALIDADA)
    with pytest.raises(NoEsTuPaso):
        mesa.deshacer(elenco.mapeadora, 5)
    assert mesa.deshacer(elenco.capacitadora, 5, coordina=True).estado is Estado.MAPEADA
    assert mesa.deshacer(elenco.mapeadora, 5).estado is Estado.PENDIENTE


def test_deshacer_una_entrega_de_lo_devuelto_la_deja_esperando_a_su_autora(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    mesa.dictaminar(elenco.validadora, 5, Veredicto.DEVUELTA, ["E-FALT"])
    mesa.mapear(elenco.mapeadora, 5)
    mesa.deshacer(elenco.mapeadora, 5)
    with pytest.raises(Reservada):
        mesa.tomar(elenco.mapeador, 5)


def test_no_se_deshace_lo_que_alguien_tiene_en_sus_manos(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    mesa.tomar(elenco.validadora, 5, Para.VALIDAR)
    with pytest.raises(TareaOcupada):
        mesa.deshacer(elenco.mapeadora, 5)


def test_el_historial_no_se_borra_ni_se_cambia(mesa, elenco, bd):
    mesa.mapear(elenco.mapeadora, 5)
    for orden in ("DELETE FROM historial", "UPDATE historial SET nota = ''", "TRUNCATE historial CASCADE"):
        with pytest.raises(HistorialIntocable), bd.transaccion() as sesion:
            sesion.execute(text(orden))


def test_dame_una_tarea_da_una_vecina_de_la_ultima(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 1)
    assert mesa.siguiente(elenco.mapeadora).numero in {2, 4}


def test_dame_una_tarea_da_primero_la_de_mas_prioridad(mesa, elenco, bd):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE tarea SET prioridad = 2 WHERE numero = 9"))
    mesa.mapear(elenco.mapeadora, 1)
    assert mesa.siguiente(elenco.mapeadora).numero == 9


def test_dame_otra_evita_las_que_ya_dije_que_no(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 1)
    assert mesa.siguiente(elenco.mapeadora, evitar=[2, 4]).numero == 5


def test_quien_empieza_recibe_una_lejos_de_los_demas(mesa, elenco):
    mesa.tomar(elenco.mapeador, 1)
    assert mesa.siguiente(elenco.mapeadora).numero == 9


def test_cuando_no_queda_nada_se_dice(mesa, elenco):
    for numero in range(1, 10):
        mesa.mapear(elenco.mapeador, numero)
    with pytest.raises(NadaQueHacer):
        mesa.siguiente(elenco.mapeadora)


def test_los_cambios_desde_un_cursor_traen_tomas_entregas_y_vencimientos(mesa, elenco, bd):
    with bd.lectura() as sesion:
        antes = consultas.estados(sesion, mesa.proyecto)["cursor"]
    mesa.mapear(elenco.mapeadora, 5)
    mesa.tomar(elenco.mapeadora, 6)
    with bd.lectura() as sesion:
        cambios = consultas.cambios(sesion, mesa.proyecto, antes)
    assert cambios["cambios"] == [[5, 1], [6, 16]]
    mesa.hora = datetime.now(UTC) + timedelta(hours=3)
    with bd.transaccion() as sesion:
        reloj.fijar(sesion, mesa.hora)
        assert [6, 0] in consultas.cambios(sesion, mesa.proyecto, cambios["cursor"])["cambios"]


def test_un_cambio_que_empezo_antes_y_termino_despues_del_cursor_no_se_escapa(mesa, elenco, bd):
    lenta = bd.motor.connect()
    try:
        transaccion = lenta.begin()
        lenta.execute(
            text(
                "INSERT INTO bloqueo (proyecto_id, numero, municipio_id, persona_id, para, vence) VALUES (:p, 3, 0, :yo, 'mapear', 'infinity')"
            ),
            {"p": mesa.proyecto, "yo": elenco.mapeador},
        )
        mesa.mapear(elenco.mapeadora, 5)
        with bd.lectura() as sesion:
            cursor = consultas.estados(sesion, mesa.proyecto)["cursor"]
        transaccion.commit()
        with bd.lectura() as sesion:
            assert [3, 16] in consultas.cambios(sesion, mesa.proyecto, cursor)["cambios"]
    finally:
        lenta.close()


def test_la_hora_del_cursor_nunca_se_adelanta(mesa, bd):
    # Redondeada hacia arriba, un bloqueo que venciera en ese medio milisegundo no se vería vencer.
    with bd.transaccion() as sesion:
        reloj.fijar(sesion, datetime(2030, 1, 1, 0, 0, 0, 600, tzinfo=UTC))
        cursor = consultas.Cursor.leer(consultas.estados(sesion, mesa.proyecto)["cursor"])
    assert cursor.ms == datetime(2030, 1, 1, tzinfo=UTC).timestamp() * 1000


def test_quien_valida_recibe_la_que_mas_espera(mesa, elenco):
    for numero in (9, 1, 2):
        mesa.mapear(elenco.mapeadora, numero)
    mesa.dictaminar(elenco.validadora, 1, Veredicto.VALIDADA)
    assert mesa._hacer(servicio.tomar_siguiente, persona_id=elenco.validadora, total=9, para=Para.VALIDAR).numero == 9
