"""La evidencia, contada por la base contra PostGIS: qué entra en un turno, qué está dentro, qué es lo neto."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from tareas.calidad.evidencia import consultas, servicio
from tareas.calidad.evidencia.errores import MotivoYaDicho, NoEsTuEntrega, SinEntrega
from tareas.calidad.evidencia.reglas import HOLGURA, PAUSA, Aviso, Motivo, avisos
from tareas.comun import reloj
from tareas.datos_osm.seguimiento.seguidor import AL_AVANZAR
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.reglas import Para, Resultado, SinCambios
from tareas.proyectos.errores import OrigenFijo
from tareas.tableros.comprobar import comprobar
from tests.fabrica import LADO
from tests.mundo_evidencia import GRADO, Taller, calle, casa, esquina, min_, punto

YO = 501


@pytest.fixture
def taller(bd, elenco):
    """La mapeadora edita en OSM con la cuenta 501."""
    t = Taller(bd, elenco.proyecto)
    t.vincular(elenco.mapeadora, YO)
    return t


def turnos(taller, numero=1):
    with taller.bd.lectura() as sesion:
        return consultas.de_tarea(sesion, taller.proyecto, numero)


def ultimo(taller, numero=1):
    return turnos(taller, numero)[-1]


def dentro(turno):
    return tuple(turno[f"dentro_{q}"] for q in ("creados", "modificados", "borrados"))


def fuera(turno):
    return tuple(turno[f"fuera_{q}"] for q in ("creados", "modificados", "borrados"))


def test_un_edificio_dibujado_en_el_turno_es_un_edificio(taller, elenco):
    taller.edificio(YO, min_(5), 1, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert (turno["edificios"], turno["edificios_creados"], dentro(turno), fuera(turno)) == (1, 1, (1, 0, 0), (0, 0, 0))
    assert (turno["conjuntos"], turno["guardados"]) == ([7], 1)


def test_de_quien_no_vinculo_su_cuenta_no_se_dice_cero(taller, elenco):
    taller.edificio(888, min_(5), 1, casa(1))
    taller.turno(elenco.mapeador, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert turno["uid"] is None
    assert turno["edificios"] is None
    assert avisos(turno) == []


def test_si_la_vincula_despues_se_sabe_lo_de_antes(taller, elenco):
    taller.edificio(888, min_(5), 1, casa(1))
    taller.turno(elenco.mapeador, 1, min_(0), min_(10))
    taller.vincular(elenco.mapeador, 888)
    assert ultimo(taller)["edificios"] == 1


def test_la_ventana_va_de_un_minuto_antes_hasta_la_entrega(taller, elenco):
    for i, minuto in enumerate((-2, -0.5, 0, 5, 9.9, 10, 11)):
        taller.edificio(YO, min_(minuto), i, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    with taller.bd.lectura() as sesion:
        vistos = consultas.objetos(sesion, ultimo(taller))["features"]
    assert {v["properties"]["id"] for v in vistos} == {1, 2, 3, 4}


def test_la_base_y_las_reglas_dicen_los_mismos_tiempos(taller, elenco):
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert turno["ventana_desde"] == min_(0) - HOLGURA
    assert turno["ventana_hasta"] == min_(10)


def test_lo_guardado_al_tomar_otra_es_de_la_otra_y_queda_fuera_de_ella(taller, elenco):
    taller.edificio(YO, min_(9), 1, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.turno(elenco.mapeadora, 9, min_(12), min_(20))
    taller.edificio(YO, min_(13), 2, casa(1, 0.6))
    assert ultimo(taller)["edificios"] == 1
    otra = ultimo(taller, 9)
    assert (otra["edificios"], fuera(otra)) == (0, (1, 0, 0))
    assert otra["lejos_m"] > 100


def test_las_ventanas_de_una_persona_nunca_se_enciman(taller, elenco):
    hora = 0.0
    for numero, dura, pausa in ((1, 5, 0), (2, 3, 0.5), (3, 4, 9), (4, 2, 10.5), (5, 6, 30), (6, 1, 0)):
        taller.turno(elenco.mapeadora, numero, min_(hora), min_(hora + dura))
        hora += dura + pausa
    ventanas = [(t["ventana_desde"], t["ventana_hasta"]) for n in range(1, 7) for t in turnos(taller, n)]
    assert len(ventanas) == 6
    assert all(fin <= inicio for (_, fin), (inicio, _) in pairwise(ventanas))


def test_un_turno_soltado_o_vencido_tambien_deja_evidencia(taller, elenco):
    ficha = taller.tomar(elenco.mapeadora, 1, min_(0))
    taller.edificio(YO, min_(3), 1, casa(1))
    taller.en(min_(5), mapeo.soltar, persona_id=elenco.mapeadora, numero=1, ficha=ficha)
    taller.tomar(elenco.mapeadora, 1, min_(60))
    taller.edificio(YO, min_(70), 2, casa(1, 0.6))
    # A los 120 minutos vence, y nadie lo escribe todavía.
    suelto, vencido = turnos(taller)
    assert (suelto["final"], suelto["edificios"]) == ("liberacion", 1)
    assert (vencido["final"], vencido["edificios"], vencido["hasta"]) == ("vencimiento", 1, min_(180))
    taller.tomar(elenco.mapeador, 1, min_(500))
    assert turnos(taller)[1]["ventana_hasta"] == vencido["ventana_hasta"]


def test_lo_creado_y_borrado_en_el_mismo_turno_no_es_nada(taller, elenco):
    taller.edificio(YO, min_(2), 1, casa(1))
    taller.cambio(YO, min_(3), "w", 1, 2, "borrar", antes=("edificio", casa(1), {"building": "yes"}))
    taller.via(YO, min_(2), 2, calle(1, 0.1, 0.1, 0.9, 0.1))
    taller.cambio(
        YO, min_(4), "w", 2, 2, "borrar", antes=("via", calle(1, 0.1, 0.1, 0.9, 0.9), {"highway": "residential"})
    )
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert (dentro(turno), turno["edificios"], turno["metros_vias"], turno["guardados"]) == ((0, 0, 0), 0, 0, 3)


def test_un_borrado_con_la_misma_version_va_despues(taller, elenco):
    suyo = ("edificio", casa(1), {"building": "yes"})
    taller.edificio(YO, min_(2), 1, casa(1))
    taller.cambio(YO, min_(3), "w", 1, 1, "borrar", antes=suyo)
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    assert (dentro(ultimo(taller)), ultimo(taller)["guardados"]) == ((0, 0, 0), 2)


def test_lo_cambiado_y_devuelto_a_como_estaba_no_es_nada(taller, elenco):
    suya = ("edificio", casa(1), {"building": "yes"})
    taller.cambio(
        YO,
        min_(2),
        "w",
        1,
        2,
        "modificar",
        clase="edificio",
        geom=casa(1, 0.5),
        etiquetas={"building": "yes"},
        antes=suya,
    )
    taller.cambio(
        YO, min_(3), "w", 1, 3, "modificar", clase="edificio", geom=casa(1), etiquetas={"building": "yes"},
        antes=("edificio", casa(1, 0.5), {"building": "yes"}),
    )  # fmt: skip
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    assert dentro(ultimo(taller)) == (0, 0, 0)


def test_creado_y_luego_modificado_es_uno_creado(taller, elenco):
    taller.edificio(YO, min_(2), 1, casa(1))
    taller.cambio(
        YO, min_(3), "w", 1, 2, "modificar", clase="edificio", geom=casa(1, 0.5), etiquetas={"building": "house"},
        antes=("edificio", casa(1), {"building": "yes"}),
    )  # fmt: skip
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    assert (dentro(ultimo(taller)), ultimo(taller)["edificios"]) == ((1, 0, 0), 1)


def test_los_metros_de_calle_son_los_de_dentro_y_restan_lo_quitado(taller, elenco):
    # De media tarea hacia afuera: sólo cuenta la mitad que queda dentro.
    taller.via(YO, min_(2), 1, calle(1, 0.5, 0.5, 0.5, -0.5))
    taller.cambio(
        YO, min_(3), "w", 2, 3, "modificar", clase="via", geom=calle(1, 0.1, 0.2, 0.1, 0.4), etiquetas={"highway": "path"},
        antes=("via", calle(1, 0.1, 0.2, 0.1, 0.8), {"highway": "path"}),
    )  # fmt: skip
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    alto = LADO * 110_700
    assert turno["metros_vias_creadas"] == pytest.approx(0.5 * alto, rel=0.01)
    assert turno["metros_vias"] == pytest.approx((0.5 - 0.4) * alto, rel=0.02)


def test_dos_tareas_vecinas_suman_lo_que_la_calle_entera(taller, elenco, bd):
    wkt = calle(1, 0.2, 0.5, 1.7, 0.5)
    consulta = text(
        "SELECT evidencia_metros(ST_GeomFromText(:w, 4326), evidencia_corrida(geom)) FROM tarea WHERE numero IN (1, 2)"
    )
    with bd.lectura() as sesion:
        partes = sesion.execute(consulta, {"w": wkt}).scalars().all()
        entera = sesion.execute(text("SELECT ST_Length(ST_GeogFromText(:w))"), {"w": wkt}).scalar_one()
    assert sum(partes) == pytest.approx(entera, abs=0.001)


def test_cuenta_los_mismos_edificios_y_metros_que_las_cifras_de_la_tarea(taller, elenco, bd):
    """Lo que la evidencia dice que se agregó es lo que aumentan los edificios y calles de la tarea."""
    formas = [
        ("edificio", casa(5, x, y, 0.2)) for x, y in ((0.3, 0.3), (-0.05, 0.5), (-0.15, 0.5), (0.9, 0.9), (0.95, 0.1))
    ]
    formas += [("via", calle(5, -0.5, 0.4, 1.5, 0.6)), ("via", calle(5, 0.0, -1, 0.0, 2))]
    for i, (clase, wkt) in enumerate(formas, 1):
        clave = {"edificio": "building", "via": "highway"}[clase]
        taller.cambio(YO, min_(5), "w", i, clase=clase, geom=wkt, etiquetas={clave: "yes"})
        with bd.transaccion() as sesion:
            sesion.execute(
                text("INSERT INTO osm_objeto (tipo, id, clase, geom) VALUES ('w', :i, :c, ST_GeomFromText(:g, 4326))"),
                {"i": i, "c": clase, "g": wkt},
            )
    taller.turno(elenco.mapeadora, 5, min_(0), min_(10))
    with bd.lectura() as sesion:
        cifras = sesion.execute(text("SELECT c.* FROM tarea t, osm_cifras(t.geom) c WHERE t.numero = 5")).one()
    turno = ultimo(taller, 5)
    assert turno["edificios"] == cifras.edificios > 1
    assert turno["metros_vias"] == pytest.approx(cifras.metros_vias, rel=1e-5)


def test_un_edificio_en_el_borde_no_se_reprocha(taller, elenco):
    # Su punto interior cae en la vecina, pero toca la tarea.
    taller.edificio(YO, min_(5), 1, casa(1, 0.96, 0.5, 0.1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert (dentro(turno), fuera(turno), turno["fuera_aparte"], turno["lejos_m"]) == ((0, 0, 0), (1, 0, 0), 0, 0)
    assert Aviso.FUERA not in avisos(turno)


def test_lo_de_la_tarea_vecina_queda_fuera_con_su_distancia_en_metros(taller, elenco):
    for i in range(20):
        taller.edificio(YO, min_(5), i + 1, casa(1, 0.05 + 0.04 * i, 0.5, 0.02))
    oeste, sur = esquina(1)
    lejos = sur - 40 / GRADO
    taller.cambio(
        YO, min_(5), "n", 77, clase="servicio", geom=f"POINT({oeste + LADO / 2} {lejos})", etiquetas={"shop": "yes"}
    )
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert (dentro(turno)[0], fuera(turno), turno["puntos"]) == (20, (1, 0, 0), 0)
    assert turno["lejos_m"] == pytest.approx(40, abs=0.6)
    assert avisos(turno) == [Aviso.FUERA]


def test_los_vertices_movidos_se_cuentan_aparte_y_los_nuevos_no(taller, elenco):
    taller.cambio(YO, min_(5), "n", 1, 4, "modificar", geom=punto(1, 0.5), antes=(None, punto(1, 0.4), None))
    taller.cambio(YO, min_(5), "n", 2, 2, "modificar", geom=punto(1, 0.2), antes=(None, punto(1, 0.2), None))
    taller.cambio(YO, min_(5), "n", 3, geom=punto(1, 0.7))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert (turno["vertices_movidos"], dentro(turno)) == (1, (0, 0, 0))
    assert Aviso.NADA not in avisos({**turno, "firme": True})


def test_un_punto_de_interes_puede_ser_un_local_o_un_terreno(taller, elenco):
    taller.cambio(YO, min_(5), "n", 1, clase="servicio", geom=punto(1), etiquetas={"shop": "bakery"})
    taller.cambio(YO, min_(5), "w", 2, clase="servicio", geom=casa(1), etiquetas={"amenity": "school"})
    taller.cambio(YO, min_(5), "n", 3, 2, "borrar", antes=("servicio", punto(1, 0.1), {"shop": "yes"}))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert (turno["puntos"], turno["puntos_creados"], dentro(turno)) == (1, 2, (2, 0, 1))


def test_lo_que_no_tiene_lugar_no_esta_dentro_ni_fuera(taller, elenco):
    taller.cambio(YO, min_(5), "r", 1, etiquetas={"type": "route"}, clase="otro")
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert (dentro(turno), fuera(turno), turno["sin_lugar"]) == ((0, 0, 0), (0, 0, 0), 1)


def test_no_cuenta_lo_de_otra_cuenta_ni_lo_de_otro_origen_ni_lo_que_no_tiene_fecha(taller, elenco):
    taller.edificio(777, min_(5), 1, casa(1))
    taller.edificio(YO, min_(5), 2, casa(1), origen=3)
    taller.edificio(YO, None, 3, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    assert dentro(ultimo(taller)) == (0, 0, 0)


def test_el_tiempo_en_el_editor_llega_al_ultimo_guardado_y_recorta_las_pausas(taller, elenco):
    for i, minuto in enumerate((10, 15, 75)):
        taller.edificio(YO, min_(minuto), i + 1, casa(1, 0.2 * i))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(100))
    assert ultimo(taller)["segundos_edicion"] == (10 + 5) * 60 + PAUSA.total_seconds()


def test_sin_guardar_nada_no_se_sabe_el_tiempo_en_el_editor(taller, elenco):
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    assert ultimo(taller)["segundos_edicion"] is None


# --- Asentar ----------------------------------------------------------------------------------------------------------


def asentar(taller, **datos):
    with taller.bd.transaccion() as sesion:
        return servicio.asentar(sesion, **datos)


def test_queda_por_confirmar_hasta_que_los_datos_pasan_la_ventana(taller, elenco):
    taller.edificio(YO, min_(5), 1, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    assert asentar(taller) == 0
    taller.datos_hasta(min_(9))
    assert asentar(taller) == 0
    assert not ultimo(taller)["firme"]
    taller.datos_hasta(min_(10))
    assert asentar(taller) == 1
    turno = ultimo(taller)
    assert (turno["firme"], turno["edificios"], turno["recontable"]) == (True, 1, True)


def test_cada_vuelta_de_un_flujo_asienta(taller, elenco, bd):
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.datos_hasta(min_(60))
    for hacer in AL_AVANZAR:
        hacer(bd)
    assert ultimo(taller)["firme"]


def test_de_antes_de_seguir_los_cambios_no_se_afirma_nada(taller, elenco, bd):
    """Importar un extracto no anota cambios: de un turno anterior, un cero firme sería mentira."""
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.turno(elenco.mapeadora, 2, min_(60), min_(70))
    with bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO osm_importacion (archivo, modo, empezo, termino, version, cambio, cifras, momento)
                    VALUES ('x.osm.pbf', 'importar', now(), now(), 1, true, '{}', :m)"""),
            {"m": min_(30)},
        )
    taller.datos_hasta(min_(600))
    assert asentar(taller) == 1
    assert [ultimo(taller, n)["firme"] for n in (1, 2)] == [False, True]
    with bd.lectura() as sesion:
        datos = consultas.datos_de(sesion, 0)
    assert consultas.json_de_turno(ultimo(taller, 1), con_avisos=True, datos=datos)["avisos"] == []
    assert consultas.antes_de_saber(ultimo(taller, 1), datos)


