"""Todas las revisiones, y qué versión del conjunto es ésta."""

from typing import Final

from geo.revisiones.base.regla import Regla
from geo.revisiones.etiquetas.regla import REGLA as ETIQUETAS
from geo.revisiones.nombres.regla import REGLA as NOMBRES
from geo.revisiones.traslape.regla import REGLA as TRASLAPE

VERSION: Final = 1
"""Sube cuando cambia un umbral o lo que una regla entiende por error; cada hallazgo guarda la suya."""

CATALOGO: Final[tuple[Regla, ...]] = (
    TRASLAPE,
    ETIQUETAS,
    NOMBRES,
)
POR_CODIGO: Final[dict[str, Regla]] = {regla.codigo: regla for regla in CATALOGO}
