"""Arma el avance completo de un proyecto, de un municipio o de una persona, con lo que cada quien puede ver."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tareas.comun.errores import NoEncontrado
from tareas.comun.permisos import GESTIONAN, VALIDAN, Actor
from tareas.tableros import consultas
from tareas.tableros.reglas import COLUMNAS_POR_PERSONA, Dia

VEN_PERSONAS = VALIDAN | GESTIONAN
PUBLICO_DE_PERSONA = ("usuario", "nombre", "entregas", "dictamenes")


@dataclass(frozen=True, slots=True)
class Avance:
    """Cifras ya recortadas para quien las pidió."""

    resumen: dict[str, Any]
    dias: list[Dia]
    personas: list[dict[str, Any]]

    def json(self) -> dict[str, Any]:
        """Como lo da la API."""
        personas = [{k: v.isoformat() if k == "ultima" and v else v for k, v in p.items()} for p in self.personas]
        return {"resumen": self.resumen, "dias": [d.fila() for d in self.dias], "personas": personas}


def personas_para(actor: Actor, municipio_id: int, filas: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Recorta las filas por persona: el público ve quién ayudó y cuánto; lo demás, la propia persona y quien
    coordina.
    """
    completas = actor.tiene(VEN_PERSONAS, municipio_id)
    recortadas = []
    for fila in filas:
        columnas = COLUMNAS_POR_PERSONA if completas or fila["persona_id"] == actor.id else PUBLICO_DE_PERSONA
        recortadas.append({c: fila[c] for c in (*columnas, *(("persona_id",) if completas else ()))})
    return sorted(recortadas, key=lambda f: f["nombre"].casefold())


def exigir_que_pueda_verla(actor: Actor, persona_id: int, municipio_id: int) -> None:
    """Las cifras de una persona son suyas y de quien coordina.

    Raises
    ------
    NoEncontrado
        Para las demás personas: ni siquiera se dice si trabajó ahí.
    """
    if actor.id != persona_id and not actor.tiene(VEN_PERSONAS, municipio_id):
        raise NoEncontrado


def avance(
    sesion: Session, actor: Actor, proyectos: Sequence[int], municipio_id: int, total_tareas: int, zona: str
) -> Avance:
    """Avance de uno o varios proyectos de un municipio."""
    dias = consultas.por_dia(sesion, proyectos, total_tareas, zona)
    personas = personas_para(actor, municipio_id, consultas.por_persona(sesion, proyectos))
    return Avance(consultas.resumen(sesion, proyectos, dias), dias, personas)
