"""Un cambio aplicado deja la base igual que importar de una vez el archivo ya cambiado."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import osmium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geo.osm.errores import EsCambio, NodoSinLugar, NoEsCambio
from tareas.comun.bd import BaseDeDatos
from tareas.datos_osm import servicio
from tests.conftest import datos_reales
from tests.mundo_osm import PUEBLO, archivo, foto, objetos, vaciar

META = "c20 t2021-01-01T00:00:00Z i9 uCata"


def aplicar(bd: BaseDeDatos, carpeta: Path, opl: str) -> servicio.Resumen:
    with bd.transaccion() as sesion:
        return servicio.aplicar(sesion, archivo(carpeta, opl, "cambio.osc.gz"))


def importar(bd: BaseDeDatos, ruta: Path) -> servicio.Resumen:
    with bd.transaccion() as sesion:
        return servicio.importar(sesion, ruta)


@pytest.fixture
def pueblo(bd: BaseDeDatos, tmp_path: Path) -> BaseDeDatos:
    importar(bd, archivo(tmp_path, PUEBLO))
    return bd


def test_mover_un_nodo_mueve_el_edificio_y_la_relacion_que_pasan_por_el(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    resumen = aplicar(pueblo, tmp_path, f"n3 v2 dV {META} T x-87.98 y17.02")
    assert resumen.suma("modificados") == 1
    despues = objetos(pueblo)
    assert "-87.98 17.02" in despues["w1"][1]
    assert "-87.98 17.02" in despues["r1"][1]
    assert "-87.98 17.02" not in despues["w2"][1]


def test_una_via_que_pierde_su_etiqueta_de_area_se_vuelve_linea(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    assert objetos(pueblo)["w1"][1].startswith("POLYGON")
    aplicar(pueblo, tmp_path, f"w1 v2 dV {META} Thighway=service Nn1,n2,n3,n4,n1")
    clase, geometria = objetos(pueblo)["w1"]
    assert clase == "via"
    assert geometria.startswith("LINESTRING")


def test_lo_borrado_desaparece_y_queda_quien_lo_borro(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    resumen = aplicar(pueblo, tmp_path, f"w1 v2 dD {META}\nn7 v3 dD {META}")
    assert resumen.suma("borrados") == 2
    assert not {"w1", "n7"} & objetos(pueblo).keys()
    with pueblo.lectura() as sesion:
        borrados = sesion.execute(
            text("SELECT tipo || id, uid, version, etiquetas, GeometryType(geom) FROM osm_borrado ORDER BY 1")
        ).all()
    assert [tuple(b) for b in borrados] == [
        ("n7", 9, 3, {"name": "La Esquina", "shop": "bakery"}, "POINT"),
        ("w1", 9, 2, {"building": "yes"}, "POLYGON"),
    ]


def test_sin_una_de_sus_vias_la_relacion_pierde_su_area_y_se_dice(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    resumen = aplicar(pueblo, tmp_path, f"w4 v2 dD {META}")
    assert "r1" not in objetos(pueblo)
    assert [(s.tipo, s.id, s.motivo, s.faltan) for s in resumen.sin_armar] == [("r", 1, "faltan_vias", [4])]
    aplicar(pueblo, tmp_path, f"w4 v3 dV {META} T Nn3,n4,n1")
    assert objetos(pueblo)["r1"][1].startswith("POLYGON")
    assert foto(pueblo)["osm_sin_armar"] == []


def test_un_cambio_mas_viejo_que_lo_guardado_no_hace_nada(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    antes = foto(pueblo)
    resumen = aplicar(pueblo, tmp_path, f"w2 v2 dV {META} Thighway=primary Nn5,n6")
    assert resumen.suma("antiguos") == 1
    assert not resumen.cambia
    assert foto(pueblo) == antes


def test_un_cambio_mas_viejo_no_revive_lo_borrado(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    aplicar(pueblo, tmp_path, f"w2 v5 dD {META}")
    aplicar(pueblo, tmp_path, f"w2 v4 dV {META} Thighway=primary Nn5,n6")
    assert "w2" not in objetos(pueblo)
    aplicar(pueblo, tmp_path, f"w2 v6 dV {META} Thighway=primary Nn5,n6")
    assert "w2" in objetos(pueblo)
    with pueblo.lectura() as sesion:
        assert sesion.execute(text("SELECT count(*) FROM osm_borrado")).scalar() == 0


def test_repetir_un_cambio_no_cambia_nada_ni_la_version_de_los_datos(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    cambio = f"n3 v2 dV {META} T x-87.98 y17.02\nw9 v1 dV {META} Thighway=path Nn3,n6\nw2 v4 dD {META}"
    primero = aplicar(pueblo, tmp_path, cambio)
    antes = foto(pueblo)
    segundo = aplicar(pueblo, tmp_path, cambio)
    assert not segundo.cambia
    assert segundo.suma("iguales") == 3
    assert segundo.version == primero.version
    assert foto(pueblo) == antes


def test_un_cambio_sobre_la_nada_se_guarda_y_dice_que_nodos_faltan(bd: BaseDeDatos, tmp_path: Path) -> None:
    resumen = aplicar(bd, tmp_path, f"n2 v1 dV {META} T x1 y1\nw1 v1 dV {META} Thighway=path Nn2,n3")
    assert [(s.motivo, s.faltan) for s in resumen.sin_armar] == [("faltan_nodos", [3])]
    aplicar(bd, tmp_path, f"n3 v1 dV {META} T x2 y2")
    assert objetos(bd)["w1"] == ("via", "LINESTRING(1 1,2 2)")


def test_un_cambio_vacio_se_acepta(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    ruta = tmp_path / "vacio.osc"
    ruta.write_text('<osmChange version="0.6"></osmChange>')
    with pueblo.transaccion() as sesion:
        assert not servicio.aplicar(sesion, ruta).cambia


def test_cada_orden_rechaza_el_archivo_de_la_otra(bd: BaseDeDatos, tmp_path: Path) -> None:
    with pytest.raises(EsCambio), bd.transaccion() as sesion:
        servicio.importar(sesion, archivo(tmp_path, "n1 v1 dV x1 y1", "cambio.osc"))
    with pytest.raises(NoEsCambio), bd.transaccion() as sesion:
        servicio.aplicar(sesion, archivo(tmp_path, "n1 v1 dV x1 y1", "datos.osm"))


def test_un_nodo_creado_sin_coordenadas_se_rechaza_y_no_se_guarda_nada(pueblo: BaseDeDatos, tmp_path: Path) -> None:
    antes = foto(pueblo)
    ruta = tmp_path / "malo.osc"
    ruta.write_text(
        '<osmChange version="0.6"><create><node id="50" version="1" lon="1" lat="1"/>'
        '<node id="51" version="1"/></create></osmChange>'
    )
    with pytest.raises(NodoSinLugar) as error, pueblo.transaccion() as sesion:
        servicio.aplicar(sesion, ruta)
    assert "51" in error.value.mensaje
    assert foto(pueblo) == antes


def test_san_bartolome_mas_su_cambio_es_la_importacion_del_archivo_ya_mezclado(bd: BaseDeDatos, tmp_path: Path) -> None:
    base = datos_reales("osm/san-bartolome-2014-01-15.osm.pbf")
    cambio = datos_reales("osm/san-bartolome-cambios.osc.gz")
    importar(bd, base)
    with bd.transaccion() as sesion:
        resumen = servicio.aplicar(sesion, cambio)
    assert {t: c.borrados + c.desconocidos for t, c in resumen.conteos.items()} == {"nodo": 3, "via": 3, "relacion": 2}
    aplicado = foto(bd)
    vaciar(bd)
    importar(bd, mezclar(base, [cambio], tmp_path))
    assert_iguales(aplicado, foto(bd))


def test_cambios_del_planeta_sobre_una_base_con_parte_de_sus_objetos(bd: BaseDeDatos, tmp_path: Path) -> None:
    cambio = datos_reales("osm/diff-minutos-000466354.osc.gz")
    base = base_anterior(cambio, tmp_path)
    importar(bd, base)
    with bd.transaccion() as sesion:
        servicio.aplicar(sesion, cambio)
    aplicado = foto(bd)
    vaciar(bd)
    importar(bd, mezclar(base, [cambio], tmp_path))
    assert_iguales(aplicado, foto(bd))


def mezclar(base: Path, cambios: Sequence[Path], carpeta: Path) -> Path:
    """El archivo que resulta de aplicar los cambios con osmium."""
    mezcla = osmium.MergeInputReader()
    for cambio in cambios:
        mezcla.add_file(str(cambio))
    destino = carpeta / "mezclado.osm.pbf"
    with osmium.io.Reader(str(base)) as lector:
        escritor = osmium.io.Writer(str(destino))
        mezcla.apply_to_reader(lector, escritor)
        escritor.close()
    return destino


def base_anterior(cambio: Path, carpeta: Path) -> Path:
    """Un mundo anterior al cambio: la versión previa y distinta de dos de cada tres objetos que modifica o borra."""
    destino = carpeta / "base.osm.pbf"
    vistos: dict[tuple[str, int], object] = {}
    for o in osmium.FileProcessor(str(cambio)):
        clave = (o.type_str(), o.id)
        if o.id % 3 == 0 or o.version == 1 or clave in vistos:
            continue
        version = o.version - 1
        if o.is_node():
            lugar = o.location
            donde = (lugar.lon + 0.0001, lugar.lat) if lugar.valid() else (1.0, 1.0)
            vistos[clave] = osmium.osm.mutable.Node(
                id=o.id, version=version, visible=True, tags=dict(o.tags), location=donde
            )
        elif o.is_way():
            nodos = [n.ref for n in o.nodes]
            vistos[clave] = osmium.osm.mutable.Way(
                id=o.id, version=version, visible=True, tags={}, nodes=nodos[:-1] or nodos
            )
        else:
            miembros = [(m.type, m.ref, m.role) for m in o.members]
            vistos[clave] = osmium.osm.mutable.Relation(
                id=o.id, version=version, visible=True, tags=dict(o.tags), members=miembros[::-1]
            )
    with osmium.SimpleWriter(str(destino)) as salida:
        for clave in sorted(vistos, key=lambda c: ("nwr".index(c[0]), c[1])):
            salida.add(vistos[clave])
    return destino


def assert_iguales(una: dict[str, list[object]], otra: dict[str, list[object]]) -> None:
    for tabla in una:
        assert una[tabla] == otra[tabla], tabla


# --- Mundos al azar -------------------------------------------------------------------------------------------------

NODOS, VIAS, RELACIONES = range(1, 11), range(1, 7), range(1, 4)
ETIQUETAS_NODO = st.sampled_from(["", "", "", "amenity=school", "name=a%20%b%2c%c%3d%%20%\\%25%"])
ETIQUETAS_VIA = st.sampled_from(
    ["", "building=yes", "highway=residential", "landuse=forest", "area=yes", "natural=coastline"]
)
ETIQUETAS_RELACION = st.sampled_from(
    ["type=multipolygon,building=yes", "type=boundary,boundary=administrative", "type=route"]
)


@st.composite
def nodo(draw: st.DrawFn) -> str:
    x, y = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return f"T{draw(ETIQUETAS_NODO)} x{x / 1000:.7f} y{y / 1000:.7f}"


@st.composite
def via(draw: st.DrawFn) -> str:
    nodos = draw(st.lists(st.sampled_from(NODOS), min_size=1, max_size=5))
    if draw(st.booleans()):
        nodos.append(nodos[0])
    return f"T{draw(ETIQUETAS_VIA)} N" + ",".join(f"n{n}" for n in nodos)


@st.composite
def relacion(draw: st.DrawFn) -> str:
    vias = draw(st.lists(st.sampled_from(VIAS), max_size=3, unique=True))
    return f"T{draw(ETIQUETAS_RELACION)} M" + ",".join([f"w{v}@outer" for v in vias] + ["n1@x%20%y"])


@st.composite
def paso(draw: st.DrawFn) -> list[tuple[str, str | None]]:
    """Unos cuantos objetos nuevos o cambiados (o ``None``, borrados)."""
    ids = {f"n{i}": nodo() for i in NODOS} | {f"w{i}": via() for i in VIAS} | {f"r{i}": relacion() for i in RELACIONES}
    elegidos = draw(st.lists(st.sampled_from(sorted(ids)), min_size=1, max_size=10, unique=True))
    return [(e, draw(st.none() | ids[e] | ids[e])) for e in elegidos]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    inicio=st.lists(paso(), min_size=2, max_size=2),
    pasos=st.lists(paso(), min_size=1, max_size=3),
    desorden=st.randoms(),
)
def test_cualquier_serie_de_cambios_equivale_a_importar_el_final(
    bd: BaseDeDatos,
    tmp_path: Path,
    inicio: list[list[tuple[str, str | None]]],
    pasos: list[list[tuple[str, str | None]]],
    desorden: Random,
) -> None:
    mundo: dict[str, tuple[int, str | None]] = {}
    avanzar(mundo, inicio[0] + inicio[1])
    vaciar(bd)
    if vivos(mundo):
        importar(bd, archivo(tmp_path, vivos(mundo), "base.osm.pbf"))
    cambios = [avanzar(mundo, p) for p in pasos]
    # Llegan repetidos y en otro orden: da lo mismo.
    llegada = [*cambios, desorden.choice(cambios)]
    desorden.shuffle(llegada)
    for cambio in llegada:
        aplicar(bd, tmp_path, cambio)
    aplicado = foto(bd)
    vaciar(bd)
    if vivos(mundo):
        importar(bd, archivo(tmp_path, vivos(mundo), "final.osm.pbf"))
    assert_iguales(aplicado, foto(bd))


def avanzar(mundo: dict[str, tuple[int, str | None]], paso: list[tuple[str, str | None]]) -> str:
    """Pasa el mundo a su estado siguiente y devuelve el cambio en OPL."""
    renglones = {}
    for nombre, cuerpo in paso:
        version = mundo.get(nombre, (0, None))[0] + 1
        mundo[nombre] = (version, cuerpo)
        renglones[nombre] = renglon(nombre, version, cuerpo)
    return "\n".join(renglones[n] for n in sorted(renglones, key=orden))


def vivos(mundo: dict[str, tuple[int, str | None]]) -> str:
    return "\n".join(renglon(n, *mundo[n]) for n in sorted(mundo, key=orden) if mundo[n][1] is not None)


def renglon(nombre: str, version: int, cuerpo: str | None) -> str:
    visible = "V" if cuerpo is not None else "D"
    quien = f"c{version} t2020-01-0{version}T00:00:00Z i{version} uu%20%{version}"
    return f"{nombre} v{version} d{visible} {quien} {cuerpo or ''}"


def orden(nombre: str) -> tuple[int, int]:
    return "nwr".index(nombre[0]), int(nombre[1:])
