"""Dividir al mismo tiempo que los demás toman, entregan, revisan, deshacen, cambian prioridades y dividen."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from tareas.comun.bd import BaseDeDatos
from tareas.comun.errores import ErrorTequio
from tareas.comun.permisos import Actor
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.errores import TareaDividida
from tareas.mapeo.partes import servicio as partes
from tareas.mapeo.partes.reglas import Modo
from tareas.mapeo.partes.servicio import Hecho, Pedido
from tareas.mapeo.reglas import Estado, Para, Resultado
from tareas.proyectos.consultas import visible
from tareas.proyectos.servicio import poner_prioridad
from tareas.tableros.comprobar import comprobar
from tareas.validacion import servicio as validacion
from tareas.validacion.reglas import Veredicto
from tests.fabrica import Elenco, persona, proyecto
from tests.servicios.test_mapeo_en_paralelo import a_la_vez

RONDAS = 66
LADO = 12


class Carrera:
    """Un proyecto, y lo que cada quien intenta sobre una tarea."""

    def __init__(self, bd: BaseDeDatos, elenco: Elenco) -> None:
        self.bd = bd
        self.elenco = elenco
        self.proyecto = proyecto(bd, elenco.municipio, columnas=LADO, renglones=LADO)
        self.otra = persona(bd, "otra_validadora", (elenco.municipio, "validador"))
        self.notas: list[str] = []

    def hacer(self, escritura: Callable[[Any], Any]) -> Any:
        with self.bd.transaccion() as sesion:
            return escritura(sesion)

    def tomar(self, quien: int, numero: int, para: Para) -> mapeo.Toma:
        turno: dict[str, Any] = {"persona_id": quien, "proyecto_id": self.proyecto, "numeros": [numero], "para": para}
        return self.hacer(lambda s: mapeo.tomar(s, **turno)[0])  # type: ignore[no-any-return]

    def entregar(self, numero: int, ficha: int, nota: str) -> Any:
        turno: dict[str, Any] = {"persona_id": self.elenco.mapeadora, "proyecto_id": self.proyecto, "numero": numero}
        return self.hacer(lambda s: mapeo.entregar(s, **turno, ficha=ficha, resultado=Resultado.MAPEADA, nota=nota))

    def dictaminar(self, numero: int, ficha: int, veredicto: Veredicto) -> Any:
        turno: dict[str, Any] = {"persona_id": self.otra, "proyecto_id": self.proyecto, "numero": numero}
        return self.hacer(
            lambda s: validacion.dictaminar(s, **turno, ficha=ficha, veredicto=veredicto, nota="Revisada")
        )

    def deshacer(self, numero: int) -> Any:
        turno: dict[str, Any] = {"persona_id": self.elenco.mapeadora, "proyecto_id": self.proyecto, "numero": numero}
        return self.hacer(lambda s: mapeo.deshacer(s, **turno, motivo="Aún no", coordina=False))

    def pedido(self, quien: int) -> Pedido:
        return Pedido(self.proyecto, quien, "Es mucha")

    def partir(self, quien: int, numero: int, modo: Modo = Modo.EN_DOS) -> Hecho:
        return self.hacer(lambda s: partes.partir(s, self.pedido(quien), numero, modo))  # type: ignore[no-any-return]

    def juntar(self, quien: int, *numeros: int) -> Hecho:
        return self.hacer(lambda s: partes.juntar(s, self.pedido(quien), numeros))  # type: ignore[no-any-return]

    def priorizar(self, *numeros: int) -> Any:
        def poner(sesion: Any) -> Any:
            quien = Actor(id=self.elenco.administradora, papeles=frozenset())
            return poner_prioridad(
                sesion, visible(sesion, quien, self.proyecto), "alta", persona_id=quien.id or 0, numeros=numeros
            )

        return self.hacer(poner)

    def entregada(self, numero: int) -> None:
        toma = self.tomar(self.elenco.mapeadora, numero, Para.MAPEAR)
        self.entregar(numero, toma.ficha, f"Nota de la {numero}")
        self.notas.append(f"Nota de la {numero}")

    def ronda(self, cual: int, numero: int) -> list[Any]:
        """Una carrera distinta cada vez; la tarea y la siguiente son vecinas y nadie más las usa."""
        v, o, m = self.elenco.validadora, self.otra, self.elenco.mapeadora
        match cual % 6:
            case 0:  # dividir contra tomar
                return [
                    lambda: self.partir(v, numero),
                    lambda: self.tomar(m, numero, Para.MAPEAR),
                    lambda: self.priorizar(numero, numero + 1),
                ]
            case 1:  # quien divide la tenía en sus manos y la entrega desde otra ventana
                toma = self.tomar(m, numero, Para.MAPEAR)
                nota = f"Nota de la {numero}"
                return [
                    lambda: self.partir(m, numero),
                    lambda: self.entregar(numero, toma.ficha, nota),
                    lambda: self.partir(v, numero),
                ]
            case 2:  # dividir contra dictamen
                self.entregada(numero)
                toma = self.tomar(o, numero, Para.VALIDAR)
                veredicto = Veredicto.DEVUELTA if cual % 4 else Veredicto.VALIDADA
                return [
                    lambda: self.partir(o, numero),
                    lambda: self.dictaminar(numero, toma.ficha, veredicto),
                    lambda: self.partir(v, numero, Modo.EN_CUATRO),
                ]
            case 3:  # dividir contra deshacer y contra quien empieza a revisar
                self.entregada(numero)
                return [
                    lambda: self.deshacer(numero),
                    lambda: self.partir(v, numero),
                    lambda: self.tomar(o, numero, Para.VALIDAR),
                ]
            case 4:  # dos divisiones de lo mismo
                return [
                    lambda: self.partir(v, numero),
                    lambda: self.partir(o, numero, Modo.EN_CUATRO),
                    lambda: self.juntar(v, numero, numero + 1),
                ]
            case _:  # divisiones cruzadas y prioridades
                return [
                    lambda: self.juntar(v, numero, numero + 1),
                    lambda: self.juntar(o, numero + 1, numero),
                    lambda: self.partir(o, numero + 1),
                    lambda: self.priorizar(numero + 1, numero),
                ]


def test_dividir_a_la_vez_que_todo_lo_demas(bd: BaseDeDatos, elenco: Elenco) -> None:
    carrera = Carrera(bd, elenco)
    ganadas = {"divididas": 0, "perdidas": 0}
    for cual in range(RONDAS):
        numero = 2 * cual + 1
        resultados = a_la_vez(carrera.ronda(cual, numero))
        for resultado in resultados:
            assert not isinstance(resultado, Exception) or isinstance(resultado, ErrorTequio), resultado
            if isinstance(resultado, ErrorTequio) and resultado.datos.get("nota"):
                carrera.notas.append("")  # la lleva el rechazo: la página la conserva
        hechas = [r for r in resultados if isinstance(r, Hecho)]
        assert len({n for h in hechas for n in h.viejas}) == sum(len(h.viejas) for h in hechas)
        ganadas["divididas"] += len(hechas)
        ganadas["perdidas"] += not hechas
        with bd.lectura() as sesion:
            en_divididas = sesion.execute(
                text("""SELECT count(*) FROM bloqueo b JOIN tarea t USING (proyecto_id, numero)
                         WHERE t.estado = 5 AND t.proyecto_id = :p"""),
                {"p": carrera.proyecto},
            ).scalar_one()
            quedan = sesion.execute(
                text("SELECT persona_id, numero FROM bloqueo WHERE proyecto_id = :p"), {"p": carrera.proyecto}
            ).all()
        assert en_divididas == 0
        for quien, suya in quedan:
            carrera.hacer(
                lambda s, quien=quien, suya=suya: mapeo.soltar(
                    s, persona_id=quien, proyecto_id=carrera.proyecto, numero=suya, ficha=None
                )
            )
    # Las dos cosas pasaron de veras: a veces gana quien divide, a veces quien trabaja.
    assert ganadas["divididas"] > RONDAS / 3
    with bd.lectura() as sesion:
        assert {c.nombre: c.diferencias for c in comprobar(sesion) if c.cuantas} == {}
        escritas = set(sesion.execute(text("SELECT nota FROM historial WHERE accion = 'entrega'")).scalars())
        assert {n for n in carrera.notas if n} <= escritas
        total, vivas, ultimo = sesion.execute(
            text("""SELECT p.tareas_total, count(*) FILTER (WHERE t.estado <> 5), max(t.numero)
                      FROM proyecto p JOIN tarea t ON t.proyecto_id = p.id WHERE p.id = :p GROUP BY p.id"""),
            {"p": carrera.proyecto},
        ).one()
        assert total == ultimo
        assert vivas > LADO * LADO
        # Y el terreno de las vivas sigue siendo el del proyecto.
        fuera = sesion.execute(
            text("""SELECT ST_Area(ST_SymDifference(p.area, (SELECT ST_Union(t.geom) FROM tarea t WHERE t.proyecto_id = p.id AND t.estado <> 5)))
                      FROM proyecto p WHERE p.id = :p"""),
            {"p": carrera.proyecto},
        ).scalar_one()
        assert fuera < 1e-12


def test_veinte_que_dividen_la_misma_una_sola_vez(bd: BaseDeDatos, elenco: Elenco) -> None:
    carrera = Carrera(bd, elenco)
    resultados = a_la_vez([lambda: carrera.partir(elenco.validadora, 40) for _ in range(12)])
    assert sum(isinstance(r, Hecho) for r in resultados) == 1
    vencidas = [r for r in resultados if not isinstance(r, Hecho)]
    assert all(isinstance(r, TareaDividida) and len(r.datos["partes"]) == 2 for r in vencidas)
    with bd.lectura() as sesion:
        estado = sesion.execute(
            text("SELECT estado FROM tarea WHERE proyecto_id = :p AND numero = 40"), {"p": carrera.proyecto}
        ).scalar_one()
    assert estado == Estado.DIVIDIDA
