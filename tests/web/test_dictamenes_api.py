"""La revisión por HTTP: lo que cada quien ve de un dictamen, y la entrada mala."""

import json

import pytest
from sqlalchemy import text

from tests import fabrica

HUELLA = "0123456789abcdef01234567"
CASA = {"type": "Point", "coordinates": [-98.7485, 20.1015]}


@pytest.fixture
def api(entrar, elenco, bd):
    """Un cliente por persona, y lo que hacen."""

    class Api:
        raiz = f"/api/v1/proyectos/{elenco.proyecto}"

        def __init__(self):
            for quien in ("mapeadora", "mapeador", "validadora", "capacitadora", "administradora", "forastera"):
                setattr(self, quien, entrar(getattr(elenco, quien)))
            self.nadie = entrar(None)

        def tarea(self, numero, resto=""):
            return f"{self.raiz}/tareas/{numero}{resto}"

        def mapear(self, cliente, numero):
            ficha = cliente.post(self.tarea(numero, "/bloqueo"), json={"para": "mapear"}).json["ficha"]
            return cliente.post(self.tarea(numero, "/entrega"), json={"ficha": ficha, "resultado": "mapeada"})

        def tomar(self, cliente, numero):
            return cliente.post(self.tarea(numero, "/bloqueo"), json={"para": "validar"}).json["ficha"]

        def dictaminar(self, cliente, numero, **cuerpo):
            return cliente.post(self.tarea(numero, "/dictamen"), json={"ficha": self.tomar(cliente, numero), **cuerpo})

        def devolver(self, numero=5, **mas):
            self.mapear(self.mapeadora, numero)
            cuerpo = {"veredicto": "devuelta", "motivos": ["E-FALT"], "nota": "faltan dos casas", **mas}
            return self.dictaminar(self.validadora, numero, **cuerpo).json

        def sortear(self):
            return fabrica.sortear(bd)

        def sin_sorteo(self):
            """Como si a nadie le hubiera tocado: depende del número de la entrega."""
            with bd.transaccion() as sesion:
                sesion.execute(text("DELETE FROM segunda_revision"))

        def cuantos(self):
            with bd.lectura() as sesion:
                return [
                    sesion.execute(text(f"SELECT count(*) FROM {t}")).scalar_one()
                    for t in ("dictamen", "retroalimentacion", "senalamiento", "disputa")
                ]

    return Api()


def test_la_respuesta_dice_el_dictamen_y_quien_mapeo_lee_todo(api):
    senalado = {"codigo": "E-ESC", "lugar": CASA, "nota": "La de la esquina", "huella": HUELLA}
    dado = api.devolver(fortaleza="Las calles, perfectas.", senalamientos=[senalado])
    api.sin_sorteo()
    [d] = api.mapeadora.get(api.tarea(5, "/dictamenes")).json["dictamenes"]
    assert d["id"] == dado["dictamen"]
    assert (d["veredicto"], d["clase"], d["estado"]) == ("devuelta", "primera", "devuelta")
    assert (d["se_puede_disputar"], d["sin_leer"]) == (True, True)
    assert d["retro"]["fortaleza"] == "Las calles, perfectas."
    assert [s["codigo"] for s in d["senalamientos"]] == ["E-FALT", "E-ESC"]
    esquina = d["senalamientos"][1]
    assert esquina["lugar"] == CASA
    assert esquina["por_que"]
    assert esquina["como"]
    historial = api.nadie.get(api.tarea(5, "/historial")).json["historial"]
    assert historial[-1]["motivos"] == ["E-FALT", "E-ESC"]
    leido = api.tarea(5, f"/dictamenes/{d['id']}/leido")
    assert api.mapeadora.post(leido).status_code == 204
    assert api.validadora.get(api.tarea(5, "/dictamenes")).json["dictamenes"][0]["leido"]


def test_lo_senalado_solo_lo_ven_quien_mapeo_y_quienes_validan_ahi(api):
    api.devolver()
    api.sin_sorteo()
    for cliente, detalle in (
        (api.validadora, True),
        (api.mapeadora, True),
        (api.mapeador, False),
        (api.forastera, False),
        (api.nadie, False),
    ):
        [d] = cliente.get(api.tarea(5, "/dictamenes")).json["dictamenes"]
        assert (d["detalle"], "senalamientos" in d, d["estado"]) == (detalle, detalle, "devuelta")


