"""Errores del buzón."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import DatosInvalidos, NoEncontrado
from tareas.comun.textos import N_


class AvisoDesconocido(NoEncontrado):
    """No hay un aviso con ese número, o es de otra persona."""

    codigo = "aviso_desconocido"
    plantilla = N_("Ese aviso ya no está en tu buzón. Mira los demás en «Avisos».")


class BajaInvalida(NoEncontrado):
    """El enlace para dejar de recibir correos está incompleto o lo firmó otra instalación."""

    codigo = "baja_invalida"
    plantilla = N_("Este enlace está incompleto. Cópialo entero del correo, o cambia tus avisos en «Mi cuenta».")


class PreferenciaDesconocida(DatosInvalidos):
    """Una manera de recibir avisos que no existe."""

    codigo = "preferencia_desconocida"
    plantilla = N_("Elige cómo quieres tus avisos: cada uno, un resumen al día, o nunca por correo.")


class HoraInvalida(DatosInvalidos):
    """La hora del resumen no es una hora del día."""

    codigo = "hora_invalida"
    campo = "hora"
    plantilla = N_("Elige una hora del día, de 0 a 23.")


registrar_restricciones(
    {
        "persona_avisos_correo_conocido": PreferenciaDesconocida,
        "persona_avisos_hora_del_dia": HoraInvalida,
    }
)
