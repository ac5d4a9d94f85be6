"""Las medidas de historias al azar, contra un recuento aparte: listas de Python, sin SQL ni las fórmulas de la aplicación."""

import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fabrica import persona, proyecto
from tests.mundo_medidas import MARZO, Diario

CARGAN = ("E-ESC", "E-TRAS", "E-FALT", "E-NODO")
CODIGOS = (*CARGAN, "E-IMG")


@dataclass(frozen=True)
class Vuelta:
    """Una entrega de una tarea y lo que se dijo de ella; ``demora`` y ``espera``, en minutos."""

    autora: int
    objetos: int | None
    demora: int
    espera: int
    veredicto: str
    codigos: tuple[str, ...]
    segundos: int | None
    error_antes: bool
    a_ciegas: str | None
    disputa: str | None
    revisa: int


def inventar(semilla, tareas):
    """Una historia: de cada tarea, sus vueltas. La última puede quedar devuelta: nadie la corrigió todavía."""
    azar = Random(semilla)

    def vuelta():
        return Vuelta(
            autora=azar.randrange(3),
            objetos=azar.choice([None, *(azar.randint(0, 60) for _ in range(3))]),
            demora=azar.randint(1, 20_000),
            espera=azar.randint(0, 9_000),
            veredicto=azar.choice(["aceptada", "aceptada", "con_arreglos", "devuelta", "devuelta"]),
            codigos=tuple(azar.choices(CODIGOS, k=azar.randint(0, 3))),
            segundos=azar.choice([None, azar.randint(1, 4_000), azar.randint(1, 4_000)]),
            error_antes=azar.random() < 0.3,
            a_ciegas=azar.choice([None, "aceptada", "aceptada", "devuelta"]),
            disputa=azar.choice([None, "sostenida", "a_favor"]),
            revisa=azar.randrange(3),
        )

    return [[vuelta() for _ in range(azar.randint(1, 3))] for _ in range(tareas)]


@dataclass(frozen=True)
class Dicho:
    """Un dictamen en pie, de los que juzgan o de los que resuelven una disputa."""

    tarea: int
    entrega: int
    autora: int
    cuando: datetime
    devuelve: bool
    segundos: int | None
    codigos: tuple[str, ...]
    juzga: bool
    resultado: str | None
    entregada: datetime
    objetos: int | None
    revisa: int


@dataclass(frozen=True)
class Pareja:
    """Lo que dijo quien juzgó y lo que dijo quien juzgó a ciegas."""

    cuando: datetime
    primera_devuelve: bool
    segunda_devuelve: bool
    quienes: tuple[int, int]


def escribir(diario, autoras, revisoras, historia):
    """Escribe la historia en la base, y devuelve lo mismo en listas."""
    dichos, parejas = [], []
    for numero, vueltas in enumerate(historia, start=1):
        ahora = MARZO
        for v in vueltas:
            autora, revisa = autoras[v.autora], revisoras[v.revisa]
            otra = revisoras[(v.revisa + 1) % 3]
            entregada = ahora + timedelta(minutes=v.demora)
            entrega = diario.entregar(autora, numero, entregada, v.objetos)
            ahora, mal = entregada + timedelta(minutes=v.espera), None
            if v.error_antes:
                # Se equivocó, lo deshizo: como si no hubiera dicho nada, ni para la segunda opinión.
                mal = diario.juzgar(entrega, revisa, numero, ahora, "devuelta", segundos=9_999, codigos=["E-ESC"])
                ahora += timedelta(minutes=1)
                diario.deshacer(mal, numero, revisa, ahora)
            primera = diario.juzgar(entrega, revisa, numero, ahora, v.veredicto, segundos=v.segundos, codigos=v.codigos)
            juzgada, resultado = ahora, None
            if v.a_ciegas:
                ahora += timedelta(minutes=1)
                segunda = diario.juzgar(
                    entrega, otra, numero, ahora, v.a_ciegas, segundos=8_888, codigos=["E-TRAS"], clase="ciega"
                )
                # A veces la segunda opinión era de lo que se deshizo: entonces no es pareja de nada.
                huerfana = mal is not None and v.objetos is None
                diario.pareja(entrega, mal if huerfana else primera, segunda, numero)
                if not huerfana:
                    parejas.append(Pareja(ahora, v.veredicto == "devuelta", v.a_ciegas == "devuelta", (revisa, otra)))
            if v.veredicto == "devuelta":
                resultado = v.disputa
            dichos.append(
                Dicho(
                    *(numero, entrega, autora, juzgada, v.veredicto == "devuelta", v.segundos, v.codigos, True),
                    *(resultado, entregada, v.objetos, revisa),
                )
            )
            if resultado:
                ahora += timedelta(minutes=5)
                como = "devuelta" if resultado == "sostenida" else "aceptada"
                resuelve = diario.juzgar(
                    entrega, otra, numero, ahora, como, segundos=77, codigos=v.codigos, clase="disputa"
                )
                diario.disputar(primera, entrega, numero, autora, resuelve, resultado)
                dichos.append(
                    Dicho(
                        *(numero, entrega, autora, ahora, como == "devuelta", 77, v.codigos, False),
                        *(None, entregada, v.objetos, otra),
                    )
                )
            if v.veredicto != "devuelta" or resultado == "a_favor":
                break
    return dichos, parejas


