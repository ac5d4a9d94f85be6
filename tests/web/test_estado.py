"""La página de estado dice la verdad, en palabras y en los dos idiomas."""

from sqlalchemy import text


def sembrar(bd, **campos):
    columnas = {"url": "http://ejemplo.test/minuto/", "registrado": True, **campos}
    with bd.transaccion() as sesion:
        sesion.execute(
            text(f"INSERT INTO osm_flujo ({', '.join(columnas)}) VALUES ({', '.join(':' + c for c in columnas)})"),
            columnas,
        )


def ahora(bd, sumar: str):
    with bd.lectura() as sesion:
        return sesion.execute(text("SELECT ahora() + CAST(:s AS interval)"), {"s": sumar}).scalar_one()


def test_sin_flujos_todo_esta_bien(bd, elenco, entrar):
    datos = entrar(elenco.administradora).get("/api/v1/estado").json
    assert datos["flujos"] == []
    assert datos["base"]["bytes"] > 1_000_000
    assert datos["migraciones"]["aplicada"] == datos["migraciones"]["esperada"]
    assert datos["correo"] == {
        "nivel": "bien",
        "configurado": False,
        "en_espera": 0,
        "abandonados": 0,
        "espera_s": None,
        "avisos": 0,
        "ultimo_resumen": None,
    }
    assert {datos[p]["nivel"] for p in ("base", "migraciones", "correo", "datos_osm")} == {"bien"}
    assert datos["disco"]["libres"] <= datos["disco"]["total"]


def test_el_atraso_y_el_ultimo_problema_se_dicen_en_el_idioma_de_quien_mira(bd, elenco, entrar):
    sembrar(bd, momento=ahora(bd, "-3 minutes"), intento=ahora(bd, "-20 seconds"), secuencia=7)
    cliente = entrar(elenco.administradora)
    (flujo,) = cliente.get("/api/v1/estado").json["flujos"]
    assert flujo["nivel"] == "bien"
    assert 180 <= flujo["atraso_s"] < 300
    assert "hace 3 minutos" in cliente.get("/estado").text
    with bd.transaccion() as sesion:
        sesion.execute(
            text(
                """UPDATE osm_flujo SET fallos = 3, error = 'Al flujo le falta el cambio 8', error_datos = CAST(:d AS jsonb)"""
            ),
            {
                "d": '{"plantilla": "Al flujo le falta el cambio %(secuencia)s (%(detalle)s). No se salta: los siguientes '
                'esperan a que aparezca. Si ya no existe, importa un extracto más nuevo.", '
                '"datos": {"secuencia": 8, "detalle": "contestó con el código 404", "estado": 404}}'
            },
        )
    datos = cliente.get("/api/v1/estado").json
    assert datos["nivel"] == datos["flujos"][0]["nivel"] == "mal"
    assert "le falta el cambio 8 (contestó con el código 404)" in cliente.get("/estado").text
    cliente.set_cookie("tequio_idioma", "en")
    pagina = cliente.get("/estado").text
    assert "lacks change file 8 (it answered with code 404)" in pagina
    assert "3 minutes ago" in pagina


def test_un_flujo_registrado_que_nadie_atiende_se_nota(bd, elenco, entrar):
    sembrar(bd, momento=ahora(bd, "-1 hour"), intento=ahora(bd, "-1 hour"))
    cliente = entrar(elenco.administradora)
    assert cliente.get("/api/v1/estado").json["flujos"][0]["sin_atender"] is True
    assert "Nadie lo está siguiendo" in cliente.get("/estado").text


def test_un_error_de_otra_version_se_muestra_como_se_guardo(bd, elenco, entrar):
    sembrar(bd, error="Algo pasó", error_datos='{"plantilla": "%(nada)s", "datos": {}}')
    assert "Algo pasó" in entrar(elenco.administradora).get("/estado").text


def test_los_avisos_que_esperan_y_el_ultimo_resumen_estan_en_el_estado(bd, elenco, entrar):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("INSERT INTO aviso (persona_id, clase, enlace, correo) VALUES (:p, 'validada', '/', 'pendiente')"),
            {"p": elenco.mapeadora},
        )
        sesion.execute(
            text("INSERT INTO persona_avisos (persona_id, ultimo_resumen) VALUES (:p, '2026-11-20')"),
            {"p": elenco.mapeadora},
        )
    cliente = entrar(elenco.administradora)
    correo = cliente.get("/api/v1/estado").json["correo"]
    assert (correo["avisos"], correo["ultimo_resumen"]) == (1, "2026-11-20")
    assert "20 nov 2026" in cliente.get("/estado").text
