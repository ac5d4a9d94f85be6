"""Lo que cambia de forma sin versión nueva y las relaciones: igual en un aula que siguiendo su replicación."""

import time
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from tareas.calidad.evidencia import consultas, servicio
from tareas.capacitacion.preparacion.consultas import SQL as SQL_PREVIO
from tareas.comun.bd import BaseDeDatos
from tareas.comun.permisos import Actor, Papel
from tareas.datos_osm import servicio as datos_osm
from tareas.datos_osm.seguimiento import servicio as seguimiento
from tareas.datos_osm.seguimiento.seguidor import Seguidor
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.objetos import objetos_de_tarea
from tareas.mapeo.reglas import Para, Resultado
from tareas.practica.aulas import servicio as aulas
from tareas.practica.aulas.consultas import visible
from tareas.practica.objetos import rearmar
from tareas.proyectos import servicio as proyectos
from tareas.tableros.comprobar import comprobar
from tests.fabrica import LADO, OESTE, SUR, abrir_sesion
from tests.mundo_osm import archivo
from tests.mundo_practica import Editor
from tests.servicios.test_replicacion import sitio

__all__ = ["sitio"]


def en(x: float, y: float) -> str:
    """Un lugar en partes de la primera tarea, en XML."""
    return f"lon='{OESTE + x * LADO:.7f}' lat='{SUR + y * LADO:.7f}'"


def opl(x: float, y: float) -> str:
    return f"x{OESTE + x * LADO:.7f} y{SUR + y * LADO:.7f}"


HECHO = "v1 dV c10 t2020-01-01T00:00:00Z i7 uAna"
# Calle 1–2–3, casa 4–7, y un bosque de dos vías sin etiquetas que va por la calle.
LUGAR = f"""
n1 {HECHO} T {opl(0.1, 0.5)}
n2 {HECHO} T {opl(0.5, 0.5)}
n3 {HECHO} T {opl(0.9, 0.5)}
n4 {HECHO} T {opl(0.1, 0.1)}
n5 {HECHO} T {opl(0.2, 0.1)}
n6 {HECHO} T {opl(0.2, 0.2)}
n7 {HECHO} T {opl(0.1, 0.2)}
n8 {HECHO} T {opl(0.5, 0.9)}
n9 {HECHO} Tshop=bakery {opl(0.8, 0.8)}
w1 {HECHO} Thighway=residential Nn1,n2,n3
w2 {HECHO} Tbuilding=yes Nn4,n5,n6,n7,n4
w3 {HECHO} T Nn1,n2,n3
w4 {HECHO} T Nn3,n8,n1
r1 {HECHO} Ttype=multipolygon,natural=wood Mw3@outer,w4@outer
"""

PATIO = f"""<create>
  <node id='-1' {en(0.6, 0.1)} changeset='{{c}}'/><node id='-2' {en(0.8, 0.1)} changeset='{{c}}'/>
  <node id='-3' {en(0.8, 0.3)} changeset='{{c}}'/><node id='-4' {en(0.6, 0.3)} changeset='{{c}}'/>
  <way id='-1' changeset='{{c}}'><nd ref='-1'/><nd ref='-2'/><nd ref='-3'/></way>
  <way id='-2' changeset='{{c}}'><nd ref='-3'/><nd ref='-4'/><nd ref='-1'/></way>
  <relation id='-1' changeset='{{c}}'><member type='way' ref='-1' role='outer'/><member type='way' ref='-2' role='outer'/>
    <tag k='type' v='multipolygon'/><tag k='building' v='yes'/></relation></create>"""


def mover(nodo: int, x: float, y: float, version: int = 1) -> str:
    return f"<modify><node id='{nodo}' version='{version}' {en(x, y)} changeset='{{c}}'/></modify>"


@pytest.fixture
def mundo(bd: BaseDeDatos, app: Any, elenco: Any, tmp_path: Path) -> Any:
    """Un aula con el lugar, y la mapeadora y el mapeador editando en ella."""
    with bd.transaccion() as sesion:
        datos_osm.importar(sesion, archivo(tmp_path, LUGAR, "lugar.osm.pbf"))
    quien = Actor(
        id=elenco.capacitadora, usuario="capacitadora", papeles=frozenset({(elenco.municipio, Papel.CAPACITADOR)})
    )
    with bd.transaccion() as sesion:
        creada = aulas.crear_de_archivo(
            sesion,
            quien,
            municipio_id=elenco.municipio,
            nombre="Formas",
            ruta=archivo(tmp_path, LUGAR, "aula.osm.pbf"),
        )
    ed, otro = (Editor(app.test_client(), creada.id, abrir_sesion(bd, p)) for p in (elenco.mapeadora, elenco.mapeador))
    return creada.id, ed, otro, quien


