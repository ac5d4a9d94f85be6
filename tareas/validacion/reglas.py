"""Veredictos y la lista cerrada de motivos con que se devuelve una tarea."""

from enum import StrEnum

from tareas.comun.textos import N_
from tareas.cuentas.buzon.reglas import registrar_codigos
from tareas.mapeo.reglas import Estado


class Veredicto(StrEnum):
    """Cómo termina una revisión."""

    VALIDADA = "validada"
    DEVUELTA = "devuelta"


LLEVA_A = {Veredicto.VALIDADA: Estado.VALIDADA, Veredicto.DEVUELTA: Estado.DEVUELTA}

# Los códigos son los de la taxonomía de errores: lo que una persona señala y lo que un programa halla se suman.
MOTIVOS: dict[str, str] = {
    "E-FALT": N_("Falta por mapear"),
    "E-UNO": N_("Varios edificios dibujados como uno, o uno como varios"),
    "E-DESP": N_("Desplazado respecto de la imagen"),
    "E-ESC": N_("Esquinas sin escuadrar"),
    "E-CRUD": N_("Trazo tosco"),
    "E-TRAS": N_("Edificios traslapados"),
    "E-VIA": N_("Una vía cruza un edificio"),
    "E-NODO": N_("Vías que se cruzan sin nodo común"),
    "E-CASI": N_("Vía casi conectada"),
    "E-ISLA": N_("Vía desconectada de la red"),
    "E-CLAS": N_("Clase de vía dudosa"),
    "E-ETIQ": N_("Etiqueta ausente, inválida o inventada"),
    "E-NOMB": N_("Nombre mal escrito"),
    "E-DUP": N_("Objetos repetidos"),
    "E-CRUZ": N_("Figura que se cruza a sí misma"),
    "E-PICO": N_("Ángulo imposible"),
    "E-ABIE": N_("Contorno sin cerrar"),
    "E-AGUA": N_("Vía que cruza agua sin puente ni vado"),
    "E-FUERA": N_("Editó fuera de la tarea"),
    "E-NADA": N_("Entregada sin ediciones"),
    "E-IMG": N_("Imagen equivocada o mala"),
}
# Un aviso sólo guarda los códigos: así el buzón sabe cómo se llaman.
registrar_codigos(MOTIVOS)
