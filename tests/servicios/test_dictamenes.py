"""El dictamen, lo que le dice a quien mapeó, la disputa y la segunda opinión: contra PostGIS de verdad."""

import random

import pytest
from sqlalchemy import text

from tareas.comun import reloj
from tareas.comun.errores import ErrorTequio
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.errores import BloqueoPerdido, NoEsTuPaso, TareaOcupada, TrabajoPropio
from tareas.mapeo.reglas import Estado, Para, Resultado
from tareas.tableros.comprobar import comprobar
from tareas.validacion import consultas, presentacion, reglas, servicio
from tareas.validacion.errores import (
    DictamenDesconocido,
    DisputaAjena,
    DisputaConTurno,
    DisputaDeOtraPersona,
    LugarLejos,
    NoSePuedeDisputar,
    SegundaCerrada,
    SegundaDeLaMisma,
    SegundaHecha,
    SegundaOcupada,
    YaSeDisputo,
)
from tareas.validacion.reglas import AL_AZAR_DE_CADA, DE_CADA, SAL_DE_LA_COLA, Veredicto, riesgo
from tests.fabrica import persona, proyecto

MOTIVO = "Sí están todas las casas de la manzana."


class Revisiones:
    """Atajos: quién hace qué en el proyecto del elenco."""

    def __init__(self, bd, elenco):
        self.bd, self.elenco, self.proyecto = bd, elenco, elenco.proyecto

    def hacer(self, funcion, **datos):
        with self.bd.transaccion() as sesion:
            return funcion(sesion, proyecto_id=self.proyecto, **datos)

    def mapear(self, quien, numero):
        toma = self.hacer(mapeo.tomar, persona_id=quien, numeros=[numero], para=Para.MAPEAR)[0]
        paso = self.hacer(
            mapeo.entregar, persona_id=quien, numero=numero, ficha=toma.ficha, resultado=Resultado.MAPEADA
        )
        return paso.id

    def dictaminar(self, quien, numero, veredicto, motivos=(), **mas):
        toma = self.hacer(mapeo.tomar, persona_id=quien, numeros=[numero], para=Para.VALIDAR)[0]
        return self.hacer(
            servicio.dictaminar,
            persona_id=quien,
            numero=numero,
            ficha=toma.ficha,
            veredicto=veredicto,
            motivos=motivos,
            **mas,
        )

    def devuelta(self, numero):
        entrega = self.mapear(self.elenco.mapeadora, numero)
        return entrega, self.dictaminar(self.elenco.validadora, numero, Veredicto.DEVUELTA, ["E-FALT"], nota="faltan")

    def disputar(self, quien, numero, dictamen):
        return self.hacer(servicio.disputar, persona_id=quien, numero=numero, dictamen_id=dictamen, motivo=MOTIVO)

    def deshacer(self, quien, numero, *, coordina=False):
        return self.hacer(mapeo.deshacer, persona_id=quien, numero=numero, motivo="me equivoqué", coordina=coordina)

    def sortear(self, entrega):
        """Como si el sorteo le hubiera tocado a esa entrega."""
        with self.bd.transaccion() as sesion:
            sesion.execute(
                text("""INSERT INTO segunda_revision (entrega, municipio_id, proyecto_id, numero, primera, primera_persona_id, autora_id)
                        SELECT entrega, municipio_id, proyecto_id, numero, id, persona_id, autora_id FROM dictamen WHERE entrega = :e AND clase = 'primera'
                        ON CONFLICT DO NOTHING"""),
                {"e": entrega},
            )

    def tomar_segunda(self, quien, entrega):
        return self.hacer(servicio.tomar_segunda, persona_id=quien, entrega=entrega)

    def opinar(self, quien, entrega, ficha, veredicto, **mas):
        return self.hacer(servicio.opinar, persona_id=quien, entrega=entrega, ficha=ficha, veredicto=veredicto, **mas)

    def uno(self, consulta, **datos):
        with self.bd.lectura() as sesion:
            return sesion.execute(text(consulta), datos).scalar_one_or_none()

    def estado(self, numero):
        return Estado(
            self.uno("SELECT estado FROM tarea WHERE proyecto_id = :p AND numero = :n", p=self.proyecto, n=numero)
        )

    def todo_cuadra(self):
        with self.bd.transaccion() as sesion:
            return [c for c in comprobar(sesion) if c.cuantas] == []


