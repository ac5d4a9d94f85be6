"""La cola de revisión lee de su tabla lo mismo que antes buscaba, tarea por tarea, en el historial."""

import importlib.util
import random
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.bd import BaseDeDatos
from tareas.comun.errores import ErrorTequio
from tareas.mapeo import servicio as mapeo
from tareas.mapeo.errores import NadaQueHacer
from tareas.mapeo.partes import servicio as partes
from tareas.mapeo.partes.reglas import Modo
from tareas.mapeo.partes.servicio import Pedido
from tareas.mapeo.reglas import Para, Resultado
from tareas.tableros.comprobar import comprobar
from tareas.validacion import consultas, servicio
from tareas.validacion.reglas import Veredicto
from tests.fabrica import Elenco, persona, proyecto

CODIGOS = ("E-FALT", "E-TRAS", "E-ESC")
MIGRACION = Path(__file__).resolve().parents[2] / "migraciones" / "versiones" / "0025_entregas_en_espera.py"

# El filtro por código como era: una pregunta por tarea.
CON_CODIGO = """
SELECT c.numero FROM cola_de_revision(:proyecto, :persona) c
 WHERE EXISTS (SELECT FROM historial e JOIN entrega_hallazgos g ON g.proyecto_id = e.proyecto_id AND g.numero = e.numero AND g.ficha = e.ficha
                WHERE e.id = c.entrega AND g.codigos ? :codigo)
    OR EXISTS (SELECT FROM tarea_linaje(:proyecto, c.numero) l JOIN historial m ON m.proyecto_id = :proyecto AND m.numero = l.numero
                WHERE l.principal AND m.accion = 'dictamen' AND m.a = 3 AND :codigo = ANY(m.motivos)
                  AND NOT coalesce(dictamen_a_ciegas(m.id, m.proyecto_id, m.numero, :persona), false))
"""


def como_antes() -> str:
    """El cuerpo de `cola_de_revision` de la 0021, como consulta."""
    especificacion = importlib.util.spec_from_file_location("entregas_en_espera", MIGRACION)
    assert especificacion is not None
    assert especificacion.loader is not None
    modulo = importlib.util.module_from_spec(especificacion)
    especificacion.loader.exec_module(modulo)
    cuerpo: str = modulo.COLA_DE_ANTES.split("$$")[1]
    return cuerpo.replace("p_proyecto", "cast(:proyecto AS bigint)").replace("p_persona", "cast(:persona AS bigint)")


ANTES = como_antes()


def ordenada(sesion: Session, consulta: str, **datos: Any) -> list[tuple[Any, ...]]:
    filas = [tuple(f) for f in sesion.execute(text(consulta), datos)]
    return sorted((*f[:5], round(f[5], 12), *f[6:]) for f in filas)


def es_la_misma(bd: BaseDeDatos, proyecto_id: int, personas: list[int]) -> int:
    """Cuántas filas se compararon; en qué difiere, si difiere."""
    comparadas = 0
    with bd.lectura() as sesion:
        for quien in personas:
            pedido = {"proyecto": proyecto_id, "persona": quien}
            antes = ordenada(sesion, ANTES, **pedido)
            assert ordenada(sesion, "SELECT * FROM cola_de_revision(:proyecto, :persona)", **pedido) == antes
            for codigo in CODIGOS:
                total, _mias, filas = consultas.cola(sesion, proyecto_id, quien, codigo=codigo)
                uno_por_uno = sesion.execute(text(CON_CODIGO), {**pedido, "codigo": codigo}).scalars().all()
                assert sorted(f.numero for f in filas) == sorted(uno_por_uno)
                assert total == len(uno_por_uno)
            comparadas += len(antes)
        propias = """SELECT t.numero FROM tarea t WHERE t.proyecto_id = :proyecto AND la_mapeo(:proyecto, t.numero, :persona)
                     EXCEPT SELECT numero FROM lo_que_mapeo(:proyecto, :persona)"""
        de_mas = """SELECT m.numero FROM lo_que_mapeo(:proyecto, :persona) m WHERE NOT la_mapeo(:proyecto, m.numero, :persona)"""
        for quien in personas:
            pedido = {"proyecto": proyecto_id, "persona": quien}
            assert sesion.execute(text(f"{propias} UNION ALL {de_mas}"), pedido).all() == []
        assert {c.nombre: c.diferencias for c in comprobar(sesion) if c.cuantas} == {}
    return comparadas