def guardar(ed: Editor, dentro: str) -> Any:
    respuesta = ed.subir(ed.abrir(), dentro)
    assert respuesta.status_code == 200, respuesta.text
    return respuesta


def nuevo(bd: BaseDeDatos, aula: int, tipo: str, lugar: int = 0) -> int:
    """El id del último (o el ``lugar``-ésimo antes) de lo creado."""
    with bd.lectura() as sesion:
        consulta = "SELECT id FROM practica_elemento WHERE aula_id = :a AND tipo = :t AND actual ORDER BY id DESC OFFSET :l LIMIT 1"
        return int(sesion.execute(text(consulta), {"a": aula, "t": tipo, "l": lugar}).scalar_one())


def bitacora(bd: BaseDeDatos, origen: int) -> list[tuple[Any, ...]]:
    """Lo anotado, sin lo que depende del camino: el id de la fila y el segundo."""
    with bd.lectura() as sesion:
        filas = sesion.execute(
            text("""SELECT tipo, osm_id, version, accion, causa, uid, conjunto, clase, clase_antes, etiquetas, etiquetas_antes,
                           ST_AsText(ST_Normalize(ST_Multi(geom)), 7) AS geom, ST_AsText(ST_Normalize(ST_Multi(geom_antes)), 7) AS antes
                      FROM osm_cambio WHERE origen = :o ORDER BY conjunto, accion = 'forma', tipo, osm_id, version"""),
            {"o": origen},
        )
        return [tuple(f) for f in filas]


def objetos(bd: BaseDeDatos, tabla: str, aula: int | None = None) -> dict[str, tuple[str, str]]:
    donde = "WHERE aula_id = :a" if aula else "WHERE etiquetas IS NOT NULL AND clase <> 'limite'"
    with bd.lectura() as sesion:
        filas = sesion.execute(
            text(f"SELECT tipo || id, clase, ST_AsText(ST_Normalize(ST_Multi(geom)), 7) FROM {tabla} {donde}"),
            {"a": aula},
        )
        return {f[0]: (f[1], f[2]) for f in filas}


