"""JSON de fuera: sin NaN ni infinitos, sin NUL, sin sustitutos sueltos; las claves repetidas se dicen."""

import json
import math
from typing import Any

from tareas.comun.errores import ErrorTequio
from tareas.comun.textos import N_, llenar

PROFUNDIDAD = 100


class JsonRoto(ErrorTequio):
    """No se puede leer como JSON."""

    codigo = "json_roto"
    plantilla = N_("El JSON está roto en la línea %(linea)s, columna %(columna)s. Corrígelo y envíalo de nuevo.")


class JsonInaceptable(ErrorTequio):
    """Es JSON, pero lleva un valor que no se puede guardar."""

    codigo = "json_inaceptable"
    plantilla = N_("El JSON lleva un valor que no se puede tomar (%(valor)s). Quítalo y envíalo de nuevo.")


def _numero(texto: str) -> float:
    valor = float(texto)
    if not math.isfinite(valor):
        raise JsonInaceptable(valor=texto[:40])
    return valor


def _entero(texto: str) -> int:
    if len(texto) > 30:
        raise JsonInaceptable(valor=texto[:30] + "…")
    return int(texto)


def _constante(texto: str) -> Any:
    raise JsonInaceptable(valor=texto)


def _revisar(valor: Any, hondo: int = 0) -> None:
    if hondo > PROFUNDIDAD:
        raise JsonInaceptable(valor="…[[[[…")
    if isinstance(valor, str):
        if "\x00" in valor:
            raise JsonInaceptable(valor="\\u0000")
        if any("\ud800" <= c <= "\udfff" for c in valor):
            raise JsonInaceptable(valor="\\ud800")
    elif isinstance(valor, list):
        # Las coordenadas son la mayor parte de un GeoJSON: un par de números no tiene nada que revisar.
        if len(valor) <= 4 and all(type(parte) in (float, int) for parte in valor):
            return
        for parte in valor:
            _revisar(parte, hondo + 1)
    elif isinstance(valor, dict):
        for clave, parte in valor.items():
            _revisar(clave, hondo + 1)
            try:
                _revisar(parte, hondo + 1)
            except JsonInaceptable as error:
                if hondo:
                    raise
                # En un cuerpo JSON, la clave de arriba es el campo que hay que corregir.
                raise JsonInaceptable(**error.datos, campos={clave: llenar(error.plantilla, error.datos)}) from None


def cargar(texto: str | bytes) -> tuple[Any, list[str]]:
    """Lee JSON con las reglas del módulo.

    Returns
    -------
    tuple
        El objeto, y las claves que venían repetidas (vale la última, como en ``json``).

    Raises
    ------
    JsonRoto
        Con línea y columna.
    JsonInaceptable
        NaN, infinito (también ``1e999``), NUL, un sustituto suelto o más de cien niveles.
    """
    repetidas: list[str] = []

    def objeto(pares: list[tuple[str, Any]]) -> dict[str, Any]:
        resultado = dict(pares)
        if len(resultado) != len(pares):
            vistas: set[str] = set()
            for clave, _valor in pares:
                if clave in vistas and clave not in repetidas:
                    repetidas.append(clave)
                vistas.add(clave)
        return resultado

    try:
        if isinstance(texto, bytes):
            texto = texto.decode("utf-8-sig")
        valor = json.loads(
            texto, object_pairs_hook=objeto, parse_float=_numero, parse_int=_entero, parse_constant=_constante
        )
        _revisar(valor)
    except json.JSONDecodeError as error:
        raise JsonRoto(linea=error.lineno, columna=error.colno) from error
    except UnicodeDecodeError as error:
        raise JsonRoto(linea=1, columna=error.start + 1) from error
    except RecursionError as error:
        raise JsonInaceptable(valor="…[[[[…") from error
    return valor, repetidas