def test_varias_tareas_comparten_lo_que_se_les_dice(api):
    for n in (1, 2):
        api.mapear(api.mapeadora, n)
    tareas = [{"numero": n, "ficha": api.tomar(api.validadora, n)} for n in (1, 2)]
    cuerpo = {
        "tareas": tareas,
        "veredicto": "devuelta",
        "fortaleza": "Buen trazo",
        "senalamientos": [
            {"codigo": "E-ESC"},
            {"codigo": "E-FALT", "numero": 2, "lugar": {"type": "Point", "coordinates": [-98.7485, 20.1005]}},
        ],
    }
    dados = api.validadora.post(f"{api.raiz}/dictamenes", json=cuerpo).json["dictamenes"]
    assert [d["estado"] for d in dados] == ["devuelta", "devuelta"]
    una, otra = (api.mapeadora.get(api.tarea(n, "/dictamenes")).json["dictamenes"][0] for n in (1, 2))
    assert una["retro"]["id"] == otra["retro"]["id"]
    assert [s["codigo"] for s in una["senalamientos"]] == ["E-ESC"]
    assert [s["codigo"] for s in otra["senalamientos"]] == ["E-ESC", "E-FALT"]


LARGO = [[-98.7485, 20.1 + i * 1e-6] for i in range(501)]
MALAS = {
    "codigo": ({"codigo": "E-NADIE"}, "senalamientos.0.codigo"),
    "lejos": ({"codigo": "E-ESC", "lugar": {"type": "Point", "coordinates": [-98.7, 20.2]}}, "lejos"),
    "otro_mundo": ({"codigo": "E-ESC", "lugar": {"type": "Point", "coordinates": [-998.7, 20.2]}}, "fuera del mundo"),
    "al_reves": ({"codigo": "E-ESC", "lugar": {"type": "Point", "coordinates": [20.2, -98.7]}}, "fuera del mundo"),
    "texto": ({"codigo": "E-ESC", "lugar": {"type": "Point", "coordinates": ["a", "b"]}}, "longitud y latitud"),
    "multipunto": ({"codigo": "E-ESC", "lugar": {"type": "MultiPoint", "coordinates": [[-98.7, 20.1]]}}, "GeoJSON"),
    "no_es_objeto": ({"codigo": "E-ESC", "lugar": "POINT(1 1)"}, "GeoJSON"),
    "vacia": ({"codigo": "E-ESC", "lugar": {"type": "Polygon", "coordinates": []}}, "cierra"),
    "un_punto": (
        {"codigo": "E-ESC", "lugar": {"type": "LineString", "coordinates": [[-98.7485, 20.1015]]}},
        "dos puntos",
    ),
    "cruzada": (
        {
            "codigo": "E-ESC",
            "lugar": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [-98.7485, 20.1015],
                        [-98.7484, 20.1016],
                        [-98.7484, 20.1015],
                        [-98.7485, 20.1016],
                        [-98.7485, 20.1015],
                    ]
                ],
            },
        },
        "cruza",
    ),
    "muchos_puntos": ({"codigo": "E-ESC", "lugar": {"type": "LineString", "coordinates": LARGO}}, "demasiados puntos"),
    "de_otra_tarea": ({"codigo": "E-ESC", "numero": 6}, "no está en este dictamen"),
    "objeto": ({"codigo": "E-ESC", "objeto": "casa 12"}, "objeto"),
    "nota_larga": ({"codigo": "E-ESC", "nota": "x" * 1001}, "nota"),
    "huella": ({"codigo": "E-ESC", "huella": "xyz"}, "huella"),
    "campo_de_mas": ({"codigo": "E-ESC", "color": "rojo"}, "color"),
}


@pytest.mark.parametrize("cual", MALAS)
def test_un_senalamiento_malo_se_rechaza_y_nada_se_escribe(api, cual):
    senalamiento, dicho = MALAS[cual]
    api.mapear(api.mapeadora, 5)
    respuesta = api.dictaminar(api.validadora, 5, veredicto="devuelta", senalamientos=[senalamiento])
    assert respuesta.status_code == 422
    assert dicho in json.dumps(respuesta.json, ensure_ascii=False)
    assert api.cuantos() == [0, 0, 0, 0]
    assert api.nadie.get(api.tarea(5)).json["estado"] == "mapeada"