def test_lo_mismo_en_un_aula_que_siguiendo_su_replicacion(
    bd: BaseDeDatos, sitio: str, mundo: Any, crear_base: Any, tmp_path: Path
) -> None:
    aula, ed, otro, _ = mundo
    base = tmp_path / "base.osm.pbf"
    base.write_bytes(requests.get(f"{sitio}/api/v1/aulas/{aula}/extracto.osm.pbf", timeout=30).content)
    otra = BaseDeDatos(crear_base())
    url = f"{sitio}/practica/aulas/{aula}/replicacion/"

    def versiones(de: BaseDeDatos, origen: int) -> int:
        return sum(f[3] != "forma" for f in bitacora(de, origen))

    def alcanzar() -> None:
        limite = time.monotonic() + 30
        while versiones(otra, 0) < versiones(bd, aula) and time.monotonic() < limite:
            if not seguidor.vuelta():
                time.sleep(0.05)

    try:
        with otra.transaccion() as sesion:
            datos_osm.importar(sesion, base)
            seguimiento.abrir_flujo(sesion, url)
        seguidor = Seguidor(otra, url, print)
        seguidor.vuelta()
        # Dos personas mueven nodos de la misma casa en el mismo corte: cada quien lo suyo.
        guardar(ed, mover(4, 0.1, 0.12))
        guardar(otro, mover(7, 0.1, 0.22))
        alcanzar()
        # La calle es la orilla del bosque.
        guardar(otro, mover(2, 0.5, 0.55))
        alcanzar()
        guardar(ed, PATIO)
        alcanzar()
        via, relacion, esquina = (nuevo(bd, aula, t) for t in "wrn")
        guardar(ed, mover(esquina, 0.55, 0.35))
        alcanzar()
        # La vía de la relación pasa por un nodo más: la relación no cambia de versión, sí de forma.
        n = [nuevo(bd, aula, "n", k) for k in range(4)][::-1]
        guardar(
            ed,
            f"<create><node id='-1' {en(0.58, 0.2)} changeset='{{c}}'/></create><modify><way id='{via}' version='1' changeset='{{c}}'>"
            f"<nd ref='{n[2]}'/><nd ref='{n[3]}'/><nd ref='-1'/><nd ref='{n[0]}'/></way></modify>",
        )
        alcanzar()
        # Una calle nueva que se une a un nodo que en la misma subida se mueve después.
        guardar(
            ed,
            f"<create><node id='-1' {en(0.5, 0.7)} changeset='{{c}}'/><way id='-1' changeset='{{c}}'><nd ref='2'/><nd ref='-1'/>"
            f"<tag k='highway' v='path'/></way></create>{mover(2, 0.52, 0.52, 2)}",
        )
        alcanzar()
        # La casa se cruza consigo misma, y luego se compone; los nodos seguidos en un mismo lugar son uno.
        guardar(ed, mover(5, 0.05, 0.3))
        alcanzar()
        guardar(ed, mover(5, 0.2, 0.1, 2) + mover(6, 0.2, 0.1))
        alcanzar()
        guardar(
            ed,
            f"<delete><relation id='{relacion}' version='1' changeset='{{c}}'/>"
            f"<way id='{via}' version='2' changeset='{{c}}'/><way id='{via - 1}' version='1' changeset='{{c}}'/></delete>",
        )
        alcanzar()
        aqui, alla = bitacora(bd, aula), bitacora(otra, 0)
        assert [f[:5] for f in aqui] == [f[:5] for f in alla]
        assert aqui == alla
        formas = [(f"{f[0]}{f[1]}", f[5]) for f in aqui if f[3] == "forma"]
        yo, el = ed_uid(bd, "mapeadora"), ed_uid(bd, "mapeador")
        assert formas[:4] == [("w2", yo), ("w2", el), ("r1", el), ("w1", el)]
        assert (f"r{relacion}", yo) in formas
        borrada = next(f for f in aqui if f[:2] == ("r", relacion) and f[3] == "borrar")
        assert (borrada[7], borrada[8], borrada[11]) == (None, "edificio", None)
        assert borrada[12].startswith("MULTIPOLYGON")
        # Y lo que hoy hay en el aula es lo que hay en el almacén que la siguió, y lo que da rehacerla entera.
        assert objetos(bd, "practica_objeto", aula) == objetos(otra, "osm_objeto")
        al_dia = objetos(bd, "practica_objeto", aula)
        with bd.transaccion() as sesion:
            conexion: Any = sesion.connection().connection.driver_connection
            rearmar(conexion, aula)
        assert objetos(bd, "practica_objeto", aula) == al_dia
    finally:
        otra.cerrar()


def ed_uid(bd: BaseDeDatos, usuario: str) -> int:
    with bd.lectura() as sesion:
        return int(sesion.execute(text("SELECT id FROM persona WHERE usuario = :u"), {"u": usuario}).scalar_one())


# --- la evidencia ----------------------------------------------------------------------------------------------------


@pytest.fixture
def proyecto(bd: BaseDeDatos, elenco: Any, mundo: Any) -> int:
    """El proyecto del elenco, editando en el aula."""
    with bd.transaccion() as sesion:
        sesion.execute(
            text("UPDATE proyecto SET servidor_osm = 'practica', aula_id = :a WHERE id = :p"),
            {"a": mundo[0], "p": elenco.proyecto},
        )
    return int(elenco.proyecto)


def turno(bd: BaseDeDatos, proyecto: int, quien: int, numero: int, hacer: Any) -> dict[str, Any]:
    """Toma, edita y entrega a la hora de verdad; da el turno, antes y después de asentar."""
    with bd.transaccion() as sesion:
        ficha = mapeo.tomar(sesion, proyecto_id=proyecto, persona_id=quien, numeros=[numero], para=Para.MAPEAR)[0].ficha
    hacer()
    with bd.transaccion() as sesion:
        entrega = mapeo.entregar(
            sesion, proyecto_id=proyecto, persona_id=quien, numero=numero, ficha=ficha, resultado=Resultado.MAPEADA
        )
    with bd.lectura() as sesion:
        vivo = dict(consultas.de_tarea(sesion, proyecto, numero)[-1])
    with bd.transaccion() as sesion:
        servicio.asentar(sesion)
    with bd.lectura() as sesion:
        firme = dict(consultas.de_tarea(sesion, proyecto, numero)[-1])
        assert not [c for c in comprobar(sesion) if c.cuantas]
        assert consultas.diferencias(sesion) == []
        firme["objetos"] = consultas.objetos(sesion, firme)["features"]
    assert firme["firme"]
    assert {c: firme[c] for c in consultas.CUENTAS} == {c: vivo[c] for c in consultas.CUENTAS}
    firme["entrega"] = entrega
    return firme


