"""Las medidas de historias al azar, contra un recuento aparte: listas de Python, sin SQL ni las fórmulas de la aplicación."""

import statistics
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Vida:
    """Las vueltas de una tarea; con ``partes``, a la mitad de la última se parte, y sigue en ellas.

    ``sin_juzgar``: se parte entre la entrega y su dictamen, y cada parte se juzga por su lado. Si no, ya devuelta: cada
    parte la disputa por su lado (con lo que diga su primera vuelta), o la corrige.
    """

    vueltas: tuple[Vuelta, ...]
    partes: "tuple[Vida, ...]" = ()
    sin_juzgar: bool = False
    en_espera: bool = False
    """Lo último que se entregó nadie lo ha juzgado."""


@dataclass(frozen=True)
class Junta:
    """Dos tareas que se juntan en una, que hereda lo de la primera.

    Si la primera tiene algo sin juzgar, o ya se aceptó y la otra no, se juzga en la nueva lo que ella entregó
    (``repasa``).
    """

    primera: Vida
    otra: Vida
    despues: Vida
    repasa: bool


def inventar(semilla, tareas):
    """Una historia: de cada tarea, su vida. La última vuelta puede quedar devuelta: nadie la corrigió todavía."""
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

    def vida(partible=0, en_espera=0.1):
        vueltas = tuple(vuelta() for _ in range(azar.randint(1, 3)))
        if azar.random() >= (0.25 if partible == 2 else 0.15 if partible else 0):
            return Vida(vueltas, en_espera=azar.random() < en_espera)
        partes = tuple(vida(partible - 1) for _ in range(azar.choice([2, 2, 4])))
        return Vida(vueltas, partes, sin_juzgar=azar.random() < 0.5)

    def una():
        if azar.random() < 0.2:
            return Junta(vida(en_espera=0.5), vida(), vida(1), repasa=azar.random() < 0.6)
        return vida(2)

    return [una() for _ in range(tareas)]


@dataclass(frozen=True)
class Dicho:
    """Un dictamen en pie, de los que juzgan o de los que resuelven una disputa; en el orden en que se dijeron."""

    id: int
    tarea: int
    de: frozenset[int]
    """Las tareas de las que la suya heredó."""
    entrega: int
    autora: int
    cuando: datetime
    devuelve: bool
    segundos: int | None
    codigos: tuple[str, ...]
    juzga: bool
    entregada: datetime
    objetos: int | None
    revisa: int


@dataclass(frozen=True)
class Disputada:
    """En qué terminó una disputa del dictamen ``de``."""

    de: int
    resultado: str


@dataclass(frozen=True)
class Pareja:
    """Lo que dijo quien juzgó y lo que dijo quien juzgó a ciegas."""

    cuando: datetime
    primera_devuelve: bool
    segunda_devuelve: bool
    quienes: tuple[int, int]


@dataclass(frozen=True)
class Entrega:
    """Algo entregado, y de quién."""

    id: int
    autora: int
    cuando: datetime
    objetos: int | None


