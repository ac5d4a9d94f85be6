"""Las aulas: se copian de lo que hay o de un archivo, se reinician, se congelan, se exportan y se siguen."""

import gzip
import time
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import osmium
import pytest
import shapely
from sqlalchemy import text

from tareas.comun.bd import BaseDeDatos
from tareas.comun.errores import ErrorTequio, NoPermitido
from tareas.comun.permisos import Actor, Papel
from tareas.datos_osm import servicio as datos_osm
from tareas.practica.aulas import servicio
from tareas.practica.aulas.consultas import Aula, visible
from tareas.practica.errores import AulaDesconocida, AulaEnUso, AulaGrande
from tareas.practica.replicacion import consultas as replicacion
from tareas.practica.replicacion import servicio as cortes
from tareas.proyectos.errores import FaltaAula
from tests.conftest import datos_reales
from tests.fabrica import Elenco
from tests.mundo_osm import PUEBLO, archivo

TODO = shapely.box(-88.1, 16.9, -87.9, 17.1)


@pytest.fixture
def capacita(elenco: Elenco) -> Actor:
    return Actor(
        id=elenco.capacitadora,
        usuario="capacitadora",
        nombre="Capacitadora",
        papeles=frozenset({(elenco.municipio, Papel.CAPACITADOR)}),
    )


@pytest.fixture
def pueblo(bd: BaseDeDatos, tmp_path: Path) -> None:
    with bd.transaccion() as sesion:
        datos_osm.importar(sesion, archivo(tmp_path, PUEBLO, "pueblo.osm.pbf"))


def crear(bd: BaseDeDatos, quien: Actor, municipio: int, area: Any = TODO, **otros: Any) -> servicio.Creada:
    with bd.transaccion() as sesion:
        return servicio.crear_de_area(sesion, quien, municipio_id=municipio, nombre="Taller", area=area, **otros)


def aula(bd: BaseDeDatos, quien: Actor, numero: int) -> Aula:
    with bd.lectura() as sesion:
        return visible(sesion, quien, numero)


def mapa(bd: BaseDeDatos, numero: int) -> dict[str, tuple[Any, ...]]:
    """Lo que hoy se ve en un aula: ``w1`` -> versión, etiquetas, lugar, nodos y miembros."""
    with bd.lectura() as sesion:
        filas = sesion.execute(
            text("""SELECT tipo || id, version, etiquetas, lon, lat, nodos, miembros, roles FROM practica_elemento
                     WHERE aula_id = :a AND actual AND visible ORDER BY tipo, id"""),
            {"a": numero},
        )
        return {f[0]: tuple(f[1:]) for f in filas}


def editar(bd: BaseDeDatos, numero: int, persona: int, *cambios: str) -> None:
    """Guarda versiones nuevas, como lo hace la API: cada cambio es SQL de las columnas que se escriben."""
    with bd.transaccion() as sesion:
        conjunto = sesion.execute(
            text("INSERT INTO practica_conjunto (aula_id, persona_id, cambios) VALUES (:a, :p, :n) RETURNING id"),
            {"a": numero, "p": persona, "n": len(cambios)},
        ).scalar_one()
        for cambio in cambios:
            tipo, ident, version, valores = cambio.split("|")
            sesion.execute(
                text(
                    "UPDATE practica_elemento SET actual = false WHERE aula_id = :a AND tipo = :t AND id = :i AND actual"
                ),
                {"a": numero, "t": tipo, "i": int(ident)},
            )
            columnas, datos = valores.split("=", 1)
            sesion.execute(
                text(f"""INSERT INTO practica_elemento (aula_id, tipo, id, version, conjunto, uid, usuario, {columnas})
                         VALUES (:a, :t, :i, :v, :c, :p, 'mapeadora', {datos})"""),
                {"a": numero, "t": tipo, "i": int(ident), "v": int(version), "c": conjunto, "p": persona},
            )


CAMBIOS = (
    "n|1|2|lon,lat=-880010000,170010000",
    'n|1000000000001|1|lon,lat,etiquetas=-879950000,170030000,\'{"amenity": "school"}\'',
    "w|2|4|visible,nodos=false,'{}'",
)


def test_un_aula_copia_lo_que_toca_el_area_con_sus_versiones(bd, elenco, capacita, pueblo) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    assert creada.copiados == {"n": 7, "w": 4, "r": 1}
    copia = mapa(bd, creada.id)
    assert copia["w2"][:2] == (3, {"highway": "residential", "name": "Calle 5"})
    assert copia["n7"][2:4] == (-879950000, 170020000)
    assert copia["r1"][5:] == (["w3", "w4"], ["outer", "outer"])


