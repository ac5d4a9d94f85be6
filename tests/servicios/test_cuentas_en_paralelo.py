"""Lo que se cumple en cuentas aunque ocurra en el mismo instante."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from tareas.comun.errores import DemasiadasVeces
from tareas.comun.permisos import Papel
from tareas.cuentas import ingreso, servicio
from tareas.cuentas.errores import (
    EnlaceCaducado,
    EntradaRechazada,
    PapelYaOtorgado,
    UltimaAdministracion,
    UsuarioOcupado,
)
from tareas.cuentas.reglas import ENTRADAS_POR_USUARIO
from tests.fabrica import municipio, persona
from tests.servicios.test_cuentas import CLAVE, crear_enlace

VECES = 12


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


def en_transaccion(bd, hacer, *args, **kwargs):
    def funcion():
        with bd.transaccion() as sesion:
            return hacer(sesion, *args, **kwargs)

    return funcion


def de_clase(resultados, clase):
    return [r for r in resultados if isinstance(r, clase)]


def test_el_mismo_papel_dado_a_la_vez_se_da_una_sola(bd):
    ana, aqui = persona(bd, "ana"), municipio(bd)
    resultados = a_la_vez([en_transaccion(bd, servicio.dar_papel, ana, Papel.VALIDADOR, aqui)] * VECES)
    assert len(de_clase(resultados, int)) == 1
    assert len(de_clase(resultados, PapelYaOtorgado)) == VECES - 1


def test_el_mismo_usuario_creado_a_la_vez_se_crea_una_sola(bd):
    crear = [
        en_transaccion(bd, servicio.crear_persona, usuario="Ana" if n % 2 else "ana", nombre="Ana")
        for n in range(VECES)
    ]
    resultados = a_la_vez(crear)
    assert len(de_clase(resultados, int)) == 1
    assert len(de_clase(resultados, UsuarioOcupado)) == VECES - 1


def test_si_todas_dejan_de_administrar_a_la_vez_siempre_queda_una(bd):
    for ronda in range(6):
        jefas = [persona(bd, f"jefa{ronda}_{n}", (None, "administrador")) for n in range(4)]
        with bd.transaccion() as sesion:
            sesion.execute(text("UPDATE papel SET papel = 'mapeador' WHERE persona_id <> ALL (:j)"), {"j": jefas})
        bajas = [en_transaccion(bd, servicio.dar_de_baja, j) for j in jefas[:2]]
        retiros = [en_transaccion(bd, servicio.quitar_papel, j, Papel.ADMINISTRADOR, None) for j in jefas[2:]]
        resultados = a_la_vez(bajas + retiros)
        assert len(de_clase(resultados, UltimaAdministracion)) == 1
        with bd.lectura() as sesion:
            quedan = sesion.execute(
                text(
                    "SELECT count(*) FROM papel JOIN persona p ON p.id = persona_id WHERE papel = 'administrador' AND activa"
                )
            ).scalar()
        assert quedan == 1


def test_de_muchas_claves_probadas_a_la_vez_no_pasan_mas_que_las_que_caben(bd):
    with bd.transaccion() as sesion:
        servicio.crear_persona(sesion, usuario="ana", nombre="Ana", clave=CLAVE)

    def probar():
        return ingreso.entrar(bd, usuario="ana", clave="otra clave larga", direccion="187.1.1.1", via="api")

    resultados = [r for _ in range(3) for r in a_la_vez([probar] * VECES)]
    assert len(de_clase(resultados, EntradaRechazada)) == ENTRADAS_POR_USUARIO.maximo
    assert len(de_clase(resultados, DemasiadasVeces)) == 3 * VECES - ENTRADAS_POR_USUARIO.maximo


def test_un_enlace_usado_a_la_vez_sirve_una_sola(bd):
    ana = persona(bd, "ana")
    enlace = crear_enlace(bd, ana)
    usos = [en_transaccion(bd, servicio.usar_enlace, enlace, f"frase muy larga {n}") for n in range(VECES)]
    resultados = a_la_vez(usos)
    assert len(de_clase(resultados, int)) == 1
    assert len(de_clase(resultados, EnlaceCaducado)) == VECES - 1


def test_quien_entra_mientras_la_dan_de_baja_no_deja_una_sesion_para_despues(bd):
    with bd.transaccion() as sesion:
        ana = servicio.crear_persona(sesion, usuario="ana", nombre="Ana", clave=CLAVE)

    def entrar():
        return ingreso.entrar(bd, usuario="ana", clave=CLAVE, direccion=None, via="api")

    for _ in range(5):
        resultados = a_la_vez([entrar, entrar, en_transaccion(bd, servicio.dar_de_baja, ana), entrar])
        assert len(de_clase(resultados, Exception)) == len(de_clase(resultados, EntradaRechazada))
        with bd.transaccion() as sesion:
            assert sesion.execute(text("SELECT count(*) FROM sesion")).scalar() == 0
            servicio.dar_de_alta(sesion, ana)
