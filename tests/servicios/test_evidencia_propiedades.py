"""Secuencias de cambios al azar: lo asentado, lo recontado y una cuenta aparte con shapely dan lo mismo."""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import affinity, wkt
from sqlalchemy import text

from tareas.calidad.evidencia import consultas, servicio
from tests.mundo_evidencia import Taller, calle, casa, esquina, min_, punto

YO, OTRA = 501, 777
GEOD = Geod(ellps="WGS84")
LUGARES = (-0.7, -0.1, 0.0, 0.3, 0.55, 0.95, 1.0, 1.6)
CLASES = {"edificio": "building", "via": "highway", "servicio": "shop", "otro": "barrier"}


class Estado(NamedTuple):
    """Cómo es un objeto en un momento: clase, WKT y etiquetas."""

    clase: str | None
    geom: str
    etiquetas: dict[str, str] | None


class Fila(NamedTuple):
    """Un cambio."""

    tipo: str
    osm_id: int
    version: int
    accion: str
    uid: int
    minuto: float
    antes: Estado | None
    despues: Estado | None


lugar = st.sampled_from(LUGARES)


@st.composite
def estados(dibujar: Any, tipo: str) -> Estado:
    if tipo == "vertice":
        return Estado(None, punto(5, dibujar(lugar), dibujar(lugar)), None)
    clase = dibujar(st.sampled_from(["servicio", "otro"] if tipo == "n" else list(CLASES)))
    x, y = dibujar(lugar), dibujar(lugar)
    if tipo == "n":
        geom = punto(5, x, y)
    elif clase == "via":
        geom = calle(5, x, y, dibujar(lugar) + 0.03, dibujar(lugar))
    else:
        geom = casa(5, x, y, 0.1)
    return Estado(clase, geom, {CLASES[clase]: dibujar(st.sampled_from(["yes", "a"]))})


@st.composite
def historias(dibujar: Any) -> list[Fila]:
    """De dos a cinco objetos, cada uno con sus versiones en orden, mías y ajenas, dentro y fuera de la ventana."""
    filas = []
    for osm_id in range(1, dibujar(st.integers(2, 5)) + 1):
        tipo = dibujar(st.sampled_from(["n", "w", "w", "vertice"]))
        nace = dibujar(st.booleans())
        antes = None if nace else dibujar(estados(tipo))
        minuto = dibujar(st.sampled_from([-3.0, -0.5, 1.0, 6.0]))
        for version in range(1 if nace else 2, dibujar(st.integers(2, 5)) + 1):
            muere = antes is not None and dibujar(st.integers(0, 3)) == 0
            igual = antes is not None and dibujar(st.integers(0, 3)) == 0
            despues = None if muere else antes if igual else dibujar(estados(tipo))
            accion = "crear" if antes is None else "borrar" if muere else "modificar"
            uid = YO if dibujar(st.integers(0, 3)) else OTRA
            filas.append(
                Fila(tipo[0] if tipo != "vertice" else "n", osm_id, version, accion, uid, minuto, antes, despues)
            )
            antes, minuto = despues, minuto + dibujar(st.sampled_from([0.5, 3.0, 9.0]))
    return filas


def contar(filas: list[Fila], zona: shapely.Polygon) -> dict[str, Any]:
    """La misma cuenta, sin la base."""
    corrida = affinity.translate(zona, 3.1415926e-9, 2.7182818e-9)
    suma: dict[str, Any] = dict.fromkeys(consultas.CUENTAS, 0)
    del suma["segundos_edicion"], suma["conjuntos"], suma["lejos_m"], suma["fuera_aparte"]
    mias = [f for f in filas if f.uid == YO and -1 <= f.minuto < 10]
    suma["guardados"] = len({max(f.minuto, 0) for f in mias})

    def dentro(e: Estado | None) -> bool:
        if e is None:
            return False
        g = wkt.loads(e.geom)
        return bool(corrida.intersects(g.representative_point() if e.clase == "edificio" else g))

    def metros(e: Estado | None) -> float:
        if e is None or e.clase != "via":
            return 0.0
        return round(GEOD.geometry_length(corrida.intersection(wkt.loads(e.geom))), 3)

    for osm_id in {f.osm_id for f in mias}:
        suyas = sorted((f for f in mias if f.osm_id == osm_id), key=lambda f: f.version)
        antes, despues = suyas[0].antes, suyas[-1].despues
        vertice = all(e is None or not e.etiquetas for e in (antes, despues)) and suyas[0].tipo == "n"
        igual = (
            antes is not None
            and despues is not None
            and (antes.geom, antes.etiquetas) == (despues.geom, despues.etiquetas)
        )
        if antes is despues is None:
            continue
        es = dentro(antes) or dentro(despues)
        if vertice:
            if antes and despues and not igual:
                suma["vertices_movidos" if es else "vertices_fuera"] += 1
            continue
        if igual and len(suyas) > 1:
            continue
        que = "creados" if antes is None else "borrados" if despues is None else "modificados"
        suma[f"{'dentro' if es else 'fuera'}_{que}"] += 1
        cambio = metros(despues) - metros(antes)
        suma["metros_vias"] += cambio
        for columna, clase in (("edificios", "edificio"), ("puntos", "servicio")):
            hay, habia = (e is not None and e.clase == clase and dentro(e) for e in (despues, antes))
            suma[columna] += hay - habia
            if que == "creados":
                suma[f"{columna}_creados"] += hay
            if que == "borrados" and columna == "edificios":
                suma["edificios_borrados"] += habia
        if que == "creados":
            suma["metros_vias_creadas"] += cambio
    return suma


@pytest.fixture
def taller(bd, elenco):
    t = Taller(bd, elenco.proyecto)
    t.vincular(elenco.mapeadora, YO)
    t.turno(elenco.mapeadora, 5, min_(0), min_(10))
    return t


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filas=historias())
def test_lo_asentado_es_lo_recontado_y_lo_que_cuenta_shapely(taller, filas):
    taller_de = Taller(taller.bd, taller.proyecto)
    oeste, sur = esquina(5)
    zona = shapely.box(round(oeste, 12), sur, oeste + 0.001, sur + 0.001)
    with taller.bd.transaccion() as sesion:
        sesion.execute(text("DELETE FROM osm_cambio"))
        sesion.execute(text("DELETE FROM evidencia"))
    for f in filas:
        despues, antes = f.despues or Estado(None, None, None), f.antes or Estado(None, None, None)
        taller_de.cambio(
            f.uid, min_(f.minuto), f.tipo, f.osm_id, f.version, f.accion,
            clase=despues.clase, geom=despues.geom, etiquetas=despues.etiquetas, antes=tuple(antes),
        )  # fmt: skip
    taller_de.datos_hasta(min_(60) + timedelta(hours=1))
    with taller.bd.transaccion() as sesion:
        vivo = consultas.de_tarea(sesion, taller.proyecto, 5)[-1]
        assert servicio.asentar(sesion) == 1
        firme = consultas.de_tarea(sesion, taller.proyecto, 5)[-1]
        assert consultas.diferencias(sesion) == []
    assert {c: vivo[c] for c in consultas.CUENTAS} == {c: firme[c] for c in consultas.CUENTAS}
    esperado = contar(filas, zona)
    obtenido = {c: firme[c] for c in esperado}
    for c in ("metros_vias", "metros_vias_creadas"):
        assert obtenido.pop(c) == pytest.approx(esperado.pop(c), abs=0.02)
    assert obtenido == esperado
