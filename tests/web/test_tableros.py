"""Las cifras de avance, contra una historia corta escrita por los servicios."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tareas.comun import reloj
from tareas.mapeo import servicio
from tareas.mapeo.reglas import Para, Resultado
from tareas.validacion import servicio as validacion
from tareas.validacion.reglas import Veredicto
from tests.fabrica import aula, devolver

LUNES = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


@pytest.fixture
def historia(bd, elenco):
    """Lunes: dos entregas de 10 y 20 minutos. Martes: una validada y una devuelta, y la devuelta se entrega otra
    vez.
    """

    def a_las(cuando, funcion, **datos):
        with bd.transaccion() as sesion:
            reloj.fijar(sesion, cuando)
            return funcion(sesion, proyecto_id=elenco.proyecto, **datos)

    def mapear(quien, numero, cuando, minutos):
        toma = a_las(cuando, servicio.tomar, persona_id=quien, numeros=[numero], para=Para.MAPEAR)[0]
        fin = cuando + timedelta(minutes=minutos)
        a_las(fin, servicio.entregar, persona_id=quien, numero=numero, ficha=toma.ficha, resultado=Resultado.MAPEADA)

    def revisar(numero, cuando, veredicto, motivos=()):
        toma = a_las(cuando, servicio.tomar, persona_id=elenco.validadora, numeros=[numero], para=Para.VALIDAR)[0]
        a_las(
            cuando,
            validacion.dictaminar,
            persona_id=elenco.validadora,
            numero=numero,
            ficha=toma.ficha,
            veredicto=veredicto,
            motivos=motivos,
        )

    mapear(elenco.mapeadora, 1, LUNES, 10)
    mapear(elenco.mapeador, 2, LUNES, 20)
    martes = LUNES + timedelta(days=1)
    revisar(1, martes, Veredicto.VALIDADA)
    revisar(2, martes, Veredicto.DEVUELTA, ["E-FALT"])
    mapear(elenco.mapeador, 2, martes + timedelta(hours=1), 30)
    return f"/api/v1/proyectos/{elenco.proyecto}/avance"


def test_cada_dia_cuenta_lo_suyo_y_como_quedaron_las_tareas(cliente, historia):
    lunes, martes = cliente.get(historia).json["dias"]
    assert (lunes["dia"], lunes["entregas"], lunes["personas"], lunes["mediana_s"]) == ("2026-03-02", 2, 2, 900)
    assert lunes["tareas_por_hora"] == 4
    assert (lunes["pendientes"], lunes["mapeadas"]) == (7, 2)
    assert (martes["validadas"], martes["devueltas"], martes["entregas"]) == (1, 1, 1)
    assert martes["aceptadas_a_la_primera"] == 0.5
    assert (martes["pendientes"], martes["mapeadas"], martes["validadas_total"]) == (7, 1, 1)


def test_el_resumen_suma_todo(cliente, historia):
    resumen = cliente.get(historia).json["resumen"]
    assert resumen["tareas"] == 9
    assert resumen["estados"]["validada"] == 1
    assert (resumen["entregas"], resumen["personas"]) == (3, 3)
    assert resumen["aceptadas_a_la_primera"] == 0.5


def test_el_publico_ve_quien_ayudo_pero_no_a_quien_le_devolvieron(cliente, entrar, elenco, historia):
    assert all(
        set(p) == {"usuario", "nombre", "entregas", "dictamenes"} for p in cliente.get(historia).json["personas"]
    )
    propia = {p["usuario"]: p for p in entrar(elenco.mapeador).get(historia).json["personas"]}
    assert propia["mapeador"]["devueltas"] == 1
    assert "devueltas" not in propia["mapeadora"]
    completas = entrar(elenco.capacitadora).get(historia).json["personas"]
    assert all("devueltas" in p for p in completas)


def test_un_paso_nuevo_se_ve_en_la_siguiente_pregunta(cliente, bd, elenco, historia):
    antes = cliente.get(historia).json["resumen"]["entregas"]
    with bd.transaccion() as sesion:
        toma = servicio.tomar(
            sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[9], para=Para.MAPEAR
        )[0]
        servicio.entregar(
            sesion,
            persona_id=elenco.mapeadora,
            proyecto_id=elenco.proyecto,
            numero=9,
            ficha=toma.ficha,
            resultado=Resultado.MAPEADA,
        )
    assert cliente.get(historia).json["resumen"]["entregas"] == antes + 1


@pytest.mark.parametrize("por", ["dia", "persona", "tarea"])
def test_las_descargas_traen_las_columnas_de_su_diccionario(cliente, elenco, historia, por):
    descarga = cliente.get(f"/proyectos/{elenco.proyecto}/avance.csv?por={por}")
    assert descarga.mimetype == "text/csv"
    filas = list(csv.DictReader(io.StringIO(descarga.get_data(as_text=True).removeprefix("\ufeff"))))
    assert filas
    diccionario = csv.DictReader(
        io.StringIO(cliente.get("/avance/diccionario.csv").get_data(as_text=True).removeprefix("\ufeff"))
    )
    assert set(filas[0]) == {f["columna"] for f in diccionario if f["archivo"] == por}


def test_un_nombre_que_parece_formula_no_se_ejecuta_en_la_hoja_de_calculo(cliente, bd, elenco, historia):
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE persona SET nombre = '=1+1' WHERE id = :p"), {"p": elenco.mapeadora})
        sesion.execute(
            text(
                "INSERT INTO historial (municipio_id, proyecto_id, numero, accion, persona_id) SELECT municipio_id, proyecto_id, 1, 'comentario', :p FROM tarea WHERE numero = 1"
            ),
            {"p": elenco.mapeadora},
        )
    assert "'=1+1" in cliente.get(f"/proyectos/{elenco.proyecto}/avance.csv?por=persona").get_data(as_text=True)


@pytest.mark.parametrize("direccion", ["/proyectos/{p}/avance", "/municipios/{m}/avance"])
def test_las_paginas_de_avance_se_abren_con_y_sin_trabajo(cliente, elenco, direccion):
    assert cliente.get(direccion.format(p=elenco.proyecto, m=elenco.municipio)).status_code == 200


def test_mi_trabajo_dice_lo_que_me_respondieron(entrar, elenco, historia):
    pagina = entrar(elenco.mapeador).get("/mi-trabajo").get_data(as_text=True)
    assert "Falta por mapear" in pagina
    assert 'id="grafica-trabajo"' in pagina


def test_a_quien_solo_revisa_mi_trabajo_no_le_dibuja_nada_y_lo_lleva_a_sus_revisiones(entrar, elenco, historia):
    pagina = entrar(elenco.validadora).get("/mi-trabajo").get_data(as_text=True)
    assert "Lo tuyo hasta ahora es revisar" in pagina
    assert pagina.count('href="/mis-revisiones"') == 1
    assert "grafica-trabajo" not in pagina
    assert "echarts" not in pagina
    assert "Tareas entregadas" not in pagina
    # La tabla sí dice qué días revisó.
    assert "Día por día" in pagina


def test_mas_alla_de_la_ultima_pagina_de_mi_trabajo_se_vuelve_a_la_primera(entrar, elenco, historia):
    pagina = entrar(elenco.mapeador).get("/mi-trabajo?pagina=999").get_data(as_text=True)
    assert "Aquí ya no hay más." in pagina
    assert 'href="/mi-trabajo#entregas"' in pagina
    assert "pagina=199" not in pagina


def _renglon(pagina, numero):
    """La primera vez que esa tarea sale en «Mi trabajo»: lo más nuevo va arriba."""
    return next(li for li in pagina.split('<li class="hoja">')[1:] if f"Tarea {numero}</a>" in li).partition("</li>\n")[
        0
    ]


@pytest.fixture
def devuelta(entrar, elenco):
    """La tarea 5, devuelta a la mapeadora: su cliente, la dirección en la API y el dictamen."""
    raiz = f"/api/v1/proyectos/{elenco.proyecto}/tareas/5"
    mapea = entrar(elenco.mapeadora)
    devolver(mapea, entrar(elenco.validadora), raiz, "E-FALT")
    return mapea, raiz


def test_mi_trabajo_sabe_que_la_devuelta_ya_esta_en_mis_manos(devuelta):
    mapea, raiz = devuelta
    antes = mapea.get("/mi-trabajo").text
    assert "Una tarea espera que la corrijas." in antes
    assert "Está apartada para ti hasta el" in _renglon(antes, 5)
    ficha = mapea.post(f"{raiz}/bloqueo", json={"para": "mapear"}).json["ficha"]
    pagina = mapea.get("/mi-trabajo").text
    assert "espera que la corrijas" not in pagina
    assert "Estás corrigiendo una tarea que te devolvieron." in pagina
    suyo = _renglon(pagina, 5)
    assert "En tus manos" in suyo
    assert "Está en tus manos hasta el" in suyo
    assert 'aria-label="Seguir con la tarea 5"' in suyo
    assert "apartada" not in suyo
    assert mapea.get("/api/v1/yo/trabajo").json["entregas"][0]["en_mis_manos_hasta"].startswith("20")
    assert mapea.post(f"{raiz}/entrega", json={"ficha": ficha, "resultado": "mapeada"}).status_code == 200
    assert "En tus manos" not in mapea.get("/mi-trabajo").text


@pytest.mark.parametrize(
    ("veredicto", "dicho"),
    [("validada", "te dio la razón"), ("devuelta", "la revisó y también pide corregirla")],
)
def test_mi_trabajo_dice_en_que_va_lo_que_dispute(bd, entrar, elenco, devuelta, veredicto, dicho):
    mapea, raiz = devuelta
    dictamen = mapea.get(f"{raiz}/dictamenes").json["dictamenes"][0]["id"]
    cuerpo = {"dictamen": dictamen, "motivo": "Están todas las casas de la manzana."}
    assert mapea.post(f"{raiz}/disputa", json=cuerpo).status_code < 300
    suyo = _renglon(mapea.get("/mi-trabajo").text, 5)
    assert "otra persona que valida la está por revisar" in suyo
    otra = entrar(elenco.capacitadora)
    ficha = otra.post(f"{raiz}/bloqueo", json={"para": "validar"}).json["ficha"]
    motivos = {"motivos": ["E-FALT"]} if veredicto == "devuelta" else {}
    juicio = {"ficha": ficha, "veredicto": veredicto, "nota": "La vi entera.", **motivos}
    assert otra.post(f"{raiz}/dictamen", json=juicio).status_code == 200
    assert dicho in _renglon(mapea.get("/mi-trabajo").text, 5)


def test_lo_que_te_toca_empieza_por_lo_que_puedes_decidir(bd, entrar, elenco, devuelta):
    mapea, raiz = devuelta
    dictamen = mapea.get(f"{raiz}/dictamenes").json["dictamenes"][0]["id"]
    decide, devolvio = entrar(elenco.capacitadora), entrar(elenco.validadora)
    assert "te toca decidir" not in decide.get("/mi-trabajo").text
    cuerpo = {"dictamen": dictamen, "motivo": "Están todas las <casas> de la manzana."}
    assert mapea.post(f"{raiz}/disputa", json=cuerpo).status_code == 201
    pagina = decide.get("/mi-trabajo").text
    toca = pagina.partition('class="te-toca"')[2].partition("</section>")[0]
    assert "no está de acuerdo con su devolución: te toca decidir" in toca
    assert f'href="/proyectos/{elenco.proyecto}/validar/5"' in toca
    assert "Están todas las &lt;casas&gt; de la manzana." in toca
    # A ciegas: ni qué se señaló ni quién la devolvió.
    assert not any(dicho in pagina for dicho in ("Falta por mapear", "faltan dos", "Validadora"))
    assert decide.get(f"/proyectos/{elenco.proyecto}/validar/5").status_code == 200
    # Quien mapeó sabe que espera; a quien la devolvió no le toca.
    suya = mapea.get("/mi-trabajo").text.partition('class="te-toca"')[2].partition("</section>")[0]
    assert "Pediste que otra persona vea una tarea que te devolvieron." in suya
    assert f'href="/proyectos/{elenco.proyecto}/mapear/5"' in suya
    assert "te toca decidir" not in devolvio.get("/mi-trabajo").text
    # Ya en mis manos, se sigue; y sólo está en la primera página.
    assert decide.post(f"{raiz}/bloqueo", json={"para": "validar"}).status_code == 201
    assert 'aria-label="Seguir con la tarea 5"' in decide.get("/mi-trabajo").text
    assert "te toca decidir" not in decide.get("/mi-trabajo?pagina=2").text
    # En un proyecto que ya no ve, tampoco se nombra.
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET estado = 'archivado'"))
    assert "te toca decidir" not in decide.get("/mi-trabajo").text


def test_cada_quien_ve_su_avance_dia_por_dia_y_quien_coordina_el_de_todas(entrar, elenco, historia):
    propio = entrar(elenco.mapeador).get("/api/v1/yo/avance").json["dias"]
    assert [(d["dia"], d["entregas"], d["devueltas"]) for d in propio] == [("2026-03-02", 1, 0), ("2026-03-03", 1, 1)]
    assert propio[0]["mediana_s"] == 1200
    assert propio[1]["aceptadas_a_la_primera"] == 0
    ajena = f"{historia}/personas/{elenco.mapeador}"
    assert entrar(elenco.capacitadora).get(ajena).json["dias"] == propio
    assert entrar(elenco.mapeadora).get(ajena).status_code == 404
    assert entrar(elenco.forastera).get(ajena).status_code == 404


def test_la_pagina_de_una_persona_la_ven_ella_y_quien_coordina(entrar, elenco, historia):
    pagina = f"/proyectos/{elenco.proyecto}/avance/personas/{elenco.mapeador}"
    assert entrar(elenco.mapeador).get(pagina).status_code == 200
    assert entrar(elenco.capacitadora).get(pagina).status_code == 200
    assert entrar(elenco.mapeadora).get(pagina).status_code == 404


@pytest.mark.parametrize("por", ["x", "1", "dia;persona"])
def test_una_descarga_desconocida_se_explica(cliente, elenco, por):
    assert cliente.get(f"/proyectos/{elenco.proyecto}/avance.csv?por={por}").status_code == 422


def test_quien_cambia_su_nombre_se_ve_con_el_nuevo(cliente, bd, elenco, historia):
    cliente.get(historia)
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE persona SET nombre = 'Otro Nombre' WHERE id = :p"), {"p": elenco.mapeadora})
    nombres = {p["nombre"] for p in cliente.get(historia).json["personas"]}
    assert "Otro Nombre" in nombres
    assert "Mapeadora" not in nombres


def test_un_dictamen_deshecho_no_cuenta_como_primera_revision(bd, cliente, elenco, historia):
    quien = {"persona_id": elenco.validadora, "proyecto_id": elenco.proyecto, "numero": 1}
    with bd.transaccion() as sesion:
        reloj.fijar(sesion, LUNES + timedelta(days=2))
        servicio.deshacer(sesion, **quien, motivo="me equivoqué", coordina=False)
    assert cliente.get(historia).json["resumen"]["aceptadas_a_la_primera"] == 0
    with bd.transaccion() as sesion:
        reloj.fijar(sesion, LUNES + timedelta(days=2))
        toma = servicio.tomar(
            sesion, persona_id=elenco.validadora, proyecto_id=elenco.proyecto, numeros=[1], para=Para.VALIDAR
        )[0]
        validacion.dictaminar(sesion, **quien, ficha=toma.ficha, veredicto=Veredicto.VALIDADA)
    avance = cliente.get(historia).json
    assert avance["resumen"]["aceptadas_a_la_primera"] == 0.5
    assert avance["dias"][-1]["aceptadas_a_la_primera"] == 1


def test_lo_que_mapee_en_un_proyecto_que_se_volvio_privado_ya_no_se_nombra(bd, entrar, elenco, historia):
    with bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM papel WHERE persona_id = :p"), {"p": elenco.mapeadora})
    mapeadora = entrar(elenco.mapeadora)
    assert len(mapeadora.get("/api/v1/yo/trabajo").json["entregas"]) == 1
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET visibilidad = 'privada', nombre = 'Reservado'"))
    assert mapeadora.get("/api/v1/yo/trabajo").json["entregas"] == []
    assert "Reservado" not in mapeadora.get("/mi-trabajo").get_data(as_text=True)


def test_lo_practicado_va_aparte_en_los_totales(bd, entrar, elenco, historia):
    yo, raiz = entrar(elenco.mapeador), f"/proyectos/{elenco.proyecto}"
    antes = yo.get("/api/v1/yo/avance").json
    assert antes["dias"]
    cola = f"/api/v1{raiz}/revision"
    [espera] = entrar(elenco.capacitadora).get(cola).json["tareas"]
    assert espera["porque"] == (
        "Es de sus tres primeras entregas en el municipio; se devolvió la única que se le ha revisado."
    )
    assert antes["practica"] == []
    with bd.transaccion() as sesion:
        # La misma historia, como si se hubiera mapeado en un aula: con tareas tomadas, la base ya no deja mudarla.
        sesion.execute(text("SET LOCAL session_replication_role = replica"))
        cual = aula(sesion, elenco.municipio)
        en_aula = {"p": elenco.proyecto, "a": cual}
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a WHERE id = :p"), en_aula)
    despues = yo.get("/api/v1/yo/avance").json
    assert (despues["dias"], despues["practica"]) == ([], antes["dias"])
    [espera] = entrar(elenco.capacitadora).get(cola).json["tareas"]
    assert espera["porque"] == (
        "Es de sus tres primeras entregas de práctica en el municipio; "
        "se devolvió la única de práctica que se le ha revisado."
    )
    assert "practica" not in espera
    assert len(yo.get("/mi-trabajo.csv").get_data(as_text=True).splitlines()) == 1
    assert "En práctica" in yo.get("/mi-trabajo").get_data(as_text=True)
    del_municipio = yo.get(f"/municipios/{elenco.municipio}/avance").get_data(as_text=True)
    assert "Todavía no hay trabajo que contar" in del_municipio
    assert "En práctica" in del_municipio
    assert "Sin contar 1 proyecto de práctica" in yo.get(f"/municipios/{elenco.municipio}").get_data(as_text=True)
    # El avance del propio proyecto se ve entero, con las cuentas de su aula, que está vacía.
    assert "Proyecto de práctica" in yo.get(f"{raiz}/avance").get_data(as_text=True)
    tareas = yo.get(f"/api/v1{raiz}/avance/tareas").json["tareas"]
    assert {t["edificios_hoy"] for t in tareas} == {0}
    (dicho,) = [p for p in yo.get("/api/v1/proyectos").json["proyectos"] if p["id"] == elenco.proyecto]
    assert (dicho["servidor_osm"], dicho["aula"]) == ("practica", cual)
