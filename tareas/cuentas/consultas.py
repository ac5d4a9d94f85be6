"""Lecturas de cuentas."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from tareas.comun.bd import cargar_sql, filas
from tareas.comun.permisos import ANONIMO, Actor, Papel
from tareas.cuentas.errores import EnlaceCaducado, MunicipioAmbiguo, MunicipioDesconocido, PersonaDesconocida

SQL: dict[str, TextClause] = {nombre: text(sql) for nombre, sql in cargar_sql(Path(__file__).parent).items()}
POR_PAGINA = 50


def huella(ficha: str) -> bytes:
    """Huella SHA-256 con que se guarda una ficha secreta."""
    return hashlib.sha256(ficha.encode()).digest()


def actor_de_ficha(sesion: Session, ficha: str) -> Actor:
    """Persona y papeles de una ficha de entrada; `ANONIMO` si no vale o ya venció."""
    return next((actor_de_fila(f) for f in filas(sesion, SQL["actor"], {"huella": huella(ficha)})), ANONIMO)


def actor_de_fila(fila: Any) -> Actor:
    """Actor de una fila de la consulta ``actor``."""
    pares = (texto.split(":", 1) for texto in fila.papeles or ())
    papeles = frozenset((int(m) if m else None, Papel(p)) for m, p in pares)
    return Actor(fila.id, fila.usuario, fila.nombre, fila.idioma, papeles, fila.debe_cambiar_clave)


def credencial(sesion: Session, usuario: str) -> Row[Any] | None:
    """``id, usuario, clave_hash, activa`` de un nombre de usuario, sin distinguir mayúsculas."""
    return sesion.execute(SQL["credencial"], {"usuario": usuario}).one_or_none()


def persona_de_usuario(sesion: Session, usuario: str) -> int:
    """Identificador de quien usa ese nombre.

    Raises
    ------
    PersonaDesconocida
    """
    fila = credencial(sesion, usuario)
    if fila is None:
        raise PersonaDesconocida
    return int(fila.id)


def cuenta(sesion: Session, persona_id: int) -> Row[Any]:
    """Los datos de una cuenta y cuántas sesiones tiene abiertas.

    Raises
    ------
    PersonaDesconocida
    """
    fila = sesion.execute(SQL["cuenta"], {"persona": persona_id}).one_or_none()
    if fila is None:
        raise PersonaDesconocida
    return fila


def papeles(sesion: Session, persona_id: int) -> Sequence[Row[Any]]:
    """Papeles de una persona: ``id, papel, municipio_id, municipio_clave, municipio, otorgado``."""
    return sesion.execute(SQL["papeles"], {"persona": persona_id}).all()


@dataclass(frozen=True, slots=True)
class Pagina:
    """Una página de la lista de personas."""

    personas: Sequence[Row[Any]]
    total: int
    numero: int
    paginas: int


def personas(sesion: Session, *, texto: str = "", municipios: Iterable[int] | None = None, pagina: int = 1) -> Pagina:
    """Personas por nombre, las activas primero.

    Parameters
    ----------
    texto
        Parte del usuario o del nombre; sin distinguir acentos ni mayúsculas.
    municipios
        Sólo quienes tienen papel ahí, y sólo esos papeles; ``None``, todas.
    pagina
        Desde 1; una mayor que la última vale como la última.
    """
    donde = {"texto": texto, "municipios": None if municipios is None else list(municipios)}
    total = sesion.execute(SQL["cuantas_personas"], donde).scalar_one()
    paginas = max(1, -(-total // POR_PAGINA))
    numero = min(max(1, pagina), paginas)
    filas = sesion.execute(SQL["personas"], {**donde, "cuantas": POR_PAGINA, "desde": (numero - 1) * POR_PAGINA}).all()
    return Pagina(filas, total, numero, paginas)


def municipios_elegibles(sesion: Session, municipios: Iterable[int] | None) -> Sequence[Row[Any]]:
    """Municipios que se ofrecen al dar un papel: ``municipios``; con ``None``, los que ya se usan."""
    return sesion.execute(SQL["municipios"], {"municipios": None if municipios is None else list(municipios)}).all()


def municipio_por_texto(sesion: Session, texto: str) -> int:
    """Identificador del municipio con esa clave, o con ese nombre si sólo hay uno.

    Raises
    ------
    MunicipioDesconocido, MunicipioAmbiguo
    """
    filas = sesion.execute(SQL["municipio_por_texto"], {"texto": texto.strip()}).all()
    if not filas:
        raise MunicipioDesconocido
    if len(filas) > 1 and not filas[0].exacta:
        raise MunicipioAmbiguo(opciones=", ".join(f"{f.nombre}, {f.entidad} ({f.clave})" for f in filas))
    return int(filas[0].id)


def usuarios_ocupados(sesion: Session, exactos: Iterable[str], prefijos: Iterable[str] = ()) -> set[str]:
    """Usuarios que ya existen, en minúsculas: los de ``exactos`` y los que empiezan como alguno de ``prefijos``."""
    valores = {"exactos": list(exactos), "prefijos": list(prefijos)}
    return set(sesion.execute(SQL["ocupados"], valores).scalars())


def persona_del_enlace(sesion: Session, ficha: str) -> Row[Any]:
    """``id, usuario`` de quien pidió el enlace.

    Raises
    ------
    EnlaceCaducado
    """
    fila = sesion.execute(SQL["enlace_vigente"], {"huella": huella(ficha)}).one_or_none()
    if fila is None:
        raise EnlaceCaducado
    return fila
