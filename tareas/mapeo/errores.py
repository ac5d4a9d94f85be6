"""Lo que puede salir mal al tomar o entregar una tarea, y a qué restricción de la base corresponde."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, DatosInvalidos, NoEncontrado, NoPermitido
from tareas.comun.textos import N_


class TareaOcupada(Conflicto):
    """Otra persona la tiene. ``datos``: ``persona``, ``para``, ``vence`` si se saben."""

    codigo = "tarea_ocupada"
    plantilla = N_("Esta tarea la tiene otra persona. Elige otra, o pide una cerca.")


class YaTienesOtra(Conflicto):
    """Una persona mapea una tarea a la vez. ``datos``: ``proyecto``, ``numero``, ``ficha``, ``vence`` de la que
    tiene.
    """

    codigo = "ya_tienes_otra"
    plantilla = N_("Ya tienes una tarea en tus manos. Entrégala o suéltala antes de tomar otra.")


class EstadoNoPermite(Conflicto):
    """La tarea está en otro estado."""

    codigo = "estado_no_permite"
    plantilla = N_("La tarea ya cambió de estado y no se puede hacer esto ahora. Vuelve a cargarla para ver cómo está.")


class TareaDividida(Conflicto):
    """La tarea se partió, se juntó con otra o cambió de contorno. ``datos``: ``numero`` y ``partes``, las que
    siguen.
    """

    codigo = "tarea_dividida"
    plantilla = N_(
        "Esta tarea se partió o cambió de contorno mientras la veías: su lugar lo ocupan otras, y ahí sigue el "
        "trabajo. Lo que escribiste no se perdió."
    )


class Reservada(Conflicto):
    """Devuelta: va primero a quien la mapeó."""

    codigo = "reservada"
    plantilla = N_("Esta tarea se devolvió a quien la mapeó y la espera unos días. Elige otra, o pide una cerca.")


class TrabajoPropio(NoPermitido):
    """Nadie revisa lo que mapeó."""

    codigo = "trabajo_propio"
    plantilla = N_("No puedes revisar una tarea que tú mapeaste. Deja que la vea otra persona.")


class ProyectoCerrado(Conflicto):
    """El proyecto no está publicado."""

    codigo = "proyecto_cerrado"
    plantilla = N_("Este proyecto no está abierto: sus tareas no se pueden tomar ni entregar.")


class EsBorrador(Conflicto):
    """Las tareas de un borrador se pueden hacer de nuevo: nada se escribe en su historial."""

    codigo = "proyecto_es_borrador"
    plantilla = N_("El proyecto todavía es un borrador y sus tareas pueden cambiar. Comenta cuando se publique.")


class BloqueoPerdido(Conflicto):
    """La ficha ya no vale: venció, se soltó o la tiene otra persona. ``datos`` dice quién la tiene y conserva la
    ``nota``.
    """

    codigo = "bloqueo_perdido"
    plantilla = N_(
        "Tu turno en esta tarea ya terminó. Tómala de nuevo, si sigue libre, y vuelve a entregar: tu nota no se perdió."
    )


class TareaDesconocida(NoEncontrado):
    """No hay una tarea con ese número."""

    codigo = "tarea_desconocida"
    plantilla = N_("No existe esa tarea en el proyecto. Revisa el número.")


class NadaQueHacer(NoEncontrado):
    """No queda una tarea para dar."""

    codigo = "sin_tareas_libres"
    plantilla = N_("No hay tareas libres en este proyecto ahora. Vuelve más tarde o prueba con otro proyecto.")


class NadaQueDeshacer(Conflicto):
    """La tarea no tiene un paso que deshacer."""

    codigo = "nada_que_deshacer"
    plantilla = N_("No hay un paso que deshacer en esta tarea.")


class NoEsTuPaso(NoPermitido):
    """Sólo quien dio el paso, o quien coordina, lo deshace."""

    codigo = "no_es_tu_paso"
    plantilla = N_("Sólo quien dio este paso, o quien coordina el municipio, puede deshacerlo.")


class CursorInvalido(DatosInvalidos):
    """``desde`` no es un cursor nuestro."""

    codigo = "cursor_invalido"
    plantilla = N_("El valor de «desde» no es un cursor. Usa el «cursor» de la respuesta anterior, o quítalo.")


class HistorialIntocable(NoPermitido):
    """El historial sólo se agrega."""

    codigo = "historial_intocable"
    plantilla = N_("El historial no se borra ni se cambia.")


registrar_restricciones(
    {
        "bloqueo_tarea_unica": TareaOcupada,
        "bloqueo_una_tarea_por_persona": YaTienesOtra,
        "bloqueo_tarea_existe": TareaDesconocida,
        "bloqueo_proyecto_abierto": ProyectoCerrado,
        "bloqueo_estado_corresponde": EstadoNoPermite,
        "bloqueo_respeta_reserva": Reservada,
        "bloqueo_no_propio": TrabajoPropio,
        "historial_dictamen_ajeno": TrabajoPropio,
        "historial_deshace_una_vez": NadaQueDeshacer,
        "historial_solo_se_agrega": HistorialIntocable,
        "historial_tarea_existe": TareaDesconocida,
    }
)
