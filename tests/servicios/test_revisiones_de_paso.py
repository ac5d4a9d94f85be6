"""Lo que un cambio toca sin que se vea en su forma: rutas, áreas rotas, transbordadores, el límite del municipio."""

import pytest
from sqlalchemy import text

from tareas.calidad.revisiones import consultas, servicio
from tests.fabrica import municipio
from tests.servicios.test_revisiones import aplicar, guardados, importar

LON, LAT = -98.75, 20.10
M = 1 / 111_320


def n(numero, x, y, et="", v=1):
    return f"n{numero} v{v} dV c1 t2026-02-01T10:00:00Z i7 uAna T{et} x{LON + x * M * 1.065:.7f} y{LAT + y * M:.7f}"


def w(numero, refs, et="", v=1, estado="V"):
    resto = f" T{et} N{','.join(f'n{r}' for r in refs)}" if estado == "V" else ""
    return f"w{numero} v{v} d{estado} c1 t2026-02-01T10:0{v}:00Z i7 uAna{resto}"


def r(numero, miembros, et="", v=1, estado="V"):
    resto = f" T{et} M{','.join(miembros)}" if estado == "V" else ""
    return f"r{numero} v{v} d{estado} c1 t2026-02-01T10:0{v}:00Z i7 uAna{resto}"


def orden(renglones):
    return "\n".join(sorted(renglones, key=lambda t: ("nwr".index(t[0]), int(t.split()[0][1:]))))


def compara(bd, lugar):
    resumen = servicio.poner_al_dia(bd, lugar)
    por_partes = guardados(bd)
    servicio.poner_al_dia(bd, lugar, entera=True)
    ahora = guardados(bd)
    return resumen, [h[:3] for h in por_partes if h not in ahora], [h[:3] for h in ahora if h not in por_partes]


BASE = [n(1, 0, 0), n(2, 200, 0), n(3, 20, 30), n(4, 40, 30), n(5, 60, 30), w(10, [1, 2], "highway=residential")]
CASOS = {
    "algo lejos de una ruta larga": (
        [
            *BASE,
            n(6, 900, 0),
            n(7, 901, 300),
            w(12, [2, 6], "highway=residential"),
            w(15, [6, 7], "highway=residential"),
            r(20, ["w10@", "w12@", "w15@"], "type=route,route=bus,name=AVENIDA%20%JUAREZ"),
        ],
        [n(1, 1, 0, v=2)],
    ),
    "ruta borrada deja vía sin etiquetas": (
        [*BASE, w(11, [3, 4, 5]), r(20, ["w11@"], "type=route,route=bus")],
        [r(20, [], v=2, estado="D")],
    ),
    "ruta nueva cubre vía sin etiquetas": ([*BASE, w(11, [3, 4, 5])], [r(20, ["w11@"], "type=route,route=bus")]),
    "ruta con mal nombre cambia de miembros": (
        [*BASE, r(20, ["w10@"], "type=route,route=bus,name=AVENIDA%20%JUAREZ")],
        [r(20, ["w10@", "n3@"], "type=route,route=bus,name=AVENIDA%20%JUAREZ", v=2)],
    ),
    "ruta cambia a mal nombre": (
        [*BASE, r(20, ["w10@"], "type=route,route=bus,name=Uno")],
        [r(20, ["w10@"], "type=route,route=bus,name=AVENIDA%20%JUAREZ", v=2)],
    ),
    "transbordador borrado aísla": (
        [
            *BASE,
            n(6, 400, 0),
            n(7, 300, 300),
            n(8, 400, 350),
            w(12, [7, 8], "highway=residential"),
            w(13, [2, 7], "route=ferry"),
        ],
        [w(13, [], v=2, estado="D")],
    ),
    "lago dibujado entre la isla y la red": (
        [
            *BASE,
            n(7, 50, 300),
            n(8, 150, 300),
            w(12, [7, 8], "highway=residential"),
            n(30, -300, 100),
            n(31, 500, 100),
            n(32, 500, 150),
            n(33, -300, 150),
        ],
        [w(14, [30, 31, 32, 33, 30], "natural=water")],
    ),
    "edificio unía dos redes por la puerta": (
        [
            *BASE,
            n(7, 200, 20),
            n(8, 200, 400),
            n(9, 220, 20),
            n(34, 220, 0),
            w(12, [7, 8], "highway=footway"),
            w(14, [2, 34, 9, 7, 2], "building=yes"),
        ],
        [w(14, [], v=2, estado="D")],
    ),
    "multipolígono roto borrado": (
        [
            *BASE,
            n(30, 0, 50),
            n(31, 30, 50),
            n(32, 30, 80),
            w(14, [30, 31, 32]),
            r(20, ["w14@outer"], "type=multipolygon,building=yes"),
        ],
        [r(20, [], v=2, estado="D")],
    ),
    "multipolígono roto nuevo": (
        [*BASE, n(30, 0, 50), n(31, 30, 50), n(32, 30, 80), w(14, [30, 31, 32])],
        [r(20, ["w14@outer"], "type=multipolygon,building=yes")],
    ),
    "plaza de relación une": (
        [
            *BASE,
            n(7, 200, 20),
            n(8, 200, 400),
            n(9, 220, 20),
            n(34, 220, 0),
            w(12, [7, 8], "highway=footway"),
            w(14, [2, 34, 9, 7, 2]),
        ],
        [r(20, ["w14@outer"], "type=multipolygon,highway=pedestrian")],
    ),
}

