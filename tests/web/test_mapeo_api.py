"""La API de mapeo y validación como la usa un cliente."""

import base64

import pytest


@pytest.fixture
def api(entrar, elenco):
    """Un cliente por persona, y la raíz de las direcciones del proyecto."""

    class Api:
        raiz = f"/api/v1/proyectos/{elenco.proyecto}"

        def __init__(self):
            self.mapeadora, self.mapeador = entrar(elenco.mapeadora), entrar(elenco.mapeador)
            self.validadora, self.nadie = entrar(elenco.validadora), entrar(None)
            self.capacitadora = entrar(elenco.capacitadora)

        def tarea(self, numero, resto=""):
            return f"{self.raiz}/tareas/{numero}{resto}"

        def tomar(self, cliente, numero, para="mapear"):
            return cliente.post(self.tarea(numero, "/bloqueo"), json={"para": para})

        def mapear(self, cliente, numero):
            ficha = self.tomar(cliente, numero).json["ficha"]
            return cliente.post(self.tarea(numero, "/entrega"), json={"ficha": ficha, "resultado": "mapeada"})

    return Api()


def test_el_ciclo_completo_de_una_tarea(api):
    assert api.mapear(api.mapeadora, 5).json["estado"] == "mapeada"
    toma = api.tomar(api.validadora, 5, "validar")
    assert toma.status_code == 201
    cuerpo = {"ficha": toma.json["ficha"], "veredicto": "devuelta", "motivos": ["E-FALT"], "nota": "faltan dos casas"}
    assert api.validadora.post(api.tarea(5, "/dictamen"), json=cuerpo).json["estado"] == "devuelta"
    pasos = api.nadie.get(api.tarea(5, "/historial")).json["historial"]
    assert [p["accion"] for p in pasos] == ["bloqueo", "entrega", "bloqueo", "dictamen"]
    # Sin cuenta no se leen si la entrega salió sorteada para una segunda opinión; quien mapeó los lee siempre.
    pasos = api.mapeadora.get(api.tarea(5, "/historial")).json["historial"]
    assert pasos[-1]["motivos"] == ["E-FALT"]


def test_tomar_sin_cuenta_pide_entrar(api):
    respuesta = api.tomar(api.nadie, 5)
    assert respuesta.status_code == 401
    assert respuesta.json["codigo"] == "no_autenticado"


def test_a_quien_llega_tarde_se_le_dice_quien_la_tiene(api):
    api.tomar(api.mapeadora, 5)
    respuesta = api.tomar(api.mapeador, 5)
    assert respuesta.status_code == 409
    assert respuesta.json["codigo"] == "tarea_ocupada"
    assert respuesta.json["la_tiene"]["persona"] == "Mapeadora"


def test_a_quien_ya_tiene_otra_se_le_dice_cual(api, elenco):
    api.tomar(api.mapeadora, 5)
    respuesta = api.tomar(api.mapeadora, 6)
    assert respuesta.status_code == 409
    assert (respuesta.json["codigo"], respuesta.json["proyecto"], respuesta.json["numero"]) == (
        "ya_tienes_otra",
        elenco.proyecto,
        5,
    )


def test_tomar_lo_que_ya_tengo_devuelve_el_mismo_turno(api):
    primera = api.tomar(api.mapeadora, 5)
    segunda = api.tomar(api.mapeadora, 5)
    assert segunda.status_code == 200
    assert segunda.json["ficha"] == primera.json["ficha"]


def test_una_entrega_con_ficha_vieja_responde_409_y_conserva_la_nota(api):
    vieja = api.tomar(api.mapeadora, 5).json["ficha"]
    api.mapeadora.delete(api.tarea(5, "/bloqueo"), json={"ficha": vieja})
    api.tomar(api.mapeador, 5)
    respuesta = api.mapeadora.post(
        api.tarea(5, "/entrega"), json={"ficha": vieja, "resultado": "mapeada", "nota": "mis notas"}
    )
    assert respuesta.status_code == 409
    assert respuesta.json["nota"] == "mis notas"
    assert respuesta.json["la_tiene"]["persona"] == "Mapeador"


def test_una_misma_clave_de_idempotencia_da_la_misma_respuesta(api):
    cabecera = {"Idempotency-Key": "abc-1"}
    primera = api.mapeadora.post(api.tarea(5, "/comentarios"), json={"nota": "hola"}, headers=cabecera)
    segunda = api.mapeadora.post(api.tarea(5, "/comentarios"), json={"nota": "hola"}, headers=cabecera)
    assert primera.json == segunda.json
    assert len(api.nadie.get(api.tarea(5, "/historial")).json["historial"]) == 1


