"""De nodos, vías y relaciones salen puntos, líneas y áreas; lo que no se puede armar se cuenta y se dice por qué."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import osmium
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.osm import nodos
from geo.osm.archivo import Archivo, abrir, ordenado
from geo.osm.errores import CoordenadaFuera
from geo.osm.escritura import renglon
from geo.osm.lectura import Desordenado, Lectura
from geo.osm.objetos import Nodo, Objeto, Relacion, SinArmar, Via
from tests.conftest import datos_reales
from tests.mundo_osm import PUEBLO, archivo

CUADRO = """
n1 v1 x0 y0
n2 v1 x1 y0
n3 v1 x1 y1
n4 v1 x0 y1
n5 v1 x0.4 y0.4
n6 v1 x0.6 y0.4
n7 v1 x0.5 y0.6
"""


def armar(carpeta: Path, opl: str) -> tuple[dict[str, Objeto], list[SinArmar]]:
    with abrir(archivo(carpeta, CUADRO + opl)) as abierto:
        lectura = Lectura(abierto)
        objetos = {f"{o.tipo}{o.crudo.id}": o for o in lectura if isinstance(o, Objeto)}
    return objetos, lectura.sin_armar


def forma(objeto: Objeto) -> shapely.Geometry:
    return shapely.from_wkb(objeto.wkb)


def test_una_via_cerrada_con_etiqueta_de_area_es_un_poligono(tmp_path: Path) -> None:
    objetos, sin_armar = armar(tmp_path, "w1 v1 Tbuilding=yes Nn1,n2,n3,n4,n1")
    assert forma(objetos["w1"]).equals(shapely.box(0, 0, 1, 1))
    assert objetos["w1"].clase == "edificio"
    assert not sin_armar


def test_una_glorieta_sigue_siendo_linea(tmp_path: Path) -> None:
    objetos, _ = armar(tmp_path, "w1 v1 Thighway=residential,junction=roundabout Nn1,n2,n3,n4,n1")
    assert forma(objetos["w1"]).geom_type == "LineString"


def test_un_area_que_se_cruza_queda_como_linea_y_se_dice(tmp_path: Path) -> None:
    objetos, sin_armar = armar(tmp_path, "w1 v1 Tbuilding=yes Nn1,n3,n2,n4,n1")
    assert forma(objetos["w1"]).geom_type == "LineString"
    assert sin_armar == [SinArmar("w", 1, "contorno_roto")]


def test_una_relacion_se_arma_con_sus_vias_y_su_hueco(tmp_path: Path) -> None:
    objetos, sin_armar = armar(
        tmp_path,
        """w1 v1 T Nn1,n2,n3
