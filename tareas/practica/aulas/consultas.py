"""Lecturas de las aulas. Quién ve qué aula se decide aquí, en `visible`, y en ningún otro lugar."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.permisos import ANONIMO, Actor
from tareas.practica.errores import AulaDesconocida
from tareas.practica.reglas import PREPARAN
from tareas.proyectos.consultas import VISIBLE, parametros_visible

CRUDO = cargar_sql(Path(__file__).parent)
SQL = {nombre: text(sql.replace("{visible}", VISIBLE)) for nombre, sql in CRUDO.items() if nombre != "elementos"}


class Aula(NamedTuple):
    """Lo que casi toda ruta necesita saber de un aula."""

    id: int
    municipio_id: int
    nombre: str
    estado: str
    visibilidad: str

    @property
    def congelada(self) -> bool:
        """``True`` si se lee y ya no se escribe."""
        return self.estado == "congelada"


def visible(sesion: Session, actor: Actor, aula_id: int) -> Aula:
    """El aula, si el actor la puede ver: pública, de un municipio donde tiene papel, o de un proyecto que ve.

    Quien entró con una clave temporal ve lo que vería sin entrar: su clave la sabe quien se la dio.

    Raises
    ------
    AulaDesconocida
        Si no existe o no la puede ver: desde fuera no se distinguen.
    """
    quien = ANONIMO if actor.debe_cambiar_clave else actor
    fila = sesion.execute(SQL["visible"], {"aula": aula_id, **parametros_visible(quien)}).one_or_none()
    if fila is None:
        raise AulaDesconocida
    return Aula(*fila)


def la_vera_con_su_clave(sesion: Session, actor: Actor, aula_id: int) -> bool:
    """Si sólo le falta poner una clave propia para verla."""
    if not actor.debe_cambiar_clave:
        return False
    con_clave = replace(actor, debe_cambiar_clave=False)
    return sesion.execute(SQL["visible"], {"aula": aula_id, **parametros_visible(con_clave)}).one_or_none() is not None


def existe(sesion: Session, aula_id: int) -> bool:
    """Si hay un aula con ese número, se pueda ver o no. Sólo para lo que un editor pregunta antes de entrar."""
    return sesion.execute(SQL["existe"], {"aula": aula_id}).one_or_none() is not None


def ficha(sesion: Session, aula_id: int) -> Row[Any]:
    """Todo lo que se dice de un aula, con su municipio; quien llama ya comprobó que la puede ver."""
    return sesion.execute(SQL["ficha"], {"aula": aula_id}).one()


def cuentas(sesion: Session, aula_id: int) -> dict[str, int]:
    """Cuántos nodos, vías, relaciones y edificios tiene hoy."""
    return dict(sesion.execute(SQL["cuentas"], {"aula": aula_id}).one()._mapping)


def personas(sesion: Session, aula_id: int) -> Sequence[Row[Any]]:
    """Quiénes han guardado algo, de lo más reciente a lo más viejo: conjuntos, cambios, última vez."""
    return sesion.execute(SQL["personas"], {"aula": aula_id}).all()


def proyectos(sesion: Session, actor: Actor, aula_id: int) -> Sequence[Row[Any]]:
    """Proyectos que el actor ve y que editan en el aula."""
    return sesion.execute(SQL["proyectos"], {"aula": aula_id, **parametros_visible(actor)}).all()


def preparadas(sesion: Session, actor: Actor) -> Sequence[Row[Any]]:
    """Aulas de los municipios donde el actor las prepara, de la más nueva a la más vieja."""
    return sesion.execute(SQL["de_municipios"], _suyos(actor)).all()


def de_donde_copiar(sesion: Session, actor: Actor) -> list[tuple[int, str]]:
    """Proyectos de esos municipios: su área puede ser la de un aula."""
    return [(p, nombre) for p, nombre in sesion.execute(SQL["de_donde_copiar"], _suyos(actor))]


def _suyos(actor: Actor) -> dict[str, Any]:
    suyos = actor.municipios_con(PREPARAN)
    return {"todos": None in suyos, "municipios": [m for m in suyos if m is not None]}
