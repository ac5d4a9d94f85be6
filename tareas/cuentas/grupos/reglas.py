"""Reglas de los grupos: quién los hace y cómo se lee una lista pegada."""

import re
from typing import Final

from tareas.comun.permisos import Papel
from tareas.cuentas.grupos.errores import ListaMuyLarga, ListaVacia

AGRUPAN: Final = frozenset({Papel.CAPACITADOR, Papel.FUNCIONARIO, Papel.ADMINISTRADOR})
LARGO_NOMBRE: Final = 80
MAXIMO_DE_UNA_VEZ: Final = 500
# Un usuario no lleva espacios: se aceptan renglones, comas, tabuladores de una hoja de cálculo…
_SEPARADOR: Final = re.compile(r"[\s,;]+")


def usuarios_de_lista(texto: str) -> list[str]:
    """Usuarios de una lista pegada, sin repetir, en el orden en que vienen.

    Raises
    ------
    ListaVacia, ListaMuyLarga
    """
    vistos: dict[str, str] = {}
    for usuario in filter(None, _SEPARADOR.split(texto)):
        vistos.setdefault(usuario.casefold(), usuario)
    if not vistos:
        raise ListaVacia
    if len(vistos) > MAXIMO_DE_UNA_VEZ:
        raise ListaMuyLarga(maximo=MAXIMO_DE_UNA_VEZ)
    return list(vistos.values())