w2 v1 T Nn3,n4,n1
w3 v1 T Nn5,n6,n7,n5
r1 v7 dV c9 t2020-01-01T00:00:00Z i3 uAna Ttype=multipolygon,natural=wood Mw1@outer,w2@outer,w3@inner""",
    )
    area = forma(objetos["r1"])
    assert area.geom_type == "Polygon"
    assert len(area.interiors) == 1
    assert objetos["r1"].crudo.etiquetas == {"type": "multipolygon", "natural": "wood"}
    assert (objetos["r1"].crudo.version, objetos["r1"].crudo.usuario) == (7, "Ana")
    assert not sin_armar


def test_dos_partes_dan_un_multipoligono(tmp_path: Path) -> None:
    objetos, _ = armar(
        tmp_path,
        "n8 v1 x2 y2\nn9 v1 x3 y2\nw1 v1 Nn5,n6,n7,n5\nw2 v1 Nn3,n8,n9,n3\nr1 v1 Ttype=boundary Mw1@outer,w2@outer",
    )
    assert forma(objetos["r1"]).geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    ("opl", "esperado"),
    [
        ("w1 v1 Thighway=path Nn1,n99", SinArmar("w", 1, "faltan_nodos", [99], 1)),
        ("w1 v1 Thighway=path Nn1", SinArmar("w", 1, "pocos_nodos")),
        ("w1 v1 Thighway=path Nn1,n1", SinArmar("w", 1, "pocos_nodos")),
        ("r1 v1 Ttype=multipolygon Mw8@outer,w9@outer", SinArmar("r", 1, "faltan_vias", [8, 9], 2)),
        ("r1 v1 Ttype=boundary Mn1@label", SinArmar("r", 1, "sin_vias")),
        ("w1 v1 Nn1,n2,n3\nr1 v1 Ttype=multipolygon Mw1@outer", SinArmar("r", 1, "anillos_rotos")),
    ],
)
def test_lo_que_no_se_puede_armar_se_dice_con_su_motivo(tmp_path: Path, opl: str, esperado: SinArmar) -> None:
    objetos, sin_armar = armar(tmp_path, opl)
    assert sin_armar == [esperado]
    assert f"{esperado.tipo}1" not in objetos


def test_una_relacion_con_una_via_coja_dice_que_faltan_nodos(tmp_path: Path) -> None:
    _, sin_armar = armar(tmp_path, "w1 v1 Nn1,n2,n99,n1\nr1 v1 Ttype=multipolygon Mw1@outer")
    assert [(s.tipo, s.motivo) for s in sin_armar] == [("w", "faltan_nodos"), ("r", "faltan_nodos")]


def test_otras_relaciones_se_leen_sin_area_ni_queja(tmp_path: Path) -> None:
    objetos, sin_armar = armar(tmp_path, "w1 v1 Thighway=path Nn1,n2\nr1 v1 Ttype=route Mw1@,r1@bucle")
    assert "r1" not in objetos
    assert not sin_armar


def test_un_archivo_sin_metadatos_los_deja_vacios(tmp_path: Path) -> None:
    objetos, _ = armar(tmp_path, "n9 Tshop=bakery x0.1 y0.2")
    crudo = objetos["n9"].crudo
    assert [crudo.version, crudo.cuando, crudo.uid, crudo.usuario, crudo.conjunto] == [None] * 5


def test_un_archivo_desordenado_se_lee_ordenandolo(tmp_path: Path) -> None:
    ruta = xml(
        tmp_path,
        '<relation id="1"><member type="way" ref="1" role="outer"/><tag k="type" v="multipolygon"/></relation>'
        '<way id="1"><nd ref="3"/><nd ref="1"/><nd ref="2"/><nd ref="3"/></way>'
        '<node id="3" lat="0" lon="0"/><node id="1" lat="1" lon="0"/><node id="2" lat="0" lon="1"/>',
    )
    with abrir(ruta) as abierto:
        with pytest.raises(Desordenado):
            list(Lectura(abierto))
        with ordenado(abierto) as bien:
            formas = {o.tipo: forma(o).geom_type for o in Lectura(bien) if isinstance(o, Objeto)}
    assert formas == {"w": "LineString", "r": "Polygon"}


@pytest.mark.parametrize("ids", [(2, 1), (1, 1), (5, 3)])
def test_las_vias_desordenadas_o_repetidas_se_leen_ordenandolas(tmp_path: Path, ids: tuple[int, int]) -> None:
    vias = "".join(f'<way id="{i}" version="{v}"><nd ref="1"/><nd ref="2"/></way>' for v, i in enumerate(ids, 1))
    ruta = xml(tmp_path, '<node id="1" lat="1" lon="1"/><node id="2" lat="2" lon="2"/>' + vias)
    with abrir(ruta) as abierto:
        with pytest.raises(Desordenado):
            list(Lectura(abierto))
        with ordenado(abierto) as bien:
            assert [v.id for v in Lectura(bien) if isinstance(v, Via)] == sorted(set(ids))


def test_los_ids_negativos_se_omiten_y_se_cuentan(tmp_path: Path) -> None:
    sueltos = tmp_path / "nodos.opl"
    ruta = archivo(
        tmp_path,
        "n-1 x0 y0\nn-2 Tshop=yes x0 y1\nn3 x1 y1\nn4 x2 y2\n"
        "w-5 Thighway=path Nn3,n4\nw6 Thighway=path Nn3,n4\nw7 Nn-1,n3",
    )
    with abrir(ruta) as abierto:
        lectura = Lectura(abierto, sueltos)
        vias = [v.id for v in lectura if isinstance(v, Via)]
    filas = b"".join(nodos.filas(sueltos, lectura.omitidos))
    assert vias == [6, 7]
    assert [fila.split(b"\t")[0] for fila in filas.splitlines()] == [b"3", b"4"]
    assert lectura.omitidos == Counter({"id_negativo": 3})
    assert lectura.sin_armar == [SinArmar("w", 7, "faltan_nodos", [-1], 1)]


def xml(carpeta: Path, objetos: str) -> Path:
    ruta = carpeta / "a_mano.osm"
    ruta.write_text(f'<osm version="0.6">{objetos}</osm>', encoding="utf-8")
    return ruta


def test_lo_borrado_y_lo_que_no_tiene_lugar_se_omite(tmp_path: Path) -> None:
    sueltos = tmp_path / "nodos.opl"
    ruta = xml(
        tmp_path,
        '<node id="1" version="2" visible="false" lat="1" lon="1"/><node id="2"/><node id="3" lat="1" lon="1"/>'
        '<node id="4"><tag k="shop" v="yes"/></node><way id="1" visible="false"><nd ref="3"/><nd ref="3"/></way>',
    )
    with abrir(ruta) as abierto:
        lectura = Lectura(abierto, sueltos)
        assert list(lectura) == []
    assert nodos.contar(b"".join(nodos.filas(sueltos, lectura.omitidos))) == 1
    assert lectura.omitidos == Counter({"borrado": 2, "sin_lugar": 2})


@pytest.mark.parametrize(("lon", "lat"), [("-180.0000001", "3"), ("3", "90.5"), ("200", "0"), ("0", "-100")])
def test_un_nodo_suelto_fuera_del_mundo_se_rechaza(tmp_path: Path, lon: str, lat: str) -> None:
    sueltos = tmp_path / "nodos.opl"
    orilla = '<node id="1" lat="-90" lon="-180"/><node id="2" lat="90" lon="180"/>'
    with abrir(xml(tmp_path, f'{orilla}<node id="3" lat="{lat}" lon="{lon}"/>')) as abierto:
        list(Lectura(abierto, sueltos))
    with pytest.raises(CoordenadaFuera, match="El nodo 3"):
        list(nodos.filas(sueltos, Counter()))


# Sin el último plano de Unicode (uso privado), que el escritor OPL de osmium no sabe escribir.
usuarios = st.text(
    st.characters(max_codepoint=0xFFFFF, blacklist_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\\% ,=@\u00a0"),
    min_size=1,
    max_size=20,
)
grados = st.integers(-1_800_000_000, 1_800_000_000)


@st.composite
def sueltos_al_azar(draw: st.DrawFn) -> Nodo:
    con = draw(st.booleans())
    cuando = draw(st.integers(1, 2_000_000_000)) if con else None
    return Nodo(
        draw(st.integers(1, 2**40)),
        draw(st.none() | st.integers(1, 10**6)),
        None if cuando is None else datetime.fromtimestamp(cuando, UTC),
        draw(st.none() | st.integers(1, 2**31 - 1)),
        draw(st.none() | usuarios),
        draw(st.none() | st.integers(1, 2**32 - 1)),
        {},
        False,
        draw(grados) / 1e7,
        draw(grados) / 2e7,
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dados=st.lists(sueltos_al_azar(), min_size=1, max_size=8, unique_by=lambda n: n.id))
def test_los_nodos_sueltos_pasan_en_bloque_sin_perder_nada(tmp_path: Path, dados: list[Nodo]) -> None:
    entrada, salida = tmp_path / "a.opl", tmp_path / "b.opl"
    entrada.write_text("".join(map(renglon, dados)), encoding="utf-8")
    with osmium.SimpleWriter(osmium.io.File(str(salida), "opl"), overwrite=True) as escritor:
        for nodo in osmium.FileProcessor(osmium.io.File(str(entrada), "opl")):
            escritor.add(nodo)
    texto = b"".join(nodos.filas(salida, Counter())).decode()
    filas = [dict(zip(nodos.COLUMNAS, fila.split("\t"), strict=True)) for fila in texto.split("\n")[:-1]]
    assert [int(f["id"]) for f in filas] == [n.id for n in dados]
    for fila, nodo in zip(filas, dados, strict=True):
        assert fila["usuario"] == ("\\N" if nodo.usuario is None else copiado(nodo.usuario))
        assert fila["version"] == ("\\N" if nodo.version is None else str(nodo.version))
        assert fila["conjunto"] == ("\\N" if nodo.conjunto is None else str(nodo.conjunto))
        assert fila["uid"] == ("\\N" if nodo.uid is None else str(nodo.uid))
        assert fila["cuando"] == ("\\N" if nodo.cuando is None else nodo.cuando.strftime("%Y-%m-%dT%H:%M:%SZ"))
        assert (float(fila["lon"]), float(fila["lat"])) == (round(nodo.lon or 0, 7), round(nodo.lat or 0, 7))


def copiado(texto: str) -> str:
    return texto.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(textos=st.lists(st.tuples(usuarios, usuarios), min_size=1, max_size=4, unique_by=lambda t: t[0]), rol=usuarios)
def test_lo_que_se_escribe_en_opl_se_lee_igual(tmp_path: Path, textos: list[tuple[str, str]], rol: str) -> None:
    etiquetas = dict(textos)
    via = Via(7, 2, None, 5, textos[0][1], None, etiquetas, False, [1, 2, 1])
    relacion = Relacion(8, None, None, None, None, 4, etiquetas, False, ["n1", "w7", "r8"], ["", rol, "x"])
    ruta = tmp_path / "x.opl"
    ruta.write_text(renglon(via) + renglon(relacion), encoding="utf-8")
    leidos = [o for o in Lectura(Archivo("x", ruta, "opl")) if not isinstance(o, Objeto)]
    assert leidos == [via, relacion]


REALES = {
    "belice-2015-08-23.osm.pbf": (249230, 20538, 110),
    "gibraltar-2017-09-03.osm.pbf": (29108, 3833, 55),
    "liechtenstein-2013-08-03.osm.pbf": (65733, 7121, 113),
    "monaco-2012-07-06.osm.gz": (13739, 1944, 77),
    "monaco-2026-03-10.osm.pbf": (41361, 6180, 346),
    "callao-peru-2017-07-31.osm": (3354, 605, 64),
    "merida-mx-sin-metadatos.osm": (816, 142, 3),
}


@pytest.mark.parametrize("nombre", REALES)
def test_los_extractos_reales_se_leen_completos(tmp_path: Path, nombre: str) -> None:
    sueltos = tmp_path / "nodos.opl"
    with abrir(datos_reales(f"osm/{nombre}")) as abierto:
        lectura = Lectura(abierto, sueltos)
        cuenta = Counter(type(cosa) for cosa in lectura)
    cuenta[Nodo] += sum(map(nodos.contar, nodos.filas(sueltos, lectura.omitidos)))
    assert (cuenta[Nodo], cuenta[Via], cuenta[Relacion]) == REALES[nombre]
    assert not lectura.omitidos
    vias_sin_forma = sum(1 for s in lectura.sin_armar if s.tipo == "w" and s.motivo != "contorno_roto")
    assert cuenta[Objeto] >= cuenta[Via] - vias_sin_forma


def test_el_pueblo_de_las_pruebas_se_lee_entero(tmp_path: Path) -> None:
    with abrir(archivo(tmp_path, PUEBLO)) as abierto:
        assert Counter(type(c).__name__ for c in Lectura(abierto)) == {"Nodo": 1, "Via": 4, "Relacion": 1, "Objeto": 6}
