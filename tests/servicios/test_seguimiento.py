"""Seguir un flujo da lo mismo que importar el final; ningún cambio se pierde, se repite ni queda a medias."""

import gzip
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import osmium
import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo.errores import ErrorGeo
from geo.osm.errores import ArchivoTruncado, DemasiadoDesempacado
from tareas.comun.bd import BaseDeDatos
from tareas.comun.errores import ErrorTequio
from tareas.datos_osm.consultas import datos_hasta
from tareas.datos_osm.ordenes import grupo
from tareas.datos_osm.seguimiento import consultas, fuente, junta, servicio
from tareas.datos_osm.seguimiento.adelanto import A_LA_VEZ
from tareas.datos_osm.seguimiento.errores import (
    CambioAusente,
    CuerpoEnorme,
    DireccionInvalida,
    EstadoAjeno,
    EstadoIlegible,
    FlujoMovido,
    FlujoOcupado,
    FuenteAjena,
    HistoriaDistinta,
    NoResponde,
    PuntoDesconocido,
    RelojAtras,
    Retrocede,
    SecuenciaFutura,
    SinDisco,
    SinHistoria,
)
from tareas.datos_osm.seguimiento.seguidor import JUNTOS, Relevo, Seguidor, candado
from tests.conftest import RAIZ, datos_reales
from tests.fabrica import persona
from tests.flujo_local import FlujoLocal, cambio, estado_de, momento_de, ruta_de
from tests.mundo_osm import PUEBLO, archivo, foto, objetos, vaciar
from tests.servicios.test_datos_osm_cambios import (
    assert_iguales,
    avanzar,
    base_anterior,
    importar,
    mezclar,
    orden,
    paso,
    renglon,
    vivos,
)

META = "c20 t2021-01-01T00:00:00Z i9 uCata"
Paso = list[tuple[str, str | None]]


@pytest.fixture
def flujo() -> Iterator[FlujoLocal]:
    with FlujoLocal().abierto() as abierto:
        yield abierto


def callar(_renglon: str) -> None:
    """Nadie mira."""


def abrir(bd: BaseDeDatos, url: str, desde: int | None = 0, juntos: int = JUNTOS, **opciones: Any) -> Seguidor:
    """Un seguidor que ya sabe desde dónde."""
    with bd.transaccion() as sesion:
        servicio.abrir_flujo(sesion, url, **({"todo": True} | opciones))
    seguidor = Seguidor(bd, url, callar, juntos=juntos)
    if desde is not None:
        seguidor.empezar_en(desde)
    return seguidor


def en(bd: BaseDeDatos, url: str) -> consultas.Flujo:
    with bd.lectura() as sesion:
        return consultas.flujo(sesion, url)


def anotados(bd: BaseDeDatos, *, formas: bool = False) -> list[tuple[Any, ...]]:
    """Cada cambio visto, en orden."""
    with bd.lectura() as sesion:
        return [
            tuple(f)
            for f in sesion.execute(
                text("""SELECT tipo || osm_id, version, accion, uid FROM osm_cambio
                         WHERE origen = 0 AND (accion = 'forma') = :formas ORDER BY id"""),
                {"formas": formas},
            )
        ]


def olvidar(bd: BaseDeDatos) -> None:
    vaciar(bd)
    with bd.transaccion() as sesion:
        sesion.execute(text("TRUNCATE osm_flujo, osm_cambio, osm_conjunto"))


def vacio(flujo: FlujoLocal) -> None:
    flujo.publicar(b'<osmChange version="0.6"/>')


# --- El resultado es el de importar el final ------------------------------------------------------------------------


def test_san_bartolome_seguido_es_la_importacion_del_archivo_ya_mezclado(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    base = datos_reales("osm/san-bartolome-2014-01-15.osm.pbf")
    cambios = datos_reales("osm/san-bartolome-cambios.osc.gz")
    vacio(flujo)
    flujo.publicar(gzip.decompress(cambios.read_bytes()))
    importar(bd, base)
    abrir(bd, flujo.url).vuelta()
    seguido = foto(bd)
    assert en(bd, flujo.url).secuencia == 1
    assert len(anotados(bd)) == 14
    vaciar(bd)
    importar(bd, mezclar(base, [cambios], tmp_path))
    assert_iguales(seguido, foto(bd))


def test_el_planeta_en_pedazos_es_la_importacion_del_final(bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path) -> None:
    todo = datos_reales("osm/diff-minutos-000466354.osc.gz")
    base = base_anterior(todo, tmp_path)
    vacio(flujo)
    vistos = set()
    for resto in range(3):
        ruta = tmp_path / f"pedazo{resto}.osc"
        with osmium.SimpleWriter(str(ruta)) as salida:
            for objeto in osmium.FileProcessor(str(todo)):
                if objeto.id % 3 == resto:
                    salida.add(objeto)
                    vistos.add((objeto.type_str() + str(objeto.id), objeto.version))
        flujo.publicar(ruta.read_bytes())
    importar(bd, base)
    abrir(bd, flujo.url).vuelta()
    seguido = foto(bd)
    assert {a[:2] for a in anotados(bd)} == vistos
    vaciar(bd)
    importar(bd, mezclar(base, [todo], tmp_path))
    assert_iguales(seguido, foto(bd))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inicio=paso(), pasos=st.lists(st.lists(paso(), min_size=1, max_size=2), min_size=1, max_size=3))
def test_cualquier_flujo_equivale_a_importar_el_final_y_queda_anotado_entero(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path, inicio: Paso, pasos: list[list[Paso]]
) -> None:
    olvidar(bd)
    mundo: dict[str, tuple[int, str | None]] = {}
    avanzar(mundo, inicio)
    if vivos(mundo):
        importar(bd, archivo(tmp_path, vivos(mundo), "base.osm.pbf"))
    flujo.ultima = -1
    vacio(flujo)
    esperado = []
    for juntos in pasos:
        # Un cambio puede traer dos versiones de lo mismo.
        renglones = "\n".join(avanzar(mundo, p) for p in juntos)
        flujo.publicar(cambio(ordenados(renglones), tmp_path))
        esperado.append({hecho(r) for r in renglones.splitlines()})
    abrir(bd, flujo.url, juntos=1).vuelta()
    seguido, vistos = foto(bd), anotados(bd)
    for de_este in esperado:
        assert set(vistos[: len(de_este)]) == de_este
        vistos = vistos[len(de_este) :]
    assert vistos == []
    vaciar(bd)
    if vivos(mundo):
        importar(bd, archivo(tmp_path, vivos(mundo), "final.osm.pbf"))
    assert_iguales(seguido, foto(bd))


