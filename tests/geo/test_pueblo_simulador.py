"""El mapeo simulado: cada tarea agrega lo que falta en ella, y los cambios seguidos son consistentes."""

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import osmium
import pytest
import shapely
from osmium.osm import Area, Way
from shapely.geometry import Polygon, box

from geo.pueblo import Pueblo, Simulador, cambio_por_tarea, escribir_osm

CUANDO = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)


@pytest.fixture
def tareas(pueblo: Pueblo) -> list[Polygon]:
    """Cuatro cuadros de unos 250 m sobre una colonia casi sin mapear."""
    x, y = next(loc.lugar for loc in pueblo.localidades if loc.nombre == "Colonia 20 de Noviembre")
    lado = 0.0024
    return [box(x + i * lado, y + j * lado, x + (i + 1) * lado, y + (j + 1) * lado) for i in (-1, 0) for j in (-1, 0)]


def _cambio(simulador: Simulador, poligono: shapely.Geometry, conjunto: int = 950_000_001) -> bytes:
    return simulador.cambio_por_tarea(poligono, CUANDO, 99_000_077, 'mapeadora "uno"', conjunto)


def _cuenta(archivo: Path) -> tuple[int, int]:
    casas = calles = 0
    for objeto in osmium.FileProcessor(str(archivo)).with_areas():
        casas += isinstance(objeto, Area) and "building" in objeto.tags
        calles += isinstance(objeto, Way) and "highway" in objeto.tags
    return casas, calles


def _aplicados(base: Path, cambios: list[bytes], salida: Path) -> Path:
    lector = osmium.MergeInputReader()
    lector.add_file(str(base))
    for cambio in cambios:
        lector.add_buffer(cambio, "osc")
    with osmium.SimpleWriter(str(salida), overwrite=True) as escritor:
        lector.apply(escritor)
    return salida


def test_cada_tarea_agrega_justo_los_edificios_y_calles_que_le_faltan(
    pueblo: Pueblo, tareas: list[Polygon], tmp_path: Path
) -> None:
    base = tmp_path / "base.osm.pbf"
    escribir_osm(pueblo, base)
    simulador, cambios = Simulador(pueblo), list[bytes]()
    casas, calles = _cuenta(base)
    for tarea in tareas:
        faltan = simulador.faltantes(tarea)
        cambios.append(_cambio(simulador, tarea, 950_000_001 + len(cambios)))
        nuevas_casas, nuevas_calles = _cuenta(_aplicados(base, cambios, tmp_path / "despues.osm.pbf"))
        son_calles = sum("highway" in pueblo.verdad.etiquetas(c) for c in faltan)
        assert nuevas_casas - casas == len(faltan) - son_calles
        assert nuevas_calles - calles == son_calles
        assert len(faltan) > 20
        casas, calles = nuevas_casas, nuevas_calles


def test_una_tarea_ya_mapeada_no_agrega_nada(pueblo: Pueblo, tareas: list[Polygon]) -> None:
    simulador = Simulador(pueblo)
    assert b"<way" in _cambio(simulador, tareas[0])
    assert b"<create>" not in _cambio(simulador, tareas[0])


def test_nadie_crea_dos_veces_el_mismo_objeto_y_toda_referencia_existe(pueblo: Pueblo, tareas: list[Polygon]) -> None:
    simulador = Simulador(pueblo)
    nodos, vias = set(pueblo.osm.nodos), set(pueblo.osm.vias)
    for poligono in [*tareas, pueblo.limite]:
        raiz = ElementTree.fromstring(_cambio(simulador, poligono))
        nuevos = [int(n.attrib["id"]) for n in raiz.iter("node")]
        assert len(nuevos) == len(set(nuevos))
        assert nodos.isdisjoint(nuevos)
        nodos.update(nuevos)
        for via in raiz.iter("way"):
            assert int(via.attrib["id"]) not in vias
            vias.add(int(via.attrib["id"]))
            assert {int(nd.attrib["ref"]) for nd in via.iter("nd")} <= nodos
        for miembro in raiz.iter("member"):
            assert int(miembro.attrib["ref"]) in vias


def test_los_numeros_no_dependen_del_orden_de_las_tareas(pueblo: Pueblo, tareas: list[Polygon]) -> None:
    def vias(orden: list[Polygon]) -> dict[str, list[str]]:
        simulador = Simulador(pueblo)
        raices = [ElementTree.fromstring(_cambio(simulador, t)) for t in orden]
        return {v.attrib["id"]: [nd.attrib["ref"] for nd in v.iter("nd")] for r in raices for v in r.iter("way")}

    assert vias(tareas) == vias(tareas[::-1])


def test_cada_objeto_lleva_la_firma_de_quien_mapeo(pueblo: Pueblo, tareas: list[Polygon]) -> None:
    cambio = cambio_por_tarea(pueblo, tareas[0], CUANDO, 99_000_077, 'mapeadora "uno"', 950_000_001)
    objetos = list(ElementTree.fromstring(cambio)[0])
    assert {o.attrib["user"] for o in objetos} == {'mapeadora "uno"'}
    assert {o.attrib["timestamp"] for o in objetos} == {"2026-03-04T15:30:00Z"}
    assert {(o.attrib["version"], o.attrib["uid"], o.attrib["changeset"]) for o in objetos} == {
        ("1", "99000077", "950000001")
    }


def test_con_todo_mapeado_osm_casi_alcanza_a_la_verdad(pueblo: Pueblo, tmp_path: Path) -> None:
    for que in ("osm", "verdad"):
        escribir_osm(pueblo, tmp_path / f"{que}.osm.pbf", que=que)
    cambio = _cambio(Simulador(pueblo), pueblo.limite.buffer(0.01))
    casas, calles = _cuenta(_aplicados(tmp_path / "osm.osm.pbf", [cambio], tmp_path / "todo.osm.pbf"))
    todas_las_casas, todas_las_calles = _cuenta(tmp_path / "verdad.osm.pbf")
    assert casas > 0.97 * todas_las_casas
    assert abs(calles - todas_las_calles) < 12
