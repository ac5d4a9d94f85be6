"""Escrituras de los grupos. Reciben la sesión; nunca confirman."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from tareas.cuentas.grupos.consultas import SQL, por_usuario
from tareas.cuentas.grupos.errores import FueraDelGrupo, GrupoDesconocido


def crear(
    sesion: Session, *, municipio_id: int, nombre: str, creado_por: int | None, usuarios: Sequence[str] = ()
) -> int:
    """Crea un grupo, con quienes ya se sabe que van.

    Returns
    -------
    int
        Identificador del grupo.

    Raises
    ------
    GrupoRepetido, NombreDeGrupoInvalido, UsuariosDesconocidos
    """
    valores = {"municipio": municipio_id, "nombre": nombre, "persona": creado_por}
    grupo_id = int(sesion.execute(SQL["crear"], valores).scalar_one())
    if usuarios:
        agregar(sesion, grupo_id, usuarios)
    return grupo_id


def renombrar(sesion: Session, grupo_id: int, nombre: str) -> None:
    """Cambia el nombre.

    Raises
    ------
    GrupoDesconocido, GrupoRepetido, NombreDeGrupoInvalido
    """
    if sesion.execute(SQL["renombrar"], {"grupo": grupo_id, "nombre": nombre}).scalar() is None:
        raise GrupoDesconocido


def archivar(sesion: Session, grupo_id: int, *, archivado: bool = True) -> None:
    """Lo quita de las listas, o lo regresa. Quienes están en él se quedan.

    Raises
    ------
    GrupoDesconocido
    """
    if sesion.execute(SQL["archivar"], {"grupo": grupo_id, "archivado": archivado}).scalar() is None:
        raise GrupoDesconocido


def agregar(sesion: Session, grupo_id: int, usuarios: Sequence[str]) -> int:
    """Agrega a todas las personas de una lista, o a ninguna. Quien ya estaba se queda igual.

    Returns
    -------
    int
        Cuántas no estaban.

    Raises
    ------
    UsuariosDesconocidos, GrupoDesconocido
    """
    personas = por_usuario(sesion, usuarios)
    return len(sesion.execute(SQL["agregar"], {"grupo": grupo_id, "personas": personas}).all())


def quitar(sesion: Session, grupo_id: int, persona_id: int) -> None:
    """Saca a una persona del grupo.

    Raises
    ------
    FueraDelGrupo
    """
    if sesion.execute(SQL["quitar"], {"grupo": grupo_id, "persona": persona_id}).scalar() is None:
        raise FueraDelGrupo