@dataclass
class Cronista:
    """Escribe la historia en la base, y lo mismo en listas."""

    diario: Diario
    autoras: tuple[int, ...]
    revisoras: tuple[int, ...]
    dichos: list[Dicho] = field(default_factory=list)
    disputadas: list[Disputada] = field(default_factory=list)
    parejas: list[Pareja] = field(default_factory=list)
    ultimo: int = 0

    def nuevo(self):
        self.ultimo += 1
        return self.ultimo

    def entregar(self, v, numero, ahora):
        autora = self.autoras[v.autora]
        cuando = ahora + timedelta(minutes=v.demora)
        return Entrega(self.diario.entregar(autora, numero, cuando, v.objetos), autora, cuando, v.objetos)

    def decir(self, v, e, numero, cuando, veredicto, segundos, quien, *, clase="primera"):
        datos = {"segundos": segundos, "codigos": v.codigos, "clase": clase}
        nuevo = self.diario.juzgar(e.id, quien, numero, cuando, veredicto, **datos)
        de = frozenset(vieja for vieja, _paso, principal in self.diario.linajes.get(numero, []) if principal)
        self.dichos.append(
            Dicho(
                *(nuevo, numero, de, e.id, e.autora, cuando, veredicto == "devuelta", segundos, v.codigos),
                *(clase == "primera", e.cuando, e.objetos, quien),
            )
        )
        return nuevo

    def resolver(self, v, e, numero, disputado, resultado, ahora):
        otra = self.revisoras[(v.revisa + 1) % 3]
        como = "devuelta" if resultado == "sostenida" else "aceptada"
        resuelve = self.decir(v, e, numero, ahora, como, 77, otra, clase="disputa")
        self.diario.disputar(disputado, e.id, numero, e.autora, resuelve, resultado)
        self.disputadas.append(Disputada(disputado, resultado))

    def juzgar(self, v, e, numero, ahora, *, heredada):
        """El dictamen que queda, y cuándo: se equivoca y lo deshace, y otra persona opina a ciegas, si así está escrito."""
        revisa, otra = self.revisoras[v.revisa], self.revisoras[(v.revisa + 1) % 3]
        ahora, mal = ahora + timedelta(minutes=v.espera), None
        if v.error_antes:
            # Se equivocó, lo deshizo: como si no hubiera dicho nada, ni para la segunda opinión.
            mal = self.diario.juzgar(e.id, revisa, numero, ahora, "devuelta", segundos=9_999, codigos=["E-ESC"])
            ahora += timedelta(minutes=1)
            self.diario.deshacer(mal, numero, revisa, ahora)
        primera = self.decir(v, e, numero, ahora, v.veredicto, v.segundos, revisa)
        # Lo heredado no se sortea.
        if v.a_ciegas and not heredada:
            ahora += timedelta(minutes=1)
            segunda = self.diario.juzgar(
                e.id, otra, numero, ahora, v.a_ciegas, segundos=8_888, codigos=["E-TRAS"], clase="ciega"
            )
            # A veces la segunda opinión era de lo que se deshizo: entonces no es pareja de nada.
            huerfana = mal is not None and e.objetos is None
            self.diario.pareja(e.id, mal if huerfana else primera, segunda, numero)
            if not huerfana:
                self.parejas.append(Pareja(ahora, v.veredicto == "devuelta", v.a_ciegas == "devuelta", (revisa, otra)))
        return primera, ahora

    def partir(self, vida, numero):
        partes = [self.nuevo() for _parte in vida.partes]
        self.diario.partir(numero, partes, self.revisoras[0])
        return list(zip(partes, vida.partes, strict=True))

    def vivir(self, vida, numero, ahora, *, heredada=None):
        """Escribe una vida. Devuelve cuándo acaba y la última entrega; ``heredada``: la que su primera vuelta juzga."""
        e = heredada
        for i, v in enumerate(vida.vueltas):
            ultima = i == len(vida.vueltas) - 1
            suya = e is None or i > 0
            if suya:
                e = self.entregar(v, numero, ahora)
                ahora = e.cuando
            if ultima and vida.partes and vida.sin_juzgar:
                for parte, su_vida in self.partir(vida, numero):
                    self.vivir(su_vida, parte, ahora, heredada=e)
                return ahora, e
            if ultima and vida.en_espera:
                break
            primera, ahora = self.juzgar(v, e, numero, ahora, heredada=not suya)
            if v.veredicto != "devuelta":
                break
            if ultima and vida.partes:
                for parte, su_vida in self.partir(vida, numero):
                    self.corregir_o_disputar(su_vida, parte, ahora, e, primera)
                return ahora, e
            if v.disputa:
                ahora += timedelta(minutes=5)
                self.resolver(v, e, numero, primera, v.disputa, ahora)
                if v.disputa == "a_favor":
                    break
        return ahora, e

    def corregir_o_disputar(self, vida, parte, ahora, e, disputado):
        v = vida.vueltas[0]
        if v.disputa:
            ahora += timedelta(minutes=5)
            self.resolver(v, e, parte, disputado, v.disputa, ahora)
            if v.disputa == "a_favor":
                return
        self.vivir(vida, parte, ahora)

    def juntar(self, junta, una, otra):
        ahora, e = self.vivir(junta.primera, una, MARZO)
        fin, _e = self.vivir(junta.otra, otra, MARZO)
        ahora, nueva = max(ahora, fin), self.nuevo()
        self.diario.juntar([una, otra], nueva, self.revisoras[0])
        self.vivir(junta.despues, nueva, ahora, heredada=e if junta.repasa else None)


def escribir(diario, autoras, revisoras, historia):
    """Escribe la historia en la base, y devuelve lo mismo en listas."""
    cronista = Cronista(diario, autoras, revisoras)
    numeros = [(cronista.nuevo(), cronista.nuevo() if isinstance(h, Junta) else None) for h in historia]
    for h, (una, otra) in zip(historia, numeros, strict=True):
        if isinstance(h, Junta):
            cronista.juntar(h, una, otra)
        else:
            cronista.vivir(h, una, MARZO)
    return cronista


