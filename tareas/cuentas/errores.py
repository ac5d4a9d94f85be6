"""Errores de cuentas. ``campo`` dice junto a qué campo del formulario se muestra cada uno."""

from typing import ClassVar

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Caducado, Conflicto, DatosInvalidos, NoAutenticado, NoEncontrado, NoPermitido
from tareas.comun.textos import N_


class EntradaRechazada(NoAutenticado):
    """Usuario y clave no coinciden. Es la misma respuesta si la cuenta no existe, no tiene clave o está de baja."""

    codigo = "entrada_rechazada"
    plantilla = N_("El usuario o la clave no coinciden. Revisa cómo los escribiste y prueba otra vez.")


class UsuarioInvalido(DatosInvalidos):
    """El nombre de usuario no tiene la forma que se pide."""

    codigo = "usuario_invalido"
    campo: ClassVar[str] = "usuario"
    plantilla = N_("Usa de 3 a 40 letras, números o signos; sin espacios, diagonales ni arrobas.")


class UsuarioOcupado(Conflicto):
    """Otra cuenta usa ese nombre de usuario."""

    codigo = "usuario_ocupado"
    campo: ClassVar[str] = "usuario"
    plantilla = N_("Ese nombre de usuario ya está en uso. Elige otro.")


class NombreInvalido(DatosInvalidos):
    """El nombre está vacío, es muy largo o lleva caracteres que no se ven."""

    codigo = "nombre_invalido"
    campo: ClassVar[str] = "nombre"
    plantilla = N_("Escribe un nombre de 1 a 120 caracteres.")


class ClaveCorta(DatosInvalidos):
    """La clave no llega al largo mínimo."""

    codigo = "clave_corta"
    campo: ClassVar[str] = "clave"
    plantilla = N_("Usa al menos %(minimo)s caracteres. Una frase de varias palabras es fácil de recordar.")


class ClaveFacil(DatosInvalidos):
    """La clave se adivina."""

    codigo = "clave_facil"
    campo: ClassVar[str] = "clave"
    plantilla = N_("Esa clave se adivina fácil. Prueba con una frase de varias palabras, distinta de tu usuario.")


class ClaveEquivocada(DatosInvalidos):
    """La clave actual no es ésa."""

    codigo = "clave_equivocada"
    campo: ClassVar[str] = "clave_actual"
    plantilla = N_("Ésa no es tu clave actual. Escríbela otra vez.")


class PersonaDesconocida(NoEncontrado):
    """No hay una cuenta con ese nombre, o no la ve quien pregunta."""

    codigo = "persona_desconocida"
    campo: ClassVar[str] = "usuario"
    plantilla = N_("No hay una cuenta con ese nombre de usuario. Revisa cómo se escribe o créala.")


class FaltaPapel(DatosInvalidos):
    """Una cuenta sin papel no quedaría en ningún municipio."""

    codigo = "falta_papel"
    campo: ClassVar[str] = "papel"
    plantilla = N_("Elige qué papel tendrá y en qué municipio.")


class PapelYaOtorgado(Conflicto):
    """La persona ya tiene ese papel ahí."""

    codigo = "papel_ya_otorgado"
    campo: ClassVar[str] = "papel"
    plantilla = N_("Esta persona ya tiene ese papel ahí.")


class PapelDesconocido(NoEncontrado):
    """La persona no tiene ese papel; quizá alguien se lo quitó antes."""

    codigo = "papel_desconocido"
    campo: ClassVar[str] = "papel"
    plantilla = N_("Esta persona ya no tiene ese papel. Vuelve a cargar la página.")


class UltimaAdministracion(Conflicto):
    """Nadie quedaría a cargo de la instalación."""

    codigo = "ultima_administracion"
    plantilla = N_("Es la última persona que administra toda la instalación. Da antes ese papel a alguien más.")


class BajaPropia(Conflicto):
    """Nadie da de baja su propia cuenta desde la administración."""

    codigo = "baja_propia"
    plantilla = N_("Es tu propia cuenta. Pide a otra persona que administra que la dé de baja.")


class CuentaAjena(NoPermitido):
    """La persona también trabaja en municipios que quien pide no administra."""

    codigo = "cuenta_ajena"
    plantilla = N_("Esta cuenta también es de otro municipio. Pide el cambio a quien administra toda la instalación.")


class FaltaMunicipio(DatosInvalidos):
    """No se dijo en qué municipio."""

    codigo = "falta_municipio"
    campo: ClassVar[str] = "municipio"
    plantilla = N_("Falta el municipio: escribe su nombre o su clave, o marca toda la instalación si la administras.")


class MunicipioDesconocido(DatosInvalidos):
    """Ningún municipio tiene esa clave ni ese nombre."""

    codigo = "municipio_desconocido"
    campo: ClassVar[str] = "municipio"
    plantilla = N_("No encontramos ese municipio. Escribe su nombre completo o su clave.")


class MunicipioAmbiguo(DatosInvalidos):
    """Varios municipios se llaman así."""

    codigo = "municipio_ambiguo"
    campo: ClassVar[str] = "municipio"
    plantilla = N_("Hay varios con ese nombre: %(opciones)s. Escribe la clave.")


class EnlaceCaducado(Caducado):
    """El enlace para poner clave nueva no existe, ya se usó o venció."""

    codigo = "enlace_caducado"
    plantilla = N_("Este enlace ya se usó o ya venció. Pide uno nuevo en «Olvidé mi clave».")


class RegistroCerrado(NoPermitido):
    """La instalación no admite que cada quien cree su cuenta."""

    codigo = "registro_cerrado"
    plantilla = N_("Aquí las cuentas las crea la administración. Pídele la tuya a quien organiza el mapeo.")


class SinCorreo(Conflicto):
    """La instalación no tiene servidor de correo."""

    codigo = "sin_correo"
    plantilla = N_("Esta instalación no envía correos. Pide a quien administra tu municipio que te dé una clave nueva.")


class CorreoMalConfigurado(DatosInvalidos):
    """Los valores de correo del entorno no se entienden o están incompletos."""

    codigo = "correo_mal_configurado"
    plantilla = N_("La configuración de correo no sirve: %(porque)s.")


class CorreoInseguro(Conflicto):
    """El servidor de correo no cifra y la clave viajaría a la vista."""

    codigo = "correo_inseguro"
    plantilla = N_(
        "El servidor de correo %(servidor)s no cifra y no le mandamos la clave. Usa smtps:// o uno con STARTTLS."
    )


class ListaInvalida(DatosInvalidos):
    """Hay renglones que no se pueden tomar: ``datos['renglones']`` da ``numero``, ``plantilla`` y ``datos``."""

    codigo = "lista_invalida"
    campo: ClassVar[str] = "lista"
    plantilla = N_("No se creó ninguna cuenta. Corrige estos renglones y envíala de nuevo.")


registrar_restricciones(
    {
        "persona_usuario_unico": UsuarioOcupado,
        "persona_usuario_valido": UsuarioInvalido,
        "persona_nombre_largo": NombreInvalido,
        "papel_unico": PapelYaOtorgado,
        "papel_queda_administrador": UltimaAdministracion,
        "papel_persona_id_fk": PersonaDesconocida,
        "papel_municipio_id_fk": MunicipioDesconocido,
    }
)
