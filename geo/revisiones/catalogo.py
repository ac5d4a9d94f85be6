"""Todas las revisiones, y qué versión del conjunto es ésta."""

from typing import Final

from geo.revisiones.abiertos.regla import REGLA as ABIERTOS
from geo.revisiones.agua.regla import REGLA as AGUA
from geo.revisiones.base.regla import Regla
from geo.revisiones.casi.regla import REGLA as CASI
from geo.revisiones.chicos.regla import REGLA as CHICOS
from geo.revisiones.clase.regla import REGLA as CLASE
from geo.revisiones.cruzados.regla import REGLA as CRUZADOS
from geo.revisiones.desplazados.regla import REGLA as DESPLAZADOS
from geo.revisiones.duplicados.regla import REGLA as DUPLICADOS
from geo.revisiones.en_uno.regla import REGLA as EN_UNO
from geo.revisiones.esquinas.regla import REGLA as ESQUINAS
from geo.revisiones.etiquetas.regla import REGLA as ETIQUETAS
from geo.revisiones.faltantes.regla import REGLA as FALTANTES
from geo.revisiones.grandes.regla import REGLA as GRANDES
from geo.revisiones.isla.regla import REGLA as ISLA
from geo.revisiones.nombres.regla import REGLA as NOMBRES
from geo.revisiones.picos.regla import REGLA as PICOS
from geo.revisiones.rendijas.regla import REGLA as RENDIJAS
from geo.revisiones.sin_nodo.regla import REGLA as SIN_NODO
from geo.revisiones.tosco.regla import REGLA as TOSCO
from geo.revisiones.traslape.regla import REGLA as TRASLAPE
from geo.revisiones.vias_sobre_edificios.regla import REGLA as VIAS_SOBRE_EDIFICIOS

VERSION: Final = 3
"""Sube cuando cambia un umbral o lo que una regla entiende por error; cada hallazgo guarda la suya."""

CATALOGO: Final[tuple[Regla, ...]] = (
    ESQUINAS,
    PICOS,
    CRUZADOS,
    TRASLAPE,
    RENDIJAS,
    CHICOS,
    GRANDES,
    VIAS_SOBRE_EDIFICIOS,
    ABIERTOS,
    DUPLICADOS,
    ETIQUETAS,
    NOMBRES,
    SIN_NODO,
    AGUA,
    CASI,
    ISLA,
    TOSCO,
    CLASE,
    FALTANTES,
    EN_UNO,
    DESPLAZADOS,
)
POR_CODIGO: Final[dict[str, Regla]] = {regla.codigo: regla for regla in CATALOGO}