def _tiempos(valores):
    if len(valores) < 5:
        return {"n": len(valores), "mediana": None, "p25": None, "p75": None}
    p25, mediana, p75 = statistics.quantiles(valores, n=4, method="inclusive")
    return {"n": len(valores), "mediana": mediana, "p25": p25, "p75": p75}


def recontar(dichos, autora=None, desde=None, hasta=None):
    """Lo que debe decir un renglón."""
    dentro = [
        d
        for d in dichos
        if (autora is None or d.autora == autora)
        and (desde is None or d.cuando >= desde)
        and (hasta is None or d.cuando < hasta)
    ]
    primeras = {}
    for d in dichos:
        primeras.setdefault(d.tarea, d)
    de_una_vez = [d for d in dentro if primeras[d.tarea] is d]
    juicios = [d for d in dentro if d.juzga]
    sabidos = [d for d in juicios if d.objetos is not None]
    errores = sum(sum(c in CARGAN for c in d.codigos) for d in sabidos if d.resultado != "a_favor")
    return {
        "personas": len({d.autora for d in dentro}),
        "juzgadas": len(juicios),
        "aceptacion": (sum(not d.devuelve or d.resultado == "a_favor" for d in de_una_vez), len(de_una_vez)),
        "errores": (errores, sum(d.objetos for d in sabidos), len(sabidos)),
        "revision": _tiempos([d.segundos for d in dentro if d.segundos is not None]),
        "espera": _tiempos([(d.cuando - d.entregada).total_seconds() for d in juicios]),
        "sostenidas": (
            sum(d.resultado == "sostenida" for d in juicios),
            sum(d.resultado is not None for d in juicios),
        ),
    }


def kappa_aparte(parejas):
    """κ de Cohen con fracciones: ``(coinciden, cuántas, κ o None)``."""
    n = len(parejas)
    iguales = sum(p.primera_devuelve == p.segunda_devuelve for p in parejas)
    if n < 10:
        return iguales, n, None
    una, otra = (Fraction(sum(getattr(p, c) for p in parejas), n) for c in ("primera_devuelve", "segunda_devuelve"))
    azar = una * otra + (1 - una) * (1 - otra)
    return iguales, n, None if azar == 1 else float((Fraction(iguales, n) - azar) / (1 - azar))


