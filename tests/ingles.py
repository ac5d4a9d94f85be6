"""Cómo se escribe el inglés de Tequio."""

import re
from typing import Final

BRITANICO: Final = re.compile(
    r"\b(neighbour|(kilo|centi)?metres?\b|centre|colour|favour|behaviour|grey|licence|judgement|practis|organis"
    r"|recognis|misspelt|lorr(y|ies)|towards|per cent)",
    re.IGNORECASE,
)
"""Lo que en los Estados Unidos se escribe de otro modo: los textos lo siguen, y mezclar los dos parece un descuido."""
