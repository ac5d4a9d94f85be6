"""Veredictos, la lista cerrada de errores que se señalan, y en qué orden conviene revisar."""

import math
from enum import StrEnum
from typing import Final

from tareas.comun.textos import N_
from tareas.cuentas.buzon.reglas import registrar_codigos
from tareas.mapeo.reglas import Estado


class Veredicto(StrEnum):
    """Cómo termina una revisión. La API dice ``validada`` a lo que se acepta tal cual."""

    VALIDADA = "aceptada"
    CON_ARREGLOS = "con_arreglos"
    """Se acepta, y quien revisó ya arregló lo que faltaba."""
    DEVUELTA = "devuelta"

    @classmethod
    def _missing_(cls, value: object) -> "Veredicto | None":
        return cls.VALIDADA if value == "validada" else None


class Clase(StrEnum):
    """Qué lugar tiene un dictamen entre los de su entrega."""

    PRIMERA = "primera"
    CIEGA = "ciega"
    """Segunda opinión sin saber la primera; no cambia el estado."""
    DISPUTA = "disputa"
    """El que resuelve una disputa."""


class Resultado(StrEnum):
    """En qué terminó una disputa."""

    SOSTENIDA = "sostenida"
    """La devolución estaba bien."""
    A_FAVOR = "a_favor"
    """De quien mapeó."""


LLEVA_A = {
    Veredicto.VALIDADA: Estado.VALIDADA,
    Veredicto.CON_ARREGLOS: Estado.VALIDADA,
    Veredicto.DEVUELTA: Estado.DEVUELTA,
}

SENALAMIENTOS_MAXIMOS: Final = 100
FORTALEZA_MAXIMA: Final = 1000
FORTALEZAS_MAXIMAS: Final = 500
"""Nueve por cada una de las cincuenta tareas que se dictaminan juntas (`retroalimentacion_fortalezas_en_lista`)."""
NOTA_DE_SENALAMIENTO: Final = 1000
CERCA_M: Final = 200
"""Lo que se dibuja cae entero a esta distancia de la tarea, o menos (`senalamiento_lugar_cerca`)."""
VERTICES_MAXIMOS: Final = 500

DE_CADA: Final = 1024
SEGUNDAS_DE_CADA: Final = 123
"""Entregas, de cada 1024, cuyo primer dictamen pide una segunda opinión: 12 %."""
SAL_DE_SEGUNDAS: Final = 20_351
DIAS_DE_SEGUNDA: Final = 30
"""Lo que una segunda opinión espera (`segunda_abierta`)."""
AL_AZAR_DE_CADA: Final = 103
"""Entregas, de cada 1024, que la cola pone antes que las de más riesgo: 10 %."""
SAL_DE_LA_COLA: Final = 35_021


class Banda(StrEnum):
    """Por qué una tarea va donde va en la cola, de la primera a la última."""

    DISPUTA = "disputa"
    VUELVE = "vuelve"
    """La devolvió quien mira la cola, y ya la corrigieron."""
    PRIMERAS = "primeras"
    """De las primeras entregas de esa persona en el municipio."""
    AZAR = "azar"
    RIESGO = "riesgo"


POR_BANDA: Final = {
    Banda.DISPUTA: N_("quien la mapeó pidió otra opinión"),
    Banda.VUELVE: N_("tú la devolviste y ya la entregaron otra vez"),
    Banda.PRIMERAS: N_("es de sus tres primeras entregas en el municipio"),
    Banda.AZAR: N_("salió en el sorteo"),
}
"""Cómo se dice cada banda; en la de riesgo hablan las cifras."""
POR_BANDA_EN_PRACTICA: Final = {
    **POR_BANDA,
    Banda.PRIMERAS: N_("es de sus tres primeras entregas de práctica en el municipio"),
}
"""Lo que se practica se cuenta aparte: quien ya entregó mucho en el mapa de verdad puede estar empezando en el aula."""

PRIMERAS: Final = 3
JUZGADAS: Final = 20
"""Últimas entregas juzgadas de la persona con que se estima su riesgo."""
PESO_DEL_MUNICIPIO: Final = 4
RIESGO_MINIMO: Final = 0.05
QUEDA_POR_NIVEL: Final = {1: 0.75, 2: 0.93}
"""Por cada hallazgo de ese nivel, cuánto de lo que falta para estar mal queda."""


def riesgo(devueltas: int, juzgadas: int, del_municipio: float, nivel1: int, nivel2: int) -> float:
    """Probabilidad estimada de que una entrega merezca devolverse, de 0 a 1.

    Media a posteriori de una proporción con ``PESO_DEL_MUNICIPIO`` casos previos a la tasa del municipio (Gelman y
    otros, *Bayesian Data Analysis*, 2.4), y un «o» ruidoso con lo que las revisiones hallaron (Pearl, *Probabilistic
    Reasoning in Intelligent Systems*, 4.3.2). La consulta ``cola`` hace la misma cuenta.
    """
    previa = max(del_municipio, RIESGO_MINIMO)
    p = (devueltas + PESO_DEL_MUNICIPIO * previa) / (juzgadas + PESO_DEL_MUNICIPIO)
    return 1 - (1 - p) * math.pow(QUEDA_POR_NIVEL[1], nivel1) * math.pow(QUEDA_POR_NIVEL[2], nivel2)


# Los códigos son los de la taxonomía de errores: lo que una persona señala y lo que un programa halla se suman.
MOTIVOS: dict[str, str] = {
    "E-FALT": N_("Falta por mapear"),
    "E-UNO": N_("Varios edificios en uno, o uno en varios"),
    "E-DESP": N_("Edificio corrido"),
    "E-ESC": N_("Esquinas sin escuadrar"),
    "E-CRUD": N_("Trazo tosco"),
    "E-TRAS": N_("Edificios que se enciman"),
    "E-HUE": N_("Edificios casi pegados"),
    "E-CHI": N_("Edificio demasiado chico"),
    "E-GRA": N_("Edificio demasiado grande"),
    "E-VIA": N_("Vía que cruza un edificio"),
    "E-NODO": N_("Calles que se cruzan sin nodo"),
    "E-CASI": N_("Calle que casi llega a otra"),
    "E-ISLA": N_("Calle que no está unida a la red"),
    "E-CLAS": N_("Clase de calle dudosa"),
    "E-ETIQ": N_("Etiquetas que faltan o no existen"),
    "E-NOMB": N_("Nombres mal escritos"),
    "E-DUP": N_("Nodos o vías repetidos"),
    "E-CRUZ": N_("Contorno que se cruza"),
    "E-PICO": N_("Ángulo imposible"),
    "E-ABIE": N_("Contorno sin cerrar"),
    "E-AGUA": N_("Calle que cruza el agua sin puente ni vado"),
    "E-FUERA": N_("Editó fuera de la tarea"),
    "E-NADA": N_("Entregada sin ediciones"),
    "E-IMG": N_("Imagen equivocada o mala"),
}

SE_CARGAN: frozenset[str] = frozenset(MOTIVOS) - {"E-IMG"}
"""Los que cuentan como error de quien mapeó; una imagen mala no es culpa suya."""
# Un aviso sólo guarda los códigos: así el buzón sabe cómo se llaman.
registrar_codigos(MOTIVOS)