def test_un_objeto_que_no_existe_se_rechaza_y_nada_se_escribe(api, bd):
    with bd.transaccion() as sesion:
        sesion.execute(
            text(
                "INSERT INTO osm_importacion (archivo, modo, fuente, empezo, termino, version, cambio, cifras) VALUES ('a.osm', 'importar', 'prueba', now(), now(), 1, true, '{}')"
            )
        )
        sesion.execute(text("INSERT INTO osm_nodo (id, version, lon, lat) VALUES (7, 1, -98.7485, 20.1015)"))
    api.mapear(api.mapeadora, 5)
    ficha = api.tomar(api.validadora, 5)
    cuerpo = {"ficha": ficha, "veredicto": "devuelta", "senalamientos": [{"codigo": "E-ESC", "objeto": "w999"}]}
    respuesta = api.validadora.post(api.tarea(5, "/dictamen"), json=cuerpo)
    assert (respuesta.status_code, respuesta.json["codigo"]) == (422, "objeto_desconocido")
    assert "w999" in respuesta.json["detail"]
    assert api.cuantos() == [0, 0, 0, 0]
    cuerpo["senalamientos"] = [{"codigo": "E-ESC", "objeto": "n7", "version": 1}]
    assert api.validadora.post(api.tarea(5, "/dictamen"), json=cuerpo).status_code == 200


@pytest.mark.parametrize(
    "cuerpo",
    [
        {"veredicto": "aceptada"},
        {"veredicto": "devuelta"},
        {"veredicto": "validada", "fortaleza": "x" * 1001},
        {"veredicto": "validada", "nota": "x" * 5001},
        {"veredicto": "devuelta", "senalamientos": [{"codigo": "E-ESC"}] * 101},
        {"veredicto": "devuelta", "senalamientos": {"codigo": "E-ESC"}},
    ],
)
def test_un_dictamen_malo_se_rechaza(api, cuerpo):
    api.mapear(api.mapeadora, 5)
    assert api.dictaminar(api.validadora, 5, **cuerpo).status_code == 422
    assert api.cuantos() == [0, 0, 0, 0]


def test_con_la_ficha_de_otra_persona_no_se_dictamina(api):
    api.mapear(api.mapeadora, 5)
    ficha = api.tomar(api.validadora, 5)
    cuerpo = {"ficha": ficha, "veredicto": "devuelta", "motivos": ["E-ESC"], "nota": "no se pierde"}
    respuesta = api.capacitadora.post(api.tarea(5, "/dictamen"), json=cuerpo)
    assert (respuesta.status_code, respuesta.json["nota"]) == (409, "no se pierde")
    assert api.cuantos() == [0, 0, 0, 0]


def test_en_varias_lo_dibujado_dice_de_cual_es(api):
    for n in (1, 2):
        api.mapear(api.mapeadora, n)
    cuerpo = {"tareas": [{"numero": n, "ficha": api.tomar(api.validadora, n)} for n in (1, 2)], "veredicto": "devuelta"}
    mal = {**cuerpo, "senalamientos": [{"codigo": "E-ESC", "lugar": CASA}]}
    assert api.validadora.post(f"{api.raiz}/dictamenes", json=mal).status_code == 422
    sin_motivo = {**cuerpo, "senalamientos": [{"codigo": "E-ESC", "numero": 1}]}
    respuesta = api.validadora.post(f"{api.raiz}/dictamenes", json=sin_motivo)
    assert respuesta.status_code == 422
    assert "tarea 2" in json.dumps(respuesta.json, ensure_ascii=False)
    assert api.cuantos() == [0, 0, 0, 0]


def sin_decirlo(api, *quienes):
    """De lo que otra persona debe juzgar a ciegas, a ésas no se les dice ni qué, ni quién, ni con qué resultado."""
    for quien in quienes:
        for ruta in (api.tarea(5, "/historial"), api.tarea(5, "/dictamenes"), f"{api.raiz}/actividad"):
            texto = quien.get(ruta).text
            assert not {"E-FALT", "faltan dos casas", "Validadora"} & set(texto.split('"')), ruta
        [d] = quien.get(api.tarea(5, "/dictamenes")).json["dictamenes"]
        assert (d["oculto"], d["estado"], d["detalle"]) == (True, None, False)


