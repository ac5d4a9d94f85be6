"""La administración de personas: quién ve a quién y qué puede hacer."""

import logging
import re

import pytest
from sqlalchemy import text

from tareas.cuentas import servicio
from tests.fabrica import persona
from tests.web.test_cuentas import Navegador, texto_de

CLAVE = "maíz azul y frijol"
PERSONAS = "/administracion/personas"


@pytest.fixture
def gente(bd, elenco):
    """Al elenco le suma quien administra el municipio de aquí, y claves para entrar."""
    elenco.extra["de_aqui"] = persona(bd, "de_aqui", (elenco.municipio, "administrador"))
    elenco.extra["sola"] = persona(bd, "sola")
    with bd.transaccion() as sesion:
        for quien in (elenco.extra["de_aqui"], elenco.administradora):
            servicio.cambiar_clave(sesion, quien, CLAVE)
    return elenco


@pytest.fixture
def global_(app, gente):
    navegador = Navegador(app)
    navegador.entrar("administradora")
    return navegador


@pytest.fixture
def local(app, gente):
    navegador = Navegador(app)
    navegador.entrar("de_aqui")
    return navegador


def papeles(bd, persona_id):
    with bd.lectura() as sesion:
        filas = sesion.execute(
            text("SELECT papel, municipio_id FROM papel WHERE persona_id = :p ORDER BY 1, 2"), {"p": persona_id}
        )
        return [tuple(f) for f in filas]


def clave_mostrada(respuesta):
    return re.findall(r"<code>([2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4})</code>", texto_de(respuesta))


def test_quien_administra_todo_ve_a_todas_y_quien_administra_un_municipio_a_las_suyas(global_, local):
    todas, suyas = texto_de(global_.ver(PERSONAS)), texto_de(local.ver(PERSONAS))
    assert all(u in todas for u in ("mapeadora", "forastera", "administradora", "sola"))
    assert "validadora" in suyas
    assert not any(u in suyas for u in ("forastera", "administradora", ">sola<"))


def test_la_lista_se_busca_y_una_pagina_absurda_no_falla(global_):
    hallada = texto_de(global_.ver(PERSONAS, query_string={"texto": "CAPACIT"}))
    assert "capacitadora" in hallada
    assert "forastera" not in hallada
    assert "Nadie se llama así" in texto_de(global_.ver(PERSONAS, query_string={"texto": "zzz"}))
    for pagina in ("abc", "-1", "99999999999999999999", "2", "٣", "²", "\x00"):
        assert global_.ver(PERSONAS, query_string={"pagina": pagina, "texto": "%_'"}).status_code == 200
    mala = global_.ver(PERSONAS, query_string={"texto": "a\x00b"})
    assert mala.status_code == 422
    assert "Lleva un carácter que no se ve" in mala.text
    assert "Nadie se llama así" not in mala.text


def test_a_quien_no_administra_le_esta_vedado(app, bd, gente, entrar):
    for quien in (gente.mapeadora, gente.funcionaria, gente.capacitadora):
        assert entrar(quien).get(PERSONAS).status_code == 403
        assert entrar(quien).post(f"{PERSONAS}/{gente.mapeador}/baja").status_code == 403


def test_se_crea_una_cuenta_con_papel_y_su_clave_se_ve_una_vez_sin_guardarse(app, bd, gente, local):
    respuesta = local.enviar(f"{PERSONAS}/nueva", usuario="nueva", nombre="Nueva", papel="validador", municipio="99001")
    assert respuesta.status_code == 200
    assert respuesta.headers["Cache-Control"] == "no-store"
    (temporal,) = clave_mostrada(respuesta)
    entra = Navegador(app)
    entra.entrar("nueva", temporal)
    assert entra.ver("/cuenta").headers["Location"].startswith("/cuenta/clave")
    with bd.lectura() as sesion:
        nueva = sesion.execute(text("SELECT id FROM persona WHERE usuario = 'nueva'")).scalar()
    assert papeles(bd, nueva) == [("validador", gente.municipio)]