@pytest.fixture
def mesa(bd, elenco):
    return Revisiones(bd, elenco)


def test_un_dictamen_guarda_quien_de_quien_y_lo_que_dijo(mesa, elenco):
    entrega, paso = mesa.devuelta(5)
    fila = mesa.bd
    with fila.lectura() as sesion:
        d = sesion.execute(text("SELECT * FROM dictamen")).one()
        s = sesion.execute(text("SELECT codigo, numero FROM senalamiento")).one()
        r = sesion.execute(text("SELECT nota, fortaleza FROM retroalimentacion")).one()
    assert (d.entrega, d.paso, d.persona_id, d.autora_id) == (entrega, paso.id, elenco.validadora, elenco.mapeadora)
    assert (d.veredicto, d.clase, d.retro_id is not None) == ("devuelta", "primera", True)
    assert tuple(s) == ("E-FALT", 5)
    assert tuple(r) == ("faltan", None)
    assert mesa.todo_cuadra()


def test_repetir_el_dictamen_no_escribe_otra_retroalimentacion(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    toma = mesa.hacer(mapeo.tomar, persona_id=elenco.validadora, numeros=[5], para=Para.VALIDAR)[0]
    dicho = {"persona_id": elenco.validadora, "numero": 5, "ficha": toma.ficha, "veredicto": Veredicto.DEVUELTA}
    primero = mesa.hacer(servicio.dictaminar, **dicho, motivos=["E-FALT"])
    otra_vez = mesa.hacer(servicio.dictaminar, **dicho, motivos=["E-FALT"])
    assert (otra_vez.dictamen, otra_vez.repetido) == (primero.dictamen, True)
    assert mesa.uno("SELECT count(*) FROM retroalimentacion") == mesa.uno("SELECT count(*) FROM senalamiento") == 1


def test_con_arreglos_deja_la_tarea_validada(mesa, elenco):
    mesa.mapear(elenco.mapeadora, 5)
    mesa.dictaminar(elenco.validadora, 5, Veredicto.CON_ARREGLOS, ["E-ESC"], fortaleza="Los techos quedaron exactos.")
    assert mesa.estado(5) is Estado.VALIDADA
    assert mesa.uno("SELECT veredicto FROM dictamen") == "con_arreglos"


@pytest.mark.parametrize("tabla", ["dictamen", "retroalimentacion", "senalamiento"])
@pytest.mark.parametrize("orden", ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {} CASCADE"])
def test_lo_dictaminado_no_se_cambia_ni_se_borra(mesa, tabla, orden):
    mesa.devuelta(5)
    with pytest.raises(Exception, match="no se borra ni se cambia"), mesa.bd.transaccion() as sesion:
        sesion.execute(text(orden.format(tabla)))
    assert mesa.uno(f"SELECT count(*) FROM {tabla}") == 1


@pytest.mark.parametrize(
    ("wkt", "cerca"),
    [
        ("POINT(-98.7485 20.1015)", True),
        ("POINT(-98.7485 20.0990)", True),  # 111 m al sur de la tarea 2… y de su orilla
        ("POINT(-98.7485 20.0970)", False),  # 330 m
        ("LINESTRING(-98.7485 20.1005, -98.7485 20.2)", False),  # empieza dentro y se va lejos
        ("POLYGON((-99 20, -98 20, -98 21, -99 21, -99 20))", False),  # la rodea
    ],
)
def test_lo_dibujado_cae_entero_en_la_tarea_o_muy_cerca(mesa, elenco, wkt, cerca):
    import shapely

    mesa.mapear(elenco.mapeadora, 2)
    senalado = servicio.Senalado("E-FALT", lugar=shapely.to_wkb(shapely.from_wkt(wkt)))
    if cerca:
        mesa.dictaminar(elenco.validadora, 2, Veredicto.DEVUELTA, senalados=[senalado])
        assert mesa.uno("SELECT count(*) FROM senalamiento WHERE lugar IS NOT NULL") == 1
    else:
        with pytest.raises(LugarLejos):
            mesa.dictaminar(elenco.validadora, 2, Veredicto.DEVUELTA, senalados=[senalado])
        assert mesa.estado(2) is Estado.MAPEADA
        assert mesa.uno("SELECT count(*) FROM dictamen") == mesa.uno("SELECT count(*) FROM retroalimentacion") == 0


def test_la_disputa_la_resuelve_otra_persona_y_no_hay_segunda(mesa, elenco):
    _entrega, devolvio = mesa.devuelta(5)
    mesa.disputar(elenco.mapeadora, 5, devolvio.dictamen)
    assert mesa.estado(5) is Estado.MAPEADA
    with pytest.raises(DisputaDeOtraPersona):
        mesa.dictaminar(elenco.validadora, 5, Veredicto.DEVUELTA, ["E-FALT"])
    otro = mesa.dictaminar(elenco.capacitadora, 5, Veredicto.DEVUELTA, ["E-FALT"])
    assert mesa.uno("SELECT resultado FROM disputa") == "sostenida"
    assert mesa.uno("SELECT resuelta FROM disputa") == otro.dictamen
    assert mesa.uno("SELECT clase FROM dictamen WHERE id = :d", d=otro.dictamen) == "disputa"
    with pytest.raises(YaSeDisputo):
        mesa.disputar(elenco.mapeadora, 5, otro.dictamen)
    assert mesa.uno("SELECT reservada_a FROM tarea WHERE numero = 5") == elenco.mapeadora
    # Corregida y devuelta otra vez, es otra entrega.
    mesa.mapear(elenco.mapeadora, 5)
    nuevo = mesa.dictaminar(elenco.validadora, 5, Veredicto.DEVUELTA, ["E-ESC"])
    mesa.disputar(elenco.mapeadora, 5, nuevo.dictamen)
    mesa.dictaminar(elenco.capacitadora, 5, Veredicto.VALIDADA)
    assert mesa.uno("SELECT resultado FROM disputa ORDER BY id DESC LIMIT 1") == "a_favor"
    assert mesa.estado(5) is Estado.VALIDADA
    assert mesa.todo_cuadra()


def test_lo_que_no_se_puede_disputar_dice_por_que_y_nada_cambia(mesa, elenco):
    _entrega, devolvio = mesa.devuelta(5)
    with pytest.raises(DisputaAjena):
        mesa.disputar(elenco.mapeador, 5, devolvio.dictamen)
    with pytest.raises(DictamenDesconocido):
        mesa.disputar(elenco.mapeadora, 6, devolvio.dictamen)
    toma = mesa.hacer(mapeo.tomar, persona_id=elenco.mapeadora, numeros=[5], para=Para.MAPEAR)[0]
    with pytest.raises(DisputaConTurno):
        mesa.disputar(elenco.mapeadora, 5, devolvio.dictamen)
    mesa.hacer(mapeo.soltar, persona_id=elenco.mapeadora, numero=5, ficha=toma.ficha)
    mesa.hacer(mapeo.tomar, persona_id=elenco.mapeador, numeros=[5], para=Para.MAPEAR)
    with pytest.raises(TareaOcupada):
        mesa.disputar(elenco.mapeadora, 5, devolvio.dictamen)
    mesa.mapear(elenco.mapeadora, 6)
    acepto = mesa.dictaminar(elenco.validadora, 6, Veredicto.VALIDADA)
    with pytest.raises(NoSePuedeDisputar):
        mesa.disputar(elenco.mapeadora, 6, acepto.dictamen)
    assert mesa.uno("SELECT count(*) FROM disputa") == 0
    assert mesa.todo_cuadra()


def test_deshacer_deja_la_disputa_como_estaba(mesa, elenco):
    _entrega, devolvio = mesa.devuelta(5)
    mesa.disputar(elenco.mapeadora, 5, devolvio.dictamen)
    mesa.dictaminar(elenco.capacitadora, 5, Veredicto.VALIDADA)
    mesa.deshacer(elenco.capacitadora, 5)
    assert mesa.estado(5) is Estado.MAPEADA
    assert (
        mesa.uno("SELECT count(*) FROM disputa WHERE resuelta IS NULL AND resultado IS NULL AND retirada IS NULL") == 1
    )
    with pytest.raises(DisputaDeOtraPersona):
        mesa.dictaminar(elenco.validadora, 5, Veredicto.VALIDADA)
    # Quien la levantó la retira: la tarea vuelve a esperarla, y esa entrega ya no se disputa.
    with pytest.raises(NoEsTuPaso):
        mesa.deshacer(elenco.validadora, 5)
    mesa.deshacer(elenco.mapeadora, 5)
    assert mesa.estado(5) is Estado.DEVUELTA
    assert mesa.uno("SELECT reservada_a FROM tarea WHERE numero = 5") == elenco.mapeadora
    with pytest.raises(YaSeDisputo):
        mesa.disputar(elenco.mapeadora, 5, devolvio.dictamen)
    mesa.deshacer(elenco.validadora, 5)
    assert mesa.estado(5) is Estado.MAPEADA
    mesa.dictaminar(elenco.validadora, 5, Veredicto.VALIDADA)
    assert mesa.todo_cuadra()


def test_la_segunda_opinion_es_de_otra_persona_y_no_cambia_el_estado(mesa, elenco):
    entrega, _devolvio = mesa.devuelta(5)
    mesa.sortear(entrega)
    with pytest.raises(SegundaDeLaMisma):
        mesa.tomar_segunda(elenco.validadora, entrega)
    with pytest.raises(TrabajoPropio):
        mesa.tomar_segunda(elenco.mapeadora, entrega)
    toma = mesa.tomar_segunda(elenco.capacitadora, entrega)
    with pytest.raises(SegundaOcupada):
        mesa.tomar_segunda(elenco.administradora, entrega)
    assert mesa.tomar_segunda(elenco.capacitadora, entrega).ficha == toma.ficha
    with pytest.raises(BloqueoPerdido) as perdido:
        mesa.opinar(elenco.administradora, entrega, toma.ficha, Veredicto.VALIDADA, nota="ésta")
    assert perdido.value.datos["nota"] == "ésta"
    opinion = mesa.opinar(elenco.capacitadora, entrega, toma.ficha, Veredicto.VALIDADA, fortaleza="Todo escuadrado")
    assert not opinion.de_acuerdo
    assert mesa.opinar(elenco.capacitadora, entrega, toma.ficha, Veredicto.VALIDADA).repetida
    assert mesa.estado(5) is Estado.DEVUELTA
    with pytest.raises(SegundaHecha):
        mesa.tomar_segunda(elenco.administradora, entrega)
    with mesa.bd.lectura() as sesion:
        de_ella = consultas.desacuerdos(sesion, mesa.proyecto, elenco.validadora, todos=False)
        ajena = consultas.desacuerdos(sesion, mesa.proyecto, elenco.administradora, todos=False)
    assert (de_ella["total"], ajena["total"]) == (1, 0)
    assert de_ella["desacuerdos"][0]["primera"]["codigos"] == ["E-FALT"]
    assert mesa.todo_cuadra()


@pytest.mark.parametrize("como", ["entregar", "disputar", "deshacer", "pasa_el_plazo"])
def test_si_la_tarea_cambia_la_segunda_opinion_se_cierra(mesa, elenco, como):
    entrega, devolvio = mesa.devuelta(5)
    mesa.sortear(entrega)
    toma = mesa.tomar_segunda(elenco.capacitadora, entrega)
    if como == "entregar":
        mesa.mapear(elenco.mapeadora, 5)
    elif como == "disputar":
        mesa.disputar(elenco.mapeadora, 5, devolvio.dictamen)
    elif como == "deshacer":
        mesa.deshacer(elenco.validadora, 5)
    else:
        with mesa.bd.transaccion() as sesion:
            sesion.execute(text("UPDATE segunda_revision SET sorteada = sorteada - interval '31 days'"))
    with pytest.raises(SegundaCerrada):
        mesa.opinar(elenco.capacitadora, entrega, toma.ficha, Veredicto.VALIDADA)
    with pytest.raises(SegundaCerrada):
        mesa.tomar_segunda(elenco.administradora, entrega)
    with mesa.bd.lectura() as sesion:
        assert consultas.segundas(sesion, mesa.proyecto, elenco.administradora)["total"] == 0
    assert mesa.uno("SELECT count(*) FROM dictamen WHERE clase = 'ciega'") == 0
    assert mesa.todo_cuadra()


def test_el_primer_dictamen_no_se_ve_mientras_se_puede_opinar(mesa, elenco):
    from tareas.mapeo.consultas import actividad, historial

    entrega, devolvio = mesa.devuelta(5)
    mesa.sortear(entrega)

    def ven(quien, *, valida=True):
        with mesa.bd.lectura() as sesion:
            pasos = historial(sesion, mesa.proyecto, 5, quien, valida=valida)
            dicho = consultas.dictamenes(sesion, mesa.proyecto, 5, quien, valida=valida)
            feed = actividad(sesion, mesa.proyecto, 20, quien, valida=valida)
        paso = next(p for p in pasos if p["id"] == devolvio.id)
        [en_el_feed] = [p for p in feed if p["id"] == devolvio.id]
        quien_fue = {paso["persona"]["nombre"], en_el_feed["persona"]}
        return paso["motivos"], paso["a"], dicho[0].oculto, en_el_feed["a"], en_el_feed["oculto"], quien_fue

    abierto = (["E-FALT"], "devuelta", False, "devuelta", False, {"Validadora"})
    tapado = (None, None, True, None, True, {"Otra persona"})
    assert ven(elenco.validadora) == ven(elenco.mapeadora, valida=False) == abierto
    # Ni saliéndose de la cuenta, ni con otra que no valida.
    assert ven(elenco.capacitadora) == ven(None, valida=False) == ven(elenco.mapeador, valida=False) == tapado
    toma = mesa.tomar_segunda(elenco.capacitadora, entrega)
    assert ven(elenco.capacitadora) == tapado
    mesa.opinar(elenco.capacitadora, entrega, toma.ficha, Veredicto.DEVUELTA, nota="igual")
    assert ven(elenco.capacitadora) == ven(None, valida=False) == abierto


def test_en_una_disputa_tampoco_se_ve_hasta_resolverla(mesa, elenco):
    from tareas.mapeo.consultas import historial

    _entrega, devolvio = mesa.devuelta(5)
    mesa.disputar(elenco.mapeadora, 5, devolvio.dictamen)

    def motivos():
        with mesa.bd.lectura() as sesion:
            pasos = historial(sesion, mesa.proyecto, 5, elenco.capacitadora, valida=True)
        return next(p for p in pasos if p["id"] == devolvio.id)["motivos"], [p["nota"] for p in pasos]

    assert motivos()[0] is None
    assert MOTIVO not in motivos()[1]
    with mesa.bd.lectura() as sesion:
        publico = historial(sesion, mesa.proyecto, 5, None)
    assert {p["motivos"] for p in publico if p["accion"] == "dictamen"} == {None}
    mesa.dictaminar(elenco.capacitadora, 5, Veredicto.VALIDADA)
    assert motivos()[0] == ["E-FALT"]


def test_se_sortea_al_menos_una_de_cada_diez(mesa, elenco):
    ancho = mesa.proyecto = proyecto(mesa.bd, elenco.municipio, columnas=20, renglones=20)
    with mesa.bd.transaccion() as sesion:
        for numero in range(1, 401):
            toma = mapeo.tomar(
                sesion, persona_id=elenco.mapeadora, proyecto_id=ancho, numeros=[numero], para=Para.MAPEAR
            )[0]
            mapeo.entregar(
                sesion,
                persona_id=elenco.mapeadora,
                proyecto_id=ancho,
                numero=numero,
                ficha=toma.ficha,
                resultado=Resultado.MAPEADA,
            )
            toma = mapeo.tomar(
                sesion, persona_id=elenco.validadora, proyecto_id=ancho, numeros=[numero], para=Para.VALIDAR
            )[0]
            servicio.dictaminar(
                sesion,
                persona_id=elenco.validadora,
                proyecto_id=ancho,
                numero=numero,
                ficha=toma.ficha,
                veredicto=Veredicto.VALIDADA,
            )
    # 12 % de 400: entre 28 y 72 con más de cuatro desviaciones a cada lado; el azar es de los ids, que se repiten.
    assert 28 <= mesa.uno("SELECT count(*) FROM segunda_revision") <= 72


def test_la_cola_va_por_bandas_y_riesgo(mesa, elenco, app):
    novata = persona(mesa.bd, "novata", (elenco.municipio, "mapeador"))
    ancho = mesa.proyecto = proyecto(mesa.bd, elenco.municipio, columnas=8, renglones=8)
    # La mapeadora ya tiene historia: ocho revisadas, dos devueltas; el mapeador, ocho aceptadas.
    for i in range(8):
        mesa.mapear(elenco.mapeadora, i + 1)
        mesa.dictaminar(
            elenco.capacitadora, i + 1, Veredicto.DEVUELTA if i < 2 else Veredicto.VALIDADA, ["E-ESC"] if i < 2 else ()
        )
        mesa.mapear(elenco.mapeador, i + 11)
        mesa.dictaminar(elenco.capacitadora, i + 11, Veredicto.VALIDADA)
    mesa.mapear(elenco.mapeador, 30)
    mesa.mapear(elenco.mapeadora, 31)
    mesa.mapear(elenco.mapeadora, 32)
    with mesa.bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO entrega_hallazgos SELECT proyecto_id, numero, ficha, municipio_id, 9, 2, 1, 0, '{"E-TRAS": 2, "E-ESC": 1}'
                      FROM historial WHERE accion = 'entrega' AND proyecto_id = :p AND numero = 32"""),
            {"p": ancho},
        )
    mesa.mapear(novata, 40)
    mesa.mapear(elenco.mapeadora, 50)
    devolvio = mesa.dictaminar(elenco.validadora, 50, Veredicto.DEVUELTA, ["E-FALT"])
    mesa.mapear(elenco.mapeadora, 50)
    mesa.mapear(elenco.mapeadora, 51)
    disputada = mesa.dictaminar(elenco.capacitadora, 51, Veredicto.DEVUELTA, ["E-FALT"])
    mesa.disputar(elenco.mapeadora, 51, disputada.dictamen)
    assert devolvio.dictamen
    with app.test_request_context(), mesa.bd.lectura() as sesion:
        cola = presentacion.cola(sesion, ancho, elenco.validadora)
        quien_devolvio = presentacion.cola(sesion, ancho, elenco.capacitadora)
        mias = presentacion.cola(sesion, ancho, elenco.validadora, mias=True)
        con_codigo = presentacion.cola(sesion, ancho, elenco.validadora, codigo="E-TRAS")
        pasada = presentacion.cola(sesion, ancho, elenco.validadora, salto=50)
    bandas = {t["numero"]: t["banda"] for t in cola["tareas"]}
    azar = {
        n
        for n in (30, 31, 32)
        if mesa.uno(
            "SELECT (hashint8extended(max(id), :s) & :m) < :k FROM historial WHERE proyecto_id = :p AND numero = :n AND accion = 'entrega'",
            s=SAL_DE_LA_COLA,
            m=DE_CADA - 1,
            k=AL_AZAR_DE_CADA,
            p=ancho,
            n=n,
        )
    }
    assert bandas == {51: "disputa", 50: "vuelve", 40: "primeras"} | {
        n: "azar" if n in azar else "riesgo" for n in (30, 31, 32)
    }
    orden = [t["numero"] for t in cola["tareas"]]
    assert orden[:3] == [51, 50, 40]
    assert [n for n in orden[3:] if n not in azar] == [n for n in (32, 31, 30) if n not in azar]
    assert cola["total"] == pasada["total"] == 6
    assert pasada["tareas"] == []
    # La disputa no es de quien devolvió.
    assert 51 not in {t["numero"] for t in quien_devolvio["tareas"]}
    assert [t["numero"] for t in mias["tareas"]] == [50]
    assert [t["numero"] for t in con_codigo["tareas"]] == [32]
    por_numero = {t["numero"]: t for t in cola["tareas"]}
    assert por_numero[32]["hallazgos"] == {"nivel1": 2, "nivel2": 1, "nivel3": 0}
    assert "2 hallazgos de nivel 1" in por_numero[32]["porque"]
    devueltas = mesa.uno(
        "SELECT count(*) FROM dictamen WHERE autora_id = :a AND veredicto = 'devuelta' AND clase = 'primera'",
        a=elenco.mapeadora,
    )
    juzgadas = mesa.uno("SELECT count(*) FROM dictamen WHERE autora_id = :a AND clase = 'primera'", a=elenco.mapeadora)
    tasa = mesa.uno("SELECT avg((veredicto = 'devuelta')::integer)::float8 FROM dictamen WHERE clase = 'primera'")
    assert por_numero[32]["riesgo"] == round(riesgo(devueltas, juzgadas, tasa, 2, 1), 3)
    # «Dame una» sigue el mismo orden.
    with mesa.bd.transaccion() as sesion:
        dada = mapeo.tomar_siguiente(
            sesion, persona_id=elenco.validadora, proyecto_id=ancho, total=64, para=Para.VALIDAR
        )
    assert dada.numero == 51


ACCIONES = ("mapear", "mapear", "devolver", "devolver", "validar", "disputar", "deshacer", "opinar")


@pytest.mark.parametrize("semilla", range(6))
def test_lo_guardado_es_el_pliegue_del_historial_pase_lo_que_pase(mesa, elenco, semilla):
    """Pasos al azar, permitidos o no, con disputas, segundas opiniones y deshacer."""
    azar = random.Random(semilla)
    revisan = [elenco.validadora, elenco.capacitadora, elenco.administradora]
    mapean = [elenco.mapeadora, elenco.mapeador]
    dados = 0
    for i in range(70):
        numero = azar.randint(1, 3)
        accion = azar.choice(ACCIONES)
        try:
            if accion == "mapear":
                mesa.mapear(azar.choice(mapean), numero)
            elif accion in ("devolver", "validar"):
                veredicto = (
                    Veredicto.DEVUELTA
                    if accion == "devolver"
                    else azar.choice([Veredicto.VALIDADA, Veredicto.CON_ARREGLOS])
                )
                mesa.dictaminar(azar.choice(revisan), numero, veredicto, ["E-ESC"])
            elif accion == "disputar":
                ultimo = mesa.uno("SELECT max(id) FROM dictamen WHERE numero = :n", n=numero)
                mesa.disputar(azar.choice(mapean), numero, ultimo or 0)
            elif accion == "deshacer":
                mesa.deshacer(elenco.administradora, numero, coordina=True)
            elif accion == "opinar":
                entrega = mesa.uno("SELECT max(entrega) FROM dictamen WHERE numero = :n", n=numero)
                mesa.sortear(entrega or 0)
                quien = azar.choice(revisan)
                toma = mesa.tomar_segunda(quien, entrega or 0)
                mesa.opinar(quien, entrega, toma.ficha, azar.choice(list(Veredicto)))
            dados += 1
        except ErrorTequio:
            pass
        if i % 14 == 13:
            assert mesa.todo_cuadra(), (semilla, i)
    assert dados > 12


def test_lo_que_se_tiene_al_vencer_queda_libre(mesa, elenco):
    entrega, _devolvio = mesa.devuelta(5)
    mesa.sortear(entrega)
    with mesa.bd.transaccion() as sesion:
        ayer = sesion.execute(text("SELECT now() - interval '1 day'")).scalar_one()
        reloj.fijar(sesion, ayer)
        sesion.execute(text("UPDATE segunda_revision SET sorteada = sorteada - interval '2 days'"))
        vieja = servicio.tomar_segunda(
            sesion, persona_id=elenco.capacitadora, proyecto_id=mesa.proyecto, entrega=entrega
        )
    nueva = mesa.tomar_segunda(elenco.administradora, entrega)
    assert nueva.ficha > vieja.ficha
    with pytest.raises(BloqueoPerdido):
        mesa.opinar(elenco.capacitadora, entrega, vieja.ficha, Veredicto.VALIDADA)


def test_de_las_entregas_se_sortea_para_otra_mirada_mas_del_diez_por_ciento(mesa):
    """El sorteo es el hash del número de la entrega: se cuenta, en muchos tramos seguidos, cuántas salen."""
    consulta = text("""
        SELECT tramo, count(*) FILTER (WHERE (hashint8extended(n, :sal) & (:de_cada - 1)) < :sorteadas)::float / count(*)
          FROM generate_series(1, 200000) n CROSS JOIN LATERAL (SELECT (n - 1) / 5000 AS tramo) t GROUP BY tramo ORDER BY tramo""")
    with mesa.bd.lectura() as sesion:
        partes = sesion.execute(
            consulta,
            {"sal": reglas.SAL_DE_SEGUNDAS, "de_cada": reglas.DE_CADA, "sorteadas": reglas.SEGUNDAS_DE_CADA},
        ).all()
    de_todas = sum(p for _, p in partes) / len(partes)
    assert 0.115 <= de_todas <= 0.125
    # En cinco mil entregas seguidas, nunca menos de una de cada diez.
    assert min(p for _, p in partes) >= 0.10


def test_sin_decir_otra_cosa_se_sortea_lo_de_costumbre(mesa, elenco):
    """El servicio, sin más: de las entregas dictaminadas salen las que el hash dice, y sólo ésas."""
    for numero in (1, 2, 3, 4, 6, 7, 8, 9):
        mesa.mapear(elenco.mapeadora, numero)
        mesa.dictaminar(elenco.validadora, numero, Veredicto.VALIDADA)
    with mesa.bd.lectura() as sesion:
        debian = set(
            sesion.execute(
                text("SELECT entrega FROM dictamen WHERE (hashint8extended(entrega, :sal) & 1023) < 123"),
                {"sal": reglas.SAL_DE_SEGUNDAS},
            ).scalars()
        )
        salieron = set(sesion.execute(text("SELECT entrega FROM segunda_revision")).scalars())
    assert salieron == debian