def test_la_conversacion_de_una_disputa(api):
    dado = api.devolver()
    disputa = {"dictamen": dado["dictamen"], "motivo": "Sí están: son las de techo gris."}
    assert api.mapeador.post(api.tarea(5, "/disputa"), json=disputa).status_code == 403
    assert api.mapeadora.post(api.tarea(5, "/disputa"), json={**disputa, "motivo": "no"}).status_code == 422
    assert api.mapeadora.post(api.tarea(6, "/disputa"), json=disputa).status_code == 404
    hecha = api.mapeadora.post(api.tarea(5, "/disputa"), json=disputa)
    assert (hecha.status_code, hecha.json["estado"]) == (201, "mapeada")
    otra = api.mapeadora.post(api.tarea(5, "/disputa"), json=disputa)
    assert (otra.status_code, otra.json["codigo"]) == (409, "ya_se_disputo")
    [fila] = api.capacitadora.get(f"{api.raiz}/revision").json["tareas"]
    assert (fila["numero"], fila["banda"]) == (5, "disputa")
    assert api.validadora.get(f"{api.raiz}/revision").json["total"] == 0
    negada = api.validadora.post(api.tarea(5, "/bloqueo"), json={"para": "validar"})
    assert (negada.status_code, negada.json["codigo"]) == (403, "disputa_de_otra_persona")
    # A ciegas: se oye a quien mapeó, y no se sabe qué se le dijo ni quién.
    tapado = api.capacitadora.get(api.tarea(5, "/dictamenes"))
    assert tapado.json["dictamenes"][0]["disputa"]["motivo"] == "Sí están: son las de techo gris."
    assert not {"E-FALT", "faltan dos casas", "Validadora"} & set(tapado.text.split('"'))
    assert tapado.json["dictamenes"][0]["oculto"]
    assert "faltan dos casas" not in api.capacitadora.get(api.tarea(5, "/historial")).text
    sin_decirlo(api, api.capacitadora, api.nadie, api.mapeador)
    assert "techo gris" not in api.nadie.get(api.tarea(5, "/dictamenes")).text
    resuelta = api.dictaminar(api.capacitadora, 5, veredicto="validada")
    assert (dado["clase"], resuelta.json["clase"]) == ("primera", "disputa")
    assert "E-FALT" in api.nadie.get(api.tarea(5, "/historial")).text
    primero = api.mapeadora.get(api.tarea(5, "/dictamenes")).json["dictamenes"][1]
    assert primero["disputa"]["resultado"] == "a_favor"
    # Lo que no fue error suyo tampoco le resta en el avance: cuenta como aceptada a la primera.
    avance = api.capacitadora.get(f"{api.raiz}/avance").json
    assert avance["resumen"]["aceptadas_a_la_primera"] == 1
    assert [d["aceptadas_a_la_primera"] for d in avance["dias"]] == [1]
    [ella] = [p for p in avance["personas"] if p["entregas"]]
    assert ella["aceptadas_a_la_primera"] == 1


def test_una_disputa_la_ve_quien_puede_decidirla_y_quien_la_pidio_y_nadie_mas(api):
    dado = api.devolver()
    nada = {"por_decidir": {"total": 0, "tareas": []}, "mias": []}
    todas = (api.capacitadora, api.administradora, api.validadora, api.mapeadora, api.mapeador, api.forastera)
    for quien in todas:
        assert quien.get(f"{api.raiz}/disputas").json == nada
    assert api.nadie.get(f"{api.raiz}/disputas").status_code == 401
    disputa = {"dictamen": dado["dictamen"], "motivo": "Sí están: son las de techo gris."}
    assert api.mapeadora.post(api.tarea(5, "/disputa"), json=disputa).status_code == 201
    for quien in (api.capacitadora, api.administradora):
        vista = quien.get(f"{api.raiz}/disputas")
        assert vista.json["por_decidir"]["total"] == 1
        [una] = vista.json["por_decidir"]["tareas"]
        assert (una["numero"], una["motivo"], una["persona"]) == (5, "Sí están: son las de techo gris.", "Mapeadora")
        assert una["mia_hasta"] is None
        # A ciegas: ni quién la devolvió ni qué dijo.
        assert not any(
            dicho in vista.text for dicho in ("E-FALT", "faltan dos casas", "Validadora", "Falta por mapear")
        )
    suya = api.mapeadora.get(f"{api.raiz}/disputas").json
    assert (suya["por_decidir"]["total"], [m["numero"] for m in suya["mias"]]) == (0, [5])
    for quien in (api.validadora, api.mapeador, api.forastera):
        assert quien.get(f"{api.raiz}/disputas").json == nada
    # En manos de una, para las demás ya no espera.
    assert api.tomar(api.capacitadora, 5)
    [una] = api.capacitadora.get(f"{api.raiz}/disputas").json["por_decidir"]["tareas"]
    assert una["mia_hasta"] is not None
    assert api.administradora.get(f"{api.raiz}/disputas").json == nada
    api.dictaminar(api.capacitadora, 5, veredicto="validada")
    for quien in todas:
        assert quien.get(f"{api.raiz}/disputas").json == nada


