"""Crear, publicar y ver proyectos, sobre PostGIS."""

import itertools

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from geo.formatos.errores_datos import CoordenadasIntercambiadas
from tareas.comun.permisos import ANONIMO, Actor, Papel
from tareas.cuentas.consultas import actor_de_ficha
from tareas.proyectos import servicio
from tareas.proyectos.consultas import Filtro, actor_y_proyecto, conteos, listar, visible
from tareas.proyectos.errores import (
    AreaLejos,
    EstadoNoCorresponde,
    NoEsBorrador,
    NoGestiona,
    ProyectoNoEncontrado,
)
from tareas.proyectos.ordenes import grupo
from tests import fabrica

CUADROS = {"tipo": "cuadros", "lado_m": 300.0, "recortar": True}


@pytest.fixture
def funcionaria(elenco):
    return Actor(elenco.funcionaria, "funcionaria", papeles=frozenset({(elenco.municipio, Papel.FUNCIONARIO)}))


def pedido(elenco, **cambios):
    base = {"municipio": elenco.municipio, "area": None, "nombre": "Barrio del Río", "descripcion": "", "imagenes": []}
    base |= {"instrucciones": "", "visibilidad": "publica", "prioridad": 0, "minutos_bloqueo": 60}
    base |= {"servidor_osm": "osm", "aula": None, "editores": [], "editores_ocultos": [], "presets": []}
    return base | {"comentario_conjunto": "", "etiquetas_conjunto": "", "desplazamiento": None} | cambios


def cuadro(oeste, sur, este, norte):
    return {
        "type": "Polygon",
        "coordinates": [[[oeste, sur], [este, sur], [este, norte], [oeste, norte], [oeste, sur]]],
    }


@pytest.mark.parametrize(
    "division",
    [
        CUADROS,
        {"tipo": "hexagonos", "lado_m": 200.0, "recortar": True},
        {"tipo": "mercator", "zoom": 17, "recortar": True},
    ],
)
def test_las_tareas_cubren_el_area_exactamente(bd, elenco, funcionaria, division):
    with bd.transaccion() as sesion:
        creado = servicio.crear(sesion, funcionaria, pedido(elenco), division)
        fila = sesion.execute(
            text("""SELECT count(*) AS tareas, min(t.numero) AS desde, max(t.numero) AS hasta,
                           ST_Area(ST_SymDifference(ST_Union(t.geom), min(p.area::text)::geometry)) AS diferencia,
                           sum(ST_Area(t.geom)) - ST_Area(min(p.area::text)::geometry) AS traslape
                      FROM tarea t JOIN proyecto p ON p.id = t.proyecto_id WHERE p.id = :p"""),
            {"p": creado.id},
        ).one()
    assert (fila.tareas, fila.desde, fila.hasta) == (creado.tareas, 1, creado.tareas)
    assert fila.diferencia < 1e-11
    assert abs(fila.traslape) < 1e-11


def test_los_numeros_siguen_el_orden_de_las_celdas(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        creado = servicio.crear(sesion, funcionaria, pedido(elenco), CUADROS)
        celdas = sesion.execute(
            text("SELECT celda FROM tarea WHERE proyecto_id = :p ORDER BY numero"), {"p": creado.id}
        ).scalars()
        assert all(a < b for a, b in itertools.pairwise(celdas))


def test_se_puede_partir_por_poligonos_propios(bd, elenco, funcionaria):
    mitades = [cuadro(-98.76, 20.09, -98.75, 20.11), cuadro(-98.75, 20.09, -98.74, 20.11)]
    geojson = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": g} for g in mitades],
    }
    with bd.transaccion() as sesion:
        creado = servicio.crear(
            sesion, funcionaria, pedido(elenco), {"tipo": "poligonos", "geojson": geojson, "recortar": True}
        )
        division = sesion.execute(text("SELECT division FROM proyecto WHERE id = :p"), {"p": creado.id}).scalar_one()
    assert creado.tareas == 2
    assert division == {"tipo": "poligonos", "recortar": True}


def test_solo_quien_gestiona_el_municipio_crea(bd, elenco):
    de_otro = Actor(
        elenco.forastera,
        "forastera",
        papeles=frozenset({(elenco.otro_municipio, Papel.FUNCIONARIO), (elenco.municipio, Papel.CAPACITADOR)}),
    )
    with pytest.raises(NoGestiona), bd.transaccion() as sesion:
        servicio.crear(sesion, de_otro, pedido(elenco), CUADROS)


