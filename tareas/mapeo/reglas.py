"""Estados de una tarea, para qué se toma, y qué paso lleva a qué estado."""

from enum import IntEnum, StrEnum

from tareas.comun.textos import N_


class Estado(IntEnum):
    """Estado de una tarea; el número viaja en la respuesta compacta de estados y en las teselas."""

    PENDIENTE = 0
    MAPEADA = 1
    VALIDADA = 2
    DEVUELTA = 3
    SIN_IMAGEN = 4
    DIVIDIDA = 5

    @property
    def codigo(self) -> str:
        """Palabra ASCII con que la API nombra el estado."""
        return self.name.lower()


NOMBRES = {
    Estado.PENDIENTE: N_("Pendiente"),
    Estado.MAPEADA: N_("Mapeada"),
    Estado.VALIDADA: N_("Validada"),
    Estado.DEVUELTA: N_("Devuelta"),
    Estado.SIN_IMAGEN: N_("Sin imagen"),
    Estado.DIVIDIDA: N_("Dividida"),
}


class Para(StrEnum):
    """Para qué se toma una tarea."""

    MAPEAR = "mapear"
    VALIDAR = "validar"


MARCA_DE_BLOQUEO = {Para.MAPEAR: 16, Para.VALIDAR: 32}

SE_TOMA_EN: dict[Para, frozenset[Estado]] = {
    Para.MAPEAR: frozenset({Estado.PENDIENTE, Estado.DEVUELTA, Estado.SIN_IMAGEN}),
    Para.VALIDAR: frozenset({Estado.MAPEADA}),
}


class Resultado(StrEnum):
    """Cómo termina un mapeo."""

    MAPEADA = "mapeada"
    SIN_IMAGEN = "sin_imagen"


class SinCambios(StrEnum):
    """Por qué se entrega mapeada una tarea en la que no se cambió nada."""

    YA_ESTABA = "ya_estaba"
    NO_HAY_NADA = "no_hay_nada"


LLEVA_A = {Resultado.MAPEADA: Estado.MAPEADA, Resultado.SIN_IMAGEN: Estado.SIN_IMAGEN}

PRIMERAS_DE_LA_COLA = 64
"""Cuántas se miran al pedir una para validar, antes de buscar más atrás las que nadie esté tomando."""
DIAS_DE_RESERVA = 7
"""Días que una tarea devuelta espera a quien la mapeó antes de quedar libre para las demás personas."""


def se_puede_tomar(estado: Estado, para: Para) -> bool:
    """``True`` si una tarea en ``estado`` se puede tomar para ``para``."""
    return estado in SE_TOMA_EN[para]


def plegar(pasos: list[Estado | None]) -> Estado:
    """Estado al que llevan los pasos del historial, en orden; ``None`` en los que no lo cambian."""
    estado = Estado.PENDIENTE
    for a in pasos:
        if a is not None:
            estado = a
    return estado
