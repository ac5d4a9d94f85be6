"""Lector de módulos JavaScript, lo bastante fino para encontrar sus textos.

Distingue cadenas, plantillas con ``${…}`` anidados, expresiones regulares y comentarios; no entiende la gramática.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Clase = Literal["nombre", "numero", "cadena", "plantilla", "regular", "signo"]


@dataclass(frozen=True)
class Ficha:
    """Un pedazo del módulo: su clase, su valor (las cadenas, ya sin comillas ni escapes) y su renglón desde 1."""

    clase: Clase
    valor: str
    renglon: int


class ModuloRoto(ValueError):
    """Una cadena, plantilla o expresión regular no se cierra; dice el renglón."""

    def __init__(self, renglon: int) -> None:
        self.renglon = renglon
        super().__init__(f"Algo que empieza en el renglón {renglon} no se cierra.")


_ESPACIO = re.compile(r"\s+|//[^\n]*|/\*.*?\*/", re.S)
_NOMBRE = re.compile(r"[#\w$]+")
_CADENA = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"", re.S)
_REGULAR = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
_PEDAZO = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.S)
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.S)
_LETRAS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
# Tras estas palabras empieza una expresión: una diagonal abre una expresión regular, no divide.
_ANTES_DE_EXPRESION = frozenset(
    ("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await", "yield")
)


def _sin_escapes(texto: str) -> str:
    def uno(hallado: re.Match[str]) -> str:
        escape = hallado[1]
        if escape[0] in "ux" and len(escape) > 1:
            return chr(int(escape[1:].strip("{}"), 16))
        return _LETRAS.get(escape, escape)

    return _ESCAPE.sub(uno, texto)


def fichas(modulo: str) -> Iterator[Ficha]:
    """Fichas de un módulo, en orden, sin espacios ni comentarios.

    Una plantilla sale en pedazos: cada texto fijo es una ficha «plantilla», y entre ellos van las fichas de ``${…}``.

    Raises
    ------
    ModuloRoto
        Si una cadena, plantilla o expresión regular no se cierra.
    """
    lugar = 0
    # Llaves abiertas por cada plantilla que está a medias.
    abiertas: list[int] = []
    previa: Ficha | None = None
    while lugar < len(modulo):
        if espacio := _ESPACIO.match(modulo, lugar):
            lugar = espacio.end()
            continue
        renglon = modulo.count("\n", 0, lugar) + 1
        signo = modulo[lugar]
        sigue_plantilla = signo == "}" and bool(abiertas) and abiertas[-1] == 0
        if signo == "`" or sigue_plantilla:
            pedazo = _PEDAZO.match(modulo, lugar + 1)
            fin = pedazo.end() if pedazo else len(modulo)
            if sigue_plantilla:
                abiertas.pop()
            if modulo.startswith("${", fin):
                abiertas.append(0)
            elif not modulo.startswith("`", fin):
                raise ModuloRoto(renglon)
            previa = Ficha("plantilla", _sin_escapes(modulo[lugar + 1 : fin]), renglon)
            lugar = fin + (2 if modulo.startswith("${", fin) else 1)
        else:
            previa, lugar = _ficha_simple(modulo, lugar, renglon, previa)
            if abiertas and previa.clase == "signo" and previa.valor in "{}":
                abiertas[-1] += 1 if previa.valor == "{" else -1
        yield previa
    if abiertas:
        raise ModuloRoto(modulo.count("\n") + 1)


def _ficha_simple(modulo: str, lugar: int, renglon: int, previa: Ficha | None) -> tuple[Ficha, int]:
    signo = modulo[lugar]
    if nombre := _NOMBRE.match(modulo, lugar):
        return Ficha("numero" if signo.isdigit() else "nombre", nombre[0], renglon), nombre.end()
    if signo in "'\"":
        cadena = _CADENA.match(modulo, lugar)
        if cadena is None:
            raise ModuloRoto(renglon)
        return Ficha("cadena", _sin_escapes(cadena[0][1:-1]), renglon), cadena.end()
    if signo == "/" and _empieza_expresion(previa):
        regular = _REGULAR.match(modulo, lugar)
        if regular is None:
            raise ModuloRoto(renglon)
        return Ficha("regular", regular[0], renglon), regular.end()
    return Ficha("signo", signo, renglon), lugar + 1


def _empieza_expresion(previa: Ficha | None) -> bool:
    if previa is None:
        return True
    if previa.clase == "nombre":
        return previa.valor in _ANTES_DE_EXPRESION
    return previa.clase == "signo" and previa.valor not in ")]}"