def test_lo_que_sale_del_area_se_recorta(bd, elenco, capacita, pueblo) -> None:
    creada = crear(bd, capacita, elenco.municipio, shapely.box(-88.021, 17.004, -88.019, 17.006))
    copia = mapa(bd, creada.id)
    # Sólo la calle toca esa esquina; viene entera, con sus dos nodos.
    assert sorted(copia) == ["n5", "n6", "w2"]
    mitad = crear(bd, capacita, elenco.municipio, shapely.box(-88.0005, 17.0095, -87.9999, 17.0101))
    assert mapa(bd, mitad.id)["r1"][5:] == (["w3"], ["outer"])


def test_un_area_con_demasiado_se_rechaza_y_no_deja_nada(bd, elenco, capacita, pueblo) -> None:
    with pytest.raises(AulaGrande):
        crear(bd, capacita, elenco.municipio, tope=5)
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM aula")).scalar() == 0


def test_un_area_sin_datos_da_un_aula_vacia_donde_se_puede_dibujar(bd, elenco, capacita) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    assert creada.copiados == {}
    assert aula(bd, capacita, creada.id).estado == "abierta"


def test_un_aula_de_un_archivo_quita_lo_que_el_archivo_no_trae(bd, elenco, capacita, tmp_path) -> None:
    roto = "\n".join(renglon for renglon in PUEBLO.splitlines() if not renglon.startswith(("n6 ", "w4 ")))
    ruta = archivo(tmp_path, roto, "taller.osm.gz")
    with bd.transaccion() as sesion:
        creada = servicio.crear_de_archivo(
            sesion, capacita, municipio_id=elenco.municipio, nombre="De archivo", ruta=ruta
        )
    copia = mapa(bd, creada.id)
    assert copia["w2"][4] == [5]
    assert copia["r1"][5:] == (["w3"], ["outer"])


def test_las_aulas_no_se_tocan_entre_si_ni_con_los_datos_de_verdad(bd, elenco, capacita, pueblo) -> None:
    una, otra = crear(bd, capacita, elenco.municipio), crear(bd, capacita, elenco.municipio)
    antes = mapa(bd, otra.id)
    editar(bd, una.id, elenco.mapeadora, *CAMBIOS)
    assert mapa(bd, otra.id) == antes
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT lon FROM osm_nodo WHERE id = 1")).scalar() == -88.0


def test_quien_no_prepara_en_el_municipio_no_crea(bd, elenco, pueblo) -> None:
    ajena = Actor(id=elenco.forastera, papeles=frozenset({(elenco.otro_municipio, Papel.CAPACITADOR)}))
    with pytest.raises(NoPermitido):
        crear(bd, ajena, elenco.municipio)


def test_un_aula_privada_la_ve_quien_tiene_papel_o_un_proyecto_que_la_usa(bd, elenco, capacita, pueblo) -> None:
    creada = crear(bd, capacita, elenco.municipio, visibilidad="privada")
    ajena = Actor(id=elenco.forastera, papeles=frozenset({(elenco.otro_municipio, Papel.CAPACITADOR)}))
    with pytest.raises(AulaDesconocida):
        aula(bd, ajena, creada.id)
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a WHERE id = :p"),
            {"a": creada.id, "p": elenco.proyecto},
        )
    assert aula(bd, ajena, creada.id).id == creada.id


def test_reiniciar_devuelve_el_mapa_a_como_estaba_y_conserva_la_historia(bd, elenco, capacita, pueblo) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    antes = mapa(bd, creada.id)
    editar(bd, creada.id, elenco.mapeadora, *CAMBIOS)
    assert mapa(bd, creada.id) != antes
    with bd.transaccion() as sesion:
        assert servicio.reiniciar(sesion, capacita, visible(sesion, capacita, creada.id)) == 3
    despues = mapa(bd, creada.id)
    assert {k: v[1:] for k, v in despues.items()} == {k: v[1:] for k, v in antes.items()}
    assert despues["w2"][0] == 5
    with bd.transaccion() as sesion:
        assert servicio.reiniciar(sesion, capacita, visible(sesion, capacita, creada.id)) == 0
        versiones = sesion.execute(
            text("SELECT count(*) FROM practica_elemento WHERE aula_id = :a AND tipo = 'w' AND id = 2"),
            {"a": creada.id},
        ).scalar()
    assert versiones == 3


