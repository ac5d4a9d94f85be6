"""Revisar un XML antes de dárselo a GDAL: bien formado, sin DOCTYPE ni entidades, sin abismos."""

from pathlib import Path
from xml.parsers import expat

from geo.formatos.errores import XmlConEntidades, XmlRoto

NIVELES = 200
"""Elementos unos dentro de otros, como mucho."""

_TROZO = 1024 * 1024


def exigir_sano(ruta: Path, nombre: str) -> None:
    """Recorre todo el XML con expat, sin construir nada.

    Raises
    ------
    XmlConEntidades
        En cuanto aparece una declaración DOCTYPE, antes de que exista ninguna entidad.
    XmlRoto
        Con la línea y la columna, también cuando está cortado o tiene más de ``NIVELES`` niveles.
    """
    analizador = expat.ParserCreate()
    abiertos = 0

    def rechazar(*_: object) -> None:
        raise XmlConEntidades(nombre=nombre)

    def abrir(*_: object) -> None:
        nonlocal abiertos
        abiertos += 1
        if abiertos > NIVELES:
            raise _roto(analizador, nombre)

    def cerrar(_: str) -> None:
        nonlocal abiertos
        abiertos -= 1

    analizador.StartDoctypeDeclHandler = rechazar
    analizador.StartElementHandler = abrir
    analizador.EndElementHandler = cerrar
    try:
        with ruta.open("rb") as archivo:
            while trozo := archivo.read(_TROZO):
                analizador.Parse(trozo, False)
        analizador.Parse(b"", True)
    except expat.ExpatError as error:
        raise XmlRoto(nombre=nombre, linea=error.lineno, columna=error.offset + 1) from error


def _roto(analizador: expat.XMLParserType, nombre: str) -> XmlRoto:
    linea, columna = analizador.CurrentLineNumber, analizador.CurrentColumnNumber + 1
    return XmlRoto(nombre=nombre, linea=linea, columna=columna)
