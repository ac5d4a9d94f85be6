"""La red de calles: uniones, grupos y puntas, contra cuentas hechas de otra manera."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.revisiones.base.casos import leer
from geo.revisiones.base.plano import mismo_plano, niveles
from geo.revisiones.base.red import A_PIE, componentes, iguales, rango

ARISTAS = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(ARISTAS)
def test_los_grupos_son_los_que_da_recorrer_vecino_por_vecino(aristas: list[tuple[int, int]]) -> None:
    vecinos: dict[int, set[int]] = {v: {v} for v in range(30)}
    for a, b in aristas:
        vecinos[a].add(b)
        vecinos[b].add(a)
    esperado = []
    for v in range(30):
        visto, pendientes = {v}, [v]
        while pendientes:
            nuevos = vecinos[pendientes.pop()] - visto
            visto |= nuevos
            pendientes += nuevos
        esperado.append(min(visto))
    i, j = np.array(aristas, dtype=np.int64).reshape(-1, 2).T
    assert componentes(30, i, j).tolist() == esperado


def test_una_cadena_larga_es_un_solo_grupo() -> None:
    orden = np.random.default_rng(3).permutation(200_000)
    assert (componentes(200_000, orden[:-1], orden[1:]) == 0).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=12), st.lists(st.integers(0, 5), max_size=12))
def test_iguales_da_todos_los_pares_y_sólo_esos(a: list[int], b: list[int]) -> None:
    i, j = iguales(np.array(a, dtype=np.int64), np.array(b, dtype=np.int64))
    pares = list(zip(i.tolist(), j.tolist(), strict=True))
    assert sorted(pares) == [(x, y) for x in range(len(a)) for y in range(len(b)) if a[x] == b[y]]


def test_puntas_sueltas_y_usos() -> None:
    (caso,) = leer(
        "caso: una T, un lazo y una calle incompleta\n"
        "w1 highway=residential | 0,0 50,0 100,0\n"
        "w2 highway=residential | 50,0 50,40\n"
        "w3 highway=service | 0,0 0,30 10,40 -10,40 0,30\n"
        "w4 highway=service | 100,0 ?\n"
        "w5 building=yes | 50,40 60,40 60,50 50,40\n"
    )
    mundo = caso.mundo()
    nodos, sueltas = mundo.red.puntas(mundo.calles.via)
    assert mundo.calles.clave == ["w1", "w2", "w3"]
    assert sueltas.tolist() == [[False, False], [False, True], [False, False]]
    assert mundo.red.usos[nodos[0]].tolist() == [2, 2]
    assert len(set(mundo.red.grupos()[:4].tolist())) == 1


def test_planos_niveles_y_rangos() -> None:
    assert niveles({"level": "-1-1;3"}) == {"-1", "0", "1", "3"}
    assert niveles({"level": "planta baja"}) == {"planta baja"}
    assert len(niveles({"level": "0-999999999"})) == 1
    assert mismo_plano({}, {"layer": "0", "bridge": "no", "level": "0"})
    assert not mismo_plano({}, {"layer": "1"})
    assert rango({"highway": "motorway"}) == 0
    assert rango({"highway": "steps"}) == A_PIE
    assert rango({"highway": "calle"}) == rango({"highway": "residential"})