def comparar(renglon, esperado):
    assert renglon["personas"] == esperado["personas"]
    assert renglon["juzgadas"] == esperado["juzgadas"]
    k, n = esperado["aceptacion"]
    assert (renglon["aceptacion"]["k"], renglon["aceptacion"]["n"]) == (k, n)
    assert renglon["aceptacion"]["valor"] == (pytest.approx(k / n, abs=1e-4) if n >= 10 else None)
    errores, objetos, entregas = esperado["errores"]
    assert tuple(renglon["errores"][c] for c in ("k", "n", "entregas")) == (errores, objetos, entregas)
    por_cien = pytest.approx(100 * errores / objetos, abs=1e-3) if objetos >= 100 else None
    assert renglon["errores"]["valor"] == por_cien
    for cual in ("revision", "espera"):
        for parte, valor in esperado[cual].items():
            assert renglon[cual][parte] == (None if valor is None else pytest.approx(valor, abs=0.06)), (cual, parte)
    for cual in ("aceptacion", "errores"):
        if renglon[cual]["valor"] is not None:
            assert renglon[cual]["bajo"] <= renglon[cual]["valor"] <= renglon[cual]["alto"]


def comparar_acuerdo(acuerdo, parejas):
    iguales, n, valor = kappa_aparte(parejas)
    assert (acuerdo["coinciden"]["k"], acuerdo["coinciden"]["n"]) == (iguales, n)
    assert acuerdo["kappa"] == (None if valor is None else pytest.approx(valor, abs=6e-4))
    if valor is not None:
        assert acuerdo["bajo"] <= acuerdo["kappa"] <= acuerdo["alto"]


@pytest.fixture
def gente(bd, elenco):
    tercera = persona(bd, "tercera", (elenco.municipio, "mapeador"))
    return (elenco.mapeadora, elenco.mapeador, tercera), (elenco.validadora, elenco.capacitadora, elenco.administradora)


# Sin achicar: cada intento escribe una historia, y una falla tardaría minutos en decirse. La semilla la repite.
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    semilla=st.integers(0, 2**32),
    tareas=st.sampled_from([0, 1, 5, 20, 20, 20]),
    dias=st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted),
)
def test_cada_medida_es_la_del_recuento_aparte(bd, elenco, entrar, gente, semilla, tareas, dias):
    autoras, revisoras = gente
    # Un proyecto por historia: ninguna ve lo de las demás.
    diario = Diario(bd, elenco.municipio, proyecto(bd, elenco.municipio, columnas=5, renglones=4))
    dichos, parejas = escribir(diario, autoras, revisoras, inventar(semilla, tareas))
    cliente, raiz = entrar(elenco.validadora), f"/api/v1/proyectos/{diario.proyecto}/medidas"
    cuerpo = cliente.get(f"{raiz}?por=persona").json
    comparar(cuerpo["total"], recontar(dichos))
    assert (cuerpo["total"]["sostenidas"]["k"], cuerpo["total"]["sostenidas"]["n"]) == recontar(dichos)["sostenidas"]
    comparar_acuerdo(cuerpo["total"]["acuerdo"], parejas)
    assert {r["clave"] for r in cuerpo["renglones"]} == {str(d.autora) for d in dichos}
    for renglon in cuerpo["renglones"]:
        comparar(renglon, recontar(dichos, autora=int(renglon["clave"])))
    # Unos días: la primera revisión de una tarea lo es en cualquier fecha, y el último día entra entero.
    zona = ZoneInfo(cuerpo["zona_horaria"])
    primero, ultimo = (MARZO.astimezone(zona).date() + timedelta(days=d) for d in dias)
    desde = datetime.combine(primero, datetime.min.time(), zona)
    hasta = datetime.combine(ultimo + timedelta(days=1), datetime.min.time(), zona)
    cuerpo = cliente.get(f"{raiz}?por=validador&desde={primero}&hasta={ultimo}").json
    comparar(cuerpo["total"], recontar(dichos, desde=desde, hasta=hasta))
    suyas = [p for p in parejas if desde <= p.cuando < hasta]
    comparar_acuerdo(cuerpo["total"]["acuerdo"], suyas)
    for renglon in cuerpo["renglones"]:
        yo = int(renglon["clave"])
        mias = [
            p if p.quienes[0] == yo else Pareja(p.cuando, p.segunda_devuelve, p.primera_devuelve, p.quienes)
            for p in suyas
            if yo in p.quienes
        ]
        comparar_acuerdo(renglon["acuerdo"], mias)
        revisadas = [d for d in dichos if d.revisa == yo and d.juzga and desde <= d.cuando < hasta]
        assert renglon["juzgadas"] == len(revisadas)