def test_asentar_dos_veces_no_cambia_nada(taller, elenco):
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.datos_hasta(min_(60))
    assert [asentar(taller), asentar(taller)] == [1, 0]


def test_lo_que_llega_tarde_se_vuelve_a_contar(taller, elenco):
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.datos_hasta(min_(60))
    assert asentar(taller) == 1
    assert avisos(ultimo(taller)) == [Aviso.NADA]
    taller.edificio(YO, min_(9), 1, casa(1))
    assert not ultimo(taller)["firme"]
    assert asentar(taller) == 1
    assert (ultimo(taller)["edificios"], avisos(ultimo(taller))) == (1, [])


def test_si_despues_se_sabe_quien_hizo_un_cambio_se_vuelve_a_contar(taller, elenco, bd):
    taller.edificio(None, None, 1, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.datos_hasta(min_(60))
    assert asentar(taller) == 1
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE osm_cambio SET uid = :u, cuando = :c"), {"u": YO, "c": min_(5)})
    assert (ultimo(taller)["firme"], ultimo(taller)["edificios"]) == (False, 1)


def test_desvincular_la_cuenta_no_borra_lo_que_ya_era_firme(taller, elenco, bd):
    taller.edificio(YO, min_(5), 1, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.datos_hasta(min_(60))
    asentar(taller)
    with bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM cuenta_osm"))
    assert (ultimo(taller)["firme"], ultimo(taller)["edificios"]) == (True, 1)
    with bd.lectura() as sesion:
        assert consultas.diferencias(sesion) == []


def test_una_cuenta_guardada_que_no_es_la_de_los_datos_se_descubre(taller, elenco, bd):
    taller.edificio(YO, min_(5), 1, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.datos_hasta(min_(60))
    asentar(taller)
    with bd.transaccion() as sesion:
        assert [r.nombre for r in comprobar(sesion) if r.cuantas] == []
        sesion.execute(text("UPDATE evidencia SET edificios = 9"))
        assert [r.nombre for r in comprobar(sesion) if r.cuantas] == ["evidencia"]
        (diferencia,) = consultas.diferencias(sesion, elenco.proyecto)
    assert (diferencia["guardado"], diferencia["recontado"]) == ({"edificios": 9}, {"edificios": 1})


def test_en_un_aula_la_cuenta_es_la_persona_y_reiniciarla_no_desmiente_lo_firme(bd, elenco):
    with bd.transaccion() as sesion:
        aula = sesion.execute(
            text("INSERT INTO aula (municipio_id, nombre) VALUES (:m, 'Taller') RETURNING id"), {"m": elenco.municipio}
        ).scalar_one()
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a"), {"a": aula})
    taller = Taller(bd, elenco.proyecto, origen=aula)
    taller.edificio(elenco.mapeador, min_(5), 1, casa(1))
    taller.turno(elenco.mapeador, 1, min_(0), min_(10))
    assert asentar(taller) == 1
    with bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM osm_cambio WHERE origen = :a"), {"a": aula})
        assert consultas.diferencias(sesion) == []
    assert (ultimo(taller)["edificios"], ultimo(taller)["recontable"]) == (1, False)
    taller.turno(elenco.mapeador, 2, min_(60), min_(70))
    with bd.transaccion() as sesion:
        # Sólo se borra el aula de un proyecto que ya se archivó.
        sesion.execute(text("UPDATE proyecto SET estado = 'archivado'"))
        sesion.execute(text("DELETE FROM aula"))
    assert ultimo(taller, 2)["edificios"] is None


# --- Por qué no hubo cambios ------------------------------------------------------------------------------------------


def test_el_motivo_dicho_al_entregar_queda_en_el_historial_y_calla_el_aviso(taller, elenco):
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10), SinCambios.YA_ESTABA)
    turno = ultimo(taller)
    assert turno["motivo"] == "ya_estaba"
    assert avisos({**turno, "firme": True}) == []


def decir(taller, quien, motivo=Motivo.NO_HAY_NADA, **datos):
    with taller.bd.transaccion() as sesion:
        return servicio.decir_motivo(
            sesion, persona_id=quien, proyecto_id=taller.proyecto, numero=1, motivo=motivo, **datos
        )


def test_el_motivo_se_puede_decir_despues_y_una_sola_vez(taller, elenco):
    with pytest.raises(SinEntrega):
        decir(taller, elenco.mapeadora)
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    with pytest.raises(NoEsTuEntrega):
        decir(taller, elenco.mapeador)
    paso = decir(taller, elenco.mapeadora)
    assert decir(taller, elenco.mapeadora) == paso
    with pytest.raises(MotivoYaDicho):
        decir(taller, elenco.mapeadora, Motivo.YA_ESTABA)
    assert ultimo(taller)["motivo"] == "no_hay_nada"


def test_una_entrega_sin_imagen_no_pide_explicacion(taller, elenco):
    ficha = taller.tomar(elenco.mapeadora, 1, min_(0))
    taller.entregar(elenco.mapeadora, 1, ficha, min_(4), resultado=Resultado.SIN_IMAGEN)
    assert avisos({**ultimo(taller), "firme": True}) == []


# --- Por persona ------------------------------------------------------------------------------------------------------


def test_por_persona_suma_lo_firme_y_dice_lo_que_no_se_sabe(taller, elenco, bd):
    taller.edificio(YO, min_(5), 1, casa(1))
    taller.via(YO, min_(6), 2, calle(1, 0.1, 0.1, 0.9, 0.1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.turno(elenco.mapeadora, 2, min_(30), min_(40))
    taller.turno(elenco.mapeadora, 3, min_(60), min_(70))
    taller.turno(elenco.mapeador, 4, min_(0), min_(10))
    taller.datos_hasta(min_(55))
    assert asentar(taller) == 2
    with bd.lectura() as sesion:
        una, otro = consultas.por_persona(sesion, elenco.proyecto)
    if una["persona_id"] != elenco.mapeadora:
        una, otro = otro, una
    assert (una["edificios"], una["entregas"], una["por_confirmar"], una["sin_cambios"]) == (1, 3, 1, 1)
    assert una["km_vias"] == pytest.approx(0.8 * LADO * 104_500 / 1000, rel=0.01)
    assert una["parte_sin_cambios"] == 0.5
    assert (otro["edificios"], otro["sin_cuenta"], otro["por_confirmar"]) == (None, 1, 0)


def test_los_avisos_de_la_suma_son_los_de_cada_turno(taller, elenco, bd):
    taller.edificio(YO, min_(5), 1, casa(3))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    taller.edificio(YO, min_(35), 2, casa(2))
    taller.turno(elenco.mapeadora, 2, min_(30), min_(40))
    taller.datos_hasta(min_(100))
    asentar(taller)
    with bd.lectura() as sesion:
        (fila,) = consultas.por_persona(sesion, elenco.proyecto)
        cada_uno = [avisos(t) for t in consultas.de_proyecto(sesion, elenco.proyecto)]
    assert fila["avisos_fuera"] == sum(Aviso.FUERA in a for a in cada_uno) == 1
    assert fila["sin_cambios"] == sum(Aviso.NADA in a for a in cada_uno) == 1


def test_un_turno_abierto_se_ve_mientras_dura(taller, elenco, bd):
    with bd.transaccion() as sesion:
        ahora = reloj.ahora(sesion)
        toma = mapeo.tomar(
            sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[1], para=Para.MAPEAR
        )[0]
    taller.edificio(YO, ahora + timedelta(seconds=0.01), 1, casa(1))
    turno = ultimo(taller)
    assert (turno["ficha"], turno["hasta"], turno["edificios"], turno["firme"]) == (toma.ficha, None, 1, False)


def test_donde_hay_turnos_ya_no_se_cambia_de_aula_ni_de_servidor(taller, elenco):
    cambiar = text("UPDATE proyecto SET servidor_osm = 'osm-dev' WHERE id = :p")
    with taller.bd.transaccion() as sesion:
        sesion.execute(cambiar, {"p": taller.proyecto})
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'osm' WHERE id = :p"), {"p": taller.proyecto})
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    with pytest.raises(OrigenFijo), taller.bd.transaccion() as sesion:
        sesion.execute(cambiar, {"p": taller.proyecto})


def test_si_se_sigue_openstreetmap_de_otro_servidor_no_se_afirma_nada(taller, elenco):
    with taller.bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET servidor_osm = 'osm-dev' WHERE id = :p"), {"p": taller.proyecto})
        sesion.execute(text("UPDATE cuenta_osm SET servidor = 'osm-dev'"))
        sesion.execute(text("INSERT INTO osm_flujo (url, fuente) VALUES ('https://planet.example/', 'osm')"))
    taller.edificio(YO, min_(5), 1, casa(1))
    taller.turno(elenco.mapeadora, 1, min_(0), min_(10))
    turno = ultimo(taller)
    assert (turno["origen"], turno["edificios"]) == (None, None)
    assert avisos(turno) == []
