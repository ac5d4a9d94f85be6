"""La cola de correos contra un servidor SMTP que escucha de verdad."""

import logging
import re
import socketserver
import threading
import time
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from sqlalchemy import text

from tareas.cuentas import cartero, consultas, correo, servicio
from tareas.cuentas.errores import CorreoInseguro, CorreoMalConfigurado
from tareas.cuentas.reglas import INTENTOS_DE_CORREO
from tests.servicios.test_cuentas_en_paralelo import a_la_vez

ANA, NADIE = "ana@ejemplo.mx", "nadie@ejemplo.mx"


class _Conversacion(socketserver.StreamRequestHandler):
    """Un servidor SMTP mínimo: contesta bien a todo, salvo lo que la prueba pida rechazar."""

    def responder(self, linea):
        self.wfile.write(linea.encode() + b"\r\n")

    def handle(self):
        servidor = self.server
        self.responder("220 pruebas")
        while linea := self.rfile.readline():
            orden = linea.decode().strip()
            servidor.ordenes.append(orden)
            verbo = orden[:4].upper()
            rechazo = servidor.rechazos.get(verbo)
            if rechazo:
                self.responder(rechazo)
            elif verbo == "EHLO":
                self.responder("250-pruebas\r\n250 AUTH PLAIN")
            elif verbo == "AUTH":
                self.responder("235 bien")
            elif verbo == "DATA":
                self.responder("354 sigue")
                cuerpo = b""
                while (renglon := self.rfile.readline()) != b".\r\n":
                    cuerpo += renglon
                servidor.correos.append(message_from_bytes(cuerpo, policy=policy.default))
                self.responder("250 recibido")
            elif verbo == "QUIT":
                self.responder("221 adiós")
                return
            else:
                self.responder("250 bien")


class ServidorSmtp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Conversacion)
        self.correos, self.ordenes, self.rechazos = [], [], {}

    @property
    def configuracion(self):
        return {
            "TEQUIO_CORREO": f"smtp://usuario:cl%40ve@127.0.0.1:{self.server_address[1]}",
            "TEQUIO_CORREO_DE": "Tequio <tequio@ejemplo.mx>",
            "TEQUIO_DIRECCION": "https://mapa.ejemplo.mx/",
        }