def test_un_edificio_de_varias_partes_cuenta_uno_y_sus_vias_no_cuentan_aparte(bd, elenco, mundo, proyecto) -> None:
    visto = turno(bd, proyecto, elenco.mapeadora, 1, lambda: guardar(mundo[1], PATIO))
    assert (visto["edificios"], visto["edificios_creados"]) == (1, 1)
    assert [visto[f"dentro_{q}"] for q in ("creados", "modificados", "borrados")] == [1, 0, 0]
    assert [(f["properties"]["tipo"], f["properties"]["clase"]) for f in visto["objetos"]] == [("r", "edificio")]


def test_mover_nodos_cuenta_lo_que_la_calle_crecio_y_nunca_como_creada(bd, elenco, mundo, proyecto) -> None:
    visto = turno(bd, proyecto, elenco.mapeadora, 1, lambda: guardar(mundo[1], mover(3, 0.95, 0.5)))
    assert [visto[f"dentro_{q}"] for q in ("creados", "modificados", "borrados")] == [0, 2, 0]
    with bd.lectura() as sesion:
        crece = sesion.execute(
            text("SELECT ST_Distance(ST_Point(:a, :s)::geography, ST_Point(:b, :s)::geography)"),
            {"a": round(OESTE + 0.9 * LADO, 7), "b": round(OESTE + 0.95 * LADO, 7), "s": round(SUR + 0.5 * LADO, 7)},
        ).scalar_one()
    assert visto["metros_vias"] == pytest.approx(crece, abs=0.01)
    assert (visto["metros_vias_creadas"], visto["vertices_movidos"]) == (0, 1)
    calle = next(
        f["properties"] for f in visto["objetos"] if (f["properties"]["tipo"], f["properties"]["id"]) == ("w", 1)
    )
    assert (calle["accion"], calle["forma"], calle["version"]) == ("modificar", True, 1)
    # Quien lo mueve de regreso en su turno no hizo nada.
    ida_y_vuelta = turno(
        bd,
        proyecto,
        elenco.mapeador,
        2,
        lambda: (guardar(mundo[2], mover(3, 0.8, 0.5, 2)), guardar(mundo[2], mover(3, 0.95, 0.5, 3))),
    )
    assert [ida_y_vuelta[f"fuera_{q}"] for q in ("creados", "modificados", "borrados")] == [0, 0, 0]
    assert ida_y_vuelta["metros_vias"] == 0


def test_lo_creado_en_el_turno_y_luego_movido_es_creado_con_su_ultima_forma(bd, elenco, mundo, proyecto) -> None:
    def hacer() -> None:
        guardar(
            mundo[1],
            f"<create><node id='-1' {en(0.1, 0.7)} changeset='{{c}}'/><node id='-2' {en(0.2, 0.7)} changeset='{{c}}'/>"
            "<way id='-1' changeset='{c}'><nd ref='-1'/><nd ref='-2'/><tag k='highway' v='path'/></way></create>",
        )
        guardar(mundo[1], mover(nuevo(bd, mundo[0], "n"), 0.6, 0.7))

    visto = turno(bd, proyecto, elenco.mapeadora, 1, hacer)
    assert [visto[f"dentro_{q}"] for q in ("creados", "modificados", "borrados")] == [1, 0, 0]
    assert visto["metros_vias"] == visto["metros_vias_creadas"] == pytest.approx(0.5 * LADO * 104_400, rel=0.02)


# --- lo que hay en el aula -------------------------------------------------------------------------------------------


def test_lo_de_la_tarea_y_sus_cuentas_son_del_aula_y_no_del_mapa_de_verdad(bd, elenco, mundo, proyecto) -> None:
    with bd.lectura() as sesion:
        de_verdad = sesion.execute(
            text("SELECT c.edificios FROM tarea t, osm_cifras(t.geom) c WHERE t.numero = 1")
        ).scalar()
    visto = turno(bd, proyecto, elenco.mapeadora, 1, lambda: guardar(mundo[1], PATIO))
    assert visto["entrega"].edificios == de_verdad + 1 == 2
    with bd.lectura() as sesion:
        dichos = {
            f["properties"]["tipo"] + str(f["properties"]["id"])
            for f in objetos_de_tarea(sesion, proyecto, 1)["features"]
        }
        csv = sesion.execute(
            text(
                "SELECT c.edificios, c.metros_vias FROM tarea t, proyecto_cifras(t.proyecto_id, t.geom) c WHERE t.numero = 1"
            )
        ).one()
    assert dichos == {f"r{nuevo(bd, mundo[0], 'r')}", "w1", "w2", "r1", "n9"}
    assert csv.edificios == 2
    assert csv.metros_vias == pytest.approx(visto["entrega"].metros_vias)
    with bd.lectura() as sesion:
        assert sesion.execute(SQL_PREVIO["proyecto"], {"proyecto": proyecto}).one().edificios == 2
    # Al volver a empezar, el aula vuelve a tener lo de antes.
    with bd.transaccion() as sesion:
        aulas.reiniciar(sesion, mundo[3], visible(sesion, mundo[3], mundo[0]))
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT edificios FROM proyecto_cifras(:p, (SELECT geom FROM tarea WHERE numero = 1))"), {"p": proyecto}).scalar() == 1  # fmt: skip