def test_quien_mapeo_una_disputada_no_la_decide_aunque_valide(api, bd, elenco):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("INSERT INTO papel (persona_id, municipio_id, papel) VALUES (:p, :m, 'validador')"),
            {"p": elenco.mapeadora, "m": elenco.municipio},
        )
    dado = api.devolver()
    disputa = {"dictamen": dado["dictamen"], "motivo": "Sí están: son las de techo gris."}
    assert api.mapeadora.post(api.tarea(5, "/disputa"), json=disputa).status_code == 201
    assert api.mapeadora.get(f"{api.raiz}/disputas").json["por_decidir"]["total"] == 0
    assert "te toca decidir" not in api.mapeadora.get("/mi-trabajo").text


def test_la_conversacion_de_una_segunda_opinion(api):
    api.devolver()
    entrega = api.sortear()
    segundas = api.capacitadora.get(f"{api.raiz}/segundas")
    assert [s["entrega"] for s in segundas.json["segundas"]] == [entrega]
    assert "faltan" not in segundas.text
    sin_decirlo(api, api.capacitadora, api.nadie, api.mapeador, api.forastera)
    for quien in (api.validadora, api.mapeadora):
        assert "E-FALT" in quien.get(api.tarea(5, "/historial")).text
    assert api.validadora.get(f"{api.raiz}/segundas").json["total"] == 0
    toma = f"{api.raiz}/segundas/{entrega}/toma"
    assert api.validadora.post(toma).json["codigo"] == "segunda_de_la_misma"
    tomada = api.capacitadora.post(toma)
    assert tomada.status_code == 201
    assert api.administradora.post(toma).json["codigo"] == "segunda_ocupada"
    assert api.capacitadora.delete(toma).status_code == 204
    ficha = api.capacitadora.post(toma).json["ficha"]
    dictamen = f"{api.raiz}/segundas/{entrega}/dictamen"
    lejos = {
        "ficha": ficha,
        "veredicto": "devuelta",
        "senalamientos": [{"codigo": "E-ESC", "lugar": {"type": "Point", "coordinates": [0, 0]}}],
    }
    assert api.capacitadora.post(dictamen, json=lejos).status_code == 422
    hecha = api.capacitadora.post(dictamen, json={"ficha": ficha, "veredicto": "validada"})
    assert (hecha.status_code, hecha.json["de_acuerdo"]) == (200, False)
    assert api.nadie.get(api.tarea(5)).json["estado"] == "devuelta"
    [par] = api.validadora.get(f"{api.raiz}/desacuerdos").json["desacuerdos"]
    assert (par["primera"]["codigos"], par["segunda"]["veredicto"]) == (["E-FALT"], "aceptada")
    # Quien mapeó sigue viendo sólo el suyo, y a quienes revisaron les llegó aviso.
    assert len(api.mapeadora.get(api.tarea(5, "/dictamenes")).json["dictamenes"]) == 1
    assert "desacuerdo" in {a["clase"] for a in api.validadora.get("/api/v1/buzon").json["avisos"]}
    # Ya dada, todo se ve como siempre.
    assert "E-FALT" in api.nadie.get(api.tarea(5, "/historial")).text


def test_lo_que_dijo_la_segunda_opinion_no_lo_lee_quien_va_a_resolver_la_disputa(api):
    dado = api.devolver()
    entrega = api.sortear()
    ficha = api.capacitadora.post(f"{api.raiz}/segundas/{entrega}/toma").json["ficha"]
    cuerpo = {"ficha": ficha, "veredicto": "validada", "nota": "yo no veo falta"}
    assert api.capacitadora.post(f"{api.raiz}/segundas/{entrega}/dictamen", json=cuerpo).status_code == 200
    disputa = {"dictamen": dado["dictamen"], "motivo": "Sí están: son las de techo gris."}
    assert api.mapeadora.post(api.tarea(5, "/disputa"), json=disputa).status_code == 201
    assert "yo no veo falta" not in api.administradora.get(api.tarea(5, "/dictamenes")).text
    assert api.administradora.get(f"{api.raiz}/desacuerdos").json["total"] == 0
    assert "yo no veo falta" in api.validadora.get(api.tarea(5, "/dictamenes")).text
    api.dictaminar(api.administradora, 5, veredicto="validada")
    assert "yo no veo falta" in api.administradora.get(api.tarea(5, "/dictamenes")).text
    assert api.administradora.get(f"{api.raiz}/desacuerdos").json["total"] == 1


