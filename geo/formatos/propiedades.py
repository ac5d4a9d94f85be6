"""Propiedades de un objeto, reducidas a valores que caben en JSON y en PostgreSQL."""

import math
from typing import Any

from geo.formatos.errores_datos import JsonMuyProfundo, TextoInvalido

NIVELES = 50
"""Listas y objetos unos dentro de otros, como mucho, en el valor de una propiedad."""


def limpiar(propiedades: dict[str, Any], objeto: int) -> dict[str, Any]:
    """Copia con solo valores de JSON simple: los números que no son finitos pasan a ``None``.

    Parameters
    ----------
    propiedades : dict
        Valores de JSON, con cualquier profundidad.
    objeto : int
        Número del objeto, desde 1, para el mensaje.

    Raises
    ------
    TextoInvalido
        Si una clave o un texto trae un carácter nulo o un sustituto suelto, que ninguna base de datos acepta.
    JsonMuyProfundo
        Con más de ``NIVELES`` niveles.
    """
    return _diccionario(propiedades, objeto, NIVELES)


def _diccionario(valores: dict[str, Any], objeto: int, niveles: int) -> dict[str, Any]:
    return {_texto(clave, clave, objeto): _valor(valor, clave, objeto, niveles) for clave, valor in valores.items()}


def _valor(valor: Any, clave: str, objeto: int, niveles: int) -> Any:
    if isinstance(valor, str):
        return _texto(valor, clave, objeto)
    if isinstance(valor, float):
        return valor if math.isfinite(valor) else None
    if not isinstance(valor, (dict, list)):
        return valor
    if not niveles:
        raise JsonMuyProfundo
    if isinstance(valor, dict):
        return _diccionario(valor, objeto, niveles - 1)
    return [_valor(elemento, clave, objeto, niveles - 1) for elemento in valor]


def _texto(texto: str, clave: str, objeto: int) -> str:
    if "\x00" in texto or not (texto.isascii() or _es_unicode(texto)):
        raise TextoInvalido(objeto=objeto, clave=clave.encode("utf-8", "replace").decode().replace("\x00", "?"))
    return texto


def _es_unicode(texto: str) -> bool:
    try:
        texto.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
