"""Escrituras de las cuentas de OpenStreetMap. Reciben la sesión; nunca confirman."""

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tareas.cuentas import servicio as cuentas
from tareas.cuentas.errores import EntradaRechazada
from tareas.cuentas.osm.cliente import CuentaDeAlla
from tareas.cuentas.osm.consultas import SQL
from tareas.cuentas.osm.errores import CuentaDeBaja, CuentaOsmAjena, CuentaOsmDesconocida, QuedariaSinEntrada
from tareas.cuentas.osm.reglas import nombre_para_mostrar, usuarios_posibles
from tareas.cuentas.servicio import SesionNueva


def _valores(servidor: str, alla: CuentaDeAlla) -> dict[str, Any]:
    return {
        "servidor": servidor,
        "uid": alla.uid,
        "nombre": alla.nombre,
        "creada": alla.creada,
        "conjuntos": alla.conjuntos,
    }


def entrar(sesion: Session, servidor: str, alla: CuentaDeAlla) -> SesionNueva | None:
    """Abre la sesión de quien tiene esa cuenta y pone al día su nombre de allá.

    Returns
    -------
    SesionNueva or None
        ``None`` si nadie la tiene.

    Raises
    ------
    CuentaDeBaja
    """
    fila: Row[Any] | None = sesion.execute(SQL["persona_de_uid"], _valores(servidor, alla)).one_or_none()
    if fila is None:
        return None
    if not fila.activa:
        raise CuentaDeBaja
    try:
        return cuentas.abrir_sesion(sesion, fila.id, fila.clave_hash, via="web")
    except EntradaRechazada as error:
        raise CuentaDeBaja from error


def crear(sesion: Session, servidor: str, alla: CuentaDeAlla, *, idioma: str) -> SesionNueva:
    """Crea a la persona, sin papeles ni clave, con un usuario parecido a su nombre de allá, y abre su sesión.

    Raises
    ------
    CuentaOsmAjena
        Alguien la creó en este mismo instante; hay que deshacer y `entrar`.
    """
    nombre = nombre_para_mostrar(alla.nombre, alla.uid)
    persona: int | None = None
    for usuario in usuarios_posibles(alla.nombre, alla.uid):
        datos = {"usuario": usuario, "nombre": nombre, "idioma": idioma}
        persona = sesion.execute(SQL["crear_persona"], datos).scalar()
        if persona is not None:
            break
    vincular(sesion, persona or 0, servidor, alla)
    return cuentas.abrir_sesion(sesion, persona or 0, None, via="web")


def vincular(sesion: Session, persona_id: int, servidor: str, alla: CuentaDeAlla) -> None:
    """Anota que esa cuenta es de la persona; si ya lo era, la pone al día.

    Raises
    ------
    CuentaOsmAjena
        Ya es de otra.
    CuentaOsmRepetida
        La persona ya tiene otra cuenta de ese servidor.
    """
    valores = {"persona": persona_id, **_valores(servidor, alla)}
    if sesion.execute(SQL["vincular"], valores).one_or_none() is None:
        raise CuentaOsmAjena


def desvincular(sesion: Session, persona_id: int, servidor: str) -> None:
    """Olvida la cuenta de una persona en un servidor.

    Raises
    ------
    CuentaOsmDesconocida, QuedariaSinEntrada
    """
    tiene_clave = sesion.execute(SQL["desvincular"], {"persona": persona_id, "servidor": servidor}).scalar()
    if tiene_clave is None:
        raise CuentaOsmDesconocida
    if not tiene_clave:
        raise QuedariaSinEntrada