@pytest.fixture
def smtp():
    with ServidorSmtp() as servidor:
        hilo = threading.Thread(target=servidor.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        hilo.start()
        yield servidor
        servidor.shutdown()


@pytest.fixture
def salida(smtp):
    return correo.servidor_configurado(smtp.configuracion)


@pytest.fixture
def ana(bd):
    with bd.transaccion() as sesion:
        return servicio.crear_persona(sesion, usuario="ana", nombre="Ana", correo=ANA)


def pedir(bd, destino=ANA, idioma="es"):
    with bd.transaccion() as sesion:
        servicio.pedir_enlace(sesion, destino, idioma=idioma)


def pendientes(bd):
    with bd.lectura() as sesion:
        return sesion.execute(
            text("SELECT intentos, siguiente > ahora() AS aplazado, error FROM correo_pendiente")
        ).all()


def que_toque_ya(bd):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE correo_pendiente SET siguiente = ahora()"))


def test_el_correo_lleva_un_enlace_que_sirve_una_vez(bd, ana, smtp, salida):
    pedir(bd)
    assert cartero.repartir(bd, salida) == cartero.Reparto(enviados=1)
    mensaje = smtp.correos[0]
    assert (mensaje["To"], mensaje["From"]) == (ANA, "Tequio <tequio@ejemplo.mx>")
    assert mensaje["Subject"] == "Tu clave de Tequio"
    (ficha,) = re.findall(r"https://mapa\.ejemplo\.mx/restablecer/(\S+)", mensaje.get_content())
    with bd.transaccion() as sesion:
        assert servicio.usar_enlace(sesion, ficha, "otra frase muy larga") == ana
    assert pendientes(bd) == []


def test_si_varias_cuentas_comparten_correo_llega_un_enlace_de_cada_una(bd, ana, smtp, salida):
    with bd.transaccion() as sesion:
        servicio.crear_persona(sesion, usuario="eva", nombre="Eva", correo=ANA.upper())
        baja = servicio.crear_persona(sesion, usuario="ido", nombre="Ido", correo=ANA)
        servicio.dar_de_baja(sesion, baja)
    pedir(bd)
    cartero.repartir(bd, salida)
    cuerpo = smtp.correos[0].get_content()
    assert cuerpo.count("/restablecer/") == 2
    assert "Usuario: ana" in cuerpo
    assert "Usuario: eva" in cuerpo


def test_pedirlo_para_una_direccion_que_nadie_usa_no_envia_nada(bd, ana, smtp, salida):
    pedir(bd, NADIE)
    assert cartero.repartir(bd, salida) == cartero.Reparto(descartados=1)
    assert smtp.correos == []
    assert pendientes(bd) == []


def test_ni_la_cola_ni_la_bitacora_guardan_el_secreto(bd, ana, smtp, salida, caplog):
    caplog.set_level(logging.DEBUG)
    pedir(bd)
    cartero.repartir(bd, salida)
    ficha = smtp.correos[0].get_content().split("/restablecer/")[1].split()[0]
    with bd.lectura() as sesion:
        guardado = sesion.execute(text("SELECT huella FROM restablecimiento")).scalar()
    assert bytes(guardado) == consultas.huella(ficha)
    assert ficha not in caplog.text
    assert ANA not in caplog.text
    assert "cl@ve" not in repr(salida)


def test_si_el_servidor_esta_ocupado_se_repite_mas_tarde_y_llega_uno_solo(bd, ana, smtp, salida, caplog):
    smtp.rechazos["MAIL"] = "451 vuelve luego"
    pedir(bd)
    assert cartero.repartir(bd, salida) == cartero.Reparto(aplazados=1)
    assert pendientes(bd)[0][:2] == (1, True)
    assert ANA not in caplog.text
    assert cartero.repartir(bd, salida) == cartero.Reparto()
    smtp.rechazos.clear()
    que_toque_ya(bd)
    assert cartero.repartir(bd, salida) == cartero.Reparto(enviados=1)
    assert len(smtp.correos) == 1


def test_si_no_hay_servidor_se_insiste_un_numero_fijo_de_veces(bd, ana):
    apagado = correo.ServidorDeCorreo("127.0.0.1", 9, False, "tequio@ejemplo.mx", "https://mapa.ejemplo.mx")
    pedir(bd)
    for _ in range(INTENTOS_DE_CORREO):
        que_toque_ya(bd)
        assert cartero.repartir(bd, apagado).aplazados == 1
    que_toque_ya(bd)
    assert cartero.repartir(bd, apagado) == cartero.Reparto()
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE correo_pendiente SET creado = creado - interval '2 days'"))
        servicio.barrer(sesion)
    assert pendientes(bd) == []


def test_un_destino_que_no_existe_no_se_repite_y_uno_lleno_si(bd, ana, smtp, salida):
    smtp.rechazos["RCPT"] = "550 no existe"
    pedir(bd)
    assert cartero.repartir(bd, salida) == cartero.Reparto(descartados=1)
    smtp.rechazos["RCPT"] = "452 buzón lleno"
    pedir(bd)
    assert cartero.repartir(bd, salida) == cartero.Reparto(aplazados=1)


def test_varios_procesos_reparten_a_la_vez_sin_repetir(bd, smtp, salida):
    with bd.transaccion() as sesion:
        for n in range(12):
            servicio.crear_persona(sesion, usuario=f"persona{n}", nombre="Persona", correo=f"p{n}@ejemplo.mx")
    for n in range(12):
        pedir(bd, f"p{n}@ejemplo.mx")
    repartos = a_la_vez([lambda: cartero.repartir(bd, salida)] * 4)
    assert sum(r.enviados for r in repartos) == 12
    assert sorted(m["To"] for m in smtp.correos) == sorted(f"p{n}@ejemplo.mx" for n in range(12))


def test_cambiar_correo_o_clave_avisa_a_la_direccion_que_valia(bd, ana, smtp, salida):
    with bd.transaccion() as sesion:
        servicio.cambiar_clave(sesion, ana, "otra frase muy larga", avisar=True)
        servicio.cambiar_correo(sesion, ana, "nueva@ejemplo.mx", avisar=True)
    cartero.repartir(bd, salida)
    assert [(m["To"], m["Subject"]) for m in smtp.correos] == [
        (ANA, "Cambió tu clave de Tequio"),
        (ANA, "Cambió el correo de tu cuenta de Tequio"),
    ]


def test_el_hilo_del_servidor_reparte_solo_y_se_detiene(bd, ana, smtp, salida):
    hilo = cartero.Cartero(bd, salida, cada_s=0.05)
    hilo.start()
    pedir(bd)
    limite = time.monotonic() + 5
    while not smtp.correos and time.monotonic() < limite:
        time.sleep(0.02)
    hilo.detener()
    hilo.join(5)
    assert len(smtp.correos) == 1
    assert not hilo.is_alive()


def test_la_clave_del_correo_no_viaja_sin_cifrar_a_otra_maquina(smtp, salida):
    mensaje = correo.componer(salida, "clave_cambiada", ANA, "es", {"usuario": "ana"})
    # 0.0.0.0 llega al mismo servidor, pero no es una dirección de esta máquina.
    with pytest.raises(CorreoInseguro):
        correo.enviar(replace(salida, anfitrion="0.0.0.0"), mensaje)
    assert smtp.ordenes
    assert not [o for o in smtp.ordenes if o.upper().startswith("AUTH")]


def test_un_destino_con_saltos_de_linea_no_agrega_cabeceras(salida):
    with pytest.raises(ValueError, match="linefeed"):
        correo.componer(salida, "clave_cambiada", "ana@ejemplo.mx\nBcc: otra@ejemplo.mx", "es", {"usuario": "ana"})


def test_esta_maquina_se_reconoce_por_nombre_y_por_direccion():
    assert all(correo.es_esta_maquina(a) for a in ("localhost", "127.0.0.1", "::1"))
    assert not any(correo.es_esta_maquina(a) for a in ("smtp.ejemplo.mx", "10.0.0.1"))


@pytest.mark.parametrize(
    "cambio",
    [
        {"TEQUIO_CORREO": "http://servidor"},
        {"TEQUIO_CORREO": "smtp://"},
        {"TEQUIO_CORREO": "smtp://servidor:puerto"},
        {"TEQUIO_CORREO_DE": "sin arroba"},
        {"TEQUIO_CORREO_DE": ""},
        {"TEQUIO_DIRECCION": ""},
        {"TEQUIO_DIRECCION": "mapa.ejemplo.mx"},
    ],
)
def test_una_configuracion_de_correo_a_medias_se_dice_al_arrancar(cambio):
    completa = {
        "TEQUIO_CORREO": "smtps://servidor.ejemplo",
        "TEQUIO_CORREO_DE": "t@ejemplo.mx",
        "TEQUIO_DIRECCION": "https://ejemplo.mx",
    }
    assert correo.servidor_configurado(completa).puerto == 465
    with pytest.raises(CorreoMalConfigurado) as error:
        correo.servidor_configurado({**completa, **cambio})
    assert next(iter(cambio)) in error.value.mensaje


def test_sin_servidor_de_correo_no_hay_nada_que_configurar():
    assert correo.servidor_configurado({}) is None
