"""Lo que puede salir mal al preparar un taller."""

from tareas.comun.bd import registrar_restricciones
from tareas.comun.errores import DatosInvalidos, NoEncontrado
from tareas.comun.textos import N_


class TallerDesconocido(NoEncontrado):
    """No existe, o no es de un municipio donde quien pide prepara talleres."""

    codigo = "taller_desconocido"
    plantilla = N_("No encontramos ese taller. Búscalo en la lista de talleres.")


class PersonaRepetida(DatosInvalidos):
    """El mismo nombre dos veces en la lista."""

    codigo = "persona_repetida"
    plantilla = N_("La lista trae dos veces a la misma persona. Déjala una sola vez.")


class NombreRepetido(PersonaRepetida):
    """Se sabe cuál: ``datos['nombre']``."""

    plantilla = N_("La lista trae dos veces a «%(nombre)s». Déjala una sola vez.")


class ProyectoDeOtroMunicipio(DatosInvalidos):
    """El taller y su proyecto son de municipios distintos."""

    codigo = "proyecto_de_otro_municipio"
    plantilla = N_("Ese proyecto es de otro municipio. Elige uno de %(municipio)s.")


registrar_restricciones({"taller_persona_una_vez": PersonaRepetida})