def test_dame_una_tarea_y_otra(api):
    primera = api.mapeadora.post(f"{api.raiz}/tareas/siguiente", json={"para": "mapear"})
    assert primera.status_code == 201
    numero = primera.json["numero"]
    api.mapeadora.delete(api.tarea(numero, "/bloqueo"))
    otra = api.mapeadora.post(f"{api.raiz}/tareas/siguiente", json={"para": "mapear", "evitar": [numero]})
    assert otra.json["numero"] != numero


def test_quien_no_valida_no_toma_para_validar(api):
    api.mapear(api.mapeadora, 5)
    assert api.tomar(api.mapeador, 5, "validar").status_code == 403


def test_nadie_dictamina_lo_suyo(api):
    api.mapear(api.validadora, 5)
    respuesta = api.tomar(api.validadora, 5, "validar")
    assert respuesta.status_code == 403
    assert respuesta.json["codigo"] == "trabajo_propio"


def test_devolver_pide_al_menos_un_motivo(api):
    api.mapear(api.mapeadora, 5)
    ficha = api.tomar(api.validadora, 5, "validar").json["ficha"]
    respuesta = api.validadora.post(api.tarea(5, "/dictamen"), json={"ficha": ficha, "veredicto": "devuelta"})
    assert respuesta.status_code == 422
    assert "motivo" in respuesta.json["campos"]["motivos"]


def test_se_validan_varias_a_la_vez_todas_o_ninguna(api):
    for numero in (1, 2, 3):
        api.mapear(api.mapeadora, numero)
    tomas = api.validadora.post(f"{api.raiz}/bloqueos", json={"numeros": [1, 2, 3]}).json["bloqueos"]
    tareas = [{"numero": t["numero"], "ficha": t["ficha"]} for t in tomas]
    mala = [*tareas[:2], {"numero": 3, "ficha": 1}]
    assert (
        api.validadora.post(f"{api.raiz}/dictamenes", json={"tareas": mala, "veredicto": "validada"}).status_code == 409
    )
    assert api.nadie.get(api.tarea(1)).json["estado"] == "mapeada"
    bien = api.validadora.post(f"{api.raiz}/dictamenes", json={"tareas": tareas, "veredicto": "validada"})
    assert [d["estado"] for d in bien.json["dictamenes"]] == ["validada"] * 3


def test_tomar_varias_es_todo_o_nada(api):
    api.mapear(api.mapeadora, 1)
    assert api.validadora.post(f"{api.raiz}/bloqueos", json={"numeros": [1, 2]}).status_code == 409
    assert api.nadie.get(api.tarea(1)).json["bloqueo"] is None


def test_los_estados_viajan_en_un_byte_por_tarea(api):
    api.mapear(api.mapeadora, 5)
    api.tomar(api.mapeadora, 6)
    respuesta = api.nadie.get(f"{api.raiz}/estados")
    assert list(base64.b64decode(respuesta.json["estados"])) == [0, 0, 0, 0, 1, 16, 0, 0, 0]
    assert api.nadie.get(f"{api.raiz}/estados", headers={"If-None-Match": respuesta.headers["ETag"]}).status_code == 304


def test_los_cambios_desde_un_cursor(api):
    cursor = api.nadie.get(f"{api.raiz}/estados").json["cursor"]
    api.tomar(api.mapeadora, 6)
    assert api.nadie.get(f"{api.raiz}/estados?desde={cursor}").json["cambios"] == [[6, 16]]


@pytest.mark.parametrize("desde", ["", "x", "1.2", "1.2.3.4", "-1.2.3", "1.2.99999999999999999999", "١.2.3"])
def test_un_cursor_que_no_es_nuestro_se_rechaza(api, desde):
    assert api.nadie.get(f"{api.raiz}/estados", query_string={"desde": desde}).status_code == 422


def test_la_cola_de_revision_no_trae_lo_propio(api):
    api.mapear(api.mapeadora, 1)
    api.mapear(api.validadora, 2)
    cola = api.validadora.get(f"{api.raiz}/revision").json
    assert [t["numero"] for t in cola["tareas"]] == [1]
    assert cola["total"] == 1


def test_deshacer_pide_motivo_y_vuelve_atras(api):
    api.mapear(api.mapeadora, 5)
    assert api.mapeadora.post(api.tarea(5, "/deshacer"), json={}).status_code == 422
    assert api.mapeadora.post(api.tarea(5, "/deshacer"), json={"motivo": "me faltó"}).json["estado"] == "pendiente"


