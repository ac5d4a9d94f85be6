"""Familias de errores que las personas ven.

Una familia no lleva número HTTP: sólo ``aplicacion.py`` las traduce a la web. Cada clase lleva un ``codigo`` ASCII, una
``plantilla`` en español con huecos ``%(nombre)s`` que dice qué hacer después, y los ``datos`` que llenan los huecos y
acompañan a la respuesta.
"""

from typing import Any, ClassVar

from tareas.comun.textos import N_


class ErrorTequio(Exception):
    """Base de los errores esperados.

    Parameters
    ----------
    **datos
        Huecos de la plantilla y datos para quien llama (JSON simple; nunca secretos).
    """

    codigo: ClassVar[str] = "error"
    plantilla: ClassVar[str] = N_("No se pudo completar la operación. Inténtalo de nuevo.")

    def __init__(self, **datos: Any) -> None:
        self.datos = datos
        super().__init__(self.mensaje)

    @property
    def mensaje(self) -> str:
        """Mensaje en español, con los huecos llenos."""
        return self.plantilla % self.datos


class DatosInvalidos(ErrorTequio):
    """Lo enviado no se puede tomar: dice qué campo y por qué (``datos['campos']``: campo -> mensaje)."""

    codigo = "datos_invalidos"
    plantilla = N_("Revisa los datos marcados y envíalos de nuevo.")


class NoAutenticado(ErrorTequio):
    """Hace falta entrar con una cuenta."""

    codigo = "no_autenticado"
    plantilla = N_("Entra con tu cuenta para continuar.")


class NoPermitido(ErrorTequio):
    """La cuenta no tiene el papel que esto pide."""

    codigo = "no_permitido"
    plantilla = N_("Tu cuenta no tiene permiso para hacer esto. Pídelo a la administración de tu municipio.")


class DebeCambiarClave(NoPermitido):
    """Entró con una clave temporal y todavía no pone la suya."""

    codigo = "debe_cambiar_clave"
    plantilla = N_("Tu clave es temporal. Pon una tuya en «Mi cuenta» y sigue donde ibas.")


class NoEncontrado(ErrorTequio):
    """No existe, o no es visible para quien pregunta."""

    codigo = "no_encontrado"
    plantilla = N_("No encontramos lo que buscas. Revisa la dirección o vuelve a la lista de proyectos.")


class Conflicto(ErrorTequio):
    """Otra cosa ocurrió antes; la respuesta dice qué."""

    codigo = "conflicto"
    plantilla = N_("Alguien se adelantó. Vuelve a cargar para ver cómo está ahora.")


class Caducado(ErrorTequio):
    """Valió, y ya no."""

    codigo = "caducado"
    plantilla = N_("Este enlace ya venció. Pide uno nuevo.")


class Demasiado(ErrorTequio):
    """Demasiado grande."""

    codigo = "demasiado_grande"
    plantilla = N_("Lo que enviaste es demasiado grande.")


class DemasiadasVeces(Demasiado):
    """Demasiadas veces en poco tiempo; ``datos['espera_s']`` dice cuánto esperar."""

    codigo = "demasiadas_veces"
    plantilla = N_("Demasiados intentos. Espera %(espera_s)s segundos y prueba de nuevo.")


class LlegoDespacio(ErrorTequio):
    """El cuerpo de la petición no acabó de llegar a tiempo."""

    codigo = "llego_despacio"
    plantilla = N_("Lo que enviaste no acabó de llegar a tiempo. Revisa tu conexión y envíalo de nuevo.")


class SinLugar(ErrorTequio):
    """Demasiadas subidas a la vez."""

    codigo = "sin_lugar"
    plantilla = N_("En este momento llegan demasiados archivos a la vez. Espera un minuto y envíalo de nuevo.")
