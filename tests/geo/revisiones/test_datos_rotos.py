"""Datos sin pies ni cabeza: ninguna regla se rompe, y lo que dicen no cambia con el orden en que llegan."""

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.revisiones.base.areas import Relacion
from geo.revisiones.base.casos import SISTEMA
from geo.revisiones.base.mundo import Columnas, Mundo
from geo.revisiones.motor import Resultado, revisar

ETIQUETAS = st.sampled_from(
    [
        {},
        {"building": "yes"},
        {"building": "no"},
        {"building": ""},
        {"landuse": "grass"},
        {"highway": "residential"},
        {"highway": "footway", "area": "yes"},
        {"barrier": "fence"},
    ]
)
# Dieciséis nodos en nueve lugares; el 99 nunca viene.
VIA = st.tuples(ETIQUETAS, st.lists(st.sampled_from([*range(1, 17), 99]), max_size=9), st.booleans())
RELACION = st.tuples(
    ETIQUETAS, st.lists(st.tuples(st.integers(1, 7), st.sampled_from(["outer", "inner", ""])), max_size=4)
)


def _columnas(
    vias: list[tuple[dict[str, str], list[int], bool]], relaciones: list[tuple[dict[str, str], list[tuple[int, str]]]]
) -> Columnas:
    columnas = Columnas()
    for nodo in range(1, 17):
        columnas.nodo_id.append(nodo)
        columnas.nodo_version.append(1)
        columnas.lon.append(round(-98.7 + (nodo % 9 % 3) * 1e-4, 7))
        columnas.lat.append(round(20.1 + (nodo % 9 // 3) * 1e-4, 7))
        if nodo % 3 == 0:
            columnas.etiquetas_de_nodo[nodo] = {"natural": "tree"}
    for numero, (etiquetas, nodos, cierra) in enumerate(vias, 1):
        columnas.via_id.append(numero)
        columnas.via_version.append(1)
        columnas.via_nodos.append([*nodos, *(nodos[:1] if cierra else [])])
        columnas.via_etiquetas.append(etiquetas)
    for numero, (etiquetas, miembros) in enumerate(relaciones, 1):
        partes = tuple(("w", via, papel) for via, papel in miembros)
        columnas.relaciones.append(Relacion(numero, 1, {"type": "multipolygon", **etiquetas}, partes))
    return columnas


def _dichos(resultado: Resultado) -> list[tuple[object, ...]]:
    return [(h.codigo, h.nivel, h.objetos, h.frase, dict(h.datos), h.lugar, h.huella) for h in resultado.hallazgos]


@settings(max_examples=80, deadline=None)
@given(st.lists(VIA, max_size=6), st.lists(RELACION, max_size=2))
def test_ninguna_regla_se_rompe(
    vias: list[tuple[dict[str, str], list[int], bool]], relaciones: list[tuple[dict[str, str], list[tuple[int, str]]]]
) -> None:
    columnas = _columnas(vias, relaciones)
    resultado = revisar(Mundo(columnas, SISTEMA))
    assert resultado.fallas == []
    al_reves = _columnas(vias, relaciones)
    for lista in (al_reves.via_id, al_reves.via_nodos, al_reves.via_etiquetas, al_reves.relaciones):
        lista.reverse()
    assert _dichos(revisar(Mundo(al_reves, SISTEMA))) == _dichos(resultado)


def test_sin_datos_no_hay_hallazgos() -> None:
    resultado = revisar(Mundo(Columnas()))
    assert (resultado.hallazgos, resultado.fallas) == ([], [])
