"""Lo que las revisiones de calles prometen de todos los datos: dependen sólo de lo cercano y nada las tumba."""

import itertools
import time

import numpy as np
import pytest
import shapely

from geo.pueblo import generar
from geo.revisiones.base.casos import SISTEMA
from geo.revisiones.base.hallazgo import Hallazgo
from geo.revisiones.base.mundo import Columnas, Mundo
from geo.revisiones.base.regla import Ajustes, Regla
from geo.revisiones.catalogo import POR_CODIGO
from tests.bancos.calidad import SEMILLA, columnas

DE_VIAS = [POR_CODIGO[c] for c in ("E-NODO", "E-AGUA", "E-CASI", "E-ISLA", "E-CRUD", "E-CLAS")]
LOCALES = [regla for regla in DE_VIAS if regla.alcance_m is not None]


@pytest.fixture(scope="module")
def pueblo() -> Columnas:
    return columnas(generar(SEMILLA).osm)


def _dicho(h: Hallazgo) -> tuple[object, ...]:
    return h.nivel, h.objetos, h.frase, tuple(np.round(h.lugar, 3)), dict(h.datos)


@pytest.mark.parametrize("regla", LOCALES, ids=lambda r: r.codigo)
def test_el_hallazgo_depende_solo_de_lo_que_pasa_cerca(regla: Regla, pueblo: Columnas) -> None:
    """Con sólo los objetos que llegan a su alcance, dice lo mismo; y no dice ahí nada más."""
    mundo = Mundo(pueblo, SISTEMA)
    todos = list(regla.revisar(mundo, Ajustes()))
    assert todos
    for hallazgo in todos[:: max(1, len(todos) // 5)]:
        cerca = _alrededor(mundo, pueblo, hallazgo.lugar, float(regla.alcance_m or 0) + 0.01)
        ahi = [
            h
            for h in regla.revisar(Mundo(cerca, SISTEMA), Ajustes())
            if np.hypot(*np.subtract(h.lugar, hallazgo.lugar)) < 0.001
        ]
        assert [_dicho(h) for h in ahi] == [
            _dicho(h) for h in todos if np.hypot(*np.subtract(h.lugar, hallazgo.lugar)) < 0.001
        ]


def _alrededor(mundo: Mundo, todas: Columnas, lugar: tuple[float, float], radio: float) -> Columnas:
    punto = shapely.Point(lugar)
    claves = set()
    for capa in (mundo.lineales, mundo.superficies):
        claves |= {capa.clave[k] for k in capa.arbol.query(punto, predicate="dwithin", distance=radio)}
    relaciones = [r for r in todas.relaciones if f"r{r.id}" in claves]
    vias = {int(c[1:]) for c in claves if c[0] == "w"} | {n for r in relaciones for t, n, _ in r.miembros if t == "w"}
    cuales = [k for k, v in enumerate(todas.via_id) if v in vias]
    nodos = {n for k in cuales for n in todas.via_nodos[k]}
    quedan = [k for k, n in enumerate(todas.nodo_id) if n in nodos]
    return Columnas(
        nodo_id=[todas.nodo_id[k] for k in quedan],
        nodo_version=[1] * len(quedan),
        lon=[todas.lon[k] for k in quedan],
        lat=[todas.lat[k] for k in quedan],
        etiquetas_de_nodo={n: e for n, e in todas.etiquetas_de_nodo.items() if n in nodos},
        via_id=[todas.via_id[k] for k in cuales],
        via_version=[1] * len(cuales),
        via_nodos=[todas.via_nodos[k] for k in cuales],
        via_etiquetas=[todas.via_etiquetas[k] for k in cuales],
        relaciones=relaciones,
    )


@pytest.mark.parametrize("regla", DE_VIAS, ids=lambda r: r.codigo)
def test_el_orden_en_que_llegan_los_datos_no_cambia_lo_que_se_dice(regla: Regla, pueblo: Columnas) -> None:
    azar = np.random.default_rng(7).permutation(len(pueblo.via_id))
    revuelto = Columnas(
        pueblo.nodo_id[::-1], pueblo.nodo_version[::-1], pueblo.lon[::-1], pueblo.lat[::-1], pueblo.etiquetas_de_nodo,
        *([lista[k] for k in azar] for lista in (pueblo.via_id, pueblo.via_version, pueblo.via_nodos, pueblo.via_etiquetas)),
        relaciones=pueblo.relaciones[::-1],
    )  # fmt: skip
    uno, otro = ([_dicho(h) for h in regla.revisar(Mundo(c, SISTEMA), Ajustes())] for c in (pueblo, revuelto))
    assert uno == otro


@pytest.mark.parametrize("regla", DE_VIAS, ids=lambda r: r.codigo)
def test_nada_de_lo_roto_la_tumba(regla: Regla) -> None:
    """Vías sin nodos, de uno solo, con todos en un lugar, sin un nodo, y muchas calles por un mismo nodo."""
    ids = list(range(1, 12))
    tipos = [
        {"highway": "primary"},
        {"waterway": "stream"},
        {"highway": "service", "area": "yes"},
        {"natural": "water"},
    ]
    listas = [[], [1], [1, 1], [1, 2], [2, 1, 2], [3, 99], [99], [1, 2, 3, 1], [4, 5, 6, 4, 5], [7, 7, 8, 8, 7]]
    trazos = [*itertools.product(listas, tipos), *(([n, 1], tipos[0]) for n in ids)]
    rotas = Columnas(
        nodo_id=ids,
        nodo_version=[1] * len(ids),
        lon=[-98.7 + n % 4 * 1e-4 for n in ids],
        lat=[20.1 + n // 4 * 1e-4 for n in ids],
        via_id=list(range(1, len(trazos) + 1)),
        via_version=[1] * len(trazos),
        via_nodos=[nodos for nodos, _ in trazos],
        via_etiquetas=[etiquetas for _, etiquetas in trazos],
    )
    list(regla.revisar(Mundo(rotas, SISTEMA), Ajustes()))
    assert list(regla.revisar(Mundo(Columnas(), SISTEMA), Ajustes())) == []


def test_una_carretera_hecha_de_miles_de_pedazos_no_detiene_a_e_clas() -> None:
    n = 10_000
    cadena = Columnas(
        nodo_id=list(range(n + 1)),
        nodo_version=[1] * (n + 1),
        lon=[-98.7 + k * 1e-7 for k in range(n + 1)],
        lat=[20.1] * (n + 1),
        via_id=list(range(1, n + 1)),
        via_version=[1] * n,
        via_nodos=[[k, k + 1] for k in range(n)],
        via_etiquetas=[{"highway": "primary", "name": f"Calle {k}"} for k in range(n)],
    )
    inicio = time.perf_counter()
    assert list(POR_CODIGO["E-CLAS"].revisar(Mundo(cadena, SISTEMA), Ajustes())) == []
    assert time.perf_counter() - inicio < 5