FORTALEZAS = [{"codigo": "F-EDIF", "n": 1200}, {"codigo": "F-ESC"}]


def test_la_fortaleza_elegida_se_lee_en_el_idioma_de_quien_mapeo(api):
    api.devolver(fortalezas=FORTALEZAS, fortaleza="Muy pareja.")
    ruta = api.tarea(5, "/dictamenes")
    [d] = api.mapeadora.get(ruta).json["dictamenes"]
    assert d["retro"]["fortaleza"] == (
        "Dibujaste 1200 edificios dentro de la tarea. Todas las esquinas que debían ir a escuadra lo están. Muy pareja."
    )
    assert [f["codigo"] for f in d["retro"]["fortalezas"]] == ["F-EDIF", "F-ESC"]
    api.mapeadora.set_cookie("tequio_idioma", "en")
    [d] = api.mapeadora.get(ruta).json["dictamenes"]
    assert d["retro"]["fortaleza"].startswith("You drew 1200 buildings inside the task.")
    assert d["retro"]["fortaleza"].endswith("Muy pareja.")
    [mia] = api.mapeadora.get("/api/v1/yo/trabajo").json["entregas"]
    assert mia["fortaleza"] == d["retro"]["fortaleza"]


def test_en_varias_cada_fortaleza_dice_de_cual_es(api):
    for n in (1, 2):
        api.mapear(api.mapeadora, n)
    cuerpo = {
        "tareas": [{"numero": n, "ficha": api.tomar(api.validadora, n)} for n in (1, 2)],
        "veredicto": "validada",
        "fortalezas": [{"codigo": "F-TIPO"}, {"codigo": "F-EDIF", "n": 3, "numero": 2}],
    }
    ajena = {**cuerpo, "fortalezas": [{"codigo": "F-TIPO", "numero": 3}]}
    assert api.validadora.post(f"{api.raiz}/dictamenes", json=ajena).status_code == 422
    assert api.cuantos() == [0, 0, 0, 0]
    assert api.validadora.post(f"{api.raiz}/dictamenes", json=cuerpo).status_code == 200
    una, otra = (
        api.mapeadora.get(api.tarea(n, "/dictamenes")).json["dictamenes"][0]["retro"]["fortalezas"] for n in (1, 2)
    )
    assert [f["codigo"] for f in una] == ["F-TIPO"]
    assert [(f["codigo"], f["n"]) for f in otra] == [("F-TIPO", None), ("F-EDIF", 3)]


@pytest.mark.parametrize(
    "mala",
    [
        {"codigo": "F-NADA"},
        {"codigo": "F-EDIF"},
        {"codigo": "F-ESC", "n": 3},
        {"codigo": "F-EDIF", "n": 0},
        {"codigo": "F-EDIF", "n": 1.5},
        {"codigo": "F-EDIF", "n": 10_000_001},
        {"codigo": "F-ESC", "numero": 6},
        {"codigo": "F-ESC", "texto": "<b>"},
    ],
)
def test_una_fortaleza_mala_se_rechaza_y_nada_se_escribe(api, mala):
    api.mapear(api.mapeadora, 5)
    respuesta = api.dictaminar(api.validadora, 5, veredicto="validada", fortalezas=[mala])
    assert respuesta.status_code == 422
    assert api.cuantos() == [0, 0, 0, 0]


