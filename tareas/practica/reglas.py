"""Topes de las aulas y quién las prepara."""

from typing import Final

from tareas.comun.permisos import Papel

PREPARAN: Final = frozenset({Papel.CAPACITADOR, Papel.FUNCIONARIO, Papel.ADMINISTRADOR})
"""Papeles que crean, reinician, congelan y borran las aulas de su municipio."""

ELEMENTOS_EN_LINEA: Final = 400_000
"""Cuántos elementos puede copiar un aula creada desde la página o la API: lo que se copia en unos segundos."""

ELEMENTOS: Final = 5_000_000
"""Tope de un aula creada desde la consola."""