def test_quien_coordina_suelta_la_tarea_de_otra_persona_y_las_demas_no(api):
    api.tomar(api.mapeadora, 5)
    assert api.mapeador.delete(api.tarea(5, "/bloqueo")).status_code == 403
    assert api.capacitadora.delete(api.tarea(5, "/bloqueo")).status_code == 204
    assert api.nadie.get(api.tarea(5)).json["bloqueo"] is None


@pytest.mark.parametrize(
    ("cuerpo", "codigo"),
    [
        ({"para": "comer"}, 422),
        ({"para": 1}, 422),
        ({}, 422),
        ({"para": "mapear", "otra": 1}, 422),
        ([], 422),
        ("mapear", 422),
    ],
)
def test_un_cuerpo_que_no_corresponde_se_explica(api, cuerpo, codigo):
    assert api.mapeadora.post(api.tarea(5, "/bloqueo"), json=cuerpo).status_code == codigo


@pytest.mark.parametrize("numero", ["abc", "-1", "1.5", str(2**40), str(2**70), "0", "99"])
def test_una_tarea_que_no_existe_es_404(api, numero):
    assert api.mapeadora.post(api.tarea(numero, "/bloqueo"), json={"para": "mapear"}).status_code == 404
    assert api.nadie.get(api.tarea(numero)).status_code == 404
    assert api.nadie.get(api.tarea(numero, "/historial")).status_code == 404


def test_de_una_tarea_que_no_existe_se_vuelve_a_su_proyecto(api, elenco):
    pagina = api.mapeadora.get(f"/proyectos/{elenco.proyecto}/mapear/9999")
    assert pagina.status_code == 404
    assert f'href="/proyectos/{elenco.proyecto}"' in pagina.text


@pytest.mark.parametrize("ficha", ["1", -1, 0, 1.5, True, None, 2**63, [1]])
def test_una_ficha_imposible_se_explica(api, ficha):
    assert (
        api.mapeadora.post(api.tarea(5, "/entrega"), json={"ficha": ficha, "resultado": "mapeada"}).status_code == 422
    )


def test_una_nota_con_nul_o_demasiado_larga_se_explica(api):
    ficha = api.tomar(api.mapeadora, 5).json["ficha"]
    for nota in ("a\x00b", "x" * 5001):
        cuerpo = {"ficha": ficha, "resultado": "mapeada", "nota": nota}
        assert api.mapeadora.post(api.tarea(5, "/entrega"), json=cuerpo).status_code == 422
    assert api.nadie.get(api.tarea(5)).json["estado"] == "pendiente"


def test_un_parametro_desconocido_se_rechaza(api):
    assert api.nadie.get(f"{api.raiz}/estados?hasta=3").status_code == 422
    assert api.nadie.get(api.tarea(5, "?x=1")).status_code == 422


def test_un_cursor_con_una_hora_imposible_se_rechaza(api):
    respuesta = api.nadie.get(api.raiz + "/estados?desde=1.1.99999999999999999")
    assert respuesta.status_code == 422
    assert respuesta.json["codigo"] == "cursor_invalido"


def test_una_clave_repetida_con_salto_de_linea_no_rompe_la_respuesta(api):
    respuesta = api.mapeadora.post(
        api.tarea(5, "/bloqueo"),
        data='{"para": "mapear", "a\\nb": 1, "a\\nb": 2}',
        content_type="application/json",
    )
    assert respuesta.status_code == 422
    assert "\n" not in respuesta.headers["X-Aviso"]


def test_entregar_en_un_proyecto_que_se_archivo_dice_que_se_cerro_y_guarda_la_nota(api, entrar, elenco):
    ficha = api.tomar(api.mapeadora, 5).json["ficha"]
    assert entrar(elenco.funcionaria).post(api.raiz + "/archivo").status_code == 200
    cuerpo = {"ficha": ficha, "resultado": "mapeada", "nota": "tres casas"}
    respuesta = api.mapeadora.post(api.tarea(5, "/entrega"), json=cuerpo)
    assert respuesta.status_code == 409
    assert respuesta.json["codigo"] == "proyecto_cerrado"
    assert respuesta.json["nota"] == "tres casas"


def test_lo_que_tengo_en_un_proyecto_que_se_volvio_privado_se_puede_soltar(api, entrar, elenco):
    forastera = entrar(elenco.forastera)
    assert api.tomar(forastera, 5).status_code == 201
    entrar(elenco.funcionaria).patch(api.raiz, json={"visibilidad": "privada"})
    assert forastera.delete(api.tarea(6, "/bloqueo")).status_code == 404
    assert forastera.delete(api.tarea(5, "/bloqueo")).status_code == 204
    assert forastera.delete(api.tarea(5, "/bloqueo")).status_code == 404
