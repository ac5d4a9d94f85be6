"""Qué se puede decir de un hallazgo, y cuándo una regla deja de creerse."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from tareas.comun.textos import N_


class Respuesta(StrEnum):
    """Lo que una persona dice de un hallazgo."""

    ERROR = "error"
    """Sí es un error."""
    FALSO = "falso"
    """Falsa alarma: así es el lugar."""


NIVEL_QUE_DETIENE: Final = 1
"""Lo de este nivel se arregla o se justifica antes de entregar."""
LISTADOS_AL_ENTREGAR: Final = 100
"""Los que se nombran cada vez que una entrega no pasa; ``total`` dice cuántos son."""
RESPUESTAS_PARA_CALLAR: Final = 50
PRECISION_MINIMA: Final = 0.60
"""Con tantas respuestas y menos precisión que ésta, la regla se calla en ese municipio."""


def se_calla(errores: int, falsos: int) -> bool:
    """Si una regla con esas respuestas ya no se muestra en el municipio."""
    total = errores + falsos
    return total >= RESPUESTAS_PARA_CALLAR and errores / total < PRECISION_MINIMA


DE_PRESET: Final = {"building_part": "building:part", "building_point": "building", "address": ""}
"""Los tipos de objeto de iD cuyo nombre no empieza con su llave."""


def llaves_de(presets: Iterable[str]) -> frozenset[str]:
    """Las llaves de lo que un proyecto pide dibujar: ``highway/residential`` es ``highway``. Vacío, todo."""
    llaves = (preset.partition("/")[0] for preset in presets)
    return frozenset(DE_PRESET.get(llave, llave) for llave in llaves) - {""}


MAXIMO_POR_PAGINA: Final = 2_000
A_LA_VISTA: Final = 50
"""Hallazgos que la página de un municipio enumera; los demás se ven en el mapa y en la descarga."""
POCAS: Final = 10
"""Con menos respuestas que éstas se dice cuántas acertó, sin redondear a «de cada 10»."""

NIVELES: Final = {1: N_("Arréglalo antes de entregar"), 2: N_("Conviene revisarlo"), 3: N_("Para saber")}

SIN_REVISAR: Final = {
    "via_sin_largo": N_("Vías con un solo punto, o ninguno"),
    "via_incompleta": N_("Vías a las que les faltan nodos en nuestros datos"),
    "amontonado": N_("Objetos tan encimados con otros que no se comparan entre sí"),
    "rayon": N_("Contornos enredados, de los que no se sabe qué encierran"),
    "relacion_demasiadas_vias": N_("Áreas de demasiadas vías"),
    "relacion_sin_vias": N_("Áreas sin ninguna vía"),
    "relacion_faltan_vias": N_("Áreas a las que les faltan vías en nuestros datos"),
    "relacion_anillos_rotos": N_("Áreas cuyos contornos no cierran"),
    "sin_lugar": N_("Nodos sin lugar"),
    "fuera_del_mundo": N_("Nodos con coordenadas que no existen"),
    "demasiado_lejos": N_("Nodos demasiado lejos de los demás"),
}
"""Por qué algo se quedó sin revisar (`geo.revisiones.motor`)."""

COLUMNAS_DE_HALLAZGO: Final[dict[str, str]] = {
    "codigo": N_("Código de la revisión que lo halló, como E-TRAS"),
    "revision": N_("Nombre de la revisión"),
    "nivel": N_("1, hay que arreglarlo o justificarlo antes de entregar; 2, conviene revisarlo; 3, para saber"),
    "mensaje": N_("Qué se halló, con sus cifras"),
    "arreglo": N_("Cómo se arregla"),
    "objetos": N_("Objetos de OpenStreetMap (n nodo, w vía, r relación); primero el que conviene tocar"),
    "lon": N_("Longitud de dónde mirar, en grados (WGS 84)"),
    "lat": N_("Latitud de dónde mirar, en grados (WGS 84)"),
    "respuesta": N_("Lo último que alguien dijo: error, falso o vacío si nadie ha contestado"),
    "callada": N_("si, cuando esa revisión se equivoca mucho en el municipio y no se muestra como error"),
    "huella": N_("Identifica al hallazgo mientras sus objetos no cambien"),
}