def test_quien_administra_un_municipio_no_crea_en_otro_ni_sin_papel_ni_para_todo(bd, gente, local):
    campos = {"usuario": "nueva", "nombre": "Nueva", "papel": "administrador"}
    for malo in (
        {"municipio": "99002"},
        {"toda": "1"},
        {"municipio": "99001", "papel": ""},
        {"municipio": "nada"},
        {"municipio": ""},
    ):
        respuesta = local.enviar(f"{PERSONAS}/nueva", **{**campos, **malo})
        assert respuesta.status_code in (403, 422), malo
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM persona WHERE usuario = 'nueva'")).scalar() == 0


def test_quien_administra_todo_puede_crear_sin_papel_y_para_todo(bd, global_):
    assert global_.enviar(f"{PERSONAS}/nueva", usuario="una", nombre="Una", papel="").status_code == 200
    assert (
        global_.enviar(f"{PERSONAS}/nueva", usuario="dos", nombre="Dos", papel="validador", toda="1").status_code == 200
    )


def test_muchas_cuentas_de_una_lista_salen_en_una_hoja_con_qr(app, gente, local):
    lista = "uno, Persona Uno\nPersona Dos\ntres\tPersona Ñ"
    respuesta = local.enviar(f"{PERSONAS}/varias", lista=lista, papel="mapeador", municipio="99001")
    pagina = texto_de(respuesta)
    claves = clave_mostrada(respuesta)
    assert len(set(claves)) == 3
    assert "persona.dos" in pagina
    assert "3 cuentas creadas" in pagina
    assert "<svg" in pagina
    entra = Navegador(app)
    assert entra.entrar("tres", claves[2]).status_code == 303


def test_una_lista_con_errores_no_crea_a_nadie_y_dice_los_renglones(bd, gente, local):
    antes = contar(bd)
    respuesta = local.enviar(
        f"{PERSONAS}/varias", lista="bien, Bien\nx, Mal\nmapeadora, Ya existe", papel="mapeador", municipio="99001"
    )
    assert respuesta.status_code == 422
    assert "Renglón 2" in texto_de(respuesta)
    assert "bien, Bien" in texto_de(respuesta)
    repetida = local.enviar(
        f"{PERSONAS}/varias", lista="bien, Bien\nMAPEADORA, Ya existe", papel="mapeador", municipio="99001"
    )
    assert "Renglón 2: el usuario «MAPEADORA» ya existe" in texto_de(repetida)
    for mala in ("", "a" * 40_000, "b\x00b, Nulo"):
        assert local.enviar(f"{PERSONAS}/varias", lista=mala, papel="mapeador", municipio="99001").status_code == 422
    assert contar(bd) == antes


def contar(bd):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT count(*) FROM persona")).scalar()


def test_se_da_y_se_quita_un_papel_en_el_municipio_propio(bd, gente, local):
    ruta = f"{PERSONAS}/{gente.mapeadora}"
    assert local.enviar(f"{ruta}/papeles", en=ruta, papel="validador", municipio="99001").status_code == 303
    repetido = local.enviar(f"{ruta}/papeles", en=ruta, papel="validador", municipio="99001")
    assert repetido.status_code == 409
    assert "ya tiene ese papel" in texto_de(repetido)
    with bd.lectura() as sesion:
        papel = sesion.execute(
            text("SELECT id FROM papel WHERE papel = 'validador' AND persona_id = :p"), {"p": gente.mapeadora}
        ).scalar()
    assert local.enviar(f"{ruta}/papeles/{papel}/retiro", en=ruta).status_code == 303
    assert local.enviar(f"{ruta}/papeles/{papel}/retiro", en=ruta).status_code == 404
    assert papeles(bd, gente.mapeadora) == [("mapeador", gente.municipio)]


def test_nadie_da_ni_quita_papeles_de_otro_municipio(bd, gente, local):
    ruta = f"{PERSONAS}/{gente.mapeadora}"
    for donde in ({"municipio": "99002"}, {"toda": "1", "municipio": "99001"}):
        assert local.enviar(f"{ruta}/papeles", en=ruta, papel="administrador", **donde).status_code == 403
    with bd.transaccion() as sesion:
        ajeno = sesion.execute(
            text("INSERT INTO papel (persona_id, municipio_id, papel) VALUES (:p, :m, 'validador') RETURNING id"),
            {"p": gente.mapeadora, "m": gente.otro_municipio},
        ).scalar()
    assert local.enviar(f"{ruta}/papeles/{ajeno}/retiro", en=ruta).status_code == 404
    assert "Ñuu Lejano" not in texto_de(local.ver(ruta))
    assert (("validador", gente.otro_municipio)) in papeles(bd, gente.mapeadora)


