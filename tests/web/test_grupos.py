"""Los grupos de un municipio: quién los hace, una lista con errores, y dos personas a la vez."""

import pytest
from sqlalchemy import text

from tareas.cuentas.grupos import consultas, servicio
from tareas.cuentas.grupos.errores import GrupoRepetido, ListaMuyLarga, ListaVacia
from tareas.cuentas.grupos.reglas import usuarios_de_lista
from tests.servicios.test_cuentas_en_paralelo import a_la_vez, en_transaccion
from tests.web.test_cuentas import texto_de


@pytest.fixture
def grupo(bd, elenco):
    with bd.transaccion() as sesion:
        return servicio.crear(sesion, municipio_id=elenco.municipio, nombre="Brigada Norte", creado_por=None)


def enviar(entrar, quien, ruta, **campos):
    return entrar(quien).post(ruta, data=campos)


def quienes(bd, grupo_id):
    with bd.lectura() as sesion:
        return [p.usuario for p in consultas.personas(sesion, grupo_id)]


def test_una_lista_se_lee_como_venga():
    assert usuarios_de_lista("ana, Beto;carla\tana\r\n\n dani ANA") == ["ana", "Beto", "carla", "dani"]
    with pytest.raises(ListaVacia):
        usuarios_de_lista(" ,;\n")
    with pytest.raises(ListaMuyLarga):
        usuarios_de_lista(" ".join(f"u{n}" for n in range(501)))


def test_se_hace_se_llena_se_renombra_y_se_archiva(bd, elenco, entrar):
    raiz = f"/municipios/{elenco.municipio}/grupos"
    hecho = enviar(entrar, elenco.capacitadora, raiz, nombre=" Brigada  Sur ", lista="mapeadora\nVALIDADORA")
    assert hecho.status_code == 303
    ruta = hecho.headers["Location"]
    numero = int(ruta.rsplit("/", 1)[1])
    assert quienes(bd, numero) == ["mapeadora", "validadora"]
    assert enviar(entrar, elenco.capacitadora, f"{ruta}/personas", lista="mapeadora, mapeador").status_code == 303
    assert quienes(bd, numero) == ["mapeador", "mapeadora", "validadora"]
    enviar(entrar, elenco.capacitadora, f"{ruta}/personas/{elenco.mapeador}/retiro")
    assert quienes(bd, numero) == ["mapeadora", "validadora"]
    otra_vez = enviar(entrar, elenco.capacitadora, f"{ruta}/personas/{elenco.mapeador}/retiro")
    assert otra_vez.status_code == 404
    assert "Esa persona ya no está en el grupo" in texto_de(otra_vez)
    enviar(entrar, elenco.funcionaria, f"{ruta}/nombre", nombre="Brigada Oriente")
    pagina = texto_de(entrar(elenco.funcionaria).get(ruta))
    assert "Brigada Oriente" in pagina
    assert "2 personas" in pagina
    enviar(entrar, elenco.funcionaria, f"{ruta}/archivo")
    api = f"/api/v1{raiz}"
    assert entrar(elenco.capacitadora).get(api).json == {"grupos": []}
    assert entrar(elenco.capacitadora).get(f"{api}?archivados=1").json == {
        "grupos": [{"id": numero, "nombre": "Brigada Oriente", "personas": 2, "archivado": True}]
    }
    enviar(entrar, elenco.funcionaria, f"{ruta}/regreso")
    assert [g["id"] for g in entrar(elenco.capacitadora).get(api).json["grupos"]] == [numero]


def test_una_lista_con_alguien_que_no_existe_no_agrega_a_nadie_y_dice_a_quien(bd, elenco, entrar, grupo):
    ruta = f"/grupos/{grupo}/personas"
    respuesta = enviar(entrar, elenco.capacitadora, ruta, lista="mapeadora, nadie_asi, <b>")
    assert respuesta.status_code == 422
    assert "nadie_asi, <b>" in texto_de(respuesta)
    assert b"nadie_asi, <b>" not in respuesta.data
    assert quienes(bd, grupo) == []
    raiz = f"/municipios/{elenco.municipio}/grupos"
    assert enviar(entrar, elenco.capacitadora, raiz, nombre="Otra", lista="nadie_asi").status_code == 422
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM grupo")).scalar() == 1


@pytest.mark.parametrize("nombre", ["", "   ", "x" * 81, "\u200b", "a\x00b", None])
def test_un_nombre_que_no_sirve_se_explica(bd, elenco, entrar, grupo, nombre):
    campos = {} if nombre is None else {"nombre": nombre}
    for ruta in (f"/municipios/{elenco.municipio}/grupos", f"/grupos/{grupo}/nombre"):
        respuesta = enviar(entrar, elenco.capacitadora, ruta, **campos)
        assert respuesta.status_code == 422
        assert 'class="falta"' in texto_de(respuesta)


def test_dos_con_el_mismo_nombre_a_la_vez_dejan_uno(bd, elenco):
    nombres = ["Los Pinos", "LOS PINOS", "los pinos", "Los pinos"]
    hechos = a_la_vez(
        [en_transaccion(bd, servicio.crear, municipio_id=elenco.municipio, nombre=n, creado_por=None) for n in nombres]
    )
    assert sum(isinstance(h, int) for h in hechos) == 1
    assert sum(isinstance(h, GrupoRepetido) for h in hechos) == 3


def test_agregar_a_la_misma_persona_a_la_vez_no_falla(bd, elenco, grupo):
    hechos = a_la_vez([en_transaccion(bd, servicio.agregar, grupo, ["mapeadora", "validadora"])] * 6)
    assert sum(hechos) == 2
    assert quienes(bd, grupo) == ["mapeadora", "validadora"]


def test_quien_es_de_otro_municipio_no_los_ve(elenco, entrar, grupo):
    assert entrar(elenco.forastera).get(f"/grupos/{grupo}").status_code == 404
    assert entrar(elenco.forastera).get(f"/municipios/{elenco.municipio}/grupos").status_code == 403
    assert entrar(elenco.capacitadora).get("/municipios/999999/grupos").status_code == 404


def test_de_un_grupo_que_no_hay_se_llega_a_la_lista(elenco, entrar):
    pagina = entrar(elenco.capacitadora).get("/grupos/999999").text
    assert f'href="/municipios/{elenco.municipio}/grupos"' in pagina


def test_de_un_taller_sale_un_grupo_con_quien_ya_tiene_cuenta(bd, elenco, entrar):
    with bd.transaccion() as sesion:
        taller = sesion.execute(
            text(
                "INSERT INTO taller (municipio_id, nombre, empieza) VALUES (:m, 'Taller de mayo', now()) RETURNING id"
            ),
            {"m": elenco.municipio},
        ).scalar_one()
        sesion.execute(
            text(
                "INSERT INTO taller_persona (taller_id, lugar, nombre) VALUES (:t, 1, 'mapeadora'), (:t, 2, 'Sin Cuenta')"
            ),
            {"t": taller},
        )
    pagina = texto_de(entrar(elenco.capacitadora).get(f"/talleres/{taller}"))
    assert "Hacer un grupo con estas personas" in pagina
    assert 'name="lista" value="mapeadora"' in pagina
    assert 'name="nombre" value="Taller de mayo"' in pagina
