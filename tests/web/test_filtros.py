"""Los filtros que vienen en la dirección de una página: lo que no se puede tomar se dice junto a su campo, sin jerga."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RAIZ = Path(__file__).resolve().parents[2]

MALOS = [
    (
        None,
        "/municipios/{m}/medidas",
        "por=xx",
        "por",
        "«xx» no está en la lista. Elige una de éstas: Error, Mes, Proyecto.",
    ),
    (
        "validadora",
        "/municipios/{m}/medidas",
        "por=xx",
        "por",
        "Elige una de éstas: Quien mapea, Quien revisa, Error, Mes, Proyecto.",
    ),
    (
        "validadora",
        "/proyectos/{p}/medidas",
        "por=xx",
        "por",
        "Elige una de éstas: Quien mapea, Quien revisa, Error, Mes.",
    ),
    (None, "/municipios/{m}/medidas", "desde=ayer", "desde", "Debe ser un día que exista, escrito como 2026-03-31."),
    (None, "/municipios/{m}/medidas", "hasta=2026-02-30", "hasta", "Debe ser un día que exista"),
    (None, "/municipios/{m}/medidas", "desde=2026-W14-2", "desde", "Debe ser un día que exista"),
    (None, "/municipios/{m}/medidas", "desde=1999-01-01", "desde", "Debe ser un día entre 2004-08-09 y 2199-12-31."),
    (
        None,
        "/municipios/{m}/medidas",
        "desde=2026-03-02&hasta=2026-03-01",
        "hasta",
        "El primer día va antes que el último.",
    ),
    (None, "/municipios/{m}/medidas", "orden=peor", "orden", "«peor» no está en la lista. Elige una de éstas: Nombre,"),
    (None, "/municipios/{m}/medidas", "practica=quiza", "practica", "Elige una de éstas: De verdad, De práctica."),
    (None, "/municipios/{m}/calidad", "nivel=99", "nivel", "«99» no está en la lista. Elige una de éstas: Todos,"),
    (None, "/municipios/{m}/calidad", "codigo=E-xx", "codigo", "«E-xx» no está en la lista. Elige una de las que hay."),
    (None, "/", "estado=abierto", "estado", "Elige una de éstas: Todos, Abiertos, Archivados."),
    (None, "/", "estado=abierto&pagina=5", "estado", "Elige una de éstas: Todos, Abiertos, Archivados."),
    ("funcionaria", "/", "estado=abierto", "estado", "Elige una de éstas: Todos, Abiertos, Archivados, Borradores."),
    (None, "/", "orden=peor", "orden", "Elige una de éstas: Más recientes, Más urgentes, Más avanzados, Por nombre."),
    (None, "/", "municipio=no%20hay", "municipio", "«no hay» no está en la lista."),
    (None, "/", "texto=" + "a" * 101, "texto", "Es muy largo: el máximo son 100 caracteres."),
    (None, "/municipios", "texto=" + "a" * 101, "texto", "Es muy largo: el máximo son 100 caracteres."),
    (
        "administradora",
        "/administracion/personas",
        "texto=" + "a" * 101,
        "texto",
        "Es muy largo: el máximo son 100 caracteres.",
    ),
]


def _direccion(elenco, ruta):
    return ruta.format(m=elenco.municipio, p=elenco.proyecto)


def _campo(pagina, nombre):
    return re.search(rf'<div class="campo con-error">(?:(?!<div class="campo).)*name="{nombre}".*?</div>', pagina, re.S)


@pytest.mark.parametrize(("quien", "ruta", "consulta", "campo", "frase"), MALOS)
def test_la_pagina_vuelve_con_su_formulario_y_el_porque_junto_al_campo(
    entrar, elenco, quien, ruta, consulta, campo, frase
):
    cliente = entrar(getattr(elenco, quien) if quien else None)
    respuesta = cliente.get(f"{_direccion(elenco, ruta)}?{consulta}&utm_source=volante")
    assert respuesta.status_code == 422
    assert respuesta.mimetype == "text/html"
    assert "Revisa los filtros" in respuesta.text
    suyo = _campo(respuesta.text, campo)
    assert suyo, f"«{campo}» no está marcado"
    assert frase in suyo[0]
    assert f'aria-describedby="c-{campo}-error"' in suyo[0]
    assert 'aria-invalid="true"' in suyo[0]
    assert respuesta.text.count('class="campo con-error"') == 1
    if ruta == "/":
        # Tampoco en el mapa: vacío parecería roto.
        assert "mapa-proyectos" not in respuesta.text
    # Corregido, la misma página responde.
    assert cliente.get(_direccion(elenco, ruta)).status_code == 200


@pytest.mark.parametrize(("quien", "ruta", "consulta", "campo", "frase"), MALOS)
def test_en_ingles_tambien(entrar, elenco, quien, ruta, consulta, campo, frase):
    cliente = entrar(getattr(elenco, quien) if quien else None)
    cliente.set_cookie("tequio_idioma", "en")
    respuesta = cliente.get(f"{_direccion(elenco, ruta)}?{consulta}")
    assert "Check the filters" in respuesta.text
    assert frase not in respuesta.text


def test_se_dice_todo_lo_que_esta_mal_y_se_conserva_lo_enviado(entrar, elenco):
    direccion = f"/municipios/{elenco.municipio}/medidas?por=xx&desde=ayer&hasta=2026-03-01&orden=espera"
    pagina = entrar(None).get(direccion).text
    assert pagina.count('class="campo con-error"') == 2
    assert "Corrige los 2 campos marcados" in pagina
    # Un campo de fecha no puede mostrar «ayer»: va como texto. Lo bueno se queda como estaba.
    assert re.search(r'<input type="text"[^>]*name="desde"[^>]*value="ayer"', pagina)
    assert re.search(r'<input type="date"[^>]*name="hasta"[^>]*value="2026-03-01"', pagina)
    assert '<option value="espera" selected>' in pagina
    assert "En conjunto" not in pagina


def test_una_pagina_que_no_existe_vale_como_la_mas_cercana(entrar, elenco):
    for ruta in ("/", "/municipios"):
        for pagina in ("0", "-1", "xx", "9999", "10001", "9" * 30, "1.5"):
            respuesta = entrar(None).get(f"{ruta}?pagina={pagina}")
            assert respuesta.status_code == 200
            assert "Todavía no hay" not in respuesta.text.partition('id="lista"')[2]


def test_la_api_y_la_descarga_lo_dicen_en_lo_suyo(entrar, elenco):
    raiz = f"/municipios/{elenco.municipio}/medidas"
    api = entrar(None).get(f"/api/v1{raiz}?por=xx&desde=ayer")
    assert (api.status_code, api.mimetype) == (422, "application/problem+json")
    assert (
        api.json["campos"]["por"] == "debe ser una de estas opciones: persona, grupo, validador, codigo, mes, proyecto"
    )
    assert api.json["campos"]["desde"] == "debe ser un día que exista, escrito como 2026-03-31"
    for ruta, consulta in (
        (f"{raiz}.csv", "por=xx"),
        (f"/proyectos/{elenco.proyecto}/medidas.csv", "desde=ayer"),
        (f"/municipios/{elenco.municipio}/hallazgos.csv", "nivel=99"),
        (f"/proyectos/{elenco.proyecto}/avance.csv", "por=xx"),
    ):
        descarga = entrar(None).get(f"{ruta}?{consulta}", headers={"Accept": "text/csv, */*"})
        assert (descarga.status_code, descarga.mimetype) == (422, "text/plain")
        assert descarga.text.startswith("Revisa los datos: ")
        assert "'" not in descarga.text
        # A quien la abrió en un navegador, la página donde se corrige, con lo que pidió.
        en_navegador = entrar(None).get(f"{ruta}?{consulta}&utm=a", headers={"Accept": "text/html,*/*;q=0.8"})
        assert en_navegador.status_code == 303
        pagina = ruta.removesuffix(".csv").replace("hallazgos", "calidad")
        if pagina.endswith("avance"):
            # Ahí no hay formulario que llenar: están las descargas.
            assert en_navegador.headers["Location"] == pagina
            con_aviso = entrar(None)
            con_aviso.get(f"{ruta}?{consulta}", headers={"Accept": "text/html"})
            assert "Esa descarga no existe. Elige una de las que hay al final" in con_aviso.get(pagina).text
        else:
            assert en_navegador.headers["Location"] == f"{pagina}?{consulta}&utm=a"
            assert _campo(entrar(None).get(f"{pagina}?{consulta}").text, consulta.partition("=")[0])
        # Lo que alguien le haya pegado a la dirección no estorba en ninguna.
        buena = entrar(None).get(f"{ruta}?utm_source=volante", headers={"Accept": "text/html"})
        assert (buena.status_code, buena.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")


RUTAS = {
    "/municipios/{m}/medidas": ("por", "desde", "hasta", "grupo", "orden", "practica"),
    "/proyectos/{p}/medidas": ("por", "desde", "hasta", "grupo", "orden", "practica"),
    "/municipios/{m}/calidad": ("codigo", "nivel"),
    "/": ("texto", "municipio", "estado", "orden", "pagina"),
    "/municipios": ("texto", "pagina"),
    "/administracion/personas": ("texto", "pagina"),
}
VALORES = st.one_of(
    st.text(max_size=120),
    st.sampled_from(
        [
            "",
            " ",
            "1",
            "-1",
            "0",
            "true",
            "2026-03-01",
            "9" * 400,
            "\x00",
            "<marquee>",
            "'",
            "ﷺ" * 20,
            "persona",
            "codigo",
        ]
    ),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(datos=st.data())
def test_nada_de_lo_que_venga_en_la_direccion_rompe_la_pagina(entrar, elenco, datos):
    ruta = datos.draw(st.sampled_from(sorted(RUTAS)))
    consulta = datos.draw(st.dictionaries(st.sampled_from((*RUTAS[ruta], "otro")), VALORES, max_size=4))
    respuesta = entrar(elenco.administradora).get(_direccion(elenco, ruta), query_string=consulta)
    assert respuesta.status_code in {200, 422}
    marcados = respuesta.text.count('class="campo con-error"')
    assert (respuesta.status_code == 422) == (marcados > 0)
    assert "<marquee>" not in respuesta.text
    assert "otro" not in consulta or 'name="otro"' not in respuesta.text


def test_ninguna_pagina_lee_sus_filtros_de_otra_manera():
    """Quien valide la dirección con `validar` en unas vistas contesta un 422 sin formulario: sólo las descargas."""
    for archivo in sorted((RAIZ / "tareas").rglob("vistas.py")):
        arbol = ast.parse(archivo.read_text(encoding="utf-8"))
        for funcion in (n for n in ast.walk(arbol) if isinstance(n, ast.FunctionDef)):
            for llamada in (n for n in ast.walk(funcion) if isinstance(n, ast.Call)):
                de_consulta = any(
                    "request.args" in ast.unparse(a) or "conocidos(" in ast.unparse(a) for a in llamada.args
                )
                if ast.unparse(llamada.func) == "validar" and de_consulta:
                    assert funcion.name.startswith("csv_"), f"{archivo.name}: {funcion.name} debe usar leer_filtros"