def _tiempos(valores):
    if len(valores) < 5:
        return {"n": len(valores), "mediana": None, "p25": None, "p75": None}
    p25, mediana, p75 = statistics.quantiles(valores, n=4, method="inclusive")
    return {"n": len(valores), "mediana": mediana, "p25": p25, "p75": p75}


def recontar(cronista, autora=None, desde=None, hasta=None):
    """Lo que debe decir un renglón."""

    def cabe(d):
        return (
            (autora is None or d.autora == autora)
            and (desde is None or d.cuando >= desde)
            and (hasta is None or d.cuando < hasta)
        )

    dichos = cronista.dichos
    dentro = [d for d in dichos if cabe(d)]
    a_favor = {x.de for x in cronista.disputadas if x.resultado == "a_favor"}
    # La primera vez que se dijo algo de una entrega, de una tarea, y de aquéllas de las que heredó.
    de_una_vez, juicios, entregas, tareas, juzgadas = [], [], set(), set(), set()
    for d in dichos:
        if d.entrega not in entregas and d.tarea not in tareas and not d.de & tareas and cabe(d):
            de_una_vez.append(d)
        # Lo que se juzga es la entrega: una vez, aunque su tarea se dividiera.
        if d.juzga and d.entrega not in juzgadas and cabe(d):
            juicios.append(d)
        entregas.add(d.entrega)
        tareas.add(d.tarea)
        if d.juzga:
            juzgadas.add(d.entrega)
    sabidos = {d.entrega: d.objetos for d in juicios if d.objetos is not None}
    errores = sum(
        sum(c in CARGAN for c in d.codigos) for d in dichos if d.juzga and d.entrega in sabidos and d.id not in a_favor
    )
    resultados = [x.resultado for x in cronista.disputadas for d in dentro if d.id == x.de]
    return {
        "personas": len({d.autora for d in dentro}),
        "juzgadas": len(juicios),
        "aceptacion": (sum(not d.devuelve or d.id in a_favor for d in de_una_vez), len(de_una_vez)),
        "errores": (errores, sum(sabidos.values()), len(sabidos)),
        "revision": _tiempos([d.segundos for d in dentro if d.segundos is not None]),
        "espera": _tiempos([(d.cuando - d.entregada).total_seconds() for d in juicios]),
        "sostenidas": (resultados.count("sostenida"), len(resultados)),
        "juicios": juicios,
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
    # Un proyecto por historia: ninguna ve lo de las demás. Con números de sobra para las partes.
    diario = Diario(bd, elenco.municipio, proyecto(bd, elenco.municipio, columnas=30, renglones=20))
    cronista = escribir(diario, autoras, revisoras, inventar(semilla, tareas))
    dichos, parejas = cronista.dichos, cronista.parejas
    cliente, raiz = entrar(elenco.validadora), f"/api/v1/proyectos/{diario.proyecto}/medidas"
    cuerpo = cliente.get(f"{raiz}?por=persona").json
    comparar(cuerpo["total"], recontar(cronista))
    assert (cuerpo["total"]["sostenidas"]["k"], cuerpo["total"]["sostenidas"]["n"]) == recontar(cronista)["sostenidas"]
    comparar_acuerdo(cuerpo["total"]["acuerdo"], parejas)
    assert {r["clave"] for r in cuerpo["renglones"]} == {str(d.autora) for d in dichos}
    for renglon in cuerpo["renglones"]:
        comparar(renglon, recontar(cronista, autora=int(renglon["clave"])))
    # Por código, los mismos errores que en el total, y entre todos suman lo mismo.
    cuerpo = cliente.get(f"{raiz}?por=codigo").json
    comparar(cuerpo["total"], recontar(cronista))
    assert sum(r["errores"]["k"] for r in cuerpo["renglones"]) == recontar(cronista)["errores"][0]
    # Unos días: la primera revisión de una tarea lo es en cualquier fecha, y el último día entra entero.
    zona = ZoneInfo(cuerpo["zona_horaria"])
    primero, ultimo = (MARZO.astimezone(zona).date() + timedelta(days=d) for d in dias)
    desde = datetime.combine(primero, datetime.min.time(), zona)
    hasta = datetime.combine(ultimo + timedelta(days=1), datetime.min.time(), zona)
    cuerpo = cliente.get(f"{raiz}?por=validador&desde={primero}&hasta={ultimo}").json
    comparar(cuerpo["total"], recontar(cronista, desde=desde, hasta=hasta))
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
        revisadas = [d for d in recontar(cronista, desde=desde, hasta=hasta)["juicios"] if d.revisa == yo]
        assert renglon["juzgadas"] == len(revisadas)
