"""Cuentas de OpenStreetMap contra PostGIS: quién entra, quién no, y lo que pasa en el mismo instante."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tareas.comun.errores import DemasiadasVeces
from tareas.cuentas import servicio as cuentas
from tareas.cuentas.osm import consultas, ingreso, servicio
from tareas.cuentas.osm.cliente import CuentaDeAlla
from tareas.cuentas.osm.errores import (
    CuentaDeBaja,
    CuentaOsmAjena,
    CuentaOsmDesconocida,
    CuentaOsmRepetida,
    QuedariaSinEntrada,
    SoloCuentasConocidas,
)
from tareas.cuentas.reglas import REGISTROS_POR_DIRECCION
from tests.fabrica import persona
from tests.servicios.test_cuentas import CLAVE
from tests.servicios.test_cuentas_en_paralelo import VECES, a_la_vez, de_clase, en_transaccion

CREADA = datetime(2019, 5, 4, 3, 2, 1, tzinfo=UTC)


def alla(uid=123, nombre="María Pérez", conjuntos=7):
    return CuentaDeAlla(uid, nombre, CREADA, conjuntos)


def entrar(bd, cuenta, servidor="osm", abierto=True, direccion="187.1.1.1"):
    return ingreso.entrar(bd, servidor, cuenta, idioma="es", direccion=direccion, registro_abierto=abierto)


def personas(bd):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT id, usuario, nombre, clave_hash FROM persona ORDER BY id")).all()


def test_la_primera_vez_crea_a_la_persona_sin_papeles_ni_clave(bd):
    nueva, es_nueva = entrar(bd, alla())
    assert es_nueva
    (ella,) = personas(bd)
    assert (ella.usuario, ella.nombre, ella.clave_hash) == ("María_Pérez", "María Pérez", None)
    with bd.lectura() as sesion:
        (cuenta,) = consultas.de_persona(sesion, ella.id)
        assert (cuenta.servidor, cuenta.uid, cuenta.nombre, cuenta.conjuntos) == ("osm", 123, "María Pérez", 7)
        assert cuenta.creada_alla == CREADA
        assert sesion.execute(text("SELECT count(*) FROM papel")).scalar() == 0
        assert sesion.execute(text("SELECT persona_id FROM sesion")).scalar() == ella.id
        assert consultas.uid_en(sesion, ella.id, "osm") == 123
        assert consultas.uid_en(sesion, ella.id, "osm-dev") is None
        assert consultas.uid_en(sesion, ella.id, "practica") == ella.id
    assert nueva.ficha not in repr(nueva)


def test_despues_se_entra_por_numero_y_se_sigue_el_cambio_de_nombre(bd):
    entrar(bd, alla())
    _, es_nueva = entrar(bd, CuentaDeAlla(123, "Mari P.", None, None), abierto=False)
    assert not es_nueva
    (ella,) = personas(bd)
    assert ella.usuario == "María_Pérez"
    with bd.lectura() as sesion:
        (cuenta,) = consultas.de_persona(sesion, ella.id)
    assert (cuenta.nombre, cuenta.conjuntos, cuenta.creada_alla) == ("Mari P.", 7, CREADA)
    assert cuenta.vista > cuenta.vinculada


def test_el_mismo_nombre_en_otro_servidor_es_otra_persona(bd):
    entrar(bd, alla())
    entrar(bd, alla(), servidor="osm-dev")
    persona(bd, "maría_pérez3")
    entrar(bd, alla(uid=9))
    assert [p.usuario for p in personas(bd)] == ["María_Pérez", "María_Pérez2", "maría_pérez3", "María_Pérez4"]


def test_con_el_registro_cerrado_solo_entran_las_conocidas(bd):
    with pytest.raises(SoloCuentasConocidas):
        entrar(bd, alla(), abierto=False)
    assert personas(bd) == []


def test_las_personas_nuevas_de_una_direccion_tienen_tope(bd):
    for n in range(REGISTROS_POR_DIRECCION.maximo):
        entrar(bd, alla(uid=n + 1, nombre=f"n{n}"))
    with pytest.raises(DemasiadasVeces):
        entrar(bd, alla(uid=10_000, nombre="una más"))
    assert entrar(bd, alla(uid=1, nombre="n0"))[1] is False


def test_de_baja_no_se_entra_tampoco_por_aqui(bd):
    entrar(bd, alla())
    (ella,) = personas(bd)
    with bd.transaccion() as sesion:
        cuentas.dar_de_baja(sesion, ella.id)
    with pytest.raises(CuentaDeBaja):
        entrar(bd, alla(nombre="Otro nombre"))
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM sesion")).scalar() == 0
        assert consultas.de_persona(sesion, ella.id)[0].nombre == "María Pérez"


def test_vincular_repetir_y_chocar(bd):
    ana, beto = persona(bd, "ana"), persona(bd, "beto")
    with bd.transaccion() as sesion:
        servicio.vincular(sesion, ana, "osm", alla())
    with bd.transaccion() as sesion:
        servicio.vincular(sesion, ana, "osm", alla(nombre="Cambió"))
    with pytest.raises(CuentaOsmAjena), bd.transaccion() as sesion:
        servicio.vincular(sesion, beto, "osm", alla())
    with pytest.raises(CuentaOsmRepetida), bd.transaccion() as sesion:
        servicio.vincular(sesion, ana, "osm", alla(uid=5))
    with bd.transaccion() as sesion:
        servicio.vincular(sesion, beto, "osm-dev", alla())
    with bd.lectura() as sesion:
        assert [(c.uid, c.nombre) for c in consultas.de_persona(sesion, ana)] == [(123, "Cambió")]


def test_sin_clave_no_se_desvincula_lo_unico_con_que_se_entra(bd):
    entrar(bd, alla())
    (ella,) = personas(bd)
    with pytest.raises(QuedariaSinEntrada), bd.transaccion() as sesion:
        servicio.desvincular(sesion, ella.id, "osm")
    with bd.transaccion() as sesion:
        cuentas.cambiar_clave(sesion, ella.id, CLAVE)
    with bd.transaccion() as sesion:
        servicio.desvincular(sesion, ella.id, "osm")
    with pytest.raises(CuentaOsmDesconocida), bd.transaccion() as sesion:
        servicio.desvincular(sesion, ella.id, "osm")


def test_la_misma_cuenta_que_llega_muchas_veces_a_la_vez_es_una_sola_persona(bd):
    for ronda in range(5):
        cuenta = alla(uid=1000 + ronda, nombre=f"ronda {ronda}")
        resultados = a_la_vez([lambda cuenta=cuenta: entrar(bd, cuenta)] * VECES)
        assert de_clase(resultados, Exception) == []
        assert sum(es_nueva for _, es_nueva in resultados) == 1
    assert len(personas(bd)) == 5
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM cuenta_osm")).scalar() == 5
        assert sesion.execute(text("SELECT count(*) FROM sesion")).scalar() == 5 * VECES


def test_cuentas_distintas_con_el_mismo_nombre_a_la_vez_son_personas_distintas(bd):
    resultados = a_la_vez([lambda n=n: entrar(bd, alla(uid=n)) for n in range(1, VECES + 1)])
    assert de_clase(resultados, Exception) == []
    assert len({p.usuario.lower() for p in personas(bd)}) == VECES


def test_la_misma_cuenta_vinculada_a_la_vez_por_varias_es_de_una(bd):
    varias = [persona(bd, f"persona{n}") for n in range(VECES)]
    resultados = a_la_vez([en_transaccion(bd, servicio.vincular, p, "osm", alla()) for p in varias])
    assert len(de_clase(resultados, CuentaOsmAjena)) == VECES - 1
