"""Recuenta todo lo que se guarda contado y lo compara con el historial."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.textos import N_
from tareas.mapeo.reglas import Estado
from tareas.proyectos.consultas import conteos

SQL = cargar_sql(Path(__file__).parent, "comprobar.sql")

TITULOS = {
    "estado_de_cada_tarea": N_("El estado de cada tarea es el pliegue de su historial"),
    "cadena_de_cada_tarea": N_("Cada paso parte del estado anterior"),
    "total_de_cada_proyecto": N_("El total de cada proyecto es el de sus tareas, numeradas sin huecos"),
    "divididas_de_cada_proyecto": N_("Las divididas de cada proyecto son las que dice"),
    "partes_de_cada_dividida": N_("Cada tarea dividida tiene sus partes, y nadie un turno en ella"),
    "partes_que_cubren": N_("Las partes cubren exactamente lo que cubrían las tareas de las que salieron"),
    "nacidas_con_division": N_("Cada tarea que salió de otras tiene su origen en el historial"),
    "bloqueos_en_su_estado": N_("Los turnos vigentes están en tareas que los admiten"),
    "bloqueos_con_historia": N_("Cada turno vigente está en el historial"),
    "fichas_crecientes": N_("Las fichas crecen dentro de cada tarea"),
    "finales_con_turno": N_("Cada final cierra un turno, y cada turno se cierra una vez"),
    "un_turno_a_la_vez": N_("Nunca hay dos turnos a la vez en una tarea"),
    "nadie_revisa_lo_suyo": N_("Nadie revisó lo que mapeó"),
    "primera_revision": N_("La primera revisión de cada tarea está marcada"),
    "dictamenes_con_paso": N_(
        "Cada dictamen del historial tiene el suyo, de la misma persona y sobre la entrega de otra"
    ),
    "en_espera": N_("Lo que espera revisión es lo que dice el historial"),
    "disputas": N_("Cada disputa está como dice el historial"),
    "segundas": N_("Cada segunda opinión es de otra persona sobre la misma entrega"),
    "evidencia": N_("La evidencia de cada turno es la que sale de los cambios de OpenStreetMap"),
    "contadores": N_("Los contadores de cada proyecto son los del recuento"),
}


@dataclass(frozen=True, slots=True)
class Comprobacion:
    """Resultado de una regla: las diferencias, a lo más ``MUESTRA``, y cuántas hay."""

    nombre: str
    titulo: str
    diferencias: list[dict[str, Any]]
    cuantas: int


MUESTRA = 10


def comprobar(sesion: Session, avisar: Callable[[str], None] | None = None) -> list[Comprobacion]:
    """Corre todas las reglas, en una misma fotografía de la base si la sesión está en una transacción repetible."""
    resultados = []
    for nombre, titulo in TITULOS.items():
        if avisar is not None:
            avisar(titulo)
        filas = (
            _contadores(sesion)
            if nombre == "contadores"
            else [dict(f._mapping) for f in sesion.execute(text(SQL[nombre]))]
        )
        resultados.append(Comprobacion(nombre, titulo, filas[:MUESTRA], len(filas)))
    return resultados


def _contadores(sesion: Session) -> list[dict[str, Any]]:
    """Compara los contadores que la web muestra con los que salen de plegar el historial."""
    recuento: dict[int, dict[str, int]] = {}
    consulta = text("""
        SELECT t.proyecto_id, coalesce(u.a, 0) AS estado, count(*) AS n
          FROM tarea t
          LEFT JOIN (SELECT DISTINCT ON (proyecto_id, numero) proyecto_id, numero, a FROM historial WHERE a IS NOT NULL
                      ORDER BY proyecto_id, numero, id DESC) u USING (proyecto_id, numero)
         WHERE coalesce(u.a, 0) <> 5
         GROUP BY 1, 2""")
    for proyecto, estado, n in sesion.execute(consulta):
        recuento.setdefault(proyecto, {})[Estado(estado).codigo] = n
    guardados = conteos(sesion, list(recuento))
    diferencias = []
    for proyecto, esperados in recuento.items():
        guardado = {estado: n for estado, n in guardados[proyecto].items() if n}
        if guardado != esperados:
            diferencias.append({"proyecto": proyecto, "guardado": guardado, "recontado": esperados})
    return diferencias
