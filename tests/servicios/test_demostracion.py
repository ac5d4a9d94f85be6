"""La demostración completa, armada por los servicios verdaderos en una base propia."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from geo.teselas.aritmetica import rango_de
from tareas.comun.bd import BaseDeDatos
from tareas.demostracion import aerea, practica
from tareas.demostracion.cuentas import CuentaAjena, crear
from tareas.demostracion.escenario import armar
from tareas.municipios.consultas import por_id
from tareas.tableros.comprobar import comprobar
from tests.fabrica import persona
from tests.imagenes import cuadro, mbtiles

AHORA = datetime(2026, 6, 15, 18, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def demostracion(crear_base, tmp_path_factory):
    """Base y contenido de ``demo.json``, armados una vez."""
    base = BaseDeDatos(crear_base())
    carpeta = tmp_path_factory.mktemp("demo")
    yield base, armar(base, carpeta, AHORA, lambda _paso: None), carpeta
    base.cerrar()


def test_deja_tres_proyectos_en_distintas_etapas_y_seis_cuentas(demostracion):
    base, demo, _carpeta = demostracion
    assert sorted(c["papel"] for c in demo["cuentas"]) == sorted(
        ["mapeador", "mapeador", "validador", "capacitador", "funcionario", "administrador"]
    )
    consulta = """
        SELECT p.estado, count(*) FILTER (WHERE t.estado = 2)::float / count(*)
          FROM proyecto p JOIN tarea t ON t.proyecto_id = p.id WHERE p.id = ANY(:ids) GROUP BY p.id ORDER BY p.id"""
    with base.lectura() as sesion:
        etapas = sesion.execute(text(consulta), {"ids": demo["proyectos"]}).all()
    assert [estado for estado, _parte in etapas] == ["publicado", "publicado", "borrador"]
    assert etapas[0][1] > 0.7 > etapas[1][1] > 0.1
    assert etapas[2][1] == 0


def test_la_historia_cuadra_y_termina_antes_de_hoy(demostracion):
    base, _demo, _carpeta = demostracion
    with base.transaccion() as sesion:
        assert [r.nombre for r in comprobar(sesion) if r.cuantas] == []
        dias = sesion.execute(text("SELECT count(DISTINCT cuando::date), max(cuando) FROM historial")).one()
    assert dias[0] >= 15
    assert dias[1] < AHORA


def test_lo_entregado_se_ve_en_los_datos_de_osm(demostracion):
    base, demo, _carpeta = demostracion
    consulta = """
        SELECT sum(t.edificios_al_publicar), sum(c.edificios) FROM tarea t, osm_cifras(t.geom) c
         WHERE t.proyecto_id = :p AND t.estado = 2"""
    with base.lectura() as sesion:
        antes, hoy = sesion.execute(text(consulta), {"p": demo["proyectos"][1]}).one()
    assert hoy > antes + 50


def test_cada_entrega_deja_evidencia_de_quien_la_hizo(demostracion):
    base, demo, _carpeta = demostracion
    consulta = text("""
        SELECT v.persona_id, count(*) AS entregas, count(e.ficha) AS firmes, sum(e.edificios) AS edificios, sum(e.metros_vias) AS metros,
               sum(e.fuera_aparte) AS aparte
          FROM evidencia_turno v LEFT JOIN evidencia e USING (proyecto_id, numero, ficha)
         WHERE v.proyecto_id = ANY(:ids) AND v.final = 'entrega' GROUP BY 1""")
    with base.lectura() as sesion:
        personas = sesion.execute(consulta, {"ids": demo["proyectos"]}).all()
    assert len(personas) == 2
    for p in personas:
        # Los datos llegan al último cambio aplicado: lo entregado después queda por confirmar.
        assert p.entregas - 5 <= p.firmes <= p.entregas
        assert p.edificios > 50
        assert p.metros > 0
        assert p.aparte == 0


def test_los_avisos_estan_en_el_orden_en_que_llegaron(demostracion):
    base, _demo, _carpeta = demostracion
    with base.lectura() as sesion:
        saltos = sesion.execute(
            text("""SELECT count(*), count(*) FILTER (WHERE creado < antes) FROM
                    (SELECT creado, lag(creado) OVER (PARTITION BY persona_id ORDER BY id) AS antes FROM aviso) a""")
        ).one()
    assert saltos[0] > 20
    assert saltos[1] == 0


def test_guarda_la_verdad_para_compararla_despues(demostracion):
    _base, _demo, carpeta = demostracion
    assert {a.name for a in carpeta.iterdir()} >= {"osm.osm.pbf", "verdad.osm.pbf", "errores_plantados.json"}


def test_tiene_un_aula_y_un_proyecto_que_edita_en_ella(demostracion, tmp_path):
    base, demo, _carpeta = demostracion
    assert practica.falta(demo)
    # Como si ya existiera de antes, con su vista aérea; y luego como si se hubiera cortado antes de anotarlo.
    copia = dict(demo)
    with base.transaccion() as sesion:
        oeste, sur, este, norte = por_id(sesion, demo["municipio"]).caja
        tesela = rango_de((oeste, sur, este, norte), 10).teselas()
        archivo = mbtiles(tmp_path / "vista.mbtiles", {t: cuadro((90, 120, 60)) for t in tesela})
        copia["imagen"] = aerea.poner(sesion, archivo, demo["municipio"], demo["proyectos"])
    puestas = []
    for _vez in range(2):
        otra = dict(copia)
        with base.transaccion() as sesion:
            assert practica.poner(sesion, otra)
        puestas.append((otra["aula"], otra["practica"]))
    assert puestas[0] == puestas[1]
    assert not practica.falta(otra)
    assert otra["proyectos"] == demo["proyectos"]
    with base.lectura() as sesion:
        p = sesion.execute(
            text("""SELECT p.estado, p.servidor_osm, p.aula_id, p.tareas_total, p.imagenes, q.usuario, a.estado AS aula,
                           ST_Covers(a.area, p.area) AS cabe,
                           (SELECT count(*) FROM practica_elemento e WHERE e.aula_id = a.id AND e.tipo = 'w') AS vias
                      FROM proyecto p JOIN aula a ON a.id = p.aula_id JOIN persona q ON q.id = a.creada_por WHERE p.id = :p"""),
            {"p": otra["practica"]},
        ).one()
    assert (p.estado, p.servidor_osm, p.aula_id, p.aula) == ("publicado", "practica", otra["aula"], "abierta")
    assert p.usuario == "capacitacion"
    assert p.cabe
    assert 16 <= p.tareas_total <= 36
    assert p.vias > 20
    assert [i["url"] for i in p.imagenes] == [f"/teselas/imagenes/{copia['imagen']}/{{z}}/{{x}}/{{y}}"]
    with base.transaccion() as sesion:
        assert [r.nombre for r in comprobar(sesion) if r.cuantas] == []


def test_sin_las_cuentas_de_la_demostracion_no_hay_aula(bd, elenco):
    with bd.transaccion() as sesion:
        assert not practica.poner(sesion, {"municipio": elenco.municipio, "proyectos": [elenco.proyecto] * 3})


def test_un_intento_cortado_se_puede_repetir(demostracion):
    base, demo, carpeta = demostracion
    otra = armar(base, carpeta, AHORA, lambda _paso: None)
    assert {c["usuario"] for c in otra["cuentas"]} == {c["usuario"] for c in demo["cuentas"]}
    assert otra["cuentas"][0]["clave"] != demo["cuentas"][0]["clave"]
    with base.lectura() as sesion:
        consulta = text("SELECT count(*) FROM proyecto WHERE estado <> 'archivado'")
        assert sesion.execute(consulta).scalar_one() == 3


def test_no_le_cambia_la_clave_a_una_cuenta_que_no_es_de_la_demostracion(bd, elenco):
    persona(bd, "municipio", (elenco.municipio, "funcionario"))
    with pytest.raises(CuentaAjena), bd.transaccion() as sesion:
        crear(sesion, elenco.municipio)
