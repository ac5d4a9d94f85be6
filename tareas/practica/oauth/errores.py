"""Lo que puede salir mal fuera del protocolo. Los errores de OAuth llevan el código de su RFC, no los de aquí."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, NoEncontrado
from tareas.comun.textos import N_
from tareas.practica.errores import AulaDesconocida


class ClienteDesconocido(NoEncontrado):
    """Ninguna aplicación tiene ese identificador."""

    codigo = "cliente_desconocido"
    plantilla = N_("No hay una aplicación con ese identificador.")


class ClienteDeCasa(Conflicto):
    """Es de las que vienen con Tequio: no se registra ni se borra."""

    codigo = "cliente_de_casa"
    plantilla = N_("Esa aplicación viene con Tequio: no se registra ni se borra.")


class RedireccionInvalida(DatosInvalidos):
    """Ahí no se puede mandar un permiso."""

    codigo = "redireccion_invalida"
    plantilla = N_(
        "No se puede volver a «%(uri)s»: usa https://, http:// sólo en la propia máquina (127.0.0.1, localhost), o el "
        "esquema propio de una aplicación; sin # y completa."
    )


class NombreDeClienteInvalido(DatosInvalidos):
    """Vacío, muy largo o con caracteres que no se ven."""

    codigo = "nombre_de_cliente_invalido"
    plantilla = N_("Escribe el nombre de la aplicación, de 1 a 80 caracteres.")


class DemasiadasRedirecciones(DatosInvalidos):
    """Pasan del tope."""

    codigo = "demasiadas_redirecciones"
    plantilla = N_("Una aplicación puede tener hasta 20 direcciones de regreso.")


class PersonaSinAcceso(NoEncontrado):
    """La cuenta quedó de baja mientras se daba el permiso."""

    codigo = "persona_sin_acceso"
    plantilla = N_("Esta cuenta está de baja y no puede dar acceso a ninguna aplicación.")


registrar_restricciones(
    {
        "oauth_cliente_nombre_largo": NombreDeClienteInvalido,
        "oauth_cliente_pocas_redirecciones": DemasiadasRedirecciones,
        "oauth_codigo_aula_id_fk": AulaDesconocida,
        "oauth_ficha_aula_id_fk": AulaDesconocida,
        "oauth_codigo_cliente_id_fk": ClienteDesconocido,
        "oauth_ficha_cliente_id_fk": ClienteDesconocido,
    }
)
