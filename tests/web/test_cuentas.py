"""Las páginas de cuentas como las usa una persona con su navegador: galletas, formularios y avisos."""

import re
from html import unescape

import pytest
from sqlalchemy import text

from tareas.aplicacion import crear_aplicacion
from tareas.cuentas import servicio
from tareas.cuentas.reglas import ENTRADAS_POR_USUARIO, REGISTROS_POR_DIRECCION
from tests.servicios.test_cuentas import crear_enlace

CLAVE = "maíz azul y frijol"
NUEVA = "otra frase muy larga"


class Navegador:
    """Un cliente que llena formularios: toma de la página el ``csrf_token`` y lo envía con lo demás."""

    def __init__(self, app):
        self.cliente = app.test_client()

    def ver(self, ruta, **kwargs):
        return self.cliente.get(ruta, **kwargs)

    def enviar(self, ruta, *, en=None, **campos):
        pagina = self.ver(en or ruta).get_data(as_text=True)
        ficha = re.search(r'name="csrf_token" value="([^"]+)"', pagina)
        assert ficha, f"{en or ruta} no tiene formulario"
        return self.cliente.post(ruta, data={"csrf_token": ficha[1], **campos})

    def entrar(self, usuario="ana", clave=CLAVE, **campos):
        return self.enviar("/entrar", usuario=usuario, clave=clave, **campos)

    def galleta(self, nombre="tequio_sesion"):
        return self.cliente.get_cookie(nombre)


def texto_de(respuesta):
    return unescape(respuesta.get_data(as_text=True))


@pytest.fixture
def navegador(app, bd):
    return Navegador(app)


@pytest.fixture
def ana(bd):
    with bd.transaccion() as sesion:
        return servicio.crear_persona(sesion, usuario="ana", nombre="Ana Ruiz", clave=CLAVE)


def test_se_entra_y_se_vuelve_a_donde_se_iba(navegador, ana):
    respuesta = navegador.entrar(siguiente="/cuenta")
    assert (respuesta.status_code, respuesta.headers["Location"]) == (303, "/cuenta")
    assert "Ana Ruiz" in texto_de(navegador.ver("/cuenta"))


def test_la_galleta_de_sesion_no_la_leen_los_guiones_ni_viaja_desde_otro_sitio(navegador, ana):
    galleta = next(c for c in navegador.entrar().headers.getlist("Set-Cookie") if c.startswith("tequio_sesion="))
    assert "HttpOnly" in galleta
    assert "SameSite=Lax" in galleta
    assert "Max-Age" not in galleta


def test_recordar_en_este_aparato_deja_una_galleta_que_dura(navegador, ana):
    galletas = navegador.entrar(recordar="1").headers.getlist("Set-Cookie")
    assert any(c.startswith("tequio_sesion=") and "Max-Age=2592000" in c for c in galletas)


def test_entrar_nunca_saca_de_este_sitio(app, navegador, ana):
    for siguiente in ("//sitio.example", "/\\sitio.example", "https://sitio.example/", "/\t/sitio.example"):
        navegador = Navegador(app)
        assert navegador.entrar(siguiente=siguiente).headers["Location"] == "/"
        assert navegador.ver("/entrar", query_string={"siguiente": siguiente}).headers["Location"] == "/"


def test_una_pagina_con_cuenta_lleva_a_entrar_y_de_vuelta(navegador, ana):
    respuesta = navegador.ver("/cuenta/clave?x=1")
    assert respuesta.status_code == 302
    assert respuesta.headers["Location"] == "/entrar?siguiente=/cuenta/clave?x%3D1"
    assert 'value="/cuenta/clave?x=1"' in texto_de(navegador.ver(respuesta.headers["Location"]))


def test_con_la_clave_mal_se_queda_en_el_formulario_con_lo_escrito(navegador, ana):
    respuesta = navegador.entrar(clave="otra clave larga")
    assert respuesta.status_code == 401
    pagina = texto_de(respuesta)
    assert "no coinciden" in pagina
    assert 'value="ana"' in pagina
    assert "otra clave larga" not in pagina
    assert navegador.galleta() is None


def test_tras_muchos_fallos_la_pagina_dice_cuanto_esperar(navegador, ana):
    for _ in range(ENTRADAS_POR_USUARIO.maximo):
        navegador.entrar(clave="otra clave larga")
    respuesta = navegador.entrar()
    assert respuesta.status_code == 429
    assert 0 < int(respuesta.headers["Retry-After"]) <= 900
    assert "Espera" in texto_de(respuesta)


