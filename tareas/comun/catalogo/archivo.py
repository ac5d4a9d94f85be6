"""El catálogo de un idioma: armarlo con los textos del código, leerlo y escribirlo siempre igual."""

import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from tareas.comun.catalogo.llamadas import Llamada

# Sin fechas ni nombres: dos personas que sacan los mismos textos escriben el mismo archivo.
CABECERA = """# Traducción de Tequio. El original es el español.
msgid ""
msgstr ""
"Language: {idioma}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


class PluralDistinto(ValueError):
    """El mismo singular lleva dos plurales: sólo uno cabe en el catálogo."""


def ruta_de(carpeta: Path, idioma: str) -> Path:
    """Dónde vive el catálogo de un idioma."""
    return carpeta / idioma / "LC_MESSAGES" / "messages.po"


def de_llamadas(llamadas: Iterable[Llamada], idioma: str) -> Catalog:
    """Catálogo sin traducir, con cada texto una vez y los archivos donde aparece, en orden.

    Raises
    ------
    PluralDistinto
        Si el mismo singular aparece con dos plurales.
    """
    catalogo = Catalog(locale=idioma, fuzzy=False)
    plurales: dict[str, Llamada] = {}
    for llamada in llamadas:
        fijos = [texto for texto in llamada.textos if texto is not None]
        if not fijos or len(fijos) < len(llamada.textos):
            continue
        if len(fijos) == 2:
            previa = plurales.setdefault(fijos[0], llamada)
            if previa.textos != llamada.textos:
                raise PluralDistinto(
                    f"{llamada.lugar}: «{fijos[0]}» lleva aquí un plural distinto al de {previa.lugar}. Usa el mismo."
                )
        catalogo.add(fijos[0] if len(fijos) == 1 else tuple(fijos), locations=[(llamada.ruta, llamada.renglon)])
    return catalogo


def leer(ruta: Path, idioma: str) -> Catalog:
    """Catálogo guardado; vacío si todavía no existe."""
    if not ruta.is_file():
        return Catalog(locale=idioma, fuzzy=False)
    with ruta.open("rb") as archivo:
        return read_po(archivo, locale=idioma, ignore_obsolete=True)


def con_traducciones(nuevo: Catalog, guardado: Catalog) -> Catalog:
    """El catálogo nuevo con las traducciones y notas del guardado; lo que el código ya no dice se pierde."""
    for mensaje in nuevo:
        previo = guardado.get(mensaje.id) if mensaje.id else None
        if previo is None:
            continue
        mensaje.user_comments = list(previo.user_comments)
        if mensaje.pluralizable == previo.pluralizable:
            mensaje.string = previo.string
            mensaje.flags |= {"fuzzy"} & previo.flags
    return nuevo


def escribir(catalogo: Catalog, ruta: Path) -> bool:
    """Escribe el catálogo si cambió.

    Los textos van por archivo y renglón, sin decir el renglón: mover código no cambia el catálogo.

    Returns
    -------
    bool
        Si el archivo cambió.
    """
    cuerpo = BytesIO()
    write_po(cuerpo, catalogo, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
    cabecera = CABECERA.format(idioma=catalogo.locale_identifier, plural=catalogo.plural_forms)
    contenido = cabecera.encode() + cuerpo.getvalue().rstrip(b"\n") + b"\n"
    if ruta.is_file() and ruta.read_bytes() == contenido:
        return False
    ruta.parent.mkdir(parents=True, exist_ok=True)
    parcial = ruta.with_suffix(".parcial")
    parcial.write_bytes(contenido)
    os.replace(parcial, ruta)
    return True