def bitacora(bd: BaseDeDatos) -> list[tuple[Any, ...]]:
    """Todo lo anotado, columna por columna; cada objeto en el orden en que se anotó."""
    with bd.lectura() as sesion:
        return [
            tuple(f)
            for f in sesion.execute(
                text(
                    "SELECT tipo, osm_id, to_jsonb(c) - '{id,geom,geom_antes}'::text[], ST_AsText(ST_Normalize(geom), 12), "
                    "ST_AsText(ST_Normalize(geom_antes), 12) FROM osm_cambio c ORDER BY tipo, osm_id, id"
                )
            )
        ]


def test_lo_que_la_base_no_admite_no_detiene_a_los_cambios_de_antes(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    vacio(flujo)
    for numero in (1, 2, 3):
        flujo.publicar(cambio(f"n{numero} v1 {META} Tname=Pozo x0.001 y0.001", tmp_path))
    with bd.transaccion() as sesion:
        sesion.execute(text("ALTER TABLE osm_nodo ADD CONSTRAINT de_prueba CHECK (id <> 3)"))
    try:
        with pytest.raises(psycopg.IntegrityError):
            abrir(bd, flujo.url).vuelta()
        assert en(bd, flujo.url).secuencia == 2
        assert [a[0] for a in anotados(bd)] == ["n1", "n2"]
    finally:
        with bd.transaccion() as sesion:
            sesion.execute(text("ALTER TABLE osm_nodo DROP CONSTRAINT de_prueba"))


@st.composite
def vueltas(draw: st.DrawFn) -> list[int]:
    """De a cuántos cambios se confirma, proceso por proceso: cada uno empieza donde murió el anterior."""
    return draw(st.lists(st.integers(2, 9), min_size=1, max_size=3))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    inicio=paso(),
    pasos=st.lists(paso(), min_size=3, max_size=8),
    lotes=vueltas(),
    mal=st.sampled_from([None, "hueco", "reloj", "roto", "fuera"]),
    donde=st.integers(1, 3),
    zona=st.booleans(),
)
def test_por_lotes_queda_lo_mismo_y_anotado_igual_que_de_uno_en_uno(
    bd: BaseDeDatos,
    flujo: FlujoLocal,
    tmp_path: Path,
    inicio: Paso,
    pasos: list[Paso],
    lotes: list[int],
    mal: str | None,
    donde: int,
    zona: bool,
) -> None:
    with bd.lectura() as sesion:
        falta = sesion.execute(text("SELECT count(*) = 0 FROM municipio")).scalar()
    if falta:
        municipio_en(bd, "1", -1, -1, 0.0025, 1)
    opciones = {"todo": not zona, "margen_m": 0.0}
    mundo: dict[str, tuple[int, str | None]] = {}
    avanzar(mundo, inicio)
    base = archivo(tmp_path, vivos(mundo), "base.osm.pbf") if vivos(mundo) else None
    flujo.ultima = -1
    vacio(flujo)
    for p in pasos:
        flujo.publicar(cambio(avanzar(mundo, p), tmp_path))
    vacio(flujo)
    resultados = []
    for juntos in (1, 0):
        olvidar(bd)
        if base is not None:
            importar(bd, base)
        seguidor = abrir(bd, flujo.url, juntos=juntos or lotes[0], **opciones)
        if not juntos:
            con_percance(bd, flujo, seguidor, mal, donde)
            # Un proceso tras otro, cada uno con su lote, detenido antes de acabar.
            for otro in lotes[1:]:
                alto = threading.Event()
                seguidor = Seguidor(bd, flujo.url, callar, alto, juntos=otro)
                detener_tras_uno(seguidor, alto)
            seguidor = Seguidor(bd, flujo.url, callar, juntos=lotes[-1])
        seguidor.vuelta()
        assert en(bd, flujo.url).secuencia == flujo.ultima
        resultados.append((foto(bd), bitacora(bd)))
    assert_iguales(resultados[0][0], resultados[1][0])
    assert resultados[0][1] == resultados[1][1]


def con_percance(bd: BaseDeDatos, flujo: FlujoLocal, seguidor: Seguidor, mal: str | None, donde: int) -> None:
    """Con un cambio malo en medio del lote entra todo lo de antes, y sólo eso."""
    if mal is None:
        return
    extension, cuerpo, clase = PERCANCES[mal]
    ruta = ruta_de(donde, extension)
    buena, flujo.rutas[ruta] = flujo.rutas[ruta], estado_de(donde, momento_de(-9)) if mal == "reloj" else cuerpo
    with pytest.raises(clase):
        seguidor.vuelta()
    flujo.rutas[ruta] = buena
    assert en(bd, flujo.url).secuencia == donde - 1


def detener_tras_uno(seguidor: Seguidor, alto: threading.Event) -> None:
    """Una vuelta que se detiene después de su primer lote."""
    aplicar = seguidor._aplicar

    def y_detener(*argumentos: Any) -> consultas.Flujo:
        alto.set()
        return aplicar(*argumentos)

    seguidor._aplicar = y_detener  # type: ignore[method-assign]
    seguidor.vuelta()


