"""Lo que puede salir mal al revisar o al contestar un hallazgo."""

from tareas.comun.errores import Conflicto, NoEncontrado
from tareas.comun.textos import N_


class RevisionEnCurso(Conflicto):
    """Otro proceso revisa ese municipio."""

    codigo = "revision_en_curso"
    plantilla = N_("Ya se está revisando este municipio. Espera a que termine.")


class PorArreglar(Conflicto):
    """Hay errores de nivel 1 de este turno sin arreglar ni justificar; ``hallazgos`` dice cuáles."""

    codigo = "por_arreglar"
    plantilla = N_(
        "Antes de entregar, arregla lo que se marca o di por qué lo dejas así. "
        "Tu nota y lo que mapeaste no se perdieron."
    )


class HallazgoDesconocido(NoEncontrado):
    """Nadie halla eso en los datos de hoy."""

    codigo = "hallazgo_desconocido"
    plantilla = N_("Ese hallazgo ya no está: alguien cambió el objeto. Vuelve a cargar la página.")


class ReglaDesconocida(NoEncontrado):
    """Ninguna revisión lleva ese código."""

    codigo = "regla_desconocida"
    plantilla = N_("No hay ninguna revisión con ese código.")
