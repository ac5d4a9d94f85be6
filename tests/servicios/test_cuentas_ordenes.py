"""Las órdenes de consola de cuentas."""

import re

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from tareas.comun.bd import VARIABLE
from tareas.comun.errores import ErrorTequio
from tareas.cuentas import ingreso
from tareas.cuentas.errores import ClaveCorta, MunicipioDesconocido, PersonaDesconocida, UsuarioInvalido
from tareas.ordenes import tequio
from tests.fabrica import municipio

CLAVE = "maíz azul y frijol"


@pytest.fixture
def orden(bd, url_base, monkeypatch):
    """``orden("crear", "ana")`` corre ``./tequio cuentas crear ana`` y devuelve lo que escribió."""
    monkeypatch.setenv(VARIABLE, url_base)

    def correr(*argumentos, entrada=None):
        resultado = CliRunner().invoke(tequio, ["cuentas", *argumentos], input=entrada)
        if isinstance(resultado.exception, ErrorTequio):
            raise resultado.exception
        return resultado

    return correr


def clave_de(salida):
    return re.search(r"Clave:\s+(\S+)", salida)[1]


def entra(bd, usuario, clave):
    return ingreso.entrar(bd, usuario=usuario, clave=clave, direccion=None, via="api")


def contar(bd):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT count(*) FROM persona")).scalar()


def test_la_primera_administracion_se_crea_con_una_clave_inventada_que_se_muestra_una_vez(bd, orden):
    salida = orden("crear-administrador", "jefa", "--nombre", "Jefa Núñez").output
    entra(bd, "jefa", clave_de(salida))
    with bd.lectura() as sesion:
        fila = sesion.execute(
            text(
                "SELECT nombre, papel, municipio_id, debe_cambiar_clave FROM persona p JOIN papel ON persona_id = p.id"
            )
        ).one()
    assert fila == ("Jefa Núñez", "administrador", None, True)


def test_la_clave_se_puede_teclear_sin_que_se_vea(bd, orden):
    salida = orden("crear-administrador", "jefa", "--clave", entrada=f"{CLAVE}\n{CLAVE}\n").output
    assert CLAVE not in salida
    entra(bd, "jefa", CLAVE)


def test_una_cuenta_que_ya_existe_recibe_el_papel_sin_cambiar_su_clave(bd, orden):
    orden("crear", "jefa", "--clave", CLAVE)
    assert "ya tenía cuenta" in orden("crear-administrador", "JEFA").output
    entra(bd, "jefa", CLAVE)


def test_se_crea_una_cuenta_con_varios_papeles_en_un_municipio(bd, orden):
    aqui = municipio(bd)
    orden("crear", "ana", "--papel", "mapeador", "--papel", "validador", "--municipio", "99001")
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT papel, municipio_id FROM papel ORDER BY papel")).all() == [
            ("mapeador", aqui),
            ("validador", aqui),
        ]


def test_una_orden_mal_dada_lo_dice_y_no_crea_nada(bd, orden):
    assert orden("crear", "ana", "--papel", "mapeador").exit_code == 2
    assert orden("crear", "ana", "--papel", "rey", "--municipio", "99001").exit_code == 2
    for argumentos, error in (
        (("crear", "x"), UsuarioInvalido),
        (("crear", "ana", "--clave", "corta"), ClaveCorta),
        (("crear", "ana", "--papel", "mapeador", "--municipio", "nada"), MunicipioDesconocido),
        (("restablecer", "nadie"), PersonaDesconocida),
    ):
        with pytest.raises(error):
            orden(*argumentos)
    assert contar(bd) == 0


def test_restablecer_da_una_clave_que_sirve(bd, orden):
    orden("crear", "ana", "--clave", CLAVE)
    entra(bd, "ana", clave_de(orden("restablecer", "ANA").output))


def test_listar_muestra_papeles_y_no_datos_de_contacto(bd, orden):
    orden("crear-administrador", "jefa")
    orden("crear", "ana", "--nombre", "Ana Ruiz")
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE persona SET correo = 'privado@ejemplo.mx'"))
    salida = orden("listar").output
    assert "administrador (toda la instalación)" in salida
    assert "2 cuentas" in salida
    assert "privado" not in salida
    assert "Ana Ruiz" not in orden("listar", "--texto", "jefa").output


def test_enviar_correos_sin_servidor_dice_que_falta(orden, monkeypatch):
    monkeypatch.delenv("TEQUIO_CORREO", raising=False)
    resultado = orden("enviar-correos")
    assert resultado.exit_code == 1
    assert "TEQUIO_CORREO" in resultado.output


def test_todas_las_ordenes_tienen_ayuda_en_espanol(orden):
    for nombre in ("crear-administrador", "crear", "restablecer", "listar", "enviar-correos"):
        assert orden(nombre, "--help").exit_code == 0
