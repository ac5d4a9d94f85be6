"""Listas de personas pegadas en una página: «usuario, nombre», o sólo el nombre."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tareas.comun.signos import ilegible
from tareas.comun.textos import N_
from tareas.cuentas.errores import ListaInvalida, UsuarioInvalido
from tareas.cuentas.reglas import LARGO_NOMBRE, LARGO_USUARIO, normalizar_usuario

MAXIMO = 120
NOMBRE_LARGO = N_("el nombre debe tener de 1 a %(maximo)s caracteres")
REPETIDO = N_("el usuario «%(usuario)s» está dos veces en la lista")
OCUPADO = N_("el usuario «%(usuario)s» ya existe")
VACIA = N_("la lista está vacía")
MUY_LARGA = N_("son más de %(maximo)s personas; haz dos listas")
PARTICULAS = frozenset({"de", "del", "la", "las", "los", "y", "e"})
# Una hoja de cálculo pega tabuladores; un CSV en español suele llevar punto y coma.
_SEPARADOR = re.compile(r"[,;\t]")


@dataclass(frozen=True, slots=True)
class Renglon:
    """Una persona por crear; sin ``usuario``, se le inventa a partir del nombre."""

    numero: int
    usuario: str | None
    nombre: str


def problema(numero: int, plantilla: str, **datos: Any) -> dict[str, Any]:
    """Por qué un renglón no se puede tomar, para `ListaInvalida`."""
    return {"numero": numero, "plantilla": plantilla, "datos": datos}


def leer_lista(texto: str) -> list[Renglon]:
    """Lee una persona por renglón.

    Raises
    ------
    ListaInvalida
        Con el número y el problema de cada renglón; también si la lista está vacía o es muy larga.
    """
    renglones: list[Renglon] = []
    problemas: list[dict[str, Any]] = []
    vistos: set[str] = set()
    for numero, crudo in enumerate(texto.splitlines(), 1):
        if not crudo.strip():
            continue
        try:
            renglon = _leer(numero, crudo)
        except UsuarioInvalido as error:
            problemas.append(problema(numero, error.plantilla))
            continue
        if not 1 <= len(renglon.nombre) <= LARGO_NOMBRE:
            problemas.append(problema(numero, NOMBRE_LARGO, maximo=LARGO_NOMBRE))
        elif renglon.usuario is not None and renglon.usuario.casefold() in vistos:
            problemas.append(problema(numero, REPETIDO, usuario=renglon.usuario))
        vistos.add((renglon.usuario or "").casefold())
        renglones.append(renglon)
    if not renglones and not problemas:
        problemas.append(problema(1, VACIA))
    if len(renglones) > MAXIMO:
        problemas.append(problema(renglones[MAXIMO].numero, MUY_LARGA, maximo=MAXIMO))
    if problemas:
        raise ListaInvalida(renglones=problemas)
    return renglones


def _leer(numero: int, crudo: str) -> Renglon:
    visible = (c for c in crudo if c == "\t" or not ilegible(c))
    limpio = "".join(" " if unicodedata.category(c)[0] == "Z" else c for c in visible)
    partes = [" ".join(p.split()) for p in _SEPARADOR.split(limpio, maxsplit=1)]
    if len(partes) == 1:
        return Renglon(numero, None, partes[0])
    return Renglon(numero, normalizar_usuario(partes[0]), partes[1] or partes[0])


def usuario_de_nombre(nombre: str, ocupados: Iterable[str]) -> str:
    """Usuario corto y sin acentos a partir de un nombre, con un número si hace falta: ``maria.perez2``.

    Parameters
    ----------
    ocupados
        Usuarios que no se pueden repetir, en minúsculas.
    """
    sin_acentos = unicodedata.normalize("NFKD", nombre.casefold()).encode("ascii", "ignore").decode()
    palabras = [p for p in re.findall(r"[a-z0-9]+", sin_acentos) if p not in PARTICULAS]
    base = ".".join(palabras[:2])[: LARGO_USUARIO[1] - 4]
    if len(base) < LARGO_USUARIO[0]:
        base = f"persona.{base}" if base else "persona"
    tomados = set(ocupados)
    if base not in tomados:
        return base
    return next(candidato for n in range(2, 10_000) if (candidato := f"{base}{n}") not in tomados)
