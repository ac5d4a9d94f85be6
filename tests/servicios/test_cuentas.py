"""Personas, claves, papeles, sesiones y límites contra la base de verdad."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tareas.comun import reloj
from tareas.comun.errores import DemasiadasVeces
from tareas.comun.permisos import ANONIMO, Papel
from tareas.cuentas import claves, consultas, ingreso, limites, listas, servicio
from tareas.cuentas.errores import (
    ClaveCorta,
    ClaveEquivocada,
    EnlaceCaducado,
    EntradaRechazada,
    ListaInvalida,
    MunicipioAmbiguo,
    MunicipioDesconocido,
    NombreInvalido,
    PapelDesconocido,
    PapelYaOtorgado,
    PersonaDesconocida,
    UltimaAdministracion,
    UsuarioOcupado,
)
from tareas.cuentas.limites import Tope
from tareas.cuentas.reglas import ENTRADAS_POR_DIRECCION, ENTRADAS_POR_USUARIO, Limite
from tests.fabrica import municipio

CLAVE = "maíz azul y frijol"


@pytest.fixture
def ana(bd):
    with bd.transaccion() as sesion:
        return servicio.crear_persona(sesion, usuario="Ana", nombre="Ana Ruiz", clave=CLAVE)


@pytest.fixture
def administradora(bd):
    with bd.transaccion() as sesion:
        return servicio.primera_administracion(sesion, usuario="jefa", nombre="Jefa", clave=CLAVE).persona_id


def entrar(bd, usuario="ana", clave=CLAVE, direccion="187.1.1.1", **mas):
    return ingreso.entrar(bd, usuario=usuario, clave=clave, direccion=direccion, via="api", **mas)


def quien(bd, ficha):
    with bd.lectura() as sesion:
        return consultas.actor_de_ficha(sesion, ficha)


def contar(bd, tabla):
    with bd.lectura() as sesion:
        return sesion.execute(text(f"SELECT count(*) FROM {tabla}")).scalar()


def test_se_entra_sin_distinguir_mayusculas_y_la_ficha_dice_quien_es(bd, ana):
    for usuario in ("ana", "ANA", " Ana "):
        nueva = entrar(bd, usuario)
        assert quien(bd, nueva.ficha).id == ana


def test_la_clave_y_la_ficha_no_se_guardan_tal_cual(bd, ana):
    ficha = entrar(bd).ficha
    with bd.lectura() as sesion:
        guardada = sesion.execute(text("SELECT clave_hash FROM persona")).scalar()
        huella = sesion.execute(text("SELECT huella FROM sesion")).scalar()
    assert guardada.startswith("$argon2id$")
    assert CLAVE not in guardada
    assert ficha.encode() not in bytes(huella)


@pytest.mark.parametrize("usuario", ["ana", "nadie", "x", "", "ana\x00", "a b c"])
def test_no_se_entra_con_otra_clave_y_el_error_no_dice_si_la_cuenta_existe(bd, ana, usuario):
    with pytest.raises(EntradaRechazada) as error:
        entrar(bd, usuario, "otra clave larga")
    assert error.value.datos == {}


def test_una_cuenta_sin_clave_no_entra_con_ninguna(bd):
    with bd.transaccion() as sesion:
        servicio.crear_persona(sesion, usuario="sinclave", nombre="Sin Clave")
    with pytest.raises(EntradaRechazada):
        entrar(bd, "sinclave", "nadie tiene esta clave")


def test_comprobar_una_cuenta_que_no_existe_cuesta_un_cifrado(monkeypatch):
    monkeypatch.setenv(claves.VARIABLE, "3,16384,1")
    guardada = claves.cifrar(CLAVE)
    claves.verificar(None, "la primera vez prepara el señuelo")

    def costo(hash_guardado):
        antes = datetime.now(UTC)
        claves.verificar(hash_guardado, "otra")
        return (datetime.now(UTC) - antes).total_seconds()

    con, sin = (min(costo(h) for _ in range(5)) for h in (guardada, None))
    assert 0.4 < sin / con < 2.5


def test_al_entrar_se_cifra_de_nuevo_lo_que_se_guardo_con_un_costo_menor(bd, ana, monkeypatch):
    monkeypatch.setenv(claves.VARIABLE, "2,16,1")
    entrar(bd)
    with bd.lectura() as sesion:
        assert "m=16,t=2" in sesion.execute(text("SELECT clave_hash FROM persona")).scalar()
    entrar(bd)


def test_el_nombre_de_usuario_es_unico_sin_distinguir_mayusculas(bd, ana):
    with pytest.raises(UsuarioOcupado), bd.transaccion() as sesion:
        servicio.crear_persona(sesion, usuario="ANA", nombre="Otra")


def test_una_clave_corta_o_un_nombre_largo_no_crean_nada(bd):
    with pytest.raises(ClaveCorta), bd.transaccion() as sesion:
        servicio.crear_persona(sesion, usuario="luis", nombre="Luis", clave="corta")
    with pytest.raises(NombreInvalido), bd.transaccion() as sesion:
        servicio.crear_persona(sesion, usuario="luis", nombre="a" * 600, clave=CLAVE)
    assert contar(bd, "persona") == 0


def test_varias_personas_pueden_compartir_un_correo(bd):
    with bd.transaccion() as sesion:
        for usuario in ("una", "otra"):
            servicio.crear_persona(sesion, usuario=usuario, nombre=usuario, correo="comunidad@ejemplo.mx")
    assert contar(bd, "persona") == 2


def test_cambiar_la_clave_cierra_las_otras_sesiones_y_anula_los_enlaces(bd, ana):
    esta, otra = entrar(bd).ficha, entrar(bd).ficha
    enlace = crear_enlace(bd, ana)
    with bd.transaccion() as sesion:
        servicio.cambiar_clave(sesion, ana, "otra frase muy larga", salvo=esta)
    assert quien(bd, esta).id == ana
    assert quien(bd, otra) is ANONIMO
    with pytest.raises(EntradaRechazada):
        entrar(bd)
    entrar(bd, clave="otra frase muy larga")
    with pytest.raises(EnlaceCaducado), bd.transaccion() as sesion:
        servicio.usar_enlace(sesion, enlace, "una tercera clave")


def test_no_se_abre_sesion_con_una_clave_que_cambio_mientras_se_comprobaba(bd, ana):
    with bd.lectura() as sesion:
        vieja = consultas.credencial(sesion, "ana").clave_hash
    with bd.transaccion() as sesion:
        servicio.cambiar_clave(sesion, ana, "otra frase muy larga")
    with pytest.raises(EntradaRechazada), bd.transaccion() as sesion:
        servicio.abrir_sesion(sesion, ana, vieja, via="web")


def test_la_administracion_da_una_clave_temporal_que_hay_que_cambiar(bd, ana):
    ficha = entrar(bd).ficha
    with bd.transaccion() as sesion:
        temporal = servicio.restablecer_clave(sesion, ana)
    assert quien(bd, ficha) is ANONIMO
    assert quien(bd, entrar(bd, clave=temporal).ficha).debe_cambiar_clave
    with bd.transaccion() as sesion:
        servicio.cambiar_clave(sesion, ana, CLAVE)
    assert not quien(bd, entrar(bd).ficha).debe_cambiar_clave


def test_una_sesion_vence_segun_el_reloj_de_la_base(bd, ana):
    with bd.transaccion() as sesion:
        clave_hash = consultas.credencial(sesion, "ana").clave_hash
        reloj.fijar(sesion, datetime.now(UTC) - timedelta(hours=13))
        vieja = servicio.abrir_sesion(sesion, ana, clave_hash, via="web")
        larga = servicio.abrir_sesion(sesion, ana, clave_hash, via="web", larga=True)
    assert quien(bd, vieja.ficha) is ANONIMO
    assert quien(bd, larga.ficha).id == ana
    with bd.transaccion() as sesion:
        servicio.barrer(sesion)
    assert contar(bd, "sesion") == 1


def test_la_baja_cierra_las_sesiones_y_ya_no_se_entra_hasta_el_alta(bd, ana):
    ficha = entrar(bd).ficha
    with bd.transaccion() as sesion:
        servicio.dar_de_baja(sesion, ana)
    assert quien(bd, ficha) is ANONIMO
    with pytest.raises(EntradaRechazada):
        entrar(bd)
    with bd.transaccion() as sesion:
        servicio.dar_de_alta(sesion, ana)
    assert quien(bd, ficha) is ANONIMO
    assert quien(bd, entrar(bd).ficha).id == ana


def test_un_papel_se_da_una_vez_y_se_quita_una_vez(bd, ana):
    aqui = municipio(bd)
    with bd.transaccion() as sesion:
        servicio.dar_papel(sesion, ana, Papel.VALIDADOR, aqui)
    with pytest.raises(PapelYaOtorgado), bd.transaccion() as sesion:
        servicio.dar_papel(sesion, ana, Papel.VALIDADOR, aqui)
    with bd.transaccion() as sesion:
        servicio.quitar_papel(sesion, ana, Papel.VALIDADOR, aqui)
    with pytest.raises(PapelDesconocido), bd.transaccion() as sesion:
        servicio.quitar_papel(sesion, ana, Papel.VALIDADOR, aqui)


def test_un_papel_de_toda_la_instalacion_tampoco_se_repite(bd, ana, administradora):
    with pytest.raises(PapelYaOtorgado), bd.transaccion() as sesion:
        servicio.dar_papel(sesion, administradora, Papel.ADMINISTRADOR, None)


def test_no_se_da_un_papel_a_quien_no_existe_ni_donde_no_existe(bd, ana):
    with pytest.raises(PersonaDesconocida), bd.transaccion() as sesion:
        servicio.dar_papel(sesion, 2**40, Papel.MAPEADOR, None)
    with pytest.raises(MunicipioDesconocido), bd.transaccion() as sesion:
        servicio.dar_papel(sesion, ana, Papel.MAPEADOR, 2**40)


def test_la_ultima_persona_que_administra_no_se_quita_ni_se_da_de_baja(bd, ana, administradora):
    with pytest.raises(UltimaAdministracion), bd.transaccion() as sesion:
        servicio.quitar_papel(sesion, administradora, Papel.ADMINISTRADOR, None)
    with pytest.raises(UltimaAdministracion), bd.transaccion() as sesion:
        servicio.dar_de_baja(sesion, administradora)
    with bd.transaccion() as sesion:
        servicio.dar_papel(sesion, ana, Papel.ADMINISTRADOR, None)
        servicio.quitar_papel(sesion, administradora, Papel.ADMINISTRADOR, None)
    with pytest.raises(UltimaAdministracion), bd.transaccion() as sesion:
        servicio.dar_de_baja(sesion, ana)


def test_quien_administra_un_municipio_no_cuenta_como_administracion_de_todo(bd, ana, administradora):
    aqui = municipio(bd)
    with bd.transaccion() as sesion:
        servicio.dar_papel(sesion, ana, Papel.ADMINISTRADOR, aqui)
        servicio.quitar_papel(sesion, ana, Papel.ADMINISTRADOR, aqui)
        servicio.dar_de_baja(sesion, ana)
    with pytest.raises(UltimaAdministracion), bd.transaccion() as sesion:
        servicio.dar_de_baja(sesion, administradora)


def test_dar_de_baja_a_alguien_antes_de_que_haya_administracion_es_posible(bd, ana):
    with bd.transaccion() as sesion:
        servicio.dar_de_baja(sesion, ana)


def test_la_primera_administracion_puede_ser_una_cuenta_que_ya_existe(bd, ana):
    with bd.transaccion() as sesion:
        assert servicio.primera_administracion(sesion, usuario="ANA", nombre="Ana", clave=None) is None
    assert quien(bd, entrar(bd).ficha).administra_todo


def crear_enlace(bd, persona_id, horas=2):
    with bd.transaccion() as sesion:
        valores = {"huella": consultas.huella("secreto"), "persona": persona_id, "horas": horas}
        sesion.execute(consultas.SQL["crear_enlace"], valores)
    return "secreto"


def test_un_enlace_sirve_una_sola_vez(bd, ana):
    enlace = crear_enlace(bd, ana)
    with bd.transaccion() as sesion:
        assert servicio.usar_enlace(sesion, enlace, "otra frase muy larga") == ana
    entrar(bd, clave="otra frase muy larga")
    with pytest.raises(EnlaceCaducado), bd.transaccion() as sesion:
        servicio.usar_enlace(sesion, enlace, "una tercera clave")


def test_una_clave_mala_no_gasta_el_enlace(bd, ana):
    enlace = crear_enlace(bd, ana)
    with pytest.raises(ClaveCorta), bd.transaccion() as sesion:
        servicio.usar_enlace(sesion, enlace, "corta")
    with bd.transaccion() as sesion:
        servicio.usar_enlace(sesion, enlace, "otra frase muy larga")


def test_un_enlace_vencido_o_de_una_cuenta_de_baja_no_sirve(bd, ana):
    vencido = crear_enlace(bd, ana, horas=-1)
    with pytest.raises(EnlaceCaducado), bd.transaccion() as sesion:
        servicio.usar_enlace(sesion, vencido, "otra frase muy larga")
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE restablecimiento SET vence = now() + interval '1 hour'"))
        servicio.dar_de_baja(sesion, ana)
    with pytest.raises(EnlaceCaducado), bd.transaccion() as sesion:
        servicio.usar_enlace(sesion, vencido, "otra frase muy larga")


def test_tras_muchos_fallos_ni_la_clave_buena_entra_hasta_que_pase_el_tiempo(bd, ana):
    for _ in range(ENTRADAS_POR_USUARIO.maximo):
        with pytest.raises(EntradaRechazada):
            entrar(bd, clave="otra clave larga")
    with pytest.raises(DemasiadasVeces) as error:
        entrar(bd)
    assert 0 < error.value.datos["espera_s"] <= ENTRADAS_POR_USUARIO.ventana_s
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE intento_de_entrada SET cuando = cuando - interval '16 minutes'"))
    entrar(bd)


def test_el_limite_es_del_usuario_aunque_cambie_de_direccion_o_de_mayusculas(bd, ana):
    for n in range(ENTRADAS_POR_USUARIO.maximo):
        with pytest.raises(EntradaRechazada):
            entrar(bd, "ANA" if n % 2 else "ana", "otra clave larga", direccion=f"10.0.0.{n}")
    with pytest.raises(DemasiadasVeces):
        entrar(bd, direccion="10.0.1.1")


def test_los_usuarios_que_no_existen_se_limitan_igual(bd):
    for _ in range(ENTRADAS_POR_USUARIO.maximo):
        with pytest.raises(EntradaRechazada):
            entrar(bd, "nadie")
    with pytest.raises(DemasiadasVeces):
        entrar(bd, "nadie")


def test_entrar_bien_borra_los_fallos_del_usuario(bd, ana):
    for _ in range(3):
        for _ in range(ENTRADAS_POR_USUARIO.maximo - 1):
            with pytest.raises(EntradaRechazada):
                entrar(bd, clave="otra clave larga")
        entrar(bd)


def test_un_aula_de_cuarenta_personas_entra_por_una_sola_direccion(bd):
    with bd.transaccion() as sesion:
        aula = servicio.crear_lote(sesion, listas.leer_lista("\n".join(f"persona{n}, Persona {n}" for n in range(40))))
    for cuenta in aula:
        # Se equivocan varias veces al copiar la clave del papel.
        for _ in range(4):
            with pytest.raises(EntradaRechazada):
                entrar(bd, cuenta.usuario, "clave mal copiada")
        entrar(bd, cuenta.usuario, cuenta.clave)


def test_una_direccion_que_prueba_muchos_usuarios_se_detiene(bd, ana):
    tope = Tope("direccion", "187.9.9.9", ENTRADAS_POR_DIRECCION)
    with bd.transaccion() as sesion:
        valores = {"a": tope.asunto, "n": ENTRADAS_POR_DIRECCION.maximo}
        sesion.execute(text("INSERT INTO intento_de_entrada (asunto) SELECT :a FROM generate_series(1, :n)"), valores)
    with pytest.raises(DemasiadasVeces):
        entrar(bd, direccion="187.9.9.9")
    entrar(bd, direccion="187.9.9.8")


def test_los_intentos_viejos_se_borran_solos(bd):
    tope = Tope("prueba", "x", Limite(5, 60))
    with bd.transaccion() as sesion:
        reloj.fijar(sesion, datetime.now(UTC) - timedelta(hours=3))
        for _ in range(5):
            limites.anotar(sesion, (tope,))
    with bd.transaccion() as sesion:
        limites.anotar(sesion, (tope,))
    assert contar(bd, "intento_de_entrada") == 1


def test_los_intentos_no_guardan_ni_el_usuario_ni_la_direccion(bd):
    with pytest.raises(EntradaRechazada):
        entrar(bd, "secretario", direccion="187.4.4.4")
    with bd.lectura() as sesion:
        guardado = sesion.execute(text("SELECT string_agg(asunto, '') FROM intento_de_entrada")).scalar()
    assert b"secretario" not in bytes(guardado)
    assert b"187.4.4.4" not in bytes(guardado)


def test_confirmar_la_clave_tambien_cuenta_los_fallos(bd, ana):
    for _ in range(ENTRADAS_POR_USUARIO.maximo):
        with pytest.raises(ClaveEquivocada):
            ingreso.confirmar_clave(bd, usuario="Ana", clave="otra clave larga", direccion=None)
    with pytest.raises(DemasiadasVeces):
        ingreso.confirmar_clave(bd, usuario="Ana", clave=CLAVE, direccion=None)


def test_las_claves_no_llegan_a_la_bitacora(bd, ana, caplog):
    caplog.set_level(logging.DEBUG)
    ficha = entrar(bd).ficha
    with pytest.raises(EntradaRechazada):
        entrar(bd, clave="clave que nadie debe ver")
    with bd.transaccion() as sesion:
        temporal = servicio.restablecer_clave(sesion, ana)
    for secreto in (CLAVE, "clave que nadie debe ver", ficha, temporal):
        assert secreto not in caplog.text
    assert temporal not in repr(servicio.CuentaNueva(1, "ana", "Ana", temporal))
    assert ficha not in repr(servicio.SesionNueva(ficha, datetime.now(UTC)))


def test_un_lote_se_crea_entero_con_papel_y_sin_repetir_usuarios(bd, ana):
    aqui = municipio(bd)
    renglones = listas.leer_lista("luis, Luis\nAna\nAna\nEva María Díaz")
    with bd.transaccion() as sesion:
        cuentas = servicio.crear_lote(sesion, renglones, inicial=(Papel.MAPEADOR, aqui), otorgado_por=ana)
    assert [c.usuario for c in cuentas] == ["luis", "ana2", "ana3", "eva.maria"]
    assert quien(bd, entrar(bd, "eva.maria", cuentas[-1].clave).ficha).papeles == {(aqui, Papel.MAPEADOR)}


def test_un_lote_con_un_usuario_ocupado_no_crea_a_nadie(bd, ana):
    with pytest.raises(ListaInvalida) as error, bd.transaccion() as sesion:
        servicio.crear_lote(sesion, listas.leer_lista("luis, Luis\nANA, Otra Ana"))
    assert error.value.datos["renglones"][0]["numero"] == 2
    assert contar(bd, "persona") == 1


def test_las_personas_se_buscan_sin_acentos_y_por_paginas(bd):
    with bd.transaccion() as sesion:
        servicio.crear_lote(sesion, listas.leer_lista("\n".join(f"p{n:03}, José Núñez {n:03}" for n in range(60))))
    with bd.lectura() as sesion:
        primera = consultas.personas(sesion, texto="JOSE NUNEZ")
        ultima = consultas.personas(sesion, texto="JOSE NUNEZ", pagina=99)
        ninguna = consultas.personas(sesion, texto="100%_")
    assert (primera.total, len(primera.personas), primera.paginas) == (60, 50, 2)
    assert (ultima.numero, len(ultima.personas)) == (2, 10)
    assert ninguna.total == 0


def test_un_municipio_se_encuentra_por_clave_o_por_nombre_si_no_hay_otro_igual(bd):
    uno, otro = municipio(bd, "13001", "San Martín"), municipio(bd, "13002", "San Martin")
    unico = municipio(bd, "13003", "Ñuu Verde")
    with bd.lectura() as sesion:
        assert consultas.municipio_por_texto(sesion, "13002") == otro
        assert consultas.municipio_por_texto(sesion, " nuu verde ") == unico
        with pytest.raises(MunicipioAmbiguo) as error:
            consultas.municipio_por_texto(sesion, "san martin")
        assert "13001" in error.value.mensaje
        with pytest.raises(MunicipioDesconocido):
            consultas.municipio_por_texto(sesion, "Ninguno")
    assert uno != otro