def test_sin_la_ficha_del_formulario_no_se_entra(navegador, ana):
    respuesta = navegador.cliente.post("/entrar", data={"usuario": "ana", "clave": CLAVE})
    assert respuesta.status_code == 400
    assert navegador.galleta() is None


def test_la_ficha_de_un_formulario_de_otra_persona_no_sirve(app, navegador, ana):
    ajena = re.search(r'name="csrf_token" value="([^"]+)"', Navegador(app).ver("/entrar").get_data(as_text=True))[1]
    navegador.ver("/entrar")
    assert (
        navegador.cliente.post("/entrar", data={"csrf_token": ajena, "usuario": "ana", "clave": CLAVE}).status_code
        == 400
    )


def test_salir_cierra_la_sesion_y_repetirlo_no_falla(navegador, ana):
    navegador.entrar()
    ficha = navegador.galleta().value
    assert navegador.enviar("/salir", en="/cuenta").status_code == 303
    assert navegador.galleta() is None
    navegador.cliente.set_cookie("tequio_sesion", ficha)
    assert navegador.ver("/cuenta").status_code == 302
    assert navegador.enviar("/salir", en="/entrar").status_code == 303


def test_cualquiera_crea_su_cuenta_y_queda_dentro_sin_papeles(navegador, bd):
    respuesta = navegador.enviar("/registro", usuario="Ñandú", nombre="Ñandú", clave=CLAVE, siguiente="/cuenta")
    assert (respuesta.status_code, respuesta.headers["Location"]) == (303, "/cuenta")
    assert "Puedes mapear en cualquier proyecto abierto" in texto_de(navegador.ver("/cuenta"))
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM papel")).scalar() == 0


REGISTROS_MALOS = [
    ({"usuario": "ana"}, "ya está en uso"),
    ({"usuario": "a b"}, "sin espacios"),
    ({"usuario": "x" * 600}, "de 3 a 40"),
    ({"usuario": "lu\x00is"}, "no se ve"),
    ({"nombre": ""}, "falta llenar"),
    ({"nombre": "N" * 600}, "el máximo"),
    ({"nombre": "Lu\x00is"}, "no se ve"),
    ({"correo": "no es correo"}, "no parece un correo"),
    ({"correo": "luis@ejemplo.mx\nBcc: x@y.mx"}, "no parece un correo"),
    ({"clave": "corta"}, "al menos 10"),
    ({"clave": "luisluisluis"}, "se adivina"),
    ({"clave": "c" * 600}, "el máximo"),
    ({"clave": "con\x00nulo largo"}, "no se ve"),
]


def test_un_registro_malo_dice_junto_al_campo_que_corregir_y_no_crea_nada(navegador, bd, ana):
    for cambio, frase in REGISTROS_MALOS:
        campo = next(iter(cambio))
        respuesta = navegador.enviar("/registro", **{"usuario": "luis", "nombre": "Luis", "clave": CLAVE, **cambio})
        assert respuesta.status_code in (409, 422), cambio
        falta = re.search(f'id="c-{campo}-error">(.*?)</p>', texto_de(respuesta), re.DOTALL)
        assert falta, cambio
        assert frase in falta[1].lower()
        assert f'id="c-{campo}"' in re.search(r'<input[^>]*aria-invalid="true"[^>]*>', texto_de(respuesta))[0]
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM persona")).scalar() == 1


def test_un_aula_se_registra_desde_una_direccion_pero_un_programa_no_crea_miles(navegador, bd):
    with bd.transaccion() as sesion:
        sesion.execute(text("INSERT INTO intento_de_entrada (asunto) SELECT '\\x00' FROM generate_series(1, 10)"))
    for n in range(3):
        Navegador(navegador.cliente.application).enviar(
            "/registro", usuario=f"persona{n}", nombre="Persona", clave=CLAVE
        )
    with bd.transaccion() as sesion:
        sesion.execute(
            text(
                "INSERT INTO intento_de_entrada (asunto) SELECT asunto FROM intento_de_entrada, generate_series(1, :n) WHERE asunto <> '\\x00'"
            ),
            {"n": REGISTROS_POR_DIRECCION.maximo},
        )
    respuesta = navegador.enviar("/registro", usuario="una.mas", nombre="Una más", clave=CLAVE)
    assert respuesta.status_code == 429


def test_con_el_registro_cerrado_se_dice_a_quien_pedir_la_cuenta(url_base, bd):
    cerrada = crear_aplicacion(url_base, TESTING=True, SECRET_KEY="pruebas", TEQUIO_REGISTRO="no")
    cliente = cerrada.test_client()
    assert cliente.get("/registro").status_code == 403
    assert "Crear mi cuenta" not in cliente.get("/entrar").get_data(as_text=True)
    cerrada.extensions["tequio_bd"].cerrar()