def test_la_actividad_dice_las_divisiones_y_lo_que_se_acepto_con_arreglos(api):
    api.mapear(api.mapeadora, 5)
    api.dictaminar(api.validadora, 5, veredicto="con_arreglos")
    api.sin_sorteo()
    juntas = api.validadora.post(f"{api.raiz}/tareas/juntas", json={"numeros": [1, 2, 3], "motivo": "Muy chicas"})
    assert juntas.status_code == 201, juntas.text
    division, dictamen = api.validadora.get(f"{api.raiz}/actividad").json["actividad"][:2]
    assert (division["accion"], division["clase"], division["dividen"], division["quedan"]) == (
        "division",
        "juntar",
        [1, 2, 3],
        [10],
    )
    assert division["nota"] == "Muy chicas"
    assert dictamen["con_arreglos"]
    assert not api.nadie.get(f"{api.raiz}/actividad").json["actividad"][1]["con_arreglos"]
    partes = api.validadora.post(api.tarea(10, "/partes"), json={"modo": "en_dos", "motivo": "Mejor en dos"})
    assert partes.status_code == 201
    acciones = [p["accion"] for p in api.nadie.get(f"{api.raiz}/actividad").json["actividad"]]
    assert acciones == ["division", "division", "dictamen", "entrega"]


def test_las_vecinas_comparten_orilla(api):
    api.mapear(api.mapeadora, 2)
    vecinas = api.nadie.get(api.tarea(5, "/vecinas")).json["vecinas"]
    assert [v["numero"] for v in vecinas] == [2, 4, 6, 8]
    assert vecinas[0]["persona"]["nombre"] == "Mapeadora"
    assert api.nadie.get(api.tarea(99, "/vecinas")).status_code == 404


def test_un_comentario_avisa_a_quienes_trabajaron_en_la_tarea(api):
    api.devolver()
    api.mapeadora.post(api.tarea(5, "/comentarios"), json={"nota": "¿Cuál casa?"})
    assert "comentario" in {a["clase"] for a in api.validadora.get("/api/v1/buzon").json["avisos"]}
    assert "comentario" not in {a["clase"] for a in api.mapeadora.get("/api/v1/buzon").json["avisos"]}


def test_la_nota_de_un_dictamen_no_es_publica(api):
    api.devolver()
    api.sin_sorteo()
    for quien, la_ve in ((api.nadie, False), (api.mapeador, False), (api.mapeadora, True), (api.validadora, True)):
        assert ("faltan dos casas" in quien.get(api.tarea(5, "/historial")).text) is la_ve
        assert ("faltan dos casas" in quien.get(f"{api.raiz}/actividad").text) is la_ve


def test_a_ciegas_tampoco_se_ve_quien_la_tomo(api):
    dado = api.devolver()
    disputa = {"dictamen": dado["dictamen"], "motivo": "Sí están: son las de techo gris."}
    assert api.mapeadora.post(api.tarea(5, "/disputa"), json=disputa).status_code == 201
    pasos = api.capacitadora.get(api.tarea(5, "/historial")).json["historial"]
    assert "Validadora" not in {p["persona"]["nombre"] for p in pasos}
    # Ni probando códigos en la cola.
    assert api.capacitadora.get(f"{api.raiz}/revision?codigo=E-FALT").json["total"] == 0


def test_lo_entregado_de_nuevo_y_deshecho_se_puede_disputar(api):
    dado = api.devolver()
    api.mapear(api.mapeadora, 5)
    assert api.mapeadora.post(api.tarea(5, "/deshacer"), json={"motivo": "me equivoqué"}).status_code == 200
    assert api.mapeadora.get(api.tarea(5, "/dictamenes")).json["dictamenes"][0]["se_puede_disputar"]
    disputa = {"dictamen": dado["dictamen"], "motivo": "Sí están: son las de techo gris."}
    assert api.mapeadora.post(api.tarea(5, "/disputa"), json=disputa).status_code == 201


def test_en_las_partes_de_lo_devuelto_se_lee_se_comenta_y_se_disputa(api):
    dado = api.devolver()
    nuevas = api.validadora.post(api.tarea(5, "/partes"), json={"modo": "en_dos", "motivo": "Es mucho"}).json
    a, b = (r["properties"]["numero"] for r in nuevas["tareas"]["features"])
    disputa = {"dictamen": dado["dictamen"], "motivo": "Sí están: son las de techo gris."}
    assert api.mapeadora.post(api.tarea(5, "/disputa"), json=disputa).status_code == 409
    assert api.mapeadora.post(api.tarea(a, f"/dictamenes/{dado['dictamen']}/leido"), json={}).status_code < 300
    assert api.mapeadora.post(api.tarea(a, "/disputa"), json=disputa).status_code == 201
    assert not api.mapeadora.get(api.tarea(b, "/dictamenes")).json["dictamenes"][0]["disputa"]
    negada = api.validadora.post(api.tarea(a, "/bloqueo"), json={"para": "validar"})
    assert negada.json["codigo"] == "disputa_de_otra_persona"
    assert "faltan dos casas" not in api.capacitadora.get(api.tarea(a, "/dictamenes")).text
    assert api.dictaminar(api.capacitadora, a, veredicto="validada").status_code == 200
    assert api.mapeador.post(api.tarea(b, "/comentarios"), json={"nota": "¿Sigue alguien aquí?"}).status_code == 201
    for quien in (api.mapeadora, api.validadora):
        assert "comentario" in {x["clase"] for x in quien.get("/api/v1/buzon").json["avisos"]}