@pytest.mark.parametrize("semilla", range(4))
def test_la_cola_es_la_de_antes_pase_lo_que_pase(bd: BaseDeDatos, elenco: Elenco, semilla: int) -> None:
    """Una historia al azar, con hallazgos, disputas, tareas partidas y pasos deshechos."""
    azar = random.Random(semilla)
    campo = proyecto(bd, elenco.municipio, columnas=4, renglones=3)
    revisan = [elenco.validadora, elenco.capacitadora, elenco.administradora]
    mapean = [elenco.mapeadora, elenco.mapeador, elenco.validadora]
    total = 12

    def hacer(accion: str, numero: int) -> None:
        nonlocal total
        quien = azar.choice(mapean if accion == "mapear" else revisan)
        turno = {"proyecto_id": campo, "persona_id": quien}
        with bd.transaccion() as sesion:
            if accion == "mapear":
                toma = mapeo.tomar(sesion, **turno, numeros=[numero], para=Para.MAPEAR)[0]
                mapeo.entregar(sesion, **turno, numero=numero, ficha=toma.ficha, resultado=Resultado.MAPEADA)
                if azar.random() < 0.7:
                    hallar(sesion, numero, toma.ficha)
            elif accion == "tener":
                mapeo.tomar(sesion, **turno, numeros=[numero], para=Para.VALIDAR)
            elif accion == "juzgar":
                toma = mapeo.tomar(sesion, **turno, numeros=[numero], para=Para.VALIDAR)[0]
                veredicto = azar.choice([Veredicto.DEVUELTA, Veredicto.DEVUELTA, *Veredicto])
                motivos = [] if veredicto is Veredicto.VALIDADA else [azar.choice(CODIGOS)]
                servicio.dictaminar(
                    sesion, **turno, numero=numero, ficha=toma.ficha, veredicto=veredicto, motivos=motivos
                )
            elif accion == "disputar":
                ultimo = sesion.execute(
                    text("SELECT id, autora_id FROM dictamen_vigente(:p, :n) v JOIN dictamen USING (id)"),
                    {"p": campo, "n": numero},
                ).one_or_none()
                if ultimo is not None:
                    servicio.disputar(
                        sesion,
                        proyecto_id=campo,
                        persona_id=ultimo.autora_id,
                        numero=numero,
                        dictamen_id=ultimo.id,
                        motivo="Sí están todas las casas de la manzana.",
                    )
            elif accion == "deshacer":
                mapeo.deshacer(sesion, **turno, numero=numero, motivo="me equivoqué", coordina=True)
            else:
                pedido = Pedido(campo, elenco.validadora, "Es mucho trabajo para una")
                total += len(partes.partir(sesion, pedido, numero, Modo.EN_DOS).nuevas)

    def hallar(sesion: Session, numero: int, ficha: int) -> None:
        sesion.execute(
            text("""INSERT INTO entrega_hallazgos (proyecto_id, numero, ficha, municipio_id, objetos, nivel1, nivel2, nivel3, codigos)
                    VALUES (:p, :n, :f, :m, 9, :a, :b, 0, jsonb_build_object(cast(:c AS text), 1))"""),
            {
                "p": campo,
                "n": numero,
                "f": ficha,
                "m": elenco.municipio,
                "a": azar.randrange(3),
                "b": azar.randrange(3),
                "c": azar.choice(CODIGOS),
            },
        )

    acciones = ("mapear", "mapear", "mapear", "juzgar", "juzgar", "disputar", "deshacer", "partir", "tener")
    comparadas = 0
    for paso in range(120):
        with suppress(ErrorTequio):
            hacer(azar.choice(acciones), azar.randint(1, total))
        if paso % 20 == 19:
            comparadas += es_la_misma(bd, campo, [*revisan, elenco.mapeadora])
    assert comparadas > 40


def test_quien_pide_a_la_vez_recibe_otra_aunque_haya_que_mirar_mas_atras(
    bd: BaseDeDatos, elenco: Elenco, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tareas.mapeo.servicio.PRIMERAS_DE_LA_COLA", 2)
    for numero in range(1, 6):
        turno: dict[str, Any] = {"proyecto_id": elenco.proyecto, "persona_id": elenco.mapeadora}
        with bd.transaccion() as sesion:
            toma = mapeo.tomar(sesion, **turno, numeros=[numero], para=Para.MAPEAR)[0]
            mapeo.entregar(sesion, **turno, numero=numero, ficha=toma.ficha, resultado=Resultado.MAPEADA)
    quienes = [persona(bd, f"valida{k}", (elenco.municipio, "validador")) for k in range(6)]
    dadas = []
    # Ninguna ha confirmado: cada quien ve la cola entera, y a las demás sólo las nota por su turno.
    with ExitStack() as abiertas:
        for quien in quienes:
            sesion = abiertas.enter_context(bd.transaccion())
            pedido: dict[str, Any] = {"persona_id": quien, "proyecto_id": elenco.proyecto, "total": 9}
            try:
                dadas.append(mapeo.tomar_siguiente(sesion, **pedido, para=Para.VALIDAR).numero)
            except NadaQueHacer:
                dadas.append(0)
    assert (sorted(dadas[:5]), dadas[5]) == ([1, 2, 3, 4, 5], 0)
    with bd.lectura() as sesion:
        assert {c.nombre: c.diferencias for c in comprobar(sesion) if c.cuantas} == {}


@pytest.mark.parametrize("funcion", ["entrega_vigente", "dictamen_vigente"])
def test_lo_que_vale_se_busca_por_la_llave_de_la_tarea_aunque_se_planee_con_el_historial_vacio(
    bd: BaseDeDatos, funcion: str
) -> None:
    with bd.transaccion() as sesion:
        # Como lo ve una conexión recién nacida en un municipio que empieza: nada contado, y el plan que sirve para todas.
        sesion.execute(text("SET LOCAL session_replication_role = replica"))
        sesion.execute(text("TRUNCATE historial, dictamen CASCADE"))
        sesion.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        sesion.execute(text(f"PREPARE vigente(bigint, integer) AS SELECT * FROM {funcion}($1, $2)"))
        plan = "\n".join(sesion.execute(text("EXPLAIN EXECUTE vigente(1, 1)")).scalars())
        sesion.execute(text("DEALLOCATE vigente"))
    leida = "historial h" if funcion == "entrega_vigente" else "dictamen d"
    acceso = plan[plan.index(f" on {leida}") :].split("->")[0]
    assert "(proyecto_id = $1) AND (numero = " in acceso.partition("Filter:")[0], plan