def test_un_aula_con_proyecto_abierto_no_se_borra_y_sin_el_se_borra_entera(bd, elenco, capacita, pueblo) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    usar = text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a, estado = :e WHERE id = :p")
    with bd.transaccion() as sesion:
        sesion.execute(usar, {"a": creada.id, "e": "publicado", "p": elenco.proyecto})
    with pytest.raises(AulaEnUso), bd.transaccion() as sesion:
        servicio.borrar(sesion, visible(sesion, capacita, creada.id))
    with bd.transaccion() as sesion:
        sesion.execute(usar, {"a": creada.id, "e": "archivado", "p": elenco.proyecto})
        servicio.borrar(sesion, visible(sesion, capacita, creada.id))
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM practica_elemento")).scalar() == 0
        assert (
            sesion.execute(text("SELECT aula_id FROM proyecto WHERE id = :p"), {"p": elenco.proyecto}).scalar() is None
        )


def cortar(bd: BaseDeDatos, numero: int) -> Any:
    with bd.transaccion() as sesion:
        return cortes.cortar(sesion, numero)


def cortar_hasta(bd: BaseDeDatos, numero: int, secuencia: int) -> int:
    """Corta hasta llegar a esa secuencia: las transacciones abiertas de otras pruebas, que usan el mismo servidor,
    detienen el corte mientras duran.
    """
    fin = time.monotonic() + 30
    while (ultima := cortar(bd, numero).secuencia) < secuencia and time.monotonic() < fin:
        time.sleep(0.05)
    return int(ultima)


def test_la_replicacion_lleva_cada_cambio_una_vez_y_en_orden(bd, elenco, capacita, pueblo, tmp_path) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    assert cortar(bd, creada.id).secuencia == 0
    editar(bd, creada.id, elenco.mapeadora, *CAMBIOS)
    assert cortar_hasta(bd, creada.id, 1) == 1
    assert cortar(bd, creada.id).secuencia == 1
    editar(bd, creada.id, elenco.mapeador, "n|1|3|lon,lat=-880020000,170020000")
    assert cortar_hasta(bd, creada.id, 2) == 2
    vistos = []
    for secuencia in (1, 2):
        ruta = tmp_path / f"{secuencia}.osc.gz"
        with bd.lectura() as sesion:
            cortes.escribir(sesion, creada.id, replicacion.una(sesion, creada.id, secuencia), ruta)
        vistos.append([(o.type_str() + str(o.id), o.version, o.visible) for o in osmium.FileProcessor(str(ruta))])
    assert vistos == [[("n1", 2, True), ("n1000000000001", 1, True), ("w2", 4, False)], [("n1", 3, True)]]
    assert b"<create>" in gzip.decompress((tmp_path / "1.osc.gz").read_bytes())


def test_un_cambio_sin_confirmar_sale_en_el_archivo_siguiente_y_ninguno_se_pierde(bd, elenco, capacita, pueblo) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    poner = text("""INSERT INTO practica_elemento (aula_id, tipo, id, version, conjunto, uid, usuario, lon, lat)
                    VALUES (:a, 'n', nextval('practica_id'), 1, 1, 1, 'x', 0, 0)""")
    with bd.transaccion() as lenta:
        lenta.execute(poner, {"a": creada.id})
        with bd.transaccion() as rapida:
            rapida.execute(poner, {"a": creada.id})
        # La rápida empezó después que la lenta, que sigue abierta: las dos esperan.
        assert cortar(bd, creada.id).secuencia == 0
    # Otra prueba puede tener abierta una transacción de en medio: entonces salen en dos archivos.
    cortar_hasta(bd, creada.id, 1)
    fin = time.monotonic() + 30
    while _cambios(bd) < 2 and time.monotonic() < fin:
        cortar(bd, creada.id)
    assert _cambios(bd) == 2


def _cambios(bd: BaseDeDatos) -> int:
    with bd.lectura() as sesion:
        return int(sesion.execute(text("SELECT sum(cambios) FROM practica_diferencia")).scalar() or 0)