def test_lo_que_se_deshizo_ya_no_avisa(api):
    api.devolver()
    assert api.mapeadora.get("/api/v1/buzon?sin_leer=1").json["avisos"]
    assert api.validadora.post(api.tarea(5, "/deshacer"), json={"motivo": "me equivoqué"}).status_code == 200
    assert api.mapeadora.get("/api/v1/buzon?sin_leer=1").json["avisos"] == []


@pytest.mark.parametrize(
    "lugar",
    [
        {"type": [], "coordinates": [1, 2]},
        {"type": {}, "coordinates": [1, 2]},
        {"type": "Point", "coordinates": [10**400, 2]},
        {"type": "Point", "coordinates": [1, 2, 10**400]},
    ],
    ids=["tipo_lista", "tipo_objeto", "cuatrocientas_cifras", "altura_enorme"],
)
def test_un_lugar_retorcido_se_rechaza(api, lugar):
    api.mapear(api.mapeadora, 5)
    cuerpo = {
        "ficha": api.tomar(api.validadora, 5),
        "veredicto": "devuelta",
        "senalamientos": [{"codigo": "E-FALT", "lugar": lugar}],
    }
    assert api.validadora.post(api.tarea(5, "/dictamen"), json=cuerpo).status_code in (400, 409, 422)
    linea = {"type": "LineString", "coordinates": [[10**400, 2], [1, 2]]}
    partir = {"modo": "linea", "linea": linea, "motivo": "Es mucho"}
    assert api.validadora.post(api.tarea(5, "/partes"), json=partir).status_code in (400, 422)


def test_lo_que_ya_atendi_se_guarda_conmigo_y_quien_revisa_lo_ve(api):
    api.devolver(senalamientos=[{"codigo": "E-ESC", "lugar": CASA}])
    [d] = api.mapeadora.get(api.tarea(5, "/dictamenes")).json["dictamenes"]
    uno, dos = (s["id"] for s in d["senalamientos"])
    ruta = api.tarea(5, "/atendidos")

    def marcar(cliente, senalamiento, hecho=True):
        return cliente.put(ruta, json={"senalamiento": senalamiento, "hecho": hecho})

    def atendidos(cliente):
        return [
            bool(s["atendido"]) for s in cliente.get(api.tarea(5, "/dictamenes")).json["dictamenes"][0]["senalamientos"]
        ]

    # Dos veces es una, también con la misma clave; y se puede quitar.
    assert [marcar(api.mapeadora, dos).status_code for _ in range(2)] == [200, 200]
    assert atendidos(api.mapeadora) == [False, True]
    assert marcar(api.mapeadora, dos, hecho=False).json == {"senalamiento": dos, "hecho": False}
    assert atendidos(api.mapeadora) == [False, False]
    marcar(api.mapeadora, uno)
    # Sólo lo de una, en su tarea.
    for quien in (api.mapeador, api.validadora):
        assert marcar(quien, uno).json["codigo"] == "senalamiento_desconocido"
    assert api.nadie.put(ruta, json={"senalamiento": uno, "hecho": True}).status_code == 401
    assert api.mapeadora.put(api.tarea(6, "/atendidos"), json={"senalamiento": uno, "hecho": True}).status_code == 404
    assert api.mapeadora.put(api.tarea(999, "/atendidos"), json={"senalamiento": uno, "hecho": True}).status_code == 404
    for malo in ({}, {"senalamiento": "x", "hecho": True}, {"senalamiento": 0, "hecho": True}, {"senalamiento": uno}):
        assert api.mapeadora.put(ruta, json=malo).status_code == 422
    # Entregada otra vez, se queda como estaba y lo ve quien la revisa.
    api.mapear(api.mapeadora, 5)
    assert marcar(api.mapeadora, dos).json["codigo"] == "ya_no_se_corrige"
    assert atendidos(api.validadora) == [True, False]
