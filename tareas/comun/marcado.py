"""Texto que escribió una persona, con el Markdown de siempre: negritas, listas, títulos y enlaces. Nunca HTML suyo."""

import re
from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

# Sin pasar de renglón: un texto con miles de ellos en blanco tardaría segundos.
_VINETA: Final = re.compile(r"^([^\S\n]*)•[^\S\n]+", re.MULTILINE)
_DIRECCION: Final = re.compile(r"(?:https?://|mailto:|/(?!/)|#)", re.IGNORECASE)


def _lector() -> MarkdownIt:
    """CommonMark sin HTML ni imágenes: una imagen pediría a sitios que la política de la página no deja."""
    lector = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")
    de_fabrica = lector.validateLink
    lector.validateLink = lambda url: bool(_DIRECCION.match(url)) and de_fabrica(url)  # type: ignore[method-assign]

    def titulo(yo: RendererHTML, partes: Sequence[Token], i: int, opciones: OptionsDict, ambiente: EnvType) -> str:
        # Va dentro de una sección que ya tiene título.
        partes[i].tag = "h3" if partes[i].tag in ("h1", "h2", "h3") else "h4"
        return str(RendererHTML.renderToken(yo, partes, i, opciones, ambiente))

    def enlace(yo: RendererHTML, partes: Sequence[Token], i: int, opciones: OptionsDict, ambiente: EnvType) -> str:
        partes[i].attrSet("rel", "nofollow noopener")
        return str(RendererHTML.renderToken(yo, partes, i, opciones, ambiente))

    lector.add_render_rule("heading_open", titulo)
    lector.add_render_rule("heading_close", titulo)
    lector.add_render_rule("link_open", enlace)
    return lector


_LECTOR: Final = _lector()


def marcado(texto: str | None) -> Markup:
    """HTML de un texto ajeno; lo que no es Markdown sale tal cual, y el HTML que traiga, escrito como texto."""
    html = str(_LECTOR.render(_VINETA.sub(r"\1- ", texto or "")))
    # Como en toda la página, también el apóstrofo va escrito; las marcas sólo llevan comillas dobles.
    return Markup(html.replace("'", "&#39;"))  # nosec B704
