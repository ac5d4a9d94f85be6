"""El buzón contra PostGIS y un servidor SMTP de verdad: avisar una vez, repartir una vez, y a su hora."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from tareas.comun.reloj import fijar
from tareas.cuentas import cartero, correo
from tareas.cuentas import servicio as cuentas
from tareas.cuentas.buzon import consultas, servicio
from tareas.cuentas.buzon.errores import AvisoDesconocido
from tareas.cuentas.buzon.firma import persona_de_baja
from tareas.cuentas.buzon.reglas import CLASES, PorCorreo
from tareas.cuentas.buzon.textos import en_palabras
from tareas.municipios.errores import ZonaDesconocida
from tareas.validacion.reglas import MOTIVOS
from tests.fabrica import municipio, proyecto
from tests.servicios.test_cuentas_correo import salida, smtp  # noqa: F401
from tests.servicios.test_cuentas_en_paralelo import a_la_vez

SECRETO = "secreto de pruebas"


def en_utc(momento):
    return datetime.fromisoformat(momento).replace(tzinfo=UTC)


@pytest.fixture
def lugar(bd):
    return municipio(bd)


@pytest.fixture
def obra(bd, lugar):
    return proyecto(bd, lugar, nombre="Barrio de la Luz")


@pytest.fixture
def con_firma(salida):  # noqa: F811
    return correo.ServidorDeCorreo(
        salida.anfitrion, salida.puerto, False, salida.remitente, salida.direccion, secreto=SECRETO
    )


def gente(bd, usuario="ana", correo="ana@ejemplo.mx", idioma="es"):
    with bd.transaccion() as sesion:
        return cuentas.crear_persona(sesion, usuario=usuario, nombre=usuario.capitalize(), correo=correo, idioma=idioma)


def avisar(bd, persona, llave="dictamen:1", *, cuando=None, clase="devuelta", **mas):
    with bd.transaccion() as sesion:
        # Hace rato: el cartero ya no espera a ver si llega otro.
        fijar(sesion, cuando or datetime.now(UTC) - timedelta(minutes=2))
        return servicio.avisar(
            sesion, persona_id=persona, clase=clase, llave=llave, enlace="/mi-trabajo", **{"numero": 7, **mas}
        )


def texto_de(mensaje):
    return mensaje.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_de(mensaje):
    return mensaje.get_body(("html",)).get_content()


def preferir(bd, persona, como, hora=None):
    with bd.transaccion() as sesion:
        servicio.guardar_preferencias(sesion, persona, correo=como, hora=hora)


def poner(bd, cuando):
    """Una vuelta del cartero en ese momento, sin enviar: cuántos correos quedaron puestos."""
    with bd.transaccion() as sesion:
        fijar(sesion, cuando)
        return servicio.poner_correos(sesion)


def en_cola(bd):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT clase, destino, idioma, datos FROM correo_pendiente ORDER BY id")).all()


def estados(bd):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT correo FROM aviso ORDER BY id")).scalars().all()


# --- Avisar -----------------------------------------------------------------------------------------------------------


def test_la_misma_llave_no_avisa_dos_veces_aunque_lleguen_juntas(bd, obra):
    ana, eva = gente(bd), gente(bd, "eva")
    dados = a_la_vez([lambda: avisar(bd, ana)] * 8)
    assert [d for d in dados if d is not None] != []
    assert sum(d is not None for d in dados) == 1
    assert avisar(bd, eva) is not None
    assert avisar(bd, ana, "dictamen:2") is not None
    with bd.lectura() as sesion:
        assert consultas.sin_leer(sesion, ana) == 2


def test_un_aviso_vive_o_muere_con_lo_que_paso(bd, obra):
    ana = gente(bd)

    def a_medias():
        with bd.transaccion() as sesion:
            servicio.avisar(sesion, persona_id=ana, clase="validada", llave="x", enlace="/")
            raise AvisoDesconocido

    with pytest.raises(AvisoDesconocido):
        a_medias()
    assert avisar(bd, ana, "x") is not None


@pytest.mark.parametrize("enlace", ["https://malo.mx", "//malo.mx", "/\\malo.mx", "/a\nb", "", "javascript:1", "/" * 2])
def test_un_enlace_que_saca_de_aqui_no_se_guarda(bd, enlace):
    ana = gente(bd)
    with pytest.raises(Exception, match="aviso_enlace_local"), bd.transaccion() as sesion:
        servicio.avisar(sesion, persona_id=ana, clase="validada", llave=None, enlace=enlace)
    assert estados(bd) == []


def test_cada_clase_del_registro_cabe_en_la_base_y_otra_no(bd):
    ana = gente(bd)
    for clase in CLASES:
        assert avisar(bd, ana, clase, clase=clase) is not None
    with pytest.raises(KeyError):
        avisar(bd, ana, "otra", clase="no_existe")


def test_sin_correo_de_baja_o_nunca_el_aviso_queda_solo_en_el_buzon(bd, obra):
    sin, ida, nunca = gente(bd, "sin", None), gente(bd, "ida"), gente(bd, "nunca")
    with bd.transaccion() as sesion:
        cuentas.dar_de_baja(sesion, ida)
    preferir(bd, nunca, PorCorreo.NUNCA)
    for quien in (sin, ida, nunca):
        assert avisar(bd, quien) is not None
    assert estados(bd) == ["no"] * 3
    assert poner(bd, datetime.now(UTC) + timedelta(days=2)) == 0


def test_marcar_leidos_es_solo_de_lo_propio(bd, obra):
    ana, eva = gente(bd), gente(bd, "eva")
    uno, dos, ajeno = avisar(bd, ana, "1", dictamen_id=5), avisar(bd, ana, "2"), avisar(bd, eva, "1", dictamen_id=5)
    with bd.transaccion() as sesion:
        assert servicio.marcar_leidos(sesion, ana, ids=[ajeno]) == 0
        assert servicio.marcar_leidos(sesion, ana, dictamen_id=5) == 1
        assert servicio.marcar_leidos(sesion, ana, ids=[uno, dos]) == 1
        assert servicio.marcar_leidos(sesion, ana) == 0
        assert consultas.sin_leer(sesion, eva) == 1


# --- Repartir ---------------------------------------------------------------------------------------------------------


def test_varios_carteros_mandan_cada_aviso_y_cada_resumen_una_vez(bd, obra, smtp, con_firma):  # noqa: F811
    hace = datetime.now(UTC) - timedelta(hours=30)
    for n in range(6):
        quien = gente(bd, f"una{n}", f"una{n}@ejemplo.mx")
        preferir(bd, quien, PorCorreo.CADA_UNO)
        for k in range(2):
            avisar(bd, quien, f"{k}", cuando=hace, proyecto_id=obra)
        otra = gente(bd, f"dia{n}", f"dia{n}@ejemplo.mx")
        for k in range(3):
            avisar(bd, otra, f"{k}", cuando=hace, proyecto_id=obra)
    a_la_vez([lambda: cartero.repartir(bd, con_firma)] * 4)
    assert sorted(m["To"] for m in smtp.correos) == sorted(
        [f"una{n}@ejemplo.mx" for n in range(6)] + [f"dia{n}@ejemplo.mx" for n in range(6)]
    )
    a_la_vez([lambda: cartero.repartir(bd, con_firma)] * 4)
    assert len(smtp.correos) == 12
    assert en_cola(bd) == []


def test_si_el_servidor_de_correo_esta_caido_se_guarda_y_se_repite(bd, obra, smtp, con_firma):  # noqa: F811
    ana = gente(bd)
    preferir(bd, ana, PorCorreo.CADA_UNO)
    apagado = correo.ServidorDeCorreo("127.0.0.1", 9, False, "t@ejemplo.mx", "https://mapa.ejemplo.mx")
    avisar(bd, ana)
    assert cartero.repartir(bd, apagado).aplazados == 1
    assert [c.clase for c in en_cola(bd)] == ["aviso"]
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE correo_pendiente SET siguiente = ahora()"))
    assert cartero.repartir(bd, con_firma).enviados == 1
    assert len(smtp.correos) == 1


def test_lo_que_no_salio_en_un_dia_espera_el_siguiente_resumen(bd, obra):
    ana = gente(bd)
    avisar(bd, ana, cuando=datetime.now(UTC) - timedelta(hours=30))
    assert poner(bd, datetime.now(UTC)) == 1
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE correo_pendiente SET creado = creado - interval '2 days'"))
        cuentas.barrer(sesion)
    assert (en_cola(bd), estados(bd)) == ([], ["pendiente"])
    assert poner(bd, datetime.now(UTC) + timedelta(days=1)) == 1


def test_lo_leido_antes_de_salir_no_se_manda_y_la_direccion_es_la_de_ahora(bd, obra, smtp, con_firma):  # noqa: F811
    ana, eva = gente(bd), gente(bd, "eva", "eva@ejemplo.mx")
    for quien in (ana, eva):
        preferir(bd, quien, PorCorreo.CADA_UNO)
        avisar(bd, quien)
    assert poner(bd, datetime.now(UTC)) == 2
    with bd.transaccion() as sesion:
        servicio.marcar_leidos(sesion, ana)
        cuentas.cambiar_correo(sesion, eva, "nueva@ejemplo.mx")
    assert cartero.repartir(bd, con_firma) == cartero.Reparto(enviados=1, descartados=1)
    assert [m["To"] for m in smtp.correos] == ["nueva@ejemplo.mx"]


def test_quien_se_va_entre_la_cola_y_el_envio_no_recibe_nada(bd, obra, smtp, con_firma):  # noqa: F811
    ana = gente(bd)
    preferir(bd, ana, PorCorreo.CADA_UNO)
    avisar(bd, ana)
    assert poner(bd, datetime.now(UTC)) == 1
    with bd.transaccion() as sesion:
        cuentas.dar_de_baja(sesion, ana)
    assert cartero.repartir(bd, con_firma) == cartero.Reparto(descartados=1)
    assert smtp.correos == []


def test_borrar_a_una_persona_se_lleva_su_buzon(bd, obra):
    ana = gente(bd)
    avisar(bd, ana)
    preferir(bd, ana, PorCorreo.CADA_UNO)
    with bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM persona WHERE id = :p"), {"p": ana})
        assert (
            sesion.execute(text("SELECT (SELECT count(*) FROM aviso) + (SELECT count(*) FROM persona_avisos)")).scalar()
            == 0
        )


def test_el_correo_va_en_el_idioma_de_la_persona_y_dice_como_parar(bd, lugar, obra, smtp, con_firma):  # noqa: F811
    ana = gente(bd, idioma="en")
    preferir(bd, ana, PorCorreo.CADA_UNO)
    uno = avisar(bd, ana, proyecto_id=obra, municipio_id=lugar, datos={"codigos": [next(iter(MOTIVOS)), "X-NADA"]})
    cartero.repartir(bd, con_firma)
    (mensaje,) = smtp.correos
    cuerpo = texto_de(mensaje)
    assert mensaje["Subject"] == "Task 7 was returned to you"
    assert "Barrio de la Luz" in cuerpo
    assert "Barrio" not in mensaje["Subject"]
    assert f"https://mapa.ejemplo.mx/buzon/{uno}\n" in cuerpo
    assert "https://mapa.ejemplo.mx/cuenta#avisos" in cuerpo
    assert cuerpo.count("\n- ") == 1
    baja = mensaje["List-Unsubscribe"].strip("<>")
    assert mensaje["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"{baja}\n" in cuerpo
    assert persona_de_baja(SECRETO, baja.rsplit("/", 1)[1]) == ana


def test_los_avisos_seguidos_van_en_un_correo_y_uno_solo_sale_al_minuto(bd, obra, smtp, con_firma):  # noqa: F811
    ana = gente(bd)
    preferir(bd, ana, PorCorreo.CADA_UNO)
    t0 = datetime.now(UTC)
    avisar(bd, ana, "1", cuando=t0)
    assert poner(bd, t0 + timedelta(seconds=59)) == 0
    avisar(bd, ana, "2", cuando=t0 + timedelta(seconds=59))
    assert poner(bd, t0 + timedelta(seconds=61)) == 0
    assert poner(bd, t0 + timedelta(seconds=120)) == 1
    assert len(en_cola(bd)[0].datos["avisos"]) == 2
    # Lo que sigue no sale pegado al anterior, y una fila que no se acaba no espera más de cinco minutos.
    for n in range(3, 10):
        avisar(bd, ana, str(n), cuando=t0 + timedelta(seconds=120 + 50 * (n - 2)))
        assert poner(bd, t0 + timedelta(seconds=121 + 50 * (n - 2))) == (1 if n == 9 else 0)
    assert [len(c.datos["avisos"]) for c in en_cola(bd)] == [2, 7]


def test_un_correo_con_varios_los_dice_todos_y_si_solo_queda_uno_es_el_de_uno(bd, obra, smtp, con_firma):  # noqa: F811
    ana, eva = gente(bd, idioma="en"), gente(bd, "eva", "eva@ejemplo.mx")
    for quien in (ana, eva):
        preferir(bd, quien, PorCorreo.CADA_UNO)
        uno = avisar(bd, quien, "1", proyecto_id=obra, numero=4, datos={"codigos": [next(iter(MOTIVOS))]})
        avisar(bd, quien, "2", proyecto_id=obra, numero=9, clase="validada")
    assert poner(bd, datetime.now(UTC)) == 2
    with bd.transaccion() as sesion:
        servicio.marcar_leidos(sesion, eva, ids=[uno])
    assert cartero.repartir(bd, con_firma).enviados == 2
    de_ana, de_eva = sorted(smtp.correos, key=lambda m: m["To"])
    assert (de_ana["Subject"], de_eva["Subject"]) == ("2 new notices from Tequio", "Validaron tu tarea 9")
    for cuerpo in (texto_de(de_ana), html_de(de_ana)):
        assert "Task 4 was returned to you" in cuerpo
        assert "Your task 9 was validated" in cuerpo
        assert f"https://mapa.ejemplo.mx/buzon/{uno - 2}" in cuerpo
    assert "tarea 4" not in de_eva.as_string()


def test_lo_que_la_gente_escribe_no_es_html_en_el_correo(bd, lugar, smtp, con_firma):  # noqa: F811
    ana = gente(bd)
    preferir(bd, ana, PorCorreo.CADA_UNO)
    avisar(bd, ana, proyecto_id=proyecto(bd, lugar, nombre="<b>Centro & Río</b>"))
    cartero.repartir(bd, con_firma)
    (mensaje,) = smtp.correos
    assert "«<b>Centro & Río</b>»" in texto_de(mensaje)
    assert "«&lt;b&gt;Centro &amp; Río&lt;/b&gt;»" in html_de(mensaje)
    assert [p.get_content_type() for p in mensaje.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("idioma", "dicho"),
    [("es", "hasta el viernes 4 de diciembre a las 14:05"), ("en", "until Friday, December 4 at 14:05")],
)
def test_la_devolucion_dice_hasta_cuando_esta_apartada_en_la_hora_de_su_municipio(bd, lugar, idioma, dicho):
    ana = gente(bd, idioma=idioma)
    zona(bd, lugar, "America/Tijuana")
    preferir(bd, ana, PorCorreo.CADA_UNO)
    hasta = "2026-12-04T22:05:00+00:00"
    avisar(bd, ana, municipio_id=lugar, datos={"hasta": hasta}, cuando=en_utc("2026-11-27 22:05"))
    with bd.transaccion() as sesion:
        fijar(sesion, en_utc("2026-11-27 22:07"))
        (aviso,) = consultas.avisos(sesion, ana)
        assert dicho in en_palabras(aviso, correo.catalogo(idioma).gettext, idioma).que_hacer
    with bd.transaccion() as sesion:
        fijar(sesion, en_utc("2026-12-04 22:06"))
        (aviso,) = consultas.avisos(sesion, ana)
        tarde = en_palabras(aviso, correo.catalogo(idioma).gettext, idioma).que_hacer
    assert ("si sigue libre" in tarde) or ("still free" in tarde)
    entregada = SimpleNamespace(**{**aviso._mapping, "ya_no": True})
    assert en_palabras(entregada, str, "es").que_hacer == "Mira qué señaló. La tarea ya no está por corregir."
    for raro in ({}, {"hasta": None}, {"hasta": 7}, {"hasta": "ayer"}, {"hasta": "2026-12-04T22:05:00"}):
        sin_fecha = SimpleNamespace(**{**aviso._mapping, "datos": raro})
        assert en_palabras(sin_fecha, str, "es").que_hacer == CLASES["devuelta"].que_hacer


def test_una_vuelta_no_se_detiene_en_doscientos(bd, lugar, smtp, con_firma, monkeypatch):  # noqa: F811
    monkeypatch.setattr(servicio, "CORREOS_POR_VEZ", 3)
    hace = datetime.now(UTC) - timedelta(hours=30)
    for n in range(8):
        avisar(bd, gente(bd, f"dia{n}", f"dia{n}@ejemplo.mx"), cuando=hace, municipio_id=lugar)
        una = gente(bd, f"una{n}", f"una{n}@ejemplo.mx")
        preferir(bd, una, PorCorreo.CADA_UNO)
        avisar(bd, una, cuando=hace)
    # Con el plazo vencido no empieza nada; con él, hasta que no quede nada.
    assert cartero.repartir(bd, con_firma, plazo_s=0) == cartero.Reparto()
    assert cartero.repartir(bd, con_firma, alto=lambda: True) == cartero.Reparto()
    assert cartero.repartir(bd, con_firma).enviados == 16
    assert len(smtp.correos) == 16


def test_la_cabecera_de_baja_viaja_entera_aunque_la_direccion_sea_larga():
    servidor = correo.ServidorDeCorreo("x", 1, False, "t@ejemplo.mx", "https://mapa.ejemplo.mx")
    larga = "<https://mapa.un-municipio-de-nombre-muy-largo.gob.mx/buzon/baja/" + "a" * 90 + ">"
    mensaje = correo.componer(
        servidor, "clave_cambiada", "a@b.mx", "es", {"usuario": "ana"}, cabeceras={"List-Unsubscribe": larga}
    )
    assert f"List-Unsubscribe: {larga}".encode() in mensaje.as_bytes()
    assert BytesParser(policy=policy.default).parsebytes(mensaje.as_bytes())["List-Unsubscribe"] == larga


def test_un_resumen_enorme_dice_cuantos_mas_hay(bd, obra, smtp, con_firma):  # noqa: F811
    ana = gente(bd)
    for n in range(25):
        avisar(bd, ana, str(n), cuando=datetime.now(UTC) - timedelta(hours=30), proyecto_id=obra, numero=n)
    cartero.repartir(bd, con_firma)
    (mensaje,) = smtp.correos
    assert mensaje["Subject"] == "25 avisos en tu buzón de Tequio"
    assert "Y 5 más." in texto_de(mensaje)
    assert "Y 5 más." in html_de(mensaje)


def test_con_el_servidor_de_correo_mudo_nadie_espera(bd, obra):
    """Mientras el cartero aguarda a un servidor que no contesta, avisar, leer y cambiar la cuenta no esperan."""
    ana = gente(bd)
    preferir(bd, ana, PorCorreo.CADA_UNO)
    avisar(bd, ana)
    with socket.create_server(("127.0.0.1", 0)) as mudo:
        servidor = correo.ServidorDeCorreo("127.0.0.1", mudo.getsockname()[1], False, "t@e.mx", "https://e.mx")
        hilo = threading.Thread(target=cartero.repartir, args=(bd, servidor))
        hilo.start()
        llamada, _direccion = mudo.accept()
        with llamada:
            inicio = time.monotonic()
            assert avisar(bd, ana, "otra") is not None
            with bd.transaccion() as sesion:
                sesion.execute(text("SET LOCAL lock_timeout = '2s'"))
                assert servicio.marcar_leidos(sesion, ana) == 2
                cuentas.cambiar_correo(sesion, ana, None)
            assert time.monotonic() - inicio < 2
            assert hilo.is_alive()
    hilo.join(10)
    assert not hilo.is_alive()


def test_una_zona_que_no_existe_no_entra_y_si_ya_estaba_no_detiene_a_nadie(bd, lugar, smtp, con_firma, caplog):  # noqa: F811
    for mala in ("America/Narnia", "Foo/Bar+3", "", "posix/America/Lima", "EST5EDT4,M3.2.0"):
        with pytest.raises(ZonaDesconocida):
            zona(bd, lugar, mala)
    otro = municipio(bd, "99002", "Otro")
    with bd.transaccion() as sesion:
        # Como llega un respaldo de una base con una lista más nueva: sin disparadores.
        sesion.execute(text("SET LOCAL session_replication_role = replica"))
        sesion.execute(text("UPDATE municipio SET zona_horaria = 'America/Narnia' WHERE id = :m"), {"m": lugar})
    for n, donde in enumerate((lugar, otro)):
        avisar(
            bd, gente(bd, f"una{n}", f"una{n}@e.mx"), cuando=datetime.now(UTC) - timedelta(hours=30), municipio_id=donde
        )
    assert cartero.repartir(bd, con_firma).enviados == 2
    hilo = cartero.Cartero(bd, con_firma)
    hilo._decir_zonas()
    hilo._decir_zonas()
    assert [r.getMessage() for r in caplog.records if "America/Narnia" in r.getMessage()] == [
        "la base no conoce la zona horaria «America/Narnia» (1 municipios): sus resúmenes salen a la hora de "
        "America/Mexico_City"
    ]


# --- El resumen, a su hora ---------------------------------------------------------------------------------------------


def zona(bd, lugar, cual):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE municipio SET zona_horaria = :z WHERE id = :m"), {"z": cual, "m": lugar})


def test_el_resumen_sale_a_la_hora_de_la_persona_en_la_zona_de_su_municipio(bd, lugar):
    ana = gente(bd)
    zona(bd, lugar, "America/Tijuana")  # UTC-8 en noviembre
    preferir(bd, ana, PorCorreo.RESUMEN, 9)
    avisar(bd, ana, "1", cuando=en_utc("2026-11-20 12:00"), municipio_id=lugar)
    assert poner(bd, en_utc("2026-11-20 16:59")) == 0
    assert poner(bd, en_utc("2026-11-20 17:00")) == 1
    # Lo que llega después espera al día siguiente, aunque el cartero pase mil veces.
    avisar(bd, ana, "2", cuando=en_utc("2026-11-20 17:05"), municipio_id=lugar)
    assert poner(bd, en_utc("2026-11-20 23:59")) == 0
    assert poner(bd, en_utc("2026-11-21 16:59")) == 0
    assert poner(bd, en_utc("2026-11-21 17:01")) == 1
    assert poner(bd, en_utc("2026-11-22 17:01")) == 0


def test_si_el_servidor_estuvo_apagado_a_esa_hora_sale_al_volver(bd, lugar):
    ana = gente(bd)
    preferir(bd, ana, PorCorreo.RESUMEN, 23)
    avisar(bd, ana, cuando=en_utc("2026-11-20 20:00"), municipio_id=lugar)
    assert poner(bd, en_utc("2026-11-21 07:00")) == 1  # 01:00 en México
    assert poner(bd, en_utc("2026-11-22 05:30")) == 0


@pytest.mark.parametrize(
    ("hora", "dia", "a_tiempo", "antes"),
    [
        # En Tijuana el 8 de marzo de 2026 no existen las 2:xx, y el 1 de noviembre hay dos veces la 1:xx.
        (2, "2026-03-08", "2026-03-08 10:00", "2026-03-08 09:59"),
        (3, "2026-03-08", "2026-03-08 10:00", "2026-03-08 09:59"),
        (1, "2026-11-01", "2026-11-01 09:00", "2026-11-01 07:59"),
        (0, "2026-11-01", "2026-11-01 07:00", "2026-11-01 06:59"),
    ],
)
def test_los_dias_de_cambio_de_horario_hay_un_resumen_y_solo_uno(bd, lugar, hora, dia, a_tiempo, antes):
    ana = gente(bd)
    zona(bd, lugar, "America/Tijuana")
    preferir(bd, ana, PorCorreo.RESUMEN, hora)
    avisar(bd, ana, "1", cuando=en_utc(antes) - timedelta(hours=5), municipio_id=lugar)
    assert poner(bd, en_utc(antes)) == 0
    assert poner(bd, en_utc(a_tiempo)) == 1
    avisar(bd, ana, "2", cuando=en_utc(a_tiempo), municipio_id=lugar)
    assert [poner(bd, en_utc(a_tiempo) + timedelta(minutes=30 * n)) for n in range(1, 40)] == [0] * 39


def test_cambiar_la_hora_el_mismo_dia_no_lo_repite(bd, lugar):
    ana = gente(bd)
    preferir(bd, ana, PorCorreo.RESUMEN, 9)
    avisar(bd, ana, "1", cuando=en_utc("2026-11-20 10:00"), municipio_id=lugar)
    assert poner(bd, en_utc("2026-11-20 15:00")) == 1
    avisar(bd, ana, "2", cuando=en_utc("2026-11-20 15:30"), municipio_id=lugar)
    preferir(bd, ana, PorCorreo.RESUMEN, 18)
    assert poner(bd, en_utc("2026-11-21 00:30")) == 0
    assert poner(bd, en_utc("2026-11-22 00:00")) == 1


def test_lo_viejo_no_llega_de_golpe_cuando_se_configura_el_correo(bd, lugar):
    ana = gente(bd)
    avisar(bd, ana, "1", cuando=en_utc("2026-11-01 10:00"), municipio_id=lugar)
    avisar(bd, ana, "2", cuando=en_utc("2026-11-19 10:00"), municipio_id=lugar)
    assert poner(bd, en_utc("2026-11-20 23:00")) == 1
    assert len(en_cola(bd)[0].datos["avisos"]) == 1


def test_lo_viejo_se_barre(bd, lugar):
    ana = gente(bd)
    leido = avisar(bd, ana, "1", cuando=datetime.now(UTC) - timedelta(days=200))
    avisar(bd, ana, "2", cuando=datetime.now(UTC) - timedelta(days=200))
    avisar(bd, ana, "3", cuando=datetime.now(UTC) - timedelta(days=400))
    with bd.transaccion() as sesion:
        fijar(sesion, datetime.now(UTC) - timedelta(days=190))
        servicio.marcar_leidos(sesion, ana, ids=[leido])
    with bd.transaccion() as sesion:
        cuentas.barrer(sesion)
        assert [a.id for a in consultas.avisos(sesion, ana)] == [leido + 1]


def test_la_campana_se_contesta_solo_con_el_indice(bd, lugar):
    ana = gente(bd)
    with bd.transaccion() as sesion:
        sesion.execute(
            text(
                """INSERT INTO persona (usuario, nombre) SELECT 'gente' || n, 'Gente' FROM generate_series(1, 300) n"""
            )
        )
        sesion.execute(
            text("""INSERT INTO aviso (persona_id, clase, enlace, leido)
                    SELECT p.id, 'validada', '/', CASE WHEN n > 3 THEN ahora() END FROM persona p, generate_series(1, 60) n""")
        )
    with bd.motor_directo.connect() as conexion:
        conexion.execute(text("VACUUM ANALYZE aviso"))
        plan = "\n".join(
            conexion.execute(
                text("EXPLAIN (ANALYZE, BUFFERS) " + consultas.SQL["campana"].text), {"persona": ana, "tope": 100}
            ).scalars()
        )
    assert "Index Only Scan using aviso_sin_leer_idx" in plan, plan
    with bd.lectura() as sesion:
        assert consultas.sin_leer(sesion, ana) == 3


def test_de_la_misma_tarea_devuelta_dos_veces_el_correo_dice_solo_la_ultima(bd, obra, smtp, con_firma):  # noqa: F811
    ana = gente(bd)
    preferir(bd, ana, PorCorreo.CADA_UNO)
    avisar(bd, ana, "1", proyecto_id=obra, numero=4)
    ultimo = avisar(bd, ana, "2", proyecto_id=obra, numero=4)
    assert cartero.repartir(bd, con_firma).enviados == 1
    (mensaje,) = smtp.correos
    assert mensaje["Subject"] == "Te devolvieron la tarea 4"
    assert mensaje["Content-Language"] == "es"
    assert f"/buzon/{ultimo}\n" in texto_de(mensaje)
    assert "\n\n--\n" in texto_de(mensaje)
