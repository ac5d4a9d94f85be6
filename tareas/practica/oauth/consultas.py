"""Lecturas del proveedor OAuth 2."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql
from tareas.comun.permisos import Actor, Papel
from tareas.cuentas.consultas import huella
from tareas.practica.aulas.consultas import visible
from tareas.practica.errores import AulaDesconocida

SQL: dict[str, TextClause] = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}


def actor_de_acceso(sesion: Session, ficha: str, aula_id: int) -> tuple[Actor, frozenset[str]] | None:
    """Quién pide con una ficha de acceso, y qué le dejó hacer a la aplicación que la lleva.

    Parameters
    ----------
    ficha
        La de ``Authorization: Bearer``.
    aula_id
        Aula donde se presenta; una ficha de otra no vale.

    Returns
    -------
    tuple of (Actor, frozenset of str) or None
        ``None`` si no existe, venció, se retiró o es de otra aula, y también si la persona está de baja, tiene que
        cambiar su clave o ya no puede ver el aula.
    """
    fila = sesion.execute(SQL["acceso"], {"huella": huella(ficha), "aula": aula_id}).one_or_none()
    if fila is None:
        return None
    pares = (texto.split(":", 1) for texto in fila.papeles or ())
    papeles = frozenset((int(m) if m else None, Papel(p)) for m, p in pares)
    actor = Actor(fila.id, fila.usuario, fila.nombre, fila.idioma, papeles)
    try:
        visible(sesion, actor, aula_id)
    except AulaDesconocida:
        return None
    return actor, frozenset(fila.alcances)


def cliente(sesion: Session, cliente_id: str) -> Row[Any] | None:
    """``id, nombre, redirecciones, secreto_huella`` de una aplicación registrada."""
    return sesion.execute(SQL["cliente"], {"id": cliente_id}).one_or_none()


def clientes(sesion: Session) -> Sequence[Row[Any]]:
    """Aplicaciones con fila y cuántas personas les dan acceso hoy."""
    return sesion.execute(SQL["clientes"]).all()


def codigo(sesion: Session, secreto: str, *, aula_id: int, cliente_id: str) -> Row[Any] | None:
    """El código que esa aplicación recibió en esa aula. Quien lo lee se queda con su turno hasta confirmar."""
    valores = {"huella": huella(secreto), "aula": aula_id, "cliente": cliente_id}
    return sesion.execute(SQL["codigo"], valores).one_or_none()


def ficha_de(sesion: Session, secreto: str, aula_id: int) -> Row[Any] | None:
    """``huella, cliente_id, alcances, persona_id, creada, vence`` (segundos desde 1970) de una ficha de esa aula."""
    return sesion.execute(SQL["ficha"], {"huella": huella(secreto), "aula": aula_id}).one_or_none()


def aplicaciones(sesion: Session, persona_id: int) -> Sequence[Row[Any]]:
    """Aplicaciones a las que una persona da acceso hoy, por aula."""
    return sesion.execute(SQL["aplicaciones"], {"persona": persona_id}).all()