def test_los_datos_propios_se_cambian_y_el_idioma_tambien(navegador, bd, ana):
    navegador.entrar()
    assert navegador.enviar("/cuenta", nombre="  Ana   María ", idioma="en").status_code == 303
    assert navegador.galleta("tequio_idioma").value == "en"
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT nombre, idioma FROM persona")).one() == ("Ana María", "en")


def test_unos_datos_malos_no_se_guardan(navegador, ana):
    navegador.entrar()
    for campos in (
        {"nombre": "", "idioma": "es"},
        {"nombre": "Ana", "idioma": "fr"},
        {"nombre": "A" * 600, "idioma": "es"},
        {},
    ):
        respuesta = navegador.enviar("/cuenta", **campos)
        assert respuesta.status_code == 422
        assert 'aria-invalid="true"' in texto_de(respuesta)


def test_el_correo_se_cambia_con_la_clave_y_no_sin_ella(navegador, bd, ana):
    navegador.entrar()
    malo = navegador.enviar("/cuenta/correo", en="/cuenta", correo="ana@ejemplo.mx", clave_actual="otra clave larga")
    assert malo.status_code == 422
    assert "no es tu clave actual" in texto_de(malo)
    assert (
        navegador.enviar("/cuenta/correo", en="/cuenta", correo="Ana@Ejemplo.MX", clave_actual=CLAVE).status_code == 303
    )
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT correo FROM persona")).scalar() == "Ana@ejemplo.mx"
    navegador.enviar("/cuenta/correo", en="/cuenta", correo="", clave_actual=CLAVE)
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT correo FROM persona")).scalar() is None


def test_cambiar_la_clave_pide_la_actual_y_cierra_los_otros_aparatos(app, navegador, ana):
    otro = Navegador(app)
    otro.entrar()
    navegador.entrar()
    assert navegador.enviar("/cuenta/clave", clave=NUEVA, clave_actual="no es ésta").status_code == 422
    assert navegador.enviar("/cuenta/clave", clave=NUEVA).status_code == 422
    assert navegador.enviar("/cuenta/clave", clave=NUEVA, clave_actual=CLAVE).status_code == 303
    assert navegador.ver("/cuenta").status_code == 200
    assert otro.ver("/cuenta").status_code == 302
    assert Navegador(app).entrar(clave=NUEVA).status_code == 303


def test_las_otras_sesiones_se_cierran_desde_la_cuenta(app, navegador, ana):
    otro = Navegador(app)
    otro.entrar()
    navegador.entrar()
    assert "2 sesiones" in texto_de(navegador.ver("/cuenta"))
    navegador.enviar("/cuenta/sesiones", en="/cuenta")
    assert otro.ver("/cuenta").status_code == 302
    assert "1 sesión" in texto_de(navegador.ver("/cuenta"))


def test_quien_entra_con_clave_temporal_pone_la_suya_antes_de_seguir(navegador, bd, ana):
    with bd.transaccion() as sesion:
        temporal = servicio.restablecer_clave(sesion, ana)
    assert navegador.entrar(clave=temporal).headers["Location"].startswith("/cuenta/clave?siguiente=")
    respuesta = navegador.ver("/cuenta")
    assert respuesta.headers["Location"] == "/cuenta/clave?siguiente=/cuenta"
    assert navegador.enviar("/cuenta", en="/cuenta/clave", nombre="Otra", idioma="es").status_code == 403
    assert navegador.enviar("/cuenta/clave", clave="corta", siguiente="/cuenta").status_code == 422
    puesta = navegador.enviar("/cuenta/clave", clave=NUEVA, siguiente="/cuenta")
    assert puesta.headers["Location"] == "/cuenta"
    assert navegador.ver("/cuenta").status_code == 200


def test_con_clave_temporal_no_se_vuelve_a_otro_sitio(navegador, bd, ana):
    with bd.transaccion() as sesion:
        temporal = servicio.restablecer_clave(sesion, ana)
    navegador.entrar(clave=temporal)
    assert navegador.enviar("/cuenta/clave", clave=NUEVA, siguiente="//sitio.example").headers["Location"] == "/cuenta"


@pytest.fixture
def con_correo(url_base, bd):
    app = crear_aplicacion(
        url_base,
        TESTING=True,
        SECRET_KEY="pruebas",
        TEQUIO_CORREO="smtp://127.0.0.1:9",
        TEQUIO_CORREO_DE="tequio@ejemplo.mx",
        TEQUIO_DIRECCION="https://mapa.ejemplo.mx",
    )
    yield app
    app.extensions["tequio_bd"].cerrar()


