"""Escrituras del proveedor OAuth 2: permisos, fichas y aplicaciones. Reciben la sesión; nunca confirman."""

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from tareas.comun.signos import ilegible
from tareas.cuentas.consultas import huella
from tareas.cuentas.reglas import ficha_nueva
from tareas.practica.oauth.consultas import SQL
from tareas.practica.oauth.errores import (
    ClienteDeCasa,
    ClienteDesconocido,
    DemasiadasRedirecciones,
    NombreDeClienteInvalido,
    PersonaSinAcceso,
)
from tareas.practica.oauth.reglas import (
    ALCANCES_DEL_EDITOR,
    DE_CASA,
    DIAS_ACCESO,
    EDITOR,
    FICHAS_POR_APLICACION,
    HORAS_EDITOR,
    MINUTOS_CODIGO,
    revisar_redireccion,
)


@dataclass(frozen=True, slots=True)
class FichaNueva:
    """Una ficha de acceso recién dada. ``ficha`` es el secreto: no se guarda, sólo su huella."""

    ficha: str = field(repr=False)
    vence: datetime


@dataclass(frozen=True, slots=True)
class ClienteNuevo:
    """Una aplicación recién registrada, con el secreto que se enseña una sola vez (``None``: es pública)."""

    id: str
    secreto: str | None = field(repr=False)


def _asegurar_de_casa(sesion: Session, cliente_id: str) -> None:
    if cliente_id in DE_CASA:
        sesion.execute(SQL["asegurar_de_casa"], {"id": cliente_id, "nombre": DE_CASA[cliente_id]})


def dar_permiso(
    sesion: Session,
    secreto: str,
    *,
    aula_id: int,
    persona_id: int,
    cliente_id: str,
    alcances: Sequence[str],
    redireccion: str,
    reto: str | None,
) -> None:
    """Guarda un código de diez minutos, atado a la aplicación, a su dirección de regreso y a su reto PKCE.

    Parameters
    ----------
    secreto
        El código que se entrega.
    reto
        ``code_challenge`` S256; ``None`` sólo en una aplicación con secreto.

    Raises
    ------
    PersonaSinAcceso
    """
    _asegurar_de_casa(sesion, cliente_id)
    valores = {
        "huella": huella(secreto),
        "aula": aula_id,
        "persona": persona_id,
        "cliente": cliente_id,
        "alcances": list(alcances),
        "redireccion": redireccion,
        "reto": reto,
        "minutos": MINUTOS_CODIGO,
    }
    if sesion.execute(SQL["crear_codigo"], valores).one_or_none() is None:
        raise PersonaSinAcceso
    sesion.execute(SQL["barrer"])


def horas_de(cliente_id: str) -> int:
    """Cuánto vale una ficha de esa aplicación."""
    return HORAS_EDITOR if cliente_id == EDITOR else DIAS_ACCESO * 24


def dar_ficha(
    sesion: Session,
    secreto: str,
    *,
    aula_id: int,
    persona_id: int,
    cliente_id: str,
    alcances: Sequence[str],
    codigo: bytes | None = None,
) -> datetime:
    """Guarda una ficha de acceso y retira las que pasen de `FICHAS_POR_APLICACION`.

    Parameters
    ----------
    codigo
        Huella del código con que se pidió: si alguien lo vuelve a usar, la ficha se retira.

    Returns
    -------
    datetime
        Cuándo vence.

    Raises
    ------
    PersonaSinAcceso
    """
    _asegurar_de_casa(sesion, cliente_id)
    valores = {"persona": persona_id, "aula": aula_id, "cliente": cliente_id}
    nueva = {"huella": huella(secreto), "alcances": list(alcances), "codigo": codigo, "horas": horas_de(cliente_id)}
    vence: datetime | None = sesion.execute(SQL["crear_ficha"], {**valores, **nueva}).scalar()
    if vence is None:
        raise PersonaSinAcceso
    sesion.execute(SQL["retirar_las_de_mas"], {**valores, "cuantas": FICHAS_POR_APLICACION})
    sesion.execute(SQL["barrer"])
    return vence


def ficha_del_editor(sesion: Session, persona_id: int, aula_id: int) -> FichaNueva:
    """Ficha de doce horas para el editor que va dentro de la página.

    Raises
    ------
    PersonaSinAcceso, AulaDesconocida
    """
    secreto = ficha_nueva()
    vence = dar_ficha(
        sesion, secreto, aula_id=aula_id, persona_id=persona_id, cliente_id=EDITOR, alcances=ALCANCES_DEL_EDITOR
    )
    return FichaNueva(secreto, vence)


def gastar_codigo(sesion: Session, huella_codigo: bytes) -> None:
    """Marca un código como usado."""
    sesion.execute(SQL["gastar_codigo"], {"huella": huella_codigo})


def retirar_de_codigo(sesion: Session, huella_codigo: bytes) -> None:
    """Retira las fichas que salieron de un código: alguien lo presentó dos veces."""
    sesion.execute(SQL["retirar_de_codigo"], {"huella": huella_codigo})


def retirar_ficha(sesion: Session, huella_ficha: bytes) -> None:
    """Retira una ficha."""
    sesion.execute(SQL["retirar_ficha"], {"huella": huella_ficha})


def retirar_aplicacion(sesion: Session, persona_id: int, *, aula_id: int, cliente_id: str) -> int:
    """Quita a una aplicación el acceso que una persona le dio en un aula.

    Returns
    -------
    int
        Cuántas fichas dejaron de valer; repetirlo no es un error.
    """
    valores = {"persona": persona_id, "aula": aula_id, "cliente": cliente_id}
    return int(sesion.execute(SQL["retirar_aplicacion"], valores).scalar_one())


def registrar_cliente(
    sesion: Session, nombre: str, redirecciones: Sequence[str], *, con_secreto: bool = False
) -> ClienteNuevo:
    """Registra una aplicación que puede pedir permiso en cualquier aula.

    Raises
    ------
    NombreDeClienteInvalido, RedireccionInvalida, DemasiadasRedirecciones
    """
    limpio = " ".join(unicodedata.normalize("NFC", nombre).split())
    if not limpio or len(limpio) > 80 or any(ilegible(c) for c in limpio):
        raise NombreDeClienteInvalido
    if len(redirecciones) > 20:
        raise DemasiadasRedirecciones
    for uri in redirecciones:
        revisar_redireccion(uri)
    nuevo = ClienteNuevo(secrets.token_urlsafe(16), ficha_nueva() if con_secreto else None)
    sesion.execute(
        SQL["registrar_cliente"],
        {
            "id": nuevo.id,
            "nombre": limpio,
            "redirecciones": list(dict.fromkeys(redirecciones)),
            "secreto_huella": None if nuevo.secreto is None else huella(nuevo.secreto),
        },
    )
    return nuevo


def borrar_cliente(sesion: Session, cliente_id: str) -> None:
    """Borra una aplicación, con todos los accesos que tenía.

    Raises
    ------
    ClienteDeCasa, ClienteDesconocido
    """
    if cliente_id in DE_CASA:
        raise ClienteDeCasa
    if sesion.execute(SQL["borrar_cliente"], {"id": cliente_id}).one_or_none() is None:
        raise ClienteDesconocido
