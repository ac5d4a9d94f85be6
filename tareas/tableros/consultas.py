"""Cifras de avance. Sólo lee; lo que sale de recorrer el historial se guarda con `tareas.proyectos.recuerdo`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.errores import NoEncontrado
from tareas.comun.permisos import Actor
from tareas.comun.tiempos import ZONA
from tareas.mapeo.reglas import Estado
from tareas.proyectos.consultas import VISIBLE, conteos, parametros_visible
from tareas.proyectos.recuerdo import exacto
from tareas.tableros.reglas import Dia, fraccion, plegar_dias, plegar_dias_de_persona, por_hora
from tareas.validacion.fortalezas import dicha as fortaleza_dicha

_CRUDO = cargar_sql(Path(__file__).parent)
SQL: dict[str, TextClause] = {
    n: text(s.replace("{visible}", VISIBLE).replace("{cuales}", _CRUDO["cuales"])) for n, s in _CRUDO.items()
}


def por_dia(sesion: Session, proyectos: Sequence[int], total_tareas: int, zona: str) -> list[Dia]:
    """Cifras por día de uno o varios proyectos, del primer día con trabajo al último."""

    def calcular() -> list[Dia]:
        parametros = {"proyectos": list(proyectos), "zona": zona}
        return plegar_dias(
            total_tareas, sesion.execute(SQL["por_dia"], parametros), sesion.execute(SQL["gente_por_dia"], parametros)
        )

    return exacto(sesion, ("por_dia", total_tareas, zona), proyectos, calcular)


def por_persona(sesion: Session, proyectos: Sequence[int]) -> list[dict[str, Any]]:
    """Cifras por persona, de quien más entregó a quien menos; nunca una clasificación: las páginas la ordenan por
    nombre.
    """

    def calcular() -> list[dict[str, Any]]:
        parametros = {"proyectos": list(proyectos)}
        revisiones = {f.persona_id: f for f in sesion.execute(SQL["revisiones_por_persona"], parametros)}
        filas = []
        for f in sesion.execute(SQL["por_persona"], parametros):
            r = revisiones.get(f.persona_id)
            filas.append(
                {
                    "persona_id": f.persona_id,
                    "entregas": f.entregas,
                    "validadas": r.validadas if r else 0,
                    "devueltas": r.devueltas if r else 0,
                    "aceptadas_a_la_primera": fraccion(r.primeras_aceptadas, r.primeras) if r else None,
                    "mediana_s": None if f.mediana_s is None else round(f.mediana_s, 1),
                    "tareas_por_hora": por_hora(f.entregas, f.segundos_entregas),
                    "dictamenes": f.dictamenes,
                    "ultima": f.ultima,
                }
            )
        return filas

    cifras = exacto(sesion, ("por_persona",), proyectos, calcular)
    # Aparte de las cifras guardadas: cada quien cambia su nombre sin que el historial cambie.
    quienes = {f.id: f for f in sesion.execute(SQL["nombres"], {"personas": [c["persona_id"] for c in cifras]})}
    filas = []
    for cifra in cifras:
        quien = quienes[cifra["persona_id"]]
        filas.append({**cifra, "usuario": quien.usuario, "nombre": quien.nombre})
    return sorted(filas, key=lambda x: (-x["entregas"], x["usuario"]))


def resumen(sesion: Session, proyectos: Sequence[int], dias: Sequence[Dia]) -> dict[str, Any]:
    """Totales: tareas por estado, personas, mediana, parte aceptada a la primera, tareas por hora."""

    def calcular() -> Any:
        return sesion.execute(SQL["total"], {"proyectos": list(proyectos)}).one()

    total = exacto(sesion, ("total",), proyectos, calcular)
    estados = {e.codigo: 0 for e in Estado}
    for cuenta in conteos(sesion, list(proyectos)).values():
        for codigo, cuantas in cuenta.items():
            estados[codigo] += cuantas
    entregas = sum(d.entregas for d in dias)
    return {
        "tareas": sum(estados.values()),
        "estados": estados,
        "entregas": entregas,
        "personas": total.personas,
        "mediana_s": None if total.mediana_s is None else round(total.mediana_s, 1),
        "tareas_por_hora": por_hora(entregas, total.segundos_entregas),
        "aceptadas_a_la_primera": fraccion(sum(d.primeras_aceptadas for d in dias), sum(d.primeras for d in dias)),
    }


def por_tarea(sesion: Session, proyecto_id: int, limite: int = 200_000, salto: int = 0) -> list[dict[str, Any]]:
    """Edificios y metros de calle de cada tarea: al publicar, en la última entrega y hoy.

    En un proyecto de práctica son los de su aula; ``None`` si ya no existe.
    """
    filas = sesion.execute(SQL["por_tarea"], {"proyecto": proyecto_id, "limite": limite, "salto": salto})
    return [{**dict(f._mapping), "estado": Estado(f.estado).codigo} for f in filas]


def osm_del_proyecto(sesion: Session, proyecto_id: int) -> dict[str, Any]:
    """Edificios y metros de calle del área entera: al publicar y hoy."""
    return dict(sesion.execute(SQL["osm_del_proyecto"], {"proyecto": proyecto_id}).one()._mapping)


def proyectos_de_municipio(
    sesion: Session, actor: Actor, municipio_id: int
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """Proyectos de un municipio que el actor puede ver, ``(id, nombre)``: los de verdad, y aparte los de práctica."""
    filas = sesion.execute(
        SQL["proyectos_de_municipio"], {"municipio": municipio_id, **parametros_visible(actor)}
    ).all()
    return [f for f in filas if not f.practica], [f for f in filas if f.practica]


def tareas_de(sesion: Session, proyectos: Sequence[int]) -> int:
    """Cuántas tareas suman varios proyectos."""
    return int(sesion.execute(SQL["tareas_de"], {"proyectos": list(proyectos)}).scalar_one())


def mi_trabajo(
    sesion: Session, actor: Actor, limite: int = 100, *, salto: int = 0, por_corregir: bool = False
) -> list[dict[str, Any]]:
    """Entregas de quien pregunta en los proyectos que hoy puede ver, con la respuesta que tuvo cada una.

    Parameters
    ----------
    por_corregir
        Sólo las de tareas devueltas que esperan su corrección; ``apartada_hasta`` dice hasta cuándo son suyas, y
        ``en_mis_manos_hasta``, cuándo vence la que ya tomó.

    Notes
    -----
    ``disputa``: en qué va lo que disputó de la respuesta: ``abierta``, ``a_favor``, ``sostenida`` o ``retirada``.
    """
    pedido = {"persona": actor.id, "limite": limite, "salto": salto, "por_corregir": por_corregir}
    filas = sesion.execute(SQL["mi_trabajo"], {**pedido, **parametros_visible(actor)})
    return [
        {
            **{c: v for c, v in f._mapping.items() if c not in ("fortalezas", "numero_de_dictamen")},
            "fortaleza": fortaleza_dicha(f.fortaleza, f.fortalezas, f.numero_de_dictamen),
            "estado": Estado(f.estado).codigo,
            "veredicto": Estado(f.veredicto).codigo if f.veredicto is not None else None,
        }
        for f in filas
    ]


def por_dia_de_persona(
    sesion: Session, persona_id: int, zona: str, proyecto_id: int | None = None, *, practica: bool = False
) -> list[dict[str, Any]]:
    """Lo que una persona hizo y lo que le respondieron, día por día; las columnas son `COLUMNAS_POR_DIA_DE_PERSONA`.

    Sin ``proyecto_id``, de todos los proyectos de verdad; o, con ``practica``, de todos los de práctica.
    """
    parametros = {"persona": persona_id, "zona": zona, "proyecto": proyecto_id, "practica": practica}
    consultas = ("entregas_de_persona", "respuestas_a_persona", "dictamenes_de_persona")
    return plegar_dias_de_persona(*(sesion.execute(SQL[nombre], parametros).all() for nombre in consultas))


def zona_de_persona(sesion: Session, persona_id: int) -> str:
    """Zona horaria del municipio donde la persona trabajó la última vez; la de costumbre si aún no trabaja."""
    return sesion.execute(SQL["zona_de_persona"], {"persona": persona_id}).scalar_one_or_none() or ZONA


def persona_en(sesion: Session, proyecto_id: int, persona_id: int) -> Row[Any]:
    """Quien trabajó en un proyecto.

    Raises
    ------
    NoEncontrado
        Si nunca hizo nada en él.
    """
    fila = sesion.execute(SQL["persona"], {"persona": persona_id, "proyecto": proyecto_id}).one_or_none()
    if fila is None:
        raise NoEncontrado
    return fila


def cifras_de_persona(sesion: Session, persona_id: int, *, practica: bool = False) -> dict[str, Any] | None:
    """Lo que una persona lleva en todos los proyectos de verdad, o en todos los de práctica; ``None`` si nada."""
    parametros = {"persona": persona_id, "practica": practica}
    proyectos = list(sesion.execute(SQL["mis_proyectos"], parametros).scalars())
    return next((f for f in por_persona(sesion, proyectos) if f["persona_id"] == persona_id), None)