def en_cola(bd):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT clase, destino FROM correo_pendiente ORDER BY id")).all()


def test_pedir_un_enlace_responde_igual_exista_o_no_la_direccion(con_correo, bd):
    with bd.transaccion() as sesion:
        servicio.crear_persona(sesion, usuario="ana", nombre="Ana", correo="ana@ejemplo.mx")
    paginas = []
    for destino in ("ana@ejemplo.mx", "nadie@ejemplo.mx"):
        respuesta = Navegador(con_correo).enviar("/recuperar", correo=destino)
        assert respuesta.status_code == 200
        paginas.append(re.sub(r'(nonce|value|content)="[^"]*"', "", texto_de(respuesta)))
    assert paginas[0] == paginas[1]
    assert [clase for clase, _destino in en_cola(bd)] == ["restablecer", "restablecer"]


def test_pedir_muchos_enlaces_para_una_direccion_no_le_llena_el_buzon(con_correo, bd):
    for _ in range(5):
        assert Navegador(con_correo).enviar("/recuperar", correo="ana@ejemplo.mx").status_code == 200
    assert len(en_cola(bd)) == 3


def test_un_correo_mal_escrito_se_dice_en_el_formulario(con_correo, bd):
    respuesta = Navegador(con_correo).enviar("/recuperar", correo="ana en ejemplo")
    assert respuesta.status_code == 422
    assert "parece un correo" in texto_de(respuesta)
    assert en_cola(bd) == []


def test_sin_servidor_de_correo_se_dice_a_quien_acudir(navegador):
    assert "no envía correos" in texto_de(navegador.ver("/recuperar"))
    assert navegador.enviar("/recuperar", en="/entrar", correo="ana@ejemplo.mx").status_code == 409


def test_un_enlace_pone_una_clave_nueva_y_abrirlo_no_lo_gasta(navegador, bd, ana):
    ruta = f"/restablecer/{crear_enlace(bd, ana)}"
    pagina = navegador.ver(ruta)
    assert pagina.headers["Cache-Control"] == "no-store"
    assert pagina.headers["Referrer-Policy"] == "no-referrer"
    assert navegador.enviar(ruta, clave="corta").status_code == 422
    assert navegador.enviar(ruta, clave=NUEVA).headers["Location"] == "/entrar"
    assert navegador.ver(ruta).status_code == 410
    assert navegador.entrar(clave=NUEVA).status_code == 303


def test_un_enlace_inventado_esta_vencido(navegador):
    for ficha in ("nada", "%00", "a" * 3000, "ñ", "%ff"):
        assert navegador.ver(f"/restablecer/{ficha}").status_code == 410


def test_el_idioma_se_elige_sin_cuenta_y_se_recuerda_en_la_cuenta(navegador, bd, ana):
    assert navegador.enviar("/idioma", en="/entrar", idioma="en", siguiente="/entrar").headers["Location"] == "/entrar"
    assert '<html lang="en"' in texto_de(navegador.ver("/entrar"))
    navegador.entrar()
    navegador.enviar("/idioma", en="/cuenta", idioma="en")
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT idioma FROM persona")).scalar() == "en"
    assert navegador.enviar("/idioma", en="/cuenta", idioma="fr").status_code == 422


def test_las_paginas_de_cuentas_no_llevan_guiones_ni_estilos_en_linea(navegador, bd, ana):
    paginas = [
        texto_de(navegador.ver(r))
        for r in ("/entrar", "/registro", "/recuperar", f"/restablecer/{crear_enlace(bd, ana)}")
    ]
    navegador.entrar()
    paginas += [texto_de(navegador.ver(r)) for r in ("/cuenta", "/cuenta/clave")]
    for pagina in paginas:
        assert not re.search(r"<script(?![^>]*src=)[^>]*>", pagina)
        assert not re.search(r"\son\w+=", pagina)
        assert "<style" not in pagina


def test_el_enlace_para_entrar_recuerda_donde_se_estaba(navegador):
    assert 'href="/entrar?siguiente=/municipios%3Ftexto%3Dmar"' in navegador.ver("/municipios?texto=mar").text
    # En la página de entrar, a donde ya se iba; y en la portada no hace falta.
    assert 'class="herramienta" href="/entrar?siguiente=/cuenta"' in navegador.ver("/entrar?siguiente=/cuenta").text
    assert 'class="herramienta" href="/entrar"' in navegador.ver("/").text