CASOS["se mueve un vértice y la vía lo deja"] = (
    [
        *BASE,
        n(6, 400, -50),
        n(7, 400, 50),
        n(8, 800, 0),
        w(12, [2, 8], "highway=residential"),
        w(13, [6, 7], "highway=residential"),
    ],
    [n(8, 210, 300, v=2), w(12, [2, 6], "highway=residential", v=2)],
)
CASOS["un nodo de cincuenta vías"] = (
    [
        *BASE,
        *[n(100 + k, 30 * (k % 10), 100 + 40 * (k // 10)) for k in range(50)],
        *[w(100 + k, [1, 100 + k], "highway=residential") for k in range(50)],
        w(12, [2, 4], "highway=residential"),
    ],
    [n(1, 150, 150, v=2)],
)
CASOS["se borra una vía de un edificio de relación"] = (
    [
        *BASE,
        *[
            n(30 + k, x, y)
            for k, (x, y) in enumerate([(0, 50), (30, 50), (30, 80), (0, 80), (10, 60), (20, 60), (20, 70)])
        ],
        w(14, [30, 31, 32, 33, 30]),
        w(15, [34, 35, 36, 34]),
        r(20, ["w14@outer", "w15@inner"], "type=multipolygon,building=yes"),
    ],
    [w(15, [], v=2, estado="D")],
)


@pytest.mark.parametrize("caso", list(CASOS))
def test_queda_lo_mismo_que_revisando_todo(bd, tmp_path, caso):
    antes, cambio = CASOS[caso]
    lugar = municipio(bd)
    importar(bd, tmp_path, orden(antes))
    servicio.poner_al_dia(bd, lugar)
    aplicar(bd, tmp_path, orden(cambio))
    _resumen, sobran, faltan = compara(bd, lugar)
    assert (sobran, faltan) == ([], [])


def test_un_limite_que_se_mueve_pide_revisar_todo(bd, tmp_path):
    lugar = municipio(bd)
    importar(bd, tmp_path, "\n".join([n(3, 20, 30), n(4, 40, 30), n(5, 60, 30), w(11, [3, 4, 5])]))
    servicio.poner_al_dia(bd, lugar)
    with bd.transaccion() as s:
        s.execute(
            text(
                "UPDATE municipio SET limite = ST_Multi(ST_MakeEnvelope(-98.76, 20.09, -98.74, 20.0995, 4326)), huella = '\\x01'"
            )
        )
    resumen, sobran, faltan = compara(bd, lugar)
    assert (resumen.entera, sobran, faltan) == (True, [], [])


def test_dos_hallazgos_del_mismo_cruce_no_impiden_guardar_los_demas(bd, tmp_path):
    lugar = municipio(bd)
    importar(
        bd,
        tmp_path,
        "\n".join(
            [
                n(1, 0, 0),
                n(2, 100, 0),
                n(3, 40, -30),
                n(4, 50, 0.3),
                n(5, 50.6, -0.3),
                n(6, 50.9, 0.3),
                n(7, 60, 30),
                w(1, [1, 2], "highway=residential"),
                w(2, [3, 4, 5, 6, 7], "waterway=stream"),
            ]
        ),
    )
    servicio.poner_al_dia(bd, lugar)
    assert guardados(bd)


def pares_de_mas(paso):
    """De cada paso de un plan, cuántos pares miró y no servían."""
    yield paso.get("Rows Removed by Join Filter", 0) * paso["Actual Loops"]
    for otro in paso.get("Plans", ()):
        yield from pares_de_mas(otro)


def test_un_cambio_de_miles_de_objetos_cuesta_lo_que_mide(bd, tmp_path):
    """Dos mil vértices movidos en mil casas que también cambiaron: comparar todos con todos serían dos millones de pares."""
    lugar = municipio(bd)
    nodos = [(k, 20 * (k % 50), 12 * (k // 50)) for k in range(1, 1001)]
    casas = [
        n(10 * k + j, x + dx, y + dy)
        for k, x, y in nodos
        for j, (dx, dy) in enumerate([(0, 0), (9, 0), (9, 7), (0, 7)])
    ]
    vias = [w(k, [10 * k, 10 * k + 1, 10 * k + 2, 10 * k + 3, 10 * k], "building=yes") for k, _, _ in nodos]
    importar(bd, tmp_path, "\n".join([*casas, *vias]))
    servicio.poner_al_dia(bd, lugar)
    movidos = [n(10 * k + j, x + 9.5, y + 7 * j - 7, v=2) for k, x, y in nodos for j in (1, 2)]
    cambiadas = [w(k, [10 * k, 10 * k + 1, 10 * k + 2, 10 * k + 3, 10 * k], "building=house", v=2) for k, _, _ in nodos]
    aplicar(bd, tmp_path, "\n".join([*movidos, *cambiadas]))
    with bd.lectura() as sesion:
        hasta = servicio.corte(sesion).cambio
        plan = sesion.execute(
            text(f"EXPLAIN (ANALYZE, FORMAT JSON) {consultas.SQL['tocado']}"),
            {"desde": 0, "hasta": hasta, "vias_maximas": 5_000},
        ).scalar_one()
    assert max(pares_de_mas(plan[0]["Plan"])) < 100_000
    _resumen, sobran, faltan = compara(bd, lugar)
    assert (sobran, faltan) == ([], [])
