"""Partir, juntar y corregir tareas contra PostGIS: herencia, linaje, turnos, cuentas y lo que la base no deja."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.capacitacion.preparacion import consultas as taller
from tareas.comun.bd import BaseDeDatos
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.errores import (
    BloqueoPerdido,
    EstadoNoPermite,
    NadaQueDeshacer,
    ProyectoCerrado,
    TareaDividida,
    TareaOcupada,
    TrabajoPropio,
)
from tareas.mapeo.partes import servicio
from tareas.mapeo.partes.errores import (
    ConDisputa,
    DemasiadosNumeros,
    DivisionIntocable,
    PartesInexactas,
    PreviaVieja,
    TareasOcupadas,
)
from tareas.mapeo.partes.reglas import Modo
from tareas.mapeo.partes.servicio import Hecho, Pedido
from tareas.mapeo.reglas import Estado, Para, Resultado
from tareas.proyectos.consultas import conteos
from tareas.tableros.comprobar import comprobar
from tareas.tableros.reglas import plegar_dias
from tareas.validacion import consultas as cola
from tareas.validacion import servicio as validacion
from tareas.validacion.reglas import Veredicto
from tests.fabrica import LADO, OESTE, SUR, Elenco


def pedido(elenco: Elenco, persona: int | None = None, **otros: Any) -> Pedido:
    return Pedido(elenco.proyecto, persona or elenco.validadora, "Es mucho trabajo para una", **otros)


def partir(bd: BaseDeDatos, elenco: Elenco, numero: int, modo: Modo = Modo.EN_DOS, **otros: Any) -> Hecho:
    with bd.transaccion() as sesion:
        return servicio.partir(sesion, pedido(elenco, **otros), numero, modo)


def juntar(bd: BaseDeDatos, elenco: Elenco, *numeros: int) -> Hecho:
    with bd.transaccion() as sesion:
        return servicio.juntar(sesion, pedido(elenco), numeros)


def corregir(bd: BaseDeDatos, elenco: Elenco, numero: int, forma: shapely.Polygon) -> Hecho:
    with bd.transaccion() as sesion:
        return servicio.corregir(sesion, pedido(elenco), numero, json.loads(shapely.to_geojson(forma)))


def entregar(bd: BaseDeDatos, elenco: Elenco, numero: int, persona: int, nota: str = "Falta el corral") -> None:
    turno: dict[str, Any] = {"persona_id": persona, "proyecto_id": elenco.proyecto}
    with bd.transaccion() as sesion:
        toma = mapeo.tomar(sesion, **turno, numeros=[numero], para=Para.MAPEAR)[0]
        mapeo.entregar(sesion, **turno, numero=numero, ficha=toma.ficha, resultado=Resultado.MAPEADA, nota=nota)


def dictaminar(bd: BaseDeDatos, elenco: Elenco, numero: int, veredicto: Veredicto, persona: int | None = None) -> None:
    turno: dict[str, Any] = {"persona_id": persona or elenco.validadora, "proyecto_id": elenco.proyecto}
    with bd.transaccion() as sesion:
        toma = mapeo.tomar(sesion, **turno, numeros=[numero], para=Para.VALIDAR)[0]
        motivos = ["E-FALT"] if veredicto is Veredicto.DEVUELTA else []
        validacion.dictaminar(sesion, **turno, numero=numero, ficha=toma.ficha, veredicto=veredicto, motivos=motivos)


def tarea(bd: BaseDeDatos, elenco: Elenco, numero: int) -> Any:
    with bd.lectura() as sesion:
        consulta = text("SELECT * FROM tarea WHERE proyecto_id = :p AND numero = :n")
        return sesion.execute(consulta, {"p": elenco.proyecto, "n": numero}).one()


def exigir_todo_en_orden(bd: BaseDeDatos) -> None:
    with bd.lectura() as sesion:
        assert {c.nombre: c.diferencias for c in comprobar(sesion) if c.cuantas} == {}


def caja(columna: float, renglon: float, ancho: float = 1, alto: float = 1) -> shapely.Polygon:
    return shapely.box(
        OESTE + columna * LADO, SUR + renglon * LADO, OESTE + (columna + ancho) * LADO, SUR + (renglon + alto) * LADO
    )


def test_las_partes_heredan_y_la_dividida_se_queda_como_estaba(bd: BaseDeDatos, elenco: Elenco) -> None:
    entregar(bd, elenco, 5, elenco.mapeadora)
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE tarea SET prioridad = 20, edificios_al_publicar = 7 WHERE numero = 5"))
    vieja = tarea(bd, elenco, 5)
    hecho = partir(bd, elenco, 5, Modo.EN_CUATRO)
    assert [n.numero for n in hecho.nuevas] == [10, 11, 12, 13]
    assert hecho.viejas == [5]
    assert hecho.version == 2
    assert tarea(bd, elenco, 5).estado == Estado.DIVIDIDA
    assert tarea(bd, elenco, 5).geom == vieja.geom
    nuevas = [tarea(bd, elenco, n) for n in (10, 11, 12, 13)]
    assert {(n.estado, n.prioridad, n.celda) for n in nuevas} == {(1, 20, vieja.celda)}
    assert sum(n.edificios_al_publicar for n in nuevas) == 7
    with bd.lectura() as sesion:
        assert (
            conteos(sesion, [elenco.proyecto])[elenco.proyecto] | {"pendiente": 8, "mapeada": 4}
            == conteos(sesion, [elenco.proyecto])[elenco.proyecto]
        )
        # La nota de quien mapeó sigue a la vista en cada parte.
        from tareas.mapeo.consultas import detalle, historial

        assert "Falta el corral" in [p["nota"] for p in historial(sesion, elenco.proyecto, 12)]
        assert detalle(sesion, elenco.proyecto, 5, None)["partes"] == [10, 11, 12, 13]
        assert detalle(sesion, elenco.proyecto, 11, None)["viene_de"] == [5]
    exigir_todo_en_orden(bd)


def casa(sesion: Session, osm_id: int, x: float, y: float, *, nueva: bool = False, borrada: bool = False) -> None:
    """Una casa en la tarea 5 (de 0 a 1 en cada sentido); ``nueva``: dibujada después de publicar; ``borrada``: ya no está."""
    oeste, sur = OESTE + LADO * (1 + x), SUR + LADO * (1 + y)
    geom = shapely.to_wkb(shapely.box(oeste, sur, oeste + 0.02 * LADO, sur + 0.02 * LADO))
    datos = {"i": osm_id, "g": geom}
    if not borrada:
        sesion.execute(
            text(
                "INSERT INTO osm_objeto (tipo, id, clase, geom)"
                " VALUES ('w', :i, 'edificio', ST_SetSRID(ST_GeomFromWKB(:g), 4326))"
            ),
            datos,
        )
    if nueva or borrada:
        sesion.execute(
            text(
                "INSERT INTO osm_cambio (origen, tipo, osm_id, version, accion, cuando, clase, clase_antes, geom, geom_antes)"
                " SELECT 0, 'w', :i, :v, cast(:a AS text), ahora(), CASE WHEN :a <> 'borrar' THEN 'edificio' END,"
                " CASE WHEN :a = 'borrar' THEN 'edificio' END, CASE WHEN :a <> 'borrar' THEN g END, CASE WHEN :a = 'borrar' THEN g END"
                " FROM ST_SetSRID(ST_GeomFromWKB(:g), 4326) g"
            ),
            {**datos, "a": "borrar" if borrada else "crear", "v": 2 if borrada else 1},
        )


def test_lo_que_habia_al_publicar_se_queda_donde_estaba_aunque_despues_se_mapee(
    bd: BaseDeDatos, elenco: Elenco
) -> None:
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE proyecto SET publicado = ahora() - interval '1 day' WHERE id = :p"), {"p": elenco.proyecto}
        )
        # Al publicar: cinco al oeste (una ya se borró) y una al este. Después se dibujan doce al este.
        for i in range(4):
            casa(sesion, 100 + i, 0.1, 0.1 + 0.2 * i)
        casa(sesion, 110, 0.3, 0.5, borrada=True)
        casa(sesion, 120, 0.7, 0.1)
        for i in range(12):
            casa(sesion, 200 + i, 0.8, 0.02 + 0.08 * i, nueva=True)
        sesion.execute(
            text("UPDATE tarea SET edificios_al_publicar = 6 WHERE proyecto_id = :p AND numero = 5"),
            {"p": elenco.proyecto},
        )
    medio = OESTE + 1.5 * LADO
    linea = {"type": "LineString", "coordinates": [[medio, SUR], [medio, SUR + 3 * LADO]]}
    with bd.transaccion() as sesion:
        hecho = servicio.partir(sesion, pedido(elenco), 5, Modo.LINEA, linea)
    de = {n.geometria.centroid.x < medio: tarea(bd, elenco, n.numero).edificios_al_publicar for n in hecho.nuevas}
    assert de == {True: 5, False: 1}
    assert {n.geometria.centroid.x < medio: n.edificios for n in hecho.nuevas} == {True: 4, False: 13}


def test_el_contorno_de_una_tarea_en_tres_pedazos_se_corrige_y_se_parte(bd: BaseDeDatos, elenco: Elenco) -> None:
    islas = shapely.MultiPolygon([caja(0, 0), caja(1, 1), caja(2, 2)])
    with bd.transaccion() as sesion:
        # La 1 se queda con lo de la 5 y la 9: en tres pedazos, como las de un área con islas.
        sesion.execute(text("DELETE FROM tarea WHERE proyecto_id = :p AND numero IN (5, 9)"), {"p": elenco.proyecto})
        sesion.execute(
            text("UPDATE tarea SET geom = ST_SetSRID(ST_GeomFromWKB(:g), 4326) WHERE proyecto_id = :p AND numero = 1"),
            {"p": elenco.proyecto, "g": shapely.to_wkb(islas)},
        )
    medio = shapely.MultiPolygon([caja(0, 0), caja(1, 1, ancho=0.5), caja(2, 2)])
    with bd.transaccion() as sesion:
        hecho = servicio.corregir(sesion, pedido(elenco), 1, json.loads(shapely.to_geojson(medio)))
    suya = next(n for n in hecho.nuevas if 1 in n.de and len(shapely.get_parts(n.geometria)) == 3)
    assert suya.geometria.symmetric_difference(medio).area < 1e-12
    dos = partir(bd, elenco, suya.numero)
    assert sorted(len(shapely.get_parts(n.geometria)) for n in dos.nuevas) == [1, 2]


def test_lo_propio_sigue_siendo_propio_en_las_partes_y_en_las_partes_de_las_partes(
    bd: BaseDeDatos, elenco: Elenco
) -> None:
    entregar(bd, elenco, 5, elenco.validadora)
    primera = partir(bd, elenco, 5).nuevas[0].numero
    nieta = partir(bd, elenco, primera).nuevas[0].numero
    for numero in (primera + 1, nieta):
        with pytest.raises(TrabajoPropio):
            dictaminar(bd, elenco, numero, Veredicto.VALIDADA)
    with bd.lectura() as sesion:
        assert cola.cola(sesion, elenco.proyecto, elenco.validadora)[0] == 0
        assert {t.persona_id for t in cola.cola(sesion, elenco.proyecto, elenco.administradora)[2]} == {
            elenco.validadora
        }
    # Tampoco por un camino que se salte el turno.
    with pytest.raises(TrabajoPropio), bd.transaccion() as sesion:
        sesion.execute(
            text("""INSERT INTO historial (municipio_id, proyecto_id, numero, accion, de, a, persona_id)
                    VALUES (:m, :p, :n, 'dictamen', 1, 2, :v)"""),
            {"m": elenco.municipio, "p": elenco.proyecto, "n": nieta, "v": elenco.validadora},
        )


def test_una_parte_devuelta_vuelve_a_quien_mapeo_la_tarea_entera(bd: BaseDeDatos, elenco: Elenco) -> None:
    entregar(bd, elenco, 5, elenco.mapeadora)
    parte = partir(bd, elenco, 5).nuevas[1].numero
    dictaminar(bd, elenco, parte, Veredicto.DEVUELTA)
    assert tarea(bd, elenco, parte).reservada_a == elenco.mapeadora
    # La reserva también se hereda al partir una devuelta, con su plazo.
    plazo = tarea(bd, elenco, parte).reservada_hasta
    nietas = [n.numero for n in partir(bd, elenco, parte).nuevas]
    assert {(tarea(bd, elenco, n).reservada_a, tarea(bd, elenco, n).reservada_hasta) for n in nietas} == {
        (elenco.mapeadora, plazo)
    }
    # Y sólo la primera revisión del trabajo es la primera.
    entregar(bd, elenco, nietas[0], elenco.mapeadora)
    dictaminar(bd, elenco, nietas[0], Veredicto.VALIDADA)
    with bd.lectura() as sesion:
        primeras = sesion.execute(
            text("SELECT numero, primera FROM historial WHERE accion = 'dictamen' ORDER BY id")
        ).all()
    assert [tuple(p) for p in primeras] == [(parte, True), (nietas[0], False)]
    exigir_todo_en_orden(bd)


def test_juntas_validadas_solo_si_todas_lo_estaban(bd: BaseDeDatos, elenco: Elenco) -> None:
    for numero in (1, 2, 4, 5):
        entregar(bd, elenco, numero, elenco.mapeadora)
    for numero in (1, 2, 4):
        dictaminar(bd, elenco, numero, Veredicto.VALIDADA)
    assert juntar(bd, elenco, 1, 4).nuevas[0].estado is Estado.VALIDADA
    assert juntar(bd, elenco, 2, 5).nuevas[0].estado is Estado.MAPEADA
    exigir_todo_en_orden(bd)


def test_corregir_reparte_con_las_vecinas_y_cada_una_sigue_su_linea(bd: BaseDeDatos, elenco: Elenco) -> None:
    entregar(bd, elenco, 5, elenco.mapeadora)
    hecho = corregir(bd, elenco, 5, caja(1.25, 1, 1))
    assert hecho.viejas == [4, 5, 6]
    por_de = {tuple(n.de): n for n in hecho.nuevas}
    assert set(por_de) == {(4, 5), (5, 6), (6,)}
    assert por_de[(5, 6)].estado is Estado.MAPEADA
    assert por_de[(4, 5)].estado is Estado.PENDIENTE
    # En lo que recibió la 4 hay trabajo de la mapeadora, pero la tarea no es suya: está pendiente.
    with bd.lectura() as sesion:
        autoras = sesion.execute(
            text(
                "SELECT (SELECT persona_id FROM entrega_vigente(:p, :a)), (SELECT persona_id FROM entrega_vigente(:p, :b))"
            ),
            {"p": elenco.proyecto, "a": por_de[(4, 5)].numero, "b": por_de[(5, 6)].numero},
        ).one()
    assert tuple(autoras) == (None, elenco.mapeadora)
    exigir_todo_en_orden(bd)


def test_con_la_tarea_en_manos_de_otra_persona_no_se_parte_y_dice_de_quien(bd: BaseDeDatos, elenco: Elenco) -> None:
    with bd.transaccion() as sesion:
        mapeo.tomar(sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[5], para=Para.MAPEAR)
    for hacer in (lambda: partir(bd, elenco, 5), lambda: juntar(bd, elenco, 4, 5)):
        with pytest.raises(TareasOcupadas) as dicho:
            hacer()
        assert dicho.value.datos["numero"] == 5
        assert dicho.value.datos["persona"] == "Mapeadora"
        assert dicho.value.datos["ocupadas"][0]["para"] == "mapear"
    assert isinstance(dicho.value, TareaOcupada)
    # Una vecina que no cambia puede estar tomada.
    assert corregir(bd, elenco, 1, caja(0, 0, 1.2)).viejas == [1, 2]


def test_el_turno_propio_se_cierra_con_la_division_y_uno_vencido_no_estorba(bd: BaseDeDatos, elenco: Elenco) -> None:
    entregar(bd, elenco, 5, elenco.mapeadora)
    turno: dict[str, Any] = {"persona_id": elenco.validadora, "proyecto_id": elenco.proyecto}
    with bd.transaccion() as sesion:
        toma = mapeo.tomar(sesion, **turno, numeros=[5], para=Para.VALIDAR)[0]
    with pytest.raises(BloqueoPerdido):
        partir(bd, elenco, 5, ficha=toma.ficha + 1)
    partir(bd, elenco, 5, ficha=toma.ficha)
    with bd.transaccion() as sesion:
        mapeo.tomar(sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[1], para=Para.MAPEAR)
        sesion.execute(
            text("UPDATE bloqueo SET desde = desde - interval '9 hours', vence = vence - interval '8 hours'")
        )
    partir(bd, elenco, 1)
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM bloqueo")).scalar_one() == 0
        cierres = sesion.execute(
            text(
                "SELECT numero, accion, persona_id FROM historial WHERE accion IN ('liberacion', 'vencimiento') ORDER BY id"
            )
        ).all()
    assert [tuple(c) for c in cierres] == [(5, "liberacion", elenco.validadora), (1, "vencimiento", elenco.mapeadora)]
    exigir_todo_en_orden(bd)


def test_en_una_dividida_todo_dice_donde_sigue_el_trabajo(bd: BaseDeDatos, elenco: Elenco) -> None:
    turno: dict[str, Any] = {"persona_id": elenco.mapeadora, "proyecto_id": elenco.proyecto}
    with bd.transaccion() as sesion:
        toma = mapeo.tomar(sesion, **turno, numeros=[5], para=Para.MAPEAR)[0]
        mapeo.soltar(sesion, **turno, numero=5, ficha=None)
    partir(bd, elenco, 5)

    def intentar(hacer: Callable[[Any], Any]) -> TareaDividida:
        from tareas.comun.errores import ErrorTequio

        try:
            with bd.transaccion() as sesion:
                hacer(sesion)
        except ErrorTequio as error:
            with bd.lectura() as sesion:
                explicado = mapeo.explicar(
                    sesion, error, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numero=5
                )
            assert isinstance(explicado, TareaDividida), explicado
            assert explicado.datos["partes"] == [10, 11]
            return explicado
        raise AssertionError("debió rechazarse")

    entrega = {**turno, "numero": 5, "ficha": toma.ficha, "resultado": Resultado.MAPEADA, "nota": "Mi nota larga"}
    assert intentar(lambda s: mapeo.entregar(s, **entrega)).datos["nota"] == "Mi nota larga"
    intentar(lambda s: mapeo.tomar(s, **turno, numeros=[5], para=Para.MAPEAR))
    intentar(lambda s: mapeo.extender(s, **turno, numero=5, ficha=toma.ficha))
    intentar(lambda s: mapeo.comentar(s, **turno, numero=5, nota="¿Y el río?"))
    intentar(lambda s: mapeo.deshacer(s, **turno, numero=5, motivo="Me equivoqué", coordina=True))
    intentar(lambda s: servicio.partir(s, pedido(elenco), 5, Modo.EN_DOS))
    with bd.transaccion() as sesion, pytest.raises(NadaQueDeshacer):
        mapeo.deshacer(sesion, **turno, numero=10, motivo="Me equivoqué", coordina=True)


def test_deshacer_en_una_parte_la_devuelve_a_lo_que_heredo(bd: BaseDeDatos, elenco: Elenco) -> None:
    entregar(bd, elenco, 5, elenco.mapeadora)
    parte = partir(bd, elenco, 5).nuevas[0].numero
    dictaminar(bd, elenco, parte, Veredicto.VALIDADA)
    with bd.transaccion() as sesion:
        mapeo.deshacer(
            sesion,
            persona_id=elenco.validadora,
            proyecto_id=elenco.proyecto,
            numero=parte,
            motivo="Faltó ver",
            coordina=False,
        )
    assert tarea(bd, elenco, parte).estado == Estado.MAPEADA
    exigir_todo_en_orden(bd)


def test_la_previa_no_escribe_y_vale_para_confirmar_mientras_nada_cambie(bd: BaseDeDatos, elenco: Elenco) -> None:
    ensayo = partir(bd, elenco, 5, ensayo=True)
    assert ensayo.division is None
    assert tarea(bd, elenco, 5).estado == 0
    with pytest.raises(PreviaVieja):
        partir(bd, elenco, 5, Modo.EN_CUATRO, huella=ensayo.huella)
    hecho = partir(bd, elenco, 5, huella=ensayo.huella)
    assert [n.geometria.wkb for n in hecho.nuevas] == [n.geometria.wkb for n in ensayo.nuevas]


def test_solo_en_un_proyecto_abierto_y_hasta_el_ultimo_numero(bd: BaseDeDatos, elenco: Elenco) -> None:
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET tareas_total = 199999"))
    with pytest.raises(DemasiadosNumeros):
        partir(bd, elenco, 5)
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET tareas_total = 9, estado = 'archivado'"))
    with pytest.raises(ProyectoCerrado):
        partir(bd, elenco, 5)


@pytest.mark.parametrize(
    ("orden", "error"),
    [
        ("UPDATE tarea SET estado = 0 WHERE numero = 5", TareaDividida),
        ("UPDATE tarea SET estado = 5 WHERE numero = 1", PartesInexactas),
        ("UPDATE tarea SET estado = 5 WHERE numero = 2", TareaOcupada),
        ("DELETE FROM tarea_origen", DivisionIntocable),
        ("UPDATE division_de_tarea SET motivo = 'otro'", DivisionIntocable),
        (
            """WITH d AS (INSERT INTO division_de_tarea (municipio_id, proyecto_id, persona_id, clase, motivo)
                          SELECT municipio_id, proyecto_id, persona_id, clase, motivo FROM division_de_tarea RETURNING id, proyecto_id)
               INSERT INTO tarea_origen SELECT proyecto_id, 9, 1, id, 1, true FROM d""",
            PartesInexactas,
        ),
    ],
)
def test_la_base_no_deja(bd: BaseDeDatos, elenco: Elenco, orden: str, error: type[Exception]) -> None:
    partir(bd, elenco, 5)
    with bd.transaccion() as sesion:
        mapeo.tomar(sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[2], para=Para.MAPEAR)
    with pytest.raises(error), bd.transaccion() as sesion:
        sesion.execute(text(orden))


def test_la_curva_de_avance_no_brinca_al_dividir(bd: BaseDeDatos, elenco: Elenco) -> None:
    entregar(bd, elenco, 5, elenco.mapeadora)
    partir(bd, elenco, 5, Modo.EN_CUATRO)
    juntar(bd, elenco, 1, 2)
    from tareas.tableros.consultas import por_dia, por_tarea, resumen, tareas_de

    with bd.lectura() as sesion:
        vivas = tareas_de(sesion, [elenco.proyecto])
        dias = por_dia(sesion, [elenco.proyecto], vivas, "UTC")
        assert vivas == taller.proyecto(sesion, elenco.proyecto).tareas_total == 11
        assert resumen(sesion, [elenco.proyecto], dias)["tareas"] == 11
        filas = {f["numero"]: f for f in por_tarea(sesion, elenco.proyecto)}
        assert set(filas) == {3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14}
        # Las partes de la 5 dicen cuándo se entregó; lo que había entonces se midió en toda ella.
        cuando = sesion.execute(
            text("SELECT cuando FROM historial WHERE numero = 5 AND accion = 'entrega'")
        ).scalar_one()
        assert {n: f["entregada"] for n, f in filas.items() if f["entregada"]} == dict.fromkeys(range(10, 14), cuando)
        assert {filas[n]["edificios_al_entregar"] for n in range(10, 14)} == {None}
    fila = dias[-1].fila()
    assert (fila["pendientes"], fila["mapeadas"]) == (7, 4)
    assert dias[-1].estados[Estado.DIVIDIDA] == 3
    assert plegar_dias(9, [], []) == []


def test_los_bloqueos_no_entran_a_una_dividida(bd: BaseDeDatos, elenco: Elenco, url_base: str) -> None:
    partir(bd, elenco, 5)
    with pytest.raises(EstadoNoPermite), bd.transaccion() as sesion:
        mapeo.tomar(sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numeros=[5], para=Para.MAPEAR)
    with psycopg.connect(url_base) as conexion:
        assert conexion.execute("SELECT count(*) FROM bloqueo").fetchone() == (0,)


def test_lo_que_esta_en_disputa_no_se_parte_y_lo_devuelto_sigue_dicho_en_sus_partes(
    bd: BaseDeDatos, elenco: Elenco
) -> None:
    def tomar(quien: int, para: Para) -> int:
        with bd.transaccion() as sesion:
            return mapeo.tomar(sesion, persona_id=quien, proyecto_id=elenco.proyecto, numeros=[5], para=para)[0].ficha

    ficha = tomar(elenco.mapeadora, Para.MAPEAR)
    with bd.transaccion() as sesion:
        mapeo.entregar(
            sesion,
            persona_id=elenco.mapeadora,
            proyecto_id=elenco.proyecto,
            numero=5,
            ficha=ficha,
            resultado=Resultado.MAPEADA,
        )
    ficha = tomar(elenco.validadora, Para.VALIDAR)
    with bd.transaccion() as sesion:
        validacion.dictaminar(
            sesion, persona_id=elenco.validadora, proyecto_id=elenco.proyecto, numero=5, ficha=ficha,
            veredicto=Veredicto.DEVUELTA, motivos=["E-FALT"], fortaleza="Bien escuadrado"
        )  # fmt: skip
    with bd.transaccion() as sesion:
        dictamen = sesion.execute(text("SELECT max(id) FROM dictamen")).scalar_one()
        disputa = validacion.disputar(
            sesion, persona_id=elenco.mapeadora, proyecto_id=elenco.proyecto, numero=5, dictamen_id=dictamen, motivo="Sí están todas las casas."
        )  # fmt: skip
        assert disputa
    with pytest.raises(ConDisputa):
        partir(bd, elenco, 5)
    with bd.transaccion() as sesion:
        mapeo.deshacer(
            sesion,
            persona_id=elenco.mapeadora,
            proyecto_id=elenco.proyecto,
            numero=5,
            motivo="Me equivoqué",
            coordina=False,
        )
    hecho = partir(bd, elenco, 5)
    with bd.lectura() as sesion:
        for numero in (n.numero for n in hecho.nuevas):
            (dicho,) = sesion.execute(
                cola.SQL["dictamenes"],
                {"proyecto": elenco.proyecto, "numero": numero, "persona": elenco.mapeadora, "valida": False},
            ).all()
            assert (dicho.id, dicho.autora_id, dicho.fortaleza) == (dictamen, elenco.mapeadora, "Bien escuadrado")
            assert not dicho.se_puede_disputar
        assert {c.nombre: c.cuantas for c in comprobar(sesion) if c.cuantas} == {}