def test_al_publicar_se_cuenta_el_aula(bd, elenco, mundo, proyecto) -> None:
    guardar(mundo[1], PATIO)
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET estado = 'borrador' WHERE id = :p"), {"p": proyecto})
        proyectos.publicar(sesion, proyecto)
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT edificios_al_publicar FROM tarea WHERE numero = 1")).scalar() == 2


def test_de_un_aula_borrada_no_se_dicen_las_cuentas_del_mapa_de_verdad(bd, elenco, mundo, proyecto) -> None:
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE proyecto SET estado = 'archivado', aula_id = NULL WHERE id = :p"), {"p": proyecto})
    with bd.lectura() as sesion:
        fila = sesion.execute(
            text("SELECT c.* FROM tarea t, proyecto_cifras(t.proyecto_id, t.geom) c WHERE t.numero = 1")
        ).one()
        assert tuple(fila) == (None, None)
        assert objetos_de_tarea(sesion, proyecto, 1)["features"] == []


@pytest.mark.parametrize(
    "lugares",
    [
        pytest.param([(0.3, 0.3), (0.4, 0.3), (0.4, 0.4), (0.3, 0.3), (0.2, 0.4), (0.2, 0.3)], id="dos que se tocan"),
        pytest.param([(0.3, 0.3), (0.4, 0.3), (0.4, 0.4), (0.5, 0.5), (0.4, 0.4), (0.3, 0.4)], id="con un pico"),
        pytest.param(
            [
                (0.2, 0.2),
                (0.6, 0.2),
                (0.6, 0.6),
                (0.4, 0.5),
                (0.5, 0.4),
                (0.4, 0.3),
                (0.4, 0.5),
                (0.6, 0.6),
                (0.2, 0.6),
            ],
            id="con un hueco unido por un puente",
        ),
        pytest.param([(0.3, 0.3), (0.5, 0.5), (0.5, 0.3), (0.3, 0.5)], id="que se cruza"),
    ],
)
@pytest.mark.parametrize("etiqueta", ["building=yes", "highway=pedestrian,area=yes"])
def test_un_contorno_que_se_toca_es_lo_mismo_al_guardarlo_y_al_rehacer_el_aula(
    bd: BaseDeDatos, mundo: Any, lugares: list[tuple[float, float]], etiqueta: str
) -> None:
    aula, ed, _, _ = mundo
    distintos = list(dict.fromkeys(lugares))
    nodos = "".join(f"<node id='-{k}' {en(*lugar)} changeset='{{c}}'/>" for k, lugar in enumerate(distintos, 1))
    refs = "".join(f"<nd ref='-{distintos.index(lugar) + 1}'/>" for lugar in [*lugares, lugares[0]])
    tags = "".join("<tag k='{}' v='{}'/>".format(*par.split("=")) for par in etiqueta.split(","))
    guardar(ed, f"<create>{nodos}<way id='-1' changeset='{{c}}'>{refs}{tags}</way></create>")
    al_guardar = objetos(bd, "practica_objeto", aula)
    via = nuevo(bd, aula, "w")
    assert f"w{via}" in al_guardar
    with bd.lectura() as sesion:
        anotada = sesion.execute(
            text("SELECT clase, ST_AsText(ST_Normalize(ST_Multi(geom)), 7) FROM osm_cambio WHERE origen = :a AND tipo = 'w' AND osm_id = :v"),
            {"a": aula, "v": via},
        ).one()  # fmt: skip
    assert tuple(anotada) == al_guardar[f"w{via}"]
    with bd.transaccion() as sesion:
        rearmar(sesion.connection().connection.driver_connection, aula)
    assert objetos(bd, "practica_objeto", aula) == al_guardar