def test_borrar_un_aula_y_publicar_el_proyecto_que_la_usa_a_la_vez(bd, elenco, capacita) -> None:
    """Gana uno de los dos: nunca queda un proyecto publicado sin aula. Arrancan a la vez, muchas veces."""
    poner = text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a, estado = 'borrador' WHERE id = :p")
    gano = {"borrar": 0, "publicar": 0}
    for _vuelta in range(40):
        numero = crear(bd, capacita, elenco.municipio).id
        with bd.transaccion() as sesion:
            sesion.execute(poner, {"a": numero, "p": elenco.proyecto})
        salida, fallas, hechos = Barrier(2), [], []

        def hacer(que: str, fallas=fallas, hechos=hechos, salida=salida, numero=numero) -> None:
            salida.wait()
            try:
                with bd.transaccion() as sesion:
                    if que == "borrar":
                        servicio.borrar(sesion, visible(sesion, capacita, numero))
                    else:
                        sesion.execute(
                            text("UPDATE proyecto SET estado = 'publicado' WHERE id = :p"), {"p": elenco.proyecto}
                        )
                hechos.append(que)
            except ErrorTequio as error:
                fallas.append(error)

        hilos = [Thread(target=hacer, args=(que,)) for que in ("borrar", "publicar")]
        for hilo in hilos:
            hilo.start()
        for hilo in hilos:
            hilo.join()
        assert [type(f) for f in fallas] in ([AulaEnUso], [FaltaAula]), fallas
        assert hechos == (["publicar"] if isinstance(fallas[0], AulaEnUso) else ["borrar"])
        if isinstance(fallas[0], AulaEnUso):
            assert "«" in str(fallas[0])
        gano[hechos[0]] += 1
    assert sum(gano.values()) == 40


def test_muchos_que_cortan_a_la_vez_hacen_un_solo_archivo(bd, elenco, capacita, pueblo) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    editar(bd, creada.id, elenco.mapeadora, *CAMBIOS)
    salida = Barrier(8)
    vistas: list[int] = []

    def pedir() -> None:
        salida.wait()
        vistas.append(cortar(bd, creada.id).secuencia)

    hilos = [Thread(target=pedir) for _ in range(8)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    with bd.lectura() as sesion:
        filas = sesion.execute(text("SELECT secuencia, cambios FROM practica_diferencia ORDER BY secuencia")).all()
    # El corte espera a las transacciones abiertas: quien llega primero puede ver todavía a las demás.
    assert sum(cambios for _, cambios in filas) in (0, 3)
    assert cortar_hasta(bd, creada.id, 1) == 1
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT sum(cambios) FROM practica_diferencia")).scalar() == 3


def test_el_extracto_vuelve_a_dar_la_misma_aula(bd, elenco, capacita, pueblo, tmp_path) -> None:
    creada = crear(bd, capacita, elenco.municipio)
    editar(bd, creada.id, elenco.mapeadora, *CAMBIOS)
    ruta = tmp_path / "aula.osm.pbf"
    with bd.transaccion() as sesion:
        conexion = sesion.connection().connection.driver_connection
        servicio.exportar(conexion, creada.id, ruta, {"osmosis_replication_sequence_number": "7"})
    with osmium.io.Reader(str(ruta)) as lector:
        assert lector.header().get("osmosis_replication_sequence_number") == "7"
    with bd.transaccion() as sesion:
        otra = servicio.crear_de_archivo(sesion, capacita, municipio_id=elenco.municipio, nombre="Otra vez", ruta=ruta)
    assert mapa(bd, otra.id) == mapa(bd, creada.id)


def test_gibraltar_entero_cabe_en_un_aula_y_sale_igual(bd, elenco, capacita, tmp_path) -> None:
    ruta = datos_reales("osm/gibraltar-2017-09-03.osm.pbf")
    with bd.transaccion() as sesion:
        creada = servicio.crear_de_archivo(sesion, capacita, municipio_id=elenco.municipio, nombre="Peñón", ruta=ruta)
    assert creada.copiados["n"] == 29108
    salida = tmp_path / "peñon.osm.pbf"
    with bd.transaccion() as sesion:
        servicio.exportar(sesion.connection().connection.driver_connection, creada.id, salida, {})
    vias = {o.id: [n.ref for n in o.nodes] for o in osmium.FileProcessor(str(salida), osmium.osm.WAY)}
    originales = {o.id: [n.ref for n in o.nodes] for o in osmium.FileProcessor(str(ruta), osmium.osm.WAY)}
    nodos = {o.id for o in osmium.FileProcessor(str(ruta), osmium.osm.NODE)}
    assert vias == {w: refs for w, r in originales.items() if (refs := [n for n in r if n in nodos])}
