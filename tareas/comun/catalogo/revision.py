"""Lo que le falta a un catálogo, dicho en frases: una por falta, con el archivo y el texto."""

import re
from collections.abc import Iterable, Iterator

from babel.messages import Catalog, Message

from tareas.comun.catalogo.llamadas import Llamada

_HUECO = re.compile(r"%\((\w+)\)s")
_FORMATO = re.compile(r"%\(\w+\)s|%%")
# «93 %», con un espacio que no se parte, en español; «93%» en inglés: como `tareas.comun.presentacion.porcentaje`.
_POR_CIENTO_SUELTO = re.compile(r"(?<!\u00a0)%%")
_POR_CIENTO_APARTE = re.compile(r"\s%%")
LARGO = 120
ACTUALIZA = "Corre ./tequio textos actualizar."


def huecos(texto: str) -> frozenset[str]:
    """Nombres de los huecos ``%(nombre)s`` de un texto."""
    return frozenset(_HUECO.findall(texto))


def faltas_del_codigo(llamadas: Iterable[Llamada]) -> Iterator[str]:
    """Textos marcados que no se van a poder traducir, o que fallarían al llenarse."""
    for llamada in llamadas:
        fijos = [texto for texto in llamada.textos if texto is not None]
        if llamada.armado:
            yield f"{llamada.lugar}: el texto de {llamada.funcion}() se arma ahí mismo. Escríbelo entero, con huecos."
        for texto in fijos:
            if "%" in _FORMATO.sub("", texto):
                yield f"{llamada.lugar}: «{texto}» tiene un % suelto. Escribe %(nombre)s, o %% si es un por ciento."
            elif "%" in texto and not huecos(texto) and llamada.ruta.endswith(".py"):
                # Python no llena un texto sin huecos: el %% se vería doble.
                yield f"{llamada.lugar}: «{texto}» lleva % y ningún hueco. Escríbelo sin el signo."
            if _POR_CIENTO_SUELTO.search(texto):
                yield f"{llamada.lugar}: «{texto}» no separa el por ciento de su cifra. Escríbelo \\u00a0%%."
            if texto != texto.strip():
                yield f"{llamada.lugar}: «{texto}» empieza o acaba con espacio. Ponlo fuera del texto."
        if fijos and llamada.huecos is not None:
            # El plural llena solo el hueco de la cuenta.
            propio = {"n" if llamada.ruta.endswith(".js") else "num"} if len(llamada.textos) == 2 else set()
            pedidos = frozenset().union(*map(huecos, fijos)) - propio
            for nombre in sorted(pedidos - llamada.huecos):
                yield f"{llamada.lugar}: nadie llena el hueco %({nombre})s de «{fijos[0]}»."
            for nombre in sorted(llamada.huecos - pedidos - propio):
                yield f"{llamada.lugar}: «{fijos[0]}» no tiene el hueco %({nombre})s que se le llena."


def faltas_del_catalogo(nuevo: Catalog, guardado: Catalog) -> Iterator[str]:
    """Diferencias entre los textos del código y el catálogo guardado, y traducciones que faltan o no cuadran.

    Parameters
    ----------
    nuevo
        El catálogo que sale del código.
    guardado
        El que está escrito, con sus traducciones.
    """
    for mensaje in nuevo:
        if not mensaje.id:
            continue
        escrito = guardado.get(mensaje.id)
        if escrito is None or escrito.id != mensaje.id:
            yield f"{_donde(mensaje)}: «{_texto(mensaje)}» no está en el catálogo. {ACTUALIZA}"
        elif _archivos(escrito) != _archivos(mensaje):
            yield f"{_donde(mensaje)}: el catálogo pone «{_texto(mensaje)}» en otros archivos. {ACTUALIZA}"
        else:
            yield from _faltas_de_traduccion(escrito, guardado.num_plurals)
    for mensaje in guardado:
        if mensaje.id and nuevo.get(mensaje.id) is None:
            yield f"{_donde(mensaje)}: ya nadie dice «{_texto(mensaje)}». {ACTUALIZA}"


def _faltas_de_traduccion(mensaje: Message, formas: int) -> Iterator[str]:
    donde = f"{_donde(mensaje)}: «{_texto(mensaje)}»"
    originales = [mensaje.id] if isinstance(mensaje.id, str) else list(mensaje.id)
    traducidos = [mensaje.string or ""] if isinstance(mensaje.string, str) else list(mensaje.string or ())
    if mensaje.fuzzy:
        yield f"{donde} tiene una traducción dudosa. Revísala y quítale la marca «fuzzy»."
    if not any(traducidos):
        yield f"{donde} no tiene traducción."
        return
    if mensaje.pluralizable and (len(traducidos) < formas or not all(traducidos)):
        yield f"{donde} no tiene todas sus formas de plural."
        return
    for i, traducido in enumerate(traducidos):
        original = originales[min(i, len(originales) - 1)]
        # El singular puede callar la cuenta («una tarea»); el plural, no.
        sobran, faltan = huecos(traducido) - huecos("".join(originales)), huecos(original) - huecos(traducido)
        if faltan or sobran:
            yield f"{donde} no tiene los mismos huecos que su traducción «{traducido}»."
        if "%" in _FORMATO.sub("", traducido):
            yield f"{donde}: su traducción «{traducido}» tiene un % suelto."
        if _POR_CIENTO_APARTE.search(traducido):
            yield f"{donde}: su traducción «{traducido}» aparta el por ciento de su cifra: en inglés va pegado."
        if traducido != traducido.strip():
            yield f"{donde}: su traducción «{traducido}» empieza o acaba con espacio."


def _archivos(mensaje: Message) -> set[str]:
    return {ruta for ruta, _renglon in mensaje.locations}


def _donde(mensaje: Message) -> str:
    return min(_archivos(mensaje), default="(sin archivo)")


def _texto(mensaje: Message) -> str:
    texto = " ".join((mensaje.id if isinstance(mensaje.id, str) else str(mensaje.id[0])).split())
    return texto if len(texto) <= LARGO else texto[:LARGO] + "…"
