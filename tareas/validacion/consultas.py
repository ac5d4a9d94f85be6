"""Lecturas de la revisión: la cola, los dictámenes, las segundas opiniones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.permisos import VALIDAN, Actor
from tareas.mapeo.consultas import exigir_tarea
from tareas.mapeo.reglas import Estado
from tareas.proyectos.consultas import VISIBLE, parametros_visible
from tareas.validacion.errores import DictamenDesconocido, SegundaDesconocida

SQL: dict[str, TextClause] = {
    nombre: text(sql.replace("{visible}", VISIBLE)) for nombre, sql in cargar_sql(Path(__file__).parent).items()
}
DISPUTAS_A_LA_VISTA = 50
"""Las que se leen de una vez; por decidir, además se dice cuántas son en todo."""


def cola(
    sesion: Session,
    proyecto_id: int,
    persona_id: int,
    *,
    de_persona: int | None = None,
    grupo: int | None = None,
    limite: int = 50,
    salto: int = 0,
    orden: str = "riesgo",
    codigo: str | None = None,
    mias: bool = False,
    dias_min: int = 0,
) -> tuple[int, int, list[Row[Any]]]:
    """Cuántas tareas esperan revisión y la persona puede revisar, cuántas de ellas ya tiene, y las de esta página.

    Las que otra persona está revisando no están ni se cuentan.

    Parameters
    ----------
    orden : {"riesgo", "espera"}
        Por bandas (`tareas.validacion.reglas.Banda`) y riesgo, o de la que más espera a la que menos.
    grupo
        Sólo las de quienes están en ese grupo del municipio.
    codigo
        Sólo las que tienen ese error entre lo hallado al entregar, o que ya se devolvieron por él.
    mias
        Sólo las que esa persona devolvió y volvieron.
    dias_min
        Sólo las que esperan desde hace tantos días o más.
    """
    pedido = {
        "proyecto": proyecto_id,
        "persona": persona_id,
        "de_persona": de_persona,
        "grupo": grupo,
        "limite": limite,
        "salto": salto,
        "por_riesgo": orden == "riesgo",
        "codigo": codigo,
        "mias": mias,
        "dias_min": dias_min,
    }
    filas = sesion.execute(SQL["cola"], pedido).all()
    return filas[0].total, filas[0].en_mis_manos, [f for f in filas if f.numero is not None]


def vecinas(sesion: Session, proyecto_id: int, numero: int) -> list[dict[str, Any]]:
    """Las tareas que comparten orilla con ésta.

    Raises
    ------
    TareaDesconocida
    """
    filas = sesion.execute(SQL["vecinas"], {"proyecto": proyecto_id, "numero": numero}).all()
    if not filas:
        exigir_tarea(sesion, proyecto_id, numero)
    return [
        {
            "numero": f.numero,
            "estado": Estado(f.estado).codigo,
            "caja": f.caja,
            "persona": {"id": f.persona_id, "nombre": f.persona} if f.persona_id is not None else None,
        }
        for f in filas
    ]


def segundas(sesion: Session, proyecto_id: int, persona_id: int, *, limite: int = 50, salto: int = 0) -> dict[str, Any]:
    """Las segundas opiniones que esa persona puede dar, sin nada del primer dictamen."""
    pedido = {"proyecto": proyecto_id, "persona": persona_id, "limite": limite, "salto": salto}
    filas = sesion.execute(SQL["segundas"], pedido).all()
    return {
        "total": filas[0].total if filas else 0,
        "segundas": [
            {
                "entrega": f.entrega,
                "numero": f.numero,
                "entregada": f.entregada.isoformat(),
                "edificios": f.edificios,
                "metros_vias": f.metros_vias,
                "caja": f.caja,
                "mia": bool(f.mia),
                "ficha": f.ficha if f.mia else None,
                "vence": f.vence.isoformat() if f.mia else None,
            }
            for f in filas
        ],
    }


def numero_de_segunda(sesion: Session, proyecto_id: int, entrega: int) -> int:
    """La tarea de una segunda opinión.

    Raises
    ------
    SegundaDesconocida
    """
    fila = sesion.execute(SQL["segunda"], {"proyecto": proyecto_id, "entrega": entrega}).one_or_none()
    if fila is None:
        raise SegundaDesconocida
    numero: int = fila.numero
    return numero


def desacuerdos(
    sesion: Session, proyecto_id: int, persona_id: int, *, todos: bool, limite: int = 50, salto: int = 0
) -> dict[str, Any]:
    """Pares a ciegas que decidieron distinto: los de esa persona, o ``todos``."""
    pedido = {"proyecto": proyecto_id, "persona": persona_id, "todos": todos, "limite": limite, "salto": salto}
    filas = sesion.execute(SQL["desacuerdos"], pedido).all()

    def opinion(f: Row[Any], cual: str) -> dict[str, Any]:
        de = f._mapping
        return {
            "dictamen": de[cual],
            "veredicto": de[f"{cual}_veredicto"],
            "cuando": de[f"{cual}_cuando"].isoformat(),
            "persona": {"id": de[f"{cual}_persona_id"], "nombre": de[f"{cual}_persona"]},
            "nota": de[f"{cual}_nota"],
            "codigos": de[f"{cual}_codigos"],
        }

    return {
        "total": filas[0].total if filas else 0,
        "desacuerdos": [
            {
                "entrega": f.entrega,
                "numero": f.numero,
                "autora": {"id": f.autora_id, "nombre": f.autora},
                "primera": opinion(f, "primera"),
                "segunda": opinion(f, "segunda"),
            }
            for f in filas
        ],
    }


def por_decidir(
    sesion: Session, actor: Actor, *, proyecto_id: int | None = None, limite: int = DISPUTAS_A_LA_VISTA
) -> tuple[int, list[Row[Any]]]:
    """Las disputas que el actor puede resolver, y cuántas son en todo; de la devolución no se dice nada.

    Están las de los municipios donde valida y los proyectos que ve, salvo las que otra persona ya está revisando, las
    de lo que él mapeó y las de lo que él devolvió.
    """
    valida_en = actor.municipios_con(VALIDAN)
    if not valida_en:
        return 0, []
    pedido = {
        "persona": actor.id,
        "proyecto": proyecto_id,
        "limite": limite,
        "valida_todo": None in valida_en,
        "valida_en": [m for m in valida_en if m is not None],
    }
    filas = sesion.execute(SQL["por_decidir"], {**pedido, **parametros_visible(actor)}).all()
    return (filas[0].total if filas else 0), list(filas)


def mis_disputas_abiertas(
    sesion: Session, actor: Actor, *, proyecto_id: int | None = None, limite: int = DISPUTAS_A_LA_VISTA
) -> list[Row[Any]]:
    """Lo que el actor disputó y espera que otra persona lo vea, de lo que más espera a lo que menos."""
    pedido = {"persona": actor.id, "proyecto": proyecto_id, "limite": limite}
    return list(sesion.execute(SQL["mis_disputas_abiertas"], {**pedido, **parametros_visible(actor)}))


def dictamenes(
    sesion: Session, proyecto_id: int, numero: int, persona_id: int | None, *, valida: bool
) -> list[Row[Any]]:
    """Los de una tarea, del más nuevo al más viejo. ``oculto``: a esa persona todavía no se le debe enseñar."""
    pedido = {"proyecto": proyecto_id, "numero": numero, "persona": persona_id, "valida": valida}
    return list(sesion.execute(SQL["dictamenes"], pedido))


def exigir_dictamen(sesion: Session, proyecto_id: int, numero: int, dictamen_id: int) -> None:
    """Levanta `DictamenDesconocido` si no es de esa tarea."""
    pedido = {"proyecto": proyecto_id, "numero": numero, "dictamen": dictamen_id}
    if sesion.execute(SQL["por_disputar"], pedido).one_or_none() is None:
        raise DictamenDesconocido


def senalamientos(sesion: Session, proyecto_id: int, numero: int, retros: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Lo señalado en una tarea por cada retroalimentación."""
    salida: dict[int, list[Row[Any]]] = {}
    pedido = {"proyecto": proyecto_id, "numero": numero, "retros": list(retros)}
    for fila in sesion.execute(SQL["senalamientos"], pedido):
        salida.setdefault(fila.retro_id, []).append(fila)
    return salida
