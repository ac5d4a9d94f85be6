"""Lo que estuvo bien, por su código: se guarda así para decírselo a quien mapeó en su idioma.

Son las mismas que propone `js/fortalezas.js`, con los mismos textos (tests/vallas/test_fortalezas.py).
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from tareas.comun.presentacion import numero as cifra
from tareas.comun.textos import _, n_

CON_CIFRA: Final = frozenset({"F-EDIF", "F-CALLE", "F-NOMB", "F-CORR"})
"""Las que dicen cuántos; `F-CALLE`, cuántos metros."""
FORTALEZAS: Final = frozenset({"F-ESC", "F-TRAS", "F-TIPO", "F-CONEX", "F-DENTRO"}) | CON_CIFRA
CIFRA_MAXIMA: Final = 10_000_000


def frase(codigo: str, n: int | None = None) -> str:
    """La fortaleza en el idioma de la petición; vacía si ya no está en la lista."""
    n = n or 0
    match codigo:
        case "F-EDIF":
            return n_(
                "Dibujaste %(num)s edificio dentro de la tarea.", "Dibujaste %(num)s edificios dentro de la tarea.", n
            )
        case "F-CALLE" if n >= 1000:
            return _("Trazaste %(n)s km de calle nueva.", n=cifra(n / 1000, 1))
        case "F-CALLE":
            return _("Trazaste %(n)s m de calle nueva.", n=cifra(n))
        case "F-ESC":
            return _("Todas las esquinas que debían ir a escuadra lo están.")
        case "F-TRAS":
            return _("Ninguno de tus edificios se encima con otro.")
        case "F-TIPO":
            return _("Dijiste de qué tipo es cada edificio.")
        case "F-CONEX":
            return _("Tus calles quedaron conectadas a las demás.")
        case "F-NOMB":
            return n_(
                "Pusiste el nombre de %(num)s calle, bien escrito.",
                "Pusiste el nombre de %(num)s calles, bien escritos.",
                n,
            )
        case "F-DENTRO":
            return _("Trabajaste sólo dentro de la tarea.")
        case "F-CORR":
            return n_("Corregiste %(num)s objeto que ya estaba.", "Corregiste %(num)s objetos que ya estaban.", n)
    return ""


def de_la_tarea(elegidas: Iterable[dict[str, Any]] | None, numero: int) -> list[dict[str, Any]]:
    """De lo que se eligió para una o varias tareas, lo que se dijo de ésa: ``[{codigo, n, texto}]``."""
    dichas = []
    for f in elegidas or ():
        if f.get("numero") not in (None, numero):
            continue
        if texto := frase(f["codigo"], f.get("n")):
            dichas.append({"codigo": f["codigo"], "n": f.get("n"), "texto": texto})
    return dichas


def dicha(escrita: str | None, elegidas: Sequence[dict[str, Any]] | None, numero: int) -> str | None:
    """La fortaleza entera, como la lee quien mapeó: lo elegido y después lo escrito; ``None`` si no hay."""
    partes = [f["texto"] for f in de_la_tarea(elegidas, numero)]
    if escrita and escrita.strip():
        partes.append(escrita.strip())
    return " ".join(partes) or None
