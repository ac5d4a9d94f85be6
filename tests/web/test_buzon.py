"""El buzón por HTTP: la página, la campana, la API, y dejar de recibir correos sin entrar."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tareas.cuentas import servicio as cuentas
from tareas.cuentas.buzon import servicio
from tareas.cuentas.buzon.firma import firmar_baja
from tareas.cuentas.buzon.reglas import CLASES
from tests.web.test_cuentas import CLAVE, Navegador, texto_de


@pytest.fixture
def ana(bd, elenco):
    with bd.transaccion() as sesion:
        return cuentas.crear_persona(sesion, usuario="ana", nombre="Ana", clave=CLAVE, correo="ana@ejemplo.mx")


@pytest.fixture
def navegador(app, ana):
    navegador = Navegador(app)
    navegador.entrar("ana")
    return navegador


def avisar(bd, persona, elenco, llave="1", clase="devuelta", **mas):
    with bd.transaccion() as sesion:
        return servicio.avisar(
            sesion,
            persona_id=persona,
            clase=clase,
            llave=llave,
            enlace=f"/proyectos/{elenco.proyecto}/mapear?tarea=4",
            municipio_id=elenco.municipio,
            proyecto_id=elenco.proyecto,
            numero=4,
            **mas,
        )


def campana(pagina):
    hallada = re.search(r'class="herramienta campana".*?</a>', pagina, re.S)
    return hallada and re.sub(r"<[^>]+>", " ", hallada[0]).split(">")[-1].strip()


def test_la_campana_cuenta_lo_que_falta_de_leer_y_sin_entrar_no_esta(app, bd, elenco, ana, navegador):
    assert campana(texto_de(navegador.ver("/mi-trabajo"))) == "Avisos"
    for n in range(3):
        avisar(bd, ana, elenco, str(n))
    assert "Avisos, 3 sin leer" in texto_de(navegador.ver("/mi-trabajo"))
    assert "Avisos, 3 sin leer" in texto_de(navegador.ver(f"/proyectos/{elenco.proyecto}/mapear"))
    assert campana(texto_de(Navegador(app).ver("/"))) is None


def test_la_campana_no_pasa_de_99(bd, elenco, ana, navegador):
    for n in range(103):
        avisar(bd, ana, elenco, str(n))
    assert "Avisos, 99+ sin leer" in texto_de(navegador.ver("/cuenta"))


def test_abrir_un_aviso_lleva_a_su_lugar_y_lo_marca_una_vez(bd, elenco, ana, navegador):
    uno, ajeno = avisar(bd, ana, elenco), avisar(bd, elenco.mapeadora, elenco)
    pagina = texto_de(navegador.ver("/buzon"))
    assert "Te devolvieron la tarea 4" in pagina
    assert "de «Centro»" in pagina
    navegador.ver(f"/buzon/{uno}", headers={"Sec-Purpose": "prefetch;prerender"})
    navegador.cliente.head(f"/buzon/{uno}")
    assert "Avisos, 1 sin leer" in texto_de(navegador.ver("/cuenta"))
    respuesta = navegador.ver(f"/buzon/{uno}")
    assert (respuesta.status_code, respuesta.headers["Location"]) == (
        303,
        f"/proyectos/{elenco.proyecto}/mapear?tarea=4",
    )
    assert "sin leer" not in (campana(texto_de(navegador.ver("/buzon"))) or "")
    assert navegador.ver(f"/buzon/{uno}").status_code == 303
    for otro in (ajeno, 10**9, 0):
        respuesta = navegador.ver(f"/buzon/{otro}")
        assert respuesta.status_code == 404
        assert "Ese aviso ya no está en tu buzón" in texto_de(respuesta)
        assert "Ver mis avisos" in texto_de(respuesta)


def test_los_filtros_las_paginas_y_el_buzon_vacio(bd, elenco, ana, navegador):
    assert "Todavía no hay avisos" in texto_de(navegador.ver("/buzon"))
    viejo = avisar(bd, ana, elenco, "viejo", clase="validada")
    for n in range(22):
        avisar(bd, ana, elenco, str(n))
    navegador.ver(f"/buzon/{viejo}")
    primera, segunda = texto_de(navegador.ver("/buzon")), texto_de(navegador.ver("/buzon?pagina=2"))
    assert primera.count("aviso-buzon nuevo") == 20
    assert segunda.count("aviso-buzon nuevo") == 2
    assert "Validaron tu tarea 4" in segunda
    assert "Validaron tu tarea 4" not in texto_de(navegador.ver("/buzon?ver=sin_leer&pagina=2"))
    for rara in ("abc", "-1", "99999999999999", "²", "0"):
        assert navegador.ver(f"/buzon?pagina={rara}&ver=x").status_code == 200
    assert navegador.enviar("/buzon/leidos", en="/buzon").status_code == 303
    assert "Estás al día" in texto_de(navegador.ver("/buzon?ver=sin_leer"))


def test_se_marca_uno_solo_y_uno_raro_se_explica(bd, elenco, ana, navegador):
    uno, dos = avisar(bd, ana, elenco, "1"), avisar(bd, ana, elenco, "2")
    navegador.enviar("/buzon/leidos", en="/buzon", aviso=str(uno))
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT id FROM aviso WHERE leido IS NULL")).scalars().all() == [dos]
    for malo in ("x", "-3", "9" * 30, "1.5"):
        assert navegador.enviar("/buzon/leidos", en="/buzon", aviso=malo).status_code == 422


def test_lo_que_se_guarda_de_un_aviso_no_se_interpreta(bd, elenco, ana, navegador):
    avisar(bd, ana, elenco, datos={"codigos": "no es lista", "proyecto": "<script>%(x)s"})
    with bd.transaccion() as sesion:
        sesion.execute(
            text('UPDATE aviso SET datos = \'{"codigos": [1, null, {"a": 2}]}\', numero = NULL, proyecto_id = NULL')
        )
        sesion.execute(
            text(
                "INSERT INTO aviso (persona_id, clase, enlace, datos) VALUES (:p, 'validada', '/', '{\"proyecto\": \"<b>%(n)s\"}')"
            ),
            {"p": ana},
        )
    respuesta = navegador.ver("/buzon")
    assert respuesta.status_code == 200
    assert b"&lt;b&gt;%(n)s" in respuesta.data


def test_la_pagina_es_ligera(bd, elenco, ana, navegador):
    for n in range(20):
        avisar(bd, ana, elenco, str(n))
    respuesta = navegador.ver("/buzon", headers={"Accept-Encoding": "gzip"})
    assert len(respuesta.data) < 12_000
    assert "maplibre" not in texto_de(navegador.ver("/buzon"))


def test_preferencias_desde_mi_cuenta(bd, ana, navegador):
    assert 'value="18" selected' in texto_de(navegador.ver("/cuenta"))
    guardado = navegador.enviar("/cuenta/avisos", en="/cuenta", correo_avisos="cada_uno", hora="7")
    # Se vuelve a la sección, y ahí, no hasta arriba, está la confirmación: una vez.
    assert (guardado.status_code, guardado.headers["Location"]) == (303, "/cuenta#avisos")
    pagina = texto_de(navegador.ver("/cuenta"))
    assert pagina.count("Guardamos cómo quieres tus avisos.") == 1
    assert (
        pagina.index('id="avisos"') < pagina.index("Guardamos cómo quieres tus avisos.") < pagina.index('id="t-clave"')
    )
    assert "Guardamos cómo" not in texto_de(navegador.ver("/cuenta"))
    assert 'value="cada_uno" selected' in pagina
    assert 'value="7" selected' in pagina
    for mala in (
        {"correo_avisos": "siempre", "hora": "7"},
        {"correo_avisos": "nunca", "hora": "24"},
        {"hora": "x"},
        {},
    ):
        respuesta = navegador.enviar("/cuenta/avisos", en="/cuenta", **mala)
        assert respuesta.status_code == 422
        assert "Revisa lo marcado" in texto_de(respuesta)


def test_la_api_pagina_marca_y_guarda(bd, elenco, ana, entrar):
    ids = [avisar(bd, ana, elenco, str(n), dictamen_id=n) for n in range(5)]
    cliente = entrar(ana)
    primera = cliente.get("/api/v1/buzon?limite=3").json
    assert [a["id"] for a in primera["avisos"]] == ids[:1:-1]
    assert (primera["sin_leer"], primera["siguiente"]) == (5, ids[2])
    segunda = cliente.get(f"/api/v1/buzon?limite=3&desde={ids[2]}").json
    assert [a["id"] for a in segunda["avisos"]] == ids[1::-1]
    assert segunda["siguiente"] is None
    assert datetime.fromisoformat(segunda["avisos"][0]["creado"]).astimezone(UTC) <= datetime.now(UTC)
    assert cliente.post("/api/v1/buzon/leidos", json={"ids": ids[:2]}).json == {"leidos": 2, "sin_leer": 3}
    assert [a["id"] for a in cliente.get("/api/v1/buzon?sin_leer=1").json["avisos"]] == ids[:1:-1]
    assert cliente.post("/api/v1/buzon/leidos", json={"todos": True}).json == {"leidos": 3, "sin_leer": 0}
    guardado = cliente.put("/api/v1/buzon/preferencias", json={"correo": "resumen", "hora": 6}).json
    assert guardado == {"correo": "resumen", "hora": 6, "tiene_correo": True, "zona": "America/Mexico_City"}
    assert cliente.put("/api/v1/buzon/preferencias", json={"correo": "nunca"}).json["hora"] == 6


@pytest.mark.parametrize(
    ("metodo", "ruta", "cuerpo"),
    [
        ("POST", "leidos", {}),
        ("POST", "leidos", {"ids": [1], "todos": True}),
        ("POST", "leidos", {"todos": False}),
        ("POST", "leidos", {"ids": ["1"]}),
        ("POST", "leidos", {"ids": [0]}),
        ("POST", "leidos", {"ids": [2**63]}),
        ("POST", "leidos", {"ids": list(range(1, 300))}),
        ("PUT", "preferencias", {"correo": "siempre"}),
        ("PUT", "preferencias", {"correo": "nunca", "hora": 24}),
        ("PUT", "preferencias", {"correo": "nunca", "hora": "7"}),
        ("PUT", "preferencias", {}),
    ],
)
def test_lo_malo_se_explica_y_no_escribe(bd, ana, entrar, metodo, ruta, cuerpo):
    respuesta = entrar(ana).open(f"/api/v1/buzon/{ruta}", method=metodo, json=cuerpo)
    assert respuesta.status_code == 422
    assert respuesta.json["campos"]
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM persona_avisos")).scalar() == 0


def como_lo_quiere(bd, persona):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT correo FROM persona_avisos WHERE persona_id = :p"), {"p": persona}).scalar()


def test_el_enlace_del_correo_pregunta_y_no_pide_entrar(app, bd, ana):
    enlace = "/buzon/baja/" + firmar_baja(app.config["SECRET_KEY"], ana)
    visita = Navegador(app)
    pagina = visita.ver(enlace)
    assert pagina.status_code == 200
    assert pagina.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in pagina.headers["Cache-Control"]
    assert "¿Dejar de recibir avisos por correo?" in texto_de(pagina)
    assert como_lo_quiere(bd, ana) is None
    hecha = visita.enviar(enlace)
    assert "Ya no te mandamos avisos por correo" in texto_de(hecha)
    assert como_lo_quiere(bd, ana) == "nunca"


def test_el_enlace_habla_el_idioma_de_la_cuenta(app, bd, ana):
    with bd.transaccion() as sesion:
        cuentas.cambiar_idioma(sesion, ana, "en")
    pagina = texto_de(app.test_client().get("/buzon/baja/" + firmar_baja(app.config["SECRET_KEY"], ana)))
    assert "Stop getting notices by e-mail?" in pagina


def test_un_programa_de_correo_da_de_baja_con_una_sola_peticion(app, bd, elenco, ana):
    """RFC 8058: POST con List-Unsubscribe=One-Click, sin galletas ni ficha del formulario."""
    avisar(bd, ana, elenco)
    enlace = "/buzon/baja/" + firmar_baja(app.config["SECRET_KEY"], ana)
    respuesta = app.test_client().post(enlace, data={"List-Unsubscribe": "One-Click"})
    assert respuesta.status_code == 200
    assert como_lo_quiere(bd, ana) == "nunca"
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT correo FROM aviso")).scalars().all() == ["no"]
    assert app.test_client().post(enlace, data={"List-Unsubscribe": "One-Click"}).status_code == 200


@pytest.mark.parametrize("como", ["cortada", "cambiada", "de_otra", "larga", "sin_persona", "vacia"])
def test_una_firma_que_no_es_nuestra_no_da_de_baja_a_nadie(app, bd, ana, como):
    secreto = app.config["SECRET_KEY"]
    buena = firmar_baja(secreto, ana)
    ficha = {
        "cortada": buena[:-3],
        "cambiada": firmar_baja(secreto, ana + 1).split(".")[0] + "." + buena.split(".")[1],
        "de_otra": firmar_baja("otro secreto", ana),
        "larga": "a" * 5000,
        "sin_persona": firmar_baja(secreto, 10**9),
        "vacia": ".",
    }[como]
    for metodo in ("GET", "POST"):
        respuesta = app.test_client().open(f"/buzon/baja/{ficha}", method=metodo)
        assert respuesta.status_code == 404
        assert "Este enlace está incompleto" in texto_de(respuesta)
    assert como_lo_quiere(bd, ana) is None


def test_cada_clase_lleva_un_dibujo_que_existe():
    dibujos = set(re.findall(r'id="([\w-]+)"', Path("tareas/estaticos/img/iconos.svg").read_text()))
    assert {c.icono for c in CLASES.values()} <= dibujos
