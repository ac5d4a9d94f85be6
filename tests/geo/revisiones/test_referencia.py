"""Comparar con una referencia: las cifras por zona, lo que no se puede comparar, y que el orden no importe."""

import random
import time

import numpy as np
import pytest
import shapely
import shapely.affinity
from pyproj import CRS

from geo.crs import a_4326
from geo.formatos.archivo import leer_archivo
from geo.formatos.capas import LIMITES_CONSOLA
from geo.revisiones.base import referencia
from geo.revisiones.base.casos import ORIGEN, SISTEMA
from geo.revisiones.base.lectura import leer
from geo.revisiones.base.mundo import Columnas, Mundo
from geo.revisiones.base.referencia import Comparacion, desfase, preparar
from geo.revisiones.base.regla import Regla
from geo.revisiones.catalogo import CATALOGO
from geo.revisiones.desplazados.regla import ALCANCE
from geo.revisiones.motor import revisar
from geo.revisiones.referencia.zonas import medir
from geo.tipos import Geometrias
from tests.bancos import calidad
from tests.conftest import datos_reales

DE_REFERENCIA = tuple(r for r in CATALOGO if r.de_referencia)


def caja(x: float, y: float, ancho: float = 10, alto: float = 8) -> shapely.Polygon:
    return shapely.box(x, y, x + ancho, y + alto)


def grados(*metros: shapely.Geometry | None) -> Geometrias:
    """De metros desde un punto a EPSG:4326."""
    arreglo = np.array(metros, dtype=object)
    return a_4326(shapely.transform(arreglo, lambda p: p + np.array(ORIGEN)), SISTEMA)


def mundo(edificios: list[shapely.Polygon], huellas: Geometrias) -> Mundo:
    columnas = Columnas()
    for k, forma in enumerate(grados(*edificios)):
        puntos = shapely.get_coordinates(forma)[:-1]
        nodos = [100 * (k + 1) + n for n in range(len(puntos))]
        columnas.nodo_id += nodos
        columnas.nodo_version += [1] * len(nodos)
        columnas.lon += puntos[:, 0].tolist()
        columnas.lat += puntos[:, 1].tolist()
        columnas.via_id.append(k + 1)
        columnas.via_version.append(1)
        columnas.via_nodos.append([*nodos, nodos[0]])
        columnas.via_etiquetas.append({"building": "yes"})
    return Mundo(columnas, SISTEMA, huellas)


def test_las_cifras_de_cada_zona() -> None:
    fila = [caja(25 * k, 0) for k in range(8)]
    corridas = [caja(25 * k + 1, 2) for k in range(6)]
    lugar = mundo([*corridas, caja(400, 0)], grados(*fila, fila[0], caja(500, 0)))
    medida = medir(
        lugar, grados(shapely.box(-5, -5, 160, 30), shapely.box(160, -5, 450, 30), shapely.box(900, 0, 950, 9))
    )
    uno, dos, tres = medida.zonas
    assert (uno.n, uno.cubiertas, uno.faltan, uno.edificios, uno.sobran) == (8, 7, 1, 6, 0)
    assert uno.desfase is not None
    assert (uno.desfase.este, uno.desfase.norte) == pytest.approx((1, 2), abs=0.02)
    assert uno.desfase.dispersion == pytest.approx(0, abs=0.02)
    assert uno.desfase.n == 6
    assert (dos.n, dos.omision, dos.edificios, dos.sobran, dos.comision, dos.desfase) == (1, 1.0, 1, 1, 1.0, None)
    assert (tres.n, tres.omision, tres.comision) == (0, None, None)
    assert (medida.total.n, medida.total.cubiertas, medida.total.edificios, medida.total.sobran) == (9, 7, 7, 1)
    assert medir(lugar).total.n == 10


def test_de_quien_es_lo_que_cruza_una_raya_y_que_zonas_encimadas_no_cuentan_doble() -> None:
    lugar = mundo([caja(0, 0)], grados(caja(0, 0), caja(20, 0)))
    zona = shapely.box(-5, -5, 40, 30)
    medida = medir(lugar, grados(zona, zona))
    assert [c.n for c in medida.zonas] == [2, 0]
    assert medida.total.n == 2


