"""Errores de los datos de OpenStreetMap."""

from tareas.comun.errores import NoEncontrado
from tareas.comun.textos import N_


class LimiteAusente(NoEncontrado):
    """No guardamos esa relación, o no forma un área."""

    codigo = "osm_limite_ausente"
    plantilla = N_(
        "La relación %(id)s no está entre los datos guardados o no se pudo cerrar como área. Búscala con «osm limites»."
    )


class TeselaAusente(NoEncontrado):
    """Fuera de la pirámide de teselas."""

    codigo = "tesela_ausente"
    plantilla = N_("No existe la tesela %(z)s/%(x)s/%(y)s. El zoom va de 0 a %(maximo)s.")
