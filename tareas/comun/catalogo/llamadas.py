"""Los textos marcados del código: cada llamada a ``_``, ``N_``, ``n_`` o ``ngettext``, en los tres lenguajes."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes

from tareas.comun.catalogo.javascript import Ficha, ModuloRoto, fichas

DE_PLURAL = frozenset({"n_", "ngettext"})
MARCAS = frozenset({"_", "N_"}) | DE_PLURAL


@dataclass(frozen=True)
class Llamada:
    """Un texto marcado.

    Parameters
    ----------
    ruta, renglon
        Dónde está: archivo desde la raíz del repositorio, y renglón desde 1.
    funcion
        Con qué se marcó.
    textos
        El texto, o el singular y el plural; None en el que no está escrito ahí mismo.
    huecos
        Nombres de los huecos que la llamada llena; None si no se sabe leyendo el código.
    armado
        Algún texto se arma en la llamada (suma, f-string…): no hay qué traducir. Un nombre sí vale: lo que guarda se
        marcó en otra parte con ``N_``.
    """

    ruta: str
    renglon: int
    funcion: str
    textos: tuple[str | None, ...]
    huecos: frozenset[str] | None
    armado: bool = False

    @property
    def lugar(self) -> str:
        """``archivo:renglón``."""
        return f"{self.ruta}:{self.renglon}"


class ArchivoRoto(ValueError):
    """Un archivo que no se puede leer; el mensaje dice cuál y por qué."""


def de_todo(raiz: Path) -> list[Llamada]:
    """Las llamadas de todo el código propio, por archivo y renglón.

    Raises
    ------
    ArchivoRoto
        Si un archivo no está bien escrito.
    """
    todas = [
        llamada
        for ruta, leer in archivos(raiz)
        for llamada in leer(ruta.read_text("utf-8"), ruta.relative_to(raiz).as_posix())
    ]
    return sorted(todas, key=lambda llamada: (llamada.ruta, llamada.renglon))


Lector = Callable[[str, str], Iterable[Llamada]]


def archivos(raiz: Path) -> Iterator[tuple[Path, Lector]]:
    """Los archivos que pueden llevar textos, y con qué se lee cada uno."""
    lectores: list[tuple[str, str, Lector]] = [
        ("geo", "**/*.py", de_python),
        ("plantillas", "**/*.html", de_jinja),
        ("plantillas", "**/*.txt", de_jinja),
        ("tareas", "**/*.py", de_python),
        ("tareas/estaticos/js", "**/*.js", de_javascript),
    ]
    for carpeta, patron, lector in lectores:
        for ruta in (raiz / carpeta).glob(patron):
            yield ruta, lector


def _cuantos(funcion: str) -> int:
    return 2 if funcion in DE_PLURAL else 1


def de_python(codigo: str, ruta: str) -> Iterator[Llamada]:
    """Llamadas de un módulo Python."""
    try:
        arbol = ast.parse(codigo)
    except SyntaxError as error:
        raise ArchivoRoto(f"{ruta}:{error.lineno}: {error.msg}.") from error
    for nodo in ast.walk(arbol):
        if isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Name) and nodo.func.id in MARCAS:
            funcion = nodo.func.id
            partes = nodo.args[: _cuantos(funcion)]
            textos = tuple(
                a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in partes
            )
            armado = not all(isinstance(a, (ast.Constant, ast.Name, ast.Attribute, ast.Subscript)) for a in partes)
            nombres = [k.arg for k in nodo.keywords]
            # `N_` sólo marca: quien llene los huecos será otro.
            sabidos = funcion != "N_" and None not in nombres
            yield Llamada(
                ruta, nodo.lineno, funcion, textos, frozenset(n for n in nombres if n) if sabidos else None, armado
            )


# Sólo lee plantillas, no las pinta.
_JINJA = Environment()  # nosec B701


def de_jinja(plantilla: str, ruta: str) -> Iterator[Llamada]:
    """Llamadas de una plantilla Jinja."""
    try:
        arbol = _JINJA.parse(plantilla)
    except TemplateSyntaxError as error:
        raise ArchivoRoto(f"{ruta}:{error.lineno}: {error.message}.") from error
    for nodo in arbol.find_all(nodes.Call):
        if isinstance(nodo.node, nodes.Name) and nodo.node.name in MARCAS:
            funcion = nodo.node.name
            partes = nodo.args[: _cuantos(funcion)]
            textos = tuple(a.value if isinstance(a, nodes.Const) and isinstance(a.value, str) else None for a in partes)
            armado = not all(isinstance(a, (nodes.Const, nodes.Name, nodes.Getattr, nodes.Getitem)) for a in partes)
            nombres = None if nodo.dyn_kwargs else frozenset(k.key for k in nodo.kwargs)
            yield Llamada(ruta, nodo.lineno, funcion, textos, nombres, armado)


def de_javascript(modulo: str, ruta: str) -> Iterator[Llamada]:
    """Llamadas de un módulo JavaScript: ``_('…', { hueco: valor })``."""
    try:
        todas = list(fichas(modulo))
    except ModuloRoto as error:
        raise ArchivoRoto(f"{ruta}:{error.renglon}: {error}") from error
    for i, (ficha, siguiente) in enumerate(pairwise(todas)):
        previa = todas[i - 1].valor if i else ""
        es_marca = ficha.clase == "nombre" and ficha.valor in MARCAS and siguiente.valor == "("
        if not es_marca or previa in (".", "function"):
            continue
        partes = argumentos(todas, i + 2)
        cuantos = _cuantos(ficha.valor)
        textos = tuple(
            parte[0].valor if len(parte) == 1 and parte[0].clase in ("cadena", "plantilla") else None
            for parte in partes[:cuantos]
        )
        # El plural lleva además la cuenta, y llena él solo el hueco `n`.
        de_huecos = partes[cuantos + 1 :] if cuantos == 2 else partes[1:]
        llenados = _claves(de_huecos[0]) if de_huecos else frozenset()
        armado = any(len(parte) > 1 for parte in partes[:cuantos])
        yield Llamada(ruta, ficha.renglon, ficha.valor, textos, llenados, armado)


def argumentos(todas: list[Ficha], desde: int) -> list[list[Ficha]]:
    """Argumentos de una llamada cuyo paréntesis abre justo antes de ``desde``; cada uno, como sus fichas."""
    partes: list[list[Ficha]] = [[]]
    hondura = 0
    for ficha in todas[desde:]:
        if ficha.clase == "signo":
            if ficha.valor == ")" and hondura == 0:
                break
            hondura += (ficha.valor in "([{") - (ficha.valor in ")]}")
            if ficha.valor == "," and hondura == 0:
                partes.append([])
                continue
        partes[-1].append(ficha)
    return [parte for parte in partes if parte]


def _claves(objeto: list[Ficha]) -> frozenset[str] | None:
    """Claves de un objeto literal ``{ a: 1, b }``; None si no es literal o trae ``...otro``."""
    if objeto[0].valor != "{" or objeto[-1].valor != "}":
        return None
    propiedades = argumentos(objeto, 1)
    # La última acaba con la llave que cierra el objeto.
    if any(parte[0].valor == "." for parte in propiedades):
        return None
    return frozenset(parte[0].valor for parte in propiedades if parte[0].clase in ("nombre", "cadena"))