def test_un_area_lejana_se_rechaza_y_dice_a_cuanto_queda(bd, elenco, funcionaria):
    with pytest.raises(AreaLejos) as error, bd.transaccion() as sesion:
        servicio.crear(sesion, funcionaria, pedido(elenco, area=cuadro(-97.0, 20.0, -96.9, 20.1)), CUADROS)
    assert error.value.datos["km"] == "182"


def test_un_area_con_las_coordenadas_al_reves_lo_dice(bd, elenco, funcionaria):
    alreves = cuadro(20.095, -98.755, 20.105, -98.745)
    with pytest.raises(CoordenadasIntercambiadas), bd.transaccion() as sesion:
        servicio.crear(sesion, funcionaria, pedido(elenco, area=alreves), CUADROS)
    with bd.transaccion() as sesion:
        assert servicio.crear(sesion, funcionaria, pedido(elenco, area=alreves, reparar=True), CUADROS).tareas


def test_un_area_que_se_sale_del_municipio_se_toma_y_se_avisa(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        mitad_fuera = cuadro(-98.75, 20.095, -98.73, 20.105)
        creado = servicio.crear(sesion, funcionaria, pedido(elenco, area=mitad_fuera), CUADROS)
    avisos = {a.codigo: a.mensaje for a in creado.avisos}
    assert avisos["area_fuera_en_parte"] == "El 50.0\u00a0% del área queda fuera de Ejemplo del Río."


def test_el_camino_de_un_proyecto(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        nuevo = servicio.crear(sesion, funcionaria, pedido(elenco), CUADROS).id
        servicio.publicar(sesion, nuevo)
        publicado = sesion.execute(text("SELECT publicado FROM proyecto WHERE id = :p"), {"p": nuevo}).scalar_one()
        servicio.publicar(sesion, nuevo)
        servicio.archivar(sesion, nuevo)
        servicio.restaurar(sesion, nuevo)
        fila = sesion.execute(text("SELECT estado, publicado, archivado FROM proyecto WHERE id = :p"), {"p": nuevo})
        assert fila.one() == ("publicado", publicado, None)


def test_un_borrador_no_se_archiva_y_lo_publicado_no_se_borra(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        nuevo = servicio.crear(sesion, funcionaria, pedido(elenco), CUADROS).id
        with pytest.raises(EstadoNoCorresponde):
            servicio.archivar(sesion, nuevo)
        servicio.publicar(sesion, nuevo)
        with pytest.raises(NoEsBorrador):
            servicio.borrar(sesion, nuevo)


def test_borrar_un_borrador_se_lleva_sus_tareas(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        nuevo = servicio.crear(sesion, funcionaria, pedido(elenco), CUADROS).id
        servicio.borrar(sesion, nuevo)
        assert sesion.execute(text("SELECT count(*) FROM tarea WHERE proyecto_id = :p"), {"p": nuevo}).scalar() == 0


def test_cambiar_la_visibilidad_cambia_la_version_de_las_teselas(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        nuevo = servicio.crear(sesion, funcionaria, pedido(elenco), CUADROS).id
        proyecto = visible(sesion, funcionaria, nuevo)
        servicio.editar(sesion, proyecto, {"nombre": "Otro nombre"})
        assert visible(sesion, funcionaria, nuevo).version == proyecto.version
        servicio.editar(sesion, proyecto, {"visibilidad": "privada"})
        assert visible(sesion, funcionaria, nuevo).version == proyecto.version + 1


QUIENES = ("nadie", "mapeadora", "validadora", "capacitadora", "funcionaria", "administradora", "forastera")
LO_VEN = {
    ("publicado", "publica"): set(QUIENES),
    ("archivado", "publica"): set(QUIENES),
    ("publicado", "privada"): set(QUIENES) - {"nadie", "forastera"},
    ("archivado", "privada"): set(QUIENES) - {"nadie", "forastera"},
    ("borrador", "publica"): {"capacitadora", "funcionaria", "administradora"},
    ("borrador", "privada"): {"capacitadora", "funcionaria", "administradora"},
}


def actor_de(bd, elenco, quien):
    if quien == "nadie":
        return ANONIMO
    with bd.lectura() as sesion:
        filas = sesion.execute(
            text("SELECT municipio_id, papel FROM papel WHERE persona_id = :p"), {"p": getattr(elenco, quien)}
        )
        return Actor(getattr(elenco, quien), quien, papeles=frozenset((m, Papel(p)) for m, p in filas))


def test_quien_ve_que_es_lo_mismo_en_la_lista_y_uno_por_uno(bd, elenco):
    proyectos = {
        clave: fabrica.proyecto(bd, elenco.municipio, estado=clave[0], visibilidad=clave[1], columnas=1, renglones=1)
        for clave in LO_VEN
    }
    for quien in QUIENES:
        actor = actor_de(bd, elenco, quien)
        with bd.lectura() as sesion:
            filas, total = listar(sesion, actor, Filtro(municipio=elenco.municipio, por_pagina=100))
            assert total == len(filas)
            en_lista = {f.id for f in filas}
            for clave, quienes in LO_VEN.items():
                assert (proyectos[clave] in en_lista) == (quien in quienes), (quien, clave)
                if quien in quienes:
                    assert visible(sesion, actor, proyectos[clave]).id == proyectos[clave]
                else:
                    with pytest.raises(ProyectoNoEncontrado):
                        visible(sesion, actor, proyectos[clave])


def test_quien_pide_y_que_pide_es_lo_mismo_junto_que_por_separado(bd, elenco):
    proyectos = {
        clave: fabrica.proyecto(bd, elenco.municipio, estado=clave[0], visibilidad=clave[1], columnas=1, renglones=1)
        for clave in LO_VEN
    }
    sin_papel = fabrica.persona(bd, "sola")
    fichas = {q: fabrica.abrir_sesion(bd, getattr(elenco, q)) for q in QUIENES if q != "nadie"}
    fichas["sola"] = fabrica.abrir_sesion(bd, sin_papel)
    with bd.lectura() as sesion:
        for quien, ficha in fichas.items():
            actor = actor_de_ficha(sesion, ficha)
            for clave, numero in proyectos.items():
                junto = actor_y_proyecto(sesion, ficha, numero)
                # Quien tiene cuenta y ningún papel ve lo que ve cualquiera.
                if ("nadie" if quien == "sola" else quien) in LO_VEN[clave]:
                    assert junto == (actor, visible(sesion, actor, numero)), (quien, clave)
                else:
                    assert junto == (actor, None), (quien, clave)
            assert actor_y_proyecto(sesion, ficha, 2**31 - 1) == (actor, None)


@pytest.mark.parametrize(
    "cambio",
    [
        "DELETE FROM sesion WHERE persona_id = :p",
        "UPDATE sesion SET vence = now() - interval '1 second' WHERE persona_id = :p",
        "UPDATE persona SET activa = false WHERE id = :p",
    ],
)
def test_quien_ya_no_puede_entrar_es_nadie_desde_la_siguiente_pregunta(bd, elenco, cambio):
    ficha = fabrica.abrir_sesion(bd, elenco.mapeadora)
    with bd.lectura() as sesion:
        assert actor_y_proyecto(sesion, ficha, elenco.proyecto)[0].id == elenco.mapeadora
    with bd.transaccion() as sesion:
        sesion.execute(text(cambio), {"p": elenco.mapeadora})
    with bd.lectura() as sesion:
        assert actor_y_proyecto(sesion, ficha, elenco.proyecto) == (ANONIMO, None)


@pytest.mark.parametrize("numero", [0, 999, 2**40, 2**62])
def test_lo_que_no_existe_no_se_distingue_de_lo_que_no_se_puede_ver(bd, elenco, numero):
    with bd.lectura() as sesion, pytest.raises(ProyectoNoEncontrado):
        visible(sesion, ANONIMO, numero)


def test_los_conteos_dicen_todos_los_estados(bd, elenco):
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE tarea SET estado = 2 WHERE proyecto_id = :p AND numero <= 4"), {"p": elenco.proyecto}
        )
        cuentas = conteos(sesion, [elenco.proyecto])[elenco.proyecto]
    esperadas = {"pendiente": 5, "mapeada": 0, "validada": 4, "devuelta": 0, "sin_imagen": 0, "dividida": 0}
    assert cuentas == esperadas


def test_la_lista_busca_por_texto_municipio_y_lugar(bd, elenco):
    otro = fabrica.proyecto(bd, elenco.otro_municipio, nombre="Ribera de Ángel")
    with bd.lectura() as sesion:

        def ids(**filtro):
            return {f.id for f in listar(sesion, ANONIMO, Filtro(**filtro))[0]}

        assert ids(texto="de ANGEL") == {otro}
        assert ids(texto="rivera de angel") == {otro}
        assert ids(texto="nuu lejano") == {otro}
        assert ids(municipio=elenco.municipio) == {elenco.proyecto}
        assert ids(caja=(-98.8, 20.0, -98.7, 20.2)) == {otro, elenco.proyecto}
        assert ids(caja=(10.0, 20.0, 11.0, 21.0)) == set()
        for orden in ("recientes", "nombre", "prioridad", "tareas", "avance"):
            assert ids(orden=orden) == {otro, elenco.proyecto}


def poner_edificio(sesion, numero, oeste, version):
    """Un edificio de diez metros en el municipio de siempre, y la importación que lo trajo."""
    sesion.execute(
        text("""INSERT INTO osm_objeto (tipo, id, clase, geom)
                VALUES ('w', :n, 'edificio', ST_MakeEnvelope(:w, 20.1, :w + 0.0001, 20.1001, 4326))"""),
        {"n": numero, "w": oeste},
    )
    sesion.execute(
        text("""INSERT INTO osm_importacion (archivo, modo, empezo, termino, version, cambio, cifras)
                VALUES ('a.osm', 'importar', now(), now(), :v, true, '{}')"""),
        {"v": version},
    )


def edificios(sesion, proyecto):
    return sesion.execute(
        text("SELECT count(edificios_al_publicar), sum(edificios_al_publicar) FROM tarea WHERE proyecto_id = :p"),
        {"p": proyecto},
    ).one()


def test_sin_datos_de_osm_no_se_dice_que_hay_cero(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        nuevo = servicio.crear(sesion, funcionaria, pedido(elenco), CUADROS)
        servicio.publicar(sesion, nuevo.id)
        assert edificios(sesion, nuevo.id) == (0, None)


def test_al_publicar_se_cuenta_lo_que_osm_tiene_ese_dia(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        poner_edificio(sesion, 1, -98.755, version=1)
        nuevo = servicio.crear(sesion, funcionaria, pedido(elenco), CUADROS)
        assert edificios(sesion, nuevo.id) == (nuevo.tareas, 1)
        poner_edificio(sesion, 2, -98.745, version=2)
        servicio.publicar(sesion, nuevo.id)
        assert edificios(sesion, nuevo.id) == (nuevo.tareas, 2)


def test_archivar_y_restaurar_no_vuelve_a_contar(bd, elenco, funcionaria):
    with bd.transaccion() as sesion:
        poner_edificio(sesion, 1, -98.755, version=1)
        nuevo = servicio.crear(sesion, funcionaria, pedido(elenco), CUADROS)
        servicio.publicar(sesion, nuevo.id)
        poner_edificio(sesion, 2, -98.745, version=2)
        servicio.archivar(sesion, nuevo.id)
        servicio.restaurar(sesion, nuevo.id)
        assert edificios(sesion, nuevo.id) == (nuevo.tareas, 1)


def test_crear_desde_la_consola(bd, elenco, url_base, monkeypatch):
    monkeypatch.setenv("TEQUIO_BASE_DE_DATOS", url_base)
    orden = ["crear", "--municipio", "99001", "--nombre", "Desde la consola", "--hexagonos", "300", "--publicar"]
    salida = CliRunner().invoke(grupo, orden)
    assert "publicado" in salida.output
    with bd.lectura() as sesion:
        fila = sesion.execute(
            text("SELECT estado, division, creado_por FROM proyecto WHERE nombre = 'Desde la consola'")
        ).one()
    assert fila == ("publicado", {"tipo": "hexagonos", "lado_m": 300, "recortar": True}, None)


@pytest.mark.parametrize("division", [[], ["--cuadros", "100", "--mercator", "17"], ["--cuadros", "1"]])
def test_desde_la_consola_una_division_que_no_se_entiende_no_crea_nada(bd, elenco, url_base, monkeypatch, division):
    monkeypatch.setenv("TEQUIO_BASE_DE_DATOS", url_base)
    salida = CliRunner().invoke(grupo, ["crear", "--municipio", "99001", "--nombre", "Nada", *division])
    assert salida.exit_code != 0
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM proyecto WHERE nombre = 'Nada'")).scalar() == 0
