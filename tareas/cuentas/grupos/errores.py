"""Errores de los grupos. ``campo`` dice junto a qué campo del formulario se muestra cada uno."""

from typing import ClassVar

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, NoEncontrado
from tareas.comun.textos import N_


class GrupoDesconocido(NoEncontrado):
    """No hay un grupo con ese número, o no lo ve quien pregunta."""

    codigo = "grupo_desconocido"
    plantilla = N_("No encontramos ese grupo. Búscalo en la lista de grupos de tu municipio.")


class GrupoRepetido(Conflicto):
    """Otro grupo del municipio se llama igual."""

    codigo = "grupo_repetido"
    campo: ClassVar[str] = "nombre"
    plantilla = N_("Ya hay un grupo con ese nombre en el municipio, quizá archivado. Elige otro.")


class NombreDeGrupoInvalido(DatosInvalidos):
    """El nombre está vacío o es muy largo."""

    codigo = "nombre_de_grupo_invalido"
    campo: ClassVar[str] = "nombre"
    plantilla = N_("Escribe un nombre de 1 a 80 caracteres.")


class FueraDelGrupo(NoEncontrado):
    """La persona no está en el grupo; quizá alguien la sacó antes."""

    codigo = "fuera_del_grupo"
    plantilla = N_("Esa persona ya no está en el grupo. Vuelve a cargar la página.")


class UsuariosDesconocidos(DatosInvalidos):
    """Hay usuarios de la lista que no existen o están de baja."""

    codigo = "usuarios_desconocidos"
    campo: ClassVar[str] = "lista"
    plantilla = N_("No agregamos a nadie: no hay cuenta activa con estos usuarios: %(cuales)s. Corrígelos o quítalos.")


class ListaVacia(DatosInvalidos):
    """No se escribió ningún usuario."""

    codigo = "lista_vacia"
    campo: ClassVar[str] = "lista"
    plantilla = N_("Escribe al menos un usuario.")


class ListaMuyLarga(DatosInvalidos):
    """Más usuarios de los que se toman de una vez."""

    codigo = "lista_muy_larga"
    campo: ClassVar[str] = "lista"
    plantilla = N_("Son más de %(maximo)s usuarios. Agrégalos en varias listas.")


registrar_restricciones(
    {
        "grupo_nombre_unico": GrupoRepetido,
        "grupo_nombre_largo": NombreDeGrupoInvalido,
        "grupo_municipio_id_fk": NoEncontrado,
        "grupo_persona_grupo_id_fk": GrupoDesconocido,
    }
)
