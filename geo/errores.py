"""Errores del motor: qué pasó, dónde y qué hacer.

Cada clase lleva un ``codigo`` ASCII y una ``plantilla`` en español con huecos ``%(nombre)s``. Los valores de los
huecos viajan aparte en ``datos``, de modo que quien muestra el mensaje pueda traducir la plantilla antes de llenarla.
"""

from collections.abc import Callable
from typing import Any, ClassVar


def N_(texto: str) -> str:
    """Marca un texto para que gettext lo extraiga, sin traducirlo todavía."""
    return texto


class ErrorGeo(Exception):
    """Base de todos los errores que el motor espera.

    Parameters
    ----------
    **datos
        Valores de los huecos de ``plantilla`` y cualquier otro dato útil para quien lo muestra (JSON simple).
    """

    codigo: ClassVar[str] = "geo"
    plantilla: ClassVar[str] = N_("No se pudo completar la operación geográfica.")

    def __init__(self, **datos: Any) -> None:
        self.datos = datos
        super().__init__(self.mensaje)

    @property
    def mensaje(self) -> str:
        """Mensaje en español, con los huecos llenos."""
        return self.plantilla % juntar(self.datos)


def juntar(datos: dict[str, Any], traducir: Callable[[str], str] = N_) -> dict[str, Any]:
    """Los datos listos para los huecos: una lista de palabras marcadas se dice traducida y separada por comas.

    Parameters
    ----------
    traducir : callable
        Traduce una palabra; por omisión queda en español.
    """
    return {
        nombre: ", ".join(dict.fromkeys(map(traducir, valor))) if _son_palabras(valor) else valor
        for nombre, valor in datos.items()
    }


def _son_palabras(valor: Any) -> bool:
    return isinstance(valor, list) and bool(valor) and all(isinstance(parte, str) and parte for parte in valor)


class SistemaDesconocido(ErrorGeo):
    """El sistema de coordenadas no se reconoce o no es horizontal."""

    codigo = "sistema_desconocido"
    plantilla = N_("No reconocemos el sistema de coordenadas «%(sistema)s». Guarda el archivo en EPSG:4326 (WGS 84).")


def texto_lugar(x: float, y: float) -> str:
    """Coordenadas para leer, ``longitud, latitud``, con a lo más siete decimales (un centímetro)."""
    return ", ".join(f"{valor:.7f}".rstrip("0").rstrip(".") if abs(valor) < 1e15 else f"{valor:g}" for valor in (x, y))
