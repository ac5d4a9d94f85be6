"""Las medidas, contra la historia que `tests.mundo_medidas.contar` escribe a mano: cada cifra se cuenta aquí."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from geo.estadisticas.proporciones import wilson
from geo.estadisticas.tasas import por_cada
from geo.revisiones.catalogo import VERSION
from tareas.tableros.medidas.reglas import leer_kappa
from tests.fabrica import aula, persona, proyecto
from tests.mundo_medidas import ABRIL, MARZO, Diario, contar


@pytest.fixture
def diario(bd, elenco):
    nuevo = Diario(bd, elenco.municipio, proyecto(bd, elenco.municipio, columnas=8, renglones=5, nombre="Medido"))
    contar(
        nuevo,
        mapeadora=elenco.mapeadora,
        mapeador=elenco.mapeador,
        validadora=elenco.validadora,
        capacitadora=elenco.capacitadora,
    )
    return nuevo


@pytest.fixture
def pedir(entrar, elenco, diario):
    """Las medidas del municipio como las ve una persona; los renglones, por su nombre o clave."""

    def pedir(quien, **consulta):
        respuesta = entrar(quien).get(f"/api/v1/municipios/{elenco.municipio}/medidas", query_string=consulta)
        assert respuesta.status_code == 200, respuesta.json
        return respuesta.json["total"], {r.get("clave", r.get("codigo")): r for r in respuesta.json["renglones"]}

    return pedir


def _p(k, n):
    bajo, alto = wilson(k, n)
    return {"k": k, "n": n, "valor": round(k / n, 4), "bajo": round(bajo, 4), "alto": round(alto, 4), "minimo": 10}


def _t(k, n, entregas):
    valor, bajo, alto = por_cada(k, n)
    esperado = {"k": k, "n": n, "entregas": entregas, "valor": round(valor, 3), "minimo": 100}
    return {**esperado, "bajo": round(bajo, 3), "alto": round(alto, 3)}


def test_lo_de_cada_quien_mapea_se_cuenta_a_mano(pedir, elenco):
    _total, por_clave = pedir(elenco.validadora, por="persona")
    ella = por_clave[str(elenco.mapeadora)]
    # 13 tareas; 11 aceptadas (una con arreglos), la 12 resuelta a su favor y la 13 después de deshacer: sólo la 11 no.
    assert ella["aceptacion"] == _p(12, 13)
    assert (ella["juzgadas"], ella["con_arreglos"], ella["a_favor"], ella["personas"]) == (14, 1, 1, 1)
    # E-ESC, E-TRAS y E-TRAS; ni la imagen, ni lo disputado, ni lo deshecho, ni lo de la segunda opinión.
    assert ella["errores"] == _t(3, 13 * 10 + 12, 14)
    # De 1 a 15 minutos, uno de cada uno.
    assert ella["revision"] == {"n": 15, "mediana": 480, "p25": 270, "p75": 690, "minimo": 5}
    # De 1 a 14 horas, una de cada una: la que resuelve la disputa no responde a una entrega.
    assert ella["espera"] == {"n": 14, "mediana": 27_000, "p25": 15_300, "p75": 38_700, "minimo": 5}
    el = por_clave[str(elenco.mapeador)]
    assert el["aceptacion"] == {"k": 3, "n": 4, "valor": None, "bajo": None, "alto": None, "minimo": 10}
    # De la 24 no se sabe qué tocó: no entra en la tasa, y 90 objetos todavía no alcanzan.
    assert el["errores"] == {"k": 1, "n": 90, "entregas": 3, "valor": None, "bajo": None, "alto": None, "minimo": 100}
    assert el["revision"] == {"n": 4, "mediana": None, "p25": None, "p75": None, "minimo": 5}


def test_el_total_y_el_acuerdo(pedir, elenco):
    total, _filas = pedir(elenco.capacitadora, por="persona")
    assert total["aceptacion"] == _p(15, 17)
    assert total["errores"] == _t(4, 142 + 90, 17)
    assert (total["juzgadas"], total["personas"]) == (18, 2)
    # Doce parejas, sin la del dictamen deshecho: [[8, 2], [1, 1]]. Coinciden 9; por azar, 2/3; κ = 0.25.
    assert total["acuerdo"]["coinciden"] == _p(9, 12)
    assert total["acuerdo"]["kappa"] == 0.25
    assert total["acuerdo"]["bajo"] < 0 < total["acuerdo"]["alto"]
    assert total["sostenidas"] == {"k": 0, "n": 1, "valor": None, "bajo": None, "alto": None, "minimo": 10}


@pytest.mark.parametrize("resultado", ["sostenida", "a_favor"])
def test_los_errores_de_lo_disputado_cuentan_una_vez_si_se_sostuvo_y_ninguna_si_no(pedir, elenco, diario, resultado):
    antes = pedir(elenco.validadora, por="persona")[1][str(elenco.mapeadora)]
    hora = timedelta(hours=1)
    entrega = diario.entregar(elenco.mapeadora, 30, MARZO, 10)
    primera = diario.juzgar(
        entrega, elenco.validadora, 30, MARZO + hora, "devuelta", segundos=60, codigos=["E-ESC", "E-NODO"]
    )
    # Quien resuelve dice lo mismo y algo más: no se suma.
    como = "devuelta" if resultado == "sostenida" else "con_arreglos"
    resuelve = diario.juzgar(
        entrega,
        elenco.capacitadora,
        30,
        MARZO + 2 * hora,
        como,
        segundos=60,
        codigos=["E-ESC", "E-NODO", "E-TRAS"],
        clase="disputa",
    )
    diario.disputar(primera, entrega, 30, elenco.mapeadora, resuelve, resultado)
    total, por_persona = pedir(elenco.validadora, por="persona")
    ella = por_persona[str(elenco.mapeadora)]
    suyos, aceptada = (2, 0) if resultado == "sostenida" else (0, 1)
    assert ella["errores"]["k"] == antes["errores"]["k"] + suyos
    assert ella["errores"]["n"] == antes["errores"]["n"] + 10
    assert ella["errores"]["entregas"] == antes["errores"]["entregas"] + 1
    assert ella["aceptacion"] == _p(12 + aceptada, 14)
    assert (total["sostenidas"]["k"], total["sostenidas"]["n"]) == (1 - aceptada, 2)
    _total, por_codigo = pedir(elenco.validadora, por="codigo")
    assert por_codigo["E-NODO"]["errores"]["k"] == suyos // 2
    # A quien devolvió se le cuenta en qué terminó.
    una = pedir(elenco.capacitadora, por="validador")[1][str(elenco.validadora)]
    assert (una["sostenidas"]["k"], una["sostenidas"]["n"]) == (1 - aceptada, 2)


def test_por_quien_revisa(pedir, elenco):
    _total, por_clave = pedir(elenco.administradora, por="validador")
    una, otra = por_clave[str(elenco.validadora)], por_clave[str(elenco.capacitadora)]
    assert una["acuerdo"] == otra["acuerdo"]
    assert una["acuerdo"]["coinciden"] == _p(9, 12)
    assert (una["juzgadas"], otra["juzgadas"]) == (18, 0)
    assert una["revision"]["n"] == 18
    assert (una["sostenidas"]["k"], una["sostenidas"]["n"]) == (0, 1)


def test_por_mes_por_proyecto_y_por_dias(pedir, elenco, diario):
    _total, meses = pedir(elenco.validadora, por="mes")
    assert list(meses) == ["2026-03", "2026-04"]
    assert meses["2026-03"]["aceptacion"] == _p(12, 13)
    assert meses["2026-04"]["aceptacion"]["n"] == 4
    _total, proyectos = pedir(elenco.validadora, por="proyecto")
    assert proyectos[str(diario.proyecto)]["aceptacion"] == _p(15, 17)
    # Las 16:00 UTC del 2 de marzo son las 10:00 allá: hasta la medianoche caben las que esperaron de 1 a 13 horas.
    total, _filas = pedir(elenco.validadora, por="mes", hasta="2026-03-02")
    assert total["aceptacion"]["n"] == 12
    # La 12 se devolvió ese día; que después le dieran la razón vale hoy.
    assert total["aceptacion"]["k"] == 11
    total, _filas = pedir(elenco.validadora, por="mes", desde="2026-04-01")
    assert (total["aceptacion"]["k"], total["aceptacion"]["n"]) == (3, 4)


def test_la_primera_de_una_tarea_lo_es_en_cualquier_fecha(pedir, elenco):
    """El 3 de marzo se aceptaron la segunda entrega de la 11 y la 13: sólo la 13 era primera revisión."""
    total, _filas = pedir(elenco.validadora, por="mes", desde="2026-03-03", hasta="2026-03-31")
    assert (total["aceptacion"]["k"], total["aceptacion"]["n"], total["juzgadas"]) == (1, 1, 2)


def test_una_entrega_que_se_dividio_es_una_sola(pedir, elenco, diario):
    """De la 14, 100 objetos: se devuelve (E-ESC), se parte, y de sus cuatro partes se aceptan tres y otra se corrige (E-TRAS)."""
    antes, _filas = pedir(elenco.validadora, por="persona")
    entrega = diario.entregar(elenco.mapeador, 14, MARZO, 100)
    hora = timedelta(hours=1)
    diario.juzgar(entrega, elenco.validadora, 14, MARZO + hora, "devuelta", segundos=60, codigos=["E-ESC"])
    diario.partir(14, (36, 37, 38, 39), elenco.validadora)
    for parte in (36, 37, 38, 39):
        veredicto, codigos = ("con_arreglos", ["E-TRAS"]) if parte == 39 else ("aceptada", [])
        diario.juzgar(entrega, elenco.capacitadora, parte, ABRIL, veredicto, segundos=60, codigos=codigos)
    total, filas = pedir(elenco.validadora, por="persona")
    el = filas[str(elenco.mapeador)]
    assert (el["aceptacion"]["k"], el["aceptacion"]["n"], el["juzgadas"]) == (3, 5, 5)
    assert el["errores"] == _t(3, 190, 4)
    assert (el["espera"]["n"], el["revision"]["n"]) == (5, 9)
    assert (total["con_arreglos"], total["juzgadas"]) == (antes["con_arreglos"], antes["juzgadas"] + 1)
    # Sus errores van con sus objetos, en el mes en que se juzgó primero.
    _total, meses = pedir(elenco.validadora, por="mes")
    assert (meses["2026-03"]["errores"]["k"], meses["2026-03"]["errores"]["n"]) == (5, 242)
    assert (meses["2026-04"]["errores"]["k"], meses["2026-04"]["juzgadas"]) == (1, 4)
    _total, por_codigo = pedir(elenco.validadora, por="codigo")
    assert (por_codigo["E-ESC"]["errores"]["k"], por_codigo["E-TRAS"]["errores"]["k"]) == (2, 4)
    assert por_codigo["E-ESC"]["errores"]["n"] == total["errores"]["n"] == 332
    # Una parte que se vuelve a entregar es otra entrega, pero no la primera vez que se revisa.
    otra = diario.entregar(elenco.mapeador, 36, ABRIL, 7)
    diario.juzgar(otra, elenco.validadora, 36, ABRIL + hora)
    el = pedir(elenco.validadora, por="persona")[1][str(elenco.mapeador)]
    assert (el["aceptacion"]["k"], el["aceptacion"]["n"], el["juzgadas"], el["errores"]["n"]) == (3, 5, 6, 197)


def test_partida_antes_de_juzgarse_cuenta_lo_primero_que_se_dijo(pedir, elenco, diario):
    entrega = diario.entregar(elenco.mapeador, 14, MARZO, 100)
    diario.partir(14, (36, 37), elenco.validadora)
    error = diario.juzgar(entrega, elenco.validadora, 37, MARZO, "devuelta", codigos=["E-ESC"])
    diario.deshacer(error, 37, elenco.validadora, MARZO)
    diario.juzgar(entrega, elenco.validadora, 36, MARZO)
    diario.juzgar(entrega, elenco.validadora, 37, MARZO, "devuelta", codigos=["E-TRAS"])
    el = pedir(elenco.validadora, por="persona")[1][str(elenco.mapeador)]
    assert (el["aceptacion"]["k"], el["aceptacion"]["n"], el["juzgadas"]) == (4, 5, 5)
    assert el["errores"] == _t(2, 190, 4)


def test_por_codigo_con_lo_que_acierta_su_revision(bd, pedir, elenco):
    with bd.transaccion() as sesion:
        for n in range(12):
            sesion.execute(
                text("""INSERT INTO hallazgo_respuesta (municipio_id, origen, codigo, huella, respuesta, persona_id, version_reglas)
                        VALUES (:m, 0, 'E-TRAS', :h, :r, :p, :v)"""),
                {
                    "m": elenco.municipio,
                    "h": f"{n:024x}",
                    "r": "error" if n < 9 else "falso",
                    "p": elenco.validadora,
                    "v": VERSION,
                },
            )
    _total, por_codigo = pedir(elenco.validadora, por="codigo")
    assert por_codigo["E-TRAS"]["errores"] == _t(3, 232, 17)
    assert por_codigo["E-TRAS"]["precision"] == _p(9, 12)
    assert por_codigo["E-ESC"]["errores"]["k"] == 1
    # Lo disputado a su favor y lo deshecho no se le cargan a nadie; la imagen, nunca.
    assert (por_codigo["E-FALT"]["errores"]["k"], por_codigo["E-NODO"]["errores"]["k"]) == (0, 0)
    assert "E-IMG" not in por_codigo


def _grupo(bd, elenco, nombre, *personas):
    with bd.transaccion() as sesion:
        grupo = sesion.execute(
            text("INSERT INTO grupo (municipio_id, nombre, creado_por) VALUES (:m, :n, :c) RETURNING id"),
            {"m": elenco.municipio, "n": nombre, "c": elenco.capacitadora},
        ).scalar_one()
        for quien in personas:
            sesion.execute(
                text("INSERT INTO grupo_persona (grupo_id, persona_id) VALUES (:g, :p)"), {"g": grupo, "p": quien}
            )
    return grupo


def _cinco_personas(bd, elenco, diario):
    """Tres más, con una tarea aceptada cada una."""
    nuevas = [persona(bd, f"nueva{n}", (elenco.municipio, "mapeador")) for n in range(3)]
    for n, quien in enumerate(nuevas):
        entrega = diario.entregar(quien, 30 + n, ABRIL)
        diario.juzgar(entrega, elenco.validadora, 30 + n, ABRIL + timedelta(hours=2))
    return nuevas


def test_por_grupo_con_menos_de_cinco_no_se_publica(bd, pedir, elenco, diario):
    nuevas = _cinco_personas(bd, elenco, diario)
    chico = _grupo(bd, elenco, "Dos", elenco.mapeadora, elenco.mapeador)
    grande = _grupo(bd, elenco, "Cinco", elenco.mapeadora, elenco.mapeador, *nuevas)
    total, grupos = pedir(elenco.capacitadora, por="grupo")
    assert grupos[str(chico)] == {"clave": str(chico), "nombre": "Dos", "oculto": True}
    # Quien está en dos grupos cuenta en cada uno, y una sola vez en el total.
    assert grupos[str(grande)]["aceptacion"] == total["aceptacion"] == _p(18, 20)
    total, personas = pedir(elenco.capacitadora, por="persona", grupo=grande)
    assert total["aceptacion"] == _p(18, 20)
    assert len(personas) == 5
    assert pedir(elenco.capacitadora, por="persona", grupo=chico)[0]["oculto"]


def test_lo_de_una_persona_sólo_lo_ven_ella_y_quien_revisa(entrar, bd, pedir, elenco, diario):
    assert list(pedir(elenco.mapeadora, por="persona")[1]) == [str(elenco.mapeadora)]
    for quien in (elenco.forastera, elenco.funcionaria):
        total, filas = pedir(quien, por="persona")
        assert filas == {}
        # De dos personas, lo de todas juntas es casi lo de cada una.
        assert total == {"clave": "total", "nombre": "", "oculto": True}
        assert pedir(quien, por="validador")[1] == {}
    assert all(m == {"clave": c, "nombre": c, "oculto": True} for c, m in pedir(None, por="mes")[1].items())
    assert all(c["oculto"] and c["errores"] is None for c in pedir(None, por="codigo")[1].values())
    _cinco_personas(bd, elenco, diario)
    total, meses = pedir(None, por="mes")
    assert total["aceptacion"] == _p(18, 20)
    # Quienes revisan son dos: en qué no coinciden no es del público.
    assert total["acuerdo"] is None
    assert total["sostenidas"] is None
    assert meses["2026-03"]["oculto"]
    grupo = _grupo(bd, elenco, "Dos", elenco.mapeadora)
    for quien in (None, elenco.mapeadora, elenco.forastera):
        direccion = f"/api/v1/municipios/{elenco.municipio}/medidas?grupo={grupo}"
        assert entrar(quien).get(direccion).status_code == 404


def test_en_que_no_coinciden_quienes_revisan_no_es_del_publico(bd, entrar, pedir, elenco, diario):
    _cinco_personas(bd, elenco, diario)
    raiz = f"/municipios/{elenco.municipio}/medidas"
    for por, quien, estado in (
        ("validador", None, 401),
        ("persona", None, 401),
        ("grupo", None, 401),
        ("grupo", elenco.mapeadora, 403),
    ):
        respuesta = entrar(quien).get(f"/api/v1{raiz}?por={por}")
        assert (respuesta.status_code, "total" in respuesta.json) == (estado, False)
        assert entrar(quien).get(f"{raiz}.csv?por={por}").status_code in {302, 303, 401, 403}
        # La página, que alguien pudo compartir, enseña lo que sí.
        pagina = entrar(quien).get(f"{raiz}?por={por}")
        assert pagina.status_code == 200
        assert '<option value="mes" selected' in pagina.text
        assert f"medidas.csv?por={por}" not in pagina.text
        assert ("sólo se ve con una cuenta; va «Mes»" if quien is None else "va «Mes»") in pagina.text
    respuesta = entrar(elenco.validadora).get(f"/api/v1/proyectos/{diario.proyecto}/medidas?por=proyecto")
    assert (respuesta.status_code, "aquí sólo hay un proyecto" in respuesta.text) == (422, True)
    for quien in (elenco.mapeadora, elenco.forastera):
        total, filas = pedir(quien, por="validador")
        assert (total["acuerdo"], total["sostenidas"], filas) == (None, None, {})
    assert pedir(elenco.validadora, por="validador")[0]["acuerdo"]["coinciden"] == _p(9, 12)


def test_lo_oculto_no_se_sabe_restando(bd, pedir, elenco, diario):
    """Marzo es sólo de la mapeadora: si abril se dijera, del total se quitaría y quedaría lo suyo."""
    nuevas = _cinco_personas(bd, elenco, diario)
    total, meses = pedir(None, por="mes")
    assert (total["personas"], meses["2026-03"]["oculto"]) == (5, True)
    assert meses["2026-04"]["oculto"]
    entrega = diario.entregar(elenco.mapeadora, 34, ABRIL)
    diario.juzgar(entrega, elenco.validadora, 34, ABRIL)
    # Con cinco en abril se publicaría, si no fuera por marzo; quien ve a las personas ve los dos.
    assert all(m["oculto"] for m in pedir(None, por="mes")[1].values())
    assert [m["oculto"] for m in pedir(elenco.validadora, por="mes")[1].values()] == [False, False]
    for n, quien in enumerate((elenco.mapeador, *nuevas)):
        entrega = diario.entregar(quien, 35 + n, MARZO)
        diario.juzgar(entrega, elenco.validadora, 35 + n, MARZO)
    assert [m["oculto"] for m in pedir(None, por="mes")[1].values()] == [False, False]
    mas = persona(bd, "nueva8", (elenco.municipio, "mapeador")), persona(bd, "nueva9", (elenco.municipio, "mapeador"))
    for n, quien in enumerate(mas):
        entrega = diario.entregar(quien, 14 + n, MARZO)
        diario.juzgar(entrega, elenco.validadora, 14 + n, MARZO)
    grande = _grupo(bd, elenco, "Cinco", elenco.mapeadora, elenco.mapeador, *nuevas)
    chico = _grupo(bd, elenco, "Dos", *mas)
    total, grupos = pedir(elenco.capacitadora, por="grupo")
    assert total["personas"] == 7
    assert grupos[str(grande)]["oculto"]
    assert grupos[str(chico)]["oculto"]


def test_lo_de_las_aulas_va_aparte(bd, pedir, elenco, diario):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a WHERE id = :p"),
            {"p": diario.proyecto, "a": aula(sesion, elenco.municipio)},
        )
    assert pedir(elenco.validadora, por="persona")[1] == {}
    total, filas = pedir(elenco.validadora, por="persona", practica="1")
    assert len(filas) == 2
    assert total["aceptacion"] == _p(15, 17)


def test_lo_mio(entrar, elenco, diario):
    mio = entrar(elenco.mapeadora).get("/api/v1/yo/medidas").json
    assert mio["entregado"]["aceptacion"] == _p(12, 13)
    assert mio["senalados"] == [{"codigo": "E-TRAS", "veces": 2}, {"codigo": "E-ESC", "veces": 1}]
    assert mio["practica"]["juzgadas"] == mio["revisado"]["juzgadas"] == 0
    suyo = entrar(elenco.validadora).get("/api/v1/yo/medidas").json
    assert suyo["revisado"]["acuerdo"]["coinciden"] == _p(9, 12)
    assert suyo["revisado"]["juzgadas"] == 18
    assert suyo["entregado"]["juzgadas"] == 0


def test_la_descarga_lleva_las_mismas_cifras_y_el_diccionario_sus_columnas(entrar, elenco, diario):
    raiz = f"/municipios/{elenco.municipio}/medidas.csv"
    filas = list(
        csv.DictReader(io.StringIO(entrar(elenco.validadora).get(f"{raiz}?por=persona").text.lstrip("\ufeff")))
    )
    ella = next(f for f in filas if f["clave"] == str(elenco.mapeadora))
    assert (ella["aceptacion_k"], ella["aceptacion_n"]) == ("12", "13")
    assert (ella["errores_k"], ella["errores_n"], ella["revision_mediana"]) == ("3", "142", "480.0")
    assert filas[0]["clave"] == "total"
    assert filas[0]["kappa"] == "0.25"
    publico = list(csv.DictReader(io.StringIO(entrar(None).get(raiz).text.lstrip("\ufeff"))))
    assert {f["oculto"] for f in publico} == {"si"}
    assert all(not f["aceptacion_n"] for f in publico)
    codigos = entrar(elenco.validadora).get(f"/proyectos/{diario.proyecto}/medidas.csv?por=codigo").text
    diccionario = list(csv.DictReader(io.StringIO(entrar(None).get("/avance/diccionario.csv").text.lstrip("\ufeff"))))
    for archivo, cabeza in (
        ("medidas", filas[0]),
        ("medidas-por-codigo", codigos.lstrip("\ufeff").splitlines()[0].split(",")),
    ):
        assert [d["columna"] for d in diccionario if d["archivo"] == archivo] == list(cabeza)


def test_las_paginas_dicen_la_medida_con_palabras(entrar, elenco, diario):
    pagina = entrar(elenco.validadora).get(f"/municipios/{elenco.municipio}/medidas?por=persona").text
    assert "92\u00a0% a la primera (entre 67\u00a0% y 99\u00a0%, 13 tareas)" in pagina
    assert "Todavía no alcanza: 4 de 10" in pagina
    assert "κ 0.25" in pagina
    assert "2.1 por cada 100 objetos (entre 0.4 y 6.2; 3 errores en 142)" in pagina
    publica = entrar(None).get(f"/proyectos/{diario.proyecto}/medidas")
    assert publica.status_code == 200
    assert "menos de 5 personas" in publica.text
    for por in ("grupo", "validador", "codigo", "mes", "proyecto"):
        assert entrar(elenco.capacitadora).get(f"/municipios/{elenco.municipio}/medidas?por={por}").status_code == 200
    assert "12 parejas" in entrar(elenco.validadora).get("/mis-revisiones").text
    assert "Se resolvió a favor de quien mapeó" in entrar(elenco.validadora).get("/mis-revisiones").text
    assert "Aún no has revisado tareas" in entrar(elenco.mapeadora).get("/mis-revisiones").text
    assert "92\u00a0% a la primera" in entrar(elenco.mapeadora).get("/mi-trabajo").text


@pytest.mark.parametrize(
    "consulta", ["por=nada", "desde=ayer", "desde=20260301", "desde=2026-03-02&hasta=2026-03-01", "orden=x"]
)
def test_lo_que_no_se_entiende_se_dice(entrar, elenco, consulta):
    for raiz in (f"/municipios/{elenco.municipio}/medidas", f"/api/v1/municipios/{elenco.municipio}/medidas"):
        assert entrar(None).get(f"{raiz}?{consulta}").status_code == 422


def test_un_grupo_que_no_se_puede_elegir_se_dice(entrar, bd, elenco, diario):
    grupo = _grupo(bd, elenco, "Dos", elenco.mapeadora)
    raiz = f"/municipios/{elenco.municipio}/medidas"
    for cual in (grupo, grupo + 1, -1, "x"):
        # A quien no ve los grupos no se le dice si ése existe.
        pagina = entrar(elenco.forastera).get(f"{raiz}?grupo={cual}")
        assert (pagina.status_code, "Lo de un grupo sólo lo ve" in pagina.text) == (200, True)
        assert f"grupo={cual}" not in pagina.text.partition("Llévate los datos")[2]
    assert entrar(elenco.capacitadora).get(f"{raiz}?grupo={grupo}").status_code == 200
    for cual in (grupo + 1, -1, "x"):
        pagina = entrar(elenco.capacitadora).get(f"{raiz}?grupo={cual}")
        assert pagina.status_code == 422
        assert f"«{cual}» no está en la lista. Elige una de éstas: Todas las personas, Dos." in pagina.text


def test_lo_que_nadie_ha_senalado_va_plegado(entrar, elenco, diario):
    raiz = f"/municipios/{elenco.municipio}/medidas"
    pagina = entrar(elenco.validadora).get(f"{raiz}?por=codigo").text
    tabla, _corte, plegado = pagina.partition("errores que nadie ha señalado</summary>")
    for titulo, cuantos in (("Edificios que se enciman", 3), ("Esquinas sin escuadrar", 1)):
        assert titulo in tabla.partition("Uno por uno")[2], cuantos
    assert "Contorno que se cruza" in plegado
    assert "Contorno que se cruza" not in tabla
    assert "Cada uno, 0 veces en 232 objetos: si los hay, son menos de 1.6 por cada 100." in plegado
    # La API y el CSV los dan todos.
    assert "E-CRUZ" in entrar(elenco.validadora).get(f"{raiz}.csv?por=codigo").text
    publica = entrar(None).get(f"{raiz}?por=codigo").text
    assert "Los errores no se publican uno por uno" in publica
    assert "Contorno que se cruza" not in publica


@pytest.mark.parametrize(
    ("kappa", "dicho"),
    [
        (-0.1, "ninguno"),
        (0.0, "ninguno"),
        (0.2, "leve"),
        (0.21, "aceptable"),
        (0.6, "moderado"),
        (0.8, "considerable"),
        (0.81, "casi_perfecto"),
        (1.0, "casi_perfecto"),
    ],
)
def test_como_se_lee_kappa(kappa, dicho):
    assert leer_kappa(kappa) == dicho


def test_kappa_se_explica_donde_se_ve(entrar, elenco, diario):
    pagina = entrar(elenco.validadora).get(f"/municipios/{elenco.municipio}/medidas").text
    assert "Coinciden 75\u00a0% (entre" in pagina
    assert "0 es pura casualidad; 1, siempre de acuerdo. Ese acuerdo va de «ninguno» a «casi perfecto»." in pagina
    assert "Landis y Koch" in pagina


def test_se_ordena_por_donde_mas_ayuda_hace_falta(entrar, bd, elenco, diario):
    for numero in range(25, 37):
        entrega = diario.entregar(elenco.mapeador, numero, MARZO)
        diario.juzgar(entrega, elenco.validadora, numero, MARZO + timedelta(hours=1), "devuelta")
    direccion = f"/api/v1/municipios/{elenco.municipio}/medidas?por=persona&orden="
    orden = {
        o: [r["clave"] for r in entrar(elenco.validadora).get(direccion + o).json["renglones"]]
        for o in ("nombre", "aceptacion", "errores")
    }
    assert orden["aceptacion"] == [str(elenco.mapeador), str(elenco.mapeadora)]
    # De él no alcanzan los objetos: va al final.
    assert orden["errores"] == [str(elenco.mapeadora), str(elenco.mapeador)]
    assert set(orden["nombre"]) == set(orden["errores"])
