"""Leer JSON, entero o por partes, diciendo línea y columna de lo que está mal y las claves repetidas.

Lo usan los archivos que la gente sube (por partes, con las coordenadas revisadas después, donde se puede decir el
lugar) y los cuerpos JSON de la API (`cargar`: enteros, y sin nada que no se pueda guardar).
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

from geo.errores import N_
from geo.formatos.errores_datos import (
    CodificacionInvalida,
    JsonCortado,
    JsonInaceptable,
    JsonMuyProfundo,
    JsonRoto,
)
from geo.tipos import Aviso

MAXIMO_DE_REPETIDAS = 5
"""Cuántas claves repetidas se nombran en el aviso."""

PROFUNDIDAD: Final = 100
CIFRAS_DE_UN_ENTERO: Final = 30
_BLANCOS = re.compile(r"[ \t\r\n]*")


class Analizador:
    """Recorre el objeto raíz de un JSON sin tener en memoria más que un elemento de su lista ``features``.

    Parameters
    ----------
    texto : str
    estricto : bool
        No deja pasar NaN, infinitos (también ``1e999``) ni enteros de más de `CIFRAS_DE_UN_ENTERO` cifras.

    Attributes
    ----------
    repetidas : dict
        Claves que aparecieron más de una vez en un mismo objeto (vale la última), con cuántas veces pasó.
    """

    def __init__(self, texto: str, *, estricto: bool = False) -> None:
        self.texto = texto
        self.repetidas: dict[str, int] = {}
        self._en = 0
        numeros: dict[str, Any] = (
            {"parse_float": _numero, "parse_int": _entero, "parse_constant": _constante} if estricto else {}
        )
        self._leer = json.JSONDecoder(object_pairs_hook=self._objeto, **numeros).raw_decode

    def entero(self) -> Any:
        """El valor raíz, de una vez.

        Raises
        ------
        JsonRoto, JsonCortado, JsonMuyProfundo, JsonInaceptable
        """
        self._siguiente()
        valor = self._valor()
        self._terminar()
        return valor

    def miembros(self) -> Iterator[tuple[str, Any]]:
        """Pares de clave y valor del objeto raíz; por cada elemento de ``features``, un par ``("features[]", e)``.

        Al empezar la lista da ``("features", [])``. Si la raíz no es un objeto, da un solo par ``("", valor)``.

        Raises
        ------
        JsonRoto, JsonCortado, JsonMuyProfundo
        """
        if self._siguiente() == "{":
            yield from self._pares()
        else:
            yield "", self._valor()
        self._terminar()

    def avisos(self) -> list[Aviso]:
        """El aviso de claves repetidas, si hubo."""
        if not self.repetidas:
            return []
        claves = ", ".join(list(self.repetidas)[:MAXIMO_DE_REPETIDAS])
        return [Aviso("claves_repetidas", CLAVES_REPETIDAS, {"claves": claves, "n": sum(self.repetidas.values())})]

    def _terminar(self) -> None:
        self._saltar()
        if self._en < len(self.texto):
            raise self._roto(self._en)

    def _pares(self) -> Iterator[tuple[str, Any]]:
        vistas: set[str] = set()
        for _ in self._lista("}"):
            clave = self._clave()
            self._contar(clave, vistas)
            if clave == "features" and self._siguiente() == "[":
                yield clave, []
                for _ in self._lista("]"):
                    yield "features[]", self._valor()
            else:
                yield clave, self._valor()

    def _lista(self, cierre: str) -> Iterator[None]:
        """Se detiene delante de cada elemento, que debe leerse antes de seguir; al final queda tras el cierre."""
        self._en += 1
        quedan = self._siguiente() != cierre
        while quedan:
            yield
            separador = self._siguiente()
            if separador not in (",", cierre):
                raise self._roto(self._en)
            quedan = separador == ","
            self._en += quedan
            if quedan and self._siguiente() == cierre:
                raise self._roto(self._en)
        self._en += 1

    def _clave(self) -> str:
        if self._siguiente() != '"':
            raise self._roto(self._en)
        clave = str(self._valor())
        if self._siguiente() != ":":
            raise self._roto(self._en)
        self._en += 1
        return clave

    def _valor(self) -> Any:
        self._saltar()
        try:
            valor, self._en = self._leer(self.texto, self._en)
        except json.JSONDecodeError as error:
            sin_cerrar = error.msg.startswith("Unterminated string")
            raise self._roto(len(self.texto) if sin_cerrar else error.pos) from error
        except RecursionError as error:
            raise JsonMuyProfundo from error
        except ValueError as error:
            # Python se niega a convertir enteros de miles de cifras
            raise self._roto(self._en) from error
        return valor

    def _siguiente(self) -> str:
        """El carácter que sigue tras los blancos, sin pasarlo."""
        self._saltar()
        if self._en >= len(self.texto):
            raise self._roto(self._en)
        return self.texto[self._en]

    def _saltar(self) -> None:
        blancos = _BLANCOS.match(self.texto, self._en)
        self._en = blancos.end() if blancos else self._en

    def _roto(self, posicion: int) -> JsonRoto | JsonCortado:
        linea = self.texto.count("\n", 0, posicion) + 1
        columna = posicion - self.texto.rfind("\n", 0, posicion)
        if not self.texto[posicion:].strip():
            return JsonCortado(linea=linea, columna=columna)
        cerca = "".join(c if c.isprintable() else "·" for c in self.texto[posicion : posicion + 20])
        return JsonRoto(linea=linea, columna=columna, cerca=cerca)

    def _contar(self, clave: str, vistas: set[str]) -> None:
        if clave in vistas:
            self.repetidas[clave] = self.repetidas.get(clave, 0) + 1
        vistas.add(clave)

    def _objeto(self, pares: list[tuple[str, Any]]) -> dict[str, Any]:
        objeto = dict(pares)
        if len(objeto) != len(pares):
            vistas: set[str] = set()
            for clave, _ in pares:
                self._contar(clave, vistas)
        return objeto


def _numero(texto: str) -> float:
    valor = float(texto)
    if not math.isfinite(valor):
        raise JsonInaceptable(valor=texto[:40])
    return valor


def _entero(texto: str) -> int:
    if len(texto) > CIFRAS_DE_UN_ENTERO:
        raise JsonInaceptable(valor=texto[:CIFRAS_DE_UN_ENTERO] + "…")
    return int(texto)


def _constante(texto: str) -> Any:
    raise JsonInaceptable(valor=texto)


def cargar(texto: str | bytes) -> tuple[Any, list[str]]:
    """Lee un JSON entero en el que todo se puede guardar.

    Parameters
    ----------
    texto : str or bytes
        Los bytes, en UTF-8 con o sin marca.

    Returns
    -------
    tuple
        El valor, y las claves que venían repetidas en un mismo objeto (vale la última, como en ``json``).

    Raises
    ------
    JsonRoto, JsonCortado
        Con línea y columna.
    JsonInaceptable
        NaN, infinito, NUL o un sustituto suelto; ``datos['campo']``, si se sabe, es la clave de arriba donde está.
    JsonMuyProfundo
        Más de `PROFUNDIDAD` niveles.
    """
    if isinstance(texto, bytes):
        try:
            texto = texto.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            linea = error.object.count(b"\n", 0, error.start) + 1
            raise JsonRoto(
                linea=linea, columna=error.start - error.object.rfind(b"\n", 0, error.start), cerca=""
            ) from error
    analizador = Analizador(texto, estricto=True)
    valor = analizador.entero()
    _revisar(valor)
    return valor, list(analizador.repetidas)


def _revisar(valor: Any, hondo: int = 0) -> None:
    if hondo > PROFUNDIDAD:
        raise JsonMuyProfundo
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
                # En un cuerpo JSON, la clave de arriba es el campo que hay que corregir.
                raise error if hondo else JsonInaceptable(valor=error.datos["valor"], campo=clave) from None


CLAVES_REPETIDAS = N_("Hay claves repetidas dentro de un mismo objeto (%(claves)s); en cada una vale la última.")
LEIDO_COMO_1252 = N_("El texto no estaba en UTF-8 y se leyó como Windows-1252: revisa los acentos.")


def decodificar(datos: bytes, *, reparar: bool) -> tuple[str, list[Aviso]]:
    """Texto de un archivo, en UTF-8 con o sin marca, o en UTF-16 con marca.

    Parameters
    ----------
    datos : bytes
    reparar : bool
        Leer como Windows-1252 lo que no es UTF-8, y avisarlo.

    Raises
    ------
    CodificacionInvalida
        Con la línea del primer byte que no se entiende; reparable si Windows-1252 sí lo entiende.
    """
    codificacion = "utf-16" if datos.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return datos.decode(codificacion), []
    except UnicodeDecodeError as error:
        linea = datos.count(b"\n", 0, error.start) + 1
        texto = _como_1252(datos)
        if texto is None or not reparar:
            raise CodificacionInvalida(linea=linea, reparable=texto is not None) from error
        return texto, [Aviso("leido_como_1252", LEIDO_COMO_1252)]


def _como_1252(datos: bytes) -> str | None:
    if b"\x00" in datos:
        return None
    try:
        return datos.decode("cp1252")
    except UnicodeDecodeError:
        return None