def test_a_quien_se_registro_sola_se_le_suma_por_su_usuario(bd, gente, local):
    respuesta = local.enviar(f"{PERSONAS}/papeles", usuario="SOLA", papel="mapeador", municipio="99001")
    assert respuesta.status_code == 303
    assert papeles(bd, gente.extra["sola"]) == [("mapeador", gente.municipio)]
    nadie = local.enviar(f"{PERSONAS}/papeles", usuario="no.existe", papel="mapeador", municipio="99001")
    assert nadie.status_code == 404
    assert "No hay una cuenta" in texto_de(nadie)


def test_lo_que_no_se_administra_no_se_ve_ni_se_toca(bd, gente, local):
    for ajena in (gente.forastera, gente.administradora, gente.extra["sola"], 2**40):
        ruta = f"{PERSONAS}/{ajena}"
        assert local.ver(ruta).status_code == 404
        for orden in ("papeles", "clave", "baja", "alta"):
            respuesta = local.enviar(f"{ruta}/{orden}", en="/cuenta", papel="mapeador", municipio="99001")
            assert respuesta.status_code == 404
    assert papeles(bd, gente.extra["sola"]) == []


def test_quien_trabaja_tambien_en_otro_municipio_solo_lo_restablece_quien_administra_todo(bd, gente, local, global_):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("INSERT INTO papel (persona_id, municipio_id, papel) VALUES (:p, :m, 'administrador')"),
            {"p": gente.mapeadora, "m": gente.otro_municipio},
        )
    ruta = f"{PERSONAS}/{gente.mapeadora}"
    for orden in ("clave", "baja", "alta"):
        assert local.enviar(f"{ruta}/{orden}", en=ruta).status_code == 403
    assert clave_mostrada(global_.enviar(f"{ruta}/clave", en=ruta))


def test_restablecer_ensena_la_clave_una_vez_y_no_la_anota(gente, local, caplog):
    caplog.set_level(logging.DEBUG)
    ruta = f"{PERSONAS}/{gente.mapeadora}"
    respuesta = local.enviar(f"{ruta}/clave", en=ruta)
    (temporal,) = clave_mostrada(respuesta)
    assert respuesta.headers["Cache-Control"] == "no-store"
    assert temporal not in caplog.text
    assert temporal not in texto_de(local.ver(ruta))


def test_la_baja_y_el_alta_se_hacen_desde_la_persona(bd, gente, local, entrar):
    mapeadora = entrar(gente.mapeadora)
    ruta = f"{PERSONAS}/{gente.mapeadora}"
    assert local.enviar(f"{ruta}/baja", en=ruta).status_code == 303
    assert mapeadora.get("/api/v1/yo").status_code == 401
    assert "está de baja" in texto_de(local.ver(ruta))
    assert local.enviar(f"{ruta}/alta", en=ruta).status_code == 303


def test_nadie_se_da_de_baja_sola_ni_deja_la_instalacion_sin_administracion(bd, gente, global_):
    ruta = f"{PERSONAS}/{gente.administradora}"
    assert global_.enviar(f"{ruta}/baja", en=ruta).status_code == 409
    with bd.lectura() as sesion:
        papel = sesion.execute(text("SELECT id FROM papel WHERE persona_id = :p"), {"p": gente.administradora}).scalar()
    ultima = global_.enviar(f"{ruta}/papeles/{papel}/retiro", en=ruta)
    assert ultima.status_code == 409
    assert "última persona que administra" in texto_de(ultima)


def test_la_lista_no_muestra_correos(bd, gente, local):
    with bd.transaccion() as sesion:
        servicio.cambiar_correo(sesion, gente.mapeadora, "privado@ejemplo.mx")
    assert "privado@ejemplo.mx" not in texto_de(local.ver(PERSONAS)) + texto_de(
        local.ver(f"{PERSONAS}/{gente.mapeadora}")
    )