def test_lo_que_no_es_una_huella_se_cuenta_y_lo_roto_se_repara() -> None:
    mono = shapely.Polygon([(0, 0), (10, 8), (10, 0), (0, 8)])
    con_altura = shapely.force_3d(caja(40, 0), 5.0)
    coleccion = shapely.GeometryCollection([shapely.Point(60, 0), caja(60, 0)])
    rara = grados(
        None, shapely.Polygon(), shapely.Point(0, 0), shapely.LineString([(0, 0), (5, 5)]), mono, con_altura, coleccion,
        shapely.Polygon([(0, 0), (5, 5), (10, 10)]), caja(0, 0, 2_000, 8), shapely.MultiPolygon([caja(80, 0), caja(95, 0)]),
    )  # fmt: skip
    lista = preparar(rara, SISTEMA)
    assert lista.omitidas == {"vacia": 2, "no_es_superficie": 2, "enorme": 1, "sin_extension": 1}
    assert shapely.is_valid(lista.geom).all()
    assert not shapely.has_z(lista.geom).any()
    assert sorted(shapely.area(lista.geom).round().tolist()) == [40, 80, 80, 160]


@pytest.mark.parametrize(
    "huellas", [grados(), grados(shapely.Point(1, 1)), grados(None)], ids=["nada", "puntos", "vacía"]
)
def test_una_referencia_sin_superficies_no_dice_nada(huellas: Geometrias) -> None:
    lugar = mundo([caja(0, 0)], huellas)
    resultado = revisar(lugar, DE_REFERENCIA)
    assert (resultado.hallazgos, resultado.fallas) == ([], [])
    assert medir(lugar).total.n == 0


def test_un_mundo_sin_edificios_con_referencia() -> None:
    lugar = Mundo(Columnas(), SISTEMA, grados(caja(0, 0)))
    assert [h.codigo for h in revisar(lugar, DE_REFERENCIA).hallazgos] == ["E-FALT"]
    assert medir(lugar).total.omision == 1.0


def test_sin_referencia_no_se_puede_medir() -> None:
    with pytest.raises(ValueError, match="referencia"):
        medir(Mundo(Columnas(), SISTEMA))


