"""Lo que puede salir mal al revisar, y a qué restricción de la base corresponde."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, NoEncontrado, NoPermitido
from tareas.comun.textos import N_


class DictamenIntocable(NoPermitido):
    """Los dictámenes sólo se agregan."""

    codigo = "dictamen_intocable"
    plantilla = N_("Un dictamen no se borra ni se cambia. Si estuvo mal, deshaz el paso y da otro.")


class DictamenDesconocido(NoEncontrado):
    """No hay un dictamen con ese número en la tarea."""

    codigo = "dictamen_desconocido"
    plantilla = N_("Ese dictamen no es de esta tarea. Vuelve a cargarla.")


class TurnoYaUsado(Conflicto):
    """Ese turno ya dio su dictamen."""

    codigo = "turno_ya_usado"
    plantilla = N_("Con este turno ya se dio un dictamen. Vuelve a cargar la tarea.")


class LugarLejos(DatosInvalidos):
    """Lo dibujado se sale de la tarea. ``datos``: ``campos``."""

    codigo = "lugar_lejos"
    plantilla = N_("Uno de los lugares que señalas está lejos de la tarea. Dibújalo dentro, o a menos de 200 metros.")


class ObjetoDesconocido(DatosInvalidos):
    """Ningún objeto tiene esa clave. ``datos``: ``objetos``."""

    codigo = "objeto_desconocido"
    plantilla = N_(
        "No conocemos el objeto %(objetos)s. Revisa el número o, si es muy nuevo, señala el lugar en el mapa."
    )


class NoSePuedeDisputar(Conflicto):
    """Sólo se disputa la devolución vigente de lo que una misma mapeó."""

    codigo = "no_se_puede_disputar"
    plantilla = N_("Esta devolución ya no se puede disputar: la tarea cambió. Vuelve a cargarla para ver cómo está.")


class DisputaConTurno(Conflicto):
    """Quien disputa tiene la tarea en sus manos."""

    codigo = "disputa_con_turno"
    plantilla = N_("Tienes esta tarea en tus manos. Suéltala y entonces pide que otra persona vea la devolución.")


class DisputaAjena(NoPermitido):
    """La tarea es de otra persona."""

    codigo = "disputa_ajena"
    plantilla = N_("Sólo quien mapeó la tarea puede pedir que otra persona vea la devolución.")


class YaSeDisputo(Conflicto):
    """Una entrega se disputa una vez."""

    codigo = "ya_se_disputo"
    plantilla = N_(
        "Ya pediste que otra persona viera esta entrega. Corrige la tarea y entrégala otra vez, o deja un comentario."
    )


class SenalamientoDesconocido(NoEncontrado):
    """Lo señalado no es de la tarea, o se lo dijeron a otra persona."""

    codigo = "senalamiento_desconocido"
    plantilla = N_(
        "Eso no te lo señalaron en esta tarea. Carga la página de nuevo para ver lo último que te respondieron."
    )


class YaNoSeCorrige(Conflicto):
    """La tarea ya no está devuelta."""

    codigo = "ya_no_se_corrige"
    plantilla = N_("La tarea ya no está devuelta: lo que marcaste como atendido se queda como estaba.")


class DisputaDeOtraPersona(NoPermitido):
    """Quien devolvió no resuelve la disputa."""

    codigo = "disputa_de_otra_persona"
    plantilla = N_("Tú devolviste esta tarea y quien la mapeó pidió otra opinión: la tiene que ver otra persona.")


class SegundaDesconocida(NoEncontrado):
    """No hay una segunda opinión de esa entrega."""

    codigo = "segunda_desconocida"
    plantilla = N_("De esa entrega no se pidió una segunda opinión.")


class SegundaHecha(Conflicto):
    """Otra persona ya la dio."""

    codigo = "segunda_hecha"
    plantilla = N_("Otra persona ya dio esta segunda opinión. Gracias de todos modos.")


class SegundaCerrada(Conflicto):
    """La tarea cambió, o pasó el plazo."""

    codigo = "segunda_cerrada"
    plantilla = N_("Esta segunda opinión ya no hace falta: la tarea cambió o pasó su plazo. Elige otra.")


class SegundaOcupada(Conflicto):
    """Otra persona la tiene."""

    codigo = "segunda_ocupada"
    plantilla = N_("Otra persona está dando esta segunda opinión. Elige otra.")


class SegundaDeLaMisma(NoPermitido):
    """Quien dio el primer dictamen no da el segundo."""

    codigo = "segunda_de_la_misma"
    plantilla = N_("Tú ya revisaste esta entrega: la segunda opinión es de otra persona.")


registrar_restricciones(
    {
        "dictamen_solo_se_agrega": DictamenIntocable,
        "dictamen_uno_por_turno": TurnoYaUsado,
        "senalamiento_lugar_cerca": LugarLejos,
        "bloqueo_disputa_otra_persona": DisputaDeOtraPersona,
        "disputa_una_por_dictamen": YaSeDisputo,
        "disputa_una_por_entrega": YaSeDisputo,
        "disputa_una_abierta_por_tarea": YaSeDisputo,
        "segunda_ya_hecha": SegundaHecha,
        "segunda_una_por_dictamen": SegundaHecha,
        "segunda_cerrada": SegundaCerrada,
        "segunda_ocupada": SegundaOcupada,
        "segunda_revision_no_la_misma": SegundaDeLaMisma,
    }
)