def test_lo_que_no_se_toca_se_mezcla_de_una_vez(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    importar(bd, archivo(tmp_path, PUEBLO))
    vacio(flujo)
    for i in range(1, 9):
        flujo.publicar(cambio(f"n{100 + i} v1 dV {META} Tshop=yes x-88 y17.{i:02}", tmp_path))
    # El 9 mueve un nodo de la vía 1; el 10 cambia esa vía: no puede ir con él.
    flujo.publicar(cambio(f"n3 v2 dV {META} T x-87.98 y17.02", tmp_path))
    flujo.publicar(cambio(f"w1 v2 dV {META} Thighway=service Nn1,n2,n4,n1", tmp_path))
    mezclas: list[int] = []
    mezclar_ = junta.mezclar_cambio
    monkeypatch.setattr(junta, "mezclar_cambio", lambda *a: mezclas.append(sum(a[2].filas.values())) or mezclar_(*a))
    abrir(bd, flujo.url).vuelta()
    assert mezclas == [9, 1]
    with bd.lectura() as sesion:
        antes = sesion.execute(
            text("SELECT ST_AsText(geom_antes) FROM osm_cambio WHERE accion = 'modificar' AND tipo = 'w'")
        ).scalar_one()
        veces = sesion.execute(text("SELECT count(*) FROM osm_importacion WHERE modo = 'seguir'")).scalar_one()
    assert "-87.98 17.02" in antes
    assert veces == 1


def test_los_que_dan_forma_a_lo_mismo_no_se_mezclan_de_una_vez(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    """Dos personas mueven, en cambios distintos, nodos distintos de una vía y de un bosque: cada quien lo suyo."""
    importar(bd, archivo(tmp_path, PUEBLO))
    vacio(flujo)
    flujo.publicar(cambio("n1 v2 dV c20 t2021-01-01T00:00:00Z i9 uCata T x-88.001 y17.00", tmp_path))
    flujo.publicar(cambio("n3 v2 dV c21 t2021-01-01T00:00:00Z i8 uBeto T x-87.98 y17.02", tmp_path))
    abrir(bd, flujo.url).vuelta()
    formas = anotados(bd, formas=True)
    assert formas == [("w1", 1, "forma", 9), ("r1", 1, "forma", 9), ("w1", 1, "forma", 8), ("r1", 1, "forma", 8)]
    with bd.lectura() as sesion:
        # Lo que uno dejó es lo que el otro halló.
        pasos = sesion.execute(
            text(
                """SELECT lag(geom) OVER (PARTITION BY tipo ORDER BY id) = geom_antes FROM osm_cambio WHERE accion = 'forma' ORDER BY id"""
            )
        )
        assert pasos.scalars().all() == [None, None, True, True]


def test_se_baja_por_adelantado_pocos_a_la_vez_y_cada_uno_una_vez(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    cuerpo, ahora_, mayor, cuenta = gzip.compress(b'<osmChange version="0.6"/>'), [0], [0], threading.Lock()

    def contestar(manos: BaseHTTPRequestHandler) -> None:
        with cuenta:
            ahora_[0] += 1
            mayor[0] = max(mayor[0], ahora_[0])
        time.sleep(0.005)
        with cuenta:
            ahora_[0] -= 1
        manos.send_response(200)
        manos.send_header("Content-Length", str(len(cuerpo)))
        manos.end_headers()
        manos.wfile.write(cuerpo)

    for i in range(51):
        vacio(flujo)
        flujo.rutas[ruta_de(i, "osc.gz")] = contestar
    abrir(bd, flujo.url, juntos=8).vuelta()
    assert en(bd, flujo.url).secuencia == 50
    assert 1 < mayor[0] <= A_LA_VEZ
    assert all(flujo.pedidas.count(ruta_de(i, "osc.gz")) == 1 for i in range(1, 51))


def ordenados(opl: str) -> str:
    return "\n".join(sorted(opl.splitlines(), key=lambda r: (*orden(r.split()[0]), int(r.split()[1][1:]))))


def hecho(linea: str) -> tuple[str, int, str, int]:
    """Lo que ``osm_cambio`` dice de un renglón OPL."""
    nombre, version, visible = linea.split()[:3]
    numero = int(version[1:])
    return nombre, numero, "borrar" if visible == "dD" else "crear" if numero == 1 else "modificar", numero


# --- Sólo los municipios con proyectos ------------------------------------------------------------------------------


def municipio_en(bd: BaseDeDatos, clave: str, oeste: float, sur: float, este: float, norte: float) -> int:
    """Un municipio rectangular, con un proyecto."""
    with bd.transaccion() as sesion:
        nuevo: int = sesion.execute(
            text("""WITH m AS (INSERT INTO municipio (clave, nombre, limite, area_m2, huella)
                    VALUES (:c, 'Zona', ST_Multi(ST_MakeEnvelope(:o, :s, :e, :n, 4326)), 1, '\\x01') RETURNING id, limite)
                    INSERT INTO proyecto (municipio_id, nombre, area, area_m2, division)
                    SELECT id, 'Centro', limite, 1, '{}' FROM m RETURNING municipio_id"""),
            {"c": clave, "o": oeste, "s": sur, "e": este, "n": norte},
        ).scalar_one()
    return nuevo


def dentro(cuerpo: str | None) -> bool:
    """Si un nodo (OPL) está en la zona de estas pruebas: x menor que 0.0025."""
    return cuerpo is not None and " x" in cuerpo and float(cuerpo.split(" x")[1].split()[0]) < 0.0025


def refs(cuerpo: str | None) -> set[str]:
    """Los nodos de una vía, o los miembros de una relación, de su OPL."""
    ultimo = (cuerpo or "").split()[-1] if cuerpo else ""
    if ultimo[:1] == "N":
        return set(ultimo[1:].split(","))
    return {m.split("@")[0] for m in ultimo[1:].split(",")} if ultimo[:1] == "M" else set()


def regla(tengo: dict[str, tuple[int, str | None]], lote: list[tuple[str, int, str | None]]) -> set[str]:
    """La regla de la decisión 28, objeto por objeto: qué nombres de un cambio se guardan."""
    en_zona = {n for n, _, c in lote if n[0] == "n" and dentro(c)}
    estaban = {n for n, (_, c) in tengo.items() if n[0] == "n" and dentro(c)}
    vias = {n for n, _, c in lote if n[0] == "w" and (n in tengo or refs(c) & (en_zona | estaban))}
    usados = {r for n, _, c in lote if n in vias for r in refs(c)}
    usados |= {r for n, (_, c) in tengo.items() if n[0] == "w" for r in refs(c)}
    nodos = {n for n, _, _ in lote if n[0] == "n" and (n in tengo or n in en_zona or n in usados)}
    nuestros = nodos | vias | {n for n in tengo if n[0] != "r"}
    relaciones = {n for n, _, c in lote if n[0] == "r" and (n in tengo or refs(c) & nuestros)}
    return nodos | vias | relaciones


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    inicio=st.lists(paso(), min_size=2, max_size=2),
    pasos=st.lists(paso(), min_size=1, max_size=4),
    juntos=st.integers(1, 4),
)
# A una vía sin etiquetas le falta un nodo, y el flujo lo trae.
@example(
    inicio=[
        [("n1", None)],
        [("w1", "T Nn2,n1,n3"), ("n3", "T x0.0000000 y0.0000000"), ("n1", "T x0.0000000 y0.0010000")],
    ],
    pasos=[[("n1", None), ("n2", None)]],
    juntos=1,
)
def test_de_un_flujo_del_planeta_queda_lo_que_dice_la_regla_y_nada_mas(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path, inicio: list[Paso], pasos: list[Paso], juntos: int
) -> None:
    olvidar(bd)
    with bd.lectura() as sesion:
        falta = sesion.execute(text("SELECT count(*) = 0 FROM municipio")).scalar()
    if falta:
        municipio_en(bd, "1", -1, -1, 0.0025, 1)
    mundo: dict[str, tuple[int, str | None]] = {}
    avanzar(mundo, inicio[0] + inicio[1])
    tengo = recorte(mundo)
    if tengo:
        importar(bd, archivo(tmp_path, vivos(tengo), "base.osm.pbf"))
    flujo.ultima = -1
    vacio(flujo)
    siempre_dentro: dict[str, bool] = {}
    mirar(mundo, siempre_dentro)
    esperado = set()
    for p in pasos:
        flujo.publicar(cambio(avanzar(mundo, p), tmp_path))
        lote = [(n, mundo[n][0], mundo[n][1]) for n, _ in p]
        quedan = regla(tengo, lote)
        esperado |= {hecho(renglon(n, *mundo[n])) for n in quedan}
        for nombre, version, cuerpo in lote:
            if nombre in quedan and cuerpo is None:
                tengo.pop(nombre, None)
            elif nombre in quedan:
                tengo[nombre] = (version, cuerpo)
            siempre_dentro.pop(nombre, None)
        mirar(mundo, siempre_dentro)
    abrir(bd, flujo.url, juntos=juntos, todo=False, margen_m=0.0).vuelta()
    seguido = foto(bd)
    assert set(anotados(bd)) == esperado
    vaciar(bd)
    if tengo:
        importar(bd, archivo(tmp_path, vivos(tengo), "final.osm.pbf"))
    assert_iguales(seguido, foto(bd))
    # Y lo que nunca salió de la zona es idéntico a importar el mundo entero.
    vaciar(bd)
    if vivos(mundo):
        importar(bd, archivo(tmp_path, vivos(mundo), "mundo.osm.pbf"))
    entero = foto(bd)
    for nombre in (n for n, bien in siempre_dentro.items() if bien):
        for tabla in ("osm_via", "osm_objeto"):
            assert fila(seguido, tabla, nombre) == fila(entero, tabla, nombre), nombre


def mirar(mundo: dict[str, tuple[int, str | None]], siempre_dentro: dict[str, bool]) -> None:
    """De cada vía, si sus nodos han estado en la zona desde que tiene su versión actual."""
    for nombre, (_, cuerpo) in mundo.items():
        if nombre[0] == "w" and cuerpo is not None:
            hoy = all(dentro(mundo.get(r, (0, None))[1]) for r in refs(cuerpo))
            siempre_dentro[nombre] = siempre_dentro.get(nombre, True) and hoy


def fila(todo: dict[str, list[Any]], tabla: str, nombre: str) -> Any:
    numero = int(nombre[1:])
    return [f for f in todo[tabla] if f[0]["id"] == numero and f[0].get("tipo", "w") == "w"]


def recorte(mundo: dict[str, tuple[int, str | None]]) -> dict[str, tuple[int, str | None]]:
    """El extracto de la zona, con sus vías completas: lo que se importa antes de seguir."""
    hay = {n: v for n, v in mundo.items() if v[1] is not None}
    nodos = {n for n, (_, c) in hay.items() if n[0] == "n" and dentro(c)}
    vias = {n for n, (_, c) in hay.items() if n[0] == "w" and refs(c) & nodos}
    nodos |= {r for n in vias for r in refs(hay[n][1])} & hay.keys()
    relaciones = {n for n, (_, c) in hay.items() if n[0] == "r" and refs(c) & (nodos | vias)}
    return {n: hay[n] for n in nodos | vias | relaciones}


def test_el_margen_se_guarda_y_lo_de_mas_lejos_no(bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path) -> None:
    municipio_en(bd, "1", -88.0, 17.0, -87.99, 17.01)
    vacio(flujo)
    # A unos 2, 4.9 y 8 km al este.
    cerca = [f"n{i} v1 dV {META} T x{x} y17.005" for i, x in ((1, -87.971), (2, -87.944), (3, -87.915))]
    flujo.publicar(cambio("\n".join(cerca), tmp_path))
    abrir(bd, flujo.url, todo=False).vuelta()
    with bd.lectura() as sesion:
        assert sesion.execute(text("SELECT array_agg(id ORDER BY id) FROM osm_nodo")).scalar() == [1, 2]


def test_un_municipio_que_gana_su_primer_proyecto_hace_repasar_lo_que_paso_de_largo(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    municipio_en(bd, "1", -88.0, 17.0, -87.99, 17.01)
    vacio(flujo)
    flujo.publicar(cambio(f"n1 v1 dV {META} T x-87.995 y17.005\nn2 v1 dV {META} T x-80 y10", tmp_path))
    seguidor = abrir(bd, flujo.url, todo=False)
    seguidor.vuelta()
    assert anotados(bd) == [("n1", 1, "crear", 9)]
    municipio_en(bd, "2", -80.01, 9.99, -79.99, 10.01)
    seguidor.vuelta()
    assert anotados(bd) == [("n1", 1, "crear", 9), ("n2", 1, "crear", 9)]
    assert en(bd, flujo.url).secuencia == 1
    # Y si lo pierde, no hay nada que repasar.
    with bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM proyecto WHERE municipio_id = (SELECT id FROM municipio WHERE clave = '2')"))
    flujo.pedidas.clear()
    seguidor.vuelta()
    assert flujo.pedidas == ["state.txt"]


def test_importar_un_extracto_mas_viejo_hace_repasar_desde_su_fecha(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    municipio_en(bd, "1", -88.0, 17.0, -87.99, 17.01)
    vacio(flujo)
    vacio(flujo)
    flujo.publicar(cambio(f"n9 v2 dV {META} T x10 y10", tmp_path))
    seguidor = abrir(bd, flujo.url, todo=False)
    seguidor.vuelta()
    assert anotados(bd) == []
    # El extracto es del momento del cambio 1 (más la hora que se descuenta a lo que no trae cabecera).
    cuando = (momento_de(1) + timedelta(hours=1, seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    importar(bd, archivo(tmp_path, f"n9 v1 dV c1 t{cuando} i1 uA T x20 y20", "viejo.osm"))
    seguidor.vuelta()
    assert anotados(bd) == [("n9", 2, "modificar", 9)]
    assert en(bd, flujo.url).secuencia == 2


# --- De dónde se parte ----------------------------------------------------------------------------------------------


def con_cabecera(carpeta: Path, url: str, secuencia: int) -> Path:
    origen, destino = archivo(carpeta, PUEBLO), carpeta / "con_cabecera.osm.pbf"
    cabeza = osmium.io.Header()
    cabeza.set("osmosis_replication_base_url", url)
    cabeza.set("osmosis_replication_sequence_number", str(secuencia))
    cabeza.set("osmosis_replication_timestamp", momento_de(secuencia).strftime("%Y-%m-%dT%H:%M:%SZ"))
    with osmium.SimpleWriter(str(destino), header=cabeza) as salida:
        for objeto in osmium.FileProcessor(str(origen)):
            salida.add(objeto)
    return destino


@pytest.mark.parametrize("misma", [True, False], ids=["misma_direccion", "por_fecha"])
def test_se_parte_de_lo_que_dice_el_archivo_importado(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path, misma: bool
) -> None:
    for _ in range(6):
        vacio(flujo)
    importar(bd, con_cabecera(tmp_path, flujo.url if misma else "https://otro.example/", 3))
    abrir(bd, flujo.url, desde=None).vuelta()
    assert en(bd, flujo.url).inicio == (3 if misma else 2)
    assert en(bd, flujo.url).secuencia == 5
    assert en(bd, flujo.url).momento == momento_de(5)


def test_sin_saber_de_donde_partir_se_pide(bd: BaseDeDatos, flujo: FlujoLocal) -> None:
    vacio(flujo)
    with pytest.raises(PuntoDesconocido):
        abrir(bd, flujo.url, desde=None).vuelta()
    with pytest.raises(SecuenciaFutura):
        abrir(bd, flujo.url, desde=7)


def test_un_flujo_que_empieza_despues_de_los_datos_no_sirve(bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path) -> None:
    for n in range(5000, 5004):
        flujo.publicar(b'<osmChange version="0.6"/>', n)
    importar(bd, con_cabecera(tmp_path, "https://otro.example/", 10))
    with pytest.raises(SinHistoria):
        abrir(bd, flujo.url, desde=None).vuelta()


def test_la_fuente_de_un_aula_no_se_mezcla_con_los_datos_de_verdad(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    vacio(flujo)
    importar(bd, archivo(tmp_path, PUEBLO))
    aula = flujo.direccion + "/practica/aulas/3/replicacion/"
    with pytest.raises(FuenteAjena) as error:
        abrir(bd, aula)
    assert "OpenStreetMap" not in error.value.datos["esta"]
    flujo.prefijo = "practica/aulas/3/replicacion"
    assert abrir(bd, aula, mezclar=True).vuelta().cambios == 0
    # Y con el aula dentro, tampoco entra otro flujo.
    with pytest.raises(FuenteAjena):
        abrir(bd, flujo.direccion + "/minuto/")


# --- Flujos malos ---------------------------------------------------------------------------------------------------


def lento(manos: BaseHTTPRequestHandler) -> None:
    time.sleep(0.4)


def sin_fin(manos: BaseHTTPRequestHandler) -> None:
    manos.send_response(200)
    manos.end_headers()
    try:
        while True:
            manos.wfile.write(b"x" * 65536)
    except OSError:
        manos.close_connection = True


def cortado(manos: BaseHTTPRequestHandler) -> None:
    manos.send_response(200)
    manos.send_header("Content-Length", "5000")
    manos.end_headers()
    manos.wfile.write(gzip.compress(b"<osmChange>")[:20])
    manos.close_connection = True


BIEN = f"n50 v1 dV {META} T x1 y1"
DOS, TRES = ruta_de(2, "osc.gz"), ruta_de(3, "osc.gz")
ESTADO_DOS = ruta_de(2, "state.txt")
ROTO = b'<osmChange version="0.6"><create><node id="60" version="1" lon="1" lat="1"/><node id="61" version="1" lon="'
FUERA = b'<osmChange version="0.6"><create><node id="60" version="1" lon="1" lat="1"/><node id="61" version="1" lon="200" lat="1"/></create></osmChange>'
PERCANCES: dict[str, tuple[str, Any, type[Exception]]] = {
    "hueco": ("osc.gz", 404, CambioAusente),
    "reloj": ("state.txt", None, RelojAtras),
    "roto": ("osc.gz", gzip.compress(ROTO), ErrorGeo),
    "fuera": ("osc.gz", gzip.compress(FUERA), ErrorGeo),
}
MALOS: dict[str, tuple[str, Any, type[Exception]]] = {
    "hueco": (DOS, 404, CambioAusente),
    "sin_estado": (ESTADO_DOS, 404, NoResponde),
    "error_500": (DOS, 500, NoResponde),
    "estado_500": ("state.txt", 503, NoResponde),
    "tarda": (DOS, lento, NoResponde),
    "se_corta": (DOS, cortado, NoResponde),
    "sin_fin": (DOS, sin_fin, CuerpoEnorme),
    "estado_sin_fin": ("state.txt", sin_fin, CuerpoEnorme),
    "truncado": (DOS, gzip.compress(b"<osmChange>" + os.urandom(4000))[:-900], ArchivoTruncado),
    "corrupto": (DOS, gzip.compress(b"<osmChange/>")[:-8] + b"12345678", ArchivoTruncado),
    "bomba": (DOS, gzip.compress(b"<osmChange>" + b" " * 70_000_000, 9), DemasiadoDesempacado),
    "xml_roto": (DOS, gzip.compress(ROTO), ErrorGeo),
    "entidades": (DOS, gzip.compress(b'<!DOCTYPE x [<!ENTITY a "b">]><osmChange/>'), ErrorGeo),
    "fuera_del_mundo": (DOS, gzip.compress(FUERA), ErrorGeo),
    "pagina": (DOS, b"<!doctype html><title>Wi-Fi</title>", ErrorGeo),
    "vacio": (DOS, b"", ErrorGeo),
    "datos_completos": (DOS, gzip.compress(b'<osm version="0.6"/>'), ErrorGeo),
    "estado_html": ("state.txt", b"<!doctype html><title>Entra</title>", EstadoIlegible),
    "estado_a_medias": ("state.txt", b"sequenceNumber=3\n", EstadoIlegible),
    "estado_absurdo": (
        "state.txt",
        b"sequenceNumber=99999999999999999999\ntimestamp=2026-05-01T00\\:00\\:00Z",
        EstadoIlegible,
    ),
    "estado_no_numero": ("state.txt", b"sequenceNumber=tres\ntimestamp=2026-05-01T00\\:00\\:00Z", EstadoIlegible),
    "estado_binario": ("state.txt", b"\xff\xfe\x00=1", EstadoIlegible),
    "estado_de_otro": (ESTADO_DOS, estado_de(7, momento_de(2)), EstadoAjeno),
    "reloj_atras": (ESTADO_DOS, estado_de(2, momento_de(0)), RelojAtras),
    "va_hacia_atras": ("state.txt", estado_de(0, momento_de(0)), Retrocede),
    "empezo_de_nuevo": (ruta_de(1, "state.txt"), estado_de(1, momento_de(9)), HistoriaDistinta),
    "otra_historia": ("state.txt", estado_de(1, momento_de(9)), HistoriaDistinta),
}


@pytest.mark.parametrize("caso", MALOS)
def test_de_un_flujo_malo_no_se_aplica_nada_a_medias_ni_se_salta_nada(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path, caso: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuente, "ESPERA_S", (0.2, 0.2))
    monkeypatch.setattr(fuente, "CAMBIO_MAXIMO", 2_000_000)
    monkeypatch.setattr(fuente.Fuente.__init__, "__kwdefaults__", {"maximo": 2_000_000, "dejar": None})
    vacio(flujo)
    flujo.publicar(cambio(f"n40 v1 dV {META} T x1 y1", tmp_path))
    seguidor = abrir(bd, flujo.url)
    seguidor.vuelta()
    for i in (2, 3):
        flujo.publicar(cambio(BIEN.replace("n50", f"n5{i}"), tmp_path))
    ruta, respuesta, clase = MALOS[caso]
    antes, buena = foto(bd), flujo.rutas[ruta]
    flujo.rutas[ruta] = respuesta
    seguidor = Seguidor(bd, flujo.url, callar)
    with pytest.raises(clase) as error:
        seguidor.seguir(una_vez=True, espera_s=0.001)
    assert isinstance(error.value, ErrorTequio | ErrorGeo)
    assert foto(bd) == antes
    despues = en(bd, flujo.url)
    assert (despues.secuencia, despues.error, despues.fallos) == (1, error.value.mensaje[:2000], 3)
    # Al componerse, sigue donde se quedó, y el aviso se borra.
    flujo.rutas[ruta] = buena
    seguidor.seguir(una_vez=True)
    assert [a[0] for a in anotados(bd)] == ["n40", "n52", "n53"]
    assert en(bd, flujo.url).error is None
    assert en(bd, flujo.url).fallos == 0


def test_cambios_repetidos_o_en_desorden_dan_lo_mismo(bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path) -> None:
    importar(bd, archivo(tmp_path, PUEBLO))
    versiones = [
        cambio(f"n3 v{v} dV {META} T x-87.9{v} y17.02\nw2 v{v + 2} dV {META} Thighway=path Nn5,n6,n3", tmp_path)
        for v in (2, 3, 4)
    ]
    vacio(flujo)
    for i in (0, 2, 1, 1, 2, 0):
        flujo.publicar(versiones[i])
    abrir(bd, flujo.url).vuelta()
    assert [(a[0], a[1]) for a in anotados(bd)] == [("n3", 2), ("w2", 4), ("n3", 4), ("w2", 6)]
    assert "-87.94 17.02" in objetos(bd)["w2"][1]


def test_sin_espacio_en_el_disco_se_dice_y_se_reintenta(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacio(flujo)
    flujo.publicar(cambio(BIEN, tmp_path))
    seguidor = abrir(bd, flujo.url)
    # Una carpeta temporal que no existe: el sistema rechaza la escritura igual que un disco lleno.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no_hay"))
    with pytest.raises(SinDisco):
        seguidor.seguir(una_vez=True, espera_s=0.001)
    monkeypatch.undo()
    seguidor.seguir(una_vez=True)
    assert [a[0] for a in anotados(bd)] == ["n50"]


def test_importar_a_media_vuelta_no_detiene_a_quien_sigue(bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path) -> None:
    vacio(flujo)
    for i in range(1, 5):
        flujo.publicar(cambio(f"n1 v{i} dV {META} T x{i} y17", tmp_path))
    cuando = (momento_de(0) + timedelta(hours=1, seconds=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    viejo = archivo(tmp_path, f"n9 v1 dV c1 t{cuando} i1 uA T x20 y20", "viejo.osm")
    bueno = flujo.rutas[ruta_de(3, "osc.gz")]

    def importar_y_contestar(manos: BaseHTTPRequestHandler) -> None:
        if (en(bd, flujo.url).secuencia, objetos(bd)) == (2, {}) and not contestadas:
            importar(bd, viejo)
        contestadas.append(1)
        manos.send_response(200)
        manos.send_header("Content-Length", str(len(bueno)))
        manos.end_headers()
        manos.wfile.write(bueno)

    contestadas: list[int] = []
    flujo.rutas[ruta_de(3, "osc.gz")] = importar_y_contestar
    avisos: list[str] = []
    seguidor = abrir(bd, flujo.url, juntos=1)
    seguidor._avisar = avisos.append
    seguidor.seguir(una_vez=True, espera_s=0.001)
    assert "cambió de lugar" in avisos[0]
    assert [a[1] for a in anotados(bd)] == [1, 2, 3, 4]
    assert en(bd, flujo.url).secuencia == 4


def test_una_direccion_que_no_es_web_se_rechaza() -> None:
    for mala in ("file:///etc/passwd", "ftp://x/y", "minuto", "http://", "http://x/?a=1"):
        with pytest.raises(DireccionInvalida):
            fuente.direccion_limpia(mala)
    assert fuente.direccion_limpia(" http://x/y/state.txt ") == fuente.direccion_limpia("http://x/y") == "http://x/y/"


# --- Morir a la mitad, y dos a la vez -------------------------------------------------------------------------------

HIJO = """
import sys
from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm.seguimiento.seguidor import Seguidor, candado
from tareas.datos_osm.seguimiento import consultas
bd = BaseDeDatos(sys.argv[1])
with bd.lectura() as sesion:
    flujo = consultas.flujo(sesion, sys.argv[2])
with candado(bd, flujo):
    Seguidor(bd, sys.argv[2], print, juntos=int(sys.argv[3])).seguir(una_vez=True)
"""


def test_matarlo_en_cualquier_momento_no_pierde_ni_repite_nada(
    bd: BaseDeDatos, url_base: str, flujo: FlujoLocal, tmp_path: Path
) -> None:
    importar(bd, archivo(tmp_path, PUEBLO))
    vacio(flujo)
    opl = []
    for i in range(1, 25):
        opl.append(f"n3 v{i + 1} dV {META} T x-87.{i:02} y17.02\nn{100 + i} v1 dV {META} Tshop=yes x-88 y17.{i:02}")
        flujo.publicar(cambio(opl[-1], tmp_path))
    abrir(bd, flujo.url)
    azar, muertes = random.Random(8160), 0
    while en(bd, flujo.url).secuencia != 24:
        hijo = subprocess.Popen(
            [sys.executable, "-c", HIJO, url_base, flujo.url, str(azar.randint(1, 3))],
            cwd=RAIZ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        meta = (en(bd, flujo.url).secuencia or 0) + azar.randint(3, 6)
        limite = time.monotonic() + 20
        while hijo.poll() is None and (en(bd, flujo.url).secuencia or 0) < meta and time.monotonic() < limite:
            time.sleep(0.002)
        time.sleep(azar.uniform(0, 0.05))
        if hijo.poll() is None:
            hijo.send_signal(signal.SIGKILL)
            muertes += 1
        assert hijo.stderr is not None
        salida = hijo.stderr.read().decode()
        hijo.wait()
        assert hijo.returncode in (0, -signal.SIGKILL), salida
    assert muertes >= 3
    # El nodo es de un edificio y de un bosque de dos vías: cada vez que se movió, cambiaron de forma, una sola vez.
    assert sorted(anotados(bd, formas=True)) == sorted([("w1", 1, "forma", 9), ("r1", 1, "forma", 9)] * 24)
    vistos = anotados(bd)
    assert sorted(vistos) == sorted(
        [("n3", i + 1, "modificar", 9) for i in range(1, 25)] + [(f"n{100 + i}", 1, "crear", 9) for i in range(1, 25)]
    )
    assert "-87.24 17.02" in objetos(bd)["w1"][1]


def test_dos_a_la_vez_no_se_estorban(bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path) -> None:
    vacio(flujo)
    for i in range(1, 9):
        flujo.publicar(cambio(f"n1 v{i} dV {META} T x{i} y17", tmp_path))
    abrir(bd, flujo.url)
    with candado(bd, en(bd, flujo.url)), pytest.raises(FlujoOcupado), candado(bd, en(bd, flujo.url)):
        pass
    # Aunque el candado no existiera, la transacción de uno ve que el otro ya avanzó.
    salida: list[str] = []

    def correr() -> None:
        try:
            Seguidor(bd, flujo.url, callar).vuelta()
            salida.append("bien")
        except FlujoMovido:
            salida.append("ocupado")

    hilos = [threading.Thread(target=correr) for _ in range(4)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    assert "bien" in salida
    assert [a[1] for a in anotados(bd)] == list(range(1, 9))
    assert en(bd, flujo.url).secuencia == 8


def test_lo_registrado_lo_sigue_un_solo_proceso_del_servidor(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    vacio(flujo)
    flujo.publicar(cambio(BIEN, tmp_path))
    abrir(bd, flujo.url)
    relevos = [Relevo(bd, cada_s=30) for _ in range(3)]
    relevos[0].vuelta()
    assert anotados(bd) == []
    with bd.transaccion() as sesion:
        servicio.registrar(sesion, flujo.url)
    hilos = [threading.Thread(target=relevo.vuelta) for relevo in relevos]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    assert flujo.pedidas.count(ruta_de(1, "osc.gz")) == 1
    # Hasta que pasen los segundos, nadie vuelve a preguntar.
    flujo.pedidas.clear()
    relevos[1].vuelta()
    assert flujo.pedidas == []
    flujo.rutas["state.txt"] = 500
    with bd.transaccion() as sesion:
        sesion.execute(text("UPDATE osm_flujo SET intento = intento - interval '31 s'"))
    relevos[2].vuelta()
    assert "500" in (en(bd, flujo.url).error or "")


# --- Lo que se anota ------------------------------------------------------------------------------------------------


def renglones(bd: BaseDeDatos) -> list[tuple[Any, ...]]:
    with bd.lectura() as sesion:
        return [
            tuple(f)
            for f in sesion.execute(
                text("""SELECT tipo || osm_id, accion, clase_antes, clase, etiquetas_antes, etiquetas, GeometryType(geom_antes),
                    GeometryType(geom), uid FROM osm_cambio ORDER BY id""")
            )
        ]


def test_se_anota_como_estaba_y_como_quedo(bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path) -> None:
    importar(bd, archivo(tmp_path, PUEBLO))
    assert renglones(bd) == []
    vacio(flujo)
    flujo.publicar(
        cambio(
            f"n3 v2 dV {META} T x-87.98 y17.02\nn7 v3 dD {META}\nw1 v2 dV {META} Thighway=service Nn1,n2,n3,n4,n1\n"
            f"w9 v1 dV {META} Tbuilding=yes Nn1,n2,n3,n1\nr1 v2 dD {META}",
            tmp_path,
        )
    )
    abrir(bd, flujo.url).vuelta()
    panaderia = {"name": "La Esquina", "shop": "bakery"}
    # La vía 3 también cambió de forma, pero no de versión: sólo se anota su vértice.
    assert renglones(bd) == [
        ("n3", "modificar", None, None, None, None, "POINT", "POINT", 9),
        ("n7", "borrar", "servicio", None, panaderia, None, "POINT", None, 9),
        ("w1", "modificar", "edificio", "via", {"building": "yes"}, {"highway": "service"}, "POLYGON", "LINESTRING", 9),
        ("w9", "crear", None, "edificio", None, {"building": "yes"}, None, "POLYGON", 9),
        ("r1", "borrar", "suelo", None, {"type": "multipolygon", "natural": "wood"}, None, "POLYGON", None, 9),
    ]


def test_un_borrado_que_repite_la_ultima_version_no_acusa_a_quien_la_hizo(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    vacio(flujo)
    flujo.publicar(cambio(f"n1 v1 dV {META} Tshop=yes x1 y1", tmp_path))
    flujo.publicar(cambio(f"n1 v1 dD {META}", tmp_path))
    abrir(bd, flujo.url).vuelta()
    assert anotados(bd) == [("n1", 1, "crear", 9), ("n1", 1, "borrar", None)]


def test_datos_hasta(bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path) -> None:
    def hasta(origen: int = 0) -> Any:
        with bd.lectura() as sesion:
            return datos_hasta(sesion, origen)

    assert hasta() is None
    assert hasta(5) is not None
    importar(bd, archivo(tmp_path, PUEBLO))
    assert hasta() is None
    with bd.transaccion() as sesion:
        from tareas.datos_osm.servicio import aplicar

        aplicar(sesion, archivo(tmp_path, f"n3 v2 dV {META} T x-87.98 y17.02", "c.osc.gz"))
    assert hasta().isoformat() == "2021-01-01T00:00:00+00:00"
    for _ in range(3):
        vacio(flujo)
    with bd.transaccion() as sesion:
        servicio.abrir_flujo(sesion, flujo.url, todo=True)
    assert hasta() is None
    abrir(bd, flujo.url).vuelta()
    assert hasta() == momento_de(2)


# --- Conjuntos de cambios -------------------------------------------------------------------------------------------


def conjuntos(bd: BaseDeDatos) -> dict[int, tuple[Any, ...]]:
    with bd.lectura() as sesion:
        filas = sesion.execute(text("SELECT id, uid, cambios, cerrado IS NOT NULL, etiquetas FROM osm_conjunto"))
        return {f[0]: tuple(f[1:]) for f in filas}


def test_de_un_flujo_de_conjuntos_quedan_los_de_aqui_y_los_de_nuestra_gente(
    bd: BaseDeDatos, flujo: FlujoLocal, tmp_path: Path
) -> None:
    real = datos_reales("osm/changesets-replicacion-245.osm.gz")
    # Ammán, y una cuenta que mapeó en Alemania.
    municipio_en(bd, "1", 35.8, 31.9, 35.9, 32.0)
    quien = persona(bd, "lejana")
    with bd.transaccion() as sesion:
        sesion.execute(
            text("INSERT INTO cuenta_osm (persona_id, servidor, uid, nombre) VALUES (:p, 'osm', 2684092, 'x')"),
            {"p": quien},
        )
    flujo.rutas["state.yaml"] = b"---\nlast_run: 2015-06-15 13:35:00.123 +00:00\nsequence: 245\n"
    flujo.rutas[ruta_de(245, "osm.gz")] = real.read_bytes()
    seguidor = abrir(bd, flujo.url, 244, clase="conjuntos", todo=False)
    assert seguidor.vuelta().conjuntos == len(conjuntos(bd))
    hallados = conjuntos(bd)
    assert hallados[31984152][:3] == (2651528, 1445, True)
    assert hallados[31984152][3]["comment"] == "Roads"
    assert 31984163 in hallados
    assert 31982803 not in hallados
    assert en(bd, flujo.url).momento is not None
    assert (en(bd, flujo.url).momento or momento_de(0)).year == 2015
    # Otra vez lo mismo, y una versión más vieja del mismo conjunto: nada cambia.
    viejo = (
        b'<osm version="0.6"><changeset id="31984152" created_at="2015-06-15T13:33:18Z" open="true" num_changes="3" '
        b'user="A" uid="2651528" min_lat="31.9" max_lat="32" min_lon="35.8" max_lon="35.9"/></osm>'
    )
    flujo.rutas[ruta_de(246, "osm.gz")] = gzip.compress(viejo)
    flujo.rutas["state.yaml"] = b"---\nlast_run: 2015-06-15 13:36:00 +00:00\nsequence: 246\n"
    seguidor.vuelta()
    assert conjuntos(bd) == hallados
    assert en(bd, flujo.url).secuencia == 246


@pytest.mark.parametrize(
    ("ruta", "respuesta"),
    [
        ("state.yaml", b"<html>"),
        ("state.yaml", 404),
        (ruta_de(1, "osm.gz"), 404),
        (ruta_de(1, "osm.gz"), gzip.compress(b"<osm><changeset id='1'")),
        (ruta_de(1, "osm.gz"), b"\x1f\x8b\x08nada"),
    ],
    ids=["pagina", "sin_estado", "hueco", "xml_roto", "corrupto"],
)
def test_un_flujo_de_conjuntos_malo_no_avanza(bd: BaseDeDatos, flujo: FlujoLocal, ruta: str, respuesta: Any) -> None:
    flujo.rutas["state.yaml"] = b"---\nlast_run: 2015-06-15 13:35:00 +00:00\nsequence: 1\n"
    flujo.rutas[ruta_de(1, "osm.gz")] = gzip.compress(b'<osm version="0.6"/>')
    seguidor = abrir(bd, flujo.url, 0, clase="conjuntos")
    flujo.rutas[ruta] = respuesta
    with pytest.raises((ErrorTequio, ErrorGeo)):
        seguidor.seguir(una_vez=True, espera_s=0.001)
    assert en(bd, flujo.url).secuencia == 0
    assert en(bd, flujo.url).error


# --- Por consola ----------------------------------------------------------------------------------------------------


def test_las_ordenes_hablan_claro(
    bd: BaseDeDatos, url_base: str, flujo: FlujoLocal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEQUIO_BASE_DE_DATOS", url_base)

    def orden_(*argumentos: str) -> tuple[str, Any]:
        resultado = CliRunner().invoke(grupo, argumentos)
        error = resultado.exception
        return resultado.output, error.mensaje if isinstance(error, ErrorTequio | ErrorGeo) else error

    assert "No se sigue ningún flujo" in orden_("flujos")[0]
    vacio(flujo)
    flujo.publicar(cambio(BIEN, tmp_path))
    _, problema = orden_("flujos", "agregar", flujo.url, "--desde", "9")
    assert "no puedes empezar en el 9" in problema
    # Lo que no sirvió no queda en la lista.
    assert "No se sigue ningún flujo" in orden_("flujos")[0]
    salida, problema = orden_("seguir", flujo.url, "--todo", "--una-vez", "--desde", "0")
    assert problema is None
    assert "1 cambio aplicado, hasta el 1" in salida
    salida, _ = orden_("flujos", "agregar", flujo.url)
    assert "lo sigue «./tequio servir»" in salida
    assert "cambio 1, hasta 2026-05-01 00:01:00 UTC" in orden_("flujos")[0]
    with candado(bd, en(bd, flujo.url)):
        for ocupada in (("seguir", flujo.url, "--una-vez"), ("flujos", "quitar", flujo.url)):
            assert "Otro proceso ya sigue" in orden_(*ocupada)[1]
    assert "ya no se sigue" in orden_("flujos", "quitar", flujo.url)[0]
    assert orden_("seguir", flujo.url, "--desde", "ayer")[1].code == 2
    assert (
        "25 conjuntos; 25 guardados"
        in orden_("conjuntos", str(datos_reales("osm/changesets-replicacion-245.osm.gz")))[0]
    )
    assert "no trae datos de OpenStreetMap" in orden_("conjuntos", str(RAIZ / "package.json"))[1]