def test_el_orden_de_la_referencia_no_cambia_nada() -> None:
    azar = random.Random(7)
    huellas = [caja(15 * (k % 7), 15 * (k // 7), azar.uniform(5, 12), azar.uniform(5, 12)) for k in range(40)]
    edificios = [shapely.transform(h, lambda p: p + np.array([azar.uniform(-5, 5), 1])) for h in huellas[:30]]
    revueltas = huellas.copy()
    azar.shuffle(revueltas)
    uno, otro = (revisar(mundo(edificios, grados(*h)), DE_REFERENCIA).hallazgos for h in (huellas, revueltas))
    assert [(h.codigo, h.huella, h.datos) for h in uno] == [(h.codigo, h.huella, h.datos) for h in otro]
    assert uno


@pytest.mark.parametrize("semilla", range(6))
def test_las_parejas_son_las_mismas_que_midiendo_todos_los_pares(semilla: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Casas pegadas, corridas, deformadas, dobles y repetidas: de cada una hay varias que podrían ser su pareja."""
    azar = random.Random(semilla)
    paso = 4.0 + 2 * semilla
    huellas = [
        caja(paso * k, 9 * f, azar.choice((6, 7, 8)), azar.choice((6, 7, 8))) for k in range(20) for f in range(3)
    ]
    edificios = [
        shapely.affinity.translate(
            shapely.affinity.scale(h, azar.choice((1, 1, 1.05)), 1), azar.uniform(-6, 6), azar.choice((0, 0, 3))
        )
        for h in huellas
        if azar.random() < 0.9
    ]
    edificios += edificios[:3]
    unos, otros = (np.array(g, dtype=object) for g in (edificios, [*huellas, *huellas[:3]]))
    medidos: list[int] = []

    def contar(unas: Geometrias, otras: Geometrias, vector: np.ndarray) -> np.ndarray:
        medidos.append(len(unas))
        return parecido(unas, otras, vector)

    parecido = referencia._parecido
    monkeypatch.setattr(referencia, "_parecido", contar)
    pocos = Comparacion(unos, otros).parejas
    con_pocos = sum(medidos)
    monkeypatch.setattr(referencia, "SEGURO", 2.0)
    todos = Comparacion(unos, otros).parejas
    for campo in ("edificio", "huella", "vector"):
        np.testing.assert_array_equal(getattr(pocos, campo), getattr(todos, campo))
    assert len(pocos.edificio)
    assert con_pocos < sum(medidos) - con_pocos


@pytest.mark.parametrize("regla", DE_REFERENCIA, ids=lambda r: r.codigo)
def test_lo_que_esta_mas_lejos_que_el_alcance_no_cambia_lo_que_se_dice(regla: Regla) -> None:
    azar = random.Random(11)
    sitios = [(x, y) for x in range(-1200, 1201, 40) for y in range(-40, 41, 40)]
    huellas = [caja(x, y, azar.uniform(6, 20), azar.uniform(6, 20)) for x, y in sitios]
    quedan = [h for h in huellas if azar.random() < 0.8]
    pasos = [azar.choice([(0.0, 0.0), (4.5, 0.0), (0.0, 7.0)]) for _ in quedan]
    edificios = [shapely.affinity.translate(h, *paso) for h, paso in zip(quedan, pasos, strict=True)]
    centro = shapely.Point(0, 0)
    cerca = ALCANCE + 100

    def dichos(limite: float) -> set[str]:
        cercanas, edificados = ([g for g in todas if g.distance(centro) <= limite] for todas in (huellas, edificios))
        # Los ids van en las huellas de los hallazgos: aquí se compara por lugar y frase.
        hallazgos = revisar(mundo(edificados, grados(*cercanas)), [regla]).hallazgos
        ahi = grados(centro)[0]
        return {
            f"{h.lugar} {h.nivel} {dict(h.datos)}" for h in hallazgos if ahi.distance(shapely.Point(h.lugar)) < 0.0009
        }

    assert dichos(cerca) == dichos(5_000)


def test_montones_de_huellas_en_un_lugar_no_detienen_nada() -> None:
    azar = np.random.default_rng(3)
    huellas = grados(*[caja(*azar.uniform(0, 1, 2)) for _ in range(4_000)])
    inicio = time.perf_counter()
    resultado = revisar(mundo([caja(0, 0)] * 1, huellas), DE_REFERENCIA)
    assert resultado.fallas == []
    assert time.perf_counter() - inicio < 5


def test_el_desfase_aguanta_parejas_equivocadas() -> None:
    buenas = np.tile([[3.0, -1.0]], (11, 1))
    malas = np.tile([[50.0, 80.0]], (10, 1))
    medido = desfase(np.vstack([buenas, malas]))
    assert medido is not None
    assert (medido.este, medido.norte, medido.n) == (3.0, -1.0, 21)
    assert desfase(np.zeros((0, 2))) is None


def test_cuanto_de_cada_huella_esta_cubierto() -> None:
    edificios = np.array([caja(0, 0, 5), caja(5, 0, 2), caja(0, 0, 5)], dtype=object)
    junto = Comparacion(edificios, np.array([caja(0, 0), caja(30, 0), caja(0, 0, 4)], dtype=object))
    assert junto.cubierta.tolist() == pytest.approx([1.0, 0.0, 1.0])
    assert junto.huella_vista.tolist() == [True, False, True]
    assert junto.edificio_visto.tolist() == [True, True, True]


def test_lo_plantado_en_el_pueblo_se_halla() -> None:
    filas = {f["codigo"]: f for f in calidad.contra_lo_plantado("", (calidad.SEMILLA,))}
    assert [f for f in filas.values() if not f["bien"]] == []
    for codigo in ("E-FALT", "E-UNO", "E-DESP", "E-CLAS"):
        assert filas[codigo]["plantados"] >= 12


def test_la_cifra_de_los_municipios_sin_afinar_tambien_decide() -> None:
    buena, mala = calidad.fila_de("E-CLAS", [(48, 46, 46, 46)]), calidad.fila_de("E-CLAS", [(144, 132, 132, 132)])
    (fila,) = calidad.lado_a_lado([buena], [mala])
    assert (fila["exhaustividad"], fila["exhaustividad_sin_afinar"], fila["bien"]) == (0.958, 0.917, False)
    assert calidad.lado_a_lado([buena], [buena])[0]["bien"]
    assert set(calidad.SEMILLAS).isdisjoint(calidad.SIN_AFINAR)


def test_liechtenstein_2013_contra_los_edificios_de_2021() -> None:
    archivo = datos_reales("osm/liechtenstein-2013-08-03.osm.pbf")
    referencia = datos_reales("referencia/liechtenstein-edificios-osm-2021.gpkg")
    huellas = leer_archivo(referencia, limites=LIMITES_CONSOLA).capas[0].geometrias
    total = medir(Mundo(leer(archivo), CRS.from_epsg(2056), huellas)).total
    assert (total.n, total.cubiertas) == (14_032, 3_774)
    assert round(100 * total.cubiertas / total.n, 1) == 26.9
