"""Lo que puede salir mal al pedir evidencia o al decir por qué no hubo cambios."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import Conflicto, NoEncontrado, NoPermitido
from tareas.comun.textos import N_
from tareas.mapeo.errores import TareaDesconocida


class TurnoDesconocido(NoEncontrado):
    """La tarea no tiene un turno de mapeo con esa ficha."""

    codigo = "turno_desconocido"
    plantilla = N_("Esta tarea no tiene un turno de mapeo con esa ficha. Revisa el número en su historial.")


class SinEntrega(Conflicto):
    """No hay una entrega de la que decir por qué no tiene cambios."""

    codigo = "sin_entrega"
    plantilla = N_("No has entregado esta tarea. Entrégala primero y después di por qué no hubo cambios.")


class NoEsTuEntrega(NoPermitido):
    """El motivo lo dice quien entregó."""

    codigo = "no_es_tu_entrega"
    plantilla = N_("Sólo quien entregó la tarea puede decir por qué no hubo cambios.")


class MotivoYaDicho(Conflicto):
    """Esa entrega ya tiene su motivo."""

    codigo = "motivo_ya_dicho"
    plantilla = N_(
        "Ya habías dicho por qué no hubo cambios en esta entrega. Si quieres explicar algo más, deja un comentario."
    )


registrar_restricciones(
    {
        "evidencia_tarea_existe": TareaDesconocida,
        "evidencia_motivo_paso_existe": SinEntrega,
        "evidencia_motivo_uno_por_entrega": MotivoYaDicho,
    }
)
