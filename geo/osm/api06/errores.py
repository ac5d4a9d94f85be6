"""Errores del protocolo al leer lo que manda un editor.

Los textos van en inglés y no se traducen: JOSM, iD y otros programas los reconocen palabra por palabra. ``estado`` es
el número que el protocolo asigna a cada error.
"""

from typing import ClassVar

LARGO_DEL_TEXTO = 4000
"""Caracters del documento que un error repite, a lo más."""


class ErrorApi(Exception):
    """Base de los errores del protocolo. ``str(error)`` es el texto que recibe el editor."""

    estado: ClassVar[int] = 500


class XmlInvalido(ErrorApi):
    """El documento no dice lo que debe."""

    estado = 400

    def __init__(self, modelo: str, xml: str, mensaje: str = "") -> None:
        recortado = xml if len(xml) <= LARGO_DEL_TEXTO else xml[:LARGO_DEL_TEXTO] + "…"
        super().__init__(f"Cannot parse valid {modelo} from xml string {recortado}. {mensaje}")


class EntradaInvalida(ErrorApi):
    """Un valor que no se puede tomar."""

    estado = 400


class EtiquetaRepetida(ErrorApi):
    """La misma llave dos veces en un elemento."""

    estado = 400

    def __init__(self, modelo: str, id: int | None, llave: str) -> None:
        super().__init__(f"Element {modelo}/{'' if id is None else id} has duplicate tags with key {llave}")


class AccionDesconocida(ErrorApi):
    """Un bloque de osmChange que no es create, modify ni delete."""

    estado = 400

    def __init__(self, accion: str) -> None:
        super().__init__(f"Unknown action {accion}, choices are create, modify, delete")


class DemasiadosCambios(ErrorApi):
    """El osmChange trae más cambios de los que caben en un conjunto; se dejó de leer ahí."""

    estado = 409
